"""Fitting a model of buying to a shop's customers, with standard errors, and drawing it again.

The one idea: an estimate comes with how sure it is. Standard errors stand on the curvature of the
likelihood, on the scale of logarithms, so that an interval never passes 0; a prediction gets its interval
by simulating the shop from the fitted model and fitting again (parametric bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np

from sellerlab import tables, text
from sellerlab.errors import InputError, TableError, unknown
from sellerlab.lifetime.bg_bb import BgBb
from sellerlab.lifetime.buytillyoudie import BgNbd, MbgNbd, Model, Nbd
from sellerlab.lifetime.likelihood import Z95, Floats, Histories, Top, histories, maximise, parameter_rows
from sellerlab.lifetime.pareto_nbd import ParetoNbd
from sellerlab.lifetime.repeat_purchases import DAYS, RepeatPurchases, Unit
from sellerlab.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Name = Literal["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd", "bg_bb"]

MODELS: dict[str, type[Model]] = {
    "bg_nbd": BgNbd,
    "mbg_nbd": MbgNbd,
    "pareto_nbd": ParetoNbd,
    "nbd": Nbd,
    "bg_bb": BgBb,
}

#: Fewest customers with a repeat purchase for which four parameters are estimated.
MINIMUM = 50
#: More histories than this are climbed from where a sixteenth of them leads.
_MANY = 20_000


@dataclass(frozen=True, kw_only=True, repr=False)
class Fit(Result):
    """A fitted model of buying; `table` has one row a parameter: estimate, standard error, 95% interval.

    Attributes:
        model: The model with its parameters, which answers `expected`, `p_alive` and so on; None where
            too few customers came back.
        customers: Customers it was fitted to.
        repeaters: Those with a repeat purchase.
        log_likelihood: At the estimates; higher is closer to the data, for models of the same data.
        expected_year: Repeat purchases of a new customer in the first 365.25 days.
        expected_year_interval: Its 95% interval; None where the data do not settle it.
        unit: Unit of time of the parameters.
        log_covariance: Covariance of the logarithms of the parameters; None where not settled.
        data: The histories it was fitted to.
    """

    model: Model | None
    customers: int
    repeaters: int
    log_likelihood: float | None
    expected_year: float | None
    expected_year_interval: tuple[float, float] | None
    unit: Unit
    log_covariance: Floats | None = field(compare=False)
    data: Histories = field(compare=False)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        names = [str(each) for each in range(7)] + ["7+"]
        x, n = self.data.frequency, self.data.customers
        seen = [float(n[x == each].sum()) for each in range(7)] + [float(n[x >= 7].sum())]
        places = np.arange(8)
        ax.bar(places - 0.2, seen, 0.4, color=plots.TOTAL, label=text.say("in the data"))
        if self.model is not None:
            label = text.say("{model} expects", model=self.model.name)
            ax.bar(places + 0.2, self._by_count(self.model), 0.4, color=plots.COLOURS[1], label=label)
        ax.set_xticks(places, names)
        ax.set_xlabel(text.say("purchases after the first"))
        ax.set_ylabel(text.say("customers"))
        ax.yaxis.set_major_formatter(lambda value, _: text.number(value))
        ax.legend()
        ax.set_title(text.say("Does the model look like the shop?"))

    def _by_count(self, model: Model) -> list[float]:
        ages, place = np.unique(self.data.age, return_inverse=True)
        many = np.bincount(place, self.data.customers)
        each = np.array([model.pmf(float(count), ages) for count in range(7)]) @ many
        return [*each.tolist(), max(self.customers - float(each.sum()), 0.0)]


def fit(purchases: Any, model: Name = "bg_nbd", *, unit: Unit | None = None, **names: str) -> Fit:
    """Fit a model of buying to customers by maximum likelihood.

    Args:
        purchases: What `repeat_purchases` gave, or a table with frequency, recency and age, one row a
            customer. A column ``customers`` says how many customers a row stands for.
        model: ``"bg_nbd"`` (who bought once is alive for sure), ``"mbg_nbd"`` (better where most buy once),
            ``"pareto_nbd"`` (slower), ``"nbd"`` (nobody stops), ``"bg_bb"`` (fixed occasions).
        unit: Unit of recency and age, for a table of your own; a week by default.
        **names: Your own column names, as ``age="T"``.

    Returns:
        `Fit`. With fewer than 50 repeat buyers it says so and gives no number.

    Raises:
        InputError: Nobody came back at all, or a history cannot be.
        TableError: A column is absent.
        UnknownNameError: There is no such model.

    Source: see the module of each model; standard errors from the observed information.

    >>> import pandas as pd
    >>> data = pd.DataFrame({"frequency": [0, 0], "recency": [0.0, 0.0], "age": [30.0, 20.0]})
    >>> fit(data)
    Traceback (most recent call last):
    sellerlab.errors.InputError: None of the 2 customers bought again, so nothing says how often they buy
        or when they stop. Take a longer period, or check that customer_id is the same in each order.
    """
    if model not in MODELS:
        raise unknown("model", model, MODELS)
    table, unit = read_summary(purchases, unit)
    data = _histories(table, names)
    customers, repeaters = int(data.customers.sum()), int(data.customers[data.frequency > 0].sum())
    if not repeaters:
        raise InputError(
            f"None of the {customers} customers bought again, so nothing says how often they buy or when "
            "they stop. Take a longer period, or check that customer_id is the same in each order."
        )
    kind = MODELS[model]
    top = climb(kind, data) if repeaters >= MINIMUM else None
    made = kind(*top.estimates.tolist()) if top else None
    year = 365.25 / DAYS[unit]
    expected = float(made.expected(year)) if made else None
    interval = _delta(kind, top, year) if top else None
    return Fit(
        table=tables.from_columns(parameter_rows([each.name for each in fields(kind)], top), table),
        sentence=_said(kind.name, customers, repeaters, expected, interval),
        definition=text.say(
            "{model} by maximum likelihood; time in units of one {unit} from each customer's first purchase. "
            "Intervals: 95%, from the curvature of the log-likelihood in the logarithms of the parameters. "
            "It takes each customer's rate as constant: no season, no promotions, no growth.",
            model=kind.name,
            unit=text.say(unit),
        ),
        formats={"estimate": "number", "standard_error": "number", "low": "number", "high": "number"},
        model=made,
        customers=customers,
        repeaters=repeaters,
        log_likelihood=top.log_likelihood if top else None,
        expected_year=expected,
        expected_year_interval=interval,
        unit=unit,
        log_covariance=top.log_covariance if top else None,
        data=data,
    )


def _said(
    name: str,
    customers: int,
    repeaters: int,
    expected: float | None,
    interval: tuple[float, float] | None,
) -> str:
    words = {"model": name, "n": text.number(customers), "repeaters": text.number(repeaters)}
    if expected is None:
        return text.say(
            "{repeaters} of {n} customers bought again: too few to fit a model, which needs {minimum}.",
            minimum=MINIMUM,
            **words,
        )
    words["x"] = text.number(expected, 2)
    if interval is None:
        return text.say(
            "By the {model}, fitted to {n} customers of whom {repeaters} bought again, a new customer buys "
            "{x} times more in the first year. The data do not settle every parameter, so there is no "
            "interval.",
            **words,
        )
    return text.say(
        "By the {model}, fitted to {n} customers of whom {repeaters} bought again, a new customer buys {x} "
        "times more in the first year (95% interval {low} to {high}).",
        low=text.number(interval[0], 2),
        high=text.number(interval[1], 2),
        **words,
    )


def climb(kind: type[Model], data: Histories) -> Top:
    """Return where the likelihood of a model is highest for these histories.

    Time is measured in mean ages on the way, so that the unit does not matter.
    """
    customers = float(data.customers.sum())
    scale = float((data.age * data.customers).sum()) / customers if kind.times else 1.0
    factor = np.array([scale if each.name in kind.times else 1.0 for each in fields(kind)])
    starts = [list(each) for each in kind.starts]
    scaled = Histories(data.frequency, data.recency / scale, data.age / scale, data.customers, data.group)
    curvature = None
    if len(scaled.age) > _MANY:
        some = slice(None, None, 16)
        x, t_x, T, n = scaled.frequency[some], scaled.recency[some], scaled.age[some], scaled.customers[some]
        rough = Histories(x, t_x, T, n, scaled.group)
        top = maximise(lambda values: kind.likelihood(values, rough), starts, float(n.sum()))
        starts = [top.estimates.tolist(), *starts]
        if top.log_covariance is not None:
            curvature = np.asarray(np.linalg.inv(top.log_covariance * n.sum()))
    top = maximise(lambda values: kind.likelihood(values, scaled), starts, customers, curvature)
    values = top.estimates * factor
    # Times in other units shift the density of each repeat purchase, and nothing else.
    shift = float((data.frequency * data.customers).sum()) * np.log(scale)
    return Top(values, top.log_likelihood - shift, top.log_covariance)


def bootstrap(fitted: Fit, draws: int = 200, *, seed: int = 0) -> list[Model]:
    """Return models fitted to shops simulated from a fitted one (parametric bootstrap).

    Each draw gives every customer a new history over the same age and fits the model again. The spread of
    anything computed from these models is what the estimates leave open.

    Args:
        fitted: What `fit` gave.
        draws: How many, 2 or more.
        seed: Of the random draws; the same seed gives the same models.

    Raises:
        InputError: `fitted` has no model, or `draws` is below 2.

    Source: Efron and Tibshirani (1993), *An Introduction to the Bootstrap*.
    """
    model = fitted.model
    if model is None:
        raise InputError(f"There is no model to draw from. {fitted.sentence}")
    if draws < 2:
        raise InputError(f"draws is {draws}: an interval needs 2 or more; 200 is usual.")
    rng = np.random.default_rng(seed)
    age = np.repeat(fitted.data.age, fitted.data.customers.astype(int))
    kind = type(model)
    start = tuple(model.parameters.values())
    made: list[Model] = []
    while len(made) < draws:
        x, t_x = model.simulate(age, rng)
        if x.any():
            made.append(kind(*_near(kind, histories(x, t_x, age), start).tolist()))
    return made


def _near(kind: type[Model], data: Histories, start: tuple[float, ...]) -> Floats:
    """Fit again from the parameters that made the data; a draw that runs off is kept where it stops."""
    return maximise(
        lambda values: kind.likelihood(values, data), [start], float(data.customers.sum())
    ).estimates


def read_summary(purchases: Any, unit: Unit | None = None) -> tuple[Any, Unit]:
    """Return the table of a summary and its unit of time."""
    if isinstance(purchases, RepeatPurchases):
        if unit not in (None, purchases.unit):
            raise InputError(f"unit is {unit!r}, but the summary was made with unit {purchases.unit!r}.")
        return purchases.table, purchases.unit
    if unit is not None and unit not in DAYS:
        raise unknown("unit", unit, DAYS)
    return purchases, unit or "week"


def column_names(present: list[str], wanted: tuple[str, ...], names: dict[str, str]) -> list[str]:
    """Return the caller's names of the wanted columns; refuse those that are absent."""
    for name in names:
        if name not in (*wanted, "customers", "value", "customer_id"):
            raise unknown("column of the summary", name, wanted)
    own = [names.get(name, name) for name in wanted]
    for name, given in zip(wanted, own, strict=True):
        if given not in present:
            near = str(unknown("column", given, present)).split(". ", 1)[1]
            raise TableError(
                f"The table has no column {given!r} for {name}. {near} "
                "lifetime.repeat_purchases(orders) makes the table from orders."
            )
    return own


