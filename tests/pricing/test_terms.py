import numpy as np
import pandas as pd
import polars as pl
import pytest

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.pricing import contribution, margin_at, price_for_margin


def test_number_array_and_series_give_the_same_answers_in_their_own_kind():
    costs = [1000.0, 250.0, 4000.0]
    terms = {"fees": 0.108, "fee_fixed": 30, "fee_minimum": 50, "fixed_cost": 300, "vat_rate": 0.1}
    one_by_one = [price_for_margin(cost, 0.2, **terms) for cost in costs]
    assert all(type(each) is float for each in one_by_one)
    array = price_for_margin(np.array(costs), 0.2, **terms)
    assert isinstance(array, np.ndarray)
    assert array.tolist() == one_by_one
    series = price_for_margin(pd.Series(costs, index=["a", "b", "c"], name="cost"), 0.2, **terms)
    assert isinstance(series, pd.Series)
    assert series.index.tolist() == ["a", "b", "c"]
    assert series.tolist() == one_by_one
    column = price_for_margin(pl.Series("cost", costs), 0.2, **terms)
    assert isinstance(column, pl.Series)
    assert column.to_list() == one_by_one
    assert isinstance(price_for_margin(costs, 0.2, **terms), np.ndarray)


def test_a_series_of_fees_alone_decides_the_kind():
    fees = pd.Series([0.1, 0.2], index=["own store", "marketplace"])
    found = contribution(1000, 400, fees=fees)
    assert found.to_dict() == {"own store": 500.0, "marketplace": 400.0}


def test_a_missing_cost_gives_a_missing_price():
    assert price_for_margin(pl.Series([100.0, None]), 0.2).to_list() == [125.0, None]
    found = price_for_margin(pd.Series([100.0, np.nan]), 0.2, fees=lambda price: 0.1 * price)
    assert found[0] == pytest.approx(100 / 0.7)
    assert np.isnan(found[1])


def test_input_is_not_changed():
    costs = pd.Series([10.0, 20.0])
    price_for_margin(costs, 0.2, fees=0.1)
    assert costs.tolist() == [10.0, 20.0]


def test_two_series_with_other_row_labels_are_refused():
    price, cost = pd.Series([10.0, 20.0], index=["a", "b"]), pd.Series([4.0, 9.0], index=["b", "a"])
    with pytest.raises(InputError, match="different row labels"):
        margin_at(price, cost)


def test_lengths_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="do not fit together"):
        margin_at(np.ones(3), np.ones(2))


def test_an_unknown_term_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'fee_fixed'"):
        contribution(10, 5, fee_fix=1)


@pytest.mark.parametrize(
    ("term", "value", "words"),
    [
        ("fees", 12, "Did you mean 0.12"),
        ("vat_rate", 19, "Did you mean 0.19"),
        ("fixed_cost", -1, "a cost is 0 or more"),
        ("fees", "etsy_us", "fees.schedule"),
        ("fees", np.array([0.1, 7]), "fees is 7"),
    ],
)
def test_a_wrong_term_is_refused_with_a_way_out(term, value, words):
    with pytest.raises(InputError, match=words):
        contribution(10, 5, **{term: value})
