"""The explorer of an order: move a slider, and what is left over and what is lost follow."""

import pytest

from sellerlab.demand import Normal
from sellerlab.errors import InputError
from sellerlab.learn import explore
from sellerlab.stock import order_size

TERMS = {"price": 5900.0, "cost": 2880.0, "currency": "KRW"}


@pytest.fixture
def explorer():
    return explore.order_size(500, Normal(190, 20), salvage=0.3 * 2880, **TERMS)


def test_it_begins_with_the_order_that_was_given(explorer):
    expected = order_size(500, Normal(190, 20), salvage=0.3 * 2880, **TERMS)
    assert explorer.result.sentence == expected.sentence


def test_a_smaller_order_leaves_less_over_and_loses_more(explorer):
    large = explorer.result
    explorer.controls["units"].value = 100
    assert explorer.result.left_over == pytest.approx(0, abs=0.01)
    assert explorer.result.lost == pytest.approx(90, abs=0.01)
    assert explorer.result.profit > large.profit
    assert explorer.result.best == large.best


def test_what_a_left_over_brings_moves_the_best_order(explorer):
    explorer.controls["spread"].value = 60
    best = {}
    for share in (-0.5, 0.3, 0.95):
        explorer.controls["salvage"].value = share
        best[share] = explorer.result.best
    assert best[-0.5] < best[0.3] < best[0.95]


def test_the_best_order_follows_the_demand(explorer):
    before = explorer.result.best
    explorer.controls["mean"].value = 290
    assert explorer.result.best == before + 100


@pytest.mark.parametrize("mean", [1.4, 12, 190, 8300])
def test_every_slider_has_a_label_and_room(mean):
    explorer = explore.order_size(mean, Normal(mean, mean / 5), **TERMS)
    assert list(explorer.controls) == ["units", "mean", "spread", "salvage"]
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value < slider.max
    assert explorer.result is not None


def test_a_demand_of_nothing_has_no_order():
    with pytest.raises(InputError, match="needs a demand above 0"):
        explore.order_size(10, Normal(0, 0), **TERMS)
