"""What a learner typed, read as one plain value; or what is wrong with it, said kindly.

The one idea: the form of an answer is judged before its truth. A learner who gives a whole table, a
percentage as text or the number of a calculator with its commas is helped to give a number first.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from numbers import Number
from typing import Any

import numpy as np

from sellerlab import text
from sellerlab.errors import UnknownNameError
from sellerlab.results import Result

#: A sign, what stands before the figures, the figures, what stands behind them.
_WRITTEN = re.compile(r"([+-]?)([^\d.,+%-]*)([+-]?[\d.,]+)([^\d.,+%-]*)")
_NUMBER = re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)?(\.\d+)?")
#: A group of thousands never begins with 0, so this comma can only stand before decimals.
_DECIMAL_COMMA = re.compile(r"[+-]?0,\d+")


class UnreadableError(Exception):
    """The answer has the wrong form; the message says how to give it."""


def is_missing(given: object) -> bool:
    """Say whether nothing was answered yet: None, ``...`` or blank text.

    >>> is_missing(...), is_missing(" "), is_missing(0)
    (True, True, False)
    """
    return given is None or given is ... or (isinstance(given, str) and not given.strip())


def as_number(given: Any, *, share: bool) -> float:
    """Read an answer as one number.

    Args:
        given: Whatever the learner gave: a number, text such as ``"JPY 1,234"``, a column of one row.
        share: Whether a rate is asked for, so that ``"12%"`` may stand for 0.12.

    Returns:
        A finite number.

    Raises:
        UnreadableError: It is something else; the message says what to do.

    >>> as_number("-JPY 1,234", share=False), as_number("12%", share=True), as_number("0,236", share=True)
    (-1234.0, 0.12, 0.236)
    """
    if isinstance(given, Result):
        names = [f".{each.name}" for each in fields(given) if _is_number(getattr(given, each.name))]
        raise UnreadableError(
            text.say(
                "That is the whole answer of an analysis; one number is asked for. Take one of: {names}.",
                names=", ".join(names) or ".table",
            )
        )
    if isinstance(given, str):
        return _from_text(given, share=share)
    if callable(given):
        raise UnreadableError(text.say("That is a function, not its result. Call it: write () after it."))
    value = _one(given)
    if isinstance(value, bool | np.bool_):
        raise UnreadableError(text.say("That is True or False; a number is asked for."))
    if str(value) in ("<NA>", "NaT"):
        value = math.nan
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise UnreadableError(
            text.say("That is of type {type}; a number is asked for.", type=type(value).__name__)
        ) from None
    if not math.isfinite(number):
        raise UnreadableError(
            text.say(
                "That is no number ({value}): a value is missing on the way, or something was divided "
                "by zero. Look at the parts before you put them together.",
                value=number,
            )
        )
    return number


def as_name(given: Any, choices: Mapping[str, str]) -> str:
    """Read an answer as one of the names that can be answered.

    Args:
        given: Text; capitals, wide letters and spaces around it do not matter.
        choices: Key to meaning; either may be given. Empty: any text will do.

    Returns:
        The key; without choices, the text as given.

    Raises:
        UnreadableError: It is no text, or none of the names; the nearest one is offered.

    >>> as_name(" A ", {"a": "sales", "b": "profit"}), as_name("Profit", {"a": "sales", "b": "profit"})
    ('a', 'b')
    """
    value = _one(given)
    if not isinstance(value, str):
        raise UnreadableError(
            text.say("That is of type {type}; write a name between quotes.", type=type(value).__name__)
        )
    if not choices:
        return value
    plain = plain_name(value)
    keys = {plain_name(meaning): key for key, meaning in choices.items()}
    keys |= {plain_name(key): key for key in choices}
    if plain in keys:
        return keys[plain]
    near = get_close_matches(plain, keys, n=1, cutoff=0.6)
    if near:
        raise UnreadableError(
            text.say("There is no {name} here. Did you mean {near}?", name=repr(value), near=keys[near[0]])
        )
    raise UnreadableError(
        text.say(
            "There is no {name} here. Answer with one of: {names}.",
            name=repr(value),
            names=", ".join(list(choices)[:8]) + (", …" if len(choices) > 8 else ""),
        )
    )


def plain_name(name: str) -> str:
    """Return a name without what does not tell it apart: capitals, wide letters, spaces around it.

    >>> plain_name(" Ｐhone  Stand ")
    'phone stand'
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _is_number(value: object) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool)


def _one(given: Any) -> Any:
    """Return the value itself, or the only value of a column or list."""
    if isinstance(given, str):
        return given
    if hasattr(given, "columns") or isinstance(given, Mapping):
        raise UnreadableError(
            text.say("That is a whole table; one value is asked for. Choose a column and a row, or add up.")
        )
    try:
        values = list(given)
    except TypeError:
        return given
    if len(values) != 1:
        raise UnreadableError(
            text.say(
                "That holds {n} values; one is asked for. Add them up, or choose one of them.",
                n=text.number(len(values)),
            )
        )
    return values[0]


def _is_currency(written: str) -> bool:
    from sellerlab import money

    if any(written.casefold() == sign.casefold() for sign in money.SYMBOLS):
        return True
    try:
        return bool(money.parse_currency(written))
    except UnknownNameError:
        return False


def _from_text(given: str, *, share: bool) -> float:
    plain = unicodedata.normalize("NFKC", given).replace("\N{MINUS SIGN}", "-")
    plain = re.sub(r"[\s_']", "", plain)
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    if parts := _WRITTEN.fullmatch(plain):
        sign, front, figures, behind = parts.groups()
        for beside in (front, behind):
            if beside and not _is_currency(beside):
                raise UnreadableError(
                    text.say(
                        "{given} is a number with {beside} beside it. Write the number alone, in figures, as "
                        "1234.5; only a currency such as JPY, or %, may stand with it.",
                        given=repr(given),
                        beside=repr(beside),
                    )
                )
        plain = sign + figures
    if _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    if not any(map(str.isdigit, plain)) or not _NUMBER.fullmatch(plain):
        raise UnreadableError(
            text.say(
                "{given} cannot be read as a number. Write it plainly, as 1234.5: a point before the "
                "decimals, no words.",
                given=repr(given),
            )
        )
    if percent and not share:
        raise UnreadableError(text.say("{given} is a share; an amount is asked for.", given=repr(given)))
    return float(plain.replace(",", "")) / (100 if percent else 1)
