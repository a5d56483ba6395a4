"""Customers over time: who comes back, what they are worth, and what one may pay for them.

The way through: `repeat_purchases` sums up orders by customer; `fit` and `fit_spend` estimate how often
they buy, when they stop and what they spend; `holdout` checks the forecast; `customer_value` and
`new_customer_value` turn it into contribution; `payback` and `acquisition_cost` read cost and months off
the books. Each idea lives in a file of its own; the formulas of the models are in `buytillyoudie`.
"""

from __future__ import annotations

from sellerlab.lifetime.acquisition import (
    AcquisitionCost,
    SimpleValue,
    acquisition_cost,
    margin_multiple,
    simple_value,
)
from sellerlab.lifetime.bg_bb import BgBb
from sellerlab.lifetime.buytillyoudie import BgNbd, MbgNbd, Nbd
from sellerlab.lifetime.fit import Fit, bootstrap, fit
from sellerlab.lifetime.holdout import Holdout, holdout
from sellerlab.lifetime.pareto_nbd import ParetoNbd
from sellerlab.lifetime.payback import Payback, new_customer_value, payback
from sellerlab.lifetime.repeat_purchases import RepeatPurchases, repeat_purchases
from sellerlab.lifetime.retained import RetainedValue, retained_value
from sellerlab.lifetime.spend import GammaGamma, SpendFit, fit_spend
from sellerlab.lifetime.value import CustomerValue, customer_value, discounted_sum

__all__ = [
    "AcquisitionCost",
    "BgBb",
    "BgNbd",
    "CustomerValue",
    "Fit",
    "GammaGamma",
    "Holdout",
    "MbgNbd",
    "Nbd",
    "ParetoNbd",
    "Payback",
    "RepeatPurchases",
    "RetainedValue",
    "SimpleValue",
    "SpendFit",
    "acquisition_cost",
    "bootstrap",
    "customer_value",
    "discounted_sum",
    "fit",
    "fit_spend",
    "holdout",
    "margin_multiple",
    "new_customer_value",
    "payback",
    "repeat_purchases",
    "retained_value",
    "simple_value",
]
