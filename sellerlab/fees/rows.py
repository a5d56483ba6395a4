"""Dated fee schedules: the rows, choosing those that hold on a day, and what one component keeps.

One idea: a fee is data, not a number in code. `datasets/fees.csv` holds one row for each rate, with the
days it holds, what it is taken from, and the page that says so. A schedule is the rows of one platform;
its fee is the sum of its components (transaction, payment, listing …).

A category is what the platform sets the rate by: a group of goods, a plan, or the seller's yearly sales.
Where a source does not say otherwise, a rate is taken after the seller's discount and on the platform's.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.files import shipped
from sellerlab.money import same_currency

#: From the most to the least reliable kind of source.
TRUST = ("official", "press", "third_party", "guide")

_SALE_PER = ("item", "order")


@dataclass(frozen=True, kw_only=True)
class FeeRow:
    """One rate of one component of a schedule, as `datasets/fees.csv` holds it.

    Attributes:
        component: The fee's own name; rows of one component and category are its tiers.
        category: What the rate is for; empty where it holds for every category not named.
        valid_from: First day the rate holds; None where no source says.
        valid_to: Last day; None while it holds.
        rate: Fraction of the base.
        fixed: Amount added, per item or per order.
        minimum: Least that the component may be, per item or per order.
        cap: Most that it may be.
        tier: ``"whole"``: the row whose tier holds the base gives the rate of all of it. ``"portion"``:
            each row gives the rate of the part of the base that lies in its tier. Empty: no tiers.
        tier_from: Lower border of the tier, outside it.
        tier_to: Upper border of the tier, inside it.
        base: ``"item"``, ``"item_shipping"``, ``"item_shipping_tax"`` or ``"shipping"``.
        discount: Whether the base is ``"after"`` or ``"before"`` the seller's discount.
        platform_discount: Whether the platform's own discount is ``"in"`` the base or ``"out"``.
        per: ``"item"`` or ``"order"``; also ``"month"``, ``"payout"``, ``"once"``, which no sale bears.
        optional: Whether it is charged only where asked for (`also`).
        vat_on_fee: Whether the figure is ``"included"``, ``"excluded"`` or ``"unknown"``.
        kept_on_refund: Share of the fee that the platform keeps after a refund; None if unknown.
        rounding: Rule of `money.round_money` that the platform rounds by.
        source: Page the row was read from.
        source_date: Date of that page, as exact as the page gives it (``"2026"``); empty if undated.
        trust: One of `TRUST`.
    """

    schedule: str
    platform: str = ""
    country: str = ""
    component: str
    category: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    rate: float = 0.0
    fixed: float = 0.0
    minimum: float | None = None
    cap: float | None = None
    tier: str = ""
    tier_from: float | None = None
    tier_to: float | None = None
    base: str = "item_shipping"
    discount: str = "after"
    platform_discount: str = "in"
    per: str = "item"
    optional: bool = False
    vat_on_fee: str = "unknown"
    kept_on_refund: float | None = None
    rounding: Any = "half_up"
    currency: str = ""
    source: str = ""
    source_date: str = ""
    trust: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FeeSchedule:
    """The rows of one schedule that a sale bears; call it with prices to get fees.

    Attributes:
        name: Name of the schedule.
        rows: Rows charged on a sale.
        standing: Rows charged by the month, by the payout or once, whatever is sold.
        currency: ISO 4217 code of fixed parts and tiers; None for a plain rate.
        category: Category it was chosen for, or None.
        as_of: Day the rows hold for; where none was asked, the day the newest of them began, and None
            where no source dates them.

    >>> schedule("etsy_us", on="2026-05-01")(35.0)
    3.775
    """

    name: str
    rows: tuple[FeeRow, ...]
    standing: tuple[FeeRow, ...] = ()
    currency: str | None = None
    category: str | None = None
    as_of: dt.date | None = None

    def __call__(self, price: Any) -> Any:
        """Return the fee on one unit sold at `price`: `fees.fee` without shipping, discount and tax."""
        from sellerlab.fees.charged import fee

        return fee(self, price)

    @property
    def source(self) -> str:
        """The pages the rows were read from."""
        return "; ".join(dict.fromkeys(row.source for row in self.rows if row.source))

    @property
    def trust(self) -> str:
        """The trust of its least reliable row."""
        return max((row.trust for row in self.rows if row.trust), key=TRUST.index, default="")

    @property
    def borders(self) -> tuple[float, ...]:
        """Prices at which the fee on one unit changes its slope or jumps, in order."""
        found = {each for row in self.rows for each in (row.tier_from, row.tier_to) if each}
        for row in self.rows:
            for limit in (row.minimum, row.cap):
                if limit is not None and row.rate:
                    found.add((limit - row.fixed) / row.rate)
        return tuple(sorted(each for each in found if each > 0))


class Line(NamedTuple):
    """What a buyer paid for an order line, by parts: arrays or narwhals expressions."""

    gross: Any
    discount: Any
    platform_discount: Any
    shipping: Any
    tax: Any
    units: Any


def schedules() -> pd.DataFrame:
    """Return every row of every schedule, with its source; the columns are those of `FeeRow`.

    >>> schedules().query("schedule == 'booth'")[["rate", "fixed", "rounding"]].values.tolist()
    [[0.056, 22.0, 'ceil']]
    """
    table = pd.DataFrame([asdict(row) for rows in _read().values() for row in rows])
    for name in ("valid_from", "valid_to"):
        table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
    return table


def schedule(
    name: str,
    on: dt.date | str | None = None,
    *,
    category: str | None = None,
    also: Iterable[str] = (),
) -> FeeSchedule:
    """Return a fee schedule as it holds on a day.

    Args:
        name: Name of the schedule, such as ``"etsy_us"``; `schedules` lists them.
        on: The day; by default the newest rows known.
        category: What the rate depends on, where the schedule has categories.
        also: Optional components to add, such as ``"offsite_ads"``.

    Returns:
        The schedule, with its date and its source.

    Raises:
        UnknownNameError: No such schedule, category or optional component; the nearest is offered.
        InputError: The schedule needs a category, or has no rate on that day.

    >>> ebay = schedule("ebay_us", on="2025-02-13")
    >>> [row.rate for row in ebay.rows if row.component == "final_value"], str(ebay.as_of)
    ([0.1325], '2025-02-13')
    """
    day = None if on is None else as_day(on)
    rows = all_days(name, category, tuple(also))
    held = tuple(row for row in rows if _holds(row, day))
    if not held:
        start = min(row.valid_from for row in rows if row.valid_from)
        raise InputError(f"The schedule {name!r} has no rate on {day}: its rows begin on {start}.")
    begun = max((row.valid_from for row in held if row.valid_from), default=None)
    return FeeSchedule(
        name=name,
        rows=tuple(row for row in held if row.per in _SALE_PER),
        standing=tuple(row for row in held if row.per not in _SALE_PER),
        currency=same_currency(*(row.currency or None for row in held)),
        category=category,
        as_of=day or begun,
    )


def plain(rate: float, fixed: float = 0.0, *, name: str = "own rate") -> FeeSchedule:
    """Return a schedule of one rate on price and shipping, and one fixed amount per order.

    Args:
        rate: Fraction of price and shipping, after the seller's discount.
        fixed: Amount per order, in the currency of the orders.
        name: Name it goes by in reports.

    Raises:
        InputError: `rate` is not a fraction, or `fixed` is negative.

    >>> plain(0.1, 30)(2_000)
    230.0
    """
    if not fixed >= 0:
        raise InputError(f"fixed is {fixed}: expected an amount of 0 or more.")
    row = FeeRow(schedule=name, component="fee", rate=check_rate("rate", rate), fixed=fixed, per="order")
    return FeeSchedule(name=name, rows=(row,))


def components(rows: Iterable[FeeRow]) -> list[tuple[FeeRow, ...]]:
    """Return the rows in groups that are one fee: the tiers of one component in one period."""

    def one(row: FeeRow) -> tuple[str, str, str]:
        return row.component, str(row.valid_from), str(row.valid_to)

    return [tuple(group) for _, group in groupby(sorted(rows, key=one), key=one)]


def base_of(row: FeeRow, line: Line) -> Any:
    """Return what the row's rate is taken from: the parts of the line that its base names."""
    if row.base == "shipping":
        return line.shipping
    base = line.gross
    if row.discount == "after":
        base = base - line.discount
    if row.platform_discount == "out":
        base = base - line.platform_discount
    if row.base != "item":
        base = base + line.shipping
    return base + line.tax if row.base == "item_shipping_tax" else base


