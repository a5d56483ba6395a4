import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import fees, plots, pricing
from sellerlab.errors import InputError


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


money = st.floats(1, 1e6)
exact = settings(deadline=None, derandomize=True)


def test_korean_tax_office_example_of_a_target_price():
    price = pricing.price_for_margin(10_000, 0.20, fees=0.12)
    assert round(price) == 14_706
    assert round(pricing.contribution(price, 10_000, fees=0.12)) == 2_941


def test_vat_belongs_into_the_formula():
    terms = {"fixed_cost": 3_000, "fees": 0.108, "vat_rate": 0.1}
    assert round(pricing.price_for_margin(10_000, 0.20, **terms)) == 20_992
    without = pricing.price_for_margin(10_000, 0.20, fixed_cost=3_000, fees=0.108)
    assert round(without) == 18_786
    assert pricing.margin_at(without, 10_000, **terms) == pytest.approx(0.12, abs=5e-4)


@exact
@given(
    cost=money,
    margin=st.floats(-0.5, 0.6),
    rate=st.floats(0, 0.3),
    vat=st.floats(0, 0.27),
    fixed=st.floats(0, 1e4),
    minimum=st.floats(0, 1e3),
)
def test_price_to_margin_to_price_comes_back(cost, margin, rate, vat, fixed, minimum):
    terms = {"fees": rate, "vat_rate": vat, "fixed_cost": fixed, "fee_fixed": 7, "fee_minimum": minimum}
    if 1 - margin - rate * (1 + vat) < 0.01:
        return
    price = pricing.price_for_margin(cost, margin, **terms)
    reached = pricing.margin_at(price, cost, **terms)
    assert reached == pytest.approx(margin, abs=1e-9)
    assert pricing.price_for_margin(cost, reached, **terms) == pytest.approx(price, rel=1e-9)


@exact
@given(cost=money, margin=st.floats(0, 0.6), rate=st.floats(0, 0.3), fixed=st.floats(0, 1e3))
def test_a_schedule_that_is_a_plain_rate_gives_the_plain_price(cost, margin, rate, fixed):
    plain = pricing.price_for_margin(cost, margin, fees=rate, fee_fixed=fixed)
    searched = pricing.price_for_margin(cost, margin, fees=lambda price: rate * price, fee_fixed=fixed)
    assert searched == pytest.approx(plain, rel=1e-12)


def test_a_minimum_fee_binds_where_it_is_dearer():
    # 15% but at least 50: at a price of 200 the fee is 50, at 1000 it is 150.
    low = pricing.price_for_margin(120, 0.15, fees=0.15, fee_minimum=50)
    assert low == pytest.approx(200)
    assert pricing.price_for_margin(550, 0.30, fees=0.15, fee_minimum=50) == pytest.approx(1000)


def test_a_tier_that_is_cheap_up_to_its_border_is_found():
    class Tiered:
        borders = (100.0,)

        def __call__(self, price):
            return np.where(price <= 100, 0.05, 0.30) * price

    # 100 is the only price near which 75 and a 20% margin fit: 100 - 5 - 75 = 20.
    assert pricing.price_for_margin(75, 0.2, fees=Tiered()) == pytest.approx(100)
    # a little dearer, and the price has to jump past what the high tier takes: 76 / (1 - 0.3 - 0.2).
    assert pricing.price_for_margin(76, 0.2, fees=Tiered()) == pytest.approx(152)


def test_fee_schedules_of_platforms_are_understood():
    schedule = fees.schedule("etsy_us", on="2026-05-01")
    price = pricing.price_for_margin(12.0, 0.25, fees=schedule, fixed_cost=4.0)
    left = price - fees.fee(schedule, price) - 16.0
    assert left / price == pytest.approx(0.25, abs=1e-9)
    both = pricing.price_for_margin(pd.Series([12.0, 30.0]), 0.25, fees=schedule, fixed_cost=4.0)
    assert both[0] == price


