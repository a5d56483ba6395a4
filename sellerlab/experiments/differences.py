"""Did the change work, where nobody could be split? Before and after, against products left alone.

One idea: sales before and after a change also hold season, holidays and the market. Products that were not
changed went through the same weeks, so only what the changed ones did *beyond* them counts. Dates on which
nothing happened show how often that comparison raises an alarm by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import pandas as pd

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.experiments.variants import p_words
from sellerlab.experiments.weekly import SELLING_WEEKS, Effect, effect, full_weeks, window
from sellerlab.results import Result
from sellerlab.tables import ORDERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: From this share of placebo dates with an alarm on, the control products are no control.
_TOO_MANY = 0.2
#: Fewest placebo dates from which that is said.
_PLACEBOS = 5
_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, kw_only=True, repr=False)
class Difference(Result):
    """Difference in differences: what a change did beyond what would have come anyway.

    Attributes:
        verdict: ``"more"``, ``"less"``, ``"unclear"``, ``"controls_differ"`` (too many alarms on dates
            without a change: the numbers stand, but do not use them) or ``"too_few"`` (no numbers).
        effect: Change of the treated products beyond the controls, a share (0.2 for 20% more).
        low: Lower end of its interval.
        high: Upper end.
        p: p-value.
        naive: Change of the treated products alone, which season and market are in.
        placebo_dates: Dates without a change on which the same test was made.
        placebo_alarms: How many of them raised an alarm.
        year_before: The same test 52 weeks before: a season the controls do not share shows here.
        weeks: Sales of both groups by week from the change, for the picture.
        changed_on: First day of the change.
    """

    verdict: str
    effect: float | None
    low: float | None
    high: float | None
    p: float | None
    naive: float | None
    placebo_dates: int
    placebo_alarms: int
    year_before: Effect | None
    weeks: pd.DataFrame = field(compare=False)
    changed_on: dt.date

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Changed products against those left alone"))
        before = self.weeks[self.weeks["week"] < 0]
        if before.empty or not before["treated"].sum() or not before["control"].sum():
            ax.text(0.5, 0.5, text.say("no number"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        usual = before["treated"].sum() / before["control"].sum()
        shown = self.weeks[self.weeks["control"] > 0]
        ax.plot(
            shown["week"] + 0.5,
            shown["treated"] / shown["control"] / usual - 1,
            "o-",
            color=plots.MUTED,
            markersize=4,
            label=text.say("each week"),
        )
        ax.axvline(0, color=plots.LOSS, linestyle="--", label=text.say("the change"))
        if self.effect is not None and self.low is not None and self.high is not None:
            ends = [0, self.weeks["week"].max() + 1]
            ax.fill_between(ends, self.low, self.high, color=plots.TOTAL, alpha=0.2, linewidth=0)
            ax.plot(ends, [self.effect] * 2, color=plots.TOTAL, linewidth=2, label=text.say("effect"))
        ax.plot([self.weeks["week"].min(), 0], [0, 0], color=plots.TOTAL, linewidth=2)
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("weeks from the change"))
        ax.set_ylabel(text.say("changed / left alone, before = 0"))
        ax.legend()


def difference_in_differences(
    orders: Any,
    treated: Sequence[str],
    changed_on: dt.date,
    *,
    controls: Sequence[str] | None = None,
    value: Literal["quantity", "amount"] = "quantity",
    weeks_before: int = 8,
    weeks_after: int = 8,
    minimum_after: int = 2,
    as_of: dt.date | None = None,
    confidence: float = 0.95,
    currency: str | None = None,
    **names: str,
) -> Difference:
    """Compare changed products before and after with products left alone in the same weeks.

    effect = (T_after / C_after) / (T_before / C_before) - 1. Error of its logarithm: sqrt(phi (1 / T_after +
    1 / C_after + 1 / T_before + 1 / C_before)), phi the weekly spread of T / (T + C) against binomial, t with
    weeks - 2 degrees of freedom. Weeks are the sample, however many lines they have: an effect needs
    `weeks_before` and `minimum_after` full weeks, in 4 of those before a sale of each group, and one after.

    Args:
        orders: Order lines (`tables.ORDERS`), or totals of a day or a week; any frame narwhals knows. Paid
            sales count.
        treated: SKUs that were changed.
        changed_on: First day of the change. Weeks are counted from it.
        controls: SKUs left alone that share the season and do not replace the treated; by default all others.
        value: What is compared: units, or amounts charged.
        weeks_before: Full weeks before the change, 4 or more.
        weeks_after: Full weeks after it at most.
        minimum_after: Fewest full weeks after it from which an effect is given.
        as_of: Last day of the data; by default the day of the last order. Of weeks dated on their first day
            the last one is full only with it.
        confidence: Level of the interval; an alarm is p below 1 - confidence.
        currency: ISO code of the amounts; taken from the table where it has it.
        **names: The caller's own column names, as ``sku="product_code"``.

    Returns:
        A `Difference`: one row for the change, for each placebo date (every week early enough that its whole
        window lies before the change), and for the same weeks a year before.

    Raises:
        InputError: A SKU is not in the orders or in both groups, or a column is missing.

    Source: D. Card, A. Krueger, Minimum wages and employment, 1994; M. Bertrand et al., How much should we
    trust differences-in-differences estimates?, 2004 (placebo dates).

    >>> days = [dt.datetime(2026, 1, 5) + dt.timedelta(days=k) for k in range(112)]
    >>> rows = [(f"{s}{k}", d, s, 2 + (k % 3) + 2 * (s == "A" and k >= 56), 1.0)
    ...         for k, d in enumerate(days) for s in "AB"]
    >>> lines = pd.DataFrame(rows, columns=["order_id", "ordered_at", "sku", "quantity", "unit_price"])
    >>> result = difference_in_differences(lines, ["A"], dt.date(2026, 3, 2))
    >>> round(result.effect, 2), result.verdict
    (0.67, 'more')
    """
    check_rate("confidence", confidence, below_high=True)
    if value not in ("quantity", "amount"):
        raise unknown("value", value, ("quantity", "amount"))
    for name, count, least in (
        ("weeks_before", weeks_before, SELLING_WEEKS),
        ("weeks_after", weeks_after, 1),
        ("minimum_after", minimum_after, 1),
    ):
        if count < least:
            raise InputError(f"{name} is {count}: expected {least} or more.")
    changed_on = changed_on.date() if isinstance(changed_on, dt.datetime) else changed_on
    as_of = as_of.date() if isinstance(as_of, dt.datetime) else as_of
    lazy = tables.use(orders, ORDERS, ["ordered_at", "sku", value, "status", "kind"], **names)
    days = _days(lazy, [str(each) for each in treated], controls, value)
    weeks = full_weeks(days, changed_on, as_of)
    after = min(weeks_after, int(weeks["week"].max()) + 1 if len(weeks) else 0)
    before = int((weeks["week"] < 0).sum())
    real = weeks[(weeks["week"] >= -weeks_before) & (weeks["week"] < max(after, 0))]
    made = None
    if before >= weeks_before and after >= minimum_after:
        made = effect(weeks, 0, weeks_before, after, confidence)
    placebos: dict[int, Effect] = {}
    year = None
    if made is not None:
        first = int(weeks["week"].min())
        tried = {w: effect(weeks, w, weeks_before, after, confidence) for w in range(first, -after + 1)}
        placebos = {week: each for week, each in tried.items() if each is not None}
        year = effect(weeks, -52, weeks_before, after, confidence)
    alarms = sum(each.p < 1 - confidence for each in placebos.values())
    naive = None
    if made is None:
        verdict = "too_few"
    else:
        groups = real["treated"].groupby(real["week"] >= 0).mean()
        naive = float(groups[True] / groups[False] - 1)
        if len(placebos) >= _PLACEBOS and alarms >= _TOO_MANY * len(placebos):
            verdict = "controls_differ"
        elif made.p < 1 - confidence:
            verdict = "more" if made.effect > 0 else "less"
        else:
            verdict = "unclear"
    shown = [("change", 0, made)] if made else []
    shown += [("placebo", week, placebos[week]) for week in sorted(placebos, reverse=True)]
    shown += [("year before", -52, year)] if year else []
    rows = [_row(weeks, kind, week, each, weeks_before, after, changed_on) for kind, week, each in shown]
    columns = ["what", "date", "weeks_before", "weeks_after", *_GROUPS, "effect", "low", "high", "p"]
    money = value == "amount"
    code = (currency or tables.currency_of(orders)) if money else None
    return Difference(
        table=tables.like(nw.from_native(pd.DataFrame(rows, columns=columns)), orders),
        sentence=_sentence(
            verdict,
            made,
            naive,
            placebos,
            alarms,
            year,
            weeks_before,
            before,
            after,
            minimum_after,
            confidence,
        ),
        definition=text.say(
            "Effect = (treated after / controls after) / (treated before / controls before) - 1, of {value} "
            "of paid sales in full weeks from {day}; refunds and cancelled lines are left out. Interval "
            "{level}, widened by the weekly spread. It holds if both groups would have moved alike, and if "
            "buyers did not move from one group to the other.",
            value=text.say("units") if value == "quantity" else text.say("amounts charged"),
            day=text.day(changed_on),
            level=text.percent(confidence, 0),
        ),
        currency=code,
        formats={
            **dict.fromkeys(("weeks_before", "weeks_after"), "count"),
            **dict.fromkeys(_GROUPS, "money" if money else "count"),
            **dict.fromkeys(("effect", "low", "high"), "rate"),
            "p": "p",
        },
        verdict=verdict,
        effect=made.effect if made else None,
        low=made.low if made else None,
        high=made.high if made else None,
        p=made.p if made else None,
        naive=naive,
        placebo_dates=len(placebos),
        placebo_alarms=alarms,
        year_before=year,
        weeks=real.reset_index(drop=True),
        changed_on=changed_on,
    )


_GROUPS = ("treated_before", "treated_after", "controls_before", "controls_after")


def _days(
    lazy: nw.LazyFrame[Any], treated: list[str], controls: Sequence[str] | None, value: str
) -> pd.DataFrame:
    """Return the value by day and group."""
    rest = None if controls is None else [str(each) for each in controls]
    both = sorted(set(treated) & set(rest or ()))
    if both:
        raise InputError(
            f"{', '.join(map(repr, both))} is both treated and control: a product is one of them."
        )
    sales = lazy.filter((nw.col("status") == "paid") & (nw.col("kind") == "sale"))
    known = sales.select("sku").unique().collect()["sku"].drop_nulls().to_list()
    for sku in [*treated, *(rest or ())]:
        if sku not in known:
            raise unknown("sku with a paid sale", sku, known)
    if not treated or not set(known) - set(treated):
        raise InputError("Both groups need a product: name the changed SKUs, and leave some others alone.")
    if rest is not None:
        sales = sales.filter(nw.col("sku").is_in([*treated, *rest]))
    grouped = (
        sales.filter(~nw.col("sku").is_null())
        .with_columns(
            nw.col("ordered_at").cast(nw.Datetime).dt.truncate("1d").alias("day"),
            nw.when(nw.col("sku").is_in(treated)).then(nw.lit(1)).otherwise(nw.lit(0)).alias("group"),
            nw.col(value).cast(nw.Float64).alias("value"),
        )
        .group_by("day", "group")
        .agg(nw.col("value").sum())
        .collect()
    )
    days = [each.date() if isinstance(each, dt.datetime) else each for each in grouped["day"].to_list()]
    made = pd.DataFrame({"day": days, "group": grouped["group"].to_list()})
    made["value"] = [float(each or 0) for each in grouped["value"].to_list()]
    return made.sort_values(["day", "group"], ignore_index=True)


def _row(
    weeks: pd.DataFrame, kind: str, week: int, made: Effect, before: int, after: int, changed_on: dt.date
) -> list[Any]:
    found = window(weeks, week, before, after)
    assert found is not None
    own, late = found
    sums = [own[name].to_numpy()[part].sum() for name in ("treated", "control") for part in (~late, late)]
    date = pd.Timestamp(changed_on + week * _WEEK)
    return [text.say(kind), date, before, after, *sums, made.effect, made.low, made.high, made.p]


def _signed(share: float) -> str:
    return ("+" if share > 0 else "") + text.percent(share)


def _sentence(
    verdict: str,
    made: Effect | None,
    naive: float | None,
    placebos: dict[int, Effect],
    alarms: int,
    year: Effect | None,
    weeks_before: int,
    before: int,
    after: int,
    minimum_after: int,
    confidence: float,
) -> str:
    if made is None:
        return text.say(
            "Too little to tell: {before} full weeks before and {after} after the change. Needed are "
            "{wanted} before and {minimum} after; the changed products, and the others, each have to sell in "
            "at least {selling} of the weeks before, and in one after.",
            before=text.number(before),
            after=text.number(max(after, 0)),
            wanted=text.number(weeks_before),
            minimum=text.number(minimum_after),
            selling=text.number(SELLING_WEEKS),
        )
    words = {
        "effect": _signed(made.effect),
        "low": _signed(made.low),
        "high": _signed(made.high),
        "level": text.percent(confidence, 0),
        "p": p_words(made.p),
        "naive": _signed(naive or 0.0),
        "before": text.number(weeks_before),
        "after": text.number(after),
        "alarms": text.number(alarms),
        "dates": text.number(len(placebos)),
    }
    parts = [
        text.say(
            "The changed products sold {effect} beyond the others, {level} interval {low} to {high}, {p} "
            "({before} weeks before, {after} after). Before and after alone would say {naive}.",
            **words,
        )
    ]
    if verdict == "unclear":
        parts.append(text.say("This may be chance."))
    if verdict == "controls_differ":
        parts.append(
            text.say(
                "But on {alarms} of {dates} dates without a change the same test sees an effect too: the "
                "others do not move with the changed products. Choose other controls.",
                **words,
            )
        )
    elif placebos:
        parts.append(text.say("Without a change, {alarms} of {dates} earlier dates raise an alarm.", **words))
    if year is not None and year.p < 1 - confidence:
        parts.append(
            text.say(
                "Careful, the same weeks a year before moved by {year} ({low_year} to {high_year}): a season "
                "the others do not share.",
                year=_signed(year.effect),
                low_year=_signed(year.low),
                high_year=_signed(year.high),
            )
        )
    return " ".join(parts)
