"""Looking at a test before it is over, with and without paying for it.

One idea: each look is one more chance of a false alarm. Who looks daily for two weeks and stops at the first
p < 0.05 is wrong in 22% of tests without any difference. Bounds planned before the start give the looks back:
they ask for more early, so that all looks together keep the 5%.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.intervals import Array
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["obrien_fleming", "pocock", "obrien_fleming_spending", "pocock_spending", "power"]

#: Nodes of the integral over where a test stands that has not stopped yet.
_NODES = 200

#: Where tests that have not stopped stand, and the mass there.
State = tuple[Array, Array]
_START: State = (np.zeros(1), np.ones(1))


@dataclass(frozen=True, kw_only=True, repr=False)
class Bounds(Result):
    """The bound of each look: stop where |z| reaches it.

    Attributes:
        looks: Number of looks.
        alpha: Chance of a false alarm over all looks together.
        kind: How it is spent.
        z: Bound of |z| at each look.
        p: The same as a two-sided p-value.
        fractions: Share of the visitors in at each look.
        unplanned: Chance of a false alarm where each look stops at p < alpha.
        inflation: How many times the visitors of a test without looks the longest run needs for the same
            power of 80%.
    """

    looks: int
    alpha: float
    kind: str
    z: tuple[float, ...]
    p: tuple[float, ...]
    fractions: tuple[float, ...]
    unplanned: float
    inflation: float

    def stops(self, look: int, z: float) -> bool:
        """Say whether a test may stop at a look (1 is the first).

        Raises:
            InputError: There is no such look in the plan.
        """
        if not 1 <= look <= self.looks:
            raise InputError(f"look is {look}: the plan has looks 1 to {self.looks}.")
        return abs(z) >= self.z[look - 1]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        places = range(1, self.looks + 1)
        ax.plot(places, self.z, "o-", color=plots.TOTAL, label=text.say("bound of the plan"))
        usual = edge_of(self.alpha)
        ax.axhline(usual, color=plots.LOSS, linestyle="--", label=text.say("bound of a test without looks"))
        ax.set_ylim(bottom=0)
        ax.locator_params(axis="x", integer=True)
        ax.set_xlabel(text.say("look"))
        ax.set_ylabel(text.say("z needed to stop"))
        ax.set_title(text.say("How sure each look has to be"))
        ax.legend()


def bounds(
    looks: int | Sequence[float],
    *,
    kind: Kind = "obrien_fleming",
    alpha: float = 0.05,
    rho: float = 2.0,
) -> Bounds:
    """Return the bounds of a test that is looked at several times (group-sequential, two-sided).

    Pocock: |z_k| >= C; O'Brien-Fleming: |z_k| >= C / sqrt(t_k); C so that all looks keep alpha together.
    Alpha spending, A(t) spent by look t: power alpha t^rho; O'Brien-Fleming type 4 - 4 Phi(z_(alpha/4) /
    sqrt(t)); Pocock type alpha ln(1 + (e - 1) t).

    Args:
        looks: Number of looks, evenly spaced; or the shares of the planned visitors at which to look, rising
            to 1.
        kind: How the false alarm is spent.
        alpha: Chance of a false alarm over all looks together.
        rho: Exponent of the power family.

    Returns:
        A `Bounds`: one row a look.

    Raises:
        InputError: The shares do not rise to 1, or there are more than 200 looks.

    Source: C. Jennison, B. Turnbull, Group Sequential Methods, 2000, chapters 2, 7 and 19.

    >>> plan = bounds(5, kind="pocock")
    >>> [round(z, 3) for z in plan.z][:2], round(plan.p[0], 4)
    ([2.413, 2.413], 0.0158)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    if kind not in get_args(Kind):
        raise unknown("kind of bounds", kind, get_args(Kind))
    if not check_rate("alpha", alpha, below_high=True) > 0:
        raise InputError("alpha is 0: a test that never stops needs no bounds. Expected, for example, 0.05.")
    times = _times(looks)
    if kind in ("pocock", "obrien_fleming"):
        shape = np.ones(len(times)) if kind == "pocock" else 1 / np.sqrt(times)
        constant = brentq(lambda c: crossing(c * shape, times).sum() - alpha, 0.5, 12, xtol=1e-10)
        z = constant * shape
    else:
        z = _spend(_spending(kind, alpha, rho), times)
    crossed = crossing(z, times)
    usual = np.full(len(times), edge_of(alpha))

    def drift_for_80(edges: Array, fractions: Array) -> float:
        return float(brentq(lambda d: crossing(edges, fractions, d).sum() - 0.8, 0.0, 12.0, xtol=1e-10))

    p = 2 * ndtr(-z)
    table = pd.DataFrame({"look": range(1, len(times) + 1), "fraction": times, "z": z, "p": p})
    table["alpha_spent"] = crossed.cumsum()
    once = drift_for_80(usual[:1], np.ones(1))
    unplanned, inflation = float(crossing(usual, times).sum()), (drift_for_80(z, times) / once) ** 2
    return Bounds(
        table=table,
        sentence=text.say(
            "With {looks} looks, stop at the first only where z reaches {first}, at the last where it "
            "reaches {last} (p below {p}): together {alpha} false alarms. Stopping at any look with p below "
            "{alpha_p} gives {unplanned}. The longest run takes {more} more visitors than a test without "
            "looks.",
            looks=text.number(len(times)),
            first=text.number(float(z[0]), 2),
            last=text.number(float(z[-1]), 2),
            p=text.number(float(p[-1]), 4),
            alpha=text.percent(alpha, 0),
            alpha_p=text.number(alpha, 2),
            unplanned=text.percent(unplanned),
            more=text.percent(inflation - 1),
        ),
        definition=text.say(
            "Group-sequential bounds, two-sided, kind {kind}. Alpha spent = chance of a false alarm up to "
            "that look. Looks have to be where they were planned; more visitors: for a power of 80%.",
            kind=kind,
        ),
        formats={"look": "count", "fraction": "rate", "z": "number", "p": "p", "alpha_spent": "p"},
        looks=len(times),
        alpha=alpha,
        kind=kind,
        z=tuple(z.tolist()),
        p=tuple(p.tolist()),
        fractions=tuple(times.tolist()),
        unplanned=unplanned,
        inflation=inflation,
    )


