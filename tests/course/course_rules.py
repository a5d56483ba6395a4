"""What every notebook of the course keeps to, one rule a function: notebook in, complaints out.

A rule is a promise to the learner: an answer comes at once, a cell fits a screen, a picture can be heard,
and no number in the prose can grow stale. `test_structure.py` holds every notebook to every rule;
`test_rules.py` shows that each rule can fail.

Numbers in prose: digits stand in `backticks`, or in one of the forms of `ALLOWED_NUMBERS`. A number that
a cell has printed does not stand in prose at all, backticks or not.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

LONGEST_CELL = 8
FIRST_RESULT_WORDS = 100
FIRST_RESULT_LINES = 5
SHORTEST_ALT = 30
VERDICTS = (
    "holds",
    "holds if …",
    "depends on your numbers",
    "contradicted by arithmetic",
    "no evidence given",
    "do not do this",
    "not yet tested",
)

#: Sites that prose may link to beside the course's own files; none is fetched.
ALLOWED_SITES = (
    "https://docs.python.org/",
    "https://jupyter.org/",
    "https://pandas.pydata.org/",
    "https://www.nta.go.jp/",
)

CLAIM = re.compile(r"(?<![A-Za-z0-9])[A-E]\d\d(?![A-Za-z0-9])")

#: Digits that prose may hold outside backticks: they do not come from data.
ALLOWED_NUMBERS = (
    CLAIM,
    re.compile(r"\b[Ll]essons? \d\d\b"),
    re.compile(r"\b\d\d\.\d\b"),  # an exercise
    re.compile(r"\b\d+ min(ute)?s?\b"),
    re.compile(r"\(([^()]*\D )?(19|20)\d\d\)"),  # a citation
    re.compile(r"\b[Cc]ontribution [123]\b|\bCM[123]\b"),
    re.compile(r"^ *\d+\. ", re.MULTILINE),  # a numbered list
)

FRONT_MATTER = ("id", "question", "minutes_reading", "needs", "can_do_after")


@dataclass(frozen=True)
class Notebook:
    """One built notebook and where it lies."""

    path: Path
    content: dict[str, Any]

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.content["cells"]

    @property
    def code(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    @property
    def markdown(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if cell["cell_type"] == "markdown"]

    @property
    def meta(self) -> dict[str, Any]:
        return self.content["metadata"].get("sellerlab", {})

    @property
    def is_lesson(self) -> bool:
        return self.path.parent.name != "reports"


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def tags(cell: dict[str, Any]) -> list[str]:
    return cell["metadata"].get("tags", [])


def outputs(cell: dict[str, Any]) -> list[dict[str, Any]]:
    return cell.get("outputs", [])


def code_lines(cell: dict[str, Any]) -> list[str]:
    lines = (line.strip() for line in source(cell).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def texts(cell: dict[str, Any], *, but: tuple[str, ...] = ()) -> list[str]:
    """Every text a cell put out: streams, and the text forms of what it displayed, but not pictures."""
    found = []
    for output in outputs(cell):
        found.append("".join(output.get("text", "")))
        for kind, value in output.get("data", {}).items():
            if not kind.startswith("image/") and kind not in but:
                found.append("".join(value) if isinstance(value, (str, list)) else str(value))
        found += [output.get("evalue", ""), *output.get("traceback", [])]
    return [text for text in found if text]


def prose(cell: dict[str, Any], *, code: bool = False) -> str:
    """The words of a markdown cell: no fences, comments, headings, link targets; backticks if `code`."""
    text = re.sub(r"```.*?```|<!--.*?-->", " ", source(cell), flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "] ", text)
    text = re.sub(r"^#+ .*$", " ", text, flags=re.MULTILINE)
    return text if code else re.sub(r"`[^`\n]*`", " ", text)


def front_matter_is_complete(notebook: Notebook) -> list[str]:
    wanted = (*FRONT_MATTER, "minutes_exercises") if notebook.is_lesson else FRONT_MATTER
    return [f"front matter: sellerlab.{key} is missing" for key in wanted if not notebook.meta.get(key)]


def one_parameters_cell_near_the_top(notebook: Notebook) -> list[str]:
    places = [place for place, cell in enumerate(notebook.cells) if "parameters" in tags(cell)]
    if len(places) != 1:
        return [f"{len(places)} cells are tagged `parameters`; one is"]
    return [] if places[0] <= 3 else ["the parameters cell is not among the first four cells"]


def first_result_comes_at_once(notebook: Notebook) -> list[str]:
    """A picture within so many words and lines of code; the settings of `parameters` do not count."""
    words = lines = 0
    for cell in notebook.cells:
        if cell["cell_type"] == "markdown":
            words += 0 if "instructor" in tags(cell) else len(re.findall(r"\w[\w'’.,-]*", source(cell)))
        elif "parameters" not in tags(cell):
            lines += len(code_lines(cell))
            if any("image/png" in output.get("data", {}) for output in outputs(cell)):
                break
    else:
        return ["no cell shows a picture"]
    complaints = []
    if words > FIRST_RESULT_WORDS:
        complaints.append(f"the first result comes after {words} words; {FIRST_RESULT_WORDS} at most")
    if lines > FIRST_RESULT_LINES:
        complaints.append(f"the first result takes {lines} lines of code; {FIRST_RESULT_LINES} at most")
    return complaints


def code_cells_are_short(notebook: Notebook) -> list[str]:
    return [
        f"a code cell has {len(code_lines(cell))} lines; {LONGEST_CELL} at most: {code_lines(cell)[0]}"
        for cell in notebook.code
        if len(code_lines(cell)) > LONGEST_CELL and "parameters" not in tags(cell)
    ]


def pictures_have_words(notebook: Notebook) -> list[str]:
    complaints = []
    for cell in notebook.code:
        for output in outputs(cell):
            for kind in output.get("data", {}):
                if not kind.startswith("image/"):
                    continue
                alt = str(output.get("metadata", {}).get(kind, {}).get("alt", "")).strip()
                if len(alt) < SHORTEST_ALT or re.fullmatch(r"\S+\.(png|jpe?g|svg)", alt):
                    complaints.append(f"a picture has no finding as its alternative text, but {alt!r}")
    return complaints


def nothing_goes_to_stderr(notebook: Notebook) -> list[str]:
    return [
        f"stderr: {''.join(output['text']).strip().splitlines()[0]}"
        for cell in notebook.code
        for output in outputs(cell)
        if output.get("name") == "stderr"
    ]


def no_path_of_a_machine(notebook: Notebook) -> list[str]:
    machine = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|var|private|work|opt|mnt)/\S*|\b[A-Za-z]:\\\S*")
    everything = [text for cell in notebook.cells for text in (source(cell), *texts(cell))]
    return [
        f"a path of one machine: {match.group()}" for text in everything for match in machine.finditer(text)
    ]


def code_fetches_nothing(notebook: Notebook) -> list[str]:
    fetching = re.compile(r"https?://\S*|^\s*[!%].*|\b(?:urllib|requests|httpx|socket)\b", re.MULTILINE)
    return [
        f"code reaches out of the notebook: {match.group().strip()}"
        for cell in notebook.code
        for match in fetching.finditer(source(cell))
    ]


def links_lead_somewhere(notebook: Notebook) -> list[str]:
    complaints = []
    for cell in notebook.markdown:
        targets = re.findall(r"\]\(\s*<?([^)\s>]+)", source(cell))
        targets += re.findall(r"https?://[^\s)>\]]+", re.sub(r"\]\([^)]*\)", "", source(cell)))
        for target in targets:
            if re.match(r"https?:", target):
                if not target.startswith(ALLOWED_SITES):
                    complaints.append(f"{target} is not an official page that prose may link to")
            elif target.startswith("#"):
                continue
            elif ":" in target or not (notebook.path.parent / target.split("#")[0]).exists():
                complaints.append(f"the link {target} leads to no file")
    return complaints


def no_javascript(notebook: Notebook) -> list[str]:
    script = re.compile(r"<script|javascript:|<iframe|\son[a-z]+\s*=\s*[\"']", re.IGNORECASE)
    complaints = []
    for cell in notebook.cells:
        kinds = [kind for output in outputs(cell) for kind in output.get("data", {}) if "javascript" in kind]
        complaints += [f"an output of {kind}" for kind in kinds]
        rendered = texts(cell, but=("text/plain",)) + (
            [source(cell)] if cell["cell_type"] == "markdown" else []
        )
        complaints += [
            f"a script: {match.group().strip()}" for text in rendered for match in script.finditer(text)
        ]
    return complaints


def ignored_outputs_say_why(notebook: Notebook) -> list[str]:
    return [
        f"an output is ignored without a `reason`: {source(cell).splitlines()[0]}"
        for cell in notebook.code
        if "NBVAL_IGNORE_OUTPUT" in tags(cell) and len(str(cell["metadata"].get("reason", ""))) < 10
    ]


def claims() -> dict[str, dict[str, str]]:
    """The ledger, claim id to its row."""
    with (ROOT / "datasets" / "claims.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream)}


def quoted_claims_are_in_the_ledger(notebook: Notebook) -> list[str]:
    """Ids exist; a quotation `> **A12** …` has the ledger's words; a table row `| A12 |` its verdict."""
    ledger, complaints = claims(), []
    for cell in notebook.markdown:
        text = source(cell)
        missing = sorted({id_ for id_ in CLAIM.findall(prose(cell, code=True)) if id_ not in ledger})
        complaints += [f"{id_} is not in the ledger" for id_ in missing]
        for id_, words in re.findall(r"^> \*\*([A-E]\d\d)\*\* (.+)$", text, flags=re.MULTILINE):
            if id_ in ledger and words.strip() != ledger[id_]["claim"]:
                complaints.append(f"{id_} is quoted in other words than the ledger's: {ledger[id_]['claim']}")
        for id_, row in re.findall(r"^\| *([A-E]\d\d) *\|(.+)$", text, flags=re.MULTILINE):
            if id_ in ledger and f"| {ledger[id_]['verdict']} |" not in f"|{row}":
                complaints.append(
                    f"the table gives {id_} another verdict than the ledger: {ledger[id_]['verdict']}"
                )
    return complaints


