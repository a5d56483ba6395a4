"""The jobs that are measured: each is one question, asked of sellerlab and of its peers.

The one idea: a time counts only if the answer is right. So each way of a job returns what it found, `answer`
turns that into arrays in one order, and `check` refuses a job whose ways disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import data

OURS = "sellerlab"
PANDAS = "pandas"
DUCKDB = "DuckDB SQL"
NUMPY = "NumPy by hand"
#: Ours again, from a Parquet file that is not read into memory first.
FROM_FILE = {"sellerlab, Parquet by Polars": "polars", "sellerlab, Parquet by DuckDB": "duckdb"}

#: An answer: named arrays, the rows of each in an order that all ways share.
Answer = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Way:
    """One way to do a job.

    Attributes:
        run: What is timed; takes a pandas frame, or the path of the Parquet file where `from_file`.
        answer: Turns what `run` returns into arrays; not timed.
        from_file: Whether it reads the file itself.
        home: The environment it runs in (see `peers`); empty for this one. A peer may answer a part.
    """

    run: Callable[[Any], Any]
    answer: Callable[[Any], Answer]
    from_file: bool = False
    home: str = ""


@dataclass(frozen=True)
class Job:
    """A question and the ways to answer it, ours first.

    Attributes:
        title: The question, as the table says it.
        table: The function of `data` that makes its table.
        ways: Name to way.
        absolute: How far numbers of two ways may lie apart, besides `relative`.
        relative: The same as a share.
    """

    title: str
    table: str
    ways: Mapping[str, Way]
    absolute: float = 1e-6
    relative: float = 1e-9


def check(job: Job, answers: Mapping[str, Answer]) -> None:
    """Refuse answers that differ: numbers within the job's tolerance, text exactly.

    Raises:
        AssertionError: Two ways disagree; says which, and where.
    """
    ours = answers[OURS]
    for name, theirs in answers.items():
        partly = job.ways[name].home and set(theirs) <= set(ours)
        if not theirs or not (partly or set(ours) == set(theirs)):
            raise AssertionError(f"{job.title}: {name} gives {sorted(theirs)}, sellerlab {sorted(ours)}.")
        for column, found in theirs.items():
            what = f"{job.title}: {column} of {name}"
            if np.issubdtype(np.asarray(found).dtype, np.number):
                np.testing.assert_allclose(
                    found, ours[column], rtol=job.relative, atol=job.absolute, err_msg=what
                )
            else:
                np.testing.assert_array_equal(found, ours[column], err_msg=what)


def with_files(ways: dict[str, Way]) -> dict[str, Way]:
    """Return the ways with ours from a Parquet file added, for the engines that are installed."""
    ours = ways[OURS]

    def opened(engine: str) -> Callable[[Any], Any]:
        def run(path: Any) -> Any:
            if engine == "polars":
                import polars as pl

                return _collected(ours.run(pl.scan_parquet(path)))
            import duckdb

            # Half of what is aimed at: DuckDB may go to the disk, the rest is the answer and Python.
            bounds = {"memory_limit": "500MB", "temp_directory": str(path.parent)}
            return _collected(ours.run(duckdb.connect(config=bounds).read_parquet(str(path))))

        return run

    added = {
        name: Way(opened(engine), ours.answer, True)
        for name, engine in FROM_FILE.items()
        if find_spec(engine)
    }
    return ways | added


def _collected(found: Any) -> Any:
    """Return what a lazy engine promised: a promise costs no time."""
    import narwhals as nw

    if isinstance(found, tuple):
        return tuple(map(_collected, found))
    native = nw.from_native(found, pass_through=True)
    return native.collect().to_native() if isinstance(native, nw.LazyFrame) else found


def sql(query: str, **frames: pd.DataFrame) -> pd.DataFrame:
    """Return what DuckDB answers to a query over pandas frames."""
    import duckdb

    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.register(name, frame)
        return connection.sql(query).df()


def sorted_columns(table: Any, keys: list[str], columns: list[str]) -> Answer:
    """Return columns of any kind of frame as arrays, rows sorted by `keys`."""
    frame = table
    if not isinstance(table, pd.DataFrame):
        import narwhals as nw

        frame = nw.from_native(table).lazy().collect().to_pandas()
    frame = frame.sort_values(keys)
    found = {}
    for name in (*keys, *columns):
        values = frame[name]
        found[name] = values.to_numpy(float) if pd.api.types.is_numeric_dtype(values) else as_text(values)
    return found


def as_text(values: Any) -> np.ndarray:
    """Return text as an array that NumPy can store."""
    return np.asarray(list(values), dtype=np.str_)


def all_jobs() -> dict[str, Job]:
    """Return every job by its short name."""
    from benchmarks import buyers, passages, peers, profit, sums

    every = {
        "profit": profit.job(shared=False),
        "profit_by_order": profit.job(shared=True),
        "rfm": buyers.rfm(),
        "cohorts": buyers.cohorts(),
        "repeat": buyers.repeat_purchases(),
        "totals": sums.totals(),
        "funnel": passages.funnel(),
        "funnel_open": passages.funnel(limit=False),
        "fit": buyers.fit(),
    }
    return {name: replace(job, ways={**job.ways, **peers.ways(name)}) for name, job in every.items()}


def sample(job: Job, rows: int) -> pd.DataFrame:
    """Return the job's table with so many rows."""
    return getattr(data, job.table)(rows)
