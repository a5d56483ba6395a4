"""Cash by day: when the account is at its lowest, and what it costs to be paid sooner.

One idea: profit is not cash. Stock, ads and rent are paid before the platform pays out, so a shop that grows
needs more money, and the question is how low the account falls and on which day.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.cash.payouts import Payouts
from sellerlab.counted import as_day, day_of
from sellerlab.errors import InputError, TableError, check_rate, unknown
from sellerlab.money import decimals, same_currency
from sellerlab.results import Result
from sellerlab.sold import made, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Longest plan, days: a mistyped year must not fill the memory.
_LONGEST = 3660


def fast_payout_cost(fee_rate: Any, days_earlier: Any) -> Any:
    """Return what being paid sooner costs, as a yearly rate of interest.

    yearly cost = fee / days earlier * 365

    Args:
        fee_rate: Share of the payout that the service keeps (0.0035): number, array or Series.
        days_earlier: Calendar days by which the money comes sooner, above 0.

    Returns:
        A yearly rate, to be held against that of a loan; same kind as given. It is simple interest: the
        compound rate ``(1 + fee / (1 - fee))**(365 / days) - 1`` is somewhat higher.

    Raises:
        InputError: The fee is no fraction, or the days are not above 0.

    Source: Ross, Westerfield and Jordan, *Fundamentals of Corporate Finance* (trade credit).

    >>> round(fast_payout_cost(0.0035, 35), 4)
    0.0365
    """
    for fee in np.atleast_1d(np.asarray(fee_rate, dtype=float)):
        check_rate("fee_rate", float(fee), below_high=True)
    if not np.all(np.asarray(days_earlier, dtype=float) > 0):
        raise InputError(f"days_earlier is {np.min(days_earlier):g}: expected days above 0.")
    return fee_rate / days_earlier * 365


def cash_conversion_cycle(stock_days: Any, receivable_days: Any, payable_days: Any) -> Any:
    """Return the days between paying for goods and being paid for them.

    cash conversion cycle = days of stock + days until paid - days of credit from suppliers

    Args:
        stock_days: Days from the arrival of the goods to their sale: number, array or Series.
        receivable_days: Days from the sale to the money, as `Payouts.mean_wait`.
        payable_days: Days from the arrival of the goods to their payment; negative where they are paid for
            before they come.

    Returns:
        Days; same kind as given. Negative where buyers pay before the supplier is paid.

    Source: Ross, Westerfield and Jordan, *Fundamentals of Corporate Finance*.

    >>> cash_conversion_cycle(45, 35, 10)
    70
    """
    return stock_days + receivable_days - payable_days


@dataclass(frozen=True, kw_only=True, repr=False)
class CashByDay(Result):
    """The account day by day; `table` has one row a day.

    Attributes:
        start: First day.
        end: Last day.
        opening: Cash before the first day.
        closing: Cash after the last.
        lowest: Lowest balance at the end of a day.
        lowest_on: First day on which it is reached.
        need: Money missing at the lowest point; 0 where the account never is below 0.
        days_below: Days that end below 0.
        outside: Money in or out on days before or after, not counted.
    """

    start: dt.date
    end: dt.date
    opening: float
    closing: float
    lowest: float
    lowest_on: dt.date
    need: float
    days_below: int
    outside: float

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().select("day", "balance").collect()
        days = np.array([np.datetime64(day, "D") for day in data["day"].to_list()])
        balance = np.array(data["balance"].to_list(), dtype=float)
        ax.step(days, balance, where="post", color=plots.TOTAL)
        ax.fill_between(
            days, balance, 0, where=(balance < 0).tolist(), step="post", color=plots.LOSS, alpha=0.3
        )
        ax.axhline(0, color=plots.MUTED, linewidth=1)
        ax.plot([np.datetime64(self.lowest_on)], [self.lowest], "o", color=plots.LOSS, markersize=8)
        label = text.money(self.lowest, self.currency)
        late = (self.lowest_on - self.start) > (self.end - self.start) / 2
        ax.annotate(
            label,
            (np.datetime64(self.lowest_on), self.lowest),
            (-8 if late else 8, -4),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
        )
        ax.margins(y=0.18)
        plots.money_axis(ax, self.currency)
        ax.figure.autofmt_xdate(rotation=30)
        ax.set_title(text.say("Cash at the end of each day"))


def cash_by_day(
    money_in: Payouts | Any,
    bills: Any = None,
    *,
    opening: float = 0.0,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    currency: str | None = None,
) -> CashByDay:
    """Return the cash of each day, its lowest point, and the money missing there.

    cash(t) = cash(t - 1) + payouts(t) - bills(t)

    Args:
        money_in: What `payouts` returned, or a table with `paid_on` and `amount`.
        bills: Money that goes out: a table with `day` and `amount` (positive): goods, ads, rent, wages, and
            the tax that was collected with the sales. None for none.
        opening: Cash before the first day; below 0 for an overdraft.
        start: First day; the first day of money in or out by default. Earlier money counts as in `opening`.
        end: Last day; the last day of money in or out by default.
        currency: ISO code of tables that name none.

    Returns:
        `CashByDay`; its table has day, money_in, money_out and balance, one row a day without gaps.

    Raises:
        TableError: A column is absent, or the tables are of two currencies.
        InputError: A bill is negative, a day or an amount is missing, or there is no day at all.

    Source: Ross, Westerfield and Jordan, *Fundamentals of Corporate Finance* (cash budget).

    >>> import pandas as pd
    >>> paid = pd.DataFrame(
    ...     {"paid_on": pd.to_datetime(["2026-03-05", "2026-03-20"]), "amount": [100.0, 300.0]}
    ... )
    >>> bills = pd.DataFrame({"day": pd.to_datetime(["2026-03-10"]), "amount": [250.0]})
    >>> result = cash_by_day(paid, bills, opening=50)
    >>> result.lowest, str(result.lowest_on), result.need
    (-100.0, '2026-03-10', 100.0)
    """
    source = money_in.table if isinstance(money_in, Payouts) else money_in
    own = money_in.currency if isinstance(money_in, Payouts) else tables.currency_of(money_in)
    code = same_currency(own, None if bills is None else tables.currency_of(bills), currency)
    coming = _moves(source, "paid_on", "payouts")
    going = [] if bills is None else _moves(bills, "day", "bills")
    for day, amount in going:
        if amount < 0:
            raise InputError(
                f"The bill of {day} is {amount:g}: write money that goes out as positive amounts."
            )
    if not math.isfinite(opening):
        raise InputError(f"opening is {opening:g}: expected the cash before the first day.")
    seen = [day for day, _ in (*coming, *going)]
    first, last = day_of("start", start), day_of("end", end)
    if not seen and (first is None or last is None):
        raise InputError("There is neither money in nor money out: give `start` and `end`.")
    first, last = first or min(seen), last or max(seen)
    count = (last - first).days + 1
    if not 1 <= count <= _LONGEST:
        raise InputError(
            f"The plan runs from {first} to {last}: expected from 1 day to {_LONGEST // 366} years. "
            "Check the days."
        )
    scale = 10.0 ** (decimals(code) if code else 6)
    flows = np.zeros((2, count), dtype=np.int64)
    outside = 0
    for side, moves in enumerate((coming, going)):
        for day, amount in moves:
            place = (day - first).days
            units = round(amount * scale)
            if 0 <= place < count:
                flows[side, place] += units
            else:
                outside += -units if side else units
    # Sums in the smallest unit: a year of days adds up to the last yen.
    balance = (round(opening * scale) + np.cumsum(flows[0] - flows[1])) / scale
    place = int(balance.argmin())
    lowest, lowest_on = float(balance[place]), first + dt.timedelta(days=place)
    below = int((balance < 0).sum())
    closing = float(balance[-1])
    table = {
        "day": [first + dt.timedelta(days=n) for n in range(count)],
        "money_in": (flows[0] / scale).tolist(),
        "money_out": (flows[1] / scale).tolist(),
        "balance": balance.tolist(),
    }
    return CashByDay(
        table=made(table, source),
        sentence=_sentence(opening, closing, lowest, lowest_on, below, (first, last), code, outside / scale),
        definition=text.say(
            "Cash at the end of a day = cash the day before + payouts - bills, from {start} to {end}. Within "
            "a day the account may be lower, where bills go out before the payout comes in. Profit is "
            "another question: tax collected is in the payouts and is not the seller's.",
            start=text.day(first),
            end=text.day(last),
        ),
        currency=code,
        formats={"money_in": "money", "money_out": "money", "balance": "money"},
        start=first,
        end=last,
        opening=opening,
        closing=closing,
        lowest=lowest,
        lowest_on=lowest_on,
        need=max(-lowest, 0.0),
        days_below=below,
        outside=outside / scale,
    )


def _moves(frame: Any, day: str, what: str) -> list[tuple[dt.date, float]]:
    lazy = nw.from_native(frame).lazy()
    present = lazy.collect_schema().names()
    for name in (day, "amount"):
        if name not in present:
            raise TableError(f"The {what}: " + str(unknown("column", name, present)))
    found = []
    for when, amount in lazy.select(day, "amount").collect().rows():
        units = number(amount)
        if units is None or when is None or when != when:
            raise InputError(
                f"The {what} have a row without a {day} or an amount. Fill it in or leave it out."
            )
        at = day_of(day, when)
        if at is not None:
            found.append((as_day(at), units))
    return found


def _sentence(
    opening: float,
    closing: float,
    lowest: float,
    lowest_on: dt.date,
    below: int,
    ends: tuple[dt.date, dt.date],
    currency: str | None,
    outside: float,
) -> str:
    words = {
        "opening": text.money(opening, currency),
        "closing": text.money(closing, currency),
        "start": text.day(ends[0]),
        "end": text.day(ends[1]),
        "lowest": text.money(lowest, currency),
        "on": text.day(lowest_on),
        "need": text.money(-lowest, currency),
        "n": text.number(below),
    }
    if lowest < 0:
        said = text.say(
            "The account goes from {opening} to {closing} between {start} and {end} and is lowest on {on}: "
            "{need} is missing. Days that end below zero: {n}.",
            **words,
        )
    else:
        said = text.say(
            "The account goes from {opening} to {closing} between {start} and {end}; it is lowest on {on}, "
            "with {lowest} left.",
            **words,
        )
    if outside:
        said += " " + text.say(
            "Money on other days, {money}, is not counted.", money=text.money(outside, currency)
        )
    return said
