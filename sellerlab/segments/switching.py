"""When sales of one thing rose, did they come from another thing of the same shop?

The one idea: each customer's change is split by what the same customer did with the other thing. What is
less on the one and more on the other went across; the rest is new, lost, more or less. All parts of all
customers add up to the change, to the last unit of money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.counted import in_period, narrow, orders_in, with_worth
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.money import decimals
from sellerlab.months import period
from sellerlab.overview.ranking import product_names
from sellerlab.results import Result
from sellerlab.segments.values import vat_not_stated, without_customer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Period = str | Sequence[str | dt.date]

#: Customers whose net sales changed, needed before a share is claimed.
MINIMUM = 10

#: The parts of a change, gains first.
PARTS = ("new", "increased", "switched_from", "lost", "decreased", "switched_to")


@dataclass(frozen=True, kw_only=True, repr=False)
class Switching(Result):
    """Where a change of sales came from; `table` has one row a part, in the order of `PARTS`.

    Attributes:
        focus: What the change is of, by name.
        other: What customers may have come from or gone to, by name.
        before: Net sales of the focus in the first period.
        after: Net sales of the focus in the second.
        change: after - before; the sum of the six parts.
        new: From customers who had bought neither.
        increased: More from customers known before, beyond what they took from the other.
        switched_from: What the same customers spent less on the other and more on the focus.
        lost: Of customers who buy neither any more (negative, as the next two).
        decreased: Less from customers who stayed, beyond what they gave to the other.
        switched_to: What the same customers spent less on the focus and more on the other.
        net_switched: switched_from + switched_to: what both ways together brought, or took.
        share: net_switched as a share of the change; None where they go opposite ways, or where fewer than
            `MINIMUM` customers changed.
        customers: Customers who bought the focus in either period.
        changed: Those of them whose net sales of it changed.
        unnamed: Orders of both things left out, as the file does not name their customer.
    """

    focus: str
    other: str
    before: float
    after: float
    change: float
    new: float
    increased: float
    switched_from: float
    lost: float
    decreased: float
    switched_to: float
    net_switched: float
    share: float | None
    customers: int
    changed: int
    unnamed: int

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        steps = [(text.say("before"), self.before, True)]
        steps += [(_named(part, self.other), getattr(self, part), False) for part in PARTS]
        steps.append((text.say("after"), self.after, True))
        level, ends = 0.0, [0.0]
        for place, (_, amount, whole) in enumerate(steps):
            start = 0.0 if whole else level
            level = start + amount
            ends.append(level)
            colour = plots.TOTAL if whole else plots.GAIN if amount >= 0 else plots.LOSS
            ax.barh(place, amount, left=start, color=colour)
            note = text.money(amount, self.currency)
            ax.annotate(note, (max(start, level), place), (4, 0), textcoords="offset points", va="center")
        ax.set_yticks(range(len(steps)), [fill(name, 26) for name, _, _ in steps])
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        # Room for the amounts at the right of the bars.
        low, high = min(0.0, *ends), max(0.0, *ends)
        ax.set_xlim(low, (high + 0.3 * (high - low)) or 1.0)
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title(text.say("Where the change came from"))


def switching(
    orders: Any,
    focus: Any,
    other: Any,
    before: Period,
    after: Period,
    *,
    products: Any = None,
    by: str = "sku",
    vat_rate: float | None = None,
    **names: str,
) -> Switching:
    """Return how much of a change of sales customers brought from, or took to, something else of the shop.

    Each customer has net sales F of the focus and C of the other, in period 1 and 2; d = F2 - F1 and
    o = C2 - C1. Who bought neither in period 1 is new with all of d, who buys neither in period 2 is lost
    with all of d. Of the rest min(d, -o) is switched from the other where d > 0 > o, and max(d, -o) is
    switched to it where d < 0 < o; what is left of d is increased or decreased.

    Only customers who come back can be seen to switch. Where a thing is bought once, new customers who take
    the new one instead of the old one stand as new: then compare the sales of the old one too.

    Args:
        orders: Order lines (`tables.ORDERS`) with `customer_id`, any frame narwhals knows; paid lines count.
        focus: Value of `by` whose sales changed, such as the sku of the new stand, or a list of them.
        other: Value, or list of values, that customers may have come from or gone to: the old stand.
        before: The first period: a month as ``"2026-04"``, or its first and last day.
        after: The second period.
        products: Products with names, for the words.
        by: Column of what is bought: ``"sku"``, ``"category"``, ``"channel"``.
        vat_rate: Tax contained in the prices (fraction) where the file states none.
        **names: The caller's own column names.

    Returns:
        `Switching`; its table has part, customers, net_sales and share (of all gains, or of all losses).

    Raises:
        TableError: There is no column `by`, or no `customer_id`.
        InputError: A value is not sold in either period or stands on both sides, the periods overlap or are
            not in order of time, or no line names its customer.

    Source: gain-loss analysis as with household panels; worked cases: the tests of openretailscience.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": list("12345"), "customer_id": ["ann", "ann", "bob", "bob", "cia"],
    ...     "ordered_at": pd.to_datetime("2026-" + pd.Series(["04-02", "05-02", "04-09", "05-03", "05-07"])),
    ...     "sku": ["old", "new", "new", "new", "new"], "quantity": [1, 1, 1, 3, 1], "unit_price": 100.0,
    ... })
    >>> result = switching(orders, "new", "old", "2026-04", "2026-05")
    >>> result.change, result.new, result.increased, result.switched_from
    (400.0, 100.0, 200.0, 100.0)
    """
    first, second = period("before", before), period("after", after)
    if first[1] >= second[0]:
        raise InputError(
            f"before ends on {first[1]} and after begins on {second[0]}: expected two periods, the earlier "
            "first, without a common day."
        )
    sides = {"focus": _values(focus), "other": _values(other)}
    if both := [each for each in sides["focus"] if each in sides["other"]]:
        raise InputError(f"{both[0]!r} stands in focus and in other: expected it on one side.")
    known = tables.use(orders, tables.ORDERS, ("customer_id",), **names).collect_schema().names()
    if by not in known:
        raise TableError(str(unknown("column", by, known)))
    lines = narrow(orders, ("customer_id", "currency", by), names)
    currency = tables.currency_of(lines)
    paid = in_period(lines, first[0], second[1], names).filter(nw.col("status") == "paid")
    paid = _in_either(paid, first, second)
    sold = paid.select(by).drop_nulls().unique().collect()[by].to_list()
    for side, values in sides.items():
        for each in values:
            if each not in sold:
                raise unknown(f"{by} of {side} sold in these periods", each, sold)
    paid = paid.filter(nw.col(by).is_in([*sides["focus"], *sides["other"]]))
    nobody = without_customer(paid)
    unnamed = orders_in(paid.filter(nobody)).select(nw.col("order_id").n_unique()).collect().item()
    found = _parts(paid.filter(~nobody), by, sides["focus"], vat_rate, decimals(currency) if currency else 6)
    if found is None:
        raise InputError(
            f"No line of {' or '.join(map(str, [*sides['focus'], *sides['other']]))} names its customer. "
            "Who switched can be told only of customers that the file names."
        )
    money, people = found
    called = product_names(orders, products, **names) if by == "sku" else {}
    focus_name, other_name = (
        ", ".join(str(called.get(each) or each) for each in values) for values in sides.values()
    )
    net = round(money["switched_from"] + money["switched_to"], 6)
    enough = people["changed"] >= MINIMUM
    share = net / money["change"] if enough and net * money["change"] > 0 else None
    return Switching(
        table=tables.from_columns(
            {
                "part": [_named(part, other_name) for part in PARTS],
                "customers": [float(people[part]) for part in PARTS],
                "net_sales": [money[part] for part in PARTS],
                "share": _shares(money, enough),
            },
            orders,
        ),
        sentence=_sentence(money, net, share, enough, (focus_name, other_name), currency)
        + _limits(int(unnamed or 0), first, second),
        definition=text.say(
            "Net sales after discounts, refunds and tax contained, from {a} to {b} and from {c} to {d}, of "
            "customers that the file names. Switched = what one customer spent less on the one and more on "
            "the other, the smaller of the two; new = bought neither in the first period, lost = neither in "
            "the second; a customer may stand in two parts. A sum of what happened, without an interval. "
            "Some change sides by chance in both directions, so compare the two; a new customer who would "
            "else have bought the other counts as new.",
            a=text.day(first[0]),
            b=text.day(first[1]),
            c=text.day(second[0]),
            d=text.day(second[1]),
        ),
        currency=currency,
        formats={"customers": "count", "net_sales": "money", "share": "rate"},
        focus=focus_name,
        other=other_name,
        net_switched=net,
        share=share,
        customers=people["customers"],
        changed=people["changed"],
        unnamed=int(unnamed or 0),
        **money,
    )


def _values(given: Any) -> list[Any]:
    values = [*given] if isinstance(given, list | tuple | set | frozenset) else [given]
    if not values:
        raise InputError("focus or other is empty: give a value, or a list of values.")
    return values


def _in_either(
    lines: nw.LazyFrame[Any], first: tuple[dt.date, dt.date], second: tuple[dt.date, dt.date]
) -> nw.LazyFrame[Any]:
    """Keep the lines of the two periods, and tell by `later` which of them."""
    gap = dt.datetime.combine(first[1] + dt.timedelta(days=1), dt.time())
    begin = dt.datetime.combine(second[0], dt.time())
    at = nw.col("ordered_at")
    return lines.filter((at < nw.lit(gap)) | (at >= nw.lit(begin))).with_columns(later=at >= nw.lit(begin))


def _parts(
    paid: nw.LazyFrame[Any], by: str, focus: Sequence[Any], vat_rate: float | None, places: int
) -> tuple[dict[str, float], dict[str, int]] | None:
    """Return money and customers of each part; None where there is no customer."""
    lines = with_worth(paid, vat_not_stated(paid, vat_rate))
    mine, later, net = nw.col(by).is_in(focus), nw.col("later"), nw.col("net_sales")
    zero = nw.lit(0.0)
    sums = {
        name: nw.when(condition).then(net).otherwise(zero)
        for name, condition in (
            ("f1", mine & ~later),
            ("f2", mine & later),
            ("c1", ~mine & ~later),
            ("c2", ~mine & later),
        )
    }
    each = lines.with_columns(**sums).group_by("customer_id").agg(nw.col(name).sum() for name in sums)
    # Sums of floats carry noise: rounded, what cancels out is 0, and the parts add up.
    each = each.with_columns(nw.col(name).round(places) for name in sums)
    each = each.with_columns(
        d=(nw.col("f2") - nw.col("f1")).round(places), o=(nw.col("c2") - nw.col("c1")).round(places)
    )
    d, o = nw.col("d"), nw.col("o")
    new = (d > 0) & (nw.col("f1") <= 0) & (nw.col("c1") <= 0)
    lost = (d < 0) & (nw.col("f2") <= 0) & (nw.col("c2") <= 0)
    each = each.with_columns(
        new=nw.when(new).then(d).otherwise(zero),
        lost=nw.when(lost).then(d).otherwise(zero),
        switched_from=nw.when(~new & (d > 0) & (o < 0))
        .then(nw.when(d < -o).then(d).otherwise(-o))
        .otherwise(zero),
        switched_to=nw.when(~lost & (d < 0) & (o > 0))
        .then(nw.when(d > -o).then(d).otherwise(-o))
        .otherwise(zero),
    )
    each = each.with_columns(
        increased=nw.when(~new & (d > 0)).then(d - nw.col("switched_from")).otherwise(zero),
        decreased=nw.when(~lost & (d < 0)).then(d - nw.col("switched_to")).otherwise(zero),
    ).with_columns(nw.col(name).round(places) for name in PARTS)
    some = {f"n_{part}": nw.when(nw.col(part) != 0).then(1).otherwise(0) for part in PARTS}
    some["n_changed"] = nw.when(d != 0).then(1).otherwise(0)
    some["n_customers"] = nw.when((nw.col("f1") != 0) | (nw.col("f2") != 0)).then(1).otherwise(0)
    added = [*PARTS, "f1", "f2", *some]
    total = each.with_columns(**some).select(nw.len().alias("n"), *(nw.col(name).sum() for name in added))
    row = total.collect().rows(named=True)[0]
    if not row["n"]:
        return None
    # Adding 0.0 turns -0.0, which engines give here and there, into 0.0.
    money = {name: round(float(row[name]), places) + 0.0 for name in (*PARTS, "f1", "f2")}
    money["before"], money["after"] = money.pop("f1"), money.pop("f2")
    money["change"] = round(money["after"] - money["before"], places) + 0.0
    return money, {name[2:]: int(row[name]) for name in some}


def _shares(money: Mapping[str, float], enough: bool) -> list[float | None]:
    """Return each part as a share of its side: of all gains, or of all losses."""
    shares: list[float | None] = []
    for side in (PARTS[:3], PARTS[3:]):
        whole = sum(money[part] for part in side)
        shares += [abs(money[part] / whole) if enough and whole else None for part in side]
    return shares


def _named(part: str, other: str) -> str:
    words = {
        "new": text.say("new customers"),
        "increased": text.say("known customers, more"),
        "switched_from": text.say("from {other}", other=other),
        "lost": text.say("lost customers"),
        "decreased": text.say("known customers, less"),
        "switched_to": text.say("to {other}", other=other),
    }
    return words[part]


def _sentence(
    money: Mapping[str, float],
    net: float,
    share: float | None,
    enough: bool,
    called: tuple[str, str],
    currency: str | None,
) -> str:
    words = {name: text.money(abs(money[name]), currency) for name in PARTS}
    words |= {name: text.money(money[name], currency) for name in ("before", "after")}
    gains, losses = (abs(sum(money[part] for part in side)) for side in (PARTS[:3], PARTS[3:]))
    words |= {
        "focus": called[0],
        "other": called[1],
        "gains": text.money(gains, currency),
        "losses": text.money(losses, currency),
        "net": text.money(abs(net), currency),
        "share": text.percent(share or 0.0, 0),
        "minimum": text.number(MINIMUM),
    }
    rose = money["change"] >= 0
    if rose:
        said = text.say(
            "Net sales of {focus} went from {before} to {after}. Of {gains} gained, {switched_from} is what "
            "the same customers spent less on {other}, {new} came from customers who had bought neither and "
            "{increased} is more from customers known before. The other way, {switched_to} went to {other}.",
            **words,
        )
    else:
        said = text.say(
            "Net sales of {focus} fell from {before} to {after}. Of {losses} lost, {switched_to} is what the "
            "same customers spent more on {other}, {lost} went with customers who buy neither any more and "
            "{decreased} is less from customers who stayed. The other way, {switched_from} came from "
            "{other}.",
            **words,
        )
    if not money["change"]:
        return said
    if not enough:
        return f"{said} " + text.say("Fewer than {minimum} customers changed: too few for a share.", **words)
    if rose:
        template = "Both ways together, nothing of the rise came from {other}."
        if share is not None:
            template = "Both ways together, {net} came from {other}: {share} of the rise."
    else:
        template = "Both ways together, nothing of the fall went to {other}."
        if share is not None:
            template = "Both ways together, {net} went to {other}: {share} of the fall."
    return f"{said} " + text.say(template, **words)


def _limits(unnamed: int, first: tuple[dt.date, dt.date], second: tuple[dt.date, dt.date]) -> str:
    said = ""
    if unnamed:
        said += " " + text.say("Left out: {n} orders that name no customer.", n=text.number(unnamed))
    a, b = ((last - start).days + 1 for start, last in (first, second))
    if a != b:
        said += " " + text.say(
            "The periods have {a} and {b} days, which is part of the change.",
            a=text.number(a),
            b=text.number(b),
        )
    return said
