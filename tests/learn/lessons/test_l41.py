"""Lesson 41: its exercises ask what the funnel and the totals say."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import datasets, funnel, learn, totals
from sellerlab.learn.lessons import l41
from sellerlab.learn.traffic import traffic, two_periods


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


@pytest.mark.parametrize("handle", [None, "mika", "joon", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle)
    of, (before, after) = traffic(shop), two_periods(shop)
    answers = {each.id: each.answer(shop) for each in l41.LESSON.exercises}
    assert answers["41.1"] == funnel.funnel(of.events, of.steps).conversion
    assert answers["41.2"] == totals.rates(after, ["clicks", "orders"]).conversion
    rate = of.reached["add_to_cart"] / of.reached["view_item"]
    raised = funnel.what_if(of.reached, {"add_to_cart": rate + 0.01})
    assert answers["41.3"] == pytest.approx(raised.after - raised.before)
    mixed = totals.mix(before, after, "clicks", "orders", by="device")
    assert answers["41.4"] == pytest.approx(float((mixed.table.share_after * mixed.table.rate_before).sum()))
    left = funnel.abandonment(of.events, unit=of.unit)
    assert answers["41.5"] == round(left.checkout * left.checkouts)


def test_the_mix_of_devices_turns_a_rise_into_a_fall_on_every_shop():
    for place in range(8):
        centre = l41._centre(datasets.simulate("phone_stand", seed=f"h{place}", orders=300))
        assert centre.new_share < centre.after < centre.before < centre.old_share


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("41", shop=demo, strict=True)
    for each in lab.exercises:
        answer = re.match(r"(\d[\d,.]*\d)", each.told(each.solution, demo))[1]
        shown = [repr(lab.ask(each.id))]
        shown += [repr(lab.hint(each.id, step)) for step in range(1, len(each.hints) + 1)]
        assert not any(re.search(rf"(?<![\d,.]){answer}(?![\d,])", text) for text in shown), each.id
        assert not any("{" in text or "–" in text for text in [*shown, repr(lab.solution(each.id))])


def test_totals_without_devices_have_no_question_about_the_mix(demo):
    plain = two_periods(demo)[0].drop(columns="device")
    both = plain.assign(day=plain["day"] - plain["day"].min() + demo.as_of)
    shop = replace(demo, tables={**demo.tables, "totals": pd.concat([plain, both])})
    answers = {each.id: each.answer(shop) for each in l41.LESSON.exercises}
    assert answers.pop("41.4") is None
    assert None not in answers.values()


def test_a_store_without_product_pages_is_asked_but_not_judged(demo):
    events = demo.events[demo.events["event"] != "view_item"]
    lab = learn.start("41", shop=replace(demo, tables={**demo.tables, "events": events}), strict=True)
    states = {each.id: lab.check(each.id, 0.5).state for each in lab.exercises if each.id[-1] in "135"}
    assert set(states.values()) == {"no answer"}
    assert "{" not in repr(lab.ask("41.3"))
