"""Cells to text, ids and numbers, the way sellers' files write them.

The one idea: what two readers could read differently is decided by evidence from the whole file, or
asked; never by habit: ``1,39`` elsewhere in a file tells what ``1,234`` means. Work is done once for
each different text, so long files cost little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import cache
from typing import Any

import numpy as np

from sellerlab import money
from sellerlab.errors import ReadError, UnknownNameError

EMPTY = {"", "-", "--", "—", "–", "−"}
_GROUPED = {
    ".": re.compile(r"\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?|\d+(\.\d*)?|\.\d+"),
    ",": re.compile(r"\d{1,3}(\.\d{2,3})*\.\d{3}(,\d*)?|\d+(,\d*)?|,\d+"),
}
_CORE = re.compile(r"(?P<before>[^\d.,]*)(?P<core>[\d.,]*\d[\d.,]*)(?P<after>[^\d.,]*)")
#: Dollars that say whose they are.
_DOLLARS = {"US$": "USD", "AU$": "AUD", "A$": "AUD", "CA$": "CAD", "C$": "CAD", "HK$": "HKD", "NT$": "TWD"}
_DOLLARS |= {"S$": "SGD", "SG$": "SGD", "NZ$": "NZD", "MX$": "MXN", "R$": "BRL", "RM": "MYR", "RP": "IDR"}
_DOLLARS |= {"₫": "VND", "฿": "THB", "₱": "PHP", "₹": "INR", "ZŁ": "PLN"}


def text(cell: Any) -> str:
    r"""Return a cell as text: a workbook's numbers and times as they would be typed.

    >>> text(5000.0), text(" 123\t"), text('="3000"')
    ('5000', '123', '3000')
    """
    if isinstance(cell, str):
        plain = cell.strip(" \t\r\n\u00a0\u3000\ufeff\u200b")
        return plain[2:-1] if plain.startswith('="') and plain.endswith('"') else plain
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def is_empty(cell: Any) -> bool:
    """Whether a cell holds nothing, or one of the dashes that stand for nothing.

    >>> is_empty(" "), is_empty("--"), is_empty("0")
    (True, True, False)
    """
    return text(cell) in EMPTY


def over_unique(cells: list[Any], function: Callable[[Any], Any]) -> np.ndarray[Any, Any]:
    """Apply a function to each different cell once and return the results, one a cell."""
    seen = {cell: function(cell) for cell in set(cells)}
    result = np.empty(len(cells), dtype=object)
    result[:] = list(map(seen.__getitem__, cells))
    return result


def identifier(cell: Any, *, from_number: bool = False) -> str | None:
    """Return an id exactly as the shop writes it, or None where the cell is empty.

    >>> identifier("000123"), identifier("1E5"), identifier("NA"), identifier("'0412")
    ('000123', '1E5', 'NA', '0412')
    >>> identifier("17850.0", from_number=True)
    '17850'
    """
    plain = text(cell).removeprefix("'")
    if from_number:
        plain = re.sub(r"^(\d+)\.0+$", r"\1", plain)
    return plain or None


def lost_digits(cell: Any) -> bool:
    """Whether a spreadsheet has turned a long id into a rounded number (``5.83871E+17``).

    >>> lost_digits("5.83871E+17"), lost_digits("1E5"), lost_digits("583870900000000001")
    (True, False, False)
    """
    if isinstance(cell, float):
        return abs(cell) >= 1e15
    return isinstance(cell, str) and bool(re.fullmatch(r"\d[.,]\d+E\+\d{2}", cell.strip()))


@cache
def currencies_of(sign: str) -> frozenset[str] | None:
    """Return the codes that a sign or word beside an amount can stand for; None where it is no sign.

    >>> sorted(currencies_of("¥")), sorted(currencies_of("AU$")), currencies_of("pcs")
    (['CNY', 'JPY'], ['AUD'], None)
    """
    if sign.upper() in _DOLLARS:
        return frozenset({_DOLLARS[sign.upper()]})
    for known, codes in money.SYMBOLS.items():
        if known.casefold() == sign.casefold():
            return frozenset(codes)
    try:
        return frozenset({money.parse_currency(sign)})
    except UnknownNameError:
        return None


def _split(cell: str) -> tuple[str, str, str, bool] | None:
    """Return sign word before, digits, sign word after and whether it is negative; None if no number."""
    plain = unicodedata.normalize("NFKC", cell)
    plain = re.sub(r"[\s'’\u00a0\u202f]", "", plain)
    negative = False
    if plain.startswith("(") and plain.endswith(")"):
        plain, negative = plain[1:-1], True
    plain = plain.replace("−", "-")
    if plain[:1] in "△▲":
        plain = "-" + plain[1:]
    if plain.count("-") > 1:
        return None
    if "-" in plain:
        if not (plain.endswith("-") or re.match(r"\D*-[^\d.,]*[\d.,]", plain)):
            return None
        plain, negative = plain.replace("-", ""), True
    plain = plain.replace("+", "", 1) if plain.startswith("+") else plain
    parts = _CORE.fullmatch(plain)
    return (parts["before"], parts["core"], parts["after"], negative) if parts else None


def number(cell: Any, decimal: str = ".") -> float | None:
    """Return the number in a cell: NaN where it is empty, None where it is no number.

    Args:
        cell: Text as a file holds it, or a workbook's own number.
        decimal: The decimal sign, ``"."`` or ``","``.

    >>> [number(each) for each in ("12,000원", "￥1,200", "(1,200)", "１２００", "1,200-", "-$5.00")]
    [12000.0, 1200.0, -1200.0, 1200.0, -1200.0, -5.0]
    >>> number("1.200,50", ","), number("1,20"), number("1O")
    (1200.5, None, None)
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    if not isinstance(cell, str):
        return float("nan") if cell is None else None
    plain = text(cell)
    if plain in EMPTY:
        return float("nan")
    parts = _split(plain)
    if parts is None:
        return None
    before, core, after, negative = parts
    if any(word and currencies_of(word) is None for word in (before, after)):
        return None
    if not _GROUPED[decimal].fullmatch(core):
        return None
    thousands = "," if decimal == "." else "."
    value = float(core.replace(thousands, "").replace(decimal, "."))
    return -value if negative else value


