"""What brings buyers: visits to the own store with planted step rates, and the log of videos and lives.

Purchase events are the shop's own-store orders, so events and orders agree. Given those orders, the
visits that end earlier are drawn so that each step has its planted rate (a Poisson stream of visits,
split by where each one ends).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.draws import Floats, Ints, choose, times
from sellerlab.worlds.phone_stand.parameters import AS_OF, DAYS, DEVICES, SOURCES, START, STEPS, TRAFFIC_DAYS

_HOURS = np.array(
    [6, 4, 2, 1, 1, 2, 4, 7, 8, 8, 8, 9, 12, 10, 8, 8, 9, 10, 12, 15, 18, 20, 18, 12], dtype=np.float64
)
#: Shortest and longest seconds between a step and the one before, the first standing for the visit.
_GAPS = np.array([(0, 1), (5, 90), (20, 240), (15, 150), (40, 240)])
_SECOND, _DAY = "timedelta64[s]", "timedelta64[D]"


def events(
    rng: np.random.Generator,
    truth: Mapping[str, Any],
    orders: pd.DataFrame,
    weights: Floats,
    skus: Sequence[str],
) -> pd.DataFrame:
    """Return the own store's traffic events of the last `TRAFFIC_DAYS` days, in order of time.

    Args:
        rng: The generator.
        truth: The shop's true parameters.
        orders: The shop's orders; those of the own store become the purchases.
        weights: Day x product, how often a product is looked at.
        skus: The product of each column of `weights`.
    """
    funnel = truth["funnel"]
    start = (AS_OF - pd.Timedelta(days=TRAFFIC_DAYS - 1)).to_datetime64().astype("datetime64[us]")
    bought = orders[(orders["channel"] == "own_store") & (orders["ordered_at"] >= pd.Timestamp(start))]
    bought = bought.drop_duplicates("order_id")
    bought_at = (bought["ordered_at"].to_numpy() - start).astype(_SECOND).astype(np.int64)

    # Cells are source x device; `ends[d, c, k]` is the chance that a visit of day d ends after step k.
    share = np.outer(list(funnel["traffic_share"].values()), _devices(funnel)).ravel()
    rate = np.array([[list(funnel["step_rates"][s][d].values()) for d in DEVICES] for s in SOURCES])
    rates = np.broadcast_to(rate.reshape(-1, 4), (TRAFFIC_DAYS, len(share), 4)).copy()
    fault = funnel["checkout_fault"]
    first, last = ((pd.Timestamp(fault[k]) - pd.Timestamp(start)).days for k in ("start", "end"))
    rates[first : last + 1, np.arange(len(share)) % 2 == 0, 3] *= fault["factor"]
    reach = np.cumprod(np.concatenate([np.ones((*rates.shape[:2], 1)), rates], axis=2), axis=2)
    ends = np.concatenate([reach[..., :-1] * (1 - rates), reach[..., -1:]], axis=2)

    buyers = choose(rng, share * ends[..., -1], bought_at // 86400)
    visits = len(bought) / (share * ends[..., -1]).sum() * share[:, None] * ends[..., :-1]
    count = rng.poisson(visits).ravel()
    place = np.repeat(np.arange(count.size), count)
    day, cell, step = np.unravel_index(place, visits.shape)
    began = day * 86400 + (times(rng, _HOURS, len(day)) * 3600).astype(np.int64)

    reached = np.concatenate([step + 1, np.full(len(bought), 5)])
    cell = np.concatenate([cell, buyers])
    visitor = _visitors(rng, len(day), bought["customer_id"].to_numpy(dtype=object))
    looked = choose(rng, weights, day)
    item = np.concatenate([np.array(skus, dtype=object)[looked], bought["sku"].to_numpy(dtype=object)])

    gaps = rng.integers(_GAPS[:, 0], _GAPS[:, 1], (len(reached), len(STEPS))).cumsum(axis=1)
    began = np.concatenate([began, bought_at - gaps[len(day) :, -1]])
    session = np.argsort(np.argsort(began, kind="stable"), kind="stable")
    row = np.repeat(np.arange(len(reached)), reached)
    at_step = np.arange(len(row)) - np.repeat(np.cumsum(reached) - reached, reached)
    second = began[row] + gaps[row, at_step]
    names = np.array([f"s-{1 + number:06d}" for number in range(len(reached))], dtype=object)
    seen = item[row]
    seen[at_step == 0] = np.nan
    table = pd.DataFrame(
        {
            "user_id": visitor[row],
            "session_id": names[session[row]],
            "at": start + second.astype(_SECOND),
            "event": np.array(STEPS, dtype=object)[at_step],
            "channel": np.array(SOURCES, dtype=object)[cell[row] // 2],
            "device": np.array(DEVICES, dtype=object)[cell[row] % 2],
            "sku": seen,
        }
    )
    return table.iloc[np.lexsort((at_step, session[row], second))].reset_index(drop=True)


def _devices(funnel: Mapping[str, Any]) -> list[float]:
    return [funnel["mobile_share"], 1 - funnel["mobile_share"]]


def _visitors(rng: np.random.Generator, visits: int, buyers: Any) -> Any:
    """Who came: some visitors come more than once, and a few of them are buyers of another day."""
    pool = np.array([f"v-{1 + number:06d}" for number in range(max(1, int(visits / 1.3)))], dtype=object)
    who = pool[rng.integers(0, len(pool), visits)]
    if len(buyers):
        known = rng.random(visits) < 0.04
        who = np.where(known, buyers[rng.integers(0, len(buyers), visits)], who)
    return np.concatenate([who, buyers])


def content(rng: np.random.Generator, truth: Mapping[str, Any], orders: pd.DataFrame) -> pd.DataFrame:
    """Return the log of videos and lives: views, engagement, clicks and orders of each.

    A video's clicks follow its views, its share rate and its comment rate, and not its like rate.
    """
    planted = truth["content"]
    videos = int(planted["videos_per_month"] * DAYS / 30.4)
    day = np.sort(rng.integers(0, DAYS, videos))
    posted = day * 86400 + rng.choice([7, 12, 18, 19, 21], videos) * 3600 + rng.integers(0, 3600, videos)
    views = planted["median_views"] * np.exp(planted["sigma_log_views"] * rng.standard_normal(videos))
    broke_out = rng.random(videos) < planted["breakout_chance"]
    views = _whole(np.where(broke_out, views * planted["breakout_factor"], views))
    shown = _engagement(rng, views)
    drive = (shown["share_rate"] / 0.008) ** planted["power_of_share_rate"]
    drive = drive * (shown["comment_rate"] / 0.006) ** planted["power_of_comment_rate"]
    clicks = np.minimum(rng.poisson(views * planted["clicks_per_view"] * drive), views)
    sold = rng.binomial(clicks, planted["orders_per_click"])
    video = _log("video", posted, views, shown, clicks, sold)

    evening = np.flatnonzero(np.isin((np.arange(DAYS) + START.weekday()) % 7, (2, 4, 6)))
    live = orders[(orders["channel"] == "live") & (orders["status"] != "cancelled")]
    live = live.drop_duplicates("order_id")
    on = (live["ordered_at"].to_numpy() - START.to_datetime64()).astype(_DAY).astype(np.int64)
    sold = np.bincount(on, minlength=DAYS)[evening].astype(np.int64)
    views = _whole(planted["median_views"] * 0.6 * np.exp(0.5 * rng.standard_normal(len(evening)))) + 2 * sold
    clicks = sold + rng.binomial(views - sold, 0.03)
    shows = _log("live", evening * 86400 + 20 * 3600, views, _engagement(rng, views), clicks, sold)
    return pd.concat([video, shows]).sort_values(["posted_at", "video_id"], ignore_index=True)


def _whole(values: Floats) -> Ints:
    return np.maximum(np.rint(values), 1).astype(np.int64)


def _engagement(rng: np.random.Generator, views: Ints) -> dict[str, Any]:
    """Rates of each post, independent of one another and of its views, and the counts they give."""
    spread = {"like": (0.06, 0.5), "share": (0.008, 0.6), "comment": (0.006, 0.5)}
    shown: dict[str, Any] = {}
    for name, (middle, sigma) in spread.items():
        rate = np.minimum(middle * np.exp(sigma * rng.standard_normal(len(views))), 0.5)
        shown[f"{name}_rate"] = rate
        shown[f"{name}s"] = rng.binomial(views, rate)
    return shown


def _log(
    kind: str, posted: Ints, views: Ints, shown: Mapping[str, Any], clicks: Ints, sold: Ints
) -> pd.DataFrame:
    stamp = START.to_datetime64().astype("datetime64[us]") + posted.astype(_SECOND)
    return pd.DataFrame(
        {
            "video_id": [f"{kind[0].upper()}{1 + number:04d}" for number in range(len(posted))],
            "posted_at": stamp,
            "kind": kind,
            "views": views,
            "likes": shown["likes"],
            "shares": shown["shares"],
            "comments": shown["comments"],
            "clicks": clicks,
            "orders": sold,
        }
    )
