"""Lesson 51, *Who are my best customers?*: what recency, orders and money count, and what a segment is for.

The customers asked about are chosen so that every known mistake leads somewhere else: one who has given
something back, and one whose scores point to four different segments.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from sellerlab import tables, text
from sellerlab.costs import Costs
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.money import round_money
from sellerlab.segments import ACTIONS, BANDS, GRID, Rfm, rfm

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Days between the last day of the data and the day on which the file is opened.
LATER = 12

#: What a gift costs, as a share of the net sales of an order.
GIFT = 0.05

_MONEY = ("amount", "platform_discount", "tax_added", "tax_included", "refunded")
_NEEDS = ("customer_id", "status", "kind", *_MONEY)


@dataclass(frozen=True, eq=False)
class _Customer:
    """One customer's paid orders: when, how many, and their money.

    `net` is what counts; `charged` is before refunds and tax, `untaxed` before refunds, `kept` before tax.
    """

    name: str
    first: dt.date
    last: dt.date
    orders: int
    lines: int
    net: float
    charged: float
    untaxed: float
    kept: float


@lru_cache(maxsize=4)
def _scored(shop: Shop) -> Rfm:
    return rfm(shop.orders, as_of=shop.as_of)


@lru_cache(maxsize=4)
def _people(shop: Shop) -> pd.DataFrame:
    people: pd.DataFrame = _scored(shop).customers
    return people


@lru_cache(maxsize=4)
def _asked(shop: Shop) -> _Customer | None:
    """Return the customer who got most money back, of those with orders of several days and lines."""
    lines = shop.orders
    if "refunded" not in lines:
        return None
    back = lines[lines["refunded"].fillna(0) > 0].groupby("customer_id")["refunded"].sum()
    names = [name for _, name in sorted((-amount, name) for name, amount in back.items())]
    own = lines[lines["customer_id"].isin(names)]
    own = tables.use(own, tables.ORDERS, _NEEDS).collect().to_pandas()
    own = own[(own["status"] == "paid") & (own["kind"] == "sale")]
    own[list(_MONEY)] = own[list(_MONEY)].fillna(0.0)
    people = _people(shop)
    known = dict(
        zip(people["customer_id"], zip(people["orders"], people["net_sales"], strict=True), strict=True)
    )
    for name in names:
        if name not in known:
            continue
        sold = own[own["customer_id"] == name]
        orders, net = known[name]
        first, last = sold["ordered_at"].min().date(), sold["ordered_at"].max().date()
        if 1 < orders < len(sold) and first < last and net > 0:
            charged = float((sold["amount"] + sold["platform_discount"]).sum())
            return _Customer(
                name=str(name),
                first=first,
                last=last,
                orders=int(orders),
                lines=len(sold),
                net=float(net),
                charged=charged,
                untaxed=charged - float((sold["tax_added"] + sold["tax_included"]).sum()),
                kept=charged - float(sold["refunded"].sum()),
            )
    return None


def _days(shop: Shop, since: Callable[[_Customer], dt.date], more: int = 0) -> Value:
    asked = _asked(shop)
    return None if asked is None else (shop.as_of.date() - since(asked)).days + more


def _per_order(
    sum_of: Callable[[_Customer], float], count: Callable[[_Customer], int] = lambda of: of.orders
) -> Callable[[Shop], Value]:
    """Return a sum of the asked customer's money, divided by a count."""

    def computed(shop: Shop) -> Value:
        asked = _asked(shop)
        return None if asked is None else sum_of(asked) / count(asked)

    return computed


