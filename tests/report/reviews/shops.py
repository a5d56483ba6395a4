"""Small shops as a review takes them: orders, products and costs of which every number is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from sellerlab.margin import Costs
from sellerlab.report.inputs import Inputs, Window
from sellerlab.report.parameters import ChannelReviewParameters, PricingReviewParameters, ReportParameters


def orders(*lines: tuple[str, str, float, float, float], channel: str = "shop") -> pd.DataFrame:
    """Order lines of (day, sku, units, price of one, discount of the line), one order each."""
    frame = pd.DataFrame(lines, columns=["ordered_at", "sku", "quantity", "unit_price", "discount"])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"])
    frame["order_id"] = [str(place) for place in range(len(frame))]
    constants: dict[str, Any] = {
        "customer_id": "ann", "channel": channel, "currency": "JPY", "status": "paid", "kind": "sale",
        "product": None, "platform_discount": 0.0, "shipping": 0.0, "tax_added": 0.0, "tax_included": 0.0,
        "adjustment": 0.0, "refunded": 0.0, "refunded_quantity": 0.0, "fee": float("nan"),
    }  # fmt: skip
    return frame.assign(**constants)


def shop(
    lines: pd.DataFrame,
    products: pd.DataFrame | None = None,
    costs: Costs | None = None,
    start: str = "2026-05-01",
    end: str = "2026-05-31",
    parameters: ReportParameters | None = None,
) -> Inputs:
    """Return what a review is made from."""
    first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    return Inputs(
        orders=lines,
        products=products,
        costs=costs,
        window=Window(first, last, f"{start}-to-{end}", "May", {}),
        title="Review",
        sentence="A shop.",
        parameters=parameters or PricingReviewParameters(),
    )


def channel_shop(lines: pd.DataFrame, **files: Any) -> Inputs:
    """Return what a channel review is made from: ten orders of 1,000 that leave 300 each."""
    products = pd.DataFrame({"sku": ["A"], "landed_cost": [500.0]})
    costs = Costs(fulfilment_per_order=100, fee_rates={"*": {"rate": 0.1}})  # type: ignore[dict-item]
    return shop(lines, products, costs, parameters=ChannelReviewParameters(**files))
