"""Stock: what lies on the shelf, how long it lasts, what it earns, what sleeps, and what to order.

Every function takes the orders and the products and answers one question of a shop owner; each lives in a
file of its own. How large an order should be is asked in `newsvendor` (once) and `lots` (again and again).
"""

from __future__ import annotations

from sellerlab.ageing import Ageing, ageing
from sellerlab.cover import DaysOfCover, days_of_cover
from sellerlab.reorder_list import ReorderList, reorder_list
from sellerlab.turnover import Turnover, gmroi, sell_through, stock_turn, turnover
from sellerlab.xyz import AbcXyz, abc_xyz, demand_class

__all__ = [
    "AbcXyz",
    "Ageing",
    "DaysOfCover",
    "ReorderList",
    "Turnover",
    "abc_xyz",
    "ageing",
    "days_of_cover",
    "demand_class",
    "gmroi",
    "reorder_list",
    "sell_through",
    "stock_turn",
    "turnover",
]
