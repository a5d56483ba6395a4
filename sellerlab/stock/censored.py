"""From sales to demand: a sold-out day says "at least this many", not "this many".

One idea: sales stop where the stock stops, so the average of the sales is below the demand. A period that
sold out enters as *censored*: its demand was what it sold or more (Nahmias, 1994).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sellerlab import text
from sellerlab.demand import Array, Demand, Empirical, Normal, Poisson
from sellerlab.errors import InputError, unknown
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Shape = Literal["normal", "poisson", "empirical"]

#: Periods with stock below which no distribution is given.
MINIMUM_PERIODS = 8
#: Resamples behind the interval of demand as it was seen.
_RESAMPLES = 2000


@dataclass(frozen=True, kw_only=True, repr=False)
class DemandFit(Result):
    """Demand learned from sales; `table` has one row an estimate: sales as they are, and demand.

    Attributes:
        demand: The distribution of one period; None where the data are too few.
        mean: Its mean, units a period; None with `demand`.
        low: Lower end of the 95% interval of the mean.
        high: Upper end.
        sales_mean: Average of the sales, sold-out periods taken as if nothing was missed.
        periods: Periods seen.
        sold_out: Periods that sold out.
        at_least: Whether the mean is a lower bound, as the highest sales seen were sold out.
        sold: Units sold in each period.
        censored: Whether each period sold out.
    """

    demand: Demand | None
    mean: float | None
    low: float | None
    high: float | None
    sales_mean: float
    periods: int
    sold_out: int
    at_least: bool
    sold: Array
    censored: NDArray[np.bool_]

    def _draw(self, ax: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        from sellerlab import plots

        top = self.sold.max(initial=1.0)
        # Whole units in each bar, or some bars hold one number more than others.
        width = math.ceil((top + 1) / 16)
        edges = np.arange(0, top + 1 + width, width)
        names = [text.say("in stock to the end"), text.say("sold out: demand was higher")]
        ax.hist(
            [self.sold[~self.censored], self.sold[self.censored]],
            bins=edges.tolist(),
            stacked=True,
            color=[plots.TOTAL, plots.LOSS],
            label=names,
        )
        ax.axvline(self.sales_mean, color=plots.MUTED, linestyle="--", label=text.say("average of the sales"))
        if self.mean is not None:
            ax.axvline(self.mean, color="black", label=text.say("average demand"))
        ax.set_title(text.say("Sales, and the demand behind them"))
        ax.set_xlabel(text.say("units sold in a period"))
        ax.set_ylabel(text.say("periods"))
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        ax.legend(fontsize=9)


def fit_demand(sold: Any, sold_out: Any = None, *, shape: Shape = "normal", seed: int = 0) -> DemandFit:
    """Return the demand behind the sales of equal periods, sold-out periods taken as "this many or more".

    Args:
        sold: Units sold in each period (days, weeks): list, array or Series, 0 or more.
        sold_out: Whether each period ran out of stock; none did by default.
        shape: ``"normal"`` for dozens a period, ``"poisson"`` for a few, ``"empirical"`` to assume no shape.
        seed: Seed of the resamples behind the interval of ``"empirical"``.

    Returns:
        A `DemandFit`. Fewer than 8 periods with stock give no distribution and say so.

    Raises:
        UnknownNameError: There is no such shape.
        InputError: Sales are negative or missing, or the lengths differ.

    What it cannot know: why the stock ran out. It takes the stock for given and the demand for what emptied
    it. A period that begins with an empty shelf, or whose shelf is empty whatever the demand, has sales that
    follow the demand of its open days, and "this many or more" then reads too high. Where a fifth of the
    weeks are cut like that, the mean is 1% too high if weeks differ by 20% of it (standard deviation), and
    4% if they differ by 40%. Leave such periods out where they are known.

    Method: maximum likelihood, a censored period entering with P(demand >= sold); ``"empirical"`` is the
    product-limit estimate. Intervals: observed information, or the bootstrap over periods.
    Sources: Nahmias, "Demand estimation in lost sales inventory systems" (1994); Huh et al., "Adaptive
    data-driven inventory control with censored demand" (2011).

    >>> found = fit_demand([4, 6, 5, 3, 5, 5, 6, 4, 5, 7], [0, 0, 1, 0, 0, 1, 0, 0, 0, 0], shape="poisson")
    >>> round(found.sales_mean, 1), round(found.mean, 1)
    (5.0, 5.4)
    """
    if shape not in get_args(Shape):
        raise unknown("shape of demand", shape, get_args(Shape))
    units, closed = _series(sold, sold_out)
    demand: Demand | None = None
    low = high = None
    at_least = bool(closed.any() and units[closed].max() >= units[~closed].max(initial=-1.0))
    if (~closed).sum() >= MINIMUM_PERIODS:
        learn = {"normal": _normal, "poisson": _poisson, "empirical": _empirical}[shape]
        demand, low, high = learn(units, closed, seed)
    at_least = at_least and shape == "empirical"
    rows = {
        "estimate": [text.say("sales taken for demand"), text.say("demand")],
        "periods": [float(units.size)] * 2,
        "sold_out": [float(closed.sum())] * 2,
        "mean": [float(units.mean()), demand.mean if demand else math.nan],
        "low": [math.nan, math.nan if low is None else low],
        "high": [math.nan, math.nan if high is None else high],
        "sd": [float(units.std(ddof=1)) if units.size > 1 else math.nan, demand.sd if demand else math.nan],
    }
    return DemandFit(
        table=pd.DataFrame(rows),
        sentence=_sentence(units, closed, demand, low, high, at_least),
        definition=text.say(
            "A period that sold out counts as this many units or more, every other period as its sales. Mean "
            "and interval (95%) are those of one period."
        ),
        formats={"periods": "count", "sold_out": "count"}
        | dict.fromkeys(("mean", "low", "high", "sd"), "number"),  # type: ignore[arg-type]
        demand=demand,
        mean=demand.mean if demand else None,
        low=low,
        high=high,
        sales_mean=float(units.mean()),
        periods=units.size,
        sold_out=int(closed.sum()),
        at_least=at_least,
        sold=units,
        censored=closed,
    )


def _series(sold: Any, sold_out: Any) -> tuple[Array, NDArray[np.bool_]]:
    units = np.asarray(sold, dtype=float)
    closed = np.zeros(units.shape, dtype=bool) if sold_out is None else np.asarray(sold_out)
    if units.ndim != 1 or not units.size or not np.isfinite(units).all() or (units < 0).any():
        raise InputError("sold: expected the units of at least one period, 0 or more each.")
    if closed.shape != units.shape or not np.isin(closed, (0, 1)).all():
        raise InputError(f"sold_out: expected true or false for each of the {units.size} periods of `sold`.")
    return units, closed.astype(bool)


def _poisson(units: Array, closed: NDArray[np.bool_], _: int) -> tuple[Demand, float, float]:
    from scipy.optimize import brentq
    from scipy.special import pdtrc

    open_sum, count, borders = units[~closed].sum(), units.size, units[closed]

    def score(log_mean: float) -> float:
        """Derivative of the log-likelihood by the log of the mean."""
        mean = math.exp(log_mean)
        # E[D | D >= s] = mean * P(D >= s - 1) / P(D >= s)
        above = pdtrc(np.maximum(borders - 1, 0), mean)
        above = np.where(borders > 0, above, 1.0)
        wider = np.where(borders > 1, pdtrc(np.maximum(borders - 2, 0), mean), 1.0)
        expected = mean * wider / np.maximum(above, 1e-300)
        return float(open_sum + expected.sum() - count * mean)

    if units.max() == 0:
        # Nothing was ever asked for: the rule of three bounds the mean.
        return Poisson(0.0), 0.0, 3.0 / max(int((~closed).sum()), 1)
    centre = math.log(units.mean())
    log_mean = brentq(score, centre - 1, centre + 5, xtol=1e-13)
    step = 1e-4
    information = -(score(log_mean + step) - score(log_mean - step)) / (2 * step)
    wide = 1.959964 / math.sqrt(information)
    return Poisson(math.exp(log_mean)), math.exp(log_mean - wide), math.exp(log_mean + wide)


def _normal(units: Array, closed: NDArray[np.bool_], _: int) -> tuple[Demand, float, float]:
    from scipy.optimize import minimize
    from scipy.special import log_ndtr, stdtrit

    mean, sd = float(units.mean()), float(units.std(ddof=1))
    if not closed.any() or sd == 0:
        wide = float(stdtrit(units.size - 1, 0.975)) * sd / math.sqrt(units.size)
        return Normal(mean, sd), max(mean - wide, 0.0), mean + wide
    # Standard units, and Olsen's precision form, in which the log-likelihood has one peak.
    z = (units - mean) / sd

    def loss(place: Array) -> float:
        delta, log_theta = place
        scaled = math.exp(log_theta) * z - delta
        return float(np.sum(scaled[~closed] ** 2) / 2 - (~closed).sum() * log_theta) - float(
            log_ndtr(-scaled[closed]).sum()
        )

    place = minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-8}).x
    centre, spread = place[0] / math.exp(place[1]), math.exp(-place[1])

    def likelihood(middle: float, log_sd: float) -> float:
        return loss(np.array([middle / math.exp(log_sd), -log_sd]))

    # Observed information in (mean, log sd), by differences.
    h, at = 1e-3, (centre, math.log(spread))
    own = [
        (likelihood(at[0] + a, at[1] + b) - 2 * likelihood(*at) + likelihood(at[0] - a, at[1] - b)) / h**2
        for a, b in ((h, 0), (0, h), (h, h))
    ]
    cross = (own[2] - own[0] - own[1]) / 2
    wide = 1.959964 * math.sqrt(own[1] / (own[0] * own[1] - cross**2)) * sd
    found = mean + sd * centre
    return Normal(max(found, 0.0), sd * spread), max(found - wide, 0.0), found + wide


def _empirical(units: Array, closed: NDArray[np.bool_], seed: int) -> tuple[Demand, float, float]:
    picked = np.random.default_rng(seed).multinomial(
        units.size, np.full(units.size, 1 / units.size), size=_RESAMPLES
    )
    levels, weights = _product_limit(units, closed, np.vstack([np.ones(units.size), picked]))
    low, high = np.quantile(weights[1:] @ levels, [0.025, 0.975])
    return Empirical.of(levels, weights[0]), float(low), float(high)


def _product_limit(units: Array, closed: NDArray[np.bool_], often: Array) -> tuple[Array, Array]:
    """Kaplan-Meier for samples in which each period stands `often` times, one sample a row.

    What is left beyond the highest value seen is put on it.
    """
    levels, place = np.unique(units, return_inverse=True)
    at = np.eye(levels.size)[place]
    seen, every = often @ (at * ~closed[:, None]), often @ at
    at_risk = every[:, ::-1].cumsum(axis=1)[:, ::-1]
    left = np.cumprod(1 - seen / np.maximum(at_risk, 1), axis=1)
    weights = np.maximum(-np.diff(left, axis=1, prepend=1.0), 0.0)
    # A resample may lack the highest values: what is left goes to the highest that it has.
    last = levels.size - 1 - (every[:, ::-1] > 0).argmax(axis=1)
    weights[np.arange(len(weights)), last] += left[:, -1]
    return levels, weights


def _sentence(
    units: Array,
    closed: NDArray[np.bool_],
    demand: Demand | None,
    low: float | None,
    high: float | None,
    at_least: bool,
) -> str:
    words = {
        "n": text.number(units.size),
        "out": text.number(int(closed.sum())),
        "sales": text.number(float(units.mean()), 1),
    }
    if demand is None or low is None or high is None:
        return text.say(
            "Only {kept} of {n} periods had stock to the end: at least {minimum} are needed to learn a "
            "demand.",
            kept=text.number(int((~closed).sum())),
            minimum=text.number(MINIMUM_PERIODS),
            **words,
        )
    words |= {
        "mean": text.number(demand.mean, 1),
        "low": text.number(low, 1),
        "high": text.number(high, 1),
    }
    if not closed.any():
        return text.say(
            "Demand is {mean} units a period ({low} to {high}), from {n} periods, none of which sold out.",
            **words,
        )
    said = text.say(
        "Demand is {mean} units a period ({low} to {high}), while {sales} were sold: {out} of {n} periods "
        "sold out and count as that many units or more.",
        **words,
    )
    if at_least:
        said += " " + text.say("As the best period sold out too, the true demand may be higher still.")
    return said
