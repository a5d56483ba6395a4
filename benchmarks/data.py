"""Synthetic tables for the benchmarks: order lines, events, daily totals, and histories of customers.

The one idea: they look like what `sellerlab.read` returns. Ids are text, rows come in order of time, some
lines are cancelled, some customers are not named, refunds are rows of their own. The same seed gives the
same table.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

FIRST, LAST = pd.Timestamp("2024-01-01"), pd.Timestamp("2025-12-31")
DAYS = (LAST - FIRST).days + 1
#: What a channel keeps: a share of the line, and a fixed part of each order.
CHANNELS = {
    "own_shop": (0.029, 0.30),
    "amazon": (0.15, 0.0),
    "etsy": (0.065, 0.45),
    "tiktok_shop": (0.06, 0.30),
}
STEPS = ("visit", "view", "cart", "checkout", "purchase")
SKUS = 500


@cache
def products() -> pd.DataFrame:
    """Return the products; a few cost more than they bring."""
    rng = np.random.default_rng(7)
    price = rng.lognormal(3.0, 0.6, SKUS).round(2)
    cost = (price * rng.uniform(0.3, 1.0, SKUS)).round(2)
    names = [f"SKU-{number:04d}" for number in range(SKUS)]
    return pd.DataFrame({"sku": names, "price": price, "landed_cost": cost})


def order_lines(n: int, seed: int = 1) -> pd.DataFrame:
    """Return n order lines of about n / 10 customers over two years, 3% of them refunds."""
    rng = np.random.default_rng(seed)
    sold, people = n - n * 3 // 100, max(n // 10, 20)
    lines = 1 + rng.poisson(0.8, n)
    lines = lines[: int(np.searchsorted(np.cumsum(lines), sold)) + 1]
    orders = len(lines)
    buyer = (people * rng.random(orders) ** 2).astype(np.int64)
    begin = rng.uniform(0, DAYS - 1, people)[buyer]
    when = np.sort(begin + (DAYS - begin) * rng.random(orders)) * 86_400
    order = np.repeat(np.arange(orders), lines)[:sold]
    cancelled = rng.random(orders) < 0.04
    nameless = rng.random(orders) < 0.01

    sku = (SKUS * rng.random(sold) ** 1.5).astype(np.int64)
    quantity = 1 + rng.poisson(0.3, sold)
    price = products()["price"].to_numpy()[sku]
    value = quantity * price
    discount = np.where(rng.random(sold) < 0.2, (value * 0.1).round(2), 0.0)

    kept = np.flatnonzero(~cancelled[order])
    back = np.sort(rng.choice(kept, n - sold, replace=n - sold > len(kept)))
    line = np.concatenate([np.arange(sold), back])
    refund = np.arange(n) >= sold
    seconds = when[order[line]] + refund * 864_000
    seconds = np.minimum(seconds, DAYS * 86_400 - 1).astype(np.int64)
    line, refund, seconds = (each[np.argsort(seconds, kind="stable")] for each in (line, refund, seconds))
    sign, mine = np.where(refund, -1, 1), order[line]

    hashed = np.array([f"{number * 2_654_435_761 % 2**40:010x}" for number in range(people)])
    named = pd.Series(hashed).take(buyer[mine]).reset_index(drop=True).mask(nameless[mine])
    order_id = pd.Series(np.arange(orders) + 100_000).astype(str).take(mine).reset_index(drop=True)
    channel = rng.choice(len(CHANNELS), orders, p=[0.4, 0.3, 0.1, 0.2])[mine]
    table = {
        "order_id": order_id,
        "ordered_at": (FIRST + pd.to_timedelta(seconds, unit="s")).as_unit("us"),
        "customer_id": named,
        "sku": _text(products()["sku"], sku[line]),
        "channel": _text(list(CHANNELS), channel),
        "quantity": sign * quantity[line],
        "unit_price": price[line],
        "discount": sign * discount[line],
        "amount": (sign * (value - discount)[line]).round(2),
        "currency": _text(["USD"], np.zeros(n, dtype=int)),
        "status": _text(["paid", "cancelled"], cancelled[mine].astype(int)),
        "kind": _text(["sale", "refund"], refund.astype(int)),
    }
    return pd.DataFrame(table)


def events(n: int, seed: int = 2) -> pd.DataFrame:
    """Return n events of about n / 25 users over 60 days, no two at the same time."""
    rng = np.random.default_rng(seed)
    users = max(n // 25, 10)
    at = np.sort(rng.integers(0, 60 * 86_400_000_000 - n, n)) + np.arange(n)
    names = [f"u{number:07d}" for number in range(users)]
    event = rng.choice(len(STEPS), n, p=[0.40, 0.25, 0.15, 0.10, 0.10])
    return pd.DataFrame(
        {
            "user_id": _text(names, (users * rng.random(n) ** 1.5).astype(np.int64)),
            "at": (FIRST + pd.to_timedelta(at, unit="us")).as_unit("us"),
            "event": _text(list(STEPS), event),
        }
    )


def daily_totals(n: int, seed: int = 4) -> pd.DataFrame:
    """Return n rows of visitors, orders and sales, half of them of an earlier period."""
    rng = np.random.default_rng(seed)
    late = np.arange(n) >= n // 2
    visitors = rng.poisson(np.where(late, 45, 40), n)
    orders = rng.binomial(visitors, np.where(late, 0.035, 0.04))
    sales = (orders * rng.lognormal(3.4, 0.3, n)).round(2)
    period = _text(["before", "after"], late.astype(int))
    return pd.DataFrame({"period": period, "visitors": visitors, "orders": orders, "sales": sales})


def histories(n: int, seed: int = 3) -> pd.DataFrame:
    """Return frequency, recency and age in weeks of n customers who buy as the BG/NBD model says."""
    from sellerlab.lifetime.buytillyoudie import BgNbd

    rng = np.random.default_rng(seed)
    age = rng.integers(180, 546, n) / 7
    frequency, recency = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426).simulate(age, rng)
    recency = np.minimum(np.ceil(recency * 7) / 7, age)
    return pd.DataFrame({"frequency": frequency.astype(float), "recency": recency, "age": age})


def _text(names: list[str] | pd.Series, places: np.ndarray) -> pd.Series:
    return pd.Series(names).take(places).reset_index(drop=True)
