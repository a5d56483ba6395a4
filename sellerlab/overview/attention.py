"""What to look at in a month, in order of the money at stake.

The one idea: a list of warnings is useless until it is sorted by money. Each row says what, how much, and
why; what cannot be checked for want of data is said too, instead of a clean bill of health.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import intervals, tables, text
from sellerlab.costs import GivenCosts
from sellerlab.counted import as_day, in_period
from sellerlab.errors import InputError
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.margin.tiers import plain
from sellerlab.months import opened
from sellerlab.overview.ranking import product_names, ranked
from sellerlab.results import Result
from sellerlab.stock import days_of_cover
from sellerlab.tables import PRODUCTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Units a product must have sold before its share of returns is judged.
MINIMUM_UNITS = 10
#: Share of the full price given away from which discounts are named.
LARGE_DISCOUNT = 0.2
#: Days without a sale after which stock is asleep.
ASLEEP_DAYS = 90
#: Days that new stock takes where the lead time is not given.
LEAD_DAYS = 14


@dataclass(frozen=True)
class Item:
    """One thing to look at: what kind, about what, the money at stake, and why."""

    kind: str
    subject: str
    money: float
    why: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Attention(Result):
    """What to look at; `table` has one row a thing, most money first.

    Attributes:
        month: First day of the month.
        items: The rows; `kind` is one of losing, refunds, discounts, running_out, asleep, pending,
            cancelled.
        not_checked: What could not be checked, in words.
    """

    month: dt.date
    items: tuple[Item, ...]
    not_checked: tuple[str, ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a row."""
        return 1.5 + 0.32 * min(max(len(self.items), 1), 12)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        shown = self.items[:12]
        names = [text.say("{name}: {n}", name=text.say(_KINDS[each.kind]), n=each.subject) for each in shown]
        plots.bars(ax, names, [each.money for each in shown], [plots.LOSS] * len(shown))
        plots.money_axis(ax, self.currency, axis="x")


_KINDS = {
    "losing": "loses money",
    "refunds": "comes back often",
    "discounts": "large discounts",
    "running_out": "runs out",
    "asleep": "stock asleep",
    "pending": "not yet paid",
    "cancelled": "cancelled",
}


