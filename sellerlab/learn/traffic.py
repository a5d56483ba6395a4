"""Who came and how far: a store's visits, and the totals that a seller centre shows.

The one idea: a seller has events with a person in them, or daily totals without one, and seldom both. Here a
shop's events come with their steps and with what is counted; a shop without totals borrows those of Seo-yeon,
whose marketplace shows nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from sellerlab.errors import InputError, unknown
from sellerlab.funnel import Funnel, funnel, usual_steps
from sellerlab.funnel.usual import USUAL_STEPS

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Days of each of the two periods that are compared.
PERIOD = 28


@dataclass(frozen=True, kw_only=True, eq=False)
class Traffic:
    """A store's events and how they are counted.

    Attributes:
        events: One row an event; channel and device are "not given" where the file has none.
        steps: The steps that are among the events, in order.
        unit: Column of what is counted: the visit where it is known, else the person.
    """

    events: pd.DataFrame
    steps: tuple[str, ...]
    unit: str

    @cached_property
    def found(self) -> Funnel:
        """The funnel of the visits."""
        return funnel(self.events, self.steps, unit=self.unit)

    @cached_property
    def people(self) -> Funnel:
        """The funnel of the people."""
        return funnel(self.events, self.steps)

    @property
    def reached(self) -> dict[str, int]:
        """Step to how many visits reached it, in order."""
        return dict(zip(self.found.steps, self.found.reached, strict=True))


@lru_cache(maxsize=4)
def traffic(shop: Shop) -> Traffic:
    """Return a shop's visits with their steps.

    Args:
        shop: A shop whose table `events` has user_id, at and event; session_id, channel and device where
            they are known.

    Raises:
        UnknownNameError: The shop has no such table, or a column is missing.
        InputError: The events have no cart, checkout or purchase, or nothing before them.
    """
    events = shop.events.copy()
    for name in ("user_id", "at", "event"):
        if name not in events:
            raise unknown("column of events", name, events.columns)
    for name in ("channel", "device"):
        events[name] = events[name].fillna("not given") if name in events else "not given"
    seen = set(events["event"].dropna())
    steps = usual_steps(seen)
    # The last three are asked about one by one, and somebody has to begin before them.
    lacking = [names[0] for names in USUAL_STEPS[-3:] if not seen & set(names)]
    if lacking or len(steps) < 4:
        listed, known = ", ".join(lacking) or "visit", ", ".join(sorted(map(str, seen))[:12]) or "none"
        raise InputError(
            f"The events lack a step of a store: {listed}. Known are the usual names, such as visit, "
            f"view_item, add_to_cart, checkout, purchase; in the file are: {known}. Rename them there."
        )
    visits = "session_id" in events and events["session_id"].notna().any()
    return Traffic(events=events, steps=steps, unit="session_id" if visits else "user_id")


@lru_cache(maxsize=4)
def seller_centre(shop: Shop) -> pd.DataFrame:
    """Return the totals of a seller centre by day and device: the shop's own, or those of Seo-yeon's shop.

    Args:
        shop: Any shop; where it has a table `totals`, with the columns day, impressions, clicks, carts,
            orders and sales (and device where it is known), that one is meant.

    Raises:
        UnknownNameError: The shop's own totals lack a column.
    """
    if "totals" in shop.tables:
        table = shop.totals.copy()
        for name in ("day", "impressions", "clicks", "carts", "orders", "sales"):
            if name not in table:
                raise unknown("column of totals", name, table.columns)
        if "device" not in table:
            table["device"] = "not given"
        return table
    from sellerlab import datasets

    # The totals are the same whatever the number of orders, and few orders are drawn faster.
    return datasets.simulate("baby_goods", seed=shop.seed, orders=300).totals


@lru_cache(maxsize=4)
def two_periods(shop: Shop) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the totals of the last `PERIOD` days, after those of as many days before.

    Args:
        shop: As for `seller_centre`.

    Raises:
        InputError: The totals do not go back so far.
    """
    totals = seller_centre(shop)
    ago = (totals["day"].max() - totals["day"]).dt.days
    before = totals[ago.between(PERIOD, 2 * PERIOD - 1)]
    if before.empty:
        raise InputError(
            f"The totals cover {int(ago.max()) + 1} days: two periods of {PERIOD} days are compared."
        )
    return before, totals[ago < PERIOD]
