"""Every lesson is well posed on every shop: what is right is right, and each mistake is told by its name."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

import sellerlab.learn.lessons
from sellerlab import datasets, learn
from sellerlab.learn import judge

#: The exercises' arithmetic is the same under pandas 2; fewer shops show whether it runs there.
SHOPS = 200 if pd.__version__ >= "3" else 40
#: On so many shops a mistake may not give the right answer, or that of another mistake, by chance.
TOO_MANY = 4
LESSONS = sorted(path.stem for path in Path(sellerlab.learn.lessons.__file__).parent.glob("l[0-9]*.py"))


@pytest.fixture(params=LESSONS)
def lesson(request):
    return import_module(f"sellerlab.learn.lessons.{request.param}").LESSON


def _judged(lesson, shop):
    """Yield each exercise and mistake (None: the right answer), what it gives, and what it is told."""
    for exercise in lesson.exercises:
        for sentence, compute in {None: exercise.answer, **exercise.wrong}.items():
            value = compute(shop)
            yield exercise, sentence, value, judge(exercise, value, shop)


def test_on_many_shops_every_right_answer_is_right_and_every_mistake_is_told_by_its_name(lesson):
    by_chance = Counter()
    for place in range(SHOPS):
        shop = datasets.simulate(lesson.world, seed=f"learner {place}", orders=300)
        for exercise, sentence, value, feedback in _judged(lesson, shop):
            where = f"{exercise.id} on shop {place}: {sentence} gives {value}"
            assert value is not None, where
            if sentence is None:
                assert feedback.state == "right", where
            elif feedback.state == "right":
                by_chance[exercise.id, sentence, "right"] += 1
            else:
                assert feedback.state == "misconception", where
                assert sentence in feedback.misconceptions, where
                for other in set(feedback.misconceptions) - {sentence}:
                    by_chance[exercise.id, sentence, other] += 1
    often = {each: count for each, count in by_chance.items() if count >= TOO_MANY}
    assert not often


def test_on_the_demo_shop_no_mistake_leads_to_the_right_answer(lesson):
    shop = learn.shop(world=lesson.world)
    for exercise, sentence, value, feedback in _judged(lesson, shop):
        expected = "right" if sentence is None else "misconception"
        named = () if sentence is None else (sentence,)
        assert (feedback.state, feedback.misconceptions) == (expected, named), (exercise.id, value)


def test_a_lesson_has_three_to_five_exercises_with_hints_and_a_solution(lesson):
    assert 3 <= len(lesson.exercises) <= 5
    assert LESSONS
    for exercise in lesson.exercises:
        assert exercise.hints
        assert exercise.solution
        assert exercise.wrong
