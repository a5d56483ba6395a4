"""The explorer of RFM cut-offs: say what is recent, gone, often and much, and see who lands where."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from sellerlab import text
from sellerlab.counted import quick
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result


def rfm_cutoffs(orders: Any, *, as_of: str | dt.date | None = None) -> Explorer:
    """Return the explorer of segments under own cut-offs; it starts near the fifths of these customers.

    Four sliders set the outer cut-offs, and the ones between follow: days grow by equal factors from
    "recent" to "gone", orders by equal steps from 2 to "often", and net sales double three times up to
    "much".

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, any frame narwhals knows.
        as_of: Day to which recency is counted; the last day of the data by default.

    Raises:
        InputError: No paid order names a customer, or there are too few customers for fifths.
    """
    from sellerlab.segments import MINIMUM, rfm

    lines = quick(orders)  # once, as every move of a slider scans them
    found = rfm(lines, as_of=as_of)
    if found.cuts is None:
        raise InputError(
            f"{found.n} customers are too few to start from their fifths: {MINIMUM} are needed. Give own "
            "cut-offs to segments.rfm."
        )
    recent, *_, gone = (max(each, 1.0) for each in found.cuts["recency_days"])
    often = min(max(_finite(found.cuts["orders"]), 3.0), 20.0)
    much = max(_finite(found.cuts["net_sales"]), 1.0)
    step = 10 * step_of(much)
    start = {"recent": recent, "gone": max(gone, recent + 1), "often": often}
    start["much"] = max(step * round(much / step), step)
    longest = max(730.0, 2 * start["gone"])

    def answer(recent: float, gone: float, often: float, much: float) -> Result:
        if gone <= recent:
            raise InputError(
                f"Gone from {gone:g} days on, but recent below {recent:g}: gone must be the longer time."
            )
        factor = (gone / recent) ** (1 / 3)
        days = tuple(float(round(recent * factor**place)) for place in range(4))
        counts = tuple(float(math.ceil(2 + (often - 2) * place / 3 - 1e-9)) for place in range(4))
        money = tuple(much / 2**place for place in (3, 2, 1, 0))
        cuts = {"recency_days": days, "orders": counts, "net_sales": money}
        return rfm(lines, as_of=found.as_of, cuts=cuts)

    def count(name: str, label: str, low: float, high: float) -> Control:
        return Control(name=name, label=label, low=low, high=high, step=1, kind="count")

    amount = text.say("Much: from")
    controls = (
        count("recent", text.say("Recent: days below"), 1, longest),
        count("gone", text.say("Gone: days from"), 2, longest),
        count("often", text.say("Often: orders from"), 2, 20),
        Control(
            name="much",
            label=f"{amount} ({found.currency})" if found.currency else amount,
            low=step,
            high=max(4 * start["much"], 10 * step),
            step=step,
        ),
    )
    return Explorer(answer, controls, start)


def _finite(limits: tuple[float, ...]) -> float:
    """Return the highest cut-off that a value reaches; where ties leave the top fifth empty, one below."""
    return max((each for each in limits if math.isfinite(each)), default=1.0)
