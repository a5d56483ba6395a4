"""The explorer of the break-even ROAS answers what its sliders stand at."""

import pytest

from sellerlab import ads
from sellerlab.errors import InputError
from sellerlab.learn import explore

TERMS = {"fees": 0.1, "fixed_cost": 2_800, "vat_rate": 0.1}


@pytest.fixture
def explorer():
    return explore.break_even_roas(22_000, 10_000, currency="KRW", **TERMS)


def test_it_begins_with_the_order_that_was_given(explorer):
    assert explorer.result == ads.break_even(22_000, 10_000, currency="KRW", **TERMS)
    assert explorer.said in explorer._shown.value


def test_every_slider_moves_the_break_even_its_own_way(explorer):
    def after(name, value):
        before = explorer.controls[name].value
        explorer.controls[name].value = value
        roas = explorer.result.roas
        explorer.controls[name].value = before
        return roas

    assert after("counts_vat", 0) == 4.0
    assert after("fixed_cost", 3_800) == pytest.approx(22_000 / 4_000)
    assert after("fees", 0.05) == pytest.approx(22_000 / 6_100)
    assert after("cost", 8_000) == pytest.approx(22_000 / 7_000)
    assert after("vat_rate", 0.0) == pytest.approx(22_000 / 7_000)
    assert after("price", 33_000) == pytest.approx(33_000 / (30_000 - 10_000 - 3_300 - 2_800))
    assert explorer.result.roas == 4.4


def test_where_no_roas_is_enough_it_says_so(explorer):
    explorer.controls["cost"].value = 16_000
    assert explorer.result.roas is None
    assert "no ROAS is enough" in explorer.said


@pytest.mark.parametrize("price", [0.9, 24, 24_000, 3_000_000])
def test_every_slider_has_a_label_and_room_for_any_price(price):
    explorer = explore.break_even_roas(price, 0.4 * price, fees=0.1, fixed_cost=0.1 * price, counts_vat=False)
    assert list(explorer.controls) == ["price", "cost", "fees", "fixed_cost", "vat_rate", "counts_vat"]
    for slider in explorer.controls.values():
        assert slider.description == slider.tooltip
        assert slider.min <= slider.value < slider.max or slider is explorer.controls["counts_vat"]
    assert explorer.controls["counts_vat"].value == 0
    assert explorer.controls["price"].description == "Price"


def test_an_order_without_a_price_is_refused():
    with pytest.raises(InputError, match="price is 0"):
        explore.break_even_roas(0, 5)
