"""One order for one season: textbook cases, whole packs, and profit against the usual rule of thumb."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.demand import Empirical, Normal, Poisson
from sellerlab.errors import InputError
from sellerlab.stock import censored
from sellerlab.stock.newsvendor import critical_ratio, mismatch_cost, order_once

STABLE = settings(deadline=None, derandomize=True, max_examples=50)


@pytest.mark.parametrize(
    ("demand", "over", "under", "level", "cost"),
    [
        (Normal(50, 8), 0.18, 0.70, 56.6039559, 1.9976052),  # Snyder and Shen, example 4.3
        (Normal(50, 8).over(5), 0.18, 0.70, 264.7668944, 4.4667810),  # 4.4, lead time 4
        (Normal(900, 60), 43, 79, 922.7214, 2718.1968),  # problem 4.1
        (Poisson(6), 1, 4, 8, 3.5701069),  # 4.7
        (Poisson(18).over(5), 0.08, 1.25, 105, 1.5450189),  # SCMO 4.19
    ],
)
def test_newsvendor_matches_snyder_and_shen(demand, over, under, level, cost):
    found = demand.quantile(critical_ratio(under, over))
    assert found == pytest.approx(level, rel=1e-7)
    assert mismatch_cost(demand, found, under=under, over=over) == pytest.approx(cost, rel=1e-7)


def test_cost_of_a_level_that_is_not_the_best_matches_snyder_and_shen():
    assert mismatch_cost(Normal(50, 8), 40, under=0.7, over=0.18) == pytest.approx(7.3561316, rel=1e-7)
    assert mismatch_cost(Poisson(6), 5, under=4, over=1) == pytest.approx(6.5902960, rel=1e-7)


def test_explicit_form_matches_snyder_and_shen_4_2():
    result = order_once(Normal(50, 8), price=1, cost=0.3, salvage=0.12)
    assert result.exact == pytest.approx(56.60396, abs=1e-5)
    # 33.00239 is the profit of the exact quantity; 57 whole units are within a cent of it.
    assert result.profit == pytest.approx(33.00239, abs=0.005)


def test_newsstand_matches_heizer_and_render():
    result = order_once(Normal(120, 15), price=1.25, cost=0.70, salvage=0.30)
    assert result.critical_ratio == pytest.approx(0.579, abs=5e-4)
    assert result.quantity == 123


def test_newsstand_matches_nahmias():
    result = order_once(Normal(11.73, 4.74), price=0.75, cost=0.25, salvage=0.10)
    assert result.critical_ratio == pytest.approx(0.77, abs=5e-3)
    # 15.24 is printed, from a table with z = .74; the exact z is .7363.
    assert result.exact == pytest.approx(15.22, abs=5e-3)


def test_suit_matches_cachon_and_terwiesch():
    result = order_once(Normal(3192, 1181), price=180, cost=100, salvage=80)
    assert result.critical_ratio == 0.8
    # 4,196 is printed, from a table with z = .85; the exact z is .8416.
    assert result.exact == pytest.approx(4185.95, abs=5e-3)
    assert result.profit == pytest.approx(222_296.5, abs=1)
    at_table = Normal(3192, 1181)
    lost = at_table.short(4196)
    assert lost == pytest.approx(130, abs=1)
    assert at_table.mean - lost == pytest.approx(3062, abs=1)
    assert 4196 - at_table.mean + lost == pytest.approx(1134, abs=1)


@STABLE
@given(
    mean=st.floats(1, 60),
    price=st.floats(2, 50),
    share=st.floats(0.05, 0.95),
    rest=st.floats(-0.5, 0.9),
    pack=st.integers(1, 12),
    minimum=st.integers(0, 40),
)
def test_no_other_order_of_whole_packs_earns_more(mean, price, share, rest, pack, minimum):
    cost = price * share
    terms = {"price": price, "cost": cost, "salvage": cost * rest, "pack": pack, "minimum": minimum}
    result = order_once(Poisson(mean), **terms)
    assert result.quantity % pack == 0
    assert result.quantity == 0 or result.quantity >= minimum
    under, over = price - cost, cost - cost * rest
    for units in range(0, 200, pack):
        if 0 < units < minimum:
            continue
        demand = Poisson(mean)
        sales = mean - demand.short(units)
        assert under * sales - over * (units - sales) <= result.profit + 1e-9


def test_a_minimum_order_that_does_not_pay_is_not_ordered():
    result = order_once(Poisson(3), price=10, cost=6, minimum=50, currency="USD")
    assert (result.quantity, result.profit, result.left_over) == (0, 0, 0)
    assert result.sentence == "Order nothing: no quantity that can be ordered earns its cost."


def test_goodwill_raises_the_order_and_is_a_cost_of_lost_sales():
    plain = order_once(Normal(100, 30), price=15, cost=6, salvage=2)
    kind = order_once(Normal(100, 30), price=15, cost=6, salvage=2, goodwill=5)
    assert kind.quantity > plain.quantity
    sales, left, lost = kind.sales, kind.left_over, kind.lost
    assert kind.profit == pytest.approx(15 * sales + 2 * left - 6 * kind.quantity - 5 * lost)
    assert sales + left == pytest.approx(kind.quantity)
    assert sales + lost == pytest.approx(100)


def test_a_demand_learned_from_sales_gives_an_interval():
    draw = np.random.default_rng(1)
    asked, stock = draw.poisson(20, 60), draw.integers(14, 30, 60)
    fit = censored.fit_demand(np.minimum(asked, stock), asked >= stock)
    result = order_once(fit, price=1500, cost=600, salvage=200, periods=4, currency="JPY")
    assert result.low < result.quantity < result.high
    assert "Over the interval of the demand the best order is" in result.sentence
    assert result.plot().get_xlabel() == "units ordered"
    none = order_once(censored.fit_demand([1, 2]), price=15, cost=6)
    assert (none.quantity, none.profit) == (None, None)
    assert none.sentence.startswith("No quantity can be given, as the demand is not known. Only 2 of 2")
    none.plot()


def test_sentence_names_quantity_profit_left_over_and_lost():
    result = order_once(Normal(100, 30), price=15_000, cost=6_000, salvage=2_000, currency="JPY")
    assert result.sentence == (
        "Order 115 units against an average demand of 100.0: expected profit JPY 762,859, with 20.9 units "
        "left over and 5.9 asked for in vain; the stock is enough with probability 69%. Ordering the average "
        "demand would leave JPY 18,447 less."
    )


def test_newsvendor_earns_more_than_ordering_last_months_sales():
    # A shop that orders what it sold last month, against one that learns demand from twelve months.
    draw = np.random.default_rng(7)
    last, learned = [], []
    for _ in range(40):
        asked = draw.poisson(draw.uniform(20, 60), 36)
        stock = draw.integers(15, 80, 12)
        sold = np.minimum(asked[:12], stock)
        fit = censored.fit_demand(sold, asked[:12] >= stock, shape="poisson")
        known = fit.demand or Empirical.of(sold)
        quantity = order_once(known, price=15, cost=6, salvage=2).quantity
        before = sold[-1]
        for units in asked[12:]:
            learned.append(15 * min(units, quantity) + 2 * max(quantity - units, 0) - 6 * quantity)
            last.append(15 * min(units, before) + 2 * max(before - units, 0) - 6 * before)
            before = min(units, before) if before < units else units
    assert np.mean(learned) > 1.1 * np.mean(last)


def test_a_series_of_costs_gives_a_series():
    ratio = critical_ratio(pd.Series([9.0, 1.0]), pd.Series([4.0, 4.0]))
    assert isinstance(ratio, pd.Series)
    assert ratio.tolist() == pytest.approx([9 / 13, 0.2])
    assert critical_ratio(np.array([9.0]), 4).tolist() == [9 / 13]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"price": 5, "cost": 6}, "every unit loses"),
        ({"price": 10, "cost": 6, "salvage": 7}, "no best quantity"),
        ({"price": 10, "cost": 0}, "cost is 0"),
        ({"price": 10, "cost": 6, "goodwill": -1}, "goodwill is -1"),
        ({"price": 10, "cost": 6, "pack": 0}, "pack is 0"),
        ({"price": 10, "cost": 6, "minimum": -3}, "minimum is -3"),
    ],
)
def test_order_once_refuses(terms, message):
    with pytest.raises(InputError, match=message):
        order_once(Normal(100, 30), **terms)


def test_critical_ratio_refuses():
    with pytest.raises(InputError, match="0 or more"):
        critical_ratio(-1, 3)
    with pytest.raises(InputError, match="both 0"):
        critical_ratio(0, 0)
