"""When to order again: the reorder point, and the safety stock within it.

One idea: between the order and its arrival the shop sells on. The reorder point is what is asked for in
that time on average, plus a safety stock for the days that are better, and the deliveries that are later,
than the average. Stock on its way counts as stock, or it is ordered twice.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sellerlab.demand import Demand, Empirical
from sellerlab.errors import InputError
from sellerlab.stock.lots import in_packs

#: Draws of the demand over a lead time.
DRAWS = 10_000


def safety_stock(
    daily_sd: Any, lead_time: Any, *, daily: Any = 0.0, lead_time_sd: Any = 0.0, service: Any = 0.95
) -> Any:
    """Return the units kept against bad luck between an order and its arrival.

    safety stock = z * sqrt(L * sd**2 + d**2 * sL**2)

    Args:
        daily_sd: Standard deviation of the demand of a day, units: number, array or Series.
        lead_time: Days from the order to the shelf.
        daily: Average demand of a day, units; counts where `lead_time_sd` does.
        lead_time_sd: Standard deviation of the lead time, days. Left out, late deliveries count as never.
        service: Probability of no stock-out between an order and its arrival. It is not the share of units
            sold from the shelf: that is `fill_rate`.

    Returns:
        Units, not rounded; the kind given.

    Raises:
        InputError: A number is negative, or the service is not between 0.5 and 1.

    Source: Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*, 6.

    >>> round(safety_stock(4, 14, daily=10, lead_time_sd=3), 1), round(safety_stock(4, 14), 1)
    (55.1, 24.6)
    """
    from scipy.special import ndtri

    _not_negative(daily_sd=daily_sd, lead_time=lead_time, daily=daily, lead_time_sd=lead_time_sd)
    level = np.asarray(service, dtype=float)
    if not np.all((level >= 0.5) & (level < 1)):
        top = float(level.max())
        hint = f" Did you mean {top / 100:g}?" if 1 < top < 100 else ""
        raise InputError(
            f"service is {top:g}: expected a probability from 0.5 to below 1, such as 0.95.{hint} No stock "
            "is enough for every case."
        )
    z = ndtri(level) if level.ndim else float(ndtri(level))
    return z * (lead_time * daily_sd**2 + daily**2 * lead_time_sd**2) ** 0.5


def reorder_point(
    daily: Any, lead_time: Any, *, daily_sd: Any = 0.0, lead_time_sd: Any = 0.0, service: Any = 0.95
) -> Any:
    """Return the stock, on hand and on order, at which to order again.

    reorder point = d * L + safety stock

    Args:
        daily: Average demand of a day, units: number, array or Series.
        lead_time: Days from the order to the shelf.
        daily_sd: Standard deviation of the demand of a day.
        lead_time_sd: Standard deviation of the lead time, days.
        service: Probability of no stock-out between an order and its arrival.

    Returns:
        Units, not rounded; the kind given.

    Raises:
        InputError: As `safety_stock`.

    Source: Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*, 6.

    >>> reorder_point(8000 / 250, 3)
    96.0
    """
    return daily * lead_time + safety_stock(
        daily_sd, lead_time, daily=daily, lead_time_sd=lead_time_sd, service=service
    )


def fill_rate(reorder_at: float, quantity: float, lead_demand: Demand) -> float:
    """Return the share of units that are sold from the shelf at once.

    fill rate = 1 - E[(demand over the lead time - reorder point)+] / Q

    Args:
        reorder_at: Stock at which to order again, units.
        quantity: Units an order, above 0.
        lead_demand: Demand between an order and its arrival.

    Raises:
        InputError: The quantity is not above 0.

    Source: Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*, 6.

    >>> from sellerlab.demand import Normal
    >>> round(fill_rate(143, 111, Normal(100, 25)), 3)
    0.996
    """
    if not quantity > 0:
        raise InputError(f"quantity is {quantity:g}: expected units an order above 0.")
    return max(1 - lead_demand.short(reorder_at) / quantity, 0.0)


def lead_time_demand(
    daily_units: Any, lead_time: float, *, lead_time_sd: float = 0.0, seed: int = 0
) -> Empirical:
    """Return the demand of a lead time by resampling days: for slow, uneven sellers.

    A bell shape gives a slow seller negative sales and too little safety stock; resampled days do not.

    Args:
        daily_units: Units of each day seen, days without stock left out; array or Series.
        lead_time: Average days from the order to the shelf.
        lead_time_sd: Standard deviation of the lead time, days; drawn from a bell, rounded to whole days.
        seed: Seed of the draws.

    Returns:
        An `Empirical` demand of 10,000 draws; its `quantile(0.95)` is the reorder point.

    Raises:
        InputError: There is no day, a number is negative, or the lead time is not above 0.

    >>> lead_time_demand([0, 0, 3, 0, 1, 0, 0, 2, 0, 0], 14).quantile(0.95)
    15.0
    """
    units = np.asarray(daily_units, dtype=float)
    units = units[~np.isnan(units)]
    if not units.size or (units < 0).any():
        raise InputError("daily_units: expected the units of at least one day, 0 or more each.")
    _not_negative(lead_time_sd=lead_time_sd)
    if not lead_time > 0:
        raise InputError(f"lead_time is {lead_time:g}: expected days above 0.")
    draw = np.random.default_rng(seed)
    levels, counts = np.unique(units, return_counts=True)
    days = np.rint(draw.normal(lead_time, lead_time_sd, DRAWS)).clip(0).astype(int)
    return Empirical.of(draw.multinomial(days, counts / counts.sum()) @ levels)


def slow_reorder_point(mean: float, variance: float, *, service: float = 0.95) -> float:
    """Return the reorder point of a product that sells a few units in a lead time.

    The smallest stock that demand passes with probability ``1 - service`` at most: negative binomial demand
    with this mean and variance, Poisson where the variance is not above the mean. A bell shape would do for
    ten units and more.

    Args:
        mean: Demand of a lead time, units, 0 or more.
        variance: Its variance: ``L * sd**2 + d**2 * sL**2``.
        service: Probability of no stock-out between an order and its arrival.

    Returns:
        Whole units.

    Source: Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*.

    >>> slow_reorder_point(3, 3), slow_reorder_point(3, 9)
    (6.0, 9.0)
    """
    _not_negative(mean=mean, variance=variance)
    if not 0.5 <= service < 1:
        raise InputError(f"service is {service:g}: expected a probability from 0.5 to below 1, such as 0.95.")
    if mean == 0:
        return 0.0
    clump = max(variance - mean, 0.0) / mean
    size = mean / clump if clump > 1e-9 else 0.0
    chance = math.exp(-size * math.log1p(clump)) if size else math.exp(-mean)
    total, units = chance, 0
    while total < service:
        units += 1
        step = (size + units - 1) * clump / (1 + clump) if size else mean
        chance *= step / units
        total += chance
    return float(units)


def order_units(
    reorder_at: Any, position: Any, daily: float, cover_days: float, *, pack: int = 1, minimum: float = 0
) -> float:
    """Return how many units to order now: up to the reorder point and the days to be covered, in packs.

    Args:
        reorder_at: Stock at which to order again, units.
        position: Units on hand and on order.
        daily: Average demand of a day, units.
        cover_days: Days that an order should last beyond the lead time.
        pack: Units in a pack.
        minimum: Smallest order the supplier takes, units.

    Returns:
        Units in whole packs; 0 while the position is above the reorder point.

    >>> order_units(195, 120, 10, 30, pack=50)
    400.0
    """
    if position > reorder_at:
        return 0.0
    return in_packs(reorder_at + daily * cover_days - position, pack, minimum)


def _not_negative(**amounts: Any) -> None:
    for name, amount in amounts.items():
        values = np.asarray(amount, dtype=float)
        if not np.all(np.nan_to_num(values) >= 0):
            raise InputError(f"{name} is {float(np.nanmin(values)):g}: expected a number of 0 or more.")
