"""Lesson 34, *Does the coupon pay?*: what an offer gives away, and what must come on top to pay for it.

The product asked about is the best seller that a discount does not ruin. Two exercises tell of sale days with
made-up counts, in the shop's own size: real ones are too few in a small shop to have one certain answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sellerlab import tables, text
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.offer import Offer, to_discount
from sellerlab.money import round_money
from sellerlab.pricing import contribution

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Depth of the discount that the exercises ask about.
CUT = 0.10
#: Coupon that buyers see, as a share of the price, and the platform's part of it.
COUPON, PLATFORM = 0.15, 0.40
#: Uplift of the small and of the large promotion, and how many times the orders the large one has.
SMALL, LARGE, TIMES = 0.6, 0.2, 3


@dataclass(frozen=True, kw_only=True)
class _Sale:
    """The product, what one sale of it leaves at each price, and two promotions of it.

    `usual` are the orders that usual days would have brought, `came` those that came.
    """

    offer: Offer
    currency: str | None
    left: float
    cut_left: float
    whole_left: float
    coupon: float
    coupon_left: float
    coupon_alone: float
    usual: tuple[int, int]
    came: tuple[int, int]
    days_usual: int
    days_came: int


@lru_cache(maxsize=4)
def _sale(shop: Shop) -> _Sale:
    of = to_discount(shop, CUT)
    currency = shop.currency or None
    coins = currency or "USD"

    def left(price: float) -> float:
        return float(contribution(price, of.cost, **of.terms))

    coupon = float(round_money(COUPON * of.price, coins))
    first = max(20, round(len(shop.orders) / 100))
    usual = (first, TIMES * first)
    before, after = (float(round_money(each, coins)) for each in (of.left, left(of.price * (1 - CUT))))
    days_usual = 10 * first
    # A third of what it would take: these sale days lose, though they look well.
    days_came = round(days_usual * (1 + 0.3 * (before / after - 1)))
    return _Sale(
        offer=of,
        currency=currency,
        left=before,
        cut_left=after,
        whole_left=of.left - CUT * of.price,
        coupon=coupon,
        coupon_left=left(of.price - coupon * (1 - PLATFORM)),
        coupon_alone=left(of.price - coupon),
        usual=usual,
        came=(round(usual[0] * (1 + SMALL)), round(usual[1] * (1 + LARGE))),
        days_usual=days_usual,
        days_came=days_came,
    )


def _of(number: Callable[[_Sale], float]) -> Callable[[Shop], Value]:
    return lambda shop: number(_sale(shop))


def _exact(sale: _Sale) -> tuple[float, float]:
    """Return what a sale leaves before and after the cut, to the last digit."""
    of = sale.offer
    return of.left, float(contribution(of.price * (1 - CUT), of.cost, **of.terms))


def _needed(sale: _Sale) -> float:
    before, after = _exact(sale)
    return before / after - 1


@dataclass(frozen=True, kw_only=True)
class _Orders:
    """Money charged for paid orders, and how many orders, buyers and lines there are."""

    charged: float
    orders: int
    buyers: int
    lines: int
    placed: int


@lru_cache(maxsize=4)
def _orders(shop: Shop) -> _Orders:
    lines = (
        tables.use(shop.orders, tables.ORDERS, ["order_id", "amount", "status", "kind"]).collect().to_pandas()
    )
    paid = lines[(lines["status"] == "paid") & (lines["kind"] == "sale")]
    return _Orders(
        charged=float(paid["amount"].sum()),
        orders=int(paid["order_id"].nunique()),
        buyers=int(paid["customer_id"].nunique()) if "customer_id" in paid else 0,
        lines=len(paid),
        placed=int(lines["order_id"].nunique()),
    )


def _each(count: Callable[[_Orders], int]) -> Callable[[Shop], Value]:
    """Return the money charged, divided by a count."""

    def computed(shop: Shop) -> Value:
        found = _orders(shop)
        return found.charged / count(found) if count(found) else None

    return computed


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    sale, orders = _sale(shop), _orders(shop)

    def money(amount: float) -> str:
        return text.money(amount, sale.currency)

    fee, vat = float(sale.offer.terms["fees"]), float(sale.offer.terms["vat_rate"])
    pooled = sum(sale.came) / sum(sale.usual) - 1
    return {
        "product": sale.offer.product,
        "price": money(sale.offer.price),
        "cut": text.percent(CUT, 0),
        "off": money(CUT * sale.offer.price),
        "low": money(sale.offer.price * (1 - CUT)),
        "left": money(sale.left),
        "cut_left": money(sale.cut_left),
        "given": money(sale.left - sale.cut_left),
        "fee": text.percent(fee),
        "vat": text.percent(vat, 0),
        "needed": text.percent(_needed(sale)),
        "small_usual": text.number(sale.usual[0]),
        "small_came": text.number(sale.came[0]),
        "large_usual": text.number(sale.usual[1]),
        "large_came": text.number(sale.came[1]),
        "all_usual": text.number(sum(sale.usual)),
        "all_came": text.number(sum(sale.came)),
        "pooled": text.percent(pooled),
        "usual": text.number(sale.days_usual),
        "came": text.number(sale.days_came),
        "extra": text.number(sale.days_came - sale.days_usual),
        "brought": money(sale.days_came * sale.cut_left),
        "anyway": money(sale.days_usual * sale.left),
        "gain": money(sale.days_came * sale.cut_left - sale.days_usual * sale.left),
        "coupon": money(sale.coupon),
        "platform": text.percent(PLATFORM, 0),
        "own": money(sale.coupon * (1 - PLATFORM)),
        "received": money(sale.offer.price - sale.coupon * (1 - PLATFORM)),
        "coupon_left": money(sale.coupon_left),
        "new": text.percent(1 - sale.coupon_left / sale.offer.left),
        "charged": money(orders.charged),
        "orders": text.number(orders.orders),
        "buyers": text.number(orders.buyers),
        "aov": money(orders.charged / orders.orders),
    }


POOLED = Exercise(
    id="34.1",
    kind="rate",
    prompt="A small promotion brought {small_came} orders where usual days bring {small_usual}. A large one "
    "brought {large_came} where usual days bring {large_usual}. What was the uplift of the two together? "
    "Write a fraction.",
    answer=_of(lambda sale: sum(sale.came) / sum(sale.usual) - 1),
    wrong={
        "You took the mean of the two uplifts, as if the promotions were of one size. Add up the orders "
        "first.": _of(
            lambda sale: sum(came / usual - 1 for came, usual in zip(sale.came, sale.usual, strict=True)) / 2
        ),
        "You added the two uplifts. Each is a share of other orders.": _of(
            lambda sale: sum(came / usual - 1 for came, usual in zip(sale.came, sale.usual, strict=True))
        ),
        "You counted all orders of the sale days. Most of them would have come anyway: take them off.": _of(
            lambda sale: sum(sale.came) / sum(sale.usual)
        ),
        "That is the share of the orders that came on top. An uplift is a share of the usual orders.": _of(
            lambda sale: 1 - sum(sale.usual) / sum(sale.came)
        ),
    },
    hints=(
        "How many orders came in all, and how many would have come anyway?",
        "The orders on top, divided by the usual ones.",
        "By hand: {all_came} against {all_usual}.",
    ),
    solution="{pooled}: {all_came} orders came and {all_usual} would have come anyway.",
    facts=_facts,
    tolerance=0.02,
)

BREAK_EVEN = Exercise(
    id="34.2",
    kind="rate",
    prompt="The {product} costs the buyer {price} and leaves {left}. With a discount of {cut} it leaves "
    "{cut_left}. How many more must be sold to leave the same in all? Write a fraction: 0.2 is a fifth more.",
    answer=_of(_needed),
    wrong={
        "You took the discount itself. A share of the price is a much larger share of what the price "
        "leaves.": lambda _: CUT,
        "That many more bring the same turnover. Turnover does not pay the rent: compare what a sale "
        "leaves.": lambda _: CUT / (1 - CUT),
        "That is how much less a sale leaves, as a share of before. The sales that make up for it leave less "
        "too: divide by what is left after.": _of(lambda sale: 1 - 1 / (1 + _needed(sale))),
        "That is how many in all, for each one of today. Give those on top.": _of(
            lambda sale: 1 + _needed(sale)
        ),
        "You took the whole discount off what is left. VAT and fee fall with the price.": _of(
            lambda sale: CUT * sale.offer.price / sale.whole_left
        ),
    },
    hints=(
        "What does one sale lose, and what does each sale leave afterwards?",
        "Divide the first by the second. sl.pricing.discount gives it as .needed.",
        "By hand: {given} divided by {cut_left}.",
    ),
    solution="{needed}: each sale gives up {given}, and each sale on top brings only {cut_left}.",
    facts=_facts,
    tolerance=0.02,
)

GAIN = Exercise(
    id="34.3",
    kind="money",
    prompt="In the sale days {came} of the {product} were sold at {cut} off, each leaving {cut_left}. Usual "
    "days would have sold {usual} at the full price, each leaving {left}. What did the sale days add to what "
    "is left? Write a loss with a minus.",
    answer=_of(lambda sale: sale.days_came * sale.cut_left - sale.days_usual * sale.left),
    wrong={
        "You counted all sales of the sale days as their gain. Most would have come anyway, and for "
        "more.": _of(lambda sale: sale.days_came * sale.cut_left),
        "You counted only the sales on top. The others got the discount too.": _of(
            lambda sale: (sale.days_came - sale.days_usual) * sale.cut_left
        ),
        "You counted the sales on top at the full price, and forgot what the others were given.": _of(
            lambda sale: (sale.days_came - sale.days_usual) * sale.left
        ),
        "You counted only what the discount cost on all sales, not what came on top.": _of(
            lambda sale: -sale.days_came * (sale.left - sale.cut_left)
        ),
        "The sign is the wrong way round: take usual days off the sale days.": _of(
            lambda sale: sale.days_usual * sale.left - sale.days_came * sale.cut_left
        ),
    },
    hints=(
        "What did all sales of the sale days leave? What would usual days have left?",
        "Take the second off the first.",
        "By hand: {came} times {cut_left}, less {usual} times {left}.",
    ),
    solution="{gain}: the sale days left {brought}, usual days would have left {anyway}. The {extra} sales "
    "on top did not pay for the discount on the {usual} others.",
    facts=_facts,
)

WHO_PAYS = Exercise(
    id="34.4",
    kind="rate",
    prompt="A coupon takes {coupon} off the {product} at {price}; the platform pays {platform} of the coupon "
    "back to the seller, and its fee counts that part as paid. An order leaves {left} without the coupon. "
    "What share of the orders that use it must be new, so that it costs nothing? Write a fraction.",
    answer=_of(lambda sale: 1 - sale.coupon_left / sale.offer.left),
    wrong={
        "You let the seller pay the whole coupon. The platform pays its part back.": _of(
            lambda sale: 1 - sale.coupon_alone / sale.offer.left
        ),
        "You let the seller pay the platform's part, and the platform the seller's.": _of(
            lambda sale: (
                1
                - float(
                    contribution(
                        sale.offer.price - sale.coupon * PLATFORM, sale.offer.cost, **sale.offer.terms
                    )
                )
                / sale.offer.left
            )
        ),
        "You took the seller's part off what is left as it stands. VAT and fee fall with the price.": _of(
            lambda sale: sale.coupon * (1 - PLATFORM) / sale.offer.left
        ),
        "That is how many must come on top of the old orders. Give the share of all that use it.": _of(
            lambda sale: sale.offer.left / sale.coupon_left - 1
        ),
        "That is the share that may be old. Give the share that must be new.": _of(
            lambda sale: sale.coupon_left / sale.offer.left
        ),
    },
    hints=(
        "What does an order leave with the coupon? The seller receives {received}.",
        "sl.pricing.coupon takes price, cost, the coupon and platform_share; .needed is the answer.",
        "By hand: an order leaves {coupon_left} with the coupon and {left} without. What share is lost?",
    ),
    solution="{new}: an order leaves {coupon_left} in place of {left}. If that share of the orders is new, "
    "what they leave makes up for what the others were given.",
    facts=_facts,
    tolerance=0.02,
)

AOV = Exercise(
    id="34.5",
    kind="money",
    prompt="What is the average order value of the shop over all its months? Take the amount of the paid "
    "lines of sales, VAT included.",
    answer=_each(lambda found: found.orders),
    wrong={
        "You divided by the customers. That is the revenue per customer: it also grows when people come "
        "back.": _each(lambda found: found.buyers),
        "You divided by the lines. An order can hold several.": _each(lambda found: found.lines),
        "You divided by all orders, cancelled ones too. Only the paid ones brought the money.": _each(
            lambda found: found.placed
        ),
    },
    hints=(
        'Paid lines: shop.orders[shop.orders["status"] == "paid"].',
        'The sum of their "amount", divided by how many different "order_id" there are: .nunique().',
        "By hand: {charged} divided by {orders}.",
    ),
    solution="{aov}: {charged} in {orders} orders. The {buyers} buyers do not enter.",
    facts=_facts,
)

LESSON = Lesson(
    number="34",
    question="Does the coupon pay?",
    world="phone_stand",
    exercises=(POOLED, BREAK_EVEN, GAIN, WHO_PAYS, AOV),
)
