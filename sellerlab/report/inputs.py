"""What a monthly report is computed from: the shop's tables, read once, and the month to look at.

What differs from shop to shop (the demo shop or an export, a month or the last full one, costs given or
not) is decided here, so that the template notebook stays a page of plain analysis calls.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from sellerlab import text
from sellerlab.files import shipped
from sellerlab.report.parameters import MonthlyParameters
from sellerlab.report.run import FACTS

if TYPE_CHECKING:
    from sellerlab.margin import Costs

#: What the demo shop is reported from: an export as a platform writes it, and what the export cannot say.
_DEMO = {
    "orders": "datasets/exports/shopify_orders.csv",
    "products": "datasets/phone_stand/products.csv",
    "costs": "datasets/phone_stand/costs.yaml",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Inputs:
    """A shop's tables and the month they are looked at.

    Attributes:
        orders: Order lines as `read.orders` gives them.
        products: Products with landed cost and stock, or None.
        costs: Costs that no export holds, or None.
        month: The month, as ``"2026-05"``.
        start: First day of the month.
        end: Last day of the month.
        sentence: Which shop and month this is, and in which money.
        parameters: What was asked for.
    """

    orders: Any = field(compare=False)
    products: Any = field(compare=False)
    costs: Costs | None
    month: str
    start: dt.date
    end: dt.date
    sentence: str
    parameters: MonthlyParameters

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        title = (text.say("Monthly report"), self.parameters.shop_name, text.month(self.start))
        came_in = self.orders.reconciliation.sentence
        return {
            "text/plain": f"{self.sentence}\n{came_in}",
            "text/html": f'<p class="subtitle">{escape(self.sentence)}</p>\n<p>{escape(came_in)}</p>',
            FACTS: {"title": " · ".join(filter(None, title)), "month": self.month},
        }


def load(orders: str = "", month: str = "", products: str = "", costs: str = "", **others: Any) -> Inputs:
    """Read what a monthly report is made from; the report's language is in use from here on.

    Args:
        orders: Path of an export with orders; empty for the demo shop.
        month: The month, as ``"2026-05"``; empty for the last full one.
        products: Path of a table with landed cost and stock.
        costs: Path of a YAML file with the costs that no export holds.
        **others: The other fields of `MonthlyParameters`.

    Returns:
        The tables, the month and its days.

    Raises:
        InputError: A parameter cannot be right, a file cannot be read, or the month has no paid order.

    >>> load(month="2026-05").sentence
    'Demo shop, May 2026. The file holds orders from 1 Mar 2025 to 31 Aug 2026. Amounts are in JPY.'
    """
    from sellerlab import margin, months, read

    given = {"orders": orders, "month": month, "products": products, "costs": costs, **others}
    parameters = MonthlyParameters.of(given)
    text.use(parameters.lang)
    parameters = completed(parameters)
    lines = read.orders(parameters.orders, **parameters.reading())
    chosen = parameters.month or f"{months.last_full_month(lines)[0]:%Y-%m}"
    start, end, _ = months.opened(lines, chosen)
    return Inputs(
        orders=lines,
        products=read.products(parameters.products) if parameters.products else None,
        costs=margin.Costs.read(parameters.costs) if parameters.costs else None,
        month=chosen,
        start=start,
        end=end,
        sentence=_which(lines, parameters.shop_name, start),
        parameters=parameters,
    )


def completed(parameters: MonthlyParameters) -> MonthlyParameters:
    """Return the parameters; where no orders are given, with the demo shop's own.

    >>> completed(MonthlyParameters(month="2026-05")).shop_name
    'Demo shop'
    """
    if parameters.orders:
        return parameters
    given = {name: value for name, value in parameters.for_template().items() if value not in ("", None)}
    demo = {name: str(shipped(path)) for name, path in _DEMO.items()}
    names = {"timezone": "Asia/Tokyo", "shop_name": text.say("Demo shop")}
    return MonthlyParameters.of({**demo, **names, **given})


def _which(orders: Any, shop_name: str, start: dt.date) -> str:
    """Say what the report is about."""
    days = orders["ordered_at"]
    template = (
        "{shop}, {month}. The file holds orders from {first} to {last}. Amounts are in {currency}."
        if shop_name
        else "{month}. The file holds orders from {first} to {last}. Amounts are in {currency}."
    )
    return text.say(
        template,
        shop=shop_name,
        month=text.month(start),
        first=text.day(days.min().date()),
        last=text.day(days.max().date()),
        currency=orders["currency"].iloc[0],
    )
