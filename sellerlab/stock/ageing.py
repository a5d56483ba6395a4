"""The age of the stock, and the money asleep in it.

One idea: money on the shelf is money that cannot buy what sells. Stock is asleep when it is older than some
months and nobody bought one of it in all that time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.counted import as_day
from sellerlab.errors import InputError
from sellerlab.results import Result
from sellerlab.sold import Sold, daily, made, name_of, number, stock_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Last day of each age, the last one open.
BORDERS = (30, 60, 90)


@dataclass(frozen=True, kw_only=True, repr=False)
class Ageing(Result):
    """What the stock cost, by age; `table` has one row a product with stock, most money first.

    Attributes:
        as_of: Last day of the sales counted.
        value: Landed cost of all stock whose cost is known.
        by_age: Age to landed cost; the last but one is the oldest, the last of unknown age.
        asleep_value: Landed cost of stock asleep; None where the orders are too short to tell.
        asleep: Products asleep, most money first; empty where it cannot be told.
        without_cost: Products with stock and without a landed cost.
    """

    as_of: dt.date
    value: float
    by_age: Mapping[str, float]
    asleep_value: float | None
    asleep: tuple[str, ...]
    without_cost: tuple[str, ...]

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = nw.from_native(self.table).lazy().collect().rows(named=True)
        sleeping = dict.fromkeys(self.by_age, 0.0)
        for row in rows:
            if row["sku"] in self.asleep:
                sleeping[row["age"]] += number(row["value"]) or 0.0
        *ages, unknown = self.by_age
        # Most shops know the age of all they have: no place is kept for what is not there.
        names = [*ages, unknown] if self.by_age[unknown] > 0 else ages
        awake = [self.by_age[name] - sleeping[name] for name in names]
        ax.bar(names, awake, color=plots.TOTAL, label=text.say("sells"))
        ax.bar(
            names,
            [sleeping[name] for name in names],
            bottom=awake,
            color=plots.LOSS,
            label=text.say("asleep"),
        )
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("days since it came in"))
        ax.set_title(text.say("Landed cost of the stock by age"))
        ax.set_ylim(0, 1.12 * max(*self.by_age.values(), 1.0))
        ax.legend()


def ageing(
    orders: Any,
    products: Any,
    *,
    as_of: str | dt.date | None = None,
    asleep_days: int = 90,
    **names: str,
) -> Ageing:
    """Return how old the stock is, what it cost, and which of it is asleep.

    Asleep: on hand, no sale in `asleep_days`, and in the shop for longer than that.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows; paid sales count.
        products: Products with `on_hand`; `landed_cost` and `received_at` where known.
        as_of: Day on which the stock was counted; the last day of the orders by default.
        asleep_days: Days without a sale, 7 or more.
        **names: The caller's own column names of the orders.

    Returns:
        `Ageing`; its table has sku, product, on_hand, value, age_days, age, last_sale, days_without_sale and
        note. Where the orders cover fewer than `asleep_days` days nothing is called asleep.

    Raises:
        TableError: `products` has no `on_hand`, or two rows of one sku.
        InputError: There are fewer than 7 days of orders up to `as_of`, or stock came in after it.

    Source: Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*.

    >>> import pandas as pd
    >>> days = pd.date_range("2026-01-01", "2026-05-28")
    >>> orders = pd.DataFrame({
    ...     "order_id": [str(day) for day in days], "ordered_at": days, "sku": "A", "quantity": 2,
    ...     "unit_price": 900.0,
    ... })
    >>> products = pd.DataFrame({
    ...     "sku": ["A", "B"], "on_hand": [30, 8], "landed_cost": [400.0, 700.0],
    ...     "received_at": pd.to_datetime(["2026-05-08", "2025-11-01"]),
    ... })
    >>> result = ageing(orders, products)
    >>> result.asleep, result.asleep_value, result.value
    (('B',), 5600.0, 17600.0)
    """
    stock = stock_of(products, "on_hand")
    sold = daily(orders, as_of=as_of, window_days=asleep_days, names=names)
    told = sold.days >= asleep_days
    rows = [
        _row(each, sold, asleep_days) for each in stock.rows(named=True) if (number(each["on_hand"]) or 0) > 0
    ]
    rows.sort(key=lambda row: (row["value"] is None, -(row["value"] or 0.0), row["sku"]))
    labels = _labels()
    by_age = {label: sum(row["value"] or 0.0 for row in rows if row["age"] == label) for label in labels}
    sleeping = [row for row in rows if row["asleep"]] if told else []
    without = tuple(row["sku"] for row in rows if row["value"] is None)
    currency = tables.currency_of(orders)
    value = sum(by_age.values())
    asleep_value = sum(row["value"] or 0.0 for row in sleeping) if told else None
    table = {
        name: [row[name] for row in rows]
        for name in (
            "sku",
            "product",
            "on_hand",
            "value",
            "age_days",
            "age",
            "last_sale",
            "days_without_sale",
        )
    }
    table["note"] = [text.say("asleep") if row["asleep"] and told else "" for row in rows]
    return Ageing(
        table=made(table, products),
        sentence=_sentence(value, rows, sleeping, without, told, asleep_days, currency, sold),
        definition=text.say(
            "Value = units on hand x landed cost. Age runs from the day the present stock came in to "
            "{as_of}; where older units are left beneath newer ones, they are older than it says. Asleep: no "
            "paid sale in {days} days and in the shop for longer than that.",
            as_of=text.day(sold.last),
            days=text.number(asleep_days),
        ),
        currency=currency,
        formats={"on_hand": "count", "value": "money", "age_days": "count", "days_without_sale": "count"},
        as_of=sold.last,
        value=value,
        by_age=by_age,
        asleep_value=asleep_value,
        asleep=tuple(row["sku"] for row in sleeping),
        without_cost=without,
    )


def _labels() -> list[str]:
    starts = [0, *(border + 1 for border in BORDERS)]
    closed = [f"{start}–{end}" for start, end in zip(starts, BORDERS, strict=False)]
    return [*closed, text.say("over {days}", days=text.number(BORDERS[-1])), text.say("not known")]


def _row(product: dict[str, Any], sold: Sold, asleep_days: int) -> dict[str, Any]:
    sku, on_hand = product["sku"], float(product["on_hand"])
    cost = number(product.get("landed_cost"))
    came = product.get("received_at")
    age = None if came is None or came != came else (sold.last - as_day(came)).days
    if age is not None and age < 0:
        raise InputError(
            f"{sku} came in on {as_day(came)}, after the stock was counted on {sold.last}. Check "
            "received_at, or give the day of the count as as_of."
        )
    last = sold.until.get(sku)
    # Stock of unknown age is as old as the first sale at least.
    known = age if age is not None else (sold.last - sold.since[sku]).days if sku in sold.since else None
    without = (sold.last - last).days if last else None
    quiet = without is None or without >= asleep_days
    place = next((n for n, border in enumerate(BORDERS) if age is not None and age <= border), len(BORDERS))
    return {
        "sku": sku,
        "product": name_of(product),
        "on_hand": on_hand,
        "value": None if cost is None else on_hand * cost,
        "age_days": None if age is None else float(age),
        "age": _labels()[-1] if age is None else _labels()[place],
        "last_sale": last,
        "days_without_sale": None if without is None else float(without),
        "asleep": quiet and known is not None and known > asleep_days,
    }


def _sentence(
    value: float,
    rows: list[dict[str, Any]],
    sleeping: list[dict[str, Any]],
    without: tuple[str, ...],
    told: bool,
    asleep_days: int,
    currency: str | None,
    sold: Sold,
) -> str:
    words = {
        "n": text.number(len(rows)),
        "value": text.money(value, currency),
        "days": text.number(asleep_days),
        "have": text.number(sold.days),
    }
    if not told:
        said = [
            text.say(
                "The stock of {n} products cost {value}. What is asleep cannot be told: the orders cover "
                "{have} days, fewer than {days}.",
                **words,
            )
        ]
    elif sleeping:
        asleep = sum(row["value"] or 0.0 for row in sleeping)
        said = [
            text.say(
                "The stock of {n} products cost {value}; {asleep} of it ({share}) is asleep in {k} products "
                "without a sale in {days} days, most of it in {first}.",
                asleep=text.money(asleep, currency),
                share=text.percent(asleep / value if value else float("nan"), 0),
                k=text.number(len(sleeping)),
                first=sleeping[0]["product"],
                **words,
            )
        ]
    else:
        said = [
            text.say(
                "The stock of {n} products cost {value}, and each had a sale within {days} days or came in "
                "since.",
                **words,
            )
        ]
    if without:
        said.append(text.say("Without a landed cost, and not in the sum: {n}.", n=text.number(len(without))))
    return " ".join(said)
