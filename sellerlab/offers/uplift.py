"""What an offer really brought: against a holdout that got none, by segment, and what it gave away.

The one idea: buyers who used a coupon prove nothing, as some would have bought anyway. Only customers who
could have had the offer and were left out by lot show what would have come without it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.counted import day_of
from sellerlab.errors import check_rate
from sellerlab.experiments.variants import Split, not_read, split_check
from sellerlab.intervals import draw_intervals, newcombe, share_words
from sellerlab.offers.assigned import ALL, SUMS, people_of, strangers, sums_of
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Share of the customers assigned who have an order, below which that is said.
_FEW = 0.1
_VERDICTS = {
    "pays": "The offer pays: it added {gain} of contribution ({gain_low} to {gain_high}) over {n} "
    "customers, against {m} held out.",
    "costs": "The offer costs more than it brings: {gain} of contribution ({gain_low} to {gain_high}) "
    "over {n} customers, against {m} held out.",
    "unclear": "Whether the offer pays is not known: over {n} customers, against {m} held out, its "
    "effect on contribution is {gain} ({gain_low} to {gain_high}).",
}
_SURE = {"pays": "It surely pays for: {segments}.", "costs": "It surely costs for: {segments}."}


@dataclass(frozen=True, kw_only=True, repr=False)
class Uplift(Result):
    """What an offer brought against the holdout; `table` has one row a segment and one for all.

    Attributes:
        offered: Customers who got the offer.
        held_out: Customers who did not.
        uplift: Share of buyers with the offer less that without it.
        uplift_low: Lower end of its interval (Newcombe).
        uplift_high: Upper end.
        gain: Contribution that the offer added over all who got it, discounts paid.
        gain_low: Lower end of its interval (Welch).
        gain_high: Upper end.
        discount: Discounts that went out because of the offer.
        anyway: Share of the offer's buyers who would have bought without it.
        cannibalised: Discounts given to those.
        verdict: ``"pays"``, ``"costs"``, ``"unclear"``, ``"too_few"`` or ``"split_broken"``; the last two
            carry no numbers.
        split: The check of the split; None where no plan was given.
        matched: Customers of both groups who have an order in the table, on whatever day.
    """

    offered: int
    held_out: int
    matched: int
    uplift: float | None
    uplift_low: float | None
    uplift_high: float | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    discount: float | None
    anyway: float | None
    cannibalised: float | None
    verdict: str
    split: Split | None

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a segment."""
        return 1.7 + 0.45 * len(nw.from_native(self.table).lazy().collect())

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        columns = [data[name].to_list() for name in ("gain_each", "gain_each_low", "gain_each_high")]
        draw_intervals(ax, data["segment"].to_list(), *columns, against=0)
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say("Contribution the offer added, per customer who got it"))


