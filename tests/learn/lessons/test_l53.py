"""Lesson 53: its exercises ask what the library says of customers."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import learn, lifetime, margin, overview
from sellerlab.errors import InputError
from sellerlab.learn.lessons import l53
from sellerlab.learn.won import won


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


@pytest.mark.parametrize("handle", [None, "mika", "joon"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle)
    books = margin.profit_and_loss(shop.orders, shop.products, costs=shop.costs)
    bought = lifetime.repeat_purchases(shop.orders)
    of = won(shop)
    assert (of.margin, of.marketing) == (books.margin_2, books.marketing)
    assert (of.customers, of.repeaters) == (bought.customers, bought.repeaters)
    answers = {each.id: each.answer(shop) for each in l53.LESSON.exercises}
    month = overview.customers(shop.orders, "2026-08")
    assert answers["53.3"] == shop.costs["marketing"]["2026-08"] / month.new
    assert (l53._month(shop).buyers, l53._month(shop).new) == (month.buyers, month.new)
    curve = lifetime.payback(shop.orders, l53._price(shop), margin=books.margin_2)
    assert answers["53.4"] == curve.month
    cost = lifetime.acquisition_cost(books.marketing, bought.customers).cac
    # The same money brings as much: contribution over cost is the same on both sides.
    first = curve.table["contribution"].iloc[0]
    assert first / answers["53.5"] == pytest.approx(curve.value / cost)


def test_the_mixture_stays_as_long_as_people_drawn_one_by_one(demo):
    once, again = l53._kinds(demo)
    months = pd.Series([1 / l53.LEAVE_ONCE] * once + [1 / l53.LEAVE_AGAIN] * again)
    assert l53._stay(demo) == pytest.approx(months.mean())
    assert l53._stay(demo) > 1 / l53._mean_leave(demo)


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("53", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        for card in cards:
            assert "{" not in repr(card)
            assert "–" not in repr(card)


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("53", shop=demo, strict=True)
    for each in lab.exercises[1:]:
        answer = re.search(r"\d[\d,.]*\d|\d+", each.told(each.solution, demo))[0]
        shown = [each.told(each.prompt, demo), *(each.told(hint, demo) for hint in each.hints)]
        if each.id != "53.4":  # a month is a small number, and stands in many places
            assert not any(re.search(rf"(?<![\d,.]){answer}(?![\d,])", text) for text in shown), each.id


def test_without_costs_the_questions_are_asked_but_not_judged(demo):
    lab = learn.start("53", shop=replace(demo, costs={}), strict=True)
    for each in lab.exercises:
        assert lab.check(each.id, "c" if each.kind == "choice" else 0.1).state == "no answer"
        assert "What a customer brings needs landed costs" in repr(lab.ask(each.id))


def test_without_marketing_by_month_only_the_cost_of_a_month_is_not_judged(demo):
    lab = learn.start("53", shop=replace(demo, costs={**demo.costs, "marketing": 460_000.0}), strict=True)
    assert lab.check("53.3", 500).state == "no answer"
    assert lab.check("53.4", l53._reached(demo)).state == "right"


def test_a_shop_that_loses_on_its_orders_has_no_price_for_a_customer(demo):
    dear = demo.products.assign(landed_cost=demo.products["landed_cost"] * 3)
    with pytest.raises(InputError, match="nothing is left of the sales"):
        won(replace(demo, products=dear))


def test_a_young_shop_is_told_that_its_customers_were_not_watched_long_enough(demo):
    young = demo.orders[demo.orders["ordered_at"] < "2025-06-01"]
    lab = learn.start("53", shop=replace(demo, orders=young), strict=True)
    assert lab.check("53.4", 3).state == "no answer"
    assert "Too few customers have been watched" in repr(lab.ask("53.4"))
