"""Every known export, read from a small file whose totals were added up by hand."""

import openpyxl
import pandas as pd
import pytest

import sellerlab as sl
from sellerlab import tables


def test_shopify_totals_and_shares(files):
    # Order totals in the file: 5,000 + 3,000 + 2,500 (cancelled) = 10,500 yen.
    orders = sl.read.orders(files / "shopify_orders_export.csv")
    tables.validate(orders, "orders")
    assert orders["amount"].sum() == 10500
    assert orders.groupby("order_id")["amount"].sum().to_dict() == {
        "#1001": 5000,
        "#1002": 3000,
        "#1003": 2500,
    }
    # 500 off an order of 3,000 + 2,000: 300 and 200; its 500 of shipping the same way.
    assert orders["discount"].tolist() == [300, 200, 0, 0]
    assert orders["shipping"].tolist() == [300, 200, 0, 500]
    # 409 of tax is within the price (subtotal + shipping = total): 245.4 and 163.6, whole yen.
    assert orders["tax_included"].tolist() == [245, 164, 273, 227]
    assert orders["tax_added"].sum() == 0
    assert orders["refunded"].tolist() == [0, 0, 1500, 0]
    assert orders["refunded_quantity"].tolist()[:2] == [0, 0]
    assert pd.isna(orders["refunded_quantity"].iloc[2])
    assert orders["status"].tolist() == ["paid", "paid", "paid", "cancelled"]
    assert orders["channel"].tolist() == ["web", "web", "Shopify", "Shopify"]
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2026-05-01 09:58:12")
    assert orders["customer_id"].nunique() == 3
    assert orders.reconciliation.adds_up
    assert orders.reconciliation.money_in_file == 10500
    assert orders.source.currency == "JPY"


def test_shopify_tax_on_top_is_found_by_arithmetic(write):
    header = (
        "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount"
    )
    rows = [
        "#1,a@b.com,paid,USD,27.00,5.00,2.56,34.56,3.00,2026-05-01 10:00:00 -0700,1,Mug,10.00,MUG,34.56",
        "#1,a@b.com,,,,,,,,2026-05-01 10:00:00 -0700,2,Cap,10.00,CAP,",
    ]
    orders = sl.read.orders(write("\n".join([header, *rows, ""])))
    assert orders["discount"].tolist() == [1.0, 2.0]
    # 5.00 by 9 : 18 = 1.666… and 3.333…: 1.67 and 3.33; 2.56 the same way: 0.85 and 1.71.
    assert orders["shipping"].tolist() == [1.67, 3.33]
    assert orders["tax_added"].tolist() == [0.85, 1.71]
    assert orders["amount"].sum() == pytest.approx(34.56)
    assert orders["refunded"].tolist() == orders["amount"].tolist()
    assert orders["refunded_quantity"].tolist() == [1, 2]
    assert orders["adjustment"].abs().sum() == 0


def test_shopify_total_that_nothing_explains_is_an_adjustment_and_is_said(write):
    header = "Name,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem price"
    orders = sl.read.orders(write(f"{header}\n#1,EUR,20,0,0,23,2026-05-01 10:00:00 +0200,2,10\n"))
    assert orders["adjustment"].tolist() == [3]
    assert "EUR 3.00 of the orders' totals is not explained" in orders.reconciliation.sentence


def test_shopify_order_that_arithmetic_leaves_open_follows_the_others(write):
    header = "Name,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem price"
    sure = "#1,USD,20,0,2,22,2026-05-01 10:00:00 -0700,2,10\n"
    tipped = "#2,USD,10,0,1,12,2026-05-01 10:00:00 -0700,1,10\n"
    orders = sl.read.orders(write(f"{header}\n{sure}{tipped}"))
    assert orders["tax_added"].tolist() == [2, 1]
    assert orders["adjustment"].tolist() == [0, 1]


def test_shopify_offsets_move_to_the_shops_zone_when_it_is_given(files):
    orders = sl.read.orders(files / "shopify_orders_export.csv", timezone="UTC")
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2026-05-01 00:58:12")


def test_tiktok_orders_count_order_totals_once(files):
    # Order amounts 296 (on two rows) and 67 (cancelled).
    orders = sl.read.orders(files / "tiktok_shop_orders.csv", currency="USD", dayfirst=True)
    tables.validate(orders, "orders")
    assert orders.groupby("order_id")["amount"].sum().round(2).tolist() == [296, 67]
    assert orders["platform_discount"].tolist() == [20, 0, 0]
    assert orders["discount"].tolist() == [20, 12, 0]
    assert orders["shipping"].sum() == pytest.approx(38)
    assert orders["refunded"].tolist() == [0, 58, 0]
    assert orders["refunded_quantity"].tolist() == [0, 1, 0]
    assert orders["status"].tolist() == ["paid", "paid", "cancelled"]
    # The cancelled order has 29 of goods and a total of 67: 38 stay unexplained.
    assert orders["adjustment"].tolist() == [0, 0, 38]
    assert orders["sku"].tolist() == ["SER-A", "SER-B", "1729000000000000003"]
    assert orders["order_id"].iloc[0] == "583870900000000001"
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2026-05-10 22:05:43")
    assert orders.reconciliation.lines_ignored == 1
    assert orders.reconciliation.money_in_file == 363
    assert orders.reconciliation.adds_up


