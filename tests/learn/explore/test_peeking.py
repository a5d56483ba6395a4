"""The explorer of peeking: more looks, more false alarms; the sliders answer as the library does."""

import pytest

from sellerlab.errors import InputError
from sellerlab.experiments import peeking
from sellerlab.learn import explore


@pytest.fixture
def explorer():
    return explore.peeking(14, 200, 0.03)


def test_it_begins_with_the_looks_that_were_given(explorer):
    assert explorer.result.sentence == peeking(14, visitors_per_look=200, rate=0.03, runs=1000).sentence
    assert 0.18 < explorer.result.peeked < 0.27


def test_one_look_keeps_its_word_and_sixty_do_not(explorer):
    explorer.controls["looks"].value = 1
    assert explorer.result.peeked < 0.07
    assert explorer.result.peeked == explorer.result.at_end
    explorer.controls["looks"].value = 60
    assert explorer.result.peeked > 0.28
    assert explorer.result.bounded < 0.07


def test_more_visitors_do_not_help_who_peeks(explorer):
    explorer.controls["visitors_per_look"].value = 1000
    assert explorer.result.peeked > 0.18


def test_a_true_lift_is_seen_sooner_by_all(explorer):
    explorer.controls["lift"].value = 0.3
    assert explorer.result.lift == 0.3
    assert explorer.result.at_end > 0.4
    assert "true lift of 30.0%" in explorer.said


def test_the_same_state_answers_the_same(explorer):
    said = explorer.said
    explorer.controls["rate"].value = 0.1
    assert explorer.said != said
    explorer.controls["rate"].value = 0.03
    assert explorer.said == said


@pytest.mark.parametrize(("looks", "visitors", "rate"), [(1, 10, 0.01), (28, 107, 0.0956), (90, 3000, 0.4)])
def test_every_slider_has_a_label_and_room(looks, visitors, rate):
    explorer = explore.peeking(looks, visitors, rate)
    assert list(explorer.controls) == ["looks", "visitors_per_look", "rate", "lift"]
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value <= slider.max


def test_a_rate_that_is_no_rate_is_said_in_words():
    assert "rate" in explore.peeking(5, 100, 0.9, 0.5).said
    with pytest.raises(InputError, match="visitors_per_look"):
        peeking(5, visitors_per_look=0)
