"""What the baby goods shop sells: 18 products, how buyers react to their prices, and their seasons.

`cost` is the landed cost as a share of the price without tax. `season` names the weeks in which a product
sells more; in those weeks its price is raised too, which hides from a careless eye what a price does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One product: list price in won with tax, cost share, units a week, price response, stock pattern."""

    sku: str
    product: str
    category: str
    price: int
    cost: float
    weekly: float
    elasticity: float
    season: str = "none"
    #: Units beyond the first on a line, on average.
    extra: float = 0.05
    refund: float = 0.02
    stock: str = "normal"
    pack_units: int = 10
    minimum_units: int = 20


ITEMS = (
    Item("DP-S", "Diapers S, 60 pieces", "diapers", 22900, 0.62, 27, -2.6, extra=0.5, pack_units=4),
    Item("DP-M", "Diapers M, 54 pieces", "diapers", 23900, 0.62, 34, -2.2, extra=0.5, pack_units=4),
    Item("DP-L", "Diapers L, 48 pieces", "diapers", 24900, 0.66, 28, -3.0, extra=0.5),
    Item("WP-10", "Wet Wipes, 10 packs", "wipes", 15900, 0.52, 38, -2.4, extra=0.4, pack_units=6),
    Item("WP-TRAVEL", "Travel Wipes, 6 packs", "wipes", 7900, 0.42, 18, -1.6, extra=0.1, stock="short"),
    Item("BT-160", "Glass Bottle 160 ml", "feeding", 12900, 0.40, 14, -1.5),
    Item("BT-260", "Glass Bottle 260 ml", "feeding", 14900, 0.40, 12, -1.4, stock="short"),
    Item("NP-03", "Bottle Teats from 3 months, 2 pieces", "feeding", 6900, 0.30, 20, -0.9, extra=0.2),
    Item("SP-SET", "First Spoon Set", "feeding", 8900, 0.33, 14, -1.9, pack_units=20, minimum_units=60),
    Item("BB-SILICONE", "Silicone Bib", "bibs", 9900, 0.32, 20, -1.8, refund=0.03, stock="short"),
    Item("BB-GAUZE", "Gauze Bibs, 5 pieces", "bibs", 12900, 0.36, 14, -1.6, refund=0.04),
    Item("BL-MUSLIN", "Muslin Blanket", "bedding", 24900, 0.38, 13, -1.5, refund=0.05, stock="asleep"),
    Item("BL-WARM", "Winter Fleece Blanket", "bedding", 32900, 0.42, 16, -0.9, "winter", refund=0.05),
    Item("MT-COOL", "Cooling Mat", "bedding", 39900, 0.46, 15, -1.0, "summer", refund=0.07, pack_units=5),
    Item("TY-RATTLE", "Wooden Rattle", "toys", 11900, 0.34, 16, -1.7, "gift", refund=0.03),
    Item("TY-CHICK", "Singing Chick", "toys", 18900, 0.36, 34, -1.5, refund=0.04, stock="fad"),
    Item("BA-OIL", "Baby Oil 200 ml", "bath", 13900, 0.37, 18, -1.3, "winter", stock="short"),
    Item("SW-DIAPER", "Swim Diapers, 12 pieces", "bath", 14900, 0.40, 22, -0.8, "summer", extra=0.2),
)

SKUS = [item.sku for item in ITEMS]
PLACE = {sku: place for place, sku in enumerate(SKUS)}
CHANNELS = ("gmarket", "own_store")
#: The product whose price was never really tried.
STEADY = "BT-160"
FAD = "TY-CHICK"
