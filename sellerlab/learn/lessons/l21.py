"""Lesson 21, *What is left of 2000 yen?*: one sale, from the price to the contribution, and back.

Every exercise asks about one product sold once, alone in its parcel, under the shop's usual terms: of those
that then leave something, the one that left the shop most in its last full month.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.margin import markup_of, markup_to_margin
from sellerlab.margin.one_sale import terms_of
from sellerlab.margin.profit import profit_and_loss
from sellerlab.money import round_money
from sellerlab.months import last_full_month
from sellerlab.pricing import contribution, price_for_margin

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Share of the price that the coupon of the first exercise takes off.
COUPON = 0.1
#: How much more margin the seller wants in the fourth exercise.
MORE_MARGIN = 0.05
#: By how much the platform raises its fee in the last exercise, and about how many sales then pay the lamp.
RISE, SALES = 0.03, 70


@dataclass(frozen=True, kw_only=True)
class _Sale:
    """One sale of the product: what the buyer pays, what it bears, and what is asked about it.

    It leaves `left` as contribution 2, and `raised` once the fee is raised.
    """

    product: str
    currency: str | None
    price: float
    cost: float
    fee: float
    parcel: float
    vat: float
    coupon: float
    markup: float
    want: float
    left: float
    raised: float
    lamp: float

    @property
    def net(self) -> float:
        return self.price / (1 + self.vat)


@lru_cache(maxsize=4)
def _sale(shop: Shop) -> _Sale:
    start, end = last_full_month(shop.orders, shop.as_of)
    pnl = profit_and_loss(shop.orders, shop.products, costs=shop.costs, by="sku", start=start, end=end)
    terms = terms_of(pnl)
    fee, parcel, vat = terms["fee"], terms["parcel"], terms["vat_rate"]
    kept = {"fees": fee, "fixed_cost": parcel, "vat_rate": vat}
    rows = pnl.table.dropna(subset=["sku", "contribution_2"]).query("units > 0").set_index("sku")
    products = shop.products.set_index("sku")
    if rows.empty:
        raise InputError(
            "What a product costs is not known: landed costs are missing. Start the lesson with "
            "products= as well."
        )
    currency = shop.currency or None
    coins = currency or "USD"  # where no currency is told, two decimals
    prices = round_money((rows["gross_sales"] / rows["units"]).to_numpy(), coins)
    costs = products["landed_cost"].reindex(rows.index).to_numpy(dtype=float)
    rows = rows.assign(price=prices, cost=costs)
    rows = rows[contribution(rows["price"], rows["cost"], **{**kept, "fees": fee + RISE}) > 0]
    if rows.empty:
        raise InputError("No product of this shop leaves anything when it is sold once, alone in its parcel.")
    sku = rows["contribution_2"].idxmax()
    price, cost = float(rows["price"][sku]), float(rows["cost"][sku])
    left = float(contribution(price, cost, **kept))
    raised = left - RISE * price
    return _Sale(
        product=str(products["product"][sku]) if "product" in products else str(sku),
        currency=currency,
        price=price,
        cost=cost,
        fee=fee,
        parcel=parcel,
        vat=vat,
        coupon=float(round_money(COUPON * price, coins)),
        markup=_markup(price / (1 + vat), cost),
        want=round(left * (1 + vat) / price + MORE_MARGIN, 2),
        left=left,
        raised=raised,
        lamp=_lamp(raised),
    )


def _markup(net: float, cost: float) -> float:
    """Return the markup in whole tenths; never 1, where margin and the rest of the price are the same."""
    markup = max(round(markup_of(net, cost), 1), 0.1)
    return 1.1 if markup == 1 else markup


def _lamp(left: float) -> float:
    """Return a round price of a lamp that about `SALES` sales pay, with no doubt about the last of them."""
    unit = 10.0 ** (len(str(int(SALES * left))) - 3)
    first = round(SALES * left / unit)
    near = (unit * (first + place) for place in range(50))
    return next(lamp for lamp in near if 0.2 < lamp / left % 1 < 0.8)


Number = Callable[[_Sale], float]


def _of(number: Number) -> Callable[[Shop], Value]:
    """Return the answer or mistake that a sale's numbers give."""
    return lambda shop: number(_sale(shop))


