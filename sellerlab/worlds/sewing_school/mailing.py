"""How buyers come: from a landing page through the mailing list to a first order; and the presale test.

First orders are given. Journeys that end earlier are drawn so that each step has its planted rate (a
Poisson stream of journeys, split by where each one ends).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.draws import Floats, choose
from sellerlab.worlds.sewing_school.parameters import (
    AS_OF,
    MAILING_DAYS,
    MAILING_REST,
    PRESALE_DAYS,
    SOURCES,
    STEPS,
)

#: Shortest and longest seconds from the step before: sign-up at once, mails over hours, an order over days.
_GAPS = np.array([(60, 600), (1200, 130_000), (20, 90_000), (1800, 430_000)])
_DAY = 86400


def mailing(
    rng: np.random.Generator, planted: Mapping[str, Any], orders: pd.DataFrame, hours: Floats
) -> pd.DataFrame:
    """Return the events of the journeys that began on `MAILING_DAYS` days, in order of time.

    Args:
        rng: The generator.
        planted: `truth["mailing"]`.
        orders: The school's orders; a customer's first one that was not cancelled ends a journey.
        hours: How busy each hour of the day is.
    """
    start = AS_OF - pd.Timedelta(days=MAILING_DAYS + MAILING_REST - 1)
    first = orders[orders["status"] != "cancelled"].drop_duplicates("customer_id")
    first = first[first["ordered_at"] >= start]
    # A buyer's times run back from the order, which is the one that is known.
    gaps = rng.integers(_GAPS[:, 0], _GAPS[:, 1], (len(first), len(_GAPS)))
    landed = ((first["ordered_at"] - start).dt.total_seconds()).to_numpy().astype(np.int64)
    landed -= gaps.sum(axis=1)
    inside = (landed >= 0) & (landed < MAILING_DAYS * _DAY)
    first, gaps, landed = first[inside], gaps[inside], landed[inside]

    share = np.array([planted["source_share"][name] for name in SOURCES])
    rates = np.array([list(planted["step_rates"][name].values()) for name in SOURCES])
    reach = np.cumprod(np.hstack([np.ones((len(SOURCES), 1)), rates]), axis=1)
    ends = reach * np.hstack([1 - rates, np.ones((len(SOURCES), 1))])
    buys = share * ends[:, -1]
    count = rng.poisson(len(first) / buys.sum() * share[:, None] * ends[:, :-1]).ravel()
    source, step = np.unravel_index(np.repeat(np.arange(count.size), count), (len(SOURCES), len(STEPS) - 1))
    buyer_source = choose(rng, buys[None, :], np.zeros(len(first), dtype=np.int64))

    idle = len(source)
    hour = rng.choice(24, idle, p=hours / hours.sum())
    came = rng.integers(0, MAILING_DAYS, idle) * _DAY + hour * 3600 + rng.integers(0, 3600, idle)
    source = np.concatenate([source, buyer_source])
    step = np.concatenate([step, np.full(len(first), len(STEPS) - 1)])
    gaps = np.concatenate([rng.integers(_GAPS[:, 0], _GAPS[:, 1], (idle, len(_GAPS))), gaps])
    since = np.hstack([np.zeros((len(step), 1), dtype=np.int64), gaps.cumsum(axis=1)])
    since += np.concatenate([came, landed])[:, None]
    names = np.array([f"m-{1 + number:06d}" for number in range(idle)], dtype=object)[rng.permutation(idle)]
    people = np.concatenate([names, first["customer_id"].to_numpy(dtype=object)])
    bought = np.concatenate([np.full(idle, np.nan, dtype=object), first["sku"].to_numpy(dtype=object)])

    row = np.repeat(np.arange(len(step)), step + 1)
    at_step = np.arange(len(row)) - np.repeat(np.cumsum(step + 1) - step - 1, step + 1)
    second = since[row, at_step]
    sku = np.where(at_step == len(STEPS) - 1, bought[row], np.nan)
    table = pd.DataFrame(
        {
            "user_id": people[row],
            "at": start.to_datetime64().astype("datetime64[us]") + second.astype("timedelta64[s]"),
            "event": np.array(STEPS, dtype=object)[at_step],
            "channel": np.array(SOURCES, dtype=object)[source[row]],
            "sku": sku,
        }
    )
    return table.iloc[np.lexsort((at_step, row, second))].reset_index(drop=True)


def presale(rng: np.random.Generator, planted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the days of a presale test: visitors, those who pledged, and those of them who paid.

    Args:
        rng: The generator.
        planted: `truth["presale"]`.
    """
    day = pd.date_range(end=AS_OF, periods=PRESALE_DAYS, unit="us")
    visitors = rng.poisson(planted["visitors_per_day"], PRESALE_DAYS)
    pledged = rng.binomial(visitors, planted["pledge_rate"])
    paid = rng.binomial(pledged, planted["paid_rate"])
    return pd.DataFrame({"day": day, "visitors": visitors, "pledged": pledged, "paid": paid})
