"""The explorer of the fee mix shows the blended fee of the sales that its sliders stand at."""

import pytest

from sellerlab.errors import InputError
from sellerlab.fees import blended_fee
from sellerlab.learn import explore

SALES = {"shop": 600_000.0, "live": 300_000.0, "affiliate": 100_000.0}
RATES = {"shop": 0.10, "live": 0.05, "affiliate": 0.15}


@pytest.fixture
def explorer():
    return explore.fee_mix(SALES, RATES, currency="JPY")


def test_it_begins_with_the_mix_that_was_given(explorer):
    assert explorer.result == blended_fee(SALES, RATES, currency="JPY")
    assert list(explorer.state.values()) == list(SALES.values())


def test_moving_sales_to_the_cheaper_channel_lowers_the_fee_and_to_the_dearer_raises_it(explorer):
    before = explorer.result.rate
    _, live, affiliate = explorer.controls.values()
    live.value = 900_000
    assert explorer.result.rate == pytest.approx((60_000 + 45_000 + 15_000) / 1_600_000)
    assert explorer.result.rate < before
    affiliate.value = 1_200_000
    assert explorer.result.rate == pytest.approx((60_000 + 45_000 + 180_000) / 2_700_000)
    assert explorer.result.rate > before
    assert explorer.result.mean_of_rates == pytest.approx(0.10)
    assert explorer.said in explorer._shown.value


def test_with_nothing_sold_it_says_so(explorer):
    for slider in explorer.controls.values():
        slider.value = 0
    assert explorer.result is None
    assert "No channel has sales" in explorer.said


@pytest.mark.parametrize("scale", [0.001, 1, 37])
def test_every_slider_has_a_label_with_its_fee_and_room_to_double(scale):
    sales = {name: amount * scale for name, amount in SALES.items()}
    explorer = explore.fee_mix(sales, RATES, currency="JPY")
    labels = [slider.description for slider in explorer.controls.values()]
    assert labels == ["shop, 10.0% (JPY)", "live, 5.0% (JPY)", "affiliate, 15.0% (JPY)"]
    for slider, amount in zip(explorer.controls.values(), sales.values(), strict=True):
        assert slider.tooltip == slider.description
        assert slider.min == 0
        assert slider.value == pytest.approx(amount)
        assert slider.max == pytest.approx(2 * sales["shop"], rel=0.2)
        assert 6 <= slider.max / slider.step <= 250


def test_sliders_without_a_currency_name_none_and_without_sales_there_are_none():
    assert next(iter(explore.fee_mix(SALES, RATES).controls.values())).description == "shop, 10.0%"
    with pytest.raises(InputError, match="No channel has sales"):
        explore.fee_mix({"shop": 0}, RATES)
