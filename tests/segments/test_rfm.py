"""RFM scores against printed cases, ties, the grid's totality, engines, and moves between two dates."""

from __future__ import annotations

import datetime as dt
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import segments
from sellerlab.errors import InputError, TableError
from sellerlab.segments.scores import segments_of
from tests.small_shop import ENGINES, as_engine, orders, rows

# The five customers and the cut-offs printed by the R package rfm for its order data, 2006-12-31.
PRINTED = [
    ("Abbey O'Reilly", 205, 6, 472, "343", "Potential Loyalist"),
    ("Add Senger", 140, 3, 340, "412", "New Customers"),
    ("Aden Lesch", 194, 4, 405, "323", "Loyal Customers"),
    ("Aden Murphy", 98, 7, 596, "544", "Potential Loyalist"),
    ("Admiral Senger", 132, 5, 448, "433", "Potential Loyalist"),
]
PRINTED_CUTS = {
    "recency_days": (115, 181, 297.4, 482),
    "orders": (4, 5, 6, 8),
    "net_sales": (255.8, 382, 506.4, 666),
}
# Its rule table: the first rule that matches wins.
RULES = [
    ("Champions", (5, 5), (5, 5), (5, 5)),
    ("Potential Loyalist", (3, 5), (3, 5), (2, 5)),
    ("Loyal Customers", (2, 4), (2, 4), (2, 4)),
    ("Promising", (3, 4), (1, 3), (3, 5)),
    ("New Customers", (4, 5), (1, 3), (1, 5)),
    ("Can't Lose Them", (1, 2), (3, 4), (4, 5)),
    ("At Risk", (1, 2), (2, 5), (4, 5)),
    ("Need Attention", (1, 3), (3, 5), (3, 5)),
    ("About To Sleep", (2, 3), (1, 3), (1, 4)),
    ("Lost", (1, 1), (1, 5), (1, 5)),
]


def shop(people, as_of="2026-05-31"):
    """Return orders in which each (name, days since the last, orders, money) comes out as given."""
    lines = []
    for name, days, count, money in people:
        last = pd.Timestamp(as_of) - pd.Timedelta(days=days) + pd.Timedelta(hours=20)
        for turn in range(count):
            when, price = last - pd.Timedelta(days=turn), float(money) if turn == 0 else 0.0
            lines += [(f"{name}-{turn}", when, name, price)]
    frame = pd.DataFrame(lines, columns=["order_id", "ordered_at", "customer_id", "unit_price"])
    return frame.assign(sku="A", quantity=1)


def scores(result):
    return {
        row["customer_id"]: f"{row['r']:.0f}{row['f']:.0f}{row['m']:.0f}" for row in rows(result.customers)
    }


def matching(r, f, m):
    low_high = zip((r, f, m), range(3), strict=True)
    scored = list(low_high)
    return [
        rule[0] for rule in RULES if all(rule[k + 1][0] <= score <= rule[k + 1][1] for score, k in scored)
    ]


def test_printed_cut_offs_give_the_scores_printed_by_the_r_package_rfm():
    result = segments.rfm(
        shop([each[:4] for each in PRINTED], "2006-12-31"), as_of="2006-12-31", cuts=PRINTED_CUTS
    )
    assert scores(result) == {each[0]: each[4] for each in PRINTED}
    assert [matching(*map(int, each[4]))[0] for each in PRINTED] == [each[5] for each in PRINTED]


def test_a_value_on_a_cut_off_is_above_it_as_in_the_r_package():
    # Both count [lower, upper): the printed cut-offs are passed as they are. A day more lowers R, an order or
    # a cent more raises F or M.
    people = [
        ("on", 115, 4, 255.8),
        ("under", 114, 3, 255.79),
        ("last", 482, 8, 666),
        ("near", 481, 7, 665.99),
    ]
    result = segments.rfm(shop(people, "2006-12-31"), as_of="2006-12-31", cuts=PRINTED_CUTS)
    assert scores(result) == {"on": "422", "under": "511", "last": "155", "near": "244"}


def test_a_published_rule_table_leaves_cells_out_and_the_grid_does_not():
    cells = list(product(range(1, 6), repeat=3))
    found = [matching(*cell) for cell in cells]
    assert (sum(not names for names in found), sum(len(names) > 1 for names in found)) == (10, 58)
    left_out = ["".join(map(str, cell)) for cell, names in zip(cells, found, strict=True) if not names]
    # One has few orders for much money, the others many orders for little.
    assert left_out == ["215", "241", "251", "252", "341", "351", "441", "451", "541", "551"]


