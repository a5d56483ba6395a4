"""Do promotions wear off? The uplift of each against its place in the row.

One idea: a single promotion is too small to tell from the next. A line through all of them can tell, and says
when it cannot.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import text
from sellerlab.errors import check_rate
from sellerlab.offers.promotions import Promotions
from sellerlab.results import Result
from sellerlab.sold import made

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Fewest promotions with an uplift from which a trend is given.
MINIMUM = 4


@dataclass(frozen=True, kw_only=True, repr=False)
class Fatigue(Result):
    """Whether later promotions lift less; `table` has one row a promotion.

    Attributes:
        verdict: ``"fades"``, ``"grows"``, ``"unclear"`` or ``"too_few"`` (no numbers).
        each: Change of orders / usual orders from one promotion to the next, a share.
        low: Lower end of its interval.
        high: Upper end.
        first: Uplift of the first promotion on the line.
        last: Uplift of the last.
        next: Uplift that the line gives for the promotion after it.
    """

    verdict: str
    each: float | None
    low: float | None
    high: float | None
    first: float | None
    last: float | None
    next: float | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        for place, row in enumerate(rows):
            if row["uplift"] is not None and row["uplift"] == row["uplift"]:
                ax.plot([place, place], [row["low"], row["high"]], color=plots.TOTAL, linewidth=3, alpha=0.5)
                ax.plot(place, row["uplift"], "o", color=plots.TOTAL, markersize=8)
        if self.verdict != "too_few":
            ax.plot(range(len(rows)), [row["line"] for row in rows], "--", color=plots.LOSS)
        ax.axhline(0, color=plots.MUTED, linewidth=1)
        labels = [text.day(dt.date.fromisoformat(row["start"])) for row in rows]
        ax.set_xticks(range(len(rows)), labels, rotation=30, ha="right")
        plots.percent_axis(ax)
        ax.set_title(text.say("Uplift of one promotion after another"))


def fatigue(promotions: Promotions, *, confidence: float = 0.95) -> Fatigue:
    """Return how the uplift changes from one promotion to the next.

    log(orders / usual) = a + b x place, weighted by 1 / spread^2; each = exp(b) - 1, interval from
    1 / sqrt(sum of weights x (place - mean)^2).

    Args:
        promotions: What `promotions` gave.
        confidence: Level of the interval.

    Returns:
        `Fatigue`; one row a promotion with start, uplift, low, high and line.

    Raises:
        InputError: `confidence` is no fraction.

    Source: regression of effects weighted by their precision: M. Borenstein et al., *Introduction to
    Meta-Analysis*, 2009, chapter 20.

    >>> import pandas as pd
    >>> when = pd.date_range("2026-03-01", "2026-08-31")
    >>> days = ["2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"]
    >>> came = {pd.Timestamp(day): count for day, count in zip(days, (30, 27, 24, 21, 18))}
    >>> rows = [(f"{day}-{n}", day) for day in when for n in range(came.get(day, 15))]
    >>> sold = pd.DataFrame(rows, columns=["order_id", "ordered_at"]).assign(
    ...     sku="A", quantity=1, unit_price=100.0)
    >>> from sellerlab.offers.promotions import promotions
    >>> round(fatigue(promotions(sold, days=[(day, day) for day in days])).each, 3)
    -0.119
    """
    check_rate("confidence", confidence, below_high=True)
    frame = nw.from_native(promotions.table).lazy().collect()
    rows = [dict(row) for row in frame.rows(named=True)]
    known = [
        place
        for place, row in enumerate(rows)
        if row["spread"] is not None and row["spread"] == row["spread"]
    ]
    numbers: dict[str, Any] = dict.fromkeys(("each", "low", "high", "first", "last", "next"))
    line: list[float | None] = [None] * len(rows)
    verdict = "too_few"
    if len(known) >= MINIMUM:
        at = np.array(known, dtype=float)
        weight = np.array([rows[place]["spread"] ** -2 for place in known])
        height = np.array([math.log1p(rows[place]["uplift"]) for place in known])
        middle = float(weight @ at / weight.sum())
        around = float(weight @ (at - middle) ** 2)
        slope = float(weight @ ((at - middle) * height)) / around
        level = float(weight @ height / weight.sum()) - slope * middle
        half = NormalDist().inv_cdf((1 + confidence) / 2) / math.sqrt(around)
        fitted = [math.expm1(level + slope * place) for place in range(len(rows) + 1)]
        line = list(fitted[:-1])
        numbers = {
            name: math.expm1(slope + off) for name, off in (("each", 0), ("low", -half), ("high", half))
        }
        numbers |= {"first": fitted[0], "last": fitted[-2], "next": fitted[-1]}
        verdict = "fades" if slope + half < 0 else "grows" if slope - half > 0 else "unclear"
    columns = {name: [row[name] for row in rows] for name in ("start", "uplift", "low", "high")}
    return Fatigue(
        table=made({**columns, "line": line}, promotions.table),
        sentence=_sentence(verdict, numbers, len(rows), len(known), confidence),
        definition=text.say(
            "Weighted line through log(orders / usual orders) of the promotions in order of time. It says "
            "that the uplift changed, not why: season, discount and competitors may have changed as well."
        ),
        formats=dict.fromkeys(("uplift", "low", "high", "line"), "rate"),
        verdict=verdict,
        **numbers,
    )


def _sentence(verdict: str, numbers: dict[str, Any], count: int, known: int, confidence: float) -> str:
    if verdict == "too_few":
        return text.say(
            "{known} of {count} promotions have enough orders for an uplift; whether they wear off needs "
            "{least}.",
            known=known,
            count=count,
            least=MINIMUM,
        )
    words = {name: text.percent(each, 0) for name, each in numbers.items() if name in ("first", "last")}
    words |= {name: text.percent(each) for name, each in numbers.items() if name in ("each", "low", "high")}
    words |= {"count": text.number(count), "level": text.percent(confidence, 0)}
    template = {
        "fades": "The promotions wear off: over {count} of them the uplift goes from {first} to {last}. "
        "Orders against usual days change by {each} from each to the next ({level} interval {low} to "
        "{high}).",
        "grows": "The promotions lift more and more: over {count} of them the uplift goes from {first} to "
        "{last}. Orders against usual days change by {each} from each to the next ({level} interval {low} to "
        "{high}).",
        "unclear": "Whether the promotions wear off cannot be told from {count} of them: orders against "
        "usual days change by {each} from each to the next, {level} interval {low} to {high}.",
    }[verdict]
    return text.say(template, **words)
