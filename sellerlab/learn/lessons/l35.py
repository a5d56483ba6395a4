"""Lesson 35, *Which channel pays, and when?*: a mean that is weighted, and days that are counted.

The fees are asked of two channels only, the largest and the dearest of the others: with all of them the plain
mean of the rates may come near the blended fee by luck. The days are asked of a sale before the Silver Week
of 2026, when three holidays lie between two weekends; each shop has a sale of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from sellerlab import cash, text
from sellerlab.learn.channels import DAYS, DELIVERY, GOODS_DUE, RULES, Channel, as_before, bills, channels
from sellerlab.learn.exercise import Exercise, Lesson, Value

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Channels that hang on one account: who loses it loses all of them.
ACCOUNT = ("tiktok_shop", "live", "affiliate")

#: The rules of the own store's money, as it comes and as it comes for a fee, and that fee.
USUAL, FAST, FAST_FEE = "base_jp", "base_jp_fast", 0.015

#: The day on which an impatient supplier wants the money for the goods.
EARLY = 10

#: The first of the days on which an exercise has a sale confirmed: a Monday two weeks before the holidays.
_FIRST = dt.date(2026, 9, 7)


# ── fees ──


def _two(shop: Shop) -> tuple[Channel, Channel] | None:
    """Return the largest channel, and of the others the one that keeps most of a sale."""
    first, *others = channels(shop)
    return (first, max(others, key=lambda each: each.rate)) if others else None


def _of_two(formula: Callable[[Channel, Channel], float]) -> Callable[[Shop], Value]:
    def computed(shop: Shop) -> Value:
        two = _two(shop)
        return None if two is None else formula(*two)

    return computed


def _together(first: Channel, other: Channel) -> float:
    return (first.fee + other.fee) / (first.sales + other.sales)


def _crossed(first: Channel, other: Channel) -> float:
    return (first.rate * other.sales + other.rate * first.sales) / (first.sales + other.sales)


# ── the account ──


def _lost(shop: Shop) -> Value:
    found = channels(shop)
    hanging = [each.sales for each in found if each.name in ACCOUNT]
    return sum(hanging) / sum(each.sales for each in found) if hanging else None


def _of_lost(formula: Callable[[float], float]) -> Callable[[Shop], Value]:
    def computed(shop: Shop) -> Value:
        lost = _lost(shop)
        return formula(lost) if isinstance(lost, float) else None

    return computed


def _largest_alone(shop: Shop) -> Value:
    found = channels(shop)
    return found[0].sales / sum(each.sales for each in found)


# ── days ──


def _confirmed(shop: Shop) -> dt.date:
    """Return a working day of the two weeks before the Silver Week, the shop's own."""
    week, day = divmod(len(shop.orders) % 10, 5)
    return _FIRST + dt.timedelta(days=7 * week + day)


@lru_cache(maxsize=64)
def _paid_on(rule: str | cash.SettlementRule, confirmed: dt.date) -> dt.date:
    paid: dt.date = cash.payout_dates(rule, confirmed)[0].paid_on
    return paid


def _paid(shop: Shop, rule: str | cash.SettlementRule) -> dt.date:
    return _paid_on(rule, _confirmed(shop))


def _wait(shop: Shop) -> int:
    return (_paid(shop, USUAL) - _confirmed(shop)).days


def _business_days() -> int:
    return cash.settlement_rule(USUAL).parts[0].business_days


def _days_of(business_days: int, country: str = "") -> Callable[[Shop], Value]:
    part = cash.Part(share=1, business_days=business_days)
    rule = cash.SettlementRule(name="other", parts=(part,), country=country)
    return lambda shop: (_paid(shop, rule) - _confirmed(shop)).days


def _earlier(shop: Shop) -> int:
    """Return the calendar days by which the fast payout comes sooner."""
    return (_paid(shop, USUAL) - _paid(shop, FAST)).days


# ── cash ──


@lru_cache(maxsize=4)
def _payouts(shop: Shop) -> cash.Payouts:
    return cash.payouts(as_before(shop), RULES, costs=shop.costs, delivery_days=DELIVERY)


@lru_cache(maxsize=8)
def _ahead(shop: Shop, goods_due: int) -> cash.CashByDay:
    return _by_day(_payouts(shop).table, shop, goods_due)


@lru_cache(maxsize=4)
def _lowest_at_once(shop: Shop) -> float:
    """Return the lowest balance if each sale were money on its day."""
    sold = pd.DataFrame(_payouts(shop).sold, columns=["paid_on", "amount"])
    return _by_day(sold, shop, EARLY).lowest


