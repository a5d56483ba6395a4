"""Which of the shop's own discounts lost money, and how many more units would pay for them.

The one idea: a discount costs a known amount on each unit it is given for. What a unit left with it, and what
the same unit would have left without, say how many more units it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.report.inputs import Inputs
from sellerlab.report.reviews.floors import Floors, Unit, names_of, period_pnl, rows_of, titled, unit_of
from sellerlab.report.sections import Note
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Promotions(Result):
    """What the shop's own discounts left; `table` has one row a product sold with one, worst first.

    Attributes:
        units: Units sold with a discount.
        all_units: Units sold.
        given_away: The discounts.
        lost: What the discounted sales lost that lost money, as a positive amount.
        losing: Products whose discounted sales lost money although the full price leaves something.
        rows: Each product's numbers, by sku.
    """

    units: float
    all_units: float
    given_away: float
    lost: float
    losing: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Any]]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a product."""
        return 1.5 + 0.32 * max(min(len(self.table), 20), 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = self.table.head(20)
        left = rows["left"].tolist()
        plots.bars(
            ax, rows["product"].tolist(), left, [plots.LOSS if each < 0 else plots.GAIN for each in left]
        )
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(titled("What the discounted sales left", rows, self.table))


def promotions(shop: Inputs, found: Floors | Note) -> Promotions | Note:
    """Return what sales with a discount of the shop left, and how many more units would pay for it.

    needed = discount of a unit x slope / left of a unit, the slope as in `floors`: the units on top of those
    that the discount needs to leave as much as the same sales at the full price.

    Args:
        shop: What `load_review` gave.
        found: What `floors` gave.

    Returns:
        `Promotions`; a note where no line has a discount of the shop or costs are not known.
    """
    offered = shop.orders["discount"].fillna(0) > 0
    lines = shop.orders.assign(offer=np.where(offered, "discount", "full price"))
    pnl = period_pnl(shop, ["sku", "offer"], lines)
    total = sum(row["units"] for row in rows_of(pnl))
    rows = [row for row in rows_of(pnl) if row["offer"] == "discount" and row["units"] > 0]
    if not rows:
        return Note("No line of these days has a discount that the shop paid for.")
    given = sum(row["discounts"] for row in rows)
    if isinstance(found, Note):
        return Note(
            f"{text.number(sum(row['units'] for row in rows))} of {text.number(total)} units were sold with "
            f"a discount; {text.money(given, pnl.currency)} was given away. What these sales left is not "
            "known: no landed cost is given."
        )
    names = names_of(shop)
    seen = {
        row["sku"]: _offer(row, unit, names)
        for row in rows
        if (unit := unit_of(row, found.level, pnl, names, shop.products)) is not None
    }
    if not seen:
        return Note("No product that was sold with a discount has a landed cost.")
    ordered = sorted(seen, key=lambda sku: (round(seen[sku]["left"], 6), sku))
    losing = tuple(sku for sku in ordered if seen[sku]["left"] < 0 <= seen[sku]["left_at_full_price"])
    lost = -sum(each["left"] for each in seen.values() if each["left"] < 0)
    columns = ("product", "what_to_do", "units", "depth", "left_each", "left", "more_units_needed")
    table = pd.DataFrame(
        [[_offer_said(seen[sku], pnl.currency)[name] for name in columns] for sku in ordered]
    )
    table.columns = pd.Index(columns)
    count = sum(each["left"] < 0 for each in seen.values())
    units = sum(row["units"] for row in rows)
    said = (
        f"{text.number(units)} of {text.number(total)} units were sold with a discount of the shop; "
        f"{text.money(given, pnl.currency)} was given away. "
    )
    kept = f"{text.number(len(losing))} of these products leave{'s' * (len(losing) == 1)} something"
    if not losing:
        kept = "none of these products leaves anything"
    said += (
        f"The discounted sales of {text.number(count)} of {text.number(len(seen))} products lost money, "
        f"{text.money(lost, pnl.currency)} in all; {kept} at the full price."
        if count
        else f"Each of the {text.number(len(seen))} products still left something."
    )
    return Promotions(
        table=table.astype({"more_units_needed": float}),
        sentence=said,
        definition=(
            "Lines with a discount that the shop paid for; discounts of the platform are not in it. Left = "
            f"contribution {found.level} of these lines. More units needed = discount of a unit, less tax "
            "and fees, / what a discounted unit left: so many units more than without the discount. What "
            "these buyers bought later is not counted."
        ),
        currency=pnl.currency,
        formats={
            "units": "count", "depth": "rate", "left_each": "money", "left": "money",
            "more_units_needed": "rate",
        },
        units=units,
        all_units=total,
        given_away=given,
        lost=lost,
        losing=losing,
        rows=seen,
    )  # fmt: skip


def _offer(row: Mapping[str, Any], unit: Unit, names: Mapping[Any, str]) -> dict[str, Any]:
    each = row["discounts"] / unit.units * unit.slope
    return {
        "product": names.get(unit.sku, unit.sku),
        "units": unit.units,
        "depth": row["discounts"] / row["gross_sales"] if row["gross_sales"] > 0 else None,
        "left_each": unit.left,
        "left": unit.left * unit.units,
        "left_at_full_price": unit.left + each,
        "more_units_needed": each / unit.left if unit.left > 0 else None,
    }


def _offer_said(row: Mapping[str, Any], currency: str | None) -> dict[str, Any]:
    left, full = (text.money(row[name], currency) for name in ("left_each", "left_at_full_price"))
    if row["left_at_full_price"] < 0:
        said = "No discount until its price is above its floor."
    elif row["left_each"] < 0:
        said = f"End it: a unit left {left}; without the discount it leaves {full}."
    else:
        more = text.percent(row["more_units_needed"], 0)
        said = f"Keep it only if it sells {more} more units than the full price would."
    return {**row, "what_to_do": said}
