"""A rehearsal of a rule: worked by hand, units that add up, and the usual rule against the reorder point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError
from sellerlab.stock import order_units, rehearse, reorder_point


def never(_):
    return 0


def test_worked_by_hand():
    # 3 a day from a shelf of 7; 6 are ordered on the first two evenings and come after two days.
    found = rehearse(
        [3] * 5,
        lambda seen: 6 if seen.day <= 2 else 0,
        lead_times=2,
        margin=5,
        holding_cost=0.5,
        order_cost=4,
        start=7,
        currency="JPY",
    )
    assert found.table["sold"].tolist() == [3, 3, 3, 3, 3]
    assert found.table["on_hand"].tolist() == [4, 1, 4, 7, 4]
    assert found.table["ordered"].tolist() == [6, 6, 0, 0, 0]
    assert (found.lost, found.empty_days, found.orders, found.average_stock) == (0, 0, 2, 4)
    assert found.profit == 15 * 5 - 0.5 * 20 - 2 * 4
    assert found.sentence == (
        "In 5 days 15 of 15 units asked for were sold and 0 were lost; the shelf was empty on 0 evenings and "
        "held 4 units on average. JPY 57 is left, after 2 orders."
    )


def test_who_finds_nothing_goes_away_and_the_rule_does_not_see_it():
    seen = []
    found = rehearse(
        [4, 4, 4], lambda evening: seen.append(evening.sold.copy()) or 0, lead_times=1, margin=1,
        holding_cost=0, start=6,
    )  # fmt: skip
    assert [each.tolist() for each in seen] == [[4], [4, 2], [4, 2, 0]]
    assert (found.sold, found.lost, found.empty_days) == (6, 6, 2)


def test_lead_times_are_taken_in_turn():
    found = rehearse([0] * 6, lambda _: 1, lead_times=[1, 3], margin=1, holding_cost=0)
    # Of the evenings 1 to 5, odd orders come on the next morning and even ones on the third.
    assert found.table["on_hand"].tolist() == [0, 1, 1, 2, 3, 4]


@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=40),
    st.integers(0, 20),
    st.integers(1, 6),
    st.integers(0, 12),
)
def test_units_add_up(asked, start, lead, lot):
    last = {}

    def rule(evening):
        last["position"] = evening.position
        return lot if evening.position <= 8 else 0

    found = rehearse(asked, rule, lead_times=lead, margin=1, holding_cost=0, start=start)
    table = found.table
    assert found.sold + found.lost == sum(asked)
    # What the rule saw last, and what it ordered then, is all that is not sold.
    there = last["position"] + table["ordered"].iloc[-1]
    assert start + table["ordered"].sum() == found.sold + there
    assert (table["on_hand"] >= 0).all()


def test_a_reorder_point_earns_more_than_ordering_last_months_sales():
    draw = np.random.default_rng(3)
    habit, policy = [], []
    for _ in range(20):
        pace = draw.uniform(2, 12)
        past, asked = draw.poisson(pace, 60), draw.poisson(pace, 364)
        at = reorder_point(past.mean(), 14, daily_sd=past.std(ddof=1), lead_time_sd=3)
        run = {
            "lead_times": draw.normal(14, 3, 60).round().clip(1),
            "margin": 8,
            "holding_cost": 0.02,
            "order_cost": 30,
            "start": round(30 * pace),
        }
        habit.append(rehearse(asked, lambda seen: sum(seen.sold[-28:]) * (seen.day % 28 == 0), **run).profit)
        policy.append(
            rehearse(
                asked, lambda seen, at=at, past=past: order_units(at, seen.position, past.mean(), 30), **run
            ).profit
        )
    assert np.mean(policy) > 1.1 * np.mean(habit)


def test_the_picture_marks_empty_evenings():
    found = rehearse([4, 4, 4], never, lead_times=1, margin=1, holding_cost=0, start=6)
    ax = found.plot()
    assert ax.get_title(loc="left") == "Stock under the rule of ordering"
    assert [list(line.get_xdata()) for line in ax.get_lines() if line.get_marker() == "s"] == [[2, 3]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"asked": []}, "asked: expected"),
        ({"asked": [1, -1]}, "asked: expected"),
        ({"lead_times": 0}, "lead_times: expected"),
        ({"lead_times": [1.5]}, "lead_times: expected"),
        ({"holding_cost": -1}, "holding_cost is -1"),
        ({"start": -1}, "start is -1"),
        ({"rule": lambda _: -2}, "orders -2 units"),
        ({"rule": lambda _: float("nan")}, "orders nan units"),
    ],
)
def test_rehearse_refuses(change, message):
    given_ = {"asked": [1, 2], "rule": never, "lead_times": 1, "margin": 1, "holding_cost": 0} | change
    with pytest.raises(InputError, match=message):
        rehearse(given_.pop("asked"), given_.pop("rule"), **given_)
