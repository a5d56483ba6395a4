"""How the sections of a report show their results, where a result alone does not do.

A section shows a picture, a sentence and a table. The front page has its own table, the last section puts
all definitions in one place, and a section without data says what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import __version__, text
from sellerlab.errors import InputError
from sellerlab.report.run import FACTS
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.overview.headline import Headline
    from sellerlab.report.inputs import Inputs


#: Style of words under a name or a number: a notebook has no style sheet that sets them apart.
_UNDER = ' style="display:block;font-weight:400"'
#: Style of a number, which a narrow notebook would break between currency and amount.
_WHOLE = ' style="white-space:nowrap"'


@dataclass(frozen=True)
class Note:
    """What a section says in place of a result: why there is none, and what would make one."""

    sentence: str
    definition: str = ""

    def show(self) -> None:
        """Show nothing: there is no picture of what is not known."""

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return f'<div class="sellerlab">\n<p>{escape(self.sentence)}</p>\n</div>'


def present(result: Result | Note) -> Result | Note:
    """Show a result's picture and return the result, so that its sentence and table follow.

    Args:
        result: What an analysis gave; with an empty table only its sentence is shown.
    """
    if isinstance(result, Result) and len(result.printed()) == 1:
        return Note(result.sentence, result.definition)
    result.show()
    return result


def pictured(result: Result | Note) -> Note:
    """Show a result's picture and return its sentence, where the table is too long for a page.

    Args:
        result: What an analysis gave.
    """
    if isinstance(result, Note):
        return result
    result.show()
    return Note(result.sentence, result.definition)


def narrow(result: Result | Note, *columns: str) -> Result | Note:
    """Show a result's picture and return it with some columns of its table, those it has.

    Args:
        result: What an analysis gave.
        *columns: Columns to keep, in this order.
    """
    if isinstance(result, Note) or len(result.printed()) == 1:
        return present(result)
    result.show()
    table = nw.from_native(result.table).lazy().collect()
    return with_table(result, table.select(name for name in columns if name in table.columns).to_native())


def with_table(result: Result, table: Any) -> Result:
    """Return the same answer with another table; its picture stays with the fuller one.

    Args:
        result: What an analysis gave.
        table: The table to print.
    """
    return Result(
        table=table,
        sentence=result.sentence,
        definition=result.definition,
        currency=result.currency,
        formats=result.formats,
    )


@dataclass(frozen=True)
class _List:
    """Some columns of a result for a small screen: what is written about a row stands under its name."""

    result: Result
    name: str
    under: str
    columns: tuple[str, ...]
    facts: Mapping[str, str]

    def __repr__(self) -> str:
        return repr(self.result)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        header, *lines = self.result.printed()
        places = {title: place for place, title in enumerate(header)}
        name, under, *numbers = (
            places[text.say(each.replace("_", " "))] for each in (self.name, self.under, *self.columns)
        )
        # The roles are said, as a phone lays the rows out anew and would forget that they are a table.
        columns = "".join(_cell("th", "columnheader", header[each], "number", "col") for each in numbers)
        first = _cell("th", "columnheader", header[name], "text", "col")
        body = "".join(
            f'<tr role="row"><th role="rowheader" scope="row">{escape(line[name])}'
            f'<span class="definition"{_UNDER}>{escape(line[under])}</span></th>'
            + "".join(_cell("td", "cell", line[each], "number", label=header[each]) for each in numbers)
            + "</tr>\n"
            for line in lines
        )
        table = (
            f'<table role="table" class="list" style="--columns: {len(numbers)}">\n'
            f'<thead role="rowgroup"><tr role="row">{first}{columns}</tr></thead>\n'
            f'<tbody role="rowgroup">\n{body}</tbody>\n</table>'
        )
        return {
            "text/plain": repr(self.result),
            "text/html": _TABLE.sub(lambda _: table, self.result._repr_html_(), count=1),
            FACTS: {"headline": dict(self.facts)},
        }


def _cell(tag: str, role: str, words: str, kind: str, scope: str = "", label: str = "") -> str:
    more = f' scope="{scope}"' if scope else ""
    # A phone writes its heading beside each number, as the head of the table has scrolled away.
    more += f' data-label="{escape(label)}"' if label else ""
    more += f' class="{kind}"' + (_WHOLE if (tag, kind) == ("td", "number") else "")
    return f'<{tag} role="{role}"{more}>{escape(words)}</{tag}>'


def listed(
    result: Result | Note,
    name: str,
    under: str,
    *columns: str,
    picture: Result | Note | None = None,
    headline: Mapping[str, str] | None = None,
) -> Any:
    """Show a result's picture and return its table as a list that a phone shows whole.

    Args:
        result: What an analysis gave.
        name: Column that names a row.
        under: Column of words, printed under the name.
        *columns: Columns of numbers beside it.
        picture: Result whose picture is shown, where it is that of a fuller table.
        headline: Numbers for whoever runs the report, name to text.
    """
    if isinstance(result, Note) or len(result.printed()) == 1:
        return present(result)
    present(picture or result)
    return _List(result, name, under, columns, headline or {})


@dataclass(frozen=True)
class _Rows:
    result: Result

    def __repr__(self) -> str:
        return repr(self.result).split("\n\n", 1)[1]

    def _repr_html_(self) -> str:
        return _TABLE.search(self.result._repr_html_()).group()  # type: ignore[union-attr]


_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)


def rows(result: Result) -> Any:
    """Return a result's table alone, where its sentence has been said already.

    Args:
        result: What an analysis gave.
    """
    if len(result.printed()) == 1:
        return Note(text.say("There is nothing to list."))
    return _Rows(result)


def cover(shop: Inputs) -> Result | Note:
    """Return the days of cover of a shop's stock, or a note where stock or days of orders are missing.

    Args:
        shop: What `load` gave.
    """
    from sellerlab import stock

    products = shop.products
    if products is None or "on_hand" not in products.columns or products["on_hand"].isna().all():
        return Note(
            text.say(
                "No stock was given, so nothing is said about it. Give a table of products with the column "
                "on_hand."
            )
        )
    try:
        return stock.days_of_cover(shop.orders, products)
    except InputError as error:
        return Note(str(error))


@dataclass(frozen=True)
class _FrontPage:
    headline: Headline

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        header, *lines = self.headline.printed()
        table = (
            f"<table>\n{_front_head(header)}\n<tbody>\n{''.join(map(_front_row, lines))}</tbody>\n</table>"
        )
        named = zip(self.headline.measures, lines, strict=True)
        found = {measure.name: (label, value) for measure, (label, value, *_) in named}
        first = dict(found[name] for name in ("net_sales", "contribution", "orders"))
        return {
            "text/plain": repr(self.headline),
            "text/html": _TABLE.sub(lambda _: table, self.headline._repr_html_(), count=1),
            FACTS: {"headline": first},
        }


def front_page(headline: Headline) -> Any:
    """Show the picture of the headline numbers and return their table, each definition under its name.

    The first of them are handed to the program that runs the report.

    Args:
        headline: What `overview.headline` gives.
    """
    headline.show()
    return _FrontPage(headline)


def _front_head(header: list[str]) -> str:
    measure, value, previous, _, _, year, *_ = header
    cells = "".join(f'<th scope="col" class="number">{escape(each)}</th>' for each in (value, previous, year))
    return f'<thead><tr><th scope="col">{escape(measure)}</th>{cells}</tr></thead>'


def _front_row(line: list[str]) -> str:
    label, value, previous, change, better, year, change_year, better_year, definition = map(escape, line)
    cells = [f'<th scope="row">{label}<span class="definition"{_UNDER}>{definition}</span></th>']
    cells.append(f'<td class="number"{_WHOLE}><strong>{value}</strong></td>')
    for before, by, word in ((previous, change, better), (year, change_year, better_year)):
        compared = (
            "" if before == word else f'<span class="change"{_UNDER}>{text.isolated(by)}, {word}</span>'
        )
        cells.append(f'<td class="number"{_WHOLE}>{before}{compared}</td>')
    return f"<tr>{''.join(cells)}</tr>\n"


@dataclass(frozen=True)
class _Method:
    shop: Inputs
    results: Mapping[str, Result | Note]

    def _parameters(self) -> list[tuple[str, str]]:
        source = self.shop.orders.source
        read_as = {"read_as": f"{source.label} ({source.encoding})"}
        given = self.shop.parameters.printed() | dict(self.shop.window.printed) | read_as
        said = {"True": text.say("yes"), "False": text.say("no")}
        given |= {"sellerlab": __version__}
        return [(_label(name), said.get(value, value)) for name, value in given.items()]

    def _definitions(self) -> list[tuple[str, str]]:
        """Return each result's definition, without the sentences that stand above already."""
        notes = " ".join(self.shop.orders.reconciliation.notes)
        listed = [(text.say("Decided while reading"), notes)] if notes else []
        said: set[str] = set()
        for name, result in self.results.items():
            sentences = re.split(r"(?<=[.。]) +", result.definition)
            new = [each for each in sentences if each not in said]
            said.update(new)
            if result.definition:
                listed.append((_label(name), " ".join(new) or text.say("As above.")))
        return listed

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in [*self._parameters(), *self._definitions()])

    def _repr_html_(self) -> str:
        titles = (text.say("parameter"), text.say("value"))
        head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
        body = "\n".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
            for name, value in self._parameters()
        )
        listed = "\n".join(
            f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in self._definitions()
        )
        return (
            f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
            f"<dl>\n{listed}\n</dl>"
        )


def method(shop: Inputs, **results: Result | Note) -> Any:
    """Return how the report was made: its parameters, what was decided, and each number's definition.

    Args:
        shop: What `load` gave.
        **results: The report's results under the names they are listed by.
    """
    return _Method(shop, results)


def _label(name: str) -> str:
    words = name.replace("_", " ").capitalize()
    return text.say(words) if words in _LABELS else words


#: What the last section lists: parameters, and results under the names that the template gives them.
_LABELS = (
    "Orders",
    "Month",
    "Products",
    "Costs",
    "Currency",
    "Timezone",
    "Lang",
    "Shop name",
    "Dayfirst",
    "Format",
    "Mapping",
    "Details",
    "Read as",
    "What came in",
    "Headline",
    "Waterfall",
    "Channels",
    "Customers",
    "Days of cover",
    "Attention",
)
