"""What each customer has bought until a day: days since the last order, orders, net sales.

The one idea: the day is given, never "today", so the same table gives the same values next year. The order
lines are scanned once on the caller's engine and come back as one row a customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sellerlab import tables, text
from sellerlab.counted import as_day, day_of, in_period, narrow, orders_in, with_worth
from sellerlab.errors import InputError
from sellerlab.money import decimals
from sellerlab.order_numbers import numbered
from sellerlab.purchases import ordinal
from sellerlab.tables import ORDER_KINDS, ORDERS

#: The columns of a customer's values, in the order of the scores.
VALUES = ("recency_days", "orders", "net_sales")


@dataclass(frozen=True)
class Bought:
    """One row a customer, and what was counted to make it.

    Attributes:
        customers: Lazy frame of customer_id, recency_days, orders and net_sales.
        numbers: The three values as an array, one row a customer, in no order that counts.
        as_of: Day to which recency is counted.
        days: Days of history counted, or None for all of it.
        currency: ISO code, or None.
        unnamed: Orders whose customer the file does not name; they are in no customer's values.
    """

    customers: nw.LazyFrame[Any]
    numbers: NDArray[np.float64]
    as_of: dt.date
    days: int | None
    currency: str | None
    unnamed: int

    @property
    def definition(self) -> str:
        """What was counted, in words."""
        said = text.say(
            "Recency = whole days from a customer's last order to {day}; orders = different order numbers; "
            "net sales = after discounts, refunds and tax contained. Paid orders until that day count; "
            "orders without a customer do not.",
            day=text.day(self.as_of),
        )
        if self.days:
            said += " " + text.say("Only the last {n} days are counted.", n=text.number(self.days))
        return said


def bought(
    orders: Any,
    as_of: str | dt.date | None,
    days: int | None,
    vat_rate: float | None,
    names: Mapping[str, str],
) -> Bought:
    """Return recency, orders and net sales of each customer who has a paid order in the period.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, any frame narwhals knows.
        as_of: Day to which recency is counted; None for the last day of the data.
        days: Days of history to count, back from `as_of`; None for all.
        vat_rate: Tax contained in the prices (fraction) where the file states none.
        names: Contract name to the caller's own column name.

    Raises:
        TableError: A column is missing.
        InputError: The period has no paid order that names a customer, or `days` is not 1 or more.
    """
    if days is not None and not (days >= 1 and int(days) == days):
        raise InputError(f"days is {days!r}: expected a whole number of days, such as 365.")
    tables.use(orders, ORDERS, ("customer_id",), **names)
    lines = numbered(narrow(orders, ("customer_id", "currency"), names), names)
    currency = tables.currency_of(lines)
    last = day_of("as_of", as_of)
    if last is None:
        newest = in_period(lines, names=names).select(nw.col("ordered_at").max()).collect().item()
        if newest is None or newest != newest:
            raise InputError("The table has no order lines. Check the file, or the period that was read.")
        last = as_day(newest)
    first = last - dt.timedelta(days=days - 1) if days else None
    paid = in_period(lines, first, last, names).filter(nw.col("status") == "paid")
    nobody = without_customer(paid)
    unnamed = orders_in(paid.filter(nobody)).select(nw.col("order_id").n_unique()).collect().item()
    customers = _by_customer(paid.filter(~nobody), last, currency, vat_rate)
    if not isinstance(nw.from_native(orders), nw.LazyFrame):
        customers = customers.collect().lazy()  # held in memory already: scan it once, not once a question
    found = customers.select(*VALUES).collect()
    if found.is_empty():
        period = f"between {first} and {last}" if first else f"until {last}"
        raise InputError(
            f"There is no paid order {period} that names its customer. Check as_of, the statuses, and "
            "that the file has a column of customers."
        )
    columns = [found[name].cast(nw.Float64).to_numpy() for name in VALUES]
    return Bought(customers, np.column_stack(columns), last, days, currency, int(unnamed or 0))


def without_customer(lines: nw.LazyFrame[Any]) -> nw.Expr:
    """Return whether a line names no customer.

    Args:
        lines: Lines with `customer_id`, which may be text or numbers.
    """
    nobody = nw.col("customer_id").is_null()
    if lines.collect_schema()["customer_id"] == nw.String:
        nobody = nobody | (nw.col("customer_id") == "")
    return nobody


def vat_not_stated(paid: nw.LazyFrame[Any], vat_rate: float | None) -> float | None:
    """Return the rate of tax contained in the prices; None where the lines state the tax themselves.

    Args:
        paid: Paid lines, from `in_period`.
        vat_rate: The caller's rate, or None.
    """
    if vat_rate is None:
        return None
    stated = nw.col("tax_added").abs().sum() + nw.col("tax_included").abs().sum()
    return None if (paid.select(tax=stated).collect().item() or 0) > 0 else vat_rate


def _by_customer(
    paid: nw.LazyFrame[Any], last: dt.date, currency: str | None, vat_rate: float | None
) -> nw.LazyFrame[Any]:
    vat_rate = vat_not_stated(paid, vat_rate)
    # A refund, a fee or a correction has a row of its own, and moves money without being an order.
    an_order = nw.col("kind").is_in(ORDER_KINDS)
    lines = with_worth(paid, vat_rate).with_columns(
        order=nw.when(an_order).then(nw.col("order_id")), at=nw.when(an_order).then(nw.col("ordered_at"))
    )
    # By order first: counting rows is several times faster than counting different texts.
    each = lines.group_by("customer_id", "order").agg(nw.col("at").max(), nw.col("net_sales").sum())
    people = each.group_by("customer_id").agg(
        nw.col("at").max(), nw.col("order").count().alias("orders"), nw.col("net_sales").sum()
    )
    people = people.filter(nw.col("orders") > 0)
    # Engines add in different orders: without rounding, equal customers could get different scores.
    places = decimals(currency) if currency else 2
    return people.select(
        "customer_id",
        recency_days=(nw.lit(last.toordinal()) - ordinal("at")).cast(nw.Int64),
        orders=nw.col("orders").cast(nw.Int64),
        net_sales=nw.col("net_sales").round(places),
    )
