"""What the shop counts itself: units and prices by week, stock by day, and its products.

These tables tell of the whole shop. Where the orders hold all of it, their paid units add up to the same;
where they are those of a part of its buyers, units of the other buyers are added.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.baby_goods.catalogue import FAD, ITEMS, PLACE, SKUS
from sellerlab.worlds.baby_goods.market import Market, by_week, mondays
from sellerlab.worlds.baby_goods.parameters import AS_OF, START, STOCK_DAYS, WEEKS
from sellerlab.worlds.draws import Floats, Ints

_SEASONS = np.array(["low", "normal", "high"], dtype=object)
#: Days between two deliveries of a product that does not run out.
_ROUND = 28


def whole_shop(rng: np.random.Generator, market: Market, units: Ints, others: float) -> Ints:
    """Return units sold by day and product: those of the orders, and a share `others` of the whole."""
    rest: Ints = rng.poisson(market.sellable * others)
    return units + rest


def weeks(market: Market, units: Ints) -> pd.DataFrame:
    """Return prices and units of each product and whole week, from its first week on."""
    sold = by_week(units)
    days = 7 - by_week(market.sold_out)
    listed = by_week(market.demand) > 0
    chosen = np.flatnonzero(listed.T)
    week, item = chosen % WEEKS, chosen // WEEKS
    return pd.DataFrame(
        {
            "week": mondays()[week],
            "sku": np.array(SKUS, dtype=object)[item],
            "price": market.paid[week, item],
            "list_price": market.listed[week, item],
            "units": sold[week, item],
            "promotion": (market.depth > 0).astype(np.int64)[week, item],
            "days_in_stock": days[week, item],
            "in_stock": (days == 7)[week, item],
            "season": _SEASONS[market.season[week, item] + 1],
        }
    )


def stock(market: Market, units: Ints, left: Ints) -> tuple[pd.DataFrame, Ints]:
    """Return stock at the close of each of the last days, and how long ago stock last came in.

    Args:
        market: The market.
        units: Units sold, day x product.
        left: Units left of each product at the end of the last day.
    """
    sold, out = units[-STOCK_DAYS:], market.sold_out[-STOCK_DAYS:]
    on_hand = np.zeros_like(sold)
    received = np.zeros(len(ITEMS), dtype=np.int64)
    for place, item in enumerate(ITEMS):
        # A delivery comes in the morning after a stock-out, or at the usual round; it lasts to the next.
        gone = out[:, place]
        starts: set[int] = set((np.flatnonzero(gone[:-1] & ~gone[1:]) + 1).tolist())
        if item.stock not in ("fad", "asleep"):
            for day in range(place % _ROUND, STOCK_DAYS - 6, _ROUND):
                # No round just before a stock-out: what was there had to run out.
                if not gone[day : day + _ROUND].any():
                    starts.add(day)
        edges = [0, *sorted(starts - {0}), STOCK_DAYS]
        for first, last in pairwise(edges):
            end = 0 if gone[first:last].any() else left[place]
            later = np.cumsum(sold[first:last, place][::-1])[::-1]
            on_hand[first:last, place] = end + later - sold[first:last, place]
        received[place] = STOCK_DAYS - edges[-2] if len(edges) > 2 else 230
    days = pd.date_range(AS_OF - pd.Timedelta(days=STOCK_DAYS - 1), AS_OF, unit="us")
    table = pd.DataFrame(
        {
            "sku": np.repeat(np.array(SKUS, dtype=object), STOCK_DAYS),
            "day": np.tile(days, len(ITEMS)),
            "on_hand": on_hand.T.ravel(),
            "sold": sold.T.ravel(),
            "sold_out": out.T.ravel(),
        }
    )
    return table, received


def stock_left(rng: np.random.Generator, market: Market) -> Ints:
    """Return units of each product at the end of the last day."""
    pace = market.demand[-28:].mean(axis=0)
    kind = np.array([item.stock for item in ITEMS])
    cover = np.select(
        [kind == "short", kind == "asleep", kind == "fad"],
        [rng.uniform(3, 9, len(ITEMS)), rng.uniform(220, 320, len(ITEMS)), rng.uniform(380, 460, len(ITEMS))],
        rng.uniform(18, 60, len(ITEMS)),
    )
    left: Ints = np.rint(pace * cover + 2).astype(np.int64)
    return left


def products(rng: np.random.Generator, market: Market, left: Ints, received: Ints) -> pd.DataFrame:
    """Return the products (contract: `tables.PRODUCTS`) with the supplier's pack and smallest order."""
    kind = np.array([item.stock for item in ITEMS])
    pack = np.array([item.pack_units for item in ITEMS])
    coming = (kind == "normal") & (rng.random(len(ITEMS)) < 0.3)
    pace = market.demand[-28:].mean(axis=0)
    lead = np.where(kind == "short", rng.integers(14, 30, len(ITEMS)), rng.integers(5, 24, len(ITEMS)))
    came = AS_OF.to_datetime64().astype("datetime64[us]") - (received - 1).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "sku": SKUS,
            "product": [item.product for item in ITEMS],
            "category": [item.category for item in ITEMS],
            "landed_cost": market.cost,
            "price": market.listed[-1],
            "on_hand": left,
            "on_order": np.where(coming, np.ceil(pace * 21 / pack) * pack, 0).astype(np.int64),
            "lead_time_days": lead,
            "received_at": came,
            "pack_units": pack,
            "minimum_units": [item.minimum_units for item in ITEMS],
        }
    )


def demand_truth(market: Market) -> dict[str, Any]:
    """Return what nobody sees: mean demand of a day by product, and units lost to stock-outs."""
    wanted, let = market.demand[-STOCK_DAYS:], market.sellable[-STOCK_DAYS:]
    days = market.sold_out[-STOCK_DAYS:].sum(axis=0)
    return {
        "covers": f"the last {STOCK_DAYS} days; demand of a day is Poisson around its season, price, "
        "promotion and weekday; a line of several units spreads it a little more",
        "mean_daily_demand": _by_sku(wanted.mean(axis=0)),
        "units_lost": _by_sku((wanted - let).sum(axis=0)),
        "sold_out_days": {sku: int(count) for sku, count in zip(SKUS, days, strict=True)},
        "fad_daily_demand_at_the_end": round(float(market.demand[-28:, PLACE[FAD]].mean()), 3),
    }


def marketing(orders: pd.DataFrame, share: float) -> dict[str, int]:
    """Return money spent on marketing in each month: a share of the month's net sales, in whole 10,000s."""
    paid = orders[orders["status"] == "paid"]
    net = (paid["amount"] + paid["platform_discount"] - paid["refunded"]) / 1.1
    monthly = net.groupby(paid["ordered_at"].dt.strftime("%Y-%m")).sum()
    months = pd.period_range(START, AS_OF, freq="M").strftime("%Y-%m")
    return {month: int(round(share * float(monthly.get(month, 0.0)), -4)) for month in months}


def _by_sku(values: Floats) -> dict[str, float]:
    return {sku: round(float(value), 3) for sku, value in zip(SKUS, values, strict=True)}
