"""Keep sellerlab/locale/*.po in step with the sentences of the code.

Templates are found in the source: the text in `say("…")` or in a variable `template` that is said, the texts
of module constants in capitals that are said later, the columns that are printed as headings, the reasons of
the rules that formats have, and the prose of the report templates.

    python tools/translations.py          # update every catalogue, keep what is translated
    python tools/translations.py --check  # print what is missing, change nothing
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from sellerlab.report import REPORTS
from sellerlab.text import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent

#: Modules whose sentences a report prints; what they import counts too.
START = (
    *(f"report/{name}" for name in ("html", "inputs", "parameters", "run", "sections")),
    "overview",
    *(f"margin/{name}" for name in ("ratios", "steps", "pareto", "profit_words")),
    "stock/cover",
    "sold",
    "results",
    *(
        f"read/{name}"
        for name in ("cells", "decode", "describe", "engine", "evidence", "personal", "reconcile")
    ),
)

#: Modules imported on the way whose sentences no report prints, or that have none.
NOT_PRINTED = ("read", "datasets", "text", "tables", "stock", "margin", "demand", "report")

#: Names of variables that hold the columns of a table which is printed.
COLUMNS = ("columns", "types", "data")


def templates() -> dict[str, list[str]]:
    """Return every template with the files it stands in, sorted."""
    found: dict[str, set[str]] = {}
    for path in sorted(_sources()):
        name = path.relative_to(ROOT).as_posix()
        words = {".md": _prose, ".yaml": _reasons}.get(path.suffix, _python)(path)
        for each in words:
            found.setdefault(each, set()).add(name)
    return {each: sorted(found[each]) for each in sorted(found)}


def translated() -> list[str]:
    """Return the reports that speak more than English."""
    return [name for name, each in REPORTS.items() if len(each.languages) > 1]


def _sources() -> Iterator[Path]:
    waiting, seen = list(START), set()
    while waiting:
        name = waiting.pop()
        if name in NOT_PRINTED:
            continue
        place = ROOT / "sellerlab" / name
        files = place.glob("*.py") if place.is_dir() else [place.with_suffix(".py")]
        for path in files:
            if path.is_file() and path not in seen:
                seen.add(path)
                found = re.findall(r"from sellerlab\.([\w.]+) import", path.read_text(encoding="utf-8"))
                waiting += [each.replace(".", "/") for each in found]
                yield path
    # Reports in English only have templates that are not to be translated.
    yield from (ROOT / "lessons" / "reports" / f"{name}.md" for name in translated())
    yield from (ROOT / "sellerlab" / "read" / "formats").glob("*.yaml")


def _reasons(path: Path) -> Iterator[str]:
    rules = yaml.safe_load(path.read_text(encoding="utf-8")).get("ignore", ())
    yield from (rule["reason"] for rule in rules)


def _prose(path: Path) -> Iterator[str]:
    body = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    body = re.sub(r"```.*?```", "", body, flags=re.DOTALL)
    for block in re.split(r"\n{2,}", body.strip()):
        words = re.sub(r"^#+ +", "", " ".join(block.split("\n"))).strip()
        if words and not words.startswith("+++"):
            yield words


def _python(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "say" and node.args:
            yield from (each for each in _texts(node.args[0]) if re.search("[A-Za-z]", each))
        if isinstance(node, ast.keyword) and node.arg in ("formats", "columns"):
            yield from (_heading(key) for key in _texts(node.value) if re.fullmatch("[a-z0-9_]+", key))
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.For) and "template" in _targets(node):
            said = node.iter if isinstance(node, ast.For) else node.value
            yield from (each for each in (_texts(said) if said else ()) if " " in each)
        if isinstance(node, ast.Assign | ast.AnnAssign) and {*COLUMNS} & _targets(node):
            keys = node.value.keys if isinstance(node.value, ast.Dict) else []
            names = (str(key.value) for key in keys if isinstance(key, ast.Constant))
            yield from (_heading(name) for name in names if re.fullmatch("[a-z0-9_]+", name))
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if isinstance(target, ast.Name) and target.id.isupper() and _says_constants(path):
                yield from _constants(statement.value)


def _says_constants(path: Path) -> bool:
    """Whether the constants of a module are sentences; those of the reader stand in error messages."""
    return path.stem != "plots" and path.parent.name != "read"


def _constants(value: ast.expr) -> Iterator[str]:
    for each in _texts(value):
        if re.fullmatch("[a-z0-9_]+", each):
            yield _heading(each)
        elif re.search(r"[A-Za-z]{2}.* |^[A-Z][a-z]+$", each) and not re.search(r"[\\^$<>#]|^\d", each):
            yield each


def _texts(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.strip():
            yield part.value


def _targets(node: ast.Assign | ast.AnnAssign | ast.For) -> set[str]:
    """Return the names that an assignment or a loop gives values to."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {part.id for each in targets for part in ast.walk(each) if isinstance(part, ast.Name)}


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def updated(code: str) -> tuple[Catalog, list[str]]:
    """Return the catalogue of a language with every template, and those not translated."""
    path = ROOT / "sellerlab" / "locale" / f"{code}.po"
    old = {}
    if path.is_file():
        with path.open("rb") as stream:
            old = {each.id: each.string for each in read_po(stream) if each.id}
    catalogue = Catalog(locale=code, project="sellerlab", version="0.1.0", fuzzy=False)
    missing = []
    for template, files in templates().items():
        translation = old.get(template, "")
        if not translation:
            missing.append(template)
        catalogue.add(template, translation, locations=[(name, None) for name in files])
    return catalogue, missing


def main() -> int:
    """Update or check every catalogue; return the number of languages with gaps."""
    gaps = 0
    for code in (code for code in LANGUAGES if code != "en"):
        catalogue, missing = updated(code)
        print(f"{code}: {len(catalogue)} templates, {len(missing)} not translated")
        gaps += bool(missing)
        if "--check" in sys.argv:
            print("".join(f"  {each}\n" for each in missing), end="")
            continue
        stream = io.BytesIO()
        write_po(stream, catalogue, width=0, omit_header=True, include_lineno=False)
        (ROOT / "sellerlab" / "locale" / f"{code}.po").write_bytes(stream.getvalue())
    return gaps


if __name__ == "__main__":
    sys.exit(main() if "--check" in sys.argv else (main(), 0)[1])
