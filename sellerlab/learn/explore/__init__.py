"""Explorers: move a slider, by mouse or by the arrow keys, and the analysis answers again.

One file an explorer; all stand on `Explorer`, which holds no arithmetic of its own.
"""

from __future__ import annotations

from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.learn.explore.target_price import target_price
from sellerlab.learn.explore.unit_economics import unit_economics

__all__ = ["Control", "Explorer", "target_price", "unit_economics"]
