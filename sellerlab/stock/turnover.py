"""What the stock earns: sell-through, how often it turns, and gross profit for each unit of money in it.

One idea: a margin says what a sale leaves, and nothing of how long the money waited for it. Both together,
gross profit over the average stock at cost, say what a product is worth to the shop's money.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import text
from sellerlab.counted import as_day, day_of
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.margin.profit import profit_and_loss
from sellerlab.results import Result
from sellerlab.sold import made, name_of, number, stock_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Days of a year, for rates a year.
YEAR = 365


def sell_through(sold: Any, received: Any) -> Any:
    """Return the share of the units that came in which were sold.

    sell-through = sold / received

    Args:
        sold: Units sold, returns taken off: number, array or Series, 0 or more.
        received: Units that could be sold: in stock at the beginning and received since, above 0.

    Returns:
        A fraction; the kind given.

    Raises:
        InputError: More was sold than there was, or nothing was there.

    Source: Farris et al., *Marketing Metrics*.

    >>> sell_through(150, 200)
    0.75
    """
    _check(sold=sold)
    _check_above(received=received)
    if not np.all(np.nan_to_num(np.asarray(sold, float) - np.asarray(received, float)) <= 0):
        raise InputError(
            "sold is above received: more cannot be sold than there was. Check the period of both."
        )
    return sold / received


def gmroi(gross_profit: Any, stock_cost: Any) -> Any:
    """Return the gross profit for each unit of money in stock (GMROI).

    GMROI = gross profit / average stock at cost

    Args:
        gross_profit: Net sales less the landed cost of what was sold; number, array or Series.
        stock_cost: Average stock of the same time, at landed cost (not at its price), above 0.

    Returns:
        A ratio; the kind given. It is not a percentage: 2.0 is two of profit for one of stock.

    Raises:
        InputError: The stock is not above 0.

    Source: Farris et al., *Marketing Metrics*.

    >>> gmroi(50_000, 25_000)
    2.0
    """
    _check_above(stock_cost=stock_cost)
    return gross_profit / stock_cost


def stock_turn(cost_of_goods: Any, stock_cost: Any) -> Any:
    """Return how often the stock was sold and replaced.

    turns = landed cost of the goods sold / average stock at cost

    Args:
        cost_of_goods: Landed cost of what was sold, 0 or more; never its sales: that overstates the turns.
        stock_cost: Average stock of the same time, at landed cost, above 0.

    Returns:
        Turns in the time of `cost_of_goods`; the kind given.

    Raises:
        InputError: An amount is negative, or the stock is not above 0.

    Source: Heizer and Render, *Operations Management*.

    >>> stock_turn(120_000, 30_000)
    4.0
    """
    _check(cost_of_goods=cost_of_goods)
    _check_above(stock_cost=stock_cost)
    return cost_of_goods / stock_cost


def _check(**amounts: Any) -> None:
    for name, amount in amounts.items():
        if not np.all(np.nan_to_num(np.asarray(amount, dtype=float)) >= 0):
            raise InputError(f"{name} is {np.nanmin(amount):g}: expected 0 or more.")


def _check_above(**amounts: Any) -> None:
    for name, amount in amounts.items():
        if not np.all(np.nan_to_num(np.asarray(amount, dtype=float), nan=1.0) > 0):
            raise InputError(f"{name} is {np.nanmin(amount):g}: expected a number above 0.")


@dataclass(frozen=True, kw_only=True, repr=False)
class Turnover(Result):
    """What each product's stock earned; `table` has one row a product, most gross profit first.

    Attributes:
        start: First day counted.
        end: Last day counted.
        days: Days counted.
        turns_a_year: Turns of the whole stock, at the pace of the period; None without stock counts.
        gmroi_a_year: Gross profit a year for each unit of money in stock; None without stock counts.
        stock_cost: Average stock at landed cost of the products counted; None without stock counts.
        sold_out: Products of known average stock that stood at 0 at a count or at the end, highest GMROI
            first; theirs says little.
    """

    start: dt.date
    end: dt.date
    days: int
    turns_a_year: float | None
    gmroi_a_year: float | None
    stock_cost: float | None
    sold_out: tuple[str, ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        known = self.gmroi_a_year is not None
        value = "gmroi_a_year" if known else "sell_through"
        shown = [row for row in rows if number(row[value]) is not None][:15]
        whole = self.gmroi_a_year or 0.0
        colours = [plots.LOSS if known and row[value] < whole else plots.TOTAL for row in shown]
        plots.bars(ax, [row["product"] for row in shown], [float(row[value]) for row in shown], colours)
        if known:
            ax.axvline(whole, color=plots.MUTED, linestyle="--")
            ax.set_title(text.say("What the money in each product's stock earns"))
            ax.set_xlabel(text.say("gross profit a year for 1 in stock; line: all"))
        else:
            plots.percent_axis(ax, axis="x")
            ax.set_title(text.say("How much of each product's stock was sold"))
            ax.set_xlabel(text.say("sell-through"))

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a product."""
        count = int(nw.from_native(self.table).lazy().select(nw.len()).collect().item())
        return 1.5 + 0.3 * min(max(count, 2), 15)


