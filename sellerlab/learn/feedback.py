"""What an answer is told: not tried, right, the name of the mistake, or how far off and in which direction.

The one idea: feedback looks for the mistake before it measures the distance. "Off by 30%" sends a learner
guessing; "you divided by cost" sends them to the right place. An answer within tolerance of the right one
is right, even where a mistake happens to give the same number. The same answer gets the same words.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sellerlab import text
from sellerlab.errors import SellerlabError
from sellerlab.learn.answers import UnreadableError, as_name, as_number, is_missing, plain_name
from sellerlab.money import decimals

if TYPE_CHECKING:
    from sellerlab.learn.exercise import Exercise, Value
    from sellerlab.worlds.shop import Shop

State = Literal["not tried", "right", "misconception", "off", "wrong kind", "no answer"]

#: How a state is called before the message; never by colour alone.
LABELS: dict[State, str] = {
    "not tried": "Not tried yet.",
    "right": "Right.",
    "misconception": "Not yet: a known mistake.",
    "off": "Not yet.",
    "wrong kind": "Not in the right form yet.",
    "no answer": "Nothing to check here.",
}
_COLOURS: dict[State, str] = {"right": "#009E73", "not tried": "#999999", "no answer": "#999999"}

#: A mistake that every exercise about a number knows, and what an exercise about money says of it.
TURNED = "The size is right, the sign is not."
TURNED_MONEY = "The size is right, the sign is not: a loss is negative, a gain positive."

#: Largest number that may be meant as a percentage: ten times as much.
HIGHEST_PERCENT = 1000

#: Bounds between which the distance of a wrong number is told, as shares of the right answer.
BANDS = (0.0, 0.02, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class Feedback:
    """What one answer is told.

    Attributes:
        exercise: Id of the exercise.
        state: ``"not tried"``, ``"right"``, ``"misconception"``, ``"off"``, ``"wrong kind"`` (the form of
            the answer), or ``"no answer"`` (the shop's data cannot give one).
        message: What to think about next.
        misconceptions: The known mistakes that give this answer; nearly always one or none.
    """

    exercise: str
    state: State
    message: str
    misconceptions: tuple[str, ...] = ()

    @property
    def misconception(self) -> str | None:
        """The known mistake that gives this answer, the first of them where several do, else None."""
        return self.misconceptions[0] if self.misconceptions else None

    @property
    def wrong(self) -> bool:
        """Whether an answer was given and it is not right."""
        return self.state in ("misconception", "off", "wrong kind")

    def __repr__(self) -> str:
        return f"{self.exercise}  {text.say(LABELS[self.state])} {self.message}"

    def _repr_html_(self) -> str:
        colour = _COLOURS.get(self.state, "#D55E00")
        return (
            f'<div class="sellerlab feedback" role="status" style="border-left: 4px solid {colour}; '
            f'padding-left: 0.8em">\n<p><strong>{escape(self.exercise)} '
            f"{escape(text.say(LABELS[self.state]))}</strong> {escape(self.message)}</p>\n</div>"
        )


def judge(exercise: Exercise, value: Any, shop: Shop) -> Feedback:
    """Compare an answer with the right one and with every known mistake, on the learner's shop.

    A number is right if it is nearer to the right one than ``max(tolerance * |right|, half the last digit
    shown)``; a count must be exact; a name must be the same name.

    Args:
        exercise: The exercise answered.
        value: The answer: None, ``...`` or ``""`` for none yet.
        shop: The shop it was asked about.

    Returns:
        The same feedback for the same answer.

    >>> from types import SimpleNamespace
    >>> from sellerlab.learn.exercise import Exercise
    >>> margin = Exercise(
    ...     id="99.1", kind="rate", prompt="Price 100, cost 60: what is the margin?",
    ...     answer=lambda shop: 0.4, hints=("Divide by the price.",), solution="40 of 100 is 0.4.",
    ...     wrong={"You divided by cost: that is markup.": lambda shop: 40 / 60})
    >>> judge(margin, 0.667, SimpleNamespace(currency="JPY"))
    99.1  Not yet: a known mistake. You divided by cost: that is markup.
    """

    def say(state: State, template: str, **values: object) -> Feedback:
        return Feedback(exercise=exercise.id, state=state, message=text.say(template, **values))

    if is_missing(value):
        return say("not tried", "Put your answer in and run the cell again.")
    right, why = _computed(exercise.answer, shop)
    if right is None:
        return say(
            "no answer",
            "The data of this shop cannot answer it. {why} Try it on the demo shop.",
            why=why,
        )
    wrong = {sentence: _computed(computed, shop)[0] for sentence, computed in exercise.wrong.items()}
    try:
        if isinstance(right, str):
            name = as_name(value, exercise.choices(shop) if exercise.choices else {})
            judged = _judge_name(name, right, wrong)
        else:
            given = as_number(value, share=exercise.kind == "rate")
            judged = _judge_number(exercise, given, right, wrong, shop)
    except UnreadableError as problem:
        return say("wrong kind", "{problem}", problem=problem)
    state, told, values = judged
    if isinstance(told, str):
        return say(state, told, **values)
    # A known mistake may quote the shop's own numbers, as a hint does.
    sentences = [exercise.told(each, shop) for each in told]
    message = sentences[0]
    if len(sentences) > 1:
        message = text.say("More than one mistake gives this: {mistakes}", mistakes=" / ".join(sentences))
    return Feedback(exercise=exercise.id, state=state, message=message, misconceptions=tuple(told))


#: The state, the sentence (for known mistakes: all that fit), and what fills the sentence.
_Judged = tuple[State, str | list[str], dict[str, object]]


def _computed(compute: Callable[[Shop], Value], shop: Shop) -> tuple[Value, str]:
    try:
        value = compute(shop)
    except SellerlabError as problem:
        return None, str(problem)
    if isinstance(value, str):
        return value, ""
    if value is None or not math.isfinite(value):
        return None, text.say("A part of the sum is not in it.")
    return float(value), ""


def _judge_name(given: str, right: str, wrong: dict[str, Value]) -> _Judged:
    if _same(given, right):
        return "right", "Well done.", {}
    made = [each for each, value in wrong.items() if isinstance(value, str) and _same(given, value)]
    if made:
        return "misconception", made, {}
    return "off", "It is another one. A hint may help.", {}


def _same(given: str, other: str) -> bool:
    return plain_name(given) == plain_name(other)


def _judge_number(
    exercise: Exercise, given: float, right: float, wrong: dict[str, Value], shop: Shop
) -> _Judged:
    slack = _slack(exercise, shop)
    if abs(given - right) <= slack(right):
        return "right", "Well done.", {}
    near = {
        sentence: abs(given - value)
        for sentence, value in wrong.items()
        if isinstance(value, float) and abs(given - value) <= slack(value)
    }
    if near:
        least = min(near.values())
        # Nearer than a tenth of the last digit shown, no answer can tell two mistakes apart.
        return "misconception", [each for each, off in near.items() if off <= least + slack(0.0) / 5], {}
    if exercise.kind == "rate":
        numbers = [right, *(value for value in wrong.values() if isinstance(value, float))]
        # Near 0 every small number lies within the slack: a tenth of the value is asked for as well.
        percent = given != 0 and any(
            abs(given / 100 - value) <= min(slack(value), 0.1 * abs(value)) for value in numbers
        )
        if percent or abs(right) <= 1 < abs(given):
            if not percent and abs(given) > HIGHEST_PERCENT:
                return (
                    "wrong kind",
                    "A rate is a fraction, such as 0.12 for 12%. This number is too large for a rate: divide "
                    "by the total that it is a share of.",
                    {},
                )
            return (
                "wrong kind",
                "A rate is a fraction: write {share} for {percent}.",
                {"share": _plain(given / 100), "percent": f"{_plain(given)}%"},
            )
    if exercise.kind == "count" and given != round(given):
        return "wrong kind", "A count is a whole number.", {}
    if abs(given + right) <= slack(right):
        return "misconception", [TURNED_MONEY if exercise.kind == "money" else TURNED], {}
    return _off(given, right, whole=exercise.kind == "count")


def _plain(number: float) -> str:
    """Return a number with four digits that count, never as a power of ten."""
    return np.format_float_positional(number, precision=4, unique=False, fractional=False, trim="-")


def _slack(exercise: Exercise, shop: Shop) -> Callable[[float], float]:
    """Return how far from a number an answer may lie and still mean it."""
    if exercise.kind == "count":
        return lambda _: 0.0
    if exercise.kind == "money" and shop.currency:
        digits = decimals(shop.currency)
    else:
        digits = {"rate": 3}.get(exercise.kind, 2)
    half = 0.5 * 10.0**-digits
    # A hair more, so that a number rounded by half a digit is not lost to binary fractions.
    return lambda number: max(exercise.tolerance * abs(number), half) * (1 + 1e-9)


def _off(given: float, right: float, *, whole: bool) -> _Judged:
    higher = given > right
    if right == 0:
        return ("off", "Too high." if higher else "Too low.", {})
    if given == 0:
        # In shares of the right answer a 0 is off by all of it, which sounds like a mistake of size.
        return (
            "off",
            "Too high: the answer is not 0." if higher else "Too low: the answer is not 0.",
            {},
        )
    share = abs(given - right) / abs(right)
    low = max(bound for bound in BANDS if bound <= share)
    values: dict[str, object] = {"low": text.percent(low, 0)}
    if low == BANDS[-1]:
        if higher:
            return "off", "Too high, by more than {low} of the right answer.", values
        return "off", "Too low, by more than {low} of the right answer.", values
    values["high"] = text.percent(BANDS[BANDS.index(low) + 1], 0)
    if low == 0:
        told = "Close: too high by less than {high}." if higher else "Close: too low by less than {high}."
        if not whole:
            told = (
                "Close: too high by less than {high}. Keep more decimals, and round at the end."
                if higher
                else "Close: too low by less than {high}. Keep more decimals, and round at the end."
            )
        return "off", told, values
    if higher:
        return "off", "Too high, by {low} to {high} of the right answer.", values
    return "off", "Too low, by {low} to {high} of the right answer.", values
