"""Lesson 33: its answers are the library's, on any shop, and nothing in a question gives them away."""

import re
from dataclasses import replace

import pytest

from sellerlab import datasets, learn
from sellerlab.learn.lessons import l33
from sellerlab.learn.weeks import by_product, priced, steps
from sellerlab.pricing import best_price, price_curve


@pytest.fixture(scope="module")
def demo():
    return learn.shop(world="baby_goods")


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle, world="baby_goods")
    item, answers = priced(shop), {each.id: each.answer(shop) for each in l33.LESSON.exercises}
    e, price = item.found.elasticity, item.usual_price
    seen = {"low": item.found.price_low, "high": item.found.price_high}
    after = price_curve(price, item.usual_units, e, item.cost, at=0.9 * price, **seen, **item.terms)
    assert answers["33.1"] in [each.elasticity for each in steps(item)]
    assert answers["33.2"] == pytest.approx(after.units / item.usual_units - 1)
    assert answers["33.3"] == pytest.approx(after.contribution)
    assert answers["33.4"] == pytest.approx(best_price(item.cost, e, **item.terms))
    assert answers["33.4"] == pytest.approx(item.best.price)


def test_an_answer_by_hand_from_the_shown_numbers_is_right(demo):
    lab = learn.start("33", shop=demo, strict=True)
    shown = repr(lab.ask("33.2"))
    e = float(re.search(r"is (-\d\.\d+)", shown)[1])
    assert lab.check("33.2", round(0.9**e - 1, 3)).state == "right"
    factor, spent, kept = e / (1 + e), 7_999, 1 / 1.1 - 0.12
    assert lab.check("33.4", round(spent / kept * factor)).state == "right"


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("33", shop=demo, strict=True)
    for each in lab.exercises[:4]:
        answer = re.match(r"[^:;]*?(\d[\d,.]*\d)", each.told(each.solution, demo))[1]
        shown = [repr(lab.ask(each.id))]
        shown += [repr(lab.hint(each.id, step)) for step in range(1, len(each.hints) + 1)]
        assert not any(re.search(rf"(?<![\d,]){answer}(?![\d,])", text) for text in shown), each.id


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("33", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        for card in cards:
            assert "{" not in repr(card)
            assert "–" not in repr(card)


def test_where_buyers_hardly_mind_the_price_there_is_no_best_one_to_ask_for(demo):
    mats = demo.weeks[demo.weeks["sku"] == "MT-COOL"]
    shop = replace(demo, tables={**demo.tables, "weeks": mats})
    assert -1 < priced(shop).found.elasticity < 0
    lab = learn.start("33", shop=shop, strict=True)
    said = lab.check("33.4", 40_000)
    assert said.state == "no answer"
    assert "every higher price earns more" in said.message
    assert lab.check("33.2", 0.9 ** priced(shop).found.elasticity - 1).state == "right"


def test_too_few_weeks_are_asked_but_not_judged(demo):
    few = replace(demo, tables={**demo.tables, "weeks": demo.weeks.groupby("sku").head(8)})
    lab = learn.start("33", shop=few, strict=True)
    for each in lab.exercises[:4]:
        assert lab.check(each.id, 1).state == "no answer"
        assert "plan a price test" in repr(lab.ask(each.id))


def test_on_the_planted_world_controls_find_what_the_plain_slope_turns_round():
    world = datasets.simulate("baby_goods", seed="truth")
    planted, held, turned = world.truth["elasticity"], 0, 0
    known = [each for each in by_product(world) if each.found.elasticity is not None]
    for each in known:
        held += each.found.low <= planted[each.sku] <= each.found.high
        turned += each.found.naive > 0
    assert len(known) == 17
    assert held >= 15
    assert turned >= 3
    (toy,) = (each for each in known if each.sku == world.truth["fad"]["sku"])
    assert toy.found.zeros > 0
    assert toy.found.high - toy.found.low > 4
