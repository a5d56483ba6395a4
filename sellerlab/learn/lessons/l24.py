"""Lesson 24, *500 or 50?*: from sales to demand, and from demand to an order.

The questions are about the product that was sold out most, about the one whose sales fade, and about the
one with most money on the shelf.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from sellerlab import text
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.shelf import Shelf, fading, halves, heaviest, runs_out
from sellerlab.stock import critical_ratio, reorder_point

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Share of its cost that a unit left over still brings.
REST = 0.3

#: Standard deviation of the lead time, days, and the service asked for.
LATE, SERVICE = 3, 0.95

#: Days of a year.
_YEAR = 365


def _of_item(formula: Callable[[Shelf], float]) -> Callable[[Shop], Value]:
    return lambda shop: formula(runs_out(shop))


def _of_leading(formula: Callable[[Shelf, float], float]) -> Callable[[Shop], Value]:
    """Return a count, rounded up, about the product that runs out and its lead time."""

    def computed(shop: Shop) -> Value:
        of = runs_out(shop)
        return None if of.lead is None else math.ceil(formula(of, of.lead) - 1e-9)

    return computed


def _point(of: Shelf, lead: float, late: float = LATE, service: float = SERVICE) -> float:
    return float(reorder_point(of.pace, lead, daily_sd=of.spread, lead_time_sd=late, service=service))


def _of_fading(formula: Callable[[float, float, float], float]) -> Callable[[Shop], Value]:
    """Return units left: of stock, units of the half before, and units of the last half."""

    def computed(shop: Shop) -> Value:
        of = fading(shop)
        before, after = halves(of)
        if of.on_hand is None or not 0 < after < before:
            return None
        return round(min(max(formula(of.on_hand, before, after), 0.0), of.on_hand))

    return computed


def _faded(on_hand: float, before: float, after: float) -> float:
    return on_hand - after * after / before


def _of_heaviest(formula: Callable[[Shelf, float, float], float]) -> Callable[[Shop], Value]:
    """Return a sum about the product with most money on the shelf: units sold and average units in stock."""

    def computed(shop: Shop) -> Value:
        of = heaviest(shop)
        if of is None:
            return None
        return formula(of, float(of.days["sold"].sum()), float(of.days["on_hand"].mean()))

    return computed


def _year(of: Shelf) -> float:
    return _YEAR / len(of.days)


def _gmroi(of: Shelf, units: float, stock: float) -> float:
    return units * (of.net - of.cost) / (stock * of.cost) * _year(of)


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    of = runs_out(shop)

    def money(amount: float) -> str:
        return text.money(amount, of.currency)

    over = (1 - REST) * of.cost
    facts = {
        "product": of.product,
        "days": text.number(len(of.days)),
        "out": text.number(of.sold_out_days),
        "open": text.number(len(of.open)),
        "sold": text.number(float(of.days["sold"].sum())),
        "sold_open": text.number(float(of.open.sum())),
        "pace": text.number(of.pace, 2),
        "spread": text.number(of.spread, 2),
        "left": money(of.left),
        "cost": money(of.cost),
        "rest": text.percent(REST, 0),
        "over": money(over),
        "both": money(of.left + over),
        "ratio": text.percent(float(critical_ratio(of.left, over))),
        "late": text.number(LATE),
        "service": text.percent(SERVICE, 0),
        "lead": "–",
        "way": "–",
        "safety": "–",
        "point": "–",
    }
    if of.lead is not None:
        facts |= {
            "lead": text.number(of.lead),
            "way": text.number(of.pace * of.lead, 1),
            "safety": text.number(_point(of, of.lead) - of.pace * of.lead, 1),
            "point": text.number(math.ceil(_point(of, of.lead) - 1e-9)),
        }
    return facts


@lru_cache(maxsize=4)
def _fading_facts(shop: Shop) -> Mapping[str, str]:
    of = fading(shop)
    before, after = halves(of)
    left = FADING.answer(shop)
    return {
        "product": of.product,
        "half": text.number(len(of.days) // 2),
        "before": text.number(before),
        "after": text.number(after),
        "kept": text.percent(after / before if before else float("nan")),
        "next": text.number(after * after / before if before else float("nan"), 1),
        "on_hand": "–" if of.on_hand is None else text.number(of.on_hand),
        "left": "–" if left is None else text.number(float(left)),
    }


@lru_cache(maxsize=4)
def _heaviest_facts(shop: Shop) -> Mapping[str, str]:
    of = heaviest(shop)
    if of is None:
        return dict.fromkeys(
            ("product", "days", "sold", "net", "cost", "stock", "profit", "money", "times", "gmroi"), "–"
        )
    units, stock = float(of.days["sold"].sum()), float(of.days["on_hand"].mean())
    return {
        "product": of.product,
        "days": text.number(len(of.days)),
        "sold": text.number(units),
        "net": text.money(of.net, of.currency),
        "cost": text.money(of.cost, of.currency),
        "stock": text.number(stock, 1),
        "profit": text.money(units * (of.net - of.cost), of.currency),
        "money": text.money(stock * of.cost, of.currency),
        "times": text.number(_year(of), 3),
        "gmroi": text.number(_gmroi(of, units, stock), 2),
    }


PACE = Exercise(
    id="24.1",
    kind="number",
    prompt="In {days} days {product} sold {sold} units. On {out} of the days it sold out; on the {open} "
    "others it sold {sold_open}. What is the average demand of a day, with two decimals, from the days that "
    "tell it?",
    answer=_of_item(lambda of: of.pace),
    wrong={
        "You divided by all days. On the sold-out days nobody could buy: they say what you had, not what was "
        "asked for.": _of_item(lambda of: float(of.days["sold"].mean())),
        "You left out the days without a sale, too. A day with stock and without a buyer is a zero that "
        "counts.": _of_item(lambda of: float(of.open[of.open > 0].mean())),
        "That is a week. A day was asked for.": _of_item(lambda of: 7 * of.pace),
    },
    hints=(
        "Which days can tell what people wanted, and which only what lay on the shelf?",
        "Divide {sold_open} by {open}.",
    ),
    solution="{pace}: {sold_open} units on {open} days with stock to the end.",
    facts=_facts,
)

RATIO = Exercise(
    id="24.2",
    kind="rate",
    prompt="A sale of {product} leaves {left}. A unit costs {cost}, and one left over still brings {rest} of "
    "its cost. With which probability should the stock be enough? Write a fraction.",
    answer=_of_item(lambda of: float(critical_ratio(of.left, (1 - REST) * of.cost))),
    wrong={
        "It is the wrong way round: that is how often the stock may fall short.": _of_item(
            lambda of: float(critical_ratio((1 - REST) * of.cost, of.left))
        ),
        "You let a unit left over lose all of its cost. It still brings something.": _of_item(
            lambda of: float(critical_ratio(of.left, of.cost))
        ),
        "You took what a left-over brings for what it loses.": _of_item(
            lambda of: float(critical_ratio(of.left, REST * of.cost))
        ),
        "You took the price less the cost. Fee and parcel go away too: a lost sale loses what it would have "
        "left.": _of_item(lambda of: float(critical_ratio(of.net - of.cost, (1 - REST) * of.cost))),
    },
    hints=(
        "What does a unit too few cost you? What does a unit too many cost you?",
        "Too few: {left}. Too many: {over}. Divide the first by both together.",
        "There is a function for it: sl.stock.critical_ratio(under, over).",
    ),
    solution="{ratio}: a unit too few costs {left}, one too many {over}. It is {left} of {both}.",
    facts=_facts,
)

FADING = Exercise(
    id="24.3",
    kind="count",
    prompt="{product} sold {before} units in {half} days and {after} in the {half} days after. {on_hand} are "
    "on the shelf. If sales go on falling at the same rate, how many of them are left {half} days from now? "
    "Round at the end.",
    answer=_of_fading(_faded),
    wrong={
        "You let it sell on as in the last {half} days. It is falling: why should it stop falling "
        "today?": _of_fading(lambda stock, _, after: stock - after),
        "You took away as many units as it lost last time. What fades keeps a share, not a number: it halves "
        "and halves again.": _of_fading(lambda stock, before, after: stock - max(2 * after - before, 0)),
        "You took the average of all days seen. The early days do not come back.": _of_fading(
            lambda stock, before, after: stock - (before + after) / 2
        ),
    },
    hints=(
        "Which share of its sales did it keep from the first time to the second?",
        "It kept {kept}. The next time it sells that share of {after}.",
    ),
    solution="{left}: it keeps {kept} each time, so {next} more are sold, out of {on_hand}.",
    facts=_fading_facts,
)

POINT = Exercise(
    id="24.4",
    kind="count",
    prompt="{product}: {pace} are asked for on an average day, give or take {spread}. A delivery takes "
    "{lead} days, give or take {late}. At which stock must you order, so that {service} of the times it "
    "lasts? Round up.",
    answer=_of_leading(_point),
    wrong={
        "That is the average demand until it comes. Every second time it would not be enough.": _of_leading(
            lambda of, lead: of.pace * lead
        ),
        "You let every delivery be on time. That some come late needs stock too.": _of_leading(
            lambda of, lead: _point(of, lead, late=0)
        ),
        "You added up the spread day by day. Good and bad days partly cancel out: it grows with the root of "
        "the days.": _of_leading(
            lambda of, lead: of.pace * lead + 1.645 * ((of.spread * lead) ** 2 + (of.pace * LATE) ** 2) ** 0.5
        ),
        "That is the safety stock alone. The usual demand until the delivery comes has to be there "
        "too.": _of_leading(lambda of, lead: _point(of, lead) - of.pace * lead),
    },
    hints=(
        "Two parts: what is asked for on average until it comes, and the safety stock.",
        "The first part is {way}. The safety stock is 1.645 times the root of L sd² + d² sL².",
        "sl.stock.reorder_point(item.pace, item.lead, daily_sd=item.spread, lead_time_sd=late, "
        "service=service)",
    ),
    solution="{point}: {way} until it comes, and {safety} of safety stock.",
    facts=_facts,
)

MONEY = Exercise(
    id="24.5",
    kind="number",
    prompt="{product}: in {days} days {sold} were sold, at {net} without VAT each. One costs {cost}, and on "
    "average {stock} lay on the shelf. How much gross profit does 1 of money in this stock bring in a year "
    "(GMROI), with two decimals?",
    answer=_of_heaviest(_gmroi),
    wrong={
        "That is for the days counted. A year was asked for, so that products can be compared.": _of_heaviest(
            lambda of, units, stock: _gmroi(of, units, stock) / _year(of)
        ),
        "You valued the stock at its price. Your money in it is what it cost.": _of_heaviest(
            lambda of, units, stock: _gmroi(of, units, stock) * of.cost / of.net
        ),
        "You took sales for gross profit. The goods have to be paid for first.": _of_heaviest(
            lambda of, units, stock: _gmroi(of, units, stock) * of.net / (of.net - of.cost)
        ),
        "That is how often the stock turns in a year. How much does each turn earn?": _of_heaviest(
            lambda of, units, stock: units / stock * _year(of)
        ),
    },
    hints=(
        "Gross profit of the days: units times price less cost. Money in stock: units times cost.",
        "{profit} and {money}. Divide, and make a year of it: times {times}.",
    ),
    solution="{gmroi}: {profit} of gross profit, divided by {money} in stock, times {times} for a year.",
    facts=_heaviest_facts,
)

LESSON = Lesson(
    number="24",
    question="500 or 50?",
    world="baby_goods",
    exercises=(PACE, RATIO, FADING, POINT, MONEY),
)
