"""Customers over time: the summary on every engine, spending, forecasts, value, payback."""

from __future__ import annotations

import datetime as dt

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import lifetime
from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.lifetime import BgNbd, GammaGamma
from tests import papers
from tests.small_shop import ENGINES, as_engine, orders

CDNOW = papers.cdnow()
PAPER = papers.cdnow_summary()
PERIODS = {"end": "1997-09-30", "holdout_end": "1998-06-30"}

SMALL = pd.DataFrame(
    [
        (1, "01-01", 1), (1, "02-06", 2), (2, "01-01", 2), (3, "01-01", 3), (3, "01-02", 1), (3, "01-05", 5),
        (4, "01-16", 6), (4, "02-02", 3), (4, "02-05", 3), (5, "01-16", 3), (5, "01-17", 1), (5, "01-18", 8),
        (6, "02-02", 5),
    ],
    columns=["customer_id", "day", "amount"],
)  # fmt: skip
SMALL["ordered_at"] = pd.to_datetime("2015-" + SMALL["day"])


def collected(result):
    return nw.from_native(result.table).lazy().collect().to_pandas()


def rows(result):
    columns = ["frequency", "recency", "age", "value"]
    return [tuple(row) for row in collected(result)[columns].fillna({"value": 0}).to_numpy()]


def buy(*lines, **more):
    """Orders from (customer, day, amount)."""
    frame = pd.DataFrame(lines, columns=["customer_id", "ordered_at", "amount"])
    return frame.assign(ordered_at=pd.to_datetime(frame["ordered_at"]), **more)


@pytest.fixture(scope="module")
def cdnow():
    return lifetime.repeat_purchases(CDNOW, value="amount", **PERIODS)


@pytest.fixture(scope="module")
def fitted(cdnow):
    return lifetime.fit(cdnow)


@pytest.fixture(scope="module")
def spend(cdnow):
    return lifetime.fit_spend(cdnow)


# The summary


def test_cdnow_sample_is_the_one_of_the_papers():
    assert len(CDNOW) == 6919
    assert CDNOW["customer_id"].nunique() == 2357
    assert CDNOW["quantity"].sum() == 16479
    assert CDNOW["amount"].sum() == pytest.approx(244_091.94)


@pytest.mark.parametrize("engine", ENGINES)
def test_summary_of_cdnow_matches_fader_hardie_lee_2005_on_every_engine(engine):
    result = lifetime.repeat_purchases(as_engine(CDNOW, engine), value="amount", **PERIODS)
    assert (result.repeats, result.holdout_repeats, result.holdout_length) == (2457, 1882, 39)
    counts = dict(result.by_frequency)
    assert [counts[each] for each in range(7)] == [1411, 439, 214, 100, 62, 38, 29]
    assert sum(many for times, many in counts.items() if times >= 7) == 64
    table = collected(result)
    first = table[["frequency", "recency", "age"]].head(3).to_numpy()
    assert first == pytest.approx(
        np.array([(2, 30.4286, 38.8571), (1, 1.7143, 38.8571), (0, 0, 38.8571)]), abs=5e-5
    )
    assert np.allclose(table[["recency", "age"]], PAPER[["t_x", "T"]], atol=0.00501)
    assert (table["frequency"] == PAPER["x"]).all()
    spent = table.loc[table["frequency"] > 0, "value"]
    found = [len(spent), spent.mean(), spent.std(), spent.min(), spent.median(), spent.max()]
    assert found == pytest.approx([946, 35.08, 30.28, 2.99, 27.50, 299.63], abs=0.005)


@pytest.mark.parametrize("engine", ENGINES)
def test_summary_comes_back_as_the_callers_kind_of_frame(engine):
    shop = as_engine(SMALL, engine)
    assert type(lifetime.repeat_purchases(shop, value="amount").table) is type(shop)


