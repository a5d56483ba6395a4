"""What a phone accessory shop's days look like before any buyer is drawn: prices, demand, busy hours.

From the true parameters come three things: how often each product is chosen on each day, how many new
customers arrive, and how fast the clock of buying runs in each hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.draws import Floats, Ints
from sellerlab.worlds.phone_stand.catalogue import ITEMS
from sellerlab.worlds.phone_stand.parameters import DAYS, START

SKUS = [item.sku for item in ITEMS]
PLACE = {sku: place for place, sku in enumerate(SKUS)}
CATEGORY = np.array([item.category for item in ITEMS])
_HOURS = np.array(
    [5, 3, 2, 1, 1, 1, 2, 5, 7, 7, 7, 8, 12, 10, 8, 8, 8, 9, 11, 14, 18, 21, 20, 12], dtype=np.float64
)
#: Hours of the week (Monday 00:00 is 0) in which the shop is live: Wednesday, Friday, Sunday at 20 and 21.
LIVE_HOURS = np.array([24 * day + hour for day in (2, 4, 6) for hour in (20, 21)])


@dataclass(frozen=True)
class Market:
    """What one shop's days look like before any buyer is drawn."""

    weights: Floats  # day x product: how often a product is chosen
    price: Ints  # day x product: yen with tax
    cost: Ints  # product: landed cost in yen
    arrivals: Floats  # day: density of first orders on the even clock
    intensity: Floats  # hour: speed of the bent clock
    promotion: Ints  # day: number of the running promotion, -1 for none


def day_number(text: str) -> int:
    """Return how many days after the first day a day written as text is."""
    return (pd.Timestamp(text) - START).days


def market_of(truth: Mapping[str, Any]) -> Market:
    """Return the market that follows from a shop's true parameters."""
    days = np.arange(DAYS)
    month = (START + pd.to_timedelta(days, "D")).month.to_numpy()

    listed = np.rint(np.array([item.price for item in ITEMS]) * truth["price_level"] / 100) * 100 - 20
    factor = np.ones((DAYS, len(ITEMS)))
    for window in truth["price_windows"]:
        rows = slice(day_number(window["start"]), day_number(window["end"]) + 1)
        factor[rows, window["category"] == CATEGORY] = window["factor"]
    elasticity = np.array([truth["elasticity"][name] for name in CATEGORY])
    response = factor**elasticity

    base = np.array(list(truth["popularity"].values()))
    fashion = np.ones((DAYS, len(ITEMS)))
    fad, old, season = truth["fad"], truth["old_model"], truth["season_of_product"]
    age = days - day_number(fad["launched"])
    fashion[:, PLACE[fad["sku"]]] = np.where(
        age < 0, 0, fad["first_factor"] * 0.5 ** (age / fad["half_life_days"])
    )
    age = np.maximum(days - day_number(old["replaced"]), 0)
    fashion[:, PLACE[old["sku"]]] = np.where(
        age > old["gone_after_days"], 0, 0.5 ** (age / old["half_life_days"])
    )
    fashion[:, PLACE[season["sku"]]] = np.where(np.isin(month, season["months"]), season["factor"], 1)

    promotion, lift = np.full(DAYS, -1), np.ones(DAYS)
    for turn, row in enumerate(truth["promotions"]):
        rows = slice(day_number(row["start"]), day_number(row["end"]) + 1)
        promotion[rows] = turn
        lift[rows] = row["uplift"]
    own = truth["channels"]["own_store_share_first_order"]

    new = truth["new_customers"]
    wanted = base * fashion
    arrivals = (
        (1 + new["growth_per_month"]) ** (days / 30.4)
        * np.array(new["month_factors"])[month - 1]
        * (wanted.sum(axis=1) / base.sum())
    )
    speed = (wanted * response).sum(axis=1) / wanted.sum(axis=1) * (own + (1 - own) * lift)
    week = np.outer(new["weekday_factors"], _HOURS / _HOURS.mean()).ravel()
    week[LIVE_HOURS] *= truth["channels"]["live_hours_lift"]
    hours = (np.arange(DAYS * 24) + 24 * START.weekday()) % 168
    return Market(
        weights=wanted * response,
        price=(np.rint(listed * factor / 10) * 10).astype(np.int64),
        cost=np.rint(np.array(list(truth["landed_cost_share"].values())) * listed / 1.1).astype(np.int64),
        arrivals=arrivals,
        intensity=np.repeat(speed, 24) * week[hours],
        promotion=promotion,
    )