def turnover(
    orders: Any,
    products: Any,
    counts: Any = None,
    *,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    **names: str,
) -> Turnover:
    """Return sell-through, turns and gross profit on stock of each product.

    sell-through = units kept by buyers / (those + units on hand at the end); turns a year = cost of goods /
    average stock at cost x 365 / days; GMROI a year = gross profit / average stock at cost x 365 / days.

    A product that is often sold out has little stock to divide by, and the sales it missed are not counted:
    its turns and its GMROI come out high. The sentence says which ones stood at 0.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid sales count.
        products: Products with `landed_cost` and `on_hand`.
        counts: Stock counts: a table with `sku`, `day` and `on_hand`, two or more days a product. Without
            them the average stock is not known, and neither turns nor GMROI are given.
        start: First day; the first of the orders by default.
        end: Last day, on which `on_hand` was counted; the last of the orders by default.
        **names: The caller's own column names of the orders.

    Returns:
        `Turnover`; its table has sku, product, units, on_hand, sell_through, gross_profit, cost_of_goods,
        stock_cost, counts, turns_a_year and gmroi_a_year.

    Raises:
        TableError: A column is absent, or two rows are of one sku or of one sku and day.
        InputError: No paid line lies in the period.

    Source: Farris et al., *Marketing Metrics*.

    >>> import pandas as pd
    >>> days = pd.date_range("2025-01-01", "2025-12-31")
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(day) for day in days], "ordered_at": days, "sku": "A", "quantity": 1,
    ...     "unit_price": 1000.0,
    ... })
    >>> products = pd.DataFrame({"sku": ["A"], "landed_cost": [600.0], "on_hand": [55]})
    >>> counts = pd.DataFrame({
    ...     "sku": "A", "day": pd.to_datetime(["2025-01-01", "2025-12-31"]), "on_hand": [91, 55],
    ... })
    >>> result = turnover(orders, products, counts)
    >>> result.turns_a_year, round(result.gmroi_a_year, 2)
    (5.0, 3.33)
    """
    stock = stock_of(products, "landed_cost", "on_hand")
    pnl = profit_and_loss(orders, stock.to_native(), costs=None, by="sku", start=start, end=end, **names)
    days = (pnl.end - pnl.start).days + 1
    found = nw.from_native(pnl.table).lazy().collect().rows(named=True)
    sales = {row["sku"]: row for row in found}
    average, counted = _averages(counts, pnl.start, pnl.end)
    rows = [
        _row(each, sales.get(each["sku"]), average.get(each["sku"]), counted.get(each["sku"], []), days)
        for each in stock.rows(named=True)
    ]
    rows.sort(key=lambda row: (-(row["gross_profit"] or 0.0), row["sku"]))
    whole = [row for row in rows if row["stock_cost"] and row["gross_profit"] is not None]
    cost = sum(row["stock_cost"] for row in whole) if whole else None
    turns = sum(row["cost_of_goods"] for row in whole) / cost * YEAR / days if cost else None
    profit = sum(row["gross_profit"] for row in whole) / cost * YEAR / days if cost else None
    empty = [
        row
        for row in rows
        if row["sku"] in average and (row["on_hand"] == 0 or min(counted[row["sku"]]) <= 0)
    ]
    # Without any stock at all GMROI is beyond every number.
    empty.sort(key=lambda row: -np.inf if row["stock_cost"] == 0 else -(row["gmroi_a_year"] or 0.0))
    kept = sum(row["units"] for row in rows)
    left = sum(row["on_hand"] or 0.0 for row in rows)
    words = {
        "days": text.number(days),
        "units": text.number(kept),
        "share": text.percent(kept / (kept + left), 0) if kept + left > 0 else "–",
        "n": text.number(len(whole)),
        "all": text.number(len(rows)),
    }
    if cost and turns is not None and profit is not None:
        sentence = text.say(
            "In {days} days {units} units were sold, {share} of those there were. The stock of {n} of {all} "
            "products, {cost} on average, turns {turns} times a year and brings {profit} of gross profit a "
            "year for each 1 in it.",
            cost=text.money(cost, pnl.currency),
            turns=text.number(turns, 1),
            profit=text.number(profit, 2),
            **words,
        )
    else:
        sentence = text.say(
            "In {days} days {units} units were sold, {share} of those there were. Turns and profit on stock "
            "are not given: they need stock counts of two days or more.",
            **words,
        )
    if empty:
        sentence += " " + text.say(
            "Sold out at a count or at the end: {empty} products, first {first}. An empty shelf makes turns "
            "and profit on stock look high: there is little stock to divide by, and the sales that it missed "
            "are not counted.",
            empty=text.number(len(empty)),
            first=empty[0]["product"],
        )
    return Turnover(
        table=made({name: [row[name] for row in rows] for name in rows[0]} if rows else {}, products),
        sentence=sentence,
        definition=text.say(
            "From {start} to {end}, returns taken off. Gross profit = net sales - landed cost of what buyers "
            "kept. Average stock = units between the counts, weighted by days, x landed cost. A year = "
            "{year} days at the pace of the period. Sell-through = units kept / (units kept + units on hand "
            "at the end).",
            start=text.day(pnl.start),
            end=text.day(pnl.end),
            year=text.number(YEAR),
        ),
        currency=pnl.currency,
        formats={
            "units": "count",
            "on_hand": "count",
            "sell_through": "rate",
            "gross_profit": "money",
            "cost_of_goods": "money",
            "stock_cost": "money",
            "counts": "count",
            "turns_a_year": "number",
            "gmroi_a_year": "number",
        },
        start=pnl.start,
        end=pnl.end,
        days=days,
        turns_a_year=turns,
        gmroi_a_year=profit,
        stock_cost=cost,
        sold_out=tuple(row["sku"] for row in empty),
    )


