"""The shop that a learner works on: the demo shop, one of their own by handle, or their own export.

The one idea: a lesson never knows which of the three it runs on. All are a `Shop` with the same tables; an
export has only those that the learner has, and an exercise that needs more says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

from sellerlab import tables
from sellerlab.errors import ReadError

if TYPE_CHECKING:
    from sellerlab.worlds.shop import Shop

Source = str | Path
_PATH = (str, Path)


def shop(
    handle: str | None = None,
    orders: Any = None,
    *,
    products: Any = None,
    costs: Mapping[str, Any] | Source | None = None,
    currency: str | None = None,
    timezone: str | None = None,
    tables: Mapping[str, Any] | None = None,
    world: str = "phone_stand",
) -> Shop:
    """Return the learner's shop.

    Args:
        handle: Any name; it seeds a simulated shop of the learner's own, always the same one.
        orders: Path of an export, or an orders table that was read already. Wins over `handle`.
        products: Path of a products file, or a products table, for an export.
        costs: Costs of an export's shop, as `margin.Costs` takes them, or the path of a YAML file.
        currency: ISO code of an export that does not say its own.
        timezone: The shop's zone, for an export whose times need one.
        tables: Further tables of the learner's own by name, such as a survey: each the path of a CSV file or
            a frame. They take the place of the shop's; costs and currency, where given, go with them.
        world: The simulated world, where there is no export.

    Returns:
        The demo shop of the world where neither handle nor orders are given.

    Raises:
        ReadError: The export cannot be read.
        TableError: A table breaks its contract.

    >>> shop("mika").currency
    'JPY'
    """
    from sellerlab import datasets

    if not _given(orders):
        seed = datasets.handle_seed(handle) if handle else "demo"
        made = datasets.simulate(world, seed=seed)
        return _with_own(made, tables or {}, costs=costs, currency=currency)
    if isinstance(orders, _PATH):
        from sellerlab import read

        sold: Any = read.orders(orders, currency=currency or None, timezone=timezone or None)
        return _with_own(_exported(Path(orders).name, sold, products, costs), tables or {})
    return _with_own(_exported("your shop", orders, products, costs), tables or {})


def _with_own(
    made: Shop,
    given: Mapping[str, Any],
    *,
    costs: Mapping[str, Any] | Source | None = None,
    currency: str | None = None,
) -> Shop:
    """Return the shop with the learner's own tables in place of its own; an export's costs are known."""
    own = {name: _table(source) for name, source in given.items() if _given(source)}
    if not own:
        return made
    return replace(
        made,
        tables={**made.tables, **own},
        costs=_costs(costs) if _given(costs) else made.costs,
        currency=currency or made.currency,
    )


def _table(source: Any) -> pd.DataFrame:
    if not isinstance(source, _PATH):
        return _pandas(source)
    if not Path(source).is_file():
        raise ReadError(f"There is no file {str(source)!r}: expected a CSV file with a line of names on top.")
    names = pd.read_csv(source, nrows=0).columns
    # Ids are text whatever they look like, and a level may well be called "none".
    ids = {name: str for name in names if name.endswith("_id") or name == "sku"}
    frame = pd.read_csv(source, dtype=ids, keep_default_na=False, na_values=[""])
    for name in names:
        text_of_days = name in ("day", "week", "at") or name.endswith("_at")
        if text_of_days and not pd.api.types.is_numeric_dtype(frame[name]):
            # What is no day stays text, and the analysis that needs a day says so.
            with suppress(ValueError):
                frame[name] = pd.to_datetime(frame[name], format="ISO8601")
    return frame


def _exported(name: str, orders: Any, products: Any, costs: Mapping[str, Any] | Source | None) -> Shop:
    from sellerlab import read
    from sellerlab.worlds.shop import Shop

    sold = _pandas(orders)
    tables.validate(sold, tables.ORDERS)
    if not _given(products):
        stock = sold[["sku"]].dropna().drop_duplicates("sku").reset_index(drop=True)
    else:
        stock = _pandas(read.products(products) if isinstance(products, _PATH) else products)
        tables.validate(stock, tables.PRODUCTS)
    source = getattr(sold, "source", None)
    return Shop(
        name=name,
        world="",
        seed="",
        currency=tables.currency_of(sold) or "",
        timezone=getattr(source, "timezone", None) or "",
        as_of=sold["ordered_at"].max().normalize(),
        orders=sold,
        products=stock,
        costs=_costs(costs),
        truth={},
        tables={"events": pd.DataFrame(columns=list(tables.EVENTS.names)), "content": pd.DataFrame()},
    )


def _given(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value)


def _pandas(frame: Any) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    native = nw.from_native(frame)
    eager = native.collect() if isinstance(native, nw.LazyFrame) else native
    return eager.to_pandas()


def _costs(costs: Mapping[str, Any] | Source | None) -> Mapping[str, Any]:
    """Return the costs as a mapping, read and checked once."""
    from sellerlab.costs import Costs

    if isinstance(costs, _PATH) and _given(costs):
        return asdict(Costs.read(costs))
    return asdict(Costs.from_mapping(costs or {}))  # type: ignore[arg-type]
