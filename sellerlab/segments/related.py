"""Which products are bought together more often than chance: support, confidence, lift.

The one idea: two things that everybody buys stand in many baskets together without any link. Lift takes that
out, and is read against the lift that chance gives in baskets of these sizes: below 1 where most baskets
are small. It is read with its interval too: a high lift from five baskets is noise. Chance is one number for
all pairs and lies higher between popular products, so a pair counts as sure only where it also lies above 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import plots, tables, text
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
        surely: Pairs whose lift, with its whole interval, lies above `sure_above`.
        chance: The lift that chance gives in baskets of these sizes, which is the lift of all pairs of
            products together; None where fewer than two products were bought.
    """

    baskets: int
    pairs: int
    surely: int
    chance: float | None

    @property
    def sure_above(self) -> float:
        """The lift that a pair has to pass to be surely linked: chance, and never less than 1."""
        return max(1.0, self.chance or 0.0)

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
        draw_intervals(ax, labels, middle, low, high, against=self.sure_above)
        from matplotlib.ticker import LogLocator, MaxNLocator

        ax.set_xscale("log")
        # Within a power of ten 1, 2 and 5 may all but one lie outside.
        wide = max(self.sure_above, *high) / min(self.sure_above, *low) > 10
        ax.xaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(5, steps=[1, 2, 5, 10])
        )
        ax.xaxis.set_major_formatter(lambda value, _: _tick(value))
        ax.xaxis.set_minor_formatter(lambda *_: "")
        if self.chance:
            ax.axvline(self.chance, color=plots.MUTED, linestyle=":", linewidth=2)
        ax.set_xlabel(text.say("lift (dotted: chance, {chance})", chance=text.number(self.chance or 0, 2)))
        ax.set_title(text.say("Bought together"))


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
    chance = N sum over baskets of k (k - 1) / ((sum of k)^2 - sum over products of n^2), with N baskets of k
    products each, and each product in n baskets

    With many products chance is E[k (k - 1)] / E[k]^2. Where most baskets are small it is below 1: who buys
    one thing seldom buys a second. So a lift below 1 is no sign that two products repel each other. Chance is
    one number for all pairs; between two popular products it lies higher, so a pair is called surely linked
    only where its whole interval lies above chance and above 1.

    A basket counts a product once. The interval of the lift is that of its logarithm by the delta method,
    widened for all pairs of products that stand in `min_count` baskets (Bonferroni), so that the best of many
    is not taken for sure.

    Args:
        orders: Order lines (`tables.ORDERS`), any frame narwhals knows. Paid sale lines count.
        products: Products with names, for the words.
        by: Column of what is bought: ``"sku"`` or ``"category"``.
        basket: Column of the basket: ``"order_id"``, or ``"customer_id"`` for all a customer ever bought.
        item: Only rules that start from this product.
        min_count: Baskets both must stand in; below it no number is given. 1 or more.
        min_items: Fewest different products in a basket for it to count, in every number here. 1 counts
            all baskets. 2 leaves those of one product out and asks: once somebody buys several products,
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
    Chance: all pairs counted, against all pairs expected if every lift were 1.

    >>> import pandas as pd
    >>> orders = pd.DataFrame({
    ...     "order_id": list("112234"), "sku": ["case", "film", "case", "film", "case", "stand"],
    ...     "ordered_at": pd.Timestamp("2026-05-02"), "quantity": 1, "unit_price": 900.0,
    ... })
    >>> result = related(orders, min_count=2, item="film")
    >>> result.table[["support", "confidence", "lift"]].iloc[0].round(4).tolist()
    [0.5, 1.0, 1.3333]
    >>> round(result.chance, 3)
    0.727
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
    # Pairs that fell below min_count were compared too: the best of all is not the best of those shown.
    frequent = sum(n >= min_count for n in counts.values())
    compared = max(frequent * (frequent - 1) // 2, 1)
    columns = _rules(both, counts, baskets, item, confidence, called, compared)
    low = dict(zip(zip(columns["item"], columns["related"], strict=True), columns["lift_low"], strict=True))
    chance = _chance(sold, list(counts.values()), baskets)
    surely = {frozenset(pair) for pair, each in low.items() if each > max(1.0, chance or 0.0)}
    return Related(
        table=tables.from_columns(columns, orders),
        sentence=_sentence(columns, len(both), len(surely), baskets, min_count, item, chance),
        definition=text.say(
            "Support = baskets with both / all baskets; confidence = baskets with both / baskets with the "
            "item, with a {level} Wilson interval; lift = confidence / (baskets with the related one / all "
            "baskets), with a {level} interval over all {pairs} pairs at once. Paid sale lines count; pairs "
            "in fewer than {minimum} baskets are left out. Baskets of {items} products or more count. Chance "
            "= lift of all pairs of products together: {chance}, below 1 where baskets are small and "
            "higher between popular products: a pair is surely above it where its whole interval is, and "
            "above 1 too.",
            items=text.number(min_items),
            chance="–" if chance is None else text.number(chance, 2),
            level=text.percent(confidence, 0),
            pairs=text.number(compared),
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
        chance=chance,
    )


def _chance(sold: nw.LazyFrame[Any], counts: Sequence[int], baskets: int) -> float | None:
    """Return the lift of all pairs of products together: pairs counted / pairs expected at a lift of 1."""
    sizes = sold.group_by("basket").agg(k=nw.len()).group_by("k").agg(n=nw.len()).collect().rows()
    pairs = sum(int(n) * int(k) * (int(k) - 1) for k, n in sizes)
    expected = sum(counts) ** 2 - sum(n * n for n in counts)
    return baskets * pairs / expected if expected else None


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
    compared: int,
) -> dict[str, list[Any]]:
    from scipy.special import ndtri

    rules = [(a, b, n) for (x, y), n in both.items() for a, b in ((x, y), (y, x)) if item in (None, a)]
    n = np.array([each[2] for each in rules], float)
    first = np.array([counts[each[0]] for each in rules], float)
    second = np.array([counts[each[1]] for each in rules], float)
    lift = n * baskets / (first * second)
    # Delta method for the logarithm of p11 / (p1. p.1), multinomial counts.
    variance = 1 / n - 1 / first - 1 / second + (2 * lift - 1) / baskets
    z = float(ndtri(1 - (1 - confidence) / 2 / compared))
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
    columns: Mapping[str, list[Any]],
    pairs: int,
    surely: int,
    baskets: int,
    min_count: int,
    item: str | None,
    chance: float | None,
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
        "lift": text.number(columns["lift"][0], 2),
        "chance": text.number(chance or 0, 2),
    }
    said = [
        text.say(
            "Of {with_item} baskets with {item}, {both} also hold {related}: {share} ({low} to {high}), "
            "a lift of {lift}; chance alone gives {chance}.",
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
        said.append(text.say("No lift here is surely above chance."))
    return " ".join(said)
