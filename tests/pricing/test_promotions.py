import matplotlib.pyplot as plt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError
from sellerlab.pricing import contribution
from sellerlab.pricing import promotions as offers


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


exact = settings(deadline=None, derandomize=True)


def test_ten_percent_off_at_thirty_percent_contribution_needs_half_as_many_again():
    found = offers.discount(100, 70, 0.10, currency="USD")
    assert found.needed == pytest.approx(0.5)
    assert found.deepest == pytest.approx(0.3)
    row = found.table[found.table["discount"] == 0.1].iloc[0]
    assert row["more_units_needed"] == pytest.approx(0.5)
    assert found.table["discount"].max() < found.deepest


def test_a_discount_below_the_floor_is_refused():
    with pytest.raises(InputError, match=r"Stay above 70\.00"):
        offers.discount(100, 70, 0.4)
    with pytest.raises(InputError, match=r"Did you mean 0\.1\?"):
        offers.discount(100, 70, 10)


def test_a_coupon_is_paid_by_whoever_pays_it():
    own = offers.coupon(2000, 900, 200, fees=0.1, fixed_cost=300)
    half = offers.coupon(2000, 900, 200, fees=0.1, fixed_cost=300, platform_share=0.5)
    free = offers.coupon(2000, 900, 200, fees=0.1, fixed_cost=300, platform_share=1)
    assert (own.before, own.after, own.needed) == pytest.approx((600, 420, 0.3))
    assert half.after == pytest.approx(510)
    assert (free.after, free.needed, free.seller_pays) == pytest.approx((600, 0, 0))


def test_a_fee_on_the_price_before_the_coupon_costs_more():
    before = offers.coupon(2000, 900, 200, fees=0.1, fee_on="before", vat_rate=0.1)
    after = offers.coupon(2000, 900, 200, fees=0.1, fee_on="after", vat_rate=0.1)
    assert after.after - before.after == pytest.approx(20)


@exact
@given(
    value=st.floats(1, 900),
    share=st.floats(0, 1),
    vat=st.floats(0, 0.25),
    rate=st.floats(0, 0.2),
    fee_on=st.sampled_from(["after", "before"]),
)
def test_each_column_of_a_coupon_adds_up(value, share, vat, rate, fee_on):
    terms = {"fees": rate, "vat_rate": vat, "fixed_cost": 100}
    found = offers.coupon(2000, 500, value, platform_share=share, fee_on=fee_on, **terms)
    for column, left in (("without_coupon", found.before), ("with_coupon", found.after)):
        amounts = found.table[column].tolist()
        assert sum(amounts[:-1]) == pytest.approx(left, abs=1e-6)
        assert amounts[-1] == pytest.approx(left)
        assert -amounts[3] == pytest.approx(
            rate * (2000 - (value * (1 - share) if (column, fee_on) == ("with_coupon", "after") else 0)),
            abs=1e-6,
        )
    # at the break-even share 100 orders earn what the regulars alone would have earned
    assert found.after == pytest.approx((1 - found.needed) * found.before)


def test_a_coupon_that_sinks_every_order_is_said_so():
    found = offers.coupon(1000, 800, 300)
    assert found.needed > 1
    assert "cannot pay" in found.sentence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": 3000}, "below the price"),
        ({"platform_share": 50}, r"Did you mean 0\.5"),
        ({"fee_on": "never"}, "'after' or 'before'"),
        ({"cost": 2100}, "nothing to give away"),
    ],
)
def test_an_impossible_coupon_is_refused(change, words):
    with pytest.raises(InputError, match=words):
        offers.coupon(**{"price": 2000, "cost": 900, "value": 200, **change})


def test_the_sentence_names_both_contributions():
    found = offers.coupon(2000, 900, 200, fees=0.1, fixed_cost=300, currency="JPY")
    assert contribution(1800, 900, fees=0.1, fixed_cost=300) == found.after
    assert "JPY 420 instead of JPY 600" in found.sentence


def test_offers_draw():
    assert offers.discount(100, 60, 0.1).plot().lines
    assert offers.coupon(2000, 900, 200).plot().lines


def test_the_coupons_picture_is_named_for_its_line_which_is_a_gain():
    ax = offers.coupon(2000, 900, 200).plot()
    assert ax.get_title(loc="left") == "What a coupon on 100 orders adds to profit"
    # Nobody new: every order gives the coupon away.
    assert ax.lines[0].get_ydata()[0] == pytest.approx(-100 * 200)


@pytest.mark.parametrize("price", [100, 1000])
def test_the_loss_of_a_discount_is_shaded_to_the_right_edge(price):
    found = offers.discount(price, 70, 0.10, expected=0.5)
    ax = found.plot()
    loss = ax.collections[1].get_paths()[0].vertices
    assert loss[:, 0].max() == pytest.approx(ax.get_xlim()[1])
    assert ax.get_xlim()[1] == pytest.approx(min(1.05 * found.deepest, 0.8))


def test_what_is_expected_of_a_discount_is_a_gain_above_the_break_even_and_a_loss_below():
    even = offers.discount(100, 70, 0.10)
    assert (even.expected, even.gain) == (None, None)
    for expected, gain in ((0.5, 0.0), (0.8, 600.0), (0.2, -600.0)):
        found = offers.discount(100, 70, 0.10, expected=expected, currency="USD")
        assert found.gain == pytest.approx(gain)
    assert "With 20% more, what 100 sales left before shrinks by USD 600.00" in found.sentence
    labels = {text.get_text() for text in found.plot().texts}
    assert labels == {"50%", "pays", "loses", "expected: 20%"}
    with pytest.raises(InputError, match="expected is -2"):
        offers.discount(100, 70, 0.10, expected=-2)
