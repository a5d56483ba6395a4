"""The benchmarks measure nothing unless all ways give the same answer."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import jobs

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
        way: each.answer(each.run(path if each.from_file else frame)) for way, each in job.ways.items()
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
