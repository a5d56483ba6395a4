"""The explorer itself: sliders above an answer.

The one idea: an explorer holds no arithmetic. It is a pure function from the state of its controls to a
`Result`, so whatever it shows can be computed, printed and tested without it.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from sellerlab import text
from sellerlab.errors import SellerlabError
from sellerlab.results import Result


@dataclass(frozen=True, kw_only=True)
class Control:
    """One slider.

    Attributes:
        name: The argument of the function that it moves.
        label: What the learner reads beside it, unit included.
        low: Lowest value.
        high: Highest value.
        step: What one press of an arrow key changes.
        kind: ``"money"``, ``"rate"`` (a fraction, shown as a percentage), ``"count"`` or ``"number"``.
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    kind: Literal["money", "rate", "count", "number"] = "money"


#: Style of words that are heard and not seen.
_UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


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
        room = max((_columns(each.label) for each in controls), default=0) + 1
        self.controls = {each.name: _slider(each, start[each.name], room) for each in controls}
        self._shown = ipywidgets.HTML()
        self.result: Result | None = None
        self.said = ""
        for slider in self.controls.values():
            slider.observe(lambda change: self._update(change["owner"]), names="value")
        self._box = ipywidgets.VBox([*self.controls.values(), self._shown])
        self._update()

    @property
    def state(self) -> dict[str, float]:
        """Name to the value of each slider."""
        return {name: slider.value for name, slider in self.controls.items()}

    def _update(self, moved: Any = None) -> None:
        try:
            self.result = self._answer(**self.state)
        except SellerlabError as problem:
            self.result, self.said, picture = None, str(problem), ""
        else:
            self.said = str(self.result.sentence)
            picture = _image(self.result)
        # A screen reader speaks what changed, politely: after what it is saying. The handle of a slider has
        # no name of its own in ipywidgets, so the answer begins with the slider that moved, for ears only.
        name = ""
        if moved is not None:
            words = {"label": moved.description, "value": format(moved.value, moved.readout_format)}
            name = f'<span style="{_UNSEEN}">{escape(text.say("{label}: {value}.", **words))} </span>'
        self._shown.value = f'<p role="status" aria-live="polite">{name}{escape(self.said)}</p>{picture}'

    def __repr__(self) -> str:
        labels = ", ".join(slider.description for slider in self.controls.values())
        how = text.say("Run this cell to move: {labels}.", labels=labels)
        return f"{how}\n{self.said}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = self._box._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self)}


def step_of(price: float) -> float:
    """Return a step that is a power of ten, from a hundredth to a thousandth of the price."""
    step: float = 10.0 ** len(str(int(price))) / 1000
    return step


def _columns(label: str) -> int:
    """Return the places of a typewriter that a label takes; signs of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in label)


def _slider(control: Control, value: float, room: int) -> Any:
    import ipywidgets

    decimals = 0 if control.step >= 1 else 2
    shown = {"rate": ".1%", "count": ",.0f"}.get(control.kind, f",.{decimals}f")
    return ipywidgets.FloatSlider(
        value=value,
        min=control.low,
        max=control.high,
        step=control.step,
        description=control.label,
        tooltip=control.label,
        continuous_update=False,
        readout_format=shown,
        style={"description_width": f"{room}ch"},
        # Where the notebook is too narrow for all in a row, the slider goes under its label.
        layout={
            "width": f"calc({room}ch + 24em)",
            "max_width": "100%",
            "flex_flow": "row wrap",
            "height": "auto",
        },
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
    look = "max-width:100%;height:auto"
    return (
        f'<img alt="{escape(result.sentence)}" width="{width}" style="{look}" '
        f'src="data:image/png;base64,{data}">'
    )
