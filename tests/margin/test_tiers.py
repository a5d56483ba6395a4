"""Rounding that adds up: whatever the rows, they sum to the rounded total."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.margin.tiers import settled


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=30), st.integers(0, 2))
def test_rounded_amounts_add_up_to_the_rounded_sum(mills, places):
    amounts = np.array(mills) / 1000
    got = settled(amounts, places)
    unit = 10.0**-places
    assert got.sum() == pytest.approx(np.floor(round(sum(mills) / 1000 / unit, 6) + 0.5) * unit, abs=1e-6)
    assert np.abs(got - amounts).max() <= unit + 1e-9
    assert np.allclose(got / unit, np.round(got / unit))


def test_a_half_goes_up_even_where_floats_fall_short_of_it():
    assert settled(np.array([2.675]), 2).tolist() == [2.68]
    assert settled(np.array([0.1] * 5), 0).tolist() == [0, 0, 0, 0, 1]


def test_an_amount_of_nothing_stays_nothing():
    assert settled(np.array([0.4, 0.0, 0.4]), 0).tolist() == [0, 0, 1]
