"""The baby goods shop: contracts, orders that follow what was planted, prices whose effect can be found."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1
from scipy.stats import t as student

from sellerlab import datasets, tables
from sellerlab.worlds.baby_goods import stock as counts
from sellerlab.worlds.baby_goods.catalogue import CHANNELS, FAD, ITEMS, STEADY
from sellerlab.worlds.baby_goods.market import market_of
from sellerlab.worlds.baby_goods.parameters import DAYS, parameters
from sellerlab.worlds.draws import generator

SEEDS = 200
#: Products with enough sales all along and prices that moved.
TRIED = [item.sku for item in ITEMS if item.sku not in (FAD, STEADY)]


@pytest.fixture(scope="module")
def demo():
    return datasets.simulate("baby_goods")


@pytest.fixture(scope="module")
def large():
    """A shop large enough for planted rates to show."""
    return datasets.simulate("baby_goods", seed="large", orders=60_000)


def _paid(shop):
    return shop.orders[shop.orders["status"] == "paid"]


def _inside(count, size, rate, width=4.0):
    return abs(count - size * rate) <= width * np.sqrt(size * rate * (1 - rate)) + 1


# Contracts


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 10**9), st.integers(20, 900))
def test_every_shop_keeps_the_contracts(seed, orders):
    shop = datasets.simulate("baby_goods", seed=seed, orders=orders)
    tables.validate(shop.orders, "orders")
    tables.validate(shop.products, "products")
    tables.validate(shop.ads, "ads")
    assert set(shop.orders["sku"]) <= set(shop.products["sku"])
    assert abs(shop.orders["order_id"].nunique() - orders) <= 0.02 * orders + 10
    assert shop.orders["ordered_at"].is_monotonic_increasing
    assert shop.orders["ordered_at"].max() < shop.as_of + pd.Timedelta(days=1)
    assert not shop.orders.duplicated(["order_id", "sku"]).any()
    same = shop.orders.groupby("order_id")[["customer_id", "channel", "ordered_at", "status"]].nunique()
    assert (same == 1).all().all()


def test_won_are_whole_and_the_amount_identity_is_exact(large):
    orders = large.orders
    for name in ("unit_price", "discount", "platform_discount", "shipping", "amount", "refunded", "fee"):
        assert orders[name].dtype.kind == "i"
    goods = orders["quantity"] * orders["unit_price"] - orders["discount"] - orders["platform_discount"]
    assert (goods > 0).all()
    assert (orders["amount"] == goods + orders["shipping"]).all()
    assert (orders["refunded"] <= orders["amount"]).all()
    assert (orders["refunded_quantity"] <= orders["quantity"]).all()


@pytest.mark.parametrize("orders", [300, 1000])
def test_the_last_month_of_every_shop_has_what_exercises_need(orders):
    for seed in range(30):
        shop = datasets.simulate("baby_goods", seed=seed, orders=orders)
        month = shop.orders[shop.orders["ordered_at"] >= "2026-08-01"]
        paid = month[month["status"] == "paid"]
        assert set(paid["channel"]) == set(CHANNELS), seed
        assert (paid["refunded"] > 0).any(), seed
        assert (month["status"] == "cancelled").any(), seed


@pytest.mark.parametrize(("orders", "message"), [(19, "needs 20 orders or more"), (300.5, "whole number")])
def test_a_number_of_orders_that_cannot_be_is_refused(orders, message):
    with pytest.raises(datasets.InputError, match=message):
        datasets.simulate("baby_goods", orders=orders)


# Orders


def test_fees_cancellations_and_refunds_follow_the_planted_rates(large):
    paid, truth = _paid(large), large.truth
    rate = paid["channel"].map({name: each["rate"] for name, each in truth["fee_rates"].items()})
    assert (paid["fee"] == np.rint(rate * (paid["amount"] + paid["platform_discount"]))).all()
    status = large.orders.drop_duplicates("order_id")["status"]
    assert _inside((status == "cancelled").sum(), len(status), truth["cancel_rate"], width=6)
    refunds = (paid["refunded"] > 0).groupby(paid["sku"]).agg(["sum", "size"])
    for sku, row in refunds.iterrows():
        assert _inside(row["sum"], row["size"], truth["refund_rate"][sku]), sku


def test_shipping_is_charged_below_the_threshold_and_free_above(demo):
    shipping = demo.truth["shipping"]
    orders = demo.orders.assign(goods=demo.orders["amount"] - demo.orders["shipping"])
    whole = orders.groupby("order_id")[["goods", "shipping"]].sum()
    assert (whole["shipping"] == np.where(whole["goods"] < shipping["free_from"], shipping["fee"], 0)).all()


def test_repeat_orders_match_the_planted_bg_nbd(large):
    placed = _paid(large).drop_duplicates("order_id")
    before = placed[placed["ordered_at"] < large.truth["offer"]["sent_at"]]
    end = pd.Timestamp(large.truth["offer"]["sent_at"])
    buyers = before.groupby("customer_id")["ordered_at"].agg(["min", "size"])
    age = (end - buyers["min"]).dt.total_seconds() / (7 * 86400)
    r, alpha, a, b = (large.truth["customers"][name] for name in ("r", "alpha", "a", "b"))
    inner = 1 - (alpha / (alpha + age)) ** r * hyp2f1(r, b, a + b - 1, age / (alpha + age))
    expected = (a + b - 1) / (a - 1) * inner
    # The clock of buying follows season and prices, hence more than sampling error.
    assert (buyers["size"] - 1).mean() == pytest.approx(expected.mean(), rel=0.05)


def test_order_value_does_not_depend_on_how_often_a_customer_buys(large):
    value = _paid(large).groupby(["customer_id", "order_id"])["amount"].sum().groupby("customer_id")
    both = value.agg(["mean", "size", "first", "last"])
    both = both[both["size"] >= 2]
    assert abs(both[["mean", "size"]].corr().iloc[0, 1]) < 0.06
    assert 0.03 < both[["first", "last"]].corr().iloc[0, 1] < 0.5


def test_the_offer_added_what_was_planted_and_loyal_customers_used_it_anyway(large):
    planted = large.truth["offer"]
    inside = _paid(large)["ordered_at"].between(
        planted["sent_at"], pd.Timestamp(planted["last_day"]) + pd.Timedelta(days=1)
    )
    during, before = _paid(large)[inside], _paid(large)[_paid(large)["ordered_at"] < planted["sent_at"]]
    known = before.groupby("customer_id").agg(n=("order_id", "nunique"), last=("ordered_at", "max"))
    people = large.offer.merge(known, left_on="customer_id", right_index=True, how="inner")
    assert len(people) == len(large.offer)
    ago = (pd.Timestamp(planted["sent_at"]) - people["last"]) / pd.Timedelta(days=1)
    segment = np.select(
        [(people["n"] > 1) & (ago <= 60), (people["n"] > 1) & (ago <= 240), people["n"] > 1, ago <= 60],
        ["loyal", "slipping", "lost", "new"],
        "one_time",
    )
    bought = people["customer_id"].isin(during["customer_id"])
    for name, effect in planted["effect"].items():
        rates = bought[segment == name].groupby(people["group"]).agg(["mean", "size"])
        error = np.sqrt((rates["mean"] * (1 - rates["mean"]) / rates["size"]).sum())
        found = rates.loc["offer", "mean"] - rates.loc["holdout", "mean"]
        assert abs(found - effect["uplift"]) < 4 * error, name
    assert planted["effect"]["slipping"]["uplift"] > 0.1
    assert planted["effect"]["loyal"]["uplift"] == 0
    loyal = during["customer_id"].isin(
        people["customer_id"][(segment == "loyal") & (people["group"] == "offer")]
    )
    assert (during.loc[loyal, "discount"] >= 500).mean() > 0.6


# Prices


def test_units_by_week_and_day_are_those_of_the_paid_orders(demo):
    paid = _paid(demo)
    monday = paid["ordered_at"].dt.normalize() - pd.to_timedelta(paid["ordered_at"].dt.day_of_week, "D")
    sold = paid.groupby([monday, paid["sku"]])["quantity"].sum()
    weeks = demo.weeks.set_index(["week", "sku"])["units"]
    assert (sold.reindex(weeks.index).fillna(0) == weeks).all()
    assert demo.weeks["week"].nunique() == 78
    day = paid["ordered_at"].dt.normalize()
    sold = paid[day >= demo.stock["day"].min()].groupby([paid["sku"], day])["quantity"].sum()
    stock = demo.stock.set_index(["sku", "day"])["sold"]
    assert (sold.reindex(stock.index).fillna(0) == stock).all()


def test_a_small_draw_has_weeks_and_stock_of_the_whole_shop():
    small, whole = (datasets.simulate("baby_goods", seed="mika", orders=size) for size in (300, 18_000))
    assert small.products["price"].equals(whole.products["price"])
    pd.testing.assert_frame_equal(small.ads, whole.ads)
    pd.testing.assert_frame_equal(small.weeks.drop(columns="units"), whole.weeks.drop(columns="units"))
    assert small.weeks["units"].sum() == pytest.approx(whole.weeks["units"].sum(), rel=0.05)


def test_prices_of_orders_are_those_of_their_week(demo):
    lines = demo.orders.assign(
        week=demo.orders["ordered_at"].dt.normalize()
        - pd.to_timedelta(demo.orders["ordered_at"].dt.day_of_week, "D")
    ).merge(demo.weeks, on=["week", "sku"])
    assert (lines["unit_price"] == lines["list_price"]).all()
    promoted = lines["quantity"] * (lines["list_price"] - lines["price"])
    assert (lines["discount"] >= promoted).all()
    assert (demo.weeks["promotion"] == (demo.weeks["price"] < demo.weeks["list_price"])).all()


def _weeks(seed):
    """Return the weeks of a shop of the demo's size, without drawing its buyers."""
    truth = parameters(seed)
    market = market_of(generator("baby_goods", seed, "market"), truth, 18_000)
    none = np.zeros((DAYS, len(ITEMS)), dtype=np.int64)
    units = counts.whole_shop(generator("units", seed), market, none, 1.0)
    return counts.weeks(market, units), truth


