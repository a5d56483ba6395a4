"""Advertising, totals, tests and the statement of the baby goods shop hold what was planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, norm

from sellerlab import datasets

SHOPS = 60


@pytest.fixture(scope="module")
def demo():
    return datasets.simulate("baby_goods")


@pytest.fixture(scope="module")
def shops():
    return [datasets.simulate("baby_goods", seed=seed, orders=300) for seed in range(SHOPS)]


def test_keywords_earn_and_lose_what_was_planted(shops):
    gaps = []
    for shop in shops:
        planted = shop.truth["ads"]["keywords"]
        each = pd.DataFrame(planted["each"]).set_index("keyword")
        ads = shop.ads[shop.ads["campaign"] == planted["campaign"]]
        seen = ads.groupby("keyword")[["clicks", "spend", "orders", "revenue"]].sum()
        rate = each["order_rate"]
        gap = (seen["orders"] - seen["clicks"] * rate) / np.sqrt(
            np.maximum(seen["clicks"] * rate * (1 - rate), 0.1)
        )
        gaps += gap[seen["clicks"] > 30].tolist()
        assert 3 <= len(planted["losing"]) <= 17
        loses = each["order_rate"] * planted["order_contribution"] < each["cost_per_click"]
        assert set(loses[loses].index) == set(planted["losing"])
        assert (seen["clicks"] < 40).sum() >= 4  # a long tail
        assert seen["clicks"].max() > 200
    assert np.mean(gaps) == pytest.approx(0, abs=0.1)
    assert np.std(gaps) == pytest.approx(1, abs=0.15)


def test_each_step_of_the_budget_brings_less(shops):
    found = []
    for shop in shops:
        planted = shop.truth["ads"]["budget"]
        ads = shop.ads[shop.ads["campaign"] == planted["campaign"]]
        days = ads.groupby(["level", "day"])[["spend", "revenue"]].sum().groupby("level").mean()
        assert days.index.tolist() == planted["daily_budgets"]
        base = planted["daily_budgets"][0]
        wanted = planted["roas_of_the_first_step"] * base * (days["spend"] / base) ** planted["power"]
        found.append((days["revenue"] / wanted).to_numpy())
        assert (
            ads.groupby(["level", "day"])["spend"].sum() <= ads.groupby(["level", "day"])["level"].first()
        ).all()
        # On average the campaign pays at twice the first budget; the last step does not.
        last = planted["roas_of_the_first_step"] * np.diff(np.array([3.0, 4.0]) ** planted["power"])[0]
        assert (
            last
            < planted["break_even_roas"]
            < planted["roas_of_the_first_step"] * 2 ** (planted["power"] - 1)
        )
    np.testing.assert_allclose(np.mean(found, axis=0), 1, atol=0.05)


def test_each_device_converts_better_and_the_whole_worse(shops):
    for shop in shops:
        day = shop.totals["day"]
        last = shop.totals[day > shop.as_of - pd.Timedelta(days=28)]
        before = shop.totals[(day > shop.as_of - pd.Timedelta(days=56)) & ~day.isin(last["day"])]
        rates = []
        for rows in (before, last):
            sums = rows.groupby("device")[["clicks", "orders"]].sum()
            rates.append([*(sums["orders"] / sums["clicks"]), sums["orders"].sum() / sums["clicks"].sum()])
        assert rates[1][0] > rates[0][0]
        assert rates[1][1] > rates[0][1]
        assert rates[1][2] < rates[0][2]
    totals = shop.totals
    for one, next_one in zip(
        ["impressions", "clicks", "carts", "orders"],
        ["clicks", "carts", "orders", "kept_orders"],
        strict=True,
    ):
        assert (totals[next_one] <= totals[one]).all()


def test_the_sound_test_has_the_planted_lift_and_a_useful_covariate(shops):
    gaps = []
    for shop in shops:
        planted, visitors = shop.truth["listing_test"], shop.listing_test
        assert visitors["visitor_id"].is_unique
        rate = visitors.groupby("variant")["orders"].agg(["mean", "size", "sum"])
        assert chi2.sf((rate["size"]["A"] - rate["size"]["B"]) ** 2 / rate["size"].sum(), 1) > 0.0005
        share = planted["regulars"]
        base = (
            share * planted["order_rate_in_a"]["regulars"]
            + (1 - share) * planted["order_rate_in_a"]["others"]
        )
        error = np.sqrt((rate["mean"] * (1 - rate["mean"]) / rate["size"]).sum())
        gaps.append((rate["mean"]["B"] - rate["mean"]["A"] - base * planted["lift_of_b"]) / error)
        assert ((visitors["revenue"] > 0) == (visitors["orders"] == 1)).all()
        assert np.corrcoef(visitors["revenue"], visitors["revenue_before"])[0, 1] > 0.25
    assert np.mean(gaps) == pytest.approx(0, abs=4 / np.sqrt(SHOPS))
    assert np.std(gaps) == pytest.approx(1, abs=0.35)


def test_the_split_of_the_broken_test_is_broken_and_flatters_b(shops):
    better = []
    for shop in shops:
        sizes = shop.listing_test_broken["variant"].value_counts()
        assert chi2.sf((sizes["A"] - sizes["B"]) ** 2 / sizes.sum(), 1) < 0.001
        assert sizes["B"] < sizes["A"]
        rate = shop.listing_test_broken.groupby("variant")["orders"].mean()
        better.append(rate["B"] / rate["A"] - 1)
    assert shop.truth["listing_test_broken"]["lift_of_b"] == 0
    assert np.mean(better) > 0.08


def test_the_change_without_a_split_is_found_against_products_left_alone(shops):
    found, alone = [], []
    for shop in shops:
        planted, weeks = shop.truth["listing_weeks"], shop.listing_weeks
        after = weeks["week"] >= planted["changed_on"]
        assert (weeks["changed"] == (after & (weeks["treated"] == 1))).all()
        assert set(weeks.loc[weeks["treated"] == 1, "sku"]) == set(planted["treated"])
        mean = weeks.groupby([weeks["treated"], after])["units"].mean()
        ratio = mean[1, True] / mean[1, False]
        found.append(ratio / (mean[0, True] / mean[0, False]) - 1 - planted["effect"])
        alone.append(ratio - 1 - planted["effect"])
    assert np.mean(found) == pytest.approx(0, abs=0.03)
    assert np.mean(alone) < -0.1


def test_the_switchback_shows_each_variant_on_each_weekday_of_a_pair_of_weeks(shops):
    gaps = []
    for shop in shops:
        days, planted = shop.switchback, shop.truth["switchback"]
        pair = np.arange(len(days)) // 14
        seen = days.groupby([pair, days["day"].dt.day_of_week])["variant"].agg(set)
        assert (seen == {"A", "B"}).all()
        sums = days.groupby("variant")[["visitors", "orders"]].sum()
        rate = sums["orders"] / sums["visitors"]
        gaps.append(rate["B"] / rate["A"] - 1 - planted["lift_of_b"])
    assert np.mean(gaps) == pytest.approx(0, abs=0.04)


def test_the_statement_follows_from_the_orders_but_for_the_planted_mistakes(demo):
    planted, statement = demo.truth["settlement"], demo.settlement
    lines = demo.orders[(demo.orders["status"] == "paid") & (demo.orders["channel"] == "gmarket")]
    lines = lines[(lines["ordered_at"] >= "2026-06-01") & (lines["ordered_at"] < "2026-08-22")]
    orders = lines.assign(
        sales=lines["amount"] + lines["platform_discount"] - lines["refunded"] - lines["shipping"]
    )
    orders = orders.groupby("order_id")[["sales", "shipping", "fee"]].sum()
    assert set(orders.index) - set(statement["order_id"]) == set(planted["missing_orders"])
    assert set(statement["order_id"]) <= set(orders.index)
    table = statement.set_index("order_id")
    orders = orders.loc[table.index]
    assert (table["payout"] == table["sales"] + table["shipping"] - table["fee"]).all()
    assert (table[["sales", "shipping"]] == orders[["sales", "shipping"]]).all().all()
    differ = table.index[table["fee"] != orders["fee"]]
    assert set(differ) == {*planted["doubled_fee"], *planted["wrong_rate"]}
    assert (table.loc[planted["doubled_fee"], "fee"] == 2 * orders.loc[planted["doubled_fee"], "fee"]).all()
    assert (table["fee"] - orders["fee"]).sum() == planted["money_short"]["fee_too_high"]
    assert (table["settled_at"] > table["confirmed_at"]).all()
    assert (table["settled_at"].dt.day_of_week < 5).all()


def test_every_shop_has_mistakes_in_its_statement(shops):
    for shop in shops:
        planted = shop.truth["settlement"]
        counts = [len(planted[name]) for name in ("missing_orders", "doubled_fee", "wrong_rate")]
        assert all(counts)
        assert sum(counts) < len(shop.settlement) / 2


def test_listings_and_searches_leave_something_to_find(demo):
    listings, keywords = demo.listings, demo.keywords
    assert set(listings["sku"]) == set(demo.products["sku"])
    assert keywords["keyword"].is_unique
    assert set(demo.ads["keyword"]) <= set(keywords["keyword"])
    for broken in (
        listings["title"].str.len() < 20,
        listings["title"].str.len() > 80,
        listings["images"] < 5,
        listings["videos"] < 1,
        listings["description"].str.len() < 200,
        listings["delivery"].isna(),
        listings["returns"].isna(),
    ):
        assert 0 < broken.sum() < len(listings)
    per_listing = keywords["searches"] / keywords["listings"]
    assert per_listing.max() > 4 * per_listing.median()


def test_groups_of_the_offer_are_drawn_by_lot(demo):
    share = (demo.offer["group"] == "offer").mean()
    assert share == pytest.approx(demo.truth["offer"]["share_offered"], abs=0.001)
    assert demo.offer["customer_id"].is_unique
    sold = demo.orders.groupby("customer_id")["order_id"].nunique()
    offered = demo.offer["customer_id"].map(sold).groupby(demo.offer["group"]).agg(["mean", "sem"])
    gap = abs(offered["mean"].diff().iloc[-1]) / np.hypot(*offered["sem"])
    assert gap < norm.isf(0.00001)


def test_the_card_names_every_true_parameter(demo):
    card = demo.describe()
    for name in demo.truth:
        assert f"- {name}:" in card
    for name in datasets.world_tables("baby_goods"):
        assert f"| {name} |" in card
    assert repr(demo).startswith("<Shop Seo-yeon's baby corner: 18,")
