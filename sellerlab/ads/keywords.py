"""Keep, cut or wait: what a keyword's few clicks say.

One idea: a keyword without an order from 20 clicks has told next to nothing. It is most likely a keyword like
the others of its campaign, so its rate is drawn towards theirs, the more the fewer its clicks, and the
decision goes by what may be lost, not by its own rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import draw_intervals, share_words
from sellerlab.results import Format, Result
from sellerlab.tables import ADS
from sellerlab.totals.pooled import pooled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

#: Fewest orders of a campaign from which its keywords can be compared.
MINIMUM_ORDERS = 5
#: Most clicks that one is asked to wait for.
_LONGEST_WAIT = 5000

_FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(("clicks", "orders", "wait_clicks"), "count"),
    **dict.fromkeys(("own_rate", "rate", "low", "high", "needed_rate", "pays"), "rate"),
    **dict.fromkeys(("spend", "cpc", "loss_if_kept", "loss_if_cut"), "money"),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Keywords(Result):
    """What to do with each keyword; `table` has one row a keyword, the highest spend first.

    Attributes:
        keep: Keywords that pay with the confidence asked for.
        cut: Keywords that do not pay with that confidence.
        wait: Keywords whose clicks do not say yet.
        prior_rate: Rate of the campaign that keywords are drawn to; None with too few orders.
        prior_clicks: Clicks that this knowledge weighs, most likely.
    """

    keep: tuple[str, ...]
    cut: tuple[str, ...]
    wait: tuple[str, ...]
    prior_rate: float | None
    prior_clicks: float | None
    lines: tuple[tuple[str, float, float, float, float], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a keyword."""
        return 1.6 + 0.35 * max(len(self.lines), 2)

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Orders per click, likely and needed"))
        if not self.lines:
            ax.text(0.5, 0.5, text.say("Too few orders"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        names, middle, low, high, needed = zip(*self.lines, strict=True)
        draw_intervals(ax, names, middle, low, high, rate=True)
        mark: dict[str, Any] = {"color": "black", "markersize": 16, "markeredgewidth": 2}
        ax.plot(needed, range(len(names)), "|", label=text.say("needed"), **mark)
        ax.legend(loc="lower right")
        ax.set_xlim(left=0)


def keywords(
    ads: Any,
    order_contribution: float,
    *,
    by: str = "keyword",
    confidence: float = 0.9,
    level: float = 0.95,
    currency: str | None = None,
    **names: str,
) -> Keywords:
    """Return for each keyword of a campaign whether to keep it, to cut it, or how many clicks to wait for.

    A keyword needs r* = CPC / contribution of an order. Its rate has the law Beta(m k + orders, (1 - m) k +
    clicks - orders), m and k the mean and weight of the campaign (beta-binomial),
    averaged over the weights k by how well they explain its keywords.
    Keep where P(rate > r*) >= confidence, cut where it is <= 1 - confidence, else wait. Loss if kept =
    E max(CPC - rate x contribution, 0) a click, loss if cut the other way.

    Args:
        ads: Figures of one campaign (`tables.ADS` with a keyword), any frame narwhals knows.
        order_contribution: What an order leaves before advertising, above 0.
        by: Column of the keywords.
        confidence: How sure to be before deciding, above 0.5.
        level: Level of the intervals.
        currency: ISO code.
        **names: The caller's own column names.

    Returns:
        `Keywords`. `wait_clicks` is how many more clicks would most likely decide, if the likely rate is the
        true one; empty where it takes more than 5,000 (the keyword stands at its break-even). Losses are per
        100 clicks.

    Raises:
        TableError: A column is missing.
        InputError: `order_contribution` is not above 0, or a keyword has more orders than clicks.

    Source: A. Gelman et al., *Bayesian Data Analysis*, chapter 5 (the beta-binomial model of rates).

    >>> import pandas as pd
    >>> found = keywords(pd.DataFrame({
    ...     "keyword": ["phone stand", "cable", "desk", "blue"], "clicks": [400, 250, 300, 20],
    ...     "orders": [20, 10, 3, 0], "spend": [40.0, 25.0, 30.0, 2.0],
    ... }), 5.0)
    >>> found.keep, found.cut, found.wait
    (('phone stand', 'cable'), (), ('desk', 'blue'))
    >>> found.table["rate"].round(3).tolist()  # without an order yet, "blue" is not taken for hopeless
    [0.047, 0.015, 0.038, 0.024]
    """
    if not 0 < order_contribution < math.inf:
        raise InputError(
            f"order_contribution is {order_contribution!r}: expected what an order leaves before "
            "advertising, above 0. "
            "Where it leaves nothing, no keyword pays."
        )
    if not check_rate("confidence", confidence, below_high=True) > 0.5:
        raise InputError(f"confidence is {confidence:g}: expected above 0.5, such as 0.9.")
    tail = (1 - check_rate("level", level, below_high=True)) / 2
    frame = tables.use(ads, ADS, ["clicks", "orders", "spend"], **names)
    pools, _ = pooled(frame.to_native(), ["clicks", "orders", "spend"], by)
    seen = [pool for pool in pools if pool.sums["clicks"] > 0]
    for pool in seen:
        if pool.sums["orders"] > pool.sums["clicks"]:
            raise InputError(
                f"{pool.name} has {pool.sums['orders']:g} orders from {pool.sums['clicks']:g} clicks: a "
                "click counts one order at most here. Check the columns."
            )
    if not seen:
        raise InputError("No keyword has a click: there is nothing to decide yet.")
    seen.sort(key=lambda pool: (-pool.sums["spend"], str(pool.name)))
    clicks = np.array([pool.sums["clicks"] for pool in seen])
    orders = np.array([pool.sums["orders"] for pool in seen])
    cpc = np.array([pool.sums["spend"] for pool in seen]) / clicks
    needed = cpc / order_contribution
    rows: dict[str, list[Any]] = {by: [str(pool.name) for pool in seen], "clicks": clicks.tolist()}
    rows |= {"orders": orders.tolist(), "spend": (cpc * clicks).tolist(), "cpc": cpc.tolist()}
    rows |= {"own_rate": (orders / clicks).tolist(), "needed_rate": needed.tolist()}
    prior = _prior(orders, clicks) if orders.sum() >= MINIMUM_ORDERS and len(seen) > 1 else None
    usual = float(prior.rates @ prior.chances) if prior else None
    verdicts = ["wait"] * len(seen)
    lines: list[tuple[str, float, float, float, float]] = []
    if prior:
        from scipy.special import betainc

        weights, a, b = _laws(prior, orders, clicks)
        edge = np.minimum(needed, 1.0)[:, None]
        pays = (1 - betainc(a, b, edge)) @ weights
        mean = (a / (a + b)) @ weights
        # E max(r* - r, 0) and E max(r - r*, 0) of a beta law, each averaged.
        above = (a / (a + b) * (1 - betainc(a + 1, b, edge))) @ weights - needed * pays
        kept, lost = (above + needed - mean) * order_contribution, above * order_contribution
        verdicts = ["keep" if p >= confidence else "cut" if p <= 1 - confidence else "wait" for p in pays]
        low, high = (_quantile(weights, a, b, share) for share in (tail, 1 - tail))
        waits = [
            _wait(weights, a[i], b[i], needed[i], confidence) if verdict == "wait" else None
            for i, verdict in enumerate(verdicts)
        ]
        rows |= {"rate": mean.tolist(), "low": low.tolist(), "high": high.tolist(), "pays": pays.tolist()}
        rows |= {"loss_if_kept": (100 * kept).tolist(), "loss_if_cut": (100 * lost).tolist()}
        rows |= {"verdict": [text.say(each) for each in verdicts], "wait_clicks": waits}
        lines = list(zip(rows[by], mean.tolist(), low.tolist(), high.tolist(), needed.tolist(), strict=True))
    groups = {
        each: tuple(name for name, verdict in zip(rows[by], verdicts, strict=True) if verdict == each)
        for each in ("keep", "cut", "wait")
    }
    return Keywords(
        table=tables.from_columns(rows, ads),
        sentence=_sentence(groups, usual, float(orders.sum()), float(clicks.sum()), confidence),
        definition=text.say(
            "A keyword needs CPC / {worth} orders a click. Likely rate: its own, drawn towards the "
            "campaign's (beta-binomial, fitted to all keywords); {level} interval. Pays: chance that the "
            "rate is above the needed one. Keep from {sure}, cut below {unsure}. Losses: expected, per 100 "
            "clicks.",
            worth=text.money(order_contribution, currency),
            level=text.percent(level, 0),
            sure=text.percent(confidence, 0),
            unsure=text.percent(1 - confidence, 0),
        ),
        currency=currency,
        formats=_FORMATS,
        keep=groups["keep"],
        cut=groups["cut"],
        wait=groups["wait"],
        prior_rate=usual,
        prior_clicks=math.exp(float(np.log(prior.weights) @ prior.chances)) if prior else None,
        lines=tuple(lines[:20]),
    )


class _Prior(NamedTuple):
    """What the campaign says of a keyword: a rate for each weight (in clicks), and the weight's chance."""

    rates: Array
    weights: Array
    chances: Array


def _prior(orders: Array, clicks: Array) -> _Prior:
    """Return the beta laws that may have made the keywords' counts.

    A few keywords alike do not show that all are alike, so no single weight is chosen.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import betaln, expit, logit

    middle = float(logit(np.clip(orders.sum() / clicks.sum(), 1e-6, 1 - 1e-6)))
    weights = np.geomspace(5.0, 1e5, 25)
    rates, logs = np.empty(25), np.empty(25)
    for place, weight in enumerate(weights):

        def cost(value: float, weight: float = weight) -> float:
            a, b = weight * float(expit(value)), weight * float(expit(-value))
            return -float((betaln(a + orders, b + clicks - orders) - betaln(a, b)).sum())

        best = minimize_scalar(cost, bounds=(middle - 3, middle + 3), method="bounded")
        # Flat in 1 / sqrt(weight), which is about the spread of rates.
        rates[place], logs[place] = float(expit(best.x)), -float(best.fun) - 0.5 * math.log(weight)
    chances = np.exp(logs - logs.max())
    return _Prior(rates, weights, chances / chances.sum())


def _laws(prior: _Prior, orders: Array, clicks: Array) -> tuple[Array, Array, Array]:
    """Return the chances of the laws, and both parameters of each keyword's law (keyword x law)."""
    a = prior.rates * prior.weights + orders[:, None]
    b = (1 - prior.rates) * prior.weights + (clicks - orders)[:, None]
    return prior.chances, a, b


def _quantile(chances: Array, a: Array, b: Array, share: float) -> Array:
    """Return where so much of the mixed laws lies below, by halving."""
    from scipy.special import betainc

    low, high = np.zeros(len(a)), np.ones(len(a))
    for _ in range(45):
        middle = (low + high) / 2
        below = betainc(a, b, middle[:, None]) @ chances < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _wait(chances: Array, a: Array, b: Array, needed: float, confidence: float) -> int | None:
    """Return how many more clicks at the likely rate bring the decision, or None beyond the longest wait."""
    from scipy.special import betainc

    mean = float((a / (a + b)) @ chances)
    more = np.arange(10, _LONGEST_WAIT + 1, 10)[:, None]
    pays = (1 - betainc(a + mean * more, b + (1 - mean) * more, min(needed, 1.0))) @ chances
    decided = (pays >= confidence) | (pays <= 1 - confidence)
    return int(more[decided.argmax(), 0]) if decided.any() else None


def _sentence(
    groups: Mapping[str, tuple[str, ...]],
    prior_rate: float | None,
    orders: float,
    clicks: float,
    confidence: float,
) -> str:
    words = {"orders": text.number(orders), "clicks": text.number(clicks)}
    words["minimum"] = text.number(MINIMUM_ORDERS)
    if prior_rate is None:
        return text.say(
            "{orders} orders from {clicks} clicks are too few to tell keywords apart: {minimum} orders and "
            "two keywords are needed. Wait.",
            **words,
        )
    words |= {name: text.number(len(each)) for name, each in groups.items()}
    words |= {"rate": share_words(prior_rate), "sure": text.percent(confidence, 0)}
    said = text.say(
        "With {sure} certainty, keywords that pay: {keep}; keywords that do not: {cut}. With too few clicks "
        "to tell: {wait}. All together brought {orders} orders from {clicks} clicks; a usual keyword has a "
        "rate of {rate}.",
        **words,
    )
    if groups["cut"]:
        names = ", ".join(groups["cut"][:5]) + ("…" if len(groups["cut"]) > 5 else "")
        said += " " + text.say("Cut: {names}.", names=names)
    return said
