"""Amounts of money: their currency, their smallest unit, rounding, tax in and out, and fair shares.

One idea: an amount is a plain number in major units (yen, dollars), and its ISO 4217 code says how many
decimals it has. Every function gives back the kind it was given: a number, an array, a Series or a
narwhals expression. Writing an amount for a reader is `text.money`.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, TypeVar, get_args

import narwhals as nw
import numpy as np

from sellerlab.errors import InputError, UnknownNameError, check_rate, unknown

Rounding = Literal["half_up", "half_even", "floor", "ceil"]

#: A number, an array, a Series or a narwhals expression: what comes in is what goes out.
Amount = TypeVar("Amount")

#: Signs that people write for a currency, and the codes each may stand for.
SYMBOLS = {
    "¥": ("JPY", "CNY"),
    "￥": ("JPY", "CNY"),
    "円": ("JPY",),
    "元": ("CNY", "TWD", "HKD"),
    "$": ("USD", "CAD", "AUD", "SGD", "HKD", "TWD", "MXN"),
    "€": ("EUR",),
    "£": ("GBP", "EGP"),
    "₩": ("KRW",),
    "원": ("KRW",),
    "₪": ("ILS",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "RMB": ("CNY",),
}

#: Distance from a border, in smallest units, that is taken for float noise.
_NOISE = 1e-9
#: The same as a share of the amount: a float has about 16 digits.
_RELATIVE_NOISE = 1e-15


def parse_currency(code: str) -> str:
    """Return an ISO 4217 code in capitals; refuse signs, because one sign stands for many currencies.

    Args:
        code: What the caller wrote, such as ``"jpy"``.

    Returns:
        The code, such as ``"JPY"``.

    Raises:
        UnknownNameError: A sign, or a code that ISO 4217 does not have.

    >>> parse_currency(" jpy ")
    'JPY'
    >>> parse_currency("¥")
    Traceback (most recent call last):
    sellerlab.errors.UnknownNameError: '¥' is a sign, not a currency: it can mean JPY or CNY.
        Write the ISO 4217 code you mean.
    """
    written = str(code).strip()
    for sign, codes in SYMBOLS.items():
        if written.casefold() == sign.casefold():
            can = " or ".join(filter(None, (", ".join(codes[:-1]), codes[-1])))
            raise UnknownNameError(
                f"{written!r} is a sign, not a currency: it can mean {can}. Write the ISO 4217 code you mean."
            )
    upper = written.upper()
    known = _currencies()
    if upper in known:
        return upper
    near = get_close_matches(upper, sorted(known), n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UnknownNameError(
        f"There is no currency {written!r}.{hint} Expected an ISO 4217 code of three letters, "
        "such as JPY, KRW or USD."
    )


def decimals(currency: str) -> int:
    """Return how many decimals a currency has in use.

    Args:
        currency: ISO 4217 code.

    Returns:
        0 for yen and won, 2 for most, 3 for some dinars.

    Raises:
        UnknownNameError: There is no such currency.

    Source: ISO 4217 and the Unicode CLDR, as Babel ships them.

    >>> decimals("JPY"), decimals("USD"), decimals("KWD")
    (0, 2, 3)
    """
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(parse_currency(currency)))


def same_currency(*codes: str | None) -> str | None:
    """Return the one currency that all codes name; None where none of them is known.

    Args:
        *codes: ISO 4217 codes; None stands for "not said" and agrees with any.

    Raises:
        InputError: Two currencies meet. Amounts of two currencies are never added.

    >>> same_currency("JPY", None, "jpy")
    'JPY'
    >>> same_currency("JPY", "CNY")
    Traceback (most recent call last):
    sellerlab.errors.InputError: Amounts in CNY and JPY cannot be added or compared.
        Convert them at a dated rate first.
    """
    found = sorted({parse_currency(code) for code in codes if code is not None})
    if len(found) > 1:
        listed = f"{', '.join(found[:-1])} and {found[-1]}"
        raise InputError(
            f"Amounts in {listed} cannot be added or compared. Convert them at a dated rate first."
        )
    return found[0] if found else None


def round_money(amount: Amount, currency: str, rule: Rounding = "half_up", *, unit: int = 1) -> Amount:
    """Round amounts to what can be paid in a currency.

    The rule acts on the size of the amount and the sign is put back, so a refund rounds as its sale did.
    A float such as 2.675 is stored as 2.67499…; here it counts as the decimal it was written as. For
    that, an amount closer to a border than a billionth of the smallest unit (plus a relative 1e-15)
    counts as lying on the border.

    Args:
        amount: Amount or amounts in major units: number, array, Series (any narwhals knows) or narwhals
            expression. Missing stays missing.
        currency: ISO 4217 code.
        rule: ``"half_up"`` (a half goes up, the rule of most shops), ``"half_even"`` (a half goes to the
            even neighbour), ``"floor"`` (the rest is dropped, as Japanese and Korean tax offices do) or
            ``"ceil"`` (any rest counts as one).
        unit: Round to this many smallest units: 10 for prices that end in 0 yen.

    Returns:
        The rounded amounts, the same kind as `amount`.

    Raises:
        UnknownNameError: There is no such currency or rule.
        InputError: `unit` is not a whole number of 1 or more.

    Formula: ``round(|amount| * 10**decimals / unit) * unit / 10**decimals``, with the sign of `amount`.
    Source: the rules are those of IEEE 754-2019, 4.3, applied to decimals.

    >>> round_money(2.675, "USD"), round_money(-2.675, "USD"), round_money(1234.5, "JPY")
    (2.68, -2.68, 1235.0)
    >>> round_money(1234.5, "JPY", "floor", unit=10)
    1230.0
    """
    if rule not in get_args(Rounding):
        raise unknown("rounding rule", rule, get_args(Rounding))
    if int(unit) != unit or unit < 1:
        raise InputError(f"unit is {unit!r}: expected a whole number of smallest units, 1 or more.")
    scale = 10 ** decimals(currency)
    given: Any = amount
    if isinstance(given, nw.Expr | nw.Series):
        return _signed(given, given.abs(), rule, scale, unit)  # type: ignore[no-any-return]
    series = nw.from_native(given, series_only=True, pass_through=True)
    if isinstance(series, nw.Series):
        return _signed(series, series.abs(), rule, scale, unit).to_native()  # type: ignore[no-any-return]
    try:
        numbers = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            f"amount is {given!r}: expected a number, an array or a Series of numbers."
        ) from None
    rounded = _signed(numbers, np.abs(numbers), rule, scale, unit)
    return float(rounded) if numbers.ndim == 0 else rounded  # type: ignore[return-value]


def net_of_vat(gross: Amount, rate: float) -> Amount:
    """Return the price without the tax that it contains.

    Args:
        gross: Price or prices as the buyer sees them, tax included.
        rate: VAT or consumption tax rate, 0.1 for 10%.

    Returns:
        Net price, not rounded, the same kind as `gross`.

    Raises:
        InputError: `rate` is not a fraction.

    Formula: ``gross / (1 + rate)``. Source: Directive 2006/112/EC, article 78.

    >>> round(net_of_vat(1100, 0.1), 2)
    1000.0
    """
    return _plain(gross) / (1 + check_rate("rate", rate))  # type: ignore[no-any-return]


def add_vat(net: Amount, rate: float) -> Amount:
    """Return the price that a buyer sees for a price without tax.

    Args:
        net: Price or prices without tax.
        rate: VAT or consumption tax rate, 0.1 for 10%.

    Returns:
        Gross price, not rounded, the same kind as `net`.

    Raises:
        InputError: `rate` is not a fraction.

    Formula: ``net * (1 + rate)``.

    >>> round(add_vat(1000, 0.1), 2)
    1100.0
    """
    return _plain(net) * (1 + check_rate("rate", rate))  # type: ignore[no-any-return]


def vat_in(gross: Amount, rate: float) -> Amount:
    """Return the tax contained in a price; it belongs to the tax office, not to the shop.

    Args:
        gross: Price or prices with the tax in them.
        rate: VAT or consumption tax rate, 0.1 for 10%.

    Returns:
        The tax, not rounded, the same kind as `gross`.

    Raises:
        InputError: `rate` is not a fraction.

    Formula: ``gross * rate / (1 + rate)``: 10% on top is 1/11 of the total, not 1/10.

    >>> round(vat_in(1100, 0.1), 2)
    100.0
    """
    checked = check_rate("rate", rate)
    return _plain(gross) * checked / (1 + checked)  # type: ignore[no-any-return]


def allocate(total: float, weights: Sequence[float] | np.ndarray[Any, Any], currency: str) -> list[float]:
    """Share an amount out by weights so that the rounded shares add up to it exactly.

    Args:
        total: Amount in major units; it is rounded to the currency first.
        weights: What to share by, 0 or more each, such as the prices of an order's lines.
        currency: ISO 4217 code.

    Returns:
        One share for each weight, in the same order.

    Raises:
        InputError: A weight is negative or missing, or all are zero.

    Method: largest remainder (Hamilton). Each share is cut down to the smallest unit, then the units left
    go to the shares that lost most; of equals, the earlier. Source: Balinski and Young, *Fair
    Representation*, 1982.

    >>> allocate(100, [1, 1, 1], "USD")
    [33.34, 33.33, 33.33]
    >>> allocate(-100, [2, 1], "JPY")
    [-67.0, -33.0]
    """
    share = np.asarray(weights, dtype=float)
    if share.size == 0 or not np.isfinite(share).all() or (share < 0).any() or share.sum() == 0:
        raise InputError("weights: expected numbers of 0 or more, at least one above 0.")
    scale = 10 ** decimals(currency)
    units = round(round_money(total, currency) * scale)
    exact = abs(units) * (share / share.sum())
    # A share that is whole but for float noise must not lose a unit and win it back elsewhere.
    whole = np.floor(exact + _NOISE + exact * _RELATIVE_NOISE)
    order = np.argsort(-np.round(exact - whole, 9), kind="stable")
    whole[order[: abs(units) - int(whole.sum())]] += 1
    sign = -1 if units < 0 else 1
    return [sign * float(each) / scale if each else 0.0 for each in whole]


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def _plain(amount: Any) -> Any:
    """Give a list as an array; leave every other kind as it is."""
    return np.asarray(amount, dtype=float) if isinstance(amount, list | tuple) else amount


def _signed(amount: Any, size: Any, rule: Rounding, scale: int, unit: int) -> Any:
    # Positive and negative parts are rounded apart: plain arithmetic runs on every engine.
    above, below = (size + amount) / 2, (size - amount) / 2
    units = _whole(above * scale / unit, rule) - _whole(below * scale / unit, rule)
    return units * unit / scale


def _whole(size: Any, rule: Rounding) -> Any:
    noise = size * _RELATIVE_NOISE + _NOISE
    if rule == "floor":
        return (size + noise) // 1
    if rule == "ceil":
        return -((noise - size) // 1)
    up = (size + noise + 0.5) // 1
    if rule == "half_up":
        return up
    down = -((noise - size + 0.5) // 1)
    return up - (up - down) * (up % 2)
