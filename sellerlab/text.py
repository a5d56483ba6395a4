"""Words and numbers in the reader's language.

A sentence of an analysis is written once, in English, as a template: ``say("{n} orders", n=...)``.
`say` looks the template up in the catalogue of the language in use and fills it in. Numbers, money,
shares and dates are written the way that language writes them (Babel).

    with text.language("ja"):
        report()
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

from sellerlab.errors import unknown

#: Languages and the locale that writes their numbers.
LANGUAGES = {"en": "en_GB", "he": "he_IL", "ja": "ja_JP", "ko": "ko_KR", "zh": "zh_CN"}

#: Languages written from right to left.
RIGHT_TO_LEFT = ("he",)

_language: ContextVar[str] = ContextVar("sellerlab_language", default="en")


def current() -> str:
    """Return the language in use, ``"en"`` unless changed by `language`."""
    return _language.get()


@contextmanager
def language(code: str) -> Iterator[None]:
    """Write every sentence inside the block in language `code`.

    Raises:
        UnknownNameError: There is no such language.

    >>> with language("ko"):
    ...     print(current())
    ko
    """
    if code not in LANGUAGES:
        raise unknown("language", code, LANGUAGES)
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def use(code: str) -> None:
    """Write every sentence from here on in language `code`: for a notebook, whose cells share no block.

    Raises:
        UnknownNameError: There is no such language.

    >>> use("en")
    """
    if code not in LANGUAGES:
        raise unknown("language", code, LANGUAGES)
    _language.set(code)


@cache
def catalogue(code: str) -> dict[str, str]:
    """Return the translated templates of a language, English template to translation.

    >>> catalogue("en")
    {}
    """
    if code == "en":
        return {}
    from babel.messages.pofile import read_po

    path = resources.files("sellerlab") / "locale" / f"{code}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as stream:
        entries = read_po(stream, locale=LANGUAGES[code])
    return {str(entry.id): str(entry.string) for entry in entries if entry.id and entry.string}


def say(template: str, **values: object) -> str:
    """Return `template` in the language in use, with its ``{names}`` filled in.

    >>> say("{n} of {total} orders", n=3, total=4)
    '3 of 4 orders'
    """
    filled = {name: isolated(value) for name, value in values.items()}
    return catalogue(current()).get(template, template).format(**filled)


def isolated(value: object) -> str:
    """Write a value so that it keeps its own direction in a sentence from right to left.

    Without it a minus moves to the right of its number, and "3-in-1 cable" becomes "in-1 cable-3".

    >>> isolated(-3)
    '-3'
    """
    if current() not in RIGHT_TO_LEFT:
        return str(value)
    return f"\N{FIRST STRONG ISOLATE}{value}\N{POP DIRECTIONAL ISOLATE}"


def _locale() -> str:
    return LANGUAGES[current()]


def number(value: float, decimals: int = 0) -> str:
    """Write a number with thousands separators.

    >>> number(12345.678), number(0.5, 1)
    ('12,346', '0.5')
    """
    if value is None or math.isnan(value):
        return "–"
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(_no_minus_zero(value, decimals), format=pattern, locale=_locale())


def percent(rate: float, decimals: int = 1) -> str:
    """Write a fraction as a percentage.

    >>> percent(0.1234), percent(1, 0)
    ('12.3%', '100%')
    """
    if rate is None or math.isnan(rate):
        return "–"
    from babel.numbers import format_percent

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "%"
    return format_percent(_no_minus_zero(rate, decimals + 2), format=pattern, locale=_locale())


def money(amount: float, currency: str | None) -> str:
    """Write an amount with its ISO currency, in that currency's own decimals.

    Args:
        amount: Amount in major units (yen, dollars).
        currency: ISO 4217 code; ``None`` writes the bare number with two decimals.

    Returns:
        The code before the number, so that yen and yuan are never confused.

    >>> money(1234.5, "JPY"), money(1234.5, "EUR"), money(-3, "USD")
    ('JPY 1,234', 'EUR 1,234.50', '-USD 3.00')
    """
    if amount is None or math.isnan(amount):
        return "–"
    if currency is None:
        return number(amount, 2)
    from babel.numbers import get_currency_precision

    decimals = get_currency_precision(currency)
    sign = "-" if round(amount, decimals) < 0 else ""
    return f"{sign}{currency} {number(abs(amount), decimals)}"


def day(value: dt.date) -> str:
    """Write a date so that day and month cannot be swapped.

    >>> day(dt.date(2026, 5, 3))
    '3 May 2026'
    """
    from babel.dates import format_date

    return format_date(value, format="d MMM y" if current() == "en" else "long", locale=_locale())


def month(value: dt.date) -> str:
    """Write a month with its year.

    >>> month(dt.date(2026, 5, 1))
    'May 2026'
    """
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", value, locale=_locale())


def _no_minus_zero(value: float, decimals: int) -> float:
    return 0.0 if round(value, decimals) == 0 else value
