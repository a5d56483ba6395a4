"""The repeat-purchase summary: what each customer did, in four numbers.

The one idea: models of buying need of each customer only how often they came back (frequency), when last
(recency), how long they have been watched (age) and what a repeat purchase was worth (value). Times count
from the customer's own first purchase. All orders of one day are one purchase, and the first is none: it
is how the customer got into the table.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals as nw

from sellerlab import money, tables, text
from sellerlab.counted import as_day, day_of, in_period, quick, with_worth
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.intervals import wilson
from sellerlab.results import Result
from sellerlab.tables import ORDERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Unit = Literal["day", "week", "month"]

#: Days in a unit of time; a month is a twelfth of 365.25 days.
DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}

#: Columns of the contract that net sales are made of.
_WORTH = (
    "order_id", "sku", "quantity", "unit_price", "discount", "platform_discount", "shipping", "tax_added",
    "tax_included", "adjustment", "refunded", "refunded_quantity", "fee",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class RepeatPurchases(Result):
    """The summary; `table` has one row a customer.

    Attributes:
        customers: Customers with a purchase up to `end`.
        repeaters: Those with another one.
        repeats: Purchases after the first, of all customers.
        share: `repeaters` / `customers`.
        interval: 95% interval of `share` (Wilson).
        by_frequency: Customers by number of repeat purchases.
        end: Last day counted.
        unit: Unit of recency and age.
        holdout_length: Time from `end` to the end of the holdout, in `unit`; None without a holdout.
        holdout_repeats: Purchases in the holdout of customers known by `end`; None without a holdout.
        lines_without_customer: Lines left out because the file names no customer.
    """

    customers: int
    repeaters: int
    repeats: int
    share: float
    interval: tuple[float, float]
    by_frequency: tuple[tuple[int, int], ...]
    end: dt.date
    unit: Unit
    holdout_length: float | None
    holdout_repeats: int | None
    lines_without_customer: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        counts = dict(self.by_frequency)
        names = [str(each) for each in range(7)] + ["7+"]
        bars = [counts.get(each, 0) for each in range(7)]
        bars.append(sum(many for times, many in counts.items() if times >= 7))
        ax.bar(names, bars, color=[plots.MUTED, *[plots.TOTAL] * 7])
        for place, many in enumerate(bars):
            share = text.percent(many / self.customers)
            ax.annotate(share, (place, many), ha="center", va="bottom", fontsize=9)
        ax.set_xlabel(text.say("purchases after the first"))
        ax.set_ylabel(text.say("customers"))
        ax.yaxis.set_major_formatter(lambda value, _: text.number(value))
        ax.set_title(text.say("How often customers came back"))


def repeat_purchases(
    orders: Any,
    *,
    end: str | dt.date | None = None,
    holdout_end: str | dt.date | None = None,
    unit: Unit = "week",
    merge: Unit = "day",
    value: str | None = "net_sales",
    **names: str,
) -> RepeatPurchases:
    """Return what each customer did: frequency, recency, age and value of a repeat purchase.

    frequency = purchases - 1; recency = last - first purchase; age = end - first purchase;
    value = value of the repeat purchases / frequency

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; the heavy part runs on its engine.
        end: Last day counted; by default the last day of the data.
        holdout_end: If given, purchases after `end` up to this day are counted apart, to test a model.
        unit: Unit of recency and age; a month is 365.25 / 12 days.
        merge: Orders within one day, one week from Monday, or one calendar month are one purchase. With
            ``"week"`` or ``"month"`` times run from period to period, in whole ones.
        value: What a purchase is worth: ``"net_sales"`` is made from the contract's columns, after discounts
            and refunds and without tax; or the name of any column, summed; or None for no value.
        **names: The caller's own column names.

    Returns:
        `RepeatPurchases`. Its table, sorted by customer, has customer_id, frequency, recency, age and
        value, which is empty where there was no repeat purchase; with a holdout also holdout_frequency and
        holdout_value. Only paid lines count. A purchase that was refunded was still a purchase; its value
        is what was kept. A refund on a row of its own goes to the purchase of the same order.

    Raises:
        InputError: A day, `unit` or `merge` cannot be right, or no purchase is left.
        TableError: A needed column is absent, or `value` is money of several currencies.

    Source: Fader and Hardie (2005), for the definitions.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bob"], "amount": [20.0, 30.0, 5.0],
    ...     "ordered_at": pd.to_datetime(["2026-05-01", "2026-05-15", "2026-05-08"]),
    ... })
    >>> repeat_purchases(orders, end="2026-05-29", value="amount").table
      customer_id  frequency  recency  age  value
    0         ann          1      2.0  4.0   30.0
    1         bob          0      0.0  3.0    NaN
    """
    for name, given in (("unit", unit), ("merge", merge)):
        if given not in get_args(Unit):
            raise unknown(name, given, get_args(Unit))
    if merge == "month" and unit != "month":
        raise InputError("merge is 'month': calendar months differ in length, so unit must be 'month' too.")
    lines, lost = valued_lines(orders, value, names)
    last = day_of("end", end) or as_day(lines.select(nw.col("ordered_at").max()).collect().item())
    until = day_of("holdout_end", holdout_end)
    if until is not None and until <= last:
        raise InputError(f"holdout_end {until} is not after end {last}. Give end, then a later holdout_end.")
    currency = tables.currency_of(orders) if value and "currency" not in names else None
    after = dt.datetime.combine((until or last) + dt.timedelta(days=1), dt.time())
    lines = lines.filter(nw.col("ordered_at") < nw.lit(after))
    day = day_number(nw.col("ordered_at"))
    lines = lines.with_columns(period=_period(day, merge))
    if until:
        lines = lines.with_columns(later=day > last.toordinal())
    lines = with_refunds(lines)
    length = 1.0 if merge == "month" else DAYS[unit]
    decimals = money.decimals(currency) if currency else 2
    made = _summary(lines, _period_of(last, merge), length, decimals, value is not None, until is not None)
    if isinstance(nw.from_native(orders), nw.DataFrame):
        made = made.collect().lazy()  # once, not once for each question asked of it
    counts = made.group_by("frequency").agg(customers=nw.len()).collect().rows()
    by_frequency = tuple(sorted((int(times), int(many)) for times, many in counts))
    customers = sum(many for _, many in by_frequency)
    if not customers:
        raise InputError(f"No customer has a paid order up to {last}. Check end and customer_id.")
    repeaters = sum(many for times, many in by_frequency if times)
    repeats = sum(times * many for times, many in by_frequency)
    held = int(made.select(nw.col("holdout_frequency").sum()).collect().item()) if until else None
    low, high = wilson(repeaters, customers)
    interval = (float(low), float(high))
    said = text.say(
        "{repeaters} of {customers} customers ({share}, 95% interval {low} to {high}) bought again by {end}, "
        "{repeats} times in all.",
        repeaters=text.number(repeaters),
        customers=text.number(customers),
        share=text.percent(repeaters / customers),
        low=text.percent(interval[0]),
        high=text.percent(interval[1]),
        end=text.day(last),
        repeats=text.number(repeats),
    )
    if until and held is not None:
        said += " " + text.say(
            "In the holdout up to {until} they bought {held} times.",
            until=text.day(until),
            held=text.number(held),
        )
    if lost:
        said += " " + text.say("{n} lines name no customer and are left out.", n=text.number(lost))
    return RepeatPurchases(
        table=tables.like(made.sort("customer_id"), orders),
        sentence=said,
        definition=text.say(
            "Paid orders; those of one {merge} are one purchase. Frequency = purchases after the first; "
            "recency = time from first to last purchase; age = time from first purchase to {end}; in units "
            "of one {unit}. Value = mean value of the purchases after the first ({value}); a refunded "
            "purchase counts with what was kept of it.",
            merge=text.say(merge),
            unit=text.say(unit),
            end=text.day(last),
            value=text.say((value or "none").replace("_", " ")),
        ),
        currency=currency,
        formats={
            "frequency": "count", "recency": "number", "age": "number", "value": "money",
            "holdout_frequency": "count", "holdout_value": "money",
        },
        customers=customers,
        repeaters=repeaters,
        repeats=repeats,
        share=repeaters / customers,
        interval=interval,
        by_frequency=by_frequency,
        end=last,
        unit=unit,
        holdout_length=_periods_between(last, until, merge, length) if until else None,
        holdout_repeats=held,
        lines_without_customer=lost,
    )  # fmt: skip


def valued_lines(orders: Any, value: str | None, names: dict[str, str]) -> tuple[nw.LazyFrame[Any], int]:
    """Return paid lines that name a customer, with their worth as `value`, and how many name none."""
    frame = nw.from_native(orders)
    present = frame.collect_schema().names() if isinstance(frame, nw.LazyFrame) else frame.columns
    made = value == "net_sales" and "net_sales" not in present
    wanted = ["customer_id", "ordered_at", "status", "kind", *(_WORTH if made else ("order_id",))]
    own = [names.get(name, name) for name in wanted]
    if value and not made:
        if value not in present:
            near = str(unknown("column", value, present)).split(". ", 1)[1]
            raise TableError(f"The orders table has no column {value!r} to take the value from. {near}")
        own.append(value)
    needed = [name for name in dict.fromkeys(own) if name in present]
    narrow = quick(frame.select(needed).to_native())
    given = {name: own_name for name, own_name in names.items() if own_name in needed or name in wanted}
    lines = tables.use(narrow, ORDERS, ["customer_id", "ordered_at"], **given)
    if made:
        lines = with_worth(in_period(narrow, names=given))
    columns = lines.collect_schema().names()
    if "status" in columns:
        lines = lines.filter(nw.col("status").fill_null("paid") == "paid")
    if "kind" in columns:
        lines = lines.filter(nw.col("kind").fill_null("sale") != "fee")
    named = ~nw.col("customer_id").is_null()
    if lines.collect_schema()["customer_id"] == nw.String:
        named = named & (nw.col("customer_id") != "")
    lost = int(lines.filter(~named).select(nw.len()).collect().item())
    # The value of a caller's own column may have been renamed with the rest.
    source = "net_sales" if made else next((n for n, o in given.items() if o == value), value)
    keep = ["customer_id", "ordered_at", *(each for each in ("kind", "order_id") if each in columns)]
    worth = nw.col(source).cast(nw.Float64).fill_null(0.0) if source else nw.lit(0.0)
    return lines.filter(named).select(*keep, value=worth), lost


def with_refunds(lines: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the sale lines, and what refunds and postage on rows of their own add to their orders."""
    columns = lines.collect_schema().names()
    shown = [name for name in ("customer_id", "later", "period", "value") if name in columns]
    if "kind" not in columns:
        return lines.select(shown)
    is_sale = nw.col("kind").fill_null("sale") == "sale"
    sales = lines.filter(is_sale)
    if "order_id" not in columns:
        return sales.select(shown)
    other = lines.filter(~is_sale).group_by("order_id").agg(nw.col("value").sum())
    keys = [name for name in shown if name != "value"]
    # The first sale line of the order, in whichever order the rows stand, carries what belongs to it.
    home = sales.select("order_id", *keys).join(other, on="order_id", how="inner")
    home = home.group_by("order_id").agg(*(nw.col(name).min() for name in keys), nw.col("value").max())
    return nw.concat([sales.select(shown), home.select(shown)])


