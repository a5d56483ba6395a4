"""Every lesson runs on shops other than the demo: a learner's own by handle, and an export."""

from __future__ import annotations

import ast
import json

import pytest

from sellerlab.errors import InputError
from tests.course.course_rules import ROOT, Notebook, source, tags

LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*/*.ipynb"))
EXPORTS = ROOT / "datasets" / "exports"
SHOPS = {
    "handle": {"handle": "noa"},
    "export": {
        "orders": str(EXPORTS / "shopify_orders.csv"),
        "products": str(ROOT / "datasets" / "phone_stand" / "products.csv"),
        "costs": str(ROOT / "datasets" / "phone_stand" / "costs.yaml"),
        "currency": "JPY",
    },
}


def run(cell, space):
    """Run one cell as a kernel does: the value of its last line is shown."""
    *body, last = ast.parse(source(cell)).body or [ast.Pass()]
    if not isinstance(last, ast.Expr):
        body, last = [*body, last], None
    exec(compile(ast.Module(body, []), "<cell>", "exec"), space)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)
        assert repr(value)
        getattr(value, "_repr_html_", str)()


def own_tables(space):
    """The files of a world's tables that a parameters cell has places for, with the world's costs."""
    files = {name: file for name in space for file in (ROOT / "datasets").glob(f"*/{name}.csv*")}
    costs = [file.parent / "costs.yaml" for file in files.values() if "costs" in space][:1]
    return {name: str(file) for name, file in [*files.items(), *zip(["costs"], costs, strict=False)]}


def run_all(path, parameters):
    """Run a whole notebook with other parameters; one without orders takes further tables instead."""
    space = {}
    for cell in Notebook(path, json.loads(path.read_text(encoding="utf-8"))).code:
        run(cell, space)
        if "parameters" in tags(cell):
            if "orders" in parameters and "orders" not in space:
                parameters = own_tables(space)
            assert parameters
            assert set(parameters) <= set(space), "the parameters cell has no place for this shop"
            space.update(parameters)


@pytest.fixture(autouse=True)
def nothing_is_written_or_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("SELLERLAB_PROGRESS", "off")
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_on_another_shop(path, shop):
    run_all(path, SHOPS[shop])


def test_the_first_hour_asks_for_the_costs_that_an_export_does_not_have():
    path = ROOT / "notebooks" / "0_start" / "01_first_hour.ipynb"
    orders = {name: SHOPS["export"][name] for name in ("orders", "currency")}
    with pytest.raises(InputError, match="give your products and costs in the first cell"):
        run_all(path, orders)