@pytest.mark.parametrize("engine", ENGINES)
def test_net_sales_of_a_messy_shop_are_the_same_on_every_engine(engine):
    for seed in (3, 4):
        shop = orders(seed)
        expected = lifetime.repeat_purchases(shop, end="2026-05-10", holdout_end="2026-05-31")
        found = lifetime.repeat_purchases(as_engine(shop, engine), end="2026-05-10", holdout_end="2026-05-31")
        pd.testing.assert_frame_equal(collected(found), expected.table, check_dtype=False)
        assert found.sentence == expected.sentence


def test_summary_in_days_matches_lifetimes():
    days = buy((1, "2015-02-01", 1), (1, "2015-02-06", 1), (2, "2015-01-01", 1), (3, "2015-01-01", 1),
               (3, "2015-01-02", 1), (3, "2015-01-05", 1))  # fmt: skip
    result = lifetime.repeat_purchases(days, end="2015-02-07", unit="day", value=None)
    assert collected(result)[["frequency", "recency", "age"]].to_numpy().tolist() == [
        [1, 5, 6], [0, 0, 37], [2, 4, 37],
    ]  # fmt: skip
    with_money = lifetime.repeat_purchases(SMALL, end="2015-02-07", unit="day", value="amount")
    assert rows(with_money) == [
        (1, 36, 37, 2), (0, 0, 37, 0), (2, 4, 37, 3), (2, 20, 22, 3), (2, 2, 22, 4.5), (0, 0, 5, 0),
    ]  # fmt: skip


def test_summary_in_calendar_weeks_matches_lifetimes():
    weeks = lifetime.repeat_purchases(SMALL, end="2015-02-07", merge="week", value="amount")
    assert [row[:3] for row in rows(weeks)] == [
        (1, 5, 5),
        (0, 0, 5),
        (1, 1, 5),
        (1, 3, 3),
        (0, 0, 3),
        (0, 0, 0),
    ]


def test_summary_in_calendar_months_counts_whole_months():
    months = lifetime.repeat_purchases(SMALL, end="2015-02-07", unit="month", merge="month", value="amount")
    assert [row[:3] for row in rows(months)] == [
        (1, 1, 1),
        (0, 0, 1),
        (0, 0, 1),
        (1, 1, 1),
        (0, 0, 1),
        (0, 0, 0),
    ]


def test_calibration_and_holdout_match_lifetimes():
    result = lifetime.repeat_purchases(
        SMALL, end="2015-02-01", holdout_end="2015-02-07", unit="day", value="amount"
    )
    table = collected(result).fillna(0)
    assert table["customer_id"].tolist() == [1, 2, 3, 4, 5]  # 6 came in the holdout
    assert table["value"].tolist() == [0, 0, 3, 0, 4.5]
    assert table["holdout_value"].tolist() == [2, 0, 0, 3, 0]
    assert table["holdout_frequency"].tolist() == [1, 0, 0, 2, 0]


def test_orders_of_one_day_are_one_purchase():
    twice = buy((1, "2026-05-01 09:00", 10), (1, "2026-05-01 21:00", 20))
    assert rows(lifetime.repeat_purchases(twice, value="amount")) == [(0, 0, 0, 0)]


def test_value_where_nobody_came_back_is_empty_not_zero():
    assert (
        collected(lifetime.repeat_purchases(buy((1, "2026-05-01", 10)), value="amount"))["value"].isna().all()
    )


def test_order_of_rows_does_not_matter():
    shuffled = buy((1, "2014-05-21", 25), (1, "2014-03-14", 10), (1, "2014-04-09", 20))
    assert rows(lifetime.repeat_purchases(shuffled, value="amount"))[0][3] == 22.5


