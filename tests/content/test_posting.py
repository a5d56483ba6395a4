"""Posts a month: the chance of a breakout and the views, by hand and against `breakout`."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import content
from sellerlab.errors import InputError


def test_by_hand():
    found = content.posting(2, 0.5, months=2, usual=100, broken_out=700)
    assert found.chance == 1 - 0.5**4
    assert found.breakouts == 2
    assert found.views == 2 * 400
    assert found.from_breakouts == 350 / 400
    assert found.table["views"].tolist()[:3] == [400, 800, 1200]
    assert (
        "in 2 months at least one does with a chance of 93.8%. A mean month has 800 views" in found.sentence
    )
    found.plot()


def test_it_says_what_breakout_says_of_the_same_rate():
    counted = content.breakout(pd.DataFrame({"views": [100] * 96 + [5000] * 4}), [5, 30])
    for posts, chance in zip((5, 30), counted.table["chance"], strict=True):
        assert content.posting(posts, counted.rate).chance == pytest.approx(chance)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(posts=st.integers(1, 90), months=st.integers(1, 12), rate=st.floats(0, 1))
def test_posts_and_months_are_one_number_and_no_post_adds_more_than_the_one_before(posts, months, rate):
    found = content.posting(posts, rate, months=months)
    assert found.chance == pytest.approx(content.posting(posts * months, rate).chance)
    assert found.views is None
    chances = found.table["chance"]
    assert len(chances) == max(60, posts)
    steps = chances.diff().dropna()
    assert (steps >= -1e-12).all()
    assert (steps.diff().dropna() <= 1e-12).all()


def test_without_any_views_no_share_comes_from_breakouts():
    assert content.posting(3, 0.1, usual=0, broken_out=0).from_breakouts == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"posts": 0}, "posts is 0: expected 1 or more"),
        ({"months": 0}, "months is 0: expected 1 or more"),
        ({"rate": 1.2}, "rate"),
        ({"usual": 10.0}, "Give both usual= and broken_out="),
        ({"usual": -1.0, "broken_out": 5.0}, "usual is -1: views are 0 or more"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        content.posting(**{"posts": 30, "rate": 0.04, **wrong})
