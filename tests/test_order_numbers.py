"""Numbers for order ids change no answer, and are given only where they are certain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sellerlab.margin import profit_and_loss
from sellerlab.order_numbers import numbered
from tests.small_shop import COSTS, PRODUCTS, orders


def ids(*values, kinds=None):
    columns = {"order_id": list(values)}
    return pl.DataFrame(columns | ({"kind": kinds} if kinds else {}))


def test_each_run_of_equal_ids_is_one_number():
    assert numbered(ids("b", "b", "a", "c", "c"), {})["order_id"].to_list() == [0, 0, 1, 2, 2]


def test_ids_that_come_back_later_stay():
    lines = ids("b", "a", "b")
    assert numbered(lines, {}).equals(lines)


def test_refunds_and_fees_may_stand_anywhere_and_have_no_number():
    lines = ids("b", "x", "b", "a", "b", kinds=["sale", "fee", "shipping", None, "refund"])
    assert numbered(lines, {})["order_id"].to_list() == [0, None, 0, 1, None]


def test_own_column_names_are_understood():
    lines = ids("b", "b", kinds=["sale", "fee"]).rename({"order_id": "InvoiceNo", "kind": "Type"})
    names = {"order_id": "InvoiceNo", "kind": "Type"}
    assert numbered(lines, names)["InvoiceNo"].to_list() == [0, None]


def test_empty_ids_of_two_places_are_not_two_orders():
    lines = ids(None, "a", None)
    assert numbered(lines, {}).equals(lines)


@pytest.mark.parametrize("lines", [ids(), ids("a", kinds=["refund"]), ids("a", "b").lazy()])
def test_nothing_to_number_is_left_alone(lines):
    assert numbered(lines, {}) is lines


def test_a_pandas_frame_is_left_alone():
    lines = pd.DataFrame({"order_id": ["a", "a"]})
    assert numbered(lines, {}) is lines


@pytest.mark.parametrize("by", [(), ("sku",), ("channel", "month"), ("category",), ("order_id",)])
def test_the_order_of_the_lines_changes_no_profit(by):
    """Together by order they are numbered, shuffled they are not; both give the same rows."""
    lines = orders(3, 200)
    together = lines.sort_values("order_id", kind="stable").reset_index(drop=True)
    shuffled = lines.sample(frac=1.0, random_state=np.random.RandomState(5)).reset_index(drop=True)
    assert numbered(pl.from_pandas(together), {})["order_id"].dtype == pl.UInt32
    assert numbered(pl.from_pandas(shuffled), {})["order_id"].dtype == pl.String
    one, other = (profit_and_loss(each, PRODUCTS, costs=COSTS, by=by) for each in (together, shuffled))
    assert one.orders == other.orders
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=False, rtol=1e-12)
