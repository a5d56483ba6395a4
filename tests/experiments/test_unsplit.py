import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sellerlab import experiments
from sellerlab.errors import InputError, TableError, UnknownNameError

START = dt.date(2025, 1, 6)


def orders(seed=1, lift=1.0, weeks=60, changed=48, swing=0.0):
    """Daily lines of two products that change and three that do not, in one season."""
    random = np.random.default_rng(seed)
    day = np.arange(7 * weeks)
    season = 1 + 0.4 * np.sin(2 * np.pi * day / 365) + 0.2 * (day % 7 > 4)
    parts = []
    for sku, base in (("T1", 3), ("T2", 2), ("C1", 6), ("C2", 5), ("C3", 4)):
        level = base * season * random.gamma(10, 0.1, len(day))
        if sku.startswith("T"):
            level *= np.where(day >= 7 * changed, lift, 1) * (1 + swing * np.sin(2 * np.pi * day / 100))
        parts.append(
            pd.DataFrame(
                {
                    "order_id": [f"{sku}-{k}" for k in day],
                    "ordered_at": pd.Timestamp(START) + pd.to_timedelta(day, unit="D"),
                    "sku": sku,
                    "quantity": random.poisson(level).astype(float),
                    "unit_price": 10.0,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.assign(amount=frame["quantity"] * 10, currency="EUR", status="paid", kind="sale")
    return frame, START + dt.timedelta(weeks=changed)


def compare(frame, changed_on, treated=("T1", "T2"), **given):
    return experiments.difference_in_differences(frame, list(treated), changed_on, **given)


def shown(seed, lift=0.0, weeks=4, noise=0.1):
    plan = experiments.switchback_plan(dt.date(2026, 5, 4), weeks, seed=seed)
    random = np.random.default_rng(10_000 + seed)
    weekday = np.arange(len(plan)) % 7
    visitors = random.poisson(400 * (1 + 0.4 * (weekday > 4)))
    rate = 0.1 * (1 + 0.5 * (weekday > 4)) * (1 + lift * (plan["variant"] == "B"))
    noisy = np.clip(rate * np.exp(random.normal(0, noise, len(plan))), 0, 1)
    return plan.assign(visitors=visitors, orders=random.binomial(visitors, noisy))


def test_the_effect_is_the_ratio_of_ratios():
    # By hand, per week: treated 20 -> 30, controls 40 -> 50: (30 / 50) / (20 / 40) = 1.2.
    days = [START + dt.timedelta(days=k) for k in range(112)]
    rows = [
        (f"{sku}{k}", pd.Timestamp(day), sku, before if k < 56 else after, 1.0)
        for k, day in enumerate(days)
        for sku, before, after in (("T", 20, 30), ("C", 40, 50))
    ]
    frame = pd.DataFrame(rows, columns=["order_id", "ordered_at", "sku", "quantity", "unit_price"])
    found = compare(frame, START + dt.timedelta(days=56), ["T"])
    assert found.effect == pytest.approx(0.2)
    assert found.naive == pytest.approx(0.5)
    row = found.table.iloc[0]
    assert row[["treated_before", "treated_after", "controls_before", "controls_after"]].tolist() == [
        20 * 56, 30 * 56, 40 * 56, 50 * 56,
    ]  # fmt: skip


def test_a_planted_effect_is_found_and_the_season_is_not_taken_for_it():
    found = [compare(*orders(seed, lift=1.3)) for seed in range(100, 160)]
    assert np.mean([each.low <= 0.3 <= each.high for each in found]) >= 0.9
    assert np.median([each.effect for each in found]) == pytest.approx(0.3, abs=0.05)
    # Sales rise towards spring: before and after alone would say far more than the truth.
    assert np.median([each.naive for each in found]) > 0.6
    strong = compare(*orders(5, lift=1.8))
    assert strong.verdict == "more"
    assert "beyond the others" in strong.sentence
    assert strong.plot().get_ylabel() == "changed / left alone, before = 0"
    assert compare(*orders(5, lift=0.5)).verdict == "less"


def test_without_a_change_it_stays_silent_on_placebo_dates_too():
    found = [compare(*orders(seed)) for seed in range(200, 260)]
    assert np.mean([each.p < 0.05 for each in found]) <= 0.1
    alarms, dates = (sum(getattr(each, n) for each in found) for n in ("placebo_alarms", "placebo_dates"))
    assert dates == 33 * 60
    assert 0.02 < alarms / dates < 0.08


def test_intervals_of_the_effect_cover_93_to_97_percent():
    from sellerlab.experiments.weekly import effect

    random = np.random.default_rng(31)
    week = np.arange(-8, 8)
    covered = []
    for _ in range(2000):
        season = np.exp(random.normal(0, 0.3, 16))
        swing = random.gamma(20, 1 / 20, (2, 16))
        treated = random.poisson(40 * season * swing[0] * np.where(week >= 0, 1.25, 1))
        control = random.poisson(150 * season * swing[1])
        frame = pd.DataFrame({"week": week, "treated": treated, "control": control})
        found = effect(frame, 0, 8, 8, 0.95)
        covered.append(found.low <= 0.25 <= found.high)
    assert 0.93 < np.mean(covered) < 0.97


def test_controls_that_do_not_move_along_are_said_to_be_none():
    found = compare(*orders(2, swing=0.6))
    assert found.verdict == "controls_differ"
    assert found.placebo_alarms >= 0.2 * found.placebo_dates
    assert "Choose other controls" in found.sentence


def test_a_season_of_the_treated_alone_shows_a_year_before():
    frame, changed_on = orders(3, weeks=72, changed=62)
    day = (frame["ordered_at"] - pd.Timestamp(START)).dt.days
    gift = frame["sku"].isin(["T1", "T2"]) & ((day // 7).between(10, 17) | (day // 7 >= 62))
    frame["quantity"] = frame["quantity"] * np.where(gift, 2, 1)
    found = compare(frame, changed_on)
    assert found.verdict in ("more", "controls_differ")
    assert found.year_before.p < 0.05
    assert "Careful, the same weeks a year before moved by +" in found.sentence
    assert found.table["what"].tolist()[-1] == "year before"


def test_refunds_cancelled_lines_and_the_running_week_do_not_count():
    frame, changed_on = orders(4, lift=1.3)
    expected = compare(frame, changed_on)
    more = frame.iloc[:300].assign(order_id=[f"x{k}" for k in range(300)], status="cancelled")
    back = frame.iloc[-300:].assign(kind="refund", quantity=-1.0)
    late = frame.iloc[[-1]].assign(ordered_at=pd.Timestamp(START) + pd.Timedelta(days=421), quantity=99.0)
    found = compare(pd.concat([frame, more, back, late], ignore_index=True), changed_on)
    assert found.effect == expected.effect
    assert found.table.equals(expected.table)
    shorter = compare(frame, changed_on, as_of=changed_on + dt.timedelta(days=27))
    assert shorter.table["weeks_after"].iloc[0] == 4
    stamp = pd.Timestamp(changed_on + dt.timedelta(days=27))
    assert compare(frame, changed_on, as_of=stamp).table.equals(shorter.table)


def test_the_same_effect_on_every_engine():
    frame, changed_on = orders(6, lift=1.5)
    expected = compare(frame, changed_on, value="amount")
    assert expected.currency == "EUR"
    polars = pl.from_pandas(frame)
    for other in (polars, polars.lazy(), pa.Table.from_pandas(frame), duckdb.from_df(frame)):
        found = compare(other, changed_on, value="amount")
        assert found.sentence == expected.sentence
        assert (found.effect, found.p) == pytest.approx((expected.effect, expected.p))
    assert isinstance(compare(polars, changed_on).table, pl.DataFrame)
    renamed = frame.rename(columns={"sku": "code"})
    assert compare(renamed, changed_on, sku="code").effect == compare(frame, changed_on).effect


def test_too_little_before_or_after_gives_no_number():
    frame, changed_on = orders(7)
    early = compare(frame, START + dt.timedelta(weeks=5))
    assert early.verdict == "too_few"
    assert early.effect is None
    assert early.table.empty
    assert early.sentence == (
        "Too little to tell: 5 full weeks before and 8 after the change. Needed are 8 before and 2 after; "
        "the changed products, and the others, each have to sell in at least 4 of the weeks before, and in "
        "one after."
    )
    early.plot()
    late = compare(frame, START + dt.timedelta(weeks=59))
    assert "48 full weeks" not in late.sentence
    assert late.verdict == "too_few"
    future = compare(frame, START + dt.timedelta(weeks=80))
    assert future.verdict == "too_few"
    rare = frame[(frame["sku"] != "T1") | (frame.index % 20 == 0)]
    assert compare(rare, changed_on, ["T1"]).verdict == "too_few"
    future.plot()


def weekly(treated, control, before=8):
    """One row a week and product, with the days of the change and of the end."""
    weeks = pd.Timestamp(START) + pd.to_timedelta(7 * np.arange(len(treated)), unit="D")
    frame = pd.concat(
        pd.DataFrame({"order_id": sku, "ordered_at": weeks, "sku": sku, "quantity": sold, "unit_price": 1.0})
        for sku, sold in (("T", treated), ("C", control))
    )
    frame["order_id"] = [f"{n}" for n in range(len(frame))]
    ends = START + dt.timedelta(weeks=before), START + dt.timedelta(days=7 * len(treated) - 1)
    return frame[frame["quantity"] > 0], *ends


def test_weeks_are_the_sample_not_rows():
    sold = np.array([20, 22, 18, 21, 19, 20, 23, 17, 31, 30])
    frame, changed_on, last = weekly(sold, np.full(10, 40))
    found = compare(frame, changed_on, ["T"], as_of=last)
    assert len(frame) == 20
    assert found.effect == pytest.approx(30.5 / 20 - 1)
    assert found.verdict == "more"


def test_each_group_has_to_sell_in_four_weeks_before_and_in_one_after():
    def verdict(treated, control):
        frame, changed_on, last = weekly(np.array(treated), np.array(control))
        return compare(frame, changed_on, ["T"], as_of=last).verdict

    full = [5] * 8 + [5, 0]
    enough, few = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0], [0, 0, 9, 0, 9, 0, 9, 0, 9, 0]
    assert verdict(enough, full) == verdict(full, enough) == "unclear"
    assert verdict(few, full) == verdict(full, few) == "too_few"
    assert verdict(full, [5] * 8 + [0, 0]) == "too_few"


@pytest.mark.parametrize(("treated", "after"), [(1, 2), (1, 8), (5, 2), (5, 8)])
def test_few_sales_a_week_raise_no_more_alarms_than_many(treated, after):
    from sellerlab.experiments.weekly import effect

    random = np.random.default_rng(32)
    week = np.arange(-8, after)
    made = []
    for _ in range(1500):
        season = np.exp(random.normal(0, 0.3, len(week)))
        frame = pd.DataFrame({"week": week, "treated": random.poisson(treated * season)})
        frame["control"] = random.poisson(20 * season)
        made.append(effect(frame, 0, 8, after, 0.95))
    read = [each.p < 0.05 for each in made if each is not None]
    assert len(read) > 1000
    assert np.mean(read) < 0.065


def test_refusals_of_before_and_after():
    frame, changed_on = orders(8, weeks=20, changed=10)
    with pytest.raises(UnknownNameError, match="no sku with a paid sale 'T9'"):
        compare(frame, changed_on, ["T9"])
    with pytest.raises(InputError, match="'T1' is both treated and control"):
        compare(frame, changed_on, controls=["T1", "C1"])
    with pytest.raises(InputError, match="leave some others alone"):
        compare(frame[frame["sku"].isin(["T1", "T2"])], changed_on)
    with pytest.raises(InputError, match="weeks_before is 2: expected 4 or more"):
        compare(frame, changed_on, weeks_before=2)
    with pytest.raises(UnknownNameError, match="Did you mean 'amount'"):
        compare(frame, changed_on, value="amuont")
    with pytest.raises(TableError, match="no column 'sku'"):
        compare(frame.drop(columns="sku"), changed_on)


def test_a_switchback_plan_gives_each_weekday_both_variants():
    plan = experiments.switchback_plan(dt.date(2026, 5, 4), 6, seed=9)
    assert len(plan) == 42
    table = plan.groupby([plan["day"].dt.day_of_week, "variant"]).size()
    assert (table == 3).all()
    assert plan.equals(experiments.switchback_plan(dt.date(2026, 5, 4), 6, seed=9))
    assert not plan.equals(experiments.switchback_plan(dt.date(2026, 5, 4), 6, seed=8))
    with pytest.raises(InputError, match="weeks is 3: expected an even number"):
        experiments.switchback_plan(dt.date(2026, 5, 4), 3)


def test_switchback_without_a_ratio_is_the_paired_t_test():
    from scipy.stats import ttest_rel

    data = shown(1)
    found = experiments.switchback(data, "orders")
    oracle = ttest_rel(found.table["other"], found.table["control"])
    ends = oracle.confidence_interval()
    assert found.pairs == 14
    assert found.p == pytest.approx(oracle.pvalue)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_switchback_raises_few_alarms_without_a_difference_and_covers_one():
    none = [experiments.switchback(shown(seed), "orders", per="visitors").p for seed in range(250)]
    assert np.mean(np.array(none) < 0.05) == pytest.approx(0.05, abs=0.035)
    lifted = [experiments.switchback(shown(seed, lift=0.3), "orders", per="visitors") for seed in range(150)]
    # Visitors-weighted: 2 / 7 of days are weekends with 1.4 times the visitors and 1.5 times the rate.
    truth = 0.3 * 0.1 * (5 + 2 * 1.4 * 1.5) / (5 + 2 * 1.4) * np.exp(0.005)
    assert np.mean([each.low <= truth <= each.high for each in lifted]) > 0.9
    assert np.mean([each.verdict == "better" for each in lifted]) > 0.9


def test_days_of_one_weekday_are_compared_and_the_rest_counted():
    data = shown(2).iloc[:27]
    found = experiments.switchback(data, "orders", per="visitors")
    assert found.pairs == 13
    assert found.left_out == 1
    assert (found.table["day_a"].dt.day_of_week == found.table["day_b"].dt.day_of_week).all()
    assert [line.get_marker() for line in found.plot().get_lines()] == ["o", "s"]
    yen = experiments.switchback(data.assign(sales=data["orders"] * 900), "sales", currency="JPY")
    assert "JPY" in yen.sentence
    yen.plot()


def test_a_switchback_of_a_rate_is_written_in_percent_and_points():
    # By hand: A brings 30 of 1,000 a day, B 45 of 1,000, one day of each weekday.
    plan = experiments.switchback_plan(dt.date(2026, 5, 4), 2)
    sold = plan.assign(visitors=1000, orders=np.where(plan["variant"] == "B", 45, 30))
    sold.loc[sold["day"].dt.day_of_week == 6, "orders"] += 3
    found = experiments.switchback(sold, "orders", per="visitors", rate=True)
    assert found.sentence.startswith("B brings 4.5%, A 3.0%: +1.50 points, 95% interval +1.50 to +1.50, p")
    assert found.formats["control"] == found.formats["other"] == "rate"
    assert found.printed()[1][3:5] == ["3.0%", "4.5%"]
    assert found.plot().get_yticklabels()[-1].get_text().endswith("%")
    plain = experiments.switchback(sold, "orders", per="visitors")
    assert plain.sentence.startswith("B brings 0.0454, A 0.0304: 0.0150 difference")
    assert (plain.low, plain.p) == (found.low, found.p)
    count = experiments.switchback(sold, "orders")
    assert count.sentence.startswith("B brings 45.43, A 30.43: 15.00 difference")


def test_a_day_is_paired_with_the_next_of_its_weekday_that_shows_the_other():
    mondays = pd.to_datetime(["2026-05-04", "2026-05-11", "2026-05-18"])
    data = pd.DataFrame({"day": mondays, "variant": ["A", "A", "B"], "orders": [1, 2, 5]})
    found = experiments.switchback(data, "orders")
    assert (found.pairs, found.left_out) == (1, 1)
    assert found.table[["control", "other"]].iloc[0].tolist() == [2, 5]


def test_the_same_switchback_on_every_engine():
    data = shown(3, lift=0.3)
    expected = experiments.switchback(data, "orders", per="visitors")
    frame = pl.from_pandas(data)
    for other in (frame, frame.lazy(), pa.Table.from_pandas(data), duckdb.from_df(data)):
        found = experiments.switchback(other, "orders", per="visitors")
        assert found.sentence == expected.sentence
        assert found.p == pytest.approx(expected.p)
    assert isinstance(experiments.switchback(frame, "orders").table, pl.DataFrame)


def test_few_pairs_of_days_give_no_number():
    found = experiments.switchback(shown(4).iloc[:10], "orders")
    assert found.verdict == "too_few"
    assert found.difference is None
    assert found.sentence.startswith("3 pairs of days are too few to tell B from A: at least 7 are needed")
    found.plot()
    one_sided = shown(4)
    none = experiments.switchback(one_sided.sort_values("variant").iloc[[0, 1, -1]], "orders")
    assert none.pairs <= 1
    none.plot()


def test_refusals_of_a_switchback():
    data = shown(5)
    with pytest.raises(InputError, match="'A': a switchback compares two variants"):
        experiments.switchback(data[data["variant"] == "A"], "orders")
    with pytest.raises(InputError, match="4 May 2026 shows two variants"):
        experiments.switchback(pd.concat([data, data.iloc[[0]].assign(variant="C")]), "orders")
    with pytest.raises(UnknownNameError, match="Did you mean 'orders'"):
        experiments.switchback(data, "order")
    with pytest.raises(InputError, match="expected dates"):
        experiments.switchback(data.assign(day=data["day"].astype(str)), "orders")
    for given in ({}, {"per": "visitors", "currency": "EUR"}):
        with pytest.raises(InputError, match="Give per=, and no currency"):
            experiments.switchback(data, "orders", rate=True, **given)
    with pytest.raises(InputError, match="4 May 2026 has 900 orders of 400 visitors: a rate is at most 1"):
        experiments.switchback(data.assign(orders=900, visitors=400), "orders", per="visitors", rate=True)
