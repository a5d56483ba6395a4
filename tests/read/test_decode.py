"""Files that are broken, locked, or no tables: each refusal says what to do."""

import gzip
import io
import zipfile

import openpyxl
import pytest

import sellerlab as sl

GOOD = "order,date,item,qty,price\n1,2026-05-01,MUG,2,10.50\n2,2026-05-02,CAP,1,3.00\n"


def read(path, mapping, **more):
    return sl.read.orders(path, mapping=mapping, **more)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.csv", "empty.csv is empty. Export it again"),
        (b"\xef\xbb\xbf\n\n", "blank.csv", "is empty"),
        (b"\x89PNG\r\n\x1a\n...", "a.csv", "a picture .PNG., not a table"),
        (b"%PDF-1.7 ...", "a.csv", "a PDF document"),
        (b"\x00\x01\x02\x03abc", "a.csv", "bytes that are no text"),
        (
            b"<html><body><table><tr><td>1</td></tr></table>",
            "orders.xls",
            "web page with the ending .xls.*save it as .xlsx",
        ),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "a.xls", "broken Excel file"),
        (b"PK\x03\x04 cut", "a.xlsx", "broken Excel or zip file"),
        (b"\x1f\x8b\x08 cut", "a.csv.gz", "broken .gz file"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "locked with a password.*empty the box",
        ),
    ],
)
def test_files_that_are_no_tables(write, mapping, content, name, words):
    with pytest.raises(sl.ReadError, match=words):
        read(write(content, name), mapping)


def test_a_zip_archive_names_what_is_in_it(write, mapping):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("may/orders.csv", GOOD)
    with pytest.raises(sl.ReadError, match=r"zip archive. Unpack it and read the file in it: orders.csv"):
        read(write(stream.getvalue(), "a.zip"), mapping)


def test_a_file_that_is_not_there_offers_the_nearest(write, mapping):
    path = write(GOOD, "orders.csv")
    with pytest.raises(sl.ReadError, match=r"no file order.csv.*Did you mean orders.csv"):
        read(path.with_name("order.csv"), mapping)
    with pytest.raises(sl.ReadError, match="is a folder"):
        read(path.parent, mapping)


def test_gz_is_read_as_it_is(write, mapping):
    assert read(write(gzip.compress(GOOD.encode()), "a.csv.gz"), mapping)["amount"].tolist() == [21, 3]


def test_a_password_without_the_package_says_what_to_install(write, mapping):
    locked = b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(sl.ReadError, match=r"msoffcrypto-tool|password does not open"):
        read(write(locked, "a.xlsx"), mapping, password="1234")


def test_two_tables_in_one_file(write, mapping):
    with pytest.raises(sl.ReadError, match="two tables: another header stands in line 4"):
        read(write(GOOD + GOOD), mapping)
    with pytest.raises(sl.ReadError, match="two tables: another header stands in line 5"):
        read(write(GOOD + "\nsku,cost,stock\nMUG,4,10\n"), mapping)
    with pytest.raises(sl.ReadError, match="two tables: another header stands in line 4"):
        read(write(GOOD + "sku,cost,stock\nMUG,4,10\n"), mapping)


def test_a_header_alone_is_refused(write, mapping):
    with pytest.raises(sl.ReadError, match="a header but no rows"):
        read(write(GOOD.splitlines()[0] + "\n"), mapping)


def test_a_quotation_mark_that_is_never_closed(write, mapping):
    text = GOOD + '3,2026-05-03,"MUG,1,1.00\n' + "4,2026-05-03,MUG,1,1.00\n" * 200
    with pytest.raises(sl.ReadError, match="mark opened in line 4 is never closed"):
        read(write(text), mapping)


def test_rows_with_the_wrong_number_of_cells_are_rejected(write, mapping):
    orders = read(
        write(GOOD + "3,2026-05-03,MUG,1\n4,2026-05-03,MUG,1,1.00,9\n5,2026-05-03,MUG,1,1.00\n"), mapping
    )
    assert orders["order_id"].tolist() == ["1", "2", "5"]
    assert orders.rejected["line"].tolist() == [4, 5]
    assert orders.rejected["reason"].tolist() == ["4 cells instead of 5", "6 cells instead of 5"]


def test_most_rows_with_the_wrong_number_of_cells_is_an_error(write, mapping):
    with pytest.raises(sl.ReadError, match="most rows do not have the 5 cells of the header in line 1"):
        read(write("order,date,item,qty,price\n1,2\n1,2\n1,2026-05-01,MUG,2,10\n"), mapping)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_prove_themselves(write, mapping, encoding):
    orders = read(write(GOOD.replace("MUG", "머그①髙"), encoding=encoding), mapping)
    assert orders["sku"].iloc[0] == "머그①髙"


@pytest.mark.parametrize(
    ("encoding", "header"),
    [("cp949", "주문번호"), ("cp932", "注文番号"), ("gb18030", "订单编号"), ("cp1252", "Aufträge")],
)
def test_older_encodings_are_known_by_the_header(write, mapping, encoding, header):
    mapping["columns"]["order_id"] = header
    text = GOOD.replace("order", header)
    orders = read(write(text, encoding=encoding), mapping)
    assert orders.source.encoding == encoding


def test_an_encoding_that_nothing_proves_asks(write, mapping):
    path = write(GOOD.replace("MUG", "머그"), encoding="cp949")
    with pytest.raises(sl.ReadError, match=r"cannot be told for sure.*CSV UTF-8.*mapping="):
        read(path, mapping)
    assert read(path, {**mapping, "encoding": "cp949"})["sku"].iloc[0] == "머그"


def test_japanese_amazon_file_in_cp932(files, write):
    text = (files / "amazon_all_orders_US.txt").read_text().replace("Amazon.com", "Amazon.co.jp")
    text = text.replace('Widget 1" pipe', "マグ①（髙級）～").replace("USD\t50.00", "JPY\t5000")
    path = write(text, "a.txt", "cp932")
    orders = sl.read.orders(path, timezone="Asia/Tokyo")
    assert orders["product"].iloc[0] == "マグ①（髙級）～"
    assert orders["tax_included"].iloc[0] == 4
    assert orders["ordered_at"].iloc[0].hour == 17


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(write, mapping, delimiter):
    assert read(write(GOOD.replace(",", delimiter)), mapping).source.delimiter == delimiter


def test_rows_before_the_header_are_counted(write, mapping):
    orders = read(write("My shop\nMay 2026\n\n" + GOOD), mapping)
    assert orders.reconciliation.lines_read == 4
    assert orders.reconciliation.lines_ignored == 2
    assert orders.reconciliation.adds_up


def test_the_same_table_on_two_worksheets_asks(tmp_path, mapping):
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("June")):
        for line in GOOD.splitlines():
            sheet.append(line.split(","))
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(sl.ReadError, match="same table on several worksheets: 'Sheet', 'June'"):
        read(tmp_path / "two.xlsx", mapping)


def test_long_ids_that_a_spreadsheet_rounded_are_refused(write, mapping):
    with pytest.raises(sl.ReadError, match="lost digits"):
        read(write(GOOD.replace("\n1,", "\n5.83871E+17,")), mapping)
