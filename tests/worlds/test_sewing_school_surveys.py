"""The sewing school's surveys: what people answer follows what was planted, up to the population's points."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from sellerlab.worlds import sewing_school
from sellerlab.worlds.draws import generator
from sellerlab.worlds.sewing_school.choices import cards, choices, ratings
from sellerlab.worlds.sewing_school.parameters import parameters
from sellerlab.worlds.sewing_school.prices import QUESTIONS, SEGMENTS, surveys


@pytest.fixture(scope="module")
def demo():
    return sewing_school.simulate()


def _inside(count, size, rate, width=4.0):
    """Whether a count of successes lies within `width` standard errors of what `rate` gives."""
    return abs(count - size * rate) <= width * np.sqrt(size * rate * (1 - rate)) + 1


# Prices


@pytest.fixture(scope="module")
def crowd():
    """Everyone's answers, as good as: many more people than the demo asks."""
    truth = parameters("demo")
    return truth, surveys(generator("crowd"), truth, 150_000)


def _cross(answers, falling, rising):
    """Where two curves of Van Westendorp cross, by counting at every price."""
    grid = np.arange(5, 1500, 5)

    def curve(name):
        values = answers[name.removeprefix("not_")].to_numpy()
        named = np.array(
            [(values <= p).mean() if "expensive" in name else (values >= p).mean() for p in grid]
        )
        return 1 - named if name.startswith("not_") else named

    gap = curve(rising) - curve(falling)
    return np.interp(0, gap[: (gap > 0).argmax() + 1], grid[: (gap > 0).argmax() + 1])


@pytest.mark.parametrize("group", ["everyone", *SEGMENTS])
def test_the_populations_price_points_are_where_everyones_curves_cross(crowd, group):
    truth, answered = crowd
    survey = answered["price_survey"]
    ordered = (survey[list(QUESTIONS)].diff(axis=1).iloc[:, 1:] > 0).all(axis=1)
    valid = survey[ordered & ((survey["segment"] == group) | (group == "everyone"))]
    points = truth["price_survey"]["points"][group]
    pairs = {
        "optimal": ("too_cheap", "too_expensive"),
        "indifference": ("cheap", "expensive"),
        "low": ("too_cheap", "not_cheap"),
        "high": ("not_expensive", "too_expensive"),
        "narrow_low": ("too_cheap", "expensive"),
        "narrow_high": ("cheap", "too_expensive"),
    }
    for name, pair in pairs.items():
        assert _cross(valid, *pair) == pytest.approx(points[name], rel=0.012), name


def test_invalid_answers_have_the_planted_shares(crowd):
    truth, answered = crowd
    survey, planted = answered["price_survey"], truth["price_survey"]
    missing = survey["too_expensive"].isna()
    assert _inside(missing.sum(), len(survey), planted["missing_share"])
    three = survey[list(QUESTIONS[:3])]
    disorder = (three.diff(axis=1).iloc[:, 1:] <= 0).any(axis=1)
    rate = planted["not_in_order_share"]
    assert rate - 0.003 < disorder.mean() < rate + 0.004


def test_intents_follow_the_planted_scale_and_nobody_is_keener_on_the_higher_price(crowd):
    truth, answered = crowd
    survey = answered["price_survey"]
    for name in ("intent_cheap", "intent_expensive"):
        for answer, chance in truth["price_survey"][name].items():
            assert _inside((survey[name] == answer).sum(), len(survey), chance), (name, answer)
    assert (survey["intent_expensive"] <= survey["intent_cheap"]).all()


def test_the_price_test_says_what_was_planted_and_some_contradict_themselves(crowd):
    truth, answered = crowd
    gabor, planted = answered["gabor"], truth["gabor"]
    said = gabor.groupby("price")["would_buy"].agg(["sum", "size"])
    for price, share in planted["share_who_says_so"].items():
        assert _inside(said.loc[price, "sum"], said.loc[price, "size"], share), price
    truly = planted["share_who_pays"]
    assert all(truly[one] > truly[other] for one, other in pairwise(planted["prices"]))
    assert planted["price_of_most_sales"] == max(truly, key=lambda price: price * truly[price])
    wide = gabor.pivot(index="respondent", columns="price", values="would_buy")
    odd = (wide.diff(axis=1).iloc[:, 1:] > 0).any(axis=1).mean()
    assert 0.05 < odd < 0.2


