"""What a format is: one YAML file under `formats/`, checked and turned into a `Description`.

The one idea: a format is data. Its columns, the rows to set aside, how an order's money is shared out
over its lines and what each status word means are all written in the file; the engine knows no format
by name. A user's own mapping is the same thing in small: it changes a description before it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from sellerlab.errors import InputError, ReadError, unknown
from sellerlab.tables import TABLES

KINDS = ("id", "text", "number", "money", "time")
ZONES = ("local", "written", "utc")


@dataclass(frozen=True)
class Field:
    """One column of a file: the headers it may stand under and how its cells are read.

    Attributes:
        headers: Headers it may have, the usual one first.
        kind: ``id`` and ``text`` stay as written; the others are parsed.
        required: Whether a row without it is rejected.
        per: Group whose first filled cell counts for the whole group, such as ``"order"``.
        personal: Whether it tells who the buyer is; it then only feeds the keyed hash.
        from_number: Whether a spreadsheet turned the id into a number (``17850.0``).
    """

    headers: tuple[str, ...]
    kind: str = "text"
    required: bool = False
    per: str = ""
    personal: bool = False
    from_number: bool = False


@dataclass(frozen=True)
class Ignore:
    """A rule for rows that are no orders: an expression over the text of the cells, and the reason."""

    when: str
    reason: str
    first_row: bool = False
    header: str = ""


@dataclass(frozen=True)
class Control:
    """The money that must not get lost.

    Attributes:
        file: Expression for the money of the file, added over all rows.
        orders: Expression for the same money over the finished order lines.
        rows: Expression for the money of one row; `file` where it is empty.
        per: Group that carries the amount once, such as ``"order"``.
    """

    file: str
    orders: str = "amount"
    rows: str = ""
    per: str = ""


@dataclass(frozen=True)
class Description:
    """A format: how to recognise a file, read its cells and make order lines of its rows."""

    name: str
    label: str
    what: str
    export: str = ""
    table: str = "orders"
    refuse: str = ""
    signature: tuple[str, ...] = ()
    columns: Mapping[str, Field] = field(default_factory=dict)
    encodings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delimiters: tuple[str, ...] = (",", ";", "\t", "|")
    quoting: bool = True
    decimal: str = "auto"
    dayfirst: bool | None = None
    ampm_is_monthfirst: bool = False
    zone: str = "local"
    currency: str | None = None
    timezone: str | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[Ignore, ...] = ()
    details: str = ""
    details_files: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)
    one_row_per: str = ""
    lines: Mapping[str, str] = field(default_factory=dict)
    customer: tuple[str, ...] = ()
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    control: Control | None = None
    notes: tuple[str, ...] = ()

    def title(self, column: str) -> str:
        """Return the header a reader knows the column by."""
        known = self.columns.get(column)
        return known.headers[0] if known else column


@cache
def known() -> Mapping[str, Description]:
    """Return every format that comes with sellerlab, by name.

    >>> "shopify_orders" in known()
    True
    """
    folder = resources.files("sellerlab.read") / "formats"
    files = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name
    )
    found = {}
    for file in files:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        found[Path(file.name).stem] = describe(Path(file.name).stem, content)
    return found


def describe(name: str, content: Mapping[str, Any]) -> Description:
    """Check the content of a format file and return its description.

    Args:
        name: Name of the format: the file's name without ``.yaml``.
        content: What the YAML file holds.

    Raises:
        InputError: A key, a kind or a column name is not known; the message offers the nearest.

    >>> describe("mine", {"label": "Mine", "what": "orders", "colums": {}})
    Traceback (most recent call last):
    sellerlab.errors.UnknownNameError: There is no key of format mine 'colums'. Did you mean 'columns'? ...
    """
    where = f"format {name}"
    names = {each.name for each in fields(Description)} - {"name"}
    _only(f"key of {where}", content, names)
    lists = ("signature", "delimiters", "customer", "notes")
    given: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in content.items()}
    given["columns"] = {key: _field(where, key, value) for key, value in content.get("columns", {}).items()}
    given["encodings"] = {key: tuple(words or ()) for key, words in content.get("encodings", {}).items()}
    given["ignore"] = tuple(Ignore(**rule) for rule in content.get("ignore", ()))
    given["maps"] = {key: _plain(words) for key, words in content.get("maps", {}).items()}
    if "control" in content:
        given["control"] = Control(**content["control"])
    description = Description(name=name, **given)
    _only(f"column of the {description.table} table", description.lines, TABLES[description.table].names)
    _only(f"column of {where}", [*description.signature, *description.customer], description.columns)
    if description.zone not in ZONES:
        raise unknown(f"zone of {where}", description.zone, ZONES)
    return description


#: What a user's mapping may say, and what it stands for.
MAPPING_KEYS = {
    "columns": "column of sellerlab: header in the file",
    "constants": "column of sellerlab: one value for every row",
    "status": "status word in the file: paid, pending or cancelled",
    "kinds": "sku that is no product: shipping, fee or adjustment",
    "order_id_prefixes": "first letters of an order number: kind of the row",
    "number_ids": "columns whose ids a spreadsheet turned into numbers",
    "keep": "header: the values to keep",
    "drop": "header: the values to leave out",
    "currency": "ISO 4217 code",
    "timezone": "IANA time zone",
    "decimal": "'.' or ','",
    "dayfirst": "whether 03/05/2026 is 3 May",
    "encoding": "encoding of the text",
    "delimiter": "character between cells",
}


def load_mapping(mapping: Any) -> Mapping[str, Any]:
    """Return a mapping given as a dictionary, or read from a YAML file.

    Args:
        mapping: Dictionary, or path of a YAML file; its keys are those of `MAPPING_KEYS`.

    Raises:
        ReadError: The file cannot be read or is not YAML.
        InputError: A key is not known; the message offers the nearest.

    >>> load_mapping({"currency": "GBP"})
    {'currency': 'GBP'}
    """
    if not isinstance(mapping, Mapping):
        path = Path(mapping)
        try:
            # Every word as text: a column may be called `No`, which YAML takes for false.
            mapping = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506
        except (OSError, UnicodeDecodeError) as error:
            raise ReadError(f"The mapping {path.name} cannot be read: {_why(error)}.") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            at = f", line {mark.line + 1}" if mark else ""
            raise ReadError(
                f"The mapping {path.name}{at} is not YAML. Write one `name: value` a line."
            ) from None
        if not isinstance(mapping, Mapping):
            raise ReadError(f"The mapping {path.name} holds no `name: value` lines.")
    _only("key of a mapping", mapping, MAPPING_KEYS)
    if isinstance(mapping.get("dayfirst"), str):
        answers = {"true": True, "yes": True, "false": False, "no": False}
        _only("answer to dayfirst", [mapping["dayfirst"].lower()], answers)
        mapping = {**mapping, "dayfirst": answers[mapping["dayfirst"].lower()]}
    for key in ("columns", "constants", "status", "kinds", "order_id_prefixes", "keep", "drop"):
        if not isinstance(mapping.get(key, {}), Mapping):
            raise InputError(f"mapping: {key} should hold `name: value` pairs ({MAPPING_KEYS[key]}).")
    return dict(mapping)


def adapt(description: Description, mapping: Mapping[str, Any]) -> Description:
    """Return the description changed by a user's mapping.

    Args:
        description: The format to start from, often ``generic``.
        mapping: What `load_mapping` returned.

    Raises:
        InputError: A column name is not one of the format's.
    """
    columns = dict(description.columns)
    given = mapping.get("columns", {})
    _only(f"column of {description.name}", [*given, *mapping.get("number_ids", ())], columns)
    for name, headers in given.items():
        columns[name] = replace(columns[name], headers=_texts(headers))
    for name in mapping.get("number_ids", ()):
        columns[name] = replace(columns[name], from_number=True)
    _only(f"column of {description.name}", mapping.get("constants", {}), columns)
    maps = {key: dict(value) for key, value in description.maps.items()}
    for key, target in (("status", "statuses"), ("kinds", "kinds"), ("order_id_prefixes", "prefixes")):
        maps[target] = {**maps.get(target, {}), **_plain(mapping.get(key, {}))}
    ignore = list(description.ignore)
    for verb in ("keep", "drop"):
        for header, values in mapping.get(verb, {}).items():
            name = f"{verb}_{len(columns)}"
            columns[name] = Field((str(header),))
            maps[name] = dict.fromkeys(_texts(values), "")
            among = f"among({name}, '{name}')"
            when = f"not {among}" if verb == "keep" else among
            template = "left out by the mapping: {header}"
            ignore.append(Ignore(when, template, header=str(header)))
    changes: dict[str, Any] = {
        key: mapping[key] for key in ("currency", "timezone", "decimal", "dayfirst") if key in mapping
    }
    if "encoding" in mapping:
        changes["encodings"] = {str(mapping["encoding"]): ("",)}
    if "delimiter" in mapping:
        changes["delimiters"] = (str(mapping["delimiter"]),)
    if changes.get("decimal", "auto") not in ("auto", ".", ","):
        raise InputError(f"mapping: decimal is {changes['decimal']!r}; expected '.' or ','.")
    if description.name == "generic" and given:
        changes["signature"] = tuple(given)
    filters = tuple(name for name in columns if name not in description.columns)
    return replace(
        description,
        columns=columns,
        maps=maps,
        ignore=tuple(ignore),
        constants={**description.constants, **mapping.get("constants", {})},
        **{**changes, "signature": (*changes.get("signature", description.signature), *filters)},
    )


def _field(where: str, name: str, value: Any) -> Field:
    if not isinstance(value, Mapping):
        return Field(_texts(value))
    _only(f"setting of column {name} in {where}", value, {"header"} | {each.name for each in fields(Field)})
    rest = {key: each for key, each in value.items() if key != "header"}
    if rest.get("kind", "text") not in KINDS:
        raise unknown(f"kind of column {name} in {where}", rest["kind"], KINDS)
    return Field(_texts(value["header"]), **rest)


def _texts(value: Any) -> tuple[str, ...]:
    many = isinstance(value, list | tuple | set)
    return tuple(str(each) for each in value) if many else (str(value),)


def _plain(words: Mapping[Any, Any]) -> dict[str, str]:
    return {str(key).strip().casefold(): str(value) for key, value in words.items()}


def _only(kind: str, given: Iterable[str], names: Iterable[str]) -> None:
    names = list(names)
    for each in given:
        if each not in names:
            raise unknown(kind, each, names)


def _why(error: Exception) -> str:
    return "there is no such file" if isinstance(error, FileNotFoundError) else "it is not a UTF-8 text file"
