"""The monthly report of the demo shop and of an export, made in full."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from sellerlab import overview, report
from sellerlab.errors import InputError
from sellerlab.files import shipped
from tests.report.pages import Page, faults


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> report.Report:
    return report.monthly(out=tmp_path_factory.mktemp("out"))


def test_demo_report_has_no_fault_and_every_section(demo: report.Report) -> None:
    html = demo.html.read_text(encoding="utf-8")
    assert faults(html) == []
    headings = [
        "The month in numbers",
        "What to look at first",
        "From sales to what is left",
        "Products",
        "Channels",
        "New and returning customers",
        "Days of cover",
        "What came in",
        "How this report was made",
    ]
    places = [html.index(f">{heading}</h2>") for heading in headings]
    assert places == sorted(places)


def test_demo_report_prints_what_the_library_computes(demo: report.Report) -> None:
    shop = report.load()
    headline = overview.headline(shop.orders, shop.month, shop.products, shop.costs)
    page = Page(demo.html.read_text(encoding="utf-8")).text.replace("\u00a0", " ")
    assert demo.period == shop.month
    assert headline.sentence in page
    assert shop.orders.reconciliation.sentence in page
    assert list(demo.headline.values())[2] == f"{headline.orders:,}"


def test_demo_report_names_no_folder_and_no_buyer(demo: report.Report) -> None:
    both = demo.html.read_text(encoding="utf-8") + demo.notebook.read_text(encoding="utf-8")
    assert str(Path.home()) not in both
    assert str(shipped("datasets").resolve()) not in both
    assert "@example" not in both


def test_template_is_what_its_source_says() -> None:
    notebook = nbformat.read(shipped("notebooks/reports/monthly.ipynb"), as_version=4)
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    defaults: dict[str, object] = {}
    exec(cell.source, defaults)  # the template's own cell
    defaults.pop("__builtins__")
    assert defaults == report.MonthlyParameters().for_template()


def test_export_without_costs_and_stock_says_what_is_not_known(tmp_path: Path) -> None:
    rows = [f"{n},2026-05-{n:02d} 10:00,CUP,1,500" for n in range(1, 32)]
    export = tmp_path / "orders.csv"
    export.write_text("\n".join(["number,day,item,n,price", *rows]), encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"
    columns = "{order_id: number, ordered_at: day, sku: item, quantity: n, unit_price: price}"
    mapping.write_text(f"columns: {columns}\ncurrency: JPY\n", encoding="utf-8")
    made = report.monthly(
        out=tmp_path / "out", orders=export, mapping=mapping, shop_name="Cups & more", lang="he"
    )
    html = made.html.read_text(encoding="utf-8")
    assert faults(html) == []
    assert Page(html).all("html") == [{"lang": "he", "dir": "rtl"}]
    assert "Cups &amp; more" in html
    assert made.period == "2026-05"


def test_month_without_orders_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no paid order in 2019-01. Months with orders: 2025-03"):
        report.monthly(out=tmp_path, month="2019-01")
    assert list(tmp_path.iterdir()) == []


def test_file_that_cannot_be_read_leaves_only_the_failed_notebook(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text("to,be,filled\n", encoding="utf-8")
    with pytest.raises(report.ReportError) as error:
        report.monthly(out=tmp_path / "out", orders=str(export), month="2026-05")
    assert len(str(error.value).splitlines()) == 3
    assert "export.csv" in error.value.why
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["sellerlab-monthly-2026-05-failed.ipynb"]
