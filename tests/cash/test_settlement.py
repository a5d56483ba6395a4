from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.cash import settlement
from sellerlab.cash.settlement import Part, SettlementRule
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.fees.rows import TRUST

STABLE = settings(deadline=None, derandomize=True, max_examples=60)
RULES = sorted(settlement.settlement_rules()["rule"].unique())


def days(rule, confirmed_on, **more):
    return [str(payout.paid_on) for payout in settlement.payout_dates(rule, confirmed_on, **more)]


def test_every_rule_has_a_source_and_is_whole():
    table = settlement.settlement_rules()
    assert (table["source"].str.len() > 0).all()
    assert table["trust"].isin(TRUST).all()
    for name in RULES:
        rule = settlement.settlement_rule(name)
        assert rule.source
        assert sum(part.share for part in rule.parts) == pytest.approx(1)


@pytest.mark.parametrize("confirmed_on", ["2024-12-09", "2024-12-12", "2024-12-15"])
def test_coupang_week_ending_15_december_2024(confirmed_on):
    # 25 December and 1 January are holidays in Korea; 1 February 2025 is a Saturday.
    paid = settlement.payout_dates("coupang_weekly", confirmed_on)
    assert [payout.share for payout in paid] == [0.7, 0.3]
    assert [payout.paid_on for payout in paid] == [dt.date(2025, 1, 7), dt.date(2025, 2, 3)]


def test_a_sale_on_monday_belongs_to_the_next_week():
    assert days("coupang_weekly", "2024-12-16") == ["2025-01-14", "2025-02-03"]


def test_coupang_month_pays_15_business_days_after_its_end():
    # November 2024 ends on a Saturday; the first three weeks of December have no holiday in Korea.
    assert days("coupang_monthly", "2024-11-04") == ["2024-12-20"]
    assert days("coupang_monthly", "2024-11-30") == ["2024-12-20"]
    assert days("coupang_monthly", "2024-12-01") == ["2025-01-22"]


def test_gmarket_counts_3_to_5_business_days_from_the_day_after_completion():
    assert days("gmarket_earliest", "2026-03-09") == ["2026-03-13"]
    assert days("gmarket_latest", "2026-03-09") == ["2026-03-17"]
    # Completed on Friday: the day after is a Saturday, the first business day is Monday.
    assert days("gmarket_earliest", "2026-03-13") == ["2026-03-18"]


def test_business_days_are_not_calendar_days_over_a_holiday():
    # Lunar New Year 2025: 28 to 30 January, and 27 January was made a holiday.
    assert days("eleventh_street", "2025-01-24") == ["2025-01-31"]
    assert days("eleventh_street", "2025-02-10") == ["2025-02-11"]
    assert days("eleventh_street", "2025-02-10", closed=[dt.date(2025, 2, 11)]) == ["2025-02-12"]


def test_a_reserve_holds_a_share_of_each_part_back():
    rule = SettlementRule(name="mine", parts=(Part(share=1, business_days=2),), reserve=0.1, reserve_days=30)
    paid = settlement.payout_dates(rule, "2026-03-02")
    assert [payout.share for payout in paid] == pytest.approx([0.9, 0.1])
    assert [str(payout.paid_on) for payout in paid] == ["2026-03-04", "2026-04-03"]


def test_a_date_an_array_and_a_series_are_paid_alike_and_come_back_as_their_kind():
    confirmed = ["2024-12-12", "2024-12-16", "2025-01-27"]
    expected = [settlement.payout_dates("coupang_weekly", day)[0].paid_on for day in confirmed]
    assert isinstance(expected[0], dt.date)
    array = settlement.payout_dates("coupang_weekly", np.array(confirmed, dtype="datetime64[D]"))[0].paid_on
    assert array.tolist() == expected
    series = pd.Series(pd.to_datetime(confirmed), index=[3, 4, 5])
    paid = settlement.payout_dates("coupang_weekly", series)[0].paid_on
    assert paid.index.tolist() == [3, 4, 5]
    assert paid.dt.date.tolist() == expected
    polars = settlement.payout_dates("coupang_weekly", pl.Series([*map(dt.date.fromisoformat, confirmed)]))
    assert [each.date() for each in polars[0].paid_on.to_list()] == expected


def test_a_day_not_yet_confirmed_has_no_payout_yet():
    paid = settlement.payout_dates("coupang_weekly", pd.Series(pd.to_datetime(["2024-12-12", None])))
    assert paid[1].paid_on.isna().tolist() == [False, True]
    none = settlement.payout_dates("coupang_weekly", pd.Series(pd.to_datetime([None, None])))
    assert none[0].paid_on.isna().all()


@pytest.mark.parametrize("name", RULES)
@STABLE
@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)))
def test_money_comes_on_a_business_day_after_the_sale_and_never_overtakes(name, day):
    paid = settlement.payout_dates(name, day)
    later = settlement.payout_dates(name, day + dt.timedelta(days=1))
    assert sum(payout.share for payout in paid) == pytest.approx(1)
    for payout, next_one in zip(paid, later, strict=True):
        assert payout.paid_on > day
        assert payout.paid_on.weekday() < 5
        assert payout.paid_on <= next_one.paid_on


def test_what_cannot_be_a_rule_or_a_day_is_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'coupang_weekly'"):
        settlement.settlement_rule("coupang_week")
    with pytest.raises(InputError, match=r"shares add up to 0\.7; expected 1"):
        SettlementRule(name="mine", parts=(Part(share=0.7),))
    with pytest.raises(InputError, match="a lag is below 0"):
        SettlementRule(name="mine", parts=(Part(share=1, business_days=-1),))
    with pytest.raises(UnknownNameError, match="Did you mean 'week'"):
        SettlementRule(name="mine", parts=(Part(share=1),), period="weekly")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="expected a day such as"):
        settlement.payout_dates("coupang_weekly", "12/12/2024")
    with pytest.raises(InputError, match="holidays of 'XX' are not known"):
        settlement.payout_dates(SettlementRule(name="m", country="XX", parts=(Part(share=1),)), "2026-01-01")
