"""New and returning customers of a month.

The one idea: only earlier orders can tell who is new, so the answer names how far back the data go, and
orders without a customer are never guessed into either group.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.costs import GivenCosts
from sellerlab.counted import in_period, orders_in
from sellerlab.margin.profit import profit_and_loss
from sellerlab.months import opened
from sellerlab.results import Result
from sellerlab.tables import ORDERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Customers(Result):
    """New and returning customers of a month; `table` has one row a group.

    Attributes:
        month: First day of the month.
        history_days: Days of data before the month.
        buyers: Customers who ordered in the month; None where the file names none.
        new: Those without an order earlier in the data; None where the data begin in the month.
        returning: Those with one; None where the data begin in the month.
        returned_only: Customers who only gave goods back in the month.
        orders_without_customer: Orders whose customer the file does not name.
    """

    month: dt.date
    history_days: int
    buyers: int | None
    new: int | None
    returning: int | None
    returned_only: int
    orders_without_customer: int

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches."""
        return 2.4

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        amounts = [float(each) for each in data["net_sales"].to_list()]
        plots.bars(ax, data["group"].to_list(), amounts, [plots.TOTAL] * len(amounts))
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say("Net sales by kind of customer"))


def customers(orders: Any, month: str, costs: GivenCosts = None, **names: str) -> Customers:
    """Return how many customers of a month are new and how many came back.

    A customer is returning who has a paid order before the month, anywhere in the data. Those who last
    ordered before the data begin are taken for new: nothing in the data can tell.

    Args:
        orders: Order lines (`tables.ORDERS`) of all time, not of the month only.
        month: Year and month, as ``"2026-05"``.
        costs: Only `vat_rate` of it is used, so that net sales agree with the profit and loss.
        **names: The caller's own column names.

    Returns:
        `Customers`; its table has group, customers, orders, net_sales, share_of_sales and average_order.
        Orders without a customer stand in a row of their own.

    Raises:
        InputError: There is no such month, or it has no paid order.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2", "3"], "sku": "A", "quantity": 1, "unit_price": 900.0,
    ...     "ordered_at": pd.to_datetime(["2026-04-02", "2026-05-02", "2026-05-03"]),
    ...     "customer_id": ["ann", "ann", "bob"],
    ... })
    >>> result = customers(orders, "2026-05")
    >>> result.new, result.returning
    (1, 1)
    """
    start, end, coverage = opened(orders, month, **names)
    history = max((start - coverage.first).days, 0)
    lines = tables.use(orders, ORDERS, **names)
    named = "customer_id" in lines.collect_schema().names()
    if named:
        lines = _with_group(lines, start, end, new="new" if history else "buyers")
        known = in_period(lines, start, end).filter(nw.col("status") == "paid")
        known = known.filter(nw.col("customer_group") != "unnamed")
        found = known.group_by("customer_group").agg(nw.col("customer_id").n_unique()).collect()
        counts = dict(zip(found["customer_group"].to_list(), found["customer_id"].to_list(), strict=True))
    else:
        lines, counts = lines.with_columns(customer_group=nw.lit("unnamed")), {}
    pnl = profit_and_loss(lines.to_native(), costs=costs, by="customer_group", start=start, end=end)
    rows = {row["customer_group"]: row for row in nw.from_native(pnl.table).lazy().collect().rows(named=True)}
    shown = [name for name in _GROUPS if name in rows]
    net = {name: float(rows[name]["net_sales"]) for name in shown}
    sold = {name: int(rows[name]["orders"]) for name in shown}
    columns: dict[str, list[Any]] = {
        "group": [text.say(_GROUPS[name]) for name in shown],
        "customers": [float(counts[name]) if name in counts else None for name in shown],
        "orders": [float(sold[name]) for name in shown],
        "net_sales": [net[name] for name in shown],
        "share_of_sales": [net[name] / pnl.net_sales if pnl.net_sales > 0 else None for name in shown],
        "average_order": [net[name] / sold[name] if sold[name] else None for name in shown],
    }
    new, returning = int(counts.get("new", 0)), int(counts.get("returning", 0))
    result = Customers(
        table=tables.from_columns(columns, orders),
        sentence="",
        definition=text.say(
            "Returning customers have a paid order before {month} in the data, which begin on {first}; an "
            "earlier order is not known, so some new customers may not be new. Refund rows count in the net "
            "sales of the customer they belong to.",
            month=text.month(start),
            first=text.day(coverage.first),
        ),
        currency=pnl.currency,
        formats={
            "customers": "count",
            "orders": "count",
            "net_sales": "money",
            "share_of_sales": "rate",
            "average_order": "money",
        },
        month=start,
        history_days=history,
        buyers=None if not counts else new + returning + int(counts.get("buyers", 0)),
        new=new if history and counts else None,
        returning=returning if history and counts else None,
        returned_only=int(counts.get("returned_only", 0)),
        orders_without_customer=sold.get("unnamed", 0),
    )
    return replace(result, sentence=_customers_sentence(result, net, pnl.net_sales))


_GROUPS = {
    "new": "new customers",
    "returning": "returning customers",
    "buyers": "customers, new or not",
    "returned_only": "only returned goods",
    "unnamed": "orders without a customer",
}


def _with_group(lines: nw.LazyFrame[Any], start: dt.date, end: dt.date, *, new: str) -> nw.LazyFrame[Any]:
    """Add the group of each line's customer: what he did in the month and before it."""
    paid = orders_in(in_period(lines, None, end).filter(nw.col("status") == "paid"))
    begin = nw.lit(dt.datetime.combine(start, dt.time()))
    bought = paid.filter(nw.col("ordered_at") >= begin).select("customer_id").unique()
    earlier = paid.filter(nw.col("ordered_at") < begin).select("customer_id").unique()
    lines = lines.join(bought.with_columns(bought=nw.lit(1)), on="customer_id", how="left")
    lines = lines.join(earlier.with_columns(earlier=nw.lit(1)), on="customer_id", how="left")
    group = nw.when(nw.col("earlier").is_null()).then(nw.lit(new)).otherwise(nw.lit("returning"))
    group = nw.when(nw.col("bought").is_null()).then(nw.lit("returned_only")).otherwise(group)
    nobody = nw.col("customer_id").is_null() | (nw.col("customer_id") == "")
    group = nw.when(nobody).then(nw.lit("unnamed")).otherwise(group)
    return lines.with_columns(customer_group=group).drop("bought", "earlier")


def _customers_sentence(result: Customers, net: Mapping[str, float], total: float) -> str:
    words = {
        "month": text.month(result.month),
        "buyers": text.number(result.buyers or 0),
        "new": text.number(result.new or 0),
        "returning": text.number(result.returning or 0),
        "share": text.percent(net.get("returning", 0.0) / total, 0) if total > 0 else "–",
        "days": text.number(result.history_days),
        "n": text.number(result.orders_without_customer),
    }
    if result.buyers is None:
        return text.say("The file names no customers: new and returning ones cannot be told apart.")
    if result.new is None:
        said = [
            text.say(
                "{buyers} customers ordered in {month}. The data begin in that month: who is new and who "
                "came back is told only with earlier orders.",
                **words,
            )
        ]
    else:
        said = [
            text.say(
                "Of {buyers} customers who ordered in {month}, {returning} had ordered before and brought "
                "{share} of net sales; {new} ordered for the first time in {days} days of earlier data.",
                **words,
            )
        ]
    if result.orders_without_customer:
        said.append(text.say("Orders that name no customer: {n}; they stand apart.", **words))
    return " ".join(said)
