"""The true parameters of a phone accessory shop: fixed for the demo, drawn within ranges for others.

Each call of `between` names the demo's value and the range of every other shop, so this file is the
whole list of what is planted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.draws import generator
from sellerlab.worlds.phone_stand.catalogue import CATEGORIES, ITEMS, PAIRS

START = pd.Timestamp("2025-03-01")
AS_OF = pd.Timestamp("2026-08-31")
DAYS = (AS_OF - START).days + 1
CHANNELS = ("tiktok_shop", "live", "affiliate", "own_store")
SOURCES = ("video_link", "search", "social", "mail")
DEVICES = ("mobile", "desktop")
STEPS = ("visit", "view_item", "add_to_cart", "checkout", "purchase")
#: Days of traffic events before and including `AS_OF`.
TRAFFIC_DAYS = 56

_ELASTICITY = {
    "stands": -1.8,
    "cases": -1.4,
    "cables": -2.4,
    "chargers": -2.0,
    "lights": -1.6,
    "straps": -1.2,
}
_MONTHS = (0.95, 0.85, 1.05, 1.0, 0.95, 0.95, 1.05, 1.1, 0.95, 0.95, 1.1, 1.35)
_WEEKDAYS = (0.92, 0.90, 1.0, 0.94, 1.06, 1.10, 1.08)
_PROMOTIONS = (
    ("2025-06-06", 3),
    ("2025-09-09", 3),
    ("2025-11-07", 5),
    ("2025-12-10", 3),
    ("2026-01-02", 4),
    ("2026-03-01", 3),
    ("2026-06-04", 3),
    ("2026-08-07", 3),
)
#: Rate of each step after the one before, on mobile, in the demo.
_FUNNEL = {
    "video_link": (0.52, 0.16, 0.45, 0.55),
    "search": (0.60, 0.21, 0.50, 0.62),
    "social": (0.46, 0.13, 0.42, 0.52),
    "mail": (0.68, 0.26, 0.56, 0.70),
}
_TRAFFIC = {"video_link": 0.46, "search": 0.24, "social": 0.20, "mail": 0.10}


def parameters(seed: str, scale: float = 1.0) -> dict[str, Any]:
    """Return the true parameters of the shop with this seed, as nested plain numbers and texts."""
    rng = generator("phone_stand", seed, "truth")
    fixed = seed == "demo"

    def between(demo: float, low: float, high: float, digits: int = 3) -> float:
        drawn = float(rng.uniform(low, high))
        return demo if fixed else round(drawn, digits)

    own, live, affiliate = between(0.20, 0.17, 0.25), between(0.75, 0.65, 0.85), between(0.26, 0.2, 0.32)
    fee_rates = {
        "tiktok_shop": {"rate": between(0.08, 0.06, 0.10), "fixed": 0},
        "live": {"rate": between(0.05, 0.04, 0.07), "fixed": 0},
        "affiliate": {"rate": between(0.15, 0.12, 0.18), "fixed": 0},
        "own_store": {"rate": between(0.036, 0.03, 0.04), "fixed": int(between(40, 20, 50, 0))},
    }
    return {
        "customers": {
            "model": "BG/NBD, time in weeks",
            "r": between(0.42, 0.34, 0.55),
            "alpha": between(10.5, 9.0, 13.0, 2),
            "a": between(0.8, 0.6, 1.0),
            "b": between(2.5, 2.0, 3.2),
        },
        "order_value": {
            "model": "spending level of a customer = (q - 1) / Gamma(q), independent of how often",
            "q": between(5.0, 4.0, 6.5, 2),
            "extra_lines": between(0.42, 0.35, 0.50),
            "extra_units": between(0.10, 0.07, 0.14),
        },
        "new_customers": {
            "growth_per_month": between(0.05, 0.035, 0.065),
            "month_factors": list(_MONTHS),
            "weekday_factors": list(_WEEKDAYS),
        },
        "channels": {
            "own_store_share_first_order": own,
            "own_store_share_repeat_order": between(0.34, 0.28, 0.40),
            "affiliate_share": affiliate,
            "live_share_in_live_hours": live,
            "live_hours_lift": 2.2,
            "live_hours": "Wednesday, Friday and Sunday, 20:00 to 22:00",
        },
        "fee_rates": fee_rates,
        "price_level": between(1.0, 0.92, 1.08),
        "landed_cost_share": {
            item.sku: item.cost if fixed else round(item.cost * float(rng.uniform(0.96, 1.05)), 3)
            for item in ITEMS
        },
        "losing_products": [item.sku for item in ITEMS if item.cost > 0.88],
        "popularity": {
            item.sku: item.weight if fixed else round(item.weight * float(rng.uniform(0.75, 1.3)), 2)
            for item in ITEMS
        },
        "often_together": {"pairs": [" + ".join(pair) for pair in PAIRS], "chance": between(0.30, 0.2, 0.4)},
        "fad": {
            "sku": "ST-KUMA",
            "launched": "2025-07-05",
            "first_factor": 3.5,
            "half_life_days": int(between(38, 28, 50, 0)),
        },
        "old_model": {
            "sku": "CA-CLEAR-OLD",
            "replaced": "2025-11-15",
            "half_life_days": 25,
            "gone_after_days": 150,
        },
        "season_of_product": {"sku": "CA-SAKURA", "months": [2, 3, 4], "factor": between(2.0, 1.6, 2.4)},
        "elasticity": {
            name: between(_ELASTICITY[name], _ELASTICITY[name] - 0.3, _ELASTICITY[name] + 0.3, 2)
            for name in CATEGORIES
        },
        "price_windows": _windows(rng),
        "promotions": _promotions(
            between(0.08, 0.05, 0.12), between(0.06, 0.04, 0.10), between(1.8, 1.5, 2.2)
        ),
        "coupons": {
            "own_store_first_order_chance": between(0.40, 0.3, 0.5),
            "own_store_first_order_rate": 0.10,
            "platform_coupon_chance": between(0.12, 0.08, 0.16),
            "platform_coupon_rate": 0.08,
            "live_discount_rate": between(0.05, 0.03, 0.08),
        },
        "shipping": {
            "fee": int(between(350, 300, 400, -1)),
            "free_from": int(between(2500, 2300, 2900, -2)),
        },
        "cancel_rate": between(0.05, 0.045, 0.07),
        "refund_rate": {
            item.sku: item.refund if fixed else round(item.refund * float(rng.uniform(0.8, 1.4)), 3)
            for item in ITEMS
        },
        "costs": {
            "fulfilment_per_order": int(between(390, 330, 440, -1)),
            "packaging_per_order": int(between(40, 30, 60, 0)),
            "return_handling_per_unit": int(between(200, 150, 280, -1)),
            "resellable_share": between(0.6, 0.4, 0.8, 2),
            "marketing_share": between(0.07, 0.05, 0.09),
            "vat_rate": 0.10,
        },
        "funnel": _funnel(rng, fixed),
        "content": {
            "videos_per_month": int(between(15, 10, 22, 0)),
            "median_views": max(10, int(between(900, 600, 1500, -1) * scale)),
            "sigma_log_views": between(1.1, 0.9, 1.3, 2),
            "breakout_chance": between(0.04, 0.025, 0.06),
            "breakout_factor": between(15.0, 10.0, 22.0, 1),
            "clicks_per_view": between(0.012, 0.009, 0.016, 4),
            "orders_per_click": between(0.06, 0.045, 0.08, 4),
            "power_of_share_rate": between(0.8, 0.6, 1.0, 2),
            "power_of_comment_rate": between(0.3, 0.2, 0.4, 2),
            "power_of_like_rate": 0.0,
        },
    }


def _windows(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Four price windows of three to five whole weeks for each category, none in the last month."""
    windows = []
    for name in CATEGORIES:
        for part, factor in enumerate(rng.permutation([0.85, 0.9, 1.1, 1.15])):
            week, weeks = part * 18 + int(rng.integers(0, 13)), int(rng.integers(3, 6))
            start = START + pd.Timedelta(days=2 + 7 * week)
            end = start + pd.Timedelta(days=7 * weeks - 1)
            windows.append(
                {
                    "category": name,
                    "start": f"{start:%Y-%m-%d}",
                    "end": f"{end:%Y-%m-%d}",
                    "factor": float(factor),
                }
            )
    return windows


