"""Does a bigger basket pay? Free shipping from a threshold, and bundles.

One idea: both give something away on orders that were big already, and earn on orders that grow. So each
ends in the share of buyers who must change for it to break even.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate
from sellerlab.pricing.target import contribution
from sellerlab.pricing.terms import Terms
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class FreeShipping(Result):
    """From which order value free shipping pays.

    Attributes:
        threshold: Threshold with the highest gain, or None if every one loses.
        gain: Change of profit over these orders at that threshold, at the assumed `top_up`.
        top_up: Assumed share of the orders just below a threshold that are raised to it.
    """

    threshold: float | None
    gain: float
    top_up: float

    def _draw(self, ax: Axes) -> None:
        frame = nw.from_native(self.table)
        gains = frame["gain"].to_list()
        labels = [text.money(each, self.currency) for each in frame["threshold"].to_list()]
        plots.bars(ax, labels, gains, [plots.GAIN if gain > 0 else plots.LOSS for gain in gains])
        ax.axvline(0, color="#444444", linewidth=1)
        ax.set_title(text.say("Change of profit if shipping is free from …"))
        plots.money_axis(ax, self.currency, axis="x")


def free_shipping(
    order_values: Any,
    thresholds: Sequence[float],
    *,
    contribution_rate: float,
    shipping_charge: float,
    top_up: float,
    reach: float = 0.3,
    currency: str | None = None,
) -> FreeShipping:
    """Return what free shipping from each threshold would have changed over these orders.

    Today every buyer pays `shipping_charge`. From a threshold T on nobody does: each order of T and more
    costs that charge. Of the orders from ``(1 - reach) T`` to T, a share `top_up` is raised to T: each earns
    ``contribution_rate * (T - value)`` and costs the charge too. Other orders stay as they are. The column
    `needed_top_up` is the share at which a threshold breaks even.

    Args:
        order_values: Value of each order without shipping: an array or a Series. All amounts here are on
            one basis, best without VAT.
        thresholds: Thresholds to compare.
        contribution_rate: Share of an added sale that is left after product and fees.
        shipping_charge: What a buyer pays for shipping today.
        top_up: Assumed share that tops up. A test shows it; nothing else does.
        reach: How far below a threshold buyers still top up, as a share of it.
        currency: ISO code of the amounts.

    Returns:
        A `FreeShipping`: one row a threshold.

    Raises:
        InputError: There is no order or no threshold above 0, or a rate is no rate.

    >>> free_shipping([40, 45, 60], [50], contribution_rate=0.4, shipping_charge=1, top_up=0.5).gain
    1.0
    """
    check_rate("contribution_rate", contribution_rate)
    check_rate("top_up", top_up)
    check_rate("reach", reach)
    series = nw.from_native(order_values, series_only=True, pass_through=True)
    values = np.asarray(series.to_numpy() if isinstance(series, nw.Series) else series, dtype=float)
    values = values[~np.isnan(values)]
    if not values.size or (values < 0).any():
        raise InputError("order_values must hold the value of at least one order, each 0 or more.")
    if not len(thresholds) or not min(thresholds) > 0:
        raise InputError(f"thresholds are {tuple(thresholds)}: expected at least one amount above 0.")
    rows = []
    for threshold in sorted(thresholds):
        above = int((values >= threshold).sum())
        near = values[(values < threshold) & (values >= (1 - reach) * threshold)]
        earned = float((contribution_rate * (threshold - near) - shipping_charge).sum())
        given = above * shipping_charge
        needed = given / earned if earned > 0 else np.nan
        rows.append((float(threshold), above, len(near), given, needed, top_up * earned - given))
    table = pd.DataFrame(
        rows, columns=["threshold", "orders_above", "orders_near", "shipping_given", "needed_top_up", "gain"]
    )
    best = max(rows, key=lambda row: row[-1])
    pays = best[-1] > 0
    words = {
        "threshold": text.money(best[0], currency),
        "gain": text.money(best[5], currency),
        "top_up": text.percent(top_up, 0),
        "n": text.number(len(values)),
        "near": text.number(best[2]),
        "needed": text.percent(best[4], 0),
    }
    template = (
        "Over {n} orders, free shipping from {threshold} would have earned {gain} more, if {top_up} of the "
        "{near} orders just below it were raised to it; it breaks even at {needed}."
        if pays
        else "Over {n} orders, no threshold pays if {top_up} of the orders just below it are raised to it. "
        "The one from {threshold} loses least: {gain}."
    )
    return FreeShipping(
        table=table,
        sentence=text.say(template, **words),
        definition=text.say(
            "Gain = top-up share x sum over near orders of (contribution rate x missing value - shipping "
            "charge) - shipping charge x orders above. The top-up share is an assumption."
        ),
        currency=currency,
        formats={
            "threshold": "money",
            "orders_above": "count",
            "orders_near": "count",
            "shipping_given": "money",
            "needed_top_up": "rate",
            "gain": "money",
        },
        threshold=best[0] if pays else None,
        gain=best[5],
        top_up=float(top_up),
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class Bundle(Result):
    """Whether selling parts together pays.

    Attributes:
        needed: Share of the bundle's buyers who must otherwise have bought only the main part.
        main: What an order of the main part leaves.
        apart: What an order of all parts at their own prices leaves.
        together: What an order of the bundle leaves.
        saving: The buyer's saving against the parts.
    """

    needed: float
    main: float
    apart: float
    together: float
    saving: float

    def _draw(self, ax: Axes) -> None:
        frame = nw.from_native(self.table)
        labels, left = frame["order"].to_list(), frame["left"].to_list()
        plots.bars(ax, labels, left, [plots.MUTED, plots.MUTED, plots.TOTAL])
        for place, amount in enumerate(left):
            label = text.money(amount, self.currency)
            ax.annotate(label, (max(amount, 0), place), (4, 0), textcoords="offset points", va="center")
        ax.margins(x=0.15)
        ax.set_title(text.say("What one order leaves"))
        plots.money_axis(ax, self.currency, axis="x")


def bundle(
    parts: Mapping[str, tuple[float, float]],
    price: float,
    *,
    currency: str | None = None,
    **terms: Unpack[Terms],
) -> Bundle:
    """Return what a bundle leaves beside its parts, and whom it must win to break even.

    A buyer of the bundle would have bought either all parts or only the main one. It breaks even when the
    share of the latter is ``(CM_apart - CM_together) / (CM_apart - CM_main)``.

    Args:
        parts: Part to (price, landed cost); the first is the main part. Prices include VAT.
        price: Price of the bundle, VAT included.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only. `fixed_cost` is paid once an order.

    Returns:
        A `Bundle`: one row a kind of order.

    Raises:
        InputError: Fewer than two parts, or the bundle is not cheaper than its parts.

    >>> parts = {"stand": (2000, 600), "cable": (1000, 400)}
    >>> print(bundle(parts, 2600, fees=0.1, fixed_cost=300, currency="JPY").sentence)
    The bundle leaves JPY 1,040 an order; all parts apart leave JPY 1,400, and stand alone JPY 900. It pays if
    more than 72% of its buyers would otherwise have bought stand alone.
    """
    if len(parts) < 2:
        raise InputError("parts holds one part: a bundle has at least two.")
    (name, (main_price, main_cost)), *_ = parts.items()
    full = sum(each for each, _ in parts.values())
    cost = sum(each for _, each in parts.values())
    if not 0 < price < full:
        raise InputError(
            f"price is {price:g}: a bundle costs less than its parts ({full:g}) and more than 0."
        )
    main = contribution(float(main_price), float(main_cost), **terms)
    apart = contribution(float(full), float(cost), **terms)
    together = contribution(float(price), float(cost), **terms)
    table = pd.DataFrame(
        {
            "order": [name, text.say("all parts apart"), text.say("bundle")],
            "price": [float(main_price), float(full), float(price)],
            "cost": [float(main_cost), float(cost), float(cost)],
            "left": [main, apart, together],
        }
    )
    needed = (apart - together) / (apart - main) if apart > main else np.inf
    template = (
        "The bundle leaves {together} an order; all parts apart leave {apart}, and {name} alone {main}. "
        "It pays if more than {needed} of its buyers would otherwise have bought {name} alone."
        if needed < 1
        else "The bundle leaves {together} an order; all parts apart leave {apart}, and {name} alone {main}. "
        "It cannot pay: it leaves no more than {name} alone."
    )
    return Bundle(
        table=table,
        sentence=text.say(
            template,
            together=text.money(together, currency),
            apart=text.money(apart, currency),
            main=text.money(main, currency),
            name=name,
            needed=text.percent(needed, 0) if needed < 1 else "",
        ),
        definition=text.say(
            "Left = net price - fees - fixed cost once an order - products. Share needed = (all apart - "
            "bundle) / (all apart - main part). Buyers who would have bought nothing are not counted."
        ),
        currency=currency,
        formats={"price": "money", "cost": "money", "left": "money"},
        needed=needed,
        main=main,
        apart=apart,
        together=together,
        saving=full - price,
    )
