"""Any table of order lines through a mapping: what it can say, and reading back what was written."""

import csv
import datetime as dt
import io
import os
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sellerlab as sl

GOOD = "order,date,item,qty,price\n1,2026-05-01,MUG,2,10.50\n2,2026-05-02,CAP,1,3.00\n"
#: Folder of the UCI Online Retail table (online_retail.csv.gz), which is too large to come along.
REAL = Path(os.environ.get("SELLERLAB_REAL", "."))


def test_the_uci_online_retail_table_has_its_published_totals(files):
    path = REAL / "online_retail.csv.gz"
    if not path.exists():
        pytest.skip("the Online Retail table is not here; set SELLERLAB_REAL to its folder")
    orders = sl.read.orders(path, mapping=files / "online_retail.yaml")
    assert len(orders) == 541909
    assert orders["amount"].sum() == pytest.approx(9747747.934)
    assert orders["order_id"].nunique() == 25900
    assert orders["customer_id"].nunique() == 4372
    assert (orders["customer_id"].isna()).sum() == 135080
    assert orders.reconciliation.adds_up
    for month, net, returned, invoices, customers in [
        ("2010-12", 748957.02, -74789.12, 1699, 948),
        ("2011-03", 683267.08, -34372.28, 1665, 1020),
        ("2011-06", 691123.12, -70616.78, 1683, 1051),
        ("2011-09", 1019687.62, -38902.55, 1994, 1302),
    ]:
        rows = orders[orders["ordered_at"].dt.strftime("%Y-%m") == month]
        back = rows["order_id"].str.startswith("C")
        assert rows["amount"].sum() == pytest.approx(net, abs=0.01)
        assert rows.loc[back, "amount"].sum() == pytest.approx(returned, abs=0.01)
        assert rows.loc[~back, "order_id"].nunique() == invoices
        assert rows["customer_id"].nunique() == customers
        headline = sl.overview.headline(orders, month)
        told = {measure.name: measure.now for measure in headline.measures}
        fees = rows["kind"] == "fee"
        assert told["net_sales"] + rows.loc[fees, "amount"].sum() == pytest.approx(net, abs=0.01)
        assert told["orders"] == rows.loc[~back & ~fees, "order_id"].nunique()
        assert told["customers"] == customers


def test_kinds_prefixes_number_ids_and_constants(write):
    text = (
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "536365,85123A,6.0,2010-12-01 08:26:00,2.55,17850.0\n"
        "536365,POST,1.0,2010-12-01 08:26:00,18.00,17850.0\n"
        "C536379,85123A,-1.0,2010-12-01 09:41:00,2.55,17850\n"
        "A563185,B,1.0,2011-08-12 14:50:00,-11062.06,\n"
    )
    mapping = {
        "columns": {
            "order_id": "InvoiceNo",
            "ordered_at": "InvoiceDate",
            "sku": "StockCode",
            "quantity": "Quantity",
            "unit_price": "UnitPrice",
            "customer_id": "CustomerID",
        },
        "constants": {"channel": "Website"},
        "currency": "GBP",
        "number_ids": ["customer_id"],
        "order_id_prefixes": {"C": "refund", "A": "adjustment"},
        "kinds": {"POST": "shipping"},
    }
    orders = sl.read.orders(write(text), mapping=mapping)
    assert orders["kind"].tolist() == ["sale", "shipping", "refund", "adjustment"]
    assert orders["amount"].tolist() == [15.3, 18, -2.55, -11062.06]
    assert set(orders["channel"]) == {"Website"}
    assert orders["customer_id"].nunique() == 1
    assert orders["customer_id"].iloc[0] == sl.read.pseudonym("17850")


def test_keep_and_drop_set_rows_aside_with_their_money(write, mapping):
    orders = sl.read.orders(write(GOOD), mapping={**mapping, "keep": {"item": ["MUG"]}})
    assert orders["sku"].tolist() == ["MUG"]
    assert orders.reconciliation.money_ignored == 3
    assert orders.reconciliation.adds_up
    assert sl.read.orders(write(GOOD), mapping={**mapping, "drop": {"item": ["mug"]}})["sku"].tolist() == [
        "CAP"
    ]


