"""The explorer of a price along a demand curve: cost moves one mark, and not the other."""

import pytest

from sellerlab import pricing
from sellerlab.errors import InputError
from sellerlab.learn import explore

TERMS = {"fees": 0.12, "fixed_cost": 480.0, "vat_rate": 0.1}
RANGE = {"low": 12_470.0, "high": 19_100.0}


@pytest.fixture
def explorer():
    return explore.price_curve(15_900, 39, -2.6, 7_500, **RANGE, currency="KRW", **TERMS)


def test_it_begins_with_the_product_that_was_given(explorer):
    expected = pricing.price_curve(15_900, 39, -2.6, 7_500, **RANGE, currency="KRW", **TERMS)
    assert explorer.result == expected
    assert explorer.said == expected.sentence


def test_the_price_moves_along_the_curve(explorer):
    explorer.controls["price"].value = 14_000
    expected = pricing.price_curve(15_900, 39, -2.6, 7_500, at=14_000, **RANGE, **TERMS)
    assert explorer.result.units == pytest.approx(39 * (14_000 / 15_900) ** -2.6)
    assert explorer.result.contribution == pytest.approx(expected.contribution)


def test_cost_and_fee_move_the_profit_best_price_and_not_the_revenue_best_one(explorer):
    before = explorer.result
    explorer.controls["cost"].value = 8_200
    dearer = explorer.result
    assert (dearer.revenue_best, dearer.profit_best > before.profit_best) == (before.revenue_best, True)
    explorer.controls["fees"].value = 0.15
    assert explorer.result.revenue_best == before.revenue_best
    assert explorer.result.profit_best > dearer.profit_best


def test_past_minus_one_both_marks_stand_at_the_highest_price(explorer):
    explorer.controls["elasticity"].value = -0.8
    assert explorer.result.revenue_best == explorer.result.profit_best == RANGE["high"]


def test_with_a_cost_of_nearly_nothing_the_two_marks_meet():
    explorer = explore.price_curve(15_900, 39, -2.6, 7_500, **RANGE, **{**TERMS, "fixed_cost": 0.0})
    explorer.controls["cost"].value = 100
    assert explorer.result.revenue_best == explorer.result.profit_best == RANGE["low"]
    explorer.controls["cost"].value = 0
    assert "expected a number above 0" in explorer.said


@pytest.mark.parametrize(("price", "e"), [(9.9, -7.4), (480, -0.1), (99_999, -2)])
def test_every_slider_has_a_label_and_room(price, e):
    explorer = explore.price_curve(price, 10, e, price / 3, low=0.8 * price, high=1.2 * price, fees=0.1)
    assert list(explorer.controls) == ["price", "elasticity", "cost", "fees"]
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value <= slider.max
        assert slider.min < slider.max


def test_a_start_without_a_curve_is_refused():
    with pytest.raises(InputError, match="people buy less at a higher price"):
        explore.price_curve(10, 10, 0.4, 4, low=8, high=12)
