"""One sale: from the price that a buyer pays to what is left of it, before the first order comes.

The one idea: one sale is a shop with one order. So it goes down the same waterfall as a whole month, with
the same names and rules, and what is said of one unit can be compared with what a month then shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import pandas as pd

from sellerlab.costs import Costs, FeeRate
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.margin.steps import Waterfall, waterfall
from sellerlab.money import round_money
from sellerlab.months import last_full_month

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop


class SaleTerms(TypedDict, total=False):
    """What a sale bears besides the goods.

    Attributes:
        fee: Share of what the buyer pays that the platform keeps (0.08); 0 by default.
        parcel: Postage, packing and handling of one order, without tax; 0 by default.
        ads: Marketing money for one order; None where unknown, which is the default.
        vat_rate: VAT contained in the price (0.1); 0 by default.
        returns: Share of units that come back for their money (0.03); 0 by default.
        resellable: Share of those that can be sold again; 1 by default.
        currency: ISO code; None by default.
    """

    fee: float
    parcel: float
    ads: float | None
    vat_rate: float
    returns: float
    resellable: float
    currency: str | None


def one_sale(price: float, cost: float, **terms: Unpack[SaleTerms]) -> Waterfall:
    """Return the steps from the price of one unit to what is left of it, delivery free to the buyer.

    Contribution 2 = price / (1 + vat_rate) - cost - fee x price - parcel, if nothing comes back.
    With returns, each step is the average over many sales: the money goes back to the buyer, the fee stays
    with the platform, and the goods that can be sold again cost nothing.

    Args:
        price: What the buyer pays, VAT included; above 0.
        cost: Landed cost of the unit, without VAT; 0 or more.
        **terms: See `SaleTerms`.

    Returns:
        `Waterfall`, to the currency's decimals; its `pnl` holds contribution 1, 2 and, where `ads` is
        known, 3.

    Raises:
        InputError: The price is not above 0, a cost is negative, or a rate is no fraction.

    Source: contribution tiers as in `profit_and_loss`.

    >>> sale = one_sale(2200, 500, fee=0.1, parcel=400, ads=100, vat_rate=0.1, currency="JPY")
    >>> sale.pnl.contribution_1, sale.pnl.contribution_2, sale.pnl.contribution_3
    (1500.0, 880.0, 780.0)
    """
    for name in terms:
        if name not in SaleTerms.__annotations__:
            raise unknown("term of a sale", name, SaleTerms.__annotations__)
    if not 0 < price < float("inf"):
        raise InputError(f"price is {price:g}: expected a price above 0.")
    if not 0 <= cost < float("inf"):
        raise InputError(f"cost is {cost:g}: expected a cost of 0 or more.")
    back = check_rate("returns", terms.get("returns", 0.0))
    order = pd.DataFrame(
        {
            "order_id": ["1"],
            "ordered_at": [pd.Timestamp("2000-01-01")],  # a table of orders has days; no answer uses it
            "sku": ["unit"],
            "quantity": [1],
            "unit_price": [float(price)],
            "refunded": [back * price],
            "refunded_quantity": [back],
        }
    )
    currency = terms.get("currency")
    if currency:
        order["currency"] = currency
    costs = Costs(
        fulfilment_per_order=terms.get("parcel", 0.0),
        marketing=terms.get("ads"),
        fee_rates={"*": FeeRate(rate=check_rate("fee", terms.get("fee", 0.0)))},
        vat_rate=terms.get("vat_rate") or None,
        resellable_share=terms.get("resellable", 1.0),
    )
    return waterfall(order, pd.DataFrame({"sku": ["unit"], "landed_cost": [float(cost)]}), costs=costs)


def usual_terms(shop: Shop) -> SaleTerms:
    """Return what an order of a shop bore on average in its last full month.

    Args:
        shop: A shop with `orders`, `products`, `costs` and `as_of`.

    Returns:
        As `terms_of`.

    Raises:
        InputError: Fees or parcels of the shop are not known.

    >>> from sellerlab import datasets
    >>> usual_terms(datasets.simulate("phone_stand"))["vat_rate"]
    0.1
    """
    start, end = last_full_month(shop.orders, shop.as_of)
    return terms_of(profit_and_loss(shop.orders, shop.products, costs=shop.costs, start=start, end=end))


def terms_of(pnl: ProfitAndLoss) -> SaleTerms:
    """Return what an order bore on average, so that a sale to come can be reckoned with it.

    fee = fees / (gross sales - discounts + shipping charged); parcel = fulfilment / orders;
    ads = marketing / orders; vat_rate = tax contained / net sales. Rates are rounded to a tenth of a
    percent and money to the currency, so that they can be written on paper.

    Args:
        pnl: Profit and loss of a period.

    Returns:
        Terms for `one_sale`; returns are left out, as they differ from product to product.

    Raises:
        InputError: Fees or parcels are not known.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1", "2"], "ordered_at": pd.to_datetime(["2026-05-02", "2026-05-03"]),
    ...     "sku": ["A", "A"], "quantity": [1, 1], "unit_price": [2000.0, 1000.0], "fee": [200.0, 40.0],
    ... })
    >>> pnl = profit_and_loss(orders, costs=Costs(fulfilment_per_order=430, vat_rate=0.1))
    >>> terms_of(pnl)["fee"], terms_of(pnl)["parcel"], terms_of(pnl)["vat_rate"]
    (0.08, 430.0, 0.1)
    """
    if pnl.fees is None or pnl.fulfilment is None:
        raise InputError(
            "What a sale bears is not known: fees or parcels are missing. Give costs= as well, with "
            "fee_rates and fulfilment_per_order."
        )

    def each(amount: float) -> float:
        share = amount / pnl.orders
        return float(round_money(share, pnl.currency)) if pnl.currency else round(share, 2)

    return SaleTerms(
        fee=round(pnl.fees / (pnl.gross_sales - pnl.discounts + pnl.shipping), 3),
        parcel=each(pnl.fulfilment),
        ads=None if pnl.marketing is None else each(pnl.marketing),
        vat_rate=round(pnl.tax / pnl.net_sales, 3),
        currency=pnl.currency,
    )
