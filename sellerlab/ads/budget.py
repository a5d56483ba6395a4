"""The next unit of spend, and the budget of the month.

One idea: the average return hides saturation. What the *last* step of spend brought says whether to add
another one, and spend so far against days so far says whether the money will last.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.counted import as_day, day_of
from sellerlab.errors import InputError, TableError, check_rate
from sellerlab.results import Format, Result
from sellerlab.totals.pooled import given_rows, pooled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Spend of a day, average ROAS, ROAS of the step, and the ends of its interval.
Step = tuple[float, float, float, float, float]


@dataclass(frozen=True, kw_only=True, repr=False)
class Marginal(Result):
    """What each further step of spend brings; `table` has one row a level of spend.

    Attributes:
        best_spend: Highest level up to which every step pays, intervals aside; None if the first does not.
        average: Average ROAS at the highest level.
        last: Marginal ROAS of the last step.
        low: Lower end of its interval.
        high: Upper end.
        break_even: ROAS a step has to reach.
        unsure: Levels of spend whose step may pay or not: its interval holds the break-even.
    """

    best_spend: float | None
    average: float
    last: float
    break_even: float
    low: float
    high: float
    unsure: tuple[float, ...]
    steps: tuple[Step, ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Average and marginal return on spend"))
        spends = [spend for spend, *_ in self.steps]
        average, step = text.say("average ROAS"), text.say("of the step")
        ax.plot(spends, [row[1] for row in self.steps], "o-", color=plots.MUTED, label=average)
        middle, low, high = ([row[place] for row in self.steps] for place in (2, 3, 4))
        ax.fill_between(spends, low, high, color=plots.TOTAL, alpha=0.2, linewidth=0)
        ax.plot(spends, middle, "o-", color=plots.TOTAL, label=step)
        ax.axhline(self.break_even, color=plots.LOSS, linestyle="--", label=text.say("break-even"))
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_xlabel(text.say("spend a day ({currency})", currency=self.currency or text.say("amount")))
        ax.set_ylabel(text.say("ROAS"))
        ax.set_ylim(bottom=0)
        ax.legend()


def marginal(
    ads: Any,
    break_even: float,
    *,
    level: str = "level",
    spend: str = "spend",
    revenue: str = "revenue",
    currency: str | None = None,
    minimum: int = 7,
    confidence: float = 0.95,
) -> Marginal:
    """Return what each step of spend brought: revenue of a day more / spend of a day more.

    marginal ROAS of step k = (revenue_k - revenue_k-1) / (spend_k - spend_k-1), means of the days at each
    level; the first step starts at no spend and no advertised revenue. Interval: Welch, from the spread of
    revenue between the days of both levels, with spend taken as set by the budget: half of it is
    t sqrt(v_k + v_k-1) / (spend_k - spend_k-1), v the variance of a level's mean, t by Satterthwaite.

    Args:
        ads: Daily figures, any frame narwhals knows, one row a day; each level of budget ran for some days.
        break_even: ROAS from which a sale pays, see `ads.break_even_roas`.
        level: Column that names the level, such as the daily budget.
        spend: Column of spend.
        revenue: Column of revenue that the tool credits to the ads.
        currency: ISO code.
        minimum: Fewest days a level has to run, 2 or more; levels with fewer are left out and named.
        confidence: Level of the intervals of the steps.

    Raises:
        UnknownNameError: A column is absent.
        InputError: No level ran long enough, or two levels have the same spend.

    Source: R. Dorfman, P. Steiner, Optimal advertising and optimal quality, 1954: spend until the last unit
    pays; B. Welch, The generalization of Student's problem, 1947.

    >>> import pandas as pd
    >>> days = pd.DataFrame({"level": ["a"] * 7 + ["b"] * 7, "spend": [100.0] * 7 + [200.0] * 7,
    ...     "revenue": [600.0] * 7 + [800.0] * 7})
    >>> found = marginal(days, 4.0)
    >>> found.average, found.last, found.best_spend
    (4.0, 2.0, 100.0)
    """
    from scipy.special import stdtrit

    if not break_even > 0:
        raise InputError(f"break_even is {break_even:g}: expected a ROAS above 0, such as 4.")
    tail = (1 + check_rate("confidence", confidence, below_high=True)) / 2
    minimum = max(minimum, 2)  # one day alone has no spread
    given, _ = given_rows(ads, [spend, revenue], level)
    measures = [nw.len().alias("days"), nw.col(spend).mean(), nw.col(revenue).mean()]
    found = given.group_by("by").agg(*measures, nw.col(revenue).std().alias("spread")).collect()
    levels = found.select("by", "days", spend, revenue, "spread").rows()
    few = sorted(str(name) for name, days, *_ in levels if days < minimum)
    used = sorted((row for row in levels if row[1] >= minimum), key=lambda row: (row[2], row[0]))
    if not used:
        raise InputError(
            f"No level of spend has {minimum} days. Run each for at least a week, so that weekdays are in "
            "balance."
        )
    rows: list[dict[str, Any]] = []
    steps: list[Step] = []
    before = (0.0, 0.0, 0.0, 2)
    best: float | None = None
    for name, days, spent, made, spread in used:
        if not spent > before[0]:
            raise InputError(
                f"The level {name} spends {spent:g} a day, no more than the one before: merge the two."
            )
        wide = spread**2 / days
        more = spent - before[0]
        average, step = made / spent, (made - before[1]) / more
        errors = ((wide, days), before[2:])
        below = sum(each**2 / (n - 1) for each, n in errors)
        degrees = (wide + before[2]) ** 2 / below if below else days - 1
        half = float(stdtrit(degrees, tail)) * math.sqrt(wide + before[2]) / more
        if step >= break_even and (not steps or best == before[0]):
            best = spent
        row = {level: name, "days": days, "spend": spent, "revenue": made, "roas": average}
        rows.append(row | {"step_roas": step, "step_low": step - half, "step_high": step + half})
        steps.append((spent, average, step, step - half, step + half))
        before = (spent, made, wide, days)
    words = {
        "spend": text.money(steps[-1][0], currency),
        "average": text.number(steps[-1][1], 2),
        "last": text.number(steps[-1][2], 2),
        "low": text.number(steps[-1][3], 2),
        "high": text.number(steps[-1][4], 2),
        "level": text.percent(confidence, 0),
        "even": text.number(break_even, 2),
        "best": text.money(best, currency) if best is not None else "",
    }
    said = text.say(
        "At {spend} a day the average ROAS is {average}, and the last step brought {last} ({level} interval "
        "{low} to {high}); break-even is {even}.",
        **words,
    )
    said += " " + text.say(
        "Steps pay up to {best} a day." if best is not None else "Not even the first step pays.", **words
    )
    unsure = tuple(spent for spent, _, _, low, high in steps if low < break_even < high)
    if unsure:
        template = (
            "Whether the step to {spends} a day pays is not shown: its interval holds the break-even."
            if len(unsure) == 1
            else "Whether the steps to {spends} a day pay is not shown: their intervals hold the break-even."
        )
        said += " " + text.say(template, spends=", ".join(text.money(each, currency) for each in unsure))
    if few:
        said += " " + text.say("Too few days, left out: {names}.", names=", ".join(few))
    formats: dict[str, Format] = {"days": "count", "spend": "money", "revenue": "money"}
    formats |= {"roas": "number", "step_roas": "number", "step_low": "number", "step_high": "number"}
    return Marginal(
        table=tables.from_columns({name: [row[name] for row in rows] for name in rows[0]}, ads),
        sentence=said,
        definition=text.say(
            "Means of a day at each level of spend, {minimum} days or more each. ROAS of a step = more "
            "revenue / more spend than the level below; {level} interval from the spread between days "
            "(Welch). Levels that ran in different seasons are not comparable, and days that go together "
            "make it less certain than the interval says.",
            minimum=text.number(minimum),
            level=words["level"],
        ),
        currency=currency,
        formats=formats,
        best_spend=best,
        average=steps[-1][1],
        last=steps[-1][2],
        low=steps[-1][3],
        high=steps[-1][4],
        break_even=break_even,
        unsure=unsure,
        steps=tuple(steps),
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class Pacing(Result):
    """Spend against the budget of a month; `table` has one row a day.

    Attributes:
        spent: Spend up to `as_of`.
        budget: Budget of the month.
        pace: Spend / what an even spend would be by now.
        forecast: Spend at the month's end at the pace of the last week.
        per_day: What is left for each day that remains; None on the last day.
        runs_out: Day on which the budget is used up at that pace; None if it lasts.
        as_of: Last day counted.
    """

    spent: float
    budget: float
    pace: float
    forecast: float
    per_day: float | None
    runs_out: dt.date | None
    as_of: dt.date
    line: tuple[tuple[int, float], ...]
    days: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Spend and budget of the month"))
        even, spent = text.say("even spend"), text.say("spent")
        ax.plot([0, self.days], [0, self.budget], color=plots.MUTED, linestyle="--", label=even)
        ax.plot(*zip(*self.line, strict=True), color=plots.TOTAL, label=spent)
        colour = plots.LOSS if self.forecast > self.budget else plots.GAIN
        ends = [self.line[-1][0], self.days], [self.spent, self.forecast]
        ax.plot(*ends, ":", color=colour, label=text.say("at this pace"))
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("day of the month"))
        ax.legend()


def pacing(
    ads: Any,
    budget: float,
    *,
    as_of: str | dt.date | None = None,
    day: str = "day",
    spend: str = "spend",
    currency: str | None = None,
) -> Pacing:
    """Return whether the month's budget will last.

    pace = spent / (budget x days passed / days of the month); forecast = spent + mean of the last 7 days x
    days left

    Args:
        ads: Daily figures (`tables.ADS`), any frame narwhals knows; rows of one day are added up.
        budget: Budget of the month of `as_of`, above 0.
        as_of: Last day counted; by default the last day of the table.
        day: Column of the day.
        spend: Column of spend.
        currency: ISO code.

    Raises:
        UnknownNameError: A column is absent.
        TableError: `day` holds no dates.
        InputError: The budget is not above 0, or there is no figure of that month.

    Source: plain arithmetic; days without a row count as days without spend.

    >>> import pandas as pd
    >>> days = pd.DataFrame({"day": pd.date_range("2026-06-01", "2026-06-10"), "spend": 40.0})
    >>> found = pacing(days, 1000)
    >>> found.pace, found.forecast, found.per_day
    (1.2, 1200.0, 30.0)
    """
    if not budget > 0:
        raise InputError(f"budget is {budget:g}: expected the month's budget, above 0.")
    pools, _ = pooled(ads, [spend], day)
    try:
        by_day = {as_day(dt.datetime.fromisoformat(str(pool.name))): pool.sums[spend] for pool in pools}
    except ValueError:
        raise TableError(f"{day} holds {pools[0].name!r}; expected days. Convert the column first.") from None
    last = day_of("as_of", as_of) or max(by_day)
    first = last.replace(day=1)
    if not any(first <= each <= last for each in by_day):
        raise InputError(f"There is no spend from {first} to {last}. Check as_of.")
    size, passed = calendar.monthrange(last.year, last.month)[1], last.day
    amounts = [by_day.get(first + dt.timedelta(days=each), 0.0) for each in range(passed)]
    total, line = 0.0, [(0, 0.0)]
    for number, amount in enumerate(amounts, start=1):
        total = round(total + amount, 6)
        line.append((number, total))
    recent = amounts[-7:]
    pace_now = sum(recent) / len(recent)
    left = size - passed
    forecast = round(total + pace_now * left, 6)
    per_day = max(budget - total, 0.0) / left if left else None
    runs_out = None
    if total >= budget:
        runs_out = first + dt.timedelta(days=next(number for number, spent in line if spent >= budget) - 1)
    elif forecast > budget:
        runs_out = last + dt.timedelta(days=int(-(-(budget - total) // pace_now)))
    pace = round(total * size / (budget * passed), 9)
    words: Mapping[str, str] = {
        "spent": text.money(total, currency),
        "budget": text.money(budget, currency),
        "day": text.day(last),
        "pace": text.percent(pace, 0),
        "forecast": text.money(forecast, currency),
        "out": text.day(runs_out) if runs_out else "",
        "each": text.money(per_day, currency) if per_day is not None else "",
    }
    said = text.say("By {day} {spent} of {budget} are spent, {pace} of an even pace.", **words)
    if total >= budget:
        said += " " + text.say("The budget was used up on {out}.", **words)
    elif runs_out:
        said += " " + text.say(
            "At the pace of the last week it is used up on {out}; {each} a day make it last.", **words
        )
    elif left:
        said += " " + text.say(
            "At the pace of the last week the month ends at {forecast}; {each} a day would use it all.",
            **words,
        )
    formats: dict[str, Format] = {"spend": "money", "spent": "money", "even": "money"}
    columns: dict[str, list[Any]] = {
        "day": [(first + dt.timedelta(days=each)).isoformat() for each in range(passed)],
        "spend": amounts,
        "spent": [spent for _, spent in line[1:]],
        "even": [budget * number / size for number in range(1, passed + 1)],
    }
    return Pacing(
        table=tables.from_columns(columns, ads),
        sentence=said,
        definition=text.say(
            "Pace = spent / (budget x days passed / days of the month). Forecast = spent + mean of the last "
            "7 days x "
            "days left. As of {day}.",
            day=text.day(last),
        ),
        currency=currency,
        formats=formats,
        spent=total,
        budget=budget,
        pace=pace,
        forecast=forecast,
        per_day=per_day,
        runs_out=runs_out,
        as_of=last,
        line=tuple(line),
        days=size,
    )
