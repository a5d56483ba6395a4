"""A report's template run in this process: fast, and with every cell's answer in hand."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest

from sellerlab.files import shipped
from sellerlab.report.html import render


def shown(value: Any) -> str:
    """What a notebook shows of a value."""
    if hasattr(value, "_repr_mimebundle_"):
        return str(value._repr_mimebundle_()["text/html"])
    return str(value._repr_html_()) if hasattr(value, "_repr_html_") else repr(value)


def run(report: str, monkeypatch: pytest.MonkeyPatch, **parameters: Any) -> tuple[str, dict[str, Any]]:
    """Run the cells of a template and return the page and the names that they leave behind."""
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    given = {name: str(each) if isinstance(each, Path) else each for name, each in parameters.items()}
    notebook = nbformat.read(shipped(f"notebooks/reports/{report}.ipynb"), as_version=4)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = []
        for statement in ast.parse(cell.source).body:
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "cell", "eval"), names)
                data = {"text/html": shown(value), "text/plain": ""}
                cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
            else:
                exec(compile(ast.Module([statement], []), "cell", "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            unknown = set(given) - set(names)
            assert not unknown, f"the template has no parameter {unknown}"
            names |= given
    return render(notebook, title="Report"), names
