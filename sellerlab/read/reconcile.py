"""Nothing lost, nothing invented: the rows and the money of a file against those of the table made of it.

The one idea: the money of the file is added straight from its cells, the money of the table from the
finished order lines. If the two differ, the reader says by how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.read.describe import Control
from sellerlab.read.express import Sheet
from sellerlab.results import Result
from sellerlab.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Reconciliation(Result):
    """Rows and money: in the file, in the orders, rejected, set aside by a rule.

    Attributes:
        lines_read: Filled rows of the file, its header not counted.
        lines_orders: Rows that went into the orders.
        lines_rejected: Rows that could not be read.
        lines_ignored: Rows set aside by a rule of the format.
        money_in_file: Money added from the file's own cells.
        money_in_orders: The same money added from the order lines.
        money_rejected: Money of rejected rows, as far as it could be read.
        money_ignored: Money of rows set aside.
        unexplained: What is left: money in the file less the other three.
        adds_up: Whether rows and money both add up.
        notes: What the reader decided, and from which evidence.
    """

    lines_read: int
    lines_orders: int
    lines_rejected: int
    lines_ignored: int
    money_in_file: float
    money_in_orders: float
    money_rejected: float
    money_ignored: float
    unexplained: float
    adds_up: bool
    notes: tuple[str, ...] = ()

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches."""
        aside = (self.money_rejected, self.money_ignored, self.unexplained)
        return 1.9 + 0.35 * sum(map(bool, aside))

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        parts = [
            (say("in the orders"), self.money_in_orders, plots.GAIN),
            (say("rejected"), self.money_rejected, plots.LOSS),
            (say("set aside by a rule"), self.money_ignored, plots.MUTED),
            (say("unexplained"), self.unexplained, plots.LOSS),
        ]
        # What was not set aside needs no empty bar.
        parts = [part for place, part in enumerate(parts) if place == 0 or part[1]]
        labels = [say("in the file"), *(part[0] for part in parts)]
        values = [self.money_in_file, *(part[1] for part in parts)]
        plots.bars(ax, labels, values, [plots.TOTAL, *(part[2] for part in parts)])
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(say("Money of the file"))


def money_by_row(sheet: Sheet, control: Control, counted: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Return the file's money and each row's part of it.

    Args:
        sheet: Every row of the file.
        control: Which money must not get lost.
        counted: Rows that are not set aside by a rule.

    Returns:
        The sum over the file, and an array with one amount a row; an amount that stands once a group is
        on the first counted row of the group.
    """
    file = sheet.column(control.file).fillna(0.0).to_numpy(float)
    each = sheet.column(control.rows or control.file).fillna(0.0).to_numpy(float)
    if control.per:
        codes = np.where(counted, sheet.groups[control.per], -1)
        opening = np.zeros(len(codes), dtype=bool)
        opening[np.unique(codes, return_index=True)[1]] = True
        file, each = file * (opening & counted), each * (opening & counted)
    return float(file.sum()), each


def reconcile(
    *,
    reasons: Sequence[tuple[str, str, float]],
    orders: int,
    before: int,
    money_in_file: float,
    money_in_orders: float,
    adjustment: float,
    unknown_money: int,
    currency: str,
    scale: int,
    notes: Sequence[str],
) -> Reconciliation:
    """Put rows and money side by side.

    Args:
        reasons: For every row that is no order: ``"rejected"`` or ``"ignored"``, why, and its money.
        orders: Rows that went into the orders.
        before: Filled rows before the header.
        money_in_file: Sum of the file's own cells.
        money_in_orders: The same sum over the order lines.
        adjustment: Part of the orders' totals that prices, discounts, shipping and tax do not explain.
        unknown_money: Rejected rows whose money could not be read.
        currency: ISO 4217 code.
        scale: Smallest units in one major unit.
        notes: What the reader decided.
    """
    preamble = [("ignored", say("before the header"), 0.0)] * before
    why = pd.DataFrame([*reasons, *preamble], columns=["part", "why", "money"])
    lines_ignored = int((why["part"] == "ignored").sum())
    sums = {part: float(why.loc[why["part"] == part, "money"].sum()) for part in ("rejected", "ignored")}
    rejected = int((why["part"] == "rejected").sum())
    unexplained = round(money_in_file - money_in_orders - sums["rejected"] - sums["ignored"], 6) + 0.0
    adds_up = abs(unexplained) < 0.5 / scale
    rows: list[tuple[str, int, float]] = [
        (say("in the file"), orders + rejected + lines_ignored, money_in_file),
        (say("in the orders"), orders, money_in_orders),
    ]
    for part, template in (("rejected", "rejected: {why}"), ("ignored", "set aside: {why}")):
        for reason, group in why[why["part"] == part].groupby("why", sort=True):
            rows.append((say(template, why=reason), len(group), float(group["money"].sum())))
    rows.append((say("unexplained"), 0, unexplained))
    table = pd.DataFrame(rows, columns=["item", "lines", "money"])
    figures = {
        "read": text.number(orders + rejected + lines_ignored),
        "orders": text.number(orders),
        "rejected": text.number(rejected),
        "ignored": text.number(lines_ignored),
        "file": text.money(money_in_file, currency),
        "gap": text.money(unexplained, currency),
    }
    template = (
        "Rows read: {read}. In the orders: {orders}; rejected: {rejected}; set aside by a rule: {ignored}. "
        "All of the {file} in the file is accounted for."
        if adds_up
        else "Rows read: {read}. In the orders: {orders}; rejected: {rejected}; set aside by a rule: "
        "{ignored}. Of the {file} in the file, {gap} is not accounted for: the file may be incomplete."
    )
    sentences = [say(template, **figures)]
    if unknown_money:
        sentences.append(
            say(
                "Rejected rows whose money could not be read, so that it is not in these sums: {n}.",
                n=unknown_money,
            )
        )
    if abs(adjustment) >= 0.5 / scale:
        sentences.append(
            say(
                "{gap} of the orders' totals is not explained by prices, discounts, shipping and tax; it is "
                "in the column adjustment.",
                gap=text.money(adjustment, currency),
            )
        )
    return Reconciliation(
        table=table,
        sentence=" ".join(sentences),
        definition=say(
            "Rows read = rows in the orders + rejected + set aside. Money in the file is added from the "
            "file's own cells, money in the orders from the finished order lines."
        ),
        currency=currency,
        formats={"lines": "count", "money": "money"},
        lines_read=orders + rejected + lines_ignored,
        lines_orders=orders,
        lines_rejected=rejected,
        lines_ignored=lines_ignored,
        money_in_file=round(money_in_file, 6),
        money_in_orders=round(money_in_orders, 6),
        money_rejected=round(sums["rejected"], 6),
        money_ignored=round(sums["ignored"], 6),
        unexplained=unexplained,
        adds_up=adds_up,
        notes=tuple(notes),
    )
