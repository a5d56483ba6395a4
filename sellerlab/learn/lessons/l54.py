"""Lesson 54, *Should loyal customers get the discount?*: what an offer added, gave away, and cost.

The exercises tell of a mailing and a pair of products with made-up counts, in the shop's own size: the real
ones are too few in a small shop to have one certain answer. What an order leaves is the shop's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.margin.profit import profit_and_loss
from sellerlab.money import round_money

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: The mailing: times as many customers get the coupon as are held out; shares that buy with it and without.
TIMES, WITH, WITHOUT = 4, 0.17, 0.11
#: The coupon, as a share of what an order leaves.
COUPON = 0.25
#: The points: their worth, the share of them that is used, and the software, as a share of sales.
EARN, REDEEMED, SOFTWARE = 0.03, 0.8, 0.006
#: A pair stands together so many times as often as chance would have it, and in so many baskets at least.
LIFT, LEAST = 1.6, 6


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A mailing, points and a pair of products, in the size of a shop."""

    currency: str | None
    sent: int
    held: int
    bought: int
    bought_without: int
    net: float
    left: float
    coupon: float
    sales: float
    margin: float
    software: float
    item: str
    other: str
    baskets: int
    with_item: int
    with_other: int
    both: int

    @property
    def anyway(self) -> int:
        return TIMES * self.bought_without

    @property
    def extra(self) -> int:
        return self.bought - self.anyway

    @property
    def given(self) -> float:
        return self.bought * self.coupon

    @property
    def points(self) -> float:
        return self.sales * EARN


