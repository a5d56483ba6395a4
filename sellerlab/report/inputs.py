"""What a report is computed from: the shop's tables, read once, and the days to look at.

What differs from shop to shop (the demo shop or an export, given days or the last ones, costs given or
not) is decided here, so that the template notebook stays a page of plain analysis calls.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from sellerlab import text
from sellerlab.errors import InputError, unknown
from sellerlab.files import shipped
from sellerlab.report.parameters import (
    REPORTS,
    ChannelReviewParameters,
    MonthlyParameters,
    ReportParameters,
)
from sellerlab.report.run import FACTS

if TYPE_CHECKING:
    from sellerlab.margin import Costs

Parameters = TypeVar("Parameters", bound=ReportParameters)

#: What the demo shop is reported from: an export as a platform writes it, and what the export cannot say.
_DEMO = {
    "orders": "datasets/exports/shopify_orders.csv",
    "products": "datasets/phone_stand/products.csv",
    "costs": "datasets/phone_stand/costs.yaml",
}

#: Days of a review of a period, where none are given.
_DAYS = 91


@dataclass(frozen=True)
class Window:
    """The days a report is about.

    Attributes:
        start: First day; of a review of the customers the day of the last review.
        end: Last day.
        name: The days as they stand in the name of the report's file.
        words: The days in words.
        printed: Parameter to the day that was taken.
    """

    start: dt.date
    end: dt.date
    name: str
    words: str
    printed: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, repr=False)
class Inputs:
    """A shop's tables and the days they are looked at.

    Attributes:
        orders: Order lines as `read.orders` gives them.
        products: Products with landed cost and stock, or None.
        costs: Costs that no export holds, or None.
        window: The days of the report.
        title: Title of the page.
        sentence: Which shop and days these are, and in which money.
        parameters: What was asked for.
        demo: Whether it is the demo shop.
    """

    orders: Any = field(compare=False)
    products: Any = field(compare=False)
    costs: Costs | None
    window: Window
    title: str
    sentence: str
    parameters: ReportParameters
    demo: bool = False

    @property
    def start(self) -> dt.date:
        """First day of the report."""
        return self.window.start

    @property
    def end(self) -> dt.date:
        """Last day of the report."""
        return self.window.end

    @property
    def month(self) -> str:
        """The month of the first day, as ``"2026-05"``."""
        return f"{self.window.start:%Y-%m}"

    @property
    def vat_rate(self) -> float | None:
        """Tax contained in the prices where the file states none, as far as the costs say."""
        return self.costs.vat_rate if self.costs else None

    @property
    def currency(self) -> str:
        """ISO code of the shop's money."""
        return str(self.orders["currency"].iloc[0])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        came_in = self.orders.reconciliation.sentence
        return {
            "text/plain": f"{self.sentence}\n{came_in}",
            "text/html": f'<p class="subtitle">{escape(self.sentence)}</p>\n<p>{escape(came_in)}</p>',
            FACTS: {"title": self.title, "period": self.window.name},
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
    given = {"orders": orders, "month": month, "products": products, "costs": costs, **others}
    return _loaded(MonthlyParameters.of(given), text.say("Monthly report"))


def load_review(report: str, given: Mapping[str, Any] | None = None) -> Inputs:
    """Read what a review is made from.

    Args:
        report: Name of the report, such as ``"customer_review"``.
        given: The parameters by name; other names are passed over, so that a notebook gives ``vars()``.

    Returns:
        The tables and the days of the review.

    Raises:
        UnknownNameError: There is no such report.
        InputError: A parameter cannot be right, a file cannot be read, or the days have no paid order.

    >>> load_review("customer_review", {"as_of": "2026-05-31"}).sentence
    'Demo shop, 31 May 2026. The file holds orders from 1 Mar 2025 to 31 Aug 2026. Amounts are in JPY.'
    """
    if report not in REPORTS:
        raise unknown("report", report, REPORTS)
    known = REPORTS[report]().for_template()
    parameters = REPORTS[report].of({name: given[name] for name in known if name in given} if given else {})
    return _loaded(parameters, parameters.title)


def _loaded(parameters: ReportParameters, title: str) -> Inputs:
    from sellerlab import margin, read

    text.use(parameters.lang)
    demo = not parameters.orders
    parameters = completed(parameters)
    lines = read.orders(parameters.orders, **parameters.reading())
    window = window_of(parameters, lines)
    return Inputs(
        orders=lines,
        products=read.products(parameters.products) if parameters.products else None,
        costs=margin.Costs.read(parameters.costs) if parameters.costs else None,
        window=window,
        title=" · ".join(filter(None, (title, parameters.shop_name, window.words))),
        sentence=_which(lines, parameters.shop_name, window.words),
        parameters=parameters,
        demo=demo,
    )


def completed(parameters: Parameters) -> Parameters:
    """Return the parameters; where no orders are given, with the demo shop's own.

    >>> completed(MonthlyParameters(month="2026-05")).shop_name
    'Demo shop'
    """
    if parameters.orders:
        return parameters
    paths, terms = dict(_DEMO), {"timezone": "Asia/Tokyo", "shop_name": text.say("Demo shop")}
    if isinstance(parameters, ChannelReviewParameters):
        # The demo shop has no ads and no test: those of a second shop stand in, in that shop's money.
        second = {"totals": "totals.csv", "ads": "ads.csv", "test": "listing_test.csv.gz"}
        paths |= {name: f"datasets/baby_goods/{file}" for name, file in second.items()}
        paths |= {"events": "datasets/phone_stand/events.csv.gz"}
        terms |= {"ads_currency": "KRW", "contribution_rate": "0.3"}
    demo = {name: str(shipped(path)) for name, path in paths.items()}
    return type(parameters).of({**demo, **terms, **parameters.given()})


def window_of(parameters: ReportParameters, orders: Any) -> Window:
    """Return the days that a report is about; refuse days without a paid order.

    Args:
        parameters: What was asked for.
        orders: The shop's order lines.

    Raises:
        InputError: No paid order lies in these days; the message says which days the file covers.
    """
    from sellerlab import months
    from sellerlab.counted import as_day, day_of

    given = parameters.given()
    if "month" in parameters.for_template():
        chosen = given.get("month") or f"{months.last_full_month(orders)[0]:%Y-%m}"
        first, last, _ = months.opened(orders, chosen)
        return Window(first, last, chosen, text.month(first), {"month": chosen})
    paid = orders[orders["status"] == "paid"]
    if paid.empty:
        raise InputError("There is no paid order in the file: check the statuses.")
    first, last = as_day(paid["ordered_at"].min()), as_day(paid["ordered_at"].max())
    if "as_of" in parameters.for_template():
        if paid["customer_id"].isna().all():
            raise InputError(
                "No paid order in the file names its customer, so there are no customers to review. Export "
                "the orders with the buyer's number or mail address; it is made a code when it is read."
            )
        end = day_of("as_of", given.get("as_of")) or last
        start = day_of("since", given.get("since")) or _months_before(end, 3)
        _refuse(end < first, f"up to {end}", first, last)
        _refuse(start >= end, f"between {start} and {end}", first, last)
        return Window(start, end, f"{end}", text.day(end), {"as_of": f"{end}", "since": f"{start}"})
    end = day_of("end", given.get("end")) or last
    start = day_of("start", given.get("start")) or max(end - dt.timedelta(days=_DAYS - 1), first)
    inside = paid["ordered_at"].dt.date.between(start, end)
    _refuse(not inside.any(), f"from {start} to {end}", first, last)
    words = f"{text.day(start)} to {text.day(end)}"
    return Window(start, end, f"{start}-to-{end}", words, {"start": f"{start}", "end": f"{end}"})


def _refuse(nothing: bool, period: str, first: dt.date, last: dt.date) -> None:
    if nothing:
        raise InputError(f"There is no paid order {period}. The file has orders from {first} to {last}.")


def _months_before(day: dt.date, months: int) -> dt.date:
    """Return the same day some months before; the last of the month stays the last.

    >>> _months_before(dt.date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    after = day + dt.timedelta(days=1)
    if after.day == 1:  # the last day of a month
        return _months_before(after, months) - dt.timedelta(days=1)
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    first_of_next = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(day.day, (first_of_next - dt.timedelta(days=1)).day))


def _which(orders: Any, shop_name: str, when: str) -> str:
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
        month=when,
        first=text.day(days.min().date()),
        last=text.day(days.max().date()),
        currency=orders["currency"].iloc[0],
    )
