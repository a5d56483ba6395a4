"""The explorer of a funnel: visits and the rate of each step, and what comes through."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from sellerlab import text
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.results import Result


def step_rates(
    reached: Mapping[str, float],
    rates: Mapping[str, float] | None = None,
    *,
    order_value: float | None = None,
    currency: str | None = None,
) -> Explorer:
    """Return the explorer of a funnel: a slider for those who begin and one for the rate of each step.

    Args:
        reached: Step to how many reached it, in order.
        rates: Step to the rate that its slider starts with; the others start as counted.
        order_value: What one passage to the end is worth.
        currency: ISO code of `order_value`.

    Raises:
        UnknownNameError: A rate is given for a step that there is not.
        InputError: As `funnel.what_if`.
    """
    from sellerlab.funnel import what_if

    what_if(reached, rates)  # refuses what has no rates
    steps, begin = list(reached), float(next(iter(reached.values())))
    names = {f"rate_{place}": step for place, step in enumerate(steps[1:], 1)}
    started = {step: reached[step] / reached[of] for of, step in pairwise(steps)} | dict(rates or {})

    def answer(begin: float, **state: float) -> Result:
        asked = {names[each]: rate for each, rate in state.items()}
        return what_if(reached, asked, start=begin, order_value=order_value, currency=currency)

    step = max(10.0 ** (len(str(int(begin))) - 2), 1.0)
    controls = [
        Control(
            name="begin",
            label=text.say("Come to {step}", step=steps[0]),
            low=step,
            high=step * max(round(2 * begin / step), 2),
            step=step,
            kind="count",
        ),
        *(
            Control(
                name=each,
                label=text.say("Go on to {step}", step=name),
                low=0.01 if started[name] >= 0.02 else 0.001,
                high=1,
                step=0.01 if started[name] >= 0.02 else 0.001,
                kind="rate",
            )
            for each, name in names.items()
        ),
    ]
    start = {"begin": begin, **{each: started[name] for each, name in names.items()}}
    return Explorer(answer, controls, start)
