"""Lesson 52: its exercises ask what the retention functions say."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import learn, retention
from sellerlab.errors import InputError
from sellerlab.learn.lessons import l52


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


@pytest.mark.parametrize("handle", [None, "mika", "joon"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle)
    answers = {each.id: each.answer(shop) for each in l52.LESSON.exercises}
    found = l52._cohorts(shop)
    totals = retention.cohorts(shop.orders, as_of=shop.as_of).totals.set_index("cohort")
    rows = totals.loc[list(found.names), ["customers", "0", "1"]]
    assert rows["customers"].tolist() == list(found.sizes)
    assert rows["1"].tolist()[:2] == list(found.back)
    assert pd.isna(rows["1"].iloc[2])
    assert answers["52.1"] == rows["1"].sum() / rows["customers"].iloc[:2].sum()
    curve = retention.time_to_second_order(shop.orders, as_of=shop.as_of).curve
    asked = l52._wait(shop).share
    assert 1 - curve.at(answers["52.3"])[0] >= asked > 1 - curve.at(answers["52.3"] - 1)[0]
    people = l52._people(shop)
    once, again = (people["again"] == kind for kind in (False, True))
    left = once.sum() * 0.6 * 0.4 + again.sum() * 0.95 * 0.05
    assert answers["52.4"] == pytest.approx(left / (once.sum() * 0.6 + again.sum() * 0.95))


def test_the_mean_gap_that_is_called_a_mistake_is_the_one_the_library_warns_of(demo):
    wrong = retention.time_to_second_order(demo.orders, as_of=demo.as_of).mean_gap_of_returned
    assert l52._wait(demo).mean == pytest.approx(wrong)


@pytest.mark.parametrize(("day", "newest"), [("2026-08-30", "2026-07"), ("2026-08-31", "2026-08")])
def test_a_month_counts_as_lived_through_on_its_last_day(demo, day, newest):
    lines = demo.orders[demo.orders["ordered_at"] < pd.Timestamp(day) + pd.Timedelta(days=1)]
    shop = replace(demo, orders=lines, as_of=pd.Timestamp(day))
    known = retention.cohorts(lines, as_of=day).table.set_index("cohort")["1"].dropna()
    assert set(l52._cohorts(shop).names[:2]) <= set(known.index)
    assert known.index.max() == ("2026-07" if newest == "2026-08" else "2026-06")


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("52", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        for card in cards:
            assert "{" not in repr(card)
            assert "–" not in repr(card)


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("52", shop=demo, strict=True)
    for each in lab.exercises:
        if each.kind == "choice":
            continue
        answer = re.search(r"\d[\d,.]*\d|\d+", each.told(each.solution, demo))[0]
        shown = [each.told(each.prompt, demo), *(each.told(hint, demo) for hint in each.hints)]
        assert not any(re.search(rf"(?<![\d,.]){answer}(?![\d,])", text) for text in shown), each.id


def test_orders_that_name_nobody_are_asked_about_but_not_judged(demo):
    nobody = demo.orders.assign(customer_id=pd.Series([None] * len(demo.orders), dtype="str"))
    lab = learn.start("52", shop=replace(demo, orders=nobody), strict=True)
    for each in lab.exercises:
        assert lab.check(each.id, "b" if each.kind == "choice" else 0.1).state == "no answer"


def test_a_shop_of_one_month_has_no_cohorts_to_compare(demo):
    young = demo.orders[demo.orders["ordered_at"] < "2025-04-01"]
    with pytest.raises(InputError, match="Three months with new customers"):
        l52._cohorts(replace(demo, orders=young, as_of=pd.Timestamp("2025-03-31")))
