"""Ads: does a campaign, a keyword, the next coin pay?

One idea: everything is measured against the break-even that the contribution of a sale sets, and few clicks
say little.
"""

from __future__ import annotations

from sellerlab.ads.break_even import BreakEven, break_even
from sellerlab.ads.budget import Marginal, Pacing, marginal, pacing
from sellerlab.ads.keywords import Keywords, keywords
from sellerlab.ads.metrics import Campaigns, break_even_acos, break_even_roas, campaigns
from sellerlab.ads.region import Incrementality, incrementality

__all__ = [
    "BreakEven",
    "Campaigns",
    "Incrementality",
    "Keywords",
    "Marginal",
    "Pacing",
    "break_even",
    "break_even_acos",
    "break_even_roas",
    "campaigns",
    "incrementality",
    "keywords",
    "marginal",
    "pacing",
]
