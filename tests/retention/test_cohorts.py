"""Cohorts against published tables; what has not happened yet stays empty."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.margin import Costs
from sellerlab.margin.profit import profit_and_loss
from sellerlab.retention.cohort_cells import first_day, index_of, label
from sellerlab.retention.cohorts import cohorts
from tests.small_shop import COSTS, PRODUCTS, orders, rows


def shop(customers, days):
    frame = pd.DataFrame({"customer_id": customers, "ordered_at": pd.to_datetime(days)})
    return frame.assign(order_id=[str(place) for place in range(len(frame))])


# openretailscience, test of its cohort table; it fills with 0 what lies after the data.
PUBLISHED = shop(
    [1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, 4],
    [
        *("2023-01-15", "2023-01-20", "2023-02-05", "2023-02-10", "2023-03-01", "2023-03-15"),
        *("2023-03-20", "2023-04-10", "2023-04-25", "2023-05-05", "2023-05-20", "2023-06-10"),
    ],
)


def cells(table):
    """Each cohort's cells, with None for empty."""
    return {row["cohort"]: [row[name] for name in list(row)[2:]] for row in rows(table)}


def test_monthly_cohorts_match_the_table_of_openretailscience():
    result = cohorts(PUBLISHED, as_of="2023-06-30", minimum=1)
    assert cells(result.totals)["2023-01"] == [2, 1, 2, 1, 0, 0]
    assert cells(result.totals)["2023-02"] == [1, 1, 1, 0, 0, None]
    assert cells(result.totals)["2023-05"] == [2, 1, None, None, None, None]
    assert [row["customers"] for row in rows(result.table)] == [2, 1, 2]
    assert cells(result.table)["2023-01"] == [1, 0.5, 1, 0.5, 0, 0]


def test_a_month_that_is_not_over_is_empty_and_never_zero():
    result = cohorts(PUBLISHED, minimum=1)
    assert result.as_of == dt.date(2023, 6, 10)
    assert cells(result.totals)["2023-01"] == [2, 1, 2, 1, 0]
    assert cells(result.totals)["2023-05"] == [2, None, None, None, None]


def test_a_month_that_is_nearly_over_is_named_with_the_way_out():
    late = shop(["a", "b"], ["2026-01-05", "2026-02-26"])
    said = cohorts(late, minimum=1).sentence
    assert "The cells of 2026-02 are empty, as the data end on 26 Feb 2026: give as_of" in said
    assert "are empty" not in cohorts(late, as_of="2026-02-28", minimum=1).sentence
    assert "are empty" not in cohorts(late, as_of="2026-02-20", minimum=1).sentence


def test_weekly_cohorts_begin_on_monday():
    week = shop(["c1", "c1", "c2"], ["2023-01-02", "2023-01-09", "2023-01-09"])
    result = cohorts(week, period="week", as_of="2023-01-15", minimum=1)
    assert cells(result.totals) == {"2023-01-02": [1, 1], "2023-01-09": [1, None]}
    assert cells(cohorts(week, period="week", as_of="2023-01-14", minimum=1).totals) == {
        "2023-01-02": [1],
        "2023-01-09": [None],
    }


def test_average_is_weighted_by_cohort_size():
    """One cohort of 10 with half back and one of 210 with 10% back: 30% by cohort, 11.8% by customer."""
    first = [f"a{place}" for place in range(10)] + [f"a{place}" for place in range(5)]
    second = [f"b{place}" for place in range(210)] + [f"b{place}" for place in range(21)]
    days = ["2026-01-05"] * 10 + ["2026-02-05"] * 5 + ["2026-02-10"] * 210 + ["2026-03-10"] * 21
    result = cohorts(shop(first + second, days), as_of="2026-03-31")
    at_one = rows(result.average)[1]
    assert at_one["average"] == result.value == pytest.approx(26 / 220)
    assert at_one["simple_mean"] == pytest.approx(0.3)
    assert (at_one["customers"], at_one["cohorts"], result.value_customers) == (220, 2, 220)
    ends = stats.binomtest(26, 220).proportion_ci(method="wilson")
    assert (result.low, result.high) == pytest.approx((ends.low, ends.high))
    assert result.sentence == (
        "Of 220 customers old enough to tell, 11.8% bought in month 1 after their first order (8.2% to "
        "16.8%, 95% interval)."
    )


