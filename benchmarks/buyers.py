"""Questions about customers: RFM, monthly cohorts, the repeat-purchase summary, and a BG/NBD fit.

Paid lines count; a refund moves money and is no order; lines without a customer are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.data import FIRST, LAST
from benchmarks.jobs import DUCKDB, NUMPY, OURS, PANDAS, Answer, Job, Way, sorted_columns, sql, with_files

_PAID = "status = 'paid' AND customer_id IS NOT NULL"
_MONTHS = 24


def rfm() -> Job:
    """Recency, frequency and money of each customer, scored in fifths, with a named segment."""
    ways = {OURS: _rfm, PANDAS: _rfm_pandas, DUCKDB: _rfm_duckdb, NUMPY: _rfm_numpy}
    return Job(
        "RFM: values, fifths, segments", "order_lines",
        with_files({name: Way(run, _rfm_answer) for name, run in ways.items()}),
    )  # fmt: skip


def _rfm(orders: Any) -> Any:
    from sellerlab import segments

    return segments.rfm(orders, as_of=LAST.date()).customers


def _rfm_pandas(orders: pd.DataFrame) -> Any:
    paid = orders[(orders["status"] == "paid") & orders["customer_id"].notna()]
    paid = paid.assign(worth=paid["quantity"] * paid["unit_price"] - paid["discount"])
    sales = paid[paid["kind"] == "sale"].groupby("customer_id")
    people = sales.agg(last=("ordered_at", "max"), orders=("order_id", "nunique"))
    people["net_sales"] = paid.groupby("customer_id")["worth"].sum().round(2)
    people["recency_days"] = (LAST - people["last"].dt.normalize()).dt.days
    ranks = {"r": -people["recency_days"], "f": people["orders"], "m": people["net_sales"]}
    for name, values in ranks.items():
        people[name] = np.ceil(5 * values.rank() / len(people)).astype(int)
    people["segment"] = _segments()[people["r"], people["f"] + people["m"]]
    return people.reset_index()


def _rfm_duckdb(orders: pd.DataFrame) -> Any:
    def score(value: str) -> str:
        # Twice the average rank of those who share a value, so that whole numbers will do.
        twice = f"2 * rank() OVER (ORDER BY {value}) - 1 + count(*) OVER (PARTITION BY {value})"
        return f"(5 * ({twice}) + 2 * n - 1) // (2 * n)"

    grid = [(r, fm, name) for (r, fm), name in np.ndenumerate(_segments()) if name]
    query = f"""
        WITH people AS (
            SELECT customer_id, count(DISTINCT order_id) FILTER (kind = 'sale') AS orders,
                DATE '{LAST.date()}' - max(ordered_at::DATE) FILTER (kind = 'sale') AS recency_days,
                round(sum(quantity * unit_price - discount), 2) AS net_sales
            FROM orders WHERE {_PAID} GROUP BY customer_id HAVING orders > 0
        ), scored AS (
            SELECT *, {score("-recency_days")} AS r, {score("orders")} AS f, {score("net_sales")} AS m
            FROM people, (SELECT count(*) AS n FROM people)
        )
        SELECT customer_id, recency_days, orders, net_sales, scored.r, f, m, segment
        FROM scored JOIN grid ON scored.r = grid.r AND f + m = fm"""
    return sql(query, orders=orders, grid=pd.DataFrame(grid, columns=["r", "fm", "segment"]))


def _rfm_numpy(orders: pd.DataFrame) -> Any:
    customer, names = pd.factorize(orders["customer_id"])
    order = pd.factorize(orders["order_id"])[0]
    paid = (orders["status"] == "paid").to_numpy() & (customer >= 0)
    sale = paid & (orders["kind"] == "sale").to_numpy()
    worth = orders["quantity"].to_numpy() * orders["unit_price"].to_numpy() - orders["discount"].to_numpy()
    money = np.bincount(customer[paid], worth[paid], len(names)).round(2)
    buyer = np.full(order.max() + 1, -1)
    buyer[order[sale]] = customer[sale]
    times = np.bincount(buyer[buyer >= 0], minlength=len(names))
    last = np.full(len(names), -1)
    np.maximum.at(last, customer[sale], _days(orders)[sale])
    here = times > 0
    recency, times, money = (LAST - FIRST).days - last[here], times[here], money[here]
    r, f, m = (_fifths(each) for each in (-recency, times, money))
    return pd.DataFrame(
        {
            "customer_id": names[here], "recency_days": recency, "orders": times, "net_sales": money,
            "r": r, "f": f, "m": m, "segment": _segments()[r, f + m],
        }
    )  # fmt: skip


def _rfm_answer(found: Any) -> Answer:
    columns = ["recency_days", "orders", "net_sales", "r", "f", "m", "segment"]
    return sorted_columns(found, ["customer_id"], columns)


def _fifths(values: np.ndarray) -> np.ndarray:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    twice = 2 * np.cumsum(count) - count + 1
    return (-(-5 * twice // (2 * len(values))))[place]


def _segments() -> np.ndarray:
    """Return the names of the grid, by recency score and F + M."""
    from sellerlab.segments.scores import BANDS, GRID

    names = np.full((6, 11), "", dtype=object)
    for score, row in GRID.items():
        for name, band in zip(row, BANDS, strict=True):
            names[score, [round(2 * each) for each in band]] = name
    return names


def cohorts() -> Job:
    """Share of the customers of each month who bought in each month after it."""
    ways = {OURS: _cohorts, PANDAS: _cohorts_pandas, DUCKDB: _cohorts_duckdb, NUMPY: _cohorts_numpy}
    return Job(
        "Monthly cohorts, share of customers", "order_lines",
        with_files({name: Way(run, lambda found: found) for name, run in ways.items()}),
    )  # fmt: skip


def _cohorts(orders: Any) -> Answer:
    import narwhals as nw

    from sellerlab import retention

    table = nw.from_native(retention.cohorts(orders, as_of=LAST.date()).table).lazy().collect()
    rows = np.array(table.drop("cohort").rows(), dtype=float)
    empty = np.full((len(rows), 1 + _MONTHS - rows.shape[1]), np.nan)
    return {"cohorts": np.hstack([rows, empty])}


def _cohorts_pandas(orders: pd.DataFrame) -> Answer:
    sales = orders[(orders["status"] == "paid") & (orders["kind"] == "sale") & orders["customer_id"].notna()]
    month = (sales["ordered_at"].dt.year - FIRST.year) * 12 + sales["ordered_at"].dt.month - 1
    first = month.groupby(sales["customer_id"]).transform("min")
    cells = sales["customer_id"].groupby([first.rename("cohort"), (month - first).rename("age")])
    counts = cells.nunique().reset_index(name="n")
    return matrix(counts["cohort"], counts["age"], counts["n"])


def _cohorts_duckdb(orders: pd.DataFrame) -> Answer:
    query = f"""
        WITH seen AS (
            SELECT DISTINCT customer_id,
                (year(ordered_at) - {FIRST.year}) * 12 + month(ordered_at) - 1 AS month
            FROM orders WHERE {_PAID} AND kind = 'sale'
        ), aged AS (SELECT *, min(month) OVER (PARTITION BY customer_id) AS cohort FROM seen)
        SELECT cohort, month - cohort AS age, count(*) AS n FROM aged GROUP BY ALL"""
    counts = sql(query, orders=orders)
    return matrix(counts["cohort"], counts["age"], counts["n"])


def _cohorts_numpy(orders: pd.DataFrame) -> Answer:
    customer, names = pd.factorize(orders["customer_id"])
    sale = (orders["status"] == "paid").to_numpy() & (orders["kind"] == "sale").to_numpy() & (customer >= 0)
    month = orders["ordered_at"].to_numpy()[sale].astype("datetime64[M]").astype(int)
    month -= (FIRST.year - 1970) * 12
    seen = np.zeros((len(names), _MONTHS), dtype=bool)
    seen[customer[sale], month] = True
    first = seen.argmax(axis=1)
    bought, when = np.nonzero(seen)
    cell = first[bought] * _MONTHS + when - first[bought]
    counts = np.bincount(cell, minlength=_MONTHS**2)
    return matrix(*divmod(np.arange(_MONTHS**2), _MONTHS), counts)


def matrix(cohort: Any, age: Any, n: Any) -> Answer:
    """Return sizes and shares; a month that has not come is empty, one in which nobody bought is 0."""
    counts = np.zeros((_MONTHS, _MONTHS))
    counts[np.asarray(cohort), np.asarray(age)] = n
    counts[np.add.outer(np.arange(_MONTHS), np.arange(_MONTHS)) >= _MONTHS] = np.nan
    counts = counts[counts[:, 0] > 0]
    return {"cohorts": np.column_stack([counts[:, 0], counts / counts[:, :1]])}


def repeat_purchases() -> Job:
    """Frequency, recency, age and value of each customer: purchases of one day are one."""
    ways = {OURS: _repeat, PANDAS: _repeat_pandas, DUCKDB: _repeat_duckdb, NUMPY: _repeat_numpy}
    return Job(
        "Repeat-purchase summary", "order_lines",
        with_files({name: Way(run, _repeat_answer) for name, run in ways.items()}),
    )  # fmt: skip


def _repeat(orders: Any) -> Any:
    from sellerlab import lifetime

    return lifetime.repeat_purchases(orders, end=LAST.date()).table


def _repeat_pandas(orders: pd.DataFrame) -> Any:
    paid = orders[(orders["status"] == "paid") & orders["customer_id"].notna()]
    paid = paid.assign(worth=paid["quantity"] * paid["unit_price"] - paid["discount"])
    # A refund belongs to the day of its order.
    order = paid.groupby("order_id").agg(
        customer_id=("customer_id", "first"), day=("ordered_at", "min"), worth=("worth", "sum")
    )
    order["day"] = order["day"].dt.normalize()
    bought = order.groupby(["customer_id", "day"], as_index=False)["worth"].sum()
    people = bought.groupby("customer_id").agg(
        first=("day", "first"),
        last=("day", "last"),
        n=("day", "size"),
        all=("worth", "sum"),
        one=("worth", "first"),
    )
    repeats = people["n"] - 1
    return pd.DataFrame(
        {
            "frequency": repeats,
            "recency": (people["last"] - people["first"]).dt.days / 7,
            "age": (LAST - people["first"]).dt.days / 7,
            "value": (people["all"] - people["one"]).round(2) / repeats.where(repeats > 0),
        }
    ).reset_index()


def _repeat_duckdb(orders: pd.DataFrame) -> Any:
    query = f"""
        WITH bills AS (
            SELECT any_value(customer_id) AS customer_id, min(ordered_at)::DATE AS day,
                sum(quantity * unit_price - discount) AS worth
            FROM orders WHERE {_PAID} GROUP BY order_id
        ), days AS (SELECT customer_id, day, sum(worth) AS worth FROM bills GROUP BY ALL), people AS (
            SELECT customer_id, count(*) - 1 AS frequency, min(day) AS first, max(day) AS last,
                sum(worth) - arg_min(worth, day) AS worth
            FROM days GROUP BY customer_id
        )
        SELECT customer_id, frequency, (last - first) / 7.0 AS recency,
            (DATE '{LAST.date()}' - first) / 7.0 AS age, round(worth, 2) / nullif(frequency, 0) AS value
        FROM people"""
    return sql(query, orders=orders)


def _repeat_numpy(orders: pd.DataFrame) -> Any:
    customer, names = pd.factorize(orders["customer_id"])
    order = pd.factorize(orders["order_id"])[0]
    paid = (orders["status"] == "paid").to_numpy() & (customer >= 0)
    customer, order, day = customer[paid], order[paid], _days(orders)[paid]
    worth = orders["quantity"].to_numpy() * orders["unit_price"].to_numpy() - orders["discount"].to_numpy()
    first_day = np.full(order.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first_day, order, day)
    length = (LAST - FIRST).days + 1
    visit, place = np.unique(customer * length + first_day[order], return_inverse=True)
    money = np.bincount(place, worth[paid])
    who, when = visit // length, visit % length
    begin = np.flatnonzero(np.diff(who, prepend=-1))
    end = np.append(begin[1:], len(who)) - 1
    repeats = end - begin
    rest = (np.add.reduceat(money, begin) - money[begin]).round(2)
    return pd.DataFrame(
        {
            "customer_id": names[who[begin]],
            "frequency": repeats,
            "recency": (when[end] - when[begin]) / 7,
            "age": ((LAST - FIRST).days - when[begin]) / 7,
            "value": np.divide(rest, repeats, out=np.full(len(rest), np.nan), where=repeats > 0),
        }
    )


def _repeat_answer(found: Any) -> Answer:
    return sorted_columns(found, ["customer_id"], ["frequency", "recency", "age", "value"])


def _days(orders: pd.DataFrame) -> np.ndarray:
    """Return whole days since the first day of the data."""
    when = orders["ordered_at"].to_numpy().astype("datetime64[D]")
    return (when - np.datetime64(FIRST, "D")).astype(np.int64)


def fit() -> Job:
    """The four parameters of the BG/NBD model by maximum likelihood."""
    # Two climbers stop at slightly different places of a flat top.
    return Job("BG/NBD fit", "histories", {OURS: Way(_fit, fit_answer)}, relative=5e-3)


def _fit(histories: pd.DataFrame) -> Any:
    from sellerlab import lifetime

    return lifetime.fit(histories).model.parameters


def fit_answer(found: Any) -> Answer:
    """Return the parameters in the papers' order."""
    return {"parameters": np.array([found[name] for name in ("r", "alpha", "a", "b")])}
