"""Before a test is read: was the split as planned, and how many comparisons are made at once?

One idea: two checks come before any result. If more visitors landed in one variant than planned, something
sorted them, and the variants no longer differ in one thing only. And each further comparison is one more
chance of a false alarm, so p-values are adjusted for how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.intervals import draw_intervals, wilson
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Correction = Literal["holm", "bh", "by", "bonferroni", "none"]

#: Below this p-value a split is taken as broken.
BROKEN_BELOW = 0.001


@dataclass(frozen=True, kw_only=True, repr=False)
class Split(Result):
    """Whether visitors, or whatever a test splits, were split as planned.

    Attributes:
        p: Chance of a split at least this far from the plan, if nothing but chance made it; None where too
            too few were counted.
        chi_square: Test statistic, variants - 1 degrees of freedom.
        ratio: Count of the second variant / of the first; None with more than two variants.
        broken: Whether `p` is below 0.001; None where it is not known.
        counted: Count of all variants.
        unit: What was counted, such as ``"visitors"``; the column of the table has that name.
    """

    p: float | None
    chi_square: float | None
    ratio: float | None
    broken: bool | None
    counted: int
    unit: str

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        table = nw.from_native(self.table)
        names = [str(each) for each in table["variant"].to_list()]
        columns = [table[name].to_list() for name in ("share", "low", "high")]
        draw_intervals(ax, names, *columns, rate=True)
        for place, planned in enumerate(table["planned"].to_list()):
            ax.plot([planned, planned], [place - 0.3, place + 0.3], color=plots.LOSS, linewidth=2)
        ax.set_title(text.say("Share of {unit}; the upright line is the plan", unit=text.say(self.unit)))

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches, for a width of 8."""
        return 1.6 + 0.6 * len(self.table)


def split_check(
    counts: Mapping[str, float],
    planned: Mapping[str, float] | None = None,
    *,
    unit: str = "visitors",
    minimum: int = 20,
) -> Split:
    """Check for a sample-ratio mismatch: the count of each variant against the planned split.

    chi^2 = sum (seen - planned)^2 / planned, variants - 1 degrees of freedom. Broken where p < 0.001.

    Args:
        counts: Variant to how many were counted in it.
        planned: Variant to its planned weight; equal weights by default.
        unit: What was split and counted, in the plural: ``"customers"``, ``"sessions"``.
        minimum: Fewest of all variants together from which the split is judged.

    Raises:
        InputError: There are fewer than two variants, or a count or a weight cannot be.

    Source: A. Fabijan et al., Diagnosing sample ratio mismatch, KDD 2019.

    >>> print(split_check({"A": 5200, "B": 4800}).sentence)
    The split is broken: visitors are A 5,200 (planned 5,000), B 4,800 (planned 5,000), p < 0.001. Do not
    read the result; look for a redirect, bots, or a filter that acts after the split.
    """
    from scipy.special import chdtrc

    weights = planned_shares(list(counts), planned)
    seen = np.array([float(each) for each in counts.values()])
    if (seen < 0).any():
        raise InputError(
            f"{unit} of {list(counts)[seen.argmin()]!r} are {seen.min():g}: a count is 0 or more."
        )
    total = float(seen.sum())
    known = total >= max(minimum, 1)
    wanted = weights * total
    statistic = float(((seen - wanted) ** 2 / wanted).sum()) if known else None
    p = None if statistic is None else float(chdtrc(len(seen) - 1, statistic))
    low, high = wilson(seen, np.full(len(seen), total))
    table = pd.DataFrame({"variant": [str(each) for each in counts], unit: seen.astype(int)})
    share = seen / total if total else np.full(len(seen), np.nan)
    table = table.assign(expected=wanted, share=share, low=low, high=high, planned=weights)
    broken = None if p is None else p < BROKEN_BELOW
    words = {
        "counts": ", ".join(
            text.say(
                "{name} {seen} (planned {planned})", name=name, seen=text.number(s), planned=text.number(w)
            )
            for name, s, w in zip(counts, seen, wanted, strict=True)
        ),
        "unit": text.say(unit),
        "p": p_words(p),
        "n": text.number(total),
        "minimum": text.number(minimum),
    }
    if broken is None:
        said = text.say("{n} {unit} are too few to judge the split: {minimum} are needed.", **words)
    elif broken:
        said = text.say(
            "The split is broken: {unit} are {counts}, {p}. Do not read the result; look for a redirect, "
            "bots, or a filter that acts after the split.",
            **words,
        )
    else:
        said = text.say("The split is as planned: {unit} are {counts}, {p}.", **words)
    return Split(
        table=table,
        sentence=said,
        definition=text.say(
            "Chi-square of {unit} against the planned split; broken where p is below 0.001. Share = {unit} "
            "of the variant / {unit} of all, with its 95% Wilson interval.",
            unit=words["unit"],
        ),
        formats={
            **dict.fromkeys((unit, "expected"), "count"),
            **dict.fromkeys(("share", "low", "high", "planned"), "rate"),
        },
        p=p,
        chi_square=statistic,
        ratio=float(seen[1] / seen[0]) if len(seen) == 2 and seen[0] else None,
        broken=broken,
        counted=int(total),
        unit=unit,
    )


