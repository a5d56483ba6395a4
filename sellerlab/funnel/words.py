"""A funnel in words: what came through, where most are lost, and how it was counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sellerlab import text
from sellerlab.funnel.journeys import Journeys, Search
from sellerlab.intervals import share_words, wilson


@dataclass(frozen=True)
class Terms:
    """What every row needs besides its counts."""

    wanted: Search
    confidence: float
    minimum: int
    order_value: float | None

    def share(self, hits: int, tries: int) -> tuple[float | None, float | None, float | None]:
        """Return a rate with its interval, or nothing where too few were counted."""
        if tries < self.minimum:
            return None, None, None
        low, high = wilson(hits, tries, self.confidence)
        return hits / tries, float(low), float(high)


End = tuple[str, int, float | None, float | None, float | None]


def unit_words(unit: str) -> str:
    """Return what a unit is called: people, visits, or the column's name.

    >>> unit_words("session_id")
    'visits'
    """
    return {"user_id": text.say("people"), "session_id": text.say("visits")}.get(unit, unit)


def sentence(
    found: Journeys,
    terms: Terms,
    total: Sequence[Mapping[str, Any]],
    end: End,
    ends: Sequence[End],
    best: str | None,
    unit: str,
    by: str | None,
    currency: str | None,
) -> str:
    """Say a funnel: how many come through, where most are lost, which point is worth most, what is open.

    Args:
        found: What the search found.
        terms: What rates are made with.
        total: The rows of all groups together.
        end: Beginners and their share that came to the end.
        ends: The same for each group.
        best: Step where a point brings most.
        unit: Column of what is counted.
        by: Column of the groups.
        currency: ISO code.
    """
    steps, group = terms.wanted.steps, found.total
    words: dict[str, Any] = {
        "units": unit_words(unit),
        "all": text.number(group.units),
        "began": text.number(group.reached[0]),
        "done": text.number(group.reached[-1]),
        "first": steps[0],
        "last": steps[-1],
        "minimum": text.number(terms.minimum),
        "level": text.percent(terms.confidence, 0),
        "rate": share_words(end[2]),
        "low": share_words(end[3]),
        "high": share_words(end[4]),
    }
    if group.reached[0] < terms.minimum:
        return text.say(
            "Only {began} {units} came to {first}: a rate needs at least {minimum}, so none is given.",
            **words,
        )
    if terms.wanted.closed:
        said = text.say(
            "{done} of {began} {units} went from {first} to {last}: {rate} ({level} interval {low} to "
            "{high}).",
            **words,
        )
    else:
        said = text.say(
            "Of {all} {units}, {began} came to {first} and {done} to {last}, on whatever way.", **words
        )
    parts = [said]
    worst = max(range(1, len(steps)), key=lambda step: (total[step]["dropped"], -step))
    row = total[worst]
    if row["dropped"]:
        parts.append(
            text.say(
                "Most are lost before {step}: {dropped} of {of} ({share}).",
                step=row["step"],
                dropped=text.number(row["dropped"]),
                of=text.number(row["of"]),
                share=share_words(row["dropped"] / row["of"]),
            )
        )
    if best is not None:
        gain = next(row for row in total[1:] if row["step"] == best)
        point = {"step": best, "orders": text.number(gain["orders_per_point"], 1)}
        if terms.order_value is None:
            template = "One more point of the rate at {step} would bring {orders} more to the end."
        else:
            point["value"] = text.money(gain["value_per_point"], currency)
            template = "One more point of the rate at {step} is worth {value} ({orders} more to the end)."
        parts.append(text.say(template, **point))
    if by and (compared := groups_sentence(by, steps[-1], ends)):
        parts.append(compared)
    if found.immature:
        parts.append(
            text.say(
                "{n} of them first came so late that their time is not over: they may still go on.",
                n=text.number(found.immature),
            )
        )
    if found.nameless:
        parts.append(text.say("{n} events name no one and are left out.", n=text.number(found.nameless)))
    return " ".join(parts)


def groups_sentence(by: str, last: str, ends: Sequence[End]) -> str:
    """Say in which group most and fewest come to the end; empty where fewer than two have a rate.

    Args:
        by: Column of the groups.
        last: Last step.
        ends: Of each group, its beginners and the share of them that came to the end.
    """
    known = sorted((row for row in ends if row[2] is not None), key=lambda row: (row[2], row[0]))
    if len(known) < 2:
        return ""
    return text.say(
        "By {by}, the share that reaches {last} runs from {low} in {bottom} (interval {low_a} to "
        "{low_b}) to {high} in {top} (interval {high_a} to {high_b}).",
        by=text.say(by),
        last=last,
        low=share_words(known[0][2]),
        low_a=share_words(known[0][3]),
        low_b=share_words(known[0][4]),
        bottom=known[0][0],
        high=share_words(known[-1][2]),
        high_a=share_words(known[-1][3]),
        high_b=share_words(known[-1][4]),
        top=known[-1][0],
    )


def definition(wanted: Search, confidence: float, unit: str, found: Journeys) -> str:
    """Say how a funnel was counted: order, limits, denominators, days.

    Args:
        wanted: What was looked for.
        confidence: Level of the intervals.
        unit: Column of what is counted.
        found: What the search found.
    """
    parts = [
        text.say(
            "Closed funnel: a step counts only after the steps before it, in order; each of the {units} "
            "counts once.",
            units=unit_words(unit),
        )
        if wanted.closed
        else text.say(
            "Open funnel: a step counts whatever came before; the rate counts those of the {units} who did "
            "the step before it first.",
            units=unit_words(unit),
        )
    ]
    if wanted.within:
        parts.append(
            text.say("From the first step to the last: at most {time}.", time=_length(wanted.within))
        )
    if wanted.step_within:
        parts.append(text.say("From one step to the next: at most {time}.", time=_length(wanted.step_within)))
    parts.append(
        text.say(
            "Rate = those who came from the step before / those at the step before; overall = those at the "
            "step / all {units}. Intervals: Wilson, {level}. Orders lost = those who dropped x the rates of "
            "the steps after. Events from {first} to {last}.",
            units=unit_words(unit),
            level=text.percent(confidence, 0),
            first=text.day(found.first.date()),
            last=text.day(found.last.date()),
        )
    )
    return " ".join(parts)


def _length(time: dt.timedelta) -> str:
    day = dt.timedelta(days=1)
    if time % day or time < 2 * day:
        return text.say("{n} hours", n=text.number(time.total_seconds() / 3600, 2))
    return text.say("{n} days", n=text.number(time // day))