def test_a_margin_out_of_reach_names_the_highest_one():
    with pytest.raises(InputError, match=r"always stays below 86\.8%"):
        pricing.price_for_margin(100, 0.9, fees=0.12, vat_rate=0.1)
    highest = pricing.price_for_margin(100, 0.867, fees=0.12, vat_rate=0.1)
    assert pricing.margin_at(highest, 100, fees=0.12, vat_rate=0.1) == pytest.approx(0.867)
    with pytest.raises(InputError, match=r"always stays below 8[78]"):
        pricing.price_for_margin(100, 0.9, fees=lambda price: 0.12 * price)


@pytest.mark.parametrize(
    ("margin", "words"),
    [(20, r"Did you mean 0\.2\?"), (1, "markup of 100% on the cost is a margin of 50.0%")],
)
def test_a_margin_of_the_whole_price_is_refused(margin, words):
    with pytest.raises(InputError, match=words):
        pricing.price_for_margin(100, margin)


def test_a_negative_cost_and_a_price_of_zero_are_refused():
    with pytest.raises(InputError, match="cost is -1"):
        pricing.price_for_margin([-1, 5], 0.2)
    with pytest.raises(InputError, match="price is 0"):
        pricing.margin_at(0, 5)


def test_the_floor_is_where_nothing_is_left():
    floor = pricing.floor_price(1_000, fees=0.1, fixed_cost=300, vat_rate=0.2)
    assert pricing.contribution(floor, 1_000, fees=0.1, fixed_cost=300, vat_rate=0.2) == pytest.approx(
        0, abs=1e-9
    )


@pytest.mark.parametrize(
    ("price", "cost", "change", "needed"),
    [(2.5, 1, -0.5, 0.5), (2.5, 1, 0.5, -0.25), (10, 5.5, -0.5, 0.125), (100, 70, -10, 0.5)],
)
def test_break_even_change_matches_teaching_cases(price, cost, change, needed):
    assert pricing.break_even_change(price, cost, change) == pytest.approx(needed)


@exact
@given(
    price=st.floats(100, 1e4), part=st.floats(0.1, 0.8), cut=st.floats(-0.15, 0.5), rate=st.floats(0, 0.04)
)
def test_the_needed_units_earn_the_same(price, part, cut, rate):
    cost = price * part * 0.9
    new = price * (1 + cut)
    if pricing.contribution(new, cost, fees=rate) <= 1e-3:
        return
    needed = pricing.break_even_change(price, cost, new - price, fees=rate)
    before = pricing.contribution(price, cost, fees=rate)
    assert (1 + needed) * pricing.contribution(new, cost, fees=rate) == pytest.approx(before)


def test_a_cut_below_the_floor_is_refused_with_the_floor():
    with pytest.raises(InputError, match=r"new price of 75.00 .* Stay above 77.78"):
        pricing.break_even_change(100, 70, -25, fees=0.1)
    with pytest.raises(InputError, match=r"today's price of 75.00"):
        pricing.break_even_change(75, 70, 20, fees=0.1)


@pytest.mark.parametrize(("elasticity", "factor"), [(-10, 1.111), (-5, 1.25), (-4, 1.333), (-3, 1.5)])
def test_mark_up_rule_matches_pindyck_rubinfeld(elasticity, factor):
    assert pricing.best_price(1, elasticity) == pytest.approx(factor, abs=5e-4)
    assert pricing.best_price(9, -4) == pytest.approx(12)


def test_fees_raise_the_best_price():
    assert round(pricing.best_price(4, -2.5), 2) == 6.67
    assert round(pricing.best_price(4, -2.5, fees=0.12), 2) == 7.58


def test_linear_demand_has_its_best_price_where_lerner_says():
    # q = 100 - 2p, c = 10: the best price is 30, and the elasticity there is -1.5.
    prices = np.arange(11, 50)
    assert prices[((100 - 2 * prices) * (prices - 10)).argmax()] == 30
    assert pricing.best_price(10, -2 * 30 / 40) == pytest.approx(30)


