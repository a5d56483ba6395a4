"""Time sellerlab against its peers and print the ratios: `make bench`.

    python benchmarks/run.py            1 million order lines, 500 thousand events: a few minutes
    python benchmarks/run.py --full     10 million and 5 million
    python benchmarks/run.py --jobs rfm,cohorts --out ratios.md

The one idea: seconds depend on the machine, ratios of one run much less. Nothing is printed before all
ways of all jobs have given the same answer.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import jobs, measure  # noqa: E402
from benchmarks.jobs import DUCKDB, NUMPY, OURS, PANDAS  # noqa: E402
from benchmarks.passages import COMPILED  # noqa: E402

#: Peers that need older libraries than this environment has; they are named, not measured.
ELSEWHERE = {
    "openretailscience": "openretailscience",
    "pymc_marketing": "pymc-marketing",
    "retentioneering": "retentioneering",
}
LIFETIMES = ("lifetimes", "lifetimes, grouped by hand")
IMPORTS = {
    OURS: "import sellerlab",
    "sellerlab and its margin module": "import sellerlab.margin",
    "pandas": "import pandas",
}
CDNOW = 2_357
_ORDER_JOBS = ("profit", "profit_by_order", "rfm", "cohorts", "repeat")

#: (job, rows) to way to figures.
Found = dict[tuple[str, int], dict[str, measure.Figures]]


def plan(full: bool, wanted: list[str]) -> list[tuple[str, int]]:
    """Return the jobs and the number of rows of each; the order jobs come small too, to see the growth."""
    lines, events = (10_000_000, 5_000_000) if full else (1_000_000, 500_000)
    runs = [(name, rows) for name in _ORDER_JOBS for rows in (lines // 10, lines)]
    runs += [("funnel", events // 10), ("funnel", events), ("fit", CDNOW), ("fit", 100_000)]
    runs += [("fit", 1_000_000)] if full else []
    return [(name, rows) for name, rows in runs if name in wanted]


def measured(runs: list[tuple[str, int]], folder: Path, rounds: int, budget: float) -> Found:
    """Measure every way of every run, the ways by turns; refuse a run whose answers differ."""
    every, found = jobs.all_jobs(), {}
    biggest = {name: max(rows for other, rows in runs if other == name) for name, _ in runs}
    for name, rows in runs:
        job = every[name]
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
                figures, answers[way] = measure.measure(name, way, table, folder, budget)
                if way not in best or figures.seconds < best[way].seconds:
                    best[way] = figures
        jobs.check(job, answers)
        found[name, rows] = best
    return found


def rows_of(found: Found) -> list[list[str]]:
    """Return the rows of the table: job, way, seconds, ratio, seconds of all cores, memory."""
    every, rows = jobs.all_jobs(), []
    for (name, count), ways in found.items():
        if len(ways) == 1 and len(every[name].ways) > 1:
            continue
        title = f"{every[name].title}, {count:,} {'customers' if name == 'fit' else 'rows'}"
        for way, figures in ways.items():
            ratio = figures.seconds / ways[OURS].seconds
            memory = [f"{each / 2**20:,.0f}" for each in (figures.peak, figures.added)]
            rows.append([title, way, f"{figures.seconds:.3f}", f"{ratio:.2f}", f"{figures.cpu:.3f}", *memory])
            title = ""
    return rows


def goals(found: Found) -> list[str]:
    """Return a line a goal: the ratio wanted, the ratio found, and whether that is enough."""
    said = []

    def judge(what: str, ratio: float, wanted: float, at_most: bool = False) -> None:
        enough = ratio <= wanted if at_most else ratio >= wanted
        bound = "at most" if at_most else "at least"
        said.append(f"- {'met' if enough else 'NOT met'}: {what}: {ratio:.2f}, wanted {bound} {wanted:g}")

    biggest = {name: max(rows for other, rows in found if other == name) for name, _ in found}
    for name, rows in biggest.items():
        if name == "fit":
            continue
        ways = found[name, rows]
        ours = ways[OURS].seconds
        others = [ways[way].seconds for way in (PANDAS, DUCKDB)]
        if name == "funnel":
            judge(f"{name}: fastest peer / sellerlab", min(others) / ours, 1)
            if COMPILED in ways:
                judge(f"{name}: sellerlab / compiled loop", ours / ways[COMPILED].seconds, 3, at_most=True)
        else:
            judge(f"{name}: fastest peer / sellerlab", min(others) / ours, 2)
            judge(f"{name}: pandas / sellerlab", ways[PANDAS].seconds / ours, 4)
            judge(f"{name}: sellerlab / NumPy by hand", ours / ways[NUMPY].seconds, 2, at_most=True)
        growth = ours / found[name, rows // 10][OURS].seconds / 10
        judge(f"{name}: cost a row against a tenth of the rows", growth, 1.3, at_most=True)
        for way in jobs.FROM_FILE:
            if way in ways and rows >= 5_000_000:
                judge(f"{name}: {way}, peak in GB", ways[way].peak / 1e9, 1, at_most=True)
    for (name, rows), ways in found.items():
        peers = [ways[way].seconds for way in LIFETIMES if way in ways]
        if name == "fit" and peers:
            wanted = {CDNOW: 10.0, 1_000_000: 60.0}.get(rows)
            if wanted:
                judge(
                    f"fit, {rows:,} customers: lifetimes / sellerlab", peers[0] / ways[OURS].seconds, wanted
                )
    return said


def absent() -> list[str]:
    """Return a line for each peer that is not measured, with the command that installs it elsewhere."""
    said = []
    for module, package in ELSEWHERE.items():
        state = "installed, and not measured" if find_spec(module) else "not installed"
        own = f"python3 -m venv peer-{package} && peer-{package}/bin/pip install {package}"
        said.append(f"- {package} is {state}. Into an environment of its own: `{own}`")
    if not find_spec("lifetimes"):
        said.append("- lifetimes is not installed: `.venv/bin/pip install lifetimes==0.11.3`")
    return said


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    """Return a table; text to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    rule = ["-" * width if place < 2 else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    lines = []
    for row in [heads, rule, *rows]:
        cells = [
            each.ljust(width) if place < 2 else each.rjust(width)
            for place, (each, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, check, print."""
    known = [*jobs.all_jobs(), "import"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="10 million order lines, 5 million events")
    parser.add_argument("--jobs", default=",".join(known), help=f"some of: {', '.join(known)}")
    parser.add_argument("--out", type=Path, help="write the tables to this Markdown file too")
    given = parser.parse_args()
    wanted = given.jobs.split(",")
    if unknown := set(wanted) - set(known):
        parser.error(f"there is no job {', '.join(sorted(unknown))}; choose from {', '.join(known)}")

    before = measure.load()
    packages = ("pandas", "narwhals", "polars", "duckdb", "numpy", "lifetimes")
    versions = ", ".join(f"{name} {version(name)}" for name in packages if find_spec(name))
    parts = []
    if "import" in wanted:
        seconds = measure.import_seconds(list(IMPORTS.values()), rounds=7)
        rows = [
            [name, f"{each:.3f}", f"{each / seconds[0]:.2f}"]
            for name, each in zip(IMPORTS, seconds, strict=True)
        ]
        share = seconds[0] / seconds[-1]
        parts.append(markdown(["import, a fresh interpreter", "seconds", "x"], rows))
        said = [
            f"- {'met' if share <= 1.1 else 'NOT met'}: import sellerlab / import pandas: {share:.2f}, "
            "wanted at most 1.1"
        ]
    else:
        said = []
    runs = plan(given.full, wanted)
    if runs:
        with tempfile.TemporaryDirectory() as folder:
            found = measured(runs, Path(folder), rounds=2, budget=2.0 if given.full else 0.6)
        heads = ["job", "way", "seconds", "x sellerlab", "CPU s", "peak MB", "added MB"]
        parts.append(markdown(heads, rows_of(found)))
        said += goals(found)
    parts.append("Goals (the goals on time are set for the full form):\n\n" + "\n".join(said))
    parts.append("Not in the table:\n\n" + "\n".join(absent()))
    parts.insert(
        0,
        f"{versions}; Python {sys.version.split()[0]}. Load {before} at the start, {measure.load()} at the "
        "end.\nFastest of several runs; ways take turns. All ways of a job gave the same answer. Peak memory "
        "is of the whole process, added is above what it held before the call. CPU s adds up all cores: on a "
        "busy machine it is the steadier figure.",
    )
    text = "\n\n".join(parts)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
