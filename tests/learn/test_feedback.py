"""What each kind of answer is told."""

from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError
from sellerlab.learn.feedback import LABELS, judge

# Margin 0.4, markup 0.667, cost share 0.6; profit 40,000; 50 units.


@pytest.mark.parametrize("nothing", [None, ..., "", " "])
def test_no_answer_yet_is_neither_right_nor_wrong(lesson, shop, nothing):
    feedback = judge(lesson["99.1"], nothing, shop)
    assert (feedback.state, feedback.wrong) == ("not tried", False)


@pytest.mark.parametrize(
    ("exercise", "value"),
    [
        ("99.1", 0.4),
        ("99.1", "40%"),
        ("99.1", "40.0 %"),
        ("99.2", 40000),
        ("99.2", "JPY 40,000"),
        ("99.3", 50),
        ("99.4", "B"),
        ("99.4", "sales less costs"),
        ("99.5", "desk stand"),
        ("99.5", pd.Series(["ST-2"])),
    ],
)
def test_the_right_answer_is_right_in_every_form(lesson, shop, exercise, value):
    feedback = judge(lesson[exercise], value, shop)
    assert (feedback.state, feedback.misconception) == ("right", None)


def test_every_known_mistake_is_told_by_name(lesson, shop):
    for exercise in lesson.exercises:
        for sentence, mistake in exercise.wrong.items():
            feedback = judge(exercise, mistake(shop), shop)
            assert (feedback.state, feedback.misconception) == ("misconception", sentence)


def test_a_mistakes_sentence_is_filled_with_the_shops_facts(lesson, shop):
    assert judge(lesson["99.1"], 0.6, shop).message == "That is the cost's share of JPY 2,000."


@pytest.mark.parametrize(
    ("value", "state"),
    [(0.4019, "right"), (0.4021, "off"), (0.3981, "right"), (0.3979, "off"), (0.6649, "misconception")],
)
def test_half_a_percent_is_forgiven_and_no_more(lesson, shop, value, state):
    assert judge(lesson["99.1"], value, shop).state == state


@pytest.mark.parametrize(("value", "state"), [(40000.4, "right"), (40000.6, "off")])
def test_without_tolerance_half_a_yen_is_forgiven(lesson, shop, value, state):
    assert judge(replace(lesson["99.2"], tolerance=0.0), value, shop).state == state


def test_a_currency_with_cents_is_checked_to_the_cent(lesson, shop):
    shop.currency = "USD"
    exact = replace(lesson["99.2"], tolerance=0.0)
    assert [judge(exact, value, shop).state for value in (40000.005, 40000.006)] == ["right", "off"]


def test_a_count_must_be_exact(lesson, shop):
    assert judge(lesson["99.3"], 50.0, shop).state == "right"
    near = judge(replace(lesson["99.3"], answer=lambda shop: 5000), 5001, shop)
    assert (near.state, near.message) == ("off", "Close: too high by less than 2%.")
    assert judge(lesson["99.3"], 51, shop).state == "off"
    assert "whole number" in judge(lesson["99.3"], 50.2, shop).message


def test_what_is_right_is_never_called_wrong_where_a_mistake_gives_the_same(lesson, shop):
    shop.cancelled = 0
    assert judge(lesson["99.2"], 40000, shop).state == "right"


def test_of_two_mistakes_the_nearer_is_named(lesson, shop):
    close = replace(lesson["99.1"], wrong={"far": lambda shop: 0.7, "near": lambda shop: 0.702})
    assert judge(close, 0.7015, shop).misconception == "near"


def test_where_two_mistakes_give_the_same_both_are_told(lesson, shop):
    twins = replace(lesson["99.1"], wrong={"One.": lambda shop: 0.7, "Two.": lambda shop: 0.7})
    feedback = judge(twins, 0.7, shop)
    assert feedback.misconceptions == ("One.", "Two.")
    assert feedback.message == "More than one mistake gives this: One. / Two."


@pytest.mark.parametrize("value", [40, "40", 66.7, 250])
def test_a_percentage_for_a_rate_is_a_matter_of_form(lesson, shop, value):
    feedback = judge(lesson["99.1"], value, shop)
    assert feedback.state == "wrong kind"
    assert feedback.message.startswith("A rate is a fraction: write ")


def test_a_small_percentage_is_recognised_by_the_answer_it_means(lesson, shop):
    small = replace(lesson["99.1"], answer=lambda shop: 0.008)
    assert judge(small, 0.8, shop).message == "A rate is a fraction: write 0.008 for 0.8%."


def test_a_number_too_large_for_a_percentage_is_told_so_without_a_power_of_ten(lesson, shop):
    message = judge(lesson["99.1"], 5_912_345, shop).message
    assert message.startswith("A rate is a fraction, such as 0.12 for 12%. This number is too large")
    far = replace(lesson["99.1"], answer=lambda shop: 0.000023)
    assert judge(far, 0.0023, shop).message == "A rate is a fraction: write 0.000023 for 0.0023%."


