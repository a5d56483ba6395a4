"""Days of cover: worked by hand, honest about what did not sell, the same on every engine."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError
from sellerlab.stock import days_of_cover
from tests.small_shop import ENGINES, as_engine, rows


def shop(days=28, **daily):
    """Each product's units every day from 1 May 2026."""
    when = pd.date_range("2026-05-01", periods=days)
    lines = [(f"{sku}{n}", day, sku, units) for sku, units in daily.items() for n, day in enumerate(when)]
    frame = pd.DataFrame(lines, columns=["order_id", "ordered_at", "sku", "quantity"])
    return frame.assign(unit_price=500.0, status="paid", kind="sale")


STOCK = pd.DataFrame(
    {
        "sku": ["A", "B", "C", "D", "E"],
        "product": ["Stand", "Case", "Cable", None, "Strap"],
        "on_hand": [30.0, 280.0, 7.0, 0.0, None],
        "on_order": [50.0, None, None, None, None],
        "lead_time_days": [20.0, 20.0, None, None, None],
    }
)


def test_days_of_cover_worked_by_hand():
    result = days_of_cover(shop(A=2, B=4, D=1), STOCK)
    found = {row["sku"]: row for row in rows(result.table)}
    assert list(found) == ["D", "A", "B", "C", "E"]
    assert {sku: row["days_of_cover"] for sku, row in found.items()} == {
        "D": 0,
        "A": 15,
        "B": 70,
        "C": None,
        "E": None,
    }
    assert found["A"]["note"] == "less than its lead time of 20 days"
    assert found["C"]["note"] == "no sales in 28 days"
    assert found["E"]["note"] == "stock not given"
    assert (found["A"]["on_order"], found["A"]["daily_units"], found["D"]["product"]) == (50, 2, "D")
    assert (result.short, result.empty, result.no_sales, result.unknown) == (("A",), ("D",), ("C",), ("E",))
    assert (result.as_of, result.days) == (dt.date(2026, 5, 28), 28)
    assert result.sentence == (
        "Running out before stock ordered now can come: 1 of 5 products, first Stand with stock for 15 days. "
        "Sold out although they sell: 1. Without a sale in 28 days: 1, with 7 units in stock. Stock not "
        "given: 1."
    )


def test_only_paid_sales_of_the_window_count():
    lines = shop(days=60, A=2)
    lines.loc[lines["ordered_at"] < "2026-06-02", "quantity"] = 50
    extra = shop(days=60, A=9)
    rest = [extra.assign(status="cancelled"), extra.assign(status="pending"), extra.assign(kind="refund")]
    result = days_of_cover(pd.concat([lines, *rest]), STOCK.head(1))
    assert rows(result.table)[0]["sold"] == 56
    assert result.as_of == dt.date(2026, 6, 29)


def test_as_of_moves_the_window():
    assert days_of_cover(shop(days=60, A=2), STOCK, as_of="2026-05-14").days == 14
    assert days_of_cover(shop(days=60, A=2), STOCK, as_of="2026-06-20", window_days=14).days == 14


@settings(deadline=None, derandomize=True, max_examples=20)
@given(units=st.integers(1, 30), on_hand=st.integers(0, 3000))
def test_cover_times_pace_is_the_stock(units, on_hand):
    result = days_of_cover(shop(A=units), pd.DataFrame({"sku": ["A"], "on_hand": [on_hand]}))
    (row,) = rows(result.table)
    assert row["days_of_cover"] * row["daily_units"] == pytest.approx(on_hand)


def test_a_sentence_for_a_shop_without_worries():
    result = days_of_cover(shop(A=1), pd.DataFrame({"sku": ["A"], "on_hand": [900]}))
    assert result.sentence == "None of 1 products runs out before stock ordered now can come."


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_agree(engine):
    base = days_of_cover(shop(A=2, B=4, D=1), STOCK)
    other = days_of_cover(as_engine(shop(A=2, B=4, D=1), engine), as_engine(STOCK, engine))
    assert rows(other.table) == rows(base.table)
    assert other.sentence == base.sentence


def test_picture_has_a_bar_for_each_cover():
    ax = days_of_cover(shop(A=2, B=4, D=1), STOCK).plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["D", "Stand", "Case"]
    assert ax.get_xlabel() == "days of cover"


def test_too_little_data_gives_no_number():
    with pytest.raises(InputError, match="The orders cover 6 days up to 2026-05-06: an average day needs 7"):
        days_of_cover(shop(days=6, A=1), STOCK)
    with pytest.raises(InputError, match="no paid sale up to 2026-04-01"):
        days_of_cover(shop(A=1), STOCK, as_of="2026-04-01")
    with pytest.raises(InputError, match="window_days is 3"):
        days_of_cover(shop(A=1), STOCK, window_days=3)
    with pytest.raises(TableError, match="no column 'on_hand'"):
        days_of_cover(shop(A=1), STOCK.drop(columns="on_hand"))
    with pytest.raises(TableError, match="more than one row for 'A'"):
        days_of_cover(shop(A=1), pd.concat([STOCK, STOCK.head(1)]))
