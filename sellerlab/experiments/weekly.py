"""The change of one group of products beyond another around a date, from sales by week.

One idea: of all units sold in a week, the treated products have a share. Season moves both groups and leaves
the share alone; a change moves it. How much the share swings from week to week by itself is the noise.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Fewest weeks before the change in which each group sold: how its share swings by itself is known from them.
#: After the change a single sale is enough. To ask for more would pick the dates on which sales rose by
#: chance, and raise alarms where nothing happened.
SELLING_WEEKS = 4


class Effect(NamedTuple):
    """Change of the treated beyond the controls, with its interval, as shares; p-value; on the log scale."""

    effect: float
    low: float
    high: float
    p: float
    log: float
    error: float


def full_weeks(days: pd.DataFrame, changed_on: dt.date, as_of: dt.date | None) -> pd.DataFrame:
    """Return one row a full week from the change: value of both groups, 0 where nothing sold."""
    last = as_of or days["day"].max()
    days = days[days["day"] <= last]
    start = -((changed_on - days["day"].min()).days // 7) if len(days) else 0
    stop = ((last - changed_on).days + 1) // 7
    weeks = pd.DataFrame({"week": range(min(start, stop), stop)})
    at = np.array([(each - changed_on).days // 7 for each in days["day"]], dtype=int)
    for group, name in ((1, "treated"), (0, "control")):
        own = days["group"].to_numpy() == group
        sums = pd.Series(days["value"].to_numpy()[own]).groupby(at[own]).sum()
        weeks[name] = sums.reindex(weeks["week"]).fillna(0.0).to_numpy()
    return weeks


def window(
    weeks: pd.DataFrame, week: int, before: int, after: int
) -> tuple[pd.DataFrame, NDArray[np.bool_]] | None:
    """Return the weeks around a date, and which lie after it; None where some are missing."""
    own = weeks[(weeks["week"] >= week - before) & (weeks["week"] < week + after)]
    return (own, own["week"].to_numpy() >= week) if len(own) == before + after else None


def effect(weeks: pd.DataFrame, week: int, before: int, after: int, confidence: float) -> Effect | None:
    """Return the effect of a change at a week; None where there are too few weeks or sales."""
    from scipy.special import stdtr, stdtrit

    found = window(weeks, week, before, after)
    if found is None:
        return None
    own, late = found
    t, c = own["treated"].to_numpy(), own["control"].to_numpy()
    sums = np.array([[each[late].sum(), each[~late].sum()] for each in (t, c)])
    selling = min(int((each[~late] > 0).sum()) for each in (t, c))
    if selling < SELLING_WEEKS or sums.min() <= 0:
        return None
    share = np.where(late, *(sums[0] / sums.sum(axis=0)))
    total = t + c
    sold = total > 0
    degrees = int(sold.sum()) - 2
    spread = ((t - total * share)[sold] ** 2 / (total * share * (1 - share))[sold]).sum() / degrees
    log = math.log(sums[0, 0] / sums[1, 0] / (sums[0, 1] / sums[1, 1]))
    error = math.sqrt(spread * (1 / sums).sum())
    half = float(stdtrit(degrees, (1 + confidence) / 2)) * error
    p = 2 * float(stdtr(degrees, -abs(log) / error)) if error else float(log == 0)
    return Effect(math.expm1(log), math.expm1(log - half), math.expm1(log + half), p, log, error)
