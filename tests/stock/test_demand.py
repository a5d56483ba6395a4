"""Distributions of demand, and demand learned from sales that a stock-out cut off."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.demand import Empirical, Normal, Poisson
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.stock import censored

STABLE = settings(deadline=None, derandomize=True, max_examples=60)


def test_normal_quantile_and_shortage_match_a_table_of_the_unit_loss():
    # Standard loss function: L(0) = .3989, L(1) = .0833.
    assert Normal(0, 1).short(0) == pytest.approx(0.398942, abs=1e-6)
    assert Normal(100, 10).short(110) == pytest.approx(0.8332, abs=1e-4)
    assert Normal(100, 10).quantile(0.975) == pytest.approx(119.59964, abs=1e-5)


def test_poisson_shortage_is_the_sum_over_its_probabilities():
    probabilities = [math.exp(-6) * 6**k / math.factorial(k) for k in range(60)]
    for units in (0, 3, 5.5, 8, 20):
        expected = sum(max(k - units, 0) * each for k, each in enumerate(probabilities))
        assert Poisson(6).short(units) == pytest.approx(expected, abs=1e-12)
    assert Poisson(6).at_most(2.7) == pytest.approx(sum(probabilities[:3]))
    assert (Poisson(6).at_most(-1), Poisson(0).quantile(0.9)) == (0, 0)


@STABLE
@given(mean=st.floats(0.1, 200), probability=st.floats(0.01, 0.99))
def test_a_poisson_quantile_is_the_smallest_that_is_enough(mean, probability):
    demand = Poisson(mean)
    units = demand.quantile(probability)
    assert demand.at_most(units) >= probability
    assert units == 0 or demand.at_most(units - 1) < probability


def test_second_loss_is_the_integral_of_the_first():
    demand = Normal(100, 25)
    grid = np.linspace(120, 400, 20001)
    integral = np.trapezoid([demand.short(each) for each in grid], grid)
    assert demand.short_twice(120) == pytest.approx(integral, rel=1e-6)


def test_demand_of_several_periods():
    assert Normal(50, 8).over(4) == Normal(200, 16)
    assert Poisson(6).over(2.5) == Poisson(15)
    summed = Empirical.of([0, 0, 3, 0, 1]).over(30)
    assert summed.mean == pytest.approx(24, rel=0.02)
    assert summed.sd == pytest.approx(math.sqrt(30 * 1.36), rel=0.05)
    assert summed == Empirical.of([0, 0, 3, 0, 1]).over(30)


def test_demand_as_seen():
    demand = Empirical.of([2, 0, 0, 2, 6])
    assert (demand.mean, demand.quantile(0.8), demand.quantile(0.81), demand.short(2)) == (2, 2, 6, 0.8)
    assert demand.with_mean(4).values == (0, 4, 12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Normal(-1, 2), "mean is -1"),
        (lambda: Normal(1, -2), "sd is -2"),
        (lambda: Normal(1, 2).quantile(95), r"Did you mean 0\.95\?"),
        (lambda: Poisson(3).quantile(1), "between 0 and 1"),
        (lambda: Poisson(3).over(0), "periods is 0"),
        (lambda: Empirical.of([]), "at least one period"),
        (lambda: Empirical.of([1, 2], [1]), "one weight"),
        (lambda: Empirical.of([1, 2]).over(1.5), "whole periods"),
    ],
)
def test_demand_refuses(call, message):
    with pytest.raises(InputError, match=message):
        call()


def weeks(seed, count, mean, capacity, kind="poisson"):
    draw = np.random.default_rng(seed)
    asked = draw.poisson(mean, count) if kind == "poisson" else np.rint(draw.normal(mean, 6, count)).clip(0)
    stock = draw.integers(*capacity, count)
    return np.minimum(asked, stock), asked >= stock


def test_the_censored_poisson_mean_maximises_the_likelihood():
    from scipy.stats import poisson

    sold, out = weeks(3, 80, 5, (3, 9))
    found = censored.fit_demand(sold, out, shape="poisson")

    def likelihood(mean):
        return poisson.logpmf(sold[~out], mean).sum() + poisson.logsf(sold[out] - 1, mean).sum()

    around = found.mean * np.array([0.999, 1, 1.001])
    low, best, high = (likelihood(each) for each in around)
    assert best > low
    assert best > high
    assert found.low < found.mean < found.high


def test_the_censored_normal_mean_maximises_the_likelihood():
    from scipy.stats import norm

    sold, out = weeks(4, 80, 30, (22, 45), "normal")
    found = censored.fit_demand(sold, out)

    def likelihood(mean, sd):
        return norm.logpdf(sold[~out], mean, sd).sum() + norm.logsf(sold[out], mean, sd).sum()

    best = likelihood(found.demand.mean, found.demand.sd)
    for mean, sd in ((1.003, 1), (0.997, 1), (1, 1.01), (1, 0.99)):
        assert likelihood(found.demand.mean * mean, found.demand.sd * sd) < best


def test_the_product_limit_estimate_worked_by_hand():
    # 2, 3+, 4, 5+, 6 (+ sold out): S after 2 is 4/5, after 4 is 4/5 * 2/3, after 6 is 0.
    sold, out = [2, 3, 4, 5, 6] * 3, [0, 1, 0, 1, 0] * 3
    demand = censored.fit_demand(sold, out, shape="empirical").demand
    assert demand.at_most(2) == pytest.approx(1 / 5)
    assert demand.at_most(4) == pytest.approx(1 - 4 / 5 * 2 / 3)
    assert demand.at_most(6) == pytest.approx(1)
    # The best week sold out: what is beyond it is put on it.
    demand = censored.fit_demand(sold, [0, 1, 0, 0, 1] * 3, shape="empirical").demand
    assert demand.at_most(5) == pytest.approx(1 - 4 / 5 * 2 / 3 * 1 / 2)
    assert demand.at_most(6) == pytest.approx(1)


@pytest.mark.parametrize("shape", ["normal", "poisson", "empirical"])
def test_intervals_cover_the_demand_and_sales_alone_do_not(shape):
    runs, covered, naive = 200, 0, 0
    for seed in range(runs):
        sold, out = weeks(seed, 60, 20, (14, 32))
        found = censored.fit_demand(sold, out, shape=shape)
        covered += found.low <= 20 <= found.high
        naive += abs(found.sales_mean - 20) < (found.high - found.low) / 2
    assert 0.9 <= covered / runs <= 0.99
    assert naive / runs < 0.35


def test_without_stock_outs_demand_is_the_sales():
    sold = [3, 4, 5, 6, 7, 5, 5, 5]
    for shape in ("normal", "poisson", "empirical"):
        found = censored.fit_demand(sold, shape=shape)
        assert found.mean == pytest.approx(5)
    assert "none of which sold out" in found.sentence
    assert censored.fit_demand([0] * 10, shape="poisson").high == pytest.approx(0.3)
    assert censored.fit_demand([4] * 10).demand == Normal(4, 0)


def test_too_few_periods_with_stock_give_no_demand():
    found = censored.fit_demand([5] * 9, [1] * 3 + [0] * 6)
    assert (found.demand, found.mean, found.low) == (None, None, None)
    assert found.sentence == (
        "Only 6 of 9 periods had stock to the end: at least 8 are needed to learn a demand."
    )
    assert found.plot().get_xlabel() == "units sold in a period"
    assert found.plot().get_title(loc="left") == "Sales, and the demand behind them"


def test_a_best_period_that_sold_out_is_a_lower_bound():
    found = censored.fit_demand([1, 2, 3, 1, 2, 3, 1, 2, 9], [0] * 8 + [1], shape="empirical")
    assert found.at_least
    assert "may be higher still" in found.sentence


def test_a_series_is_read_like_a_list():
    sold, out = [4, 5, 6, 5, 4, 6, 5, 5, 3], [0, 0, 1, 0, 0, 0, 0, 0, 0]
    one = censored.fit_demand(sold, out)
    other = censored.fit_demand(pd.Series(sold), pd.Series(out, dtype=bool))
    assert one.sentence == other.sentence


def test_fit_refuses():
    with pytest.raises(UnknownNameError, match="Did you mean 'poisson'"):
        censored.fit_demand([1], shape="poison")
    with pytest.raises(InputError, match="0 or more each"):
        censored.fit_demand([1, -1])
    with pytest.raises(InputError, match="each of the 2 periods"):
        censored.fit_demand([1, 1], [True])


@pytest.mark.parametrize(("mean", "spread", "high"), [(20, 1e-9, 1.01), (15, 0.1, 1.04)])
def test_weeks_cut_whatever_the_demand_read_as_much_too_high_as_the_docstring_says(mean, spread, high):
    draw, means, kept = np.random.default_rng(5), [], []
    for _ in range(120):
        asked = draw.poisson(mean * draw.gamma(1 / spread, spread, 60))
        cut = draw.random(60) < 0.2
        sold = np.where(cut, draw.binomial(asked, draw.uniform(0, 1, 60)), asked)
        means.append(censored.fit_demand(sold, cut).mean / mean)
        kept.append(censored.fit_demand(sold[~cut]).mean / mean)
    assert np.mean(means) == pytest.approx(high, abs=0.008)
    assert np.mean(kept) == pytest.approx(1, abs=0.008)
