"""Which products are bought together more often than chance: support, confidence, lift.

The one idea: two things that everybody buys stand in many baskets together without any link. Lift compares
with what chance alone would give, and is read with its interval: a high lift from five baskets is noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.counted import in_period, quick
from sellerlab.errors import InputError, TableError, check_rate, unknown
from sellerlab.intervals import draw_intervals, wilson
from sellerlab.overview.ranking import product_names
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class Related(Result):
    """Rules "who buys this also buys that"; `table` has one row a rule, surest lift first.

    Attributes:
        baskets: Baskets counted, those of one product included.
        pairs: Pairs of products that stand together in `min_count` baskets or more.
        surely: Pairs whose lift is surely above 1.
    """

    baskets: int
    pairs: int
    surely: int

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one line a pair."""
        return 1.6 + 0.42 * min(max(self.pairs, 2), 10)

    def _draw(self, ax: Axes) -> None:
        data = nw.from_native(self.table).lazy().collect()
        seen: dict[frozenset[str], tuple[str, float, float, float]] = {}
        for row in data.rows(named=True):
            pair = frozenset((str(row["item"]), str(row["related"])))
            names = {"item": row["item_name"], "related": row["related_name"]}
            seen.setdefault(
                pair,
                (text.say("{item} + {related}", **names), row["lift"], row["lift_low"], row["lift_high"]),
            )
        shown = list(seen.values())[:10]
        if not shown:
            ax.text(0.5, 0.5, text.say("no pair to show"), ha="center", transform=ax.transAxes)
            ax.set_axis_off()
            return
        labels, middle, low, high = zip(*shown, strict=True)
        draw_intervals(ax, labels, middle, low, high, against=1)
        from matplotlib.ticker import LogLocator, MaxNLocator

        ax.set_xscale("log")
        # Within a power of ten 1, 2 and 5 may all but one lie outside.
        wide = max(1, *high) / min(1, *low) > 10
        ax.xaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(5, steps=[1, 2, 5, 10])
        )
        ax.xaxis.set_major_formatter(lambda value, _: _tick(value))
        ax.xaxis.set_minor_formatter(lambda *_: "")
        ax.set_xlabel(text.say("lift (1 = chance)"))


def related(
    orders: Any,
    products: Any = None,
    *,
    by: str = "sku",
    basket: str = "order_id",
    item: str | None = None,
    min_count: int = 5,
    min_items: int = 1,
    confidence: float = 0.95,
    **names: str,
) -> Related:
    """Return which products stand in the same baskets, with support, confidence and lift.

    support = baskets with both / all baskets
    confidence = baskets with both / baskets with the item
    lift = confidence / (baskets with the related one / all baskets)

    A basket counts a product once. The interval of the lift is that of its logarithm by the delta method,
    widened for the number of pairs compared (Bonferroni), so that the best of many is not taken for sure.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows. Paid sale lines count.
        products: Products with names, for the words.
        by: Column of what is bought: ``"sku"`` or ``"category"``.
        basket: Column of the basket: ``"order_id"``, or ``"customer_id"`` for all a customer ever bought.
        item: Only rules that start from this product.
        min_count: Baskets both must stand in; below it no number is given. 1 or more.
        min_items: Fewest different products in a basket for it to count, in every number here. 1 counts
            all baskets; where most of them hold one product, lifts lie below 1, as who buys one thing
            seldom buys a second. 2 leaves those baskets out and asks: once somebody buys several products,
            which ones?
        confidence: Level of the intervals.
        **names: The caller's own column names.

    Returns:
        `Related`; its table has item, item_name, related, related_name, both, with_item, with_related,
        baskets, support, confidence, confidence_low, confidence_high (Wilson), lift, lift_low, lift_high.

    Raises:
        TableError: A column is missing.
        InputError: `min_count` or `min_items` is below 1, there is no paid sale, or nobody bought `item`.

    Source: R. Agrawal, T. Imielinski, A. Swami, "Mining association rules", 1993; lift: S. Brin et al., 1997.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": list("112234"), "sku": ["case", "film", "case", "film", "case", "stand"],
    ...     "ordered_at": pd.Timestamp("2026-05-02"), "quantity": 1, "unit_price": 900.0,
    ... })
    >>> result = related(orders, min_count=2, item="film")
    >>> result.table[["support", "confidence", "lift"]].iloc[0].round(4).tolist()
    [0.5, 1.0, 1.3333]
    """
    for name, least in (("min_count", min_count), ("min_items", min_items)):
        if least < 1:
            raise InputError(f"{name} is {least}: expected 1 or more.")
    check_rate("confidence", confidence, below_high=True)
    lines = in_period(quick(orders), names=names)
    present = lines.collect_schema().names()
    for name in (by, basket):
        if name not in present:
            raise TableError(str(unknown("column", name, present)))
    sold = lines.filter(nw.col("status") == "paid", nw.col("kind") == "sale", nw.col("quantity") > 0)
    sold = sold.select(what=nw.col(by), basket=nw.col(basket)).drop_nulls().unique()
    if min_items > 1:
        sizes = sold.group_by("basket").agg(n=nw.len()).filter(nw.col("n") >= min_items)
        sold = sold.join(sizes.select("basket"), on="basket", how="inner")
    baskets = int(sold.select(nw.col("basket").n_unique()).collect().item() or 0)
    if not baskets:
        raise InputError("There is no paid sale with a product and a basket. Check the statuses and columns.")
    counts = {row[0]: int(row[1]) for row in sold.group_by("what").agg(n=nw.len()).collect().rows()}
    if item is not None and item not in counts:
        raise unknown("product sold", item, counts)
    # A product that is rarer than min_count cannot be in a pair that is not.
    often = sold.group_by("what").agg(n=nw.len()).filter(nw.col("n") >= min_count)
    kept = sold.join(often.select("what"), on="what", how="inner")
    other = kept.select("basket", other=nw.col("what"))
    pairs = kept.join(other, on="basket", how="inner").filter(nw.col("what") < nw.col("other"))
    found = pairs.group_by("what", "other").agg(n=nw.len()).filter(nw.col("n") >= min_count)
    both = {(row[0], row[1]): int(row[2]) for row in found.collect().rows()}
    called = product_names(orders, products, **names) if by == "sku" else {}
    columns = _rules(both, counts, baskets, item, confidence, called)
    low = dict(zip(zip(columns["item"], columns["related"], strict=True), columns["lift_low"], strict=True))
    surely = {frozenset(pair) for pair, each in low.items() if each > 1}
    return Related(
        table=tables.from_columns(columns, orders),
        sentence=_sentence(columns, len(both), len(surely), baskets, min_count, item),
        definition=text.say(
            "Support = baskets with both / all baskets; confidence = baskets with both / baskets with the "
            "item, with a {level} Wilson interval; lift = confidence / (baskets with the related one / all "
            "baskets), with a {level} interval over all {pairs} pairs at once. Paid sale lines count; pairs "
            "in fewer than {minimum} baskets are left out. Baskets of {items} products or more count.",
            items=text.number(min_items),
            level=text.percent(confidence, 0),
            pairs=text.number(len(both)),
            minimum=text.number(min_count),
        ),
        formats={
            **dict.fromkeys(("both", "with_item", "with_related", "baskets"), "count"),
            **dict.fromkeys(("support", "confidence", "confidence_low", "confidence_high"), "rate"),
            **dict.fromkeys(("lift", "lift_low", "lift_high"), "number"),
        },
        baskets=baskets,
        pairs=len(both),
        surely=len(surely),
    )


