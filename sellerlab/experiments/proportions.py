"""Is B really better? Conversion rates of two or more variants.

One idea: a result is a difference with its interval, read only after the split was found as planned and the
visitors planned for have come. A p-value alone says neither how much nor how sure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.experiments.variants import (
    Correction,
    Split,
    adjust,
    not_read,
    order_variants,
    p_words,
    split_check,
    unread,
    verdict_of,
    verdict_words,
)
from sellerlab.intervals import draw_intervals, newcombe, points, share_words, wilson
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(("visitors", "successes"), "count"),
    **dict.fromkeys(("rate", "rate_low", "rate_high", "difference", "low", "high"), "rate"),
    **dict.fromkeys(("relative", "relative_low", "relative_high"), "rate"),
    **dict.fromkeys(("p", "p_adjusted"), "p"),
    "z": "number",
}


class TwoRates(NamedTuple):
    """B against A: difference with its interval, relative change with its interval, pooled z, p-value."""

    difference: float
    low: float
    high: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    z: float
    p: float


def two_rates(
    successes_a: float, n_a: float, successes_b: float, n_b: float, confidence: float = 0.95
) -> TwoRates:
    """Compare two rates, as plain numbers.

    z = (pB - pA) / sqrt(p (1 - p) (1 / nA + 1 / nB)), p the pooled rate; Fisher's exact test where fewer than
    5 are expected in a cell. Relative change pB / pA - 1, interval on the log scale; None where a rate is 0.

    Args:
        successes_a: Successes of A.
        n_a: Tries of A; where one side has none, p is 1 and no other number is known (NaN or None).
        successes_b: Successes of B.
        n_b: Tries of B.
        confidence: Level of the intervals.

    Raises:
        InputError: More successes than tries, or a negative count.

    Source: J. Fleiss et al., Statistical Methods for Rates and Proportions, 2003; R. Newcombe, 1998.

    >>> found = two_rates(12, 99, 5, 83)
    >>> round(found.z, 4), round(found.p, 3)
    (-1.4078, 0.159)
    """
    from scipy.special import erfc, ndtri
    from scipy.stats import fisher_exact

    low, high = newcombe(successes_a, n_a, successes_b, n_b, confidence)
    if not n_a or not n_b:
        return TwoRates(math.nan, math.nan, math.nan, None, None, None, math.nan, 1.0)
    a, b = successes_a / n_a, successes_b / n_b
    pooled = (successes_a + successes_b) / (n_a + n_b)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    z = (b - a) / spread if spread else 0.0
    if min(pooled, 1 - pooled) * min(n_a, n_b) < 5:
        cells = [[int(hits), int(n - hits)] for hits, n in ((successes_b, n_b), (successes_a, n_a))]
        p = min(float(fisher_exact(cells)[1]), 1.0)
    else:
        p = float(erfc(abs(z) / math.sqrt(2)))
    least = most = None
    if successes_a and successes_b:
        half = float(ndtri((1 + confidence) / 2))
        half *= math.sqrt((1 - a) / successes_a + (1 - b) / successes_b)
        least, most = (b / a * math.exp(sign * half) - 1 for sign in (-1, 1))
    return TwoRates(b - a, low, high, b / a - 1 if a else None, least, most, z, p)


@dataclass(frozen=True, kw_only=True, repr=False)
class RateTest(Result):
    """Conversion rates compared with the control; scalars are those of the leader.

    Attributes:
        verdict: ``"better"``, ``"worse"``, ``"unclear"``, ``"too_few"`` or ``"split_broken"``; the last two
            carry no numbers.
        control: The variant compared with.
        leader: The other variant with the highest rate.
        difference: Rate of the leader less that of the control.
        low: Lower end of its interval.
        high: Upper end.
        relative: The difference as a share of the control's rate; None where that is 0.
        z: Pooled z of the two.
        p: p-value of the leader, adjusted where there are several comparisons.
        p_overall: p-value that all rates are equal (chi-square), with more than two variants.
        chi_square: Its test statistic.
        split: The check of the split.
    """

    verdict: str
    control: str
    leader: str
    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    z: float | None
    p: float | None
    p_overall: float | None
    chi_square: float | None
    split: Split

    def _draw(self, ax: Axes) -> None:
        table = nw.from_native(self.table).lazy().collect()
        names, rates = table["variant"].to_list(), table["rate"].to_list()
        ends = table["rate_low"].to_list(), table["rate_high"].to_list()
        draw_intervals(ax, names, rates, *ends, rate=True, against=rates[0])
        ax.set_title(text.say("Rate of each variant and what it may really be"))

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches, for a width of 8."""
        return 1.6 + 0.6 * len(self.split.table)


