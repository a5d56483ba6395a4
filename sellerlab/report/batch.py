"""The same report for many shops: a list of shops in, a folder a shop out, and one summary.

The one idea: a shop is a task of its own. It runs in any `concurrent.futures` executor, in a worker that
keeps its kernel and its imports warm, and what goes wrong with it is a line of the summary.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sellerlab.errors import InputError, ReadError, SellerlabError, unknown
from sellerlab.report import kernels
from sellerlab.report.parameters import REPORTS
from sellerlab.report.run import Report, make

#: What a list of shops may hold: the shops, and what all of them share.
_KEYS = ("shops", "shared")

#: Told after each shop: shops done, shops in all, the shop, and what went wrong or an empty text.
Told = Callable[[int, int, str, str], None]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What came of a batch.

    Attributes:
        report: Name of the report.
        made: Shop to its report, in the order of the list.
        failed: Shop to what went wrong, in the order of the list.
    """

    report: str
    made: Mapping[str, Report]
    failed: Mapping[str, str]

    def summary(self) -> str:
        """Return the shops that have a report with their headline numbers, and those that have none.

        The reports come first, one line each, with where they are; then what failed, with why.
        """
        total = len(self.made) + len(self.failed)
        lines = [f"Reports made: {len(self.made)} of {total}."]
        for shop, each in self.made.items():
            numbers = "; ".join(f"{name}: {value}" for name, value in each.headline.items())
            lines += [f"  {shop}: {each.html}", *([f"    {numbers}"] if numbers else [])]
        if self.failed:
            lines.append(f"Failed: {len(self.failed)}.")
        for shop, why in self.failed.items():
            first, *rest = why.splitlines()
            lines += [f"  {shop}: {first}", *(f"    {each}" for each in rest)]
        return "\n".join(lines)


def batch(
    report: str,
    shops: str | Path | Mapping[str, Mapping[str, Any]],
    *,
    out: str | Path = "out",
    executor: Executor | None = None,
    workers: int | None = None,
    told: Told | None = None,
    **shared: Any,
) -> Batch:
    """Make one report for each of many shops; a shop that fails does not stop the others.

    Args:
        report: Name of the report, such as ``"monthly"``.
        shops: Path of a YAML file, or name of each shop to its parameters. The file has ``shops:``, each
            with its parameters, and if you like ``shared:``, parameters of all; its paths are taken from
            the folder it lies in.
        out: Folder of the reports; each shop has a folder in it.
        executor: Where the shops run: any executor of `concurrent.futures`, such as that of Dask, Ray or
            MPI. It is left open. By default a pool of processes.
        workers: Processes of that pool; one a core by default. A script that calls this needs the usual
            ``if __name__ == "__main__":``, as processes are started anew.
        told: Called after each shop.
        **shared: Parameters of all shops; a shop's own come first.

    Returns:
        The reports and the failures, by shop.

    Raises:
        InputError: There is no such report, or the list of shops cannot be read.
    """
    if report not in REPORTS:
        raise unknown("report", report, REPORTS)
    listed = _read(Path(shops), report) if isinstance(shops, str | Path) else dict(shops)
    if not listed:
        raise InputError("The list names no shop. Write each shop under 'shops:', with its parameters.")
    _check_names(listed)
    tasks = {shop: {"shop_name": shop, **shared, **given} for shop, given in listed.items()}
    found: dict[str, Report | str] = {}

    def run(running: Executor, shops: Mapping[str, Mapping[str, Any]]) -> None:
        futures = {
            running.submit(_one, report, str(Path(out) / shop), each): shop for shop, each in shops.items()
        }
        for future in as_completed(futures):
            shop = futures[future]
            try:
                found[shop] = future.result()
            except BrokenExecutor:
                continue  # a worker was ended by the system; whose fault it was shows below
            except SellerlabError as error:
                found[shop] = str(error)
            except Exception as error:
                found[shop] = f"sellerlab failed: {type(error).__name__}: {error}"
            if told:
                why = found[shop]
                told(len(found), len(tasks), shop, why if isinstance(why, str) else "")

    if executor:
        run(executor, tasks)
    else:
        with _pool(min(workers or os.cpu_count() or 1, len(tasks))) as running:
            run(running, tasks)
        for shop in [shop for shop in tasks if shop not in found]:
            with _pool(1) as alone:
                run(alone, {shop: tasks[shop]})
    kernels.close()
    lost = "Its worker was ended by the system, most often for want of memory."
    ordered = {shop: found.get(shop, lost) for shop in tasks}
    return Batch(
        report=report,
        made={shop: each for shop, each in ordered.items() if isinstance(each, Report)},
        failed={shop: each for shop, each in ordered.items() if isinstance(each, str)},
    )


def _one(report: str, out: str, parameters: Mapping[str, Any]) -> Report:
    """Make the report of one shop; this is what runs in a worker."""
    # Checking web addresses against their grammar costs a second of import; no report needs it.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    return make(report, out=out, warm=True, **parameters)


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned, as a copy of a process with threads may hang.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def _read(path: Path, report: str) -> dict[str, dict[str, Any]]:
    """Return the shops of a list, with what all share filled in and paths from the folder of the list."""
    import yaml

    try:
        # Every word as text: a name may be 007 or No.
        given = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else "it is not UTF-8 text"
        raise ReadError(f"The list of shops {path.name} cannot be read: {why}.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        raise ReadError(f"The list of shops {path.name}{at} is not YAML: {_LOOKS}") from None
    if not isinstance(given, Mapping) or not isinstance(given.get("shops"), Mapping):
        raise ReadError(f"The list of shops {path.name} has no shops. {_LOOKS}")
    for key in given:
        if key not in _KEYS:
            raise unknown("key of a list of shops", key, _KEYS)
    files = REPORTS[report].files()
    shops = {}
    for shop, own in given["shops"].items():
        parts = (given.get("shared") or {}, own or {})
        if not all(isinstance(each, Mapping) for each in parts):
            raise ReadError(f"{path.name}: {shop} should hold `name: value` lines. {_LOOKS}")
        shops[str(shop)] = {
            name: str(path.parent / value) if name in files and value else _truth(value)
            for part in parts
            for name, value in part.items()
        }
    return shops


_LOOKS = "Write each shop under 'shops:' with its parameters, as 'mika: {orders: mika.csv}'."


def _truth(value: Any) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _check_names(shops: Iterable[str]) -> None:
    """Refuse names that cannot be names of folders, on any system."""
    for shop in shops:
        if not re.fullmatch(r"\w(?:[\w .-]*[\w-])?", shop):
            raise InputError(
                f"The shop {shop!r} cannot name a folder: use letters, digits, spaces, '-', '_' and '.'. "
                "What is printed on the report is shop_name."
            )
