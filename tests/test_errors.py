import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, SellerlabError, UnknownNameError, check_rate, unknown


def test_unknown_offers_the_nearest_whatever_the_case():
    assert "Did you mean 'Asia/Tokyo'?" in str(unknown("time zone", "asia/tokio", ["Asia/Tokyo", "UTC"]))


def test_unknown_offers_nothing_where_nothing_is_near():
    message = str(unknown("format", "zzz", ["shopify"]))
    assert "Did you mean" not in message
    assert "Known: 'shopify'" in message


def test_every_error_is_a_sellerlab_error_and_a_value_error():
    assert issubclass(UnknownNameError, SellerlabError)
    assert issubclass(UnknownNameError, ValueError)


@given(st.floats(0, 1))
@settings(deadline=None, derandomize=True)
def test_a_rate_comes_back_as_it_is(rate):
    assert check_rate("rate", rate) == rate


@pytest.mark.parametrize("value", [-0.1, 1.2, 150, float("nan"), "much", None])
def test_what_is_no_rate_is_refused(value):
    with pytest.raises(InputError, match="fee_rate is"):
        check_rate("fee_rate", value)


def test_a_percentage_is_answered_with_the_fraction():
    with pytest.raises(InputError, match=r"Did you mean 0\.12\?"):
        check_rate("fee_rate", 12)


def test_the_upper_end_can_be_refused():
    assert check_rate("margin", 1.0) == 1.0
    with pytest.raises(InputError, match="from 0 to below 1"):
        check_rate("margin", 1.0, below_high=True)
