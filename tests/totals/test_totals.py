"""Pooled rates, changes split into parts, and the value tree, by hand and by what has to add up."""

from __future__ import annotations

from itertools import pairwise

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import totals
from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.intervals import newcombe, wilson

STEPS = ["visits", "carts", "orders"]
ENGINES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pl.from_pandas(frame).to_arrow(),
    "duckdb": lambda frame: duckdb.from_df(frame),
}
MONTH = pd.DataFrame(
    {
        "day": pd.to_datetime(["2026-05-01", "2026-05-01", "2026-05-02"]),
        "channel": ["mail", "ads", "ads"],
        "visits": [200, 800, 1000],
        "carts": [40, 60, 100],
        "orders": [20, 16, 24],
        "sales": [40_000.0, 32_000.0, 48_000.0],
    }
)


def rows_of(table) -> list[dict]:
    return nw.from_native(table).lazy().collect().rows(named=True)


def test_rates_are_pooled_and_not_averaged():
    found = totals.rates(pd.DataFrame({"visits": [10, 1000], "orders": [1, 20]}), ["visits", "orders"])
    assert round(found.conversion, 4) == 0.0208
    assert found.mean_of_rows == pytest.approx(0.06)
    assert "21 orders from 1,010 visits: 2.1%" in found.sentence
    assert "own rates would say 6.0%" in found.sentence


@pytest.mark.parametrize("engine", ENGINES)
def test_rates_by_channel_are_the_same_on_every_engine(engine):
    found = totals.rates(ENGINES[engine](MONTH), STEPS, by="channel", minimum=30)
    rows = rows_of(found.table)
    assert [(row["channel"], row["step"], row["total"], row["of"]) for row in rows] == [
        ("ads", "carts", 160, 1800),
        ("ads", "orders", 40, 160),
        ("mail", "carts", 40, 200),
        ("mail", "orders", 20, 40),
    ]
    low, high = wilson(40, 160)
    assert (rows[1]["rate"], rows[1]["low"], rows[1]["high"]) == pytest.approx((0.25, low, high))
    assert rows[0]["mean_of_rows"] == pytest.approx((60 / 800 + 100 / 1000) / 2)
    assert found.conversion == pytest.approx(60 / 2000)
    assert len(found.plot().get_yticklabels()) == 4


def test_totals_that_are_no_part_of_one_another_get_no_rate():
    found = totals.rates(pd.DataFrame({"clicks": [500], "orders": [700]}), ["clicks", "orders"])
    assert found.conversion is None
    assert "count different things" in found.sentence
    assert "count different things" in found.table["note"][0]


def test_too_little_traffic_gets_no_rate():
    found = totals.rates(pd.DataFrame({"visits": [40], "orders": [3]}), ["visits", "orders"])
    assert (found.conversion, found.low) == (None, None)
    assert "40 visits are too few for a rate: at least 100" in found.sentence


def test_a_row_that_lacks_a_figure_counts_in_no_total():
    gap = pd.DataFrame({"visits": [100, 900], "orders": [10, None]})
    found = totals.rates(gap, ["visits", "orders"])
    assert (found.conversion, found.rows, found.left_out) == (0.1, 1, 1)
    assert "1 rows lack a figure" in found.sentence


def test_a_sales_funnel_of_visits_quotes_and_orders_works_alike():
    found = totals.rates(
        pd.DataFrame({"visits": [110], "quotes": [40], "orders": [11]}), ["visits", "quotes", "orders"]
    )
    assert found.conversion == pytest.approx(0.1)


COUNT = st.integers(1, 10_000)
PERIOD = st.tuples(COUNT, COUNT, COUNT).map(lambda each: sorted(each, reverse=True))


@settings(deadline=None, derandomize=True)
@given(old=PERIOD, new=PERIOD)
def test_the_parts_of_the_steps_add_up_to_the_change(old, new):
    before, after = (pd.DataFrame([row], columns=STEPS) for row in (old, new))
    found = totals.change(before, after, STEPS)
    assert sum(found.parts.values()) == pytest.approx(found.after - found.before, abs=1e-9)
    low, high = newcombe(old[2], old[0], new[2], new[0])
    assert (found.low, found.high) == (low, high)


def test_a_move_between_devices_is_not_called_a_source_of_traffic():
    old = pd.DataFrame({"device": ["m", "d"], "visits": [100, 900], "orders": [2, 90]})
    new = pd.DataFrame({"device": ["m", "d"], "visits": [900, 100], "orders": [18, 10]})
    said = totals.mix(old, new, "visits", "orders", by="device").sentence
    assert said.endswith(
        "0.00 points come from the rates within device, -6.40 points from how the traffic is shared."
    )


