"""The contracts: which columns a table has, what they mean, and the rules they keep.

A reader promises these tables and an analysis relies on them; nothing else is passed between the two.
One order *line* is one row of `ORDERS`. Times are the shop's own clock (a day is the shop's day), money
is in major units of one ISO currency, and every amount is positive unless money goes back to a buyer:

    amount = quantity * unit_price - discount - platform_discount + shipping + tax_added + adjustment

`amount` is what the buyer was charged for the line. Before any cost the seller earns from it
``amount + platform_discount - tax_added - tax_included``; money `refunded` takes that back in its share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from sellerlab.errors import TableError, UnknownNameError, unknown

if TYPE_CHECKING:
    from narwhals.typing import IntoFrameT

Kind = Literal["text", "number", "money", "rate", "time"]

#: How many offending rows a message names.
_SHOWN = 5


@dataclass(frozen=True)
class Column:
    """One column of a contract: its name, kind, meaning, and the rule its values keep."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    nullable: bool = True
    minimum: float | None = None
    choices: tuple[str, ...] = ()
    default: float | str | None = None


@dataclass(frozen=True)
class Table:
    """A contract: the columns of one kind of table, and the columns that name a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise unknown(f"column of {self.name}", name, self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Every column name, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns a table cannot do without."""
        return tuple(column.name for column in self.columns if column.required)


STATUSES = ("paid", "pending", "cancelled")
KINDS = ("sale", "refund", "shipping", "fee", "adjustment")
#: Kinds of lines that make an order; refunds, fees and adjustments may have ids of their own.
ORDER_KINDS = ("sale", "shipping")

ORDERS = Table(
    "orders",
    (
        Column("order_id", "text", "the order this line belongs to", required=True, nullable=False),
        Column("ordered_at", "time", "when it was ordered, on the shop's clock", True, False),
        Column("sku", "text", "the seller's own code of the product", required=True),
        Column("quantity", "number", "units; negative on a refund row", True, False),
        Column("unit_price", "money", "price of one unit before discounts", True, False),
        Column("amount", "money", "what the buyer was charged for the line"),
        Column("product", "text", "name of the product"),
        Column("category", "text", "group of the product"),
        Column("channel", "text", "where it was sold"),
        Column("customer_id", "text", "keyed hash of the buyer; empty if the file names none"),
        Column("currency", "text", "ISO 4217 code, one for the whole table"),
        Column("status", "text", "whether money came", choices=STATUSES, default="paid"),
        Column("kind", "text", "what the line is", choices=KINDS, default="sale"),
        Column("discount", "money", "discount the seller pays for", default=0.0),
        Column("platform_discount", "money", "discount the platform pays for", default=0.0),
        Column("shipping", "money", "shipping charged to the buyer", default=0.0),
        Column("tax_added", "money", "tax charged on top of the price", default=0.0),
        Column("tax_included", "money", "tax contained in the price", default=0.0),
        Column("adjustment", "money", "rest of the order's total not explained", default=0.0),
        Column("refunded", "money", "money given back for this line", minimum=0, default=0.0),
        Column("refunded_quantity", "number", "units that came back", minimum=0, default=0.0),
        Column("fee", "money", "fees the platform kept; empty if the file does not say"),
    ),
)

PRODUCTS = Table(
    "products",
    (
        Column("sku", "text", "the seller's own code of the product", True, False),
        Column("product", "text", "name of the product"),
        Column("category", "text", "group of the product"),
        Column("landed_cost", "money", "cost of one unit on the shelf, without tax", minimum=0),
        Column("price", "money", "list price of one unit", minimum=0),
        Column("on_hand", "number", "units in stock now", minimum=0),
        Column("on_order", "number", "units ordered and not yet received", minimum=0),
        Column("lead_time_days", "number", "days from order to shelf", minimum=0),
        Column("received_at", "time", "when the present stock came in"),
    ),
    key=("sku",),
)

