"""The headline numbers of a month, each beside the month before and the same month a year before.

The one idea: a number of a month says little alone. A month that the data do not cover is "no data",
never 0, and every number carries its definition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from sellerlab import tables, text
from sellerlab.costs import GivenCosts
from sellerlab.counted import NoLinesError, in_period
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.months import month_window, opened
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Unit = Literal["money", "count", "rate"]


@dataclass(frozen=True)
class Measure:
    """One headline number in the month, the month before and the same month a year before."""

    name: str
    label: str
    unit: Unit
    now: float | None
    previous: float | None
    year_before: float | None
    definition: str
    more_is_better: bool = True

    def change(self, before: float | None) -> float | None:
        """Change against `before`: relative, or in points of a rate; None where there is no base."""
        if self.now is None or before is None:
            return None
        if self.unit == "rate":
            return self.now - before
        return (self.now - before) / before if before > 0 else None

    def direction(self, before: float | None) -> str:
        """The change in a word: better, worse, the same, or no data."""
        if self.now is None or before is None:
            return text.say("no data")
        if round(self.now, 6) == round(before, 6):
            return text.say("the same")
        return text.say("better") if (self.now > before) == self.more_is_better else text.say("worse")


@dataclass(frozen=True, kw_only=True, repr=False)
class Headline(Result):
    """The numbers of a month; `table` has one row a number.

    Attributes:
        month: First day of the month.
        measures: The numbers, each with its comparisons and definition.
        pnl: Profit and loss of the month.
        net_sales: Net sales.
        orders: Orders.
        average_order: Net sales per order.
        units: Units sold.
        customers: Customers with a paid line, returns included; None where the file names none.
        contribution: The last contribution that is known; None where no cost is.
        refund_rate: Refunds as a share of sales after discounts, shipping included.
    """

    month: dt.date
    measures: tuple[Measure, ...]
    pnl: ProfitAndLoss
    net_sales: float
    orders: int
    average_order: float | None
    units: float
    customers: int | None
    contribution: float | None
    refund_rate: float | None

    def printed(self, rows: int = 30) -> list[list[str]]:
        """Return the table as text: each number in its own unit, each change with its sign."""
        names = nw.from_native(self.table).lazy().collect_schema().names()
        out = [[text.say(name.replace("_", " ")) for name in names]]
        for each in self.measures[:rows]:
            row = [each.label, self._value(each, each.now)]
            for before in (each.previous, each.year_before):
                row += [self._value(each, before), _signed(each, before), each.direction(before)]
            out.append([*row, each.definition])
        return out

    def _value(self, measure: Measure, value: float | None) -> str:
        if value is None:
            return text.say("no data")
        if measure.unit == "money":
            return text.money(value, self.currency)
        return text.percent(value) if measure.unit == "rate" else text.number(value)

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches."""
        return 2.2

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        sales = self.measures[0]
        before = _previous(self.month)
        year = self.month.replace(year=self.month.year - 1)
        shown = [(self.month, sales.now), (before, sales.previous), (year, sales.year_before)]
        names = [text.month(each) for each, _ in shown]
        labels = [
            name if value is not None else text.say("{month}: no data", month=name)
            for name, (_, value) in zip(names, shown, strict=True)
        ]
        amounts = [float(value or 0.0) for _, value in shown]
        plots.bars(ax, labels, amounts, [plots.TOTAL, plots.MUTED, plots.MUTED])
        for place, (amount, (_, value)) in enumerate(zip(amounts, shown, strict=True)):
            if value is not None:
                ax.annotate(
                    text.money(amount, self.currency),
                    (max(amount, 0.0), place),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                )
        ax.margins(x=0.2)
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(sales.label)


def _previous(start: dt.date) -> dt.date:
    return (start - dt.timedelta(days=1)).replace(day=1)


def _signed(measure: Measure, before: float | None) -> str:
    change = measure.change(before)
    if change is None:
        return "–"
    sign = "+" if change > 0 else ""
    if measure.unit == "rate":
        return text.say("{n} points", n=sign + text.number(change * 100, 1))
    return sign + text.percent(change)


