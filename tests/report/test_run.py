"""A run: a page and its notebook, or nothing but the failed notebook and three lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from sellerlab import report
from sellerlab.errors import InputError
from sellerlab.report import ReportError
from tests.report.pages import faults

Template = Callable[..., Path]

REFUSAL = """from sellerlab.errors import InputError
raise InputError("There are no orders in 2026-04. Choose another month.")
"""


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_report_is_a_page_and_its_notebook(template: Template, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    made = report.monthly(
        out=tmp_path / "out",
        template=template(("markdown", "## Products"), ("code", "print('Month', month, repr(shop_name))")),
        watch=lambda *step: seen.append(step),
        month="2026-05",
        shop_name="007",
    )
    assert files(tmp_path / "out") == ["sellerlab-monthly-2026-05.html", "sellerlab-monthly-2026-05.ipynb"]
    html = made.html.read_text(encoding="utf-8")
    assert faults(html) == []
    assert "<title>Report 2026-05</title>" in html
    assert "<p>Month 2026-05 '007'</p>" in html.replace("&#x27;", "'")
    assert made.headline == {"Orders": "3"}
    assert [name for _, _, name in seen][-1] == "Products"
    assert all(done < total for done, total, _ in seen)
    notebook = made.notebook.read_text(encoding="utf-8")
    assert str(tmp_path) not in notebook
    assert "papermill" not in notebook.replace("papermill_", "")
    nbformat.validate(nbformat.reads(notebook, as_version=4))


def test_same_shop_gives_the_same_bytes(template: Template, tmp_path: Path) -> None:
    path = template(("markdown", "## Products"), ("code", "print(1)"))
    once = report.monthly(out=tmp_path / "a", template=path)
    twice = report.monthly(out=tmp_path / "b", template=path)
    assert once.html.read_bytes() == twice.html.read_bytes()
    assert once.notebook.read_bytes() == twice.notebook.read_bytes()


def test_failure_leaves_the_failed_notebook_and_three_lines(template: Template, tmp_path: Path) -> None:
    path = template(("markdown", "## Channels"), ("code", REFUSAL), ("markdown", "## Later"))
    with pytest.raises(ReportError) as error:
        report.monthly(out=tmp_path / "out", template=path, month="2026-04")
    where, why, advice = str(error.value).splitlines()
    assert where == "The report stopped at: Channels"
    assert why == "Why: There are no orders in 2026-04. Choose another month."
    assert "sellerlab-monthly-2026-04-failed.ipynb" in advice
    assert files(tmp_path / "out") == ["sellerlab-monthly-2026-04-failed.ipynb"]


def test_a_fault_of_ours_is_called_one(template: Template, tmp_path: Path) -> None:
    with pytest.raises(ReportError) as error:
        report.monthly(out=tmp_path, template=template(("code", "{}['x']")), month="2026-04")
    lines = str(error.value).splitlines()
    assert len(lines) == 3
    assert "KeyError: 'x'" in lines[1]
    assert "a fault of sellerlab" in lines[2]


def test_earlier_report_survives_a_failure_and_a_success_clears_it(
    template: Template, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    good = report.monthly(out=out, template=template(("code", "print('good')")))
    before = good.html.read_bytes()
    with pytest.raises(ReportError):
        report.monthly(out=out, template=template(("code", REFUSAL)), month="2026-05")
    assert good.html.read_bytes() == before
    assert "sellerlab-monthly-2026-05-failed.ipynb" in files(out)
    report.monthly(out=out, template=template(("code", "print('good')")), month="2026-05")
    assert files(out) == ["sellerlab-monthly-2026-05.html", "sellerlab-monthly-2026-05.ipynb"]


def test_wrong_parameter_runs_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'currency'"):
        report.monthly(out=tmp_path / "out", curency="JPY")
    assert files(tmp_path) == []


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match="cannot be made"):
        report.monthly(out=tmp_path / "out")
