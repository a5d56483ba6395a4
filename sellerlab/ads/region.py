"""What the ads really added: a region with ads against one without.

One idea: the tool credits to the ads sales that would have come anyway. A region where nothing changed shows
what would have come; only what goes beyond it is the ads' own.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sellerlab import tables, text
from sellerlab.counted import as_day, day_of
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.results import Format, Result
from sellerlab.totals.pooled import lazily

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Fewest whole weeks before the change: the spread between weeks is known from them.
MINIMUM_WEEKS = 4


@dataclass(frozen=True, kw_only=True, repr=False)
class Incrementality(Result):
    """What ads added in a region; `table` has one row a week.

    Attributes:
        added: Sales beyond what the control region lets expect; None with too few weeks.
        low: Lower end of its interval.
        high: Upper end.
        share: `added` / sales expected without the ads.
        iroas: `added` / spend; None without spend.
        iroas_low: Lower end.
        iroas_high: Upper end.
        weeks_before: Whole weeks before the start.
        weeks_after: Whole weeks from the start on.
        start: First day of the change.
    """

    added: float | None
    low: float | None
    high: float | None
    share: float | None
    iroas: float | None
    iroas_low: float | None
    iroas_high: float | None
    weeks_before: int
    weeks_after: int
    start: dt.date
    weeks: tuple[tuple[dt.date, float, float], ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Sales of the region, and what was to be expected"))
        days = np.array([day for day, _, _ in self.weeks], dtype="datetime64[D]")
        sold = [seen for _, seen, _ in self.weeks]
        ax.plot(days, sold, "o-", color=plots.TOTAL, label=text.say("with ads"))
        expected = [due for _, _, due in self.weeks]
        ax.plot(days, expected, "--", color=plots.MUTED, label=text.say("expected without"))
        ax.axvline(np.datetime64(self.start), color=plots.LOSS, linewidth=1)  # type: ignore[arg-type]
        plots.money_axis(ax, self.currency)
        ax.set_ylim(bottom=0)
        ax.tick_params(axis="x", rotation=30)
        ax.legend()


def incrementality(
    sales: Any,
    start: str | dt.date,
    *,
    treated: str,
    control: str | Sequence[str],
    spend: float | None = None,
    region: str = "region",
    day: str = "day",
    amount: str = "sales",
    currency: str | None = None,
    confidence: float = 0.95,
) -> Incrementality:
    """Return the sales that ads added in one region, against regions without them.

    k = sales of the treated region / sales of the control, before the start; added = sum over the weeks after
    of (treated - k x control). With s the standard deviation of the weekly gaps before, n weeks before and m
    after, the standard error is s sqrt(m + m^2 / n), and the interval uses Student's t with n - 1 degrees of
    freedom.

    Args:
        sales: Daily sales of regions, any frame narwhals knows; one row is a region and a day.
        start: First day of the ads (or first day without them: then `added` is what they used to add,
            negative).
        treated: Name of the region with ads.
        control: Name or names of regions where nothing changed.
        spend: Money spent on the ads in the whole weeks after the start; gives the incremental ROAS.
        region: Column of the region.
        day: Column of the day.
        amount: Column of sales, or of orders.
        currency: ISO code.
        confidence: Level of the interval.

    Returns:
        `Incrementality`. Weeks count from the start, backwards and forwards; days of a broken week are left
        out.

    Raises:
        UnknownNameError: A column or a region is absent.
        InputError: The regions overlap, there is no whole week after the start, or the control sold nothing.

    Source: J. Vaver, J. Koehler, Measuring ad effectiveness using geo experiments, 2011.

    >>> import pandas as pd
    >>> days = pd.date_range("2026-03-02", periods=70)
    >>> north = [100 + day.day % 3 + 30 * (day >= pd.Timestamp("2026-04-27")) for day in days]
    >>> south = [200 + 2 * (day.day % 4) for day in days]
    >>> sold = pd.DataFrame({"day": [*days, *days], "region": ["north"] * 70 + ["south"] * 70})
    >>> sold["sales"] = [*north, *south]
    >>> found = incrementality(sold, "2026-04-27", treated="north", control="south", spend=300.0)
    >>> round(found.added), round(found.iroas, 1)  # 30 more on each of 14 days
    (419, 1.4)
    """
    others = [control] if isinstance(control, str) else list(control)
    if not others or treated in others:
        raise InputError(f"treated is {treated!r} and control {others!r}: they have to be different regions.")
    begin = day_of("start", start)
    if begin is None:
        raise InputError("start is missing: give the first day of the ads, such as '2026-05-04'.")
    found = _weekly(sales, begin, treated, others, (region, day, amount))
    before = found[found[:, 0] < 0]
    after = found[found[:, 0] >= 0]
    if not len(after):
        raise InputError(
            f"There is no whole week from {begin} on. Wait for seven days, or choose an earlier start."
        )
    n, m = len(before), len(after)
    if n and not before[:, 2].sum() > 0:
        raise InputError("The control sold nothing before the start, so nothing can be expected from it.")
    k = float(before[:, 1].sum() / before[:, 2].sum()) if n else math.nan
    expected = k * found[:, 2]
    added = low = high = share = None
    if n >= MINIMUM_WEEKS:
        from scipy.special import stdtrit

        tail = (1 + check_rate("confidence", confidence, below_high=True)) / 2
        spread = float(np.std(before[:, 1] - k * before[:, 2], ddof=1))
        half = float(stdtrit(n - 1, tail)) * spread * math.sqrt(m + m**2 / n)
        due = float(k * after[:, 2].sum())
        added = round(float(after[:, 1].sum()) - due, 6)
        low, high = added - half, added + half
        share = added / due if due else None
    roas = [None if each is None or not spend else each / spend for each in (added, low, high)]
    days = [begin + dt.timedelta(weeks=int(each)) for each in found[:, 0]]
    columns: dict[str, list[Any]] = {
        "week_from": [each.isoformat() for each in days],
        "period": [text.say("before") if each < begin else text.say("after") for each in days],
        "treated": found[:, 1].tolist(),
        "control": found[:, 2].tolist(),
        "expected": [None if math.isnan(k) else float(each) for each in expected],
        "gap": [None if math.isnan(k) else float(each) for each in found[:, 1] - expected],
    }
    money: dict[str, Format] = {}
    money |= dict.fromkeys(("treated", "control", "expected", "gap"), "money")
    return Incrementality(
        table=tables.from_columns(columns, sales),
        sentence=_sentence(treated, (added, low, high), share, roas, n, m, currency, confidence),
        definition=text.say(
            "Expected = sales of the control x the ratio of both regions before {start}. Added = what the "
            "treated region sold beyond it, in whole weeks. Interval: Student's t from the spread of the "
            "weekly gaps before, {level}. It holds where nothing else set the regions apart.",
            start=text.day(begin),
            level=text.percent(confidence, 0),
        ),
        currency=currency,
        formats=money,
        added=added,
        low=low,
        high=high,
        share=share,
        iroas=roas[0],
        iroas_low=roas[1],
        iroas_high=roas[2],
        weeks_before=n,
        weeks_after=m,
        start=begin,
        weeks=tuple(zip(days, found[:, 1].tolist(), expected.tolist(), strict=True)),
    )


def _weekly(
    sales: Any, begin: dt.date, treated: str, others: Sequence[str], columns: tuple[str, str, str]
) -> NDArray[np.float64]:
    """Return week number from the start, sales of the treated region and of the control, whole weeks only."""
    region, day, amount = columns
    lazy = lazily(sales)
    for name in columns:
        if name not in lazy.collect_schema().names():
            raise unknown("column", name, lazy.collect_schema().names())
    lazy = lazy.with_columns(nw.col(amount).cast(nw.Float64))
    sums = lazy.group_by(region, day).agg(nw.col(amount).sum()).collect()
    totals: dict[tuple[str, dt.date], float] = {}
    for name, when, value in sums.select(region, day, amount).rows():
        stamp = dt.date.fromisoformat(when[:10]) if isinstance(when, str) else as_day(when)
        totals[str(name), stamp] = totals.get((str(name), stamp), 0.0) + value
    known = sorted({name for name, _ in totals})
    for name in (treated, *others):
        if name not in known:
            raise unknown("region", name, known)
    # The table tells which days it covers; a region without a row on one of them sold nothing.
    days = sorted({when for _, when in totals})
    first, last = days[0], days[-1]
    weeks = range(-((begin - first).days // 7), ((last - begin).days + 1) // 7)
    rows = []
    for week in weeks:
        own = [begin + dt.timedelta(days=7 * week + each) for each in range(7)]
        rows.append(
            (
                week,
                sum(totals.get((treated, each), 0.0) for each in own),
                sum(totals.get((name, each), 0.0) for name in others for each in own),
            )
        )
    return np.array(rows, dtype=float).reshape(-1, 3)


def _sentence(
    treated: str,
    added: tuple[float | None, float | None, float | None],
    share: float | None,
    roas: Sequence[float | None],
    n: int,
    m: int,
    currency: str | None,
    confidence: float,
) -> str:
    words: dict[str, Any] = {
        "region": treated,
        "n": text.number(n),
        "m": text.number(m),
        "minimum": text.number(MINIMUM_WEEKS),
        "level": text.percent(confidence, 0),
    }
    middle, low, high = added
    if middle is None or low is None or high is None:
        return text.say(
            "There are {n} whole weeks before the start: at least {minimum} are needed to know how far weeks "
            "differ.",
            **words,
        )
    words |= {"added": text.money(middle, currency), "low": text.money(low, currency)}
    words |= {"high": text.money(high, currency), "share": text.percent(share or 0.0)}
    if low <= 0 <= high:
        template = (
            "In {m} weeks {region} sold {added} beyond what was to be expected ({share}), but anything from "
            "{low} to {high} fits ({level} interval): no effect is shown yet."
        )
    else:
        template = (
            "In {m} weeks {region} sold {added} beyond what was to be expected ({share}; {level} interval "
            "{low} to {high})."
        )
    said = text.say(template, **words)
    if roas[0] is not None and roas[1] is not None and roas[2] is not None:
        said += " " + text.say(
            "That is {roas} for each unit of spend (interval {low} to {high}).",
            roas=text.number(roas[0], 2),
            low=text.number(roas[1], 2),
            high=text.number(roas[2], 2),
        )
    return said
