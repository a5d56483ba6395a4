"""Who came and what they did: totals by device, tests of a listing, and a change without a split.

Everything here is drawn apart from the orders: it is about rates, and whole visitors rather than buyers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.baby_goods.parameters import AS_OF
from sellerlab.worlds.draws import Floats, Ints

TOTAL_DAYS = 84
PERIOD = 28
VISITORS = 6000
#: Share of visitors of a test who come and buy often.
REGULARS = 0.2
TREATED = ("BB-GAUZE", "SP-SET", "TY-RATTLE")
CONTROLS = ("BB-SILICONE", "BL-MUSLIN", "BT-260", "NP-03", "WP-TRAVEL")
CHANGED_ON = "2026-06-29"
_WEEKDAYS = np.array([1.06, 1.02, 1.0, 0.98, 0.92, 0.96, 1.06])


def parameters(rng: np.random.Generator, fixed: bool) -> dict[str, Any]:
    """Return the true parameters of visits and tests."""

    def between(demo: float, low: float, high: float, digits: int = 3) -> float:
        drawn = float(rng.uniform(low, high))
        return demo if fixed else round(drawn, digits)

    return {
        "totals": {
            "clicks_a_day": int(between(620, 540, 700, 0)),
            "mobile_share": {"before": between(0.50, 0.46, 0.54), "last_28_days": between(0.86, 0.83, 0.89)},
            "clicks_per_impression": {"mobile": 0.04, "desktop": 0.06},
            "carts_per_click": {"mobile": 0.10, "desktop": 0.15},
            "orders_per_cart": {"mobile": between(0.19, 0.17, 0.21), "desktop": between(0.29, 0.27, 0.31)},
            "factor_of_each_of_both_rates_in_the_last_28_days": between(1.09, 1.07, 1.11),
            "kept": 0.95,
            "order_value": 24000,
        },
        "listing_test": {
            "regulars": REGULARS,
            "order_rate_in_a": {"regulars": between(0.34, 0.30, 0.38), "others": between(0.03, 0.025, 0.035)},
            "lift_of_b": between(0.30, 0.22, 0.36, 2),
        },
        "listing_test_broken": {
            "lift_of_b": 0.0,
            "slow_visitors": 0.3,
            "their_order_rate_against_others": 0.2,
            "lost_by_the_redirect_of_b": between(0.7, 0.65, 0.8, 2),
        },
        "listing_weeks": {
            "treated": list(TREATED),
            "controls": list(CONTROLS),
            "changed_on": CHANGED_ON,
            "effect": between(0.24, 0.18, 0.32, 2),
            "all_products_after_the_change": between(0.84, 0.80, 0.88, 2),
        },
        "switchback": {
            "weeks": 6,
            "visitors_a_day": int(between(700, 620, 780, 0)),
            "order_rate_in_a": between(0.032, 0.028, 0.036, 4),
            "lift_of_b": between(0.22, 0.16, 0.28, 2),
        },
    }


def totals(rng: np.random.Generator, planted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the seller centre's totals by day and device.

    In the last 28 days both devices convert better than in the 28 days before, and the whole converts
    worse, because mobile visits grew. A draw that does not show it is drawn again.
    """
    while True:
        table = _totals(rng, planted)
        last = table.iloc[-2 * PERIOD :]
        before = table.iloc[-4 * PERIOD : -2 * PERIOD]
        if _reversed(before, last):
            return table


def _reversed(before: pd.DataFrame, last: pd.DataFrame) -> bool:
    def rate(rows: pd.DataFrame) -> float:
        return float(rows["orders"].sum() / rows["clicks"].sum())

    up = all(
        rate(last[last["device"] == name]) > rate(before[before["device"] == name])
        for name in ("mobile", "desktop")
    )
    return up and rate(last) < rate(before)


def _totals(rng: np.random.Generator, planted: Mapping[str, Any]) -> pd.DataFrame:
    day = pd.date_range(AS_OF - pd.Timedelta(days=TOTAL_DAYS - 1), AS_OF, unit="us")
    late = np.arange(TOTAL_DAYS) >= TOTAL_DAYS - PERIOD
    share = np.where(late, planted["mobile_share"]["last_28_days"], planted["mobile_share"]["before"])
    visits = planted["clicks_a_day"] * _WEEKDAYS[day.day_of_week]
    clicks = rng.poisson(visits[:, None] * np.column_stack([share, 1 - share]))

    def of(name: str) -> Floats:
        return np.array([planted[name][device] for device in ("mobile", "desktop")])

    better = np.where(late, planted["factor_of_each_of_both_rates_in_the_last_28_days"], 1.0)[:, None]
    shown = clicks + rng.poisson(clicks * (1 / of("clicks_per_impression") - 1))
    carts = rng.binomial(clicks, of("carts_per_click") * better)
    orders = rng.binomial(carts, of("orders_per_cart") * better)
    value = planted["order_value"] * rng.standard_gamma(4 * np.maximum(orders, 1)) / 4
    return pd.DataFrame(
        {
            "day": np.repeat(day, 2),
            "device": np.tile(np.array(["mobile", "desktop"], dtype=object), TOTAL_DAYS),
            "impressions": shown.ravel(),
            "clicks": clicks.ravel(),
            "carts": carts.ravel(),
            "orders": orders.ravel(),
            "kept_orders": rng.binomial(orders, planted["kept"]).ravel(),
            "sales": np.where(orders > 0, np.rint(value / 100) * 100, 0).astype(np.int64).ravel(),
        }
    )


