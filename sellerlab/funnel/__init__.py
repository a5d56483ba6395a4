"""Funnel: where visitors are lost, from events with a person in them.

One idea: a step counts only for those who took the steps before it, in order and in time. For totals of a
seller centre, which hold no person, see `sellerlab.totals`.
"""

from __future__ import annotations

from sellerlab.funnel.abandoned import Abandonment, abandonment
from sellerlab.funnel.from_events import Funnel, funnel
from sellerlab.funnel.odd_days import Daily, by_day
from sellerlab.funnel.usual import usual_steps
from sellerlab.funnel.what_if import WhatIf, what_if

__all__ = [
    "Abandonment",
    "Daily",
    "Funnel",
    "WhatIf",
    "abandonment",
    "by_day",
    "funnel",
    "usual_steps",
    "what_if",
]