def test_tiktok_dates_that_could_be_swapped_ask(files):
    with pytest.raises(sl.ReadError, match=r"'10/05/2026 12:00:00' can be read day first.*dayfirst=True"):
        sl.read.orders(files / "tiktok_shop_orders.csv", currency="USD")
    monthfirst = sl.read.orders(files / "tiktok_shop_orders.csv", currency="USD", dayfirst=False)
    assert monthfirst["ordered_at"].iloc[0] == pd.Timestamp("2026-10-05 22:05:43")


def test_tiktok_asks_for_the_currency(files):
    with pytest.raises(sl.ReadError, match=r"does not say which currency.*Give currency="):
        sl.read.orders(files / "tiktok_shop_orders.csv", dayfirst=True)


def test_tiktok_unknown_status_asks_and_takes_an_answer(files, write):
    text = (
        (files / "tiktok_shop_orders.csv")
        .read_text(encoding="utf-8-sig")
        .replace(",Completed,Com", ",Fertig,Com")
    )
    path = write(text, encoding="utf-8-sig")
    with pytest.raises(sl.ReadError, match=r"'Order Status' holds words.*'Fertig'.*mapping="):
        sl.read.orders(path, currency="EUR", dayfirst=True)
    orders = sl.read.orders(path, currency="EUR", dayfirst=True, mapping={"status": {"Fertig": "paid"}})
    assert orders["status"].tolist() == ["paid", "paid", "cancelled"]


def test_tiktok_settlement_pays_out_what_the_file_says(files):
    # 186.40 - 58.00 - 25.00 = 103.40; fees 33.60 on the order.
    orders = sl.read.orders(files / "tiktok_shop_settlement.xlsx")
    assert orders["kind"].tolist() == ["sale", "refund", "fee"]
    assert orders["amount"].tolist() == [220, -58, -25]
    assert orders["fee"].tolist()[:2] == [33.6, 0]
    assert pd.isna(orders["fee"].iloc[2])
    assert orders["quantity"].tolist() == [1, -1, 0]
    assert orders["ordered_at"].iloc[1] == pd.Timestamp("2026-05-25")
    assert (orders["amount"] - orders["fee"].fillna(0)).sum() == pytest.approx(103.4)
    assert orders.reconciliation.adds_up


def test_esm_plus_in_cp949(files):
    # 30,000 + 9,000 of goods and 3,000 of postage; fees 4,260 + 1,170.
    orders = sl.read.orders(files / "esm_plus_gmarket_auction_cp949.csv")
    assert orders.source.encoding == "cp949"
    assert orders["product"].tolist() == ["머그컵 뷁", "접시"]
    assert orders["amount"].tolist() == [33000, 9000]
    assert orders["fee"].tolist() == [4260, 1170]
    assert orders["order_id"].tolist() == ["5000000001", "5000000001"]
    assert orders["sku"].tolist() == ["MUG-BLK", "900002"]
    assert orders.reconciliation.money_in_file == 42000
    assert orders.source.currency == "KRW"


def test_naver_returned_line_keeps_its_amount_and_is_refunded(files):
    # 27,000 + 9,000 of goods + 3,000 of shipping = 39,000; the 9,000 came back.
    orders = sl.read.orders(files / "naver_smartstore_orders.xlsx")
    assert orders["amount"].sum() == 39000
    assert (orders["amount"] - orders["shipping"]).tolist() == [27000, 9000]
    assert orders["refunded"].tolist() == [0, 9000]
    assert orders["refunded_quantity"].tolist() == [0, 1]
    assert orders["discount"].tolist() == [3000, 0]
    assert orders["fee"].iloc[0] == 1717
    assert orders["order_id"].tolist() == ["2026050100000010"] * 2
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2026-05-01 08:59")
    assert orders.reconciliation.lines_ignored == 1
    assert orders.reconciliation.adds_up


def test_amazon_orders_keep_quotes_and_convert_utc(files):
    # 50.00 + 4.00 tax on top - 5.00 promotion = 49.00.
    path = files / "amazon_all_orders_US.txt"
    with pytest.raises(sl.ReadError, match="Give timezone="):
        sl.read.orders(path)
    orders = sl.read.orders(path, timezone="America/Los_Angeles")
    assert orders["product"].iloc[0] == 'Widget 1" pipe'
    assert orders["amount"].tolist() == [49, 0]
    assert orders["unit_price"].iloc[0] == 25
    assert orders["tax_added"].iloc[0] == 4
    assert orders["status"].tolist() == ["paid", "cancelled"]
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2026-05-01 01:04:21")
    assert orders.reconciliation.lines_ignored == 1
    assert orders.reconciliation.table["item"].str.contains("another shop").any()


