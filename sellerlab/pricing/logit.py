"""What is each feature worth in money? Willingness to pay from choices between products.

One idea: nobody needs to be asked what a feature is worth. Where people choose between whole products at
different prices, the worth of a feature is the price difference that makes up for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.pricing.regression import check_rank
from sellerlab.pricing.terms import Array
from sellerlab.results import Result
from sellerlab.tables import like

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class ChoiceModel(Result):
    """What choices say about features; a worth is None where price did not clearly drive choices.

    Attributes:
        price_utility: Utility of one more unit of money; below 0 where price drove choices.
        base: Attribute to the level that the others are compared with.
        none_utility: Utility of buying nothing, or None without such an option.
        reservation_price: Price at which the base product is as good as nothing, or None.
        log_likelihood: Log-likelihood at the estimate.
        pseudo_r_squared: McFadden's, against equal chances.
        tasks: Choices made.
        respondents: Respondents, or None where the table does not name them.
        price: Column of the price.
        utilities: Utility of each (attribute, level), base levels at 0.
        covariance: Covariance of the utilities, in the order of `table` then price then none.
    """

    price_utility: float
    base: Mapping[str, Any]
    none_utility: float | None
    reservation_price: float | None
    log_likelihood: float
    pseudo_r_squared: float
    tasks: int
    respondents: int | None
    price: str
    utilities: Mapping[tuple[str, Any], float] = field(repr=False)
    covariance: Array = field(compare=False)

    @property
    def picture_height(self) -> float:
        """One line a level."""
        return 1.5 + 0.35 * len(nw.from_native(self.table))

    def _draw(self, ax: Axes) -> None:
        known = not np.isnan(nw.from_native(self.table)["worth"].to_numpy()).all()
        if known:
            worth_bars(ax, self.table, "worth", self.currency)
            ax.set_title(text.say("What each level is worth, against the base"))
        else:
            ax.text(
                0.5, 0.5, text.say("No worth in money: see the sentence"), ha="center", transform=ax.transAxes
            )
            ax.set_axis_off()

    def share(self, products: Any) -> Any:
        """Return the products with the share of choices each would get beside the others.

        Shares follow ``exp(U) / sum(exp(U))``: two near copies together take more than one product would
        (independence of irrelevant alternatives). The rest to 1 buys nothing.

        Args:
            products: One row a product, with the attributes and the price.

        Raises:
            InputError: An attribute is missing or a level was never asked about.
        """
        frame = nw.from_native(products).lazy().collect()
        for name in (*self.base, self.price):
            if name not in frame.columns:
                raise unknown("attribute", name, frame.columns)
        utility = self.price_utility * frame[self.price].cast(nw.Float64).to_numpy()
        for name in self.base:
            known = {
                level: worth for (attribute, level), worth in self.utilities.items() if attribute == name
            }
            for place, level in enumerate(frame[name].to_list()):
                if level not in known:
                    raise unknown(f"level of {name}", level, known)
                utility[place] += known[level]
        weights = np.exp(utility - utility.max())
        none = 0.0 if self.none_utility is None else float(np.exp(self.none_utility - utility.max()))
        share = nw.new_series(
            "share", (weights / (weights.sum() + none)).tolist(), backend=frame.implementation
        )
        return like(frame.with_columns(share), products)


def choice_model(
    choices: Any,
    attributes: Sequence[str],
    *,
    price: str = "price",
    chosen: str = "chosen",
    task: str = "task",
    respondent: str | None = "respondent",
    none: str | None = "none",
    base: Mapping[str, Any] | None = None,
    interval: Literal["delta", "krinsky_robb"] = "krinsky_robb",
    confidence: float = 0.95,
    draws: int = 5000,
    seed: int = 0,
    currency: str | None = None,
) -> ChoiceModel:
    """Return what each feature is worth in money, from choices between products.

    Multinomial logit: the chance of choosing j is ``exp(U_j) / sum(exp(U))``, with ``U`` the sum of a utility
    for each level (0 for the base level), ``b_price * price``, and one utility for buying nothing. The worth
    of a level against the base is ``-b / b_price``.

    Args:
        choices: One row an alternative shown: task, `chosen` (1 or 0), the attributes and the price.
        attributes: Columns of features; every value counts as a level.
        price: Column of the price, as a number.
        chosen: Column that is 1 for the alternative chosen.
        task: Column of the task, alone or within a respondent.
        respondent: Column of the respondent; where it is there, errors are clustered by it, since one
            person's choices resemble each other.
        none: Column that is 1 for "I would buy none of these"; its attributes are not looked at.
        base: Attribute to base level; by default the first in order.
        interval: ``"krinsky_robb"`` (draws of the utilities) or ``"delta"`` (the ratio taken as a line).
        confidence: Level of the intervals.
        draws: Draws of Krinsky-Robb.
        seed: Seed of the draws.
        currency: ISO code of the prices.

    Returns:
        A `ChoiceModel`: one row a level that is not a base.

    Raises:
        InputError: A task has not exactly one choice, price never changed within a task, features cannot be
            told apart, or a level was always or never chosen.

    Source: D. McFadden, Conditional logit analysis of qualitative choice behavior, 1974; I. Krinsky,
    L. Robb, On approximating the statistical properties of elasticities, 1986.

    >>> shown = [("plain", 10), ("gift", 12)] * 4 + [("plain", 10), ("gift", 16)] * 4
    >>> taken = [0, 1, 0, 1, 0, 1, 1, 0] + [0, 1, 1, 0, 1, 0, 1, 0]
    >>> frame = pd.DataFrame(shown * 10, columns=["wrap", "price"]).assign(chosen=taken * 10)
    >>> frame["task"] = frame.index // 2
    >>> found = choice_model(frame, ["wrap"], base={"wrap": "plain"})
    >>> round(found.table["worth"].item(), 6)
    4.0
    """
    check_rate("confidence", confidence, below_high=True)
    if interval not in ("delta", "krinsky_robb"):
        raise unknown("interval", interval, ("delta", "krinsky_robb"))
    frame = nw.from_native(choices).lazy().collect()
    people = respondent if respondent in frame.columns else None
    empty = none if none in frame.columns else None
    for name in (*attributes, price, chosen, task):
        if name not in frame.columns:
            raise unknown("column of choices", name, frame.columns)
    by = [*([people] if people else []), task]
    frame = frame.sort(*by)
    keys = frame.select(*by).rows()
    starts = np.array([place for place, key in enumerate(keys) if place == 0 or key != keys[place - 1]])
    sizes = np.diff([*starts, len(keys)])
    picked = frame[chosen].cast(nw.Float64).to_numpy() == 1
    counts = np.add.reduceat(picked.astype(int), starts)
    if (counts != 1).any():
        wrong = keys[starts[int((counts != 1).argmax())]]
        raise InputError(
            f"Tasks without exactly one choice: {int((counts != 1).sum())}, the first is {wrong}. Mark one "
            "alternative as 1 in each task, and the others as 0."
        )
    nothing = frame[empty].cast(nw.Float64).to_numpy() == 1 if empty else np.zeros(len(frame), dtype=bool)
    for name in (*attributes, price):
        if (frame[name].is_null().to_numpy() & ~nothing).any():
            raise InputError(
                f"{name} is empty for an alternative that is a product. If it stands for buying nothing, "
                "mark it with 1 in a column 'none'."
            )
    names, columns, bases = [], [], {}
    utilities: dict[tuple[str, Any], float] = {}
    for name in attributes:
        values = np.array(frame[name].to_list(), dtype=object)
        levels = sorted({value for value, skip in zip(values, nothing, strict=True) if not skip}, key=str)
        bases[name] = (base or {}).get(name, levels[0])
        if bases[name] not in levels:
            raise unknown(f"level of {name}", bases[name], levels)
        utilities[name, bases[name]] = 0.0
        for level in levels:
            if level != bases[name]:
                names.append((name, level))
                columns.append(np.where(nothing, 0.0, values == level))
    cost = np.where(nothing, 0.0, frame[price].cast(nw.Float64).to_numpy())
    scale = float(cost[~nothing].std()) or 1.0
    columns += [cost / scale, *([nothing.astype(float)] if empty else [])]
    design = np.column_stack(columns).astype(float)
    labels = [*(f"{a}={b}" for a, b in names), price, *([none] if empty else [])]
    centred = design - np.repeat(np.add.reduceat(design, starts) / sizes[:, None], sizes, axis=0)
    # The price last: where it never changed, it is the price that should be named, not "none".
    order = [*range(len(names)), *range(len(labels) - 1, len(names) - 1, -1)]
    check_rank(centred[:, order], [str(labels[place]) for place in order], "tasks")
    clusters = np.unique([str(key[0]) for key in keys], return_inverse=True)[1][starts] if people else None
    found, covariance, likelihood = _logit(design, starts, picked, clusters)
    unscale = np.ones(len(found))
    unscale[len(names)] = 1 / scale
    found, covariance = found * unscale, covariance * np.outer(unscale, unscale)
    utilities |= dict(zip(names, found.tolist(), strict=False))
    return _choice_result(
        choices,
        names,
        found,
        covariance,
        bases,
        utilities,
        likelihood,
        chance=-float(np.log(sizes).sum()),
        tasks=len(starts),
        respondents=None if clusters is None else int(clusters.max()) + 1,
        price=price,
        has_none=empty is not None,
        interval=interval,
        confidence=confidence,
        draws=draws,
        seed=seed,
        currency=currency,
    )


def _choice_result(
    choices: Any,
    names: Sequence[tuple[str, Any]],
    found: Array,
    covariance: Array,
    bases: Mapping[str, Any],
    utilities: Mapping[tuple[str, Any], float],
    likelihood: float,
    *,
    chance: float,
    tasks: int,
    respondents: int | None,
    price: str,
    has_none: bool,
    interval: str,
    confidence: float,
    draws: int,
    seed: int,
    currency: str | None,
) -> ChoiceModel:
    from scipy.stats import norm

    k = len(names)
    slope, error = float(found[k]), np.sqrt(np.diag(covariance))
    z = float(norm.ppf((1 + confidence) / 2))
    clear = slope + z * error[k] < 0
    worth = low = high = np.full(k, np.nan)
    if clear and interval == "delta":
        worth = -found[:k] / slope
        gradient = np.hstack([np.eye(k) / -slope, (found[:k] / slope**2)[:, None]])
        spread = z * np.sqrt(np.diag(gradient @ covariance[: k + 1, : k + 1] @ gradient.T))
        low, high = worth - spread, worth + spread
    elif clear:
        drawn = np.random.default_rng(seed).multivariate_normal(found, covariance, draws, method="cholesky")
        worth = -found[:k] / slope
        tails = ((1 - confidence) / 2, (1 + confidence) / 2)
        low, high = np.quantile(-drawn[:, :k] / drawn[:, [k]], tails, axis=0)
    table = pd.DataFrame(
        {
            "attribute": [name for name, _ in names],
            "level": [str(level) for _, level in names],
            "base": [str(bases[name]) for name, _ in names],
            "utility": found[:k],
            "error": error[:k],
            "worth": worth,
            "low": low,
            "high": high,
        }
    )
    words: dict[str, str] = {"tasks": text.number(tasks), "slope": text.number(slope, 4)}
    if not clear:
        template = (
            "A higher price did not clearly make a product less chosen ({tasks} choices), so nothing can be "
            "said in money: show a wider range of prices, or ask more people."
        )
    else:
        top = int(np.abs(worth).argmax())
        words |= {
            "level": str(names[top][1]),
            "base": str(bases[names[top][0]]),
            "worth": text.money(float(abs(worth[top])), currency),
            "low": text.money(float(low[top]), currency),
            "high": text.money(float(high[top]), currency),
            "confidence": text.percent(confidence, 0),
        }
        template = (
            "The largest step: buyers would pay {worth} more for {level} than for {base} ({confidence} "
            "interval {low} to {high}; {tasks} choices)."
            if worth[top] >= 0
            else "The largest step: buyers would pay {worth} less for {level} than for {base} ({confidence} "
            "interval {low} to {high}; {tasks} choices)."
        )
    return ChoiceModel(
        table=like(nw.from_native(table), choices),
        sentence=text.say(template, **words),
        definition=text.say(
            "Multinomial logit; worth = -utility / utility of money, against the base level, all else "
            "equal. People spend more easily in a survey than in a shop: trust the order more than the "
            "amount."
        ),
        currency=currency,
        formats={"utility": "number", "error": "number", "worth": "money", "low": "money", "high": "money"},
        price_utility=slope,
        base=bases,
        none_utility=float(found[k + 1]) if has_none else None,
        reservation_price=float(found[k + 1] / slope) if has_none and clear else None,
        log_likelihood=likelihood,
        pseudo_r_squared=1 - likelihood / chance,
        tasks=tasks,
        respondents=respondents,
        price=price,
        utilities=utilities,
        covariance=covariance,
    )


def _logit(design: Array, starts: Any, picked: Any, clusters: Any) -> tuple[Any, Any, float]:
    """Fit a conditional logit by Newton's method; its likelihood has one peak."""
    sizes = np.diff([*starts, len(design)])

    def at(beta: Array) -> tuple[float, Array, Array]:
        utility = design @ beta
        utility -= np.repeat(np.maximum.reduceat(utility, starts), sizes)
        weight = np.exp(utility)
        total = np.add.reduceat(weight, starts)
        chance = weight / np.repeat(total, sizes)
        mean = np.add.reduceat(design * chance[:, None], starts)
        value = float(utility[picked].sum() - np.log(total).sum())
        return value, design[picked] - mean, (design * chance[:, None]).T @ design - mean.T @ mean

    beta = np.zeros(design.shape[1])
    value, scores, curvature = at(beta)
    for _ in range(100):
        step = np.linalg.lstsq(curvature, scores.sum(axis=0), rcond=None)[0]
        rate = 1.0
        while (tried := at(beta + rate * step))[0] < value - 1e-12 and rate > 1e-8:
            rate /= 2
        beta, (value, scores, curvature) = beta + rate * step, tried
        if np.abs(step).max() < 1e-9:
            break
    if np.abs(beta).max() > 25 or np.linalg.cond(curvature) > 1e12:
        raise InputError(
            "A level was always or never chosen (or price decided every choice), so no finite utility fits. "
            "Drop that level, or ask more people."
        )
    inverse = np.linalg.inv(curvature)
    if clusters is None:
        return beta, inverse, value
    groups = int(clusters.max()) + 1
    sums = np.zeros((groups, len(beta)))
    np.add.at(sums, clusters, scores)
    return beta, inverse @ (sums.T @ sums) @ inverse * groups / max(groups - 1, 1), value


def worth_bars(ax: Axes, table: Any, value: str, currency: str | None) -> None:
    """Draw one bar a level, coloured by attribute, with its interval.

    Args:
        ax: Axes to draw on.
        table: Columns `attribute`, `level`, `low`, `high` and `value`.
        value: Column of the lengths.
        currency: ISO code if the values are money, or None.
    """
    frame = nw.from_native(table)
    names = [f"{a}: {b}" for a, b in zip(frame["attribute"].to_list(), frame["level"].to_list(), strict=True)]
    groups = list(dict.fromkeys(frame["attribute"].to_list()))
    colours = [
        plots.COLOURS[groups.index(each) % len(plots.COLOURS)] for each in frame["attribute"].to_list()
    ]
    values, low, high = (np.asarray(frame[each].to_list(), dtype=float) for each in (value, "low", "high"))
    plots.bars(ax, names, values.tolist(), colours)
    ax.errorbar(
        values, range(len(names)), xerr=[values - low, high - values], fmt="none", color="#222222", capsize=3
    )
    ax.axvline(0, color="#444444", linewidth=1)
    if currency is not None:
        plots.money_axis(ax, currency, axis="x")
