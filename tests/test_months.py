"""Months: their windows, which have orders, and what the data cover."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from sellerlab.errors import InputError
from sellerlab.months import Coverage, last_full_month, month_window, months_with_orders, opened
from tests.small_shop import ENGINES, as_engine, orders


def test_a_month_has_its_first_and_last_day():
    assert month_window("2024-02") == (dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert month_window("2026-12") == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("2026-13", "a year has months 01 to 12"),
        ("2026-00", "a year has months 01 to 12"),
        ("May", "expected a year and a month, as '2026-05'"),
        ("2026-5", "expected a year and a month"),
        (202605, "expected a year and a month"),
        ("0000-05", "expected a year and a month"),
    ],
)
def test_what_is_no_month_is_refused(month, words):
    with pytest.raises(InputError, match=words):
        month_window(month)


@pytest.mark.parametrize("engine", ENGINES)
def test_months_with_orders_are_those_with_a_paid_sale(engine):
    shop = orders(1)
    late = shop.tail(1).assign(ordered_at=pd.Timestamp("2026-09-01"), status="pending")
    assert months_with_orders(as_engine(pd.concat([shop, late]), engine)) == ["2026-03", "2026-04", "2026-05"]


def test_a_month_without_orders_is_refused_with_those_that_have():
    with pytest.raises(InputError, match=r"no paid order in 2026-06\. Months with orders: 2026-03, 2026-04"):
        opened(orders(1), "2026-06")


def test_a_month_is_covered_in_part_where_the_data_begin_or_end_inside():
    coverage = Coverage(dt.date(2026, 3, 10), dt.date(2026, 5, 20))
    assert "begin on 10 Mar 2026: March 2026 may not be complete" in coverage.gap(*month_window("2026-03"))
    assert "end on 20 May 2026: May 2026 may not be complete" in coverage.gap(*month_window("2026-05"))
    assert coverage.gap(*month_window("2026-04")) == ""
    assert Coverage(dt.date(2026, 4, 1), dt.date(2026, 4, 30)).gap(*month_window("2026-04")) == ""
    assert coverage.gap(*month_window("2026-06")) == ""
    assert not coverage.has(*month_window("2026-06"))


@pytest.mark.parametrize(
    ("first", "last", "month"),
    [
        ("2026-01-01", "2026-05-31", "2026-05"),
        ("2026-01-01", "2026-05-30", "2026-01"),
        ("2026-05-02", "2026-05-31", "2026-05"),
        ("2026-05-10", "2026-05-20", "2026-05"),
        ("2026-12-01", "2027-01-02", "2026-12"),
    ],
)
def test_the_last_full_month_is_one_that_the_data_cover_to_its_end(first, last, month):
    frame = orders(4).head(2).assign(ordered_at=pd.to_datetime([first, last]), status="paid", kind="sale")
    start, end = last_full_month(frame)
    assert (start, end) == month_window(month)


def test_the_day_up_to_which_the_data_reach_can_be_later_than_the_last_order():
    frame = orders(4)
    cut = frame[frame["ordered_at"] < "2026-05-20"]
    assert last_full_month(cut) == month_window("2026-04")
    assert last_full_month(cut, as_of=dt.date(2026, 5, 31)) == month_window("2026-05")


def test_without_a_paid_order_there_is_no_month():
    with pytest.raises(InputError, match="no paid order"):
        last_full_month(orders(4).assign(status="pending"))