def crossing(z: Array, fractions: Array, drift: float = 0.0) -> Array:
    """Return the chance that a test stops at each look, by numerical integration.

    The score z_k sqrt(t_k) is a Brownian motion with the drift given; its density where the test goes on is
    carried from look to look.

    Args:
        z: Two-sided bound at each look.
        fractions: Share of the visitors at each look, rising.
        drift: Expected z at the end; 0 where there is no difference.

    Returns:
        One chance a look; their sum is the chance to stop at all.

    Source: P. Armitage, C. McPherson, B. Rowe, Repeated significance tests, 1969.

    >>> fractions = np.arange(1, 15) / 14
    >>> round(float(crossing(np.full(14, 1.96), fractions).sum()), 3)
    0.22
    """
    edges = np.asarray(z) * np.sqrt(fractions)
    state, done, out = _START, 0.0, []
    for edge, time in zip(edges, fractions, strict=True):
        out.append(_stopped(state, edge, time - done, drift))
        state, done = _going_on(state, edge, time - done, drift, time), time
    return np.array(out)


def _stopped(state: State, edge: float, step: float, drift: float) -> float:
    """Return the chance to pass the edge on either side after one more step."""
    from scipy.special import ndtr

    middle, width = state[0] + drift * step, math.sqrt(step)
    return float(state[1] @ (ndtr((-edge - middle) / width) + ndtr((middle - edge) / width)))


@cache
def _gauss() -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(_NODES)


def _going_on(state: State, edge: float, step: float, drift: float, time: float) -> State:
    """Return where tests that did not stop stand after one more step."""
    nodes, weights = _gauss()
    middle, width = state[0] + drift * step, math.sqrt(step)
    # Far beyond 8 standard deviations there is nothing to integrate.
    reach = min(edge, 8 * math.sqrt(time) + abs(drift) * time)
    place = reach * nodes
    density = np.exp(-0.5 * ((place[:, None] - middle) / width) ** 2) / (width * math.sqrt(2 * math.pi))
    return place, reach * weights * (density @ state[1])


def edge_of(alpha: float) -> float:
    """Return the two-sided bound of |z| of a single look.

    >>> round(edge_of(0.05), 3)
    1.96
    """
    from scipy.special import ndtri

    return float(-ndtri(alpha / 2))


def _times(looks: int | Sequence[float]) -> Array:
    if isinstance(looks, int):
        if not 1 <= looks <= 200:
            raise InputError(f"looks is {looks}: expected 1 to 200 looks.")
        return np.arange(1, looks + 1) / looks
    times = np.asarray(looks, dtype=float)
    rises = bool(len(times)) and times[0] > 0 and (np.diff(times) > 0).all()
    if not rises or len(times) > 200 or abs(times[-1] - 1) > 1e-9:
        raise InputError(f"looks is {list(looks)}: expected shares of the visitors that rise to 1.")
    return times


def _spending(kind: str, alpha: float, rho: float) -> Callable[[Array], Array]:
    from scipy.special import ndtr

    if kind == "power":
        if not rho > 0:
            raise InputError(f"rho is {rho:g}: expected an exponent above 0.")
        return lambda t: alpha * t**rho
    if kind == "pocock_spending":
        return lambda t: alpha * np.log(1 + (math.e - 1) * t)
    return lambda t: np.asarray(4 * ndtr(-edge_of(alpha / 2) / np.sqrt(t)))


def _spend(spent: Callable[[Array], Array], times: Array) -> Array:
    """Return bounds so that each look crosses with just the chance it may spend."""
    from scipy.optimize import brentq

    state, done, z = _START, 0.0, []
    for time, share in zip(times, np.diff(spent(times), prepend=0.0), strict=True):
        step, top = time - done, 12 * math.sqrt(time)

        def excess(edge: float, state: State = state, step: float = step, share: float = share) -> float:
            return _stopped(state, edge, step, 0.0) - share

        # Early looks may spend less than a double holds: the bound is then as good as none.
        edge = float(brentq(excess, 0.0, top, xtol=1e-11)) if excess(top) < 0 else top
        z.append(edge / math.sqrt(time))
        state, done = _going_on(state, edge, step, 0.0, time), time
    return np.array(z)
