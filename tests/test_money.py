from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import money
from sellerlab.errors import InputError, UnknownNameError

STABLE = settings(deadline=None, derandomize=True, max_examples=200)
RULES = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
    "ceil": ROUND_CEILING,
}
HARD = [2.675, 1.005, -2.675, 0.0, 2.665, -0.004, 1234.5, 8.575, 1.115, 29.0]


def by_decimal(amount: float, rule: str, quantum: str = "0.01") -> float:
    """The same rounding by the decimal module, on the size, with the sign put back."""
    size = Decimal(repr(abs(amount)))
    rounded = (size / Decimal(quantum)).quantize(Decimal(1), RULES[rule]) * Decimal(quantum)
    return float(rounded) * (-1 if amount < 0 else 1)


@pytest.mark.parametrize(("code", "expected"), [("JPY", 0), ("KRW", 0), ("USD", 2), ("CNY", 2), ("KWD", 3)])
def test_decimals_are_those_of_iso_4217(code, expected):
    assert money.decimals(code) == expected


def test_half_up_is_decimal_where_python_rounds_the_float():
    assert round(2.675, 2) == 2.67
    assert money.round_money(2.675, "USD") == 2.68
    assert round(2.5) == 2
    assert money.round_money(2.5, "JPY") == 3
    assert money.round_money(2.5, "JPY", "half_even") == 2


@STABLE
@given(st.integers(-(10**12), 10**12), st.integers(0, 6), st.sampled_from(sorted(RULES)))
def test_round_money_agrees_with_the_decimal_module(digits, places, rule):
    amount = digits / 10**places
    assert money.round_money(amount, "USD", rule) == by_decimal(amount, rule)


def test_dropping_the_rest_does_not_drop_a_unit_to_float_noise():
    assert 0.29 * 100 < 29
    assert money.round_money(0.29 * 100, "JPY", "floor") == 29
    assert money.round_money(1.1 * 3, "USD", "ceil") == 3.3


def test_a_half_that_lost_its_last_digits_to_a_difference_still_goes_up():
    assert 1000.105 - 1000.1 < 0.005
    assert money.round_money(1000.105 - 1000.1, "USD") == 0.01


@pytest.mark.parametrize(
    ("rule", "unit", "expected"),
    [("half_up", 10, 1240), ("floor", 10, 1230), ("ceil", 100, 1300), ("half_even", 10, 1240)],
)
def test_yen_round_to_tens_and_hundreds(rule, unit, expected):
    assert money.round_money(1235, "JPY", rule, unit=unit) == expected


def test_unit_counts_smallest_units_so_francs_round_to_five_rappen():
    assert money.round_money(9.98, "CHF", unit=5) == 10.0
    assert money.round_money(9.97, "CHF", unit=5) == 9.95


@STABLE
@given(st.floats(-1e9, 1e9), st.sampled_from(sorted(RULES)))
def test_a_refund_rounds_as_its_sale_did(amount, rule):
    assert money.round_money(-amount, "USD", rule) == -money.round_money(amount, "USD", rule)


@STABLE
@given(st.floats(-1e9, 1e9), st.sampled_from(sorted(RULES)))
def test_rounding_twice_changes_nothing(amount, rule):
    once = money.round_money(amount, "USD", rule)
    assert money.round_money(once, "USD", rule) == once


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_kind_of_amount_rounds_alike_and_comes_back_as_its_kind(rule):
    expected = [money.round_money(each, "USD", rule) for each in HARD]
    assert expected == [by_decimal(each, rule) for each in HARD]
    array = money.round_money(np.array(HARD), "USD", rule)
    assert isinstance(array, np.ndarray)
    assert array.tolist() == expected
    series = pd.Series(HARD, index=range(5, 5 + len(HARD)), name="fee")
    rounded = money.round_money(series, "USD", rule)
    pd.testing.assert_series_equal(rounded, pd.Series(expected, index=series.index, name="fee"))
    polars = money.round_money(pl.Series(HARD), "USD", rule)
    assert isinstance(polars, pl.Series)
    assert polars.to_list() == expected
    assert money.round_money(pa.chunked_array([HARD]), "USD", rule).to_pylist() == expected


@pytest.mark.parametrize("rule", sorted(RULES))
def test_expressions_round_alike_on_every_engine(rule):
    frame = pd.DataFrame({"fee": HARD})
    polars = pl.DataFrame({"fee": HARD})
    rounded = money.round_money(nw.col("fee"), "USD", rule)
    expected = [by_decimal(each, rule) for each in HARD]
    for native in (frame, polars, polars.lazy(), polars.to_arrow(), duckdb.sql("select * from frame")):
        result = nw.from_native(native).lazy().select(rounded).collect()
        assert result["fee"].to_list() == expected


