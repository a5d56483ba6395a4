"""Likes, shares, comments: which of them goes with what sells?

One idea: a post that many see has more of everything, so counts always go together. Rates per view are
compared, by rank, because a few huge posts would decide any other comparison.
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
from sellerlab.errors import InputError, TableError, check_rate, unknown
from sellerlab.intervals import draw_intervals
from sellerlab.results import Format, Result
from sellerlab.totals.pooled import lazily

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

#: Fewest posts for a rank correlation.
MINIMUM_PAIRS = 20


@dataclass(frozen=True, kw_only=True, repr=False)
class Drivers(Result):
    """Which engagement goes with what sells; the table has one row a kind, the strongest first.

    Attributes:
        outcome: What is looked at, such as ``"the rate of orders"``.
        correlations: Kind to its rank correlation; empty with too few posts.
        clear: Kinds whose interval, widened for the number of kinds, leaves out 0.
        n: Posts counted.
    """

    outcome: str
    correlations: Mapping[str, float]
    clear: tuple[str, ...]
    n: int
    lines: tuple[tuple[str, float, float, float], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a kind."""
        return 1.5 + 0.5 * max(len(self.lines), 2)

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Rank correlation with {outcome}", outcome=self.outcome))
        if not self.lines:
            ax.text(0.5, 0.5, text.say("Too few posts"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        names, middle, low, high = zip(*self.lines, strict=True)
        draw_intervals(ax, names, middle, low, high, against=0.0)


def drivers(
    content: Any,
    engagement: Sequence[str] = ("likes", "shares", "comments"),
    *,
    outcome: str = "orders",
    per: str = "views",
    confidence: float = 0.95,
) -> Drivers:
    """Return how the rate of each kind of engagement goes with the rate of orders (or clicks), by rank.

    Spearman's correlation of (engagement / views) with (outcome / views), ties sharing their rank; interval
    tanh(atanh(r) +- z sqrt((1 + r^2 / 2) / (n - 3))), with z for level
    1 - (1 - confidence) / kinds (Bonferroni).

    Args:
        content: A log of posts, any frame narwhals knows; one row a post.
        engagement: Columns of counts.
        outcome: Column of what is wanted; ``"clicks"`` says more than ``"orders"`` where orders are few.
        per: Column of views; rates, because a post seen by many has more of everything.
        confidence: Level for all intervals together.

    Raises:
        UnknownNameError: A column is absent.
        TableError: A column holds no numbers, or a negative one.

    Source: D. Bonett, T. Wright, Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations, 2000.

    >>> import pandas as pd
    >>> posts = pd.DataFrame({"views": 1000, "shares": range(24), "likes": [5, 9, 7] * 8})
    >>> posts["orders"] = posts["shares"] + posts["shares"] % 3
    >>> found = drivers(posts, ["shares", "likes"])
    >>> found.clear, round(found.correlations["shares"], 2)
    (('shares',), 0.99)
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    kinds = list(dict.fromkeys(engagement))
    if not kinds or outcome in kinds or per in kinds:
        raise InputError(
            f"engagement is {kinds!r}: expected columns of counts other than {outcome} and {per}."
        )
    counts = post_counts(content, [*kinds, outcome, per])
    seen = counts[per] > 0
    n = int(seen.sum())
    level = 1 - (1 - check_rate("confidence", confidence, below_high=True)) / len(kinds)
    z = float(ndtri((1 + level) / 2))
    rates = {
        name: rankdata(np.round(counts[name][seen] / counts[per][seen], 12)) for name in (*kinds, outcome)
    }
    rows: list[tuple[str, float, float, float]] = []
    varies = n >= MINIMUM_PAIRS and float(np.ptp(rates[outcome])) > 0
    for name in kinds if varies else ():
        if float(np.ptp(rates[name])) == 0:
            continue
        r = round(float(np.corrcoef(rates[name], rates[outcome])[0, 1]), 12)
        half = z * math.sqrt((1 + r**2 / 2) / (n - 3))
        middle = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12))
        rows.append((name, r, math.tanh(middle - half), math.tanh(middle + half)))
    rows.sort(key=lambda row: (-abs(row[1]), row[0]))
    clear = tuple(name for name, _, low, high in rows if low > 0 or high < 0)
    goal = text.say("the rate of {outcome}", outcome=outcome)
    words = {"n": text.number(n), "goal": goal, "minimum": text.number(MINIMUM_PAIRS)}
    if not rows:
        said = text.say(
            "{n} posts with views, and of them too few alike or all alike: at least {minimum} that differ "
            "are needed.",
            **words,
        )
    elif clear:
        told = [
            {"name": row[0], "r": text.number(row[1], 2)}
            | {"low": text.number(row[2], 2), "high": text.number(row[3], 2)}
            for row in rows
            if row[0] in clear
        ]
        said = text.say(
            "Over {n} posts the rate of {name} goes most clearly with {goal}: rank correlation {r} ({low} to "
            "{high}).",
            **words,
            **told[0],
        )
        if len(told) > 1:
            also = ", ".join(text.say("{name} {r} ({low} to {high})", **each) for each in told[1:])
            said += " " + text.say("Also clear: {kinds}.", kinds=also)
        rest = [each for each in kinds if each not in clear]
        if rest:
            said += " " + text.say("Nothing is shown for {names}.", names=", ".join(rest))
    else:
        said = text.say("Over {n} posts no kind of engagement is shown to go with {goal}.", **words)
    columns: dict[str, list[Any]] = {
        "engagement": [row[0] for row in rows],
        "correlation": [row[1] for row in rows],
        "low": [row[2] for row in rows],
        "high": [row[3] for row in rows],
        "posts": [n for _ in rows],
    }
    if not rows:
        columns = {"engagement": kinds, "correlation": [None] * len(kinds), "low": [None] * len(kinds)}
        columns |= {"high": [None] * len(kinds), "posts": [n] * len(kinds)}
    formats: dict[str, Format] = {
        "correlation": "number",
        "low": "number",
        "high": "number",
        "posts": "count",
    }
    return Drivers(
        table=tables.from_columns(columns, content),
        sentence=said,
        definition=text.say(
            "Spearman's rank correlation of rates per {per}; intervals hold together at {level} (Bonett and "
            "Wright, Bonferroni). Going together is not causing: test a change before believing it.",
            per=per,
            level=text.percent(confidence, 0),
        ),
        formats=formats,
        outcome=goal,
        correlations={row[0]: row[1] for row in rows},
        clear=clear,
        n=n,
        lines=tuple(rows),
    )


def post_counts(frame: Any, columns: Sequence[str]) -> dict[str, Array]:
    """Return columns of a log of posts as floats, rows with a gap left out.

    Args:
        frame: Any frame narwhals knows.
        columns: Columns of counts.

    Raises:
        UnknownNameError: A column is absent.
        TableError: A column holds no numbers, or a negative one.
    """
    lazy = lazily(frame)
    schema = lazy.collect_schema()
    for name in columns:
        if name not in schema.names():
            raise unknown("column", name, schema.names())
        if not schema[name].is_numeric():
            raise TableError(f"{name} holds {schema[name]}; expected numbers. Convert the column first.")
    found = lazy.select(nw.col(name).cast(nw.Float64) for name in columns).collect()
    values = {name: np.asarray(found[name].to_numpy(), dtype=float) for name in columns}
    whole = ~np.isnan(np.column_stack(list(values.values()))).any(axis=1)
    values = {name: each[whole] for name, each in values.items()}
    for name, each in values.items():
        if len(each) and each.min() < 0:
            raise TableError(f"{name} has {each.min():g}; expected 0 or more. Check the file.")
    return values