def test_amounts_without_prices_give_prices(write):
    columns = {"order_id": "order", "ordered_at": "date", "quantity": "qty", "amount": "price"}
    orders = sl.read.orders(write(GOOD), mapping={"columns": columns, "currency": "EUR"})
    assert orders["unit_price"].tolist() == [5.25, 3]
    assert orders["amount"].tolist() == [10.5, 3]


def test_a_table_with_sellerlabs_own_names_needs_no_mapping(write):
    text = GOOD.replace("order,date,item,qty,price", "order_id,ordered_at,sku,quantity,unit_price")
    assert sl.read.orders(write(text), currency="EUR")["amount"].tolist() == [21, 3]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": {"order_id": "ordr"}}, "no column 'ordr' .did you mean 'order'"),
        ({"columns": {"ordr_id": "order"}}, "no column of generic 'ordr_id'. Did you mean 'order_id'"),
        ({"colums": {}}, "no key of a mapping 'colums'. Did you mean 'columns'"),
        ({"currency": "¥"}, "'¥' is a sign, not a currency"),
        ({"decimal": ";"}, "decimal is ';'; expected '.' or ','"),
        ({"encoding": "cp94"}, "no encoding 'cp94'"),
        ({"columns": {"order_id": "order", "quantity": "qty"}}, "which column is ordered_at"),
        ({"constants": ["x"]}, "constants should hold `name: value` pairs"),
    ],
)
def test_mistakes_in_a_mapping_are_named(write, mapping, change, words):
    path = write(GOOD.replace("MUG", "뷁"), encoding="cp949") if "encoding" in change else write(GOOD)
    with pytest.raises(sl.InputError, match=words):
        sl.read.orders(path, mapping={**mapping, **change})


def test_a_mapping_file_that_is_not_yaml(write, tmp_path):
    bad = tmp_path / "map.yaml"
    bad.write_text("columns: [a\n")
    with pytest.raises(sl.ReadError, match=r"map.yaml, line \d is not YAML"):
        sl.read.orders(write(GOOD), mapping=bad)
    with pytest.raises(sl.ReadError, match=r"none.yaml cannot be read: there is no such file"):
        sl.read.orders(write(GOOD), mapping=tmp_path / "none.yaml")


def test_unknown_format_and_zone_offer_the_nearest(write, files):
    with pytest.raises(sl.UnknownNameError, match="Did you mean 'shopify_orders'"):
        sl.read.orders(write(GOOD), "shopfy_orders")
    with pytest.raises(sl.InputError, match="Did you mean 'Asia/Tokyo'"):
        sl.read.orders(files / "shopify_orders_export.csv", timezone="Asia/Tokio")
    with pytest.raises(sl.InputError, match="comes alone"):
        sl.read.orders(files / "shopify_orders_export.csv", details=True)


def test_an_unknown_file_lists_what_is_known(write):
    with pytest.raises(sl.ReadError, match=r"not an export known here.*Shopify orders.*mapping="):
        sl.read.orders(write("a,b\n1,2\n"))


def test_swapped_columns_are_named(write, mapping):
    swapped = "order,date,item,qty,price\n1,10.50,MUG,2,2026-05-01\n2,3.00,CAP,1,2026-05-02\n"
    with pytest.raises(
        sl.ReadError,
        match="'date' should hold dates but holds numbers; 'price' should hold numbers but holds dates",
    ):
        sl.read.orders(write(swapped), mapping=mapping)


