"""Every notebook keeps every rule of the course, agrees with its source, and runs on other shops."""

from __future__ import annotations

import json

import pytest

from tests.course.build_tool import build_tool
from tests.course.course_rules import ROOT, RULES, Notebook

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


def name_of(value):
    return value.__name__ if callable(value) else value.stem


def test_there_are_notebooks():
    assert {path.parent.name for path in NOTEBOOKS} >= {"0_start", "reports"}


def test_sources_and_notebooks_agree():
    tool = build_tool()
    assert tool.disagreements(tool.Course()) == []


@pytest.mark.parametrize("rule", RULES, ids=name_of)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_notebook_keeps_the_rule(path, rule):
    assert rule(Notebook(path, json.loads(path.read_text(encoding="utf-8")))) == []
