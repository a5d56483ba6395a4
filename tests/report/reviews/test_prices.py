"""Floors, discounts, room and the list of things to do: on shops whose answer can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import datasets
from sellerlab.margin import Costs
from sellerlab.report.inputs import Inputs
from sellerlab.report.reviews.discounts import Promotions, promotions
from sellerlab.report.reviews.floors import Floors, floors
from sellerlab.report.reviews.prices import asleep_only, order_now, price_review
from sellerlab.report.reviews.room import Room, room
from sellerlab.report.sections import Note
from tests.report.reviews.shops import orders, shop

COSTS = Costs(fulfilment_per_order=100, fee_rates={"*": {"rate": 0.1}})
PRODUCTS = pd.DataFrame({"sku": ["A", "B"], "product": ["Apple", "Bean"], "landed_cost": [500.0, 850.0]})

#: Apple leaves 1000 - 500 - 100 - 100 = 300; Bean at 1000 leaves -50, and its floor is 950 / 0.9.
TWO = orders(("2026-05-02", "A", 1, 1000, 0), ("2026-05-03", "B", 1, 1000, 0))


def test_floor_is_the_price_at_which_nothing_is_left() -> None:
    found = floors(shop(TWO, PRODUCTS, COSTS))
    assert isinstance(found, Floors)
    assert found.under == ("B",)
    assert found.lost == pytest.approx(50)
    assert found.units["A"].floor == pytest.approx(600 / 0.9)
    assert found.units["B"].floor == pytest.approx(950 / 0.9)
    assert found.table["product"].tolist() == ["Bean", "Apple"]
    assert "1 of 2 products were sold under their floor and lost JPY 50" in found.sentence
    assert "Charge more than JPY 1,056 (6% more)" in found.table["what_to_do"][0]


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    price=st.integers(200, 5000),
    cost=st.integers(10, 4000),
    rate=st.floats(0, 0.4),
    vat=st.sampled_from([None, 0.1, 0.2]),
)
def test_a_sale_at_its_floor_leaves_nothing(price: int, cost: int, rate: float, vat: float | None) -> None:
    costs = Costs(fulfilment_per_order=70, fee_rates={"*": {"rate": rate}}, vat_rate=vat)
    products = pd.DataFrame({"sku": ["A"], "landed_cost": [float(cost)]})

    def left(charged: float) -> Floors:
        found = floors(shop(orders(("2026-05-02", "A", 100, charged, 0)), products, costs))
        assert isinstance(found, Floors)
        return found

    floor = left(price).units["A"].floor
    assert floor is not None
    # A unit's amounts are rounded to the yen on the order of a hundred units.
    assert left(floor).units["A"].left == pytest.approx(0, abs=0.2)


def test_floor_without_fees_and_parcels_says_what_it_leaves_out() -> None:
    found = floors(shop(TWO, PRODUCTS))
    assert isinstance(found, Floors)
    assert found.level == 1
    assert "fees and parcels are not known" in found.sentence
    assert found.under == ()


def test_without_landed_costs_nothing_is_judged() -> None:
    given = shop(TWO)
    found = floors(given)
    assert isinstance(found, Note)
    assert "Give a table of products with the column landed_cost" in found.sentence
    assert isinstance(room(given, found), Note)


def test_product_without_a_landed_cost_is_counted_as_not_judged() -> None:
    found = floors(shop(TWO, PRODUCTS[:1], COSTS))
    assert isinstance(found, Floors)
    assert found.without_cost == ("B",)
    assert "Without a landed cost, and not judged: 1." in found.sentence


def test_discount_that_turns_a_profit_into_a_loss_is_named() -> None:
    # Apple at 600 leaves 600 - 500 - 60 - 100 = -60; at 900 it leaves 210 instead of 300.
    lines = orders(
        ("2026-05-02", "A", 1, 1000, 400),
        ("2026-05-03", "A", 1, 1000, 0),
        ("2026-05-04", "C", 1, 1000, 100),
        ("2026-05-05", "B", 1, 1000, 100),
    )
    products = pd.concat(
        [PRODUCTS, pd.DataFrame({"sku": ["C"], "product": ["Corn"], "landed_cost": [500.0]})]
    )
    given = shop(lines, products, COSTS)
    found = promotions(given, floors(given))
    assert isinstance(found, Promotions)
    assert (found.units, found.all_units, found.given_away) == (3, 4, 600)
    assert found.losing == ("A",)
    assert found.rows["A"]["left"] == pytest.approx(-60)
    assert found.rows["A"]["left_at_full_price"] == pytest.approx(300)
    assert found.rows["C"]["more_units_needed"] == pytest.approx(300 / 210 - 1)
    said = dict(zip(found.table["product"], found.table["what_to_do"], strict=True))
    assert said["Apple"] == "End it: a unit left -JPY 60; without the discount it leaves JPY 300."
    assert said["Bean"] == "No discount until its price is above its floor."
    assert said["Corn"] == "Keep it only if it sells 43% more units than the full price would."


def test_shop_without_discounts_has_none_to_judge() -> None:
    given = shop(TWO, PRODUCTS, COSTS)
    assert isinstance(found := promotions(given, floors(given)), Note)
    assert found.sentence == "No line of these days has a discount that the shop paid for."


def test_discounts_without_costs_say_what_was_given_away() -> None:
    given = shop(orders(("2026-05-02", "A", 2, 1000, 300)))
    found = promotions(given, floors(given))
    assert isinstance(found, Note)
    assert "2 of 2 units were sold with a discount; JPY 300 was given away." in found.sentence


def _weeks(elasticity: float, seed: int = 1, base: float = 60) -> pd.DataFrame:
    """Eighty weeks at prices from 800 to 1,250 by chance, units by the planted elasticity."""
    rng = np.random.default_rng(seed)
    lines = []
    for week in range(80):
        monday = pd.Timestamp("2024-11-18") + pd.Timedelta(days=7 * week)
        price = float(rng.choice([800, 900, 1000, 1120, 1250]))
        units = int(rng.poisson(base * (price / 1000) ** elasticity))
        lines += [(str(monday + pd.Timedelta(days=day)), "A", 1, price, 0) for day in range(units % 7)]
        lines.append((str(monday), "A", max(units - units % 7, 1), price, 0))
        lines.append((str(monday), "Z", float(rng.poisson(200)) + 1, 500, 0))
    return orders(*lines)


def test_better_price_is_named_where_the_weeks_show_one() -> None:
    # With e = -3 the best net price is cost x 3/2: far above the usual price for a cost of 700.
    products = pd.DataFrame({"sku": ["A"], "product": ["Apple"], "landed_cost": [700.0]})
    lines = _weeks(-3.0)
    costs = Costs(fulfilment_per_order=0, fee_rates={"*": {"rate": 0.0}})
    given = shop(lines, products, costs, start="2026-03-01", end="2026-05-31")
    found = room(given, floors(given))
    assert isinstance(found, Room)
    (chance,) = found.chances
    assert chance.found is not None
    assert chance.found.elasticity == pytest.approx(-3, abs=0.5)
    assert chance.verdict == "raise"
    assert chance.price is not None
    assert chance.price == pytest.approx(1050, rel=0.1)
    assert chance.gain is not None
    assert chance.gain > 0
    assert "Better JPY" in found.table["what_to_do"][0]


def test_price_that_never_moved_asks_for_a_test() -> None:
    days = pd.date_range("2025-06-02", "2026-05-31")
    lines = orders(*((str(day), "A", 30, 1000, 0) for day in days))
    given = shop(lines, PRODUCTS, COSTS)
    found = room(given, floors(given))
    assert isinstance(found, Room)
    (chance,) = found.chances
    assert chance.found is not None
    assert chance.found.reason == "price_fixed"
    assert chance.verdict == "test"
    assert "in turn for" in chance.why
    # A unit leaves 400 less its part of the parcel; a price of 1,100 leaves 90 more.
    assert chance.may_lose == pytest.approx(90 / (400 - 100 / 30 + 90))


def test_product_that_sells_little_is_not_sent_into_a_test() -> None:
    given = shop(TWO, PRODUCTS, COSTS)
    found = room(given, floors(given))
    assert isinstance(found, Room)
    assert [chance.verdict for chance in found.chances] == ["wait"]
    assert "10% more pays unless it sells 23% fewer" in found.chances[0].why


def test_shop_that_earns_nothing_begins_with_its_floors() -> None:
    given = shop(TWO[1:], PRODUCTS, COSTS)
    found = room(given, floors(given))
    assert isinstance(found, Note)
    assert "begin with the floors" in found.sentence


def _of(made: datasets.Shop, start: str) -> Inputs:
    lines = made.orders.assign(kind="sale")
    return shop(lines, made.products, Costs.from_mapping(made.costs), start, "2026-08-31")


@pytest.mark.parametrize("seed", ["demo", "1", "2"])
def test_losing_products_of_a_simulated_shop_are_found_and_no_other(seed: str) -> None:
    made = datasets.simulate("phone_stand", seed=seed)
    given = _of(made, "2025-03-01")
    found = floors(given)
    assert isinstance(found, Floors)
    assert set(found.under) == set(made.truth["losing_products"])


def test_planted_elasticities_lie_in_the_intervals_of_the_review() -> None:
    made = datasets.simulate("baby_goods")
    given = _of(made, "2026-06-02")
    found = room(given, floors(given))
    assert isinstance(found, Room)
    named = [each for each in found.chances if each.price is not None]
    assert len(named) >= 3
    for each in named:
        assert each.found is not None
        assert each.found.low is not None
        assert each.found.high is not None
        assert each.found.low <= made.truth["elasticity"][each.unit.sku] <= each.found.high


def test_worklist_is_sorted_by_kind_of_money_and_says_what_was_not_looked_at() -> None:
    days = pd.date_range("2026-01-01", "2026-05-31")
    lines = orders(
        *((str(day), "A", 2, 1000, 0) for day in days), *((str(day), "B", 1, 1000, 0) for day in days)
    )
    stock = PRODUCTS.assign(on_hand=[10.0, 500.0], lead_time_days=[14.0, 14.0])
    asleep = pd.DataFrame(
        {
            "sku": ["S"],
            "product": ["Sloth"],
            "landed_cost": [90.0],
            "on_hand": [100.0],
            "lead_time_days": [9.0],
        }
    )
    received = pd.to_datetime(["2026-05-01", "2026-05-01", "2025-11-01"])
    products = pd.concat([stock, asleep], ignore_index=True).assign(received_at=received)
    found = price_review(shop(lines, products, COSTS))
    assert [(each.about, each.kind) for each in found.todo.items] == [
        ("Bean", "lost"), ("Apple", "to win"), ("Sloth", "idle"),
    ]  # fmt: skip
    money = [each.money for each in found.todo.items]
    # 100 x 90; two a day leave 350 each with one parcel for both; Bean loses 50 on each of 31 days.
    assert money == pytest.approx([31 * 50, 2 * 7 * 350, 9000])
    assert found.todo.not_told == ("No line of these days has a discount that the shop paid for.",)
    ordered = order_now(found.reorder, found.floors)
    assert not isinstance(ordered, Note)
    assert ordered.table["product"].tolist() == ["Apple"]
    slept = asleep_only(found.asleep)
    assert not isinstance(slept, Note)
    assert slept.table["note"].tolist() == ["never sold"]
    assert found.headline["Asleep"] == "JPY 9,000"


def test_review_without_products_still_says_what_it_needs() -> None:
    found = price_review(shop(TWO))
    assert found.todo.items == ()
    assert "Nothing in May asks for a change. Not looked at:" in found.todo.sentence
    assert "on_hand" in found.todo.sentence
    assert found.headline == {}
    for each in (found.floors, found.room, found.reorder, found.asleep):
        assert isinstance(each, Note)


def test_pictures_of_many_products_say_how_many_they_show() -> None:
    skus = [f"P{place:02d}" for place in range(25)]
    products = pd.DataFrame({"sku": skus, "product": skus, "landed_cost": 500.0})
    given = shop(orders(*(("2026-05-02", sku, 1, 1000, 100) for sku in skus)), products, COSTS)
    found = floors(given)
    offered, spare = promotions(given, found), room(given, found)
    titles = []
    for each in (found, offered, spare):
        assert not isinstance(each, Note)
        titles.append(each.plot().get_title(loc="left"))
    assert titles == [
        "Price against floor: the worst 20 of 25",
        "What the discounted sales left: the worst 20 of 25",
        "Room above the price: the first 20 of 25",
    ]
    few = floors(shop(TWO, PRODUCTS, COSTS))
    assert isinstance(few, Floors)
    assert few.plot().get_title(loc="left") == "Price against floor"


def test_discounts_of_products_that_lose_at_the_full_price_too_leave_nothing_there() -> None:
    given = shop(orders(("2026-05-05", "B", 1, 1000, 100)), PRODUCTS, COSTS)
    found = promotions(given, floors(given))
    assert isinstance(found, Promotions)
    assert found.sentence.endswith("none of these products leaves anything at the full price.")
    given = shop(orders(("2026-05-02", "A", 1, 1000, 400)), PRODUCTS, COSTS)
    found = promotions(given, floors(given))
    assert isinstance(found, Promotions)
    assert found.sentence.endswith("1 of these products leaves something at the full price.")
