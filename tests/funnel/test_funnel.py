"""The funnel of events against hand-made cases, a search by brute force, and the planted rates."""

from __future__ import annotations

import datetime as dt
from itertools import combinations, pairwise

import duckdb
import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import datasets, funnel
from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.funnel.journeys import Search, search
from sellerlab.intervals import wilson
from tests.small_shop import ENGINES, as_engine

STEPS = ["visit", "view_item", "add_to_cart", "checkout", "purchase"]


def log(*lines: str, every: str = "1min") -> pd.DataFrame:
    """Make events from texts such as ``"u1 A B C"``, in this order of time."""
    rows = [(line.split()[0], event) for line in lines for event in line.split()[1:]]
    times = pd.date_range("2026-05-01", periods=len(rows), freq=every)
    return pd.DataFrame({"user_id": [r[0] for r in rows], "at": times, "event": [r[1] for r in rows]})


def at_minutes(user: str, *pairs: tuple[float, str]) -> pd.DataFrame:
    start = pd.Timestamp("2026-05-01")
    times = [start + pd.Timedelta(minutes=minute) for minute, _ in pairs]
    return pd.DataFrame({"user_id": user, "at": times, "event": [event for _, event in pairs]})


def rows_of(table) -> list[dict]:
    return nw.from_native(table).lazy().collect().rows(named=True)


FOUR = log("u1 A B C", "u2 A B", "u3 A", "u4 B")


@pytest.mark.parametrize("engine", ENGINES)
def test_ordered_funnel_matches_the_four_users_of_retentioneering(engine):
    found = funnel.funnel(as_engine(FOUR, engine), ["A", "B", "C"], minimum=1)
    rows = rows_of(found.table)
    assert found.reached == (3, 2, 1)
    assert [row["overall"] for row in rows] == [0.75, 0.5, 0.25]
    assert [row["rate"] for row in rows] == pytest.approx([0.75, 2 / 3, 0.5])
    assert [row["of"] for row in rows] == [4, 3, 2]


