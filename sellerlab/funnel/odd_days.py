"""Which days were odd? A rate day by day, and the stretch of days that chance does not explain.

One idea: whoever looks at sixty days will find a bad one. The worst stretch is therefore compared with the
worst stretches of sixty days on which nothing happened, not with a single day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.funnel.journeys import DAY, Search, search, timedelta_of
from sellerlab.intervals import share_words, wilson
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

#: Fewest days and successes from which a stretch is looked for.
MINIMUM_DAYS, MINIMUM_SUCCESSES = 14, 20


@dataclass(frozen=True, kw_only=True, repr=False)
class Daily(Result):
    """A rate day by day; `table` has one row a day.

    Attributes:
        start: First day of the stretch that stands out most; None with too little data.
        end: Its last day.
        rate: The rate in it.
        usual: The rate on all other days.
        p: Share of shops without any odd day that show as strong a stretch; None with too little data.
        odd: Whether `p` is below the level.
        successes: How many passed, all days together.
        n: How many could have.
    """

    start: dt.date | None
    end: dt.date | None
    rate: float | None
    usual: float | None
    p: float | None
    odd: bool
    successes: int
    n: int
    days: tuple[dt.date, ...] = field(repr=False, compare=False)
    points: tuple[tuple[float, float, float], ...] = field(repr=False, compare=False)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("The rate day by day"))
        middle, low, high = np.array(self.points).reshape(-1, 3).T
        days = np.array(self.days, dtype="datetime64[D]")
        ax.fill_between(days, low, high, step="mid", color=plots.TOTAL, alpha=0.2, linewidth=0)
        ax.plot(days, middle, "o", color=plots.TOTAL, markersize=3)
        if self.usual is not None:
            ax.axhline(self.usual, color=plots.MUTED, linestyle="--", linewidth=1)
        if self.odd and self.start and self.end:
            half = dt.timedelta(hours=12)
            noon = dt.datetime.min.time()
            edges = (dt.datetime.combine(self.start, noon) - half, dt.datetime.combine(self.end, noon) + half)
            ax.axvspan(*edges, color=plots.LOSS, alpha=0.25)  # type: ignore[arg-type]
        ax.set_ylim(0, min(1.0, 1.05 * float(np.nanmax([*high, 0.01]))))
        plots.percent_axis(ax)
        ax.tick_params(axis="x", rotation=30)


def by_day(
    events: Any,
    steps: Sequence[str],
    *,
    step: str | None = None,
    unit: str = "session_id",
    within: str | dt.timedelta | None = None,
    step_within: str | dt.timedelta | None = None,
    longest: int = 7,
    level: float = 0.05,
    draws: int = 999,
    seed: int = 1,
    tie: str | None = None,
    **names: str,
) -> Daily:
    """Return one step's rate day by day, and whether a stretch of days stands out: a fault, or a windfall.

    The passages are those of `funnel.funnel`, closed; a visit belongs to the day of its first event.

    Args:
        events: Events (`tables.EVENTS`), any frame narwhals knows.
        steps: Names of events in order, two or more.
        step: The step whose rate is watched; the last one by default.
        unit: What is counted; a visit (``"session_id"``) belongs to one day.
        within: Longest time from the first step to the last.
        step_within: Longest time from one step to the next.
        longest: Longest stretch looked for, days.
        level: Share of false alarms accepted.
        draws: Shops without an odd day that are drawn for comparison.
        seed: Seed of the draws.
        tie: Column that orders events of the same time.
        **names: The caller's own column names.

    Raises:
        UnknownNameError: A step never occurs, a column is missing, or `step` is none of the steps.
        InputError: Fewer than two steps, or an impossible setting.

    Source: the scan statistic of M. Kulldorff, A spatial scan statistic, 1997, on a line of days.
    """
    if isinstance(steps, str) or len(steps) < 2:
        raise InputError(f"steps is {steps!r}: expected the names of two events or more, in order.")
    watched = steps[-1] if step is None else step
    if watched not in steps[1:]:
        raise unknown("step after the first", watched, steps[1:])
    place = list(steps).index(watched, 1)
    limits = timedelta_of("within", within), timedelta_of("step_within", step_within)
    found = search(
        events, Search(tuple(steps), *limits, closed=True), unit=unit, by=DAY, tie=tie, names=names
    )
    days = [group.name for group in found.groups]
    hits = [group.reached[place] for group in found.groups]
    tries = [group.reached[place - 1] for group in found.groups]
    what = text.say("from {before} to {step}", before=steps[place - 1], step=watched)
    return watch(days, hits, tries, what, events, longest=longest, level=level, draws=draws, seed=seed)


def watch(
    days: Sequence[dt.date],
    hits: Sequence[float],
    tries: Sequence[float],
    what: str,
    original: Any,
    *,
    longest: int = 7,
    level: float = 0.05,
    draws: int = 999,
    seed: int = 1,
) -> Daily:
    """Return the daily rates of counts and the stretch that stands out.

    Each stretch of up to `longest` days is measured by the log-likelihood ratio of two rates against one; the
    largest is compared with the largest in `draws` shops whose every day has the common rate.

    Args:
        days: The days; missing ones in between count as days without tries.
        hits: Successes of each day.
        tries: Tries of each day.
        what: What passes, in words.
        original: A frame whose kind the table takes.
        longest: Longest stretch, days, 1 or more.
        level: Share of false alarms accepted.
        draws: Number of shops drawn, 99 or more.
        seed: Seed of the draws.

    Raises:
        InputError: An impossible setting, or more successes than tries.
    """
    check_rate("level", level, below_high=True)
    if longest < 1 or draws < 99:
        raise InputError(f"longest is {longest} and draws {draws}: expected 1 or more, and 99 or more.")
    first, last = min(days), max(days)
    size = (last - first).days + 1
    done, could = np.zeros(size), np.zeros(size)
    for day, hit, n in zip(days, hits, tries, strict=True):
        done[(day - first).days] += hit
        could[(day - first).days] += n
    low, high = wilson(done, could)
    share = np.divide(done, could, out=np.full(size, np.nan), where=could > 0)
    calendar = [first + dt.timedelta(days=each) for each in range(size)]
    start = end = rate = usual = p = None
    inside = np.zeros(size, dtype=bool)
    successes, n = float(done.sum()), float(could.sum())
    enough = size >= MINIMUM_DAYS and successes >= MINIMUM_SUCCESSES and n > successes
    if enough:
        begin, width, strength = _strongest(done[None], could, longest)
        random = np.random.default_rng(seed)
        drawn = random.binomial(could.astype(np.int64), successes / n, (draws, size)).astype(float)
        p = float((1 + (_strongest(drawn, could, longest)[2] >= strength[0] - 1e-12).sum()) / (1 + draws))
        inside[begin[0] : begin[0] + width[0]] = True
        start, end = calendar[int(begin[0])], calendar[int(begin[0] + width[0]) - 1]
        rate = float(done[inside].sum() / could[inside].sum())
        usual = float(done[~inside].sum() / could[~inside].sum())
    odd = p is not None and p < level
    columns: dict[str, Sequence[Any]] = {
        "day": [day.isoformat() for day in calendar],
        "passed": done.tolist(),
        "of": could.tolist(),
        "rate": [None if np.isnan(each) else float(each) for each in share],
        "low": [None if np.isnan(each) else float(each) for each in low],
        "high": [None if np.isnan(each) else float(each) for each in high],
        "odd": [text.say("odd") if odd and each else "" for each in inside],
    }
    words = {
        "what": what,
        "rate": share_words(rate),
        "usual": share_words(usual),
        "hits": text.number(float(done[inside].sum())),
        "tries": text.number(float(could[inside].sum())),
        "all": text.number(successes),
        "n": text.number(n),
        "start": text.day(start) if start else "",
        "end": text.day(end) if end else "",
        "p": text.percent(p, 1) if p is not None else "",
        "days": text.number(MINIMUM_DAYS),
        "minimum": text.number(MINIMUM_SUCCESSES),
    }
    if p is None:
        template = (
            "{all} of {n} passed {what}: too few to look for odd days, which needs {days} days and {minimum} "
            "that passed."
        )
    elif odd:
        template = (
            "From {start} to {end} {hits} of {tries} passed {what} ({rate}), against {usual} on other days; "
            "chance alone makes so strong a stretch in {p} of shops. Look what changed there."
        )
    else:
        template = (
            "No stretch of days stands out {what}: the strongest, {start} to {end} ({rate} against {usual}), "
            "comes by chance in {p} of shops. {all} of {n} passed in all."
        )
    return Daily(
        table=tables.from_columns(columns, original),
        sentence=text.say(template, **words),
        definition=text.say(
            "Rate = those who passed / those at the step before, by day; intervals: Wilson, 95%. Every "
            "stretch of up to {longest} days is compared with the rest (log-likelihood ratio); p = share of "
            "{draws} drawn shops with one rate for all days whose strongest stretch is as strong.",
            longest=longest,
            draws=text.number(draws),
        ),
        formats={"passed": "count", "of": "count", "rate": "rate", "low": "rate", "high": "rate"},
        start=start,
        end=end,
        rate=rate,
        usual=usual,
        p=p,
        odd=odd,
        successes=int(successes),
        n=int(n),
        days=tuple(calendar),
        points=tuple(zip(share.tolist(), low.tolist(), high.tolist(), strict=True)),
    )


def _strongest(hits: Array, tries: Array, longest: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Return begin, width and log-likelihood ratio of the strongest stretch of each row of `hits`."""
    total, all_tries = hits.sum(axis=1), tries.sum()
    summed = np.concatenate([np.zeros((len(hits), 1)), hits.cumsum(axis=1)], axis=1)
    tried = np.concatenate([[0.0], tries.cumsum()])
    best = np.full(len(hits), -1.0)
    begin, width = np.zeros(len(hits), dtype=np.int64), np.ones(len(hits), dtype=np.int64)
    null = _likelihood(total, np.full(len(hits), all_tries))
    for days in range(1, min(longest, len(tries) // 2) + 1):
        inner, n = summed[:, days:] - summed[:, :-days], tried[days:] - tried[:-days]
        gain = _likelihood(inner, n) + _likelihood(total[:, None] - inner, all_tries - n) - null[:, None]
        # A stretch without tries, or with all of them, tells nothing.
        gain[:, (n <= 0) | (n >= all_tries)] = -1.0
        place = gain.argmax(axis=1)
        top = gain[np.arange(len(hits)), place]
        better = top > best + 1e-12
        best[better], begin[better], width[better] = top[better], place[better], days
    return begin, width, best


def _likelihood(hits: Array, tries: Array) -> Array:
    from scipy.special import xlogy

    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(tries > 0, hits / np.where(tries > 0, tries, 1.0), 0.0)
    return np.asarray(xlogy(hits, rate) + xlogy(tries - hits, 1 - rate))
