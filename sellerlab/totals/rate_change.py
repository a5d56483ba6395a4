"""Why did the conversion rate change? By step, and by mix against rate.

One idea: a rate over all can fall while it rises everywhere, when more of the traffic comes from where it is
low. A change is therefore split into parts that add up to it exactly, before anybody is blamed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.intervals import newcombe, points, share_words
from sellerlab.results import Format, Result
from sellerlab.totals.pooled import Pool, pooled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(("of_before", "passed_before", "of_after", "passed_after"), "count"),
    **dict.fromkeys(("rate_before", "rate_after", "difference", "low", "high"), "rate"),
    **dict.fromkeys(("share_before", "share_after"), "rate"),
    **dict.fromkeys(("points", "rate_points", "mix_points"), "number"),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class RateChange(Result):
    """A rate over all, in two periods.

    Attributes:
        before: Rate of the earlier period.
        after: Rate of the later one.
        low: Lower end of the interval of the difference (Newcombe).
        high: Upper end.
    """

    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, repr=False)
class StepChange(RateChange):
    """The change of a conversion rate (last total / first total), by step; `table` has one row a step.

    Attributes beside those of `RateChange`:
        parts: Step to its part of the difference; they add up to it. Empty where a total is 0.
        largest: Step with the largest part, or None.
    """

    parts: Mapping[str, float]
    largest: str | None

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a step."""
        return 1.5 + 0.45 * max(len(self.parts), 1)

    def _draw(self, ax: Axes) -> None:
        _parts(ax, text.say("What each step added to the conversion rate"), [("", self.parts)])


