"""ABC analysis: which few products carry the shop, and which take back what others earn.

The one idea is the running total: rank by money, add up, and see how soon most of it is reached. Where
some values are negative the running total climbs over 100% and comes down again (the whale curve).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.money import decimals
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS = "ABCDEFGHIJ"
#: The class of a row that has no positive value.
LOSS = "loss"
#: What the items of a column are called; those of any other column are items.
CALLED = {
    "customer_id": "customers",
    "sku": "products",
    "product": "products",
    "category": "categories",
    "channel": "channels",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Abc(Result):
    """Classes of a ranking; `table` has one row an item, best first, with its class.

    Attributes:
        counts: Class to number of items.
        shares: Class to its share of the positive total.
        total: Sum of all values, losses included.
        peak: Highest running total as a share of `total`: above 1 where some items lose; None where the
            total is not positive.
        left_out: Items without a value.
        by: Column of the item.
    """

    by: str
    counts: dict[str, int]
    shares: dict[str, float]
    total: float
    peak: float | None
    left_out: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        shares, classes = data["cumulative_share"].to_list(), data["class"].to_list()
        colours = {name: plots.COLOURS[place] for place, name in enumerate(LETTERS[: len(plots.COLOURS)])}
        colours[LOSS] = plots.LOSS
        ax.plot(range(1, len(shares) + 1), shares, color=plots.MUTED, zorder=1)
        for name in dict.fromkeys(classes):
            places = [place for place, each in enumerate(classes, 1) if each == name]
            label = text.say("{name}: {n}", name=name, n=text.number(len(places)))
            ax.scatter(
                places, [shares[place - 1] for place in places], color=colours[name], label=label, zorder=2
            )
        ax.axhline(1, color=plots.MUTED, linewidth=1)
        plots.percent_axis(ax)
        ax.set_ylim(bottom=0)
        ax.set_xlabel(text.say("{things}, best first", things=called(self.by)))
        ax.set_ylabel(text.say("running share of the total"))
        ax.legend(loc="lower right")


def called(by: str) -> str:
    """Return what the items of a column are called, in the reader's language.

    Args:
        by: Name of the column.

    >>> called("customer_id"), called("colour")
    ('customers', 'items')
    """
    return text.say(CALLED.get(by, "items"))


def abc(
    frame: Any,
    by: str = "sku",
    value: str = "net_sales",
    thresholds: Sequence[float] = (0.8, 0.95),
) -> Abc:
    """Return each item's class by its place in the running total of `value`.

    Items are ranked by value, largest first, equal ones by name. An item is in class A while the running
    share of the positive total, in whole per cent, is at most the first threshold; in B up to the second;
    else in C. The first item is always A: the best product is never of the second class. Items without a
    positive value are of the class ``"loss"`` where they lose, of the last class where they are zero.

    Args:
        frame: A `profit.ProfitAndLoss` or a table, one row or more an item; rows of one item are added.
        by: Column of the item.
        value: Column of the money, such as ``"net_sales"`` or ``"contribution_2"``.
        thresholds: Rising fractions of the total at which classes end.

    Returns:
        `Abc`; its table has the item, value, share, cumulative_share (of the total, losses included, so
        that it may pass 1) and class. Items without a value are left out and counted.

    Raises:
        TableError: A column is missing.
        InputError: The thresholds do not rise from 0 to 1, or no item has a positive value.

    Source: Heizer and Render, *Operations Management* (ABC analysis); for losses Kaplan and Narayanan,
    "Measuring and managing customer profitability" (2001).

    >>> import pandas as pd
    >>> items = pd.DataFrame({"sku": ["x", "y", "z"], "net_sales": [10.0, 85.0, 5.0]})
    >>> abc(items).table["class"].tolist()
    ['A', 'B', 'C']
    """
    limits = [float(each) for each in thresholds]
    if not limits or limits != sorted(set(limits)) or limits[0] <= 0 or limits[-1] >= 1 or len(limits) > 9:
        raise InputError(
            f"thresholds are {tuple(thresholds)}: expected rising fractions such as (0.8, 0.95)."
        )
    currency = frame.currency if isinstance(frame, Result) else tables.currency_of(frame)
    native = frame.table if isinstance(frame, Result) else frame
    lazy = nw.from_native(native).lazy()
    present = lazy.collect_schema().names()
    for name in (by, value):
        if name not in present:
            raise TableError(str(unknown("column", name, present)))
    data = lazy.select(nw.col(by), nw.col(value).cast(nw.Float64)).collect()
    empty = nw.col(value).is_null() | nw.col(value).is_nan().fill_null(True)
    valued = data.filter(~empty)
    sums = valued.group_by(by).agg(nw.col(value).sum())
    # Engines add in different orders: without rounding, equal items could swap places.
    ranked = sums.with_columns(nw.col(value).round(decimals(currency) if currency else 6))
    ranked = ranked.sort(value, by, descending=[True, False], nulls_last=True)
    values = [float(each) for each in ranked[value].to_list()]
    positive, total = sum(each for each in values if each > 0), sum(values)
    if positive <= 0:
        raise InputError(f"No item has a positive {value}: there is no total to share out.")
    classes, running = [], 0.0
    for place, each in enumerate(values):
        running += max(each, 0.0)
        # Thresholds are whole per cents in the textbooks: 95.2% still is 95%.
        share = round(running / positive, 2)
        inside = next((name for name, limit in zip(LETTERS, limits, strict=False) if share <= limit), None)
        last = LETTERS[len(limits)]
        classes.append("A" if place == 0 else LOSS if each < 0 else (inside or last) if each > 0 else last)
    base = total if total > 0 else positive
    cumulative = [running / base for running in accumulate(values)]
    new = {"share": [each / base for each in values], "cumulative_share": cumulative}
    engine = ranked.implementation
    table = ranked.with_columns(
        *(nw.new_series(name, each, nw.Float64, backend=engine) for name, each in new.items()),
        nw.new_series("class", classes, nw.String, backend=engine),
    )
    names = [*LETTERS[: len(limits) + 1], LOSS]
    counts = {name: classes.count(name) for name in names if name in classes or name != LOSS}
    shares = {
        name: sum(each for each, own in zip(values, classes, strict=True) if own == name) / positive
        for name in counts
    }
    left_out = len(data) - len(valued)
    formats: dict[str, Format] = {value: "money", "share": "rate", "cumulative_share": "rate"}
    return Abc(
        table=tables.like(nw.maybe_reset_index(table), native),
        sentence=_sentence(called(by), counts, shares, values, total, currency, left_out),
        definition=text.say(
            "Ranked by {value}; an item is in class A while the running share of the positive total, in "
            "whole per cent, is at most {limit}; the first item is always A. Items that lose stand in a "
            "class of their own.",
            value=value.replace("_", " "),
            limit=text.percent(limits[0], 0),
        ),
        currency=currency,
        formats=formats,
        by=by,
        counts=counts,
        shares=shares,
        total=total,
        peak=max(cumulative) if total > 0 else None,
        left_out=left_out,
    )


def _sentence(
    things: str,
    counts: dict[str, int],
    shares: dict[str, float],
    values: Sequence[float],
    total: float,
    currency: str | None,
    left_out: int,
) -> str:
    earned = text.money(sum(each for each in values if each > 0), currency)
    said = [
        text.say(
            "Class A is {n} of {all} {things} and brings {share} of {earned}.",
            n=text.number(counts["A"]),
            all=text.number(len(values)),
            things=things,
            share=text.percent(shares["A"], 0),
            earned=earned,
        )
    ]
    if counts.get(LOSS):
        said.append(
            text.say(
                "Losing money: {n}; they take back {lost}, so {total} is left.",
                n=text.number(counts[LOSS]),
                lost=text.money(-sum(each for each in values if each < 0), currency),
                total=text.money(total, currency),
            )
        )
    if left_out:
        said.append(text.say("Left out, as their value is not known: {n}.", n=text.number(left_out)))
    return " ".join(said)
