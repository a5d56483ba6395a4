"""Content: views with a heavy tail, the chance of a breakout, what goes with orders, and a listing's gaps.

One idea: a mean of views is mostly luck; count posts, look at the median, and let a rule say what is missing.
"""

from __future__ import annotations

from sellerlab.content.engagement import Drivers, drivers
from sellerlab.content.listing import RULES, Checklist, Coverage, Rule, checklist, coverage
from sellerlab.content.plan import Posting, posting
from sellerlab.content.reach import Breakout, Views, breakout, views

__all__ = [
    "RULES",
    "Breakout",
    "Checklist",
    "Coverage",
    "Drivers",
    "Posting",
    "Rule",
    "Views",
    "breakout",
    "checklist",
    "coverage",
    "drivers",
    "posting",
    "views",
]
