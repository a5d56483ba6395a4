"""The explorer of the fee mix: move sales from channel to channel and watch the blended fee."""

from __future__ import annotations

from collections.abc import Mapping

from sellerlab import text
from sellerlab.errors import InputError
from sellerlab.learn.explore.explorer import Control, Explorer, step_of
from sellerlab.results import Result


def fee_mix(
    sales: Mapping[str, float], rates: Mapping[str, float], *, currency: str | None = None
) -> Explorer:
    """Return the explorer of the blended fee: a slider for the sales of each channel.

    Args:
        sales: Channel to its sales to start with; the sliders stand in this order.
        rates: Channel to the share of its sales that it keeps; the rates stay as they are.
        currency: ISO code of the sales.

    Raises:
        InputError: No channel has sales.
    """
    from sellerlab.fees import blended_fee

    most = max(sales.values(), default=0.0)
    if not most > 0:
        raise InputError("No channel has sales: give the sales of one at least.")
    step = max(step_of(most) * 10, 0.01)
    names = {f"channel_{place}": name for place, name in enumerate(sales)}

    def answer(**state: float) -> Result:
        return blended_fee({names[each]: sold for each, sold in state.items()}, rates, currency=currency)

    controls = [
        Control(
            name=each,
            label=_label(name, rates[name], currency),
            low=0,
            high=step * round(2 * most / step),
            step=step,
        )
        for each, name in names.items()
    ]
    return Explorer(answer, controls, {each: float(sales[name]) for each, name in names.items()})


def _label(channel: str, rate: float, currency: str | None) -> str:
    words = {"channel": channel, "rate": text.percent(rate), "currency": currency}
    if currency:
        return text.say("{channel}, {rate} ({currency})", **words)
    return text.say("{channel}, {rate}", **words)