def uplift(
    assigned: Any,
    orders: Any,
    *,
    start: str | dt.date,
    end: str | dt.date,
    margin: float,
    by: str | None = None,
    offer: str = "offer",
    holdout: str = "holdout",
    planned: Mapping[str, float] | None = None,
    trust_split: bool = False,
    minimum: int = 50,
    confidence: float = 0.95,
    **names: str,
) -> Uplift:
    """Return what an offer added against a holdout, by segment, and how much discount it gave away.

    contribution of a customer = net sales - (1 - margin) * (net sales + discounts), 0 for who bought nothing;
    both without the tax contained in prices
    gain of a customer = mean contribution with the offer - mean without it
    bought anyway = share of buyers without the offer / share with it, at most 1
    cannibalised discount = bought anyway * (discount per customer with the offer - without) * customers

    Args:
        assigned: One row a customer: customer_id, group, and the column `by`; any frame narwhals knows.
        orders: Order lines (`tables.ORDERS`) with `customer_id` and the discounts; paid lines count. Earlier
            orders of the customers, on whatever day, show that both tables name them alike.
        start: First day of the offer.
        end: Last day counted; leave time after the offer, as it also moves purchases forward.
        margin: What a sale at the full price leaves, as a share of it (0.4 for 40%).
        by: Column of `assigned` with the segment before the offer; none by default.
        offer: Name of the group that got the offer.
        holdout: Name of the group left out by lot.
        planned: Group to its planned weight, as ``{"offer": 9, "holdout": 1}``; with it the split is
            checked, and a broken one is not read.
        trust_split: Read the result of a broken split all the same.
        minimum: Customers in each group below which no number is given.
        confidence: Level of the intervals; those of segments are widened for their number (Bonferroni).
        **names: The caller's own column names in `orders`.

    Returns:
        `Uplift`; its table has segment, offered, held_out, bought_offer, bought_holdout, uplift,
        uplift_low, uplift_high, gain_each, gain_each_low, gain_each_high, discount, anyway, anyway_low,
        anyway_high, cannibalised and verdict.

    Raises:
        TableError: A column is missing, or a customer stands in two rows of `assigned`.
        InputError: A group is not known or empty, `margin` is no rate, the days are in the wrong order, or no
            customer assigned has an order in the table.

    Source: uplift against a holdout: R. Kohavi, D. Tang, Y. Xu, *Trustworthy Online Controlled
    Experiments*, 2020; interval of the ratio: D. Katz et al., 1978.

    >>> import pandas as pd
    >>> people = pd.DataFrame({"customer_id": [f"c{n}" for n in range(400)]})
    >>> people["group"] = ["offer"] * 200 + ["holdout"] * 200
    >>> buyers = [*range(60), *range(200, 240)]
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(n) for n in buyers], "customer_id": [f"c{n}" for n in buyers], "sku": "A",
    ...     "ordered_at": pd.Timestamp("2026-05-02"), "quantity": 1, "unit_price": 1000.0,
    ...     "discount": [100.0] * 60 + [0.0] * 40,
    ... })
    >>> result = uplift(people, orders, start="2026-05-01", end="2026-05-31", margin=0.4)
    >>> round(result.uplift, 3), round(result.anyway, 3), round(result.cannibalised), round(result.gain)
    (0.1, 0.667, 4000, 2000)
    """
    check_rate("margin", margin)
    check_rate("confidence", confidence, below_high=True)
    currency = tables.currency_of(orders)
    window = (day_of("start", start), day_of("end", end))
    people = people_of(assigned, by, offer, holdout)
    cells = sums_of(people, orders, window, margin, names)
    groups = {
        name: np.sum([row for (_, own), row in cells.items() if own == name], axis=0)
        for name in (offer, holdout)
    }
    matched = int(sum(each[-1] for each in groups.values()))
    if not matched:
        raise strangers(people, orders, names)
    split = None
    if planned is not None:
        heads = {name: float(groups[name][0]) for name in (offer, holdout)}
        split = split_check(heads, planned, unit="customers")
    read = trust_split or not (split and split.broken)
    segments = sorted({segment for segment, _ in cells}) if by else []
    level = 1 - (1 - confidence) / max(len(segments), 1)
    nothing = np.zeros(len(SUMS))
    least = minimum if read else math.inf
    rows = [
        _row(
            segment,
            cells.get((segment, offer), nothing),
            cells.get((segment, holdout), nothing),
            level,
            least,
        )
        for segment in segments
    ]
    whole = _row(ALL, groups[offer], groups[holdout], confidence, least)
    if not read:
        whole["verdict"] = "split_broken"
        rows = [row | {"verdict": "split_broken"} for row in rows]
    shown = [{**whole, "segment": text.say(ALL)}, *rows]
    gains = {
        end: None if whole[f"gain_each{end}"] is None else whole[f"gain_each{end}"] * whole["offered"]
        for end in ("", "_low", "_high")
    }
    result: dict[str, Any] = {
        **{name: whole[name] for name in ("uplift", "uplift_low", "uplift_high")},
        **{name: whole[name] for name in ("discount", "anyway", "cannibalised", "verdict")},
        **{f"gain{end}": each for end, each in gains.items()},
        "offered": int(whole["offered"]),
        "held_out": int(whole["held_out"]),
        "matched": matched,
    }
    return Uplift(
        table=tables.from_columns({name: [row[name] for row in shown] for name in whole}, orders),
        sentence=_sentence(result, whole, rows, split, currency, minimum),
        definition=text.say(
            "Paid orders of the customers assigned, {start} to {end}. Uplift = share of buyers with the "
            "offer - share without it; gain = mean contribution per customer with the offer - without, those "
            "who bought nothing at 0, contribution = net sales - (1 - {margin}) x (net sales + discounts), "
            "both without tax; "
            "bought anyway = share of buyers without / with the offer. {level} intervals: Newcombe, Welch, "
            "Katz; those of segments hold for all of them at once.",
            start=text.day(window[0] or dt.date.min),
            end=text.day(window[1] or dt.date.max),
            margin=text.percent(margin, 0),
            level=text.percent(confidence, 0),
        ),
        currency=currency,
        formats={
            **dict.fromkeys(("offered", "held_out"), "count"),
            **dict.fromkeys(("bought_offer", "bought_holdout"), "rate"),
            **dict.fromkeys(("uplift", "uplift_low", "uplift_high"), "rate"),
            **dict.fromkeys(("anyway", "anyway_low", "anyway_high"), "rate"),
            **dict.fromkeys(("gain_each", "gain_each_low", "gain_each_high"), "money"),
            **dict.fromkeys(("discount", "cannibalised"), "money"),
        },
        split=split,
        **result,
    )


