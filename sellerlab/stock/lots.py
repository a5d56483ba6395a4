"""How large an order should be when the demand is steady or known.

One idea: each order costs the same whatever its size (a delivery, a morning of work), and each unit on the
shelf costs money every day. Large orders save on the first and pay on the second; the best lot is where the
two are equal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, unknown
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Discount = Literal["all", "incremental"]


def in_packs(units: float, pack: int = 1, minimum: float = 0) -> float:
    """Return the smallest number of whole packs that holds `units` and the minimum order.

    Args:
        units: Units wanted; 0 or fewer means no order at all.
        pack: Units in a pack, a whole number of 1 or more.
        minimum: Smallest order the supplier takes, units.

    Raises:
        InputError: The pack is no whole number of 1 or more, or the minimum is negative.

    >>> in_packs(115.07, pack=12), in_packs(3, pack=12, minimum=50), in_packs(0, minimum=50)
    (120.0, 60.0, 0.0)
    """
    if int(pack) != pack or pack < 1:
        raise InputError(f"pack is {pack:g}: expected a whole number of units, 1 or more.")
    if not 0 <= minimum < math.inf:
        raise InputError(f"minimum is {minimum:g}: expected units of 0 or more.")
    if units <= 0:
        return 0.0
    # A hair of float noise must not buy a whole pack more.
    return float(math.ceil(max(units, minimum) / pack - 1e-9) * pack)


def eoq(
    demand: Any, order_cost: Any, holding_cost: Any, *, short_cost: Any = None, production: Any = None
) -> Any:
    """Return the economic order quantity.

    ``Q = sqrt(2 * K * D / h)``; with buyers who wait at a cost p, times ``sqrt((h + p) / p)``; made at a
    rate P instead of delivered at once, h becomes ``h * (1 - D / P)``.

    Args:
        demand: Units a year (or any time), above 0: number, array or Series.
        order_cost: Cost of one order whatever its size, above 0.
        holding_cost: Cost of one unit on the shelf for the same time, above 0.
        short_cost: Cost of one unit that a buyer waits for, for the same time; None where nobody waits.
        production: Units made in the same time, above the demand; None where lots come at once.

    Returns:
        Units an order, not rounded; the kind given.

    Raises:
        InputError: A number is not above 0, or production does not keep up with demand.

    Source: Harris (1913); Snyder and Shen, *Fundamentals of Supply Chain Theory*, 3.2, 3.5 and 3.6.

    >>> round(eoq(1300, 8, 0.225), 2)
    304.05
    """
    holding_cost = _holding(demand, order_cost, holding_cost, short_cost, production)
    wait = 1.0 if short_cost is None else (holding_cost + short_cost) / short_cost
    return (2 * order_cost * demand / holding_cost * wait) ** 0.5


def lot_cost(
    quantity: Any,
    demand: Any,
    order_cost: Any,
    holding_cost: Any,
    *,
    short_cost: Any = None,
    production: Any = None,
) -> Any:
    """Return what ordering in lots of `quantity` costs in a year (or the time of `demand`), goods apart.

    ``K * D / Q + h * Q / 2``; where buyers wait, h becomes ``h * p / (h + p)``: the best share of time spent
    without stock, ``h / (h + p)``, is chosen.

    Args:
        quantity: Units an order, above 0: number, array or Series.
        demand: As in `eoq`, like all that follow.
        order_cost: As in `eoq`.
        holding_cost: As in `eoq`.
        short_cost: As in `eoq`.
        production: As in `eoq`.

    Raises:
        InputError: A number is not above 0, or production does not keep up with demand.

    Source: Snyder and Shen, *Fundamentals of Supply Chain Theory*, 3.2, 3.5 and 3.6.

    >>> lot_cost(250, 1300, 8, 0.225)
    69.725
    """
    holding_cost = _holding(demand, order_cost, holding_cost, short_cost, production)
    _above_zero(quantity=quantity)
    if short_cost is not None:
        holding_cost = holding_cost * short_cost / (holding_cost + short_cost)
    return order_cost * demand / quantity + holding_cost * quantity / 2


def _holding(demand: Any, order_cost: Any, holding: Any, short: Any, production: Any) -> Any:
    _above_zero(demand=demand, order_cost=order_cost, holding_cost=holding)
    if short is not None:
        _above_zero(short_cost=short)
    if production is None:
        return holding
    if not np.all(np.asarray(production) > np.asarray(demand)):
        raise InputError("production does not keep up with demand: expected more units than are asked for.")
    return holding * (1 - demand / production)


def _above_zero(**amounts: Any) -> None:
    for name, amount in amounts.items():
        if not np.all((np.asarray(amount, dtype=float) > 0) & np.isfinite(np.asarray(amount, dtype=float))):
            low = float(np.nanmin(np.asarray(amount, dtype=float)))
            raise InputError(f"{name} is {low:g}: expected a number above 0.")


@dataclass(frozen=True, kw_only=True, repr=False)
class Lot(Result):
    """The best lot under a price list; `table` has one row a price.

    Attributes:
        quantity: Units an order, in whole packs.
        unit_price: Price of a unit at that quantity; the average one where discounts are incremental.
        tier: Place of its price in the list, from 0.
        yearly_cost: Goods, orders and shelf for the time of `demand`.
        orders: Orders in that time.
        demand: Units in that time.
        curve: Quantities and their costs, for the picture.
    """

    quantity: float
    unit_price: float
    tier: int
    yearly_cost: float
    orders: float
    demand: float
    curve: tuple[tuple[float, float], ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        quantities, costs = (np.array(each) for each in zip(*self.curve, strict=True))
        ax.plot(quantities, costs, ".", color=plots.TOTAL, markersize=3)
        ax.plot([self.quantity], [self.yearly_cost], "o", color=plots.GAIN, markersize=9)
        low = float(costs.min())
        ax.set_ylim(low - 0.05 * abs(low), low + 4 * (np.quantile(costs, 0.6) - low) + 0.02 * abs(low))
        label = text.say("{n} units", n=text.number(self.quantity))
        ax.annotate(
            label, (self.quantity, self.yearly_cost), (0, -16), textcoords="offset points", ha="center"
        )
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("units an order"))
        ax.set_title(text.say("Cost of goods, orders and shelf by lot"))


def best_lot(
    demand: float,
    *,
    order_cost: float,
    holding_rate: float,
    prices: Mapping[float, float] | float,
    discount: Discount = "all",
    pack: int | None = 1,
    minimum: float = 0,
    currency: str | None = None,
) -> Lot:
    """Return the lot that costs least under a supplier's price list, in whole packs.

    A year costs ``goods + K * D / Q + shelf``: goods ``c * D`` and shelf ``i * c * Q / 2``, with the price c
    that a lot of Q reaches, for all its units or only for those beyond each border.

    Args:
        demand: Units a year, above 0.
        order_cost: Cost of one order whatever its size (K).
        holding_rate: Cost of holding a unit for a year as a share of its price (i): capital, shelf, loss.
        prices: Price of a unit, or quantity from which each price holds, as ``{0: 0.75, 400: 0.72}``.
        discount: ``"all"`` where a price holds for every unit of the lot, ``"incremental"`` where it holds
            for the units beyond its border.
        pack: Units in a pack; None for a quantity that is not rounded.
        minimum: Smallest order, units.
        currency: ISO code, for the words.

    Returns:
        `Lot`; its table has from_units, unit_price, quantity (best at that price), orders, goods, ordering,
        holding and cost.

    Raises:
        InputError: A number is not above 0, or the prices do not start at 0 and fall.

    Source: Snyder and Shen, *Fundamentals of Supply Chain Theory*, 3.4.

    >>> result = best_lot(1300, order_cost=8, holding_rate=0.3, prices={0: 0.75, 400: 0.72, 800: 0.68})
    >>> result.quantity, result.tier, round(result.yearly_cost, 2)
    (800.0, 2, 978.6)
    """
    if discount not in get_args(Discount):
        raise unknown("kind of discount", discount, get_args(Discount))
    _above_zero(demand=demand, order_cost=order_cost, holding_rate=holding_rate)
    tiers = _tiers(prices)
    places = [
        _Tier(number, tiers, discount, demand, order_cost, holding_rate) for number in range(len(tiers))
    ]
    rows = [row for tier in places if (row := tier.best(pack, minimum)) is not None]
    best = min(rows, key=lambda row: (round(row["cost"], 9), row["quantity"]))
    quantity = best["quantity"]
    tier = next(each for each in places if each.start == best["from_units"])
    top = max(2.5 * quantity, 1.5 * tiers[-1][0], 2 * pack if pack else 0)
    curve = tuple(
        (float(units), each.cost(float(units)))
        for units in np.linspace(top / 60, top, 400)
        for each in places
        if each.start <= units < each.end
    )
    words = {
        "n": text.number(quantity),
        "orders": text.number(demand / quantity, 1),
        "price": text.money(best["unit_price"], currency),
        "cost": text.money(best["cost"], currency),
        "ordering": text.money(best["ordering"], currency),
        "holding": text.money(best["holding"], currency),
    }
    return Lot(
        table=pd.DataFrame(rows),
        sentence=text.say(
            "Order {n} units at a time, {orders} times a year, at {price} a unit: a year costs {cost}, of "
            "which {ordering} is for ordering and {holding} for holding stock.",
            **words,
        ),
        definition=text.say(
            "Cost of a year = goods + cost of an order x orders + holding rate x unit price x half a lot. "
            "Demand is taken as steady and known; the shelf is full on delivery and empty before the next."
        ),
        currency=currency,
        formats={
            "from_units": "count",
            "unit_price": "money",
            "quantity": "count",
            "orders": "number",
            "goods": "money",
            "ordering": "money",
            "holding": "money",
            "cost": "money",
        },
        quantity=quantity,
        unit_price=best["unit_price"],
        tier=tier.number,
        yearly_cost=best["cost"],
        orders=demand / quantity,
        demand=demand,
        curve=curve,
    )


def _tiers(prices: Mapping[float, float] | float) -> list[tuple[float, float]]:
    given = dict(prices) if isinstance(prices, Mapping) else {0: prices}
    tiers = sorted((float(start), float(price)) for start, price in given.items())
    falls = all(later[1] < earlier[1] for earlier, later in pairwise(tiers))
    if not tiers or tiers[0][0] != 0 or tiers[-1][1] <= 0 or not falls:
        raise InputError(
            f"prices are {given}: expected prices that fall with the quantity, the first from 0 units, "
            "as {0: 0.75, 400: 0.72}."
        )
    return tiers


class _Tier:
    """One price of a list, from `start` units up to below `end`."""

    def __init__(
        self,
        number: int,
        tiers: Sequence[tuple[float, float]],
        discount: Discount,
        demand: float,
        order_cost: float,
        rate: float,
    ) -> None:
        self.number, (self.start, self.price) = number, tiers[number]
        self.end = tiers[number + 1][0] if number + 1 < len(tiers) else math.inf
        self.demand, self.order_cost, self.rate = demand, order_cost, rate
        # With incremental discounts the dearer units before the border cost this much more a lot.
        self.extra = 0.0
        if discount == "incremental":
            borders = pairwise(tiers[: number + 1])
            self.extra = sum((before[1] - self.price) * (after[0] - before[0]) for before, after in borders)

    def parts(self, quantity: float) -> tuple[float, float, float]:
        """Goods, ordering and holding of a year in lots of `quantity`."""
        lots = self.demand / quantity
        goods = self.price * self.demand + self.extra * lots
        return goods, self.order_cost * lots, self.rate * (self.price * quantity + self.extra) / 2

    def cost(self, quantity: float) -> float:
        return sum(self.parts(quantity))

    def best(self, pack: int | None, minimum: float) -> dict[str, float] | None:
        """The cheapest allowed lot at this price; None where no whole pack lies in it."""
        exact = math.sqrt(2 * (self.order_cost + self.extra) * self.demand / (self.rate * self.price))
        lowest = max(self.start, minimum)
        if pack is None:
            tries = [max(exact, lowest)]
        else:
            floor = in_packs(max(lowest, 1e-9), pack)
            below = max(math.floor(exact / pack) * float(pack), floor)
            tries = [floor, below, below + pack]
            if self.end < math.inf:
                tries.append((math.ceil(self.end / pack) - 1) * float(pack))
        # An exact lot beyond the border belongs to the next price, where it is cheaper still.
        allowed = [units for units in tries if lowest <= units < self.end and units > 0]
        if not allowed:
            return None
        quantity = min(allowed, key=lambda units: (self.cost(units), units))
        goods, ordering, holding = self.parts(quantity)
        return {
            "from_units": self.start,
            "unit_price": goods / self.demand,
            "quantity": quantity,
            "orders": self.demand / quantity,
            "goods": goods,
            "ordering": ordering,
            "holding": holding,
            "cost": goods + ordering + holding,
        }
