"""What a shop's customers cost and brought: the few numbers that a question about their worth needs.

The one idea: contribution comes from the books, the curve by month from the orders, and both must mean the
same contribution. Here they come together once a shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import narwhals as nw

from sellerlab import tables
from sellerlab.errors import InputError
from sellerlab.lifetime import Payback, payback
from sellerlab.margin.profit import profit_and_loss

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop


@dataclass(frozen=True, kw_only=True, eq=False)
class Won:
    """A shop's customers in a few numbers.

    Attributes:
        margin: Contribution 2 as a share of net sales, over all of the orders.
        margin_1: Contribution 1, the same way.
        marketing: Money spent on marketing over the same time; None where the costs do not say.
        customers: Customers who ever bought.
        repeaters: Those who bought again.
        curve: What a new customer has brought by each month, of contribution 2.
    """

    margin: float
    margin_1: float
    marketing: float | None
    customers: int
    repeaters: int
    curve: Payback

    @property
    def cac(self) -> float | None:
        """What a new customer cost; None where marketing is not known."""
        return None if self.marketing is None else self.marketing / self.customers


@lru_cache(maxsize=4)
def won(shop: Shop) -> Won:
    """Return what a shop's customers cost and brought; refuse where costs are not known.

    Args:
        shop: A shop with orders of named customers, products and costs.

    Raises:
        InputError: The books do not reach contribution 2, or it is a loss.
    """
    books = profit_and_loss(shop.orders, shop.products, costs=shop.costs)
    margin = books.margin_2
    if margin is None or books.margin_1 is None:
        raise InputError(
            "What a customer brings needs landed costs in products=, and the parcel and the fees in costs=. "
            "Give both in the first cell."
        )
    if margin <= 0:
        raise InputError(
            "After goods, fees and parcels nothing is left of the sales, so no price is low enough for a "
            "customer. Lesson 21 looks at one sale."
        )
    # What repeat_purchases counts, without times and values.
    lines = tables.use(shop.orders, tables.ORDERS, ["customer_id", "ordered_at", "status", "kind"])
    sold = lines.filter(nw.col("status") == "paid", nw.col("kind") == "sale").collect().to_pandas()
    days = sold["ordered_at"].dt.normalize().groupby(sold["customer_id"]).nunique()
    return Won(
        margin=margin,
        margin_1=books.margin_1,
        marketing=books.marketing,
        customers=len(days),
        repeaters=int((days > 1).sum()),
        curve=payback(shop.orders, margin=margin),
    )
