"""Lesson 32: its exercises ask what the survey functions say, on any survey of the same kind."""

import re

import pandas as pd
import pytest

from sellerlab import learn, pricing
from sellerlab.learn.lessons import l32
from sellerlab.learn.offer import offer


@pytest.fixture(scope="module")
def demo():
    return learn.shop(world="sewing_school")


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle, world="sewing_school")
    answers = {each.id: each.answer(shop) for each in l32.LESSON.exercises}
    survey, terms = shop.price_survey, offer(shop).terms
    in_order = survey.query("too_cheap < cheap < expensive < too_expensive")
    assert answers["32.1"] == len(in_order)
    cost = pricing.gabor_granger(shop.gabor, **terms).most_revenue / 2
    assert answers["32.3"] == pricing.gabor_granger(shop.gabor, cost=cost, **terms).most_profit
    model = pricing.choice_model(shop.choices, ["format", "hours", "support"])
    worth = dict(zip(model.table["level"], model.table["worth"], strict=True))
    assert answers["32.4"] == pytest.approx(worth["live"] - worth["mail"])
    rise = pricing.contribution(worth["video"], 0.0, **{**terms, "fee_fixed": 0.0})
    assert (answers["32.5"] - 1) * rise < 60 * 2 * cost <= answers["32.5"] * rise


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("32", shop=demo, strict=True)
    for each in lab.exercises:
        if each.kind == "choice":
            continue
        answer = re.match(r"[^:;.]*?(\d[\d,.]*\d)", each.told(each.solution, demo))[1]
        shown = [repr(lab.ask(each.id))]
        shown += [repr(lab.hint(each.id, step)) for step in range(1, len(each.hints) + 1)]
        assert not any(re.search(rf"(?<![\d,]){answer}(?![\d,])", text) for text in shown), each.id


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("32", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        for card in cards:
            assert "{" not in repr(card)
            assert "–" not in repr(card)


def _own_choices(demo):
    """The demo's choices as another product's: other words, another order of columns."""
    words = {"live": "gold", "mail": "silver", "alone": "bare", "video": "wool", "text": "cotton"}
    own = demo.choices.replace(words).rename(columns={"support": "finish", "format": "cloth"})
    return own[["respondent", "task", "finish", "cloth", "price", "none", "chosen"]]


def test_a_survey_of_ones_own_is_asked_in_its_own_words_and_currency(demo, tmp_path):
    path = tmp_path / "choices.csv"
    _own_choices(demo).to_csv(path, index=False)
    lab = learn.start("32", tables={"choices": str(path)}, currency="USD", strict=True)
    assert "finish: how much more would people pay for gold than for silver?" in repr(lab.ask("32.4"))
    assert "To make wool in place of cotton costs USD" in repr(lab.ask("32.5"))
    assert lab.check("32.4", lab.lesson["32.4"].answer(lab.shop)).state == "right"


@pytest.mark.parametrize(
    ("table", "spoil", "exercises"),
    [
        ("price_survey", lambda frame: frame.head(9), ["32.2"]),
        ("gabor", lambda frame: frame.head(70), ["32.3", "32.5"]),
        ("choices", lambda frame: frame.drop(columns=["support", "hours"]), ["32.4", "32.5"]),
        ("choices", lambda frame: frame.drop(columns=["format", "hours"]), ["32.5"]),
    ],
)
def test_where_a_survey_cannot_answer_the_learner_is_asked_but_not_judged(demo, table, spoil, exercises):
    own = spoil(demo.tables[table])
    lab = learn.start("32", tables={table: pd.DataFrame(own)}, strict=True)
    for number in exercises:
        answer = "c" if number == "32.2" else 1
        assert lab.check(number, answer).state == "no answer", number
        assert repr(lab.ask(number))
        assert repr(lab.solution(number))
