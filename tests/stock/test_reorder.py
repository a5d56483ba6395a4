"""Reorder points and rules against printed cases, against brute force, and in simulated shops."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.demand import Normal, Poisson
from sellerlab.errors import InputError
from sellerlab.stock.lots import eoq
from sellerlab.stock.newsvendor import mismatch_cost
from sellerlab.stock.policies import (
    best_fixed_lot,
    best_min_max,
    fixed_lot_cost,
    fixed_lot_per_unit_short,
    reorder_point_for,
)
from sellerlab.stock.reorder import (
    fill_rate,
    lead_time_demand,
    order_units,
    reorder_point,
    safety_stock,
    slow_reorder_point,
)

STABLE = settings(deadline=None, derandomize=True, max_examples=50)

# Snyder and Shen, example 5.1: a year's demand N(1300, 150), a lead time of a month.
LEAD = Normal(1300 / 12, 150 / math.sqrt(12))
TERMS = {"rate": 1300, "order_cost": 8, "holding": 0.225, "short": 7.5}


def test_safety_stock_counts_late_deliveries():
    assert safety_stock(4, 14, daily=10, lead_time_sd=3) == pytest.approx(55.1, abs=0.05)
    assert safety_stock(4, 14) == pytest.approx(24.6, abs=0.05)


def test_reorder_point_matches_heizer_and_render():
    assert reorder_point(8000 / 250, 3) == 96
    # 16.5 and 366.5 are printed, from a table with z = 1.65; the exact z is 1.6449.
    assert safety_stock(10, 1) == pytest.approx(16.5, abs=0.06)
    assert reorder_point(350, 1, daily_sd=10) == pytest.approx(366.5, abs=0.06)


def test_numbers_arrays_and_series_agree():
    daily = [3.0, 10.0]
    one = [reorder_point(each, 14, daily_sd=4, lead_time_sd=3) for each in daily]
    assert reorder_point(np.array(daily), 14, daily_sd=4, lead_time_sd=3).tolist() == pytest.approx(one)
    series = reorder_point(pd.Series(daily), 14, daily_sd=4, lead_time_sd=3)
    assert isinstance(series, pd.Series)
    assert series.tolist() == pytest.approx(one)


def test_simulated_stock_outs_are_as_rare_as_the_service_says():
    draw = np.random.default_rng(5)
    lead = np.rint(draw.normal(14, 3, 20_000)).clip(0)
    asked = draw.normal(10 * lead, 4 * np.sqrt(lead))
    point = reorder_point(10, 14, daily_sd=4, lead_time_sd=3)
    assert (asked <= point).mean() == pytest.approx(0.95, abs=0.01)
    # Without the late deliveries the promise is not kept.
    assert (asked <= reorder_point(10, 14, daily_sd=4)).mean() < 0.80


def test_slow_sellers_follow_poisson_and_negative_binomial():
    from scipy.stats import nbinom, poisson

    for mean in (0.2, 3, 9.5):
        assert slow_reorder_point(mean, mean) == poisson.ppf(0.95, mean)
        for variance in (1.3 * mean, 4 * mean):
            p = mean / variance
            assert slow_reorder_point(mean, variance) == nbinom.ppf(0.95, mean * p / (1 - p), p)
    assert slow_reorder_point(0, 0) == 0
    assert slow_reorder_point(3, 3, service=0.99) > slow_reorder_point(3, 3)


def test_resampled_lead_times_agree_with_the_formula_for_a_fast_seller():
    draw = np.random.default_rng(2)
    days = draw.poisson(20, 400)
    found = lead_time_demand(days, 14, lead_time_sd=2)
    assert found.mean == pytest.approx(14 * days.mean(), rel=0.01)
    point = reorder_point(days.mean(), 14, daily_sd=days.std(), lead_time_sd=2)
    assert found.quantile(0.95) == pytest.approx(point, rel=0.02)
    assert lead_time_demand(days, 14) == lead_time_demand(days, 14)
    assert lead_time_demand([1, np.nan, 1], 5).values == (5,)


def test_fill_rate_is_not_the_service():
    draw = np.random.default_rng(3)
    asked = draw.normal(100, 25, 200_000)
    short = np.maximum(asked - 130, 0).mean()
    assert fill_rate(130, 110, Normal(100, 25)) == pytest.approx(1 - short / 110, abs=2e-4)
    assert fill_rate(130, 110, Normal(100, 25)) > Normal(100, 25).at_most(130)


def test_order_units_fill_up_in_packs():
    assert order_units(195, 196, 10, 30) == 0
    assert order_units(195, 195, 10, 30) == 300
    assert order_units(195, 100, 10, 30, pack=100) == 400
    assert order_units(5, 5, 0.1, 30, minimum=20) == 20


def test_fixed_lot_costs_match_snyder_and_shen_5_1():
    assert fixed_lot_cost(126.8, 328.5, LEAD, **TERMS) == pytest.approx(78.0711625, abs=1e-7)
    # The loss function approximation of the book is exact for a normal demand.
    best = best_fixed_lot(LEAD, **TERMS)
    assert (best.reorder_at, best.quantity) == pytest.approx((126.86706, 328.44914), abs=2e-3)


def test_approximations_of_snyder_and_shen_5_1():
    rule = fixed_lot_per_unit_short(LEAD, **TERMS)  # expected inventory level
    assert (rule.reorder_at, rule.quantity) == pytest.approx((213.97044, 318.59018), abs=1e-5)
    waiting = eoq(1300, 8, 0.225, short_cost=7.5)  # EOQB
    assert waiting == pytest.approx(308.57378, abs=1e-5)
    assert reorder_point_for(waiting, LEAD, holding=0.225, short=7.5) == pytest.approx(128.63781, abs=1e-5)
    plain, level = eoq(1300, 8, 0.225), LEAD.quantile(7.5 / 7.725)  # EOQ + SS
    assert (level, plain) == pytest.approx((190.33700, 304.04678), abs=1e-5)
    best = best_fixed_lot(LEAD, **TERMS).cost
    for point, quantity in ((128.63781, waiting), (level, plain), (rule.reorder_at, rule.quantity)):
        assert fixed_lot_cost(point, quantity, LEAD, **TERMS) > best


def test_fixed_lot_matches_nahmias():
    rule = fixed_lot_per_unit_short(Normal(100, 25), rate=200, order_cost=50, holding=2, short=25)
    # 111 and 143 are printed, from a table; these are exact.
    assert (rule.quantity, rule.reorder_at) == pytest.approx((110.77, 142.57), abs=5e-3)


def test_fixed_lot_for_poisson_demand_matches_snyder_and_shen_5_8():
    best = best_fixed_lot(Poisson(3), rate=1.5, order_cost=100, holding=20, short=150)
    assert (best.reorder_at, best.quantity) == (3, 5)
    assert best.cost == pytest.approx(107.92358, abs=1e-5)


@STABLE
@given(mean=st.floats(0.5, 15), order=st.floats(1, 100), holding=st.floats(0.1, 5), short=st.floats(1, 50))
def test_no_other_fixed_lot_costs_less(mean, order, holding, short):
    terms = {"rate": mean, "order_cost": order, "holding": holding, "short": short}
    best = best_fixed_lot(Poisson(mean), **terms)
    for step, more in ((-1, 0), (1, 0), (0, 1), (0, -1), (-1, 1)):
        if best.quantity + more > 0:
            other = fixed_lot_cost(best.reorder_at + step, best.quantity + more, Poisson(mean), **terms)
            assert other >= best.cost - 1e-9


def simulated(demand, low, high, order_cost, holding, short):
    """Average cost of a period under "at `low` or fewer, fill up to `high`"."""
    stock, cost = high, 0.0
    for units in demand:
        if stock <= low:
            stock, cost = high, cost + order_cost
        stock -= units
        cost += holding * max(stock, 0) + short * max(-stock, 0)
    return cost / len(demand)


def test_min_max_matches_snyder_and_shen():
    rule = best_min_max(Poisson(6), order_cost=5, holding=1, short=4)
    assert (rule.low, rule.high) == (4, 10)
    assert rule.cost == pytest.approx(8.0341116, abs=1e-7)
    rule = best_min_max(Poisson(4), order_cost=150, holding=40, short=125)
    assert (rule.low, rule.high) == (2, 7)
    assert rule.cost == pytest.approx(223.57483, abs=1e-5)


def test_min_max_costs_what_it_says_when_simulated():
    rule = best_min_max(Poisson(6), order_cost=5, holding=1, short=4)
    days = np.random.default_rng(1).poisson(6, 200_000)
    assert simulated(days, rule.low, rule.high, 5, 1, 4) == pytest.approx(rule.cost, rel=0.01)
    for low, high in ((3, 10), (5, 10), (4, 9), (4, 11)):
        assert simulated(days, low, high, 5, 1, 4) > rule.cost * 0.998


def exact_cost(mean, low, high, order, holding, short):
    """Cost of a period, from the visits of each level between two orders, as a linear system."""
    levels = np.arange(high, low, -1)
    chance = [math.exp(-mean) * mean**k / math.factorial(k) for k in range(len(levels))]
    steps = np.array(
        [[chance[j - i] if j >= i else 0 for j in range(len(levels))] for i in range(len(levels))]
    )
    visits = np.linalg.solve(np.eye(len(levels)) - steps.T, np.eye(len(levels))[0])
    spent = [mismatch_cost(Poisson(mean), level, under=short, over=holding) for level in levels]
    return (order + visits @ spent) / visits.sum()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(mean=st.floats(0.5, 8), order=st.floats(0.1, 60), holding=st.floats(0.2, 3), short=st.floats(1, 20))
def test_no_other_min_max_costs_less(mean, order, holding, short):
    rule = best_min_max(Poisson(mean), order_cost=order, holding=holding, short=short)
    own = exact_cost(mean, int(rule.low), int(rule.high), order, holding, short)
    assert rule.cost == pytest.approx(own)
    lows, highs = range(int(rule.low) - 4, int(rule.low) + 6), range(int(rule.high) - 5, int(rule.high) + 6)
    others = [
        exact_cost(mean, low, high, order, holding, short) for low in lows for high in highs if high > low
    ]
    assert min(others) >= own - 1e-9


@pytest.mark.parametrize(
    ("mean", "sd", "terms", "low", "printed"),
    [
        (50, 8, (2.5, 0.18, 0.7), 40.19462, 74.29017),  # example 4.8
        (190, 48, (60, 2, 36), 226.61379, 324.37979),  # problem 4.32
    ],
)
def test_power_approximation_differs_from_print_where_its_authors_cap_it(mean, sd, terms, low, printed):
    order, holding, short = terms
    rule = best_min_max(Normal(mean, sd), order_cost=order, holding=holding, short=short)
    assert rule.low == pytest.approx(low, abs=1e-5)
    # S is printed without the ceiling that Ehrhardt and Mosier set for cheap orders (Q <= 1.5 mean): with it
    # the rule is far cheaper, as a simulation shows.
    ceiling = Normal(mean, sd).quantile(short / (short + holding))
    assert rule.high == pytest.approx(ceiling)
    days = np.random.default_rng(1).normal(mean, sd, 50_000)
    ours = simulated(days, rule.low, rule.high, order, holding, short)
    assert ours < simulated(days, low, printed, order, holding, short)


def test_reorder_point_earns_more_than_ordering_last_months_sales():
    # Each shop sells for two years, margin 8 a unit, 0.02 a day to hold one, 30 an order, 10 days to come.
    draw = np.random.default_rng(11)
    policy, habit = [], []
    for _ in range(30):
        pace = draw.uniform(2, 12)
        days = draw.poisson(pace, 730)
        past = days[:60]
        point = reorder_point(past.mean(), 10, daily_sd=past.std(ddof=1))
        lot = max(eoq(past.mean(), 30, 0.02), 1)

        def profit(order, days=days, pace=pace, lot=lot):
            stock, coming, month, earned = 30 * pace, {}, [], 0.0
            for day, asked in enumerate(days):
                stock += coming.pop(day, 0)
                sold = min(asked, stock)
                stock, earned = stock - sold, earned + 8 * sold - 0.02 * (stock - sold)
                month.append(sold)
                units = order(day, stock + sum(coming.values()), month, lot)
                if units > 0:
                    coming[day + 10] = coming.get(day + 10, 0) + units
                    earned -= 30
            return earned

        policy.append(profit(lambda _, position, __, lot, point=point: lot if position <= point else 0))
        habit.append(profit(lambda day, _, month, __: sum(month[-30:]) if day % 30 == 29 else 0))
    assert np.mean(policy) > 1.02 * np.mean(habit)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: safety_stock(4, -1), "lead_time is -1"),
        (lambda: safety_stock(4, 14, service=95), r"Did you mean 0\.95\?"),
        (lambda: safety_stock(4, 14, service=1), "No stock is enough"),
        (lambda: fill_rate(1, 0, Normal(1, 1)), "quantity is 0"),
        (lambda: lead_time_demand([], 4), "at least one day"),
        (lambda: lead_time_demand([1], 0), "lead_time is 0"),
        (lambda: slow_reorder_point(-1, 2), "mean is -1"),
        (lambda: slow_reorder_point(1, 2, service=0.2), "service is 0.2"),
        (lambda: best_fixed_lot(LEAD, **TERMS | {"short": 0}), "short is 0"),
        (lambda: fixed_lot_per_unit_short(LEAD, **TERMS | {"short": 0.001}), "cheaper than the stock"),
        (lambda: best_min_max(Normal(0, 0), order_cost=1, holding=1, short=1), "mean and sd above 0"),
    ],
)
def test_reorder_refuses(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_the_best_level_without_order_cost_is_the_newsvendors():
    # With free orders every day is a newsvendor day.
    rule = best_min_max(Poisson(6), order_cost=1e-9, holding=1, short=4)
    assert (rule.low, rule.high) == (7, 8)
    assert rule.cost == pytest.approx(mismatch_cost(Poisson(6), 8, under=4, over=1), abs=1e-8)
