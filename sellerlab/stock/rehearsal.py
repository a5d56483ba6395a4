"""Try a rule of ordering on days of demand before money is put behind it.

One idea: a rule is a function from what a shop sees at the close of a day (its stock, what is on its way,
what it sold) to units ordered. Demand it does not see: on an empty shelf it sees no sale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.demand import Array
from sellerlab.errors import InputError
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Evening:
    """What the shop sees at the close of a day.

    Attributes:
        day: Days gone, from 1.
        on_hand: Units on the shelf.
        on_order: Units on their way.
        sold: Units sold on each day up to now.
    """

    day: int
    on_hand: float
    on_order: float
    sold: Array

    @property
    def position(self) -> float:
        """Units on hand and on their way."""
        return self.on_hand + self.on_order


@dataclass(frozen=True, kw_only=True, repr=False)
class Rehearsal(Result):
    """How a rule did; `table` has one row a day.

    Attributes:
        profit: What the sales left, less the shelf and the orders.
        sold: Units sold.
        lost: Units asked for and not there.
        empty_days: Days that ended with an empty shelf.
        average_stock: Units on hand at the close of an average day.
        orders: Orders placed.
    """

    profit: float
    sold: float
    lost: float
    empty_days: int
    average_stock: float
    orders: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        day, on_hand = self.table["day"], self.table["on_hand"]
        ax.step(day, on_hand, where="post", color=plots.TOTAL, label=text.say("on the shelf in the evening"))
        empty = day[on_hand == 0]
        ax.plot(empty, np.zeros(len(empty)), "s", color=plots.LOSS, markersize=4, label=text.say("empty"))
        ax.set_title(text.say("Stock under the rule of ordering"))
        ax.set_xlabel(text.say("day"))
        ax.set_ylabel(text.say("units"))
        ax.set_ylim(-0.04 * max(float(on_hand.max()), 1.0), 1.2 * max(float(on_hand.max()), 1.0))
        ax.legend(fontsize=9, loc="upper right", ncols=2)


def rehearse(
    asked: Sequence[float] | Array,
    rule: Callable[[Evening], float],
    *,
    lead_times: int | Sequence[int] | Array,
    margin: float,
    holding_cost: float,
    order_cost: float = 0.0,
    start: float = 0.0,
    currency: str | None = None,
) -> Rehearsal:
    """Return how a rule of ordering does against the demand of so many days; who finds nothing goes away.

    profit = margin * sold - holding cost * units on hand in the evenings - order cost * orders

    Args:
        asked: Units asked for on each day, 0 or more.
        rule: From what the shop sees in the evening (`Evening`) to the units it orders; 0 for none.
        lead_times: Days from an order to the morning it comes, 1 or more: one number, or one an order in
            turn, beginning again at the end.
        margin: What a sale leaves.
        holding_cost: Cost of one unit on the shelf for a day, 0 or more.
        order_cost: Cost of an order whatever its size.
        start: Units on the shelf at first.
        currency: ISO code, for the words.

    Returns:
        `Rehearsal`; its table has day, asked, sold, on_hand and ordered. Units on hand at the end count as
        worth what they cost.

    Raises:
        InputError: A number is negative, a lead time is below 1, or the rule gives no number of units.

    >>> days = [2.0] * 10
    >>> found = rehearse(days, lambda seen: 6 if seen.position <= 4 else 0, lead_times=2, margin=5,
    ...                  holding_cost=0.1, start=8)
    >>> found.sold, found.lost, found.orders
    (20.0, 0.0, 3)
    """
    wanted = np.asarray(asked, dtype=float)
    if wanted.ndim != 1 or not wanted.size or not np.isfinite(wanted).all() or (wanted < 0).any():
        raise InputError("asked: expected the units of at least one day, 0 or more each.")
    waits = np.atleast_1d(np.asarray(lead_times, dtype=float))
    if not waits.size or not (waits >= 1).all() or (waits != np.rint(waits)).any():
        raise InputError("lead_times: expected whole days of 1 or more, one number or one an order.")
    amounts = {"holding_cost": holding_cost, "order_cost": order_cost, "start": start}
    for name, amount in amounts.items():
        if not 0 <= amount < math.inf:
            raise InputError(f"{name} is {amount:g}: expected an amount of 0 or more.")
    coming = np.zeros(wanted.size + 1)
    sold, left, ordered = (np.zeros(wanted.size) for _ in range(3))
    shelf, on_order, orders = float(start), 0.0, 0
    for day, units in enumerate(wanted):
        shelf += coming[day]
        on_order -= coming[day]
        sold[day] = min(units, shelf)
        shelf -= sold[day]
        left[day] = shelf
        order = _units(rule(Evening(day + 1, shelf, on_order, sold[: day + 1])))
        if order > 0:
            # What comes after the last day is still on order then.
            coming[min(day + int(waits[orders % waits.size]), wanted.size)] += order
            ordered[day], orders = order, orders + 1
            on_order += order
    profit = margin * sold.sum() - holding_cost * left.sum() - order_cost * orders
    lost, empty = float((wanted - sold).sum()), int((left == 0).sum())
    words = {
        "n": text.number(wanted.size),
        "asked": text.number(float(wanted.sum())),
        "sold": text.number(float(sold.sum())),
        "lost": text.number(lost),
        "empty": text.number(empty),
        "stock": text.number(float(left.mean())),
        "orders": text.number(orders),
        "profit": text.money(profit, currency),
    }
    return Rehearsal(
        table=pd.DataFrame(
            {
                "day": np.arange(1.0, wanted.size + 1),
                "asked": wanted,
                "sold": sold,
                "on_hand": left,
                "ordered": ordered,
            }
        ),
        sentence=text.say(
            "In {n} days {sold} of {asked} units asked for were sold and {lost} were lost; the shelf was "
            "empty on {empty} evenings and held {stock} units on average. {profit} is left, after {orders} "
            "orders.",
            **words,
        ),
        definition=text.say(
            "An order comes in the morning after its lead time. Who finds nothing goes away. Left = what the "
            "sales leave - cost of the shelf - cost of the orders; stock at the end is worth what it cost."
        ),
        currency=currency,
        formats=dict.fromkeys(("day", "asked", "sold", "on_hand", "ordered"), "count"),
        profit=float(profit),
        sold=float(sold.sum()),
        lost=lost,
        empty_days=empty,
        average_stock=float(left.mean()),
        orders=orders,
    )


def _units(order: Any) -> float:
    units = float(order)
    if not 0 <= units < math.inf:
        raise InputError(f"The rule orders {units:g} units: expected 0 or more.")
    return units
