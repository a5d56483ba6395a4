"""What a report is made from, checked before anything runs.

A wrong value costs a second here and a wrong report later. So a report cannot start with parameters that
cannot be right: every name is known, every file is there, days, currency, zone and language exist. The one
idea: a report *is* a class of parameters; its name is that of its template, and an instance can be used.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Self

from sellerlab.errors import InputError, check_rate, unknown


def _given(words: str, default: Any = "", *, file: bool = False) -> Any:
    """Return a field with the words that the command line says of it."""
    return field(default=default, metadata={"help": words, "file": file})


@dataclass(frozen=True, kw_only=True)
class ReportParameters:
    """What every report is made from; an empty text means "not given".

    Attributes:
        orders: Path of the export with the orders; empty for the demo shop.
        products: Path of a table with landed cost and stock.
        costs: Path of a YAML file with costs per order, marketing and fees (`margin.Costs.read`).
        currency: ISO 4217 code, where the export does not say.
        timezone: The shop's zone, such as ``"Asia/Seoul"``, where the export's times need one.
        lang: Language of the report.
        shop_name: Name to print on the report.
        dayfirst: Whether 03/04 is 3 April, where the export's dates do not tell.
        format: Name of the export's format; found from the file where empty.
        mapping: Path of a YAML file that names the columns of an export of no known format.
        details: Path of the second file of a format that comes in two.

    Raises:
        InputError: A value cannot be right. The message names the parameter and what was expected.
    """

    #: Name of the report, of its template and of its command.
    report: ClassVar[str] = ""
    #: Title on the page.
    title: ClassVar[str] = ""
    #: What the report tells, for the list of commands.
    tells: ClassVar[str] = ""
    #: Languages whose catalogue has every sentence of the report.
    languages: ClassVar[tuple[str, ...]] = ("en",)
    #: Parameters that name the days of the report.
    days: ClassVar[tuple[str, ...]] = ()
    #: Files that the template writes, by the name of the template's parameter and their ending.
    writes: ClassVar[Mapping[str, str]] = {}

    orders: str = _given("Export with the orders; without it, the demo shop.", file=True)
    products: str = _given("Table of products with landed cost and stock.", file=True)
    costs: str = _given("YAML file of costs per order, marketing and fees.", file=True)
    currency: str = _given("ISO code of the money, such as JPY, if the file does not say.")
    timezone: str = _given("The shop's zone, such as Asia/Tokyo, if the times need one.")
    lang: str = _given("Language of the report", "en")
    shop_name: str = _given("Name to print on the report.")
    dayfirst: bool | None = _given("How to read dates such as 03/04/2026.", None)
    format: str = _given("Format of the export; found from the file without.")
    mapping: str = _given("YAML file that names the columns of an unknown format.", file=True)
    details: str = _given("Second file of a format that comes in two.", file=True)

    def __post_init__(self) -> None:
        files = self.files()
        for each in fields(self):
            value = _plain(each.name, getattr(self, each.name), each.default, each.name in files)
            object.__setattr__(self, each.name, value)
        for name in files:
            _check_file(name, getattr(self, name))
        self._check_values()

    @classmethod
    def files(cls) -> tuple[str, ...]:
        """Return the names of the parameters that name a file."""
        return tuple(each.name for each in fields(cls) if each.metadata["file"])

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the parameters that `values` name.

        Raises:
            UnknownNameError: There is no such parameter; the message offers the nearest.
            InputError: A value cannot be right.

        >>> MonthlyParameters.of({"curency": "JPY"})
        Traceback (most recent call last):
        sellerlab.errors.UnknownNameError: There is no parameter 'curency'. Did you mean 'currency'? ...
        """
        names = [each.name for each in fields(cls)]
        for name in values:
            if name not in names:
                raise unknown("parameter", name, names)
        return cls(**values)

    def for_template(self) -> dict[str, Any]:
        """Return the values as the template's `parameters` cell takes them.

        >>> MonthlyParameters(month="2026-05", dayfirst=True).for_template()["dayfirst"]
        True
        """
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def given(self) -> dict[str, Any]:
        """Return the values that were given or have a default of their own."""
        return {name: value for name, value in self.for_template().items() if value not in ("", None)}

    def reading(self) -> dict[str, Any]:
        """Return the options of `read.orders` that were given.

        >>> MonthlyParameters(currency="jpy", month="2026-05").reading()
        {'currency': 'JPY'}
        """
        options = ("format", "timezone", "currency", "dayfirst", "mapping", "details")
        return {name: value for name, value in self.given().items() if name in options}

    def printed(self) -> dict[str, str]:
        """Return the given parameters for a reader: files by name, without the folders of this machine.

        >>> MonthlyParameters(month="2026-05").printed()
        {'lang': 'en', 'month': '2026-05'}
        """
        files = self.files()
        return {
            name: Path(value).name if name in files else str(value) for name, value in self.given().items()
        }

    @property
    def dated(self) -> bool:
        """Whether the days of the report were given, and can be held against the orders at once."""
        return any(getattr(self, name) for name in self.days)

    def _check_values(self) -> None:
        if self.currency:
            from sellerlab.money import parse_currency

            object.__setattr__(self, "currency", parse_currency(self.currency))
        if self.timezone:
            _check_zone(self.timezone)
        _check_language(self)
        if self.format:
            from sellerlab import read

            known = read.formats()["name"].tolist()
            if self.format not in known:
                raise unknown("format", self.format, known)


