"""A shop's posts: only videos are counted, and what a shop lacks is borrowed or refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sellerlab import datasets, learn
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.learn.posts import listed, planted_rate, posts, searches


@pytest.fixture(scope="module")
def demo():
    return learn.shop()


def _with(shop, **tables):
    return replace(shop, tables={**shop.tables, **tables})


def test_lives_are_left_out_where_the_log_tells_them_from_videos(demo):
    log = posts(demo)
    assert set(log.videos["kind"]) == {"video"}
    assert len(log.videos) + len(log.lives) == len(demo.content)
    bare = demo.content.drop(columns=["kind", "posted_at"])
    assert len(posts(_with(demo, content=bare)).videos) == len(bare)
    named = demo.content.assign(kind="reel")
    assert len(posts(_with(demo, content=named)).videos) == len(named)


def test_usual_videos_and_those_that_broke_out_make_up_the_mean(demo):
    log = posts(demo)
    mean = (1 - log.rate) * log.usual + log.rate * log.broken_out
    assert mean == pytest.approx(log.videos["views"].mean())
    even = _with(demo, content=demo.content.assign(views=500))
    assert (posts(even).rate, posts(even).broken_out) == (0, 500)


def test_videos_of_the_days_before_are_counted_by_hand(demo):
    when = pd.Timestamp("2026-01-01") + pd.to_timedelta([0, 10, 29, 30, 45, 100] * 5, unit="D")
    content = demo.content.head(30).assign(posted_at=when, kind="video")
    before = posts(_with(demo, content=content)).before(days=30)
    # Five videos on each of six days; those of the same day count as they stand in the log.
    assert before.isna().sum() == 15
    assert before.dropna().tolist() == [*range(15, 20), *range(10, 15), *range(5)]
    with pytest.raises(UnknownNameError, match="posted_at"):
        posts(_with(demo, content=content.drop(columns="posted_at"))).before()


def test_too_few_posts_and_missing_columns_are_refused(demo):
    with pytest.raises(InputError, match=r"at least 20 with views are needed.* Take the demo shop"):
        posts(_with(demo, content=demo.content.head(8)))
    with pytest.raises(UnknownNameError, match="shares"):
        posts(_with(demo, content=demo.content.drop(columns="shares")))


def test_the_planted_rate_is_that_of_very_many_videos():
    shop = datasets.simulate("phone_stand", seed="truth", orders=300)
    truth, rng, n = shop.truth["content"], np.random.default_rng(1), 400_000
    views = truth["median_views"] * np.exp(truth["sigma_log_views"] * rng.standard_normal(n))
    views *= np.where(rng.random(n) < truth["breakout_chance"], truth["breakout_factor"], 1)
    for threshold in (200.0, 2_000.0):
        assert planted_rate(shop, threshold) == pytest.approx((views >= threshold).mean(), rel=0.05)


def test_listings_and_searches_are_borrowed_unless_there_are_own_ones(demo):
    other = datasets.simulate("baby_goods", seed=demo.seed)
    sold = other.orders.query("status == 'paid' and quantity > 0")
    assert listed(demo)["units"].sum() == sold["quantity"].sum()
    assert listed(demo)["title"].tolist() == other.listings["title"].tolist()
    assert set(searches(demo, ("bib",))) == {each for each in other.keywords["keyword"] if "bib" in each}
    assert len(searches(demo, ())) == len(other.keywords)
    own = _with(
        demo,
        listings=pd.DataFrame({"sku": ["A"], "title": ["Stand"]}),
        keywords=pd.DataFrame({"keyword": ["phone stand"], "searches": [90]}),
    )
    assert listed(own)["sku"].tolist() == ["A"]
    assert searches(own, ("stand",)) == {"phone stand": 90.0}


def test_times_lose_their_zone_gaps_are_left_out_and_words_are_no_times(demo):
    content = demo.content.head(40).assign(kind="video")
    zoned = content.assign(posted_at=content["posted_at"].dt.tz_localize("Asia/Tokyo"))
    zoned["likes"] = zoned["likes"].astype(float).where(zoned.index != 3)
    videos = posts(_with(demo, content=zoned)).videos
    assert len(videos) == 39
    assert videos["posted_at"].tolist() == sorted(content["posted_at"].drop(3))
    with pytest.raises(InputError, match="posted_at holds 'last Tuesday': write times such as"):
        posts(_with(demo, content=content.assign(posted_at="last Tuesday")))
