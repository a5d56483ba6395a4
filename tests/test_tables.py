import datetime as dt

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sellerlab import tables
from sellerlab.errors import TableError, UnknownNameError


def orders(**changes):
    columns = {
        "order_id": ["1", "1", "2"],
        "ordered_at": [dt.datetime(2026, 5, day) for day in (1, 1, 2)],
        "sku": ["A", "B", "A"],
        "quantity": [2, 1, 1],
        "unit_price": [1500.0, 2000.0, 1500.0],
        "amount": [3000.0, 2000.0, 1200.0],
        "discount": [0.0, 0.0, 300.0],
        "currency": ["JPY"] * 3,
    }
    return pd.DataFrame(columns | changes)


ENGINES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_good_table_comes_back_as_the_very_same_object(engine):
    frame = ENGINES[engine](orders())
    assert tables.validate(frame, "orders") is frame


@pytest.mark.parametrize("engine", ENGINES)
def test_every_problem_is_reported_at_once(engine):
    bad = orders(quantity=["2", "1", "1"], order_id=["1", None, "2"], status=["paid", "paid", "payed"])
    with pytest.raises(TableError) as caught:
        tables.validate(ENGINES[engine](bad.drop(columns="sku")), "orders")
    starts = [problem.split(":")[0] for problem in caught.value.problems]
    assert sorted(starts) == ["order_id", "quantity", "sku", "status"]


def test_a_missing_column_is_answered_with_the_nearest():
    bad = orders().rename(columns={"quantity": "quantty"})
    with pytest.raises(TableError, match="Did you mean 'quantty'"):
        tables.validate(bad, tables.ORDERS)


def test_an_amount_that_its_parts_do_not_explain_is_refused():
    with pytest.raises(TableError, match=r"amount: row 3 has 1500\.0"):
        tables.validate(orders(amount=[3000.0, 2000.0, 1500.0]), "orders")


def test_two_currencies_are_refused():
    with pytest.raises(TableError, match="mixes currencies"):
        tables.validate(orders(currency=["JPY", "CNY", "JPY"]), "orders")


def test_times_with_a_zone_are_refused_with_the_way_out():
    zoned = orders(ordered_at=pd.to_datetime(["2026-05-01"] * 3).tz_localize("UTC"))
    with pytest.raises(TableError, match="Convert to the shop's zone"):
        tables.validate(zoned, "orders")


def test_an_empty_table_is_refused():
    with pytest.raises(TableError, match="no rows"):
        tables.validate(orders().head(0), "orders")


def test_a_key_that_stands_twice_is_refused():
    with pytest.raises(TableError, match="'A' stands in more than one row"):
        tables.validate(pd.DataFrame({"sku": ["A", "A", "B"]}), "products")


@pytest.mark.parametrize("engine", ENGINES)
def test_use_renames_and_fills_in_the_defaults(engine):
    frame = ENGINES[engine](orders().rename(columns={"order_id": "Invoice"}))
    lazy = tables.use(frame, tables.ORDERS, ["order_id", "status", "refunded"], order_id="Invoice")
    row = lazy.select("order_id", "status", "refunded").collect().rows()[0]
    assert row == ("1", "paid", 0.0)


def test_use_names_the_missing_column_and_the_nearest():
    with pytest.raises(TableError, match="no column 'channel'"):
        tables.use(orders(), tables.ORDERS, ["channel"])
    with pytest.raises(TableError, match="Did you mean 'order_id'"):
        tables.use(orders(), tables.ORDERS, [], order_id="orderid")
    with pytest.raises(UnknownNameError, match="'customer_id'"):
        tables.use(orders(), tables.ORDERS, [], custmer_id="sku")


def test_use_never_changes_its_input():
    frame = orders()
    before = frame.copy()
    tables.use(frame, tables.ORDERS, ["status"], sku="order_id").collect()
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_kind_comes_out_as_went_in(engine):
    frame = ENGINES[engine](orders())
    answer = tables.like(tables.use(frame, tables.ORDERS).select("sku"), frame)
    assert type(answer) is type(frame)


def test_a_result_made_by_another_engine_comes_back_in_the_callers_kind():
    answer = tables.like(nw.from_native(pl.DataFrame({"a": [1]})), orders())
    assert isinstance(answer, pd.DataFrame)
    back = tables.like(nw.from_native(pd.DataFrame({"a": [1]})), pl.DataFrame())
    assert isinstance(back, pl.DataFrame)


def test_every_column_of_every_contract_says_what_it_means():
    for table in tables.TABLES.values():
        assert len(set(table.names)) == len(table.names)
        for column in table.columns:
            assert len(column.meaning) > 3
            assert not (column.required and column.default is not None)


def test_a_sum_over_a_group_is_right_on_a_large_arrow_table():
    rows = 300_000
    ids = [str(n // 3) for n in range(rows)]
    frame = pa.table({"order_id": ids, "quantity": [1.0] * rows})
    lazy = tables.use(frame, tables.ORDERS).with_columns(all=nw.col("quantity").sum().over("order_id"))
    assert set(lazy.select("all").collect()["all"].to_list()) == {3.0}
    assert isinstance(tables.like(lazy, frame), pa.Table)
