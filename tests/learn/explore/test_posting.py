"""The explorer of posts a month shows what `content.posting` says of its sliders."""

import pytest

from sellerlab import content
from sellerlab.errors import InputError
from sellerlab.learn import explore

VIEWS = {"usual": 1_500.0, "broken_out": 18_000.0}


@pytest.fixture
def explorer():
    return explore.posting(30, 0.03, **VIEWS)


def test_it_begins_with_what_was_given(explorer):
    assert explorer.result == content.posting(30, 0.03, **VIEWS)
    assert explorer.said in explorer._shown.value


def test_fewer_posts_for_longer_come_to_the_same_chance_and_each_post_to_the_same_views(explorer):
    before = explorer.result
    explorer.controls["posts"].value = 5
    assert explorer.result.chance == pytest.approx(1 - 0.97**5)
    assert explorer.result.views == pytest.approx(before.views / 6)
    explorer.controls["months"].value = 6
    assert explorer.result.chance == pytest.approx(before.chance)
    assert "in 6 months" in explorer.said


def test_twice_the_posts_each_half_as_good_are_about_the_same(explorer):
    before = explorer.result.chance
    explorer.controls["posts"].value = 60
    explorer.controls["rate"].value = 0.015
    assert explorer.result.chance == pytest.approx(before, abs=0.01)
    explorer.controls["rate"].value = 0
    assert explorer.result.chance == 0


def test_every_slider_has_a_label_and_room_for_what_it_starts_with():
    explorer = explore.posting(90, 0.4, months=24)
    assert [each.description for each in explorer.controls.values()] == [
        "Posts a month",
        "Chance of each",
        "Months",
    ]
    for slider, value in zip(explorer.controls.values(), (90, 0.4, 24), strict=True):
        assert slider.tooltip == slider.description
        assert slider.value == pytest.approx(value)
    with pytest.raises(InputError, match="posts is 0"):
        explore.posting(0, 0.1)
