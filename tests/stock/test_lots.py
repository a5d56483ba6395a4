"""Lots, discounts and plans against the printed cases of Snyder and Shen, and against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.stock.lots import best_lot, eoq, in_packs, lot_cost
from sellerlab.stock.order_plan import order_plan

STABLE = settings(deadline=None, derandomize=True, max_examples=60)


def test_eoq_matches_snyder_and_shen():
    assert eoq(1300, 8, 0.225) == pytest.approx(304.0467800, rel=1e-9)
    assert lot_cost(eoq(1300, 8, 0.225), 1300, 8, 0.225) == pytest.approx(68.4105255, rel=1e-8)
    assert lot_cost(250, 1300, 8, 0.225) == pytest.approx(69.725)
    best = eoq(182_500, 2250, 275)
    assert best == pytest.approx(1728.1098, abs=1e-4)
    assert lot_cost(best, 182_500, 2250, 275) == pytest.approx(475_230.2074, abs=1e-3)


def test_eoq_with_buyers_who_wait_matches_snyder_and_shen_3_8():
    best = eoq(1300, 8, 0.225, short_cost=5)
    assert best == pytest.approx(310.8125552, rel=1e-9)
    assert lot_cost(best, 1300, 8, 0.225, short_cost=5) == pytest.approx(66.9213636, rel=1e-8)
    # Share of time without stock: h / (h + p).
    assert pytest.approx(0.0430622, abs=1e-7) == 0.225 / (0.225 + 5)


def test_production_lot_matches_snyder_and_shen_3_22():
    best = eoq(80, 4, 0.08, production=110)
    assert best == pytest.approx(171.2697678, rel=1e-9)
    assert lot_cost(best, 80, 4, 0.08, production=110) == pytest.approx(3.7367949, rel=1e-8)


def test_eoq_matches_heizer_and_render():
    best = eoq(1000, 10, 0.5)
    assert (best, 1000 / best, lot_cost(best, 1000, 10, 0.5)) == (200, 5, 100)
    assert eoq(360, 100, 1) == pytest.approx(268.3, abs=0.05)


@STABLE
@given(
    demand=st.floats(1, 1e6), order=st.floats(0.1, 1e4), holding=st.floats(0.01, 100), step=st.floats(0.5, 2)
)
def test_no_other_lot_costs_less(demand, order, holding, step):
    best = eoq(demand, order, holding)
    costs = [lot_cost(best * each, demand, order, holding) for each in (1, step)]
    assert costs[0] <= costs[1] * (1 + 1e-12)


def test_numbers_arrays_and_series_agree():
    demand = [900.0, 1300.0]
    one = [eoq(each, 8, 0.225) for each in demand]
    assert eoq(np.array(demand), 8, 0.225).tolist() == one
    series = eoq(pd.Series(demand, index=["a", "b"]), 8, 0.225)
    assert series.to_dict() == dict(zip("ab", one, strict=True))


@pytest.mark.parametrize(
    ("order", "rate", "demand", "prices", "every", "steps"),
    [
        (8, 0.3, 1300, {0: 0.75, 400: 0.72, 800: 0.68}, (800, 2, 978.60), (304.04678, 0, 1043.41053)),
        (200, 0.2, 1000, {0: 500, 200: 475, 500: 450}, (500, 2, 472_900), None),
        (150, 0.25, 2400, {0: 100, 300: 90, 600: 80}, None, (1481.89068, 2, 222_762.8137)),
    ],
)
def test_discounts_match_snyder_and_shen(order, rate, demand, prices, every, steps):
    for discount, expected in (("all", every), ("incremental", steps)):
        if expected is None:
            continue
        found = best_lot(
            demand, order_cost=order, holding_rate=rate, prices=prices, discount=discount, pack=None
        )
        assert found.quantity == pytest.approx(expected[0], rel=1e-8)
        assert found.tier == expected[1]
        assert found.yearly_cost == pytest.approx(expected[2], rel=1e-8)


def brute_cost(quantity, demand, order, rate, prices, discount):
    """Cost of a year, unit by unit."""
    borders = sorted(prices)
    if discount == "all":
        goods = prices[max(each for each in borders if each <= quantity)] * quantity
    else:
        ends = [*borders[1:], np.inf]
        goods = sum(
            max(min(quantity, end) - start, 0) * prices[start]
            for start, end in zip(borders, ends, strict=True)
        )
    return goods / quantity * demand + order * demand / quantity + rate * goods / 2


@STABLE
@given(
    demand=st.floats(10, 3000),
    order=st.floats(1, 300),
    rate=st.floats(0.05, 1),
    border=st.integers(20, 500),
    cut=st.floats(0.7, 0.99),
    pack=st.integers(1, 30),
    minimum=st.integers(0, 200),
    discount=st.sampled_from(["all", "incremental"]),
)
def test_no_other_lot_of_whole_packs_costs_less(demand, order, rate, border, cut, pack, minimum, discount):
    prices = {0: 10.0, border: 10 * cut}
    found = best_lot(
        demand,
        order_cost=order,
        holding_rate=rate,
        prices=prices,
        discount=discount,
        pack=pack,
        minimum=minimum,
    )
    assert found.quantity % pack == 0
    assert found.quantity >= minimum
    own = brute_cost(found.quantity, demand, order, rate, prices, discount)
    assert found.yearly_cost == pytest.approx(own)
    tries = range(pack, 3000, pack)
    best = min(brute_cost(q, demand, order, rate, prices, discount) for q in tries if q >= minimum)
    assert own <= best * (1 + 1e-12)


def test_a_lot_in_words():
    prices = {0: 0.75, 400: 0.72, 800: 0.68}
    found = best_lot(1300, order_cost=8, holding_rate=0.3, prices=prices, pack=12, currency="USD")
    assert found.sentence == (
        "Order 804 units at a time, 1.6 times a year, at USD 0.68 a unit: a year costs USD 978.94, of which "
        "USD 12.94 is for ordering and USD 82.01 for holding stock."
    )
    assert found.table["quantity"].tolist() == [300, 408, 804]
    assert found.plot().get_xlabel() == "units an order"


def test_packs_and_minimum():
    assert [in_packs(units, 12, 50) for units in (0, 1, 60, 60.5)] == [0, 60, 60, 72]
    assert in_packs(0.1 * 3 * 10, 3) == 3


@pytest.mark.parametrize(
    ("demand", "order", "holding", "orders", "cost"),
    [
        ([90, 120, 80, 70], 500, 2, (210, 0, 150, 0), 1380),  # 3.9
        ([150, 100, 80, 200], 120, 0.8, (150, 180, 0, 200), 424),  # 3.27
        ([730, 580, 445, 650, 880], 100, 0.1, (1310, 0, 1095, 0, 880), 423),  # 3.29
        # Nothing is asked for until the last period: the order comes where it is cheapest, and only there.
        ([0, 0, 0, 0, 0, 7], [110, 108, 110, 120, 125, 134], 1, (0, 0, 7, 0, 0, 0), 131),
    ],
)
def test_plans_match_wagner_and_whitin_cases(demand, order, holding, orders, cost):
    plan = order_plan(demand, order_cost=order, holding_cost=holding)
    assert plan.orders == orders
    assert plan.cost == pytest.approx(cost)
    assert plan.table["cost"].sum() == pytest.approx(cost)


@STABLE
@given(
    demand=st.lists(st.integers(0, 30), min_size=1, max_size=7),
    order=st.integers(0, 60),
    holding=st.integers(0, 4),
)
def test_no_other_plan_costs_less(demand, order, holding):
    plan = order_plan(demand, order_cost=order, holding_cost=holding)
    best = np.inf
    for chosen in itertools.product((0, 1), repeat=len(demand)):
        stock_from, cost = None, 0
        for period, units in enumerate(demand):
            if chosen[period]:
                stock_from, cost = period, cost + order
            if units and stock_from is None:
                cost = np.inf
            cost += holding * units * (period - (stock_from or 0)) if units else 0
        best = min(best, cost)
    assert plan.cost == pytest.approx(best)
    assert np.all(np.cumsum(plan.orders) >= np.cumsum(demand))
    assert sum(plan.orders) == sum(demand)


def test_a_plan_in_words_and_picture():
    plan = order_plan([90, 120, 80, 70], order_cost=500, holding_cost=2, currency="USD")
    assert plan.sentence == (
        "Order 2 times in 4 periods, 360 units in all: orders and stock held cost USD 1,380.00. Ordering in "
        "every period that needs it would cost USD 2,000.00."
    )
    assert plan.plot().get_ylabel() == "units"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: eoq(0, 8, 1), "demand is 0"),
        (lambda: eoq(100, 8, 1, production=90), "does not keep up"),
        (lambda: eoq(100, 8, 1, short_cost=0), "short_cost is 0"),
        (lambda: lot_cost(np.array([1.0, -2.0]), 100, 8, 1), "quantity is -2"),
        (lambda: in_packs(3, 1.5), "pack is 1.5"),
        (lambda: best_lot(100, order_cost=1, holding_rate=0.1, prices={5: 3}), "the first from 0 units"),
        (
            lambda: best_lot(100, order_cost=1, holding_rate=0.1, prices={0: 3, 9: 4}),
            "fall with the quantity",
        ),
        (lambda: order_plan([], order_cost=1, holding_cost=1), "at least one period"),
        (lambda: order_plan([1], order_cost=[1, 2], holding_cost=1), "1 of them"),
        (lambda: order_plan([1], order_cost=1, holding_cost=-1), "holding_cost is -1"),
    ],
)
def test_lots_refuse(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_an_unknown_discount_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'incremental'"):
        best_lot(100, order_cost=1, holding_rate=0.1, prices=3, discount="increment")
