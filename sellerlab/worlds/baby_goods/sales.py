"""The orders of the baby goods shop: who buys when (BG/NBD), what, at which price, with which discount.

Moments of purchase are drawn on an even clock and then moved, in their order, so that the flow of orders
follows the demand that stock lets through. What is in an order follows the demand of its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.baby_goods.catalogue import CHANNELS, ITEMS, SKUS
from sellerlab.worlds.baby_goods.market import Market
from sellerlab.worlds.baby_goods.parameters import DAYS, SEGMENTS, START
from sellerlab.worlds.draws import Bools, Floats, Ints, buy_till_you_leave, choose, share_out, times

_OWN = CHANNELS.index("own_store")
_HOURS = np.array(
    [9, 6, 4, 3, 2, 2, 3, 5, 8, 11, 12, 11, 10, 10, 11, 9, 8, 8, 8, 9, 13, 18, 19, 14], dtype=np.float64
)
_UNITS = 1 + np.array([item.extra for item in ITEMS])
_NAMES = np.array(list(SEGMENTS))


@dataclass(frozen=True)
class Sales:
    """Orders in order of time (arrays by order), their lines (arrays by line), and who got the offer."""

    second: Ints
    customer: Ints
    channel: Ints
    paid: Bools
    line: dict[str, Ints]
    assigned: Ints  # customers that took part in the offer
    offered: Bools  # of those, who got it
    uplift: dict[str, Any]  # segment: what the offer truly added

    def units(self) -> Ints:
        """Return units of paid lines, day x product."""
        day = (self.second // 86400)[self.line["order"]]
        counted = self.paid[self.line["order"]]
        place = day[counted] * len(ITEMS) + self.line["item"][counted]
        summed = np.bincount(place, self.line["quantity"][counted], minlength=DAYS * len(ITEMS))
        return summed.astype(np.int64).reshape(DAYS, len(ITEMS))


def draw(rng: np.random.Generator, truth: Mapping[str, Any], market: Market, orders: int) -> Sales:
    """Return a draw of so many orders, cancelled ones included, and those that the offer added to them."""
    flow = (market.sellable / _UNITS).sum(axis=1)
    cancelled = int(rng.binomial(orders, truth["cancel_rate"]))
    second, customer = _purchases(rng, truth, flow, orders - cancelled)
    assigned, offered, extra, uplift = _offer(rng, truth["offer"], second, customer)
    moment = _day(truth["offer"]["sent_at"]) * 86400 + 10 * 3600
    later = moment + (np.minimum(rng.exponential(8, len(extra)), 29) * 86400).astype(np.int64)
    second, customer = np.concatenate([second, later]), np.concatenate([customer, extra])
    source = rng.integers(0, len(second), cancelled)
    earlier = np.maximum(second[source] - rng.integers(120, 2400, cancelled), 0)
    paid = np.repeat([True, False], [len(second), cancelled])
    second = np.concatenate([second, earlier])
    customer = np.concatenate([customer, customer[source]])
    order = np.lexsort((~paid, customer, second))
    second, customer, paid = second[order], customer[order], paid[order]
    # A customer's number is the place of the first order.
    _, seen, code = np.unique(customer, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(seen))
    known = np.full(int(customer.max()) + 1, -1)
    known[np.unique(customer)] = rank
    customer, assigned = rank[code], known[assigned]

    repeat = np.ones(len(second), dtype=bool)
    repeat[np.unique(customer, return_index=True)[1]] = False
    share = truth["channels"]
    own = np.where(repeat, share["own_store_share_repeat_order"], share["own_store_share_first_order"])
    channel = np.where(rng.random(len(second)) < own, _OWN, 0)
    line = _lines(rng, truth, market, second // 86400, customer)
    with_offer = np.zeros(int(customer.max()) + 1, dtype=bool)
    with_offer[assigned[offered]] = True
    coupon = _coupons(rng, truth, second, channel, repeat, with_offer[customer] & paid)
    line.update(_money(rng, truth, market, line, second // 86400, channel, paid, *coupon))
    return Sales(second, customer, channel, paid, line, assigned, offered, uplift)


def _day(text: str) -> int:
    return (pd.Timestamp(text) - START).days


def _purchases(
    rng: np.random.Generator, truth: Mapping[str, Any], flow: Floats, wanted: int
) -> tuple[Ints, Ints]:
    """Second since the start and customer of each order that is kept."""
    planted = {name: truth["customers"][name] for name in ("r", "alpha", "a", "b")}
    # Orders stay level although buyers come back, so fewer and fewer of them are new.
    arrivals = 0.42 + 0.58 * np.exp(-np.arange(DAYS) / 110)
    first = times(rng, arrivals, wanted) / 7
    who, week = buy_till_you_leave(rng, first, DAYS / 7, **planted)
    kept = int(np.searchsorted(np.cumsum(np.bincount(who, minlength=wanted)), wanted)) + 1
    chosen = who < kept
    who, week = who[chosen], week[chosen]
    hourly = np.repeat(flow, 24) * np.tile(_HOURS, DAYS)
    second = np.empty(len(who), dtype=np.int64)
    second[np.argsort(week, kind="stable")] = np.sort(times(rng, hourly, len(who)) * 3600).astype(np.int64)
    return second, who


def _offer(
    rng: np.random.Generator, planted: Mapping[str, Any], second: Ints, customer: Ints
) -> tuple[Ints, Bools, Ints, dict[str, Any]]:
    """Who took part, who got the offer, whom it made buy, and its true effect by segment."""
    start, end = _day(planted["sent_at"]) * 86400, (_day(planted["last_day"]) + 1) * 86400
    size = int(customer.max()) + 1
    before = np.bincount(customer[second < start], minlength=size)
    last = np.full(size, -1)
    np.maximum.at(last, customer[second < start], second[second < start])
    buys = np.zeros(size, dtype=bool)
    buys[customer[(second >= start) & (second < end)]] = True
    ago = (start - last) / 86400
    segment = np.select(
        [(before > 1) & (ago <= 60), (before > 1) & (ago <= 240), before > 1, ago <= 60], [0, 1, 2, 3], 4
    )
    assigned = np.flatnonzero(before > 0)
    offered = np.zeros(size, dtype=bool)
    offered[rng.permutation(assigned)[: int(len(assigned) * planted["share_offered"])]] = True
    chance = np.array([planted["buys_who_would_not_have"][name] for name in _NAMES])[segment]
    extra = np.flatnonzero(offered & ~buys & (rng.random(size) < chance))
    uplift = {}
    for place, name in enumerate(_NAMES):
        within = assigned[segment[assigned] == place]
        bought = float(buys[within].mean()) if len(within) else 0.0
        uplift[str(name)] = {
            "customers": len(within),
            "buy_without_it": round(bought, 4),
            "uplift": round(planted["buys_who_would_not_have"][name] * (1 - bought), 4),
        }
    return assigned, offered[assigned], extra, uplift


def _lines(
    rng: np.random.Generator, truth: Mapping[str, Any], market: Market, day: Ints, customer: Ints
) -> dict[str, Ints]:
    """Order, product and quantity of each line; a product drawn twice in an order is one line of more."""
    value = truth["order_value"]
    level = (value["q"] - 1) / rng.standard_gamma(value["q"], int(customer.max()) + 1)
    count = 1 + np.minimum(rng.poisson(value["extra_lines"] * level[customer]), 9)
    order = np.repeat(np.arange(len(day)), count)
    item = choose(rng, market.sellable / _UNITS, day[order])
    quantity = 1 + rng.poisson(_UNITS[item] - 1)
    pair, code = np.unique(order * len(ITEMS) + item, return_inverse=True)
    quantity = np.bincount(code, quantity).astype(np.int64)
    return {"order": pair // len(ITEMS), "item": pair % len(ITEMS), "quantity": quantity}


def _coupons(
    rng: np.random.Generator,
    truth: Mapping[str, Any],
    second: Ints,
    channel: Ints,
    repeat: Bools,
    with_offer: Bools,
) -> tuple[Floats, Floats, Ints]:
    """Rate the seller gives, rate the platform gives, and the offer's coupon of each order in won."""
    planted, offer = truth["coupons"], truth["offer"]
    luck = rng.random(len(second))
    welcome = (channel == _OWN) & ~repeat & (luck < planted["own_store_first_order_chance"])
    platform = (channel != _OWN) & (luck < planted["platform_coupon_chance"])
    start, end = _day(offer["sent_at"]), _day(offer["last_day"])
    inside = with_offer & (second // 86400 >= start) & (second // 86400 <= end)
    uses = inside & (rng.random(len(second)) < offer["used_by_buyers_with_it"])
    return (
        np.where(welcome, planted["own_store_first_order_rate"], 0.0),
        np.where(platform, planted["platform_coupon_rate"], 0.0),
        np.where(uses, offer["coupon"], 0).astype(np.int64),
    )


def _money(
    rng: np.random.Generator,
    truth: Mapping[str, Any],
    market: Market,
    line: Mapping[str, Ints],
    day: Ints,
    channel: Ints,
    paid: Bools,
    seller: Floats,
    platform: Floats,
    coupon: Ints,
) -> dict[str, Ints]:
    order, item, quantity = line["order"], line["item"], line["quantity"]
    size = len(day)
    week = market.week[day[order]]
    unit_price = market.listed[week, item]
    promoted = quantity * (unit_price - market.paid[week, item])
    gross = quantity * unit_price
    discount = promoted + np.rint(seller[order] * (gross - promoted)).astype(np.int64)
    discount += share_out(coupon, gross, order)
    platform_discount = np.rint(platform[order] * (gross - promoted)).astype(np.int64)
    goods = gross - discount - platform_discount
    basket = np.bincount(order, goods, minlength=size)
    postage = np.where(basket < truth["shipping"]["free_from"], truth["shipping"]["fee"], 0).astype(np.int64)
    charged = share_out(postage, goods, order)
    amount = goods + charged
    rate = np.array([truth["fee_rates"][name]["rate"] for name in CHANNELS])[channel]
    fee = np.rint(rate[order] * (amount + platform_discount)).astype(np.int64)
    refund = np.array(list(truth["refund_rate"].values()))[item]
    returned = paid[order] & (rng.random(len(item)) < refund)
    units = np.where(returned, 1 + (rng.random(len(item)) ** 0.25 * quantity).astype(np.int64), 0)
    units = np.minimum(units, quantity)
    return {
        "unit_price": unit_price,
        "discount": discount,
        "platform_discount": platform_discount,
        "shipping": charged,
        "tax_included": (amount + platform_discount) * 10 // 110,
        "amount": amount,
        "refunded": goods * units // quantity,
        "refunded_quantity": units,
        "fee": np.where(paid[order], fee, 0),
    }


def orders_table(sales: Sales) -> pd.DataFrame:
    """Return the order lines (contract: `tables.ORDERS`)."""
    line = sales.line
    order, item = line["order"], line["item"]
    stamp = START.to_datetime64().astype("datetime64[us]") + sales.second.astype("timedelta64[s]")
    number = np.array([f"{20001 + place}" for place in range(len(stamp))], dtype=object)
    columns: dict[str, Any] = {
        "order_id": number[order],
        "ordered_at": stamp[order],
        "customer_id": people(sales.customer)[order],
        "channel": np.array(CHANNELS, dtype=object)[sales.channel][order],
        "sku": np.array(SKUS, dtype=object)[item],
        "product": np.array([each.product for each in ITEMS], dtype=object)[item],
        "category": np.array([each.category for each in ITEMS], dtype=object)[item],
        "quantity": line["quantity"],
    }
    for name in ("unit_price", "discount", "platform_discount", "shipping", "tax_included", "amount"):
        columns[name] = line[name]
    columns["status"] = np.array(["cancelled", "paid"], dtype=object)[sales.paid.astype(np.int64)][order]
    for name in ("refunded", "refunded_quantity", "fee"):
        columns[name] = line[name]
    columns["currency"] = "KRW"
    return pd.DataFrame(columns)


def people(customer: Ints) -> Any:
    """Return the names of customers."""
    names = np.array([f"c-{1 + place:06d}" for place in range(int(customer.max()) + 1)], dtype=object)
    return names[customer]
