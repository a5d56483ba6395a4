"""Sales = visitors x conversion x order value: which of the three moved them?

One idea: a change of a product is shared among its factors by their logarithms, so that the shares add up to
the whole change, whatever the order of the factors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import newcombe, points, share_words
from sellerlab.results import SHOWN_ROWS, Format, Result
from sellerlab.totals.pooled import pooled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FACTORS = ("visitors", "conversion", "order_value")
#: How the rows of the table are printed: the factors, then sales.
_STYLES: tuple[Format, ...] = ("count", "number", "money", "money")


@dataclass(frozen=True, kw_only=True, repr=False)
class ValueTree(Result):
    """The change of sales between two periods; `table` has one row a factor and one for sales.

    Attributes:
        before: Sales of the earlier period.
        after: Sales of the later one.
        shares: Factor to its part of the change in money; they add up to after - before.
        largest: Factor with the largest part; None where nothing changed.
    """

    before: float
    after: float
    shares: Mapping[str, float]
    largest: str | None

    def printed(self, rows: int = SHOWN_ROWS) -> list[list[str]]:
        """Return the table as text: visitors counted, conversion in %, values and sales as money.

        Args:
            rows: Rows to print at most.
        """
        header, *lines = super().printed(rows)
        data = nw.from_native(self.table).lazy().collect()
        for line, *pair, style in zip(lines, data["before"], data["after"], _STYLES, strict=False):
            for place, value in enumerate(pair, start=1):
                number = float(value)
                if style == "money":
                    line[place] = text.money(number, self.currency)
                elif style == "count":
                    line[place] = text.number(number)
        return [header, *lines]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: five bars."""
        return 3.6

    def _draw(self, ax: Axes) -> None:
        from sellerlab import money, plots

        ax.set_title(text.say("What moved sales"))
        labels = [
            text.say("before"),
            *(text.say(name.replace("_", " ")) for name in _FACTORS),
            text.say("after"),
        ]
        level, starts, sizes, colours = self.before, [0.0], [self.before], [plots.TOTAL]
        for name in _FACTORS:
            part = self.shares[name]
            starts.append(level)
            sizes.append(part)
            colours.append(plots.GAIN if part >= 0 else plots.LOSS)
            level += part
        places = range(len(labels))
        ax.bar(places, [*sizes, self.after], bottom=[*starts, 0.0], color=[*colours, plots.TOTAL])
        ax.set_xticks(list(places), labels)
        tops = [max(start, start + size) for start, size in zip(starts, sizes, strict=True)]
        top = max([*tops, self.after])
        # The axis names the currency; written at each bar, the labels of large sums would run together.
        decimals = 0 if top >= 1000 else money.decimals(self.currency) if self.currency else 2
        for place, (start, size) in enumerate(zip([*starts, 0.0], [*sizes, self.after], strict=True)):
            inner = 0 < place < len(labels) - 1
            note = ("+" if inner and size >= 0 else "") + text.number(size, decimals)
            spot = (place, max(start, start + size))
            ax.annotate(note, spot, xytext=(0, 3), textcoords="offset points", ha="center", fontsize=9)
        plots.money_axis(ax, self.currency)
        ax.set_ylim(0, 1.1 * top)


