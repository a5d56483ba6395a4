"""Groups of customers that the data suggest: k-means, its checks, and labels that stay put.

The one idea: k-means always finds groups, also where there are none. So every answer carries how well the
groups stand apart (silhouette) and whether they come back when the customers are drawn anew (bootstrap).
Money and counts are skewed, so logarithms are clustered; the centres are kept, so that next month's
customers are put to the same groups instead of to new ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.results import Result
from sellerlab.segments.kmeans import Array, adjusted_rand, kmeans, nearest, silhouette
from sellerlab.segments.values import VALUES, bought

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Customers needed before groups are looked for.
MINIMUM = 30
#: Customers drawn at random to find the centres, and to measure the silhouette; all are then put to a group.
SAMPLE, MEASURED = 10_000, 2_000
#: Bootstrap samples behind the stability.
DRAWS = 20

#: Silhouettes up to 0.25 show no structure and up to 0.5 a weak one that may be made by the method (Kaufman
#: and Rousseeuw, 1990); groups are called stable from 0.75 on (Hennig, 2007).
NONE, WEAK, STABLE = 0.25, 0.5, 0.75


@dataclass(frozen=True)
class Centres:
    """What puts a customer to a group: give it to the next call, and the groups stay the same.

    Attributes:
        shift: Mean of each logarithm, taken off.
        scale: Standard deviation of each logarithm, divided by.
        points: One row a group, in scaled logarithms; the first is worth most a customer.
    """

    shift: tuple[float, ...]
    scale: tuple[float, ...]
    points: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class Clusters(Result):
    """Groups of customers; `table` has one row a group, `customers` one row a customer.

    Attributes:
        customers: customer_id, recency_days, orders, net_sales and group, in the caller's kind of frame;
            the group is None where there were too few customers.
        n: Customers.
        k: Groups; 0 where there were too few customers.
        as_of: Day to which recency is counted.
        silhouette: How well groups stand apart, -1 to 1.
        stability: Mean adjusted Rand index of groups found again in bootstrap samples; None where the
            groups were given.
        stability_low: The 5% quantile of it.
        tried: k to its silhouette, for every k tried.
        centres: What puts a customer to a group.
    """

    customers: Any = field(compare=False)
    n: int
    k: int
    as_of: dt.date
    silhouette: float | None
    stability: float | None
    stability_low: float | None
    tried: dict[int, float]
    centres: Centres | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        if not self.k:
            ax.text(0.5, 0.5, text.say("too few customers"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        data = nw.from_native(self.customers).lazy().collect()
        # Every so many of them, as the first ones are the largest buyers.
        step = max(1, self.n // MEASURED)
        days, money, labels = (
            np.array(data[name].to_list()[::step], float) for name in ("recency_days", "net_sales", "group")
        )
        money = np.maximum(money, money[money > 0].min(initial=1e9))  # refunded in full: at the lower edge
        sizes = dict(nw.from_native(self.table).lazy().collect().select("group", "customers").rows())
        for group in range(1, self.k + 1):
            mine = labels == group
            label = text.say(
                "group {group}: {n}", group=text.number(group), n=text.number(float(sizes[float(group)]))
            )
            colour = plots.COLOURS[(group - 1) % len(plots.COLOURS)]
            ax.scatter(days[mine], money[mine], s=16, alpha=0.6, color=colour, label=label)
        ax.set_yscale("log")
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("days since the last order"))
        ax.set_title(text.say("Net sales and recency of each customer"))
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def clusters(
    orders: Any,
    k: int | None = None,
    *,
    seed: int = 0,
    tries: Sequence[int] = (2, 3, 4, 5, 6),
    centres: Centres | None = None,
    as_of: str | dt.date | None = None,
    days: int | None = None,
    vat_rate: float | None = None,
    **names: str,
) -> Clusters:
    """Return groups of customers by recency, orders and net sales, found by k-means.

    Each value v becomes log(1 + max(v, 0)), less its mean, over its standard deviation. Without `k` the one
    with the highest silhouette is taken. Groups are numbered by net sales per customer, group 1 worth most.
    Stability: the groups of a bootstrap sample are laid over all customers and compared with the answer
    by the adjusted Rand index (1 the same, 0 as by chance), 20 times.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, any frame narwhals knows.
        k: Groups, 2 or more; chosen among `tries` by default.
        seed: Seed of every random draw: the same call gives the same groups.
        tries: Numbers of groups to try.
        centres: Those of an earlier answer: customers are put to its groups and nothing is fitted.
        as_of: Day to which recency is counted; the last day of the data by default.
        days: Days of history counted; all by default.
        vat_rate: Tax contained in the prices (fraction) where the file states none.
        **names: The caller's own column names.

    Returns:
        `Clusters`; its table has group, customers, share_of_customers, days_since_last, orders_each,
        sales_each (medians), net_sales and share_of_sales.

    Raises:
        TableError: A column is missing.
        InputError: `k` is below 2 or above the number of different customers.

    Source: S. Lloyd, 1982; D. Arthur and S. Vassilvitskii (k-means++), 2007; P. Rousseeuw (silhouette),
    1987; C. Hennig (stability), 2007.

    >>> import pandas as pd
    >>> days = [*range(20, 60), *range(300, 340)]
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(n) for n in range(80)], "customer_id": [f"c{n}" for n in range(80)],
    ...     "ordered_at": pd.Timestamp("2026-05-31") - pd.to_timedelta(days, unit="D"),
    ...     "sku": "A", "quantity": 1, "unit_price": [900.0] * 40 + [100.0] * 40,
    ... })
    >>> result = clusters(orders)
    >>> result.k, result.table["customers"].tolist(), result.stability
    (2, [40.0, 40.0], 1.0)
    """
    found = bought(orders, as_of, days, vat_rate, names)
    customers = found.customers.sort("net_sales", "customer_id", descending=[True, False]).collect()
    raw = np.column_stack([customers[name].cast(nw.Float64).to_numpy() for name in VALUES])
    logs = np.log1p(np.maximum(raw, 0.0))
    given, n = centres, len(raw)
    chosen: dict[int, float] = {}
    if given is None and n >= MINIMUM:
        tried = tuple(tries) if k is None else (k,)
        _check_groups(tried, len(np.unique(raw, axis=0)))
        centres, chosen = _fit(logs, raw[:, 2], tried, seed)
    stable: list[float] = []
    labels, apart = np.zeros(n, dtype=int), None
    if centres:
        points = (logs - centres.shift) / centres.scale
        labels = nearest(points, np.array(centres.points))
        apart = silhouette(*_some(points, labels, seed))
        if given is None:
            stable = _stability(points, labels, len(centres.points), seed)
    count = len(centres.points) if centres else 0
    groups = [int(each) + 1 for each in labels] if count else [None] * n
    engine = customers.implementation
    told = customers.with_columns(nw.new_series("group", groups, nw.Int64, backend=engine))
    columns = _summary(raw, labels, count)
    result: dict[str, Any] = {
        "n": n,
        "k": count,
        "silhouette": apart,
        "stability": float(np.mean(stable)) if stable else None,
        "stability_low": float(np.quantile(stable, 0.05)) if stable else None,
    }
    return Clusters(
        table=tables.from_columns(columns, orders),
        sentence=_sentence(result, columns, given is not None),
        definition=text.say(
            "{how} k-means on log(1 + value) of the three, scaled; groups are numbered by net sales per "
            "customer. Silhouette: 1 = far apart, 0 = touching. Stability: mean adjusted Rand index over "
            "{draws} bootstrap samples, 1 = the same groups again, 0 = as by chance.",
            how=found.definition,
            draws=text.number(DRAWS),
        ),
        currency=found.currency,
        formats={
            "group": "count",
            "customers": "count",
            "share_of_customers": "rate",
            "days_since_last": "count",
            "orders_each": "count",
            "sales_each": "money",
            "net_sales": "money",
            "share_of_sales": "rate",
        },
        customers=tables.like(told, orders),
        as_of=found.as_of,
        tried=chosen,
        centres=centres,
        **result,
    )


def _check_groups(tried: Sequence[int], different: int) -> None:
    for each in tried:
        if each < 2 or int(each) != each:
            raise InputError(f"k is {each!r}: expected a whole number of groups, 2 or more.")
    if not tried or max(tried) > different:
        raise InputError(
            f"k is {max(tried, default=0)}, but only {different} customers differ in recency, orders and net "
            "sales. Ask for fewer groups."
        )


def _fit(logs: Array, money: Array, tried: Sequence[int], seed: int) -> tuple[Centres, dict[int, float]]:
    """Return the centres of the best k, the group worth most first, and the silhouette of each k."""
    shift, scale = logs.mean(axis=0), logs.std(axis=0)
    scale[scale == 0] = 1.0  # a value that all share tells no groups apart
    points = (logs - shift) / scale
    sample = points
    if len(points) > SAMPLE:
        sample = points[np.sort(np.random.default_rng(seed).choice(len(points), SAMPLE, replace=False))]
    best: Array | None = None
    scores: dict[int, float] = {}
    for k in tried:
        found = kmeans(sample, k, seed)
        scores[k] = silhouette(*_some(sample, found.labels, seed))
        if best is None or scores[k] > max(score for each, score in scores.items() if each != k):
            best = found.centres
    assert best is not None
    labels = nearest(points, best)
    worth = [
        float(money[labels == group].mean()) if (labels == group).any() else 0.0 for group in range(len(best))
    ]
    ordered = best[sorted(range(len(best)), key=lambda group: -worth[group])]
    return Centres(tuple(shift.tolist()), tuple(scale.tolist()), tuple(map(tuple, ordered.tolist()))), scores


def _some(points: Array, labels: Any, seed: int) -> tuple[Array, Any]:
    if len(points) <= MEASURED:
        return points, labels
    drawn = np.sort(np.random.default_rng(seed).choice(len(points), MEASURED, replace=False))
    return points[drawn], labels[drawn]


def _stability(points: Array, labels: Any, k: int, seed: int) -> list[float]:
    draw = np.random.default_rng(seed)
    points, labels = _some(points, labels, seed)
    found = []
    for turn in range(DRAWS):
        again = points[draw.integers(0, len(points), len(points))]
        centres = kmeans(again, k, seed + turn + 1, starts=3).centres
        found.append(adjusted_rand(labels, nearest(points, centres)))
    return found


def _summary(raw: Array, labels: Any, k: int) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"group": [float(group + 1) for group in range(k)]}
    total = raw[:, 2].sum()
    mine = [raw[labels == group] for group in range(k)]
    columns["customers"] = [float(len(each)) for each in mine]
    columns["share_of_customers"] = [len(each) / len(raw) for each in mine]
    for place, name in enumerate(("days_since_last", "orders_each", "sales_each")):
        columns[name] = [float(np.median(each[:, place])) if len(each) else None for each in mine]
    columns["net_sales"] = [float(each[:, 2].sum()) for each in mine]
    columns["share_of_sales"] = [net / total if total > 0 else None for net in columns["net_sales"]]
    return columns


def _sentence(found: dict[str, Any], columns: dict[str, list[Any]], given: bool) -> str:
    words = {"n": text.number(found["n"]), "minimum": text.number(MINIMUM), "k": text.number(found["k"])}
    if not found["k"]:
        return text.say("Only {n} customers: groups are looked for from {minimum} on.", **words)
    words |= {
        "size": text.number(columns["customers"][0]),
        "share": text.percent(columns["share_of_sales"][0] or 0.0, 0),
        "apart": text.number(found["silhouette"], 2),
    }
    said = [
        text.say(
            "{n} customers in {k} groups; group 1 is {size} of them and brings {share} of net sales. "
            "Silhouette {apart}.",
            **words,
        )
    ]
    if given:
        said.append(text.say("The groups are those of an earlier answer; nothing was fitted."))
        return " ".join(said)
    words |= {"stable": text.number(found["stability"], 2), "low": text.number(found["stability_low"], 2)}
    if found["silhouette"] <= NONE or found["stability"] < STABLE:
        said.append(
            text.say(
                "Stability {stable} (5% of samples below {low}): these groups are not well told apart. Use "
                "RFM segments, whose borders you know.",
                **words,
            )
        )
    elif found["silhouette"] <= WEAK:
        said.append(
            text.say(
                "Stability {stable} (5% of samples below {low}): the groups come back, but they touch each "
                "other, so where one ends is a choice of the method.",
                **words,
            )
        )
    else:
        said.append(
            text.say(
                "Stability {stable} (5% of samples below {low}): the groups come back and stand apart.",
                **words,
            )
        )
    return " ".join(said)
