"""What a file as a whole proves: its currency, the order of day and month, its zone, swapped columns.

The one idea: a single cell can mislead, the file together rarely does; and where even the file leaves
two readings open, the reader asks instead of choosing.
"""

from __future__ import annotations

from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from sellerlab import money
from sellerlab.errors import ReadError
from sellerlab.read import parse, times
from sellerlab.read.describe import Description
from sellerlab.read.personal import masked
from sellerlab.read.recognise import Match
from sellerlab.text import say


def currency(
    plain: dict[str, pd.Series[Any]],
    cells: dict[str, list[Any]],
    aligned: np.ndarray[Any, Any],
    ignored: np.ndarray[Any, Any],
    match: Match,
    given: str | None,
) -> str:
    """Return the currency of the file: its own word first, then the format's, then the caller's."""
    description = match.description
    asked = money.parse_currency(given) if given else None
    said: set[str] = set()
    if "currency" in plain:
        column = plain["currency"]
        for rows in (aligned & (ignored == ""), aligned):
            said = said or set(column[rows].dropna())
    found = {money.parse_currency(each) for each in said}
    if len(found) > 1:
        listed = " and ".join(sorted(found))
        raise ReadError(
            f"{match.file} holds orders in {listed}. Amounts of two currencies cannot be added: export one "
            "currency at a time, or keep one with mapping={'keep': "
            f"{{{description.title('currency')!r}: ['{min(found)}']}}}}."
        )
    if description.currency and not found:
        found = {money.parse_currency(description.currency)}
    if not found:
        found = _sign_currency(cells, description, asked, match.file)
    if not found and asked is None:
        raise ReadError(
            f"{match.file} does not say which currency its amounts are in. Give currency='JPY' (or the ISO "
            "code you sell in); a sign such as ¥ or $ stands for several currencies."
        )
    if asked and found and found != {asked}:
        raise ReadError(f"{match.file} is in {min(found)}, but currency={asked!r} was given. Leave it out.")
    return asked or min(found)


def _sign_currency(
    cells: dict[str, list[Any]], description: Description, asked: str | None, file: str
) -> set[str]:
    columns = [each for name, each in cells.items() if description.columns[name].kind == "money"]
    signs = sorted({sign for column in columns for sign in parse.currency_signs(column)})
    possible = [codes for sign in signs if (codes := parse.currencies_of(sign))]
    sure = {code for codes in possible if len(codes) == 1 for code in codes}
    if len(sure) > 1:
        raise ReadError(
            f"{file} holds amounts in {' and '.join(sorted(sure))}. Export one currency at a time."
        )
    wrong = [codes for codes in possible if asked and asked not in codes]
    if wrong:
        raise ReadError(
            f"{file} writes amounts with a sign of {' or '.join(sorted(wrong[0]))}, but currency={asked!r} "
            "was given. Check which of them is right."
        )
    return sure


def day_order(
    match: Match,
    cells: dict[str, list[Any]],
    usable: np.ndarray[Any, Any],
    dayfirst: bool | None,
    notes: list[str],
) -> dict[str, bool]:
    """Return for each separator of dates such as 03/05/2026 whether the day comes first.

    The caller's word counts first, then the dates of the file; a note says which date proved it.

    Raises:
        ReadError: A date can be read both ways, and nothing tells which.
    """
    columns = match.description.columns
    stamps = [name for name in cells if columns[name].kind == "time"]
    dates = {cell for name in stamps for cell in pick(cells[name], usable)}
    chosen = match.description.dayfirst if dayfirst is None else dayfirst
    if chosen is not None:
        return {"/": chosen, "-": chosen} | ({".": False} if dayfirst is False else {})
    proved = times.day_order(dates)
    for sign, example in sorted(times.unclear_dates(dates).items()):
        if sign in proved:
            continue
        if match.description.ampm_is_monthfirst and any(
            str(cell).strip()[-2:].upper() in ("AM", "PM") for cell in dates
        ):
            notes.append(say("Times with AM and PM: the month comes first."))
            proved[sign] = (False, "")
            continue
        raise ReadError(
            f"{match.file}: in {match.description.title(stamps[0])!r} the date {example!r} can be read "
            "day first or month first, and no date in the file settles it. Give dayfirst=True (3 May for "
            "03/05/2026) or dayfirst=False (5 March)."
        )
    for _, (first, proof) in sorted(proved.items()):
        if proof:
            template = (
                "Dates are read day first, because {proof} is in the file."
                if first
                else "Dates are read month first, because {proof} is in the file."
            )
            notes.append(say(template, proof=proof))
    return {sign: first for sign, (first, _) in proved.items()}


