"""How many subscribers stay at each renewal, counted fairly.

The one idea: a renewal counts for those subscribers only who are old enough to have come to it, those who
left included. Counting who left early among them, and leaving out who has not come so far yet, would show too
much churn.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.counted import day_of
from sellerlab.errors import InputError
from sellerlab.intervals import share_words, wilson
from sellerlab.results import Result
from sellerlab.retention.subscribers import NEVER, Subscribed, stamp, subscribed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Renewals(Result):
    """Renewals and losses; `table` has one row a renewal.

    Attributes:
        as_of: Last day that the data are known for.
        subscribers: Subscribers, each with the first time he subscribed.
        months: Months of a period.
        at_risk: Subscribers who came to each renewal; with `lost` what `retention.sbg` takes.
        lost: Those of them who left there.
    """

    as_of: dt.date
    subscribers: int
    months: int
    at_risk: tuple[float, ...]
    lost: tuple[float, ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        for row in rows:
            place = row["renewal"]
            if row["churn"] is not None and row["churn"] == row["churn"]:
                ax.plot([place, place], [row["low"], row["high"]], color=plots.TOTAL, linewidth=3, alpha=0.5)
                ax.plot([place], [row["churn"]], "o", color=plots.TOTAL)
        step = -(-len(rows) // 10)
        names = [text.say("{k}\n({n})", k=int(row["renewal"]), n=text.number(row["at_risk"])) for row in rows]
        ax.set_xticks([row["renewal"] for row in rows][::step], names[::step])
        ax.set_ylim(bottom=0)
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("renewal (subscribers who came to it)"))
        ax.set_title(text.say("Share of subscribers who leave at each renewal"))


def renewals(
    subscriptions: Any,
    *,
    months: int = 1,
    as_of: str | dt.date | None = None,
    minimum: int = 10,
    confidence: float = 0.95,
    **names: str,
) -> Renewals:
    """Return how many subscribers came to each renewal and how many left there.

    churn at renewal t = lost(t) / at risk(t), over subscribers who started t periods before `as_of` or
    earlier

    Rows of one subscriber without a day between them are one subscription, so that a change of plan is no
    loss. Only the first subscription of each counts.

    Args:
        subscriptions: One row a subscription (`subscriptions.SUBSCRIPTIONS`), any frame narwhals knows.
        months: Months of a period: 1 for monthly renewals, 12 for yearly ones.
        as_of: Last day that the data are known for; the last start or end in the data by default.
        minimum: Fewest subscribers at risk from which a churn is given.
        confidence: Level of the intervals.
        **names: The caller's own column names.

    Returns:
        `Renewals`; its table has renewal, at_risk, lost, churn, low, high and staying (the share still
        there after it).

    Raises:
        TableError: A column is missing.
        InputError: `months` is not 1 or more, or nobody has come to a renewal yet.

    Source: P. Fader, B. Hardie, How to project customer retention, *Journal of Interactive Marketing*, 2007.

    >>> import pandas as pd
    >>> subscriptions = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "price": 10.0,
    ...     "started_at": pd.to_datetime(["2026-01-05", "2026-01-20"]),
    ...     "ended_at": pd.to_datetime(["2026-03-05", None]),
    ... })
    >>> found = renewals(subscriptions, as_of="2026-03-25")
    >>> found.at_risk, found.lost
    ((2.0, 2.0), (0.0, 1.0))
    """
    if months < 1 or int(months) != months:
        raise InputError(f"months is {months!r}: expected whole months of a period, 1 or 12.")
    found = subscribed(subscriptions, day_of("as_of", as_of), names)
    rows = _tenures(found, int(months)).collect().rows()
    subscribers = sum(int(n) for *_, n in rows)
    longest = max(int(last) for last, _, _ in rows)
    if not longest:
        raise InputError(
            f"Nobody has come to a renewal by {found.as_of}. Wait a period, or give as_of if the data are "
            "known for longer."
        )
    at_risk = [float(sum(n for last, _, n in rows if last >= t)) for t in range(1, longest + 1)]
    lost = [float(sum(n for last, left, n in rows if left and last == t)) for t in range(1, longest + 1)]
    risk, gone = np.array(at_risk), np.array(lost)
    enough = risk >= max(minimum, 1)
    low, high = wilson(gone, risk, confidence)
    staying = np.cumprod(1 - gone / risk)

    def column(values: Any) -> list[float | None]:
        return [float(value) if known else None for value, known in zip(values, enough, strict=True)]

    table: dict[str, list[Any]] = {
        "renewal": [float(t) for t in range(1, longest + 1)],
        "at_risk": at_risk,
        "lost": lost,
        "churn": column(gone / risk),
        "low": column(low),
        "high": column(high),
        "staying": column(staying),
    }
    return Renewals(
        table=tables.from_columns(table, subscriptions),
        sentence=_sentence(table, subscribers, minimum, confidence),
        definition=text.say(
            "Churn at a renewal = subscribers who left there / subscribers who came to it; it counts those "
            "only who started long enough before {day}, left or not. Rows of one subscriber without a gap "
            "are one subscription; later ones do not count. Interval: Wilson, {level}.",
            day=text.day(found.as_of),
            level=text.percent(confidence, 0),
        ),
        formats={
            "renewal": "count",
            "at_risk": "count",
            "lost": "count",
            "churn": "rate",
            "low": "rate",
            "high": "rate",
            "staying": "rate",
        },
        as_of=found.as_of,
        subscribers=subscribers,
        months=int(months),
        at_risk=tuple(at_risk),
        lost=tuple(lost),
    )


def _tenures(found: Subscribed, months: int) -> nw.LazyFrame[Any]:
    """Return the last renewal that each first subscription came to, whether it left there, and how many."""
    spans = found.spans.with_columns(
        reached=nw.col("end").cum_max().over("customer_id", order_by=["start", "end"])
    )
    spans = spans.with_columns(
        before=nw.col("reached").shift(1).over("customer_id", order_by=["start", "end"])
    )
    gap = nw.when(nw.col("start") > nw.col("before")).then(nw.lit(1)).otherwise(nw.lit(0))
    spans = spans.with_columns(gap=gap)
    spans = spans.with_columns(gaps=nw.col("gap").cum_sum().over("customer_id", order_by=["start", "end"]))
    people = spans.filter(nw.col("gaps") == 0).group_by("customer_id")
    first = people.agg(nw.col("start").min(), nw.col("end").max())
    now = nw.lit(stamp(found.as_of))
    lived = _months(nw.col("start"), now, whole=True) // months
    first = first.with_columns(
        lived=lived,
        left=(_months(nw.col("start"), nw.col("end"), whole=False) + (months - 1)) // months,
    )
    gone = (nw.col("end") <= now) & (nw.col("end") < NEVER)
    # Who left in a period that nobody of his age can have finished is known to have come to the one before.
    first = first.with_columns(
        lost=nw.when(gone & (nw.col("left") <= nw.col("lived"))).then(nw.lit(1)).otherwise(nw.lit(0))
    )
    last = nw.when(nw.col("lost") == 1).then(nw.col("left")).otherwise(nw.col("lived"))
    return first.with_columns(last=last).group_by("last", "lost").agg(nw.len())


def _months(start: nw.Expr, end: nw.Expr, *, whole: bool) -> nw.Expr:
    """Return months between two stamps: those completed, or those begun.

    Days 29 to 31 count as 28, because a month later there may be no such day.
    """
    months = end // 32 - start // 32
    begin, stop = ((each - each // 32 * 32).clip(None, 28.0) for each in (start, end))
    if whole:
        return months - nw.when(stop < begin).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    return (months + nw.when(stop > begin).then(nw.lit(1.0)).otherwise(nw.lit(0.0))).clip(1.0, None)


def _sentence(table: dict[str, list[Any]], subscribers: int, minimum: int, confidence: float) -> str:
    known = [place for place, each in enumerate(table["churn"]) if each is not None]
    if not known:
        return text.say(
            "{n} subscribers came to the first renewal: too few for a churn, at least {minimum} are needed.",
            n=text.number(table["at_risk"][0]),
            minimum=text.number(minimum),
        )
    words = {"level": text.percent(confidence, 0), "all": text.number(subscribers)}
    for place, name in ((0, "first"), (known[-1], "last")):
        words[f"t_{name}"] = text.number(table["renewal"][place])
        words[f"n_{name}"] = text.number(table["at_risk"][place])
        for part in ("churn", "low", "high", "staying"):
            words[f"{part}_{name}"] = share_words(table[part][place])
    said = text.say(
        "Of {n_first} subscribers who came to the first renewal {churn_first} left ({low_first} to "
        "{high_first}, {level} interval).",
        **words,
    )
    if known[-1]:
        said += " " + text.say(
            "Of {n_last} who came to renewal {t_last}, {churn_last} left ({low_last} to {high_last}); "
            "{staying_last} of those who began are still there after it.",
            **words,
        )
    return said