def _tick(value: float) -> str:
    """Write a tick with as many decimals as it has, three at most."""
    exact = (places for places in (0, 1, 2) if abs(value - round(value, places)) < 1e-9)
    return text.number(value, next(exact, 3))


def _rules(
    both: Mapping[tuple[Any, Any], int],
    counts: Mapping[Any, int],
    baskets: int,
    item: str | None,
    confidence: float,
    called: Mapping[Any, str],
) -> dict[str, list[Any]]:
    from scipy.special import ndtri

    rules = [(a, b, n) for (x, y), n in both.items() for a, b in ((x, y), (y, x)) if item in (None, a)]
    n = np.array([each[2] for each in rules], float)
    first = np.array([counts[each[0]] for each in rules], float)
    second = np.array([counts[each[1]] for each in rules], float)
    lift = n * baskets / (first * second)
    # Delta method for the logarithm of p11 / (p1. p.1), multinomial counts.
    variance = 1 / n - 1 / first - 1 / second + (2 * lift - 1) / baskets
    z = float(ndtri(1 - (1 - confidence) / 2 / max(len(both), 1)))
    width = np.exp(z * np.sqrt(np.maximum(variance, 0.0)))
    low, high = wilson(n, first, confidence)
    # Surest first; equal ones by what more baskets say, then by name.
    order = sorted(range(len(rules)), key=lambda k: (-lift[k] / width[k], -n[k], *map(str, rules[k][:2])))
    numbers: dict[str, Any] = {
        "both": n,
        "with_item": first,
        "with_related": second,
        "baskets": np.full(len(rules), float(baskets)),
        "support": n / baskets,
        "confidence": n / first,
        "confidence_low": low,
        "confidence_high": high,
        "lift": lift,
        "lift_low": lift / width,
        "lift_high": lift * width,
    }
    columns: dict[str, list[Any]] = {}
    for place, name in enumerate(("item", "related")):
        columns[name] = [str(rules[k][place]) for k in order]
        columns[f"{name}_name"] = [called.get(rules[k][place]) or str(rules[k][place]) for k in order]
    return columns | {name: [float(each[k]) for k in order] for name, each in numbers.items()}


def _sentence(
    columns: Mapping[str, list[Any]], pairs: int, surely: int, baskets: int, min_count: int, item: str | None
) -> str:
    words = {
        "baskets": text.number(baskets),
        "pairs": text.number(pairs),
        "minimum": text.number(min_count),
        "surely": text.number(surely),
    }
    if not columns["item"]:
        if item is not None:
            return text.say(
                "In {baskets} baskets nothing stands with {item} {minimum} times or more: too little to say.",
                item=item,
                **words,
            )
        return text.say(
            "In {baskets} baskets no two products stand together {minimum} times or more: too little to say.",
            **words,
        )
    words |= {
        "item": columns["item_name"][0],
        "related": columns["related_name"][0],
        "both": text.number(columns["both"][0]),
        "with_item": text.number(columns["with_item"][0]),
        "share": text.percent(columns["confidence"][0]),
        "low": text.percent(columns["confidence_low"][0]),
        "high": text.percent(columns["confidence_high"][0]),
        "lift": text.number(columns["lift"][0], 1),
    }
    said = [
        text.say(
            "Of {with_item} baskets with {item}, {both} also hold {related}: {share} ({low} to {high}), "
            "{lift} times what chance would give.",
            **words,
        )
    ]
    if item is None:
        said.append(
            text.say(
                "Surely above chance: {surely} of {pairs} pairs that stand {minimum} times or more in "
                "{baskets} baskets.",
                **words,
            )
        )
    elif not surely:
        said.append(text.say("No lift here is surely above 1."))
    return " ".join(said)