def _bases(shop: Shop) -> Mapping[str, str]:
    sale = _sale(shop)
    paid = sale.price - sale.coupon + sale.parcel
    amounts = {
        "a": ("{amount}: the price", sale.price),
        "b": ("{amount}: the price after the coupon", sale.price - sale.coupon),
        "c": ("{amount}: the price after the coupon, with delivery, without tax", paid / (1 + sale.vat)),
        "d": ("{amount}: the price after the coupon, with delivery", paid),
        "e": ("{amount}: the price after the coupon, less the goods", sale.price - sale.coupon - sale.cost),
    }
    return {
        key: text.say(template, amount=text.money(amount, sale.currency))
        for key, (template, amount) in amounts.items()
        if key != "c" or sale.vat  # without tax it would be the same amount as d
    }


def _known(answer: str) -> Callable[[Shop], Value]:
    """Return a choice, or a refusal where the shop has no such sale."""

    def choice(shop: Shop) -> Value:
        _sale(shop)
        return answer

    return choice


def _target(sale: _Sale) -> float:
    terms = {"fees": sale.fee, "fixed_cost": sale.parcel, "vat_rate": sale.vat}
    return float(price_for_margin(sale.cost, sale.want, **terms))


def _sales(left: Number) -> Callable[[Shop], Value]:
    """Return how many sales pay the lamp if each leaves so much."""

    def count(shop: Shop) -> Value:
        sale = _sale(shop)
        each = left(sale)
        return math.ceil(sale.lamp / each) if each > 0 else None

    return count


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    sale = _sale(shop)

    def money(amount: float) -> str:
        return text.money(amount, sale.currency)

    return {
        "product": sale.product,
        "price": money(sale.price),
        "net": money(sale.net),
        "tax": money(sale.price - sale.net),
        "cost": money(sale.cost),
        "fee": text.percent(sale.fee),
        "fee_share": text.number(sale.fee, 3),
        "fee_paid": money(sale.fee * sale.price),
        "parcel": money(sale.parcel),
        "vat": text.percent(sale.vat, 0 if round(sale.vat, 2) == sale.vat else 1),
        "one_vat": f"{1 + sale.vat:g}",
        "coupon": money(sale.coupon),
        "paid": money(sale.price - sale.coupon + sale.parcel),
        "paid_fee": money(sale.fee * (sale.price - sale.coupon + sale.parcel)),
        "markup": text.percent(sale.markup, 0),
        "markup_share": text.number(sale.markup, 1),
        "margin": text.percent(markup_to_margin(sale.markup)),
        "left": money(sale.left),
        "want": text.percent(sale.want, 0),
        "want_share": text.number(sale.want, 2),
        "target": money(_target(sale)),
        "lamp": money(sale.lamp),
        "raised_fee": text.percent(sale.fee + RISE),
        "raised": money(sale.raised),
        "exact": text.number(sale.lamp / sale.raised, 2),
        "sales": text.number(math.ceil(sale.lamp / sale.raised)),
    }


