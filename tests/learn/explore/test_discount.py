"""The explorer of a discount: move a slider, and the break-even uplift follows."""

import pytest

from sellerlab.errors import InputError
from sellerlab.learn import explore
from sellerlab.pricing import contribution, discount

TERMS = {"fees": 0.08, "fixed_cost": 430.0, "vat_rate": 0.1}


@pytest.fixture
def explorer():
    return explore.discount(1980, 500, 0.1, 0.3, currency="JPY", **TERMS)


def test_it_begins_with_the_product_that_was_given(explorer):
    expected = discount(1980, 500, 0.1, expected=0.3, currency="JPY", **TERMS)
    assert explorer.result.needed == pytest.approx(expected.needed)
    assert explorer.result.sentence == expected.sentence


def test_twice_the_discount_needs_more_than_twice_the_sales(explorer):
    needed = explorer.result.needed
    explorer.controls["rate"].value = 0.2
    assert explorer.result.needed > 2 * needed
    assert explorer.result.gain < 0


def test_the_margin_moves_the_cost_and_nothing_else(explorer):
    explorer.controls["margin"].value = 0.25
    cost = 1980 / 1.1 - 0.08 * 1980 - 430 - 0.25 * 1980 / 1.1
    assert contribution(1980, cost, **TERMS) == pytest.approx(0.25 * 1800)
    assert explorer.result.needed == pytest.approx(discount(1980, cost, 0.1, **TERMS).needed)


def test_what_is_expected_decides_between_gain_and_loss(explorer):
    explorer.controls["expected"].value = 0.0
    assert "shrinks" in explorer.said
    explorer.controls["expected"].value = 1.0
    assert "grows" in explorer.said


def test_below_the_floor_it_says_that_no_number_of_sales_is_enough(explorer):
    explorer.controls["margin"].value = 0.05
    explorer.controls["rate"].value = 0.3
    assert explorer.result is None
    assert "no number of units earns it back" in explorer.said


@pytest.mark.parametrize("price", [9.9, 480, 99_999])
def test_every_slider_has_a_label_and_room(price):
    explorer = explore.discount(price, price / 4, 0.1, 0.3, fees=0.1)
    assert list(explorer.controls) == ["margin", "rate", "expected"]
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value < slider.max


def test_a_sale_that_leaves_nothing_has_nothing_to_give_away():
    with pytest.raises(InputError, match="a discount needs a sale that leaves something"):
        explore.discount(100, 120, 0.1, 0.3)
