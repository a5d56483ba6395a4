"""What a purchase of a customer is worth: the Gamma-Gamma model.

The one idea: the mean of a customer's few purchases is half luck. The model draws it towards the mean of
all customers, the more so the fewer purchases there are. It holds only if big spenders do not come back
more or less often than others, so that is measured and said.

Each purchase of a customer is Gamma(p, nu), and nu is Gamma(q, v) over customers:

    ln L = lnΓ(px+q) - lnΓ(px) - lnΓ(q) + q ln v + (px-1) ln m + px ln x - (px+q) ln(v + xm)
    E(M | x, m) = p (v + xm) / (px + q - 1),  mean of all customers = pv / (q - 1)

Sources: Colombo and Jiang (1999), Journal of Interactive Marketing 13(3); Fader and Hardie (2013), "The
Gamma-Gamma Model of Monetary Value".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.errors import InputError
from sellerlab.lifetime.buytillyoudie import arrays, plain
from sellerlab.lifetime.fit import MINIMUM, column_names, read_summary
from sellerlab.lifetime.likelihood import Z95, Floats, Top, dot, maximise, parameter_rows
from sellerlab.lifetime.repeat_purchases import RepeatPurchases
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STARTS = ((3.0, 3.0, 1.0), (1.0, 2.0, 1.0), (10.0, 10.0, 1.0))


@dataclass(frozen=True)
class GammaGamma:
    """The Gamma-Gamma model of the value of a purchase.

    >>> model = GammaGamma(p=6.25, q=3.74, v=15.44)
    >>> round(model.expected_given(3, 35.0), 2)
    35.03
    """

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        for name, value in self.parameters.items():
            if not 0 < value < np.inf:
                raise InputError(f"{name} is {value:g}: a parameter of the Gamma-Gamma is above 0.")

    @property
    def parameters(self) -> dict[str, float]:
        """Name of each parameter to its value."""
        return {"p": self.p, "q": self.q, "v": self.v}

    @property
    def mean(self) -> float | None:
        """Mean value of a purchase over all customers; None where q is 1 or less, as it has no end."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else None

    def expected_given(self, frequency: Any, value: Any) -> Any:
        """Return the mean value to expect of customers with `frequency` purchases of mean `value`.

        Args:
            frequency: Repeat purchases, 0 or more; with 0 the mean of all customers is expected.
            value: Mean value of those purchases; ignored where frequency is 0.
        """
        x, m = arrays(frequency, value)
        spent = np.where(x > 0, x * np.nan_to_num(m), 0.0)
        below = self.p * x + self.q - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            made = np.where(below > 0, self.p * (self.v + spent) / below, np.nan)
        return plain(made)

    def simulate(self, frequency: Any, rng: np.random.Generator) -> Floats:
        """Draw the mean value of `frequency` purchases (1 or more) of each customer."""
        (x,) = arrays(frequency)
        nu = rng.gamma(self.q, 1 / self.v, x.shape)
        made: Floats = rng.gamma(self.p * x, 1 / (np.maximum(nu, 1e-300) * x))
        return np.maximum(made, 1e-12)

    @staticmethod
    def likelihood(values: Floats, x: Floats, m: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood of mean values m of x purchases, and its gradient by p, q and v."""
        from scipy.special import digamma, gammaln

        p, q, v = values
        shape, log_total = p * x + q, np.log(v + x * m)
        each = gammaln(shape) - gammaln(p * x) - gammaln(q) + q * np.log(v) - np.log(m)
        each += p * x * (np.log(m) + np.log(x)) - shape * log_total
        slope_p = x * (digamma(shape) - digamma(p * x) + np.log(m) + np.log(x) - log_total)
        slope_q = digamma(shape) - digamma(q) + np.log(v) - log_total
        slope_v = q / v - shape / (v + x * m)
        one = np.ones_like(x)
        return dot(one, each), np.array([dot(one, slope) for slope in (slope_p, slope_q, slope_v)])


@dataclass(frozen=True, kw_only=True, repr=False)
class SpendFit(Result):
    """A fitted Gamma-Gamma; `table` has one row a parameter: estimate, standard error, 95% interval.

    Attributes:
        model: The model; None where too few customers came back.
        customers: Repeat buyers it was fitted to.
        left_out: Repeat buyers left out because their purchases were worth nothing in the end.
        mean: Mean value of a purchase over all customers; None where there is none.
        correlation: Of frequency and value among repeat buyers; the model takes it as 0.
        correlation_interval: Its 95% interval (Fisher's z).
        log_likelihood: At the estimates.
        log_covariance: Covariance of the logarithms of the parameters; None where not settled.
        frequency: Repeat purchases of each repeat buyer.
        value: Mean value of these.
    """

    model: GammaGamma | None
    customers: int
    left_out: int
    mean: float | None
    correlation: float | None
    correlation_interval: tuple[float, float] | None
    log_likelihood: float | None
    log_covariance: Floats | None = field(compare=False)
    frequency: Floats = field(compare=False)
    value: Floats = field(compare=False)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        top = float(np.quantile(self.value, 0.98)) if self.customers else 1.0
        edges = np.linspace(0, top, 41)
        ax.hist(self.value, bins=edges.tolist(), color=plots.TOTAL, alpha=0.6, label=text.say("in the data"))
        if self.model is not None:
            often = np.repeat(self.frequency, max(1, 40_000 // self.customers))
            drawn = self.model.simulate(often, np.random.default_rng(0))
            weights = np.full(len(drawn), self.customers / len(drawn))
            seen, _ = np.histogram(drawn, edges, weights=weights)
            ax.stairs(seen, edges, color=plots.LOSS, linewidth=2, label=text.say("the model expects"))
        ax.set_ylabel(text.say("repeat buyers"))
        plots.money_axis(ax, self.currency, axis="x")
        label = text.say("mean value of a purchase")
        ax.set_xlabel(f"{label}, {self.currency}" if self.currency else label)
        ax.legend()
        ax.set_title(text.say("What a purchase is worth"))


def fit_spend(purchases: Any, **names: str) -> SpendFit:
    """Fit the Gamma-Gamma model to the value of repeat purchases by maximum likelihood.

    Args:
        purchases: What `repeat_purchases` gave, or a table with frequency and value (mean value of the
            repeat purchases), one row a customer. Customers without a repeat purchase are left out.
        **names: Your own column names, as ``value="monetary"``.

    Returns:
        `SpendFit`. With fewer than 50 repeat buyers it says so and gives no number.

    Raises:
        TableError: A column is absent.

    Source: Fader and Hardie (2013).

    >>> import pandas as pd
    >>> fit_spend(pd.DataFrame({"frequency": [2, 0], "value": [30.0, None]})).sentence
    '1 customer with repeat purchases: too few to fit the value of a purchase, which needs 50.'
    """
    table, _ = read_summary(purchases)
    currency = purchases.currency if isinstance(purchases, RepeatPurchases) else None
    x, m, left_out = _values(table, names)
    count = len(x)
    top = _climb(x, m) if count >= MINIMUM else None
    model = GammaGamma(*top.estimates.tolist()) if top else None
    mean = model.mean if model else None
    correlation, interval = _correlation(x, m) if top else (None, None)
    said = _said(count, model, mean, correlation, interval, currency)
    if left_out:
        said += " " + text.say(
            "Repeat buyers whose purchases were worth nothing in the end, and who are left out: {n}.",
            n=text.number(left_out),
        )
    return SpendFit(
        table=tables.from_columns(parameter_rows(["p", "q", "v"], top), table),
        sentence=said,
        definition=text.say(
            "Gamma-Gamma model of the mean value of repeat purchases, by maximum likelihood, of customers "
            "with one or more. Mean = pv / (q - 1). It takes the value of purchases as unrelated to how "
            "often a customer buys; the correlation says how true that is."
        ),
        currency=currency,
        formats={"estimate": "number", "standard_error": "number", "low": "number", "high": "number"},
        model=model,
        customers=count,
        left_out=left_out,
        mean=mean,
        correlation=correlation,
        correlation_interval=interval,
        log_likelihood=top.log_likelihood if top else None,
        log_covariance=top.log_covariance if top else None,
        frequency=x,
        value=m,
    )


def refit_spend(fitted: SpendFit, rng: np.random.Generator) -> GammaGamma:
    """Return the model fitted to values drawn from a fitted one: one draw of a parametric bootstrap."""
    if fitted.model is None:
        raise InputError(f"There is no model to draw from. {fitted.sentence}")
    drawn = fitted.model.simulate(fitted.frequency, rng)
    return GammaGamma(*_climb(fitted.frequency, drawn).estimates.tolist())


def _values(table: Any, names: dict[str, str]) -> tuple[Floats, Floats, int]:
    frame = nw.from_native(table).lazy()
    keys = column_names(frame.collect_schema().names(), ("frequency", "value"), names)
    found = frame.select(keys).filter(nw.col(keys[0]) > 0).collect()
    x, m = (found[name].cast(nw.Float64).to_numpy() for name in keys)
    # One order for every engine, so that sums come out alike.
    order = np.lexsort((m, x))
    x, m = x[order], m[order]
    good = m > 0
    return x[good], m[good], int((~good).sum())


def _climb(x: Floats, m: Floats) -> Top:
    scale = float(m.mean())
    top = maximise(lambda values: GammaGamma.likelihood(values, x, m / scale), _STARTS, len(x))
    shift = len(x) * float(np.log(scale))
    return Top(top.estimates * np.array([1.0, 1.0, scale]), top.log_likelihood - shift, top.log_covariance)


def _correlation(x: Floats, m: Floats) -> tuple[float | None, tuple[float, float] | None]:
    if x.std() == 0 or m.std() == 0:
        return None, None
    found = float(np.corrcoef(x, m)[0, 1])
    middle, half = np.arctanh(np.clip(found, -0.999999, 0.999999)), Z95 / np.sqrt(len(x) - 3)
    return found, (float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def _said(
    count: int,
    model: GammaGamma | None,
    mean: float | None,
    correlation: float | None,
    interval: tuple[float, float] | None,
    currency: str | None,
) -> str:
    n = text.number(count)
    if model is None and count == 1:
        return text.say(
            "1 customer with repeat purchases: too few to fit the value of a purchase, which needs "
            "{minimum}.",
            minimum=MINIMUM,
        )
    if model is None:
        return text.say(
            "{n} customers with repeat purchases: too few to fit the value of a purchase, which needs "
            "{minimum}.",
            n=n,
            minimum=MINIMUM,
        )
    if mean is None:
        said = text.say(
            "The value of a purchase of {n} repeat buyers is spread so widely that its mean has no end (q is "
            "{q}, 1 or less): no mean is given.",
            n=n,
            q=text.number(model.q, 2),
        )
    else:
        said = text.say(
            "A purchase is worth {mean} on average, from {n} repeat buyers.",
            mean=text.money(mean, currency),
            n=n,
        )
    if correlation is None or interval is None:
        return said
    words = {
        "r": text.number(correlation, 2),
        "low": text.number(interval[0], 2),
        "high": text.number(interval[1], 2),
    }
    if abs(correlation) < 0.3:
        return said + " " + text.say(
            "How often and how much go together weakly (correlation {r}, 95% interval {low} to {high}), as "
            "the model needs.",
            **words,
        )  # fmt: skip
    return said + " " + text.say(
        "How often and how much go together (correlation {r}, 95% interval {low} to {high}), which the model "
        "takes as 0: look at frequent and rare buyers apart.",
        **words,
    )  # fmt: skip
