"""How likely is B better, and what does a wrong choice cost? The Bayesian reading of conversion rates.

One idea: what is known of each rate after the test is a Beta distribution, and every answer is an integral
over them, computed without chance. It reads more plainly than a p-value. It does not make looking every day
harmless: who stops at the first probability above 95% is misled in more than 1 of 5 tests of equal variants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.experiments.variants import not_read, order_variants, split_check, unread
from sellerlab.intervals import Array, draw_intervals, share_words
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Panels between quantiles of each distribution, and nodes of a panel.
_PANELS, _NODES = 40, 12


@dataclass(frozen=True, kw_only=True, repr=False)
class Posterior(Result):
    """What is known of each rate after a test; scalars are those of the leader.

    Attributes:
        leader: The variant most likely to be the best; None where the test is not read.
        probability: Chance that it is the best.
        expected_loss: Rate that choosing it gives away on average, a fraction.
        difference: Its mean rate less that of the control (of the next variant, if it is the control).
        low: Lower end of the difference's credible interval.
        high: Upper end.
        verdict: ``"choose"`` where the expected loss is below what was accepted, ``"wait"`` where not,
            ``"no_limit"`` where nothing was said about what is accepted; without numbers ``"too_few"``
            and ``"split_broken"``.
    """

    leader: str | None
    probability: float | None
    expected_loss: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: str

    def _draw(self, ax: Axes) -> None:
        table = nw.from_native(self.table)
        columns = [table[name].to_list() for name in ("rate", "rate_low", "rate_high")]
        draw_intervals(ax, table["variant"].to_list(), *columns, rate=True, against=columns[0][0])
        ax.set_title(text.say("What is known of each rate"))

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches, for a width of 8."""
        return 1.6 + 0.6 * len(self.table)


def bayesian(
    data: Mapping[str, tuple[float, float]],
    *,
    control: str | None = None,
    prior: tuple[float, float] = (1.0, 1.0),
    accept_loss: float | None = None,
    confidence: float = 0.95,
    minimum: int = 30,
    planned: Mapping[str, float] | None = None,
    trust_split: bool = False,
) -> Posterior:
    """Return the chance that each variant is the best, and what choosing it may cost.

    Rate ~ Beta(a + s, b + n - s). P(best) = integral of f_j times the F_i of all others; expected loss of j =
    E[highest rate] - E[rate of j], which is E[max(rate_A - rate_B, 0)] for two.

    Args:
        data: Variant to (successes, visitors).
        control: Name of the control; the first by default.
        prior: Beta parameters known before, such as (30, 970) from a rate of 3% over 1,000 visitors.
        accept_loss: Expected loss from which on you choose, in points as a fraction (0.001).
        confidence: Level of the credible intervals.
        minimum: Fewest visitors in each variant.
        planned: Variant to its planned weight in the split; equal by default.
        trust_split: Read the result although the split is broken.

    Returns:
        A `Posterior`: one row a variant, the control first.

    Raises:
        InputError: More successes than visitors, fewer than two variants, or a prior that cannot be.

    Source: E. Miller, Formulas for Bayesian A/B testing, 2015; C. Stucchio, Bayesian A/B testing at VWO,
    2015.

    >>> result = bayesian({"A": (30, 1000), "B": (42, 1000)})
    >>> round(result.probability, 3), round(100 * result.expected_loss, 3)
    (0.924, 0.029)
    """
    from scipy.special import betaincinv

    check_rate("confidence", confidence, below_high=True)
    if len(data) < 2:
        raise InputError(f"Found {len(data)} variants: a test compares at least 2.")
    if min(prior) <= 0:
        raise InputError(f"prior is {prior}: both Beta parameters are above 0; (1, 1) knows nothing.")
    names = order_variants(list(data), control)
    hits, total = (np.array([float(data[name][place]) for name in names]) for place in (0, 1))
    if (hits < 0).any() or (hits > total).any():
        bad = int(np.argmax((hits < 0) | (hits > total)))
        raise InputError(
            f"Variant {names[bad]!r} has {hits[bad]:g} successes of {total[bad]:g} visitors: a visitor "
            "succeeds once or not."
        )
    split = split_check(dict(zip(names, total, strict=True)), planned)
    minimum = max(minimum, 1)
    why = unread(total, minimum, split, trust_split)
    known = why is None
    a, b = prior[0] + hits, prior[1] + total - hits
    rates = a / (a + b)
    tail = (1 - confidence) / 2
    table = pd.DataFrame({"variant": names, "visitors": total, "successes": hits})
    best, loss = _compare(a, b)
    table = table.assign(rate=rates, rate_low=betaincinv(a, b, tail), rate_high=betaincinv(a, b, 1 - tail))
    table = table.assign(probability_best=best, expected_loss=loss)
    lead = int(np.argmax(best))
    other = 0 if lead else 1 + int(np.argmax(best[1:]))
    ends = [_difference(a[[other, lead]], b[[other, lead]], share) for share in (tail, 1 - tail)]
    words = {
        "b": names[lead],
        "a": names[other],
        "p": text.percent(float(best[lead])),
        "loss": text.number(100 * float(loss[lead]), 3),
        "accept": text.number(100 * (accept_loss or 0.0), 3),
        "rate_b": share_words(float(rates[lead])),
        "rate_a": share_words(float(rates[other])),
        "n_b": text.number(total[lead]),
        "n_a": text.number(total[other]),
        "level": text.percent(confidence, 0),
        "low": text.number(100 * ends[0], 2),
        "high": text.number(100 * ends[1], 2),
    }
    if why:
        numbers = list(table.columns[3:])
        table[numbers] = np.nan
        verdict, said = why, not_read(why, split, names, total, minimum)
    else:
        said = text.say(
            "{b} is the best with probability {p}: {rate_b} ({n_b} visitors) against {rate_a} of {a} ({n_a} "
            "visitors), {level} credible interval of the difference {low} to {high} points. Choosing {b} "
            "gives away {loss} points on average.",
            **words,
        )
        verdict = "no_limit"
        if accept_loss is not None:
            check_rate("accept_loss", accept_loss)
            verdict = "choose" if loss[lead] <= accept_loss else "wait"
            said += " " + (
                text.say("That is within the {accept} points accepted: choose {b}.", **words)
                if verdict == "choose"
                else text.say("That is more than the {accept} points accepted: wait.", **words)
            )
    return Posterior(
        table=table,
        sentence=said,
        definition=text.say(
            "Prior Beta({a}, {b}). Rate = mean of what is known after the test; interval: credible, {level}. "
            "Expected loss = mean of the highest rate - mean rate, in points of the rate. {split}",
            split=split.sentence,
            a=f"{prior[0]:g}",
            b=f"{prior[1]:g}",
            level=words["level"],
        ),
        formats={
            **dict.fromkeys(("visitors", "successes"), "count"),
            **dict.fromkeys(("rate", "rate_low", "rate_high", "probability_best"), "rate"),
            "expected_loss": "p",
        },
        leader=names[lead] if known else None,
        probability=float(best[lead]) if known else None,
        expected_loss=float(loss[lead]) if known else None,
        difference=float(rates[lead] - rates[other]) if known else None,
        low=ends[0] if known else None,
        high=ends[1] if known else None,
        verdict=verdict,
    )


def _nodes(a: Array, b: Array) -> tuple[Array, Array]:
    """Return nodes and weights from 0 to 1 that are dense where any of the distributions lies."""
    from scipy.special import betaincinv, ndtr

    levels = ndtr(np.linspace(-8, 8, _PANELS + 1))
    edges = np.unique(np.concatenate([[0.0, 1.0], betaincinv(a[:, None], b[:, None], levels).ravel()]))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    return ((edges[:-1, None] + half) + half * nodes).ravel(), (half * weights).ravel()


def _compare(a: Array, b: Array) -> tuple[Array, Array]:
    """Return for each distribution the chance to be the highest, and the expected loss of choosing it."""
    from scipy.special import betainc

    x, weight = _nodes(a, b)
    below = betainc(a[:, None], b[:, None], x)
    density = _density(x, a[:, None], b[:, None])
    best = np.array(
        [weight @ (density[j] * np.prod(np.delete(below, j, axis=0), axis=0)) for j in range(len(a))]
    )
    # E[X] is the integral of 1 - F: of the highest rate, F is the product.
    highest = weight @ (1 - below.prod(axis=0))
    return best / best.sum(), np.maximum(highest - a / (a + b), 0.0)


def _difference(a: Array, b: Array, share: float) -> float:
    """Return a quantile of the second rate less the first."""
    from scipy.optimize import brentq
    from scipy.special import betainc

    x, weight = _nodes(a[:1], b[:1])
    mass = weight * _density(x, a[0], b[0])

    def below(difference: float) -> float:
        return float(mass @ betainc(a[1], b[1], np.clip(x + difference, 0.0, 1.0))) - share

    return float(brentq(below, -1, 1, xtol=1e-9))


def _density(x: Array, a: Array, b: Array) -> Array:
    from scipy.special import betaln, xlog1py, xlogy

    return np.asarray(np.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b)))
