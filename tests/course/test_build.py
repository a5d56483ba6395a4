"""The build tool: the same source gives the same bytes, and whatever does not agree is said."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest

from tests.course.build_tool import build_tool
from tests.course.course_rules import ROOT

SOURCE = """\
---
kernelspec:
  display_name: Python 3
  name: python3
sellerlab:
  id: "07"
  question: How many?
---

# How many?

```{code-cell}
:tags: [parameters]

n = 3
```

Count them.

```{code-cell}
import sys, time
for each in range(n):
    print(each, flush=True); time.sleep(0.01)
sys.version_info.major
```

```{code-cell}
:tags: [raises-exception]

1 / 0
```

+++ {"tags": ["instructor"]}

Ask the room first.
"""


def run(course, *arguments):
    """Run the tool as a command: kernels leave sockets behind that belong in a process of their own."""
    command = [sys.executable, str(ROOT / "tools" / "notebooks.py"), "--root", str(course.root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return SimpleNamespace(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    source = root / "lessons" / "0_start" / "07_how_many.md"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE, encoding="utf-8")
    course = build_tool().Course(root)
    built = run(course, "build", "07")
    assert (built.code, built.err) == (0, "")
    return course


@pytest.fixture
def path(course):
    """The built notebook, put back as it was after the test."""
    path = course.notebooks()[0]
    before = path.read_bytes()
    yield path
    path.write_bytes(before)


def change(path, edit):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    edit(notebook)
    path.write_text(
        json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def test_rebuilding_changes_no_byte(course, path):
    before = path.read_bytes()
    assert run(course, "build", "lessons/0_start/07_how_many.md").out.endswith(": unchanged\n")
    assert path.read_bytes() == before


def test_a_built_notebook_holds_no_time_no_version_no_machine(course, path):
    text = path.read_text(encoding="utf-8")
    assert str(course.root) not in text
    assert "iopub" not in text
    assert "nbconvert_exporter" not in text
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata["sellerlab"]["id"] == "07"
    assert notebook.cells[3].outputs[0].text == "0\n1\n2\n"
    assert notebook.cells[4].outputs[0].traceback == ["ZeroDivisionError: division by zero"]


def test_check_is_content_with_a_fresh_build(course):
    checked = run(course, "check")
    assert checked.code == 0
    assert "1 notebooks agree" in checked.out


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (lambda nb: nb["cells"][2].update(source=["Count."]), "does not come from its source"),
        (lambda nb: nb["cells"][3].update(execution_count=None), "were not run once each"),
        (lambda nb: nb["cells"][3].update(execution_count=7), "were not run once each"),
        (lambda nb: nb["metadata"]["sellerlab"].update(question="Why?"), "does not come from its source"),
    ],
)
def test_check_finds_what_does_not_agree(course, path, edit, complaint):
    change(path, edit)
    (problem,) = build_tool().disagreements(course)
    assert complaint in problem


def test_check_finds_a_notebook_that_jupyter_has_saved(course, path):
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    (problem,) = build_tool().disagreements(course)
    assert "saved by another program" in problem


def test_check_finds_a_notebook_without_a_source_and_a_source_without_a_notebook(course):
    stray = course.root / "notebooks" / "stray.ipynb"
    stray.write_text("{}", encoding="utf-8")
    new = course.root / "lessons" / "08_new.md"
    new.write_text("# New\n", encoding="utf-8")
    problems = build_tool().disagreements(course)
    stray.unlink()
    new.unlink()
    assert [problem.split(":")[0] for problem in problems] == ["notebooks/stray.ipynb", "lessons/08_new.md"]


def test_a_failing_cell_is_shown_and_the_old_notebook_stays(course, path):
    source = course.sources()[0]
    source.write_text(SOURCE.replace("n = 3", "n = nothing"), encoding="utf-8")
    before = path.read_bytes()
    failed = run(course, "build")
    source.write_text(SOURCE, encoding="utf-8")
    assert failed.code == 1
    assert "07_how_many.md failed in the cell" in failed.err
    assert "n = nothing" in failed.err
    assert "NameError" in failed.err
    assert path.read_bytes() == before


def test_an_unknown_lesson_is_answered_with_the_nearest(course):
    answer = run(course, "build", "07_how_mny")
    assert answer.code == 2
    assert "Did you mean '07_how_many'?" in answer.err
