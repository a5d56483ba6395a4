"""The learner's bench in a notebook: one lesson's exercises, asked about one shop.

The one idea: `start` settles the shop once, and everything the learner calls afterwards needs only the
exercise and the answer: ``lab.ask``, ``lab.check``, ``lab.hint``, ``lab.solution``. Each returns a small
object that shows itself in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from sellerlab import text
from sellerlab.errors import InputError, SellerlabError
from sellerlab.learn import record
from sellerlab.learn.exercise import Exercise, Lesson
from sellerlab.learn.feedback import Feedback, judge

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop


class WrongAnswer(SellerlabError, AssertionError):  # noqa: N818 - an answer, not a fault of the program
    """In strict mode, an answer that is not right; `feedback` says what it was told."""

    def __init__(self, feedback: Feedback) -> None:
        super().__init__(repr(feedback))
        self.feedback = feedback


@dataclass(frozen=True, kw_only=True, repr=False)
class Card:
    """A few lines for the learner: a question, a hint or a solution.

    Attributes:
        title: What it is.
        body: Its text.
        items: Lines of a list under it, such as what can be chosen.
    """

    title: str
    body: str
    items: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join([f"{self.title}  {self.body}", *(f"  {item}" for item in self.items)])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(item)}</li>" for item in self.items)
        listed = f"\n<ul>{items}</ul>" if items else ""
        return (
            f'<div class="sellerlab card">\n<p><strong>{escape(self.title)}</strong> '
            f"{escape(self.body)}</p>{listed}\n</div>"
        )


class Lab:
    """One lesson on one shop; made by `sellerlab.learn.start`.

    Attributes:
        lesson: The lesson with its exercises.
        shop: The shop they are asked about: `orders`, `products`, `costs` and so on.
        handle: The learner's handle; empty where none was given.
        strict: Whether a wrong answer raises; nothing is recorded then.
    """

    def __init__(self, lesson: Lesson, shop: Shop, *, handle: str = "", strict: bool = False) -> None:
        self.lesson = lesson
        self.shop = shop
        self.handle = handle
        self.strict = strict
        self._hinted: dict[str, int] = {}

    def ask(self, exercise: str) -> Card:
        """Show the question of an exercise and what can be chosen.

        Args:
            exercise: Its id, such as ``"01.2"``.

        Raises:
            UnknownNameError: The lesson has no such exercise.
        """
        asked = self.lesson[exercise]
        try:
            items = self._choices(asked)
        except SellerlabError:
            items = ()
        return Card(title=asked.id, body=self._filled(asked, asked.prompt), items=items)

    def check(self, exercise: str, value: Any) -> Feedback:
        """Say whether an answer is right, which mistake it shows, or how far off it is.

        Args:
            exercise: Its id, such as ``"01.2"``.
            value: The answer: a number, a name, or ``...`` for none yet.

        Raises:
            UnknownNameError: The lesson has no such exercise.
            WrongAnswer: In strict mode, the answer is wrong.
        """
        asked = self.lesson[exercise]
        feedback = judge(asked, value, self.shop)
        if self.strict:
            if feedback.wrong:
                raise WrongAnswer(feedback)
        elif feedback.wrong or feedback.state == "right":
            record.note(self.handle, asked.id, right=not feedback.wrong)
        return feedback

    def hint(self, exercise: str, step: int | None = None) -> Card:
        """Show a hint: the next one at every call, or the one asked for.

        Args:
            exercise: Its id, such as ``"01.2"``.
            step: Number of the hint, from 1, so that a notebook shows the same one on every run.

        Raises:
            UnknownNameError: The lesson has no such exercise.
            InputError: There is no hint of that number.
        """
        asked = self.lesson[exercise]
        last = len(asked.hints)
        if step is None:
            step = min(self._hinted.get(asked.id, 0) + 1, last)
            self._hinted[asked.id] = step
        if not 1 <= step <= last:
            raise InputError(f"Exercise {asked.id} has hints 1 to {last}; there is no hint {step}.")
        after: tuple[str, ...] = ()
        if step == last:
            after = (
                text.say("This is the last hint; lab.solution({id}) shows the way.", id=f'"{asked.id}"'),
            )
        return Card(
            title=text.say("{id} Hint {step} of {last}.", id=asked.id, step=step, last=last),
            body=self._filled(asked, asked.hints[step - 1]),
            items=after,
        )

    def solution(self, exercise: str) -> Card:
        """Show how the exercise is done, with the shop's own numbers.

        Args:
            exercise: Its id, such as ``"01.2"``.

        Raises:
            UnknownNameError: The lesson has no such exercise.
        """
        asked = self.lesson[exercise]
        body = self._filled(asked, asked.solution)
        return Card(title=text.say("{id} Solution.", id=asked.id), body=body)

    def _filled(self, asked: Exercise, template: str) -> str:
        try:
            return asked.told(template, self.shop)
        except SellerlabError as problem:
            return text.say("The data of this shop cannot answer it. {why}", why=problem)

    def _choices(self, asked: Exercise) -> tuple[str, ...]:
        if asked.kind != "choice" or not asked.choices:
            return ()
        return tuple(f"{key}: {meaning}" for key, meaning in asked.choices(self.shop).items())

    def _told(self) -> Card:
        return Card(
            title=text.say("Lesson {number}.", number=self.lesson.number),
            body=text.say(
                "{question} {n} exercises on the shop {shop}, up to {day}.",
                question=text.say(self.lesson.question),
                n=text.number(len(self.exercises)),
                shop=self.shop.name,
                day=text.day(self.shop.as_of),
            ),
        )

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """The lesson's exercises, in order."""
        return self.lesson.exercises

    def __repr__(self) -> str:
        return repr(self._told())

    def _repr_html_(self) -> str:
        return self._told()._repr_html_()
