"""Does the offer pay? Price cuts and coupons.

One idea: an offer costs a known amount on every sale that would have come anyway and earns only on the
sales that would not. So each question here ends in a break-even share that the seller can hold against
what they know: how many more, how many new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate
from sellerlab.pricing.target import break_even_change, contribution, floor_price
from sellerlab.pricing.terms import Terms
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Discount(Result):
    """How many more units a price cut needs.

    Attributes:
        needed: Units needed on top of today's, as a share of them.
        before: What one sale leaves at the full price.
        after: What one sale leaves at the cut price.
        deepest: Discount at which a sale leaves nothing.
        rate: The discount asked about.
        expected: Units expected on top of today's, as a share of them; None where nobody said.
        gain: Change of profit for each 100 of today's sales if they come; None without `expected`.
    """

    needed: float
    before: float
    after: float
    deepest: float
    rate: float
    expected: float | None = None
    gain: float | None = None

    def _draw(self, ax: Axes) -> None:
        rates = np.linspace(0, min(1.05 * self.deepest, max(0.8, 1.05 * self.rate)), 211)
        # Contribution falls in a line with the price between full price and the deepest discount; from there
        # on no number of units pays.
        kept = 1 - rates / self.deepest
        needed = np.divide(1, kept, out=np.full(rates.size, np.inf), where=kept > 0) - 1
        top = max(2 * self.needed, 1.3 * (self.expected or 0.0), 1.0)
        shown = needed <= top
        ax.plot(rates[shown], needed[shown], color=plots.TOTAL)
        ax.plot(self.rate, self.needed, "o", color=plots.TOTAL, markersize=9)
        if self.expected is not None and self.gain is not None:
            border = np.minimum(needed, top)
            ax.fill_between(rates, border, top, color=plots.GAIN, alpha=0.15, linewidth=0)
            ax.fill_between(rates, 0, border, color=plots.LOSS, alpha=0.15, linewidth=0)
            ax.set_xlim(0, rates[-1])
            ax.text(rates[-1] * 0.03, top * 0.93, text.say("pays"), color=plots.GAIN, va="top")
            ax.text(rates[-1] * 0.97, top * 0.04, text.say("loses"), color=plots.LOSS, ha="right")
            colour = plots.GAIN if self.gain > 0 else plots.LOSS
            ax.plot(self.rate, self.expected, "D", color=colour, markersize=10)
            ax.annotate(
                text.say("expected: {share}", share=text.percent(self.expected, 0)),
                (self.rate, self.expected),
                (10, -4),
                textcoords="offset points",
            )
        ax.annotate(
            text.percent(self.needed, 0),
            (self.rate, self.needed),
            (-8, 8),
            textcoords="offset points",
            ha="right",
        )
        ax.set_title(text.say("Units needed to earn the same as before"))
        ax.set_xlabel(text.say("discount"))
        ax.set_ylabel(text.say("more units than today"))
        ax.set_ylim(bottom=0)
        plots.percent_axis(ax, axis="x")
        plots.percent_axis(ax)


def discount(
    price: float,
    cost: float,
    rate: float,
    *,
    expected: float | None = None,
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> Discount:
    """Return how many more units a price cut must sell to earn the same contribution.

    needed = -dCM / (CM + dCM), with CM the contribution of one sale (Nagle and Müller, Strategy and Tactics
    of Pricing).

    Args:
        price: Price today, VAT included.
        cost: Landed cost of one unit, without VAT.
        rate: Depth of the cut, a share of the price (0.1).
        expected: Units expected on top of today's, a share of them (0.3); with it the gain is told.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only.

    Returns:
        A `Discount`: one row for each of several depths, the one asked for among them.

    Raises:
        InputError: A sale at the cut price loses money; the message names the floor price. Or `expected` is
            no share of -1 or more.

    >>> print(discount(100, 70, 0.10, currency="USD").sentence)
    A discount of 10% leaves USD 20.00 a sale instead of USD 30.00: it must sell 50% more units to earn
    the same.
    """
    check_rate("rate", rate, below_high=True)
    if expected is not None and not expected >= -1:
        raise InputError(f"expected is {expected:g}: expected a share of today's units, such as 0.3.")
    needed = break_even_change(float(price), float(cost), -price * rate, **terms)
    floor = floor_price(float(cost), **terms)
    deepest = 1 - floor / price
    depths = np.array(sorted({round(step * 0.05, 2) for step in range(1, 13)} | {rate}))
    depths = depths[depths < deepest * 0.999]
    after = contribution(price * (1 - depths), float(cost), **terms)
    before = contribution(float(price), float(cost), **terms)
    table = pd.DataFrame(
        {
            "discount": depths,
            "price": price * (1 - depths),
            "left_per_sale": after,
            "more_units_needed": before / after - 1,
        }
    )
    kept = contribution(price * (1 - rate), float(cost), **terms)
    gain = None if expected is None else 100 * ((1 + expected) * kept - before)
    return Discount(
        table=table,
        sentence=_discount_sentence(rate, before, kept, needed, expected, gain, currency),
        definition=text.say(
            "More units needed = contribution of a sale before / after - 1. Contribution = net price - fees "
            "- fixed cost - product. Units are counted over the days of the offer."
        ),
        currency=currency,
        formats={
            "discount": "rate",
            "price": "money",
            "left_per_sale": "money",
            "more_units_needed": "rate",
        },
        needed=needed,
        before=before,
        after=kept,
        deepest=deepest,
        rate=float(rate),
        expected=None if expected is None else float(expected),
        gain=gain,
    )


def _discount_sentence(
    rate: float,
    before: float,
    after: float,
    needed: float,
    expected: float | None,
    gain: float | None,
    currency: str | None,
) -> str:
    words = {
        "rate": text.percent(rate, 0),
        "after": text.money(after, currency),
        "before": text.money(before, currency),
        "needed": text.percent(needed, 0),
    }
    if expected is None or gain is None:
        return text.say(
            "A discount of {rate} leaves {after} a sale instead of {before}: it must sell {needed} more "
            "units to earn the same.",
            **words,
        )
    words |= {"expected": text.percent(expected, 0), "gain": text.money(abs(gain), currency)}
    template = (
        "A discount of {rate} leaves {after} a sale instead of {before}: it must sell {needed} more units to "
        "earn the same. With {expected} more, what 100 sales left before grows by {gain}."
        if gain > 0
        else "A discount of {rate} leaves {after} a sale instead of {before}: it must sell {needed} more "
        "units to earn the same. With {expected} more, what 100 sales left before shrinks by {gain}."
    )
    return text.say(template, **words)


@dataclass(frozen=True, kw_only=True, repr=False)
class Coupon(Result):
    """What a coupon costs, who pays it, and how many new orders pay for it.

    Attributes:
        needed: Share of the coupon's orders that must be new for it to break even; above 1 never.
        before: What an order leaves without the coupon.
        after: What an order leaves with it.
        seller_pays: The seller's part of the coupon.
    """

    needed: float
    before: float
    after: float
    seller_pays: float

    def _draw(self, ax: Axes) -> None:
        shares = np.linspace(0, 1, 101)
        gain = 100 * (self.after - (1 - shares) * self.before)
        ax.plot(shares, gain, color=plots.MUTED)
        ax.fill_between(shares, gain, 0, where=gain >= 0, color=plots.GAIN, alpha=0.35, interpolate=True)
        ax.fill_between(shares, gain, 0, where=gain <= 0, color=plots.LOSS, alpha=0.35, interpolate=True)
        ax.axhline(0, color="#444444", linewidth=1)
        if 0 <= self.needed <= 1:
            ax.plot(self.needed, 0, "o", color=plots.TOTAL, markersize=9)
            ax.annotate(text.percent(self.needed, 0), (self.needed, 0), (8, -16), textcoords="offset points")
        ax.set_title(text.say("What a coupon on 100 orders adds to profit"))
        plots.money_axis(ax, self.currency)
        plots.percent_axis(ax, axis="x")
        ax.set_xlabel(text.say("share of these orders that would not have come without it"))


def coupon(
    price: float,
    cost: float,
    value: float,
    *,
    platform_share: float = 0.0,
    fee_on: str = "after",
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> Coupon:
    """Return what a coupon leaves of an order and the share of new orders at which it breaks even.

    needed = 1 - CM_with / CM_without: of the orders that used it, this many must be new.

    Args:
        price: Price before the coupon, VAT included.
        cost: Landed cost of what is ordered, without VAT.
        value: Amount of the coupon, VAT included.
        platform_share: Share of the coupon that the platform pays back to the seller.
        fee_on: ``"after"`` if fees are taken from what is left after the seller's part, ``"before"`` if
            from the full price. The platform's part is in the base of the fee either way.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only.

    Returns:
        A `Coupon`: one row a part of the order, without and with the coupon.

    Raises:
        InputError: The coupon is not between 0 and the price, or an order earns nothing without it.

    >>> print(coupon(2000, 900, 200, fees=0.1, fixed_cost=300, currency="JPY").sentence)
    With the coupon an order leaves JPY 420 instead of JPY 600; the seller pays JPY 200 of its JPY 200.
    It pays if more than 30% of the orders that use it would not have come otherwise.
    """
    check_rate("platform_share", platform_share)
    if fee_on not in ("after", "before"):
        raise InputError(f"fee_on is {fee_on!r}: fees are taken 'after' or 'before' the seller's part.")
    if not 0 < value < price:
        raise InputError(f"value is {value:g}: a coupon is above 0 and below the price of {price:g}.")
    own = value * (1 - platform_share)
    received = price - own
    vat = 1 + float(terms.get("vat_rate", 0.0))
    before = contribution(float(price), float(cost), **terms)
    if before <= 0:
        floor = floor_price(float(cost), **terms)
        raise InputError(
            f"Without the coupon an order at {price:,.2f} earns {before:,.2f}: nothing to give away. "
            f"Charge more than {floor:,.2f} first."
        )
    after = contribution(received, float(cost), **terms) if fee_on == "after" else before - own / vat
    needed = 1 - after / before
    extra = float(terms.get("fixed_cost", 0.0))
    columns = {}
    for name, paid, platform, base, left in (
        ("without_coupon", price, 0.0, price, before),
        ("with_coupon", price - value, value - own, received, after),
    ):
        columns[name] = [
            paid,
            platform,
            base / vat - base,
            base / vat - extra - cost - left,
            extra,
            cost,
            left,
        ]
    parts = ("Paid by the buyer", "Paid by the platform", "VAT", "Fees", "Fixed cost", "Product", "Left")
    table = pd.DataFrame({"part": [text.say(part) for part in parts], **columns})
    table.loc[3:5, list(columns)] *= -1
    words = {
        "after": text.money(after, currency),
        "before": text.money(before, currency),
        "own": text.money(own, currency),
        "value": text.money(value, currency),
        "needed": text.percent(needed, 0),
    }
    template = (
        "With the coupon an order leaves {after} instead of {before}; the seller pays {own} of its {value}. "
        "It pays if more than {needed} of the orders that use it would not have come otherwise."
        if after > 0
        else "With the coupon an order leaves {after} instead of {before}; the seller pays {own} of its "
        "{value}. It cannot pay: even an order that would not have come otherwise loses money."
    )
    return Coupon(
        table=table,
        sentence=text.say(template, **words),
        definition=text.say(
            "Left = net price + the platform's part - fees - fixed cost - product, all without VAT. Share "
            "of new orders needed = 1 - left with coupon / left without. Later purchases are not counted."
        ),
        currency=currency,
        formats={"without_coupon": "money", "with_coupon": "money"},
        needed=needed,
        before=before,
        after=after,
        seller_pays=own,
    )
