"""No name, mail, phone or address of a buyer gets past the reader."""

import csv
import pickle

import sellerlab as sl

PRIVATE = [
    "jane.smith@example.com",
    "Jane Smith",
    "1 Long Lane",
    "070-1234-5678",
    "Springfield",
    "leave at the door",
]


def shopify_with_private_cells(files):
    path = files / "shopify_orders_export.csv"
    with path.open(newline="") as stream:
        header, *rows = list(csv.reader(stream))
    for row in rows:
        for column, value in {
            "Email": PRIVATE[0],
            "Billing Name": PRIVATE[1],
            "Shipping Street": PRIVATE[2],
            "Billing Phone": PRIVATE[3],
            "Shipping City": PRIVATE[4],
            "Notes": PRIVATE[5],
        }.items():
            row[header.index(column)] = value
    return header, rows


def text_of(orders):
    parts = [
        orders.to_csv(),
        orders.rejected.to_csv(),
        repr(orders.reconciliation),
        orders.reconciliation._repr_html_(),
        repr(orders.source),
        pickle.dumps(orders).decode("latin-1"),
        pickle.dumps(orders.reconciliation).decode("latin-1"),
    ]
    return "\n".join(parts)


def save(write, header, rows):
    import io

    stream = io.StringIO()
    csv.writer(stream).writerows([header, *rows])
    return write(stream.getvalue())


def test_no_private_cell_is_left_in_anything(files, write):
    header, rows = shopify_with_private_cells(files)
    # A row whose cells slipped: the name stands where the quantity should be, the phone as the price.
    slipped = [*rows[3]]
    slipped[header.index("Name")] = "#1009"
    slipped[header.index("Lineitem quantity")] = PRIVATE[1]
    slipped[header.index("Lineitem price")] = PRIVATE[3]
    short = rows[3][:30]
    shifted = ["#1010", PRIVATE[1], *rows[3][1:]]
    orders = sl.read.orders(save(write, header, [*rows, slipped, short, shifted]))
    assert len(orders.rejected) == 4
    everything = text_of(orders)
    for value in PRIVATE:
        assert value not in everything
    assert "#1009" in everything


def test_the_same_buyer_has_the_same_pseudonym_and_another_key_another(files):
    path = files / "shopify_orders_export.csv"
    first, again, other = (
        sl.read.orders(path, key=key)["customer_id"] for key in (None, None, "the shop's secret")
    )
    assert first.tolist() == again.tolist()
    assert not set(first) & set(other)
    assert first.iloc[0] == first.iloc[1] == sl.read.pseudonym("BUYER1@example.com")
    assert first.str.fullmatch(r"c-[0-9a-f]{16}").all()


def test_a_long_key_is_taken():
    assert sl.read.pseudonym("a", key="k" * 100) != sl.read.pseudonym("a", key="k" * 101)


def test_masked_buyers_get_no_pseudonym(files):
    orders = sl.read.orders(files / "taobao_ExportOrderList_gbk.csv")
    assert orders["customer_id"].isna().all()
