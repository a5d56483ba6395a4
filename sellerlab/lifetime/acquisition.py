"""What a customer costs, and what the simple formulas say one is worth.

The one idea: the cost is a count with luck in it, so it has an interval; the simple formulas have none,
because they take every customer as the same and every month as alike. They are here to be compared with
`lifetime.new_customer_value`, and each names its limits.

Sources: Farris et al., *Marketing Metrics*; Gupta and Lehmann (2003), "Customers as Assets", Journal of
Interactive Marketing 17(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class AcquisitionCost(Result):
    """What a new customer cost; `table` has one row a channel.

    Attributes:
        spend: Money spent on winning customers.
        new_customers: Customers won.
        cac: `spend` / `new_customers` of all channels together; None where nobody was won.
        interval: Its 95% interval, as the count of customers won is partly luck (Poisson).
    """

    spend: float
    new_customers: int
    cac: float | None
    interval: tuple[float, float] | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        rows = [row for row in data.rows(named=True) if row["cac"] is not None and row["cac"] == row["cac"]]
        places = np.arange(len(rows))
        for place, row in zip(places, rows, strict=True):
            ax.plot([row["low"], row["high"]], [place, place], color=plots.TOTAL)
            ax.plot([row["cac"]], [place], "o", color=plots.TOTAL)
        if self.cac is not None:
            ax.axvline(self.cac, color=plots.MUTED, linestyle=":")
        ax.set_yticks(places, [row["channel"] for row in rows])
        ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        ax.set_xlim(left=0)
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say("Cost of a new customer"))

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches."""
        return 1.5 + 0.4 * len(self.printed()) if self.table is not None else 4.5


def acquisition_cost(
    spend: float | Mapping[str, float],
    new_customers: int | Mapping[str, int],
    *,
    currency: str | None = None,
) -> AcquisitionCost:
    """Return what a new customer cost (CAC), for each channel and for all together.

    CAC = money spent on winning customers / customers won; of all channels: sum / sum, not a mean of CACs

    Args:
        spend: Ads, commissions, samples and first-order discounts of the period; one amount, or one a
            channel.
        new_customers: Customers whose first order came from it, in the same period.
        currency: ISO code, for the words.

    Raises:
        InputError: An amount is negative, a count is no whole number, or the channels differ.

    Source: Farris et al., *Marketing Metrics*; the interval is Garwood's (1936) for a Poisson count.

    >>> acquisition_cost({"ads": 60000, "mail": 5000}, {"ads": 30, "mail": 20}, currency="JPY").cac
    1300.0
    """
    import pandas as pd
    from scipy.special import gammaincinv

    if isinstance(spend, Mapping) != isinstance(new_customers, Mapping):
        raise InputError("spend and new_customers must both be one number, or both be given by channel.")
    everything = text.say("all")
    costs = dict(spend) if isinstance(spend, Mapping) else {everything: spend}
    won = dict(new_customers) if isinstance(new_customers, Mapping) else {everything: new_customers}
    if set(costs) != set(won):
        odd = ", ".join(sorted(set(costs) ^ set(won)))
        raise InputError(f"spend and new_customers name different channels: {odd}. Give both for each.")
    for name in costs:
        if not costs[name] >= 0:
            raise InputError(f"spend of {name} is {costs[name]:g}: expected an amount of 0 or more.")
        if won[name] != int(won[name]) or won[name] < 0:
            raise InputError(f"new_customers of {name} is {won[name]:g}: expected a count of 0 or more.")

    def of(amount: float, count: int) -> tuple[float | None, float | None, float | None]:
        if not count:
            return None, None, None
        low, high = float(gammaincinv(count, 0.025)), float(gammaincinv(count + 1, 0.975))
        return amount / count, amount / high, amount / low

    rows = [(name, costs[name], won[name], *of(costs[name], won[name])) for name in sorted(costs)]
    total, count = float(sum(costs.values())), int(sum(won.values()))
    cac, low, high = of(total, count)
    words = {"spend": text.money(total, currency), "n": text.number(count)}
    if cac is None or low is None or high is None:
        said = text.say("{spend} were spent and nobody was won: there is no cost of a customer.", **words)
    else:
        said = text.say(
            "A new customer cost {cac} (95% interval {low} to {high}): {spend} for {n} customers.",
            cac=text.money(cac, currency),
            low=text.money(low, currency),
            high=text.money(high, currency),
            **words,
        )
    names = ["channel", "spend", "new_customers", "cac", "low", "high"]
    numbers = dict.fromkeys(names[1:], "float64")
    return AcquisitionCost(
        table=pd.DataFrame(rows, columns=names).astype(numbers),
        sentence=said,
        definition=text.say(
            "CAC = money spent on winning customers / customers won. Of all channels together: sum of the "
            "money / sum of the customers. Interval: 95%, from the luck in the count of customers (Poisson)."
        ),
        currency=currency,
        formats={"spend": "money", "new_customers": "count", "cac": "money", "low": "money", "high": "money"},
        spend=total,
        new_customers=count,
        cac=cac,
        interval=None if low is None or high is None else (low, high),
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class SimpleValue(Result):
    """The value of a customer by the simple formula; `table` has one row a year.

    Attributes:
        value: Contribution over all years, discounted.
        revenue: The same without margin and discount: the number that misleads.
        years: Years counted.
    """

    value: float
    revenue: float
    years: float

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        labels = [text.say("sales"), text.say("contribution, discounted")]
        plots.bars(ax, labels, [self.revenue, self.value], [plots.MUTED, plots.TOTAL])
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say("One customer by the simple formula"))

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches."""
        return 2.2


def simple_value(
    order_value: float,
    orders_per_year: float,
    years: float,
    *,
    margin: float,
    discount_rate: float = 0.0,
    currency: str | None = None,
) -> SimpleValue:
    """Return the value of a customer by the simple formula, beside the sales it is often taken for.

    value = sum over years j of order value × orders a year × margin / (1 + d)^j

    Args:
        order_value: Mean value of an order, without tax, above 0.
        orders_per_year: Orders of an active customer in a year, above 0.
        years: How long a customer stays, above 0; a part of a year counts in its share.
        margin: Contribution as a share of the value of an order (fraction).
        discount_rate: A year's discount (fraction); money of a year comes at its end.
        currency: ISO code, for the words.

    Raises:
        InputError: A number cannot be right.

    Source: Farris et al., *Marketing Metrics*.

    >>> result = simple_value(3000, 4, 3, margin=0.25, currency="JPY")
    >>> result.value, result.revenue
    (9000.0, 36000.0)
    """
    import pandas as pd

    check_rate("margin", margin)
    check_rate("discount_rate", discount_rate)
    for name, given in (("order_value", order_value), ("orders_per_year", orders_per_year), ("years", years)):
        if not 0 < given < np.inf:
            raise InputError(f"{name} is {given:g}: expected a number above 0.")
    count = int(np.ceil(years))
    part = np.minimum(1.0, years - np.arange(count))
    sales = order_value * orders_per_year * part
    worth = sales * margin / (1 + discount_rate) ** np.arange(1.0, count + 1)
    value, revenue = float(worth.sum()), float(sales.sum())
    return SimpleValue(
        table=pd.DataFrame({"year": np.arange(1.0, count + 1), "sales": sales, "contribution": worth}),
        sentence=text.say(
            "By the simple formula a customer brings {value} of contribution in {years} years, from "
            "{revenue} of sales. It takes every customer as the average one and the years as known.",
            value=text.money(value, currency),
            years=text.number(years, 0 if float(years).is_integer() else 1),
            revenue=text.money(revenue, currency),
        ),
        definition=text.say(
            "Value = sum over years of order value × orders a year × margin {margin}, discounted at {rate} "
            "at the end of each year. Limits: it has no interval; it hides that a few customers buy most; "
            "how long a customer stays is not seen in a shop without subscriptions, and 1 / churn holds only "
            "where churn is the same for all and forever.",
            margin=text.percent(margin),
            rate=text.percent(discount_rate),
        ),
        currency=currency,
        formats={"year": "count", "sales": "money", "contribution": "money"},
        value=value,
        revenue=revenue,
        years=years,
    )


def margin_multiple(retention: Any, discount_rate: Any) -> Any:
    """Return how many yearly margins a customer is still worth, if retention never changes.

    multiple = r / (1 + i - r)

    Args:
        retention: Share of customers kept each year (fraction from 0 to 1); number, array or Series.
        discount_rate: A year's discount (fraction above 0 where retention is 1); same kinds.

    Returns:
        The multiple of one year's margin; same kind as `retention`.

    Raises:
        InputError: A rate is out of range, or nothing ends the sum (retention 1 without a discount).

    Source: Gupta and Lehmann (2003).

    >>> round(margin_multiple(0.8, 0.12), 2)
    2.5
    """
    kept = np.asarray(retention, dtype=float) if isinstance(retention, list | tuple) else retention
    cost = (
        np.asarray(discount_rate, dtype=float) if isinstance(discount_rate, list | tuple) else discount_rate
    )
    for name, rates in (("retention", kept), ("discount_rate", cost)):
        for end in (np.min(rates), np.max(rates)):
            check_rate(name, float(end))
    left = 1 + cost - kept
    if not np.all(np.asarray(left) > 0):
        raise InputError(
            "retention is 1 and discount_rate is 0: the sum has no end. Give a discount above 0, or a "
            "retention below 1."
        )
    return kept / left
