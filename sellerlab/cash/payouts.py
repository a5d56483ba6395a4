"""The settlement calendar: which money of which sales comes on which day.

One idea: a sale is not cash. What the buyer pays today reaches the shop after delivery, confirmation and the
platform's own calendar, less its fees; until then it is money waiting, and more sales make it more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.cash.settlement import SettlementRule, payout_dates, settlement_rule
from sellerlab.costs import EVERY_CHANNEL, Costs, GivenCosts
from sellerlab.counted import day_of, in_period, with_costs, with_worth
from sellerlab.errors import InputError, unknown
from sellerlab.money import decimals
from sellerlab.results import Result
from sellerlab.sold import made

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Payouts(Result):
    """What is paid out when; `table` has one row a day and channel, in order of time.

    Attributes:
        as_of: Last day of the orders counted.
        total: Money of the sales after fees and refunds: the sum of all payouts.
        waiting: Part of it that comes after `as_of`.
        mean_wait: Days from the sale to the money, weighted by money; None where nothing is paid.
        last: Day of the last payout.
        pending: Money charged on pending lines, not counted.
        fee_unknown: Lines whose fee neither the file nor the costs state; they are paid in full here.
        sold: Day of the sale and what it brings after fees and refunds, day by day.
    """

    as_of: dt.date
    total: float
    waiting: float
    mean_wait: float | None
    last: dt.date
    pending: float
    fee_unknown: int
    sold: tuple[tuple[dt.date, float], ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().select("paid_on", "amount").collect().rows()
        paid: dict[np.datetime64, float] = {}
        for day, amount in rows:
            at = np.datetime64(day, "D")
            paid[at] = paid.get(at, 0.0) + amount
        earned = {np.datetime64(day): amount for day, amount in self.sold}
        days = np.arange(min(earned), max([*paid, *earned]) + 2)
        lines = [np.cumsum([money.get(day, 0.0) for day in days]) for money in (earned, paid)]
        ax.fill_between(
            days, lines[0], lines[1], step="post", color=plots.LOSS, alpha=0.2, label=text.say("waiting")
        )
        ax.step(days, lines[0], where="post", color=plots.TOTAL, label=text.say("sold, after fees"))
        ax.step(days, lines[1], where="post", color=plots.GAIN, label=text.say("paid out"))
        plots.money_axis(ax, self.currency)
        ax.figure.autofmt_xdate(rotation=30)
        ax.set_title(text.say("Money sold and money paid out, running total"))
        ax.legend(loc="upper left")


def payouts(
    orders: Any,
    rules: SettlementRule | str | Mapping[str, SettlementRule | str],
    *,
    costs: GivenCosts = None,
    delivery_days: int = 0,
    confirm_days: int | None = None,
    as_of: str | dt.date | None = None,
    closed: Iterable[dt.date] = (),
    **names: str,
) -> Payouts:
    """Return what the platforms pay out, day by day, from dated settlement rules.

    paid on = rule(day of the order + delivery + confirmation); amount = what was charged and what the
    platform adds - refunds - fees. A refund, a fee or a correction that is a row of its own counts on its
    own day, without delivery and confirmation.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid lines count.
        rules: One rule for all, or channel to its rule; the channel ``"*"`` stands for every other. A rule
            is a `settlement.SettlementRule` or a name of `settlement.settlement_rules`.
        costs: Where `fee_rates` are, for fees that the file does not state; see `margin.Costs`.
        delivery_days: Calendar days from the order to the buyer.
        confirm_days: Calendar days from delivery to confirmation; those of the rule by default, and 0 where
            it names none.
        as_of: Last day of the orders counted; the last of the data by default.
        closed: More days on which the platforms do not pay.
        **names: The caller's own column names.

    Returns:
        `Payouts`; its table has paid_on, channel and amount. The amounts add up to `total` exactly.

    Raises:
        UnknownNameError: There is no such rule, or a channel has none.
        InputError: No paid line lies in the period, or days are negative.

    Source: the rules' own sources; the arithmetic of business days is `settlement.payout_dates`.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": ["1"], "ordered_at": [pd.Timestamp("2024-12-03 10:00")], "sku": ["A"],
    ...     "quantity": [1], "unit_price": [10_000.0], "currency": ["KRW"], "fee": [1_000.0],
    ... })
    >>> result = payouts(orders, "coupang_weekly", delivery_days=2)
    >>> [(str(day)[:10], amount) for day, amount in zip(result.table["paid_on"], result.table["amount"])]
    [('2025-01-07', 6300.0), ('2025-02-03', 2700.0)]
    """
    for name, days in (("delivery_days", delivery_days), ("confirm_days", confirm_days or 0)):
        if days < 0 or int(days) != days:
            raise InputError(f"{name} is {days:g}: expected whole days, 0 or more.")
    last = day_of("as_of", as_of)
    known = Costs.from_mapping(costs) if isinstance(costs, Mapping) else costs or Costs()
    lines = in_period(orders, None, last, names)
    waiting = lines.filter(nw.col("status") == "pending").select(nw.col("charged").sum()).collect().item()
    paid = with_costs(with_worth(lines.filter(nw.col("status") == "paid")), known)
    if "channel" not in paid.collect_schema().names():
        paid = paid.with_columns(channel=nw.lit(""))
    currency = tables.currency_of(orders)
    places = decimals(currency) if currency else 6
    rows = _by_day(paid)
    if not rows:
        raise InputError(
            f"There is no paid line up to {last or 'the last day'}: check as_of and the statuses."
        )
    end = last or max(row["day"] for row in rows)
    chosen = _rules(rules, sorted({row["channel"] for row in rows}))
    scale = 10.0**places
    sums: dict[tuple[dt.date, str], int] = {}
    weighted = positive = 0.0
    for channel, rule in chosen.items():
        own = [row for row in rows if row["channel"] == channel]
        lag = delivery_days + (rule.auto_confirm_days or 0 if confirm_days is None else confirm_days)
        when = [row["day"] + dt.timedelta(days=lag if row["sale"] else 0) for row in own]
        units = [round(row["money"] * scale) for row in own]
        share, done = 0.0, [0] * len(own)
        for payout in payout_dates(rule, np.array(when, dtype="datetime64[D]"), closed=closed):
            share += payout.share
            # Shares in running totals: the parts of a sale add up to it in the smallest unit.
            reached = [round(amount * min(share, 1.0)) for amount in units]
            for place, (row, day) in enumerate(zip(own, payout.paid_on.tolist(), strict=True)):
                part = reached[place] - done[place]
                sums[day, channel] = sums.get((day, channel), 0) + part
                if part > 0 and row["sale"]:
                    weighted += part * (day - row["day"]).days
                    positive += part
            done = reached
    table: dict[str, list[Any]] = {
        "paid_on": [day for day, _ in sorted(sums)],
        "channel": [channel or text.say("all channels") for _, channel in sorted(sums)],
        "amount": [sums[each] / scale for each in sorted(sums)],
    }
    total = sum(sums.values()) / scale
    later = sum(amount for (day, _), amount in sums.items() if day > end) / scale
    sold: dict[dt.date, float] = {}
    for row in rows:
        sold[row["day"]] = sold.get(row["day"], 0.0) + round(row["money"], places)
    unknown_fees = int(sum(row["fee_unknown"] for row in rows))
    mean_wait = weighted / positive if positive else None
    return Payouts(
        table=made(table, orders),
        sentence=_sentence(total, later, mean_wait, max(day for day, _ in sums), end, currency, unknown_fees),
        definition=text.say(
            "Amount = charged to buyers and added by the platform, tax included, - refunds - fees, of paid "
            "lines up to {as_of}. A refund in a column of the sale is taken off the sale's own payout. "
            "Delivery takes {delivery} days; confirmation and payout follow the rules: {rules}. The tax in "
            "it is not the seller's money.",
            as_of=text.day(end),
            delivery=text.number(delivery_days),
            rules=", ".join(dict.fromkeys(rule.name for rule in chosen.values())),
        ),
        currency=currency,
        formats={"amount": "money"},
        as_of=end,
        total=total,
        waiting=later,
        mean_wait=mean_wait,
        last=max(day for day, _ in sums),
        pending=round(float(waiting or 0.0), places),
        fee_unknown=unknown_fees,
        sold=tuple(sorted(sold.items())),
    )


def _by_day(paid: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    """Money of each channel and day, sales apart from corrections."""
    when = nw.col("ordered_at").dt
    day = when.year().cast(nw.Int64) * 10000 + when.month().cast(nw.Int64) * 100 + when.day().cast(nw.Int64)
    kind = nw.col("kind")
    fee = kind == "fee"
    money = (
        nw.when(fee).then(-nw.col("fees")).otherwise(nw.col("charged") - nw.col("refunded") - nw.col("fees"))
    )
    lines = paid.with_columns(
        day=day,
        sale=((kind == "sale") | (kind == "shipping")).cast(nw.Int64),
        money=money,
        channel=nw.col("channel").fill_null(""),
    )
    sums = lines.group_by("channel", "day", "sale").agg(nw.col("money").sum(), nw.col("fee_unknown").sum())
    rows = sums.collect().rows(named=True)
    for row in rows:
        number = int(row["day"])
        row["day"] = dt.date(number // 10000, number // 100 % 100, number % 100)
    return sorted(rows, key=lambda row: (row["channel"], row["day"], row["sale"]))


def _rules(given: Any, channels: list[str]) -> dict[str, SettlementRule]:
    if not isinstance(given, Mapping):
        given = {EVERY_CHANNEL: given}
    found = {}
    for channel in channels:
        rule = given.get(channel, given.get(EVERY_CHANNEL))
        if rule is None:
            raise unknown("settlement rule of channel", channel, given)
        found[channel] = settlement_rule(rule) if isinstance(rule, str) else rule
    return found


def _sentence(
    total: float,
    waiting: float,
    mean_wait: float | None,
    last: dt.date,
    as_of: dt.date,
    currency: str | None,
    fee_unknown: int,
) -> str:
    words = {
        "total": text.money(total, currency),
        "waiting": text.money(waiting, currency),
        "share": text.percent(waiting / total if total > 0 else float("nan"), 0),
        "as_of": text.day(as_of),
        "last": text.day(last),
    }
    if mean_wait is None:
        said = text.say("The platforms pay out {total} in all, the last of it on {last}.", **words)
    else:
        said = text.say(
            "Of {total} sold up to {as_of}, after fees and refunds, {waiting} ({share}) has not come yet; "
            "money takes {days} days on average, and the last of it comes on {last}.",
            days=text.number(mean_wait),
            **words,
        )
    if fee_unknown:
        said += " " + text.say(
            "The fee of {n} lines is not known, so less will come. Give fee_rates in the costs.",
            n=text.number(fee_unknown),
        )
    return said
