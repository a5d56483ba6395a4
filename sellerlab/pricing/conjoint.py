"""What matters to buyers? Conjoint analysis: part-worths from ratings here, worth in money from choices.

One idea: people do not say what a feature is worth, they show it when features come together in whole
products. The rating of a product is a sum of part-worths, one for each feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.pricing.logit import worth_bars
from sellerlab.pricing.regression import check_rank
from sellerlab.pricing.terms import Array
from sellerlab.results import Result
from sellerlab.tables import like

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class PartWorths(Result):
    """Part-worths from ratings.

    Attributes:
        intercept: Mean rating of all profiles.
        importance: Attribute to importance: the mean over respondents of each one's own importance.
        r_squared: Share of all the ratings' variance that the mean part-worths explain.
        respondents: Respondents used.
        left_out: Respondents left out, by reason.
        individual: Each respondent's own mean rating and part-worths, one row a respondent, for segments.
    """

    intercept: float
    importance: Mapping[str, float]
    r_squared: float
    respondents: int
    left_out: Mapping[str, int]
    individual: pd.DataFrame = field(compare=False)

    @property
    def picture_height(self) -> float:
        """One line a level."""
        return 1.5 + 0.35 * len(nw.from_native(self.table))

    def share(self, products: Any, rule: Literal["first", "logit", "proportional"] = "first") -> Any:
        """Return the products with the share of respondents, or of their choices, that each would get.

        U is a respondent's mean rating plus the part-worths of the product. By ``"first"`` each takes the
        product with the largest U (ties are shared); by ``"logit"`` a product gets ``exp(U) / sum(exp(U))``
        of a respondent's choices, by ``"proportional"`` ``U / sum(U)`` (Bradley, Terry, Luce), which leaves
        out respondents with a U of 0 or less. Ratings have no price of their own kind and no "none": shares
        compare these products, they do not forecast sales.

        Args:
            products: One row a product, with every attribute.
            rule: How a respondent chooses.

        Raises:
            InputError: An attribute is missing, a level was not rated, or no respondent can be used.

        >>> cards = pd.DataFrame({"size": ["S", "S", "L", "L"], "price": [10, 20, 10, 20]})
        >>> found = part_worths(cards, pd.DataFrame([[6, 2, 10, 6], [7, 1, 3, 2]]))
        >>> found.share(cards.iloc[[0, 2]])["share"].tolist()
        [0.5, 0.5]
        """
        if rule not in ("first", "logit", "proportional"):
            raise unknown("rule", rule, ("first", "logit", "proportional"))
        frame = nw.from_native(products).lazy().collect()
        worths = self.individual.drop(columns="intercept")
        utility = np.repeat(self.individual[["intercept"]].to_numpy(), len(frame), axis=1)
        for name in self.importance:
            if name not in frame.columns:
                raise unknown("attribute", name, frame.columns)
            known = [each for each in worths.columns if each.startswith(f"{name}: ")]
            for place, level in enumerate(frame[name].to_list()):
                if f"{name}: {level}" not in known:
                    raise unknown(f"level of {name}", str(level), [each[len(name) + 2 :] for each in known])
                utility[:, place] += worths[f"{name}: {level}"].to_numpy()
        if rule == "first":
            # Part-worths come from least squares: equal ones differ in the last digits.
            weights = (utility >= utility.max(axis=1, keepdims=True) - 1e-9).astype(float)
        elif rule == "logit":
            weights = np.exp(utility - utility.max(axis=1, keepdims=True))
        else:
            weights = utility[(utility > 0).all(axis=1)]
            if not len(weights):
                raise InputError(
                    "Every respondent gives some product 0 points or less, so no share is proportional to "
                    'points. Use rule="first" or rule="logit".'
                )
        shares = (weights / weights.sum(axis=1, keepdims=True)).mean(axis=0)
        share = nw.new_series("share", shares.tolist(), backend=frame.implementation)
        return like(frame.with_columns(share), products)

    def _draw(self, ax: Axes) -> None:
        worth_bars(ax, self.table, "part_worth", None)
        ax.set_title(text.say("What each level adds to the rating"))
        ax.set_xlabel(text.say("points of the rating, against the mean"))


def part_worths(
    profiles: Any, ratings: Any, *, attributes: Sequence[str] | None = None, confidence: float = 0.95
) -> PartWorths:
    """Return part-worths and importances from ratings of whole products.

    Each respondent's ratings are explained by least squares with effects coding: the part-worths of an
    attribute sum to 0. Importance of an attribute for a respondent is the range of its part-worths over the
    sum of all ranges; the importance reported is the mean of these, not the importance of mean part-worths
    (opposite tastes would cancel out).

    Args:
        profiles: One row a profile, one column an attribute; every value counts as a level.
        ratings: One row a respondent, one column a profile in the order of the rows of `profiles`; a higher
            number is better. Turn ranks over first.
        attributes: Columns of `profiles` to use; all by default.
        confidence: Level of the intervals over respondents (t).

    Returns:
        A `PartWorths`: one row a level. With one respondent there is no interval.

    Raises:
        InputError: Columns and profiles do not match, or the profiles cannot tell attributes apart.

    Source: P. Green, V. Srinivasan, Conjoint analysis in consumer research: issues and outlook, 1978.

    >>> cards = pd.DataFrame({"size": ["S", "S", "L", "L"], "price": [10, 20, 10, 20]})
    >>> found = part_worths(cards, pd.DataFrame([[6, 2, 10, 6], [7, 1, 9, 3]]))
    >>> {name: round(share, 3) for name, share in found.importance.items()}
    {'size': 0.375, 'price': 0.625}
    """
    check_rate("confidence", confidence, below_high=True)
    from scipy.stats import t

    cards = nw.from_native(profiles).lazy().collect()
    chosen = list(attributes or cards.columns)
    for name in chosen:
        if name not in cards.columns:
            raise unknown("attribute", name, cards.columns)
    scores = _numbers(ratings)
    if scores.shape[1] != len(cards):
        raise InputError(
            f"ratings has {scores.shape[1]} columns and profiles {len(cards)} rows: expected one column a "
            "profile."
        )
    levels = {name: list(dict.fromkeys(cards[name].to_list())) for name in chosen}
    design, effects = _effects(cards, levels)
    check_rank(design[:, 1:], [name for name in chosen for _ in levels[name][1:]], "profiles")
    missing: Any = np.isnan(scores).any(axis=1)
    flat = ~missing & (np.ptp(np.where(missing[:, None], 0, scores), axis=1) == 0)
    kept = scores[~missing & ~flat]
    if not len(kept):
        raise InputError(
            "No respondent rated every profile and gave more than one rating: nothing to learn from."
        )
    coefficients = np.linalg.lstsq(design, kept.T, rcond=None)[0]
    worths = {name: effects[name] @ coefficients[place] for name, place in _places(levels).items()}
    ranges = np.array([np.ptp(each, axis=0) for each in worths.values()])
    importance = dict(zip(chosen, (ranges / ranges.sum(axis=0)).mean(axis=1).tolist(), strict=True))
    n = len(kept)
    fitted = design @ coefficients.mean(axis=1)
    r_squared = 1 - ((kept - fitted) ** 2).sum() / ((kept - kept.mean()) ** 2).sum()
    people = np.vstack(list(worths.values())).T
    spread = people.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.full(people.shape[1], np.nan)
    half = t.ppf((1 + confidence) / 2, max(n - 1, 1)) * spread
    mean = people.mean(axis=0)
    table = pd.DataFrame(
        {
            "attribute": [name for name in chosen for _ in levels[name]],
            "level": [str(level) for name in chosen for level in levels[name]],
            "part_worth": mean,
            "low": mean - half,
            "high": mean + half,
            "importance": [importance[name] for name in chosen for _ in levels[name]],
        }
    )
    top = max(importance, key=lambda name: importance[name])
    best = max(levels[top], key=lambda level: float(mean[_row(table, top, level)]))
    return PartWorths(
        table=like(nw.from_native(table), profiles),
        sentence=text.say(
            "{attribute} matters most ({importance} of the decision); {level} is liked best. {n} "
            "respondents are used, {left_out} left out (ratings missing or all the same).",
            attribute=top,
            importance=text.percent(importance[top], 0),
            level=best,
            n=text.number(n),
            left_out=text.number(len(scores) - n),
        ),
        definition=text.say(
            "Least squares for each respondent, effects coding; importance is the mean of each respondent's "
            "range of part-worths over the sum of ranges. Compare levels within an attribute, not across."
        ),
        formats={"part_worth": "number", "low": "number", "high": "number", "importance": "rate"},
        intercept=float(coefficients[0].mean()),
        importance=importance,
        r_squared=float(r_squared),
        respondents=n,
        left_out={"missing": int(missing.sum()), "all_the_same": int(flat.sum())},
        individual=pd.DataFrame(
            np.column_stack([coefficients[0], people]),
            columns=["intercept", *(f"{a}: {b}" for a in chosen for b in levels[a])],
        ),
    )


def _effects(cards: nw.DataFrame[Any], levels: Mapping[str, list[Any]]) -> tuple[Array, dict[str, Array]]:
    """Return the design with a column of ones, and each attribute's levels in terms of its columns."""
    codes = {
        name: np.vstack([np.eye(len(values) - 1), -np.ones(len(values) - 1)])
        for name, values in levels.items()
    }
    blocks = [
        codes[name][[values.index(value) for value in cards[name].to_list()]]
        for name, values in levels.items()
    ]
    return np.hstack([np.ones((len(cards), 1)), *blocks]), codes


def _places(levels: Mapping[str, list[Any]]) -> dict[str, slice]:
    places, at = {}, 1
    for name, values in levels.items():
        places[name] = slice(at, at + len(values) - 1)
        at += len(values) - 1
    return places


def _row(table: pd.DataFrame, attribute: str, level: Any) -> int:
    return int(((table["attribute"] == attribute) & (table["level"] == str(level))).to_numpy().argmax())


def _numbers(ratings: Any) -> Array:
    columns = list(nw.from_native(ratings).lazy().collect().iter_columns())
    for column in columns:
        if not column.dtype.is_numeric():
            raise InputError(f"The column {column.name!r} of ratings holds {column.dtype}: expected numbers.")
    return np.column_stack([column.cast(nw.Float64).to_numpy() for column in columns])
