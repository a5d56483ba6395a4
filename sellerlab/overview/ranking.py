"""Channels and products of a month, ranked by what they leave.

The one idea: rank by contribution, not by sales. What sells most is often not what leaves most, and some
of it costs money with every parcel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from sellerlab import tables, text
from sellerlab.costs import GivenCosts
from sellerlab.errors import unknown
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.margin.tiers import plain
from sellerlab.months import opened
from sellerlab.results import Result
from sellerlab.tables import ORDERS, PRODUCTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

View = Literal["all", "best", "worst", "losing"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Channels(Result):
    """What each channel of a month brought and left; `table` has one row a channel.

    Attributes:
        month: First day of the month.
        best: The channel that left most money, or brought most where nothing is known of costs.
        pnl: The profit and loss behind it, by channel.
    """

    month: dt.date
    best: str | None
    pnl: ProfitAndLoss

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a channel."""
        return 1.2 + 0.4 * len(_rows(self.table))

    def _draw(self, ax: Axes) -> None:
        _draw_bars(ax, self, "channel")


def channels(
    orders: Any, month: str, products: Any = None, costs: GivenCosts = None, **names: str
) -> Channels:
    """Return net sales, orders, refunds and contribution of each channel in a month.

    Args:
        orders: Order lines (`tables.ORDERS`); without a column `channel` there is one row.
        month: Year and month, as ``"2026-05"``.
        products: Products with `landed_cost`, for the contribution.
        costs: The other costs; see `margin.Costs`.
        **names: The caller's own column names.

    Returns:
        `Channels`; its table has channel, net_sales, share_of_sales, orders, average_order, refund_rate,
        contribution and margin, largest contribution first.

    Raises:
        InputError: There is no such month, or it has no paid order.
    """
    start, end, _ = opened(orders, month, **names)
    lines = tables.use(orders, ORDERS, **names)
    if "channel" not in lines.collect_schema().names():
        lines = lines.with_columns(channel=nw.lit(text.say("all channels")))
    pnl = profit_and_loss(lines.to_native(), products, costs=costs, by="channel", start=start, end=end)
    rows = ranked(pnl, "channel")
    columns: dict[str, list[Any]] = {
        "channel": [plain(row["channel"]) or text.say("no channel") for row in rows],
        "net_sales": [row["net_sales"] for row in rows],
        "share_of_sales": [row["net_sales"] / pnl.net_sales if pnl.net_sales > 0 else None for row in rows],
        "orders": [float(row["orders"]) for row in rows],
        "average_order": [row["net_sales"] / row["orders"] if row["orders"] else None for row in rows],
        "refund_rate": [refund_rate(row) for row in rows],
        "contribution": [row["contribution"] for row in rows],
        "margin": [row["margin"] for row in rows],
    }
    return Channels(
        table=tables.from_columns(columns, orders),
        sentence=_channels_sentence(pnl, columns, start),
        definition=" ".join([_level_words(pnl), text.say(_REFUND_RATE), pnl.definition]),
        currency=pnl.currency,
        formats={
            "net_sales": "money",
            "share_of_sales": "rate",
            "orders": "count",
            "average_order": "money",
            "refund_rate": "rate",
            "contribution": "money",
            "margin": "rate",
        },
        month=start,
        best=columns["channel"][0] if rows else None,
        pnl=pnl,
    )


_REFUND_RATE = "Refund rate = refunds / sales after discounts, shipping included."


def _level_words(pnl: ProfitAndLoss) -> str:
    if not pnl.level:
        return text.say("No contribution is claimed, as no landed cost is known.")
    return text.say("Contribution here is contribution {level}.", level=pnl.level)


def ranked(pnl: ProfitAndLoss, key: str) -> list[dict[str, Any]]:
    """Return the rows with `contribution` and `margin` of the level known, largest first."""
    rows = nw.from_native(pnl.table).lazy().collect().rows(named=True)
    out = []
    for row in rows:
        each = {name: plain(value) for name, value in row.items()}
        each["contribution"] = each[f"contribution_{pnl.level}"] if pnl.level else None
        each["margin"] = each[f"margin_{pnl.level}"] if pnl.level else None
        out.append(each)
    return sorted(
        out,
        key=lambda row: (
            row["contribution"] is None,
            -(row["contribution"] or 0.0),
            -row["net_sales"],
            str(row[key]),
        ),
    )


