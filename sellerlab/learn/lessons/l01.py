"""Lesson 01, *What did I really earn last month?*: from sales to contribution, and what one cost changes.

Every answer and every mistake reads the same profit and loss of the shop's last full month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

from sellerlab import tables, text
from sellerlab.costs import Costs
from sellerlab.errors import InputError
from sellerlab.learn.exercise import Exercise, Lesson, Value
from sellerlab.margin.profit import ProfitAndLoss, profit_and_loss
from sellerlab.money import round_money
from sellerlab.months import last_full_month

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: By how much a parcel becomes dearer in the last exercise, as a share of what it costs now.
RISE = 0.25

Amount = Callable[[ProfitAndLoss], float]


@dataclass(frozen=True, eq=False)
class _Month:
    """The shop's last full month: its profit and loss by product, and what its parcels cost.

    `worst` left the least money of three products, `thin` has the lowest margin of them, `best` left the
    most; None where no three products of the shop are like that.
    """

    start: dt.date
    pnl: ProfitAndLoss
    items: pd.DataFrame
    worst: str | None
    thin: str | None
    best: str | None
    lines: int
    cancelled: int
    rise: float | None


@lru_cache(maxsize=4)
def _month(shop: Shop) -> _Month:
    costs = Costs.from_mapping(shop.costs)
    start, end = last_full_month(shop.orders, shop.as_of)
    pnl = profit_and_loss(shop.orders, shop.products, costs=costs, by="sku", start=start, end=end)
    items = pnl.table.dropna(subset=["sku"]).set_index("sku")
    worst, thin, best = _three(items)
    orders = tables.use(shop.orders, tables.ORDERS, ["status", "kind"]).collect().to_pandas()
    inside = orders[orders["ordered_at"].dt.normalize().between(pd.Timestamp(start), pd.Timestamp(end))]
    fulfilment = costs.fulfilment_per_order
    return _Month(
        start=start,
        pnl=pnl,
        items=items,
        worst=worst,
        thin=thin,
        best=best,
        lines=int(((inside["status"] == "paid") & (inside["kind"] == "sale")).sum()),
        cancelled=int(inside.loc[inside["status"] == "cancelled", "order_id"].nunique()),
        rise=None if fulfilment is None else float(round_money(RISE * fulfilment, shop.currency)),
    )


def _three(items: pd.DataFrame) -> tuple[str | None, str | None, str | None]:
    """Return three products of which the one that left least is not the one with the lowest margin.

    Of all such products, the ones that lost most come first, so the question is about the real losers.
    """
    known = items.dropna(subset=["contribution_3", "margin_3"])
    rows = sorted(zip(known["contribution_3"], known["margin_3"], known.index, strict=True))
    pairs = [
        (worst, thin)
        for worst, thin in combinations(rows, 2)
        if worst[0] < thin[0] and worst[1] > thin[1] and thin[0] < rows[-1][0]
    ]
    if not pairs:
        return None, None, None
    worst, thin = pairs[0]
    return worst[2], thin[2], rows[-1][2]


def _left(month: _Month) -> float:
    """Return the month's contribution after all costs; refuse where a cost is not known."""
    if month.pnl.contribution_3 is None:
        raise InputError(
            "What is left of the sales is not known: landed costs, fees, parcels or marketing are missing. "
            "Start the lesson with products= and costs= as well."
        )
    return month.pnl.contribution_3


def _share(part: Amount, whole: Amount) -> Callable[[Shop], Value]:
    """Return the mistake of putting contribution 2, and `part` more, over another `whole`."""

    def share(shop: Shop) -> Value:
        pnl = _month(shop).pnl
        return None if pnl.contribution_2 is None else (pnl.contribution_2 + part(pnl)) / whole(pnl)

    return share


def _before_ads(shop: Shop) -> Value:
    """Return the share of net sales that is left before marketing."""
    month = _month(shop)
    _left(month)
    return month.pnl.margin_2


def _dearer_by(count: Callable[[_Month], float]) -> Callable[[Shop], Value]:
    """Return what would be left if so many parcels became dearer."""

    def left(shop: Shop) -> Value:
        month = _month(shop)
        return None if month.rise is None else _left(month) - month.rise * count(month)

    return left


def _facts(shop: Shop) -> Mapping[str, str]:
    month = _month(shop)
    pnl = month.pnl

    def money(amount: float | None) -> str:
        return "–" if amount is None else text.money(amount, shop.currency)

    def of(sku: str | None, column: str) -> float | None:
        return None if sku is None else float(month.items[column][sku])

    return {
        "month": text.month(month.start),
        "gross": money(pnl.gross_sales),
        "net": money(pnl.net_sales),
        "first": money(pnl.contribution_1),
        "left": money(pnl.contribution_3),
        "second": money(pnl.contribution_2),
        "share": "–" if pnl.margin_2 is None else text.percent(pnl.margin_2),
        "worst": month.worst or "–",
        "worst_left": money(of(month.worst, "contribution_3")),
        "worst_net": money(of(month.worst, "net_sales")),
        "thin": month.thin or "–",
        "thin_left": money(of(month.thin, "contribution_3")),
        "thin_net": money(of(month.thin, "net_sales")),
        "orders": text.number(pnl.orders),
        "rise": money(month.rise),
        "dearer": money(None if pnl.contribution_3 is None else _dearer(shop)),  # type: ignore[arg-type]
    }


