"""Cohorts: what customers who came at the same time did afterwards.

The one idea is the age of a customer: months since the first order. Customers are compared at the same age,
and an age that a cohort has not fully lived through is unknown. It stays empty: a 0 there would read as
customers who left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sellerlab import tables, text
from sellerlab.costs import GivenCosts
from sellerlab.errors import InputError, unknown
from sellerlab.intervals import wilson
from sellerlab.purchases import purchases
from sellerlab.results import Format, Result
from sellerlab.retention import cohort_words
from sellerlab.retention.cohort_cells import ages_known, counts, grid, label, profit_by_cell, visits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Measure = Literal["customers", "orders", "revenue", "contribution"]
Period = Literal["week", "month", "quarter", "year"]

Grid = NDArray[np.float64]

_FORMAT: dict[str, Format] = {
    "customers": "rate",
    "orders": "number",
    "revenue": "money",
    "contribution": "money",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Cohorts(Result):
    """What each cohort did at each age; `table` has one row a cohort, one column an age.

    Attributes:
        totals: The same rows and columns as sums: customers, orders or money of the whole cohort.
        average: One row an age: customers (the denominator), cohorts, total, average (weighted by cohort
            size), low, high, simple_mean (of the cohorts, each counted alike: not to be used).
        measure: What is measured.
        period: Length of a period.
        as_of: Last day that the data are known for.
        customers: Customers of all cohorts.
        value: Weighted average at age 1; None where too few customers are that old.
        low: Lower end of its interval; None for money.
        high: Upper end.
        value_customers: Customers old enough to be counted in `value`.
        unnamed: Paid orders whose customer the file does not name.
        coverage: Share of gross sales whose landed cost is known, for contribution.
    """

    totals: Any = field(compare=False)
    average: Any = field(compare=False)
    measure: Measure
    period: Period
    as_of: dt.date
    customers: int
    value: float | None
    low: float | None
    high: float | None
    value_customers: int
    unnamed: int
    coverage: float | None

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a cohort."""
        return 1.6 + 0.3 * (min(len(self._rows()), _SHOWN) + 1)

    def _rows(self) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = nw.from_native(self.table).lazy().collect().rows()
        return rows

    def _draw(self, ax: Axes) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        from sellerlab import plots

        rows = self._rows()[-_SHOWN:]
        line = nw.from_native(self.average).lazy().collect()["average"].to_list()[:_SHOWN]
        cells = np.array([list(row[2:])[:_SHOWN] for row in rows] + [line], dtype=float)
        first = 1 if self.measure == "customers" else 0
        # The first column is 100% by definition and would make every other colour pale.
        top = float(np.nanmax(np.append(cells[:, first:], 0.0))) or 1.0
        colours = LinearSegmentedColormap.from_list("sellerlab", ["#f4f8fb", plots.TOTAL])
        ax.imshow(np.ma.masked_invalid(cells), cmap=colours, vmin=0, vmax=top, aspect="auto")
        small = 9 if cells.shape[1] <= 13 else 7
        for (place, age), value in np.ndenumerate(cells):
            # All are there at age 0: 100% by definition, and wider than its cell where ages are many.
            if not np.isnan(value) and (age or not first or cells.shape[1] <= 13):
                dark = value > 0.8 * top
                words = self._written(value)
                ax.text(
                    age, place, words, ha="center", va="center", fontsize=small, color="w" if dark else "k"
                )
        names = [text.say("{cohort} ({n})", cohort=row[0], n=text.number(row[1])) for row in rows]
        ax.set_yticks(range(len(names) + 1), [*names, text.say("weighted average")])
        ax.set_xticks(range(cells.shape[1]))
        ax.axhline(len(names) - 0.5, color="#444444", linewidth=1)
        ax.set_xlabel(text.say(_AXES[self.period]))
        title = text.say(_TITLES[self.measure])
        if self.currency:
            title = text.say("{title} ({currency})", title=title, currency=self.currency)
        ax.set_title(title)
        ax.grid(visible=False)

    def _written(self, value: float) -> str:
        if self.measure == "customers":
            return text.percent(value, 0)
        return text.number(value, 2 if self.measure == "orders" or abs(value) < 10 else 0)