EVENTS = Table(
    "events",
    (
        Column("user_id", "text", "who did it", True, False),
        Column("at", "time", "when, on the shop's clock", True, False),
        Column("event", "text", "what was done", True, False),
        Column("session_id", "text", "visit it belongs to"),
        Column("channel", "text", "where the visit came from"),
        Column("device", "text", "device used"),
        Column("sku", "text", "product it was about"),
    ),
)

ADS = Table(
    "ads",
    (
        Column("day", "time", "day of the figures", True, False),
        Column("campaign", "text", "campaign", True, False),
        Column("keyword", "text", "keyword or audience"),
        Column("channel", "text", "where the ad ran"),
        Column("impressions", "number", "times shown", minimum=0),
        Column("clicks", "number", "clicks", minimum=0),
        Column("spend", "money", "money spent", True, False, minimum=0),
        Column("orders", "number", "orders the tool counts for it", minimum=0),
        Column("revenue", "money", "sales the tool counts for it", minimum=0),
    ),
)

TABLES: Mapping[str, Table] = {table.name: table for table in (ORDERS, PRODUCTS, EVENTS, ADS)}


def validate(frame: IntoFrameT, table: Table | str) -> IntoFrameT:
    """Check a table against its contract and return it; report every problem at once.

    Args:
        frame: Any frame narwhals knows; one row is what the contract says.
        table: The contract or its name, such as ``"orders"``.

    Returns:
        The same frame, untouched.

    Raises:
        TableError: Something breaks the contract. The message lists each column, the rows and what
            was expected; `problems` holds the same lines.

    >>> import pandas as pd
    >>> validate(pd.DataFrame({"sku": ["A", "A"], "on_hand": [3, -1]}), "products")
    Traceback (most recent call last):
    sellerlab.errors.TableError: The products table has 2 problems:
    - on_hand: row 2 has -1; expected 0 or more (units in stock now).
    - sku: 'A' stands in more than one row; every row needs its own sku.
    """
    contract = TABLES[table] if isinstance(table, str) else table
    data = _collect(frame)
    problems = [*_shape_problems(data, contract), *_value_problems(data, contract)]
    problems += _key_problems(data, contract)
    if contract is ORDERS and not problems:
        problems += _order_problems(data)
    if problems:
        many = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        lines = "\n".join(f"- {line}" for line in problems)
        raise TableError(f"The {contract.name} table has {many}:\n{lines}", problems)
    return frame


def use(frame: Any, table: Table, needs: Iterable[str] = (), **names: str) -> nw.LazyFrame[Any]:
    """Return `frame` lazily under the contract's column names, missing optional columns filled in.

    The heavy part of an analysis runs on what this returns, on the engine the caller came with.

    Args:
        frame: Any frame narwhals knows.
        table: The contract to read it under.
        needs: Columns the analysis needs; those with a default may be absent.
        **names: The caller's own column names, as ``customer_id="buyer"``.

    Returns:
        A narwhals lazy frame.

    Raises:
        TableError: A needed column is absent; the message offers the nearest of those there.

    >>> import pandas as pd
    >>> lazy = use(pd.DataFrame({"InvoiceNo": ["1"]}), ORDERS, ["order_id"], order_id="InvoiceNo")
    >>> lazy.collect_schema().names()
    ['order_id']
    """
    for name in names:
        table[name]
    lazy: nw.LazyFrame[Any] = _sound(nw.from_native(frame)).lazy()
    present = lazy.collect_schema().names()
    for wanted, given in names.items():
        if given not in present:
            raise _absent(table, given, present)
        if wanted != given:
            lazy = lazy.drop(wanted, strict=False).rename({given: wanted})
    present = lazy.collect_schema().names()
    for name in needs:
        if name in present:
            continue
        default = table[name].default
        if default is None:
            raise _absent(table, name, present)
        lazy = lazy.with_columns(nw.lit(default).alias(name))
    return lazy


