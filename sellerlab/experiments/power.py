"""How many visitors a test needs, and how many days that is: asked before it starts.

One idea: the smaller the change to be seen, the more visitors, and it grows with the square. A shop that
cannot send them should test a bigger change, a step nearer to the visit, or decide by expected loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.intervals import share_words
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: How the spread under "no difference" is taken: from each rate, from their mean, or from the base alone.
Spread = Literal["unpooled", "pooled", "base"]

#: Relative lifts shown beside the one asked for.
_LIFTS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class SampleSize(Result):
    """How many visitors a test needs.

    Attributes:
        per_variant: Visitors in each variant, rounded up.
        exact: The same before rounding.
        total: Visitors in all variants together.
        days: Days to collect them, in full weeks; None where no traffic was given.
        base: Rate, or mean, today.
        target: Rate, or mean, to be seen.
        alpha: Chance of a false alarm.
        power: Chance to see the change where it is real.
    """

    per_variant: int
    exact: float
    total: int
    days: int | None
    base: float
    target: float
    alpha: float
    power: float
    asked: int = field(repr=False)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.ticker import LogLocator

        from sellerlab import plots

        ax.set_title(text.say("The smaller the change, the more visitors"))
        column = "days" if self.days is not None else "total"
        lifts, needs = self.table["lift"].to_numpy(), self.table[column].to_numpy(dtype=float)
        ax.plot(lifts, needs, "o-", color=plots.MUTED)
        ax.plot(lifts[self.asked], needs[self.asked], "o", color=plots.TOTAL, markersize=10)
        label = text.say("{n} days", n=text.number(self.days)) if self.days else text.number(self.total)
        place = (lifts[self.asked], needs[self.asked])
        ax.annotate(label, place, (10, 6), textcoords="offset points")
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(lambda value, _: text.number(value))
        plots.percent_axis(ax, axis="x")
        ax.set_xlabel(text.say("change to be seen, relative to today"))
        ax.set_ylabel(text.say("days") if self.days is not None else text.say("visitors in all"))


def sample_size(
    base: float,
    target: float | None = None,
    *,
    lift: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    variants: int = 2,
    visitors_per_day: float | None = None,
    spread: Spread = "unpooled",
    two_sided: bool = True,
) -> SampleSize:
    """Return the visitors that a test of two or more rates needs.

    unpooled: n = (z_a + z_b)^2 (p1 q1 + p2 q2) / (p2 - p1)^2. pooled and base: n = (z_a sqrt(2 p q) + z_b
    sqrt(p1 q1 + p2 q2))^2 / (p2 - p1)^2 with p the mean of both rates, or p1.

    Args:
        base: Rate today, a fraction.
        target: Rate to be seen; or give `lift`.
        lift: Relative change to be seen, 0.1 for 10% more; may be negative.
        alpha: Chance of a false alarm; divided by the number of comparisons where there are more.
        power: Chance to see the change where it is real.
        variants: Variants, the control among them.
        visitors_per_day: Visitors of all variants together in a day; gives the days.
        spread: Which formula; ``"pooled"`` is that of R, ``"base"`` that of many online calculators.
        two_sided: Whether a change for the worse should be seen too.

    Raises:
        InputError: The rates are equal or outside 0 to 1, or there are fewer than two variants.

    Source: J. Fleiss et al., Statistical Methods for Rates and Proportions, 2003.

    >>> print(sample_size(0.02, lift=0.2, visitors_per_day=900).sentence)
    To see 2.0% become 2.4%, each of 2 variants needs 21,106 visitors, 42,212 in all. At 900 a day
    that takes 49 days (false alarm 5%, power 80%).
    """
    check_rate("base", base, below_high=True)
    if (target is None) == (lift is None):
        raise InputError("Give the rate to be seen either as target= or as lift=, one of the two.")
    if spread not in ("unpooled", "pooled", "base"):
        raise unknown("spread", spread, ("unpooled", "pooled", "base"))
    goal = base * (1 + lift) if lift is not None else float(target or 0.0)
    check_rate("target", goal)
    if goal == base:
        raise InputError(f"base and target are both {base:g}: no number of visitors sees no change.")
    if not base > 0:
        raise InputError("base is 0: a rate that never happens has no relative change. Give a small rate.")
    z_a, z_b = _levels(alpha, power, variants, two_sided)

    def needed(rate: float) -> float:
        under_change = base * (1 - base) + rate * (1 - rate)
        if spread == "unpooled":
            return (z_a + z_b) ** 2 * under_change / (rate - base) ** 2
        middle = base if spread == "base" else (base + rate) / 2
        under_none = 2 * middle * (1 - middle)
        return (z_a * math.sqrt(under_none) + z_b * math.sqrt(under_change)) ** 2 / (rate - base) ** 2

    asked = goal / base - 1
    sign = 1 if asked > 0 else -1
    others = [sign * each for each in _LIFTS if 0 < base * (1 + sign * each) < 1]
    lifts = sorted([asked, *(each for each in others if abs(each - asked) > 1e-9)])
    exact = [needed(goal if each == asked else base * (1 + each)) for each in lifts]
    words = {"base": share_words(base), "target": share_words(goal)}
    return _result(lifts, exact, asked, base, goal, words, alpha, power, variants, visitors_per_day)


def sample_size_mean(
    difference: float,
    sd: float,
    *,
    base: float,
    alpha: float = 0.05,
    power: float = 0.8,
    variants: int = 2,
    visitors_per_day: float | None = None,
    currency: str | None = None,
) -> SampleSize:
    """Return the visitors that a test of a mean needs, such as revenue per visitor.

    The n at which the two-sided t test with 2 (n - 1) degrees of freedom has the power asked for.

    Args:
        difference: Change to be seen, in the unit of the mean.
        sd: Standard deviation between visitors, those who buy nothing among them.
        base: Mean today; the change is shown relative to it.
        alpha: Chance of a false alarm; divided by the number of comparisons where there are more.
        power: Chance to see the change where it is real.
        variants: Variants, the control among them.
        visitors_per_day: Visitors of all variants together in a day; gives the days.
        currency: ISO code, where the mean is money.

    Raises:
        InputError: The difference is 0, or `sd` or `base` is not above 0.

    Source: J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988.

    >>> round(sample_size_mean(1, 1, base=10, power=0.9).exact, 4)
    22.0211
    """
    from scipy.optimize import brentq

    _levels(alpha, power, variants, two_sided=True)
    for name, value in (("sd", sd), ("base", base)):
        if not 0 < value < math.inf:
            raise InputError(f"{name} is {value:g}: expected a number above 0.")
    if difference == 0:
        raise InputError("difference is 0: no number of visitors sees no change.")
    level = alpha / (variants - 1)

    def needed(change: float) -> float:
        start = 2 * (4 * sd / change) ** 2 + 3
        if power_mean(2, change, sd, alpha=level) >= power:
            return 2.0
        while power_mean(start, change, sd, alpha=level) < power:
            start *= 2
        return float(brentq(lambda n: power_mean(n, change, sd, alpha=level) - power, 2, start, xtol=1e-6))

    asked = difference / base
    sign = 1 if asked > 0 else -1
    lifts = sorted([asked, *(sign * each for each in _LIFTS if abs(sign * each - asked) > 1e-9)])
    exact = [needed(base * each) for each in lifts]
    words = {"base": text.money(base, currency), "target": text.money(base + difference, currency)}
    goal = base + difference
    return _result(lifts, exact, asked, base, goal, words, alpha, power, variants, visitors_per_day)


def power_rate(n: float, base: float, target: float, *, alpha: float = 0.05) -> float:
    """Return the chance that a two-sided test with `n` visitors in each variant sees a change of a rate.

    Phi((sqrt(n) |p2 - p1| - z_a sqrt(2 p q)) / sqrt(p1 q1 + p2 q2)), p the mean of both rates.

    Args:
        n: Visitors in each of two variants.
        base: Rate of the one.
        target: Rate of the other.
        alpha: Chance of a false alarm.

    Raises:
        InputError: A rate lies outside 0 to 1, or `n` is not above 0.

    Source: J. Fleiss et al., Statistical Methods for Rates and Proportions, 2003.

    >>> round(power_rate(50, 0.5, 0.75), 7)
    0.7401659
    """
    from scipy.special import ndtr

    check_rate("base", base)
    check_rate("target", target)
    if not n > 0:
        raise InputError(f"n is {n:g}: expected visitors of one variant, above 0.")
    z_a, _ = _levels(alpha, 0.5, 2, two_sided=True)
    middle = (base + target) / 2
    spread = math.sqrt(base * (1 - base) + target * (1 - target))
    reach = math.sqrt(n) * abs(target - base) - z_a * math.sqrt(2 * middle * (1 - middle))
    return float(ndtr(reach / spread)) if spread else float(reach > 0)


def power_mean(n: float, difference: float, sd: float, *, alpha: float = 0.05) -> float:
    """Return the chance that a two-sided t test with `n` visitors in each variant sees a difference.

    P(T > t), T noncentral t with 2 (n - 1) degrees of freedom and noncentrality difference / sd sqrt(n / 2).

    Args:
        n: Visitors in each of two variants, 2 or more.
        difference: Difference of the means.
        sd: Standard deviation between visitors.
        alpha: Chance of a false alarm.

    Raises:
        InputError: `n` is below 2 or `sd` not above 0.

    Source: J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988.

    >>> round(power_mean(20, 1, 1), 7)
    0.8689528
    """
    from scipy.special import nctdtr, ndtr, stdtrit

    if not n >= 2:
        raise InputError(f"n is {n:g}: a spread needs at least 2 visitors in each variant.")
    if not sd > 0:
        raise InputError(f"sd is {sd:g}: expected a standard deviation above 0.")
    check_rate("alpha", alpha, below_high=True)
    shift = abs(difference) / sd * math.sqrt(n / 2)
    degrees = 2 * (n - 1)
    edge = float(stdtrit(degrees, 1 - alpha / 2))
    # Far out, where the noncentral t loses its digits, it is a normal distribution for every purpose.
    return float(1 - nctdtr(degrees, shift, edge)) if shift < 30 else float(ndtr(shift - edge))


def detectable(
    visitors: float, base: float, *, alpha: float = 0.05, power: float = 0.8, variants: int = 2
) -> float:
    """Return the smallest relative lift that a number of visitors can show.

    The lift whose `sample_size` (unpooled) is `visitors` / `variants`.

    Args:
        visitors: Visitors of all variants together.
        base: Rate today, a fraction above 0.
        alpha: Chance of a false alarm.
        power: Chance to see the change where it is real.
        variants: Variants, the control among them.

    Returns:
        A fraction of the base, 0.2 for 20% more; infinite where even 100% cannot be told.

    Raises:
        InputError: `visitors` is not above 0 or `base` no rate.

    Source: as `sample_size`, solved for the change.

    >>> round(detectable(42212, 0.02), 3)
    0.2
    """
    check_rate("base", base, below_high=True)
    if not visitors > 0 or not base > 0:
        raise InputError(f"visitors is {visitors:g} and base {base:g}: both have to be above 0.")
    z_a, z_b = _levels(alpha, power, variants, two_sided=True)
    each, room, pull = visitors / variants, (z_a + z_b) ** 2, base * (1 - base)
    # n d^2 = k (2 p q + d (1 - 2 p) - d^2), solved for d.
    a, b, c = each + room, -room * (1 - 2 * base), -2 * room * pull
    change = (-b + math.sqrt(b**2 - 4 * a * c)) / (2 * a)
    return change / base if base + change <= 1 else math.inf


def _levels(alpha: float, power: float, variants: int, two_sided: bool) -> tuple[float, float]:
    from scipy.special import ndtri

    if variants < 2:
        raise InputError(f"variants is {variants}: a test compares at least 2, the control among them.")
    for name, value in (("alpha", alpha), ("power", power)):
        if not check_rate(name, value, below_high=True) > 0:
            raise InputError(f"{name} is 0: expected a fraction above 0 and below 1.")
    tails = 2 if two_sided else 1
    return float(ndtri(1 - alpha / tails / (variants - 1))), float(ndtri(power))


def _result(
    lifts: list[float],
    exact: list[float],
    asked: float,
    base: float,
    target: float,
    words: dict[str, str],
    alpha: float,
    power: float,
    variants: int,
    visitors_per_day: float | None,
) -> SampleSize:
    if visitors_per_day is not None and not visitors_per_day > 0:
        raise InputError(f"visitors_per_day is {visitors_per_day:g}: expected a number above 0.")
    each = [math.ceil(round(n, 6)) for n in exact]
    table = pd.DataFrame({"lift": lifts, "per_variant": each, "total": [variants * n for n in each]})
    if visitors_per_day is not None:
        # Full weeks: a test that ends on a Thursday compares other weekdays than it will be used on.
        table["days"] = [7 * math.ceil(variants * n / visitors_per_day / 7) for n in each]
    place = lifts.index(asked)
    days = None if visitors_per_day is None else int(table["days"].iloc[place])
    words |= {
        "variants": text.number(variants),
        "n": text.number(each[place]),
        "total": text.number(variants * each[place]),
        "alpha": text.percent(alpha, 0),
        "power": text.percent(power, 0),
        "traffic": text.number(visitors_per_day or np.nan),
        "days": text.number(days or np.nan),
    }
    if days is None:
        said = text.say(
            "To see {base} become {target}, each of {variants} variants needs {n} visitors, {total} in all "
            "(false alarm {alpha}, power {power}).",
            **words,
        )
    else:
        said = text.say(
            "To see {base} become {target}, each of {variants} variants needs {n} visitors, {total} in all. "
            "At {traffic} a day that takes {days} days (false alarm {alpha}, power {power}).",
            **words,
        )
    return SampleSize(
        table=table,
        sentence=said,
        definition=text.say(
            "Lift = change relative to today. Days are rounded up to full weeks. With more than two variants "
            "the false alarm is shared among the comparisons with the control."
        ),
        formats={"lift": "rate", "per_variant": "count", "total": "count", "days": "count"},
        per_variant=each[place],
        exact=exact[place],
        total=variants * each[place],
        days=days,
        base=base,
        target=target,
        alpha=alpha,
        power=power,
        asked=place,
    )
