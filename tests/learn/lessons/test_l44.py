"""Lesson 44: its answers are those of the library, and its wrong turn is made of one bowl."""

import math
import re

import numpy as np
import pytest

from sellerlab import content, learn
from sellerlab.learn.posts import posts


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle)
    answers = {each.id: each.answer(shop) for each in learn.exercises("44")}
    log = posts(shop)
    assert answers["44.2"] == pytest.approx(content.posting(30, log.rate).chance)
    enough = [content.posting(answers["44.3"] + less, log.rate).chance for less in (0, -1)]
    assert enough[0] >= 0.9 > enough[1]
    below = (log.videos["views"] < content.views(log.videos).mean).sum()
    assert answers["44.1"] == pytest.approx(below / len(log.videos))
    assert answers["44.5"] == pytest.approx(30 * log.videos["orders"].sum() / len(log.videos))


def test_the_best_account_of_few_posts_beats_the_best_of_many_though_all_draw_from_one_bowl():
    views = posts(learn.shop()).videos["views"].to_numpy()
    for seed in range(20):
        bowl = np.random.default_rng(seed)
        few, many = (bowl.choice(views, (1_000, size)).mean(axis=1) for size in (5, 30))
        assert few.max() > many.max()
        assert np.median(few) < np.median(many)
        assert few.mean() == pytest.approx(many.mean(), rel=0.15)


def test_where_nothing_broke_out_two_questions_have_no_answer_and_the_others_have():
    shop = learn.shop()
    even = learn.shop(tables={"content": shop.content.assign(views=shop.content["views"].clip(upper=2_000))})
    lab = learn.start("44", shop=even, strict=False)
    states = {each.id: lab.check(each.id, "c" if each.id == "44.4" else 0.5).state for each in lab.exercises}
    assert [name for name, state in states.items() if state == "no answer"] == ["44.2", "44.3"]
    assert math.isfinite(lab.lesson["44.5"].answer(even))


def test_every_template_is_filled_and_no_question_or_hint_gives_the_number_away():
    lab = learn.start("44", strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        assert not any("{" in repr(card) or "–" in repr(card) for card in cards)
        number = re.match(r"(\d[\d,.]*%?)", each.told(each.solution, lab.shop))
        shown = [each.told(told, lab.shop) for told in (each.prompt, *each.hints)]
        assert not number or not any(number[1] in told.split() for told in shown), each.id
