"""The explorer of posts a month: how often, how good, how long; and the chance of a breakout follows."""

from __future__ import annotations

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.results import Result


def posting(
    posts: int,
    rate: float,
    *,
    months: int = 1,
    usual: float | None = None,
    broken_out: float | None = None,
) -> Explorer:
    """Return the explorer of the chance of at least one breakout.

    Args:
        posts: Posts a month to start with.
        rate: Chance that one post breaks out to start with, a fraction.
        months: Months to start with.
        usual: Mean views of posts that do not break out; these stay as they are.
        broken_out: Mean views of posts that do.

    Raises:
        InputError: The posts or the months are below 1.
    """
    from sellerlab import content

    for name, given in (("posts", posts), ("months", months)):
        if not given >= 1:
            raise InputError(f"{name} is {given:g}: expected 1 or more.")

    def answer(posts: float, rate: float, months: float) -> Result:
        whole = {"posts": round(posts), "months": round(months)}
        return content.posting(**whole, rate=rate, usual=usual, broken_out=broken_out)

    controls = (
        Control(
            name="posts",
            label=text.say("Posts a month"),
            low=1,
            high=max(60, posts),
            step=1,
            kind="count",
        ),
        Control(
            name="rate",
            label=text.say("Chance of each"),
            low=0,
            high=max(0.15, rate),
            step=0.001,
            kind="rate",
        ),
        Control(
            name="months",
            label=text.say("Months"),
            low=1,
            high=max(12, months),
            step=1,
            kind="count",
        ),
    )
    return Explorer(answer, controls, {"posts": posts, "rate": rate, "months": months})
