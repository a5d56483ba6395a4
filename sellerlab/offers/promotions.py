"""What did the sale days bring on top? Promotions against the same weekdays around them.

One idea: most of what is sold in a promotion would have been sold anyway, for more. The same weekdays before
and after tell about how much; only the rest is the promotion's, and it has to pay for the discount on all.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

from sellerlab import tables, text
from sellerlab.costs import Costs
from sellerlab.counted import day_of, in_period, orders_in
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.margin.profit import profit_and_loss
from sellerlab.offers.usual_days import Day, Usual, usual
from sellerlab.purchases import ordinal
from sellerlab.results import Result
from sellerlab.sold import made

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Days = Sequence[tuple[str | dt.date, str | dt.date]]

#: Fewest orders of promotions, and of usual days, from which an uplift is given.
MINIMUM = 10


@dataclass(frozen=True, kw_only=True, repr=False)
class Promotions(Result):
    """What promotions brought on top of usual days; `table` has one row a promotion.

    Attributes:
        orders: Orders on the days of the promotions.
        usual: Orders that usual days would have brought.
        uplift: orders / usual - 1; None where there are too few orders.
        low: Lower end of its interval.
        high: Upper end.
        needed: Uplift at which they would have paid: what a usual order leaves / what one of the
            promotion leaves - 1. None where costs are not known or an order leaves nothing.
        contribution: What all orders of the promotions left (contribution 2); None without costs.
        usual_contribution: What usual days would have left.
        gain: contribution - usual_contribution.
        gain_low: Lower end of its interval.
        gain_high: Upper end.
    """

    orders: int
    usual: float
    uplift: float | None
    low: float | None
    high: float | None
    needed: float | None
    contribution: float | None
    usual_contribution: float | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: taller with more promotions."""
        return 1.9 + 0.42 * len(nw.from_native(self.table).lazy().collect())

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        places = range(len(rows))
        came, anyway = [row["orders"] for row in rows], [row["usual_orders"] for row in rows]
        ax.barh(places, came, height=0.75, color=plots.GAIN, label=text.say("came"))
        ax.barh(
            places, anyway, height=0.35, color=plots.MUTED, label=text.say("would have come on usual days")
        )
        ax.set_yticks(list(places), [text.day(dt.date.fromisoformat(row["start"])) for row in rows])
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        ax.set_xlabel(text.say("orders"))
        ax.set_title(text.say("Orders of promotions and of usual days"))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)


