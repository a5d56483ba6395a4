"""Contribution 1, 2 and 3 of groups of order lines: the arithmetic under `profit.profit_and_loss`.

The lines are scanned once, on the caller's engine, into one row a product, month and dimension; the rest
is small. Two rules hold everywhere. What is not known is not counted as nothing: lines of products without
a landed cost are kept apart as not covered. And money is rounded in running totals, each row being the
difference of two rounded totals, so that rows add up to the total to the last unit, whatever the rows are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from sellerlab import tables
from sellerlab.costs import Costs
from sellerlab.counted import SIGNS, orders_in
from sellerlab.errors import TableError
from sellerlab.tables import PRODUCTS

#: Sums of money that are rounded together.
_MONEY = (*SIGNS, "landed_cost", "fees", "fulfilment")
_COUNTS = ("units", "refunded_units", "lines", "goods_lines", "fee_unknown")
#: Columns whose covered part is needed apart: contributions are of the covered part.
_COVERED = (
    "gross_sales",
    "net_sales",
    "landed_cost",
    "fees",
    "fulfilment",
    "marketing",
    "lines",
    "goods_lines",
)


def catalogue_of(products: Any) -> nw.DataFrame[Any] | None:
    """Return the products, collected, with one row a sku and a column `landed_cost`; None for None."""
    if products is None:
        return None
    data = tables.use(products, PRODUCTS, ["sku"]).collect()
    twice = data.filter(nw.col("sku").is_duplicated())["sku"].unique().sort().to_list()
    if twice:
        raise TableError(f"The products table has more than one row for {twice[0]!r}. Keep one row a sku.")
    if "landed_cost" not in data.columns:
        data = data.with_columns(landed_cost=nw.lit(None).cast(nw.Float64))
    return data


def sums(paid: nw.LazyFrame[Any], dims: Sequence[str]) -> nw.DataFrame[Any]:
    """Scan the lines once: their sums for each product, dimension and month, collected.

    Lines that have no `month` come out under month 0: each key less is a good part of the work less.
    """
    columns = paid.collect_schema().names()
    keys = [name for name in dims if name in columns and name not in ("sku", "month")]
    keys += ["month", "sku", "goods"] if "month" in columns else ["sku", "goods"]
    kind = nw.col("kind")
    # A refund without a product gives money back and no goods: its cost is known to be nothing.
    goods = (kind == "sale") | ((kind == "refund") & ~nw.col("sku").is_null())
    values = (*SIGNS, "fees", "parcels", "units", "refunded_units", "fee_unknown")
    lines = paid.with_columns(goods=goods).select(*keys, *values)
    found = lines.group_by(*keys).agg(*(nw.col(name).sum() for name in values), lines=nw.len()).collect()
    count = nw.col("lines").cast(nw.Float64)
    found = found.with_columns(
        lines=count, goods_lines=nw.when(nw.col("goods")).then(count).otherwise(nw.lit(0.0))
    )
    return found if "month" in columns else found.with_columns(month=nw.lit(0))


def priced(
    sums: nw.DataFrame[Any], catalogue: nw.DataFrame[Any] | None, costs: Costs, dims: Sequence[str]
) -> nw.DataFrame[Any]:
    """Add the landed cost and whether it is known, the parcels' cost, and dimensions of the products."""
    if catalogue is None:
        sums = sums.with_columns(unit_cost=nw.lit(None).cast(nw.Float64))
    else:
        sums = _with_products(sums, catalogue, ["landed_cost", *_theirs(dims, catalogue)])
        sums = sums.rename({"landed_cost": "unit_cost"})
    unit_cost = nw.col("unit_cost").cast(nw.Float64)
    missing = unit_cost.is_null() | unit_cost.is_nan().fill_null(True)
    kept = nw.col("units") - costs.resellable_share * nw.col("refunded_units")
    per_order = (costs.fulfilment_per_order or 0.0) + costs.packaging_per_order
    handling = costs.return_handling_per_unit * nw.col("refunded_units")
    goods = nw.col("goods_lines") > 0
    # All rows of a product that is sold at an unknown cost, its postage too, are not covered.
    sold = set(sums.filter(goods)["sku"].drop_nulls().to_list())
    goods = goods | nw.col("sku").is_in(list(sold)).fill_null(False)
    return sums.with_columns(
        covered=~(goods & missing),
        landed_cost=nw.when(goods & ~missing).then(unit_cost * kept).otherwise(nw.lit(0.0)),
        fulfilment=nw.col("parcels") * per_order + handling,
    )


