"""The commands: `sellerlab report | check | learn | data | progress`.

A command checks what it was given, calls the library, and says in plain words what came of it. It ends
with 0 when all went well, 1 when the data or the report failed, and 2 when it was called wrongly.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import Field, fields
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from sellerlab.errors import InputError, SellerlabError, UnknownNameError
from sellerlab.report.parameters import REPORTS, ReportParameters

#: Rejected rows that `check` prints; it says how many more there are.
_SHOWN = 20

app = typer.Typer(
    help="Test what seller guides claim on your own numbers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
reports = typer.Typer(help="Make a report on a shop.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(reports, name="report")

Currency = Annotated[str, typer.Option(help="ISO code of the money, such as JPY, if the file does not say.")]
Timezone = Annotated[str, typer.Option(help="The shop's zone, such as Asia/Tokyo, if the times need one.")]
DayFirst = Annotated[
    bool | None, typer.Option("--dayfirst/--monthfirst", help="How to read dates such as 03/04/2026.")
]
Format = Annotated[str, typer.Option("--format", help="Format of the export; found from the file without.")]
Mapping = Annotated[str, typer.Option(help="YAML file that names the columns of an unknown format.")]
Details = Annotated[str, typer.Option(help="Second file of a format that comes in two.")]
Out = Annotated[str, typer.Option("--out", "-o", help="Folder for the report.")]
Batch = Annotated[str, typer.Option(help="YAML file with many shops: one report each, a folder each.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Shops at a time in a batch; one a core without.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")]


def _report_command(kind: type[ReportParameters]) -> None:
    """Add the command of a report; its options are the fields of its parameters."""

    def command(out: str, batch: str, workers: int | None, debug: bool, **given: Any) -> None:
        # Checking web addresses against their grammar costs a second of import; no report needs it.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
        with _plain_errors(debug, usage=InputError):
            if batch:
                _make_batch(kind, batch, out, workers, given)
            else:
                _make_report(kind, out, given)

    command.__doc__ = f"{kind.tells}\n\nOne HTML page, and the notebook it was computed in beside it."
    options = [_option(each, kind) for each in fields(kind)]
    more = {"out": (Out, "out"), "batch": (Batch, ""), "workers": (Workers, None), "debug": (Debug, False)}
    options += [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in more.items()
    ]
    command.__signature__ = Signature(options)  # type: ignore[attr-defined]
    reports.command(kind.report, short_help=kind.tells)(command)


def _option(field: Field[Any], kind: type[ReportParameters]) -> Parameter:
    words, names = field.metadata["help"], [f"--{field.name.replace('_', '-')}"]
    if field.name == "lang":
        words += f": {', '.join(kind.languages)}."
    if field.name == "dayfirst":
        names = ["--dayfirst/--monthfirst"]
    type_: Any = {"dayfirst": bool | None, "contribution_rate": float | None}.get(field.name, str)
    annotation = Annotated[type_, typer.Option(*names, help=words)]
    return Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=annotation)


for _kind in REPORTS.values():
    _report_command(_kind)


def _make_report(kind: type[ReportParameters], out: str, given: dict[str, Any]) -> None:
    from sellerlab import report

    with _progress() as watch:
        made = report.make(kind.report, out=out, watch=watch, **given)
    if not given["orders"]:
        typer.echo("Shop: the demo shop. Report on your own with --orders.")
    if not any(given[name] for name in kind.days):
        which = "the last full month of the orders" if "month" in kind.days else "the last of the orders"
        others = " and ".join(f"--{name.replace('_', '-')}" for name in kind.days)
        title = "Month" if "month" in kind.days else "Days"
        typer.echo(f"{title}: {made.period}, {which}. Choose another with {others}.")
    typer.echo(f"Report: {made.html}")
    for path in made.files:
        typer.echo(f"File: {path}")
    for name, value in made.headline.items():
        typer.echo(f"{name}: {value}")


def _make_batch(
    kind: type[ReportParameters], shops: str, out: str, workers: int | None, given: dict[str, Any]
) -> None:
    from sellerlab import report

    if given["orders"]:
        raise InputError("orders belongs to one shop: write it in the list of shops, or leave batch out.")
    shared = {
        each.name: given[each.name] for each in fields(kind) if given[each.name] not in ("", each.default)
    }

    def told(done: int, total: int, shop: str, why: str) -> None:
        typer.echo(f"[{done}/{total}] {shop}{': failed' if why else ''}", err=True)

    made = report.batch(kind.report, shops, out=out, workers=workers, told=told, **shared)
    typer.echo(made.summary())
    if made.failed:
        raise typer.Exit(1)


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="Export with orders.")],
    currency: Currency = "",
    timezone: Timezone = "",
    dayfirst: DayFirst = None,
    format_: Format = "",
    mapping: Mapping = "",
    details: Details = "",
    debug: Debug = False,
) -> None:
    """Read an export: what came in, what was set aside and why, and that both add up."""
    with _plain_errors(debug, usage=InputError):
        from sellerlab.report.parameters import MonthlyParameters

        given = MonthlyParameters(
            orders=file,
            currency=currency,
            timezone=timezone,
            dayfirst=dayfirst,
            format=format_,
            mapping=mapping,
            details=details,
        )
    with _plain_errors(debug):
        from sellerlab import read

        orders = read.orders(given.orders, **given.reading())
    typer.echo(repr(orders.reconciliation))
    rejected = orders.rejected
    for line, reason, raw in rejected[["line", "reason", "raw"]].head(_SHOWN).itertuples(index=False):
        typer.echo(f"\nline {line}: {reason}\n  {raw}")
    if len(rejected) > _SHOWN:
        typer.echo(f"\nand {len(rejected) - _SHOWN} more rejected lines")


@app.command()
def learn(
    folder: Annotated[Path, typer.Argument(help="Your copy of the course.")] = Path("sellerlab-course"),
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the course and open nothing.")] = False,
    instructor: Annotated[bool, typer.Option("--instructor", help="Keep the notes for the teacher.")] = False,
    debug: Debug = False,
) -> None:
    """Open the course in JupyterLab, in a copy that is yours to change."""
    with _plain_errors(debug):
        from sellerlab.files import shipped

        new = _copy_course(shipped("notebooks"), folder, notes=instructor)
    typer.echo(f"The course is in {folder}: {new} notebooks copied, those you have were left as they are.")
    if copy_only:
        return
    from importlib.util import find_spec

    if find_spec("jupyterlab") is None:
        _stop("JupyterLab is not installed. Install it: pip install 'sellerlab[course]'", 1)
    command = [sys.executable, "-m", "jupyterlab", str(folder)]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603


@app.command()
def data(
    card: Annotated[str, typer.Option(help="Show the card of this dataset: what it is and is not.")] = "",
    debug: Debug = False,
) -> None:
    """List the demo data that comes with the course."""
    with _plain_errors(debug, usage=UnknownNameError):
        from sellerlab import datasets

        if card:
            typer.echo(datasets.data_card(card))
        else:
            typer.echo(datasets.list_datasets().to_string(index=False))


@app.command()
def progress(debug: Debug = False) -> None:
    """Show which exercises you have done; the record is a file on this machine."""
    with _plain_errors(debug):
        from sellerlab import learn

        typer.echo(repr(learn.progress()))


def _copy_course(source: Path, folder: Path, *, notes: bool) -> int:
    """Copy the notebooks that are not there yet, with or without the teacher's notes; return how many."""
    new = 0
    for path in sorted(source.rglob("*.ipynb")):
        target = folder / path.relative_to(source)
        if target.exists() or ".ipynb_checkpoints" in path.parts:
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] = [
            cell
            for cell in notebook["cells"]
            if notes or "instructor" not in cell["metadata"].get("tags", [])
        ]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        new += 1
    return new


