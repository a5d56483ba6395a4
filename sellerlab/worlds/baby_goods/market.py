"""What the shop's days look like before any buyer is drawn: prices, season, promotions, stock, demand.

Demand of a product on a day = its pace x price response x season x promotion x weekday. Prices go up in
high season by plan; between that they step up and down at random, which is what identifies the response.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.baby_goods.catalogue import FAD, ITEMS, PLACE, STEADY
from sellerlab.worlds.baby_goods.parameters import (
    DAYS,
    FIRST_WEEK,
    HIGH,
    LOW,
    START,
    STOCK_DAYS,
    WEEKS,
)
from sellerlab.worlds.draws import Bools, Floats, Ints

_STEPS = np.array([0.82, 0.91, 1.0, 1.1, 1.2])
#: Demand left on the day on which the last unit is sold.
_LAST_DAY = 0.5


@dataclass(frozen=True)
class Market:
    """What one shop's days look like before any buyer is drawn; arrays of days have a column a product."""

    listed: Ints  # week x product: list price in won with tax
    paid: Ints  # week x product: price paid, promotion taken off
    depth: Floats  # week x product: depth of the promotion, 0 for none
    season: Ints  # week x product: -1 low, 0 normal, 1 high
    week: Ints  # day: number of its week
    cost: Ints  # product: landed cost in won
    sold_out: Bools  # day x product: demand was cut
    demand: Floats  # day x product: units wanted, on average
    sellable: Floats  # day x product: units that stock lets through, on average


def market_of(rng: np.random.Generator, truth: Mapping[str, Any], orders: int) -> Market:
    """Return a market of a shop with so many orders in all, drawn with the true parameters."""
    size = len(ITEMS)
    day = np.arange(DAYS)
    week = np.clip((day - FIRST_WEEK) // 7, 0, WEEKS - 1)
    planted = truth["season"]
    season = _seasons()
    high = np.array([planted["high_factor"].get(item.sku, 1.0) for item in ITEMS])
    season_factor = np.select([season > 0, season < 0], [high, planted["low_factor"]], 1.0)
    markup = np.select(
        [season > 0, season < 0], [planted["price_in_high_season"], planted["price_in_low_season"]], 1.0
    )
    step = _price_steps(rng)
    depth = _promotions(rng, truth["promotion"])
    base = np.rint(np.array([item.price for item in ITEMS]) * truth["price_level"] / 100) * 100
    listed = np.rint(base * step * markup / 100).astype(np.int64) * 100
    paid = np.rint(listed * (1 - depth) / 10).astype(np.int64) * 10
    elasticity = np.array([truth["elasticity"][item.sku] for item in ITEMS])
    lift = np.where(depth > 0, truth["promotion"]["lift_at_the_same_price"], 1.0)
    weekly = np.array(list(truth["popularity"].values())) * (paid / base) ** elasticity * lift * season_factor

    weekdays = np.array(truth["weekday_factors"])
    demand = weekly[week] / 7 * (weekdays / weekdays.mean())[(START.weekday() + day) % 7][:, None]
    fad = truth["fad"]
    age = day - (pd.Timestamp(fad["launched"]) - START).days
    demand[:, PLACE[FAD]] *= np.where(age < 0, 0, fad["first_factor"] * 0.5 ** (age / fad["half_life_days"]))
    sold_out, left = _stock_outs(rng)
    sellable = demand * left
    # So many units make the number of orders asked for: one line and a few more an order.
    units_a_line = 1 + np.array([item.extra for item in ITEMS])
    lines = orders * (1 - truth["cancel_rate"]) * (1 + truth["order_value"]["extra_lines"])
    scale = lines / (sellable / units_a_line).sum()
    return Market(
        listed=listed,
        paid=paid,
        depth=depth,
        season=season,
        week=week,
        cost=np.rint(
            np.array(list(truth["landed_cost_share"].values())) * base / (1 + truth["costs"]["vat_rate"])
        ).astype(np.int64),
        sold_out=sold_out,
        demand=demand * scale,
        sellable=sellable.reshape(DAYS, size) * scale,
    )


def by_week(daily: Any) -> Any:
    """Return the sums of the whole weeks of an array of days."""
    return daily[FIRST_WEEK : FIRST_WEEK + 7 * WEEKS].reshape(WEEKS, 7, len(ITEMS)).sum(axis=1)


def mondays() -> pd.DatetimeIndex:
    """Return the Monday of each whole week."""
    return pd.date_range(START + pd.Timedelta(days=FIRST_WEEK), periods=WEEKS, freq="7D", unit="us")


def _seasons() -> Ints:
    """Season of each week and product: 1 high, -1 low, 0 between."""
    monday = mondays()
    date = (monday.month * 100 + monday.day).to_numpy()
    season = np.zeros((WEEKS, len(ITEMS)), dtype=np.int64)
    for place, item in enumerate(ITEMS):
        if item.season == "none":
            continue
        first, last = (month * 100 + number for month, number in HIGH[item.season])
        inside = (date >= first) & (date <= last)
        high = inside if first < last else (date >= first) | (date <= last)
        season[:, place] = np.where(high, 1, np.where(np.isin(monday.month, LOW[item.season]), -1, 0))
    return season


def _price_steps(rng: np.random.Generator) -> Floats:
    """A price for each two to four weeks, each step of `_STEPS` about equally often."""
    step = np.ones((WEEKS, len(ITEMS)))
    for place, item in enumerate(ITEMS):
        lengths = rng.integers(2, 5, WEEKS)
        turns = int(np.searchsorted(np.cumsum(lengths), WEEKS)) + 1
        factors = np.concatenate([rng.permutation(_STEPS) for _ in range(turns // len(_STEPS) + 1)])[:turns]
        values = np.repeat(factors, lengths[:turns])[:WEEKS]
        reach = 0.06 if item.sku == STEADY else 1.0 if item.season == "none" else 0.75
        step[:, place] = 1 + (values - 1) * reach
    return step


def _promotions(rng: np.random.Generator, planted: Mapping[str, Any]) -> Floats:
    depth = np.zeros((WEEKS, len(ITEMS)))
    for place, item in enumerate(ITEMS):
        if item.sku != STEADY:
            weeks = rng.choice(WEEKS, planted["weeks_of_a_product"], replace=False)
            depth[weeks, place] = rng.choice(planted["depths"], len(weeks))
    return depth


def _stock_outs(rng: np.random.Generator) -> tuple[Bools, Floats]:
    """Days on which demand was cut, and the share of demand that stock let through."""
    out = np.zeros((DAYS, len(ITEMS)), dtype=bool)
    left = np.ones((DAYS, len(ITEMS)))
    for place, item in enumerate(ITEMS):
        if item.stock in ("fad", "asleep"):
            continue
        short = item.stock == "short"
        # One stock-out at most in each part of equal length, none in the last three weeks.
        parts = np.linspace(21, DAYS - 40, 10 if short else 6).astype(np.int64)
        for number, first in enumerate(parts):
            begin, length = first + rng.integers(0, 12), rng.integers(4, 10)
            wanted = short if number >= len(parts) - STOCK_DAYS // 60 else rng.random() < 0.5
            if wanted:
                out[begin : begin + length, place] = True
                left[begin, place] = _LAST_DAY
                left[begin + 1 : begin + length, place] = 0.0
    return out, left
