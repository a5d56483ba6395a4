import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest

from sellerlab import pricing
from sellerlab.errors import InputError, UnknownNameError


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


# Part-worths of one respondent of the ice-cream study in R's conjoint package.
ICE = {
    "flavour": {"chocolate": 1.0, "vanilla": 1 / 3, "strawberry": -4 / 3},
    "price": {"1.50": 1.0, "2.00": -1.0, "2.50": 0.0},
    "serving": {"cone": 1.25, "cup": -1.25},
    "topping": {"yes": 0.5, "no": -0.5},
}


def cards(worths=ICE):
    return pd.DataFrame(list(itertools.product(*worths.values())), columns=list(worths))


def rated(profiles, worths=ICE, intercept=5.25):
    return [
        intercept + sum(worths[name][row[name]] for name in worths)
        for row in profiles.to_dict(orient="records")
    ]


def test_ratings_give_back_the_part_worths_and_importances_of_the_ice_cream_study():
    profiles = cards()
    found = pricing.part_worths(profiles, pd.DataFrame([rated(profiles)]))
    assert found.intercept == pytest.approx(5.25)
    expected = [worth for levels in ICE.values() for worth in levels.values()]
    assert found.table["part_worth"].tolist() == pytest.approx(expected)
    assert [100 * each for each in found.importance.values()] == pytest.approx(
        [29.79, 25.53, 31.91, 12.77], abs=0.005
    )
    assert found.r_squared == pytest.approx(1)
    assert found.table["low"].isna().all()


def test_importance_is_the_mean_of_importances_not_the_importance_of_the_mean():
    profiles = cards({"size": {"S": 0, "L": 0}, "colour": {"red": 0, "blue": 0}})
    # opposite tastes in size, and the second person uses a wider scale: importances are 3/4 and 1/10.
    one = rated(profiles, {"size": {"S": 3, "L": -3}, "colour": {"red": 1, "blue": -1}})
    two = rated(profiles, {"size": {"S": -1, "L": 1}, "colour": {"red": 9, "blue": -9}})
    found = pricing.part_worths(profiles, pd.DataFrame([one, two]))
    assert found.importance == pytest.approx({"size": 0.425, "colour": 0.575})
    assert found.table["part_worth"].tolist() == pytest.approx([1, -1, 5, -5])
    assert found.individual.to_numpy().tolist() == [
        pytest.approx([5.25, 3, -3, 1, -1]),
        pytest.approx([5.25, -1, 1, 9, -9]),
    ]


def test_simulated_shares_worked_by_hand():
    profiles = cards({"size": {"S": 0, "L": 0}, "colour": {"red": 0, "blue": 0}})
    one = rated(profiles, {"size": {"S": 3, "L": -3}, "colour": {"red": 1, "blue": -1}}, 6)
    two = rated(profiles, {"size": {"S": -1, "L": 1}, "colour": {"red": 2, "blue": -2}}, 6)
    found = pricing.part_worths(profiles, pd.DataFrame([one, two]))
    shelf = pl.DataFrame({"size": ["S", "L"], "colour": ["blue", "red"]})
    # Points: the first 6+3-1 = 8 and 6-3+1 = 4, the second 6-1-2 = 3 and 6+1+2 = 9.
    expected = {
        "first": [1 / 2, 1 / 2],
        "proportional": [(8 / 12 + 3 / 12) / 2, (4 / 12 + 9 / 12) / 2],
        "logit": [(1 / (1 + np.exp(-4)) + 1 / (1 + np.exp(6))) / 2] * 2,
    }
    expected["logit"][1] = 1 - expected["logit"][0]
    for rule, shares in expected.items():
        assert found.share(shelf, rule)["share"].to_list() == pytest.approx(shares)
    twice = pl.concat([shelf[:1], shelf[:1]])
    assert found.share(twice)["share"].to_list() == [0.5, 0.5]