def test_a_hundred_users_of_whom_five_fill_a_basket_matches_retentioneering():
    lines = [f"b{i} browse" for i in range(95)] + [f"s{i} basket shipping" for i in range(4)] + ["x basket"]
    found = funnel.funnel(log(*lines), ["basket", "shipping"], minimum=1)
    rows = rows_of(found.table)
    assert found.reached == (5, 4)
    assert [row["overall"] for row in rows] == [0.05, 0.04]
    assert [row["rate"] for row in rows] == [0.05, 0.8]
    assert found.conversion == 0.8
    assert "4 of 5 people went from basket to shipping" in found.sentence


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_any_fineness_give_the_same(engine, unit):
    events = FOUR.assign(at=FOUR["at"].astype(f"datetime64[{unit}]"))
    found = funnel.funnel(as_engine(events, engine), ["A", "B", "C"], within="90s", by="day", minimum=1)
    assert (found.reached, found.immature) == ((3, 2, 0), 2)
    assert found.first == dt.date(2026, 5, 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_step_may_stand_twice_and_an_event_does_not_follow_itself(engine):
    events = log("u1 A A B", "u2 A B", "u3 A B A")
    events = as_engine(events, engine)
    assert funnel.funnel(events, ["A", "A", "B"], minimum=1).reached == (3, 2, 1)
    assert funnel.funnel(events, ["A", "B", "A"], minimum=1).reached == (3, 3, 1)


def test_a_way_over_two_visits_counts_by_person_and_not_by_visit():
    events = log("u1 A D")
    events["session_id"] = ["s1", "s2"]
    assert funnel.funnel(events, ["A", "D"], minimum=1).reached == (1, 1)
    assert funnel.funnel(events, ["A", "D"], unit="session_id", minimum=1).reached == (1, 0)


@pytest.mark.parametrize("engine", ["pandas", "polars", "pyarrow"])
def test_events_of_the_same_time_keep_their_order_in_the_table(engine):
    right, wrong = log("u1 A B"), log("u1 B A")
    right["at"] = wrong["at"] = pd.Timestamp("2026-05-01")
    assert funnel.funnel(as_engine(right, engine), ["A", "B"], minimum=1).reached == (1, 1)
    assert funnel.funnel(as_engine(wrong, engine), ["A", "B"], minimum=1).reached == (1, 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_may_order_events_of_the_same_time(engine):
    events = log("u1 A B")
    events["at"] = pd.Timestamp("2026-05-01")
    events["number"] = [2, 1]
    assert funnel.funnel(as_engine(events, engine), ["A", "B"], tie="number", minimum=1).reached == (1, 0)


def test_the_search_tries_every_start_and_not_just_the_first():
    # The first A is a day before; only the chain from the second A fits the limit.
    events = at_minutes("u1", (0, "A"), (1440, "A"), (1445, "B"), (1450, "C"))
    assert funnel.funnel(events, ["A", "B", "C"], within="1h", minimum=1).reached == (1, 1, 1)
    # The first B after the A is too early for C; the second B fits both limits.
    events = at_minutes("u1", (0, "A"), (10, "B"), (100, "B"), (150, "C"))
    assert funnel.funnel(events, ["A", "B", "C"], step_within="100min", minimum=1).reached == (1, 1, 1)


def test_median_time_is_that_of_the_first_passage():
    events = at_minutes("u1", (0, "A"), (2, "B"), (9, "B"))
    rows = rows_of(funnel.funnel(events, ["A", "B"], minimum=1).table)
    assert rows[1]["median_minutes"] == 2


def test_an_open_funnel_counts_who_enters_later_and_rates_who_continued():
    rows = rows_of(funnel.funnel(FOUR, ["A", "B", "C"], closed=False, minimum=1).table)
    assert [row["reached"] for row in rows] == [3, 3, 1]
    assert [row["continued"] for row in rows] == [3, 2, 1]
    assert [row["entered"] for row in rows] == [0, 1, 0]
    assert rows[1]["rate"] == pytest.approx(2 / 3)


def brute(events, wanted):
    """Try every chain of events of every user."""
    reached = [0] * len(wanted.steps)
    for _, own in events.groupby("user_id"):
        rows = list(zip(own["at"], own["event"], strict=True))
        for size in range(1, len(wanted.steps) + 1):
            reached[size - 1] += any(
                all(row[1] == step for row, step in zip(chain, wanted.steps, strict=False))
                and (wanted.within is None or chain[-1][0] - chain[0][0] <= wanted.within)
                and all(
                    wanted.step_within is None or b[0] - a[0] <= wanted.step_within
                    for a, b in pairwise(chain)
                )
                for chain in combinations(rows, size)
            )
    return tuple(reached)


MINUTES = st.one_of(st.none(), st.integers(1, 20).map(lambda n: dt.timedelta(minutes=n)))
EVENTS = st.lists(
    st.tuples(st.sampled_from("xy"), st.integers(0, 40), st.sampled_from("ABCD")), min_size=1, max_size=14
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(events=EVENTS, within=MINUTES, step=MINUTES, names=st.sampled_from(["ABC", "AAB", "ABA", "AB", "BBB"]))
def test_the_search_equals_brute_force_on_any_events(events, within, step, names):
    rows = sorted(events, key=lambda row: row[1])
    frame = pd.DataFrame(rows, columns=["user_id", "at", "event"])
    frame["at"] = pd.Timestamp("2026-05-01") + pd.to_timedelta(frame["at"], unit="min")
    if not set(names) <= set(frame["event"]):
        return
    wanted = Search(tuple(names), within, step, closed=True)
    found = search(frame, wanted, unit="user_id").total
    assert found.reached == brute(frame, wanted)
    backwards = search(frame.sort_values("user_id", kind="stable"), wanted, unit="user_id").total
    assert str(backwards) == str(found)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(events=EVENTS, within=MINUTES, step=MINUTES, closed=st.booleans())
def test_duckdb_finds_what_pandas_finds(events, within, step, closed):
    frame = pd.DataFrame(events, columns=["user_id", "at", "event"])
    if not {"A", "B", "C"} <= set(frame["event"]):
        return
    frame["at"] = pd.Timestamp("2026-05-01") + pd.to_timedelta(frame["at"], unit="min")
    frame["number"] = range(len(frame))
    frame["channel"] = frame["user_id"]
    wanted = Search(("A", "B", "C"), within, step, closed)
    here, there = (
        search(each, wanted, unit="user_id", by="channel", tie="number")
        for each in (frame, duckdb.from_df(frame))
    )
    assert str(there) == str(here)


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("by", [None, "channel", "device", "day"])
def test_the_demo_funnel_is_the_same_on_every_engine(by, engine):
    events = datasets.load_events()
    settings_ = {"within": "2 days", "step_within": "1 day", "by": by, "unit": "user_id"}
    first, other = (funnel.funnel(each, STEPS, **settings_) for each in (events, as_engine(events, engine)))
    assert other.sentence == first.sentence
    assert other.reached == first.reached
    for row, own in zip(rows_of(other.table), rows_of(first.table), strict=True):
        assert row.keys() == own.keys()
        for key, value in own.items():
            missing = value is None or value != value
            assert (row[key] is None or row[key] != row[key]) if missing else row[key] == pytest.approx(value)


def test_the_demo_funnel_without_polars_is_the_same(monkeypatch):
    from sellerlab.funnel import journeys_in_memory

    with_polars = funnel.funnel(datasets.load_events(), STEPS, by="channel", within="2 days")
    monkeypatch.setattr(journeys_in_memory, "quick", lambda frame: frame)
    without = funnel.funnel(datasets.load_events(), STEPS, by="channel", within="2 days")
    pd.testing.assert_frame_equal(with_polars.table, without.table)


def test_input_is_left_as_it_was():
    events = datasets.load_events()
    before = events.copy()
    funnel.funnel(events, STEPS, by="device")
    pd.testing.assert_frame_equal(events, before)


def test_groups_add_up_to_the_whole():
    found = funnel.funnel(datasets.load_events(), STEPS, by="channel", within="7 days")
    for place, step in enumerate(STEPS):
        assert found.table.loc[found.table["step"] == step, "reached"].sum() == found.reached[place]


def test_the_planted_rates_lie_in_their_intervals_and_the_fault_is_found_by_date():
    shop = datasets.simulate("phone_stand", seed="funnel", orders=30_000)
    planted = shop.truth["funnel"]
    fault = planted["checkout_fault"]
    day = shop.events["at"].dt.normalize()
    sound = shop.events[(day < fault["start"]) | (day > fault["end"])]
    hits = rates = 0
    for device in ("mobile", "desktop"):
        own = sound[sound["device"] == device]
        table = funnel.funnel(own, STEPS, unit="session_id", by="channel").table
        for row in table.itertuples():
            if row.step != "visit":
                low, high = wilson(row.reached, row.of, 0.99)
                rates += 1
                hits += low <= planted["step_rates"][row.channel][device][row.step] <= high
    assert rates == 32
    assert hits >= 31

    mobile = funnel.by_day(shop.events[shop.events["device"] == "mobile"], STEPS)
    assert (str(mobile.start), str(mobile.end)) == (fault["start"], fault["end"])
    assert mobile.odd
    assert mobile.p == 0.001
    assert "passed from checkout to purchase" in mobile.sentence
    desktop = funnel.by_day(shop.events[shop.events["device"] == "desktop"], STEPS)
    assert not desktop.odd


def test_the_planted_rates_of_the_demo_shop_lie_in_their_intervals():
    events, planted = datasets.load_events(), datasets.simulate().truth["funnel"]["step_rates"]
    mobile = events[events["device"] == "mobile"]
    table = funnel.funnel(mobile, STEPS, unit="session_id", by="channel").table
    early = table[table["step"].isin(["view_item", "add_to_cart", "checkout"])]
    for row in early.itertuples():
        low, high = wilson(row.reached, row.of, 0.99)
        assert low <= planted[row.channel]["mobile"][row.step] <= high, (row.channel, row.step)


def test_money_and_orders_lost_by_hand():
    # 100 visit, 50 look, 10 buy: 50 do not look; of lookers 20% buy, so 10 orders are lost there.
    lines = [f"a{i} visit" for i in range(50)] + [f"b{i} visit look" for i in range(40)]
    lines += [f"c{i} visit look buy" for i in range(10)]
    found = funnel.funnel(log(*lines), ["visit", "look", "buy"], order_value=500, currency="JPY")
    rows = rows_of(found.table)
    assert [row["orders_lost"] for row in rows] == pytest.approx([0, 10, 40])
    assert [row["orders_per_point"] for row in rows] == pytest.approx([0.1, 0.2, 0.5])
    assert rows[2]["value_per_point"] == pytest.approx(250)
    assert found.best_point == "buy"
    assert "One more point of the rate at buy is worth JPY 250 (0.5 more to the end)." in found.sentence
    assert "Most are lost before look: 50 of 100 (50.0%)." in found.sentence
    assert (rows[1]["rate_low"], rows[1]["rate_high"]) == wilson(50, 100)


def test_late_comers_are_marked_as_immature():
    found = funnel.funnel(FOUR, ["A", "B"], within="2min", minimum=1)
    assert found.immature == 2  # u3 and u4 came in the last two minutes
    assert "may still go on" in found.sentence


def test_too_few_give_no_rate():
    found = funnel.funnel(FOUR, ["A", "B"])
    assert (found.conversion, found.low, found.high) == (None, None, None)
    assert found.table["rate"].isna().all()
    assert "at least 10" in found.sentence


def test_events_that_name_no_one_are_left_out_and_counted():
    events = FOUR.copy()
    events.loc[6, "user_id"] = None
    found = funnel.funnel(events, ["A", "B"], minimum=1)
    assert (found.units, found.nameless) == (3, 1)
    assert funnel.funnel(duckdb.from_df(events), ["A", "B"], minimum=1).nameless == 1


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"steps": ["A", "Buy"]}, UnknownNameError, r"no event 'Buy'.*Known: 'A', 'B', 'C'"),
        ({"steps": ["A"]}, InputError, "two events or more"),
        ({"steps": "AB"}, InputError, "two events or more"),
        ({"within": 7}, InputError, "within is 7: expected a length of time.*'7 days'"),
        ({"within": "-1h"}, InputError, "above 0"),
        ({"unit": "sesion"}, UnknownNameError, "no column of events 'sesion'"),
        ({"by": "channel"}, TableError, "no column 'channel'"),
        ({"user_id": "buyer"}, TableError, "no column 'buyer'"),
        ({"order_value": float("nan")}, InputError, "expected an amount"),
    ],
)
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_impossible_funnels_are_refused(engine, change, error, words):
    with pytest.raises(error, match=words):
        funnel.funnel(as_engine(FOUR, engine), **{"steps": ["A", "B"], **change})


def test_times_as_text_and_empty_tables_are_refused():
    with pytest.raises(TableError, match="expected times"):
        funnel.funnel(FOUR.assign(at="2026"), ["A", "B"])
    with pytest.raises(InputError, match="no events"):
        funnel.funnel(FOUR.head(0), ["A", "B"])


def test_pictures_show_counts_and_groups():
    events = datasets.load_events()
    ax = funnel.funnel(events, STEPS, unit="session_id").plot()
    assert ax.texts[1].get_text() == "1,914, 54.1% of the step before"
    ax = funnel.funnel(events, STEPS, unit="session_id", by="device").plot()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["desktop (783)", "mobile (2,754)"]
    assert funnel.by_day(events, STEPS).plot().get_title(loc="left") == "The rate day by day"


def test_abandonment_counts_people_and_not_carts():
    events = log("u1 cart cart pay buy", "u2 cart pay", "u3 cart", "u4 cart cart", every="1h")
    names = {"cart": "cart", "checkout": "pay", "purchase": "buy"}
    found = funnel.abandonment(events, **names, minimum=1)
    assert (found.carts, found.cart, found.checkouts, found.checkout) == (4, 0.75, 2, 0.5)
    assert "3 of 4 with a cart did not buy: 75.0%" in found.sentence
    assert funnel.abandonment(duckdb.from_df(events), **names, minimum=1).cart == 0.75
    late = funnel.abandonment(events, **names, within="90min", minimum=1)
    assert late.cart == 1.0
    assert funnel.abandonment(events, **names).cart is None
    assert len(found.plot().get_yticklabels()) == 2


def test_odd_days_are_rarely_found_where_there_are_none():
    import numpy as np

    from sellerlab.funnel.odd_days import watch

    random = np.random.default_rng(3)
    days = [dt.date(2026, 5, 1) + dt.timedelta(days=each) for each in range(40)]
    alarms = sum(
        watch(days, random.binomial(30, 0.2, 40), [30] * 40, "x", pd.DataFrame(), draws=199).odd
        for _ in range(100)
    )
    assert alarms <= 11


def test_how_often_chance_makes_a_stretch_is_told_in_percent():
    from sellerlab.funnel.odd_days import watch

    days = [dt.date(2026, 5, 1) + dt.timedelta(days=each) for each in range(40)]
    hits = [2 if 10 <= each < 14 else 20 for each in range(40)]
    odd = watch(days, hits, [100] * 40, "x", pd.DataFrame(), draws=999)
    assert odd.odd
    assert "chance alone makes so strong a stretch in 0.1% of shops." in odd.sentence
    even = watch(days, [20] * 40, [100] * 40, "x", pd.DataFrame(), draws=99)
    assert "comes by chance in 100.0% of shops." in even.sentence


def test_odd_days_need_enough_days():
    found = funnel.by_day(FOUR.assign(session_id=FOUR["user_id"]), ["A", "B"])
    assert (found.p, found.start, found.odd) == (None, None, False)
    assert "needs 14 days" in found.sentence
    with pytest.raises(UnknownNameError, match="step after the first 'A'"):
        funnel.by_day(FOUR, ["A", "B"], step="A", unit="user_id")