@pytest.mark.parametrize("mistake", [0.0, 2.255e-05])
def test_a_mistake_near_nought_does_not_make_every_small_answer_a_percentage(lesson, shop, mistake):
    near = replace(lesson["99.1"], wrong={"nothing": lambda shop: mistake})
    assert [judge(near, value, shop).state for value in (0.03, 0.02)] == ["off", "off"]
    away = replace(lesson["99.1"], answer=lambda shop: 0.008, wrong={"nothing": lambda shop: mistake})
    assert judge(away, 0.8, shop).state == "wrong kind"


def test_a_rate_above_one_may_be_right(lesson, shop):
    growth = replace(lesson["99.1"], answer=lambda shop: 1.5)
    assert judge(growth, 1.5, shop).state == "right"
    assert judge(growth, 3.0, shop).state == "off"


def test_a_turned_sign_is_said(lesson, shop):
    money = judge(lesson["99.2"], -40000, shop).message
    assert money == "The size is right, the sign is not: a loss is negative, a gain positive."
    for exercise, value in (("99.1", -0.4), ("99.3", -50)):
        assert judge(lesson[exercise], value, shop).message == "The size is right, the sign is not."


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (40400, "Close: too high by less than 2%. Keep more decimals, and round at the end."),
        (39600, "Close: too low by less than 2%. Keep more decimals, and round at the end."),
        (41600, "Too high, by 2% to 10% of the right answer."),
        (32000, "Too low, by 10% to 25% of the right answer."),
        (26000, "Too low, by 25% to 50% of the right answer."),
        (70000, "Too high, by 50% to 100% of the right answer."),
        (90000, "Too high, by more than 100% of the right answer."),
        (-5000, "Too low, by more than 100% of the right answer."),
        (0, "Too low: the answer is not 0."),
    ],
)
def test_another_number_is_told_how_far_off_and_in_which_direction(lesson, shop, value, message):
    assert judge(lesson["99.2"], value, shop).message == message


def test_nothing_to_divide_by_leaves_the_direction(lesson, shop):
    nought = replace(lesson["99.2"], answer=lambda shop: 0.0)
    assert [judge(nought, value, shop).message for value in (5, -5)] == ["Too high.", "Too low."]


@settings(deadline=None, derandomize=True)
@given(st.floats(-1e12, 1e12))
def test_the_distance_never_gives_the_answer_away(lesson, value):
    shop = _shop()
    message = judge(lesson["99.2"], value, shop).message
    assert "40,000" not in message
    assert "40000" not in message
    assert judge(lesson["99.2"], value, shop) == judge(lesson["99.2"], value, shop)


@settings(deadline=None, derandomize=True)
@given(st.floats(0.05, 0.95), st.floats(-0.004, 0.004))
def test_a_rounded_right_answer_is_right_on_any_shop(lesson, margin, off):
    shop = _shop()
    shop.cost = shop.price * (1 - margin)
    assert judge(lesson["99.1"], margin * (1 + off), shop).state == "right"


def test_another_name_is_only_said_to_be_another(lesson, shop):
    feedback = judge(lesson["99.5"], "ST-1", shop)
    assert (feedback.state, "ST-2" in feedback.message) == ("off", False)


def test_a_name_that_is_not_there_is_answered_with_the_nearest(lesson, shop):
    feedback = judge(lesson["99.5"], "ST-22", shop)
    assert (feedback.state, feedback.message) == (
        "wrong kind",
        "There is no 'ST-22' here. Did you mean ST-2?",
    )


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_where_the_shop_cannot_know_nothing_is_called_wrong(lesson, shop, unknown):
    feedback = judge(replace(lesson["99.2"], answer=lambda shop: unknown), 12, shop)
    assert (feedback.state, feedback.wrong) == ("no answer", False)
    assert feedback.message.endswith("Try it on the demo shop.")


def test_the_reason_why_the_shop_cannot_know_is_told(lesson, shop):
    def refuse(shop):
        raise InputError("No landed costs: give products=.")

    assert "give products=" in judge(replace(lesson["99.2"], answer=refuse), 12, shop).message


def test_a_mistake_that_cannot_be_computed_is_left_out(lesson, shop):
    odd = replace(lesson["99.2"], wrong={"none": lambda shop: None, "nan": lambda shop: float("nan")})
    assert judge(odd, 12, shop).state == "off"


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.words = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("value", [None, 0.4, 0.667, 0.3, 40])
def test_the_state_stands_in_words_in_both_forms(lesson, shop, value):
    feedback = judge(lesson["99.1"], value, shop)
    page = _Words()
    page.feed(feedback._repr_html_())
    spoken = " ".join("".join(page.words).split())
    assert LABELS[feedback.state] in repr(feedback)
    assert spoken == " ".join(repr(feedback).split())
    assert "script" not in page.tags


def test_what_a_learner_typed_is_never_markup(lesson, shop):
    assert "<img" not in judge(lesson["99.5"], "<img src=x>", shop)._repr_html_()


def _shop():
    return SimpleNamespace(currency="JPY", price=2000.0, cost=1200.0, sold=50, cancelled=10)
