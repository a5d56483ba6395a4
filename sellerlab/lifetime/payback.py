"""What a new customer brings, month by month, and when that has paid for winning one.

The one idea: months to payback decide whether a shop can afford to grow, and they are read off a curve
with an interval: contribution brought so far by one new customer, against what winning one cost.
`payback` takes the curve from orders; `new_customer_value` from fitted models, further ahead.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import money, tables, text
from sellerlab.counted import as_day, day_of
from sellerlab.errors import InputError, check_rate
from sellerlab.lifetime.fit import Fit, bootstrap
from sellerlab.lifetime.likelihood import Z95, Floats
from sellerlab.lifetime.repeat_purchases import DAYS, day_number, valued_lines, with_refunds
from sellerlab.lifetime.spend import SpendFit, refit_spend
from sellerlab.lifetime.value import discounted_sum, monthly_discount
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Fewest customers watched for a whole month before the month is shown.
_FEWEST = 30


@dataclass(frozen=True, kw_only=True, repr=False)
class Payback(Result):
    """What one new customer has brought by each month, against what winning one cost.

    `table` has one row a month: month (0 is the first order), customers (watched for the whole month; empty
    where it comes from a model), contribution so far, low and high (95%).

    Attributes:
        cac: What winning a customer cost, or None.
        months: Months shown.
        value: Contribution by the last month; None where there are too few customers.
        interval: Its 95% interval.
        ratio: `value` / `cac`, or None.
        month: First month by which the contribution reaches `cac`; None where it does not.
        earliest: The same for the upper end of the interval.
        latest: The same for the lower end.
    """

    cac: float | None
    months: int
    value: float | None
    interval: tuple[float, float] | None
    ratio: float | None
    month: int | None
    earliest: int | None
    latest: int | None

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        data = nw.from_native(self.table).lazy().collect()
        month, middle, low, high = (
            data[name].to_numpy() for name in ("month", "contribution", "low", "high")
        )
        ax.plot(month, middle, "o-", color=plots.TOTAL, markersize=4)
        ax.fill_between(month, low, high, color=plots.TOTAL, alpha=0.15, linewidth=0)
        if self.cac is not None:
            ax.axhline(self.cac, color=plots.LOSS, linestyle="--")
            above = self.value is not None and self.value < self.cac
            ax.annotate(
                text.say("cost of a new customer"),
                (1, self.cac),
                xycoords=ax.get_yaxis_transform(),
                xytext=(-4, 4 if above else -4),
                textcoords="offset points",
                ha="right",
                va="bottom" if above else "top",
                color=plots.LOSS,
            )
        if self.month is not None:
            ax.axvline(self.month, color=plots.MUTED, linestyle=":", linewidth=1)
        ax.set_ylim(bottom=min(0.0, float(np.nanmin(low)) if len(low) else 0.0))
        ax.locator_params(axis="x", integer=True)
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("months since the first order"))
        ax.set_title(text.say("What a new customer brings by each month"))


def payback(
    orders: Any,
    cac: float | None = None,
    *,
    margin: float,
    end: str | dt.date | None = None,
    months: int = 12,
    value: str = "net_sales",
    **names: str,
) -> Payback:
    """Return in which month new customers had paid for themselves, from orders.

    contribution by month k = sum over j <= k of (contribution in month j of customers watched for all of
    month j) / (number of these customers); payback = first k where it reaches the CAC

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; all of the shop's, from its start,
            or else old customers look new.
        cac: What winning a customer cost, 0 or more; None shows the curve only.
        margin: Contribution as a share of `value` (fraction).
        end: Last day counted; by default the last day of the data.
        months: Last month shown; a month is 365.25 / 12 days from the customer's first order.
        value: As in `repeat_purchases`: ``"net_sales"`` or a column.
        **names: The caller's own column names.

    Returns:
        `Payback`. Months that fewer than 30 customers have been watched for are left out. Month 0 holds the
        first order only.

    Raises:
        InputError: A rate, a number or a day cannot be right.

    Source: for what to count, Farris et al., *Marketing Metrics*; the interval from the spread between
    customers, as of a sum of means.
    """
    _check(margin, months, cac)
    definition = text.say(
        "Contribution of a customer by month k = sum over months up to k of the mean contribution of "
        "customers watched for the whole month; {value} × margin {margin}; month 0 is the first order. "
        "Months with fewer than {few} customers are left out. Interval: 95%, from the spread between "
        "customers.",
        value=text.say(value.replace("_", " ")),
        margin=text.percent(margin),
        few=_FEWEST,
    )
    age, flow, currency = _flows(orders, end, months, value, names)
    shown, curve, half, watched = _curve(flow * margin, age)
    made = _payback(orders, shown, curve, curve - half, curve + half, watched, cac, currency, definition)
    if len(shown):
        return made
    said = text.say(
        "{n} customers have been watched: too few to say what a new one brings, which needs {few}.",
        n=text.number(len(age)),
        few=_FEWEST,
    )
    return replace(made, sentence=said)


def new_customer_value(
    fitted: Fit,
    spend: SpendFit | float,
    *,
    margin: float,
    cac: float | None = None,
    months: int = 24,
    discount_rate: float = 0.0,
    first_order: float | None = None,
    currency: str | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Payback:
    """Return what a new customer will have brought by each month, from fitted models: what one may pay.

    contribution by month k = first order + sum over j <= k of E(orders in month j) × mean value × margin
    / (1+d)^(j/12)

    Args:
        fitted: Model of buying from `fit`.
        spend: Model of the value of an order from `fit_spend`, or one value.
        margin: Contribution as a share of the value of an order (fraction).
        cac: What winning a customer cost; gives the ratio (LTV:CAC) and the month of payback.
        months: Months to look ahead.
        discount_rate: A year's discount (fraction).
        first_order: Contribution of the first order, where it differs from that of the others.
        currency: ISO code; by default that of `spend`.
        draws: Shops simulated for the interval.
        seed: Of the random draws.

    Returns:
        `Payback`; with too few repeat buyers its sentence says so and it has no number.

    Raises:
        InputError: A rate or a number cannot be right, or the value of an order has no mean (q <= 1).

    Source: Fader, Hardie and Lee (2005), "RFM and CLV".
    """
    monthly = monthly_discount(margin, months, discount_rate)
    _check(margin, months, cac)
    if isinstance(spend, SpendFit):
        currency = currency or spend.currency
    definition = text.say(
        "Contribution of a new customer by month k = first order + sum of expected orders × mean value of an "
        "order × margin {margin}, discounted at {rate} a year at the end of each month. Interval: {draws} "
        "shops drawn from the fitted models and fitted again.",
        margin=text.percent(margin),
        rate=text.percent(discount_rate),
        draws=draws,
    )
    empty = np.array([])
    original = fitted.table
    for each in (fitted, spend):
        if isinstance(each, Fit | SpendFit) and each.model is None:
            made = _payback(original, empty, empty, empty, empty, None, cac, currency, definition)
            return replace(made, sentence=each.sentence)
    if isinstance(spend, SpendFit) and spend.mean is None:
        raise InputError(f"{spend.sentence} Give spend as a number, such as the mean value of an order.")
    if not isinstance(spend, SpendFit) and not spend > 0:
        raise InputError(f"spend is {spend:g}: expected the value of an order, or what fit_spend gave.")
    ends = DAYS["month"] / DAYS[fitted.unit] * np.arange(0.0, months + 1)

    def curve(model: Any, each: float) -> Floats:
        orders = np.diff(np.asarray(model.expected(ends)))
        so_far = [discounted_sum(orders[:k], monthly) if k else 0.0 for k in range(months + 1)]
        start = each * margin if first_order is None else first_order
        made: Floats = start + np.array(so_far) * each * margin
        return made

    rng = np.random.default_rng([seed, 3])
    usual = float(spend.mean or 0.0) if isinstance(spend, SpendFit) else float(spend)
    drawn = []
    for one in bootstrap(fitted, draws, seed=seed):
        worth = (refit_spend(spend, rng).mean or usual) if isinstance(spend, SpendFit) else usual
        drawn.append(curve(one, worth))
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    shown = np.arange(months + 1.0)
    middle = curve(fitted.model, usual)
    return _payback(original, shown, middle, low, high, None, cac, currency, definition)


def _check(margin: float, months: int, cac: float | None) -> None:
    check_rate("margin", margin)
    if not isinstance(months, int) or months < 1:
        raise InputError(f"months is {months}: expected a whole number of 1 or more.")
    if cac is not None and not cac >= 0:
        raise InputError(f"cac is {cac:g}: expected what winning a customer cost, 0 or more.")


def _flows(
    orders: Any, end: str | dt.date | None, months: int, value: str, names: dict[str, str]
) -> tuple[Floats, Floats, str | None]:
    """Return whole months watched of each customer, and what each brought in month 0, 1 and so on."""
    lines, _ = valued_lines(orders, value, names)
    last = day_of("end", end) or as_day(lines.select(nw.col("ordered_at").max()).collect().item())
    after = dt.datetime.combine(last + dt.timedelta(days=1), dt.time())
    lines = lines.filter(nw.col("ordered_at") < nw.lit(after))
    lines = with_refunds(lines.with_columns(period=day_number(nw.col("ordered_at"))))
    first = lines.group_by("customer_id").agg(first=nw.col("period").min())
    days = nw.col("period") - nw.col("first")
    # 487 / 16 days are a twelfth of 365.25; whole numbers divide alike on every engine.
    month = nw.when(days > 0).then(days * 16 // 487 + 1).otherwise(nw.lit(0))
    lines = lines.join(first, on="customer_id", how="inner").with_columns(month=month.cast(nw.Int64))
    lines = lines.filter(nw.col("month") <= months)
    flows = lines.group_by("customer_id", "first", "month").agg(nw.col("value").sum())
    found = flows.sort("customer_id", "month").collect()
    if not len(found):
        raise InputError(f"No customer has a paid order up to {last}. Check end and customer_id.")
    currency = tables.currency_of(orders) if "currency" not in names else None
    starts = found["month"].to_numpy() == 0
    flow = np.zeros((int(starts.sum()), months + 1))
    rows = np.cumsum(starts) - 1  # every customer has a month 0, and it comes first
    decimals = money.decimals(currency) if currency else 2
    flow[rows, found["month"].to_numpy()] = np.round(found["value"].to_numpy(), decimals)
    age = (last.toordinal() - found["first"].to_numpy()[starts]) * 16 // 487
    return age.astype(float), flow, currency


def _curve(flow: Floats, age: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the months shown, mean contribution so far, half its interval, and customers watched."""
    shown = np.arange(float(flow.shape[1]))
    seen = age[:, None] >= shown
    watched = seen.sum(axis=0).astype(float)
    enough = int(np.argmax(np.append(watched < _FEWEST, True)))
    shown, seen, watched, flow = shown[:enough], seen[:, :enough], watched[:enough], flow[:, :enough]
    mean = np.where(seen, flow, 0.0).sum(axis=0) / watched
    # How far each customer pulls the sum of the means; their squares add up to its variance.
    pull = np.cumsum(np.where(seen, flow - mean, 0.0) / watched, axis=1)
    half = Z95 * np.sqrt((pull**2).sum(axis=0))
    return shown, np.cumsum(mean), half, watched


