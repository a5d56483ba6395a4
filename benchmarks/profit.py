"""Profit and loss by SKU and channel with fee rates, then ABC classes of the SKUs by contribution.

`shared` adds what every seller has: fees and parcels of an order, shared among its lines by their worth, and
the number of orders behind each row. Both need the lines of each order, which is most of the work. Ours
always counts the orders; without `shared` nobody else is asked to.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.data import CHANNELS, products
from benchmarks.jobs import (
    DUCKDB,
    NUMPY,
    OURS,
    PANDAS,
    Answer,
    Job,
    Way,
    as_text,
    sorted_columns,
    sql,
    with_files,
)

PARCEL = 3.5
_KEYS = ["sku", "channel"]
_MONEY = ["net_sales", "landed_cost", "fees", "fulfilment", "contribution_2"]


def job(*, shared: bool) -> Job:
    """Return the job, with or without costs that are shared within an order."""
    parcel = PARCEL if shared else 0.0
    fixed = {name: part if shared else 0.0 for name, (_, part) in CHANNELS.items()}

    def ours(orders: Any) -> Any:
        from sellerlab import margin

        rates = {name: margin.FeeRate(rate, fixed[name]) for name, (rate, _) in CHANNELS.items()}
        costs = margin.Costs(fulfilment_per_order=parcel, fee_rates=rates)
        pnl = margin.profit_and_loss(orders, products(), costs=costs, by=_KEYS)
        return pnl.table, margin.abc(pnl, "sku", "contribution_2").table

    def by_pandas(orders: pd.DataFrame) -> Any:
        paid = orders[orders["status"] == "paid"]
        worth = paid["quantity"] * paid["unit_price"] - paid["discount"]
        sold = worth.where(paid["kind"] == "sale", 0.0)
        share = sold / sold.groupby(paid["order_id"]).transform("sum") if shared else 0.0
        rate = paid["channel"].map({name: rate for name, (rate, _) in CHANNELS.items()})
        lines = paid[_KEYS].assign(
            net_sales=worth,
            units=paid["quantity"],
            fees=sold * rate + share * paid["channel"].map(fixed),
            fulfilment=share * parcel,
        )
        table = lines.groupby(_KEYS, as_index=False).sum()
        if shared:
            counted = paid[paid["kind"] == "sale"].groupby(_KEYS)["order_id"].nunique()
            table = table.merge(counted.rename("orders").reset_index(), on=_KEYS, how="left")
        return finished(table)

    def by_duckdb(orders: pd.DataFrame) -> Any:
        fees = pd.DataFrame([(name, rate, fixed[name]) for name, (rate, _) in CHANNELS.items()])
        fees.columns = ["channel", "rate", "fixed"]
        share = "coalesce(sold / sum(sold) OVER (PARTITION BY order_id), 0)" if shared else "0.0"
        counted = "count(DISTINCT order_id) FILTER (kind = 'sale') AS orders," if shared else ""
        query = f"""
            WITH paid AS (
                SELECT order_id, sku, channel, kind, quantity, quantity * unit_price - discount AS worth,
                    CASE WHEN kind = 'sale' THEN quantity * unit_price - discount ELSE 0 END AS sold
                FROM orders WHERE status = 'paid'
            ), lines AS (SELECT *, {share} AS share FROM paid)
            SELECT sku, channel, {counted} sum(worth) AS net_sales, sum(quantity)::DOUBLE AS units,
                sum(sold * rate + share * fixed) AS fees, sum(share) * {parcel} AS fulfilment
            FROM lines JOIN fees USING (channel) GROUP BY sku, channel"""
        return finished(sql(query, orders=orders, fees=fees))

    def by_numpy(orders: pd.DataFrame) -> Any:
        sku, skus = pd.factorize(orders["sku"])
        channel, channels = pd.factorize(orders["channel"])
        quantity = orders["quantity"].to_numpy()
        worth = quantity * orders["unit_price"].to_numpy() - orders["discount"].to_numpy()
        worth = np.where((orders["status"] == "paid").to_numpy(), worth, 0.0)
        paid = (orders["status"] == "paid").to_numpy()
        sold = np.where((orders["kind"] == "sale").to_numpy(), worth, 0.0)
        cell, cells = sku * len(channels) + channel, len(skus) * len(channels)
        fees = np.bincount(cell, sold, cells) * np.array([CHANNELS[name][0] for name in channels] * len(skus))
        parcels, counted = np.zeros(cells), np.zeros(cells)
        if shared:
            order = pd.factorize(orders["order_id"])[0]
            sale = paid & (orders["kind"] == "sale").to_numpy()
            counted = np.bincount(np.unique(order[sale] * cells + cell[sale]) % cells, minlength=cells)
            whole = np.bincount(order, sold)[order]
            parcels = np.bincount(
                cell, np.divide(sold, whole, out=np.zeros(len(sold)), where=whole > 0), cells
            )
            fees += parcels * np.array([fixed[name] for name in channels] * len(skus))
        there = np.bincount(cell, paid, cells) > 0
        table = pd.DataFrame(
            {
                "sku": np.repeat(np.asarray(skus, dtype=object), len(channels)),
                "channel": np.tile(np.asarray(channels, dtype=object), len(skus)),
                "net_sales": np.bincount(cell, worth, cells),
                "units": np.bincount(cell, quantity * paid, cells),
                "fees": fees,
                "fulfilment": parcels * parcel,
                "orders": counted,
            }
        )
        return finished(table[there])

    ways = {OURS: ours, PANDAS: by_pandas, DUCKDB: by_duckdb, NUMPY: by_numpy}
    title = "P&L by SKU x channel, fee rates, ABC"
    # Ours rounds each amount to a cent so that the rows add up to the total; the peers do not round.
    return Job(
        title=title + ("; orders counted, fixed fees and parcels shared by order" if shared else ""),
        table="order_lines",
        ways=with_files({name: Way(run, partial(answer, counted=shared)) for name, run in ways.items()}),
        absolute=0.05,
    )


def finished(sums: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the contribution of each SKU and channel, and the ABC class of each SKU."""
    table = sums.merge(products()[["sku", "landed_cost"]], on="sku")
    table["landed_cost"] *= table["units"]
    table["contribution_2"] = table["net_sales"] - table["landed_cost"] - table["fees"] - table["fulfilment"]
    ranked = table.groupby("sku", as_index=False)["contribution_2"].sum()
    ranked = ranked.sort_values(["contribution_2", "sku"], ascending=[False, True])
    earned = ranked["contribution_2"].clip(lower=0)
    share = (earned.cumsum() / earned.sum()).round(2)
    ranked["class"] = np.select(
        [ranked["contribution_2"] < 0, share <= 0.8, share <= 0.95], ["loss", "A", "B"], default="C"
    )
    ranked.iloc[0, ranked.columns.get_loc("class")] = "A"
    return table, ranked


def answer(found: Any, counted: bool = False) -> Answer:
    """Return the money of each SKU and channel, with `counted` its orders, and the class of each SKU."""
    table, ranked = found
    classes = sorted_columns(ranked, ["sku"], ["class"])
    sums = dict(sorted_columns(table, _KEYS, [*_MONEY, *(["orders"] if counted else [])]))
    if counted:
        sums["orders"] = np.nan_to_num(sums["orders"])
    return sums | {"class": as_text(f"{sku} {name}" for sku, name in zip(*classes.values(), strict=True))}
