"""The small language of a format file: ``share(discount, 'order', value)`` over whole columns.

An expression names columns, calculates and compares, and calls the few functions below; it can do
nothing else. Every function works on whole columns, so half a million rows cost no loop.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.errors import InputError, ReadError, unknown
from sellerlab.read.parse import over_unique

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.And: operator.and_,
    ast.Or: operator.or_,
}


@dataclass
class Sheet:
    """The columns that an expression may name, the groups of their rows, and the words they hold."""

    columns: dict[str, pd.Series[Any]]
    groups: dict[str, np.ndarray[Any, Any]]
    maps: Mapping[str, Mapping[str, str]]
    titles: Callable[[str], str]
    scale: int = 100

    def rows(self, mask: np.ndarray[Any, Any]) -> Sheet:
        """Return the rows where `mask` is true."""
        columns = {name: values[mask].reset_index(drop=True) for name, values in self.columns.items()}
        groups = {name: codes[mask] for name, codes in self.groups.items()}
        return Sheet(columns, groups, self.maps, self.titles, self.scale)

    def value(self, expression: str | float) -> Any:
        """Return what an expression comes to: a column, or one value for every row.

        Raises:
            InputError: The expression names something unknown or is no expression of this language.
        """
        try:
            tree = ast.parse(str(expression), mode="eval")
        except SyntaxError:
            raise InputError(f"The expression {expression!r} of a format cannot be read.") from None
        return self._of(tree.body)

    def column(self, expression: str | float) -> pd.Series[Any]:
        """Return what an expression comes to as a column."""
        found = self.value(expression)
        if isinstance(found, pd.Series):
            return found
        length = len(next(iter(self.columns.values()), pd.Series(dtype=float)))
        return pd.Series([found] * length, dtype=object if isinstance(found, str) else float)

    def _of(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                if name not in self.columns:
                    raise unknown("column of the format", name, self.columns)
                return self.columns[name]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self._of(left), self._of(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self._of(left), self._of(right))
            case ast.BoolOp(op=op, values=values):
                result = self._of(values[0])
                for each in values[1:]:
                    result = _OPERATORS[type(op)](result, self._of(each))
                return result
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self._of(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._of(operand)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                if name not in _FUNCTIONS:
                    raise unknown("function of a format", name, _FUNCTIONS)
                return _FUNCTIONS[name](self, *(self._of(each) for each in args))
        raise InputError(f"The expression {ast.unparse(node)!r} is not one a format may use.")


def filled(_: Sheet, values: pd.Series[Any]) -> pd.Series[Any]:
    """Whether a cell holds something."""
    return values.notna()


def zero(_: Sheet, values: pd.Series[Any]) -> pd.Series[Any]:
    """The numbers, 0 where the cell is empty."""
    return values.fillna(0.0)


def first(sheet: Sheet, *options: Any) -> pd.Series[Any]:
    """The first of several columns that is filled."""
    result = sheet.column(options[0]) if not isinstance(options[0], pd.Series) else options[0]
    for each in options[1:]:
        result = result.where(result.notna(), each)
    return result


def when(_: Sheet, condition: pd.Series[Any], yes: Any, no: Any) -> pd.Series[Any]:
    """`yes` where the condition holds, else `no`."""
    words = any(isinstance(each, str) or getattr(each, "dtype", None) == "object" for each in (yes, no))
    if not words:
        yes, no = (np.nan if each is None else each for each in (yes, no))
    picked = np.where(condition, np.asarray(yes, object if words else None), no)
    return pd.Series(picked, index=condition.index, dtype=object if words else None)


def starts(_: Sheet, values: pd.Series[Any], start: str) -> pd.Series[Any]:
    """Whether a text starts with `start`, in any case."""
    low = start.casefold()
    found = over_unique(
        values.tolist(), lambda each: isinstance(each, str) and each.casefold().startswith(low)
    )
    return pd.Series(found.astype(bool), index=values.index)


def has(_: Sheet, values: pd.Series[Any], pattern: str) -> pd.Series[Any]:
    """Whether a text holds a regular expression, in any case."""
    search = re.compile(pattern, re.IGNORECASE).search
    found = over_unique(values.tolist(), lambda each: isinstance(each, str) and bool(search(each)))
    return pd.Series(found.astype(bool), index=values.index)


def lookup(sheet: Sheet, values: pd.Series[Any], name: str, otherwise: Any = None) -> pd.Series[Any]:
    """What the format's word list says for each text.

    Without `otherwise` a word that is not in the list is an error; an empty cell stays empty.
    """
    words = sheet.maps.get(name, {})
    codes, texts = pd.factorize(values)
    meant = np.array([words.get(str(each).strip().casefold()) for each in texts] + [None], dtype=object)
    result = pd.Series(meant[codes], index=values.index, dtype=object)
    missing = result.isna() & values.notna()
    if otherwise is None and missing.any():
        column = next((name for name, each in sheet.columns.items() if each is values), "")
        strange = sorted(set(values[missing].astype(str)))[:5]
        listed = ", ".join(repr(each) for each in strange)
        hint = (
            "Say what they mean (paid, pending or cancelled), as "
            f"mapping={{'status': {{{strange[0]!r}: 'paid'}}}}"
            if name == "statuses"
            else f"Known: {', '.join(sorted(words))}"
        )
        raise ReadError(
            f"The column {sheet.titles(column)!r} holds words that are not known here: {listed}. {hint}."
        )
    return result.where(result.notna(), otherwise) if otherwise is not None else result


def among(sheet: Sheet, values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Whether a text is in the format's word list."""
    words = {each.strip().casefold() for each in sheet.maps.get(name, {})}
    found = over_unique(values.tolist(), lambda each: str(each).strip().casefold() in words)
    return pd.Series(found.astype(bool), index=values.index)


