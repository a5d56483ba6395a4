"""Does this advertising pay? The metrics of a campaign, the break-even, and what a keyword's few clicks say.

One idea: an advertisement pays when what it brings covers its cost *after every other cost of the sale*.
Break-even comes from contribution, not from gross margin. `keywords`, `marginal`, `pacing` and
`incrementality`, which ask further, are called from here too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sellerlab import tables, text
from sellerlab.errors import InputError, check_rate
from sellerlab.intervals import share_words, wilson
from sellerlab.results import Format, Result
from sellerlab.tables import ADS
from sellerlab.totals.pooled import Pool, pooled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A number, an array or a Series; what goes in comes out.
Amount = TypeVar("Amount")

_COUNTS = ("impressions", "clicks", "orders", "revenue", "spend")
_FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(("impressions", "clicks", "orders"), "count"),
    **dict.fromkeys(("spend", "revenue", "cpc", "cpm", "cpa", "left"), "money"),
    **dict.fromkeys(("ctr", "ctr_low", "ctr_high", "cvr", "cvr_low", "cvr_high", "acos"), "rate"),
    "roas": "number",
}


def break_even_roas(contribution_rate: Amount, *, vat_rate: float = 0.0) -> Amount:
    """Return the ROAS at which an advertisement neither earns nor loses.

    ROAS* = (1 + vat_rate) / contribution rate

    Args:
        contribution_rate: Contribution before advertising as a share of net sales: after goods, fees,
            shipping and returns. Number, array or Series, above 0 and at most 1.
        vat_rate: Tax within the revenue that the advertising tool counts; 0 where it counts net revenue.

    Returns:
        Revenue as the tool counts it, per unit of spend; same kind as given. Some tools print it in %: 4.0 is
        400%.

    Raises:
        InputError: A rate is no fraction, or a sale leaves nothing, so that no ROAS is enough.

    Source: Farris et al., *Marketing Metrics*; contribution after all costs of the sale, as gross margin
    forgets fees and shipping.

    >>> break_even_roas(0.25), break_even_roas(0.40)
    (4.0, 2.5)
    >>> round(break_even_roas(0.25, vat_rate=0.1), 2)
    4.4
    """
    rate = np.asarray(contribution_rate, dtype=float)
    if (rate > 1).any():
        check_rate("contribution_rate", float(rate.max()))
    if not (rate > 0).all():
        raise InputError(
            f"contribution_rate is {float(rate.min()):g}: a sale leaves nothing before advertising, so no "
            "ROAS is enough. Raise the price or lower a cost first."
        )
    given: Any = rate if isinstance(contribution_rate, list | tuple) else contribution_rate
    return (1 + check_rate("vat_rate", vat_rate)) / given  # type: ignore[no-any-return]


def break_even_acos(contribution_rate: Amount, *, vat_rate: float = 0.0) -> Amount:
    """Return the ACoS (spend / revenue) at which an advertisement neither earns nor loses.

    ACoS* = contribution rate / (1 + vat_rate) = 1 / ROAS*

    Args:
        contribution_rate: Contribution before advertising as a share of net sales, above 0 and at most 1.
        vat_rate: Tax within the revenue that the advertising tool counts; 0 where it counts net revenue.

    Returns:
        A fraction of the revenue as the tool counts it; same kind as given.

    Raises:
        InputError: As for `break_even_roas`.

    Source: Farris et al., *Marketing Metrics*.

    >>> break_even_acos(0.25)
    0.25
    """
    roas: Any = break_even_roas(contribution_rate, vat_rate=vat_rate)
    return 1 / roas  # type: ignore[no-any-return]


@dataclass(frozen=True, kw_only=True, repr=False)
class Campaigns(Result):
    """The metrics of each campaign; the scalars are those of all together.

    Attributes:
        spend: Money spent.
        revenue: Sales that the tool counts, as it counts them.
        roas: revenue / spend; None without spend or without revenue in the table.
        acos: spend / revenue; None without revenue.
        break_even: ROAS from which an advertisement pays; None where no contribution rate was given.
        mer: All sales of the shop / spend; None where they were not given.
        tacos: Spend / all sales of the shop; None where they were not given.
        left: What the tool's revenue leaves after all costs and the spend; None without a contribution rate.
        losing: Groups whose ROAS is under the break-even.
    """

    spend: float
    revenue: float | None
    roas: float | None
    acos: float | None
    break_even: float | None
    mer: float | None
    tacos: float | None
    left: float | None
    losing: tuple[str, ...]
    bars: tuple[tuple[str, float], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a group."""
        return 1.6 + 0.4 * max(len(self.bars), 1)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        colours = [plots.TOTAL] * len(self.bars)
        if self.break_even is not None:
            colours = [plots.GAIN if roas >= self.break_even else plots.LOSS for _, roas in self.bars]
        plots.bars(ax, [name for name, _ in self.bars], [roas for _, roas in self.bars], colours)
        if self.break_even is not None:
            ax.axvline(self.break_even, color="black", linestyle="--", linewidth=1)
            note = text.say("break-even {roas}", roas=text.number(self.break_even, 2))
            # Over the axis, where no bar can lie behind it.
            ax.annotate(
                note,
                (self.break_even, 1),
                (0, 2),
                textcoords="offset points",
                xycoords=ax.get_xaxis_transform(),
                ha="center",
                va="bottom",
            )
        room = None if self.break_even is None else 22  # points, for the note under the title
        ax.set_title(text.say("Revenue per unit of spend (ROAS)"), pad=room)
        ax.set_xlabel(text.say("ROAS"))


