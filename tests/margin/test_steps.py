"""The waterfall adds up, stops where knowledge stops, and can be read."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.margin.steps import waterfall
from tests.small_shop import COSTS, ENGINES, PRODUCTS, as_engine, orders, rows


@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=st.integers(0, 10_000), skus=st.sampled_from(["ABCD", "ABCDE"]))
def test_every_subtotal_is_the_sum_of_the_steps_before_it(seed, skus):
    result = waterfall(orders(seed, 80, skus), PRODUCTS, costs=COSTS)
    level = 0.0
    for row in rows(result.table):
        if row["step"] in result.subtotals and row["step"] != "Gross sales":
            assert row["amount"] == pytest.approx(level, abs=1e-6)
            level = row["amount"]
        else:
            level += row["amount"]
    assert level == result.pnl.contribution


def test_sales_of_unknown_cost_are_a_step_of_their_own():
    result = waterfall(orders(3, skus="ABCDE"), PRODUCTS, costs=COSTS)
    steps = {row["step"]: row["amount"] for row in rows(result.table)}
    assert steps["Sales of unknown cost"] == result.pnl.known_net_sales - result.pnl.net_sales < 0
    assert result.sentence.startswith("For JPY")


def test_steps_stop_at_the_last_contribution_that_is_known():
    shop = orders(3)
    assert rows(waterfall(shop).table)[-1]["step"] == "Net sales"
    assert "have no landed cost" in waterfall(shop).sentence
    assert rows(waterfall(shop, PRODUCTS).table)[-1]["step"] == "Contribution 1"
    assert "Fees, parcels and marketing are not known." in waterfall(shop, PRODUCTS).sentence
    no_marketing = {name: value for name, value in COSTS.items() if name != "marketing"}
    assert rows(waterfall(shop, PRODUCTS, costs=no_marketing).table)[-1]["step"] == "Contribution 2"
    assert rows(waterfall(shop, PRODUCTS, costs=COSTS).table)[-1]["step"] == "Contribution 3"


def test_sentence_is_read_aloud():
    shop = pd.DataFrame(
        {
            "order_id": ["1"],
            "ordered_at": [pd.Timestamp("2026-05-02")],
            "sku": ["A"],
            "quantity": [2],
            "unit_price": [1000],
            "fee": [180],
            "currency": ["JPY"],
        }
    )
    costs = {"fulfilment_per_order": 300, "marketing": 100}
    result = waterfall(shop, pd.DataFrame({"sku": ["A"], "landed_cost": [400]}), costs=costs)
    assert result.sentence == (
        "Of JPY 2,000 of sales at full price, JPY 2,000 is net sales, and JPY 620 is left after goods, fees, "
        "parcels and marketing: 31.0% of net sales."
    )


def test_picture_labels_every_bar_with_its_amount():
    result = waterfall(orders(3), PRODUCTS, costs=COSTS)
    ax = result.plot()
    printed = [row[1] for row in result.printed()[1:]]
    assert [note.get_text() for note in ax.texts] == printed
    assert [label.get_text() for label in ax.get_yticklabels()] == [row["step"] for row in rows(result.table)]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_agree(engine):
    shop = orders(6, skus="ABCDE")
    other = waterfall(as_engine(shop, engine), as_engine(PRODUCTS, engine), costs=COSTS)
    assert rows(other.table) == rows(waterfall(shop, PRODUCTS, costs=COSTS).table)