def no_number_of_the_data_in_prose(notebook: Notebook) -> list[str]:
    """Digits in prose stand in backticks or an allowed form, and never repeat what a cell printed."""
    printed = {
        number.strip(".,").replace(",", "")
        for cell in notebook.code
        for text in texts(cell, but=("text/html",))
        for number in re.findall(r"\d[\d,.]*\d", text)
    }
    telling = {number for number in printed if len(re.sub(r"\D", "", number)) >= 3}
    complaints = []
    for cell in notebook.markdown:
        complaints += [f"a bare number in prose: {number}" for number in _numbers(prose(cell))]
        repeated = [
            number for number in _numbers(prose(cell, code=True)) if number.replace(",", "") in telling
        ]
        complaints += [f"a cell computes this number, prose repeats it: {number}" for number in repeated]
    return complaints


def _numbers(text: str) -> list[str]:
    text = re.sub(r"^> \*\*[A-E]\d\d\*\* .+$", " ", text, flags=re.MULTILINE)  # the ledger's own words
    for allowed in ALLOWED_NUMBERS:
        text = allowed.sub(" ", text)
    return [number.rstrip(".,") for number in re.findall(r"\d[\d,.]*", text)]


def headings_are_in_order(notebook: Notebook) -> list[str]:
    fences = re.compile(r"```.*?```", re.DOTALL)
    levels = [
        len(marks)
        for cell in notebook.markdown
        for marks in re.findall(r"^(#+) ", fences.sub("", source(cell)), flags=re.MULTILINE)
    ]
    complaints = (
        [] if levels[:1] == [1] else ["the notebook does not begin with a heading of the first level"]
    )
    if levels.count(1) > 1:
        complaints.append(f"{levels.count(1)} headings of the first level; one is")
    pairs = pairwise(levels)
    return complaints + [f"a heading jumps from level {a} to level {b}" for a, b in pairs if b > a + 1]


