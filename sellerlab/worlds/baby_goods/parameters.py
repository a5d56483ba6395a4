"""The true parameters of a baby goods shop: fixed for the demo, drawn within ranges for others.

Each call of `between` names the demo's value and the range of every other shop, so this file is the
whole list of what is planted in sales, prices and stock; `visits` and `advertising` plant their own.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerlab.worlds.baby_goods.catalogue import FAD, ITEMS, STEADY
from sellerlab.worlds.draws import generator

START = pd.Timestamp("2025-03-01")
AS_OF = pd.Timestamp("2026-08-31")
DAYS = (AS_OF - START).days + 1
#: The first Monday, and the number of whole weeks from it.
FIRST_WEEK = 2
WEEKS = 78
STOCK_DAYS = 182

#: Monday of a high-season week: month and day, first and last.
HIGH = {
    "winter": ((11, 10), (2, 20)),
    "summer": ((6, 1), (8, 31)),
    "gift": ((4, 13), (5, 4)),
}
#: Months of the low season.
LOW = {"winter": (6, 7, 8), "summer": (11, 12, 1, 2), "gift": ()}
SEGMENTS = {
    "loyal": "2 orders or more, the last at most 60 days ago",
    "slipping": "2 orders or more, the last 61 to 240 days ago",
    "lost": "2 orders or more, the last more than 240 days ago",
    "new": "1 order, at most 60 days ago",
    "one_time": "1 order, more than 60 days ago",
}


def parameters(seed: str) -> dict[str, Any]:
    """Return the true parameters of the shop with this seed, as nested plain numbers and texts."""
    rng = generator("baby_goods", seed, "truth")
    fixed = seed == "demo"

    def between(demo: float, low: float, high: float, digits: int = 3) -> float:
        drawn = float(rng.uniform(low, high))
        return demo if fixed else round(drawn, digits)

    seasons = {item.sku: item.season for item in ITEMS if item.season != "none"}
    return {
        "customers": {
            "model": "BG/NBD, time in weeks",
            "r": between(0.55, 0.45, 0.70),
            "alpha": between(9.0, 8.0, 11.0, 2),
            "a": between(0.7, 0.55, 0.9),
            "b": between(3.0, 2.4, 3.6),
        },
        "order_value": {
            "model": "spending level of a customer = (q - 1) / Gamma(q), independent of how often; it moves "
            "the number of lines",
            "q": between(3.4, 3.0, 4.0, 2),
            "extra_lines": between(0.40, 0.32, 0.48),
        },
        "channels": {
            "own_store_share_first_order": between(0.22, 0.18, 0.28),
            "own_store_share_repeat_order": between(0.38, 0.30, 0.45),
        },
        "weekday_factors": [1.08, 1.02, 1.0, 0.98, 0.92, 0.95, 1.05],
        "fee_rates": {
            "gmarket": {"rate": between(0.12, 0.11, 0.13), "fixed": 0},
            "own_store": {"rate": between(0.08, 0.075, 0.09), "fixed": 0},
        },
        "price_level": between(1.0, 0.94, 1.06),
        "landed_cost_share": {
            item.sku: item.cost if fixed else round(item.cost * float(rng.uniform(0.95, 1.05)), 3)
            for item in ITEMS
        },
        "popularity": {
            item.sku: item.weekly if fixed else round(item.weekly * float(rng.uniform(0.85, 1.2)), 1)
            for item in ITEMS
        },
        "elasticity": {
            item.sku: between(item.elasticity, item.elasticity - 0.1, item.elasticity + 0.1, 2)
            for item in ITEMS
        },
        "price_never_tried": STEADY,
        "season": {
            "products": seasons,
            "high_weeks": {
                name: f"weeks that begin from {first[0]:02d}-{first[1]:02d} to {last[0]:02d}-{last[1]:02d}"
                for name, (first, last) in HIGH.items()
            },
            "low_months": {name: list(months) for name, months in LOW.items() if months},
            "high_factor": {sku: between(2.3, 2.1, 2.6, 2) for sku in seasons},
            "low_factor": between(0.70, 0.65, 0.78, 2),
            "price_in_high_season": between(1.20, 1.18, 1.22),
            "price_in_low_season": between(0.96, 0.95, 0.98),
        },
        "promotion": {
            "weeks_of_a_product": int(between(6, 5, 8, 0)),
            "depths": [0.06, 0.10, 0.14],
            "lift_at_the_same_price": between(1.45, 1.3, 1.6, 2),
        },
        "fad": {
            "sku": FAD,
            "launched": "2025-11-03",
            "first_factor": between(3.2, 2.8, 3.6, 2),
            "half_life_days": int(between(49, 42, 60, 0)),
        },
        "coupons": {
            "own_store_first_order_chance": between(0.35, 0.25, 0.45),
            "own_store_first_order_rate": 0.05,
            "platform_coupon_chance": between(0.12, 0.08, 0.16),
            "platform_coupon_rate": 0.05,
        },
        "shipping": {"fee": 3000, "free_from": int(between(30000, 28000, 33000, -3))},
        "cancel_rate": between(0.04, 0.03, 0.05),
        "refund_rate": {
            item.sku: item.refund if fixed else round(item.refund * float(rng.uniform(0.8, 1.3)), 3)
            for item in ITEMS
        },
        "costs": {
            "fulfilment_per_order": int(between(2500, 2200, 2900, -1)),
            "packaging_per_order": int(between(350, 250, 450, -1)),
            "return_handling_per_unit": int(between(2500, 2000, 3000, -2)),
            "resellable_share": between(0.5, 0.4, 0.7, 2),
            "marketing_share": between(0.05, 0.04, 0.06),
            "vat_rate": 0.10,
        },
        "offer": {
            "sent_at": "2026-07-20",
            "last_day": "2026-08-18",
            "coupon": 2000,
            "used_by_buyers_with_it": between(0.9, 0.85, 0.95),
            "share_offered": 0.5,
            "segments": dict(SEGMENTS),
            "buys_who_would_not_have": {
                "loyal": 0.0,
                "slipping": between(0.16, 0.13, 0.20),
                "lost": 0.02,
                "new": 0.02,
                "one_time": 0.015,
            },
        },
    }
