"""The front page of a month: headline numbers, customers, channels, products, what to look at.

Every function takes the orders and a month and answers one question of a shop owner. All of them stand on
the same profit and loss, so that their numbers agree with each other; each lives in a file of its own.
"""

from __future__ import annotations

from sellerlab.months import last_full_month, month_window, months_with_orders
from sellerlab.overview.attention import Attention, attention
from sellerlab.overview.buyers import Customers, customers
from sellerlab.overview.headline import Headline, Measure, headline
from sellerlab.overview.ranking import Channels, Products, channels, products_table

__all__ = [
    "Attention",
    "Channels",
    "Customers",
    "Headline",
    "Measure",
    "Products",
    "attention",
    "channels",
    "customers",
    "headline",
    "last_full_month",
    "month_window",
    "months_with_orders",
    "products_table",
]
