"""Posts and listings: planted tails and drivers, rank correlation against SciPy, checklists by hand."""

from __future__ import annotations

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sellerlab import content, datasets
from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.intervals import wilson

ENGINES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pl.from_pandas(frame).to_arrow(),
    "duckdb": lambda frame: duckdb.from_df(frame),
}


def rows_of(table) -> list[dict]:
    return nw.from_native(table).lazy().collect().rows(named=True)


def videos(seed="demo") -> pd.DataFrame:
    log = datasets.load_content() if seed == "demo" else datasets.simulate(seed=seed).content
    return log[log["kind"] == "video"]


def test_views_by_hand():
    found = content.views(pd.DataFrame({"views": [10.0] * 18 + [400.0, 420.0]}))
    assert (found.median, found.mean, found.best) == (10, 50, 420)
    assert found.top_share == 820 / 1000
    assert "Half of 20 posts had fewer than 10 views; the mean is 50" in found.sentence
    mean, median = found.plot().get_lines()
    assert mean.get_linestyle() != median.get_linestyle()


@pytest.mark.parametrize("engine", ENGINES)
def test_planted_spread_of_views_is_found_on_every_engine(engine):
    found = content.views(ENGINES[engine](videos()))
    planted = datasets.simulate().truth["content"]
    assert found.sigma == pytest.approx(planted["sigma_log_views"], abs=0.35)
    assert found.median == pytest.approx(planted["median_views"], rel=0.2)
    assert found == content.views(videos())
    found.plot()


def test_few_posts_are_not_described():
    found = content.views(pd.DataFrame({"views": [1, 2, 3]}))
    assert (found.median, found.top_share) == (None, None)
    assert "at least 20 are needed" in found.sentence


def test_chance_of_a_breakout_by_hand():
    log = pd.DataFrame({"views": [100] * 95 + [2000] * 5})
    found = content.breakout(log, [1, 30])
    assert (found.threshold, found.hits, found.rate) == (1000, 5, 0.05)
    low, high = wilson(5, 100)
    first, second = rows_of(found.table)
    assert (first["chance"], first["low"], first["high"]) == pytest.approx((0.05, low, high))
    assert second["chance"] == pytest.approx(1 - 0.95**30)
    assert second["low"] == pytest.approx(1 - (1 - low) ** 30)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(hits=st.integers(0, 40), posts=st.lists(st.integers(1, 200), min_size=2, max_size=5))
def test_more_posts_never_lower_the_chance(hits, posts):
    log = pd.DataFrame({"views": [100] * 40 + [5000] * hits})
    rows = rows_of(content.breakout(log, sorted(posts), threshold=5000).table)
    chances = [row["chance"] for row in rows]
    assert chances == sorted(chances)
    assert all(0 <= row["low"] <= row["chance"] <= row["high"] <= 1 for row in rows)


def test_one_lucky_post_is_called_that():
    found = content.breakout(pd.DataFrame({"views": [100] * 29 + [9000]}))
    assert found.lucky
    assert "One lucky post says little" in found.sentence
    assert found.low < 0.01


def test_breakouts_of_the_demo_shop_and_too_few_posts():
    found = content.breakout(videos(), threshold=9000)
    assert 0.01 < found.rate < 0.1
    found.plot()
    few = content.breakout(pd.DataFrame({"views": [100] * 5}))
    assert few.rate is None
    assert "5 posts are too few" in few.sentence
    few.plot()
    with pytest.raises(InputError, match="numbers of posts of 1 or more"):
        content.breakout(videos(), [0])
    with pytest.raises(InputError, match="threshold is 0"):
        content.breakout(videos(), threshold=0)


@pytest.mark.parametrize("engine", ENGINES)
def test_drivers_are_spearmans_correlations_of_rates(engine):
    log = videos()
    found = content.drivers(ENGINES[engine](log), outcome="clicks")
    for name in ("likes", "shares", "comments"):
        expected = stats.spearmanr(log[name] / log["views"], log["clicks"] / log["views"]).statistic
        assert found.correlations[name] == pytest.approx(expected, abs=1e-9)
    assert [row["posts"] for row in rows_of(found.table)] == [len(log)] * 3
    # Bonferroni: three intervals of 98.33% each, which is 2.393980 standard errors.
    r, n = found.correlations["shares"], len(log)
    half = 2.393980 * np.sqrt((1 + r**2 / 2) / (n - 3))
    row = next(row for row in rows_of(found.table) if row["engagement"] == "shares")
    assert (row["low"], row["high"]) == pytest.approx(
        np.tanh([np.arctanh(r) - half, np.arctanh(r) + half]), abs=1e-6
    )
    assert len(found.plot().get_yticklabels()) == 3


def test_the_sentence_names_each_kind_that_is_clear():
    random = np.random.default_rng(4)
    log = pd.DataFrame({"views": np.full(60, 1000), "orders": np.arange(60)})
    log = log.assign(shares=log["orders"] * 2, comments=log["orders"] + random.integers(0, 30, 60))
    found = content.drivers(log.assign(likes=random.integers(0, 60, 60)))
    assert found.clear == ("shares", "comments")
    assert (
        "the rate of shares goes most clearly with the rate of orders: rank correlation 1.00"
        in found.sentence
    )
    _, r, low, high = found.lines[1]
    assert f"Also clear: comments {r:.2f} ({low:.2f} to {high:.2f})." in found.sentence
    assert found.sentence.endswith("Nothing is shown for likes.")


def test_the_planted_drivers_are_found_and_likes_are_not():
    for seed in ("demo", "mika", "haru"):
        found = content.drivers(videos(seed), outcome="clicks")
        assert max(found.correlations, key=found.correlations.get) == "shares"
        assert "shares" in found.clear
        assert "likes" not in found.clear


