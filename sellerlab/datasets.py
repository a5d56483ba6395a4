"""The data that comes with sellerlab: the bundled demo shops, the claims, and shops made to order.

`simulate` makes a shop from a seed; the bundled files are its ``"demo"`` seed, written to disk. A
learner's handle is a seed too, so that each learner has a shop of their own.
"""

from __future__ import annotations

import csv
import gzip
import unicodedata
from collections.abc import Mapping
from hashlib import blake2b
from importlib import import_module
from types import ModuleType
from typing import Any

import pandas as pd

from sellerlab.errors import InputError, unknown
from sellerlab.files import shipped
from sellerlab.worlds.shop import Shop

#: Worlds that can be simulated; each is a module of `sellerlab.worlds` with `NAME`, `TABLES`, `simulate`.
WORLDS = ("phone_stand", "baby_goods", "sewing_school")

#: Columns of times whose names do not end in ``_at``.
_TIMES = ("at", "day", "week")
_FILES = (
    ("shopify export", "datasets/exports/shopify_orders.csv", "phone_stand's orders as a Shopify export"),
    ("tiktok export", "datasets/exports/tiktok_shop_orders.csv", "the same as a TikTok Shop export"),
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
        The shop: `orders`, `products`, `costs`, the world's further `tables` (`world_tables` lists them),
        and the planted `truth`.

    Raises:
        UnknownNameError: There is no such world.
        InputError: The seed is neither text nor a whole number, or `orders` is too small.

    >>> shop = simulate("phone_stand", seed="mika", orders=300)
    >>> shop.currency, sorted(shop.orders["channel"].unique())
    ('JPY', ['affiliate', 'live', 'own_store', 'tiktok_shop'])
    """
    module = _module(world)
    if isinstance(seed, bool) or not (isinstance(seed, str) or hasattr(seed, "__index__")):
        raise InputError(f"seed is {seed!r}: a seed is a text such as 'mika' or a whole number.")
    size = {} if orders is None else {"orders": orders}
    shop: Shop = module.simulate(str(seed), **size)
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


def world_tables(world: str = "phone_stand") -> Mapping[str, str]:
    """Return the tables of a world, each with a line of what it holds.

    Args:
        world: Name of the world.

    Raises:
        UnknownNameError: There is no such world.

    >>> list(world_tables())[:2]
    ['orders', 'products']
    """
    tables: Mapping[str, str] = _module(world).TABLES
    return tables


def load_table(table: str, world: str = "phone_stand") -> pd.DataFrame:
    """Return one table of a world's demo shop.

    Args:
        table: Name of the table; `world_tables` lists them.
        world: Name of the world.

    Raises:
        UnknownNameError: There is no such world, or it has no such table; the nearest is offered.

    >>> load_table("content").columns[0]
    'video_id'
    """
    if table not in world_tables(world):
        raise unknown("table", table, world_tables(world))
    return _load(world, table)


def load_orders(world: str = "phone_stand") -> pd.DataFrame:
    """Return the order lines of a world's demo shop (contract: `tables.ORDERS`).

    Args:
        world: Name of the world.

    Raises:
        UnknownNameError: There is no such world.

    >>> list(load_orders().columns[:4])
    ['order_id', 'ordered_at', 'customer_id', 'channel']
    """
    return load_table("orders", world)


def load_products(world: str = "phone_stand") -> pd.DataFrame:
    """Return the products of a world's demo shop (contract: `tables.PRODUCTS`).

    >>> len(load_products())
    24
    """
    return load_table("products", world)


def load_events(world: str = "phone_stand") -> pd.DataFrame:
    """Return the traffic events of a world's demo shop (contract: `tables.EVENTS`).

    >>> sorted(load_events()["device"].unique())
    ['desktop', 'mobile']
    """
    return load_table("events", world)


def load_content(world: str = "phone_stand") -> pd.DataFrame:
    """Return the log of a demo shop's videos and lives: views, likes, shares, comments, clicks, orders.

    >>> sorted(load_content()["kind"].unique())
    ['live', 'video']
    """
    return load_table("content", world)


def load_costs(world: str = "phone_stand") -> dict[str, Any]:
    """Return the costs of a world's demo shop, as `margin.Costs.from_mapping` takes them.

    >>> load_costs()["vat_rate"]
    0.1
    """
    import yaml

    _module(world)
    text = shipped(f"datasets/{world}/costs.yaml").read_text(encoding="utf-8")
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
    _module(world)
    return shipped(f"datasets/{world}/CARD.md").read_text(encoding="utf-8")


def list_datasets() -> pd.DataFrame:
    """Return the tables that come with sellerlab: name, file, rows, and what each holds.

    >>> list(list_datasets().columns)
    ['name', 'file', 'rows', 'what']
    """
    made = [
        (f"{world} {table}", _file(world, table), what)
        for world in WORLDS
        for table, what in world_tables(world).items()
    ]
    rows = []
    for name, file, what in (*made, *_FILES):
        opener = gzip.open if file.endswith(".gz") else open
        with opener(shipped(file), "rt", encoding="utf-8-sig", newline="") as lines:
            rows.append((name, file, sum(1 for _ in csv.reader(lines)) - 1, what))
    return pd.DataFrame(rows, columns=["name", "file", "rows", "what"])


def _module(world: str) -> ModuleType:
    if world not in WORLDS:
        raise unknown("world", world, WORLDS)
    return import_module(f"sellerlab.worlds.{world}")


def _file(world: str, table: str) -> str:
    """Path of a table; large ones are packed on disk."""
    plain = f"datasets/{world}/{table}.csv"
    try:
        shipped(plain)
    except InputError:
        return f"{plain}.gz"
    return plain


def _load(world: str, table: str) -> pd.DataFrame:
    file = shipped(_file(world, table))
    names = pd.read_csv(file, nrows=0).columns
    # Ids are text whatever they look like; all other columns are numbers, truth values or plain words.
    ids = {name: str for name in names if name.endswith("_id") or name == "sku"}
    frame = pd.read_csv(file, dtype=ids, keep_default_na=False, na_values=[""])
    for name in names:
        if name.endswith("_at") or name in _TIMES:
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame
