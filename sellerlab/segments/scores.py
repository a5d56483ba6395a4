"""Scores of recency, frequency and money, and the grid that turns them into named segments.

The one idea: a score comes from cut-offs between values, never from a place in a sorted list, so equal
customers cannot be torn apart; and every cell of the grid has a name, so no customer is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sellerlab import text
from sellerlab.errors import InputError, unknown
from sellerlab.segments.values import VALUES

Array = NDArray[np.float64]
Cuts = Mapping[str, Sequence[float]]
Grid = Mapping[int, Sequence[str]]

#: Customers needed before fifths are cut; with own cut-offs any number will do.
MINIMUM = 10

#: FM = (F + M) / 2 in five bands, the same on both sides of the middle: 9 half steps, each in one band.
BANDS = ((1.0, 1.5), (2.0, 2.5), (3.0,), (3.5, 4.0), (4.5, 5.0))

#: Recency score to the segment of each FM band: every cell of recency and FM has one name.
GRID: Grid = {
    5: ("New", "New", "Active", "Loyal", "Champions"),
    4: ("Promising", "Promising", "Active", "Loyal", "Champions"),
    3: ("Needs attention", "Needs attention", "Needs attention", "Loyal", "Loyal"),
    2: ("Almost lost", "Almost lost", "At risk", "At risk", "At risk"),
    1: ("Dormant", "Dormant", "Dormant", "Previously loyal", "Previously loyal"),
}

#: What to do about each segment, in the order of the table.
ACTIONS: Mapping[str, str] = {
    "Champions": "Thank them and show them new products first; they buy without a discount.",
    "Loyal": "Offer what goes with their last purchase; ask for a review.",
    "Active": "Recommend related products; make the second and third order easy.",
    "New": "Make the first weeks good: tips for use, fast answers, a word before the next need.",
    "Promising": "Remind them once with what they looked at; test a small offer with a holdout.",
    "Needs attention": "Ask what is missing; show what is new since the last order.",
    "At risk": "Write in person and find out why they left; test a win-back offer with a holdout.",
    "Almost lost": "One cheap reminder; no costly offer.",
    "Previously loyal": "Find out why they left; what they would come back for is worth knowing.",
    "Dormant": "Leave them out of costly mailings.",
}


def fifths(values: Any) -> tuple[float, ...]:
    """Return the lowest value of each score 2, 3, 4 and 5 when values are scored in fifths.

    score = ceil(5 * average rank / n); values equal to each other share the average of their ranks, so
    some scores may have no value: then their cut-off is that of the next score, or infinity.

    Args:
        values: Numbers, one a customer, at least one.

    Returns:
        Four cut-offs that never fall; a value's score is 1 plus the number of cut-offs it reaches.

    Source: A. Hughes, *Strategic Database Marketing*, 1994, with ties shared.

    >>> fifths([1, 1, 1, 1, 1, 1, 2, 3, 4, 9])
    (1.0, 2.0, 2.0, 4.0)
    """
    distinct, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
    if distinct.size == 0:
        raise InputError("values is empty: expected one number a customer.")
    # Whole numbers, so that a rank on the border is on the border: twice the average rank of each value.
    twice = 2 * np.cumsum(counts) - counts + 1
    scores = -(-5 * twice // (2 * counts.sum()))
    lowest = (np.min(distinct[scores >= score], initial=np.inf) for score in (2, 3, 4, 5))
    return tuple(float(each) for each in lowest)


def cut_offs(numbers: Array, given: Cuts | None) -> dict[str, tuple[float, ...]] | None:
    """Return the cut-offs of the three values: those given, and fifths for the rest.

    Args:
        numbers: recency_days, orders and net_sales, one row a customer.
        given: Four rising cut-offs by name, for all, some or none of them.

    Returns:
        Cut-offs by name; None where fifths are asked of fewer than `MINIMUM` customers.

    Raises:
        InputError: A name is none of the three, or four cut-offs do not rise.
    """
    given = given or {}
    for name, limits in given.items():
        if name not in VALUES:
            raise unknown("value to cut", name, VALUES)
        if len(limits) != 4 or not all(a <= b for a, b in pairwise(limits)):
            raise InputError(
                f"cuts of {name} are {tuple(limits)}: expected four that rise, as (2, 3, 5, 10)."
            )
    if len(given) < len(VALUES) and len(numbers) < MINIMUM:
        return None
    used = {name: tuple(float(each) for each in limits) for name, limits in given.items()}
    if "recency_days" not in used:
        # Few days score high: cut the days from the far end, then say it in days that lower the score.
        used["recency_days"] = tuple(1 - each for each in reversed(fifths(-numbers[:, 0])))
    for place, name in enumerate(VALUES[1:], 1):
        used.setdefault(name, fifths(numbers[:, place]))
    return {name: used[name] for name in VALUES}


def with_segment(
    customers: nw.LazyFrame[Any], used: Mapping[str, Sequence[float]] | None, grid: Grid
) -> nw.LazyFrame[Any]:
    """Return customers with their scores r, f, m and their segment; empty where there are no cut-offs."""
    if used is None:
        empty = {name: nw.lit(None, nw.Int64) for name in "rfm"}
        return customers.with_columns(**empty, segment=nw.lit(None, nw.String))
    above = {name: _above(nw.col(name), used[name]) for name in VALUES}
    customers = customers.with_columns(
        r=nw.lit(5) - above["recency_days"], f=above["orders"] + 1, m=above["net_sales"] + 1
    ).with_columns(nw.col(name).cast(nw.Int64) for name in "rfm")
    # The cell: recency score times 100 plus twice FM, a whole number.
    cells: dict[str, list[int]] = {}
    for score, segments in grid.items():
        for segment, band in zip(segments, BANDS, strict=True):
            cells.setdefault(segment, []).extend(100 * score + round(2 * each) for each in band)
    cell = nw.col("r") * 100 + nw.col("f") + nw.col("m")
    (last, _), *others = cells.items()
    named: nw.Expr = nw.lit(last)
    for segment, places in others:
        named = nw.when(cell.is_in(places)).then(nw.lit(segment)).otherwise(named)
    return customers.with_columns(segment=named)


def _above(value: nw.Expr, limits: Sequence[float]) -> nw.Expr:
    passed = nw.lit(0)
    for limit in limits:
        if limit == -np.inf:
            passed = passed + 1
        elif limit < np.inf:
            passed = passed + nw.when(value >= limit).then(nw.lit(1)).otherwise(nw.lit(0))
    return passed


def grid_table(grid: Grid = GRID) -> Any:
    """Return the grid as a table to print: one row a recency score, one column an FM band.

    Raises:
        InputError: The grid leaves a cell out.

    >>> grid_table().loc[0, "FM 4.5–5"]
    'Champions'
    """
    import pandas as pd

    segments_of(grid)
    names = [f"FM {band[0]:g}–{band[-1]:g}" if len(band) > 1 else f"FM {band[0]:g}" for band in BANDS]
    rows = [[score, *(text.say(name) for name in grid[score])] for score in (5, 4, 3, 2, 1)]
    return pd.DataFrame(rows, columns=["R", *names])


def segments_of(grid: Grid) -> list[str]:
    """Return the names of a grid, the known ones in their order; refuse a grid with a hole.

    Raises:
        InputError: A score has no row, or a row not one name a band.

    >>> segments_of(GRID)[:3]
    ['Champions', 'Loyal', 'Active']
    """
    for score in (1, 2, 3, 4, 5):
        if len(grid.get(score, ())) != len(BANDS):
            raise InputError(
                f"grid has {len(grid.get(score, ()))} names for recency score {score}: expected "
                f"{len(BANDS)}, one for each band of FM. A customer in a cell without a name would be lost."
            )
    if extra := sorted(set(grid) - {1, 2, 3, 4, 5}):
        raise InputError(f"grid has a recency score {extra[0]!r}: scores are 1 to 5.")
    used = dict.fromkeys(name for score in (5, 4, 3, 2, 1) for name in reversed(grid[score]))
    return [*(name for name in ACTIONS if name in used), *(name for name in used if name not in ACTIONS)]
