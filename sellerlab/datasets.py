"""The data that comes with sellerlab: the bundled demo shop, the claims, and shops made to order.

`simulate` makes a shop from a seed; the bundled files are its ``"demo"`` seed, written to disk. A
learner's handle is a seed too, so that each learner has a shop of their own.
"""

from __future__ import annotations

import csv
import gzip
import unicodedata
from hashlib import blake2b
from importlib import import_module
from typing import Any

import pandas as pd

from sellerlab.errors import InputError, unknown
from sellerlab.files import shipped
from sellerlab.worlds.shop import Shop

#: Worlds that can be simulated; each is a module of `sellerlab.worlds`.
WORLDS = ("phone_stand",)

_TIMES = ("ordered_at", "received_at", "at", "posted_at")
_IDS = ("order_id", "customer_id", "sku", "user_id", "session_id", "video_id")
#: Tables that are large enough to be packed on disk.
_PACKED = ("orders", "events")
_FILES = (
    ("orders", "datasets/phone_stand/orders.csv.gz", "order lines of the demo shop, 18 months"),
    ("products", "datasets/phone_stand/products.csv", "its products: cost, price, stock"),
    ("events", "datasets/phone_stand/events.csv.gz", "visits to its own store, step by step, 8 weeks"),
    ("content", "datasets/phone_stand/content.csv", "its videos and lives: views, engagement, orders"),
    ("shopify export", "datasets/exports/shopify_orders.csv", "the same orders as a Shopify export"),
    ("tiktok export", "datasets/exports/tiktok_shop_orders.csv", "the same orders as a TikTok Shop export"),
    ("claims", "datasets/claims.csv", "claims of five seller guides, each with its verdict"),
    ("fees", "datasets/fees.csv", "marketplace fees, dated, with sources"),
    ("settlements", "datasets/settlements.csv", "when marketplaces pay out, with sources"),
)


def simulate(world: str = "phone_stand", seed: int | str = "demo", orders: int | None = None) -> Shop:
    """Return a simulated shop whose true parameters are known.

    Args:
        world: Name of the world; `WORLDS` lists them.
        seed: Any text or whole number. The same seed gives the same shop, byte for byte; another seed
            gives other orders and somewhat other prices, costs, fees and buyers. 7 and "7" are one seed.
        orders: About how many orders in the 18 months; the world's own number where it is left out.

    Returns:
        The shop: `orders`, `products`, `events`, `content`, `costs`, and the planted `truth`.

    Raises:
        UnknownNameError: There is no such world.
        InputError: The seed is neither text nor a whole number, or `orders` is too small.

    >>> shop = simulate("phone_stand", seed="mika", orders=300)
    >>> shop.currency, sorted(shop.orders["channel"].unique())
    ('JPY', ['affiliate', 'live', 'own_store', 'tiktok_shop'])
    """
    if world not in WORLDS:
        raise unknown("world", world, WORLDS)
    if isinstance(seed, bool) or not (isinstance(seed, str) or hasattr(seed, "__index__")):
        raise InputError(f"seed is {seed!r}: a seed is a text such as 'mika' or a whole number.")
    size = {} if orders is None else {"orders": orders}
    shop: Shop = import_module(f"sellerlab.worlds.{world}").simulate(str(seed), **size)
    return shop


def handle_seed(handle: str) -> str:
    """Return the seed of a learner's own shop.

    Args:
        handle: The name a learner goes by. Capitals, spaces around it and the width of its letters do
            not matter.

    Raises:
        InputError: The handle is empty.

    >>> handle_seed("Mika") == handle_seed(" mika ")
    True
    >>> handle_seed("mika")
    'handle-95251611'
    """
    plain = unicodedata.normalize("NFKC", str(handle)).strip().casefold()
    if not plain:
        raise InputError("The handle is empty: write any name you like, such as handle='mika'.")
    return f"handle-{blake2b(plain.encode(), digest_size=4).hexdigest()}"


def load_orders(world: str = "phone_stand") -> pd.DataFrame:
    """Return the order lines of a world's demo shop (contract: `tables.ORDERS`).

    Args:
        world: Name of the world.

    Raises:
        UnknownNameError: There is no such world.

    >>> list(load_orders().columns[:4])
    ['order_id', 'ordered_at', 'customer_id', 'channel']
    """
    return _load(world, "orders")


def load_products(world: str = "phone_stand") -> pd.DataFrame:
    """Return the products of a world's demo shop (contract: `tables.PRODUCTS`).

    >>> len(load_products())
    24
    """
    return _load(world, "products")


def load_events(world: str = "phone_stand") -> pd.DataFrame:
    """Return the traffic events of a world's demo shop (contract: `tables.EVENTS`).

    >>> sorted(load_events()["device"].unique())
    ['desktop', 'mobile']
    """
    return _load(world, "events")


def load_content(world: str = "phone_stand") -> pd.DataFrame:
    """Return the log of a demo shop's videos and lives: views, likes, shares, comments, clicks, orders.

    >>> sorted(load_content()["kind"].unique())
    ['live', 'video']
    """
    return _load(world, "content")


def load_costs(world: str = "phone_stand") -> dict[str, Any]:
    """Return the costs of a world's demo shop, as `margin.Costs.from_mapping` takes them.

    >>> load_costs()["vat_rate"]
    0.1
    """
    import yaml

    text = shipped(f"datasets/{_known(world)}/costs.yaml").read_text(encoding="utf-8")
    costs: dict[str, Any] = yaml.safe_load(text)
    return costs


def load_claims() -> pd.DataFrame:
    """Return the ledger of claims: what a guide says, how it was tested, where, and the verdict."""
    return pd.read_csv(shipped("datasets/claims.csv"), dtype=str, keep_default_na=False)


def data_card(world: str = "phone_stand") -> str:
    """Return a world's data card (Markdown): tables, true parameters, how it was made.

    >>> data_card().splitlines()[0]
    "# Mika's phone corner (`phone_stand`, seed `demo`)"
    """
    return shipped(f"datasets/{_known(world)}/CARD.md").read_text(encoding="utf-8")


def list_datasets() -> pd.DataFrame:
    """Return the tables that come with sellerlab: name, file, rows, and what each holds.

    >>> list(list_datasets().columns)
    ['name', 'file', 'rows', 'what']
    """
    rows = []
    for name, file, what in _FILES:
        opener = gzip.open if file.endswith(".gz") else open
        with opener(shipped(file), "rt", encoding="utf-8-sig", newline="") as lines:
            rows.append((name, file, sum(1 for _ in csv.reader(lines)) - 1, what))
    return pd.DataFrame(rows, columns=["name", "file", "rows", "what"])


def _known(world: str) -> str:
    if world not in WORLDS:
        raise unknown("world", world, WORLDS)
    return world


def _load(world: str, table: str) -> pd.DataFrame:
    packed = ".gz" if table in _PACKED else ""
    file = shipped(f"datasets/{_known(world)}/{table}.csv{packed}")
    # Ids are text whatever they look like; all other columns are whole numbers or plain words.
    ids = dict.fromkeys(_IDS, str)
    frame = pd.read_csv(file, dtype=ids, keep_default_na=False, na_values=[""])
    for name in set(_TIMES) & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame
