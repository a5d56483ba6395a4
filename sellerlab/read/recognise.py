"""Which export a file is: the format whose header words stand in one of its first rows.

The one idea: the header decides. With it found, the encoding, the delimiter and the rows before it are
known too, and a wrong delimiter or encoding cannot pass unseen, because no header would be found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sellerlab.errors import ReadError
from sellerlab.read import decode
from sellerlab.read.decode import Sheet
from sellerlab.read.describe import Description
from sellerlab.read.parse import text

#: Rows in which a header is looked for.
_HEAD = 60
#: Encodings to look for when a format says nothing.
_USUAL = {"cp949": (), "cp932": (), "gb18030": (), "cp1252": ()}


@dataclass(frozen=True)
class Match:
    """A file recognised: its format, its rows, where the header is and where each column stands."""

    description: Description
    sheet: Sheet
    header: int
    places: Mapping[str, int]
    file: str
    encoding: str
    delimiter: str


def find(data: bytes, file: str, descriptions: Iterable[Description], password: str | None = None) -> Match:
    """Return which of the formats the bytes of a file are.

    Args:
        data: What `decode.load` returned.
        file: The file's name, for messages.
        descriptions: The formats to look for.
        password: The password of a locked workbook.

    Raises:
        ReadError: None fits; the message names the nearest format and what is missing.
    """
    wanted = list(descriptions)
    if decode.is_workbook(data):
        sheets = decode.workbook(data, file, password)
        found = [
            Match(each, sheet, *place, file, "Excel", "")
            for sheet in sheets
            for each in wanted
            if (place := _place(_names(sheet), each))
        ]
        return _best(found, file, wanted, sheets)
    sure = decode.sure_text(data)
    if sure:
        return _in_text(*sure, file, wanted)
    found, tried = [], []
    for each in wanted:
        for encoding, words in (each.encodings or _USUAL).items():
            decoded = decode.as_text(data, encoding)
            if decoded is None:
                continue
            tried.append(decoded)
            match = _match(decoded, encoding, file, each, {})
            if match and _makes_sense(match, decoded, words):
                found.append(match)
    if found:
        return _best(found, file, wanted, [])
    raise ReadError(
        f"The letters of {file} are in an encoding that cannot be told for sure. Open it in the program "
        "that made it and save it as 'CSV UTF-8', or say mapping={'encoding': 'cp949'} (Korean), 'cp932' "
        "(Japanese), 'gb18030' (Chinese) or 'cp1252' (western Europe)."
    )


def normal(header: Any) -> str:
    """Return a header cell the way headers are compared: width, case and spaces do not count.

    >>> normal(" 收货地址 ") == normal("收货地址"), normal("Order/adjustment ID  ")
    (True, 'order/adjustment id')
    """
    plain = unicodedata.normalize("NFKC", text(header)).strip("'\"")
    return re.sub(r"\s+", " ", plain).strip().casefold()


def _in_text(decoded: str, encoding: str, file: str, wanted: list[Description]) -> Match:
    seen: dict[Any, list[list[str]]] = {}
    found = [match for each in wanted if (match := _match(decoded, encoding, file, each, seen))]
    heads = [] if found else [decode.rows(decoded, sign, head=_HEAD) for sign in (",", ";", "\t", "|")]
    return _best(found, file, wanted, heads)


def _match(
    decoded: str,
    encoding: str,
    file: str,
    description: Description,
    seen: dict[Any, list[list[str]]],
) -> Match | None:
    for delimiter in description.delimiters:
        # Many formats ask for the first rows in the same way: they are parted once.
        how = delimiter, description.quoting
        if how not in seen:
            seen[how] = _names(decode.rows(decoded, delimiter, quoting=description.quoting, head=_HEAD))
        place = _place(seen[how], description)
        if place:
            sheet = decode.rows(decoded, delimiter, quoting=description.quoting)
            return Match(description, sheet, *place, file, encoding, delimiter)
    return None


def _names(sheet: Sheet) -> list[list[str]]:
    return [[normal(cell) for cell in row] for row in sheet.rows[:_HEAD]]


def _place(rows: list[list[str]], description: Description) -> tuple[int, dict[str, int]] | None:
    known = {
        name: [normal(header) for header in field.headers] for name, field in description.columns.items()
    }
    for index, names in enumerate(rows):
        places = {}
        for column, heads in known.items():
            place = next((names.index(head) for head in heads if head in names), None)
            if place is not None:
                places[column] = place
        if description.signature and all(each in places for each in description.signature):
            return index, places
    return None


def _best(found: list[Match], file: str, wanted: list[Description], heads: list[Sheet]) -> Match:
    if not found:
        raise _unknown_file(file, wanted, heads)
    best = max(found, key=lambda each: (len(each.description.signature), len(each.places)))
    twins = [each for each in found if each.description is best.description and each is not best]
    if twins and best.sheet.name:
        names = ", ".join(repr(each.sheet.name) for each in [best, *twins])
        raise ReadError(
            f"{file} has the same table on several worksheets: {names}. Save each worksheet as a file of "
            "its own and read them one by one."
        )
    if best.description.refuse:
        raise ReadError(f"{file} is {best.description.what}. {best.description.refuse}")
    header = [normal(cell) for cell in best.sheet.rows[best.header]]
    for column, place in best.places.items():
        if header.count(header[place]) > 1:
            title = text(best.sheet.rows[best.header][place])
            raise ReadError(
                f"{file} has two columns named {title!r}, so {column} could be either. Rename one of them."
            )
    return best


def _makes_sense(match: Match, decoded: str, words: tuple[str, ...]) -> bool:
    if any(word in decoded for word in words):
        return True
    heads = [match.sheet.rows[match.header][place] for place in match.places.values()]
    return any(not str(head).isascii() for head in heads)


def _unknown_file(file: str, wanted: list[Description], sheets: list[Sheet]) -> ReadError:
    nearest, share, names = None, 0.0, []
    for sheet in sheets:
        for row in sheet.rows[:_HEAD]:
            header = [text(cell) for cell in row if text(cell)]
            words = {normal(cell) for cell in header}
            for each in wanted:
                hits = [_has(each, column, words) for column in each.signature]
                if hits and sum(hits) / len(hits) > share:
                    nearest, share, names = each, sum(hits) / len(hits), header
    if len(wanted) == 1 and not names:
        names = max((row for sheet in sheets for row in sheet.rows[:_HEAD]), key=len, default=[])
        nearest, share = wanted[0], 1.0
    if nearest is None or share < 0.5:
        labels = ", ".join(sorted(each.label for each in wanted if not each.refuse))
        return ReadError(
            f"{file} is not an export known here ({labels}). For another file say which of its columns "
            "is which: mapping={'columns': {'order_id': 'Order no', 'ordered_at': 'Date', …}}."
        )
    words = {normal(cell) for cell in names}
    missing = [column for column in nearest.signature if not _has(nearest, column, words)]
    parts = []
    for column in missing:
        title = nearest.title(column)
        near = get_close_matches(title.casefold(), [str(each).casefold() for each in names], 1, 0.6)
        match = next((str(each) for each in names if near and str(each).casefold() == near[0]), "")
        parts.append(f"{title!r}" + (f" (did you mean {match!r}?)" if match else ""))
    listed = ", ".join(str(each) for each in names[:20])
    return ReadError(
        f"{file} was read as {nearest.label}, but it has no column {', '.join(parts)}. Its columns: {listed}."
    )


def _has(description: Description, column: str, words: set[str]) -> bool:
    return any(normal(header) in words for header in description.columns[column].headers)
