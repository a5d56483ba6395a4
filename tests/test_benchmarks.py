"""The benchmarks measure nothing unless all ways give the same answer."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import jobs, page
from benchmarks.measure import Figures
from benchmarks.peers import python_of

pytest.importorskip("duckdb")
pytest.importorskip("polars")

LINES = 2_000
JOBS = jobs.all_jobs()


@pytest.mark.parametrize("name", JOBS)
def test_every_way_of_a_job_gives_the_same_answer(name, tmp_path):
    job = JOBS[name]
    frame = jobs.sample(job, LINES)
    path = tmp_path / "table.parquet"
    frame.to_parquet(path)
    answers = {
        way: each.answer(each.run(path if each.from_file else frame))
        for way, each in job.ways.items()
        if not each.home or python_of(each.home) == Path(sys.executable)
    }
    assert len(answers) >= 2
    jobs.check(job, answers)


def test_a_wrong_answer_is_refused():
    job = JOBS["rfm"]
    right = {"segment": np.array(["Loyal", "New"]), "m": np.array([5.0, 1.0])}
    for wrong in ({"m": np.array([5.0, 2.0])}, {"segment": np.array(["Loyal", "Loyal"])}):
        with pytest.raises(AssertionError, match="of pandas"):
            jobs.check(job, {jobs.OURS: right, jobs.PANDAS: right | wrong})
    with pytest.raises(AssertionError, match="gives"):
        jobs.check(job, {jobs.OURS: right, jobs.PANDAS: {"m": right["m"]}})


def test_batch_and_commands_report_on_the_same_shops():
    from benchmarks import reports
    from sellerlab.report import MonthlyParameters

    shops = reports.shops()
    assert len(shops) == reports.SHOPS
    for given in shops.values():
        assert MonthlyParameters.of(given).month


def test_reports_that_differ_are_refused(tmp_path):
    import nbformat

    from benchmarks import reports

    def notebook(words):
        output = nbformat.v4.new_output("display_data", data={"text/plain": words})
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])

    (name, given), *_ = reports.shops().items()
    made = tmp_path / "batch" / name / f"sellerlab-monthly-{given['month']}.ipynb"
    made.parent.mkdir(parents=True)
    nbformat.write(notebook("JPY 1"), made)
    nbformat.write(notebook("JPY 1"), tmp_path / f"{name}.ipynb")
    reports.check(tmp_path / "batch", tmp_path, 1)
    nbformat.write(notebook("JPY 2"), tmp_path / f"{name}.ipynb")
    with pytest.raises(AssertionError, match="shop 01: the batch found something else"):
        reports.check(tmp_path / "batch", tmp_path, 1)


def test_a_peer_may_answer_a_part_and_nobody_else_may():
    way = jobs.Way(len, len)
    job = jobs.Job("", "", {jobs.OURS: way, jobs.PANDAS: way, "peer": replace(way, home="peer")})
    right = {"orders": np.array([5.0]), "m": np.array([1.0])}
    jobs.check(job, {jobs.OURS: right, "peer": {"m": np.array([1.0])}})
    for name, part in ((jobs.PANDAS, {"m": np.array([1.0])}), ("peer", {"m": np.array([2.0])}), ("peer", {})):
        with pytest.raises(AssertionError):
            jobs.check(job, {jobs.OURS: right, name: part})


def test_a_goal_that_is_missed_stands_in_the_page():
    def took(seconds):
        return Figures(seconds=seconds, cpu=seconds, peak=2**30, added=0)

    ways = {jobs.OURS: took(1.0), jobs.PANDAS: took(3.0), jobs.DUCKDB: took(1.5), jobs.NUMPY: took(0.9)}
    found = {("cohorts", 100_000): {jobs.OURS: took(0.2)}, ("cohorts", 1_000_000): ways}
    judged = page.goals(found, imported=1.2)
    assert [(goal.what.split(":")[-1].strip(), goal.met) for goal in judged] == [
        ("pandas / sellerlab", False),
        ("sellerlab / NumPy by hand", True),
        ("cost a row, 1,000,000 against 100,000 rows", True),
        ("import sellerlab / import pandas", False),
    ]
    text = page.text(found, {}, judged, "speed.png")
    assert "2 met, 2 missed" in text
    assert text.count("**missed**") == 2
    assert "pandas 3.0" in page.alt_text(found)


def test_the_picture_is_drawn_from_what_was_measured(tmp_path):
    figures = Figures(seconds=1.0, cpu=1.0, peak=1, added=0)
    found = {("cohorts", 1_000_000): {jobs.OURS: figures, jobs.PANDAS: replace(figures, seconds=3.0)}}
    page.draw(found, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 5_000
