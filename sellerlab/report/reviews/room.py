"""Which prices have room: the shop's own weeks, or the test that would show it.

The one idea: the shop's own weeks either show how units react to the price or they do not. Where they do, the
price with the most profit is named; where they do not, the test is that would show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.report.inputs import Inputs
from sellerlab.report.reviews.floors import Floors, Unit, titled
from sellerlab.report.sections import Note
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sellerlab.pricing import Elasticity

#: Products whose weeks are looked at: those that leave most.
PRODUCTS = 60
#: Verdicts that leave the elasticity open.
_OPEN = ("test", "wait")
#: A change of price that a seller would think of first.
STEP = 0.1
#: Longest price test that is proposed, weeks.
LONGEST = 26


@dataclass(frozen=True)
class Chance:
    """What can be said of the price of one product.

    Attributes:
        unit: What a unit was sold for and left.
        verdict: ``"raise"``, ``"lower"``, ``"keep"``, ``"test"`` or ``"wait"`` (sells too little for a test).
        may_lose: Share of units that a price 10% higher may lose before it leaves less.
        found: Elasticity, or why there is none; None without a whole week of sales.
        pace: Units a week, of the last 13 weeks.
        price: The price to go to; None without one.
        gain: Money that would have come on top in the period; None without a price.
        why: The reason, in words.
    """

    unit: Unit
    verdict: str
    may_lose: float
    found: Elasticity | None
    pace: float
    price: float | None
    gain: float | None
    why: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Room(Result):
    """Whether prices have room; `table` has one row a product, most money first.

    Attributes:
        chances: What can be said of each product, in the order of the table.
    """

    chances: tuple[Chance, ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a product."""
        return 1.6 + 0.3 * max(min(len(self.chances), 20), 2)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.patches import Patch

        from sellerlab import plots

        colours = {
            "raise": plots.GAIN, "lower": plots.LOSS, "keep": "#444444", "test": plots.TOTAL,
            "wait": plots.MUTED,
        }  # fmt: skip
        shown = self.chances[:20]
        names = [each.unit.name for each in shown]
        plots.bars(ax, names, [each.may_lose for each in shown], [colours[each.verdict] for each in shown])
        plots.percent_axis(ax, axis="x")
        ax.set_xlabel("units that a price 10% higher may lose before it leaves less")
        ax.set_title(titled("Room above the price", shown, self.chances, "first"))
        kinds = [kind for kind in colours if any(each.verdict == kind for each in shown)]
        handles = [Patch(color=colours[kind], label=kind) for kind in kinds]
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.4, -0.14), ncols=len(kinds))


def room(shop: Inputs, found: Floors | Note) -> Room | Note:
    """Return for each product that earns whether its price should move, stay, or be tested.

    Elasticity: Poisson or log-log on the product's own weeks up to the end of the period, beside the share of
    units sold with a discount and the units of all other products of the week.

    Args:
        shop: What `load_review` gave.
        found: What `floors` gave.

    Returns:
        `Room`; a note where costs are not known or nothing earns.
    """
    if isinstance(found, Note):
        return Note("Which prices have room is not known without landed costs.")
    earning = [each for each in found.units.values() if each.left > 0 and each.slope > 0]
    earning.sort(key=lambda each: (-round(each.left * each.units, 6), each.sku))
    if not earning:
        return Note("No product leaves anything, so no price has room: begin with the floors.")
    weeks = _weeks(shop)
    # Of twenty products one would stand out by chance: each gets its share of that chance only.
    level = 1 - 0.05 / min(len(earning), PRODUCTS)
    chances = [_chance(each, weeks.get(each.sku), found.currency, level) for each in earning[:PRODUCTS]]
    order = {"raise": 0, "lower": 1, "test": 2, "keep": 3, "wait": 4}
    chances.sort(
        key=lambda each: (order[each.verdict], -(each.gain or 0.0), -each.unit.left * each.unit.units)
    )
    count = {verdict: sum(each.verdict == verdict for each in chances) for verdict in order}
    told = [
        (count["raise"] + count["lower"], "{n}: the shop's own weeks show a better price"),
        (count["keep"], "{n}: the shop's own weeks show no better price"),
        (count["test"], f"{{n}}: a test of two prices would show it in {LONGEST} weeks or less"),
        (count["wait"], "{n}: too few sales for a test of their own"),
    ]
    said = f"Of {text.number(len(chances))} products that leave something, " + "; ".join(
        words.format(n=text.number(n)) for n, words in told if n
    )
    said += "."
    said += _together(chances)
    if len(earning) > PRODUCTS:
        said += f" Not looked at: {text.number(len(earning) - PRODUCTS)} products that leave less."
    return Room(
        table=pd.DataFrame(
            {
                "product": [each.unit.name for each in chances],
                "what_to_do": [each.why for each in chances],
                "price_paid": [each.unit.price for each in chances],
                "left": [each.unit.left * each.unit.units for each in chances],
                "may_lose": [each.may_lose for each in chances],
                "elasticity": [
                    _number(each.found.elasticity if each.found and each.verdict not in _OPEN else None)
                    for each in chances
                ],
                "gain": [_number(each.gain) for each in chances],
            }
        ),
        sentence=said,
        definition=(
            "May lose = 1 - left / (left + 10% of the price x slope): the units that a price 10% higher may "
            "lose before it leaves less. Elasticity from the product's weeks of sales up to the end of the "
            "period, price before discounts, beside the share of units with a discount and the units of all "
            "other products; weeks in which it was sold out are not known and count as they are. A better "
            "price is named only between prices that were charged, and only where it earns more at both ends "
            f"of the interval; the intervals hold {text.percent(level)} each, so that 95% hold all of them. "
            "Gain = for the units of the period."
        ),
        currency=found.currency,
        formats={
            "price_paid": "money", "left": "money", "may_lose": "rate", "elasticity": "number",
            "gain": "money",
        },
        chances=tuple(chances),
    )  # fmt: skip


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _weeks(shop: Inputs) -> dict[str, pd.DataFrame]:
    """Return each product's whole weeks: units, list price, share sold with a discount, others' units."""
    lines = shop.orders
    end = pd.Timestamp(shop.end) + pd.Timedelta(days=1)
    lines = lines[(lines["status"] == "paid") & (lines["kind"] == "sale") & (lines["ordered_at"] < end)]
    lines = lines[lines["sku"].notna() & (lines["quantity"] > 0)]
    day = lines["ordered_at"].dt.normalize()
    monday = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    first = monday.min() if day.min() == monday.min() else monday.min() + pd.Timedelta(days=7)
    last = end.normalize() - pd.Timedelta(days=end.weekday() + 7)
    worth = lines["quantity"] * lines["unit_price"]
    offered = lines["quantity"].where(lines["discount"].fillna(0) > 0, 0.0)
    table = pd.DataFrame(
        {"sku": lines["sku"], "week": monday, "units": lines["quantity"], "worth": worth, "offered": offered}
    )
    sums = table.groupby(["sku", "week"], sort=True).sum().reset_index()
    if pd.isna(first) or first > last:
        return {}
    calendar = pd.date_range(first, last, freq="7D")
    shop_units = sums.groupby("week")["units"].sum().reindex(calendar, fill_value=0.0)
    found = {}
    for sku, each in sums.groupby("sku"):
        rows = each.set_index("week").reindex(calendar)
        rows = rows.loc[rows["units"].first_valid_index() :] if rows["units"].notna().any() else rows[:0]
        units = rows["units"].fillna(0.0)
        share = rows["offered"] / rows["units"]
        found[str(sku)] = pd.DataFrame(
            {
                "units": units,
                # In a week without a sale the price of the last sale stood.
                "price": (rows["worth"] / rows["units"]).ffill(),
                "discounted": share.fillna(share.mean()),
                "others": np.log1p(shop_units.reindex(rows.index) - units),
            }
        ).reset_index(drop=True)
    return found


