"""What a loyalty scheme costs, and how much of the members' sales it has to bring to pay for itself.

The one idea: points cost money on every sale of a member, and earn only on the sales that would not have
come without them. Members buy more than others because good buyers join; that is no effect of the scheme.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sellerlab import text
from sellerlab.errors import InputError, check_rate
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True, repr=False)
class LoyaltyCost(Result):
    """Cost of a loyalty scheme; `table` has one row a part of it.

    Attributes:
        cost: Rewards redeemed and fixed cost of the period.
        share_of_sales: `cost` as a share of the members' sales.
        unredeemed: Worth of points given and not redeemed: a debt while they are valid.
        needed: Share of the members' sales that must come only because of the scheme; above 1 where it
            can never pay.
        needed_growth: The same as growth over the sales without the scheme; None where it never pays.
        net: What is left at the `extra` share given; None without one.
        net_low: Lower end, from the interval of `extra`.
        net_high: Upper end.
        sales: The members' sales.
        margin: Contribution margin of them.
    """

    cost: float
    share_of_sales: float
    unredeemed: float
    needed: float
    needed_growth: float | None
    net: float | None
    net_low: float | None
    net_high: float | None
    sales: float
    margin: float

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        most = min(1.0, max(2 * self.needed, 0.1))
        ends = [0.0, most]
        ax.plot(ends, [each * self.margin * self.sales - self.cost for each in ends], color=plots.TOTAL)
        ax.axhline(0, color=plots.MUTED, linewidth=1)
        if self.needed <= most:
            ax.plot([self.needed], [0], "o", color=plots.LOSS)
            note = text.say("needed: {share}", share=text.percent(self.needed))
            ax.annotate(note, (self.needed, 0), xytext=(8, -16), textcoords="offset points")
        plots.percent_axis(ax, axis="x")
        plots.money_axis(ax, self.currency)
        ax.set_xlabel(text.say("share of members' sales that only the scheme brought"))
        ax.set_title(text.say("What the scheme leaves"))


def loyalty_cost(
    sales: float,
    margin: float,
    earn_rate: float,
    *,
    redeemed: float = 0.8,
    reward_cost: float = 1.0,
    fixed: float = 0.0,
    extra: float | None = None,
    extra_low: float | None = None,
    extra_high: float | None = None,
    currency: str | None = None,
) -> LoyaltyCost:
    """Return what points cost, and the share of members' sales that must be extra for them to pay.

    cost = sales * earn_rate * redeemed * reward_cost + fixed; needed = cost / (sales * margin)
    growth needed over the sales without the scheme = needed / (1 - needed)

    Args:
        sales: Net sales of the members in the period, with the scheme; above 0.
        margin: Contribution of those sales before the scheme, as a share of them; above 0.
        earn_rate: Worth of the points given, as a share of sales (0.01 for 1%).
        redeemed: Share of the points that are used.
        reward_cost: What a point used costs the seller, as a share of its worth: 1 where it replaces money
            of a sale that would have come anyway, the cost share of the goods where it does not.
        fixed: Software, mails and work of the period.
        extra: Share of the sales that only the scheme brought, measured with a holdout.
        extra_low: Lower end of its interval.
        extra_high: Upper end.
        currency: ISO code, for the words.

    Raises:
        InputError: A rate is no fraction, or an amount is negative.

    Source: arithmetic of incremental contribution; on who joins, Y. Liu, "The long-term impact of loyalty
    programs", 2007.

    >>> result = loyalty_cost(1_000_000, 0.25, 0.05, redeemed=0.8, fixed=10_000)
    >>> result.cost, result.needed, round(result.needed_growth, 4)
    (50000.0, 0.2, 0.25)
    """
    if not 0 < sales < math.inf:
        raise InputError(f"sales is {sales:g}: expected the members' net sales, above 0.")
    if not 0 <= fixed < math.inf:
        raise InputError(f"fixed is {fixed:g}: expected an amount of 0 or more.")
    rates = {"margin": margin, "earn_rate": earn_rate, "redeemed": redeemed, "reward_cost": reward_cost}
    given = {"extra": extra, "extra_low": extra_low, "extra_high": extra_high}
    for name, rate in {**rates, **{name: each for name, each in given.items() if each is not None}}.items():
        # The interval of a measured share may reach below 0: the scheme may have put people off.
        check_rate(name, rate, low=-1.0 if name in given else 0.0)
    if margin == 0:
        raise InputError("margin is 0: no sale leaves anything, so that no scheme can pay.")
    points = sales * earn_rate
    rewards = points * redeemed * reward_cost
    cost, unredeemed = rewards + fixed, points * (1 - redeemed)
    needed = cost / (sales * margin)
    net = {name: None if each is None else each * margin * sales - cost for name, each in given.items()}
    import pandas as pd

    lines = {
        text.say("points given"): points,
        text.say("points redeemed"): points * redeemed,
        text.say("points not redeemed"): unredeemed,
        text.say("cost of the rewards"): rewards,
        text.say("fixed cost"): fixed,
        text.say("cost of the scheme"): cost,
    }
    table = pd.DataFrame(
        {
            "part": list(lines),
            "amount": [float(each) for each in lines.values()],
            "share_of_sales": [each / sales for each in lines.values()],
        }
    )
    words = {
        "cost": text.money(cost, currency),
        "share": text.percent(cost / sales),
        "sales": text.money(sales, currency),
        "needed": text.percent(needed),
        "margin": text.percent(margin),
    }
    said = [text.say("The scheme costs {cost}, {share} of {sales} of members' sales.", **words)]
    if needed >= 1:
        said.append(
            text.say("At a margin of {margin} it can never pay: it costs more than all they leave.", **words)
        )
    else:
        said.append(
            text.say("It pays if more than {needed} of those sales come only because of it.", **words)
        )
    if net["extra"] is not None:
        words |= {
            name: text.money(math.nan if each is None else each, currency) for name, each in net.items()
        }
        if net["extra_low"] is not None and net["extra_high"] is not None:
            said.append(text.say("As measured it leaves {extra} ({extra_low} to {extra_high}).", **words))
        else:
            said.append(text.say("As measured it leaves {extra}; its interval was not given.", **words))
    else:
        said.append(text.say("How much is extra only a holdout tells."))
    return LoyaltyCost(
        table=table,
        sentence=" ".join(said),
        definition=text.say(
            "Cost = sales x earn rate x share redeemed x cost of a point + fixed cost; needed = cost / "
            "(sales x margin). Points not redeemed stay a debt while they are valid."
        ),
        currency=currency,
        formats={"amount": "money", "share_of_sales": "rate"},
        cost=cost,
        share_of_sales=cost / sales,
        unredeemed=unredeemed,
        needed=needed,
        needed_growth=needed / (1 - needed) if needed < 1 else None,
        net=net["extra"],
        net_low=net["extra_low"],
        net_high=net["extra_high"],
        sales=float(sales),
        margin=float(margin),
    )
