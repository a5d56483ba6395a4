"""Retention: do customers come back, do subscribers stay?

One idea: what has not had the time to happen yet is unknown, never zero. Immature cells are blank, customers
who have not come back yet are censored.
"""

from __future__ import annotations

from sellerlab.retention.churn_mixture import ChurnMixture, churn_mixture
from sellerlab.retention.cohorts import Cohorts, cohorts
from sellerlab.retention.renewals import Renewals, renewals
from sellerlab.retention.returning import RepeatRates, repeat_rates
from sellerlab.retention.sbg import Sbg, residual_lifetime, sbg
from sellerlab.retention.subscribers import SUBSCRIPTIONS
from sellerlab.retention.subscriptions import (
    Movements,
    annual_churn,
    movements,
    net_revenue_retention,
    quick_ratio,
)
from sellerlab.retention.survival import Curve, SecondOrder, kaplan_meier, time_to_second_order

__all__ = [
    "SUBSCRIPTIONS",
    "ChurnMixture",
    "Cohorts",
    "Curve",
    "Movements",
    "Renewals",
    "RepeatRates",
    "Sbg",
    "SecondOrder",
    "annual_churn",
    "churn_mixture",
    "cohorts",
    "kaplan_meier",
    "movements",
    "net_revenue_retention",
    "quick_ratio",
    "renewals",
    "repeat_rates",
    "residual_lifetime",
    "sbg",
    "time_to_second_order",
]