def kept(rows: tuple[FeeRow, ...], base: Any, units: Any) -> Any:
    """Return what one component keeps: tiers, minimum and cap are those of one unit.

    Args:
        rows: One group of `components`.
        base: What the rate is taken from, for all units together: array or narwhals expression.
        units: Number of units, or 1 where the component is charged per order. 0 bears no fixed part.
    """
    divisor = _where(units == 0, 1.0, units)
    each = base / divisor
    total = base * 0.0
    for row in rows:
        low = -np.inf if row.tier_from is None else row.tier_from
        high = np.inf if row.tier_to is None else row.tier_to
        if row.tier == "whole":
            inside = (each > low) & (each <= high)
            total = total + _where(inside, row.rate * base + row.fixed * units, 0.0)
        elif row.tier == "portion":
            reached = _where(each > high, high, each)
            part = _where(reached > max(low, 0.0), reached - max(low, 0.0), 0.0)
            total = total + row.rate * part * divisor + row.fixed * units
        else:
            total = total + row.rate * base + row.fixed * units
    if (least := rows[0].minimum) is not None:
        total = _where(total < least * units, least * units, total)
    if (most := rows[0].cap) is not None:
        total = _where(total > most * divisor, most * divisor, total)
    return total


def _where(condition: Any, then: Any, otherwise: Any) -> Any:
    if isinstance(condition, nw.Expr):
        return nw.when(condition).then(then).otherwise(otherwise)
    return np.where(condition, then, otherwise)


