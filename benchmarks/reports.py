"""Many monthly reports: one batch against the commands `papermill` and `jupyter nbconvert`, shop by shop.

The one idea: the commands start Python and a kernel anew for each shop, and that start is most of what they
cost. Both ways have to find the same: the outputs of each notebook are compared before a time is given.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SHOPS = 20
#: Shops of the commands in the short form; their time is scaled up to `SHOPS`.
FEW = 2
WANTED = 1 / 6

BATCH, COMMANDS = "sellerlab, one batch", "papermill and jupyter nbconvert, shop by shop"


def shops() -> dict[str, dict[str, str]]:
    """Return name of each shop to its parameters: the demo export, a month each, over and over."""
    data = ROOT / "datasets"
    files = {
        "orders": str(data / "exports" / "shopify_orders.csv"),
        "products": str(data / "phone_stand" / "products.csv"),
        "costs": str(data / "phone_stand" / "costs.yaml"),
    }
    months = [f"{year}-{month:02d}" for year, month in ((2025 + n // 12, n % 12 + 1) for n in range(2, 20))]
    return {
        f"shop {place + 1:02d}": {**files, "month": months[place % len(months)], "timezone": "Asia/Tokyo"}
        for place in range(SHOPS)
    }


class Time(NamedTuple):
    """Seconds by the clock, and seconds of all cores, those of ended child processes in it."""

    clock: float
    cpu: float

    @classmethod
    def now(cls) -> Time:
        """Return the time so far."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return cls(time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used))

    def since(self, begin: Time) -> Time:
        """Return the time that has passed."""
        return Time(self.clock - begin.clock, self.cpu - begin.cpu)


def by_batch(out: Path) -> Time:
    """Make the report of every shop in one batch and return what it took."""
    from sellerlab import report

    begin = Time.now()
    made = report.batch("monthly", shops(), out=out)
    taken = Time.now().since(begin)
    if made.failed:
        raise RuntimeError(made.summary())
    return taken


def by_commands(out: Path, count: int) -> Time:
    """Make the reports of the first shops with the two commands and return what it took."""
    template = ROOT / "notebooks" / "reports" / "monthly.ipynb"
    begin = Time.now()
    for name, given in list(shops().items())[:count]:
        notebook = out / f"{name}.ipynb"
        values = [part for key, value in {**given, "shop_name": name}.items() for part in ("-r", key, value)]
        _run("papermill", str(template), str(notebook), *values)
        _run("nbconvert", "--to", "html", "--no-input", str(notebook))
    return Time.now().since(begin)


def _run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr.strip()[-1500:]}")


def check(batch: Path, commands: Path, count: int) -> None:
    """Refuse reports whose cells did not put out the same."""
    for name, given in list(shops().items())[:count]:
        made = batch / name / f"sellerlab-monthly-{given['month']}.ipynb"
        one, other = _outputs(made), _outputs(commands / f"{name}.ipynb")
        if one != other:
            raise AssertionError(f"{name}: the batch found something else than the commands")


def _outputs(path: Path) -> list[object]:
    import nbformat

    cells = nbformat.read(path, as_version=4).cells
    return [output.get("data") for cell in cells for output in cell.get("outputs", [])]


def measured(full: bool) -> tuple[list[list[str]], float]:
    """Return rows as those of the other jobs, and the share of the time that the batch takes."""
    count = SHOPS if full else FEW
    with tempfile.TemporaryDirectory() as folder:
        batch, commands = Path(folder, "batch"), Path(folder, "commands")
        commands.mkdir()
        tries = [by_commands(commands, count)]
        ours = by_batch(batch)
        check(batch, commands, count)
        if not full:
            # Before and after: a busy moment of the machine meets both ways.
            tries.append(by_commands(commands, count))
    theirs = Time(*(min(each) / count * SHOPS for each in zip(*tries, strict=True)))
    title = f"monthly reports, {SHOPS} shops"
    way = COMMANDS if full else f"{COMMANDS} ({count} measured)"
    rows = [
        [title, BATCH, f"{ours.clock:.1f}", "1.00", f"{ours.cpu:.1f}", "", ""],
        ["", way, f"{theirs.clock:.1f}", f"{theirs.clock / ours.clock:.2f}", f"{theirs.cpu:.1f}", "", ""],
    ]
    return rows, ours.clock / theirs.clock


if __name__ == "__main__":
    # The workers of the batch import this file anew.
    sys.path.insert(0, str(ROOT))
    table, share = measured("--full" in sys.argv)
    for row in table:
        print("  ".join(row))
    print(f"{'met' if share <= WANTED else 'NOT met'}: {share:.3f} of the time, wanted at most {WANTED:.3f}")
