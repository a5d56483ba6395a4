"""What an order of one certain size brings: units left over, buyers sent away, and profit.

One idea: too many and too few are not two dangers to be avoided but two costs to be traded. Every unit more
on the order takes a little from the one and adds a little to the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.demand import Demand
from sellerlab.errors import InputError
from sellerlab.results import Result
from sellerlab.stock.newsvendor import order_once

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Sizes on the curve.
_POINTS = 61


@dataclass(frozen=True, kw_only=True, repr=False)
class OrderSize(Result):
    """What an order brings on average; `table` has one row a size, from 0 to well above all that matter.

    Attributes:
        units: Units ordered.
        sales: Units sold, on average.
        left_over: Units left, on average.
        lost: Units asked for and not there, on average.
        profit: Expected profit.
        best: The size with the highest expected profit.
        best_profit: That profit.
    """

    units: float
    sales: float
    left_over: float
    lost: float
    profit: float
    best: float
    best_profit: float

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        size = self.table["units"]
        ax.plot(size, self.table["left_over"], color=plots.COLOURS[1], label=text.say("left over"))
        ax.plot(size, self.table["lost"], "--", color=plots.LOSS, label=text.say("asked for in vain"))
        for value, colour in ((self.left_over, plots.COLOURS[1]), (self.lost, plots.LOSS)):
            ax.plot([self.units], [value], "o", color=colour, markersize=9)
        ax.axvline(self.units, color="black", linewidth=1, label=text.say("this order"))
        ax.axvline(self.best, color=plots.GAIN, linestyle=":", linewidth=2, label=text.say("best order"))
        ax.set_title(text.say("What an order leaves over and what it misses"))
        ax.set_xlabel(text.say("units ordered"))
        ax.set_ylabel(text.say("units, on average"))
        ax.set_xlim(0, float(size.iloc[-1]))
        ax.set_ylim(bottom=0)
        ax.legend(fontsize=9)


def order_size(
    units: float,
    demand: Demand,
    *,
    price: float,
    cost: float,
    salvage: float = 0.0,
    goodwill: float = 0.0,
    currency: str | None = None,
) -> OrderSize:
    """Return what an order of `units` brings on average, beside the best one.

    profit = (price - cost) * sales - (cost - salvage) * left over - goodwill * lost

    Args:
        units: Units ordered, 0 or more.
        demand: Demand of the time that the order must last.
        price: What a sale brings after fees, postage and tax, above 0.
        cost: Landed cost of one unit.
        salvage: What a unit left over still brings.
        goodwill: Loss beyond the margin when a buyer finds nothing.
        currency: ISO code, for the words.

    Returns:
        `OrderSize`; its table has units, sales, left_over, lost and profit.

    Raises:
        InputError: The order is below 0, or as `order_once`.

    Source: Cachon and Terwiesch, *Matching Supply with Demand*.

    >>> from sellerlab.demand import Normal
    >>> result = order_size(150, Normal(100, 30), price=15_000, cost=6_000, salvage=2_000)
    >>> round(result.left_over, 1), round(result.lost, 1), result.best
    (50.6, 0.6, 115.0)
    """
    if not 0 <= units < math.inf:
        raise InputError(f"units is {units:g}: expected an order of 0 units or more.")
    once = order_once(demand, price=price, cost=cost, salvage=salvage, goodwill=goodwill, currency=currency)
    best, most = float(once.quantity or 0.0), float(once.profit or 0.0)

    def row(size: float) -> dict[str, float]:
        lost = demand.short(size)
        sales = demand.mean - lost
        profit = (price - cost) * sales - (cost - salvage) * (size - sales) - goodwill * lost
        return {"units": size, "sales": sales, "left_over": size - sales, "lost": lost, "profit": profit}

    reach = max(demand.mean + 3 * demand.sd, 1.15 * units, 1.15 * best, 1.0)
    chosen = row(float(units))
    words = {
        "n": text.number(units),
        "sold": text.number(chosen["sales"], 1),
        "left": text.number(chosen["left_over"], 1),
        "lost": text.number(chosen["lost"], 1),
        "profit": text.money(chosen["profit"], currency),
        "best": text.number(best),
        "more": text.money(most - chosen["profit"], currency),
    }
    said = text.say(
        "An order of {n} sells {sold} on average: {left} are left over and {lost} are asked for in vain, "
        "expected profit {profit}.",
        **words,
    )
    if round(most - chosen["profit"], 2) > 0:
        said += " " + text.say("The best order, {best} units, leaves {more} more.", **words)
    else:
        said += " " + text.say("No other order leaves more.")
    return OrderSize(
        table=pd.DataFrame([row(float(size)) for size in np.linspace(0, reach, _POINTS)]),
        sentence=said,
        definition=once.definition,
        currency=currency,
        formats={
            "units": "count",
            "sales": "number",
            "left_over": "number",
            "lost": "number",
            "profit": "money",
        },
        best=best,
        best_profit=most,
        **chosen,
    )