def _by_day(coming: pd.DataFrame, shop: Shop, goods_due: int) -> cash.CashByDay:
    first, last = (shop.as_of.normalize() + dt.timedelta(days=days) for days in (1, DAYS))
    when = pd.to_datetime(coming["paid_on"])
    return cash.cash_by_day(
        coming[(when >= first) & (when <= last)],
        bills(shop, goods_due=goods_due),
        start=first.date(),
        end=last.date(),
        currency=shop.currency or None,
    )


def _due_by(shop: Shop) -> float:
    day = shop.as_of.normalize() + dt.timedelta(days=EARLY)
    due = bills(shop, goods_due=EARLY)
    return float(due.loc[due["day"] <= day, "amount"].sum())


# ── words ──

_FEE_FACTS = ("first", "other", "first_sales", "other_sales", "first_rate", "other_rate", "share", "blended")


@lru_cache(maxsize=4)
def _fee_facts(shop: Shop) -> Mapping[str, str]:
    two = _two(shop)
    if two is None:
        return dict.fromkeys(_FEE_FACTS, "–")
    first, other = two
    return {
        "first": first.name,
        "other": other.name,
        "first_sales": text.money(first.sales, shop.currency),
        "other_sales": text.money(other.sales, shop.currency),
        "first_rate": text.percent(first.rate, 2),
        "other_rate": text.percent(other.rate, 2),
        "share": text.percent(other.sales / (first.sales + other.sales)),
        "blended": text.percent(_together(first, other), 2),
    }


@lru_cache(maxsize=4)
def _account_facts(shop: Shop) -> Mapping[str, str]:
    found, lost = channels(shop), _lost(shop)
    sold = sum(each.sales for each in found)
    return {
        "channels": ", ".join(f"{each.name} {text.money(each.sales, shop.currency)}" for each in found),
        "account": ", ".join(each.name for each in found if each.name in ACCOUNT),
        "all": text.money(sold, shop.currency),
        "hanging": text.money(sold * lost, shop.currency) if isinstance(lost, float) else "–",
        "lost": text.percent(lost) if isinstance(lost, float) else "–",
    }


@lru_cache(maxsize=4)
def _day_facts(shop: Shop) -> Mapping[str, str]:
    confirmed = _confirmed(shop)
    cost = cash.fast_payout_cost(FAST_FEE, _earlier(shop))
    return {
        "n": text.number(_business_days()),
        "confirmed": text.day(confirmed),
        "paid": text.day(_paid(shop, USUAL)),
        "fast": text.day(_paid(shop, FAST)),
        "wait": text.number(_wait(shop)),
        "earlier": text.number(_earlier(shop)),
        "fee": text.percent(FAST_FEE),
        "yearly": text.percent(cost),
        "business": text.number(_business_days() - cash.settlement_rule(FAST).parts[0].business_days),
    }


@lru_cache(maxsize=4)
def _cash_facts(shop: Shop) -> Mapping[str, str]:
    early = _ahead(shop, EARLY)
    due = bills(shop, goods_due=EARLY)
    end = shop.as_of.normalize()
    return {
        "early": text.day((end + dt.timedelta(days=EARLY)).date()),
        "usual": text.day((end + dt.timedelta(days=GOODS_DUE)).date()),
        "days": text.number(EARLY),
        "bills": ", ".join(
            f"{bill} {text.money(amount, shop.currency)}"
            for bill, amount in zip(due["bill"], due["amount"].astype(float), strict=True)
        ),
        "lowest": text.money(early.lowest, shop.currency),
        "on": text.day(early.lowest_on),
        "closing": text.money(early.closing, shop.currency),
    }


BLENDED = Exercise(
    id="35.1",
    kind="rate",
    prompt="Suppose only two channels were left: {first} with sales of {first_sales} and a fee of "
    "{first_rate}, and {other} with {other_sales} and {other_rate}. What is their blended fee? Write a "
    "fraction.",
    answer=_of_two(_together),
    wrong={
        "You took the mean of the two rates. It counts both channels alike, but they do not sell alike: "
        "weight each rate by its sales.": _of_two(lambda first, other: (first.rate + other.rate) / 2),
        "You weighted the wrong way round: each rate goes with its own channel's sales.": _of_two(_crossed),
        "You added the rates. A sale goes through one channel and pays one of them.": _of_two(
            lambda first, other: first.rate + other.rate
        ),
        "That is the fee of the largest channel. The other one sells too.": _of_two(
            lambda first, _: first.rate
        ),
    },
    hints=(
        "How much money do the two keep? And of how much?",
        "sl.fees.blended_fee takes the sales and the rates, each as channel to number; its .rate is asked "
        "for.",
        "Of the sales of the two, {other} has {share}. The blended fee is so much of the way from "
        "{first_rate} to {other_rate}.",
    ),
    solution="{blended}: what both keep, divided by what both sell. It lies nearer to the rate of the "
    "channel that sells more.",
    facts=_fee_facts,
)

