"""Lesson 44, *Do 30 posts a month matter?*: a log of videos becomes a chance, and a number of orders.

All sums are about the shop's videos; live shows are left out. A video has broken out when it has ten times
the median's views.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sellerlab import text
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.learn.posts import Posts, posts

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Videos that the exercises ask about, and how sure one wants to be of a breakout.
MANY, SURE = 30, 0.90


@lru_cache(maxsize=4)
def _views(shop: Shop) -> tuple[float, float, float]:
    """Return the mean, the share of videos below it, and their share of all views."""
    views = posts(shop).videos["views"].to_numpy(dtype=float)
    mean = float(views.mean())
    return mean, float((views < mean).mean()), float(views[views < mean].sum() / views.sum())


def _of_rate(formula: Callable[[float], float]) -> Callable[[Shop], Value]:
    """Return a sum of the chance that one video breaks out; None where none or all did."""

    def computed(shop: Shop) -> Value:
        rate = posts(shop).rate
        return formula(rate) if 0 < rate < 1 else None

    return computed


def _exact(rate: float) -> float:
    return math.log(1 - SURE) / math.log(1 - rate)


def _orders(formula: Callable[[Posts], float]) -> Callable[[Shop], Value]:
    return lambda shop: MANY * float(formula(posts(shop)))


def _ranked(of: Posts) -> float:
    """Return Spearman's correlation of the numbers of likes and clicks."""
    ranks = of.videos[["likes", "clicks"]].rank()
    return float(np.corrcoef(ranks["likes"], ranks["clicks"])[0, 1])


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    of, (mean, below, views) = posts(shop), _views(shop)
    rate, n = of.rate, len(of.videos)
    known = 0 < rate < 1
    return {
        "n": text.number(n),
        "mean": text.number(mean),
        "below": text.percent(below),
        "below_views": text.percent(views),
        "edge": text.number(of.found.threshold),
        "hits": text.number(of.found.hits),
        "rate": text.number(rate, 4),
        "none": text.number(1 - rate, 4),
        "many": text.number(MANY),
        "sure": text.percent(SURE, 0),
        "left": text.number(1 - SURE, 1),
        "chance": text.percent(1 - (1 - rate) ** MANY),
        "needed": text.number(math.ceil(_exact(rate))) if known else "–",
        "exact": text.number(_exact(rate), 1) if known else "–",
        "r": text.number(_ranked(of), 2),
        "orders": text.number(float(of.videos["orders"].sum())),
        "each": text.number(float(of.videos["orders"].mean()), 3),
        "brought": text.number(MANY * float(of.videos["orders"].mean()), 1),
    }


BELOW = Exercise(
    id="44.1",
    kind="rate",
    prompt="The mean of all {n} videos is {mean} views. Which share of the videos has fewer than that? Write "
    "a fraction.",
    answer=lambda shop: _views(shop)[1],
    wrong={
        "Half lies below the median. The mean is another number: a few huge videos pull it up.": lambda _: (
            0.5
        ),
        "That is the share above the mean.": lambda shop: 1 - _views(shop)[1],
        "That is the share of the views that these videos have. Count the videos.": lambda shop: _views(shop)[
            2
        ],
    },
    hints=(
        'videos["views"] < videos["views"].mean() is true for each video that is below.',
        "The mean of true and false is the share of true.",
    ),
    solution="{below} of the videos have fewer views than the mean. Together they have {below_views} of all "
    "views.",
    facts=_facts,
)

CHANCE = Exercise(
    id="44.2",
    kind="rate",
    prompt="{hits} of {n} videos broke out, so take {rate} as the chance of one. What is the chance that at "
    "least one of {many} does? Write a fraction.",
    answer=_of_rate(lambda rate: 1 - (1 - rate) ** MANY),
    wrong={
        "You added up the chances. That counts a month with two breakouts twice; with enough videos it would "
        "be more than 100%.": _of_rate(lambda rate: MANY * rate),
        "That is the chance of none. At least one is the rest.": _of_rate(lambda rate: (1 - rate) ** MANY),
        "That is the chance of one video. It was about {many}.": _of_rate(lambda rate: rate),
        "You took the chance that all {many} break out away from 1. Take the chance that none does.": (
            _of_rate(lambda rate: float(1 - rate**MANY))
        ),
    },
    hints=(
        "What is the chance that one video does not break out? And that none of {many} does?",
        "None: {none} ** {many}. At least one is the rest.",
    ),
    solution="{chance}: 1 - {none} ** {many}.",
    facts=_facts,
)

