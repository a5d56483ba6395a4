"""Dates and times as sellers' files write them."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sellerlab as sl
from sellerlab.read import times

MOMENTS = [
    ("2026-05-01 10:00:00 +0900", "2026-05-01 10:00:00"),
    ("2026-05-01T08:04:21+00:00", "2026-05-01 08:04:21"),
    ("2026/05/01 9:00:00", "2026-05-01 09:00:00"),
    ("2026. 5. 1.", "2026-05-01"),
    ("2026年5月1日", "2026-05-01"),
    ("2026년 5월 1일", "2026-05-01"),
    ("2026-05-01 오후 3:05", "2026-05-01 15:05"),
    ("Jan 6, 2026 7:21:49 PM PST", "2026-01-06 19:21:49"),
    ("15 Mar 2026 3:22:08 PM UTC", "2026-03-15 15:22:08"),
    ("September 3, 2026", "2026-09-03"),
    ("31 July, 2026", "2026-07-31"),
    ("May-26-26", "2026-05-26"),
    ("26-May-26", "2026-05-26"),
    ("10-Dez-25", "2025-12-10"),
    ("05-oct.-26", "2026-10-05"),
    ("02.10.2026 05:23:19 UTC", "2026-10-02 05:23:19"),
    ("20260501", "2026-05-01"),
    ("45384.3478", "2024-04-02 08:20:50"),
    ("２０２６－０５－０１", "2026-05-01"),
    ("12/31/2026 12:05:00 AM", None),
]


@pytest.mark.parametrize(("cell", "moment"), MOMENTS[:-1])
def test_shapes_of_dates(cell, moment):
    read = times.times([cell])
    assert read.stamps.iloc[0] == pd.Timestamp(moment)
    assert not read.bad.any()


def test_a_workbooks_own_dates_and_serials():
    read = times.times([dt.datetime(2026, 5, 1, 9, 0), 45384.5, dt.date(2026, 5, 1)])
    assert [str(each) for each in read.stamps] == [
        "2026-05-01 09:00:00",
        "2024-04-02 12:00:00",
        "2026-05-01 00:00:00",
    ]


def test_midnight_and_noon_of_a_twelve_hour_clock():
    read = times.times(["12/31/2026 12:05:00 AM", "12/31/2026 12:05:00 PM"], {"/": False})
    assert [str(each) for each in read.stamps] == ["2026-12-31 00:05:00", "2026-12-31 12:05:00"]


@pytest.mark.parametrize(
    "cell",
    ["2026-02-30", "2026-13-01", "12.50", "soon", "2026-05-01 25:00", "99/99/2026", "2026-05-01 10:00 XYZ"],
)
def test_what_is_no_date_is_bad(cell):
    read = times.times([cell, ""])
    assert read.bad.tolist() == [True, False]


def test_offsets_are_kept():
    assert times.times(["2026-05-01 10:00 +0930", "2026-05-01 10:00 PST"]).offsets.tolist() == [570, -480]


def test_dates_in_two_orders_are_refused():
    with pytest.raises(sl.ReadError, match=r"two orders: '05/25/2026' and '25/05/2026'.*dayfirst"):
        times.day_order(["25/05/2026", "05/25/2026"])


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    st.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2035, 12, 31)),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d %b %Y %I:%M:%S %p", "%Y%m%d%H%M%S"]),
)
def test_a_moment_written_in_any_shape_reads_back(moment, shape):
    moment = moment.replace(microsecond=0)
    read = times.times([moment.strftime(shape)], {"/": True})
    assert read.stamps.iloc[0] == pd.Timestamp(moment)
