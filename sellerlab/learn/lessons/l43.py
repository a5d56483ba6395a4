"""Lesson 43, *Is B really better?*: a test is planned, its split is checked, and then it is read per visitor.

Every answer is about one of three tables of the shop: visitors split by lot, visitors whose split is broken,
and units by week around a change. The control is the variant whose name comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.experiments import difference_in_differences, sample_size, split_check
from sellerlab.learn.exercise import Exercise, Lesson, Value

if TYPE_CHECKING:
    from sellerlab.experiments import Difference, Split
    from sellerlab.worlds.shop import Shop

#: Relative change that the exercise on size wants to see.
LIFT = 0.10

#: Weeks before the change that the exercise on control products counts, the library's default.
_WEEKS = 8

_WHEN = ("before", "after")


class _Side(NamedTuple):
    """One variant of a test: its name, visitors, orders and revenue."""

    name: str
    visitors: int
    orders: int
    revenue: float

    @property
    def rate(self) -> float:
        return self.orders / self.visitors


@lru_cache(maxsize=4)
def _sides(shop: Shop) -> tuple[_Side, _Side]:
    sums = shop.listing_test.groupby("variant").agg(
        visitors=("orders", "size"), orders=("orders", "sum"), revenue=("revenue", "sum")
    )
    if len(sums) != 2 or not (sums["orders"] > 0).all():
        raise InputError("The question needs two variants, each with an order.")
    first, second = (
        _Side(str(name), int(row["visitors"]), int(row["orders"]), float(row["revenue"]))
        for name, row in sums.iterrows()
    )
    return first, second


def _of(formula: Callable[[_Side, _Side], float]) -> Callable[[Shop], Value]:
    """Return a sum about the control and the other variant."""
    return lambda shop: formula(*_sides(shop))


def _needed(lift: float = 0.0, points: float = 0.0, times: int = 1) -> Callable[[Shop], Value]:
    """Return the visitors of each variant that show a change of the control's rate, some times over."""

    @lru_cache(maxsize=4)
    def computed(shop: Shop) -> Value:
        base = _sides(shop)[0].rate
        return times * sample_size(base, target=base * (1 + lift) + points).per_variant

    return computed


def _rule_of_thumb(shop: Shop) -> Value:
    """Return 16 p (1 - p) / d**2, which the lesson gives for a plan in the head."""
    base = _sides(shop)[0].rate
    return round(16 * base * (1 - base) / (LIFT * base) ** 2)


@lru_cache(maxsize=4)
def _split(shop: Shop) -> Split:
    heads = shop.listing_test_broken["variant"].value_counts().sort_index()
    return split_check({str(name): int(count) for name, count in heads.items()})


@lru_cache(maxsize=4)
def _beyond(shop: Shop) -> Difference:
    weeks = shop.listing_weeks
    changed = weeks.loc[weeks["changed"] == 1, "week"]
    if changed.empty:
        raise InputError("The column 'changed' says of no week that something was changed.")
    # Only the effect is asked for: without earlier weeks no placebo dates are computed.
    near = weeks[weeks["week"] >= changed.min() - pd.Timedelta(weeks=_WEEKS)]
    return difference_in_differences(
        near,
        weeks.loc[weeks["treated"] == 1, "sku"].unique().tolist(),
        changed.min(),
        weeks_before=_WEEKS,
        as_of=weeks["week"].max() + pd.Timedelta(days=6),
        ordered_at="week",
        quantity="units",
    )


@lru_cache(maxsize=4)
def _units(shop: Shop) -> tuple[float, float, float, float]:
    """Return units of the changed products before and after, and of the others before and after."""
    found = _beyond(shop)
    if found.effect is None:
        raise InputError(found.sentence)
    row = found.table.iloc[0]
    before, after = ((float(row[f"treated_{when}"]), float(row[f"controls_{when}"])) for when in _WHEN)
    return before[0], after[0], before[1], after[1]


def _of_units(formula: Callable[[float, float, float, float], float]) -> Callable[[Shop], Value]:
    return lambda shop: formula(*_units(shop))


