"""The sewing school: it keeps the contracts, is well posed, and holds what was planted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln, hyp2f1

from sellerlab import tables
from sellerlab.errors import InputError
from sellerlab.worlds import sewing_school
from sellerlab.worlds.draws import generator
from sellerlab.worlds.sewing_school.mailing import presale
from sellerlab.worlds.sewing_school.parameters import SOURCES, STEPS, parameters

DIGITAL = ("ebook", "course")


@pytest.fixture(scope="module")
def demo():
    return sewing_school.simulate()


@pytest.fixture(scope="module")
def large():
    """A school large enough for planted parameters to show."""
    return sewing_school.simulate("large", orders=60_000)


def _inside(count, size, rate, width=4.0):
    """Whether a count of successes lies within `width` standard errors of what `rate` gives."""
    return abs(count - size * rate) <= width * np.sqrt(size * rate * (1 - rate)) + 1


# Contracts


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10**9), st.integers(20, 700))
def test_every_school_keeps_the_contracts(seed, orders):
    shop = sewing_school.simulate(str(seed), orders=orders)
    tables.validate(shop.orders, "orders")
    tables.validate(shop.products, "products")
    if len(shop.mailing):
        tables.validate(shop.mailing, "events")
    assert list(sewing_school.TABLES) == ["orders", "products", *shop.tables]
    assert set(shop.orders["sku"]) <= set(shop.products["sku"])
    assert abs(shop.orders["order_id"].nunique() - orders) <= 0.02 * orders + 20
    assert shop.orders["ordered_at"].is_monotonic_increasing
    assert shop.orders["ordered_at"].max() < shop.as_of + pd.Timedelta(days=1)
    assert not shop.orders.duplicated(["order_id", "sku"]).any()


@pytest.mark.parametrize(("orders", "message"), [(19, "needs 20 orders"), (300.5, "expected a whole number")])
def test_a_size_that_is_no_school_is_refused(orders, message):
    with pytest.raises(InputError, match=message):
        sewing_school.simulate(orders=orders)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_school():
    one, same, other = (sewing_school.simulate(seed, orders=300) for seed in ("mika", "mika", "ken"))
    assert one.describe() == same.describe()
    for name in sewing_school.TABLES:
        assert getattr(one, name).to_csv(index=False) == getattr(same, name).to_csv(index=False)
        if name != "profiles":
            assert getattr(one, name).to_csv(index=False) != getattr(other, name).to_csv(index=False)
    for part in ("customers", "club", "price_survey", "choices", "ratings", "mailing", "presale"):
        assert one.truth[part] != other.truth[part]


def test_more_orders_do_not_change_who_the_school_is():
    small, large = (sewing_school.simulate("mika", orders=size) for size in (300, 900))
    assert small.truth == large.truth
    pd.testing.assert_frame_equal(small.products, large.products)


def test_agorot_are_whole_and_the_amount_identity_is_exact(large):
    orders = large.orders
    money = orders[["unit_price", "discount", "tax_included", "amount", "refunded", "fee"]] * 100
    np.testing.assert_allclose(money, np.rint(money), atol=1e-6)
    agorot = np.rint(money).astype(int)
    goods = orders["quantity"] * agorot["unit_price"] - agorot["discount"]
    assert (agorot["amount"] == goods).all()
    assert (agorot["tax_included"] == np.rint(agorot["amount"] * 18 / 118)).all()
    assert orders["refunded"].isin([0]).sum() + (orders["refunded"] == orders["amount"]).sum() == len(orders)
    assert ((orders["refunded"] > 0) == (orders["refunded_quantity"] > 0)).all()


def test_every_moment_exists_on_the_clock_of_jerusalem(large):
    for moments in (large.orders["ordered_at"], large.mailing["at"]):
        ambiguous = np.ones(len(moments), dtype=bool)
        moments.dt.tz_localize(large.timezone, nonexistent="raise", ambiguous=ambiguous)
    assert not (large.orders["ordered_at"].dt.hour == 2).any()


def test_a_digital_product_is_bought_once(large):
    counted = large.orders[large.orders["status"] != "cancelled"]
    digital = counted[counted["category"].isin(DIGITAL)]
    assert not digital.duplicated(["customer_id", "sku"]).any()
    assert (digital["quantity"] == 1).all()


# Well posed


def test_the_last_three_months_of_every_school_have_what_exercises_need():
    for seed in range(40):
        shop = sewing_school.simulate(str(seed), orders=300)
        recent = shop.orders[shop.orders["ordered_at"] >= "2026-06-01"]
        paid = recent[recent["status"] == "paid"]
        assert set(paid["category"]) == set(shop.products["category"]), seed
        assert (paid["refunded"] > 0).any(), seed
        assert (recent["status"] == "cancelled").any(), seed
        running = (
            shop.subscriptions["ended_at"].isna().groupby(shop.subscriptions["plan"]).agg(["any", "all"])
        )
        assert running["any"].tolist() == [True, True], seed
        assert running["all"].tolist() == [False, False], seed


def test_the_demo_has_eighteen_months_and_places_for_those_who_come(demo):
    assert demo.orders["ordered_at"].dt.strftime("%Y-%m").nunique() == 18
    assert 2600 <= demo.orders["order_id"].nunique() <= 2800
    paid = demo.orders[demo.orders["status"] == "paid"]
    sold = paid.groupby([paid["ordered_at"].dt.strftime("%Y-%m"), "sku"])["quantity"].sum().unstack()
    limit = demo.products.set_index("sku")["capacity_per_month"].dropna()
    assert (sold[limit.index].max() <= limit).all()
    assert sum(len(getattr(demo, name)) for name in sewing_school.TABLES) < 25_000


# What was planted: sales


def test_fees_follow_the_planted_rates_exactly(large):
    rates = large.truth["fee_rates"]
    lines = large.orders.assign(first=~large.orders["order_id"].duplicated())
    paid = lines["status"] == "paid"
    rate = lines["channel"].map({name: each["rate"] for name, each in rates.items()})
    fixed = lines["channel"].map({name: each["fixed"] for name, each in rates.items()})
    expected = np.rint(rate * np.rint(100 * lines["amount"])) / 100 + fixed * lines["first"]
    np.testing.assert_allclose(lines.loc[paid, "fee"], expected[paid], atol=1e-9)
    assert (lines.loc[~paid, "fee"] == 0).all()


def test_refunds_and_cancellations_follow_the_planted_rates(large):
    paid = large.orders[large.orders["status"] == "paid"]
    counts = (paid["refunded"] > 0).groupby(paid["sku"]).agg(["sum", "size"])
    for sku, row in counts.iterrows():
        assert _inside(row["sum"], row["size"], large.truth["refund_rate"][sku]), sku
    orders = large.orders.drop_duplicates("order_id")
    assert _inside((orders["status"] == "cancelled").sum(), len(orders), large.truth["cancel_rate"])


def test_repeat_orders_match_the_planted_bg_nbd(large):
    placed = large.orders[(large.orders["status"] != "cancelled") & (large.orders["channel"] == "own_site")]
    buyers = placed.drop_duplicates("order_id").groupby("customer_id")["ordered_at"].agg(["min", "size"])
    age = (large.as_of + pd.Timedelta(days=1) - buyers["min"]).dt.total_seconds() / (7 * 86400)
    r, alpha, a, b = (large.truth["customers"][name] for name in ("r", "alpha", "a", "b"))
    inner = 1 - (alpha / (alpha + age)) ** r * hyp2f1(r, b, a + b - 1, age / (alpha + age))
    expected = (a + b - 1) / (a - 1) * inner
    gap = buyers["size"] - 1 - expected
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(len(buyers)) + 0.02


def test_first_orders_follow_the_planted_popularity(large):
    placed = large.orders[large.orders["status"] != "cancelled"].drop_duplicates("customer_id")
    weights = large.truth["popularity"]["first_order"]
    for sku, weight in weights.items():
        assert _inside((placed["sku"] == sku).sum(), len(placed), weight / sum(weights.values())), sku


# What was planted: the club


def _first_spells(shop):
    return shop.subscriptions.sort_values("started_at").drop_duplicates("customer_id")


def _months(spells):
    start, end = spells["started_at"], spells["ended_at"]
    return (end.dt.year - start.dt.year) * 12 + end.dt.month - start.dt.month


def test_subscribers_leave_as_the_planted_sbg_says(large):
    spells = _first_spells(large)
    now = large.as_of
    age = (now.year - spells["started_at"].dt.year) * 12 + now.month - spells["started_at"].dt.month
    age -= spells["started_at"].dt.day > now.day
    stayed = _months(spells)
    for name, plan in large.truth["club"]["plans"].items():
        a, b = plan["alpha"], plan["beta"]
        own = spells["plan"] == name
        for t in (1, 2, 3, 6, 9):
            came = own & (age >= t) & ~(stayed < t)
            lost = int((came & (stayed == t)).sum())
            assert _inside(lost, int(came.sum()), a / (a + b + t - 1)), (name, t)
        # The share still there after a year, over those who began a year ago or earlier.
        old = own & (age >= 12)
        survival = np.exp(betaln(a, b + 12) - betaln(a, b))
        assert _inside(int((old & ~(stayed <= 12)).sum()), int(old.sum()), survival), name


def test_joins_and_plans_follow_the_planted_shares(large):
    club = large.truth["club"]
    spells = _first_spells(large)
    placed = large.orders[(large.orders["status"] != "cancelled") & (large.orders["channel"] == "own_site")]
    first = placed.drop_duplicates("customer_id").set_index("customer_id")["ordered_at"]
    old = first.index[first < "2026-03-01"]
    assert _inside(spells["customer_id"].isin(old).sum(), len(old), club["join_share"])
    assert _inside((spells["plan"] == "plus").sum(), len(spells), club["plans"]["plus"]["share"])
    assert (spells["started_at"].to_numpy() > first[spells["customer_id"]].to_numpy()).all()


def test_every_club_month_is_an_order_and_every_club_order_a_month(demo):
    expected = []
    for row in demo.subscriptions.itertuples():
        day = row.started_at
        while day <= demo.as_of and not day >= row.ended_at:
            expected.append((row.customer_id, f"{day:%Y-%m-%d}", float(row.price)))
            day += pd.DateOffset(months=1)
    club = demo.orders[demo.orders["channel"] == "club"]
    found = zip(club["customer_id"], club["ordered_at"].dt.strftime("%Y-%m-%d"), club["amount"], strict=True)
    assert sorted(found) == sorted(expected)
    assert (demo.subscriptions["ended_at"].dropna() <= demo.as_of).all()


# What was planted: the mailing list and the presale


def test_a_journey_goes_through_the_steps_in_order(demo):
    steps = demo.mailing.groupby("user_id")["event"].agg(tuple)
    assert all(each == STEPS[: len(each)] for each in steps)
    assert demo.mailing["at"].is_monotonic_increasing
    assert (demo.mailing.groupby("user_id")["channel"].nunique() == 1).all()


def test_step_rates_match_the_planted_ones(large):
    reached = large.mailing.groupby("user_id").agg(source=("channel", "first"), reached=("event", "size"))
    planted = large.truth["mailing"]
    expected = sum(
        planted["source_share"][name] * np.prod(list(rates.values()))
        for name, rates in planted["step_rates"].items()
    )
    # Buyers are given and the others drawn for them, so the whole rate varies little.
    assert (reached["reached"] == len(STEPS)).mean() == pytest.approx(expected, rel=0.03)
    for source in SOURCES:
        own = reached.loc[reached["source"] == source, "reached"]
        assert _inside(len(own), len(reached), planted["source_share"][source]), source
        for number, step in enumerate(STEPS[1:], start=1):
            came, went = int((own >= number).sum()), int((own > number).sum())
            assert _inside(went, came, planted["step_rates"][source][step]), (source, step)


def test_bought_is_a_first_order_and_every_journey_has_had_time(demo):
    bought = demo.mailing[demo.mailing["event"] == "bought"]
    first = demo.orders[demo.orders["status"] != "cancelled"].drop_duplicates("customer_id")
    first = first.set_index("customer_id").loc[bought["user_id"]]
    assert bought["at"].tolist() == first["ordered_at"].tolist()
    assert bought["sku"].tolist() == first["sku"].tolist()
    landed = demo.mailing.loc[demo.mailing["event"] == "landing", "at"]
    assert landed.min() >= pd.Timestamp("2026-06-29")
    assert landed.max() < pd.Timestamp("2026-08-24")
    assert demo.mailing["at"].max() < demo.as_of + pd.Timedelta(days=1)


def test_the_presale_follows_its_planted_rates():
    planted = parameters("demo")["presale"]
    days = pd.concat([presale(generator("presale", seed), planted) for seed in range(200)])
    assert _inside(days["pledged"].sum(), days["visitors"].sum(), planted["pledge_rate"])
    assert _inside(days["paid"].sum(), days["pledged"].sum(), planted["paid_rate"])


def test_the_card_names_every_true_parameter(demo):
    card = demo.describe()
    for name in demo.truth:
        assert f"- {name}:" in card
    for name in sewing_school.TABLES:
        assert f"| {name} |" in card
    assert repr(demo).startswith("<Shop Noa's sewing school: 2,7")