def _row(segment: str, got: Any, left: Any, level: float, minimum: float) -> dict[str, Any]:
    n, m = float(got[0]), float(left[0])
    row: dict[str, Any] = {"segment": segment, "offered": n, "held_out": m}
    names = (
        *("bought_offer", "bought_holdout", "uplift", "uplift_low", "uplift_high"),
        *("gain_each", "gain_each_low", "gain_each_high", "discount", "anyway", "anyway_low", "anyway_high"),
    )
    if min(n, m) < max(minimum, 2):
        return row | dict.fromkeys((*names, "cannibalised")) | {"verdict": "too_few"}
    with_offer, without = got[1] / n, left[1] / m
    low, high = newcombe(left[1], m, got[1], n, level)
    gain, gain_low, gain_high = _welch(got, left, level)
    discount = max(float(got[4] / n - left[4] / m), 0.0) * n
    anyway, anyway_low, anyway_high = _anyway(got, left, level)
    verdict = "pays" if gain_low > 0 else "costs" if gain_high < 0 else "unclear"
    numbers = (with_offer, without, with_offer - without, low, high, gain, gain_low, gain_high, discount)
    told = (None if each is None else float(each) for each in (*numbers, anyway, anyway_low, anyway_high))
    row |= dict(zip(names, told, strict=True))
    return row | {"cannibalised": None if anyway is None else anyway * discount, "verdict": verdict}


def _welch(got: Any, left: Any, level: float) -> tuple[float, float, float]:
    """Difference of the mean values and its interval, without taking the spreads for equal."""
    from scipy.special import stdtrit

    means, errors, sizes = [], [], []
    for cell in (got, left):
        n, mean = cell[0], cell[2] / cell[0]
        means.append(mean)
        errors.append(max(cell[3] - n * mean**2, 0.0) / (n - 1) / n)
        sizes.append(n)
    error = sum(errors)
    if error <= 0:
        return means[0] - means[1], means[0] - means[1], means[0] - means[1]
    degrees = error**2 / sum(each**2 / (n - 1) for each, n in zip(errors, sizes, strict=True))
    half = float(stdtrit(degrees, (1 + level) / 2)) * math.sqrt(error)
    return means[0] - means[1], means[0] - means[1] - half, means[0] - means[1] + half


def _anyway(got: Any, left: Any, level: float) -> tuple[float | None, float | None, float | None]:
    """Share of the offer's buyers who would have bought without it, with Katz's interval of a ratio."""
    from scipy.special import ndtri

    if not got[1]:
        return None, None, None  # nobody to ask about
    ratio = left[1] / left[0] / (got[1] / got[0])
    if not left[1]:
        return 0.0, None, None
    error = math.sqrt(max(1 / got[1] - 1 / got[0] + 1 / left[1] - 1 / left[0], 0.0))
    half = math.exp(float(ndtri((1 + level) / 2)) * error)
    return min(ratio, 1.0), min(ratio / half, 1.0), min(ratio * half, 1.0)


def _sentence(
    found: Mapping[str, Any],
    whole: Mapping[str, Any],
    rows: list[dict[str, Any]],
    split: Split | None,
    currency: str | None,
    minimum: int,
) -> str:
    words = {
        "n": text.number(found["offered"]),
        "m": text.number(found["held_out"]),
        "minimum": text.number(minimum),
    }
    if found["verdict"] == "split_broken" and split:
        return not_read("split_broken", split, (), (), minimum)
    if found["verdict"] == "too_few":
        return text.say(
            "{n} customers got the offer and {m} did not: each group needs at least {minimum}.", **words
        )
    words |= {
        "with": text.percent(whole["bought_offer"]),
        "without": text.percent(whole["bought_holdout"]),
        **{name: share_words(whole[name], signed=True) for name in ("uplift", "uplift_low", "uplift_high")},
    }
    for name in ("gain", "gain_low", "gain_high", "discount", "cannibalised"):
        words[name] = text.money(0.0 if found[name] is None else found[name], currency)
    said = [text.say(_VERDICTS[found["verdict"]], **words)]
    said.append(
        text.say(
            "With it {with} bought, without it {without}: a difference of {uplift} ({uplift_low} to "
            "{uplift_high}).",
            **words,
        )
    )
    if found["anyway"] is not None and found["discount"] > 0:
        said.append(
            text.say(
                "{anyway} of its buyers would have bought anyway; they took {cannibalised} of the "
                "{discount} of discounts.",
                anyway=text.percent(found["anyway"], 0),
                **words,
            )
        )
    for verdict, template in _SURE.items():
        named = [row["segment"] for row in rows if row["verdict"] == verdict]
        if named:
            said.append(text.say(template, segments=", ".join(text.say(name) for name in named)))
    everybody = found["offered"] + found["held_out"]
    if found["matched"] < _FEW * everybody:
        said.append(
            text.say(
                "Only {matched} of these {all} customers have any order in the table: where more have "
                "bought, the two tables name customers differently.",
                matched=text.number(found["matched"]),
                all=text.number(everybody),
            )
        )
    if split is None:
        said.append(text.say("Whether the split was as planned was not checked: give planned=."))
    return " ".join(said)
