"""Lesson 21: its exercises ask what the waterfall and the prices of one sale say."""

import math
import re

import pytest

from sellerlab import learn, margin
from sellerlab.learn import judge
from sellerlab.learn.lessons import l21
from sellerlab.margin.profit import profit_and_loss
from sellerlab.pricing import contribution, margin_at


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


@pytest.mark.parametrize("handle", [None, "mika", "joon", "תמר"])
def test_the_answers_agree_with_each_other_and_with_the_waterfall_of_one_sale(handle):
    shop = learn.shop(handle)
    terms = margin.usual_terms(shop)
    sale = l21._sale(shop)
    answers = {each.id: each.answer(shop) for each in l21.LESSON.exercises}
    waterfall = margin.one_sale(sale.price, sale.cost, **terms)
    assert answers["21.3"] == pytest.approx(waterfall.pnl.contribution_2, abs=1.5)
    kept = {"fees": terms["fee"], "fixed_cost": terms["parcel"], "vat_rate": terms["vat_rate"]}
    assert margin_at(answers["21.4"], sale.cost, **kept) == pytest.approx(sale.want)
    raised = contribution(sale.price, sale.cost, **{**kept, "fees": terms["fee"] + l21.RISE})
    assert (answers["21.5"] - 1) * raised < sale.lamp <= answers["21.5"] * raised


@pytest.mark.parametrize("handle", [None, "mika", "joon", "תמר"])
def test_the_product_asked_about_left_the_shop_most(handle):
    shop = learn.shop(handle)
    pnl = profit_and_loss(
        shop.orders, shop.products, costs=shop.costs, start="2026-08-01", end="2026-08-31", by="sku"
    )
    best = pnl.table.set_index("sku")["contribution_2"].idxmax()
    row = shop.products.set_index("sku").loc[best]
    assert (l21._sale(shop).product, l21._sale(shop).cost) == (row["product"], row["landed_cost"])


def test_rounding_what_a_sale_leaves_to_a_yen_does_not_change_how_many_pay_the_lamp(demo):
    sale = l21._sale(demo)
    left = round(sale.raised)
    assert math.ceil(sale.lamp / left) == l21.LESSON["21.5"].answer(demo)


def test_two_learners_have_the_same_question_and_other_numbers():
    labs = [learn.start("21", handle=handle, strict=True) for handle in ("mika", "joon")]
    assert labs[0].lesson is labs[1].lesson
    assert len({lab.lesson["21.3"].answer(lab.shop) for lab in labs}) == 2


@pytest.mark.parametrize(("exercise", "pattern"), [("21.2", r"of (\S+%)\."), ("21.3", r"(JPY \S+) is left")])
def test_nothing_in_a_question_or_hint_gives_the_number_away(demo, exercise, pattern):
    lab = learn.start("21", shop=demo, strict=True)
    answer = re.search(pattern, repr(lab.solution(exercise)))[1]
    shown = [repr(lab.ask(exercise)), *(repr(lab.hint(exercise, step)) for step in (1, 2, 3))]
    assert not any(answer in each for each in shown)


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("21", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        told = [lab.check(each.id, ...), *(judge(each, wrong(demo), demo) for wrong in each.wrong.values())]
        for card in (*cards, *told):
            assert "{" not in repr(card)
            assert "–" not in repr(card)


def test_an_export_without_costs_is_asked_but_not_judged(demo):
    lab = learn.start("21", orders=demo.orders, strict=True)
    for each in lab.exercises:
        feedback = lab.check(each.id, "d" if each.kind == "choice" else 0.1)
        assert feedback.state == "no answer"
        assert "costs=" in feedback.message
    assert "costs=" in repr(lab.ask("21.3"))


def test_an_export_without_landed_costs_says_which_file_is_missing(demo):
    lab = learn.start("21", orders=demo.orders, costs=demo.costs, strict=True)
    assert "products= as well" in lab.check("21.3", 100).message


def test_an_export_with_products_and_costs_is_judged_like_the_demo_shop(demo):
    lab = learn.start("21", orders=demo.orders, products=demo.products, costs=demo.costs, strict=True)
    for each in lab.exercises:
        assert lab.check(each.id, each.answer(demo)).state == "right"


def test_where_prices_contain_no_tax_the_first_question_offers_no_amount_twice(demo):
    orders = demo.orders.assign(tax_included=0)
    lab = learn.start(
        "21", orders=orders, products=demo.products, costs={**demo.costs, "vat_rate": None}, strict=True
    )
    assert "c:" not in repr(lab.ask("21.1"))
    assert lab.check("21.1", "d").state == "right"