def attention(
    orders: Any,
    month: str,
    products: Any = None,
    costs: GivenCosts = None,
    **names: str,
) -> Attention:
    """Return what to look at in a month, in order of the money at stake.

    The money of each kind: *losing*: the loss of a product in the month. *refunds*: its refunds above the
    shop's own rate, where its share of units that came back is above the shop's beyond chance (95% Wilson
    bound, 10 units or more). *discounts*: discounts of a product that gave away 20% of its price or more.
    *running_out*: contribution lost per week once a product is sold out, where stock and goods in transit
    last less than its lead time. *asleep*: landed cost of stock without a sale in 90 days. *pending* and
    *cancelled*: what was charged on these lines.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        month: Year and month, as ``"2026-05"``.
        products: Products with `landed_cost`, `on_hand`, `on_order`, `lead_time_days`, `received_at`.
        costs: The other costs; see `margin.Costs`.
        **names: The caller's own column names.

    Returns:
        `Attention`; its table has what, about, money and why. Stock is judged at the last day of the
        orders up to the end of the month.

    Raises:
        InputError: There is no such month, or it has no paid order.

    Source: for the bound, Wilson (1927), "Probable inference".
    """
    start, end, coverage = opened(orders, month, **names)
    pnl = profit_and_loss(orders, products, costs=costs, by="sku", start=start, end=end, **names)
    called = product_names(orders, products, **names)
    rows = [row for row in ranked(pnl, "sku") if row["sku"] is not None]
    found: list[Item] = []
    skipped: list[str] = []
    if pnl.level:
        found += _losing(rows, called)
    else:
        skipped.append(text.say("products that lose money: no landed costs"))
    found += _refunds(rows, called, pnl)
    if not any(row["units"] >= MINIMUM_UNITS for row in rows):
        few = text.number(MINIMUM_UNITS)
        skipped.append(text.say("returns by product: no product sold {n} units", n=few))
    found += _discounts(rows, called, pnl)
    last = min(coverage.last, end)
    given = products is not None and "on_hand" in nw.from_native(products).lazy().collect_schema().names()
    if given:
        try:
            found += _running_out(orders, products, rows, called, last, pnl, names)
            found += _asleep(orders, products, called, last, coverage.first, names)
        except InputError as error:
            skipped.append(text.say("stock: {reason}", reason=str(error).rstrip(".。")))
    else:
        skipped.append(text.say("stock: no stock was given"))
    for kind, money, why in (
        ("pending", pnl.pending, text.say("charged in the month and not yet paid: ask, or write it off")),
        ("cancelled", pnl.cancelled, text.say("ordered in the month and cancelled: look for the reason")),
    ):
        if money > 0:
            found.append(Item(kind, text.say("orders"), money, why))
    found = [each for each in found if round(each.money, 2) > 0]
    found.sort(key=lambda each: (-round(each.money, 2), each.kind, each.subject))
    columns: dict[str, list[Any]] = {
        "what": [text.say(_KINDS[each.kind]) for each in found],
        "about": [each.subject for each in found],
        "money": [each.money for each in found],
        "why": [each.why for each in found],
    }
    return Attention(
        table=tables.from_columns(columns, orders),
        sentence=_sentence(found, skipped, pnl.currency, start),
        definition=text.say(
            "Money at stake: the loss of a losing product; refunds above the shop's own rate; discounts of "
            "{discount} of the price or more; contribution lost per week of a product that runs out; landed "
            "cost of stock without a sale in {days} days; money charged on pending and cancelled lines. The "
            "amounts are not to be added up: one product may stand in several rows.",
            discount=text.percent(LARGE_DISCOUNT, 0),
            days=text.number(ASLEEP_DAYS),
        ),
        currency=pnl.currency,
        formats={"money": "money"},
        month=start,
        items=tuple(found),
        not_checked=tuple(skipped),
    )


def _name(called: dict[Any, str], sku: Any) -> str:
    return called.get(sku) or str(sku)


def _losing(rows: list[dict[str, Any]], called: dict[Any, str]) -> Iterator[Item]:
    for row in rows:
        left = row["contribution"]
        if left is not None and left < 0 and row["units"] > 0:
            why = text.say(
                "{units} units sold at a loss: a higher price, a lower cost, or an end",
                units=text.number(row["units"]),
            )
            yield Item("losing", _name(called, row["sku"]), -left, why)


def _refunds(rows: list[dict[str, Any]], called: dict[Any, str], pnl: ProfitAndLoss) -> Iterator[Item]:
    sales = pnl.gross_sales - pnl.discounts
    if pnl.units <= 0 or sales <= 0:
        return
    usual, money_rate = max(pnl.refunded_units, 0.0) / pnl.units, pnl.refunds / sales
    for row in rows:
        sold, back = row["units"], min(row["refunded_units"], row["units"])
        if sold < MINIMUM_UNITS or back <= 0 or intervals.wilson(back, sold)[0] <= usual:
            continue
        extra = row["refunds"] - money_rate * (row["gross_sales"] - row["discounts"])
        why = text.say(
            "{back} of {sold} units came back, {rate}; in the whole shop {usual}",
            back=text.number(back),
            sold=text.number(sold),
            rate=text.percent(back / sold, 0),
            usual=text.percent(usual, 0),
        )
        yield Item("refunds", _name(called, row["sku"]), extra, why)


