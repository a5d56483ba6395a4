"""How long it takes until something happens, where it has not happened yet for everybody.

The one idea is the risk set. Who came last week has had one week to come back: he says something about the
first week and nothing about the second. Kaplan and Meier count him for as long as he was watched, and no
longer; leaving him out, or counting him as never, are both wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import share_words, wilson
from sellerlab.purchases import firsts, purchases
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

#: Days at which an answer is printed.
DAYS = (7, 14, 30, 60, 90, 180, 365, 730)


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: one entry for each time at which something happened or watching ended.

    Attributes:
        time: Times, rising.
        at_risk: How many were watched and waiting just before each time.
        events: How many it happened to at that time.
        survival: Share to whom it had not happened after that time.
        low: Lower end of its interval.
        high: Upper end.
    """

    time: Array
    at_risk: Array
    events: Array
    survival: Array
    low: Array
    high: Array

    def at(self, time: float) -> tuple[float, float, float] | None:
        """Return survival and its interval at a time; None after the last one that was watched.

        Args:
            time: In the units of the curve.
        """
        if not len(self.time) or time > self.time[-1]:
            return None
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        if place < 0:
            return 1.0, 1.0, 1.0
        return float(self.survival[place]), float(self.low[place]), float(self.high[place])

    def waiting(self, time: float) -> int:
        """Return how many are still watched and waiting at a time.

        Args:
            time: In the units of the curve.
        """
        place = int(np.searchsorted(self.time, time, side="left"))
        return int(self.at_risk[place]) if place < len(self.time) else 0

    @property
    def median(self) -> tuple[float | None, float | None, float | None]:
        """The time at which half is reached, with its interval; None where it is not reached."""
        found = []
        for line in (self.survival, self.low, self.high):
            below = np.nonzero(line <= 0.5 + 1e-12)[0]
            found.append(float(self.time[below[0]]) if len(below) else None)
        return found[0], found[1], found[2]


def kaplan_meier(durations: Any, observed: Any, *, weights: Any = None, confidence: float = 0.95) -> Curve:
    """Return the Kaplan-Meier curve of times that may have been cut off.

    S(t) = product over times u up to t of (1 - d_u / n_u), with d_u events among n_u at risk
    interval: S(t) ^ exp(-+ z sqrt(G) / ln S(t)), with G the sum of d / (n (n - d)) (Greenwood, log-log)

    Args:
        durations: One time each, 0 or more: until it happened, or until watching ended.
        observed: Whether it happened.
        weights: How many each entry stands for; one by default.
        confidence: Level of the interval.

    Returns:
        A `Curve`. Before the first event its lower end is Wilson's for nothing among those at risk.

    Raises:
        InputError: A time is negative or missing, or the lengths differ.

    Source: E. Kaplan, P. Meier, Nonparametric estimation from incomplete observations, 1958; interval: J.
    Kalbfleisch, R. Prentice, *The Statistical Analysis of Failure Time Data*, 1980.

    >>> kaplan_meier([1, 2, 2, 3], [True, True, False, False]).survival.tolist()
    [0.75, 0.5, 0.5]
    """
    from scipy.special import ndtri

    z = float(ndtri((1 + check_rate("confidence", confidence, below_high=True)) / 2))
    times, hits = np.asarray(durations, dtype=float), np.asarray(observed, dtype=float)
    counts = np.ones_like(times) if weights is None else np.asarray(weights, dtype=float)
    if not times.shape == hits.shape == counts.shape or times.ndim != 1:
        raise InputError(
            f"durations has {times.size} values, observed {hits.size}, weights {counts.size}: one of each is "
            "needed for each person."
        )
    if not (np.isfinite(times).all() and (times >= 0).all()):
        raise InputError("durations: expected times of 0 or more; for those still waiting, the time watched.")
    time, place = np.unique(times, return_inverse=True)
    events: Array = np.bincount(place, counts * hits, len(time)).astype(float)
    at_risk: Array = np.bincount(place, counts, len(time)).astype(float)[::-1].cumsum()[::-1]
    survival = np.asarray(np.cumprod(1 - events / np.where(at_risk > 0, at_risk, 1.0)), dtype=float)
    left = at_risk - events
    greenwood = np.cumsum(np.where(left > 0, events / np.where(left > 0, at_risk * left, 1.0), 0.0))
    inside = (survival > 0) & (survival < 1)
    log = np.log(np.where(inside, survival, 0.5))
    low = np.where(inside, np.exp(log * np.exp(z * np.sqrt(greenwood) / -log)), survival)
    high = np.where(inside, np.exp(log * np.exp(-z * np.sqrt(greenwood) / -log)), survival)
    # The formula has no width at 1 and none at 0: use what is known there without it.
    low = np.where(survival == 1, 1 - wilson(np.zeros_like(at_risk), at_risk, confidence)[1], low)
    empty = survival == 0
    if empty.any():
        before = int(np.argmax(empty))
        high = np.where(empty, high[before - 1] if before else 1.0, high)
    return Curve(time, at_risk, events, survival, low, high)


