"""What an exercise is: a question whose right and wrong answers are computed on the learner's own shop.

The one idea: a wrong answer is a computation too. Whoever divides by the wrong total gets one certain
number, so an exercise lists its known mistakes as functions of the shop, and the learner who makes one is
told which. Exercises are data; the files in `lessons/` hold nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from sellerlab import text
from sellerlab.errors import InputError, unknown

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

Kind = Literal["number", "money", "rate", "count", "choice", "text"]
Value = float | str | None

#: Largest share of the right answer by which a right answer may be off.
TOLERANCE = 0.005


def _no_facts(_: Shop) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One question, with what is right, what is wrong in a known way, and the way there.

    `prompt`, `hints` and `solution` are templates, filled with `facts(shop)`.

    Attributes:
        id: Lesson and place, such as ``"01.2"``.
        kind: What is asked for: ``"number"``, ``"money"`` (major units), ``"rate"`` (a fraction),
            ``"count"`` (whole), ``"choice"`` (one of `choices`, shown) or ``"text"`` (a name; `choices`
            are the names known, not shown).
        prompt: The question.
        answer: The right answer on a shop; None where the shop's data cannot give it.
        wrong: Known mistakes: the sentence that explains it, to the answer it leads to.
        hints: From a nudge to nearly there.
        solution: How it is done, with the shop's numbers.
        facts: Words and numbers of a shop that the templates use, already written for the reader.
        choices: For a shop, the keys that may be answered and what each means.
        tolerance: Share of the right answer that rounding may cost; ignored for a count.

    >>> sum_of = Exercise(
    ...     id="99.1", kind="count", prompt="2 + 3?", answer=lambda shop: 5, hints=("Use your fingers.",),
    ...     solution="5", wrong={"You multiplied.": lambda shop: 6})
    >>> sum_of.lesson
    '99'
    """

    id: str
    kind: Kind
    prompt: str
    answer: Callable[[Shop], Value]
    wrong: Mapping[str, Callable[[Shop], Value]]
    hints: tuple[str, ...]
    solution: str
    facts: Callable[[Shop], Mapping[str, str]] = _no_facts
    choices: Callable[[Shop], Mapping[str, str]] | None = None
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d\d\.\d+", self.id):
            raise InputError(f"Exercise id {self.id!r}: expected lesson and place, such as '01.2'.")
        if self.kind not in get_args(Kind):
            raise unknown(f"kind of exercise ({self.id})", self.kind, get_args(Kind))
        if not self.wrong or not self.hints:
            raise InputError(f"Exercise {self.id} needs at least one known mistake and one hint.")
        if self.kind == "choice" and self.choices is None:
            raise InputError(f"Exercise {self.id} is a choice: give its `choices`.")

    @property
    def lesson(self) -> str:
        """Number of the lesson that the exercise belongs to."""
        return self.id.split(".")[0]

    def told(self, template: str, shop: Shop) -> str:
        """Return one of the exercise's templates, filled in for a shop, in the reader's language.

        Args:
            template: The prompt, a hint or the solution.
            shop: The shop whose facts fill it.
        """
        return text.say(template, **self.facts(shop))


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """The exercises of one lesson and the simulated world they are asked about.

    Attributes:
        number: Two digits, such as ``"01"``.
        question: The lesson's question, in the seller's words.
        world: The simulated world of a learner without an export.
        exercises: In the order of the lesson.
    """

    number: str
    question: str
    world: str
    exercises: tuple[Exercise, ...] = field(repr=False)

    def __getitem__(self, exercise: str) -> Exercise:
        wanted = str(exercise).zfill(len("01.1"))
        for each in self.exercises:
            if each.id == wanted:
                return each
        raise unknown("exercise", exercise, [each.id for each in self.exercises])
