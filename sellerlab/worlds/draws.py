"""Seeded random processes that the worlds share.

The one idea: buyers live on an even clock, on which buying is a plain random process with known
parameters; `warp` then bends that clock so that evenings, weekends and promotions are busy.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def generator(*parts: object) -> np.random.Generator:
    """Return a random generator that depends on `parts` alone, on every machine the same.

    >>> bool(generator("demo", 1).random() == generator("demo", 1).random())
    True
    """
    text = "\x1f".join(str(part) for part in parts)
    return np.random.Generator(np.random.PCG64(int.from_bytes(blake2b(text.encode()).digest(), "big")))


def times(rng: np.random.Generator, density: Floats, size: int) -> Floats:
    """Draw `size` moments whose density over the unit intervals 0..n-1 is `density` (any scale)."""
    edges = np.concatenate([[0.0], np.cumsum(density)])
    moments: Floats = np.interp(rng.random(size) * edges[-1], edges, np.arange(len(edges)))
    return moments


def warp(moments: Floats, intensity: Floats) -> Floats:
    """Move moments of an even clock (0 to len(intensity)) to a clock that runs with `intensity`.

    The order of moments is kept, and so is the whole span; where intensity is high, moments lie close.
    """
    edges = np.concatenate([[0.0], np.cumsum(intensity)])
    span = np.arange(len(edges))
    bent: Floats = np.interp(moments, edges * (len(intensity) / edges[-1]), span)
    return bent


def buy_till_you_leave(
    rng: np.random.Generator, first: Floats, end: float, *, r: float, alpha: float, a: float, b: float
) -> tuple[Ints, Floats]:
    """Draw all purchases of customers who first buy at `first` and are watched until `end` (BG/NBD).

    Each customer buys again at a rate drawn from Gamma(r, rate alpha), and after each repeat purchase
    leaves for good with a probability drawn from Beta(a, b). Fader, Hardie and Lee (2005).

    Args:
        rng: The generator.
        first: Moment of each customer's first purchase; the unit is that of `alpha`.
        end: Last moment watched.
        r: Shape of the purchase rates.
        alpha: Rate parameter of the purchase rates.
        a: First parameter of the leaving probabilities.
        b: Second parameter of the leaving probabilities.

    Returns:
        The customer (place in `first`) and the moment of each purchase, first purchases first.
    """
    rate = rng.standard_gamma(r, len(first)) / alpha
    leave = rng.beta(a, b, len(first))
    alive = np.arange(len(first))
    now = first.copy()
    who, when = [alive], [first]
    while len(alive):
        now = now + rng.standard_exponential(len(alive)) / np.maximum(rate[alive], 1e-12)
        seen = now <= end
        alive, now = alive[seen], now[seen]
        who.append(alive)
        when.append(now)
        stays = rng.random(len(alive)) >= leave[alive]
        alive, now = alive[stays], now[stays]
    return np.concatenate(who), np.concatenate(when)


def choose(rng: np.random.Generator, weights: Floats, rows: Ints) -> Ints:
    """Draw one column for each row named in `rows`, in proportion to that row of `weights`."""
    edges = np.cumsum(weights, axis=1)
    level = rng.random(len(rows)) * edges[rows, -1]
    column: Ints = np.minimum((edges[rows] <= level[:, None]).sum(axis=1), weights.shape[1] - 1)
    return column


def share_out(total: Ints, weights: Ints, group: Ints) -> Ints:
    """Share each group's `total` over its lines by `weights` in whole units; the sum is exact.

    Args:
        total: Whole amount of each group.
        weights: Whole weight of each line, at least one above zero in a group.
        group: The group of each line, sorted, every group present.

    Returns:
        The whole amount of each line; what rounding down leaves goes to the group's first line.
    """
    whole = np.bincount(group, weights, minlength=len(total)).astype(np.int64)
    part = total[group] * weights // np.maximum(whole[group], 1)
    given = np.bincount(group, part, minlength=len(total)).astype(np.int64)
    first = np.searchsorted(group, np.arange(len(total)))
    part[first] += total - given
    return part
