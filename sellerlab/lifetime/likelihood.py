"""Maximum likelihood for models of buying: group equal histories, climb, and say how sure the top is.

The one idea: customers with the same history (how often, when last, how long watched) count together, so
a million customers cost no more than their few ten thousand different histories. Parameters are positive
and are searched as logarithms, where the likelihood is smooth and its gradient is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sellerlab.errors import InputError

Floats = npt.NDArray[np.float64]

#: A likelihood: positive parameters to its value and its gradient by parameter.
Likelihood = Callable[[Floats], tuple[float, Floats]]

#: A normal value lies within this many standard errors in 95 of 100 cases.
Z95 = 1.959963984540054

#: Logarithms of parameters are kept within this distance of 0; a top at the border is no top.
_BORDER = 14.0


@dataclass(frozen=True)
class Histories:
    """Different histories and how many customers share each.

    Attributes:
        frequency: Repeat purchases x.
        recency: Time of the last purchase t_x, counted from the first.
        age: Time T from the first purchase to the end of the data.
        customers: Customers with this history.
        group: For each customer, the place of the history it has.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    customers: Floats
    group: npt.NDArray[np.intp]

    @cached_property
    def counts(self) -> Places:
        """Distinct frequencies."""
        return Places.of(self.frequency)

    @cached_property
    def times(self) -> tuple[Places, Places]:
        """Distinct recencies and distinct ages."""
        return Places.of(self.recency), Places.of(self.age)

    @cached_property
    def sums(self) -> tuple[Floats, Floats, Floats]:
        """Customers by distinct frequency, customers by distinct age, and their purchases by age."""
        ages = self.times[1]
        return (
            self.counts.summed(self.customers),
            ages.summed(self.customers),
            ages.summed(self.customers * self.frequency),
        )


@dataclass(frozen=True)
class Places:
    """The distinct values of an array and where each stands: a costly function is taken once a value."""

    values: Floats
    place: npt.NDArray[np.intp]

    @classmethod
    def of(cls, values: Floats) -> Places:
        """Find the distinct values of an array."""
        place, different = pd.factorize(values)
        return cls(different, place)

    def spread(self, made: Floats) -> Floats:
        """Return what was made of the distinct values, for every element again."""
        found: Floats = made[self.place]
        return found

    def summed(self, weights: Floats) -> Floats:
        """Return the sum of weights for each distinct value."""
        made: Floats = np.bincount(self.place, weights, minlength=len(self.values)).astype(float)
        return made


def dot(left: Floats, right: Floats) -> float:
    """Return the sum of products; unlike BLAS the same bytes on any number of cores."""
    return float(np.sum(left * right))


def histories(frequency: Any, recency: Any, age: Any, customers: Any = None) -> Histories:
    """Group equal histories.

    Args:
        frequency: Repeat purchases of each customer, whole numbers of 0 or more.
        recency: Time from first to last purchase, 0 where frequency is 0.
        age: Time from first purchase to the end of the data.
        customers: How many customers each row stands for; 1 by default.

    Raises:
        InputError: A history cannot be: lengths differ, a value is missing or negative, a last purchase
            after the end, or a repeat purchase at time 0.

    >>> made = histories([2, 0, 2], [30.0, 0.0, 30.0], [39.0, 39.0, 39.0])
    >>> made.frequency, made.customers
    (array([2., 0.]), array([2., 1.]))
    """
    x, t_x, T = (np.asarray(each, dtype=float).ravel() for each in (frequency, recency, age))
    weights = np.ones(len(x)) if customers is None else np.asarray(customers, dtype=float).ravel()
    _check(x, t_x, T, weights)
    codes, kinds = zip(*(pd.factorize(values) for values in (x, t_x, T)), strict=True)
    sizes = tuple(len(each) for each in kinds)
    key = np.asarray(np.ravel_multi_index(codes, sizes), dtype=np.int64)
    if math.prod(sizes) > 4 * len(x):
        group, different = pd.factorize(key)
        counts = np.bincount(group, weights)
    else:  # few enough to count every combination, which is faster than hashing
        every = np.bincount(key, weights, minlength=math.prod(sizes))
        different = np.flatnonzero(every)
        counts = every[different]
        lookup = np.empty(len(every), dtype=np.intp)
        lookup[different] = np.arange(len(different))
        group = lookup[key]
    places = np.unravel_index(different, sizes)
    x, t_x, T = (values[place] for values, place in zip(kinds, places, strict=True))
    return Histories(x, t_x, T, counts.astype(float), group)


