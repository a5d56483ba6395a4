"""The explorer of a customer's stay: retention, lifetime, and what one may pay."""

import pytest

from sellerlab import lifetime
from sellerlab.errors import InputError
from sellerlab.learn import explore

START = {"price": 1200.0, "months": 6, "discount_rate": 0.1, "currency": "JPY"}


@pytest.fixture
def explorer():
    return explore.retained_value(0.38, 1000, **START)


def test_it_begins_with_what_was_given(explorer):
    assert explorer.result == lifetime.retained_value(0.38, 1000, **START)
    assert list(explorer.controls) == ["retention", "contribution", "price", "discount_rate"]


def test_the_lifetime_doubles_from_nine_in_ten_to_nineteen_in_twenty(explorer):
    explorer.controls["retention"].value = 0.9
    before = explorer.result
    explorer.controls["retention"].value = 0.95
    assert explorer.result.lifetime == pytest.approx(2 * before.lifetime)
    assert before.lifetime == pytest.approx(60)
    assert explorer.result.value > 1.5 * before.value


@pytest.mark.parametrize(("name", "value"), [("contribution", 500), ("price", 2500), ("discount_rate", 0.3)])
def test_moving_a_slider_answers_again(explorer, name, value):
    before = explorer.said
    explorer.controls[name].value = value
    state = {"retention": 0.38, "contribution": 1000, **START, name: value}
    expected = lifetime.retained_value(state.pop("retention"), state.pop("contribution"), **state)
    assert explorer.result == expected
    assert explorer.said == expected.sentence != before


@pytest.mark.parametrize("amount", [0.7, 12.5, 1078.3, 250_000])
def test_every_slider_has_a_label_and_room_around_its_start(amount):
    explorer = explore.retained_value(0.38, amount, price=3 * amount)
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value < slider.max
        assert slider.step > 0
        assert not slider.continuous_update
    assert explorer.controls["retention"].description == "Kept every 12 months"
    assert explorer.result.price == 3 * amount


def test_a_start_beyond_the_sliders_is_refused():
    with pytest.raises(InputError, match="contribution is 0"):
        explore.retained_value(0.5, 0, price=10)
    with pytest.raises(InputError, match=r"the slider ends at 0\.95"):
        explore.retained_value(0.97, 10, price=10)
