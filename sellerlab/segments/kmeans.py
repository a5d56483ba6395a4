"""k-means and what judges it: silhouette and the adjusted Rand index, in NumPy.

The one idea: put each point to its nearest centre, move each centre to the mean of its points, and repeat
until nothing moves. The end depends on the start, so it starts several times, with centres far apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sellerlab.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Partition:
    """Groups of points.

    Attributes:
        labels: Group of each point, 0 to k - 1.
        centres: Mean of each group, one row a group.
        inertia: Sum of squared distances of points to their centre.
    """

    labels: NDArray[np.intp]
    centres: Array
    inertia: float


def kmeans(points: Any, k: int, seed: int, *, starts: int = 10, most: int = 300) -> Partition:
    """Return k groups with a small sum of squared distances to their centres.

    Args:
        points: Array of n rows; scale the columns first, as distance weighs them alike.
        k: Groups, from 1 to the number of different points.
        seed: Seed of the starts.
        starts: Starts by k-means++; the best end is returned.
        most: Steps of one start at most.

    Returns:
        `Partition`, the same for the same seed.

    Raises:
        InputError: `k` is below 1 or above the number of different points, or a value is missing.

    Source: S. Lloyd, 1982; D. Arthur and S. Vassilvitskii, "k-means++", 2007.

    >>> found = kmeans([[0.0], [1.0], [10.0], [11.0]], 2, seed=0)
    >>> sorted(found.centres.ravel().tolist()), found.inertia
    ([0.5, 10.5], 1.0)
    """
    data = np.asarray(points, dtype=float)
    if data.ndim != 2 or not np.isfinite(data).all():
        raise InputError("points need rows and columns of numbers, without gaps.")
    different = len(np.unique(data, axis=0))
    if not 1 <= k <= different:
        raise InputError(f"k is {k}: expected 1 to {different}, as only {different} points differ.")
    draw = np.random.default_rng(seed)
    best: Partition | None = None
    for _ in range(starts):
        centres = _spread(data, k, draw)
        for _ in range(most):
            labels = nearest(data, centres)
            counts = np.bincount(labels, minlength=k)
            sums = np.column_stack([np.bincount(labels, column, k) for column in data.T])
            moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
            for empty in np.flatnonzero(counts == 0):
                # A group without points starts again at the point farthest from its centre.
                moved[empty] = data[np.argmax(((data - moved[labels]) ** 2).sum(axis=1))]
            if np.allclose(moved, centres, rtol=0, atol=1e-12):
                break
            centres = moved
        labels = nearest(data, centres)
        inertia = float(((data - centres[labels]) ** 2).sum())
        if best is None or inertia < best.inertia - 1e-12:
            best = Partition(labels, centres, inertia)
    assert best is not None
    return best


def _spread(data: Array, k: int, draw: np.random.Generator) -> Array:
    """Draw k starting centres, each with a chance that grows with the squared distance to those before."""
    centres = [data[draw.integers(len(data))]]
    distance = ((data - centres[0]) ** 2).sum(axis=1)
    for _ in range(1, k):
        centres.append(data[draw.choice(len(data), p=distance / distance.sum())])
        distance = np.minimum(distance, ((data - centres[-1]) ** 2).sum(axis=1))
    return np.array(centres)


def nearest(points: Array, centres: Array) -> NDArray[np.intp]:
    """Return the number of the nearest centre of each point; of equally near ones the first.

    >>> nearest(np.array([[0.0], [9.0]]), np.array([[1.0], [8.0]])).tolist()
    [0, 1]
    """
    distance = np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres])
    return np.asarray(distance.argmin(axis=0))


def silhouette(points: Any, labels: Any) -> float:
    """Return the mean silhouette: how much nearer points are to their own group than to the next.

    s = (b - a) / max(a, b), a = mean distance to the rest of the own group, b = to the nearest other
    group; 0 for a point alone in its group.

    Args:
        points: Array of n rows; n by n distances are held in memory.
        labels: Group of each point.

    Returns:
        A number from -1 to 1; 0 where there is only one group.

    Source: P. Rousseeuw, "Silhouettes", 1987.

    >>> round(silhouette([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1]), 4)
    0.8997
    """
    data = np.asarray(points, dtype=float)
    groups, own = np.unique(np.asarray(labels), return_inverse=True)
    if len(groups) < 2:
        return 0.0
    square = (data**2).sum(axis=1)
    distance = np.sqrt(np.maximum(square[:, None] + square - 2 * data @ data.T, 0.0))
    np.fill_diagonal(distance, 0.0)
    size = np.bincount(own).astype(float)
    total = np.column_stack([distance[:, own == group].sum(axis=1) for group in range(len(groups))])
    rows = np.arange(len(data))
    alone = size[own] == 1
    within = total[rows, own] / np.maximum(size[own] - 1, 1)
    between = total / size
    between[rows, own] = np.inf
    other = between.min(axis=1)
    most = np.maximum(within, other)
    score = np.divide(other - within, most, out=np.zeros_like(most), where=(most > 0) & ~alone)
    return float(score.mean())


def adjusted_rand(first: Any, second: Any) -> float:
    """Return how alike two groupings are: 1 the same groups, 0 as by chance.

    ARI = (index - expected) / (mean of the two maxima - expected), over pairs of points in one group.

    Args:
        first: Group of each point.
        second: Group of each point in the other grouping; names of groups do not matter.

    Raises:
        InputError: They have different lengths, or there are no points.

    Source: L. Hubert and P. Arabie, "Comparing partitions", 1985.

    >>> round(adjusted_rand([0, 0, 1, 1], [0, 0, 1, 2]), 4)
    0.5714
    """
    a, b = np.unique(first, return_inverse=True)[1], np.unique(second, return_inverse=True)[1]
    if a.size != b.size or not a.size:
        raise InputError(
            f"Groupings of {a.size} and {b.size} points: expected the same points, at least one."
        )
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)

    def pairs(counts: Array) -> float:
        return float((counts * (counts - 1)).sum() / 2)

    index, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    whole = a.size * (a.size - 1) / 2
    expected = rows * columns / whole if whole else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (index - expected) / (most - expected)
