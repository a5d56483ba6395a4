"""Totals of a table of daily figures: first add up, then divide.

One idea: the mean of daily rates gives a day with ten visitors the weight of a day with ten thousand. Every
rate of totals is made from sums, and a row counts only where all its figures are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals as nw

from sellerlab import tables
from sellerlab.counted import quick
from sellerlab.errors import InputError, TableError, unknown

#: Name of the group of rows whose group is not given.
NOT_GIVEN = "not given"


class Pool(NamedTuple):
    """Sums of one group: `name` (None for all), a sum a column, rows added."""

    name: str | None
    sums: dict[str, float]
    rows: int


def lazily(frame: Any) -> nw.LazyFrame[Any]:
    """Return any frame lazily, on an engine that can group it.

    Args:
        frame: Any frame narwhals knows.
    """
    # No column is asked for here: the contract only lends its way of opening a frame.
    return tables.use(quick(frame), tables.ADS)


def given_rows(frame: Any, columns: Sequence[str], by: str | None = None) -> tuple[nw.LazyFrame[Any], int]:
    """Return the rows that have all figures, as floats, and how many rows have not.

    Args:
        frame: Any frame narwhals knows.
        columns: Columns of counts or money.
        by: Column of groups to keep as `by`, or None.

    Raises:
        UnknownNameError: A column is absent.
        TableError: A column holds no numbers, or a negative one.
        InputError: No row has all figures.
    """
    needed = [*columns, *([by] if by else [])]
    native = nw.from_native(frame)
    present = native.collect_schema().names()
    for name in needed:
        if name not in present:
            raise unknown("column", name, present)
    lazy = lazily(native.select(*dict.fromkeys(needed)).to_native())
    schema = lazy.collect_schema()
    for name in columns:
        if not schema[name].is_numeric():
            raise TableError(f"{name} holds {schema[name]}; expected numbers. Convert the column first.")
    wanted = {name: nw.col(name).cast(nw.Float64) for name in columns}
    if by:
        lazy = lazy.with_columns(nw.col(by).cast(nw.String).fill_null(NOT_GIVEN).alias(by))
    rows = lazy.select(*([nw.col(by).alias("by")] if by else []), **wanted)
    full = rows
    for name in columns:
        full = full.filter(~nw.col(name).is_null())
        if schema[name].is_float():
            full = full.filter(~nw.col(name).is_nan())
    counted, read = (each.select(n=nw.len()).collect().rows()[0][0] for each in (full, rows))
    if not counted:
        listed = ", ".join(columns)
        raise InputError(f"No row has all of {listed}. Choose columns that the export fills.")
    lowest = full.select(nw.col(name).min() for name in columns).collect().rows()[0]
    for name, low in zip(columns, lowest, strict=True):
        if low < 0:
            raise TableError(f"{name} has {low:g}; expected 0 or more. Check the file.")
    return full, int(read - counted)


def pooled(frame: Any, columns: Sequence[str], by: str | None = None) -> tuple[list[Pool], int]:
    """Return the sums of each group in order of name (one pool without `by`), and the rows left out.

    Args:
        frame: Any frame narwhals knows.
        columns: Columns of counts or money.
        by: Column of groups, or None.

    Raises:
        UnknownNameError: A column is absent.
        TableError: A column holds no numbers, or a negative one.
        InputError: No row has all figures.

    >>> import pandas as pd
    >>> pooled(pd.DataFrame({"visits": [10, 1000], "orders": [1, 20]}), ["visits", "orders"])[0][0].sums
    {'visits': 1010.0, 'orders': 21.0}
    """
    rows, left_out = given_rows(frame, columns, by)
    measures = [nw.len().alias("rows_added"), *(nw.col(name).sum() for name in dict.fromkeys(columns))]
    found = rows.group_by("by").agg(*measures).sort("by") if by else rows.select(*measures)
    pools = [
        # Sums of floats differ in their last digits between engines; six decimals are beyond any count.
        Pool(row.get("by"), {name: round(float(row[name]), 6) for name in columns}, int(row["rows_added"]))
        for row in found.collect().rows(named=True)
    ]
    return pools, left_out