def _amounts(shop: Shop) -> Mapping[str, str]:
    facts = _facts(shop)
    return {
        "a": text.say("gross sales, {gross}", **facts),
        "b": text.say("net sales, {net}", **facts),
        "c": text.say("contribution 1, {first}", **facts),
        "d": text.say("contribution 3, {left}", **facts),
    }


def _kept(shop: Shop) -> Value:
    _left(_month(shop))
    return "d"


def _names(shop: Shop) -> Mapping[str, str]:
    month = _month(shop)
    three = sorted(sku for sku in (month.worst, month.thin, month.best) if sku)
    products = shop.products.set_index("sku")
    names = products["product"] if "product" in products else pd.Series(dtype="str")
    return {sku: str(names.get(sku, sku)) for sku in three}


_dearer = _dearer_by(lambda month: month.pnl.orders)


KEPT = Exercise(
    id="01.1",
    kind="choice",
    prompt="Rent and your own time are not paid yet. Which of these amounts is there to pay them, from "
    "the sales of {month}?",
    choices=_amounts,
    answer=_kept,
    wrong={
        "Gross sales are list prices. Discounts, refunds and tax are still in them.": lambda _: "a",
        "Net sales are not yours yet: goods, fees, parcels and marketing are paid from them.": lambda _: "b",
        "Contribution 1 has paid for the goods only. Fees, parcels and marketing come off next.": lambda _: (
            "c"
        ),
    },
    hints=(
        "Walk down the waterfall. Which costs has each amount paid already?",
        "Look for the amount that has paid for the goods, the fees, the parcels and the marketing.",
    ),
    solution="d: contribution 3, {left}. Of gross sales of {gross}, {net} are net sales; the goods leave "
    "{first}; fees, parcels and marketing leave {left}.",
    facts=_facts,
)

SHARE = Exercise(
    id="01.2",
    kind="rate",
    prompt="An ad brings one more sale of the usual kind. What share of its net sales may the ad cost before "
    "it costs more than it brings? It is the share that is left as contribution 2 of {month}. Write a "
    "fraction, as 0.25.",
    answer=_before_ads,
    wrong={
        "You divided by gross sales. Discounts, refunds and tax never were your money: divide by net "
        "sales.": _share(lambda _: 0, lambda pnl: pnl.gross_sales),
        "You used contribution 1. The goods are paid; fees and parcels are not.": lambda shop: (
            _month(shop).pnl.margin_1
        ),
        "You used contribution 3: it has paid for the marketing already.": lambda shop: (
            _month(shop).pnl.margin_3
        ),
        "You forgot the refunds: that money went back to the buyers.": _share(
            lambda pnl: pnl.refunds, lambda pnl: pnl.net_sales + pnl.refunds
        ),
        "You left the tax in the sales: it belongs to the tax office.": _share(
            lambda pnl: pnl.tax, lambda pnl: pnl.net_sales + pnl.tax
        ),
    },
    hints=(
        "A share is a part divided by a whole. Which amount is the part, and which is the whole?",
        "The part is contribution 2. The whole is what you may call your sales: net sales.",
        "Divide {second} by {net}.",
    ),
    solution="{second} of {net} is {share}. An ad that costs a larger share of the sales it brings loses "
    "money.",
    facts=_facts,
)

LOSER = Exercise(
    id="01.3",
    kind="choice",
    prompt="Which of these three products left the least money in {month}, all costs counted? Write its "
    "sku between quotes.",
    choices=_names,
    answer=lambda shop: _month(shop).worst,
    wrong={
        "That product has the lowest margin. A margin is a share: of few sales it is little money. Compare "
        "contribution_3, an amount.": lambda shop: _month(shop).thin,
        "That product left the most money. You sorted the other way round, or looked at "
        "sales.": lambda shop: _month(shop).best,
    },
    hints=(
        "You need a table with one row a product, and the column of what is left after all costs.",
        "Sort by contribution_3, an amount, and not by margin_3, a share. The least stands first.",
    ),
    solution="{worst}: of {worst_net} of net sales, {worst_left} is left. {thin} has a lower margin, yet of "
    "its {thin_net} of net sales {thin_left} is left.",
    facts=_facts,
)

DEARER = Exercise(
    id="01.4",
    kind="money",
    prompt="The carrier asks {rise} more for each parcel. One order is one parcel. What would contribution "
    "3 of {month} have been?",
    answer=_dearer,
    wrong={
        "You charged each order line. An order with two products is one parcel.": _dearer_by(
            lambda month: month.lines
        ),
        "You charged each unit. Three units of one order travel in one parcel.": _dearer_by(
            lambda month: month.pnl.units
        ),
        "You charged cancelled orders too. They were never sent.": _dearer_by(
            lambda month: month.pnl.orders + month.cancelled
        ),
        "You added the cost. A dearer parcel leaves less.": _dearer_by(lambda month: -month.pnl.orders),
        "That is the contribution as it was. Take off what the parcels cost more.": _dearer_by(lambda _: 0),
    },
    hints=(
        "How many parcels left the shop in {month}?",
        "Count paid orders, not lines, not units, and not the cancelled ones.",
        "Take {rise} times the number of orders from {left}.",
    ),
    solution="{orders} orders at {rise} more each: {left} becomes {dearer}.",
    facts=_facts,
    # A few cancelled orders change little, and the mistake is to be told from the answer.
    tolerance=0.0,
)

LESSON = Lesson(
    number="01",
    question="What did I really earn last month?",
    world="phone_stand",
    exercises=(KEPT, SHARE, LOSER, DEARER),
)
