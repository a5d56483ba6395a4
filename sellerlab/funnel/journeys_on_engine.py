"""The search for passages where the data stay on their engine: DuckDB, PySpark.

One idea: the running maximum of a step is a window over the unit's events in order of time, so nothing but
counts leaves the engine. Times become whole microseconds first: lengths of time are not known everywhere.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import narwhals as nw

from sellerlab.funnel.journeys import DAY, DAY_US, MICRO, NOT_GIVEN, Group, Journeys, Search, never, nothing
from sellerlab.purchases import ordinal


def search(rows: nw.LazyFrame[Any], wanted: Search, by: str | None) -> Journeys:
    """Return what `journeys.search` promises.

    Args:
        rows: unit, at, event, and by and tie where they are asked for.
        wanted: What to look for.
        by: `DAY`, another text where `rows` has the group, or None.
    """
    whole = rows.select(n=nw.len()).collect().rows()[0][0]
    rows = rows.filter(~nw.col("unit").is_null(), ~nw.col("at").is_null())
    ends = rows.select(n=nw.len(), first=nw.col("at").min(), last=nw.col("at").max()).collect().rows()[0]
    if not ends[0]:
        raise nothing()
    seen = rows.select("event").drop_nulls().unique().collect()["event"].to_list()
    if set(wanted.steps) - set(seen):
        raise never(wanted, seen)

    place = nw.lit(len(wanted.events))
    for number, name in reversed(list(enumerate(wanted.events))):
        place = nw.when(nw.col("event") == name).then(nw.lit(number)).otherwise(place)
    extra = [name for name in ("by", "tie") if name in rows.collect_schema().names()]
    if by == DAY:
        rows, extra = rows.with_columns(by=ordinal("at")), ["by", *extra]
    elif by:
        rows = rows.with_columns(by=nw.col("by").cast(nw.String).fill_null(NOT_GIVEN))
    rows = rows.select("unit", *extra, place=place, time=_micros("at"))
    homes = rows
    if by:
        # The group of the first event; of several at one time, the first name.
        begun = nw.col("time") == nw.col("time").min().over("unit")
        homes = rows.with_columns(home=nw.when(begun).then(nw.col("by")))
    first = [nw.col("time").min().alias("begins"), *([nw.col("home").min()] if by else [])]
    units = homes.group_by("unit").agg(*first)
    first_at, last_at = (_stamp(each) for each in ends[1:])
    late = 0
    if wanted.patience:
        edge = (last_at - wanted.patience - dt.datetime(1, 1, 1)) // MICRO + DAY_US
        late = int(units.filter(nw.col("begins") > edge).select(n=nw.len()).collect().rows()[0][0])
    order = ["time", "tie" if "tie" in extra else "place"]
    passed = _passed(rows.filter(nw.col("place") < len(wanted.events)), wanted, order)
    units = units.join(passed, on="unit", how="left")
    return Journeys(
        total=_sums(units, wanted, None)[0],
        groups=tuple(_sums(units, wanted, by)) if by else (),
        first=first_at,
        last=last_at,
        nameless=int(whole - ends[0]),
        immature=late,
    )


def _passed(rows: nw.LazyFrame[Any], wanted: Search, order: list[str]) -> nw.LazyFrame[Any]:
    """Return one row a unit: the time of its first event at each step, empty where there is none.

    Three columns a step: of any that fits (`reached`), of the first that came from the step before
    (`passed`), and of that one's predecessor (`before`).
    """
    time, place = nw.col("time"), nw.col("place")
    here = nw.when(place == wanted.codes[0]).then(time)
    rows = rows.with_columns(reached_0=here, began_0=here)
    for step, code in list(enumerate(wanted.codes))[1:]:
        old = {"latest": nw.col(f"reached_{step - 1}"), "start": nw.col(f"began_{step - 1}")}
        if not wanted.closed or wanted.within is None:
            del old["start"]
        if code == wanted.codes[step - 1]:
            # The same event twice in a row: an event does not follow itself.
            rows = rows.with_columns(
                each.shift(1).over("unit", order_by=order).alias(f"{name}_{step}")
                for name, each in old.items()
            )
            old = {name: nw.col(f"{name}_{step}") for name in old}
        rows = rows.with_columns(
            # A running maximum leaves a gap where it meets one; no time is 0.
            each.fill_null(0).cum_max().over("unit", order_by=order).alias(f"{name}_{step}")
            for name, each in old.items()
        )
        before = nw.col(f"latest_{step}")
        start = nw.col(f"start_{step}") if "start" in old else before
        good = (place == code) & (before > 0)
        for limit, since in ((wanted.step_within, before), (wanted.within, start)):
            if limit is not None:
                good = good & (time - since <= limit // MICRO)
        rows = rows.with_columns(
            nw.when(good).then(time).alias(f"passed_{step}"),
            nw.when(good).then(before).alias(f"before_{step}"),
            nw.when(good if wanted.closed else place == code).then(time).alias(f"reached_{step}"),
            nw.when(good).then(start).alias(f"began_{step}"),
        )
    # Both times only move forward, so the first passage has the earliest of each.
    later = range(1, len(wanted.codes))
    names = [f"{name}_{step}" for name in ("passed", "before") for step in later]
    names += [f"reached_{step}" for step in range(len(wanted.codes))]
    return rows.group_by("unit").agg(nw.col(name).min() for name in names)


def _sums(units: nw.LazyFrame[Any], wanted: Search, by: str | None) -> list[Group]:
    steps = range(len(wanted.steps))
    measures = [nw.len().alias("units"), *(nw.col(f"reached_{step}").count() for step in steps)]
    for step in steps[1:]:
        took = (nw.col(f"passed_{step}") - nw.col(f"before_{step}")).cast(nw.Float64)
        units = units.with_columns(took.alias(f"took_{step}"))
        measures += [nw.col(f"passed_{step}").count(), nw.col(f"took_{step}").median()]
    found = units.group_by("home").agg(*measures).sort("home") if by else units.select(*measures)
    groups = []
    for row in found.collect().rows(named=True):
        name = row.get("home")
        medians = [row[f"took_{step}"] for step in steps[1:]]
        groups.append(
            Group(
                name=dt.date.fromordinal(int(name or 0)) if by == DAY else name,
                units=int(row["units"] or 0),
                reached=tuple(int(row[f"reached_{step}"]) for step in steps),
                continued=(0, *(int(row[f"passed_{step}"]) for step in steps[1:])),
                seconds=(math.nan, *(math.nan if each is None else float(each) / 1e6 for each in medians)),
            )
        )
    return groups


def _micros(name: str) -> nw.Expr:
    """Microseconds since the year 0001 less a day, as whole numbers: these subtract on every engine."""
    when = nw.col(name).dt
    seconds = (
        when.hour().cast(nw.Int64) * 3600 + when.minute().cast(nw.Int64) * 60 + when.second().cast(nw.Int64)
    )
    return ordinal(name).cast(nw.Int64) * DAY_US + seconds * 1_000_000 + when.microsecond().cast(nw.Int64)


def _stamp(value: Any) -> dt.datetime:
    """Return a day or a time of any engine as a plain `datetime`, which knows no nanoseconds."""
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    day = (value.year, value.month, value.day)
    return dt.datetime(*day, value.hour, value.minute, value.second, value.microsecond)