def _channels_sentence(pnl: ProfitAndLoss, columns: Mapping[str, list[Any]], month: dt.date) -> str:
    names, left = columns["channel"], columns["contribution"]
    words = {
        "month": text.month(month),
        "n": text.number(len(names)),
        "best": names[0],
        "last": names[-1],
        "net": text.money(columns["net_sales"][0], pnl.currency),
        "share": text.percent(columns["share_of_sales"][0] or 0.0, 0),
    }
    known = [each for each in left if each is not None]
    if len(names) == 1:
        return text.say("All orders of {month} came through one channel: {best}.", **words)
    if not known:
        return text.say(
            "Of {n} channels in {month}, {best} brought most: {net}, {share} of net sales. What each leaves "
            "is not known without landed costs.",
            **words,
        )
    words["left"] = text.money(known[0], pnl.currency)
    words["least"] = text.money(known[-1], pnl.currency)
    words["last"] = names[len(known) - 1]
    if known[-1] < 0:
        return text.say(
            "Of {n} channels in {month}, {best} left most: {left} of {net} of net sales. {last} cost money: "
            "{least}.",
            **words,
        )
    return text.say(
        "Of {n} channels in {month}, {best} left most: {left} of {net} of net sales. {last} left least: "
        "{least}.",
        **words,
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class Products(Result):
    """What each product of a month brought and left; `table` has the rows of the view asked for.

    Attributes:
        month: First day of the month.
        best: Products that left most money, best first.
        worst: Products that left least, worst first.
        losing: Products that lost money, worst first.
        lost: What the losing products lost together, as a positive amount.
        pnl: The profit and loss behind it, by sku.
    """

    month: dt.date
    best: tuple[str, ...]
    worst: tuple[str, ...]
    losing: tuple[str, ...]
    lost: float
    pnl: ProfitAndLoss

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a product."""
        return 1.5 + 0.32 * min(len(_rows(self.table)), 20)

    def _draw(self, ax: Axes) -> None:
        _draw_bars(ax, self, "product")


def _rows(table: Any) -> list[dict[str, Any]]:
    return list(nw.from_native(table).lazy().collect().rows(named=True))


def _draw_bars(ax: Axes, result: Channels | Products, name: str) -> None:
    """Draw a bar a row; of many rows the first and the last ten, as both ends matter."""
    from sellerlab import plots

    rows = _rows(result.table)
    rows = rows if len(rows) <= 20 else rows[:10] + rows[-10:]
    level = result.pnl.level
    value = "contribution" if level else "net_sales"
    amounts = [float("nan") if plain(row[value]) is None else float(row[value]) for row in rows]
    colours = [plots.LOSS if each < 0 else plots.GAIN for each in amounts]
    plots.bars(ax, [str(row[name]) for row in rows], amounts, colours)
    plots.money_axis(ax, result.currency, axis="x")
    ax.set_title(text.say("Contribution {level}" if level else "Net sales", level=level))


def products_table(
    orders: Any,
    month: str,
    products: Any = None,
    costs: GivenCosts = None,
    *,
    view: View = "all",
    n: int = 5,
    **names: str,
) -> Products:
    """Return what each product of a month brought and left: all, the best, the worst, or the losing ones.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        month: Year and month, as ``"2026-05"``.
        products: Products with `landed_cost` and names.
        costs: The other costs; see `margin.Costs`.
        view: Rows of the table: ``"all"``, ``"best"``, ``"worst"`` or ``"losing"``.
        n: Rows at most in the views best and worst.
        **names: The caller's own column names.

    Returns:
        `Products`; its table has sku, product, units, net_sales, refund_rate, contribution, margin and
        contribution_per_unit. Without landed costs products are ranked by net sales.

    Raises:
        InputError: There is no such month or view, or the month has no paid order.
    """
    if view not in ("all", "best", "worst", "losing"):
        raise unknown("view", view, ("all", "best", "worst", "losing"))
    start, end, _ = opened(orders, month, **names)
    pnl = profit_and_loss(orders, products, costs=costs, by="sku", start=start, end=end, **names)
    called = product_names(orders, products, **names)
    # Rows without a product (postage, fees) earn and cost, and are no product to judge.
    rows = [
        row
        for row in ranked(pnl, "sku")
        if row["sku"] is not None and (row["units"] or row["refunded_units"])
    ]
    valued = [row for row in rows if row["contribution"] is not None] or rows
    losing = [row for row in reversed(rows) if (row["contribution"] or 0.0) < 0]
    best, worst = valued[:n], list(reversed(valued))[:n]
    shown = {"all": rows, "best": best, "worst": worst, "losing": losing}[view]
    columns: dict[str, list[Any]] = {
        "sku": [str(row["sku"]) for row in shown],
        "product": [called.get(row["sku"]) or str(row["sku"]) for row in shown],
        "units": [row["units"] for row in shown],
        "net_sales": [row["net_sales"] for row in shown],
        "refund_rate": [refund_rate(row) for row in shown],
        "contribution": [row["contribution"] for row in shown],
        "margin": [row["margin"] for row in shown],
        "contribution_per_unit": [_per_unit(row) for row in shown],
    }
    lost = -sum(row["contribution"] for row in losing)
    return Products(
        table=tables.from_columns(columns, orders),
        sentence=_products_sentence(pnl, rows, losing, lost, called, start),
        definition=" ".join([_level_words(pnl), text.say(_REFUND_RATE), pnl.definition]),
        currency=pnl.currency,
        formats={
            "units": "count",
            "net_sales": "money",
            "refund_rate": "rate",
            "contribution": "money",
            "margin": "rate",
            "contribution_per_unit": "money",
        },
        month=start,
        best=tuple(str(row["sku"]) for row in best),
        worst=tuple(str(row["sku"]) for row in worst),
        losing=tuple(str(row["sku"]) for row in losing),
        lost=lost,
        pnl=pnl,
    )


def _per_unit(row: Mapping[str, Any]) -> float | None:
    known = row["contribution"] is not None and row["units"] > 0
    return row["contribution"] / row["units"] if known else None


def refund_rate(row: Mapping[str, Any]) -> float | None:
    """Return refunds as a share of sales after discounts, for a row of a profit and loss."""
    sales = row["gross_sales"] - row["discounts"] + row["shipping"]
    return float(row["refunds"] / sales) if sales > 0 else None


def product_names(orders: Any, products: Any = None, **names: str) -> dict[Any, str]:
    """Return the name of each sku: that of the products, else the last in the alphabet of the orders."""
    called: dict[Any, str] = {}
    sources = [(orders, ORDERS, names)] + ([(products, PRODUCTS, {})] if products is not None else [])
    for frame, table, own in sources:
        lines = tables.use(frame, table, **own)
        if "product" not in lines.collect_schema().names():
            continue
        named = lines.filter(~nw.col("product").is_null(), nw.col("product") != "")
        rows = named.group_by("sku").agg(nw.col("product").max()).collect().rows()
        called |= {sku: str(name) for sku, name in rows}
    return called


def _products_sentence(
    pnl: ProfitAndLoss,
    rows: list[dict[str, Any]],
    losing: list[dict[str, Any]],
    lost: float,
    called: Mapping[Any, str],
    month: dt.date,
) -> str:
    if not rows:
        return text.say("No product was sold in {month}.", month=text.month(month))
    first = rows[0]
    words = {
        "month": text.month(month),
        "n": text.number(len(rows)),
        "best": called.get(first["sku"]) or str(first["sku"]),
        "net": text.money(first["net_sales"], pnl.currency),
        "losing": text.number(len(losing)),
        "lost": text.money(lost, pnl.currency),
    }
    if not pnl.level:
        return text.say(
            "Of {n} products sold in {month}, {best} brought most: {net} of net sales. Which of them lose "
            "money is not known without landed costs.",
            **words,
        )
    words["left"] = text.money(first["contribution"], pnl.currency)
    said = [text.say("Of {n} products sold in {month}, {best} left most: {left}.", **words)]
    if losing:
        worst = losing[0]
        words["worst"] = called.get(worst["sku"]) or str(worst["sku"])
        words["most"] = text.money(-worst["contribution"], pnl.currency)
        said.append(
            text.say("{losing} lost money, {lost} together; the largest loss is {worst}: {most}.", **words)
        )
    else:
        said.append(text.say("None of those whose cost is known lost money."))
    return " ".join(said)
