"""Lesson 31: its exercises ask what the pricing functions say."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import datasets, fees, learn, pricing
from sellerlab.errors import InputError
from sellerlab.learn import explore
from sellerlab.learn.lessons import l31
from sellerlab.learn.offer import offer, offers


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


def test_the_offer_is_the_product_that_loses_most_on_a_sale(demo):
    first, *rest = offers(demo)
    products = demo.products.set_index("sku")
    assert all(first.left <= each.left for each in rest)
    assert len(rest) == len(products) - 1
    assert (first.cost, first.price) == tuple(products.loc[first.sku, ["landed_cost", "price"]])
    assert first.channel == demo.orders.query("status == 'paid'")["channel"].mode()[0]
    assert first.left == pricing.contribution(first.price, first.cost, **first.terms)
    rate = demo.costs["fee_rates"][first.channel]
    assert (first.terms["fees"], first.terms["fee_fixed"]) == (rate["rate"], rate["fixed"])
    assert first.terms["fixed_cost"] == sum(
        demo.costs[each] for each in ("fulfilment_per_order", "packaging_per_order")
    )


def test_a_price_that_the_products_lack_is_the_newest_one_sold_at(demo):
    told = demo.orders.query("status == 'paid'").sort_values("ordered_at").groupby("sku")["unit_price"].last()
    bare = replace(demo, products=demo.products[["sku", "landed_cost"]])
    for each in offers(bare):
        assert each.price == told[each.sku]
        assert each.product == each.sku


def test_channels_are_found_whatever_their_case_and_a_star_stands_for_the_rest(demo):
    lines = demo.orders.assign(channel="TikTok Shop")
    assert offer(replace(demo, orders=lines)).channel == "tiktok_shop"
    lines = demo.orders.assign(channel="market")
    costs = {**demo.costs, "fee_rates": {"*": {"rate": 0.11, "fixed": 5}}}
    of = offer(replace(demo, orders=lines, costs=costs))
    assert (of.channel, of.terms["fees"], of.terms["fee_fixed"]) == ("*", 0.11, 5)
    of = offer(replace(demo, orders=demo.orders.drop(columns="channel"), costs=costs))
    assert of.channel == "*"


@pytest.mark.parametrize("handle", [None, "mika", "joon", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle)
    first, second = offers(shop)[:2]
    target = pricing.target_price(first.cost, l31.TARGET, currency="JPY", **first.terms)
    other = pricing.target_price(second.cost, l31.TARGET, currency="JPY", **second.terms)
    answers = {each.id: each.answer(shop) for each in l31.LESSON.exercises}
    assert answers["31.2"] == other.price
    # However dear, the margin stays below the limit, and comes near it.
    dear = pricing.margin_at(1e12, first.cost, **first.terms)
    assert dear == pytest.approx(answers["31.3"], abs=1e-6)
    cut = round(0.1 * target.price + 1e-9)
    after = pricing.contribution(target.price - cut, first.cost, **first.terms)
    assert answers["31.5"] == pytest.approx(target.contribution - after)
    assert answers["31.4"] * after >= 100 * target.contribution > (answers["31.4"] - 1) * after


def test_the_platform_takes_its_fee_from_the_price_with_vat(demo):
    of = offer(demo)
    price = l31._target(demo)
    taken = fees.fee(fees.plain(of.terms["fees"], of.terms["fee_fixed"]), price)
    left = price / (1 + of.terms["vat_rate"]) - taken - of.terms["fixed_cost"] - of.cost
    assert left == pytest.approx(pricing.contribution(price, of.cost, **of.terms))


def test_two_learners_have_the_same_question_and_other_numbers():
    labs = [learn.start("31", handle=handle, strict=True) for handle in ("mika", "joon")]
    assert labs[0].lesson is labs[1].lesson
    assert len({lab.lesson["31.2"].answer(lab.shop) for lab in labs}) == 2


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("31", shop=demo, strict=True)
    for each in lab.exercises[1:]:
        answer = re.match(r"[^:;.]*?(\d[\d,.]*\d)", each.told(each.solution, demo))[1]
        shown = [repr(lab.ask(each.id))]
        shown += [repr(lab.hint(each.id, step)) for step in range(1, len(each.hints) + 1)]
        # The answer of 31.5 is also no number of its hints: they give the two parts of it.
        assert not any(re.search(rf"(?<![\d,]){answer}(?![\d,])", text) for text in shown), each.id


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("31", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        for card in cards:
            assert "{" not in repr(card)
            assert "–" not in repr(card)


@pytest.mark.parametrize("lacking", ["fulfilment_per_order", "fee_rates", "vat_rate"])
def test_a_shop_without_a_cost_is_asked_but_not_judged(demo, lacking):
    costs = {name: value for name, value in demo.costs.items() if name != lacking}
    lab = learn.start("31", shop=replace(demo, costs=costs), strict=True)
    for each in lab.exercises:
        assert lab.check(each.id, "c" if each.kind == "choice" else 0.1).state == "no answer"
        assert "vat_rate (0 if you charge no tax)" in repr(lab.ask(each.id))


def test_products_without_costs_are_refused(demo):
    for products in (demo.products[["sku"]], demo.products.assign(landed_cost=float("nan"))):
        with pytest.raises(InputError, match="No product has a landed cost and a price"):
            offer(replace(demo, products=products))


def test_with_one_product_only_the_question_about_a_second_has_no_answer(demo):
    lab = learn.start("31", shop=replace(demo, products=demo.products.iloc[[0]]), strict=False)
    states = {each.id: lab.check(each.id, "c" if each.id == "31.1" else 0.5).state for each in lab.exercises}
    assert states.pop("31.2") == "no answer"
    assert "no answer" not in states.values()


def test_an_export_with_products_and_costs_is_judged_like_the_demo_shop(demo):
    lab = learn.start("31", orders=demo.orders, products=demo.products, costs=demo.costs, strict=True)
    for each in lab.exercises:
        assert lab.check(each.id, each.answer(demo)).state == "right"


def test_floors_with_the_postage_of_buyers_find_what_was_planted():
    world = datasets.simulate("phone_stand", seed="truth")
    tags, terms, postage = world.products, offer(world).terms, world.truth["shipping"]
    pays = (tags["price"] < postage["free_from"]) * postage["fee"]
    brought = pays / (1 + terms["vat_rate"]) - pays * terms["fees"]
    floors = pricing.floor_price(
        tags["landed_cost"], **{**terms, "fixed_cost": terms["fixed_cost"] - brought}
    )
    assert set(tags.loc[tags["price"] < floors, "sku"]) == set(world.truth["losing_products"])


def _below_the_floor(shop, lines):
    """The products that lose money once the postage of these lines comes off the parcel, as in the lesson."""
    postage = lines.groupby("sku")["shipping"].mean()
    terms = offer(shop).terms
    worth = 1 / (1 + terms["vat_rate"]) - terms["fees"]
    return {each.sku for each in offers(shop) if each.left + postage.get(each.sku, 0) * worth < 0}


def test_postage_is_read_from_orders_of_one_thing_a_mean_over_all_lines_accuses_cheap_products():
    accused = 0
    for place in range(8):
        shop = datasets.simulate("phone_stand", seed=datasets.handle_seed(f"h{place}"))
        planted = set(shop.truth["losing_products"])
        lines = shop.orders.query("status == 'paid' and quantity > 0")
        alone = lines[lines.groupby("order_id")["quantity"].transform("sum") == 1]
        assert _below_the_floor(shop, alone) == planted, place
        accused += _below_the_floor(shop, lines) != planted
    assert accused >= 2


def test_the_explorer_follows_its_sliders_to_where_no_price_is_left(demo):
    of = offer(demo)
    explorer = explore.target_price(of.cost, 0.2, currency="JPY", **of.terms)
    assert explorer.result.price == pricing.target_price(of.cost, 0.2, currency="JPY", **of.terms).price
    explorer.controls["margin"].value = 0.95
    assert explorer.result.price is None
    assert "always stays below 91.2%" in explorer.said
    explorer.controls["fees"].value = 0.03
    assert explorer.result.limit == pytest.approx(1 - 0.03 * 1.1)
    assert explorer.result.price > 10 * of.price
    explorer.controls["margin"].value = 0.5
    explorer.controls["cost"].value = 100
    explorer.controls["fixed_cost"].value = 0
    assert explorer.result.floor == 114  # 100 * 1.1 / (1 - 0.03 * 1.1), rounded up


@pytest.mark.parametrize("cost", [0.8, 15, 2547, 99_999])
def test_the_explorer_has_a_label_and_room_for_any_cost(cost):
    explorer = explore.target_price(cost, 0.2, fees=0.1, fixed_cost=cost, vat_rate=0.27)
    assert list(explorer.controls) == ["cost", "fixed_cost", "fees", "vat_rate", "margin"]
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value < slider.max
    assert isinstance(explorer.result.table, pd.DataFrame)
    with pytest.raises(InputError, match="cost is 0"):
        explore.target_price(0, 0.2)