def local(
    read: times.Times, usable: np.ndarray[Any, Any], match: Match, name: str, timezone: str | None
) -> pd.Series[Any]:
    """Return times on the shop's clock, without a zone."""
    description, title = match.description, match.description.title(name)
    offsets = read.offsets
    values = read.stamps
    found = usable & values.notna().to_numpy()
    stated = found & ~np.isnan(offsets)
    if description.zone == "utc":
        offsets = np.where(np.isnan(offsets), 0.0, offsets)
    elif not stated.any() or (description.zone == "written" and timezone is None):
        return values
    elif (found & ~stated).any():
        raise ReadError(
            f"{match.file}: some times in {title!r} state their zone and some do not. Export the file again."
        )
    if timezone is None:
        raise ReadError(
            f"{match.file}: the times in {title!r} are not on the shop's clock (they state a zone or are in "
            "UTC). Give timezone='Asia/Tokyo', or the shop's own zone: a day is the shop's day."
        )
    stamps = values - pd.to_timedelta(pd.Series(offsets), unit="m")
    return stamps.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)


def refuse_rounded_ids(match: Match, cells: dict[str, list[Any]]) -> None:
    """Refuse order numbers that a spreadsheet turned into rounded numbers: different orders became one.

    Raises:
        ReadError: Names the column and shows such a number.
    """
    rounded = [cell for cell in cells.get("order_id", ()) if parse.lost_digits(cell)]
    if rounded:
        shown = f"{rounded[0]:.5E}" if isinstance(rounded[0], float) else parse.text(rounded[0])
        raise ReadError(
            f"{match.file}: a spreadsheet saved {match.description.title('order_id')!r} as numbers and lost "
            f"digits ({shown}), so orders cannot be told apart. Export the file again and read it without "
            "opening and saving it in between."
        )


def refuse_swapped(
    match: Match,
    cells: dict[str, list[Any]],
    wrong: dict[str, np.ndarray[Any, Any]],
    usable: np.ndarray[Any, Any],
    decimal: str,
    order: dict[str, bool],
) -> None:
    """Refuse a file most of whose cells in a column are unreadable: columns look swapped.

    Raises:
        ReadError: Names each such column and what it seems to hold instead.
    """
    description = match.description
    problems = []
    for name, bad in wrong.items():
        if not bad.any():
            continue
        filled = usable & ~parse.over_unique(
            cells[name], lambda cell: parse.text(cell) in parse.EMPTY
        ).astype(bool)
        if not filled.any() or (bad & filled).sum() * 2 <= filled.sum():
            continue
        odd = [cell for cell, is_bad in zip(cells[name], bad & filled, strict=True) if is_bad]
        if description.columns[name].kind == "time":
            looks = sum(parse.number(cell, decimal) is not None for cell in odd) * 2 > len(odd)
            meant, found = say("dates"), say("numbers")
        else:
            looks = int((~times.times(odd, order).bad).sum()) * 2 > len(odd)
            meant, found = say("numbers"), say("dates")
        problem = f"{description.title(name)!r} should hold {meant}"
        problems.append(
            problem + (f" but holds {found}" if looks else f"; {masked(parse.text(odd[0]))} is none")
        )
    if problems:
        raise ReadError(
            f"{match.file}: most rows cannot be read: "
            f"{'; '.join(problems)}. Columns look swapped or named wrongly: check the header in line "
            f"{match.sheet.lines[match.header]}."
        )


def pick(cells: list[Any], mask: np.ndarray[Any, Any]) -> list[Any]:
    """Return the cells of the rows where `mask` is true."""
    return list(compress(cells, mask))
