"""A sewing teacher in Israel who sells what she knows: e-books, courses, a live group, coaching, a club.

Buyers follow BG/NBD on an even clock that is bent to evenings and to the Israeli week; the club's months
follow sBG. A draw in which the last three months lack something an exercise asks for is drawn again, so
every school of 300 orders or more has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.errors import InputError
from sellerlab.worlds.draws import Bools, Floats, Ints, buy_till_you_leave, generator, times, warp
from sellerlab.worlds.sewing_school import choices as studies
from sellerlab.worlds.sewing_school.club import Spells, join, payments, subscriptions
from sellerlab.worlds.sewing_school.mailing import mailing, presale
from sellerlab.worlds.sewing_school.parameters import AS_OF, CHANNELS, DAYS, ITEMS, PLANS, START, parameters
from sellerlab.worlds.sewing_school.prices import surveys
from sellerlab.worlds.shop import Shop

NAME = "Noa's sewing school"
TABLES: Mapping[str, str] = {
    "orders": "order lines of 18 months: e-books, courses, live group, coaching, club months",
    "products": "its 8 products: price, running cost, hours they take, places there are",
    "subscriptions": "the club: plan, price, first day and end of each subscription",
    "mailing": "journeys from landing page to first order, step by step, 8 weeks",
    "price_survey": "320 people on a planned course: four prices and two intents each",
    "gabor": "the same people: would they buy at each of seven prices",
    "choices": "150 people choose 8 times between three courses and none",
    "profiles": "the 18 cards of the rating survey: what each course has",
    "ratings": "60 people rate the 18 cards from 0 to 100",
    "presale": "a presale test, day by day: visitors, pledges, payments",
}
DEMO_ORDERS = 2700
#: From this many orders on, the last three months always have what the exercises need.
WELL_POSED_FROM = 300

_SKUS = [item.sku for item in ITEMS]
_CATEGORY = np.array([item.category for item in ITEMS], dtype=object)
_ONCE = np.array([item.once for item in ITEMS])
_COACHING = _SKUS.index("CC-HOUR")
_OWN, _CLUB = CHANNELS.index("own_site"), CHANNELS.index("club")
_PAID, _PENDING, _CANCELLED = 0, 1, 2
_STATUS = np.array(["paid", "pending", "cancelled"], dtype=object)
#: Nothing happens from 2 to 3 at night: once a year that hour does not exist on the clock.
_HOURS = np.array(
    [4, 2, 0, 1, 1, 2, 3, 5, 8, 10, 10, 9, 8, 8, 8, 8, 9, 10, 11, 14, 18, 20, 15, 8], dtype=np.float64
)
_NOTES = (
    "One row of orders is one order line. Prices contain 18% VAT. A club month is an order of its own.",
    "Fees: the channel's rate on the line's amount, rounded to an agora; the fixed part stands on the "
    "order's first line. Cancelled and pending orders carry no fee.",
    "landed_cost is what one sale costs to deliver (hosting, printing, licences), without the teacher's "
    "time: hours_to_make, hours_per_month and hours_per_unit say how long it takes, and the truth what an "
    "hour is worth.",
    "Who has an e-book or a course does not buy it again; in its place comes an hour of coaching. So later "
    "orders hold more coaching than the planted weights say.",
    "An e-book of patterns goes into a first order of the dress course with the planted chance, unless the "
    "customer buys it at another time.",
    "A refund is a whole line. Cancelled orders come on top of the purchase process; half of them are "
    "followed by the same buyer's paid order. Some of the last days' orders wait for a bank transfer.",
    "Customers join the club some days after their first order, on days 1 to 28 of a month. ended_at is the "
    "first day no longer paid for, empty while the subscription runs. Who comes back has a second row and "
    "a new chance of leaving.",
    "The mailing table holds whole journeys, each from its landing; what is bought is the first line of a "
    "customer's first order. Journeys that lead to an order may run through the night.",
    "The population's price points are the crossings that everyone's answers would give, computed from the "
    "planted distributions. About 0.1% of answers are out of order by chance, besides the planted share.",
    "Stated intent overstates in the price test by the planted factor; share_who_pays is the truth.",
    "Choices follow one utility for all. Ratings differ by segment and person; two people gave one rating "
    "to all cards and one stopped early.",
    "Left out: plan changes, price changes, failed card payments, yearly plans.",
)


@dataclass(frozen=True)
class _Draw:
    """One draw: orders (arrays by order) in order of time, their lines, and the club's subscriptions."""

    second: Ints
    customer: Ints
    channel: Ints
    status: Ints
    line: dict[str, Ints]
    spells: Spells


