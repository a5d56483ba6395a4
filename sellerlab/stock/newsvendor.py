"""How many to order once: the newsvendor, for one season, one fad, one production run.

One idea: a unit too few costs the margin that it would have earned, a unit too many costs what it loses at
the end. The best quantity is where the two balance: demand stays within it with the probability

    critical ratio = under / (under + over)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.demand import Demand
from sellerlab.errors import InputError
from sellerlab.results import Result
from sellerlab.stock.censored import DemandFit
from sellerlab.stock.lots import in_packs

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def critical_ratio(under: Any, over: Any) -> Any:
    """Return the probability with which the stock should be enough.

    critical ratio = under / (under + over)

    Args:
        under: Cost of a unit too few: price - cost (+ goodwill). Number, array or Series, 0 or more.
        over: Cost of a unit too many: cost - salvage. Same kind, 0 or more; not both 0.

    Returns:
        A fraction; same kind as given.

    Raises:
        InputError: A cost is negative, or both are 0.

    Source: Arrow, Harris and Marschak, "Optimal inventory policy" (1951).

    >>> round(critical_ratio(9_000, 4_000), 3)
    0.692
    """
    if not (np.all(np.asarray(under) >= 0) and np.all(np.asarray(over) >= 0)):
        raise InputError("under and over are costs of one unit: expected amounts of 0 or more.")
    if not np.all(np.asarray(under) + np.asarray(over) > 0):
        raise InputError("under and over are both 0: then any quantity is as good as any other.")
    return under / (under + over)


def mismatch_cost(demand: Demand, units: float, *, under: float, over: float) -> float:
    """Return what a stock of `units` costs on average against a demand that is not known.

    cost = over * E[(units - D)+] + under * E[(D - units)+]

    Args:
        demand: Demand of the period that the stock must last.
        units: Units in stock at its beginning.
        under: Cost of a unit too few.
        over: Cost of a unit left over.

    Source: Snyder and Shen, *Fundamentals of Supply Chain Theory*, 4.3.

    >>> from sellerlab.demand import Normal
    >>> round(mismatch_cost(Normal(50, 8), 40, under=0.70, over=0.18), 4)
    7.3561
    """
    short = demand.short(units)
    return over * (units - demand.mean + short) + under * short


@dataclass(frozen=True, kw_only=True, repr=False)
class OrderOnce(Result):
    """The best quantity of a single order; `table` has one row a quantity compared.

    Attributes:
        quantity: Best quantity in whole packs, 0 where no order pays; None where demand is not known.
        exact: The quantity before rounding to packs.
        low: Best quantity at the lower end of the demand's interval; None where it has none.
        high: At the upper end.
        critical_ratio: Probability with which the stock should be enough.
        profit: Expected profit at `quantity`.
        sales: Units sold, on average.
        left_over: Units left, on average.
        lost: Units asked for and not there, on average.
        service: Probability that demand stays within `quantity`.
        curve: Order sizes with their expected profit, for the picture.
    """

    quantity: float | None
    exact: float | None
    low: float | None
    high: float | None
    critical_ratio: float
    profit: float | None
    sales: float | None
    left_over: float | None
    lost: float | None
    service: float | None
    curve: tuple[tuple[float, float], ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Expected profit by order quantity"))
        if self.quantity is None or self.profit is None:
            ax.text(0.5, 0.5, text.say("No curve: see the sentence"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        ax.plot(*zip(*self.curve, strict=True), color=plots.TOTAL)
        ax.axhline(0, color=plots.MUTED, linewidth=1)
        if self.low is not None and self.high is not None:
            ax.axvspan(self.low, self.high, color=plots.TOTAL, alpha=0.12, linewidth=0)
        ax.plot([self.quantity], [self.profit], "o", color=plots.GAIN, markersize=9)
        label = text.say("{n} units", n=text.number(self.quantity))
        ax.annotate(label, (self.quantity, self.profit), (0, 9), textcoords="offset points", ha="center")
        ax.margins(y=0.15)
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("units ordered"))


def order_once(
    demand: Demand | DemandFit,
    *,
    price: float,
    cost: float,
    salvage: float = 0.0,
    goodwill: float = 0.0,
    periods: float = 1,
    pack: int = 1,
    minimum: int = 0,
    currency: str | None = None,
) -> OrderOnce:
    """Return how many units to order once, and what ordering more or fewer costs.

    ``Q = F^-1(under / (under + over))`` with ``under = price - cost + goodwill``, ``over = cost - salvage``;
    then the better of the two neighbours in whole packs, or nothing where a minimum order does not pay.

    Args:
        demand: Demand of one period, or what `fit_demand` learned from sales.
        price: What a sale brings after fees, postage and tax, above 0.
        cost: Landed cost of one unit.
        salvage: What a unit left over still brings; may be below 0 where it costs to get rid of it.
        goodwill: Loss beyond the margin when a buyer finds nothing.
        periods: Periods that the order must last.
        pack: Units in a pack.
        minimum: Smallest order, units.
        currency: ISO code, for the words.

    Returns:
        `OrderOnce`; its table has quantity, sales, left_over, lost, service and profit.

    Raises:
        InputError: A sale does not earn its cost, or a unit left over brings more than it cost.

    Source: Arrow, Harris and Marschak (1951); Cachon and Terwiesch, *Matching Supply with Demand*.

    >>> from sellerlab.demand import Normal
    >>> result = order_once(Normal(100, 30), price=15_000, cost=6_000, salvage=2_000)
    >>> round(result.critical_ratio, 3), round(result.exact, 2), result.quantity
    (0.692, 115.07, 115.0)
    """
    under, over = _costs(price, cost, salvage, goodwill)
    in_packs(0.0, pack, minimum)
    ratio = critical_ratio(under, over)
    known = demand.demand if isinstance(demand, DemandFit) else demand
    if known is None:
        return _no_answer(demand, ratio, currency)
    season = known.over(periods) if periods != 1 else known

    def profit(units: float, of: Demand = season) -> float:
        return (
            under * (of.mean - of.short(units))
            - over * (units - of.mean + of.short(units))
            - (goodwill * of.mean)
        )

    def best(of: Demand) -> float:
        return _in_packs(max(of.quantile(ratio), 0.0), pack, minimum, lambda units: profit(units, of))

    exact = max(season.quantile(ratio), 0.0)
    quantity = best(season)
    ends: list[float | None] = [None, None]
    if isinstance(demand, DemandFit):
        ends = [
            best(known.with_mean(end).over(periods) if periods != 1 else known.with_mean(end))
            if end is not None
            else None
            for end in (demand.low, demand.high)
        ]
    some = sorted({quantity, in_packs(season.mean, pack, minimum)} | _around(season, quantity, pack, minimum))
    table = pd.DataFrame([_row(season, units, profit(units)) for units in some])
    chosen = _row(season, quantity, profit(quantity))
    reach = max(2 * quantity, season.mean + 3 * season.sd, 1.0)
    return OrderOnce(
        table=table,
        sentence=_sentence(chosen, season, ends, currency, profit(in_packs(season.mean, pack, minimum))),
        definition=text.say(
            "A unit too few costs {under} (price - cost + goodwill), a unit too many {over} (cost - "
            "salvage): demand should stay within the order with probability {ratio}. Profit = price x sales "
            "+ salvage x left over - cost x order - goodwill x lost. It holds for one season with a known "
            "distribution.",
            under=text.money(under, currency),
            over=text.money(over, currency),
            ratio=text.percent(ratio),
        ),
        currency=currency,
        formats={
            "quantity": "count",
            "sales": "number",
            "left_over": "number",
            "lost": "number",
            "service": "rate",
            "profit": "money",
        },
        quantity=quantity,
        exact=exact,
        low=ends[0],
        high=ends[1],
        critical_ratio=ratio,
        profit=chosen["profit"],
        sales=chosen["sales"],
        left_over=chosen["left_over"],
        lost=chosen["lost"],
        service=chosen["service"],
        curve=tuple((float(units), profit(float(units))) for units in np.linspace(0, reach, 81)),
    )


def _costs(price: float, cost: float, salvage: float, goodwill: float) -> tuple[float, float]:
    for name, amount in (("price", price), ("cost", cost)):
        if not 0 < amount < math.inf:
            raise InputError(f"{name} is {amount:g}: expected an amount above 0.")
    if not 0 <= goodwill < math.inf:
        raise InputError(f"goodwill is {goodwill:g}: expected an amount of 0 or more.")
    if price <= cost:
        raise InputError(
            f"price {price:g} is not above cost {cost:g}: every unit loses, so nothing should be ordered. "
            "Raise the price or find a lower cost first."
        )
    if salvage >= cost:
        raise InputError(
            f"salvage {salvage:g} is not below cost {cost:g}: a unit left over would cost nothing, so there "
            "is no best quantity. Check what a left-over unit really brings."
        )
    return price - cost + goodwill, cost - salvage


def _in_packs(exact: float, pack: int, minimum: int, profit: Callable[[float], float]) -> float:
    """The best of: whole packs below, whole packs above, nothing."""
    below = math.floor(exact / pack + 1e-9) * pack
    tries = {0.0, in_packs(below, pack, minimum), in_packs(exact, pack, minimum)}
    # Of equal quantities the smaller: less money is tied up.
    return max(sorted(tries), key=lambda units: round(profit(units), 9))


def _around(demand: Demand, quantity: float, pack: int, minimum: int) -> set[float]:
    wide = max(demand.sd, pack)
    tries = {in_packs(max(quantity + step * wide, 0.0), pack, minimum) for step in (-2, -1, 1, 2)}
    return {units for units in tries if units > 0}


def _row(demand: Demand, units: float, profit: float) -> dict[str, float]:
    lost = demand.short(units)
    sales = demand.mean - lost
    return {
        "quantity": units,
        "sales": sales,
        "left_over": units - sales,
        "lost": lost,
        "service": demand.at_most(units),
        "profit": profit,
    }


def _no_answer(demand: Any, ratio: float, currency: str | None) -> OrderOnce:
    names = ("quantity", "sales", "left_over", "lost", "service", "profit")
    return OrderOnce(
        table=pd.DataFrame({name: pd.Series(dtype=float) for name in names}),
        sentence=text.say("No quantity can be given, as the demand is not known.") + " " + demand.sentence,
        definition=demand.definition,
        currency=currency,
        curve=(),
        critical_ratio=ratio,
        quantity=None,
        exact=None,
        low=None,
        high=None,
        profit=None,
        sales=None,
        left_over=None,
        lost=None,
        service=None,
    )


def _sentence(
    row: dict[str, float],
    demand: Demand,
    ends: list[float | None],
    currency: str | None,
    at_mean: float,
) -> str:
    words = {
        "n": text.number(row["quantity"]),
        "mean": text.number(demand.mean, 1),
        "profit": text.money(row["profit"], currency),
        "left": text.number(row["left_over"], 1),
        "lost": text.number(row["lost"], 1),
        "service": text.percent(row["service"], 0),
        "more": text.money(row["profit"] - at_mean, currency),
    }
    if row["quantity"] == 0:
        return text.say("Order nothing: no quantity that can be ordered earns its cost.")
    said = text.say(
        "Order {n} units against an average demand of {mean}: expected profit {profit}, with {left} units "
        "left over and {lost} asked for in vain; the stock is enough with probability {service}.",
        **words,
    )
    if ends[0] is not None and ends[1] is not None:
        said += " " + text.say(
            "Over the interval of the demand the best order is {low} to {high} units.",
            low=text.number(ends[0]),
            high=text.number(ends[1]),
        )
    if round(row["profit"] - at_mean, 2) > 0:
        said += " " + text.say("Ordering the average demand would leave {more} less.", **words)
    return said
