"""How much of the money a few carry: top shares, Gini, HHI, and the whale curve of profit.

The one idea: rank, add up, and read how soon most of the money is reached. Sales only climb. Profit climbs
over 100% and comes down again, because the customers at the end of the ranking take money back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate
from sellerlab.margin.pareto import LOSS, abc, called
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

#: Items needed before a share of "the top fifth" means anything.
MINIMUM = 5


def gini(values: Any) -> float | None:
    """Return the Gini index: 0 where all have the same, near 1 where one has all.

    G = sum((2 i - n - 1) x_i) / (n sum x), with x sorted upwards and i = 1..n.

    Args:
        values: Amounts, one an item; array, list or Series.

    Returns:
        A number from 0 to below 1; None where an amount is negative or all are 0, as it is not defined.

    Raises:
        InputError: There is no value, or one is missing.

    Source: C. Gini, 1912; the form for sorted values as in A. Sen, *On Economic Inequality*, 1973.

    >>> gini([1, 2, 3, 4, 10])
    0.4
    """
    amounts = np.sort(_amounts(values))
    n, total = amounts.size, amounts.sum()
    if amounts[0] < 0 or total <= 0:
        return None
    return float(((2 * np.arange(1, n + 1) - n - 1) * amounts).sum() / (n * total))


def hhi(values: Any) -> float | None:
    """Return the Herfindahl-Hirschman index: the sum of squared shares in per cent.

    HHI = sum((100 x_i / sum x)^2), from 10,000 / n (all alike) to 10,000 (one has all).

    Args:
        values: Amounts, one an item; array, list or Series.

    Returns:
        The index; None where an amount is negative or all are 0, as shares are not defined.

    Raises:
        InputError: There is no value, or one is missing.

    Source: US Department of Justice, *Merger Guidelines*.

    >>> round(hhi([30, 30, 20, 20]))
    2600
    """
    amounts = _amounts(values)
    if amounts.min() < 0 or amounts.sum() <= 0:
        return None
    return float(((100 * amounts / amounts.sum()) ** 2).sum())


@dataclass(frozen=True, kw_only=True, repr=False)
class Concentration(Result):
    """How much the largest items hold; `table` has one row a top group.

    Attributes:
        items: Items counted.
        total: Sum of their values.
        top_fifth: Share of the positive total held by the largest 20% of the items.
        items_for_80: Fewest items that hold 80% of the positive total.
        gini: Gini index, None where a value is negative.
        hhi: Herfindahl-Hirschman index, None where a value is negative.
        alike: 10,000 / hhi: as many items of equal size would be as concentrated; None likewise.
        left_out: Items without a value.
        curve: Running share of the positive total, item by item.
        by: Column of the item.
    """

    by: str
    items: int
    total: float
    top_fifth: float | None
    items_for_80: int | None
    gini: float | None
    hhi: float | None
    alike: float | None
    left_out: int
    curve: tuple[float, ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        shares = np.arange(self.items + 1) / self.items
        ax.plot(shares, [0.0, *self.curve], color=plots.TOTAL)
        ax.plot([0, 1], [0, 1], color=plots.MUTED, linestyle="--", linewidth=1)
        if self.top_fifth is not None:
            ax.plot([0.2], [self.top_fifth], "o", color=plots.LOSS)
            note = text.say("top 20%: {share}", share=text.percent(self.top_fifth, 0))
            ax.annotate(note, (0.2, self.top_fifth), xytext=(8, -14), textcoords="offset points")
        plots.percent_axis(ax)
        plots.percent_axis(ax, axis="x")
        ax.set_xlabel(text.say("share of {things}, largest first", things=called(self.by)))
        ax.set_ylabel(text.say("running share of the total"))


def concentration(
    frame: Any,
    by: str = "customer_id",
    value: str = "net_sales",
    top: Sequence[float] = (0.01, 0.05, 0.1, 0.2, 0.5),
) -> Concentration:
    """Return which share of the money the largest items hold, with Gini and HHI.

    Args:
        frame: A `profit.ProfitAndLoss` or a table, one row or more an item; rows of one item are added.
        by: Column of the item, such as ``"customer_id"`` or ``"sku"``.
        value: Column of the money.
        top: Rising shares of the items, as fractions; a part of an item counts as one.

    Returns:
        `Concentration`; its table has top (share of the items), items, of, value, share (of the positive
        total). With fewer than `MINIMUM` items no share is claimed.

    Raises:
        TableError: A column is missing.
        InputError: No item has a positive value, or `top` does not rise from 0 to 1.

    Source: V. Pareto, 1896, for the share of the top fifth; see `gini` and `hhi`.

    >>> import pandas as pd
    >>> sales = pd.DataFrame({"customer_id": list("abcde"), "net_sales": [1.0, 2.0, 3.0, 4.0, 10.0]})
    >>> result = concentration(sales)
    >>> result.top_fifth, result.items_for_80, result.gini
    (0.5, 3, 0.4)
    """
    levels = [check_rate("top", each) for each in top]
    if not levels or levels != sorted(set(levels)) or levels[0] == 0:
        raise InputError(f"top is {tuple(top)}: expected rising fractions such as (0.01, 0.1, 0.2).")
    classes = abc(frame, by, value)
    ranked = nw.from_native(classes.table).lazy().collect()
    values = np.array(ranked[value].to_list(), dtype=float)
    n = values.size
    running = np.cumsum(np.maximum(values, 0.0))
    curve = running / running[-1]
    enough = n >= MINIMUM
    # A float such as 0.1 * 30 lies a hair over 3: that hair is no item.
    held = [math.ceil(round(level * n, 9)) for level in levels]
    columns: dict[str, list[Any]] = {
        "top": levels,
        "items": [float(each) for each in held],
        "of": [float(n)] * len(levels),
        "value": [float(running[each - 1]) if enough else None for each in held],
        "share": [float(curve[each - 1]) if enough else None for each in held],
    }
    index = hhi(values)
    result: dict[str, Any] = {
        "items": n,
        "total": classes.total,
        "top_fifth": float(curve[math.ceil(round(0.2 * n, 9)) - 1]) if enough else None,
        "items_for_80": int(np.argmax(curve >= 0.8 - 1e-12)) + 1 if enough else None,
        "gini": gini(values) if enough else None,
        "hhi": index if enough else None,
        "alike": 10_000 / index if index and enough else None,
    }
    return Concentration(
        table=tables.from_columns(columns, frame.table if isinstance(frame, Result) else frame),
        sentence=_sentence(result, called(by), classes.currency, classes.left_out),
        definition=text.say(
            "Share = value of the largest {things} / positive total of all {n} {things}; a count of all of "
            "them, not a sample, so without an interval. Gini = sum((2i - n - 1) x) / (n sum x), HHI = sum "
            "of squared shares in per cent; neither is defined with negative values.",
            things=called(by),
            n=text.number(n),
        ),
        currency=classes.currency,
        formats={"top": "rate", "items": "count", "of": "count", "value": "money", "share": "rate"},
        by=by,
        left_out=classes.left_out,
        curve=tuple(curve.tolist()),
        **result,
    )


def _sentence(found: Mapping[str, Any], things: str, currency: str | None, left_out: int) -> str:
    words = {"n": text.number(found["items"]), "minimum": text.number(MINIMUM), "things": things}
    if found["top_fifth"] is None:
        return text.say("Only {n} {things}: shares of the top need at least {minimum}.", **words)
    words |= {
        "share": text.percent(found["top_fifth"], 0),
        "total": text.money(found["total"], currency),
        "few": text.number(found["items_for_80"]),
        "part": text.percent(found["items_for_80"] / found["items"], 0),
    }
    said = [
        text.say(
            "The largest 20% of {n} {things} hold {share} of {total}; 80% is reached with {few} of them "
            "({part}).",
            **words,
        )
    ]
    if found["gini"] is None:
        said.append(text.say("Some values are negative: Gini and HHI are not defined, see the whale curve."))
    else:
        said.append(
            text.say(
                "Gini {gini}, HHI {hhi}: as concentrated as {alike} {things} of equal size.",
                things=things,
                gini=text.number(found["gini"], 2),
                hhi=text.number(found["hhi"]),
                alike=text.number(found["alike"], 1),
            )
        )
    if left_out:
        said.append(text.say("Left out, as their value is not known: {n}.", n=text.number(left_out)))
    return " ".join(said)


@dataclass(frozen=True, kw_only=True, repr=False)
class WhaleCurve(Result):
    """Running profit, best item first; `table` has one row an item.

    Attributes:
        items: Items counted.
        total: Profit of all of them.
        peak: Highest running profit.
        peak_share: `peak` as a share of `total`; None where the total is not above 0.
        peak_items: Items up to the peak: those that earn.
        losing: Items that lose money.
        lost: What they lose together, as a positive amount.
        left_out: Items without a value.
        by: Column of the item.
    """

    by: str
    items: int
    total: float
    peak: float
    peak_share: float | None
    peak_items: int
    losing: int
    lost: float
    left_out: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        running = [0.0, *(float(each) for each in data["running"].to_list())]
        shares = np.arange(self.items + 1) / self.items
        ax.plot(shares, running, color=plots.TOTAL)
        ax.axhline(self.total, color=plots.MUTED, linewidth=1, linestyle="--")
        if self.losing:
            ax.plot(shares[self.peak_items :], running[self.peak_items :], color=plots.LOSS)
        ax.plot([self.peak_items / self.items], [self.peak], "o", color=plots.GAIN)
        plots.money_axis(ax, self.currency)
        plots.percent_axis(ax, axis="x")
        ax.set_xlabel(text.say("share of {things}, most profitable first", things=called(self.by)))
        ax.set_title(text.say("Running profit"))


def whale_curve(frame: Any, by: str = "customer_id", value: str = "contribution_2") -> WhaleCurve:
    """Return the running profit of items ranked by profit: how much is earned, and how much taken back.

    peak share = sum of the profits above 0 / sum of all profits

    Args:
        frame: A `profit.ProfitAndLoss` by the item, or a table; rows of one item are added.
        by: Column of the item, such as ``"customer_id"`` or ``"sku"``.
        value: Column of the profit; it may be negative.

    Returns:
        `WhaleCurve`; its table has the item, the value, running and share_of_total (running / total, None
        where the total is not above 0).

    Raises:
        TableError: A column is missing.
        InputError: No item has a positive value.

    Source: R. Kaplan and V. Narayanan, "Measuring and managing customer profitability", 2001.

    >>> import pandas as pd
    >>> profit = pd.DataFrame({"customer_id": list("abcd"), "contribution_2": [90.0, 60.0, 0.0, -50.0]})
    >>> result = whale_curve(profit)
    >>> result.peak_share, result.peak_items, result.lost
    (1.5, 2, 50.0)
    """
    classes = abc(frame, by, value)
    ranked = nw.from_native(classes.table).lazy().collect()
    values = np.array(ranked[value].to_list(), dtype=float)
    running = np.cumsum(values)
    total, earning = classes.total, int((values > 0).sum())
    peak = float(values[values > 0].sum())
    lost = float(-values[values < 0].sum())
    losing = [each for each in ranked["class"].to_list() if each == LOSS]
    made = {
        "running": running.tolist(),
        "share_of_total": [each / total if total > 0 else None for each in running.tolist()],
    }
    table = ranked.select(by, value).with_columns(
        *(nw.new_series(name, each, nw.Float64, backend=ranked.implementation) for name, each in made.items())
    )
    words = {
        "things": called(by),
        "n": text.number(values.size),
        "earning": text.number(earning),
        "peak": text.money(peak, classes.currency),
        "losing": text.number(len(losing)),
        "lost": text.money(lost, classes.currency),
        "total": text.money(total, classes.currency),
    }
    if not losing:
        said = text.say("{earning} of {n} {things} earn {peak}; none loses money.", **words)
    elif total > 0:
        said = text.say(
            "{earning} of {n} {things} earn {peak}, {share} of what is left; {losing} lose {lost} of it, so "
            "{total} is left.",
            share=text.percent(peak / total, 0),
            **words,
        )
    else:
        said = text.say(
            "{earning} of {n} {things} earn {peak}; {losing} lose {lost}, so nothing is left: {total}.",
            **words,
        )
    return WhaleCurve(
        table=tables.like(table, frame.table if isinstance(frame, Result) else frame),
        sentence=said,
        definition=text.say(
            "Ranked by {value}, largest first; peak = sum of the values above 0; share of total = running "
            "sum / sum of all values. A count of all {things}, not a sample, so without an interval.",
            things=called(by),
            value=value.replace("_", " "),
        ),
        currency=classes.currency,
        formats={value: "money", "running": "money", "share_of_total": "rate"},
        by=by,
        items=values.size,
        total=total,
        peak=peak,
        peak_share=peak / total if total > 0 else None,
        peak_items=earning,
        losing=len(losing),
        lost=lost,
        left_out=classes.left_out,
    )


def _amounts(values: Any) -> Array:
    amounts = np.asarray(values, dtype=float).ravel()
    if amounts.size == 0 or np.isnan(amounts).any():
        raise InputError("values is empty or has gaps: expected one amount an item, 0 where there is none.")
    return amounts
