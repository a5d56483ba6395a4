"""The shop's offer as it was sent: to whom, when, and how each customer stood on the day before.

The one idea: a segment that looks at days after the offer is made by the offer. So each customer is put into
a segment by the paid orders before it was sent, and by nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import pandas as pd

from sellerlab import tables
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.margin.profit import profit_and_loss
from sellerlab.offers import Uplift, uplift

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Days since the last order: up to the first somebody is here, after the second gone.
RECENT, GONE = 60, 240


class Terms(TypedDict):
    """What `sellerlab.offers.uplift` needs beside the two tables and the segment."""

    start: dt.date
    end: dt.date
    margin: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Mailed:
    """An offer and whom it went to.

    Attributes:
        people: One row a customer: customer_id, group, and segment before the offer.
        orders: The shop's orders.
        terms: First and last day counted, and what a sale at the full price leaves.
    """

    people: pd.DataFrame
    orders: pd.DataFrame
    terms: Terms

    def uplift(self, by: str | None = "segment", planned: Mapping[str, float] | None = None) -> Uplift:
        """Return what the offer brought against the holdout.

        Args:
            by: Column of `people` to split by; None for all customers together.
            planned: Group to its planned weight, to check the lot.
        """
        return uplift(self.people, self.orders, by=by, planned=planned, **self.terms)


@lru_cache(maxsize=4)
def mailed(shop: Shop, days: int = 30) -> Mailed:
    """Return the shop's offer with each customer's segment on the day it was sent.

    loyal: several orders, the last at most 60 days before; slipping: at most 240; lost: longer ago;
    new: one order, at most 60 days before; one_time: longer ago; none: no order before.
    Customers of an export are pseudonyms; the offer may name them as the export's file does.

    Args:
        shop: A shop with a table ``offer`` (customer_id, sent_at, group), orders, products and costs.
        days: Days counted from the day the offer was sent, that day included.

    Raises:
        TableError: There is no such table, or a column of it is missing.
        InputError: It was sent on several days, the orders end too soon, the costs are not known, or none of
            its customers ever bought.
    """
    if "offer" not in shop.tables:
        raise TableError("There is no table of the offer: give offer= (customer_id, sent_at, group).")
    sent = shop.tables["offer"]
    for name in ("customer_id", "sent_at", "group"):
        if name not in sent:
            raise TableError(str(unknown("column of offer", name, list(sent))))
    moments = pd.to_datetime(sent["sent_at"])
    start = moments.min().normalize()
    if moments.max().normalize() != start:
        raise InputError("The offer was sent on several days: give one mailing at a time.")
    end = start + pd.Timedelta(days=days - 1)
    if end > shop.as_of:
        raise InputError(f"The orders end on {shop.as_of:%Y-%m-%d}, before the {days} days of the offer.")
    books = profit_and_loss(shop.orders, shop.products, costs=shop.costs)
    if books.contribution_2 is None:
        raise InputError("What a sale leaves needs landed costs in products=, and parcel and fees in costs=.")
    who = _known(sent["customer_id"], shop)
    people = pd.DataFrame(
        {"customer_id": who, "group": sent["group"], "segment": _segments(shop, who, start)}
    )
    terms: Terms = {
        "start": start.date(),
        "end": end.date(),
        "margin": books.contribution_2 / books.net_sales,
    }
    return Mailed(people=people, orders=shop.orders, terms=terms)


def _known(who: pd.Series, shop: Shop) -> pd.Series:
    """Return the customers under the names they have in the orders, which an export's reader made."""
    from sellerlab.read import pseudonym

    buyers = set(shop.orders["customer_id"].dropna())
    made = who.astype(str).map(pseudonym)
    for names in (who, made):
        if names.isin(buyers).any():
            return names
    raise InputError(
        "No customer of offer= stands in the orders. Use the same e-mail address or number as the export."
    )


def _segments(shop: Shop, who: pd.Series, start: pd.Timestamp) -> np.ndarray:
    needs = ["order_id", "customer_id", "ordered_at", "status", "kind"]
    lines = tables.use(shop.orders, tables.ORDERS, needs).collect().to_pandas()
    sold = lines[(lines["status"] == "paid") & (lines["kind"] == "sale") & (lines["ordered_at"] < start)]
    each = sold.groupby("customer_id").agg(orders=("order_id", "nunique"), last=("ordered_at", "max"))
    each = each.reindex(who)
    ago = (start - each["last"]).dt.days
    often = each["orders"] > 1
    return np.select(
        [each["orders"].isna(), often & (ago <= RECENT), often & (ago <= GONE), often, ago <= RECENT],
        ["none", "loyal", "slipping", "lost", "new"],
        "one_time",
    )
