"""Who was put to which group of an offer, and what each of them bought.

The one idea: two tables meet here by the customer's id alone. Where the ids of one are not those of the other
nobody would seem to have bought, so that is refused and not counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.counted import in_period, orders_in, quick, with_worth
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.tables import ORDERS

#: Added up over customers: how many, buyers, contribution and its square, discounts, known by an order.
SUMS = ("n", "buyers", "value", "square", "discount", "known")
#: Name of the segment that holds everybody.
ALL = "all"


def people_of(assigned: Any, by: str | None, offer: str, holdout: str) -> nw.LazyFrame[Any]:
    """Return customer_id, group and segment of one row a customer; refuse what is no trial of two groups."""
    lazy: nw.LazyFrame[Any] = nw.from_native(quick(assigned)).lazy()
    present = lazy.collect_schema().names()
    for name in ("customer_id", "group", *([by] if by else [])):
        if name not in present:
            raise TableError(str(unknown("column of assigned", name, present)))
    lazy = lazy.select("customer_id", "group", segment=nw.col(by).cast(nw.String) if by else nw.lit(ALL))
    lazy = lazy.with_columns(nw.col("group").cast(nw.String), nw.col("segment").fill_null(text.say("none")))
    found = {str(each) for each in lazy.select("group").unique().collect()["group"].to_list()}
    for name in (offer, holdout):
        if name not in found:
            raise unknown("group in assigned", name, found)
    if extra := sorted(found - {offer, holdout}):
        raise InputError(
            f"assigned has a group {extra[0]!r} beside {offer!r} and {holdout!r}. Leave out whom you do not "
            "compare, or name the groups with offer= and holdout=."
        )
    rows, different = lazy.select(n=nw.len(), m=nw.col("customer_id").n_unique()).collect().rows()[0]
    if rows != different:
        raise TableError(
            f"assigned has {rows} rows for {different} customers: every customer needs one row and one group."
        )
    return lazy


def sums_of(
    people: nw.LazyFrame[Any],
    orders: Any,
    window: tuple[dt.date | None, dt.date | None],
    margin: float,
    names: Mapping[str, str],
) -> dict[tuple[str, str], Any]:
    """Return (segment, group) to the sums of `SUMS` over its customers, the noise of floats rounded off."""
    known = tables.use(quick(orders), ORDERS, ("customer_id",), **names).select("customer_id").unique()
    if not known.filter(~nw.col("customer_id").is_null()).select(nw.len()).collect().item():
        raise InputError("orders names no customer: give the column with customer_id=, or other orders.")
    kinds = [each.collect_schema()["customer_id"] for each in (people, known)]
    if kinds[0].is_numeric() != kinds[1].is_numeric() or kinds[0].is_float() != kinds[1].is_float():
        raise TableError(
            f"customer_id holds {kinds[0]} in assigned and {kinds[1]} in orders, so no customer is found in "
            "both. Convert one of the columns, such as assigned['customer_id'].astype(str)."
        )
    known = known.with_columns(known=nw.lit(1.0))
    lines = with_worth(in_period(quick(orders), *window, names=names).filter(nw.col("status") == "paid"))
    # Net sales are without tax, so what was given away is counted without the tax that it would have held.
    some = nw.when(nw.col("charged") > 0).then(nw.col("charged")).otherwise(nw.lit(1.0))
    taxed = nw.when(nw.col("charged") > 0).then(nw.col("tax_included") / some).otherwise(nw.lit(0.0))
    lines = lines.with_columns(discounts=nw.col("discounts") * (1 - taxed))
    bought = orders_in(lines).select("customer_id").unique().with_columns(buyers=nw.lit(1.0))
    money = lines.group_by("customer_id").agg(nw.col("net_sales").sum(), nw.col("discounts").sum())
    if money.implementation is not people.implementation:
        # Two engines cannot be joined: what is left of the orders is one row a customer, so bring it here.
        bought, money, known, people = (
            each.collect("pandas").lazy() for each in (bought, money, known, people)
        )
    for each in (money, bought, known):
        people = people.join(each, on="customer_id", how="left")
    filled = people.with_columns(nw.col("net_sales", "discounts", "buyers", "known").fill_null(0.0))
    full = nw.col("net_sales") + nw.col("discounts")
    valued = filled.with_columns(value=nw.col("net_sales") - (1 - margin) * full)
    sums = (
        valued.with_columns(n=nw.lit(1.0), square=nw.col("value") * nw.col("value"))
        .group_by("segment", "group")
        .agg(
            nw.col("n", "buyers", "value", "square", "known").sum(),
            nw.col("discounts").sum().alias("discount"),
        )
        .collect()
    )
    rows = sums.select("segment", "group", *SUMS).rows()
    return {(str(row[0]), str(row[1])): np.array([round(float(each), 6) for each in row[2:]]) for row in rows}


def strangers(people: nw.LazyFrame[Any], orders: Any, names: Mapping[str, str]) -> InputError:
    """Return the error for two tables that have no customer in common."""
    bought = tables.use(quick(orders), ORDERS, ("customer_id",), **names)
    shown = []
    for table in (people, bought):
        ids = table.select(nw.col("customer_id").cast(nw.String)).unique().collect()["customer_id"]
        shown.append(sorted(ids.drop_nulls().to_list()))
    return InputError(
        f"None of the {len(shown[0])} customers of assigned (such as {shown[0][0]!r}) is among the "
        f"{len(shown[1])} customers of orders (such as {shown[1][0]!r}). Expected the same customer_id in "
        "both: write them alike. If they are, and nobody bought, add orders from before the offer."
    )
