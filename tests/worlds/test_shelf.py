"""The phone shop's stock agrees with its orders, and other sellers' prices lie where they were planted."""

import numpy as np
import pytest

from sellerlab import datasets


@pytest.mark.parametrize(("seed", "orders"), [("demo", 2600), ("mika", 300), ("few", 20)])
def test_stock_at_the_close_adds_up_and_agrees_with_orders_and_products(seed, orders):
    shop = datasets.simulate(seed=seed, orders=orders)
    paid = shop.orders[shop.orders["status"] == "paid"]
    day = paid["ordered_at"].dt.normalize()
    sold = paid[day >= shop.stock["day"].min()].groupby(["sku", day])["quantity"].sum()
    table = shop.stock.set_index(["sku", "day"])
    assert (sold.reindex(table.index).fillna(0) == table["sold"]).all()
    on_hand = shop.products.set_index("sku")["on_hand"]
    for sku, rows in shop.stock.groupby("sku"):
        assert ((rows["on_hand"].diff() + rows["sold"]).dropna() >= 0).all(), sku
        assert rows["on_hand"].iloc[-1] == on_hand[sku], sku
    out = shop.stock[shop.stock["sold_out"]]
    assert (out["on_hand"] == 0).all()
    assert (out["sold"] > 0).all()
    assert set(out["sku"]) <= {"ST-FOLD", "CA-CLEAR", "CH-20W"}
    assert orders < 300 or len(out) >= 3


def test_prices_of_others_lie_around_the_planted_share():
    gaps = []
    for seed in range(20):
        shop = datasets.simulate(seed=seed, orders=100)
        own = shop.products.set_index("sku")["price"]
        delivered = shop.competitors["price"] + shop.competitors["shipping"]
        planted = shop.competitors["sku"].map(shop.truth["price_of_others"])
        gaps.append(np.log(delivered / shop.competitors["sku"].map(own)) - np.log(planted))
        assert set(shop.competitors["sku"]) == set(own.index)
        assert shop.competitors["listing_id"].is_unique
        assert shop.competitors["rating"].between(1, 5).all()
    gap = np.concatenate(gaps)
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(len(gap))
    assert gap.std() == pytest.approx(0.13, abs=0.02)