BASE = Exercise(
    id="21.1",
    kind="choice",
    prompt="A buyer takes one {product} at {price}, with a coupon of {coupon} that the seller pays for, and "
    "pays {parcel} for delivery. The platform keeps {fee} of what the buyer pays. Of which amount does it "
    "take the fee?",
    choices=_bases,
    answer=_known("d"),
    wrong={
        "That is the price on the tag. The coupon came off before the buyer paid, and delivery came "
        "on.": _known("a"),
        "Delivery is missing: the buyer pays it too, so the platform takes its share of it.": _known("b"),
        "You took the tax off first. The buyer pays it, and this platform takes its share of what the buyer "
        "pays.": _known("c"),
        "The platform does not know what the goods cost. A fee is taken from the sale, not from what is "
        "left of it.": _known("e"),
    },
    hints=(
        "Read the platform's words again: of what the buyer pays.",
        "Does the buyer pay the coupon? The delivery? The tax?",
    ),
    solution="d: the buyer pays {price} less {coupon} and {parcel} for delivery, together {paid}, tax and "
    "all. The fee is {paid_fee}.",
    facts=_facts,
)

MARKUP = Exercise(
    id="21.2",
    kind="rate",
    prompt="A guide calls {markup} the profit rate of a product. It means the markup: what is put on the "
    "cost. Which margin is that: what share of the price without tax is left after the goods? Write a "
    "fraction, as 0.25.",
    answer=_of(lambda sale: markup_to_margin(sale.markup)),
    wrong={
        "That is the markup, a share of the cost. A margin is a share of the price: it is smaller, and never "
        "above 100%.": _of(lambda sale: sale.markup),
        "That is the share of the price that the goods take. The margin is the rest.": _of(
            lambda sale: 1 / (1 + sale.markup)
        ),
        "You went the other way: that turns a margin into a markup.": _of(
            lambda sale: sale.markup / (1 - sale.markup)
        ),
        "That is the price as a multiple of the cost. The margin is a part of the price.": _of(
            lambda sale: 1 + sale.markup
        ),
    },
    hints=(
        "Think of goods that cost 1. What is put on them, and what is the price?",
        "The price is 1 + {markup_share}, and {markup_share} of it is left.",
        "Divide {markup_share} by 1 + {markup_share}, or ask sl.margin.markup_to_margin.",
    ),
    solution="Goods that cost 1 sell at 1 + {markup_share}; {markup_share} is left. A markup of {markup} is "
    "a margin of {margin}.",
    facts=_facts,
)

LEFT = Exercise(
    id="21.3",
    kind="money",
    prompt="One {product} sells at {price}, delivery free and {vat} tax contained. It cost {cost}, the "
    "parcel costs {parcel}, and the platform keeps {fee} of what the buyer pays. What is left as "
    "contribution 2?",
    answer=_of(lambda sale: sale.left),
    wrong={
        "You forgot the tax: a part of the price belongs to the tax office.": _of(
            lambda sale: sale.left + sale.price - sale.net
        ),
        "You took {vat} of the price as tax. The tax is {vat} of the price without it: divide the price by "
        "{one_vat}.": _of(lambda sale: sale.left - sale.vat * sale.price + sale.price - sale.net),
        "You took the fee from the price without tax. The platform takes it from what the buyer pays.": _of(
            lambda sale: sale.left + sale.fee * (sale.price - sale.net)
        ),
        "You took the fee from what is left after the goods. The platform takes it from what the buyer "
        "pays.": _of(lambda sale: sale.left + sale.fee * (sale.price - sale.net + sale.cost)),
        "You forgot the parcel.": _of(lambda sale: sale.left + sale.parcel),
        "You forgot the fee.": _of(lambda sale: sale.left + sale.fee * sale.price),
        "That is contribution 1: the goods are paid, the fee and the parcel are not.": _of(
            lambda sale: sale.net - sale.cost
        ),
    },
    hints=(
        "Walk down the waterfall: price, tax, goods, fee, parcel.",
        "Without tax the price is {price} divided by {one_vat}. The fee is {fee_share} of {price}.",
        "Take {cost}, {fee_paid} and {parcel} from {net}.",
    ),
    solution="{price} without tax is {net}. Less {cost} for the goods, {fee_paid} of fee and {parcel} for "
    "the parcel, {left} is left.",
    facts=_facts,
)

