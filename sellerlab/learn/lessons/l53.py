"""Lesson 53, *What may I pay for a customer?*: what a customer cost, and what one brings by when.

Every amount is contribution 2 of the whole shop's orders as a share of net sales, and every month counts
from a customer's own first order. No exercise needs a fitted model, so small shops can answer them too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import narwhals as nw

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.won import Won, won
from sellerlab.months import last_full_month

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Shares of customers who leave each month, in the exercise on two kinds of customers.
LEAVE_ONCE, LEAVE_AGAIN = 0.5, 0.1
#: The price asked lies between what a new customer has brought by these two months.
BETWEEN = (4, 5)
#: How many times dearer a new customer is, as the guide says.
GUIDE = 3


@dataclass(frozen=True, kw_only=True)
class _Month:
    """The shop's last full month: money spent on marketing, who bought, and who for the first time."""

    name: str
    marketing: float
    buyers: int
    new: int


@lru_cache(maxsize=4)
def _month(shop: Shop) -> _Month:
    start, end = last_full_month(shop.orders, shop.as_of)
    name = f"{start:%Y-%m}"
    marketing = shop.costs.get("marketing")
    if not isinstance(marketing, Mapping) or name not in marketing:
        raise InputError(f"The costs have no marketing of {name}: give it by month in costs=.")
    # What overview.customers counts, without its money.
    lines = tables.use(shop.orders, tables.ORDERS, ["customer_id", "ordered_at", "status"])
    paid = lines.filter(nw.col("status") == "paid", ~nw.col("customer_id").is_null()).collect().to_pandas()
    day = paid["ordered_at"].dt.date
    now = day.between(start, end)
    buyers, known = set(paid.loc[now, "customer_id"]), set(paid.loc[day < start, "customer_id"])
    if buyers <= known:
        raise InputError(f"Nobody new bought in {name}, so there is no cost of a customer.")
    new = len(buyers - known)
    return _Month(name=name, marketing=float(marketing[name]), buyers=len(buyers), new=new)


def _curve(shop: Shop) -> list[float]:
    """Return what a new customer has brought by months 0, 1 and so on."""
    brought: list[float] = won(shop).curve.table["contribution"].to_list()
    if len(brought) <= BETWEEN[1]:
        raise InputError("Too few customers have been watched for months. Take more orders.")
    return brought


def _cac(shop: Shop) -> float:
    cac = won(shop).cac
    if not cac:
        raise InputError("The cost of a customer needs marketing in costs=.")
    return cac


def _price(shop: Shop) -> float:
    """Return what is asked for a customer, in round money."""
    early, late = (_curve(shop)[month] for month in BETWEEN)
    middle = (early + late) / 2
    step: float = 10.0 ** max(len(str(int(middle))) - 2, 0) / 2
    return max(round(middle / step), 1) * step


def _reached(shop: Shop) -> int:
    """Return the first month by which a new customer has brought the price."""
    price = _price(shop)
    curve = _curve(shop)
    return next((month for month, brought in enumerate(curve) if brought >= price), len(curve))


def _kinds(shop: Shop) -> tuple[int, int]:
    """Return customers who bought once, and those who bought again."""
    of = won(shop)
    return of.customers - of.repeaters, of.repeaters


def _stay(shop: Shop) -> float:
    once, again = _kinds(shop)
    return (once / LEAVE_ONCE + again / LEAVE_AGAIN) / (once + again)


def _mean_leave(shop: Shop) -> float:
    once, again = _kinds(shop)
    return (once * LEAVE_ONCE + again * LEAVE_AGAIN) / (once + again)


def _of_month(formula: Callable[[_Month, Won], float]) -> Callable[[Shop], Value]:
    """Return a sum about the last full month and the whole time."""
    return lambda shop: formula(_month(shop), won(shop))


def _cost_of_month(month: _Month, _: Won) -> float:
    return month.marketing / month.new