@given(seed=st.integers(0, 10_000), columns=st.sampled_from(["amount", "net_sales"]))
@settings(deadline=None, derandomize=True, max_examples=25)
def test_purchases_add_up_to_the_orders(seed, columns):
    shop = orders(seed).query("kind == 'sale' and status == 'paid'")
    result = lifetime.repeat_purchases(shop.sample(frac=1, random_state=seed), value=columns, unit="day")
    days = shop.assign(day=shop["ordered_at"].dt.floor("D")).drop_duplicates(["customer_id", "day"])
    assert result.repeats + result.customers == len(days)
    table = collected(result)
    assert (table["recency"] <= table["age"]).all()
    assert ((table["frequency"] == 0) == (table["recency"] == 0)).all()


def test_refund_row_lowers_the_purchase_it_belongs_to_and_is_none_itself():
    shop = buy(
        ("a", "2026-05-01", 10), ("a", "2026-05-05", 30), ("a", "2026-05-20", -12),
        order_id=["1", "2", "2"], kind=["sale", "sale", "refund"],
    )  # fmt: skip
    assert rows(lifetime.repeat_purchases(shop, unit="day", value="amount")) == [(1, 4, 19, 18)]


def test_net_sales_leave_out_tax_discounts_and_what_was_cancelled():
    shop = buy(("a", "2026-05-01", 0), ("a", "2026-05-03", 0), ("a", "2026-05-04", 0)).assign(
        order_id=["1", "2", "3"], sku="A", quantity=2, unit_price=110.0, discount=20.0, tax_included=10.0,
        status=["paid", "paid", "cancelled"], refunded=[0.0, 100.0, 0.0],
    )  # fmt: skip
    # 2 x 110 - 20 = 200, half of it given back; the tax that stays is half as well.
    assert rows(lifetime.repeat_purchases(shop, end="2026-05-04", unit="day")) == [(1, 2, 3, 95)]


def test_lines_without_customer_are_counted_and_said():
    shop = buy(("a", "2026-05-01", 1), (None, "2026-05-02", 1), ("", "2026-05-03", 1))
    result = lifetime.repeat_purchases(shop, value="amount")
    assert (result.customers, result.lines_without_customer) == (1, 2)
    assert "2 lines name no customer and are left out." in result.sentence


def test_own_column_names_may_be_given():
    shop = SMALL.rename(columns={"customer_id": "buyer", "ordered_at": "when"})
    result = lifetime.repeat_purchases(shop, value="amount", customer_id="buyer", ordered_at="when")
    assert rows(result) == rows(lifetime.repeat_purchases(SMALL, value="amount"))


def test_input_is_not_changed():
    before = SMALL.copy()
    lifetime.repeat_purchases(SMALL, value="amount")
    pd.testing.assert_frame_equal(SMALL, before)


def test_summary_refuses_what_cannot_be():
    with pytest.raises(InputError, match=r"holdout_end 2015-01-05 is not after end 2015-02-01"):
        lifetime.repeat_purchases(SMALL, end="2015-02-01", holdout_end="2015-01-05", value="amount")
    with pytest.raises(InputError, match="No customer has a paid order up to 2014-01-01"):
        lifetime.repeat_purchases(SMALL, end="2014-01-01", value="amount")
    with pytest.raises(UnknownNameError, match=r"There is no unit 'weeks'\. Did you mean 'week'"):
        lifetime.repeat_purchases(SMALL, unit="weeks", value="amount")
    with pytest.raises(TableError, match=r"no column 'amont' to take the value from\. Did you mean 'amount'"):
        lifetime.repeat_purchases(SMALL, value="amont")
    with pytest.raises(InputError, match="unit must be 'month' too"):
        lifetime.repeat_purchases(SMALL, merge="month", value="amount")
    with pytest.raises(TableError, match="mixes currencies"):
        lifetime.repeat_purchases(SMALL.assign(currency=["JPY", "USD"] + ["JPY"] * 11), value="amount")


# The fit


