"""An order of one size: a textbook case, the best size agreeing with the newsvendor, and its two curves."""

from __future__ import annotations

import numpy as np
import pytest

from sellerlab.demand import Empirical, Normal, Poisson
from sellerlab.errors import InputError
from sellerlab.stock import mismatch_cost, order_once, order_size

TERMS = {"price": 15.0, "cost": 6.0, "salvage": 2.0}


def test_two_outcomes_worked_by_hand():
    # Of 100 ordered, 60 are wanted (40 left over) or 150 (50 lost), each as likely.
    found = order_size(100, Empirical.of([60, 150]), **TERMS)
    assert (found.sales, found.left_over, found.lost) == (80.0, 20.0, 25.0)
    assert found.profit == 9 * 80 - 4 * 20


@pytest.mark.parametrize("demand", [Normal(100, 30), Poisson(7), Empirical.of([2, 5, 9, 30])])
def test_the_best_size_is_the_newsvendors_and_no_other_earns_more(demand):
    once = order_once(demand, **TERMS)
    sizes = [order_size(units, demand, **TERMS) for units in range(150)]
    assert {each.best for each in sizes} == {once.quantity}
    assert max(each.profit for each in sizes) == pytest.approx(once.profit)
    assert "No other order leaves more." in sizes[int(once.quantity)].sentence


def test_profit_is_that_of_a_known_demand_less_the_mismatch():
    demand = Normal(80, 20)
    found = order_size(90, demand, **TERMS, goodwill=3)
    assert found.profit == pytest.approx(9 * 80 - mismatch_cost(demand, 90, under=12, over=4))


def test_more_on_the_order_leaves_more_over_and_loses_less():
    table = order_size(50, Normal(100, 30), **TERMS).table
    assert (np.diff(table["left_over"]) > 0).all()
    assert (np.diff(table["lost"]) < 0).all()
    assert table["units"].iloc[0] == 0
    assert table["units"].iloc[-1] >= 190


def test_in_words():
    assert order_size(
        150, Normal(100, 30), price=15_000, cost=6_000, salvage=2_000, currency="JPY"
    ).sentence == (
        "An order of 150 sells 99.4 on average: 50.6 are left over and 0.6 are asked for in vain, expected "
        "profit JPY 692,268. The best order, 115 units, leaves JPY 70,592 more."
    )


def test_the_picture_marks_both_amounts_and_both_orders():
    found = order_size(150, Normal(100, 30), **TERMS)
    ax = found.plot()
    assert ax.get_title(loc="left") == "What an order leaves over and what it misses"
    marked = [line.get_ydata()[0] for line in ax.get_lines() if line.get_marker() == "o"]
    assert marked == [found.left_over, found.lost]
    upright = [line.get_xdata()[0] for line in ax.get_lines() if len(set(line.get_xdata())) == 1]
    assert {found.units, found.best} <= set(upright)


@pytest.mark.parametrize(
    ("units", "terms", "message"),
    [
        (-1, TERMS, "units is -1"),
        (float("nan"), TERMS, "units is nan"),
        (5, {"price": 5.0, "cost": 6.0}, "every unit loses"),
    ],
)
def test_order_size_refuses(units, terms, message):
    with pytest.raises(InputError, match=message):
        order_size(units, Normal(10, 3), **terms)
