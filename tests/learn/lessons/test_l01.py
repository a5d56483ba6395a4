"""Lesson 01: its exercises ask what the profit and loss says."""

import re
from dataclasses import replace

import pytest

from sellerlab import learn
from sellerlab.costs import Costs
from sellerlab.learn.lessons import l01
from sellerlab.margin.profit import profit_and_loss
from sellerlab.money import round_money


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


def test_what_the_shop_keeps_is_the_contribution_of_its_profit_and_loss(demo):
    pnl = profit_and_loss(
        demo.orders, demo.products, costs=demo.costs, start="2026-08-01", end="2026-08-31", by="sku"
    )
    items = pnl.table.set_index("sku")["contribution_3"]
    answers = {each.id: each.answer(demo) for each in l01.LESSON.exercises}
    assert answers["01.2"] == pytest.approx(pnl.contribution_2 / pnl.net_sales)
    three = l01.LESSON["01.3"].choices(demo)
    assert answers["01.3"] == items[list(three)].idxmin()
    assert items[answers["01.3"]] < 0


@pytest.mark.parametrize("handle", [None, "mika", "joon", "תמר"])
def test_of_the_three_products_the_lowest_margin_is_not_the_least_money(handle):
    shop = learn.shop(handle)
    pnl = profit_and_loss(
        shop.orders, shop.products, costs=shop.costs, start="2026-08-01", end="2026-08-31", by="sku"
    )
    three = pnl.table.set_index("sku").loc[list(l01.LESSON["01.3"].choices(shop))]
    thin, best = (mistake(shop) for mistake in l01.LESSON["01.3"].wrong.values())
    assert (three["margin_3"].idxmin(), three["contribution_3"].idxmax()) == (thin, best)
    assert three["contribution_3"].idxmin() == l01.LESSON["01.3"].answer(shop)


@pytest.mark.parametrize("handle", [None, "mika", "joon", "תמר"])
def test_dearer_parcels_leave_what_the_profit_and_loss_with_dearer_parcels_says(handle):
    shop = learn.shop(handle)
    rise = round_money(l01.RISE * shop.costs["fulfilment_per_order"], "JPY")
    costs = Costs.from_mapping(shop.costs)
    dearer = replace(costs, fulfilment_per_order=costs.fulfilment_per_order + rise)
    pnl = profit_and_loss(shop.orders, shop.products, costs=dearer, start="2026-08-01", end="2026-08-31")
    assert l01.LESSON["01.4"].answer(shop) == pnl.contribution_3


def test_two_learners_have_the_same_question_and_other_numbers():
    labs = [learn.start("01", handle=handle, strict=True) for handle in ("mika", "joon")]
    assert labs[0].lesson is labs[1].lesson
    assert len({lab.lesson["01.2"].answer(lab.shop) for lab in labs}) == 2


def test_nothing_in_a_question_or_hint_before_the_last_gives_the_number_away(demo):
    lab = learn.start("01", shop=demo, strict=True)
    shares = re.search(r"is (\S+%)", repr(lab.solution("01.2")))[1]
    shown = [repr(lab.ask("01.2")), *(repr(lab.hint("01.2", step)) for step in (1, 2, 3))]
    assert not any(shares in each for each in shown)


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("01", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        for card in cards:
            assert "{" not in repr(card)
            assert "–" not in repr(card)


def test_an_export_without_costs_is_asked_but_not_judged(demo):
    lab = learn.start("01", orders=demo.orders, strict=True)
    for each in lab.exercises:
        feedback = lab.check(each.id, "d" if each.kind == "choice" else 0.1)
        assert feedback.state == "no answer"
    assert "products= and costs=" in lab.check("01.1", "d").message
    assert "August 2026" in repr(lab.ask("01.2"))


def test_an_export_with_products_and_costs_is_judged_like_the_demo_shop(demo):
    lab = learn.start("01", orders=demo.orders, products=demo.products, costs=demo.costs, strict=True)
    for each in lab.exercises:
        assert lab.check(each.id, each.answer(demo)).state == "right"