@pytest.mark.parametrize("name", ["US", "DE_decimal_comma"])
def test_amazon_settlement_adds_up_to_its_first_row(files, name):
    orders = sl.read.orders(files / f"amazon_settlement_v2_{name}.txt", timezone="Europe/Berlin")
    assert orders["kind"].tolist() == ["sale", "refund", "adjustment", "fee", "fee"]
    assert orders["amount"].tolist() == [25, -18, 4.5, -1.52, -1.5]
    # 3.75 + 5.50 kept; on the refund 2.70 came back and 0.54 was kept.
    assert orders["fee"].tolist()[:2] == [9.25, -2.16]
    assert orders["quantity"].tolist() == [1, -1, 0, 0, 0]
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2026-10-02 07:23:19")
    assert orders.reconciliation.money_in_file == 1.39
    assert orders.reconciliation.adds_up


def test_amazon_settlement_with_a_row_missing_does_not_add_up(files, write):
    lines = (files / "amazon_settlement_v2_US.txt").read_text().splitlines(keepends=True)
    orders = sl.read.orders(write("".join(lines[:-1]), "short.txt"), timezone="UTC")
    assert not orders.reconciliation.adds_up
    assert orders.reconciliation.unexplained == pytest.approx(-1.5)
    assert "-USD 1.50 is not accounted for" in orders.reconciliation.sentence


def test_taobao_orders_with_their_items(files):
    # 178.80 asked and never paid (cancelled) + 21.00 paid.
    path = files / "taobao_ExportOrderList_gbk.csv"
    orders = sl.read.orders(path, details=files / "taobao_ExportOrderDetailList_gbk.csv")
    assert orders["order_id"].tolist() == ["3000000000000001", "3000000000000002"]
    assert orders["status"].tolist() == ["cancelled", "paid"]
    assert orders["amount"].tolist() == [178.8, 21]
    assert orders["sku"].tolist() == ["连衣裙 夏，多件装", "DRESS-01"]
    assert orders["customer_id"].isna().all()  # buyer*** names nobody
    assert orders.reconciliation.lines_read == 3
    assert orders.reconciliation.adds_up
    pd.testing.assert_frame_equal(pd.DataFrame(sl.read.orders(path, details=True)), pd.DataFrame(orders))
    assert len(sl.read.orders(path)) == 2


def test_taobao_item_of_an_unknown_order_is_rejected(files, write):
    text = (files / "taobao_ExportOrderDetailList_gbk.csv").read_text(encoding="gb18030")
    text += '"=""9""",x,5.00,1,,,,,交易成功,X\n'
    second = write(text, "details.csv", "gb18030")
    orders = sl.read.orders(files / "taobao_ExportOrderList_gbk.csv", details=second)
    assert orders.rejected["reason"].tolist() == ["details.csv: its order is not in the list of orders"]


def test_taobao_closed_after_payment_is_a_refund(files, write):
    text = (files / "taobao_ExportOrderList_gbk.csv").read_text(encoding="gb18030")
    text = text.replace("23:59:54,,连", "23:59:54,2026-02-21 00:00:00,连")
    orders = sl.read.orders(write(text, encoding="gb18030"))
    assert orders["status"].tolist() == ["paid", "paid"]
    assert orders["refunded"].tolist() == [178.8, 0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shopify_payment_transactions_export.csv", "payments and fees of Shopify Payments.*Orders > Export"),
        ("ga4_funnel_exploration.csv", "Google Analytics 4.*counts visitors, not orders"),
        ("taobao_ExportOrderDetailList_gbk.csv", "neither dates nor payments.*details="),
    ],
)
def test_exports_without_orders_are_recognised_and_refused(files, name, words):
    with pytest.raises(sl.ReadError, match=words):
        sl.read.orders(files / name)
    assert not sl.read.detect(files / name).readable


def test_every_file_is_detected_as_what_it_is(files):
    expected = {
        "amazon_all_orders_US.txt": "amazon_orders",
        "amazon_settlement_v2_DE_decimal_comma.txt": "amazon_settlement",
        "amazon_settlement_v2_US.txt": "amazon_settlement",
        "esm_plus_gmarket_auction_cp949.csv": "esm_plus",
        "ga4_funnel_exploration.csv": "ga4_funnel",
        "naver_smartstore_orders.xlsx": "naver_smartstore",
        "shopify_orders_export.csv": "shopify_orders",
        "shopify_payment_transactions_export.csv": "shopify_payments",
        "taobao_ExportOrderDetailList_gbk.csv": "taobao_details",
        "taobao_ExportOrderList_gbk.csv": "taobao_orders",
        "tiktok_shop_orders.csv": "tiktok_orders",
        "tiktok_shop_settlement.xlsx": "tiktok_settlement",
    }
    found = {name: sl.read.detect(files / name).format for name in expected}
    assert found == expected
    assert set(expected.values()) | {"generic"} == set(sl.read.formats()["name"])