@dataclass(frozen=True, kw_only=True)
class MonthlyParameters(ReportParameters):
    """The parameters of a monthly report: those of every report, and the month.

    Attributes:
        month: Month to report on, as ``"2026-05"``; empty for the last full month of the orders.

    >>> MonthlyParameters(month="2026-05").month
    '2026-05'
    >>> MonthlyParameters(timezone="Asia/Tokio")
    Traceback (most recent call last):
    sellerlab.errors.InputError: timezone: there is no zone 'Asia/Tokio'. Did you mean 'Asia/Tokyo'?
    """

    report: ClassVar[str] = "monthly"
    days: ClassVar[tuple[str, ...]] = ("month",)
    title: ClassVar[str] = "Monthly report"
    tells: ClassVar[str] = "What a month earned, and what to look at first."
    languages: ClassVar[tuple[str, ...]] = ("en", "he", "ja", "ko", "zh")

    month: str = _given("Month, as 2026-05; without it, the last full month.")

    def _check_values(self) -> None:
        super()._check_values()
        if self.month:
            from sellerlab.months import month_window

            month_window(self.month)


@dataclass(frozen=True, kw_only=True)
class CustomerReviewParameters(ReportParameters):
    """The parameters of a review of the customers: those of every report, and two days.

    Attributes:
        as_of: Day of the review, as ``"2026-08-31"``; empty for the last day of the orders.
        since: Day of the last review, to see who moved; empty for three months before.

    >>> CustomerReviewParameters(as_of="2026-05-31", since="2026-06-30")
    Traceback (most recent call last):
    sellerlab.errors.InputError: since is 2026-06-30: expected a day before as_of, 2026-05-31.
    """

    report: ClassVar[str] = "customer_review"
    days: ClassVar[tuple[str, ...]] = ("as_of", "since")
    title: ClassVar[str] = "Customer review"
    tells: ClassVar[str] = "Who buys, who comes back, who is slipping away, and what to do about each."
    writes: ClassVar[Mapping[str, str]] = {"customers_csv": "customers.csv"}

    as_of: str = _given("Day of the review, as 2026-08-31; without it, the last day of the orders.")
    since: str = _given("Day of the last review; without it, three months before.")

    def _check_values(self) -> None:
        super()._check_values()
        _check_days(self, "since", "as_of", "before")


@dataclass(frozen=True, kw_only=True)
class PeriodParameters(ReportParameters):
    """The parameters of a review of a period: those of every report, and its first and last day.

    Attributes:
        start: First day, as ``"2026-06-01"``; empty for 91 days up to the end.
        end: Last day; empty for the last day of the orders.
    """

    days: ClassVar[tuple[str, ...]] = ("start", "end")

    start: str = _given("First day, as 2026-06-01; without it, 13 weeks up to the end.")
    end: str = _given("Last day; without it, the last day of the orders.")

    def _check_values(self) -> None:
        super()._check_values()
        _check_days(self, "start", "end", "up to")


@dataclass(frozen=True, kw_only=True)
class PricingReviewParameters(PeriodParameters):
    """The parameters of a review of prices and stock: those of every report, and a period.

    >>> PricingReviewParameters(start="2026-06-31")
    Traceback (most recent call last):
    sellerlab.errors.InputError: start is '2026-06-31': expected a day such as '2026-05-31'.
    """

    report: ClassVar[str] = "pricing_review"
    title: ClassVar[str] = "Pricing review"
    tells: ClassVar[str] = "Which prices lose money, which have room, what discounts cost, what to order."


