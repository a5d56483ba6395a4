"""The club: who joins, who leaves at which renewal, who comes back, and when each month is paid.

The one idea: churn falls with age because subscribers differ (sBG). Everyone leaves at each renewal with a
chance of their own; those who leave easily are gone early.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.draws import Floats, Ints
from sellerlab.worlds.sewing_school.parameters import AS_OF, DAYS, START

_LAST = AS_OF.to_datetime64().astype("datetime64[D]")
_FIRST = START.to_datetime64().astype("datetime64[D]")


@dataclass(frozen=True)
class Spells:
    """Subscriptions (arrays by spell); `months` are those paid for if nobody stops looking."""

    customer: Ints
    plan: Ints
    start: Any
    months: Ints

    @property
    def end(self) -> Any:
        """First day no longer paid for."""
        return later(self.start, self.months)

    def kept(self, customers: int) -> Spells:
        """Return the spells of the first so many customers."""
        chosen = self.customer < customers
        return Spells(self.customer[chosen], self.plan[chosen], self.start[chosen], self.months[chosen])


def later(day: Any, months: Any) -> Any:
    """Return days some months later; the club is joined on days 1 to 28, so there is always such a day."""
    month = day.astype("datetime64[M]")
    return (month + months).astype("datetime64[D]") + (day - month.astype("datetime64[D]"))


def join(rng: np.random.Generator, planted: Mapping[str, Any], first_day: Ints) -> Spells:
    """Return the subscriptions of customers by the day of their first order, in days since `START`.

    Args:
        rng: The generator.
        planted: `truth["club"]`.
        first_day: Day of each customer's first order.
    """
    size = len(first_day)
    joins = rng.random(size) < planted["join_share"]
    wait = 1 + rng.exponential(planted["mean_days_to_join"], size)
    second = (rng.random(size) >= planted["plans"]["basic"]["share"]).astype(np.int64)
    start = _opened(_FIRST + (first_day + wait.astype(np.int64)).astype("timedelta64[D]"))
    who = np.flatnonzero(joins & (start <= _LAST))
    plan, start = second[who], start[who]
    months = _stay(rng, planted, plan)
    spells = Spells(who, plan, start, months)
    low, high = planted["come_back_after_months"]
    gap = rng.integers(low, high + 1, len(who))
    again = later(spells.end, gap)
    back = (rng.random(len(who)) < planted["come_back_share"]) & (again <= _LAST)
    return Spells(
        np.concatenate([who, who[back]]),
        np.concatenate([plan, plan[back]]),
        np.concatenate([start, again[back]]),
        np.concatenate([months, _stay(rng, planted, plan[back])]),
    )


def _opened(day: Any) -> Any:
    """Move days 29 to 31 to the first of the next month."""
    month = day.astype("datetime64[M]")
    late = (day - month.astype("datetime64[D]")).astype(np.int64) >= 28
    return np.where(late, (month + 1).astype("datetime64[D]"), day)


def _stay(rng: np.random.Generator, planted: Mapping[str, Any], plan: Ints) -> Ints:
    """Months paid for: at each renewal a subscriber leaves with the same chance of their own."""
    plans = list(planted["plans"].values())
    alpha = np.array([each["alpha"] for each in plans])[plan]
    beta = np.array([each["beta"] for each in plans])[plan]
    # A chance of nearly 0 would give a geometric number too large to count with.
    leave: Floats = np.maximum(rng.beta(alpha, beta), 1e-4)
    months: Ints = np.minimum(rng.geometric(leave), 600)
    return months


def paid_months(spells: Spells) -> Ints:
    """Return how many months each spell has paid by `AS_OF`."""
    age = (_LAST.astype("datetime64[M]") - spells.start.astype("datetime64[M]")).astype(np.int64)
    age = age - (later(spells.start, age) > _LAST)
    paid: Ints = np.minimum(age + 1, spells.months)
    return paid


def payments(rng: np.random.Generator, spells: Spells, hours: Floats) -> tuple[Ints, Ints]:
    """Return the spell of each payment and its second since `START`.

    The first month is paid when the subscriber joins, every later one by the morning's standing order.

    Args:
        rng: The generator.
        spells: The subscriptions.
        hours: How busy each hour of the day is.
    """
    count = paid_months(spells)
    spell = np.repeat(np.arange(len(count)), count)
    turn = np.arange(len(spell)) - np.repeat(np.cumsum(count) - count, count)
    day = (later(spells.start[spell], turn) - _FIRST).astype(np.int64)
    hour = rng.choice(24, len(spell), p=hours / hours.sum())
    joined = hour * 3600 + rng.integers(0, 3600, len(spell))
    charged = 6 * 3600 + rng.integers(0, 600, len(spell))
    second: Ints = np.minimum(day, DAYS - 1) * 86400 + np.where(turn == 0, joined, charged)
    return spell, second


def subscriptions(spells: Spells, people: Any, prices: list[int], plans: list[str]) -> pd.DataFrame:
    """Return the table of subscriptions: one row a spell, in order of its start.

    Args:
        spells: The subscriptions.
        people: Id of each customer.
        prices: Price of a month of each plan.
        plans: Name of each plan.
    """
    order = np.lexsort((people[spells.customer].astype(str), spells.start))
    end = spells.end
    ended = np.where(end <= _LAST, end, np.datetime64("NaT"))
    return pd.DataFrame(
        {
            "customer_id": people[spells.customer][order],
            "plan": np.array(plans, dtype=object)[spells.plan][order],
            "price": np.array(prices)[spells.plan][order],
            "months": 1,
            "started_at": spells.start[order].astype("datetime64[us]"),
            "ended_at": ended[order].astype("datetime64[us]"),
            "currency": "ILS",
        }
    )
