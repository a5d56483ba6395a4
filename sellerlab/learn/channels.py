"""What lesson 35 asks of a shop: its sales and fees by channel, and its bank account four weeks ahead.

The one idea: nobody knows the next four weeks, so the last four stand in for them. Every sale of them is
taken to happen again 28 days later, and they tell the bills too. What the platforms make of it is then no
guess but a calendar.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw
import pandas as pd

from sellerlab import text
from sellerlab.costs import Costs
from sellerlab.counted import in_period, orders_in, with_costs, with_worth
from sellerlab.errors import InputError, TableError
from sellerlab.margin import ProfitAndLoss, profit_and_loss

if TYPE_CHECKING:
    from pathlib import Path

    from sellerlab.worlds.shop import Shop

#: Days of the plan, and of the sales that it repeats.
DAYS = 28

#: Days from the order to the buyer's door.
DELIVERY = 2

#: When the supplier wants the money for the goods: days after the last day of the data.
GOODS_DUE = 24

#: Channel to its settlement rule; the star stands for every other channel.
RULES = {"own_store": "base_jp", "*": "tiktok_shop_jp"}

_PARCELS_DUE, _MARKETING_DUE = 10, 15


class Channel(NamedTuple):
    """One channel: what was paid there, what it kept, and that as a share."""

    name: str
    sales: float
    fee: float

    @property
    def rate(self) -> float:
        """The fee as a share of the sales, fixed parts and all."""
        return self.fee / self.sales


@lru_cache(maxsize=4)
def channels(shop: Shop) -> tuple[Channel, ...]:
    """Return the shop's channels with sales, largest first.

    Sales are what buyers and platform paid, postage included, before refunds: what fees are taken from.

    Raises:
        InputError: The orders name no channel, or the fees are not known.
    """
    if "channel" not in shop.orders or shop.orders["channel"].isna().all():
        raise InputError("The orders name no channel. Give an export of several channels in the first cell.")
    lines = orders_in(in_period(shop.orders).filter(nw.col("status") == "paid"))
    paid = with_costs(with_worth(lines), Costs.from_mapping(shop.costs)).filter(~nw.col("channel").is_null())
    sums = paid.group_by("channel").agg(nw.col("charged", "fees", "fee_unknown").sum()).collect()
    found = []
    for name, sales, fee, unknown in sums.select("channel", "charged", "fees", "fee_unknown").rows():
        if unknown:
            raise InputError(f"The fees of {name!r} are not known: give its rate under fee_rates in costs=.")
        if sales > 0:
            found.append(Channel(str(name), sales, fee))
    return tuple(sorted(found, key=lambda each: (-each.sales, each.name)))


def _four_weeks(shop: Shop) -> tuple[pd.Timestamp, pd.Timestamp]:
    end = pd.Timestamp(shop.as_of).normalize()
    return end - pd.Timedelta(days=DAYS - 1), end


@lru_cache(maxsize=4)
def as_before(shop: Shop) -> pd.DataFrame:
    """Return the shop's orders, and those of the last four weeks once more, four weeks later."""
    start, end = _four_weeks(shop)
    when = shop.orders["ordered_at"]
    last = shop.orders[(when >= start) & (when < end + pd.Timedelta(days=1))]
    again = last.assign(ordered_at=last["ordered_at"] + pd.Timedelta(days=DAYS))
    return pd.concat([shop.orders, again], ignore_index=True)


def bills(shop: Shop, given: str | Path = "", *, goods_due: int = GOODS_DUE) -> pd.DataFrame:
    """Return the bills of the next four weeks: day, what for, amount.

    Args:
        shop: The shop; its last four weeks tell what goods, parcels and marketing cost.
        given: Path of the learner's own bills instead, a CSV file with day, bill and amount.
        goods_due: Days from the last day of the data to the bill of the goods.

    Raises:
        TableError: The file lacks a column.
        InputError: What the goods cost is not known.
    """
    if given:
        own = pd.read_csv(given)
        lacking = [name for name in ("day", "bill", "amount") if name not in own]
        if lacking:
            raise TableError(f"The bills have no column {lacking[0]!r}: expected day, bill and amount.")
        return own.assign(day=pd.to_datetime(own["day"]))
    pnl = _last_weeks(shop)
    parts = (
        (_PARCELS_DUE, text.say("parcels"), pnl.fulfilment),
        (_MARKETING_DUE, text.say("marketing"), pnl.marketing),
        (goods_due, text.say("goods"), pnl.landed_cost),
    )
    if pnl.landed_cost is None:
        raise InputError("What the goods cost is not known: give products=, or bills=, in the first cell.")
    vat = 1 + (shop.costs.get("vat_rate") or 0.0)
    end = _four_weeks(shop)[1]
    rows = [
        (end + pd.Timedelta(days=day), name, round(amount * vat)) for day, name, amount in parts if amount
    ]
    return pd.DataFrame(sorted(rows), columns=["day", "bill", "amount"])


@lru_cache(maxsize=4)
def _last_weeks(shop: Shop) -> ProfitAndLoss:
    start, end = _four_weeks(shop)
    return profit_and_loss(shop.orders, shop.products, costs=shop.costs, start=start.date(), end=end.date())