@dataclass(frozen=True, kw_only=True)
class ChannelReviewParameters(PeriodParameters):
    """The parameters of a review of funnel, channels, ads and tests: a period, and what files there are.

    Attributes:
        events: Path of events (`tables.EVENTS`) or of a funnel exploration of Google Analytics.
        steps: The steps of the funnel in order, with commas between; empty for the usual ones.
        totals: Path of daily totals of a seller centre: a day and counts such as visits and orders.
        ads: Path of daily figures of advertisements (`tables.ADS`).
        test: Path of the visitors of a test: a variant, and orders of each (0 or more).
        ads_currency: ISO code of the money in totals, ads and test, where it is not the shop's.
        contribution_rate: What net sales leave before advertising (fraction); empty to have it computed
            from orders, products and costs.

    >>> ChannelReviewParameters(contribution_rate=30)
    Traceback (most recent call last):
    sellerlab.errors.InputError: contribution_rate is 30: a rate is a fraction from 0 to 1. Did you mean 0.3?
    """

    report: ClassVar[str] = "channel_review"
    title: ClassVar[str] = "Channel review"
    tells: ClassVar[str] = "Where visitors are lost, what each channel leaves, which ads pay, what tests say."

    events: str = _given("Events of visitors, or a funnel exploration of Google Analytics.", file=True)
    steps: str = _given("Steps of the funnel in order, with commas between.")
    totals: str = _given("Daily totals of a seller centre: day, visits or clicks, orders.", file=True)
    ads: str = _given("Daily figures of ads: day, campaign, keyword, clicks, spend, orders.", file=True)
    test: str = _given("Visitors of a test, one a row: variant, orders.", file=True)
    ads_currency: str = _given("ISO code of the money in totals, ads and test, if not the shop's.")
    contribution_rate: float | None = _given("What net sales leave before ads, as 0.25.", None)

    def _check_values(self) -> None:
        super()._check_values()
        if self.ads_currency:
            from sellerlab.money import parse_currency

            object.__setattr__(self, "ads_currency", parse_currency(self.ads_currency))
        if self.contribution_rate is not None:
            check_rate("contribution_rate", self.contribution_rate)
        if self.steps and len(self.step_names()) < 2:
            raise InputError(f"steps is {self.steps!r}: expected two or more, as 'visit, cart, purchase'.")

    def step_names(self) -> tuple[str, ...]:
        """Return the steps one by one.

        >>> ChannelReviewParameters(steps="visit, purchase").step_names()
        ('visit', 'purchase')
        """
        return tuple(each.strip() for each in self.steps.split(",") if each.strip())


#: Every report, by name.
REPORTS: Mapping[str, type[ReportParameters]] = {
    each.report: each
    for each in (
        MonthlyParameters,
        PricingReviewParameters,
        CustomerReviewParameters,
        ChannelReviewParameters,
    )
}


def _plain(name: str, value: Any, default: Any, is_file: bool) -> Any:
    """Return a parameter as the plain text, number or truth that a notebook can be given."""
    if name == "dayfirst":
        if value is None or isinstance(value, bool):
            return value
        raise InputError(f"dayfirst is {value!r}: expected True, False or None.")
    if default is None:  # a number
        if value is None or value == "":
            return None
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            try:
                return float(value)
            except ValueError:
                pass
        raise InputError(f"{name} is {value!r}: expected a number.")
    if value is None:
        return ""
    if isinstance(value, dt.date) and name in ("as_of", "since", "start", "end"):
        return value.isoformat()[:10]
    if isinstance(value, str | os.PathLike) and (is_file or isinstance(value, str)):
        return os.fspath(value)
    expected = "the path of a file" if is_file else "text"
    example = ", such as '2026-05'" if name == "month" else ""
    raise InputError(f"{name} is {value!r}: expected {expected}{example}.")


def _check_days(given: ReportParameters, first: str, last: str, how: str) -> None:
    from sellerlab.counted import day_of

    days = [day_of(name, getattr(given, name) or None) for name in (first, last)]
    early, late = days
    if early and late and (early > late or (how == "before" and early == late)):
        raise InputError(f"{first} is {early}: expected a day {how} {last}, {late}.")


def _check_language(given: ReportParameters) -> None:
    from sellerlab import text

    if given.lang in given.languages:
        return
    if given.lang not in text.LANGUAGES or len(given.languages) > 1:
        raise unknown("language", given.lang, given.languages)
    speaking = ", ".join(name for name, each in REPORTS.items() if given.lang in each.languages)
    raise InputError(
        f"lang is {given.lang!r}: {given.report} is written in English only. Leave lang out; in this "
        f"language there is: {speaking}."
    )


def _check_file(name: str, value: str) -> None:
    path = Path(value)
    if not value or path.is_file():
        return
    if path.is_dir():
        raise InputError(f"{name}: {value!r} is a folder. Name the file in it.")
    there = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = _did_you_mean(path.name, there) if there else " Its folder is not there either."
    raise InputError(f"{name}: there is no file {value!r}.{hint or ' Check the name and the folder.'}")


def _check_zone(value: str) -> None:
    from zoneinfo import available_timezones

    zones = available_timezones()
    if value not in zones:
        hint = _did_you_mean(value, zones) or " Name it by its place, such as 'Asia/Tokyo'."
        raise InputError(f"timezone: there is no zone {value!r}.{hint}")


def _did_you_mean(value: str, known: Iterable[str]) -> str:
    by_lower = {each.lower(): each for each in sorted(known)}
    near = get_close_matches(value.lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""
