"""The blended fee: what all channels together keep, as a share of what was sold.

One idea: it is a mean of the channels' rates weighted by their sales, so it moves with the mix, and the
number of channels does not enter. The plain mean counts the smallest channel as much as the largest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.money import round_money
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class BlendedFee(Result):
    """What the channels keep together; `table` has one row a channel, the largest first.

    Attributes:
        sales: Sales of all channels.
        fee: What they keep of them.
        rate: `fee` as a share of `sales`: the mean of the rates, weighted by sales.
        mean_of_rates: Plain mean of the rates of the channels that sell, which is not the blended fee.
        low: Lowest rate of a channel that sells.
        high: Highest rate of a channel that sells.
        given: All channels as they were given, so that a channel keeps its colour whatever it sells.
    """

    sales: float
    fee: float
    rate: float
    mean_of_rates: float
    low: float
    high: float
    given: tuple[str, ...] = field(compare=False)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        left = 0.0
        for row in self.table.itertuples():
            ax.bar(
                left,
                row.rate,
                width=row.share,
                align="edge",
                color=plots.COLOURS[self.given.index(row.channel) % len(plots.COLOURS)],
                edgecolor="white",
                label=text.say("{channel}: {rate}", channel=row.channel, rate=text.percent(row.rate)),
            )
            left += row.share
        ax.axhline(self.rate, color="black", label=text.say("blended: {rate}", rate=text.percent(self.rate)))
        ax.axhline(
            self.mean_of_rates,
            color="black",
            linestyle=":",
            label=text.say("mean of rates: {rate}", rate=text.percent(self.mean_of_rates)),
        )
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1.15 * max(self.high, 0.01))
        plots.percent_axis(ax, axis="x")
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("share of sales"))
        ax.set_ylabel(text.say("fee"))
        ax.set_title(text.say("Each channel's fee is the area of its bar"))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)


def blended_fee(
    sales: Mapping[str, float], rates: Mapping[str, float], *, currency: str | None = None
) -> BlendedFee:
    """Return the share of all sales that the channels keep together.

    blended fee = sum of sales * rate / sum of sales

    Args:
        sales: Channel to its sales, 0 or more, on the base that the rates are taken from (what the buyer and
            the platform pay, as a rule).
        rates: Channel to the share of its sales that is kept, fixed parts and all; `effective_rate`.
        currency: ISO code of the sales; fees are rounded to its decimals in the table.

    Returns:
        `BlendedFee`; its table has channel, sales, share, rate and fee.

    Raises:
        UnknownNameError: A channel with sales has no rate.
        InputError: Nothing was sold, sales are below 0, or a rate is no fraction.

    Source: the definition of a weighted mean; a rate is a ratio, and ratios are averaged by their base.

    >>> blended = blended_fee({"shop": 900.0, "affiliate": 100.0}, {"shop": 0.05, "affiliate": 0.15})
    >>> round(blended.rate, 3), round(blended.mean_of_rates, 3)
    (0.06, 0.1)
    """
    for channel, amount in sales.items():
        if channel not in rates:
            raise unknown("fee rate of channel", channel, rates)
        if not 0 <= amount < float("inf"):
            raise InputError(f"The sales of {channel} are {amount:g}: expected 0 or more, before refunds.")
        check_rate(f"rate of {channel}", rates[channel])
    # The largest first; channels alike stand in the order of their names.
    names = sorted((name for name in sales if sales[name] > 0), key=lambda name: (-sales[name], name))
    if not names:
        raise InputError("No channel has sales, so there is no fee to blend. Give the sales of one at least.")
    sold = np.array([float(sales[name]) for name in names])
    kept = np.array([float(rates[name]) for name in names])
    total, fee = float(sold.sum()), float(sold @ kept)
    table = pd.DataFrame({"channel": names, "sales": sold, "share": sold / total, "rate": kept})
    table["fee"] = round_money(sold * kept, currency) if currency else sold * kept
    rate, mean = fee / total, float(kept.mean())
    words = {
        "sales": text.money(total, currency),
        "fee": text.money(fee, currency),
        "rate": text.percent(rate),
        "mean": text.percent(mean),
        "channel": names[0],
    }
    if len(names) == 1:
        said = text.say("Of {sales} sold, {channel} keeps {fee}: a fee of {rate}.", **words)
    else:
        said = text.say(
            "Of {sales} sold, the channels keep {fee}: a blended fee of {rate}. The plain mean of their "
            "rates is {mean}.",
            **words,
        )
    return BlendedFee(
        table=table,
        sentence=said,
        definition=text.say(
            "Blended fee = sum of sales * rate / sum of sales, over the channels that sell. A channel's rate "
            "is all that it keeps of its sales, fixed parts too."
        ),
        currency=currency,
        formats={"sales": "money", "share": "rate", "rate": "rate", "fee": "money"},
        sales=total,
        fee=fee,
        rate=rate,
        mean_of_rates=mean,
        low=float(kept.min()),
        high=float(kept.max()),
        given=tuple(sales),
    )
