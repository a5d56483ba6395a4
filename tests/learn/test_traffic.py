"""A shop's traffic: its own events and totals, or those of the worlds."""

from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import datasets, learn
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.files import shipped
from sellerlab.learn.traffic import PERIOD, seller_centre, traffic, two_periods

EVENTS = shipped("datasets/phone_stand/events.csv.gz")
TOTALS = shipped("datasets/baby_goods/totals.csv")


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


def with_table(shop, **tables):
    return replace(shop, tables={**shop.tables, **tables})


def test_own_files_give_what_the_worlds_give(demo):
    own = learn.shop(tables={"events": str(EVENTS), "totals": str(TOTALS)}, currency="JPY")
    assert own.events["at"].dtype.kind == "M"
    assert traffic(own).reached == traffic(demo).reached
    for mine, theirs in zip(two_periods(own), two_periods(demo), strict=True):
        assert mine[["clicks", "orders"]].sum().tolist() == theirs[["clicks", "orders"]].sum().tolist()


def test_visits_are_counted_where_they_are_known_and_else_people(demo):
    of = traffic(demo)
    assert (of.unit, of.reached["visit"]) == ("session_id", demo.events["session_id"].nunique())
    assert of.people.reached[0] == demo.events["user_id"].nunique()
    for bare in (demo.events.drop(columns="session_id"), demo.events.assign(session_id=None)):
        assert traffic(with_table(demo, events=bare)).unit == "user_id"


def test_names_of_other_counters_are_found_and_missing_columns_filled(demo):
    names = {"visit": "session_start", "checkout": "begin_checkout"}
    events = demo.events.replace({"event": names}).drop(columns=["channel", "device"])
    of = traffic(with_table(demo, events=events))
    assert of.steps == ("session_start", "view_item", "add_to_cart", "begin_checkout", "purchase")
    assert set(of.events["channel"]) == set(of.events["device"]) == {"not given"}
    assert list(of.reached.values()) == list(traffic(demo).reached.values())


def test_events_without_a_step_of_a_store_are_refused(demo):
    for lost, named in (("checkout", "checkout"), ("purchase", "purchase")):
        events = demo.events[demo.events["event"] != lost]
        with pytest.raises(
            InputError, match=f"lack a step of a store: {named}.*in the file are: add_to_cart"
        ):
            traffic(with_table(demo, events=events))
    late = demo.events[~demo.events["event"].isin(["visit", "view_item"])]
    with pytest.raises(InputError, match="lack a step of a store: visit"):
        traffic(with_table(demo, events=late))
    with pytest.raises(UnknownNameError, match="at"):
        traffic(with_table(demo, events=demo.events.drop(columns="at")))


@pytest.mark.parametrize("handle", [None, "noa"])
def test_without_totals_those_of_the_other_world_stand_in_by_the_same_name(handle):
    theirs = learn.shop(handle, world="baby_goods").totals
    pd.testing.assert_frame_equal(seller_centre(learn.shop(handle)), theirs)


def test_two_periods_are_of_one_length_and_the_last_ends_with_the_data(demo):
    before, after = two_periods(demo)
    assert before["day"].nunique() == after["day"].nunique() == PERIOD
    assert after["day"].max() == seller_centre(demo)["day"].max()
    assert (after["day"].min() - before["day"].max()).days == 1


def test_totals_that_are_too_short_or_lack_a_column_are_refused(demo):
    totals = datasets.simulate("baby_goods", orders=300).totals
    with pytest.raises(InputError, match="cover 10 days"):
        two_periods(
            with_table(demo, totals=totals[totals["day"] > totals["day"].max() - pd.Timedelta(days=10)])
        )
    with pytest.raises(UnknownNameError, match="clicks"):
        seller_centre(with_table(demo, totals=totals.drop(columns="clicks")))
    plain = with_table(demo, totals=totals.drop(columns="device"))
    assert set(seller_centre(plain)["device"]) == {"not given"}