def value_tree(
    before: Any,
    after: Any,
    *,
    visitors: str = "visitors",
    orders: str = "orders",
    sales: str = "sales",
    currency: str | None = None,
) -> ValueTree:
    """Return how much of a change of sales comes from visitors, from conversion and from order value.

    sales = visitors x (orders / visitors) x (sales / orders); the part of a factor f is
    L x ln(f after / f before), L = (sales after - sales before) / ln(sales after / sales before).

    Args:
        before: Totals of the earlier period, any frame narwhals knows; rows are added up.
        after: Totals of the later period, of the same length.
        visitors: Column of visitors (or visits).
        orders: Column of orders.
        sales: Column of sales.
        currency: ISO code; by default what the tables say.

    Raises:
        UnknownNameError: A column is absent.
        InputError: A period has no visitors, orders or sales: a factor of 0 has no share.

    Source: B. W. Ang, The LMDI approach to decomposition analysis, 2005.

    >>> import pandas as pd
    >>> old = pd.DataFrame({"visitors": [1000], "orders": [20], "sales": [100_000]})
    >>> new = pd.DataFrame({"visitors": [2000], "orders": [40], "sales": [200_000]})
    >>> value_tree(old, new).shares["visitors"]
    100000.0
    """
    from sellerlab import money

    codes = (tables.currency_of(before), tables.currency_of(after), currency)
    currency = money.same_currency(*codes)
    names = [visitors, orders, sales]
    sums = [pooled(frame, names)[0][0].sums for frame in (before, after)]
    for period, found in zip(("before", "after"), sums, strict=True):
        for name in names:
            if not found[name] > 0:
                raise InputError(
                    f"{name} is {found[name]:g} in the period {period}: sales can be shared among their "
                    "factors only where none is 0. Choose a longer period."
                )
    (v0, o0, s0), (v1, o1, s1) = ([found[name] for name in names] for found in sums)
    factors = {"visitors": (v0, v1), "conversion": (o0 / v0, o1 / v1), "order_value": (s0 / o0, s1 / o1)}
    scale = s0 if math.isclose(s0, s1) else (s1 - s0) / math.log(s1 / s0)
    shares = {name: round(scale * math.log(new / old), 6) + 0.0 for name, (old, new) in factors.items()}
    largest = max(shares, key=lambda name: abs(shares[name]))
    moved = abs(shares[largest]) > 0
    rows: dict[str, list[Any]] = {
        "factor": ["visitors", "conversion, %", "order value", "sales"],
        "before": [v0, 100 * o0 / v0, s0 / o0, s0],
        "after": [v1, 100 * o1 / v1, s1 / o1, s1],
        "change": [*(new / old - 1 for old, new in factors.values()), s1 / s0 - 1],
        "part": [*shares.values(), s1 - s0],
    }
    formats: dict[str, Format] = {"before": "number", "after": "number", "change": "rate", "part": "money"}
    return ValueTree(
        table=tables.from_columns(rows, after),
        sentence=_sentence((v0, o0, s0), (v1, o1, s1), shares, largest if moved else None, currency),
        definition=text.say(
            "Sales = visitors x conversion x order value; conversion = orders / visitors, order value = "
            "sales / orders. Each factor's part of the change goes by its logarithm (LMDI), so the parts "
            "add up."
        ),
        currency=currency,
        formats=formats,
        before=s0,
        after=s1,
        shares=shares,
        largest=largest if moved else None,
    )


def _sentence(
    old: tuple[float, float, float],
    new: tuple[float, float, float],
    shares: Mapping[str, float],
    largest: str | None,
    currency: str | None,
) -> str:
    words = {name: text.money(part, currency) for name, part in shares.items()}
    words |= {"old": text.money(old[2], currency), "new": text.money(new[2], currency)}
    if largest is None:
        return text.say("Sales stayed at {new}, and so did visitors, conversion and order value.", **words)
    said = text.say(
        "Sales went from {old} to {new}: {visitors} of the change comes from visitors, {conversion} from "
        "conversion and {order_value} from order value.",
        **words,
    )
    if old[1] <= old[0] and new[1] <= new[0]:
        low, high = newcombe(old[1], old[0], new[1], new[0])
        said += " " + text.say(
            "Conversion went from {a} to {b} (95% interval of the difference {low} to {high} points).",
            a=share_words(old[1] / old[0]),
            b=share_words(new[1] / new[0]),
            low=points(float(low)),
            high=points(float(high)),
        )
    return said


def visitors_needed(sales: float, conversion: float, order_value: float) -> int:
    """Return the visitors that a sales target needs.

    visitors = sales / (conversion x order value), rounded up

    Args:
        sales: Target of the period, 0 or more.
        conversion: Orders / visitors, a fraction above 0.
        order_value: Sales of one order, above 0.

    Raises:
        InputError: A rate outside 0 to 1, or an amount that cannot be.

    Source: the three-factor formula that Rakuten teaches its shops.

    >>> visitors_needed(3_000_000, 0.035, 5000)
    17143
    """
    rate = check_rate("conversion", conversion)
    if not rate > 0 or not order_value > 0 or not 0 <= sales < math.inf:
        raise InputError(
            f"sales {sales:g}, conversion {rate:g}, order_value {order_value:g}: expected a target of 0 or "
            "more, and a conversion and an order value above 0."
        )
    return math.ceil(round(sales / (rate * order_value), 9))
