"""Models of customers who buy at random and, some day unseen, stop: BG/NBD, MBG/NBD and NBD.

Every customer has a buying rate of their own (Gamma over customers). In the BG/NBD a customer may stop
after each purchase with a chance of their own (Beta over customers); in the MBG/NBD also after the very
first; in the NBD nobody stops. One formula covers the first two: with k = x + 1 where the first purchase
counts as a chance to stop and k = x where it does not,

    L = G (α+T)^-(r+x) B(a, b+k)/B(a, b) + G (α+t_x)^-(r+x) B(a+1, b+k-1)/B(a, b),  G = Γ(r+x) α^r / Γ(r)

where the second term, "stopped at t_x", is absent for k = 0. Letters are those of the papers: x repeat
purchases, t_x time of the last one, T time watched, all counted from the first purchase.

Sources: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2);
Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24(3); Ehrenberg
(1959) for the NBD.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from sellerlab.errors import InputError
from sellerlab.lifetime.likelihood import Floats, Histories, dot

#: From this `a` on, 2F1 loses digits and the chance to stop varies little between customers.
_SURE = 30.0


@dataclass(frozen=True)
class Model:
    """What every model of buying can answer; its fields are its parameters, all above 0."""

    #: How people write it.
    name: ClassVar[str]
    #: Which parameters are times, and grow with the unit of time.
    times: ClassVar[tuple[str, ...]] = ()
    #: Where to start looking, with time in units of the mean time watched.
    starts: ClassVar[tuple[tuple[float, ...], ...]]

    def __post_init__(self) -> None:
        for name, value in self.parameters.items():
            if not 0 < value < math.inf:
                raise InputError(f"{name} is {value:g}: a parameter of {self.name} is above 0.")

    @property
    def parameters(self) -> dict[str, float]:
        """Name of each parameter to its value."""
        return {each.name: float(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def likelihood(cls, values: Floats, data: Histories) -> tuple[float, Floats]:
        """Return the log-likelihood of histories and its gradient by parameter."""
        raise NotImplementedError

    def log_likelihood(self, data: Histories) -> float:
        """Return the log-likelihood of histories."""
        return self.likelihood(np.array(list(self.parameters.values())), data)[0]

    def expected(self, t: Any) -> Any:
        """Return the repeat purchases that a new customer makes on average in the first `t`."""
        raise NotImplementedError

    def expected_given(self, t: Any, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the purchases to expect in the next `t` from customers with these histories."""
        raise NotImplementedError

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the probability that customers with these histories have not stopped."""
        raise NotImplementedError

    def pmf(self, n: Any, t: Any) -> Any:
        """Return the probability that a new customer makes exactly `n` repeat purchases in the first `t`."""
        raise NotImplementedError

    def simulate(self, age: Any, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw frequency and recency of new customers watched for `age`."""
        raise NotImplementedError

    def simulate_given(
        self, t: float, frequency: Any, recency: Any, age: Any, rng: np.random.Generator
    ) -> Floats:
        """Draw the purchases of the next `t` of customers with these histories."""
        raise NotImplementedError


def arrays(*values: Any) -> tuple[Floats, ...]:
    """Return arguments as arrays of floats of one shape."""
    return tuple(np.broadcast_arrays(*(np.asarray(each, dtype=float) for each in values)))


def plain(made: Any) -> Any:
    """Return a number for a number, an array for an array."""
    return float(made) if np.ndim(made) == 0 else made


