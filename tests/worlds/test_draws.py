"""The random processes that worlds share: what they keep, and the theory they follow."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from sellerlab.worlds.draws import buy_till_you_leave, choose, generator, share_out, times, warp

steady = settings(deadline=None, derandomize=True, max_examples=60)


def test_generator_gives_the_same_numbers_on_every_machine():
    drawn = generator("demo", 1).integers(0, 1000, 5).tolist()
    assert drawn == generator("demo", 1).integers(0, 1000, 5).tolist()
    assert drawn != generator("demo", 2).integers(0, 1000, 5).tolist()
    assert drawn != generator("demo1").integers(0, 1000, 5).tolist()
    assert drawn == GOLDEN


GOLDEN = [806, 741, 761, 772, 683]


@steady
@given(st.lists(st.floats(0.1, 9), min_size=2, max_size=40), st.integers(0, 99))
def test_warp_keeps_order_and_span(intensity, seed):
    moments = np.sort(generator(seed).random(50) * len(intensity))
    bent = warp(moments, np.array(intensity))
    assert (np.diff(bent) >= 0).all()
    assert bent.min() >= 0
    assert bent.max() <= len(intensity)


def test_warp_puts_more_moments_where_intensity_is_high():
    even = np.linspace(0, 3, 3001)
    counts = np.bincount(np.minimum(warp(even, np.array([1.0, 4.0, 1.0])), 2.999).astype(int))
    np.testing.assert_allclose(counts / 3001, [1 / 6, 4 / 6, 1 / 6], atol=0.002)


def test_times_follow_the_density():
    drawn = times(generator(1), np.array([1.0, 0.0, 3.0]), 20_000)
    share = np.bincount(drawn.astype(int), minlength=3) / 20_000
    np.testing.assert_allclose(share, [0.25, 0, 0.75], atol=0.012)


def test_choose_follows_the_weights_of_its_row():
    weights = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 0.0]])
    drawn = choose(generator(2), weights, np.repeat([0, 1], [20_000, 50]))
    np.testing.assert_allclose(np.bincount(drawn[:20_000], minlength=3) / 20_000, [0.25, 0, 0.75], atol=0.012)
    assert (drawn[20_000:] == 1).all()


@steady
@given(st.lists(st.lists(st.integers(1, 5000), min_size=1, max_size=5), min_size=1, max_size=8), st.data())
def test_share_out_sums_exactly_and_stays_whole(groups, data):
    total = np.array([data.draw(st.integers(0, 900)) for _ in groups])
    group = np.repeat(np.arange(len(groups)), [len(each) for each in groups])
    weights = np.concatenate([np.array(each) for each in groups])
    part = share_out(total, weights, group)
    assert part.dtype == np.int64
    assert (np.bincount(group, part) == total).all()
    assert (part >= 0).all()


def test_repeat_purchases_match_the_bg_nbd_expectation():
    """Expected repeats after t weeks: equation 9 of Fader, Hardie and Lee (2005)."""
    r, alpha, a, b, t = 0.45, 8.0, 0.8, 2.5, 52.0
    size = 40_000
    who, when = buy_till_you_leave(generator(3), np.zeros(size), t, r=r, alpha=alpha, a=a, b=b)
    repeats = np.bincount(who, minlength=size) - 1
    # a < 1 makes the usual form negative over negative; it still holds.
    inner = 1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t))
    expected = (a + b - 1) / (a - 1) * inner
    margin = 4 * repeats.std() / np.sqrt(size)
    assert abs(repeats.mean() - expected) < margin
    assert when.max() <= t
    assert (when[:size] == 0).all()
