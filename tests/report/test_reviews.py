"""The three reviews, made in full on the demo shop, on exports, with files missing and with broken ones."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from sellerlab import report
from sellerlab.errors import InputError
from sellerlab.files import shipped
from sellerlab.report import ReportError
from tests.report.pages import Page, faults
from tests.report.templates import run

FILES = Path(__file__).parents[1] / "read" / "files"
REVIEWS = [name for name in report.REPORTS if name != "monthly"]

SECTIONS = {
    "customer_review": [
        "What to do, and for whom",
        "Who is slipping away, and what they are worth",
        "What all customers are worth",
        "What moved since the last review",
        "Do they come back?",
    ],
    "pricing_review": [
        "What to do first",
        "Prices and their floors",
        "Prices with room",
        "What discounts left",
        "What to order",
        "Money asleep",
    ],
    "channel_review": [
        "What to do first",
        "Where visitors are lost",
        "What changed in visits and conversion",
        "What each channel leaves",
        "Ads",
        "Tests",
    ],
}

EXPORTS: dict[str, dict[str, Any]] = {
    "shopify": {"orders": FILES / "shopify_orders_export.csv"},
    "smartstore": {"orders": FILES / "naver_smartstore_orders.xlsx"},
    "esm": {"orders": FILES / "esm_plus_gmarket_auction_cp949.csv"},
    "tiktok": {"orders": FILES / "tiktok_shop_orders.csv", "currency": "USD", "dayfirst": True},
    "amazon": {"orders": FILES / "amazon_all_orders_US.txt", "timezone": "America/New_York"},
    "taobao": {
        "orders": FILES / "taobao_ExportOrderList_gbk.csv",
        "details": FILES / "taobao_ExportOrderDetailList_gbk.csv",
    },
}


@pytest.fixture(scope="module", params=REVIEWS)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> report.Report:
    return report.make(request.param, out=tmp_path_factory.mktemp("out"))


def test_demo_review_has_no_fault_and_every_section(demo: report.Report) -> None:
    html = demo.html.read_text(encoding="utf-8")
    assert faults(html) == []
    assert Page(html).text.startswith(report.REPORTS[demo.report].title)
    sections = [*SECTIONS[demo.report], "What came in", "How this report was made"]
    places = [html.index(f">{each}</h2>") for each in sections]
    assert places == sorted(places)
    assert demo.headline
    assert all(re.search(r"\d|better", value) for value in demo.headline.values())


def test_demo_review_names_no_folder_and_no_buyer(demo: report.Report) -> None:
    written = [path.read_text(encoding="utf-8-sig") for path in (demo.html, demo.notebook, *demo.files)]
    for each in written:
        assert str(Path.home()) not in each
        assert str(shipped("datasets").resolve()) not in each
        assert str(demo.html.parent) not in each
        assert "@example" not in each
    assert "customer_id" not in Page(written[0]).text
    assert not re.search(r"c-[0-9a-f]{16}", written[0] + written[1])


def test_same_review_gives_the_same_bytes_in_a_warm_kernel(demo: report.Report, tmp_path: Path) -> None:
    again = report.make(demo.report, out=tmp_path, warm=True)
    for one, other in zip(
        (demo.html, demo.notebook, *demo.files), (again.html, again.notebook, *again.files), strict=True
    ):
        assert one.name == other.name
        assert one.read_bytes() == other.read_bytes()


def test_template_takes_the_parameters_of_its_report() -> None:
    for name, kind in report.REPORTS.items():
        notebook = nbformat.read(shipped(f"notebooks/reports/{name}.ipynb"), as_version=4)
        cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
        defaults: dict[str, object] = {}
        exec(cell.source, defaults)  # the template's own cell
        defaults.pop("__builtins__")
        assert defaults == kind().for_template() | dict.fromkeys(kind.writes, ""), name


def test_customers_are_a_table_that_a_spreadsheet_opens_safely(tmp_path: Path) -> None:
    made = report.make("customer_review", out=tmp_path, orders=_few(tmp_path), mapping=_mapping(tmp_path))
    assert [path.name for path in made.files] == ["sellerlab-customer-review-2026-03-01-customers.csv"]
    data = made.files[0].read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert rows[0] == [
        "customer_id", "segment", "action", "orders", "net_sales", "days_since_last", "value_to_come",
    ]  # fmt: skip
    assert len(rows) == 1 + 20
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    text = data.decode() + made.html.read_text(encoding="utf-8") + made.notebook.read_text(encoding="utf-8")
    assert "zelda" not in text
    assert any(cell.startswith("'-") for row in rows for cell in row)
    # The notebook beside it names the file that it wrote, without the folder it was first made in.
    assert 'customers_csv = "sellerlab-customer-review-2026-03-01-customers.csv"' in str(
        nbformat.read(made.notebook, as_version=4).cells
    ).replace("\\'", "'").replace("\\n", "\n")


def _few(folder: Path) -> Path:
    """Sixty orders of twenty buyers, one of whom got more back than was paid."""
    lines = ["number,day,item,n,price,who,back"]
    for place in range(60):
        buyer = place % 20
        back = 1500 if buyer == 19 else 0
        lines.append(
            f"{place},2026-0{1 + place // 30}-{1 + place % 28:02d} 10:00,CUP,1,500,=zelda{buyer},{back}"
        )
    lines.append("60,2026-03-01 09:00,CUP,1,500,=zelda0,0")
    path = folder / "few.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _mapping(folder: Path) -> Path:
    path = folder / "few.yaml"
    columns = "{order_id: number, ordered_at: day, sku: item, quantity: n, unit_price: price"
    path.write_text(
        f"columns: {columns}, customer_id: who, refunded: back}}\ncurrency: JPY\n", encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize("name", ["pricing_review", "channel_review"])
def test_review_of_an_export_without_costs_says_what_is_missing(
    name: str, export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    html, _ = run(name, monkeypatch, **EXPORTS[export])
    assert faults(html) == []
    words = Page(html).text
    missing = {
        "pricing_review": ["No landed cost is given", "the column on_hand"],
        "channel_review": ["No events are given", "Give --totals", "Give --ads", "Give --test"],
    }[name]
    assert [each for each in missing if each not in words] == []
    assert "What each channel leaves" in words or "What discounts left" in words


def test_customers_of_a_few_days_are_too_few_for_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    html, _ = run("customer_review", monkeypatch, **EXPORTS["shopify"])
    assert faults(html) == []
    words = Page(html).text
    assert "fifths need at least 10" in words
    assert "There are too few customers for a list with segments." in words
    assert "nobody can have moved since then" in words


@pytest.mark.parametrize("export", ["tiktok", "smartstore"])
def test_export_that_names_no_customer_is_refused_as_one(
    export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="No paid order in the file names its customer"):
        run("customer_review", monkeypatch, **EXPORTS[export])


@pytest.mark.parametrize("name", REVIEWS)
def test_review_of_days_without_orders_runs_nothing(name: str, tmp_path: Path) -> None:
    day = (
        {"as_of": "2019-01-31"} if name == "customer_review" else {"start": "2019-01-01", "end": "2019-01-31"}
    )
    with pytest.raises(InputError, match="The file has orders from 2025-03-01 to 2026-08-31"):
        report.make(name, out=tmp_path, **day)
    assert list(tmp_path.iterdir()) == []


def test_broken_file_of_a_section_leaves_the_failed_notebook_and_three_lines(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("visitor,picture\n1,A\n2,B\n", encoding="utf-8")
    with pytest.raises(ReportError) as error:
        report.make("channel_review", out=tmp_path / "out", test=tmp_path / "test.csv")
    where, why, advice = str(error.value).splitlines()
    assert where == "The report stopped at: What to do first"
    assert "it has no column 'variant'" in why
    assert "sellerlab-channel-review-failed.ipynb" in advice
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["sellerlab-channel-review-failed.ipynb"]


@pytest.mark.parametrize("name", REVIEWS)
def test_review_speaks_only_the_languages_it_is_written_in(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is written in English only\. Leave lang out; .*: monthly\."):
        report.make(name, out=tmp_path, lang="he")


def test_unknown_report_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'pricing_review'"):
        report.make("price_review", out=tmp_path)
