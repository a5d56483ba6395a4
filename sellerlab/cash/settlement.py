"""When a platform pays: settlement rules as dated data, and the days they lead to.

One idea: a sale is confirmed on a day, its period (order, week, month) closes, and each part of the money
comes so many months, calendar days and business days after the close. Business days leave out weekends
and the public holidays of the platform's country.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.files import shipped

Period = Literal["order", "week", "month"]

#: Longest run of closed days that is looked past: enough for any public holiday.
_AHEAD = 366


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the money: how much of it, and how long after the close.

    Attributes:
        share: Fraction of the money.
        months: 0 counts from the close; 2 counts from the first day of the second month after it.
        calendar_days: Days added first.
        business_days: Business days after that day; 0 is that day, or the next business day.
    """

    share: float
    months: int = 0
    calendar_days: int = 0
    business_days: int = 0


@dataclass(frozen=True, kw_only=True)
class SettlementRule:
    """How a platform pays out the money of confirmed sales.

    Attributes:
        name: Name of the rule.
        parts: Parts of the money; their shares add up to 1.
        period: What closes: the ``"order"`` on its day, the ``"week"`` on Sunday, the ``"month"`` on its
            last day.
        country: ISO 3166 code whose public holidays are no business days; empty for weekends only.
        auto_confirm_days: Days from delivery to confirmation where the buyer says nothing; None if
            unknown.
        reserve: Fraction of each payout that is held back.
        reserve_days: Calendar days for which it is held.
        source: Page the rule was read from.
        source_date: Date of that page; empty if undated.
        trust: ``"official"``, ``"press"``, ``"third_party"`` or ``"guide"``.
        note: What else the source says.

    Raises:
        InputError: Shares do not add up to 1, a lag is negative, or a share is no fraction.

    >>> SettlementRule(name="mine", period="order", parts=(Part(share=1, business_days=3),)).country
    ''
    """

    name: str
    parts: tuple[Part, ...]
    period: Period = "order"
    country: str = ""
    auto_confirm_days: int | None = None
    reserve: float = 0.0
    reserve_days: int = 0
    source: str = ""
    source_date: str = ""
    trust: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.period not in get_args(Period):
            raise unknown("settlement period", self.period, get_args(Period))
        check_rate("reserve", self.reserve)
        for part in self.parts:
            check_rate("share", part.share)
            if min(part.months, part.calendar_days, part.business_days, self.reserve_days) < 0:
                raise InputError(f"{self.name}: a lag is below 0. Money never comes before the sale.")
        total = sum(part.share for part in self.parts)
        if abs(total - 1) > 1e-9:
            raise InputError(f"{self.name}: the shares add up to {total:g}; expected 1.")


class Payout(NamedTuple):
    """A part of the money and the day, or days, on which it comes."""

    share: float
    paid_on: Any


def settlement_rules() -> pd.DataFrame:
    """Return every part of every settlement rule, with its source.

    >>> settlement_rules().query("rule == 'coupang_weekly'")["share"].tolist()
    [0.7, 0.3]
    """
    table = pd.DataFrame(_read())
    whole = ["part", "months", "calendar_days", "business_days", "reserve_days"]
    return table.astype({**dict.fromkeys(whole, "int64"), "share": "float64", "reserve": "float64"})


def settlement_rule(name: str) -> SettlementRule:
    """Return a settlement rule of `datasets/settlements.csv`.

    Args:
        name: Name of the rule, such as ``"coupang_weekly"``; `settlement_rules` lists them.

    Raises:
        UnknownNameError: There is no such rule; the nearest is offered.

    >>> settlement_rule("coupang_weekly").parts[1]
    Part(share=0.3, months=2, calendar_days=0, business_days=0)
    """
    rows = [row for row in _read() if row["rule"] == name]
    if not rows:
        raise unknown("settlement rule", name, {row["rule"] for row in _read()})
    first = rows[0]
    lags = ("months", "calendar_days", "business_days")
    return SettlementRule(
        name=name,
        parts=tuple(Part(share=float(row["share"]), **{lag: int(row[lag]) for lag in lags}) for row in rows),
        period=first["period"],  # type: ignore[arg-type]
        country=first["country"],
        auto_confirm_days=int(first["auto_confirm_days"]) if first["auto_confirm_days"] else None,
        reserve=float(first["reserve"]),
        reserve_days=int(first["reserve_days"]),
        source=first["source"],
        source_date=first["source_date"],
        trust=first["trust"],
        note=" ".join(dict.fromkeys(row["note"] for row in rows if row["note"])),
    )


