"""Which order lines count, and what each is worth to the seller: the step under every sum of sales.

A line counts when it is paid and lies in the period. Its worth is spelled out once, here, in expressions
that run on the caller's engine (pandas, Polars, Arrow, DuckDB, PySpark):

    net sales = gross sales - discounts + shipping - refunds - tax + adjustments

Tax charged on top of the price is not the seller's and enters nothing. Tax contained in the price leaves
net sales, and comes back with the share of the line that was refunded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from sellerlab import tables
from sellerlab.costs import EVERY_CHANNEL, Costs
from sellerlab.errors import InputError, TableError
from sellerlab.tables import ORDER_KINDS, ORDERS

#: The parts of net sales and the sign with which each enters.
SIGNS = {"gross_sales": 1, "discounts": -1, "shipping": 1, "refunds": -1, "tax": -1, "adjustments": 1}

_MONEY = ("discount", "shipping", "tax_added", "tax_included", "adjustment", "refunded")
_NEEDS = (*ORDERS.required, "status", "kind", *_MONEY, "refunded_quantity")


class NoLinesError(InputError):
    """No paid order line lies in the period."""


def as_day(value: Any) -> dt.date:
    """Return the day of a time or a date.

    >>> as_day(dt.datetime(2026, 5, 1, 9))
    datetime.date(2026, 5, 1)
    """
    return value.date() if isinstance(value, dt.datetime) else value


def day_of(name: str, value: str | dt.date | None) -> dt.date | None:
    """Return a day given as a date, a time or text such as ``"2026-05-31"``.

    Args:
        name: The parameter's name, for the message.
        value: The day, or None.

    Raises:
        InputError: The text is no such day.

    >>> day_of("start", "2026-05-01")
    datetime.date(2026, 5, 1)
    """
    if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    if isinstance(value, dt.datetime):
        return value.date()
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {value!r}: expected a day such as '2026-05-31'.") from None


def quick(frame: Any) -> Any:
    """Return a pandas frame as Polars where that is installed, as its sums are several times faster.

    Anything else, and a pandas frame that Polars cannot take, comes back as it is. The answer is the same.
    """
    if not isinstance(frame, pd.DataFrame):
        return frame
    try:
        import polars as pl
        import pyarrow as pa
    except ImportError:
        return frame
    try:
        return pl.from_pandas(frame, rechunk=False)
    except (TypeError, ValueError, pa.ArrowException, pl.exceptions.PolarsError):
        return frame


def narrow(orders: Any, also: Iterable[str], names: Mapping[str, str]) -> Any:
    """Return a pandas frame's columns that net sales are made of, and a few more, by `quick`.

    Any other frame comes back as it is: its engine leaves out by itself what nobody asks for.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        also: Columns that are needed besides.
        names: Contract name to the caller's own column name.

    Raises:
        TableError: A needed column is absent.
    """
    if not isinstance(orders, pd.DataFrame):
        return orders
    tables.use(orders.head(0), ORDERS, _NEEDS, **names)  # here the message can still name all columns
    wanted = {names.get(name, name) for name in (*_NEEDS, "platform_discount", "fee", *also)}
    return quick(orders[[name for name in orders.columns if name in wanted]])


def in_period(
    orders: Any,
    first: dt.date | None = None,
    last: dt.date | None = None,
    names: Mapping[str, str] | None = None,
) -> nw.LazyFrame[Any]:
    """Return the order lines of a period, of any status, under the contract's names and without gaps.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        first: First day, or None for the first of the data.
        last: Last day, included, or None for the last of the data.
        names: Contract name to the caller's own column name.

    Raises:
        InputError: `first` is after `last`.
        TableError: A needed column is absent, or `ordered_at` holds no times.
    """
    if first and last and first > last:
        raise InputError(f"start {first} is after end {last}. Give the earlier day as start.")
    lazy = tables.use(quick(orders), ORDERS, _NEEDS, **(names or {}))
    when = lazy.collect_schema()["ordered_at"]
    if when not in (nw.Datetime, nw.Date):
        raise TableError(
            f"ordered_at holds {when}; expected times on the shop's clock. Convert the column first, for "
            "example with pandas.to_datetime."
        )
    # Text with a fixed set of values would refuse the values that fill its gaps.
    fixed = [name for name, dtype in lazy.collect_schema().items() if dtype in (nw.Categorical, nw.Enum)]
    lazy = lazy.with_columns(nw.col(name).cast(nw.String) for name in fixed)
    if first:
        lazy = lazy.filter(nw.col("ordered_at") >= nw.lit(dt.datetime.combine(first, dt.time())))
    if last:
        after = dt.datetime.combine(last + dt.timedelta(days=1), dt.time())
        lazy = lazy.filter(nw.col("ordered_at") < nw.lit(after))
    kept = [name for name in ("platform_discount", "fee") if name in lazy.collect_schema().names()]
    lazy = lazy.with_columns(
        nw.col("status").fill_null("paid"),
        nw.col("kind").fill_null("sale"),
        *(nw.col(name).cast(nw.Float64).fill_null(0.0) for name in ("quantity", "unit_price", *_MONEY)),
        nw.col("refunded_quantity").cast(nw.Float64).fill_null(0.0),
        *(nw.col(name).cast(nw.Float64) for name in kept),
    )
    return lazy.with_columns(value=nw.col("quantity") * nw.col("unit_price")).with_columns(charged=_charged())


def _charged() -> nw.Expr:
    """What buyer and platform pay for the line: `amount` + `platform_discount`, from its parts."""
    parts = nw.col("value") - nw.col("discount") + nw.col("shipping")
    return parts + nw.col("tax_added") + nw.col("adjustment")


def with_worth(lines: nw.LazyFrame[Any], vat_rate: float | None = None) -> nw.LazyFrame[Any]:
    """Return lines with the parts of net sales, `net_sales`, `units` and `refunded_units` as columns.

    Args:
        lines: What `in_period` gave.
        vat_rate: Tax contained in what was charged (fraction) where the file states none.

    Returns:
        The lines, with a column for each name of `SIGNS`.
    """
    kind, charged = nw.col("kind"), nw.col("charged")
    sale, fee = kind == "sale", kind == "fee"
    tax = nw.col("tax_included") if vat_rate is None else charged * (vat_rate / (1 + vat_rate))
    some = nw.when(charged > 0).then(charged).otherwise(nw.lit(1.0))
    # A refund takes back its share of both taxes, and never more than all of them.
    lines = lines.with_columns(
        kept=1 - nw.when(charged > 0).then((nw.col("refunded") / some).clip(0.0, 1.0)).otherwise(nw.lit(0.0)),
        own=charged - nw.col("tax_added"),
        added=nw.when(charged > 0).then(nw.col("tax_added") / some).otherwise(nw.lit(0.0)),
    )
    given_back = nw.col("refunded") * (1 - nw.col("added"))
    own = nw.col("own")
    lines = lines.with_columns(
        gross_sales=_if(sale, nw.col("value")),
        discounts=_if(sale, nw.col("discount")),
        shipping=_if(sale, nw.col("shipping")) + _if(kind == "shipping", own),
        refunds=_if(~fee, given_back) - _if(kind == "refund", own),
        tax=_if(~fee, tax * nw.col("kept")),
        adjustments=_if(sale, nw.col("adjustment")) + _if(kind == "adjustment", own),
        units=_if(sale, nw.col("quantity")),
        refunded_units=_if(sale, nw.col("refunded_quantity")) - _if(kind == "refund", nw.col("quantity")),
    )
    net = nw.col("gross_sales")
    for name, sign in list(SIGNS.items())[1:]:
        net = net + nw.col(name) if sign > 0 else net - nw.col(name)
    return lines.with_columns(net_sales=net)


def _if(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(value).otherwise(nw.lit(0.0))


def with_costs(lines: nw.LazyFrame[Any], costs: Costs) -> nw.LazyFrame[Any]:
    """Return lines with `parcels` (their share of the order's parcel), `fees` and `fee_unknown`.

    Costs of an order are spread over its sale lines by what these cost the buyer after discounts and
    before refunds: a line that came back keeps its share of the parcel. Where no cost is by order the
    shares are left at 0.

    Args:
        lines: Paid lines, what `with_worth` gave.
        costs: Where the fee rates are.
    """
    kind, charged = nw.col("kind"), nw.col("charged")
    sale = kind == "sale"
    rate, fixed, known = _rates(lines, costs)
    by_order = costs.fulfilment_per_order or costs.packaging_per_order
    if by_order or any(given.fixed for given in costs.fee_rates.values()):
        lines = _with_parcels(lines)
    else:  # finding the lines of each order is most of the work
        lines = lines.with_columns(parcels=nw.lit(0.0))
    fee = _if((kind == "sale") | (kind == "shipping"), charged * rate) + nw.col("parcels") * fixed
    charge = -charged
    if "fee" in lines.collect_schema().names():
        given = ~nw.col("fee").is_null()
        fee = nw.when(given).then(nw.col("fee")).otherwise(fee)
        charge = nw.when(given).then(nw.col("fee")).otherwise(charge)
        known = known | given
    fee = nw.when(kind == "fee").then(charge).otherwise(fee)
    return lines.with_columns(fees=fee, fee_unknown=_if(sale & ~known, nw.lit(1.0)))


def _with_parcels(lines: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    sale = nw.col("kind") == "sale"
    lines = lines.with_columns(
        weight=_if(sale, (nw.col("value") - nw.col("discount")).clip(0.0, None)),
        sold=_if(sale, nw.lit(1.0)),
    )
    lines = lines.with_columns(
        order_weight=nw.col("weight").sum().over("order_id"), order_sold=nw.col("sold").sum().over("order_id")
    )
    whole = nw.when(nw.col("order_weight") > 0).then(nw.col("order_weight")).otherwise(nw.lit(1.0))
    count = nw.when(nw.col("order_sold") > 0).then(nw.col("order_sold")).otherwise(nw.lit(1.0))
    share = (
        nw.when(nw.col("order_weight") > 0).then(nw.col("weight") / whole).otherwise(nw.col("sold") / count)
    )
    return lines.with_columns(parcels=share)


def _rates(lines: nw.LazyFrame[Any], costs: Costs) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Return rate, fixed part and whether they are known, as expressions of the line's channel."""
    rest = costs.fee_rates.get(EVERY_CHANNEL)
    rate, fixed = nw.lit(rest.rate if rest else 0.0), nw.lit(rest.fixed if rest else 0.0)
    known = nw.lit(rest is not None)
    if "channel" not in lines.collect_schema().names():
        return rate, fixed, known
    # "TikTok Shop" in an export is the tiktok_shop of the seller's costs; the names are few, the lines many.
    found = lines.select("channel").drop_nulls().unique().collect()["channel"].to_list()
    for name, given in costs.fee_rates.items():
        spelled = [each for each in found if _plain(each) == _plain(name)]
        if name != EVERY_CHANNEL and spelled:
            here = nw.col("channel").is_in(spelled)
            rate = nw.when(here).then(nw.lit(given.rate)).otherwise(rate)
            fixed = nw.when(here).then(nw.lit(given.fixed)).otherwise(fixed)
            known = nw.when(here).then(nw.lit(True)).otherwise(known)
    return rate, fixed, known


def _plain(channel: str) -> str:
    return channel.lower().replace(" ", "_")


def orders_in(lines: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the lines that make an order."""
    return lines.filter(nw.col("kind").is_in(ORDER_KINDS))
