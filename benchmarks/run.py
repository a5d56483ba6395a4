"""Time sellerlab against its peers and print the ratios: `make bench`.

    python benchmarks/run.py            1 million order lines, 500 thousand events: a few minutes
    python benchmarks/run.py --full --out docs/speed.md      10 million and 5 million, and the page
    python benchmarks/run.py --jobs rfm,cohorts
    python benchmarks/run.py --full --keep out/bench         goes on where an earlier run was stopped

The one idea: seconds depend on the machine, ratios of one run much less. Nothing is printed before all
ways of all jobs have given the same answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import jobs, measure, page  # noqa: E402
from benchmarks.jobs import OURS  # noqa: E402

IMPORTS = {
    OURS: "import sellerlab",
    "sellerlab and its margin module": "import sellerlab.margin",
    "pandas": "import pandas",
}
_ORDER_JOBS = ("profit", "profit_by_order", "rfm", "cohorts", "repeat")


def plan(full: bool, wanted: list[str]) -> list[tuple[str, int]]:
    """Return the jobs and the number of rows of each; most come small too, to see the growth."""
    lines, events = (10_000_000, 5_000_000) if full else (1_000_000, 500_000)
    runs = [(name, rows) for name in _ORDER_JOBS for rows in (lines // 10, lines)]
    runs += [("totals", lines), ("funnel", events // 10), ("funnel", events), ("funnel_open", events)]
    runs += [("fit", page.CDNOW), ("fit", 100_000), *([("fit", 1_000_000)] if full else [])]
    return [(name, rows) for name, rows in runs if name in wanted]


def measured(
    runs: list[tuple[str, int]], folder: Path, rounds: int, budget: float
) -> dict[tuple[str, int], dict[str, measure.Figures]]:
    """Measure every way of every run, the ways by turns; refuse a run whose answers differ.

    What was found is kept in the folder, run by run, and not measured again.
    """
    every, found = jobs.all_jobs(), {}
    biggest = {name: max(rows for other, rows in runs if other == name) for name, _ in runs}
    for name, rows in runs:
        job, kept = every[name], folder / f"{name}_{rows}.json"
        if kept.exists():
            stored = json.loads(kept.read_text())
            found[name, rows] = {way: measure.Figures(**figures) for way, figures in stored.items()}
            continue
        table = folder / f"{job.table}_{rows}.parquet"
        if not table.exists():
            print(f"making {rows:,} {job.table.replace('_', ' ')} …", file=sys.stderr)
            jobs.sample(job, rows).to_parquet(table)
        # Growth is asked of ours alone; of a fit, all sizes are.
        small = rows < biggest[name] and name != "fit"
        ways = [OURS] if small else list(job.ways)
        print(f"{name}, {rows:,} rows: {'; '.join(ways)} …", file=sys.stderr)
        best: dict[str, measure.Figures] = {}
        answers = {}
        for turn in range(rounds):
            for way in ways:
                if turn and job.ways[way].from_file:
                    continue  # its memory is what counts, and that does not vary
                home = job.ways[way].home
                figures, answers[way] = measure.measure(name, way, table, folder, budget, home)
                if way not in best or figures.seconds < best[way].seconds:
                    best[way] = figures
        jobs.check(job, answers)
        found[name, rows] = best
        kept.write_text(json.dumps({way: asdict(figures) for way, figures in best.items()}))
    return found


def main() -> None:
    """Measure, check, print."""
    known = [*jobs.all_jobs(), "import"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="10 million order lines, 5 million events")
    parser.add_argument("--jobs", default=",".join(known), help=f"some of: {', '.join(known)}")
    parser.add_argument("--rounds", type=int, default=2, help="how often the ways take turns")
    parser.add_argument(
        "--out", type=Path, help="write the page to this Markdown file, its picture beside it"
    )
    parser.add_argument("--keep", type=Path, help="keep tables and figures in this folder, and use them")
    given = parser.parse_args()
    wanted = given.jobs.split(",")
    if unknown := set(wanted) - set(known):
        parser.error(f"there is no job {', '.join(sorted(unknown))}; choose from {', '.join(known)}")

    before, imports, imported = measure.load(), {}, None
    if "import" in wanted:
        seconds = measure.import_seconds(list(IMPORTS.values()), rounds=7)
        imports = dict(zip(IMPORTS, seconds, strict=True))
        imported = imports[OURS] / imports["pandas"]
    with tempfile.TemporaryDirectory() as passing:
        folder = given.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        budget = 2.0 if given.full else 0.6
        found = measured(plan(given.full, wanted), folder, given.rounds, budget)
    judged = page.goals(found, imported)
    print(f"Load {before} at the start, {measure.load()} at the end.\n", file=sys.stderr)
    print(page.text(found, imports, judged, None))
    if given.out:
        picture = given.out.with_suffix(".png")
        page.draw(found, picture)
        given.out.write_text(page.text(found, imports, judged, picture.name), encoding="utf-8")


if __name__ == "__main__":
    main()
