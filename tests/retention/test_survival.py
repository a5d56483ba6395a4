"""Time to the second order against scipy's Kaplan-Meier, and who is counted for how long."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sellerlab.errors import InputError
from sellerlab.retention.survival import kaplan_meier, time_to_second_order
from tests.small_shop import rows


def test_kaplan_meier_worked_by_hand():
    """Freireich's 6-MP arm: the remission times that every text on survival prints."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    seen = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = kaplan_meier(weeks, seen)
    assert [round(curve.at(week)[0], 3) for week in (6, 7, 10, 13, 16, 22, 23)] == [
        0.857,
        0.807,
        0.753,
        0.690,
        0.627,
        0.538,
        0.448,
    ]
    assert curve.median[0] == 23
    assert (curve.waiting(6), curve.waiting(23)) == (21, 6)
    assert curve.at(5) == (1.0, 1.0, 1.0)
    assert curve.at(36) is None


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=2, max_size=60))
def test_curve_and_interval_agree_with_scipy(pairs):
    time, seen = (np.array(each) for each in zip(*pairs, strict=True))
    curve = kaplan_meier(time, seen)
    data = stats.CensoredData(time[seen], right=time[~seen])
    theirs = stats.ecdf(data).sf
    assert curve.survival[curve.events > 0] == pytest.approx(
        theirs.probabilities[np.isin(theirs.quantiles, curve.time[curve.events > 0])]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # its interval has no value at 0 and at 1
        band = theirs.confidence_interval(method="log-log")
    inside = (theirs.probabilities > 0) & (theirs.probabilities < 1)
    places = np.searchsorted(curve.time, theirs.quantiles[inside])
    assert curve.low[places] == pytest.approx(band.low.probabilities[inside])
    assert curve.high[places] == pytest.approx(band.high.probabilities[inside])
    assert ((curve.low <= curve.survival + 1e-12) & (curve.survival <= curve.high + 1e-12)).all()


def test_weights_stand_for_people():
    plain = kaplan_meier([1, 1, 2, 3, 3, 3], [1, 1, 0, 1, 1, 0])
    weighted = kaplan_meier([1, 2, 3, 3], [1, 0, 1, 0], weights=[2, 1, 2, 1])
    for name in ("time", "at_risk", "events", "survival", "low", "high"):
        assert getattr(plain, name) == pytest.approx(getattr(weighted, name)), name


def shop(**days):
    lines = [
        (name, pd.Timestamp("2026-01-01") + pd.Timedelta(days=day))
        for name, each in days.items()
        for day in each
    ]
    frame = pd.DataFrame(lines, columns=["customer_id", "ordered_at"])
    return frame.assign(order_id=[str(place) for place in range(len(frame))])


def test_who_came_late_counts_for_as_long_as_he_was_watched():
    # c and d are watched for 5 and 20 days; a comes back after 10, b after 30.
    found = time_to_second_order(
        shop(a=[0, 10, 11], b=[0, 30], c=[55], d=[40]), as_of="2026-03-02", days=[7, 15, 25, 30], minimum=1
    )
    table = rows(found.table)
    # Day 10: 1 of the 3 still watched; day 30: the last one.
    assert [row["came_back"] for row in table] == pytest.approx([0, 1 / 3, 1 / 3, 1])
    assert [row["customers"] for row in table] == [3, 3, 2, 2]
    assert [row["still_waiting"] for row in table] == [3, 2, 1, 1]
    assert (found.customers, found.returned, found.mean_gap_of_returned) == (4, 2, 20)
    assert found.median_days == 30


def test_mean_gap_of_the_returned_is_too_short_where_many_wait():
    draw = np.random.default_rng(4)
    start, gap = draw.integers(0, 365, 3000), 1 + draw.geometric(1 / 200, 3000)
    days = {
        f"c{n}": [a, a + g] if a + g <= 365 else [a] for n, (a, g) in enumerate(zip(start, gap, strict=True))
    }
    found = time_to_second_order(shop(**days), as_of="2027-01-01", days=[90, 180])
    assert found.mean_gap_of_returned < 120
    truth = [1 - (1 - 1 / 200) ** (day - 1) for day in (90, 180)]
    for row, share in zip(rows(found.table), truth, strict=True):
        assert row["low"] < share < row["high"]
    assert abs(found.median_days - 200 * np.log(2)) < 15


def test_interval_covers_the_truth_in_95_of_100_shops():
    inside = 0
    for seed in range(300):
        draw = np.random.default_rng(seed)
        wait, watched = draw.geometric(0.02, 80), draw.integers(5, 90, 80)
        curve = kaplan_meier(np.minimum(wait, watched), wait <= watched)
        _, low, high = curve.at(30)
        inside += low <= 0.98**30 <= high
    assert 0.92 <= inside / 300 <= 0.98


def test_a_day_that_too_few_were_watched_for_has_no_share():
    found = time_to_second_order(
        shop(**{f"c{n}": [n] for n in range(40)}), as_of="2026-02-09", days=[7, 14, 30]
    )
    assert [row["came_back"] for row in rows(found.table)] == [0, None, None]
    assert [row["customers"] for row in rows(found.table)] == [33, 26, 10]
    assert found.median_days is found.mean_gap_of_returned is None
    assert rows(found.table)[0]["high"] == pytest.approx(
        stats.binomtest(0, 33).proportion_ci(method="wilson").high
    )
    early = time_to_second_order(shop(a=[0], b=[1, 3]), as_of="2026-01-04")
    assert "too early for a share: at least 30 customers have to be watched for 7 days" in early.sentence


def test_sentence_gives_share_interval_and_how_many_were_watched():
    found = time_to_second_order(
        shop(**{f"c{n}": [0, 20] if n < 10 else [0] for n in range(40)}), as_of="2026-04-01", days=[30]
    )
    assert found.sentence == (
        "Of 40 customers 10 have ordered on a later day. Within 30 days 25.0% come back (14.3% to 41.5%, 95% "
        "interval; 40 were watched that long). Fewer than half are back in the time that was watched."
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kaplan_meier([1, 2], [True]), "durations has 2 values, observed 1"),
        (lambda: kaplan_meier([1, -2], [True, True]), "expected times of 0 or more"),
        (lambda: kaplan_meier([1, np.nan], [True, True]), "expected times of 0 or more"),
        (lambda: kaplan_meier([1], [True], confidence=95), "Did you mean 0.95"),
        (lambda: time_to_second_order(shop(a=[1]), days=[30, 7]), "expected rising whole days"),
    ],
)
def test_impossible_times_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_the_picture_marks_the_printed_days():
    found = time_to_second_order(
        shop(**{f"c{n}": [0, 20] if n < 10 else [0] for n in range(40)}), as_of="2026-04-01", days=[7, 30, 60]
    )
    assert [note.get_text() for note in found.plot().texts] == ["0%", "25%", "25%"]
    assert time_to_second_order(shop(a=[1]), days=[7]).plot().texts


def test_days_that_nobody_was_watched_to_are_no_row():
    found = time_to_second_order(shop(**{f"c{n}": [n] for n in range(40)}), as_of="2026-03-31")
    assert [row["day"] for row in rows(found.table)] == [7, 14, 30, 60]
