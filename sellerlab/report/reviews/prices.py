"""What to order, what sleeps, and the list of things to do about prices and stock.

The one idea: a price, a discount and an order for stock are one question, what a unit leaves, so they stand
on one page, losses first, then by money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.report.inputs import Inputs
from sellerlab.report.reviews.discounts import Promotions, promotions
from sellerlab.report.reviews.floors import Floors, Unit, floors
from sellerlab.report.reviews.room import Room, room
from sellerlab.report.reviews.worklist import Item, Worklist, worklist
from sellerlab.report.sections import Note, with_table
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.stock import Ageing, ReorderList


def reorder(shop: Inputs) -> ReorderList | Note:
    """Return what to order, or a note that says which column is missing.

    Args:
        shop: What `load_review` gave.
    """
    from sellerlab import stock

    if (missing := _no_stock(shop)) is not None:
        return missing
    try:
        return stock.reorder_list(shop.orders, shop.products, as_of=shop.end)
    except InputError as error:
        return Note(str(error))


def order_now(found: ReorderList | Note, floors_: Floors | Note) -> Result | Note:
    """Return the products to order now, each with a word where there is one.

    Args:
        found: What `reorder` gave.
        floors_: What `floors` gave: what loses money is not to be ordered before its price is mended.
    """
    if isinstance(found, Note):
        return found
    rows = found.table[found.table["sku"].isin(found.now)].reset_index(drop=True)
    under = floors_.under if isinstance(floors_, Floors) else ()
    warned = "It is under its floor: mend the price before you order."
    notes = [
        ". ".join(filter(None, (note.capitalize(), f"By {text.day(by)}", warned if sku in under else "")))
        for note, by, sku in zip(rows["note"], rows["order_by"], rows["sku"], strict=True)
    ]
    columns = ["product", "order_units", "cost", "on_hand", "on_order"]
    return with_table(found, rows[columns].assign(what=notes))


def asleep(shop: Inputs) -> Ageing | Note:
    """Return the stock by age with the products asleep in its table, or a note that says what is missing.

    Args:
        shop: What `load_review` gave.
    """
    from sellerlab import stock

    if (missing := _no_stock(shop)) is not None:
        return missing
    try:
        return stock.ageing(shop.orders, shop.products, as_of=shop.end)
    except InputError as error:
        return Note(str(error))


def asleep_only(found: Ageing | Note) -> Result | Note:
    """Return the stock by age with only the products asleep in its table.

    Args:
        found: What `asleep` gave.
    """
    if isinstance(found, Note):
        return found
    rows = found.table[found.table["sku"].isin(found.asleep)].reset_index(drop=True)
    days = rows["days_without_sale"]
    notes = ["never sold" if each != each else f"no sale in {text.number(each)} days" for each in days]
    return with_table(found, rows[["product", "on_hand", "value", "age_days"]].assign(note=notes))


def _no_stock(shop: Inputs) -> Note | None:
    if shop.products is not None and shop.products.get("on_hand", pd.Series(dtype=float)).notna().any():
        return None
    return Note(
        "No stock is given. Give a table of products with the column on_hand, and for the list of what to "
        "order on_order and lead_time_days."
    )


@dataclass(frozen=True)
class PriceReview:
    """All that a pricing review tells; each is a result, or a note where data are missing."""

    todo: Worklist
    floors: Floors | Note
    promotions: Promotions | Note
    room: Room | Note
    reorder: ReorderList | Note
    asleep: Ageing | Note

    @property
    def headline(self) -> dict[str, str]:
        """What was lost under the floors, what there is to order, and what sleeps, as far as it is known."""
        found = {}
        currency = self.todo.currency
        if isinstance(self.floors, Floors):
            found["Lost under the floor"] = text.money(self.floors.lost, currency)
        if not isinstance(self.reorder, Note):
            found["To order now"] = text.money(self.reorder.cost, currency)
        if not isinstance(self.asleep, Note) and self.asleep.asleep_value is not None:
            found["Asleep"] = text.money(self.asleep.asleep_value, currency)
        return found


def price_review(shop: Inputs) -> PriceReview:
    """Return all that a pricing review tells, with the list of things to do in front.

    Args:
        shop: What `load_review` gave.
    """
    found = floors(shop)
    parts: Mapping[str, Any] = {
        "floors": found,
        "promotions": promotions(shop, found),
        "room": room(shop, found),
        "reorder": reorder(shop),
        "asleep": asleep(shop),
    }
    notes = [each.sentence for each in parts.values() if isinstance(each, Note)]
    todo = worklist(
        _items(**parts),
        list(dict.fromkeys(notes)),
        shop.currency,
        shop.window.words,
        "Lost: what a product under its floor, or a discount, lost in the period. To win: what a better "
        "price would have brought in the period; what a week without a product that has to be ordered costs. "
        "Idle: landed cost of stock asleep.",
    )
    return PriceReview(todo=todo, **parts)


def _items(
    floors: Floors | Note,
    promotions: Promotions | Note,
    room: Room | Note,
    reorder: ReorderList | Note,
    asleep: Ageing | Note,
) -> Iterator[Item]:
    if isinstance(floors, Note):
        units: Mapping[str, Unit] = {}
    else:
        units = floors.units
        advice = dict(zip(floors.table["product"], floors.table["what_to_do"], strict=True))
        for sku in floors.under:
            each = units[sku]
            yield Item(each.name, "mend its price", -each.left * each.units, "lost", advice[each.name])
    if isinstance(promotions, Promotions):
        for sku in promotions.losing:
            row = promotions.rows[sku]
            yield Item(
                row["product"], "end its discount", -row["left"], "lost",
                "The discounted sales lost money; at the full price it leaves something.",
            )  # fmt: skip
    if isinstance(room, Room):
        for chance in room.chances:
            if chance.gain:
                yield Item(chance.unit.name, f"{chance.verdict} its price", chance.gain, "to win", chance.why)
    if not isinstance(reorder, Note):
        for row in reorder.table[reorder.table["sku"].isin(reorder.now)].itertuples(index=False):
            unit = units.get(row.sku)
            if unit is None or unit.left > 0:
                week = 7 * row.daily_units * (unit.left if unit else 0.0)
                day = text.day(row.order_by)
                why = f"Order {text.number(row.order_units)} by {day}: a week without it costs this much."
                yield Item(row.product, "order it", week, "to win", why)
    if not isinstance(asleep, Note):
        for row in asleep.table[asleep.table["sku"].isin(asleep.asleep)].itertuples(index=False):
            why = f"{text.number(row.on_hand)} units and no sale in 90 days: sell off, bundle or return."
            yield Item(row.product, "wake its stock", float(row.value), "idle", why)
