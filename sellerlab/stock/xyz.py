"""ABC by money, XYZ by steadiness: which products to plan closely, and which cannot be planned.

One idea: what a product brings and how evenly it sells are two questions. An A that sells evenly deserves a
tight reorder point; a C that sells by chance deserves a rule of thumb, or its end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.margin.pareto import abc
from sellerlab.margin.profit import profit_and_loss
from sellerlab.results import Result
from sellerlab.sold import Sold, daily, made, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Weeks of sales below which steadiness is not judged.
MINIMUM_WEEKS = 8
#: Average periods between sales, and squared variation of their sizes, at which the classes part.
INTERVAL_CUT, VARIATION_CUT = 1.32, 0.49

DemandClass = Literal["smooth", "erratic", "intermittent", "lumpy"]


def demand_class(units: Any) -> DemandClass | None:
    """Return the class of a product's demand: how often it sells, and how evenly where it sells.

    Periods for each period with a sale (ADI) below 1.32: ``"smooth"`` or ``"erratic"``; else
    ``"intermittent"`` or ``"lumpy"``. The second of each where the squared coefficient of variation of the
    periods with a sale is 0.49 or more.

    Args:
        units: Units of equal periods, zeros included; array or Series.

    Returns:
        The class; None where fewer than 2 periods have a sale.

    Raises:
        InputError: Units are negative or missing.

    Source: Syntetos, Boylan and Croston, "On the categorization of demand patterns" (2005).

    >>> demand_class([0, 0, 3, 0, 0, 0, 2, 0, 4, 0])
    'intermittent'
    """
    seen = np.asarray(units, dtype=float)
    if seen.ndim != 1 or not np.isfinite(seen).all() or (seen < 0).any():
        raise InputError("units: expected units of equal periods, 0 or more each.")
    sizes = seen[seen > 0]
    if sizes.size < 2:
        return None
    often = seen.size / sizes.size < INTERVAL_CUT
    even = (sizes.std(ddof=1) / sizes.mean()) ** 2 < VARIATION_CUT
    if often:
        return "smooth" if even else "erratic"
    return "intermittent" if even else "lumpy"


@dataclass(frozen=True, kw_only=True, repr=False)
class AbcXyz(Result):
    """Products by money and by steadiness; `table` has one row a product, best first.

    Attributes:
        as_of: Last day counted.
        weeks: Whole weeks counted.
        counts: Cell, as ``"AX"``, to number of products; products not judged are in none.
        not_judged: Products with too few weeks.
    """

    as_of: dt.date
    weeks: int
    counts: Mapping[str, int]
    not_judged: tuple[str, ...]

    def _draw(self, ax: Axes) -> None:
        rows = list(dict.fromkeys(cell[:-1] for cell in self.counts))
        grid = np.array([[self.counts[row + column] for column in "XYZ"] for row in rows], dtype=float)
        ax.imshow(grid, cmap="Blues", vmin=0, vmax=max(grid.max() * 1.6, 1), aspect="auto")
        for (place, column), count in np.ndenumerate(grid):
            ax.text(column, place, text.number(count), ha="center", va="center", fontsize=13)
        ax.set_xticks(range(3), [text.say("X: even"), text.say("Y: uneven"), text.say("Z: by chance")])
        ax.set_yticks(range(len(rows)), rows)
        ax.grid(visible=False)
        ax.tick_params(length=0)
        ax.set_title(text.say("Products by money (rows) and steadiness (columns)"))


def abc_xyz(
    orders: Any,
    *,
    as_of: str | dt.date | None = None,
    weeks: int = 26,
    thresholds: Sequence[float] = (0.8, 0.95),
    steady: Sequence[float] = (0.5, 1.0),
    sold_out: Any = None,
    **names: str,
) -> AbcXyz:
    """Return each product's class by net sales (A, B, C) and by how evenly it sells (X, Y, Z).

    coefficient of variation = standard deviation of its weeks / their mean

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid sales count.
        as_of: Last day of the last week; the last day of the orders by default.
        weeks: Weeks to look back at most, 8 or more. A season within them makes a steady product look uneven.
        thresholds: Running shares of net sales at which A and B end.
        steady: Coefficients of variation up to which a product is X, and up to which it is Y.
        sold_out: Days on which a product could not be bought, as in `days_of_cover`; such weeks do not count.
        **names: The caller's own column names of the orders.

    Returns:
        `AbcXyz`; its table has sku, net_sales, share, abc, weeks, weekly_units, variation, xyz, cell and
        demand. Weeks before a product's first sale do not count; below 8 weeks it is not judged.

    Raises:
        InputError: There are fewer than 8 weeks of orders, or the borders do not rise.

    Source: Heizer and Render, *Operations Management* (ABC); the borders of XYZ are usage, not theory.

    >>> import pandas as pd
    >>> days = pd.date_range("2026-01-01", periods=70)
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(day) for day in days], "ordered_at": days, "sku": "A", "quantity": 2,
    ...     "unit_price": 900.0,
    ... })
    >>> abc_xyz(orders).table["cell"].tolist()
    ['AX']
    """
    if weeks < MINIMUM_WEEKS:
        raise InputError(f"weeks is {weeks}: expected {MINIMUM_WEEKS} or more, such as 26.")
    if len(steady) != 2 or not 0 < steady[0] < steady[1]:
        raise InputError(
            f"steady is {tuple(steady)}: expected two rising numbers above 0, such as (0.5, 1.0)."
        )
    sold = daily(orders, as_of=as_of, window_days=7 * weeks, sold_out=sold_out, names=names)
    whole = sold.days // 7
    if whole < MINIMUM_WEEKS:
        raise InputError(
            f"The orders cover {whole} whole weeks up to {sold.last}: steadiness needs {MINIMUM_WEEKS} or "
            "more. Read a longer export, or choose a later as_of."
        )
    first = sold.last - dt.timedelta(days=7 * whole - 1)
    pnl = profit_and_loss(orders, costs=None, by="sku", start=first, end=sold.last, **names)
    ranked = abc(pnl, thresholds=thresholds)
    rows = []
    for each in nw.from_native(ranked.table).lazy().collect().rows(named=True):
        if each["sku"] is None or each["sku"] != each["sku"]:
            continue
        seen = _weeks(sold, each["sku"], whole)
        rows.append(_row(each, seen, steady))
    letters = [*dict.fromkeys(["A", "B", "C", *(row["abc"] for row in rows)])]
    counts = {
        letter + column: sum(row["cell"] == letter + column for row in rows)
        for letter in letters
        for column in "XYZ"
    }
    not_judged = tuple(row["sku"] for row in rows if not row["xyz"])
    return AbcXyz(
        table=made({name: [row[name] for row in rows] for name in rows[0]}, orders),
        sentence=_sentence(counts, len(rows), whole, not_judged),
        definition=text.say(
            "Net sales and weekly units of {weeks} whole weeks up to {as_of}. {abc} X: standard deviation of "
            "its weeks up to {x} of their mean, Y: up to {y}, Z: above. Weeks without a sale count as 0 from "
            "the first sale on.",
            weeks=text.number(whole),
            as_of=text.day(sold.last),
            abc=ranked.definition,
            x=text.number(steady[0], 1),
            y=text.number(steady[1], 1),
        ),
        currency=ranked.currency,
        formats={
            "net_sales": "money",
            "share": "rate",
            "weeks": "count",
            "weekly_units": "number",
            "variation": "number",
        },
        as_of=sold.last,
        weeks=whole,
        counts=counts,
        not_judged=not_judged,
    )


def _weeks(sold: Sold, sku: str, whole: int) -> Any:
    """Units of each whole week with stock on all days, from that of the first sale on."""
    days = sold.of(sku)[-7 * whole :].reshape(whole, 7)
    if sku in sold.since:
        start = (sold.since[sku] - (sold.last - dt.timedelta(days=7 * whole - 1))).days
        # The week of the first sale is not whole unless it begins with it.
        days = days[max(-(-start // 7), 0) :]
    sums = days.sum(axis=1)
    return sums[~np.isnan(sums)]


def _row(ranked: Mapping[str, Any], seen: Any, steady: Sequence[float]) -> dict[str, Any]:
    mean = float(seen.mean()) if len(seen) else 0.0
    judged = len(seen) >= MINIMUM_WEEKS and mean > 0
    variation = float(seen.std(ddof=1)) / mean if judged else None
    xyz = ""
    if variation is not None:
        xyz = next((letter for letter, top in zip("XY", steady, strict=True) if variation <= top), "Z")
    pattern = demand_class(np.maximum(seen, 0.0)) if judged else None
    return {
        "sku": ranked["sku"],
        "net_sales": number(ranked["net_sales"]),
        "share": number(ranked["share"]),
        "abc": ranked["class"],
        "weeks": float(len(seen)),
        "weekly_units": mean if len(seen) else None,
        "variation": variation,
        "xyz": xyz,
        "cell": ranked["class"] + xyz if xyz else "",
        "demand": text.say(pattern) if pattern else "",
    }


def _sentence(counts: Mapping[str, int], every: int, weeks: int, not_judged: tuple[str, ...]) -> str:
    chance = sum(count for cell, count in counts.items() if cell.endswith("Z"))
    said = [
        text.say(
            "Of {all} products over {weeks} weeks: {ax} in AX, which bring much, sell evenly and can be "
            "planned closely; {z} in Z, which sell by chance.",
            all=text.number(every),
            weeks=text.number(weeks),
            ax=text.number(counts["AX"]),
            z=text.number(chance),
        )
    ]
    if not_judged:
        said.append(
            text.say(
                "Not judged, with fewer than {minimum} weeks or no sale: {n}.",
                minimum=text.number(MINIMUM_WEEKS),
                n=text.number(len(not_judged)),
            )
        )
    return " ".join(said)
