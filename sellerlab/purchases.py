"""Who bought when: the paid orders that name a customer, as far as a day.

The one idea: every question about coming back needs the same few columns, read once on the caller's engine,
and the day up to which the data are known, because after it nobody can have come back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from sellerlab import tables
from sellerlab.counted import as_day, day_of, orders_in, quick
from sellerlab.errors import InputError
from sellerlab.tables import ORDERS

_NEEDS = ("customer_id", "order_id", "ordered_at", "status", "kind")


@dataclass(frozen=True)
class Purchases:
    """The order lines of named customers, and what was read to get them.

    Attributes:
        lines: Lazy frame of customer_id, order_id and ordered_at; several lines an order.
        first: First day of the data.
        as_of: Last day that the data are known for.
        unnamed: Paid orders whose customer the file does not name.
        in_memory: Whether the caller's frame is held in memory.
    """

    lines: nw.LazyFrame[Any]
    first: dt.date
    as_of: dt.date
    unnamed: int
    in_memory: bool

    def once(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Return what was computed from `lines` so that several questions cost one scan.

        A frame of an engine that holds its data elsewhere stays there.

        Args:
            frame: A lazy frame, much smaller than the lines.
        """
        return frame.collect().lazy() if self.in_memory else frame


def purchases(orders: Any, as_of: str | dt.date | None, names: Mapping[str, str]) -> Purchases:
    """Return the paid orders of named customers up to a day; refunds and fees are no orders.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, any frame narwhals knows.
        as_of: Last day that the data are known for; the day of the last line by default.
        names: Contract name to the caller's own column name.

    Raises:
        TableError: A column is missing.
        InputError: No paid order up to that day names its customer.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2"], "ordered_at": pd.to_datetime(["2026-05-01", "2026-05-03"]),
    ...     "customer_id": ["ann", None],
    ... })
    >>> found = purchases(orders, None, {})
    >>> found.as_of, found.unnamed
    (datetime.date(2026, 5, 3), 1)
    """
    given = tables.use(orders, ORDERS, _NEEDS, **names).select(*_NEEDS)
    lazy = nw.from_native(quick(given.to_native())).lazy()
    schema = lazy.collect_schema()
    # Text with a fixed set of values would refuse to be compared with others.
    fixed = [name for name, dtype in schema.items() if dtype in (nw.Categorical, nw.Enum)]
    lazy = lazy.with_columns(nw.col(name).cast(nw.String) for name in fixed)
    ends = lazy.select(first=nw.col("ordered_at").min(), last=nw.col("ordered_at").max()).collect()
    first, newest = ends.rows()[0]
    if first is None or first != first:
        raise InputError("The table has no order lines. Check the file, or the period that was read.")
    last = day_of("as_of", as_of) or as_day(newest)
    after = dt.datetime.combine(last + dt.timedelta(days=1), dt.time())
    paid = orders_in(lazy.with_columns(nw.col("status").fill_null("paid"), nw.col("kind").fill_null("sale")))
    paid = paid.filter(nw.col("status") == "paid", nw.col("ordered_at") < nw.lit(after))
    nobody = nw.col("customer_id").is_null()
    if lazy.collect_schema()["customer_id"] == nw.String:
        nobody = nobody | (nw.col("customer_id") == "")
    unnamed = paid.filter(nobody).select(nw.col("order_id").n_unique()).collect().item()
    lines = paid.filter(~nobody).select("customer_id", "order_id", "ordered_at")
    if not lines.head(1).collect().is_empty():
        in_memory = not isinstance(nw.from_native(orders), nw.LazyFrame)
        return Purchases(lines, as_day(first), last, int(unnamed or 0), in_memory)
    raise InputError(
        f"There is no paid order until {last} that names its customer. Check as_of, the statuses, and that "
        "the file has a column of customers."
    )


def ordinal(name: str) -> nw.Expr:
    """Return the days of a time since the year 1, as `datetime.date.toordinal`, on every engine.

    Differences of times are not known to all engines; differences of these numbers are.

    Args:
        name: Column of the time; where it is empty, so is the number.
    """
    when = nw.col(name).dt
    # Whole numbers as floats: pandas has no empty integer, and they are exact far beyond any date.
    before = when.year().cast(nw.Float64) - 1
    leap_days = before // 4 - before // 100 + before // 400
    return before * 365 + leap_days + when.ordinal_day().cast(nw.Float64)


def firsts(lines: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return one row a customer: the `first` day with an order, and the `second`, empty where there is none.

    Orders of one day are one occasion: a basket that was split is no return.

    Args:
        lines: `Purchases.lines`.
    """
    days = lines.select("customer_id", day=ordinal("ordered_at")).unique()
    days = days.with_columns(first=nw.col("day").min().over("customer_id"))
    days = days.with_columns(later=nw.when(nw.col("day") > nw.col("first")).then(nw.col("day")))
    return days.group_by("customer_id").agg(nw.col("first").min(), nw.col("later").min().alias("second"))