@dataclass(frozen=True)
class BgNbd(Model):
    """The BG/NBD: buying rate Gamma(r, alpha), chance to stop after a repeat purchase Beta(a, b).

    Whoever bought once only is taken to be alive with certainty, as nobody had a chance to stop.

    >>> model = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> round(model.expected_given(39, frequency=2, recency=30.43, age=38.86), 3)
    1.226
    >>> round(model.p_alive(2, 30.43, 38.86), 4)
    0.7266
    """

    r: float
    alpha: float
    a: float
    b: float

    name: ClassVar[str] = "BG/NBD"
    times: ClassVar[tuple[str, ...]] = ("alpha",)
    starts: ClassVar[tuple[tuple[float, ...], ...]] = (
        (0.5, 0.3, 1.0, 2.0),
        (1.5, 0.02, 0.2, 4.0),
        (0.1, 0.1, 3.0, 3.0),
    )
    #: 1 where the first purchase is a chance to stop too.
    _first: ClassVar[int] = 0

    @classmethod
    def likelihood(cls, values: Floats, data: Histories) -> tuple[float, Floats]:
        """Return the log-likelihood of histories and its gradient by r, alpha, a and b."""
        from scipy.special import digamma, gammaln

        r, alpha, a, b = values
        x, n, total = data.frequency, data.customers, data.customers.sum()
        times, k = data.counts.values, data.counts.values + cls._first
        recent, old = data.times
        by_count, by_age, bought_by_age = data.sums
        log_T = np.log(alpha + old.values)
        # Where k is 0 nobody can have stopped: the odds of it are 0.
        divisor = np.where(k > 0, b + k - 1, 1.0)
        log_stop = np.where(k > 0, np.log(a / divisor), -np.inf)
        apart = old.spread(log_T) - recent.spread(np.log(alpha + recent.values))
        power = r + x
        gap = data.counts.spread(log_stop) + power * apart
        # log(1 + e^gap) without overflow, and its slope.
        both_terms = np.maximum(gap, 0) + np.log1p(np.exp(-np.abs(gap)))
        lost = n * np.exp(gap - both_terms)
        base = (
            gammaln(r + times) - gammaln(r) + r * np.log(alpha)
            + gammaln(a + b) + gammaln(b + k) - gammaln(b) - gammaln(a + b + k)
        )  # fmt: skip
        powers = r * by_age + bought_by_age
        value = by_count @ base + dot(n, both_terms) - powers @ log_T
        each = lost * power
        per_time = recent.summed(each) @ (1 / (alpha + recent.values))
        per_time += (powers - old.summed(each)) @ (1 / (alpha + old.values))
        both = total * digamma(a + b) - by_count @ digamma(a + b + k)
        slope_r = by_count @ digamma(r + times) + total * (np.log(alpha) - digamma(r))
        slope_r += dot(lost, apart) - by_age @ log_T
        slope_a = both + lost.sum() / a
        slope_b = both + by_count @ (digamma(b + k) - digamma(b)) - data.counts.summed(lost) @ (1 / divisor)
        return float(value), np.array([slope_r, total * r / alpha - per_time, slope_a, slope_b])

    def _tail(self, t: Floats, x: Floats, k: Floats, start: Floats) -> Floats:
        """Purchases in the next `t` of customers alive at `start`.

        (a+b+k-1)/(a-1) [1 - (1-z)^(a-1) 2F1(a-1, a+b+k-1-r-x; a+b+k-1; z)], z = t / (α + start + t),
        which is the papers' form after Euler's transformation: no power grows with x.
        """
        from scipy.special import betaincinv, hyp2f1

        span = self.alpha + start
        if self.a > _SURE:
            # The chance to stop is nearly the same for all: a mean over 64 of its quantiles.
            at = (np.arange(64) + 0.5) / 64
            chance = betaincinv(self.a, self.b + k[..., None], at)
            bought = np.log1p(chance * (t / span)[..., None])
            mean: Floats = (-np.expm1(-(self.r + x)[..., None] * bought) / chance).mean(axis=-1)
            return mean
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        c = a + self.b + k - 1
        c = np.where(np.abs(c) < 1e-9, 1e-9, c)
        kept = (span / (span + t)) ** (a - 1)
        made: Floats = c / (a - 1) * (1 - kept * hyp2f1(a - 1, c - self.r - x, c, t / (span + t)))
        return made

    def expected(self, t: Any) -> Any:
        """Return the repeat purchases that a new customer makes on average in the first `t`."""
        (time,) = arrays(t)
        zero = np.zeros_like(time)
        stays = self.b / (self.a + self.b) if self._first else 1.0
        return plain(stays * self._tail(time, zero, zero + self._first, zero))

    def expected_given(self, t: Any, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the purchases to expect in the next `t` from customers with these histories."""
        time, x, t_x, T = arrays(t, frequency, recency, age)
        return plain(self._tail(time, x, x + self._first, T) * self.p_alive(x, t_x, T))

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the probability that customers with these histories have not stopped."""
        from scipy.special import expit

        x, t_x, T = arrays(frequency, recency, age)
        k = x + self._first
        divisor = np.where(k > 0, self.b + k - 1, 1.0)
        gap = np.log(self.a / divisor) + (self.r + x) * np.log((self.alpha + T) / (self.alpha + t_x))
        return plain(np.where(k > 0, expit(-gap), 1.0))

    def pmf(self, n: Any, t: Any) -> Any:
        """Return the probability that a new customer makes exactly `n` repeat purchases in the first `t`."""
        from scipy.special import betainc, betaln, xlogy

        count, time = arrays(n, t)
        k = count + self._first
        bought = time / (self.alpha + time)
        stays = betaln(self.a, self.b + k) - betaln(self.a, self.b) + nbd_log_pmf(count, self.r, bought)
        divisor = np.where(k > 0, self.b + k - 1, 1.0)
        stops = betaln(self.a, self.b + k) - betaln(self.a, self.b) + np.log(self.a / divisor)
        reached = np.where(count > 0, betainc(np.maximum(count, 1), self.r, bought), 1.0)
        made = np.exp(stays) + np.where(k > 0, np.exp(stops + xlogy(1, reached)), 0.0)
        return plain(made)

    def simulate(self, age: Any, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw frequency and recency of new customers watched for `age`."""
        (T,) = arrays(age)
        rate = rng.gamma(self.r, 1 / self.alpha, T.shape)
        chance = rng.beta(self.a, self.b, T.shape)
        wanted = rng.poisson(rate * T)
        x = np.minimum(wanted, _stop_after(chance, rng) - self._first).astype(float)
        # The x-th of `wanted` arrivals spread evenly over T.
        place = rng.beta(np.maximum(x, 1), np.maximum(wanted - x + 1, 1))
        return x, np.where(x > 0, np.maximum(place, 1e-12) * T, 0.0)

    def simulate_given(
        self, t: float, frequency: Any, recency: Any, age: Any, rng: np.random.Generator
    ) -> Floats:
        """Draw the purchases of the next `t` of customers with these histories."""
        x, t_x, T = arrays(frequency, recency, age)
        alive = rng.random(x.shape) < self.p_alive(x, t_x, T)
        rate = rng.gamma(self.r + x, 1 / (self.alpha + T))
        chance = rng.beta(self.a, self.b + x + self._first)
        bought = np.minimum(rng.poisson(rate * t), _stop_after(chance, rng))
        return np.where(alive, bought, 0).astype(float)


@dataclass(frozen=True)
class MbgNbd(BgNbd):
    """The MBG/NBD: a BG/NBD in which the first purchase is a chance to stop as well.

    >>> model = MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> round(model.p_alive(0, 0, 38.86), 3)
    0.39
    """

    name: ClassVar[str] = "MBG/NBD"
    _first: ClassVar[int] = 1


@dataclass(frozen=True)
class Nbd(Model):
    """The NBD: buying rate Gamma(r, alpha), and nobody stops; a yardstick for the others.

    >>> round(Nbd(r=0.385, alpha=12.07).expected(39), 3)
    1.244
    """

    r: float
    alpha: float

    name: ClassVar[str] = "NBD"
    times: ClassVar[tuple[str, ...]] = ("alpha",)
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((0.5, 0.3), (2.0, 0.02))

    @classmethod
    def likelihood(cls, values: Floats, data: Histories) -> tuple[float, Floats]:
        """Return the log-likelihood of histories and its gradient by r and alpha."""
        from scipy.special import digamma, gammaln

        r, alpha = values
        x, T, n = data.frequency, data.age, data.customers
        log_T = np.log(alpha + T)
        value = dot(n, gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * log_T)
        slope_r = dot(n, digamma(r + x) - digamma(r) + np.log(alpha) - log_T)
        return value, np.array([slope_r, dot(n, r / alpha - (r + x) / (alpha + T))])

    def expected(self, t: Any) -> Any:
        """Return the repeat purchases that a new customer makes on average in the first `t`."""
        (time,) = arrays(t)
        return plain(self.r / self.alpha * time)

    def expected_given(self, t: Any, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the purchases to expect in the next `t` from customers with these histories."""
        time, x, _, T = arrays(t, frequency, recency, age)
        return plain(time * (self.r + x) / (self.alpha + T))

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Any:
        """Return 1: in this model nobody stops."""
        return plain(np.ones_like(arrays(frequency, recency, age)[0]))

    def pmf(self, n: Any, t: Any) -> Any:
        """Return the probability that a new customer makes exactly `n` repeat purchases in the first `t`."""
        count, time = arrays(n, t)
        return plain(np.exp(nbd_log_pmf(count, self.r, time / (self.alpha + time))))

    def simulate(self, age: Any, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw frequency and recency of new customers watched for `age`."""
        (T,) = arrays(age)
        x = rng.poisson(rng.gamma(self.r, 1 / self.alpha, T.shape) * T).astype(float)
        place = rng.beta(np.maximum(x, 1), 1.0)
        return x, np.where(x > 0, np.maximum(place, 1e-12) * T, 0.0)

    def simulate_given(
        self, t: float, frequency: Any, recency: Any, age: Any, rng: np.random.Generator
    ) -> Floats:
        """Draw the purchases of the next `t` of customers with these histories."""
        x, _, T = arrays(frequency, recency, age)
        return rng.poisson(rng.gamma(self.r + x, 1 / (self.alpha + T)) * t).astype(float)


def nbd_log_pmf(n: Floats, r: float, bought: Floats) -> Floats:
    """Log-probability of `n` purchases in an NBD; `bought` is t / (alpha + t)."""
    from scipy.special import gammaln, xlog1py, xlogy

    made: Floats = gammaln(r + n) - gammaln(r) - gammaln(n + 1) + xlog1py(r, -bought) + xlogy(n, bought)
    return made


def _stop_after(chance: Floats, rng: np.random.Generator) -> Floats:
    """Draw after which purchase customers stop, 1 or later; a chance near 0 means far beyond any count."""
    made: Floats = np.ceil(np.log1p(-rng.random(chance.shape)) / np.log1p(-np.clip(chance, 1e-12, 1 - 1e-12)))
    return np.maximum(made, 1)
