import matplotlib.pyplot as plt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import pricing
from sellerlab.errors import InputError
from sellerlab.pricing.limits import price_limits

DEAL = {"fees": 0.08, "fixed_cost": 430, "vat_rate": 0.1, "currency": "JPY"}


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


def test_price_and_floor_are_those_of_the_target_price():
    told = pricing.target_price(2547, 0.2, **DEAL)
    found = price_limits(2547, 0.2, **DEAL)
    assert (found.price, found.floor) == (told.price, told.floor)
    assert found.limit == pytest.approx(0.912)


@settings(deadline=None, derandomize=True)
@given(
    cost=st.floats(1, 1e5),
    fees=st.floats(0, 0.5),
    vat=st.floats(0, 0.3),
    margin=st.floats(0, 0.98),
    fixed=st.floats(0, 1e3),
)
def test_there_is_a_price_exactly_below_the_limit(cost, fees, vat, margin, fixed):
    terms = {"fees": fees, "vat_rate": vat, "fixed_cost": fixed}
    found = price_limits(cost, margin, **terms)
    if abs(margin - found.limit) < 1e-6:
        return
    assert (found.price is None) == (margin > found.limit)
    if found.price is not None:
        assert pricing.margin_at(found.price, cost, **terms) == pytest.approx(margin, abs=1e-6)
        assert found.price >= found.floor
    assert found.table["price"].is_monotonic_increasing
    # No price, however high, reaches the limit.
    assert pricing.margin_at(1e15, cost, **terms) < found.limit + 1e-12


def test_an_impossible_margin_is_an_answer_without_a_price():
    found = price_limits(2547, 0.93, **DEAL)
    assert found.price is None
    assert found.floor == 3591
    assert found.sentence == (
        "No price keeps 93.0%: the fee is a share of every price, so the margin always stays below 91.2%."
    )


def test_a_fee_that_takes_the_net_price_leaves_no_floor():
    found = price_limits(100, 0.1, fees=0.95, vat_rate=0.1)
    assert (found.price, found.floor) == (None, None)
    assert found.table.empty
    assert found.sentence == "The fee takes the whole net price: no price keeps anything."
    assert found.plot().get_title(loc="left") == "Price for a margin"


@pytest.mark.parametrize("margin", [0, 0.2, 0.85, 0.95])
def test_the_picture_shows_where_no_price_is_left(margin):
    axes = price_limits(2547, margin, **DEAL).plot()
    words = [text.get_text() for text in axes.texts]
    assert "no price" in words
    assert "floor" in words
    shaded = axes.patches[0].get_extents().transformed(axes.transData.inverted())
    assert (shaded.x0, shaded.x1) == pytest.approx((0.912, 1.0))
    free = [text.get_text() for text in price_limits(2547, 0.2).plot().texts]
    assert "no price" not in free


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"margin": 1.2}, "margin is 1.2"),
        ({"margin": -0.1}, "margin is -0.1"),
        ({"fees": 8}, "Did you mean 0.08"),
        ({"vat_rate": 10}, "Did you mean 0.1"),
        ({"cost": -5}, "cost is -5: a cost is 0 or more"),
        ({"cost": 0, "fixed_cost": 0}, "any price leaves something"),
    ],
)
def test_what_cannot_be_is_refused(change, words):
    given = {"cost": 2547, "margin": 0.2, **DEAL, **change}
    with pytest.raises(InputError, match=words):
        price_limits(given.pop("cost"), given.pop("margin"), **given)
