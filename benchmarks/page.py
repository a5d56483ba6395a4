"""What was measured, as a page: the goals, a picture, the table of all figures.

The one idea: a goal that is missed stands in the page like one that is met.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks import jobs, peers
from benchmarks.jobs import DUCKDB, NUMPY, OURS, PANDAS
from benchmarks.measure import Figures
from benchmarks.passages import COMPILED

CDNOW = 2_357
#: Written by hand for one question: how little time it can take, and no library.
BY_HAND = (DUCKDB, NUMPY, COMPILED)

#: (job, rows) to way to figures.
Found = Mapping[tuple[str, int], Mapping[str, Figures]]


@dataclass(frozen=True)
class Goal:
    """A goal, what was found, and whether that is enough.

    Attributes:
        what: The ratio or amount.
        found: Its value.
        bound: What it is held against.
        at_most: Whether it may not be above the bound; else it may not be below.
    """

    what: str
    found: float
    bound: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether the value keeps to the bound."""
        return self.found <= self.bound if self.at_most else self.found >= self.bound

    @property
    def row(self) -> list[str]:
        """The goal as a row of a table."""
        wanted = f"{'at most' if self.at_most else 'at least'} {self.bound:g}"
        return [self.what, wanted, f"{self.found:.2f}", "met" if self.met else "**missed**"]


