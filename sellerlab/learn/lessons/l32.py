"""Lesson 32, *What would they pay?*: what people say about prices, read for what it can and cannot say.

Every answer is about a product that is planned. What a sale of it would bear comes from the shop: the fee
and the tax. What one costs, and what it costs to make, is told in the question, in proportion to the prices
that were asked, so that a survey in any currency can be asked the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.offer import offer
from sellerlab.money import round_money
from sellerlab.pricing import choice_model, contribution, gabor_granger, van_westendorp

if TYPE_CHECKING:
    from sellerlab.pricing import BestPrices, PriceRange
    from sellerlab.worlds.shop import Shop

#: Cost of a sale in the question about profit, as a share of the price of most sales.
COST = 0.5

#: Cost of making the better format, in prices of most sales.
MAKING = 60

#: Columns of the choices that are no feature.
_NO_FEATURE = ("respondent", "segment", "task", "alternative", "price", "none", "chosen")


@lru_cache(maxsize=4)
def _range(shop: Shop) -> PriceRange:
    return van_westendorp(shop.price_survey, draws=1)


def _asked(shop: Shop) -> int:
    return _range(shop).valid + sum(_range(shop).invalid.values())


def _without(reason: str) -> Callable[[Shop], Value]:
    """Return how many answers are left where only those with this fault are thrown away."""
    return lambda shop: _asked(shop) - _range(shop).invalid[reason]


@lru_cache(maxsize=8)
def _best(shop: Shop, cost: float = 0.0) -> BestPrices:
    return gabor_granger(shop.gabor, cost=cost, draws=1, **offer(shop).terms)


def _most_sales(shop: Shop) -> float:
    price = _best(shop).most_revenue
    if price is None:
        raise InputError("Too few people were asked at some price: 30 at each are needed.")
    return price


def _rounded(amount: float, shop: Shop) -> float:
    return float(round_money(amount, shop.currency)) if shop.currency else amount


def _cost(shop: Shop) -> float:
    return _rounded(COST * _most_sales(shop), shop)


def _most_profit(shop: Shop) -> Value:
    _most_sales(shop)  # refuses where too few were asked
    return _best(shop, _cost(shop)).most_profit


@dataclass(frozen=True, kw_only=True)
class _Worths:
    """What the choices say two steps are worth.

    Attributes:
        feature: Column with three levels or more whose best level is worth most.
        best: Its best level.
        second: Its level next to that.
        first: The level that the others are compared with.
        worth: Worth of best and of second against the first level.
        utilities: Their utilities.
        other: The column of the question about making.
        made: The best level of `other`.
        plain: Its first level.
        made_worth: Worth of `made` against `plain`.
    """

    feature: str
    best: str
    second: str
    first: str
    worth: tuple[float, float]
    utilities: tuple[float, float]
    other: str
    made: str
    plain: str
    made_worth: float


@lru_cache(maxsize=4)
def _worths(shop: Shop) -> _Worths:
    features = [name for name in shop.choices.columns if name not in _NO_FEATURE]
    model = choice_model(shop.choices, features, interval="delta")
    table = model.table.sort_values("worth", ascending=False, kind="stable")
    if table["worth"].isna().any():
        raise InputError("A higher price did not clearly make a product less chosen, so no worth is known.")
    steps = {name: rows for name, rows in table.groupby("attribute") if (rows["worth"] > 0).sum() > 1}
    if not steps:
        raise InputError("The question needs a feature with three levels, the first of which is worth least.")
    feature = max(steps, key=lambda name: steps[name]["worth"].iloc[0])
    (best, second), (top, next_) = steps[feature]["level"].iloc[:2], steps[feature]["worth"].iloc[:2]
    others = table[(table["attribute"] != feature) & (table["worth"] > 0)]
    if others.empty:
        raise InputError("The question needs a second feature that is worth something.")
    other = min(others["attribute"], key=features.index)
    made = others[others["attribute"] == other].iloc[0]
    return _Worths(
        feature=feature,
        best=best,
        second=second,
        first=str(model.base[feature]),
        worth=(float(top), float(next_)),
        utilities=tuple(steps[feature]["utility"].iloc[:2].tolist()),
        other=other,
        made=made["level"],
        plain=str(model.base[other]),
        made_worth=float(made["worth"]),
    )


def _making(shop: Shop) -> float:
    return MAKING * _most_sales(shop)


def _kept_of(amount: float, shop: Shop) -> float:
    """Return what a seller keeps of a higher price: the tax in it and the fee on it go."""
    terms = offer(shop).terms
    return amount / (1 + float(terms["vat_rate"])) - amount * float(terms["fees"])


def _whole_price(shop: Shop) -> float:
    return float(contribution(_most_sales(shop), 0.0, **offer(shop).terms))


def _kept_of_worth(shop: Shop) -> float:
    return _kept_of(_worths(shop).made_worth, shop)


def _buyers(
    kept: Callable[[Shop], float], rounded: Callable[[float], int] = math.ceil
) -> Callable[[Shop], Value]:
    """Return how many buyers pay for the making, if one leaves what `kept` says."""
    return lambda shop: rounded(_making(shop) / kept(shop))


def _tax_off_the_price(shop: Shop) -> float:
    """Return what is left of the rise by those who take the tax as a share of a price that holds it."""
    terms = offer(shop).terms
    return _worths(shop).made_worth * (1 - float(terms["vat_rate"]) - float(terms["fees"]))


@lru_cache(maxsize=4)
def _survey_facts(shop: Shop) -> Mapping[str, str]:
    found = _range(shop)
    return {
        "asked": text.number(_asked(shop)),
        "valid": text.number(found.valid),
        **{name: text.number(count) for name, count in found.invalid.items()},
        "optimal": "–" if found.optimal is None else text.money(found.optimal, shop.currency),
    }


@lru_cache(maxsize=4)
def _price_facts(shop: Shop) -> Mapping[str, str]:
    def money(amount: Any) -> str:
        return text.money(float(amount), shop.currency)

    sales, profit = _most_sales(shop), _best(shop, _cost(shop)).most_profit
    terms = offer(shop).terms
    left = [
        "–" if price is None else money(contribution(price, _cost(shop), **terms))
        for price in (sales, profit)
    ]
    return {
        "cost": money(_cost(shop)),
        "fee": text.percent(float(terms["fees"])),
        "fixed": money(terms["fee_fixed"] + terms["fixed_cost"]),
        "vat": text.percent(float(terms["vat_rate"]), 0),
        "sales": money(sales),
        "profit": "–" if profit is None else money(profit),
        "left_sales": left[0],
        "left_profit": left[1],
        "making": money(_making(shop)),
    }


@lru_cache(maxsize=4)
def _worth_facts(shop: Shop) -> Mapping[str, str]:
    worths = _worths(shop)

    def money(amount: float) -> str:
        return text.money(amount, shop.currency)

    return {
        "feature": worths.feature,
        "best": worths.best,
        "second": worths.second,
        "first": worths.first,
        "top": money(worths.worth[0]),
        "next": money(worths.worth[1]),
        "difference": money(worths.worth[0] - worths.worth[1]),
    }


@lru_cache(maxsize=4)
def _making_facts(shop: Shop) -> Mapping[str, str]:
    worths = _worths(shop)
    return {
        **_price_facts(shop),
        "made": worths.made,
        "plain": worths.plain,
        "other": worths.other,
        "worth": text.money(worths.made_worth, shop.currency),
        "kept": text.money(_kept_of_worth(shop), shop.currency),
        "buyers": text.number(math.ceil(_making(shop) / _kept_of_worth(shop))),
    }


def _points(shop: Shop) -> Mapping[str, str]:
    facts = _survey_facts(shop)
    return {
        "a": text.say("At {optimal} most people would buy.", **facts),
        "b": text.say("At {optimal} the seller earns most.", **facts),
        "c": text.say("As many people find {optimal} too cheap as find it too expensive.", **facts),
        "d": text.say("{optimal} is what people would pay on average.", **facts),
    }


USED = Exercise(
    id="32.1",
    kind="count",
    prompt="{asked} people answered the four questions. How many answers can be used: complete, and "
    "too_cheap < cheap < expensive < too_expensive?",
    answer=lambda shop: _range(shop).valid,
    wrong={
        "That is everybody. Who contradicts themselves, or left a question out, says nothing about a "
        "price.": _asked,
        "You threw away the incomplete answers only. Some complete ones are out of order.": _without(
            "missing"
        ),
        "You threw away the answers out of order only. In others a price is missing.": _without(
            "out_of_order"
        ),
        "That is how many cannot be used. The question is how many can.": lambda shop: (
            _asked(shop) - _range(shop).valid
        ),
    },
    hints=(
        "Compare two columns at a time: each comparison is True or False in every row. An empty price is "
        "never below another.",
        'survey["too_cheap"] < survey["cheap"] is the first of three comparisons. Put & between them, each '
        "in brackets, and add up what is True with .sum().",
    ),
    solution="{valid} of {asked}: in {missing} a price is missing, {out_of_order} are out of order.",
    facts=_survey_facts,
)

POINT = Exercise(
    id="32.2",
    kind="choice",
    prompt="The survey's optimal price point is {optimal}. What does that say?",
    choices=_points,
    answer=lambda shop: "c" if _range(shop).optimal is not None else None,
    wrong={
        "Nobody was asked whether they would buy. At a lower price no fewer would.": lambda _: "a",
        "The survey knows neither what a sale costs nor how many would buy, so it cannot know what "
        "earns most.": lambda _: "b",
        "It is no average of amounts: it is where two curves of people cross.": lambda _: "d",
    },
    hints=(
        "Which two lines cross at that price in the first picture of the lesson?",
        "Does the number move if a sale becomes dearer for the seller?",
    ),
    solution="c: it is where the curve of those who find a price too cheap crosses the curve of those who "
    "find it too expensive. About buying and earning it says nothing.",
    facts=_survey_facts,
)

PROFIT = Exercise(
    id="32.3",
    kind="money",
    prompt="Suppose that one sale costs the seller {cost} to deliver. At which of the prices asked in gabor "
    "is profit highest? The fee is {fee} of the price and {fixed} a sale, VAT {vat}.",
    answer=_most_profit,
    wrong={
        "There sales are highest. Every sale costs money to deliver: fewer buyers who leave more are "
        "better.": _most_sales,
        "There most people buy. Look at what a sale leaves, too.": lambda shop: _best(shop).most_buyers,
        "That is Van Westendorp's point. It does not know what a sale costs.": lambda shop: (
            _range(shop).optimal
        ),
    },
    hints=(
        "There is a function for it: sl.pricing.gabor_granger. The lesson's terms hold another cost: give it "
        "the one of the question.",
        "sl.pricing.gabor_granger(shop.gabor, **dict(terms, cost=...)) puts another cost into the terms. Its "
        "answer has .most_profit and .most_revenue.",
    ),
    solution="{profit}: a sale leaves {left_profit} there, and {left_sales} at {sales}, where sales are "
    "highest.",
    facts=_price_facts,
)

STEP = Exercise(
    id="32.4",
    kind="money",
    prompt="{feature}: how much more would people pay for {best} than for {second}?",
    answer=lambda shop: _worths(shop).worth[0] - _worths(shop).worth[1],
    wrong={
        "That is what the better one is worth against the first level. It was compared with another "
        "one here.": lambda shop: _worths(shop).worth[0],
        "That is what the other one is worth against the first level.": lambda shop: _worths(shop).worth[1],
        "You added the two. Nobody gets both: what is the step from one to the other?": lambda shop: sum(
            _worths(shop).worth
        ),
        "That is a difference of utilities. It becomes money when it is divided by the utility of one "
        "unit of money.": lambda shop: _worths(shop).utilities[0] - _worths(shop).utilities[1],
    },
    hints=(
        "Both are in model.table, each compared with {first}.",
        "What is the difference of the two worths?",
    ),
    solution="{difference}: {top} less {next}, both against {first}.",
    facts=_worth_facts,
)

MAKE = Exercise(
    id="32.5",
    kind="count",
    prompt="To make {made} in place of {plain} costs {making} once. A buyer would pay {worth} more for "
    "{made}, and the price rises by that. How many buyers pay for the making? The fee is {fee} of the price, "
    "VAT {vat}.",
    answer=_buyers(_kept_of_worth),
    wrong={
        "You rounded down. With that number a little of the making is not paid for yet.": _buyers(
            _kept_of_worth, math.floor
        ),
        "You took the VAT as a share of the price that holds it. Divide the rise by 1 + VAT.": _buyers(
            _tax_off_the_price
        ),
        "You divided by what the buyer pays more. VAT and fee are taken from it first.": _buyers(
            lambda shop: _worths(shop).made_worth
        ),
        "You took the VAT out. The fee grows with the price as well.": _buyers(
            lambda shop: _worths(shop).made_worth / (1 + float(offer(shop).terms["vat_rate"]))
        ),
        "You counted the whole price. The plainer one would have been paid for too: only the rise pays for "
        "the making.": _buyers(_whole_price),
    },
    hints=(
        "What does the seller keep of the rise in price?",
        "Of {worth} stay {kept}. Divide, and round up: a buyer cannot be split.",
    ),
    solution="{buyers}: of the {worth} more that each pays, {kept} stay after VAT and fee.",
    facts=_making_facts,
)

LESSON = Lesson(
    number="32",
    question="What would they pay?",
    world="sewing_school",
    exercises=(USED, POINT, PROFIT, STEP, MAKE),
)