def test_missing_amounts_stay_missing_and_zero_has_no_sign():
    rounded = money.round_money(pd.Series([np.nan, -0.001]), "USD")
    assert rounded.isna().tolist() == [True, False]
    assert not np.signbit(rounded.iloc[1])
    assert money.round_money(pl.Series([None, 1.0]), "USD").to_list() == [None, 1.0]


def test_rounding_never_changes_what_it_was_given():
    amounts = np.array(HARD)
    money.round_money(amounts, "USD")
    assert amounts.tolist() == HARD


def test_unknown_currencies_rules_and_units_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'JPY'"):
        money.decimals("JPYY")
    with pytest.raises(UnknownNameError, match="Did you mean 'half_up'"):
        money.round_money(1, "USD", "halfup")
    with pytest.raises(InputError, match=r"unit is 0.*1 or more"):
        money.round_money(1, "USD", unit=0)
    with pytest.raises(InputError, match="amount is 'ten'"):
        money.round_money("ten", "USD")


@pytest.mark.parametrize(
    ("sign", "meant"), [("¥", "JPY or CNY"), ("￥", "JPY or CNY"), ("$", "USD, CAD"), ("€", "EUR")]
)
def test_a_currency_sign_is_refused_with_what_it_could_mean(sign, meant):
    with pytest.raises(UnknownNameError, match=f"can mean {meant}"):
        money.parse_currency(sign)


def test_currencies_never_mix():
    assert money.same_currency("KRW", None, "krw") == "KRW"
    assert money.same_currency(None) is None
    with pytest.raises(InputError, match=r"CNY and JPY cannot be added.*dated rate"):
        money.same_currency("JPY", "CNY")


def test_tax_in_1100_yen_at_ten_percent_is_100_not_110():
    assert money.vat_in(1100, 0.1) == pytest.approx(100)
    assert money.net_of_vat(1100, 0.1) == pytest.approx(1000)
    assert money.add_vat(1000, 0.1) == pytest.approx(1100)


@STABLE
@given(st.floats(0, 1e9), st.floats(0, 1))
def test_net_and_tax_make_the_gross_and_the_way_back_is_the_same(gross, rate):
    net = money.net_of_vat(gross, rate)
    assert net + money.vat_in(gross, rate) == pytest.approx(gross)
    assert money.add_vat(net, rate) == pytest.approx(gross)


def test_tax_gives_back_the_kind_it_was_given():
    assert isinstance(money.net_of_vat(110.0, 0.1), float)
    assert money.net_of_vat(np.array([110.0]), 0.1).tolist() == pytest.approx([100])
    assert money.vat_in([110, 220], 0.1).tolist() == pytest.approx([10, 20])
    assert money.add_vat(pd.Series([100.0], index=[7]), 0.1).index.tolist() == [7]
    taken = nw.from_native(pl.DataFrame({"p": [110.0]})).select(money.vat_in(nw.col("p"), 0.1))
    assert taken["p"].to_list() == pytest.approx([10])


@pytest.mark.parametrize("function", [money.net_of_vat, money.add_vat, money.vat_in])
def test_a_tax_rate_of_ten_is_asked_about(function):
    with pytest.raises(InputError, match=r"rate is 10.*Did you mean 0\.1"):
        function(1100, 10)


def test_shares_of_a_discount_add_up_where_rounding_each_would_not():
    shares = money.allocate(100, [1, 1, 1], "USD")
    assert shares == [33.34, 33.33, 33.33]
    assert money.allocate(1000, [500, 300, 199], "JPY") == [501.0, 300.0, 199.0]
    assert money.allocate(10, [0, 1], "JPY") == [0.0, 10.0]


@STABLE
@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any),
    st.sampled_from(["JPY", "USD", "KWD"]),
)
def test_shares_add_up_exactly_and_lie_within_one_unit(units, weights, currency):
    scale = 10 ** money.decimals(currency)
    shares = [round(each * scale) for each in money.allocate(units / scale, weights, currency)]
    assert sum(shares) == units
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - units * weight / sum(weights)) < 1


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1, float("nan")]])
def test_weights_that_cannot_share_are_refused(weights):
    with pytest.raises(InputError, match="weights: expected numbers of 0 or more"):
        money.allocate(10, weights, "USD")
