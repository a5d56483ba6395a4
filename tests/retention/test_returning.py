"""Repeat rates by hand, and the same numbers on every engine for all questions about coming back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import retention
from sellerlab.errors import InputError, TableError
from tests.small_shop import COSTS, ENGINES, PRODUCTS, as_engine, orders, rows


def purchases(**days):
    """One order a day of May 2026 for each customer."""
    lines = [(name, f"2026-05-{day:02d}") for name, each in days.items() for day in each]
    frame = pd.DataFrame(lines, columns=["customer_id", "ordered_at"])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"])
    return frame.assign(order_id=[str(place) for place in range(len(frame))])


def test_four_shares_worked_by_hand():
    # The last 10 days are 21 to 30 May, those before 11 to 20 May.
    shop = purchases(a=[1, 8, 25], b=[1, 12], c=[11, 22], d=[15], e=[24], f=[26, 26])
    result = retention.repeat_rates(shop, days=10, as_of="2026-05-30", minimum=1)
    found = {row["name"]: (row["of_them"], row["customers"]) for row in rows(result.table)}
    assert found == {
        "repeat rate": (3, 6),
        "again within 10 days": (1, 4),
        "returning customers": (2, 4),
        "retention": (1, 3),
    }
    assert (result.repeat, result.within, result.returning) == (0.5, 0.25, 0.5)
    assert result.retained == pytest.approx(1 / 3)
    assert result.customers == 6


def test_orders_of_one_day_are_one_occasion():
    result = retention.repeat_rates(purchases(a=[3, 3, 3], b=[4, 9]), as_of="2026-05-30", minimum=1)
    assert result.repeat == 0.5


def test_refunds_fees_unpaid_lines_and_unnamed_orders_are_no_purchases():
    shop = purchases(a=[1, 2, 3, 4], b=[1, 2]).assign(status="paid", kind="sale")
    shop.loc[[1, 2], "kind"] = ["refund", "fee"]
    shop.loc[3, "status"] = "cancelled"
    shop.loc[5, "customer_id"] = None
    result = retention.repeat_rates(shop, as_of="2026-05-30", minimum=1)
    assert (result.customers, result.repeat, result.unnamed) == (2, 0.0, 1)
    assert "Orders that name no customer are left out: 1." in result.sentence


def test_too_few_customers_and_too_few_days_give_no_number():
    result = retention.repeat_rates(purchases(a=[1, 2], b=[1]), as_of="2026-05-30")
    assert result.repeat is result.within is result.returning is result.retained is None
    assert "Too few customers or too few days of data" in result.sentence
    assert [row["share"] for row in rows(result.table)] == [None] * 4
    many = purchases(**{f"c{place}": [20, 28] for place in range(20)})
    young = retention.repeat_rates(many, days=10, as_of="2026-05-30")
    # The days before the last ten begin on 11 May, the data on the 20th: their buyers are not known.
    assert young.repeat == 1.0
    assert young.retained is None
    assert "retention; at least 10 customers and 20 days" in young.sentence


def test_repeat_rate_sentence_names_interval_and_denominator():
    shop = purchases(**{f"c{place}": [1, 2] if place < 3 else [1] for place in range(40)})
    said = retention.repeat_rates(shop, as_of="2026-05-30").sentence
    assert said.startswith("Of 40 customers 7.5% (2.6% to 19.9%) have bought on more than one day.")


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 30)), min_size=1, max_size=60), st.integers(1, 15)
)
def test_shares_agree_with_a_count_by_hand_in_any_order_of_rows(pairs, days):
    shop = pd.DataFrame(pairs, columns=["customer_id", "day"])
    shop["ordered_at"] = pd.Timestamp("2026-05-01") + pd.to_timedelta(shop["day"] - 1, unit="D")
    shop["order_id"] = [str(place) for place in range(len(shop))]
    result = retention.repeat_rates(shop, days=days, as_of="2026-05-30", minimum=1)
    mixed = retention.repeat_rates(shop[::-1], days=days, as_of="2026-05-30", minimum=1)
    assert rows(mixed.table) == rows(result.table)
    seen = {name: sorted(set(each)) for name, each in shop.groupby("customer_id")["day"]}
    old = [each for each in seen.values() if each[0] <= 30 - days]
    now = [each for each in seen.values() if each[-1] > 30 - days]
    counts = [(row["of_them"], row["customers"]) for row in rows(result.table)]
    assert counts[0] == (sum(len(each) > 1 for each in seen.values()), len(seen))
    assert counts[1] == (sum(len(each) > 1 and each[1] - each[0] <= days for each in old), len(old))
    assert counts[2] == (sum(len(each) > 1 for each in now), len(now))


def steady(table):
    """Rows without the last digits of a sum, which depend on the order of adding."""
    return [
        {name: round(value, 9) if isinstance(value, float) else value for name, value in row.items()}
        for row in rows(table)
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "ask",
    [
        lambda frame: retention.repeat_rates(frame, days=20),
        lambda frame: retention.time_to_second_order(frame, minimum=1),
        lambda frame: retention.cohorts(frame, period="week", minimum=1),
        lambda frame: retention.cohorts(frame, elapsed=True, rolling=True, minimum=1),
        lambda frame: retention.cohorts(frame, measure="orders", period="week", minimum=1),
        lambda frame: retention.cohorts(frame, measure="revenue", period="quarter", minimum=1),
        lambda frame: retention.cohorts(
            frame, measure="contribution", elapsed=True, products=PRODUCTS, costs=COSTS, minimum=1
        ),
    ],
)
def test_every_engine_gives_the_same_numbers_and_its_own_kind_of_frame(ask, engine):
    frame = orders(7, 400)
    frame["customer_id"] = [f"c{number % 61}" for number in range(len(frame))]
    frame.loc[::37, "customer_id"] = None
    before = frame.copy()
    expected = ask(frame)
    pd.testing.assert_frame_equal(frame, before)
    native = as_engine(frame, engine)
    found = ask(native)
    assert found.sentence == expected.sentence
    assert steady(found.table) == steady(expected.table)
    if engine in ("pandas", "polars", "pyarrow"):
        assert type(found.table) is type(native)


def test_own_column_names_and_customers_with_numbers_work():
    shop = purchases(a=[1, 8], b=[1]).rename(columns={"customer_id": "buyer"})
    shop["buyer"] = [17850.0, 17850.0, np.nan]
    result = retention.repeat_rates(shop, as_of="2026-05-30", minimum=1, customer_id="buyer")
    assert (result.customers, result.repeat, result.unnamed) == (1, 1.0, 1)


def test_a_fixed_set_of_customers_is_text_like_any_other():
    shop = purchases(a=[1, 8], b=[1]).astype({"customer_id": "category"})
    assert retention.repeat_rates(shop, as_of="2026-05-30", minimum=1).repeat == 0.5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda shop: retention.repeat_rates(shop, days=0), InputError, "days is 0: expected a whole number"),
        (
            lambda shop: retention.repeat_rates(shop, as_of="2020-01-01"),
            InputError,
            "no paid order until 2020",
        ),
        (lambda shop: retention.repeat_rates(shop, as_of="31/5/26"), InputError, "expected a day such as"),
        (lambda shop: retention.repeat_rates(shop.iloc[:0]), InputError, "has no order lines"),
        (lambda shop: retention.repeat_rates(shop.assign(customer_id="")), InputError, "names its customer"),
        (
            lambda shop: retention.repeat_rates(shop.rename(columns={"customer_id": "customer"})),
            TableError,
            "no column 'customer_id'.*Did you mean 'customer'",
        ),
    ],
)
def test_impossible_questions_are_refused_with_a_way_out(call, error, words):
    with pytest.raises(error, match=words):
        call(purchases(a=[1, 8], b=[1]))


def test_the_picture_names_each_share_with_its_denominator():
    ax = retention.repeat_rates(purchases(a=[1, 8], b=[1]), as_of="2026-05-30", minimum=1).plot()
    assert next(tick.get_text() for tick in ax.get_yticklabels()) == "repeat rate (2)"
