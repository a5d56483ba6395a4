"""The phone accessory shop: it keeps the contracts, is well posed, and holds what was planted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1
from scipy.stats import spearmanr

from sellerlab import datasets, tables
from sellerlab.worlds.phone_stand.parameters import CHANNELS, STEPS

MONEY = (
    "unit_price",
    "discount",
    "platform_discount",
    "shipping",
    "tax_included",
    "amount",
    "refunded",
    "fee",
)


@pytest.fixture(scope="module")
def demo():
    return datasets.simulate()


@pytest.fixture(scope="module")
def large():
    """A shop large enough for planted parameters to show."""
    return datasets.simulate(seed="large", orders=60_000)


def _paid(shop):
    return shop.orders[shop.orders["status"] == "paid"]


def _inside(count, size, rate, width=4.0):
    """Whether a count of successes lies within `width` standard errors of what `rate` gives."""
    return abs(count - size * rate) <= width * np.sqrt(size * rate * (1 - rate)) + 1


# Contracts


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10**9), st.integers(20, 700))
def test_every_shop_keeps_the_contracts(seed, orders):
    shop = datasets.simulate(seed=seed, orders=orders)
    tables.validate(shop.orders, "orders")
    tables.validate(shop.products, "products")
    assert set(shop.orders["sku"]) <= set(shop.products["sku"])
    assert abs(shop.orders["order_id"].nunique() - orders) <= 0.02 * orders + 20
    assert shop.orders["ordered_at"].is_monotonic_increasing
    assert shop.orders["ordered_at"].max() < shop.as_of + pd.Timedelta(days=1)
    assert not shop.orders.duplicated(["order_id", "sku"]).any()
    if len(shop.events):
        tables.validate(shop.events, "events")


def test_yen_are_whole_and_the_amount_identity_is_exact(large):
    orders = large.orders
    for name in MONEY:
        assert orders[name].dtype.kind == "i"
    goods = orders["quantity"] * orders["unit_price"] - orders["discount"] - orders["platform_discount"]
    assert (orders["amount"] == goods + orders["shipping"]).all()
    assert (orders["refunded"] <= orders["amount"]).all()
    assert (orders["refunded_quantity"] <= orders["quantity"]).all()
    assert ((orders["refunded"] > 0) == (orders["refunded_quantity"] > 0)).all()


def test_an_order_has_one_buyer_one_channel_one_moment_and_one_status(large):
    same = large.orders.groupby("order_id")[["customer_id", "channel", "ordered_at", "status"]].nunique()
    assert (same == 1).all().all()


def test_shipping_is_charged_below_the_threshold_and_free_above(demo):
    shipping = demo.truth["shipping"]
    orders = demo.orders.assign(goods=demo.orders["amount"] - demo.orders["shipping"])
    whole = orders.groupby("order_id")[["goods", "shipping"]].sum()
    expected = np.where(whole["goods"] < shipping["free_from"], shipping["fee"], 0)
    assert (whole["shipping"] == expected).all()


# Well posed


def _contributions(shop, month):
    """Contribution 2 and 3 of each product in a month, written out by hand."""
    lines = _paid(shop)
    lines = lines[lines["ordered_at"].dt.strftime("%Y-%m") == month]
    costs, landed = shop.costs, shop.products.set_index("sku")["landed_cost"]
    net = (lines["amount"] + lines["platform_discount"] - lines["refunded"]) / 1.1
    goods = (lines["quantity"] - costs["resellable_share"] * lines["refunded_quantity"]) * lines["sku"].map(
        landed
    )
    value = lines["quantity"] * lines["unit_price"] - lines["discount"]
    parcel = costs["fulfilment_per_order"] + costs["packaging_per_order"]
    parcel = parcel * value / value.groupby(lines["order_id"]).transform("sum")
    second = (
        net - goods - lines["fee"] - parcel - costs["return_handling_per_unit"] * lines["refunded_quantity"]
    )
    third = second - costs["marketing"][month] * net / net.sum()
    return second.groupby(lines["sku"]).sum(), third.groupby(lines["sku"]).sum()


@pytest.mark.parametrize("orders", [300, 1000])
def test_the_last_month_of_every_shop_has_what_exercises_need(orders):
    for seed in range(50):
        shop = datasets.simulate(seed=seed, orders=orders)
        month = shop.orders[shop.orders["ordered_at"] >= "2026-08-01"]
        paid = month[month["status"] == "paid"]
        second, third = _contributions(shop, "2026-08")
        assert (second < 0).sum() >= 3, seed
        assert (third > 0).sum() >= 3, seed
        assert set(paid["channel"]) == set(CHANNELS), seed
        assert (paid["refunded"] > 0).any(), seed
        assert (month["status"] == "cancelled").any(), seed


def test_margin_finds_the_same_losing_products(demo):
    from sellerlab import margin

    costs = margin.Costs.from_mapping(demo.costs)
    result = margin.profit_and_loss(
        demo.orders, demo.products, costs=costs, by="sku", start="2026-08-01", end="2026-08-31"
    )
    found = result.table.set_index("sku")["contribution_2"]
    second, _ = _contributions(demo, "2026-08")
    np.testing.assert_allclose(found, second[found.index], atol=20)
    assert set(found[found < 0].index) == set(demo.truth["losing_products"])


def test_the_demo_shop_has_eighteen_months_and_a_few_thousand_lines(demo):
    months = demo.orders["ordered_at"].dt.strftime("%Y-%m").nunique()
    assert months == 18
    assert 2500 <= demo.orders["order_id"].nunique() <= 2900
    assert 3500 <= len(demo.orders) <= 4200
    assert len(demo.events) <= 15_000
    assert str(demo.as_of.date()) == "2026-08-31"


# What was planted


def test_fees_follow_the_planted_rates_exactly(large):
    rates = large.truth["fee_rates"]
    lines = large.orders.assign(first=~large.orders["order_id"].duplicated())
    paid = lines["status"] == "paid"
    rate = lines["channel"].map({name: each["rate"] for name, each in rates.items()})
    fixed = lines["channel"].map({name: each["fixed"] for name, each in rates.items()})
    expected = np.rint(rate * (lines["amount"] + lines["platform_discount"])) + fixed * lines["first"]
    assert (lines.loc[paid, "fee"] == expected[paid]).all()
    assert (lines.loc[~paid, "fee"] == 0).all()


def test_cancellations_follow_the_planted_rate(large):
    orders = large.orders.drop_duplicates("order_id")
    cancelled = int((orders["status"] == "cancelled").sum())
    assert _inside(cancelled, len(orders), large.truth["cancel_rate"])


def test_refunds_follow_the_planted_rate_of_each_product(large):
    counts = (_paid(large)["refunded"] > 0).groupby(_paid(large)["sku"]).agg(["sum", "size"])
    for sku, row in counts.iterrows():
        assert _inside(row["sum"], row["size"], large.truth["refund_rate"][sku]), sku


def test_repeat_orders_match_the_planted_bg_nbd(large):
    placed = large.orders[large.orders["status"] != "cancelled"].drop_duplicates("order_id")
    buyers = placed.groupby("customer_id")["ordered_at"].agg(["min", "size"])
    age = (large.as_of + pd.Timedelta(days=1) - buyers["min"]).dt.total_seconds() / (7 * 86400)
    r, alpha, a, b = (large.truth["customers"][name] for name in ("r", "alpha", "a", "b"))
    inner = 1 - (alpha / (alpha + age)) ** r * hyp2f1(r, b, a + b - 1, age / (alpha + age))
    expected = (a + b - 1) / (a - 1) * inner
    repeats = buyers["size"] - 1
    error = (repeats - expected).std() / np.sqrt(len(buyers))
    # The busy clock moves orders by a few days, hence a little more than sampling error.
    assert abs((repeats - expected).mean()) < 4 * error + 0.02
    assert 0.25 < (repeats > 0).mean() < 0.55


def test_order_value_does_not_depend_on_how_often_a_customer_buys(large):
    paid = _paid(large)
    orders = (
        paid.groupby(["customer_id", "order_id"])["amount"].sum().groupby("customer_id").agg(["mean", "size"])
    )
    orders = orders[orders["size"] >= 2]
    assert abs(orders.corr().iloc[0, 1]) < 0.08


def test_customers_differ_in_spending_level(large):
    """Variance between customers, from pairs of orders of the same customer."""
    value = _paid(large).groupby(["customer_id", "order_id"])["amount"].sum().groupby("customer_id")
    pairs = value.agg(["first", "last", "size"])
    pairs = pairs[pairs["size"] >= 2]
    assert 0.03 < np.corrcoef(pairs["first"], pairs["last"])[0, 1] < 0.5


def test_price_windows_hold_and_the_planted_elasticity_is_found(large):
    truth = large.truth
    opening = large.orders[~large.orders["order_id"].duplicated()]
    fashion = [truth["fad"]["sku"], truth["old_model"]["sku"], truth["season_of_product"]["sku"]]
    opening = opening[~opening["sku"].isin(fashion)]
    day = (opening["ordered_at"].dt.normalize() - pd.Timestamp("2025-03-03")).dt.days
    week = day[day >= 0] // 7
    names = list(truth["elasticity"])
    count = pd.crosstab(week, opening.loc[week.index, "category"])[names]
    factor = pd.DataFrame(1.0, index=count.index, columns=names)
    for window in truth["price_windows"]:
        first, last = (
            (pd.Timestamp(window[key]) - pd.Timestamp("2025-03-03")).days // 7 for key in ("start", "end")
        )
        factor.loc[first:last, window["category"]] = window["factor"]
    # Log share of a category in a week = category + week + elasticity x log price, by weighted least squares.
    rows, columns = count.shape
    design = np.zeros((rows * columns, rows + columns - 1 + columns))
    cell = np.arange(rows * columns)
    design[cell, cell // columns] = 1
    later = cell % columns > 0
    design[cell[later], rows + cell[later] % columns - 1] = 1
    design[cell, rows + columns - 1 + cell % columns] = np.log(factor.to_numpy().ravel())
    counts = count.to_numpy().ravel()
    root = np.sqrt(counts)[:, None]
    target = np.log(np.maximum(counts, 0.5))[:, None]
    solved = np.linalg.lstsq(design * root, target * root, rcond=None)[0].ravel()[-columns:]
    error = np.sqrt(np.diag(np.linalg.pinv((design * root).T @ (design * root)))[-columns:])
    planted = np.array(list(truth["elasticity"].values()))
    assert (((solved - planted) / error) ** 2).sum() < 22.5  # chi-squared, 6 degrees of freedom, 1 in 1000
    ratio = (solved * planted / error**2).sum() / (planted**2 / error**2).sum()
    assert ratio == pytest.approx(1, abs=0.2)


def test_list_prices_stand_outside_price_windows(demo):
    last = demo.orders[demo.orders["ordered_at"] >= "2026-08-01"]
    listed = last["sku"].map(demo.products.set_index("sku")["price"])
    assert (last["unit_price"] == listed).all()


def test_discounts_run_only_where_they_were_planted(large):
    lines = large.orders
    sale = pd.Series(False, index=lines.index)
    for row in large.truth["promotions"]:
        sale |= lines["ordered_at"].between(row["start"], pd.Timestamp(row["end"]) + pd.Timedelta(days=1))
    own = lines["channel"] == "own_store"
    assert (lines.loc[own, "platform_discount"] == 0).all()
    on_sale = lines[sale & ~own]
    gross = on_sale["quantity"] * on_sale["unit_price"]
    rate = large.truth["promotions"][0]["platform_rate"]
    assert (on_sale["platform_discount"] == np.rint(rate * gross)).all()
    calm = lines[~sale & ~own & (lines["channel"] != "live")]
    assert (calm["discount"] == 0).all()


def test_sale_days_lift_the_platforms_orders_as_planted(large):
    orders = large.orders.drop_duplicates("order_id")
    day = orders.loc[orders["channel"].isin(["tiktok_shop", "affiliate"]), "ordered_at"].dt.normalize()
    ratios = []
    for row in large.truth["promotions"]:
        start, end = pd.Timestamp(row["start"]), pd.Timestamp(row["end"])
        length = (end - start).days + 1
        # The same weekdays one and two weeks before and after.
        weeks = [
            day.between(start + pd.Timedelta(days=7 * n), end + pd.Timedelta(days=7 * n)).sum()
            for n in (-2, -1, 1, 2)
        ]
        assert length < 7
        ratios.append(day.between(start, end).sum() / np.mean(weeks) / row["uplift"])
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)


def test_live_orders_fall_into_live_hours(large):
    live = large.orders[large.orders["channel"] == "live"]["ordered_at"]
    assert set(live.dt.strftime("%a")) == {"Wed", "Fri", "Sun"}
    assert set(live.dt.hour) == {20, 21}


def test_the_fad_decays_and_leaves_stock_asleep(large):
    truth = large.truth["fad"]
    opening = large.orders[~large.orders["order_id"].duplicated()]
    age = (opening["ordered_at"] - pd.Timestamp(truth["launched"])).dt.days
    assert (age[opening["sku"] == truth["sku"]] >= 0).all()
    # Against the other stands, which share its price windows, its sales halve in each half-life.
    turn = age // truth["half_life_days"]
    fad, steady = (opening["sku"] == truth["sku"]), opening["sku"].isin(["ST-FOLD", "ST-DESK", "ST-NECK"])
    ratio = [(fad & (turn == n)).sum() / (steady & (turn == n)).sum() for n in (0, 1, 2)]
    assert 1.5 < ratio[0] / ratio[1] < 2.7
    assert 1.5 < ratio[1] / ratio[2] < 2.7
    stock = large.products.set_index("sku")
    recent = large.orders[large.orders["ordered_at"] >= "2026-08-04"].groupby("sku")["quantity"].sum()
    cover = stock["on_hand"] / (recent.reindex(stock.index).fillna(0) / 28)
    assert cover[truth["sku"]] > 365
    assert cover[large.truth["old_model"]["sku"]] > 365
    assert cover["CA-CLEAR"] < stock.loc["CA-CLEAR", "lead_time_days"]


# Traffic and content


def test_purchase_events_are_the_own_stores_orders(demo):
    bought = demo.events[demo.events["event"] == "purchase"]
    orders = demo.orders.drop_duplicates("order_id")
    orders = orders[(orders["channel"] == "own_store") & (orders["ordered_at"] >= "2026-07-07")]
    assert sorted(zip(bought["user_id"], bought["at"], bought["sku"], strict=True)) == sorted(
        zip(orders["customer_id"], orders["ordered_at"], orders["sku"], strict=True)
    )


def test_a_visit_goes_through_the_steps_in_order(demo):
    visits = demo.events.groupby("session_id")
    steps = visits["event"].agg(list)
    assert all(tuple(each) == STEPS[: len(each)] for each in steps)
    assert (visits[["user_id", "channel", "device"]].nunique() == 1).all().all()
    assert demo.events["at"].is_monotonic_increasing


def test_step_rates_match_the_planted_ones_and_checkout_broke_on_its_days(large):
    funnel = large.truth["funnel"]
    fault = funnel["checkout_fault"]
    visits = large.events.groupby("session_id").agg(
        source=("channel", "first"), device=("device", "first"), reached=("event", "size"), at=("at", "min")
    )
    broken = visits["at"].between(fault["start"], pd.Timestamp(fault["end"]) + pd.Timedelta(days=1))
    for source, devices in funnel["step_rates"].items():
        for device, rates in devices.items():
            chosen = (visits["source"] == source) & (visits["device"] == device)
            reached = visits.loc[chosen & ~broken, "reached"]
            for number, step in enumerate(STEPS[1:], start=1):
                came, went = int((reached >= number).sum()), int((reached > number).sum())
                assert _inside(went, came, rates[step]), (source, device, step, went / came)
    assert _inside((visits["device"] == "mobile").sum(), len(visits), funnel["mobile_share"])
    for source, share in funnel["traffic_share"].items():
        assert _inside((visits["source"] == source).sum(), len(visits), share), source
    at_checkout = visits[visits["reached"] >= 4]
    rate = (at_checkout["reached"] == 5).groupby([at_checkout["device"], broken[at_checkout.index]]).mean()
    assert rate["mobile", True] < 0.4 * rate["mobile", False]
    assert rate["desktop", True] > 0.7 * rate["desktop", False]


def test_shares_and_comments_bring_clicks_and_likes_do_not(large):
    video = large.content[large.content["kind"] == "video"]
    video = video[video["views"] >= 300]
    clicks = video["clicks"] / video["views"]
    found = {
        name: spearmanr(video[name] / video["views"], clicks)[0] for name in ("likes", "shares", "comments")
    }
    assert found["shares"] > 0.4
    assert found["shares"] > found["comments"] > 0.1
    assert abs(found["likes"]) < 0.2


def test_views_have_a_heavy_tail(demo):
    views = demo.content.loc[demo.content["kind"] == "video", "views"]
    assert views.mean() > 1.4 * views.median()
    assert views.max() > 15 * views.median()


def test_orders_of_lives_are_the_live_channels_orders(demo):
    log = demo.content[demo.content["kind"] == "live"]
    live = demo.orders[(demo.orders["channel"] == "live") & (demo.orders["status"] != "cancelled")]
    assert log["orders"].sum() == live["order_id"].nunique()
    assert (demo.content["orders"] <= demo.content["clicks"]).all()
    assert (demo.content["clicks"] <= demo.content["views"]).all()


def test_the_card_names_every_true_parameter(demo):
    card = demo.describe()
    for name in demo.truth:
        assert f"- {name}:" in card
    for window in demo.truth["price_windows"]:
        assert window["start"] in card
    assert "CC BY 4.0" in card
    assert repr(demo).startswith("<Shop Mika's phone corner: 2,60")
    assert repr(demo).endswith(f" {len(demo.orders):,} lines, seed 'demo'>")