def listing_test(rng: np.random.Generator, planted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the visitors of a sound test of a new picture in the own store."""
    regular = rng.random(VISITORS) < REGULARS
    variant = rng.integers(0, 2, VISITORS)
    rate = np.where(regular, *planted["order_rate_in_a"].values())
    rate = rate * np.where(variant == 1, 1 + planted["lift_of_b"], 1.0)
    return _visitors(rng, "v", "2026-07-13", regular, variant, rate)


def broken_test(
    rng: np.random.Generator, planted: Mapping[str, Any], rates: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the visitors of a test whose variant B lost its slow visitors on the way."""
    regular = rng.random(VISITORS) < REGULARS
    variant = rng.integers(0, 2, VISITORS)
    slow = rng.random(VISITORS) < planted["slow_visitors"]
    lost = slow & (variant == 1) & (rng.random(VISITORS) < planted["lost_by_the_redirect_of_b"])
    rate = np.where(regular, *rates["order_rate_in_a"].values())
    rate = rate * np.where(slow, planted["their_order_rate_against_others"], 1.0)
    kept = ~lost
    return _visitors(rng, "w", "2026-05-11", regular[kept], variant[kept], rate[kept])


def _visitors(
    rng: np.random.Generator, letter: str, start: str, regular: Any, variant: Ints, rate: Floats
) -> pd.DataFrame:
    size = len(variant)
    level = rng.standard_gamma(3.0, size) / 3
    visits = rng.poisson(np.where(regular, 5.0, 0.4))
    bought = rng.binomial(visits, np.where(regular, 0.5, 0.06))
    basket = 24000 * level * np.exp(0.2 * rng.standard_normal((2, size)))
    earlier = np.rint(bought * basket[0] / 100) * 100
    ordered = rng.random(size) < rate
    revenue = np.where(ordered, np.rint(basket[1] / 100) * 100, 0)
    second = np.sort(rng.integers(0, 28 * 86400, size))
    begin = pd.Timestamp(start).to_datetime64().astype("datetime64[us]")
    return pd.DataFrame(
        {
            "visitor_id": [f"{letter}-{1 + number:05d}" for number in range(size)],
            "assigned_at": begin + second.astype("timedelta64[s]"),
            "variant": np.array(["A", "B"], dtype=object)[variant],
            "visits_before": visits,
            "revenue_before": earlier.astype(np.int64),
            "orders": ordered.astype(np.int64),
            "revenue": revenue.astype(np.int64),
        }
    )


def listing_weeks(rng: np.random.Generator, planted: Mapping[str, Any]) -> pd.DataFrame:
    """Return units by week of products whose listing was changed, and of others that were left alone."""
    week = pd.date_range(pd.Timestamp(CHANGED_ON) - pd.Timedelta(weeks=26), periods=35, freq="7D", unit="us")
    after = (week >= pd.Timestamp(CHANGED_ON)).astype(np.int64)
    names = np.array([*TREATED, *CONTROLS], dtype=object)
    treated = np.isin(names, TREATED).astype(np.int64)
    pace = rng.uniform(28, 60, len(names))
    season = np.exp(0.07 * rng.standard_normal(len(week)))
    season = season * np.where(after, planted["all_products_after_the_change"], 1.0)
    changed = after[:, None] * treated
    units = rng.poisson(season[:, None] * pace * np.where(changed, 1 + planted["effect"], 1.0))
    return pd.DataFrame(
        {
            "week": np.repeat(week, len(names)),
            "sku": np.tile(names, len(week)),
            "treated": np.tile(treated, len(week)),
            "changed": changed.ravel(),
            "units": units.ravel(),
        }
    )


def switchback(rng: np.random.Generator, planted: Mapping[str, Any]) -> pd.DataFrame:
    """Return days on which the marketplace showed one picture or the other, by lot in pairs of weeks."""
    weeks = planted["weeks"]
    day = pd.date_range(AS_OF - pd.Timedelta(days=7 * weeks), periods=7 * weeks, unit="us")
    first = rng.integers(0, 2, (weeks // 2, 1, 7))
    shown = np.concatenate([first, 1 - first], axis=1).ravel()
    drift = np.exp(0.08 * rng.standard_normal(len(day)))
    visitors = rng.poisson(planted["visitors_a_day"] * _WEEKDAYS[day.day_of_week] * drift)
    rate = planted["order_rate_in_a"] * np.where(shown == 1, 1 + planted["lift_of_b"], 1.0)
    orders = rng.binomial(visitors, rate)
    value = 24000 * rng.standard_gamma(4 * np.maximum(orders, 1)) / 4
    return pd.DataFrame(
        {
            "day": day,
            "variant": np.array(["A", "B"], dtype=object)[shown],
            "visitors": visitors,
            "orders": orders,
            "revenue": np.where(orders > 0, np.rint(value / 100) * 100, 0).astype(np.int64),
        }
    )
