"""Demand that is not certain: how many units may be asked for, and how likely each number is.

One idea: an order quantity is chosen against a *distribution* of demand, not against one number. A
distribution here answers four questions: its mean, its spread, how likely demand stays within a stock
(`at_most`), and how many units on average go short of it (`short`). `censored` learns one from sales.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sellerlab.errors import InputError, check_rate

Array = NDArray[np.float64]

#: Resampled sums that stand for a longer period of an observed demand.
DRAWS = 10_000

_Self = TypeVar("_Self", bound="Demand")


class Demand(Protocol):
    """What every distribution of demand answers."""

    @property
    def mean(self) -> float:
        """Average demand, units."""

    @property
    def sd(self) -> float:
        """Standard deviation, units."""

    def at_most(self, units: float) -> float:
        """Probability that demand is `units` or less."""

    def quantile(self, probability: float) -> float:
        """Smallest stock that is enough with at least this probability."""

    def short(self, units: float) -> float:
        """Units asked for beyond `units`, on average."""

    def over(self: _Self, periods: float) -> _Self:
        """Demand of so many periods, each independent of the others."""

    def with_mean(self: _Self, mean: float) -> _Self:
        """The same kind of demand around another mean."""


@dataclass(frozen=True)
class Normal:
    """Bell-shaped demand; for products that sell dozens a period.

    Attributes:
        mean: Average demand of a period, units.
        sd: Standard deviation of a period, units.

    >>> round(Normal(100, 30).quantile(9 / 13), 2)
    115.07
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _check_mean(self.mean)
        if not 0 <= self.sd < math.inf:
            raise InputError(f"sd is {self.sd:g}: a standard deviation is 0 or more units.")

    def at_most(self, units: float) -> float:
        """Probability that demand is `units` or less."""
        if self.sd == 0:
            return float(units >= self.mean)
        return NormalDist(self.mean, self.sd).cdf(units)

    def quantile(self, probability: float) -> float:
        """Stock that is enough with this probability."""
        _check_inside(probability)
        return self.mean if self.sd == 0 else NormalDist(self.mean, self.sd).inv_cdf(probability)

    def short(self, units: float) -> float:
        """Units asked for beyond `units`, on average: sd * (phi(z) - z * (1 - Phi(z)))."""
        if self.sd == 0:
            return max(self.mean - units, 0.0)
        z = (units - self.mean) / self.sd
        standard = NormalDist()
        return self.sd * (standard.pdf(z) - z * standard.cdf(-z))

    def short_twice(self, units: float) -> float:
        """Integral of `short` from `units` upwards: half of E[(demand - units)+ squared]."""
        if self.sd == 0:
            return max(self.mean - units, 0.0) ** 2 / 2
        z = (units - self.mean) / self.sd
        standard = NormalDist()
        return self.sd**2 / 2 * ((z * z + 1) * standard.cdf(-z) - z * standard.pdf(z))

    def over(self, periods: float) -> Normal:
        """Demand of so many periods, each independent of the others."""
        return Normal(self.mean * periods, self.sd * math.sqrt(_check_periods(periods)))

    def with_mean(self, mean: float) -> Normal:
        """The same spread around another mean."""
        return replace(self, mean=mean)


@dataclass(frozen=True)
class Poisson:
    """Demand of single buyers that come by chance; for products that sell a few a period.

    Attributes:
        mean: Average demand of a period, units.

    >>> Poisson(6).quantile(0.8)
    8.0
    """

    mean: float

    def __post_init__(self) -> None:
        _check_mean(self.mean)

    @property
    def sd(self) -> float:
        """Standard deviation: the root of the mean."""
        return math.sqrt(self.mean)

    def at_most(self, units: float) -> float:
        """Probability that demand is `units` or less."""
        from scipy.special import pdtr

        return float(pdtr(math.floor(units), self.mean)) if units >= 0 else 0.0

    def quantile(self, probability: float) -> float:
        """Smallest stock that is enough with at least this probability."""
        _check_inside(probability)
        guess = max(math.floor(Normal(self.mean, self.sd).quantile(probability)), 0)
        while guess > 0 and self.at_most(guess - 1) >= probability:
            guess -= 1
        while self.at_most(guess) < probability:
            guess += 1
        return float(guess)

    def short(self, units: float) -> float:
        """Units asked for beyond `units`, on average."""
        if units <= 0:
            return self.mean - units
        first = math.floor(units) + 1
        return self.mean * (1 - self.at_most(first - 2)) - units * (1 - self.at_most(first - 1))

    def over(self, periods: float) -> Poisson:
        """Demand of so many periods, each independent of the others."""
        return Poisson(self.mean * _check_periods(periods))

    def with_mean(self, mean: float) -> Poisson:
        """Poisson demand with another mean."""
        return Poisson(mean)


