"""A shop's advertising report, and what an order that an ad brings is worth to it.

The one idea: whether a keyword pays is a question about one order, its price and all that the price has to
pay. The report knows the price, the costs know fee, parcel and tax, and the goods are the seller's to say.
A simulated shop's books say them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerlab.costs import EVERY_CHANNEL, Costs
from sellerlab.errors import InputError
from sellerlab.pricing import contribution

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms
    from sellerlab.worlds.shop import Shop


@dataclass(frozen=True, kw_only=True, eq=False)
class Advertised:
    """The campaign with most keywords, and an order as its ads bring it.

    Attributes:
        report: The whole report, its days as dates.
        campaign: Name of the campaign.
        keywords: The campaign's rows.
        price: What a buyer pays for an order on average, VAT included.
        goods: Landed cost of its goods, without VAT.
        terms: Fee, parcel and VAT, as the functions of `sellerlab.pricing` take them.
        contribution: What the order leaves before advertising.
        rate: Contribution as a share of the price without VAT.
        roas: Break-even ROAS as the report counts; None where an order leaves nothing.
        currency: ISO code of the amounts; None where it is not known.
        planted: What a simulated shop's keywords truly do; empty where the report is the learner's own.
    """

    report: pd.DataFrame
    campaign: str
    keywords: pd.DataFrame
    price: float
    goods: float
    terms: Terms
    contribution: float
    rate: float
    roas: float | None
    currency: str | None
    planted: Mapping[str, Any]


def planted_keywords(shop: Shop) -> Mapping[str, Any]:
    """Return what is planted in the keywords of a simulated report; nothing for a learner's own.

    Args:
        shop: A shop with an `ads` table.
    """
    known: Mapping[str, Any] = shop.truth.get("ads", {}).get("keywords", {})
    if known and "keyword" in shop.ads:
        names = shop.ads.loc[shop.ads["campaign"] == known["campaign"], "keyword"]
        if len(names) and set(names) <= {each["keyword"] for each in known["each"]}:
            return known
    return {}


@lru_cache(maxsize=4)
def advertised(shop: Shop, goods: float | None = None, *, counts_vat: bool = True) -> Advertised:
    """Return the shop's report and the order that its ads bring.

    Args:
        shop: A shop with an `ads` table that names keywords, and with costs.
        goods: What the goods of an order cost, as a share of its price without VAT; None: as the books of a
            simulated shop say.
        counts_vat: Whether the report's revenue contains the VAT.

    Raises:
        InputError: The report has no keywords or no orders, the costs lack fee, parcel or VAT rate, or nobody
            said what the goods cost.
    """
    report = shop.ads.assign(day=pd.to_datetime(shop.ads["day"]))
    if "keyword" not in report or report["keyword"].dropna().empty:
        raise InputError("The report names no keywords: give one with a column keyword in the first cell.")
    campaign = str(report.groupby("campaign")["keyword"].nunique().idxmax())
    rows = report[report["campaign"] == campaign]
    if not rows["orders"].sum() > 0:
        raise InputError(f"The campaign {campaign} has no orders yet: nothing can be said of its keywords.")
    terms, planted = _terms(shop, rows), planted_keywords(shop)
    vat = 1 + float(terms["vat_rate"])
    price = float(planted.get("order_value", rows["revenue"].sum() / rows["orders"].sum()))
    if not planted and not counts_vat:
        price *= vat
    if goods is not None:
        cost = goods * price / vat
    elif planted:
        cost = float(contribution(price, 0.0, **terms)) - float(planted["order_contribution"])
    else:
        raise InputError("What do the goods of an order cost? Give goods in the first cell, such as 0.44.")
    left = float(contribution(price, cost, **terms))
    return Advertised(
        report=report,
        campaign=campaign,
        keywords=rows,
        price=price,
        goods=cost,
        terms=terms,
        contribution=left,
        rate=left / (price / vat),
        roas=(price if counts_vat else price / vat) / left if left > 0 else None,
        currency=shop.currency or None,
        planted=planted,
    )


def has_levels(report: pd.DataFrame) -> bool:
    """Return whether a campaign of the report ran at two levels of budget or more."""
    return "level" in report and bool(report.groupby("campaign")["level"].nunique().gt(1).any())


def by_level(report: pd.DataFrame) -> pd.DataFrame:
    """Return spend and revenue by day and level of the campaign that ran at several levels of budget.

    Args:
        report: An advertising report by day and keyword.

    Raises:
        InputError: No campaign has days at two levels or more.
    """
    if not has_levels(report):
        raise InputError(
            "Steps of spend need a column level, such as the daily budget, that changed on the way: let one "
            "campaign run for two weeks at each."
        )
    levels = report.groupby("campaign")["level"].nunique()
    rows = report[report["campaign"] == levels.idxmax()]
    return rows.groupby(["day", "level"], as_index=False)[["spend", "revenue"]].sum()


def _terms(shop: Shop, rows: pd.DataFrame) -> Terms:
    costs = Costs.from_mapping(shop.costs)
    channel = str(rows["channel"].iloc[0]) if "channel" in rows else EVERY_CHANNEL
    rate = costs.fee_rates.get(channel, costs.fee_rates.get(EVERY_CHANNEL))
    if rate is None or costs.fulfilment_per_order is None or costs.vat_rate is None:
        raise InputError(
            f"An order through ads needs fulfilment_per_order, a rate for {channel} in fee_rates and "
            "vat_rate (0 if you charge no tax) in costs=. Give them in the first cell."
        )
    return {
        "fees": rate.rate,
        "fee_fixed": rate.fixed,
        "fixed_cost": costs.fulfilment_per_order + costs.packaging_per_order,
        "vat_rate": costs.vat_rate,
    }
