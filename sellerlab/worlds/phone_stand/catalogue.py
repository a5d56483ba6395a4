"""What the phone accessory shop sells: 24 products, some of which lose money on every sale.

`cost` is the landed cost as a share of the price without tax. From about 0.88 upwards a product loses
money once fees and shipping are paid: the listing price was never raised when the purchase price was.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One product: list price in yen with tax, cost share, popularity, refund rate, stock pattern."""

    sku: str
    product: str
    category: str
    price: int
    cost: float
    weight: float
    refund: float
    stock: str = "normal"


ITEMS = (
    Item("ST-FOLD", "Folding Stand Mini", "stands", 980, 0.30, 9.0, 0.03, "short"),
    Item("ST-DESK", "Desk Stand Aluminium", "stands", 2480, 0.36, 6.0, 0.03),
    Item("ST-MAGCAR", "Magnetic Car Mount", "stands", 1980, 0.42, 4.0, 0.06),
    Item("ST-NECK", "Hands-free Neck Holder", "stands", 1680, 0.93, 5.0, 0.05),
    Item("ST-KUMA", "Fuwafuwa Kuma Stand", "stands", 1280, 0.33, 9.0, 0.03, "fad"),
    Item("CA-CLEAR", "Clear Case Tough", "cases", 1280, 0.22, 8.0, 0.05, "short"),
    Item("CA-SAKURA", "Sakura Case", "cases", 1980, 0.28, 6.0, 0.05),
    Item("CA-RING", "Ring Grip Case", "cases", 2180, 0.32, 4.0, 0.05),
    Item("CA-LEATHER", "Leather Wallet Case", "cases", 3980, 0.91, 4.0, 0.06),
    Item("CA-CLEAR-OLD", "Clear Case (last year's model)", "cases", 980, 0.34, 5.0, 0.05, "dead"),
    Item("CB-C1M", "USB-C Cable 1 m", "cables", 680, 0.26, 6.0, 0.02),
    Item("CB-C2M", "Braided USB-C Cable 2 m", "cables", 1180, 0.29, 5.0, 0.02),
    Item("CB-3IN1", "3-in-1 Charging Cable", "cables", 1480, 0.92, 5.5, 0.05),
    Item("CB-CLIP", "Cable Clip Set of 5", "cables", 480, 0.22, 4.5, 0.01, "asleep"),
    Item("CH-20W", "Mini Charger 20 W", "chargers", 1980, 0.45, 5.0, 0.03, "short"),
    Item("CH-65W", "GaN Charger 65 W", "chargers", 4980, 0.56, 2.5, 0.03),
    Item("CH-PAD", "Wireless Charging Pad", "chargers", 2480, 0.47, 4.0, 0.17),
    Item("CH-BANK", "Power Bank 5000 mAh", "chargers", 2980, 0.94, 5.0, 0.05),
    Item("LI-CLIP", "Clip Ring Light", "lights", 1480, 0.34, 5.0, 0.04),
    Item("LI-26CM", "Ring Light 26 cm with Tripod", "lights", 4480, 0.92, 4.0, 0.07),
    Item("LI-POCKET", "Pocket LED Light", "lights", 1880, 0.38, 3.0, 0.04, "asleep"),
    Item("SR-BEADS", "Beads Wrist Strap", "straps", 880, 0.18, 5.0, 0.02),
    Item("SR-CROSS", "Crossbody Phone Strap", "straps", 1980, 0.24, 5.5, 0.03),
    Item("SR-HOSHI", "Hoshi Phone Charm", "straps", 780, 0.20, 4.0, 0.02),
)

#: Products often bought together: after the first, the second is added more often than chance.
PAIRS = (
    ("CH-20W", "CB-C1M"),
    ("CA-CLEAR", "SR-CROSS"),
    ("ST-FOLD", "CB-CLIP"),
    ("LI-CLIP", "ST-DESK"),
    ("CH-65W", "CB-C2M"),
)

CATEGORIES = ("stands", "cases", "cables", "chargers", "lights", "straps")
