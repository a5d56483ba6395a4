"""What to charge next: the profit-best price where the data show one, a price test where they do not.

One idea: an elasticity is known only between the prices that were charged, and only to an interval. So the
best price has an interval too, it is never given outside the prices seen, and "test first" is an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate
from sellerlab.pricing.elasticity import Elasticity
from sellerlab.pricing.target import best_price, contribution, floor_price
from sellerlab.pricing.terms import Array, Terms
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class BestPrice(Result):
    """The profit-best price, or the reason why there is none.

    Attributes:
        price: Profit-best price; None with a `reason`.
        low: Lower end of its interval.
        high: Upper end; None where the interval has none.
        gain: Change of profit against the typical price, as a share; None without a price.
        nearest: Price seen that comes nearest to it; what to start from if `price` is None.
        reason: None, ``"unknown"``, ``"inelastic"`` or ``"outside"``.
    """

    price: float | None
    low: float | None
    high: float | None
    gain: float | None
    nearest: float | None
    reason: str | None

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Profit by price, at today's typical price = 100"))
        frame = nw.from_native(self.table)
        if frame.is_empty():
            ax.text(0.5, 0.5, text.say("No curve: see the sentence"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        prices, profit, low, high = (
            np.asarray(frame[name].to_list(), dtype=float) for name in ("price", "profit", "low", "high")
        )
        ax.fill_between(prices, low, high, color=plots.TOTAL, alpha=0.2, linewidth=0)
        ax.plot(prices, profit, color=plots.TOTAL)
        place = int(np.abs(prices - (self.price or self.nearest or prices[0])).argmin())
        colour = plots.GAIN if self.price is not None else plots.LOSS
        ax.plot(prices[place], profit[place], "o", color=colour, markersize=10)
        shown = text.money(self.price if self.price is not None else float(prices[place]), self.currency)
        ax.annotate(shown, (prices[place], profit[place]), (0, 10), textcoords="offset points", ha="center")
        ax.margins(y=0.15)
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_ylabel(text.say("profit"))


def profit_best(found: Elasticity, cost: float, **terms: Unpack[Terms]) -> BestPrice:
    """Return the price with the highest profit after fees, with an interval, inside the prices seen.

    ``P = (c + F) / (1/(1 + v) - f) * e / (1 + e)`` at the elasticity and at both ends of its interval. There
    is no best price where e is -1 or above (each higher price earns more, as far as one has seen) or where
    its interval reaches 0, and none is given outside the prices seen; `nearest` then is the end of the range
    to go to first.

    Args:
        found: What `own_price_elasticity` returned.
        cost: Landed cost of one unit, without VAT.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only.

    Returns:
        A `BestPrice`: one row a price between the lowest and the highest seen.

    >>> from sellerlab.pricing import own_price_elasticity
    >>> price = np.array([8.0, 9, 10, 11, 12] * 6)
    >>> found = own_price_elasticity(pd.DataFrame({"price": price, "units": 5000 * price**-2}))
    >>> round(profit_best(found, 4.4, fees=0.12).price, 2)
    10.0
    """
    floor = floor_price(float(cost), **terms)
    ends = (found.low, found.elasticity, found.high)
    table = _curve(found, cost, terms)
    if found.elasticity is None or found.high is None or found.high >= 0:
        return _answer(found, "unknown", {}, table[:0])
    words = {
        "e": text.number(found.elasticity, 2),
        "from_": text.money(found.price_low, found.currency),
        "to": text.money(found.price_high, found.currency),
        "floor": text.money(floor, found.currency),
    }
    if found.elasticity >= -1:
        return _answer(found, "inelastic", words, table, nearest=found.price_high)
    low, price, high = (
        best_price(float(cost), float(e or 0.0), **terms) if e is not None and e < -1 else None for e in ends
    )
    if price is None or not found.price_low <= price <= found.price_high:
        edge = found.price_low if price is not None and price < found.price_low else found.price_high
        words["price"] = text.money(price or np.nan, found.currency)
        return _answer(found, "outside", words, table, nearest=max(edge, floor))
    typical = contribution(found.price_typical, float(cost), **terms) * found.price_typical**found.elasticity
    reached = contribution(price, float(cost), **terms) * price**found.elasticity
    gain = float(reached / typical - 1) if typical > 0 else None
    words |= {
        "price": text.money(price, found.currency),
        "low": text.money(low if low is not None else np.nan, found.currency),
        "high": text.money(high if high is not None else np.nan, found.currency),
        "typical": text.money(found.price_typical, found.currency),
        "gain": text.percent(gain or 0.0),
    }
    return _answer(found, None, words, table, price=price, low=low, high=high, gain=gain, nearest=price)


def _curve(found: Elasticity, cost: float, terms: Terms) -> pd.DataFrame:
    """Profit over the prices seen, 100 at the typical price with the elasticity itself."""
    prices = np.linspace(found.price_low, found.price_high, 25)
    left = np.asarray(contribution(prices, float(cost), **terms))
    base = abs(contribution(found.price_typical, float(cost), **terms)) or 1.0

    def units(elasticity: float | None) -> Array:
        return np.asarray((prices / found.price_typical) ** (np.nan if elasticity is None else elasticity))

    profit, *ends = (100 * left / base * units(e) for e in (found.elasticity, found.low, found.high))
    return pd.DataFrame(
        {
            "price": prices,
            "left_per_sale": left,
            "units": 100 * units(found.elasticity),
            "profit": profit,
            "low": np.minimum(*ends),
            "high": np.maximum(*ends),
        }
    )


def _answer(
    found: Elasticity,
    reason: str | None,
    words: dict[str, str],
    table: pd.DataFrame,
    *,
    price: float | None = None,
    low: float | None = None,
    high: float | None = None,
    gain: float | None = None,
    nearest: float | None = None,
) -> BestPrice:
    if reason == "unknown":
        sentence = found.sentence
    elif reason == "inelastic":
        sentence = text.say(
            "With an elasticity of {e} each higher price between {from_} and {to} earned more, so no best "
            "price shows. Test prices a little above {to}.",
            **words,
        )
    elif reason == "outside":
        sentence = text.say(
            "The best price by the formula, {price}, lies outside the prices seen ({from_} to {to}), where "
            "nothing is known. Go to {nearest} first and measure again. Below {floor} each sale loses money.",
            **words,
            nearest=text.money(nearest or np.nan, found.currency),
        )
    elif high is None:
        sentence = text.say(
            "The best price is {price}, at least {low}; how far above is open. It earns {gain} more than "
            "the typical {typical}. Below {floor} each sale loses money.",
            **words,
        )
    else:
        sentence = text.say(
            "The best price is {price} (interval {low} to {high}). It earns {gain} more than the typical "
            "{typical}. Below {floor} each sale loses money.",
            **words,
        )
    return BestPrice(
        table=table,
        sentence=sentence,
        definition=text.say(
            "Profit = units at the price (constant elasticity) x what a sale leaves after VAT, fees, fixed "
            "cost and product; 100 is today's typical price. The interval comes from that of the "
            "elasticity. Competitors are taken not to react."
        ),
        currency=found.currency,
        formats={
            "price": "money",
            "left_per_sale": "money",
            "units": "number",
            "profit": "number",
            "low": "number",
            "high": "number",
        },
        price=price,
        low=low,
        high=high,
        gain=gain,
        nearest=nearest,
        reason=reason,
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class PriceTest(Result):
    """A plan that makes an elasticity known.

    Attributes:
        spread: How far above and below the price, as a share of it.
        periods: Periods it takes.
        schedule: Price of each period, in pairs of random order.
        precision: Half-width of the interval that it will give.
    """

    spread: float
    periods: int
    schedule: tuple[float, ...]
    precision: float

    def _draw(self, ax: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        edges = np.arange(len(self.schedule) + 1) + 0.5
        ax.stairs(self.schedule, edges, baseline=None, color=plots.TOTAL, linewidth=2)
        ax.set_title(text.say("Which price to charge in which period"))
        ax.set_xlabel(text.say("period"))
        middle = sum(self.schedule) / len(self.schedule)
        ax.set_ylim(middle * (1 - 2 * self.spread), middle * (1 + 2 * self.spread))
        ticks = [min(self.schedule), middle, max(self.schedule)]
        ax.set_yticks(ticks, [text.money(tick, self.currency) for tick in ticks])
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def price_test(
    price: float,
    unit_spread: float,
    *,
    precision: float = 0.5,
    spreads: Sequence[float] = (0.05, 0.1, 0.15, 0.2),
    longest: int = 26,
    confidence: float = 0.95,
    seed: int = 0,
    currency: str | None = None,
) -> PriceTest:
    """Plan a price test: two prices in turn, in pairs of random order, long enough to know the elasticity.

    With prices ``P(1 + s)`` and ``P(1 - s)`` in turn, the elasticity's standard error is
    ``unit_spread / (d * sqrt(n))`` with ``d = ln((1 + s) / (1 - s)) / 2``, so
    ``n = (z * unit_spread / (precision * d))**2``, rounded up to pairs, at least 4. Random order keeps season
    and promotions apart from the price.

    Args:
        price: Price in the middle.
        unit_spread: Standard deviation of a period's units, relative to those expected (0.3 for 30%);
            `Elasticity.unit_spread`, or ``1 / sqrt(units a period)`` where sales are few.
        precision: Half-width wanted for the interval of the elasticity.
        spreads: Distances from the price to compare.
        longest: Longest test in periods; the smallest spread that needs no more is chosen.
        confidence: Level of the interval.
        seed: Seed of the order.
        currency: ISO code of the price.

    Returns:
        A `PriceTest`: one row a spread. Read the test's periods by `own_price_elasticity` with
        ``minimum=periods``: they were planned, so fewer are enough.

    Raises:
        InputError: A number is not above 0 and finite, or no spread is short enough; the message then names
            the shortest test.

    >>> found = price_test(2000, 0.2, currency="JPY")
    >>> found.spread, found.periods
    (0.2, 16)
    """
    from scipy.stats import norm

    check_rate("confidence", confidence, below_high=True)
    given = {"price": price, "unit_spread": unit_spread, "precision": precision, "longest": longest}
    for name, value in given.items():
        # `Elasticity.unit_spread` is None where there was no elasticity.
        if value is None or not 0 < value < np.inf:
            raise InputError(f"{name} is {value!r}: expected a finite number above 0.")
    if not spreads or min(spreads) <= 0:
        raise InputError(f"spreads are {tuple(spreads)}: expected shares above 0, such as (0.05, 0.1).")
    z = float(norm.ppf((1 + confidence) / 2))
    rows = []
    for spread in sorted(spreads):
        check_rate("spreads", spread, below_high=True)
        distance = float(np.log((1 + spread) / (1 - spread)) / 2)
        pairs = int(np.ceil((z * unit_spread / (precision * distance)) ** 2 / 2 - 1e-9))
        rows.append((spread, price * (1 - spread), price * (1 + spread), max(2 * pairs, 4)))
    table = pd.DataFrame(rows, columns=["spread", "low_price", "high_price", "periods"])
    fitting = [row for row in rows if row[3] <= longest]
    if not fitting:
        widest = max(spreads)
        reached = z * unit_spread / (np.log((1 + widest) / (1 - widest)) / 2 * np.sqrt(longest))
        raise InputError(
            f"Even at {widest:.0%} above and below, the test takes {rows[-1][3]} periods, more than "
            f"{longest}. Allow more, or be content with a precision of {np.ceil(reached * 100) / 100:g}."
        )
    spread, low, high, periods = fitting[0]
    order = np.random.default_rng(seed).integers(0, 2, periods // 2)
    schedule = tuple(float(each) for first in order for each in ((low, high) if first else (high, low)))
    return PriceTest(
        table=table,
        sentence=text.say(
            "Charge {low} and {high} in turn for {periods} periods, in the order given: the elasticity is "
            "then known to about plus or minus {precision} ({level} interval).",
            low=text.money(low, currency),
            high=text.money(high, currency),
            periods=text.number(periods),
            precision=text.number(precision, 2),
            level=text.percent(confidence, 0),
        ),
        definition=text.say(
            "Periods = (z x spread of units / (precision x half the distance of the log prices)) squared, "
            "rounded up to pairs. Keep promotions, advertising and stock as they are, and tell no buyer a "
            "false list price."
        ),
        currency=currency,
        formats={"spread": "rate", "low_price": "money", "high_price": "money", "periods": "count"},
        spread=spread,
        periods=periods,
        schedule=schedule,
        precision=precision,
    )