def like(result: nw.DataFrame[Any] | nw.LazyFrame[Any], original: Any) -> Any:
    """Return `result` as the caller's kind of frame: same kind out as in.

    >>> import pandas as pd, narwhals as nw
    >>> frame = pd.DataFrame({"a": [1]})
    >>> type(like(nw.from_native(frame).lazy(), frame)) is pd.DataFrame
    True
    """
    native = nw.from_native(original)
    if isinstance(native, nw.LazyFrame):
        return result.lazy().to_native() if isinstance(result, nw.DataFrame) else result.to_native()
    if isinstance(result, nw.LazyFrame):
        result = result.collect()
    if result.implementation is native.implementation:
        return result.to_native()
    if native.implementation.is_pandas():
        return result.to_pandas()
    return result.to_polars() if native.implementation.is_polars() else result.to_arrow()


def from_columns(columns: Mapping[str, Sequence[Any]], original: Any) -> Any:
    """Return a small table made by hand, in the caller's kind of frame; text stays text, the rest numbers.

    Args:
        columns: Column name to its values; None where there is none.
        original: The frame whose kind to take.

    >>> import pandas as pd
    >>> from_columns({"sku": ["A"], "units": [None]}, pd.DataFrame())["units"].dtype
    dtype('float64')
    """
    native = nw.from_native(original)
    engine = native.implementation if isinstance(native, nw.DataFrame) else None
    if engine is None:
        engine = native.head(0).collect().implementation
    words = {name for name, values in columns.items() if any(isinstance(each, str) for each in values)}
    if engine.is_pandas():  # several times faster than a table that is cast column by column
        import pandas as pd

        series = {
            name: pd.Series(values, dtype="str" if name in words else "float64")
            for name, values in columns.items()
        }
        return pd.DataFrame(series)
    schema = {name: nw.String() if name in words else nw.Float64() for name in columns}
    return like(nw.from_dict(dict(columns), schema=schema, backend=engine), original)


def currency_of(frame: Any) -> str | None:
    """Return the one currency of a table, or None where it has no such column.

    Raises:
        TableError: The table mixes currencies; amounts of two currencies are never added.

    >>> import pandas as pd
    >>> currency_of(pd.DataFrame({"currency": ["JPY", "JPY"]}))
    'JPY'
    """
    lazy = nw.from_native(frame).lazy()
    if "currency" not in lazy.collect_schema().names():
        return None
    found = lazy.select("currency").drop_nulls().unique().collect()["currency"].to_list()
    if len(found) > 1:
        listed = ", ".join(sorted(found))
        raise TableError(
            f"The table mixes currencies ({listed}). Amounts of two currencies cannot be added: "
            "read one currency at a time, or convert at a dated rate first."
        )
    return found[0] if found else None


def _sound(frame: Any) -> Any:
    """Hand an Arrow table to Polars, or to pandas where Polars is absent.

    With narwhals 2.29, a sum over a group of an Arrow table larger than one chunk comes out wrong.
    """
    if not frame.implementation.is_pyarrow():
        return frame
    from importlib.util import find_spec

    whole = frame.to_polars() if find_spec("polars") else frame.to_pandas()
    return nw.from_native(whole)


def _collect(frame: Any) -> nw.DataFrame[Any]:
    native = nw.from_native(frame)
    return native.collect() if isinstance(native, nw.LazyFrame) else native


def _absent(table: Table, name: str, present: Iterable[str]) -> TableError:
    near: UnknownNameError = unknown("column", name, present)
    message = f"The {table.name} table has no column {name!r}."
    if name in table.names:
        message += f" It should hold {table[name].meaning}."
    return TableError(f"{message} {str(near).split('. ', 1)[1]}", [message])


def _shape_problems(data: nw.DataFrame[Any], table: Table) -> list[str]:
    problems = []
    for name in table.required:
        if name not in data.columns:
            near = str(unknown("column", name, data.columns)).split(". ", 1)[1]
            problems.append(f"{name}: the column is missing ({table[name].meaning}). {near}")
    if not data.is_empty() and not problems:
        return []
    return problems or ["the table has no rows; expected at least one."]