def _keep(shop: Shop) -> float:
    """Return what one more order may cost, so that a unit of money brings as much as in winning."""
    curve = _curve(shop)
    return _cac(shop) * curve[0] / curve[-1]


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    of, curve = won(shop), _curve(shop)

    def money(amount: float | None) -> str:
        return "–" if amount is None else text.money(amount, shop.currency)

    try:
        month: _Month | None = _month(shop)
    except InputError:
        month = None
    once, again = _kinds(shop)
    sales = curve[-1] / of.margin
    return {
        "last": text.number(len(curve) - 1),
        "sales": money(sales),
        "contribution_1": money(sales * of.margin_1),
        "brought": money(curve[-1]),
        "first": money(curve[0]),
        "less_marketing": money(_less_marketing(shop)),
        "month": month.name if month else "–",
        "marketing": money(month.marketing if month else None),
        "buyers": text.number(month.buyers) if month else "–",
        "new": text.number(month.new) if month else "–",
        "month_cac": money(_cost_of_month(month, of) if month else None),
        "price": money(_price(shop)),
        "reached": text.number(_reached(shop)),
        "before": money(curve[max(_reached(shop) - 1, 0)]),
        "at": money(curve[min(_reached(shop), len(curve) - 1)]),
        "once": text.number(once),
        "again": text.number(again),
        "all": text.number(once + again),
        "leave_once": text.percent(LEAVE_ONCE, 0),
        "leave_again": text.percent(LEAVE_AGAIN, 0),
        "months_once": text.number(1 / LEAVE_ONCE),
        "months_again": text.number(1 / LEAVE_AGAIN),
        "stay": text.number(_stay(shop), 2),
        "cac": money(of.cac),
        "keep": money(_keep(shop) if of.cac else None),
        "share": text.percent(curve[0] / curve[-1]),
    }


def _less_marketing(shop: Shop) -> float:
    """Return contribution 3 of a new customer: what is left when the usual marketing is taken off."""
    of = won(shop)
    return _curve(shop)[-1] - (of.cac or 0.0)


def _amounts(shop: Shop) -> Mapping[str, str]:
    facts = _facts(shop)
    return {
        "a": text.say("{sales}, the sales without VAT", **facts),
        "b": text.say("{contribution_1}, which is left after the goods (contribution 1)", **facts),
        "c": text.say("{brought}, which is left after goods, fees and parcels (contribution 2)", **facts),
        "d": text.say("{less_marketing}, which is left after the usual marketing too", **facts),
    }


def _compared(shop: Shop) -> Value:
    won(shop)  # refuses where the amounts are not known
    return "c"


AMOUNT = Exercise(
    id="53.1",
    kind="choice",
    prompt="By month {last} a new customer has brought these four amounts. Which of them do you hold against "
    "the price that somebody asks for a new customer?",
    choices=_amounts,
    answer=_compared,
    wrong={
        "Most of the sales go to suppliers, the platform and the post. They cannot pay for a customer "
        "too.": lambda _: "a",
        "Fee and parcel are not paid yet, and every order of the customer causes them.": lambda _: "b",
        "That takes the cost of winning a customer off first and compares it with that cost again: it "
        "counts twice.": lambda _: "d",
    },
    hints=(
        "What of these amounts could Mika hand over without losing money on the customer's orders?",
        "Every cost that an order causes has to be off. The cost of winning the customer must still be in.",
    ),
    solution="c: {brought} is left when everything that the orders cause is paid. It is what can pay for the "
    "customer.",
    facts=_facts,
)

STAY = Exercise(
    id="53.2",
    kind="number",
    prompt="Suppose the shop has two kinds of customers. Those {once} who bought once leave at "
    "{leave_once} a month, the other {again} at {leave_again} a month. With one rate, a customer stays "
    "1 / rate months. How many months does a customer stay on average?",
    answer=_stay,
    wrong={
        "You took one over the mean rate. The rate of a mixture is no rate of anybody: those who stay "
        "are hidden behind those who leave.": lambda shop: 1 / _mean_leave(shop),
        "You took the mean of the two stays. There are not as many customers of the one kind as of the "
        "other.": lambda _: (1 / LEAVE_ONCE + 1 / LEAVE_AGAIN) / 2,
        "That is one over the plain mean of the two rates. Neither weights nor order are right: stays first, "
        "then their mean by customers.": lambda _: 2 / (LEAVE_ONCE + LEAVE_AGAIN),
        "That is the mean rate of leaving, not a time.": _mean_leave,
    },
    hints=(
        "How long does each kind stay? One over its own rate.",
        "{once} customers stay {months_once} months and {again} stay {months_again}. What is the mean of all "
        "{all}?",
    ),
    solution="{stay} months: {once} times {months_once} and {again} times {months_again}, divided by {all}.",
    facts=_facts,
    tolerance=0.002,
)

