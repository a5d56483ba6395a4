"""The explorer of a price: what must be charged, and the margin that no price leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms


def target_price(
    cost: float, margin: float, *, currency: str | None = None, **terms: Unpack[Terms]
) -> Explorer:
    """Return the explorer of a price: cost, parcel, fee, VAT and margin, and where no price is left.

    Args:
        cost: Landed cost to start with, above 0.
        margin: Target margin on the net price to start with.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`, plain numbers; a minimum fee is left out.

    Raises:
        InputError: The cost is not above 0.
    """
    from sellerlab.pricing.limits import price_limits

    if not cost > 0:
        raise InputError(f"cost is {cost:g}: expected a cost above 0.")
    start = {"cost": cost, "fixed_cost": float(terms.get("fixed_cost", 0.0)), "margin": margin}
    start |= {"fees": float(terms.get("fees", 0.0)), "vat_rate": float(terms.get("vat_rate", 0.0))}
    fixed = float(terms.get("fee_fixed", 0.0))
    step = step_of(cost)
    amounts = (("cost", text.say("Cost of the goods"), step), ("fixed_cost", text.say("Parcel"), 0))
    rates = (
        ("fees", text.say("Fee"), 0.5),
        ("vat_rate", text.say("VAT"), 0.3),
        ("margin", text.say("Margin wanted"), 0.99),
    )

    def answer(**state: float) -> Result:
        return price_limits(**state, fee_fixed=fixed, currency=currency)

    controls = [
        Control(
            name=name,
            label=f"{label} ({currency})" if currency else label,
            low=low,
            high=max(3 * cost, 2 * start[name]),
            step=step,
        )
        for name, label, low in amounts
    ]
    controls += [
        Control(name=name, label=label, low=0, high=high, step=0.001, kind="rate")
        for name, label, high in rates
    ]
    return Explorer(answer, controls, start)
