"""Exercises on the learner's own shop: ask, answer, and be told which mistake it was.

A notebook starts a lesson once and then needs only the exercise and the answer:

    lab = sl.learn.start("01", handle="mika")
    lab.ask("01.2")
    lab.check("01.2", 0.31)
    lab.hint("01.2")
    lab.solution("01.2")

What is right is computed on the learner's shop, so two learners have different numbers and the same
question. `progress` says how far somebody is; nothing leaves the machine. With ``SELLERLAB_STRICT=1`` a
wrong answer raises, and nothing is recorded.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerlab import text
from sellerlab.learn import lessons, record
from sellerlab.learn.answers import plain_name
from sellerlab.learn.exercise import Exercise, Lesson
from sellerlab.learn.feedback import Feedback, judge
from sellerlab.learn.lab import Card, Lab, WrongAnswer
from sellerlab.learn.shops import Source, shop
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sellerlab.worlds.shop import Shop

__all__ = [
    "Card",
    "Exercise",
    "Feedback",
    "Lab",
    "Lesson",
    "Progress",
    "WrongAnswer",
    "exercises",
    "judge",
    "progress",
    "progress_table",
    "shop",
    "start",
]


def start(
    lesson: str | Lesson,
    *,
    handle: str | None = None,
    orders: Any = None,
    products: Any = None,
    costs: Mapping[str, Any] | Source | None = None,
    currency: str | None = None,
    timezone: str | None = None,
    tables: Mapping[str, Any] | None = None,
    shop: Shop | None = None,
    strict: bool | None = None,
) -> Lab:
    """Start a lesson's exercises on a shop.

    Args:
        lesson: Number of the lesson, such as ``"01"``, or a lesson of your own.
        handle: The learner's name of choice; it seeds a shop of their own. None: the demo shop.
        orders: Path of the learner's own export, or an orders table; wins over the simulated shop.
        products: Path of a products file with landed costs, or a table, for an export.
        costs: Costs for an export, as `margin.Costs` takes them, or the path of a YAML file.
        currency: ISO code of an export that does not say its own.
        timezone: The shop's zone, for an export whose times need one.
        tables: Further tables of the learner's own, such as a survey, by name: each the path of a CSV file
            or a frame. They take the place of the simulated shop's; an empty path is none.
        shop: A shop at hand, instead of all of these.
        strict: Whether a wrong answer raises; default: whether ``SELLERLAB_STRICT`` is set.

    Returns:
        The lab, whose `ask`, `check`, `hint` and `solution` take an exercise's id.

    Raises:
        UnknownNameError: No lesson of that number has exercises.
        ReadError: The export cannot be read.

    >>> lab = start("01", strict=True)
    >>> lab.check("01.2", ...)
    01.2  Not tried yet. Put your answer in and run the cell again.
    """
    taught = lesson if isinstance(lesson, Lesson) else lessons.load(lesson)
    if shop is None:
        shop = _shop(
            handle,
            orders,
            products=products,
            costs=costs,
            currency=currency,
            timezone=timezone,
            tables=tables,
            world=taught.world,
        )
    if strict is None:
        strict = os.environ.get("SELLERLAB_STRICT", "").lower() in ("1", "true", "yes", "on")
    return Lab(taught, shop, handle=plain_name(handle or ""), strict=strict)


_shop = shop


def exercises(lesson: str) -> tuple[Exercise, ...]:
    """Return the exercises of a lesson, in order.

    Args:
        lesson: Number of the lesson, such as ``"01"``.

    Raises:
        UnknownNameError: No lesson of that number has exercises.

    >>> [each.id for each in exercises("01")]
    ['01.1', '01.2', '01.3', '01.4']
    """
    return lessons.load(lesson).exercises


@dataclass(frozen=True, kw_only=True, repr=False)
class Progress(Result):
    """How far a learner is: `right`, `tried` and `not_tried` exercises of `total`."""

    right: int
    tried: int
    not_tried: int
    total: int

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: a bar for each lesson."""
        return 1.5 + 0.5 * int(self.table["lesson"].nunique())

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        counts = pd.crosstab(self.table["lesson"], self.table["state"])
        left = pd.Series(0, index=counts.index)
        for state, colour, hatch in (
            ("right", plots.GAIN, ""),
            ("tried", plots.COLOURS[1], "//"),
            ("not tried", "#dddddd", ""),
        ):
            if state in counts:
                ax.barh(
                    list(counts.index),
                    counts[state],
                    left=left,
                    color=colour,
                    hatch=hatch,
                    edgecolor="white",
                    label=text.say(state),
                )
                left = left + counts[state]
        ax.invert_yaxis()
        ax.set_xlabel(text.say("exercises"))
        ax.set_ylabel(text.say("lesson"))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.3), ncols=3)


def progress(handle: str | None = None) -> Progress:
    """Return how far a learner is, from the file on this machine.

    Args:
        handle: The learner's handle; None for everybody who worked on this machine.

    Returns:
        A row for each learner and exercise: learner, lesson, exercise, state (right, tried or not tried)
        and tries. Who gave no handle stands as "demo shop".
    """
    tried = record.read()
    learners = [plain_name(handle)] if handle else sorted(tried) or [""]
    rows = []
    for learner in learners:
        for number in lessons.numbers():
            for each in lessons.load(number).exercises:
                entry = tried.get(learner, {}).get(each.id, {"state": "not tried", "tries": 0})
                name = learner or text.say("demo shop")
                rows.append((name, number, each.id, entry["state"], entry["tries"]))
    table = pd.DataFrame(rows, columns=["learner", "lesson", "exercise", "state", "tries"])
    counts = {state: int((table["state"] == state).sum()) for state in ("right", "tried", "not tried")}
    return Progress(
        table=table,
        sentence=text.say(
            "{right} of {total} exercises right, {tried} tried and not right yet, {rest} not tried yet.",
            right=text.number(counts["right"]),
            total=text.number(len(table)),
            tried=text.number(counts["tried"]),
            rest=text.number(counts["not tried"]),
        ),
        definition=text.say(
            "An exercise is right once a right answer was checked; tries are the answers checked up to "
            "then. Kept in {file} in the folder SELLERLAB_HOME, or else .sellerlab at home.",
            file=record.place().name,
        ),
        formats={"tries": "count"},
        right=counts["right"],
        tried=counts["tried"],
        not_tried=counts["not tried"],
        total=len(table),
    )


def progress_table(handle: str | None = None) -> pd.DataFrame:
    """Return the table of `progress`: a row for each learner and exercise, with its state and tries.

    Args:
        handle: The learner's handle; None for everybody who worked on this machine.
    """
    table: pd.DataFrame = progress(handle).table
    return table
