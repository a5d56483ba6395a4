"""Advertising: definitions by hand, decisions against known rates, effects against planted ones."""

from __future__ import annotations

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from sellerlab import ads
from sellerlab.errors import InputError, TableError, UnknownNameError

ENGINES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pl.from_pandas(frame).to_arrow(),
    "duckdb": lambda frame: duckdb.from_df(frame),
}
DAYS = pd.DataFrame(
    {
        "day": pd.to_datetime(["2026-05-01", "2026-05-02", "2026-05-01"]),
        "campaign": ["stands", "stands", "cases"],
        "impressions": [10_000, 10_000, 5000],
        "clicks": [200, 200, 100],
        "spend": [4000.0, 4000.0, 4000.0],
        "orders": [10, 14, 2],
        "revenue": [20_000.0, 28_000.0, 4000.0],
    }
)


def rows_of(table) -> list[dict]:
    return nw.from_native(table).lazy().collect().rows(named=True)


def test_break_even_comes_from_contribution_and_not_from_gross_margin():
    assert ads.break_even_roas(0.40) == 2.5
    assert ads.break_even_roas(0.25) == 4.0
    assert ads.break_even_roas(0.25, vat_rate=0.1) == pytest.approx(4.4)
    assert ads.break_even_acos(0.25) == 0.25
    assert ads.break_even_acos(0.25, vat_rate=0.1) == pytest.approx(1 / 4.4)


def test_break_even_gives_back_the_kind_it_was_given():
    assert ads.break_even_roas(pd.Series([0.5, 0.25])).tolist() == [2.0, 4.0]
    assert isinstance(ads.break_even_acos(np.array([0.5])), np.ndarray)


@pytest.mark.parametrize(
    ("rate", "words"), [(25, r"Did you mean 0\.25"), (0, "no ROAS is enough"), (-0.1, "no ROAS is enough")]
)
def test_impossible_contribution_rates_are_refused(rate, words):
    with pytest.raises(InputError, match=words):
        ads.break_even_roas(rate)


@pytest.mark.parametrize("engine", ENGINES)
def test_metrics_by_hand_on_every_engine(engine):
    found = ads.campaigns(ENGINES[engine](DAYS), contribution_rate=0.25, total_sales=120_000, currency="JPY")
    cases, stands = rows_of(found.table)
    assert (stands["ctr"], stands["cvr"]) == (0.02, 24 / 400)
    assert (stands["cpc"], stands["cpm"], stands["cpa"]) == (20, 400, pytest.approx(8000 / 24))
    assert (stands["roas"], stands["acos"], stands["left"]) == (6.0, pytest.approx(1 / 6), 4000)
    assert (cases["roas"], cases["left"]) == (1.0, -3000)
    assert (found.roas, found.mer, found.tacos) == (pytest.approx(52 / 12), 10.0, 0.1)
    assert found.losing == ("cases",)
    assert found.left == 1000
    assert "1 of 2 are under the break-even: cases." in found.sentence
    ax = found.plot()
    assert len(ax.patches) == 2
    ax.figure.draw_without_rendering()
    (note,) = [each for each in ax.texts if "break-even" in each.get_text()]
    assert note.get_window_extent().y0 > ax.get_window_extent().y1


def test_average_of_ratios_is_not_the_ratio_of_sums():
    rows = rows_of(ads.campaigns(DAYS.assign(spend=[1000.0, 4000.0, 8000.0]), by=None).table)
    assert rows[0]["roas"] == pytest.approx(4.0)


def test_few_clicks_give_no_rate_and_missing_columns_no_metric():
    few = DAYS.head(1).assign(clicks=3, orders=1)
    assert rows_of(ads.campaigns(few).table)[0]["cvr"] is None or np.isnan(
        rows_of(ads.campaigns(few).table)[0]["cvr"]
    )
    bare = ads.campaigns(DAYS[["day", "campaign", "spend", "clicks"]])
    assert "roas" not in rows_of(bare.table)[0]
    assert bare.roas is None
    assert "names no revenue" in bare.sentence


def test_a_table_without_spend_is_refused():
    with pytest.raises(TableError, match="no column 'spend'"):
        ads.campaigns(DAYS.drop(columns="spend"))
    with pytest.raises(InputError, match="total_sales"):
        ads.campaigns(DAYS, total_sales=-1)


