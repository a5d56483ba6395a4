"""Carts and checkouts left behind.

One idea: orders per cart is a rate only where both count the same thing. Of the people (or visits) with a
cart, how many then bought, each once; a cart that is filled three times is not three lost orders.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.funnel.journeys import Search, search, timedelta_of
from sellerlab.intervals import draw_intervals, share_words, wilson
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Abandonment(Result):
    """Shares of carts and checkouts left behind; `table` has one row each.

    Attributes:
        carts: Units with a cart.
        cart: Share of them that did not buy; None if too few.
        checkouts: Units with a checkout; None where it is not known.
        checkout: Share of them that did not buy; None if too few or not known.
        immature: Units that first came so late that the time allowed is not over.
    """

    carts: int
    cart: float | None
    checkouts: int | None
    checkout: float | None
    immature: int
    bars: tuple[tuple[str, float | None, float | None, float | None], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line each."""
        return 1.4 + 0.5 * len(self.bars)

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Left behind without an order"))
        names, middle, low, high = zip(*self.bars, strict=True)
        draw_intervals(ax, names, middle, low, high, rate=True)


def abandonment(
    events: Any,
    *,
    cart: str = "add_to_cart",
    checkout: str | None = "checkout",
    purchase: str = "purchase",
    unit: str = "user_id",
    within: str | dt.timedelta | None = None,
    minimum: int = 10,
    **names: str,
) -> Abandonment:
    """Return the shares of carts and of checkouts that no order followed.

    cart abandonment = 1 - units with a purchase after a cart / units with a cart; the same from the checkout.

    Args:
        events: Events (`tables.EVENTS`), any frame narwhals knows.
        cart: Name of the event of filling a cart.
        checkout: Name of the event of beginning a checkout; None where there is none.
        purchase: Name of the event of buying.
        unit: What is counted: ``"user_id"`` or ``"session_id"``.
        within: Longest time from cart or checkout to the purchase, such as ``"7 days"``.
        minimum: Fewest units from which a share is given.
        **names: The caller's own column names.

    Raises:
        UnknownNameError: An event never occurs; the message lists those that do.
        InputError: `within` is no length of time.

    Source: the definition of the Baymard Institute, which finds about 70% of carts left over many studies.

    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": list("aaaab"), "at": pd.date_range("2026-05-01", periods=5),
    ...     "event": ["cart", "cart", "pay", "buy", "cart"],
    ... })
    >>> abandonment(events, cart="cart", checkout="pay", purchase="buy", minimum=2).cart
    0.5
    """
    limit = timedelta_of("within", within)
    counts: list[tuple[str, int, int]] = []
    immature = 0
    for label, event in ((text.say("cart"), cart), (text.say("checkout"), checkout)):
        if event is None:
            continue
        found = search(events, Search((event, purchase), limit, None, closed=True), unit=unit, names=names)
        began, bought = found.total.reached
        counts.append((label, began, bought))
        immature = found.immature
    return left_behind(counts, events, minimum=minimum, immature=immature)


def left_behind(
    counts: list[tuple[str, int, int]], original: Any, *, minimum: int = 10, immature: int = 0
) -> Abandonment:
    """Return abandonment from counts that are known already.

    Args:
        counts: Name, how many began, how many of them bought; the cart first.
        original: A frame whose kind the table takes.
        minimum: Fewest from which a share is given.
        immature: How many may still buy.

    Raises:
        InputError: More bought than began.
    """
    bars: list[tuple[str, float | None, float | None, float | None]] = []
    said: list[str] = []
    for name, began, bought in counts:
        if bought > began:
            raise InputError(
                f"{bought:,} orders from {began:,} in the row {name}: the two count different things. Count "
                "people or visits on both sides."
            )
        known = began >= max(minimum, 1)
        low, high = wilson(began - bought, began) if known else (None, None)
        share = (began - bought) / began if known else None
        bars.append((name, share, low, high))
        words = {"n": text.number(began), "what": name, "minimum": text.number(max(minimum, 1))}
        if share is None:
            template = "{n} with a {what} are too few for a share: at least {minimum} are needed."
        else:
            words |= {"left": text.number(began - bought), "share": share_words(share)}
            words |= {"low": share_words(low), "high": share_words(high)}
            template = "{left} of {n} with a {what} did not buy: {share} (95% interval {low} to {high})."
        said.append(text.say(template, **words))
    if immature:
        said.append(
            text.say("{n} came so late that they may still buy.", n=text.number(immature)),
        )
    names, shares, lows, highs = zip(*bars, strict=True)
    columns = {
        "left_behind": list(names),
        "began": [began for _, began, _ in counts],
        "bought": [bought for _, _, bought in counts],
        "abandoned": list(shares),
        "low": list(lows),
        "high": list(highs),
    }
    more = len(counts) > 1
    return Abandonment(
        table=tables.from_columns(columns, original),
        sentence=" ".join(said),
        definition=text.say(
            "Abandoned = 1 - those who bought afterwards / those who began, each counted once. Intervals: "
            "Wilson, 95%."
        ),
        formats={
            **dict.fromkeys(("began", "bought"), "count"),
            **dict.fromkeys(("abandoned", "low", "high"), "rate"),
        },
        carts=counts[0][1],
        cart=shares[0],
        checkouts=counts[1][1] if more else None,
        checkout=shares[1] if more else None,
        immature=immature,
        bars=tuple(bars),
    )
