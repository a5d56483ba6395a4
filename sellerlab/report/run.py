"""Run a report: parameters in, one HTML page and its notebook out, or nothing and a reason.

Everything is made in a temporary folder and moved into place when it is complete, so a reader never finds
half a report and an earlier report survives a failed run. Nothing else in sellerlab knows papermill but
`kernels`, which keeps a kernel warm between reports.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import Any

from sellerlab.errors import InputError, SellerlabError, unknown
from sellerlab.files import shipped
from sellerlab.report import kernels
from sellerlab.report.html import render, section
from sellerlab.report.parameters import REPORTS, ReportParameters

#: Told before each cell: cells done, cells in all, the section it stands in.
Watch = Callable[[int, int, str], None]

#: Under this name a cell hands facts to the program that runs it: title, period, headline numbers.
FACTS = "application/vnd.sellerlab.report+json"

#: Papermill marks the cells it adds to a failed notebook with this tag.
_MARK = "papermill-error-cell-tag"


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that was made.

    Attributes:
        report: Name of the report, such as ``"monthly"``.
        html: The page to read.
        notebook: The executed notebook it was made from, beside it.
        period: The days it is about, as ``"2026-05"``.
        headline: The headline numbers as they stand in it, name to text.
        files: Further files beside it, such as a CSV of customers.
    """

    report: str
    html: Path
    notebook: Path
    period: str
    headline: Mapping[str, str]
    files: tuple[Path, ...] = field(default=())


class ReportError(SellerlabError):
    """A report could not be made; the message is three lines: where it stopped, why, what to do."""

    def __init__(self, where: str, why: str, advice: str) -> None:
        self.where, self.why, self.advice = where, why, advice
        super().__init__(f"The report stopped at: {where}\nWhy: {why}\nWhat to do: {advice}")

    def __reduce__(self) -> tuple[Any, ...]:
        # Comes back whole from the worker of a batch.
        return type(self), (self.where, self.why, self.advice)


def make(
    report: str,
    *,
    out: str | Path = "out",
    template: str | Path | None = None,
    watch: Watch | None = None,
    warm: bool = False,
    **parameters: Any,
) -> Report:
    """Make a report on a shop.

    Args:
        report: Name of the report: ``"monthly"``, ``"pricing_review"``, ``"customer_review"`` or
            ``"channel_review"``.
        out: Folder for the report; made if it is not there.
        template: Notebook to run in place of the one that comes with sellerlab.
        watch: Called before each cell with cells done, cells in all and the section.
        warm: Run it in a kernel that this process keeps for the next report.
        **parameters: The fields of the report's parameters (`REPORTS`); none reports on the demo shop.

    Returns:
        The report: ``sellerlab-monthly-2026-05.html`` in `out`, and the notebook beside it.

    Raises:
        InputError: A parameter cannot be right; nothing was run.
        ReportError: The run failed. No report is left, and the failed notebook is kept as
            ``…-failed.ipynb``; a report made earlier stays as it was.
    """
    if report not in REPORTS:
        raise unknown("report", report, REPORTS)
    checked = REPORTS[report].of(parameters)
    # In a batch each file is read once: days without orders then fail in the run.
    days = getattr(checked, "month", "") if warm else _days_given(checked)
    early = _name(checked, days)
    folder = Path(out)
    _make(folder)
    lent: AbstractContextManager[dict[str, Any]] = kernels.warm() if warm else nullcontext({})
    with tempfile.TemporaryDirectory(prefix=".sellerlab-", dir=folder) as temporary:
        draft = Path(temporary) / "draft.ipynb"
        writes = {name: draft.parent.resolve() / ending for name, ending in checked.writes.items()}
        with lent as kernel:
            try:
                notebook = _execute(_template(checked, template), draft, checked, writes, watch, kernel)
            except ReportError as error:
                raise _kept(error, draft, folder / f"{early}-failed.ipynb") from None
        facts = _facts(notebook)
        period = facts.get("period") or days
        name = _name(checked, period)
        page = Path(temporary) / "draft.html"
        html = render(notebook, title=facts.get("title") or name, lang=checked.lang)
        page.write_text(html, encoding="utf-8", newline="\n")
        files = {path: folder / f"{name}-{path.name}" for path in writes.values() if path.exists()}
        _write(notebook, draft, {path.as_posix(): target.name for path, target in files.items()})
        target = folder / name
        for path, place in files.items():
            path.replace(place)
        draft.replace(f"{target}.ipynb")
        page.replace(f"{target}.html")
    for each in {early, name}:
        (folder / f"{each}-failed.ipynb").unlink(missing_ok=True)
    return Report(
        report=report,
        html=Path(f"{target}.html"),
        notebook=Path(f"{target}.ipynb"),
        period=period,
        headline=dict(facts.get("headline", {})),
        files=tuple(files.values()),
    )


