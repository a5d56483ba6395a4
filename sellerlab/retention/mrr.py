"""Monthly recurring revenue from spans of days: its level at each month's end and what moved it.

The one idea: a subscription moves MRR in two months only, that of its start and that of its end, so nothing
has to be counted for the months between.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import narwhals as nw

#: The movements and the sign with which each enters.
SIGNS = {"new": 1, "reactivation": 1, "expansion": 1, "contraction": -1, "churned": -1}


def last_whole_month(as_of: dt.date) -> int:
    """Return the number of the last month that is over on a day, that day included.

    Args:
        as_of: The day.

    >>> last_whole_month(dt.date(2026, 1, 30)), last_whole_month(dt.date(2026, 1, 31))
    (24311, 24312)
    """
    tomorrow = as_of + dt.timedelta(days=1)
    return tomorrow.year * 12 + tomorrow.month - 2


def month_end(month: int) -> dt.date:
    """Return the last day of a month given by its number, years x 12 + months before it in the year.

    >>> month_end(24312)
    datetime.date(2026, 1, 31)
    """
    return dt.date((month + 1) // 12, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)


def moved(spans: nw.LazyFrame[Any], first: int, last: int) -> list[dict[str, Any]]:
    """Return one row a month: opening, movements, closing, and subscribers.

    A subscription runs at the end of month m when it starts in m or before and ends in a later month. So
    each gives its MRR in the month of its start and takes it in the month of its end.

    Args:
        spans: `subscribers.Subscribed.spans`.
        first: Number of the first month.
        last: Number of the last month.
    """
    steps = [
        spans.select("customer_id", month=nw.col(side) // 32, by=nw.col("mrr") * sign)
        for side, sign in (("start", 1.0), ("end", -1.0))
    ]
    moves = nw.concat(steps).group_by("customer_id", "month").agg(nw.col("by").sum())
    # A billionth is noise of thirds and twelfths; a customer whose level it was would never be gone.
    moves = moves.filter(nw.col("month") <= float(last), nw.col("by").abs() > 1e-6)
    moves = moves.with_columns(after=nw.col("by").cum_sum().over("customer_id", order_by="month"))
    moves = moves.with_columns(
        after=nw.when(nw.col("after") > 1e-6).then(nw.col("after")).otherwise(nw.lit(0.0)),
        born=nw.col("month").min().over("customer_id"),
    )
    before = nw.col("after") - nw.col("by")
    kind = nw.when(nw.col("by") > 0).then(nw.lit("expansion")).otherwise(nw.lit("contraction"))
    kind = nw.when(before < 1e-6).then(nw.lit("reactivation")).otherwise(kind)
    kind = nw.when(nw.col("month") == nw.col("born")).then(nw.lit("new")).otherwise(kind)
    kind = nw.when(nw.col("after") == 0).then(nw.lit("churned")).otherwise(kind)
    moves = moves.with_columns(kind=kind, size=nw.col("by").abs(), n=nw.lit(1))
    sums = moves.group_by("month", "kind").agg(nw.col("size").sum(), nw.col("n").sum()).collect().rows()
    found = {(int(month), name): (round(float(size), 6), int(n)) for month, name, size, n in sums}
    rows, mrr, people = [], 0.0, 0
    for month in range(first, last + 1):
        here = {name: found.get((month, name), (0.0, 0)) for name in SIGNS}
        row: dict[str, Any] = {
            "month": f"{month // 12}-{month % 12 + 1:02d}",
            "opening": mrr,
            **{name: size for name, (size, _) in here.items()},
            "subscribers": float(people),
            "gained": float(here["new"][1] + here["reactivation"][1]),
            "lost": float(here["churned"][1]),
        }
        mrr = round(mrr + sum(sign * row[name] for name, sign in SIGNS.items()), 6)
        people += int(row["gained"] - row["lost"])
        rows.append(row | {"closing": mrr})
    return rows


def year_kept(spans: nw.LazyFrame[Any], last: int) -> float | None:
    """Return MRR now of those who subscribed at the end of the month a year before / their MRR then.

    Args:
        spans: `subscribers.Subscribed.spans`.
        last: Number of the month that is now.

    Returns:
        The ratio; None where nobody subscribed a year before.
    """

    def level(month: int) -> nw.Expr:
        runs = (nw.col("start") // 32 <= float(month)) & (nw.col("end") // 32 > float(month))
        return nw.when(runs).then(nw.col("mrr")).otherwise(nw.lit(0.0))

    people = spans.with_columns(then=level(last - 12), now=level(last)).group_by("customer_id")
    kept = people.agg(nw.col("then", "now").sum()).filter(nw.col("then") > 0)
    then, now = kept.select(nw.col("then", "now").sum()).collect().rows()[0]
    return float(now / then) if then else None
