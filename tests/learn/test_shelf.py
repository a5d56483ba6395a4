"""A shop's shelf: days from a count or from the orders, what is asked about, and what still sells."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sellerlab import datasets, learn
from sellerlab.errors import InputError
from sellerlab.learn.offer import offers
from sellerlab.learn.shelf import fading, halves, heaviest, runs_out, shelves, still_to_sell


@pytest.fixture(scope="module")
def shop():
    return datasets.simulate("baby_goods", orders=600)


def with_stock(shop, **columns):
    return replace(shop, tables={**shop.tables, "stock": shop.stock.assign(**columns)})


def test_the_product_that_runs_out_lost_most_units(shop):
    lost = {each.sku: each.pace * each.sold_out_days for each in shelves(shop)}
    assert runs_out(shop).sku == max(lost, key=lost.get)
    assert runs_out(shop).sold_out_days == shop.truth["stock"]["sold_out_days"][runs_out(shop).sku]


def test_a_shelf_holds_what_the_tables_say(shop):
    of = runs_out(shop)
    row = shop.products.set_index("sku").loc[of.sku]
    days = shop.stock[shop.stock["sku"] == of.sku]
    assert (of.on_hand, of.lead, of.pack, of.minimum) == tuple(
        row[["on_hand", "lead_time_days", "pack_units", "minimum_units"]]
    )
    assert of.pace == days.loc[~days["sold_out"], "sold"].mean()
    assert of.planted == shop.truth["stock"]["mean_daily_demand"][of.sku]
    alone = next(each for each in offers(shop) if each.sku == of.sku)
    assert alone.left <= of.left <= alone.left + alone.terms["fixed_cost"]
    assert of.order(8, 0.3).critical_ratio == pytest.approx(of.left / (of.left + 0.7 * of.cost))


def test_demand_of_a_week_lies_above_the_sales_where_it_sold_out(shop):
    of = runs_out(shop)
    assert of.demand.periods == 26
    assert of.demand.mean > 7 * of.days["sold"].mean()


def test_the_planted_demand_is_found_where_sales_fall_short_of_it():
    sales, found, inside = [], [], []
    for place in range(8):
        shop = datasets.simulate("baby_goods", seed=f"shelf {place}", orders=300)
        for of in shelves(shop)[:4]:
            sales.append(of.days["sold"].mean() / of.planted)
            found.append(of.demand.mean / 7 / of.planted)
            inside.append(of.demand.low <= 7 * of.planted <= of.demand.high)
    assert np.mean(sales) < 0.94
    assert 0.97 < np.mean(found) < 1.06
    assert np.mean(inside) > 0.85


def test_the_fad_is_the_product_that_fades_and_will_not_all_be_sold(shop):
    of = fading(shop)
    assert of.sku == shop.truth["fad"]["sku"]
    before, after = halves(of)
    assert still_to_sell(of) == pytest.approx(sum(after * (after / before) ** n for n in range(1, 99)))


def test_what_did_not_fall_by_more_than_chance_is_all_sold(shop):
    of = runs_out(shop)
    level = replace(of, days=of.days.assign(sold=2, sold_out=False), on_hand=999.0)
    assert still_to_sell(level) == 999


def test_the_heaviest_has_most_money_on_the_shelf_and_needs_a_count(shop):
    cost = shop.products.set_index("sku")["landed_cost"]
    held = shop.stock.groupby("sku")["on_hand"].mean() * cost
    assert heaviest(shop).sku == held.idxmax()
    bare = replace(shop, tables={**shop.tables, "stock": shop.stock.drop(columns="on_hand")})
    assert heaviest(bare) is None


def test_an_export_without_a_count_is_read_from_its_orders():
    shop = learn.shop(world="baby_goods")
    bare = replace(shop, tables={})
    counted, told = ({each.sku: each for each in shelves(each)} for each in (shop, bare))
    assert set(told) <= set(counted)
    for sku, of in told.items():
        assert of.sold_out_days == 0
        # The days before a product's first sale in the window are not its days.
        assert of.days["sold"].sum() == counted[sku].days["sold"].sum()
    assert runs_out(bare).sku == max(told.values(), key=lambda each: each.pace * each.left).sku


def test_a_count_of_ones_own_may_be_text(shop):
    own = with_stock(shop, day=shop.stock["day"].astype(str), sold_out=shop.stock["sold_out"].astype(int))
    assert runs_out(own).pace == runs_out(shop).pace


def test_a_count_without_a_column_is_refused(shop):
    own = replace(shop, tables={"stock": shop.stock.drop(columns="sold_out")})
    with pytest.raises(InputError, match="no column 'sold_out'"):
        shelves(own)


def test_too_few_days_are_refused(shop):
    last = shop.stock["day"].max() - pd.Timedelta(days=20)
    own = replace(shop, tables={"stock": shop.stock[shop.stock["day"] > last]})
    with pytest.raises(InputError, match="56 days of sales"):
        shelves(own)
