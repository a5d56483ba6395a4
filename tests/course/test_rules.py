"""Each rule of the course lets a good notebook pass and stops a bad one."""

from __future__ import annotations

import copy
import json

import pytest

import tests.course.course_rules as rules

ALT = "Of JPY 12,345 of sales, JPY 678 is left after every cost."
PICTURE = {
    "output_type": "display_data",
    "data": {"image/png": "aGVsbG8=", "text/plain": ALT},
    "metadata": {"image/png": {"alt": ALT}},
}
META = {
    "id": "01",
    "question": "What is left?",
    "minutes_reading": 5,
    "minutes_exercises": 5,
    "needs": "Nothing.",
    "can_do_after": "Say what is left.",
}
HEADINGS = ("Your guess", "Your own shop", "Decide", "When this method lies to you", "Key points", "Verdicts")


def markdown(text, **metadata):
    return {"cell_type": "markdown", "id": "m", "metadata": metadata, "source": text}


def code(text, *outputs, **metadata):
    return {
        "cell_type": "code",
        "id": "c",
        "execution_count": 1,
        "metadata": metadata,
        "outputs": list(outputs),
        "source": text,
    }


def printed(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(kind, text):
    return {"output_type": "display_data", "data": {kind: text}, "metadata": {}}


def exercise(number):
    verbs = "\n".join(f'lab.{verb}("01.{number}")' for verb in ("check", "hint", "solution"))
    return code(verbs)


GOOD = [
    markdown("# What is left?\n\nMika sells phone stands. Five minutes are enough, she says."),
    code('handle = ""', tags=["parameters"]),
    code("answer.show()", PICTURE),
    markdown(
        "> **A44** Keep monthly records of sales and expenses\n\nShe does, since `2` years (Sato 2019)."
    ),
    *(markdown(f"## {name}\n\nWords, see exercise 01.1, lesson 62 and contribution 3.") for name in HEADINGS),
    markdown("| A44 | not yet tested |"),
    *(exercise(number) for number in (1, 2, 3)),
    markdown("Ask the room.", tags=["instructor"]),
]


@pytest.fixture(autouse=True)
def ledger(monkeypatch):
    row = {"claim": "Keep monthly records of sales and expenses", "verdict": "not yet tested"}
    monkeypatch.setattr(rules, "claims", lambda: {"A44": row})


@pytest.fixture
def make(tmp_path):
    """A notebook like the good one: cells put in after the first result, or all cells, or other metadata."""

    def notebook(*added, cells=None, meta=None, folder="0_start"):
        path = tmp_path / folder / "01_what_is_left.ipynb"
        all_cells = cells if cells is not None else [*GOOD[:3], *added, *GOOD[3:]]
        content = {
            "cells": copy.deepcopy(all_cells),
            "metadata": {"sellerlab": META if meta is None else meta},
        }
        return rules.Notebook(path, json.loads(json.dumps(content)))

    return notebook


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_good_notebook_keeps_every_rule(make, rule):
    assert rule(make()) == []


BAD_CELLS = [
    (rules.one_parameters_cell_near_the_top, code("more = 1", tags=["parameters"]), "2 cells"),
    (rules.code_cells_are_short, code("\n".join("abcdefghi")), "9 lines"),
    (rules.pictures_have_words, code("x", {**PICTURE, "metadata": {}}), "alternative text"),
    (
        rules.pictures_have_words,
        code("x", {**PICTURE, "metadata": {"image/png": {"alt": "waterfall_of_the_last_full_month.png"}}}),
        "alternative text",
    ),
    (
        rules.pictures_have_words,
        code("x", {**PICTURE, "metadata": {"image/png": {"alt": "Waterfall"}}}),
        "alternative text",
    ),
    (rules.nothing_goes_to_stderr, code("x", printed("Warning: old", "stderr")), "Warning: old"),
    (rules.no_path_of_a_machine, code("x", printed("/home/mika/orders.csv")), "/home/mika"),
    (rules.no_path_of_a_machine, code("x", shown("text/html", "<p>/tmp/x</p>")), "/tmp/x"),
    (rules.no_path_of_a_machine, code("read('C:\\\\Users\\\\mika')"), "C:\\"),
    (rules.no_path_of_a_machine, markdown("Look in /Users/mika"), "/Users/mika"),
    (rules.code_fetches_nothing, code('read("https://example.com/a.csv")'), "https://example.com"),
    (rules.code_fetches_nothing, code("import urllib.request"), "urllib"),
    (rules.code_fetches_nothing, code("%pip install x"), "%pip"),
    (rules.links_lead_somewhere, markdown("[more](https://example.com/)"), "not an official page"),
    (rules.links_lead_somewhere, markdown("See https://example.com/ too"), "not an official page"),
    (rules.links_lead_somewhere, markdown("[lesson](../2_product_choice/missing.ipynb)"), "leads to no file"),
    (rules.no_javascript, code("x", shown("application/javascript", "alert()")), "application/javascript"),
    (rules.no_javascript, code("x", shown("text/html", "<script>alert()</script>")), "<script"),
    (rules.no_javascript, code("x", shown("text/html", "<b onclick='x()'>")), "onclick"),
    (rules.no_javascript, markdown("<script src='x'></script>"), "<script"),
    (rules.ignored_outputs_say_why, code("w()", tags=["NBVAL_IGNORE_OUTPUT"]), "w()"),
    (rules.quoted_claims_are_in_the_ledger, markdown("B99 says so"), "B99"),
    (rules.quoted_claims_are_in_the_ledger, markdown("> **A44** Keep records"), "other words"),
    (rules.quoted_claims_are_in_the_ledger, markdown("| A44 | holds |"), "another verdict"),
    (rules.no_number_of_the_data_in_prose, markdown("She sold 32 stands"), "32"),
    (rules.no_number_of_the_data_in_prose, markdown("- profit: 5%"), "5"),
    (rules.no_number_of_the_data_in_prose, markdown("She sold `12,345` yen of them"), "12,345"),
    (rules.headings_are_in_order, markdown("# Again"), "2 headings"),
    (rules.headings_are_in_order, markdown("### Deep"), "level 1 to level 3"),
    (rules.exercises_can_be_checked, code('lab.check("01.4", 1)\nlab.hint("01.4")'), "01.4 has no solution"),
    (rules.exercises_can_be_checked, code('lab.check("02.1", 1)'), "not of lesson 01"),
]


@pytest.mark.parametrize(
    ("rule", "cell", "complaint"), BAD_CELLS, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_bad_cell_breaks_its_rule(make, rule, cell, complaint):
    complaints = rule(make(cell))
    assert complaints
    assert any(complaint in each for each in complaints)


@pytest.mark.parametrize("key", META)
def test_front_matter_without_a_key_breaks_the_rule(make, key):
    meta = {name: value for name, value in META.items() if name != key}
    assert rules.front_matter_is_complete(make(meta=meta)) == [f"front matter: sellerlab.{key} is missing"]


def test_a_report_needs_neither_exercises_nor_key_points(make):
    report = make(cells=GOOD[:3], folder="reports", meta={**META, "minutes_exercises": None})
    assert [complaint for rule in rules.RULES for complaint in rule(report)] == []


def test_a_late_first_result_breaks_the_rule(make):
    assert "words" in rules.first_result_comes_at_once(make(cells=[markdown("word " * 101), *GOOD]))[0]
    assert "lines" in rules.first_result_comes_at_once(make(cells=[code("a\nb\nc\nd\ne"), *GOOD]))[0]
    assert rules.first_result_comes_at_once(make(cells=GOOD[:2])) == ["no cell shows a picture"]


def test_no_parameters_cell_or_a_late_one_breaks_the_rule(make):
    assert rules.one_parameters_cell_near_the_top(make(cells=GOOD[2:]))
    late = [markdown("x"), markdown("x"), markdown("x"), *GOOD]
    assert "first four" in rules.one_parameters_cell_near_the_top(make(cells=late))[0]


def test_a_notebook_that_does_not_begin_with_its_title_breaks_the_rule(make):
    assert "first level" in rules.headings_are_in_order(make(cells=GOOD[3:]))[0]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_lesson_without_one_of_its_parts_breaks_the_rule(make, heading):
    cells = [cell for cell in GOOD if f"## {heading}" not in cell["source"]]
    assert rules.lesson_is_whole(make(cells=cells)) == [f"no heading {heading!r}"]


def test_a_lesson_without_instructor_notes_or_verdicts_breaks_the_rule(make):
    assert rules.lesson_is_whole(make(cells=GOOD[:-1])) == ["no instructor note"]
    cells = [cell for cell in GOOD if not cell["source"].startswith("|")]
    assert rules.lesson_is_whole(make(cells=cells)) == ["no claim has a row in the table of verdicts"]


def test_two_exercises_are_too_few_and_six_too_many(make):
    few = [cell for cell in GOOD if "01.3" not in cell["source"]]
    assert "2 exercises" in rules.exercises_can_be_checked(make(cells=few))[0]
    assert (
        "6 exercises" in rules.exercises_can_be_checked(make(*(exercise(number) for number in (4, 5, 6))))[0]
    )
