"""Landed cost: what a unit costs by the time it lies on the shelf.

One idea: the supplier's price is only the first line. Freight is shared by what fills the container, duty is
a share of the customs value, and a unit that arrives broken is paid for by those that did not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals as nw
import numpy as np

from sellerlab import text
from sellerlab.errors import InputError, TableError, check_rate, unknown
from sellerlab.money import allocate
from sellerlab.results import Result
from sellerlab.sold import made, name_of, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Share = Literal["volume", "weight", "value", "units"]
DutyBase = Literal["cif", "fob"]

#: Column that each way of sharing needs.
_SHARED_BY = {"volume": "volume", "weight": "weight", "value": None, "units": None}


@dataclass(frozen=True, kw_only=True, repr=False)
class LandedCost(Result):
    """What a shipment costs; `table` has one row a product.

    Attributes:
        total: Cost of the shipment, VAT that can be reclaimed not in it.
        goods: The supplier's price of it, in the shop's currency.
        uplift: Total over goods, less 1.
        vat: Import VAT to be paid at the border.
        good_units: Units fit for sale.
        shared_by_units: Landed cost of a unit if freight were shared by units instead, product by product.
    """

    total: float
    goods: float
    uplift: float
    vat: float
    good_units: float
    shared_by_units: Mapping[str, float]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a product."""
        return 1.8 + 0.4 * int(nw.from_native(self.table).lazy().select(nw.len()).collect().item())

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        parts = [name for name in _PARTS if any(row[name] for row in rows)]
        left = np.zeros(len(rows))
        for place, name in enumerate(parts):
            width = np.array([row[name] / row["units"] for row in rows], dtype=float)
            ax.barh(range(len(rows)), width, left=left, color=plots.COLOURS[place], label=_named(name))
            left += width
        broken = np.array([row["landed_cost"] for row in rows], dtype=float) - left
        if (broken > 1e-9).any():
            ax.barh(range(len(rows)), broken, left=left, color=plots.LOSS, label=text.say("defects"))
        ax.set_yticks(range(len(rows)), [row["product"] for row in rows])
        ax.invert_yaxis()
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x")
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say("Landed cost of a unit"))
        ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.28), ncols=3, fontsize=9)


_PARTS = ("goods", "freight", "insurance", "duty", "vat", "other")


def _named(part: str) -> str:
    words = {
        "goods": text.say("goods"),
        "freight": text.say("freight"),
        "insurance": text.say("insurance"),
        "duty": text.say("duty"),
        "vat": text.say("import VAT"),
        "other": text.say("broker, inland, inspection"),
    }
    return words[part]


def landed_cost(
    shipment: Any,
    *,
    freight: float = 0.0,
    insurance: float = 0.0,
    other: float = 0.0,
    by: Share = "volume",
    duty_rate: float = 0.0,
    duty_base: DutyBase = "cif",
    vat_rate: float = 0.0,
    vat_reclaimed: bool = True,
    defect_rate: float = 0.0,
    exchange: float = 1.0,
    currency: str | None = None,
) -> LandedCost:
    """Return what each product of a shipment costs on the shelf.

    landed cost = (goods + freight + insurance + duty + other [+ VAT]) / (units * (1 - defect rate))

    with duty on goods, freight and insurance (``"cif"``) or on goods alone (``"fob"``), and import VAT on the
    customs value and the duty.

    Args:
        shipment: A table with `sku`, `quantity` (units paid for) and `unit_cost` (supplier's currency), and
            `volume` or `weight` of one unit where freight is shared by it; `duty_rate` and `defect_rate` of
            a product where they differ. Any frame narwhals knows.
        freight: Freight of the whole shipment, in the shop's currency, like all that follow.
        insurance: Insurance of the whole shipment, shared by value.
        other: Broker, inland carriage, inspection, bank; shared like the freight.
        by: What freight is shared by: ``"volume"``, ``"weight"``, ``"value"`` or ``"units"``. A carrier
            charges for what fills the container; shared by units, a small part pays for a large one.
        duty_rate: Duty where the table gives none (fraction).
        duty_base: ``"cif"`` as in the EU, Japan and Korea, ``"fob"`` as in the United States.
        vat_rate: Import VAT (fraction).
        vat_reclaimed: Whether the VAT comes back; then it is cash for a while and no cost.
        defect_rate: Share of units not fit for sale, where the table gives none.
        exchange: Shop's currency for one unit of the supplier's.
        currency: ISO code of the shop; amounts are then shared out to its smallest unit, with nothing lost.

    Returns:
        `LandedCost`; its table has sku, product, units, good_units, goods, freight, insurance, duty, vat,
        other and landed_cost (of one good unit, not rounded). VAT that is reclaimed stands as 0.

    Raises:
        TableError: A column is absent, or holds an empty or negative value.
        InputError: An amount is negative, a rate is no fraction, or nothing is left after defects.

    Sources: WTO Agreement on Customs Valuation, article 8; Incoterms 2020.

    >>> import pandas as pd
    >>> shipment = pd.DataFrame({
    ...     "sku": ["LAMP", "CASE"], "quantity": [100, 400], "unit_cost": [10.0, 2.0], "volume": [8.0, 0.5],
    ... })
    >>> landed_cost(shipment, freight=500, duty_rate=0.05).table["landed_cost"].round(3).tolist()
    [14.7, 2.362]
    """
    if by not in get_args(Share):
        raise unknown("way to share freight", by, get_args(Share))
    if duty_base not in get_args(DutyBase):
        raise unknown("customs value", duty_base, get_args(DutyBase))
    for name, amount in (("freight", freight), ("insurance", insurance), ("other", other)):
        if not 0 <= amount < math.inf:
            raise InputError(f"{name} is {amount:g}: expected an amount of 0 or more.")
    if not 0 < exchange < math.inf:
        raise InputError(f"exchange is {exchange:g}: expected the shop's currency for one of the supplier's.")
    check_rate("vat_rate", vat_rate)
    rows = _read(shipment, by, duty_rate, defect_rate)
    units = np.array([row["quantity"] for row in rows])
    goods = units * np.array([row["unit_cost"] for row in rows]) * exchange
    if goods.sum() <= 0:
        raise InputError("The shipment costs nothing: check unit_cost and quantity.")
    rates = np.array([row["duty_rate"] for row in rows])
    good = units * (1 - np.array([row["defect_rate"] for row in rows]))

    def shared(weights: Any) -> dict[str, Any]:
        part: dict[str, Any] = {"goods": _rounded(goods, currency)}
        part["freight"] = _split(freight, weights, currency)
        part["insurance"] = _split(insurance, goods, currency)
        value = part["goods"] + (part["freight"] + part["insurance"] if duty_base == "cif" else 0.0)
        part["duty"] = _rounded(value * rates, currency)
        border = part["goods"] + part["freight"] + part["insurance"] + part["duty"]
        part["border_vat"] = _rounded(border * vat_rate, currency)
        part["vat"] = part["border_vat"] * (0.0 if vat_reclaimed else 1.0)
        part["other"] = _split(other, weights, currency)
        return part

    own = {"volume": "volume", "weight": "weight"}.get(by)
    weights = units * np.array([row[own] for row in rows]) if own else goods if by == "value" else units
    parts = shared(weights)
    totals = np.sum([parts[name] for name in _PARTS], axis=0)
    flat = shared(units)
    by_unit = np.sum([flat[name] for name in _PARTS], axis=0) / good
    table = {
        "sku": [row["sku"] for row in rows],
        "product": [row["product"] for row in rows],
        "units": units.tolist(),
        "good_units": good.tolist(),
        **{name: parts[name].tolist() for name in _PARTS},
        "landed_cost": (totals / good).tolist(),
    }
    total, price = float(totals.sum()), float(parts["goods"].sum())
    vat = float(parts["border_vat"].sum())
    return LandedCost(
        table=made(table, shipment),
        sentence=_sentence(rows, totals / good, goods / units, total, price, vat, vat_reclaimed, currency),
        definition=text.say(
            "Landed cost = (goods + freight + insurance + duty + other costs, and VAT where it is not "
            "reclaimed) / units fit for sale. Freight and other costs are shared by {by}, insurance by "
            "value. Duty is on {base}, VAT on goods, freight, insurance and duty.",
            by=text.say(by),
            base=text.say("goods, freight and insurance (CIF)")
            if duty_base == "cif"
            else text.say("goods alone (FOB)"),
        ),
        currency=currency,
        formats={"units": "count", "good_units": "number"}
        | dict.fromkeys(_PARTS, "money")
        | {"landed_cost": "money"},  # type: ignore[arg-type]
        total=total,
        goods=price,
        uplift=total / price - 1,
        vat=vat,
        good_units=float(good.sum()),
        shared_by_units=dict(zip(table["sku"], by_unit.tolist(), strict=True)),
    )


def _read(shipment: Any, by: Share, duty_rate: float, defect_rate: float) -> list[dict[str, Any]]:
    lazy = nw.from_native(shipment).lazy()
    present = lazy.collect_schema().names()
    own = _SHARED_BY[by]
    needed = ["sku", "quantity", "unit_cost", *([own] if own else [])]
    for name in needed:
        if name not in present:
            raise TableError(f"The shipment: {unknown('column', name, present)}")
    rows = []
    for row in lazy.collect().rows(named=True):
        line: dict[str, Any] = {"sku": str(row["sku"]), "product": name_of(row)}
        for name in needed[1:]:
            value = number(row[name])
            if value is None or not 0 <= value < math.inf or (name != "unit_cost" and value == 0):
                least = "0 or more" if name == "unit_cost" else "above 0"
                raise TableError(f"{name} of {line['sku']!r} is {row[name]}: expected a number {least}.")
            line[name] = value
        for name, default in (("duty_rate", duty_rate), ("defect_rate", defect_rate)):
            value = number(row.get(name))
            value = default if value is None else value
            line[name] = check_rate(f"{name} of {line['sku']!r}", value, below_high=name == "defect_rate")
        rows.append(line)
    if not rows:
        raise TableError("The shipment has no rows; expected one a product.")
    return rows


def _split(total: float, weights: Any, currency: str | None) -> Any:
    if currency:
        return np.array(allocate(total, weights, currency))
    return total * weights / weights.sum()


def _rounded(amounts: Any, currency: str | None) -> Any:
    if not currency:
        return amounts
    from sellerlab.money import round_money

    return round_money(amounts, currency)


def _sentence(
    rows: list[dict[str, Any]],
    each: Any,
    price: Any,
    total: float,
    goods: float,
    vat: float,
    reclaimed: bool,
    currency: str | None,
) -> str:
    rise = each / np.where(price > 0, price, np.nan) - 1
    place = int(np.nanargmax(rise))
    said = text.say(
        "Goods for {goods} cost {total} on the shelf, {share} more. {product} rises most, from {price} to "
        "{cost} a unit.",
        goods=text.money(goods, currency),
        total=text.money(total, currency),
        share=text.percent(total / goods - 1),
        product=rows[place]["product"],
        price=text.money(float(price[place]), currency),
        cost=text.money(float(each[place]), currency),
    )
    if vat and reclaimed:
        said += " " + text.say(
            "{vat} of VAT is paid at the border and comes back later.", vat=text.money(vat, currency)
        )
    return said