@contextmanager
def _plain_errors(debug: bool, usage: type[SellerlabError] | tuple[()] = ()) -> Iterator[None]:
    """Print an error as a sentence and end with 1, or with 2 where it is of the kind `usage`."""
    try:
        yield
    except SellerlabError as error:
        if debug:
            raise
        _stop(str(error), 2 if isinstance(error, usage) else 1)
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        if debug:
            raise
        _stop(f"sellerlab failed: {type(error).__name__}: {error}. Use --debug to see where.", 1)


def _stop(message: str, code: int) -> None:
    typer.echo(_as_options(message), err=True)
    raise typer.Exit(code)


def _as_options(message: str) -> str:
    """Write the library's keywords as options of the command: ``currency='JPY'`` as ``--currency JPY``."""
    flags = {"dayfirst=True": "--dayfirst", "dayfirst=False": "--monthfirst"}
    for keyword, flag in flags.items():
        message = message.replace(keyword, flag)
    return re.sub(r"\b(currency|timezone|details|mapping|format)='([^']*)'", r"--\1 \2", message)


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """Show how far a report is: a bar on a terminal, plain lines elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("Starting")
            yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)
    else:
        yield _Lines()


class _Lines:
    """Print each section once, when it begins."""

    def __init__(self) -> None:
        self.last: Any = None

    def __call__(self, done: int, total: int, name: str) -> None:
        if name != self.last:
            self.last = name
            typer.echo(f"[{done}/{total}] {name}", err=True)


def main() -> None:
    """Run the command line; the entry point of the `sellerlab` command."""
    app()
