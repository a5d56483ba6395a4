"""What sellerlab says when it cannot go on: what was wrong, where, what was expected, what to do.

Every error of the library derives from `SellerlabError`, so a caller catches one name. A message is
written for a shop owner: it names the column, the row or the argument, and ends with the next step.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SellerlabError(Exception):
    """Base of every error that sellerlab raises on purpose."""


class InputError(SellerlabError, ValueError):
    """An argument, a parameter or a setting cannot be right."""


class TableError(InputError):
    """A table breaks its contract; `problems` lists every break found."""

    def __init__(self, message: str, problems: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class ReadError(InputError):
    """A file cannot be read as what it was given for."""


class UnknownNameError(InputError):
    """A name is not among the known ones; the message offers the nearest."""


def unknown(kind: str, name: object, known: Iterable[object]) -> UnknownNameError:
    """Return the error for a name that is not known, with the nearest known names.

    Args:
        kind: What the name stands for, such as ``"format"`` or ``"dataset"``.
        name: What the caller wrote.
        known: The names that would have worked.

    Returns:
        The error, to be raised by the caller.

    >>> print(unknown("format", "shopfy", ["shopify", "etsy"]))
    There is no format 'shopfy'. Did you mean 'shopify'? Known: 'etsy', 'shopify'.
    """
    names = sorted(str(each) for each in known)
    near = get_close_matches(str(name).lower(), [each.lower() for each in names], n=1, cutoff=0.6)
    hint = ""
    if near:
        match = next(each for each in names if each.lower() == near[0])
        hint = f" Did you mean {match!r}?"
    listed = ", ".join(repr(each) for each in names) or "none"
    return UnknownNameError(f"There is no {kind} {str(name)!r}.{hint} Known: {listed}.")


def check_rate(
    name: str, value: float, *, low: float = 0.0, high: float = 1.0, below_high: bool = False
) -> float:
    """Return `value` if it is a rate between `low` and `high`; else explain.

    Args:
        name: The parameter's name, for the message.
        value: A fraction, 0.12 for 12%.
        low: Smallest rate allowed.
        high: Largest rate allowed.
        below_high: Whether `high` itself is refused too.

    Returns:
        The same value as a float.

    Raises:
        InputError: The value is not a number or lies outside; for 12 it asks "did you mean 0.12?".

    >>> check_rate("fee_rate", 0.12)
    0.12
    >>> check_rate("fee_rate", 12)
    Traceback (most recent call last):
    sellerlab.errors.InputError: fee_rate is 12: a rate is a fraction from 0 to 1. Did you mean 0.12?
    """
    try:
        rate = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {value!r}: a rate is a number such as 0.12.") from None
    if low <= rate < high or (rate == high and not below_high):
        return rate
    allowed = f"from {low:g} to {'below ' if below_high else ''}{high:g}"
    hint = f" Did you mean {rate / 100:g}?" if high < rate <= 100 else ""
    raise InputError(f"{name} is {rate:g}: a rate is a fraction {allowed}.{hint}")