def test_the_difference_of_two_conversions_is_told_in_points():
    old = pd.DataFrame({"visitors": [10_000], "orders": [350], "sales": [1_750_000.0]})
    new = pd.DataFrame({"visitors": [11_000], "orders": [320], "sales": [1_600_000.0]})
    low, high = newcombe(350, 10_000, 320, 11_000)
    said = totals.value_tree(old, new).sentence
    assert said.endswith(f"(95% interval of the difference {100 * low:.2f} to {100 * high:.2f} points).")


def test_the_step_that_changed_is_named():
    old = pd.DataFrame({"visits": [10_000], "carts": [1000], "orders": [500]})
    new = pd.DataFrame({"visits": [10_000], "carts": [1000], "orders": [250]})
    found = totals.change(old, new, STEPS)
    assert found.largest == "orders"
    assert found.parts == {"carts": 0.0, "orders": pytest.approx(-0.025)}
    assert found.sentence.endswith(
        "Of the -2.50 points each step gives: carts 0.00, orders -2.50. The largest part is that of orders."
    )
    assert "by chance" not in found.sentence
    assert rows_of(found.table)[1]["points"] == pytest.approx(-2.5)


def test_a_change_that_chance_may_make_is_said_to_be_one():
    old = pd.DataFrame({"visits": [100], "orders": [5]})
    found = totals.change(old, old.assign(orders=6), ["visits", "orders"])
    assert "by chance alone that may happen" in found.sentence
    none = totals.change(old, old.assign(orders=0), ["visits", "orders"])
    assert (none.largest, none.parts) == (None, {})
    assert "A total of 0" in none.sentence
    none.plot()


def test_simpsons_paradox_is_found():
    # Every source does better, and the whole does worse: traffic moved to the poor source.
    old = pd.DataFrame({"source": ["mail", "ads"], "visits": [900, 100], "orders": [90, 1]})
    new = pd.DataFrame({"source": ["mail", "ads"], "visits": [100, 900], "orders": [11, 18]})
    found = totals.mix(old, new, "visits", "orders", by="source")
    assert (found.before, found.after) == (0.091, 0.029)
    assert found.from_rates == pytest.approx(0.5 * 0.01 + 0.5 * 0.01)
    assert found.from_mix == pytest.approx(-0.072)
    assert found.reversed
    assert "Simpson" in found.sentence
    assert len(found.plot().patches) == 4


