"""Which prices are under their floor, in a period as it was.

The one idea: the profit and loss of a product says what a unit left. A price change alone moves that by the
change, less tax and fees, so the price at which nothing would have been left is known without any model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.money import round_money
from sellerlab.report.inputs import Inputs
from sellerlab.report.sections import Note
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sellerlab.margin import ProfitAndLoss

_NO_COSTS = (
    "No landed cost is given, so it is not known which prices leave something. Give a table of products with "
    "the column landed_cost."
)


@dataclass(frozen=True)
class Unit:
    """What a unit of a product was sold for and left in the period.

    Attributes:
        sku: The product.
        name: Its name.
        units: Units sold.
        price: What a buyer paid for one on average, after discounts.
        left: What one left before marketing, as far as costs are known.
        slope: What one more unit of money on the price would have left.
        fee: Fees as a share of what was paid.
        vat: Tax contained in the price.
        cost: Landed cost of one.
    """

    sku: str
    name: str
    units: float
    price: float
    left: float
    slope: float
    fee: float
    vat: float
    cost: float

    @property
    def floor(self) -> float | None:
        """The price at which nothing is left; None where fees and tax take all of a higher price."""
        return self.price - self.left / self.slope if self.slope > 0 else None

    @property
    def other_costs(self) -> float:
        """Parcel, packing and returns of one, so that the formulas of `pricing` agree with what was left."""
        return max(self.price / (1 + self.vat) - self.fee * self.price - self.cost - self.left, 0.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class Floors(Result):
    """Price and floor of each product; `table` has one row a product, what lost most first.

    Attributes:
        under: Products sold under their floor.
        lost: What they lost together, as a positive amount.
        units: Each product's unit, by sku.
        level: Whether what is left is contribution 1 or 2.
        without_cost: Products sold without a known landed cost.
    """

    under: tuple[str, ...]
    lost: float
    units: Mapping[str, Unit]
    level: int
    without_cost: tuple[str, ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a product."""
        return 1.7 + 0.32 * max(min(len(self.table), 20), 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = self.table.head(20)
        places = np.arange(len(rows))
        share = (rows["price_paid"] / rows["floor"] - 1).to_numpy(float)
        colours = [plots.LOSS if each < 0 else plots.GAIN for each in share]
        plots.bars(ax, rows["product"].tolist(), share.tolist(), colours)
        ax.axvline(0, color="black", linewidth=1.5)
        for place, price in zip(places, rows["price_paid"], strict=True):
            words = text.money(price, self.currency)
            side = "left" if share[place] >= 0 else "right"
            ax.annotate(
                words, (share[place], place), (4 if side == "left" else -4, 0), textcoords="offset points",
                ha=side, va="center", fontsize=8,
            )  # fmt: skip
        ax.margins(x=0.22)
        plots.percent_axis(ax, axis="x")
        ax.set_xlabel("price paid, above or below its floor")
        ax.set_title(titled("Price against floor", rows, self.table))


def floors(shop: Inputs) -> Floors | Note:
    """Return what each product was sold for, its floor, and what it left in the period.

    floor = price paid - left / ((1 - refunds / charged) / (1 + tax) - fees / charged)

    Args:
        shop: What `load_review` gave.

    Returns:
        `Floors`; a note where no landed cost is known.
    """
    pnl = period_pnl(shop, "sku")
    if not pnl.level:
        return Note(_NO_COSTS)
    level = min(pnl.level, 2)
    names = names_of(shop)
    units = {
        unit.sku: unit
        for row in rows_of(pnl)
        if (unit := unit_of(row, level, pnl, names, shop.products)) is not None
    }
    found = sorted(units.values(), key=lambda each: (round(each.left * each.units, 6), each.sku))
    under = tuple(each.sku for each in found if each.left < 0)
    lost = -sum(each.left * each.units for each in found if each.left < 0)
    table = pd.DataFrame(
        {
            "product": [each.name for each in found],
            "what_to_do": [_advice(each, pnl.currency) for each in found],
            "units": [each.units for each in found],
            "price_paid": [each.price for each in found],
            "floor": [_up(each.floor, pnl.currency) for each in found],
            "left_each": [each.left for each in found],
            "left": [each.left * each.units for each in found],
        }
    )
    what = "before marketing" if level == 2 else "after goods alone: fees and parcels are not known"
    if under:
        first = units[under[0]]
        said = (
            f"{text.number(len(under))} of {text.number(len(found))} products were sold under their floor "
            f"and lost {text.money(lost, pnl.currency)} ({what}). {first.name} most: it sold at "
            f"{text.money(first.price, pnl.currency)}, its floor is "
            f"{text.money(_up(first.floor, pnl.currency) or math.nan, pnl.currency)}."
        )
    else:
        said = f"None of {text.number(len(found))} products was sold under its floor ({what})."
    if pnl.missing_costs:
        said += f" Without a landed cost, and not judged: {text.number(len(pnl.missing_costs))}."
    return Floors(
        table=table,
        sentence=said,
        definition=(
            f"Left = contribution {level} of the product from {text.day(pnl.start)} to {text.day(pnl.end)}, "
            "a share of each order's parcel and the product's own refunds in it. Price paid = (price x "
            "quantity - discounts) / units. Floor = the price at which nothing would have been left, units, "
            "refunds and fees as a share of sales as they were."
        ),
        currency=pnl.currency,
        formats={
            "units": "count", "price_paid": "money", "floor": "money", "left_each": "money", "left": "money",
        },
        under=under,
        lost=lost,
        units=units,
        level=level,
        without_cost=pnl.missing_costs,
    )  # fmt: skip


def titled(title: str, shown: Sized, all_rows: Sized, which: str = "worst") -> str:
    """Return the title of a picture, which says so where it shows only the first rows of the table.

    >>> titled("Price against floor", range(20), range(31))
    'Price against floor: the worst 20 of 31'
    """
    if len(shown) == len(all_rows):
        return title
    return f"{title}: the {which} {text.number(len(shown))} of {text.number(len(all_rows))}"


def period_pnl(shop: Inputs, by: str | list[str], lines: Any = None) -> ProfitAndLoss:
    """Return the profit and loss of the period, of the shop's orders or of other lines."""
    from sellerlab import margin

    return margin.profit_and_loss(
        shop.orders if lines is None else lines,
        shop.products,
        costs=shop.costs,
        by=by,
        start=shop.start,
        end=shop.end,
    )


def rows_of(pnl: ProfitAndLoss) -> list[dict[str, Any]]:
    """Return the rows of a profit and loss that are of a product."""
    rows = nw.from_native(pnl.table).lazy().collect().rows(named=True)
    return [row for row in rows if row["sku"] is not None and row["sku"] == row["sku"]]


def names_of(shop: Inputs) -> dict[Any, str]:
    """Return the names of the products, from the list of products or else from the orders."""
    from sellerlab.overview.ranking import product_names

    return product_names(shop.orders, shop.products)


def unit_of(
    row: Mapping[str, Any], level: int, pnl: ProfitAndLoss, names: Mapping[Any, str], products: Any
) -> Unit | None:
    """Return what a unit of a row was sold for and left; None where its cost or its price is not known."""
    left, units = row[f"contribution_{level}"], row["units"]
    if left is None or left != left or not units > 0 or products is None:
        return None
    paid = row["gross_sales"] - row["discounts"]
    charged = paid + row["shipping"]
    if not charged > 0:
        return None
    vat = pnl.tax / pnl.net_sales if pnl.net_sales > 0 else 0.0
    fee = row["fees"] / charged if level == 2 else 0.0
    kept = min(max(1 - row["refunds"] / charged, 0.0), 1.0)
    costs = dict(zip(products["sku"], products["landed_cost"], strict=True))
    return Unit(
        sku=row["sku"],
        name=names.get(row["sku"]) or str(row["sku"]),
        units=units,
        price=paid / units,
        left=left / units,
        slope=kept / (1 + vat) - fee,
        fee=fee,
        vat=vat,
        cost=float(costs.get(row["sku"], math.nan)),
    )


def _up(price: float | None, currency: str | None) -> float | None:
    if price is None:
        return None
    try:
        return float(round_money(price, currency, "ceil")) if currency else price
    except InputError:
        return price


def _advice(unit: Unit, currency: str | None) -> str:
    floor = _up(unit.floor, currency)
    if floor is None:
        return "Fees and refunds take all of a higher price: end it, or sell it elsewhere."
    words = text.money(floor, currency)
    if unit.left < 0:
        return (
            f"Charge more than {words} ({text.percent(floor / unit.price - 1, 0)} more), pay less, or end it."
        )
    return (
        f"A discount may go down to {words}, {text.percent(1 - floor / unit.price, 0)} off, before it loses."
    )
