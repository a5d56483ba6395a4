"""What the pages under docs/ show is true: their examples are read and run."""

import re
from pathlib import Path

import pytest
import yaml

import sellerlab as sl

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture
def blocks():
    page = (DOCS / "your-own-export.md").read_text(encoding="utf-8")
    return re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)


def test_the_export_of_the_page_is_read_with_the_mapping_of_the_page(blocks, tmp_path):
    export, mapping = tmp_path / "export.csv", tmp_path / "mapping.yaml"
    export.write_text(next(text for kind, text in blocks if kind == "csv"), encoding="utf-8")
    mapping.write_text(next(text for kind, text in blocks if kind == "yaml"), encoding="utf-8")
    orders = sl.read.orders(export, mapping=mapping)
    assert orders["kind"].tolist() == ["sale", "shipping", "refund", "sale"]
    assert orders["amount"].tolist() == [2469.0, 4.9, -1234.5, 19.0]
    assert orders["ordered_at"].dt.month.unique().tolist() == [5]
    assert orders.reconciliation.adds_up


def test_the_costs_of_the_page_are_costs(blocks):
    text = [text for kind, text in blocks if kind == "yaml"][2]
    costs = sl.margin.Costs.from_mapping(yaml.safe_load(text))
    assert costs.fee_rates["own_store"].fixed == 40


def test_the_list_of_shops_of_the_page_is_one(blocks, tmp_path):
    from sellerlab.report.batch import _read

    page = tmp_path / "shops.yaml"
    page.write_text([text for kind, text in blocks if kind == "yaml"][1], encoding="utf-8")
    shops = _read(page, "monthly")
    assert shops["south"]["shop_name"] == "Shop of the South"
    assert {shop["orders"] for shop in shops.values()} == {str(tmp_path / f"{name}.csv") for name in shops}
    for shop in shops.values():
        files = dict.fromkeys(("orders", "costs"))
        assert sl.report.MonthlyParameters.of({**shop, **files}).month == "2026-05"


def test_every_report_stands_on_both_pages():
    pages = [DOCS / "your-own-export.md", DOCS.parent / "README.md"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert [name for name in sl.report.REPORTS if name not in text] == []
        assert "--batch" in text


def test_every_page_of_the_readme_is_there():
    assert {page.stem for page in DOCS.glob("*.md")} == {
        "for-teachers",
        "from-a-spreadsheet",
        "speed",
        "your-own-export",
    }
