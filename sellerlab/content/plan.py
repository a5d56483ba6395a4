"""So many posts a month: the chance that one breaks out, and the views of a mean month.

One idea: neither has a step. Each post adds the same views, and the same share of the chance that is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import share_words
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The picture reaches to so many posts a month, or to those asked for.
_SHOWN = 60


@dataclass(frozen=True, kw_only=True, repr=False)
class Posting(Result):
    """What so many posts a month give; the table has one row a number of posts.

    Attributes:
        posts: Posts a month.
        rate: Chance that one post breaks out.
        months: Months.
        chance: Chance of at least one breakout in all these months.
        breakouts: Breakouts in the mean of all such times.
        views: Views of a mean month; None where the views of a post are not given.
        from_breakouts: Share of these views that comes from posts that broke out.
    """

    posts: int
    rate: float
    months: int
    chance: float
    breakouts: float
    views: float | None
    from_breakouts: float | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        title = text.say("Chance of at least one breakout in {n} months", n=text.number(self.months))
        ax.set_title(title if self.months > 1 else text.say("Chance of at least one breakout in a month"))
        ax.plot(self.table["posts"], self.table["chance"], color=plots.TOTAL)
        ax.vlines(self.posts, 0, self.chance, color=plots.MUTED, linestyle="--")
        ax.plot(self.posts, self.chance, "o", color=plots.GAIN, clip_on=False, zorder=5)
        # To the left of its point the curve lies below the words; near 0 there is no room there.
        side, at = ("right", (-8, 8)) if self.posts > 12 else ("left", (10, -6))
        label = share_words(self.chance)
        ax.annotate(label, (self.posts, self.chance), at, textcoords="offset points", ha=side)
        ax.set_xlim(0, float(self.table["posts"].max()))
        ax.set_ylim(0, 1.08)
        ax.set_yticks(np.linspace(0, 1, 6))
        ax.set_xlabel(text.say("posts a month"))
        plots.percent_axis(ax, axis="y")


def posting(
    posts: int,
    rate: float,
    *,
    months: int = 1,
    usual: float | None = None,
    broken_out: float | None = None,
) -> Posting:
    """Return the chance of at least one breakout, and the views of a mean month.

    chance = 1 - (1 - rate)^(posts * months); views = posts * ((1 - rate) * usual + rate * broken_out).

    Args:
        posts: Posts a month, 1 or more.
        rate: Chance that one post breaks out, a fraction, as `breakout` measures it.
        months: Months that one waits, 1 or more.
        usual: Mean views of posts that do not break out; give both or none.
        broken_out: Mean views of posts that do.

    Returns:
        A `Posting`; its table goes from 1 post a month to 60, or to those asked for.

    Raises:
        InputError: A number of posts or months is below 1, the rate no fraction, or views are negative or
            given for one kind only.

    Source: the complement of no success in independent trials.

    >>> print(posting(30, 0.04, usual=1_000, broken_out=20_000).sentence)
    30 posts a month, and each breaks out with a chance of 4.0%: in 1 month at least one does with a chance
    of 70.6%. A mean month has 52,800 views, 45.5% of them from posts that broke out.
    """
    each, time = int(posts), int(months)
    for name, given in (("posts", each), ("months", time)):
        if given < 1:
            raise InputError(f"{name} is {given}: expected 1 or more.")
    check_rate("rate", rate)
    if (usual is None) != (broken_out is None):
        raise InputError("Give both usual= and broken_out=, or none: a mean month has posts of both kinds.")
    for name, mean in (("usual", usual), ("broken_out", broken_out)):
        if mean is not None and not mean >= 0:
            raise InputError(f"{name} is {mean:g}: views are 0 or more.")

    numbers = np.arange(1, max(_SHOWN, each) + 1)
    table = pd.DataFrame({"posts": numbers, "chance": 1 - (1 - rate) ** (numbers * time)})
    formats: dict[str, Format] = {"posts": "count", "chance": "rate"}
    chance = float(1 - (1 - rate) ** (each * time))
    words = {
        "posts": text.number(each),
        "rate": share_words(rate),
        "months": text.number(time),
        "chance": share_words(chance),
    }
    said = text.say(
        "{posts} posts a month, and each breaks out with a chance of {rate}: in {months} months at least "
        "one does with a chance of {chance}.",
        **words,
    )
    if time == 1:
        said = text.say(
            "{posts} posts a month, and each breaks out with a chance of {rate}: in 1 month at least one "
            "does with a chance of {chance}.",
            **words,
        )
    views = share = None
    if usual is not None and broken_out is not None:
        of_one = (1 - rate) * usual + rate * broken_out
        views, share = each * of_one, rate * broken_out / of_one if of_one else 0.0
        table["views"], formats["views"] = numbers * of_one, "count"
        said += " " + text.say(
            "A mean month has {views} views, {share} of them from posts that broke out.",
            views=text.number(views),
            share=share_words(share),
        )
    return Posting(
        table=table,
        sentence=said,
        definition=text.say(
            "Chance = 1 - (1 - rate)^(posts x months). Views = posts x ((1 - rate) x views of a usual post + "
            "rate x views of one that broke out). Both hold if one post does not depend on another."
        ),
        formats=formats,
        posts=each,
        rate=rate,
        months=time,
        chance=chance,
        breakouts=rate * each * time,
        views=views,
        from_breakouts=share,
    )
