"""RFM: which customers are near, often here, and worth most, and what to do about each group.

The one idea: a customer's segment says what to do next, so each has an action, its size and its money. How
scores and segments are made stands in `scores`; who moved between two dates in `migration`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.results import Result
from sellerlab.segments.scores import (
    ACTIONS,
    BANDS,
    GRID,
    MINIMUM,
    Array,
    Cuts,
    Grid,
    cut_offs,
    segments_of,
    with_segment,
)
from sellerlab.segments.values import VALUES, Bought, bought

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Rfm(Result):
    """Customers by segment; `table` has one row a segment, `customers` one row a customer.

    Attributes:
        customers: customer_id, recency_days, orders, net_sales, the scores r, f, m and segment, in the
            caller's kind of frame.
        n: Customers scored; None of them where there were too few.
        as_of: Day to which recency is counted.
        cuts: The cut-offs in use, to be given to the next call; None where there were too few customers.
        net_sales: Net sales of all customers.
        unnamed: Orders left out, as the file does not name their customer.
        sizes: Segment to customers; empty where there were too few.
    """

    customers: Any = field(compare=False)
    n: int
    as_of: dt.date
    cuts: Mapping[str, tuple[float, ...]] | None
    net_sales: float
    unnamed: int
    sizes: Mapping[str, int]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: two bars a segment."""
        return 1.6 + 0.42 * max(len(self.sizes), 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        if not self.sizes:
            ax.text(0.5, 0.5, text.say("too few customers"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        data = nw.from_native(self.table).lazy().collect()
        places = np.arange(len(data))
        for shift, name, label, colour in (
            (-0.2, "share_of_customers", text.say("share of customers"), plots.MUTED),
            (0.2, "share_of_sales", text.say("share of net sales"), plots.TOTAL),
        ):
            shares = [float("nan") if each is None else float(each) for each in data[name].to_list()]
            ax.barh(places + shift, shares, height=0.38, color=colour, label=label)
        ax.set_yticks(places, data["segment"].to_list())
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        plots.percent_axis(ax, axis="x")
        # Below the bars: any of them may be the longest.
        ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.06), ncols=2)
        ax.set_title(text.say("Customers and their money, {day}", day=text.day(self.as_of)))


def rfm(
    orders: Any,
    *,
    as_of: str | dt.date | None = None,
    days: int | None = None,
    cuts: Cuts | None = None,
    grid: Grid = GRID,
    vat_rate: float | None = None,
    **names: str,
) -> Rfm:
    """Return customers by recency, frequency and money, each in one named segment.

    The score of a value is ceil(5 * rank / n) with the average rank of all who share the value: fewer days
    since the last order, more orders and more net sales score higher. Customers with equal values get equal
    scores, so a fifth may be empty: where most have one order, no frequency score can part them. The
    segment is the cell of `grid` at the recency score and FM = (F + M) / 2.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, any frame narwhals knows.
        as_of: Day to which recency is counted; the last day of the data by default.
        days: Days of history counted, such as 365; all by default.
        cuts: Own cut-offs instead of fifths: four rising values for each of recency_days, orders and
            net_sales, a value equal to a cut-off being above it. ``{"orders": (2, 3, 5, 10)}`` scores 1
            order 1, 2 orders 2, 3-4 orders 3, 5-9 orders 4, more 5; days score the other way round.
            Values not named are cut into fifths. ``last.cuts`` uses those of an earlier answer again.
        grid: Recency score 1 to 5 to the names of the five FM bands (`BANDS`).
        vat_rate: Tax contained in the prices (fraction) where the file states none.
        **names: The caller's own column names.

    Returns:
        `Rfm`; its table has segment, customers, share_of_customers, orders, net_sales, share_of_sales,
        sales_per_customer, days_since_last (median) and action.

    Raises:
        TableError: A column is missing.
        InputError: No paid order names a customer, cut-offs do not rise, or the grid leaves a cell out.

    Source: A. Hughes, *Strategic Database Marketing*, 1994 (scores in fifths); ties share the average rank.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(n) for n in range(12)], "customer_id": ["ann", "ann", *"abcdefghij"],
    ...     "ordered_at": pd.to_datetime("2026-05-01") + pd.to_timedelta(range(12), unit="D"),
    ...     "sku": "A", "quantity": 1, "unit_price": [900.0, 900.0] + [100.0] * 10,
    ... })
    >>> result = rfm(orders, as_of="2026-05-31")
    >>> result.customers[["customer_id", "r", "f", "m", "segment"]].head(2).values.tolist()
    [['ann', 1, 5, 5, 'Previously loyal'], ['a', 1, 3, 3, 'Dormant']]
    """
    order = segments_of(grid)
    found = bought(orders, as_of, days, vat_rate, names)
    n = len(found.numbers)
    used = cut_offs(found.numbers, cuts)
    customers = with_segment(found.customers, used, grid)
    customers = customers.sort("net_sales", "customer_id", descending=[True, False])
    columns = _summary(found.numbers, used, grid, order)
    sizes = dict(zip(order, map(int, columns["customers"]), strict=True)) if used else {}
    # Rows come in any order, and sums of floats with them: the noise is rounded off.
    net = round(float(found.numbers[:, 2].sum()), 6)
    return Rfm(
        table=tables.from_columns(columns, orders),
        sentence=_sentence(found, columns, order, used, net),
        definition=_definition(found, used, grid),
        currency=found.currency,
        formats={
            "customers": "count",
            "share_of_customers": "rate",
            "orders": "count",
            "net_sales": "money",
            "share_of_sales": "rate",
            "sales_per_customer": "money",
            "days_since_last": "count",
        },
        customers=tables.like(customers, orders),
        n=n,
        as_of=found.as_of,
        cuts=used,
        net_sales=net,
        unnamed=found.unnamed,
        sizes=sizes,
    )


def _summary(
    numbers: Array, used: Mapping[str, Sequence[float]] | None, grid: Grid, order: Sequence[str]
) -> dict[str, list[Any]]:
    count = len(order)
    columns: dict[str, list[Any]] = {"segment": [text.say(name) for name in order]}
    none: list[Any] = [None] * count
    measured = ("customers", "share_of_customers", "orders", "net_sales", "share_of_sales")
    for name in (*measured, "sales_per_customer", "days_since_last"):
        columns[name] = list(none)
    columns["action"] = [text.say(ACTIONS[name]) if name in ACTIONS else "" for name in order]
    if used is None:
        return columns
    r, f, m = (np.searchsorted(used[name], numbers[:, place], "right") for place, name in enumerate(VALUES))
    band = {round(2 * each): place for place, band in enumerate(BANDS) for each in band}
    lookup = np.array([[order.index(grid[5 - days][band[fm + 2]]) for fm in range(9)] for days in range(5)])
    own = lookup[r, f + m]
    total = round(float(numbers[:, 2].sum()), 6)
    for place in range(count):
        mine = numbers[own == place]
        size, net = len(mine), round(float(mine[:, 2].sum()), 6)
        columns["customers"][place] = float(size)
        columns["share_of_customers"][place] = size / len(numbers)
        columns["orders"][place] = float(mine[:, 1].sum())
        columns["net_sales"][place] = net
        columns["share_of_sales"][place] = net / total if total > 0 else None
        columns["sales_per_customer"][place] = net / size if size else None
        columns["days_since_last"][place] = float(np.median(mine[:, 0])) if size else None
    return columns


def _sentence(
    found: Bought,
    columns: Mapping[str, list[Any]],
    order: Sequence[str],
    used: Mapping[str, Sequence[float]] | None,
    net: float,
) -> str:
    n = len(found.numbers)
    words = {"n": text.number(n), "day": text.day(found.as_of), "minimum": text.number(MINIMUM)}
    if used is None:
        return text.say(
            "Only {n} customers have ordered until {day}: fifths need at least {minimum}. Give own cut-offs, "
            "or wait.",
            **words,
        )
    top = max(range(len(order)), key=lambda place: columns["net_sales"][place])
    words |= {
        "top": text.say(order[top]),
        "size": text.number(columns["customers"][top]),
        "share": text.percent(columns["share_of_customers"][top], 0),
        "part": text.percent(net and columns["net_sales"][top] / net, 0),
        "net": text.money(net, found.currency),
    }
    said = [
        text.say(
            "Of {n} customers on {day}, the segment {top} brought most: {size} customers ({share}) brought "
            "{part} of {net} net sales.",
            **words,
        )
    ]
    quiet = [place for place, name in enumerate(order) if name in ("At risk", "Previously loyal")]
    gone = sum(columns["customers"][place] for place in quiet)
    if gone:
        lost = text.money(sum(columns["net_sales"][place] for place in quiet), found.currency)
        said.append(
            text.say(
                "Gone quiet after buying well: {gone} customers, who brought {lost}.",
                gone=text.number(gone),
                lost=lost,
            )
        )
    once = float((found.numbers[:, 1] == 1).mean())
    if once > 0.2:
        said.append(
            text.say(
                "{once} of the customers have one order and share one frequency score.",
                once=text.percent(once, 0),
            )
        )
    if found.unnamed:
        said.append(text.say("Left out: {n} orders that name no customer.", n=text.number(found.unnamed)))
    return " ".join(said)


def _definition(found: Bought, used: Mapping[str, Sequence[float]] | None, grid: Grid) -> str:
    said = [found.definition]
    if used is not None:
        shown = {
            name: ", ".join(text.number(each, 2 if each % 1 else 0) for each in limits if np.isfinite(each))
            for name, limits in used.items()
        }
        said.append(
            text.say(
                "Scores change at: days {days}; orders {orders}; net sales {money}. Equal values share a "
                "score; FM = (F + M) / 2.",
                days=shown["recency_days"],
                orders=shown["orders"],
                money=shown["net_sales"],
            )
        )
    rows = "; ".join(f"R{score}: {', '.join(map(text.say, grid[score]))}" for score in (5, 4, 3, 2, 1))
    said.append(
        text.say("Segments by recency score, for FM 1–1.5, 2–2.5, 3, 3.5–4 and 4.5–5: {rows}.", rows=rows)
    )
    return " ".join(said)
