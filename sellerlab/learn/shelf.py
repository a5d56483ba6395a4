"""A shop's shelf, product by product: what a question about stock needs, in one place.

The one idea: a day's sale is only half of what happened; the other half is whether there was anything to
sell. Both come together here with cost, lead time and what a sale leaves, one `Shelf` a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab import sold
from sellerlab.errors import InputError
from sellerlab.learn.offer import offers
from sellerlab.learn.weeks import postage
from sellerlab.stock import DemandFit, OrderOnce, fit_demand, order_once

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms
    from sellerlab.worlds.shop import Shop

#: Days of an export's sales looked at, and days below which a product is not asked about.
WINDOW_DAYS, MINIMUM_DAYS = 182, 56

#: Standard deviations of chance by which two halves differ before one speaks of a fall: prices move, too.
CHANCE = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Shelf:
    """One product's days, with what a sale of it leaves and what its supplier asks.

    Attributes:
        sku: The product's code.
        product: Its name.
        days: Its days in order: sold, sold_out, and on_hand where it was counted.
        cost: Landed cost of one unit, without VAT.
        price: Today's price, VAT included.
        net: Today's price without VAT.
        left: What a sale of one leaves, with the postage that its buyers pay.
        on_hand: Units on the shelf; None where that is not known.
        on_order: Units on their way.
        lead: Days from an order to the shelf; None where that is not known.
        pack: Units in a pack of the supplier.
        minimum: Smallest order the supplier takes.
        terms: Fee, parcel and VAT, as the functions of `sellerlab.pricing` take them, postage left out.
        planted: True mean demand of a day in a simulated shop; None in any other.
        currency: ISO code of the amounts; None where it is not known.
    """

    sku: str
    product: str
    days: pd.DataFrame
    cost: float
    price: float
    net: float
    left: float
    on_hand: float | None
    on_order: float
    lead: float | None
    pack: int
    minimum: float
    terms: Terms
    planted: float | None
    currency: str | None

    @cached_property
    def open(self) -> pd.Series:
        """Units sold on each day that was not sold out."""
        units: pd.Series = self.days.loc[~self.days["sold_out"], "sold"]
        return units

    @cached_property
    def pace(self) -> float:
        """Units of an average day with stock to the end."""
        return float(self.open.mean())

    @property
    def spread(self) -> float:
        """Standard deviation of those days."""
        return float(self.open.std(ddof=1))

    @property
    def sold_out_days(self) -> int:
        """Days that sold out."""
        return int(self.days["sold_out"].sum())

    @cached_property
    def demand(self) -> DemandFit:
        """Demand of a week, from the whole weeks up to the last day; a week that sold out is cut off."""
        whole = len(self.days) // 7
        rows = self.days.tail(7 * whole)
        weeks = rows.groupby(np.arange(7 * whole) // 7).agg({"sold": "sum", "sold_out": "any"})
        return fit_demand(weeks["sold"], weeks["sold_out"])

    def once(self, rest: float) -> dict[str, Any]:
        """Return what a sale brings and a unit costs, as `sellerlab.stock.order_once` takes them.

        Args:
            rest: What a unit left over still brings, as a share of its cost.
        """
        return {
            "price": self.left + self.cost,
            "cost": self.cost,
            "salvage": rest * self.cost,
            "currency": self.currency,
        }

    def order(self, weeks: float, rest: float) -> OrderOnce:
        """Return the best single order that must last so many weeks.

        Args:
            weeks: Weeks that it must last.
            rest: What a unit left over still brings, as a share of its cost.
        """
        return order_once(self.demand, **self.once(rest), periods=weeks)


@lru_cache(maxsize=4)
def shelves(shop: Shop) -> tuple[Shelf, ...]:
    """Return every product that sells and leaves something, the one with most units lost on empty days first.

    Args:
        shop: A shop with products and costs, whose table `stock` has sku, day, sold and sold_out. Without
            such a table the orders tell what was sold, and no day counts as sold out.

    Raises:
        InputError: The stock lacks a column, or no product has eight weeks of days and leaves something.
    """
    days = _days(shop)
    known = shop.products.set_index("sku")
    paid = postage(shop)
    truth = shop.truth.get("stock", {}).get("mean_daily_demand", {})

    def cell(sku: str, name: str) -> float | None:
        return sold.number(known[name].get(sku)) if name in known else None

    found = []
    for of in offers(shop):
        rows = days.get(of.sku)
        fee, vat = float(of.terms["fees"]), float(of.terms["vat_rate"])
        brought = paid.get(of.sku, 0.0) * (1 / (1 + vat) - fee)
        left = of.left + min(brought, float(of.terms["fixed_cost"]))
        if rows is None or len(rows) < MINIMUM_DAYS or left <= 0 or not rows["sold"].any():
            continue
        if rows["sold_out"].all():
            continue
        found.append(
            Shelf(
                sku=of.sku,
                product=of.product,
                days=rows,
                cost=of.cost,
                price=of.price,
                net=of.price / (1 + vat),
                left=left,
                on_hand=cell(of.sku, "on_hand"),
                on_order=cell(of.sku, "on_order") or 0.0,
                lead=cell(of.sku, "lead_time_days"),
                pack=int(cell(of.sku, "pack_units") or 1),
                minimum=cell(of.sku, "minimum_units") or 0.0,
                terms=of.terms,
                planted=truth.get(of.sku),
                currency=shop.currency or None,
            )
        )
    if not found:
        raise InputError(
            f"No product has a known cost, {MINIMUM_DAYS} days of sales and a sale that leaves something. "
            "Give products= with landed_cost, and costs=, in the first cell."
        )
    return tuple(sorted(found, key=lambda each: (-_lost(each), -each.pace * each.left, each.sku)))


def runs_out(shop: Shop) -> Shelf:
    """Return the product that lost most units on empty days; where none is known, the one that earns most."""
    return shelves(shop)[0]


@lru_cache(maxsize=4)
def fading(shop: Shop) -> Shelf:
    """Return the product with stock whose sales fell most from the first half of its days to the second."""

    def kept(of: Shelf) -> float:
        before, after = halves(of)
        return after / before if before else float("inf")

    stocked = [each for each in shelves(shop) if (each.on_hand or 0) > 0]
    return min(stocked or shelves(shop), key=lambda each: (kept(each), each.sku))


@lru_cache(maxsize=4)
def heaviest(shop: Shop) -> Shelf | None:
    """Return the product with most money on the shelf on average; None where stock was never counted."""
    counted = [each for each in shelves(shop) if "on_hand" in each.days]
    if not counted:
        return None
    return max(counted, key=lambda each: float(each.days["on_hand"].mean()) * each.cost)


def halves(of: Shelf) -> tuple[float, float]:
    """Return units sold in the first and in the second half of a product's days, as many days in each."""
    half = len(of.days) // 2
    return float(of.days["sold"].iloc[-2 * half : -half].sum()), float(of.days["sold"].iloc[-half:].sum())


