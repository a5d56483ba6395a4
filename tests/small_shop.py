"""A shop made at random for tests, and the kinds of frame that every analysis must answer alike."""

from __future__ import annotations

import shutil
from functools import cache
from importlib.util import find_spec
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

#: PySpark has a case in every test of engines; the case is skipped where it or its Java is absent.
PYSPARK = pytest.param(
    "pyspark",
    marks=[
        pytest.mark.skipif(
            not (find_spec("pyspark") and shutil.which("java")), reason="PySpark or Java is not installed"
        ),
        pytest.mark.filterwarnings("ignore"),  # it leaves its sockets to be closed by the interpreter
    ],
)
ENGINES = ("pandas", "polars", "polars lazy", "pyarrow", "duckdb", PYSPARK)
COSTS = {
    "fulfilment_per_order": 350,
    "packaging_per_order": 33.3,
    "return_handling_per_unit": 120,
    "resellable_share": 0.5,
    "marketing": {"2026-03": 9000, "2026-04": 10001, "2026-05": 20000},
    "fee_rates": {"market": {"rate": 0.11, "fixed": 15}, "own": {"rate": 0.036}},
}
PRODUCTS = pd.DataFrame(
    {
        "sku": ["A", "B", "C", "D"],
        "product": ["Stand", "Case", "Cable", "Ring light"],
        "category": ["stands", "cases", "cables", "lights"],
        "landed_cost": [210.0, 330.5, 90.0, 2300.0],
    }
)


def orders(seed: int, count: int = 120, skus: str = "ABCD", currency: str = "JPY") -> pd.DataFrame:
    """Return order lines of three months with every kind, status and part of the contract."""
    draw = np.random.default_rng(seed)
    price = {"A": 980.0, "B": 1480.0, "C": 390.0, "D": 2980.0, "E": 1200.0}
    sku = draw.choice(list(skus), count)
    order = np.sort(draw.integers(0, count // 2 + 1, count))
    hours = np.sort(draw.integers(0, 92 * 24, count // 2 + 1))
    kind = draw.choice(["sale", "sale", "sale", "sale", "refund", "shipping", "fee", "adjustment"], count)
    frame = pd.DataFrame(
        {
            "order_id": [f"{number:05d}" for number in order],
            "ordered_at": pd.Timestamp("2026-03-01") + pd.to_timedelta(hours[order], unit="h"),
            "sku": sku,
            "quantity": draw.integers(1, 4, count).astype(float),
            "unit_price": [price[each] for each in sku],
            "channel": np.where(order % 3 == 0, "own", "market"),
            "customer_id": [f"c-{number % 17}" for number in order],
            "status": draw.choice(["paid", "paid", "paid", "paid", "pending", "cancelled"], count),
            "kind": kind,
            "currency": currency,
        }
    )
    frame.loc[frame["kind"] != "sale", "quantity"] = 1.0
    frame.loc[frame["kind"].isin(["refund", "fee"]), "quantity"] = -1.0
    plain = (frame["kind"] == "sale").to_numpy()
    frame.loc[(frame["kind"] == "fee").to_numpy(), "sku"] = None
    full = (frame["quantity"] * frame["unit_price"]).to_numpy()
    frame["discount"] = np.where(plain & (draw.random(count) < 0.3), 100.0, 0.0)
    frame["platform_discount"] = np.where(plain & (draw.random(count) < 0.2), 50.0, 0.0)
    frame["shipping"] = np.where(plain & (draw.random(count) < 0.4), 220.0, 0.0)
    frame["tax_included"] = np.where(
        frame["kind"] != "fee", np.round((full - frame["discount"]) / 11, 2), 0.0
    )
    frame["refunded"] = np.where(plain & (draw.random(count) < 0.1), full - frame["discount"], 0.0)
    frame["refunded_quantity"] = np.where(frame["refunded"] > 0, frame["quantity"], 0.0)
    frame["fee"] = np.where(draw.random(count) < 0.3, 55.5, np.nan)
    parts = full - frame["discount"] - frame["platform_discount"] + frame["shipping"]
    frame["amount"] = parts
    return frame


def as_engine(frame: pd.DataFrame, engine: str) -> Any:
    """Return a pandas frame as another kind of frame."""
    if engine == "pandas":
        return frame
    if engine.startswith("polars"):
        import polars as pl

        made = pl.from_pandas(frame)
        return made.lazy() if engine.endswith("lazy") else made
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    if engine == "pyarrow":
        return table
    if engine == "pyspark":
        return _spark().createDataFrame(table)
    import duckdb

    return duckdb.connect().from_arrow(table)


@cache
def _spark() -> Any:
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}
    return SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()


def rows(table: Any) -> list[dict[str, Any]]:
    """Return a table of any kind as rows, with None for every kind of empty."""
    found = nw.from_native(table).lazy().collect().rows(named=True)
    return [{name: None if value != value else value for name, value in row.items()} for row in found]
