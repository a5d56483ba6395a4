"""What an answer is: a table, a sentence and a picture of the same thing.

An analysis returns a subclass of `Result` with its own numbers as fields. A learner reads `sentence`, a
teacher shows `plot()`, a report prints all three, and a screen reader speaks the sentence as the
picture's alternative text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from sellerlab import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Format = Literal["money", "rate", "count", "number", "p"]

#: Rows that a printed table shows; the whole table stays in `Result.table`.
SHOWN_ROWS = 30


class Sentence(str):
    """A sentence that a notebook shows as a paragraph, not as quoted text.

    >>> Sentence("3 of 4 orders came back.")._repr_html_()
    '<p>3 of 4 orders came back.</p>'
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f"<p>{escape(self)}</p>"


@dataclass(frozen=True, kw_only=True, repr=False)
class Result:
    """A table, a sentence and a picture; subclasses add their scalars as fields and `_draw`.

    Attributes:
        table: The numbers, in the caller's kind of frame, one row a thing.
        sentence: The answer in words: the number, its interval and its denominator.
        definition: How each number was computed: numerator, denominator, tax basis, as-of date.
        currency: ISO code of the money in the table, or None.
        formats: How columns are printed: ``"money"``, ``"rate"``, ``"count"``, ``"number"`` or ``"p"``
            (a p-value, which needs four decimals).
    """

    table: Any = field(compare=False)
    sentence: str
    definition: str
    currency: str | None = None
    formats: Mapping[str, Format] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", Sentence(self.sentence))

    def _draw(self, ax: Axes) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no picture")

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches, for a width of 8."""
        return 4.5

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the picture and return its axes.

        Args:
            ax: Axes to draw on; new ones by default.
        """
        from sellerlab import plots

        with plots.look():
            ax = plots.axes(ax, height=self.picture_height)
            self._draw(ax)
        return ax

    def show(self) -> None:
        """Show the picture in a notebook, with the sentence as its alternative text."""
        from sellerlab import plots

        with plots.look():
            figure = self.plot().get_figure(root=True)
            if figure is not None:
                plots.show(figure, self.sentence)

    def printed(self, rows: int = SHOWN_ROWS) -> list[list[str]]:
        """Return the table as text, header first, numbers written for the reader.

        Args:
            rows: Rows to print at most.
        """
        frame = nw.from_native(self.table).lazy().head(rows).collect()
        columns = [
            [text.say(name.replace("_", " ")), *(self._cell(name, value) for value in frame[name].to_list())]
            for name in frame.columns
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def _cell(self, column: str, value: Any) -> str:
        style = self.formats.get(column)
        if value is None or (isinstance(value, float | dt.date) and value != value):
            return "–"
        if style == "money":
            return text.money(float(value), self.currency)
        if style == "rate":
            return text.percent(float(value))
        if style == "count":
            return text.number(float(value))
        if style == "p":
            return text.number(float(value), 4)
        if style == "number" or isinstance(value, float):
            return text.number(float(value), 2)
        if isinstance(value, dt.date):
            return value.isoformat()[:10]
        return str(value)

    def _columns(self) -> list[str]:
        return list(nw.from_native(self.table).lazy().collect_schema().names())

    def _rows_left(self) -> int:
        lazy = nw.from_native(self.table).lazy()
        return max(int(lazy.select(nw.len()).collect().item()) - SHOWN_ROWS, 0)

    def __repr__(self) -> str:
        rows = self.printed()
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        numeric = [name in self.formats for name in self._columns()]
        lines = [
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(row, widths, numeric, strict=True)
            ).rstrip()
            for row in rows
        ]
        return "\n".join([self.sentence, "", *lines])

    def _repr_html_(self) -> str:
        header, *rows = self.printed()
        kinds = ["number" if name in self.formats else "text" for name in self._columns()]
        head = "".join(
            f'<th scope="col" class="{kind}">{escape(cell)}</th>'
            for cell, kind in zip(header, kinds, strict=True)
        )
        body = "\n".join(
            "<tr>"
            + "".join(
                f'<td class="{kind}">{escape(cell)}</td>' for cell, kind in zip(row, kinds, strict=True)
            )
            + "</tr>"
            for row in rows
        )
        left = self._rows_left()
        more = f"<p>{escape(text.say('{n} more rows in .table', n=text.number(left)))}</p>" if left else ""
        return (
            f'<div class="sellerlab">\n<p>{escape(self.sentence)}</p>\n'
            f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n{more}"
            f"<details><summary>{escape(text.say('How it is computed'))}</summary>"
            f"<p>{escape(self.definition)}</p></details>\n</div>"
        )