def test_the_grid_gives_each_of_the_45_cells_exactly_one_segment_with_an_action():
    halves = [half / 2 for half in range(2, 11)]
    assert sorted(half for band in segments.BANDS for half in band) == halves
    named = {}
    for r, half in product(range(1, 6), halves):
        place = [half in band for band in segments.BANDS].index(True)
        named[r, half] = segments.GRID[r][place]
    assert len(named) == 45
    assert set(named.values()) == set(segments.ACTIONS) == set(segments_of(segments.GRID))


def test_every_score_triple_lands_in_the_cell_that_the_grid_prints():
    triples = list(product((1, 30, 60, 100, 200), (1, 2, 3, 4, 5), (50, 150, 250, 350, 450)))
    people = [(f"{days}/{count}/{money}", days, count, money) for days, count, money in triples]
    cuts = {"recency_days": (30, 60, 100, 200), "orders": (2, 3, 4, 5), "net_sales": (100, 200, 300, 400)}
    result = segments.rfm(shop(people), as_of="2026-05-31", cuts=cuts)
    printed = segments.grid_table().set_index("R")
    label = {1: 0, 1.5: 0, 2: 1, 2.5: 1, 3: 2, 3.5: 3, 4: 3, 4.5: 4, 5: 4}
    for row in rows(result.customers):
        assert row["segment"] == printed.loc[int(row["r"])].iloc[label[(row["f"] + row["m"]) / 2]]
    found = {row["segment"]: row["customers"] for row in rows(result.table)}
    counted = pd.Series([row["segment"] for row in rows(result.customers)]).value_counts()
    assert found == counted.to_dict() == result.sizes
    assert sum(found.values()) == result.n == 125