def still_to_sell(of: Shelf) -> float:
    """Return how many of the units on hand will ever be sold, if sales go on as they went.

    A product whose second half fell by much more than chance explains keeps that share for ever: the halves
    to come are ``after * (k + k**2 + ...)`` with ``k = after / before``. Of any other product all are sold.
    """
    before, after = halves(of)
    stock = of.on_hand or 0.0
    if before - after <= CHANCE * (before + after) ** 0.5:
        return stock
    return min(stock, after * after / (before - after))


def _lost(of: Shelf) -> float:
    return of.pace * of.sold_out_days


def _days(shop: Shop) -> dict[str, pd.DataFrame]:
    """Return the days of each product in order."""
    if "stock" not in shop.tables:
        return _days_of_orders(shop)
    table = shop.stock
    for name in ("sku", "day", "sold", "sold_out"):
        if name not in table:
            raise InputError(
                f"The stock has no column {name!r}: it needs sku, day, sold and sold_out, one row a day of a "
                "product; on_hand where it was counted."
            )
    table = table.assign(day=pd.to_datetime(table["day"]), sold_out=table["sold_out"].astype(bool))
    table = table.sort_values("day", kind="stable")
    return {str(sku): rows.reset_index(drop=True) for sku, rows in table.groupby("sku", sort=True)}


def _days_of_orders(shop: Shop) -> dict[str, pd.DataFrame]:
    seen = sold.daily(shop.orders, as_of=None, window_days=WINDOW_DAYS)
    dates = pd.date_range(seen.first, seen.last)
    made = {}
    for sku in seen.units:
        units = seen.since_first_sale(sku)
        made[sku] = pd.DataFrame({"day": dates[len(dates) - len(units) :], "sold": units, "sold_out": False})
    return made
