"""Two kinds of subscribers: churn that falls though nobody changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError
from sellerlab.retention import churn_mixture


def test_it_is_what_subscribers_drawn_one_by_one_do():
    rng = np.random.default_rng(11)
    leave = np.where(rng.random(400_000) < 0.6, 0.35, 0.04)
    periods = rng.geometric(leave)
    result = churn_mixture(0.6, 0.35, 0.04, renewals=8)
    for renewal in range(1, 9):
        came, left = periods >= renewal, periods == renewal
        assert result.table["churn"][renewal] == pytest.approx(left.sum() / came.sum(), abs=0.004)
        easy = (leave == 0.35) & (periods > renewal)
        assert result.table["easy"][renewal] == pytest.approx(easy.mean(), abs=0.003)
    assert result.expected_lifetime == pytest.approx(periods.mean(), rel=0.02)
    assert result.staying == pytest.approx((periods > 8).mean(), abs=0.003)


@settings(deadline=None, derandomize=True)
@given(st.floats(0, 1), st.floats(0.01, 1), st.floats(0.01, 1), st.integers(1, 30))
def test_churn_never_rises_and_one_over_it_is_never_too_long(share, one, two, renewals):
    high, low = max(one, two), min(one, two)
    result = churn_mixture(share, high, low, renewals=renewals)
    seen = result.table["churn"].dropna().to_numpy()
    assert (np.diff(seen) <= 1e-9).all()
    assert (result.table["staying"] >= result.table["flat"] - 1e-9).all()
    assert result.expected_lifetime >= result.flat_lifetime - 1e-9
    assert result.table["easy"].add(result.table["others"]).equals(result.table["staying"])


def test_the_words_say_that_nobody_changed():
    assert churn_mixture(0.5, 0.4, 0.1).sentence == (
        "At the first renewal 25.0% leave, at renewal 12 it is 10.3%. Nobody has changed: of those who began "
        "50% leave rarely, of those still there 99%. After 12 renewals 14.2% are there. A subscriber pays "
        "for 6.2 periods on average; 1 / first churn says 4.0."
    )


def test_kinds_that_are_alike_or_alone_have_one_churn():
    for result in (churn_mixture(0.3, 0.2, 0.2), churn_mixture(1, 0.2, 0.1), churn_mixture(0, 0.6, 0.2)):
        assert result.sentence.startswith("All are alike: at every renewal 20.0% leave")
        assert result.expected_lifetime == pytest.approx(5)


def test_nobody_left_and_nobody_leaving_are_answers():
    gone = churn_mixture(1, 1, 0.5, renewals=3)
    assert gone.last_churn is None
    assert "nobody is left" in gone.sentence
    for_ever = churn_mixture(0.5, 0.4, 0)
    assert for_ever.expected_lifetime is None
    assert "periods on average" not in for_ever.sentence
    assert churn_mixture(0, 0.4, 0).flat_lifetime is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: churn_mixture(0.5, 0.1, 0.4), "the kind that leaves easily has the higher churn"),
        (lambda: churn_mixture(0.5, 40, 0.1), "Did you mean 0.4"),
        (lambda: churn_mixture(0.5, 0.4, 0.1, renewals=0), "whole number of 1 or more"),
    ],
)
def test_numbers_that_cannot_be_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_the_picture_stacks_the_kinds_and_writes_the_churn():
    ax = churn_mixture(0.4, 0.4, 0.05, renewals=6).plot()
    labels = {each.get_text() for each in ax.get_legend().get_texts()}
    assert labels == {"leave rarely", "leave easily", "if churn never changed"}
    assert ax.texts[0].get_text() == "-19%"
    assert len(ax.texts) == 6
    assert len(ax.patches) == 14
