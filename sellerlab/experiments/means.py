"""Is B really worth more? Revenue per visitor, and ratios such as revenue per order, of several variants.

One idea: compare per *visitor*, those who bought nothing among them, because visitors were split. An average
over orders leaves out whom the variant lost; and a few large orders carry it, so the spread counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.experiments.bootstrap import bca, resample
from sellerlab.experiments.moments import Metric, Moments, capped, metric, moments, visitors, welch
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
from sellerlab.intervals import draw_intervals
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMATS: Mapping[str, Format] = {
    "visitors": "count",
    **dict.fromkeys(("relative", "relative_low", "relative_high"), "rate"),
    **dict.fromkeys(("p", "p_adjusted"), "p"),
    "statistic": "number",
}
_MONEY = ("mean", "mean_low", "mean_high", "difference", "low", "high")


@dataclass(frozen=True, kw_only=True, repr=False)
class MeanTest(Result):
    """Averages per visitor compared with the control; scalars are those of the leader.

    Attributes:
        verdict: ``"better"``, ``"worse"``, ``"unclear"``, ``"too_few"`` or ``"split_broken"``; the last two
            carry no numbers.
        control: The variant compared with.
        leader: The other variant with the highest average.
        difference: Average of the leader less that of the control.
        low: Lower end of its interval.
        high: Upper end.
        relative: The difference as a share of the control's average; None where that is not above 0.
        relative_low: Lower end of its interval.
        relative_high: Upper end.
        statistic: Difference / standard error; None with the bootstrap.
        degrees: Degrees of freedom of Welch's test; None with the bootstrap.
        p: p-value of the leader, adjusted where there are several comparisons.
        theta: Weight of the covariate (CUPED); None without one.
        correlation: Correlation with the covariate: the variance falls to 1 - its square.
        cap: Value at which single values were cut; None without.
        cut: How many values were cut.
        split: The check of the split.
    """

    verdict: str
    control: str
    leader: str
    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    statistic: float | None
    degrees: float | None
    p: float | None
    theta: float | None
    correlation: float | None
    cap: float | None
    cut: int
    split: Split

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        table = nw.from_native(self.table).lazy().collect()
        names, means = table["variant"].to_list(), table["mean"].to_list()
        ends = table["mean_low"].to_list(), table["mean_high"].to_list()
        draw_intervals(ax, names, means, *ends, against=means[0])
        if self.currency:
            plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say("Average of each variant and what it may really be"))

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches, for a width of 8."""
        return 1.9 + 0.6 * len(self.split.table)


