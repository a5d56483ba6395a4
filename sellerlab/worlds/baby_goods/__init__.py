"""A seller of baby goods in Korea: 18 months on Gmarket and an own store, with everything planted.

The shop is always of one size. With fewer orders than `DEMO_ORDERS` the orders are those of a part of its
buyers, while the tables of counts, advertising and tests tell of the whole shop: so prices, stock and tests
can be studied in a small draw too. A draw whose last month lacks a channel, a refund or a cancelled order
is drawn again.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerlab.errors import InputError
from sellerlab.worlds.baby_goods import advertising, visits
from sellerlab.worlds.baby_goods import sales as buyers
from sellerlab.worlds.baby_goods import stock as counts
from sellerlab.worlds.baby_goods.catalogue import CHANNELS
from sellerlab.worlds.baby_goods.market import Market, market_of
from sellerlab.worlds.baby_goods.parameters import AS_OF, DAYS, parameters
from sellerlab.worlds.baby_goods.settlement import settlement
from sellerlab.worlds.draws import generator
from sellerlab.worlds.shop import Shop

NAME = "Seo-yeon's baby corner"
DEMO_ORDERS = 18_000
#: From this many orders on, the last month always has both channels, refunds and cancelled orders.
WELL_POSED_FROM = 300
TABLES = {
    "orders": "order lines of 18 months on two channels",
    "products": "its 18 products: cost, price, stock, the supplier's pack and smallest order",
    "weeks": "price, units, promotion, season and days in stock of each product and week",
    "stock": "stock at the close of each day, units sold, and whether it was sold out, 26 weeks",
    "ads": "advertisements by keyword and day, 60 days: impressions, clicks, spend, orders, revenue",
    "keywords": "what buyers search for: searches a month and competing listings",
    "listings": "its listings: title, description, pictures, reviews",
    "totals": "the seller centre's totals by day and device, 12 weeks: impressions to orders",
    "listing_test": "visitors of an A/B test of a new picture, with what they bought before",
    "listing_test_broken": "visitors of a second test, whose variant B lost visitors on the way",
    "listing_weeks": "units by week of changed listings and of others left alone",
    "switchback": "days on which one picture or the other was shown to everybody",
    "offer": "customers who got a coupon, and those held out by lot",
    "settlement": "the marketplace's statement of three months, with a few mistakes",
}
_NOTES = (
    "One row of orders is one order line. Prices contain 10% VAT.",
    "Customer numbers begin on 2025-03-01, when the shop changed its system: whoever bought before counts as "
    "new. Orders stay level, so fewer and fewer of them come from new customers.",
    "With fewer orders than the demo, orders are those of a part of the buyers, and offer and settlement go "
    "with them. All other tables tell of the whole shop. In the demo the units of weeks and stock are those "
    "of the paid orders.",
    "Demand = pace x (price / first list price) ^ elasticity x season x promotion x weekday. Prices step up "
    "and down every two to four weeks; on top of that they are raised in high season.",
    "weeks: price is the price shown, promotion taken off; coupons of single buyers are not in it. A "
    "promotion lasts a whole week. Weeks before a product was launched are left out.",
    "stock: on the first day of a stock-out half of the demand is served, on the others none. A delivery "
    "comes the morning after, and about every four weeks.",
    "Welcome coupons run in the own store, coupons of the platform on gmarket. The offer is a coupon of the "
    "shop on both; it adds some orders of its own to four weeks of sales.",
    "Refunds stand on the line they belong to. Shipping is not given back, nor is the fee. The lag of real "
    "refunds is left out.",
    "Cancelled orders come on top of the purchase process, from customers who buy at another time.",
    "totals, tests, listing_weeks, switchback and ads are drawn apart from the orders; their sums are not "
    "those of the orders, and they contain no single buyer.",
    "Left out: competitors' reactions, returns after the sale's month, postage by distance, one product's "
    "price acting on another's sales.",
)


def simulate(seed: str = "demo", orders: int = DEMO_ORDERS) -> Shop:
    """Return a simulated shop with about `orders` orders.

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
    whole = max(orders, DEMO_ORDERS)
    rng = generator("baby_goods", seed, "other truth")
    truth = parameters(seed)
    truth["ads"] = advertising.parameters(rng, seed == "demo")
    truth |= visits.parameters(rng, seed == "demo")
    market = market_of(generator("baby_goods", seed, "market"), truth, whole)
    sales = _sales(seed, truth, market, orders)

    rng = generator("baby_goods", seed, orders, "stock")
    units = counts.whole_shop(rng, market, sales.units(), 1 - orders / whole)
    left = counts.stock_left(rng, market)
    stock, received = counts.stock(market, units, left)
    table = buyers.orders_table(sales)
    statement, mistakes = settlement(rng, table)
    truth["offer"]["effect"] = sales.uplift
    truth["stock"] = counts.demand_truth(market)
    truth["settlement"] = mistakes

    rng = generator("baby_goods", seed, "visits")
    costs = truth["costs"]
    return Shop(
        name=NAME,
        world="baby_goods",
        seed=seed,
        currency="KRW",
        timezone="Asia/Seoul",
        as_of=AS_OF,
        orders=table,
        products=counts.products(rng, market, left, received),
        costs={
            **{key: costs[key] for key in costs if key not in ("marketing_share", "vat_rate")},
            "marketing": counts.marketing(table, costs["marketing_share"]),
            "fee_rates": truth["fee_rates"],
            "vat_rate": costs["vat_rate"],
        },
        truth=truth,
        tables={
            "weeks": counts.weeks(market, units),
            "stock": stock,
            "ads": advertising.ads(rng, truth["ads"]),
            "keywords": advertising.keywords(rng),
            "listings": advertising.listings(rng),
            "totals": visits.totals(rng, truth["totals"]),
            "listing_test": visits.listing_test(rng, truth["listing_test"]),
            "listing_test_broken": visits.broken_test(
                rng, truth["listing_test_broken"], truth["listing_test"]
            ),
            "listing_weeks": visits.listing_weeks(rng, truth["listing_weeks"]),
            "switchback": visits.switchback(rng, truth["switchback"]),
            "offer": _offer(sales, truth["offer"]["sent_at"]),
            "settlement": statement,
        },
        notes=_NOTES,
    )


def _sales(seed: str, truth: dict[str, object], market: Market, orders: int) -> buyers.Sales:
    attempt = 0
    while True:
        drawn = buyers.draw(generator("baby_goods", seed, orders, attempt), truth, market, orders)
        if orders < WELL_POSED_FROM or _well_posed(drawn):
            return drawn
        attempt += 1


def _well_posed(sales: buyers.Sales) -> bool:
    """Whether the last month has both channels, a refund and a cancelled order."""
    month = sales.second // 86400 >= DAYS - AS_OF.day
    channels = len(np.unique(sales.channel[month & sales.paid]))
    refunds = sales.line["refunded"][month[sales.line["order"]]].any()
    return bool(channels == len(CHANNELS) and refunds and (month & ~sales.paid).any())


def _offer(sales: buyers.Sales, sent_at: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": buyers.people(sales.assigned),
            "sent_at": pd.Timestamp(sent_at + " 10:00").as_unit("us"),
            "group": np.where(sales.offered, np.array("offer", dtype=object), "holdout"),
        }
    )
