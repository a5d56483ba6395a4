"""Small templates to make reports from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

PARAMETERS = """orders = ""
month = ""
products = ""
costs = ""
currency = ""
timezone = ""
lang = "en"
shop_name = ""
dayfirst = None
format = ""
mapping = ""
details = ""
"""

LOAD = """import sys; sys.modules["rfc3987_syntax"] = None
from IPython.display import display
facts = {"period": month or "2026-05", "title": f"Report {month}", "headline": {"Orders": "3"}}
display({"text/plain": "loaded", "application/vnd.sellerlab.report+json": facts}, raw=True)
"""


def notebook(*cells: tuple[str, str]) -> Any:
    """A template: `("markdown", source)` and `("code", source)` cells after its parameters."""
    made = [
        nbformat.v4.new_markdown_cell("# Report"),
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(LOAD),
    ]
    kinds = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    made += [kinds[kind](source) for kind, source in cells]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=made, metadata=kernel)


@pytest.fixture
def template(tmp_path: Path) -> Any:
    """Write a template notebook and return its path."""

    def write(*cells: tuple[str, str]) -> Path:
        path = tmp_path / "template.ipynb"
        nbformat.write(notebook(*cells), path)
        return path

    return write
