"""Offers: what a coupon or a loyalty scheme brought that would not have come anyway.

One idea: only a group that did not get the offer tells what the offer did.
"""

from __future__ import annotations

from sellerlab.offers.loyalty import LoyaltyCost, loyalty_cost
from sellerlab.offers.uplift import Uplift, uplift

__all__ = [
    "LoyaltyCost",
    "Uplift",
    "loyalty_cost",
    "uplift",
]
