"""The explorer of a test's size: the rate today, the change to be seen, the traffic; and the days follow."""

from __future__ import annotations

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.results import Result


def sample_size(base: float, lift: float, visitors_per_day: float) -> Explorer:
    """Return the explorer of how long a test of two variants must run.

    Args:
        base: Rate today to start with, a fraction.
        lift: Relative change to be seen to start with, 0.1 for 10% more.
        visitors_per_day: Visitors of both variants together in a day, to start with.

    Raises:
        InputError: The rate or the traffic is not above 0.
    """
    from sellerlab import experiments

    for name, given in (("base", base), ("visitors_per_day", visitors_per_day)):
        if not given > 0:
            raise InputError(f"{name} is {given:g}: expected a number above 0.")

    def answer(base: float, lift: float, visitors_per_day: float) -> Result:
        return experiments.sample_size(base, lift=lift, visitors_per_day=visitors_per_day)

    controls = (
        Control(
            name="base",
            label=text.say("Rate today"),
            low=0.002,
            high=max(0.3, base),
            step=0.002,
            kind="rate",
        ),
        Control(
            name="lift",
            label=text.say("Change to be seen"),
            low=0.02,
            high=max(1.0, lift),
            step=0.01,
            kind="rate",
        ),
        Control(
            name="visitors_per_day",
            label=text.say("Visitors a day"),
            low=10,
            high=max(2000.0, 4 * visitors_per_day),
            step=10,
            kind="count",
        ),
    )
    return Explorer(answer, controls, {"base": base, "lift": lift, "visitors_per_day": visitors_per_day})
