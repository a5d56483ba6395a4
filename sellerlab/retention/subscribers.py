"""The contract of a table of subscriptions, and its rows made ready to count.

The one idea: a subscription is a span of days with a price for a billing period. It runs from the day it
starts to the day before the one on which it ends; without an end it still runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from sellerlab import tables
from sellerlab.counted import as_day, quick
from sellerlab.errors import InputError
from sellerlab.tables import Column, Table

SUBSCRIPTIONS = Table(
    "subscriptions",
    (
        Column("customer_id", "text", "keyed hash of the subscriber", required=True, nullable=False),
        Column("started_at", "time", "first day paid for", required=True, nullable=False),
        Column("ended_at", "time", "first day no longer paid for; empty while it runs", required=True),
        Column("price", "money", "price of one billing period, discounts taken off", True, False, minimum=0),
        Column("months", "number", "months of a billing period; 0 or empty for a one-off", default=1.0),
        Column("plan", "text", "name of the plan"),
        Column("currency", "text", "ISO 4217 code, one for the whole table"),
    ),
)


#: The end of a subscription that still runs: later than every other.
NEVER = 4_000_000.0


@dataclass(frozen=True)
class Subscribed:
    """Recurring subscriptions, and what was read to get them.

    Attributes:
        spans: Lazy frame of customer_id, start, end (see `stamp`; a running one ends at `NEVER`) and mrr.
        first: First day on which a subscription ran.
        as_of: Last day that the data are known for.
        currency: ISO code, or None.
        one_off: Rows left out because they have no billing period or no price.
    """

    spans: nw.LazyFrame[Any]
    first: dt.date
    as_of: dt.date
    currency: str | None
    one_off: int


def stamp(day: dt.date) -> float:
    """Return a day as month x 32 + day of the month: it keeps the order and gives month and day back.

    >>> stamp(dt.date(2026, 2, 1)) - stamp(dt.date(2026, 1, 31))
    2.0
    """
    return float((day.year * 12 + day.month - 1) * 32 + day.day)


def _stamp(name: str) -> nw.Expr:
    when = nw.col(name).dt
    year, month, day = (part.cast(nw.Float64) for part in (when.year(), when.month(), when.day()))
    return (year * 12 + month - 1) * 32 + day


def subscribed(frame: Any, as_of: dt.date | None, names: Mapping[str, str]) -> Subscribed:
    """Return the recurring subscriptions of a table that had started by a day.

    Args:
        frame: One row a subscription (`SUBSCRIPTIONS`), any frame narwhals knows.
        as_of: Last day that the data are known for; the last start or end in the data by default.
        names: Contract name to the caller's own column name.

    Raises:
        TableError: A column is missing, or the currencies are mixed.
        InputError: No subscription is recurring, or one ends before it starts.
    """
    needs = ("customer_id", "started_at", "ended_at", "price", "months")
    given = tables.use(frame, SUBSCRIPTIONS, needs, **names)
    currency = tables.currency_of(given.to_native())
    lazy = nw.from_native(quick(given.select(*needs).to_native())).lazy()
    if isinstance(lazy.collect_schema()["customer_id"], (nw.Categorical, nw.Enum)):
        lazy = lazy.with_columns(nw.col("customer_id").cast(nw.String))
    lazy = lazy.with_columns(
        mrr=nw.col("price").cast(nw.Float64).fill_null(0.0),
        months=nw.col("months").cast(nw.Float64).fill_null(0.0),
    )
    recurring = (nw.col("months") > 0) & (nw.col("mrr") > 0)
    one_off = int(lazy.filter(~recurring).select(nw.len()).collect().item())
    lazy = lazy.filter(recurring)
    ends = lazy.select(
        first=nw.col("started_at").min(), last=nw.col("started_at").max(), end=nw.col("ended_at").max()
    )
    first, *latest = ends.collect().rows()[0]
    if first is None or first != first:
        raise InputError(
            "There is no recurring subscription: every row is a one-off, or the table is empty. Give "
            "months=1 for a monthly and months=12 for a yearly price."
        )
    last = as_of or max(as_day(day) for day in latest if day is not None and day == day)
    lazy = lazy.select(
        "customer_id",
        start=_stamp("started_at"),
        end=_stamp("ended_at").fill_null(NEVER),
        mrr=nw.col("mrr") / nw.col("months"),
    )
    wrong = lazy.filter(nw.col("end") < nw.col("start")).select("customer_id").head(1).collect()
    if not wrong.is_empty():
        raise InputError(
            f"A subscription of {wrong.item()!r} ends before it starts. Check ended_at: it is the first day "
            "no longer paid for, and empty while the subscription runs."
        )
    lazy = lazy.filter(nw.col("start") <= stamp(last), nw.col("end") > nw.col("start"))
    if lazy.head(1).collect().is_empty():
        raise InputError(f"No subscription had started by {last}. Check as_of.")
    return Subscribed(lazy, as_day(first), last, currency, one_off)
