"""A format is data: mistakes in a format file are named, and a new format needs nothing but a file."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sellerlab as sl
from sellerlab.read import describe, recognise
from sellerlab.read.engine import order_table
from sellerlab.read.express import Sheet, share

SMALL = {
    "label": "Small shop",
    "what": "orders of a small shop",
    "currency": "JPY",
    "signature": ["order_id", "day"],
    "columns": {
        "order_id": {"header": "No", "kind": "id", "required": True},
        "day": {"header": "Day", "kind": "time", "required": True},
        "total": {"header": "Total", "kind": "money", "per": "order"},
        "item": "Item",
    },
    "groups": {"order": "order_id"},
    "steps": {"part": "share(total, 'order', zero(total))"},
    "lines": {
        "order_id": "order_id",
        "ordered_at": "day",
        "quantity": "1",
        "unit_price": "part",
        "sku": "item",
    },
    "control": {"file": "total", "per": "order"},
}


def test_a_new_format_is_a_description_only():
    description = describe.describe("small", SMALL)
    match = recognise.find(
        b"No,Day,Total,Item\n1,2026-05-01,100,A\n1,2026-05-01,,B\n1,2026-05-01,,C\n", "s.csv", [description]
    )
    table = order_table(match, currency=None, timezone=None, dayfirst=None, key=None, details=None)
    assert table["amount"].tolist() == [34, 33, 33]
    assert table.reconciliation.adds_up


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colums": {}}, "key of format small 'colums'. Did you mean 'columns'"),
        ({"signature": ["order"]}, "column of format small 'order'"),
        ({"lines": {"ordered": "day"}}, "column of the orders table 'ordered'"),
        (
            {"columns": {"a": {"header": "A", "kind": "mony"}}},
            "kind of column a in format small 'mony'. Did you mean 'money'",
        ),
        (
            {"columns": {"a": {"head": "A"}}},
            "setting of column a in format small 'head'. Did you mean 'header'",
        ),
        ({"zone": "utcc"}, "zone of format small 'utcc'. Did you mean 'utc'"),
    ],
)
def test_mistakes_in_a_format_file_are_named(change, words):
    with pytest.raises(sl.InputError, match=words):
        describe.describe("small", {**SMALL, **change})


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("prise * 2", "column of the format 'prise'. Did you mean 'price'"),
        ("shar(price)", "function of a format 'shar'. Did you mean 'share'"),
        ("price.sum()", "is not one a format may use"),
        ("__import__('os')", "function of a format '__import__'"),
        ("price +", "cannot be read"),
        ("total(price, 'ordr')", "group of the format 'ordr'"),
    ],
)
def test_mistakes_in_an_expression_are_named(expression, words):
    sheet = Sheet({"price": pd.Series([1.0])}, {"order": np.array([0])}, {}, str)
    with pytest.raises(sl.InputError, match=words):
        sheet.value(expression)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 500)), min_size=1, max_size=30),
    st.lists(st.integers(-100000, 100000), min_size=4, max_size=4),
)
def test_shares_add_up_to_the_cent_and_stay_near_their_part(rows, totals):
    codes = np.array([row[0] for row in rows])
    weights = pd.Series([float(row[1]) for row in rows])
    amounts = pd.Series([totals[code] / 100 for code in codes])
    shares = share(Sheet({}, {"order": codes}, {}, str), amounts, "order", weights)
    for code in set(codes.tolist()):
        mine = shares[codes == code]
        assert round(mine.sum() * 100) == totals[code]
        whole = weights[codes == code].sum()
        part = weights[codes == code] / whole if whole else pd.Series(1 / len(mine), index=mine.index)
        assert ((mine - totals[code] / 100 * part).abs() < 0.0100001).all()