@pytest.mark.parametrize("engine", ENGINES)
def test_fit_is_the_same_on_every_engine(engine, fitted):
    summary = lifetime.repeat_purchases(as_engine(CDNOW, engine), value="amount", end="1997-09-30")
    again = lifetime.fit(summary)
    assert list(again.model.parameters.values()) == pytest.approx(
        list(fitted.model.parameters.values()), rel=1e-9
    )
    assert again.sentence == fitted.sentence


def test_fit_says_the_finding_with_its_interval_and_denominator(fitted):
    assert fitted.sentence == (
        "By the BG/NBD, fitted to 2,357 customers of whom 946 bought again, a new customer buys 1.45 times "
        "more in the first year (95% interval 1.32 to 1.59)."
    )


def test_fit_takes_own_column_names(fitted):
    again = lifetime.fit(PAPER, frequency="x", recency="t_x", age="T")
    assert list(again.model.parameters.values()) == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=0.005)
    with pytest.raises(TableError, match="no column 'age' for age"):
        lifetime.fit(PAPER, frequency="x", recency="t_x")


def test_fit_of_too_few_repeat_buyers_is_an_answer_without_a_number():
    table = pd.DataFrame({"frequency": [1.0] * 49 + [0.0] * 9, "recency": [2.0] * 49 + [0.0] * 9, "age": 9.0})
    result = lifetime.fit(table)
    assert (result.model, result.expected_year) == (None, None)
    assert result.sentence == "49 of 58 customers bought again: too few to fit a model, which needs 50."
    assert result.table["estimate"].isna().all()
    assert (
        lifetime.customer_value(table.assign(customer_id=range(58)), result, 10.0, margin=0.3).total is None
    )
    assert lifetime.new_customer_value(result, 10.0, margin=0.3).value is None
    result.plot()


def test_fit_refuses_a_shop_where_nobody_came_back():
    table = pd.DataFrame({"frequency": [0.0] * 500, "recency": 0.0, "age": np.linspace(1, 300, 500)})
    with pytest.raises(InputError, match="None of the 500 customers bought again"):
        lifetime.fit(table)


def test_fit_refuses_unknown_models_and_other_units(cdnow):
    with pytest.raises(UnknownNameError, match=r"There is no model 'bgnbd'\. Did you mean 'bg_nbd'"):
        lifetime.fit(cdnow, "bgnbd")
    with pytest.raises(InputError, match="made with unit 'week'"):
        lifetime.fit(cdnow, unit="day")


def test_bootstrap_spreads_like_the_standard_errors(fitted):
    made = lifetime.bootstrap(fitted, 60, seed=3)
    logs = np.log([list(model.parameters.values()) for model in made])
    expected = fitted.table["standard_error"] / fitted.table["estimate"]
    assert logs.std(axis=0) == pytest.approx(expected.to_numpy(), rel=0.35)
    assert lifetime.bootstrap(fitted, 2, seed=3) == made[:2]
    assert lifetime.bootstrap(fitted, 2, seed=4) != made[:2]
    with pytest.raises(InputError, match="draws is 1: an interval needs 2 or more"):
        lifetime.bootstrap(fitted, 1)


# What a purchase is worth


def test_gamma_gamma_matches_fader_hardie_2013():
    result = lifetime.fit_spend(PAPER, frequency="x", value="zbar")
    assert list(result.model.parameters.values()) == pytest.approx([6.2488, 3.7446, 15.4477], abs=2e-4)
    assert result.log_likelihood == pytest.approx(-4055.92, abs=0.005)
    assert result.correlation == pytest.approx(0.114, abs=5e-4)
    assert (result.customers, result.left_out) == (946, 0)
    printed = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    first = PAPER.head(10)
    assert result.model.expected_given(first["x"], first["zbar"]) == pytest.approx(printed, abs=0.02)