def _chance(unit: Unit, weeks: pd.DataFrame | None, currency: str | None, level: float) -> Chance:
    from sellerlab import pricing

    pace = float(weeks["units"].tail(13).mean()) if weeks is not None and len(weeks) else 0.0
    step = STEP * unit.price * unit.slope
    made: dict[str, Any] = {
        "unit": unit, "may_lose": 1 - unit.left / (unit.left + step), "found": None, "pace": pace,
        "price": None, "gain": None,
    }  # fmt: skip
    fewer = text.percent(made["may_lose"], 0)
    wait = f"Too few sales for a test. 10% more pays unless it sells {fewer} fewer: try it and watch."
    if weeks is None or not pace > 0:
        return Chance(**made, verdict="wait", why=wait)
    controls = ["discounted", "others"]
    found = pricing.own_price_elasticity(weeks, controls=controls, currency=currency, confidence=level)
    made["found"] = found
    if found.elasticity is not None and found.high is not None and found.high < 0:
        return Chance(**made | _read(unit, found, currency))
    spread = found.unit_spread or 1 / np.sqrt(pace)
    try:
        test = pricing.price_test(unit.price, spread, longest=LONGEST, precision=1.0, currency=currency)
    except InputError:
        return Chance(**made, verdict="wait", why=wait)
    low, high = (text.money(unit.price * (1 + sign * test.spread), currency) for sign in (-1, 1))
    why = f"Test {low} and {high} in turn for {text.number(test.periods)} weeks."
    return Chance(**made, verdict="test", why=why)


def _together(chances: list[Chance]) -> str:
    """Say how long a test of all products that sell too little takes together."""
    from sellerlab import pricing

    pace = sum(each.pace for each in chances if each.verdict == "wait")
    if not pace > 0:
        return ""
    try:
        test = pricing.price_test(1.0, 1 / np.sqrt(pace), longest=LONGEST)
    except InputError:
        return ""
    return (
        f" Together they sell {text.number(pace)} a week: one test that moves the prices of all of them "
        f"{text.percent(test.spread, 0)} up and down in turn takes {text.number(test.periods)} weeks."
    )


def _read(unit: Unit, found: Elasticity, currency: str | None) -> dict[str, Any]:
    """Read an elasticity that is known: where the profit-best price lies, and what it would bring."""
    from sellerlab import pricing

    terms = {"fees": unit.fee, "fixed_cost": unit.other_costs, "vat_rate": unit.vat}
    best = pricing.profit_best(found, unit.cost, **terms)
    words = (
        f"elasticity {text.number(found.elasticity or 0.0, 1)} ({text.number(found.low or 0.0, 1)} to "
        f"{text.number(found.high or 0.0, 1)})"
    )
    # Prices were charged before discounts, so that is what they are compared with.
    now = found.price_typical
    target = best.nearest
    if target is None or abs(target / now - 1) < 0.01:
        return {"verdict": "keep", "why": f"Its price is about right: {words}."}
    each = unit.left + (target - now) * unit.slope
    ends = (found.elasticity, found.low, found.high)
    gains = [each * (target / now) ** (end or 0.0) - unit.left for end in ends]
    if min(gains) <= 0:
        return {"verdict": "keep", "why": f"Its weeks show no better price for sure: {words}."}
    verdict = "raise" if target > now else "lower"
    why = f"Better {text.money(target, currency)} than {text.money(now, currency)}: {words}."
    return {"verdict": verdict, "why": why, "price": target, "gain": gains[0] * unit.units}
