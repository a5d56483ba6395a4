"""Lesson 51: its exercises ask what the segments say, and its wrong turn goes wrong as it tells."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import datasets, learn, margin, segments
from sellerlab.learn.lessons import l51
from sellerlab.segments import ACTIONS


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


def _answers(shop):
    return {each.id: each.answer(shop) for each in l51.LESSON.exercises}


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle)
    people = segments.rfm(shop.orders, as_of=shop.as_of).customers.set_index("customer_id")
    answers = _answers(shop)
    asked = people.loc[l51._asked(shop).name]
    assert answers["51.1"] == asked["recency_days"]
    assert answers["51.2"] == pytest.approx(asked["net_sales"] / asked["orders"])
    assert {answers["51.3"]} == set(people.loc[people["orders"] == 1, "f"])
    name, *scores = l51._puzzle(shop)
    assert scores == people.loc[name, ["r", "f", "m"]].tolist()
    assert answers["51.4"] == people.loc[name, "segment"]
    books = margin.profit_and_loss(shop.orders, shop.products, costs=shop.costs)
    assert answers["51.5"] * books.contribution_2 / books.orders == pytest.approx(l51._gift(shop))


def test_the_customer_asked_about_gave_something_back_and_has_more_lines_than_orders(demo):
    asked = l51._asked(demo)
    lines = demo.orders[(demo.orders["customer_id"] == asked.name) & (demo.orders["status"] == "paid")]
    assert (asked.orders, asked.lines) == (lines["order_id"].nunique(), len(lines))
    assert asked.orders < asked.lines
    assert asked.charged - asked.kept == lines["refunded"].sum() > 0
    # Postage is not given back, so a tenth of what was kept is no more than near the tax.
    assert asked.net == pytest.approx(asked.kept / 1.1, rel=0.001)
    assert asked.net < asked.untaxed < asked.charged


def test_the_segment_is_never_told_in_the_question_or_a_hint(demo):
    lab = learn.start("51", shop=demo, strict=True)
    for each in lab.exercises:
        answer = each.answer(demo)
        shown = [repr(lab.ask(each.id))] + [
            repr(lab.hint(each.id, step + 1)) for step in range(len(each.hints))
        ]
        told = each.told(each.solution, demo)
        written = str(answer) if isinstance(answer, str) else re.match(r"[^:;.]*?(\d[\d,.]*\d|\d)", told)[1]
        if each.id not in ("51.3",):  # scores are small numbers, as those of other facts
            assert not any(re.search(rf"(?<![\d,\w]){written}(?![\d,\w])", text) for text in shown), each.id


def test_every_template_is_filled(demo):
    lab = learn.start("51", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        assert not any("{" in repr(card) or "–" in repr(card) for card in cards), each.id


@pytest.mark.parametrize("given", [*list(ACTIONS)[:3], "at risk", "PREVIOUSLY LOYAL"])
def test_a_segment_may_be_written_in_any_case(demo, given):
    lab = learn.start("51", shop=demo)
    assert lab.check("51.4", given).state in ("right", "misconception", "off")


def test_without_costs_or_refunds_only_the_questions_about_them_have_no_answer(demo):
    bare = replace(demo, orders=demo.orders.drop(columns=["refunded", "fee"]), costs={})
    lab = learn.start("51", shop=bare, strict=False)
    tried = {"51.1": 3, "51.2": 1000, "51.3": 1, "51.4": "Dormant", "51.5": 0.5}
    states = {id_: lab.check(id_, value).state for id_, value in tried.items()}
    assert [id_ for id_, state in states.items() if state == "no answer"] == ["51.1", "51.2", "51.5"]
    for each in lab.exercises:
        assert "{" not in repr(lab.ask(each.id))


def test_two_learners_have_the_same_question_and_other_customers():
    shops = [learn.shop(handle) for handle in ("mika", "joon")]
    assert l51._asked(shops[0]).name != l51._asked(shops[1]).name
    assert _answers(shops[0]) != _answers(shops[1])


def test_numbering_equal_customers_first_scores_them_by_their_place_in_the_table(demo):
    orders = segments.rfm(demo.orders, as_of=demo.as_of).customers["orders"]
    with pytest.raises(ValueError, match="Bin edges must be unique"):
        pd.qcut(orders, 5, labels=range(5))
    with pytest.raises(ValueError, match="Bin labels must be one fewer"):
        pd.qcut(orders, 5, labels=range(5), duplicates="drop")
    scores = [
        pd.qcut(each.rank(method="first"), 5, labels=range(5)).astype(int) for each in (orders, orders[::-1])
    ]
    assert scores[0][orders == 1].nunique() >= 3
    assert (scores[0].sort_index() != scores[1].sort_index()).mean() > 0.3


def test_segments_made_before_are_in_the_order_of_what_was_planted_to_come():
    from sellerlab.lifetime import BgNbd, repeat_purchases

    ranks = []
    for seed in ("truth", *(datasets.handle_seed(f"h{place}") for place in range(4))):
        world = datasets.simulate("phone_stand", seed=seed)
        then = world.as_of - pd.DateOffset(months=3)
        known = segments.rfm(world.orders, as_of=then).customers
        later = repeat_purchases(world.orders, end=then, holdout_end=world.as_of)
        known = known.merge(later.table, on="customer_id", validate="one_to_one")
        model = BgNbd(**{name: world.truth["customers"][name] for name in ("r", "alpha", "a", "b")})
        history = (known["frequency"], known["recency"], known["age"])
        known["planted"] = model.expected_given((world.as_of - then).days / 7, *history)
        means = known.groupby("segment")[["planted", "holdout_frequency"]].mean()
        assert means["planted"].idxmax() == "Champions"
        assert means["planted"].idxmin() in ("Dormant", "Previously loyal")
        ranks.append(means.corr("spearman").iloc[0, 1])
    assert min(ranks) > 0.75
