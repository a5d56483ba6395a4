"""What would have come anyway on the days of a promotion: the same weekdays before and after, weighed.

One idea: usual days are counts too. How far they lie from each other, beyond what chance does to a count, is
the noise against which a promotion has to show.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sellerlab.errors import InputError

_WEEK = dt.timedelta(days=7)


class Day(NamedTuple):
    """Orders of a day; sum and sum of squares of what they left, and of how many orders that is known."""

    orders: int = 0
    left: float = 0.0
    square: float = 0.0
    known: int = 0


class Sum(NamedTuple):
    """Days added up, each with its weight.

    `counted` is how many orders were counted for it; `squares` and `left_squares` are its variances for
    counts that spread as chance would have it.
    """

    orders: float
    squares: float
    counted: int
    left: float
    left_squares: float
    known: int


@dataclass(frozen=True)
class Usual:
    """Days of promotions and, for each, the usual days that stand for it with their weights.

    Attributes:
        days: Orders of each day that had any.
        instead_of: Day of a promotion to its usual days and their weights, which add up to 1.
        spread: Variance of usual days among each other, 1 where it is that of counts.
    """

    days: Mapping[dt.date, Day]
    instead_of: Mapping[dt.date, Mapping[dt.date, float]]
    spread: float

    @property
    def knows(self) -> bool:
        """Whether any order's contribution is known."""
        return any(day.known for day in self.days.values())

    def during(self, spans: Sequence[tuple[dt.date, dt.date]]) -> Sum:
        """Return the sum of the days of these promotions."""
        return self._sum({day: 1.0 for span in spans for day in _each_day(*span)})

    def instead(self, spans: Sequence[tuple[dt.date, dt.date]]) -> Sum:
        """Return the sum of the usual days that stand for these promotions."""
        weights: dict[dt.date, float] = {}
        for span in spans:
            for day in _each_day(*span):
                for other, weight in self.instead_of[day].items():
                    weights[other] = weights.get(other, 0.0) + weight
        return self._sum(weights)

    def _sum(self, weights: Mapping[dt.date, float]) -> Sum:
        found = [(self.days.get(day, Day()), weight) for day, weight in sorted(weights.items())]
        return Sum(
            orders=sum(day.orders * weight for day, weight in found),
            squares=sum(day.orders * weight**2 for day, weight in found),
            counted=sum(day.orders for day, _ in found),
            left=sum(day.left * weight for day, weight in found),
            left_squares=sum(day.square * weight**2 for day, weight in found),
            known=sum(day.known for day, _ in found),
        )


def usual(
    days: Mapping[dt.date, Day],
    spans: Sequence[tuple[dt.date, dt.date]],
    first: dt.date,
    last: dt.date,
    weeks: int,
) -> Usual:
    """Return the usual days of promotions: the same weekdays up to so many weeks away.

    Args:
        days: Orders of each day that had any.
        spans: First and last day of each promotion.
        first: First day of the data.
        last: Last day of the data.
        weeks: Weeks before and after.

    Raises:
        InputError: A promotion lies outside the data, or a day of it has no usual day.
    """
    sale = {day for span in spans for day in _each_day(*span)}
    instead_of, away, free = {}, 0.0, 0
    for start, end in spans:
        if start < first or end > last:
            raise InputError(f"The promotion from {start} to {end} is outside the orders, {first} to {last}.")
        for day in _each_day(start, end):
            sides = [
                [
                    other
                    for step in range(1, weeks + 1)
                    if _usable(other := day + sign * step * _WEEK, first, last, sale)
                ]
                for sign in (-1, 1)
            ]
            sides = [side for side in sides if side]
            if not sides:
                raise InputError(
                    f"For {day} no {day:%A} without a promotion lies within {weeks} weeks: give more weeks."
                )
            instead_of[day] = {other: 1 / len(side) / len(sides) for side in sides for other in side}
            counts = [days.get(other, Day()).orders for other in instead_of[day]]
            mean = sum(counts) / len(counts)
            if mean > 0:
                away += sum((count - mean) ** 2 for count in counts) / mean
                free += len(counts) - 1
    return Usual(days, instead_of, max(away / free, 1.0) if free else 1.0)


def _usable(day: dt.date, first: dt.date, last: dt.date, sale: set[dt.date]) -> bool:
    return first <= day <= last and day not in sale


def _each_day(start: dt.date, end: dt.date) -> list[dt.date]:
    return [start + dt.timedelta(days=place) for place in range((end - start).days + 1)]
