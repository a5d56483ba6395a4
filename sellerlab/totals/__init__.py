"""Totals: what the daily totals of a seller centre can say, without a person in sight.

One idea: totals give pooled rates, each with its denominator, and a change between two periods splits into
what changed in the rates and what changed in the mix.
"""

from __future__ import annotations

from sellerlab.funnel import Abandonment, Daily
from sellerlab.totals.expected import Expected, expect
from sellerlab.totals.from_totals import PooledRates, abandonment, by_day, rates
from sellerlab.totals.rate_change import MixChange, StepChange, change, mix
from sellerlab.totals.value_tree import ValueTree, value_tree, visitors_needed

__all__ = [
    "Abandonment",
    "Daily",
    "Expected",
    "MixChange",
    "PooledRates",
    "StepChange",
    "ValueTree",
    "abandonment",
    "by_day",
    "change",
    "expect",
    "mix",
    "rates",
    "value_tree",
    "visitors_needed",
]
