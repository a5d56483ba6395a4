"""Languages: a report in another language has no sentence left in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from sellerlab import text
from sellerlab.files import shipped
from sellerlab.read.describe import known as formats
from sellerlab.report.html import render
from tests.report.pages import Page

FILES = Path(__file__).parents[1] / "read" / "files"
TEMPLATE = "notebooks/reports/monthly.ipynb"
CODES = [code for code in text.LANGUAGES if code != "en"]

#: Three English words in a row: no name of a product, a file or a format of these shops has them.
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")

SHOPS: dict[str, dict[str, Any]] = {
    "demo": {},
    "smartstore": {"orders": FILES / "naver_smartstore_orders.xlsx"},
    "tiktok": {"orders": FILES / "tiktok_shop_orders.csv", "currency": "USD", "dayfirst": True},
    "broken": {"orders": "broken.csv", "mapping": "broken.yaml", "products": "products.csv"},
}

#: An export of five days: a row cut short, a price and a date that are none, a gap, a row to leave out.
BROKEN = """number,day,item,n,price,shop
1,2026-05-01 10:00,CUP,1,500,a
2,2026-05-03 10:00,CUP,1,many,a
3,soon,CUP,1,500,a
4,2026-05-04 10:00,CUP,1,,a
5,2026-05-04 10:00,CUP,1,500,b
6,2026-05-05 10:00,POT
7,2026-05-05 10:00,POT,1,900,a
"""
MAPPING = """columns: {order_id: number, ordered_at: day, sku: item, quantity: n, unit_price: price}
drop: {shop: b}
currency: JPY
"""


class Recorder(dict[str, str]):
    """A catalogue that keeps what it was asked for and does not have."""

    def __init__(self, known: dict[str, str]) -> None:
        super().__init__(known)
        self.missing: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self.missing.add(key)
        return super().get(key, default)


@pytest.fixture
def recorders(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Recorder]]:
    """Every catalogue as a recorder; English is in use again afterwards."""
    found = {code: Recorder(text.catalogue(code)) for code in CODES}
    monkeypatch.setattr(text, "catalogue", lambda code: found.get(code, {}))
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    yield found
    text.use("en")


def shown(value: Any) -> str:
    """What a notebook shows of a value."""
    if hasattr(value, "_repr_mimebundle_"):
        return str(value._repr_mimebundle_()["text/html"])
    return str(value._repr_html_()) if hasattr(value, "_repr_html_") else repr(value)


def run(lang: str, **parameters: Any) -> str:
    """Run the cells of the template in this process and return all that they show, as HTML."""
    parameters = {name: str(each) if isinstance(each, Path) else each for name, each in parameters.items()}
    if "orders" in parameters:
        parameters["month"] = "2026-05"
    notebook = nbformat.read(shipped(TEMPLATE), as_version=4)
    names: dict[str, Any] = {}
    pieces = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for statement in ast.parse(cell.source).body:
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "cell", "eval"), names)
                pieces.append(shown(value))
            else:
                exec(compile(ast.Module([statement], []), "cell", "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names |= {**parameters, "lang": lang}
        cell.outputs = []
    return render(notebook, title="", lang=lang) + "\n".join(pieces)


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("code", CODES)
def test_report_has_no_sentence_left_in_english(
    code: str, shop: str, recorders: dict[str, Recorder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.csv").write_text(BROKEN, encoding="utf-8")
    Path("broken.yaml").write_text(MAPPING, encoding="utf-8")
    Path("products.csv").write_text("sku,on_hand\nCUP,3\n", encoding="utf-8")
    html = run(code, **SHOPS[shop])
    assert sorted(recorders[code].missing) == []
    # The name of a format stays as it is; what no tag parts is one text.
    html = html.replace(formats()["generic"].label, "")
    assert ENGLISH.findall(Page(re.sub(r"(</[^>]+>)", r"\1|", html)).text) == []


@pytest.mark.parametrize("code", CODES)
def test_translations_end_as_their_templates_do(code: str) -> None:
    for template, translation in text.catalogue(code).items():
        if template.endswith("."):
            assert translation.endswith((".", "。")), template
        else:
            assert not translation.endswith((".", "。")), template


@pytest.mark.parametrize("code", CODES)
def test_reasons_keep_the_colon_that_parts_a_column_from_what_is_wrong(code: str) -> None:
    for template, translation in text.catalogue(code).items():
        if template.startswith("{column}: "):
            assert translation.startswith("{column}: "), template