def keyword_table(seed: int, size: int = 60, rate: float = 0.05, weight: float = 40.0):
    random = np.random.default_rng(seed)
    true = random.beta(rate * weight, (1 - rate) * weight, size)
    clicks = random.integers(20, 2000, size)
    frame = pd.DataFrame({"keyword": [f"k{i:03d}" for i in range(size)], "clicks": clicks})
    frame["orders"] = random.binomial(clicks, true)
    frame["spend"] = clicks * 45.0
    return frame.assign(day=pd.Timestamp("2026-05-01"), campaign="stands"), true


def test_three_orders_from_forty_clicks_are_drawn_towards_the_campaign():
    rows = [("a", 4000, 80), ("b", 4000, 80), ("c", 3000, 60), ("small", 40, 3)]
    frame = pd.DataFrame(rows, columns=["keyword", "clicks", "orders"])
    frame = frame.assign(spend=frame["clicks"] * 10.0, day=pd.Timestamp("2026-05-01"), campaign="x")
    found = ads.keywords(frame, 400)
    row = next(row for row in rows_of(found.table) if row["keyword"] == "small")
    assert row["own_rate"] == 0.075
    assert 0.02 < row["rate"] < 0.03
    assert row["high"] > 0.025
    assert found.wait == ("small",)
    assert found.cut == ("a", "b", "c")
    assert found.sentence.startswith(
        "With 90% certainty, keywords that pay: 0; keywords that do not: 3. With too few clicks to tell: 1."
    )


def test_the_campaigns_rate_and_weight_are_found_again():
    frame, _ = keyword_table(1, size=400)
    found = ads.keywords(frame, 900)
    assert found.prior_rate == pytest.approx(0.05, rel=0.1)
    assert found.prior_clicks == pytest.approx(40, rel=0.3)


def test_what_is_said_to_pay_pays_as_often_as_said():
    right = decided = covered = 0
    for seed in range(20):
        frame, true = keyword_table(seed)
        found = ads.keywords(frame, 900)
        truth = dict(zip(frame["keyword"], true, strict=True))
        decided += len(found.keep) + len(found.cut)
        right += sum(truth[name] > 0.05 for name in found.keep) + sum(
            truth[name] <= 0.05 for name in found.cut
        )
        covered += sum(row["low"] <= truth[row["keyword"]] <= row["high"] for row in rows_of(found.table))
    assert right / decided > 0.9
    assert 0.93 < covered / (20 * 60) < 0.97


def test_expected_losses_match_a_simulation():
    frame, _ = keyword_table(3)
    found = ads.keywords(frame, 900)
    random = np.random.default_rng(0)
    for row in rows_of(found.table):
        if not 0.1 < row["pays"] < 0.9:
            continue
        # With 60 keywords the weight is known well enough for one law to stand for all.
        a = found.prior_rate * found.prior_clicks + row["orders"]
        b = (1 - found.prior_rate) * found.prior_clicks + row["clicks"] - row["orders"]
        drawn = random.beta(a, b, 400_000)
        short, over = (100 * np.maximum(sign * (45 - drawn * 900), 0).mean() for sign in (1, -1))
        assert row["loss_if_kept"] == pytest.approx(short, rel=0.03)
        assert row["loss_if_cut"] == pytest.approx(over, rel=0.03)
        assert row["pays"] == pytest.approx((drawn > 0.05).mean(), abs=0.01)
    assert len(found.wait) > 5


@pytest.mark.parametrize("engine", ENGINES)
def test_keywords_are_decided_alike_on_every_engine(engine):
    frame, _ = keyword_table(2)
    found, first = ads.keywords(ENGINES[engine](frame), 900), ads.keywords(frame, 900)
    assert found == first
    assert len(found.plot().get_yticklabels()) == 20


