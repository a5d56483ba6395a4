"""Means, ratios and their spread from sums: what a test of an average needs of each variant.

One idea: the visitor is what was randomised, so the visitor is the row. Each row has four numbers (value,
what it is divided by, and the same two from before the test); their means and covariances per variant are
enough for Welch's test, for ratios (delta method) and for CUPED, and the engine of the table sums them up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import narwhals as nw
import numpy as np

from sellerlab.errors import InputError, unknown
from sellerlab.intervals import Array

#: Value, what it is divided by, and the same from before the test; and what stands for one not given.
FOUR = {"v0": 0.0, "v1": 1.0, "v2": 0.0, "v3": 1.0}


@dataclass(frozen=True)
class Moments:
    """Visitors, means (4) and sample covariances (4 x 4) of one variant, or of all together."""

    n: float
    mean: Array
    covariance: Array


@dataclass(frozen=True)
class Metric:
    """The number compared: value / per, less theta times how far the covariate lies from its mean of all."""

    theta: float
    centre: float

    def of(self, mean: Array) -> Any:
        """Return the metric at means; the last axis holds the four numbers."""
        before = mean[..., 2] / mean[..., 3] - self.centre
        return mean[..., 0] / mean[..., 1] - self.theta * before

    def slope(self, mean: Array) -> Array:
        """Return how the metric moves with each of the four means (delta method)."""
        y, d, x, e = mean
        return np.array([1 / d, -y / d**2, -self.theta / e, self.theta * x / e**2])

    def variance(self, moments: Moments) -> float:
        """Return the variance of the metric of one variant."""
        slope = self.slope(moments.mean)
        return float(slope @ moments.covariance @ slope) / moments.n


def visitors(
    data: Any, variant: str, columns: Sequence[str | None], visitor: str | None
) -> nw.LazyFrame[Any]:
    """Return one row a visitor with the variant and those of the four numbers that are given, lazily.

    Args:
        data: Any frame narwhals knows.
        variant: Column of the variant.
        columns: Columns of value, per, covariate and what it is divided by; None where there is none.
        visitor: Column that names the visitor, where one has several rows; they are added up.

    Raises:
        InputError: A column is missing, or a visitor stands in two variants.
    """
    lazy: nw.LazyFrame[Any] = nw.from_native(data).lazy()
    present = lazy.collect_schema().names()
    for name in (variant, *columns, visitor):
        if name is not None and name not in present:
            raise unknown("column of the test", name, present)
    if visitor is not None:
        wanted = {name: nw.col(name).sum() for name in columns if name is not None}
        lazy = lazy.group_by(variant, visitor).agg(**wanted)
        twice = lazy.group_by(visitor).agg(nw.len().alias("rows")).filter(nw.col("rows") > 1)
        count = int(twice.select(nw.len()).collect().item())
        if count:
            raise InputError(
                f"{count} visitors stand in more than one variant. Leave them out, or compare by something "
                "that stays in one variant."
            )
    pairs = zip(columns, FOUR, strict=True)
    made = [nw.col(name).cast(nw.Float64).alias(short) for name, short in pairs if name is not None]
    return lazy.select(nw.col(variant).alias("variant"), *made)


def capped(rows: nw.LazyFrame[Any], share: float) -> tuple[nw.LazyFrame[Any], float, int]:
    """Cut values at a quantile of those above 0, over all variants: one whale then decides nothing.

    Args:
        rows: One row a visitor, from `visitors`.
        share: The quantile, 0.99.

    Returns:
        The rows, the cap, and how many values were cut.
    """
    value = nw.col("v0")
    above = rows.filter(value > 0)
    edge = above.select(value.quantile(share, interpolation="linear")).collect().item()
    if edge is None or edge != edge:
        return rows, float("inf"), 0
    cut = int(above.filter(value > edge).select(nw.len()).collect().item())
    limited = nw.when(value > edge).then(nw.lit(float(edge))).otherwise(value)
    return rows.with_columns(limited.alias("v0")), float(edge), cut


def moments(rows: nw.LazyFrame[Any]) -> tuple[dict[str, Moments], Moments]:
    """Return the moments of each variant, by name, and of all together.

    Sums are taken around the mean of all, in a second pass: sums of squares of large amounts lose digits.

    Raises:
        InputError: A value is missing, or a divisor is 0 throughout.
    """
    given = [name for name in FOUR if name in rows.collect_schema().names()]
    first = rows.select(
        nw.len().alias("n"),
        *(nw.col(name).mean() for name in given),
        *(nw.col(name).is_null().cast(nw.Int64).sum().alias(f"no_{name}") for name in given),
    ).collect()
    if not first["n"].item():
        raise InputError("The table of visitors has no rows.")
    missing = sum(int(first[f"no_{name}"].item()) for name in given)
    middle = {
        name: float("nan") if first[name].item() is None else float(first[name].item()) for name in given
    }
    if missing or not all(math.isfinite(each) for each in middle.values()):
        raise InputError(
            f"{missing or 'Some'} values are missing. A visitor who bought nothing counts 0: fill in 0, and "
            "do not leave those visitors out."
        )
    centre = np.array([middle.get(name, constant) for name, constant in FOUR.items()])
    pairs = list(combinations_with_replacement(given, 2))
    sums = (
        rows.with_columns(*(nw.col(name) - middle[name] for name in given))
        .with_columns(*((nw.col(one) * nw.col(two)).alias(one + two) for one, two in pairs))
        .group_by("variant")
        .agg(nw.len().alias("n"), *(nw.col(name).sum() for name in (*given, *(a + b for a, b in pairs))))
        .collect()
        .sort("variant")
    )
    each: dict[str, Moments] = {}
    everything, count = np.zeros((4, 4)), 0.0
    places = {name: place for place, name in enumerate(FOUR)}
    for row in sums.iter_rows(named=True):
        n = float(row["n"])
        away = np.array([float(row.get(name, 0.0)) / n for name in FOUR])
        squares = np.zeros((4, 4))
        for one, two in pairs:
            i, j = places[one], places[two]
            squares[i, j] = squares[j, i] = row[one + two]
        everything, count = everything + squares, count + n
        own = (squares - n * np.outer(away, away)) / max(n - 1, 1)
        each[str(row["variant"])] = Moments(n, centre + away, own)
    for name, found in each.items():
        if found.mean[1] == 0 or found.mean[3] == 0:
            raise InputError(f"The column to divide by is 0 for every visitor of variant {name!r}.")
    return each, Moments(count, centre, everything / max(count - 1, 1))


def metric(total: Moments, adjusted: bool) -> tuple[Metric, float | None]:
    """Return the metric of a test, and the correlation with what was known before (None without it).

    theta = cov(metric, covariate) / var(covariate), over all visitors of all variants (CUPED).

    Args:
        total: Moments of all visitors together.
        adjusted: Whether there is a covariate.
    """
    y, d, x, e = total.mean
    if not adjusted:
        return Metric(0.0, float(x / e)), None
    now, before = np.array([1 / d, -y / d**2, 0, 0]), np.array([0, 0, 1 / e, -x / e**2])
    both = float(now @ total.covariance @ before)
    own, earlier = (float(slope @ total.covariance @ slope) for slope in (now, before))
    if earlier <= 0:
        raise InputError("The covariate is the same for every visitor: it explains nothing. Leave it out.")
    correlation = both / np.sqrt(own * earlier) if own > 0 else 0.0
    return Metric(both / earlier, float(x / e)), float(correlation)


def welch(a: Moments, b: Moments, wanted: Metric, level: float) -> dict[str, Any]:
    """Compare the metric of two variants by Welch's t test.

    t = (mB - mA) / sqrt(vA + vB), with the variances of the two metrics; degrees of freedom by Satterthwaite,
    (vA + vB)^2 / (vA^2 / (nA - 1) + vB^2 / (nB - 1)). The relative change has its interval on the log scale.

    Args:
        a: Moments of the control.
        b: Moments of the other variant.
        wanted: The number compared.
        level: Level of the intervals.

    Returns:
        difference, low, high, relative, relative_low, relative_high, statistic, degrees and p.

    Source: B. Welch, The generalization of Student's problem, 1947.
    """
    from scipy.special import stdtr, stdtrit

    def degrees(spread: Any) -> float:
        below = spread[0] ** 2 / (a.n - 1) + spread[1] ** 2 / (b.n - 1)
        return float(spread.sum() ** 2 / below) if below else a.n + b.n - 2

    middle = np.array([float(wanted.of(each.mean)) for each in (a, b)])
    spread = np.array([wanted.variance(each) for each in (a, b)])
    difference, error = float(middle[1] - middle[0]), math.sqrt(spread.sum())
    df = degrees(spread)
    half = float(stdtrit(df, (1 + level) / 2)) * error
    statistic = difference / error if error else None
    p = 2 * float(stdtr(df, -abs(statistic))) if statistic is not None else float(difference == 0)
    out: dict[str, Any] = dict.fromkeys(("relative", "relative_low", "relative_high"))
    if middle[0] > 0:
        out["relative"] = difference / middle[0]
    if (middle > 0).all():
        # The ratio of two means is far more symmetric on the log scale.
        logs = spread / middle**2
        reach = float(stdtrit(degrees(logs), (1 + level) / 2)) * math.sqrt(logs.sum())
        ratio = middle[1] / middle[0]
        out |= {
            "relative_low": ratio * math.exp(-reach) - 1,
            "relative_high": ratio * math.exp(reach) - 1,
        }
    ends = {"low": difference - half, "high": difference + half}
    return {**out, **ends, "difference": difference, "statistic": statistic, "degrees": df, "p": p}