@dataclass(frozen=True, kw_only=True, repr=False)
class MixChange(RateChange):
    """The change of a rate over all groups, split into mix and rate; `table` has one row a group.

    Attributes beside those of `RateChange`:
        from_rates: Part of the difference that comes from the groups' own rates.
        from_mix: Part that comes from how the traffic is shared among the groups.
        reversed: Whether every group moved against the whole (Simpson).
        rate_parts: Group to its part of `from_rates`.
        mix_parts: Group to its part of `from_mix`.
    """

    from_rates: float
    from_mix: float
    reversed: bool
    rate_parts: Mapping[str, float]
    mix_parts: Mapping[str, float]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: two bars a group."""
        return 2.1 + 0.6 * len(self.rate_parts)

    def _draw(self, ax: Axes) -> None:
        parts = [(text.say("own rate"), self.rate_parts), (text.say("share of traffic"), self.mix_parts)]
        _parts(ax, text.say("What each group added to the rate"), parts)


def _parts(ax: Axes, title: str, series: Sequence[tuple[str, Mapping[str, float]]]) -> None:
    from sellerlab import plots

    ax.set_title(title)
    names = list(series[0][1])
    if not names:
        ax.text(0.5, 0.5, text.say("No parts: see the sentence"), ha="center", transform=ax.transAxes)
        ax.set_axis_off()
        return
    height = 0.8 / len(series)
    for number, (label, parts) in enumerate(series):
        places = [place + (number - (len(series) - 1) / 2) * height for place in range(len(names))]
        values = [100 * parts[name] for name in names]
        colours: Any = plots.COLOURS[number]
        if len(series) == 1:
            colours = [plots.GAIN if value >= 0 else plots.LOSS for value in values]
        ax.barh(places, values, height=0.9 * height, color=colours, label=label)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.axvline(0, color=plots.MUTED, linewidth=1)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(text.say("percentage points"))
    if len(series) > 1:
        ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.25), ncols=2)


def change(before: Any, after: Any, steps: Sequence[str], *, confidence: float = 0.95) -> StepChange:
    """Return which step changed the conversion rate between two periods.

    conversion R = product of the step rates r; the part of step k is L x ln(r_k after / r_k before),
    L = (R after - R before) / ln(R after / R before). The parts add up to R after - R before.

    Args:
        before: Totals of the earlier period, any frame narwhals knows; rows are added up.
        after: Totals of the later period.
        steps: Columns of counts in order, each part of the one before.
        confidence: Level of the intervals of the differences.

    Raises:
        UnknownNameError: A column is absent.
        InputError: A total is larger than the one before it, or the first is 0.

    Source: B. W. Ang, The LMDI approach to decomposition analysis, 2005; R. Newcombe, 1998.

    >>> import pandas as pd
    >>> old = pd.DataFrame({"visits": [1000], "carts": [100], "orders": [50]})
    >>> new = pd.DataFrame({"visits": [1000], "carts": [100], "orders": [25]})
    >>> found = change(old, new, ["visits", "carts", "orders"])
    >>> found.largest, round(found.parts["orders"], 4)
    ('orders', -0.025)
    """
    from sellerlab.totals.from_totals import check_steps

    check_steps(steps)
    pools = [_checked(frame, steps, period) for frame, period in ((before, "before"), (after, "after"))]
    ends = [pool.sums[steps[-1]] / pool.sums[steps[0]] for pool in pools]
    logs = all(pool.sums[step] > 0 for pool in pools for step in steps)
    scale = 0.0
    if logs:
        scale = ends[0] if math.isclose(*ends) else (ends[1] - ends[0]) / math.log(ends[1] / ends[0])
    rows, parts = [], {}
    for of, step in pairwise(steps):
        counts = [pool.sums[name] for pool in pools for name in (step, of)]
        row = _row({"step": step}, counts, confidence)
        row["points"] = None
        if logs:
            parts[step] = round(scale * math.log(row["rate_after"] / row["rate_before"]), 12) + 0.0
            row["points"] = 100 * parts[step]
        rows.append(row)
    whole = _whole([pool.sums[name] for pool in pools for name in (steps[-1], steps[0])], confidence)
    largest = max(parts, key=lambda step: abs(parts[step])) if any(parts.values()) else None
    said = _moved(whole, confidence)
    if largest is not None:
        said += " " + text.say(
            "Of the {whole} points each step gives: {parts}. The largest part is that of {step}.",
            whole=points(whole["after"] - whole["before"]),
            parts=", ".join(f"{step} {points(part)}" for step, part in parts.items()),
            step=largest,
        )
    elif not logs:
        said += " " + text.say("A total of 0 leaves nothing to split: take a longer period.")
    return StepChange(
        table=tables.from_columns({name: [row[name] for row in rows] for name in rows[0]}, after),
        sentence=said,
        definition=text.say(
            "Rates from sums; intervals of differences: Newcombe, {level}. Each step's part goes by the "
            "logarithm of its change, so the parts add up to the change of the whole.",
            level=text.percent(confidence, 0),
        ),
        formats=_FORMATS,
        **whole,
        parts=parts,
        largest=largest,
    )


def mix(before: Any, after: Any, of: str, passed: str, *, by: str, confidence: float = 0.95) -> MixChange:
    """Return how much of a changed rate comes from the groups' rates, and how much from their shares.

    rate part of group i = mean share_i x change of rate_i; mix part = change of share_i x (mean rate_i - mean
    of the whole). Both together add up to the change of the whole rate.

    Args:
        before: Totals of the earlier period, any frame narwhals knows; rows are added up.
        after: Totals of the later period.
        of: Column of the denominator, such as ``"visits"``.
        passed: Column of those who passed, such as ``"orders"``.
        by: Column of groups, such as ``"channel"`` or ``"device"``.
        confidence: Level of the intervals of the differences.

    Returns:
        `MixChange`. A group that one period lacks counts as mix alone.

    Raises:
        UnknownNameError: A column is absent.
        InputError: More passed than there were, or a period has nobody.

    Source: E. Kitagawa, Components of a difference between two rates, 1955; E. Simpson, 1951.

    >>> import pandas as pd
    >>> old = pd.DataFrame({"from": ["mail", "ads"], "visits": [900, 100], "orders": [90, 1]})
    >>> new = pd.DataFrame({"from": ["mail", "ads"], "visits": [100, 900], "orders": [11, 18]})
    >>> mix(old, new, "visits", "orders", by="from").reversed
    True
    """
    frames = ((before, "before"), (after, "after"))
    wholes = [_checked(frame, [of, passed], period) for frame, period in frames]
    groups = [
        {str(pool.name): pool.sums for pool in pooled(frame, [of, passed], by)[0]} for frame, _ in frames
    ]
    ends = [pool.sums[passed] / pool.sums[of] for pool in wholes]
    middle = sum(ends) / 2
    nothing = {of: 0.0, passed: 0.0}
    rows, rate_parts, mix_parts, moves = [], {}, {}, []
    for name in sorted({*groups[0], *groups[1]}):
        own = [group.get(name, nothing) for group in groups]
        for sums in own:
            if sums[passed] > sums[of]:
                raise InputError(
                    f"{name} has more {passed} ({sums[passed]:g}) than {of} ({sums[of]:g}): they count "
                    "different things."
                )
        counts = [sums[column] for sums in own for column in (passed, of)]
        row = _row({by: name}, counts, confidence)
        share = [sums[of] / pool.sums[of] for sums, pool in zip(own, wholes, strict=True)]
        known = [rate for rate in (row["rate_before"], row["rate_after"]) if rate is not None]
        old, new = (known * 2)[:2] if known else (0.0, 0.0)
        row |= {"share_before": share[0], "share_after": share[1]}
        rate_parts[name] = (share[0] + share[1]) / 2 * (new - old)
        mix_parts[name] = (share[1] - share[0]) * ((old + new) / 2 - middle)
        row |= {"rate_points": 100 * rate_parts[name], "mix_points": 100 * mix_parts[name]}
        if len(known) == 2:
            moves.append(new - old)
        rows.append(row)
    whole = _whole([pool.sums[column] for pool in wholes for column in (passed, of)], confidence)
    moved = whole["after"] - whole["before"]
    against = len(moves) > 1 and all(move * moved < 0 for move in moves)
    from_rates, from_mix = sum(rate_parts.values()), sum(mix_parts.values())
    said = _moved(whole, confidence)
    said += " " + text.say(
        "{rates} points come from the rates within {by}, {mix} points from how the traffic is shared.",
        rates=points(from_rates),
        mix=points(from_mix),
        by=by,
    )
    if against:
        template = (
            "The rate rose in every group and fell over all (Simpson's paradox): the mix did it."
            if moved < 0
            else "The rate fell in every group and rose over all (Simpson's paradox): the mix did it."
        )
        said += " " + text.say(template)
    return MixChange(
        table=tables.from_columns({name: [row[name] for row in rows] for name in rows[0]}, after),
        sentence=said,
        definition=text.say(
            "Rates from sums; intervals of differences: Newcombe, {level}. Rate part = mean share x change "
            "of the rate; mix part = change of the share x (mean rate of the group - mean rate of all). "
            "They add up.",
            level=text.percent(confidence, 0),
        ),
        formats=_FORMATS,
        **whole,
        from_rates=from_rates,
        from_mix=from_mix,
        reversed=against,
        rate_parts=rate_parts,
        mix_parts=mix_parts,
    )


def _checked(frame: Any, steps: Sequence[str], period: str) -> Pool:
    pool = pooled(frame, steps)[0][0]
    if not pool.sums[steps[0]] > 0:
        raise InputError(f"{steps[0]} is 0 in the period {period}: there is no rate. Choose a longer period.")
    for of, step in pairwise(steps):
        if pool.sums[step] > pool.sums[of]:
            raise InputError(
                f"There are more {step} ({pool.sums[step]:g}) than {of} ({pool.sums[of]:g}) in the period "
                f"{period}: they count different things. Choose steps that are part of one another."
            )
    return pool


def _row(row: dict[str, Any], counts: Sequence[float], confidence: float) -> dict[str, Any]:
    hits_old, old, hits_new, new = counts
    low, high = _interval(counts, confidence) if old and new else (None, None)
    rates = (hits_old / old if old else None, hits_new / new if new else None)
    row |= {"of_before": old, "passed_before": hits_old, "rate_before": rates[0]}
    row |= {"of_after": new, "passed_after": hits_new, "rate_after": rates[1]}
    difference = None if rates[0] is None or rates[1] is None else rates[1] - rates[0]
    return row | {"difference": difference, "low": low, "high": high}


def _whole(counts: Sequence[float], confidence: float) -> dict[str, Any]:
    """Return the fields of `RateChange`."""
    low, high = _interval(counts, confidence)
    return {"before": counts[0] / counts[1], "after": counts[2] / counts[3], "low": low, "high": high}


def _moved(whole: Mapping[str, float], confidence: float) -> str:
    words = {
        "before": share_words(whole["before"]),
        "after": share_words(whole["after"]),
        "low": points(whole["low"]),
        "high": points(whole["high"]),
        "level": text.percent(confidence, 0),
    }
    if whole["low"] <= 0 <= whole["high"]:
        return text.say(
            "The rate went from {before} to {after}; by chance alone that may happen (difference {low} to "
            "{high} points, {level} interval).",
            **words,
        )
    return text.say(
        "The rate went from {before} to {after} (difference {low} to {high} points, {level} interval).",
        **words,
    )


def _interval(counts: Sequence[float], confidence: float) -> tuple[float, float]:
    hits_old, old, hits_new, new = counts
    low, high = newcombe(hits_old, old, hits_new, new, confidence)
    return float(low), float(high)
