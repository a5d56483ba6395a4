"""A shop's products as they are sold today: cost, price, and what fee, parcel and tax take of a sale.

The one idea: a question about a price needs the same few numbers whatever it asks, and they stand in three
places: products, costs and orders. Here they come together, one `Offer` a product. An offer is one unit
in a parcel of its own, on the channel that sells most.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from sellerlab import tables
from sellerlab.costs import EVERY_CHANNEL, Costs, FeeRate
from sellerlab.errors import InputError
from sellerlab.pricing import contribution

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms
    from sellerlab.worlds.shop import Shop


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One product as it is sold today: what a question about its price needs.

    Attributes:
        sku: The product's code.
        product: Its name.
        channel: The channel whose fee is counted.
        cost: Landed cost of one unit, without VAT.
        price: Today's price, VAT included.
        left: What one unit in a parcel of its own leaves at that price.
        terms: Fee, parcel and VAT, as the functions of `sellerlab.pricing` take them.
    """

    sku: str
    product: str
    channel: str
    cost: float
    price: float
    left: float
    terms: Terms


def offer(shop: Shop) -> Offer:
    """Return the shop's offer that loses most on a sale; refuse where costs are not known."""
    return offers(shop)[0]


@lru_cache(maxsize=4)
def offers(shop: Shop) -> tuple[Offer, ...]:
    """Return every product of known cost and price, the one that loses most on a sale first.

    Args:
        shop: A shop with products and costs.

    Returns:
        One offer a product, on the channel with most order lines that the costs have a fee for.

    Raises:
        InputError: The costs do not hold the parcel, a fee rate and the VAT rate, or no product has a cost.
    """
    costs = Costs.from_mapping(shop.costs)
    lines = _sold(shop)
    channel, rate = _channel(lines, costs)
    if costs.fulfilment_per_order is None or costs.vat_rate is None or rate is None:
        raise InputError(
            "A price needs fulfilment_per_order, a rate in fee_rates and vat_rate (0 if you charge no tax) "
            "in costs=, and landed costs in products=. Give both in the first cell."
        )
    terms: Terms = {
        "fees": rate.rate,
        "fee_fixed": rate.fixed,
        "fixed_cost": costs.fulfilment_per_order + costs.packaging_per_order,
        "vat_rate": costs.vat_rate,
    }
    products = _priced(shop.products, lines)
    if products.empty:
        raise InputError(
            "No product has a landed cost and a price: give products= with sku and landed_cost in the first "
            "cell."
        )
    left = contribution(products["price"], products["landed_cost"], **terms)
    products = products.assign(left=left).sort_values(["left", "sku"])
    rows = zip(
        *(products[name].tolist() for name in ("sku", "product", "landed_cost", "price", "left")), strict=True
    )
    return tuple(
        Offer(sku=sku, product=name, channel=channel, cost=cost, price=price, left=left, terms=terms)
        for sku, name, cost, price, left in (
            (sku, name, *map(float, amounts)) for sku, name, *amounts in rows
        )
    )


def _sold(shop: Shop) -> pd.DataFrame:
    # Whether a line has a channel is for the export to say, so it is not asked for.
    orders = tables.use(shop.orders, tables.ORDERS, ["ordered_at", "sku", "unit_price", "status", "kind"])
    lines: pd.DataFrame = orders.collect().to_pandas()
    return lines[(lines["status"] == "paid") & (lines["kind"] == "sale")]


def _channel(lines: pd.DataFrame, costs: Costs) -> tuple[str, FeeRate | None]:
    """Return the channel that sells most of those with a fee rate, or the rate of every channel."""
    known = {_plain(name): (name, rate) for name, rate in costs.fee_rates.items()}
    if "channel" in lines:
        counts = lines["channel"].dropna().astype(str).value_counts()
        for name in sorted(counts.index, key=lambda each: (-counts[each], each)):
            if _plain(name) in known:
                return known[_plain(name)]
    return EVERY_CHANNEL, costs.fee_rates.get(EVERY_CHANNEL)


def _plain(channel: str) -> str:
    return "_".join(channel.casefold().replace("_", " ").split())


def _priced(products: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return products with a cost and a price; a price that the table lacks is the newest one sold at."""
    if "landed_cost" not in products:
        return products.iloc[:0]
    newest = lines.sort_values("ordered_at", kind="stable").groupby("sku")["unit_price"].last()
    sold_at = products["sku"].map(newest)
    price = products["price"].fillna(sold_at) if "price" in products else sold_at
    name = products["product"] if "product" in products else products["sku"]
    found = pd.DataFrame(
        {"sku": products["sku"], "product": name, "landed_cost": products["landed_cost"], "price": price}
    ).dropna(subset=["landed_cost", "price"])
    return found[found["price"] > 0]


@lru_cache(maxsize=4)
def to_discount(shop: Shop, rate: float) -> Offer:
    """Return the best seller that a discount does not ruin: it needs 15% to 150% more sales to earn the same.

    Args:
        shop: A shop with products and costs.
        rate: Discount, a share of the price.

    Raises:
        InputError: As `offers`, or no product is such a one.
    """
    sold = _sold(shop).groupby("sku")["quantity"].sum()
    found = []
    for each in offers(shop):
        after = float(contribution(each.price * (1 - rate), each.cost, **each.terms))
        if after > 0 and 1.15 <= each.left / after <= 2.5:
            found.append((-float(sold.get(each.sku, 0)), each.sku, each))
    if not found:
        raise InputError(
            f"No product leaves enough to bear a discount of {rate:.0%}, or all leave so much that hardly "
            "any more sales are needed. Try another discount in the first cell."
        )
    return min(found)[-1]
