"""The ROAS that one order has to bring, from its price and all that the price has to pay.

One idea: an order can pay for an advertisement only out of what is left of it after tax, goods, fee and
parcel. Gross margin, which forgets the last two, calls campaigns good that lose money.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.pricing.target import contribution
from sellerlab.pricing.terms import Terms
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class BreakEven(Result):
    """The break-even of an advertised order; `table` has one row for each part of its price.

    Attributes:
        contribution: What the order leaves before advertising.
        rate: Contribution as a share of the price without VAT.
        roas: ROAS at which the order leaves nothing, as the tool counts; None where no ROAS is enough.
        acos: Its inverse, the share of the counted revenue that advertising may take; None likewise.
        gross_roas: What gross margin, which forgets fee and parcel, would say; None where goods cost it all.
        counted: Revenue that the tool counts for the order.
    """

    contribution: float
    rate: float
    roas: float | None
    acos: float | None
    gross_roas: float | None
    counted: float

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("What an order leaves after the ad that brought it"))
        # From where an ad costs most of the order to where it costs little.
        right = 2.2 * self.roas if self.roas is not None else 10.0
        start = self.counted / (max(self.contribution, 0.0) + 0.8 * self.counted)
        roas = np.linspace(start, right, 200)
        left = self.contribution - self.counted / roas
        ax.plot(roas, left, color=plots.TOTAL)
        ax.fill_between(roas, np.minimum(left, 0), color=plots.LOSS, alpha=0.15, hatch="//", linewidth=0)
        ax.axhline(0, color="black", linewidth=1)
        ax.axhline(self.contribution, color=plots.MUTED, linestyle="--")
        ax.annotate(
            text.say("before the ad"), (1, self.contribution), (-4, 5),
            xycoords=ax.get_yaxis_transform(), textcoords="offset points", ha="right",
        )  # fmt: skip

        def mark(at: float | None, said: str, shape: str, colour: str, place: tuple[int, int]) -> None:
            if at is not None and start <= at <= right:
                height = self.contribution - self.counted / at
                ax.plot(at, height, shape, color=colour, zorder=5)
                ax.annotate(said, (at, height), place, textcoords="offset points", zorder=6)

        even, gross = (text.number(each or 0.0, 2) for each in (self.roas, self.gross_roas))
        mark(self.roas, text.say("break-even {roas}", roas=even), "o", plots.GAIN, (6, -16))
        mark(self.gross_roas, text.say("gross margin's {roas}", roas=gross), "D", plots.LOSS, (10, -14))
        ax.set_xlim(start, right)
        ax.set_ylim(min(left[0], 1.2 * self.contribution), max(1.3 * self.contribution, 0.1 * self.counted))
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("ROAS, as the tool counts"))


def break_even(
    price: float,
    cost: float,
    *,
    counts_vat: bool = True,
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> BreakEven:
    """Return the ROAS and ACoS at which an order pays for its advertisement and leaves nothing.

    ROAS* = revenue that the tool counts / contribution; ACoS* = 1 / ROAS*. The tool counts the price with
    VAT, or without it.

    Args:
        price: What the buyer pays for the order, VAT included, above 0.
        cost: Landed cost of its goods, without VAT.
        counts_vat: Whether the tool's revenue contains the VAT.
        currency: ISO code.
        **terms: See `sellerlab.pricing.terms.Terms`, plain numbers: fee, parcel, VAT rate.

    Returns:
        `BreakEven`; an order that leaves nothing has no break-even, which is an answer too.

    Raises:
        InputError: The price is not above 0, the cost is negative, or a term is impossible.

    Source: Farris et al., *Marketing Metrics*; contribution after all costs of the sale.

    >>> found = break_even(22_000, 10_000, fees=0.1, fixed_cost=2_800, vat_rate=0.1)
    >>> found.contribution, round(found.roas, 2), round(found.gross_roas, 2)
    (5000.0, 4.4, 2.2)
    >>> break_even(22_000, 10_000, fees=0.1, fixed_cost=2_800, vat_rate=0.1, counts_vat=False).roas
    4.0
    """
    if not 0 < price < float("inf"):
        raise InputError(f"price is {price:g}: expected a price above 0.")
    if not 0 <= cost < float("inf"):
        raise InputError(f"cost is {cost:g}: expected a cost of 0 or more.")
    left = round(float(contribution(float(price), float(cost), **terms)), 9)
    vat_rate = float(terms.get("vat_rate", 0.0))
    parcel = float(terms.get("fixed_cost", 0.0))
    net = price / (1 + vat_rate)
    counted = price if counts_vat else net
    roas = counted / left if left > 0 else None
    gross = counted / (net - cost) if net > cost else None
    parts = {
        text.say("VAT"): price - net,
        text.say("goods"): cost,
        text.say("fee"): net - cost - parcel - left,
        text.say("parcel"): parcel,
        text.say("left for ads and profit"): left,
    }
    words = {
        "price": text.money(price, currency),
        "left": text.money(abs(left), currency),
        "rate": text.percent(left / net),
        "roas": "" if roas is None else text.number(roas, 2),
        "acos": "" if roas is None else text.percent(1 / roas),
        "gross": "" if gross is None else text.number(gross, 2),
    }
    if roas is None:
        template = "An order of {price} loses {left} before any ad is paid: no ROAS is enough."
    else:
        template = (
            "An order of {price} leaves {left} before ads, {rate} of the price without VAT. Break-even: ROAS "
            "{roas}, ACoS {acos}. Gross margin would say {gross}."
        )
    basis = text.say("with VAT") if counts_vat else text.say("without VAT")
    return BreakEven(
        table=pd.DataFrame(
            {
                "part": list(parts),
                "amount": [round(each, 6) for each in parts.values()],
                "share": [each / price for each in parts.values()],
            }
        ),
        sentence=text.say(template, **words),
        definition=text.say(
            "Break-even ROAS = revenue of the order as the tool counts it ({basis}) / what it leaves after "
            "VAT, goods, fee and parcel. ACoS is the inverse. Gross margin takes off VAT and goods only.",
            basis=basis,
        ),
        currency=currency,
        formats={"amount": "money", "share": "rate"},
        contribution=left,
        rate=left / net,
        roas=roas,
        acos=None if roas is None else 1 / roas,
        gross_roas=gross,
        counted=counted,
    )
