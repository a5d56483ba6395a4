"""If I raise the price, how many fewer? Own-price elasticity from a shop's own weeks.

One idea: prices do not move by chance. A shop that raises its price in high season sees more sales at
higher prices, and a plain slope then has the wrong sign. What else moved (season, promotions, stock,
advertising) goes in beside the price, and only the price movement it does not explain tells anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from sellerlab import plots, text
from sellerlab.errors import InputError, check_rate, unknown
from sellerlab.pricing.regression import regress
from sellerlab.pricing.terms import Array
from sellerlab.results import Format, Result
from sellerlab.tables import like

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Least standard deviation of the log price, beside the controls, from which anything is learned.
MIN_SPREAD = 0.02

_FORMATS: dict[str, Format] = dict.fromkeys(("estimate", "error", "low", "high"), "number")


@dataclass(frozen=True, kw_only=True, repr=False)
class Elasticity(Result):
    """Own-price elasticity; None where the data cannot show it, with the reason in the sentence.

    Attributes:
        elasticity: Change of units in percent for a price 1% higher.
        low: Lower end of its interval.
        high: Upper end.
        naive: The same without controls, for comparison.
        method: ``"ols"`` (log-log) or ``"poisson"``.
        rows: Rows used.
        zeros: Rows without a sale among them.
        left_out: Rows left out, by reason.
        price_low: Lowest price seen.
        price_high: Highest price seen.
        price_typical: Median price.
        price_spread: Standard deviation of the log price that the controls do not explain.
        unit_spread: Standard deviation of what is left unexplained, relative to the units expected.
        points: Each row's price and units, relative to what the controls expect; for the picture.
        reason: None, ``"too_few"``, ``"price_fixed"`` or ``"price_explained"``.
    """

    elasticity: float | None
    low: float | None
    high: float | None
    naive: float | None
    method: str
    rows: int
    zeros: int
    left_out: Mapping[str, int]
    price_low: float
    price_high: float
    price_typical: float
    price_spread: float
    unit_spread: float | None
    points: pd.DataFrame = field(compare=False)
    reason: str | None = None

    def _draw(self, ax: Axes) -> None:
        ax.set_title(text.say("Units against price, beside what the controls explain"))
        if self.elasticity is None or self.low is None or self.high is None:
            ax.text(
                0.5, 0.5, text.say("No elasticity: see the sentence"), ha="center", transform=ax.transAxes
            )
            ax.set_axis_off()
            return
        steps = self.points["log_price"]
        line = np.linspace(steps.min(), steps.max(), 100)
        moved = np.expm1(line)
        ax.plot(np.expm1(steps), self.points["units"] - 1, "o", color=plots.MUTED, alpha=0.7)
        band = np.expm1(self.low * line), np.expm1(self.high * line)
        ax.fill_between(moved, *band, color=plots.TOTAL, alpha=0.2, linewidth=0)
        label = text.say("elasticity {e}", e=signed(self.elasticity))
        ax.plot(moved, np.expm1(self.elasticity * line), color=plots.TOTAL, linewidth=2, label=label)
        if self.naive is not None:
            label = text.say("without controls {e}", e=signed(self.naive))
            ax.plot(moved, np.expm1(self.naive * line), "--", color=plots.LOSS, label=label)
        plots.percent_axis(ax, axis="x")
        plots.percent_axis(ax)
        ax.set_xlabel(text.say("price, above or below expected"))
        ax.set_ylabel(text.say("units, above or below expected"))
        ax.legend()


def own_price_elasticity(
    sales: Any,
    *,
    controls: Sequence[str] = (),
    units: str = "units",
    price: str = "price",
    in_stock: str | None = None,
    method: Literal["auto", "ols", "poisson"] = "auto",
    errors: Literal["HC1", "HC3"] = "HC3",
    confidence: float = 0.95,
    minimum: int = 20,
    currency: str | None = None,
) -> Elasticity:
    """Estimate how units react to the shop's own price.

    OLS: ``ln(units) = a + e * ln(price) + controls``. Poisson (PPML): ``E[units] = exp(the same)``, which
    takes weeks without a sale as they are: ``ln(0)`` does not exist, and to leave such weeks out, or to add
    1, bends the result. OLS itself is some percent too steep where units are few: the log of a small count
    lies below the log of its mean. At 15 units a week it reads about -2.1 for -2; with fewer than some 30
    units a period ask for Poisson. Errors are robust to unequal spread: HC1 ``n/(n-k)``, HC3 ``r / (1 - h)``.

    Args:
        sales: One row a period (week) of one product.
        controls: Columns of what else moved. A number is taken as it is; text becomes one level each (a
            month or a season, for example).
        units: Column of units sold, 0 or more.
        price: Column of the price paid, above 0.
        in_stock: Column that is true for periods in stock all through; the others are left out and counted,
            since their sales say what was there, not what was wanted.
        method: ``"auto"`` takes Poisson where a period has no sale, else OLS.
        errors: Kind of robust errors.
        confidence: Level of the interval (t, n - k degrees of freedom).
        minimum: Fewest periods from which an elasticity is given; more where controls ask for them: 7, and 5
            for each column of theirs.
        currency: ISO code of the price.

    Returns:
        An `Elasticity`: one row a coefficient. It gives no number where there are too few periods, or where
        prices hardly moved beside the controls (standard deviation of the log below 0.02).

    Raises:
        InputError: A column is missing or of another kind, a price is 0 or infinite, or OLS was asked with
            empty periods.

    Source: J. Santos Silva, S. Tenreyro, The log of gravity, 2006; J. MacKinnon, H. White, 1985.

    >>> price = np.array([8.0, 9, 10, 11, 12] * 6)
    >>> round(own_price_elasticity(pd.DataFrame({"price": price, "units": 5000 * price**-2})).elasticity, 6)
    -2.0
    """
    check_rate("confidence", confidence, below_high=True)
    for name, value, known in (
        ("method", method, ("auto", "ols", "poisson")),
        ("errors", errors, ("HC1", "HC3")),
    ):
        if value not in known:
            raise unknown(name, value, known)
    frame, left_out = _rows(sales, (units, price, *controls), in_stock)
    sold, paid = _positive(frame, units, zero=True), _positive(frame, price, zero=False)
    zeros, n = int((sold == 0).sum()), len(sold)
    if method == "ols" and zeros:
        raise InputError(
            f"{zeros} of {n} periods have no sale, and ln(0) does not exist. Use method='poisson'; do not "
            "add 1 and do not leave them out."
        )
    chosen = "poisson" if method == "poisson" or zeros else "ols"
    names, columns = _controls(frame, controls)
    logs = np.log(paid)
    others = np.column_stack([np.ones(n), *columns])
    moved = logs - others @ np.linalg.lstsq(others, logs, rcond=None)[0] if n else logs
    needed = max(minimum, 2 + 5 * (1 + len(names)))
    raw, left = (float(np.std(each)) if n else 0.0 for each in (logs, moved))
    reason = None
    if n < needed:
        reason = "too_few"
    elif raw < MIN_SPREAD:
        reason = "price_fixed"
    elif left < MIN_SPREAD:
        reason = "price_explained"
    labels = ["ln(price)", *names, text.say("constant")]
    fit = error = None
    table = pd.DataFrame({"term": labels[:0], "estimate": [], "error": [], "low": [], "high": []})
    if reason is None:
        fit = regress(np.column_stack([logs, *columns, np.ones(n)]), sold, chosen, errors)
        error = np.sqrt(np.diag(fit.covariance))
        half = _t((1 + confidence) / 2, n - len(labels)) * error
        ends = {"low": fit.coefficients - half, "high": fit.coefficients + half}
        table = pd.DataFrame({"term": labels, "estimate": fit.coefficients, "error": error, **ends})
    points = pd.DataFrame({"log_price": moved, "units": np.nan})
    naive = spread = None
    if fit is not None:
        points["units"] = np.exp(fit.coefficients[0] * moved) * sold / fit.expected
        spread = float(np.sqrt(np.sum((sold / fit.expected - 1) ** 2) / (n - len(labels))))
        if names:
            plain = regress(np.column_stack([logs, np.ones(n)]), sold, chosen, errors)
            naive = float(plain.coefficients[0])
    numbers = {
        "elasticity": None if fit is None else float(fit.coefficients[0]),
        "low": None if fit is None else float(table["low"].iloc[0]),
        "high": None if fit is None else float(table["high"].iloc[0]),
    }
    words = {
        "n": text.number(n),
        "needed": text.number(needed),
        "level": text.percent(confidence, 0),
        "from_": text.money(float(paid.min()) if n else np.nan, currency),
        "to": text.money(float(paid.max()) if n else np.nan, currency),
        "left": text.percent(left),
    }
    return Elasticity(
        table=like(nw.from_native(table), sales),
        sentence=_sentence(reason, numbers, naive, words),
        definition=text.say(
            "{model}; robust errors {errors}. Controls: {controls}. Out of stock and left out: {stock} "
            "periods; incomplete: {missing}. It holds between the prices seen, in the short run, with "
            "competitors as they were.",
            model=text.say("ln(units) on ln(price)")
            if chosen == "ols"
            else text.say("Poisson of units on ln(price)"),
            errors=errors,
            controls=", ".join(controls) or text.say("none"),
            stock=text.number(left_out["out_of_stock"]),
            missing=text.number(left_out["missing"]),
        ),
        currency=currency,
        formats=_FORMATS,
        **numbers,
        naive=naive,
        method=chosen,
        rows=n,
        zeros=zeros,
        left_out=left_out,
        price_low=float(paid.min()) if n else np.nan,
        price_high=float(paid.max()) if n else np.nan,
        price_typical=float(np.median(paid)) if n else np.nan,
        price_spread=left,
        unit_spread=spread,
        points=points,
        reason=reason,
    )


def _rows(
    sales: Any, wanted: Sequence[str], in_stock: str | None
) -> tuple[nw.DataFrame[Any], dict[str, int]]:
    lazy = nw.from_native(sales).lazy()
    present = lazy.collect_schema().names()
    named = [*dict.fromkeys(wanted), *([in_stock] if in_stock else [])]
    for name in named:
        if name not in present:
            raise unknown("column of sales", name, present)
    frame = lazy.select(*dict.fromkeys(named)).collect()
    stocked = np.ones(len(frame), dtype=bool)
    if in_stock and len(frame):
        kind = frame[in_stock].dtype
        if not (kind.is_numeric() or kind == nw.Boolean):
            raise InputError(f"The column {in_stock!r} holds {kind}: expected true or false, or 1 or 0.")
        stocked = frame[in_stock].cast(nw.Float64).fill_null(0.0).to_numpy() >= 1
    known = np.ones(len(frame), dtype=bool)
    for name in dict.fromkeys(wanted):
        values = frame[name]
        known &= ~values.is_null().to_numpy()
        if values.dtype.is_float():
            known &= ~np.isnan(values.to_numpy())
    left_out = {"out_of_stock": int((~stocked).sum()), "missing": int((stocked & ~known).sum())}
    kept = stocked & known
    # A mask without an entry is no mask to narwhals.
    return frame if kept.all() else frame.filter(kept.tolist()), left_out


def _positive(frame: nw.DataFrame[Any], name: str, *, zero: bool) -> Array:
    if not len(frame):  # a column without a value may be of any kind
        return np.zeros(0)
    if not frame[name].dtype.is_numeric():
        raise InputError(f"The column {name!r} holds {frame[name].dtype}: expected numbers.")
    values = np.asarray(frame[name].cast(nw.Float64).to_numpy(), dtype=float)
    wrong = (values < 0 if zero else values <= 0) | np.isinf(values)
    if wrong.any():
        expected = "0 or more" if zero else "above 0"
        raise InputError(
            f"{name} is {values[wrong][0]:g} in one of the periods: expected a finite number {expected}."
        )
    return values


def _controls(frame: nw.DataFrame[Any], controls: Sequence[str]) -> tuple[list[str], list[Array]]:
    """Return the controls as columns that vary: numbers as they are, text as a column for each level."""
    names: list[str] = []
    columns: list[Array] = []
    for name in controls:
        values = frame[name]
        if values.dtype.is_numeric() or values.dtype == nw.Boolean:
            found = {name: np.asarray(values.cast(nw.Float64).to_numpy(), dtype=float)}
        elif isinstance(values.dtype, nw.Datetime | nw.Date):
            raise InputError(
                f"The control {name!r} holds dates: give what matters about them, such as the month."
            )
        else:
            text_values = np.array([str(value) for value in values.to_list()])
            levels = sorted(set(text_values))[1:]
            found = {f"{name}={level}": (text_values == level).astype(float) for level in levels}
        for label, column in found.items():
            if len(column) and np.ptp(column) > 0:
                names.append(label)
                columns.append(column)
    return names, columns


def _t(level: float, degrees: int) -> float:
    from scipy.stats import t

    return float(t.ppf(level, max(degrees, 1)))


def signed(value: float) -> str:
    """Write an elasticity with its sign, which says whether a higher price sells fewer units or more.

    >>> signed(1.34), signed(-2), signed(0.001)
    ('+1.34', '-2.00', '0.00')
    """
    return ("+" if round(value, 2) > 0 else "") + text.number(value, 2)


def _sentence(
    reason: str | None, numbers: Mapping[str, float | None], naive: float | None, words: Mapping[str, str]
) -> str:
    if reason == "too_few":
        return text.say("{n} periods can be used: too few for an elasticity, {needed} are needed.", **words)
    if reason == "price_fixed":
        return text.say(
            "The price hardly moved over {n} periods (from {from_} to {to}), so nothing shows how units "
            "react to it. Plan a price test.",
            **words,
        )
    if reason == "price_explained":
        return text.say(
            "The price moved only together with the controls (only {left} is its own movement, over {n} "
            "periods), so its effect cannot be told from theirs. Plan a price test.",
            **words,
        )
    e, low, high = (float(numbers[name] or 0.0) for name in ("elasticity", "low", "high"))
    filled = {
        **words,
        "e": signed(e),
        "low": signed(low),
        "high": signed(high),
        "naive": signed(naive or 0.0),
        "units": text.percent(abs(1.1**e - 1), 0),
    }
    if high >= 0:
        return text.say(
            "Whether a higher price sells fewer units does not show: elasticity {e}, {level} interval {low} "
            "to {high} ({n} periods). Plan a price test.",
            **filled,
        )
    if naive is None:
        return text.say(
            "A price 10% higher sells about {units} fewer units: elasticity {e}, {level} interval {low} to "
            "{high} ({n} periods, prices from {from_} to {to}). Nothing else is held constant.",
            **filled,
        )
    return text.say(
        "A price 10% higher sells about {units} fewer units: elasticity {e}, {level} interval {low} to "
        "{high} ({n} periods, prices from {from_} to {to}). Without the controls it would read {naive}.",
        **filled,
    )
