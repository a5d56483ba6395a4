"""Two kinds of subscribers together: why churn falls although nobody changes.

The one idea: those who leave easily leave first, so the ones still there are more and more the others. The
churn of a mixture falls by that sorting alone; `retention.sbg` is the same with a kind for every chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMATS: Mapping[str, Format] = {
    "renewal": "count",
    "easy": "rate",
    "others": "rate",
    "staying": "rate",
    "churn": "rate",
    "flat": "rate",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class ChurnMixture(Result):
    """How many of each kind stay; `table` has one row a renewal, 0 being the start.

    Attributes:
        share: Share of the kind that leaves easily, of those who begin.
        high: Their chance to leave at each renewal.
        low: The chance of the others.
        first_churn: Share that leaves at the first renewal.
        last_churn: Share of those who come to the last renewal that leaves there; None where none come.
        staying: Share of those who began that is there after the last renewal.
        expected_lifetime: Mean periods paid for; None where some never leave.
        flat_lifetime: 1 / first churn, what the mean would be if all were alike; None where none leave.
    """

    share: float
    high: float
    low: float
    first_churn: float
    last_churn: float | None
    staying: float
    expected_lifetime: float | None
    flat_lifetime: float | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = self.table
        ax.bar(data["renewal"], data["others"], color=plots.TOTAL, label=text.say("leave rarely"))
        ax.bar(
            data["renewal"],
            data["easy"],
            bottom=data["others"],
            color=plots.COLOURS[1],
            label=text.say("leave easily"),
        )
        ax.plot(data["renewal"], data["flat"], ":", color="#222222", label=text.say("if churn never changed"))
        for row in data[data["churn"].notna()].itertuples():
            above = (row.renewal, max(row.staying, row.flat))
            ax.annotate(
                f"-{text.percent(row.churn, 0)}", above, (0, 5), textcoords="offset points", ha="center",
                fontsize=9, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
        ax.set_ylim(0, 1.08)
        ax.set_xticks(data["renewal"])
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("renewals (above the bars: who left, of those who came to it)"))
        ax.set_title(text.say("Share of subscribers still there, by kind"))
        ax.legend(ncols=3, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.16))


def churn_mixture(share: float, high: float, low: float, *, renewals: int = 12) -> ChurnMixture:
    """Return how many stay, and the churn that is seen, where two kinds of subscribers begin together.

    staying(t) = p (1 - h)^t + (1 - p) (1 - l)^t, churn(t) = 1 - staying(t) / staying(t - 1)
    mean periods = p / h + (1 - p) / l

    Args:
        share: Share of the kind that leaves easily (p), of those who begin.
        high: Their chance to leave at each renewal (h).
        low: The chance of the others (l), no more than `high`.
        renewals: Renewals to look at, 1 or more.

    Returns:
        `ChurnMixture`; its table has renewal, easy and others (shares of those who began), staying, churn,
        and flat (staying, if the first churn never changed).

    Raises:
        InputError: A share is none, `low` is above `high`, or `renewals` is not above 0.

    Source: J. Vaupel, A. Yashin, Heterogeneity's ruses, *The American Statistician*, 1985.

    >>> result = churn_mixture(0.5, 0.4, 0.1)
    >>> [round(churn, 3) for churn in result.table["churn"][1:4]], result.expected_lifetime
    ([0.25, 0.22, 0.192], 6.25)
    """
    import pandas as pd

    for name, value in (("share", share), ("high", high), ("low", low)):
        check_rate(name, value)
    if low > high:
        raise InputError(
            f"low is {low:g} and high {high:g}: the kind that leaves easily has the higher churn."
        )
    if renewals < 1 or int(renewals) != renewals:
        raise InputError(f"renewals is {renewals!r}: expected a whole number of 1 or more.")
    steps = np.arange(int(renewals) + 1)
    easy, others = share * (1 - high) ** steps, (1 - share) * (1 - low) ** steps
    staying = easy + others
    there = staying[:-1] > 0
    churn = np.full(len(steps), np.nan)
    churn[1:][there] = 1 - staying[1:][there] / staying[:-1][there]
    first = share * high + (1 - share) * low
    endless = (low == 0 and share < 1) or (high == 0 and share > 0)
    mean = None if endless else (share / high if share else 0) + ((1 - share) / low if share < 1 else 0)
    last = None if np.isnan(churn[-1]) else float(churn[-1])
    flat = 1 / first if first else None
    return ChurnMixture(
        table=pd.DataFrame(
            {
                "renewal": steps,
                "easy": easy,
                "others": others,
                "staying": staying,
                "churn": churn,
                "flat": (1 - first) ** steps,
            }
        ),
        sentence=_sentence(
            share, high, low, first, last, float(others[-1]), float(staying[-1]), mean, steps[-1]
        ),
        definition=text.say(
            "Two kinds of subscribers, each with a chance to leave that is the same at every renewal. Churn "
            "= those who leave at a renewal / those who come to it. 1 / churn takes the first churn for ever."
        ),
        formats=_FORMATS,
        share=share,
        high=high,
        low=low,
        first_churn=first,
        last_churn=last,
        staying=float(staying[-1]),
        expected_lifetime=mean,
        flat_lifetime=flat,
    )


def _sentence(
    share: float,
    high: float,
    low: float,
    first: float,
    last: float | None,
    others: float,
    staying: float,
    mean: float | None,
    renewals: int,
) -> str:
    words = {
        "first": text.percent(first),
        "last": "–" if last is None else text.percent(last),
        "n": text.number(float(renewals)),
        "began": text.percent(1 - share, 0),
        "now": text.percent(others / staying if staying else 0.0, 0),
        "staying": text.percent(staying),
    }
    if last is None:
        said = text.say("At the first renewal {first} leave; after {n} renewals nobody is left.", **words)
    elif share in (0, 1) or high == low:
        said = text.say(
            "All are alike: at every renewal {first} leave, and after {n} renewals {staying} are there.",
            **words,
        )
    else:
        said = text.say(
            "At the first renewal {first} leave, at renewal {n} it is {last}. Nobody has changed: of those "
            "who began {began} leave rarely, of those still there {now}. After {n} renewals {staying} are "
            "there.",
            **words,
        )
    if mean is None or first == 0:
        return said
    return f"{said} " + text.say(
        "A subscriber pays for {mean} periods on average; 1 / first churn says {flat}.",
        mean=text.number(mean, 1),
        flat=text.number(1 / first, 1),
    )
