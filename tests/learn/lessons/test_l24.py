"""Lesson 24: its answers are the library's, on any shop, and questions without data have no answer."""

import math
import re
from dataclasses import replace

import pytest

from sellerlab import datasets, learn, stock
from sellerlab.learn.lessons import l24
from sellerlab.learn.shelf import fading, heaviest, runs_out, still_to_sell


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle, world="baby_goods")
    item, answers = runs_out(shop), {each.id: each.answer(shop) for each in l24.LESSON.exercises}
    assert answers["24.1"] == pytest.approx(item.open.sum() / len(item.open))
    assert answers["24.2"] == pytest.approx(item.order(8, l24.REST).critical_ratio)
    at = stock.reorder_point(item.pace, item.lead, daily_sd=item.spread, lead_time_sd=3, service=0.95)
    assert answers["24.4"] == math.ceil(at)
    own = heaviest(shop)
    rows = stock.turnover(
        shop.orders, shop.products, shop.stock, start=own.days["day"].iloc[0], end=shop.as_of
    ).table.set_index("sku")
    # The library's takes returns, coupons and the day's own prices: near, and not the same.
    assert answers["24.5"] == pytest.approx(rows["gmroi_a_year"][own.sku], rel=0.3)


def test_a_fad_leaves_more_over_than_one_may_ever_sell():
    shop = learn.shop(world="baby_goods")
    of = fading(shop)
    left = l24.FADING.answer(shop)
    assert of.on_hand - still_to_sell(of) <= left + 1
    assert left < of.on_hand


def test_without_counts_lead_times_or_stock_there_is_no_answer():
    shop = datasets.simulate("baby_goods", orders=300)
    bare = replace(
        shop,
        products=shop.products.drop(columns=["lead_time_days", "on_hand"]),
        tables={**shop.tables, "stock": shop.stock.drop(columns="on_hand")},
    )
    lab = learn.start("24", shop=bare)
    for number in ("24.3", "24.4", "24.5"):
        assert lab.check(number, 5).state == "no answer"
        assert lab.ask(number).body
    assert lab.check("24.1", 3).state != "no answer"


def test_no_answer_stands_in_its_question():
    shop = learn.shop(world="baby_goods")
    lab = learn.start("24", shop=shop)
    for exercise in l24.LESSON.exercises:
        numbers = {
            float(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\.?\d*", lab.ask(exercise.id).body)
        }
        right = exercise.answer(shop)
        assert not any(right == pytest.approx(each, rel=exercise.tolerance) for each in numbers), exercise.id
