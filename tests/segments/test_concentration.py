"""Gini and HHI by hand, top shares, and the whale curve with customers that lose money."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError
from sellerlab.margin.profit import profit_and_loss
from sellerlab.segments.concentration import concentration, gini, hhi, whale_curve
from tests.small_shop import COSTS, ENGINES, PRODUCTS, as_engine, orders, rows


def people(*values, value="net_sales"):
    return pd.DataFrame({"customer_id": [f"c{place}" for place in range(len(values))], value: values})


def test_gini_and_hhi_match_the_textbook():
    assert gini([1, 2, 3, 4, 10]) == pytest.approx(0.4)
    assert hhi([30, 30, 20, 20]) == pytest.approx(2600)
    assert hhi([1] * 10) == pytest.approx(1000)  # Department of Justice: ten equal firms
    assert hhi([5]) == pytest.approx(10_000)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any), st.integers(2, 9))
def test_gini_is_half_the_mean_difference_and_does_not_change_with_the_unit(values, factor):
    amounts = np.array(values, float)
    difference = np.abs(amounts[:, None] - amounts).mean() / (2 * amounts.mean())
    assert gini(values) == pytest.approx(difference, abs=1e-12)
    assert gini(amounts * factor) == pytest.approx(gini(values), abs=1e-12)
    assert hhi(amounts * factor) == pytest.approx(hhi(values))
    assert 10_000 / len(values) <= hhi(values) * (1 + 1e-12)


def test_gini_and_hhi_are_not_defined_with_negative_values_or_nothing():
    assert gini([5, -1]) is None
    assert hhi([5, -1]) is None
    assert gini([0, 0]) is None
    for index in (gini, hhi):
        with pytest.raises(InputError, match="empty or has gaps"):
            index([])
        with pytest.raises(InputError, match="empty or has gaps"):
            index([1, float("nan")])


def test_top_shares_worked_by_hand():
    result = concentration(people(10.0, 1.0, 2.0, 3.0, 4.0), top=(0.2, 0.3, 1))
    assert [(row["items"], row["value"], row["share"]) for row in rows(result.table)] == [
        (1, 10, 0.5),
        (2, 14, 0.7),
        (5, 20, 1),
    ]
    assert (result.top_fifth, result.items_for_80, result.items) == (0.5, 3, 5)
    assert result.gini == pytest.approx(0.4)
    assert result.alike == pytest.approx(10_000 / hhi([10, 1, 2, 3, 4]))
    assert result.sentence == (
        "The largest 20% of 5 customers hold 50% of 20.00; 80% is reached with 3 of them (60%). "
        "Gini 0.40, HHI 3,250: as concentrated as 3.1 customers of equal size."
    )


@pytest.mark.parametrize(
    ("by", "called"),
    [("customer_id", "customers"), ("sku", "products"), ("channel", "channels"), ("x", "items")],
)
def test_what_is_counted_is_named_by_its_column(by, called):
    import matplotlib.pyplot as plt

    frame = people(10.0, 1.0, 2.0, 3.0, -4.0).rename(columns={"customer_id": by})
    result, curve = concentration(frame, by), whale_curve(frame, by, "net_sales")
    assert f"20% of 5 {called} hold" in result.sentence
    assert f"of the largest {called} / positive total of all 5 {called}" in result.definition
    assert result.plot().get_xlabel() == f"share of {called}, largest first"
    assert curve.sentence.startswith(f"4 of 5 {called} earn")
    assert curve.plot().get_xlabel() == f"share of {called}, most profitable first"
    assert f"A count of all {called}" in curve.definition
    assert concentration(frame.head(2), by).sentence.startswith(f"Only 2 {called}:")
    plt.close("all")


def test_a_share_of_the_items_does_not_gain_one_by_the_noise_of_floats():
    result = concentration(people(*[1.0] * 100), top=(0.07, 0.14))  # 0.07 * 100 is a hair over 7
    assert [row["items"] for row in rows(result.table)] == [7, 14]


def test_with_losses_top_shares_are_of_the_positive_total_and_the_indices_are_none():
    result = concentration(people(60.0, 40.0, 0.0, -20.0, -30.0))
    assert (result.top_fifth, result.gini, result.hhi) == (0.6, None, None)
    assert "not defined" in result.sentence


def test_few_items_get_no_share():
    result = concentration(people(3.0, 2.0))
    assert (result.top_fifth, result.gini) == (None, None)
    assert rows(result.table)[0]["share"] is None
    assert result.sentence == "Only 2 customers: shares of the top need at least 5."


def test_whale_curve_climbs_over_the_total_and_comes_down_to_it():
    result = whale_curve(people(-50.0, 90.0, 0.0, 60.0, None, value="contribution_2"))
    assert [row["running"] for row in rows(result.table)] == [90, 150, 150, 100]
    assert [row["share_of_total"] for row in rows(result.table)] == [0.9, 1.5, 1.5, 1]
    assert (result.peak, result.peak_share, result.peak_items) == (150, 1.5, 2)
    assert (result.losing, result.lost, result.left_out) == (1, 50, 1)
    assert result.sentence == (
        "2 of 4 customers earn 150.00, 150% of what is left; 1 lose 50.00 of it, so 100.00 is left."
    )


def test_whale_curve_of_a_shop_that_loses_claims_no_share():
    result = whale_curve(people(10.0, -60.0, value="contribution_2"))
    assert result.peak_share is None
    assert "nothing is left: -50.00" in result.sentence
    assert rows(result.table)[0]["share_of_total"] is None


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_the_profit_of_customers(engine):
    def both(frame):
        pnl = profit_and_loss(frame, PRODUCTS, costs=COSTS, by="customer_id")
        return whale_curve(pnl), concentration(pnl)

    frame = orders(1, count=300)
    for found, wanted in zip(both(as_engine(frame, engine)), both(frame), strict=True):
        assert rows(found.table) == rows(wanted.table)
        assert found.sentence == wanted.sentence


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30).filter(lambda each: max(each) > 0))
def test_the_whale_curve_ends_at_the_total_and_peaks_at_the_positive_sum(values):
    result = whale_curve(people(*map(float, values), value="contribution_2"))
    running = [row["running"] for row in rows(result.table)]
    assert running[-1] == pytest.approx(sum(values)) == result.total
    assert max(running) == pytest.approx(result.peak) == sum(each for each in values if each > 0)
    assert result.peak - result.lost == pytest.approx(result.total)


def test_impossible_questions_are_refused():
    with pytest.raises(InputError, match="No item has a positive net_sales"):
        concentration(people(-1.0, 0.0))
    with pytest.raises(TableError, match="no column 'contribution_2'"):
        whale_curve(people(1.0))
    with pytest.raises(InputError, match=r"Did you mean 0\.2"):
        concentration(people(1.0), top=(20,))
    with pytest.raises(InputError, match="expected rising fractions"):
        concentration(people(1.0), top=(0.5, 0.2))


def test_pictures_mark_the_top_fifth_and_the_peak():
    import matplotlib.pyplot as plt

    ax = concentration(people(10.0, 1.0, 2.0, 3.0, 4.0)).plot()
    assert [note.get_text() for note in ax.texts] == ["top 20%: 50%"]
    ax = whale_curve(people(90.0, 60.0, -50.0, value="contribution_2")).plot()
    assert max(ax.lines[0].get_ydata()) == 150
    plt.close("all")