@lru_cache(maxsize=4)
def _facts(shop: Shop) -> Mapping[str, str]:
    a, b = _sides(shop)
    base = a.rate

    def money(amount: float) -> str:
        return text.money(amount, shop.currency) if shop.currency else text.number(amount, 2)

    size = sample_size(base, lift=LIFT).per_variant
    return {
        "a": a.name,
        "b": b.name,
        "n_a": text.number(a.visitors),
        "n_b": text.number(b.visitors),
        "k_a": text.number(a.orders),
        "k_b": text.number(b.orders),
        "rate_a": text.percent(a.rate, 2),
        "rate_b": text.percent(b.rate, 2),
        "points": text.number(100 * (b.rate - a.rate), 2),
        "lift": text.percent(b.rate / a.rate - 1, 2),
        "wanted": text.percent(LIFT, 0),
        "target": text.percent(base * (1 + LIFT), 2),
        "size": text.number(size),
        "revenue_a": money(a.revenue),
        "revenue_b": money(b.revenue),
        "each_a": money(a.revenue / a.visitors),
        "each_b": money(b.revenue / b.visitors),
        "more": money(b.revenue / b.visitors - a.revenue / a.visitors),
    }


@lru_cache(maxsize=4)
def _split_facts(shop: Shop) -> Mapping[str, str]:
    table = _split(shop).table
    return {
        "counts": ", ".join(f"{row.variant} {text.number(row.visitors)}" for row in table.itertuples()),
        "most": str(table.loc[table["visitors"].idxmax(), "variant"]),
        "least": str(table.loc[table["visitors"].idxmin(), "variant"]),
    }


@lru_cache(maxsize=4)
def _week_facts(shop: Shop) -> Mapping[str, str]:
    treated_before, treated_after, others_before, others_after = _units(shop)
    return {
        "treated_before": text.number(treated_before),
        "treated_after": text.number(treated_after),
        "others_before": text.number(others_before),
        "others_after": text.number(others_after),
        "before": text.number(treated_before / others_before, 4),
        "after": text.number(treated_after / others_after, 4),
        "effect": text.percent(_beyond(shop).effect or 0.0, 2),
    }


def _steps(shop: Shop) -> Mapping[str, str]:
    facts = _split_facts(shop)
    return {
        "a": text.say("Read it: the rates are shares, so it does not matter how many visitors came."),
        "b": text.say("Leave out visitors of {most} by lot until both are equally many.", **facts),
        "c": text.say("Let it run on until {least} has caught up.", **facts),
        "d": text.say("Throw the result away, find where visitors are lost, and begin again."),
    }


RELATIVE = Exercise(
    id="43.1",
    kind="rate",
    prompt="Of {n_a} visitors with {a}, {k_a} ordered; of {n_b} with {b}, {k_b} did. By what share of {a}'s "
    "rate is the rate of {b} higher? Write a fraction, with a minus if it is lower.",
    answer=_of(lambda a, b: b.rate / a.rate - 1),
    wrong={
        "Those are points, the difference of the two rates. Asked is the difference as a share of the "
        "first rate.": _of(lambda a, b: b.rate - a.rate),
        "You compared orders. The variants did not have equally many visitors: divide by them first.": _of(
            lambda a, b: b.orders / a.orders - 1
        ),
        "You divided by the rate of the new variant. What was there before is the measure.": _of(
            lambda a, b: 1 - a.rate / b.rate
        ),
        "That is the new rate as so many times the old one. How much higher is it? Take 1 away.": _of(
            lambda a, b: b.rate / a.rate
        ),
    },
    hints=(
        "First the two rates: orders divided by visitors.",
        "The rates are {rate_a} and {rate_b}. Their difference is {points} points. Which share of the first "
        "is that?",
    ),
    solution="{lift}: {rate_b} divided by {rate_a}, less one.",
    facts=_facts,
    # Orders alone give nearly the same number where the lot made the variants nearly equal.
    tolerance=0.001,
)

