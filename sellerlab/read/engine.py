"""Typed rows to order lines: the steps of a format, its order columns, and the account of what was left.

The one idea: the engine knows no format. It runs the expressions of the description in their order,
makes the amount identity of `tables.ORDERS` hold, and proves that rows and money add up.
"""

from __future__ import annotations

import re
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import tables
from sellerlab.errors import ReadError
from sellerlab.read import cells
from sellerlab.read.cells import Rows
from sellerlab.read.describe import Control, Description
from sellerlab.read.express import Sheet
from sellerlab.read.personal import masked, pseudonyms
from sellerlab.read.recognise import Match
from sellerlab.read.reconcile import money_by_row, reconcile
from sellerlab.read.table import OrderTable, Source
from sellerlab.text import say


def order_table(
    match: Match,
    *,
    currency: str | None,
    timezone: str | None,
    dayfirst: bool | None,
    key: bytes | str | None,
    details: Match | None,
) -> OrderTable:
    """Turn a recognised file into the table of its order lines.

    Args:
        match: The file, recognised.
        currency: ISO 4217 code the caller gave, or None.
        timezone: The shop's IANA time zone, or None.
        dayfirst: The order of day and month the caller gave, or None.
        key: Secret of the buyers' pseudonyms.
        details: The second file of a format that comes as two, recognised, or None.

    Raises:
        ReadError: The file cannot be right as a whole, or no row of it could be read.
    """
    description = match.description
    currency = currency or description.currency
    rows = cells.typed(match, currency, dayfirst, timezone)
    control = description.control or Control("amount")
    _reject_groups(rows, control)
    counted = rows.ignored == ""
    money_in_file, money = money_by_row(rows.sheet, control, counted)
    reasons = _reasons(rows, money)
    rejected, kept, before = _rejected(rows, match.file if details else ""), int(rows.kept.sum()), rows.before
    sheet = rows.sheet.rows(rows.kept)
    if details:
        extra = cells.typed(details, rows.currency, dayfirst, timezone)
        _reject_strangers(extra, sheet)
        reasons += _reasons(extra, np.zeros(len(extra.lines)))
        rejected = pd.concat([rejected, _rejected(extra, details.file)], ignore_index=True)
        kept, before = kept + int(extra.kept.sum()), before + extra.before
        sheet = _join(sheet, extra.sheet.rows(extra.kept), description)
    if not kept or not len(next(iter(sheet.columns.values()))):
        why = rejected["reason"].iloc[0] if len(rejected) else say("every row was set aside by a rule")
        raise ReadError(f"{match.file}: no order could be read. {why}.")
    table = _lines(sheet, description, rows.currency, key)
    notes = [*rows.notes, *_sku_note(table)]
    money_in_orders = float(_frame_sheet(table, description).column(control.orders).fillna(0.0).sum())
    unread = (rows.rejected != "") & (money == 0) & ~_grouped_money(rows, control)
    result = OrderTable(tables.validate(table, tables.ORDERS))
    result.rejected = rejected
    result.reconciliation = reconcile(
        reasons=reasons,
        orders=kept,
        before=before,
        money_in_file=money_in_file,
        money_in_orders=money_in_orders,
        adjustment=float(table.loc[table["kind"].isin(["sale", "refund"]), "adjustment"].sum()),
        unknown_money=int(unread.sum()),
        currency=rows.currency,
        scale=sheet.scale,
        notes=notes,
    )
    result.source = Source(
        format=description.name,
        label=description.label,
        file=match.file,
        encoding=match.encoding,
        delimiter=match.delimiter,
        currency=rows.currency,
        timezone=timezone,
        sheet=match.sheet.name,
        details=details.file if details else "",
    )
    return result


def _reject_groups(rows: Rows, control: Control) -> None:
    """Reject an order as a whole where its money stands once an order and one of its rows is broken."""
    if not control.per:
        return
    codes = rows.sheet.groups[control.per]
    broken = (rows.rejected != "") & (rows.ignored == "") & rows.sheet.columns["order_id"].notna().to_numpy()
    first = pd.Series(rows.lines[broken], index=codes[broken]).groupby(level=0).min()
    for index in np.flatnonzero(rows.kept & np.isin(codes, first.index.to_numpy())):
        rows.rejected[index] = say(
            "another row of this order could not be read (line {line})", line=first[codes[index]]
        )


def _reject_strangers(extra: Rows, heads: Sheet) -> None:
    known = extra.sheet.columns["order_id"].isin(set(heads.columns["order_id"].dropna())).to_numpy()
    extra.rejected[extra.kept & ~known] = say("its order is not in the list of orders")


def _grouped_money(rows: Rows, control: Control) -> np.ndarray[Any, Any]:
    """Whether a row belongs to a group whose money is known: it is counted on the group's first row."""
    known = rows.sheet.column(control.rows or control.file).notna().to_numpy()
    if not control.per:
        return known
    codes = rows.sheet.groups[control.per]
    return np.isin(codes, codes[known])