@exact
@given(
    cost=money,
    e=st.floats(-8, -1.2),
    rate=st.floats(0, 0.3),
    vat=st.floats(0, 0.25),
    minimum=st.floats(0, 100),
)
def test_no_price_nearby_earns_more_than_the_best(cost, e, rate, vat, minimum):
    terms = {"fees": rate, "vat_rate": vat, "fee_minimum": minimum, "fixed_cost": 5}
    best = pricing.best_price(cost, e, **terms)
    near = best * np.array([1, 0.5, 0.9, 0.999, 1.001, 1.1, 2])
    profit = pricing.contribution(near, cost, **terms) * (near / best) ** e
    assert profit.argmax() == 0 or profit.max() == pytest.approx(profit[0], rel=1e-9)
    assert pricing.best_price(cost, e, **{**terms, "fee_minimum": 0}) == pytest.approx(
        pricing.best_price(cost, e, vat_rate=vat, fixed_cost=5, fees=lambda price: rate * price), rel=1e-5
    )


@pytest.mark.parametrize(
    ("elasticity", "words"),
    [
        (-0.8, "so no price is best"),
        (-1, "so no price is best"),
        (2.5, r"Did you mean -2\.5"),
        (0.5, "negative"),
    ],
)
def test_there_is_no_best_price_for_inelastic_demand(elasticity, words):
    with pytest.raises(InputError, match=words):
        pricing.best_price(10, elasticity)


@pytest.mark.parametrize(
    ("p0", "p1", "q0", "q1", "e"),
    [
        (70, 60, 2800, 3000, -0.45),
        (70, 60, 10_000, 15_000, -2.6),
        (4, 6, 120, 80, -1.0),
        # Supply; OpenStax prints 3.53 because it divides percentages that were rounded first.
        (650, 700, 10_000, 13_000, 3.52),
    ],
)
def test_arc_elasticity_matches_textbooks(p0, p1, q0, q1, e):
    assert pricing.arc_elasticity(p0, p1, q0, q1) == pytest.approx(e, abs=0.005)
    assert pricing.arc_elasticity(p1, p0, q1, q0) == pytest.approx(pricing.arc_elasticity(p0, p1, q0, q1))


def test_arc_elasticity_needs_two_prices():
    with pytest.raises(InputError, match="two different prices"):
        pricing.arc_elasticity(10, 10, 5, 6)
    with pytest.raises(InputError, match="price is 0"):
        pricing.arc_elasticity(0, 10, 5, 6)


def test_target_price_shows_where_each_part_goes():
    found = pricing.target_price(900, 0.2, fees=0.1, fixed_cost=320, vat_rate=0.1, currency="JPY")
    assert (found.price, found.floor) == (1945.0, 1508.0)
    assert found.margin >= 0.2
    assert found.table["amount"][1:].sum() == pytest.approx(found.price)
    assert found.table["part"].tolist() == ["Price", "VAT", "Fees", "Fixed cost", "Product", "Left"]
    assert found.sentence.startswith("Charge at least JPY 1,945 to keep 20.0% (JPY 354 a sale).")
    assert (
        found._repr_html_()
        == pricing.target_price(
            900, 0.2, fees=0.1, fixed_cost=320, vat_rate=0.1, currency="JPY"
        )._repr_html_()
    )


def test_a_rounded_price_never_misses_the_margin():
    for cost in range(100, 3000, 37):
        found = pricing.target_price(cost, 0.25, fees=0.066, vat_rate=0.1, currency="JPY")
        assert found.price == int(found.price)
        assert found.margin >= 0.25 - 1e-12


def test_target_price_draws_one_bar_a_part():
    found = pricing.target_price(10_000, 0.2, fees=0.12, currency="KRW")
    ax = found.plot()
    assert len(ax.patches) == len(found.table) == 4
    assert plots.png(ax.figure) == plots.png(found.plot().figure)
