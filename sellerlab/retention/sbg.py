"""How long subscribers stay: the shifted beta-geometric model of renewals (sBG).

The one idea: churn falls with age, and not because people grow loyal. Those likely to leave leave first, and
who is left was always likely to stay. So next year's churn is not last year's, and 1 / churn is wrong.

Each subscriber leaves at each renewal with a chance of his own, drawn from a beta distribution:

    r(t) = (b + t - 1) / (a + b + t - 1)        retention at renewal t, rising with t
    S(t) = r(1) r(2) ... r(t) = B(a, b + t) / B(a, b)

With m = a / (a + b), the churn at the first renewal, and f = 1 / (a + b), how much subscribers differ, the
chance to leave at renewal t is m / (1 + (t - 1) f). At f = 0 all are alike: plain geometric churn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import share_words, wilson
from sellerlab.results import Result
from sellerlab.retention.sbg_likelihood import band, covariance, fit, hazard, loss, parameter_intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

#: Subscribers at a renewal of whom fewer may all leave by chance.
_FEW = 10
#: Subscribers at a renewal from which the share that left there is worth words.
_TOLD = 30


@dataclass(frozen=True, kw_only=True, repr=False)
class Sbg(Result):
    """A fitted sBG model; `table` has one row a renewal, observed and forecast.

    Attributes:
        alpha: Parameter a of the beta distribution; infinite where subscribers do not differ.
        beta: Parameter b.
        alpha_interval: Interval of alpha; None where subscribers do not differ.
        beta_interval: Interval of beta.
        first_churn: Chance to leave at the first renewal, a / (a + b).
        difference: How much subscribers differ, 1 / (a + b); 0 where they do not.
        log_likelihood: At the estimate.
        subscribers: Subscribers at the start.
        observed: Renewals observed.
        expected_lifetime: Mean periods paid for, S(0) + S(1) + ...; None where the sum may have no end,
            as the interval of alpha reaches down to 1.
        confidence: Level of the intervals.
    """

    alpha: float
    beta: float
    alpha_interval: tuple[float, float] | None
    beta_interval: tuple[float, float] | None
    first_churn: float
    difference: float
    log_likelihood: float
    subscribers: float
    observed: int
    expected_lifetime: float | None
    confidence: float
    covariance: Array = field(compare=False)

    def survival(self, t: Any) -> Any:
        """Return the share still subscribed after `t` renewals.

        Args:
            t: Whole number of renewals, 0 or more: number or array.
        """
        steps = np.asarray(t)
        line = np.append(
            1.0, np.cumprod(1 - hazard(self.first_churn, self.difference, int(steps.max(initial=1))))
        )
        found = line[steps.astype(int)]
        return float(found) if found.ndim == 0 else found

    def retention(self, t: Any) -> Any:
        """Return the share of those still there who renew at renewal `t`, 1 being the first.

        Args:
            t: Whole number of 1 or more: number or array.
        """
        found = 1 - self.first_churn / (1 + (np.asarray(t, dtype=float) - 1) * self.difference)
        return float(found) if found.ndim == 0 else found

    def residual_lifetime(self, renewals: int, discount: float) -> float:
        """Return the discounted periods still to come before a renewal, see `sbg.residual_lifetime`.

        Args:
            renewals: Periods paid for so far, 1 or more.
            discount: Discount rate of one period (fraction).
        """
        if not self.difference:
            keep = 1 - self.first_churn
            return keep / (1 - keep / (1 + check_rate("discount", discount)))
        return residual_lifetime(self.alpha, self.beta, renewals, discount)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = self.table
        ax.fill_between(data["renewal"], data["low"], data["high"], color=plots.TOTAL, alpha=0.2, linewidth=0)
        seen = data["renewal"] <= self.observed
        ax.plot(data["renewal"][seen], data["model"][seen], color=plots.TOTAL, label=text.say("model"))
        later = data["renewal"] >= self.observed
        ax.plot(
            data["renewal"][later], data["model"][later], "--", color=plots.TOTAL, label=text.say("forecast")
        )
        ax.plot(
            data["renewal"][seen],
            data["staying"][seen],
            "o",
            color=plots.COLOURS[1],
            label=text.say("observed"),
        )
        flat = (1 - self._mean_churn()) ** data["renewal"]
        ax.plot(data["renewal"], flat, ":", color=plots.MUTED, label=text.say("if churn never changed"))
        ax.set_ylim(0, 1.02)
        ax.set_xlim(left=0)
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("renewals"))
        ax.set_title(text.say("Share of subscribers who stay"))
        ax.legend()

    def _mean_churn(self) -> float:
        data = self.table[self.table["lost"].notna()]
        return float(data["lost"].sum() / data["at_risk"].sum())


def sbg(
    survivors: Sequence[float] | None = None,
    *,
    at_risk: Sequence[float] | None = None,
    lost: Sequence[float] | None = None,
    horizon: int = 12,
    minimum: int = 30,
    confidence: float = 0.95,
) -> Sbg:
    """Fit the sBG model by maximum likelihood and forecast how many stay.

    log L = sum over renewals t of lost(t) ln h(t) + (at risk(t) - lost(t)) ln (1 - h(t)), h = 1 - r(t)

    Args:
        survivors: Subscribers at the start and after each renewal, falling, of one cohort; or
        at_risk: Subscribers who came to each renewal, first to last, of all cohorts together, with
        lost: those of them who left there. `subscriptions.renewals` counts both.
        horizon: Renewals to print, counted from the start.
        minimum: Fewest subscribers at the start.
        confidence: Level of the intervals.

    Returns:
        `Sbg`; its table has renewal, at_risk, lost, staying (observed), model, low, high and retention.

    Raises:
        InputError: The counts cannot be, are too few, or hold no one who left: then nothing can be fitted.

    Source: P. Fader, B. Hardie, How to project customer retention, *Journal of Interactive Marketing*, 2007.

    >>> model = sbg([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> round(model.alpha, 3), round(model.beta, 3)
    (0.668, 3.806)
    """
    risk, gone = _given(survivors, at_risk, lost)
    if not math.isfinite(float(gone.sum())) or gone.sum() <= 0:
        raise InputError(
            "Nobody has left yet: when they will cannot be told from that. Wait for more renewals, or use "
            "intervals.rule_of_three for the highest churn that fits."
        )
    if risk[0] < minimum or len(risk) < 3:
        raise InputError(
            f"There are {risk[0]:g} subscribers and {len(risk)} renewals: the model has two numbers to find "
            f"and needs at least {minimum} subscribers watched over 3 renewals."
        )
    # Of the last few of the oldest cohort all may leave by chance; of many, the club was closed.
    if ((gone == risk) & (risk >= _FEW)).any():
        raise InputError(
            "At a renewal everybody left. The model forecasts those who stay: give the renewals before that."
        )
    churn, difference = fit(risk, gone)
    spread = covariance(churn, difference, risk, gone)
    alike = difference == 0
    alpha, beta = (math.inf, math.inf) if alike else (churn / difference, (1 - churn) / difference)
    periods = np.arange(max(horizon, len(risk)) + 1)
    model, low, high = band(churn, difference, spread, len(periods) - 1, confidence)
    observed = np.append(1.0, np.cumprod(1 - gone / risk))
    blank = np.full(len(periods) - len(observed), np.nan)
    table = pd.DataFrame(
        {
            "renewal": periods,
            "at_risk": np.concatenate([[np.nan], risk, blank]),
            "lost": np.concatenate([[np.nan], gone, blank]),
            "staying": np.concatenate([observed, blank]),
            "model": model,
            "low": low,
            "high": high,
            "retention": np.append(np.nan, 1 - hazard(churn, difference, len(periods) - 1)),
        }
    )
    ends = None if alike else parameter_intervals(churn, difference, spread, confidence)
    lifetime = 1 / churn if alike else None
    if ends and ends[0][0] > 1:
        lifetime = (alpha + beta - 1) / (alpha - 1)
    result: dict[str, Any] = {
        "alpha": alpha,
        "beta": beta,
        "first_churn": churn,
        "difference": difference,
        "expected_lifetime": lifetime,
    }
    return Sbg(
        table=table,
        sentence=_sentence(table, risk, gone, result, confidence),
        definition=text.say(
            "Shifted beta-geometric model: each subscriber has a churn of his own that never changes; they "
            "differ by a beta distribution, fitted by maximum likelihood. Band: {level}, of the model, not "
            "of one cohort. A forecast holds while the new subscribers and the offer are like these.",
            level=text.percent(confidence, 0),
        ),
        formats={
            "renewal": "count",
            "at_risk": "count",
            "lost": "count",
            "staying": "rate",
            "model": "rate",
            "low": "rate",
            "high": "rate",
            "retention": "rate",
        },
        alpha_interval=ends[0] if ends else None,
        beta_interval=ends[1] if ends else None,
        log_likelihood=float(-loss(churn, difference, risk, gone)),
        subscribers=float(risk[0]),
        observed=len(risk),
        confidence=confidence,
        covariance=spread,
        **result,
    )


def residual_lifetime(alpha: float, beta: float, renewals: int, discount: float) -> float:
    """Return the discounted expected periods still to come (DERL) of a subscriber about to renew.

    DERL = (b + n - 1) / (a + b + n - 1) * 2F1(1, b + n; a + b + n; 1 / (1 + d))

    The payment of the coming renewal counts whole, the one after it discounted once.

    Args:
        alpha: Parameter a of the model, above 0.
        beta: Parameter b, above 0.
        renewals: Periods paid for so far (n), 1 or more.
        discount: Discount rate of one period (fraction), above 0.

    Raises:
        InputError: A parameter cannot be; without discounting the sum may have no end.

    Source: P. Fader, B. Hardie, Customer-base valuation in a contractual setting, *Marketing Science*, 2010.

    >>> round(residual_lifetime(3.80, 15.20, 1, 0.10), 2)
    3.31
    """
    from scipy.special import hyp2f1

    if not (alpha > 0 and beta > 0):
        raise InputError(
            f"alpha is {alpha:g} and beta {beta:g}: both are above 0. Take them from retention.sbg."
        )
    if renewals < 1 or int(renewals) != renewals:
        raise InputError(f"renewals is {renewals!r}: expected whole periods paid for so far, 1 or more.")
    if not check_rate("discount", discount):
        raise InputError(
            "discount is 0: far periods then count whole and the sum may have no end. Give a rate."
        )
    top, bottom = beta + renewals, alpha + beta + renewals
    return float((top - 1) / (bottom - 1) * hyp2f1(1, top, bottom, 1 / (1 + discount)))


def _given(
    survivors: Sequence[float] | None, at_risk: Sequence[float] | None, lost: Sequence[float] | None
) -> tuple[Array, Array]:
    if (survivors is None) == (at_risk is None) or (at_risk is None) != (lost is None):
        raise InputError("Give survivors, or at_risk together with lost.")
    if survivors is not None:
        left = np.asarray(survivors, dtype=float)
        if len(left) < 2 or not np.isfinite(left).all() or (np.diff(left) > 0).any() or (left <= 0).any():
            raise InputError(
                "survivors: expected counts above 0 that never rise, the subscribers at the start first. "
                "Who comes back is a new subscriber."
            )
        return left[:-1], -np.diff(left)
    risk, gone = np.asarray(at_risk, dtype=float), np.asarray(lost, dtype=float)
    if risk.shape != gone.shape or not len(risk):
        raise InputError(f"at_risk has {risk.size} values and lost {gone.size}: one of each for a renewal.")
    if not (np.isfinite(risk).all() and (risk > 0).all() and (gone >= 0).all() and (gone <= risk).all()):
        raise InputError("lost: expected counts from 0 to those at risk, and at_risk above 0.")
    return risk, gone


def _sentence(table: pd.DataFrame, risk: Array, gone: Array, found: dict[str, Any], confidence: float) -> str:
    last = table.iloc[-1]
    low, high = wilson(float(gone[0]), float(risk[0]), confidence)
    told = int(np.flatnonzero(risk >= min(_TOLD, risk[0]))[-1])
    words = {
        "n": text.number(float(risk[0])),
        "periods": text.number(told + 1),
        "first": share_words(float(gone[0] / risk[0])),
        "first_low": share_words(low),
        "first_high": share_words(high),
        "last_seen": share_words(float(gone[told] / risk[told])),
        "horizon": text.number(float(last["renewal"])),
        "model": share_words(float(last["model"])),
        "low": share_words(float(last["low"])),
        "high": share_words(float(last["high"])),
        "level": text.percent(confidence, 0),
    }
    said = [
        text.say(
            "Of {n} subscribers {first} left at the first renewal ({first_low} to {first_high}, {level} "
            "interval); of those who came to renewal {periods}, {last_seen} left.",
            **words,
        ),
        text.say("After {horizon} renewals {model} are expected to be there ({low} to {high}).", **words),
    ]
    if not found["difference"]:
        said.append(text.say("Nothing shows that subscribers differ: churn does not fall with age."))
    elif found["expected_lifetime"] is None:
        said.append(text.say("The tail is too long for a mean lifetime: take a horizon or a discount rate."))
    else:
        said.append(
            text.say(
                "The mean lifetime is {lifetime} periods, if the model holds for ever.",
                lifetime=text.number(found["expected_lifetime"], 1),
            )
        )
    return " ".join(said)
