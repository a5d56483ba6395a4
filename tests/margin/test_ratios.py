"""Margin, markup and break-even against textbook tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import margin
from sellerlab.errors import InputError

# Farris et al., Marketing Metrics: margin and the markup that belongs to it, per cent.
TABLE = [(10, 11.11), (20, 25), (25, 33.33), (30, 42.86), (40, 66.67), (50, 100), (60, 150), (70, 233.33)]
TABLE += [(75, 300), (80, 400)]


@pytest.mark.parametrize(("own", "added"), TABLE)
def test_margin_and_markup_match_the_marketing_metrics_table(own, added):
    assert margin.margin_to_markup(own / 100) == pytest.approx(added / 100, abs=5e-5)
    assert margin.markup_to_margin(added / 100) == pytest.approx(own / 100, abs=5e-5)


def test_margin_is_a_share_of_the_price_and_markup_of_the_cost():
    assert margin.margin_of(2000, 1500) == 0.25
    assert margin.markup_of(2000, 1500) == pytest.approx(1 / 3)
    assert margin.margin_of(1000, 1200) == pytest.approx(-0.2)


@settings(deadline=None, derandomize=True)
@given(price=st.floats(0.01, 1e9), part=st.floats(0.001, 5))
def test_margin_and_markup_turn_into_each_other(price, part):
    cost = price * part
    own, added = margin.margin_of(price, cost), margin.markup_of(price, cost)
    assert margin.markup_to_margin(added) == pytest.approx(own, rel=1e-6, abs=1e-9)
    assert margin.margin_to_markup(own) == pytest.approx(added, rel=1e-6, abs=1e-9)


def test_a_formula_gives_back_the_kind_it_was_given():
    prices, costs = [2000.0, 1000.0], [1500.0, 250.0]
    series = margin.margin_of(pd.Series(prices), pd.Series(costs))
    array = margin.margin_of(np.array(prices), np.array(costs))
    assert isinstance(series, pd.Series)
    assert isinstance(array, np.ndarray)
    assert series.tolist() == array.tolist() == [margin.margin_of(2000, 1500), margin.margin_of(1000, 250)]
    assert isinstance(margin.margin_to_markup(pd.Series([0.5])), pd.Series)
    assert isinstance(margin.markup_of(100, 50), float)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: margin.margin_to_markup(1.0), "a margin is below 1.*A markup of 1 is a margin of 0.5"),
        (lambda: margin.margin_to_markup(30), "Did you mean 0.3"),
        (lambda: margin.margin_to_markup(np.array([0.2, 1.2])), "margin is 1.2"),
        (lambda: margin.markup_to_margin(-1.0), "a markup is above -1"),
        (lambda: margin.margin_of(0, 10), "needs a price above 0"),
        (lambda: margin.margin_of(10, -1), "expected a cost 0 or more"),
        (lambda: margin.markup_of(10, 0), "expected a cost above 0"),
    ],
)
def test_impossible_margins_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_break_even_worked_by_hand():
    result = margin.break_even(90_000, 450, price=1500, target=30_000, currency="JPY")
    assert (result.units, result.revenue, result.margin) == (267, pytest.approx(400_000), 0.3)
    assert result.sentence == (
        "At JPY 450 left of each unit, 267 units pay JPY 90,000 of fixed costs and leave JPY 30,000. "
        "That is JPY 400,500 of net sales."
    )


def test_break_even_does_not_round_up_on_the_noise_of_floats():
    assert margin.break_even(2.1, 0.3).units == 7
    assert margin.break_even(0, 5).units == 0


@settings(deadline=None, derandomize=True)
@given(fixed=st.integers(0, 10**7), each=st.integers(1, 10**4))
def test_break_even_units_pay_and_one_less_does_not(fixed, each):
    units = margin.break_even(fixed, each).units
    assert units * each >= fixed
    assert units == 0 or (units - 1) * each < fixed


def test_break_even_picture_marks_the_units():
    ax = margin.break_even(90_000, 450).plot()
    assert [note.get_text() for note in ax.texts] == ["200 units"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"fixed": 100, "contribution_per_unit": 0}, "no number of units pays"),
        ({"fixed": 100, "contribution_per_unit": -5}, "every unit sold adds to the loss"),
        ({"fixed": -1, "contribution_per_unit": 5}, "fixed is -1"),
        ({"fixed": 1, "contribution_per_unit": 5, "price": 3}, "is above the price"),
        ({"fixed": 1, "contribution_per_unit": 5, "price": 0}, "expected a price above 0"),
        ({"fixed": 1, "contribution_per_unit": 5, "target": -2}, "target is -2"),
    ],
)
def test_impossible_break_evens_are_refused(values, words):
    with pytest.raises(InputError, match=words):
        margin.break_even(**values)
