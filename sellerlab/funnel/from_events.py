"""Where do I lose them? The funnel of events, step by step.

One idea: a funnel counts people (or visits) who did the steps *in this order*, each once, within a limit of
time; counts of events that merely happened are no funnel. `by_day` and `abandonment`, which ask the same
passages another question, are called from here too.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.funnel.journeys import Group, Search, search, timedelta_of
from sellerlab.funnel.words import End, Terms, definition, sentence
from sellerlab.intervals import draw_intervals, share_words
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(("reached", "of", "continued", "entered", "dropped"), "count"),
    **dict.fromkeys(("rate", "rate_low", "rate_high", "overall", "overall_low", "overall_high"), "rate"),
    **dict.fromkeys(("median_minutes", "orders_lost", "orders_per_point"), "number"),
    **dict.fromkeys(("value_lost", "value_per_point"), "money"),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Funnel(Result):
    """A funnel; `table` has one row a step (and group), the scalars are those of all groups together.

    Attributes:
        steps: The steps in order.
        units: People or visits in the table, whatever they did.
        reached: How many reached each step.
        conversion: Of those at the first step, the share that came to the last; None if too few or open.
        low: Lower end of its interval (Wilson).
        high: Upper end.
        best_point: Step where one more point of its rate brings the most orders, or None.
        first: Day of the first event.
        last: Day of the last event.
        immature: Units that first came so late that the time allowed is not over.
        nameless: Events left out because they name no unit or no time.
    """

    steps: tuple[str, ...]
    units: int
    reached: tuple[int, ...]
    conversion: float | None
    low: float | None
    high: float | None
    best_point: str | None
    first: dt.date
    last: dt.date
    immature: int
    nameless: int
    by: str | None = None
    total: tuple[Mapping[str, Any], ...] = field(repr=False, compare=False)
    ends: tuple[tuple[str, int, float | None, float | None, float | None], ...] = field(
        repr=False, compare=False
    )

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a step, or one line a group."""
        return 1.4 + 0.5 * (len(self.ends) or len(self.steps))

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        if self.ends:
            ax.set_title(text.say("Share that comes to {step}", step=self.steps[-1]))
            labels = [f"{name} ({text.number(n)})" for name, n, *_ in self.ends]
            middle, low, high = (list(each) for each in zip(*(row[2:] for row in self.ends), strict=True))
            draw_intervals(ax, labels, middle, low, high, rate=True)
            ax.set_xlim(left=0)
            return
        ax.set_title(text.say("How many reach each step"))
        plots.bars(ax, list(self.steps), list(self.reached), [plots.TOTAL] * len(self.steps))
        widest = max(max(self.reached), 1)
        for place, row in enumerate(self.total):
            note = text.number(row["reached"])
            if place and row["rate"] is not None:
                rate = share_words(row["rate"])
                note = text.say("{n}, {rate} of the step before", n=note, rate=rate)
            inside = row["reached"] > 0.55 * widest
            ax.annotate(
                note,
                (row["reached"], place),
                xytext=(-6 if inside else 6, 0),
                textcoords="offset points",
                ha="right" if inside else "left",
                va="center",
                color="white" if inside else "black",
            )
        ax.set_xlim(0, widest * 1.1)
        ax.xaxis.set_major_formatter(lambda value, _: text.number(value))


