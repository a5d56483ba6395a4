"""The orders as read: a table that remembers its file, what was rejected, and that the money adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from sellerlab.read.reconcile import Reconciliation


@dataclass(frozen=True, kw_only=True)
class Source:
    """The file a table was read from.

    Attributes:
        format: Name of the format, as in `formats()`.
        label: The format's name in words.
        file: Name of the file, without its folder.
        encoding: Encoding of the text, or ``"Excel"``.
        delimiter: Character between cells; empty for a workbook.
        currency: ISO 4217 code of every amount.
        timezone: Zone of the shop's clock; None where the file's own local times were kept.
        sheet: Name of the worksheet; empty for text.
        details: Name of the second file joined to it; empty where there is none.
    """

    format: str
    label: str
    file: str
    encoding: str
    delimiter: str
    currency: str
    timezone: str | None
    sheet: str = ""
    details: str = ""


class OrderTable(pd.DataFrame):
    """Order lines under the contract `tables.ORDERS`, with where they came from.

    Anything made from it (a filter, a copy, a join) is a plain DataFrame: what was rejected and
    reconciled is true of the whole file only.

    Attributes:
        rejected: Rows that could not be read: ``line``, ``reason``, ``raw`` (personal cells left out).
        reconciliation: The rows and the money of the file against those of the table.
        source: The file, its format, encoding, currency and time zone.
    """

    _metadata = ["rejected", "reconciliation", "source"]  # noqa: RUF012 (pandas wants a list)

    rejected: pd.DataFrame
    reconciliation: Reconciliation
    source: Source

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame
