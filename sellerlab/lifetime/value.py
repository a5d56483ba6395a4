"""What customers are worth from here on, and what a new one is worth: contribution, discounted.

    value = sum over months k of E(orders in month k) × value of an order × margin / (1 + d)^(k/12)

The one idea: what may be paid for a customer is contribution that will come, not sales that have come.
The value of one customer is a mean over many with the same history; the interval says how far the total
may be off because the models are estimates. It leaves out the luck of single customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import money, tables, text
from sellerlab.errors import InputError, check_rate
from sellerlab.lifetime.buytillyoudie import Model
from sellerlab.lifetime.fit import Fit, bootstrap, read_summary
from sellerlab.lifetime.likelihood import Floats, Histories, histories
from sellerlab.lifetime.repeat_purchases import DAYS, RepeatPurchases
from sellerlab.lifetime.spend import GammaGamma, SpendFit, refit_spend
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class CustomerValue(Result):
    """What each known customer is worth from here on; `table` has one row a customer, most valuable first.

    Attributes:
        customers: Customers valued.
        total: Contribution expected of all of them, discounted; None where there is no model.
        interval: Its 95% interval: what the estimates of the models leave open.
        expected_orders: Orders expected of all of them, not discounted.
        top_tenth: Share of `total` that the most valuable tenth of customers makes.
        months: Months looked ahead.
    """

    customers: int
    total: float | None
    interval: tuple[float, float] | None
    expected_orders: float | None
    top_tenth: float | None
    months: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        if self.total is None or not self.total > 0:
            ax.text(0.5, 0.5, text.say("too few repeat buyers"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        data = nw.from_native(self.table).lazy().select("lifetime_value").collect()
        values = np.sort(data["lifetime_value"].to_numpy())[::-1]
        share = np.concatenate([[0.0], np.cumsum(values) / values.sum()])
        people = np.linspace(0, 1, len(share))
        ax.plot(people, share, color=plots.TOTAL)
        ax.plot([0, 1], [0, 1], color=plots.MUTED, linestyle=":", linewidth=1)
        if self.top_tenth is not None:
            ax.plot([0.1], [self.top_tenth], "o", color=plots.LOSS)
            note = text.say("a tenth of customers: {share}", share=text.percent(self.top_tenth, 0))
            ax.annotate(note, (0.1, self.top_tenth), xytext=(10, -12), textcoords="offset points")
        plots.percent_axis(ax, axis="x")
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("customers, the most valuable first"))
        ax.set_ylabel(text.say("share of the value to come"))
        ax.set_title(text.say("Where the value of the next {n} months lies", n=self.months))


def customer_value(
    purchases: Any,
    fitted: Fit,
    spend: SpendFit | float,
    *,
    margin: float,
    months: int = 12,
    discount_rate: float = 0.0,
    currency: str | None = None,
    draws: int = 200,
    seed: int = 0,
) -> CustomerValue:
    """Return what each known customer is worth over the next months, in discounted contribution.

    value = sum over months k of E(orders in month k | history) E(value | history) margin / (1+d)^(k/12)

    Args:
        purchases: What `repeat_purchases` gave, or its table.
        fitted: Model of buying from `fit`.
        spend: Model of the value of an order from `fit_spend`, or one value for all customers.
        margin: Contribution as a share of the value of an order (fraction).
        months: Months to look ahead, 1 or more.
        discount_rate: A year's discount (fraction); money of month k comes at its end.
        currency: ISO code, where `purchases` does not carry it.
        draws: Shops simulated for the interval of the total.
        seed: Of the random draws.

    Returns:
        `CustomerValue`. Its table has customer_id, frequency, p_alive, expected_orders (not discounted),
        order_value and lifetime_value. Where the value of an order has no mean of its own (q of 1 or less),
        the mean of what was bought stands in.

    Raises:
        InputError: A rate or a number cannot be right.

    Source: Fader, Hardie and Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4).
    """
    monthly = monthly_discount(margin, months, discount_rate)
    table, unit = read_summary(purchases, fitted.unit)
    currency = purchases.currency if isinstance(purchases, RepeatPurchases) else currency
    frame = nw.from_native(table).lazy().collect().sort("customer_id")
    x, t_x, T = (frame[name].cast(nw.Float64).to_numpy() for name in ("frequency", "recency", "age"))
    m = frame["value"].cast(nw.Float64).to_numpy() if "value" in frame.columns else np.full(len(x), np.nan)
    data = histories(x, t_x, T)
    month = DAYS["month"] / DAYS[unit]
    model, ready = fitted.model, fitted.model is not None and _has_value(spend)
    columns: dict[str, Any] = dict.fromkeys(
        ("p_alive", "expected_orders", "order_value", "lifetime_value"), np.full(len(x), np.nan)
    )
    total = interval = orders = top = None
    if model is not None and ready:
        decimals = money.decimals(currency) if currency else 2
        bought, discounted = _orders(model, data, months, month, monthly)
        worth = _worth(spend, None, x, m)
        value = np.round(discounted[data.group] * worth * margin, decimals)
        alive = np.asarray(model.p_alive(data.frequency, data.recency, data.age))[data.group]
        found = (alive, bought[data.group], worth, value)
        columns = dict(zip(columns, found, strict=True))
        total, orders = float(value.sum()), float(bought[data.group].sum())
        interval = _total_interval(fitted, spend, data, (x, m), (months, month, monthly, margin), draws, seed)
        tenth = max(len(x) // 10, 1)
        top = float(np.sort(value)[::-1][:tenth].sum() / total) if total > 0 and len(x) >= 10 else None
    backend = nw.get_native_namespace(frame)
    made = frame.select("customer_id", "frequency").with_columns(
        *(nw.new_series(name, values, nw.Float64, backend=backend) for name, values in columns.items())
    )
    if total is not None:
        made = nw.maybe_reset_index(made.sort("lifetime_value", "customer_id", descending=[True, False]))
    return CustomerValue(
        table=tables.like(made, table),
        sentence=_value_said(fitted, spend, len(x), months, total, interval, orders, top, currency),
        definition=text.say(
            "Value = sum over {months} months of expected orders × expected value of an order × margin "
            "{margin}, discounted at {rate} a year at the end of each month. Interval: {draws} shops drawn "
            "from the fitted models and fitted again; it holds what the estimates leave open, not the luck "
            "of single customers.",
            months=months,
            margin=text.percent(margin),
            rate=text.percent(discount_rate),
            draws=draws,
        ),
        currency=currency,
        formats={
            "frequency": "count", "p_alive": "rate", "expected_orders": "number", "order_value": "money",
            "lifetime_value": "money",
        },
        customers=len(x),
        total=total,
        interval=interval,
        expected_orders=orders,
        top_tenth=top,
        months=months,
    )  # fmt: skip


def discounted_sum(each: Any, monthly_rate: float) -> Any:
    """Return the sum of what comes at the end of months 1, 2 and so on, discounted to today.

    Args:
        each: What comes each month, months along the last axis.
        monthly_rate: Discount of one month (fraction).

    >>> discounted_sum([10.0, 10.0], 1.0)
    7.5
    """
    flow = np.asarray(each, dtype=float)
    factors = (1 + monthly_rate) ** -np.arange(1.0, flow.shape[-1] + 1)
    made = (flow * factors).sum(axis=-1)
    return float(made) if made.ndim == 0 else made


def monthly_discount(margin: float, months: int, discount_rate: float) -> float:
    """Check what every valuation is given and return the discount of one month."""
    check_rate("margin", margin)
    check_rate("discount_rate", discount_rate)
    if not isinstance(months, int) or months < 1:
        raise InputError(f"months is {months}: expected a whole number of 1 or more.")
    return float((1 + discount_rate) ** (1 / 12) - 1)


def _has_value(spend: SpendFit | float) -> bool:
    if isinstance(spend, SpendFit):
        return spend.model is not None
    if not spend > 0:
        raise InputError(
            f"spend is {spend:g}: expected the value of an order, above 0, or what fit_spend gave."
        )
    return True


def _orders(
    model: Model, data: Histories, months: int, month: float, monthly: float
) -> tuple[Floats, Floats]:
    """Return the orders of each history over the months, as they are and discounted."""
    ends = month * np.arange(1.0, months + 1)
    upto = np.asarray(
        model.expected_given(ends, data.frequency[:, None], data.recency[:, None], data.age[:, None])
    )
    each = np.diff(upto, axis=1, prepend=0.0)
    return upto[:, -1], np.asarray(discounted_sum(each, monthly))


def _worth(spend: SpendFit | float, drawn: GammaGamma | None, x: Floats, m: Floats) -> Floats:
    """Return the value of an order to expect of each customer."""
    if not isinstance(spend, SpendFit):
        return np.full(len(x), float(spend))
    model = drawn or spend.model
    if model is None or model.mean is None:
        return np.where(x > 0, m, float(np.average(spend.value, weights=spend.frequency)))
    made: Floats = np.asarray(model.expected_given(x, m))
    return made


def _total_interval(
    fitted: Fit,
    spend: SpendFit | float,
    data: Histories,
    customers: tuple[Floats, Floats],
    terms: tuple[int, float, float, float],
    draws: int,
    seed: int,
) -> tuple[float, float]:
    months, month, monthly, margin = terms
    rng = np.random.default_rng([seed, 2])
    totals = []
    for one in bootstrap(fitted, draws, seed=seed):
        drawn = refit_spend(spend, rng) if isinstance(spend, SpendFit) else None
        orders = _orders(one, data, months, month, monthly)[1][data.group]
        totals.append(float((orders * _worth(spend, drawn, *customers)).sum() * margin))
    low, high = np.quantile(totals, [0.025, 0.975])
    return float(low), float(high)


def _value_said(
    fitted: Fit,
    spend: SpendFit | float,
    customers: int,
    months: int,
    total: float | None,
    interval: tuple[float, float] | None,
    orders: float | None,
    top: float | None,
    currency: str | None,
) -> str:
    if total is None or interval is None or orders is None:
        why = fitted.sentence if fitted.model is None else getattr(spend, "sentence", "")
        return why + " " + text.say("No value is given.")
    said = text.say(
        "Over the next {months} months the {n} customers are worth {total} of contribution (95% interval "
        "{low} to {high}), from {orders} orders to expect.",
        months=months,
        n=text.number(customers),
        total=text.money(total, currency),
        low=text.money(interval[0], currency),
        high=text.money(interval[1], currency),
        orders=text.number(orders),
    )
    if top is not None:
        said += " " + text.say(
            "The most valuable tenth of them makes {share} of it.", share=text.percent(top, 0)
        )
    return said