def test_the_header_of_naver_is_in_the_second_row(files):
    assert sl.read.detect(files / "naver_smartstore_orders.xlsx").header_line == 2


def test_same_file_gives_the_same_bytes(files):
    path = files / "shopify_orders_export.csv"
    assert sl.read.orders(path).to_csv() == sl.read.orders(path).to_csv()


def test_a_filtered_copy_is_a_plain_table(files):
    orders = sl.read.orders(files / "shopify_orders_export.csv")
    assert isinstance(orders, sl.read.OrderTable)
    for copy in (
        orders[orders["status"] == "paid"],
        orders.copy(),
        orders.head(2),
        pd.concat([orders, orders]),
    ):
        assert type(copy) is pd.DataFrame
        assert not hasattr(copy, "reconciliation")


def test_a_broken_row_takes_its_order_with_it_and_its_money_is_counted(files, write):
    text = (
        (files / "shopify_orders_export.csv")
        .read_text()
        .replace(",1,Mug,2000,,MUG,true", ",x,Mug,2000,,MUG,true")
    )
    orders = sl.read.orders(write(text))
    assert orders["order_id"].unique().tolist() == ["#1002", "#1003"]
    assert orders.rejected["line"].tolist() == [2, 4]
    assert orders.rejected["reason"].tolist() == [
        "another row of this order could not be read (line 4)",
        "Lineitem quantity: text of length 1 is not a number",
    ]
    account = orders.reconciliation
    assert (account.money_in_orders, account.money_rejected, account.money_in_file) == (5500, 5000, 10500)
    assert account.adds_up
    assert account.lines_read == account.lines_orders + account.lines_rejected + account.lines_ignored == 4


def test_a_file_cut_in_the_middle_of_a_row_rejects_that_row(files, write):
    text = (files / "shopify_orders_export.csv").read_text()
    orders = sl.read.orders(write(text[: text.index("2026-05-04 08:00:00") + 5]))
    assert orders["order_id"].unique().tolist() == ["#1001", "#1002"]
    assert orders.rejected["reason"].tolist() == ["the file ends inside this row"]
    assert orders.rejected["raw"].tolist() == ["order_id=#1003"]
    assert "could not be read, so that it is not in these sums: 1" in orders.reconciliation.sentence


def test_the_reconciliation_speaks_and_draws(files):
    account = sl.read.orders(files / "tiktok_shop_orders.csv", currency="USD", dayfirst=True).reconciliation
    assert account.sentence.startswith("Rows read: 4. In the orders: 3; rejected: 0; set aside by a rule: 1.")
    assert "description of the columns" in repr(account)
    axes = account.plot()
    assert axes.get_xlabel() == "USD"
    import matplotlib.pyplot as plt

    plt.close(axes.figure)


def test_shopify_saved_again_by_excel_has_dates_as_numbers(tmp_path):
    book = openpyxl.Workbook()
    header = (
        "Name,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem price,Lineitem sku"
    )
    book.active.append(header.split(","))
    book.active.append(["#1", "EUR", 20, 0, 0, 20, 45384.3478, 2, 10, "00123"])
    book.save(tmp_path / "orders.xlsx")
    orders = sl.read.orders(tmp_path / "orders.xlsx")
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2024-04-02 08:20:50")
    assert orders[["sku", "amount"]].values.tolist() == [["00123", 20]]


def test_us_tiktok_times_with_am_and_pm_are_month_first(files, write):
    text = (files / "tiktok_shop_orders.csv").read_text(encoding="utf-8-sig")
    orders = sl.read.orders(
        write(text.replace("22:05:43", "10:05:43 PM").replace("12:00:00", "12:00:00 PM")), currency="USD"
    )
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2026-10-05 22:05:43")
    assert orders.reconciliation.notes == ("Times with AM and PM: the month comes first.",)


@pytest.mark.parametrize("engine", ["polars", "pyarrow"])
def test_the_table_goes_to_other_engines(files, engine):
    orders = sl.read.orders(files / "shopify_orders_export.csv")
    if engine == "polars":
        assert pytest.importorskip("polars").from_pandas(pd.DataFrame(orders))["amount"].sum() == 10500
    else:
        assert pytest.importorskip("pyarrow").Table.from_pandas(pd.DataFrame(orders)).num_rows == 4
