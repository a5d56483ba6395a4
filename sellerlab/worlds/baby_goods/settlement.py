"""The marketplace's statement of the last three months, with a few mistakes in it.

sales + shipping - fee = payout, line by line. Without a mistake the line of an order follows from its
order lines: sales = amount + platform discount - refund - shipping, fee as in the orders.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.baby_goods.parameters import AS_OF

FIRST = pd.Timestamp("2026-06-01")
_WRONG_RATE = 0.15


def settlement(rng: np.random.Generator, orders: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the statement, and in which orders it is wrong."""
    lines = orders[(orders["channel"] == "gmarket") & (orders["status"] == "paid")]
    lines = lines[(lines["ordered_at"] >= FIRST) & (lines["ordered_at"] < AS_OF - pd.Timedelta(days=9))]
    lines = lines.assign(
        sales=lines["amount"] + lines["platform_discount"] - lines["refunded"] - lines["shipping"]
    )
    by = lines.groupby("order_id", sort=True)
    table = by[["sales", "fee", "shipping"]].sum().reset_index()
    ordered = by["ordered_at"].first().to_numpy().astype("datetime64[D]")
    size = len(table)
    confirmed = ordered + rng.integers(3, 10, size).astype("timedelta64[D]")
    settled = np.busday_offset(confirmed + np.timedelta64(1, "D"), 3, roll="backward")
    table.insert(1, "confirmed_at", confirmed.astype("datetime64[us]"))
    table.insert(2, "settled_at", settled.astype("datetime64[us]"))

    counts = [max(1, size // 300), max(1, size // 400), max(2, size // 100)]
    wrong = rng.permutation(size)[: sum(counts)]
    missing, doubled, rate = np.split(wrong, np.cumsum(counts)[:-1])
    fee = table["fee"].to_numpy().copy()
    fee[doubled] *= 2
    charged = (lines["amount"] + lines["platform_discount"]).groupby(lines["order_id"]).sum().to_numpy()
    fee[rate] = np.rint(_WRONG_RATE * charged[rate]).astype(np.int64)
    lost = {
        "missing": int((table["sales"] + table["shipping"] - table["fee"]).to_numpy()[missing].sum()),
        "fee_too_high": int((fee - table["fee"].to_numpy()).sum()),
    }
    table["fee"] = fee
    table["payout"] = table["sales"] + table["shipping"] - table["fee"]
    number = table["order_id"].to_numpy()
    truth = {
        "covers": "paid gmarket orders of June 2026 to the ninth day before the end",
        "missing_orders": sorted(number[missing].tolist()),
        "doubled_fee": sorted(number[doubled].tolist()),
        "wrong_rate": sorted(number[rate].tolist()),
        "the_wrong_rate": _WRONG_RATE,
        "money_short": lost,
    }
    table = table[~np.isin(np.arange(size), missing)]
    return table.sort_values(["settled_at", "order_id"], ignore_index=True), truth
