"""Read what a shop exports: orders and products, from CSV and Excel, exactly or with a clear refusal.

``sl.read.orders(path)`` finds encoding, delimiter, header and format by itself. What it returns says
where it came from, which rows could not be read and why, and that the money of the file is the money of
the table. Names, addresses, phone numbers and mail addresses of buyers are left at the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd

from sellerlab.errors import InputError, ReadError, unknown
from sellerlab.read import decode, describe, engine, recognise
from sellerlab.read.catalogue import products
from sellerlab.read.personal import pseudonym
from sellerlab.read.reconcile import Reconciliation
from sellerlab.read.table import OrderTable, Source

__all__ = [
    "Detected",
    "OrderTable",
    "Reconciliation",
    "Source",
    "detect",
    "formats",
    "orders",
    "products",
    "pseudonym",
]

Mapped = Mapping[str, Any] | str | PathLike[str]


@dataclass(frozen=True, kw_only=True)
class Detected:
    """What a file looks like: its format, and where and how its table stands.

    Attributes:
        format: Name of the format, as in `formats()`.
        label: The format's name in words.
        readable: Whether `orders` reads it; some exports are only recognised.
        file: Name of the file, without its folder.
        encoding: Encoding of the text, or ``"Excel"``.
        delimiter: Character between cells; empty for a workbook.
        header_line: Line of the header, from 1.
    """

    format: str
    label: str
    readable: bool
    file: str
    encoding: str
    delimiter: str
    header_line: int


def orders(
    path: str | PathLike[str],
    format: str | None = None,  # noqa: A002 (the word a seller uses)
    *,
    timezone: str | None = None,
    currency: str | None = None,
    dayfirst: bool | None = None,
    mapping: Mapped | None = None,
    key: bytes | str | None = None,
    details: str | PathLike[str] | bool | None = None,
    password: str | None = None,
) -> OrderTable:
    r"""Read an export of orders, settlements or any table of order lines.

    Args:
        path: The file: CSV, TSV, xlsx or xls, also as ``.gz``.
        format: One of `formats()`; found from the header where it is left out.
        timezone: IANA zone of the shop, such as ``"Asia/Seoul"``. Needed where the file writes UTC.
        currency: ISO 4217 code. Needed where the file names none; a sign such as ¥ is never enough.
        dayfirst: Whether 03/05/2026 is 3 May. Needed where no date in the file settles it.
        mapping: For a file of no known format, which of its columns is which: a dictionary or a YAML
            file with the keys ``columns``, ``constants``, ``status``, ``kinds``, ``order_id_prefixes``,
            ``number_ids``, ``keep``, ``drop``, ``currency``, ``timezone``, ``decimal``, ``dayfirst``,
            ``encoding``, ``delimiter``. It can also change a known format.
        key: Secret for the buyers' pseudonyms; without it they are pseudonyms under a public key, which
            is no anonymity.
        details: Second file of a format that comes as two (Taobao), or True to find it beside the first.
        password: Password of a locked workbook (needs the package ``msoffcrypto-tool``).

    Returns:
        One row an order line, under the contract `tables.ORDERS`, with ``rejected``,
        ``reconciliation`` and ``source``.

    Raises:
        ReadError: The file cannot be read for sure. The message says why and what to do.
        InputError: An argument cannot be right.

    Formula: ``amount = quantity * unit_price - discount - platform_discount + shipping + tax_added +
    adjustment``, on every line; amounts of a whole order are shared out over its lines by value with the
    largest remainder method, so that they add up to the cent.

    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(folder.name) / "sales.csv"
    >>> _ = file.write_text("no;day;item;n;price\n007;2026-05-01;MUG;2;1.250,50\n")
    >>> columns = {"order_id": "no", "ordered_at": "day", "sku": "item"}
    >>> columns |= {"quantity": "n", "unit_price": "price"}
    >>> table = orders(file, mapping={"columns": columns, "currency": "EUR"})
    >>> table[["order_id", "sku", "amount"]].values.tolist()
    [['007', 'MUG', 2501.0]]
    >>> print(table.reconciliation.sentence)
    Rows read: 1. In the orders: 1; rejected: 0; set aside by a rule: 0. All of the EUR 2,501.00 in the file
    is accounted for.
    >>> folder.cleanup()
    """
    said = describe.load_mapping(mapping) if mapping is not None else {}
    file = Path(path)
    match = recognise.find(decode.load(file), file.name, _candidates(format, said), password)
    zone = timezone or match.description.timezone
    _check_zone(zone)
    return engine.order_table(
        match,
        currency=currency,
        timezone=zone,
        dayfirst=dayfirst,
        key=key,
        details=_second_file(file, match.description, details, password),
    )


def detect(path: str | PathLike[str]) -> Detected:
    """Return which export a file is, without reading its orders.

    Args:
        path: The file.

    Raises:
        ReadError: It is no export known here; the message names the nearest.
    """
    file = Path(path)
    candidates = [each for each in describe.known().values() if each.table == "orders"]
    open_ones = [_without_refusal(each) for each in candidates]
    match = recognise.find(decode.load(file), file.name, open_ones)
    return Detected(
        format=match.description.name,
        label=match.description.label,
        readable=not describe.known()[match.description.name].refuse,
        file=file.name,
        encoding=match.encoding,
        delimiter=match.delimiter,
        header_line=match.sheet.lines[match.header],
    )


def formats() -> pd.DataFrame:
    """Return the exports known here, one a row.

    Returns:
        ``name``, ``label``, ``what``, ``export`` (where the shop's admin page makes it), ``readable`` (some
        are only recognised, and refused with a word) and ``notes`` (how money and refunds are understood).

    >>> formats()["name"].tolist()[:3]
    ['amazon_orders', 'amazon_settlement', 'esm_plus']
    """
    known = [each for each in describe.known().values() if each.table == "orders"]
    rows = [
        (each.name, each.label, each.what, each.export or each.refuse, not each.refuse, " ".join(each.notes))
        for each in known
    ]
    return pd.DataFrame(rows, columns=["name", "label", "what", "export", "readable", "notes"])


def _candidates(name: str | None, said: Mapping[str, Any]) -> list[describe.Description]:
    known = {key: each for key, each in describe.known().items() if each.table == "orders"}
    if name is None and "columns" in said:
        name = "generic"
    if name is not None:
        if name not in known:
            raise unknown("format", name, known)
        return [describe.adapt(known[name], said)]
    found = []
    for each in known.values():
        try:
            found.append(describe.adapt(each, said))
        except InputError:
            # A mapping that speaks of columns this format does not have is meant for another.
            continue
    if not found:
        raise InputError(
            "The mapping names columns that no format has. Say which format it changes: format=…"
        )
    return found


def _second_file(
    file: Path,
    description: describe.Description,
    details: str | PathLike[str] | bool | None,
    password: str | None,
) -> recognise.Match | None:
    if details is None or details is False:
        return None
    if not description.details:
        raise InputError(f"details: a file of {description.label} comes alone. Leave details out.")
    if details is True:
        beside = sorted(file.parent.glob(description.details_files))
        if len(beside) != 1:
            listed = ", ".join(each.name for each in beside) or "none"
            raise ReadError(
                f"details=True looks for one file {description.details_files} beside {file.name}; "
                f"found: {listed}. Give its path: details='…'."
            )
        details = beside[0]
    second = Path(details)
    wanted = _without_refusal(describe.known()[description.details])
    return recognise.find(decode.load(second), second.name, [wanted], password)


def _without_refusal(description: describe.Description) -> describe.Description:
    return replace(description, refuse="")


def _check_zone(zone: str | None) -> None:
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        near = get_close_matches(zone, sorted(available_timezones()), n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InputError(
            f"There is no time zone {zone!r}.{hint} Zones are named by region and city, as 'Asia/Tokyo'."
        ) from None
