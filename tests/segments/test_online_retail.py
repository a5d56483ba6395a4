"""Segments and cohorts of a real shop, the UCI Online Retail table, beside counts made by hand."""

import os
from pathlib import Path

import pandas as pd
import pytest

import sellerlab as sl

#: Folder of online_retail.csv.gz, which is too large to come along.
REAL = Path(os.environ.get("SELLERLAB_REAL", "."))
MAPPING = Path(__file__).parent.parent / "read" / "files" / "online_retail.yaml"


@pytest.fixture(scope="module")
def orders():
    path = REAL / "online_retail.csv.gz"
    if not path.exists():
        pytest.skip("the Online Retail table is not here; set SELLERLAB_REAL to its folder")
    return sl.read.orders(path, mapping=MAPPING)


@pytest.fixture(scope="module")
def sales(orders):
    """Lines of named customers that make an order, by pandas."""
    makes_order = orders["kind"].isin(["sale", "shipping"]) & (orders["status"] == "paid")
    return orders[makes_order & orders["customer_id"].notna()]


def test_segments_of_a_real_shop_hold_each_customer_once_and_all_money(orders, sales):
    result = sl.segments.rfm(orders, as_of="2011-12-09")
    assert result.n == sales["customer_id"].nunique() == 4339
    assert sum(result.sizes.values()) == result.n
    people = result.customers.set_index("customer_id")
    assert people["orders"].sum() == sales["order_id"].nunique()
    own = orders[orders["customer_id"].isin(people.index) & (orders["kind"] != "fee")]
    assert result.net_sales == pytest.approx(own["amount"].sum(), abs=0.01)
    assert "Left out: 3,523 orders that name no customer" in result.sentence
    assert "9 Dec 2011" in result.definition


def test_cohorts_of_a_real_shop_are_those_counted_by_hand(orders, sales):
    month = sales["ordered_at"].dt.to_period("M")
    first = month.groupby(sales["customer_id"]).transform("min")
    age = (month.dt.year - first.dt.year) * 12 + month.dt.month - first.dt.month
    by_hand = sales.groupby([first.astype(str), age])["customer_id"].nunique()
    result = sl.retention.cohorts(orders)
    table = result.table.set_index("cohort")
    assert table.loc["2010-12", "customers"] == 885
    assert round(table.loc["2010-12", "1"] * 885) == 324
    for (cohort, months), people in by_hand.items():
        if pd.Period(cohort, "M") + months == pd.Period("2011-12", "M"):
            # The last month of the table is not over: its cells are empty.
            assert str(months) not in table.columns or pd.isna(table.loc[cohort, str(months)])
        else:
            assert table.loc[cohort, str(months)] * table.loc[cohort, "customers"] == pytest.approx(people)