def test_too_few_orders_decide_nothing():
    frame, _ = keyword_table(2)
    found = ads.keywords(frame.assign(orders=0), 900)
    assert (found.keep, found.cut, found.prior_rate) == ((), (), None)
    assert "too few to tell keywords apart" in found.sentence
    found.plot()


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({}, {"order_contribution": 0}, "Where it leaves nothing, no keyword pays"),
        ({"orders": 9999}, {}, "has 9999 orders from"),
        ({"clicks": 0, "orders": 0}, {}, "No keyword has a click"),
        ({}, {"confidence": 0.4}, "above 0.5"),
    ],
)
def test_impossible_keywords_are_refused(change, options, words):
    frame, _ = keyword_table(2)
    with pytest.raises(InputError, match=words):
        ads.keywords(frame.assign(**change), **{"order_contribution": 900, **options})


LEVELS = pd.DataFrame(
    {
        "level": np.repeat(["low", "middle", "high"], 8),
        "spend": np.repeat([100.0, 200.0, 300.0], 8),
        "revenue": np.repeat([600.0, 1000.0, 1200.0], 8) + np.tile([-20.0, 20.0], 12),
    }
)


@pytest.mark.parametrize("engine", ENGINES)
def test_marginal_return_by_hand(engine):
    found = ads.marginal(ENGINES[engine](LEVELS), 3.0, currency="JPY")
    assert [row["step_roas"] for row in rows_of(found.table)] == pytest.approx([6.0, 4.0, 2.0])
    assert (found.average, found.last, found.best_spend) == (4.0, 2.0, 200.0)
    spread = np.std([-20.0, 20.0] * 4, ddof=1)
    # Two levels of 8 days with the same spread: Welch's t has 14 degrees of freedom, and t is 2.144787.
    assert found.high - found.last == pytest.approx(2.144787 * np.sqrt(2 * spread**2 / 8) / 100)
    assert "the last step brought 2.00" in found.sentence
    assert found.unsure == ()
    assert "not shown" not in found.sentence
    found.plot()


