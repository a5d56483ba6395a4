"""The demo orders as platform exports: the quirks of the format, and sums that agree with the orders."""

import csv
import io

import numpy as np
import pytest

from sellerlab import datasets, read
from sellerlab.worlds import exports


@pytest.fixture(scope="module")
def orders():
    return datasets.load_orders()


@pytest.fixture(scope="module")
def shopify(orders):
    return list(csv.DictReader(io.StringIO(exports.shopify(orders))))


@pytest.fixture(scope="module")
def tiktok(orders):
    text = exports.tiktok_shop(orders)
    assert text.startswith("\ufeffOrder ID,")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_shopify_has_one_row_a_line_and_totals_on_the_first_row_only(orders, shopify):
    assert len(shopify) == len(orders)
    assert len(exports.SHOPIFY) == 79
    assert list(shopify[0]) == list(exports.SHOPIFY)
    seen = set()
    for row in shopify:
        first = row["Name"] not in seen
        seen.add(row["Name"])
        for name in (
            "Financial Status",
            "Currency",
            "Subtotal",
            "Shipping",
            "Taxes",
            "Total",
            "Source",
            "Id",
        ):
            assert bool(row[name]) == first
        assert row["Created at"].endswith(" +0900")


def test_shopify_totals_are_what_the_seller_sells(orders, shopify):
    totals = {row["Name"]: int(row["Total"]) for row in shopify if row["Total"]}
    sales = (orders["amount"] + orders["platform_discount"]).groupby(orders["order_id"]).sum()
    assert totals == {f"#{order}": int(value) for order, value in sales.items()}
    refunds = sum(int(row["Refunded Amount"] or 0) for row in shopify)
    assert refunds == orders["refunded"].sum()


def test_shopify_lines_discount_and_shipping_make_the_total_of_each_order(shopify):
    goods = {}
    for row in shopify:
        goods[row["Name"]] = goods.get(row["Name"], 0) + int(row["Lineitem quantity"]) * int(
            row["Lineitem price"]
        )
    for row in shopify:
        if row["Total"]:
            assert goods[row["Name"]] - int(row["Discount Amount"]) == int(row["Subtotal"])
            assert int(row["Subtotal"]) + int(row["Shipping"]) == int(row["Total"])


def test_shopify_status_says_paid_pending_voided_or_refunded(orders, shopify):
    status = orders.drop_duplicates("order_id").set_index("order_id")["status"]
    for row in (row for row in shopify if row["Total"]):
        of = status[row["Name"].removeprefix("#")]
        assert bool(row["Cancelled at"]) == (of == "cancelled")
        assert (row["Financial Status"] == "voided") == (of == "cancelled")
        assert (row["Financial Status"] == "pending") == (of == "pending")
        assert ("refunded" in row["Financial Status"]) == (int(row["Refunded Amount"]) > 0)


def test_tiktok_describes_its_columns_and_marks_ids_with_a_tab(orders, tiktok):
    about, *rows = tiktok
    assert list(about) == list(exports.TIKTOK)
    assert len(exports.TIKTOK) == 54
    assert about["Order ID"].startswith("Platform unique")
    assert all(about.values())
    assert len(rows) == len(orders)
    for row in rows:
        assert row["Order ID"].endswith("\t")
        assert len(row["Order ID"]) == 19
        assert len(row["SKU ID"]) == 20
        assert row["Created Time"][2] == row["Created Time"][5] == "/"
        assert row["Created Time"].endswith("\t")


def test_tiktok_repeats_the_orders_amount_which_its_lines_make(orders, tiktok):
    amount = orders.groupby("order_id")["amount"].sum()
    lines = {}
    for row in tiktok[1:]:
        lines.setdefault(row["Order ID"].strip()[-5:], []).append(row)
    assert set(lines) == set(amount.index)
    for order, rows in lines.items():
        assert {int(row["Order Amount"]) for row in rows} == {int(amount[order])}
        goods = sum(int(row["SKU Subtotal After Discount"]) for row in rows)
        assert goods + int(rows[0]["Shipping Fee After Discount"]) == amount[order]
        for row in rows:
            before = int(row["Quantity"]) * int(row["SKU Unit Original Price"])
            less = int(row["SKU Platform Discount"]) + int(row["SKU Seller Discount"])
            assert before - less == int(row["SKU Subtotal After Discount"])


@pytest.mark.parametrize(("name", "column"), [("shopify", "Email"), ("tiktok", "Buyer Username")])
def test_the_same_customer_has_the_same_made_up_name(orders, request, name, column):
    rows = request.getfixturevalue(name)[1 if name == "tiktok" else 0 :]
    pairs = set(zip(orders["customer_id"], (row[column] for row in rows), strict=True))
    assert len(pairs) == orders["customer_id"].nunique() == len({buyer for _, buyer in pairs})
    assert all(buyer.removesuffix("@example.com").startswith("buyer") for _, buyer in pairs)


def test_an_order_of_a_shop_on_another_clock_carries_its_offset(orders):
    text = exports.shopify(orders.head(1), offset="-0500")
    assert f"{orders['ordered_at'][0]:%Y-%m-%d %H:%M:%S} -0500" in text


def _partition(frame):
    """Customers as sets of order numbers, whatever the customers are called."""
    number = frame["order_id"].str.removeprefix("#").str[-5:]
    return set(number.groupby(frame["customer_id"]).agg(frozenset))


def _by_order(values, frame):
    number = frame["order_id"].str.removeprefix("#").str[-5:]
    return values.astype("float64").groupby(number).sum().sort_index().to_numpy()


@pytest.mark.parametrize(
    ("file", "settings", "lost"),
    [
        ("shopify_orders.csv", {"timezone": "Asia/Tokyo"}, "platform discount"),
        ("tiktok_shop_orders.csv", {"currency": "JPY"}, "channel and tax"),
    ],
)
def test_the_export_reads_back_as_the_same_orders(orders, tmp_path, file, settings, lost):
    text = {"s": exports.shopify, "t": exports.tiktok_shop}[file[0]](orders)
    path = tmp_path / file
    path.write_text(text, encoding="utf-8", newline="")
    back = read.orders(path, **settings)
    assert len(back) == len(orders)
    assert len(back.rejected) == 0
    assert back.reconciliation.adds_up
    assert back["currency"].unique().tolist() == ["JPY"]
    sales = orders["amount"] + orders["platform_discount"]
    np.testing.assert_array_equal(
        _by_order(back["amount"] + back["platform_discount"], back), _by_order(sales, orders)
    )
    for name in ("quantity", "discount", "shipping", "refunded"):
        np.testing.assert_array_equal(_by_order(back[name], back), _by_order(orders[name], orders))
    assert _partition(back) == _partition(orders)
    for name in ("sku", "status", "unit_price", "ordered_at"):
        assert back[name].tolist() == orders[name].tolist()
    if lost == "platform discount":
        assert back["channel"].tolist() == orders["channel"].tolist()
        np.testing.assert_array_equal(
            _by_order(back["tax_included"], back), _by_order(orders["tax_included"], orders)
        )
    else:
        # Postage is one sum an order in the file, so a yen of it may come to stand on another line.
        np.testing.assert_array_equal(_by_order(back["amount"], back), _by_order(orders["amount"], orders))
        assert back["refunded_quantity"].tolist() == orders["refunded_quantity"].tolist()
