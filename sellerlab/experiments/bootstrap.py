"""The bootstrap over visitors: what would the difference have been with other visitors of the same kind?

One idea: visitors are drawn anew from those seen, many times, and the spread of the differences is the
interval. Drawing visitors, not orders, keeps in those who bought nothing and one buyer's orders together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals as nw
import numpy as np

from sellerlab.experiments.moments import FOUR, Metric, Moments
from sellerlab.intervals import Array

#: Cells of one block of resampled counts: bounds the memory.
_CELLS = 5_000_000


class Resamples(NamedTuple):
    """Means of each resample (draws x 4), the distinct rows of a variant (k x 4), how often each stands."""

    means: Array
    rows: Array
    times: Array


def resample(rows: nw.LazyFrame[Any], names: list[str], draws: int, seed: int) -> dict[str, Resamples]:
    """Draw the visitors of each variant anew.

    Most visitors bought nothing: distinct rows are few, and their counts are one multinomial draw.

    Args:
        rows: One row a visitor, from `moments.visitors`.
        names: The variants.
        draws: Number of resamples.
        seed: Seed of the draws.
    """
    columns = [name for name in FOUR if name in rows.collect_schema().names()]
    grouped = rows.group_by("variant", *columns).agg(nw.len().alias("n")).collect().sort("variant", *columns)
    labels = np.array([str(each) for each in grouped["variant"].to_list()])
    counts = grouped["n"].to_numpy().astype(int)
    points = np.tile(list(FOUR.values()), (len(counts), 1))
    points[:, [list(FOUR).index(name) for name in columns]] = grouped.select(*columns).to_numpy()
    random = np.random.default_rng(seed)
    out: dict[str, Resamples] = {}
    for name in sorted(names):
        own, times = points[labels == name], counts[labels == name]
        n, block = int(times.sum()), max(_CELLS // len(own), 1)
        sizes = [min(block, draws - start) for start in range(0, draws, block)]
        means = [random.multinomial(n, times / n, size=size) @ own / n for size in sizes]
        out[name] = Resamples(np.concatenate(means), own, times.astype(float))
    return out


def bca(
    a: Moments, b: Moments, drawn_a: Resamples, drawn_b: Resamples, wanted: Metric, level: float
) -> dict[str, Any]:
    """Return interval and p-value of the difference by the bias-corrected, accelerated bootstrap (BCa).

    end = G^-1(Phi(b + (b + z) / (1 - a (b + z)))), G the resampled differences, b = Phi^-1(G(difference)),
    a a sixth of the skewness of what single visitors add. p is the level whose interval just reaches 0.

    Args:
        a: Moments of the control.
        b: Moments of the other variant.
        drawn_a: Resamples of the control.
        drawn_b: Resamples of the other.
        wanted: The number compared.
        level: Level of the interval.

    Source: B. Efron, Better bootstrap confidence intervals, 1987.
    """
    from scipy.special import ndtr, ndtri

    means_a, means_b = wanted.of(drawn_a.means), wanted.of(drawn_b.means)
    made = np.sort(means_b - means_a)
    difference = float(wanted.of(b.mean) - wanted.of(a.mean))
    size = len(made)

    def below(edge: float) -> float:
        place = (np.searchsorted(made, edge, "left") + np.searchsorted(made, edge, "right")) / 2
        return float(ndtri(np.clip(place / size, 1 / (size + 1), size / (size + 1))))

    bias = below(difference)
    # Acceleration: skewness of what each visitor adds to the difference.
    pulls = [
        ((own - each.mean) @ wanted.slope(each.mean) * sign / each.n, times)
        for each, (_, own, times), sign in ((a, drawn_a, -1), (b, drawn_b, 1))
    ]
    cubes = sum(float(times @ pull**3) for pull, times in pulls)
    squares = sum(float(times @ pull**2) for pull, times in pulls)
    bend = cubes / (6 * squares**1.5) if squares else 0.0

    def end(tail: float) -> float:
        z = bias + float(ndtri(tail))
        return float(np.quantile(made, float(ndtr(bias + z / (1 - bend * z)))))

    moved = below(0.0) - bias
    z = moved / (1 + bend * moved) - bias
    p = 2 * min(float(ndtr(z)), float(ndtr(-z))) if squares else float(difference == 0)
    out: dict[str, Any] = {"low": end((1 - level) / 2), "high": end((1 + level) / 2), "p": min(p, 1.0)}
    out |= dict.fromkeys(("statistic", "degrees", "relative_low", "relative_high"))
    if (means_a > 0).all():
        ends = np.quantile(means_b / means_a - 1, [(1 - level) / 2, (1 + level) / 2])
        out |= {"relative_low": float(ends[0]), "relative_high": float(ends[1])}
    return out
