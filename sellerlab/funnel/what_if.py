"""What if one step were better? The same funnel with other rates.

One idea: the steps multiply. A tenth more at any step brings the same, but a *point* more brings most where
the rate is low; and two steps raised together bring more than one by one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.intervals import share_words
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class WhatIf(Result):
    """A funnel with other rates; `table` has one row a step.

    Attributes:
        before: How many reach the last step as it was counted.
        after: How many would with the rates asked for.
        value: What the difference is worth; None without `order_value`.
        parts: Step to its part of the difference; they add up to it.
        best_point: Step where one more point of the rate would then bring most.
        per_point: How many it would bring.
    """

    before: float
    after: float
    value: float | None
    parts: Mapping[str, float]
    best_point: str
    per_point: float

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a step, before and after."""
        return 1.5 + 0.42 * (len(self.parts) + 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Reaching {step}: what each change adds", step=list(self.parts)[-1]))
        names, starts, sizes = [text.say("counted")], [0.0], [self.before]
        colours, level = [plots.TOTAL], self.before
        for step, part in self.parts.items():
            names.append(step)
            starts.append(level)
            sizes.append(part)
            colours.append(plots.GAIN if part >= 0 else plots.LOSS)
            level += part
        names, starts, sizes = [*names, text.say("then")], [*starts, 0.0], [*sizes, self.after]
        plots.bars(ax, names, sizes, [*colours, plots.TOTAL])
        for place, (bar, start, size) in enumerate(zip(ax.patches, starts, sizes, strict=True)):
            bar.set_x(start)  # type: ignore[attr-defined]
            inner = 0 < place < len(names) - 1
            note = ("+" if inner and size > 0 else "") + _number(size)
            spot = (max(start, start + size), place)
            ax.annotate(note, spot, xytext=(4, 0), textcoords="offset points", va="center")
        ax.set_xlim(0, 1.12 * max(max(a, a + b) for a, b in zip(starts, sizes, strict=True)))
        ax.xaxis.set_major_formatter(lambda value, _: text.number(value))


def what_if(
    reached: Mapping[str, float],
    rates: Mapping[str, float] | None = None,
    *,
    start: float | None = None,
    order_value: float | None = None,
    currency: str | None = None,
) -> WhatIf:
    """Return how many would reach the last step if steps had other rates.

    after = start x product of the rates; the part of a factor f is L x ln(f then / f now), L = (after -
    before) / ln(after / before); one more point at step k brings 0.01 x those before it x the rates after it.

    Args:
        reached: Step to how many reached it, in order, such as ``dict(zip(found.steps, found.reached))`` of a
            closed `funnel`, or ``found.totals`` of `totals.rates`.
        rates: Step to the rate asked for, of those at the step before; the others stay as counted.
        start: How many begin; by default as many as were counted.
        order_value: What one passage to the end is worth: contribution, better than sales.
        currency: ISO code of `order_value`.

    Raises:
        UnknownNameError: A rate is asked for a step that there is not.
        InputError: Fewer than two steps, a step that nobody or too many reached, or a rate that is no
            fraction above 0.

    Source: the definition of a product of rates; its parts B. W. Ang, The LMDI approach, 2005.

    >>> found = what_if({"visit": 1000, "cart": 100, "order": 50}, {"cart": 0.12})
    >>> round(found.after, 6), found.best_point
    (60.0, 'cart')
    """
    steps, asked = list(reached), dict(rates or {})
    counts = [float(reached[step]) for step in steps]
    if len(steps) < 2:
        raise InputError(f"reached has {len(steps)} steps: expected two or more, in order.")
    for of, step in pairwise(steps):
        if not 0 < reached[step] <= reached[of]:
            raise InputError(
                f"{reached[of]:g} reached {of} and {reached[step]:g} {step}: expected fewer from step to "
                "step, and more than 0 everywhere. Choose a longer period, or steps that are part of one "
                "another."
            )
    for step, rate in asked.items():
        if step not in steps[1:]:
            raise unknown("step after the first", step, steps[1:])
        if not check_rate(f"rate of {step}", rate) > 0:
            raise InputError(
                f"The rate of {step} is 0: nobody would come further, so nothing is left to compare."
            )
    begin = counts[0] if start is None else float(start)
    if not 0 < begin < math.inf:
        raise InputError(f"start is {start!r}: expected a number above 0.")
    old = [counts[0], *(b / a for a, b in pairwise(counts))]
    new = [begin, *(asked.get(step, rate) for step, rate in zip(steps[1:], old[1:], strict=True))]
    then = [math.prod(new[: place + 1]) for place in range(len(new))]
    before, after = counts[-1], then[-1]
    scale = before if math.isclose(before, after) else (after - before) / math.log(after / before)
    parts = {
        step: round(scale * math.log(b / a), 9) + 0.0 for step, a, b in zip(steps, old, new, strict=True)
    }
    points = {step: 0.01 * after / new[place] for place, step in enumerate(steps) if place}
    # At a rate of 100% there is no point more to be had.
    open_ = {step: point for place, (step, point) in enumerate(points.items(), 1) if new[place] < 1}
    best = max(open_ or points, key=lambda step: points[step])
    value = None if order_value is None else (after - before) * order_value
    table = pd.DataFrame(
        {
            "step": steps,
            "reached": counts,
            "rate": [None, *old[1:]],
            "reached_then": then,
            "rate_then": [None, *new[1:]],
            "part": list(parts.values()),
            "orders_per_point": [None, *points.values()],
        }
    )
    if order_value is not None:
        table["value_per_point"] = table["orders_per_point"] * order_value
    words = {"first": steps[0], "last": steps[-1], "n": _number(counts[0]), "done": _number(before)}
    return WhatIf(
        table=table,
        sentence=_sentence(words, begin, after, before, best, points[best], order_value, currency),
        definition=text.say(
            "After = those at the first step x the rate of each step after it. The parts go by the logarithm "
            "of each change (LMDI), so they add up. One more point brings 0.01 x those at the step before x "
            "the rates of the steps after. It holds if the others who come through are like those counted."
        ),
        currency=currency,
        formats={
            "reached": "count",
            "rate": "rate",
            "reached_then": "number",
            "rate_then": "rate",
            "part": "number",
            "orders_per_point": "number",
            "value_per_point": "money",
        },
        before=before,
        after=after,
        value=value,
        parts=parts,
        best_point=best,
        per_point=points[best],
    )


def _sentence(
    words: dict[str, str],
    begin: float,
    after: float,
    before: float,
    best: str,
    point: float,
    order_value: float | None,
    currency: str | None,
) -> str:
    more = after - before
    words |= {"then": _number(after), "start": _number(begin), "more": _number(abs(more))}
    words |= {"share": share_words(after / begin), "best": best, "point": text.number(point, 1)}
    if order_value is not None:
        words |= {"value": text.money(abs(more) * order_value, currency)}
        words |= {"worth": text.money(point * order_value, currency)}
    parts = [text.say("{done} of {n} at {first} reach {last}.", **words)]
    if not math.isclose(after, before, rel_tol=1e-9):
        parts.append(text.say("With these rates it would be {then} of {start} ({share}).", **words))
        if order_value is None:
            template = "That is {more} more." if more > 0 else "That is {more} fewer."
        else:
            template = (
                "That is {more} more, worth {value}." if more > 0 else "That is {more} fewer: {value} less."
            )
        parts.append(text.say(template, **words))
    if order_value is None:
        template = "One more point of a rate then brings most at {best}: {point}."
    else:
        template = "One more point of a rate then brings most at {best}: {point}, worth {worth}."
    return " ".join([*parts, text.say(template, **words)])


def _number(value: float) -> str:
    """Write a count, with a decimal where it is small and not whole.

    >>> _number(107.0), _number(23.456), _number(1234.5)
    ('107', '23.5', '1,235')
    """
    whole = abs(value) >= 1000 or math.isclose(value, round(value), abs_tol=1e-9)
    return text.number(round(value + 1e-9) if whole else value, 0 if whole else 1)
