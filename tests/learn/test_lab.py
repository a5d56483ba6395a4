"""The bench in a notebook: ask, check, hint, solution, and what strict mode changes."""

import pytest

from sellerlab import learn
from sellerlab.errors import InputError, SellerlabError, UnknownNameError
from sellerlab.learn import WrongAnswer, record


@pytest.fixture
def lab(lesson, shop):
    return learn.start(lesson, shop=shop, handle="mika")


def test_a_question_shows_its_choices(lab):
    assert repr(lab.ask("99.4")).splitlines() == [
        "99.4  What does the shop keep?",
        "  a: sales",
        "  b: sales less costs",
    ]
    assert "<li>a: sales</li>" in lab.ask("99.4")._repr_html_()


def test_names_that_are_known_but_not_to_choose_from_are_not_shown(lab):
    assert "ST-2" not in repr(lab.ask("99.5"))


def test_hints_come_one_by_one_and_the_last_one_stays(lab):
    shown = [repr(lab.hint("99.1")) for _ in range(3)]
    assert shown[0] == "99.1 Hint 1 of 2.  What is left of JPY 2,000?"
    assert shown[1].splitlines() == [
        "99.1 Hint 2 of 2.  Divide what is left by the price.",
        '  This is the last hint; lab.solution("99.1") shows the way.',
    ]
    assert shown[2] == shown[1]


def test_a_hint_asked_for_by_number_is_the_same_on_every_run(lab):
    assert repr(lab.hint("99.1", 1)) == repr(lab.hint("99.1", 1))
    assert "Hint 1" in repr(lab.hint("99.1"))


def test_a_hint_that_is_not_there_is_refused(lab):
    with pytest.raises(InputError, match="hints 1 to 2; there is no hint 3"):
        lab.hint("99.1", 3)


def test_the_solution_is_told_with_the_shops_numbers(lab):
    assert repr(lab.solution("99.1")) == "99.1 Solution.  What is left, divided by JPY 2,000."


def test_a_lab_says_what_it_is_about(lab):
    assert repr(lab) == "Lesson 99.  What is left? 5 exercises on the shop toy shop, up to 31 Aug 2026."
    assert "<p>" in lab._repr_html_()


@pytest.mark.parametrize("call", ["ask", "hint", "solution"])
def test_an_unknown_exercise_is_refused(lab, call):
    with pytest.raises(UnknownNameError, match=r"no exercise '98\.1'"):
        getattr(lab, call)("98.1")
    with pytest.raises(UnknownNameError, match=r"no exercise '98\.1'"):
        lab.check("98.1", 1)


def test_tries_are_recorded_and_what_was_not_tried_is_not(lab):
    lab.check("99.1", ...)
    assert record.read() == {}
    lab.check("99.1", 0.667)
    lab.check("99.1", 0.4)
    lab.check("99.3", "fifty")
    assert record.read() == {
        "mika": {"99.1": {"state": "right", "tries": 2}, "99.3": {"state": "tried", "tries": 1}}
    }


@pytest.mark.parametrize("value", [0.667, 0.3, 40, "about half"])
def test_in_strict_mode_a_wrong_answer_raises_what_it_is_told(lesson, shop, value):
    strict = learn.start(lesson, shop=shop, strict=True)
    with pytest.raises(WrongAnswer) as caught:
        strict.check("99.1", value)
    assert str(caught.value) == repr(learn.judge(lesson["99.1"], value, shop))
    assert isinstance(caught.value, SellerlabError)
    assert caught.value.feedback.wrong


def test_in_strict_mode_an_open_exercise_and_a_right_one_pass_and_nothing_is_recorded(lesson, shop, home):
    strict = learn.start(lesson, shop=shop, strict=True)
    assert strict.check("99.1", ...).state == "not tried"
    assert strict.check("99.1", 0.4).state == "right"
    assert not home.exists()


@pytest.mark.parametrize(("word", "strict"), [("1", True), ("true", True), ("", False), ("0", False)])
def test_strict_mode_comes_from_the_environment(lesson, shop, monkeypatch, word, strict):
    monkeypatch.setenv("SELLERLAB_STRICT", word)
    assert learn.start(lesson, shop=shop).strict is strict
    assert learn.start(lesson, shop=shop, strict=False).strict is False


def test_the_question_can_be_seen_where_the_solution_cannot_be_computed(lesson, shop):
    from dataclasses import replace

    def facts(shop):
        raise InputError("No landed costs.")

    odd = replace(lesson, exercises=(replace(lesson["99.1"], solution="{left}", facts=facts),))
    told = learn.start(odd, shop=shop).solution("99.1")
    assert told.body == "The data of this shop cannot answer it. No landed costs."