def prefix(sheet: Sheet, values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """What the word list says for the start of each text; the longest start counts."""
    result = pd.Series([None] * len(values), index=values.index, dtype=object)
    for start, meaning in sorted(sheet.maps.get(name, {}).items(), key=lambda each: len(each[0])):
        result = result.where(~starts(sheet, values, start), meaning)
    return result


def key(_: Sheet, *parts: pd.Series[Any]) -> pd.Series[Any]:
    """One text of several columns, to tell groups apart."""
    joined = parts[0].astype(object).where(parts[0].notna(), "").astype(str)
    for each in parts[1:]:
        joined = joined + "\x1f" + each.astype(object).where(each.notna(), "").astype(str)
    return joined.astype(object)


def total(sheet: Sheet, values: pd.Series[Any], group: str) -> pd.Series[Any]:
    """The sum over a row's group, on every row of it."""
    codes = _codes(sheet, group)
    sums = np.bincount(codes, weights=values.fillna(0.0).to_numpy(float)) if len(codes) else np.array([])
    return pd.Series(sums[codes], index=values.index)


def once(sheet: Sheet, values: pd.Series[Any], group: str) -> pd.Series[Any]:
    """A group's amount on the first row of the group, 0 on its other rows."""
    opening = np.zeros(len(values), dtype=bool)
    opening[np.unique(_codes(sheet, group), return_index=True)[1]] = True
    return values.fillna(0.0).where(opening, 0.0)


def share(sheet: Sheet, values: pd.Series[Any], group: str, by: pd.Series[Any]) -> pd.Series[Any]:
    """A group's amount shared out over its rows by weights, so that the shares add up exactly.

    Largest remainder in the currency's smallest unit; of equal remainders the earlier row wins. Where
    all weights are 0 every row counts the same.
    """
    codes = _codes(sheet, group)
    if not len(codes):
        return values
    amounts = values.fillna(0.0).to_numpy(float)
    weights = np.clip(by.fillna(0.0).to_numpy(float), 0, None)
    sums = np.bincount(codes, weights=weights)[codes]
    weights, sums = np.where(sums > 0, weights, 1.0), np.where(sums > 0, sums, np.bincount(codes)[codes])
    units = np.round(amounts * sheet.scale)
    exact = np.abs(units) * weights / sums
    whole = np.floor(exact + 1e-9 + exact * 1e-15)
    left = np.abs(units) - np.bincount(codes, weights=whole)[codes]
    order = np.lexsort((np.arange(len(codes)), -np.round(exact - whole, 9), codes))
    starts_at = np.concatenate([[0], np.cumsum(np.bincount(codes))])[codes[order]]
    rank = np.empty(len(codes))
    rank[order] = np.arange(len(codes)) - starts_at
    shares = np.sign(units) * (whole + (rank < left)) / sheet.scale
    # An amount finer than the smallest unit keeps its rest, on the first row of the group.
    rest = once(sheet, values.fillna(0.0) - units / sheet.scale, group)
    return pd.Series(shares, index=values.index) + rest


def at_least(_: Sheet, values: pd.Series[Any], low: Any) -> pd.Series[Any]:
    """The numbers, raised to `low` where they are below it."""
    return values.where(values >= low, low)


def at_most(_: Sheet, values: pd.Series[Any], high: Any) -> pd.Series[Any]:
    """The numbers, cut to `high` where they are above it."""
    return values.where(values <= high, high)


def on_top(
    sheet: Sheet, price: pd.Series[Any], tax: pd.Series[Any], charged: pd.Series[Any]
) -> pd.Series[Any]:
    """Whether tax comes on top of the price, decided by arithmetic from what was charged.

    ``price + tax = charged`` says on top, ``price = charged`` says included. Where neither holds, the
    row follows most rows of the file.
    """
    half = 0.5 / sheet.scale
    added = (price + tax - charged).abs() <= half
    included = (price - charged).abs() <= half
    usual = int((added & ~included).sum()) > int((included & ~added).sum())
    return added & ~included | (~added & ~included & usual)


def _codes(sheet: Sheet, group: str) -> np.ndarray[Any, Any]:
    if group not in sheet.groups:
        raise unknown("group of the format", group, sheet.groups)
    return sheet.groups[group]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        filled,
        zero,
        first,
        when,
        starts,
        has,
        lookup,
        among,
        prefix,
        key,
        total,
        once,
        share,
        at_least,
        at_most,
        on_top,
    )
}
