"""The commands: what they print, and the code they end with."""

from __future__ import annotations

import json
import subprocess
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from typer.testing import CliRunner, Result

from sellerlab import cli, files, report
from sellerlab.errors import InputError


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(each) for each in arguments])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Stand in for the making of a report; hold what it was called with."""
    given: dict[str, object] = {}

    def make(kind: str, **values: object) -> SimpleNamespace:
        given.update(values, report=kind)
        values["watch"](1, 4, "Channels")
        values["watch"](2, 4, "Channels")
        headline = {"Net sales": "JPY 1,200", "Contribution": "JPY 300", "Orders": "3"}
        files = (Path("out/x.csv"),) if kind == "customer_review" else ()
        return SimpleNamespace(html=Path("out/x.html"), period="2026-05", headline=headline, files=files)

    monkeypatch.setattr(report, "make", make)
    return given


def test_report_ends_with_its_path_and_three_numbers(made: dict[str, object]) -> None:
    result = run("report", "monthly", "--month", "2026-05", "--monthfirst", "--shop-name", "007")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Shop: the demo shop. Report on your own with --orders.",
        "Report: out/x.html",
        "Net sales: JPY 1,200",
        "Contribution: JPY 300",
        "Orders: 3",
    ]
    assert result.stderr == "[1/4] Channels\n"
    assert (made["month"], made["dayfirst"], made["shop_name"]) == ("2026-05", False, "007")


def test_report_without_a_month_says_which_it_took(made: dict[str, object]) -> None:
    result = run("report", "monthly")
    assert result.stdout.splitlines()[1] == (
        "Month: 2026-05, the last full month of the orders. Choose another with --month."
    )
    assert made["dayfirst"] is None


def test_review_says_which_days_it_took_and_what_lies_beside_it(made: dict[str, object]) -> None:
    result = run("report", "customer_review")
    assert result.stdout.splitlines()[1:4] == [
        "Days: 2026-05, the last of the orders. Choose another with --as-of and --since.",
        "Report: out/x.html",
        "File: out/x.csv",
    ]
    assert made["report"] == "customer_review"


def test_every_report_has_a_command_with_its_parameters_as_options() -> None:
    for name, kind in report.REPORTS.items():
        shown = run("report", name, "--help")
        assert shown.exit_code == 0
        for each in fields(kind):
            option = "--dayfirst" if each.name == "dayfirst" else f"--{each.name.replace('_', '-')}"
            assert option in shown.stdout, (name, option)
        assert "--batch" in shown.stdout


def test_batch_ends_with_its_summary_and_1_if_a_shop_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def batch(kind: str, shops: str, **values: object) -> report.Batch:
        seen.update(values, report=kind, shops=shops)
        values["told"](1, 2, "mika", "")
        values["told"](2, 2, "noa", "No orders.")
        made = report.Report(
            report=kind,
            html=Path("out/mika/x.html"),
            notebook=Path("out/mika/x.ipynb"),
            period="2026-05",
            headline={"Orders": "3"},
        )
        return report.Batch(report=kind, made={"mika": made}, failed={"noa": "No orders."})

    monkeypatch.setattr(report, "batch", batch)
    result = run("report", "monthly", "--batch", "shops.yaml", "--month", "2026-05", "--workers", "1")
    assert result.exit_code == 1
    assert result.stderr == "[1/2] mika\n[2/2] noa: failed\n"
    assert result.stdout.splitlines()[0] == "Reports made: 1 of 2."
    assert "  noa: No orders." in result.stdout
    # What was not asked for is left to each shop.
    assert {name: seen[name] for name in ("month", "shops", "workers")} == {
        "month": "2026-05",
        "shops": "shops.yaml",
        "workers": 1,
    }
    assert not {"lang", "orders", "dayfirst"} & set(seen)


def test_batch_takes_no_orders_of_one_shop() -> None:
    result = run("report", "monthly", "--batch", "shops.yaml", "--orders", "a.csv")
    assert result.exit_code == 2
    assert "orders belongs to one shop" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "monthly", "--month", "2026-13"], "2026-13"),
        (["report", "monthly", "--timezone", "Asia/Tokio"], "Did you mean 'Asia/Tokyo'?"),
        (["report", "monthly", "--curency", "JPY"], "--currency"),
        (["report", "monthly", "--orders", "no.csv"], "orders: there is no file 'no.csv'."),
        (["report", "weekly"], "weekly"),
        (["report", "customer_review", "--lang", "ja"], "in this language there is: monthly"),
        (["report", "customer_review", "--month", "2026-05"], "--month"),
        (
            ["report", "pricing_review", "--start", "2026-05-31", "--end", "2026-05-01"],
            "expected a day up to",
        ),
        (["report", "channel_review", "--contribution-rate", "30"], "Did you mean 0.3?"),
        (["report", "monthly", "--batch", "no.yaml"], "there is no such file"),
        (["check", "no.csv"], "there is no file 'no.csv'."),
        (["check"], "'file'"),
        (["data", "--card", "phone_stnd"], "phone_stand"),
    ],
)
def test_wrong_call_ends_with_2_and_a_hint(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert words in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_failed_report_ends_with_1_and_exactly_three_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str, **__: object) -> None:
        raise report.ReportError("Channels", "No orders.", "Choose another month.")

    monkeypatch.setattr(report, "make", fail)
    result = run("report", "monthly")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "The report stopped at: Channels",
        "Why: No orders.",
        "What to do: Choose another month.",
    ]


def test_debug_shows_the_error_itself(tmp_path: Path) -> None:
    result = run("check", tmp_path / "no.csv", "--debug")
    assert isinstance(result.exception, InputError)


def test_check_of_a_file_that_cannot_be_read_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    result = run("check", tmp_path / "empty.csv")
    assert result.exit_code == 1
    assert "empty.csv" in result.stderr


def test_check_shows_the_reconciliation_and_each_rejected_line() -> None:
    path = files.shipped("datasets/exports/shopify_orders.csv")
    result = run("check", path, "--timezone", "Asia/Tokyo")
    assert result.exit_code == 0, result.output
    assert "line" in result.stdout


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one notebook that comes with sellerlab, and an empty folder to stand in."""
    source = tmp_path / "shipped" / "0_start"
    source.mkdir(parents=True)
    cells = [
        nbformat.v4.new_markdown_cell("# One"),
        nbformat.v4.new_markdown_cell("For the teacher", metadata={"tags": ["instructor"]}),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source / "01.ipynb")
    monkeypatch.setattr(files, "shipped", lambda name: tmp_path / "shipped")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_learn_copies_the_course_without_the_teachers_notes(course: Path) -> None:
    assert run("learn", "--copy-only").exit_code == 0
    copy = course / "sellerlab-course" / "0_start" / "01.ipynb"
    cells = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    assert ["".join(cell["source"]) for cell in cells] == ["# One"]


