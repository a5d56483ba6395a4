"""A learner's shop is the demo shop, one of their own by handle, or their own export."""

import pandas as pd
import polars as pl
import pytest

from sellerlab import datasets, learn, read
from sellerlab.errors import InputError, ReadError, TableError, UnknownNameError
from sellerlab.files import shipped


@pytest.fixture
def orders():
    return pd.DataFrame(
        {
            "order_id": ["1", "2"],
            "ordered_at": pd.to_datetime(["2026-05-02 10:00", "2026-05-31 23:59"]),
            "sku": ["A", "A"],
            "quantity": [1, 2],
            "unit_price": [900.0, 900.0],
            "currency": ["JPY", "JPY"],
        }
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_anything_it_is_the_demo_shop(nothing):
    pd.testing.assert_frame_equal(learn.shop(nothing, nothing).orders, datasets.simulate().orders)


def test_a_handle_is_a_shop_of_ones_own_and_always_the_same():
    pd.testing.assert_frame_equal(learn.shop("mika").orders, learn.shop(" Mika ").orders)
    assert not learn.shop("mika").orders.equals(learn.shop("joon").orders)


@pytest.mark.parametrize(
    "kind", [lambda frame: frame, pl.from_pandas, lambda frame: pl.from_pandas(frame).lazy()]
)
def test_an_orders_table_becomes_a_shop_whatever_its_kind(orders, kind):
    shop = learn.shop("mika", kind(orders))
    assert (shop.currency, str(shop.as_of.date()), shop.products["sku"].to_list()) == (
        "JPY",
        "2026-05-31",
        ["A"],
    )
    assert len(shop.orders) == 2


def test_an_export_file_becomes_a_shop_that_carries_its_name(orders, tmp_path, monkeypatch):
    asked = {}

    def fake(path, **options):
        asked.update(options)
        return orders

    monkeypatch.setattr(read, "orders", fake)
    shop = learn.shop(orders=str(tmp_path / "may.csv"), currency="JPY", timezone="")
    assert shop.name == "may.csv"
    assert asked == {"currency": "JPY", "timezone": None}


def test_the_demo_shops_own_export_has_its_last_month():
    lab = learn.start("01", orders=str(shipped("datasets/exports/shopify_orders.csv")), strict=True)
    assert (lab.shop.name, lab.shop.currency) == ("shopify_orders.csv", "JPY")
    assert "August 2026" in repr(lab.ask("01.2"))


def test_costs_may_stand_in_a_file(orders, tmp_path):
    path = tmp_path / "costs.yaml"
    path.write_text("fulfilment_per_order: 350\n", encoding="utf-8")
    assert learn.shop(orders=orders, costs=path).costs["fulfilment_per_order"] == 350


def test_the_callers_table_is_not_changed(orders):
    before = orders.copy()
    learn.shop(orders=orders)
    pd.testing.assert_frame_equal(orders, before)


def test_a_table_that_is_no_orders_table_is_refused(orders):
    with pytest.raises(TableError, match="unit_price: the column is missing"):
        learn.shop(orders=orders.drop(columns="unit_price"))


def test_an_unknown_world_is_refused():
    with pytest.raises(UnknownNameError, match=r"no world 'phone_stnd'.*Did you mean 'phone_stand'"):
        learn.shop(world="phone_stnd")


def test_a_costs_file_that_is_not_there_is_refused(orders, tmp_path):
    with pytest.raises(InputError, match="no costs file"):
        learn.shop(orders=orders, costs=tmp_path / "none.yaml")


def test_a_cost_that_is_none_is_refused_at_once(orders):
    with pytest.raises(UnknownNameError, match="Did you mean 'fulfilment_per_order'"):
        learn.shop(orders=orders, costs={"fulfillment_per_order": 350})


def test_empty_parameters_of_a_notebook_are_not_given(orders):
    shop = learn.shop("", orders, products="", costs="")
    assert (len(shop.products), shop.costs["fulfilment_per_order"]) == (1, None)


def test_a_table_of_ones_own_takes_the_place_of_the_simulated_one(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("respondent_id,cheap,support\n007,40,none\n008,,mail\n", encoding="utf-8")
    made = learn.shop(tables={"price_survey": str(path), "gabor": ""}, world="sewing_school", currency="USD")
    demo = learn.shop(world="sewing_school")
    assert made.price_survey["respondent_id"].to_list() == ["007", "008"]
    assert made.price_survey["support"].to_list() == ["none", "mail"]
    assert made.price_survey["cheap"].isna().to_list() == [False, True]
    pd.testing.assert_frame_equal(made.gabor, demo.gabor)
    assert (made.currency, made.costs) == ("USD", demo.costs)
    assert learn.shop(tables={"gabor": made.gabor}, costs={"vat_rate": 0.2}).costs["vat_rate"] == 0.2


def test_days_of_a_table_of_ones_own_are_days_and_other_words_stay_words(tmp_path):
    path = tmp_path / "weeks.csv"
    path.write_text("week,day,sent_at\n2026-06-29,3,soon\n2026-07-06,4,later\n", encoding="utf-8")
    weeks = learn.shop(tables={"weeks": path}).weeks
    assert weeks["week"].dt.day.to_list() == [29, 6]
    assert weeks["day"].to_list() == [3, 4]
    assert weeks["sent_at"].to_list() == ["soon", "later"]


def test_costs_and_currency_alone_do_not_change_a_simulated_shop():
    shop = learn.shop(tables={"gabor": ""}, costs={"vat_rate": 0.2}, currency="USD", world="sewing_school")
    assert (shop.currency, shop.costs["vat_rate"]) == ("ILS", 0.18)


def test_a_table_of_ones_own_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ReadError, match=r"There is no file '.*none\.csv'"):
        learn.shop(tables={"gabor": tmp_path / "none.csv"})


def test_an_export_may_come_with_further_tables(orders):
    shop = learn.shop(orders=orders, tables={"gabor": pl.DataFrame({"price": [1, 2]})})
    assert shop.gabor["price"].to_list() == [1, 2]