ONE_ACCOUNT = Exercise(
    id="35.2",
    kind="rate",
    prompt="The sales are: {channels}. The video platform closes the seller's account. What share of the "
    "sales of {all} is gone? Write a fraction.",
    answer=_lost,
    wrong={
        "That is the largest channel alone. Which others hang on the same account?": _largest_alone,
        "You counted channels and took one of them. They are not equally large, and more than one is "
        "gone.": lambda shop: 1 / len(channels(shop)),
        "That is what is left. The question is what is gone.": _of_lost(lambda lost: 1 - lost),
    },
    hints=(
        "Not every channel is a platform of its own. Which of them stop when the account is closed?",
        "These hang on the account: {account}.",
        "Divide {hanging} by {all}.",
    ),
    solution="{lost}. One account carries {account}.",
    facts=_account_facts,
)

WAIT = Exercise(
    id="35.3",
    kind="count",
    prompt="A sale of the own store is confirmed on {confirmed}. The money comes {n} business days later; "
    "the platform is in Japan. How many calendar days does the seller wait?",
    answer=_wait,
    wrong={
        "You counted calendar days. Banks do not pay on Saturdays, Sundays and holidays.": lambda _: (
            _business_days()
        ),
        "You left out the weekends, but not the holidays. Three of them lie between two weekends that "
        "month.": _days_of(_business_days()),
        "You counted the day of confirmation as the first business day. The first one is the business day "
        "after it.": _days_of(_business_days() - 1, "JP"),
    },
    hints=(
        "Take a calendar of that month and strike out the weekends. Is any other day red?",
        "sl.cash.payout_dates takes the name of a rule and the day: the rule is 'base_jp'.",
        "The money comes on {paid}. How many days is that after {confirmed}?",
    ),
    solution="{wait}: from {confirmed} to {paid}. Weekends and holidays are no business days.",
    facts=_day_facts,
)

LOWEST = Exercise(
    id="35.4",
    kind="money",
    prompt="The supplier wants the money for the goods on {early}, not on {usual}. All else stays, and the "
    "account is at zero before the first day. What is the lowest balance? Below zero, write a minus.",
    answer=lambda shop: _ahead(shop, EARLY).lowest,
    wrong={
        "That is the end of the plan. A bill does not wait for the end: look for the lowest "
        "day.": lambda shop: _ahead(shop, EARLY).closing,
        "That is with the goods paid on the old day. Make the bills anew.": lambda shop: (
            _ahead(shop, GOODS_DUE).lowest
        ),
        "You let every sale be money on the day it is sold. The platform pays later.": _lowest_at_once,
        "Those are the bills alone. Some money comes in before them.": lambda shop: -_due_by(shop),
    },
    hints=(
        "bills(shop, goods_due={days}) makes the bills with the new day.",
        "account_of(paid, ...) takes those bills. Its .lowest is asked for.",
        "The worst day is {on}. The bills: {bills}.",
    ),
    solution="{lowest}, on {on}, though the plan ends with {closing}.",
    facts=_cash_facts,
)

FASTER = Exercise(
    id="35.5",
    kind="rate",
    prompt="For {fee} of the money, the own store's money comes on the next business day, not after {n}. A "
    "sale is confirmed on {confirmed}. What does the speed cost as a yearly rate of interest? Write a "
    "fraction.",
    answer=lambda shop: float(cash.fast_payout_cost(FAST_FEE, _earlier(shop))),
    wrong={
        "That is the fee. It buys some days, not a year.": lambda _: FAST_FEE,
        "You took the fee for a monthly one. The money does not come a month sooner.": lambda _: (
            12 * FAST_FEE
        ),
        "You divided by business days. Interest runs on weekends and holidays too.": lambda _: float(
            cash.fast_payout_cost(
                FAST_FEE, _business_days() - cash.settlement_rule(FAST).parts[0].business_days
            )
        ),
        "You divided by the whole wait. The fast payout does not come at once either.": lambda shop: float(
            cash.fast_payout_cost(FAST_FEE, _wait(shop))
        ),
    },
    hints=(
        "By how many calendar days does the money come sooner? sl.cash.payout_dates with 'base_jp' and with "
        "'base_jp_fast'.",
        "It comes on {fast} instead of {paid}. sl.cash.fast_payout_cost takes the fee and the days between.",
        "Divide the fee by {earlier} days and take 365 of them.",
    ),
    solution="{yearly}: {fee} for {earlier} days. It buys only {business} business days, but interest runs "
    "every day.",
    facts=_day_facts,
    tolerance=0.002,
)

LESSON = Lesson(
    number="35",
    question="Which channel pays, and when?",
    world="phone_stand",
    exercises=(BLENDED, ONE_ACCOUNT, WAIT, LOWEST, FASTER),
)
