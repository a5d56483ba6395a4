"""How the price climbs with the margin asked for, and the margin that no price can leave.

One idea: the fee is a share of every price, so what is left of a price, as a share, stays below
``1 - fees * (1 + vat_rate)`` however high the price is. Near that limit the price runs away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate
from sellerlab.money import round_money
from sellerlab.pricing.target import price_for_margin
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The picture ends at this many times the floor: beyond it the curve is a wall.
_WALL = 6.0


@dataclass(frozen=True, kw_only=True, repr=False)
class PriceLimits(Result):
    """The price for a margin, the floor, and the margin that no price leaves.

    Attributes:
        margin: Margin asked for, on the net price.
        price: Lowest price that leaves it, VAT included, rounded up; None where no price does.
        floor: Price for a margin of 0, rounded up; None where fees take the whole net price.
        limit: The margin below which every possible margin stays; 0 or less where none is possible.
    """

    margin: float
    price: float | None
    floor: float | None
    limit: float

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Price for a margin"))
        ax.set_xlabel(text.say("margin on the net price"))
        right = max(1.0, self.margin)
        if self.limit < right:
            edge = max(self.limit, 0.0)
            ax.axvspan(edge, right, color=plots.LOSS, alpha=0.15, hatch="//", linewidth=0)
            ax.annotate(
                text.say("no price"), ((edge + right) / 2, 0.5), xycoords=("data", "axes fraction"),
                ha="center", va="center", rotation=90, zorder=6,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.9},
            )  # fmt: skip
        ax.set_xlim(0, right)
        ax.axvline(self.margin, color=plots.MUTED, linestyle="--")
        if self.floor is not None:
            ax.plot(self.table["margin"], self.table["price"], color=plots.TOTAL)
            ax.set_ylim(0, _WALL * self.floor)
            ax.plot(0, self.floor, "s", color=plots.LOSS, clip_on=False, zorder=5)
            ax.annotate(text.say("floor"), (0, self.floor), (8, -16), textcoords="offset points")
        if self.price is not None and self.floor is not None and self.price <= _WALL * self.floor:
            ax.plot(self.margin, self.price, "o", color=plots.GAIN, zorder=5)
            label = text.money(self.price, self.currency)
            # To the left of its point the curve lies below the words; near 0 there is no room there.
            side, at = ("right", (-8, 8)) if self.margin > 0.18 else ("left", (8, 16))
            ax.annotate(label, (self.margin, self.price), at, textcoords="offset points", ha=side)
        plots.percent_axis(ax, axis="x")
        plots.money_axis(ax, self.currency)


def price_limits(
    cost: float,
    margin: float,
    *,
    fees: float = 0.0,
    fee_fixed: float = 0.0,
    fixed_cost: float = 0.0,
    vat_rate: float = 0.0,
    currency: str | None = None,
) -> PriceLimits:
    """Return the price for a margin together with the margins that no price leaves.

    Unlike `pricing.target_price` an impossible margin is an answer here, not an error: `price` is None.

    Args:
        cost: Landed cost of one unit, without VAT.
        margin: Margin asked for, on the net price, from 0 to below 1.
        fees: Share of the buyer's price that the platform keeps.
        fee_fixed: Fixed fee on each sale.
        fixed_cost: Parcel and packing of one sale.
        vat_rate: VAT contained in the buyer's price.
        currency: ISO code; prices are rounded up to its decimals.

    Returns:
        A `PriceLimits`: one row a margin, with the price that leaves it.

    Raises:
        InputError: A rate is not a fraction, a cost is below 0, or nothing at all is to be paid.

    Formula: ``limit = 1 - fees * (1 + vat_rate)``; prices as in `pricing.price_for_margin`.

    >>> print(price_limits(10_000, 0.2, fees=0.108, fixed_cost=3_000, vat_rate=0.1, currency="KRW").sentence)
    Charge at least KRW 20,993 to keep 20.0%. Below KRW 16,228 each sale loses money, and no price keeps
    88.1% or more.
    >>> print(price_limits(10_000, 0.9, fees=0.12, currency="KRW").sentence)
    No price keeps 90.0%: the fee is a share of every price, so the margin always stays below 88.0%.
    """
    check_rate("fees", fees)
    check_rate("vat_rate", vat_rate)
    check_rate("margin", margin, below_high=True)
    terms = {"fees": fees, "fee_fixed": fee_fixed, "fixed_cost": fixed_cost, "vat_rate": vat_rate}
    for name, amount in (("cost", cost), ("fee_fixed", fee_fixed), ("fixed_cost", fixed_cost)):
        if not amount >= 0:
            raise InputError(f"{name} is {amount:g}: a cost is 0 or more.")
    if cost + fixed_cost + fee_fixed <= 0:
        raise InputError("cost is 0, and so are parcel and fixed fee: any price leaves something. Give one.")
    limit = 1 - fees * (1 + vat_rate)

    def priced(asked: float) -> float | None:
        if asked >= limit:
            return None
        price = float(price_for_margin(float(cost), asked, **terms))
        return price if currency is None else round_money(price, currency, "ceil")

    possible = np.linspace(0, max(limit, 0.0), 200, endpoint=False) if limit > 0 else np.array([])
    prices = price_for_margin(float(cost), possible, **terms) if limit > 0 else possible
    price, floor = priced(margin), priced(0.0)
    return PriceLimits(
        table=pd.DataFrame({"margin": possible, "price": prices}),
        sentence=_sentence(margin, price, floor, limit, currency),
        definition=text.say(
            "Margin = what is left / net price. The fee is taken from the price with VAT, so no margin "
            "reaches 1 - fee * (1 + VAT rate). Prices are rounded up."
        ),
        currency=currency,
        formats={"margin": "rate", "price": "money"},
        margin=margin,
        price=price,
        floor=floor,
        limit=limit,
    )


def _sentence(
    margin: float, price: float | None, floor: float | None, limit: float, currency: str | None
) -> str:
    if floor is None:
        return text.say("The fee takes the whole net price: no price keeps anything.")
    if price is None:
        return text.say(
            "No price keeps {margin}: the fee is a share of every price, so the margin always stays below "
            "{limit}.",
            margin=text.percent(margin),
            limit=text.percent(limit),
        )
    return text.say(
        "Charge at least {price} to keep {margin}. Below {floor} each sale loses money, and no price keeps "
        "{limit} or more.",
        price=text.money(price, currency),
        margin=text.percent(margin),
        floor=text.money(floor, currency),
        limit=text.percent(limit),
    )
