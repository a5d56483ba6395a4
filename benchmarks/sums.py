"""What moved sales: two periods of daily totals, and the parts of visitors, conversion and order value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.jobs import DUCKDB, NUMPY, OURS, PANDAS, Answer, Job, Way, sql, with_files

_COLUMNS = ["visitors", "orders", "sales"]


def totals() -> Job:
    """Return the job."""
    ways = {OURS: _ours, PANDAS: _by_pandas, DUCKDB: _by_duckdb, NUMPY: _by_numpy}
    return Job(
        "What moved sales, from daily totals", "daily_totals",
        with_files({name: Way(run, _answer) for name, run in ways.items()}), absolute=1e-3,
    )  # fmt: skip


def _ours(table: Any) -> Any:
    import narwhals as nw

    from sellerlab import totals

    frame = nw.from_native(table)
    before, after = (frame.filter(nw.col("period") == name).to_native() for name in ("before", "after"))
    return totals.value_tree(before, after).shares


def _by_pandas(table: pd.DataFrame) -> Any:
    sums = table.groupby("period")[_COLUMNS].sum()
    return _shared(sums.loc["before"], sums.loc["after"])


def _by_duckdb(table: pd.DataFrame) -> Any:
    columns = ", ".join(f"sum({name}) AS {name}" for name in _COLUMNS)
    sums = sql(f"SELECT period, {columns} FROM frame GROUP BY period", frame=table).set_index("period")
    return _shared(sums.loc["before"], sums.loc["after"])


def _by_numpy(table: pd.DataFrame) -> Any:
    late = (table["period"] == "after").to_numpy()
    sums = {name: np.bincount(late, table[name].to_numpy()) for name in _COLUMNS}
    return _shared(*({name: each[place] for name, each in sums.items()} for place in (0, 1)))


def _shared(before: Any, after: Any) -> dict[str, float]:
    grown = {name: np.log(after[name] / before[name]) for name in _COLUMNS}
    scale = (after["sales"] - before["sales"]) / grown["sales"]
    return {
        "visitors": scale * grown["visitors"],
        "conversion": scale * (grown["orders"] - grown["visitors"]),
        "order_value": scale * (grown["sales"] - grown["orders"]),
    }


def _answer(found: Any) -> Answer:
    return {"parts": np.array([float(found[name]) for name in ("visitors", "conversion", "order_value")])}
