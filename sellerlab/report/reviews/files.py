"""The files of a channel review: events, daily totals, ads, a test, and a funnel of Google Analytics.

The one idea: such a file goes by the usual names of its columns, and only the columns named here are read,
so that whatever else a tool exports (a mail address, a name) stays where it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from sellerlab import text
from sellerlab.errors import ReadError
from sellerlab.read import cells, decode, describe, recognise
from sellerlab.read.describe import Description, Field
from sellerlab.read.parse import number
from sellerlab.report.sections import Note
from sellerlab.results import Result

Kind = TypeVar("Kind", bound=Result | Note)


def _columns(**headers: str) -> dict[str, Field]:
    """Return columns from their kind and headers, as ``clicks="number: clicks, link clicks"``."""
    found = {}
    for name, words in headers.items():
        kind, listed = words.split(": ", 1)
        found[name] = Field(tuple(listed.split(", ")), kind)
    return found


_EVENTS = Description(
    name="events",
    label="events of visitors",
    what="events of visitors: who, when, what",
    table="events",
    signature=("user_id", "at", "event"),
    columns=_columns(
        user_id="id: user_id, visitor_id, client_id, user_pseudo_id, user, visitor",
        at="time: at, time, timestamp, event_time, datetime",
        event="text: event, event_name, event name, step",
        session_id="id: session_id, visit_id, ga_session_id, session",
        channel="text: channel, source, default channel group",
        device="text: device, device category",
        sku="id: sku, item_id",
    ),
)
_TOTALS = Description(
    name="totals",
    label="daily totals",
    what="daily totals of a shop: visits or clicks, and orders",
    table="events",
    signature=("day", "orders"),
    columns=_columns(
        day="time: day, date",
        device="text: device, device category",
        channel="text: channel, source",
        impressions="number: impressions, listing impressions",
        visits="number: visits, visitors, sessions, users",
        clicks="number: clicks, listing clicks",
        views="number: views, product views, page views, item views",
        carts="number: carts, add to cart, added to cart, add to carts",
        checkouts="number: checkouts, begin checkout, reached checkout",
        orders="number: orders, purchases",
        kept_orders="number: kept_orders, kept orders, completed orders",
        sales="money: sales, revenue, gmv, total sales",
    ),
)
_ADS = Description(
    name="ads",
    label="daily figures of ads",
    what="daily figures of ads: campaign, clicks, spend, orders",
    table="ads",
    signature=("day", "campaign", "spend"),
    columns=_columns(
        day="time: day, date",
        campaign="text: campaign, campaign name",
        keyword="text: keyword, search keyword, search term, ad group, audience",
        channel="text: channel, platform",
        impressions="number: impressions",
        clicks="number: clicks, link clicks",
        spend="money: spend, cost, amount spent",
        orders="number: orders, conversions, purchases",
        revenue="money: revenue, sales, conversion value, purchase value",
    ),
)
_TEST = Description(
    name="test",
    label="visitors of a test",
    what="visitors of a test, one a row: which variant they saw, and whether they ordered",
    table="events",
    signature=("variant", "orders"),
    columns=_columns(
        variant="text: variant, group, version",
        orders="number: orders, ordered, order, purchases, converted",
        revenue="money: revenue, sales, spent",
        visitors="number: visitors, visits, sessions",
    ),
)
#: Columns of counts that may be a step, in the order a visitor takes them.
STEPS = ("impressions", "visits", "clicks", "views", "carts", "checkouts", "orders", "kept_orders")


@dataclass(frozen=True)
class Table:
    """A table read from a file.

    Attributes:
        rows: Its rows, under the names of this module.
        left_out: Rows that could not be read.
    """

    rows: pd.DataFrame
    left_out: int

    @property
    def words(self) -> str:
        """What was left out, in words; empty where nothing was."""
        count = text.number(self.left_out)
        return f" Rows of the file that cannot be read and are left out: {count}." if self.left_out else ""

    def told(self, result: Kind) -> Kind:
        """Return a result made of this table, its sentence with what was left out."""
        return replace(result, sentence=result.sentence + self.words)

    def between(self, column: str, start: Any, end: Any) -> pd.DataFrame:
        """Return the rows of a period, both ends in it."""
        days = self.rows[column]
        last = pd.Timestamp(end) + pd.Timedelta(days=1)
        return self.rows[(days >= pd.Timestamp(start)) & (days < last)].reset_index(drop=True)


def events(path: str, dayfirst: bool | None) -> Table:
    """Read events of visitors."""
    return _read(path, _EVENTS, dayfirst)


def totals(path: str, dayfirst: bool | None) -> Table:
    """Read daily totals; counts that stand side by side in one row."""
    return _read(path, _TOTALS, dayfirst)


def ads(path: str, dayfirst: bool | None) -> Table:
    """Read daily figures of ads."""
    return _read(path, _ADS, dayfirst)


def visitors_of_test(path: str, dayfirst: bool | None) -> Table:
    """Read the visitors of a test, one a row, or a row a variant with its visitors."""
    return _read(path, _TEST, dayfirst)


def is_exploration(path: str) -> bool:
    """Whether a file is a funnel exploration of Google Analytics."""
    try:
        _exploration(path)
    except ReadError:
        return False
    return True


def exploration(path: str) -> Table:
    """Read a funnel exploration of Google Analytics: one row, a column a step, users in each cell.

    Raises:
        ReadError: It is none, or has fewer than two steps.
    """
    match = _exploration(path)
    rows = match.sheet.rows[match.header + 1 :]
    step, device, users = (match.places["step"] + shift for shift in (0, 1, 2))
    found: dict[str, float] = {}
    for row in rows:
        if len(row) > users and str(row[device]).strip().casefold() == "total":
            name = re.sub(r"^\d+\. *", "", str(row[step]).strip())
            found[name] = number(row[users]) or 0.0
    if len(found) < 2:
        raise ReadError(
            f"{match.file} is a funnel of Google Analytics without two steps that have a row 'Total'. "
            "Export the exploration as CSV with its totals."
        )
    return Table(pd.DataFrame([found]), 0)


def _exploration(path: str) -> recognise.Match:
    known = replace(describe.known()["ga4_funnel"], refuse="")
    return recognise.find(decode.load(Path(path)), Path(path).name, [known])


def _read(path: str, description: Description, dayfirst: bool | None) -> Table:
    file = Path(path)
    match = recognise.find(decode.load(file), file.name, [description])
    # The currency decides only how decimals are read; what money it is, the parameters say.
    rows = cells.typed(match, "EUR", dayfirst, None)
    names = [name for name in description.columns if name in match.places]
    whole = pd.DataFrame({name: rows.sheet.columns[name] for name in names})[rows.rejected == ""]
    good = whole.dropna(subset=[*description.signature])
    if good.empty:
        raise ReadError(f"{file.name} has no row that can be read as {description.what}.")
    return Table(good.reset_index(drop=True), len(rows.rejected) - len(good))
