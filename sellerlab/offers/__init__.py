"""Offers: what a coupon, a promotion or a loyalty scheme brought that would not have come anyway.

One idea: only those who did not get the offer tell what the offer did: a group left out by lot, or, where
everybody gets it, the days without it.
"""

from __future__ import annotations

from sellerlab.offers.fatigue import Fatigue, fatigue
from sellerlab.offers.loyalty import LoyaltyCost, loyalty_cost
from sellerlab.offers.promotions import Promotions, promotions
from sellerlab.offers.uplift import Uplift, uplift

__all__ = [
    "Fatigue",
    "LoyaltyCost",
    "Promotions",
    "Uplift",
    "fatigue",
    "loyalty_cost",
    "promotions",
    "uplift",
]
