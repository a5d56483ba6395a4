"""Lesson 01 is well posed on every shop: what is right is right, and each mistake is told by its name."""

import re
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest

from sellerlab import datasets, learn
from sellerlab.costs import Costs
from sellerlab.learn import judge
from sellerlab.learn.lessons import l01
from sellerlab.money import round_money
from sellerlab.profit import profit_and_loss

SHOPS = 200
#: Share of shops on which a mistake may give the right answer, or that of another mistake, by chance.
CHANCE = 0.02


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


@pytest.fixture(scope="module")
def quick():
    """The same analysis on Polars, which is quicker on small tables."""

    def on_polars(orders, products, **keywords):
        result = profit_and_loss(pl.from_pandas(orders), pl.from_pandas(products), **keywords)
        return replace(result, table=result.table.to_pandas())

    patch = pytest.MonkeyPatch()
    patch.setattr(l01, "profit_and_loss", on_polars)
    yield
    patch.undo()


def _judged(shop):
    """Yield each exercise and mistake (None: the right answer), what it gives, and what it is told."""
    for exercise in l01.LESSON.exercises:
        for sentence, compute in {None: exercise.answer, **exercise.wrong}.items():
            value = compute(shop)
            yield exercise, sentence, value, judge(exercise, value, shop)


def test_on_200_shops_every_right_answer_is_right_and_every_mistake_is_told_by_its_name(quick):
    by_chance = Counter()
    for place in range(SHOPS):
        shop = datasets.simulate("phone_stand", seed=f"learner {place}", orders=300)
        for exercise, sentence, value, feedback in _judged(shop):
            where = f"{exercise.id} on shop {place}: {sentence} gives {value}"
            assert value is not None, where
            if sentence is None:
                assert feedback.state == "right", where
            elif feedback.state == "right":
                by_chance[exercise.id, sentence, "right"] += 1
            else:
                assert feedback.state == "misconception", where
                assert sentence in feedback.misconceptions, where
                for other in set(feedback.misconceptions) - {sentence}:
                    by_chance[exercise.id, sentence, other] += 1
    often = {each: count for each, count in by_chance.items() if count >= CHANCE * SHOPS}
    assert not often


def test_on_the_demo_shop_no_mistake_leads_to_the_right_answer(demo):
    for exercise, sentence, value, feedback in _judged(demo):
        expected = "right" if sentence is None else "misconception"
        named = () if sentence is None else (sentence,)
        assert (feedback.state, feedback.misconceptions) == (expected, named), (exercise.id, value)


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
