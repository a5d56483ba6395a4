"""The explorer of the break-even ROAS: price, cost, fee, parcel and tax, and what an ad has to bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms


def break_even_roas(
    price: float,
    cost: float,
    *,
    counts_vat: bool = True,
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> Explorer:
    """Return the explorer of the break-even ROAS of an order: price, goods, fee, parcel and VAT.

    Args:
        price: Price of the order to start with, VAT included, above 0.
        cost: Landed cost of its goods to start with.
        counts_vat: Whether the advertising tool's revenue contains the VAT.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`, plain numbers.

    Raises:
        InputError: The price is not above 0.
    """
    from sellerlab import ads

    if not price > 0:
        raise InputError(f"price is {price:g}: expected a price above 0.")
    start = {"price": price, "cost": cost, "fees": float(terms.get("fees", 0.0))}
    start |= {"fixed_cost": float(terms.get("fixed_cost", 0.0))}
    start |= {"vat_rate": float(terms.get("vat_rate", 0.0)), "counts_vat": float(counts_vat)}
    step = step_of(price)

    def answer(**state: float) -> Result:
        moved: Terms = {**terms, **{name: state[name] for name in ("fees", "fixed_cost", "vat_rate")}}  # type: ignore[typeddict-item]
        counts = bool(state["counts_vat"])
        return ads.break_even(state["price"], state["cost"], counts_vat=counts, currency=currency, **moved)

    def money(name: str, label: str, low: float, times: float) -> Control:
        shown = f"{label} ({currency})" if currency else label
        most = max(times * price, 2 * start[name])
        return Control(name=name, label=shown, low=low, high=step * round(most / step), step=step)

    def rate(name: str, label: str, most: float) -> Control:
        return Control(name=name, label=label, low=0, high=most, step=0.001, kind="rate")

    controls = (
        money("price", text.say("Price"), step, 2),
        money("cost", text.say("Goods"), 0, 1),
        rate("fees", text.say("Fee"), 0.5),
        money("fixed_cost", text.say("Parcel"), 0, 0.5),
        rate("vat_rate", text.say("VAT"), 0.3),
        Control(
            name="counts_vat",
            label=text.say("VAT in report (0, 1)"),
            low=0,
            high=1,
            step=1,
            kind="count",
        ),
    )
    return Explorer(answer, controls, start)