def _reasons(rows: Rows, money: np.ndarray[Any, Any]) -> list[tuple[str, str, float]]:
    found = []
    for index in np.flatnonzero(~rows.kept):
        part = "ignored" if rows.ignored[index] else "rejected"
        reason = rows.ignored[index] or _general(rows.rejected[index])
        found.append((part, str(reason), float(money[index])))
    return found


def _general(reason: str) -> str:
    # The table of the account groups by reason: what stood in the single cell is left out.
    return re.sub(r" \(\D*\d+\D*\)$", "", reason).split(": ")[0]


def _rejected(rows: Rows, file: str) -> pd.DataFrame:
    found = []
    for index in np.flatnonzero((rows.rejected != "") & (rows.ignored == "")):
        whole = rows.aligned[index]
        shown = {name: masked(each[index]) for name, each in rows.raw.items() if whole and each[index]}
        if rows.raw.get("order_id") is not None and rows.sheet.columns["order_id"].iloc[index] is not None:
            shown["order_id"] = _known_id(rows, index)
        raw = "; ".join(f"{name}={cell}" for name, cell in shown.items() if cell)
        reason = f"{file}: {rows.rejected[index]}" if file else rows.rejected[index]
        found.append((int(rows.lines[index]), reason, raw))
    return pd.DataFrame(found, columns=["line", "reason", "raw"])


def _known_id(rows: Rows, index: Any) -> str:
    cell = str(rows.sheet.columns["order_id"].iloc[index])
    return cell if cell.isascii() and "@" not in cell and " " not in cell and len(cell) <= 40 else ""


def _join(heads: Sheet, extra: Sheet, description: Description) -> Sheet:
    """Put the lines of the second file beside the orders of the first; an order without lines stays one."""
    keys = pd.DataFrame({"key": heads.columns["order_id"], "head": range(len(heads.columns["order_id"]))})
    other = pd.DataFrame({"key": extra.columns["order_id"], "line": range(len(extra.columns["order_id"]))})
    both = keys.merge(other, on="key", how="left", sort=False)
    columns = {
        name: values.iloc[both["head"]].reset_index(drop=True) for name, values in heads.columns.items()
    }
    for name, values in extra.columns.items():
        if name != "order_id":
            picked = values.reindex(both["line"].fillna(-1).astype(int)).reset_index(drop=True)
            columns[name] = picked
    joined = Sheet(columns, {}, heads.maps, heads.titles, heads.scale)
    cells.group(joined, description)
    return joined


def _lines(sheet: Sheet, description: Description, currency: str, key: bytes | str | None) -> pd.DataFrame:
    for name, expression in description.steps.items():
        sheet.columns[name] = sheet.column(expression)
    if description.customer:
        sheet.columns["customer_id"] = pseudonyms([sheet.columns[each] for each in description.customer], key)
    else:
        sheet.columns["customer_id"] = pd.Series(
            [None] * len(next(iter(sheet.columns.values()))), dtype=object
        )
    if description.one_row_per:
        codes = sheet.groups[description.one_row_per]
        opening = np.zeros(len(codes), dtype=bool)
        opening[np.unique(codes, return_index=True)[1]] = True
        sheet = sheet.rows(opening)
    count = len(next(iter(sheet.columns.values())))
    found: dict[str, pd.Series[Any]] = {}
    for column in tables.ORDERS.columns:
        if column.name == "currency":
            values = pd.Series([currency] * count, dtype=object)
        elif column.name == "customer_id":
            values = sheet.columns["customer_id"]
        elif column.name in description.lines:
            values = sheet.column(description.lines[column.name])
        else:
            values = pd.Series([None] * count, dtype=object)
        found[column.name] = cells.contract(values, column, given=column.name in description.lines)
    table = pd.DataFrame(found)
    table["sku"] = table["sku"].where(table["sku"].notna() | (table["kind"] != "sale"), table["product"])
    explained = nw.to_native(tables.explained(nw.from_native(table, eager_only=True)))
    if "amount" in description.lines:
        table["adjustment"] = (table["adjustment"] + table["amount"].fillna(0.0) - explained).round(
            cells.DECIMALS
        ) + 0.0
        explained = nw.to_native(tables.explained(nw.from_native(table, eager_only=True)))
    table["amount"] = explained.round(cells.DECIMALS)
    return table


def _frame_sheet(table: pd.DataFrame, description: Description) -> Sheet:
    columns = {str(name): table[name] for name in table.columns}
    return Sheet(columns, {}, description.maps, description.title)


def _sku_note(table: pd.DataFrame) -> list[str]:
    sales = table[table["kind"] == "sale"]
    without = int((sales["sku"].notna() & (sales["sku"] == sales["product"])).sum())
    return [say("Lines without a sku: {n}. The product's name stands in.", n=without)] if without else []
