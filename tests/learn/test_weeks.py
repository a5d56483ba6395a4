"""A shop's weeks by product: what they know goes in beside the price, postage comes off the parcel."""

from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import datasets, learn
from sellerlab.errors import InputError
from sellerlab.learn.offer import offer
from sellerlab.learn.weeks import by_product, misleading, priced, steadiest, steps
from sellerlab.pricing import arc_elasticity, own_price_elasticity, profit_best


@pytest.fixture(scope="module")
def demo():
    return learn.shop(world="baby_goods")


def with_weeks(shop, weeks):
    return replace(shop, tables={**shop.tables, "weeks": weeks})


def test_each_product_is_measured_beside_season_promotion_and_stock(demo):
    found = {each.sku: each for each in by_product(demo)}
    assert set(found) == set(demo.products["sku"])
    units = [each.weeks["units"].sum() for each in by_product(demo)]
    assert units == sorted(units, reverse=True)
    rows = demo.weeks[demo.weeks["sku"] == "DP-L"]
    expected = own_price_elasticity(
        rows, controls=["season", "promotion"], in_stock="in_stock", currency="KRW"
    )
    assert found["DP-L"].found == expected
    assert found["DP-L"].found.rows == int(rows["in_stock"].sum()) == len(found["DP-L"].usable)
    assert found["DP-L"].best == profit_best(expected, found["DP-L"].cost, **found["DP-L"].terms)


def test_the_postage_of_buyers_of_one_thing_comes_off_the_parcel(demo):
    found = {each.sku: each for each in by_product(demo)}
    terms = offer(demo).terms
    lines = demo.orders.query("status == 'paid' and quantity > 0")
    alone = lines[lines.groupby("order_id")["quantity"].transform("sum") == 1]
    paid = alone.loc[alone["sku"] == "BL-WARM", "shipping"].mean()
    assert 0 < paid < demo.truth["shipping"]["fee"]  # in some weeks its price goes free
    worth = paid / 1.1 - paid * terms["fees"]
    assert found["BL-WARM"].terms["fixed_cost"] == pytest.approx(terms["fixed_cost"] - worth)


@pytest.mark.parametrize("seed", ["demo", "a", "b"])
def test_the_misleading_product_has_a_wrong_sign_and_the_steady_one_was_never_tried(seed):
    shop = datasets.simulate("baby_goods", seed=seed)
    first = misleading(shop)
    assert first.found.naive > 0 > first.found.high
    assert first.sku in shop.truth["season"]["products"]
    assert steadiest(shop).sku == shop.truth["price_never_tried"]
    assert steadiest(shop).found.reason == "price_fixed"
    item = priced(shop)
    assert item.found.price_low <= item.best.price <= item.found.price_high


@pytest.mark.parametrize("sku", ["WP-10", "MT-COOL"])
def test_steps_are_weeks_in_a_row_that_differ_in_price_alone(demo, sku):
    item = next(each for each in by_product(demo) if each.sku == sku)
    rows = item.weeks
    found = steps(item)
    assert len(found) > 5
    pairs = zip(rows.itertuples(), rows[1:].itertuples(), strict=False)
    expected = [
        (a.price, b.price, a.units, b.units)
        for a, b in pairs
        if a.price != b.price
        and a.season == b.season
        and not (a.promotion or b.promotion)
        and a.in_stock
        and b.in_stock
    ]
    assert [(s.price_before, s.price_after, s.units_before, s.units_after) for s in found] == expected
    assert [s.elasticity for s in found] == pytest.approx([arc_elasticity(*each) for each in expected])


def test_a_file_of_price_and_units_is_enough(demo, tmp_path):
    rows = demo.weeks.loc[demo.weeks["sku"] == "WP-10", ["price", "units"]].assign(landed_cost=7_500)
    path = tmp_path / "weeks.csv"
    rows.to_csv(path, index=False)
    shop = learn.start("33", tables={"weeks": str(path)}, currency="KRW", strict=True).shop
    (only,) = by_product(shop)
    assert (only.sku, only.cost, only.beside) == ("your product", 7_500, {"controls": []})
    assert only.found.naive is None
    assert only.found.elasticity < -1
    assert misleading(shop) is priced(shop) is steadiest(shop) is only
    assert only.terms["fixed_cost"] == offer(shop).terms["fixed_cost"]


def test_a_season_by_number_is_a_name(demo):
    rows = demo.weeks[demo.weeks["sku"] == "MT-COOL"]
    number = {"low": 3, "normal": 1, "high": 2}
    shop = with_weeks(demo, rows.assign(season=rows["season"].map(number)))
    (only,) = by_product(shop)
    assert "season=2" in list(only.found.table["term"])
    named = next(each for each in by_product(demo) if each.sku == "MT-COOL")
    assert only.found.elasticity == pytest.approx(named.found.elasticity)


def test_weeks_that_cannot_answer_are_refused_with_what_to_do(demo):
    rows = demo.weeks[demo.weeks["sku"] == "WP-10"]
    with pytest.raises(InputError, match="no column 'units'"):
        by_product(with_weeks(demo, rows.drop(columns="units")))
    with pytest.raises(InputError, match="give landed_cost in weeks="):
        priced(with_weeks(demo, rows.assign(sku="unknown")))
    with pytest.raises(InputError, match="give landed_cost in weeks="):
        priced(with_weeks(demo, rows.head(10)))


def test_weeks_may_be_of_a_shop_without_sales_of_the_product(demo):
    rows = pd.concat([demo.weeks[demo.weeks["sku"] == "WP-10"]] * 2).assign(sku="new", landed_cost=7_000.0)
    assert priced(with_weeks(demo, rows)).sku == "new"