def _score_of_once(place: Callable[[int], float]) -> Callable[[Shop], Value]:
    """Return the fifth in which a place among those with one order lies, as a score."""

    def computed(shop: Shop) -> Value:
        people = _people(shop)
        once = int((people["orders"] == 1).sum())
        # A whole number of halves: a place on the border of two fifths stays on it.
        return -(-5 * round(2 * place(once)) // (2 * len(people))) if once > 1 else None

    return computed


def _middle(once: int) -> float:
    return (once + 1) / 2


def _segment(r: int, fm: float) -> str:
    return GRID[r][next(place for place, band in enumerate(BANDS) if fm in band)]


def _ways(r: int, f: int, m: int) -> tuple[str, str, str, str]:
    """Return the segment, and those of three mistakes: days turned round, orders only, money only."""
    return _segment(r, (f + m) / 2), _segment(6 - r, (f + m) / 2), _segment(r, f), _segment(r, m)


@lru_cache(maxsize=4)
def _puzzle(shop: Shop) -> tuple[str, int, int, int] | None:
    """Return the largest customer with another segment on each of the four ways, and the scores."""
    people = _people(shop)
    if not _scored(shop).sizes:
        return None
    for name, r, f, m in zip(*(people[each] for each in ("customer_id", *"rfm")), strict=True):
        if len(set(_ways(r, f, m))) == len(_ways(r, f, m)):
            return str(name), int(r), int(f), int(m)
    return None


def _named(way: int) -> Callable[[Shop], Value]:
    def computed(shop: Shop) -> Value:
        found = _puzzle(shop)
        return None if found is None else _ways(*found[1:])[way]

    return computed


@lru_cache(maxsize=4)
def _books(shop: Shop) -> ProfitAndLoss:
    return profit_and_loss(shop.orders, shop.products, costs=Costs.from_mapping(shop.costs))


def _gift(shop: Shop) -> float:
    books = _books(shop)
    gift = GIFT * books.net_sales / books.orders
    return float(round_money(gift, shop.currency)) if shop.currency else gift


def _needed(left: Callable[[Shop], float | None], count: Callable[[Shop], float]) -> Callable[[Shop], Value]:
    """Return the share of gifts that must bring an order, if an order leaves so much."""

    def computed(shop: Shop) -> Value:
        amount = left(shop)
        return None if amount is None or amount <= 0 else _gift(shop) / (amount / count(shop))

    return computed


def _all_orders(shop: Shop) -> float:
    return _books(shop).orders


def _lines(shop: Shop) -> float:
    kinds = shop.orders["kind"].fillna("sale") if "kind" in shop.orders else "sale"
    return float(((shop.orders["status"] == "paid") & (kinds == "sale")).sum())


_share = _needed(lambda shop: _books(shop).contribution_2, _all_orders)


@lru_cache(maxsize=4)
def _facts_of_one(shop: Shop) -> Mapping[str, str]:
    asked = _asked(shop)
    if asked is None:
        return dict.fromkeys(("customer", "day", "today", "last", "n", "orders", "net", "each", "days"), "–")
    return {
        "customer": asked.name,
        "day": text.day(shop.as_of.date()),
        "today": text.day(shop.as_of.date() + dt.timedelta(days=LATER)),
        "last": text.day(asked.last),
        "days": text.number((shop.as_of.date() - asked.last).days),
        "n": text.number(asked.orders),
        "net": text.money(asked.net, shop.currency),
        "each": text.money(asked.net / asked.orders, shop.currency),
    }


def _facts_of_scores(shop: Shop) -> Mapping[str, str]:
    people = _people(shop)
    once = int((people["orders"] == 1).sum())
    score = _score_of_once(_middle)(shop)
    return {
        "n": text.number(len(people)),
        "once": text.number(once),
        "middle": text.number(_middle(once), 0 if once % 2 else 1),
        "place": text.number(5 * _middle(once) / len(people), 2),
        "score": "–" if score is None else text.number(float(score)),
    }


def _facts_of_puzzle(shop: Shop) -> Mapping[str, str]:
    found = _puzzle(shop)
    if found is None:
        return dict.fromkeys(("customer", "r", "f", "m", "fm", "segment"), "–")
    name, r, f, m = found
    fm = (f + m) / 2
    return {
        "customer": name,
        **{key: text.number(score) for key, score in (("r", r), ("f", f), ("m", m))},
        "fm": text.number(fm, 0 if fm == math.floor(fm) else 1),
        "segment": text.say(_segment(r, fm)),
    }


def _facts_of_gift(shop: Shop) -> Mapping[str, str]:
    books, needed = _books(shop), _share(shop)
    left = None if books.contribution_2 is None else books.contribution_2 / books.orders
    return {
        "gift": text.money(_gift(shop), shop.currency),
        "orders": text.number(books.orders),
        "total": "–" if books.contribution_2 is None else text.money(books.contribution_2, shop.currency),
        "left": "–" if left is None else text.money(left, shop.currency),
        "needed": "–" if needed is None else text.percent(float(needed)),
    }


RECENCY = Exercise(
    id="51.1",
    kind="count",
    prompt="The data ends on {day}. You open the file on {today}. What is the recency of customer "
    "{customer}, in days?",
    answer=lambda shop: _days(shop, lambda of: of.last),
    wrong={
        "You counted to the day on which you opened the file. It knows nothing of the days after its end, so "
        "everybody would look less recent each time you open it.": lambda shop: _days(
            shop, lambda of: of.last, LATER
        ),
        "You counted from the first order. That is how long you have known the customer; recency counts from "
        "the last order.": lambda shop: _days(shop, lambda of: of.first),
        "You counted both ends. Who ordered on the last day has a recency of nothing, not of one "
        "day.": lambda shop: _days(shop, lambda of: of.last, 1),
    },
    hints=(
        "Recency counts from one order to one day that the file knows. Which order, and which day?",
        'best.customers has a row for each customer: look for "{customer}" in the column customer_id.',
        "From the last order, {last}, to the end of the data, {day}.",
    ),
    solution="{days} days: from {last} to {day}. On what day the file is opened does not matter.",
    facts=_facts_of_one,
)

MONEY = Exercise(
    id="51.2",
    kind="money",
    prompt="Customer {customer} has given something back. What did an order of this customer bring on "
    "average: net sales, divided by orders?",
    answer=_per_order(lambda of: of.net),
    wrong={
        "You divided by order lines. Two products in one parcel are one order: count different order "
        "numbers.": _per_order(lambda of: of.net, lambda of: of.lines),
        "You forgot the refund. What went back to the customer was not brought by the customer.": _per_order(
            lambda of: of.untaxed
        ),
        "You left the tax in. It goes to the tax office, whoever the customer is.": _per_order(
            lambda of: of.kept
        ),
        "You added up what was charged: refunds and tax are still in it.": _per_order(lambda of: of.charged),
    },
    hints=(
        "Net sales are without refunds and without tax. Orders are not lines.",
        'best.customers has both in the row of "{customer}": net_sales and orders.',
        "Divide {net} by {n}.",
    ),
    solution="{each}: net sales of {net} in {n} orders.",
    facts=_facts_of_one,
)

TIES = Exercise(
    id="51.3",
    kind="count",
    prompt="{n} customers stand in a line, those with the fewest orders first; {once} of them have one "
    "order. They share the average of their places. The line is cut into five equal parts, scored 1 to 5. "
    "Which frequency score do all of them get?",
    answer=_score_of_once(_middle),
    wrong={
        "You gave all of them the first place. They share the average of their places, from the first to the "
        "last of them.": _score_of_once(lambda _: 1),
        "You gave all of them the last place of the group. They share the average of their places, from the "
        "first to the last of them.": _score_of_once(float),
    },
    hints=(
        "Their places run from 1 to {once}. What is the average of these?",
        "The average place is {middle} of {n}. In which fifth is it?",
        "Five times {middle}, divided by {n}, is {place}. Round up.",
    ),
    solution="{score}: the average place {middle} of {n} is {place} fifths of the line, rounded up. Nobody "
    "of them gets more, and nobody less.",
    facts=_facts_of_scores,
)

SEGMENT = Exercise(
    id="51.4",
    kind="text",
    prompt="Customer {customer} has the scores R {r}, F {f}, M {m}. In which segment is this customer? Write "
    "its name between quotes.",
    choices=lambda _: {name: text.say(name) for name in ACTIONS},
    answer=_named(0),
    wrong={
        "You read the days the wrong way round. Few days since the last order score high: R 5 is the most "
        "recent fifth.": _named(1),
        "You looked at the orders only. The column is FM, the average of F and M.": _named(2),
        "You looked at the money only. The column is FM, the average of F and M.": _named(3),
    },
    hints=(
        "The grid has a row for R, and a column for the average of the other two.",
        "FM is the average of {f} and {m}.",
        "Look in the row R {r} for the column that holds FM {fm}.",
    ),
    solution="{segment}: row R {r}, and FM is {fm}.",
    facts=_facts_of_puzzle,
)

BREAK_EVEN = Exercise(
    id="51.5",
    kind="rate",
    prompt="A card with a small gift costs {gift}, postage and all. Which share of the cards must bring one "
    "order that would not have come without a card, so that the cards pay for themselves? Goods, fees and "
    "parcels of the order are to be paid as well. Write a fraction with four decimals.",
    answer=_share,
    wrong={
        "You compared with the net sales of an order. Most of that pays for goods, fees and parcels: compare "
        "with contribution 2.": _needed(lambda shop: _books(shop).net_sales, _all_orders),
        "You used contribution 1. The order has a fee and a parcel, too.": _needed(
            lambda shop: _books(shop).contribution_1, _all_orders
        ),
        "You used contribution 3. Marketing that is paid already does not grow with one more order.": _needed(
            lambda shop: _books(shop).contribution_3, _all_orders
        ),
        "You divided by order lines, so your order is too small. Count different order numbers.": _needed(
            lambda shop: _books(shop).contribution_2, _lines
        ),
    },
    hints=(
        "What is left of one more order? Compare the card with that.",
        "It is contribution 2 divided by orders. sl.margin.profit_and_loss has both.",
        "Divide {gift} by {left}.",
    ),
    solution="{needed}: {total} of contribution 2 in {orders} orders is {left} an order, and a card costs "
    "{gift}. Orders that would have come anyway do not count.",
    facts=_facts_of_gift,
)

LESSON = Lesson(
    number="51",
    question="Who are my best customers?",
    world="phone_stand",
    exercises=(RECENCY, MONEY, TIES, SEGMENT, BREAK_EVEN),
)