def _summary(
    lines: nw.LazyFrame[Any], end: int, length: float, decimals: int, valued: bool, held: bool
) -> nw.LazyFrame[Any]:
    """Return one row a customer from lines with customer_id, period, value (and `later`)."""
    keys = ["customer_id", "period", *(["later"] if held else [])]
    bought = lines.group_by(keys).agg(nw.col("value").sum())
    known = bought.filter(~nw.col("later")) if held else bought
    each = known.group_by("customer_id").agg(
        first=nw.col("period").min(),
        last=nw.col("period").max(),
        purchases=nw.len().cast(nw.Int64),
        total=nw.col("value").sum(),
    )
    if valued:
        start = known.select("customer_id", first=nw.col("period"), first_value=nw.col("value"))
        each = each.join(start, on=["customer_id", "first"], how="inner")
    else:
        each = each.with_columns(first_value=nw.lit(0.0))
    repeats = nw.col("purchases") - 1
    columns = {
        "frequency": repeats,
        "recency": (nw.col("last") - nw.col("first")).cast(nw.Float64) / length,
        "age": (end - nw.col("first")).cast(nw.Float64) / length,
    }
    if valued:
        columns["value"] = _mean(nw.col("total") - nw.col("first_value"), repeats, decimals)
    made = each.select("customer_id", **columns)
    if not held:
        return made
    later = bought.filter(nw.col("later")).group_by("customer_id")
    future = later.agg(many=nw.len().cast(nw.Int64), worth=nw.col("value").sum())
    made = made.join(future, on="customer_id", how="left")
    made = made.with_columns(holdout_frequency=nw.col("many").fill_null(0).cast(nw.Int64))
    if valued:
        made = made.with_columns(holdout_value=_mean(nw.col("worth"), nw.col("many"), decimals))
    return made.drop("many", "worth")


