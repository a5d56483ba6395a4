"""Lesson 33, *If I cut 10%, how many more?*: from weeks of prices and units to an elasticity, and to a price.

All sums are about one product: the best seller whose best price lies among the prices that were charged. The
last question is about the product whose price never moved, where the right answer is that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sellerlab import text
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.weeks import Step, Weeks, priced, steadiest, steps
from sellerlab.pricing import arc_elasticity, best_price, contribution

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Cut that the exercises ask about.
CUT = 0.10


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """The product at its usual price and after the cut: units of a week, and what one sale leaves."""

    of: Weeks
    elasticity: float
    cost: float
    price: float
    low: float
    units: int
    left: float
    low_left: float


@lru_cache(maxsize=4)
def _cut(shop: Shop) -> _Cut:
    of = priced(shop)
    cost, price = float(of.cost or 0.0), of.usual_price
    low = price * (1 - CUT)
    left, low_left = (float(contribution(each, cost, **of.terms)) for each in (price, low))
    return _Cut(
        of=of,
        elasticity=float(of.found.elasticity or np.nan),
        cost=cost,
        price=price,
        low=low,
        units=of.usual_units,
        left=left,
        low_left=low_left,
    )


@lru_cache(maxsize=4)
def step(shop: Shop) -> Step | None:
    """Return the largest change of price after which units moved the other way; None where there is none."""
    known = [each for each in steps(priced(shop)) if each.elasticity < -0.3 and each.units_before > 0]
    if not known:
        return None
    return max(known, key=lambda each: abs(np.log(each.price_after / each.price_before)))


def _of_step(formula: Callable[[float, float, float, float], float]) -> Callable[[Shop], Value]:
    """Return a sum of the step's two prices and units, each before and after."""

    def computed(shop: Shop) -> Value:
        of = step(shop)
        if of is None:
            return None
        return formula(of.price_before, of.price_after, of.units_before, of.units_after)

    return computed


def _of_cut(formula: Callable[[_Cut], float]) -> Callable[[Shop], Value]:
    return lambda shop: formula(_cut(shop))


def _more(of: _Cut) -> float:
    return float((1 - CUT) ** of.elasticity - 1)


def _spent(of: _Cut) -> float:
    """Return product, parcel and fixed fee of one sale."""
    return of.cost + float(of.of.terms["fixed_cost"] + of.of.terms["fee_fixed"])


def _kept(of: _Cut) -> float:
    """Return what is left of the price after VAT and fee, as a share of it."""
    return 1 / (1 + float(of.of.terms["vat_rate"])) - float(of.of.terms["fees"])


def _factor(of: _Cut) -> float:
    return of.elasticity / (1 + of.elasticity)


def _best(of: _Cut) -> float:
    return float(best_price(of.cost, of.elasticity, **of.of.terms))


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    of, two = _cut(shop), step(shop)

    def money(amount: float) -> str:
        return text.money(amount, of.of.currency)

    facts = {
        "product": of.of.product,
        "e": text.number(of.elasticity, 3),
        "cut": text.percent(CUT, 0),
        "price": money(of.price),
        "low": money(of.low),
        "units": text.number(of.units),
        "more": text.percent(_more(of)),
        "sold": text.number(of.units * (1 + _more(of)), 1),
        "left": money(of.left),
        "low_left": money(of.low_left),
        "week": money(of.units * of.left),
        "low_week": money(of.units * (1 + _more(of)) * of.low_left),
        "spent": money(_spent(of)),
        "kept": text.number(_kept(of), 3),
        "vat": text.percent(float(of.of.terms["vat_rate"]), 0),
        "fee": text.percent(float(of.of.terms["fees"])),
        "from_": money(of.of.found.price_low),
        "to": money(of.of.found.price_high),
    }
    if of.elasticity < -1:
        facts |= {"factor": text.number(_factor(of), 3), "best": money(_best(of))}
    else:
        facts |= dict.fromkeys(("factor", "best"), "–")
    if two is None:
        return facts | dict.fromkeys(("p0", "p1", "q0", "q1", "dq", "dp", "arc"), "–")
    middle_price = (two.price_before + two.price_after) / 2
    middle_units = (two.units_before + two.units_after) / 2
    return facts | {
        "p0": money(two.price_before),
        "p1": money(two.price_after),
        "q0": text.number(two.units_before),
        "q1": text.number(two.units_after),
        "dq": text.percent((two.units_after - two.units_before) / middle_units, 2),
        "dp": text.percent((two.price_after - two.price_before) / middle_price, 2),
        "arc": text.number(two.elasticity, 2),
    }


