"""Months of a shop: the window of a month, which months have orders, and what the data cover of one.

A month that the data do not cover is not a month without sales, so the two are told apart here.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from sellerlab import text
from sellerlab.counted import as_day, day_of, in_period, orders_in
from sellerlab.errors import InputError


def month_window(month: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a month.

    Args:
        month: Year and month, as ``"2026-05"``.

    Raises:
        InputError: It is no such month.

    >>> month_window("2026-02")
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    >>> month_window("2026-13")
    Traceback (most recent call last):
    sellerlab.errors.InputError: month is '2026-13': a year has months 01 to 12. Write it as '2026-05'.
    """
    found = re.fullmatch(r"(\d{4})-(\d{2})", month) if isinstance(month, str) else None
    if not found or found[1] == "0000":
        raise InputError(f"month is {month!r}: expected a year and a month, as '2026-05'.")
    year, number = int(found[1]), int(found[2])
    if not 1 <= number <= 12:
        raise InputError(f"month is {month!r}: a year has months 01 to 12. Write it as '2026-05'.")
    return dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1])


def period(name: str, given: Any) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a period.

    Args:
        name: The parameter's name, for the message.
        given: A month as ``"2026-05"``, or the first and the last day.

    Raises:
        InputError: It is neither, or the last day is before the first.

    >>> print(*period("before", ("2026-05-01", "2026-05-14")))
    2026-05-01 2026-05-14
    """
    if isinstance(given, str):
        return month_window(given)
    try:
        start, end = (day_of(name, each) for each in given)
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} is {given!r}: expected a month such as '2026-05', or two days.") from None
    if start is None or end is None or start > end:
        raise InputError(f"{name} is {given!r}: expected a first and a last day, in this order.")
    return start, end


def months_with_orders(orders: Any, **names: str) -> list[str]:
    """Return the months that have a paid order, oldest first, as ``"2026-05"``.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        **names: The caller's own column names.
    """
    lines = orders_in(in_period(orders, names=names).filter(nw.col("status") == "paid"))
    when = nw.col("ordered_at").dt
    months = lines.select(year=when.year().cast(nw.Int64), month=when.month().cast(nw.Int64))
    return sorted(f"{year}-{month:02d}" for year, month in months.unique().collect().rows())


def last_full_month(orders: Any, as_of: dt.date | None = None, **names: str) -> tuple[dt.date, dt.date]:
    """Return first and last day of the last month that has orders and that the data cover to its end.

    An export made on the 10th ends with ten days of a month, which would look like a bad month.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        as_of: Last day that the data cover; the day of the last order by default.
        **names: The caller's own column names.

    Returns:
        The days of the month; of the last month with orders where none is covered to its end.

    Raises:
        InputError: There is no paid order.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2"], "ordered_at": pd.to_datetime(["2026-03-01", "2026-05-12"]),
    ...     "sku": ["A", "A"], "quantity": [1, 1], "unit_price": [9.0, 9.0],
    ... })
    >>> print(*last_full_month(orders), *last_full_month(orders, as_of=dt.date(2026, 5, 31)))
    2026-03-01 2026-03-31 2026-05-01 2026-05-31
    """
    windows = [month_window(month) for month in months_with_orders(orders, **names)]
    if not windows:
        raise InputError("There is no paid order, so there is no month to look at.")
    if as_of is None:
        as_of = in_period(orders, names=names).select(nw.col("ordered_at").max()).collect().item()
    last = as_day(as_of)
    return ([window for window in windows if window[1] <= last] or windows)[-1]


@dataclass(frozen=True)
class Coverage:
    """The first and the last day of a table of orders, and which months they cover."""

    first: dt.date
    last: dt.date

    def has(self, start: dt.date, end: dt.date) -> bool:
        """Whether any day from `start` to `end` lies in the data."""
        return self.first <= end and start <= self.last

    def gap(self, start: dt.date, end: dt.date) -> str:
        """Say what part of a month the data leave out; empty where they have all of it."""
        words = {"month": text.month(start), "first": text.day(self.first), "last": text.day(self.last)}
        if self.has(start, end) and self.first > start:
            return text.say("The data begin on {first}: {month} may not be complete.", **words)
        if self.has(start, end) and self.last < end:
            return text.say("The data end on {last}: {month} may not be complete.", **words)
        return ""


def opened(orders: Any, month: str, **names: str) -> tuple[dt.date, dt.date, Coverage]:
    """Return first and last day of a month and what the data cover; refuse a month without orders.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        month: Year and month, as ``"2026-05"``.
        **names: The caller's own column names.

    Raises:
        InputError: The month is none, or has no paid order; the message lists the months that have.
    """
    start, end = month_window(month)
    known = months_with_orders(orders, **names)
    if month not in known:
        listed = ", ".join(known) if known else "none"
        raise InputError(f"There is no paid order in {month}. Months with orders: {listed}.")
    every = in_period(orders, names=names)
    ends = every.select(first=nw.col("ordered_at").min(), last=nw.col("ordered_at").max()).collect().rows()[0]
    first, last = (as_day(each) for each in ends)
    return start, end, Coverage(first, last)
