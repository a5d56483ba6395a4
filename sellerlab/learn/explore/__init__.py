"""Explorers: move a slider, by mouse or by the arrow keys, and the analysis answers again.

One file an explorer; all stand on `Explorer`, which holds no arithmetic of its own.
"""

from __future__ import annotations

from sellerlab.learn.explore.break_even_roas import break_even_roas
from sellerlab.learn.explore.churn_mixture import churn_mixture
from sellerlab.learn.explore.discount import discount
from sellerlab.learn.explore.explorer import Control, Explorer
from sellerlab.learn.explore.fee_mix import fee_mix
from sellerlab.learn.explore.order_size import order_size
from sellerlab.learn.explore.peeking import peeking
from sellerlab.learn.explore.posting import posting
from sellerlab.learn.explore.price_curve import price_curve
from sellerlab.learn.explore.retained_value import retained_value
from sellerlab.learn.explore.rfm_cutoffs import rfm_cutoffs
from sellerlab.learn.explore.sample_size import sample_size
from sellerlab.learn.explore.step_rates import step_rates
from sellerlab.learn.explore.target_price import target_price
from sellerlab.learn.explore.unit_economics import unit_economics
from sellerlab.learn.explore.willingness import willingness

__all__ = [
    "Control",
    "Explorer",
    "break_even_roas",
    "churn_mixture",
    "discount",
    "fee_mix",
    "order_size",
    "peeking",
    "posting",
    "price_curve",
    "retained_value",
    "rfm_cutoffs",
    "sample_size",
    "step_rates",
    "target_price",
    "unit_economics",
    "willingness",
]
