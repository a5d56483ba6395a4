"""Payouts by dated rules, cash by day, and the price of being paid sooner."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.cash import cash_by_day, cash_conversion_cycle, fast_payout_cost, payouts
from sellerlab.cash.settlement import Part, SettlementRule
from sellerlab.errors import InputError, TableError, UnknownNameError
from tests.small_shop import COSTS, ENGINES, as_engine, orders, rows

STABLE = settings(deadline=None, derandomize=True, max_examples=30)


def order(day, amount, **more):
    line = {
        "order_id": f"{day} {amount}",
        "ordered_at": pd.Timestamp(day),
        "sku": "A",
        "quantity": 1.0,
        "unit_price": float(amount),
        "currency": "KRW",
        "channel": "coupang",
        "status": "paid",
        "kind": "sale",
        "fee": 0.0,
    }
    return line | more


def paid(result):
    return {(str(row["paid_on"])[:10], row["channel"]): row["amount"] for row in rows(result.table)}


def test_coupang_week_ending_15_december_2024():
    # Confirmed in the week that ends on 15 December: 70% on 7 January, 30% on 3 February 2025.
    lines = pd.DataFrame([order("2024-12-01 10:00", 100_000), order("2024-12-04 23:59", 11_111)])
    result = payouts(lines, "coupang_weekly", delivery_days=2)
    assert paid(result) == {("2025-01-07", "coupang"): 77_778, ("2025-02-03", "coupang"): 33_333}
    assert (result.total, result.waiting, result.as_of) == (111_111, 111_111, dt.date(2024, 12, 4))
    # 70% wait 37 days (34 for the smaller), 30% wait 64 (61).
    waits = (70_000 * 37 + 30_000 * 64 + 7778 * 34 + 3333 * 61) / 111_111
    assert result.mean_wait == pytest.approx(waits, rel=1e-9)
    assert result.sentence == (
        "Of KRW 111,111 sold up to 4 Dec 2024, after fees and refunds, KRW 111,111 (100%) has not come yet; "
        "money takes 45 days on average, and the last of it comes on 3 Feb 2025."
    )


def test_fees_refunds_and_corrections_are_taken_off():
    lines = pd.DataFrame(
        [
            order("2024-12-02", 10_000, fee=1200.0, refunded=3000.0, platform_discount=500.0),
            order("2024-12-03", 5000, status="pending"),
            order("2024-12-03", 7000, status="cancelled"),
            order("2024-12-10", 2000, kind="refund", quantity=-1.0),
            order("2024-12-10", 900, kind="fee", sku=None, quantity=-1.0, fee=np.nan),
            order("2024-12-11", 400, kind="adjustment"),
            order("2024-12-11", 2500, kind="shipping"),
        ]
    )
    daily = SettlementRule(name="next day", parts=(Part(share=1, calendar_days=1),))
    result = payouts(lines, daily, delivery_days=3, confirm_days=4)
    # The sale is confirmed on the 9th; a row of its own is settled the day after it stands.
    assert paid(result) == {
        ("2024-12-10", "coupang"): 5800,
        ("2024-12-11", "coupang"): -2900,
        ("2024-12-12", "coupang"): 400,
        ("2024-12-19", "coupang"): 2500,
    }
    assert (result.total, result.pending) == (5800 - 2900 + 400 + 2500, 5000)
    assert result.fee_unknown == 0


def test_each_channel_has_its_rule_and_costs_state_the_fees():
    lines = pd.DataFrame(
        [
            order("2026-03-09", 10_000, channel="11st", fee=np.nan),
            order("2026-03-09", 10_000, channel="own", fee=np.nan),
        ]
    )
    rules = {"11st": "eleventh_street", "*": "shopify_payments_us"}
    result = payouts(lines, rules, costs={"fee_rates": {"11st": {"rate": 0.13}, "own": {"rate": 0.03}}})
    assert paid(result) == {("2026-03-10", "11st"): 8700, ("2026-03-11", "own"): 9700}
    unknown = payouts(lines, rules)
    assert unknown.fee_unknown == 2
    assert unknown.sentence.endswith(
        "The fee of 2 lines is not known, so less will come. Give fee_rates in the costs."
    )
    with pytest.raises(UnknownNameError, match="settlement rule of channel 'own'"):
        payouts(lines, {"11st": "eleventh_street"})
    with pytest.raises(UnknownNameError, match="Did you mean 'coupang_weekly'"):
        payouts(lines, "coupang_weekl")


@STABLE
@given(seed=st.integers(0, 10_000), currency=st.sampled_from(["JPY", "USD"]))
def test_payouts_add_up_to_what_was_sold(seed, currency):
    lines = orders(seed, currency=currency)
    result = payouts(lines, "coupang_weekly", costs={"fee_rates": COSTS["fee_rates"]}, delivery_days=2)
    amounts = [row["amount"] for row in rows(result.table)]
    assert sum(amounts) == pytest.approx(result.total, abs=1e-6)
    assert sum(amount for _, amount in result.sold) == pytest.approx(result.total, abs=1e-6)
    days = [row["paid_on"] for row in rows(result.table)]
    assert days == sorted(days)
    later = sum(row["amount"] for row in rows(result.table) if row["paid_on"].date() > result.as_of)
    assert later == pytest.approx(result.waiting, abs=1e-6)


def test_orders_without_a_channel_are_paid_by_one_rule():
    lines = pd.DataFrame([order("2026-03-09", 10_000)]).drop(columns="channel")
    assert paid(payouts(lines, "eleventh_street")) == {("2026-03-10", "all channels"): 10_000}


def test_payouts_refuse():
    lines = pd.DataFrame([order("2026-03-09", 10_000)])
    with pytest.raises(InputError, match="delivery_days is -1"):
        payouts(lines, "eleventh_street", delivery_days=-1)
    with pytest.raises(InputError, match="no paid line up to 2026-01-01"):
        payouts(lines, "eleventh_street", as_of="2026-01-01")
    with pytest.raises(TableError, match="mixes currencies"):
        payouts(
            pd.DataFrame([order("2026-03-09", 1), order("2026-03-09", 1, currency="JPY")]), "eleventh_street"
        )


def moves(*pairs, day="paid_on"):
    return pd.DataFrame(
        {day: pd.to_datetime([each for each, _ in pairs]), "amount": [each for _, each in pairs]}
    )


def test_cash_worked_by_hand():
    money = moves(("2026-03-05", 100.0), ("2026-03-08", 300.0), ("2026-03-08", 20.0))
    bills = moves(("2026-03-03", 130.0), ("2026-03-06", 60.0), day="day")
    result = cash_by_day(money, bills, opening=50, currency="USD")
    assert [row["balance"] for row in rows(result.table)] == [-80, -80, 20, -40, -40, 280]
    assert (result.lowest, result.lowest_on, result.need) == (-80, dt.date(2026, 3, 3), 80)
    assert (result.closing, result.days_below, result.outside) == (280, 4, 0)
    assert result.sentence == (
        "The account goes from USD 50.00 to USD 280.00 between 3 Mar 2026 and 8 Mar 2026 and is lowest on 3 "
        "Mar 2026: USD 80.00 is missing. Days that end below zero: 4."
    )


def test_cash_that_never_runs_out():
    result = cash_by_day(moves(("2026-03-05", 100.0)), opening=10, start="2026-03-01", end="2026-03-31")
    assert (result.lowest, result.lowest_on, result.need) == (10, dt.date(2026, 3, 1), 0)
    assert len(rows(result.table)) == 31
    assert result.sentence.endswith("it is lowest on 1 Mar 2026, with 10.00 left.")


def test_money_outside_the_days_is_said():
    money = moves(("2026-02-05", 100.0), ("2026-03-05", 70.0))
    result = cash_by_day(money, moves(("2026-05-01", 30.0), day="day"), start="2026-03-01", end="2026-03-31")
    assert (result.closing, result.outside) == (70, 70)
    assert result.sentence.endswith("Money on other days, 70.00, is not counted.")


@STABLE
@given(
    coming=st.lists(st.tuples(st.integers(0, 90), st.integers(-500, 5000)), max_size=30),
    going=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 5000)), min_size=1, max_size=30),
    opening=st.integers(-1000, 1000),
)
def test_cash_adds_up_to_the_last_cent(coming, going, opening):
    start = pd.Timestamp("2026-01-01")
    money = pd.DataFrame(
        {
            "paid_on": pd.to_datetime([start + pd.Timedelta(days=day) for day, _ in coming]),
            "amount": [cents / 100 for _, cents in coming],
        }
    )
    bills = pd.DataFrame(
        {"day": [start + pd.Timedelta(days=day) for day, _ in going], "amount": [c / 100 for _, c in going]}
    )
    result = cash_by_day(money, bills, opening=opening, currency="USD")
    cents = opening * 100 + sum(c for _, c in coming) - sum(c for _, c in going)
    assert round(result.closing * 100) == cents
    assert result.lowest == min(row["balance"] for row in rows(result.table))
    assert result.need == max(0, -result.lowest)


def test_a_growing_shop_needs_more_money():
    # Goods cost 60 and are paid on the day of the sale; 100 comes by the calendar, weeks later.
    needs = []
    for growth in (1.0, 1.3):
        lines = [
            order(pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=week), round(1000 * growth**week))
            for week in range(12)
        ]
        frame = pd.DataFrame(lines)
        bills = pd.DataFrame({"day": frame["ordered_at"], "amount": (frame["unit_price"] * 0.6).round()})
        needs.append(cash_by_day(payouts(frame, "coupang_weekly"), bills).need)
    assert needs[1] > 2 * needs[0]


def test_fast_payout_cost_as_a_yearly_rate():
    assert fast_payout_cost(0.0035, 35) == pytest.approx(0.0365)
    assert fast_payout_cost(np.array([0.0035, 0.01]), 35).tolist() == pytest.approx([0.0365, 0.1042857])
    assert isinstance(fast_payout_cost(pd.Series([0.01]), 30), pd.Series)
    with pytest.raises(InputError, match=r"Did you mean 0\.35\?"):
        fast_payout_cost(35, 35)
    with pytest.raises(InputError, match="days_earlier is 0"):
        fast_payout_cost(0.01, 0)


def test_cash_conversion_cycle_adds_waiting_and_takes_credit_off():
    assert cash_conversion_cycle(45, 35, 10) == 70
    assert cash_conversion_cycle(20, 2, 30) == -8


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_agree_on_cash(engine):
    lines = orders(3)
    bills = pd.DataFrame({"day": pd.to_datetime(["2026-03-20", "2026-05-01"]), "amount": [9000.0, 100.0]})
    one = payouts(lines, "coupang_weekly", costs={"fee_rates": COSTS["fee_rates"]})
    other = payouts(as_engine(lines, engine), "coupang_weekly", costs={"fee_rates": COSTS["fee_rates"]})
    assert (other.sentence, paid(other)) == (one.sentence, paid(one))
    assert cash_by_day(other, as_engine(bills, engine)).sentence == cash_by_day(one, bills).sentence


def test_pictures_of_cash():
    result = payouts(orders(3), "coupang_weekly")
    ax = result.plot()
    assert [line.get_text() for line in ax.get_legend().get_texts()] == [
        "waiting",
        "sold, after fees",
        "paid out",
    ]
    # Both lines end at the same sum: all that was sold is paid.
    sold, got = (line.get_ydata()[-1] for line in ax.lines)
    assert sold == pytest.approx(got) == pytest.approx(result.total)
    assert cash_by_day(result).plot().get_title(loc="left") == "Cash at the end of each day"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cash_by_day(moves(("2026-03-05", 1.0)), moves(("2026-03-05", -1.0), day="day")),
            "positive amounts",
        ),
        (lambda: cash_by_day(moves(("2026-03-05", 1.0)), end="2026-03-01"), "from 2026-03-05 to 2026-03-01"),
        (lambda: cash_by_day(moves(("2026-03-05", 1.0), ("2062-03-05", 1.0))), "Check the days"),
        (lambda: cash_by_day(moves(("2026-03-05", None))), "without a paid_on or an amount"),
        (lambda: cash_by_day(moves(("2026-03-05", 1.0)), opening=float("nan")), "opening is nan"),
        (lambda: cash_by_day(moves(("2026-03-05", 1.0))[:0]), "neither money in nor money out"),
        (lambda: cash_by_day(moves(("2026-03-05", 1.0), day="day")), "no column 'paid_on'"),
    ],
)
def test_cash_refuses(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_two_currencies_are_never_added():
    money = moves(("2026-03-05", 1.0)).assign(currency="JPY")
    with pytest.raises(InputError, match="cannot be added"):
        cash_by_day(money, moves(("2026-03-05", 1.0), day="day").assign(currency="KRW"))
