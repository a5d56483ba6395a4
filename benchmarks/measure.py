"""Measuring one way of one job, in a process of its own, so that its peak of memory is its own.

Run as a program it is that process: it reads the table, does the job several times, and leaves its answer
and its figures behind. Called as a module it starts such processes.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Figures:
    """What a measured call took.

    Attributes:
        seconds: The fastest of several runs.
        cpu: Seconds of all cores in that run; on a busy machine the steadier figure.
        peak: Peak memory of the process in bytes, its table and its libraries included.
        added: How far the peak lies above what the process held before the first run.
    """

    seconds: float
    cpu: float
    peak: int
    added: int


def measure(
    job: str, way: str, table: Path, out: Path, budget: float, home: str = ""
) -> tuple[Figures, dict[str, np.ndarray]]:
    """Run a way of a job in a fresh process and return its figures and its answer.

    Args:
        job: Short name of the job.
        way: Name of the way.
        table: Parquet file of the job's table.
        out: Folder for what the process leaves behind.
        budget: Seconds after which no further run is begun; there are always two.
        home: The environment of a peer (see `peers`); empty for this one.

    Raises:
        RuntimeError: The process failed; carries its last words.
    """
    from benchmarks.peers import python_of

    python = python_of(home) if home else sys.executable
    command = [str(python), "-m", "benchmarks.measure", job, way, str(table), str(out), str(budget)]
    quiet = {**os.environ, "RETENTIONEERING_NO_TRACK": "1", "DO_NOT_TRACK": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{job}, {way}: {done.stderr.strip()[-1500:]}")
    with np.load(out / "answer.npz") as stored:
        answer = dict(stored)
    return Figures(**json.loads((out / "figures.json").read_text())), answer


def import_seconds(statements: list[str], rounds: int) -> list[float]:
    """Return the time of a fresh interpreter that runs each statement: the fastest of the rounds.

    The statements take turns, so that a busy moment of the machine meets all of them.
    """
    best = [float("inf")] * len(statements)
    for _ in range(rounds + 1):  # the first writes the compiled files that all later ones read
        for place, statement in enumerate(statements):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
            best[place] = min(best[place], time.perf_counter() - begin)
    return best


def _main(name: str, way_name: str, table: str, out: str, budget: str) -> None:
    import pandas as pd
    import pyarrow as pa

    from benchmarks.jobs import all_jobs

    way = all_jobs()[name].ways[way_name]
    source = Path(table) if way.from_file else pd.read_parquet(table)
    gc.collect()
    # What reading left free would hide what the job takes.
    pa.default_memory_pool().release_unused()
    forget = _forget_peak()
    before = _memory()["VmRSS"] if forget else _peak()
    times: list[float] = []
    cpu: list[float] = []
    peak = 0
    while len(times) < 2 or (sum(times) < float(budget) and len(times) < 50):
        found = None  # the answer of the run before is not this run's memory
        begin, worked = time.perf_counter(), time.process_time()
        found = way.run(source)
        times.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - worked)
        peak = peak or (_memory()["VmHWM"] if forget else _peak())
    np.savez(Path(out, "answer.npz"), **way.answer(found))
    fastest = min(times)
    figures = {"seconds": fastest, "cpu": cpu[times.index(fastest)], "peak": peak, "added": peak - before}
    Path(out, "figures.json").write_text(json.dumps(figures))


def _forget_peak() -> bool:
    """Ask the system to count the peak of memory from now on; Linux only."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _memory() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    pairs = (line.split(":") for line in lines if line.startswith(("VmRSS", "VmHWM")))
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}


def _peak() -> int:
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def load() -> str:
    """Return how busy the machine is, in words."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


if __name__ == "__main__":
    _main(*sys.argv[1:])
