"""What to do first: the findings of a review, sorted by what their money is, then by how much.

The one idea: a page of findings is read once and a list of things to do is worked through, so the front of a
review is that list, and everything after it is the reason. A loss stands before what can be won, and both
before stock that lies idle: they come again with the next period, while stock is there once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from sellerlab import text
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What the money of an item is: lost as things are, to be won, or lying idle.
Money = Literal["lost", "to win", "idle"]
_ORDER: tuple[Money, ...] = ("lost", "to win", "idle")

_BARS = 12


@dataclass(frozen=True)
class Item:
    """One thing to do: about what, what to do, the money in it, what that money is, and why."""

    about: str
    do: str
    money: float
    kind: Money
    why: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Worklist(Result):
    """What to do; `table` has one row a thing: lost, to win, idle, each with most money first.

    Attributes:
        items: The rows.
        not_told: What could not be looked at for want of data, in words.
    """

    items: tuple[Item, ...]
    not_told: tuple[str, ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a row."""
        return 1.7 + 0.34 * max(min(len(self.items), _BARS), 2)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.patches import Patch

        from sellerlab import plots

        colours = {"lost": plots.LOSS, "to win": plots.GAIN, "idle": plots.MUTED}
        shown = self.items[:_BARS]
        names = [f"{each.about}: {each.do}" for each in shown]
        plots.bars(ax, names, [each.money for each in shown], [colours[each.kind] for each in shown])
        plots.money_axis(ax, self.currency, axis="x")
        kinds = [kind for kind in colours if any(each.kind == kind for each in shown)]
        ax.legend(handles=[Patch(color=colours[kind], label=kind) for kind in kinds], loc="lower right")


def worklist(
    items: Iterable[Item],
    not_told: Sequence[str],
    currency: str | None,
    period: str,
    definition: str,
    remark: str = "",
) -> Worklist:
    """Return the list of things to do.

    Args:
        items: What was found.
        not_told: What could not be looked at, in words.
        currency: ISO code of the money.
        period: The days in words.
        definition: What the money of each kind of item is.
        remark: A sentence to end with.
    """
    found = sorted(
        (each for each in items if round(each.money, 2) > 0),
        key=lambda each: (_ORDER.index(each.kind), -round(each.money, 2), each.about, each.do),
    )
    if found:
        first = found[0]
        said = (
            f"Things to do after {period}: {text.number(len(found))}. First {first.about}: {first.do} "
            f"({text.money(first.money, currency)} {first.kind}). {first.why}"
        )
    else:
        said = f"Nothing in {period} asks for a change."
    if not_told:
        said += " Not looked at: " + " ".join(not_told)
    if remark:
        said += f" {remark}"
    return Worklist(
        table=pd.DataFrame(
            {
                "do": [f"{each.about}: {each.do}" for each in found],
                "why": [each.why for each in found],
                "money": [each.money for each in found],
                "that_is": [each.kind for each in found],
            }
        ),
        sentence=said,
        definition=f"{definition} The amounts are of different kinds and are not to be added up.",
        currency=currency,
        formats={"money": "money"},
        items=tuple(found),
        not_told=tuple(not_told),
    )
