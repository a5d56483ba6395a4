import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sellerlab import experiments
from sellerlab.errors import InputError, UnknownNameError

RUNS = 2000


def daily():
    random = np.random.default_rng(5)
    rows = [
        {"day": day, "variant": name, "visitors": 100 + day, "orders": int(random.binomial(100 + day, rate))}
        for day in range(28)
        for name, rate in (("A", 0.03), ("B", 0.05), ("C", 0.03))
    ]
    return pd.DataFrame(rows)


def test_two_proportion_z_matches_the_statsmodels_manual():
    found = experiments.two_rates(12, 99, 5, 83)
    assert found.z == pytest.approx(-1.4078, abs=5e-5)
    assert found.p == pytest.approx(0.159, abs=5e-4)


def test_interval_of_two_rates_matches_statsmodels_newcomb():
    # confint_proportions_2indep(42, 1000, 30, 1000, method="newcomb") of statsmodels 0.15
    found = experiments.compare_rates({"A": (30, 1000), "B": (42, 1000)})
    assert (found.low, found.high) == pytest.approx((-0.0045083213, 0.0288334872), abs=1e-9)
    assert found.p == pytest.approx(0.150, abs=5e-4)
    assert found.verdict == "unclear"
    assert "This may be chance." in found.sentence


def test_four_proportions_match_r_prop_test_of_fleiss():
    smokers = {"1": (83, 86), "2": (90, 93), "3": (129, 136), "4": (70, 82)}
    found = experiments.compare_rates(smokers, trust_split=True)
    assert found.chi_square == pytest.approx(12.6004, abs=5e-5)
    assert found.p_overall == pytest.approx(0.005585, abs=5e-7)


def test_small_cells_are_tested_exactly_as_fishers_tea():
    assert experiments.two_rates(1, 4, 3, 4).p == pytest.approx(0.485714, abs=5e-7)


def test_p_values_of_equal_variants_are_uniform_and_intervals_cover():
    random = np.random.default_rng(11)
    a, b = random.binomial(20_000, 0.1, (2, RUNS))
    made = [experiments.two_rates(int(x), 20_000, int(y), 20_000) for x, y in zip(a, b, strict=True)]
    assert stats.kstest([each.p for each in made], "uniform").pvalue > 0.01
    assert 0.93 < np.mean([each.low <= 0 <= each.high for each in made]) < 0.97
    assert np.mean([each.p < 0.05 for each in made]) == pytest.approx(0.05, abs=0.015)


def test_intervals_cover_a_true_difference_and_a_true_lift():
    random = np.random.default_rng(12)
    a, b = random.binomial(3000, 0.03, RUNS), random.binomial(2000, 0.045, RUNS)
    made = [experiments.two_rates(int(x), 3000, int(y), 2000) for x, y in zip(a, b, strict=True)]
    assert 0.93 < np.mean([each.low <= 0.015 <= each.high for each in made]) < 0.97
    assert 0.93 < np.mean([each.relative_low <= 0.5 <= each.relative_high for each in made]) < 0.97


def test_several_equal_variants_raise_no_more_alarms_than_two():
    random = np.random.default_rng(13)
    alarms = plain = 0
    for _ in range(200):
        hits = random.binomial(5000, 0.05, 5)
        counts = {name: (int(each), 5000) for name, each in zip("ABCDE", hits, strict=True)}
        table = experiments.compare_rates(counts).table
        alarms += bool((table["p_adjusted"] < 0.05).any())
        plain += bool((table["p"] < 0.05).any())
    assert alarms / 200 < 0.08
    assert plain / 200 > 0.08


def test_intervals_of_two_comparisons_are_each_at_97_5_percent():
    found = experiments.compare_rates({"A": (30, 1000), "B": (42, 1000), "C": (60, 1000)})
    wide = experiments.two_rates(30, 1000, 60, 1000, confidence=0.975)
    assert (found.low, found.high) == (wide.low, wide.high)
    assert found.p == experiments.adjust(found.table["p"].to_numpy()[1:])[1]
    assert "97.5% interval" in found.sentence


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 50), st.integers(0, 50), st.integers(50, 500), st.integers(50, 500))
def test_swapping_the_sides_turns_the_sign_and_keeps_p(a, b, n_a, n_b):
    one, two = experiments.two_rates(a, n_a, b, n_b), experiments.two_rates(b, n_b, a, n_a)
    assert one.difference == pytest.approx(-two.difference)
    assert (one.low, one.high) == pytest.approx((-two.high, -two.low))
    assert one.p == pytest.approx(two.p, abs=1e-9)


