"""Lesson 42: its answers are the library's, on the simulated reports and on a learner's own."""

import re
from dataclasses import replace

import pytest

from sellerlab import ads, datasets, learn
from sellerlab.learn.advertised import advertised, by_level
from sellerlab.learn.lessons import l42


@pytest.fixture(scope="module")
def demo():
    return learn.shop(world="baby_goods")


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle, world="baby_goods")
    sale = advertised(shop)
    answers = {each.id: each.answer(shop) for each in l42.LESSON.exercises}
    even = ads.break_even(sale.price, sale.goods, currency="KRW", **sale.terms)
    assert answers["42.1"] == pytest.approx(even.roas, rel=1e-3)
    needed = ads.campaigns(sale.keywords, by=None).table["cpc"].iloc[0] / even.contribution
    assert answers["42.2"] == pytest.approx((1 - needed) ** 30, rel=5e-3)
    assert answers["42.4"] == pytest.approx(ads.marginal(by_level(shop.ads), even.roas).last, rel=1e-3)


def test_an_answer_by_hand_from_the_shown_numbers_is_right(demo):
    lab = learn.start("42", shop=demo, strict=True)
    usual = float(re.search(r"a rate of (\d\.\d)%", repr(lab.ask("42.3")))[1]) / 100
    assert lab.check("42.3", (60 * usual + 3) / 80).state == "right"
    needed = float(re.search(r"from (\d\.\d+)%", repr(lab.ask("42.2")))[1]) / 100
    assert lab.check("42.2", round((1 - needed) ** 30, 4)).state == "right"
    signs, buys = (int(each) / 100 for each in re.findall(r"(\d+)%", repr(lab.ask("42.5"))))
    left = float(re.search(r"leaves KRW ([\d,]+)", repr(lab.ask("42.5")))[1].replace(",", ""))
    assert lab.check("42.5", round(signs * buys * left)).state == "right"


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("42", shop=demo, strict=True)
    for each in lab.exercises:
        answer = re.match(r"[^:;]*?(\d[\d,.]*\d)", each.told(each.solution, demo))[1]
        shown = [repr(lab.ask(each.id))]
        shown += [repr(lab.hint(each.id, step)) for step in range(1, len(each.hints) + 1)]
        assert not any(re.search(rf"(?<![\d,.]){answer}(?![\d,])", text) for text in shown), each.id


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("42", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        assert not any("{" in repr(card) for card in cards)


def test_a_report_of_the_learners_own_is_asked_the_same(demo):
    report = demo.ads.assign(keyword=demo.ads["keyword"] + "!").drop(columns="level")
    lab = learn.start("42", tables={"ads": report}, costs=demo.costs, currency="KRW", strict=True)
    for each in lab.exercises:
        if each.id == "42.4":
            assert lab.check(each.id, 3.3).state == "no answer"
            assert "need a column level" in repr(lab.ask(each.id))
        else:
            assert lab.check(each.id, each.answer(lab.shop)).state == "right"


def test_without_costs_it_asks_for_them_and_does_not_judge(demo):
    lab = learn.start("42", shop=replace(demo, costs={}), strict=True)
    assert lab.check("42.1", 3.7).state == "no answer"
    assert "fulfilment_per_order" in repr(lab.ask("42.1"))


def test_the_careful_rule_is_wrong_less_often_than_each_keywords_own_rate():
    own_cut = own_wrong = cut = wrong = 0
    for place in range(20):
        truth = (shop := datasets.simulate("baby_goods", f"ads {place}", orders=300)).truth["ads"]["keywords"]
        rows = shop.ads[shop.ads["campaign"] == truth["campaign"]]
        found = ads.keywords(rows, truth["order_contribution"])
        poor = set(found.table.query("own_rate < needed_rate")["keyword"])
        losing = set(truth["losing"])
        own_cut, own_wrong = own_cut + len(poor), own_wrong + len(poor - losing)
        cut, wrong = cut + len(found.cut), wrong + len(set(found.cut) - losing)
    assert own_wrong / own_cut > 0.2
    assert wrong / cut < 0.1