def test_the_interval_of_a_step_is_that_of_welch():
    random = np.random.default_rng(6)
    days = pd.DataFrame({"level": ["low"] * 8 + ["high"] * 21, "spend": [100.0] * 8 + [250.0] * 21})
    days["revenue"] = np.concatenate([random.normal(600, 40, 8), random.normal(900, 200, 21)])
    found = ads.marginal(days, 3.0)
    low, high = (days.loc[days["level"] == name, "revenue"] for name in ("low", "high"))
    ends = stats.ttest_ind(high, low, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((ends.low / 150, ends.high / 150))
    first = stats.ttest_1samp(low, 0).confidence_interval()
    assert found.steps[0][3:] == pytest.approx((first.low / 100, first.high / 100))


def test_intervals_of_steps_cover_the_true_return_after_a_week():
    random = np.random.default_rng(7)
    covered = []
    for _ in range(300):
        week = LEVELS[LEVELS["level"] != "high"].groupby("level").head(7)
        noise = random.normal(0, [60] * 7 + [150] * 7)
        found = ads.marginal(week.assign(revenue=np.repeat([600.0, 900.0], 7) + noise), 3.0)
        covered.append(found.low <= 3 <= found.high)
    assert 0.92 < np.mean(covered) < 0.98


def test_steps_whose_interval_holds_the_break_even_are_named():
    found = ads.marginal(LEVELS, 1.95, currency="EUR")
    assert (found.best_spend, found.unsure) == (300, (300,))
    assert found.sentence.endswith(
        "Steps pay up to EUR 300.00 a day. Whether the step to EUR 300.00 a day pays is not shown: its "
        "interval holds the break-even."
    )
    wild = LEVELS.assign(revenue=LEVELS["revenue"] + np.tile([-500.0, 500.0], 12))
    several = ads.marginal(wild, 3.0)
    assert several.unsure == (100, 200, 300)
    assert "Whether the steps to 100.00, 200.00, 300.00 a day pay is not shown" in several.sentence


def test_marginal_needs_weeks_and_growing_spend():
    with pytest.raises(InputError, match="No level of spend has 9 days"):
        ads.marginal(LEVELS, 3.0, minimum=9)
    with pytest.raises(InputError, match="merge the two"):
        ads.marginal(LEVELS.assign(spend=100.0), 3.0)
    with pytest.raises(UnknownNameError, match="no column 'budget'"):
        ads.marginal(LEVELS, 3.0, level="budget")
    assert ads.marginal(LEVELS, 9.0).best_spend is None


@pytest.mark.parametrize("engine", ENGINES)
def test_pacing_by_hand(engine):
    days = pd.DataFrame({"day": pd.date_range("2026-05-25", "2026-06-10"), "spend": 40.0})
    found = ads.pacing(ENGINES[engine](days), 1000, currency="JPY")
    assert (found.spent, found.pace, found.forecast, found.per_day) == (400, 1.2, 1200, 30)
    assert str(found.runs_out) == "2026-06-25"
    assert "used up on 25 Jun 2026; JPY 30 a day make it last" in found.sentence
    assert len(rows_of(found.table)) == 10
    found.plot()


def test_pacing_that_lasts_that_is_over_and_that_is_impossible():
    days = pd.DataFrame({"day": pd.date_range("2026-06-01", "2026-06-10"), "spend": 40.0})
    assert ads.pacing(days, 2000).runs_out is None
    assert str(ads.pacing(days, 390).runs_out) == "2026-06-10"
    assert ads.pacing(days, 390).per_day == 0
    with pytest.raises(InputError, match="no spend from 2026-07-01"):
        ads.pacing(days, 100, as_of="2026-07-04")
    with pytest.raises(InputError, match="above 0"):
        ads.pacing(days, 0)


def regions(seed: int, added: float, weeks: int = 14):
    random = np.random.default_rng(seed)
    days = pd.date_range("2026-02-02", periods=7 * weeks)
    season = 1 + 0.2 * np.sin(np.arange(len(days)) / 9)
    frames = []
    for name, size in (("north", 1000), ("south", 700), ("west", 400)):
        sales = size * season + random.normal(0, 60, len(days))
        if name == "north":
            sales = sales + np.where(days >= "2026-04-13", added, 0.0)
        frames.append(pd.DataFrame({"day": days, "region": name, "sales": sales}))
    return pd.concat(frames, ignore_index=True)


WHERE = {"treated": "north", "control": ["south", "west"]}


def test_incrementality_finds_the_planted_effect_and_covers_it():
    covered = alarms = 0
    for seed in range(200):
        found = ads.incrementality(regions(seed, 100.0), "2026-04-13", **WHERE)
        covered += found.low <= 100 * 28 <= found.high
        none = ads.incrementality(regions(seed, 0.0), "2026-04-13", **WHERE)
        alarms += not none.low <= 0 <= none.high
    assert 180 <= covered <= 200
    assert alarms <= 20


def test_the_interval_of_incrementality_by_hand():
    found = ads.incrementality(regions(1, 300.0), "2026-04-13", **WHERE)
    gaps = [row["gap"] for row in rows_of(found.table) if row["period"] == "before"]
    assert sum(gaps) == pytest.approx(0, abs=1e-6)
    half = 2.262157 * np.std(gaps, ddof=1) * np.sqrt(4 + 16 / 10)  # t of 9 degrees; 4 weeks after 10
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_incrementality_is_the_same_on_every_engine(engine):
    found = ads.incrementality(
        ENGINES[engine](regions(1, 300.0)), "2026-04-13", spend=2000, currency="USD", **WHERE
    )
    first = ads.incrementality(regions(1, 300.0), "2026-04-13", spend=2000, currency="USD", **WHERE)
    assert found.sentence == first.sentence
    assert (found.weeks_before, found.weeks_after) == (10, 4)
    assert found.iroas == pytest.approx(found.added / 2000)
    assert found.low > 0
    found.plot()


def test_incrementality_needs_weeks_before():
    found = ads.incrementality(regions(1, 300.0), "2026-02-20", **WHERE)
    assert (found.added, found.weeks_before) == (None, 2)
    assert "at least 4 are needed" in found.sentence
    found.plot()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"control": "north"}, "have to be different"),
        ({"control": "easy"}, "no region 'easy'"),
        ({"start": "2026-05-10"}, "no whole week from"),
        ({"start": "10 May"}, "expected a day such as"),
        ({"amount": "sale"}, "Did you mean 'sales'"),
    ],
)
def test_impossible_regions_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        ads.incrementality(regions(1, 0.0), **{"start": "2026-04-13", **WHERE, **change})
