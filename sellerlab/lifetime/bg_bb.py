"""The BG/BB: customers who can buy at fixed occasions (months, yearly appeals) and some day stop.

At each occasion a customer who has not stopped buys with a chance of their own, Beta(alpha, beta), and
before each occasion stops with a chance of their own, Beta(gamma, delta). Time is a count of occasions:
T of them passed, x were used, the last used was t_x.

    L = B(α+x, β+T-x)/B(α, β) B(γ, δ+T)/B(γ, δ)
      + Σ B(α+x, β+t_x-x+i)/B(α, β) B(γ+1, δ+t_x+i)/B(γ, δ),  i from 0 to T-t_x-1

Source: Fader, Hardie and Shang (2010), "Customer-Base Analysis in a Discrete-Time Noncontractual
Setting", Marketing Science 29(6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sellerlab.errors import InputError
from sellerlab.lifetime.buytillyoudie import Model, arrays, plain
from sellerlab.lifetime.likelihood import Floats, Histories, dot


@dataclass(frozen=True)
class BgBb(Model):
    """The BG/BB: chance to buy Beta(alpha, beta), chance to stop Beta(gamma, delta), at each occasion.

    >>> model = BgBb(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    >>> round(model.expected_given(10, frequency=0, recency=0, age=6), 2)
    0.13
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    name: ClassVar[str] = "BG/BB"
    starts: ClassVar[tuple[tuple[float, ...], ...]] = (
        (1.0, 1.0, 0.7, 2.5),
        (1.0, 5.0, 1.0, 10.0),
        (0.3, 0.3, 0.3, 1.0),
    )

    @classmethod
    def likelihood(cls, values: Floats, data: Histories) -> tuple[float, Floats]:
        """Return the log-likelihood of histories and its gradient by alpha, beta, gamma and delta."""
        whole = np.array_equal(data.age, np.floor(data.age))
        if not whole or not np.array_equal(data.recency, np.floor(data.recency)):
            raise InputError(
                "The BG/BB counts occasions: recency and age must be whole numbers. Make the table with "
                "lifetime.repeat_purchases(orders, unit='month', merge='month'), or fit the BG/NBD."
            )
        if np.any(data.frequency > data.recency):
            raise InputError(
                "The BG/BB counts at most one purchase an occasion: frequency is above recency. Make the "
                "table with merge='month' (or 'week'), or fit the BG/NBD."
            )
        parts, slopes = _terms(values, data.frequency, data.recency, data.age)
        top = parts.max(axis=1)
        share = np.exp(parts - top[:, None])
        total = top + np.log(share.sum(axis=1))
        share /= share.sum(axis=1, keepdims=True)
        gradient = [dot(data.customers, (share * each).sum(axis=1)) for each in slopes]
        return dot(data.customers, total), np.array(gradient)

    def _values(self) -> Floats:
        return np.array([self.alpha, self.beta, self.gamma, self.delta])

    def _log_history(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        parts = _terms(self._values(), x.ravel(), t_x.ravel(), T.ravel())[0]
        made: Floats = np.logaddexp.reduce(parts, axis=1).reshape(x.shape)
        return made

    def _future(self, t: Floats, start: Floats) -> Floats:
        """δ/(γ-1) Γ(γ+δ)/Γ(1+δ) [Γ(1+δ+n)/Γ(γ+δ+n) - Γ(1+δ+n+t)/Γ(γ+δ+n+t)], n occasions passed."""
        from scipy.special import gammaln

        gamma = self.gamma if abs(self.gamma - 1) > 1e-6 else 1 + 1e-6
        at = [gammaln(1 + self.delta + n) - gammaln(gamma + self.delta + n) for n in (0.0, start, start + t)]
        made: Floats = self.delta / (gamma - 1) * (np.exp(at[1] - at[0]) - np.exp(at[2] - at[0]))
        return made

    def expected(self, t: Any) -> Any:
        """Return how often a new customer buys on average at the first `t` occasions."""
        (time,) = arrays(t)
        return plain(self.alpha / (self.alpha + self.beta) * self._future(time, np.zeros_like(time)))

    def expected_given(self, t: Any, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the purchases to expect at the next `t` occasions from customers with these histories."""
        from scipy.special import betaln

        time, x, t_x, T = arrays(t, frequency, recency, age)
        buys = betaln(self.alpha + x + 1, self.beta + T - x) - betaln(self.alpha, self.beta)
        return plain(np.exp(buys - self._log_history(x, t_x, T)) * self._future(time, T))

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Any:
        """Return the probability that customers with these histories can still buy at the next occasion."""
        from scipy.special import betaln

        x, t_x, T = arrays(frequency, recency, age)
        alive = betaln(self.alpha + x, self.beta + T - x) - betaln(self.alpha, self.beta)
        alive += betaln(self.gamma, self.delta + T + 1) - betaln(self.gamma, self.delta)
        return plain(np.exp(alive - self._log_history(x, t_x, T)))

    def pmf(self, n: Any, t: Any) -> Any:
        """Return the probability that a new customer buys at exactly `n` of the first `t` occasions."""
        from scipy.special import betaln, gammaln

        count, time = arrays(n, t)
        lived = np.arange(int(np.max(time, initial=0)) + 1)
        n_, t_ = count[..., None], time[..., None]
        inside = (lived >= n_) & (lived <= t_)
        able = np.where(inside, lived, n_)
        choose = gammaln(able + 1) - gammaln(n_ + 1) - gammaln(able - n_ + 1)
        buys = choose + betaln(self.alpha + n_, self.beta + able - n_) - betaln(self.alpha, self.beta)
        last = lived == t_
        stops = betaln(np.where(last, self.gamma, self.gamma + 1), self.delta + lived)
        chance = np.exp(buys + stops - betaln(self.gamma, self.delta))
        return plain(np.where(inside, chance, 0.0).sum(axis=-1))

    def simulate(self, age: Any, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw frequency and recency of new customers who have had `age` occasions."""
        (T,) = arrays(age)
        buys, stops = rng.beta(self.alpha, self.beta, T.shape), rng.beta(self.gamma, self.delta, T.shape)
        x, t_x, alive = np.zeros(T.shape), np.zeros(T.shape), np.ones(T.shape, dtype=bool)
        for occasion in range(1, int(np.max(T, initial=0)) + 1):
            alive &= rng.random(T.shape) >= stops
            bought = alive & (rng.random(T.shape) < buys) & (occasion <= T)
            x += bought
            t_x = np.where(bought, float(occasion), t_x)
        return x, t_x

    def simulate_given(
        self, t: float, frequency: Any, recency: Any, age: Any, rng: np.random.Generator
    ) -> Floats:
        """Draw the purchases at the next `t` occasions of customers with these histories."""
        x, t_x, T = arrays(frequency, recency, age)
        # `p_alive` is of the next occasion, so that one needs no further chance to stop.
        alive = rng.random(x.shape) < self.p_alive(x, t_x, T)
        buys = rng.beta(self.alpha + x, self.beta + T - x)
        stops = rng.beta(self.gamma, self.delta + T + 1)
        made = np.zeros(x.shape)
        for occasion in range(int(t)):
            if occasion:
                alive &= rng.random(x.shape) >= stops
            made += alive & (rng.random(x.shape) < buys)
        return made


def _terms(values: Floats, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, list[Floats]]:
    """Return the logarithms of the terms of L, a row a history, and their slopes by parameter.

    Column 0 is "still there"; column i + 1 is "stopped i occasions after the last one used".
    """
    from scipy.special import betaln, digamma

    alpha, beta, gamma, delta = values
    later = np.arange(-1, int(np.max(T - t_x, initial=0)))[None, :]
    used = later < (T - t_x)[:, None]
    able = np.where(later < 0, T[:, None], np.where(used, t_x[:, None] + later, T[:, None]))
    stop = (later >= 0).astype(float)
    x_ = x[:, None]
    parts = (
        betaln(alpha + x_, beta + able - x_) - betaln(alpha, beta)
        + betaln(gamma + stop, delta + able) - betaln(gamma, delta)
    )  # fmt: skip
    buys, stops = digamma(alpha + beta) - digamma(alpha + beta + able), digamma(gamma + delta)
    stops = stops - digamma(gamma + delta + stop + able)
    slopes = [
        digamma(alpha + x_) - digamma(alpha) + buys,
        digamma(beta + able - x_) - digamma(beta) + buys,
        digamma(gamma + stop) - digamma(gamma) + stops,
        digamma(delta + able) - digamma(delta) + stops,
    ]
    return np.where(used, parts, -np.inf), slopes