def test_gamma_gamma_of_published_parameters():
    model = GammaGamma(p=6.25, q=3.74, v=15.44)
    assert model.mean == pytest.approx(35.22, abs=5e-3)
    assert model.expected_given([3, 2], [35.0, 40.0]) == pytest.approx([35.03, 39.14], abs=5e-3)
    assert GammaGamma(p=2.0, q=0.9, v=5.0).mean is None
    with pytest.raises(InputError, match="q is -1: a parameter of the Gamma-Gamma is above 0"):
        GammaGamma(p=1.0, q=-1.0, v=1.0)


@given(scale=st.floats(0.01, 10_000))
@settings(deadline=None, derandomize=True, max_examples=10)
def test_spending_in_another_currency_is_the_same_model(scale):
    usual = lifetime.fit_spend(PAPER, frequency="x", value="zbar").model
    other = lifetime.fit_spend(PAPER.assign(zbar=PAPER["zbar"] * scale), frequency="x", value="zbar").model
    assert [other.p, other.q, other.v / scale] == pytest.approx([usual.p, usual.q, usual.v], rel=1e-5)


def test_intervals_of_gamma_gamma_cover_the_truth_in_95_of_100_shops():
    truth = GammaGamma(p=6.0, q=4.0, v=15.0)
    values, covered = np.array([6.0, 4.0, 15.0]), np.zeros(3)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = rng.geometric(0.4, 1000).astype(float)
        table = lifetime.fit_spend(pd.DataFrame({"frequency": x, "value": truth.simulate(x, rng)})).table
        covered += (table["low"].to_numpy() <= values) & (values <= table["high"].to_numpy())
    assert np.all((covered >= 90) & (covered <= 98)), covered


def test_spending_says_where_often_and_much_go_together():
    x = np.arange(1.0, 101.0)
    result = lifetime.fit_spend(pd.DataFrame({"frequency": x, "value": 10 + x + x % 7}))
    assert result.correlation > 0.9
    assert "look at frequent and rare buyers apart" in result.sentence


def test_spending_leaves_out_purchases_worth_nothing_and_says_so():
    result = lifetime.fit_spend(pd.DataFrame({"frequency": [1.0] * 62, "value": [0.0, -3.0, *range(10, 70)]}))
    assert (result.customers, result.left_out) == (60, 2)
    assert "worth nothing in the end, and who are left out: 2." in result.sentence


# The holdout


def test_holdout_of_cdnow_expects_1653_and_1882_came(cdnow, fitted):
    result = lifetime.holdout(cdnow, fitted, draws=60)
    assert result.expected == pytest.approx(1653.4, abs=0.05)
    assert result.actual == 1882
    assert result.interval[0] < 1653 < result.interval[1]
    table = result.table
    model = [0.22509, 0.52314, 1.04404, 1.52026, 2.16382, 2.65379, 3.50396, 6.15704]
    came = [0.236712, 0.697039, 1.392523, 1.56, 2.532258, 2.947368, 3.862069, 6.359375]
    assert table["expected_each"].tolist() == pytest.approx(model, rel=2e-4)
    assert table["actual_each"].tolist() == pytest.approx(came, abs=1e-6)
    assert table["customers"].sum() == 2357
    # Every kind of customer bought more than expected: the rates rose, not the model of a few.
    assert (table["actual"] > table["expected"]).all()
    assert "1,882 came, 13.8% more" in result.sentence


def test_holdout_of_a_steady_shop_lies_inside_in_most_shops():
    truth, inside = BgNbd(r=0.5, alpha=8.0, a=0.8, b=2.5), 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        age = rng.integers(70, 364, 600) / 7
        x, t_x = truth.simulate(age, rng)
        future = truth.simulate_given(26, x, t_x, age, rng)
        table = pd.DataFrame({"customer_id": range(600), "frequency": x, "recency": t_x, "age": age})
        model = lifetime.fit(table)
        summary = lifetime.RepeatPurchases(
            table=table.assign(holdout_frequency=future), sentence="", definition="", customers=600,
            repeaters=1, repeats=1, share=0.1, interval=(0.0, 1.0), by_frequency=(),
            end=dt.date(2026, 1, 1), unit="week",
            holdout_length=26.0, holdout_repeats=int(future.sum()), lines_without_customer=0,
        )  # fmt: skip
        inside += lifetime.holdout(summary, model, draws=40, seed=seed).inside
    assert inside >= 16


