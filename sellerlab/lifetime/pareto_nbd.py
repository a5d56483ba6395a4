"""The Pareto/NBD: customers buy at a rate of their own and may stop at any moment, not only at a purchase.

Buying rate Gamma(r, alpha), stopping rate Gamma(s, beta) over customers. The likelihood of x purchases,
the last at t_x, watched until T, is

    L = Γ(r+x)/Γ(r) α^r β^s [ (α+T)^-(r+x) (β+T)^-s + s ∫ (α+u)^-(r+x) (β+u)^-(s+1) du ],  u from t_x to T

and the integral ("stopped at u") is taken by Gauss-Legendre in log(u + min(α, β)), where the logarithm of
the integrand is concave. That needs no hypergeometric function, loses no digits at large x, and gives the
exact gradient on the way.

Sources: Schmittlein, Morrison and Colombo (1987), Management Science 33(1); Fader and Hardie (2005), "A
Note on Deriving the Pareto/NBD Model"; Fader, Hardie and Lee (2005), "RFM and CLV", for DERT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sellerlab.errors import InputError
from sellerlab.lifetime.buytillyoudie import Model, arrays, nbd_log_pmf, plain
from sellerlab.lifetime.likelihood import Floats, Histories, dot

_NODES = 32
#: Where the integrand has fallen by e to this power, it is left out.
_DEEP = 40.0


@dataclass(frozen=True)
class ParetoNbd(Model):
    """The Pareto/NBD: buying rate Gamma(r, alpha), stopping rate Gamma(s, beta).

    >>> model = ParetoNbd(r=0.553, alpha=10.58, s=0.606, beta=11.656)
    >>> round(model.p_alive(26, 30.86, 31), 3)
    0.998
    """

    r: float
    alpha: float
    s: float
    beta: float

    name: ClassVar[str] = "Pareto/NBD"
    times: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = (
        (0.5, 0.4, 0.5, 0.4),
        (1.5, 0.05, 0.3, 2.0),
        (0.3, 0.2, 1.5, 2.0),
    )

    @classmethod
    def likelihood(cls, values: Floats, data: Histories) -> tuple[float, Floats]:
        """Return the log-likelihood of histories and its gradient by r, alpha, s and beta."""
        from scipy.special import digamma, gammaln

        r, alpha, s, beta = values
        x, T, n = data.frequency, data.age, data.customers
        stay = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
        log_integral, means = _stopped(values, x, data.recency, T, slopes=True)
        total = np.logaddexp(stay, np.log(s) + log_integral)
        base = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        alive, gone = np.exp(stay - total), np.exp(np.log(s) + log_integral - total)
        log_a, log_b, one_a, one_b = means
        slope_r = digamma(r + x) - digamma(r) + np.log(alpha) - alive * np.log(alpha + T) - gone * log_a
        slope_alpha = r / alpha - (r + x) * (alive / (alpha + T) + gone * one_a)
        slope_s = np.log(beta) - alive * np.log(beta + T) + gone * (1 / s - log_b)
        slope_beta = s / beta - alive * s / (beta + T) - gone * (s + 1) * one_b
        slopes = [dot(n, each) for each in (slope_r, slope_alpha, slope_s, slope_beta)]
        return dot(n, base + total), np.array(slopes)

    def _alone(self, t: Floats, start: Floats) -> Floats:
        """Return the mean time still bought in, of the next `t`, of customers alive at `start`."""
        power = self.s - 1 if abs(self.s - 1) > 1e-8 else 1e-8
        span = self.beta + start
        made: Floats = span / power * -np.expm1(power * np.log(span / (span + t))) + 0.0
        return made

    def expected(self, t: Any) -> Any:
        """Return the repeat purchases that a new customer makes on average in the first `t`."""
        (time,) = arrays(t)
        return plain(self.r / self.alpha * self._alone(time, np.zeros_like(time)))

    def expected_given(self, t: Any, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the purchases to expect in the next `t` from customers with these histories."""
        time, x, t_x, T = arrays(t, frequency, recency, age)
        rate = (self.r + x) / (self.alpha + T)
        return plain(rate * self._alone(time, T) * self.p_alive(x, t_x, T))

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the probability that customers with these histories have not stopped."""
        from scipy.special import expit

        x, t_x, T = arrays(frequency, recency, age)
        values = np.array([self.r, self.alpha, self.s, self.beta])
        stay = -(self.r + x) * np.log(self.alpha + T) - self.s * np.log(self.beta + T)
        stop = _stopped(values, x.ravel(), t_x.ravel(), T.ravel())[0].reshape(x.shape)
        return plain(expit(stay - np.log(self.s) - stop))

    def pmf(self, n: Any, t: Any) -> Any:
        """Return the probability that a new customer makes exactly `n` repeat purchases in the first `t`."""
        count, time = arrays(n, t)
        alive = np.exp(nbd_log_pmf(count, self.r, time / (self.alpha + time)))
        alive *= (self.beta / (self.beta + time)) ** self.s
        # Whoever stopped at u bought during u; in y = log(u + small) both densities are smooth.
        small = min(self.alpha, self.beta)
        nodes, weights = np.polynomial.legendre.leggauss(96)
        low, high = np.log(small), np.log(small + time)[..., None]
        u = np.exp(low + (high - low) * (nodes + 1) / 2) - small
        u = np.clip(u, 0.0, None)
        density = self.s / (self.beta + u) * (self.beta / (self.beta + u)) ** self.s
        there = np.exp(nbd_log_pmf(count[..., None], self.r, u / (self.alpha + u))) * density * (u + small)
        return plain(alive + (there * weights).sum(axis=-1) * (high - low)[..., 0] / 2)

    def discounted(self, rate: float, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the discounted expected residual transactions (DERT): every future purchase, discounted.

        DERT = P(alive) (r+x)/(α+T) δ^(s-1) (β+T)^s Ψ(s, s; δ(β+T)), Ψ the second confluent
        hypergeometric function.

        Args:
            rate: Continuous discount rate δ per unit of time, above 0.
            frequency: Repeat purchases.
            recency: Time of the last one.
            age: Time watched.

        >>> model = ParetoNbd(r=0.5629966, alpha=12.559037, s=0.4081095, beta=10.5148048)
        >>> round(model.discounted(0.0027, 7, 35, 77.86), 5)
        1.86418
        """
        from scipy.special import hyperu

        if not rate > 0:
            raise InputError(f"rate is {rate:g}: without a discount above 0 the sum has no end.")
        x, t_x, T = arrays(frequency, recency, age)
        span = self.beta + T
        future = rate ** (self.s - 1) * span**self.s * hyperu(self.s, self.s, rate * span)
        return plain(self.p_alive(x, t_x, T) * (self.r + x) / (self.alpha + T) * future)

    def simulate(self, age: Any, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw frequency and recency of new customers watched for `age`."""
        (T,) = arrays(age)
        rate = rng.gamma(self.r, 1 / self.alpha, T.shape)
        until = np.minimum(rng.exponential(1.0, T.shape) / self._stopping(0.0 * T, rng), T)
        x = rng.poisson(rate * until).astype(float)
        place = rng.beta(np.maximum(x, 1), 1.0)
        return x, np.where(x > 0, np.maximum(place, 1e-12) * until, 0.0)

    def simulate_given(
        self, t: float, frequency: Any, recency: Any, age: Any, rng: np.random.Generator
    ) -> Floats:
        """Draw the purchases of the next `t` of customers with these histories."""
        x, t_x, T = arrays(frequency, recency, age)
        alive = rng.random(x.shape) < self.p_alive(x, t_x, T)
        rate = rng.gamma(self.r + x, 1 / (self.alpha + T))
        until = np.minimum(rng.exponential(1.0, x.shape) / self._stopping(T, rng), t)
        return np.where(alive, rng.poisson(rate * until), 0).astype(float)

    def _stopping(self, start: Floats, rng: np.random.Generator) -> Floats:
        return np.maximum(rng.gamma(self.s, 1 / (self.beta + start)), 1e-300)


def _stopped(
    values: Floats, x: Floats, t_x: Floats, T: Floats, *, slopes: bool = False
) -> tuple[Floats, list[Floats]]:
    """Return log ∫ (α+u)^-(r+x) (β+u)^-(s+1) du from t_x to T, and four means under the integrand.

    The means are of log(α+u), log(β+u), 1/(α+u) and 1/(β+u); they make the gradient.
    """
    r, alpha, s, beta = values
    small = min(alpha, beta)

    def height(y: Floats, power: Floats) -> tuple[Floats, ...]:
        u = np.exp(y)
        to_a, to_b = u + (alpha - small), u + (beta - small)
        log_a, log_b = np.log(to_a), np.log(to_b)
        return y - power * log_a - (s + 1) * log_b, log_a, log_b, to_a, to_b

    power = (r + x)[:, None]
    low, high = np.log(small + t_x)[:, None], np.log(small + T)[:, None]
    end = _span(lambda y, rows: height(y, power[rows])[0], low, high)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    tall, log_a, log_b, to_a, to_b = height(low + (end - low) * (nodes + 1) / 2, power)
    peak = tall.max(axis=1, keepdims=True)
    part = np.exp(tall - peak) * weights
    area = part.sum(axis=1)
    with np.errstate(divide="ignore"):
        log_area = np.log(area) + np.log((end - low)[:, 0] / 2) + peak[:, 0]
    if not slopes:
        return log_area, []
    return log_area, [(part * each).sum(axis=1) / area for each in (log_a, log_b, 1 / to_a, 1 / to_b)]


def _span(height: Any, low: Floats, high: Floats) -> Floats:
    """Return where, right of its peak, the concave height has fallen by `_DEEP`, or else `high`."""
    grid = low + (high - low) * np.linspace(0, 1, 9)
    heights = height(grid, slice(None))
    peak = heights.max(axis=1, keepdims=True)
    deep = np.flatnonzero(heights[:, -1] < peak[:, 0] - _DEEP)
    end = high.copy()
    if len(deep):
        top = heights[deep].argmax(axis=1)[:, None]
        left, right = np.take_along_axis(grid[deep], top, axis=1), high[deep]
        for _ in range(16):
            middle = (left + right) / 2
            above = height(middle, deep) > peak[deep] - _DEEP
            left, right = np.where(above, middle, left), np.where(above, right, middle)
        end[deep] = right
    return end
