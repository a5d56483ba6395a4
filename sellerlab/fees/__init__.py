"""Fees: what a marketplace keeps of a sale, as dated rows with the page they were read from.

One idea: a fee is data, never a number in the code. `schedule` finds the rows of a platform and a day,
`fee` applies them to a price.
"""

from __future__ import annotations

from sellerlab.fees.charged import EVERY_CHANNEL, effective_rate, fee, fees_on
from sellerlab.fees.rows import FeeRow, FeeSchedule, plain, schedule, schedules

__all__ = [
    "EVERY_CHANNEL",
    "FeeRow",
    "FeeSchedule",
    "effective_rate",
    "fee",
    "fees_on",
    "plain",
    "schedule",
    "schedules",
]