@dataclass(frozen=True)
class Empirical:
    """Demand as it was seen: each value with its weight.

    Attributes:
        values: Units, rising.
        weights: Probability of each; they add up to 1.

    >>> Empirical.of([0, 0, 3, 0, 2]).at_most(0)
    0.6
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float] | Array, weights: Sequence[float] | Array | None = None) -> Empirical:
        """Return the distribution of a sample.

        Args:
            values: Units of each period, in any order.
            weights: Weight of each; equal ones by default.

        Raises:
            InputError: There is no value, one is negative, or the weights do not fit.
        """
        seen = np.asarray(values, dtype=float)
        if seen.ndim != 1 or not seen.size or not np.isfinite(seen).all() or (seen < 0).any():
            raise InputError("values: expected the units of at least one period, 0 or more each.")
        heavy = np.ones(seen.size) if weights is None else np.asarray(weights, dtype=float)
        if heavy.shape != seen.shape or not (heavy >= 0).all() or heavy.sum() <= 0:
            raise InputError("weights: expected one weight of 0 or more for each value.")
        levels, place = np.unique(seen, return_inverse=True)
        share = np.bincount(place, heavy) / heavy.sum()
        return cls(tuple(levels.tolist()), tuple(share.tolist()))

    @property
    def mean(self) -> float:
        """Average demand, units."""
        return float(np.dot(self.values, self.weights))

    @property
    def sd(self) -> float:
        """Standard deviation, units."""
        return math.sqrt(float(np.dot((np.array(self.values) - self.mean) ** 2, self.weights)))

    def at_most(self, units: float) -> float:
        """Probability that demand is `units` or less."""
        inside = np.array(self.values) <= units
        return min(float(np.array(self.weights)[inside].sum()), 1.0)

    def quantile(self, probability: float) -> float:
        """Smallest value seen that is enough with at least this probability."""
        _check_inside(probability)
        # Shares such as 0.1 do not add up to 0.3 exactly; a hair must not cost a whole step.
        place = int(np.searchsorted(np.cumsum(self.weights), probability - 1e-12))
        return self.values[min(place, len(self.values) - 1)]

    def short(self, units: float) -> float:
        """Units asked for beyond `units`, on average."""
        return float(np.dot(np.maximum(np.array(self.values) - units, 0.0), self.weights))

    def over(self, periods: float, *, seed: int = 0) -> Empirical:
        """Demand of so many whole periods: sums of resampled periods.

        Args:
            periods: Whole number of periods.
            seed: Seed of the draws.
        """
        count = int(periods)
        if count != periods or count < 1:
            raise InputError(f"periods is {periods:g}: demand as seen can be added up over whole periods.")
        if count == 1:
            return self
        # How often each value comes up among `count` periods: one draw a sum, whatever the length.
        often = np.random.default_rng(seed).multinomial(count, self.weights, size=DRAWS)
        return Empirical.of(often @ np.array(self.values))

    def with_mean(self, mean: float) -> Empirical:
        """The same shape, every value stretched to reach another mean."""
        _check_mean(mean)
        stretch = mean / self.mean if self.mean else 1.0
        return Empirical(tuple(value * stretch for value in self.values), self.weights)


def _check_mean(mean: float) -> None:
    if not 0 <= mean < math.inf:
        raise InputError(f"mean is {mean:g}: an average demand is 0 or more units.")


def _check_inside(probability: Any) -> None:
    if not 0 < check_rate("probability", probability) < 1:
        raise InputError(f"probability is {probability:g}: expected a rate between 0 and 1, such as 0.95.")


def _check_periods(periods: float) -> float:
    if not 0 < periods < math.inf:
        raise InputError(f"periods is {periods:g}: expected a time above 0.")
    return periods
