"""Which ads pay: campaigns against their break-even, and keep, cut or wait for each keyword.

The one idea: a keyword is judged with its campaign's own value of an order and with what its campaign's
keywords have shown, since its own clicks are few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sellerlab import text
from sellerlab.report.inputs import Inputs
from sellerlab.report.reviews import files
from sellerlab.report.reviews.terms import Terms, channel_parameters, told
from sellerlab.report.sections import Note
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sellerlab.ads import Campaigns


@dataclass(frozen=True, kw_only=True, repr=False)
class KeywordList(Result):
    """Which keywords to keep, to cut, or to wait for; `table` has one row a keyword, what to cut first.

    Attributes:
        keep: Keywords that pay.
        cut: Keywords that do not.
        wait: Keywords whose clicks do not say yet.
        losses: Keyword to cut to what it lost in the period.
    """

    keep: tuple[str, ...]
    cut: tuple[str, ...]
    wait: tuple[str, ...]
    losses: Mapping[str, float]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a keyword."""
        return 1.6 + 0.3 * max(min(len(self.table), 25), 2)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.patches import Patch

        from sellerlab import plots

        rows = self.table.head(25)
        colours = {"cut": plots.LOSS, "wait": plots.MUTED, "keep": plots.GAIN}
        plots.bars(
            ax, rows["keyword"].tolist(), rows["left"].tolist(), [colours[each] for each in rows["verdict"]]
        )
        ax.axvline(0, color="#444444", linewidth=1)
        plots.money_axis(ax, self.currency, axis="x")
        ax.set_title("What each keyword left after its cost")
        kinds = [kind for kind in colours if (rows["verdict"] == kind).any()]
        ax.legend(handles=[Patch(color=colours[kind], label=kind) for kind in kinds], loc="lower right")


@dataclass(frozen=True)
class Advertising:
    """What ads brought; each part is a result, or a note where it cannot be told."""

    campaigns: Campaigns | Note
    keywords: KeywordList | Note


def advertising(shop: Inputs, found: Terms) -> Advertising:
    """Return the metrics of the campaigns against their break-even, and keep, cut or wait for keywords.

    Args:
        shop: What `load_review` gave.
        found: What `terms` gave.
    """
    from sellerlab import ads

    given = channel_parameters(shop)
    if not given.ads:
        none = Note(
            "No ads are given, so it is not known which of them pay. Give --ads: a file with day, campaign, "
            "keyword, clicks, spend, orders and revenue."
        )
        return Advertising(none, none)
    table = files.ads(given.ads, given.dayfirst)
    rows = table.between("day", shop.start, shop.end)
    if rows.empty:
        none = Note(f"No figure of the ads lies in {shop.window.words}.")
        return Advertising(none, none)
    currency = given.ads_currency or shop.currency
    rate = found.rate if found.rate and found.rate > 0 else None
    sales = found.pnl.net_sales + found.pnl.tax if currency == shop.currency else None
    whole = told(
        ads.campaigns, rows, contribution_rate=rate, vat_rate=found.vat, total_sales=sales, currency=currency
    )
    whole = table.told(whole)
    if rate is None:
        return Advertising(whole, Note(_NO_RATE))
    needed = ("keyword", "clicks", "orders", "revenue")
    if any(name not in rows or rows[name].isna().all() for name in needed):
        return Advertising(whole, Note(f"Keywords need the columns {', '.join(needed)}."))
    return Advertising(whole, _keywords(rows, rate / (1 + found.vat), currency))


_NO_RATE = (
    "Whether an ad pays is not known without what a sale leaves. Give products with landed_cost and a file "
    "of costs with fees and parcels, or --contribution-rate."
)


def _keywords(rows: pd.DataFrame, rate: float, currency: str) -> KeywordList | Note:
    from sellerlab import ads

    tables, why = [], []
    for name, each in rows.dropna(subset=["keyword"]).groupby("campaign", sort=True):
        orders, revenue = each["orders"].sum(), each["revenue"].sum()
        if orders <= 0 or revenue <= 0:
            why.append(f"{name} has no order.")
            continue
        order = float(revenue / orders * rate)
        judged = told(ads.keywords, each, order, currency=currency)
        if isinstance(judged, Note) or judged.prior_rate is None:
            why.append(f"{name}: {judged.sentence}")
            continue
        table = pd.DataFrame(judged.table)
        left = table["orders"] * order - table["spend"]
        tables.append(table.assign(campaign=str(name), left=left.round(6)))
    if not tables:
        return Note(" ".join(why) or "The ads name no keyword.")
    whole = pd.concat(tables, ignore_index=True)
    order_of = {"cut": 0, "keep": 1, "wait": 2}
    whole["place"] = whole["verdict"].map(order_of)
    # What to cut, the largest loss first; then what to keep and what to wait for, the best first.
    whole["down"] = whole["left"].where(whole["verdict"] == "cut", -whole["left"])
    whole = whole.sort_values(["place", "down", "keyword"]).reset_index(drop=True)
    said = [f"{row.campaign}: {_keyword_words(row)}" for row in whole.itertuples(index=False)]
    groups = {name: tuple(whole.loc[whole["verdict"] == name, "keyword"]) for name in ("keep", "cut", "wait")}
    counts = {name: text.number(len(each)) for name, each in groups.items()}
    lost = whole[(whole["verdict"] == "cut") & (whole["left"] < 0)]
    spent = text.money(float(-lost["left"].sum()), currency)
    sentence = (
        f"Keywords that pay: {counts['keep']} of {text.number(len(whole))}; keywords that do not, to cut: "
        f"{counts['cut']}; with too few clicks to tell: {counts['wait']}."
    )
    if len(lost):
        sentence += f" Those to cut lost {spent} in the period."
    return KeywordList(
        table=whole[["keyword", "verdict", "clicks", "orders", "spend", "left"]].assign(what_to_do=said),
        sentence=" ".join([sentence, *why]),
        definition=(
            "Left = orders x what an order leaves - spend, with the campaign's own value of an order. A "
            "keyword's rate is drawn towards its campaign's, the more the fewer its clicks; keep where it "
            "pays with 90% certainty, cut where it does not, else wait."
        ),
        currency=currency,
        formats={"clicks": "count", "orders": "count", "spend": "money", "left": "money"},
        losses=dict(zip(lost["keyword"], -lost["left"], strict=True)),
        **groups,
    )


def _keyword_words(row: Any) -> str:
    # No sample is certain of anything.
    pays = text.percent(min(max(row.pays, 0.01), 0.99), 0)
    if row.verdict == "cut":
        return f"cut it. It pays with {pays} certainty only."
    if row.verdict == "keep":
        more = "more than " if row.pays > 0.99 else ""
        return f"keep it. It pays with {more}{pays} certainty."
    if row.wait_clicks == row.wait_clicks and row.wait_clicks:
        return f"wait for {text.number(row.wait_clicks)} more clicks; so far it pays with {pays} certainty."
    return f"stands at its break-even: it pays with {pays} certainty."