NEEDED = Exercise(
    id="44.3",
    kind="count",
    prompt="With the same {rate}: how many videos does it take until the chance of at least one breakout is "
    "{sure}?",
    answer=_of_rate(lambda rate: math.ceil(_exact(rate))),
    wrong={
        "On average one in so many breaks out. Luck is not so even: of people who make that many, more than "
        "a third have none.": _of_rate(lambda rate: round(1 / rate)),
        "You divided {sure} by the chance of one, as if chances could be added up.": _of_rate(
            lambda rate: math.ceil(SURE / rate)
        ),
        "You rounded down: that many are not quite enough.": _of_rate(lambda rate: math.floor(_exact(rate))),
        "With that many, the chance of none is {sure}. It has to fall to the rest.": _of_rate(
            lambda rate: math.ceil(math.log(SURE) / math.log(1 - rate))
        ),
    },
    hints=(
        "Until the chance of none has fallen to {left}: {none} ** k = {left}.",
        "Take logarithms: k = ln({left}) / ln({none}), which is math.log. Round up.",
        "Or try: 1 - {none} ** k for k = 50, 100, 150.",
    ),
    solution="{needed}: ln({left}) / ln({none}) is {exact}, and half a video does not count.",
    facts=_facts,
)

LIKES = Exercise(
    id="44.4",
    kind="choice",
    prompt="Videos with more likes have more clicks: the rank correlation of the two numbers is {r} over {n} "
    "videos. What follows?",
    answer=lambda _: "c",
    choices=lambda _: {
        "a": text.say("ask for likes, and clicks will come"),
        "b": text.say("people who like are the people who click"),
        "c": text.say("nothing about likes yet: a video that many see has more of both"),
        "d": text.say("likes make the platform show a video to more people, and they click"),
    },
    wrong={
        "That is a wish. Both numbers follow the views. Divide both by the views, and see what is left.": (
            lambda _: "a"
        ),
        "No row of the log is a person. It knows how many liked and how many clicked, and not who.": (
            lambda _: "b"
        ),
        "It may be so on some platform, and these numbers would look the same if it were not.": (
            lambda _: "d"
        ),
    },
    hints=(
        "Think of a video that nobody has seen. How many likes has it, and how many clicks?",
        "Would the same be true of comments? Of shares? Of people who fell asleep while watching?",
    ),
    solution="c. The views stand behind both numbers. Only rates, such as likes per view, can say more.",
    facts=_facts,
)

ORDERS = Exercise(
    id="44.5",
    kind="number",
    prompt="The {n} videos brought {orders} orders. How many would {many} videos bring, if they do as these "
    "did? One decimal is enough.",
    answer=_orders(lambda of: of.videos["orders"].mean()),
    wrong={
        "You took the video in the middle. It leaves out the few that bring a great part of the "
        "orders.": _orders(lambda of: of.videos["orders"].median()),
        "You took a video with the median of views. The few with many views are missing from it.": _orders(
            lambda of: of.videos["orders"].sum() / of.videos["views"].sum() * of.videos["views"].median()
        ),
        "That is what one video brings. It was about {many}.": lambda shop: float(
            posts(shop).videos["orders"].mean()
        ),
        "Those are clicks. Most people who click do not buy.": _orders(lambda of: of.videos["clicks"].mean()),
    },
    hints=(
        "For a sum over many videos the mean is the right number, however uneven they are.",
        "{many} times {each}.",
    ),
    solution="{brought}: {many} times {each}. A single month can be far from it.",
    facts=_facts,
    # Half an order up or down is rounding where few are sold.
    tolerance=0.01,
)

LESSON = Lesson(
    number="44",
    question="Do 30 posts a month matter?",
    world="phone_stand",
    exercises=(BELOW, CHANCE, NEEDED, LIKES, ORDERS),
)