def test_few_customers_give_cells_but_no_average():
    result = cohorts(PUBLISHED, as_of="2023-06-30")
    assert result.value is result.low is None
    assert [row["average"] for row in rows(result.average)] == [None] * 6
    assert result.sentence.startswith("Too few customers are old enough for an average: 5 have lived")


def test_elapsed_age_counts_days_from_the_own_first_order():
    late = shop(["a", "a", "b"], ["2026-01-31", "2026-02-01", "2026-01-02"])
    calendar = cohorts(late, as_of="2026-02-28", minimum=1)
    assert cells(calendar.totals) == {"2026-01": [2, 1]}
    elapsed = cohorts(late, elapsed=True, as_of="2026-03-31", minimum=1)
    # The youngest possible customer of January has lived 59 days after his first: one block is over.
    assert cells(elapsed.totals) == {"2026-01": [2, 0]}
    assert cells(cohorts(late, elapsed=True, as_of="2026-03-30", minimum=1).totals) == {"2026-01": [2]}


def test_rolling_counts_who_bought_then_or_later():
    result = cohorts(PUBLISHED, as_of="2023-06-30", rolling=True, minimum=1)
    assert cells(result.totals)["2023-01"] == [2, 2, 2, 1, 0, 0]


def test_orders_count_each_order_once_and_money_adds_up_to_the_profit_and_loss():
    frame = orders(11, 900)
    frame["customer_id"] = [f"c{number % 97}" for number in range(len(frame))]
    found = cohorts(frame, measure="orders", as_of="2026-05-31", minimum=1)
    paid = frame[(frame["status"] == "paid") & frame["kind"].isin(["sale", "shipping"])]
    total = np.nansum([each for line in cells(found.totals).values() for each in map(float_or_nan, line)])
    assert total == len(paid.groupby(["customer_id", "order_id"]).size())
    # A customer whose first line is a refund has no age yet on that day.
    first = paid.groupby("customer_id")["ordered_at"].min().dt.to_period("M")
    known = frame[frame["ordered_at"].dt.to_period("M") >= frame["customer_id"].map(first)]
    pnl = profit_and_loss(known, PRODUCTS, costs=COSTS, end="2026-05-31")
    for measure, amount in (("revenue", pnl.net_sales), ("contribution", pnl.contribution_2)):
        result = cohorts(
            frame, measure=measure, products=PRODUCTS, costs=COSTS, as_of="2026-05-31", minimum=1
        )
        money = [each for line in cells(result.totals).values() for each in map(float_or_nan, line)]
        # Each cell is rounded to whole yen.
        assert np.nansum(money) == pytest.approx(amount, abs=len(money))
    assert result.currency == "JPY"
    assert "before marketing" in result.definition


def float_or_nan(value):
    return np.nan if value is None else value


def test_cumulative_money_is_the_running_sum():
    frame = orders(5, 600)
    plain = cohorts(frame, measure="revenue", as_of="2026-05-31", minimum=1)
    summed = cohorts(frame, measure="revenue", cumulative=True, as_of="2026-05-31", minimum=1)
    for name, line in cells(plain.totals).items():
        there = [each for each in line if each is not None]
        assert [each for each in cells(summed.totals)[name] if each is not None] == pytest.approx(
            np.cumsum(there)
        )
    assert "Up to month 1" in summed.sentence


