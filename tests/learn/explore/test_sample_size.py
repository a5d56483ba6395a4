"""The explorer of a test's size: the days grow with the square of what is to be seen."""

import pytest

from sellerlab.errors import InputError
from sellerlab.experiments import sample_size
from sellerlab.learn import explore


@pytest.fixture
def explorer():
    return explore.sample_size(0.02, 0.2, 900)


def test_it_begins_with_the_test_that_was_given(explorer):
    assert explorer.result.sentence == sample_size(0.02, lift=0.2, visitors_per_day=900).sentence
    assert (explorer.result.per_variant, explorer.result.days) == (21106, 49)


def test_half_the_change_takes_about_four_times_as_long(explorer):
    explorer.controls["lift"].value = 0.1
    assert explorer.result.per_variant == 80679
    assert explorer.result.days == 182


def test_more_traffic_takes_fewer_days_and_as_many_visitors(explorer):
    explorer.controls["visitors_per_day"].value = 1800
    assert (explorer.result.per_variant, explorer.result.days) == (21106, 28)


def test_a_higher_rate_needs_fewer_visitors(explorer):
    explorer.controls["base"].value = 0.05
    assert explorer.result.per_variant == 8155


def test_a_rate_that_cannot_be_reached_is_said_in_words():
    explorer = explore.sample_size(0.6, 1.0, 100)
    assert explorer.result is None
    assert "target is 1.2" in explorer.said


@pytest.mark.parametrize(
    ("base", "lift", "traffic"), [(0.004, 0.05, 20), (0.095, 0.1, 214), (0.45, 1.5, 9000)]
)
def test_every_slider_has_a_label_and_room(base, lift, traffic):
    explorer = explore.sample_size(base, lift, traffic)
    assert list(explorer.controls) == ["base", "lift", "visitors_per_day"]
    assert explorer.state == {"base": base, "lift": lift, "visitors_per_day": traffic}
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value <= slider.max


@pytest.mark.parametrize(("base", "traffic"), [(0, 100), (0.02, 0)])
def test_nothing_is_refused(base, traffic):
    with pytest.raises(InputError, match="is 0: expected a number above 0"):
        explore.sample_size(base, 0.1, traffic)
