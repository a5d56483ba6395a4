"""The explorer of a discount: how much more it must sell, and whether what is expected is enough."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Unpack

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms


def discount(
    price: float,
    cost: float,
    rate: float,
    expected: float,
    *,
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> Explorer:
    """Return the explorer of a discount: margin, depth, and the extra units that are expected.

    The margin slider moves the cost of the goods; price, fee, parcel and VAT stay.

    Args:
        price: Price before the discount, VAT included.
        cost: Landed cost to start with.
        rate: Discount to start with, a share of the price.
        expected: Units expected on top of today's to start with, a share of them.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`, plain numbers.

    Raises:
        InputError: The sale leaves nothing before the discount: there is nothing to give away.
    """
    from sellerlab.pricing import promotions
    from sellerlab.pricing.target import margin_at

    free, margin = (float(margin_at(float(price), each, **terms)) for each in (0.0, float(cost)))
    if not margin > 0:
        raise InputError(
            f"The margin at {price:g} is {margin:.1%}: a discount needs a sale that leaves something."
        )
    net = price / (1 + float(terms.get("vat_rate", 0.0)))

    def answer(**state: float) -> Result:
        its_cost = max((free - state["margin"]) * net, 0.0)
        return promotions.discount(
            price, its_cost, state["rate"], expected=state["expected"], currency=currency, **terms
        )

    top = max(math.floor(free * 100) / 100, margin)
    controls = [
        Control(
            name=name,
            label=label,
            low=low,
            high=high,
            step=0.005 if name == "margin" else 0.01,
            kind="rate",
        )
        for name, label, low, high in (
            ("margin", text.say("Margin today"), 0.01, top),
            ("rate", text.say("Discount"), 0.01, 0.6),
            ("expected", text.say("More units expected"), 0.0, 3.0),
        )
    ]
    return Explorer(answer, controls, {"margin": margin, "rate": rate, "expected": expected})
