"""Who moved between segments from one date to another.

The one idea: both dates are scored with the same cut-offs, those of the first date. With fifths cut anew a
customer would move because others did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.intervals import wilson
from sellerlab.results import Result
from sellerlab.segments.scores import GRID, MINIMUM, Cuts, Grid, cut_offs, segments_of, with_segment
from sellerlab.segments.values import bought

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The place of those who have no order in the period counted.
OUTSIDE = "no order"

_GOOD = ("Champions", "Loyal")
_QUIET = ("Needs attention", "At risk", "Almost lost", "Previously loyal", "Dormant", OUTSIDE)


@dataclass(frozen=True, kw_only=True, repr=False)
class Migration(Result):
    """Moves between segments; `table` has one row a move that happened.

    Attributes:
        before: First date.
        after: Second date.
        customers: Customers with an order at the first date.
        stayed: Those of them in the same segment at the second date.
        new: Customers at the second date who had no order at the first.
        cuts: Cut-offs used at both dates; None where there were too few customers.
        moves: (from, to) to customers, with the segments' own names.
        order: Segments in the order of the picture.
    """

    before: dt.date
    after: dt.date
    customers: int
    stayed: int | None
    new: int
    cuts: Mapping[str, tuple[float, ...]] | None
    moves: Mapping[tuple[str, str], int]
    order: tuple[str, ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a segment."""
        return 2.2 + 0.38 * len(self.order)

    def _draw(self, ax: Axes) -> None:
        if not self.moves:
            ax.text(0.5, 0.5, text.say("too few customers"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        # "No order" is where the new ones come from, and with all history counted nobody goes there.
        names, goals = (
            [
                name
                for name in self.order
                if any(name == move[side] if name == OUTSIDE else name in move for move in self.moves)
            ]
            for side in (0, 1)
        )
        counts = np.array(
            [[self.moves.get((start, end), 0) for end in goals] for start in names], dtype=float
        )
        whole = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, whole, out=np.zeros_like(counts), where=whole > 0)
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for row, column in zip(*np.nonzero(counts), strict=True):
            colour = "white" if shares[row, column] > 0.55 else "black"
            ax.text(column, row, text.percent(shares[row, column], 0), ha="center", va="center", color=colour)
        sizes = [
            text.say("{name}: {n}", name=text.say(name), n=text.number(size))
            for name, size in zip(names, whole[:, 0], strict=True)
        ]
        ax.set_yticks(range(len(names)), sizes)
        ax.set_xticks(range(len(goals)), [text.say(name) for name in goals], rotation=40, ha="right")
        ax.grid(visible=False)
        ax.set_ylabel(text.day(self.before))
        ax.set_xlabel(text.day(self.after))
        ax.set_title(text.say("Where the customers of each segment went"))


def migration(
    orders: Any,
    before: str | dt.date,
    after: str | dt.date | None = None,
    *,
    days: int | None = None,
    cuts: Cuts | None = None,
    grid: Grid = GRID,
    vat_rate: float | None = None,
    confidence: float = 0.95,
    **names: str,
) -> Migration:
    """Return which customers moved from which segment to which between two dates.

    Both dates are scored with the cut-offs of the first. With all history counted, orders and net sales of
    a customer only grow, so only recency can lower a segment by itself; with `days` a customer can also
    lose what falls out of the window, and stands at ``"no order"`` when nothing is left in it.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, any frame narwhals knows.
        before: First date.
        after: Second date; the last day of the data by default.
        days: Days of history counted at each date; all by default.
        cuts: Own cut-offs; see `segments.rfm`.
        grid: Own grid; see `segments.rfm`.
        vat_rate: Tax contained in the prices (fraction) where the file states none.
        confidence: Level of the Wilson intervals of the shares.
        **names: The caller's own column names.

    Returns:
        `Migration`; its table has before, after, customers, of (customers of that segment before), share,
        low and high.

    Raises:
        InputError: `before` is not earlier than `after`, or a date has no paid order with a customer.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(n) for n in range(12)], "customer_id": list("aabcdefghija"),
    ...     "ordered_at": pd.to_datetime("2026-05-01") + pd.to_timedelta(range(12), unit="D"),
    ...     "sku": "A", "quantity": 1, "unit_price": 100.0,
    ... })
    >>> result = migration(orders, "2026-05-11", "2026-05-12")
    >>> result.customers, result.moves["Previously loyal", "Champions"]
    (10, 1)
    """
    order = (*segments_of(grid), OUTSIDE)
    later = bought(orders, after, days, vat_rate, names)
    earlier = bought(orders, before, days, vat_rate, names)
    if earlier.as_of >= later.as_of:
        raise InputError(
            f"before {earlier.as_of} is not earlier than after {later.as_of}. Give the earlier day first."
        )
    used = cut_offs(earlier.numbers, cuts)
    counts: dict[tuple[str, str], int] = {}
    if used:
        start, end = (with_segment(each.customers, used, grid) for each in (earlier, later))
        nowhere = nw.lit(None, nw.String)
        # One below the other instead of a join: the same on every engine, and nobody falls out.
        both = nw.concat(
            [
                start.select("customer_id", start=nw.col("segment"), end=nowhere),
                end.select("customer_id", start=nowhere, end=nw.col("segment")),
            ]
        )
        moved = both.group_by("customer_id").agg(nw.col("start").max(), nw.col("end").max())
        found = moved.with_columns(nw.col("start", "end").fill_null(OUTSIDE)).group_by("start", "end")
        counts = {(row[0], row[1]): int(row[2]) for row in found.agg(n=nw.len()).collect().rows()}
    moves = {(a, b): counts[a, b] for a in order for b in order if (a, b) in counts}
    whole = {name: sum(n for (start, _), n in moves.items() if start == name) for name in order}
    new = whole[OUTSIDE]
    sizes = [whole[start] for start, _ in moves]
    low, high = wilson(np.array(list(moves.values()), float), np.array(sizes, float), confidence)
    columns: dict[str, list[Any]] = {
        "before": [text.say(start) for start, _ in moves],
        "after": [text.say(end) for _, end in moves],
        "customers": [float(n) for n in moves.values()],
        "of": [float(n) for n in sizes],
        "share": [n / size for n, size in zip(moves.values(), sizes, strict=True)],
        "low": low.tolist(),
        "high": high.tolist(),
    }
    people = len(earlier.numbers)
    stayed = sum(n for (a, b), n in moves.items() if a == b)
    return Migration(
        table=tables.from_columns(columns, orders),
        sentence=_sentence(earlier.as_of, later.as_of, people, stayed if used else None, new, moves),
        definition=text.say(
            "{how} Both dates are scored with the cut-offs of {before}; share = customers who went there / "
            "all customers of that segment on {before}, with a {level} Wilson interval.",
            how=later.definition,
            before=text.day(earlier.as_of),
            level=text.percent(confidence, 0),
        ),
        currency=earlier.currency,
        formats={"customers": "count", "of": "count", "share": "rate", "low": "rate", "high": "rate"},
        before=earlier.as_of,
        after=later.as_of,
        customers=people,
        stayed=stayed if used else None,
        new=new,
        cuts=used,
        moves=moves,
        order=order,
    )


def _sentence(
    before: dt.date,
    after: dt.date,
    people: int,
    stayed: int | None,
    new: int,
    moves: Mapping[tuple[str, str], int],
) -> str:
    words = {
        "n": text.number(people),
        "before": text.day(before),
        "after": text.day(after),
        "minimum": text.number(MINIMUM),
        "new": text.number(new),
    }
    if stayed is None:
        return text.say(
            "Only {n} customers had ordered until {before}: fifths need at least {minimum}. Give own "
            "cut-offs, or a later day.",
            **words,
        )
    words |= {"stayed": text.number(stayed), "share": text.percent(stayed / people, 0)}
    said = [
        text.say(
            "Of {n} customers on {before}, {stayed} ({share}) are in the same segment on {after}; {new} "
            "customers are new.",
            **words,
        )
    ]
    good = sum(n for (start, _), n in moves.items() if start in _GOOD)
    if good:
        lost = sum(n for (start, end), n in moves.items() if start in _GOOD and end in _QUIET)
        low, high = wilson(lost, good)
        said.append(
            text.say(
                "Of {good} champions and loyal customers {lost} have gone quiet: {rate} ({low} to {high}).",
                good=text.number(good),
                lost=text.number(lost),
                rate=text.percent(lost / good),
                low=text.percent(low),
                high=text.percent(high),
            )
        )
    return " ".join(said)
