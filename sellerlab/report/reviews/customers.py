"""Who is slipping away, what they are worth, and the list of customers to act on.

The one idea: a customer who has gone quiet is worth what is still to come, times the chance that they are
still there. What that chance has taken away already is what winning them back could bring, and so the most
that it may cost.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.report.inputs import Inputs
from sellerlab.report.sections import Note
from sellerlab.results import Result
from sellerlab.segments.scores import ACTIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sellerlab.lifetime import CustomerValue, Fit, RepeatPurchases, SpendFit
    from sellerlab.retention import Cohorts
    from sellerlab.segments import Migration, Rfm

#: Segments of customers who have bought and gone quiet.
QUIET = ("Needs attention", "At risk", "Almost lost", "Previously loyal")
#: Months looked ahead.
MONTHS = 12
#: From this many customers on the interval is drawn from fewer shops, as each takes longer.
_MANY = 20_000
#: A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, kw_only=True, repr=False)
class Slipping(Result):
    """Customers who have gone quiet; `table` has one row a segment.

    Attributes:
        customers: Customers in these segments.
        net_sales: What they have brought.
        value: Contribution to expect of them, discounted by nothing, as things stand.
        interval: Its 95% interval.
        at_stake: What would come on top if all of them were still there.
        months: Months looked ahead.
    """

    customers: int
    net_sales: float
    value: float
    interval: tuple[float, float]
    at_stake: float
    months: int

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a segment."""
        return 1.7 + 0.45 * max(len(self.table), 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        rows = self.table
        places = list(range(len(rows)))
        ax.barh(places, rows["to_come"], color=plots.GAIN, label="to come as things stand")
        ax.barh(places, rows["at_stake"], left=rows["to_come"], color=plots.LOSS, label="at stake")
        ax.set_yticks(places, [f"{name} ({text.number(n)})" for name, n in _pairs(rows)])
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        plots.money_axis(ax, self.currency, axis="x")
        ax.legend(loc="lower right")
        ax.set_title(f"Contribution of the next {self.months} months")


def _pairs(rows: pd.DataFrame) -> list[tuple[str, float]]:
    return list(zip(rows["segment"].tolist(), rows["customers"].tolist(), strict=True))


@dataclass(frozen=True)
class Worth:
    """The models behind what customers are worth, and the value of each of them.

    Attributes:
        bought: What each customer did.
        fitted: The model of buying.
        spend: The model of what an order is worth.
        margin: Contribution as a share of net sales, over the last year.
        level: Whether that is contribution 1 or 2.
        draws: Shops drawn for an interval.
        result: The value of all customers.
    """

    bought: RepeatPurchases
    fitted: Fit
    spend: SpendFit
    margin: float
    level: int
    draws: int
    result: CustomerValue


def worth(shop: Inputs) -> Worth | Note:
    """Return what customers are worth from here on, in contribution before marketing.

    MBG/NBD for how often and how long they buy, Gamma-Gamma for what an order is worth, and the margin of
    the last year.

    Args:
        shop: What `load_review` gave.

    Returns:
        The values; a note where the costs are not known or too few customers came back.
    """
    from sellerlab import lifetime, margin

    start = max(shop.end - dt.timedelta(days=364), shop.orders["ordered_at"].min().date())
    try:
        pnl = margin.profit_and_loss(shop.orders, shop.products, costs=shop.costs, start=start, end=shop.end)
        level = min(pnl.level, 2)
        share = (None, pnl.margin_1, pnl.margin_2)[level]
        if share is None:
            return Note(
                "What customers are worth is not known, as no landed cost is given. Give a table of products "
                "with the column landed_cost, and a file of costs."
            )
        if not 0 < share <= 1:
            return Note(
                f"The sales of the last year left {text.percent(share)} before marketing: more orders would "
                "bring more of that, so no customer has a value. Mend prices and costs first."
            )
        bought = lifetime.repeat_purchases(shop.orders, end=shop.end)
        fitted = lifetime.fit(bought, "mbg_nbd")
        spend = lifetime.fit_spend(bought)
    except InputError as error:
        return Note(str(error))
    draws = 200 if bought.customers < _MANY else 50
    value = lifetime.customer_value(bought, fitted, spend, margin=share, months=MONTHS, draws=draws)
    if value.total is None:
        return Note(f"{value.sentence}")
    return Worth(bought, fitted, spend, share, level, draws, value)


def value_of_customers(found: Worth | Note) -> CustomerValue | Note:
    """Return the value of all customers, or the note that says why there is none.

    Args:
        found: What `worth` gave.
    """
    return found if isinstance(found, Note) else found.result


def slipping(segments: Rfm, found: Worth | Note) -> Slipping | Note:
    """Return who has gone quiet, what they are worth as things stand, and what is at stake.

    to come = expected contribution of the next months; at stake = to come / P(active) - to come, added up
    over the customers of `QUIET`.

    Args:
        segments: What `segments.rfm` gave.
        found: What `worth` gave.

    Returns:
        `Slipping`; a note where nobody has gone quiet or no value is known.
    """
    from sellerlab import lifetime

    people = segments.customers
    quiet = people[people["segment"].isin(QUIET)]
    sales = text.money(float(quiet["net_sales"].sum()), segments.currency)
    if segments.sizes and quiet.empty:
        return Note("No customer has gone quiet.")
    if isinstance(found, Note) or not segments.sizes:
        told = f"{text.number(len(quiet))} customers have gone quiet; they brought {sales}. "
        return Note((told if segments.sizes else "") + (found.sentence if isinstance(found, Note) else ""))
    table = found.bought.table
    theirs = table[table["customer_id"].isin(quiet["customer_id"])]
    value = lifetime.customer_value(
        theirs, found.fitted, found.spend, margin=found.margin, months=MONTHS,
        currency=segments.currency, draws=found.draws,
    )  # fmt: skip
    if value.total is None or value.interval is None:
        return Note(value.sentence)
    each = quiet.merge(value.table, on="customer_id")
    each["at_stake"] = each["lifetime_value"] / each["p_alive"] - each["lifetime_value"]
    rows = each.groupby("segment", sort=False).agg(
        customers=("customer_id", "size"),
        net_sales=("net_sales", "sum"),
        active=("p_alive", "mean"),
        expected_orders=("expected_orders", "sum"),
        to_come=("lifetime_value", "sum"),
        at_stake=("at_stake", "sum"),
    )
    rows["at_stake_each"] = rows["at_stake"] / rows["customers"]
    rows = rows.round(6).reset_index().sort_values(["at_stake", "segment"], ascending=[False, True])
    rows["customers"] = rows["customers"].astype(float)
    rows["action"] = [ACTIONS[name] for name in rows["segment"]]
    stake = round(float(each["at_stake"].sum()), 6)
    low, high = value.interval
    return Slipping(
        table=rows.reset_index(drop=True),
        sentence=(
            f"{text.number(len(each))} customers have gone quiet; they brought {sales}. As things stand "
            f"{text.money(value.total, segments.currency)} of contribution is still to come from them in "
            f"{MONTHS} months (95% interval {text.money(low, segments.currency)} to "
            f"{text.money(high, segments.currency)}). Were all of them still active, it would be "
            f"{text.money(stake, segments.currency)} more: that is at stake, and the most that winning them "
            "back may cost."
        ),
        definition=(
            f"Gone quiet: the segments {', '.join(QUIET)}. {value.definition} The margin is contribution "
            f"{found.level} of the last year. Active = mean probability of being still there (MBG/NBD); at "
            "stake = value / that probability - value."
        ),
        currency=segments.currency,
        formats={
            "customers": "count", "net_sales": "money", "active": "rate", "expected_orders": "number",
            "to_come": "money", "at_stake": "money", "at_stake_each": "money",
        },
        customers=len(each),
        net_sales=float(quiet["net_sales"].sum()),
        value=value.total,
        interval=value.interval,
        at_stake=stake,
        months=MONTHS,
    )  # fmt: skip


def customer_headline(segments: Rfm, found: Slipping | Note) -> dict[str, str]:
    """Return the numbers of a review of the customers for whoever runs it.

    Args:
        segments: What `segments.rfm` gave.
        found: What `slipping` gave.
    """
    told = {
        "Customers": text.number(segments.n),
        "Net sales so far": text.money(segments.net_sales, segments.currency),
    }
    if isinstance(found, Slipping):
        told["Slipping away"] = text.number(found.customers)
        told["At stake"] = text.money(found.at_stake, found.currency)
    return told


def largest_moves(moved: Migration | Note, rows: int = 12) -> Migration | Note:
    """Return the moves with only the largest in its table, those who stayed left out.

    Args:
        moved: What `segments.migration` gave.
        rows: Moves to keep.
    """
    if isinstance(moved, Note):
        return moved
    table = nw.from_native(moved.table).lazy().collect().to_pandas()
    table = table[table["before"] != table["after"]]
    table = table.sort_values(["customers", "before", "after"], ascending=[False, True, True]).head(rows)
    return replace(moved, table=table.reset_index(drop=True))


def segments_told(segments: Rfm) -> Rfm | Note:
    """Return the segments, or a note where there are too few customers to have any.

    Args:
        segments: What `segments.rfm` gave.
    """
    return segments if segments.sizes else Note(segments.sentence, segments.definition)


def moves(shop: Inputs) -> Migration | Note:
    """Return who moved between segments since the last review.

    Args:
        shop: What `load_review` gave.
    """
    from sellerlab import segments

    first = shop.orders["ordered_at"].min().date()
    if shop.start < first:
        return Note(
            f"The orders begin on {text.day(first)}, after {text.day(shop.start)}: nobody can have moved "
            "since then. Give a later day with --since, or a longer export."
        )
    try:
        return segments.migration(shop.orders, shop.start, shop.end, vat_rate=shop.vat_rate)
    except InputError as error:
        return Note(str(error))


def cohort_page(cohorts: Cohorts) -> Result | Note:
    """Show the picture of the cohorts and return their weighted average at each age.

    The whole matrix does not fit a page; it stays in the table of the result.

    Args:
        cohorts: What `retention.cohorts` gave; where no cohort has lived through a whole period after its
            first, only its sentence is shown.
    """
    if len(cohorts.average) < 2:
        return Note(cohorts.sentence, cohorts.definition)
    cohorts.show()
    line = nw.from_native(cohorts.average).lazy().collect().to_pandas()
    age = f"{cohorts.period}s_after"
    columns = ["customers", "cohorts", "average", "low", "high"]
    return Result(
        table=line[["age", *columns]].rename(columns={"age": age}),
        sentence=cohorts.sentence,
        definition=cohorts.definition,
        formats={**dict.fromkeys((age, *columns[:2]), "count"), **dict.fromkeys(columns[2:], "rate")},
    )


def write_customers(path: str, segments: Rfm, found: Worth | Note) -> Note:
    """Write a CSV of customers with their segment and what to do; safe to open in a spreadsheet.

    A customer is the keyed hash that the reader made. No cell begins with a sign that a spreadsheet takes
    for a formula.

    Args:
        path: The file; empty writes none.
        segments: What `segments.rfm` gave.
        found: What `worth` gave; the value of a customer is empty where it is not known.

    Returns:
        What was written, in words.
    """
    people = segments.customers
    if not segments.sizes:
        return Note("There are too few customers for a list with segments.")
    if not path:
        return Note(
            "Made with the command sellerlab report customer_review, the list of customers lies beside this "
            "page."
        )
    if isinstance(found, Worth):
        values = found.result.table[["customer_id", "lifetime_value"]]
        people = people.merge(values, on="customer_id", how="left")
    else:
        people = people.assign(lifetime_value=None)
    people = people.sort_values(["net_sales", "customer_id"], ascending=[False, True])
    head = ("customer_id", "segment", "action", "orders", "net_sales", "days_since_last", "value_to_come")
    with Path(path).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(head)
        for row in people.itertuples(index=False):
            money = (_amount(row.net_sales), row.recency_days, _amount(row.lifetime_value))
            cells = (row.customer_id, row.segment, ACTIONS[row.segment], row.orders, *money)
            writer.writerow([safe(each) for each in cells])
    return Note(
        f"The list of {text.number(len(people))} customers with segment and action lies beside this page. It "
        "names nobody: a customer is a code, the same in each report that reads the same shop."
    )


def safe(cell: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> safe("=SUM(A1)"), safe(-3), safe("c-1f")
    ("'=SUM(A1)", "'-3", 'c-1f')
    """
    words = str(cell)
    return f"'{words}" if words.startswith(_FORMULA) else words


def _amount(value: Any) -> str:
    return "" if value is None or value != value else f"{float(value):g}" if value % 1 else f"{value:.0f}"
