"""What looking every day does to a test, shown by tests whose truth is known.

One idea: simulate tests in which A and B are the same, look at each after every day, and count how many a
seller would have stopped with "p < 0.05". Nobody has to believe a formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.experiments.sequential import Kind, bounds, edge_of
from sellerlab.intervals import wilson
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Peeking(Result):
    """What stopping at the first good look does, over simulated tests.

    Attributes:
        peeked: Share of tests that showed p < alpha at some look.
        low: Lower end of its 95% interval.
        high: Upper end.
        at_end: Share with p < alpha at the last look.
        bounded: Share that reached the bound of the plan at some look.
        runs: Tests simulated.
        lift: True relative lift of B; 0 means that each alarm is false.
    """

    peeked: float
    low: float
    high: float
    at_end: float
    bounded: float
    runs: int
    lift: float

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        looks = self.table["look"]
        drawn = [
            ("stopped_at_p", "o-", plots.LOSS, text.say("stop at the first p below the level")),
            ("stopped_at_bound", "s-", plots.TOTAL, text.say("stop at the bound of the plan")),
            ("at_this_look", ":", plots.MUTED, text.say("look once, then")),
        ]
        for column, style, colour, label in drawn:
            ax.plot(looks, self.table[column], style, color=colour, label=label, markersize=4)
        ax.set_ylim(bottom=0)
        ax.locator_params(axis="x", integer=True)
        ax.locator_params(axis="y", steps=[1, 2, 5, 10])
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("look"))
        title = text.say("False alarms so far") if self.lift == 0 else text.say("Tests stopped so far")
        ax.set_title(title)
        ax.legend()


def peeking(
    looks: int = 14,
    *,
    visitors_per_look: int = 200,
    rate: float = 0.03,
    lift: float = 0.0,
    kind: Kind = "obrien_fleming",
    alpha: float = 0.05,
    runs: int = 2000,
    seed: int = 0,
) -> Peeking:
    """Simulate tests of two variants that are looked at again and again.

    At each look a pooled z test of all visitors so far. "Peeked": stopped at the first p < alpha.

    Args:
        looks: Number of looks, such as days.
        visitors_per_look: Visitors that each variant gains between looks.
        rate: Conversion rate of A.
        lift: True relative lift of B; 0 for two equal variants.
        kind: Bounds to compare with, see `bounds`.
        alpha: Level of each look, and of all looks under the bounds.
        runs: Tests to simulate.
        seed: Seed of the simulation.

    Returns:
        A `Peeking`: one row a look, shares of all runs.

    Raises:
        InputError: A rate lies outside 0 to 1, or a count is not above 0.

    Source: P. Armitage, C. McPherson, B. Rowe, Repeated significance tests, 1969.

    >>> result = peeking(seed=1)
    >>> 0.20 < result.peeked < 0.25, result.bounded < 0.065
    (True, True)
    """
    check_rate("rate", rate, below_high=True)
    check_rate("rate * (1 + lift)", rate * (1 + lift), below_high=True)
    for name, count in (("looks", looks), ("visitors_per_look", visitors_per_look), ("runs", runs)):
        if count < 1:
            raise InputError(f"{name} is {count}: expected 1 or more.")
    plan = bounds(looks, kind=kind, alpha=alpha)
    random = np.random.default_rng(seed)
    a, b = (
        random.binomial(visitors_per_look, chance, (runs, looks)).cumsum(axis=1)
        for chance in (rate, rate * (1 + lift))
    )
    n = visitors_per_look * np.arange(1, looks + 1)
    pooled = (a + b) / (2 * n)
    spread = np.sqrt(pooled * (1 - pooled) * 2 / n)
    z = np.abs(b - a) / n / np.where(spread > 0, spread, np.inf)
    alarm = z >= edge_of(alpha)
    ever, bounded = (np.logical_or.accumulate(each, axis=1) for each in (alarm, z >= np.array(plan.z)))
    table = pd.DataFrame({"look": range(1, looks + 1), "visitors_each": n, "runs": runs})
    table["at_this_look"] = alarm.mean(axis=0)
    table["stopped_at_p"] = ever.mean(axis=0)
    table["stopped_at_bound"] = bounded.mean(axis=0)
    peeked = int(ever[:, -1].sum())
    low, high = wilson(peeked, runs)
    words = {
        "runs": text.number(runs),
        "looks": text.number(looks),
        "peeked": text.percent(peeked / runs),
        "low": text.percent(low),
        "high": text.percent(high),
        "end": text.percent(float(alarm[:, -1].mean())),
        "bounded": text.percent(float(bounded[:, -1].mean())),
        "lift": text.percent(lift),
        "alpha": text.number(alpha, 2),
    }
    if lift == 0:
        said = text.say(
            "Of {runs} tests without any difference, {peeked} showed p below {alpha} at one of {looks} looks "
            "(95% interval {low} to {high}); {end} at the last look alone, {bounded} reached the planned "
            "bound.",
            **words,
        )
    else:
        said = text.say(
            "Of {runs} tests with a true lift of {lift}, {peeked} showed p below {alpha} at one of {looks} "
            "looks (95% interval {low} to {high}); {end} at the last look alone, {bounded} reached the "
            "planned bound.",
            **words,
        )
    return Peeking(
        table=table,
        sentence=said,
        definition=text.say(
            "Simulated visitors, rate of A {rate}; at each look a pooled z test of all visitors so far. "
            "Shares are of all simulated tests. Bounds: {kind}.",
            rate=text.percent(rate),
            kind=kind,
        ),
        formats={
            **dict.fromkeys(("look", "visitors_each", "runs"), "count"),
            **dict.fromkeys(("at_this_look", "stopped_at_p", "stopped_at_bound"), "rate"),
        },
        peeked=peeked / runs,
        low=low,
        high=high,
        at_end=float(alarm[:, -1].mean()),
        bounded=float(bounded[:, -1].mean()),
        runs=runs,
        lift=lift,
    )
