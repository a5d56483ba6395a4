"""Profit and loss from order lines: what is left of the sales, by any dimension.

The one idea: nothing is called profit before every cost above it is known. Sales of a product without a
known landed cost are kept apart, and each contribution is that of the sales it can be known for.

The order lines are scanned once on the caller's engine and come back as one row a product and dimension;
everything after that is small. Money is rounded to the currency's decimals in running totals, so that the
rows of a table add up to its total to the last unit, whatever the rows are.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.costs import Costs
from sellerlab.counted import (
    NoLinesError,
    as_day,
    day_of,
    in_period,
    narrow,
    orders_in,
    with_costs,
    with_worth,
)
from sellerlab.errors import unknown
from sellerlab.margin import profit_words, tiers
from sellerlab.money import decimals
from sellerlab.order_numbers import numbered
from sellerlab.results import Format, Result
from sellerlab.tables import ORDERS, PRODUCTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Date = str | dt.date

_KNOWN_COSTS = ("landed_cost", "fees", "fulfilment", "marketing")

#: The columns of the table after its dimensions, and how they are printed.
COLUMNS: Mapping[str, Format] = {
    "gross_sales": "money",
    "discounts": "money",
    "shipping": "money",
    "refunds": "money",
    "tax": "money",
    "adjustments": "money",
    "net_sales": "money",
    "cost_coverage": "rate",
    "landed_cost": "money",
    "contribution_1": "money",
    "fees": "money",
    "fulfilment": "money",
    "contribution_2": "money",
    "marketing": "money",
    "contribution_3": "money",
    "margin_1": "rate",
    "margin_2": "rate",
    "margin_3": "rate",
    "orders": "count",
    "units": "count",
    "refunded_units": "count",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class ProfitAndLoss(Result):
    """Sales, costs and contribution of a period; `table` has one row a group.

    Attributes:
        start: First day counted.
        end: Last day counted.
        by: The dimensions of the rows; empty for one row.
        gross_sales: Price times quantity, before discounts.
        discounts: Discounts that the seller pays for.
        shipping: Shipping charged to buyers.
        refunds: Money given back, without tax charged on top.
        tax: Tax contained in what was kept.
        adjustments: Corrections and other rows without a product.
        net_sales: gross_sales - discounts + shipping - refunds - tax + adjustments.
        cost_coverage: Share of gross sales whose landed cost is known.
        known_net_sales: Net sales of that part; the denominator of the margins.
        landed_cost: Cost of the goods sold in that part; None where none is known.
        contribution_1: known_net_sales - landed_cost.
        fees: Platform and payment fees; None where unknown.
        fulfilment: Parcels, packaging and the handling of returns; None where unknown.
        contribution_2: contribution_1 - fees - fulfilment of that part.
        marketing: Marketing money of the period; None where unknown.
        contribution_3: contribution_2 - marketing of that part.
        orders: Orders with a counted line of goods or postage.
        units: Units sold, before returns.
        refunded_units: Units that came back.
        pending: Money charged on pending lines, not counted.
        cancelled: Money charged on cancelled lines, not counted.
        known_costs: landed_cost, fees, fulfilment and marketing of the part whose landed cost is known.
        vat_rate: Tax taken to be in the prices, as the file states none; None where it does.
        missing_costs: Products sold without a known landed cost, largest sales first.
    """

    start: dt.date
    end: dt.date
    by: tuple[str, ...]
    gross_sales: float
    discounts: float
    shipping: float
    refunds: float
    tax: float
    adjustments: float
    net_sales: float
    cost_coverage: float | None
    known_net_sales: float
    landed_cost: float | None
    contribution_1: float | None
    fees: float | None
    fulfilment: float | None
    contribution_2: float | None
    marketing: float | None
    contribution_3: float | None
    margin_1: float | None
    margin_2: float | None
    margin_3: float | None
    orders: int
    units: float
    refunded_units: float
    pending: float
    cancelled: float
    known_costs: Mapping[str, float]
    vat_rate: float | None
    missing_costs: tuple[str, ...]

    @property
    def level(self) -> int:
        """The last contribution that is known: 3, 2, 1, or 0 where none is."""
        known = (self.contribution_1, self.contribution_2, self.contribution_3)
        return max((place for place, each in enumerate(known, 1) if each is not None), default=0)

    @property
    def contribution(self) -> float | None:
        """The last contribution that is known."""
        return (None, self.contribution_1, self.contribution_2, self.contribution_3)[self.level]

    @property
    def margin(self) -> float | None:
        """The last contribution that is known, as a share of the net sales it is known for."""
        return (None, self.margin_1, self.margin_2, self.margin_3)[self.level]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: taller with more rows."""
        rows = int(nw.from_native(self.table).lazy().select(nw.len()).collect().item())
        return 1.5 + 0.35 * min(max(rows, 4), 15)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        value = f"contribution_{self.level}" if self.level else "net_sales"
        data = nw.from_native(self.table).lazy().head(15).collect()
        amounts = [float("nan") if each is None else float(each) for each in data[value].to_list()]
        names = (
            [
                ", ".join(text.say("none") if each is None else str(each) for each in row)
                for row in data.select(*self.by).rows()
            ]
            if self.by
            else [text.say("all")]
        )
        plots.bars(ax, names, amounts, [plots.LOSS if each < 0 else plots.GAIN for each in amounts])
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say(value.replace("_", " ").capitalize()))


