"""What a sale costs besides the goods: parcels, fees, returns, marketing.

An export says what buyers paid. What the seller paid stands elsewhere, so the seller writes it down once,
as `Costs` or as a small YAML file. A cost that is not written down is unknown, which is not the same as
zero: an analysis then stops at the last contribution that it can defend.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sellerlab.errors import InputError, ReadError, check_rate, unknown

#: The channel name that stands for every channel without a rate of its own.
EVERY_CHANNEL = "*"


@dataclass(frozen=True)
class FeeRate:
    """What a channel keeps of an order: a share of what was charged and a fixed part per order."""

    rate: float = 0.0
    fixed: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Costs:
    """The seller's variable costs besides the goods, without tax, in the shop's currency.

    Attributes:
        fulfilment_per_order: Postage and handling of one order; None where unknown, 0 where free.
        packaging_per_order: Box and filling of one order.
        return_handling_per_unit: Cost of taking back one unit, the way back included.
        resellable_share: Share of returned units that can be sold again (fraction).
        marketing: Money spent on marketing: one amount for the period, or amounts by month as
            ``{"2026-05": 40000}``; None where unknown.
        fee_rates: Channel to `FeeRate`, used for lines whose fee the file does not state. The channel
            ``"*"`` stands for every other channel; capitals and spaces do not matter, so
            ``tiktok_shop`` is also "TikTok Shop".
        vat_rate: Tax contained in the prices (fraction), used only where the file states no tax.

    >>> Costs(fulfilment_per_order=350, marketing=40000).fulfilment_per_order
    350.0
    """

    fulfilment_per_order: float | None = None
    packaging_per_order: float = 0.0
    return_handling_per_unit: float = 0.0
    resellable_share: float = 1.0
    marketing: float | Mapping[str, float] | None = None
    fee_rates: Mapping[str, FeeRate] = field(default_factory=dict)
    vat_rate: float | None = None

    def __post_init__(self) -> None:
        def keep(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        for name in ("packaging_per_order", "return_handling_per_unit"):
            keep(name, _amount(name, getattr(self, name)))
        if self.fulfilment_per_order is not None:
            keep("fulfilment_per_order", _amount("fulfilment_per_order", self.fulfilment_per_order))
        keep("resellable_share", check_rate("resellable_share", self.resellable_share))
        if self.vat_rate is not None:
            keep("vat_rate", check_rate("vat_rate", self.vat_rate))
        if not isinstance(self.fee_rates, Mapping):
            raise InputError(f"fee_rates is {self.fee_rates!r}: expected channels, each with its rate.")
        keep("fee_rates", {str(name): _fee_rate(str(name), given) for name, given in self.fee_rates.items()})
        if isinstance(self.marketing, Mapping):
            keep("marketing", {_month(name): _amount(name, each) for name, each in self.marketing.items()})
        elif self.marketing is not None:
            keep("marketing", _amount("marketing", self.marketing))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Costs:
        """Return the costs written as a mapping, such as a YAML file holds.

        Args:
            values: Names of the attributes to their values; a rate is a fraction.

        Raises:
            UnknownNameError: A name is no cost; the message offers the nearest.
            InputError: A value cannot be right.

        >>> Costs.from_mapping({"fee_rates": {"shop": {"rate": 0.05, "fixed": 30}}}).fee_rates["shop"]
        FeeRate(rate=0.05, fixed=30.0)
        """
        known = [each.name for each in fields(cls)]
        for name in values:
            if name not in known:
                raise unknown("cost", name, known)
        given = {name: value for name, value in values.items() if value is not None}
        return cls(**given)

    @classmethod
    def read(cls, path: str | Path) -> Costs:
        """Return the costs written in a YAML file.

        Args:
            path: The file, one ``name: value`` a line.

        Raises:
            ReadError: The file is absent or is not YAML.
            InputError: A name or a value in it cannot be right.
        """
        import yaml

        file = Path(path)
        if not file.is_file():
            raise ReadError(f"There is no costs file {file.name}. Check the path, or leave costs out.")
        try:
            values = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            where = getattr(error, "problem_mark", None)
            line = f" (line {where.line + 1})" if where else ""
            raise ReadError(
                f"{file.name} is not YAML{line}. Write one cost a line, as 'fulfilment_per_order: 350'."
            ) from None
        if not isinstance(values, Mapping):
            raise ReadError(f"{file.name} holds no costs. Write one a line, as 'fulfilment_per_order: 350'.")
        return cls.from_mapping(values)

    def marketing_by_month(self, first: dt.date, last: dt.date) -> dict[str, float] | None:
        """Return the marketing money of each month from `first` to `last`, or None where one is unknown.

        A month that is only partly inside counts by its share of days. An amount for the whole period
        stands under the empty name.

        >>> costs = Costs(marketing={"2026-04": 3000, "2026-05": 3100})
        >>> costs.marketing_by_month(dt.date(2026, 4, 1), dt.date(2026, 5, 10))
        {'2026-04': 3000.0, '2026-05': 1000.0}
        """
        if self.marketing is None:
            return None
        if not isinstance(self.marketing, Mapping):
            return {"": self.marketing}
        spent = {}
        month = first.replace(day=1)
        while month <= last:
            name = f"{month:%Y-%m}"
            if name not in self.marketing:
                return None
            days = calendar.monthrange(month.year, month.month)[1]
            end = min(last, month.replace(day=days))
            inside = (end - max(first, month)).days + 1
            spent[name] = self.marketing[name] * inside / days
            month = month.replace(day=days) + dt.timedelta(days=1)
        return spent


#: Costs as an analysis takes them: as `Costs`, as the mapping of a YAML file, or not at all.
GivenCosts = Costs | Mapping[str, Any] | None


def _amount(name: str, value: object) -> float:
    try:
        amount = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError(f"{name} is {value!r}: expected an amount of money such as 350.") from None
    if not 0 <= amount < float("inf"):
        raise InputError(f"{name} is {amount:g}: a cost is 0 or more. Write costs as positive amounts.")
    return amount


def _fee_rate(channel: str, given: object) -> FeeRate:
    if isinstance(given, FeeRate):
        given = {"rate": given.rate, "fixed": given.fixed}
    if not isinstance(given, Mapping):
        raise InputError(
            f"fee_rates of {channel} is {given!r}: expected a rate and a fixed part, as rate: 0.05."
        )
    for name in given:
        if name not in ("rate", "fixed"):
            raise unknown(f"fee part of {channel}", name, ("rate", "fixed"))
    rate = check_rate(f"fee rate of {channel}", given.get("rate", 0.0))
    return FeeRate(rate, _amount(f"fixed fee of {channel}", given.get("fixed", 0.0)))


def _month(name: object) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(name)):
        raise InputError(f"marketing has the month {str(name)!r}: expected a month such as '2026-05'.")
    return str(name)
