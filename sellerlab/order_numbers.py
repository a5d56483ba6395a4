"""Numbers in place of order ids, where an order's lines stand together.

The one idea: order ids are text, nearly all different, and to find equal ones among millions is most of the
work of counting orders and of sharing an order's costs. In nearly every export the lines of an order follow
one another. Then each run of equal ids is one order, and its place is as good a name as the id and several
times faster. That no id comes back in a later run is made sure of first; else the ids stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sellerlab.tables import ORDER_KINDS


def numbered(lines: Any, names: Mapping[str, str]) -> Any:
    """Return order lines of a Polars frame with a number for each order id; anything else as it is.

    Lines that make no order (refunds, fees, adjustments) have no number: they may stand anywhere.

    Args:
        lines: Order lines (`tables.ORDERS`).
        names: Contract name to the caller's own column name.

    >>> import polars as pl
    >>> numbered(pl.DataFrame({"order_id": ["b", "b", "a"]}), {})["order_id"].to_list()
    [0, 0, 1]
    >>> numbered(pl.DataFrame({"order_id": ["b", "a", "b"]}), {})["order_id"].to_list()
    ['b', 'a', 'b']
    """
    order_id, kind = (names.get(name, name) for name in ("order_id", "kind"))
    if not type(lines).__module__.startswith("polars.") or not hasattr(lines, "get_column"):
        return lines
    import polars as pl

    if order_id not in lines.columns or lines.is_empty():
        return lines
    ids = lines.get_column(order_id)
    if kind in lines.columns:
        makes_order = (pl.col(kind).is_in(ORDER_KINDS) | pl.col(kind).is_null()).alias("makes_order")
        counts = lines.select(makes_order)["makes_order"]
        ids = ids.filter(counts)
    run = ids.rle_id()
    first = ids.filter((run != run.shift(1)).fill_null(value=True))
    # Texts whose hashes all differ all differ.
    if not len(ids) or first.hash().n_unique() < len(first):
        return lines
    if len(ids) < len(lines):
        place = (counts.cum_sum().cast(pl.Int64) - 1).clip(0)
        run = run.gather(place).set(~counts, None)
    return lines.with_columns(run.alias(order_id))
