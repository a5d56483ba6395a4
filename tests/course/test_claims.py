"""The ledger of claims: every claim has a lesson, and a verdict stands on a cell that shows it."""

from __future__ import annotations

import csv
import json
from collections import Counter

import pytest

from tests.course.course_rules import ROOT, VERDICTS, Notebook, outputs, source, tags

#: The lessons of the course, written or planned: the part, and how many lessons it has.
PARTS = {1: 5, 2: 5, 3: 5, 4: 4, 5: 7, 6: 2}
CURRICULUM = ["01", *(f"{part}{n}" for part, lessons in PARTS.items() for n in range(1, lessons + 1))]

with (ROOT / "datasets" / "claims.csv").open(encoding="utf-8", newline="") as stream:
    LEDGER = list(csv.DictReader(stream))
TESTED = [row for row in LEDGER if row["verdict"] != "not yet tested"]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


def lesson(number):
    """The notebook of a lesson."""
    (path,) = (ROOT / "notebooks").rglob(f"{number}_*.ipynb")
    return Notebook(path, json.loads(path.read_text(encoding="utf-8")))


def faults(rows):
    """What is wrong with rows of the ledger, taken by themselves."""
    found = []
    for row in rows:
        blank = [name for name in ("guide", "area", "claim", "kind", "test") if not row[name].strip()]
        found += [f"{row['id']}: {name} is empty" for name in blank]
        if row["lesson"] not in CURRICULUM:
            found.append(f"{row['id']}: there is no lesson {row['lesson']!r}")
        if row["verdict"] not in VERDICTS:
            found.append(f"{row['id']}: {row['verdict']!r} is no verdict")
        shown = (row["cell"], len(row["reason"]) > 20)
        wanted = ("", False) if row["verdict"] == "not yet tested" else (f"claim-{row['id']}", True)
        if shown != wanted:
            found.append(f"{row['id']}: the cell and the reason do not fit the verdict {row['verdict']!r}")
    return found


def test_the_ledger_holds_126_claims_each_once_in_order():
    ids = [row["id"] for row in LEDGER]
    assert len(ids) == 126
    assert ids == sorted(set(ids))
    assert Counter(id_[0] for id_ in ids) == {"A": 44, "B": 30, "C": 15, "D": 15, "E": 22}
    assert len({row["claim"] for row in LEDGER}) == 126


def test_every_claim_has_a_lesson_a_test_and_a_verdict():
    assert faults(LEDGER) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"lesson": "99"}, "there is no lesson '99'"),
        ({"claim": " "}, "claim is empty"),
        ({"verdict": "true"}, "'true' is no verdict"),
        ({"verdict": "holds"}, "do not fit the verdict"),
        ({"reason": "Because the cell computes it."}, "do not fit the verdict"),
    ],
)
def test_a_broken_row_is_found(change, fault):
    untested = next(row for row in LEDGER if row["verdict"] == "not yet tested")
    assert fault in faults([{**untested, **change}])[0]


@pytest.mark.parametrize("row", TESTED, ids=lambda row: row["id"])
def test_a_verdict_stands_on_a_cell_that_was_run_and_on_a_row_of_its_lesson(row):
    notebook = lesson(row["lesson"])
    (cell,) = (cell for cell in notebook.code if row["cell"] in tags(cell))
    assert outputs(cell), f"{row['cell']} shows nothing"
    assert any(f"| {row['id']} |" in source(cell) for cell in notebook.markdown)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_that_shows_a_claim_is_named_in_the_ledger(path):
    notebook = Notebook(path, json.loads(path.read_text(encoding="utf-8")))
    shown = {tag for cell in notebook.code for tag in tags(cell) if tag.startswith("claim-")}
    assert shown == {row["cell"] for row in TESTED if row["lesson"] == notebook.meta["id"]}