@settings(deadline=None, derandomize=True)
@given(
    old=st.lists(st.tuples(COUNT, st.floats(0, 1)), min_size=1, max_size=4),
    new=st.lists(st.tuples(COUNT, st.floats(0, 1)), min_size=1, max_size=4),
)
def test_mix_and_rate_add_up_to_the_change(old, new):
    frames = [
        pd.DataFrame(
            [(f"c{i}", n, round(n * rate)) for i, (n, rate) in enumerate(rows)], columns=["c", "n", "k"]
        )
        for rows in (old, new)
    ]
    found = totals.mix(*frames, "n", "k", by="c")
    assert found.from_rates + found.from_mix == pytest.approx(found.after - found.before, abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_changes_are_the_same_on_every_engine(engine):
    to = ENGINES[engine]
    later = MONTH.assign(orders=[25, 10, 20], sales=[50_000.0, 20_000.0, 40_000.0])
    assert totals.mix(to(MONTH), to(later), "visits", "orders", by="channel").sentence == (
        totals.mix(MONTH, later, "visits", "orders", by="channel").sentence
    )
    tree = totals.value_tree(to(MONTH), to(later), visitors="visits", currency="JPY")
    assert tree.sentence == totals.value_tree(MONTH, later, visitors="visits", currency="JPY").sentence
    assert totals.change(to(MONTH), to(later), STEPS).parts == totals.change(MONTH, later, STEPS).parts


@settings(deadline=None, derandomize=True)
@given(values=st.lists(st.integers(1, 10**6), min_size=6, max_size=6))
def test_the_parts_of_the_value_tree_add_up_to_the_change_of_sales(values):
    old, new = (
        pd.DataFrame([each], columns=["visitors", "orders", "sales"]) for each in (values[:3], values[3:])
    )
    found = totals.value_tree(old, new)
    assert sum(found.shares.values()) == pytest.approx(values[5] - values[2], abs=1e-5, rel=1e-9)


def test_a_factor_that_alone_moved_has_the_whole_change():
    old = pd.DataFrame({"visitors": [1000], "orders": [20], "sales": [100_000], "currency": ["JPY"]})
    found = totals.value_tree(old, old.assign(orders=30, sales=150_000))
    assert found.shares == {"visitors": 0.0, "conversion": pytest.approx(50_000), "order_value": 0.0}
    assert found.largest == "conversion"
    assert (
        "JPY 0 of the change comes from visitors, JPY 50,000 from conversion and JPY 0 from order value"
        in found.sentence
    )
    assert "Conversion went from 2.0% to 3.0%" in found.sentence
    assert totals.value_tree(old, old).largest is None
    assert found.plot().get_ylim()[1] > 150_000


def test_each_row_of_the_value_tree_is_printed_in_its_own_unit():
    old = pd.DataFrame({"visitors": [17_405], "orders": [550], "sales": [13_074_300.0]})
    new = pd.DataFrame({"visitors": [17_296], "orders": [452], "sales": [10_777_000.0]})
    for to in ENGINES.values():
        found = totals.value_tree(to(old), to(new), currency="KRW")
        assert [row[1:3] for row in found.printed()[1:]] == [
            ["17,405", "17,296"],
            ["3.16", "2.61"],
            ["KRW 23,771", "KRW 23,843"],
            ["KRW 13,074,300", "KRW 10,777,000"],
        ]
        assert len(found.printed(1)) == 2
    ax = found.plot()
    ax.figure.draw_without_rendering()
    places = [each.get_window_extent() for each in ax.texts]
    assert all(left.x1 < right.x0 for left, right in pairwise(places))
    assert [each.get_text() for each in ax.texts][:2] == ["13,074,300", "-74,688"]
    assert ax.get_ylabel() == "KRW"


def test_rakutens_formula_turned_round_gives_the_visitors():
    assert totals.visitors_needed(3_000_000, 0.035, 5000) == 17_143
    with pytest.raises(InputError, match=r"Did you mean 0\.035"):
        totals.visitors_needed(3_000_000, 3.5, 5000)


def test_a_fault_in_daily_totals_is_found():
    random = np.random.default_rng(5)
    days = pd.date_range("2026-04-01", periods=45)
    carts = random.poisson(60, 45)
    rate = np.where((days >= "2026-04-20") & (days <= "2026-04-22"), 0.05, 0.3)
    frame = pd.DataFrame({"day": days, "carts": carts, "orders": random.binomial(carts, rate)})
    for to in ENGINES.values():
        found = totals.by_day(to(frame), "carts", "orders")
        assert (str(found.start), str(found.end), found.odd) == ("2026-04-20", "2026-04-22", True)
        odd = frame["day"].between("2026-04-20", "2026-04-22")
        assert found.rate == frame.loc[odd, "orders"].sum() / frame.loc[odd, "carts"].sum()
        assert found.usual == frame.loc[~odd, "orders"].sum() / frame.loc[~odd, "carts"].sum()
        assert [row["odd"] == "odd" for row in rows_of(found.table)] == odd.tolist()
    with pytest.raises(TableError, match="expected days"):
        totals.by_day(frame.assign(day="spring"), "carts", "orders")


def test_abandonment_from_totals():
    found = totals.abandonment(MONTH.assign(checkouts=[30, 30, 60]), checkouts="checkouts")
    assert (found.cart, found.checkout) == (0.7, 0.5)
    with pytest.raises(InputError, match="the two count different things"):
        totals.abandonment(MONTH.assign(orders=500))


def test_expected_orders_follow_the_chain_and_cover_what_may_come():
    found = totals.expect(5000, {"views": (300, 1000), "clicks": (12, 1000), "orders": (3, 50)})
    assert found.expected == pytest.approx(5000 * 0.3 * 0.012 * 0.06)
    assert found.low < found.expected < found.high
    assert found.orders_low <= found.low
    assert found.orders_high >= found.high
    assert found == totals.expect(5000, {"views": (300, 1000), "clicks": (12, 1000), "orders": (3, 50)})
    # With so many counted that the rate is known, what is left is a Poisson law of mean 100.
    sure = totals.expect(1000, {"orders": (10**8, 10**9)})
    assert (sure.orders_low, sure.orders_high) == pytest.approx((81, 120), abs=1)
    with pytest.raises(InputError, match="above 0"):
        totals.expect(100, {"orders": (0, 0)})


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: totals.rates(MONTH, ["visits"]), InputError, "two different columns"),
        (lambda: totals.rates(MONTH, ["visits", "order"]), UnknownNameError, "Did you mean 'orders'"),
        (lambda: totals.rates(MONTH, ["visits", "channel"]), TableError, "expected numbers"),
        (lambda: totals.rates(MONTH.assign(visits=-1), STEPS), TableError, "expected 0 or more"),
        (lambda: totals.change(MONTH, MONTH.assign(orders=900), STEPS), InputError, "in the period after"),
        (
            lambda: totals.change(MONTH.assign(visits=0, carts=0, orders=0), MONTH, STEPS),
            InputError,
            "longer period",
        ),
        (
            lambda: totals.value_tree(MONTH.assign(orders=0), MONTH, visitors="visits"),
            InputError,
            "orders is 0",
        ),
        (
            lambda: totals.mix(MONTH, MONTH.assign(orders=[250, 0, 0]), "visits", "orders", by="channel"),
            InputError,
            "mail has more orders",
        ),
        (
            lambda: totals.value_tree(
                MONTH.assign(currency="JPY"), MONTH.assign(currency="KRW"), visitors="visits"
            ),
            InputError,
            "cannot be added",
        ),
    ],
)
def test_impossible_totals_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
