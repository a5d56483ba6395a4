"""Two surveys about the price of a planned course, and what everyone would answer in them.

The one idea: a single willingness to pay, lognormal in each segment, stands behind every answer. So the
points where the population's curves cross can be computed, and a survey's estimate checked against them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.draws import Floats, Ints

SEGMENTS = ("beginner", "hobby", "professional")
QUESTIONS = ("too_cheap", "cheap", "expensive", "too_expensive")
#: Respondents name prices in whole steps of this many shekels.
_STEP = 5
_NAMED: Floats = np.arange(_STEP, 2501, _STEP, dtype=np.float64)
#: Points of Van Westendorp: falling curve, rising curve; "not_" turns a curve over.
_POINTS = {
    "optimal": ("too_cheap", "too_expensive"),
    "indifference": ("cheap", "expensive"),
    "low": ("too_cheap", "not_cheap"),
    "high": ("not_expensive", "too_expensive"),
    "narrow_low": ("too_cheap", "expensive"),
    "narrow_high": ("cheap", "too_expensive"),
}


def price_points(survey: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return where the population's curves cross, for everyone and for each segment.

    At price p, "too cheap" and "cheap" count those who name p or more, the other two those who name p or
    less. Between named prices the curves run in straight lines.

    Args:
        survey: The planted survey: `willingness_to_pay`, `named_as_share_of_willingness`,
            `sigma_log_of_each_answer`.
    """
    share = {name: each["share"] for name, each in survey["willingness_to_pay"].items()}
    below = {
        segment: np.array([_below(survey, segment, question) for question in QUESTIONS]) for segment in share
    }
    groups = {"everyone": sum(share[name] * below[name] for name in share), **below}
    return {
        group: {point: round(_cross(_curves(rates), *pair), 1) for point, pair in _POINTS.items()}
        for group, rates in groups.items()
    }


def asked_shares(survey: Mapping[str, Any], gabor: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for the prices that are asked, who truly pays, who says so, and which brings most.

    Args:
        survey: The planted survey, for the willingness to pay.
        gabor: `prices`, `overstated_by` and `slip_chance`.
    """
    truly, stated = {}, {}
    for price in gabor["prices"]:
        pays = says = 0.0
        for each in survey["willingness_to_pay"].values():
            pays += each["share"] * _normal(math.log(each["median"] / price) / each["sigma_log"])
            ratio = each["median"] * gabor["overstated_by"] / price
            says += each["share"] * _normal(math.log(ratio) / each["sigma_log"])
        slip = gabor["slip_chance"]
        truly[price], stated[price] = round(pays, 4), round((1 - slip) * says + slip * (1 - says), 4)
    return {
        "share_who_pays": truly,
        "share_who_says_so": stated,
        "price_of_most_sales": max(truly, key=lambda price: price * truly[price]),
    }


def surveys(rng: np.random.Generator, truth: Mapping[str, Any], respondents: int) -> dict[str, pd.DataFrame]:
    """Return the tables `price_survey` and `gabor`, answered by the same people.

    Args:
        rng: The generator.
        truth: The school's true parameters.
        respondents: Number of people asked.
    """
    survey, gabor = truth["price_survey"], truth["gabor"]
    planted = survey["willingness_to_pay"]
    segment = rng.choice(len(SEGMENTS), respondents, p=[planted[name]["share"] for name in SEGMENTS])
    median = np.array([planted[name]["median"] for name in SEGMENTS])[segment]
    spread = np.array([planted[name]["sigma_log"] for name in SEGMENTS])[segment]
    willing = median * np.exp(spread * rng.standard_normal(respondents))
    number = np.arange(1, respondents + 1)
    names = np.array(SEGMENTS, dtype=object)[segment]

    factor = np.array([survey["named_as_share_of_willingness"][name] for name in QUESTIONS])
    noise = survey["sigma_log_of_each_answer"] * rng.standard_normal((respondents, len(QUESTIONS)))
    said = np.maximum(np.rint(willing[:, None] * factor * np.exp(noise) / _STEP), 1).astype(np.int64) * _STEP
    luck = rng.random(respondents)
    swap = luck < survey["not_in_order_share"]
    said[swap] = said[swap][:, [2, 1, 0, 3]]
    last = said[:, 3].astype(np.float64)
    last[luck > 1 - survey["missing_share"]] = np.nan
    # One level of liking stands behind both intents, so nobody is keener on the higher price.
    liking = rng.random(respondents)
    table = pd.DataFrame(
        {
            "respondent": number,
            "segment": names,
            **{name: said[:, place] for place, name in enumerate(QUESTIONS[:3])},
            "too_expensive": last,
            "intent_cheap": _scale(survey["intent_cheap"], liking),
            "intent_expensive": _scale(survey["intent_expensive"], liking),
        }
    )
    return {"price_survey": table, "gabor": _gabor(rng, gabor, number, names, willing)}


def _gabor(
    rng: np.random.Generator, gabor: Mapping[str, Any], number: Ints, segment: Any, willing: Floats
) -> pd.DataFrame:
    """Each person at each price, in an order of their own; some answers are slips."""
    prices = np.array(gabor["prices"])
    order = np.argsort(rng.random((len(number), len(prices))), axis=1)
    asked = prices[order]
    buys = willing[:, None] * gabor["overstated_by"] >= asked
    buys ^= rng.random(asked.shape) < gabor["slip_chance"]
    return pd.DataFrame(
        {
            "respondent": np.repeat(number, len(prices)),
            "segment": np.repeat(segment, len(prices)),
            "price": asked.ravel(),
            "would_buy": buys.ravel().astype(np.int64),
        }
    )


def _scale(chances: Mapping[int, float], level: Floats) -> Ints:
    """Answers of a scale, the keenest for the lowest level."""
    answers = np.array(list(chances))
    place = np.searchsorted(np.cumsum(list(chances.values()))[:-1], level, side="right")
    found: Ints = answers[place]
    return found


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _below(survey: Mapping[str, Any], segment: str, question: str) -> list[float]:
    """Share of a segment that names each price or less: answers are rounded to the nearest step."""
    planted = survey["willingness_to_pay"][segment]
    middle = math.log(planted["median"] * survey["named_as_share_of_willingness"][question])
    spread = math.hypot(planted["sigma_log"], survey["sigma_log_of_each_answer"])
    return [_normal((math.log(price + _STEP / 2) - middle) / spread) for price in _NAMED.tolist()]


def _curves(below: Any) -> dict[str, Floats]:
    less = np.hstack([np.zeros((len(QUESTIONS), 1)), below[:, :-1]])
    curves = {
        "too_cheap": 1 - less[0],
        "cheap": 1 - less[1],
        "expensive": below[2],
        "too_expensive": below[3],
    }
    return curves | {f"not_{name}": 1 - curves[name] for name in ("cheap", "expensive")}


def _cross(curves: Mapping[str, Floats], falling: str, rising: str) -> float:
    gap = curves[rising] - curves[falling]
    place = int((gap >= 0).argmax())
    part = -gap[place - 1] / (gap[place] - gap[place - 1])
    return float(_NAMED[place - 1] + part * _STEP)
