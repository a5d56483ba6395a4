"""Lesson 42, *Keep or cut this keyword?*: an order's break-even, and how little a few clicks say.

Every answer is about an order as the shop's ads bring it. In a report of the learner's own nobody has said
what the goods cost, so the questions say it. They also make up a new keyword, with few clicks, as any shop
has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sellerlab import text
from sellerlab.learn.advertised import advertised, by_level, planted_keywords
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.money import round_money

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Goods of an order in the questions, as a share of its price without VAT, where no books say it.
GOODS = 0.44

#: Clicks of the keyword that nobody has bought from, and clicks and orders of the new one.
SILENT, CLICKS, ORDERS = 30, 20, 3

#: Clicks that knowing the campaign is worth.
WEIGHT = 60


@dataclass(frozen=True, kw_only=True)
class _Order:
    """An order of the campaign in amounts as they are written for the learner."""

    currency: str | None
    price: float
    net: float
    goods: float
    fee: float
    parcel: float
    vat: float
    cpc: float
    usual: float

    @property
    def left(self) -> float:
        return self.net - self.goods - self.fee * self.price - self.parcel

    @property
    def needed(self) -> float:
        return self.cpc / self.left


@lru_cache(maxsize=4)
def _order(shop: Shop) -> _Order:
    of = advertised(shop, None if planted_keywords(shop) else GOODS)
    currency = shop.currency or None

    def coins(amount: float) -> float:
        return float(round_money(amount, currency)) if currency else round(amount, 2)

    price, vat = coins(of.price), float(of.terms["vat_rate"])
    sums = of.keywords[["clicks", "spend", "orders"]].sum()
    return _Order(
        currency=currency,
        price=price,
        net=price / (1 + vat),
        goods=coins(of.goods),
        fee=float(of.terms["fees"]),
        parcel=coins(float(of.terms["fixed_cost"] + of.terms["fee_fixed"])),
        vat=vat,
        cpc=coins(float(sums["spend"] / sums["clicks"])),
        usual=round(float(sums["orders"] / sums["clicks"]), 3),
    )


def _of(formula: Callable[[_Order], float]) -> Callable[[Shop], Value]:
    return lambda shop: formula(_order(shop))


def _quiet(order: _Order) -> float:
    """Return how likely no order at all is from a keyword that stands exactly at its break-even."""
    return float((1 - order.needed) ** SILENT)


def _drawn(order: _Order) -> float:
    """Return the likely rate of the new keyword: its own orders and clicks beside those of the campaign."""
    return (WEIGHT * order.usual + ORDERS) / (WEIGHT + CLICKS)


# ── steps of spend ──


@lru_cache(maxsize=4)
def _levels(shop: Shop) -> tuple[tuple[float, float], ...]:
    """Return spend and revenue of a day at each level of budget, the lowest first."""
    means = by_level(shop.ads).groupby("level")[["spend", "revenue"]].mean()
    rows = zip(means["spend"], means["revenue"], strict=True)
    return tuple(sorted((float(round(spend)), float(round(made))) for spend, made in rows))


def _of_last(formula: Callable[[float, float, float, float], float]) -> Callable[[Shop], Value]:
    """Return a sum of spend and revenue at the last level but one and at the last."""
    return lambda shop: formula(*_levels(shop)[-2], *_levels(shop)[-1])


# ── a longer way ──


def _way(order: _Order) -> tuple[float, float]:
    """Return which shares sign up and then buy; another shop, other shares."""
    place = int(order.price / 100) % 10
    return 0.12 + 0.01 * place, 0.10 + 0.01 * (place % 4)


def _of_way(formula: Callable[[float, float, _Order], float]) -> Callable[[Shop], Value]:
    return lambda shop: formula(*_way(_order(shop)), _order(shop))


# ── words ──


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    order = _order(shop)

    def money(amount: float) -> str:
        return text.money(amount, order.currency)

    signs, buys = _way(order)
    return {
        "price": money(order.price),
        "net": money(order.net),
        "goods": money(order.goods),
        "fee": text.percent(order.fee),
        "parcel": money(order.parcel),
        "vat": text.percent(order.vat, 0),
        "left": money(order.left),
        "roas": text.number(order.price / order.left, 2),
        "cpc": money(order.cpc),
        "needed": text.percent(order.needed, 2),
        "rest": text.percent(1 - order.needed, 2),
        "silent": text.number(SILENT),
        "expected": text.number(SILENT * order.needed, 1),
        "quiet": text.percent(_quiet(order)),
        "usual": text.percent(order.usual),
        "weight": text.number(WEIGHT),
        "clicks": text.number(CLICKS),
        "orders": text.number(ORDERS),
        "own": text.percent(ORDERS / CLICKS, 0),
        "known": text.number(WEIGHT * order.usual, 2),
        "together": text.number(WEIGHT + CLICKS),
        "drawn": text.percent(_drawn(order)),
        "signs": text.percent(signs, 0),
        "buys": text.percent(buys, 0),
        "way": text.percent(signs * buys, 2),
        "click": money(signs * buys * order.left),
    }


@lru_cache(maxsize=4)
def _step_facts(shop: Shop) -> Mapping[str, str]:
    (low, low_made), (high, high_made) = _levels(shop)[-2:]

    def money(amount: float) -> str:
        return text.money(amount, shop.currency or None)

    return {
        "low": money(low),
        "low_made": money(low_made),
        "high": money(high),
        "high_made": money(high_made),
        "more": money(high - low),
        "more_made": money(high_made - low_made),
        "average": text.number(high_made / high, 2),
        "step": text.number((high_made - low_made) / (high - low), 2),
    }


EVEN = Exercise(
    id="42.1",
    kind="number",
    prompt="An order costs the buyer {price}, VAT of {vat} included. Its goods cost {goods}, the parcel "
    "{parcel}, and the platform keeps {fee} of what the buyer pays. The report counts {price} as "
    "revenue. At which ROAS does the ad that brought it pay for itself? Write two decimals.",
    answer=_of(lambda each: each.price / each.left),
    wrong={
        "That is gross margin: only the goods are taken off. The fee and the parcel are paid from every "
        "order too.": _of(lambda each: each.price / (each.net - each.goods)),
        "That is gross margin, and without the VAT. The fee and the parcel are missing, and the report "
        "counts the price with VAT.": _of(lambda each: each.net / (each.net - each.goods)),
        "You divided the price without VAT. The report counts the price with VAT, and its ROAS is measured "
        "with it.": _of(lambda each: each.net / each.left),
        "You left the VAT in what is left. It goes to the tax office.": _of(
            lambda each: each.price / (each.left + each.price - each.net)
        ),
        "You forgot the parcel. Each order needs one.": _of(
            lambda each: each.price / (each.left + each.parcel)
        ),
        "You forgot the fee.": _of(lambda each: each.price / (each.left + each.fee * each.price)),
        "That is the ACoS. The ROAS is its inverse.": _of(lambda each: each.left / each.price),
        "That is in percent, as some tools print it. Write the revenue for one coin.": _of(
            lambda each: 100 * each.price / each.left
        ),
    },
    hints=(
        "What is left of the order for the ad, after VAT, goods, fee and parcel?",
        "Without VAT the price is {net}. sl.pricing.contribution(sale.price, sale.goods, **sale.terms) "
        "does the whole sum.",
        "All of what is left, {left}, may go to the ad. How much revenue does the report count for each "
        "coin of it?",
    ),
    solution="{roas}: the report counts {price}, and {left} of it may go to the ad.",
    facts=_facts,
)

QUIET = Exercise(
    id="42.2",
    kind="rate",
    prompt="A keyword costs {cpc} a click, and an order leaves {left}. So it needs an order from "
    "{needed} of its clicks. Suppose that it does have exactly this rate. How likely are {silent} clicks "
    "without any order? Write a fraction, to three decimals.",
    answer=_of(_quiet),
    wrong={
        "That is how many orders to expect from so many clicks, not how likely none is.": _of(
            lambda each: SILENT * each.needed
        ),
        "That is the chance of one order or more. The question is about none.": _of(
            lambda each: 1 - _quiet(each)
        ),
        "That is the chance that one click brings no order. All {silent} have to.": _of(
            lambda each: 1 - each.needed
        ),
        "That is the chance that one click brings an order.": _of(lambda each: each.needed),
        "It is not impossible: a click brings an order only now and then, so none of them may.": lambda _: (
            0.0
        ),
    },
    hints=(
        "How likely is it that one click brings no order? And two clicks, one after the other?",
        "One click brings none with a chance of {rest}. Multiply that by itself, once for each click: "
        "** does it.",
    ),
    solution="{quiet}: {rest} to the power of {silent}. One would expect {expected} orders, and none is "
    "nothing unusual.",
    facts=_facts,
)

DRAWN = Exercise(
    id="42.3",
    kind="rate",
    prompt="A new keyword has {orders} orders from {clicks} clicks. Say that a usual keyword of its campaign "
    "has a rate of {usual}, and that knowing it is worth {weight} clicks: it counts as if the new one had "
    "had {weight} clicks more, at the campaign's rate. What is its likely rate? Write a fraction, to three "
    "decimals.",
    answer=_of(_drawn),
    wrong={
        "That is its own rate, {own}, as if nothing were known of its campaign.": lambda _: ORDERS / CLICKS,
        "That is the campaign's rate, as if the keyword's own clicks said nothing.": _of(
            lambda each: each.usual
        ),
        "You took the middle of both rates. The larger number of clicks weighs more.": _of(
            lambda each: (each.usual + ORDERS / CLICKS) / 2
        ),
        "You weighted the wrong way round: each rate goes with its own clicks.": _of(
            lambda each: (CLICKS * each.usual + WEIGHT * ORDERS / CLICKS) / (WEIGHT + CLICKS)
        ),
        "You added the campaign's orders, but not its clicks.": _of(
            lambda each: (WEIGHT * each.usual + ORDERS) / CLICKS
        ),
    },
    hints=(
        "How many orders do {weight} clicks at the campaign's rate bring?",
        "Add these {known} orders to its own {orders}, and divide by all the clicks together.",
    ),
    solution="{drawn}: {known} and {orders} orders from {together} clicks. Its own rate of {own} is "
    "drawn most of the way to the campaign's.",
    facts=_facts,
)

STEP = Exercise(
    id="42.4",
    kind="number",
    prompt="At a spend of {low} a day the ads bring {low_made} a day, and at {high} a day {high_made}. "
    "What is the ROAS of the last step, from {low} to {high}? Write two decimals.",
    answer=_of_last(lambda low, low_made, high, high_made: (high_made - low_made) / (high - low)),
    wrong={
        "That is the average of all the spend, {average}. What did only the last step bring?": _of_last(
            lambda _, __, high, high_made: high_made / high
        ),
        "That is the ROAS before the step.": _of_last(lambda low, low_made, _, __: low_made / low),
        "That is how much the average fell. Divide more revenue by more spend.": _of_last(
            lambda low, low_made, high, high_made: high_made / high - low_made / low
        ),
        "You divided the wrong way round: revenue by spend.": _of_last(
            lambda low, low_made, high, high_made: (high - low) / (high_made - low_made)
        ),
        "You divided all the revenue by the spend of the step.": _of_last(
            lambda low, _, high, high_made: high_made / (high - low)
        ),
    },
    hints=(
        "How much more is spent, and how much more comes in?",
        "Divide {more_made} by {more}.",
    ),
    solution="{step}, while the average still shows {average}.",
    facts=_step_facts,
)

CLICK = Exercise(
    id="42.5",
    kind="money",
    prompt="A click leads to a page on which {signs} leave their mail address. Of these, {buys} buy from "
    "the mails. An order leaves {left}. What may a click cost at most?",
    answer=_of_way(lambda signs, buys, each: signs * buys * each.left),
    wrong={
        "You skipped a step: only some of the clicks leave an address.": _of_way(
            lambda _, buys, each: buys * each.left
        ),
        "An address is not an order: only some of them buy.": _of_way(
            lambda signs, _, each: signs * each.left
        ),
        "You added the shares. The second is a share of the first: multiply.": _of_way(
            lambda signs, buys, each: (signs + buys) * each.left
        ),
        "You reckoned with the price of the order. Only what it leaves can pay for clicks.": _of_way(
            lambda signs, buys, each: signs * buys * each.price
        ),
        "You took the tax off the price, but goods, fee and parcel are to be paid too.": _of_way(
            lambda signs, buys, each: signs * buys * each.net
        ),
    },
    hints=(
        "Of a hundred clicks, how many leave an address, and how many of these buy?",
        "{way} of the clicks end in an order.",
    ),
    solution="{click}: {way} of the clicks bring an order, and each order leaves {left}.",
    facts=_facts,
)

LESSON = Lesson(
    number="42",
    question="Keep or cut this keyword?",
    world="baby_goods",
    exercises=(EVEN, QUIET, DRAWN, STEP, CLICK),
)
