"""At which price would they buy? Surveys that ask for the intent to buy.

One idea: a share of people who say they would buy at a price becomes sales and profit at that price, and
the best price is where profit is highest. Words are not orders: the level is too high, the shape is what
one learns, and a test with real orders comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import wilson
from sellerlab.pricing.survey import QUESTIONS, columns, valid_prices
from sellerlab.pricing.target import contribution
from sellerlab.pricing.terms import Array, Terms
from sellerlab.results import Result
from sellerlab.tables import like

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Chance of buying for each answer of a five-point scale, 5 "certainly" to 1 "certainly not".
CALIBRATION: Mapping[int, float] = {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0.0}


@dataclass(frozen=True, kw_only=True, repr=False)
class BestPrices(Result):
    """Prices at which a survey promises most buyers, most sales and most profit; None if too few answered.

    Attributes:
        most_buyers: Price with the highest share of buyers.
        most_revenue: Price with the highest sales.
        most_profit: Price with the highest profit after fees, or None where none earns anything.
        profit_low: Lower end of the interval of `most_profit`.
        profit_high: Upper end.
        respondents: Respondents used; for Gabor-Granger, answers.
        invalid: Respondents left out, by reason.
    """

    most_buyers: float | None
    most_revenue: float | None
    most_profit: float | None
    profit_low: float | None
    profit_high: float | None
    respondents: int
    invalid: Mapping[str, int] = field(default_factory=dict)

    def _draw(self, ax: Axes) -> None:
        frame = nw.from_native(self.table)
        prices = np.asarray(frame["price"].to_list())
        profit = np.asarray(frame["profit_per_100"].to_list())
        revenue = np.asarray(frame["revenue_per_100"].to_list())
        marker = "o" if len(prices) <= 12 else ""
        ax.plot(prices, revenue, marker=marker, color=plots.MUTED, label=text.say("sales"))
        ax.plot(prices, profit, marker=marker, color=plots.TOTAL, label=text.say("profit after fees"))
        ax.axhline(0, color="#444444", linewidth=1)
        if self.most_profit is not None:
            top = float(profit[prices == self.most_profit][0])
            ax.plot(self.most_profit, top, "o", color=plots.GAIN, markersize=10)
            ax.annotate(
                text.money(self.most_profit, self.currency),
                (self.most_profit, top),
                (0, 9),
                textcoords="offset points",
                ha="center",
            )
        ax.set_title(text.say("Sales and profit of 100 people asked"))
        plots.money_axis(ax, self.currency)
        ax.set_ylabel(self.currency or text.say("amount"))
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_xlabel(text.say("price"))
        ax.legend()


def newton_miller_smith(
    answers: Any,
    *,
    cost: float = 0.0,
    calibration: Mapping[int, float] = CALIBRATION,
    currency: str | None = None,
    confidence: float = 0.95,
    draws: int = 500,
    seed: int = 0,
    minimum: int = 30,
    names: Mapping[str, str] | None = None,
    **terms: Unpack[Terms],
) -> BestPrices:
    """Return the best prices from Van Westendorp's questions and two buying intents.

    Each person's chance of buying is 0 at "too cheap" and "too expensive", the calibrated intent at "cheap"
    and "expensive", and runs in lines between; the mean over people is the trial curve. Profit at p is
    ``trial(p) * contribution(p)``. Stated intent overstates: the calibration is a habit of the trade, not a
    measurement of your buyers.

    Args:
        answers: One row a respondent: the four prices, and `intent_cheap` and `intent_expensive` from 5
            (certainly) to 1 (certainly not).
        cost: Landed cost of one unit, without VAT.
        calibration: Chance of buying for each answer of the scale.
        currency: ISO code of the prices.
        confidence: Level of the interval (percentile bootstrap over respondents).
        draws: Number of redraws.
        seed: Seed of the redraws.
        minimum: Fewest valid respondents for which prices are given.
        names: The caller's own column names.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only.

    Returns:
        A `BestPrices`: one row a named price.

    Raises:
        InputError: A column is missing, or an intent is not on the scale.

    Source: D. Newton, J. Miller, P. Smith, A market acceptance extension to traditional price sensitivity
    measurement, AMA Advanced Research Techniques Forum 1993.

    >>> row = {"too_cheap": 10, "cheap": 20, "expensive": 30, "too_expensive": 40, "intent_cheap": 5,
    ...     "intent_expensive": 3}
    >>> found = newton_miller_smith(pd.DataFrame([row] * 30), draws=10)
    >>> found.most_buyers, found.most_revenue
    (20.0, 20.0)
    """
    intents = ("intent_cheap", "intent_expensive")
    data = columns(answers, (*QUESTIONS, *intents), names or {})
    odd = sorted(set(np.unique(data[:, 4:][~np.isnan(data[:, 4:])])) - set(calibration))
    if odd:
        scale = ", ".join(str(each) for each in sorted(calibration))
        raise InputError(
            f"An intent is {odd[0]:g}: expected an answer of the scale {scale} (5 is certainly)."
        )
    kept, invalid = valid_prices(data)
    named = np.unique(kept[:, :4])
    people = np.zeros((len(kept), len(named)))
    for place, row in enumerate(kept):
        buys = [0.0, calibration[int(row[4])], calibration[int(row[5])], 0.0]
        people[place] = np.interp(named, row[:4], buys, left=0.0, right=0.0)
    n = max(len(kept), 1)
    redrawn = np.random.default_rng(seed).multinomial(len(kept), np.full(n, 1 / n), draws)[:, : len(kept)]
    return _best(
        answers,
        table=pd.DataFrame({"price": named, "would_buy": people.sum(axis=0) / n}),
        drawn=redrawn @ people / n,
        respondents=(len(kept), len(data)),
        enough=len(kept) >= minimum,
        minimum=minimum,
        invalid=invalid,
        cost=cost,
        currency=currency,
        confidence=confidence,
        terms=terms,
        calibration=calibration,
    )


def gabor_granger(
    answers: Any,
    *,
    cost: float = 0.0,
    currency: str | None = None,
    confidence: float = 0.95,
    draws: int = 500,
    seed: int = 0,
    minimum: int = 30,
    names: Mapping[str, str] | None = None,
    **terms: Unpack[Terms],
) -> BestPrices:
    """Return the best of the prices that people were asked to buy at.

    The share who would buy is made monotone (isotonic regression, weighted by the number asked): no higher
    price may sell to more people. Profit at p is ``share(p) * contribution(p)``. Stated intent overstates,
    and prices asked only upwards, or only downwards, pull the answers along.

    Args:
        answers: Either one row an answer with `price` and `would_buy` (1 or 0), or one row a price with
            `price`, `would_buy` (a number of people) and `asked`.
        cost: Landed cost of one unit, without VAT.
        currency: ISO code of the prices.
        confidence: Level of the intervals: Wilson for the shares, redraws for the best price, as if each
            price had its own people (too wide where the same people answered every price).
        draws: Number of redraws.
        seed: Seed of the redraws.
        minimum: Fewest people asked at each price for which a best price is given.
        names: The caller's own column names.
        **terms: See `sellerlab.pricing.terms.Terms`; numbers only.

    Returns:
        A `BestPrices`: one row a price asked.

    Raises:
        InputError: A column is missing, more people would buy than were asked, or one price was asked.

    Source: A. Gabor, C. Granger, Price as an indicator of quality, Economica 1966.

    >>> frame = pd.DataFrame({"price": [10, 12, 14, 16], "would_buy": [80, 70, 50, 30], "asked": 100})
    >>> gabor_granger(frame).most_revenue
    12.0
    """
    from scipy.optimize import isotonic_regression

    present = nw.from_native(answers).lazy().collect_schema().names()
    own = names or {}
    counted = own.get("asked", "asked") in present
    data = columns(answers, ("price", "would_buy", "asked")[: 3 if counted else 2], own)
    blank = np.isnan(data).any(axis=1)
    unanswered = int(blank.sum())
    data = data[~blank]
    asked = data[:, 2] if counted else np.ones(len(data))
    if ((data[:, 1] < 0) | (data[:, 1] > asked)).any():
        raise InputError("would_buy must lie between 0 and the number asked: 1 or 0 for one answer.")
    prices, places = np.unique(data[:, 0], return_inverse=True)
    if len(prices) < 2:
        raise InputError("Only one price was asked: ask at least two, better four to six.")
    buys = np.bincount(places, weights=data[:, 1])
    n: Array = np.bincount(places, weights=asked).astype(float)

    def monotone(share: Array) -> Array:
        return np.asarray(isotonic_regression(share, weights=n, increasing=False).x, dtype=float)

    stated: Array = buys / n
    drawn = np.random.default_rng(seed).binomial(np.rint(n).astype(int), stated, (draws, len(prices))) / n
    low, high = wilson(buys, n, confidence)
    return _best(
        answers,
        table=pd.DataFrame(
            {
                "price": prices,
                "asked": n,
                "stated": stated,
                "low": low,
                "high": high,
                "would_buy": monotone(stated),
            }
        ),
        drawn=np.array([monotone(each) for each in drawn]),
        respondents=(int(n.sum()), int(n.sum()) + unanswered),
        enough=bool(n.min() >= minimum),
        minimum=minimum,
        invalid={"missing": unanswered},
        cost=cost,
        currency=currency,
        confidence=confidence,
        terms=terms,
    )


def _best(
    answers: Any,
    *,
    table: pd.DataFrame,
    drawn: Array,
    respondents: tuple[int, int],
    enough: bool,
    minimum: int,
    invalid: Mapping[str, int],
    cost: float,
    currency: str | None,
    confidence: float,
    terms: Terms,
    calibration: Mapping[int, float] | None = None,
) -> BestPrices:
    check_rate("confidence", confidence, below_high=True)
    prices, share = table["price"].to_numpy(), table["would_buy"].to_numpy()
    per_sale = np.asarray(contribution(prices, float(cost), **terms))
    table["revenue_per_100"] = 100 * share * prices
    table["profit_per_100"] = 100 * share * per_sale
    buyers: float | None = None
    revenue: float | None = None
    profit: float | None = None
    low: float | None = None
    high: float | None = None
    if enough:
        buyers = float(prices[share.argmax()])
        revenue = float(prices[(share * prices).argmax()])
    if enough and (share * per_sale).max() > 0:
        place = int((share * per_sale).argmax())
        profit = float(prices[place])
        tails = ((1 - confidence) / 2, (1 + confidence) / 2)
        low, high = np.quantile(prices[(drawn * per_sale).argmax(axis=1)], tails, method="nearest").tolist()
    used, asked = respondents
    words = {"used": text.number(used), "asked": text.number(asked), "minimum": text.number(minimum)}
    if not enough:
        template = (
            "{used} of {asked} answers can be used: too few for a best price, {minimum} are needed (at each "
            "price that was asked)."
        )
    elif profit is None:
        template = (
            "No price that was named earns anything after cost and fees ({used} of {asked} answers used)."
        )
    else:
        named = {"profit": profit, "low": low, "high": high, "revenue": revenue}
        words |= {name: text.money(price or 0.0, currency) for name, price in named.items()}
        words |= {
            "amount": text.money(float(table["profit_per_100"].max()), currency),
            "level": text.percent(confidence, 0),
        }
        template = (
            "Profit is highest at {profit} ({level} interval {low} to {high}): {amount} from 100 people "
            "asked, if they do as they say. Sales are highest at {revenue}. {used} of {asked} answers are "
            "used."
        )
        if calibration is not None:
            template = (
                "Profit is highest at {profit} ({level} interval {low} to {high}): {amount} from 100 people "
                "asked, if the calibration of their answers holds. Sales are highest at {revenue}. {used} of "
                "{asked} answers are used."
            )
    definition = text.say(
        "Share who would buy x contribution of a sale (net price - fees - fixed cost - product), looked "
        "for among the prices that were named. Intervals come from redrawn answers."
    )
    if calibration is not None:
        chances = ", ".join(f"{each}: {text.percent(calibration[each], 0)}" for each in sorted(calibration))
        definition += " " + text.say("Chance of buying by answer: {chances}.", chances=chances)
    return BestPrices(
        table=like(nw.from_native(table), answers),
        sentence=text.say(template, **words),
        definition=definition,
        currency=currency,
        formats={
            "price": "money",
            "asked": "count",
            "stated": "rate",
            "low": "rate",
            "high": "rate",
            "would_buy": "rate",
            "revenue_per_100": "money",
            "profit_per_100": "money",
        },
        most_buyers=buyers,
        most_revenue=revenue,
        most_profit=profit,
        profit_low=low,
        profit_high=high,
        respondents=used,
        invalid=invalid,
    )