def _theirs(dims: Sequence[str], catalogue: nw.DataFrame[Any] | None) -> list[str]:
    columns = () if catalogue is None else catalogue.columns
    return [name for name in dims if name in columns and name != "sku"]


def _with_products(
    data: nw.DataFrame[Any], catalogue: nw.DataFrame[Any], wanted: Sequence[str]
) -> nw.DataFrame[Any]:
    """Look up columns of the products by sku; what the orders say comes before what the products say."""
    # By hand: a join is particular about kinds of text, and loses empty values, on some engines.
    places = {sku: place for place, sku in enumerate(catalogue["sku"].to_list())}
    rows = [places.get(sku) for sku in data["sku"].to_list()]
    for name in wanted:
        theirs = [plain(each) for each in catalogue[name].to_list()]
        found = [None if row is None else theirs[row] for row in rows]
        if name in data.columns:
            ours = [plain(each) for each in data[name].to_list()]
            found = [other if own is None else own for own, other in zip(ours, found, strict=True)]
        kind = catalogue.schema[name]
        dtype = kind if kind.is_numeric() or kind.is_temporal() else nw.String()
        data = data.with_columns(nw.new_series(name, found, dtype, backend=data.implementation))
    return data


def plain(value: Any) -> Any:
    """Return a value, or None where it is empty in any engine's way."""
    return None if value is None or value != value else value


def orders_by(
    paid: nw.LazyFrame[Any], dims: Sequence[str], catalogue: nw.DataFrame[Any] | None
) -> nw.DataFrame[Any]:
    """Return the number of `orders` of each group; one order may stand in several groups."""
    lines = orders_in(paid)
    columns = lines.collect_schema().names()
    theirs = _theirs(dims, catalogue)
    if catalogue is None or not theirs:
        if columns and lines.collect_schema()["order_id"].is_integer():
            return lines.group_by(*dims).agg(orders=nw.col("order_id").n_unique()).collect()
        # Each order once a group, then rows: several times faster than counting different texts in each.
        once = lines.select(*dict.fromkeys([*dims, "order_id"])).unique()
        return once.group_by(*dims).agg(orders=nw.len()).collect()
    needed = [name for name in dict.fromkeys([*dims, "sku", "order_id"]) if name in columns]
    pairs = _with_products(lines.select(*needed).unique().collect(), catalogue, theirs)
    pairs = pairs.select(*dict.fromkeys([*dims, "order_id"])).unique()
    return pairs.group_by(*dims).agg(orders=nw.len())


def without_cost(products: nw.DataFrame[Any]) -> tuple[str, ...]:
    """Return the products that were sold and have no landed cost, largest sales first."""
    lost = products.filter(~nw.col("covered"), ~nw.col("sku").is_null()).group_by("sku")
    sold = lost.agg(nw.col("gross_sales").sum()).with_columns(nw.col("gross_sales").round(2))
    sold = sold.sort("gross_sales", "sku", descending=[True, False])
    return tuple(str(name) for name in sold["sku"].to_list())


def settled(amounts: npt.NDArray[np.float64], places: int) -> npt.NDArray[np.float64]:
    """Return amounts rounded so that they add up to their rounded sum: half up, in running totals.

    Args:
        amounts: One amount a row.
        places: Decimals to keep.

    >>> settled(np.array([33.4, 33.3, 33.3]), 0).tolist()
    [33.0, 34.0, 33.0]
    """
    scale = 10.0**places
    # Six more decimals than kept: engines add in different orders, and a half must stay a half.
    running = np.floor(np.round(np.cumsum(amounts) * scale, 6) + 0.5)
    return np.diff(running, prepend=0.0) / scale


def rounded(
    products: nw.DataFrame[Any], dims: Sequence[str], places: int, spent: Mapping[str, float] | None
) -> nw.DataFrame[Any]:
    """Return one row a group, month and covered or not, in whole units of money, with marketing spread.

    Args:
        products: What `priced` gave.
        dims: The dimensions of the groups.
        places: Decimals of the currency.
        spent: Marketing money by month, or under the empty name for the period; None where unknown.
    """
    keys = list(dict.fromkeys([*dims, "month"]))
    rows = products.group_by(*keys, "covered").agg(*(nw.col(name).sum() for name in (*_MONEY, *_COUNTS)))
    rows = rows.sort(*keys, "covered", nulls_last=True)
    covered = rows["covered"].to_numpy().astype(bool)
    money = {name: rows[name].to_numpy().astype(float) for name in _MONEY}
    for name in _MONEY:
        for part in (covered, ~covered):
            money[name] = _settle_part(money[name], part, places)
    net = np.round(sum(sign * money[name] for name, sign in SIGNS.items()), places)
    money["net_sales"] = net
    marketing = _spread(net, covered, rows["month"].to_numpy(), spent or {})
    for part in (covered, ~covered):
        marketing = _settle_part(marketing, part, places)
    money["marketing"] = marketing
    money |= {name: rows[name].to_numpy().astype(float) for name in _COUNTS}
    money |= {f"known_{name}": np.where(covered, money[name], 0.0) for name in _COVERED}
    keep = rows.select(*keys)
    return keep.with_columns(
        nw.new_series(name, values, nw.Float64, backend=rows.implementation) for name, values in money.items()
    )


