"""Unit economics: margin and markup, break-even.

Margin is a share of the price, markup a share of the cost; mixing them is the dearest mistake in pricing.
`profit_and_loss`, `waterfall` and `abc`, which ask the same of a whole shop, are called from here too:
``margin.profit_and_loss(orders, products, costs=margin.Costs(...))``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A number, an array or a Series; what goes in comes out.
Amount = TypeVar("Amount")


def margin_of(price: Amount, cost: Any) -> Amount:
    """Return the margin: what is left of the price, as a share of the price.

    margin = (price - cost) / price

    Args:
        price: Price without tax; number, array or Series, above 0.
        cost: Cost of the same unit, without tax; 0 or more.

    Returns:
        A fraction below 1, negative where the price is under the cost; same kind as `price`.

    Raises:
        InputError: A price is not above 0, or a cost is negative.

    Source: Farris et al., *Marketing Metrics*.

    >>> margin_of(2000, 1500)
    0.25
    """
    price, cost = _amounts(price, cost)
    return (price - cost) / price  # type: ignore[no-any-return]


def markup_of(price: Any, cost: Amount) -> Amount:
    """Return the markup: what is put on the cost, as a share of the cost.

    markup = (price - cost) / cost

    Args:
        price: Price without tax; number, array or Series, above 0.
        cost: Cost of the same unit, without tax; above 0.

    Returns:
        A fraction, which may pass 1; same kind as the arguments.

    Raises:
        InputError: A price or a cost is not above 0.

    Source: Farris et al., *Marketing Metrics*.

    >>> round(markup_of(2000, 1500), 4)
    0.3333
    """
    price, cost = _amounts(price, cost, free=False)
    return (price - cost) / cost  # type: ignore[no-any-return]


def markup_to_margin(markup: Amount) -> Amount:
    """Return the margin that a markup gives.

    margin = markup / (1 + markup)

    Args:
        markup: Fraction of the cost, above -1; number, array or Series.

    Returns:
        Fraction of the price; same kind as given.

    Raises:
        InputError: A markup is -1 or less: the price would not be above 0.

    Source: Farris et al., *Marketing Metrics*.

    >>> markup_to_margin(1.0)
    0.5
    """
    given = _plain(markup)
    if not np.all(np.nan_to_num(given, nan=0.0) > -1):
        raise InputError(f"markup is {np.nanmin(given):g}: a markup is above -1, as the price is above 0.")
    return given / (1 + given)  # type: ignore[no-any-return]


def margin_to_markup(margin: Amount) -> Amount:
    """Return the markup that a margin needs.

    markup = margin / (1 - margin)

    Args:
        margin: Fraction of the price, below 1; number, array or Series.

    Returns:
        Fraction of the cost; same kind as given.

    Raises:
        InputError: A margin is 1 or more: no price leaves that much of itself.

    Source: Farris et al., *Marketing Metrics*.

    >>> margin_to_markup(0.5)
    1.0
    >>> margin_to_markup(1.5)
    Traceback (most recent call last):
    sellerlab.errors.InputError: margin is 1.5: a margin is below 1, as a cost cannot be negative.
    A markup of 1.5 is a margin of 0.6; did you mean that?
    """
    given = _plain(margin)
    if not np.all(np.nan_to_num(given, nan=0.0) < 1):
        top = float(np.nanmax(given))
        if top <= 10:
            hint = f"A markup of {top:g} is a margin of {top / (1 + top):.3g}; did you mean that?"
        else:
            hint = f"Did you mean {top / 100:g}?"
        raise InputError(f"margin is {top:g}: a margin is below 1, as a cost cannot be negative. {hint}")
    return given / (1 - given)  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    return np.asarray(value, dtype=float) if isinstance(value, list | tuple) else value


def _amounts(price: Any, cost: Any, *, free: bool = True) -> tuple[Any, Any]:
    price, cost = _plain(price), _plain(cost)
    if not np.all(np.nan_to_num(price, nan=1.0) > 0):
        raise InputError(f"price is {np.nanmin(price):g}: a margin or markup needs a price above 0.")
    low = np.nan_to_num(cost, nan=1.0)
    if not np.all(low >= 0 if free else low > 0):
        floor = "0 or more" if free else "above 0"
        raise InputError(f"cost is {np.nanmin(cost):g}: expected a cost {floor}.")
    return price, cost


@dataclass(frozen=True, kw_only=True, repr=False)
class BreakEven(Result):
    """How much has to be sold before the fixed costs are paid.

    Attributes:
        units: Whole units to sell.
        revenue: Net sales that pay fixed costs and target exactly, by part of a unit; the sentence says those
            of whole `units`. None where no price was given.
        fixed: Fixed costs of the period.
        contribution_per_unit: What a unit leaves after its own costs.
        target: Profit wanted on top.
        price: Net price of a unit, or None.
        margin: Contribution as a share of the price, or None.
    """

    units: int
    revenue: float | None
    fixed: float
    contribution_per_unit: float
    target: float
    price: float | None
    margin: float | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        most = max(2 * self.units, 10)
        ends = [0, most]
        profit = [count * self.contribution_per_unit - self.fixed for count in ends]
        ax.plot(ends, profit, color=plots.TOTAL)
        ax.axhline(0, color=plots.MUTED, linewidth=1)
        ax.plot([self.units], [self.units * self.contribution_per_unit - self.fixed], "o", color=plots.GAIN)
        note = text.say("{n} units", n=text.number(self.units))
        place = (self.units, self.units * self.contribution_per_unit - self.fixed)
        ax.annotate(note, place, xytext=(8, -16), textcoords="offset points")
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("units sold"))
        ax.set_title(text.say("Profit after fixed costs"))


def break_even(
    fixed: float,
    contribution_per_unit: float,
    *,
    price: float | None = None,
    target: float = 0.0,
    currency: str | None = None,
) -> BreakEven:
    """Return the units and the revenue at which fixed costs, and a target profit, are paid.

    units = ceil((fixed + target) / contribution per unit)
    revenue = (fixed + target) / (contribution per unit / price)

    Args:
        fixed: Fixed costs of the period, 0 or more.
        contribution_per_unit: Net price less every cost that one more unit causes, above 0.
        price: Net price of one unit; gives the revenue.
        target: Profit wanted in the period, 0 or more.
        currency: ISO code, for the words.

    Raises:
        InputError: A unit leaves nothing, so that no number of units pays; or an amount is negative.

    Source: Horngren et al., *Cost Accounting* (cost-volume-profit analysis).

    >>> result = break_even(90000, 450, price=1500)
    >>> result.units, result.revenue
    (200, 300000.0)
    """
    for name, amount in (("fixed", fixed), ("target", target)):
        if not 0 <= amount < math.inf:
            raise InputError(f"{name} is {amount:g}: expected an amount of 0 or more.")
    if price is not None and not price > 0:
        raise InputError(f"price is {price:g}: expected a price above 0.")
    if not contribution_per_unit > 0:
        raise InputError(
            f"contribution_per_unit is {contribution_per_unit:g}: every unit sold adds to the loss, so "
            "no number of units pays the fixed costs. Raise the price or lower the cost of a unit first."
        )
    if price is not None and contribution_per_unit > price:
        raise InputError(
            f"contribution_per_unit {contribution_per_unit:g} is above the price {price:g}: it is what is "
            "left of the price. Check which is which."
        )
    needed = (fixed + target) / contribution_per_unit
    units = math.ceil(round(needed, 9))
    margin = None if price is None else contribution_per_unit / price
    revenue = None if price is None else needed * price
    words = {
        "units": text.number(units),
        "each": text.money(contribution_per_unit, currency),
        "fixed": text.money(fixed, currency),
        "target": text.money(target, currency),
    }
    if target:
        said = text.say(
            "At {each} left of each unit, {units} units pay {fixed} of fixed costs and leave {target}.",
            **words,
        )
    else:
        said = text.say("At {each} left of each unit, {units} units pay {fixed} of fixed costs.", **words)
    if price is not None:
        # Beside whole units stand the sales of these units, which may be a little above the exact revenue.
        said += " " + text.say("That is {revenue} of net sales.", revenue=text.money(units * price, currency))
    import pandas as pd

    counts = sorted({0, units // 2, units, units * 3 // 2, units * 2})
    profit = [count * contribution_per_unit - fixed for count in counts]
    return BreakEven(
        table=pd.DataFrame({"units": counts, "profit": profit}),
        sentence=said,
        definition=text.say(
            "Units = (fixed costs + target) / contribution of a unit, rounded up; revenue = (fixed costs + "
            "target) / contribution margin. It holds while price, unit cost and fixed costs stay the same."
        ),
        currency=currency,
        formats={"units": "count", "profit": "money"},
        units=units,
        revenue=revenue,
        fixed=fixed,
        contribution_per_unit=contribution_per_unit,
        target=target,
        price=price,
        margin=margin,
    )