def test_a_clear_winner_is_said_with_points_and_denominators():
    found = experiments.compare_rates({"old": (100, 5000), "new": (160, 5000)})
    assert found.verdict == "better"
    assert found.leader == "new"
    assert found.relative == pytest.approx(0.6)
    assert "new converts 3.2% (160 of 5,000), old 2.0% (100 of 5,000): +1.20 points" in found.sentence
    worse = experiments.compare_rates({"old": (160, 5000), "new": (100, 5000)})
    assert worse.verdict == "worse"
    found.plot()


def test_the_same_test_on_every_engine():
    frame = daily()
    expected = experiments.compare_rates(frame)
    assert expected.leader == "B"
    assert expected.table["visitors"].tolist() == [frame["visitors"].sum() / 3] * 3
    import duckdb

    for other in (
        pl.from_pandas(frame),
        pl.from_pandas(frame).lazy(),
        pa.Table.from_pandas(frame),
        duckdb.from_df(frame),
    ):
        found = experiments.compare_rates(other)
        assert found.sentence == expected.sentence
        assert found == expected
    assert isinstance(experiments.compare_rates(pl.from_pandas(frame)).table, pl.DataFrame)


def test_one_row_a_visitor_is_counted():
    visitors = pd.DataFrame(
        {"who": ["B"] * 40 + ["A"] * 50, "bought": [1] * 4 + [0] * 36 + [1] * 3 + [0] * 47}
    )
    before = visitors.copy()
    found = experiments.compare_rates(visitors, variant="who", successes="bought", visitors=None)
    assert found.control == "A"
    assert found.table["successes"].tolist() == [3, 4]
    pd.testing.assert_frame_equal(visitors, before)
    other = experiments.compare_rates(visitors, variant="who", successes="bought", visitors=None, control="B")
    assert other.difference == pytest.approx(-found.difference)


def test_a_broken_split_is_not_read_unless_told():
    counts = {"A": (150, 5200), "B": (190, 4800)}
    found = experiments.compare_rates(counts)
    assert found.verdict == "split_broken"
    assert found.p is None
    assert found.difference is None
    assert found.table[["rate", "difference", "p"]].isna().all().all()
    assert found.table["visitors"].tolist() == [5200, 4800]
    assert "The split is broken" in found.sentence
    assert "trust_split=True" in found.sentence
    found.plot()
    assert experiments.compare_rates(counts, trust_split=True).verdict == "better"
    assert experiments.compare_rates(counts, planned={"A": 52, "B": 48}).verdict == "better"


def test_a_test_is_not_read_before_its_planned_size():
    found = experiments.compare_rates({"A": (30, 900), "B": (60, 950)}, minimum=1030)
    assert found.verdict == "too_few"
    assert found.p is None
    assert found.sentence.startswith("Too early: A has 900 visitors, and each variant needs 1,030.")


def test_no_success_at_all_is_an_answer():
    found = experiments.compare_rates({"A": (0, 100), "B": (0, 100), "C": (0, 100)})
    assert found.verdict == "unclear"
    assert found.p == 1.0
    assert found.p_overall is None
    assert found.relative is None


def test_refusals_of_rates_say_what_is_wrong():
    for call, message in [
        (lambda: experiments.compare_rates({"A": (5, 4), "B": (1, 4)}), "'A' has 5 successes of 4 visitors"),
        (lambda: experiments.compare_rates({"A": (5, 40)}), "at least 2 variants"),
        (
            lambda: experiments.compare_rates({"A": 5, "B": 4}),
            r"Expected a variant and its \(successes, visitors\)",
        ),
    ]:
        with pytest.raises(InputError, match=message):
            call()
    with pytest.raises(UnknownNameError, match="Did you mean 'visitors'"):
        experiments.compare_rates(daily(), visitors="visitor")
    with pytest.raises(UnknownNameError, match="no variant 'D'"):
        experiments.compare_rates(daily(), control="D")