def promotions(
    orders: Any,
    products: Any = None,
    *,
    days: Days,
    costs: Costs | Mapping[str, Any] | None = None,
    channels: Sequence[str] = (),
    weeks: int = 2,
    confidence: float = 0.95,
    **names: str,
) -> Promotions:
    """Compare the days of promotions with the same weekdays in the weeks before and after.

    usual = for each day, (mean of the same weekdays before + mean after) / 2, other promotions left out.
    uplift = orders / usual - 1; gain = contribution 2 of the promotions - contribution 2 of usual days.
    Intervals: orders are counts with the spread that usual days show against each other; for the gain, orders
    also differ in what they leave.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid lines count.
        products: Products with `landed_cost`; without them and `costs` no gain is claimed.
        days: First and last day of each promotion.
        costs: Fees, parcels and tax; see `margin.Costs`.
        channels: Channels on which the promotions ran; all by default. The others are a check: there,
            the same days should show no uplift.
        weeks: Weeks before and after that tell what is usual.
        confidence: Level of the intervals.
        **names: The caller's own column names, as ``sku="product_code"``.

    Returns:
        `Promotions`; one row a promotion, in order of time: start, end, orders, usual_orders, uplift, low,
        high, contribution, usual_contribution, gain, and `spread`, the standard error of log(1 + uplift).

    Raises:
        InputError: There are no days, promotions overlap, or a promotion has no day to compare with.
        UnknownNameError: No order is of such a channel.

    Source: baseline and incremental sales: R. Blattberg, S. Neslin, *Sales Promotion*, 1990.

    >>> import pandas as pd
    >>> when = pd.date_range("2026-05-01", "2026-05-31")
    >>> sold = pd.DataFrame({
    ...     "order_id": [f"{day}-{n}" for day in when for n in range(9 if day.day in (15, 16) else 6)],
    ...     "ordered_at": [day for day in when for n in range(9 if day.day in (15, 16) else 6)],
    ...     "sku": "A", "quantity": 1, "unit_price": 1000.0,
    ... })
    >>> result = promotions(sold, days=[("2026-05-15", "2026-05-16")])
    >>> result.orders, result.usual, result.uplift
    (18, 12.0, 0.5)
    """
    check_rate("confidence", confidence, below_high=True)
    if weeks < 1:
        raise InputError(f"weeks is {weeks}: expected 1 or more weeks to compare with.")
    spans = _spans(days)
    lines = in_period(orders, names=names).filter(nw.col("status") == "paid")
    first, last = _ends(lines)
    lines = _of_channels(lines, channels)
    worth = None
    if products is not None and costs is not None:
        pnl = profit_and_loss(lines.to_native(), products, costs=costs, by="order_id")
        if pnl.contribution_2 is not None:
            found = nw.from_native(pnl.table).lazy().select("order_id", "contribution_2").collect().rows()
            worth = {order: float(left) for order, left in found if left is not None and left == left}
    each = _days(lines, worth)
    found_usual = usual(each, spans, first, last, weeks)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rows = [_row([span], found_usual, z) for span in spans]
    whole = _row(spans, found_usual, z)
    scalars = {name: whole[name] for name in Promotions.__annotations__ if name in whole}
    currency = tables.currency_of(orders)
    return Promotions(
        table=made({name: [row[name] for row in rows] for name in _COLUMNS}, orders),
        sentence=_sentence(len(spans), whole, confidence, currency),
        definition=text.say(
            "Usual = mean of the same weekdays in the {weeks} weeks before and after, other promotions left "
            "out. Uplift = orders / usual - 1. Gain = contribution 2 of the promotions - that of usual days. "
            "What buyers would have bought later, and on other channels, is not counted.",
            weeks=weeks,
        ),
        currency=currency,
        formats={
            "orders": "count",
            **dict.fromkeys(("uplift", "low", "high"), "rate"),
            **dict.fromkeys(("contribution", "usual_contribution", "gain"), "money"),
            **dict.fromkeys(("usual_orders", "spread"), "number"),
        },
        usual=whole["usual_orders"],
        **scalars,
    )


_COLUMNS = (
    "start",
    "end",
    "orders",
    "usual_orders",
    "uplift",
    "low",
    "high",
    "contribution",
    "usual_contribution",
    "gain",
    "spread",
)


def _spans(days: Days) -> list[tuple[dt.date, dt.date]]:
    spans = []
    for place, pair in enumerate(days):
        start, end = (day_of(f"days[{place}]", each) for each in pair)
        if start is None or end is None or start > end:
            raise InputError(f"days[{place}] is {pair!r}: expected a first and a last day, in this order.")
        spans.append((start, end))
    if not spans:
        raise InputError("days is empty: give the first and the last day of each promotion.")
    spans.sort()
    for (_, end), (start, _) in pairwise(spans):
        if start <= end:
            raise InputError(
                f"A promotion begins on {start}, before another ends on {end}: give each day once."
            )
    return spans


def _ends(lines: nw.LazyFrame[Any]) -> tuple[dt.date, dt.date]:
    day = ordinal("ordered_at")
    low, high = orders_in(lines).select(low=day.min(), high=day.max()).collect().rows()[0]
    if low is None or low != low:
        raise InputError("There is no paid order line: check the statuses.")
    return dt.date.fromordinal(int(low)), dt.date.fromordinal(int(high))


def _of_channels(lines: nw.LazyFrame[Any], channels: Sequence[str]) -> nw.LazyFrame[Any]:
    if not channels:
        return lines
    if "channel" not in lines.collect_schema().names():
        raise InputError("The orders do not say their channel: leave channels out.")
    known = {str(each) for (each,) in lines.select("channel").unique().collect().rows() if each is not None}
    for name in channels:
        if name not in known:
            raise unknown("channel", name, known)
    return lines.filter(nw.col("channel").is_in(list(channels)))


