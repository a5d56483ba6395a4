"""Rates from the daily totals of a seller centre: impressions, clicks, carts, orders, and no person in sight.

One idea: totals that lie side by side are no funnel of people. They give pooled rates with intervals, as long
as each total is part of the one before it; where it is not, no rate is given and that is said. What changed
between two periods (`change`, `mix`, `value_tree`) is called from here too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.counted import as_day
from sellerlab.errors import InputError, TableError
from sellerlab.funnel.abandoned import Abandonment, left_behind
from sellerlab.funnel.odd_days import Daily, watch
from sellerlab.intervals import draw_intervals, share_words, wilson
from sellerlab.results import Format, Result
from sellerlab.totals.pooled import Pool, given_rows, pooled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(("total", "of"), "count"),
    **dict.fromkeys(("rate", "low", "high", "mean_of_rows"), "rate"),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class PooledRates(Result):
    """Pooled rates; `table` has one row a step (and group), the scalars are those of all rows together.

    Attributes:
        conversion: Last total / first total; None with too little traffic, or where a total is no part.
        low: Lower end of its interval (Wilson).
        high: Upper end.
        mean_of_rows: Mean of the rows' own rates: the usual mistake, for comparison.
        totals: Sum of each step.
        rows: Rows added up.
        left_out: Rows left out because a figure is missing.
    """

    conversion: float | None
    low: float | None
    high: float | None
    mean_of_rows: float | None
    totals: Mapping[str, float]
    rows: int
    left_out: int
    lines: tuple[tuple[str, float | None, float | None, float | None], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a rate."""
        return 1.4 + 0.45 * len(self.lines)

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Pooled rates with their intervals"))
        names, middle, low, high = zip(*self.lines, strict=True)
        draw_intervals(ax, names, middle, low, high, rate=True)


def rates(
    totals: Any,
    steps: Sequence[str],
    *,
    by: str | None = None,
    minimum: int = 100,
    confidence: float = 0.95,
) -> PooledRates:
    """Return the rate of each step from sums, with its interval.

    rate = sum of the step / sum of the step before; conversion = sum of the last / sum of the first. With
    `by` the table has these for each group.

    Args:
        totals: Any frame narwhals knows; one row is a day, a product or a channel.
        steps: Columns of counts in order, such as ``["impressions", "clicks", "orders", "kept_orders"]``, or
            ``["visits", "quotes", "orders"]``.
        by: Column of groups, such as ``"channel"``.
        minimum: Fewest in the denominator from which a rate is given.
        confidence: Level of the intervals.

    Returns:
        `PooledRates`; the column `mean_of_rows` holds the mean of the rows' own rates, for comparison only.

    Raises:
        UnknownNameError: A column is absent.
        InputError: Fewer than two steps, or no row has all figures.

    Source: intervals E. B. Wilson, Probable inference, 1927.

    >>> import pandas as pd
    >>> days = pd.DataFrame({"visits": [10, 1000], "orders": [1, 20]})
    >>> found = rates(days, ["visits", "orders"])
    >>> round(found.conversion, 4), round(found.mean_of_rows, 4)
    (0.0208, 0.06)
    """
    check_steps(steps)
    pools, left_out = pooled(totals, steps, by)
    whole, _ = pooled(totals, steps)
    naive = _means(totals, steps, by)
    rows: list[dict[str, Any]] = []
    for pool in pools:
        for before, step in pairwise(steps):
            row: dict[str, Any] = {} if by is None else {by: pool.name}
            row |= {"step": step, "total": pool.sums[step], "of": pool.sums[before]}
            row |= dict(
                zip(("rate", "low", "high"), _share(pool, step, before, minimum, confidence), strict=True)
            )
            row["mean_of_rows"] = naive[pool.name, step]
            row["note"] = _note(pool, step, before, minimum)
            rows.append(row)
    end = _share(whole[0], steps[-1], steps[0], minimum, confidence)
    mean = _means(totals, [steps[0], steps[-1]], None)[None, steps[-1]]
    lines = [
        (row["step"] if by is None else f"{row[by]}: {row['step']}", row["rate"], row["low"], row["high"])
        for row in rows
    ]
    return PooledRates(
        table=tables.from_columns({name: [row[name] for row in rows] for name in rows[0]}, totals),
        sentence=_sentence(whole[0], steps, end, mean, minimum, confidence, left_out),
        definition=text.say(
            "Rate = sum of the step / sum of the step before, over all rows; intervals: Wilson, {level}. A "
            "total counts acts, not people: where one person acts many times the truth is less certain than "
            "the interval says.",
            level=text.percent(confidence, 0),
        ),
        formats=_FORMATS,
        conversion=end[0],
        low=end[1],
        high=end[2],
        mean_of_rows=mean,
        totals=whole[0].sums,
        rows=whole[0].rows,
        left_out=left_out,
        lines=tuple(lines),
    )