def test_learn_keeps_the_notes_for_a_teacher_who_asks(course: Path) -> None:
    run("learn", "--copy-only", "--instructor")
    copy = course / "sellerlab-course" / "0_start" / "01.ipynb"
    cells = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    assert len(cells) == 2
    assert "instructor" in cells[1]["metadata"]["tags"]


def test_learn_keeps_what_the_learner_wrote(course: Path) -> None:
    run("learn", "--copy-only")
    copy = course / "sellerlab-course" / "0_start" / "01.ipynb"
    copy.write_text("mine", encoding="utf-8")
    assert "0 notebooks copied" in run("learn", "--copy-only").stdout
    assert copy.read_text(encoding="utf-8") == "mine"


def test_learn_opens_the_copy_in_jupyterlab(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []

    def start(command: list[str], check: bool) -> SimpleNamespace:
        called.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", start)
    assert run("learn").exit_code == 0
    assert called[0][1:] == ["-m", "jupyterlab", "sellerlab-course"]


def test_data_lists_the_demo_data_and_shows_a_card() -> None:
    assert "phone_stand" in run("data").stdout
    assert run("data", "--card", "phone_stand").stdout.startswith("#")


def test_progress_says_how_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELLERLAB_HOME", str(tmp_path))
    result = run("progress")
    assert result.exit_code == 0
    assert "exercises right" in result.stdout


def test_an_error_names_the_option_of_the_command_not_the_keyword_of_the_library():
    from sellerlab.cli import _as_options

    told = _as_options("Give currency='JPY', timezone='Asia/Tokyo' or dayfirst=True (or dayfirst=False).")
    assert told == "Give --currency JPY, --timezone Asia/Tokyo or --dayfirst (or --monthfirst)."