def _least_squares(columns, target):
    """Coefficients and errors robust to unequal spread (HC3), written out."""
    design = np.column_stack(columns).astype(float)
    inverse = np.linalg.inv(design.T @ design)
    solved = inverse @ design.T @ target
    leverage = ((design @ inverse) * design).sum(axis=1)
    rest = (target - design @ solved) / (1 - leverage)
    spread = inverse @ (design.T * rest**2) @ design @ inverse
    return solved, np.sqrt(np.diag(spread)), len(target) - design.shape[1]


def test_with_controls_the_planted_elasticity_is_found_and_without_them_the_sign_is_wrong():
    covered, off, misled = [], [], []
    for seed in range(SEEDS):
        weeks, truth = _weeks(str(seed))
        wrong = set()
        for sku, rows in weeks[weeks["sku"].isin(TRIED)].groupby("sku"):
            some = rows[rows["units"] > 0]
            if np.polyfit(np.log(some["price"]), np.log(some["units"]), 1)[0] > 0:
                wrong.add(sku)
            full = some[some["in_stock"]]
            season = [full["season"] == name for name in ("high", "low") if (full["season"] == name).any()]
            solved, error, freedom = _least_squares(
                [np.ones(len(full)), np.log(full["price"]), full["promotion"], *season],
                np.log(full["units"].to_numpy()),
            )
            gap = solved[1] - truth["elasticity"][sku]
            covered.append(abs(gap) <= student.ppf(0.975, freedom) * error[1])
            off.append(gap)
        misled.append(wrong)
    assert 0.93 < np.mean(covered) < 0.97
    assert abs(np.mean(off)) < 0.08
    by_product = np.reshape(covered, (SEEDS, len(TRIED))).mean(axis=0)
    assert ((by_product > 0.90) & (by_product < 0.99)).all()
    assert all(len(wrong) >= 2 for wrong in misled)
    assert set.union(*misled) <= {item.sku for item in ITEMS if item.season != "none"}


