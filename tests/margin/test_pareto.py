"""ABC classes: the textbook's table, the traps at the borders, losses, engines."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError
from sellerlab.margin.pareto import abc
from sellerlab.margin.profit import profit_and_loss
from tests.small_shop import COSTS, ENGINES, PRODUCTS, as_engine, orders, rows

CHIPS = {
    "10286": 1000 * 90,
    "11526": 500 * 154,
    "12760": 1550 * 17,
    "10867": 350 * 42.86,
    "10500": 1000 * 12.5,
    "12572": 600 * 14.17,
    "14075": 2000 * 0.6,
    "01036": 100 * 8.5,
    "01307": 1200 * 0.42,
    "10572": 250 * 0.6,
}


def items(*values):
    return pd.DataFrame({"sku": [f"s{place}" for place in range(len(values))], "net_sales": values})


def classes(*values, **options):
    return "".join(row["class"][0] for row in rows(abc(items(*values), **options).table))


def test_abc_matches_heizer_silicon_chips():
    result = abc(pd.DataFrame({"sku": list(CHIPS), "net_sales": list(CHIPS.values())}))
    found = rows(result.table)
    assert "".join(row["class"] for row in found) == "AABBBCCCCC"
    assert result.total == pytest.approx(232_057)
    shares = [round(row["cumulative_share"], 3) for row in found]
    # The book adds rounded shares from .898 on; exact sums differ in the third place.
    assert shares == pytest.approx(
        [0.388, 0.720, 0.833, 0.898, 0.952, 0.988, 0.994, 0.997, 0.999, 1], abs=0.0011
    )
    assert {name: round(share, 2) for name, share in result.shares.items()} == {
        "A": 0.72,
        "B": 0.23,
        "C": 0.05,
    }


def test_the_first_item_is_always_a():
    assert classes(85.0, 10.0, 5.0) == "ABC"
    assert classes(100.0) == "A"
    assert classes(97.0, 3.0) == "AC"


def test_other_thresholds_give_other_classes():
    assert classes(40.0, 30.0, 20.0, 10.0, thresholds=(0.4,)) == "ABBB"
    assert classes(40.0, 30.0, 20.0, 10.0, thresholds=(0.4, 0.7, 0.9)) == "ABCD"


def test_losses_make_a_whale_curve():
    result = abc(items(80.0, 40.0, -20.0, 0.0))
    found = rows(result.table)
    assert [row["class"] for row in found] == ["A", "C", "C", "loss"]
    assert [row["cumulative_share"] for row in found] == [0.8, 1.2, 1.2, 1.0]
    assert (result.peak, result.total) == (1.2, 100)
    assert "Losing money: 1; they take back 20.00, so 100.00 is left." in result.sentence


def test_equal_items_are_ranked_by_name_and_unknown_ones_left_out():
    frame = pd.DataFrame({"sku": ["b", "a", "c"], "net_sales": [5.0, 5.0, None]})
    result = abc(frame)
    assert [row["sku"] for row in rows(result.table)] == ["a", "b"]
    assert result.left_out == 1
    assert "Left out, as their value is not known: 1." in result.sentence


def test_a_profit_and_loss_can_be_ranked_by_what_it_leaves():
    pnl = profit_and_loss(orders(4), PRODUCTS, costs=COSTS, by="sku")
    result = abc(pnl, value="contribution_1")
    assert result.currency == "JPY"
    assert result.total == pytest.approx(pnl.contribution_1)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40))
def test_classes_never_rise_and_shares_add_up_to_one(values):
    result = abc(items(*map(float, values)))
    letters = [row["class"] for row in rows(result.table)]
    assert letters == sorted(letters)
    assert letters[0] == "A"
    assert sum(result.shares.values()) == pytest.approx(1)
    assert sum(result.counts.values()) == len(values)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_agree(engine):
    frame = items(3.0, 8.0, 1.0, -2.0, 8.0)
    assert rows(abc(as_engine(frame, engine)).table) == rows(abc(frame).table)


def test_picture_names_the_classes():
    legend = abc(items(80.0, 40.0, -20.0)).plot().get_legend()
    assert [entry.get_text() for entry in legend.get_texts()] == ["A: 1", "C: 1", "loss: 1"]


def test_refusals_say_what_to_do():
    with pytest.raises(InputError, match="rising fractions"):
        abc(items(1.0), thresholds=(0.95, 0.8))
    with pytest.raises(InputError, match="rising fractions"):
        abc(items(1.0), thresholds=(80, 95))
    with pytest.raises(InputError, match="No item has a positive net_sales"):
        abc(items(-1.0, 0.0))
    with pytest.raises(TableError, match="Did you mean 'net_sales'"):
        abc(items(1.0), value="net_sale")


def test_what_is_counted_is_called_by_its_name():
    frame = pd.DataFrame({"customer_id": ["a", "b"], "net_sales": [90.0, 10.0]})
    result = abc(frame, "customer_id")
    assert result.sentence == "Class A is 1 of 2 customers and brings 90% of 100.00."
    assert result.plot().get_xlabel() == "customers, best first"
