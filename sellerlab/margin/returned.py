"""What returns cost: not only the sale that is undone.

One idea: a return takes back the revenue *and* costs a parcel out, a parcel back, hands to check it, the
goods that cannot be sold again, and the fees that the platform keeps. It is an expected cost of every order,
so it belongs in the price of every order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def return_cost(
    rate: Any,
    *,
    cost: Any = 0.0,
    ship_out: Any = 0.0,
    ship_back: Any = 0.0,
    handling: Any = 0.0,
    resellable: Any = 1.0,
    fee_kept: Any = 0.0,
) -> Any:
    """Return the expected cost of returns of one order sent.

    ``r * (ship out + ship back + handling + (1 - resellable) * cost + fee kept)``; the revenue of the order
    counts ``1 - r`` times besides.

    Args:
        rate: Share of orders that come back (fraction): number, array or Series, like all that follow.
        cost: Landed cost of the goods of an order.
        ship_out: Postage of the first way, lost with the sale.
        ship_back: Postage of the way back, where the seller pays it.
        handling: Checking, repacking, payment of one return.
        resellable: Share of returned goods that can be sold again as new.
        fee_kept: Fees of the sale that the platform does not give back.

    Returns:
        An amount for each order sent, returned or not; same kind as given.

    Raises:
        InputError: A rate is no fraction, or an amount is negative.

    >>> round(return_cost(0.1, cost=800, ship_out=400, ship_back=500, handling=150, resellable=0.6), 2)
    137.0
    """
    for name, share in (("rate", rate), ("resellable", resellable)):
        for each in np.atleast_1d(np.asarray(share, dtype=float)):
            check_rate(name, float(each))
    amounts = {"cost": cost, "ship_out": ship_out, "ship_back": ship_back, "handling": handling}
    for name, amount in (amounts | {"fee_kept": fee_kept}).items():
        if not np.all(np.asarray(amount, dtype=float) >= 0):
            raise InputError(f"{name} is {np.min(amount):g}: expected an amount of 0 or more.")
    return rate * (ship_out + ship_back + handling + (1 - resellable) * cost + fee_kept)


@dataclass(frozen=True, kw_only=True, repr=False)
class ExpectedReturns(Result):
    """What an order leaves with its returns; `table` has one row a step.

    Attributes:
        kept: What an order leaves that is not returned.
        counted: What it leaves on average where only the revenue is taken back with a return.
        left: What it leaves on average, all costs of returns counted.
        cost: Expected cost of returns of an order sent, the lost revenue not in it.
        highest_rate: Share of returns at which nothing is left; None where even all returns leave something.
    """

    kept: float
    counted: float
    left: float
    cost: float
    highest_rate: float | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        names, amounts = self.table["step"].tolist(), self.table["amount"].tolist()
        whole = {0, len(names) - 1}
        level = 0.0
        for place, amount in enumerate(amounts):
            start = 0.0 if place in whole else level
            level = start + amount
            fine = plots.TOTAL if place in whole and amount >= 0 else plots.LOSS
            ax.barh(place, abs(amount), left=min(start, level), color=fine)
            note = text.money(amount, self.currency)
            ax.annotate(note, (max(start, level), place), (4, 0), textcoords="offset points", va="center")
        ax.set_yticks(range(len(names)), names)
        ax.invert_yaxis()
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x")
        ax.axvline(0, color=plots.MUTED, linewidth=1)
        ax.margins(x=0.2)
        plots.money_axis(ax, self.currency, axis="x")


def expected_returns(
    revenue: float,
    *,
    rate: float,
    cost: float,
    fee: float = 0.0,
    fee_refunded: float = 1.0,
    ship_out: float = 0.0,
    ship_back: float = 0.0,
    handling: float = 0.0,
    resellable: float = 1.0,
    currency: str | None = None,
) -> ExpectedReturns:
    """Return what an order leaves on average, once its returns are paid for.

    ``left = (1 - r) * (revenue - fee - cost - ship out) - r * (ship out + ship back + handling
    + (1 - resellable) * cost + fee * (1 - refunded))``

    Args:
        revenue: Net price of an order, without tax, above 0.
        rate: Share of orders that come back (fraction).
        cost: Landed cost of its goods.
        fee: Fees of the sale.
        fee_refunded: Share of the fees that the platform gives back on a return.
        ship_out: Postage of the first way.
        ship_back: Postage of the way back, where the seller pays it.
        handling: Checking, repacking, payment of one return.
        resellable: Share of returned goods that can be sold again as new.
        currency: ISO code, for the words.

    Returns:
        `ExpectedReturns`; its table has step and amount, an order each.

    Raises:
        InputError: A rate is no fraction, or an amount is negative.

    >>> result = expected_returns(2000, rate=0.1, cost=800, fee=200, fee_refunded=0.8, ship_out=400,
    ...                           ship_back=500, handling=150, resellable=0.6)
    >>> round(result.kept), round(result.left, 1)
    (600, 399.0)
    """
    if not revenue > 0:
        raise InputError(f"revenue is {revenue:g}: expected the net price of an order, above 0.")
    check_rate("fee_refunded", fee_refunded)
    terms = {"cost": cost, "ship_out": ship_out, "ship_back": ship_back, "handling": handling}
    terms |= {"resellable": resellable, "fee_kept": fee * (1 - fee_refunded)}
    loss = float(return_cost(rate, **terms))
    if not fee >= 0:
        raise InputError(f"fee is {fee:g}: expected an amount of 0 or more.")
    kept = revenue - fee - cost - ship_out
    left = (1 - rate) * kept - loss
    one = float(return_cost(1.0, **terms))
    highest = kept / (kept + one) if kept + one > 0 and 0 <= kept <= kept + one else None
    if one == 0 or kept < 0:
        highest = None if kept >= 0 else 0.0
    steps = [
        (text.say("left of an order that is kept"), kept),
        (text.say("sales undone"), -rate * kept),
        (text.say("parcel out, in vain"), -rate * ship_out),
        (text.say("parcel back"), -rate * ship_back),
        (text.say("handling"), -rate * handling),
        (text.say("goods not fit for sale"), -rate * (1 - resellable) * cost),
        (text.say("fees not given back"), -rate * fee * (1 - fee_refunded)),
        (text.say("left of an order on average"), left),
    ]
    shown = [step for place, step in enumerate(steps) if step[1] or place in (0, len(steps) - 1)]
    words = {
        "kept": text.money(kept, currency),
        "rate": text.percent(rate),
        "left": text.money(left, currency),
        "counted": text.money((1 - rate) * kept, currency),
        "loss": text.money(loss, currency),
    }
    said = text.say(
        "An order that is kept leaves {kept}; with {rate} of returns an order leaves {left} on average, not "
        "{counted}: returns cost {loss} an order beside the lost sales.",
        **words,
    )
    if highest is not None and kept > 0:
        said += " " + text.say("At {highest} of returns nothing is left.", highest=text.percent(highest, 0))
    return ExpectedReturns(
        table=pd.DataFrame(shown, columns=["step", "amount"]),
        sentence=said,
        definition=text.say(
            "Left = (1 - return rate) x (net price - fee - landed cost - postage) - return rate x (postage "
            "out + postage back + handling + share not fit for sale x landed cost + fee not given back), for "
            "each order sent."
        ),
        currency=currency,
        formats={"amount": "money"},
        kept=kept,
        counted=(1 - rate) * kept,
        left=left,
        cost=loss,
        highest_rate=highest,
    )
