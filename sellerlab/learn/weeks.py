"""A shop's weeks, product by product: what a question about price and units needs, in one place.

The one idea: prices and units stand in the weeks, costs in the products, fee, parcel and postage elsewhere.
Here they come together, one `Weeks` a product, and whatever else the weeks know goes in beside the price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab.errors import InputError
from sellerlab.learn.offer import offer
from sellerlab.pricing import BestPrice, Elasticity, arc_elasticity, own_price_elasticity, profit_best

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms
    from sellerlab.worlds.shop import Shop

#: Columns that say what else moved, where the weeks have them.
CONTROLS = ("season", "promotion")


@dataclass(frozen=True, kw_only=True, eq=False)
class Weeks:
    """One product's weeks, with what one sale of it costs.

    Attributes:
        sku: The product's code.
        product: Its name.
        weeks: Its rows: price, units, and the controls known.
        beside: What stands beside the price, as `own_price_elasticity` takes it.
        cost: Landed cost of one unit, without VAT; None where it is not known.
        terms: Fee, VAT, and the parcel less the postage that its buyers pay.
        currency: ISO code of the prices; None where it is not known.
    """

    sku: str
    product: str
    weeks: pd.DataFrame
    beside: Mapping[str, Any]
    cost: float | None
    terms: Terms
    currency: str | None

    @cached_property
    def usable(self) -> pd.DataFrame:
        """The weeks in stock all through."""
        column = self.beside.get("in_stock")
        return self.weeks[self.weeks[column].astype(float) >= 1] if column else self.weeks

    @cached_property
    def found(self) -> Elasticity:
        """The elasticity beside all that is known."""
        return own_price_elasticity(self.weeks, currency=self.currency, **self.beside)

    @cached_property
    def best(self) -> BestPrice | None:
        """The profit-best price; None where the cost is not known."""
        return None if self.cost is None else profit_best(self.found, self.cost, **self.terms)

    @property
    def usual_price(self) -> float:
        """The price in the middle of all usable weeks."""
        return float(self.usable["price"].median())

    @property
    def usual_units(self) -> int:
        """Units of a mean week that was usable."""
        return round(float(self.usable["units"].mean()))


@lru_cache(maxsize=4)
def by_product(shop: Shop) -> tuple[Weeks, ...]:
    """Return every product's weeks, the one that sold most units first.

    Args:
        shop: A shop whose table `weeks` has price and units; sku, season, promotion, in_stock and
            landed_cost where they are known.

    Raises:
        InputError: The weeks lack price or units, or the costs a fee, a parcel or the VAT rate.
    """
    table = shop.weeks.copy()
    for name in ("price", "units"):
        if name not in table:
            raise InputError(
                f"The weeks have no column {name!r}: they need price and units, one row a week of a product."
            )
    if "sku" not in table:
        table["sku"] = "your product"
    if "season" in table:
        # A season by number is a name too: the fourth is not four times the first.
        table["season"] = table["season"].astype(str)
    controls = [name for name in CONTROLS if name in table]
    beside: dict[str, Any] = {"controls": controls}
    if "in_stock" in table:
        beside["in_stock"] = "in_stock"
    terms, paid = offer(shop).terms, postage(shop)
    known = shop.products.set_index("sku")
    brought = 1 / (1 + terms["vat_rate"]) - terms["fees"]

    def made(sku: str, rows: pd.DataFrame) -> Weeks:
        cost = _last(rows, "landed_cost")
        if cost is None and sku in known.index and "landed_cost" in known:
            cost = float(known["landed_cost"][sku])
        parcel = max(terms["fixed_cost"] - paid.get(sku, 0.0) * brought, 0.0)
        return Weeks(
            sku=sku,
            product=str(known["product"][sku]) if sku in known.index and "product" in known else sku,
            weeks=rows.reset_index(drop=True),
            beside=beside,
            cost=cost,
            terms={**terms, "fixed_cost": parcel},
            currency=shop.currency or None,
        )

    found = [made(str(sku), rows) for sku, rows in table.groupby("sku", sort=True)]
    return tuple(sorted(found, key=lambda each: -float(each.weeks["units"].sum())))


@lru_cache(maxsize=4)
def misleading(shop: Shop) -> Weeks:
    """Return the product whose price misleads most: by the slope without controls, if it falls with them."""

    def slope(of: Weeks) -> float:
        known = of.found.naive is not None and of.found.high is not None and of.found.high < 0
        return float(of.found.naive or 0.0) if known else float("-inf")

    return max(by_product(shop), key=slope)


@lru_cache(maxsize=4)
def priced(shop: Shop) -> Weeks:
    """Return the best seller whose best price lies among the prices seen; else the product most elastic.

    Raises:
        InputError: No product has a known cost and an elasticity below 0.
    """
    known = []
    for each in by_product(shop):
        if each.best is not None and each.best.price is not None:
            return each
        if each.best is not None and (each.found.elasticity or 0.0) < 0:
            known.append(each)
    if not known:
        raise InputError(
            "No product has a known cost and an elasticity below 0: give landed_cost in weeks=, or plan "
            "a price test."
        )
    return min(known, key=lambda each: each.found.elasticity or 0.0)


@lru_cache(maxsize=4)
def steadiest(shop: Shop) -> Weeks:
    """Return the product whose price moved least."""

    def spread(of: Weeks) -> float:
        return float(of.usable["price"].std(ddof=0) / of.usable["price"].mean())

    return min(by_product(shop), key=spread)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Two weeks in a row with two prices, all else that is known alike, and their arc elasticity."""

    price_before: float
    price_after: float
    units_before: float
    units_after: float
    elasticity: float


def steps(of: Weeks) -> tuple[Step, ...]:
    """Return every change of price between two weeks in a row, in stock, of one season, without promotion."""
    rows = of.usable
    if "promotion" in rows:
        rows = rows[rows["promotion"] == 0]
    price, units = rows["price"].to_numpy(dtype=float), rows["units"].to_numpy(dtype=float)
    season = rows["season"].to_numpy() if "season" in rows else np.zeros(len(rows))
    # Rows kept the place they had among all weeks, so that a gap of a week shows.
    alike = (np.diff(rows.index.to_numpy()) == 1) & (season[1:] == season[:-1])
    wanted = np.flatnonzero(alike & (np.diff(price) != 0) & (units[1:] + units[:-1] > 0))
    if not len(wanted):
        return ()
    numbers = (price[wanted], price[wanted + 1], units[wanted], units[wanted + 1])
    names = ("price_before", "price_after", "units_before", "units_after", "elasticity")
    rows_of = zip(*numbers, arc_elasticity(*numbers), strict=True)
    return tuple(Step(**dict(zip(names, map(float, each), strict=True))) for each in rows_of)


def _last(rows: pd.DataFrame, column: str) -> float | None:
    values = rows[column].dropna().tolist() if column in rows else []
    return float(values[-1]) if values else None


def postage(shop: Shop) -> Mapping[str, float]:
    """Return what buyers paid for postage, by product, in orders of one single thing."""
    lines = shop.orders
    if "shipping" not in lines:
        return {}
    lines = lines[(lines["status"] == "paid") & (lines["quantity"] > 0)]
    alone = lines[lines.groupby("order_id")["quantity"].transform("sum") == 1]
    mean: pd.Series = alone.groupby("sku")["shipping"].mean().fillna(0.0)
    return {str(sku): float(paid) for sku, paid in mean.items()}