def profit_and_loss(
    orders: Any,
    products: Any = None,
    *,
    costs: Costs | Mapping[str, Any] | None = None,
    by: str | Sequence[str] | None = None,
    start: Date | None = None,
    end: Date | None = None,
    **names: str,
) -> ProfitAndLoss:
    """Return sales, costs and contribution 1, 2 and 3, as one row or by dimension.

    Net sales = gross sales - discounts + shipping charged - refunds - tax contained + adjustments.
    Contribution 1 = net sales - landed cost of the units kept by buyers or not fit for sale again.
    Contribution 2 = contribution 1 - fees - fulfilment, packaging and return handling.
    Contribution 3 = contribution 2 - marketing. Only paid lines between `start` and `end` count.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        products: Products with `landed_cost` (`tables.PRODUCTS`); without it no contribution is claimed.
        costs: The other costs; see `Costs`. Without them contribution 1 is the last one claimed.
        by: Column or columns of the rows: of the orders, of the products (by sku), or ``"month"``.
        start: First day counted; the first of the data by default.
        end: Last day counted; the last of the data by default.
        **names: The caller's own column names, as ``order_id="InvoiceNo"``.

    Returns:
        `ProfitAndLoss`; rows by net sales, or by time where the first dimension is the month. A group
        whose costs are not known has None there. Money and units of the rows add up to the totals;
        orders do not, as one order may stand in several rows.

    Raises:
        TableError: A column is missing, or one sku has two rows in `products`.
        InputError: A day cannot be read, or no paid line lies in the period (`NoLinesError`).

    Source: contribution tiers as printed in `definition`; there is no standard, so it is printed.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1"], "ordered_at": [pd.Timestamp("2026-05-02")], "sku": ["A"],
    ...     "quantity": [2], "unit_price": [1000.0], "discount": [200.0], "fee": [180.0],
    ... })
    >>> products = pd.DataFrame({"sku": ["A"], "landed_cost": [400.0]})
    >>> pnl = profit_and_loss(orders, products, costs=Costs(fulfilment_per_order=300, marketing=100))
    >>> pnl.net_sales, pnl.contribution_1, pnl.contribution_2, pnl.contribution_3
    (1800.0, 1000.0, 520.0, 420.0)
    """
    costs = Costs.from_mapping(costs) if isinstance(costs, Mapping) else costs
    dims = (by,) if isinstance(by, str) else tuple(by or ())
    first, last = day_of("start", start), day_of("end", end)
    catalogue = tiers.catalogue_of(products)
    lines = narrow(orders, ("channel", "currency", *dims), names)
    if "order_id" not in dims:
        lines = numbered(lines, names)
    currency = tables.currency_of(lines)
    every = in_period(lines, first, last, names)
    _check_dimensions(dims, orders, every, catalogue)
    paid = every.filter(nw.col("status") == "paid")
    if "month" in dims or (costs and isinstance(costs.marketing, Mapping)):
        paid = _with_month(paid)
    seen = _seen(paid, first, last)
    vat_rate = costs.vat_rate if costs and not seen["taxed"] else None
    paid = with_worth(paid, vat_rate)
    paid = with_costs(paid, costs or Costs())
    priced = tiers.priced(tiers.sums(paid, dims), catalogue, costs or Costs(), dims)
    places = decimals(currency) if currency else 2
    first, last = first or seen["first"], last or seen["last"]
    spent = None
    if costs:
        ends = (first if start else first.replace(day=1), last if end else _month_end(last))
        spent = costs.marketing_by_month(*ends)
    rows = tiers.rounded(priced, dims, places, spent)
    known = {
        "fulfilment_known": costs is not None and costs.fulfilment_per_order is not None,
        "marketing_known": spent is not None,
    }
    totals = tiers.grouped(rows, (), places, **known).rows(named=True)[0] | {"orders": seen["orders"]}
    table = tiers.grouped(rows, dims, places, **known)
    counts = {(): seen["orders"]}
    if dims:
        found = tiers.orders_by(paid, dims, catalogue)
        counts = {_key(row[:-1]): row[-1] for row in found.select(*dims, "orders").rows()}
    # By hand, as a join does not find an empty value again.
    told = [int(counts.get(_key(row), 0)) for row in table.select(*dims).rows()] if dims else [counts[()]]
    table = table.with_columns(nw.new_series("orders", told, nw.Int64, backend=table.implementation))
    scalars: dict[str, Any] = {name: tiers.plain(totals[name]) for name in (*COLUMNS, "known_net_sales")}
    missing = tiers.without_cost(priced)
    waiting = _not_counted(every)
    return ProfitAndLoss(
        table=tables.like(_ordered(table, dims), orders),
        sentence=profit_words.sentence(scalars, first, last, currency, missing, waiting, costs),
        definition=profit_words.definition(costs, first, last, dims, vat_rate),
        currency=currency,
        formats=COLUMNS,
        start=first,
        end=last,
        by=dims,
        known_costs={name: totals[f"known_{name}"] for name in _KNOWN_COSTS},
        vat_rate=vat_rate,
        missing_costs=missing,
        pending=waiting["pending"],
        cancelled=waiting["cancelled"],
        **scalars,
    )


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _check_dimensions(
    dims: Sequence[str], orders: Any, lines: nw.LazyFrame[Any], catalogue: nw.DataFrame[Any] | None
) -> None:
    known = {"month", *lines.collect_schema().names(), *(catalogue.columns if catalogue is not None else ())}
    for name in dims:
        if name not in known:
            known.update(nw.from_native(orders).collect_schema().names())
            raise unknown("dimension", name, known & {"month", *ORDERS.names, *PRODUCTS.names})


