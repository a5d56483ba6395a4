"""Promotions against usual days: worked by hand, planted uplifts found, chance not taken for a gain."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sellerlab import datasets
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.offers import fatigue, promotions
from sellerlab.offers.promotions import MINIMUM
from tests.small_shop import COSTS, ENGINES, PRODUCTS, as_engine
from tests.small_shop import orders as small_orders

SALE = [("2026-05-12", "2026-05-13")]
TIKTOK = ("tiktok_shop", "live", "affiliate")


def lines(counts, **columns):
    """Return one order a count, of product A at 1000, on each day."""
    days = [pd.Timestamp(day) for day, count in counts.items() for _ in range(count)]
    frame = pd.DataFrame({"order_id": [str(place) for place in range(len(days))], "ordered_at": days})
    frame = frame.assign(sku="A", quantity=1, unit_price=1000.0, currency="USD", **columns)
    sale = frame["ordered_at"].dt.date.astype(str).isin(["2026-05-12", "2026-05-13"])
    return frame.assign(discount=np.where(sale, 100.0, 0.0))


def may(usual=10, sale=16):
    days = pd.date_range("2026-04-21", "2026-06-03")
    return {day: sale if str(day.date()) in ("2026-05-12", "2026-05-13") else usual for day in days}


def test_worked_by_hand():
    goods = pd.DataFrame({"sku": ["A"], "landed_cost": [500.0]})
    costs = {"fulfilment_per_order": 100, "fee_rates": {"*": {"rate": 0.1}}}
    found = promotions(lines(may()), goods, costs=costs, days=SALE)
    assert (found.orders, found.usual) == (32, 20)
    assert found.uplift == pytest.approx(0.6)
    # Usual: 1000 - 500 - 100 - 100 = 300 an order; in the sale 900 - 500 - 90 - 100 = 210.
    assert found.contribution == pytest.approx(32 * 210)
    assert found.usual_contribution == pytest.approx(20 * 300)
    assert found.gain == pytest.approx(720)
    assert found.needed == pytest.approx(300 / 210 - 1)
    # 32 orders, and 20 as the mean of 4 days each: log error sqrt(1 / 32 + 20 / 4 / 20^2).
    error = np.sqrt(1 / 32 + 1 / 80)
    assert found.high == pytest.approx(1.6 * np.exp(1.959964 * error) - 1, rel=1e-5)
    assert found.gain_high - found.gain == pytest.approx(
        1.959964 * np.sqrt(32 * 210**2 + 20 / 4 * 300**2), rel=1e-5
    )
    assert "They left USD 720.00 more than usual days" in found.sentence


def test_a_gain_changes_its_sign_at_the_break_even_uplift():
    goods, costs = (
        pd.DataFrame({"sku": ["A"], "landed_cost": [500.0]}),
        {"fulfilment_per_order": 100, "fee_rates": {"*": {"rate": 0.1}}},
    )
    for sale in range(10, 20):
        found = promotions(lines(may(sale=sale)), goods, costs=costs, days=SALE)
        assert (found.gain > 0) == (found.uplift > found.needed)
    assert "less than usual days" in promotions(lines(may(sale=12)), goods, costs=costs, days=SALE).sentence


def test_other_promotions_are_no_usual_days_and_a_trend_cancels():
    counts = {day: 10 + place // 7 for place, day in enumerate(pd.date_range("2026-04-07", "2026-06-22"))}
    counts[pd.Timestamp("2026-05-19")] = 90
    alone = promotions(lines(counts), days=[("2026-05-12", "2026-05-12"), ("2026-05-19", "2026-05-19")])
    # The week after is a promotion: what is left of that side is the second week after.
    assert alone.table["usual_orders"].tolist() == pytest.approx(
        [(14 + 13) / 4 + 17 / 2, (14 + 0) / 2 + (17 + 18) / 4]
    )
    trend = {day: 10 + place for place, day in enumerate(pd.date_range("2026-04-07", "2026-06-22"))}
    found = promotions(lines(trend), days=SALE)
    assert found.uplift == pytest.approx(0)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_on_every_engine(engine):
    frame, days = small_orders(3, count=600), [("2026-04-10", "2026-04-12"), ("2026-05-01", "2026-05-02")]
    expected = promotions(frame, PRODUCTS, costs=COSTS, days=days, channels=["market"])
    found = promotions(as_engine(frame, engine), PRODUCTS, costs=COSTS, days=days, channels=["market"])
    assert found.sentence == expected.sentence
    assert found.gain == pytest.approx(expected.gain)
    assert found.high == pytest.approx(expected.high)
    assert fatigue(found).sentence == fatigue(expected).sentence


def test_the_order_of_lines_and_days_does_not_matter_and_nothing_is_changed():
    frame = small_orders(5, count=600)
    kept = frame.copy()
    days = [("2026-05-01", "2026-05-02"), ("2026-04-10", "2026-04-12")]
    one = promotions(frame, PRODUCTS, costs=COSTS, days=days)
    two = promotions(frame.sample(frac=1, random_state=1), PRODUCTS, costs=COSTS, days=days[::-1])
    assert one.sentence == two.sentence
    pd.testing.assert_frame_equal(one.table, two.table)
    pd.testing.assert_frame_equal(frame, kept)
    assert one.table["orders"].sum() == one.orders
    assert one.table["gain"].sum() == pytest.approx(one.gain)


def test_too_few_orders_give_no_uplift():
    found = promotions(lines(may(usual=1, sale=4)), days=SALE)
    assert found.orders == 8 < MINIMUM
    assert (found.uplift, found.low, found.gain) == (None, None, None)
    assert "too few" in found.sentence
    assert fatigue(found).verdict == "too_few"


@pytest.mark.parametrize("where", ["in the sale", "on usual days"])
def test_a_product_without_a_cost_gives_an_uplift_but_no_gain(where):
    frame = lines(may())
    frame.loc[(frame["discount"] > 0) == (where == "in the sale"), "sku"] = "B"
    goods = pd.DataFrame({"sku": ["A"], "landed_cost": [500.0]})
    found = promotions(
        frame, goods, costs={"fulfilment_per_order": 100, "fee_rates": {"*": {"rate": 0.1}}}, days=SALE
    )
    assert found.uplift == pytest.approx(0.6)
    assert (found.gain, found.gain_low, found.needed) == (None, None, None)
    assert "needs the costs" in found.sentence


def test_the_interval_covers_the_planted_uplift_and_days_without_a_sale_show_none():
    draw, count = np.random.default_rng(8), 300
    first = pd.Timestamp("2000-01-03")
    sales = [first + pd.Timedelta(days=42 * place + 21) for place in range(count)]
    days = [first + pd.Timedelta(days=place) for place in range(42 * count + 21)]
    rate = dict.fromkeys(sales, 36)
    frame = lines({day: int(draw.poisson(rate.get(day, 24))) for day in days})
    found = promotions(frame, days=[(day, day) for day in sales])
    covered = ((found.table["low"] <= 0.5) & (found.table["high"] >= 0.5)).mean()
    assert 0.92 <= covered <= 0.98
    quiet = [day + pd.Timedelta(days=1) for day in sales]
    nothing = promotions(frame, days=[(day, day) for day in quiet])
    assert 0.92 <= ((nothing.table["low"] <= 0) & (nothing.table["high"] >= 0)).mean() <= 0.98


def test_what_was_planted_in_a_large_shop_is_found_and_the_own_store_shows_nothing():
    shop = datasets.simulate("phone_stand", seed="truth", orders=200_000)
    planted = shop.truth["promotions"]
    days = [(each["start"], each["end"]) for each in planted]
    found = promotions(shop.orders, days=days, channels=TIKTOK)
    assert [
        low <= each["uplift"] - 1 <= high
        for each, low, high in zip(planted, found.table["low"], found.table["high"], strict=True)
    ] == [True] * 8
    tired = fatigue(found)
    assert tired.verdict == "fades"
    true = (planted[-1]["uplift"] / planted[0]["uplift"]) ** (1 / 7) - 1
    assert tired.low <= true <= tired.high
    own = promotions(shop.orders, days=days, channels=["own_store"])
    assert own.low <= 0 <= own.high


def test_what_cannot_be_compared_is_refused():
    frame = lines(may(), channel="live")
    with pytest.raises(InputError, match="days is empty"):
        promotions(frame, days=[])
    with pytest.raises(InputError, match=r"days\[0\] is .*expected a first and a last day"):
        promotions(frame, days=[("2026-05-13", "2026-05-12")])
    with pytest.raises(InputError, match="before another ends"):
        promotions(frame, days=[("2026-05-10", "2026-05-12"), ("2026-05-12", "2026-05-13")])
    with pytest.raises(InputError, match="outside the orders, 2026-04-21 to 2026-06-03"):
        promotions(frame, days=[("2027-05-12", "2027-05-13")])
    with pytest.raises(InputError, match="give more weeks"):
        promotions(frame, days=[("2026-04-21", "2026-06-03")])
    with pytest.raises(InputError, match="weeks is 0"):
        promotions(frame, days=SALE, weeks=0)
    with pytest.raises(UnknownNameError, match="live"):
        promotions(frame, days=SALE, channels=["lives"])
    with pytest.raises(InputError, match="do not say their channel"):
        promotions(frame.drop(columns="channel"), days=SALE, channels=["live"])
    with pytest.raises(InputError, match="no paid order line"):
        promotions(frame.assign(status="cancelled"), days=SALE)


def test_fatigue_is_a_weighted_line_through_the_logarithms():
    when = pd.date_range("2026-03-01", "2026-08-31")
    days = [f"2026-{month:02d}-08" for month in range(4, 9)]
    came = {pd.Timestamp(day): 40 - 4 * place for place, day in enumerate(days)}
    frame = lines({day: came.get(day, 20) for day in when})
    found = promotions(frame, days=[(dt.date.fromisoformat(day), day) for day in days])
    tired = fatigue(found)
    weight = found.table["spread"] ** -2
    slope, level = np.polyfit(range(5), np.log1p(found.table["uplift"]), 1, w=np.sqrt(weight))
    assert tired.each == pytest.approx(np.expm1(slope))
    assert (tired.first, tired.next) == pytest.approx((np.expm1(level), np.expm1(level + 5 * slope)))
    assert tired.low < tired.each < tired.high
    assert tired.verdict == "unclear"
    assert "cannot be told from 5" in tired.sentence


def test_both_have_a_picture():
    found = promotions(lines(may()), days=SALE)
    assert [text.get_text() for text in found.plot().get_legend().get_texts()] == [
        "came",
        "would have come on usual days",
    ]
    assert len(found.plot().patches) == 2
    assert fatigue(found).plot().get_title(loc="left") or fatigue(found).plot().get_title()
