"""What a monthly report is made from, checked before anything runs.

A wrong value costs a second here and a wrong report later. So a report cannot start with parameters that
cannot be right: every name is known, every file is there, the month, the currency, the zone and the
language exist. `MonthlyParameters` that exists is `MonthlyParameters` that can be used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sellerlab.errors import InputError, unknown

#: Parameters that name a file.
FILES = ("orders", "products", "costs", "mapping", "details")


@dataclass(frozen=True, kw_only=True)
class MonthlyParameters:
    """The parameters of a monthly report; an empty text means "not given".

    Attributes:
        orders: Path of the export with the orders; empty for the demo shop.
        month: Month to report on, as ``"2026-05"``; empty for the last full month of the orders.
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

    >>> MonthlyParameters(month="2026-05").month
    '2026-05'
    >>> MonthlyParameters(timezone="Asia/Tokio")
    Traceback (most recent call last):
    sellerlab.errors.InputError: timezone: there is no zone 'Asia/Tokio'. Did you mean 'Asia/Tokyo'?
    """

    orders: str = ""
    month: str = ""
    products: str = ""
    costs: str = ""
    currency: str = ""
    timezone: str = ""
    lang: str = "en"
    shop_name: str = ""
    dayfirst: bool | None = None
    format: str = ""
    mapping: str = ""
    details: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            object.__setattr__(self, field.name, _plain(field.name, value))
        for name in FILES:
            _check_file(name, getattr(self, name))
        self._check_values()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> MonthlyParameters:
        """Return the parameters that `values` name.

        Raises:
            UnknownNameError: There is no such parameter; the message offers the nearest.
            InputError: A value cannot be right.

        >>> MonthlyParameters.of({"curency": "JPY"})
        Traceback (most recent call last):
        sellerlab.errors.UnknownNameError: There is no parameter 'curency'. Did you mean 'currency'? ...
        """
        names = [field.name for field in fields(cls)]
        for name in values:
            if name not in names:
                raise unknown("parameter", name, names)
        return cls(**values)

    def for_template(self) -> dict[str, Any]:
        """Return the values as the template's `parameters` cell takes them.

        >>> MonthlyParameters(month="2026-05", dayfirst=True).for_template()["dayfirst"]
        True
        """
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def reading(self) -> dict[str, Any]:
        """Return the options of `read.orders` that were given.

        >>> MonthlyParameters(currency="jpy", month="2026-05").reading()
        {'currency': 'JPY'}
        """
        options = ("format", "timezone", "currency", "dayfirst", "mapping", "details")
        given = {name: getattr(self, name) for name in options}
        return {name: value for name, value in given.items() if value not in ("", None)}

    def printed(self) -> dict[str, str]:
        """Return the given parameters for a reader: files by name, without the folders of this machine.

        >>> MonthlyParameters(month="2026-05").printed()
        {'month': '2026-05', 'lang': 'en'}
        """
        return {
            name: Path(value).name if name in FILES else str(value)
            for name, value in self.for_template().items()
            if value not in ("", None)
        }

    def _check_values(self) -> None:
        from sellerlab import text

        if self.month:
            from sellerlab.overview import month_window

            month_window(self.month)
        if self.currency:
            from sellerlab.money import parse_currency

            object.__setattr__(self, "currency", parse_currency(self.currency))
        if self.timezone:
            _check_zone(self.timezone)
        if self.lang not in text.LANGUAGES:
            raise unknown("language", self.lang, text.LANGUAGES)
        if self.format:
            from sellerlab import read

            known = read.formats()["name"].tolist()
            if self.format not in known:
                raise unknown("format", self.format, known)


def _plain(name: str, value: Any) -> Any:
    """Return a parameter as the plain text or truth that a notebook can be given."""
    if name == "dayfirst":
        if value is None or isinstance(value, bool):
            return value
        raise InputError(f"dayfirst is {value!r}: expected True, False or None.")
    if value is None:
        return ""
    if isinstance(value, str | os.PathLike) and (name in FILES or isinstance(value, str)):
        return os.fspath(value)
    expected = "the path of a file" if name in FILES else "text"
    example = ", such as '2026-05'" if name == "month" else ""
    raise InputError(f"{name} is {value!r}: expected {expected}{example}.")


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
