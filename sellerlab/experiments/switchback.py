"""A test where visitors cannot be split: the whole shop shows A on some days and B on others.

One idea: a marketplace shows one listing to everyone, so days are split instead of visitors. Weekdays differ
more than variants do; so each weekday gets both, in two weeks that stand together, and only pairs of the same
weekday are compared. The pair is the sample: 10,000 visitors on 14 days are 7 observations.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.experiments.variants import order_variants, p_words, verdict_of, verdict_words
from sellerlab.intervals import points, share_words
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def switchback_plan(
    start: dt.date, weeks: int, *, variants: tuple[str, str] = ("A", "B"), seed: int = 0
) -> pd.DataFrame:
    """Return which variant to show on which day.

    In each pair of weeks every weekday gets both variants, in an order drawn by lot.

    Args:
        start: First day.
        weeks: Weeks to run, an even number.
        variants: Names of the two variants.
        seed: Seed of the draw.

    Returns:
        One row a day: ``day`` and ``variant``.

    Raises:
        InputError: `weeks` is odd or below 2.

    Source: I. Bojinov, D. Simchi-Levi, J. Zhao, Design and analysis of switchback experiments, 2023.

    >>> plan = switchback_plan(dt.date(2026, 5, 4), 2)
    >>> plan["variant"].value_counts().to_dict() == {"A": 7, "B": 7}
    True
    """
    if weeks < 2 or weeks % 2:
        raise InputError(
            f"weeks is {weeks}: expected an even number, so that each weekday gets both variants."
        )
    first = np.random.default_rng(seed).integers(0, 2, (weeks // 2, 7))
    order = np.stack([first, 1 - first], axis=1).ravel()
    days = [start + dt.timedelta(days=place) for place in range(7 * weeks)]
    return pd.DataFrame({"day": pd.to_datetime(pd.Series(days)), "variant": [variants[k] for k in order]})


@dataclass(frozen=True, kw_only=True, repr=False)
class Switchback(Result):
    """Days of B against days of A, weekday by weekday.

    Attributes:
        verdict: ``"better"``, ``"worse"``, ``"unclear"`` or ``"too_few"``.
        control: The variant compared with.
        other: The other variant.
        difference: Value (a day, or per unit of `per`) of the other less that of the control.
        low: Lower end of its interval.
        high: Upper end.
        relative: The difference as a share of the control's value; None where that is not above 0.
        p: p-value.
        pairs: Pairs of days compared.
        left_out: Days without a partner.
        basis: What is compared, in words.
        rate: Whether that is a rate, written in percent.
    """

    verdict: str
    control: str
    other: str
    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    p: float | None
    pairs: int
    left_out: int
    basis: str
    rate: bool = False

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        table = nw.from_native(self.table).lazy().collect()
        places = range(len(table))
        if self.pairs:
            one, two = table["control"].to_list(), table["other"].to_list()
            ax.vlines(places, one, two, color=plots.MUTED, linewidth=1)
            ax.plot(places, one, "o", color=plots.MUTED, label=self.control)
            ax.plot(places, two, "s", color=plots.TOTAL, label=self.other)
            ax.legend()
        labels = [text.say(each) for each in table["weekday"].to_list()]
        # Two weeks of pairs stand side by side; more would touch each other.
        turned = 90 if len(labels) > 14 else 0
        ax.set_xticks(list(places), [each[:3] for each in labels], rotation=turned)
        ax.set_xlabel(text.say("pair of days of the same weekday"))
        if self.currency:
            plots.money_axis(ax, self.currency)
        else:
            if self.rate:
                plots.percent_axis(ax)
            ax.set_ylabel(self.basis)
        ax.set_title(text.say("The same weekday with one and with the other"))


def switchback(
    data: Any,
    value: str,
    *,
    per: str | None = None,
    day: str = "day",
    variant: str = "variant",
    control: str | None = None,
    confidence: float = 0.95,
    minimum: int = 7,
    rate: bool = False,
    currency: str | None = None,
) -> Switchback:
    """Compare days with B against days with A, in pairs of the same weekday.

    R = sum of value / sum of per, of each variant's days; difference = R_B - R_A. Each pair moves it by u =
    (yB - R_B dB) / mean dB - (yA - R_A dA) / mean dA; error = sd(u) / sqrt(pairs), t with pairs - 1 degrees.

    Args:
        data: One row a day, or several that are added up; any frame narwhals knows.
        value: Column of the value, such as orders or revenue.
        per: Column to divide by, such as visitors; without it the value of a day is compared.
        day: Column of the day.
        variant: Column of the variant shown that day; two in all.
        control: Name of the control; by default the first in the alphabet.
        confidence: Level of the interval; a verdict needs p below 1 - confidence.
        minimum: Fewest pairs from which a difference is given.
        rate: Whether value / per is a rate, as orders / visitors: then it is written in percent, and the
            difference in points. Without it numbers are written as they are.
        currency: ISO code, where the value is money.

    Returns:
        A `Switchback`: one row a pair of days.

    Raises:
        InputError: A column is missing, a day shows two variants, or there are not two of them; or `rate`
            where there is no `per`, where the value is money, or where a day has more of value than of per.

    Source: I. Bojinov, D. Simchi-Levi, J. Zhao, Design and analysis of switchback experiments, 2023.

    >>> plan = switchback_plan(dt.date(2026, 5, 4), 4)
    >>> shown = plan.assign(orders=[10 + (k % 3) + 4 * (v == "B") for k, v in enumerate(plan["variant"])])
    >>> result = switchback(shown, "orders")
    >>> result.pairs, round(result.difference, 2), result.verdict
    (14, 4.07, 'better')
    """
    check_rate("confidence", confidence, below_high=True)
    if rate and (per is None or currency):
        raise InputError(
            "rate=True: a rate is one count of another, such as orders per visitors. Give per=, and no "
            "currency."
        )
    days = _days(data, value, per, day, variant)
    if rate and (days["y"] > days["d"]).any():
        odd = days[days["y"] > days["d"]].iloc[0]
        raise InputError(
            f"rate=True, but {text.day(odd['day'])} has {odd['y']:g} {value} of {odd['d']:g} {per}: a "
            "rate is at most 1. Leave rate out."
        )
    found = sorted(days["variant"].unique())
    if len(found) != 2:
        raise InputError(
            f"The column {variant!r} holds {', '.join(map(repr, found)) or 'nothing'}: a switchback compares "
            "two variants."
        )
    one, two = order_variants(found, control)
    pairs, left_out = _pairs(days, one)
    m = len(pairs)
    numbers: dict[str, Any] = dict.fromkeys(("difference", "low", "high", "relative", "p"))
    words = {
        "a": one,
        "b": two,
        "pairs": text.number(m),
        "minimum": text.number(max(minimum, 2)),
        "level": text.percent(confidence, 0),
    }
    if m < max(minimum, 2):
        verdict = "too_few"
        said = text.say(
            "{pairs} pairs of days are too few to tell {b} from {a}: at least {minimum} are needed, two "
            "weeks with both variants on each weekday.",
            **words,
        )
    else:
        rates = _test(pairs, confidence, numbers)
        verdict = verdict_of(numbers["difference"], numbers["p"], confidence)
        decimals = 2 if abs(rates[0]) >= 1 else 4

        def amount(number: float) -> str:
            return text.money(number, currency) if currency else text.number(number, decimals)

        whole, apart = (share_words, points) if rate else (amount, amount)
        words |= {name: apart(numbers[name]) for name in ("difference", "low", "high")}
        words |= {"rate_a": whole(rates[0]), "rate_b": whole(rates[1]), "p": p_words(numbers["p"])}
        template = (
            "{b} brings {rate_b}, {a} {rate_a}: {difference} points, {level} interval {low} to {high}, {p} "
            "({pairs} pairs of days)."
            if rate
            else "{b} brings {rate_b}, {a} {rate_a}: {difference} difference, {level} interval {low} to "
            "{high}, {p} ({pairs} pairs of days)."
        )
        said = f"{text.say(template, **words)} {verdict_words(verdict, two)}"
    shown = pairs[["weekday", "day_a", "day_b"]].assign(
        control=pairs["y_a"] / pairs["d_a"], other=pairs["y_b"] / pairs["d_b"]
    )
    if per:
        shown = shown.assign(per_control=pairs["d_a"], per_other=pairs["d_b"])
    basis = (
        text.say("{value} / {per}", value=value, per=per) if per else text.say("{value} a day", value=value)
    )
    style: Format = "money" if currency else "rate" if rate else "number"
    return Switchback(
        table=tables.like(nw.from_native(shown), data),
        sentence=said,
        definition=text.say(
            "{basis}; pairs of the same weekday that follow each other, one with each variant; {n} days "
            "without a partner are left out. It reads too small where buyers who saw one variant order on a "
            "day of the other.",
            basis=basis,
            n=text.number(left_out),
        ),
        currency=currency,
        formats={"control": style, "other": style, "per_control": "count", "per_other": "count"},
        verdict=verdict,
        control=one,
        other=two,
        pairs=m,
        left_out=left_out,
        basis=basis,
        rate=rate,
        **numbers,
    )


def _days(data: Any, value: str, per: str | None, day: str, variant: str) -> pd.DataFrame:
    """Return one row a day: day, variant, y, d."""
    lazy = nw.from_native(data).lazy()
    schema = lazy.collect_schema()
    for name in (value, day, variant, *([per] if per else [])):
        if name not in schema.names():
            raise unknown("column of the test", name, schema.names())
    if not isinstance(schema[day], nw.Datetime | nw.Date):
        raise InputError(f"The column {day!r} holds {schema[day]}: expected dates.")
    sums = [nw.col(value).sum().alias("y"), *([nw.col(per).sum().alias("d")] if per else [])]
    rows = (
        lazy.with_columns(nw.col(day).cast(nw.Datetime).dt.truncate("1d").alias("_day"))
        .group_by("_day", variant)
        .agg(*sums)
        .collect()
    )
    stamps = [each.date() if isinstance(each, dt.datetime) else each for each in rows["_day"].to_list()]
    days = pd.DataFrame({"day": stamps, "variant": [str(each) for each in rows[variant].to_list()]})
    days["y"] = [float(each) for each in rows["y"].to_list()]
    days["d"] = [float(each) for each in rows["d"].to_list()] if per else 1.0
    if days["day"].duplicated().any():
        twice = min(days.loc[days["day"].duplicated(), "day"])
        raise InputError(f"{text.day(twice)} shows two variants: leave such days out, or compare visitors.")
    # A day without a visitor says nothing about the variant.
    return days[days["d"] > 0].sort_values("day", ignore_index=True)


def _pairs(days: pd.DataFrame, control: str) -> tuple[pd.DataFrame, int]:
    """Pair days of one weekday that follow each other and show different variants."""
    rows = []
    for weekday in range(7):
        own = days[[each.weekday() == weekday for each in days["day"]]].to_dict("records")
        while len(own) > 1:
            first, second = own[0], own[1]
            if first["variant"] == second["variant"]:
                own = own[1:]
                continue
            a, b = (first, second) if first["variant"] == control else (second, first)
            row = {"weekday": _WEEKDAYS[weekday], "day_a": a["day"], "day_b": b["day"]}
            rows.append({**row, "y_a": a["y"], "d_a": a["d"], "y_b": b["y"], "d_b": b["d"]})
            own = own[2:]
    columns = ["weekday", "day_a", "day_b", "y_a", "d_a", "y_b", "d_b"]
    rows.sort(key=lambda row: min(row["day_a"], row["day_b"]))
    pairs = pd.DataFrame(rows, columns=columns)
    pairs = pairs.assign(day_a=pd.to_datetime(pairs["day_a"]), day_b=pd.to_datetime(pairs["day_b"]))
    return pairs, len(days) - 2 * len(pairs)


def _test(pairs: pd.DataFrame, confidence: float, numbers: dict[str, Any]) -> tuple[float, float]:
    """Fill in the numbers of the test and return the value of each variant."""
    from scipy.special import stdtr, stdtrit

    ya, da, yb, db = (pairs[name].to_numpy(dtype=float) for name in ("y_a", "d_a", "y_b", "d_b"))
    rates = float(ya.sum() / da.sum()), float(yb.sum() / db.sum())
    moves = (yb - rates[1] * db) / db.mean() - (ya - rates[0] * da) / da.mean()
    m, difference = len(pairs), rates[1] - rates[0]
    error = float(moves.std(ddof=1)) / math.sqrt(m)
    half = float(stdtrit(m - 1, (1 + confidence) / 2)) * error
    numbers |= {"difference": difference, "low": difference - half, "high": difference + half}
    numbers["relative"] = difference / rates[0] if rates[0] > 0 else None
    numbers["p"] = 2 * float(stdtr(m - 1, -abs(difference) / error)) if error else float(difference == 0)
    return rates