def monthly(**options: Any) -> Report:
    """Make the monthly report of a shop: `make` under its most used name.

    Args:
        **options: See `make`.
    """
    return make("monthly", **options)


def _days_given(parameters: ReportParameters) -> str:
    """Return the days of a report as far as they were given; refuse days without orders before it runs.

    A file that cannot be read fails in the run, where its notebook can be kept.
    """
    from sellerlab import read
    from sellerlab.report.inputs import completed, window_of

    if not parameters.dated:
        return ""
    whole = completed(parameters)
    try:
        orders = read.orders(whole.orders, **whole.reading())
    except SellerlabError:
        return getattr(parameters, "month", "")
    return window_of(whole, orders).name


def _template(parameters: ReportParameters, given: str | Path | None) -> Path:
    return Path(given or shipped(f"notebooks/reports/{parameters.report}.ipynb"))


def _name(parameters: ReportParameters, period: str) -> str:
    return "-".join(filter(None, ("sellerlab", parameters.report.replace("_", "-"), period)))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {str(folder)!r} cannot be made: {error.strerror}. Name another one with out."
        ) from None


def _execute(
    template: Path,
    draft: Path,
    parameters: ReportParameters,
    writes: Mapping[str, Path],
    watch: Watch | None,
    kernel: Mapping[str, Any],
) -> Any:
    """Run the template in a kernel that starts in the present folder; return the executed notebook."""
    try:
        import papermill
        from jupyter_client.kernelspec import NoSuchKernel
        from nbclient.exceptions import DeadKernelError
        from papermill.exceptions import PapermillExecutionError
    except ImportError as error:
        raise InputError(
            f"Reports need {error.name}, which is not installed. Install it: pip install 'sellerlab[report]'"
        ) from None

    import nbformat

    cells = nbformat.read(template, as_version=4).cells  # type: ignore[no-untyped-call]

    def on_cell_start(cell: Any, cell_index: int) -> None:
        if watch and cell.cell_type == "code":
            # One more cell than the template has: the injected parameters.
            watch(cell_index, len(cells) + 1, section(cells, cell_index - 1))

    try:
        return papermill.execute_notebook(
            str(template),
            str(draft),
            parameters.for_template() | {name: path.as_posix() for name, path in writes.items()},
            progress_bar=False,
            on_cell_start=on_cell_start,
            extra_arguments=list(kernels.ARGUMENTS),
            shutdown_kernel="immediate",
            **kernel,
        )
    except PapermillExecutionError as error:
        failed = nbformat.read(draft, as_version=4)  # type: ignore[no-untyped-call]
        ran = [cell for cell in failed.cells if _MARK not in cell.metadata.get("tags", [])]
        raise _explained(section(ran, error.cell_index), error.ename, error.evalue) from None
    except DeadKernelError:
        raise ReportError(
            "the run itself",
            "The program that computes the report was ended by the system, most often for want of memory.",
            "Close other programs, or report on an export with fewer months, and run it again.",
        ) from None
    except NoSuchKernel:
        raise ReportError(
            "the run itself",
            "Jupyter knows no Python kernel here.",
            "Run: python -m ipykernel install --sys-prefix",
        ) from None


def _explained(where: str, error: str, message: str) -> ReportError:
    """Return the three lines for an error of a cell: its own words where they were written for a reader."""
    words = shorten(message, 500, placeholder=" …")
    if error in _names_of_own_errors(SellerlabError):
        return ReportError(where, words, "Put that right and run the report again.")
    return ReportError(
        where,
        f"{error}: {words}" if words else error,
        "This is a fault of sellerlab, not of your file: please report it, without your figures.",
    )


def _names_of_own_errors(root: type[SellerlabError]) -> set[str]:
    return {root.__name__}.union(*(_names_of_own_errors(each) for each in root.__subclasses__()))


def _kept(error: ReportError, draft: Path, target: Path) -> ReportError:
    """Keep the failed notebook, if the run came so far, and say where it is."""
    if not draft.exists():
        return error
    draft.replace(target)
    return ReportError(error.where, error.why, f"{error.advice} The failed run is kept in {target}.")


def _facts(notebook: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found = output.get("data", {}).get(FACTS, {})
            facts |= found | {"headline": facts.get("headline", {}) | found.get("headline", {})}
    return facts


def _write(notebook: Any, path: Path, names: Mapping[str, str]) -> None:
    """Write the notebook without the times, folders and versions of this run: same shop, same bytes.

    Args:
        notebook: The executed notebook.
        path: Where to write it.
        names: Temporary path of each file that it wrote to the name of that file beside the notebook.
    """
    import nbformat

    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        for temporary, name in names.items():
            cell.source = cell.source.replace(temporary, name)
    written = nbformat.writes(notebook).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]
    path.write_text(written, encoding="utf-8", newline="\n")
