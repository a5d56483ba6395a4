"""Write the demo shops' files below datasets/: the same bytes every time.

python tools/make_datasets.py            write them
python tools/make_datasets.py --check    write nothing; fail if a file on disk differs
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import yaml

from sellerlab.datasets import WORLDS, simulate, world_tables
from sellerlab.worlds import exports
from sellerlab.worlds.shop import Shop

#: Tables of more bytes than this are packed.
PLAIN = 200_000
ROOT = Path(__file__).parent.parent / "datasets"


def files() -> dict[str, str]:
    """Return every demo file: its path below datasets/ and its text, unpacked."""
    made = {}
    for world in WORLDS:
        shop = simulate(world)
        made |= {f"{world}/{name}": text for name, text in of_world(shop).items()}
        if world == "phone_stand":
            made["exports/shopify_orders.csv"] = exports.shopify(shop.orders)
            made["exports/tiktok_shop_orders.csv"] = exports.tiktok_shop(shop.orders)
    return made


def of_world(shop: Shop) -> dict[str, str]:
    """Return the files of one world's demo shop: its tables, costs and card."""
    made = {}
    for table in world_tables(shop.world):
        text = getattr(shop, table).to_csv(index=False, lineterminator="\n")
        made[f"{table}.csv{'.gz' if len(text.encode()) > PLAIN else ''}"] = text
    costs = f"# Costs of the demo shop in {shop.currency}, without tax; rates are fractions.\n"
    made["costs.yaml"] = costs + yaml.safe_dump(dict(shop.costs), sort_keys=False)
    made["CARD.md"] = shop.describe()
    return made


def unpacked(path: Path) -> str:
    """Return a file's text. Packed bytes depend on the machine's zlib, so texts are compared."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def main() -> int:
    """Write or check the files; return the exit code."""
    differ = []
    for name, text in files().items():
        path = ROOT / name
        if path.exists() and unpacked(path) == text:
            continue
        if "--check" in sys.argv[1:]:
            differ.append(name)
            continue
        data = text.encode()
        if path.suffix == ".gz":
            data = gzip.compress(data, mtime=0)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{len(data):>9,}  datasets/{name}")
    if differ:
        print(f"Differs from what the code makes: {', '.join(differ)}. Run python tools/make_datasets.py.")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
