"""What a platform keeps of a sale: of a price, and of every line of an orders table.

One idea: a fee is computed from a dated `FeeSchedule` (see `fee_schedules`), never from a number in code,
so a report can name the schedule, its day and its source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import tables
from sellerlab.errors import InputError
from sellerlab.fees.rows import (
    FeeRow,
    FeeSchedule,
    Line,
    all_days,
    as_day,
    base_of,
    categories_of,
    components,
    kept,
    plain,
    schedule,
)
from sellerlab.money import round_money, same_currency

#: The channel name that stands for every channel without a schedule of its own.
EVERY_CHANNEL = "*"

_MONEY = ("unit_price", "discount", "platform_discount", "shipping", "tax_added")
_ALWAYS = ("order_id", "quantity", *_MONEY, "status", "kind")
_USED = (*_ALWAYS, "channel", "category", "currency", "fee")


def fee(
    of: FeeSchedule | str,
    price: Any,
    *,
    quantity: Any = 1,
    shipping: Any = 0,
    discount: Any = 0,
    platform_discount: Any = 0,
    tax: Any = 0,
    category: str | None = None,
    on: dt.date | str | None = None,
    rounded: bool = False,
) -> Any:
    """Return what the platform keeps of an order of one line.

    Args:
        of: A `FeeSchedule`, or the name of one.
        price: Price of one unit before discounts, 0 or more: number, array or Series.
        quantity: Units sold.
        shipping: Shipping and gift wrap that the buyer pays, for the line.
        discount: The seller's own discount, for the line.
        platform_discount: Discount that the platform pays, for the line.
        tax: Tax on top of the price, for the line.
        category: What the rate depends on; only with a name.
        on: Day of the sale; only with a name. By default the newest rows.
        rounded: Round each component to the currency by the platform's rule.

    Returns:
        The fee in the schedule's currency, of the same kind as the first array or Series given.

    Raises:
        UnknownNameError: No such schedule or category.
        InputError: A price or quantity is negative, or Series have other row labels.

    Formula: the sum over components of ``rate * base + fixed``, not below `minimum` nor above `cap`; per
    item it is taken from ``base / quantity`` and multiplied by `quantity`, per order from `base`.
    ``base = price * quantity - discount (+ shipping) (+ tax)``, as the row says.

    >>> fee("etsy_us", 30.0, shipping=5.0)
    3.775
    >>> fee("amazon_us", np.array([1.0, 100.0, 300.0]), category="electronics_accessories")
    array([ 0.3, 15. , 31. ])
    """
    chosen = of if isinstance(of, FeeSchedule) else schedule(of, on, category=category)
    given = (price, quantity, shipping, discount, platform_discount, tax)
    each, units, post, own, platform, levy = _arrays(given)
    for name, values in (("price", each), ("quantity", units)):
        if (values < 0).any():
            raise InputError(f"{name}: {values.min():g} is below 0. A fee is for a sale, not for a refund.")
    line = Line(each * units, own, platform, post, levy, units)
    total = np.zeros(each.shape)
    for rows in components(chosen.rows):
        part = kept(rows, base_of(rows[0], line), units if rows[0].per == "item" else np.ones(each.shape))
        if rounded and chosen.currency:
            part = round_money(part, chosen.currency, rows[0].rounding)
        total = total + part
    return _like(total, given)


def effective_rate(of: FeeSchedule | str, price: Any, **sale: Any) -> Any:
    """Return the share of the sale that the platform keeps, fixed parts and all.

    Args:
        of: A `FeeSchedule`, or the name of one.
        price: Price of one unit: number, array or Series.
        **sale: The other arguments of `fee`.

    Returns:
        A fraction, missing where nothing was paid; the same kind as `fee` returns.

    Formula: ``fee / (price * quantity - discount + shipping)``.

    >>> round(effective_rate("etsy_us", 35.0), 3), round(effective_rate("etsy_us", 3.5), 3)
    (0.108, 0.224)
    """
    keeps = fee(of, price, **sale)
    named = ("quantity", "shipping", "discount", "platform_discount", "tax")
    given = (price, *(sale.get(name, int(name == "quantity")) for name in named))
    each, units, post, own, _, _ = _arrays(given)
    sales = each * units - own + post
    share = np.divide(_arrays((keeps,))[0], sales, out=np.full(sales.shape, np.nan), where=sales > 0)
    return _like(share, given)


def fees_on(
    orders: Any,
    schedules: Mapping[str, FeeSchedule | str | Mapping[str, float]] | FeeSchedule | str,
    *,
    on: str | dt.date = "ordered_at",
    categories: Mapping[str, str] | None = None,
    overwrite: bool = False,
    **names: str,
) -> Any:
    """Return the orders with the column `fee`: what the platform keeps of each line.

    Lines of kind sale and shipping bear fees; cancelled lines, refunds and the rest bear 0 (what a
    platform gives back on a refund differs: `FeeRow.kept_on_refund`). A fee per order is shared among the
    order's lines by what each adds to its base, equally where that is 0.

    Args:
        orders: Orders table, in any frame narwhals knows, lazy ones too.
        schedules: Channel to schedule: a name, a `FeeSchedule`, or ``{"rate": 0.1, "fixed": 30}``. The
            channel ``"*"`` stands for every other. One name or `FeeSchedule` serves all lines.
        on: Column of the day by which a named schedule's dated rows are chosen, or one day for all. A
            `FeeSchedule` is taken as it is.
        categories: The shop's category to the schedule's. A category that the schedule itself knows
            needs no entry.
        overwrite: Whether to replace fees that the file states; by default only missing ones are filled.
        **names: The caller's own column names.

    Returns:
        The same kind of frame, every line, not rounded. A lazy frame stays lazy; only its channels,
        categories and first days are looked up.

    Raises:
        InputError: A channel has no schedule, orders are older than its rows, currencies differ, or a
            schedule needs a category.

    >>> import pandas as pd
    >>> lines = pd.DataFrame({"order_id": ["1", "1"], "ordered_at": pd.to_datetime(["2026-05-01"] * 2),
    ...     "quantity": [1, 1], "unit_price": [1500.0, 500.0], "channel": ["shop", "shop"]})
    >>> fees_on(lines, {"shop": {"rate": 0.1, "fixed": 30}})["fee"].tolist()
    [172.5, 57.5]
    """
    native = nw.from_native(orders)
    lazy = _parts(_fast(native, on, names), on, isinstance(schedules, Mapping), names)
    plans = _plans(lazy, schedules, on, categories or {})
    currency = tables.currency_of(lazy.to_native())
    same_currency(currency, *(chosen.currency for _, chosen, _ in plans))

    active = nw.col("__active")
    line = Line(*(nw.col(f"__{name}") for name in Line._fields))
    fees = nw.lit(0.0)
    for condition, chosen, dated in plans:
        total = nw.lit(0.0)
        for rows in components(chosen.rows):
            base = base_of(rows[0], line)
            if rows[0].per == "item":
                part = kept(rows, base, line.units)
            else:
                whole = nw.when(active).then(base).otherwise(0.0).sum().over("order_id")
                lines = nw.when(active).then(1.0).otherwise(0.0).sum().over("order_id")
                share = nw.when(whole == 0).then(1.0 / lines).otherwise(base / whole)
                part = kept(rows, whole, nw.lit(1.0)) * share
            total = total + (nw.when(_within(rows[0], str(on))).then(part).otherwise(0.0) if dated else part)
        fees = nw.when(condition & active).then(total).otherwise(fees)
    lazy = lazy.with_columns(fees.alias("__fee"))
    if "fee" in lazy.collect_schema().names():
        keep = ~nw.col("fee").is_null() & (~active if overwrite else nw.lit(True))
        lazy = lazy.with_columns(fee=nw.when(keep).then(nw.col("fee")).otherwise(nw.col("__fee")))
    else:
        lazy = lazy.with_columns(fee=nw.col("__fee"))
    added = names.get("fee", "fee")
    if isinstance(native, nw.DataFrame):
        # The caller's own frame gets the column, so its types and row labels stay as they are.
        told = lazy.select("fee").collect()["fee"].to_list()
        if native.implementation.is_pandas():
            return native.to_native().assign(**{added: np.array(told, dtype=float)})
        column = nw.new_series(added, told, nw.Float64, backend=native.implementation)
        return native.with_columns(column).to_native()
    mine = native.collect_schema().names()
    return lazy.rename(names).select(*mine, *([] if added in mine else [added])).to_native()


def _fast(native: Any, on: str | dt.date, names: Mapping[str, str]) -> Any:
    """Return the columns that fees need of a table in memory, in a frame that sums them fast and right.

    narwhals sums over groups of a PyArrow table by a join that shuffles large tables.
    """
    if not isinstance(native, nw.DataFrame):
        return native.to_native()
    needed = {names.get(name, name) for name in (*_USED, str(on))}
    used = native.select(*(name for name in native.columns if name in needed))
    if find_spec("polars"):
        return used.to_polars()
    return used.to_pandas() if native.implementation.is_pyarrow() else used.to_native()


def _parts(orders: Any, on: str | dt.date, by_channel: bool, names: dict[str, str]) -> nw.LazyFrame[Any]:
    """Return the orders with the parts that fees are taken from, in columns that begin with __."""
    needs = [*_ALWAYS, *(["channel"] if by_channel else []), *([on] if isinstance(on, str) else [])]
    lazy = tables.use(orders, tables.ORDERS, needs, **names)

    def text(name: str, missing: str) -> nw.Expr:
        return nw.col(name).cast(nw.String).fill_null(missing)

    there = lazy.collect_schema().names()
    goods = text("kind", "sale") == "sale"
    postage = text("kind", "sale") == "shipping"
    own = nw.col("discount").fill_null(0.0)
    gross = nw.col("quantity") * nw.col("unit_price") * 1.0
    return lazy.with_columns(
        (text("channel", "") if by_channel else nw.lit(EVERY_CHANNEL)).alias("__channel"),
        (text("category", "") if "category" in there else nw.lit("")).alias("__category"),
        ((text("status", "paid") != "cancelled") & (goods | postage)).alias("__active"),
        nw.when(goods).then(gross).otherwise(0.0).alias("__gross"),
        nw.when(goods).then(own).otherwise(0.0).alias("__discount"),
        nw.when(goods)
        .then(nw.col("platform_discount").fill_null(0.0))
        .otherwise(0.0)
        .alias("__platform_discount"),
        (nw.col("shipping").fill_null(0.0) + nw.when(postage).then(gross - own).otherwise(0.0)).alias(
            "__shipping"
        ),
        nw.col("tax_added").fill_null(0.0).alias("__tax"),
        nw.when(goods).then(nw.col("quantity") * 1.0).otherwise(0.0).alias("__units"),
    )


def _plans(
    lazy: nw.LazyFrame[Any], given: Any, on: str | dt.date, categories: Mapping[str, str]
) -> list[tuple[nw.Expr, FeeSchedule, bool]]:
    """Return which lines bear which schedule, and whether its rows are chosen by the line's day."""
    keys = ["__channel", "__category"]
    first = nw.col(on).min() if isinstance(on, str) else nw.len()
    seen = lazy.filter(nw.col("__active")).group_by(*keys).agg(first.alias("__first")).collect()
    plans: dict[tuple[str, FeeSchedule, bool], list[str]] = {}
    per_channel: dict[str, int] = {}
    for channel, category, begin in sorted(seen.select(*keys, "__first").rows(), key=lambda row: row[:2]):
        per_channel[channel] = per_channel.get(channel, 0) + 1
        of = given
        if isinstance(given, Mapping):
            of = given.get(channel, given.get(EVERY_CHANNEL))
        if of is None:
            listed = ", ".join(repr(each) for each in sorted(given))
            raise InputError(
                f"There is no fee schedule for the channel {channel!r}. Given: {listed or 'none'}. "
                f"Add it, or {EVERY_CHANNEL!r} for every other channel."
            )
        dated = isinstance(of, str) and isinstance(on, str)
        if isinstance(of, Mapping):
            of = plain(**of, name=f"{channel}: own rate")
        elif isinstance(of, str):
            # A category of the shop that the schedule does not know bears the schedule's general rate.
            wanted = categories.get(category, category if category in categories_of(of) else None)
            of = _every_day(of, begin, wanted) if dated else schedule(of, on, category=wanted)
        plans.setdefault((channel, of, dated), []).append(category)
    found = []
    for (channel, chosen, dated), theirs in plans.items():
        condition = nw.col("__channel") == channel
        if len(theirs) < per_channel[channel]:
            condition = condition & nw.col("__category").is_in(theirs)
        found.append((condition, chosen, dated))
    return found


def _every_day(name: str, begin: dt.date, category: str | None) -> FeeSchedule:
    """Return a schedule with the rows of every day, refused where it begins after the first sale."""
    chosen = schedule(name, as_day(begin), category=category)
    rows = tuple(row for row in all_days(name, category) if row.per in ("item", "order"))
    return replace(chosen, rows=rows, as_of=None)


def _within(row: FeeRow, on: str) -> nw.Expr:
    """Return whether a line's day lies in the days that the row holds."""
    holds = ~nw.col(on).is_null()
    midnight = dt.time()
    if row.valid_from:
        holds = holds & (nw.col(on) >= nw.lit(dt.datetime.combine(row.valid_from, midnight)))
    if row.valid_to:
        after = dt.datetime.combine(row.valid_to + dt.timedelta(days=1), midnight)
        holds = holds & (nw.col(on) < nw.lit(after))
    return holds


def _arrays(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return numbers, arrays and Series as arrays of one shape."""
    native = [nw.from_native(each, series_only=True, pass_through=True) for each in given]
    labels = [
        each.to_native().index
        for each in native
        if isinstance(each, nw.Series) and each.implementation.is_pandas()
    ]
    if any(not each.equals(labels[0]) for each in labels):
        raise InputError("The Series have different row labels. Take them from one table, in one order.")
    try:
        floats = [
            np.asarray(each.to_numpy() if isinstance(each, nw.Series) else each, dtype=float)
            for each in native
        ]
        return tuple(np.broadcast_arrays(*floats))
    except (TypeError, ValueError) as error:
        raise InputError(f"These numbers do not fit together: {error}.") from None


def _like(values: Any, given: tuple[Any, ...]) -> Any:
    """Return an array as the kind of the first Series given, or as a number where none was an array."""
    for each in given:
        series = nw.from_native(each, series_only=True, pass_through=True)
        if isinstance(series, nw.Series):
            if series.implementation.is_pandas():
                return pd.Series(values, index=each.index, name="fee")
            return nw.new_series("fee", values, backend=series.implementation).to_native()
    return float(values) if np.ndim(values) == 0 else values
