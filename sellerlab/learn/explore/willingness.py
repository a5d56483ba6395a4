"""The explorer of a survey about prices: what one sale costs, and how far words are from money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from sellerlab import text
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.pricing.terms import Terms


def willingness(
    answers: Any, cost: float = 0.0, *, currency: str | None = None, **terms: Unpack[Terms]
) -> Explorer:
    """Return the explorer of yes and no at prices: cost, price overstated, and those who do as they say.

    Words can miss money in two ways. People name a price above the one that they pay: then every price of
    the survey stands for a lower one. Or of those who say yes, only some buy, at every price alike.

    Args:
        answers: As for `sellerlab.pricing.gabor_granger`, one row an answer with `price` and `would_buy`, or
            one row a price with `asked` as well.
        cost: Landed cost of one sale to start with, without VAT.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`, plain numbers.

    Raises:
        InputError: A column is missing, more people would buy than were asked, or one price was asked.
    """
    import pandas as pd

    from sellerlab.pricing import gabor_granger

    stated = gabor_granger(answers, draws=1).table
    high = float(max(stated["price"]))
    step = 5 * step_of(high)
    counts = pd.DataFrame({name: list(stated[name]) for name in ("price", "stated", "asked")})

    def answer(cost: float, overstated: float, kept: float) -> Result:
        meant = pd.DataFrame(
            {
                "price": counts["price"] / (1 + overstated),
                "would_buy": counts["stated"] * counts["asked"] * kept,
                "asked": counts["asked"],
            }
        )
        found = gabor_granger(meant, cost=cost, currency=currency, draws=1, **terms)
        if found.most_profit is None:
            return found
        shown = found.table.set_index("price").loc[found.most_profit]
        return replace(
            found,
            sentence=text.say(
                "Profit is highest at {price}: {share} of the people asked buy, and 100 of them leave "
                "{profit}. Sales are highest at {sales}. (One sale costs {cost}; prices overstated by "
                "{overstated}; of those who say yes, {kept} buy.)",
                price=text.money(found.most_profit, currency),
                share=text.percent(shown["would_buy"], 0),
                profit=text.money(shown["profit_per_100"], currency),
                sales=text.money(found.most_revenue or 0.0, currency),
                cost=text.money(cost, currency),
                overstated=text.percent(overstated, 0),
                kept=text.percent(kept, 0),
            ),
        )

    label = text.say("Cost of one sale")
    controls = (
        Control(
            name="cost",
            label=f"{label} ({currency})" if currency else label,
            low=0,
            high=max(high, 2 * cost),
            step=step,
        ),
        Control(
            name="overstated", label=text.say("Price overstated by"), low=0, high=0.5, step=0.01, kind="rate"
        ),
        Control(name="kept", label=text.say("Keep their word"), low=0.05, high=1, step=0.05, kind="rate"),
    )
    return Explorer(answer, controls, {"cost": cost, "overstated": 0.0, "kept": 1.0})
