"""Lists of products: usual names, text ids, and a word where a name is nearly right."""

import openpyxl
import pandas as pd
import pytest

import sellerlab as sl
from sellerlab import tables


def test_usual_names_are_understood_and_ids_stay_text(write):
    header = "SKU;Name;Unit cost;Price;Stock;Lead time;Received at\n"
    text = header + "00123;Mug;4,10;12,50;7;14;2026-05-01\n1E5;Cap;2,00;9,00;0;;\n"
    products = sl.read.products(write(text))
    tables.validate(products, "products")
    assert products["sku"].tolist() == ["00123", "1E5"]
    assert products["landed_cost"].tolist() == [4.1, 2]
    assert products["on_hand"].tolist() == [7, 0]
    assert products["lead_time_days"].isna().tolist() == [False, True]
    assert products["received_at"].iloc[0] == pd.Timestamp("2026-05-01")


def test_excel_and_contract_names(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["sku", "product", "landed_cost", "on_hand"],
        ["A-1", "Mug", 410, 12],
        ["A-2", "Cap", 205.5, 3],
    ):
        book.active.append(row)
    book.save(tmp_path / "products.xlsx")
    assert sl.read.products(tmp_path / "products.xlsx")["landed_cost"].tolist() == [410, 205.5]


def test_a_mapping_names_other_columns(write):
    path = write("Artikel,EK\nA,4.10\n")
    products = sl.read.products(path, mapping={"columns": {"sku": "Artikel", "landed_cost": "EK"}})
    assert products.to_dict("list") == {"sku": ["A"], "landed_cost": [4.1]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sku,landed_csot\nA,4\n", "column 'landed_csot'. Did you mean 'landed_cost'"),
        ("product,cost\nA,4\n", "no column 'sku'"),
        ("sku,cost\nA,4\nB,5\nC,x\n", "line 4: landed_cost: text of length 1 is not a number"),
        ("sku,cost\nA,4\nA,5\n", "'A' stands in more than one row"),
        ("sku,cost\nA,-4\n", "expected 0 or more"),
    ],
)
def test_mistakes_are_named(write, text, words):
    with pytest.raises(sl.InputError, match=words):
        sl.read.products(write(text))
