"""The explorer of peeking: how often a test is looked at, and how often it is stopped for nothing."""

from __future__ import annotations

from sellerlab import text
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.results import Result

#: Tests that each state simulates: the share is right to about three points, and the answer comes at once.
_RUNS = 1000


def peeking(looks: int, visitors_per_look: int, rate: float, lift: float = 0.0, *, seed: int = 0) -> Explorer:
    """Return the explorer of tests that are stopped at the first good look.

    Args:
        looks: Number of looks to start with.
        visitors_per_look: Visitors that each variant gains between two looks.
        rate: Conversion rate of A.
        lift: True relative lift of B; 0 for two equal variants.
        seed: Seed of the simulation.
    """
    from sellerlab import experiments

    def answer(looks: float, visitors_per_look: float, rate: float, lift: float) -> Result:
        return experiments.peeking(
            int(looks),
            visitors_per_look=int(visitors_per_look),
            rate=rate,
            lift=lift,
            runs=_RUNS,
            seed=seed,
        )

    controls = (
        Control(name="looks", label=text.say("Looks"), low=1, high=max(60, looks), step=1, kind="count"),
        Control(
            name="visitors_per_look",
            label=text.say("Visitors each, a look"),
            low=10,
            high=max(1000, visitors_per_look),
            step=10,
            kind="count",
        ),
        Control(
            name="rate", label=text.say("Rate of A"), low=0.002, high=max(0.3, rate), step=0.002, kind="rate"
        ),
        Control(name="lift", label=text.say("True lift of B"), low=0, high=0.5, step=0.01, kind="rate"),
    )
    start = {"looks": looks, "visitors_per_look": visitors_per_look, "rate": rate, "lift": lift}
    return Explorer(answer, controls, start)
