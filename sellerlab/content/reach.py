"""Do thirty posts a month matter? Views of posts, and the chance of one that breaks out.

One idea: views are heavy-tailed. Most posts are seen by few and one in many by everybody, so the mean of a
month is the luck of its best post. What can be planned is how often one tries. What goes with sales
(`drivers`) and listings (`checklist`, `coverage`) are called from here too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sellerlab import tables, text
from sellerlab.content.engagement import post_counts
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import draw_intervals, share_words, wilson
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Fewest posts from which views are described.
MINIMUM_POSTS = 20


@dataclass(frozen=True, kw_only=True, repr=False)
class Views(Result):
    """How views are spread over posts; the table has one row a measure.

    Attributes:
        n: Posts counted.
        median: Views of the post in the middle; None with too few posts.
        mean: Mean views.
        top_share: Share of all views that the best tenth of the posts has.
        sigma: Standard deviation of the log of views: 1 is heavy, 0.3 is even.
        best: Views of the best post.
    """

    n: int
    median: float | None
    mean: float | None
    top_share: float | None
    sigma: float | None
    best: float | None
    values: tuple[float, ...] = field(repr=False, compare=False)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Views of each post, best first"))
        ax.bar(range(1, len(self.values) + 1), self.values, width=1.0, color=plots.TOTAL)
        if self.mean is not None and self.median is not None:
            for value, label, colour, dashes in (
                (self.mean, text.say("mean"), plots.LOSS, "--"),
                (self.median, text.say("median"), plots.GAIN, ":"),
            ):
                ax.axhline(
                    value, color=colour, linestyle=dashes, linewidth=2, label=f"{label} {text.number(value)}"
                )
            ax.legend()
        ax.set_xlabel(text.say("posts"))
        ax.set_ylabel(text.say("views"))
        ax.yaxis.set_major_formatter(lambda value, _: text.number(value))


def views(content: Any, *, column: str = "views") -> Views:
    """Return how views are spread: median, mean, share of the best tenth, and how heavy the tail is.

    top share = views of the ceil(n / 10) best posts / all views; sigma = standard deviation of ln(views),
    posts without a view counted as one.

    Args:
        content: A log of posts, any frame narwhals knows; one row a post.
        column: Column of views.

    Raises:
        UnknownNameError: The column is absent.
        TableError: Views are negative, or no numbers.

    Source: M. Newman, Power laws, Pareto distributions and Zipf's law, 2005, on what a heavy tail does to a
    mean.

    >>> import pandas as pd
    >>> found = views(pd.DataFrame({"views": [10] * 18 + [400, 420]}))
    >>> found.median, found.mean, found.top_share  # two of twenty posts have four fifths of the views
    (10.0, 50.0, 0.82)
    """
    values = np.sort(post_counts(content, [column])[column])[::-1]
    n = len(values)
    measures: dict[str, float | None] = dict.fromkeys(("median", "mean", "top_share", "sigma", "best"))
    if n >= MINIMUM_POSTS and values.sum() > 0:
        top = math.ceil(n / 10)
        measures = {
            "median": float(np.median(values)),
            "mean": float(values.mean()),
            "top_share": float(values[:top].sum() / values.sum()),
            "sigma": float(np.log(np.maximum(values, 1)).std(ddof=1)),
            "best": float(values[0]),
        }
        said = text.say(
            "Half of {n} posts had fewer than {median} views; the mean is {mean}, because the best tenth "
            "has {top} of all views. A month is as good as its best post.",
            n=text.number(n),
            median=text.number(measures["median"] or 0.0),
            mean=text.number(measures["mean"] or 0.0),
            top=share_words(measures["top_share"]),
        )
        if (measures["mean"] or 0.0) < 1.3 * (measures["median"] or 0.0):
            said = text.say(
                "{n} posts had {median} views in the middle and {mean} in the mean: they are seen about "
                "evenly.",
                n=text.number(n),
                median=text.number(measures["median"] or 0.0),
                mean=text.number(measures["mean"] or 0.0),
            )
    else:
        said = text.say(
            "{n} posts with views are too few to describe: at least {minimum} are needed.",
            n=text.number(n if values.sum() > 0 else 0),
            minimum=text.number(MINIMUM_POSTS),
        )
    columns: dict[str, list[Any]] = {
        "measure": [text.say(name.replace("_", " ")) for name in measures],
        "value": [*measures.values()],
    }
    return Views(
        table=tables.from_columns(columns, content),
        sentence=said,
        definition=text.say(
            "Top share = views of the best tenth of the posts / all views. Sigma = standard deviation of "
            "the natural logarithm of views."
        ),
        formats={"value": "number"},
        n=n,
        median=measures["median"],
        mean=measures["mean"],
        top_share=measures["top_share"],
        sigma=measures["sigma"],
        best=measures["best"],
        values=tuple(values.tolist()),
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class Breakout(Result):
    """Chance of at least one post that breaks out; the table has one row a number of posts.

    Attributes:
        threshold: Views from which a post counts as broken out.
        hits: Posts that broke out.
        n: Posts counted.
        rate: hits / n; None with too few posts.
        low: Lower end of its interval (Wilson).
        high: Upper end.
        lucky: Whether one post alone makes the rate: it says little about the next.
    """

    threshold: float
    hits: int
    n: int
    rate: float | None
    low: float | None
    high: float | None
    lucky: bool
    lines: tuple[tuple[str, float, float, float], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a number of posts."""
        return 1.4 + 0.5 * max(len(self.lines), 2)

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Chance of at least one breakout"))
        if not self.lines:
            ax.text(0.5, 0.5, text.say("Too few posts"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        names, middle, low, high = zip(*self.lines, strict=True)
        labels = [text.say("{n} posts", n=name) for name in names]
        draw_intervals(ax, labels, middle, low, high, rate=True)
        ax.set_xlim(0, 1.02)


def breakout(
    content: Any,
    posts: Sequence[int] = (5, 15, 30, 90),
    *,
    threshold: float | None = None,
    column: str = "views",
    confidence: float = 0.95,
) -> Breakout:
    """Return the chance that at least one of so many posts breaks out.

    p = posts with `threshold` views or more / posts; chance for k posts = 1 - (1 - p)^k, its ends
    from those of p.

    Args:
        content: A log of posts, any frame narwhals knows; one row a post.
        posts: Numbers of posts to ask for, such as a month's.
        threshold: Views from which a post has broken out; 10 times the median by default.
        column: Column of views.
        confidence: Level of the intervals.

    Raises:
        UnknownNameError: The column is absent.
        InputError: `threshold` is not above 0, or a number of posts is below 1.

    Source: the complement of no success in independent trials; interval E. B. Wilson, 1927.

    >>> import pandas as pd
    >>> found = breakout(pd.DataFrame({"views": [100] * 96 + [5000] * 4}), [5, 30])
    >>> found.rate, [round(chance, 2) for chance in found.table["chance"]]
    (0.04, [0.18, 0.71])
    """
    wanted = [int(each) for each in posts]
    if not wanted or min(wanted) < 1:
        raise InputError(
            f"posts is {list(posts)!r}: expected numbers of posts of 1 or more, such as [5, 30]."
        )
    values = post_counts(content, [column])[column]
    n = len(values)
    edge = float(threshold) if threshold is not None else 10 * float(np.median(values)) if n else 0.0
    if threshold is not None and not edge > 0:
        raise InputError(f"threshold is {edge:g}: expected views above 0.")
    level = text.percent(check_rate("confidence", confidence, below_high=True), 0)
    hits = int((values >= edge).sum()) if edge > 0 else 0
    known = n >= MINIMUM_POSTS and edge > 0
    rate, low, high = None, None, None
    chances: list[list[float | None]] = [[None] * 3 for _ in wanted]
    if known:
        rate, (low, high) = hits / n, (float(each) for each in wilson(hits, n, confidence))
        chances = [[1 - (1 - each) ** k for each in (rate, low, high)] for k in wanted]
    words = {
        "n": text.number(n),
        "hits": text.number(hits),
        "edge": text.number(edge),
        "rate": share_words(rate),
        "low": share_words(low),
        "high": share_words(high),
        "level": level,
        "minimum": text.number(MINIMUM_POSTS),
        "k": text.number(wanted[-1]),
        "chance": share_words(chances[-1][0]),
        "chance_low": share_words(chances[-1][1]),
        "chance_high": share_words(chances[-1][2]),
    }
    if not known:
        said = text.say(
            "{n} posts are too few for a chance: at least {minimum} with views are needed.", **words
        )
    else:
        said = text.say(
            "{hits} of {n} posts had {edge} views or more: {rate} ({level} interval {low} to {high}). Of "
            "{k} posts at least one does with a chance of {chance} ({chance_low} to {chance_high}).",
            **words,
        )
        if hits == 1:
            said += " " + text.say("One lucky post says little about the next.")
    columns: dict[str, list[Any]] = {"posts": wanted}
    columns |= {name: [row[i] for row in chances] for i, name in enumerate(("chance", "low", "high"))}
    formats: dict[str, Format] = {"posts": "count", "chance": "rate", "low": "rate", "high": "rate"}
    lines = [
        (text.number(k), row[0], row[1], row[2])
        for k, row in zip(wanted, chances, strict=True)
        if row[0] is not None and row[1] is not None and row[2] is not None
    ]
    return Breakout(
        table=tables.from_columns(columns, content),
        sentence=said,
        definition=text.say(
            "Broken out = {edge} views or more. Chance of at least one in k posts = 1 - (1 - rate)^k; "
            "interval: Wilson, {level}. It holds for posts like those counted, of this account, if one does "
            "not depend on another.",
            **words,
        ),
        formats=formats,
        threshold=edge,
        hits=hits,
        n=n,
        rate=rate,
        low=low,
        high=high,
        lucky=known and hits == 1,
        lines=tuple(lines),
    )
