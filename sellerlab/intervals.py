"""How far a rate may lie from what was counted.

One idea: 3 orders from 40 clicks is not "7.5%". It is somewhere from 2.6% to 19.9%, and a decision has to be
right over that whole range. Every interval here stays between 0 and 1 and works for small counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


def wilson(successes: Any, n: Any, confidence: float = 0.95) -> tuple[Any, Any]:
    """Return the Wilson interval of a rate, the one to use by default.

    centre = (p + z^2 / 2n) / (1 + z^2 / n); half = z / (1 + z^2 / n) * sqrt(p (1 - p) / n + z^2 / 4n^2)

    Args:
        successes: How many of them did it: number, array or Series, from 0 to `n`.
        n: How many there were; where it is 0 the ends are NaN.
        confidence: Level of the interval.

    Returns:
        Lower and upper end, each of the kind that came in.

    Raises:
        InputError: More successes than tries, or a negative count.

    Source: E. B. Wilson, Probable inference, 1927; R. Newcombe, Two-sided confidence intervals, 1998.

    >>> low, high = wilson(3, 40)
    >>> round(low, 3), round(high, 3)
    (0.026, 0.199)
    """
    hits, total, back = _counts(successes, n)
    low, high = _wilson(hits, total, _z(confidence))
    return back(low), back(high)


def clopper_pearson(successes: Any, n: Any, confidence: float = 0.95) -> tuple[Any, Any]:
    """Return the exact interval of a rate: never too narrow, and wider than needed.

    low = Beta(a / 2; s, n - s + 1), high = Beta(1 - a / 2; s + 1, n - s), quantiles, a = 1 - confidence.

    Args:
        successes: How many of them did it: number, array or Series, from 0 to `n`.
        n: How many there were; where it is 0 the ends are NaN.
        confidence: Level of the interval.

    Returns:
        Lower and upper end, each of the kind that came in.

    Raises:
        InputError: More successes than tries, or a negative count.

    Source: C. Clopper, E. Pearson, The use of confidence or fiducial limits, 1934.

    >>> low, high = clopper_pearson(0, 20)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.168)
    """
    from scipy.special import betaincinv

    hits, total, back = _counts(successes, n)
    tail = (1 - check_rate("confidence", confidence, below_high=True)) / 2
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 0.5), total - hits + 1, tail), 0.0)
    high = np.where(hits < total, betaincinv(hits + 1, np.maximum(total - hits, 0.5), 1 - tail), 1.0)
    empty = total == 0
    return back(np.where(empty, np.nan, low)), back(np.where(empty, np.nan, high))


def newcombe(
    successes_a: Any, n_a: Any, successes_b: Any, n_b: Any, confidence: float = 0.95
) -> tuple[Any, Any]:
    """Return the interval of the difference of two rates, B less A, from their Wilson intervals.

    low = d - sqrt((pB - lB)^2 + (uA - pA)^2), high = d + sqrt((uB - pB)^2 + (pA - lA)^2), d = pB - pA

    Args:
        successes_a: Successes of A: number, array or Series.
        n_a: Tries of A.
        successes_b: Successes of B.
        n_b: Tries of B.
        confidence: Level of the interval.

    Returns:
        Lower and upper end of the difference, from -1 to 1, each of the kind that came in.

    Raises:
        InputError: More successes than tries, or a negative count.

    Source: R. Newcombe, Interval estimation for the difference between proportions, 1998, method 10.

    >>> low, high = newcombe(30, 1000, 42, 1000)
    >>> round(low, 4), round(high, 4)
    (-0.0045, 0.0288)
    """
    z = _z(confidence)
    hits_a, total_a, back = _counts(successes_a, n_a)
    hits_b, total_b, _ = _counts(successes_b, n_b)
    a, b = _share(hits_a, total_a), _share(hits_b, total_b)
    low_a, high_a = _wilson(hits_a, total_a, z)
    low_b, high_b = _wilson(hits_b, total_b, z)
    low = b - a - np.hypot(b - low_b, high_a - a)
    high = b - a + np.hypot(high_b - b, a - low_a)
    return back(low), back(high)


def wald(
    successes_a: float, n_a: float, successes_b: float, n_b: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the textbook interval of a difference of rates, to show where it fails: small counts.

    d +- z sqrt(pA (1 - pA) / nA + pB (1 - pB) / nB); it can pass 1, and it has no width at 0 and at 1.

    Args:
        successes_a: Successes of A.
        n_a: Tries of A, above 0.
        successes_b: Successes of B.
        n_b: Tries of B, above 0.
        confidence: Level of the interval.

    Raises:
        InputError: A count is negative, above its tries, or there were no tries.

    Source: any introduction to statistics; for its failure, R. Newcombe, 1998.

    >>> wald(0, 10, 0, 20)
    (0.0, 0.0)
    """
    hits, total, _ = _counts(np.array([successes_a, successes_b]), np.array([n_a, n_b]))
    if (total == 0).any():
        raise InputError("n is 0: a difference needs at least one try on each side.")
    share = hits / total
    half = _z(confidence) * math.sqrt(float((share * (1 - share) / total).sum()))
    return float(share[1] - share[0]) - half, float(share[1] - share[0]) + half


