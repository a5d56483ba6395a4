"""When to order what for a season whose demand is known week by week.

One idea: an order should last until the shelf is empty, never longer, so a plan is only a choice of the
periods in which to order. The cheapest of all such plans is found exactly (Wagner and Whitin, 1958).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class OrderPlan(Result):
    """What to order in each period; `table` has one row a period.

    Attributes:
        orders: Units to order in each period.
        cost: Cost of all orders and of all stock held from one period to the next.
        count: Number of orders.
    """

    orders: tuple[float, ...]
    cost: float
    count: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        table = self.table
        places = np.arange(1, len(self.orders) + 1)
        ax.bar(places - 0.2, table["order"], 0.4, color=plots.TOTAL, label=text.say("ordered"))
        ax.bar(places + 0.2, table["demand"], 0.4, color=plots.MUTED, label=text.say("asked for"))
        ax.plot(places, table["left"], "o-", color=plots.COLOURS[1], label=text.say("left at the end"))
        ax.set_xlabel(text.say("period"))
        ax.set_ylabel(text.say("units"))
        ax.set_xticks(places[:: max(len(places) // 12, 1)])
        ax.legend(fontsize=9)


def order_plan(
    demand: Sequence[float],
    *,
    order_cost: float | Sequence[float],
    holding_cost: float,
    currency: str | None = None,
) -> OrderPlan:
    """Return the cheapest plan of orders for a known demand, nothing ever short.

    ``f(t) = min over s of K_t + h * sum (j - t) * d_j + f(s)``, the order of period t lasting to s - 1.

    Args:
        demand: Units of each period, 0 or more.
        order_cost: Cost of one order whatever its size; one number, or one a period.
        holding_cost: Cost of holding one unit from one period to the next, 0 or more.
        currency: ISO code, for the words.

    Returns:
        `OrderPlan`; its table has period (from 1), demand, order, left and cost.

    Raises:
        InputError: A number is negative, or the lengths differ.

    Source: Wagner and Whitin, "Dynamic version of the economic lot size model" (1958).

    >>> plan = order_plan([90, 120, 80, 70], order_cost=500, holding_cost=2)
    >>> plan.orders, plan.cost
    ((210.0, 0.0, 150.0, 0.0), 1380.0)
    """
    units = np.asarray(demand, dtype=float)
    if units.ndim != 1 or not units.size or not np.isfinite(units).all() or (units < 0).any():
        raise InputError("demand: expected the units of at least one period, 0 or more each.")
    fixed = np.asarray(order_cost, dtype=float)
    if fixed.shape not in ((), units.shape) or not (fixed >= 0).all():
        raise InputError(f"order_cost: expected one amount of 0 or more, or {units.size} of them.")
    if not 0 <= holding_cost < math.inf:
        raise InputError(f"holding_cost is {holding_cost:g}: expected an amount of 0 or more.")
    fixed = np.broadcast_to(fixed, units.shape)
    orders, cost = _cheapest(units, fixed, holding_cost)
    left = np.cumsum(orders - units)
    count = int((orders > 0).sum())
    return OrderPlan(
        table=pd.DataFrame(
            {
                "period": np.arange(1.0, units.size + 1),
                "demand": units,
                "order": orders,
                "left": left,
                "cost": np.where(orders > 0, fixed, 0.0) + holding_cost * left,
            }
        ),
        sentence=text.say(
            "Order {count} times in {n} periods, {units} units in all: orders and stock held cost {cost}. "
            "Ordering in every period that needs it would cost {each}.",
            count=text.number(count),
            n=text.number(units.size),
            units=text.number(float(units.sum())),
            cost=text.money(cost, currency),
            each=text.money(float(fixed[units > 0].sum()), currency),
        ),
        definition=text.say(
            "Cost = cost of an order for each period with one + holding cost x units left at the end of each "
            "period. Demand is known, nothing is ever short, and the stock at the beginning is 0."
        ),
        currency=currency,
        formats={
            "period": "count",
            "demand": "count",
            "order": "count",
            "left": "count",
            "cost": "money",
        },
        orders=tuple(orders.tolist()),
        cost=cost,
        count=count,
    )


def _cheapest(
    units: np.ndarray[tuple[int], np.dtype[np.float64]],
    fixed: np.ndarray[tuple[int], np.dtype[np.float64]],
    holding: float,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], float]:
    count = units.size
    best = np.zeros(count + 1)
    until = np.zeros(count, dtype=int)
    for start in range(count - 1, -1, -1):
        held = holding * np.cumsum(np.arange(count - start) * units[start:])
        costs = fixed[start] + held + best[start + 1 :]
        # Of plans that cost the same the one with the earlier next order: less stock.
        place = int(np.argmin(np.round(costs, 9)))
        best[start], until[start] = costs[place], start + place + 1
        if units[start] == 0 and best[start + 1] <= best[start]:
            best[start], until[start] = best[start + 1], -1
    orders = np.zeros(count)
    start = 0
    while start < count:
        if until[start] < 0:
            start += 1
            continue
        orders[start] = units[start : until[start]].sum()
        start = int(until[start])
    return orders, float(best[0])