def test_customers_with_equal_values_get_equal_scores():
    result = segments.rfm(shop([(f"c{n}", 10, 1, 500) for n in range(10)]))
    assert set(scores(result).values()) == {"333"}
    assert "100% of the customers have one order and share one frequency score" in result.sentence


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_fifths_share_ties_rise_with_the_value_and_hold_a_fifth_each(values):
    found = np.searchsorted(segments.fifths(values), values, "right") + 1
    ranks = pd.Series(values).rank(method="average")
    wanted = [-(-5 * int(2 * rank) // (2 * len(values))) for rank in ranks]
    assert found.tolist() == wanted
    if len(set(values)) == len(values) and len(values) % 5 == 0:
        assert set(np.bincount(found)[1:]) == {len(values) // 5}


def test_recency_counts_days_of_the_calendar_from_the_day_given():
    people = [("a", 0, 1, 5), ("b", 1, 1, 5), ("c", 400, 1, 5)]
    result = segments.rfm(shop(people, "2024-03-01"), as_of=dt.date(2024, 3, 1), cuts=PRINTED_CUTS)
    assert {row["customer_id"]: row["recency_days"] for row in rows(result.customers)} == {
        "a": 0,
        "b": 1,
        "c": 400,
    }
    assert segments.rfm(shop(people), cuts=PRINTED_CUTS).as_of == dt.date(2026, 5, 31)


def test_money_is_net_of_refunds_and_refund_rows_are_no_orders():
    frame = shop([("ann", 3, 2, 1000), ("bob", 5, 1, 700)])
    back = pd.DataFrame(
        {
            "order_id": ["r1", "r2"],
            "ordered_at": pd.to_datetime(["2026-05-30", "2026-05-30"]),
            "customer_id": ["ann", "cia"],
            "sku": "A",
            "quantity": -1,
            "unit_price": [300.0, 50.0],
            "kind": "refund",
        }
    )
    frame = pd.concat([frame.assign(kind="sale"), back], ignore_index=True)
    frame["refunded"] = np.where(frame["customer_id"] == "bob", 200.0, 0.0)
    result = segments.rfm(frame, as_of="2026-05-31", cuts=PRINTED_CUTS)
    found = {
        row["customer_id"]: (row["recency_days"], row["orders"], row["net_sales"])
        for row in rows(result.customers)
    }
    assert found == {"ann": (3, 2, 700), "bob": (5, 1, 500)}  # cia only gave something back


def test_orders_after_the_day_cancelled_ones_and_those_without_a_customer_do_not_count():
    frame = shop([("ann", 3, 1, 100), ("bob", 5, 1, 100), ("", 5, 2, 100), ("cia", 7, 1, 100)])
    frame["status"] = np.where(frame["customer_id"] == "cia", "cancelled", "paid")
    result = segments.rfm(frame, as_of="2026-05-27", cuts=PRINTED_CUTS)
    assert [row["customer_id"] for row in rows(result.customers)] == ["bob"]
    assert result.unnamed == 2
    assert "Left out: 2 orders that name no customer." in result.sentence


def test_tax_in_the_prices_is_taken_off_only_where_the_file_states_none():
    frame = shop([("ann", 3, 1, 1100)])
    cuts = PRINTED_CUTS
    assert segments.rfm(frame, cuts=cuts, vat_rate=0.1).net_sales == 1000
    assert segments.rfm(frame.assign(tax_included=50.0), cuts=cuts, vat_rate=0.1).net_sales == 1050


def test_money_is_rounded_before_it_is_ranked():
    frame = shop([(f"c{n}", 5, 1, 0.3) for n in range(6)] + [(f"d{n}", 5, 2, 0.3) for n in range(6)])
    parts = frame["customer_id"].str.startswith("d").to_numpy()
    frame.loc[parts, "unit_price"] = np.where(frame.loc[parts, "unit_price"] > 0, 0.1, 0.2)
    result = segments.rfm(frame.assign(currency="EUR"))
    assert len({row["m"] for row in rows(result.customers)}) == 1  # 0.1 + 0.2 is 0.3


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", [1, 2])
def test_engines_agree_and_keep_their_kind(engine, seed):
    frame = orders(seed, count=400).drop(columns="amount")
    frame.loc[::50, "customer_id"] = None
    native = as_engine(frame, engine)
    expected, found = segments.rfm(frame, as_of="2026-06-15"), segments.rfm(native, as_of="2026-06-15")
    assert rows(found.customers) == rows(expected.customers)
    assert rows(found.table) == rows(expected.table)
    assert (found.sentence, found.cuts) == (expected.sentence, expected.cuts)
    if engine != "polars lazy":
        assert type(found.customers) is type(native)
    moved, wanted = (segments.migration(each, "2026-04-15", days=40) for each in (native, frame))
    assert (rows(moved.table), moved.sentence) == (rows(wanted.table), wanted.sentence)


def test_scores_on_the_engine_and_the_summary_in_numpy_agree():
    result = segments.rfm(orders(3, count=600))
    found = pd.DataFrame(rows(result.customers))
    by_segment = found.groupby("segment").agg(
        customers=("customer_id", "size"), net_sales=("net_sales", "sum")
    )
    for row in rows(result.table):
        if row["customers"]:
            assert row["customers"] == by_segment.loc[row["segment"], "customers"]
            assert row["net_sales"] == pytest.approx(by_segment.loc[row["segment"], "net_sales"])
    assert sum(row["share_of_customers"] for row in rows(result.table)) == pytest.approx(1)


def test_the_input_stays_as_it_was_and_the_same_call_gives_the_same():
    frame = orders(4)
    before = frame.copy()
    one, two = segments.rfm(frame), segments.rfm(frame)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(one.customers, two.customers)
    shuffled = segments.rfm(frame.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(one.customers, shuffled.customers)


def test_two_answers_can_be_compared():
    frame = shop([(str(each), 10 * each, 1 + each % 3, 100 + each) for each in range(20)])
    assert segments.rfm(frame) == segments.rfm(frame)
    assert segments.rfm(frame) != segments.rfm(frame, cuts={"orders": (2, 3, 5, 10)})


def test_too_few_customers_get_no_scores_but_own_cut_offs_work():
    frame = shop([(f"c{n}", n, 1, n) for n in range(9)])
    result = segments.rfm(frame)
    assert result.cuts is None
    assert result.sizes == {}
    assert all(row["customers"] is None for row in rows(result.table))
    assert all(row["segment"] is None for row in rows(result.customers))
    assert result.sentence.startswith(
        "Only 9 customers have ordered until 31 May 2026: fifths need at least 10"
    )
    assert sum(segments.rfm(frame, cuts=PRINTED_CUTS).sizes.values()) == 9
    moved = segments.migration(frame, "2026-05-29")
    assert (moved.stayed, rows(moved.table)) == (None, [])


def test_cut_offs_of_an_answer_can_be_used_again():
    frame = orders(5, count=500)
    first = segments.rfm(frame)
    assert segments.rfm(frame, cuts=first.cuts).sizes == first.sizes


def test_an_own_grid_is_used_and_its_names_come_in_the_sentence():
    grid = dict.fromkeys(range(1, 6), ("low", "low", "mid", "high", "high"))
    result = segments.rfm(orders(6, count=300), grid=grid)
    assert set(result.sizes) == {"low", "mid", "high"}
    assert "the segment high brought most" in result.sentence


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"grid": {5: ("a",) * 5}}, "0 names for recency score 1"),
        ({"grid": {**segments.GRID, 3: ("a", "b")}}, "grid has 2 names for recency score 3"),
        ({"grid": {**segments.GRID, 6: ("a",) * 5}}, "recency score 6"),
        ({"cuts": {"orders": (2, 3, 5)}}, "expected four that rise"),
        ({"cuts": {"orders": (5, 3, 2, 1)}}, "expected four that rise"),
        ({"cuts": {"frequency": (1, 2, 3, 4)}}, "no value to cut 'frequency'.*Known: 'net_sales', 'orders'"),
        ({"days": 0}, "days is 0"),
        ({"as_of": "2020-01-01"}, "There is no paid order until 2020-01-01 that names its customer"),
        ({"as_of": "1 May"}, "as_of is '1 May'"),
    ],
)
def test_impossible_segments_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        segments.rfm(orders(7), **options)