def test_the_price_of_one_product_was_never_tried(demo):
    spread = np.log(demo.weeks["price"]).groupby(demo.weeks["sku"]).std()
    assert spread[STEADY] < 0.02
    assert spread.drop(STEADY).min() > 0.08


# Stock


def test_stock_at_the_close_adds_up_and_is_empty_where_sold_out(demo):
    for sku, rows in demo.stock.groupby("sku"):
        came = rows["on_hand"].diff() + rows["sold"]
        assert (came.dropna() >= 0).all(), sku
        assert (rows.loc[rows["sold_out"], "on_hand"] == 0).all(), sku
        assert rows["on_hand"].iloc[-1] == demo.products.set_index("sku").loc[sku, "on_hand"], sku
    out = demo.stock[demo.stock["sold_out"]]
    assert out["sku"].nunique() >= 4
    after = demo.stock["sold_out"] & demo.stock["sold_out"].shift(fill_value=False)
    assert (demo.stock.loc[after, "sold"] == 0).all()


def test_days_in_stock_of_a_week_are_those_of_the_stock(demo):
    week = demo.stock["day"] - pd.to_timedelta(demo.stock["day"].dt.day_of_week, "D")
    days = 7 - demo.stock.groupby(["sku", week])["sold_out"].sum()
    weeks = demo.weeks[demo.weeks["week"] >= demo.stock["day"].min()].set_index(["sku", "week"])
    assert (days.loc[weeks.index].to_numpy() == weeks["days_in_stock"].to_numpy()).all()
    assert (demo.weeks["in_stock"] == (demo.weeks["days_in_stock"] == 7)).all()


def test_days_with_stock_show_the_demand_that_all_days_hide(large):
    planted = pd.Series(large.truth["stock"]["mean_daily_demand"])
    short = [sku for sku, days in large.truth["stock"]["sold_out_days"].items() if days >= 10]
    assert len(short) >= 4
    stock = large.stock
    every = stock.groupby("sku")["sold"].mean()
    stocked = stock[~stock["sold_out"]].groupby("sku")["sold"].mean()
    assert (every[short] < 0.97 * stocked[short]).all()
    assert (stocked[short] / planted[short]).mean() == pytest.approx(1, abs=0.05)


def test_demand_of_the_fad_halves_in_its_half_life(large):
    fad = large.truth["fad"]
    weeks = large.weeks[large.weeks["sku"] == fad["sku"]]
    assert weeks["week"].min() == pd.Timestamp(fad["launched"])
    half = fad["half_life_days"] // 7
    # Price and promotion of a week move its units, so their planted response is taken out.
    level = weeks["units"] / (weeks["price"] / weeks["price"].mean()) ** large.truth["elasticity"][fad["sku"]]
    level = level / np.where(weeks["promotion"] == 1, large.truth["promotion"]["lift_at_the_same_price"], 1)
    sums = [level.iloc[n * half : (n + 1) * half].sum() for n in range(3)]
    assert 1.6 < sums[0] / sums[1] < 2.6
    assert 1.6 < sums[1] / sums[2] < 2.6