def _check(x: Floats, t_x: Floats, T: Floats, weights: Floats) -> None:
    lengths = {len(each) for each in (x, t_x, T, weights)}
    if len(lengths) > 1:
        raise InputError(
            f"frequency, recency and age have lengths {len(x)}, {len(t_x)}, {len(T)}: give one of each a row."
        )
    if not len(x):
        raise InputError("There is no customer in the table. Give at least one row.")
    slack = 1e-9 * (1 + float(np.nanmax(T)))
    for wrong, what in (
        (~(np.isfinite(x) & np.isfinite(t_x) & np.isfinite(T)), "a value is missing"),
        ((x < 0) | (x != np.floor(x)), "frequency is not a whole number of repeat purchases, 0 or more"),
        ((t_x < 0) | (T < 0), "a time is negative"),
        (t_x > T + slack, "recency is above age: the last purchase would lie after the end of the data"),
        ((x == 0) & (t_x > 0), "recency is above 0 without a repeat purchase (frequency 0)"),
        ((x > 0) & (t_x == 0), "recency is 0 with repeat purchases: merge orders of one day first"),
        (~(weights > 0), "customers is not above 0"),
    ):
        if np.any(wrong):
            row = int(np.argmax(wrong))
            raise InputError(
                f"Row {row + 1} cannot be: {what} (frequency {x[row]:g}, recency {t_x[row]:g}, age "
                f"{T[row]:g}). lifetime.repeat_purchases(orders) makes the table from orders."
            )


@dataclass(frozen=True)
class Top:
    """Where a likelihood is highest.

    Attributes:
        estimates: The parameters there.
        log_likelihood: Its logarithm there.
        log_covariance: Covariance of the logarithms of the parameters; None where the data do not settle
            them, because the top is flat or lies at the border.
    """

    estimates: Floats
    log_likelihood: float
    log_covariance: Floats | None


def maximise(
    likelihood: Likelihood,
    starts: Sequence[Sequence[float]],
    customers: float,
    curvature: Floats | None = None,
) -> Top:
    """Climb to the highest likelihood by Newton steps in the logarithms of the parameters.

    Args:
        likelihood: Gives the log-likelihood and its gradient at positive parameters.
        starts: Parameters to start from; the next start is tried only where one does not come to rest.
        customers: Number of customers, to which slopes are scaled.
        curvature: Second derivatives by the logarithms at the first start, a customer and negative, where
            they are known about.

    Raises:
        InputError: No start led anywhere.

    >>> top = maximise(lambda v: (3 * np.log(v[0]) - v[0], 3 / v - 1), [[1.0]], 3)
    >>> round(float(top.estimates[0]), 6)
    3.0
    """

    def down(logs: Floats) -> tuple[float, Floats]:
        values = np.exp(logs)
        value, gradient = likelihood(values)
        return -value / customers, -gradient * values / customers

    best: tuple[float, Floats, Floats, bool] | None = None
    for start in starts:
        found = _climb(down, np.log(np.asarray(start, dtype=float)), curvature)
        curvature = None
        if found is not None and (best is None or found[0] < best[0]):
            best = found
        if best is not None and best[3]:
            break
    if best is None:
        raise InputError("The model could not be fitted to these histories. Check frequency, recency, age.")
    value, logs, curvature, rests = best
    covariance = _covariance(curvature, logs, customers) if rests else None
    return Top(np.exp(logs), -value * customers, covariance)