def _histories(table: Any, names: dict[str, str]) -> Histories:
    frame = nw.from_native(table)
    present = frame.collect_schema().names()
    keys = column_names(present, ("frequency", "recency", "age"), names)
    weight = names.get("customers", "customers")
    weighted = weight in present
    if isinstance(frame, nw.LazyFrame):
        many = nw.col(weight).sum() if weighted else nw.len()
        frame = frame.group_by(keys).agg(many.alias("_many")).sort(keys).collect()
        weight, weighted = "_many", True
    x, t_x, T = (frame[name].to_numpy() for name in keys)
    return histories(x, t_x, T, frame[weight].to_numpy() if weighted else None)


def _delta(kind: type[Model], top: Top, t: float) -> tuple[float, float] | None:
    """Return the 95% interval of the expected purchases, by the delta method on logarithms."""
    if top.log_covariance is None:
        return None
    logs, step = np.log(top.estimates), 1e-4

    def at(moved: Floats) -> float:
        return float(np.log(kind(*np.exp(moved).tolist()).expected(t)))

    slope = [(at(logs + step * e) - at(logs - step * e)) / (2 * step) for e in np.eye(len(logs))]
    half = Z95 * float(np.sqrt(slope @ top.log_covariance @ slope))
    middle = at(logs)
    return float(np.exp(middle - half)), float(np.exp(middle + half))