def check_steps(steps: Sequence[str]) -> None:
    """Refuse steps that are not the names of at least two different columns."""
    if isinstance(steps, str) or len(steps) < 2 or len(set(steps)) < len(steps):
        raise InputError(
            f"steps is {steps!r}: expected the names of two different columns or more, in order."
        )


def _share(
    pool: Pool, step: str, before: str, minimum: int, confidence: float
) -> tuple[float | None, float | None, float | None]:
    hits, tries = pool.sums[step], pool.sums[before]
    if _note(pool, step, before, minimum):
        return None, None, None
    low, high = wilson(hits, tries, confidence)
    return hits / tries, float(low), float(high)


def _note(pool: Pool, step: str, before: str, minimum: int) -> str:
    hits, tries = pool.sums[step], pool.sums[before]
    if hits > tries:
        return text.say("more {step} than {before}: they count different things", step=step, before=before)
    if tries < max(minimum, 1):
        return text.say("fewer than {n} {before}", n=text.number(max(minimum, 1)), before=before)
    return ""


def _means(totals: Any, steps: Sequence[str], by: str | None) -> dict[tuple[str | None, str], float | None]:
    """Return the mean of the rows' own rates of each group and step."""
    rows, _ = given_rows(totals, steps, by)
    own = []
    for before, step in pairwise(steps):
        some = nw.when(nw.col(before) > 0).then(nw.col(before))
        own.append((nw.col(step) / some).alias(f"{step} rate"))
    rows = rows.with_columns(*own)
    measures = [nw.col(f"{step} rate").mean() for step in steps[1:]]
    found = (rows.group_by("by").agg(*measures) if by else rows.select(*measures)).collect()
    out: dict[tuple[str | None, str], float | None] = {}
    for row in found.rows(named=True):
        for step in steps[1:]:
            value = row[f"{step} rate"]
            out[row.get("by"), step] = None if value is None or value != value else float(value)
    return out


def _sentence(
    pool: Pool,
    steps: Sequence[str],
    end: tuple[float | None, float | None, float | None],
    mean: float | None,
    minimum: int,
    confidence: float,
    left_out: int,
) -> str:
    first, last = steps[0], steps[-1]
    words = {
        "n": text.number(pool.sums[first]),
        "hits": text.number(pool.sums[last]),
        "first": first,
        "last": last,
        "rate": share_words(end[0]),
        "low": share_words(end[1]),
        "high": share_words(end[2]),
        "mean": share_words(mean),
        "level": text.percent(confidence, 0),
        "minimum": text.number(max(minimum, 1)),
        "rows": text.number(pool.rows),
    }
    if pool.sums[last] > pool.sums[first]:
        said = text.say(
            "There are more {last} ({hits}) than {first} ({n}): they count different things, so no rate is "
            "given.",
            **words,
        )
    elif end[0] is None:
        said = text.say("{n} {first} are too few for a rate: at least {minimum} are needed.", **words)
    else:
        said = text.say(
            "{hits} {last} from {n} {first}: {rate} ({level} interval {low} to {high}), pooled over {rows} "
            "rows.",
            **words,
        )
        if mean is not None and share_words(mean) != share_words(end[0]):
            said += " " + text.say(
                "The mean of the rows' own rates would say {mean}: it counts a small row as much as a large "
                "one.",
                **words,
            )
    known = {
        step: pool.sums[step] / pool.sums[before]
        for before, step in pairwise(steps)
        if not _note(pool, step, before, minimum)
    }
    if len(known) > 1:
        worst = min(known, key=lambda step: known[step])
        said += " " + text.say(
            "The lowest rate is that of {step}: {rate}.", step=worst, rate=share_words(known[worst])
        )
    if left_out:
        said += " " + text.say("{n} rows lack a figure and are left out.", n=text.number(left_out))
    return said


