"""Do customers come back? Cohorts, repeat rates, time to the second order, renewals.

The one idea: "retention" is said of four different shares, so each stands here with its definition and its
denominator. `cohorts`, `time_to_second_order` and `sbg` live in files of their own and are called from here:
``retention.cohorts(orders)``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.intervals import draw_intervals, share_words, wilson
from sellerlab.purchases import ordinal, purchases
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class RepeatRates(Result):
    """Four shares that are all called retention; `table` has one row a share.

    Attributes:
        as_of: Last day that the data are known for.
        days: Days of the period, of the one before it, and to come back in.
        customers: Customers with a paid order.
        repeat: Share of all customers who have bought on more than one day.
        within: Share of customers old enough to tell who bought again within `days` of their first order.
        returning: Share of the buyers of the last `days` who had bought on an earlier day.
        retained: Share of the buyers of the `days` before who bought in the last `days` too.
        unnamed: Paid orders whose customer the file does not name.
    """

    as_of: dt.date
    days: int
    customers: int
    repeat: float | None
    within: float | None
    returning: float | None
    retained: float | None
    unnamed: int

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: four lines."""
        return 3.2

    def _draw(self, ax: Axes) -> None:
        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        parts = [[row[name] for row in rows] for name in ("share", "low", "high")]
        names = [
            text.say("{share} ({n})", share=row["name"], n=text.number(row["customers"])) for row in rows
        ]
        draw_intervals(ax, names, *parts, rate=True)
        ax.set_title(text.say("Four shares that are called retention"))


def repeat_rates(
    orders: Any,
    *,
    days: int = 90,
    as_of: str | dt.date | None = None,
    minimum: int = 10,
    confidence: float = 0.95,
    **names: str,
) -> RepeatRates:
    """Return repeat rate, repeat rate within a time, returning customers and retention, side by side.

    - repeat rate = customers with orders on 2 days or more / all customers. It grows as the data grow.
    - within = those who bought again within `days` of their first order / customers whose first order is at
      least `days` ago. Everyone had the same time: the one to compare with.
    - returning customers = buyers of the last `days` with an earlier order day / buyers of the last `days`.
      It falls when a shop wins many new customers.
    - retention = buyers of both periods / buyers of the `days` before the last `days`.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, of all time.
        days: Length of a period.
        as_of: Last day that the data are known for; the day of the last line by default.
        minimum: Fewest customers from which a share is given.
        confidence: Level of the intervals.
        **names: The caller's own column names.

    Returns:
        `RepeatRates`; its table has name, of_them (numerator), customers (denominator), share, low, high.

    Raises:
        TableError: A column is missing.
        InputError: `days` is not above 0, or no paid order names its customer.

    Source: Farris et al., *Marketing Metrics*; interval: E. B. Wilson, 1927.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2", "3"], "customer_id": ["ann", "bob", "ann"],
    ...     "ordered_at": pd.to_datetime(["2026-03-02", "2026-03-20", "2026-04-20"]),
    ... })
    >>> result = repeat_rates(orders, days=30, as_of="2026-04-30", minimum=1)
    >>> result.repeat, result.within, result.returning, result.retained
    (0.5, 0.0, 1.0, 0.5)
    """
    if days < 1 or int(days) != days:
        raise InputError(f"days is {days!r}: expected a whole number of days above 0, such as 90.")
    found = purchases(orders, as_of, names)
    end = found.as_of.toordinal()
    counts = _counts(found.lines, end, int(days))
    covered = (found.as_of - found.first).days + 1
    if covered < 2 * days:
        # Part of the period before lies before the data: its buyers are not known.
        counts["before"], counts["both"] = 0.0, 0.0
    words = {"days": text.number(days), "minimum": text.number(max(minimum, 1))}
    parts = {
        "repeat": (text.say("repeat rate"), counts["twice"], counts["all"]),
        "within": (text.say("again within {days} days", **words), counts["soon"], counts["old"]),
        "returning": (text.say("returning customers"), counts["again"], counts["now"]),
        "retained": (text.say("retention"), counts["both"], counts["before"]),
    }
    enough = {name: n >= max(minimum, 1) for name, (_, _, n) in parts.items()}
    shares = {name: hits / n if enough[name] else None for name, (_, hits, n) in parts.items()}
    ends = {
        name: wilson(hits, n, confidence) if enough[name] else (None, None)
        for name, (_, hits, n) in parts.items()
    }
    table: dict[str, list[Any]] = {
        "name": [name for name, _, _ in parts.values()],
        "of_them": [hits for _, hits, _ in parts.values()],
        "customers": [n for _, _, n in parts.values()],
        "share": list(shares.values()),
        "low": [low for low, _ in ends.values()],
        "high": [high for _, high in ends.values()],
    }
    said = []
    for name, (_, _, n) in parts.items():
        if not enough[name]:
            continue
        low, high = ends[name]
        said.append(
            text.say(
                _SAID[name],
                n=text.number(n),
                share=share_words(shares[name]),
                low=share_words(low),
                high=share_words(high),
                **words,
            )
        )
    if not all(enough.values()):
        listed = ", ".join(parts[name][0] for name, known in enough.items() if not known)
        said.append(
            text.say(
                "Too few customers or too few days of data for: {names}; at least {minimum} customers and "
                "{twice} days are needed.",
                names=listed,
                twice=text.number(2 * days),
                minimum=words["minimum"],
            )
        )
    if found.unnamed:
        said.append(text.say("Orders that name no customer are left out: {n}.", n=text.number(found.unnamed)))
    return RepeatRates(
        table=tables.from_columns(table, orders),
        sentence=" ".join(said),
        definition=text.say(
            "Up to {day}; paid orders count, those of one day once. Repeat rate = customers with 2 order "
            "days or more / all. Again within {days} days = of those whose first order is {days} days ago "
            "or more. Returning customers = buyers of the last {days} days with an earlier order day. "
            "Retention = of the buyers of the {days} days before, those who bought in the last {days}. "
            "Interval: Wilson, {level}. The data begin on {first}: who bought before that "
            "counts as new at the first order since.",
            day=text.day(found.as_of),
            first=text.day(found.first),
            level=text.percent(confidence, 0),
            days=words["days"],
        ),
        formats={
            "of_them": "count",
            "customers": "count",
            "share": "rate",
            "low": "rate",
            "high": "rate",
        },
        as_of=found.as_of,
        days=int(days),
        customers=int(counts["all"]),
        repeat=shares["repeat"],
        within=shares["within"],
        returning=shares["returning"],
        retained=shares["retained"],
        unnamed=found.unnamed,
    )