def campaigns(
    ads: Any,
    *,
    by: str | None = "campaign",
    contribution_rate: float | None = None,
    vat_rate: float = 0.0,
    total_sales: float | None = None,
    currency: str | None = None,
    minimum: int = 10,
    **names: str,
) -> Campaigns:
    """Return CTR, CVR, CPC, CPM, CPA, ROAS and ACoS of each campaign, from sums, and whether it pays.

    CTR = clicks / impressions; CVR = orders / clicks; CPC = spend / clicks; CPM = 1000 x spend / impressions;
    CPA = spend / orders; ROAS = revenue / spend; ACoS = spend / revenue; MER = all sales / spend; TACoS = 1 /
    MER; left = revenue x contribution rate / (1 + vat_rate) - spend.

    Args:
        ads: Daily figures (`tables.ADS`), any frame narwhals knows; figures the table lacks give no metric.
        by: Column of the groups, such as ``"campaign"``, ``"keyword"`` or ``"channel"``; None for one row.
        contribution_rate: Contribution before advertising as a share of net sales; gives break-even and
            `left`.
        vat_rate: Tax within the revenue that the tool counts; 0 where it counts net revenue.
        total_sales: All sales of the shop in the period, for MER and TACoS.
        currency: ISO code.
        minimum: Fewest impressions or clicks from which a rate is given.
        **names: The caller's own column names.

    Returns:
        `Campaigns`, its table in the caller's kind of frame, with a row a group. CTR is empty where there are
        more clicks than impressions, CVR where there are more orders than clicks.

    Raises:
        TableError: A column is missing.
        InputError: A rate is no fraction, or `total_sales` is negative.

    Source: Farris et al., *Marketing Metrics*.

    >>> import pandas as pd
    >>> ads = pd.DataFrame({
    ...     "day": pd.to_datetime(["2026-05-01"]), "campaign": ["stands"], "impressions": [10_000],
    ...     "clicks": [200], "spend": [4000.0], "orders": [10], "revenue": [20_000.0],
    ... })
    >>> campaigns(ads, contribution_rate=0.25).roas
    5.0
    """
    if total_sales is not None and not total_sales >= 0:
        raise InputError(f"total_sales is {total_sales:g}: expected an amount of 0 or more.")
    frame = tables.use(ads, ADS, ["spend"], **names)
    present = frame.collect_schema().names()
    columns = [name for name in _COUNTS if name in present]
    pools, left_out = pooled(frame.to_native(), columns, by)
    whole = pooled(frame.to_native(), columns)[0][0]
    even = None if contribution_rate is None else break_even_roas(contribution_rate, vat_rate=vat_rate)
    rows = [_row(pool, by, even, minimum) for pool in pools]
    total = _row(whole, None, even, minimum)
    bars = tuple((str(row[by]) if by else "", row["roas"]) for row in rows if row.get("roas") is not None)
    losing = tuple(name for name, roas in bars if even is not None and roas < even)
    spend, revenue = whole.sums["spend"], whole.sums.get("revenue")
    mer = total_sales / spend if total_sales is not None and spend else None
    return Campaigns(
        table=tables.from_columns({name: [row[name] for row in rows] for name in rows[0]}, ads),
        sentence=_sentence(total, even, mer, losing if by else (), len(bars), left_out, currency),
        definition=_definition(contribution_rate, vat_rate, minimum),
        currency=currency,
        formats=_FORMATS,
        spend=spend,
        revenue=revenue,
        roas=total.get("roas"),
        acos=total.get("acos"),
        break_even=even,
        mer=mer,
        tacos=spend / total_sales if total_sales else None,
        left=total.get("left"),
        losing=losing,
        bars=bars,
    )


