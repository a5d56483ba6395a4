"""The explorer of a funnel shows what comes through with the rates that its sliders stand at."""

import pytest

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.funnel import what_if
from sellerlab.learn import explore

REACHED = {"visit": 3537, "view": 1914, "cart": 325, "order": 107}


@pytest.fixture
def explorer():
    return explore.step_rates(REACHED, order_value=720, currency="JPY")


def test_it_begins_with_what_was_counted_or_with_the_rate_given(explorer):
    assert explorer.result.after == pytest.approx(107)
    assert explorer.result.sentence == what_if(REACHED, order_value=720, currency="JPY").sentence
    raised = explore.step_rates(REACHED, {"cart": 0.2})
    assert raised.state["rate_2"] == 0.2
    assert raised.result.after == pytest.approx(1914 * 0.2 * 107 / 325)


def test_a_point_at_a_low_rate_brings_more_than_a_point_at_a_high_one_and_visits_count_too(explorer):
    _, view, cart, order = explorer.controls.values()
    gained = []
    for slider in (view, cart, order):
        before, start = explorer.result.after, slider.value
        slider.value = start + 0.01
        gained.append(explorer.result.after - before)
        slider.value = start
    assert gained == pytest.approx([0.01 * 107 / r for r in (1914 / 3537, 325 / 1914, 107 / 325)])
    explorer.controls["begin"].value = 7000
    assert explorer.result.after == pytest.approx(107 * 7000 / 3537)
    assert "of 7,000" in explorer.said
    assert explorer.said in explorer._shown.value


def test_at_every_end_of_every_slider_there_is_an_answer(explorer):
    for slider in explorer.controls.values():
        start = slider.value
        for end in (slider.min, slider.max):
            slider.value = end
            assert explorer.result.after > 0
        slider.value = start


@pytest.mark.parametrize("scale", [0.01, 1, 370])
def test_every_slider_has_a_label_and_steps_that_arrow_keys_can_walk(scale):
    reached = {step: max(round(n * scale), 1) for step, n in REACHED.items()}
    explorer = explore.step_rates(reached)
    labels = [slider.description for slider in explorer.controls.values()]
    assert labels == ["Come to visit", "Go on to view", "Go on to cart", "Go on to order"]
    for slider in explorer.controls.values():
        assert slider.tooltip == slider.description
        assert slider.min <= slider.value <= slider.max
        assert 10 <= slider.max / slider.step <= 1000


def test_a_funnel_without_rates_is_refused():
    with pytest.raises(InputError, match="more than 0 everywhere"):
        explore.step_rates({"visit": 10, "order": 0})
    with pytest.raises(UnknownNameError, match="cart"):
        explore.step_rates(REACHED, {"crt": 0.2})
