"""The explorer of a price along a demand curve: where revenue is highest, and where most is left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Unpack

from sellerlab import text
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms


def price_curve(
    price: float,
    units: float,
    elasticity: float,
    cost: float,
    *,
    low: float,
    high: float,
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> Explorer:
    """Return the explorer of a price: price, elasticity, cost and fee; the curve follows.

    Args:
        price: A price whose units are known; the price slider starts there.
        units: Units sold at it in a period.
        elasticity: Own-price elasticity to start with, below 0.
        cost: Landed cost to start with, above 0.
        low: Lowest price that was ever charged; no slider goes below it.
        high: Highest one.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`, plain numbers.

    Raises:
        InputError: As `sellerlab.pricing.price_curve`.
    """
    from sellerlab import pricing

    # A start that has no curve is refused here, once, and not in the answer of a slider.
    pricing.price_curve(price, units, elasticity, cost, low=low, high=high, **terms)

    def answer(**state: float) -> Result:
        moved: Terms = {**terms, "fees": state["fees"]}
        return pricing.price_curve(
            price,
            units,
            state["elasticity"],
            state["cost"],
            at=state["price"],
            low=low,
            high=high,
            currency=currency,
            **moved,
        )

    def named(label: str) -> str:
        return f"{label} ({currency})" if currency else label

    step, fee = step_of(price), float(terms.get("fees", 0.0))
    controls = [
        Control(name="price", label=named(text.say("Price")), low=low, high=high, step=step),
        Control(
            name="elasticity",
            label=text.say("Elasticity"),
            low=min(-5.0, math.floor(elasticity)),
            high=max(-0.2, elasticity),
            step=0.05,
            kind="number",
        ),
        Control(name="cost", label=named(text.say("Product cost")), low=0, high=max(cost, high), step=step),
        Control(name="fees", label=text.say("Fee"), low=0, high=max(0.4, fee), step=0.01, kind="rate"),
    ]
    return Explorer(answer, controls, {"price": price, "elasticity": elasticity, "cost": cost, "fees": fee})
