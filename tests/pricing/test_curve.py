import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import pricing
from sellerlab.errors import InputError
from sellerlab.pricing import price_curve

TERMS = {"fees": 0.12, "fixed_cost": 480.0, "vat_rate": 0.1}
RANGE = {"low": 12_000.0, "high": 19_000.0}


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


def test_units_revenue_and_what_is_left_by_hand():
    # Twice the price of a known 100 at 10, with e = -2: a quarter of the units.
    found = price_curve(10, 100, -2, 4, low=5, high=40, at=20, fees=0.1, fixed_cost=1, vat_rate=0.25)
    assert found.units == pytest.approx(25)
    assert found.revenue == pytest.approx(500)
    assert found.contribution == pytest.approx(25 * (20 / 1.25 - 2 - 1 - 4))


@settings(deadline=None, derandomize=True)
@given(
    e=st.floats(-6, -0.1).filter(lambda e: abs(e + 1) > 1e-6),
    cost=st.floats(1_000, 14_000),
)
def test_no_price_of_the_range_beats_the_two_best_ones(e, cost):
    found = price_curve(15_000, 40, e, cost, **RANGE, **TERMS)
    prices = np.linspace(RANGE["low"], RANGE["high"], 3000)
    units = 40 * (prices / 15_000) ** e
    left = units * pricing.contribution(prices, cost, **TERMS)
    at = [
        price_curve(15_000, 40, e, cost, at=p, **RANGE, **TERMS)
        for p in (found.profit_best, found.revenue_best)
    ]
    assert at[0].contribution >= left.max() - 1e-6 * abs(left).max()
    assert at[1].revenue >= (prices * units).max() * (1 - 1e-12)
    assert found.given_up == pytest.approx(at[0].contribution - at[1].contribution)
    assert found.given_up >= -1e-6


def test_the_revenue_best_price_knows_no_cost_and_the_profit_best_one_is_the_mark_up_rule():
    found = [price_curve(15_000, 40, -2.6, cost, **RANGE, **TERMS) for cost in (6_500, 7_500)]
    assert [each.revenue_best for each in found] == [12_000, 12_000]
    rule = [pricing.best_price(cost, -2.6, **TERMS) for cost in (6_500, 7_500)]
    assert [each.profit_best for each in found] == pytest.approx(rule)
    assert not found[0].at_the_end


def test_above_minus_one_both_are_the_highest_price():
    found = price_curve(15_000, 40, -0.7, 7_500, **RANGE, **TERMS)
    assert (found.revenue_best, found.profit_best, found.given_up) == (19_000, 19_000, 0)
    assert "Both revenue and what is left are highest" in found.sentence


def test_at_minus_one_every_price_brings_the_same_revenue():
    found = price_curve(15_000, 40, -1, 7_500, **RANGE, **TERMS)
    assert (found.revenue_best, found.given_up, found.profit_best) == (None, None, 19_000)
    assert found.table["revenue"].to_numpy() == pytest.approx(600_000)
    assert "Every price brings the same revenue" in found.sentence


def test_a_best_price_beyond_the_range_is_its_end_and_said_to_be():
    found = price_curve(15_000, 40, -1.3, 7_500, **RANGE, **TERMS, currency="KRW")
    assert found.at_the_end
    assert "most is left at KRW 19,000, the end of the range" in found.sentence


def test_the_picture_marks_both_prices_even_where_every_sale_loses():
    for cost in (7_500, 40_000):
        found = price_curve(15_000, 40, -2.6, cost, **RANGE, **TERMS, currency="KRW")
        ax = found.plot()
        marks = {line.get_marker(): line.get_xdata()[0] for line in ax.lines if line.get_marker() in "so"}
        assert marks == {"s": found.revenue_best, "o": found.profit_best}
        assert ax.get_xlabel() == "price (KRW)"


@pytest.mark.parametrize("elasticity", [-2.6, -1, -0.6])
def test_where_every_price_loses_no_price_is_said_to_leave_most(elasticity):
    found = price_curve(15_000, 40, elasticity, 40_000, **RANGE, **TERMS, currency="KRW")
    assert found.table["contribution"].max() < 0
    assert found.table["contribution"].idxmax() == found.table.index[-1]
    assert "No price in the range leaves anything; least is lost at KRW 19,000, the end" in found.sentence
    assert "most is left" not in found.sentence


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": 0}, "units is 0"),
        ({"elasticity": 1.5}, "people buy less at a higher price"),
        ({"at": 20_000}, "expected a price from low"),
        ({"low": 19_000, "at": 19_000}, "expected a price from low"),
    ],
)
def test_what_is_no_curve_is_refused(change, message):
    given_ = {"price": 15_000, "units": 40, "elasticity": -2, "cost": 7_500, **RANGE, **change}
    with pytest.raises(InputError, match=message):
        price_curve(**given_)
