"""Recurring revenue worked by hand: the movements add up, and churn counts whom it should."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import retention
from sellerlab.errors import InputError, TableError
from tests.small_shop import ENGINES, as_engine, rows


def table(*lines, **extra):
    """Rows of customer, start, end, price, months."""
    frame = pd.DataFrame(lines, columns=["customer_id", "started_at", "ended_at", "price", "months"])
    for name in ("started_at", "ended_at"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.assign(**extra)


HAND = table(
    ("ann", "2026-01-05", "2026-03-05", 10.0, 1),
    ("ann", "2026-03-05", None, 25.0, 1),
    ("bob", "2026-01-10", None, 240.0, 12),
    ("cyd", "2026-01-20", "2026-02-20", 30.0, 1),
    ("cyd", "2026-04-02", None, 30.0, 1),
    ("dan", "2026-02-03", None, 40.0, 1),
    ("dan", "2026-05-03", None, 999.0, 1),
    ("eve", "2026-02-01", None, 500.0, 0),
)


def test_movements_worked_by_hand():
    result = retention.movements(HAND, as_of="2026-04-30", minimum=1)
    found = {row["month"]: row for row in rows(result.table)}
    assert {month: row["closing"] for month, row in found.items()} == {
        "2026-01": 60,
        "2026-02": 70,
        "2026-03": 85,
        "2026-04": 115,
    }
    # A change of plan is an expansion; a year's price counts a twelfth; who comes back is not new.
    assert (found["2026-02"]["new"], found["2026-02"]["churned"]) == (40, 30)
    assert (found["2026-03"]["expansion"], found["2026-03"]["lost"]) == (15, 0)
    assert (found["2026-04"]["reactivation"], found["2026-04"]["new"]) == (30, 0)
    assert found["2026-02"]["churn"] == pytest.approx(1 / 3)
    assert found["2026-02"]["revenue_churn"] == 0.5
    assert found["2026-02"]["nrr"] == 0.5
    assert found["2026-02"]["quick_ratio"] == pytest.approx(4 / 3)
    assert found["2026-01"]["churn"] is None
    assert (result.mrr, result.subscribers, result.one_off) == (115, 4, 1)
    assert (result.churn, result.as_of) == (pytest.approx(1 / 9), dt.date(2026, 4, 30))
    assert result.nrr is None
    assert result.quick_ratio == pytest.approx((40 + 15 + 30) / 30)


def test_new_subscribers_are_not_in_the_churn_of_their_month():
    # A hundred at the beginning of which 10 leave, and a hundred who come in the month.
    lines = [(f"a{n}", "2026-01-05", "2026-02-05" if n < 10 else None, 10.0, 1) for n in range(100)]
    lines += [(f"b{n}", "2026-02-10", None, 10.0, 1) for n in range(100)]
    result = retention.movements(table(*lines, currency="ILS"), as_of="2026-02-28")
    assert result.churn == 0.1
    assert result.sentence == (
        "At the end of February 2026 monthly recurring revenue was ILS 1,900.00 from 190 subscribers: ILS "
        "1,000.00 a month before, ILS 1,000.00 came and ILS 100.00 went. Of subscribers 10.0% left a month "
        "(5.5% to 17.4%, 95% interval)."
    )


def test_net_revenue_retention_of_a_year_leaves_new_subscribers_out():
    lines = [
        ("ann", "2025-01-05", None, 10.0, 1),
        ("bob", "2025-01-06", "2025-06-06", 20.0, 1),
        ("ann", "2025-09-01", None, 5.0, 1),
        ("kim", "2025-01-10", "2025-02-10", 30.0, 1),
        ("new", "2025-12-01", None, 500.0, 1),
    ]
    result = retention.movements(table(*lines), as_of="2026-01-31", minimum=1)
    assert result.nrr == 0.25
    assert "Those of a year before now pay 25.0% of what they paid." in result.sentence


def test_a_month_that_is_not_over_is_not_counted():
    assert [row["month"] for row in rows(retention.movements(HAND, as_of="2026-03-30").table)] == [
        "2026-01",
        "2026-02",
    ]
    with pytest.raises(InputError, match="cover no whole month"):
        retention.movements(HAND, as_of="2026-01-30")


def test_too_few_subscribers_give_no_churn():
    result = retention.movements(HAND, as_of="2026-04-30")
    assert result.churn is result.churn_low is None
    assert "Too few subscribers for a churn rate: at least 30" in result.sentence


spans = st.tuples(
    st.integers(0, 9),
    st.integers(0, 700),
    st.one_of(st.none(), st.integers(0, 400)),
    st.sampled_from([10, 30, 99]),
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    # One that ends on its first day was never paid for; a shop needs one that was.
    st.lists(spans, min_size=1, max_size=40).filter(lambda lines: any(line[2] != 0 for line in lines)),
    st.sampled_from([1, 3, 12]),
)
def test_movements_add_up_and_agree_with_the_subscriptions_running_at_month_ends(lines, months):
    begin = pd.Timestamp("2024-01-15")
    frame = table(
        *(
            (
                f"c{who}",
                begin + pd.Timedelta(days=day),
                None if life is None else begin + pd.Timedelta(days=day + life),
                price,
                months,
            )
            for who, day, life, price in lines
        )
    )
    result = retention.movements(frame, as_of="2026-06-30", minimum=1)
    for row in rows(result.table):
        net = row["new"] + row["reactivation"] + row["expansion"] - row["contraction"] - row["churned"]
        assert row["opening"] + net == pytest.approx(row["closing"], abs=1e-4)
        end = pd.Period(row["month"]).end_time.normalize()
        runs = frame[(frame["started_at"] <= end) & ~(frame["ended_at"] <= end)]
        assert row["closing"] == pytest.approx(runs["price"].sum() / months, abs=1e-4)
        assert row["subscribers"] + row["gained"] - row["lost"] == runs["customer_id"].nunique()
    assert rows(retention.movements(frame[::-1], as_of="2026-06-30").table) == rows(result.table)


def test_renewals_worked_by_hand():
    frame = table(
        ("ann", "2026-01-05", "2026-03-05", 10.0, 1),
        ("bob", "2026-01-31", "2026-02-28", 10.0, 1),
        ("cyd", "2026-01-20", "2026-03-20", 10.0, 1),
        ("cyd", "2026-03-20", None, 20.0, 1),
        ("dan", "2026-03-15", "2026-04-01", 10.0, 1),
        ("eve", "2026-04-01", "2026-04-05", 10.0, 1),
        ("flo", "2026-02-01", "2026-03-01", 10.0, 1),
        ("flo", "2026-04-01", None, 10.0, 1),
    )
    found = retention.renewals(frame, as_of="2026-04-20", minimum=1)
    # First renewal: ann, bob, cyd, dan, flo; eve has left but is not old enough to have come to it.
    assert found.at_risk == (5, 2, 1)
    # Bob's 28 February is a month after the 31st; flo comes back after a gap and counts as gone.
    assert found.lost == (3, 1, 0)
    assert found.subscribers == 6
    assert [row["staying"] for row in rows(found.table)] == pytest.approx([0.4, 0.2, 0.2])


def test_a_month_after_the_31st_is_the_last_day_of_a_short_month():
    frame = table(("ann", "2026-01-31", None, 10.0, 1))
    assert retention.renewals(frame, as_of="2026-02-28").at_risk == (1,)
    with pytest.raises(InputError, match="Nobody has come to a renewal by 2026-02-27"):
        retention.renewals(frame, as_of="2026-02-27")


def test_yearly_renewals_count_years():
    frame = table(
        ("ann", "2023-05-10", "2024-05-10", 100.0, 12),
        ("bob", "2023-06-01", None, 100.0, 12),
        ("cyd", "2023-06-01", "2024-09-01", 100.0, 12),
    )
    found = retention.renewals(frame, months=12, as_of="2025-12-31", minimum=1)
    assert (found.at_risk, found.lost) == ((3, 2), (1, 1))


def test_renewals_recover_the_planted_churn():
    draw = np.random.default_rng(8)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 700, 4000), unit="D")
    life = draw.geometric(0.1, 4000)
    ends = [a + pd.DateOffset(months=int(n)) for a, n in zip(start, life, strict=True)]
    ended = [end if end <= pd.Timestamp("2025-12-31") else None for end in ends]
    frame = table(*((f"c{n}", a, b, 10.0, 1) for n, (a, b) in enumerate(zip(start, ended, strict=True))))
    found = retention.renewals(frame, as_of="2025-12-31")
    inside = [row["low"] <= 0.1 <= row["high"] for row in rows(found.table) if row["at_risk"] >= 100]
    assert len(inside) >= 12
    assert np.mean(inside) >= 0.9
    assert sum(found.lost) / sum(found.at_risk) == pytest.approx(0.1, abs=0.005)


def test_few_at_risk_give_no_churn():
    found = retention.renewals(HAND, as_of="2026-04-30")
    assert [row["churn"] for row in rows(found.table)] == [None] * 3
    assert "4 subscribers came to the first renewal: too few" in found.sentence


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ask", [retention.movements, retention.renewals])
def test_every_engine_gives_the_same_numbers(ask, engine):
    expected = ask(HAND, as_of="2026-04-30", minimum=1)
    found = ask(as_engine(HAND, engine), as_of="2026-04-30", minimum=1)
    assert rows(found.table) == rows(expected.table)
    assert found.sentence == expected.sentence


@pytest.mark.parametrize("ask", [retention.movements, retention.renewals])
def test_the_table_is_left_alone_and_its_kind_comes_back(ask):
    before = HAND.copy()
    ask(HAND, as_of="2026-04-30", minimum=1)
    pd.testing.assert_frame_equal(HAND, before)
    assert type(ask(as_engine(HAND, "polars"), minimum=1).table).__module__.startswith("polars")


def test_formulas_match_their_definitions():
    # 5% a month is 46% a year, not 60%.
    assert retention.annual_churn(0.05) == pytest.approx(0.4596, abs=1e-4)
    assert retention.quick_ratio(5000, 1500, 500, 500, 1500) == 3.5
    assert retention.quick_ratio(5, 0, 0, 0, 0) is None
    assert retention.net_revenue_retention(100, 30, 5, 10) == 1.15


def test_own_names_and_no_billing_period_work():
    frame = HAND[HAND["months"] == 1].drop(columns="months").rename(columns={"price": "fee"})
    assert retention.movements(frame, as_of="2026-04-30", price="fee").mrr == 95


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: retention.annual_churn(5), InputError, "Did you mean 0.05"),
        (lambda: retention.quick_ratio(1, 0, 0, -1, 0), InputError, "contraction is -1"),
        (lambda: retention.net_revenue_retention(0, 0, 0, 0), InputError, "no MRR to keep"),
        (lambda: retention.net_revenue_retention(10, 0, 5, 6), InputError, "more than there was"),
        (lambda: retention.movements(HAND.drop(columns="ended_at")), TableError, "no column 'ended_at'"),
        (lambda: retention.movements(HAND.assign(months=0)), InputError, "no recurring subscription"),
        (
            lambda: retention.movements(table(("a", "2026-02-01", "2026-01-01", 1.0, 1))),
            InputError,
            "subscription of 'a' ends before it starts",
        ),
        (lambda: retention.movements(HAND, as_of="2025-01-01"), InputError, "had started by 2025-01-01"),
        (
            lambda: retention.movements(HAND.assign(currency=["ILS", "USD"] * 4)),
            TableError,
            "mixes currencies",
        ),
        (lambda: retention.renewals(HAND, months=0), InputError, "months is 0"),
        (
            lambda: retention.renewals(HAND, as_of="2026-01-31"),
            InputError,
            "Nobody has come to a renewal",
        ),
    ],
)
def test_impossible_subscriptions_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_pictures_show_only_the_movements_there_are():
    ax = retention.movements(HAND, as_of="2026-04-30").plot()
    assert [each.get_text() for each in ax.get_legend().get_texts()] == [
        "net",
        "new",
        "reactivation",
        "expansion",
        "churned",
    ]
    ax = retention.renewals(HAND, as_of="2026-04-30", minimum=1).plot()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1\n(4)", "2\n(3)", "3\n(2)"]