def simulate(seed: str = "demo", orders: int = DEMO_ORDERS) -> Shop:
    """Return a simulated school of about `orders` orders.

    Args:
        seed: Any text; the same text gives the same school, ``"demo"`` the one in the course.
        orders: Number of orders in the 18 months, club months and cancelled ones included; 20 or more.

    Returns:
        The school with its tables, costs and true parameters.

    Raises:
        InputError: `orders` is too small.
    """
    if isinstance(orders, bool) or not hasattr(orders, "__index__"):
        raise InputError(f"orders is {orders!r}: expected a whole number of orders.")
    if orders < 20:
        raise InputError(f"orders is {orders}: a shop needs 20 orders or more to have 18 months of sales.")
    truth = parameters(seed)
    attempt = 0
    while True:
        rng = generator("sewing_school", seed, orders, attempt)
        draw = _draw(rng, truth, orders)
        if orders < WELL_POSED_FROM or _well_posed(draw):
            break
        attempt += 1
    people = np.array([f"c-{1 + place:06d}" for place in range(int(draw.customer.max()) + 1)], dtype=object)
    table = _orders(draw, people)
    price = [truth["price"][sku] for sku in PLANS.values()]
    cards = studies.cards(truth["ratings"])
    costs = truth["costs"]
    return Shop(
        name=NAME,
        world="sewing_school",
        seed=seed,
        currency="ILS",
        timezone="Asia/Jerusalem",
        as_of=AS_OF,
        orders=table,
        products=_products(truth),
        costs={
            **{key: costs[key] for key in costs if key not in ("marketing_share", "vat_rate")},
            "marketing": _marketing(draw, costs["marketing_share"]),
            "fee_rates": truth["fee_rates"],
            "vat_rate": costs["vat_rate"],
        },
        truth=truth,
        tables={
            "subscriptions": subscriptions(draw.spells, people, price, list(PLANS)),
            "mailing": mailing(rng, truth["mailing"], table, _HOURS),
            **surveys(rng, truth, truth["price_survey"]["respondents"]),
            "choices": studies.choices(rng, truth["choices"], truth["choices"]["respondents"]),
            "profiles": cards,
            "ratings": studies.ratings(rng, truth["ratings"], cards, truth["ratings"]["respondents"]),
            "presale": presale(rng, truth["presale"]),
        },
        notes=_NOTES,
    )


def _draw(rng: np.random.Generator, truth: Mapping[str, Any], orders: int) -> _Draw:
    cancelled = int(rng.binomial(orders, truth["cancel_rate"]))
    wanted = orders - cancelled
    arrivals, intensity = _calendar(truth)
    planted = {name: truth["customers"][name] for name in ("r", "alpha", "a", "b")}
    who, week = buy_till_you_leave(rng, times(rng, arrivals, wanted) / 7, DAYS / 7, **planted)
    second = np.minimum((warp(week * 168, intensity) * 3600).astype(np.int64), DAYS * 86400 - 1)
    spells = join(rng, truth["club"], second[:wanted] // 86400)
    spell, paid_at = payments(rng, spells, _HOURS)
    # Customers are taken until their orders and club months add up to the number asked for.
    count = np.bincount(who, minlength=wanted) + np.bincount(spells.customer[spell], minlength=wanted)
    kept = int(np.abs(np.cumsum(count) - wanted).argmin()) + 1
    chosen, due = who < kept, spells.customer[spell] < kept
    repeat = np.arange(len(who))[chosen] >= kept
    who, second = who[chosen], second[chosen]
    month = np.array([_SKUS.index(sku) for sku in PLANS.values()])[spells.plan[spell[due]]]
    item = _choose(rng, truth, who, second, repeat)

    source = rng.integers(0, len(who), cancelled)
    again = rng.random(cancelled) < 0.5
    buyer = np.where(again, who[source], kept + np.arange(cancelled))
    earlier = np.maximum(second[source] - rng.integers(120, 2400, cancelled), 0)
    second = np.concatenate([second, earlier, paid_at[due]])
    customer = np.concatenate([who, buyer, spells.customer[spell[due]]])
    size = [len(who), cancelled, len(month)]
    first = np.concatenate([~repeat, again & ~repeat[source], np.zeros(size[2], dtype=bool)])
    status = np.repeat([_PAID, _CANCELLED, _PAID], size)
    channel = np.repeat([_OWN, _OWN, _CLUB], size)
    item = np.concatenate([item, item[source], month])
    late = (second >= (DAYS - truth["pending"]["days"]) * 86400) & (channel == _OWN) & (status == _PAID)
    status = np.where(late & (rng.random(len(second)) < truth["pending"]["chance"]), _PENDING, status)
    # The clock's missing hour: what an earlier minute moved into it goes back to the hour before.
    second = np.where(second // 3600 % 24 == 2, second - 3600, second)

    order = np.lexsort((channel, customer, second))
    # A customer's number is the place of the first order.
    _, seen, code = np.unique(customer[order], return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(seen))
    renamed = spells.kept(kept)
    place = np.searchsorted(np.unique(customer), renamed.customer)
    line = _lines(rng, truth, item[order], number[code], status[order], first[order])
    line.update(_money(rng, truth, line, second[order], channel[order], status[order], first[order]))
    club = Spells(number[place], renamed.plan, renamed.start, renamed.months)
    return _Draw(second[order], number[code], channel[order], status[order], line, club)


def _calendar(truth: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """New customers by day on the even clock, and the speed of the bent clock by hour."""
    day = np.arange(DAYS)
    month = (START + pd.to_timedelta(day, "D")).month.to_numpy()
    new = truth["new_customers"]
    arrivals = (1 + new["growth_per_month"]) ** (day / 30.4) * np.array(new["month_factors"])[month - 1]
    for row in truth["promotions"]:
        rows = slice(_day(row["start"]), _day(row["end"]) + 1)
        arrivals[rows] *= row["lift_of_new_customers"]
    week = np.outer(new["weekday_factors"], _HOURS / _HOURS.mean()).ravel()
    return arrivals, week[(np.arange(DAYS * 24) + 24 * START.weekday()) % 168]


def _day(text: str) -> int:
    return (pd.Timestamp(text) - START).days


def _choose(
    rng: np.random.Generator, truth: Mapping[str, Any], who: Ints, second: Ints, repeat: Bools
) -> Ints:
    """Product of each order; a second copy of an e-book or a course becomes an hour of coaching."""
    item = np.zeros(len(who), dtype=np.int64)
    for later, name in ((False, "first_order"), (True, "later_order")):
        weights = truth["popularity"][name]
        places = np.array([_SKUS.index(sku) for sku in weights])
        chance = np.array(list(weights.values()))
        rows = repeat == later
        item[rows] = places[rng.choice(len(places), int(rows.sum()), p=chance / chance.sum())]
    by_time = np.argsort(second, kind="stable")
    _, opening = np.unique((who * len(ITEMS) + item)[by_time], return_index=True)
    new = np.zeros(len(who), dtype=bool)
    new[by_time[opening]] = True
    return np.where(_ONCE[item] & ~new, _COACHING, item)


def _lines(
    rng: np.random.Generator,
    truth: Mapping[str, Any],
    item: Ints,
    customer: Ints,
    status: Ints,
    first: Bools,
) -> dict[str, Ints]:
    """Order, product and quantity of each line: an e-book of patterns goes into the basket of a course."""
    size = len(item)
    lead, partner = (_SKUS.index(sku) for sku in truth["often_together"]["pair"].split(" + "))
    owners = customer[(item == partner) & (status != _CANCELLED)]
    added = (item == lead) & (rng.random(size) < truth["often_together"]["chance"])
    added &= ~np.isin(customer, owners) & first
    count = 1 + added
    order = np.repeat(np.arange(size), count)
    opens = np.concatenate([[True], order[1:] != order[:-1]])
    sold = np.where(opens, item[order], partner)
    hours = 1 + np.minimum(rng.poisson(0.3, len(sold)), 3)
    return {"order": order, "item": sold, "quantity": np.where(sold == _COACHING, hours, 1)}


def _money(
    rng: np.random.Generator,
    truth: Mapping[str, Any],
    line: Mapping[str, Ints],
    second: Ints,
    channel: Ints,
    status: Ints,
    first: Bools,
) -> dict[str, Ints]:
    """Money of each line in agorot, a hundredth of a shekel, so that sums are exact."""
    order, item = line["order"], line["item"]
    rate = np.zeros(len(second))
    luck = rng.random(len(second)) < truth["coupons"]["first_order_chance"]
    rate[first & luck] = truth["coupons"]["first_order_rate"]
    for row in truth["promotions"]:
        inside = (second >= _day(row["start"]) * 86400) & (second < (_day(row["end"]) + 1) * 86400)
        rate = np.where(inside, np.maximum(rate, row["seller_rate"]), rate)
    rate = np.where(channel == _CLUB, 0.0, rate)
    unit_price = 100 * np.array(list(truth["price"].values()))[item]
    gross = line["quantity"] * unit_price
    discount = np.rint(rate[order] * gross).astype(np.int64)
    amount = gross - discount
    paid = status[order] == _PAID
    share = np.array([truth["fee_rates"][name]["rate"] for name in CHANNELS])[channel]
    fixed = np.array([round(100 * truth["fee_rates"][name]["fixed"]) for name in CHANNELS])[channel]
    fee = np.rint(share[order] * amount).astype(np.int64)
    fee[np.searchsorted(order, np.arange(len(second)))] += fixed
    returned = paid & (rng.random(len(item)) < np.array(list(truth["refund_rate"].values()))[item])
    return {
        "unit_price": unit_price,
        "discount": discount,
        "tax_included": np.rint(amount * 18 / 118).astype(np.int64),
        "amount": amount,
        "refunded": np.where(returned, amount, 0),
        "refunded_quantity": np.where(returned, line["quantity"], 0),
        "fee": np.where(paid, fee, 0),
    }


def _well_posed(draw: _Draw) -> bool:
    """Whether the last three months sell everything, and have refunds, cancellations and leavers."""
    recent = draw.second >= (DAYS - 92) * 86400
    line = draw.line
    sold = (recent & (draw.status == _PAID))[line["order"]]
    left = draw.spells.end <= AS_OF.to_datetime64()
    return bool(
        set(_CATEGORY[line["item"][sold]]) == set(_CATEGORY)
        and line["refunded"][sold].any()
        and (recent & (draw.status == _CANCELLED)).any()
        and all(left[draw.spells.plan == plan].any() for plan in range(len(PLANS)))
        and all((~left[draw.spells.plan == plan]).any() for plan in range(len(PLANS)))
    )


def _orders(draw: _Draw, people: Any) -> pd.DataFrame:
    line = draw.line
    order, item = line["order"], line["item"]
    stamp = START.to_datetime64().astype("datetime64[us]") + draw.second.astype("timedelta64[s]")
    number = np.array([f"{20001 + place}" for place in range(len(stamp))], dtype=object)
    columns: dict[str, Any] = {
        "order_id": number[order],
        "ordered_at": stamp[order],
        "customer_id": people[draw.customer][order],
        "channel": np.array(CHANNELS, dtype=object)[draw.channel][order],
        "sku": np.array(_SKUS, dtype=object)[item],
        "product": np.array([each.product for each in ITEMS], dtype=object)[item],
        "category": _CATEGORY[item],
        "quantity": line["quantity"],
        **{name: line[name] / 100 for name in ("unit_price", "discount", "tax_included", "amount")},
        "status": _STATUS[draw.status][order],
        "refunded": line["refunded"] / 100,
        "refunded_quantity": line["refunded_quantity"],
        "fee": line["fee"] / 100,
        "currency": "ILS",
    }
    return pd.DataFrame(columns)


def _products(truth: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sku": _SKUS,
            "product": [item.product for item in ITEMS],
            "category": [item.category for item in ITEMS],
            "landed_cost": list(truth["landed_cost"].values()),
            "price": list(truth["price"].values()),
            "billing_months": [int(item.category == "club") for item in ITEMS],
            "hours_to_make": [item.hours_to_make for item in ITEMS],
            "hours_per_unit": [item.hours_per_unit for item in ITEMS],
            "hours_per_month": [item.hours_per_month for item in ITEMS],
            "capacity_per_month": [item.capacity_per_month or np.nan for item in ITEMS],
        }
    )


def _marketing(draw: _Draw, share: float) -> dict[str, int]:
    """Money spent on marketing in each month: a share of the net sales that are no club months."""
    order = draw.line["order"]
    counted = (draw.status[order] == _PAID) & (draw.channel[order] == _OWN)
    net = np.where(counted, draw.line["amount"] - draw.line["refunded"], 0) / 118
    month = (START + pd.to_timedelta(draw.second[order] // 86400, "D")).strftime("%Y-%m")
    monthly = pd.Series(net).groupby(np.asarray(month)).sum()
    months = pd.period_range(START, AS_OF, freq="M").strftime("%Y-%m")
    return {name: int(round(share * float(monthly.get(name, 0.0)), -1)) for name in months}
