"""Rows of a recognised file to typed columns, and for every row that is no order the reason why.

The one idea: nothing is dropped without a word. A row is an order line, or it is set aside by a rule of
the format, or it is rejected; every row has exactly one of the three.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from sellerlab import money, tables
from sellerlab.errors import ReadError
from sellerlab.read import evidence, parse, times
from sellerlab.read.describe import Description, Field
from sellerlab.read.express import Sheet
from sellerlab.read.personal import masked
from sellerlab.read.recognise import Match
from sellerlab.text import say

#: Amounts are kept to this many decimals: enough for any price, too few for float noise.
DECIMALS = 6
#: Currencies that are written without decimals though ISO 4217 gives some of them two.
_WHOLE = {"IDR", "VND", "KRW", "JPY", "CLP", "TWD", "HUF", "COP"}


@dataclass
class Rows:
    """The rows of a file after its header, as typed columns.

    Attributes:
        sheet: The columns, ready for expressions.
        lines: Line number of each row.
        rejected: Why a row was rejected; empty where it was not.
        ignored: The rule that set a row aside; empty where none did.
        raw: Text of the cells that may be shown, by column.
        aligned: Whether a row has as many cells as the header.
        before: Filled rows before the header.
        currency: ISO 4217 code.
        notes: What the reader decided, and from which evidence.
    """

    sheet: Sheet
    lines: np.ndarray[Any, Any]
    rejected: np.ndarray[Any, Any]
    ignored: np.ndarray[Any, Any]
    raw: dict[str, np.ndarray[Any, Any]]
    aligned: np.ndarray[Any, Any]
    before: int
    currency: str
    notes: list[str] = field(default_factory=list)

    @property
    def kept(self) -> np.ndarray[Any, Any]:
        """The rows that are neither rejected nor ignored."""
        return np.asarray((self.rejected == "") & (self.ignored == ""), dtype=bool)


def typed(match: Match, currency: str | None, dayfirst: bool | None, timezone: str | None) -> Rows:
    """Read the cells of a recognised file.

    Args:
        match: What `recognise.find` returned.
        currency: ISO 4217 code the caller gave, or None.
        dayfirst: The order of day and month the caller gave, or None.
        timezone: The shop's IANA time zone, or None.

    Raises:
        ReadError: The file as a whole cannot be right: two tables, swapped columns, two currencies,
            dates that need `dayfirst=`.
    """
    description = match.description
    rows, lines, short = _body(match)
    count = len(rows)
    _need(match)
    cells, plain = _cells(match, rows)
    evidence.refuse_rounded_ids(match, cells)
    rejected = np.full(count, "", dtype=object)
    for index, reason in short.items():
        rejected[index] = reason
    aligned = rejected == ""
    ignored = _ignored(plain, description, count)
    usable = aligned & (ignored == "")
    notes = list(match.sheet.notes)
    code = evidence.currency(plain, cells, aligned, ignored, match, currency)
    order = evidence.day_order(match, cells, usable, dayfirst, notes)
    decimal = description.decimal
    if decimal == "auto":
        amounts = [name for name in cells if description.columns[name].kind in ("money", "number")]
        proof = {cell for name in amounts for cell in evidence.pick(cells[name], aligned)}
        decimal = parse.decimal_sign(proof, code in _WHOLE)
    columns: dict[str, pd.Series[Any]] = dict(plain)
    wrong: dict[str, np.ndarray[Any, Any]] = {}
    for name, known in description.columns.items():
        if known.kind not in ("id", "text") and name not in cells:
            empty = pd.Series(np.full(count, np.nan))
            columns[name] = empty.astype("datetime64[ns]") if known.kind == "time" else empty
        elif known.kind == "time":
            read = times.times(cells[name], order)
            columns[name], wrong[name] = evidence.local(read, usable, match, name, timezone), read.bad
        elif known.kind in ("money", "number"):
            columns[name], wrong[name] = _numbers(cells[name], decimal)
    evidence.refuse_swapped(match, cells, wrong, usable, decimal, order)
    for name, bad in wrong.items():
        _reject_unread(rejected, bad & usable & (rejected == ""), plain[name], description, name)
    for name in columns:
        # Cells of a row that lost or won cells stand in wrong columns; only its order number is of use.
        if name != "order_id":
            columns[name] = columns[name].where(aligned)
    sheet = Sheet(columns, {}, description.maps, description.title, 10 ** money.decimals(code))
    group(sheet, description)
    _fill(sheet, description, usable)
    for name, known in description.columns.items():
        if known.required:
            missing = columns[name].isna().to_numpy() & usable & (rejected == "")
            rejected[missing] = say("{column}: empty", column=description.title(name))
    shown = {
        name: plain[name].fillna("").to_numpy(dtype=object)
        for name, known in description.columns.items()
        if name in cells and not known.personal and known.kind != "text"
    }
    before = sum(any(parse.text(cell) for cell in row) for row in match.sheet.rows[: match.header])
    return Rows(sheet, lines, rejected, ignored, shown, aligned, before, code, notes)


def _cells(match: Match, rows: list[list[Any]]) -> tuple[dict[str, list[Any]], dict[str, pd.Series[Any]]]:
    """Return the cells of each column, and the same as clean text (None where a cell is empty)."""
    description = match.description
    cells = {name: [row[place] for row in rows] for name, place in match.places.items()}
    for name, value in description.constants.items():
        given = cells.get(name, [""] * len(rows))
        cells[name] = [value if parse.is_empty(cell) else cell for cell in given]
    plain = {}
    for name, known in description.columns.items():
        clean = partial(_text, known)
        empty = np.full(len(rows), None, dtype=object)
        found = parse.over_unique(cells[name], clean) if name in cells else empty
        plain[name] = pd.Series(found, dtype=object)
    return cells, plain


def _numbers(cells: list[Any], decimal: str) -> tuple[pd.Series[Any], np.ndarray[Any, Any]]:
    values = parse.over_unique(cells, partial(parse.number, decimal=decimal))
    bad = np.array([value is None for value in values], dtype=bool)
    return pd.Series(np.where(bad, np.nan, values).astype(float)), bad


def _reject_unread(
    rejected: np.ndarray[Any, Any],
    where: np.ndarray[Any, Any],
    cells: pd.Series[Any],
    description: Description,
    name: str,
) -> None:
    template = (
        "{column}: {value} is not a date or time"
        if description.columns[name].kind == "time"
        else "{column}: {value} is not a number"
    )
    for index in np.flatnonzero(where):
        value = masked(str(cells.iloc[index]))
        rejected[index] = say(template, column=description.title(name), value=value)


def _body(match: Match) -> tuple[list[list[Any]], np.ndarray[Any, Any], dict[int, str]]:
    """Return the filled rows after the header, their lines, and the rows with a wrong number of cells."""
    sheet, width = match.sheet, len(match.sheet.rows[match.header])
    rows: list[list[Any]] = []
    lines: list[int] = []
    short: dict[int, str] = {}
    gap = False
    header = sheet.rows[match.header]
    body = sheet.rows[match.header + 1 :]
    following = [*body[1:], []][: len(body)]
    for row, after, line in zip(body, following, sheet.lines[match.header + 1 :], strict=True):
        if not any(row) or not ((len(row) == width and row[0]) or any(parse.text(cell) for cell in row)):
            gap = bool(rows)
            continue
        other = len(row) != width and (gap or len(row) == len(after)) and _is_header(row)
        if row == header or other:
            raise ReadError(
                f"{match.file} holds two tables: another header stands in line {line}. "
                "Save each table as a file of its own and read them one by one."
            )
        gap = False
        if len(row) != width:
            if len(row) < width or any(parse.text(cell) for cell in row[width:]):
                short[len(rows)] = say("{n} cells instead of {expected}", n=len(row), expected=width)
            row = [*row[:width], *[""] * (width - len(row))]
        rows.append(row)
        lines.append(line)
    if not rows:
        raise ReadError(f"{match.file} has a header but no rows under it. Export a period that has orders.")
    if len(short) > len(rows) / 2:
        raise ReadError(
            f"{match.file}: most rows do not have the {width} cells of the header in line "
            f"{sheet.lines[match.header]}. The delimiter or the quotation marks are broken; export the file "
            "again."
        )
    if sheet.cut or (sheet.notes and len(rows) - 1 in short):
        short[len(rows) - 1] = say("the file ends inside this row")
    return rows, np.array(lines), short


def _need(match: Match) -> None:
    description = match.description
    has = {*match.places, *description.constants}
    missing = [name for name, known in description.columns.items() if known.required and name not in has]
    if missing:
        raise ReadError(
            f"{match.file}: nothing says which column is {', '.join(missing)}. "
            f"Add it to the mapping: {{'columns': {{{missing[0]!r}: '…'}}}}."
        )


def _is_header(row: list[Any]) -> bool:
    filled = [parse.text(cell) for cell in row if parse.text(cell)]
    return len(filled) >= 3 and not any(any(sign.isdigit() for sign in cell) for cell in filled)


def _text(known: Field, cell: Any) -> str | None:
    if known.kind == "id":
        return parse.identifier(cell, from_number=known.from_number)
    return parse.text(cell) or None


def _ignored(plain: dict[str, pd.Series[Any]], description: Description, count: int) -> np.ndarray[Any, Any]:
    ignored = np.full(count, "", dtype=object)
    sheet = Sheet(plain, {}, description.maps, description.title)
    for rule in description.ignore:
        hit = sheet.column(rule.when).to_numpy(bool) & (ignored == "")
        if rule.first_row:
            hit &= np.arange(count) == 0
        ignored[hit] = say(rule.reason, header=rule.header)
    return ignored


def group(sheet: Sheet, description: Description) -> None:
    """Number the groups of a format, such as the rows of one order; a row without a key is its own."""
    for name, expression in description.groups.items():
        codes, unique = pd.factorize(sheet.column(expression))
        alone = codes < 0
        codes[alone] = len(unique) + np.arange(int(alone.sum()))
        sheet.groups[name] = codes


def _fill(sheet: Sheet, description: Description, usable: np.ndarray[Any, Any]) -> None:
    """Give every row of a group the group's first filled cell, for columns that stand once a group."""
    for name, known in description.columns.items():
        if not known.per:
            continue
        values = sheet.columns[name]
        given = values[usable & values.notna().to_numpy()]
        codes = sheet.groups[known.per]
        first = pd.Series(given.to_numpy(), index=codes[given.index]).groupby(level=0).first()
        filled = pd.Series(codes).map(first)
        sheet.columns[name] = filled.astype(values.dtype) if values.dtype != object else filled.astype(object)


def contract(values: pd.Series[Any], column: tables.Column, *, given: bool = True) -> pd.Series[Any]:
    """Return a column in the kind and with the default that its contract says.

    Args:
        values: The column as read.
        column: Its contract.
        given: Whether the format says what goes in it.
    """
    if column.kind == "text":
        if column.default is not None:
            values = values.where(values.notna(), column.default)
        text: Any = "str" if int(pd.__version__.split(".")[0]) >= 3 else object
        return values.astype(object).where(values.notna(), None).astype(text)
    if column.kind == "time":
        return values.astype("datetime64[ns]")
    values = values.astype(float).round(DECIMALS)
    # An unknown number of returned units stays unknown; an absent amount is nothing.
    fill = column.default is not None and not (given and column.name == "refunded_quantity")
    return values.fillna(column.default) + 0.0 if fill else values + 0.0