def _days(lines: nw.LazyFrame[Any], worth: Mapping[Any, float] | None) -> dict[dt.date, Day]:
    """Orders of each day, and sums and squares of what they left."""
    dated = orders_in(lines).group_by("order_id").agg(day=ordinal("ordered_at").min()).collect()
    frame = pd.DataFrame({"day": dated["day"].to_numpy()})
    left = [
        float("nan") if worth is None else worth.get(each, float("nan"))
        for each in dated["order_id"].to_list()
    ]
    frame["left"], frame["square"] = left, [each * each for each in left]
    sums = frame.groupby("day").agg(
        orders=("day", "size"), left=("left", "sum"), square=("square", "sum"), known=("left", "count")
    )
    return {
        dt.date.fromordinal(int(day)): Day(int(count), float(left), float(square), int(known))
        for day, count, left, square, known in sums.reset_index().to_numpy(dtype=float)
    }


def _row(spans: Sequence[tuple[dt.date, dt.date]], found: Usual, z: float) -> dict[str, Any]:
    """Numbers of one promotion, or of all together."""
    came, anyway = found.during(spans), found.instead(spans)
    row: dict[str, Any] = dict.fromkeys(_COLUMNS)
    row |= {"start": spans[0][0].isoformat(), "end": spans[-1][1].isoformat()}
    row |= {
        "orders": came.counted,
        "usual_orders": anyway.orders,
        "needed": None,
        "gain_low": None,
        "gain_high": None,
    }
    enough = came.counted >= MINIMUM and anyway.counted >= MINIMUM
    if enough:
        error = math.sqrt(found.spread * (1 / came.orders + anyway.squares / anyway.orders**2))
        ratio = came.orders / anyway.orders
        row |= {"uplift": ratio - 1, "low": ratio * math.exp(-z * error) - 1, "spread": error}
        row["high"] = ratio * math.exp(z * error) - 1
    if came.known == came.counted and anyway.known == anyway.counted and found.knows:
        row |= {"contribution": came.left, "usual_contribution": anyway.left, "gain": came.left - anyway.left}
        if enough:
            half = z * math.sqrt(found.spread * (came.left_squares + anyway.left_squares))
            row |= {"gain_low": row["gain"] - half, "gain_high": row["gain"] + half}
            before, after = anyway.left / anyway.orders, came.left / came.orders
            row["needed"] = before / after - 1 if after > 0 else None
    return row


def _sentence(count: int, row: Mapping[str, Any], confidence: float, currency: str | None) -> str:
    words = {
        "count": text.number(count),
        "orders": text.number(row["orders"]),
        "usual": text.number(row["usual_orders"]),
        "needed": text.number(MINIMUM),
        "level": text.percent(confidence, 0),
    }
    if row["uplift"] is None:
        return text.say(
            "In {count} promotions {orders} orders came; usual days would have brought about {usual}. That "
            "is too few to say what the promotions did: {needed} orders of each are needed.",
            **words,
        )
    words |= {name: text.percent(row[name], 0) for name in ("uplift", "low", "high")}
    if row["gain"] is None:
        return text.say(
            "In {count} promotions {orders} orders came; usual days would have brought about {usual}. The "
            "uplift is {uplift} ({level} interval {low} to {high}). Whether it paid needs the costs.",
            **words,
        )
    words |= {name: text.money(row[name], currency) for name in ("gain_low", "gain_high")}
    words["gain"] = text.money(abs(row["gain"]), currency)
    template = (
        "In {count} promotions {orders} orders came; usual days would have brought about {usual}: an uplift "
        "of {uplift} ({level} interval {low} to {high}). They left {gain} more than usual days ({gain_low} "
        "to {gain_high})."
        if row["gain"] >= 0
        else "In {count} promotions {orders} orders came; usual days would have brought about {usual}: an "
        "uplift of {uplift} ({level} interval {low} to {high}). They left {gain} less than usual days "
        "({gain_low} to {gain_high})."
    )
    return text.say(template, **words)
