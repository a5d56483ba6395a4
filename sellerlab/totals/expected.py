"""From followers to orders: what a chain of rates promises, and how little it may keep.

One idea: the uncertainties of a chain of rates multiply, and chance comes on top. A forecast of 12 orders
from small counts is a forecast of anything from 3 to 30.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import draw_intervals, wilson
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DRAWS = 20_000


@dataclass(frozen=True, kw_only=True, repr=False)
class Expected(Result):
    """What a number of people lead to; `table` has one row a step.

    Attributes:
        expected: Number at the last step that the counted rates give.
        low: Lower end of what the rates leave open.
        high: Upper end.
        orders_low: Lower end of the number that may really come, chance included.
        orders_high: Upper end.
        start: People at the beginning.
    """

    expected: float
    low: float
    high: float
    orders_low: int
    orders_high: int
    start: float

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: two lines."""
        return 2.4

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("What {n} may lead to", n=text.number(self.start)))
        names = [text.say("expected"), text.say("may really come")]
        lows, highs = [self.low, float(self.orders_low)], [self.high, float(self.orders_high)]
        draw_intervals(ax, names, [self.expected] * 2, lows, highs)
        ax.set_xlim(left=0)


def expect(
    start: float,
    counted: Mapping[str, tuple[float, float]],
    *,
    confidence: float = 0.95,
    seed: int = 1,
) -> Expected:
    """Return what a number of people lead to through a chain of counted rates.

    expected = start x passed_1 / of_1 x passed_2 / of_2 ...; each rate is drawn from Beta(passed + 1/2,
    of - passed + 1/2), the number that comes from a Poisson around the drawn product.

    Args:
        start: People at the beginning, such as 5000 followers.
        counted: Step to (how many passed, of how many), in order, such as
            ``{"views": (300, 1000), "clicks": (12, 1000), "orders": (3, 50)}``.
        confidence: Level of the intervals.
        seed: Seed of the draws.

    Raises:
        InputError: No steps, a step counted on nobody, more passed than there were, or a negative start.

    Source: H. Jeffreys' prior for a proportion; see L. Brown, T. Cai, A. DasGupta, Interval estimation for
    a binomial proportion, 2001.

    >>> round(expect(5000, {"clicks": (12, 1000), "orders": (3, 50)}).expected, 2)
    3.6
    """
    import pandas as pd

    if not counted or not 0 <= start < float("inf"):
        raise InputError(
            f"start is {start!r} with {len(counted)} steps: expected 0 or more, and a step or more."
        )
    tail = (1 - check_rate("confidence", confidence, below_high=True)) / 2
    random = np.random.default_rng(seed)
    product, drawn, rows = float(start), np.full(_DRAWS, float(start)), []
    for step, (passed, of) in counted.items():
        if not of > 0:
            raise InputError(f"{step} was counted on {of:g}: expected a number above 0.")
        low, high = wilson(passed, of, confidence)
        product *= passed / of
        drawn = drawn * random.beta(passed + 0.5, of - passed + 0.5, _DRAWS)
        rows.append((step, passed, of, passed / of, low, high, product))
    ends = np.quantile(drawn, [tail, 1 - tail])
    come = np.quantile(random.poisson(drawn), [tail, 1 - tail], method="inverted_cdf")
    columns = ["step", "passed", "of", "rate", "low", "high", "expected"]
    return Expected(
        table=pd.DataFrame(rows, columns=columns),
        sentence=_sentence(start, list(counted), product, ends, come, confidence),
        definition=text.say(
            "Expected = people x the rate of each step. The range of the expectation comes from how few "
            "were counted (Jeffreys); what may really come adds chance (Poisson). {level} intervals. It "
            "holds where the new people are like those counted.",
            level=text.percent(confidence, 0),
        ),
        formats={
            **dict.fromkeys(("passed", "of"), "count"),
            **dict.fromkeys(("rate", "low", "high"), "rate"),
            "expected": "number",
        },
        expected=product,
        low=float(ends[0]),
        high=float(ends[1]),
        orders_low=int(come[0]),
        orders_high=int(come[1]),
        start=float(start),
    )


def _sentence(
    start: float, steps: Sequence[str], product: float, ends: np.ndarray, come: np.ndarray, confidence: float
) -> str:
    return text.say(
        "{n} lead to about {expected} {last}. The counted rates leave open {low} to {high}; with chance, "
        "{least} to {most} may come ({level} intervals).",
        n=text.number(start),
        last=steps[-1],
        expected=text.number(product, 1),
        low=text.number(ends[0], 1),
        high=text.number(ends[1], 1),
        least=text.number(come[0]),
        most=text.number(come[1]),
        level=text.percent(confidence, 0),
    )