def test_orders_interval_is_that_of_a_mean_with_the_ones_who_did_not_buy():
    names = [f"c{place}" for place in range(40)]
    days = ["2026-01-05"] * 40 + ["2026-02-05"] * 10 + ["2026-02-07"] * 4
    result = cohorts(shop(names + names[:10] + names[:4], days), measure="orders", as_of="2026-02-28")
    values = np.array([2] * 4 + [1] * 6 + [0] * 30)
    low, high = stats.t.interval(0.95, 39, values.mean(), stats.sem(values))
    assert (result.value, result.low, result.high) == pytest.approx((values.mean(), low, high))


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 500)), min_size=1, max_size=80),
    st.sampled_from(["week", "month", "quarter", "year"]),
)
def test_cells_agree_with_a_count_by_hand(pairs, period):
    names, days = zip(*pairs, strict=True)
    frame = shop(list(names), [pd.Timestamp("2024-11-20") + pd.Timedelta(days=day) for day in days])
    result = cohorts(frame, period=period, as_of="2027-12-31", minimum=1)
    code = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}[period]
    when = frame["ordered_at"].dt.to_period(code)
    first = when.groupby(frame["customer_id"]).transform("min")
    age = [int((now - start).n) for now, start in zip(when, first, strict=True)]
    counted = (
        frame.assign(first=first.astype(str), age=age).groupby(["first", "age"])["customer_id"].nunique()
    )
    total = {(cohort, age): n for cohort, line in cells(result.totals).items() for age, n in enumerate(line)}
    assert sum(n for n in total.values() if n) == counted.sum()
    assert {n for n in total.values() if n} == set(counted.tolist())
    assert result.customers == frame["customer_id"].nunique()
    mixed = cohorts(frame[::-1], period=period, as_of="2027-12-31", minimum=1)
    assert rows(mixed.table) == rows(result.table)


@settings(deadline=None, derandomize=True)
@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.sampled_from(["week", "month", "quarter", "year"])
)
def test_every_day_lies_in_exactly_one_period(day, period):
    index = index_of(day, period)
    assert first_day(index, period) <= day < first_day(index + 1, period)
    assert index_of(first_day(index, period), period) == index
    assert label(index, period) != label(index + 1, period)


def test_contribution_says_how_much_of_the_cost_is_known():
    frame = orders(5, 600)
    some = PRODUCTS.assign(landed_cost=[210.0, None, 90.0, None])
    result = cohorts(frame, measure="contribution", products=some, as_of="2026-05-31", minimum=1)
    assert 0 < result.coverage < 1
    assert "The landed cost is known for" in result.sentence
    assert "after landed cost only" in result.definition


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"measure": "money"}, UnknownNameError, "no measure 'money'"),
        ({"period": "months"}, UnknownNameError, "Did you mean 'month'"),
        ({"measure": "orders", "rolling": True}, InputError, "Leave rolling out"),
        ({"cumulative": True}, InputError, "would count twice"),
        ({"measure": "contribution"}, InputError, "needs products with landed_cost"),
        (
            {"measure": "contribution", "products": PRODUCTS.assign(landed_cost=np.nan)},
            InputError,
            "No product sold has a known landed_cost",
        ),
    ],
)
def test_cohorts_that_make_no_sense_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        cohorts(orders(5, 200), **options)


def test_the_picture_leaves_unknown_cells_white_and_names_sizes():
    result = cohorts(PUBLISHED, as_of="2023-06-30", minimum=1)
    ax = result.plot()
    assert len(ax.texts) == 6 + 5 + 2 + 6
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == ["2023-01 (2)", "2023-02 (1)", "2023-05 (2)", "weighted average"]
    money = cohorts(orders(5, 300), measure="revenue", costs=Costs(), as_of="2026-05-31", minimum=1).plot()
    assert money.get_title(loc="left") == "Net sales a customer of the cohort (JPY)"


def test_the_first_month_is_all_by_definition_and_has_no_interval():
    first, second = rows(cohorts(PUBLISHED, as_of="2023-06-30", minimum=1).average)[:2]
    assert first["average"] == 1
    assert all(first[end] is None or np.isnan(first[end]) for end in ("low", "high"))
    assert second["low"] < second["average"] < second["high"]


def test_many_ages_leave_the_100_percent_of_the_first_unwritten():
    frame = pd.DataFrame(
        {
            "order_id": [str(n) for n in range(18)],
            "customer_id": [f"c{n // 2}" for n in range(18)],
            "ordered_at": pd.date_range("2025-01-05", periods=18, freq="MS"),
        }
    )
    ax = cohorts(frame, as_of="2026-06-30", minimum=1).plot()
    written = [each for each in ax.texts if each.get_position()[0] == 0]
    assert len(ax.texts) > 20
    assert written == []
