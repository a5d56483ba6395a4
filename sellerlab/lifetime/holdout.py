"""Holdout check: what a model expected of a period it never saw, beside what came.

The one idea: a model of buying is believed for what it forecast, not for how well it fits. Its interval
holds both what the estimates leave open and the luck of the period, so a shop outside it is news: buying
was not as steady as the model takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.lifetime.fit import Fit, bootstrap
from sellerlab.lifetime.likelihood import Floats
from sellerlab.lifetime.repeat_purchases import RepeatPurchases
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Customers with this many repeat purchases or more share a row.
_LAST = 7


@dataclass(frozen=True, kw_only=True, repr=False)
class Holdout(Result):
    """Expected and actual purchases of a holdout; `table` has a row for each number of repeat purchases.

    Attributes:
        expected: Purchases the model expected of all customers; None where there is no model.
        interval: 95% interval of what could come if the model were right.
        actual: Purchases that came.
        length: Length of the holdout, in `unit`.
        unit: Unit of time.
        inside: Whether `actual` lies in `interval`.
    """

    expected: float | None
    interval: tuple[float, float] | None
    actual: int
    length: float
    unit: str
    inside: bool | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        places = np.arange(len(data))
        actual = data["actual_each"].to_numpy()
        ax.plot(places, actual, "o-", color=plots.TOTAL, label=text.say("what came"))
        if self.expected is not None:
            expected, low, high = (
                data[name].to_numpy() for name in ("expected_each", "low_each", "high_each")
            )
            ax.plot(places, expected, "s--", color=plots.LOSS, label=text.say("what the model expected"))
            ax.fill_between(places, low, high, color=plots.LOSS, alpha=0.15, linewidth=0)
        ax.set_xticks(places, data["frequency"].to_list())
        ax.set_ylim(bottom=0)
        ax.set_xlabel(text.say("purchases after the first, before the holdout"))
        ax.set_ylabel(text.say("purchases a customer, in the holdout"))
        ax.legend()
        ax.set_title(text.say("Forecast and what came"))


def holdout(purchases: RepeatPurchases, fitted: Fit, *, draws: int = 200, seed: int = 0) -> Holdout:
    """Return what a model expected of the holdout beside what came.

    expected = sum over customers of E(purchases in the holdout | frequency, recency, age)

    Args:
        purchases: What ``repeat_purchases(orders, end=..., holdout_end=...)`` gave.
        fitted: The model, fitted to the same summary.
        draws: Shops simulated for the interval; each is fitted again, and the holdout of every customer
            drawn from it.
        seed: Of the random draws.

    Returns:
        `Holdout`. Its table has frequency, customers, expected, low, high, actual, and the same for each
        customer: expected_each, low_each, high_each, actual_each. Intervals are of 95%.

    Raises:
        InputError: The summary has no holdout, or the model has another unit of time.

    Source: Fader, Hardie and Lee (2005), figures of conditional expectations.
    """
    length, actual_total = purchases.holdout_length, purchases.holdout_repeats
    if length is None or actual_total is None:
        raise InputError(
            "The summary has no holdout. Make it with repeat_purchases(orders, end=..., holdout_end=...), "
            "and fit the model to that."
        )
    if fitted.unit != purchases.unit:
        raise InputError(
            f"The model counts in {fitted.unit}s and the summary in {purchases.unit}s: fit it to this "
            "summary."
        )
    frame = nw.from_native(purchases.table).lazy().collect().sort("customer_id")
    x, t_x, T, came = (
        frame[name].cast(nw.Float64).to_numpy()
        for name in ("frequency", "recency", "age", "holdout_frequency")
    )
    bins = np.minimum(x, _LAST).astype(int)
    kept = np.unique(bins)
    size = np.bincount(bins, minlength=_LAST + 1)[kept].astype(float)
    actual = np.bincount(bins, came, minlength=_LAST + 1)[kept]
    model = fitted.model
    columns: dict[str, list[Any]] = {
        "frequency": [text.say("{n} or more", n=_LAST) if each == _LAST else str(each) for each in kept],
        "customers": size.tolist(),
    }
    expected = interval = inside = None
    if model is not None:
        each = np.asarray(model.expected_given(length, x, t_x, T))
        by_bin = np.bincount(bins, each, minlength=_LAST + 1)[kept]
        rng = np.random.default_rng([seed, 1])
        drawn = np.array(
            [
                np.bincount(bins, one.simulate_given(length, x, t_x, T, rng), minlength=_LAST + 1)[kept]
                for one in bootstrap(fitted, draws, seed=seed)
            ]
        )
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        ends = np.quantile(drawn.sum(axis=1), [0.025, 0.975])
        expected, interval = float(each.sum()), (float(ends[0]), float(ends[1]))
        inside = interval[0] <= actual_total <= interval[1]
    else:
        by_bin = low = high = np.full(len(kept), np.nan)
    columns |= _columns(by_bin, low, high, actual, size)
    formats: dict[str, Format] = dict.fromkeys(columns, "number")
    formats |= {"customers": "count", "actual": "count"}
    del formats["frequency"]
    return Holdout(
        table=tables.from_columns(columns, purchases.table),
        sentence=_said(fitted, length, expected, interval, actual_total),
        definition=text.say(
            "Model fitted to purchases up to {end}. Expected = sum over customers of the expected number of "
            "purchases in the {length} {units} after, given each one's history. Interval: {draws} shops "
            "drawn from the model, fitted again, and each customer's holdout drawn from that. Customers who "
            "came after {end} are not in it.",
            end=text.day(purchases.end),
            length=text.number(length, 0 if float(length).is_integer() else 1),
            units=text.say(purchases.unit + "s"),
            draws=draws,
        ),
        formats=formats,
        expected=expected,
        interval=interval,
        actual=actual_total,
        length=length,
        unit=purchases.unit,
        inside=inside,
    )


def _columns(
    expected: Floats, low: Floats, high: Floats, actual: Floats, size: Floats
) -> dict[str, list[Any]]:
    kinds = {"expected": expected, "low": low, "high": high, "actual": actual}
    columns = dict(kinds) | {f"{name}_each": values / size for name, values in kinds.items()}
    return {
        name: [None if np.isnan(value) else float(value) for value in values]
        for name, values in columns.items()
    }


def _said(
    fitted: Fit, length: float, expected: float | None, interval: tuple[float, float] | None, actual: int
) -> str:
    words = {
        "length": text.number(length, 0 if float(length).is_integer() else 1),
        "units": text.say(fitted.unit + "s"),
        "actual": text.number(actual),
    }
    if fitted.model is None or expected is None or interval is None:
        return fitted.sentence + " " + text.say(
            "In the {length} {units} after, customers made {actual} purchases.", **words
        )  # fmt: skip
    words |= {
        "model": fitted.model.name,
        "expected": text.number(expected),
        "low": text.number(interval[0]),
        "high": text.number(interval[1]),
        "gap": text.percent(abs(actual - expected) / expected),
    }
    if interval[0] <= actual <= interval[1]:
        return text.say(
            "The {model} expected {expected} purchases in the {length} {units} after (95% interval {low} to "
            "{high}); {actual} came, which is inside.",
            **words,
        )
    if actual > expected:
        return text.say(
            "The {model} expected {expected} purchases in the {length} {units} after (95% interval {low} to "
            "{high}); {actual} came, {gap} more and above the interval. The model takes every rate as "
            "constant: look for a season, promotions or new goods.",
            **words,
        )
    return text.say(
        "The {model} expected {expected} purchases in the {length} {units} after (95% interval {low} to "
        "{high}); {actual} came, {gap} fewer and below the interval. The model takes every rate as constant: "
        "look for a season, empty shelves or the end of promotions.",
        **words,
    )
