"""What each channel leaves, what a test says, and the list of things to do about channels.

The one idea: a section is made from the file that can answer it. Where there is none, the section says which
file that would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerlab import text
from sellerlab.report.inputs import Inputs
from sellerlab.report.reviews import files
from sellerlab.report.reviews.advertising import Advertising, advertising
from sellerlab.report.reviews.terms import Terms, channel_parameters, terms
from sellerlab.report.reviews.visitors import Changes, Passages, changes, passages
from sellerlab.report.reviews.worklist import Item, Worklist, worklist
from sellerlab.report.sections import Note
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sellerlab.experiments import RateTest
    from sellerlab.funnel import Daily


@dataclass(frozen=True, kw_only=True, repr=False)
class ChannelsLeft(Result):
    """What each channel brought and left; `table` has one row a channel, what left most first.

    Attributes:
        left: Channel to what it left; empty where no landed cost is known.
    """

    left: Mapping[str, float]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a channel."""
        return 1.3 + 0.45 * max(len(self.table), 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        column = "left" if self.left else "net_sales"
        values = self.table[column].tolist()
        colours = [plots.LOSS if each < 0 else plots.GAIN for each in values]
        plots.bars(ax, self.table["channel"].tolist(), values, colours)
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title("What each channel left" if self.left else "Net sales of each channel")


def channels_left(shop: Inputs) -> ChannelsLeft | Note:
    """Return net sales, orders and contribution before advertising of each channel.

    Args:
        shop: What `load_review` gave.
    """
    from sellerlab import margin

    lines = shop.orders.assign(channel=shop.orders["channel"].fillna("no channel"))
    pnl = margin.profit_and_loss(
        lines, shop.products, costs=shop.costs, by="channel", start=shop.start, end=shop.end
    )
    level = min(pnl.level, 2)
    rows = pd.DataFrame(pnl.table).copy()
    rows["left"] = rows[f"contribution_{level}"] if level else float("nan")
    rows = rows.sort_values(["left", "net_sales", "channel"], ascending=[False, False, True])
    currency = pnl.currency
    shares = (rows["left"] / rows["net_sales"]).tolist()
    refunds = (rows["refunds"] / (rows["gross_sales"] - rows["discounts"] + rows["shipping"])).tolist()
    words = [
        f"{text.percent(share)} of net sales left; {text.percent(back)} of sales given back."
        if level
        else f"{text.percent(back)} of sales given back."
        for share, back in zip(shares, refunds, strict=True)
    ]
    table = pd.DataFrame(
        {
            "channel": rows["channel"].astype(str).tolist(),
            "words": words,
            "orders": rows["orders"].astype(float).tolist(),
            "net_sales": rows["net_sales"].tolist(),
            "left": rows["left"].tolist(),
        }
    )
    first, last = table.iloc[0], table.iloc[-1]
    if len(table) == 1:
        said = f"All orders came through one channel: {first['channel']}."
    elif not level:
        said = (
            f"Of {text.number(len(table))} channels, {first['channel']} brought most: "
            f"{text.money(first['net_sales'], currency)} of net sales. What each leaves is not known without "
            "landed costs."
        )
    else:
        said = (
            f"Of {text.number(len(table))} channels, {first['channel']} left most: "
            f"{text.money(first['left'], currency)} of {text.money(first['net_sales'], currency)} of net "
            f"sales. {last['channel']} left least: {text.money(last['left'], currency)}."
        )
    return ChannelsLeft(
        table=table,
        sentence=said,
        definition=(
            f"Left = contribution {level}, before advertising. " if level else "No landed cost is known. "
        )
        + pnl.definition,
        currency=currency,
        formats={"orders": "count", "net_sales": "money", "left": "money"},
        left=dict(zip(table["channel"], table["left"], strict=True)) if level else {},
    )


def test_result(shop: Inputs) -> RateTest | Note:
    """Return what a test of two or more variants says, its split checked first.

    Args:
        shop: What `load_review` gave.
    """
    from sellerlab import experiments

    given = channel_parameters(shop)
    if not given.test:
        return Note(
            "No test is given. Give --test: a file with one row a visitor, the variant seen, and orders (0 "
            "or 1); or one row a variant with visitors and orders."
        )
    table = files.visitors_of_test(given.test, given.dayfirst)
    rows = table.rows
    column = "visitors" if "visitors" in rows and rows["visitors"].notna().all() else None
    if column is None:
        rows = rows.assign(orders=(rows["orders"] > 0).astype(float))
    return table.told(experiments.compare_rates(rows, successes="orders", visitors=column))


@dataclass(frozen=True)
class ChannelReview:
    """All that a channel review tells; each is a result, or a note where a file is missing."""

    todo: Worklist
    passages: Passages
    channels: ChannelsLeft | Note
    changes: Changes
    ads: Advertising
    test: RateTest | Note

    @property
    def headline(self) -> dict[str, str]:
        """The share that buys, what the ads left, and what the test says, as far as they are known."""
        found = {}
        rate = getattr(self.passages.funnel, "conversion", None)
        if rate is not None:
            found["Visits that end in an order"] = text.percent(rate)
        left = getattr(self.ads.campaigns, "left", None)
        if left is not None:
            found["Left by ads"] = text.money(left, getattr(self.ads.campaigns, "currency", None))
        if not isinstance(self.test, Note):
            found["Test"] = self.test.verdict.replace("_", " ")
        return found


def channel_review(shop: Inputs) -> ChannelReview:
    """Return all that a channel review tells, with the list of things to do in front.

    Args:
        shop: What `load_review` gave.
    """
    found = terms(shop)
    parts: Mapping[str, Any] = {
        "passages": passages(shop, found),
        "channels": channels_left(shop),
        "changes": changes(shop),
        "ads": advertising(shop, found),
        "test": test_result(shop),
    }
    looked = (parts["passages"].funnel, parts["changes"].rates, parts["ads"].campaigns, parts["test"])
    notes = [each.sentence for each in looked if isinstance(each, Note)]
    money = channel_parameters(shop).ads_currency or shop.currency
    theirs = "Totals and ads are"
    if shop.demo:
        theirs = "Totals, ads and test of the demo are those of a second shop,"
    todo = worklist(
        _items(found, money == shop.currency, **parts),
        notes,
        shop.currency,
        shop.window.words,
        "To win: what one more point of the rate of a step would have brought. Lost: orders missing on odd "
        "days, what a channel lost, what a campaign or a keyword lost after its cost.",
        f"{theirs} in {money}: their money stands in their own sections." if money != shop.currency else "",
    )
    return ChannelReview(todo=todo, **parts)


def _items(
    found: Terms,
    same_money: bool,
    *,
    passages: Passages,
    channels: ChannelsLeft | Note,
    ads: Advertising,
    **_: Any,
) -> Iterator[Item]:
    for row in getattr(passages.funnel, "total", ())[1:]:
        if row.get("value_per_point") and row["rate"] is not None:
            lost = text.number(row["dropped"])
            why = (
                f"{lost} of {text.number(row['of'])} did not take this step. One more point of its rate "
                "would have brought this much."
            )
            yield Item(
                f"Step {row['step']}", "look for what stops them", row["value_per_point"], "to win", why
            )
    days = passages.days
    if not isinstance(days, Note) and days.odd and found.order:
        missing = _missing(days)
        if missing > 0 and days.start and days.end:
            about = f"{text.day(days.start)} to {text.day(days.end)}"
            yield Item(about, "find the fault", missing * found.order, "lost", days.sentence)
    if not isinstance(channels, Note):
        for name, left in channels.left.items():
            if left < 0:
                yield Item(name, "mend or leave it", -left, "lost", "Its sales cost more than they brought.")
    if not same_money:
        return
    if not isinstance(ads.campaigns, Note) and ads.campaigns.left is not None:
        for row in pd.DataFrame(ads.campaigns.table).to_dict("records"):
            if row["left"] < 0:
                why = f"Its ROAS of {text.number(row['roas'], 2)} is under the break-even."
                yield Item(f"Campaign {row['campaign']}", "cut or mend it", -row["left"], "lost", why)
    if not isinstance(ads.keywords, Note):
        for name, loss in ads.keywords.losses.items():
            yield Item(f"Keyword {name}", "cut it", loss, "lost", "It does not pay, with 90% certainty.")


def _missing(days: Daily) -> float:
    """Return the orders that an odd stretch of days lacks against the rate of the other days."""
    if days.start is None or days.end is None:
        return 0.0
    table = pd.DataFrame(days.table)
    inside = table[(table["day"] >= pd.Timestamp(days.start)) & (table["day"] <= pd.Timestamp(days.end))]
    return ((days.usual or 0.0) - (days.rate or 0.0)) * float(inside["of"].sum())
