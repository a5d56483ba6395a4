"""Build the notebooks from their text: lessons/**/*.md become executed notebooks/**/*.ipynb.

An author edits a MyST Markdown file; a learner opens the notebook. The one idea: the same source and the
same library give the same bytes, so a notebook that changes in review is a notebook whose answers changed.

    python tools/notebooks.py build             every notebook
    python tools/notebooks.py build 01 monthly  some of them, by id or file name
    python tools/notebooks.py check             do sources and notebooks agree? Runs nothing
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

# Checking web addresses against their grammar costs a second of import, and no notebook needs it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import jupytext  # noqa: E402
import nbformat  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class BuildError(Exception):
    """A notebook cannot be built, or does not agree with its source."""


@dataclass(frozen=True)
class Course:
    """Where the sources and the notebooks of a project lie."""

    root: Path = ROOT

    def sources(self) -> list[Path]:
        """Every source, in the order of the course."""
        return sorted((self.root / "lessons").rglob("*.md"))

    def notebook(self, source: Path) -> Path:
        """The notebook that is built from a source."""
        return self.root / "notebooks" / source.relative_to(self.root / "lessons").with_suffix(".ipynb")

    def notebooks(self) -> list[Path]:
        """Every notebook there is."""
        found = (self.root / "notebooks").rglob("*.ipynb")
        return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)

    def name(self, path: Path) -> str:
        """A path as people say it, from the root of the project."""
        return path.relative_to(self.root).as_posix()

    def chosen(self, names: list[str]) -> list[Path]:
        """The sources that `names` mean; all of them without names.

        Raises:
            BuildError: No source has that name.
        """
        known = {name: source for source in self.sources() for name in _names_of(source)}
        chosen = []
        for name in names:
            short = Path(name).stem
            if short not in known:
                near = get_close_matches(short, known, n=1)
                raise BuildError(
                    f"No lesson is called {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")
                )
            chosen.append(known[short])
        return sorted(set(chosen)) if names else self.sources()


def _names_of(source: Path) -> set[str]:
    number = re.match(r"\d+", source.stem)
    return {source.stem, number.group()} if number else {source.stem}


def skeleton(text: str) -> Any:
    """Return the notebook of a MyST source, not yet run, with everything random made fixed.

    Args:
        text: The source, front matter included.

    Returns:
        A notebook whose cell ids depend on place and content only.
    """
    notebook = jupytext.reads(text, fmt="md:myst")
    front_matter = {
        key: value for key, value in notebook.metadata.items() if key not in ("jupytext", "kernelspec")
    }
    notebook.metadata = nbformat.from_dict(
        {**front_matter, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for place, cell in enumerate(notebook.cells):
        content = f"{place}\n{cell.cell_type}\n{cell.source}"
        cell.id = hashlib.blake2b(content.encode(), digest_size=6).hexdigest()
    return notebook


def execute(notebook: Any, folder: Path) -> Any:
    """Run a notebook in its own kernel in `folder` and return it, stripped of the machine and the moment.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed that was not meant to.
    """
    from nbclient import NotebookClient
    from traitlets.config import Config

    with tempfile.TemporaryDirectory() as home:
        settings = {"PYTHONHASHSEED": "0", "SELLERLAB_HOME": home, "SELLERLAB_PROGRESS": "off"}
        environment = {**os.environ, **settings}
        environment.pop("MPLBACKEND", None)
        # A socket file is private to this user; a TCP port is open to everyone on the machine.
        sockets = {"transport": "ipc", "ip": f"{home}/kernel"}
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            timeout=600,
            record_timing=False,
            coalesce_streams=True,
            shutdown_kernel="immediate",
            config=Config({"KernelManager": sockets if os.name == "posix" else {}}),
        )
        client.execute(env=environment)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["kernelspec"] = KERNEL
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            # The widget ends with its kernel and has a new id each run; its words in text/plain stay.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            if output.output_type == "error":
                # The frames name files of this machine; the last line is what the lesson shows.
                output.traceback = [f"{output.ename}: {output.evalue}"]
    return notebook


def written(notebook: Any) -> str:
    """Return the text of the file: sorted keys, one form."""
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def build(source: Path, course: Course) -> bool:
    """Build one notebook and say whether its file changed; a notebook that fails leaves the old one.

    Raises:
        BuildError: A cell failed; the message shows the cell and the last line of its error.
    """
    from nbclient.exceptions import CellExecutionError

    target = course.notebook(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    notebook = skeleton(source.read_text(encoding="utf-8"))
    try:
        text = written(execute(notebook, target.parent))
    except CellExecutionError as error:
        failed = next(cell for cell in reversed(notebook.cells) if cell.get("outputs"))
        why = f"{error.ename}: {error.evalue}"
        raise BuildError(f"{course.name(source)} failed in the cell\n\n{failed.source}\n\n{why}") from None
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    draft = target.with_suffix(".ipynb.part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(target)
    return True


def disagreements(course: Course) -> list[str]:
    """Return what does not agree between sources and notebooks, one line each, without running anything."""
    wanted = {course.notebook(source): source for source in course.sources()}
    problems = [
        f"{course.name(path)}: no source in lessons/; remove it, or write lessons/…md"
        for path in course.notebooks()
        if path not in wanted
    ]
    for path, source in wanted.items():
        if path.exists():
            problems += [f"{course.name(path)}: {problem}" for problem in _compare(source, path)]
        else:
            problems.append(f"{course.name(source)}: not built yet")
    return problems


def _compare(source: Path, path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    built = nbformat.reads(text, as_version=4)
    problems = [] if text == written(built) else ["saved by another program than tools/notebooks.py"]
    counts = [
        cell.execution_count for cell in built.cells if cell.cell_type == "code" and cell.source.strip()
    ]
    if counts != list(range(1, len(counts) + 1)):
        problems.append(f"cells were not run once each from top to bottom: {counts}")
    if _without_outputs(built) != _without_outputs(skeleton(source.read_text(encoding="utf-8"))):
        problems.append("does not come from its source as it is now")
    return problems


def _without_outputs(notebook: Any) -> tuple[Any, list[tuple[Any, ...]]]:
    cells = [(cell.id, cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells]
    return notebook.metadata, cells


def _build_all(names: list[str], jobs: int, course: Course) -> int:
    sources = course.chosen(names)
    failed = 0
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for source, future in [(source, pool.submit(build, source, course)) for source in sources]:
            try:
                state = "written" if future.result() else "unchanged"
                print(f"{course.name(course.notebook(source))}: {state}")
            except BuildError as error:
                failed += 1
                print(error, file=sys.stderr)
    return 1 if failed else 0


def _check(course: Course) -> int:
    problems = disagreements(course)
    print("\n".join(problems) or f"{len(course.sources())} notebooks agree with their sources.")
    if problems:
        print("Build them with: python tools/notebooks.py build")
    return 1 if problems else 0


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands and return the exit code: 0 well, 1 something does not agree, 2 bad usage."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--root", type=Path, default=ROOT, help="the project, if it is not this one")
    commands = parser.add_subparsers(dest="command", required=True)
    builder = commands.add_parser("build", help="run the sources and write the notebooks")
    builder.add_argument("names", nargs="*", help="ids or file names; all without")
    builder.add_argument("--jobs", type=int, default=2, help="notebooks at a time")
    commands.add_parser("check", help="compare sources and notebooks without running them")
    given = parser.parse_args(arguments)
    course = Course(given.root)
    try:
        if given.command == "build":
            return _build_all(given.names, given.jobs, course)
        return _check(course)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