@lru_cache(maxsize=4)
def _case(shop: Shop) -> _Case:
    books = profit_and_loss(shop.orders, shop.products, costs=shop.costs)
    if books.contribution_2 is None or books.contribution_2 <= 0:
        raise InputError("This asks what an order leaves: give products= and costs= of a shop that earns.")
    lines = tables.use(shop.orders, tables.ORDERS, ["order_id", "sku", "status", "kind"])
    sold = lines.collect().to_pandas()
    sold = sold[(sold["status"] == "paid") & (sold["kind"] == "sale")]
    counts = sold.groupby("sku")["order_id"].nunique()
    item, other = sorted(counts.index, key=lambda sku: (-counts[sku], sku))[:2]
    called = dict(zip(shop.products["sku"], shop.products.get("product", shop.products["sku"]), strict=True))
    baskets, first, second = int(sold["order_id"].nunique()), int(counts[item]), int(counts[other])
    coins = shop.currency or "USD"
    held = max(60, baskets // 20)
    left = float(round_money(books.contribution_2 / books.orders, coins))
    sales = float(round_money(books.net_sales, coins))
    return _Case(
        currency=shop.currency or None,
        sent=TIMES * held,
        held=held,
        bought=round(TIMES * WITH * held),
        bought_without=round(WITHOUT * held),
        net=books.net_sales / books.orders,
        left=left,
        coupon=float(round_money(COUPON * left, coins)),
        sales=sales,
        margin=round(books.contribution_2 / books.net_sales, 3),
        software=float(round_money(SOFTWARE * sales, coins)),
        item=str(called.get(item) or item),
        other=str(called.get(other) or other),
        baskets=baskets,
        with_item=first,
        with_other=second,
        both=min(max(LEAST, round(LIFT * first * second / baskets)), first, second),
    )


def _of(number: Callable[[_Case], float]) -> Callable[[Shop], Value]:
    return lambda shop: number(_case(shop))


def _needed(cost: Callable[[_Case], float]) -> Callable[[Shop], Value]:
    return _of(lambda of: cost(of) / (of.sales * of.margin))


def _cost(of: _Case) -> float:
    return of.points * REDEEMED + of.software


def _lift(of: _Case) -> float:
    return of.both * of.baskets / (of.with_item * of.with_other)


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    of = _case(shop)
    counts = ("sent", "held", "bought", "bought_without", "anyway", "extra")
    amounts = ("left", "coupon", "given", "sales", "software")
    return {
        **{name: text.number(getattr(of, name)) for name in counts},
        **{name: text.money(getattr(of, name), of.currency) for name in amounts},
        **{name: text.number(getattr(of, name)) for name in ("baskets", "with_item", "with_other", "both")},
        "times": text.number(TIMES),
        "share": text.percent(of.anyway / of.bought),
        "came": text.money(of.extra * of.left, of.currency),
        "gain": text.money(of.extra * of.left - of.given, of.currency),
        "margin": text.percent(of.margin),
        "earn": text.percent(EARN, 0),
        "redeemed": text.percent(REDEEMED, 0),
        "cost": text.money(_cost(of), of.currency),
        "leave": text.money(of.sales * of.margin, of.currency),
        "needed": text.percent(_cost(of) / (of.sales * of.margin)),
        "item": of.item,
        "other": of.other,
        "of_item": text.percent(of.both / of.with_item),
        "of_all": text.percent(of.with_other / of.baskets),
        "lift": text.number(_lift(of), 2),
    }


EXTRA = Exercise(
    id="54.1",
    kind="count",
    prompt="Another mailing. {sent} customers got a coupon, and {bought} of them bought. {held} were held "
    "out by lot, and {bought_without} of those bought. How many buyers did the coupon bring that would not "
    "have come without it?",
    answer=_of(lambda of: of.extra),
    wrong={
        "You counted all buyers with the coupon. Some of them would have bought anyway, as the holdout "
        "shows.": _of(lambda of: of.bought),
        "You took the holdout's buyers away as they are. The holdout is smaller: scale it to the size of the "
        "offered group first.": _of(lambda of: of.bought - of.bought_without),
        "These are the ones that would have come anyway. The question is about the others.": _of(
            lambda of: of.anyway
        ),
    },
    hints=(
        "What would the offered group have done without the coupon? The holdout did it for them.",
        "The offered group is {times} times as large as the holdout.",
        "Without the coupon {times} times {bought_without} of them would have bought.",
    ),
    solution="{extra}: {bought} bought, and {times} times {bought_without} = {anyway} would have bought "
    "anyway.",
    facts=_facts,
)

ANYWAY = Exercise(
    id="54.2",
    kind="rate",
    prompt="The same mailing: {bought} of {sent} bought with the coupon, {bought_without} of {held} without. "
    "Which share of the coupon's buyers would have bought anyway? Write a fraction with four decimals.",
    answer=_of(lambda of: of.anyway / of.bought),
    wrong={
        "You divided the two counts of buyers. The groups are not of one size: divide the two shares.": _of(
            lambda of: of.bought_without / of.bought
        ),
        "This is the share that came because of the coupon. The question is about the others.": _of(
            lambda of: of.extra / of.bought
        ),
        "This is the share of the holdout that bought. The question is about the buyers with the "
        "coupon.": _of(lambda of: of.bought_without / of.held),
    },
    hints=(
        "Of the coupon's buyers: so {bought} stands below the line.",
        "Above the line: those of the offered group that would have bought anyway.",
        "Divide {anyway} by {bought}.",
    ),
    solution="{share}: {anyway} of {bought}. It is the same as one share of buyers by the other.",
    facts=_facts,
)

GAIN = Exercise(
    id="54.3",
    kind="money",
    prompt="Still the same mailing. Each buyer made one order and used the coupon. An order leaves {left} "
    "before the coupon, and a coupon costs {coupon}. {sent} customers got it, {bought} bought, and {anyway} "
    "of these would have bought anyway. What did the mailing add or lose?",
    answer=_of(lambda of: of.extra * of.left - of.given),
    wrong={
        "You counted what all buyers left. Those who would have bought anyway add nothing.": _of(
            lambda of: of.bought * of.left - of.given
        ),
        "You forgot the coupons: every buyer used one.": _of(lambda of: of.extra * of.left),
        "You paid the coupon only to those who came because of it. The others used it, too: that is the "
        "cannibalised discount.": _of(lambda of: of.extra * (of.left - of.coupon)),
        "You counted the net sales of an order. Goods, fees and parcels are to be paid from them.": _of(
            lambda of: of.extra * of.net - of.given
        ),
    },
    hints=(
        "What came on top, less what was given. To whom was it given?",
        "On top came {extra} orders; coupons were used by {bought} buyers.",
        "{extra} times {left}, less {bought} times {coupon}.",
    ),
    solution="{gain}: {extra} orders on top leave {came}, and {bought} coupons cost {given}.",
    facts=_facts,
)

POINTS = Exercise(
    id="54.4",
    kind="rate",
    prompt="Suppose all customers of this shop were members: {sales} of sales, which leave {margin}. Points "
    "are worth {earn} of sales, {redeemed} of them are used, and the software costs {software}. Which share "
    "of these sales must come only because of the points, so that the scheme pays for itself? Write a "
    "fraction with four decimals.",
    answer=_needed(_cost),
    wrong={
        "You divided the cost by the sales. A sale that comes on top leaves only its margin.": _of(
            lambda of: _cost(of) / of.sales
        ),
        "You counted all points. Some are never used.": _needed(lambda of: of.points + of.software),
        "You forgot the software. It is paid whether points are used or not.": _needed(
            lambda of: of.points * REDEEMED
        ),
    },
    hints=(
        "First the cost of the scheme: the points that are used, and the software.",
        "The cost is {cost}. Which share of what the sales leave is that?",
        "The sales leave {leave}. Divide {cost} by that.",
    ),
    solution="{needed}: the scheme costs {cost}, and the sales leave {leave}.",
    facts=_facts,
)

PAIR = Exercise(
    id="54.5",
    kind="number",
    prompt="Of {baskets} baskets, {with_item} hold {item} and {with_other} hold {other}. Suppose that {both} "
    "hold both. What is the lift of this pair?",
    answer=_of(_lift),
    wrong={
        "This is the share of the baskets with the first that also hold the second: the confidence. Compare "
        "it with the share of all baskets.": _of(lambda of: of.both / of.with_item),
        "This is the share of all baskets that hold both: the support. Popular things stand together without "
        "any link.": _of(lambda of: of.both / of.baskets),
        "You turned it round. How often the pair came stands above the line, chance below it.": _of(
            lambda of: 1 / _lift(of)
        ),
    },
    hints=(
        "Two shares: how often is {other} in a basket with {item}, and how often in any basket?",
        "The first is {both} of {with_item}, the second {with_other} of {baskets}.",
        "Divide {of_item} by {of_all}, with all their digits.",
    ),
    solution="{lift}: {of_item} of the baskets with {item}, against {of_all} of all baskets.",
    facts=_facts,
)

LESSON = Lesson(
    number="54",
    question="Should loyal customers get the discount?",
    world="baby_goods",
    exercises=(EXTRA, ANYWAY, GAIN, POINTS, PAIR),
)
