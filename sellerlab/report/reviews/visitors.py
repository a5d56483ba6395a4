"""Where visitors are lost: the funnel of events, and what changed in the daily totals.

The one idea: events know the person and give a funnel; totals of a seller centre do not, and give rates. Each
says what it can.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.report.inputs import Inputs
from sellerlab.report.reviews import files
from sellerlab.report.reviews.terms import Terms, channel_parameters, told
from sellerlab.report.sections import Note

if TYPE_CHECKING:
    from sellerlab.funnel import Daily, Funnel
    from sellerlab.totals import MixChange, PooledRates, StepChange, ValueTree

#: Days that are compared with as many before them.
_COMPARED = 28


@dataclass(frozen=True)
class Passages:
    """The funnel of the shop's visitors; each part is a result, or a note where it cannot be told."""

    funnel: Funnel | PooledRates | Note
    channels: Funnel | Note
    days: Daily | Note


def passages(shop: Inputs, found: Terms) -> Passages:
    """Return the funnel from events, or from a funnel exploration of Google Analytics.

    Args:
        shop: What `load_review` gave.
        found: What `terms` gave.
    """
    from sellerlab import funnel
    from sellerlab.funnel.words import groups_sentence
    from sellerlab.totals import rates

    given = channel_parameters(shop)
    if not given.events:
        none = Note(
            "No events are given, so it is not known at which step visitors are lost. Give --events: a file "
            "with user_id, at and event, or a funnel exploration of Google Analytics."
        )
        alone = Note("No events are given.")
        return Passages(none, alone, alone)
    if files.is_exploration(given.events):
        steps = files.exploration(given.events).rows
        alone = Note("A funnel of Google Analytics has no days and no channels of single visitors.")
        return Passages(rates(steps, list(steps.columns)), alone, alone)
    table = files.events(given.events, given.dayfirst)
    rows = table.between("at", shop.start, shop.end)
    if rows.empty:
        first, last = (text.day(day.date()) for day in (table.rows["at"].min(), table.rows["at"].max()))
        none = Note(f"The events are from {first} to {last}: none lies in {shop.window.words}.")
        return Passages(none, none, none)
    names = given.step_names() or funnel.usual_steps(rows["event"].dropna())
    if len(names) < 2:
        known = ", ".join(sorted(set(rows["event"].dropna()))[:12])
        none = Note(
            f"The steps of the funnel are not known. Name them in order with --steps; known: {known}."
        )
        return Passages(none, none, none)
    unit = "session_id" if "session_id" in rows and rows["session_id"].notna().any() else "user_id"
    options: dict[str, Any] = {"unit": unit}
    money: dict[str, Any] = {"order_value": found.order, "currency": shop.currency} if found.order else {}
    whole = funnel.funnel(rows, names, **options, **money)
    split: Funnel | Note = Note("The events name no channel.")
    if "channel" in rows and len(rows["channel"].dropna().unique()) > 1:
        # The funnel of all stands just before it: here only what the channels add.
        split = funnel.funnel(rows, names, **options, by="channel")
        compared = groups_sentence("channel", names[-1], split.ends)
        split = replace(
            split, sentence=compared or "Too few came by each channel to compare how many reach the end."
        )
    try:
        # As many steps are watched as there are, so each gets its share of the false alarms.
        watched = [
            funnel.by_day(rows, names, step=step, level=0.05 / (len(names) - 1), **options)
            for step in names[1:]
        ]
        days: Daily | Note = min(watched, key=lambda each: 1.0 if each.p is None else each.p)
    except InputError as error:
        days = Note(str(error))
    return Passages(table.told(whole), split, days)


@dataclass(frozen=True)
class Changes:
    """What daily totals tell; each part is a result, or a note where it cannot be told."""

    rates: PooledRates | Note
    steps: StepChange | Note
    mix: MixChange | Note
    sales: ValueTree | Note


def changes(shop: Inputs) -> Changes:
    """Return the rates of daily totals, and what changed in the last four weeks against those before.

    Args:
        shop: What `load_review` gave.
    """
    from sellerlab import totals

    given = channel_parameters(shop)
    if not given.totals:
        none = Note(
            "No daily totals are given, so it is not known what changed in visits and conversion. Give "
            "--totals: a file of the seller centre with day, visits or clicks, and orders."
        )
        alone = Note("No daily totals are given.")
        return Changes(none, alone, alone, alone)
    table = files.totals(given.totals, given.dayfirst)
    rows = table.between("day", shop.start, shop.end)
    if rows.empty:
        none = Note(f"None of the daily totals lies in {shop.window.words}.")
        return Changes(none, none, none, none)
    steps = [name for name in files.STEPS if name in rows and rows[name].notna().any()]
    if len(steps) < 2:
        none = Note("The daily totals have orders alone. Rates need visits, clicks or views beside them.")
        return Changes(none, none, none, none)
    pooled = table.told(totals.rates(rows, steps))
    last = rows["day"].max()
    length = min(_COMPARED, ((last - rows["day"].min()).days + 1) // 2)
    after = rows[rows["day"] > last - pd.Timedelta(days=length)]
    before = rows[
        (rows["day"] <= last - pd.Timedelta(days=length))
        & (rows["day"] > last - pd.Timedelta(days=2 * length))
    ]
    until = [name for name in steps if name != "kept_orders"]
    visits = next((name for name in ("visits", "clicks", "views", "impressions") if name in steps), steps[0])
    group = next(
        (name for name in ("device", "channel") if name in rows and len(rows[name].dropna().unique()) > 1), ""
    )
    none = Note("The daily totals are of too few days to compare two periods.")
    if length < 7 or before.empty:
        return Changes(pooled, none, none, none)
    money = given.ads_currency or shop.currency
    return Changes(
        pooled,
        told(totals.change, before, after, until),
        told(totals.mix, before, after, visits, "orders", by=group)
        if group
        else Note("The daily totals name no device and no channel, so the mix of visitors is not known."),
        told(totals.value_tree, before, after, visitors=visits, currency=money)
        if "sales" in rows
        else Note("The daily totals name no sales."),
    )