def _reached(shown: Floats, curve: Floats, cac: float | None) -> int | None:
    """Return the first month by which the curve is at `cac`, or None."""
    if cac is None:
        return None
    there = curve >= cac
    return int(shown[np.argmax(there)]) if there.any() else None


def _payback(
    original: Any,
    shown: Floats,
    curve: Floats,
    low: Floats,
    high: Floats,
    watched: Floats | None,
    cac: float | None,
    currency: str | None,
    definition: str,
) -> Payback:
    month, earliest, latest = (_reached(shown, each, cac) for each in (curve, high, low))
    value = float(curve[-1]) if len(curve) else None
    interval = (float(low[-1]), float(high[-1])) if len(curve) else None
    counts = [None] * len(shown) if watched is None else watched.tolist()
    columns = {"month": shown.tolist(), "customers": counts, "contribution": curve.tolist()}
    columns |= {"low": low.tolist(), "high": high.tolist()}
    last = int(shown[-1]) if len(shown) else 0
    said = ""
    if value is not None and interval is not None:
        words: dict[str, Any] = {"k": last, "value": text.money(value, currency)}
        words |= {"low": text.money(interval[0], currency), "high": text.money(interval[1], currency)}
        # A model looks further ahead than anybody was watched: it must not sound like a count.
        said = (
            text.say(
                "By month {k} a new customer will have brought {value} of contribution, by the model (95% "
                "interval {low} to {high}).",
                **words,
            )
            if watched is None
            else text.say(
                "By month {k} a new customer has brought {value} of contribution (95% interval {low} to "
                "{high}).",
                **words,
            )
        )
        if cac is not None:
            said += " " + _paid(last, value, cac, (month, earliest, latest), currency)
    return Payback(
        table=tables.from_columns(columns, original),
        sentence=said,
        definition=definition,
        currency=currency,
        formats={
            "month": "count", "customers": "count", "contribution": "money", "low": "money", "high": "money",
        },
        cac=cac,
        months=last,
        value=value,
        interval=interval,
        ratio=value / cac if value is not None and cac else None,
        month=month,
        earliest=earliest,
        latest=latest,
    )  # fmt: skip


def _paid(
    last: int,
    value: float,
    cac: float,
    when: tuple[int | None, int | None, int | None],
    currency: str | None,
) -> str:
    month, earliest, latest = when
    words = {"cac": text.money(cac, currency), "k": last, "month": month, "first": earliest, "last": latest}
    words["ratio"] = text.number(value / cac, 1) if cac else "–"
    if earliest is None:
        return text.say(
            "Winning one cost {cac}, which is not paid back by month {k}, not even at the upper end: "
            "the contribution is {ratio} times the cost.",
            **words,
        )
    if month is None:
        return text.say(
            "Winning one cost {cac}, which is not paid back by month {k} (at the upper end of the interval "
            "by month {first}): the contribution is {ratio} times the cost.",
            **words,
        )
    if latest is None:
        return text.say(
            "Winning one cost {cac}, which is paid back by month {month} (95% interval: month {first} to "
            "later than month {k}); by month {k} the contribution is {ratio} times the cost.",
            **words,
        )
    return text.say(
        "Winning one cost {cac}, which is paid back by month {month} (95% interval: month {first} to "
        "{last}); by month {k} the contribution is {ratio} times the cost.",
        **words,
    )
