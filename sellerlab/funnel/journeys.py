"""Who passed through which steps: the exact search behind every funnel of events.

One idea: a person passed if *any* chain of their events fits, not just the one that begins with their first
event. For each event it is enough to know the latest fitting event of the step before it and the latest start
that leads there: if these do not fit the limits of time, no other chain does. Both only move forward in time,
so one running maximum a step finds every chain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from sellerlab import tables
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.tables import EVENTS

#: Grouping by the day of the first event, beside the table's own columns.
DAY = "day"
#: Name of the group of those whose group is not given.
NOT_GIVEN = "not given"

DAY_US = 86_400_000_000
MICRO = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Group:
    """Counts of one group: `name` is None for all of them together.

    Attributes:
        name: The channel, device or day, or None.
        units: People or visits in the group, whatever they did.
        reached: How many reached each step.
        continued: How many of them came from the step before.
        seconds: Median seconds from the step before, or NaN.
    """

    name: Any
    units: int
    reached: tuple[int, ...]
    continued: tuple[int, ...]
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class Journeys:
    """What was found: the total, the groups in order of their names, and what the table covers.

    Attributes:
        total: All units.
        groups: One for each value of `by`; empty without it.
        first: Time of the first event.
        last: Time of the last event.
        nameless: Events left out because they name no unit or no time.
        immature: Units whose first event lies so late that the time allowed is not over.
    """

    total: Group
    groups: tuple[Group, ...]
    first: dt.datetime
    last: dt.datetime
    nameless: int
    immature: int


@dataclass(frozen=True)
class Search:
    """What to look for: steps in order, limits of time, and whether one may enter at any step."""

    steps: tuple[str, ...]
    within: dt.timedelta | None
    step_within: dt.timedelta | None
    closed: bool

    @property
    def events(self) -> list[str]:
        """Each event's name once; a step is one of them."""
        return list(dict.fromkeys(self.steps))

    @property
    def codes(self) -> list[int]:
        """The place of each step in `events`."""
        return [self.events.index(step) for step in self.steps]

    @property
    def patience(self) -> dt.timedelta:
        """Longest time that a whole passage may take, as far as the limits say."""
        most = [self.within] if self.within else []
        if self.step_within:
            most.append(self.step_within * max(len(self.steps) - 1, 1))
        return min(most, default=dt.timedelta(0))


def timedelta_of(name: str, value: Any) -> dt.timedelta | None:
    """Return a limit of time given as a `timedelta` or as text such as ``"7 days"`` or ``"30min"``.

    Raises:
        InputError: It is no length of time above 0.

    >>> timedelta_of("within", "7 days")
    datetime.timedelta(days=7)
    """
    if value is None:
        return None
    try:
        if isinstance(value, int | float):
            raise ValueError("a bare number has no unit")
        length = pd.Timedelta(value).to_pytimedelta()
    except (TypeError, ValueError):
        length = dt.timedelta(0)
    if not length > dt.timedelta(0):
        raise InputError(
            f"{name} is {value!r}: expected a length of time above 0, such as '7 days' or '30min'."
        )
    return length


def search(
    events: Any,
    wanted: Search,
    *,
    unit: str,
    by: str | None = None,
    tie: str | None = None,
    names: Mapping[str, str] | None = None,
) -> Journeys:
    """Return how many units passed each step, in all and in each group.

    Frames in memory are searched with NumPy; DuckDB and PySpark do the same with windows, where the data are.

    Args:
        events: Events (`tables.EVENTS`), any frame narwhals knows.
        wanted: What to look for.
        unit: Column that names what is counted: ``"user_id"`` or ``"session_id"``.
        by: Column to group by, or `DAY`; a unit belongs to the group of its first event.
        tie: Column that orders events of one unit at the same time. Without it they keep their order in the
            table; engines whose tables have no order take them in the order of the steps.
        names: Contract name to the caller's own column name.

    Raises:
        TableError: A column is missing, or `at` holds no times.
        UnknownNameError: A step never occurs; the message lists the events that do.
        InputError: There are no events.
    """
    given = dict(names or {})
    needs = list(dict.fromkeys(["at", "event", unit, *([by] if by and by != DAY else [])]))
    lazy = tables.use(events, EVENTS, [name for name in needs if name in EVENTS.names], **given)
    schema = lazy.collect_schema()
    for name in [*needs, *([tie] if tie else [])]:
        if name not in schema.names():
            raise unknown("column of events", name, schema.names())
    if schema["at"] not in (nw.Datetime, nw.Date):
        raise TableError(
            f"at holds {schema['at']}; expected times on the shop's clock. Convert the column first, for "
            "example with pandas.to_datetime."
        )
    columns = {"unit": nw.col(unit), "at": nw.col("at"), "event": nw.col("event")}
    if by and by != DAY:
        columns["by"] = nw.col(by)
    if tie:
        columns["tie"] = nw.col(tie)
    rows = lazy.select(**columns)
    # The two search the same way; each imports this file for what to look for.
    from sellerlab.funnel import journeys_in_memory, journeys_on_engine

    if rows.implementation.is_pandas_like() or rows.implementation.is_polars():
        return journeys_in_memory.search(rows, wanted, by)
    return journeys_on_engine.search(rows, wanted, by)


def nothing() -> InputError:
    """Return the error for a table without a usable event."""
    return InputError(
        "The table has no events with a unit and a time. Check the file, or choose another unit."
    )


def never(wanted: Search, seen: Sequence[Any]) -> InputError:
    """Return the error for a step that is none of the events seen."""
    missing = next(step for step in wanted.steps if step not in set(seen))
    return unknown("event", missing, [str(each) for each in seen])