def _value_problems(data: nw.DataFrame[Any], table: Table) -> list[str]:
    problems = []
    for column in table.columns:
        if column.name not in data.columns:
            continue
        values = data[column.name]
        wrong = _kind_problem(values, column)
        if wrong:
            problems.append(wrong)
            continue
        if not column.nullable and values.is_null().any():
            problems.append(_at(column, values.is_null(), values, "a value in every row"))
        if column.minimum is not None:
            low = (values < column.minimum).fill_null(False)
            if low.any():
                problems.append(_at(column, low, values, f"{column.minimum:g} or more"))
        if column.choices:
            odd = ~values.is_in(list(column.choices)) & ~values.is_null()
            if odd.any():
                problems.append(_at(column, odd, values, f"one of {', '.join(column.choices)}"))
    return problems


def _kind_problem(values: nw.Series[Any], column: Column) -> str | None:
    dtype = values.dtype
    if len(values) == values.null_count():
        return None
    if column.kind == "time":
        fits = isinstance(dtype, (nw.Datetime, nw.Date))
        if isinstance(dtype, nw.Datetime) and dtype.time_zone:
            return (
                f"{column.name}: times carry the zone {dtype.time_zone}; expected the shop's clock "
                "without a zone. Convert to the shop's zone, then drop it."
            )
        expected = "dates or times"
    elif column.kind == "text":
        fits, expected = dtype in (nw.String, nw.Categorical, nw.Enum, nw.Object), "text"
    else:
        fits, expected = dtype.is_numeric(), "numbers"
    if fits:
        return None
    return f"{column.name}: holds {dtype}; expected {expected} ({column.meaning})."


def _at(column: Column, mask: nw.Series[Any], values: nw.Series[Any], expected: str) -> str:
    rows = [place + 1 for place, hit in enumerate(mask.to_list()) if hit]
    seen = sorted({str(values[place - 1]) for place in rows[:_SHOWN]})
    where = ", ".join(str(row) for row in rows[:_SHOWN])
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    noun, verb = ("row", "has") if len(rows) == 1 else ("rows", "have")
    return (
        f"{column.name}: {noun} {where}{more} {verb} {', '.join(seen)}; "
        f"expected {expected} ({column.meaning})."
    )


def _key_problems(data: nw.DataFrame[Any], table: Table) -> list[str]:
    if not table.key or any(name not in data.columns for name in table.key):
        return []
    keys = data.select(*table.key)
    twice = keys.filter(keys.is_duplicated()).unique()
    if twice.is_empty():
        return []
    shown = sorted("/".join(map(str, row)) for row in twice.rows())[:_SHOWN]
    listed = ", ".join(repr(each) for each in shown)
    name = " and ".join(table.key)
    stand = "stands" if len(shown) == 1 else "stand"
    return [f"{name}: {listed} {stand} in more than one row; every row needs its own {name}."]


def _order_problems(data: nw.DataFrame[Any]) -> list[str]:
    problems = []
    try:
        currency_of(data)
    except TableError as error:
        problems.append(f"currency: {error}")
    if "amount" in data.columns:
        gap = (data["amount"] - explained(data)).abs() > 0.01
        if gap.any():
            expected = "quantity x unit_price - discounts + shipping + tax_added + adjustment"
            problems.append(_at(ORDERS["amount"], gap, data["amount"], expected))
    return problems


def explained(data: nw.DataFrame[Any]) -> nw.Series[Any]:
    """Return what each line's parts add up to: the right-hand side of the contract's identity.

    >>> import pandas as pd
    >>> line = pd.DataFrame({"quantity": [2], "unit_price": [1500.0], "discount": [300.0]})
    >>> explained(nw.from_native(line)).to_list()
    [2700.0]
    """
    total = data["quantity"] * data["unit_price"]
    for name, sign in (
        ("discount", -1),
        ("platform_discount", -1),
        ("shipping", 1),
        ("tax_added", 1),
        ("adjustment", 1),
    ):
        if name in data.columns:
            total = total + data[name].fill_null(0) * sign
    return total.alias("explained")
