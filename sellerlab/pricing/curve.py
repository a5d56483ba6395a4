"""What each price would sell, bring in and leave, along an estimated elasticity.

One idea: units, revenue and contribution are highest at three different prices. Revenue knows no cost, so
its best price looks only at the buyers; what is left needs the cost, the fee and the parcel as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError
from sellerlab.pricing.target import best_price, contribution
from sellerlab.pricing.terms import Terms
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Prices between the lowest and the highest for which the curve is computed.
_POINTS = 81
#: The picture ends so far below 0, as a share of the most that is left.
_DEEPEST = -0.6


@dataclass(frozen=True, kw_only=True, repr=False)
class PriceCurve(Result):
    """Units, revenue and contribution by price; a period is what `units` were counted in.

    Attributes:
        price: The price asked about.
        units: Units expected at it.
        revenue: What buyers pay for them, VAT included.
        contribution: What they leave.
        revenue_best: Price within the range with the highest revenue; None where all bring the same.
        profit_best: Price within the range that leaves most, or loses least.
        given_up: What `revenue_best` leaves less than `profit_best`; None without the former.
        at_the_end: Whether `profit_best` is an end of the range, so that more may be left beyond it.
    """

    price: float
    units: float
    revenue: float
    contribution: float
    revenue_best: float | None
    profit_best: float
    given_up: float | None
    at_the_end: bool

    def _draw(self, ax: Axes) -> None:
        prices = self.table["price"].to_numpy()
        looks = (
            ("units", text.say("units"), plots.COLOURS[-1], ":"),
            ("revenue", text.say("revenue"), plots.COLOURS[1], "--"),
            ("contribution", text.say("what is left"), plots.TOTAL, "-"),
        )
        lowest = 0.0
        for name, label, colour, style in looks:
            values = self.table[name].to_numpy()
            share = values / (values.max() if values.max() > 0 else np.abs(values).max())
            lowest = min(lowest, float(share.min()))
            ax.plot(prices, share, style, color=colour, label=label)
            best = {"revenue": self.revenue_best, "contribution": self.profit_best}.get(name)
            if best is not None:
                height = float(np.interp(best, prices, share))
                marker = "s" if name == "revenue" else "o"
                ax.plot(best, height, marker, color=colour, markersize=9, clip_on=False, zorder=5)
                # Two marks in one place need one price.
                if name == "contribution" or best != self.profit_best:
                    where = (best - prices[0]) / (prices[-1] - prices[0])
                    side = "left" if where < 0.15 else "right" if where > 0.85 else "center"
                    price = text.money(best, self.currency)
                    ax.annotate(price, (best, height), (0, 8), textcoords="offset points", ha=side)
        ax.axvline(self.price, color=plots.COLOURS[-1], linewidth=1)
        ax.set_ylim(max(1.15 * lowest, _DEEPEST) if lowest < 0 else 0.0, 1.15)
        ax.set_xlim(prices[0], prices[-1])
        plots.money_axis(ax, self.currency, axis="x")
        plots.percent_axis(ax)
        ax.set_title(text.say("Each line as a share of its own highest"))
        if self.currency:
            ax.set_xlabel(text.say("price ({currency})", currency=self.currency))
        else:
            ax.set_xlabel(text.say("price"))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3)


def price_curve(
    price: float,
    units: float,
    elasticity: float,
    cost: float,
    *,
    low: float,
    high: float,
    at: float | None = None,
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> PriceCurve:
    """Return units, revenue and contribution at each price of a range, for a constant elasticity.

    units(P) = units * (P / price) ** elasticity; revenue = P * units(P); contribution = units(P) *
    (P / (1 + vat_rate) - fee(P) - fixed_cost - cost). Revenue is highest at the lower end of the range where
    the elasticity is below -1, and at the upper end where it is above.

    Args:
        price: A price whose units are known, VAT included.
        units: Units sold at it in a period.
        elasticity: Own-price elasticity, below 0.
        cost: Landed cost of one unit, without VAT.
        low: Lowest price of the range, such as the lowest ever charged.
        high: Highest price of it.
        at: Price to ask about, within the range; `price` by default.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only.

    Returns:
        A `PriceCurve`: one row a price.

    Raises:
        InputError: A number is not above 0, the elasticity is not below 0, or `at` is outside the range.

    >>> found = price_curve(10, 100, -2, 4, low=6, high=12)
    >>> found.revenue_best, found.profit_best, round(found.given_up, 1)
    (6.0, 8.0, 69.4)
    """
    at = price if at is None else at
    for name, value in (("price", price), ("units", units), ("low", low)):
        if not value > 0:
            raise InputError(f"{name} is {value!r}: expected a number above 0.")
    if not elasticity < 0:
        raise InputError(
            f"elasticity is {elasticity!r}: people buy less at a higher price, so it is below 0."
        )
    if not low < high or not low <= at <= high:
        raise InputError(
            f"at is {at:g}: expected a price from low ({low:g}) to high ({high:g}), low below high."
        )

    def sold(asked: float) -> float:
        return float(units * (asked / price) ** elasticity)

    def left(asked: float) -> float:
        return float(sold(asked) * contribution(float(asked), float(cost), **terms))

    best = float(high)
    if elasticity < -1:
        best = float(np.clip(best_price(float(cost), float(elasticity), **terms), low, high))
    revenue_best = None if elasticity == -1 else float(low if elasticity < -1 else high)
    prices = np.unique(np.append(np.linspace(low, high, _POINTS), best))
    many = units * (prices / price) ** elasticity
    given_up = None if revenue_best is None else left(best) - left(revenue_best)
    return PriceCurve(
        table=pd.DataFrame(
            {
                "price": prices,
                "units": many,
                "revenue": prices * many,
                "contribution": many * np.asarray(contribution(prices, float(cost), **terms)),
            }
        ),
        sentence=_sentence(
            at, sold(at), (left(at), left(best)), revenue_best, best, best in (low, high), given_up, currency
        ),
        definition=text.say(
            "Units = units at the known price x (price / known price) to the power of the elasticity. "
            "Revenue = price with VAT x units. Left = units x (price without VAT - fee - fixed cost - "
            "product). Only prices within the range; competitors are taken not to react."
        ),
        currency=currency,
        formats={"price": "money", "units": "number", "revenue": "money", "contribution": "money"},
        price=float(at),
        units=sold(at),
        revenue=at * sold(at),
        contribution=left(at),
        revenue_best=revenue_best,
        profit_best=best,
        given_up=given_up,
        at_the_end=best in (low, high),
    )


def _sentence(
    at: float,
    units: float,
    left: tuple[float, float],
    revenue_best: float | None,
    best: float,
    at_the_end: bool,
    given_up: float | None,
    currency: str | None,
) -> str:
    words = {
        "price": text.money(at, currency),
        "units": text.number(units, 0 if units >= 10 else 1),
        "revenue": text.money(at * units, currency),
        "left": text.money(left[0], currency),
        "most": text.money(revenue_best or np.nan, currency),
        "best": text.money(best, currency),
        "given_up": text.money(given_up or 0.0, currency),
    }
    if left[1] <= 0:
        return text.say(
            "At {price}: {units} units, {revenue} of revenue, {left} left. No price in the range leaves "
            "anything; least is lost at {best}, the end of the range.",
            **words,
        )
    if revenue_best is None:
        return text.say(
            "At {price}: {units} units, {revenue} of revenue, {left} left. Every price brings the same "
            "revenue; most is left at {best}, the end of the range.",
            **words,
        )
    if revenue_best == best:
        return text.say(
            "At {price}: {units} units, {revenue} of revenue, {left} left. Both revenue and what is left are "
            "highest at {best}, the end of the range: what lies beyond is not known.",
            **words,
        )
    if at_the_end:
        return text.say(
            "At {price}: {units} units, {revenue} of revenue, {left} left. Revenue is highest at {most}; "
            "most is left at {best}, the end of the range, {given_up} more than at {most}.",
            **words,
        )
    return text.say(
        "At {price}: {units} units, {revenue} of revenue, {left} left. Revenue is highest at {most}; most is "
        "left at {best}, {given_up} more than at {most}.",
        **words,
    )