def test_a_file_without_customers_is_refused():
    with pytest.raises(TableError, match="customer_id"):
        segments.rfm(orders(7).drop(columns="customer_id"))


def test_migration_counts_each_customer_once_and_uses_the_cut_offs_of_the_first_date():
    frame = shop([(f"c{n}", 40 + n, 1, 100 + n) for n in range(20)])
    again = shop([("c19", 0, 1, 5000), ("new", 2, 1, 10)])
    again["order_id"] = "again-" + again["order_id"]
    result = segments.migration(pd.concat([frame, again], ignore_index=True), "2026-04-21", "2026-05-31")
    first = segments.rfm(frame, as_of="2026-04-21")
    assert result.cuts == first.cuts
    assert result.customers == 20
    assert (result.new, sum(result.moves.values())) == (1, 21)
    start = {row["customer_id"]: row["segment"] for row in rows(first.customers)}["c19"]
    assert start == "Previously loyal"
    # All had one order on the first date: its cut-offs know no higher frequency score than theirs.
    assert result.moves[start, "Loyal"] == 1
    for row in rows(result.table):
        assert row["share"] == pytest.approx(row["customers"] / row["of"])
        assert row["low"] <= row["share"] <= row["high"]


def test_migration_with_a_window_finds_those_who_fell_out_of_it():
    frame = shop([(f"c{n}", n, 1, 100 + n) for n in range(12)])
    frame = pd.concat([frame, shop([("new", 0, 1, 50)], "2026-07-20")])
    result = segments.migration(frame, "2026-05-31", "2026-07-31", days=30)
    assert {end for start, end in result.moves if start != "no order"} == {"no order"}
    assert (result.stayed, result.new, result.customers) == (0, 1, 12)


def test_migration_refuses_days_in_the_wrong_order():
    with pytest.raises(InputError, match="before 2026-05-20 is not earlier than after 2026-05-01"):
        segments.migration(orders(8), "2026-05-20", "2026-05-01")


def test_pictures_are_drawn_for_segments_and_moves_and_for_too_few():
    import matplotlib.pyplot as plt

    frame = orders(9, count=300)
    assert len(segments.rfm(frame).plot().get_yticklabels()) == 10
    drawn = segments.rfm(frame).plot()
    drawn.get_figure().canvas.draw()
    legend, axes = drawn.get_legend().get_window_extent(), drawn.get_window_extent()
    assert legend.y1 < axes.y0, "the legend lies below the bars"
    assert segments.migration(frame, "2026-05-01").plot().get_title(loc="left").startswith("Where")
    few = segments.rfm(frame[frame["customer_id"].isin(["c-1", "c-2"])])
    assert few.plot().texts[0].get_text() == "too few customers"
    plt.close("all")


def test_the_picture_of_moves_has_no_empty_column_for_no_order():
    frame = shop([(f"c{n}", 40 + n, 1, 100 + n) for n in range(20)])
    again = shop([("c19", 0, 1, 5000), ("new", 2, 1, 10)])
    again["order_id"] = "again-" + again["order_id"]
    both = pd.concat([frame, again], ignore_index=True)
    ax = segments.migration(both, "2026-04-21", "2026-05-31").plot()
    starts = [each.get_text() for each in ax.get_yticklabels()]
    ends = [each.get_text() for each in ax.get_xticklabels()]
    assert "no order: 1" in starts
    assert "no order" not in ends
    assert ax.images[0].get_array().shape == (len(starts), len(ends))
