"""From an executed notebook to one page for a reader.

The page shows what the notebook found and nothing of how it was typed: no code, no prompts, no script,
nothing fetched from anywhere. The one idea: every output becomes finished, accessible HTML here, and the
nbconvert template beside this file is only the page around it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from sellerlab import __version__, text


def render(notebook: Any, *, title: str, lang: str = "en") -> str:
    """Return an executed notebook as one HTML page that needs nothing else.

    Args:
        notebook: The executed notebook (`nbformat.NotebookNode`).
        title: Title of the page.
        lang: Language of the page; headings and prose are translated where its catalogue has them.

    Returns:
        The page. The same notebook gives the same text.
    """
    from nbconvert import HTMLExporter

    page = copy.deepcopy(notebook)
    for place, cell in enumerate(page.cells):
        if cell.cell_type == "markdown":
            cell.source = _translated(cell.source, lang)
        elif cell.cell_type == "code":
            cell.outputs = _finished(cell.outputs, section(page.cells, place))
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="template",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_anchor_links=True,
    )
    resources = {
        "lang": lang,
        "dir": "rtl" if lang in text.RIGHT_TO_LEFT else "ltr",
        "title": title,
        "version": __version__,
    }
    html, _ = exporter.from_notebook_node(page, resources=resources)
    return str(html)


def section(cells: Sequence[Any], place: int) -> str:
    """Return the heading that the cell at `place` stands under.

    Args:
        cells: The cells of a notebook.
        place: Index of a cell, from 0.

    >>> from types import SimpleNamespace as Cell
    >>> section([Cell(cell_type="markdown", source="## Channels"), Cell(cell_type="code", source="1")], 1)
    'Channels'
    """
    for cell in reversed(cells[: place + 1]):
        headings = re.findall(r"^#+ +(.+?) *$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and headings:
            return str(headings[-1])
    return "the beginning"


def _translated(source: str, lang: str) -> str:
    """Return Markdown with each heading and paragraph that the catalogue has in the reader's language."""
    catalogue = text.catalogue(lang)
    blocks = []
    for block in re.split(r"\n{2,}", source):
        marks, words = re.fullmatch(r"(#* *)(.*)", block, re.DOTALL).groups()  # type: ignore[union-attr]
        words = " ".join(words.split("\n")) if catalogue else words
        blocks.append(marks + catalogue.get(words, words))
    return "\n\n".join(blocks)


def _finished(outputs: Sequence[Any], heading: str) -> list[Any]:
    """Return the outputs of a cell as finished HTML: pictures with words, tables with a name."""
    import nbformat

    pieces: list[str] = []
    waiting: list[tuple[str, str]] = []
    for output in outputs:
        data = output.get("data", {})
        if "image/png" in data:
            alt = output.metadata.get("image/png", {}).get("alt") or heading
            waiting.append((alt, data["image/png"].strip()))
        elif "text/html" in data:
            pieces.append(_with_pictures(data["text/html"], waiting))
            waiting = []
        elif output.output_type == "stream" and output.name == "stdout":
            pieces += [f"<p>{escape(line)}</p>" for line in output.text.splitlines() if line.strip()]
        elif "text/plain" in data:
            pieces.append(f"<pre>{escape(data['text/plain'])}</pre>")
    pieces += [_figure(alt, png) for alt, png in waiting]
    html = _named_tables("\n".join(pieces), heading)
    # Sentences are joined with a space, which Japanese and Chinese do not write.
    html = re.sub("。 +", "。", html)
    # A currency, its amount and a minus before them stay on one line.
    html = re.sub(r"\b([A-Z]{3}) (?=\d)", "\\1\N{NO-BREAK SPACE}", html)
    html = re.sub("-(?=[A-Z]{3}\N{NO-BREAK SPACE})", "-\N{WORD JOINER}", html)
    data = {"text/html": html}
    return [nbformat.v4.new_output("display_data", data=data)] if html else []  # type: ignore[no-untyped-call]


def _with_pictures(html: str, pictures: Sequence[tuple[str, str]]) -> str:
    """Put each picture between the sentence it belongs to and that sentence's table, else in front."""
    for alt, png in reversed(pictures):
        sentence, figure = f"<p>{escape(alt)}</p>\n", _figure(alt, png)
        before, found, after = html.partition(sentence)
        html = f"{before}{found}{figure}\n{after}" if found else f"{figure}\n{html}"
    return html


def _figure(alt: str, png: str) -> str:
    return f'<figure tabindex="0"><img alt="{escape(alt)}" src="data:image/png;base64,{png}"></figure>'


def _named_tables(html: str, heading: str) -> str:
    """Give each table a caption for those who cannot see it, and a box of its own to scroll in."""
    count = 0

    def boxed(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        name = escape(heading if count == 1 else f"{heading} ({count})")
        opening, rest = match.groups()
        inner = rest if "<caption" in rest else f"<caption>{name}</caption>{rest}"
        return f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{opening}{inner}</div>'

    return re.sub(r"(<table[^>]*>)(.*?</table>)", boxed, html, flags=re.DOTALL)