def adjust(p_values: Any, method: Correction = "holm") -> Any:
    """Return p-values adjusted for being several: compare them with the level itself.

    Sorted p(1) <= ... <= p(m). Bonferroni: m p. Holm: running maximum of (m - i + 1) p(i). BH: running
    minimum from the largest of m / i p(i). BY: BH times 1 + 1/2 + ... + 1/m.

    Args:
        p_values: The p-values of one family: list, array or Series.
        method: ``"holm"`` and ``"bonferroni"`` bound the chance of any false alarm; ``"bh"`` and ``"by"`` the
            share of false ones among the alarms. BY holds under any dependence.

    Returns:
        Adjusted p-values in the order given; an array, or a Series where a Series came.

    Raises:
        InputError: A p-value lies outside 0 to 1.

    Source: S. Holm, 1979; Y. Benjamini, Y. Hochberg, 1995; Y. Benjamini, D. Yekutieli, 2001.

    >>> adjust([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    if method not in ("holm", "bh", "by", "bonferroni", "none"):
        raise unknown("correction", method, ("holm", "bh", "by", "bonferroni", "none"))
    series = nw.from_native(p_values, series_only=True, pass_through=True)
    given = series.to_numpy() if isinstance(series, nw.Series) else p_values
    p = np.asarray(given, dtype=float)
    for extreme in (p.min(), p.max()) if p.size else ():
        check_rate("p_values", float(extreme))
    m = p.size
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    if method == "holm":
        made = np.maximum.accumulate((m - rank + 1) * p[order])
    elif method in ("bh", "by"):
        spread = (1 / rank).sum() if method == "by" else 1.0
        made = np.minimum.accumulate((spread * m / rank * p[order])[::-1])[::-1]
    else:
        made = p[order] * (m if method == "bonferroni" else 1)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(made, 1.0)
    if not isinstance(series, nw.Series):
        return adjusted
    if series.implementation.is_pandas():
        return pd.Series(adjusted, index=series.to_native().index, name=series.name)
    return nw.new_series(
        series.name, adjusted.tolist(), nw.Float64(), backend=series.implementation
    ).to_native()


def planned_shares(names: Sequence[str], planned: Mapping[str, float] | None) -> Any:
    """Return the planned share of each variant, in their order; equal shares by default.

    Raises:
        InputError: There are fewer than two variants, or the plan names others, or a weight is not above 0.

    >>> planned_shares(["A", "B"], {"A": 3, "B": 1}).tolist()
    [0.75, 0.25]
    """
    if len(names) < 2:
        found = ", ".join(repr(each) for each in names) or "none"
        raise InputError(f"A test compares at least 2 variants; found {found}.")
    if planned is None:
        return np.full(len(names), 1 / len(names))
    for name in names:
        if name not in planned:
            raise unknown("planned variant", name, planned)
    for name in planned:
        if name not in names:
            raise InputError(
                f"planned has a variant {name!r} in which nothing was counted. A variant that lost all of "
                "its own is a broken split: look at it, or leave it out of planned."
            )
    weights = np.array([float(planned[name]) for name in names])
    if not (weights > 0).all():
        raise InputError(f"planned has a weight of {weights.min():g}: expected weights above 0.")
    return weights / weights.sum()


def order_variants(found: Sequence[str], control: str | None) -> list[str]:
    """Return the variants with the control first; the first is the control where none is named.

    Raises:
        UnknownNameError: There is no such variant.

    >>> order_variants(["A", "B", "C"], "C")
    ['C', 'A', 'B']
    """
    if control is None:
        return list(found)
    if control not in found:
        raise unknown("variant", control, found)
    return [control, *(each for each in found if each != control)]


def p_words(p: float | None) -> str:
    """Write a p-value the way it is read aloud.

    >>> p_words(0.1497), p_words(0.0000601)
    ('p = 0.150', 'p < 0.001')
    """
    if p is None or p != p:
        return "p –"
    return f"p = {text.number(p, 3)}" if p >= 0.001 else f"p < {text.number(0.001, 3)}"


def unread(counts: Any, minimum: int, split: Split, trust_split: bool) -> str | None:
    """Return why a test is not read, ``"too_few"`` or ``"split_broken"``; None where it is.

    >>> unread([50, 40], 500, split_check({"A": 50, "B": 40}), trust_split=False)
    'too_few'
    """
    if min(counts) < minimum:
        return "too_few"
    return "split_broken" if split.broken and not trust_split else None


def not_read(why: str, split: Split, names: Sequence[str], visitors: Any, minimum: int) -> str:
    """Say why a test is not read: its split is broken, or it has not run long enough.

    >>> print(not_read("too_few", split_check({"A": 50, "B": 40}), ["A", "B"], [50, 40], 500))
    Too early: B has 40 visitors, and each variant needs 500. Wait, and do not look at the result meanwhile.
    """
    if why == "split_broken":
        return f"{split.sentence} " + text.say("To read it all the same: trust_split=True.")
    few = int(np.argmin(visitors))
    return text.say(
        "Too early: {name} has {n} visitors, and each variant needs {minimum}. Wait, and do not look at the "
        "result meanwhile.",
        name=names[few],
        n=text.number(float(visitors[few])),
        minimum=text.number(minimum),
    )


def verdict_of(difference: float, p: float, confidence: float) -> str:
    """Return ``"better"``, ``"worse"`` or, where p is not below 1 - confidence, ``"unclear"``.

    >>> verdict_of(0.012, 0.15, 0.95)
    'unclear'
    """
    if not p < 1 - confidence:
        return "unclear"
    return "better" if difference > 0 else "worse"


def verdict_words(verdict: str, other: str) -> str:
    """Say the verdict on a variant, as the last sentence of a test.

    >>> verdict_words("better", "B")
    'B is better.'
    """
    ends = {
        "better": text.say("{b} is better.", b=other),
        "worse": text.say("{b} is worse.", b=other),
        "unclear": text.say("This may be chance."),
    }
    return ends[verdict]
