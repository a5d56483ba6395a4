"""Fees: what a marketplace keeps of a sale, as dated rows with the page they were read from.

One idea: a fee is data, never a number in the code. `schedule` finds the rows of a platform and a day,
`fee` applies them to a price, `blended_fee` says what all channels keep together.
"""

from __future__ import annotations

from sellerlab.fees.blended import BlendedFee, blended_fee
from sellerlab.fees.charged import EVERY_CHANNEL, effective_rate, fee, fees_on
from sellerlab.fees.rows import FeeRow, FeeSchedule, plain, schedule, schedules

__all__ = [
    "EVERY_CHANNEL",
    "BlendedFee",
    "FeeRow",
    "FeeSchedule",
    "blended_fee",
    "effective_rate",
    "fee",
    "fees_on",
    "plain",
    "schedule",
    "schedules",
]