def _mean(total: nw.Expr, count: nw.Expr, decimals: int) -> nw.Expr:
    """Mean of a sum of money; the sum is rounded, so that every engine gives the same."""
    some = nw.when(count > 0).then(count.cast(nw.Float64)).otherwise(nw.lit(1.0))
    return nw.when(count > 0).then(total.round(decimals) / some)


def day_number(when: nw.Expr) -> nw.Expr:
    """Number of a day, as `datetime.date.toordinal` counts: whole-number arithmetic that runs everywhere."""
    year = when.dt.year().cast(nw.Int64) - 1
    leaps = year // 4 - year // 100 + year // 400
    return 365 * year + leaps + when.dt.ordinal_day().cast(nw.Int64)


def _period(day: nw.Expr, merge: Unit) -> nw.Expr:
    if merge == "day":
        return day
    if merge == "week":
        return (day - 1) // 7 * 7 + 1  # day 1 was a Monday
    when = nw.col("ordered_at").dt
    return when.year().cast(nw.Int64) * 12 + when.month().cast(nw.Int64)


def _period_of(day: dt.date, merge: Unit) -> int:
    if merge == "month":
        return day.year * 12 + day.month
    number = day.toordinal()
    return number if merge == "day" else (number - 1) // 7 * 7 + 1


def _periods_between(first: dt.date, last: dt.date, merge: Unit, length: float) -> float:
    return (_period_of(last, merge) - _period_of(first, merge)) / length