_SAID = {
    "repeat": "Of {n} customers {share} ({low} to {high}) have bought on more than one day.",
    "within": "Of {n} whose first order is {days} days ago or more, {share} ({low} to {high}) bought again "
    "within {days} days.",
    "returning": "Of {n} who bought in the last {days} days, {share} ({low} to {high}) had bought before.",
    "retained": "Of {n} who bought in the {days} days before, {share} ({low} to {high}) bought in the last "
    "{days} too.",
}


def _counts(lines: nw.LazyFrame[Any], end: int, days: int) -> dict[str, float]:
    """Return numerators and denominators of the four shares, in one scan."""
    visits = lines.select("customer_id", day=ordinal("ordered_at")).unique()
    visits = visits.with_columns(first=nw.col("day").min().over("customer_id"))
    day, first = nw.col("day"), nw.col("first")

    def mark(condition: nw.Expr) -> nw.Expr:
        return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))

    people = (
        visits.with_columns(
            twice=mark(day > first),
            soon=mark((day > first) & (day <= first + days) & (first <= end - days)),
            old=mark(first <= end - days),
            now=mark(day > end - days),
            again=mark((day > end - days) & (day > first)),
            before=mark((day > end - 2 * days) & (day <= end - days)),
        )
        .group_by("customer_id")
        .agg(nw.col("twice", "soon", "old", "now", "again", "before").max())
        .with_columns(both=nw.col("now") * nw.col("before"), all=nw.lit(1.0))
    )
    names = ("all", "twice", "soon", "old", "now", "again", "before", "both")
    row = people.select(nw.col(*names).sum()).collect().rows(named=True)[0]
    return {name: float(row[name]) for name in names}