# Choices and ratings


def test_choices_follow_the_planted_logit():
    planted = parameters("demo")["choices"]
    table = choices(generator("many"), planted, 900)
    names = [
        (name, level) for name, levels in planted["utilities"].items() for level in levels if levels[level]
    ]
    design = np.column_stack(
        [*(table[name] == level for name, level in names), table["price"].fillna(0) / 100, table["none"]]
    ).astype(float)
    expected = [planted["utilities"][name][level] for name, level in names]
    expected = np.array([*expected, 100 * planted["price_utility"], planted["none_utility"]])
    shown = design.reshape(-1, 4, len(expected))
    chance = np.exp(shown @ expected)
    chance /= chance.sum(axis=1, keepdims=True)
    mean = (shown * chance[:, :, None]).sum(axis=1)
    score = (design[table["chosen"] == 1] - mean).sum(axis=0)
    spread = np.einsum("tak,ta,tal->kl", shown, chance, shown) - mean.T @ mean
    assert score @ np.linalg.solve(spread, score) < chi2.ppf(0.999, len(score))
    # One step of Newton's method from the truth gives the estimate, as good as.
    found = expected + np.linalg.solve(spread, score)
    worth = -100 * found[:-2] / found[-2]
    np.testing.assert_allclose(worth, [planted["worth"][name][level] for name, level in names], atol=12)
    assert 100 * found[-1] / found[-2] == pytest.approx(planted["reservation_price_of_base"], abs=12)


def test_a_task_shows_three_courses_of_different_prices_and_none_and_has_one_choice(demo):
    tasks = demo.choices.groupby(["respondent", "task"])
    assert (tasks["chosen"].sum() == 1).all()
    assert (tasks.size() == 4).all()
    shown = demo.choices[demo.choices["none"] == 0]
    assert (shown.groupby(["respondent", "task"])["price"].nunique() == 3).all()
    assert not shown.isna().any().any()
    none = demo.choices[demo.choices["none"] == 1]
    assert none[["format", "hours", "support", "price"]].isna().all().all()
    assert 0.02 < none["chosen"].mean() < 0.5


def test_no_two_attributes_of_the_cards_go_together(demo):
    names = ["format", "hours", "support", "price"]
    for one in names:
        for other in names:
            if one != other:
                counts = pd.crosstab(demo.profiles[one], demo.profiles[other]).to_numpy()
                assert len(set(counts.ravel())) == 1, (one, other)


def test_mean_part_worths_of_each_segment_are_the_planted_ones():
    planted = parameters("demo")["ratings"]
    profiles = cards(planted)
    table = ratings(generator("raters"), planted, profiles, 3000)
    scores = table[profiles["card"].tolist()]
    valid = scores.notna().all(axis=1) & (scores.nunique(axis=1) > 1)
    assert (~valid).sum() == 3
    shares = (table["segment"].value_counts(normalize=True)).to_dict()
    assert shares == pytest.approx({"beginner": 0.45, "hobby": 0.35, "professional": 0.2}, abs=0.04)
    for segment, attributes in planted["part_worths"].items():
        own = scores[valid & (table["segment"] == segment)].mean()
        assert own.mean() == pytest.approx(planted["mean_rating"], abs=0.3)
        for name, levels in attributes.items():
            # The cards are balanced, so a level's part-worth is the mean of its cards less the mean of all.
            for level, worth in levels.items():
                found = own[profiles.loc[profiles[name] == level, "card"]].mean() - own.mean()
                assert found == pytest.approx(worth, abs=0.5), (segment, name, level)


def test_ratings_stay_on_the_scale_and_a_few_people_cannot_be_used(demo):
    scores = demo.ratings[demo.profiles["card"].tolist()]
    assert scores.min().min() >= 0
    assert scores.max().max() <= 100
    left_out = demo.truth["ratings"]["left_out"]
    assert scores.isna().any(axis=1).sum() == left_out["missing"]
    assert (scores.nunique(axis=1) == 1).sum() == left_out["all_the_same"]