def test_holdout_needs_one(fitted):
    whole = lifetime.repeat_purchases(CDNOW, value="amount")
    with pytest.raises(InputError, match="The summary has no holdout"):
        lifetime.holdout(whole, fitted)
    days = lifetime.repeat_purchases(CDNOW, value="amount", unit="day", **PERIODS)
    with pytest.raises(InputError, match="The model counts in weeks and the summary in days"):
        lifetime.holdout(days, fitted)


# Value


def test_discounting_matches_lifetimes():
    assert lifetime.discounted_sum([1.0], 0.0) == 1
    assert lifetime.discounted_sum([1.0], 1.0) == 0.5
    assert lifetime.discounted_sum([1.0, 1.0], 0.0) == 2
    assert lifetime.discounted_sum([1.0, 1.0], 1.0) == 0.75


def test_value_is_orders_times_value_times_margin(cdnow, fitted):
    result = lifetime.customer_value(cdnow, fitted, 40.0, margin=0.25, months=12, draws=4)
    table = result.table
    assert table["lifetime_value"].to_numpy() == pytest.approx(
        np.round(table["expected_orders"] * 10.0, 2), abs=0.011
    )
    one = table[table["customer_id"] == 1516].iloc[0]
    assert one["expected_orders"] == pytest.approx(
        fitted.model.expected_given(12 * 365.25 / 84, 26, 216 / 7, 31), rel=1e-3
    )
    assert result.total == pytest.approx(table["lifetime_value"].sum())
    assert table["lifetime_value"].is_monotonic_decreasing


def test_value_falls_with_discount_and_lies_in_its_interval(cdnow, fitted, spend):
    plain = lifetime.customer_value(cdnow, fitted, spend, margin=0.3, draws=40)
    cheap = lifetime.customer_value(cdnow, fitted, spend, margin=0.3, discount_rate=0.2, draws=40)
    assert 0.8 * plain.total < cheap.total < plain.total
    assert plain.interval[0] < plain.total < plain.interval[1]
    assert 0.3 < plain.top_tenth < 0.8
    again = lifetime.customer_value(cdnow, fitted, spend, margin=0.3, draws=40)
    assert again.interval == plain.interval


@pytest.mark.parametrize("engine", ENGINES)
def test_value_is_the_same_on_every_engine(engine, cdnow, fitted, spend):
    shop = as_engine(CDNOW, engine)
    summary = lifetime.repeat_purchases(shop, value="amount", **PERIODS)
    result = lifetime.customer_value(summary, fitted, spend, margin=0.3, draws=2)
    expected = lifetime.customer_value(cdnow, fitted, spend, margin=0.3, draws=2)
    pd.testing.assert_frame_equal(collected(result), expected.table, check_dtype=False)
    assert result.sentence == expected.sentence


def test_value_refuses_rates_written_as_percent(cdnow, fitted):
    with pytest.raises(InputError, match=r"margin is 30: .* Did you mean 0.3\?"):
        lifetime.customer_value(cdnow, fitted, 10.0, margin=30)
    with pytest.raises(InputError, match="months is 0: expected a whole number of 1 or more"):
        lifetime.customer_value(cdnow, fitted, 10.0, margin=0.3, months=0)
    with pytest.raises(InputError, match="spend is 0: expected the value of an order"):
        lifetime.customer_value(cdnow, fitted, 0.0, margin=0.3)


