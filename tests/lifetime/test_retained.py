"""From retention to a lifetime and to what may be paid for a customer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError
from sellerlab.lifetime import margin_multiple, retained_value


def test_it_is_the_first_margin_and_the_multiple_of_gupta_and_lehmann_2003():
    # Their table of multiples: 80% kept at a discount of 12% is worth 2.50 margins to come, 90% 4.09.
    for kept, multiple in ((0.8, 2.50), (0.9, 4.09)):
        result = retained_value(kept, 100, discount_rate=0.12)
        assert result.value == pytest.approx(100 * (1 + multiple), abs=0.5)
        assert result.value == pytest.approx(100 * (1 + margin_multiple(kept, 0.12)))


def test_it_is_what_customers_bring_who_are_drawn_one_by_one():
    rng = np.random.default_rng(3)
    periods = rng.geometric(1 - 0.6, 200_000)  # periods paid for, the first one included
    factor = 1.1**-0.5
    each = 50 * (1 - factor**periods) / (1 - factor)
    result = retained_value(0.6, 50, months=6, discount_rate=0.1)
    assert result.value == pytest.approx(each.mean(), rel=0.01)
    assert result.lifetime == pytest.approx(6 * periods.mean(), rel=0.01)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.floats(0, 0.95), st.floats(1, 1e6), st.floats(0.01, 0.5), st.integers(1, 24), st.floats(1.01, 5))
def test_at_the_retention_needed_the_value_is_the_price(kept, each, rate, months, times):
    result = retained_value(kept, each, months=months, discount_rate=rate, price=times * each)
    if result.needed is None:
        assert retained_value(0.999999, each, months=months, discount_rate=rate).value < times * each
    else:
        again = retained_value(min(result.needed, 0.999999), each, months=months, discount_rate=rate)
        assert again.value == pytest.approx(times * each, rel=1e-3)


def test_the_words_say_what_the_price_asks_of_retention():
    assert retained_value(0.5, 1000, price=800, currency="JPY").sentence.endswith(
        "The JPY 800 asked is paid by the first period alone."
    )
    assert retained_value(0.5, 1000, price=9000, discount_rate=0.2, currency="JPY").sentence.endswith(
        "No retention pays back the JPY 9,000 asked."
    )
    assert retained_value(0.5, 1000).sentence == (
        "With 50.0% kept every 12 months, a customer stays 24.0 months on average and brings 2,000.00: the "
        "most that may be paid for one."
    )
    assert retained_value(0.5, 1000, price=0).needed == 0


def test_the_table_and_the_picture_hold_the_answer():
    result = retained_value(0.93, 10, price=30, months=3)
    table = result.table
    assert table["retention"].max() == 0.93
    assert table["value"].iloc[-1] == pytest.approx(result.value)
    assert table["lifetime"].iloc[0] == 3
    axes = result.plot()
    assert axes.get_xlim()[1] == 0.93
    assert any("asked" in each.get_text() for each in axes.texts)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"retention": 1.0}, "retention is 1"),
        ({"retention": 40}, "Did you mean 0.4"),
        ({"contribution": 0}, "contribution is 0: expected an amount above 0"),
        ({"months": 0}, "months is 0: expected a whole number of 1 or more"),
        ({"price": -1}, "price is -1: expected what is asked for a customer, 0 or more"),
        ({"discount_rate": -0.1}, "discount_rate is -0.1"),
    ],
)
def test_what_cannot_be_is_refused(changed, said):
    given_ = {"retention": 0.5, "contribution": 100, **changed}
    with pytest.raises(InputError, match=said):
        retained_value(given_.pop("retention"), given_.pop("contribution"), **given_)
