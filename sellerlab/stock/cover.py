"""Days of cover: how long what lies on the shelf lasts.

One idea: units on hand against the units that leave on an average day. It is a question about units, so
money and prices play no part in it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.results import Result
from sellerlab.sold import daily, name_of, number, stock_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Days of cover under which a product is called short where its lead time is not known.
SHORT_DAYS = 14


@dataclass(frozen=True, kw_only=True, repr=False)
class DaysOfCover(Result):
    """How long stock lasts; `table` has one row a product, the shortest first.

    Attributes:
        as_of: Last day of the sales counted.
        days: Days of sales counted.
        short: Products whose cover is shorter than their lead time (14 days where none is given).
        empty: Products that sold and have nothing on hand.
        no_sales: Products with stock and without a sale in the window.
        unknown: Products whose stock is not given.
    """

    as_of: dt.date
    days: int
    short: tuple[str, ...]
    empty: tuple[str, ...]
    no_sales: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a product."""
        return 1.5 + 0.32 * min(len(self._shown()), 15)

    def _shown(self) -> list[dict[str, Any]]:
        rows = nw.from_native(self.table).lazy().head(15).collect().rows(named=True)
        return [row for row in rows if row["days_of_cover"] is not None and row["days_of_cover"] >= 0]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = self._shown()
        names = [str(row["product"]) for row in rows]
        risky = {*self.short, *self.empty}
        colours = [plots.LOSS if row["sku"] in risky else plots.TOTAL for row in rows]
        plots.bars(ax, names, [float(row["days_of_cover"]) for row in rows], colours)
        ax.set_xlabel(text.say("days of cover"))
        ax.set_xlim(left=0)


def days_of_cover(
    orders: Any,
    products: Any,
    *,
    as_of: str | dt.date | None = None,
    window_days: int = 28,
    sold_out: Any = None,
    **names: str,
) -> DaysOfCover:
    """Return how many days the stock of each product lasts at the pace of the last weeks.

    days of cover = on hand / (units sold in the window / days of the window with stock)

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid sales count.
        products: Products with `on_hand`, and `on_order` and `lead_time_days` where known.
        as_of: Last day of the window; the last day of the orders by default.
        window_days: Days of the window, 7 or more; whole weeks keep weekdays in balance.
        sold_out: Days on which a product could not be bought, where they are known: a table with `sku` and
            `day`. They count neither as days nor with their sales.
        **names: The caller's own column names of the orders.

    Returns:
        `DaysOfCover`; its table has sku, product, on_hand, on_order (in transit, not in the cover), sold,
        daily_units, days_of_cover and note. A product without sales has no days of cover and says so.
        Where the orders begin inside the window, only the days since then count.

    Raises:
        TableError: `products` has no `on_hand`, or two rows of one sku.
        InputError: There are fewer than 7 days of orders up to `as_of`.

    Source: Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*.

    >>> import pandas as pd
    >>> days = pd.date_range("2026-05-01", "2026-05-28")
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(day) for day in days], "ordered_at": days, "sku": "A", "quantity": 2,
    ...     "unit_price": 900.0,
    ... })
    >>> days_of_cover(orders, pd.DataFrame({"sku": ["A"], "on_hand": [30]})).table["days_of_cover"].tolist()
    [15.0]
    """
    stock = stock_of(products, "on_hand")
    sold = daily(orders, as_of=as_of, window_days=window_days, sold_out=sold_out, names=names)
    last, days = sold.last, sold.days
    rows = []
    for each in stock.rows(named=True):
        units = sold.of(each["sku"])
        kept = int((~np.isnan(units)).sum())
        rows.append(_row(each, max(float(np.nansum(units)), 0.0), kept))
    rows.sort(
        key=lambda row: (
            (row["days_of_cover"] is None, row["days_of_cover"], row["sku"])
            if row["days_of_cover"] is not None
            else (True, -(row["on_hand"] or 0.0), row["sku"])
        )
    )
    groups: dict[str, list[str]] = {"short": [], "empty": [], "no_sales": [], "unknown": []}
    for row in rows:
        group = row.pop("group")
        if group:
            groups[group].append(row["sku"])
    types: dict[str, Any] = {
        "sku": nw.String,
        "product": nw.String,
        "on_hand": nw.Float64,
        "on_order": nw.Float64,
        "sold": nw.Float64,
        "daily_units": nw.Float64,
        "days_of_cover": nw.Float64,
        "note": nw.String,
    }
    data = {name: [row[name] for row in rows] for name in types}
    table = nw.from_dict(data, schema=types, backend=stock.implementation)
    return DaysOfCover(
        table=tables.like(table, products),
        sentence=_sentence(rows, groups, days),
        definition=text.say(
            "Days of cover = units on hand / average daily units, from {days} days of paid sales up to "
            "{as_of}, returns not taken off. Units in transit stand apart. Days without stock pull the "
            "average down: a product that was sold out lasts less long than it seems.",
            days=text.number(days),
            as_of=text.day(last),
        )
        if sold_out is None
        else text.say(
            "Days of cover = units on hand / average daily units, from {days} days of paid sales up to "
            "{as_of}, returns not taken off, days on which a product was sold out left out. Units in transit "
            "stand apart.",
            days=text.number(days),
            as_of=text.day(last),
        ),
        formats={
            "on_hand": "count",
            "on_order": "count",
            "sold": "count",
            "daily_units": "number",
            "days_of_cover": "count",
        },
        as_of=last,
        days=days,
        short=tuple(groups["short"]),
        empty=tuple(groups["empty"]),
        no_sales=tuple(groups["no_sales"]),
        unknown=tuple(groups["unknown"]),
    )