def headline(
    orders: Any,
    month: str,
    products: Any = None,
    costs: GivenCosts = None,
    **names: str,
) -> Headline:
    """Return the headline numbers of a month against the month before and the same month a year before.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows.
        month: Year and month, as ``"2026-05"``.
        products: Products with `landed_cost`, for the contribution.
        costs: The other costs; see `margin.Costs`.
        **names: The caller's own column names.

    Returns:
        `Headline`. A month outside the data is None ("no data"); a month that the data cover only in part
        is named in the sentence.

    Raises:
        InputError: There is no such month, or it has no paid order.
        TableError: A column is missing.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2"], "ordered_at": pd.to_datetime(["2026-04-02", "2026-05-02"]),
    ...     "sku": ["A", "A"], "quantity": [1, 2], "unit_price": [1000.0, 1000.0],
    ... })
    >>> result = headline(orders, "2026-05")
    >>> result.net_sales, result.measures[0].change(result.measures[0].previous)
    (2000.0, 1.0)
    """
    start, _, coverage = opened(orders, month, **names)
    before = _previous(start)
    year = start.replace(year=start.year - 1)
    windows = [(day, month_window(f"{day:%Y-%m}")[1]) for day in (start, before, year)]
    now, *others = [
        _month_numbers(orders, first, last, products, costs, names) if coverage.has(first, last) else {}
        for first, last in windows
    ]
    pnl: ProfitAndLoss = now["pnl"]
    level = pnl.level
    for each in (now, *others):
        # The same level in every month: contribution 2 of one and 3 of another are not comparable.
        if each.get("pnl"):
            each["contribution"] = getattr(each["pnl"], f"contribution_{level}") if level else None
    measures = tuple(
        Measure(
            name,
            text.say(label, level=level) if level or name != "contribution" else text.say("Contribution"),
            unit,
            now=now[name],
            previous=others[0].get(name),
            year_before=others[1].get(name),
            definition=text.say(definition),
            more_is_better=name != "refund_rate",
        )
        for name, label, unit, definition in _MEASURES
    )
    gaps = [coverage.gap(*each) for each in windows]
    columns: dict[str, list[Any]] = {
        "measure": [each.label for each in measures],
        "value": [each.now for each in measures],
        "previous_month": [each.previous for each in measures],
        "change": [each.change(each.previous) for each in measures],
        "direction": [each.direction(each.previous) for each in measures],
        "year_before": [each.year_before for each in measures],
        "change_in_a_year": [each.change(each.year_before) for each in measures],
        "direction_in_a_year": [each.direction(each.year_before) for each in measures],
        "definition": [each.definition for each in measures],
    }
    return Headline(
        table=tables.from_columns(columns, orders),
        sentence=_headline_sentence(measures, pnl, start, before, year, [gap for gap in gaps if gap]),
        definition=" ".join([*(f"{each.label}: {each.definition}" for each in measures), pnl.definition]),
        currency=pnl.currency,
        formats=dict.fromkeys(_NUMBERS, "number"),
        month=start,
        measures=measures,
        pnl=pnl,
        net_sales=pnl.net_sales,
        orders=pnl.orders,
        average_order=now["average_order"],
        units=pnl.units,
        customers=None if now["customers"] is None else int(now["customers"]),
        contribution=pnl.contribution,
        refund_rate=now["refund_rate"],
    )


_NUMBERS = ("value", "previous_month", "change", "year_before", "change_in_a_year")

_MEASURES: tuple[tuple[str, str, Unit, str], ...] = (
    (
        "net_sales",
        "Net sales",
        "money",
        "Sales after discounts, refunds and contained tax, shipping included.",
    ),
    ("orders", "Orders", "count", "Different orders with a paid line of goods or postage."),
    ("average_order", "Net sales per order", "money", "Net sales / orders."),
    ("units", "Units", "count", "Units sold, before returns."),
    ("customers", "Customers", "count", "Different customers with a paid line, returns included."),
    ("contribution", "Contribution {level}", "money", "Net sales less the costs known; see below."),
    ("refund_rate", "Refund rate", "rate", "Refunds of the month / sales after discounts with shipping."),
)


def _month_numbers(
    orders: Any,
    start: dt.date,
    end: dt.date,
    products: Any,
    costs: GivenCosts,
    names: Mapping[str, str],
) -> dict[str, Any]:
    try:
        pnl = profit_and_loss(orders, products, costs=costs, start=start, end=end, **names)
    except NoLinesError:
        nothing = dict.fromkeys(("pnl", "average_order", "refund_rate"))
        return nothing | dict.fromkeys(("net_sales", "orders", "units", "customers", "contribution"), 0.0)
    sales = pnl.gross_sales - pnl.discounts + pnl.shipping
    return {
        "pnl": pnl,
        "net_sales": pnl.net_sales,
        "orders": float(pnl.orders),
        "average_order": pnl.net_sales / pnl.orders if pnl.orders else None,
        "units": pnl.units,
        "customers": _customers(orders, start, end, names),
        "refund_rate": pnl.refunds / sales if sales > 0 else None,
    }


def _customers(orders: Any, start: dt.date, end: dt.date, names: Mapping[str, str]) -> float | None:
    lines = in_period(orders, start, end, names).filter(nw.col("status") == "paid")
    if "customer_id" not in lines.collect_schema().names():
        return None
    named = ~nw.col("customer_id").is_null() & (nw.col("customer_id") != "")
    count = int(lines.filter(named).select(nw.col("customer_id").n_unique()).collect().item())
    return float(count) if count else None


def _headline_sentence(
    measures: tuple[Measure, ...],
    pnl: ProfitAndLoss,
    month: dt.date,
    before: dt.date,
    year: dt.date,
    gaps: list[str],
) -> str:
    sales = measures[0]
    words = {
        "month": text.month(month),
        "net": text.money(pnl.net_sales, pnl.currency),
        "orders": text.number(pnl.orders),
    }
    said = [text.say("In {month} {orders} orders brought {net} of net sales.", **words)]
    if pnl.contribution is not None:
        left = {"left": text.money(pnl.contribution, pnl.currency), "margin": text.percent(pnl.margin or 0.0)}
        said.append(text.say(_LEFT[pnl.level], **left))
    for name, then in (("previous", before), ("year_before", year)):
        base = getattr(sales, name)
        change = sales.change(base)
        words = {"month": text.month(then), "change": text.percent(abs(change or 0.0))}
        if change is None:
            said.append(text.say("For {month} there is no data to compare with.", **words))
        elif round(change, 4) == 0:
            said.append(text.say("Net sales are the same as in {month}.", **words))
        elif change > 0:
            said.append(text.say("Net sales are {change} higher than in {month}.", **words))
        else:
            said.append(text.say("Net sales are {change} lower than in {month}.", **words))
    return " ".join([*said, *gaps])


_LEFT = {
    1: "After the goods {left} is left, {margin} of net sales.",
    2: "After goods, fees and parcels {left} is left, {margin} of net sales.",
    3: "After goods, fees, parcels and marketing {left} is left, {margin} of net sales.",
}
