"""A shop's posts, and the listings they lead to: what lesson 44 asks of a shop, in one place.

The one idea: a live show has its fixed hour and its regular guests, a video has neither, so only videos are
counted here. A shop without listings borrows those of Seo-yeon, as a shop without totals borrows hers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sellerlab.content import Breakout, breakout
from sellerlab.errors import InputError, unknown

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

#: Columns that a log of posts needs.
COUNTS = ("views", "likes", "shares", "comments", "clicks", "orders")


@dataclass(frozen=True, kw_only=True, eq=False)
class Posts:
    """A shop's videos.

    Attributes:
        videos: One row a video, in order of time where it is known.
        lives: Rows of other kinds, left out of every sum here.
    """

    videos: pd.DataFrame
    lives: pd.DataFrame

    @cached_property
    def found(self) -> Breakout:
        """The chance of a breakout, as counted."""
        return breakout(self.videos)

    @property
    def rate(self) -> float:
        """Chance that one video breaks out."""
        return float(self.found.rate or 0.0)

    @cached_property
    def usual(self) -> float:
        """Mean views of the videos that did not break out."""
        views = self.videos["views"]
        return float(views[views < self.found.threshold].mean())

    @cached_property
    def broken_out(self) -> float:
        """Mean views of those that did; those of a usual one where none did."""
        views = self.videos["views"]
        out = views[views >= self.found.threshold]
        return float(out.mean()) if len(out) else self.usual

    def before(self, days: int = 30) -> pd.Series:
        """Return for each video how many came in so many days before it; empty for the first days.

        Args:
            days: Days looked back.

        Raises:
            UnknownNameError: The log has no column posted_at.
        """
        if "posted_at" not in self.videos:
            raise unknown("column of content", "posted_at", self.videos.columns)
        when = self.videos["posted_at"]
        at = when.to_numpy()
        count = np.arange(len(at)) - np.searchsorted(at, at - np.timedelta64(days, "D"))
        known = when - when.min() >= pd.Timedelta(days=days)
        counted: pd.Series = pd.Series(count, index=self.videos.index).where(known)
        return counted


@lru_cache(maxsize=4)
def posts(shop: Shop) -> Posts:
    """Return a shop's videos; where the log does not say what is a video, all posts.

    Args:
        shop: A shop whose table `content` has the columns of `COUNTS`; kind and posted_at where they are
            known.

    Raises:
        UnknownNameError: A column is missing.
        InputError: There are too few posts, or posted_at holds no times.
    """
    table = shop.content
    for name in COUNTS:
        if name not in table:
            raise unknown("column of content", name, table.columns)
    table = table.dropna(subset=list(COUNTS))
    if "posted_at" in table:
        table = table.assign(posted_at=_times(table["posted_at"])).sort_values("posted_at", kind="stable")
    video = table["kind"].eq("video") if "kind" in table else pd.Series(True, index=table.index)
    video = video if video.any() else ~video
    made = Posts(videos=table[video].reset_index(drop=True), lives=table[~video].reset_index(drop=True))
    if made.found.rate is None:
        raise InputError(f"Your log is too short. {made.found.sentence} Take the demo shop until then.")
    return made


def _times(column: pd.Series) -> pd.Series:
    """Return the times on their own clock, without its zone."""
    try:
        when = pd.to_datetime(column, format="ISO8601")
    except ValueError:
        raise InputError(
            f"posted_at holds {column.iloc[0]!r}: write times such as '2026-08-31 19:30'."
        ) from None
    return when.dt.tz_localize(None)


def planted_rate(shop: Shop, threshold: float) -> float:
    """Return the true chance that one video of a simulated shop has so many views.

    Views are planted log-normal, and a few posts have theirs multiplied: with the median m, the spread s,
    the chance c and the factor f it is (1 - c) Q(ln(t / m) / s) + c Q(ln(t / (m f)) / s), Q the upper tail.

    Args:
        shop: A simulated shop.
        threshold: Views.
    """
    truth = shop.truth["content"]

    def tail(factor: float) -> float:
        size = threshold / (truth["median_views"] * factor)
        return 1 - NormalDist().cdf(float(np.log(size)) / truth["sigma_log_views"])

    chance = truth["breakout_chance"]
    return float((1 - chance) * tail(1.0) + chance * tail(truth["breakout_factor"]))


@lru_cache(maxsize=4)
def listed(shop: Shop) -> pd.DataFrame:
    """Return the shop's own listings, or those of Seo-yeon's shop with the units that each sold."""
    if "listings" in shop.tables:
        return shop.listings
    other = _other(shop)
    lines = other.orders[(other.orders["status"] == "paid") & (other.orders["quantity"] > 0)]
    units = lines.groupby("sku")["quantity"].sum()
    return other.listings.assign(units=other.listings["sku"].map(units).fillna(0).astype(int))


def searches(shop: Shop, words: Sequence[str]) -> dict[str, float]:
    """Return what buyers search for and how often, where a keyword holds one of the words.

    Args:
        shop: A shop with a table `keywords` (keyword, searches), or one that borrows it.
        words: Parts of keywords that fit the product; none for every keyword.
    """
    table = shop.keywords if "keywords" in shop.tables else _other(shop).keywords
    fits = [not words or any(word in keyword for word in words) for keyword in table["keyword"]]
    kept = table[fits]
    return dict(zip(kept["keyword"], kept["searches"].astype(float), strict=True))


@lru_cache(maxsize=4)
def _other(shop: Shop) -> Shop:
    from sellerlab import datasets

    return datasets.simulate("baby_goods", seed=shop.seed or "demo")