def compare_rates(
    data: Any,
    *,
    variant: str = "variant",
    successes: str = "orders",
    visitors: str | None = "visitors",
    control: str | None = None,
    planned: Mapping[str, float] | None = None,
    correction: Correction = "holm",
    confidence: float = 0.95,
    minimum: int = 30,
    trust_split: bool = False,
) -> RateTest:
    """Compare the conversion rates of two or more variants with the control.

    Each variant against the control as in `two_rates`; that all are equal: chi-square, variants - 1 degrees
    of freedom.

    Args:
        data: Variant to (successes, visitors), or a table. A table has one row a variant (or variant and
            day), or with ``visitors=None`` one row a visitor and `successes` 0 or 1.
        variant: Column of the variant.
        successes: Column of the successes.
        visitors: Column of the visitors, or None.
        control: Name of the control; the first by default (of a table: first in the alphabet).
        planned: Variant to its planned weight in the split; equal by default.
        correction: How p-values of several comparisons are adjusted. Their intervals are at the level
            1 - (1 - confidence) / comparisons.
        confidence: Level of the intervals; a verdict needs p below 1 - confidence.
        minimum: Fewest visitors in each variant. Give the planned size: a test is not read before it is full.
        trust_split: Read the result although the split is broken.

    Returns:
        A `RateTest`: one row a variant, the control first.

    Raises:
        InputError: A column is missing, more successes than visitors, or fewer than two variants.

    Source: J. Fleiss et al., Statistical Methods for Rates and Proportions, 2003; R. Newcombe, 1998.

    >>> print(compare_rates({"A": (30, 1000), "B": (42, 1000)}).sentence)
    B converts 4.2% (42 of 1,000), A 3.0% (30 of 1,000): +1.20 points, 95% interval -0.45 to +2.88,
    p = 0.150. This may be chance.
    """
    check_rate("confidence", confidence, below_high=True)
    counts = _counts(data, variant, successes, visitors)
    names = order_variants(list(counts), control)
    split = split_check({name: counts[name][1] for name in names}, planned)
    hits, total = (np.array([counts[name][place] for name in names]) for place in (0, 1))
    rate_low, rate_high = wilson(hits, total, confidence)
    rates = np.where(total > 0, hits / np.maximum(total, 1), np.nan)
    columns: dict[str, list[Any]] = {
        "variant": names,
        "visitors": total.tolist(),
        "successes": hits.tolist(),
        "rate": rates.tolist(),
        "rate_low": rate_low.tolist(),
        "rate_high": rate_high.tolist(),
    }
    minimum = max(minimum, 1)
    why = unread(total, minimum, split, trust_split)
    level = 1 - (1 - confidence) / (len(names) - 1)
    made = [two_rates(hits[0], total[0], hits[i], total[i], level) for i in range(1, len(names))]
    adjusted = adjust([each.p for each in made], correction).tolist()
    for name in TwoRates._fields:
        columns[name] = [None, *(None if why else getattr(each, name) for each in made)]
    if len(made) > 1:
        columns["p_adjusted"] = [None, *(None if why else each for each in adjusted)]
    if why:
        for name in ("rate", "rate_low", "rate_high"):
            columns[name] = [None] * len(names)
    best = max(range(len(made)), key=lambda place: (np.nan_to_num(rates[place + 1]), -place))
    chosen, p = made[best], adjusted[best]
    read = why is None
    verdict = why or verdict_of(chosen.difference, p, confidence)
    chi_square, p_overall = _overall(hits, total) if len(names) > 2 and read else (None, None)
    frame = pd.DataFrame() if isinstance(data, Mapping) else data
    return RateTest(
        table=tables.from_columns(columns, frame),
        sentence=_sentence(verdict, names, hits, total, best + 1, chosen, p, level, p_overall)
        if why is None
        else not_read(why, split, names, total, minimum),
        definition=text.say(
            "Rate = successes / visitors, interval Wilson {level}. Difference = rate - rate of {control}, in "
            "points; interval Newcombe {wide}. p: pooled z test, Fisher's exact test for small counts; "
            "correction for several comparisons: {correction}. {split}",
            level=text.percent(confidence, 0),
            wide=text.percent(level, 0 if len(made) == 1 else 1),
            control=names[0],
            correction=correction,
            split=split.sentence,
        ),
        formats={name: style for name, style in _FORMATS.items() if name in columns},
        verdict=verdict,
        control=names[0],
        leader=names[best + 1],
        difference=chosen.difference if read else None,
        low=chosen.low if read else None,
        high=chosen.high if read else None,
        relative=chosen.relative if read else None,
        z=chosen.z if read else None,
        p=p if read else None,
        p_overall=p_overall,
        chi_square=chi_square,
        split=split,
    )


