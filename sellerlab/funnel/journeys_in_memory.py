"""The search for passages in frames that lie in memory: pandas, Polars, Arrow.

One idea: with the events of a unit side by side in order of time, "the latest before this one" is a running
maximum of row numbers, and five million events take a few passes of NumPy.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sellerlab.counted import quick
from sellerlab.funnel.journeys import DAY, DAY_US, MICRO, NOT_GIVEN, Group, Journeys, Search, never, nothing

_EPOCH = dt.date(1970, 1, 1).toordinal()

Ints = NDArray[np.int64]


def search(rows: nw.LazyFrame[Any], wanted: Search, by: str | None) -> Journeys:
    """Return what `journeys.search` promises.

    Args:
        rows: unit, at, event, and by and tie where they are asked for.
        wanted: What to look for.
        by: `DAY`, another text where `rows` has the group, or None.
    """
    frame = nw.from_native(quick(rows.collect().to_native()), eager_only=True)
    size = len(frame)
    frame = frame.filter(~nw.col("unit").is_null(), ~nw.col("at").is_null())
    if "tie" in frame.columns:
        frame = frame.sort("tie")
    nameless = size - len(frame)
    if not len(frame):
        raise nothing()
    unit, time, code, row, ends = _side_by_side(frame, wanted.events, rows="by" in frame.columns)
    if (np.bincount(code + 1, minlength=len(wanted.events) + 1)[1:] == 0).any():
        raise never(wanted, frame["event"].drop_nulls().unique().to_list())

    begins = np.concatenate([[0], ends[:-1]])
    units, last = len(ends), int(time[ends - 1].max())
    group = np.zeros(units, dtype=np.int64)
    labels: list[Any] = []
    if by == DAY:
        group, labels = _coded(time[begins] // DAY_US + _EPOCH)
        labels = [dt.date.fromordinal(int(each)) for each in labels]
    elif by:
        shown = frame["by"][row[begins].tolist()].to_list()
        group, labels = _coded([NOT_GIVEN if each is None or each != each else str(each) for each in shown])

    found = _chains(unit, time, code, wanted)
    groups = tuple(_tally(name, group == place, found) for place, name in enumerate(labels))
    patience = wanted.patience // MICRO
    return Journeys(
        total=_tally(None, np.ones(units, dtype=bool), found),
        groups=groups,
        first=_moment(int(time[begins].min())),
        last=_moment(last),
        nameless=nameless,
        immature=int((time[begins] > last - patience).sum()) if patience else 0,
    )


def _side_by_side(
    frame: nw.DataFrame[Any], names: Sequence[str], *, rows: bool
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return the events, those of a unit side by side, in order of time and else of the table.

    Five arrays: unit, microsecond, place of the name among `names` (-1: another), row (empty unless `rows`);
    and each unit's end.
    """
    micros = frame["at"].cast(nw.Datetime("us")).cast(nw.Int64)
    event = frame["event"].cast(nw.String)
    row: Ints
    if frame.implementation.is_polars():
        import polars as pl

        known = event.to_native().replace_strict(
            list(names), list(range(len(names))), default=-1, return_dtype=pl.Int16
        )
        packed = pl.DataFrame({"unit": frame["unit"].to_native(), "time": micros.to_native(), "code": known})
        # Polars keeps the rows of a group in order; the lists lie side by side in memory.
        lists = packed.with_row_index("row").group_by("unit").agg("time", "code", *(["row"] if rows else []))
        sizes = lists["time"].list.len().to_numpy().astype(np.int64)
        time, code = (lists[name].explode().to_numpy() for name in ("time", "code"))
        row = lists["row"].explode().to_numpy() if rows else np.empty(0, dtype=np.int64)
    else:
        place, _ = pd.factorize(frame["unit"].to_numpy())
        row = np.argsort(place, kind="stable")
        sizes = np.bincount(place)
        index = pd.Index(list(names))
        time, code = micros.to_numpy()[row], index.get_indexer(pd.Index(event.to_native()))[row]
    unit: Ints = np.repeat(np.arange(len(sizes)), sizes)
    if ((time[1:] < time[:-1]) & (unit[1:] == unit[:-1])).any():
        order = np.lexsort((time, unit))  # stable: events of one time keep their order
        time, code, row = time[order], code[order], row[order] if rows else row
    return unit, time, code, row, np.cumsum(sizes)


def _chains(unit: Ints, time: Ints, code: Ints, wanted: Search) -> list[tuple[Ints, Ints, Ints]]:
    """Return for each step who reached it, who of them came from the step before, and how long they took.

    The first two are sorted units, the third microseconds.
    """
    limits = [each // MICRO if each else None for each in (wanted.step_within, wanted.within)]
    nobody = np.empty(0, dtype=np.int64)
    fits = np.flatnonzero(code == wanted.codes[0])
    began = np.zeros(len(code), dtype=np.int32)
    began[fits] = fits
    found = [(_once(unit[fits])[0], nobody, nobody)]
    for step in wanted.codes[1:]:
        latest = np.full(len(code) + 1, -1, dtype=np.int32)
        latest[fits + 1] = fits  # one place on: an event does not follow itself
        np.maximum.accumulate(latest, out=latest)
        here = np.flatnonzero(code == step)
        before = latest[here]
        good = (before >= 0) & (unit[before] == unit[here])
        for limit, since in zip(limits, (before, began[before]), strict=True):
            if limit is not None:
                good &= time[here] - time[since] <= limit
        passed, before = here[good], before[good]
        continued, firsts = _once(unit[passed])
        took = time[passed[firsts]] - time[before[firsts]]
        if wanted.closed:
            fits = passed
            began[fits] = began[before]
            found.append((continued, continued, took))
        else:
            fits = here
            began[fits] = fits  # one may enter here, so the latest start is the event itself
            found.append((_once(unit[fits])[0], continued, took))
    return found


def _once(unit: Ints) -> tuple[Ints, Ints]:
    """Return each of the sorted units once, and where it stands first."""
    first = np.flatnonzero(np.concatenate([[True], unit[1:] != unit[:-1]])) if len(unit) else unit[:0]
    return unit[first], first


def _tally(name: Any, members: NDArray[np.bool_], found: Sequence[tuple[Ints, Ints, Ints]]) -> Group:
    seconds = []
    for _, continued, took in found:
        own = took[members[continued]]
        seconds.append(float(np.median(own)) / 1e6 if len(own) else math.nan)
    return Group(
        name=name,
        units=int(members.sum()),
        reached=tuple(int(members[reached].sum()) for reached, _, _ in found),
        continued=tuple(int(members[continued].sum()) for _, continued, _ in found),
        seconds=tuple(seconds),
    )


def _coded(values: Any) -> tuple[Ints, list[Any]]:
    """Return the place of each value among the sorted different ones, and these."""
    known, place = np.unique(np.asarray(values), return_inverse=True)
    return place.astype(np.int64), known.tolist()


def _moment(micros: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=micros)
