"""Run a report: parameters in, one HTML page and its notebook out, or nothing and a reason.

Everything is made in a temporary folder and moved into place when it is complete, so a reader never finds
half a report and an earlier report survives a failed run. Nothing else in sellerlab knows papermill.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

from sellerlab.errors import InputError, SellerlabError
from sellerlab.files import shipped
from sellerlab.report.html import render, section
from sellerlab.report.parameters import MonthlyParameters

#: Told before each cell: cells done, cells in all, the section it stands in.
Watch = Callable[[int, int, str], None]

#: Under this name a cell hands facts to the program that runs it: title, month, headline numbers.
FACTS = "application/vnd.sellerlab.report+json"

_TEMPLATE = "notebooks/reports/monthly.ipynb"

#: Papermill marks the cells it adds to a failed notebook with this tag.
_MARK = "papermill-error-cell-tag"


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that was made.

    Attributes:
        html: The page to read.
        notebook: The executed notebook it was made from, beside it.
        month: The month it is about, as ``"2026-05"``.
        headline: The headline numbers as they stand in it, name to text.
    """

    html: Path
    notebook: Path
    month: str
    headline: Mapping[str, str]


class ReportError(SellerlabError):
    """A report could not be made; the message is three lines: where it stopped, why, what to do."""

    def __init__(self, where: str, why: str, advice: str) -> None:
        self.where, self.why, self.advice = where, why, advice
        super().__init__(f"The report stopped at: {where}\nWhy: {why}\nWhat to do: {advice}")


def monthly(
    *,
    out: str | Path = "out",
    template: str | Path | None = None,
    watch: Watch | None = None,
    **parameters: Any,
) -> Report:
    """Make the monthly report of a shop.

    Args:
        out: Folder for the report; made if it is not there.
        template: Notebook to run in place of the one that comes with sellerlab.
        watch: Called before each cell with cells done, cells in all and the section.
        **parameters: The fields of `MonthlyParameters`; none reports on the demo shop.

    Returns:
        The report: ``sellerlab-monthly-2026-05.html`` in `out`, and the notebook beside it.

    Raises:
        InputError: A parameter cannot be right; nothing was run.
        ReportError: The run failed. No report is left, and the failed notebook is kept as
            ``…-failed.ipynb``; a report made earlier stays as it was.
    """
    checked = MonthlyParameters.of(parameters)
    _check_month(checked)
    folder = Path(out)
    _make(folder)
    with tempfile.TemporaryDirectory(prefix=".sellerlab-", dir=folder) as temporary:
        draft = Path(temporary) / "draft.ipynb"
        try:
            notebook = _execute(Path(template or shipped(_TEMPLATE)), draft, checked, watch)
        except ReportError as error:
            raise _kept(error, draft, folder / f"{_name(checked.month)}-failed.ipynb") from None
        facts = _facts(notebook)
        month = str(facts.get("month") or checked.month)
        title = str(facts.get("title") or _name(month))
        page = Path(temporary) / "draft.html"
        page.write_text(render(notebook, title=title, lang=checked.lang), encoding="utf-8", newline="\n")
        _write(notebook, draft)
        target = folder / _name(month)
        draft.replace(f"{target}.ipynb")
        page.replace(f"{target}.html")
    for name in {_name(checked.month), _name(month)}:
        (folder / f"{name}-failed.ipynb").unlink(missing_ok=True)
    return Report(
        html=Path(f"{target}.html"),
        notebook=Path(f"{target}.ipynb"),
        month=month,
        headline=dict(facts.get("headline", {})),
    )


def _check_month(parameters: MonthlyParameters) -> None:
    """Refuse a month without orders before anything runs; a file that cannot be read fails in the run."""
    from sellerlab import months, read
    from sellerlab.report.inputs import completed

    if not parameters.month:
        return
    whole = completed(parameters)
    try:
        orders = read.orders(whole.orders, **whole.reading())
    except SellerlabError:
        return
    months.opened(orders, whole.month)


def _name(month: str) -> str:
    return f"sellerlab-monthly-{month}" if month else "sellerlab-monthly"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {str(folder)!r} cannot be made: {error.strerror}. Name another one with out."
        ) from None


def _execute(template: Path, draft: Path, parameters: MonthlyParameters, watch: Watch | None) -> Any:
    """Run the template in a fresh kernel that starts in the present folder; return the executed notebook."""
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
            parameters.for_template(),
            progress_bar=False,
            on_cell_start=on_cell_start,
            extra_arguments=["--IPKernelApp.log_level=40"],
            shutdown_kernel="immediate",
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
            facts |= output.get("data", {}).get(FACTS, {})
    return facts


def _write(notebook: Any, path: Path) -> None:
    """Write the notebook without the times, folders and versions of this run: same shop, same bytes."""
    import nbformat

    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    written = nbformat.writes(notebook).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]
    path.write_text(written, encoding="utf-8", newline="\n")