def _row(product: dict[str, Any], sold: float, days: int) -> dict[str, Any]:
    on_hand, on_order = number(product["on_hand"]), number(product.get("on_order"))
    lead = number(product.get("lead_time_days"))
    pace = sold / days if days else 0.0
    cover = on_hand / pace if on_hand is not None and pace > 0 else None
    group, note = "", ""
    if on_hand is None:
        group, note = "unknown", text.say("stock not given")
    elif not days:
        note = text.say("sold out on every day of the window")
    elif pace == 0 and on_hand > 0:
        group, note = "no_sales", text.say("no sales in {days} days", days=text.number(days))
    elif pace > 0 and on_hand == 0:
        group, note = "empty", text.say("sold out")
    elif cover is not None and cover < (SHORT_DAYS if lead is None else lead):
        group = "short"
        note = text.say("less than {days} days", days=text.number(SHORT_DAYS))
        if lead is not None:
            note = text.say("less than its lead time of {days} days", days=text.number(lead))
    return {
        "sku": product["sku"],
        "product": name_of(product),
        "on_hand": on_hand,
        "on_order": on_order,
        "sold": sold,
        "daily_units": pace,
        "days_of_cover": cover,
        "note": note,
        "group": group,
    }


def _sentence(rows: list[dict[str, Any]], groups: dict[str, list[str]], days: int) -> str:
    by_sku = {row["sku"]: row for row in rows}
    said = []
    if groups["short"]:
        first = by_sku[groups["short"][0]]
        said.append(
            text.say(
                "Running out before stock ordered now can come: {n} of {all} products, first {product} "
                "with stock for {days} days.",
                n=text.number(len(groups["short"])),
                all=text.number(len(rows)),
                product=first["product"],
                days=text.number(first["days_of_cover"]),
            )
        )
    else:
        said.append(
            text.say(
                "None of {all} products runs out before stock ordered now can come.",
                all=text.number(len(rows)),
            )
        )
    if groups["empty"]:
        said.append(text.say("Sold out although they sell: {n}.", n=text.number(len(groups["empty"]))))
    if groups["no_sales"]:
        units = sum(by_sku[sku]["on_hand"] for sku in groups["no_sales"])
        said.append(
            text.say(
                "Without a sale in {days} days: {n}, with {units} units in stock.",
                n=text.number(len(groups["no_sales"])),
                days=text.number(days),
                units=text.number(units),
            )
        )
    if groups["unknown"]:
        said.append(text.say("Stock not given: {n}.", n=text.number(len(groups["unknown"]))))
    return " ".join(said)
