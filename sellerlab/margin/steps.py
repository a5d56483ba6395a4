"""The waterfall: from gross sales to what is left, one step at a time.

The one idea: a seller believes a number when every step down to it can be seen, so the steps add up to the
last unit and none is folded into another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.costs import Costs
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.results import Result

if TYPE_CHECKING:
    import datetime as dt

    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Waterfall(Result):
    """The way from sales to what is left; `table` has one row a step, losses negative.

    Attributes:
        pnl: The profit and loss behind it.
        subtotals: Steps that are sums of those before, not changes.
    """

    pnl: ProfitAndLoss
    subtotals: tuple[str, ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a step."""
        return 1.2 + 0.42 * int(nw.from_native(self.table).lazy().select(nw.len()).collect().item())

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        steps, amounts = data["step"].to_list(), [float(each) for each in data["amount"].to_list()]
        level, left, width, colours = 0.0, [], [], []
        for step, amount in zip(steps, amounts, strict=True):
            start = 0.0 if step in self.subtotals else level
            level = start + amount
            left.append(min(start, level))
            width.append(abs(amount))
            whole = plots.TOTAL if amount >= 0 else plots.LOSS
            colours.append(whole if step in self.subtotals else plots.GAIN if amount >= 0 else plots.LOSS)
        places = range(len(steps))
        ax.barh(places, width, left=left, color=colours)
        ax.set_yticks(list(places), steps)
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        for place, (start, size, amount) in enumerate(zip(left, width, amounts, strict=True)):
            label = text.money(amount, self.currency)
            ax.annotate(
                label,
                (start + size, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=10,
            )
        ax.axvline(0, color=plots.MUTED, linewidth=1)
        ax.margins(x=0.18)
        ax.set_xlim(left=min(0.0, min(left) * 1.05))
        plots.money_axis(ax, self.currency, axis="x")


def waterfall(
    orders: Any,
    products: Any = None,
    *,
    costs: Costs | Mapping[str, Any] | None = None,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    **names: str,
) -> Waterfall:
    """Return the steps from gross sales to the last contribution that is known.

    Every step is the amount it adds or takes; every subtotal is the sum of the steps before it. Sales of
    products whose landed cost is unknown are taken off as a step of their own.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        products: Products with `landed_cost`.
        costs: The other costs; see `Costs`.
        start: First day counted; the first of the data by default.
        end: Last day counted; the last of the data by default.
        **names: The caller's own column names.

    Returns:
        `Waterfall`; its table has step, amount and share_of_net_sales.

    Raises:
        TableError, InputError: As `profit_and_loss`.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1"], "ordered_at": [pd.Timestamp("2026-05-02")], "sku": ["A"],
    ...     "quantity": [2], "unit_price": [1000.0], "discount": [200.0],
    ... })
    >>> result = waterfall(orders, pd.DataFrame({"sku": ["A"], "landed_cost": [400.0]}))
    >>> result.table["amount"].tolist()
    [2000.0, -200.0, 1800.0, -800.0, 1000.0]
    """
    pnl = profit_and_loss(orders, products, costs=costs, start=start, end=end, **names)
    row = nw.from_native(pnl.table).lazy().collect().rows(named=True)[0]
    known = pnl.known_costs
    steps: list[tuple[str, float, bool]] = [
        (text.say("Gross sales"), row["gross_sales"], True),
        (text.say("Discounts"), -row["discounts"], False),
        (text.say("Shipping charged"), row["shipping"], False),
        (text.say("Refunds"), -row["refunds"], False),
        (text.say("Tax contained"), -row["tax"], False),
        (text.say("Adjustments"), row["adjustments"], False),
        (text.say("Net sales"), row["net_sales"], True),
    ]
    if pnl.level >= 1:
        steps += [
            (text.say("Sales of unknown cost"), pnl.known_net_sales - row["net_sales"], False),
            (text.say("Cost of the goods"), -known["landed_cost"], False),
            (text.say("Contribution 1"), row["contribution_1"], True),
        ]
    if pnl.level >= 2:
        steps += [
            (text.say("Fees"), -known["fees"], False),
            (text.say("Parcels and returns"), -known["fulfilment"], False),
            (text.say("Contribution 2"), row["contribution_2"], True),
        ]
    if pnl.level >= 3:
        steps += [
            (text.say("Marketing"), -known["marketing"], False),
            (text.say("Contribution 3"), row["contribution_3"], True),
        ]
    kept = [step for step in steps if step[1] or step[2]]
    net = pnl.net_sales
    data = {
        "step": [name for name, _, _ in kept],
        "amount": [float(amount) for _, amount, _ in kept],
        "share_of_net_sales": [amount / net if net > 0 else float("nan") for _, amount, _ in kept],
    }
    own = nw.from_native(pnl.table)
    table = nw.from_dict(data, backend=own.lazy().collect().implementation)
    return Waterfall(
        table=tables.like(table, orders),
        sentence=_waterfall_sentence(pnl),
        definition=pnl.definition,
        currency=pnl.currency,
        formats={"amount": "money", "share_of_net_sales": "rate"},
        pnl=pnl,
        subtotals=tuple(name for name, _, whole in kept if whole),
    )


def _waterfall_sentence(pnl: ProfitAndLoss) -> str:
    words = {
        "gross": text.money(pnl.gross_sales, pnl.currency),
        "net": text.money(pnl.net_sales, pnl.currency),
        "left": text.money(_or_nan(pnl.contribution), pnl.currency),
        "margin": text.percent(_or_nan(pnl.margin)),
    }
    if pnl.level and pnl.missing_costs:
        words["net"] = text.money(pnl.known_net_sales, pnl.currency)
        return text.say(_KNOWN[pnl.level], **words)
    return text.say(_LEFT[pnl.level], **words)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


_LEFT = {
    0: "Of {gross} of sales at full price, {net} is net sales. What is left of it is not known: the products "
    "have no landed cost.",
    1: "Of {gross} of sales at full price, {net} is net sales, and {left} is left after the goods: {margin} "
    "of net sales. Fees, parcels and marketing are not known.",
    2: "Of {gross} of sales at full price, {net} is net sales, and {left} is left after goods, fees and "
    "parcels: {margin} of net sales. Marketing is not known.",
    3: "Of {gross} of sales at full price, {net} is net sales, and {left} is left after goods, fees, parcels "
    "and marketing: {margin} of net sales.",
}
_KNOWN = {
    1: "For {net} of net sales the cost of the goods is known: {left} of it is left after the goods, "
    "{margin}. Fees, parcels and marketing are not known.",
    2: "For {net} of net sales the cost of the goods is known: {left} of it is left after goods, fees and "
    "parcels, {margin}. Marketing is not known.",
    3: "For {net} of net sales the cost of the goods is known: {left} of it is left after goods, fees, "
    "parcels and marketing, {margin}.",
}