SIZE = Exercise(
    id="43.2",
    kind="count",
    prompt="With {a}, {k_a} of {n_a} visitors ordered. How many visitors does each of the two variants of "
    "a new test need, to see {wanted} more than this rate? (False alarm 5%, power 80%: the defaults.)",
    answer=_needed(LIFT),
    wrong={
        "Those are the visitors of both variants together.": _needed(LIFT, times=2),
        "That is the rule of thumb, near enough for a plan in the head. The function sample_size is a little "
        "stricter: it counts the scatter of both rates.": _rule_of_thumb,
        "You added points: the rate and a tenth. A tenth of the rate is far less.": _needed(points=LIFT),
        "You took the visitors for twice the change, two times. Half the change takes four times as "
        "many.": _needed(2 * LIFT, times=2),
    },
    hints=(
        "There is a function for it: sl.experiments.sample_size. It takes the rate today and lift=.",
        "The answer's .per_variant is asked for; write the rate as a division, without a comma in the "
        "numbers: {k_a} of {n_a}.",
    ),
    solution="{size}, to see {rate_a} become {target}.",
    facts=_facts,
)

BROKEN = Exercise(
    id="43.3",
    kind="choice",
    prompt="The spring test was to be split in equal halves. Its visitors: {counts}. What should be done "
    "with it?",
    choices=_steps,
    answer=lambda shop: "d" if _split(shop).broken else None,
    wrong={
        "A share does not mind how many came, but it minds who came: those who are missing were not lost by "
        "lot, so the rest are other people.": lambda _: "a",
        "That makes the numbers equal and not the people. Those who were lost on one side are still there "
        "on the other.": lambda _: "b",
        "The leak stays open: more visitors make the same error with a narrower interval.": lambda _: "c",
    },
    hints=(
        "Who are the visitors that never arrived? Would they have bought as often as the others?",
        "Can anything that is done to the visitors who are there bring back those who are not?",
    ),
    solution="d: nobody knows who is missing, so no arithmetic can bring them back.",
    facts=_split_facts,
)

WORTH = Exercise(
    id="43.4",
    kind="money",
    prompt="By how much is the revenue per visitor with {b} higher than with {a}? Write a minus if it is "
    "lower.",
    answer=_of(lambda a, b: b.revenue / b.visitors - a.revenue / a.visitors),
    wrong={
        "You divided by orders: that is the average order value. The lot divided visitors.": _of(
            lambda a, b: b.revenue / b.orders - a.revenue / a.orders
        ),
        "That is the difference of the whole revenues. The variants did not have equally many visitors.": _of(
            lambda a, b: b.revenue - a.revenue
        ),
        "You spread the difference over all visitors of the test. Divide each revenue by the visitors of "
        "its own variant.": _of(lambda a, b: (b.revenue - a.revenue) / (a.visitors + b.visitors)),
    },
    hints=(
        "Revenue of a variant, divided by all its visitors; those who bought nothing count.",
        "{revenue_a} by {n_a} visitors, and {revenue_b} by {n_b}.",
    ),
    solution="{more}: {each_b} less {each_a} a visitor.",
    facts=_facts,
)

BEYOND = Exercise(
    id="43.5",
    kind="rate",
    prompt="Before the change the changed products sold {treated_before} units, after it {treated_after}. In "
    "the same weeks the others sold {others_before} and {others_after}. What share more did the changed ones "
    "sell, beyond what would have come anyway? Write a fraction.",
    answer=lambda shop: _beyond(shop).effect,
    wrong={
        "That is before and after of the changed products alone: season and market are in it.": _of_units(
            lambda t0, t1, _, __: t1 / t0 - 1
        ),
        "You subtracted one percentage from the other. Had nothing been changed, the changed products would "
        "have moved by the same factor as the others: divide.": _of_units(
            lambda t0, t1, c0, c1: t1 / t0 - c1 / c0
        ),
        "You compared the two groups after the change only. They were not equally large before "
        "it.": _of_units(lambda _, t1, __, c1: t1 / c1 - 1),
        "That is all products together. Those left alone are the measure, not part of the change.": _of_units(
            lambda t0, t1, c0, c1: (t1 + c1) / (t0 + c0) - 1
        ),
        "That is the ratio after, as so many times the one before. How much more is it? Take 1 "
        "away.": _of_units(lambda t0, t1, c0, c1: (t1 / c1) / (t0 / c0)),
    },
    hints=(
        "How many units of the changed products come on one unit of the others, before and after?",
        "Before it was {before}, after it {after}. By which share did that grow?",
    ),
    solution="{effect}: {after} divided by {before}, less one.",
    facts=_week_facts,
)

LESSON = Lesson(
    number="43",
    question="Is B really better?",
    world="baby_goods",
    exercises=(RELATIVE, SIZE, BROKEN, WORTH, BEYOND),
)
