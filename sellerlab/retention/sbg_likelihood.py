"""The likelihood of the sBG model: its maximum and how sure it is.

The one idea: written in the churn m at the first renewal and the difference f between subscribers, with
a = m / f and b = (1 - m) / f, the model is smooth down to f = 0, where all subscribers are alike. In a and b
that border lies at infinity, and a search there runs away.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sellerlab.errors import InputError, check_rate

Array = NDArray[np.float64]

#: Differences between subscribers below this cannot be told from none.
_ALIKE = 1e-7


def hazard(churn: float, difference: float, periods: int) -> Array:
    """Return the chance to leave at each renewal, for those who came to it.

    Args:
        churn: Churn at the first renewal.
        difference: How much subscribers differ.
        periods: Renewals.
    """
    return np.asarray(churn / (1 + np.arange(periods) * difference), dtype=float)


def loss(churn: float, difference: float, risk: Array, gone: Array) -> float:
    """Return minus the log likelihood.

    Args:
        churn: Churn at the first renewal.
        difference: How much subscribers differ.
        risk: Subscribers who came to each renewal.
        gone: Those who left there.
    """
    leave = hazard(churn, difference, len(risk))
    return -float((gone * np.log(leave) + (risk - gone) * np.log1p(-leave)).sum())


def fit(risk: Array, gone: Array) -> tuple[float, float]:
    """Return churn at the first renewal and difference at the maximum of the likelihood.

    For each difference the best churn is exact; so one number is searched, on a grid and then finely.

    Args:
        risk: Subscribers who came to each renewal.
        gone: Those who left there.

    Raises:
        InputError: Nobody left after the first renewal.
    """
    from scipy.optimize import brentq, minimize_scalar

    def churn_at(difference: float) -> float:
        stretch = 1 + np.arange(len(risk)) * difference
        # The slope of log L in the churn falls from + to -: it has one zero.
        return float(
            brentq(
                lambda m: gone.sum() / m - ((risk - gone) / (stretch - m)).sum(), 1e-12, 1 - 1e-12, xtol=1e-15
            )
        )

    def at(size: float) -> float:
        difference = math.exp(size)
        return loss(churn_at(difference), difference, risk, gone)

    plain = gone.sum() / risk.sum()
    sizes = np.linspace(math.log(_ALIKE), math.log(1e6), 60)
    start = int(np.argmin([at(size) for size in sizes]))
    if start == len(sizes) - 1:
        raise InputError(
            "After the first renewal nobody left: the model has no limit there. Give more renewals or more "
            "subscribers."
        )
    if start == 0 or at(sizes[start]) >= loss(float(plain), 0.0, risk, gone):
        return float(plain), 0.0
    found = minimize_scalar(
        at, bounds=(sizes[start - 1], sizes[start + 1]), method="bounded", options={"xatol": 1e-10}
    )
    difference = math.exp(found.x)
    return churn_at(difference), difference


def covariance(churn: float, difference: float, risk: Array, gone: Array) -> Array:
    """Return the covariance of (churn, difference): the inverse of the observed information.

    Args:
        churn: Churn at the first renewal, at the maximum.
        difference: How much subscribers differ; at 0, its border, it is taken as known.
        risk: Subscribers who came to each renewal.
        gone: Those who left there.
    """
    step = np.arange(len(risk))
    stretch = 1 + step * difference
    left, kept = risk - gone, stretch - churn
    by_churn = (gone / churn**2 + left / kept**2).sum()
    if difference == 0:
        return np.array([[1 / by_churn, 0.0], [0.0, 0.0]])
    by_both = -(left * step / kept**2).sum()
    by_difference = (left * step**2 / kept**2 - risk * step**2 / stretch**2).sum()
    return np.asarray(np.linalg.inv(np.array([[by_churn, by_both], [by_both, by_difference]])), dtype=float)


def _z(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + check_rate("confidence", confidence, below_high=True)) / 2))


def band(
    churn: float, difference: float, covariance: Array, periods: int, confidence: float
) -> tuple[Array, Array, Array]:
    """Return the share that stays and its interval, by the delta method on ln(-ln S).

    Args:
        churn: Churn at the first renewal.
        difference: How much subscribers differ.
        covariance: Of the two.
        periods: Renewals.
        confidence: Level of the interval.
    """
    step = np.arange(periods)
    stretch = 1 + step * difference
    log = np.cumsum(np.log1p(-churn / stretch))
    slope = np.array(
        [np.cumsum(-1 / (stretch - churn)), np.cumsum(step / (stretch - churn) - step / stretch)]
    )
    spread = np.sqrt(np.einsum("it,ij,jt->t", slope, covariance, slope)) / -log
    wide = np.exp(_z(confidence) * spread)
    stay, low, high = (np.append(1.0, np.exp(each)) for each in (log, log * wide, log / wide))
    return stay, low, high


def parameter_intervals(
    churn: float, difference: float, covariance: Array, confidence: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return intervals of alpha and beta, by the delta method on their logarithms.

    Args:
        churn: Churn at the first renewal.
        difference: How much subscribers differ, above 0.
        covariance: Of the two.
        confidence: Level of the interval.
    """
    alpha, beta = churn / difference, (1 - churn) / difference
    ends = []
    for value, slope in (
        (alpha, np.array([1 / churn, -1 / difference])),
        (beta, np.array([-1 / (1 - churn), -1 / difference])),
    ):
        wide = math.exp(min(_z(confidence) * math.sqrt(float(slope @ covariance @ slope)), 700.0))
        ends.append((value / wide, value * wide))
    return ends[0], ends[1]
