import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import experiments, intervals
from sellerlab.errors import InputError

# Newcombe 1998a, table II: successes, tries, Wilson, Clopper-Pearson.
SINGLE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]

# Newcombe 1998b, table II, method 10: first less second.
PAIRS = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0)),
    ((10, 10, 0, 10), (0.6075, 1.0)),
]

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("hits", "n", "wilson", "exact"), SINGLE)
def test_wilson_and_clopper_pearson_match_newcombe_1998(hits, n, wilson, exact):
    assert experiments.wilson(hits, n) == pytest.approx(wilson, abs=5e-5)
    assert experiments.clopper_pearson(hits, n) == pytest.approx(exact, abs=5e-5)


@pytest.mark.parametrize(("case", "expected"), PAIRS)
def test_newcombe_difference_matches_newcombe_1998_method_10(case, expected):
    first, n_first, second, n_second = case
    found = experiments.newcombe(second, n_second, first, n_first)
    assert found == pytest.approx(expected, abs=5e-5)


def test_wald_difference_matches_newcombe_1998_and_has_no_width_at_zero():
    assert experiments.wald(48, 80, 56, 70) == pytest.approx((0.0575, 0.3425), abs=5e-5)
    assert experiments.wald(3, 10, 9, 10) == pytest.approx((0.2605, 0.9395), abs=5e-5)
    assert experiments.wald(0, 10, 0, 20) == (0.0, 0.0)
    with pytest.raises(InputError, match="n is 0: a difference needs at least one try on each side"):
        experiments.wald(0, 0, 1, 2)


def test_three_sales_from_forty_clicks_are_2_6_to_19_9_percent():
    found = experiments.rate(3, 40)
    assert (round(found.low, 3), round(found.high, 3)) == (0.026, 0.199)
    assert found.rate == 0.075
    assert found.table.loc[0, "n"] == 40
    assert "3 of 40 is 7.5%" in found.sentence


def test_rule_of_three_bounds_a_rate_of_which_nothing_was_seen():
    assert experiments.rule_of_three(100) == pytest.approx(0.03, abs=0.0001)
    # The bound is where 100 failures in a row have a chance of 5%, but for the log's first order.
    assert (1 - experiments.rule_of_three(1000)) ** 1000 == pytest.approx(0.05, rel=0.01)
    assert "as high as 3.0%" in experiments.rate(0, 100).sentence
    assert experiments.rule_of_three(1) == 1.0
    with pytest.raises(InputError, match="n is 0: expected the number of tries"):
        experiments.rule_of_three(0)


@settings(deadline=None, derandomize=True)
@given(counts)
def test_intervals_hold_the_rate_stay_in_bounds_and_mirror(pair):
    hits, n = pair
    for kind in (experiments.wilson, experiments.clopper_pearson):
        low, high = kind(hits, n)
        assert 0 <= low <= hits / n <= high <= 1
        other_low, other_high = kind(n - hits, n)
        assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=1e-9)


@settings(deadline=None, derandomize=True)
@given(counts, counts)
def test_newcombe_turns_its_sign_when_the_sides_are_swapped(a, b):
    low, high = experiments.newcombe(*a, *b)
    assert -1 <= low <= b[0] / b[1] - a[0] / a[1] <= high <= 1
    assert experiments.newcombe(*b, *a) == pytest.approx((-high, -low), abs=1e-12)


def test_wilson_covers_about_as_often_as_it_says():
    # Exact: over all outcomes of 50 tries, weighted by their chance, averaged over many true rates.
    from scipy.stats import binom

    outcomes = np.arange(51)
    low, high = experiments.wilson(outcomes, 50)
    rates = np.linspace(0.02, 0.5, 97)
    covered = [binom.pmf(outcomes, 50, rate)[(low <= rate) & (rate <= high)].sum() for rate in rates]
    assert 0.94 < np.mean(covered) < 0.96


def test_what_comes_in_goes_out():
    series = pd.Series([3, 0], index=["x", "y"])
    low, high = experiments.wilson(series, pd.Series([40, 0], index=["x", "y"]))
    assert low.index.tolist() == ["x", "y"]
    assert low["x"] == pytest.approx(0.0258, abs=1e-4)
    assert math.isnan(high["y"])
    array, _ = experiments.wilson(np.array([3, 4]), 40)
    assert isinstance(array, np.ndarray)
    polars, _ = experiments.clopper_pearson(pl.Series("s", [3, 4]), pl.Series([40, 40]))
    assert isinstance(polars, pl.Series)
    assert isinstance(experiments.wilson(3, 40)[0], float)


def test_no_visitors_are_no_rate_and_too_few_name_the_minimum():
    assert all(math.isnan(end) for end in experiments.wilson(0, 0))
    few = experiments.rate(1, 6)
    assert few.rate is None
    assert few.low is None
    assert few.table["rate"].isna().all()
    assert few.sentence == "6 tries are too few for a rate: at least 10 are needed."
    few.plot()


def test_more_successes_than_tries_are_refused_with_the_usual_cause():
    with pytest.raises(InputError, match=r"5 successes from 3 tries.*not orders against people"):
        experiments.wilson(5, 3)
    with pytest.raises(InputError, match="A count is -1"):
        experiments.clopper_pearson(-1, 3)
    with pytest.raises(InputError, match="successes and n have 2 and 3 values"):
        experiments.wilson([1, 2], [3, 4, 5])
    with pytest.raises(InputError, match=r"confidence is 95.*Did you mean 0.95"):
        experiments.wilson(1, 3, 95)


def test_small_shares_keep_their_digits():
    assert intervals.share_words(0.0042) == "0.42%"
    assert intervals.share_words(float("nan")) == "–"