def _averages(counts: Any, start: dt.date, end: dt.date) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Average units on hand of each product, weighted by days, and what was counted."""
    if counts is None:
        return {}, {}
    frame = nw.from_native(counts).lazy()
    present = frame.collect_schema().names()
    for name in ("sku", "day", "on_hand"):
        if name not in present:
            raise TableError("The stock counts: " + str(unknown("column", name, present)))
    seen: dict[str, dict[dt.date, float]] = {}
    for sku, day, on_hand in frame.select("sku", "day", "on_hand").collect().rows():
        at = as_day(day_of("day", day))
        units = number(on_hand)
        if at is None or units is None or not start <= at <= end:
            continue
        own = seen.setdefault(str(sku), {})
        if at in own:
            raise TableError(f"The stock counts have more than one row for {sku!r} on {at}. Keep one.")
        own[at] = units
    average = {}
    for sku, own in seen.items():
        days = sorted(own)
        if len(days) > 1:
            spans = [(later - earlier).days for earlier, later in pairwise(days)]
            middles = [(own[a] + own[b]) / 2 for a, b in pairwise(days)]
            average[sku] = float(np.average(middles, weights=spans))
    return average, {sku: list(own.values()) for sku, own in seen.items()}


def _row(
    product: dict[str, Any],
    sale: dict[str, Any] | None,
    average: float | None,
    counted: list[float],
    days: int,
) -> dict[str, Any]:
    cost, on_hand = number(product["landed_cost"]), number(product["on_hand"])
    units = sale["units"] - sale["refunded_units"] if sale else 0.0
    profit = number(sale["contribution_1"]) if sale else (0.0 if cost is not None else None)
    goods = number(sale["landed_cost"]) if sale and profit is not None else (0.0 if profit == 0 else None)
    there = None if on_hand is None else max(units, 0.0) + on_hand
    stock = None if cost is None or average is None else cost * average
    return {
        "sku": product["sku"],
        "product": name_of(product),
        "units": float(units),
        "on_hand": on_hand,
        "sell_through": max(units, 0.0) / there if there else None,
        "gross_profit": profit,
        "cost_of_goods": goods,
        "stock_cost": stock,
        "counts": float(len(counted)),
        "turns_a_year": goods / stock * YEAR / days if stock and goods is not None else None,
        "gmroi_a_year": profit / stock * YEAR / days if stock and profit is not None else None,
    }