def test_new_customer_is_worth_the_first_order_and_those_expected(fitted):
    result = lifetime.new_customer_value(fitted, 40.0, margin=0.25, cac=18.0, months=12, draws=30)
    assert result.table["contribution"].iloc[0] == 10.0
    assert result.value == pytest.approx(10 + 10 * fitted.model.expected(12 * 365.25 / 84))
    assert result.ratio == pytest.approx(result.value / 18)
    curve = result.table["contribution"]
    assert result.month == int(np.argmax(curve >= 18.0))
    assert result.earliest <= result.month <= result.latest
    assert "is paid back by month" in result.sentence
    assert result.sentence.startswith("By month 12 a new customer will have brought")
    assert "by the model" in result.sentence


def test_new_customer_who_never_pays_back_is_said(fitted):
    result = lifetime.new_customer_value(fitted, 40.0, margin=0.25, cac=900.0, months=6, draws=4)
    assert (result.month, result.earliest, result.latest) == (None, None, None)
    assert "not paid back by month 6, not even at the upper end" in result.sentence


# Payback and cost


def test_payback_worked_by_hand():
    """40 customers: first order 10, one of 6 in month 2; half of them have been watched for a month only."""
    lines = []
    for number in range(40):
        start = pd.Timestamp("2026-01-01" if number < 32 else "2026-03-01")
        lines.append((f"c{number:02d}", start, 100.0))
        if number < 16:
            lines.append((f"c{number:02d}", start + pd.Timedelta(days=40), 60.0))
    result = lifetime.payback(buy(*lines), 11.0, margin=0.1, end="2026-04-05", value="amount")
    table = result.table
    assert table["month"].tolist() == [0, 1, 2, 3]
    assert table["customers"].tolist() == [40, 40, 32, 32]
    assert table["contribution"].tolist() == pytest.approx([10, 10, 13, 13])
    assert (result.month, result.value) == (2, pytest.approx(13.0))
    spread = 1.959963984540054 * 3 / 32**0.5
    assert result.interval == pytest.approx((13 - spread, 13 + spread))


@pytest.mark.parametrize("engine", ENGINES)
def test_payback_is_the_same_on_every_engine(engine):
    expected = lifetime.payback(CDNOW, 20.0, margin=0.3, value="amount")
    result = lifetime.payback(as_engine(CDNOW, engine), 20.0, margin=0.3, value="amount")
    pd.testing.assert_frame_equal(collected(result), expected.table, check_dtype=False)
    assert result.sentence == expected.sentence


def test_payback_interval_covers_the_mean_of_a_large_shop():
    whole = lifetime.payback(CDNOW, margin=1.0, value="amount", months=9)
    inside = 0
    everyone = CDNOW["customer_id"].unique()
    for seed in range(40):
        some = np.random.default_rng(seed).choice(everyone, 200, replace=False)
        part = CDNOW[CDNOW["customer_id"].isin(some)]
        low, high = lifetime.payback(part, margin=1.0, value="amount", months=9, end="1998-06-30").interval
        inside += low <= whole.value <= high
    assert inside >= 33


def test_payback_of_too_few_customers_is_an_answer_without_a_number():
    result = lifetime.payback(SMALL, 5.0, margin=0.3, value="amount")
    assert (result.value, result.month) == (None, None)
    assert (
        result.sentence
        == "6 customers have been watched: too few to say what a new one brings, which needs 30."
    )
    result.plot()


def test_payback_refuses_what_cannot_be():
    with pytest.raises(InputError, match="cac is -1: expected what winning a customer cost, 0 or more"):
        lifetime.payback(SMALL, -1.0, margin=0.3, value="amount")
    with pytest.raises(InputError, match=r"margin is 1\.5"):
        lifetime.payback(SMALL, 1.0, margin=1.5, value="amount")


