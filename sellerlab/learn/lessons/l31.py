"""Lesson 31, *What must I charge?*: from cost, parcel, fee and tax to a price, its floor and its limit.

Every answer and every mistake is about one unit in one parcel, sold on the channel that sells most. The
products asked about are the ones that lose most at today's price: for them the question is real.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from sellerlab import text
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.offer import Offer, offer, offers
from sellerlab.money import round_money
from sellerlab.pricing import contribution, price_for_margin

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Margin that the exercises ask for.
TARGET = 0.20

#: By how much a buyer wants the price cut, as a share of it.
CUT = 0.10

#: Sales that the exercise on cheap prices compares with.
SALES = 100


Sum = Callable[[float, float, float, float], float]


def _second(shop: Shop) -> Offer | None:
    known = offers(shop)
    return known[1] if len(known) > 1 else None


def _spent(of: Offer) -> tuple[float, float, float, float]:
    """Return cost, what a sale costs beside it whatever the price, fee rate and VAT rate."""
    terms = of.terms
    return (
        of.cost,
        float(terms["fixed_cost"] + terms["fee_fixed"]),
        float(terms["fees"]),
        float(terms["vat_rate"]),
    )


def _of_second(formula: Sum) -> Callable[[Shop], Value]:
    """Return a sum about the second product: of cost, parcel, fee rate and VAT rate."""

    def computed(shop: Shop) -> Value:
        second = _second(shop)
        return None if second is None else formula(*_spent(second))

    return computed


def _of_first(formula: Sum) -> Callable[[Shop], Value]:
    """Return a sum about the first product."""
    return lambda shop: formula(*_spent(offer(shop)))


@lru_cache(maxsize=4)
def _charged(shop: Shop) -> Value:
    second = _second(shop)
    return None if second is None else _rounded_up(second, shop)


def _rounded_up(of: Offer, shop: Shop) -> float:
    price = price_for_margin(of.cost, TARGET, **of.terms)
    return float(round_money(price, shop.currency, "ceil")) if shop.currency else float(price)


@lru_cache(maxsize=4)
def _target(shop: Shop) -> float:
    return _rounded_up(offer(shop), shop)


def _cut(shop: Shop) -> float:
    cut = CUT * _target(shop)
    return float(round_money(cut, shop.currency)) if shop.currency else cut


@lru_cache(maxsize=16)
def _left_at(shop: Shop, price: float) -> float:
    of = offer(shop)
    return float(contribution(price, of.cost, **of.terms))


@lru_cache(maxsize=4)
def _given_up(shop: Shop) -> float:
    """Return what the seller gives up on a sale by the cut: tax and fee fall with the price."""
    return _left_at(shop, _target(shop)) - _left_at(shop, _target(shop) - _cut(shop))


@lru_cache(maxsize=4)
def _times(shop: Shop) -> float | None:
    """Return how many sales after the cut leave what `SALES` left before it."""
    after = _left_at(shop, _target(shop) - _cut(shop))
    return SALES * _left_at(shop, _target(shop)) / after if after > 0 else None


def _needed(shop: Shop) -> Value:
    times = _times(shop)
    return None if times is None else math.ceil(times)


def _turnover(shop: Shop) -> Value:
    return math.ceil(SALES * _target(shop) / (_target(shop) - _cut(shop)))


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    of, second = offer(shop), _second(shop)

    def money(amount: float | None) -> str:
        return "–" if amount is None else text.money(amount, shop.currency)

    cost, parcel, fee, vat = _spent(of)
    price, cut = _target(shop), _cut(shop)
    charged = None if second is None else _rounded_up(second, shop)
    needed = _needed(shop)
    return {
        "product": of.product,
        "cost": money(cost),
        "spent": money(cost + parcel),
        "parcel": money(parcel),
        "fee": text.percent(fee),
        "vat": text.percent(vat),
        "taken": text.percent(fee * (1 + vat), 2),
        "limit": text.percent(1 - fee * (1 + vat), 2),
        "target": text.percent(TARGET, 0),
        "price": money(price),
        "net": money(price / (1 + vat)),
        "cut": money(cut),
        "low": money(price - cut),
        "cut_net": money(cut / (1 + vat)),
        "cut_fee": money(cut * fee),
        "given_up": money(_given_up(shop)),
        "left": money(_left_at(shop, price)),
        "low_left": money(_left_at(shop, price - cut)),
        "sales": text.number(SALES),
        "needed": "–" if needed is None else text.number(float(needed)),
        "other": "–" if second is None else second.product,
        "other_cost": money(None if second is None else second.cost),
        "other_spent": money(None if second is None else second.cost + parcel),
        "other_price": money(charged),
        "room": text.number(1 - TARGET - fee * (1 + vat), 4),
    }


def _bases(shop: Shop) -> Mapping[str, str]:
    facts = _facts(shop)
    return {
        "a": text.say("what the product cost, {cost}", **facts),
        "b": text.say("the product and its parcel, {spent}", **facts),
        "c": text.say("the price without VAT, {net}", **facts),
        "d": text.say("the price that the buyer pays, {price}", **facts),
    }


def _base(shop: Shop) -> Value:
    offer(shop)  # refuses where the amounts are not known
    return "c"


BASE = Exercise(
    id="31.1",
    kind="choice",
    prompt="At {price} the {product} leaves {left}, a margin of {target}. It is {target} of which amount?",
    choices=_bases,
    answer=_base,
    wrong={
        "A share of the cost is a markup. A margin is a share of the sale.": lambda _: "a",
        "The parcel is a cost too, and a share of costs is a markup. A margin is a share of the "
        "sale.": lambda _: "b",
        "The VAT in that price goes to the tax office. A margin is a share of what is yours to "
        "share.": lambda _: "d",
    },
    hints=(
        "Divide {left} by each of the four amounts.",
        "One of the four holds neither money of the tax office nor only costs.",
    ),
    solution="c: {left} of {net} is {target}. The buyer pays {price}: {net} and {vat} VAT on top.",
    facts=_facts,
)

CHARGE = Exercise(
    id="31.2",
    kind="money",
    prompt="The {other} costs {other_cost}. What is the lowest price, VAT included, that leaves a margin of "
    "{target}? Parcel and fixed fee {parcel}, fee {fee} of the price, VAT {vat}; the parcel goes free.",
    answer=_charged,
    wrong={
        "You added fee and margin to the cost. Both are shares of the price, and the parcel and the VAT are "
        "not in it.": _of_second(lambda c, _, f, __: c * (1 + f + TARGET)),
        "You counted the parcel, but took fee and margin of the costs. Both are shares of the price: "
        "divide, do not add.": _of_second(lambda c, p, f, _: (c + p) * (1 + f + TARGET)),
        "You took the margin of the costs: that is a markup. A margin is a share of the net "
        "price.": _of_second(lambda c, p, f, v: (c + p) * (1 + TARGET) * (1 + v) / (1 - f * (1 + v))),
        "You left the VAT out. It is in the price and goes to the tax office.": _of_second(
            lambda c, p, f, _: (c + p) / (1 - TARGET - f)
        ),
        "You added the VAT last, so your fee is a share of the price without VAT. The platform takes its "
        "share of the price with VAT.": _of_second(lambda c, p, f, v: (c + p) * (1 + v) / (1 - TARGET - f)),
    },
    hints=(
        "There is a function for it: sl.pricing.target_price.",
        "It takes the cost, the margin, the currency and **item.terms. The answer's .price is asked for.",
        "By hand: {other_spent} times one plus the VAT rate, divided by {room}.",
    ),
    solution="{other_price}. The costs of {other_spent} with VAT on top are what stays when margin and fee "
    "are taken away: a share of {room}. Divide by it and round up.",
    facts=_facts,
    # The fee on the wrong base costs about one percent of the price: it is to be told from the answer.
    tolerance=0.001,
)

LIMIT = Exercise(
    id="31.3",
    kind="rate",
    prompt="Suppose that product and parcel cost nothing at all. What margin would a price leave? It is "
    "the limit that no margin reaches. The fee is {fee} of the price, VAT {vat}. Write a fraction.",
    answer=_of_first(lambda _, __, f, v: 1 - f * (1 + v)),
    wrong={
        "You took the fee as a share of the net price. It is a share of the price with VAT, so of the net "
        "price it is more.": _of_first(lambda _, __, f, ___: 1 - f),
        "You took the VAT off as well. The margin is a share of the net price, which has no VAT in "
        "it.": _of_first(lambda _, __, f, v: 1 - f - v),
        "That is the share of the price with VAT. Divide by the net price.": _of_first(
            lambda _, __, f, v: 1 / (1 + v) - f
        ),
        "That is the fee's share of the net price. What does it leave?": _of_first(
            lambda _, __, f, v: f * (1 + v)
        ),
        "Without costs the price is not all yours: the platform takes its fee from every price.": lambda _: (
            1.0
        ),
    },
    hints=(
        "Take a net price of 100. What does the buyer pay, and what does the platform keep of that?",
        "The platform keeps {fee} of 100 with VAT on top. What is left of the 100?",
    ),
    solution="{limit}: of the net price the fee is {taken}, because it is taken from the price with VAT. "
    "Every margin stays below what that leaves.",
    facts=_facts,
    tolerance=0.001,
)

CHEAP = Exercise(
    id="31.4",
    kind="count",
    prompt="At {price}, {sales} sales leave {sales} times {left}. How many sales at {low} leave at least as "
    "much?",
    answer=_needed,
    wrong={
        "That many sales bring the same turnover. Turnover does not pay the rent: compare what a sale "
        "leaves.": _turnover,
        "You added the share that the price fell by. What a sale leaves fell by far more.": lambda _: round(
            SALES * (1 + CUT)
        ),
        "You rounded down: that many leave a little less.": lambda shop: (
            None if _times(shop) is None else math.floor(_times(shop))  # type: ignore[arg-type]
        ),
        "You divided the wrong way round. A sale leaves less, so more sales are needed.": lambda shop: (
            None if _times(shop) is None else math.ceil(SALES * SALES / _times(shop))  # type: ignore[operator]
        ),
    },
    hints=(
        "What does one sale leave at each of the two prices? sl.pricing.contribution says so.",
        "Divide {sales} times {left} by {low_left}. A sale cannot be split: round up.",
    ),
    solution="{needed}: a sale leaves {low_left} in place of {left}.",
    facts=_facts,
)

SERVICE = Exercise(
    id="31.5",
    kind="money",
    prompt="At {price} a buyer says: too dear, give me {cut} off. Instead, a service could be added at the "
    "full price. What may the service cost, without VAT, so that it leaves as much as the cut would?",
    answer=_given_up,
    wrong={
        "That is the cut as the buyer sees it. A lower price also holds less VAT, and less fee is taken from "
        "it.": _cut,
        "You took the VAT out, but the fee falls with the price too.": lambda shop: (
            _cut(shop) / (1 + _spent(offer(shop))[3])
        ),
        "You took the margin's share of the cut. The whole cut is lost to you, but for the VAT and the fee "
        "that fall with it.": lambda shop: TARGET * _cut(shop),
        "That is all that a sale leaves. A service that costs it leaves nothing.": lambda shop: _left_at(
            shop, _target(shop)
        ),
    },
    hints=(
        "Compute what a sale leaves at the full price and after the cut: sl.pricing.contribution.",
        "The difference of the two is what the service may cost.",
        "By hand: {cut_net} less {cut_fee}.",
    ),
    solution="{given_up}. Of the {cut}, {cut_net} are net price, and {cut_fee} of fee fall away with it.",
    facts=_facts,
)

LESSON = Lesson(
    number="31",
    question="What must I charge?",
    world="phone_stand",
    exercises=(BASE, CHARGE, LIMIT, CHEAP, SERVICE),
)