def _climb(
    down: Callable[[Floats], tuple[float, Floats]], logs: Floats, curvature: Floats | None
) -> tuple[float, Floats, Floats, bool] | None:
    """Return the lowest value found, where, the curvature there, and whether it came to rest.

    A curvature costs a gradient a parameter. Where steps are short it is not measured again but learnt from
    how the gradient turned (Broyden, Fletcher, Goldfarb and Shanno); it is measured at the end.
    """
    value, gradient = down(logs)
    if not np.isfinite(value):
        return None
    measured = curvature is None
    bend = _curvature(down, logs, gradient) if curvature is None else curvature
    for _ in range(100):
        if not np.all(np.isfinite(bend)):
            return value, logs, bend, False
        step = _newton(bend, gradient)
        gain = float(-gradient @ step)
        step = step * (min(1.0, 2.0 / np.abs(step).max()) if gain > 0 else 0.0)
        for _ in range(30):
            there = np.clip(logs + step, -_BORDER, _BORDER)
            new_value, new_gradient = down(there)
            if np.isfinite(new_value) and new_value <= value - 1e-4 * float(-gradient @ (there - logs)):
                break
            step = step / 4
        else:
            if measured:
                return value, logs, bend, gain < 1e-9
            bend, measured = _curvature(down, logs, gradient), True
            continue
        move, turn = there - logs, new_gradient - gradient
        moved = float(np.abs(move).max())
        logs, value, gradient = there, new_value, new_gradient
        if moved < 1e-6 or gain < 1e-13:
            bend = _curvature(down, logs, gradient)
            last = _newton(bend, gradient)
            return value, logs + last if np.abs(last).max() < 1e-5 else logs, bend, True
        along = bend @ move
        measured = not (moved < 0.5 and turn @ move > 0 and along @ move > 0)
        if measured:
            bend = _curvature(down, logs, gradient)
        else:
            bend = bend + np.outer(turn, turn) / (turn @ move) - np.outer(along, along) / (along @ move)
    return value, logs, bend, False


def _newton(bend: Floats, gradient: Floats) -> Floats:
    """Return the step to the lowest point of the surface with this curvature and gradient."""
    # Where the surface bends the wrong way its size still says how far to go.
    bends, axes = np.linalg.eigh(bend)
    step: Floats = -axes @ (axes.T @ gradient / np.maximum(np.abs(bends), 1e-7))
    return step


def _curvature(down: Callable[[Floats], tuple[float, Floats]], logs: Floats, gradient: Floats) -> Floats:
    """Second derivatives, from differences of exact first derivatives."""
    step = 1e-5
    rows = [(down(logs + step * move)[1] - gradient) / step for move in np.eye(len(logs))]
    made: Floats = (np.array(rows) + np.array(rows).T) / 2
    return made


def _covariance(curvature: Floats, logs: Floats, customers: float) -> Floats | None:
    if not np.all(np.isfinite(curvature)) or np.abs(logs).max() > _BORDER - 1:
        return None
    if np.linalg.eigvalsh(curvature)[0] <= 1e-7:
        return None
    made: Floats = np.asarray(np.linalg.inv(curvature), dtype=float) / customers
    return made if np.sqrt(np.diag(made)).max() < 3 else None


def parameter_rows(names: Sequence[str], top: Top | None) -> dict[str, list[Any]]:
    """Return estimate, standard error and 95% interval of each parameter as columns; empty without a top.

    The interval is symmetric in the logarithm, so it stays above 0.
    """
    empty: list[Any] = [None] * len(names)
    columns = {"parameter": list(names), "estimate": empty, "standard_error": empty}
    columns |= {"low": empty, "high": empty}
    if top is None:
        return columns
    columns["estimate"] = top.estimates.tolist()
    if top.log_covariance is not None:
        spread = np.sqrt(np.diag(top.log_covariance))
        columns["standard_error"] = (top.estimates * spread).tolist()
        columns["low"] = (top.estimates * np.exp(-Z95 * spread)).tolist()
        columns["high"] = (top.estimates * np.exp(Z95 * spread)).tolist()
    return columns
