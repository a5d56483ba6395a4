"""Lesson 41, *Where do I lose them?*: who is counted, sums before rates, a point's worth, mix, full carts.

Every answer is made of counts, and every mistake of two others: each is a number that somebody could read
from the same screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sellerlab import text
from sellerlab.funnel.usual import USUAL_STEPS
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.traffic import PERIOD, traffic, two_periods

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop


class Way(NamedTuple):
    """How many came how far: visits, except where people are named."""

    visits: float
    viewed: float
    carts: float
    checkouts: float
    bought: float
    people: float
    people_viewed: float
    people_bought: float
    events: float


@lru_cache(maxsize=4)
def _way(shop: Shop) -> Way | None:
    """Return the counts of a store with all five usual steps; None where one is missing or nobody buys."""
    of = traffic(shop)
    if len(of.steps) < len(USUAL_STEPS) or not of.found.reached[-1]:
        return None
    people = of.people.reached
    inside = int(of.events["event"].isin(of.steps).sum())
    visits, viewed, carts, checkouts, bought = of.found.reached
    return Way(visits, viewed, carts, checkouts, bought, people[0], people[1], people[-1], inside)


def _of_way(formula: Callable[[Way], float]) -> Callable[[Shop], Value]:
    """Return a sum about the store's visits."""

    def computed(shop: Shop) -> Value:
        way = _way(shop)
        return None if way is None else formula(way)

    return computed


class Centre(NamedTuple):
    """Rates of the seller centre, clicks to orders: before, now, and with the other period's shares."""

    before: float
    after: float
    old_share: float
    new_share: float
    mean_of_rows: float
    of_impressions: float
    carts: float
    orders: float
    clicks: float
    shares: str


@lru_cache(maxsize=4)
def _centre(shop: Shop) -> Centre:
    old, new = two_periods(shop)
    was, is_ = (table.groupby("device")[["clicks", "orders"]].sum() for table in (old, new))
    share_was, share_is = was["clicks"] / was["clicks"].sum(), is_["clicks"] / is_["clicks"].sum()
    rate_was, rate_is = was["orders"] / was["clicks"], is_["orders"] / is_["clicks"]
    sums = new[["impressions", "clicks", "carts", "orders"]].sum()
    lines = [
        text.say(
            "{name}: {share} of the clicks now, rate before {rate}",
            name=name,
            share=text.percent(share_is[name], 2),
            rate=text.percent(rate_was[name], 3),
        )
        for name in share_was.index.intersection(share_is.index)
    ]
    return Centre(
        before=float(was["orders"].sum() / was["clicks"].sum()),
        after=float(sums["orders"] / sums["clicks"]),
        old_share=float((share_was * rate_is).sum()),
        new_share=float((share_is * rate_was).sum()),
        mean_of_rows=float((new["orders"] / new["clicks"].where(new["clicks"] > 0)).mean()),
        of_impressions=float(sums["orders"] / sums["impressions"]),
        carts=float(sums["carts"] / sums["clicks"]),
        orders=float(sums["orders"]),
        clicks=float(sums["clicks"]),
        shares="; ".join(lines) if len(lines) > 1 else "",
    )


def _mixed(pick: Callable[[Centre], float]) -> Callable[[Shop], Value]:
    """Return a number about the mix, where there is more than one device."""

    def computed(shop: Shop) -> Value:
        centre = _centre(shop)
        return pick(centre) if centre.shares else None

    return computed


def _of_centre(pick: Callable[[Centre], float]) -> Callable[[Shop], Value]:
    return lambda shop: pick(_centre(shop))


def _point(way: Way) -> float:
    return 0.01 * way.viewed * way.bought / way.carts


@lru_cache(maxsize=4)
def _visit_facts(shop: Shop) -> Mapping[str, str]:
    way = _way(shop)
    if way is None:
        return dict.fromkeys(("rate", "point", "left", "seen", "onward", *Way._fields), "–")
    return {
        **{name: text.number(value) for name, value in way._asdict().items()},
        "rate": text.percent(way.people_bought / way.people, 2),
        "onward": text.percent(way.bought / way.carts, 2),
        "point": text.number(_point(way), 2),
        "left": text.number(way.carts - way.bought),
        "seen": text.number(way.checkouts - way.bought),
    }


@lru_cache(maxsize=4)
def _centre_facts(shop: Shop) -> Mapping[str, str]:
    centre = _centre(shop)
    return {
        "days": text.number(PERIOD),
        "orders": text.number(centre.orders),
        "clicks": text.number(centre.clicks),
        "rate": text.percent(centre.orders / centre.clicks, 2),
        "shares": centre.shares or "–",
        "back": text.percent(centre.new_share, 2),
        "before": text.percent(centre.before, 2),
        "after": text.percent(centre.after, 2),
    }


