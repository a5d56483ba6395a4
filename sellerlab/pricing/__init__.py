"""Pricing: from what it costs to what to charge, and from what people would pay to what they do pay.

- what must be charged: `target_price`, `floor_price`, `price_limits`, `contribution`, `margin_at`
- what may be given away: `discount`, `coupon`, `free_shipping`, `bundle`, `break_even_change`
- what people say: `van_westendorp`, `newton_miller_smith`, `gabor_granger`, `part_worths`, `choice_model`
- what people do: `own_price_elasticity`, `arc_elasticity`, `price_curve`, `profit_best`, and else a
  `price_test`
"""

from __future__ import annotations

from sellerlab.pricing.baskets import Bundle, FreeShipping, bundle, free_shipping
from sellerlab.pricing.conjoint import PartWorths, part_worths
from sellerlab.pricing.curve import PriceCurve, price_curve
from sellerlab.pricing.elasticity import Elasticity, own_price_elasticity
from sellerlab.pricing.intent import BestPrices, gabor_granger, newton_miller_smith
from sellerlab.pricing.limits import PriceLimits, price_limits
from sellerlab.pricing.logit import ChoiceModel, choice_model
from sellerlab.pricing.next_price import BestPrice, PriceTest, price_test, profit_best
from sellerlab.pricing.promotions import Coupon, Discount, coupon, discount
from sellerlab.pricing.survey import PriceRange, van_westendorp
from sellerlab.pricing.target import (
    TargetPrice,
    arc_elasticity,
    best_price,
    break_even_change,
    contribution,
    floor_price,
    margin_at,
    price_for_margin,
    target_price,
)

__all__ = [
    "BestPrice",
    "BestPrices",
    "Bundle",
    "ChoiceModel",
    "Coupon",
    "Discount",
    "Elasticity",
    "FreeShipping",
    "PartWorths",
    "PriceCurve",
    "PriceLimits",
    "PriceRange",
    "PriceTest",
    "TargetPrice",
    "arc_elasticity",
    "best_price",
    "break_even_change",
    "bundle",
    "choice_model",
    "contribution",
    "coupon",
    "discount",
    "floor_price",
    "free_shipping",
    "gabor_granger",
    "margin_at",
    "newton_miller_smith",
    "own_price_elasticity",
    "part_worths",
    "price_curve",
    "price_for_margin",
    "price_limits",
    "price_test",
    "profit_best",
    "target_price",
    "van_westendorp",
]