def funnel(
    events: Any,
    steps: Sequence[str],
    *,
    unit: str = "user_id",
    within: str | dt.timedelta | None = None,
    step_within: str | dt.timedelta | None = None,
    closed: bool = True,
    by: str | None = None,
    order_value: float | None = None,
    currency: str | None = None,
    confidence: float = 0.95,
    minimum: int = 10,
    tie: str | None = None,
    **names: str,
) -> Funnel:
    """Return how many units pass the steps in order, with rates, intervals, times and what is lost.

    Closed: a unit reached step k if it has events t1, ..., tk of the first k steps, in this order, with
    tk - t1 <= within and each step <= step_within after the one before. Any such chain counts, not just the
    one from its first event. Open: a unit reached step k if it did it at all, and *continued* if it did
    the step before it within the limits. rate = continued / reached of the step before; overall =
    reached / all units; orders lost = dropped x rates of the steps after; orders per point = 0.01 x reached
    before x the same.

    Args:
        events: Events (`tables.EVENTS`), any frame narwhals knows.
        steps: Names of events in order, two or more; a name may stand twice.
        unit: What is counted: ``"user_id"``, ``"session_id"`` (one visit), or a column of your own.
        within: Longest time from the first step to the last, such as ``"7 days"``.
        step_within: Longest time from one step to the next.
        closed: Whether everybody has to begin at the first step.
        by: Column to split by, such as ``"channel"``; a unit belongs to the group of its first event.
        order_value: What one passage to the end is worth: contribution, better than sales. For the money.
        currency: ISO code of `order_value`.
        confidence: Level of the intervals.
        minimum: Fewest units from which a rate is given.
        tie: Column that orders events of the same time; by default they keep their order in the table, and on
            engines without one take the order of the steps.
        **names: The caller's own column names.

    Returns:
        `Funnel`, its table in the caller's kind of frame. `of` is what `rate` is a share of: for the first
        step all units. `median_minutes` is the time from the step before.

    Raises:
        UnknownNameError: A step never occurs, or a column is missing.
        InputError: Fewer than two steps, a limit that is no time, or no events.

    Source: the chain search is ours; intervals E. B. Wilson, Probable inference, 1927.

    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": list("aaabbcd"), "event": list("ABCABAB"),
    ...     "at": pd.date_range("2026-05-01", periods=7),
    ... })
    >>> funnel(events, ["A", "B", "C"]).reached
    (3, 2, 1)
    """
    if isinstance(steps, str) or len(steps) < 2:
        raise InputError(f"steps is {steps!r}: expected the names of two events or more, in order.")
    if order_value is not None and not math.isfinite(order_value):
        raise InputError(f"order_value is {order_value!r}: expected an amount, such as 1200.")
    wanted = Search(
        tuple(steps), timedelta_of("within", within), timedelta_of("step_within", step_within), closed
    )
    found = search(events, wanted, unit=unit, by=by, tie=tie, names=names)
    terms = Terms(wanted, confidence, max(minimum, 1), order_value)
    total = _rows(found.total, terms)
    rows = total if by is None else [row for group in found.groups for row in _rows(group, terms, by)]
    ends = [_end(group, terms) for group in found.groups]
    end = _end(found.total, terms)
    gains = {row["step"]: row["orders_per_point"] for row in total[1:] if row["orders_per_point"]}
    best = max(gains, key=lambda step: gains[step]) if gains else None
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return Funnel(
        table=tables.from_columns(columns, events),
        sentence=sentence(found, terms, total, end, ends, best, unit, by, currency),
        definition=definition(wanted, confidence, unit, found),
        currency=currency,
        formats=_FORMATS,
        steps=wanted.steps,
        units=found.total.units,
        reached=found.total.reached,
        conversion=end[2],
        low=end[3],
        high=end[4],
        best_point=best,
        first=found.first.date(),
        last=found.last.date(),
        immature=found.immature,
        nameless=found.nameless,
        by=by,
        total=tuple(total),
        ends=tuple(ends),
    )


def _end(group: Group, terms: Terms) -> End:
    """Return name, beginners, and the share of them that came to the last step with its interval."""
    began, done = group.reached[0], group.reached[-1]
    share = terms.share(done, began) if terms.wanted.closed else (None, None, None)
    return str(group.name), began, *share


def _rows(group: Group, terms: Terms, by: str | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    befores = (group.units, *group.reached[:-1])
    passed = (group.reached[0], *group.continued[1:])
    for step, name in enumerate(terms.wanted.steps):
        before, reached, continued = befores[step], group.reached[step], passed[step]
        rate, overall = terms.share(continued, before), terms.share(reached, group.units)
        later = list(zip(passed[step + 1 :], befores[step + 1 :], strict=True))
        onward = None if any(tries == 0 for _, tries in later) else math.prod(a / b for a, b in later)
        dropped = before - continued
        lost = None if onward is None else dropped * onward
        point = None if onward is None else 0.01 * before * onward
        seconds = group.seconds[step] if step < len(group.seconds) else math.nan
        row: dict[str, Any] = {}
        if by is not None:
            row[by] = group.name.isoformat() if isinstance(group.name, dt.date) else group.name
        row |= {"step": name, "reached": reached, "of": before}
        if not terms.wanted.closed:
            row |= {"continued": continued, "entered": reached - continued}
        row |= dict(zip(("rate", "rate_low", "rate_high"), rate, strict=True))
        row |= dict(zip(("overall", "overall_low", "overall_high"), overall, strict=True))
        row |= {"dropped": dropped, "median_minutes": None if math.isnan(seconds) else seconds / 60}
        row |= {"orders_lost": lost, "orders_per_point": point}
        if terms.order_value is not None:
            worth = terms.order_value
            row["value_lost"] = None if lost is None else lost * worth
            row["value_per_point"] = None if point is None else point * worth
        rows.append(row)
    return rows