@dataclass(frozen=True, kw_only=True, repr=False)
class SecondOrder(Result):
    """How soon customers come back; `table` has one row a number of days since the first order.

    Attributes:
        curve: The whole Kaplan-Meier curve, in days; 1 - survival is the share that came back.
        as_of: Last day that the data are known for.
        customers: Customers with a first order.
        returned: Those who ordered on a later day.
        median_days: Days after which half have come back; None where half have not.
        median_low: Lower end of its interval.
        median_high: Upper end; None where it is not reached.
        mean_gap_of_returned: Mean days of only those who came back: too short, as the slow ones are not in
            it yet. It is here to be compared, not to be used.
        unnamed: Paid orders whose customer the file does not name.
    """

    curve: Curve
    as_of: dt.date
    customers: int
    returned: int
    median_days: float | None
    median_low: float | None
    median_high: float | None
    mean_gap_of_returned: float | None
    unnamed: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        curve = self.curve
        if not self.returned:
            ax.text(0.5, 0.5, text.say("Nobody has come back yet"), transform=ax.transAxes, ha="center")
        days = np.append(0.0, curve.time)
        share, low, high = (1 - np.append(1.0, line) for line in (curve.survival, curve.high, curve.low))
        ax.fill_between(days, low, high, step="post", color=plots.TOTAL, alpha=0.2, linewidth=0)
        ax.step(days, share, where="post", color=plots.TOTAL, label=text.say("came back"))
        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        known = [row for row in rows if row["came_back"] is not None and row["came_back"] == row["came_back"]]
        for row in known:
            place = (row["day"], row["came_back"])
            ax.plot(*place, "o", color=plots.TOTAL)
        for row in known[-3:]:
            place = (row["day"], row["came_back"])
            note = text.percent(row["came_back"], 0)
            ax.annotate(note, place, (-4, 8), textcoords="offset points", ha="right")
        ax.set_ylim(0, min(1.0, float(np.max(high[days <= self._end(known)], initial=0.05)) * 1.15))
        ax.set_xlim(0, self._end(known))
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("days since the first order"))
        ax.set_title(text.say("Share of customers with a second order"))

    def _end(self, known: Sequence[dict[str, Any]]) -> float:
        last = known[-1]["day"] if known else 7
        return float(max(last * 1.05, 1))


