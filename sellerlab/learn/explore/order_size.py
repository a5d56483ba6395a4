"""The explorer of an order: how many units, and what becomes of those too many and those too few."""

from __future__ import annotations

import math

from sellerlab import text
from sellerlab.demand import Demand, Normal
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.results import Result


def order_size(
    units: float,
    demand: Demand,
    *,
    price: float,
    cost: float,
    salvage: float = 0.0,
    currency: str | None = None,
) -> Explorer:
    """Return the explorer of an order: its size, the demand, its spread, and what a left-over brings.

    Args:
        units: Order to start with.
        demand: Demand of the time that the order must last; its mean and spread are moved as a bell.
        price: What a sale brings after fees, postage and tax.
        cost: Landed cost of one unit.
        salvage: What a unit left over brings to start with.
        currency: ISO code of the amounts.

    Raises:
        InputError: The demand has no mean above 0, or a sale does not earn its cost.
    """
    from sellerlab import stock

    mean, spread = float(demand.mean), float(demand.sd)
    if not mean > 0:
        raise InputError(f"The average demand is {mean:g}: an order needs a demand above 0.")
    stock.critical_ratio(price - cost, cost)

    def answer(**state: float) -> Result:
        return stock.order_size(
            state["units"],
            Normal(state["mean"], state["spread"]),
            price=price,
            cost=cost,
            salvage=state["salvage"] * cost,
            currency=currency,
        )

    step = 10.0 ** max(len(str(int(mean))) - 2, 0)
    high = math.ceil(max(2.5 * mean, 1.5 * units, 10 * step) / step) * step
    controls = [
        Control(name="units", label=text.say("Units ordered"), low=0, high=high, step=step, kind="count"),
        Control(name="mean", label=text.say("Average demand"), low=step, high=high, step=step, kind="count"),
        Control(
            name="spread", label=text.say("Spread of demand"), low=0, high=high / 2, step=step, kind="count"
        ),
        Control(
            name="salvage",
            label=text.say("Left-over, % of cost"),
            low=-0.5,
            high=0.95,
            step=0.05,
            kind="rate",
        ),
    ]
    start = {
        "units": float(round(units / step) * step),
        "mean": max(round(mean / step) * step, step),
        "spread": float(round(spread / step) * step),
        "salvage": salvage / cost,
    }
    return Explorer(answer, controls, start)