_SHOWN = 24
_AXES = {
    "week": "weeks since the first order",
    "month": "months since the first order",
    "quarter": "quarters since the first order",
    "year": "years since the first order",
}
_TITLES = {
    "customers": "Share of each cohort that bought",
    "orders": "Orders a customer of the cohort",
    "revenue": "Net sales a customer of the cohort",
    "contribution": "Contribution a customer of the cohort",
}


def cohorts(
    orders: Any,
    *,
    measure: Measure = "customers",
    period: Period = "month",
    elapsed: bool = False,
    rolling: bool = False,
    cumulative: bool = False,
    as_of: str | dt.date | None = None,
    products: Any = None,
    costs: GivenCosts = None,
    minimum: int = 30,
    confidence: float = 0.95,
    **names: str,
) -> Cohorts:
    """Return what customers did in each month after the one of their first order.

    cell(c, k) = those of cohort c who bought at age k / customers of cohort c
    average(k) = sum of cell totals / sum of cohort sizes, over the cohorts that have lived through age k

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, of all time.
        measure: ``"customers"`` (the share that bought), ``"orders"``, ``"revenue"`` (net sales) or
            ``"contribution"``, the last three by customer of the cohort.
        period: ``"week"`` (from Monday), ``"month"``, ``"quarter"`` or ``"year"``.
        elapsed: Count age in blocks of 7, 30, 91 or 365 days from the customer's own first order, and not
            in calendar periods, where an order on the 31st and one on the 1st are a month apart.
        rolling: Count a customer at age k who bought then or later; only for customers. Young cohorts had
            less time for "later", so that rolling cohorts cannot be compared with each other.
        cumulative: Add up from age 0; not for customers.
        as_of: Last day that the data are known for; the day of the last line by default. A period that is
            not over on that day stays empty.
        products: Products with `landed_cost`, for contribution.
        costs: Fees, parcels and tax, for revenue and contribution, see `margin.Costs`.
        minimum: Fewest customers from which an average is given.
        confidence: Level of the interval.
        **names: The caller's own column names.

    Returns:
        `Cohorts`; its table has cohort, customers, and a column ``"0"``, ``"1"``, ... for each age.

    Raises:
        TableError: A column is missing.
        InputError: No paid order names its customer, or the parameters do not go together.

    Source: Farris et al., *Marketing Metrics* (retention rate); interval: E. B. Wilson, 1927.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2", "3"], "customer_id": ["ann", "bob", "ann"],
    ...     "ordered_at": pd.to_datetime(["2026-03-02", "2026-03-09", "2026-04-20"]),
    ... })
    >>> cohorts(orders, as_of="2026-04-30").table["1"].tolist()
    [0.5]
    """
    _check(measure, period, rolling, cumulative, products)
    found = purchases(orders, as_of, names)
    by_order = measure == "orders"
    seen = found.once(visits(found.lines, period, elapsed=elapsed, by_order=by_order))
    sizes, total, squares = counts(seen, elapsed=elapsed, by_order=by_order, rolling=rolling)
    pnl = None
    if measure in ("revenue", "contribution"):
        pnl, sales, left = profit_by_cell(
            orders,
            seen,
            period=period,
            elapsed=elapsed,
            as_of=found.as_of,
            products=products,
            costs=costs,
            names=names,
        )
        if measure == "contribution" and pnl.contribution_1 is None:
            raise InputError(
                "No product sold has a known landed_cost: there is no contribution. Fill it in in the "
                "products, or take measure='revenue'."
            )
        total = sales if measure == "revenue" else left
    starts = sorted(sizes)
    known = ages_known(starts, found.as_of, period, elapsed=elapsed)
    size = np.array([sizes[start] for start in starts], dtype=float)
    sums = grid(total, starts, known)
    sums = np.cumsum(sums, axis=1) if cumulative else sums
    exact = measure in ("customers", "orders") and not cumulative
    average = _average(
        sums, grid(squares, starts, known) if exact else None, size, measure, minimum, confidence
    )
    result = Cohorts(
        table=_wide(sums / size[:, None], starts, size, period, orders),
        totals=_wide(sums, starts, size, period, orders),
        average=tables.from_columns(average, orders),
        sentence="",
        definition=cohort_words.definition(
            found, measure, period, elapsed, rolling, cumulative, confidence, pnl
        ),
        currency=pnl.currency if pnl else None,
        formats={"customers": "count", **{str(age): _FORMAT[measure] for age in range(sums.shape[1])}},
        measure=measure,
        period=period,
        as_of=found.as_of,
        customers=int(size.sum()),
        value=_second(average["average"]),
        low=_second(average["low"]),
        high=_second(average["high"]),
        value_customers=int(_second(average["customers"]) or 0),
        unnamed=found.unnamed,
        coverage=pnl.cost_coverage if pnl and measure == "contribution" else None,
    )
    return replace(
        result, sentence=cohort_words.sentence(result, average, minimum, confidence, rolling, cumulative)
    )