PRICE = Exercise(
    id="21.4",
    kind="money",
    prompt="For the next lot of {product}, cost {cost}, {want} of the price without tax is to be left as "
    "contribution 2. The parcel costs {parcel}, the platform keeps {fee} of what the buyer pays, and the "
    "price contains {vat} tax. Which price does it take?",
    answer=_of(_target),
    wrong={
        "You multiplied the cost by 1 + fee + margin. Fee and margin are shares of the price, not of the "
        "cost.": _of(lambda sale: sale.cost * (1 + sale.fee + sale.want)),
        "You multiplied by 1 + fee + margin. These are shares of the price: divide by what they leave of "
        "it.": _of(lambda sale: (sale.cost + sale.parcel) * (1 + sale.fee + sale.want)),
        "You multiplied by 1 + fee + margin and put the tax on. The shares are of the price: divide by what "
        "they leave of it.": _of(
            lambda sale: (sale.cost + sale.parcel) * (1 + sale.fee + sale.want) * (1 + sale.vat)
        ),
        "You put the wanted share on the costs: that is a markup. The margin is a share of the price.": _of(
            lambda sale: (
                (sale.cost + sale.parcel) * (1 + sale.want) * (1 + sale.vat) / (1 - sale.fee * (1 + sale.vat))
            )
        ),
        "You forgot the tax that is contained in the price.": _of(
            lambda sale: (sale.cost + sale.parcel) / (1 - sale.fee - sale.want)
        ),
        "You took the fee from the price without tax. The platform takes it from what the buyer pays.": _of(
            lambda sale: (sale.cost + sale.parcel) * (1 + sale.vat) / (1 - sale.fee - sale.want)
        ),
        "You forgot the parcel.": _of(
            lambda sale: sale.cost * (1 + sale.vat) / (1 - sale.want - sale.fee * (1 + sale.vat))
        ),
    },
    hints=(
        "What must the price without tax pay for, and which share of it is to be left?",
        "Costs that do not grow with the price stand above the line, shares of the price below it. Or ask "
        "sl.pricing.price_for_margin.",
        "Divide ({cost} + {parcel}) x {one_vat} by 1 - {want_share} - {fee_share} x {one_vat}.",
    ),
    solution="({cost} + {parcel}) x {one_vat} / (1 - {want_share} - {fee_share} x {one_vat}) = {target}. Put "
    "it into the waterfall: {want} of the price without tax is left.",
    facts=_facts,
)

SOLD = Exercise(
    id="21.5",
    kind="count",
    prompt="A lamp for the pictures costs {lamp}. It is to be paid by sales of {product} at {price}: cost "
    "{cost}, parcel {parcel}, {vat} tax contained. The platform raises its fee from {fee} of what the buyer "
    "pays to {raised_fee}. How many sales pay the lamp?",
    answer=_sales(lambda sale: sale.raised),
    wrong={
        "That is the number before the fee was raised.": _sales(lambda sale: sale.left),
        "You divided by price less cost. Tax, fee and parcel come off each sale too.": _sales(
            lambda sale: sale.price - sale.cost
        ),
        "You forgot the tax that is contained in the price.": _sales(
            lambda sale: sale.raised + sale.price - sale.net
        ),
        "You rounded down: after that many sales a part of the lamp is not paid yet.": _of(
            lambda sale: math.floor(sale.lamp / sale.raised)
        ),
    },
    hints=(
        "How much does one sale leave after the raise? That much of the lamp it pays.",
        "The fee is now {raised_fee} of {price}. Nothing else changes.",
        "Divide {lamp} by {raised}, and round up: nobody buys a part of a product.",
    ),
    solution="Each sale left {left} and now leaves {raised}. {lamp} divided by that is {exact}: {sales} "
    "sales pay the lamp.",
    facts=_facts,
)

LESSON = Lesson(
    number="21",
    question="What is left of 2000 yen?",
    world="phone_stand",
    exercises=(BASE, MARKUP, LEFT, PRICE, SOLD),
)