@lru_cache(maxsize=4)
def _steady_facts(shop: Shop) -> Mapping[str, str]:
    of = steadiest(shop)
    return {
        "product": of.product,
        "n": text.number(len(of.usable)),
        "from_": text.money(float(of.usable["price"].min()), of.currency),
        "to": text.money(float(of.usable["price"].max()), of.currency),
    }


ARC = Exercise(
    id="33.1",
    kind="number",
    prompt="{product}, two weeks in a row: at {p0} it sold {q0}, at {p1} it sold {q1}. What is the arc "
    "elasticity, with two decimals?",
    answer=_of_step(lambda p0, p1, q0, q1: float(arc_elasticity(p0, p1, q0, q1))),
    wrong={
        "You took both changes from the first week. Then the way back gives another number: take each from "
        "the middle of the two.": _of_step(lambda p0, p1, q0, q1: (q1 / q0 - 1) / (p1 / p0 - 1)),
        "It is upside down: the change of units stands above, the change of the price below.": _of_step(
            lambda p0, p1, q0, q1: 1 / float(arc_elasticity(p0, p1, q0, q1))
        ),
        "You divided units by money. An elasticity divides percent by percent, so it has no unit.": _of_step(
            lambda p0, p1, q0, q1: (q1 - q0) / (p1 - p0)
        ),
        "The size is right, but the sign says which way: one went up, the other down.": _of_step(
            lambda p0, p1, q0, q1: -float(arc_elasticity(p0, p1, q0, q1))
        ),
    },
    hints=(
        "By how many percent of their middle did the units change? And the price?",
        "The units changed by {dq}, the price by {dp}. Divide the first by the second.",
        "There is a function for it, too: sl.pricing.arc_elasticity.",
    ),
    solution="{arc}: the units changed by {dq} of their middle, the price by {dp} of its middle.",
    facts=_facts,
)

MORE = Exercise(
    id="33.2",
    kind="rate",
    prompt="The elasticity of {product} is {e}. If the price is cut by {cut} and all else stays, how many "
    "more are sold, as a fraction of today's units, with three decimals?",
    answer=_of_cut(_more),
    wrong={
        "You multiplied the elasticity by the cut. That is right for a very small cut only. Along the curve "
        "the price is multiplied by 0.9, so the units are multiplied by 0.9 to the power of e.": _of_cut(
            lambda of: -of.elasticity * CUT
        ),
        "That is the share of today's units that will be sold. Take today's away: how many more?": _of_cut(
            lambda of: 1 + _more(of)
        ),
        "You answered for a price that is higher by as much. A fall and a rise are not mirrors.": _of_cut(
            lambda of: 1 - (1 + CUT) ** of.elasticity
        ),
        "That is how much revenue changes: more units, each at the lower price. Units were asked "
        "for.": _of_cut(lambda of: (1 - CUT) ** (1 + of.elasticity) - 1),
    },
    hints=(
        "units = a number x price to the power of e. By what is the price multiplied, by what the units?",
        "The price is multiplied by 0.9. Compute 0.9 ** e, and take 1 away.",
    ),
    solution="{more}: 0.9 to the power of {e}, less 1.",
    facts=_facts,
)