def _discounts(rows: list[dict[str, Any]], called: dict[Any, str], pnl: ProfitAndLoss) -> Iterator[Item]:
    for row in rows:
        rate = row["discounts"] / row["gross_sales"] if row["gross_sales"] > 0 else 0.0
        if rate >= LARGE_DISCOUNT:
            why = text.say(
                "{rate} of the full price given away; in the whole shop {usual}",
                rate=text.percent(rate, 0),
                usual=text.percent(pnl.discounts / pnl.gross_sales, 0),
            )
            yield Item("discounts", _name(called, row["sku"]), row["discounts"], why)


def _running_out(
    orders: Any,
    products: Any,
    rows: list[dict[str, Any]],
    called: dict[Any, str],
    last: dt.date,
    pnl: ProfitAndLoss,
    names: dict[str, str],
) -> Iterator[Item]:
    if not pnl.level:
        return
    cover = days_of_cover(orders, products, as_of=last, window_days=28, **names)
    leads = _column(products, "lead_time_days")
    each_leaves = {
        row["sku"]: row["contribution"] / row["units"]
        for row in rows
        if row["contribution"] is not None and row["units"] > 0
    }
    for row in nw.from_native(cover.table).lazy().collect().rows(named=True):
        daily, on_hand = plain(row["daily_units"]) or 0.0, plain(row["on_hand"])
        left = each_leaves.get(row["sku"], 0.0)
        if on_hand is None or daily <= 0 or left <= 0:
            continue
        days = (on_hand + (plain(row["on_order"]) or 0.0)) / daily
        lead = plain(leads.get(row["sku"]))
        lead = LEAD_DAYS if lead is None else lead
        if days < lead:
            why = text.say(
                "stock and goods in transit last {days} days, new stock takes {lead}: each week without it "
                "costs this much",
                days=text.number(days),
                lead=text.number(lead),
            )
            yield Item("running_out", _name(called, row["sku"]), left * daily * 7, why)


def _asleep(
    orders: Any,
    products: Any,
    called: dict[Any, str],
    last: dt.date,
    first: dt.date,
    names: dict[str, str],
) -> Iterator[Item]:
    since = last - dt.timedelta(days=ASLEEP_DAYS - 1)
    if first > since:
        raise InputError(
            text.say("the orders cover less than {days} days, too few to call stock asleep", days=ASLEEP_DAYS)
        )
    sold = in_period(orders, since, last, names)
    sold = sold.filter(nw.col("status") == "paid", nw.col("kind") == "sale").select("sku").unique()
    awake = set(sold.collect()["sku"].to_list())
    costs, came = _column(products, "landed_cost"), _column(products, "received_at")
    for sku, on_hand in _column(products, "on_hand").items():
        cost, received = plain(costs.get(sku)), plain(came.get(sku))
        new = received is not None and as_day(received) > since
        if sku in awake or new or cost is None or not plain(on_hand):
            continue
        why = text.say(
            "{units} units in stock and no sale in {days} days: sell off, bundle or return",
            units=text.number(on_hand),
            days=text.number(ASLEEP_DAYS),
        )
        yield Item("asleep", _name(called, sku), cost * on_hand, why)


def _column(products: Any, name: str) -> dict[Any, Any]:
    data = tables.use(products, PRODUCTS, ["sku"]).collect()
    if name not in data.columns:
        return {}
    return dict(zip(data["sku"].to_list(), data[name].to_list(), strict=True))


def _sentence(found: list[Item], skipped: list[str], currency: str | None, month: dt.date) -> str:
    if found:
        first = found[0]
        said = [
            text.say(
                "Things to look at in {month}: {n}. First {about} ({what}), {money}: {why}.",
                n=text.number(len(found)),
                month=text.month(month),
                about=first.subject,
                what=text.say(_KINDS[first.kind]),
                money=text.money(first.money, currency),
                why=first.why,
            )
        ]
    else:
        said = [text.say("Nothing in {month} asks for attention.", month=text.month(month))]
    if skipped:
        said.append(text.say("Not checked: {reasons}.", reasons="; ".join(skipped)))
    return " ".join(said)
