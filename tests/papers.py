"""Data of published papers, read from files that the package lifetimes (MIT) ships; it is not imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd


def _file(name: str) -> Path:
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets" / name


def cdnow() -> pd.DataFrame:
    """Every purchase to mid-1998 of 2,357 customers of a CD shop who first bought in early 1997."""
    columns = ["master_id", "customer_id", "day", "quantity", "amount"]
    rows = pd.read_csv(_file("CDNOW_sample.txt"), sep=r"\s+", header=None, names=columns, dtype={"day": str})
    rows["ordered_at"] = pd.to_datetime(rows["day"], format="%Y%m%d")
    return rows[["customer_id", "ordered_at", "quantity", "amount"]]


def cdnow_summary() -> pd.DataFrame:
    """Frequency, recency, age and mean value of the same customers up to 30 September 1997."""
    return pd.read_csv(_file("cdnow_customers_summary_with_transactions.csv")).rename(
        columns={"ID": "customer_id"}
    )


def donations() -> pd.DataFrame:
    """11,104 donors over 6 yearly appeals, counted by history."""
    return pd.read_csv(_file("donations.csv")).rename(columns={"periods": "age", "weights": "customers"})
