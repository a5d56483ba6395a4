"""The cheapest rule for ordering again and again, where a stock-out has a price.

One idea: a rule with a fixed lot (order Q when the stock falls to r) or with a ceiling (at s, fill up to S)
costs what its average stock level costs, plus its orders. So the best rule is found by adding up one
curve: the cost rate ``g(y) = h * E[(y - D)+] + p * E[(D - y)+]`` of a stock position y against the demand D
until the next delivery.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sellerlab.demand import Demand, Normal, Poisson
from sellerlab.errors import InputError
from sellerlab.stock.lots import eoq
from sellerlab.stock.newsvendor import mismatch_cost

#: Rounds after which an iteration that should take ten has gone wrong.
_ROUNDS = 1000


@dataclass(frozen=True)
class FixedLot:
    """Order `quantity` whenever the stock, on hand and on order, falls to `reorder_at`.

    Attributes:
        reorder_at: Units (r).
        quantity: Units an order (Q).
        cost: Cost of a unit of time, orders and stock and stock-outs together, goods apart.
    """

    reorder_at: float
    quantity: float
    cost: float


@dataclass(frozen=True)
class MinMax:
    """Look once a period; at `low` units or fewer, fill up to `high`.

    Attributes:
        low: Units at which to order (s).
        high: Units to fill up to (S).
        cost: Cost of a period; None where the rule is an approximation that gives none.
    """

    low: float
    high: float
    cost: float | None


def fixed_lot_cost(
    reorder_at: float,
    quantity: float,
    lead_demand: Normal | Poisson,
    *,
    rate: float,
    order_cost: float,
    holding: float,
    short: float,
) -> float:
    """Return what a rule with a fixed lot costs in a unit of time.

    ``(K * rate + sum or integral of g over (r, r + Q]) / Q``

    Args:
        reorder_at: Units at which to order (r).
        quantity: Units an order (Q), above 0; a whole number for Poisson demand.
        lead_demand: Demand between an order and its arrival.
        rate: Units asked for in a unit of time.
        order_cost: Cost of one order whatever its size (K).
        holding: Cost of one unit on the shelf for a unit of time (h).
        short: Cost of one unit that a buyer waits for, for a unit of time (p).

    Raises:
        InputError: A number is not above 0.

    Source: Snyder and Shen, *Fundamentals of Supply Chain Theory*, 5.2 and 5.3.

    >>> round(fixed_lot_cost(3, 5, Poisson(3), rate=1.5, order_cost=100, holding=20, short=150), 2)
    107.92
    """
    _above_zero(quantity=quantity, rate=rate, order_cost=order_cost, holding=holding, short=short)
    if isinstance(lead_demand, Poisson):
        levels = range(int(reorder_at) + 1, int(reorder_at + quantity) + 1)
        total = sum(mismatch_cost(lead_demand, level, under=short, over=holding) for level in levels)
    else:
        # g is h * (y - mean) + (h + p) * short(y), whose integral is known.
        middle = reorder_at + quantity / 2 - lead_demand.mean
        tail = lead_demand.short_twice(reorder_at) - lead_demand.short_twice(reorder_at + quantity)
        total = holding * quantity * middle + (holding + short) * tail
    return (order_cost * rate + total) / quantity


def reorder_point_for(quantity: float, lead_demand: Normal, *, holding: float, short: float) -> float:
    """Return the best reorder point for a lot that is given.

    The r with ``g(r) = g(r + Q)``: as dear to be just delivered as to be just out.

    Args:
        quantity: Units an order, above 0.
        lead_demand: Demand between an order and its arrival.
        holding: Cost of one unit on the shelf for a unit of time.
        short: Cost of one unit that a buyer waits for, for a unit of time.

    Source: Snyder and Shen, *Fundamentals of Supply Chain Theory*, 5.2.

    >>> lead = Normal(1300 / 12, 150 / 12**0.5)
    >>> round(reorder_point_for(308.57378, lead, holding=0.225, short=7.5), 2)
    128.64
    """
    from scipy.optimize import brentq

    _above_zero(quantity=quantity, holding=holding, short=short)

    def gap(level: float) -> float:
        return mismatch_cost(lead_demand, level, under=short, over=holding) - mismatch_cost(
            lead_demand, level + quantity, under=short, over=holding
        )

    best = lead_demand.quantile(short / (short + holding))
    return float(brentq(gap, best - quantity, best, xtol=1e-10))


def best_fixed_lot(
    lead_demand: Normal | Poisson, *, rate: float, order_cost: float, holding: float, short: float
) -> FixedLot:
    """Return the cheapest rule with a fixed lot, where buyers wait and their waiting has a price.

    Args:
        lead_demand: Demand between an order and its arrival.
        rate: Units asked for in a unit of time.
        order_cost: Cost of one order whatever its size.
        holding: Cost of one unit on the shelf for a unit of time.
        short: Cost of one unit that a buyer waits for, for a unit of time.

    Raises:
        InputError: A number is not above 0.

    Method: for Poisson demand levels join in the order of their cost while they lower the average
    (Federgruen and Zheng, 1992); for normal demand the best r for each Q, and the best Q of those.

    >>> best_fixed_lot(Poisson(3), rate=1.5, order_cost=100, holding=20, short=150).quantity
    5.0
    """
    _above_zero(rate=rate, order_cost=order_cost, holding=holding, short=short)
    if isinstance(lead_demand, Normal):
        return _best_normal(lead_demand, rate, order_cost, holding, short)

    def g(level: int) -> float:
        return mismatch_cost(lead_demand, level, under=short, over=holding)

    low = high = int(lead_demand.quantile(short / (short + holding)))
    total = order_cost * rate + g(low)
    while True:
        below, above = g(low - 1), g(high + 1)
        average = total / (high - low + 1)
        if min(below, above) >= average:
            return FixedLot(float(low - 1), float(high - low + 1), average)
        if below <= above:
            low, total = low - 1, total + below
        else:
            high, total = high + 1, total + above


def _best_normal(lead: Normal, rate: float, order_cost: float, holding: float, short: float) -> FixedLot:
    from scipy.optimize import minimize_scalar

    def cost(log_quantity: float) -> float:
        quantity = math.exp(log_quantity)
        point = reorder_point_for(quantity, lead, holding=holding, short=short)
        return fixed_lot_cost(
            point, quantity, lead, rate=rate, order_cost=order_cost, holding=holding, short=short
        )

    centre = math.log(eoq(rate, order_cost, holding, short_cost=short))
    wide = math.log(1 + 4 * lead.sd / math.exp(centre)) + 1
    found = minimize_scalar(
        cost, bounds=(centre - 1, centre + wide), method="bounded", options={"xatol": 1e-8}
    )
    quantity = math.exp(float(found.x))
    point = reorder_point_for(quantity, lead, holding=holding, short=short)
    return FixedLot(point, quantity, float(found.fun))


def fixed_lot_per_unit_short(
    lead_demand: Normal, *, rate: float, order_cost: float, holding: float, short: float
) -> FixedLot:
    """Return the rule with a fixed lot where each unit short costs the same however long it is missed.

    ``Q = sqrt(2 * rate * (K + p * n(r)) / h)`` and ``P(D > r) = Q * h / (p * rate)``, in turns; n(r) is the
    number of units short a cycle.

    Args:
        lead_demand: Demand between an order and its arrival.
        rate: Units asked for in a unit of time.
        order_cost: Cost of one order whatever its size.
        holding: Cost of one unit on the shelf for a unit of time.
        short: Cost of each unit short: its margin, and the buyer's patience.

    Raises:
        InputError: A number is not above 0, or stock-outs are so cheap that no rule avoids them.

    Source: Nahmias, *Production and Operations Analysis*, (Q, R) systems; Snyder and Shen, 5.2.

    >>> rule = fixed_lot_per_unit_short(Normal(100, 25), rate=200, order_cost=50, holding=2, short=25)
    >>> round(rule.quantity, 2), round(rule.reorder_at, 2)
    (110.77, 142.57)
    """
    _above_zero(rate=rate, order_cost=order_cost, holding=holding, short=short)
    quantity, before = eoq(rate, order_cost, holding), 0.0
    point = lead_demand.mean
    for _ in range(_ROUNDS):
        risk = quantity * holding / (short * rate)
        if risk >= 1:
            raise InputError(
                f"short is {short:g}: a stock-out is cheaper than the stock that prevents it. Give the whole "
                "loss of a unit short, its margin included."
            )
        point = lead_demand.quantile(1 - risk)
        before, quantity = (
            quantity,
            math.sqrt(2 * rate * (order_cost + short * lead_demand.short(point)) / holding),
        )
        if abs(quantity - before) < 1e-9 * quantity:
            break
    stock = quantity / 2 + point - lead_demand.mean
    cost = order_cost * rate / quantity + holding * stock + short * rate * lead_demand.short(point) / quantity
    return FixedLot(point, quantity, cost)


def best_min_max(demand: Demand, *, order_cost: float, holding: float, short: float) -> MinMax:
    """Return the rule "at s or fewer, fill up to S" for a look once a period.

    Exact for Poisson demand; for normal demand a formula fitted to many exact solutions.

    Args:
        demand: Demand until the next look, and the delivery that follows it.
        order_cost: Cost of one order whatever its size.
        holding: Cost of one unit left at the end of a period.
        short: Cost of one unit short at the end of a period.

    Raises:
        InputError: A number is not above 0, or the demand is neither Poisson nor normal.

    Sources: Zheng and Federgruen, "Finding optimal (s, S) policies" (1991); Ehrhardt and Mosier, "A revision
    of the power approximation" (1984).

    >>> rule = best_min_max(Poisson(6), order_cost=5, holding=1, short=4)
    >>> rule.low, rule.high, round(rule.cost, 4)
    (4.0, 10.0, 8.0341)
    """
    _above_zero(order_cost=order_cost, holding=holding, short=short)
    if isinstance(demand, Poisson):
        return _exact_min_max(demand, order_cost, holding, short)
    if not isinstance(demand, Normal) or demand.mean <= 0 or demand.sd <= 0:
        raise InputError("demand: expected Poisson demand, or normal demand with mean and sd above 0.")
    spread = 1 + (demand.sd / demand.mean) ** 2
    lot = 1.30 * demand.mean**0.494 * (order_cost / holding) ** 0.506 * spread**0.116
    z = math.sqrt(lot / demand.sd * holding / short)
    low = 0.973 * demand.mean + demand.sd * (0.183 / z + 1.063 - 2.192 * z)
    # Where orders are cheap, the newsvendor level is a ceiling for both (the authors' own rule).
    ceiling = demand.quantile(short / (short + holding))
    if lot / demand.mean <= 1.5:
        return MinMax(min(low, ceiling), min(low + lot, ceiling), None)
    return MinMax(low, low + lot, None)


def _exact_min_max(demand: Poisson, order_cost: float, holding: float, short: float) -> MinMax:
    def g(level: int) -> float:
        return mismatch_cost(demand, level, under=short, over=holding)

    chance = [math.exp(-demand.mean)]
    renewals = [1 / (1 - chance[0])]

    def renewal(steps: int) -> float:
        """Periods spent, on average, at exactly `steps` units below the ceiling."""
        while len(renewals) <= steps:
            n = len(renewals)
            chance.append(chance[-1] * demand.mean / n)
            renewals.append(sum(chance[j] * renewals[n - j] for j in range(1, n + 1)) / (1 - chance[0]))
        return renewals[steps]

    def cost(low: int, high: int) -> float:
        weights = [renewal(steps) for steps in range(high - low)]
        spent = sum(weight * g(high - steps) for steps, weight in enumerate(weights))
        return (order_cost + spent) / sum(weights)

    start = int(demand.quantile(short / (short + holding)))
    low = start - 1
    while cost(low, start) > g(low):
        low -= 1
    best, best_low, best_high = cost(low, start), low, start
    high = start + 1
    while g(high) <= best:
        if cost(best_low, high) < best:
            best_high = high
            while cost(best_low, best_high) <= g(best_low + 1):
                best_low += 1
            best = cost(best_low, best_high)
        high += 1
    return MinMax(float(best_low), float(best_high), best)


def _above_zero(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not 0 < amount < math.inf:
            raise InputError(f"{name} is {amount:g}: expected a number above 0.")