def compare_means(
    data: Any,
    value: str = "revenue",
    *,
    per: str | None = None,
    variant: str = "variant",
    visitor: str | None = None,
    covariate: str | None = None,
    covariate_per: str | None = None,
    cap: float | None = None,
    method: Literal["delta", "bootstrap"] = "delta",
    draws: int = 2000,
    seed: int = 0,
    control: str | None = None,
    planned: Mapping[str, float] | None = None,
    correction: Correction = "holm",
    confidence: float = 0.95,
    minimum: int = 100,
    trust_split: bool = False,
    currency: str | None = None,
) -> MeanTest:
    """Compare an average per visitor, or a ratio of two sums, of two or more variants with the control.

    Welch: t = (mB - mA) / sqrt(vA / nA + vB / nB), degrees of freedom by Satterthwaite. A ratio y / d has
    the variance (vy - 2 R cyd + R^2 vd) / d^2 (delta method). CUPED: m - theta (x - mean of all x), theta =
    cov(m, x) / var(x). Bootstrap: visitors drawn anew, bias-corrected and accelerated (BCa) interval.

    Args:
        data: One row a visitor, any frame narwhals knows; visitors who bought nothing with 0.
        value: Column of the value, such as revenue.
        per: Column to divide by, such as orders or sessions; without it the value is taken per visitor.
        variant: Column of the variant.
        visitor: Column that names the visitor, where one visitor has several rows.
        covariate: Column of the same value from before the test, which takes known spread out (CUPED).
        covariate_per: Column to divide the covariate by.
        cap: Quantile of the values above 0 at which values are cut (0.99), over all variants.
        method: ``"delta"`` (Welch and delta method), or ``"bootstrap"`` over visitors where values are very
            uneven.
        draws: Number of bootstrap samples.
        seed: Seed of the bootstrap.
        control: Name of the control; by default the first in the alphabet.
        planned: Variant to its planned weight in the split; equal by default.
        correction: How p-values of several comparisons are adjusted. Their intervals are at the level
            1 - (1 - confidence) / comparisons.
        confidence: Level of the intervals; a verdict needs p below 1 - confidence.
        minimum: Fewest visitors in each variant. Give the planned size: a test is not read before it is full.
        trust_split: Read the result although the split is broken.
        currency: ISO code, where the value is money.

    Returns:
        A `MeanTest`: one row a variant, the control first.

    Raises:
        InputError: A column or a value is missing, a visitor stands in two variants, or there are fewer than
            two variants.

    Source: A. Deng et al., Improving the sensitivity of online controlled experiments, 2013 (CUPED); A. Deng
    et al., Applying the delta method in metric analytics, 2018; B. Efron, Better bootstrap confidence
    intervals, 1987.

    >>> import pandas as pd
    >>> paid = pd.DataFrame({"variant": ["A"] * 5 + ["B"] * 5, "revenue": [0, 2, 4, 6, 8, 4, 6, 8, 10, 12]})
    >>> print(compare_means(paid, minimum=5, currency="EUR").sentence)
    B brings EUR 8.00 (5 visitors), A EUR 4.00 (5 visitors): EUR 4.00 difference, 95% interval -EUR 0.61 to
    EUR 8.61, p = 0.081. This may be chance.
    """
    check_rate("confidence", confidence, below_high=True)
    if method not in ("delta", "bootstrap"):
        raise unknown("method", method, ("delta", "bootstrap"))
    if covariate_per is not None and covariate is None:
        raise InputError("covariate_per divides a covariate: give covariate= too.")
    rows = visitors(data, variant, (value, per, covariate, covariate_per), visitor)
    edge, cut = None, 0
    if cap is not None:
        rows, edge, cut = capped(rows, check_rate("cap", cap))
    found, total = moments(rows)
    names = order_variants(list(found), control)
    split = split_check({name: found[name].n for name in names}, planned)
    counts = [found[name].n for name in names]
    wanted, correlation = metric(total, covariate is not None)
    level = 1 - (1 - confidence) / (len(names) - 1)
    minimum = max(minimum, 2)
    why = unread(counts, minimum, split, trust_split)
    made: list[dict[str, Any]] = []
    if why is None:
        drawn = resample(rows, names, draws, seed) if method == "bootstrap" else None
        for name in names[1:]:
            pair = found[names[0]], found[name]
            each = welch(*pair, wanted, level)
            if drawn is not None:
                each |= bca(*pair, drawn[names[0]], drawn[name], wanted, level)
            made.append(each)
        for each, p in zip(made, adjust([each["p"] for each in made], correction), strict=True):
            each["p_adjusted"] = float(p)
    columns: dict[str, list[Any]] = {"variant": names, "visitors": counts}
    means = [_mean(found[name], wanted, confidence) if why is None else (None,) * 3 for name in names]
    for place, column in enumerate(("mean", "mean_low", "mean_high")):
        columns[column] = [each[place] for each in means]
    shown = ["difference", "low", "high", "relative", "relative_low", "relative_high", "statistic", "p"]
    for column in shown + (["p_adjusted"] if len(names) > 2 else []):
        columns[column] = [None, *(each[column] for each in made)] if made else [None] * len(names)
    chosen: dict[str, Any] = dict.fromkeys((*shown, "degrees", "p_adjusted"))
    best = 1
    if made:
        best = max(range(1, len(names)), key=lambda place: (made[place - 1]["difference"], -place))
        chosen = made[best - 1]
    if why:
        verdict, said = why, not_read(why, split, names, counts, minimum)
    else:
        verdict = verdict_of(chosen["difference"], chosen["p_adjusted"], confidence)
        said = _sentence(verdict, names, counts, means, best, chosen, level, currency)
    return MeanTest(
        table=tables.from_columns(columns, data),
        sentence=said,
        definition=_definition(value, per, covariate, method, edge, cut, cap, correction, split, currency),
        currency=currency,
        formats={
            **{name: style for name, style in _FORMATS.items() if name in columns},
            **dict.fromkeys(_MONEY, "money" if currency else "number"),
        },
        verdict=verdict,
        control=names[0],
        leader=names[best],
        difference=chosen["difference"],
        low=chosen["low"],
        high=chosen["high"],
        relative=chosen["relative"],
        relative_low=chosen["relative_low"],
        relative_high=chosen["relative_high"],
        statistic=chosen["statistic"],
        degrees=chosen["degrees"],
        p=chosen["p_adjusted"],
        theta=None if covariate is None else wanted.theta,
        correlation=correlation,
        cap=edge,
        cut=cut,
        split=split,
    )