def rule_of_three(n: float, confidence: float = 0.95) -> float:
    """Return how high a rate may still be when nothing happened in `n` tries.

    -ln(1 - confidence) / n, which is 3 / n at 95%.

    Args:
        n: Tries without one success, above 0.
        confidence: Level of the bound, on one side.

    Raises:
        InputError: `n` is not above 0.

    Source: J. Hanley, A. Lippman-Hand, If nothing goes wrong, is everything all right?, 1983.

    >>> round(rule_of_three(100), 3)
    0.03
    """
    if not n > 0:
        raise InputError(f"n is {n:g}: expected the number of tries, above 0.")
    return min(-math.log(1 - check_rate("confidence", confidence, below_high=True)) / n, 1.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class Rate(Result):
    """One rate with what it may really be.

    Attributes:
        rate: Successes / tries; None below the minimum.
        low: Lower end of the Wilson interval.
        high: Upper end.
        successes: How many did it.
        n: How many there were.
        confidence: Level of the interval.
    """

    rate: float | None
    low: float | None
    high: float | None
    successes: int
    n: int
    confidence: float

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("A rate and what it may really be"))
        draw_intervals(ax, [""], [self.rate], [self.low], [self.high], rate=True)

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line needs little."""
        return 2.2


def rate(successes: int, n: int, *, confidence: float = 0.95, minimum: int = 10) -> Rate:
    """Return one rate with its interval, in words.

    Wilson's interval, see `wilson`. Where nothing happened, the bound is the rule of three.

    Args:
        successes: How many did it, such as orders.
        n: How many there were, such as clicks.
        confidence: Level of the interval.
        minimum: Fewest tries from which a rate is given.

    Raises:
        InputError: More successes than tries, or a negative count.

    Source: E. B. Wilson, Probable inference, 1927.

    >>> print(rate(3, 40).sentence)
    3 of 40 is 7.5%, and may well be anything from 2.6% to 19.9% (95% interval).
    """
    hits, total, _ = _counts(successes, n)
    known = n >= max(minimum, 1)
    low, high = wilson(successes, n, confidence) if known else (None, None)
    share = float(hits / total) if known else None
    words = {
        "s": text.number(successes),
        "n": text.number(n),
        "minimum": text.number(max(minimum, 1)),
        "level": text.percent(confidence, 0),
        "rate": share_words(share),
        "low": share_words(low),
        "high": share_words(high),
        "three": share_words(rule_of_three(n, confidence) if n > 0 else None),
    }
    if not known:
        said = text.say("{n} tries are too few for a rate: at least {minimum} are needed.", **words)
    elif successes == 0:
        said = text.say(
            "None of {n}. The rate may still be as high as {three} ({level} bound, rule of three).", **words
        )
    else:
        said = text.say(
            "{s} of {n} is {rate}, and may well be anything from {low} to {high} ({level} interval).", **words
        )
    row = {"successes": [successes], "n": [n], "rate": [share], "low": [low], "high": [high]}
    return Rate(
        table=pd.DataFrame(row).astype({"rate": float, "low": float, "high": float}),
        sentence=said,
        definition=text.say("Rate = successes / tries. Interval: Wilson, {level}.", level=words["level"]),
        formats={"successes": "count", "n": "count", "rate": "rate", "low": "rate", "high": "rate"},
        rate=share,
        low=low,
        high=high,
        successes=int(successes),
        n=int(n),
        confidence=confidence,
    )


def share_words(share: float | None, *, signed: bool = False) -> str:
    """Write a share with as many decimals as a small one needs: 12.3%, 1.23%.

    Args:
        share: A fraction, or None for a dash.
        signed: Whether a gain carries a plus.

    >>> share_words(0.123), share_words(0.0123, signed=True), share_words(None)
    ('12.3%', '+1.23%', '–')
    """
    if share is None or math.isnan(share):
        return "–"
    sign = "+" if signed and share > 0 else ""
    return sign + text.percent(share, 2 if 0 < abs(share) < 0.02 else 1)


def points(difference: float) -> str:
    """Write a difference of two rates in points, with its sign.

    >>> points(0.012), points(-0.0045)
    ('+1.20', '-0.45')
    """
    return ("+" if round(difference, 4) > 0 else "") + text.number(100 * difference, 2)


def draw_intervals(
    ax: Axes,
    labels: Sequence[str],
    middle: Sequence[float | None],
    low: Sequence[float | None],
    high: Sequence[float | None],
    *,
    rate: bool = False,
    against: float | None = None,
) -> None:
    """Draw one dot with its interval a line, first on top; a line without numbers stays empty.

    Args:
        ax: Axes to draw on.
        labels: One name a line.
        middle: One estimate a line, or None.
        low: Lower ends.
        high: Upper ends.
        rate: Whether the numbers are fractions.
        against: Value to compare with, drawn as a dashed line.
    """
    from sellerlab import plots

    for place, (dot, left, right) in enumerate(zip(middle, low, high, strict=True)):
        if dot is None or math.isnan(dot):
            ax.text(0.5, place, text.say("no number"), ha="center", transform=ax.get_yaxis_transform())
            continue
        if left is not None and right is not None:
            ax.plot([left, right], [place, place], color=plots.TOTAL, linewidth=3, alpha=0.6)
        ax.plot([dot], [place], "o", color=plots.TOTAL, markersize=9)
    known = [dot for dot in middle if dot is not None and not math.isnan(dot)]
    if against is not None and known:
        ax.axvline(against, color=plots.MUTED, linestyle="--", linewidth=1)
    ax.set_yticks(range(len(labels)), list(labels))
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    if not known:
        ax.set_xticks([])
        return
    # Steps of 1, 2 or 5: a step of 2.5% would be written as 2%, 5%, 8%.
    ax.locator_params(axis="x", nbins=7, steps=[1, 2, 5, 10])
    if rate:
        left, right = ax.get_xlim()
        decimals = 0 if right - left > 0.05 else 1 if right - left > 0.005 else 2
        ax.xaxis.set_major_formatter(lambda value, _: text.percent(value, decimals))


def _z(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + check_rate("confidence", confidence, below_high=True)) / 2))


def _share(hits: Array, total: Array) -> Array:
    return np.asarray(np.where(total > 0, hits / np.where(total > 0, total, 1.0), np.nan), dtype=float)


def _wilson(hits: Array, total: Array, z: float) -> tuple[Array, Array]:
    share, safe = _share(hits, total), np.where(total > 0, total, 1.0)
    stretch = 1 + z**2 / safe
    centre = (share + z**2 / (2 * safe)) / stretch
    half = z / stretch * np.sqrt(share * (1 - share) / safe + (z / (2 * safe)) ** 2)
    # At 0 and at n the end is exact; rounding would leave it a hair off.
    low = np.where(hits == 0, np.where(total > 0, 0.0, np.nan), centre - half)
    return low, np.where((hits == total) & (total > 0), 1.0, centre + half)


def _counts(successes: Any, n: Any) -> tuple[Array, Array, Any]:
    """Return both as arrays, and what turns an array into the kind that came in."""
    natives = [nw.from_native(each, series_only=True, pass_through=True) for each in (successes, n)]
    first = next((each for each in natives if isinstance(each, nw.Series)), None)
    arrays = [
        np.asarray(each.cast(nw.Float64).to_numpy() if isinstance(each, nw.Series) else each, dtype=float)
        for each in natives
    ]
    try:
        hits, total = np.broadcast_arrays(*arrays)
    except ValueError:
        sizes = " and ".join(str(each.size) for each in arrays)
        raise InputError(f"successes and n have {sizes} values: they need the same length.") from None
    if (hits < 0).any() or (total < 0).any():
        raise InputError(f"A count is {min(np.nanmin(hits), np.nanmin(total)):g}: counts are 0 or more.")
    if (hits > total).any():
        place = int(np.argmax(hits.ravel() > total.ravel()))
        raise InputError(
            f"{hits.flat[place]:g} successes from {total.flat[place]:g} tries: there cannot be more "
            "successes than tries. Count people on both sides, not orders against people."
        )

    def back(values: Array) -> Any:
        if first is not None:
            if first.implementation.is_pandas():
                return pd.Series(values, index=first.to_native().index)
            made = nw.new_series(first.name, values.tolist(), nw.Float64(), backend=first.implementation)
            return made.to_native()
        return values if hits.ndim else float(values)

    return hits, total, back