COST = Exercise(
    id="53.3",
    kind="money",
    prompt="In {month} the shop spent {marketing} on marketing. What did a new customer cost in that month? "
    "A customer is new whose first order was in it.",
    answer=_of_month(_cost_of_month),
    wrong={
        "You divided by everyone who bought in the month. Those who were customers before were not won "
        "in it.": _of_month(lambda month, _: month.marketing / month.buyers),
        "You divided one month's money by the customers of all months.": _of_month(
            lambda month, of: month.marketing / of.customers
        ),
        "That is the mean over all months. The question is about one: the newest tells what the next "
        "may cost.": _of_month(lambda _, of: of.cac or math.nan),
    },
    hints=(
        'sl.overview.customers(shop.orders, "{month}") counts who was new.',
        "Divide {marketing} by its .new, not by its .buyers.",
    ),
    solution="{month_cac}: {marketing} for {new} new customers. {buyers} customers bought in all.",
    facts=_facts,
    tolerance=0.001,
)

MONTH = Exercise(
    id="53.4",
    kind="count",
    prompt="Another creator asks {price} for each new customer. By which month after the first order has a "
    "new customer paid that back? Month 0 is the first order itself.",
    answer=_reached,
    wrong={
        "By then the customer has brought that much in sales. Most of that goes to suppliers, platform and "
        "post: use the contribution.": lambda shop: next(
            month for month, brought in enumerate(_curve(shop)) if brought / won(shop).margin >= _price(shop)
        ),
        "By that month it is not all back yet. Take the first month by which it is.": lambda shop: (
            _reached(shop) - 1
        ),
        "You spread what comes evenly over the months. The first order comes at once, so it is paid back "
        "sooner.": lambda shop: math.ceil((len(_curve(shop)) - 1) * _price(shop) / _curve(shop)[-1]),
    },
    hints=(
        "sl.lifetime.payback draws the curve. It takes the orders, the price and the margin.",
        "Its .month is asked for; its .table shows the amounts behind it.",
    ),
    solution="Month {reached}: by then a new customer has brought {at}; the month before, {before}.",
    facts=_facts,
)

KEEP = Exercise(
    id="53.5",
    kind="money",
    prompt="Winning a customer costs {cac}. By month {last} a new customer has brought {brought}. A mail to "
    "known customers that works brings one more order, which leaves {first}. What may such an order cost, so "
    "that the same money brings as much as in winning?",
    answer=_keep,
    wrong={
        "That is the guide's rule. It does not know what your customers bring.": lambda shop: (
            _cac(shop) / GUIDE
        ),
        "At the same cost the two are not the same: a new customer brings more than one order.": _cac,
        "You turned it round. One order brings less than a new customer, so it may cost less.": lambda shop: (
            _cac(shop) ** 2 / _keep(shop)
        ),
        "At that cost nothing is left at all, while winning leaves much. Compare the two.": lambda shop: (
            _curve(shop)[0]
        ),
    },
    hints=(
        "How much does a new customer bring for each unit of money spent on winning one?",
        "One more order brings {share} of what a new customer brings. It may cost the same share.",
    ),
    solution="{keep}: an order leaves {share} of what a new customer brings, so it may cost that share of "
    "{cac}.",
    facts=_facts,
)

LESSON = Lesson(
    number="53",
    question="What may I pay for a customer?",
    world="phone_stand",
    exercises=(AMOUNT, STAY, COST, MONTH, KEEP),
)