def test_two_currencies_in_a_file_are_refused(write, mapping):
    mapping["columns"]["currency"] = "cur"
    del mapping["currency"]
    text = (
        GOOD.replace("price\n", "price,cur\n")
        .replace("10.50\n", "10.50,EUR\n")
        .replace("3.00\n", "3.00,USD\n")
    )
    with pytest.raises(sl.ReadError, match="orders in EUR and USD"):
        sl.read.orders(write(text), mapping=mapping)
    kept = sl.read.orders(write(text), mapping={**mapping, "keep": {"cur": ["USD"]}})
    assert kept["amount"].tolist() == [3]


def test_a_sign_is_used_only_where_it_is_sure(write, mapping):
    del mapping["currency"]
    assert sl.read.orders(write(GOOD.replace("10.50", "€10.50")), mapping=mapping).source.currency == "EUR"
    with pytest.raises(sl.ReadError, match="Give currency="):
        sl.read.orders(write(GOOD.replace("10.50", "¥10.50")), mapping=mapping)
    with pytest.raises(sl.ReadError, match="sign of EUR, but currency='USD'"):
        sl.read.orders(write(GOOD.replace("10.50", "€10.50")), mapping=mapping, currency="USD")


def test_currency_that_contradicts_the_file(files):
    with pytest.raises(sl.ReadError, match="is in JPY, but currency='USD'"):
        sl.read.orders(files / "shopify_orders_export.csv", currency="USD")


def test_stamps_with_a_zone_need_the_shops_zone(write, mapping):
    path = write(
        GOOD.replace("2026-05-01", "2026-01-31T15:30:00Z").replace("2026-05-02", "2026-01-31T14:30:00Z")
    )
    with pytest.raises(sl.ReadError, match="Give timezone="):
        sl.read.orders(path, mapping=mapping)
    # Half past midnight on 1 February in Seoul is still January in London.
    orders = sl.read.orders(path, mapping=mapping, timezone="Asia/Seoul")
    assert orders["ordered_at"].dt.month.tolist() == [2, 1]


def test_stamps_with_and_without_a_zone_are_refused(write, mapping):
    path = write(GOOD.replace("2026-05-01", "2026-01-31T15:30:00Z"))
    with pytest.raises(sl.ReadError, match="some times in 'date' state their zone and some do not"):
        sl.read.orders(path, mapping=mapping, timezone="Asia/Seoul")


def test_a_date_that_settles_the_order_is_named(write, mapping):
    orders = sl.read.orders(
        write(GOOD.replace("2026-05-01", "03/05/2026").replace("2026-05-02", "25/05/2026")), mapping=mapping
    )
    assert orders["ordered_at"].dt.strftime("%m-%d").tolist() == ["05-03", "05-25"]
    assert orders.reconciliation.notes == ("Dates are read day first, because 25/05/2026 is in the file.",)


def test_unreadable_rows_are_rejected_with_line_and_reason(write, mapping):
    text = GOOD + "3,2026-02-31,MUG,1,5\n,2026-05-03,MUG,1,6\n5,2026-05-03,MUG,1,1O.0\n6,,MUG,1,8\n"
    text += "7,2026-05-03,MUG,1,9\n"
    orders = sl.read.orders(write(text), mapping=mapping)
    assert orders.rejected[["line", "reason"]].values.tolist() == [
        [4, "date: '2026-02-31' is not a date or time"],
        [5, "order: empty"],
        [6, "price: '1O.0' is not a number"],
        [7, "date: empty"],
    ]
    account = orders.reconciliation
    assert (account.money_in_file, account.money_rejected, account.money_in_orders) == (52, 19, 33)
    assert account.adds_up


def test_refunds_written_with_a_minus_count_as_given_back(write, mapping):
    mapping["columns"]["refunded"] = "back"
    text = (
        GOOD.replace("price\n", "price,back\n").replace("10.50\n", "10.50,-21\n").replace("3.00\n", "3.00,\n")
    )
    assert sl.read.orders(write(text), mapping=mapping)["refunded"].tolist() == [21, 0]


