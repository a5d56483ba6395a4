"""Reports: a template notebook run on a shop's own data, printed as one HTML page.

`make` makes a report, `monthly` the one of a month, `batch` those of many shops. `load`, `load_review` and
the functions of `sections` and `reviews` are what the template notebooks themselves call: they read the
data, show a result, and print how everything was computed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sellerlab.report.batch import Batch, batch
from sellerlab.report.inputs import Inputs, load, load_review
from sellerlab.report.parameters import (
    REPORTS,
    ChannelReviewParameters,
    CustomerReviewParameters,
    MonthlyParameters,
    PricingReviewParameters,
    ReportParameters,
)
from sellerlab.report.run import Report, ReportError, make, monthly
from sellerlab.report.sections import (
    Note,
    cover,
    front_page,
    listed,
    method,
    narrow,
    pictured,
    present,
    rows,
)

if TYPE_CHECKING:
    from sellerlab.report.reviews import (
        asleep_only,
        channel_review,
        cohort_page,
        customer_headline,
        largest_moves,
        moves,
        order_now,
        price_review,
        segments_told,
        slipping,
        value_of_customers,
        worth,
        write_customers,
    )

__all__ = [
    "REPORTS",
    "Batch",
    "ChannelReviewParameters",
    "CustomerReviewParameters",
    "Inputs",
    "MonthlyParameters",
    "Note",
    "PricingReviewParameters",
    "Report",
    "ReportError",
    "ReportParameters",
    "asleep_only",
    "batch",
    "channel_review",
    "cohort_page",
    "cover",
    "customer_headline",
    "front_page",
    "largest_moves",
    "listed",
    "load",
    "load_review",
    "make",
    "method",
    "monthly",
    "moves",
    "narrow",
    "order_now",
    "pictured",
    "present",
    "price_review",
    "rows",
    "segments_told",
    "slipping",
    "value_of_customers",
    "worth",
    "write_customers",
]


def __getattr__(name: str) -> Any:
    # What the reviews print stands on pandas; the command line should not wait for it.
    if name in __all__:
        return getattr(import_module("sellerlab.report.reviews"), name)
    raise AttributeError(f"module 'sellerlab.report' has no attribute {name!r}")
