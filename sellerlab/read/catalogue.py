"""Read a list of products: sku, cost, price and stock, under their own names or the usual other ones."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from sellerlab import tables
from sellerlab.errors import ReadError
from sellerlab.read import cells, decode, describe, recognise
from sellerlab.read.parse import text


def products(
    path: str | PathLike[str], *, mapping: Mapping[str, Any] | str | PathLike[str] | None = None
) -> pd.DataFrame:
    r"""Read a list of products from CSV or Excel.

    Args:
        path: The file; one row a product. Columns go by the names of `tables.PRODUCTS` or usual other
            ones, such as ``unit cost`` or ``stock``.
        mapping: Which of the file's columns is which, as
            ``{"columns": {"landed_cost": "Cost incl. freight"}}``, or the path of a YAML file with that.

    Returns:
        One row a product under the contract `tables.PRODUCTS`; amounts in major units, ids as text.

    Raises:
        ReadError: The file cannot be read, a cell is no number, or a column is nearly a known one.
        TableError: A sku stands twice, or a value breaks its rule.

    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(folder.name) / "products.csv"
    >>> _ = file.write_text("SKU,Unit cost,Stock\n00123,410,12\n")
    >>> products(file)[["sku", "landed_cost", "on_hand"]].values.tolist()
    [['00123', 410.0, 12.0]]
    >>> folder.cleanup()
    """
    said = describe.load_mapping(mapping) if mapping is not None else {}
    description = describe.adapt(describe.known()["products"], said)
    file = Path(path)
    match = recognise.find(decode.load(file), file.name, [description])
    if not said:
        _refuse_near_names(match)
    # Amounts of a product list are in the shop's own currency, which no cell needs to name.
    rows = cells.typed(match, said.get("currency", "EUR"), said.get("dayfirst"), None)
    wrong = [(line, why) for line, why in zip(rows.lines, rows.rejected, strict=True) if why]
    if wrong:
        more = f" and {len(wrong) - 3} more lines" if len(wrong) > 3 else ""
        listed = "; ".join(f"line {line}: {why}" for line, why in wrong[:3])
        raise ReadError(f"{file.name} cannot be used as it is: {listed}{more}. Correct it and read it again.")
    found = {
        column.name: cells.contract(rows.sheet.columns[column.name], column)
        for column in tables.PRODUCTS.columns
        if column.name == "sku" or column.name in match.places or column.name in description.constants
    }
    return tables.validate(pd.DataFrame(found), tables.PRODUCTS)


def _refuse_near_names(match: recognise.Match) -> None:
    taken = set(match.places.values())
    absent = {
        recognise.normal(header): name
        for name, known in match.description.columns.items()
        if name not in match.places
        for header in known.headers
    }
    for place, cell in enumerate(match.sheet.rows[match.header]):
        near = [] if place in taken else get_close_matches(recognise.normal(cell), absent, 1, 0.85)
        if near:
            raise ReadError(
                f"{match.file} has a column {text(cell)!r}. Did you mean {absent[near[0]]!r}? Rename it, or "
                f"say so: mapping={{'columns': {{{absent[near[0]]!r}: {text(cell)!r}}}}}."
            )
