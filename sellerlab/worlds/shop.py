"""What a world returns: the tables a seller would have, and the truth that no seller ever sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sellerlab.errors import UnknownNameError, unknown


class NoTableError(UnknownNameError, AttributeError):
    """A shop has no such table; the message lists those it has."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shop:
    """One simulated shop: its tables, its costs, and the true parameters behind them.

    `orders` and `products` keep the contracts of `sellerlab.tables`; `tables` holds every further table of
    the world by name, and ``shop.ads`` is short for ``shop.tables["ads"]``. `costs` has the keys of
    `margin.Costs`; `truth` is nested plain numbers and texts.
    """

    name: str
    world: str
    seed: str
    currency: str
    timezone: str
    as_of: pd.Timestamp
    orders: pd.DataFrame
    products: pd.DataFrame
    costs: Mapping[str, Any]
    truth: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> pd.DataFrame:
        # Reached only for names that are no field. Copies and notebooks ask for private names on a shop
        # that has no fields yet, so those are answered without looking at `tables`.
        if not name.startswith("_"):
            held: Mapping[str, pd.DataFrame] = self.__dict__.get("tables", {})
            if name in held:
                return held[name]
            raise NoTableError(str(unknown("table", name, ["orders", "products", *held])))
        raise AttributeError(name)

    def __repr__(self) -> str:
        lines, orders = len(self.orders), self.orders["order_id"].nunique()
        return f"<Shop {self.name}: {orders:,} orders, {lines:,} lines, seed {self.seed!r}>"

    def describe(self) -> str:
        """Return the data card: what each table holds, the true parameters, what was left out.

        Returns:
            Markdown text, the same for the same shop.
        """
        first, last = self.orders["ordered_at"].min(), self.orders["ordered_at"].max()
        parts = [
            f"# {self.name} (`{self.world}`, seed `{self.seed}`)",
            "Simulated data: no person, shop or product in it exists. Every number below was planted, "
            "so a method can be checked against the truth.",
            f"- Currency: {self.currency}, clock: {self.timezone}\n"
            f"- Orders from {first:%Y-%m-%d} to {last:%Y-%m-%d}, as of {self.as_of:%Y-%m-%d}\n"
            "- Licence: CC BY 4.0",
            "## Tables",
            _table(("table", "rows", "columns"), list(self._tables())),
            "## Costs",
            _nested(self.costs),
            "## True parameters",
            _nested(self.truth),
        ]
        if self.notes:
            parts += ["## How it was made, and what it leaves out", "\n".join(f"- {n}" for n in self.notes)]
        return "\n\n".join(parts) + "\n"

    def _tables(self) -> list[tuple[str, str, str]]:
        named = {"orders": self.orders, "products": self.products, **self.tables}
        return [(name, f"{len(frame):,}", ", ".join(frame.columns)) for name, frame in named.items()]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _nested(values: Mapping[str, Any], depth: int = 0) -> str:
    lines = []
    for key, value in values.items():
        indent = "  " * depth + f"- {key}:"
        if isinstance(value, Mapping):
            lines += [indent, _nested(value, depth + 1)]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            flat = ["; ".join(f"{k} {v}" for k, v in each.items()) for each in value]
            lines += [indent, *("  " * (depth + 1) + f"- {each}" for each in flat)]
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            lines.append(f"{indent} {shown}")
    return "\n".join(lines)
