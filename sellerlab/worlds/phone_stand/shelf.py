"""The phone accessory shop's shelf: stock day by day, and what other sellers ask for the same things.

Both are drawn after the orders and from a generator of their own, so they never change an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.phone_stand.catalogue import ITEMS
from sellerlab.worlds.phone_stand.market import PLACE, SKUS
from sellerlab.worlds.phone_stand.parameters import AS_OF

STOCK_DAYS = 182
#: Days between two deliveries of a product.
_ROUND = 26


def stock(orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return stock at the close of each of the last days, units sold, and whether the last one went.

    A delivery comes every few weeks. Products in short supply have just sold their last unit when it
    comes, so on that day the shop could not have sold more.
    """
    paid = orders[orders["status"] == "paid"]
    first = AS_OF - pd.Timedelta(days=STOCK_DAYS - 1)
    day = (paid["ordered_at"].dt.normalize() - first).dt.days.to_numpy()
    inside = day >= 0
    item = paid["sku"].map(PLACE).to_numpy()
    cell = (item * STOCK_DAYS + day)[inside]
    sold = np.bincount(cell, paid["quantity"].to_numpy()[inside], minlength=len(ITEMS) * STOCK_DAYS)
    sold = sold.astype(np.int64).reshape(len(ITEMS), STOCK_DAYS)
    left = products["on_hand"].to_numpy()
    on_hand, out = np.zeros_like(sold), np.zeros(sold.shape, dtype=bool)
    for place, each in enumerate(ITEMS):
        edges, short = [0, STOCK_DAYS], each.stock == "short"
        if each.stock in ("normal", "short"):
            rounds = np.arange(place % _ROUND + 4, STOCK_DAYS - 9, _ROUND)
            if short:
                selling = np.flatnonzero(sold[place, : STOCK_DAYS - 9])
                before = np.searchsorted(selling, rounds, side="right")
                rounds = np.unique(selling[before[before > 0] - 1] + 1)
            edges = [0, *rounds.tolist(), STOCK_DAYS]
        for start, end in pairwise(edges):
            last = end < STOCK_DAYS and short
            later = np.cumsum(sold[place, start:end][::-1])[::-1] - sold[place, start:end]
            on_hand[place, start:end] = later + (0 if last else left[place])
            out[place, end - 1] = last
    return pd.DataFrame(
        {
            "sku": np.repeat(np.array(SKUS, dtype=object), STOCK_DAYS),
            "day": np.tile(pd.date_range(first, AS_OF, unit="us"), len(ITEMS)),
            "on_hand": on_hand.ravel(),
            "sold": sold.ravel(),
            "sold_out": out.ravel(),
        }
    )


def prices_of_others(rng: np.random.Generator) -> dict[str, float]:
    """Draw the delivered price that others ask on average for each product, as a share of the shop's own."""
    return {sku: round(float(np.exp(rng.normal(0.02, 0.14))), 3) for sku in SKUS}


def competitors(
    rng: np.random.Generator, products: pd.DataFrame, level: Mapping[str, float], free_from: int
) -> pd.DataFrame:
    """Return listings of other sellers that compete with each product: price, postage, reviews.

    Args:
        rng: The generator.
        products: The shop's products, for their prices.
        level: Product to the delivered price of others as a share of the shop's own price.
        free_from: Price from which others ask no postage either.
    """
    count = rng.integers(6, 13, len(SKUS))
    row = np.repeat(np.arange(len(SKUS)), count)
    own = products["price"].to_numpy()[row]
    delivered = own * np.array(list(level.values()))[row] * np.exp(0.13 * rng.standard_normal(len(row)))
    shipping = rng.choice([0, 300, 350, 500], len(row), p=[0.4, 0.15, 0.25, 0.2])
    shipping = np.where(delivered >= free_from, 0, shipping)
    price = np.maximum(np.rint((delivered - shipping) / 10) * 10, 100).astype(np.int64)
    sellers = rng.integers(1, 31, len(row))
    reviews = np.rint(np.exp(rng.normal(3.6, 1.5, len(row)))).astype(np.int64)
    columns: dict[str, Any] = {
        "listing_id": [f"L{1 + number:04d}" for number in range(len(row))],
        "sku": np.array(SKUS, dtype=object)[row],
        "seller": [f"shop-{number:02d}" for number in sellers],
        "price": price,
        "shipping": shipping,
        "reviews": reviews,
        "rating": np.round(np.clip(rng.normal(4.3, 0.35, len(row)), 2.5, 5.0), 1),
        "checked_at": AS_OF.as_unit("us"),
    }
    return pd.DataFrame(columns)