def time_to_second_order(
    orders: Any,
    *,
    as_of: str | dt.date | None = None,
    days: Sequence[int] = DAYS,
    minimum: int = 30,
    confidence: float = 0.95,
    **names: str,
) -> SecondOrder:
    """Return how many days pass until customers order again, those who have not yet counted fairly.

    came back by day t = 1 - S(t), S the Kaplan-Meier curve, see `kaplan_meier`. Orders of one day are one.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, of all time.
        as_of: Last day that the data are known for; the day of the last line by default.
        days: Days since the first order to print, rising.
        minimum: Fewest customers whose first order is that many days ago, for a share.
        confidence: Level of the intervals.
        **names: The caller's own column names.

    Returns:
        `SecondOrder`; its table has day, customers (those whose first order is that long ago),
        still_waiting (watched on that day and not back before it), came_back, low and high. Days that
        nobody was watched to are left out.

    Raises:
        TableError: A column is missing.
        InputError: No paid order names its customer, or a day is not above 0.

    Source: E. Kaplan, P. Meier, Nonparametric estimation from incomplete observations, 1958.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2", "3"], "customer_id": ["ann", "bob", "ann"],
    ...     "ordered_at": pd.to_datetime(["2026-03-01", "2026-03-01", "2026-03-11"]),
    ... })
    >>> time_to_second_order(orders, as_of="2026-04-30", days=[30], minimum=1).table["came_back"].tolist()
    [0.5]
    """
    shown = [int(day) for day in days]
    if not shown or min(shown) < 1 or shown != sorted(set(shown)):
        raise InputError(f"days are {tuple(days)}: expected rising whole days above 0, such as (30, 90).")
    found = purchases(orders, as_of, names)
    end = nw.lit(float(found.as_of.toordinal()))
    people = firsts(found.lines).with_columns(
        waited=nw.when(nw.col("second").is_null()).then(end).otherwise(nw.col("second")) - nw.col("first"),
        again=nw.when(nw.col("second").is_null()).then(nw.lit(0.0)).otherwise(nw.lit(1.0)),
    )
    people = found.once(people)
    # Days are few: one row a day instead of one a customer.
    rows = people.group_by("waited", "again").agg(nw.len()).sort("waited", "again").collect().rows()
    waited, again, count = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    curve = kaplan_meier(waited, again, weights=count, confidence=confidence)
    born = np.array(people.group_by("first").agg(nw.len()).collect().rows(), dtype=float)
    watched = {day: int(born[found.as_of.toordinal() - born[:, 0] >= day, 1].sum()) for day in shown}
    # Nothing is known of a day that nobody was watched to; the first stays, to say that it is too early.
    shown = shown[: max(sum(watched[day] > 0 for day in shown), 1)]
    table: dict[str, list[float | None]] = {"day": [float(day) for day in shown]}
    table |= {name: [] for name in ("customers", "still_waiting", "came_back", "low", "high")}
    for day in shown:
        value = curve.at(day) if watched[day] >= max(minimum, 1) else None
        table["customers"].append(float(watched[day]))
        table["still_waiting"].append(float(curve.waiting(day)))
        for name, place in (("came_back", 0), ("low", 2), ("high", 1)):
            table[name].append(None if value is None else 1 - value[place])
    customers, returned = int(count.sum()), int((count * again).sum())
    median = curve.median
    if median[0] is None or born[found.as_of.toordinal() - born[:, 0] >= median[0], 1].sum() < minimum:
        median = (None, None, None)
    gap = float((waited * count * again).sum() / returned) if returned else None
    result: dict[str, Any] = {
        "curve": curve,
        "as_of": found.as_of,
        "customers": customers,
        "returned": returned,
        "median_days": median[0],
        "median_low": median[1],
        "median_high": median[2],
        "mean_gap_of_returned": gap,
        "unnamed": found.unnamed,
    }
    return SecondOrder(
        table=tables.from_columns(table, orders),
        sentence=_sentence(table, result, minimum, confidence),
        definition=text.say(
            "Days from a customer's first day with a paid order to the next one; orders of one day are one. "
            "Customers who have not come back count for as long as they were watched, until {day} "
            "(Kaplan-Meier; interval: Greenwood, log-log, {level}). The data begin on {first}: who bought "
            "before that counts as new at the first order since.",
            day=text.day(found.as_of),
            level=text.percent(confidence, 0),
            first=text.day(found.first),
        ),
        formats={
            "day": "count",
            "customers": "count",
            "still_waiting": "count",
            "came_back": "rate",
            "low": "rate",
            "high": "rate",
        },
        **result,
    )


def _sentence(
    table: dict[str, list[float | None]], found: dict[str, Any], minimum: int, confidence: float
) -> str:
    words = {
        "n": text.number(found["customers"]),
        "returned": text.number(found["returned"]),
        "minimum": text.number(minimum),
        "level": text.percent(confidence, 0),
    }
    said = [text.say("Of {n} customers {returned} have ordered on a later day.", **words)]
    known = [place for place, each in enumerate(table["came_back"]) if each is not None]
    if not known:
        said.append(
            text.say(
                "That is too early for a share: at least {minimum} customers have to be watched for "
                "{day} days.",
                day=text.number(table["day"][0] or 0),
                **words,
            )
        )
    else:
        last = known[-1]
        for name in ("day", "customers"):
            words[name] = text.number(table[name][last] or 0)
        for name in ("came_back", "low", "high"):
            words[name] = share_words(table[name][last])
        said.append(
            text.say(
                "Within {day} days {came_back} come back ({low} to {high}, {level} interval; {customers} "
                "were watched that long).",
                **words,
            )
        )
    if found["median_days"] is not None:
        said.append(text.say("Half are back after {days} days.", days=text.number(found["median_days"])))
    elif known:
        said.append(text.say("Fewer than half are back in the time that was watched."))
    if found["unnamed"]:
        said.append(
            text.say("Orders that name no customer are left out: {k}.", k=text.number(found["unnamed"]))
        )
    return " ".join(said)
