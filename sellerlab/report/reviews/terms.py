"""What the sections of a channel review share: what a sale leaves, what was asked for, and "not enough data".

The one idea: whether a visitor, a channel or an ad pays is decided by what a sale leaves before advertising,
so that is computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sellerlab.errors import InputError
from sellerlab.report.inputs import Inputs
from sellerlab.report.parameters import ChannelReviewParameters
from sellerlab.report.sections import Note

if TYPE_CHECKING:
    from sellerlab.margin import ProfitAndLoss


@dataclass(frozen=True)
class Terms:
    """What sales left in the period before advertising.

    Attributes:
        pnl: Profit and loss of the period.
        rate: Contribution before advertising as a share of net sales; None where it is not known.
        order: What an order left; None where it is not known.
        vat: Tax contained in the prices.
    """

    pnl: ProfitAndLoss
    rate: float | None
    order: float | None
    vat: float


def terms(shop: Inputs) -> Terms:
    """Return what sales left before advertising: as given, else from orders, products and costs."""
    from sellerlab import margin

    pnl = margin.profit_and_loss(shop.orders, shop.products, costs=shop.costs, start=shop.start, end=shop.end)
    known = pnl.margin_2 if pnl.level >= 2 else None
    order = known * pnl.net_sales / pnl.orders if known is not None and pnl.orders else None
    given = channel_parameters(shop).contribution_rate
    vat = round(pnl.tax / pnl.net_sales, 3) if pnl.net_sales > 0 else 0.0
    return Terms(pnl, known if given is None else given, order, vat)


def channel_parameters(shop: Inputs) -> ChannelReviewParameters:
    """Return what was asked of a channel review."""
    if not isinstance(shop.parameters, ChannelReviewParameters):
        raise InputError(
            "These are the inputs of another report. Load them with load_review('channel_review')."
        )
    return shop.parameters


def told(analysis: Any, *data: Any, **options: Any) -> Any:
    """Return what an analysis gives, or a note with its words where the data are too few."""
    try:
        return analysis(*data, **options)
    except InputError as error:
        return Note(str(error))
