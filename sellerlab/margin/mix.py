"""Price, volume and mix: why sales changed from one period to the next.

One idea: a change of sales has causes that can be told apart and that add up to it, to the last unit of
money. More units at the old prices and in the old proportions is volume; other proportions is mix; other
prices for the same products is price. What is new or gone has no old price and stands for itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.counted import NoLinesError, in_period, with_worth
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.money import decimals
from sellerlab.months import period
from sellerlab.results import Result
from sellerlab.sold import made

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Period = str | Sequence[str | dt.date]

#: The effects, in the order in which they are told.
EFFECTS = ("volume", "mix", "price", "new", "gone", "other")


@dataclass(frozen=True, kw_only=True, repr=False)
class PriceVolumeMix(Result):
    """Why sales changed; `table` has one row an item, the largest change first.

    Attributes:
        before: Net sales of the first period.
        after: Net sales of the second.
        change: after - before; the sum of all effects.
        volume: More or fewer units in all, at the old prices and in the old proportions.
        mix: Other proportions, at the old prices.
        price: Other prices.
        new: Sales of items that had none before.
        gone: Sales of items that have none any more (negative).
        other: Money without units: refunds alone, corrections.
        units_before: Units of the first period, returned ones taken off.
        units_after: Units of the second.
    """

    before: float
    after: float
    change: float
    volume: float
    mix: float
    price: float
    new: float
    gone: float
    other: float
    units_before: float
    units_after: float

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        steps = [(text.say("before"), self.before, True)]
        steps += [
            (_named(name), getattr(self, name), False)
            for name in EFFECTS
            if getattr(self, name) or name in EFFECTS[:3]
        ]
        steps.append((text.say("after"), self.after, True))
        level = 0.0
        ends = []
        for place, (_, amount, whole) in enumerate(steps):
            start = 0.0 if whole else level
            level = start + amount
            ends += [start, level] if not whole else [level]
            colour = plots.TOTAL if whole else plots.GAIN if amount >= 0 else plots.LOSS
            ax.bar(place, abs(amount), bottom=min(start, level), color=colour)
            note = text.money(amount, self.currency)
            if self.currency:
                note = note.replace(f"{self.currency} ", "")
            ax.annotate(
                note, (place, max(start, level)), (0, 3), textcoords="offset points", ha="center", fontsize=9
            )
        ax.set_xticks(range(len(steps)), [name for name, _, _ in steps])
        # Where the effects are small beside the sales, the axis need not begin at 0 to be read: say so.
        span = max(ends) - min(ends)
        low = min(ends) - 1.5 * span
        if low > 0 and span < 0.5 * max(ends):
            ax.set_ylim(low, max(ends) + 0.3 * span)
            ax.set_title(text.say("Why sales changed (axis does not begin at 0)"))
        else:
            ax.set_title(text.say("Why sales changed"))
            ax.margins(y=0.15)
        plots.money_axis(ax, self.currency)


def price_volume_mix(
    orders: Any,
    before: Period,
    after: Period,
    *,
    by: str = "sku",
    vat_rate: float | None = None,
    **names: str,
) -> PriceVolumeMix:
    """Return how much of a change of net sales is volume, mix and price, item by item.

    Of items sold in both periods, with units q, net prices p and all their units Q:

    volume = (Q1 - Q0) * q0 / Q0 * p0;  mix = (q1 - Q1 * q0 / Q0) * p0;  price = q1 * (p1 - p0)

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid lines count.
        before: The first period: a month as ``"2026-04"``, or its first and last day.
        after: The second period.
        by: Column of the items: ``"sku"``, ``"category"``, ``"channel"``. Coarser items hide the mix within
            them in their price.
        vat_rate: Tax contained in the prices (fraction), where the file states none.
        **names: The caller's own column names.

    Returns:
        `PriceVolumeMix`; its table has the item, units_before, units_after, price_before, price_after,
        before, after, change and the effects. The effects of a row add up to its change, and those of all
        rows to the change of net sales, in the smallest unit of the currency.

    Raises:
        InputError: A period is none, or the periods overlap or are not in order of time.
        NoLinesError: A period has no paid line.
        TableError: There is no column `by`.

    Source: Horngren et al., *Cost Accounting* (sales-mix and sales-quantity variances).

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2", "3", "4"], "sku": ["A", "B", "A", "B"], "quantity": [10, 10, 10, 20],
    ...     "ordered_at": pd.to_datetime(["2026-04-02", "2026-04-03", "2026-05-02", "2026-05-03"]),
    ...     "unit_price": [100.0, 50.0, 110.0, 50.0], "currency": "JPY",
    ... })
    >>> result = price_volume_mix(orders, "2026-04", "2026-05")
    >>> result.change, result.volume, result.mix, result.price
    (600.0, 750.0, -250.0, 100.0)
    """
    first, second = period("before", before), period("after", after)
    if first[1] >= second[0]:
        raise InputError(
            f"before ends on {first[1]} and after begins on {second[0]}: expected two periods, the earlier "
            "first, without a common day."
        )
    currency = tables.currency_of(orders)
    places = decimals(currency) if currency else 6
    scale = 10.0**places
    old = _sums(orders, first, by, vat_rate, names)
    new = _sums(orders, second, by, vat_rate, names)
    scaled = {}
    for item in {**old, **new}:
        (q0, money0), (q1, money1) = (side.get(item, (0.0, 0.0)) for side in (old, new))
        scaled[item] = (q0, q1, round(money0 * scale), round(money1 * scale))
    rows = _effects(scaled)
    rows.sort(key=lambda row: (-abs(row["change"]), row["item"]))
    totals = {name: sum(row[name] for row in rows) for name in (*EFFECTS, "before", "after", "change")}
    table: dict[str, list[Any]] = {
        by: [row["item"] for row in rows],
        "units_before": [row["units_before"] for row in rows],
        "units_after": [row["units_after"] for row in rows],
    }
    for side in ("before", "after"):
        table[f"price_{side}"] = [
            row[side] / scale / row[f"units_{side}"] if row[f"units_{side}"] > 0 else None for row in rows
        ]
    for name in ("before", "after", "change", *EFFECTS):
        table[name] = [row[name] / scale for row in rows]
    money = {name: amount / scale for name, amount in totals.items()}
    units = {side: sum(row[f"units_{side}"] for row in rows) for side in ("before", "after")}
    return PriceVolumeMix(
        table=made(table, orders),
        sentence=_sentence(money, first, second, units, currency),
        definition=text.say(
            "Net sales by {by}, returns and tax taken off, from {a} to {b} and from {c} to {d}. Volume = "
            "change of all units in the old proportions at the old prices; mix = change of the proportions "
            "at the old prices; price = new units x change of their net price. New and gone items have no "
            "second price.",
            by=text.say(by.replace("_", " ")),
            a=text.day(first[0]),
            b=text.day(first[1]),
            c=text.day(second[0]),
            d=text.day(second[1]),
        ),
        currency=currency,
        formats={"units_before": "count", "units_after": "count"}
        | dict.fromkeys(  # type: ignore[arg-type]
            ("price_before", "price_after", "before", "after", "change", *EFFECTS), "money"
        ),
        units_before=units["before"],
        units_after=units["after"],
        **money,
    )


def _sums(
    orders: Any, period: tuple[dt.date, dt.date], by: str, vat_rate: float | None, names: dict[str, str]
) -> dict[str, tuple[float, float]]:
    """Units and net sales of each item of a period."""
    lines = in_period(orders, *period, names).filter(nw.col("status") == "paid")
    present = lines.collect_schema().names()
    if by not in present:
        raise TableError(str(unknown("column", by, present)))
    lines = with_worth(lines, vat_rate).with_columns(kept=nw.col("units") - nw.col("refunded_units"))
    # Rows of fees are a cost, not sales; they have no product.
    sums = lines.filter(nw.col("kind") != "fee").group_by(by)
    found = sums.agg(nw.col("kept").sum(), nw.col("net_sales").sum()).collect().rows()
    if not found:
        raise NoLinesError(f"There is no paid order line between {period[0]} and {period[1]}.")
    named: dict[str, tuple[float, float]] = {}
    for item, units, money in found:
        name = str(item) if item is not None and item == item else text.say("not stated")
        named[name] = (float(units), float(money))
    return named


def _effects(scaled: dict[str, tuple[float, float, int, int]]) -> list[dict[str, Any]]:
    """Split each change of money, in whole smallest units; the rest of rounding goes to the price."""
    both = {item for item, (q0, q1, _, _) in scaled.items() if q0 > 0 and q1 > 0}
    all0 = sum(scaled[item][0] for item in sorted(both))
    all1 = sum(scaled[item][1] for item in sorted(both))
    rows = []
    for item, (q0, q1, before, after) in scaled.items():
        row: dict[str, Any] = dict.fromkeys(EFFECTS, 0) | {
            "item": item,
            "units_before": q0,
            "units_after": q1,
            "before": before,
            "after": after,
            "change": after - before,
        }
        if item in both:
            row["volume"] = round((all1 - all0) / all0 * before)
            row["mix"] = round(before * q1 / q0) - before - row["volume"]
            row["price"] = after - round(before * q1 / q0)
        elif q0 <= 0 < q1 and not before:
            row["new"] = after
        elif q1 <= 0 < q0 and not after:
            row["gone"] = -before
        elif q0 <= 0 < q1:
            row["new"], row["other"] = after, -before
        elif q1 <= 0 < q0:
            row["gone"], row["other"] = -before, after
        else:
            row["other"] = after - before
        rows.append(row)
    return rows


def _named(effect: str) -> str:
    words = {
        "volume": text.say("volume"),
        "mix": text.say("mix"),
        "price": text.say("price"),
        "new": text.say("new"),
        "gone": text.say("gone"),
        "other": text.say("other"),
    }
    return words[effect]


def _sentence(
    money: dict[str, float],
    first: tuple[dt.date, dt.date],
    second: tuple[dt.date, dt.date],
    units: dict[str, float],
    currency: str | None,
) -> str:
    words = {name: _signed(amount, currency) for name, amount in money.items()}
    words |= {
        "before": text.money(money["before"], currency),
        "after": text.money(money["after"], currency),
        "units": text.number(units["before"]),
        "more": text.number(units["after"]),
    }
    said = text.say(
        "Net sales went from {before} ({units} units) to {after} ({more} units), {change}: volume {volume}, "
        "mix {mix}, price {price}.",
        **words,
    )
    if money["new"] or money["gone"]:
        said += " " + text.say("New items brought {new}, items gone {gone}.", **words)
    if money["other"]:
        said += " " + text.say("Money without units, such as late refunds: {other}.", **words)
    if (first[1] - first[0]).days != (second[1] - second[0]).days:
        said += " " + text.say(
            "The periods have {a} and {b} days, which is part of the volume.",
            a=text.number((first[1] - first[0]).days + 1),
            b=text.number((second[1] - second[0]).days + 1),
        )
    return said


def _signed(amount: float, currency: str | None) -> str:
    return ("+" if amount > 0 else "") + text.money(amount, currency)