def categories_of(name: str) -> list[str]:
    """Return the categories that a schedule sets rates by.

    Raises:
        UnknownNameError: There is no such schedule.

    >>> categories_of("tiktok_shop_us")
    ['jewellery']
    """
    everything = _read()
    if name not in everything:
        raise unknown("fee schedule", name, everything)
    return sorted({row.category for row in everything[name] if row.category})


def all_days(name: str, category: str | None, also: tuple[str, ...] = ()) -> tuple[FeeRow, ...]:
    """Return the rows of a schedule for a category, of every day; `schedule` says what is refused."""
    known = categories_of(name)
    rows = _read()[name]
    if category is not None and category not in known:
        raise unknown(f"category of {name}", category, known)
    extras = {row.component for row in rows if row.optional}
    for each in also:
        if each not in extras:
            raise unknown(f"optional component of {name}", each, extras)
    chosen: list[FeeRow] = []
    for component in dict.fromkeys(row.component for row in rows):
        mine = [row for row in rows if row.component == component]
        if mine[0].optional and component not in also:
            continue
        named = [row for row in mine if row.category and row.category == category]
        found = named or [row for row in mine if not row.category]
        if not found and category is None:
            listed = ", ".join(repr(each) for each in known)
            raise InputError(f"The schedule {name!r} needs a category. Known: {listed}.")
        chosen += found
    return tuple(chosen)


def as_day(value: dt.date | str) -> dt.date:
    """Return a day given as a date, a time or ISO text.

    >>> as_day("2026-05-01")
    datetime.date(2026, 5, 1)
    """
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise InputError(f"on is {value!r}: expected a day such as '2026-05-31'.") from None
    return day.date() if isinstance(day, dt.datetime) else day


def _holds(row: FeeRow, day: dt.date | None) -> bool:
    if day is None:
        return row.valid_to is None
    return (row.valid_from or dt.date.min) <= day <= (row.valid_to or dt.date.max)


@cache
def _read() -> dict[str, tuple[FeeRow, ...]]:
    found: dict[str, list[FeeRow]] = {}
    with shipped("datasets/fees.csv").open(encoding="utf-8", newline="") as stream:
        for cells in csv.DictReader(stream):
            row = FeeRow(
                **{each.name: _cell(each.name, each.default, cells[each.name]) for each in fields(FeeRow)}
            )
            found.setdefault(row.schedule, []).append(row)
    return {name: tuple(rows) for name, rows in found.items()}


def _cell(name: str, default: Any, written: str) -> Any:
    if name in _DAYS:
        return dt.date.fromisoformat(written) if written else None
    if name in _NUMBERS:
        return float(written) if written else default
    return written == "yes" if name == "optional" else written


_DAYS = ("valid_from", "valid_to")
_NUMBERS = ("rate", "fixed", "minimum", "cap", "tier_from", "tier_to", "kept_on_refund")