def currency_signs(cells: Iterable[Any]) -> set[str]:
    """Return the words and signs that stand beside the amounts.

    >>> sorted(currency_signs(["12,000원", "$-5.00", "7"]))
    ['$', '원']
    """
    found: set[str] = set()
    for cell in set(cells):
        parts = _split(text(cell)) if isinstance(cell, str) else None
        if parts:
            found |= {word for word in (parts[0], parts[2]) if word and currencies_of(word) is not None}
    return found


def decimal_sign(cells: Iterable[Any], whole_units: bool) -> str:
    """Return the decimal sign a file uses, from every amount in it.

    Args:
        cells: The cells of all columns with amounts.
        whole_units: Whether the currency is written without decimals (yen, won, dong, rupiah).

    Raises:
        ReadError: The file uses both signs, or ``1.234`` could be either and nothing tells which.

    >>> decimal_sign(["1,39", "1.250,00"], False), decimal_sign(["30,000", "15,000"], True)
    (',', '.')
    """
    point: list[str] = []
    comma: list[str] = []
    unclear: list[str] = []
    for cell in {each for each in set(cells) if isinstance(each, str)}:
        parts = _split(text(cell))
        core = parts[1] if parts else ""
        last = max(core.rfind("."), core.rfind(","))
        if last < 0:
            continue
        sign = core[last]
        both = "." in core and "," in core
        once = core.count(sign) == 1
        if once and (both or len(core) - last - 1 != 3 or last == 0 or last > 3 or core.startswith("0")):
            (point if sign == "." else comma).append(cell)
        elif not once:
            (comma if sign == "." else point).append(cell)
        elif sign == ".":
            unclear.append(cell)
    if point and comma:
        few, many = sorted((point, comma), key=len)
        if len(few) * 20 > len(many):
            raise ReadError(
                f"Amounts are written in two ways, such as {min(point)!r} and {min(comma)!r}. "
                "Export the file again in one language, or say mapping={'decimal': '.'} or ','."
            )
        return "." if many is point else ","
    if point or comma:
        return "." if point else ","
    if unclear and not whole_units:
        raise ReadError(
            f"{min(unclear)!r} can mean a thousand or a fraction, and no other amount tells which. "
            "Say mapping={'decimal': ','} (a thousand) or mapping={'decimal': '.'} (a fraction)."
        )
    return "," if unclear else "."
