"""Cash: when the marketplace pays, and on which day the money is lowest.

One idea: a sale is not money yet. A settlement rule is a dated row of data that turns days of sale into days
of payout; the cash by day, its lowest point and the price of a faster payout follow from it.
"""

from __future__ import annotations

from sellerlab.cash.calendar import CashByDay, cash_by_day, cash_conversion_cycle, fast_payout_cost
from sellerlab.cash.payouts import Payouts, payouts
from sellerlab.cash.settlement import (
    Part,
    Payout,
    SettlementRule,
    payout_dates,
    settlement_rule,
    settlement_rules,
)

__all__ = [
    "CashByDay",
    "Part",
    "Payout",
    "Payouts",
    "SettlementRule",
    "cash_by_day",
    "cash_conversion_cycle",
    "fast_payout_cost",
    "payout_dates",
    "payouts",
    "settlement_rule",
    "settlement_rules",
]
