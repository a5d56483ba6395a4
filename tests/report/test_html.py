"""The page: what it must have, and what it must not show."""

from __future__ import annotations

import nbformat
import pandas as pd
import pytest

from sellerlab import text
from sellerlab.report.html import render, section
from sellerlab.results import Result
from tests.report.pages import Page, faults

PNG = "iVBORw0KGgo="
RESULT = Result(
    table=pd.DataFrame({"sku": ["<A>", "B"], "sales": [1200.0, None]}),
    sentence="Sales of <A> were JPY 1,200 & more.",
    definition="Sales are what buyers paid.",
    currency="JPY",
    formats={"sales": "money"},
)


def shown(html: str, plain: str = "") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("execute_result", data={"text/html": html, "text/plain": plain})


def picture(alt: str | None) -> nbformat.NotebookNode:
    metadata = {"image/png": {"alt": alt}} if alt else {}
    return nbformat.v4.new_output(
        "display_data", data={"image/png": PNG, "text/plain": "x"}, metadata=metadata
    )


def page_of(*outputs: nbformat.NotebookNode, lang: str = "en") -> str:
    cells = [
        nbformat.v4.new_markdown_cell("# Monthly report\n\nWhat the month brought."),
        nbformat.v4.new_code_cell("secret_code = 1", metadata={"tags": ["injected-parameters"]}),
        nbformat.v4.new_markdown_cell("## Products"),
        nbformat.v4.new_code_cell("result.show()\nresult", execution_count=7, outputs=list(outputs)),
    ]
    return render(nbformat.v4.new_notebook(cells=cells), title="May <2026>", lang=lang)


def test_page_of_a_result_has_no_fault() -> None:
    assert faults(page_of(picture(RESULT.sentence), shown(RESULT._repr_html_()))) == []


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        (' lang="en"', "", "no lang or dir"),
        ("h2>", "h1>", "h1: [1, 1]"),
        ("h2>", "h3>", "headings leave out a level: [1, 3]"),
        ("alt=", "data-alt=", "a picture without words"),
        ('src="data:image', 'src="//cdn/image', "an address: "),
        ("<main>", "<main><script></script>", "not for a report: "),
        ("<caption>Products</caption>", "", "a table without a caption"),
        ('scope="col"', "", "a heading of a table without scope"),
    ],
)
def test_a_broken_page_is_seen(good: str, bad: str, fault: str) -> None:
    html = page_of(picture(RESULT.sentence), shown(RESULT._repr_html_())).replace(
        '<h2 id="Products">', "<h2>"
    )
    spoilt = html.replace(good, bad)
    assert spoilt != html
    assert any(each.startswith(fault) for each in faults(spoilt))


def test_code_prompts_and_parameters_are_not_shown() -> None:
    html = page_of(shown(RESULT._repr_html_()))
    for hidden in ("secret_code", "result.show", "In [", "Out[", "[7]"):
        assert hidden not in html


def test_picture_stands_between_its_sentence_and_its_table() -> None:
    html = page_of(picture(RESULT.sentence), shown(RESULT._repr_html_()))
    sentence, image, table = (html.index(each) for each in ("<p>Sales of", "<img", "<table"))
    assert sentence < image < table


def test_picture_of_something_else_stands_before_the_table_with_its_own_words() -> None:
    html = page_of(picture('Bars of 5" cases fall.'), shown(RESULT._repr_html_()))
    assert [image["alt"] for image in Page(html).all("img")] == ['Bars of 5" cases fall.']
    assert html.index("<img") < html.index("<p>Sales of")


def test_picture_without_words_gets_those_of_its_section() -> None:
    assert 'alt="Products"' in page_of(picture(None))


def test_names_of_the_shop_cannot_become_tags() -> None:
    html = page_of(picture(RESULT.sentence), shown(RESULT._repr_html_()))
    assert "<A>" not in html
    assert "<title>May &lt;2026&gt;</title>" in html


def test_warnings_and_scripts_of_a_cell_are_left_out() -> None:
    stderr = nbformat.v4.new_output("stream", name="stderr", text="UserWarning: font")
    script = nbformat.v4.new_output("display_data", data={"application/javascript": "alert(1)"})
    html = page_of(stderr, script)
    assert "UserWarning" not in html
    assert "alert" not in html


def test_printed_lines_become_paragraphs() -> None:
    html = page_of(
        nbformat.v4.new_output("stream", name="stdout", text="No stock < given.\n\nSecond line.\n")
    )
    assert "<p>No stock &lt; given.</p>\n<p>Second line.</p>" in html


def test_second_table_of_a_section_has_a_name_of_its_own() -> None:
    html = page_of(shown(RESULT._repr_html_()), shown(RESULT._repr_html_()))
    assert [each["aria-label"] for each in Page(html).all("div") if "aria-label" in each] == [
        "Products",
        "Products (2)",
    ]


def test_headings_and_paragraphs_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"Products": "מוצרים", "What the month brought.": "מה הביא החודש."}
    monkeypatch.setattr(text, "catalogue", lambda code: words if code == "he" else {})
    page = Page(html := page_of(shown(RESULT._repr_html_()), lang="he"))
    assert page.all("html") == [{"lang": "he", "dir": "rtl"}]
    assert "מוצרים" in page.text
    assert "מה הביא החודש." in page.text
    assert faults(html) == []


def test_same_notebook_gives_the_same_page() -> None:
    assert page_of(shown(RESULT._repr_html_())) == page_of(shown(RESULT._repr_html_()))


def test_section_is_the_heading_above() -> None:
    cells = [
        nbformat.v4.new_code_cell("1"),
        nbformat.v4.new_markdown_cell("# A\n\ntext\n\n## B"),
        nbformat.v4.new_code_cell("# no heading"),
    ]
    assert [section(cells, place) for place in range(3)] == ["the beginning", "B", "B"]
