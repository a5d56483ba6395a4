"""The reorder list: what to order, how many, by when, for how much money, and the money asleep.

One idea: every product has a day on which its stock, on hand and on order, falls to its reorder point. What
reaches it before the shop looks again is ordered now, all other money stays where it is.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate
from sellerlab.results import Result
from sellerlab.sold import MINIMUM_DAYS, Sold, daily, made, name_of, number, stock_of
from sellerlab.stock.ageing import ageing
from sellerlab.stock.reorder import order_units, reorder_point, slow_reorder_point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Units in a lead time below which demand is counted one by one instead of by a bell shape.
SLOW = 10


@dataclass(frozen=True, kw_only=True, repr=False)
class ReorderList(Result):
    """What to order; `table` has one row a product, what to order first on top.

    Attributes:
        as_of: Day of the stock.
        days: Days of sales looked at, at most.
        now: Products to order now, the most urgent first.
        units: Units to order.
        cost: Their landed cost, as far as it is known.
        late: Products whose stock is already at the reorder point or under it.
        asleep_value: Landed cost of stock asleep; None where the orders are too short to tell.
        asleep: Products asleep.
        not_planned: Products for which nothing could be said; the note gives the reason.
    """

    as_of: dt.date
    days: int
    now: tuple[str, ...]
    units: float
    cost: float
    late: tuple[str, ...]
    asleep_value: float | None
    asleep: tuple[str, ...]
    not_planned: tuple[str, ...]

    def _shown(self) -> list[dict[str, Any]]:
        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        return [row for row in rows if number(row["reorder_point"]) is not None][:15]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a product."""
        return 1.6 + 0.32 * max(len(self._shown()), 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = self._shown()
        if not rows:
            ax.text(0.5, 0.5, text.say("No list: see the sentence"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        names = [row["product"] for row in rows]
        position = [row["on_hand"] + (number(row["on_order"]) or 0.0) for row in rows]
        due = [row["sku"] in self.now for row in rows]
        colours = [plots.LOSS if each else plots.TOTAL for each in due]
        plots.bars(ax, names, [float(each) for each in position], colours)
        for label, each in zip(ax.get_yticklabels(), due, strict=True):
            label.set_fontweight("bold" if each else "normal")
        places = np.arange(len(rows))
        points = [row["reorder_point"] for row in rows]
        ax.vlines(points, places - 0.4, places + 0.4, color="black", linewidth=2)
        ax.set_xlabel(text.say("units, with those on order; line: reorder point"))
        ax.set_xlim(0, 1.1 * max([*points, *sorted(position)[: max(len(position) - 1, 1)], 1.0]))
        ax.set_title(text.say("Bold: order now"))


def reorder_list(
    orders: Any,
    products: Any,
    *,
    as_of: str | dt.date | None = None,
    window_days: int = 56,
    cover_days: float = 30,
    review_days: float = 7,
    service: float = 0.95,
    lead_time_days: float | None = None,
    lead_time_sd: float = 0.0,
    asleep_days: int = 90,
    sold_out: Any = None,
    **names: str,
) -> ReorderList:
    """Return what to order now, how many, by when and for how much, from the orders and the stock.

    reorder point = d * L + z * sqrt(L * sd**2 + d**2 * sL**2), counted one by one for slow sellers; a product
    is ordered where its stock falls to that point before the next review, up to the reorder point and the
    demand of `review_days` and `cover_days`, in whole packs.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid sales count.
        products: Products with `on_hand`; `on_order`, `lead_time_days` and `landed_cost` where known. Columns
            `pack_units` and `minimum_units` are kept to where they are there.
        as_of: Day of the stock; the last day of the orders by default.
        window_days: Days of sales behind the pace, 7 or more.
        cover_days: Days that an order should last beyond its lead time.
        review_days: Days until the shop looks at its stock again.
        service: Probability of no stock-out between an order and its arrival.
        lead_time_days: Lead time of products that have none of their own; None gives them no plan.
        lead_time_sd: Standard deviation of the lead time, days.
        asleep_days: Days without a sale after which stock is asleep.
        sold_out: Days on which a product could not be bought: a table with `sku` and `day`. They do not
            count, so that a product that was sold out is not taken for a slow one.
        **names: The caller's own column names of the orders.

    Returns:
        `ReorderList`; its table has sku, product, order_units, order_by, cost, on_hand, on_order, daily_units
        with its 95% interval, days (counted), lead_time_days, reorder_point, asleep_value and note.

    Raises:
        TableError: `products` has no `on_hand`, or two rows of one sku.
        InputError: There are fewer than 7 days of orders up to `as_of`, or a parameter cannot be right.

    Source: Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*, 6 and 7.

    >>> import pandas as pd
    >>> days = pd.date_range("2026-05-01", "2026-05-28")
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(day) for day in days], "ordered_at": days, "sku": "A", "quantity": 2,
    ...     "unit_price": 900.0,
    ... })
    >>> products = pd.DataFrame({"sku": ["A"], "on_hand": [30], "lead_time_days": [14], "landed_cost": [400]})
    >>> result = reorder_list(orders, products)
    >>> result.units, result.cost
    (72.0, 28800.0)
    """
    for name, days in (("cover_days", cover_days), ("review_days", review_days)):
        if not 0 <= days < math.inf:
            raise InputError(f"{name} is {days:g}: expected days of 0 or more.")
    check_rate("service", service, low=0.5, below_high=True)
    if not 0 <= lead_time_sd < math.inf or (lead_time_days is not None and not 0 < lead_time_days < math.inf):
        raise InputError("lead_time_days and lead_time_sd: expected days above 0, and 0 or more.")
    stock = stock_of(products, "on_hand")
    sold = daily(orders, as_of=as_of, window_days=window_days, sold_out=sold_out, names=names)
    aged = ageing(orders, products, as_of=sold.last, asleep_days=asleep_days, **names)
    aged_rows = nw.from_native(aged.table).lazy().collect().rows(named=True)
    value = {row["sku"]: row["value"] for row in aged_rows}
    rows = []
    for each in stock.rows(named=True):
        lead = number(each.get("lead_time_days"))
        row = _plan(each, sold, lead_time_days if lead is None else lead, lead_time_sd, service)
        _order(row, each, sold.last, cover_days, review_days)
        row["asleep_value"] = value.get(each["sku"]) if each["sku"] in aged.asleep else None
        rows.append(row)
    rows.sort(key=_urgency)
    now = [row for row in rows if row["order_units"]]
    late = tuple(row["sku"] for row in now if row["position"] <= row["reorder_point"])
    currency = tables.currency_of(orders)
    cost = sum(row["cost"] or 0.0 for row in now)
    not_planned = tuple(row["sku"] for row in rows if row["reorder_point"] is None)
    return ReorderList(
        table=made({name: [row[name] for row in rows] for name in _COLUMNS}, products),
        sentence=_sentence(rows, now, late, cost, currency)
        + " "
        + _asleep_words(aged.asleep_value, len(aged.asleep), asleep_days, currency),
        definition=text.say(
            "Pace = average units a day, from up to {days} days of paid sales to {as_of}, from the first "
            "sale on, returns not taken off. Reorder point = pace x lead time + safety stock for {service} "
            "of cases without a stock-out. Ordered is what falls to that point within {review} days, up to "
            "the reorder point and {cover} days beyond. Stock on its way counts as stock.",
            days=text.number(sold.days),
            as_of=text.day(sold.last),
            service=text.percent(service, 0),
            review=text.number(review_days),
            cover=text.number(cover_days),
        ),
        currency=currency,
        formats={
            "order_units": "count",
            "cost": "money",
            "on_hand": "count",
            "on_order": "count",
            "daily_units": "number",
            "daily_low": "number",
            "daily_high": "number",
            "days": "count",
            "lead_time_days": "count",
            "reorder_point": "count",
            "asleep_value": "money",
        },
        as_of=sold.last,
        days=sold.days,
        now=tuple(row["sku"] for row in now),
        units=sum(row["order_units"] for row in now),
        cost=cost,
        late=late,
        asleep_value=aged.asleep_value,
        asleep=aged.asleep,
        not_planned=not_planned,
    )


_COLUMNS = (
    "sku",
    "product",
    "order_units",
    "order_by",
    "cost",
    "on_hand",
    "on_order",
    "daily_units",
    "daily_low",
    "daily_high",
    "days",
    "lead_time_days",
    "reorder_point",
    "asleep_value",
    "note",
)


def _plan(
    product: dict[str, Any], sold: Sold, lead: float | None, lead_sd: float, service: float
) -> dict[str, Any]:
    """Pace and reorder point of a product, or the reason why there is none."""
    on_hand, on_order = number(product["on_hand"]), number(product.get("on_order"))
    units = np.maximum(sold.since_first_sale(product["sku"]), 0.0)
    row: dict[str, Any] = dict.fromkeys(_COLUMNS) | {
        "sku": product["sku"],
        "product": name_of(product),
        "on_hand": on_hand,
        "on_order": on_order,
        "position": (on_hand or 0.0) + (on_order or 0.0),
        "days": float(units.size),
        "lead_time_days": lead,
        "note": "",
    }
    if on_hand is None:
        return row | {"note": text.say("stock not given")}
    if lead is None:
        return row | {"note": text.say("lead time not given")}
    if units.size < MINIMUM_DAYS:
        return row | {"note": text.say("fewer than {days} days of sales", days=text.number(MINIMUM_DAYS))}
    pace, sd = float(units.mean()), float(units.std(ddof=1))
    variance = lead * sd**2 + pace**2 * lead_sd**2
    if pace * lead < SLOW:
        point = slow_reorder_point(pace * lead, variance, service=service)
    else:
        point = float(reorder_point(pace, lead, daily_sd=sd, lead_time_sd=lead_sd, service=service))
    low, high = _interval(pace, sd, units.size)
    if not pace:
        row["note"] = text.say("no sales in {days} days", days=text.number(units.size))
    return row | {"daily_units": pace, "daily_low": low, "daily_high": high, "reorder_point": point}


def _interval(pace: float, sd: float, days: int) -> tuple[float, float]:
    from scipy.special import stdtrit

    wide = float(stdtrit(days - 1, 0.975)) * sd / math.sqrt(days)
    # Of no sale in n days the pace is still uncertain: the rule of three.
    return max(pace - wide, 0.0), pace + wide if sd else (3 / days if pace == 0 else pace)


def _order(
    row: dict[str, Any], product: dict[str, Any], as_of: dt.date, cover_days: float, review_days: float
) -> None:
    """Add how many to order, by when and for how much."""
    pace, point = row["daily_units"], row["reorder_point"]
    if not pace or point is None:
        return
    left = max(math.floor((row["position"] - point) / pace), 0)
    row["order_by"] = as_of + dt.timedelta(days=min(left, 36500))
    units = order_units(
        point + pace * review_days,
        row["position"],
        pace,
        cover_days,
        pack=int(number(product.get("pack_units")) or 1),
        minimum=number(product.get("minimum_units")) or 0.0,
    )
    row["order_units"] = units
    cost = number(product.get("landed_cost"))
    row["cost"] = None if cost is None or not units else cost * units
    if units and row["position"] <= point:
        row["note"] = text.say("late: at its reorder point or under it")


def _urgency(row: dict[str, Any]) -> tuple[Any, ...]:
    by = row["order_by"] or dt.date.max
    # Of those already late the one whose stock lasts the shortest, against its lead time.
    short = (row["position"] - row["reorder_point"]) / row["daily_units"] if row["daily_units"] else 0.0
    return (not row["order_units"], by, round(short, 9), row["sku"])


def _sentence(
    rows: list[dict[str, Any]],
    now: list[dict[str, Any]],
    late: tuple[str, ...],
    cost: float,
    currency: str | None,
) -> str:
    words = {"n": text.number(len(now)), "all": text.number(len(rows)), "late": text.number(len(late))}
    if not now:
        said = text.say("Nothing of {all} products has to be ordered now.", **words)
    else:
        words |= {
            "units": text.number(sum(row["order_units"] for row in now)),
            "cost": text.money(cost, currency),
            "first": now[0]["product"],
            "by": text.day(now[0]["order_by"]),
        }
        said = text.say(
            "Order {n} of {all} products now: {units} units for {cost}, first {first} by {by}. For {late} of "
            "them it is late: their stock may not last until the new one comes.",
            **words,
        )
        unpriced = [row for row in now if row["cost"] is None]
        if unpriced:
            said += " " + text.say(
                "Without a landed cost, and not in the sum: {n}.", n=text.number(len(unpriced))
            )
    missing = [row for row in rows if row["reorder_point"] is None]
    if missing:
        said += " " + text.say(
            "No plan for {n}, first {first}: {why}.",
            n=text.number(len(missing)),
            first=missing[0]["product"],
            why=missing[0]["note"],
        )
    return said


def _asleep_words(value: float | None, count: int, days: int, currency: str | None) -> str:
    words = {"days": text.number(days), "n": text.number(count)}
    if value is None:
        return text.say("What is asleep cannot be told: the orders cover fewer than {days} days.", **words)
    if not count:
        return text.say("No stock is asleep.")
    return text.say(
        "Asleep, without a sale in {days} days: {value} in {n} products.",
        value=text.money(value, currency),
        **words,
    )