def by_day(
    totals: Any,
    of: str,
    step: str,
    *,
    day: str = "day",
    longest: int = 7,
    level: float = 0.05,
    draws: int = 999,
    seed: int = 1,
) -> Daily:
    """Return a rate day by day, and whether a stretch of days stands out.

    rate of a day = sum of the step / sum of `of`. p = share of shops without an odd day, drawn at the rate of
    all days, whose most striking stretch is as striking as the one found.

    Args:
        totals: Any frame narwhals knows, with a day in each row; rows of one day are added up.
        of: Column of the denominator, such as ``"carts"``.
        step: Column of those who passed, such as ``"orders"``.
        day: Column of the day.
        longest: Longest stretch looked for, days.
        level: Share of false alarms accepted.
        draws: Shops without an odd day that are drawn for comparison.
        seed: Seed of the draws.

    Raises:
        UnknownNameError: A column is absent.
        TableError: `day` holds no dates.
        InputError: More passed than there were.

    Source: the scan statistic of M. Kulldorff, A spatial scan statistic, 1997, on a line of days.

    >>> import pandas as pd
    >>> orders = [60] * 12 + [20] * 2 + [60] * 16
    >>> days = pd.DataFrame({"day": pd.date_range("2026-05-01", periods=30), "carts": 200, "orders": orders})
    >>> found = by_day(days, "carts", "orders")
    >>> found.start, found.end, found.rate, found.odd
    (datetime.date(2026, 5, 13), datetime.date(2026, 5, 14), 0.1, True)
    """
    pools, _ = pooled(totals, [of, step], day)
    try:
        days = [as_day(dt.datetime.fromisoformat(str(pool.name))) for pool in pools]
    except ValueError:
        raise TableError(
            f"{day} holds {pools[0].name!r}; expected days. Convert the column first, for example with "
            "pandas.to_datetime."
        ) from None
    hits, tries = ([pool.sums[name] for pool in pools] for name in (step, of))
    what = text.say("from {before} to {step}", before=of, step=step)
    return watch(days, hits, tries, what, totals, longest=longest, level=level, draws=draws, seed=seed)


def abandonment(
    totals: Any,
    *,
    carts: str = "carts",
    checkouts: str | None = None,
    orders: str = "orders",
    minimum: int = 100,
) -> Abandonment:
    """Return the shares of carts and of checkouts without an order, from totals.

    cart abandonment = 1 - sum of orders / sum of carts, right only where both count the same unit.

    Args:
        totals: Any frame narwhals knows; one row is a day, a product or a channel.
        carts: Column of carts made.
        checkouts: Column of checkouts begun, or None.
        orders: Column of orders placed.
        minimum: Fewest carts from which a share is given.

    Raises:
        UnknownNameError: A column is absent.
        InputError: There are more orders than carts.

    Source: the definition of the Baymard Institute, which finds about 70% of carts left over many studies.

    >>> import pandas as pd
    >>> abandonment(pd.DataFrame({"carts": [600, 400], "orders": [200, 100]})).cart
    0.7
    """
    columns = [carts, *([checkouts] if checkouts else []), orders]
    sums = pooled(totals, columns)[0][0].sums
    counts = [(text.say("cart"), int(sums[carts]), int(sums[orders]))]
    if checkouts:
        counts.append((text.say("checkout"), int(sums[checkouts]), int(sums[orders])))
    return left_behind(counts, totals, minimum=minimum)