def test_intervals_of_drivers_hold_together():
    random = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        log = pd.DataFrame({"views": np.full(80, 1000), "orders": random.poisson(5, 80)})
        log[["likes", "shares", "comments"]] = random.poisson(20, (80, 3))
        alarms += bool(content.drivers(log).clear)
    assert alarms <= 20


def test_few_posts_or_posts_all_alike_show_nothing():
    few = content.drivers(videos().head(10))
    assert (few.correlations, few.clear) == ({}, ())
    assert few.table["correlation"].isna().all()
    assert "at least 20" in few.sentence
    few.plot()
    assert content.drivers(videos().assign(orders=0)).correlations == {}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: content.views(videos(), column="view"), UnknownNameError, "Did you mean 'views'"),
        (lambda: content.views(videos(), column="kind"), TableError, "expected numbers"),
        (lambda: content.views(videos().assign(views=-1)), TableError, "expected 0 or more"),
        (lambda: content.drivers(videos(), ["orders"]), InputError, "other than orders and views"),
    ],
)
def test_impossible_logs_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


SHOP = pd.DataFrame(
    {
        "sku": ["A", "B", "C"],
        "title": ["Folding phone stand, aluminium", "Stand", None],
        "images": [6, 3, 5],
        "returns": [True, True, False],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_checklist_by_hand(engine):
    found = content.checklist(ENGINES[engine](SHOP))
    assert found.broken == {
        "B": ("title of 20 to 80 characters", "five images or more"),
        "C": ("title of 20 to 80 characters", "returns named"),
    }
    assert (found.listings, found.complete) == (3, 1)
    assert [row["kept"] for row in rows_of(found.table)] == [1, 2, 2]
    assert [row["kind"] for row in rows_of(found.table)] == ["advice", "must", "advice"]
    assert "a video" in found.unchecked
    assert "1 listings break a rule that is a must." in found.sentence
    found.plot()


def test_a_shop_brings_its_own_rules():
    rule = content.Rule(name="at most ten images", column="images", least=1, most=5)
    assert set(content.checklist(SHOP, [rule]).broken) == {"A"}
    with pytest.raises(InputError, match="a column for none of the rules"):
        content.checklist(SHOP[["sku"]])
    with pytest.raises(UnknownNameError, match="no column 'listing'"):
        content.checklist(SHOP, name="listing")


def test_keyword_coverage_weighs_by_searches():
    found = content.coverage("Folding phone stand", {"Phone Stand": 900, "stand": 100, "tablet stand": 1000})
    assert (found.covered, found.n, found.share) == (2, 3, 0.5)
    assert found.missing == ("tablet stand",)
    assert list(found.table["keyword"]) == ["tablet stand", "Phone Stand", "stand"]
    found.plot()


def test_words_match_whole_where_spaces_part_them_and_as_parts_where_not():
    assert content.coverage("standing desk", ["stand"]).covered == 0
    assert content.coverage("折りたたみスマホスタンド", ["スマホ スタンド"]).covered == 1
    assert content.coverage("휴대폰거치대 접이식", ["거치대"]).covered == 1
    assert content.coverage("ＵＳＢ－Ｃ cable", ["usb-c"]).covered == 1
    spread = content.coverage({"title": "Phone holder", "body": "a stand"}, ["phone stand"])
    assert spread.table["found_in"][0] == "several"
    with pytest.raises(InputError, match="at least one keyword"):
        content.coverage("title", {})


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("stand", "stands"), ("box", "boxes"), ("dress", "dresses"), ("watch", "watches"),
        ("brush", "brushes"), ("battery", "batteries"), ("toy", "toys"), ("photo", "photos"),
        ("tomato", "tomatoes"), ("shelf", "shelves"), ("leaf", "leaves"), ("scarf", "scarves"),
        ("knife", "knives"), ("roof", "roofs"), ("case", "cases"), ("lens", "lenses"),
        ("t-shirt", "T-shirts"), ("bag", "bags"), ("movie", "movies"),
    ],
)  # fmt: skip
def test_a_plural_matches_its_singular_both_ways(one, many):
    assert content.coverage(f"A {many}, blue", [one]).covered == 1
    assert content.coverage(f"A {one}, blue", [many]).covered == 1
    assert content.coverage(f"A {many}, blue", [f"blue {one}"]).covered == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stand", "standing"), ("desk", "desktop"), ("bras", "brass"), ("short", "shorts"), ("new", "news"),
        ("pc", "pcs"), ("x", "xs"), ("iphone 5", "iphone 5s"), ("safe", "saves"), ("shelf", "shelving"),
        ("prince", "princess"), ("princes", "princess"), ("tight", "tights"), ("cap", "cape"),
        ("cap", "capes"), ("leaf", "leave"), ("car", "care"), ("car", "cares"), ("pas", "pass"),
        ("bus", "bu"), ("foot", "feet"), ("toy", "toies"), ("box", "boxs"), ("café", "cafés"),
    ],
)  # fmt: skip
def test_what_is_no_regular_plural_does_not_match(one, other):
    assert content.coverage(f"A {other}, blue", [one]).covered == 0
    assert content.coverage(f"A {one}, blue", [other]).covered == 0


def test_pictures_tell_musts_and_missing_words_without_colour():
    table = pd.DataFrame({"sku": ["A", "B"], "images": [6, 2], "returns": ["7 days", None]})
    axes = content.checklist(table).plot()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["returns named (must)", "five images or more"]
    assert all(tick == round(tick) for tick in axes.get_xticks())
    found = content.coverage("Phone stand", {"phone stand": 1_900, "tablet stand": 300})
    labels = [label.get_text() for label in found.plot().get_yticklabels()]
    assert labels == ["phone stand", "tablet stand (missing)"]
