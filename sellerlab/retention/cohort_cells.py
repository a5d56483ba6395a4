"""The sums behind a cohort table: who came when, and what each cohort did at each age.

The one idea: periods are whole numbers, so that an age is a difference, the same on every engine. The order
lines are scanned on the caller's engine and come back as one row a cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sellerlab import tables
from sellerlab.costs import GivenCosts
from sellerlab.counted import quick
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.purchases import ordinal
from sellerlab.tables import ORDERS

#: Days of a period where age is counted from the customer's own first order.
ELAPSED_DAYS: Mapping[str, int] = {"week": 7, "month": 30, "quarter": 91, "year": 365}

#: Cohort and age to a sum.
Cells = dict[tuple[int, int], float]

#: Room for ages in the number of a cell: more than a life has weeks.
_WIDE = 10_000


def index_of(day: dt.date, period: str) -> int:
    """Return the number of the period that a day lies in; the next period has the next number.

    >>> index_of(dt.date(2026, 5, 31), "month") - index_of(dt.date(2025, 12, 1), "month")
    5
    """
    if period == "week":
        return (day.toordinal() - 1) // 7
    if period == "month":
        return day.year * 12 + day.month - 1
    return day.year * 4 + (day.month - 1) // 3 if period == "quarter" else day.year


def first_day(index: int, period: str) -> dt.date:
    """Return the first day of a period; a week begins on Monday.

    >>> first_day(index_of(dt.date(2026, 5, 31), "week"), "week")
    datetime.date(2026, 5, 25)
    """
    if period == "week":
        return dt.date.fromordinal(index * 7 + 1)
    if period == "month":
        return dt.date(index // 12, index % 12 + 1, 1)
    return dt.date(index // 4, index % 4 * 3 + 1, 1) if period == "quarter" else dt.date(index, 1, 1)


def label(index: int, period: str) -> str:
    """Return the name of a period: ``"2026-05"``, ``"2026-Q2"``, ``"2026"``, or the Monday of a week.

    >>> label(index_of(dt.date(2026, 5, 31), "quarter"), "quarter")
    '2026-Q2'
    """
    day = first_day(index, period)
    names = {
        "week": f"{day:%Y-%m-%d}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{index % 4 + 1}",
        "year": f"{day.year}",
    }
    return names[period]


def ages_known(starts: Sequence[int], as_of: dt.date, period: str, *, elapsed: bool) -> list[int]:
    """Return how many ages each cohort has fully lived through on a day, age 0 being the first.

    Args:
        starts: Numbers of the cohorts' periods.
        as_of: Last day that the data are known for.
        period: Length of a period.
        elapsed: Whether age is counted from each customer's own first day; the youngest customer decides.

    >>> ages_known([index_of(dt.date(2026, 3, 1), "month")], dt.date(2026, 5, 30), "month", elapsed=False)
    [2]
    """
    if not elapsed:
        complete = index_of(as_of + dt.timedelta(days=1), period)
        return [max(complete - start, 0) for start in starts]
    youngest = [first_day(start + 1, period) - dt.timedelta(days=1) for start in starts]
    return [max(((as_of - day).days + 1) // ELAPSED_DAYS[period], 0) for day in youngest]


def visits(
    lines: nw.LazyFrame[Any], period: str, *, elapsed: bool, by_order: bool = False
) -> nw.LazyFrame[Any]:
    """Return the `cohort` of each customer and his `age` at each purchase, every one once.

    Args:
        lines: `purchases.Purchases.lines`.
        period: Length of a period.
        elapsed: Whether age is counted from the customer's own first day.
        by_order: Whether the different orders of a customer are kept apart.
    """
    index, keys = _index("ordered_at", period), ["customer_id", *(["order_id"] if by_order else [])]
    # Rows that say the same go first: what follows sees a fraction of the lines.
    if not elapsed:
        seen = lines.select(*keys, period=index).group_by(*keys, "period").agg(nw.len().alias("lines"))
        seen = seen.with_columns(cohort=nw.col("period").min().over("customer_id"))
        return seen.with_columns(age=nw.col("period") - nw.col("cohort"))
    days = lines.select(*keys, day=ordinal("ordered_at"), period=index)
    seen = days.group_by(*keys, "day", "period").agg(nw.len().alias("lines"))
    seen = seen.with_columns(
        cohort=nw.col("period").min().over("customer_id"), start=nw.col("day").min().over("customer_id")
    )
    return seen.with_columns(age=(nw.col("day") - nw.col("start")) // ELAPSED_DAYS[period])


def _index(name: str, period: str) -> nw.Expr:
    if period == "week":
        return (ordinal(name) - 1) // 7
    year, month = (part.cast(nw.Float64) for part in (nw.col(name).dt.year(), nw.col(name).dt.month()))
    if period == "month":
        return year * 12 + month - 1
    return year * 4 + (month - 1) // 3 if period == "quarter" else year


def counts(
    found: nw.LazyFrame[Any], *, elapsed: bool, by_order: bool, rolling: bool
) -> tuple[dict[int, int], Cells, Cells]:
    """Return the size of each cohort, and each cell's sum and sum of squares over customers.

    Args:
        found: What `visits` gave.
        elapsed: Whether age is counted from the customer's own first day.
        by_order: Count the different orders of a customer; else whether he bought at all.
        rolling: Count a customer in every age up to his last.
    """
    keys = ["customer_id", "cohort", "age"]
    if by_order:
        # By order first: counting rows is several times faster than counting different texts.
        orders = found.select(*keys, "order_id").unique()
        people = orders.group_by(*keys).agg(nw.len().cast(nw.Float64).alias("n"))
    else:
        # In calendar periods a customer has one row an age already.
        people = (found.select(*keys).unique() if elapsed else found).with_columns(n=nw.lit(1.0))
    born = people.filter(nw.col("age") == 0).group_by("cohort").agg(nw.len()).collect().rows()
    if rolling:
        last = people.group_by("customer_id", "cohort").agg(nw.col("age").max())
        people = last.with_columns(n=nw.lit(1.0))
    cells = people.with_columns(square=nw.col("n") * nw.col("n")).group_by("cohort", "age")
    rows = cells.agg(nw.col("n").sum(), nw.col("square").sum()).collect().rows()
    total = {(int(cohort), int(age)): float(n) for cohort, age, n, _ in rows}
    squares = {(int(cohort), int(age)): float(square) for cohort, age, _, square in rows}
    if rolling:
        total = squares = _or_later(total)
    return {int(cohort): int(n) for cohort, n in born}, total, squares


def _or_later(last: Cells) -> Cells:
    """Turn the customers whose last age is k into those who were seen at k or later."""
    found: Cells = {}
    for (cohort, oldest), n in last.items():
        for age in range(oldest + 1):
            found[cohort, age] = found.get((cohort, age), 0.0) + n
    return found


def profit_by_cell(
    orders: Any,
    found: nw.LazyFrame[Any],
    *,
    period: str,
    elapsed: bool,
    as_of: dt.date,
    products: Any,
    costs: GivenCosts,
    names: Mapping[str, str],
) -> tuple[ProfitAndLoss, Cells, Cells]:
    """Return the profit and loss by cell, and the net sales and the contribution of each cell.

    A refund belongs to the age at which the money went back. Contribution is the second, or the first where
    fees and parcels are not known; NaN where a cell's costs are not known.

    Args:
        orders: Order lines as the caller gave them.
        found: What `visits` gave.
        period: Length of a period.
        elapsed: Whether age is counted from the customer's own first day.
        as_of: Last day counted.
        products: Products with `landed_cost`, or None.
        costs: Fees, parcels and tax.
        names: Contract name to the caller's own column name.
    """
    keys = ["cohort", "start"] if elapsed else ["cohort"]
    people = found.group_by("customer_id").agg(*(nw.col(name).min() for name in keys))
    lines = tables.use(quick(orders), ORDERS, ("customer_id",), **names)
    if isinstance(lines.collect_schema()["customer_id"], (nw.Categorical, nw.Enum)):
        lines = lines.with_columns(nw.col("customer_id").cast(nw.String))
    lines = lines.join(people, on="customer_id", how="inner")
    if elapsed:
        age = (ordinal("ordered_at") - nw.col("start")) // ELAPSED_DAYS[period]
    else:
        age = _index("ordered_at", period) - nw.col("cohort")
    # Money that went back before the first order known belongs to an order before the data.
    lines = lines.with_columns(age=age).filter(nw.col("age") >= 0)
    lines = lines.with_columns(cell=(nw.col("cohort") * _WIDE + nw.col("age")).cast(nw.Int64))
    pnl = profit_and_loss(lines.to_native(), products, costs=costs, by="cell", end=as_of)
    left = "contribution_2" if pnl.contribution_2 is not None else "contribution_1"
    rows = nw.from_native(pnl.table).lazy().select("cell", "net_sales", left).collect().rows()
    sales, contribution = {}, {}
    for cell, net, rest in rows:
        sales[divmod(int(cell), _WIDE)] = float(net)
        contribution[divmod(int(cell), _WIDE)] = float("nan") if rest is None else float(rest)
    return pnl, sales, contribution


def grid(cells: Cells, starts: Sequence[int], known: Sequence[int]) -> NDArray[np.float64]:
    """Return the cells as rows of cohorts and columns of ages; an age not lived through is NaN.

    Args:
        cells: Cohort and age to a sum; a cell that is absent is 0.
        starts: Cohorts, one a row.
        known: How many ages of each are known.

    >>> grid({(5, 0): 2.0}, [5, 6], [2, 1]).tolist()
    [[2.0, 0.0], [0.0, nan]]
    """
    made = np.full((len(starts), max(known, default=0)), np.nan)
    for place, (start, lived) in enumerate(zip(starts, known, strict=True)):
        made[place, :lived] = [cells.get((start, age), 0.0) for age in range(lived)]
    return made