def test_proportional_shares_leave_out_points_of_nothing_or_less():
    profiles = cards({"size": {"S": 0, "L": 0}})
    found = pricing.part_worths(profiles, pd.DataFrame([[4, 2], [1, -1]]))
    assert found.share(profiles, "proportional")["share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    below = pricing.part_worths(profiles, pd.DataFrame([[1, -1]]))
    with pytest.raises(InputError, match="0 points or less"):
        below.share(profiles, "proportional")


def test_shares_of_what_was_not_rated_are_refused():
    found = pricing.part_worths(cards(), pd.DataFrame([rated(cards())]))
    with pytest.raises(UnknownNameError, match="Did you mean 'chocolate'"):
        found.share(cards().assign(flavour="chocolat"))
    with pytest.raises(UnknownNameError, match="attribute"):
        found.share(cards().drop(columns="price"))
    with pytest.raises(UnknownNameError, match="Did you mean 'first'"):
        found.share(cards(), "firts")


def test_part_worths_sum_to_nothing_and_do_not_depend_on_the_order_of_cards():
    profiles = cards()
    draw = np.random.default_rng(1)
    ratings = pd.DataFrame(np.array(rated(profiles)) + draw.normal(0, 1, (25, len(profiles))))
    found = pricing.part_worths(profiles, ratings)
    sums = found.table.groupby("attribute")["part_worth"].sum()
    assert sums.abs().max() < 1e-12
    order = draw.permutation(len(profiles))
    other = pricing.part_worths(profiles.iloc[order], ratings.iloc[:, order])
    assert other.importance == pytest.approx(found.importance)


def test_part_worths_are_those_of_least_squares_on_an_unbalanced_set_of_cards():
    # By hand: S/10, S/20, L/10 rated 5, 3, 9 -> S = L - 4 and 10 = 20 + 2; mean over levels 6.
    profiles = pd.DataFrame({"size": ["S", "S", "L"], "price": [10, 20, 10]})
    found = pricing.part_worths(profiles, pd.DataFrame([[5, 3, 9]]))
    assert found.table["part_worth"].tolist() == pytest.approx([-2, 2, 1, -1])
    assert found.intercept == pytest.approx(6)


def test_people_who_rate_nothing_apart_are_left_out_and_counted():
    profiles = cards()
    rows = [rated(profiles), [5.0] * len(profiles), [np.nan, *rated(profiles)[1:]]]
    found = pricing.part_worths(pl.from_pandas(profiles), pl.DataFrame(rows, orient="row"))
    assert (found.respondents, found.left_out) == (1, {"missing": 1, "all_the_same": 1})
    with pytest.raises(InputError, match="nothing to learn from"):
        pricing.part_worths(profiles, pd.DataFrame(rows[1:]))


def test_cards_that_cannot_tell_attributes_apart_are_refused():
    profiles = pd.DataFrame({"size": ["S", "L", "S", "L"], "colour": ["red", "blue", "red", "blue"]})
    with pytest.raises(InputError, match="cannot tell 'colour' apart"):
        pricing.part_worths(profiles, pd.DataFrame([[1, 2, 3, 4]]))
    with pytest.raises(InputError, match="3 columns and profiles 4 rows"):
        pricing.part_worths(profiles, pd.DataFrame([[1, 2, 3]]))
    with pytest.raises(UnknownNameError, match="Did you mean 'colour'"):
        pricing.part_worths(profiles, pd.DataFrame([[1, 2, 3, 4]]), attributes=["color"])


def test_part_worths_draw_one_bar_a_level():
    profiles = cards()
    found = pricing.part_worths(profiles, pd.DataFrame([rated(profiles), rated(profiles)[::-1]]))
    assert len(found.plot().patches) == 10
    assert "matters most" in found.sentence


def fixed_choices():
    rows = []
    worth = {"A": 0.0, "B": 4.0, "C": 9.0}
    for t in range(60):
        task = [
            (t, a, "ABC"[(t + a * (1 + t % 2)) % 3], float(10 + ((7 * t + 5 * a) % 4) * 5)) for a in range(3)
        ]
        score = [worth[f] - p + 12 * np.sin((a + 1) * (t + 1.0)) for _, a, f, p in task]
        rows += [(*row, int(row[1] == int(np.argmax(score)))) for row in task]
    return pd.DataFrame(rows, columns=["task", "alt", "format", "price", "chosen"])


def test_choices_match_statsmodels_conditional_logit():
    found = pricing.choice_model(fixed_choices(), ["format"], interval="delta")
    # ConditionalLogit of statsmodels 0.15 on the same rows; the worth and its delta interval follow from it.
    assert found.table["utility"].tolist() == pytest.approx([0.2725069770, 1.2799916104], abs=1e-6)
    assert found.table["error"].tolist() == pytest.approx([0.4340154118, 0.4226022319], abs=1e-6)
    assert found.price_utility == pytest.approx(-0.1828121800, abs=1e-6)
    assert np.sqrt(found.covariance[2, 2]) == pytest.approx(0.0374064783, abs=1e-6)
    assert found.log_likelihood == pytest.approx(-43.8925410705, abs=1e-6)
    assert found.table["worth"].tolist() == pytest.approx([1.4906390647, 7.0016757672], abs=1e-5)
    half = found.table["high"] - found.table["worth"]
    assert half.tolist() == pytest.approx([4.6612631423, 4.3201304028], abs=1e-5)
    assert found.pseudo_r_squared == pytest.approx(1 - 43.8925410705 / (60 * np.log(3)))


TRUTH = {"e-book": 0.0, "course": 0.9, "club": 0.3}


def simulated(seed, people=60, tasks=8, none=True, taste=0.0):
    draw = np.random.default_rng(seed)
    n = people * tasks
    formats = draw.choice(list(TRUTH), (n, 3))
    prices = draw.choice([99.0, 149.0, 199.0, 299.0], (n, 3))
    own = np.repeat(draw.normal(0, taste, people), tasks) if taste else np.zeros(n)
    utility = np.vectorize(TRUTH.get)(formats) - 0.01 * prices + own[:, None] * (formats == "course")
    utility = np.column_stack([utility, np.full(n, -1.5 if none else -np.inf)])
    choice = (utility + draw.gumbel(size=utility.shape)).argmax(axis=1)
    k = 4 if none else 3
    return pd.DataFrame(
        {
            "respondent": np.repeat(np.arange(n) // tasks, k),
            "task": np.repeat(np.arange(n) % tasks, k),
            "format": [f for row in formats for f in (*row, None)[:k]],
            "price": [p for row in prices for p in (*row, np.nan)[:k]],
            "none": [int(a == 3) for _ in range(n) for a in range(k)],
            "chosen": [int(a == c) for c in choice for a in range(k)],
        }
    )


@pytest.mark.parametrize("interval", ["delta", "krinsky_robb"])
def test_intervals_of_worth_cover_the_planted_worth(interval):
    covered, draws = 0, 60
    for seed in range(draws):
        found = pricing.choice_model(
            simulated(seed), ["format"], base={"format": "e-book"}, interval=interval, draws=1000
        )
        row = found.table[found.table["level"] == "course"].iloc[0]
        covered += row["low"] <= 90 <= row["high"]
    assert 0.88 * draws <= covered <= draws


def test_the_none_option_gives_the_price_at_which_people_leave():
    found = pricing.choice_model(simulated(1, people=400), ["format"], base={"format": "e-book"})
    assert found.none_utility == pytest.approx(-1.5, abs=0.25)
    assert found.reservation_price == pytest.approx(150, abs=15)
    assert (found.tasks, found.respondents) == (3200, 400)
    without = pricing.choice_model(simulated(1, none=False).drop(columns="none"), ["format"])
    assert (without.none_utility, without.reservation_price) == (None, None)


def test_errors_are_clustered_by_respondent():
    frame = simulated(3, people=150, taste=1.5)
    clustered = pricing.choice_model(frame, ["format"], base={"format": "e-book"})
    alone = pricing.choice_model(
        frame.assign(task=frame["respondent"] * 100 + frame["task"]).drop(columns="respondent"),
        ["format"],
        base={"format": "e-book"},
    )
    assert alone.table["utility"].tolist() == pytest.approx(clustered.table["utility"].tolist())
    ratio = clustered.table["error"] / alone.table["error"]
    assert ratio[clustered.table["level"] == "course"].item() > 1.15


def test_the_base_changes_the_words_and_not_the_model():
    frame = simulated(4)
    first = pricing.choice_model(frame, ["format"], base={"format": "e-book"})
    second = pricing.choice_model(frame, ["format"], base={"format": "course"})
    assert second.log_likelihood == pytest.approx(first.log_likelihood)
    worth = {row.level: row.worth for row in first.table.itertuples()}
    other = {row.level: row.worth for row in second.table.itertuples()}
    assert other["e-book"] == pytest.approx(-worth["course"], rel=1e-4)


def test_shares_add_up_and_fall_with_the_price():
    found = pricing.choice_model(simulated(5), ["format"])
    menu = pl.DataFrame({"format": ["course", "e-book"], "price": [199, 99]})
    shares = found.share(menu)
    assert isinstance(shares, pl.DataFrame)
    assert 0 < shares["share"].sum() < 1
    dearer = found.share(menu.with_columns(price=pl.Series([299, 99])))
    assert dearer["share"][0] < shares["share"][0]
    assert dearer["share"][1] > shares["share"][1]
    # by hand: exp(U) over the sum with none
    u = [found.utilities["format", f] + found.price_utility * p for f, p in (("course", 199), ("e-book", 99))]
    total = np.exp(u).sum() + np.exp(found.none_utility)
    assert shares["share"].to_list() == pytest.approx((np.exp(u) / total).tolist())
    with pytest.raises(UnknownNameError, match="no level of format 'coaching'"):
        found.share(pd.DataFrame({"format": ["coaching"], "price": [99]}))


def test_rows_in_any_order_and_any_frame_give_the_same_bytes():
    frame = simulated(6)
    found = pricing.choice_model(frame, ["format"])
    mixed = pricing.choice_model(pl.from_pandas(frame.sample(frac=1, random_state=1)), ["format"])
    assert mixed.table["worth"].to_list() == pytest.approx(found.table["worth"].tolist())
    assert found.table.equals(pricing.choice_model(frame, ["format"]).table)


def test_no_worth_is_given_where_price_did_not_drive_choices():
    frame = simulated(7)
    frame["price"] = frame["price"].where(
        frame["none"] == 1, np.random.default_rng(1).choice([99.0, 199], len(frame))
    )
    found = pricing.choice_model(frame, ["format"])
    assert found.table["worth"].isna().all()
    assert found.reservation_price is None
    assert "nothing can be said in money" in found.sentence
    assert found.plot() is not None


def test_impossible_choices_are_refused():
    frame = simulated(8, people=20)
    with pytest.raises(InputError, match="without exactly one choice: 1, the first is"):
        pricing.choice_model(frame.assign(chosen=frame["chosen"].where(frame.index >= 4, 0)), ["format"])
    with pytest.raises(InputError, match="mark it with 1 in a column 'none'"):
        pricing.choice_model(frame.drop(columns="none"), ["format"])
    with pytest.raises(UnknownNameError, match="Did you mean 'format'"):
        pricing.choice_model(frame, ["formats"])
    with pytest.raises(InputError, match="cannot tell 'price' apart"):
        pricing.choice_model(frame.assign(price=100.0), ["format"], none="none")
    with pytest.raises(UnknownNameError, match="no level of format 'coaching'"):
        pricing.choice_model(frame, ["format"], base={"format": "coaching"})


def test_a_level_that_is_always_chosen_is_refused():
    rows = [(t, f, p, int(f == "A")) for t in range(40) for f, p in (("A", 10 + t % 3), ("B", 10 + t % 2))]
    with pytest.raises(InputError, match="always or never chosen"):
        pricing.choice_model(pd.DataFrame(rows, columns=["task", "format", "price", "chosen"]), ["format"])


def test_choice_model_draws_one_bar_a_level():
    found = pricing.choice_model(simulated(9), ["format"], base={"format": "e-book"}, currency="ILS")
    assert len(found.plot().patches) == 2
    assert "buyers would pay ILS" in found.sentence