def payout_dates(
    rule: SettlementRule | str, confirmed_on: Any, *, closed: Iterable[dt.date] = ()
) -> tuple[Payout, ...]:
    """Return when the money of sales comes, part by part.

    Args:
        rule: A `SettlementRule`, or the name of one.
        confirmed_on: Day or days on which the purchase was confirmed: a date, ISO text, a NumPy array or
            a Series. A missing day gives a missing day.
        closed: More days on which the platform does not pay.

    Returns:
        One `Payout` for each part, and one for each part's reserve if some is held; the shares add up to
        1. A date gives dates, an array an array of days, a Series a Series.

    Raises:
        UnknownNameError: There is no such rule.
        InputError: A day is no day, or the country's holidays are not known.

    Method: n business days after a day that is no business day are counted from the last business day
    before it (`numpy.busday_offset`); holidays are those of the `holidays` library.

    >>> for payout in payout_dates("coupang_weekly", "2024-12-12"):
    ...     print(payout.share, payout.paid_on)
    0.7 2025-01-07
    0.3 2025-02-03
    """
    chosen = settlement_rule(rule) if isinstance(rule, str) else rule
    days = _days(confirmed_on)
    known = ~np.isnat(days)
    close = _close(chosen.period, days[known])
    calendar = _calendar(chosen, close, closed)
    found: list[tuple[float, Any]] = []
    for part in chosen.parts:
        start = close
        if part.months:
            start = (close.astype("datetime64[M]") + part.months).astype("datetime64[D]")
        paid = _business(start + part.calendar_days, part.business_days, calendar)
        found.append((part.share * (1 - chosen.reserve), paid))
        if chosen.reserve:
            found.append((part.share * chosen.reserve, _business(paid + chosen.reserve_days, 0, calendar)))
    payouts = []
    for share, paid in found:
        result = np.full(days.shape, np.datetime64("NaT"), dtype="datetime64[D]")
        result[known] = paid
        payouts.append(Payout(share, _like(result, confirmed_on)))
    return tuple(payouts)


def _close(period: Period, days: Any) -> Any:
    if period == "week":
        # 1970-01-01 was a Thursday, so Sunday is day 3 of each run of seven.
        return days + (3 - days.astype("int64")) % 7
    if period == "month":
        return (days.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    return days


def _business(days: Any, count: int, calendar: np.busdaycalendar) -> Any:
    roll: Literal["backward", "forward"] = "backward" if count else "forward"
    return np.busday_offset(days, count, roll=roll, busdaycal=calendar)


def _calendar(rule: SettlementRule, close: Any, closed: Iterable[dt.date]) -> np.busdaycalendar:
    free = {np.datetime64(day, "D") for day in closed}
    if rule.country and close.size:
        import holidays

        longest = max(31 * part.months + part.calendar_days + 2 * part.business_days for part in rule.parts)
        last = close.max() + longest + rule.reserve_days + _AHEAD
        years = range(int(str(close.min())[:4]), int(str(last)[:4]) + 1)
        try:
            public = holidays.country_holidays(rule.country, years=years)
        except NotImplementedError:
            raise InputError(
                f"{rule.name}: the holidays of {rule.country!r} are not known. Give an ISO 3166 code such as "
                "'KR', or leave the country empty and give `closed`."
            ) from None
        free |= {np.datetime64(day, "D") for day in public}
    return np.busdaycalendar(holidays=sorted(free))


def _days(given: Any) -> Any:
    series = nw.from_native(given, series_only=True, pass_through=True)
    try:
        if isinstance(series, nw.Series):
            return series.to_numpy().astype("datetime64[D]")
        if isinstance(given, dt.datetime):
            given = given.date()
        return np.asarray(given, dtype="datetime64[D]")
    except (TypeError, ValueError):
        raise InputError(
            f"confirmed_on is {given!r}: expected a day such as '2026-05-31', or days."
        ) from None


def _like(days: Any, given: Any) -> Any:
    series = nw.from_native(given, series_only=True, pass_through=True)
    if isinstance(series, nw.Series):
        stamps = days.astype("datetime64[us]")
        if series.implementation.is_pandas():
            return pd.Series(stamps, index=given.index, name=series.name)
        return nw.new_series(series.name, stamps, backend=series.implementation).to_native()
    return days.item() if days.ndim == 0 else days


@cache
def _read() -> tuple[dict[str, str], ...]:
    with shipped("datasets/settlements.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