def _counts(data: Any, variant: str, successes: str, visitors: str | None) -> dict[str, tuple[float, float]]:
    if isinstance(data, Mapping):
        try:
            counts = {str(name): (float(hits), float(total)) for name, (hits, total) in data.items()}
        except (TypeError, ValueError):
            raise InputError(
                "Expected a variant and its (successes, visitors), such as "
                '{"A": (30, 1000), "B": (42, 1000)}.'
            ) from None
    else:
        lazy = nw.from_native(data).lazy()
        present = lazy.collect_schema().names()
        for name in (variant, successes, *([visitors] if visitors else [])):
            if name not in present:
                raise unknown("column of the test", name, present)
        total = nw.col(visitors).sum() if visitors else nw.len()
        sums = lazy.group_by(variant).agg(nw.col(successes).sum().alias("hits"), total.alias("total"))
        rows = sums.collect().sort(variant).select(variant, "hits", "total").rows()
        counts = {str(name): (float(hits), float(n)) for name, hits, n in rows}
    for name, (hits, n) in counts.items():
        if not 0 <= hits <= n:
            raise InputError(
                f"Variant {name!r} has {hits:g} successes of {n:g} visitors: a visitor succeeds once or not. "
                "Count visitors who ordered, not orders."
            )
    return counts


def _overall(hits: Any, total: Any) -> tuple[float | None, float | None]:
    """Return the chi-square test that all rates are equal; None where nobody or everybody succeeded."""
    from scipy.special import chdtrc

    pooled = float(hits.sum() / total.sum())
    if not 0 < pooled < 1:
        return None, None
    statistic = float(((hits - total * pooled) ** 2 / (total * pooled * (1 - pooled))).sum())
    return statistic, float(chdtrc(len(hits) - 1, statistic))


def _sentence(
    verdict: str,
    names: list[str],
    hits: Any,
    total: Any,
    place: int,
    chosen: TwoRates,
    p: float,
    level: float,
    p_overall: float | None,
) -> str:
    words = {
        "b": names[place],
        "a": names[0],
        "rate_b": share_words(hits[place] / total[place]),
        "rate_a": share_words(hits[0] / total[0]),
        "hits_b": text.number(float(hits[place])),
        "hits_a": text.number(float(hits[0])),
        "n_b": text.number(float(total[place])),
        "n_a": text.number(float(total[0])),
        "points": points(chosen.difference),
        "low": points(chosen.low),
        "high": points(chosen.high),
        "level": text.percent(level, 0 if len(names) == 2 else 1),
        "p": p_words(p),
        "others": text.number(len(names) - 1),
        "overall": p_words(p_overall),
    }
    if len(names) == 2:
        said = text.say(
            "{b} converts {rate_b} ({hits_b} of {n_b}), {a} {rate_a} ({hits_a} of {n_a}): {points} points, "
            "{level} interval {low} to {high}, {p}.",
            **words,
        )
    else:
        said = text.say(
            "Of {others} variants {b} leads with {rate_b} ({hits_b} of {n_b}), control {a} {rate_a} "
            "({hits_a} of {n_a}): {points} points, {level} interval {low} to {high}, {p} after correction "
            "(all equal: {overall}).",
            **words,
        )
    return f"{said} {verdict_words(verdict, names[place])}"