def _with_month(lines: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    when = nw.col("ordered_at").dt
    # A number, as text of a time is slow or absent on some engines.
    return lines.with_columns(month=when.year().cast(nw.Int64) * 100 + when.month().cast(nw.Int64))


def _seen(paid: nw.LazyFrame[Any], first: dt.date | None, last: dt.date | None) -> dict[str, Any]:
    tax = nw.col("tax_added").abs().sum() + nw.col("tax_included").abs().sum()
    seen = (
        paid.select(
            first=nw.col("ordered_at").min(), last=nw.col("ordered_at").max(), tax=tax, lines=nw.len()
        )
        .collect()
        .rows(named=True)[0]
    )
    if not seen["lines"]:
        period = f"between {first or 'the first day'} and {last or 'the last day'}"
        raise NoLinesError(
            f"There is no paid order line {period}. Choose days that the data cover, or check the statuses."
        )
    orders = orders_in(paid).select(nw.col("order_id").n_unique()).collect().item()
    return {
        "first": as_day(seen["first"]),
        "last": as_day(seen["last"]),
        "taxed": bool(seen["tax"] and seen["tax"] > 0),
        "orders": int(orders),
    }


def _key(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(tiers.plain(each) for each in row)


def _not_counted(every: nw.LazyFrame[Any]) -> dict[str, float]:
    rest = every.filter(nw.col("status") != "paid").group_by("status").agg(nw.col("charged").sum()).collect()
    found = dict(zip(rest["status"].to_list(), rest["charged"].to_list(), strict=True))
    return {name: round(float(found.get(name, 0.0)), 6) for name in ("pending", "cancelled")}


def _ordered(table: nw.DataFrame[Any], dims: Sequence[str]) -> nw.DataFrame[Any]:
    """Sort by time where the first dimension is the month, else by net sales; months as text."""
    if dims and dims[0] != "month":
        table = table.sort("net_sales", *dims, descending=[True, *(False for _ in dims)], nulls_last=True)
    elif dims:
        table = table.sort(*dims, nulls_last=True)
    if "month" in dims:
        months = [f"{month // 100}-{month % 100:02d}" for month in table["month"].to_list()]
        named = nw.new_series("month", months, nw.String, backend=table.implementation)
        table = table.with_columns(named)
    return nw.maybe_reset_index(table.select(*dims, *COLUMNS))
