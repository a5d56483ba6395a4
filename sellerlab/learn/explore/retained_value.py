"""The explorer of a customer's stay: from retention to a lifetime, and to what one may pay."""

from __future__ import annotations

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result

#: The highest retention of the slider: beyond it a lifetime is a matter of the last digit.
_MOST = 0.95


def retained_value(
    retention: float,
    contribution: float,
    *,
    price: float,
    months: int = 12,
    discount_rate: float = 0.0,
    currency: str | None = None,
) -> Explorer:
    """Return the explorer of a customer's stay: retention, contribution, discount, and a price asked.

    Args:
        retention: Share kept from one period to the next to start with, up to 0.95.
        contribution: What a customer brings in a period to start with, above 0.
        price: What is asked for a customer to start with, 0 or more.
        months: Months of one period; it has no slider.
        discount_rate: A year's discount to start with.
        currency: ISO code of the amounts.

    Raises:
        InputError: The contribution is not above 0, or the retention is above 0.95.
    """
    from sellerlab.lifetime import retained_value as answered

    if not contribution > 0:
        raise InputError(f"contribution is {contribution:g}: expected an amount above 0.")
    if not retention <= _MOST:
        raise InputError(f"retention is {retention:g}: the slider ends at {_MOST:g}.")
    step = step_of(contribution)

    def money(name: str, label: str, start: float, low: float) -> Control:
        shown = f"{label} ({currency})" if currency else label
        most = step * round(max(4 * contribution, 2 * start) / step)
        return Control(name=name, label=shown, low=low, high=most, step=step)

    def answer(**state: float) -> Result:
        return answered(**state, months=months, currency=currency)

    kept = text.say("Kept every {n} months", n=months)
    controls = [
        Control(name="retention", label=kept, low=0, high=_MOST, step=0.01, kind="rate"),
        money("contribution", text.say("{n} months bring", n=months), contribution, step),
        money("price", text.say("Price asked"), price, 0),
        Control(
            name="discount_rate", label=text.say("Discount a year"), low=0, high=0.5, step=0.01, kind="rate"
        ),
    ]
    start = {
        "retention": retention, "contribution": contribution, "price": price, "discount_rate": discount_rate,
    }  # fmt: skip
    return Explorer(answer, controls, start)