def _settle_part(
    amounts: npt.NDArray[np.float64], part: npt.NDArray[np.bool_], places: int
) -> npt.NDArray[np.float64]:
    out = amounts.copy()
    out[part] = settled(amounts[part], places)
    return out


def _spread(
    net: npt.NDArray[np.float64],
    covered: npt.NDArray[np.bool_],
    months: npt.NDArray[np.int64],
    spent: Mapping[str, float],
) -> npt.NDArray[np.float64]:
    """Spread marketing money over rows by net sales, each month's over that month's rows."""
    out = np.zeros(len(net))
    for month, money in spent.items():
        inside = months == int(month.replace("-", "") or 0)
        if not net[inside].sum() > 0:
            inside = np.full(len(net), True)
        total = net[inside].sum()
        # Not by row: a row's size depends on the dimensions, and the covered total must not.
        share = np.clip(net[inside & covered].sum() / total, 0.0, 1.0) if total > 0 else float(covered.any())
        for part, amount in ((inside & covered, money * share), (inside & ~covered, money * (1 - share))):
            weights = np.clip(net[part], 0.0, None)
            if weights.sum() <= 0:
                weights = np.ones(len(weights))
            if len(weights):
                out[part] += amount * weights / weights.sum()
    return out


def grouped(
    rows: nw.DataFrame[Any],
    dims: Sequence[str],
    places: int,
    *,
    fulfilment_known: bool,
    marketing_known: bool,
) -> nw.DataFrame[Any]:
    """Return the contribution tiers of each group; what is not known is empty.

    Args:
        rows: What `rounded` gave.
        dims: The dimensions of the groups; empty for one row.
        places: Decimals of the currency.
        fulfilment_known: Whether the cost of a parcel is known.
        marketing_known: Whether the marketing money is known.
    """
    values = [*_MONEY, "net_sales", "marketing", *_COUNTS, *(f"known_{name}" for name in _COVERED)]
    sums = [nw.col(name).sum() for name in values]
    data = rows.group_by(*dims).agg(*sums) if dims else rows.select(*sums)
    # Whole units were added: what stands past the last decimal is noise of the engine.
    data = data.with_columns(nw.col(name).round(6) for name in values)
    nothing = nw.lit(None).cast(nw.Float64)
    # Postage and fees are known by themselves, but no profit where no product's cost is.
    claimed = float(rows["known_goods_lines"].sum()) > 0 or float(rows["goods_lines"].sum()) == 0
    has_cost = nw.col("known_lines") > 0 if claimed else nw.col("known_lines") < 0
    has_fees = nw.col("fee_unknown") == 0
    first = nw.col("known_net_sales") - nw.col("known_landed_cost")
    second = first - nw.col("known_fees") - nw.col("known_fulfilment")
    third = second - nw.col("known_marketing")
    data = data.with_columns(
        cost_coverage=_ratio("known_gross_sales", "gross_sales"),
        contribution_1=nw.when(has_cost).then(first.round(places)),
        contribution_2=nw.when(has_cost & has_fees).then(second.round(places)),
        contribution_3=nw.when(has_cost & has_fees).then(third.round(places)),
        landed_cost=nw.when(has_cost).then(nw.col("known_landed_cost")),
        fees=nw.when(has_fees).then(nw.col("fees")),
    )
    unknown = []
    if not fulfilment_known:
        unknown += ["fulfilment", "contribution_2", "contribution_3"]
    if not marketing_known:
        unknown += ["marketing", "contribution_3"]
    data = data.with_columns(nothing.alias(name) for name in dict.fromkeys(unknown))
    return data.with_columns(
        _ratio(f"contribution_{tier}", "known_net_sales").alias(f"margin_{tier}") for tier in (1, 2, 3)
    )


def _ratio(top: str, bottom: str) -> nw.Expr:
    return nw.when(nw.col(bottom) > 0).then(nw.col(top) / nw.col(bottom))