def test_cost_of_all_channels_is_sum_over_sum_not_mean_of_costs():
    result = lifetime.acquisition_cost({"ads": 60000, "mail": 5000}, {"ads": 30, "mail": 20})
    assert result.cac == 1300
    assert result.table["cac"].tolist() == [2000, 250]
    # Garwood's exact interval for a count of 10 is 4.80 to 18.39.
    low, high = lifetime.acquisition_cost(1000.0, 10).interval
    assert (1000 / high, 1000 / low) == pytest.approx((4.795, 18.390), abs=1e-3)


def test_cost_of_nobody_is_not_a_number():
    result = lifetime.acquisition_cost(500.0, 0, currency="JPY")
    assert result.cac is None
    assert result.sentence == "JPY 500 were spent and nobody was won: there is no cost of a customer."
    result.plot()


def test_cost_refuses_channels_that_differ():
    with pytest.raises(InputError, match="name different channels: mail"):
        lifetime.acquisition_cost({"ads": 1.0, "mail": 2.0}, {"ads": 1})
    with pytest.raises(InputError, match="must both be one number"):
        lifetime.acquisition_cost({"ads": 1.0}, 3)
    with pytest.raises(InputError, match=r"new_customers of ads is 1\.5"):
        lifetime.acquisition_cost({"ads": 1.0}, {"ads": 1.5})


def test_margin_multiple_matches_gupta_lehmann():
    printed = {
        0.6: [1.20, 1.15, 1.11, 1.07], 0.7: [1.75, 1.67, 1.59, 1.52],
        0.8: [2.67, 2.50, 2.35, 2.22], 0.9: [4.50, 4.09, 3.75, 3.46],
    }  # fmt: skip
    for retention, row in printed.items():
        found = lifetime.margin_multiple(retention, np.array([0.10, 0.12, 0.14, 0.16]))
        assert found == pytest.approx(row, abs=0.005)
    assert isinstance(lifetime.margin_multiple(pd.Series([0.5]), 0.1), pd.Series)


@given(retention=st.floats(0, 0.95), rate=st.floats(0.01, 0.5))
@settings(deadline=None, derandomize=True)
def test_margin_multiple_is_the_sum_it_stands_for(retention, rate):
    years = np.arange(1, 400)
    assert lifetime.margin_multiple(retention, rate) == pytest.approx(
        np.sum((retention / (1 + rate)) ** years)
    )


def test_margin_multiple_refuses_a_sum_without_an_end():
    with pytest.raises(InputError, match="the sum has no end"):
        lifetime.margin_multiple(1.0, 0.0)
    with pytest.raises(InputError, match=r"retention is 80: .* Did you mean 0.8\?"):
        lifetime.margin_multiple(80, 0.1)


def test_simple_value_counts_part_of_a_year_and_discounts_its_end():
    result = lifetime.simple_value(100.0, 2, 2.5, margin=0.5, discount_rate=0.1)
    assert result.value == pytest.approx(100 / 1.1 + 100 / 1.21 + 50 / 1.331)
    assert result.revenue == 500
    with pytest.raises(InputError, match="years is 0: expected a number above 0"):
        lifetime.simple_value(100.0, 2, 0, margin=0.5)


def test_every_result_draws_a_picture_and_prints(cdnow, fitted, spend):
    import matplotlib.pyplot as plt

    for result in (
        cdnow,
        fitted,
        spend,
        lifetime.holdout(cdnow, fitted, draws=4),
        lifetime.customer_value(cdnow, fitted, spend, margin=0.3, draws=2),
        lifetime.new_customer_value(fitted, spend, margin=0.3, cac=10.0, draws=2),
        lifetime.payback(CDNOW, 20.0, margin=0.3, value="amount"),
        lifetime.acquisition_cost({"ads": 10.0, "mail": 2.0}, {"ads": 4, "mail": 0}),
        lifetime.simple_value(100.0, 2, 2, margin=0.5),
    ):
        assert result.plot().get_title(loc="left")
        assert result.sentence in repr(result)
        assert result.definition
        assert all(style in ("money", "rate", "count", "number") for style in result.formats.values())
    plt.close("all")
