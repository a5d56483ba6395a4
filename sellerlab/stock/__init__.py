"""Stock: what lies on the shelf, how long it lasts, what it earns, what sleeps, and what to order.

Every function takes the orders and the products and answers one question of a shop owner; each lives in a
file of its own. How large an order should be is asked in `newsvendor` (once) and `lots` (again and again).
"""

from __future__ import annotations

from sellerlab.stock.ageing import Ageing, ageing
from sellerlab.stock.censored import DemandFit, fit_demand
from sellerlab.stock.cover import DaysOfCover, days_of_cover
from sellerlab.stock.lots import Lot, best_lot, eoq, in_packs, lot_cost
from sellerlab.stock.newsvendor import OrderOnce, critical_ratio, mismatch_cost, order_once
from sellerlab.stock.order_plan import OrderPlan, order_plan
from sellerlab.stock.order_size import OrderSize, order_size
from sellerlab.stock.policies import (
    FixedLot,
    MinMax,
    best_fixed_lot,
    best_min_max,
    fixed_lot_cost,
    fixed_lot_per_unit_short,
    reorder_point_for,
)
from sellerlab.stock.rehearsal import Evening, Rehearsal, rehearse
from sellerlab.stock.reorder import (
    fill_rate,
    lead_time_demand,
    order_units,
    reorder_point,
    safety_stock,
    slow_reorder_point,
)
from sellerlab.stock.reorder_list import ReorderList, reorder_list
from sellerlab.stock.turnover import Turnover, gmroi, sell_through, stock_turn, turnover
from sellerlab.stock.xyz import AbcXyz, abc_xyz, demand_class

__all__ = [
    "AbcXyz",
    "Ageing",
    "DaysOfCover",
    "DemandFit",
    "Evening",
    "FixedLot",
    "Lot",
    "MinMax",
    "OrderOnce",
    "OrderPlan",
    "OrderSize",
    "Rehearsal",
    "ReorderList",
    "Turnover",
    "abc_xyz",
    "ageing",
    "best_fixed_lot",
    "best_lot",
    "best_min_max",
    "critical_ratio",
    "days_of_cover",
    "demand_class",
    "eoq",
    "fill_rate",
    "fit_demand",
    "fixed_lot_cost",
    "fixed_lot_per_unit_short",
    "gmroi",
    "in_packs",
    "lead_time_demand",
    "lot_cost",
    "mismatch_cost",
    "order_once",
    "order_plan",
    "order_size",
    "order_units",
    "rehearse",
    "reorder_list",
    "reorder_point",
    "reorder_point_for",
    "safety_stock",
    "sell_through",
    "slow_reorder_point",
    "stock_turn",
    "turnover",
]
