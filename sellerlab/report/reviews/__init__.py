"""What the reviews print beside the analyses of the library: answers that take several of them.

English only: no sentence here is in a catalogue yet.
"""

from __future__ import annotations

from sellerlab.report.reviews.channels import channel_review
from sellerlab.report.reviews.customers import (
    cohort_page,
    customer_headline,
    largest_moves,
    moves,
    segments_told,
    slipping,
    value_of_customers,
    worth,
    write_customers,
)
from sellerlab.report.reviews.prices import asleep_only, order_now, price_review

__all__ = [
    "asleep_only",
    "channel_review",
    "cohort_page",
    "customer_headline",
    "largest_moves",
    "moves",
    "order_now",
    "price_review",
    "segments_told",
    "slipping",
    "value_of_customers",
    "worth",
    "write_customers",
]