def _mean(own: Moments, wanted: Metric, confidence: float) -> tuple[float, float, float]:
    from scipy.special import stdtrit

    middle = float(wanted.of(own.mean))
    half = float(stdtrit(own.n - 1, (1 + confidence) / 2)) * math.sqrt(wanted.variance(own))
    return middle, middle - half, middle + half


def _amount(value: float, currency: str | None, decimals: int = 2) -> str:
    return text.money(value, currency) if currency else text.number(value, decimals)


def _sentence(
    verdict: str,
    names: list[str],
    counts: list[float],
    means: list[tuple[Any, ...]],
    place: int,
    chosen: Mapping[str, Any],
    level: float,
    currency: str | None,
) -> str:
    decimals = 2 if abs(means[0][0]) >= 1 else 4
    amounts = {"mean_b": means[place][0], "mean_a": means[0][0]}
    amounts |= {name: chosen[name] for name in ("difference", "low", "high")}
    words = {
        **{name: _amount(value, currency, decimals) for name, value in amounts.items()},
        "b": names[place],
        "a": names[0],
        "n_b": text.number(counts[place]),
        "n_a": text.number(counts[0]),
        "level": text.percent(level, 0 if len(names) == 2 else 1),
        "p": p_words(chosen["p_adjusted"]),
        "others": text.number(len(names) - 1),
    }
    if len(names) == 2:
        said = text.say(
            "{b} brings {mean_b} ({n_b} visitors), {a} {mean_a} ({n_a} visitors): {difference} difference, "
            "{level} interval {low} to {high}, {p}.",
            **words,
        )
    else:
        said = text.say(
            "Of {others} variants {b} leads with {mean_b} ({n_b} visitors), control {a} {mean_a} ({n_a} "
            "visitors): {difference} difference, {level} interval {low} to {high}, {p} after correction.",
            **words,
        )
    return f"{said} {verdict_words(verdict, names[place])}"


def _definition(
    value: str,
    per: str | None,
    covariate: str | None,
    method: str,
    edge: float | None,
    cut: int,
    cap: float | None,
    correction: str,
    split: Split,
    currency: str | None,
) -> str:
    parts = [
        text.say("Average = sum of {value} / sum of {per}.", value=value, per=per)
        if per
        else text.say("Average = sum of {value} / visitors, also those who bought nothing.", value=value),
        text.say("Interval and p: bootstrap over visitors (BCa).")
        if method == "bootstrap"
        else text.say("Interval and p: Welch's t test, delta method for ratios."),
        text.say("Correction for several comparisons: {correction}.", correction=correction),
    ]
    if covariate:
        parts.append(text.say("Adjusted by {x} from before the test (CUPED).", x=covariate))
    if edge is not None and cap is not None:
        parts.append(
            text.say(
                "{n} values above {edge} ({share} of those above 0 lie below) count as {edge}.",
                n=text.number(cut),
                edge=_amount(edge, currency),
                share=text.percent(cap, 0),
            )
        )
    return " ".join([*parts, split.sentence])
