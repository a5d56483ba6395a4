"""The explorer of RFM cut-offs: four sliders say who is recent, gone, often and large."""

import narwhals as nw
import pandas as pd
import pytest

from sellerlab import learn
from sellerlab.errors import InputError
from sellerlab.learn import explore
from sellerlab.segments import rfm


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


@pytest.fixture
def explorer(demo):
    return explore.rfm_cutoffs(demo.orders, as_of=demo.as_of)


def test_it_begins_near_the_fifths_of_these_customers(demo, explorer):
    fifths = rfm(demo.orders, as_of=demo.as_of).cuts
    assert explorer.state["recent"] == fifths["recency_days"][0]
    assert explorer.state["gone"] == fifths["recency_days"][3]
    assert explorer.state["often"] == fifths["orders"][3]
    assert explorer.state["much"] == pytest.approx(fifths["net_sales"][3], rel=0.02)


def test_the_cut_offs_between_follow_the_sliders(demo, explorer):
    for name, value in {"recent": 10, "gone": 80, "often": 8, "much": 8000}.items():
        explorer.controls[name].value = value
    cuts = {
        "recency_days": (10, 20, 40, 80),  # twice as long each time
        "orders": (2, 4, 6, 8),
        "net_sales": (1000, 2000, 4000, 8000),
    }
    assert explorer.result.cuts == cuts
    assert explorer.result == rfm(demo.orders, as_of=demo.as_of, cuts=cuts)
    assert explorer.said == explorer.result.sentence


def test_borders_move_customers_and_neither_people_nor_money_are_lost(explorer):
    before = explorer.result
    for name, value in (("recent", 10), ("often", 6), ("much", 20_000), ("gone", 120)):
        sizes = explorer.result.sizes
        explorer.controls[name].value = value
        assert explorer.result.sizes != sizes, name
        assert sum(explorer.result.sizes.values()) == before.n
        assert explorer.result.table["net_sales"].sum() == pytest.approx(before.net_sales)
    assert explorer.result.sizes["Champions"] < before.sizes["Champions"]
    assert explorer.result.sizes["Dormant"] > before.sizes["Dormant"]


def test_who_ordered_once_is_scored_one_whatever_often_means(explorer):
    for often in (2, 5, 20):
        explorer.controls["often"].value = often
        people = nw.from_native(explorer.result.customers).to_pandas()
        assert set(people.loc[people["orders"] == 1, "f"]) == {1}
        assert set(people.loc[people["orders"] >= often, "f"]) == {5}


def test_gone_must_be_longer_than_recent(explorer):
    explorer.controls["gone"].value = 30
    assert explorer.result is None
    assert explorer.said == "Gone from 30 days on, but recent below 40: gone must be the longer time."
    explorer.controls["recent"].value = 20
    assert explorer.result is not None


@pytest.mark.parametrize("times", [0.01, 1, 1000])
def test_every_slider_has_a_label_and_room_for_any_money(demo, times):
    orders = demo.orders.assign(currency="USD")
    money = ["unit_price", "discount", "platform_discount", "shipping", "tax_included", "amount", "refunded"]
    orders[money] = orders[money] * times
    explorer = explore.rfm_cutoffs(orders, as_of=demo.as_of)
    labels = ["Recent: days below", "Gone: days from", "Often: orders from", "Much: from (USD)"]
    assert [slider.description for slider in explorer.controls.values()] == labels
    for slider in explorer.controls.values():
        assert slider.tooltip == slider.description
        assert slider.min <= slider.value < slider.max
    assert explorer.result.sizes["Champions"] > 100


def test_a_shop_where_all_ordered_once_has_sliders_too():
    day = pd.Timestamp("2026-05-01")
    orders = pd.DataFrame(
        {
            "order_id": [str(n) for n in range(30)],
            "customer_id": [f"c{n}" for n in range(30)],
            "ordered_at": [day + pd.Timedelta(days=n % 3) for n in range(30)],
            "sku": "A",
            "quantity": 1,
            "unit_price": 100.0,
        }
    )
    explorer = explore.rfm_cutoffs(orders)
    assert explorer.state["often"] == 3
    assert sum(explorer.result.sizes.values()) == 30
    with pytest.raises(InputError, match="9 customers are too few to start from their fifths: 10 are needed"):
        explore.rfm_cutoffs(orders.head(9))
