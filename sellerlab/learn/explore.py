"""Explorers: move a slider, by mouse or by the arrow keys, and the analysis answers again.

The one idea: an explorer holds no arithmetic. It is a pure function from the state of its controls to a
`Result`, so whatever it shows can be computed, printed and tested without it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal, Unpack

from sellerlab import text
from sellerlab.errors import InputError, SellerlabError
from sellerlab.results import Result

if TYPE_CHECKING:
    from sellerlab.margin.one_sale import SaleTerms
    from sellerlab.pricing.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Control:
    """One slider.

    Attributes:
        name: The argument of the function that it moves.
        label: What the learner reads beside it, unit included.
        low: Lowest value.
        high: Highest value.
        step: What one press of an arrow key changes.
        kind: ``"money"`` or ``"rate"`` (a fraction, shown as a percentage).
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    kind: Literal["money", "rate"] = "money"


class Explorer:
    """Sliders above an answer; show it as the last line of a cell.

    Attributes:
        controls: Name to slider; setting a slider's ``value`` answers again, as moving it does.
        result: The answer of the state as it is; None where the state has none.
        said: The sentence under the sliders: the answer's, or why there is none.
    """

    def __init__(
        self, answer: Callable[..., Result], controls: Sequence[Control], start: Mapping[str, float]
    ) -> None:
        """Build the sliders and answer once.

        Args:
            answer: From the values of the controls, by name, to a `Result`.
            controls: The sliders, in order.
            start: Name to the value that a slider starts with.
        """
        import ipywidgets

        self._answer = answer
        self.controls = {each.name: _slider(each, start[each.name]) for each in controls}
        self._shown = ipywidgets.HTML()
        self.result: Result | None = None
        self.said = ""
        for slider in self.controls.values():
            slider.observe(lambda _: self._update(), names="value")
        self._box = ipywidgets.VBox([*self.controls.values(), self._shown])
        self._update()

    @property
    def state(self) -> dict[str, float]:
        """Name to the value of each slider."""
        return {name: slider.value for name, slider in self.controls.items()}

    def _update(self) -> None:
        try:
            self.result = self._answer(**self.state)
        except SellerlabError as problem:
            self.result, self.said, picture = None, str(problem), ""
        else:
            self.said = str(self.result.sentence)
            picture = _image(self.result)
        # A screen reader speaks what changed, politely: after what it is saying.
        self._shown.value = f'<p role="status" aria-live="polite">{escape(self.said)}</p>{picture}'

    def __repr__(self) -> str:
        labels = ", ".join(slider.description for slider in self.controls.values())
        how = text.say("Run this cell to move: {labels}.", labels=labels)
        return f"{how}\n{self.said}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = self._box._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self)}


def unit_economics(price: float, cost: float, **terms: Unpack[SaleTerms]) -> Explorer:
    """Return the explorer of one sale: price, cost, fee and parcel, and the waterfall of one unit.

    Args:
        price: Price to start with, VAT included.
        cost: Landed cost to start with.
        **terms: See `sellerlab.margin.one_sale.SaleTerms`; those without a slider stay as they are.

    Raises:
        InputError: The price is not above 0.
    """
    from sellerlab.margin.one_sale import one_sale

    if not price > 0:
        raise InputError(f"price is {price:g}: expected a price above 0.")
    start = {"price": price, "cost": cost, "fee": terms.get("fee", 0.0), "parcel": terms.get("parcel", 0.0)}
    currency = terms.get("currency")
    step = _step(price)

    def money(name: str, label: str, low: float, times: float, by: float) -> Control:
        shown = f"{label} ({currency})" if currency else label
        most = max(times * price, 2 * start[name])
        return Control(name=name, label=shown, low=low, high=step * round(most / step), step=by)

    def answer(**state: float) -> Result:
        return one_sale(**{**terms, **state})  # type: ignore[arg-type]

    controls = (
        money("price", text.say("Price"), step, 2, step),
        money("cost", text.say("Cost of the goods"), 0, 1, step),
        Control(name="fee", label=text.say("Fee"), low=0, high=0.5, step=0.001, kind="rate"),
        money("parcel", text.say("Parcel"), 0, 0.5, step / 10),
    )
    return Explorer(answer, controls, start)


def target_price(
    cost: float, margin: float, *, currency: str | None = None, **terms: Unpack[Terms]
) -> Explorer:
    """Return the explorer of a price: cost, parcel, fee, VAT and margin, and where no price is left.

    Args:
        cost: Landed cost to start with, above 0.
        margin: Target margin on the net price to start with.
        currency: ISO code of the amounts.
        **terms: See `sellerlab.pricing.terms.Terms`, plain numbers; a minimum fee is left out.

    Raises:
        InputError: The cost is not above 0.
    """
    from sellerlab.pricing.limits import price_limits

    if not cost > 0:
        raise InputError(f"cost is {cost:g}: expected a cost above 0.")
    start = {"cost": cost, "fixed_cost": float(terms.get("fixed_cost", 0.0)), "margin": margin}
    start |= {"fees": float(terms.get("fees", 0.0)), "vat_rate": float(terms.get("vat_rate", 0.0))}
    fixed = float(terms.get("fee_fixed", 0.0))
    step = _step(cost)
    amounts = (("cost", text.say("Cost of the goods"), step), ("fixed_cost", text.say("Parcel"), 0))
    rates = (
        ("fees", text.say("Fee"), 0.5),
        ("vat_rate", text.say("VAT"), 0.3),
        ("margin", text.say("Margin wanted"), 0.99),
    )

    def answer(**state: float) -> Result:
        return price_limits(**state, fee_fixed=fixed, currency=currency)

    controls = [
        Control(
            name=name,
            label=f"{label} ({currency})" if currency else label,
            low=low,
            high=max(3 * cost, 2 * start[name]),
            step=step,
        )
        for name, label, low in amounts
    ]
    controls += [
        Control(name=name, label=label, low=0, high=high, step=0.001, kind="rate")
        for name, label, high in rates
    ]
    return Explorer(answer, controls, start)


def _step(price: float) -> float:
    """Return a step that is a power of ten, from a hundredth to a thousandth of the price."""
    step: float = 10.0 ** len(str(int(price))) / 1000
    return step


def _slider(control: Control, value: float) -> Any:
    import ipywidgets

    decimals = 0 if control.step >= 1 else 2
    return ipywidgets.FloatSlider(
        value=value,
        min=control.low,
        max=control.high,
        step=control.step,
        description=control.label,
        tooltip=control.label,
        continuous_update=False,
        readout_format=".1%" if control.kind == "rate" else f",.{decimals}f",
        style={"description_width": "12em"},
        layout={"width": "36em", "max_width": "100%"},
    )


def _image(result: Result) -> str:
    import matplotlib.pyplot as plt

    from sellerlab import plots

    with plots.look():
        figure = result.plot().get_figure(root=True)
        if figure is None:
            return ""
        data = base64.b64encode(plots.png(figure)).decode()
        plt.close(figure)
    width = round(plots.WIDTH * 100)
    return f'<img alt="{escape(result.sentence)}" width="{width}" src="data:image/png;base64,{data}">'