def _check(measure: str, period: str, rolling: bool, cumulative: bool, products: Any) -> None:
    if measure not in get_args(Measure):
        raise unknown("measure", measure, get_args(Measure))
    if period not in get_args(Period):
        raise unknown("period", period, get_args(Period))
    if rolling and measure != "customers":
        raise InputError(
            f"rolling counts customers who bought then or later; {measure} have no such sum. "
            "Leave rolling out, or take cumulative=True."
        )
    if cumulative and measure == "customers":
        raise InputError(
            "cumulative adds up over ages, and a customer who bought in two periods would count twice. "
            'Take measure="orders", or retention.time_to_second_order for the share that came back by a day.'
        )
    if measure == "contribution" and products is None:
        raise InputError(
            "contribution needs products with landed_cost. Give products=, or take measure='revenue'."
        )


def _second(values: Sequence[float | None]) -> float | None:
    return values[1] if len(values) > 1 else None


def _plain(values: Any) -> list[float | None]:
    return [None if np.isnan(each) else float(each) for each in values]


def _wide(values: Grid, starts: Sequence[int], size: Grid, period: str, orders: Any) -> Any:
    columns: dict[str, list[Any]] = {
        "cohort": [label(start, period) for start in starts],
        "customers": size.tolist(),
    }
    columns |= {str(age): _plain(values[:, age]) for age in range(values.shape[1])}
    return tables.from_columns(columns, orders)


def _average(
    sums: Grid, squares: Grid | None, size: Grid, measure: str, minimum: int, confidence: float
) -> dict[str, list[float | None]]:
    """Return the columns of the average line: pooled over the cohorts that are old enough."""
    there = ~np.isnan(sums)
    count = (there * size[:, None]).sum(axis=0)
    total = np.where(there, sums, 0.0).sum(axis=0)
    enough = count >= max(minimum, 1)
    safe = np.where(count > 0, count, 1.0)
    mean = np.where(enough, total / safe, np.nan)
    low = high = np.full(len(count), np.nan)
    if measure == "customers":
        low, high = wilson(total, count, confidence)
        low[:1] = high[:1] = np.nan  # 100% by definition: nothing that chance could move
    elif squares is not None:
        from scipy.special import stdtrit

        # The spread between customers, by the t distribution, as customers order unlike often.
        every = np.where(there, squares, 0.0).sum(axis=0)
        spread = np.sqrt(np.maximum(every / safe - (total / safe) ** 2, 0.0) / np.maximum(count - 1, 1.0))
        half = stdtrit(np.maximum(count - 1, 1.0), (1 + confidence) / 2) * spread
        low, high = mean - half, mean + half
    shares = np.where(there, sums, 0.0) / size[:, None]
    return {
        "age": [float(age) for age in range(len(count))],
        "customers": count.tolist(),
        "cohorts": there.sum(axis=0).astype(float).tolist(),
        "total": total.tolist(),
        "average": _plain(mean),
        "low": _plain(np.where(enough, low, np.nan)),
        "high": _plain(np.where(enough, high, np.nan)),
        "simple_mean": _plain(
            np.where(enough, shares.sum(axis=0) / np.maximum(there.sum(axis=0), 1), np.nan)
        ),
    }
