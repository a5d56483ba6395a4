"""The explorer of one sale: what is left of a price when price, cost, fee and parcel move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.margin.one_sale import SaleTerms


def unit_economics(price: float, cost: float, **terms: Unpack[SaleTerms]) -> Explorer:
    """Return the explorer of one sale: price, cost, fee and parcel, and the waterfall of one unit.

    Args:
        price: Price to start with, VAT included.
        cost: Landed cost to start with.
        **terms: See `sellerlab.margin.one_sale.SaleTerms`; those without a slider stay as they are.

    Raises:
        InputError: The price is not above 0.
    """
    from sellerlab.margin.one_sale import one_sale

    if not price > 0:
        raise InputError(f"price is {price:g}: expected a price above 0.")
    start = {"price": price, "cost": cost, "fee": terms.get("fee", 0.0), "parcel": terms.get("parcel", 0.0)}
    currency = terms.get("currency")
    step = step_of(price)

    def money(name: str, label: str, low: float, times: float, by: float) -> Control:
        shown = f"{label} ({currency})" if currency else label
        most = max(times * price, 2 * start[name])
        return Control(name=name, label=shown, low=low, high=step * round(most / step), step=by)

    def answer(**state: float) -> Result:
        return one_sale(**{**terms, **state})  # type: ignore[arg-type]

    controls = (
        money("price", text.say("Price"), step, 2, step),
        money("cost", text.say("Cost of the goods"), 0, 1, step),
        Control(name="fee", label=text.say("Fee"), low=0, high=0.5, step=0.001, kind="rate"),
        money("parcel", text.say("Parcel"), 0, 0.5, step / 10),
    )
    return Explorer(answer, controls, start)
