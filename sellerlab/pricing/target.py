"""What to charge: from cost, fees, VAT and a target margin to a price, and back.

One idea: a price is a promise about what is left of it. What is left is the contribution

    contribution = P / (1 + vat_rate) - fee(P) - fixed_cost - cost

and the margin is that, divided by the net price ``P / (1 + vat_rate)``. Everything here solves this line
for another letter. A number gives a number; an array or a Series gives the same kind back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError
from sellerlab.money import round_money
from sellerlab.pricing.terms import (
    Array,
    Deal,
    Terms,
    check_above_zero,
    compute,
    each_item,
    lowest_price,
    peak_price,
)
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def contribution(price: Any, cost: Any, **terms: Unpack[Terms]) -> Any:
    """Return what one sale leaves after VAT, fees, fixed cost and the product.

    contribution = P / (1 + vat_rate) - fee(P) - fixed_cost - cost

    Args:
        price: Price the buyer pays, VAT included: a number, an array or a Series.
        cost: Landed cost of one unit, without VAT.
        **terms: See `sellerlab.pricing.terms.Terms`.

    Returns:
        Amounts of the kind given; negative where a sale loses money.

    >>> round(contribution(14_706, 10_000, fees=0.12))
    2941
    """
    return compute(lambda p, c, deal: deal.contribution(p, c), (price, cost), terms)


def margin_at(price: Any, cost: Any, **terms: Unpack[Terms]) -> Any:
    """Return the margin that a price leaves: contribution over the net price.

    margin = contribution / (P / (1 + vat_rate))

    Args:
        price: Price the buyer pays, VAT included, above 0.
        cost: Landed cost of one unit, without VAT.
        **terms: See `sellerlab.pricing.terms.Terms`.

    Returns:
        Fractions of the kind given.

    Raises:
        InputError: A price is 0 or less.

    >>> round(margin_at(18_786, 10_000, fixed_cost=3_000, fees=0.108, vat_rate=0.1), 3)
    0.12
    """

    def formula(price: Array, cost: Array, deal: Deal) -> Any:
        check_above_zero("price", price)
        return deal.contribution(price, cost) / (price / (1 + deal.vat_rate))

    return compute(formula, (price, cost), terms)


def price_for_margin(cost: Any, margin: Any, **terms: Unpack[Terms]) -> Any:
    """Return the lowest price that leaves the target margin.

    With plain numbers, ``P = (c + F)(1 + v) / (1 - m - f(1 + v))``, where F holds the fixed cost and the
    fixed fee; where the minimum fee is dearer, ``P = (c + F + minimum)(1 + v) / (1 - m)``. With a schedule
    the price is searched piece by piece. The answer is not rounded: round it up, or the margin is missed.

    Args:
        cost: Landed cost of one unit, without VAT: a number, an array or a Series.
        margin: Target margin on the net price (0.2 for 20%).
        **terms: See `sellerlab.pricing.terms.Terms`.

    Returns:
        Prices with VAT, of the kind given.

    Raises:
        InputError: No price leaves that margin; the message names the highest possible one.

    >>> round(price_for_margin(10_000, 0.20, fees=0.12))
    14706
    >>> round(price_for_margin(10_000, 0.20, fixed_cost=3_000, fees=0.108, vat_rate=0.1))
    20992
    >>> price_for_margin(10_000, 0.90, fees=0.12)
    Traceback (most recent call last):
    sellerlab.errors.InputError: No price leaves a margin of 90.0%: fees take the rest, so the margin always
    stays below 88.0%. Ask for less than that, or find lower fees.
    """

    def formula(cost: Array, margin: Array, deal: Deal) -> Any:
        if (cost < 0).any():
            raise InputError(f"cost is {np.nanmin(cost):g}: a cost is 0 or more.")
        if (margin >= 1).any():
            raise _no_margin(float(np.nanmax(margin)))
        return lowest_price(cost, margin, deal)

    return compute(formula, (cost, margin), terms)


def floor_price(cost: Any, **terms: Unpack[Terms]) -> Any:
    """Return the price below which a sale loses money: the price for a margin of 0.

    Args:
        cost: Landed cost of one unit, without VAT.
        **terms: See `sellerlab.pricing.terms.Terms`.

    Returns:
        Prices with VAT, of the kind given.

    >>> round(floor_price(1_000, fees=0.1, fixed_cost=300), 1)
    1444.4
    """
    return price_for_margin(cost, 0.0, **terms)


def break_even_change(price: Any, cost: Any, change: Any, **terms: Unpack[Terms]) -> Any:
    """Return the change in units after which a changed price earns the same contribution as before.

    needed = -dCM / (CM + dCM), with CM the contribution of one sale (Nagle and Müller, Strategy and Tactics
    of Pricing).

    Args:
        price: Price today.
        cost: Landed cost of one unit, without VAT.
        change: Change of the price, in money; negative for a cut.
        **terms: See `sellerlab.pricing.terms.Terms`.

    Returns:
        Fractions of today's units: 0.5 is 50% more, -0.25 a quarter less.

    Raises:
        InputError: A sale earns nothing before or after the change; the message names the floor price.

    >>> break_even_change(2.50, 1.00, -0.50), break_even_change(2.50, 1.00, 0.50)
    (0.5, -0.25)
    """

    def formula(price: Array, cost: Array, change: Array, deal: Deal) -> Any:
        before = deal.contribution(price, cost)
        after = deal.contribution(price + change, cost)
        for when, left, at in (("today's", before, price), ("the new", after, price + change)):
            if (left <= 0).any():
                row = np.unravel_index(np.nanargmin(left), left.shape)
                floor = lowest_price(cost, np.zeros_like(cost), deal)[row]
                raise InputError(
                    f"At {when} price of {at[row]:,.2f} a sale earns {left[row]:,.2f}: no number of units "
                    f"earns it back. Stay above {floor:,.2f}."
                )
        return before / after - 1

    return compute(formula, (price, cost, change), terms)


def best_price(cost: Any, elasticity: Any, **terms: Unpack[Terms]) -> Any:
    """Return the price with the highest profit where demand has a constant elasticity.

    P = (c + F) / (1/(1 + v) - f) * e / (1 + e): the mark-up rule (Lerner), with fees and VAT.

    Args:
        cost: Landed cost of one unit, without VAT.
        elasticity: Own-price elasticity, below -1 (-2.5: a price 1% higher sells 2.5% less).
        **terms: See `sellerlab.pricing.terms.Terms`.

    Returns:
        Prices with VAT, of the kind given.

    Raises:
        InputError: An elasticity of -1 or above: the rule then knows no best price.

    >>> round(best_price(4, -2.5), 2), round(best_price(4, -2.5, fees=0.12), 2)
    (6.67, 7.58)
    """

    def formula(cost: Array, elasticity: Array, deal: Deal) -> Any:
        check_above_zero("cost with fixed parts", cost + deal.fixed_cost + deal.fee_fixed + deal.fee_minimum)
        _check_elastic(elasticity)
        if deal.schedule is not None:
            return each_item(peak_price, cost, elasticity, deal)
        factor = elasticity / (1 + elasticity)
        spent = cost + deal.fixed_cost + deal.fee_fixed
        kept = 1 / (1 + deal.vat_rate) - deal.fees
        if (kept <= 0).any():
            raise InputError("Fees and VAT take the whole price: no price earns anything. Find lower fees.")
        at_rate = spent / kept * factor
        at_minimum = (spent + deal.fee_minimum) * (1 + deal.vat_rate) * factor
        # Where neither side of the minimum has its own peak, profit is highest at the bend between them.
        bend = deal.fees * at_minimum > deal.fee_minimum
        at_bend = np.divide(deal.fee_minimum, deal.fees, out=np.array(at_minimum), where=bend)
        return np.where(deal.fees * at_rate >= deal.fee_minimum, at_rate, at_bend)

    return compute(formula, (cost, elasticity), terms)


def arc_elasticity(price_before: Any, price_after: Any, units_before: Any, units_after: Any) -> Any:
    """Return the elasticity between two points, each change taken from the middle of the two.

    e = ((q1 - q0) / ((q1 + q0) / 2)) / ((p1 - p0) / ((p1 + p0) / 2))

    It describes two weeks, not demand: everything else that changed between them is in it.

    Args:
        price_before: Price at first: a number, an array or a Series.
        price_after: Price later.
        units_before: Units sold at first.
        units_after: Units sold later.

    Returns:
        Elasticities of the kind given.

    Raises:
        InputError: The price is the same, or a number is not above 0.

    >>> round(arc_elasticity(70, 60, 2800, 3000), 2)
    -0.45
    """

    def formula(p0: Array, p1: Array, q0: Array, q1: Array, _: Deal) -> Any:
        check_above_zero("price", np.minimum(p0, p1))
        check_above_zero("units", q0 + q1)
        if (p0 == p1).any():
            raise InputError(
                "The price is the same before and after: units at two different prices are needed."
            )
        return (q1 - q0) / (q1 + q0) * (p1 + p0) / (p1 - p0)

    return compute(formula, (price_before, price_after, units_before, units_after), {})


@dataclass(frozen=True, kw_only=True, repr=False)
class TargetPrice(Result):
    """The price for a margin, and what becomes of it.

    Attributes:
        price: Lowest price, VAT included, rounded up to what the currency can pay.
        floor: Price below which a sale loses money, rounded up.
        margin: Margin at `price`, on the net price.
        contribution: What one sale leaves at `price`.
    """

    price: float
    floor: float
    margin: float
    contribution: float

    def _draw(self, ax: Axes) -> None:
        frame = nw.from_native(self.table)
        names, amounts = frame["part"].to_list(), np.asarray(frame["amount"].to_list())
        left = self.price - np.cumsum(amounts[1:])
        starts = np.array([0.0, *left[:-1], 0.0])
        colours = [
            plots.TOTAL,
            *[plots.MUTED] * (len(names) - 2),
            plots.GAIN if left[-2] >= 0 else plots.LOSS,
        ]
        ax.barh(range(len(names)), amounts, left=starts, color=colours)
        ax.set_yticks(range(len(names)), names)
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        for place, (start, amount) in enumerate(zip(starts, amounts, strict=True)):
            label = text.money(amount, self.currency)
            ax.annotate(
                label, (max(start + amount, 0), place), (4, 0), textcoords="offset points", va="center"
            )
        ax.margins(x=0.18)
        ax.set_title(text.say("What becomes of the price"))
        plots.money_axis(ax, self.currency, axis="x")


def target_price(
    cost: float, margin: float, *, currency: str | None = None, **terms: Unpack[Terms]
) -> TargetPrice:
    """Return the lowest price of a product for a margin, and show where each part of it goes.

    Args:
        cost: Landed cost of one unit, without VAT.
        margin: Target margin on the net price.
        currency: ISO code; prices are rounded up to its decimals.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only.

    Returns:
        A `TargetPrice`: one row a part of the price.

    Raises:
        InputError: No price leaves that margin.

    >>> print(target_price(10_000, 0.20, fees=0.12, currency="KRW").sentence)
    Charge at least KRW 14,706 to keep 20.0% (KRW 2,941 a sale). Below KRW 11,364 each sale loses money.
    """
    price = _rounded_up(price_for_margin(float(cost), float(margin), **terms), currency)
    floor = _rounded_up(floor_price(float(cost), **terms), currency)
    kept = contribution(price, float(cost), **terms)
    reached = margin_at(price, float(cost), **terms)
    extra = float(terms.get("fixed_cost", 0.0))
    vat = price - price / (1 + float(terms.get("vat_rate", 0.0)))
    fee = price - vat - extra - cost - kept
    parts = (("Price", price), ("VAT", vat), ("Fees", fee), ("Fixed cost", extra), ("Product", cost))
    rows = [(name, amount) for name, amount in parts if amount or name in ("Price", "Product")]
    rows.append(("Left", kept))
    table = pd.DataFrame(
        {
            "part": [text.say(name) for name, _ in rows],
            "amount": [amount for _, amount in rows],
            "share_of_price": [amount / price for _, amount in rows],
        }
    )
    return TargetPrice(
        table=table,
        sentence=text.say(
            "Charge at least {price} to keep {margin} ({left} a sale). Below {floor} each sale loses money.",
            price=text.money(price, currency),
            margin=text.percent(reached),
            left=text.money(kept, currency),
            floor=text.money(floor, currency),
        ),
        definition=text.say(
            "Left = net price - fees - fixed cost - product. Net price = price without VAT. "
            "Margin = left / net price. Prices are rounded up."
        ),
        currency=currency,
        formats={"amount": "money", "share_of_price": "rate"},
        price=price,
        floor=floor,
        margin=reached,
        contribution=kept,
    )


def _rounded_up(price: float, currency: str | None) -> float:
    return price if currency is None else round_money(price, currency, "ceil")


def _no_margin(margin: float) -> InputError:
    asked = f"margin is {margin:g}: a margin is a share of the price and below 1."
    if margin > 1.5:
        return InputError(f"{asked} Did you mean {margin / 100:g}?")
    return InputError(
        f"{asked} A markup of {margin:.0%} on the cost is a margin of {margin / (1 + margin):.1%}."
    )


def _check_elastic(elasticity: Array) -> None:
    highest = float(np.nanmax(elasticity, initial=-np.inf))
    if highest > 0:
        hint = f" Did you mean {-highest:g}?" if highest > 1 else ""
        raise InputError(
            f"elasticity is {highest:g}: people buy less at a higher price, so it is negative.{hint}"
        )
    if highest >= -1:
        raise InputError(
            f"elasticity is {highest:g}: from -1 to 0 every higher price earns more, so no price is "
            "best (the rule needs less than -1). Raise the price in small steps, and measure again at each."
        )
