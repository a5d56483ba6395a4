"""Lesson 35: its exercises ask what the fee and cash functions say, on days that hold what they teach."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import cash, fees, learn
from sellerlab.errors import InputError, TableError
from sellerlab.learn.channels import DAYS, DELIVERY, RULES, as_before, bills, channels
from sellerlab.learn.lessons import l35

SILVER_WEEK = {dt.date(2026, 9, day) for day in (21, 22, 23)}


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle)
    answers = {each.id: each.answer(shop) for each in l35.LESSON.exercises}
    sales = {each.name: each.sales for each in channels(shop)}
    rates = {each.name: each.rate for each in channels(shop)}
    first, *rest = sales
    two = (first, max(rest, key=rates.get))
    assert answers["35.1"] == pytest.approx(fees.blended_fee({name: sales[name] for name in two}, rates).rate)
    assert answers["35.2"] == pytest.approx(1 - sales["own_store"] / sum(sales.values()))
    day = l35._confirmed(shop)
    usual, fast = (cash.payout_dates(rule, day)[0].paid_on for rule in ("base_jp", "base_jp_fast"))
    assert answers["35.3"] == (usual - day).days
    assert answers["35.5"] == pytest.approx(0.015 / (usual - fast).days * 365)
    paid = cash.payouts(as_before(shop), RULES, costs=shop.costs, delivery_days=DELIVERY)
    due = bills(shop, goods_due=10)
    account = cash.cash_by_day(paid, due, start="2026-09-01", end="2026-09-28")
    assert answers["35.4"] == account.lowest


def test_channels_keep_what_the_orders_say(demo):
    paid = demo.orders.query("status == 'paid'")
    sales = (paid["amount"] + paid["platform_discount"]).groupby(paid["channel"]).sum()
    for each in channels(demo):
        assert each.sales == sales[each.name]
        assert each.fee == paid.loc[paid["channel"] == each.name, "fee"].sum()
    assert [each.sales for each in channels(demo)] == sorted(sales, reverse=True)


def test_fees_that_an_export_lacks_come_from_the_costs(demo):
    told = {each.name: each.rate for each in channels(demo)}
    bare = replace(demo, orders=demo.orders.drop(columns="fee"))
    for each in channels(bare):
        assert each.rate == pytest.approx(told[each.name], abs=0.0005)
    with pytest.raises(InputError, match=r"fees of '.+' are not known"):
        channels(replace(bare, costs={}))


@pytest.mark.parametrize("lines", range(10))
def test_each_sale_is_confirmed_on_a_working_day_and_waits_over_the_holidays(demo, lines):
    shop = replace(demo, orders=demo.orders.head(30 + lines))
    day = l35._confirmed(shop)
    assert day.weekday() < 5
    paid = cash.payout_dates(l35.USUAL, day)[0].paid_on
    assert day < min(SILVER_WEEK) < max(SILVER_WEEK) < paid
    assert l35._wait(shop) > 14


def test_the_next_four_weeks_are_the_last_four_once_more(demo):
    plan = as_before(demo)
    ahead = plan[plan["ordered_at"] > "2026-09-01"]
    last = demo.orders[demo.orders["ordered_at"] >= "2026-08-04"]
    assert len(ahead) == len(last)
    assert (ahead["ordered_at"].to_numpy() - last["ordered_at"].to_numpy() == pd.Timedelta(days=DAYS)).all()
    assert ahead["ordered_at"].max() < pd.Timestamp("2026-09-29")
    assert ahead["amount"].sum() == last["amount"].sum()


def test_bills_are_what_the_last_four_weeks_cost_with_tax(demo):
    due = bills(demo).set_index("bill")
    assert due["day"].dt.strftime("%m-%d").to_dict() == {
        "parcels": "09-10",
        "marketing": "09-15",
        "goods": "09-24",
    }
    lines = demo.orders[(demo.orders["ordered_at"] >= "2026-08-04") & (demo.orders["status"] == "paid")]
    cost = lines["sku"].map(demo.products.set_index("sku")["landed_cost"])
    kept = lines["quantity"] - lines["refunded_quantity"] * demo.costs["resellable_share"]
    assert due.loc["goods", "amount"] == pytest.approx((cost * kept).sum() * 1.1, abs=1)
    moved = bills(demo, goods_due=3)
    assert moved["bill"].tolist() == ["goods", "parcels", "marketing"]
    assert moved["amount"].sum() == due["amount"].sum()


def test_own_bills_are_read_and_a_missing_column_is_named(demo, tmp_path):
    path = tmp_path / "bills.csv"
    path.write_text("day,bill,amount\n2026-09-05,rent,50000\n", encoding="utf-8")
    own = bills(demo, path)
    assert own["day"].tolist() == [pd.Timestamp("2026-09-05")]
    assert own["amount"].tolist() == [50000]
    path.write_text("day,sum\n2026-09-05,1\n", encoding="utf-8")
    with pytest.raises(TableError, match="no column 'bill'"):
        bills(demo, path)


def test_counting_calendar_days_hides_the_hole_of_the_demo_shop(demo):
    """What the lesson tells of the demo shop in words."""
    usual = l35._ahead(demo, 24)
    assert usual.need > 0
    assert usual.closing > 0
    assert usual.lowest_on == dt.date(2026, 9, 24)
    plain = {
        name: replace(
            cash.settlement_rule(rule),
            country="",
            parts=(cash.Part(share=1, calendar_days=cash.settlement_rule(rule).parts[0].business_days),),
        )
        for name, rule in RULES.items()
    }
    wrong = cash.payouts(as_before(demo), plain, costs=demo.costs, delivery_days=DELIVERY)
    assert l35._by_day(wrong.table, demo, 24).need == 0
    assert l35._ahead(demo, 25).need == 0


def test_a_shop_of_one_channel_or_without_the_account_is_not_asked_about_them(demo):
    own = replace(demo, orders=demo.orders[demo.orders["channel"] == "own_store"])
    lab = learn.start("35", shop=own, strict=False)
    states = {each.id: lab.check(each.id, 0.123).state for each in lab.exercises}
    assert (states["35.1"], states["35.2"]) == ("no answer", "no answer")
    assert "no answer" not in (states["35.3"], states["35.4"], states["35.5"])


def test_orders_without_channels_are_asked_for_them(demo):
    with pytest.raises(InputError, match="name no channel"):
        channels(replace(demo, orders=demo.orders.drop(columns="channel")))


def test_every_template_is_filled_and_no_hint_gives_the_number_away(demo):
    lab = learn.start("35", shop=demo, strict=True)
    for each in lab.exercises:
        solution = repr(lab.solution(each.id))
        shown = [repr(lab.ask(each.id)), *(repr(lab.hint(each.id, n + 1)) for n in range(len(each.hints)))]
        assert not any("{" in card or "–" in card for card in [*shown, solution])
        answer = each.told(each.solution, demo).split(":")[0].split(",  ")[0].split(". ")[0].split(", on")[0]
        assert not any(answer in card.replace(each.id, "") for card in shown), (each.id, answer)
