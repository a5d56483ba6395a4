"""The explorer of churn: two kinds of subscribers, and a churn that falls by sorting alone."""

import pytest

from sellerlab.errors import InputError
from sellerlab.learn import explore
from sellerlab.retention import churn_mixture


@pytest.fixture
def explorer():
    return explore.churn_mixture(0.4, 0.3, 0.05)


def test_it_begins_with_what_was_given(explorer):
    assert explorer.result == churn_mixture(0.4, 0.3, 0.05)
    assert list(explorer.controls) == ["share", "high", "low"]


@pytest.mark.parametrize(("name", "value"), [("share", 0.7), ("high", 0.6), ("low", 0.1)])
def test_moving_a_slider_answers_again(explorer, name, value):
    before = explorer.said
    explorer.controls[name].value = value
    state = {"share": 0.4, "high": 0.3, "low": 0.05, name: value}
    assert explorer.result == churn_mixture(**state)
    assert explorer.said == churn_mixture(**state).sentence != before


def test_with_one_kind_alone_churn_does_not_fall(explorer):
    assert explorer.result.last_churn < explorer.result.first_churn / 2
    for share, churn in ((0.0, 0.05), (1.0, 0.3)):
        explorer.controls["share"].value = share
        assert explorer.result.last_churn == pytest.approx(explorer.result.first_churn) == churn
        assert "All are alike" in explorer.said


def test_every_corner_of_the_sliders_has_an_answer_and_a_label(explorer):
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value < slider.max
        for end in (slider.min, slider.max):
            slider.value = end
            assert explorer.result is not None


def test_a_start_beyond_the_sliders_is_refused():
    with pytest.raises(InputError, match=r"the sliders go from 0\.01 to 0\.2, and on to 0\.9"):
        explore.churn_mixture(0.5, 0.1, 0.05)