LEFT = Exercise(
    id="33.3",
    kind="money",
    prompt="In a usual week {product} sells {units} at {price}, and the week leaves {week}. With an "
    "elasticity of {e}, what does a week leave at {low}?",
    answer=_of_cut(lambda of: of.units * (1 + _more(of)) * of.low_left),
    wrong={
        "That is revenue. Most of it belongs to the supplier, the platform, the carrier and the tax office. "
        "What does each sale leave?": _of_cut(lambda of: of.units * (1 + _more(of)) * of.low),
        "You let each sale leave what it left before. At the lower price it leaves less.": _of_cut(
            lambda of: of.units * (1 + _more(of)) * of.left
        ),
        "You kept today's units. At the lower price more are sold.": _of_cut(
            lambda of: of.units * of.low_left
        ),
        "You took the cut from what a sale leaves. The cut is a share of the price, and comes out of what is "
        "left nearly whole.": _of_cut(lambda of: of.units * (1 + _more(of)) * of.left * (1 - CUT)),
    },
    hints=(
        "Two numbers, multiplied: how many are sold at {low}, and what does each leave there?",
        "{sold} are sold. What one leaves: sl.pricing.contribution(price, item.cost, **item.terms).",
    ),
    solution="{low_week}: {sold} units, and each leaves {low_left} in place of {left}.",
    facts=_facts,
)

BEST = Exercise(
    id="33.4",
    kind="money",
    prompt="One sale of {product} costs {spent} (product and parcel). Of the price, VAT of {vat} and a fee "
    "of {fee} go away. With an elasticity of {e}, at which price is most left?",
    answer=_of_cut(_best),
    wrong={
        "That is the floor, where nothing is left. Multiply it by e / (1 + e).": _of_cut(
            lambda of: _spent(of) / _kept(of)
        ),
        "That is the lowest price ever charged. With this elasticity revenue is highest there, and what is "
        "left is not.": _of_cut(lambda of: of.of.found.price_low),
        "You left out VAT and fee. The factor stands on what must come in so that the costs are paid: "
        "divide them by {kept} first.": _of_cut(lambda of: _spent(of) * _factor(of)),
        "You left out the fee.": _of_cut(
            lambda of: _spent(of) * (1 + float(of.of.terms["vat_rate"])) * _factor(of)
        ),
        "You left out the VAT. It is in the price and goes to the tax office.": _of_cut(
            lambda of: _spent(of) / (1 - float(of.of.terms["fees"])) * _factor(of)
        ),
        "You put 1/|e| on top of the costs. It is a share of the price (a margin), not of the costs: the "
        "factor is e / (1 + e).": _of_cut(lambda of: _spent(of) / _kept(of) * (1 - 1 / of.elasticity)),
    },
    hints=(
        "First the floor: which price leaves nothing? Then the factor e / (1 + e).",
        "The floor is {spent} divided by {kept}. The factor is {factor}.",
        "There is a function for it: sl.pricing.best_price(item.cost, e, **item.terms).",
    ),
    solution="{best}: {spent} divided by {kept} is the floor, and {factor} times that is the best price.",
    facts=_facts,
)

STEADY = Exercise(
    id="33.5",
    kind="choice",
    prompt="The price of {product} was between {from_} and {to} in all {n} weeks. What can be said about its "
    "elasticity?",
    answer=lambda _: "c",
    choices=lambda _: {
        "a": text.say("it is near 0: sales did not move with the price"),
        "b": text.say("it is about that of similar products in the shop"),
        "c": text.say("these weeks cannot say: it takes a price test"),
        "d": text.say("it will show with more weeks of this kind"),
    },
    wrong={
        "Sales did not move with the price because the price did not move. That says nothing about buyers.": (
            lambda _: "a"
        ),
        "That may be a guess to plan a test with. Similar products can be far apart, and a guess is not a "
        "measurement.": lambda _: "b",
        "More of the same shows the same. What is missing is not time, it is another price.": lambda _: "d",
    },
    hints=("What would two very different answers, 0 and -3, look like in these weeks?",),
    solution="c. While a price stands still, 0 and -3 look the same. Only another price tells them apart.",
    facts=_steady_facts,
)

LESSON = Lesson(
    number="33",
    question="If I cut 10%, how many more?",
    world="baby_goods",
    exercises=(ARC, MORE, LEFT, BEST, STEADY),
)
