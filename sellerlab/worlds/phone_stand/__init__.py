"""A seller of phone accessories in Japan: orders of 18 months on four channels, with everything planted.

Buyers follow BG/NBD on an even clock that is bent to evenings, sale days and price changes; what is in
an order follows popularity, price response and fashion of its day. A draw in which the last month
lacks something an exercise asks for is drawn again, so every shop of 300 orders or more has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.errors import InputError
from sellerlab.worlds.draws import (
    Bools,
    Floats,
    Ints,
    buy_till_you_leave,
    choose,
    generator,
    share_out,
    times,
    warp,
)
from sellerlab.worlds.phone_stand import shelf, traffic
from sellerlab.worlds.phone_stand.catalogue import ITEMS, PAIRS
from sellerlab.worlds.phone_stand.market import (
    CATEGORY,
    LIVE_HOURS,
    PLACE,
    SKUS,
    Market,
    day_number,
    market_of,
)
from sellerlab.worlds.phone_stand.parameters import AS_OF, CHANNELS, DAYS, START, TRAFFIC_DAYS, parameters
from sellerlab.worlds.shop import Shop

NAME = "Mika's phone corner"
DEMO_ORDERS = 2600
TABLES = {
    "orders": "order lines of 18 months on four channels",
    "products": "its 24 products: cost, price, stock",
    "events": "visits to its own store, step by step, 8 weeks",
    "content": "its videos and lives: views, engagement, orders",
    "stock": "stock at the close of each day, units sold, and whether the last one went, 26 weeks",
    "competitors": "listings of other sellers: price, postage, reviews",
}
#: From this many orders on, the last month always has what the exercises need.
WELL_POSED_FROM = 300

_CHEAP = np.array([item.price for item in ITEMS]) < 1300
_LAST_MONTH = DAYS - AS_OF.day
_OWN, _LIVE, _AFFILIATE = CHANNELS.index("own_store"), CHANNELS.index("live"), CHANNELS.index("affiliate")
_PAID, _PENDING, _CANCELLED = 0, 1, 2
_STATUS = np.array(["paid", "pending", "cancelled"])
_NOTES = (
    "One row of orders is one order line. Prices contain 10% consumption tax.",
    "Fees: the channel's rate on the line's amount plus platform discount, rounded to a yen; the fixed "
    "part stands on the order's first line. Cancelled and pending orders carry no fee.",
    "Promotions (seller and platform discount) run on the three TikTok channels; own-store coupons are "
    "paid by the seller.",
    "Refunds stand on the line they belong to. Shipping is not given back. The last days have as many "
    "refunds as any other: the lag of real refunds is left out.",
    "Cancelled orders come on top of the purchase process; half of them are followed by the same "
    "buyer's paid order, half come from buyers who never return.",
    "Price windows change the price of a whole category; how often a product is chosen "
    "responds with the category's elasticity. A product added because it often goes with another does not "
    "respond to its own price.",
    "Traffic events are visits to the own store; each purchase event is one of its orders, later "
    "cancelled or not. Rates are per visit; a visitor may come more than once.",
    "Orders of a live show in the content log are the live channel's orders of that evening. Orders of "
    "videos are what the platform would attribute; they are not linked to single orders.",
    "Payment at a convenience store: half of the own store's orders of the last four days are still pending.",
    "The two export files hold every order, the own store's too, so that a report from one can be compared "
    "with the other. Fees and landed costs have no column there; in the Shopify file the platform's "
    "discount counts as paid, in the TikTok Shop file channel and tax are lost.",
    "stock: a delivery comes about every four weeks. Of products in short supply the last unit has then just "
    "been sold; the day is marked as sold out, and no demand was cut before it.",
    "competitors: delivered prices of other sellers lie around the planted share of the shop's own price.",
    "Left out: lost sales of stock-outs, competitors' reactions, returns after the sale's month, postage by "
    "distance.",
)


@dataclass(frozen=True)
class _Draw:
    """One draw of orders (arrays by order) and their lines (arrays by line), in order of time."""

    second: Ints
    customer: Ints
    channel: Ints
    status: Ints
    line: dict[str, Ints]


def simulate(seed: str = "demo", orders: int = DEMO_ORDERS) -> Shop:
    """Return a simulated shop of about `orders` orders.

    Args:
        seed: Any text; the same text gives the same shop, ``"demo"`` the one in the course.
        orders: Number of orders in the 18 months, cancelled ones included; 20 or more.

    Returns:
        The shop with its tables, costs and true parameters.

    Raises:
        InputError: `orders` is too small.
    """
    if isinstance(orders, bool) or not hasattr(orders, "__index__"):
        raise InputError(f"orders is {orders!r}: expected a whole number of orders.")
    if orders < 20:
        raise InputError(f"orders is {orders}: a shop needs 20 orders or more to have 18 months of sales.")
    truth = parameters(seed, orders / DEMO_ORDERS)
    market = market_of(truth)
    costs = truth["costs"]
    attempt = 0
    while True:
        rng = generator("phone_stand", seed, orders, attempt)
        draw = _draw(rng, truth, market, orders)
        if orders < WELL_POSED_FROM or _well_posed(draw, truth, market):
            break
        attempt += 1
    table = _orders(draw)
    events = traffic.events(rng, truth, table, market.weights[-TRAFFIC_DAYS:], SKUS)
    content = traffic.content(rng, truth, table)
    products = _products(rng, draw, market, orders)
    around = generator("phone_stand", seed, "shelf")
    truth["price_of_others"] = shelf.prices_of_others(around)
    others = shelf.competitors(around, products, truth["price_of_others"], truth["shipping"]["free_from"])
    return Shop(
        name=NAME,
        world="phone_stand",
        seed=seed,
        currency="JPY",
        timezone="Asia/Tokyo",
        as_of=AS_OF,
        orders=table,
        products=products,
        costs={
            **{key: costs[key] for key in costs if key not in ("marketing_share", "vat_rate")},
            "marketing": _marketing(draw, costs["marketing_share"]),
            "fee_rates": truth["fee_rates"],
            "vat_rate": costs["vat_rate"],
        },
        truth=truth,
        tables={
            "events": events,
            "content": content,
            "stock": shelf.stock(table, products),
            "competitors": others,
        },
        notes=_NOTES,
    )


def _draw(rng: np.random.Generator, truth: Mapping[str, Any], market: Market, orders: int) -> _Draw:
    second, customer, repeat, status = _purchases(rng, truth, market, orders)
    day = second // 86400
    channel = _channels(rng, truth, market, second, repeat)
    late = (day >= DAYS - 4) & (channel == _OWN) & (status == _PAID)
    status = np.where(late & (rng.random(len(day)) < 0.5), _PENDING, status)
    line = _lines(rng, truth, market, day, customer)
    line.update(_money(rng, truth, market, line, day, channel, repeat, status))
    return _Draw(second, customer, channel, status, line)


def _purchases(
    rng: np.random.Generator, truth: Mapping[str, Any], market: Market, orders: int
) -> tuple[Ints, Ints, Bools, Ints]:
    """Second since the start, customer, whether a repeat, and status of each order, in order of time."""
    cancelled = int(rng.binomial(orders, truth["cancel_rate"]))
    wanted = orders - cancelled
    planted = {name: truth["customers"][name] for name in ("r", "alpha", "a", "b")}
    first = times(rng, market.arrivals, wanted) / 7
    who, week = buy_till_you_leave(rng, first, DAYS / 7, **planted)
    # Customers are taken until their orders add up to the number asked for.
    kept = int(np.searchsorted(np.cumsum(np.bincount(who, minlength=wanted)), wanted)) + 1
    chosen = who < kept
    who, week = who[chosen], week[chosen]
    repeat = np.arange(len(who)) >= kept
    second = (warp(week * 168, market.intensity) * 3600).astype(np.int64)

    source = rng.integers(0, len(who), cancelled)
    again = rng.random(cancelled) < 0.5
    earlier = second[source] - rng.integers(120, 2400, cancelled)
    buyer = np.where(again, who[source], kept + np.arange(cancelled))
    second = np.clip(np.concatenate([second, earlier]), 0, DAYS * 86400 - 1)
    customer = np.concatenate([who, buyer])
    repeat = np.concatenate([repeat, again & repeat[source]])
    status = np.repeat([_PAID, _CANCELLED], [len(who), cancelled])
    order = np.lexsort((customer, second))
    # A customer's number is the place of the first order.
    _, seen, code = np.unique(customer[order], return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(seen))[code]
    return second[order], number, repeat[order], status[order]


def _channels(
    rng: np.random.Generator, truth: Mapping[str, Any], market: Market, second: Ints, repeat: Bools
) -> Ints:
    share, funnel = truth["channels"], truth["funnel"]
    day = second // 86400
    own = np.where(repeat, share["own_store_share_repeat_order"], share["own_store_share_first_order"])
    lift = np.array([1.0, *(row["uplift"] for row in truth["promotions"])])[market.promotion[day] + 1]
    own = own / (own + (1 - own) * lift)
    fault = funnel["checkout_fault"]
    broken = (day >= day_number(fault["start"])) & (day <= day_number(fault["end"]))
    own = np.where(broken, own * (1 - funnel["mobile_share"] * (1 - fault["factor"])), own)
    live = np.isin((second // 3600 + 24 * START.weekday()) % 168, LIVE_HOURS)
    level, pick = rng.random(len(second)), rng.random(len(second))
    other = np.where(pick < share["affiliate_share"], _AFFILIATE, CHANNELS.index("tiktok_shop"))
    channel = np.where(level < own, _OWN, other)
    on_air = live & (rng.random(len(second)) < share["live_share_in_live_hours"])
    result: Ints = np.where(on_air, _LIVE, channel)
    return result


def _lines(
    rng: np.random.Generator, truth: Mapping[str, Any], market: Market, day: Ints, customer: Ints
) -> dict[str, Ints]:
    """Order, product and quantity of each line; no product stands twice in an order."""
    value = truth["order_value"]
    level = (value["q"] - 1) / rng.standard_gamma(value["q"], int(customer.max()) + 1)
    level = level[customer]
    count = 1 + np.minimum(rng.poisson(value["extra_lines"] * level), 4)
    order = np.repeat(np.arange(len(day)), count)
    item = choose(rng, market.weights, day[order])
    partner = np.arange(len(ITEMS))
    for one, other in PAIRS:
        partner[PLACE[one]] = PLACE[other]
    opens = np.concatenate([[True], order[1:] != order[:-1]])
    lead = item[np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))]
    paired = ~opens & (rng.random(len(order)) < truth["often_together"]["chance"])
    item = np.where(paired & (partner[lead] != lead), partner[lead], item)
    _, keep = np.unique(order * len(ITEMS) + item, return_index=True)
    keep.sort()
    order, item = order[keep], item[keep]
    extra = value["extra_units"] * level[order] * np.where(_CHEAP[item], 2, 1)
    return {"order": order, "item": item, "quantity": 1 + np.minimum(rng.poisson(extra), 5)}


def _money(
    rng: np.random.Generator,
    truth: Mapping[str, Any],
    market: Market,
    line: Mapping[str, Ints],
    day: Ints,
    channel: Ints,
    repeat: Bools,
    status: Ints,
) -> dict[str, Ints]:
    order, item, quantity = line["order"], line["item"], line["quantity"]
    size = len(day)
    coupons, shipping = truth["coupons"], truth["shipping"]
    turn = market.promotion[day]
    sale = (turn >= 0) & (channel != _OWN)
    seller = np.where(sale, truth["promotions"][0]["seller_rate"], 0.0)
    platform = np.where(sale, truth["promotions"][0]["platform_rate"], 0.0)
    seller = np.where(channel == _LIVE, np.maximum(seller, coupons["live_discount_rate"]), seller)
    luck = rng.random(size)
    welcome = (channel == _OWN) & ~repeat & (luck < coupons["own_store_first_order_chance"])
    seller = np.where(welcome, coupons["own_store_first_order_rate"], seller)
    coupon = (channel != _OWN) & ~sale & (luck < coupons["platform_coupon_chance"])
    platform = np.where(coupon, coupons["platform_coupon_rate"], platform)

    unit_price = market.price[day[order], item]
    gross = quantity * unit_price
    discount = np.rint(seller[order] * gross).astype(np.int64)
    platform_discount = np.rint(platform[order] * gross).astype(np.int64)
    goods = gross - discount - platform_discount
    basket = np.bincount(order, goods, minlength=size)
    postage = np.where(basket < shipping["free_from"], shipping["fee"], 0).astype(np.int64)
    charged = share_out(postage, goods, order)
    amount = goods + charged

    paid = status[order] == _PAID
    rate = np.array([truth["fee_rates"][name]["rate"] for name in CHANNELS])[channel]
    fixed = np.array([truth["fee_rates"][name]["fixed"] for name in CHANNELS])[channel]
    fee = np.rint(rate[order] * (amount + platform_discount)).astype(np.int64)
    fee[np.searchsorted(order, np.arange(size))] += fixed
    returned = paid & (rng.random(len(item)) < np.array(list(truth["refund_rate"].values()))[item])
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
        "fee": np.where(paid, fee, 0),
    }


def _net(line: Mapping[str, Ints]) -> Floats:
    kept = line["amount"] + line["platform_discount"] - line["refunded"]
    return kept / 1.1


def _well_posed(draw: _Draw, truth: Mapping[str, Any], market: Market) -> bool:
    """Whether the last month has all channels, refunds, cancellations, and products that lose and earn."""
    month = draw.second // 86400 >= _LAST_MONTH
    line, costs = draw.line, truth["costs"]
    order, item = line["order"], line["item"]
    counted = (month & (draw.status == _PAID))[order]
    if len(np.unique(draw.channel[month & (draw.status == _PAID)])) < len(CHANNELS):
        return False
    if not (month & (draw.status == _CANCELLED)).any() or not line["refunded"][counted].any():
        return False
    net = np.where(counted, _net(line), 0)
    value = line["quantity"] * line["unit_price"] - line["discount"]
    returned = line["refunded_quantity"]
    per_order = costs["fulfilment_per_order"] + costs["packaging_per_order"]
    spent = per_order * value / np.bincount(order, value)[order]
    spent += (line["quantity"] - returned * costs["resellable_share"]) * market.cost[item]
    spent += line["fee"] + returned * costs["return_handling_per_unit"]
    earned = np.bincount(item, np.where(counted, net - spent, 0), minlength=len(ITEMS))
    marketing = costs["marketing_share"] * np.bincount(item, net, minlength=len(ITEMS))
    return bool((earned < -10).sum() >= 3 and (earned - marketing > 10).sum() >= 3)


def _orders(draw: _Draw) -> pd.DataFrame:
    line = draw.line
    order = line["order"]
    stamp = START.to_datetime64().astype("datetime64[us]") + draw.second.astype("timedelta64[s]")
    number = np.array([f"{10001 + place}" for place in range(len(stamp))], dtype=object)
    people = np.array([f"c-{1 + place:06d}" for place in range(int(draw.customer.max()) + 1)], dtype=object)
    columns: dict[str, Any] = {
        "order_id": number[order],
        "ordered_at": stamp[order],
        "customer_id": people[draw.customer][order],
        "channel": np.array(CHANNELS, dtype=object)[draw.channel][order],
        "sku": np.array(SKUS, dtype=object)[line["item"]],
        "product": np.array([item.product for item in ITEMS], dtype=object)[line["item"]],
        "category": CATEGORY.astype(object)[line["item"]],
        "quantity": line["quantity"],
    }
    for name in ("unit_price", "discount", "platform_discount", "shipping", "tax_included", "amount"):
        columns[name] = line[name]
    columns["status"] = _STATUS.astype(object)[draw.status][order]
    for name in ("refunded", "refunded_quantity", "fee"):
        columns[name] = line[name]
    columns["currency"] = "JPY"
    return pd.DataFrame(columns)


def _products(rng: np.random.Generator, draw: _Draw, market: Market, orders: int) -> pd.DataFrame:
    """Stock at the end of the last day: most products in order, some nearly out, some asleep."""
    line = draw.line
    recent = (draw.second // 86400 >= DAYS - 28) & (draw.status == _PAID)
    rate = np.bincount(line["item"], line["quantity"] * recent[line["order"]], minlength=len(ITEMS)) / 28
    kind = np.array([item.stock for item in ITEMS])
    size = len(ITEMS)
    left = max(20.0, orders / DEMO_ORDERS * 240) * rng.uniform(0.7, 1.2, size)
    cover = np.select(
        [kind == "short", kind == "asleep"],
        [rng.uniform(2, 8, size), rng.uniform(260, 480, size)],
        rng.uniform(24, 75, size),
    )
    on_hand = np.where(np.isin(kind, ["fad", "dead"]), left, rate * cover + 2)
    coming = (kind == "normal") & (rng.random(size) < 0.3)
    lead = np.where(kind == "short", rng.integers(18, 36, size), rng.integers(7, 36, size))
    days_ago = np.select(
        [kind == "fad", kind == "dead", kind == "asleep"],
        [rng.integers(310, 350, size), rng.integers(330, 400, size), rng.integers(150, 240, size)],
        rng.integers(8, 75, size),
    )
    received = AS_OF.to_datetime64().astype("datetime64[us]") - days_ago.astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "sku": SKUS,
            "product": [item.product for item in ITEMS],
            "category": [item.category for item in ITEMS],
            "landed_cost": market.cost,
            "price": market.price[-1],
            "on_hand": np.rint(on_hand).astype(np.int64),
            "on_order": np.where(coming, np.ceil(rate * 30 / 10) * 10 + 10, 0).astype(np.int64),
            "lead_time_days": lead,
            "received_at": received,
        }
    )


def _marketing(draw: _Draw, share: float) -> dict[str, int]:
    """Money spent on marketing in each month: a share of the month's net sales, in whole hundreds."""
    day = pd.Series(START + pd.to_timedelta(draw.second // 86400, "D"))
    net = np.bincount(
        draw.line["order"],
        np.where(draw.status[draw.line["order"]] == _PAID, _net(draw.line), 0),
        minlength=len(day),
    )
    monthly = pd.Series(net).groupby(day.dt.strftime("%Y-%m")).sum()
    months = pd.period_range(START, AS_OF, freq="M").strftime("%Y-%m")
    return {month: int(round(share * float(monthly.get(month, 0.0)), -2)) for month in months}
