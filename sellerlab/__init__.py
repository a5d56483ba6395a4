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
    import sellerlab.ads as ads
    import sellerlab.cash as cash
    import sellerlab.content as content
    import sellerlab.datasets as datasets
    import sellerlab.demand as demand
    import sellerlab.experiments as experiments
    import sellerlab.fees as fees
    import sellerlab.funnel as funnel
    import sellerlab.learn as learn
    import sellerlab.lifetime as lifetime
    import sellerlab.margin as margin
    import sellerlab.money as money
    import sellerlab.offers as offers
    import sellerlab.overview as overview
    import sellerlab.plots as plots
    import sellerlab.pricing as pricing
    import sellerlab.read as read
    import sellerlab.report as report
    import sellerlab.retention as retention
    import sellerlab.segments as segments
    import sellerlab.stock as stock
    import sellerlab.tables as tables
    import sellerlab.text as text
    import sellerlab.totals as totals

__version__ = "0.1.0"

__all__ = [
    "InputError",
    "ReadError",
    "SellerlabError",
    "TableError",
    "UnknownNameError",
    "ads",
    "cash",
    "content",
    "datasets",
    "demand",
    "experiments",
    "fees",
    "funnel",
    "learn",
    "lifetime",
    "margin",
    "money",
    "offers",
    "overview",
    "plots",
    "pricing",
    "read",
    "report",
    "retention",
    "segments",
    "stock",
    "tables",
    "text",
    "totals",
]

#: Every module of the namespace; the names of errors begin with a capital.
_MODULES = tuple(name for name in __all__ if name.islower())


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"sellerlab.{name}")
    from sellerlab.errors import unknown

    raise AttributeError(str(unknown("sellerlab module", name, _MODULES)))


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
