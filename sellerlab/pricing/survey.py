"""Which prices do people find acceptable? The four questions of Van Westendorp.

One idea: a point is where as many people find a price too low as too high, in one of several senses. An
answer that contradicts itself (cheap above expensive) is left out and counted: many such answers mean
that the questions were not understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.pricing.terms import Array
from sellerlab.results import Result
from sellerlab.tables import like

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The four questions of Van Westendorp, from the lowest price to the highest.
QUESTIONS = ("too_cheap", "cheap", "expensive", "too_expensive")

#: Points of Van Westendorp: the curve that falls, the curve that rises. "not" turns a curve over.
_POINTS = {
    "optimal": ("too_cheap", "too_expensive"),
    "indifference": ("cheap", "expensive"),
    "low": ("too_cheap", "not_cheap"),
    "high": ("not_expensive", "too_expensive"),
    "narrow_low": ("too_cheap", "expensive"),
    "narrow_high": ("cheap", "too_expensive"),
}
_POINT_NAMES = {
    "optimal": "optimal price point",
    "indifference": "indifference price point",
    "low": "lower end (original)",
    "high": "upper end (original)",
    "narrow_low": "lower end (narrower)",
    "narrow_high": "upper end (narrower)",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class PriceRange(Result):
    """Van Westendorp's prices; None where too few answers are valid.

    Attributes:
        optimal: As many find it too cheap as too expensive.
        indifference: As many find it cheap as expensive.
        low: Lower end of the range, original rule (too cheap x not cheap).
        high: Upper end, original rule (too expensive x not expensive).
        narrow_low: Lower end, narrower rule (too cheap x expensive).
        narrow_high: Upper end, narrower rule (too expensive x cheap).
        valid: Respondents used.
        invalid: Respondents left out, by reason.
        curves: Share of the respondents at each named price.
    """

    optimal: float | None
    indifference: float | None
    low: float | None
    high: float | None
    narrow_low: float | None
    narrow_high: float | None
    valid: int
    invalid: Mapping[str, int]
    curves: pd.DataFrame = field(compare=False)

    def _draw(self, ax: Axes) -> None:
        names = {
            "too_cheap": "too cheap",
            "not_cheap": "not cheap",
            "not_expensive": "not expensive",
            "too_expensive": "too expensive",
        }
        styles = ("-", "--", ":", "-.")
        for (name, label), style, colour in zip(names.items(), styles, plots.COLOURS, strict=False):
            ax.plot(self.curves["price"], self.curves[name], style, color=colour, label=text.say(label))
        if self.low is not None and self.high is not None and self.optimal is not None:
            ax.axvspan(self.low, self.high, color=plots.GAIN, alpha=0.12)
            ax.axvline(self.optimal, color="#444444", linewidth=1)
            label = text.money(self.optimal, self.currency)
            ax.annotate(label, (self.optimal, 1.06), (4, 0), textcoords="offset points", va="center")
            ax.set_ylim(-0.04, 1.12)
        ax.set_title(text.say("Who finds a price too cheap or too expensive"))
        plots.money_axis(ax, self.currency, axis="x")
        plots.percent_axis(ax)
        ax.set_ylabel(text.say("share of {n} respondents", n=text.number(self.valid)))
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def van_westendorp(
    answers: Any,
    *,
    currency: str | None = None,
    confidence: float = 0.95,
    draws: int = 500,
    seed: int = 0,
    minimum: int = 30,
    **names: str,
) -> PriceRange:
    """Return the range of acceptable prices from the four questions of Van Westendorp.

    At price p, "too cheap" and "cheap" count those who named p or more, "expensive" and "too expensive" those
    who named p or less. A point is where a falling and a rising curve cross, on a line between the named
    prices; a stretch where both are equal gives its middle. It says what people find acceptable: it is no
    demand curve and knows neither competitors nor costs.

    Args:
        answers: One row a respondent, columns `too_cheap`, `cheap`, `expensive`, `too_expensive`.
        currency: ISO code of the prices.
        confidence: Level of the intervals (percentile bootstrap over respondents).
        draws: Number of redraws.
        seed: Seed of the redraws.
        minimum: Fewest valid respondents for which prices are given.
        **names: The caller's own column names, as ``cheap="q2"``.

    Returns:
        A `PriceRange`: one row a point with its interval.

    Raises:
        InputError: A column is missing or holds no numbers.

    Source: P. van Westendorp, NSS Price Sensitivity Meter, ESOMAR Congress 1976.

    >>> u = (np.arange(2000) + 0.5) / 100
    >>> frame = pd.DataFrame({"too_cheap": u, "cheap": u + 5, "expensive": u + 8, "too_expensive": u + 10})
    >>> found = van_westendorp(frame, draws=10)
    >>> [round(each, 1) for each in (found.optimal, found.indifference, found.low, found.high)]
    [15.0, 16.5, 12.5, 19.0]
    """
    check_rate("confidence", confidence, below_high=True)
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)
    prices, invalid = valid_prices(columns(answers, QUESTIONS, names))
    valid, asked = len(prices), len(prices) + sum(invalid.values())
    named = np.unique(prices)
    points: dict[str, float | None] = dict.fromkeys(_POINTS)
    low = high = dict.fromkeys(_POINTS, np.nan)
    if valid >= minimum:
        points = dict(_crossings(prices, named))
        generator = np.random.default_rng(seed)
        drawn = [_crossings(prices[generator.integers(0, valid, valid)], named) for _ in range(draws)]
        ends = {name: np.quantile([one[name] for one in drawn], tails) for name in _POINTS}
        low, high = ({name: float(end[side]) for name, end in ends.items()} for side in (0, 1))
    shares = {name: count / max(valid, 1) for name, count in _counts(prices, named).items()}
    table = pd.DataFrame(
        {
            "point": [text.say(_POINT_NAMES[name]) for name in _POINTS],
            "price": [np.nan if point is None else point for point in points.values()],
            "low": list(low.values()),
            "high": list(high.values()),
            "respondents": valid,
        }
    )
    return PriceRange(
        table=like(nw.from_native(table), answers),
        sentence=_range_sentence(points, (low, high), valid, asked, minimum, currency),
        definition=text.say(
            "Respondents whose prices are not in the order too cheap < cheap < expensive < too expensive "
            "are left out and counted. Points are crossings of cumulative shares; intervals from {draws} "
            "redraws of the respondents (seed {seed}).",
            draws=draws,
            seed=seed,
        ),
        currency=currency,
        formats={"price": "money", "low": "money", "high": "money", "respondents": "count"},
        **points,
        valid=valid,
        invalid=invalid,
        curves=pd.DataFrame({"price": named, **shares}),
    )


def columns(answers: Any, wanted: Iterable[str], names: Mapping[str, str]) -> Array:
    """Return columns of a survey as an array, one row a respondent; a missing answer is NaN.

    Args:
        answers: Any frame narwhals knows.
        wanted: Columns, under their usual names.
        names: Usual name to the caller's own name.

    Raises:
        InputError: A column is absent (the nearest is offered) or holds no numbers.
    """
    lazy = nw.from_native(answers).lazy()
    present = lazy.collect_schema().names()
    wanted = list(wanted)
    for name in names:
        if name not in wanted:
            raise unknown("survey column", name, wanted)
    taken = [names.get(name, name) for name in wanted]
    for name in taken:
        if name not in present:
            raise unknown("survey column", name, present)
    frame = lazy.select(*dict.fromkeys(taken)).collect()
    for name in taken:
        if not frame[name].dtype.is_numeric() and frame[name].null_count() < len(frame):
            raise InputError(f"The column {name!r} holds {frame[name].dtype}: expected numbers.")
    return np.column_stack([frame[name].cast(nw.Float64).to_numpy() for name in taken]).astype(float)


def valid_prices(data: Array) -> tuple[Array, dict[str, int]]:
    """Return the rows whose four prices are complete and in order, and how many were left out and why.

    Args:
        data: One row a respondent; the first four columns are `QUESTIONS`.

    >>> kept, left_out = valid_prices(np.array([[1, 2, 3, 4], [1, 3, 2, 4], [1, 2, 3, np.nan]]))
    >>> len(kept), left_out
    (1, {'missing': 1, 'out_of_order': 1})
    """
    missing = np.isnan(data).any(axis=1)
    in_order = (np.diff(data[:, :4], axis=1) > 0).all(axis=1) & (data[:, 0] >= 0)
    left_out = {"missing": int(missing.sum()), "out_of_order": int((~missing & ~in_order).sum())}
    return data[~missing & in_order], left_out


def _counts(prices: Array, named: Array) -> dict[str, Any]:
    """Count the respondents on each curve at each named price."""
    ordered = np.sort(prices, axis=0)
    counts: dict[str, Any] = {}
    for place, name in enumerate(QUESTIONS):
        if place < 2:
            counts[name] = len(prices) - np.searchsorted(ordered[:, place], named, side="left")
        else:
            counts[name] = np.searchsorted(ordered[:, place], named, side="right")
    return counts | {f"not_{name}": len(prices) - counts[name] for name in ("cheap", "expensive")}


def _crossings(prices: Array, named: Array) -> dict[str, float]:
    counts = _counts(prices, named)
    found = {}
    for point, (falling, rising) in _POINTS.items():
        # One curve falls and the other rises: their difference only grows and is 0 once or on one stretch.
        gap = counts[rising] - counts[falling]
        first = int((gap >= 0).argmax())
        if gap[first] == 0:
            last = len(gap) - 1 - int((gap[::-1] <= 0).argmax())
            found[point] = float(named[first] + named[last]) / 2
        else:
            # At the lowest price named the gap is never above 0, so there is a price before this one.
            part = -gap[first - 1] / (gap[first] - gap[first - 1])
            found[point] = float(named[first - 1] + part * (named[first] - named[first - 1]))
    return found


def _range_sentence(
    points: Mapping[str, float | None],
    ends: tuple[Mapping[str, float], Mapping[str, float]],
    valid: int,
    asked: int,
    minimum: int,
    currency: str | None,
) -> str:
    numbers = {
        "valid": text.number(valid),
        "asked": text.number(asked),
        "left_out": text.number(asked - valid),
        "share": text.percent((asked - valid) / asked if asked else 0.0, 0),
    }
    if points["optimal"] is None:
        return text.say(
            "{valid} of {asked} respondents answered completely and in order: too few for a price range, "
            "{minimum} are needed.",
            **numbers,
            minimum=text.number(minimum),
        )
    prices = {name: text.money(float(price or 0.0), currency) for name, price in points.items()}
    return text.say(
        "Buyers accept prices from {low} to {high} (narrower rule: {narrow_low} to {narrow_high}). As many "
        "find {optimal} too cheap as too expensive (interval {from_} to {to}). {valid} of {asked} "
        "respondents are counted; {left_out} ({share}) were incomplete or contradicted themselves.",
        **prices,
        **numbers,
        from_=text.money(ends[0]["optimal"], currency),
        to=text.money(ends[1]["optimal"], currency),
    )
