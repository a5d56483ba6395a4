"""The true parameters of a sewing school: fixed for the demo, drawn within ranges for others.

Each call of `between` names the demo's value and the range of every other school, so this file is the
whole list of what is planted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sellerlab.worlds.draws import generator
from sellerlab.worlds.sewing_school.prices import SEGMENTS, asked_shares, price_points

START = pd.Timestamp("2025-03-01")
AS_OF = pd.Timestamp("2026-08-31")
DAYS = (AS_OF - START).days + 1
CHANNELS = ("own_site", "club")
SOURCES = ("instagram", "search", "youtube", "facebook_group")
STEPS = ("landing", "signed_up", "opened", "clicked", "bought")
#: The journeys of the mailing list begin on so many days; on the last days before `AS_OF` none begins, so
#: that all have had time to end.
MAILING_DAYS, MAILING_REST = 56, 8
PRESALE_DAYS = 21

Between = Callable[..., float]


@dataclass(frozen=True)
class Item:
    """One product in shekels with VAT: price, running cost, how often chosen, hours, refunds.

    `first` and `later` are weights of a customer's first and later orders; a club month has none, it is
    paid by subscribers. `once`: who has it does not buy it again.
    """

    sku: str
    product: str
    category: str
    price: int
    cost: float
    first: float
    later: float
    refund: float
    hours_to_make: int
    hours_per_unit: float
    hours_per_month: int = 0
    capacity_per_month: int | None = None
    once: bool = False


ITEMS = (
    Item("EB-START", "Sewing from Zero, e-book", "ebook", 49, 1.2, 9, 2, 0.02, 120, 0.05, once=True),
    Item("EB-PATTERN", "Twenty Patterns to Print, e-book", "ebook", 79, 1.6, 6, 4, 0.03, 90, 0.05, once=True),
    Item("CO-DRESS", "My First Dress, video course", "course", 290, 7.5, 4, 5, 0.07, 210, 0.4, once=True),
    Item("CO-DRAFT", "Pattern Drafting, video course", "course", 590, 9.5, 1.2, 3, 0.09, 320, 0.6, once=True),
    Item("LG-SUNDAY", "Four Sundays, live group", "live_group", 480, 14.0, 1.2, 2, 0.04, 24, 1.5, 0, 30),
    Item("CC-HOUR", "Coaching, one hour", "coaching", 240, 4.0, 0.8, 1.6, 0.02, 0, 1.4, 0, 60),
    Item("CL-BASIC", "Sewing Club, one month", "club", 39, 2.8, 0, 0, 0.004, 40, 0.03, 14),
    Item("CL-PLUS", "Sewing Club with live hour, one month", "club", 79, 4.6, 0, 0, 0.004, 15, 0.12, 9),
)
#: Product of each plan of the club.
PLANS = {"basic": "CL-BASIC", "plus": "CL-PLUS"}

_MONTHS = (1.15, 1.0, 0.95, 0.9, 0.95, 0.95, 0.85, 0.9, 1.2, 1.15, 1.1, 1.0)
#: Monday to Sunday: the week begins on Sunday, Friday and Saturday are calm.
_WEEKDAYS = (1.08, 1.05, 1.02, 1.0, 0.72, 0.8, 1.33)
_PROMOTIONS = (("2025-09-14", 5), ("2025-11-24", 5), ("2026-03-22", 6), ("2026-06-07", 4))
_STEP_RATES = {
    "instagram": (0.22, 0.60, 0.32, 0.16),
    "search": (0.38, 0.72, 0.44, 0.26),
    "youtube": (0.34, 0.70, 0.40, 0.24),
    "facebook_group": (0.42, 0.76, 0.46, 0.28),
}
_LEVELS = {
    "format": ("text", "video"),
    "hours": ("2 hours", "4 hours", "8 hours"),
    "support": ("alone", "mail", "live"),
}
#: Points that a level adds to a rating from 0 to 100, by segment; each attribute's levels sum to 0.
_PART_WORTHS = {
    "beginner": {"format": (-9, 9), "hours": (1, 1, -2), "support": (-8, -1, 9), "price": (12, 1, -13)},
    "hobby": {"format": (-6, 6), "hours": (-5, 1, 4), "support": (-4, 1, 3), "price": (8, 0, -8)},
    "professional": {"format": (-3, 3), "hours": (-11, 1, 10), "support": (-5, -1, 6), "price": (4, 0, -4)},
}
RATED_PRICES = (190, 290, 390)


def parameters(seed: str) -> dict[str, Any]:
    """Return the true parameters of the school with this seed, as nested plain numbers and texts."""
    rng = generator("sewing_school", seed, "truth")
    fixed = seed == "demo"

    def between(demo: float, low: float, high: float, digits: int = 3) -> float:
        drawn = float(rng.uniform(low, high))
        return demo if fixed else round(drawn, digits)

    return {
        "customers": {
            "model": "BG/NBD for orders other than club months, time in weeks",
            "r": between(0.36, 0.30, 0.45),
            "alpha": between(14.0, 11.0, 17.0, 1),
            "a": between(0.8, 0.6, 1.0),
            "b": between(2.2, 1.8, 2.8),
        },
        "new_customers": {
            "growth_per_month": between(0.04, 0.025, 0.055),
            "month_factors": list(_MONTHS),
            "weekday_factors": list(_WEEKDAYS),
        },
        **_products(between),
        "fee_rates": {
            "own_site": {"rate": between(0.029, 0.025, 0.03), "fixed": between(1.2, 1.0, 1.5, 1)},
            "club": {"rate": between(0.022, 0.02, 0.025), "fixed": between(0.5, 0.4, 0.7, 1)},
        },
        "promotions": _promotions(between(0.15, 0.10, 0.20, 2), between(1.7, 1.4, 2.0, 2)),
        "coupons": {
            "first_order_chance": between(0.3, 0.2, 0.4),
            "first_order_rate": 0.10,
        },
        "often_together": {
            "pair": "CO-DRESS + EB-PATTERN",
            "chance": between(0.35, 0.25, 0.45),
        },
        "cancel_rate": between(0.025, 0.02, 0.035),
        "pending": {"days": 3, "chance": 0.4},
        "costs": {
            "fulfilment_per_order": 0,
            "packaging_per_order": 0,
            "return_handling_per_unit": 0,
            "resellable_share": 1.0,
            "marketing_share": between(0.16, 0.12, 0.2),
            "vat_rate": 0.18,
        },
        "club": {
            "model": "sBG: each subscriber leaves at each monthly renewal with a chance drawn from "
            "Beta(alpha, beta)",
            "join_share": between(0.38, 0.34, 0.42),
            "mean_days_to_join": int(between(18, 12, 25, 0)),
            "plans": {
                "basic": {
                    "share": (share := between(0.68, 0.6, 0.75)),
                    "alpha": between(1.1, 0.9, 1.3, 2),
                    "beta": between(5.0, 4.2, 6.0, 2),
                },
                "plus": {
                    "share": round(1 - share, 3),
                    "alpha": between(0.65, 0.55, 0.8, 2),
                    "beta": between(9.5, 8.0, 11.0, 2),
                },
            },
            "come_back_share": between(0.1, 0.06, 0.14),
            "come_back_after_months": [2, 5],
        },
        "mailing": _mailing(between),
        **_asked(between),
        "choices": _choices(between),
        "ratings": _ratings(between),
        "presale": {
            "visitors_per_day": int(between(30, 24, 40, 0)),
            "pledge_rate": between(0.08, 0.05, 0.11),
            "paid_rate": between(0.45, 0.3, 0.6),
            "covers": f"a course that is not made yet, the last {PRESALE_DAYS} days",
        },
    }


def _products(between: Between) -> dict[str, Any]:
    level = between(1.0, 0.9, 1.1)
    return {
        "price": {item.sku: round(item.price * level) for item in ITEMS},
        "landed_cost": {item.sku: round(item.cost * between(1.0, 0.8, 1.25), 2) for item in ITEMS},
        "popularity": {
            "first_order": {i.sku: round(i.first * between(1.0, 0.8, 1.25), 2) for i in ITEMS if i.first},
            "later_order": {i.sku: round(i.later * between(1.0, 0.8, 1.25), 2) for i in ITEMS if i.later},
            "bought_once": [item.sku for item in ITEMS if item.once],
        },
        "refund_rate": {item.sku: round(item.refund * between(1.0, 0.8, 1.25), 4) for item in ITEMS},
        "hours": {
            "value_of_an_hour": int(between(90, 75, 110, 0)),
            "to_make": {item.sku: item.hours_to_make for item in ITEMS},
            "per_unit": {item.sku: item.hours_per_unit for item in ITEMS},
            "per_month": {item.sku: item.hours_per_month for item in ITEMS if item.hours_per_month},
        },
    }


def _promotions(rate: float, lift: float) -> list[dict[str, Any]]:
    """Days with a discount on all that is not a club month, which bring more new customers."""
    rows = []
    for start, days in _PROMOTIONS:
        end = pd.Timestamp(start) + pd.Timedelta(days=days - 1)
        rows.append(
            {"start": start, "end": f"{end:%Y-%m-%d}", "seller_rate": rate, "lift_of_new_customers": lift}
        )
    return rows


def _mailing(between: Between) -> dict[str, Any]:
    return {
        "covers": f"journeys that began on {MAILING_DAYS} days, to a first order or to nothing; all have had "
        f"the {MAILING_REST} days that a journey takes at most",
        "source_share": {"instagram": 0.5, "search": 0.2, "youtube": 0.2, "facebook_group": 0.1},
        "step_rates": {
            source: {
                step: round(rate * between(1.0, 0.9, 1.1), 4)
                for step, rate in zip(STEPS[1:], rates, strict=True)
            }
            for source, rates in _STEP_RATES.items()
        },
    }


def _asked(between: Between) -> dict[str, Any]:
    """The two price surveys about a planned course: one willingness to pay stands behind both."""
    survey: dict[str, Any] = {
        "about": "a course that is planned; prices in shekels with VAT, named in steps of 5",
        "respondents": 320,
        "willingness_to_pay": {
            name: {"share": share, "median": int(between(*middle, 0)), "sigma_log": between(*spread)}
            for name, share, middle, spread in zip(
                SEGMENTS,
                (0.45, 0.35, 0.20),
                ((170, 150, 195), (270, 240, 300), (430, 380, 480)),
                ((0.34, 0.30, 0.38), (0.30, 0.26, 0.34), (0.28, 0.24, 0.32)),
                strict=True,
            )
        },
        "named_as_share_of_willingness": {
            "too_cheap": between(0.40, 0.36, 0.44),
            "cheap": between(0.62, 0.59, 0.66),
            "expensive": between(0.95, 0.92, 0.98),
            "too_expensive": between(1.28, 1.25, 1.35),
        },
        "sigma_log_of_each_answer": 0.06,
        "not_in_order_share": between(0.06, 0.05, 0.08),
        "missing_share": 0.02,
        "intent_cheap": {5: 0.35, 4: 0.33, 3: 0.20, 2: 0.08, 1: 0.04},
        "intent_expensive": {5: 0.06, 4: 0.17, 3: 0.34, 2: 0.27, 1: 0.16},
    }
    survey["points"] = price_points(survey)
    gabor: dict[str, Any] = {
        "prices": [90, 140, 190, 240, 290, 390, 490],
        "overstated_by": between(1.12, 1.05, 1.2),
        "slip_chance": between(0.03, 0.02, 0.04),
    }
    return {"price_survey": survey, "gabor": {**gabor, **asked_shares(survey, gabor)}}


def _choices(between: Between) -> dict[str, Any]:
    slope = between(-0.008, -0.0095, -0.007, 4)
    worth = {
        "format": {"text": 0, "video": int(between(120, 90, 150, 0))},
        "hours": {
            "2 hours": 0,
            "4 hours": int(between(50, 35, 65, 0)),
            "8 hours": int(between(85, 70, 110, 0)),
        },
        "support": {"alone": 0, "mail": int(between(55, 40, 70, 0)), "live": int(between(150, 120, 180, 0))},
    }
    reservation = int(between(140, 110, 170, 0))
    return {
        "model": "multinomial logit, the same for all; worth in shekels against the first level",
        "respondents": 150,
        "tasks_each": 8,
        "products_in_a_task": 3,
        "prices": [90, 190, 290, 390, 490],
        "price_utility": slope,
        "worth": worth,
        "utilities": {
            name: {level: round(-slope * amount, 4) for level, amount in levels.items()}
            for name, levels in worth.items()
        },
        "reservation_price_of_base": reservation,
        "none_utility": round(slope * reservation, 4),
    }


def _ratings(between: Between) -> dict[str, Any]:
    levels: dict[str, tuple[Any, ...]] = {**_LEVELS, "price": RATED_PRICES}
    worths: dict[str, dict[str, dict[Any, float]]] = {}
    importance: dict[str, dict[str, float]] = {}
    for segment, rows in _PART_WORTHS.items():
        worths[segment], ranges = {}, {}
        for name, values in rows.items():
            scale = between(1.0, 0.85, 1.15)
            each = [round(value * scale, 2) for value in values[:-1]]
            each.append(round(-sum(each), 2))
            worths[segment][name] = dict(zip(levels[name], each, strict=True))
            ranges[name] = max(each) - min(each)
        importance[segment] = {name: round(one / sum(ranges.values()), 3) for name, one in ranges.items()}
    return {
        "respondents": 60,
        "cards": 18,
        "segment_share": {"beginner": 0.45, "hobby": 0.35, "professional": 0.20},
        "mean_rating": 52,
        "sigma_of_a_rating": 6.0,
        "sigma_between_people": 1.5,
        "left_out": {"all_the_same": 2, "missing": 1},
        "part_worths": worths,
        "importance_of_mean_part_worths": importance,
    }
