"""A shop's orders written the way sales platforms export them, quirks included.

What a format has no column for is lost here, as it is for a real seller: fees, and in Shopify the part
of a discount that the platform paid (there the platform's money counts as paid by the buyer, so an
order's total is what the seller's sales are).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import pandas as pd

_SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,"
    "Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,"
    "Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,"
    "Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,"
    "Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,"
    "Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,"
    "Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,"
    "Next Payment Due At,Payment References"
)
_TIKTOK = (
    "Order ID,Order Status,Order Substatus,Cancelation/Return Type,Normal or Pre-order,SKU ID,"
    "Seller SKU,Product Name,Variation,Quantity,Sku Quantity of return,SKU Unit Original Price,"
    "SKU Subtotal Before Discount,SKU Platform Discount,SKU Seller Discount,"
    "SKU Subtotal After Discount,Shipping Fee After Discount,Original Shipping Fee,"
    "Shipping Fee Seller Discount,Shipping Fee Platform Discount,Payment platform discount,Taxes,"
    "Order Amount,Order Refund Amount,Created Time,Paid Time,RTS Time,Shipped Time,Delivered Time,"
    "Cancelled Time,Cancel By,Cancel Reason,Fulfillment Type,Warehouse Name,Tracking ID,"
    "Delivery Option,Shipping Provider Name,Buyer Message,Buyer Username,Recipient,Phone #,Country,"
    "Province,District,Commune,Detail Address,Additional address information,Payment Method,"
    "Weight(kg),Product Category,Package ID,Seller Note,Checked Status,Checked Marked by"
)

#: Column names, in the order of the export.
SHOPIFY, TIKTOK = tuple(_SHOPIFY.split(",")), tuple(_TIKTOK.split(","))

_Line = Mapping[str, Any]


def shopify(orders: pd.DataFrame, offset: str = "+0900") -> str:
    """Return orders as the text of a Shopify orders export.

    Only the first row of an order carries its totals; `Source` carries the channel; dates carry
    `offset`. Written to a file it is UTF-8 without a mark.

    Args:
        orders: Order lines (contract: `tables.ORDERS`), tax included in prices, lines of an order together.
        offset: The shop clock's distance from UTC, such as ``"+0900"``.
    """
    rows: list[_Line] = []
    for lines in _by_order(orders):
        head, *rest = (_shopify_line(line, offset) for line in lines)
        rows += [{**head, **_shopify_order(lines, offset)}, *rest]
    return _text(SHOPIFY, rows)


def _shopify_line(line: _Line, offset: str) -> _Line:
    return {
        "Name": f"#{line['order_id']}",
        "Email": f"{_buyer(line)}@example.com",
        "Created at": f"{line['ordered_at']:%Y-%m-%d %H:%M:%S} {offset}",
        "Lineitem quantity": line["quantity"],
        "Lineitem name": line["product"],
        "Lineitem price": line["unit_price"],
        "Lineitem sku": line["sku"],
        "Lineitem requires shipping": "true",
        "Lineitem taxable": "true",
    }


def _shopify_order(lines: list[_Line], offset: str) -> _Line:
    first = lines[0]

    def whole(name: str) -> int:
        return int(sum(line[name] for line in lines))

    total = whole("amount") + whole("platform_discount")
    back = whole("refunded")
    stamp = f"{first['ordered_at']:%Y-%m-%d %H:%M:%S} {offset}"
    status = {"pending": "pending", "cancelled": "voided"}.get(first["status"], "paid")
    if back:
        status = "refunded" if back >= total else "partially_refunded"
    return {
        "Financial Status": status,
        "Paid at": stamp if first["status"] == "paid" else "",
        "Fulfillment Status": "fulfilled" if first["status"] == "paid" else "unfulfilled",
        "Accepts Marketing": "no",
        "Currency": first["currency"],
        "Subtotal": total - whole("shipping"),
        "Shipping": whole("shipping"),
        "Taxes": whole("tax_included"),
        "Total": total,
        "Discount Amount": whole("discount"),
        "Shipping Method": "Standard",
        "Shipping Country": "JP",
        "Cancelled at": stamp if first["status"] == "cancelled" else "",
        "Refunded Amount": back,
        "Outstanding Balance": total if first["status"] == "pending" else 0,
        "Id": f"56000{first['order_id']}",
        "Risk Level": "Low",
        "Source": first["channel"],
        "Tax 1 Name": "CT 10%",
        "Tax 1 Value": whole("tax_included"),
    }


def tiktok_shop(orders: pd.DataFrame) -> str:
    """Return orders as the text of a TikTok Shop orders export.

    A byte order mark comes first; the second row describes the columns; ids and times end in a TAB;
    shipping and the order's amount repeat on each of its rows. The channel and the tax are lost.

    Args:
        orders: Order lines (contract: `tables.ORDERS`), tax included in prices, lines of an order together.
    """
    about: _Line = {name: f"{name} of the order." for name in TIKTOK} | {
        "Order ID": "Platform unique order ID."
    }
    codes = {sku: f"1729{1 + place:015d}\t" for place, sku in enumerate(sorted(set(orders["sku"])))}
    rows = [about]
    for lines in _by_order(orders):
        rows += _tiktok_order(lines, codes)
    return "\ufeff" + _text(TIKTOK, rows)


def _tiktok_order(lines: list[_Line], codes: Mapping[str, str]) -> list[_Line]:
    first = lines[0]
    stamp = f"{first['ordered_at']:%d/%m/%Y %H:%M:%S}\t"
    status = {"pending": "Unpaid", "cancelled": "Canceled"}.get(first["status"], "Completed")
    whole = {
        "Order ID": f"5768{int(first['order_id']):014d}\t",
        "Order Status": status,
        "Order Substatus": status,
        "Normal or Pre-order": "Normal",
        "Shipping Fee After Discount": sum(line["shipping"] for line in lines),
        "Order Amount": sum(line["amount"] for line in lines),
        "Created Time": stamp,
        "Paid Time": stamp if first["status"] == "paid" else "",
        "Cancelled Time": stamp if first["status"] == "cancelled" else "",
        "Cancel By": "User" if first["status"] == "cancelled" else "",
        "Buyer Username": _buyer(first),
        "Country": "Japan",
    }
    kinds = {"cancelled": "Cancel", "paid": "Return/Refund"}
    rows: list[_Line] = []
    for line in lines:
        before = line["quantity"] * line["unit_price"]
        undone = line["refunded"] or line["status"] == "cancelled"
        rows.append(
            {
                **whole,
                "Cancelation/Return Type": kinds[line["status"]] if undone else "",
                "SKU ID": codes[line["sku"]],
                "Seller SKU": line["sku"],
                "Product Name": line["product"],
                "Quantity": line["quantity"],
                "Sku Quantity of return": line["refunded_quantity"],
                "SKU Unit Original Price": line["unit_price"],
                "SKU Subtotal Before Discount": before,
                "SKU Platform Discount": line["platform_discount"],
                "SKU Seller Discount": line["discount"],
                "SKU Subtotal After Discount": before - line["platform_discount"] - line["discount"],
                "Order Refund Amount": line["refunded"],
                "Product Category": line["category"],
            }
        )
    return rows


def _buyer(line: _Line) -> str:
    """A made-up buyer's name by which the same customer is known again."""
    return f"buyer{int(line['customer_id'].removeprefix('c-'))}"


def _by_order(orders: pd.DataFrame) -> Iterable[list[_Line]]:
    lines: list[_Line] = orders.to_dict("records")  # type: ignore[assignment]
    for _, group in groupby(lines, key=lambda line: line["order_id"]):
        yield list(group)


def _text(header: tuple[str, ...], rows: Iterable[_Line]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