PEOPLE = Exercise(
    id="41.1",
    kind="rate",
    prompt="Of the people who came, which share bought? Write a fraction. (The picture counts visits.)",
    answer=_of_way(lambda way: way.people_bought / way.people),
    wrong={
        "That is the share of visits. Somebody who came five times and bought once is one person who "
        "bought.": _of_way(lambda way: way.bought / way.visits),
        "You divided by all events. One visit has several of them.": _of_way(
            lambda way: way.bought / way.events
        ),
        "That is a share of those who looked at a product. Those who left before came, too.": _of_way(
            lambda way: way.people_bought / way.people_viewed
        ),
        "You divided people who bought by visits: two different things.": _of_way(
            lambda way: way.people_bought / way.visits if way.people_bought != way.bought else -1.0
        ),
        "You divided visits that bought by people: two different things. Whoever bought twice is one "
        "person.": _of_way(lambda way: way.bought / way.people if way.people_bought != way.bought else -2.0),
    },
    hints=(
        "The events have a column that names the person: user_id.",
        "sl.funnel.funnel counts people if you leave unit= out. Its answer has .conversion.",
        "{people} people came.",
    ),
    solution="{rate}: {people_bought} of {people} people, who came {visits} times in all. Both numbers are "
    "right; they answer different questions.",
    facts=_visit_facts,
)

POOLED = Exercise(
    id="41.2",
    kind="rate",
    prompt="In Seo-yeon's seller centre: of the clicks of the last {days} days, which share became an order? "
    "They are in the table that is called after. Write a fraction.",
    answer=_of_centre(lambda of: of.orders / of.clicks),
    wrong={
        "You took the mean of the rows' own rates. It counts a row of few clicks as much as one of "
        "many.": _of_centre(lambda of: of.mean_of_rows),
        "You divided by impressions. Most of those who saw it never clicked.": _of_centre(
            lambda of: of.of_impressions
        ),
        "Those are the carts. Not every cart becomes an order.": _of_centre(lambda of: of.carts),
        "Those are the days before. The last ones are in the table after.": _of_centre(lambda of: of.before),
    },
    hints=(
        "First add up, then divide.",
        "sl.totals.rates(after, [...]) does both; its answer has .conversion.",
    ),
    solution="{rate}: {orders} orders from {clicks} clicks.",
    facts=_centre_facts,
)

POINT = Exercise(
    id="41.3",
    kind="number",
    prompt="{viewed} visits looked at a product, {carts} filled a cart, {bought} bought. Suppose the rate of "
    "those who fill a cart rose by one point, and all else stayed. How many more orders, to two decimals?",
    answer=_of_way(_point),
    wrong={
        "Those are more carts. Only some of them become orders.": _of_way(lambda way: 0.01 * way.viewed),
        "That is one percent more, not one point more of the rate.": _of_way(lambda way: 0.01 * way.bought),
        "The point is a share of those who looked at a product, not of all visits.": _of_way(
            lambda way: 0.01 * way.visits * way.bought / way.carts
        ),
        "You took a point of those with a cart. The rate is a share of those before the cart.": _of_way(
            lambda way: 0.01 * way.carts * way.bought / way.checkouts
        ),
    },
    hints=(
        "One point of the rate is how many more carts?",
        "Of the carts so far, {onward} became an order. Take the new ones to be like them.",
    ),
    solution="{point}: one in a hundred of {viewed} would be carts, and {onward} of carts become an order.",
    facts=_visit_facts,
)

MIX = Exercise(
    id="41.4",
    kind="rate",
    prompt="Suppose the old page came back, and with it each device's rate of before. The clicks are shared "
    "among devices as they are now. {shares}. What would the rate over all be? Write a fraction.",
    answer=_mixed(lambda of: of.new_share),
    wrong={
        "That is the rate as it is now, with the new page.": _mixed(lambda of: of.after),
        "That is the rate as it was before, with the shares of before. Weigh each device's rate with its "
        "share of now.": _mixed(lambda of: of.before),
        "You turned it round: the rates of now, with the shares of before.": _mixed(lambda of: of.old_share),
    },
    hints=(
        "Each device's rate of before, times its share of now. Then add up.",
        "The table of sl.totals.mix(before, after, ...) has rate_before and share_after.",
    ),
    solution="{back}. It was {before} and is {after}. The shares alone would have taken it from {before} to "
    "{back}; the rest is what happened within the devices.",
    facts=_centre_facts,
    tolerance=0.003,
)

CARTS = Exercise(
    id="41.5",
    kind="count",
    prompt="{left} visits left a full cart behind. Suppose the checkout were perfect: whoever begins it "
    "buys. How many more orders would there have been?",
    answer=_of_way(lambda way: way.checkouts - way.bought),
    wrong={
        "Those are all the carts left behind. Most left before they saw the checkout.": _of_way(
            lambda way: way.carts - way.bought
        ),
        "Those left before the checkout. A better checkout is too late for them.": _of_way(
            lambda way: way.carts - way.checkouts
        ),
    },
    hints=(
        "Who began the checkout and did not buy?",
        "{checkouts} began it, {bought} bought.",
    ),
    solution="{seen}: {checkouts} began it and {bought} bought. The rest of the {left} never saw the "
    "checkout.",
    facts=_visit_facts,
)

LESSON = Lesson(
    number="41",
    question="Where do I lose them?",
    world="phone_stand",
    exercises=(PEOPLE, POOLED, POINT, MIX, CARTS),
)
