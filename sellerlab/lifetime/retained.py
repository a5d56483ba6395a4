"""From retention to a lifetime and to what may be paid: the formula for customers who are all alike.

The one idea: if the same share is kept period after period, lifetime and value follow from it by one
division, and near full retention both run away. A shop's customers are not alike and do not say when they
leave, so the answer moves with the period that is chosen; `lifetime.new_customer_value` needs no retention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.lifetime.acquisition import margin_multiple
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The picture shows retention up to here, or a little beyond the one asked about.
_SHOWN = 0.9


@dataclass(frozen=True, kw_only=True, repr=False)
class RetainedValue(Result):
    """Lifetime and value of a customer at a retention; `table` has one row a retention.

    Attributes:
        retention: Share kept from one period to the next.
        months: Months of one period.
        lifetime: Months that a customer stays on average.
        value: Contribution that a customer brings, discounted: the most that may be paid for one.
        price: What is asked for a customer, or None.
        needed: Retention at which `value` is `price`; 0 where the first period pays it, None where no
            retention does or no price is given.
    """

    retention: float
    months: int
    lifetime: float
    value: float
    price: float | None
    needed: float | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.plot(self.table["retention"], self.table["value"], color=plots.TOTAL)
        ax.plot(self.retention, self.value, "o", color=plots.TOTAL, clip_on=False, zorder=5)
        # The curve rises to the right, so the upper corner on the left is always free.
        ax.annotate(
            text.say(
                "{kept} kept: {value}, stays {stay} months",
                kept=text.percent(self.retention),
                value=text.money(self.value, self.currency),
                stay=text.number(self.lifetime, 1),
            ),
            (0.03, 0.92), xycoords="axes fraction", color=plots.TOTAL, zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none"},
        )  # fmt: skip
        if self.price is not None:
            ax.axhline(self.price, color=plots.LOSS, linestyle="--")
            ax.annotate(
                text.say("asked"), (1, self.price), (-4, 4), xycoords=ax.get_yaxis_transform(),
                textcoords="offset points", ha="right", color=plots.LOSS,
            )  # fmt: skip
        if self.needed:
            ax.axvline(self.needed, color=plots.MUTED, linestyle=":")
        ax.set_xlim(0, max(_SHOWN, self.retention))
        ax.set_ylim(bottom=0)
        plots.percent_axis(ax, axis="x")
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("kept every {n} months", n=self.months))
        ax.set_title(text.say("What may be paid for a customer"))


def retained_value(
    retention: float,
    contribution: float,
    *,
    months: int = 12,
    discount_rate: float = 0.0,
    price: float | None = None,
    currency: str | None = None,
) -> RetainedValue:
    """Return how long a customer stays and what one brings, if the same share is kept every period.

    lifetime = months / (1 - r), value = m + m × r / (1 + i - r), with i the discount of one period

    Args:
        retention: Share of customers kept from one period to the next (fraction below 1).
        contribution: What a customer brings in a period, at its start, above 0.
        months: Months of one period, 1 or more.
        discount_rate: A year's discount (fraction).
        price: What is asked for a customer, 0 or more; gives the retention that would pay it.
        currency: ISO code, for the words.

    Returns:
        `RetainedValue`. Its table has retention, lifetime in months, and value.

    Raises:
        InputError: A rate, an amount or a number cannot be right.

    Source: Gupta and Lehmann (2003), "Customers as Assets", Journal of Interactive Marketing 17(1), with
    the first period paid at once.

    >>> print(retained_value(0.75, 1000, price=2500, currency="JPY").sentence)
    With 75.0% kept every 12 months, a customer stays 48.0 months on average and brings JPY 4,000: the most
    that may be paid for one. The JPY 2,500 asked needs 60.0%.
    """
    import pandas as pd

    check_rate("retention", retention, below_high=True)
    check_rate("discount_rate", discount_rate)
    if not isinstance(months, int) or months < 1:
        raise InputError(f"months is {months}: expected a whole number of 1 or more.")
    if not 0 < contribution < np.inf:
        raise InputError(f"contribution is {contribution:g}: expected an amount above 0.")
    if price is not None and not price >= 0:
        raise InputError(f"price is {price:g}: expected what is asked for a customer, 0 or more.")
    discount = (1 + discount_rate) ** (months / 12) - 1
    kept = np.linspace(0, max(_SHOWN, retention), 91)
    worth = contribution * (1 + margin_multiple(kept, discount))
    value = float(contribution * (1 + margin_multiple(retention, discount)))
    lifetime = months / (1 - retention)
    needed = None
    if price is not None:
        asked = (1 + discount) * (1 - contribution / price) if price > contribution else 0.0
        needed = asked if asked < 1 else None
    return RetainedValue(
        table=pd.DataFrame({"retention": kept, "lifetime": months / (1 - kept), "value": worth}),
        sentence=_said(retention, months, lifetime, value, price, needed, currency),
        definition=text.say(
            "Lifetime = {n} months / (1 - retention). Value = contribution of a period, {each}, at once and "
            "again each time the customer is kept, discounted at {rate} a year. It takes all customers as "
            "alike, the share kept as the same for ever, and leaving as seen.",
            n=months,
            each=text.money(contribution, currency),
            rate=text.percent(discount_rate),
        ),
        currency=currency,
        formats={"retention": "rate", "lifetime": "number", "value": "money"},
        retention=retention,
        months=months,
        lifetime=lifetime,
        value=value,
        price=price,
        needed=needed,
    )


def _said(
    retention: float,
    months: int,
    lifetime: float,
    value: float,
    price: float | None,
    needed: float | None,
    currency: str | None,
) -> str:
    said = text.say(
        "With {kept} kept every {n} months, a customer stays {stay} months on average and brings {value}: "
        "the most that may be paid for one.",
        kept=text.percent(retention),
        n=months,
        stay=text.number(lifetime, 1),
        value=text.money(value, currency),
    )
    if price is None:
        return said
    asked = text.money(price, currency)
    if needed is None:
        return said + " " + text.say("No retention pays back the {asked} asked.", asked=asked)
    if needed == 0:
        return said + " " + text.say("The {asked} asked is paid by the first period alone.", asked=asked)
    return said + " " + text.say("The {asked} asked needs {kept}.", asked=asked, kept=text.percent(needed))
