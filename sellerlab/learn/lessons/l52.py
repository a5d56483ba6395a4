"""Lesson 52, *Do they come back?*: cohorts, four shares, the time to a second order, and churn that falls.

The one idea of its questions: who is in the denominator. Each mistake counts people who had no time yet, or
leaves out those who have not come back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.retention import RepeatRates, churn_mixture, kaplan_meier, repeat_rates

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Days of a period, and to come back in.
DAYS = 90
#: Chances to leave at each renewal, of the customers who bought once and of those who came back.
EASY, RARE = 0.4, 0.05
#: Shares of customers that may be asked about; the first for which no mistake comes near the right day.
SHARES = (0.25, 0.2, 0.3, 0.15, 0.22, 0.18, 0.12, 0.1)
#: How far apart, as a share, right and wrong answers lie at least.
APART = 0.02


@lru_cache(maxsize=4)
def _people(shop: Shop) -> pd.DataFrame:
    """Return one row a customer: first month, whether back in the next one, whether back, days watched."""
    lines = tables.use(shop.orders, tables.ORDERS, ["customer_id", "ordered_at", "status", "kind"])
    sold = lines.filter(
        nw.col("status") == "paid", nw.col("kind") == "sale", ~nw.col("customer_id").is_null()
    )
    paid = sold.collect().to_pandas()
    if paid.empty:
        raise InputError("No paid order names its customer. Export the orders with a number for each.")
    days = pd.DataFrame({"who": paid["customer_id"], "day": paid["ordered_at"].dt.normalize()})
    days = days.drop_duplicates().sort_values(["who", "day"])
    days["month"] = days["day"].dt.year * 12 + days["day"].dt.month
    days["turn"] = days.groupby("who").cumcount()
    first, second = (days[days["turn"] == turn].set_index("who") for turn in (0, 1))
    later = days.loc[days["month"] == days["who"].map(first["month"]) + 1, "who"]
    people = first[["month"]].assign(cohort=first["day"].dt.strftime("%Y-%m"))
    people["next_month"] = people.index.isin(later)
    people["again"] = people.index.isin(second.index)
    end = second["day"].reindex(people.index).fillna(pd.Timestamp(shop.as_of).normalize())
    people["waited"] = (end - first["day"]).dt.days
    return people


def _apart(values: list[float]) -> float:
    """Return how far apart the values lie at least, as a share of the lower one."""
    ordered = sorted(values)
    return min(high / low - 1 for low, high in pairwise(ordered)) if ordered[0] > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class _Cohorts:
    """Two cohorts that have lived through month 1, and the newest, which has not."""

    names: tuple[str, str, str]
    sizes: tuple[int, int, int]
    back: tuple[int, int]

    @property
    def weighted(self) -> float:
        return sum(self.back) / sum(self.sizes[:2])

    @property
    def simple(self) -> float:
        return sum(hits / size for hits, size in zip(self.back, self.sizes[:2], strict=True)) / 2

    @property
    def filled(self) -> float:
        return sum(self.back) / sum(self.sizes)

    @property
    def both(self) -> float:
        return self.simple * 2 / 3


@lru_cache(maxsize=4)
def _cohorts(shop: Shop) -> _Cohorts:
    """Return the cohorts whose right and wrong averages lie apart most."""
    by = _people(shop).groupby(["month", "cohort"], as_index=False)["next_month"].agg(["size", "sum"])
    rows: list[tuple[Any, ...]] = list(by.itertuples(index=False, name=None))
    now = pd.Timestamp(shop.as_of)
    # On the last day of a month, the cohort of the month before has lived through its month 1.
    known = now.year * 12 + now.month - (not now.is_month_end)
    old, young = ([row for row in rows if (row[0] < known) is lived] for lived in (True, False))
    if len(old) < 2 or not young:
        raise InputError("Three months with new customers are needed, the last one at the end of the orders.")
    pairs = [
        _Cohorts(
            names=(one[1], two[1], young[-1][1]),
            sizes=(one[2], two[2], young[-1][2]),
            back=(one[3], two[3]),
        )
        for one, two in combinations(old, 2)
    ]
    return max(pairs, key=lambda pair: _apart([pair.weighted, pair.simple, pair.filled, pair.both]))


@lru_cache(maxsize=4)
def _shares(shop: Shop) -> RepeatRates:
    return repeat_rates(shop.orders, days=DAYS, as_of=shop.as_of, minimum=1)


def _four(shop: Shop) -> Mapping[str, str]:
    found = _shares(shop)

    def share(value: float | None) -> str:
        return "–" if value is None else text.percent(value)

    facts = {"days": text.number(DAYS)}
    return {
        "a": text.say(
            "Repeat rate, {share}: of all customers, those who have bought on more than one day.",
            share=share(found.repeat),
        ),
        "b": text.say(
            "Again within {days} days, {share}: of those whose first order is that long ago, those who "
            "bought again in the {days} days after it.",
            share=share(found.within),
            **facts,
        ),
        "c": text.say(
            "Returning customers, {share}: of the buyers of the last {days} days, those who had bought "
            "before.",
            share=share(found.returning),
            **facts,
        ),
        "d": text.say(
            "Retention, {share}: of the buyers of the {days} days before, those who bought in the last "
            "{days} too.",
            share=share(found.retained),
            **facts,
        ),
    }


def _compared(shop: Shop) -> Value:
    _shares(shop)  # refuses where no customer is named
    return "b"


@dataclass(frozen=True, kw_only=True)
class _Wait:
    """By which day a share of the customers is back, right and wrong."""

    share: float
    day: float
    of_returned: float
    of_all: float
    mean: float


@lru_cache(maxsize=4)
def _wait(shop: Shop) -> _Wait:
    people = _people(shop)
    gaps = np.sort(people.loc[people["again"], "waited"].to_numpy(dtype=float))
    curve = kaplan_meier(people["waited"], people["again"])
    for share in SHARES:
        reached = np.nonzero(1 - curve.survival >= share - 1e-12)[0]
        counted = math.ceil(share * len(people))
        if not len(reached) or counted > len(gaps):
            continue
        day = float(curve.time[reached[0]])
        of_returned = float(gaps[math.ceil(share * len(gaps)) - 1])
        of_all, mean = float(gaps[counted - 1]), float(gaps.mean())
        if _apart([day, of_returned, of_all, mean]) >= APART:
            return _Wait(share=share, day=day, of_returned=of_returned, of_all=of_all, mean=mean)
    raise InputError("Too few customers have come back yet. Take more orders.")


def _kinds(shop: Shop) -> tuple[int, int]:
    """Return customers who bought once, and those who came back."""
    again = _people(shop)["again"]
    return int((~again).sum()), int(again.sum())


@lru_cache(maxsize=4)
def _staying(shop: Shop) -> pd.DataFrame:
    once, again = _kinds(shop)
    found: pd.DataFrame = churn_mixture(once / (once + again), EASY, RARE, renewals=2).table
    return found


def _of_mixture(formula: Callable[[pd.Series, pd.Series], float]) -> Callable[[Shop], Value]:
    """Return a sum of the shares still there, and of the churn, by renewal."""
    return lambda shop: float(formula(_staying(shop)["staying"], _staying(shop)["churn"]))


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    once, again = _kinds(shop)
    staying = _staying(shop)
    return {
        "days": text.number(DAYS),
        "once": text.number(once),
        "again": text.number(again),
        "all": text.number(once + again),
        "easy": text.percent(EASY, 0),
        "rare": text.percent(RARE, 0),
        "easy_left": text.number(once * (1 - EASY), 1),
        "rare_left": text.number(again * (1 - RARE), 1),
        "first_churn": text.percent(staying["churn"][1]),
        "churn": text.percent(staying["churn"][2]),
    }


@lru_cache(maxsize=4)
def _cohort_facts(shop: Shop) -> Mapping[str, str]:
    found = _cohorts(shop)
    facts = {f"cohort_{place}": name for place, name in enumerate(found.names)}
    facts |= {f"size_{place}": text.number(size) for place, size in enumerate(found.sizes)}
    facts |= {f"back_{place}": text.number(hits) for place, hits in enumerate(found.back)}
    return facts | {
        "hits": text.number(sum(found.back)),
        "size": text.number(sum(found.sizes[:2])),
        "share": text.percent(found.weighted),
    }


@lru_cache(maxsize=4)
def _wait_facts(shop: Shop) -> Mapping[str, str]:
    found = _wait(shop)
    return {
        "share": text.percent(found.share, 0),
        "fraction": f"{found.share:g}",
        "day": text.number(found.day),
        "of_returned": text.number(found.of_returned),
    }


AVERAGE = Exercise(
    id="52.1",
    kind="rate",
    prompt="Take three cohorts. Of {size_0} customers of {cohort_0}, {back_0} bought in month 1. Of {size_1} "
    "customers of {cohort_1}, {back_1} did. Of {size_2} customers of {cohort_2} nobody did: their month 1 is "
    "not over. What is the weighted average of these three at month 1? Write a fraction with four decimals.",
    answer=lambda shop: _cohorts(shop).weighted,
    wrong={
        "You counted the newest cohort. Its month 1 is not over, so nobody of it can be said to have stayed "
        "away.": lambda shop: _cohorts(shop).filled,
        "You took the mean of two shares. A customer of the small cohort then weighs more than one of the "
        "large: add up customers first.": lambda shop: _cohorts(shop).simple,
        "You took the mean of three shares, one of them a 0 that has not happened. And a small cohort weighs "
        "as much as a large one.": lambda shop: _cohorts(shop).both,
    },
    hints=(
        "Which of the three cohorts have lived through the whole of their month 1?",
        "Count those who came, count those who could have come, and divide once.",
        "{hits} came back. Of how many who had the time?",
    ),
    solution="{share}: {hits} of the {size} customers of the two cohorts that have lived through month 1.",
    facts=_cohort_facts,
)

WHICH = Exercise(
    id="52.2",
    kind="choice",
    prompt="Last winter Mika began to put a card into each first parcel. Which of the four shares, once for "
    "the customers won before and once for those won after, says whether more of them come back?",
    choices=_four,
    answer=_compared,
    wrong={
        "Those won before had more time to come back. Their repeat rate would be higher even if the card "
        "worked.": lambda _: "a",
        "Its denominator is the buyers of now. It falls when many new customers come, however loyal the old "
        "ones are.": lambda _: "c",
        "It mixes old and new customers, and looks at one stretch of the calendar: those won before meet it "
        "at another age, and in another season.": lambda _: "d",
    },
    hints=(
        "Who is in the denominator of each share, and how much time did each of them have?",
        "For a comparison both groups need the same time to come back.",
    ),
    solution="b: everybody in it had the same {days} days, counted from their own first order.",
    facts=_facts,
)

WAIT = Exercise(
    id="52.3",
    kind="number",
    prompt="After how many days are {share} of all new customers back, those who have not come yet counted "
    "fairly? Take the first day of the Kaplan-Meier curve by which at least {share} have come back.",
    answer=lambda shop: _wait(shop).day,
    wrong={
        "That is the share of those who came back. Everybody else is missing, and they are the slow "
        "ones.": lambda shop: _wait(shop).of_returned,
        "You divided by all customers, as if each had been watched long enough. Who came last week has not "
        "said no: the curve takes them out when their time is over.": lambda shop: _wait(shop).of_all,
        "That is the mean gap of those who came back. It knows nothing of the others, and it is no day by "
        "which a share is back.": lambda shop: _wait(shop).mean,
    },
    hints=(
        "The curve is in returned.curve: .time are its days, and 1 - .survival is the share that is back.",
        "Look for the first place where 1 - returned.curve.survival is {fraction} or more.",
        "returned.curve.time[1 - returned.curve.survival >= {fraction}] holds the days from there on.",
    ),
    solution="{day} days. Of only those who came back, {share} had come by day {of_returned} already.",
    facts=_wait_facts,
    tolerance=0.001,
)

MIXED = Exercise(
    id="52.4",
    kind="rate",
    prompt="Suppose Mika opens a club, and all {all} customers join. The {once} who bought once leave with a "
    "chance of {easy} at each renewal, the {again} who came back with {rare}. Together {first_churn} leave "
    "at the first renewal. Of those still there, what share leaves at the second? Write a fraction with "
    "four decimals.",
    answer=_of_mixture(lambda _, churn: churn[2]),
    wrong={
        "That is the churn of the first renewal. Of those who leave easily many are gone by then: the "
        "mixture has changed.": _of_mixture(lambda _, churn: churn[1]),
        "You divided by all who began. Only those still there can leave.": _of_mixture(
            lambda staying, _: staying[1] - staying[2]
        ),
        "That is everybody who has left by then, at the first renewal or the second. Count the second alone, "
        "of those who came to it.": _of_mixture(lambda staying, _: 1 - staying[2]),
        "That is the share of them that stays. The question is about those who leave.": _of_mixture(
            lambda _, churn: 1 - churn[2]
        ),
    },
    hints=(
        "How many of each kind are still there after the first renewal?",
        "{easy_left} of the one kind and {rare_left} of the other. How many of each leave now?",
    ),
    solution="{churn}: of {easy_left} and {rare_left} still there, {easy} and {rare} leave. Nobody has "
    "changed, and the churn fell.",
    facts=_facts,
    tolerance=0.002,
)

LESSON = Lesson(
    number="52",
    question="Do they come back?",
    world="phone_stand",
    exercises=(AVERAGE, WHICH, WAIT, MIXED),
)