def goals(found: Found, imported: float | None) -> list[Goal]:
    """Return the goals that this run can judge.

    Args:
        found: What was measured.
        imported: Time of `import sellerlab` by that of `import pandas`, if it was measured.
    """
    judged = []
    biggest = {name: max(rows for other, rows in found if other == name) for name, _ in found}
    for (name, rows), ways in found.items():
        ours, home = ways[OURS].seconds, jobs.all_jobs()[name].ways
        libraries = [ways[way].seconds for way in ways if home[way].home]
        if name == "fit":
            wanted = {CDNOW: 10, 1_000_000: 60}.get(rows)
            if wanted and "lifetimes" in ways:
                ratio = ways["lifetimes"].seconds / ours
                judged.append(Goal(f"fit, {rows:,} customers: lifetimes / sellerlab", ratio, wanted))
        if name in ("fit", "totals") or rows < biggest[name]:
            continue
        if name.startswith("funnel"):
            peer = min([*libraries, ways[PANDAS].seconds])
            judged.append(Goal(f"{name}: fastest peer / sellerlab", peer / ours, 1))
        else:
            if libraries:
                judged.append(Goal(f"{name}: fastest library / sellerlab", min(libraries) / ours, 2))
            judged.append(Goal(f"{name}: pandas / sellerlab", ways[PANDAS].seconds / ours, 4))
            judged.append(Goal(f"{name}: sellerlab / NumPy by hand", ours / ways[NUMPY].seconds, 2, True))
        if COMPILED in ways:
            judged.append(Goal(f"{name}: sellerlab / compiled loop", ours / ways[COMPILED].seconds, 3, True))
        if (name, rows // 10) in found:
            growth = ours / found[name, rows // 10][OURS].seconds / 10
            judged.append(
                Goal(f"{name}: cost a row, {rows:,} against {rows // 10:,} rows", growth, 1.3, True)
            )
        judged += [
            Goal(f"{name}: {way}, peak memory in GB", ways[way].peak / 1e9, 1, True)
            for way in jobs.FROM_FILE
            if way in ways and rows >= 5_000_000
        ]
    if imported:
        judged.append(Goal("import sellerlab / import pandas", imported, 1.1, True))
    return judged


def text(found: Found, imports: Mapping[str, float], judged: Sequence[Goal], picture: str | None) -> str:
    """Return the page in Markdown.

    Args:
        found: What was measured.
        imports: What was imported to its seconds in a fresh interpreter.
        judged: What `goals` gave.
        picture: Name of the picture's file, or None.
    """
    named = ("pandas", "narwhals", "polars", "duckdb", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in named if find_spec(name))
    missed = sum(not goal.met for goal in judged)
    parts = [
        "# Speed",
        f"Measured side by side on {os.cpu_count()} cores with Python {sys.version.split()[0]}; {versions}. "
        "The tables are made up, with ids of text, refunds and cancelled orders. Seconds depend on the "
        "machine; the ratios of one run much less.",
        "Each way runs in a process of its own, the ways take turns, and the fastest of several runs counts. "
        "No time stands here unless all ways gave the same answer. *By hand* (DuckDB SQL, NumPy, C) is "
        "written for the one question: it shows how little time there is to lose, and is no library.",
        "Make the page again with `python benchmarks/run.py --full --out docs/speed.md`. Before it, "
        "`python -m benchmarks.peers` installs the other libraries, each into an environment of its own.",
    ]
    if picture:
        parts += [f"![{alt_text(found)}]({picture})"]
    heads = ["goal", "wanted", "found", ""]
    parts += [
        f"## Goals: {len(judged) - missed} met, {missed} missed",
        _table(heads, [goal.row for goal in judged], left=2),
        "## All figures",
        _table(
            ["job", "way", "seconds", "x sellerlab", "CPU s", "peak MB", "added MB"], _rows(found), left=2
        ),
        "Peak memory is of the whole process, *added* is above what it held before the call. *CPU s* adds up "
        "all cores: on a busy machine it is the steadier figure. The way over DuckDB runs with its "
        "`memory_limit` at 500 MB.",
    ]
    if imports:
        rows = [[name, f"{each:.3f}", f"{each / imports['pandas']:.2f}"] for name, each in imports.items()]
        parts.append(_table(["import, a fresh interpreter", "seconds", "x pandas"], rows, left=1))
    parts += ["## What is compared", "\n".join(_notes())]
    return "\n\n".join(parts) + "\n"


def _notes() -> list[str]:
    notes = [f"- {name}: {said}." for name, said in peers.SAME.items()]
    notes += [
        f"- {name} is not installed, and not measured." for name in peers.PINS if not peers.python_of(name)
    ]
    return [
        *notes,
        "- Profit and loss: sellerlab rounds money so that rows add up to the total, and always counts the "
        "orders of each row. In the first of the two jobs nobody else is asked to.",
    ]


def _rows(found: Found) -> list[list[str]]:
    rows = []
    for (name, count), ways in found.items():
        job = jobs.all_jobs()[name]
        alone = len(ways) == 1 and len(job.ways) > 1
        title = f"{job.title}, {count:,} {'customers' if name == 'fit' else 'rows'}"
        for way, figures in ways.items():
            ratio = "" if alone else f"{figures.seconds / ways[OURS].seconds:.2f}"
            memory = [f"{each / 2**20:,.0f}" for each in (figures.peak, figures.added)]
            rows.append([title, way, f"{figures.seconds:.3f}", ratio, f"{figures.cpu:.3f}", *memory])
            title = ""
    return rows


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """Return a table; so many columns of text to the left, numbers to the right."""
    widths = [max(3, *(len(row[place]) for row in [heads, *rows])) for place in range(len(heads))]
    rule = ["-" * width if place < left else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    lines = []
    for row in [heads, rule, *rows]:
        cells = [
            each.ljust(width) if place < left else each.rjust(width)
            for place, (each, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _ratios(found: Found) -> dict[str, dict[str, float]]:
    """Return each job at its largest: way to how many times sellerlab's time it took."""
    shown = {}
    for (name, count), ways in sorted(found.items(), key=lambda each: each[0][1]):
        if len(ways) > 1:
            title = jobs.all_jobs()[name].title.split(";")[0].split(",")[0]
            title += ", costs by order" if name == "profit_by_order" else ""
            title += ", any time" if name == "funnel_open" else ""
            several = f"{count:,} customers" if name == "fit" else f"{count / 1e6:g} million rows"
            key = f"{title}\n{several}"
            ours = ways[OURS].seconds
            shown[key if name == "fit" else name] = (
                key,
                {way: each.seconds / ours for way, each in ways.items()},
            )
    return dict(shown.values())


def alt_text(found: Found) -> str:
    """Return the picture in words."""
    parts = []
    for title, ratios in _ratios(found).items():
        others = {way: each for way, each in ratios.items() if way not in (OURS, *BY_HAND, *jobs.FROM_FILE)}
        said = ", ".join(f"{way} {each:.1f}" for way, each in others.items())
        parts.append(f"{title.replace(chr(10), ', ')}: {said or 'no other library'}")
    return f"Times of other ways as multiples of sellerlab's. {'; '.join(parts)}."


def draw(found: Found, path: Path) -> None:
    """Write the picture: a line a job, a mark a way, by how many times sellerlab's time it took."""
    from matplotlib.figure import Figure

    from sellerlab import plots

    kinds = {PANDAS: ("pandas", "o", plots.COLOURS[1])}
    kinds |= dict.fromkeys(BY_HAND, ("by hand: DuckDB, NumPy, C", "|", plots.MUTED))
    other = ("another library", "D", plots.COLOURS[0])
    ratios = _ratios(found)
    with plots.look():
        figure = Figure(figsize=(plots.WIDTH, 1.4 + 0.42 * len(ratios)), layout="constrained")
        ax = figure.add_subplot()
        told = set()
        for place, ways in enumerate(ratios.values()):
            for way, ratio in ways.items():
                if way == OURS or way in jobs.FROM_FILE:
                    continue
                label, mark, colour = kinds.get(way, other)
                ax.scatter(
                    ratio, place, marker=mark, s=60, color=colour, zorder=3,
                    label=None if label in told else label,
                )  # fmt: skip
                told.add(label)
        ax.axvline(1, color=plots.GAIN, linewidth=2, label="sellerlab")
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}x")
        ax.set_yticks(range(len(ratios)), ratios, fontsize=8)
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.set_xlabel("time beside sellerlab's; right is slower")
        ax.legend(loc="upper center", bbox_to_anchor=(0.3, -0.14), ncols=4, fontsize=8)
        path.write_bytes(plots.png(figure))