def lesson_is_whole(notebook: Notebook) -> list[str]:
    """Lessons only: exercises, prediction's answer, key points, verdicts, your own shop, instructor notes."""
    if not notebook.is_lesson:
        return []
    headings = "\n".join(
        re.findall(r"^#+ .*$", "\n".join(map(source, notebook.markdown)), flags=re.MULTILINE)
    )
    wanted = (
        "Your guess",
        "Your own shop",
        "Decide",
        "When this method lies to you",
        "Key points",
        "Verdicts",
    )
    complaints = [f"no heading {name!r}" for name in wanted if name.lower() not in headings.lower()]
    if not any("instructor" in tags(cell) for cell in notebook.markdown):
        complaints.append("no instructor note")
    if not any(re.search(r"^\| *[A-E]\d\d *\|", source(cell), re.MULTILINE) for cell in notebook.markdown):
        complaints.append("no claim has a row in the table of verdicts")
    return complaints


def exercises_can_be_checked(notebook: Notebook) -> list[str]:
    """Lessons only: three to five exercises of this lesson, each with check, hint and solution."""
    if not notebook.is_lesson:
        return []
    code, number = "\n".join(source(cell) for cell in notebook.code), str(notebook.meta.get("id", ""))
    ids = {
        verb: set(re.findall(rf"\.{verb}\(\s*\"([^\"]+)\"", code)) for verb in ("check", "hint", "solution")
    }
    complaints = []
    if not 3 <= len(ids["check"]) <= 5:
        complaints.append(f"{len(ids['check'])} exercises; three to five are")
    complaints += [
        f"{each} is not of lesson {number}" for each in sorted(ids["check"]) if each[:3] != f"{number}."
    ]
    for verb in ("hint", "solution"):
        complaints += [f"{each} has no {verb}" for each in sorted(ids["check"] - ids[verb])]
    return complaints


RULES = (
    front_matter_is_complete,
    one_parameters_cell_near_the_top,
    first_result_comes_at_once,
    code_cells_are_short,
    pictures_have_words,
    nothing_goes_to_stderr,
    no_path_of_a_machine,
    code_fetches_nothing,
    links_lead_somewhere,
    no_javascript,
    ignored_outputs_say_why,
    quoted_claims_are_in_the_ledger,
    no_number_of_the_data_in_prose,
    headings_are_in_order,
    lesson_is_whole,
    exercises_can_be_checked,
)
