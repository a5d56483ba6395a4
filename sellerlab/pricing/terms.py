"""What a sale costs beside the product, and the arithmetic of one sale.

One idea: fees, fixed costs and VAT are the same few terms in every question about a price, so every
pricing function takes them as the same keywords and computes with one `Deal`. A number gives a number;
an array or a Series gives the same kind back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sellerlab.errors import InputError, check_rate, unknown

Array = NDArray[np.float64]

#: Points of the grid on which a schedule's price is first looked for.
_GRID = 2000


class Terms(TypedDict, total=False):
    """What a sale costs beside the product. Every function here takes these as keywords.

    Costs, fixed amounts and fees are without VAT. A seller who cannot reclaim VAT enters them with VAT
    and leaves `vat_rate` at 0.

    Attributes:
        fees: Share of the buyer's price that the platform keeps (0.12), a `sellerlab.fees.FeeSchedule`,
            or a function from an array of prices to an array of fees.
        fee_fixed: Fixed fee on each sale, added to the percentage.
        fee_minimum: Least that the percentage part may be.
        fixed_cost: Shipping, packing and other cost of one order that does not depend on the price.
        vat_rate: VAT contained in the buyer's price (0.1).
    """

    fees: Any
    fee_fixed: Any
    fee_minimum: Any
    fixed_cost: Any
    vat_rate: Any


_TERMS: Mapping[str, float] = dict.fromkeys(Terms.__annotations__, 0.0)


@dataclass(frozen=True)
class Deal:
    """The terms of a sale as arrays, with the arithmetic of one sale."""

    fees: Any
    fee_fixed: Any
    fee_minimum: Any
    fixed_cost: Any
    vat_rate: Any
    schedule: Callable[[Array], Array] | None
    borders: tuple[float, ...] = ()

    def fee(self, price: Any) -> Any:
        """Fees kept from the price."""
        if self.schedule is not None:
            return self.schedule(price) + self.fee_fixed
        return np.maximum(self.fees * price, self.fee_minimum) + self.fee_fixed

    def contribution(self, price: Any, cost: Any) -> Any:
        """What one sale leaves."""
        return price / (1 + self.vat_rate) - self.fee(price) - self.fixed_cost - cost

    def of(self, place: int) -> Deal:
        """The terms of one item."""
        return replace(self, **{name: getattr(self, name).flat[place] for name in _TERMS})

    def grid(self, low: float, high: float) -> Array:
        """Prices from `low` to `high` with every border of the schedule, and a hair to each side of it."""
        borders = np.array([b for b in self.borders if 0 < b < np.inf])
        high = max(high, 10 * borders.max(initial=0))
        near = np.concatenate(
            [np.geomspace(low, high, _GRID), borders * (1 - 1e-12), borders, borders * (1 + 1e-12)]
        )
        return np.unique(near[near >= low])


def compute(formula: Callable[..., Any], given: tuple[Any, ...], terms: Terms) -> Any:
    """Run a formula over numbers, arrays or Series and give back the kind that came in.

    Args:
        formula: Takes one array for each of `given`, then a `Deal`; returns an array.
        given: Numbers, arrays or Series of one length.
        terms: Keywords of `Terms`.

    Returns:
        A number, an array, or a Series like the first one given.

    Raises:
        InputError: A term is unknown or no rate, lengths differ, or two Series have other row labels.
    """
    for name in terms:
        if name not in _TERMS:
            raise unknown("pricing term", name, _TERMS)
    values: dict[str, Any] = {**_TERMS, **terms}
    schedule, borders = _schedule(values["fees"])
    if schedule:
        values["fees"] = 0.0
    natives = [
        nw.from_native(each, series_only=True, pass_through=True) for each in (*given, *values.values())
    ]
    series = [each for each in natives if isinstance(each, nw.Series)]
    _same_rows(series)
    try:
        arrays = np.broadcast_arrays(*(_floats(each) for each in natives))
    except (TypeError, ValueError) as error:
        raise InputError(f"These numbers do not fit together: {error}.") from None
    numbers = dict(zip(values, arrays[len(given) :], strict=True))
    for name in ("fees", "vat_rate"):
        check_rates(name, numbers[name], below_high=name == "fees")
    for name in ("fee_fixed", "fee_minimum", "fixed_cost"):
        if (numbers[name] < 0).any():
            raise InputError(f"{name} is {np.nanmin(numbers[name]):g}: a cost is 0 or more.")
    result = formula(*arrays[: len(given)], Deal(**numbers, schedule=schedule, borders=borders))
    if not series:
        return result if any(np.ndim(each) for each in natives) else float(result)
    first = series[0]
    if first.implementation.is_pandas():
        return pd.Series(result, index=first.to_native().index, name=first.name)
    made = nw.new_series(first.name, result.tolist(), nw.Float64(), backend=first.implementation)
    return made.fill_nan(None).to_native()


def lowest_price(cost: Array, margin: Array, deal: Deal) -> Any:
    """Return the lowest prices that leave a margin.

    Args:
        cost: Landed costs.
        margin: Target margins, below 1.
        deal: The terms, of the same shape.

    Raises:
        InputError: No price leaves that margin.
    """
    if deal.schedule is not None:
        return each_item(_lowest_under_schedule, cost, margin, deal)
    taken = deal.fees * (1 + deal.vat_rate)
    room = 1 - margin - taken
    if (room <= 0).any():
        worst = np.unravel_index(np.nanargmin(room), room.shape)
        raise _impossible(float(margin[worst]), 1 - float(taken[worst]))
    spent = cost + deal.fixed_cost + deal.fee_fixed
    at_minimum = (spent + deal.fee_minimum) * (1 + deal.vat_rate) / (1 - margin)
    return np.maximum(spent * (1 + deal.vat_rate) / room, at_minimum)


def each_item(solve: Callable[[float, float, Deal], float], cost: Array, other: Array, deal: Deal) -> Array:
    """Run a search that knows one item over every item; an unknown cost gives an unknown price."""
    pairs = enumerate(zip(cost.flat, other.flat, strict=True))
    found = [
        np.nan if np.isnan(c + o) else solve(float(c), float(o), deal.of(place)) for place, (c, o) in pairs
    ]
    return np.asarray(found, dtype=float).reshape(cost.shape)


def _lowest_under_schedule(cost: float, margin: float, deal: Deal) -> float:
    # A grid first, then halving. The grid holds every border, so a tier that is cheap up to one is found.
    spent = cost + float(deal.fixed_cost + deal.fee_fixed)
    start = max(spent * float(1 + deal.vat_rate) / (1 - margin), 1e-4)
    grid = deal.grid(start, start * 1e4)
    left = deal.contribution(grid, cost)
    enough = left >= margin * grid / (1 + deal.vat_rate)
    if not enough.any():
        raise _impossible(margin, float((left / grid).max() * (1 + deal.vat_rate)))
    place = int(enough.argmax())
    if place == 0:
        return float(grid[0])
    low, high = float(grid[place - 1]), float(grid[place])
    while low < (middle := (low + high) / 2) < high:
        kept = float(deal.contribution(middle, cost))
        low, high = (low, middle) if kept >= margin * middle / float(1 + deal.vat_rate) else (middle, high)
    return high


def peak_price(cost: float, elasticity: float, deal: Deal) -> float:
    """Return the price with the highest profit under a schedule, for a constant elasticity.

    Args:
        cost: Landed cost of one unit.
        elasticity: Own-price elasticity, below -1.
        deal: The terms of this one item.

    Raises:
        InputError: A sale earns nothing at any price.
    """
    from scipy.optimize import minimize_scalar

    def loss(log_price: float) -> float:
        price = np.exp(log_price)
        return -float(deal.contribution(price, cost) * price**elasticity)

    start = (
        (cost + float(deal.fixed_cost + deal.fee_fixed))
        * float(1 + deal.vat_rate)
        * elasticity
        / (1 + elasticity)
    )
    grid = deal.grid(start / 20, start * 20)
    profits = deal.contribution(grid, cost) * (grid / start) ** elasticity
    place = int(profits.argmax())
    if profits[place] <= 0:
        raise InputError("No price earns anything after fees and VAT. Find lower fees or a lower cost.")
    around = np.log(grid[max(place - 1, 0)]), np.log(grid[min(place + 1, len(grid) - 1)])
    found = minimize_scalar(loss, bounds=around, method="bounded", options={"xatol": 1e-10})
    best = float(np.exp(found.x))
    # A border of the schedule may itself be the best price: a search between points never lands on it.
    return best if -found.fun > -loss(float(np.log(grid[place]))) else float(grid[place])


def _impossible(margin: float, highest: float) -> InputError:
    if highest <= 0:
        return InputError("Fees take the whole net price: no price leaves any margin. Find lower fees.")
    return InputError(
        f"No price leaves a margin of {margin:.1%}: fees take the rest, so the margin always stays below "
        f"{highest:.1%}. Ask for less than that, or find lower fees."
    )


def check_above_zero(name: str, values: Array) -> None:
    """Refuse numbers of 0 or less; missing ones pass.

    Raises:
        InputError: One is not above 0.
    """
    if (values <= 0).any():
        raise InputError(f"{name} is {np.nanmin(values):g}: expected a number above 0.")


def check_rates(name: str, values: Array, *, below_high: bool = False) -> None:
    """Refuse rates outside 0 to 1, the smallest and the largest looked at; missing ones pass.

    Raises:
        InputError: One lies outside.
    """
    known = values[~np.isnan(values)]
    for value in (known.min(), known.max()) if known.size else ():
        check_rate(name, float(value), below_high=below_high)


def _schedule(fees: Any) -> tuple[Callable[[Array], Array] | None, tuple[float, ...]]:
    """Return what computes the fee, and the prices at which it bends; None for a plain rate."""
    if callable(fees):
        return (lambda price: np.asarray(fees(price), dtype=float)), getattr(fees, "borders", ())
    if isinstance(fees, str):
        raise InputError(f"fees is {fees!r}: give a rate such as 0.12, or fees.schedule({fees!r}, on=...).")
    return None, ()


def _floats(given: Any) -> Array:
    numbers = given.cast(nw.Float64).to_numpy() if isinstance(given, nw.Series) else given
    return np.asarray(numbers, dtype=float)


def _same_rows(series: list[nw.Series[Any]]) -> None:
    """Refuse pandas Series with other row labels: they would be matched by place and silently swapped."""
    labelled = [each.to_native().index for each in series if each.implementation.is_pandas()]
    if any(not labels.equals(labelled[0]) for labels in labelled[1:]):
        raise InputError("The Series have different row labels. Take them from one table, in one order.")
