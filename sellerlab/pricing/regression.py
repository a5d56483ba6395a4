"""Two regressions with errors that hold where the spread differs between rows.

One idea: least squares of ln(units) and Poisson of units are the same weighted sum, so they share one
robust covariance. HC1 scales it by n / (n - k); HC3 divides each residual by 1 - leverage, which is safer in
a small sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sellerlab.errors import InputError
from sellerlab.pricing.terms import Array


class Fit(NamedTuple):
    """Coefficients with a covariance that holds where the spread of errors differs between rows."""

    coefficients: Array
    covariance: Array
    expected: Array


def regress(design: Array, units: Array, method: str, errors: str) -> Fit:
    """Fit ln(units) by least squares or units by Poisson, with robust errors.

    Args:
        design: One row a period, the constant among the columns.
        units: Units sold.
        method: ``"ols"`` or ``"poisson"``.
        errors: ``"HC1"`` or ``"HC3"``.

    Returns:
        Coefficients, their covariance, and the units expected in each row.

    Raises:
        InputError: Poisson finds no finite answer: some level of a control has no sale at all.
    """
    n, k = design.shape
    # Columns of one size: advertising in yen beside the log of a price would drown it in rounding.
    scale = np.sqrt((design**2).mean(axis=0))
    scale[scale == 0] = 1.0
    design = design / scale
    if method == "ols":
        beta: Array = np.linalg.lstsq(design, np.log(units), rcond=None)[0].astype(float)
        weights, residuals, expected = np.ones(n), np.log(units) - design @ beta, np.exp(design @ beta)
    else:
        beta = _poisson(design, units)
        expected = np.exp(design @ beta)
        weights, residuals = expected, units - expected
    inverse = np.linalg.pinv((design * weights[:, None]).T @ design)
    leverage = weights * np.einsum("ij,jk,ik->i", design, inverse, design)
    if errors == "HC3":
        residuals = residuals / np.maximum(1 - leverage, 1e-8)
    scores = design * residuals[:, None]
    covariance = inverse @ (scores.T @ scores) @ inverse
    covariance = covariance / np.outer(scale, scale)
    return Fit(beta / scale, covariance if errors == "HC3" else covariance * n / (n - k), expected)


def check_rank(design: Array, labels: Sequence[str], where: str) -> None:
    """Refuse a design whose columns say the same thing twice, and name the one that does.

    Args:
        design: Columns without a constant.
        labels: Name of each column.
        where: What is at fault, for the message.

    Raises:
        InputError: A column can be had from those before it.
    """
    for place in range(design.shape[1]):
        part = design[:, : place + 1]
        if np.linalg.matrix_rank(part) <= place:
            raise InputError(
                f"The {where} cannot tell {labels[place]!r} apart from the rest: it never changes, or "
                "always changes together with others. Use a design in which every attribute varies on its "
                "own."
            )


def _poisson(design: Array, units: Array) -> Array:
    """Newton's method with halved steps; the likelihood has one peak."""

    def likelihood(beta: Array) -> float:
        index = np.minimum(design @ beta, 700)
        return float(units @ index - np.exp(index).sum())

    beta: Array = np.linalg.lstsq(design, np.log(np.maximum(units, 0.5)), rcond=None)[0].astype(float)
    value = likelihood(beta)
    for _ in range(100):
        expected = np.exp(np.minimum(design @ beta, 700))
        curvature = (design * expected[:, None]).T @ design
        step = np.linalg.lstsq(curvature, design.T @ (units - expected), rcond=None)[0]
        rate = 1.0
        while likelihood(beta + rate * step) < value - 1e-9 * abs(value) and rate > 1e-8:
            rate /= 2
        beta = beta + rate * step
        value = likelihood(beta)
        if np.abs(design @ step).max() < 1e-8:
            break
    # Rows that never sold drift off without end; they are where next to nothing is expected.
    if np.abs(design @ step).max() < 1e-8 and (design @ beta).min() > np.log(units.mean() or 1.0) - 18:
        return beta
    raise InputError(
        "No finite answer: the product, or some level of a control, never sold anything. Leave those "
        "periods out, or drop the control."
    )
