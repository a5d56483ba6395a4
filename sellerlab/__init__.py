"""sellerlab: test what seller guides claim on your own numbers.

`import sellerlab as sl`, then call a module by its name: ``sl.read.orders(path)``,
``sl.margin.waterfall(orders)``. A module is loaded when it is first used, so the import itself
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sellerlab.errors import InputError, ReadError, SellerlabError, TableError, UnknownNameError

if TYPE_CHECKING:
    import sellerlab.baskets as baskets
    import sellerlab.conjoint as conjoint
    import sellerlab.datasets as datasets
    import sellerlab.elasticity as elasticity
    import sellerlab.fees as fees
    import sellerlab.intent as intent
    import sellerlab.learn as learn
    import sellerlab.margin as margin
    import sellerlab.money as money
    import sellerlab.next_price as next_price
    import sellerlab.offers as offers
    import sellerlab.overview as overview
    import sellerlab.plots as plots
    import sellerlab.pricing as pricing
    import sellerlab.read as read
    import sellerlab.settlement as settlement
    import sellerlab.stock as stock
    import sellerlab.survey as survey
    import sellerlab.tables as tables
    import sellerlab.text as text

__version__ = "0.1.0"

_MODULES = (
    "baskets",
    "conjoint",
    "datasets",
    "elasticity",
    "fees",
    "intent",
    "learn",
    "margin",
    "money",
    "next_price",
    "offers",
    "overview",
    "plots",
    "pricing",
    "read",
    "settlement",
    "stock",
    "survey",
    "tables",
    "text",
)

__all__ = [
    "InputError",
    "ReadError",
    "SellerlabError",
    "TableError",
    "UnknownNameError",
    "baskets",
    "conjoint",
    "datasets",
    "elasticity",
    "fees",
    "intent",
    "learn",
    "margin",
    "money",
    "next_price",
    "offers",
    "overview",
    "plots",
    "pricing",
    "read",
    "settlement",
    "stock",
    "survey",
    "tables",
    "text",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"sellerlab.{name}")
    from sellerlab.errors import unknown

    raise AttributeError(str(unknown("sellerlab module", name, _MODULES)))


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
