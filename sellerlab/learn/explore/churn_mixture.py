"""The explorer of churn: two kinds of subscribers, and the churn that falls though nobody changes."""

from __future__ import annotations

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.results import Result

#: Where the slider of those who leave rarely ends, and that of the others begins.
_BETWEEN = 0.2


def churn_mixture(share: float, high: float, low: float, *, renewals: int = 12) -> Explorer:
    """Return the explorer of a mixture of subscribers: how many leave easily, and both kinds' churn.

    Args:
        share: Share that leaves easily to start with, of those who begin.
        high: Their chance to leave at each renewal to start with, 0.2 to 0.9.
        low: The chance of the others to start with, 0.01 to 0.2.
        renewals: Renewals to look at; it has no slider.

    Raises:
        InputError: A chance lies outside its slider.
    """
    from sellerlab.retention import churn_mixture as answered

    if not 0.01 <= low <= _BETWEEN <= high <= 0.9:
        raise InputError(
            f"low is {low:g} and high {high:g}: the sliders go from 0.01 to {_BETWEEN:g}, and on to 0.9."
        )

    def answer(**state: float) -> Result:
        return answered(**state, renewals=renewals)

    controls = [
        Control(name=name, label=label, low=bottom, high=top, step=0.01, kind="rate")
        for name, label, bottom, top in (
            ("share", text.say("Share who leave easily"), 0.0, 1.0),
            ("high", text.say("Their churn a renewal"), _BETWEEN, 0.9),
            ("low", text.say("Churn of the others"), 0.01, _BETWEEN),
        )
    ]
    return Explorer(answer, controls, {"share": share, "high": high, "low": low})
