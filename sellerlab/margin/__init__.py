"""Margin: what is left of a sale, a product, a channel, a month, and where the rest went.

One idea: there is one profit and loss, and every other number is one of its lines seen from nearer by. What a
unit costs at the door (`landed_cost`), what a return costs (`expected_returns`) and what changed since last
time (`price_volume_mix`) are called from here too.
"""

from __future__ import annotations

from sellerlab.costs import Costs, FeeRate
from sellerlab.margin.landed import LandedCost, landed_cost
from sellerlab.margin.mix import PriceVolumeMix, price_volume_mix
from sellerlab.margin.one_sale import SaleTerms, one_sale, usual_terms
from sellerlab.margin.pareto import Abc, abc
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.margin.ratios import (
    BreakEven,
    break_even,
    margin_of,
    margin_to_markup,
    markup_of,
    markup_to_margin,
)
from sellerlab.margin.returned import ExpectedReturns, expected_returns, return_cost
from sellerlab.margin.steps import Waterfall, waterfall

__all__ = [
    "Abc",
    "BreakEven",
    "Costs",
    "ExpectedReturns",
    "FeeRate",
    "LandedCost",
    "PriceVolumeMix",
    "ProfitAndLoss",
    "SaleTerms",
    "Waterfall",
    "abc",
    "break_even",
    "expected_returns",
    "landed_cost",
    "margin_of",
    "margin_to_markup",
    "markup_of",
    "markup_to_margin",
    "one_sale",
    "price_volume_mix",
    "profit_and_loss",
    "return_cost",
    "usual_terms",
    "waterfall",
]
