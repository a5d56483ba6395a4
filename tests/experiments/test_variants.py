import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import experiments
from sellerlab.errors import InputError, UnknownNameError

# Benjamini and Hochberg 1995, section 3.2.
BH_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
    0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_split_check_matches_kohavi_tang_xu_chapter_21():
    found = experiments.split_check({"control": 821588, "treatment": 815482})
    assert found.ratio == pytest.approx(0.9926, abs=5e-5)
    assert found.p == pytest.approx(1.8e-6, abs=5e-8)
    assert found.broken


def test_5200_to_4800_is_a_broken_split():
    found = experiments.split_check({"A": 5200, "B": 4800})
    assert found.p == pytest.approx(6e-5, abs=5e-6)
    assert found.sentence.startswith("The split is broken")
    assert found.table["share"].tolist() == [0.52, 0.48]
    found.plot()


def test_a_planned_split_of_nine_to_one_is_no_mismatch():
    seen = {"A": 9010, "B": 990}
    assert not experiments.split_check(seen, {"A": 9, "B": 1}).broken
    assert experiments.split_check(seen).broken


def test_split_alarms_are_as_rare_as_they_should_be():
    first = np.random.default_rng(7).binomial(10_000, 0.5, 800)
    found = [experiments.split_check({"A": int(a), "B": 10_000 - int(a)}) for a in first]
    assert np.mean([each.p < 0.05 for each in found]) == pytest.approx(0.05, abs=0.023)
    assert sum(each.broken for each in found) <= 4


def test_the_split_statistic_is_the_chi_square_of_scipy():
    from scipy.stats import chisquare

    found = experiments.split_check({"A": 500, "B": 480, "C": 560}, {"A": 1, "B": 1, "C": 1})
    oracle = chisquare([500, 480, 560])
    assert (found.chi_square, found.p) == pytest.approx((oracle.statistic, oracle.pvalue))
    assert found.ratio is None


def test_a_split_names_what_was_split():
    broken = experiments.split_check({"A": 5200, "B": 4800}, unit="customers")
    assert broken.sentence.startswith("The split is broken: customers are A 5,200 (planned 5,000)")
    fine = experiments.split_check({"A": 500, "B": 505}, unit="sessions")
    assert fine.sentence.startswith("The split is as planned: sessions are A 500")
    few = experiments.split_check({"A": 3, "B": 9}, unit="sessions")
    assert few.sentence == "12 sessions are too few to judge the split: 20 are needed."
    for found in (broken, fine, few):
        said = f"{found.sentence} {found.definition} {found.printed()[0]} {found.plot().get_title()}"
        assert "visitors" not in said
    assert (fine.counted, fine.unit) == (1005, "sessions")
    assert fine.table["sessions"].tolist() == [500, 505]


def test_few_visitors_judge_no_split():
    found = experiments.split_check({"A": 3, "B": 9})
    assert found.broken is None
    assert found.p is None
    assert found.sentence == "12 visitors are too few to judge the split: 20 are needed."


def test_refusals_of_a_split_name_the_variant():
    with pytest.raises(InputError, match="at least 2 variants; found 'A'"):
        experiments.split_check({"A": 10})
    with pytest.raises(UnknownNameError, match="planned variant 'B'"):
        experiments.split_check({"A": 10, "B": 10}, {"A": 1})
    with pytest.raises(InputError, match="'C' in which nothing was counted"):
        experiments.split_check({"A": 10, "B": 10}, {"A": 1, "B": 1, "C": 1})
    with pytest.raises(InputError, match="weight of 0"):
        experiments.split_check({"A": 10, "B": 10}, {"A": 1, "B": 0})
    with pytest.raises(InputError, match="visitors of 'B' are -1: a count is 0 or more"):
        experiments.split_check({"A": 10, "B": -1})


@pytest.mark.parametrize(
    ("method", "rejected"), [("bh", 4), ("bonferroni", 3), ("holm", 3), ("by", 3), ("none", 9)]
)
def test_adjust_rejects_as_benjamini_hochberg_1995(method, rejected):
    assert (experiments.adjust(BH_1995, method) < 0.05).sum() == rejected


def test_adjusted_values_match_benjamini_hochberg_1995():
    first = experiments.adjust(BH_1995, "bh")[:5]
    assert first.tolist() == pytest.approx([0.0015, 0.0030, 0.0095, 0.035625, 0.0603])


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_adjusted_values_keep_the_order_and_do_not_depend_on_it(values, random):
    shuffled = list(range(len(values)))
    random.shuffle(shuffled)
    for method in ("holm", "bh", "by", "bonferroni"):
        made = experiments.adjust(values, method)
        assert (made >= np.array(values) - 1e-12).all()
        assert (made <= 1).all()
        again = experiments.adjust([values[place] for place in shuffled], method)
        assert again.tolist() == pytest.approx([made[place] for place in shuffled])
        order = np.argsort(values, kind="stable")
        assert (np.diff(made[order]) >= -1e-12).all()


def test_adjust_gives_back_the_kind_that_came():
    series = pd.Series([0.01, 0.04], index=["B", "C"])
    assert experiments.adjust(series).index.tolist() == ["B", "C"]
    assert isinstance(experiments.adjust(pl.Series([0.01, 0.04])), pl.Series)
    assert experiments.adjust([]).size == 0
    with pytest.raises(InputError, match=r"p_values is 1\.2"):
        experiments.adjust([0.5, 1.2])
    with pytest.raises(UnknownNameError, match="Did you mean 'holm'"):
        experiments.adjust([0.5], "hom")
