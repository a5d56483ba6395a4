"""The ordered funnel: users who pass five steps, each at most seven days after the one before.

Any chain of events counts, not just the one that begins with a user's first event. All ways use the same
fact: an event fits if the latest fitting event of the step before it lies within the limit.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.data import STEPS
from benchmarks.jobs import DUCKDB, NUMPY, OURS, PANDAS, Answer, Job, Way, sql, with_files

COMPILED = "compiled loop (C)"
_LIMIT = pd.Timedelta("7 days")

_LOOP = """
void run(long n, const long *user, const long *step, const long *at, long steps, long limit, long *last) {
    for (long row = 0; row < n; row++) {
        long *mine = last + user[row] * steps, k = step[row];
        if (k == 0 || (mine[k - 1] >= 0 && at[row] - mine[k - 1] <= limit)) mine[k] = at[row];
    }
}
"""


def funnel(*, limit: bool = True) -> Job:
    """Return the job; without `limit` a step may come at any time, which is all that some peers know."""
    if not limit:
        ways = {OURS: _ours_open, PANDAS: _by_pandas_open}
        job = {name: Way(run, _answer) for name, run in ways.items()}
        return Job("Funnel, 5 ordered steps, no limit of time", "events", job)
    ways = {OURS: _ours, PANDAS: _by_pandas, DUCKDB: _by_duckdb, NUMPY: _by_numpy}
    ways = with_files({name: Way(run, _answer) for name, run in ways.items()})
    if shutil.which("cc"):
        ways[COMPILED] = Way(_compiled, _answer)
    return Job("Funnel, 5 ordered steps, 7 days a step", "events", ways)


def _ours(events: Any) -> Any:
    from sellerlab import funnel

    return funnel.funnel(events, STEPS, step_within="7 days").reached


def _ours_open(events: Any) -> Any:
    from sellerlab import funnel

    return funnel.funnel(events, STEPS).reached


def _by_pandas_open(events: pd.DataFrame) -> Any:
    # Without a limit the earliest event that fits is always the best.
    earliest, reached = events[events["event"] == STEPS[0]].groupby("user_id")["at"].min(), []
    for step in STEPS[1:]:
        reached.append(len(earliest))
        here = events[events["event"] == step]
        here = here[here["at"] > here["user_id"].map(earliest)]
        earliest = here.groupby("user_id")["at"].min()
    return [*reached, len(earliest)]


def _by_pandas(events: pd.DataFrame) -> Any:
    ordered = events.sort_values("at")
    fitting = ordered[ordered["event"] == STEPS[0]]
    reached = [fitting["user_id"].nunique()]
    for step in STEPS[1:]:
        before = fitting[["user_id", "at"]].assign(before=True)
        here = ordered[ordered["event"] == step]
        fitting = pd.merge_asof(here, before, on="at", by="user_id", tolerance=_LIMIT)
        fitting = fitting[fitting["before"].notna()].drop(columns="before")
        reached.append(fitting["user_id"].nunique())
    return reached


def _by_duckdb(events: pd.DataFrame) -> Any:
    first = f"CASE WHEN event = '{STEPS[0]}' THEN events.at END AS fits"
    parts = [f"s0 AS (SELECT user_id, events.at AS moment, event, {first} FROM events)"]
    counts = ["SELECT 0 AS step, count(DISTINCT user_id) AS n FROM s0 WHERE fits IS NOT NULL"]
    for place, step in enumerate(STEPS[1:], 1):
        before = "max(fits) OVER (PARTITION BY user_id ORDER BY moment ROWS UNBOUNDED PRECEDING)"
        fits = f"CASE WHEN event = '{step}' AND moment - {before} <= INTERVAL 7 DAY THEN moment END"
        parts.append(f"s{place} AS (SELECT user_id, moment, event, {fits} AS fits FROM s{place - 1})")
        counts.append(f"SELECT {place}, count(DISTINCT user_id) FROM s{place} WHERE fits IS NOT NULL")
    query = f"WITH {', '.join(parts)} SELECT n FROM ({' UNION ALL '.join(counts)}) ORDER BY step"
    return sql(query, events=events)["n"]


def _by_numpy(events: pd.DataFrame) -> Any:
    user, at, step = _codes(events)
    order = np.argsort(user, kind="stable")
    user, at, step = user[order], at[order], step[order]
    # One line of time: users lie further apart than any limit.
    limit = _LIMIT // pd.Timedelta("1us")
    clock = at - at.min() + user * (np.ptp(at) + limit + 1)
    fits, reached = step == 0, []
    for place in range(len(STEPS)):
        if place:
            before = np.maximum.accumulate(np.where(fits, clock, -limit - 1))
            fits = (step == place) & (clock - before <= limit)
        reached.append(len(np.unique(user[fits])))
    return reached


def _compiled(events: pd.DataFrame) -> Any:
    user, at, step = _codes(events)
    last = np.full((user.max() + 1, len(STEPS)), -1, dtype=np.int64)
    pointers = [each.ctypes.data_as(ctypes.c_void_p) for each in (user, step, at, last)]
    limit = ctypes.c_long(_LIMIT // pd.Timedelta("1us"))
    _loop().run(ctypes.c_long(len(user)), *pointers[:3], ctypes.c_long(len(STEPS)), limit, pointers[3])
    return (last >= 0).sum(axis=0)


@cache
def _loop() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "loop.c"), Path(folder, "loop.so")
        source.write_text(_LOOP)
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
        return ctypes.CDLL(str(library))


def _codes(events: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return users and steps as numbers and times in microseconds, in order of time."""
    user, _ = pd.factorize(events["user_id"])
    seen, names = pd.factorize(events["event"])
    step = np.array([STEPS.index(name) for name in names])[seen]
    at = events["at"].to_numpy().astype("datetime64[us]").astype(np.int64)
    columns = [user.astype(np.int64), at, step.astype(np.int64)]
    if (np.diff(at) < 0).any():
        order = np.argsort(at, kind="stable")
        columns = [each[order] for each in columns]
    return columns[0], columns[1], columns[2]


def _answer(found: Any) -> Answer:
    return {"reached": np.array(list(found), dtype=float)}
