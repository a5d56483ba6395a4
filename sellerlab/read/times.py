"""Cells to dates and times, the way sellers' files write them.

The one idea: a shape is recognised, never guessed. ``03/05/2026`` can be 3 May or 5 March, so a file
must prove its order by another date, such as ``25/05/2026``, or the reader is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.errors import ReadError
from sellerlab.read.parse import EMPTY, over_unique, text

_MONTHS = {
    name: place % 12 + 1
    for place, name in enumerate(
        [
            *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
            *("janv", "févr", "mär", "avr", "mai", "juin", "juil", "août", "sept", "okt", "nov", "dez"),
            *("ene", "fév", "mars", "abr", "mayo", "juni", "juli", "ago", "set", "out", "nov", "déc"),
        ]
    )
}
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "PST": -480, "PDT": -420, "EST": -300, "EDT": -240}
_ZONES |= {"JST": 540, "KST": 540, "CET": 60, "CEST": 120}
_CLOCK = (
    r"(?:[T\s,]*(?P<before>AM|PM|오전|오후|午前|午後)?\s*"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d+))?)?"
    r"\s*(?P<after>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>[A-Za-z]{1,4}|[+-]\d{2}:?\d{2})?)?"
)
_SHAPES = {
    "year first": r"(?P<year>\d{4})(?P<sep>[-/.]|年\s*|년\s*)\s*(?P<a>\d{1,2})(?:[-/.]|月\s*|월\s*)\s*"
    r"(?P<b>\d{1,2})[.日일]?" + _CLOCK,
    "digits": r"(?P<year>(?:19|20)\d{2})(?P<a>\d{2})(?P<b>\d{2})"
    r"(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?",
    "year last": r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _CLOCK,
    "month named": r"(?P<name>[^\W\d]{3,9})\.?[-\s]+(?P<b>\d{1,2})(?:,\s*|[-\s]+)(?P<year>\d{4}|\d{2})"
    + _CLOCK,
    "month in the middle": r"(?P<b>\d{1,2})\.?[-\s]+(?P<name>[^\W\d]{3,9})\.?,?[-\s]+(?P<year>\d{4}|\d{2})"
    + _CLOCK,
    "serial": r"(?P<serial>[234]\d{4}(?:\.\d+)?)",
}


@dataclass(frozen=True)
class Times:
    """The times of a column: `stamps` without a zone, `offsets` in minutes where the file states one.

    `bad` marks cells that hold something else.
    """

    stamps: pd.Series[Any]
    offsets: np.ndarray[Any, Any]
    bad: np.ndarray[Any, Any]


def times(cells: list[Any], dayfirst: dict[str, bool] | None = None) -> Times:
    """Read the dates and times of a column, whatever shapes they are written in.

    Args:
        cells: Text, numbers (Excel's count of days) or times; empty cells stay empty.
        dayfirst: For each separator of ``03/05/2026``, whether the day comes first; see `day_order`.

    >>> times(["2026-05-01 10:00:00 +0900", "Sep 3, 2026", "45384.5", "x"]).stamps.dt.date.map(str).tolist()
    ['2026-05-01', '2026-09-03', '2024-04-02', 'NaT']
    """
    order = dayfirst or {}
    plain = over_unique(cells, lambda each: unicodedata.normalize("NFKC", text(each)))
    codes, unique = pd.factorize(pd.Series(plain, dtype=object))
    texts = pd.Series(np.asarray(unique, dtype=object), dtype=object).astype("string").astype(object)
    values = pd.Series(pd.NaT, index=texts.index).astype("datetime64[ns]")
    offsets = np.full(len(texts), np.nan)
    left = ~texts.isin(EMPTY).to_numpy()
    empty = ~left
    for shape, pattern in _SHAPES.items():
        if not left.any():
            break
        parts = texts[left].str.extract(f"^(?:{pattern})$")
        hit = parts.notna().any(axis=1)
        parts = parts[hit]
        if parts.empty:
            continue
        moment, minutes = _moments(shape, parts, order)
        values[parts.index] = moment
        offsets[parts.index] = minutes
        left[parts.index[moment.notna()]] = False
    bad = values.isna().to_numpy() & ~empty
    return Times(values.iloc[codes].reset_index(drop=True), offsets[codes], bad[codes])


def day_order(cells: Iterable[Any]) -> dict[str, tuple[bool, str]]:
    """Return what dates such as ``25/05/2026`` prove: separator to whether the day is first, and the date.

    Dates that prove nothing because both parts are 12 or less give no entry; a dotted date is day first
    everywhere.

    Raises:
        ReadError: Some dates prove day first and others month first.

    >>> day_order(["03/05/2026", "25/05/2026"])
    {'/': (True, '25/05/2026')}
    """
    found: dict[str, tuple[bool, str]] = {".": (True, "")}
    for cell in sorted({text(each) for each in set(cells) if isinstance(each, str)}):
        match = re.match(r"(\d{1,2})([-/])(\d{1,2})[-/]\d{2,4}(?!\d)", unicodedata.normalize("NFKC", cell))
        if not match or (int(match[1]) > 12) == (int(match[3]) > 12):
            continue
        day = int(match[1]) > 12
        if match[2] in found and found[match[2]][0] != day:
            raise ReadError(
                f"Dates are written in two orders: {found[match[2]][1]!r} and {cell!r}. "
                "Give dayfirst=True or dayfirst=False; dates in the other order are then rejected."
            )
        found.setdefault(match[2], (day, cell))
    found.pop(".")
    return found


def unclear_dates(cells: Iterable[Any]) -> dict[str, str]:
    """Return, for each separator, a date whose day and month could be swapped.

    >>> unclear_dates(["05/05/2026", "03/05/2026"])
    {'/': '03/05/2026'}
    """
    found: dict[str, str] = {}
    for cell in sorted({text(each) for each in set(cells) if isinstance(each, str)}):
        match = re.match(r"(\d{1,2})([-/])(\d{1,2})[-/]\d{2,4}(?!\d)", unicodedata.normalize("NFKC", cell))
        if match and int(match[1]) != int(match[3]) and max(int(match[1]), int(match[3])) <= 12:
            found.setdefault(match[2], cell)
    return found


def _moments(
    shape: str, parts: pd.DataFrame, dayfirst: dict[str, bool]
) -> tuple[pd.Series[Any], np.ndarray[Any, Any]]:
    none = np.full(len(parts), np.nan)
    if shape == "serial":
        days = parts["serial"].astype(float)
        seconds = pd.to_timedelta((days * 86400).round(), unit="s")
        return (pd.Timestamp("1899-12-30") + seconds).astype("datetime64[ns]"), none
    part = {name: pd.to_numeric(parts[name]) for name in ("year", "a", "b") if name in parts}
    if "name" in parts:
        part["a"] = parts["name"].str.casefold().map(_month)
    year = part["year"].where(part["year"] > 99, part["year"] + 2000)
    month, day = part["a"], part["b"]
    if shape == "year last":
        first = parts["sep"].map(lambda sep: dayfirst.get(sep, sep == ".")).astype(bool)
        month, day = month.where(~first, part["b"]), day.where(~first, part["a"])
    moment = pd.to_datetime(pd.DataFrame({"year": year, "month": month, "day": day}), errors="coerce")
    hour, minute, second = (_number(parts, name) for name in ("hour", "minute", "second"))
    half = _word(parts, "before") + _word(parts, "after")
    late, early = half.isin(["PM", "오후", "午後"]), half.isin(["AM", "오전", "午前"])
    known = (hour <= 23) & (minute <= 59) & (second <= 60) & ~((late | early) & (hour > 12))
    hour = hour + 12 * (late & (hour < 12)) - 12 * (early & (hour == 12))
    fraction = pd.to_numeric("0." + parts["part"].fillna("0")) if "part" in parts else 0.0
    seconds = hour * 3600 + minute * 60 + second + fraction
    zone = parts["zone"] if "zone" in parts else pd.Series(None, index=parts.index, dtype=object)
    minutes = zone.map(_offset, na_action="ignore").astype(float)
    strange = zone.notna() & minutes.isna()
    moment = moment.astype("datetime64[ns]") + pd.to_timedelta((seconds * 1e6).round(), unit="us")
    return moment.where(known & ~strange).astype("datetime64[ns]"), minutes.to_numpy(float)


def _number(parts: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in parts:
        return pd.Series(0.0, index=parts.index)
    return pd.to_numeric(parts[name]).fillna(0).astype(float)


def _word(parts: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in parts:
        return pd.Series("", index=parts.index)
    return parts[name].fillna("").str.upper().str.replace(".", "", regex=False)


def _month(name: str) -> float:
    return float(next((_MONTHS[name[:length]] for length in (4, 3) if name[:length] in _MONTHS), np.nan))


def _offset(zone: str) -> float:
    if zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        return float(-minutes if zone[0] == "-" else minutes)
    return float(_ZONES.get(zone.upper(), np.nan))
