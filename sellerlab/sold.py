"""Units sold a day and product: the pace under every question about stock.

One idea: a day on which a product could not be bought says nothing of its pace, so it is left out, and a
day with stock and without a sale is a zero that counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import tables, text
from sellerlab.counted import as_day, day_of, in_period
from sellerlab.demand import Array
from sellerlab.errors import InputError, TableError
from sellerlab.tables import PRODUCTS

#: Days of sales below which an average day is too uncertain to be used.
MINIMUM_DAYS = 7


@dataclass(frozen=True)
class Sold:
    """Units of paid sales a day, returns not taken off.

    Attributes:
        first: First day of the window.
        last: Last day, included.
        begin: First day of the orders.
        units: Product to its units, one number a day.
        closed: Product to the days (places from 0) on which it was sold out.
        since: Product to the day of its first sale in the data.
        until: Product to the day of its last sale.
    """

    first: dt.date
    last: dt.date
    begin: dt.date
    units: Mapping[str, Array]
    closed: Mapping[str, list[int]]
    since: Mapping[str, dt.date]
    until: Mapping[str, dt.date]

    @property
    def days(self) -> int:
        """Days of the window."""
        return (self.last - self.first).days + 1

    def of(self, sku: str) -> Array:
        """Units of each day of the window; NaN on days sold out."""
        units = self.units[sku].copy() if sku in self.units else np.zeros(self.days)
        units[self.closed.get(sku, [])] = np.nan
        return units

    def since_first_sale(self, sku: str) -> Array:
        """Units of each day with stock, from the first sale on where it lies in the window."""
        units = self.of(sku)
        if sku in self.since:
            units = units[max((self.since[sku] - self.first).days, 0) :]
        return units[~np.isnan(units)]


def daily(
    orders: Any,
    *,
    as_of: str | dt.date | None,
    window_days: int,
    sold_out: Any = None,
    names: Mapping[str, str] | None = None,
) -> Sold:
    """Return the units sold on each of the last days.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid sales count.
        as_of: Last day of the window; the last day of the orders by default.
        window_days: Days of the window at most; fewer where the orders begin inside it.
        sold_out: Days on which a product could not be bought: a table with `sku` and `day`.
        names: Contract name to the caller's own column name.

    Raises:
        InputError: There are fewer than 7 days of orders up to `as_of`.
        TableError: `sold_out` has other columns.
    """
    if window_days < MINIMUM_DAYS:
        raise InputError(f"window_days is {window_days}: expected {MINIMUM_DAYS} or more, such as 28.")
    last = day_of("as_of", as_of)
    lines = in_period(orders, None, last, names).filter(nw.col("status") == "paid")
    lines = lines.filter(nw.col("kind") == "sale")
    when = nw.col("ordered_at").dt
    day = when.year().cast(nw.Int64) * 10000 + when.month().cast(nw.Int64) * 100 + when.day().cast(nw.Int64)
    lines = lines.with_columns(day=day)
    lived = lines.group_by("sku").agg(since=nw.col("day").min(), until=nw.col("day").max()).collect()
    if not len(lived):
        if last is None:
            raise InputError(text.say("There is no paid sale: check the statuses."))
        raise InputError(
            text.say("There is no paid sale up to {last}: check as_of and the statuses.", last=last)
        )
    begin = _day(min(lived["since"].to_list()))
    last = last or _day(max(lived["until"].to_list()))
    first = max(begin, last - dt.timedelta(days=window_days - 1))
    days = (last - first).days + 1
    if days < MINIMUM_DAYS:
        raise InputError(
            text.say(
                "The orders cover {days} days up to {last}: an average day needs {n} or more. Read a longer "
                "export, or choose a later as_of.",
                days=days,
                last=last,
                n=MINIMUM_DAYS,
            )
        )
    start = first.year * 10000 + first.month * 100 + first.day
    recent = lines.filter(nw.col("day") >= start).group_by("sku", "day").agg(nw.col("quantity").sum())
    found = recent.collect()
    codes, skus = pd.factorize(np.asarray(found["sku"].to_list(), dtype=object))
    numbers = found["day"].to_numpy().astype("int64")
    dates = pd.to_datetime(pd.Series(numbers.astype(str)), format="%Y%m%d").to_numpy().astype("datetime64[D]")
    grid = np.zeros((len(skus), days))
    known = codes >= 0
    places = (dates - np.datetime64(first)).astype(int)
    grid[codes[known], places[known]] = found["quantity"].to_numpy().astype(float)[known]
    rows = lived.filter(~nw.col("sku").is_null()).rows(named=True)
    return Sold(
        first=first,
        last=last,
        begin=begin,
        units={str(sku): grid[place] for place, sku in enumerate(skus)},
        closed=_closed(sold_out, first, days),
        since={row["sku"]: _day(row["since"]) for row in rows},
        until={row["sku"]: _day(row["until"]) for row in rows},
    )


def _day(number: int) -> dt.date:
    return dt.date(number // 10000, number // 100 % 100, number % 100)


def _closed(sold_out: Any, first: dt.date, days: int) -> dict[str, list[int]]:
    if sold_out is None:
        return {}
    frame = nw.from_native(sold_out).lazy()
    missing = [name for name in ("sku", "day") if name not in frame.collect_schema().names()]
    if missing:
        raise TableError(
            f"The sold_out table has no column {missing[0]!r}. It should hold a row for each sku and day on "
            "which the product could not be bought."
        )
    found: dict[str, set[int]] = {}
    for sku, day in frame.select("sku", "day").collect().rows():
        at = as_day(day_of("day", day))
        place = (at - first).days if at is not None else -1
        if 0 <= place < days:
            found.setdefault(str(sku), set()).add(place)
    return {sku: sorted(places) for sku, places in found.items()}


def stock_of(products: Any, *needs: str) -> nw.DataFrame[Any]:
    """Return the products, one row a sku.

    Args:
        products: Products (`tables.PRODUCTS`), any frame narwhals knows.
        *needs: Columns that must be there.

    Raises:
        TableError: A column is absent, or two rows are of one sku.
    """
    stock = tables.use(products, PRODUCTS, ["sku", *needs]).collect()
    twice = stock.filter(nw.col("sku").is_duplicated())["sku"].sort().to_list()
    if twice:
        raise TableError(f"The products table has more than one row for {twice[0]!r}. Keep one row a sku.")
    return stock


def number(value: Any) -> float | None:
    """Return a cell as a number, None where it is empty.

    >>> number(float("nan")), number(3)
    (None, 3.0)
    """
    return None if value is None or value != value else float(value)


def name_of(product: Mapping[str, Any]) -> str:
    """Return the name of a product, its sku where it has none.

    >>> name_of({"sku": "A", "product": None})
    'A'
    """
    name = product.get("product")
    return name if isinstance(name, str) and name else str(product["sku"])


def made(columns: Mapping[str, list[Any]], original: Any) -> Any:
    """Return a table made by hand in the caller's kind of frame; days become times, text stays text.

    Args:
        columns: Column name to its values; None where there is none.
        original: The frame whose kind to take.
    """
    native = nw.from_native(original)
    engine = native.implementation if isinstance(native, nw.DataFrame) else None
    if engine is None:
        engine = native.head(0).collect().implementation
    schema: dict[str, Any] = {}
    data: dict[str, list[Any]] = {}
    for name, values in columns.items():
        first = next((each for each in values if each is not None), None)
        data[name] = values
        if isinstance(first, str):
            schema[name] = nw.String()
        elif isinstance(first, dt.date):
            schema[name] = nw.Datetime("us")
            data[name] = [each and dt.datetime.combine(each, dt.time()) for each in values]
        elif isinstance(first, bool):
            schema[name] = nw.Boolean()
        else:
            schema[name] = nw.Float64()
    return tables.like(nw.from_dict(data, schema=schema, backend=engine), original)
