"""How buyers find the shop: advertisements by keyword, what is searched for, and the listings themselves.

One campaign has many keywords at one budget: each keyword's rate of orders is drawn around the campaign's,
and some truly lose money. The other has its daily budget stepped up: each step brings less than the one
before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.baby_goods.catalogue import ITEMS
from sellerlab.worlds.baby_goods.parameters import AS_OF

AD_DAYS = 60
#: Won by which the daily budget is stepped up.
STEP = 30_000
FEEDING = (
    "baby bottle",
    "silicone bib",
    "glass baby bottle",
    "baby spoon",
    "bib",
    "weaning set",
    "bottle teats",
    "newborn bottle",
    "gauze bib",
    "baby shower gift",
    "waterproof bib",
    "first spoon",
    "baby tableware",
    "teats 3 months",
    "bottle 260 ml",
    "bib set of 5",
    "bottle 160 ml",
    "soft baby spoon",
    "bib for weaning",
    "slow flow teats",
)
DIAPERS = ("diapers", "newborn diapers", "diapers size m", "overnight diapers", "thin diapers")
OTHERS = (
    "baby wipes",
    "wipes 10 packs",
    "travel wipes",
    "muslin blanket",
    "baby blanket winter",
    "baby cooling mat",
    "wooden rattle",
    "singing toy baby",
    "baby oil",
    "swim diapers",
    "baby pool set",
    "first birthday gift",
    "unscented wipes",
    "newborn gift set",
    "baby pillow",
)
#: Title, images, videos, bullets and length of the description of each listing, in the catalogue's order.
_LISTED = (
    ("Newborn Diapers S 60 pieces, thin and soft, for 3 to 6 kg", 7, 1, 5, 3),
    ("Diapers Size M 54 pieces, overnight dry, for 6 to 11 kg", 6, 1, 5, 3),
    ("Diapers L", 3, 0, 2, 1),
    ("Unscented Baby Wipes 10 packs, thick, with lid", 6, 0, 4, 3),
    ("Travel Wipes 6 packs", 4, 0, 3, 1),
    ("Glass Baby Bottle 160 ml for newborns, heat resistant", 8, 1, 5, 4),
    ("Glass Baby Bottle 260 ml with wide neck", 8, 1, 5, 4),
    ("Teats 3 months plus", 3, 0, 2, 1),
    ("First Spoon Set of soft silicone for weaning", 5, 0, 4, 2),
    ("Waterproof Silicone Bib for weaning, with a pocket, folds small", 9, 1, 5, 4),
    ("Bibs 5 pieces", 5, 0, 3, 2),
    (
        "Muslin Blanket 120 x 120 cm cotton light summer newborn baby gift stroller cover nursing soft wash",
        6,
        0,
        5,
        3,
    ),
    ("Winter Fleece Baby Blanket 80 x 100 cm, double layer", 6, 1, 4, 3),
    ("Cooling Mat for Cot and Stroller, machine washable", 7, 0, 5, 3),
    ("Wooden Rattle, beech, sanded by hand", 5, 0, 3, 2),
    ("Singing Chick, a toy that answers when it is hugged", 8, 1, 5, 3),
    ("Baby Oil", 4, 0, 2, 1),
    ("Swim Diapers 12 pieces for the pool, size M", 5, 0, 4, 2),
)
_DETAILS = (
    "It is made for small hands and mouths and was tested for harmful substances.",
    "Parents can wash it by machine at 40 degrees and dry it in the shade.",
    "The parcel leaves our house on the next working day and reaches you within two days.",
    "Write to us on weekdays between ten and five; we answer on the same day.",
)


def parameters(rng: np.random.Generator, fixed: bool) -> dict[str, Any]:
    """Return the true parameters of both campaigns."""

    def between(demo: float, low: float, high: float, digits: int = 3) -> float:
        drawn = float(rng.uniform(low, high))
        return demo if fixed else round(drawn, digits)

    value = int(between(24000, 22000, 27000, -2))
    share = between(0.30, 0.27, 0.33, 2)
    contribution = round(value / 1.1 * share)
    mean, weight = between(0.058, 0.052, 0.064), between(45.0, 35.0, 60.0, 0)
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(FEEDING):
        cost = int(round(340 * float(np.exp(0.22 * rng.standard_normal())), -1))
        rate = round(float(rng.beta(mean * weight, (1 - mean) * weight)), 4)
        rows.append(
            {
                "keyword": name,
                "impressions_a_day": int(max(8, 1000 / (place + 1) ** 1.25 * rng.uniform(0.8, 1.25))),
                "click_rate": round(float(rng.beta(0.014 * 300, 0.986 * 300)), 4),
                "cost_per_click": cost,
                "order_rate": rate,
                "left_per_100_clicks": round(100 * (rate * contribution - cost)),
            }
        )
    return {
        "covers": f"the last {AD_DAYS} days on gmarket; revenue contains 10% VAT",
        "contribution_rate_before_ads": share,
        "keywords": {
            "campaign": "feeding",
            "order_value": value,
            "order_contribution": contribution,
            "order_rate": f"Beta with mean {mean} and weight {weight:g}",
            "each": rows,
            "losing": [row["keyword"] for row in rows if row["left_per_100_clicks"] < 0],
        },
        "budget": {
            "campaign": "diapers",
            "order_value": int(between(28000, 26000, 30000, -2)),
            "daily_budgets": [STEP, 2 * STEP, 3 * STEP, 4 * STEP],
            "roas_of_the_first_step": round(1.1 / share * between(1.96, 1.9, 2.05), 2),
            "power": between(0.60, 0.57, 0.63, 2),
            "formula": f"revenue of a day = roas x {STEP} x (spend / {STEP}) ^ power",
            "break_even_roas": round(1.1 / share, 2),
        },
    }


def ads(rng: np.random.Generator, truth: Mapping[str, Any]) -> pd.DataFrame:
    """Return the advertisements (contract: `tables.ADS`) by day and keyword; `level` is the daily budget.

    A draw in which luck hides what the last step of the budget brings is drawn again.
    """
    day = pd.date_range(AS_OF - pd.Timedelta(days=AD_DAYS - 1), AS_OF, unit="us")
    by_keyword = _keywords(rng, truth["keywords"], day)
    while True:
        by_budget = _budget(rng, truth["budget"], day)
        if _shows(by_budget, truth["budget"]["break_even_roas"]):
            break
    table = pd.concat([by_keyword, by_budget])
    table = table[table["impressions"].gt(0)]
    return table.sort_values(["day", "campaign", "keyword"], ignore_index=True)


def _shows(table: pd.DataFrame, needed: float) -> bool:
    """Whether the highest budget pays on average, the first step pays, and the last one does not."""
    level = table.groupby("level")[["spend", "revenue"]].sum() / (AD_DAYS // 4)
    average = (level["revenue"] / level["spend"]).to_numpy()
    step = (level["revenue"].diff() / level["spend"].diff()).to_numpy()
    return bool(average[0] > needed and average[-1] > needed > step[-1])


def _keywords(rng: np.random.Generator, planted: Mapping[str, Any], day: pd.DatetimeIndex) -> pd.DataFrame:
    each = pd.DataFrame(planted["each"])
    row = np.tile(np.arange(len(each)), len(day))
    shown = rng.poisson(each["impressions_a_day"].to_numpy()[row])
    clicks = rng.binomial(shown, each["click_rate"].to_numpy()[row])
    orders = rng.binomial(clicks, each["order_rate"].to_numpy()[row])
    cost = each["cost_per_click"].to_numpy()[row] * np.exp(0.08 * rng.standard_normal(len(row)) - 0.0032)
    return _table(rng, day, FEEDING, planted, 30000, shown, clicks, clicks * cost, orders)


def _budget(rng: np.random.Generator, planted: Mapping[str, Any], day: pd.DatetimeIndex) -> pd.DataFrame:
    budget = np.repeat(planted["daily_budgets"], len(day) // 4)
    share = np.array([0.46, 0.22, 0.15, 0.10, 0.07])
    spend = (budget * rng.uniform(0.93, 1.0, len(day)))[:, None] * share
    whole = spend.sum(axis=1)
    revenue = planted["roas_of_the_first_step"] * STEP * (whole / STEP) ** planted["power"]
    orders = rng.poisson((revenue / planted["order_value"])[:, None] * share)
    clicks = np.maximum(rng.poisson(spend / 480), orders)
    shown = clicks + rng.poisson(clicks / 0.018)
    return _table(
        rng,
        day,
        DIAPERS,
        planted,
        np.repeat(budget, len(DIAPERS)),
        shown.ravel(),
        clicks.ravel(),
        np.where(clicks > 0, spend, 0).ravel(),
        orders.ravel(),
    )


def _table(
    rng: np.random.Generator,
    day: pd.DatetimeIndex,
    names: tuple[str, ...],
    planted: Mapping[str, Any],
    level: Any,
    shown: Any,
    clicks: Any,
    spend: Any,
    orders: Any,
) -> pd.DataFrame:
    each = planted["order_value"] * rng.standard_gamma(9 * np.maximum(orders, 1)) / 9
    return pd.DataFrame(
        {
            "day": np.repeat(day, len(names)),
            "campaign": planted["campaign"],
            "keyword": np.tile(np.array(names, dtype=object), len(day)),
            "channel": "gmarket",
            "level": level,
            "impressions": shown,
            "clicks": clicks,
            "spend": np.rint(spend).astype(np.int64),
            "orders": orders,
            "revenue": np.where(orders > 0, np.rint(each / 100) * 100, 0).astype(np.int64),
        }
    )


def keywords(rng: np.random.Generator) -> pd.DataFrame:
    """Return what buyers search for on the marketplace: searches a month and competing listings."""
    names = np.array([*FEEDING, *DIAPERS, *OTHERS], dtype=object)
    searches = np.exp(rng.normal(8.2, 1.1, len(names)))
    listings = searches * np.exp(rng.normal(-0.6, 1.2, len(names)))
    return pd.DataFrame(
        {
            "keyword": names,
            "searches": (np.rint(searches / 10) * 10 + 10).astype(np.int64),
            "listings": np.rint(listings + 20).astype(np.int64),
        }
    )


def listings(rng: np.random.Generator) -> pd.DataFrame:
    """Return the shop's listings, with what `content.checklist` looks at."""
    title, images, videos, bullets, length = zip(*_LISTED, strict=True)
    text = [
        " ".join([f"{item.product}.", *_DETAILS[:size]]) for item, size in zip(ITEMS, length, strict=True)
    ]
    reviews = np.rint(np.exp(rng.normal(4.2, 0.9, len(ITEMS)))).astype(np.int64)
    return pd.DataFrame(
        {
            "sku": [item.sku for item in ITEMS],
            "title": title,
            "description": text,
            "images": images,
            "videos": videos,
            "bullets": bullets,
            "reviews": reviews,
            "rating": np.round(np.minimum(rng.normal(4.6, 0.2, len(ITEMS)), 5.0), 2),
            "price_with_tax": True,
            "delivery": ["2 days" if size > 1 else np.nan for size in length],
            "returns": ["within 7 days" if size > 2 else np.nan for size in length],
            "seller": True,
        }
    )