def _promotions(seller: float, platform: float, uplift: float) -> list[dict[str, Any]]:
    """The platform's sale days; each next one lifts orders a little less than the one before."""
    rows = []
    for turn, (start, days) in enumerate(_PROMOTIONS):
        end = pd.Timestamp(start) + pd.Timedelta(days=days - 1)
        rows.append(
            {
                "start": start,
                "end": f"{end:%Y-%m-%d}",
                "seller_rate": seller,
                "platform_rate": platform,
                "uplift": round(1 + (uplift - 1) * 0.94**turn, 3),
            }
        )
    return rows


def _funnel(rng: np.random.Generator, fixed: bool) -> dict[str, Any]:
    """Rates of the own store's visits by source and device, and the days on which checkout was broken."""
    rates: dict[str, dict[str, dict[str, float]]] = {}
    for source in SOURCES:
        scale = np.ones(4) if fixed else rng.uniform(0.9, 1.1, 4)
        mobile = np.array(_FUNNEL[source]) * scale
        desktop = np.minimum(mobile * [1.02, 1.05, 1.15, 1.18], 0.95)
        rates[source] = {
            device: {step: round(float(rate), 4) for step, rate in zip(STEPS[1:], row, strict=True)}
            for device, row in (("mobile", mobile), ("desktop", desktop))
        }
    back = 20 if fixed else int(rng.integers(12, 40))
    first = AS_OF - pd.Timedelta(days=back)
    return {
        "covers": f"visits to the own store on the last {TRAFFIC_DAYS} days; rates are per visit",
        "traffic_share": dict(_TRAFFIC),
        "mobile_share": 0.78 if fixed else round(float(rng.uniform(0.70, 0.85)), 3),
        "step_rates": rates,
        "checkout_fault": {
            "device": "mobile",
            "step": "purchase",
            "start": f"{first:%Y-%m-%d}",
            "end": f"{first + pd.Timedelta(days=2):%Y-%m-%d}",
            "factor": 0.15,
        },
    }