def test_ids_stay_text(write, mapping):
    text = (
        GOOD.replace("\n1,", "\n000123,")
        .replace("MUG", "1E5")
        .replace("CAP", "NA")
        .replace("\n2,", "\nnull,")
    )
    orders = sl.read.orders(write(text), mapping=mapping)
    assert orders["order_id"].tolist() == ["000123", "null"]
    assert orders["sku"].tolist() == ["1E5", "NA"]


def test_two_columns_of_one_name_are_refused(write, mapping):
    with pytest.raises(sl.ReadError, match="two columns named 'price'"):
        sl.read.orders(
            write(GOOD.replace("item", "price")),
            mapping={**mapping, "columns": {**mapping["columns"], "sku": "qty"}},
        )


LINES = st.lists(
    st.tuples(
        st.integers(1, 99),
        st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 12, 31)),
        st.sampled_from(["000123", "1E5", "NA", "A;B", 'C"D', "컵, 컵"]),
        st.integers(-5, 20),
        st.decimals(0, 10**7, places=2),
    ),
    min_size=1,
    max_size=20,
)


@settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    LINES,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([".", ","]),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d %b %Y %H:%M:%S"]),
)
def test_random_orders_in_random_dialects_read_back(
    tmp_path, mapping, lines, delimiter, encoding, decimal, shape
):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(["order", "date", "item", "qty", "price"])
    for order, moment, sku, units, price in lines:
        written = f"{price:,.2f}"
        if decimal == ",":
            written = written.translate(str.maketrans(",.", ".,"))
        writer.writerow([f"{order:04d}", moment.strftime(shape), sku, units, written])
    path = tmp_path / "random.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    orders = sl.read.orders(path, mapping=mapping)
    assert orders["order_id"].tolist() == [f"{line[0]:04d}" for line in lines]
    assert orders["ordered_at"].tolist() == [pd.Timestamp(line[1].replace(microsecond=0)) for line in lines]
    assert orders["sku"].tolist() == [line[2] for line in lines]
    assert orders["quantity"].tolist() == [line[3] for line in lines]
    assert orders["unit_price"].tolist() == [float(line[4]) for line in lines]
    exact = sum(Decimal(line[3]) * line[4] for line in lines)
    assert orders["amount"].sum() == pytest.approx(float(exact), abs=0.005)
    assert orders.reconciliation.adds_up
    assert orders.reconciliation.lines_read == len(lines)


def test_the_start_of_an_order_id_speaks_for_all_its_lines(write):
    rows = (
        "order,date,item,qty,price",
        "C1,2026-05-01,POST,-1,4",
        "C1,2026-05-01,MUG,-1,9",
        "2,2026-05-01,POST,1,4",
    )
    text = "\n".join(rows)
    mapping = {
        "columns": {
            "order_id": "order",
            "ordered_at": "date",
            "sku": "item",
            "quantity": "qty",
            "unit_price": "price",
        },
        "currency": "EUR",
        "kinds": {"POST": "shipping"},
        "order_id_prefixes": {"C": "refund"},
    }
    orders = sl.read.orders(write(text), mapping=mapping)
    assert orders["kind"].tolist() == ["refund", "refund", "shipping"]


def test_words_of_a_mapping_file_are_text_even_where_yaml_has_other_ideas(write, tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(
        "columns: {order_id: No, ordered_at: on, sku: item, quantity: qty, unit_price: price}\n"
        "currency: NOK\ndayfirst: yes\nkinds: {007: shipping}\n",
        encoding="utf-8",
    )
    text = "No,on,item,qty,price\n1,01/05/2026,MUG,2,10.50\n2,02/05/2026,007,1,3.00\n"
    orders = sl.read.orders(write(text), mapping=path)
    assert orders["ordered_at"].dt.month.tolist() == [5, 5]
    assert orders["kind"].tolist() == ["sale", "shipping"]
    path.write_text(path.read_text(encoding="utf-8").replace("yes", "maybe"), encoding="utf-8")
    with pytest.raises(sl.UnknownNameError, match="answer to dayfirst 'maybe'"):
        sl.read.orders(write(text), mapping=path)
