"""What a profit and loss says: its sentence and its definition, in words that can be read aloud."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sellerlab import text
from sellerlab.costs import Costs


def sentence(
    pnl: Mapping[str, Any],
    first: dt.date,
    last: dt.date,
    currency: str | None,
    missing: Sequence[str],
    waiting: Mapping[str, float],
    costs: Costs | None,
) -> str:
    """Return what the totals of a profit and loss say, and what they leave out."""
    known = {
        "start": text.day(first),
        "end": text.day(last),
        "orders": text.number(pnl["orders"]),
        "net": text.money(pnl["net_sales"], currency),
        "part": text.money(pnl["known_net_sales"], currency),
        "n": text.number(len(missing)),
    }
    said = [text.say("From {start} to {end}, {orders} orders brought {net} of net sales.", **known)]
    level = next((tier for tier in (3, 2, 1) if pnl[f"contribution_{tier}"] is not None), 0)
    if level == 0:
        said.append(text.say("What is left of it is not known: the products have no landed cost."))
    elif missing:
        said.append(
            text.say(
                "Products without a landed cost: {n}; the rest speaks of the {part} of net sales whose cost "
                "is known.",
                **known,
            )
        )
    if level:
        left = {
            "left": text.money(pnl[f"contribution_{level}"], currency),
            "margin": text.percent(pnl[f"margin_{level}"]),
        }
        said.append(text.say(_LEFT[level], **left))
    if level in (1, 2):
        said.append(text.say(_WHY_NOT[_reason(pnl, costs)]))
    for name, template in _WAITING.items():
        if waiting[name]:
            said.append(text.say(template, money=text.money(waiting[name], currency)))
    return " ".join(said)


_LEFT = {
    1: "After the cost of the goods {left} is left: contribution 1, {margin} of net sales.",
    2: "After goods, fees and parcels {left} is left: contribution 2, {margin} of net sales.",
    3: "After goods, fees, parcels and marketing {left} is left: contribution 3, {margin} of net sales.",
}
_WHY_NOT = {
    "costs": "Fees, parcels and marketing are not taken off: no costs were given.",
    "fees": "Fees and parcels are not taken off: for some lines neither the file nor fee_rates names a fee.",
    "fulfilment": "Fees and parcels are not taken off: fulfilment_per_order is not given (0 if it is free).",
    "marketing": "Marketing is not taken off: its amount is not given for every month.",
}
_WAITING = {
    "pending": "Not counted: {money} of orders not yet paid.",
    "cancelled": "Not counted: {money} of cancelled orders.",
}


def _reason(pnl: Mapping[str, Any], costs: Costs | None) -> str:
    if costs is None:
        return "costs"
    if pnl["fees"] is None:
        return "fees"
    return "marketing" if pnl["contribution_2"] is not None else "fulfilment"


def definition(
    costs: Costs | None, first: dt.date, last: dt.date, dims: Sequence[str], vat_rate: float | None
) -> str:
    """Return how every number of the profit and loss is computed."""
    said = [text.say(each, start=text.day(first), end=text.day(last)) for each in _DEFINITION]
    if costs and costs.resellable_share < 1:
        share = text.percent(costs.resellable_share, 0)
        said.append(text.say("Of the units that came back, {share} can be sold again.", share=share))
    if vat_rate is not None:
        rate = text.percent(vat_rate, 1)
        said.append(text.say("The file states no tax: prices are taken to contain {rate}.", rate=rate))
    if dims:
        said.append(text.say("Marketing is spread over the rows by net sales, month by month."))
        said.append(text.say("An order with lines in several rows counts in each of them."))
    return " ".join(said)


_DEFINITION = (
    "Paid lines dated {start} to {end} on the shop's clock.",
    "Net sales = gross sales (price x quantity) - discounts the seller pays + shipping charged - refunds "
    "- tax contained + adjustments; tax charged on top is left out; a discount the platform pays is not "
    "taken off.",
    "Contribution 1 = net sales - landed cost of units sold and not back in stock.",
    "Contribution 2 = contribution 1 - platform and payment fees - fulfilment, packaging, return handling.",
    "Contribution 3 = contribution 2 - marketing.",
    "Fees are those of the file, else the fee rate of the channel on what was charged, shipping included; "
    "costs of an order are spread over its lines by their price after discounts.",
    "Contributions and their margins are of the sales whose landed cost is known (cost coverage).",
)
