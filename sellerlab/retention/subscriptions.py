"""Subscriptions: monthly recurring revenue (MRR) and what moved it, churn, net revenue retention.

The one idea: MRR at the end of a month is MRR at its beginning and five movements, and they add up exactly.
Churn looks only at those who were there at the beginning; who came in the month cannot have left "of them".
`renewals` counts how many subscribers stay at each renewal, for `retention.sbg`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.counted import day_of
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import share_words, wilson
from sellerlab.results import Format, Result
from sellerlab.retention.mrr import SIGNS, last_whole_month, month_end, moved, year_kept
from sellerlab.retention.subscribers import subscribed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def annual_churn(monthly: float) -> float:
    """Return the churn of a year that a monthly churn gives: not twelve times it.

    annual = 1 - (1 - monthly)^12. It holds only if churn is the same at every age, see `retention.sbg`.

    Args:
        monthly: Share of subscribers lost in a month.

    Raises:
        InputError: It is no share.

    >>> round(annual_churn(0.05), 2)
    0.46
    """
    return float(1 - (1 - check_rate("monthly", monthly)) ** 12)


def quick_ratio(
    new: float, expansion: float, reactivation: float, contraction: float, churned: float
) -> float | None:
    """Return how much MRR came for each that went.

    quick ratio = (new + expansion + reactivation) / (contraction + churned)

    Args:
        new: MRR of new subscribers, 0 or more; so are the others.
        expansion: MRR that subscribers added.
        reactivation: MRR of those who came back.
        contraction: MRR that subscribers cut.
        churned: MRR of those who left.

    Returns:
        The ratio; None where nothing was lost.

    Raises:
        InputError: An amount is negative: losses are given as positive amounts.

    >>> quick_ratio(5000, 1500, 500, 500, 1500)
    3.5
    """
    _check_amounts(
        new=new, expansion=expansion, reactivation=reactivation, contraction=contraction, churned=churned
    )
    lost = contraction + churned
    return float((new + expansion + reactivation) / lost) if lost > 0 else None


def net_revenue_retention(opening: float, expansion: float, contraction: float, churned: float) -> float:
    """Return what is left after a period of the MRR it began with: new subscribers are not in it.

    NRR = (opening + expansion - contraction - churned) / opening

    Args:
        opening: MRR at the beginning, above 0.
        expansion: MRR that these subscribers added.
        contraction: MRR that they cut, as a positive amount.
        churned: MRR of those who left, as a positive amount.

    Raises:
        InputError: The opening MRR is not above 0, or an amount is negative, or more was lost than there was.

    >>> net_revenue_retention(10000, 800, 200, 500)
    1.01
    """
    _check_amounts(opening=opening, expansion=expansion, contraction=contraction, churned=churned)
    if not opening > 0:
        raise InputError("opening is 0: there was no MRR to keep.")
    if contraction + churned > opening:
        raise InputError(f"{contraction + churned:g} was lost of {opening:g}: more than there was.")
    return float((opening + expansion - contraction - churned) / opening)


def _check_amounts(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not 0 <= amount < float("inf"):
            raise InputError(f"{name} is {amount:g}: expected an amount of 0 or more.")


@dataclass(frozen=True, kw_only=True, repr=False)
class Movements(Result):
    """MRR and what moved it; `table` has one row a month.

    Attributes:
        as_of: Last day of the last month counted.
        mrr: MRR at that day.
        subscribers: Subscribers at that day.
        churn: Subscribers lost / subscribers at the beginning, over all months; None below the minimum.
        churn_low: Lower end of its interval.
        churn_high: Upper end.
        revenue_churn: MRR lost by leaving / MRR at the beginning, over all months.
        nrr: Net revenue retention of the last 12 months, of the subscribers of a year ago; None where the
            data are shorter.
        quick_ratio: Of all months together; None where nothing was lost.
        one_off: Rows left out because they are not recurring.
    """

    as_of: dt.date
    mrr: float
    subscribers: int
    churn: float | None
    churn_low: float | None
    churn_high: float | None
    revenue_churn: float | None
    nrr: float | None
    quick_ratio: float | None
    one_off: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().collect().rows(named=True)[-24:]
        colours = (plots.GAIN, plots.COLOURS[4], plots.COLOURS[0], plots.COLOURS[1], plots.LOSS)
        ax.use_sticky_edges = False
        up, down = np.zeros(len(rows)), np.zeros(len(rows))
        places = np.arange(len(rows))
        for (name, sign), colour in zip(SIGNS.items(), colours, strict=True):
            sizes = np.array([row[name] for row in rows], dtype=float)
            if not sizes.any():
                continue
            base = up if sign > 0 else -down - sizes
            ax.bar(places, sizes, bottom=base, color=colour, width=0.7, label=text.say(name))
            up, down = (up + sizes, down) if sign > 0 else (up, down + sizes)
        ax.plot(places, up - down, "o-", color="#222222", markersize=4, label=text.say("net"))
        ax.axhline(0, color="#444444", linewidth=1)
        step = max(1, -(-len(rows) // 12))
        ax.set_xticks(places[::step], [row["month"] for row in rows][::step], rotation=30, ha="right")
        plots.money_axis(ax, self.currency)
        ax.set_title(text.say("What moved monthly recurring revenue"))
        kinds = len(ax.get_legend_handles_labels()[0])
        ax.legend(
            ncols=kinds if kinds < 5 else 3, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.16)
        )


def movements(
    subscriptions: Any,
    *,
    as_of: str | dt.date | None = None,
    minimum: int = 30,
    confidence: float = 0.95,
    **names: str,
) -> Movements:
    """Return MRR month by month and what moved it.

    MRR = price / months of the billing period, of every subscription running at the end of the month
    closing = opening + new + reactivation + expansion - contraction - churned

    Movements are by customer, from one month's end to the next: a change of plan is an expansion or a
    contraction, not a loss and a gain.

    Args:
        subscriptions: One row a subscription (`SUBSCRIPTIONS`), any frame narwhals knows.
        as_of: Last day that the data are known for; the last start or end in the data by default. Only
            whole months count.
        minimum: Fewest subscriber-months at the beginnings from which a churn rate is given.
        confidence: Level of the interval.
        **names: The caller's own column names.

    Returns:
        `Movements`; its table has month, opening, the five movements, closing, subscribers (at the
        beginning), gained, lost, churn, low, high, revenue_churn, nrr and quick_ratio.

    Raises:
        TableError: A column is missing, or the currencies are mixed.
        InputError: No subscription is recurring, one ends before it starts, or no whole month is covered.

    Source: Farris et al., *Marketing Metrics* (retention); interval: E. B. Wilson, 1927.

    >>> import pandas as pd
    >>> subscriptions = pd.DataFrame({
    ...     "customer_id": ["ann", "bob"], "price": [10.0, 240.0], "months": [1, 12],
    ...     "started_at": pd.to_datetime(["2026-01-05", "2026-02-01"]),
    ...     "ended_at": pd.to_datetime(["2026-03-05", None]),
    ... })
    >>> result = movements(subscriptions, as_of="2026-03-31")
    >>> result.table["closing"].tolist(), result.table["churn"].tolist()
    ([10.0, 30.0, 20.0], [nan, 0.0, 0.5])
    """
    found = subscribed(subscriptions, day_of("as_of", as_of), names)
    first, last = found.first.year * 12 + found.first.month - 1, last_whole_month(found.as_of)
    if last < first:
        raise InputError(
            f"The data cover no whole month: they begin on {found.first} and are known until {found.as_of}. "
            "Give as_of if they are known for longer."
        )
    rows = moved(found.spans, first, last)
    started = {
        name: sum(row[name] for row in rows[1:]) for name in ("subscribers", "lost", "opening", "churned")
    }
    churn = low = high = None
    if started["subscribers"] >= max(minimum, 1):
        churn = started["lost"] / started["subscribers"]
        low, high = wilson(started["lost"], started["subscribers"], confidence)
    for row in rows:
        _add_rates(row, confidence)
    sums = {name: sum(row[name] for row in rows[1:]) for name in SIGNS}
    closing = rows[-1]
    columns = {name: [row[name] for row in rows] for name in ("month", *_COLUMNS)}
    result: dict[str, Any] = {
        "as_of": month_end(last),
        "mrr": closing["closing"],
        "subscribers": int(closing["subscribers"] + closing["gained"] - closing["lost"]),
        "churn": churn,
        "churn_low": low,
        "churn_high": high,
        "revenue_churn": started["churned"] / started["opening"] if started["opening"] > 0 else None,
        "nrr": year_kept(found.spans, last) if last - first >= 12 else None,
        "quick_ratio": quick_ratio(**sums),
        "one_off": found.one_off,
    }
    return Movements(
        table=tables.from_columns(columns, subscriptions),
        sentence=_sentence(result, rows, found.currency, minimum, confidence),
        definition=text.say(
            "MRR = price / months of the billing period, of the subscriptions running at the end of a month; "
            "one-off payments are not in it. Movements are by customer from one month's end to the next; who "
            "came and left within a month is in none. Churn = subscribers lost / subscribers at the "
            "beginning of the month; new ones are in neither. NRR = MRR today of those who "
            "subscribed 12 months ago / their MRR then. Interval: Wilson, {level}. Months up to {day}.",
            level=text.percent(confidence, 0),
            day=text.day(month_end(last)),
        ),
        currency=found.currency,
        formats=_COLUMNS,
        **result,
    )


def _add_rates(row: dict[str, Any], confidence: float) -> None:
    opening, people = row["opening"], row["subscribers"]
    row |= dict.fromkeys(("churn", "low", "high", "revenue_churn", "nrr"))
    row["quick_ratio"] = quick_ratio(**{name: row[name] for name in SIGNS})
    if people:
        row["churn"] = row["lost"] / people
        row["low"], row["high"] = wilson(row["lost"], people, confidence)
    if opening > 0:
        row["revenue_churn"] = row["churned"] / opening
        row["nrr"] = (opening + row["expansion"] - row["contraction"] - row["churned"]) / opening


def _sentence(
    found: Mapping[str, Any],
    rows: list[dict[str, Any]],
    currency: str | None,
    minimum: int,
    confidence: float,
) -> str:
    last = rows[-1]
    words = {
        "mrr": text.money(found["mrr"], currency),
        "opening": text.money(last["opening"], currency),
        "up": text.money(last["new"] + last["reactivation"] + last["expansion"], currency),
        "down": text.money(last["contraction"] + last["churned"], currency),
        "n": text.number(found["subscribers"]),
        "month": text.month(found["as_of"]),
        "churn": share_words(found["churn"]),
        "low": share_words(found["churn_low"]),
        "high": share_words(found["churn_high"]),
        "level": text.percent(confidence, 0),
        "minimum": text.number(minimum),
        "nrr": share_words(found["nrr"]),
        "k": text.number(found["one_off"]),
    }
    said = [
        text.say(
            "At the end of {month} monthly recurring revenue was {mrr} from {n} subscribers: {opening} a "
            "month before, {up} came and {down} went.",
            **words,
        )
    ]
    if found["churn"] is None:
        said.append(
            text.say("Too few subscribers for a churn rate: at least {minimum} at the beginnings.", **words)
        )
    else:
        said.append(
            text.say("Of subscribers {churn} left a month ({low} to {high}, {level} interval).", **words)
        )
    if found["nrr"] is not None:
        said.append(text.say("Those of a year before now pay {nrr} of what they paid.", **words))
    if found["one_off"]:
        said.append(text.say("Rows left out, as they are not recurring: {k}.", **words))
    return " ".join(said)


_COLUMNS: Mapping[str, Format] = {
    "opening": "money",
    **dict.fromkeys(SIGNS, "money"),
    "closing": "money",
    "subscribers": "count",
    "gained": "count",
    "lost": "count",
    "churn": "rate",
    "low": "rate",
    "high": "rate",
    "revenue_churn": "rate",
    "nrr": "rate",
    "quick_ratio": "number",
}
