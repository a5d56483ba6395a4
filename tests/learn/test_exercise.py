"""What an exercise must have before a learner sees it."""

from dataclasses import FrozenInstanceError, replace

import pytest

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.learn import lessons


def test_an_exercise_is_found_by_its_id_with_or_without_the_leading_zero(lesson):
    first = replace(lesson.exercises[0], id="01.1")
    short = replace(lesson, exercises=(first,))
    assert short["1.1"] is short["01.1"] is first


def test_an_unknown_exercise_is_answered_with_the_nearest(lesson):
    with pytest.raises(UnknownNameError, match=r"no exercise '99.9'.*Did you mean '99\.\d'"):
        lesson["99.9"]


def test_templates_are_filled_with_the_shops_facts(lesson, shop):
    margin = lesson["99.1"]
    assert margin.told(margin.prompt, shop) == "A stand sells at JPY 2,000. What is its margin?"


def test_an_exercise_cannot_be_changed(lesson):
    with pytest.raises(FrozenInstanceError):
        lesson["99.1"].tolerance = 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "1.2"}, "expected lesson and place, such as '01.2'"),
        ({"kind": "rates"}, "Did you mean 'rate'"),
        ({"wrong": {}}, "at least one known mistake"),
        ({"hints": ()}, "one hint"),
        ({"kind": "choice"}, "give its `choices`"),
    ],
)
def test_an_unfinished_exercise_is_refused(lesson, change, message):
    with pytest.raises(InputError, match=message):
        replace(lesson["99.1"], **change)


def test_a_lesson_that_is_not_there_names_those_that_are():
    with pytest.raises(UnknownNameError, match=r"no lesson with exercises '77'.*'01'"):
        lessons.load("77")


def test_lessons_hold_what_their_file_name_says():
    for number in lessons.numbers():
        lesson = lessons.load(number)
        assert lesson.number == number
        assert [each.id for each in lesson.exercises] == [
            f"{number}.{place}" for place in range(1, len(lesson.exercises) + 1)
        ]
        assert 3 <= len(lesson.exercises) <= 5