def _row(pool: Pool, by: str | None, even: float | None, minimum: int) -> dict[str, Any]:
    sums = pool.sums
    row: dict[str, Any] = {} if by is None else {by: pool.name}
    row |= sums

    def over(top: str, bottom: str, scale: float = 1.0) -> float | None:
        return scale * sums[top] / sums[bottom] if sums[bottom] > 0 else None

    for name, top, bottom in (("ctr", "clicks", "impressions"), ("cvr", "orders", "clicks")):
        if top not in sums or bottom not in sums:
            continue
        low = high = rate = None
        # One click may bring two orders; an interval needs each try to succeed once at most.
        if max(minimum, 1) <= sums[bottom] and sums[top] <= sums[bottom]:
            rate = over(top, bottom)
            low, high = wilson(sums[top], sums[bottom])
        row |= {name: rate, f"{name}_low": low, f"{name}_high": high}
    for name, bottom, scale in (
        ("cpc", "clicks", 1.0),
        ("cpm", "impressions", 1000.0),
        ("cpa", "orders", 1.0),
    ):
        if bottom in sums:
            row[name] = over("spend", bottom, scale)
    if "revenue" in sums:
        row |= {"roas": over("revenue", "spend"), "acos": over("spend", "revenue")}
        if even is not None:
            row["left"] = round(sums["revenue"] / even - sums["spend"], 6)
    return row


def _sentence(
    total: Mapping[str, Any],
    even: float | None,
    mer: float | None,
    losing: Sequence[str],
    groups: int,
    left_out: int,
    currency: str | None,
) -> str:
    words = {"spend": text.money(total["spend"], currency)}
    parts = []
    if total.get("roas") is None:
        parts.append(text.say("{spend} were spent; the table names no revenue for it.", **words))
    else:
        words |= {"roas": text.number(total["roas"], 2), "revenue": text.money(total["revenue"], currency)}
        words |= {"acos": share_words(total["acos"])}
        parts.append(
            text.say("{spend} brought {revenue} as the tool counts: ROAS {roas}, ACoS {acos}.", **words)
        )
        if even is not None:
            words |= {"even": text.number(even, 2), "left": text.money(abs(total["left"]), currency)}
            if total["left"] >= 0:
                template = (
                    "Break-even is {even}: {left} are left after all costs, if the ads made these sales."
                )
            else:
                template = "Break-even is {even}: {left} are lost after all costs."
            parts.append(text.say(template, **words))
    if losing:
        parts.append(
            text.say(
                "{n} of {all} are under the break-even: {names}.",
                n=text.number(len(losing)),
                all=text.number(groups),
                names=", ".join(losing[:5]) + ("…" if len(losing) > 5 else ""),
            )
        )
    if mer is not None:
        words = {"mer": text.number(mer, 2), "tacos": share_words(1 / mer if mer else None)}
        parts.append(text.say("Over all sales of the shop MER is {mer} and TACoS {tacos}.", **words))
    if left_out:
        parts.append(text.say("{n} rows lack a figure and are left out.", n=text.number(left_out)))
    return " ".join(parts)


def _definition(contribution_rate: float | None, vat_rate: float, minimum: int) -> str:
    said = text.say(
        "From sums: CTR = clicks / impressions, CVR = orders / clicks (Wilson, 95%, from {n} on), CPC = "
        "spend / clicks, CPM = 1000 x spend / impressions, CPA = spend / orders, ROAS = revenue / spend, "
        "ACoS = spend / revenue, MER = all sales / spend, TACoS = spend / all sales. Revenue is what the "
        "tool credits to the ads.",
        n=text.number(max(minimum, 1)),
    )
    if contribution_rate is None:
        return said
    return (
        said
        + " "
        + text.say(
            "Break-even ROAS = (1 + tax {vat}) / contribution {rate} of net sales before advertising.",
            vat=share_words(vat_rate),
            rate=share_words(contribution_rate),
        )
    )
