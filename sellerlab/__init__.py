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
    import sellerlab.baskets as baskets
    import sellerlab.cash as cash
    import sellerlab.censored as censored
    import sellerlab.clusters as clusters
    import sellerlab.concentration as concentration
    import sellerlab.conjoint as conjoint
    import sellerlab.content as content
    import sellerlab.datasets as datasets
    import sellerlab.demand as demand
    import sellerlab.elasticity as elasticity
    import sellerlab.experiments as experiments
    import sellerlab.fees as fees
    import sellerlab.funnel as funnel
    import sellerlab.intent as intent
    import sellerlab.landed as landed
    import sellerlab.learn as learn
    import sellerlab.lifetime as lifetime
    import sellerlab.lots as lots
    import sellerlab.loyalty as loyalty
    import sellerlab.margin as margin
    import sellerlab.mix as mix
    import sellerlab.money as money
    import sellerlab.newsvendor as newsvendor
    import sellerlab.next_price as next_price
    import sellerlab.offers as offers
    import sellerlab.order_plan as order_plan
    import sellerlab.overview as overview
    import sellerlab.plots as plots
    import sellerlab.policies as policies
    import sellerlab.pricing as pricing
    import sellerlab.read as read
    import sellerlab.related as related
    import sellerlab.reorder as reorder
    import sellerlab.report as report
    import sellerlab.retention as retention
    import sellerlab.returned as returned
    import sellerlab.segments as segments
    import sellerlab.settlement as settlement
    import sellerlab.stock as stock
    import sellerlab.subscriptions as subscriptions
    import sellerlab.survey as survey
    import sellerlab.tables as tables
    import sellerlab.text as text
    import sellerlab.totals as totals
    import sellerlab.uplift as uplift

__version__ = "0.1.0"

__all__ = [
    "InputError",
    "ReadError",
    "SellerlabError",
    "TableError",
    "UnknownNameError",
    "ads",
    "baskets",
    "cash",
    "censored",
    "clusters",
    "concentration",
    "conjoint",
    "content",
    "datasets",
    "demand",
    "elasticity",
    "experiments",
    "fees",
    "funnel",
    "intent",
    "landed",
    "learn",
    "lifetime",
    "lots",
    "loyalty",
    "margin",
    "mix",
    "money",
    "newsvendor",
    "next_price",
    "offers",
    "order_plan",
    "overview",
    "plots",
    "policies",
    "pricing",
    "read",
    "related",
    "reorder",
    "report",
    "retention",
    "returned",
    "segments",
    "settlement",
    "stock",
    "subscriptions",
    "survey",
    "tables",
    "text",
    "totals",
    "uplift",
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
