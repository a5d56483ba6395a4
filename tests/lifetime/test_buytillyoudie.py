"""Models of buying: the published numbers, agreement with their own simulation, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import lifetime
from sellerlab.errors import InputError
from sellerlab.lifetime.bg_bb import BgBb
from sellerlab.lifetime.buytillyoudie import BgNbd, MbgNbd, Nbd
from sellerlab.lifetime.likelihood import histories, maximise
from sellerlab.lifetime.pareto_nbd import ParetoNbd
from tests import papers

CDNOW = papers.cdnow()
SUMMARY = lifetime.repeat_purchases(CDNOW, end="1997-09-30", value=None)
DONATIONS = papers.donations()
#: The customer of the papers who bought 26 times.
OFTEN = (26, 216 / 7, 31.0)
EVERY = [
    BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426),
    BgNbd(r=2.0, alpha=6.0, a=40.0, b=160.0),
    MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614),
    ParetoNbd(r=0.55, alpha=10.58, s=0.61, beta=11.67),
    ParetoNbd(r=1.5, alpha=20.0, s=1.0, beta=3.0),
    Nbd(r=0.385, alpha=12.07),
    BgBb(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783),
]
NAMES = [f"{type(model).__name__}-{place}" for place, model in enumerate(EVERY)]


def estimates(fitted):
    return list(fitted.model.parameters.values())


@pytest.fixture(scope="module")
def bg_nbd():
    return lifetime.fit(SUMMARY)


@pytest.fixture(scope="module")
def pareto_nbd():
    return lifetime.fit(SUMMARY, "pareto_nbd")


@pytest.fixture(scope="module")
def bg_bb():
    return lifetime.fit(DONATIONS, "bg_bb", unit="month")


def test_bg_nbd_matches_fader_hardie_lee_2005(bg_nbd):
    assert estimates(bg_nbd) == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert bg_nbd.log_likelihood == pytest.approx(-9582.429, abs=1e-3)


def test_bg_nbd_expects_what_the_paper_prints(bg_nbd):
    model = bg_nbd.model
    times = [0.1429, 1, 3, 31.8571, 32, 78]
    printed = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    assert model.expected(times) == pytest.approx(printed, abs=5e-4)
    assert model.expected(52) == pytest.approx(1.4440, abs=5e-5)
    assert model.expected_given(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)
    assert model.p_alive(2, 30.43, 38.86) == pytest.approx(0.7266, abs=5e-5)


def test_bg_nbd_takes_who_bought_once_for_alive_with_certainty(bg_nbd):
    assert bg_nbd.model.p_alive(0, 0, [1.0, 39.0, 1000.0]).tolist() == [1.0, 1.0, 1.0]


def test_bg_nbd_matches_the_btyd_walkthrough(bg_nbd):
    model = bg_nbd.model
    assert model.expected_given(52, *OFTEN) == pytest.approx(25.757, abs=1e-3)
    assert model.p_alive(*OFTEN) == pytest.approx(0.96885, abs=1e-5)
    fading = model.expected_given(52, [10, 15, 20, 25], 20, 39)
    assert fading == pytest.approx([0.34746, 0.04283, 0.004159, 0.000358], rel=2e-3)


def test_bg_nbd_probabilities_match_the_published_ones():
    model = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
    assert model.pmf(10, 2) == pytest.approx(1.07869e-07, rel=1e-5)
    assert model.pmf(0, 39) == pytest.approx(0.5737864, abs=1e-7)
    printed = [
        0.0019995214, 0.0015170236, 0.0011633150, 0.0009003148, 0.0007023638,
        0.0005517902, 0.0004361913, 0.0003467171, 0.0002769613, 0.0002222260,
    ]  # fmt: skip
    assert model.pmf(range(11, 21), 30) == pytest.approx(printed, abs=1e-9)


def test_bg_nbd_does_not_mind_the_unit_of_time(bg_nbd):
    days = SUMMARY.table.assign(recency=SUMMARY.table["recency"] * 7, age=SUMMARY.table["age"] * 7)
    r, alpha, a, b = estimates(lifetime.fit(days, unit="day"))
    assert [r, a, b] == pytest.approx(np.delete(estimates(bg_nbd), 1), rel=1e-5)
    assert alpha == pytest.approx(30.895, abs=1e-3)


def test_bg_nbd_of_grouped_histories_is_the_same_fit(bg_nbd):
    table = SUMMARY.table
    grouped = table.groupby(["frequency", "recency", "age"]).size().rename("customers").reset_index()
    assert len(grouped) < len(table) / 2
    again = lifetime.fit(grouped)
    assert estimates(again) == pytest.approx(estimates(bg_nbd), rel=1e-6)
    assert again.customers == 2357


def test_pareto_nbd_matches_the_btyd_walkthrough(pareto_nbd):
    assert estimates(pareto_nbd) == pytest.approx([0.553, 10.578, 0.606, 11.669], abs=0.002)
    assert pareto_nbd.log_likelihood == pytest.approx(-9594.976, abs=1e-3)
    model = pareto_nbd.model
    assert model.expected(52) == pytest.approx(1.473434, abs=1e-5)
    assert model.expected_given(52, *OFTEN) == pytest.approx(25.456, abs=2e-3)
    assert model.p_alive(*OFTEN) == pytest.approx(0.99787, abs=1e-5)
    fading = model.expected_given(52, [10, 15, 20, 25], 20, 39)
    assert fading == pytest.approx([0.70623, 0.14424, 0.022507, 0.0030927], rel=2e-3)


def test_pareto_nbd_expects_what_lifetimes_prints():
    model = ParetoNbd(r=0.55, alpha=10.56, s=0.61, beta=11.64)
    printed = [
        0, 0.05077821, 0.09916088, 0.14542507, 0.18979930,
        0.23247466, 0.27361274, 0.31335159, 0.35181024, 0.38909211,
    ]  # fmt: skip
    assert model.expected(range(10)) == pytest.approx(printed, abs=1e-8)


def test_pareto_nbd_discounted_purchases_match_the_closed_form():
    model = ParetoNbd(r=0.5629966, alpha=12.5590370, s=0.4081095, beta=10.5148048)
    assert model.discounted(0.0027, 7, 35, 77.86) == pytest.approx(1.86418, abs=1e-5)
    found = model.discounted(0.0027, range(1, 11), 30, 77.86)
    printed = [2.1992, 2.8435, 2.8671, 2.4454, 1.8405, 1.2624, 0.8096, 0.4948, 0.2920, 0.1679]
    assert found == pytest.approx(printed, abs=6e-5)


def test_pareto_nbd_is_continuous_where_others_overflow():
    model = ParetoNbd(r=0.55, alpha=10.58, s=0.61, beta=11.67)
    found = model.expected_given(10, [132, 133], 200, 200)
    assert found == pytest.approx([6.206, 6.253], abs=5e-4)


def test_mbg_nbd_matches_btydplus():
    fitted = lifetime.fit(SUMMARY, "mbg_nbd")
    assert estimates(fitted) == pytest.approx([0.525, 6.183, 0.891, 1.614], abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(-9582.136, abs=1e-3)


def test_nbd_matches_fader_hardie_lee_2005_table_2():
    fitted = lifetime.fit(SUMMARY, "nbd")
    assert estimates(fitted) == pytest.approx([0.385, 12.07], abs=5e-3)
    assert fitted.log_likelihood == pytest.approx(-9763.66, abs=5e-3)


def test_bg_bb_matches_fader_hardie_shang_2010(bg_bb):
    model = bg_bb.model
    assert estimates(bg_bb) == pytest.approx([1.204, 0.750, 0.657, 2.783], abs=5e-4)
    assert bg_bb.log_likelihood == pytest.approx(-33225.58, abs=5e-3)
    assert model.p_alive([0, 2, 6], [0, 4, 6], 6) == pytest.approx([0.11, 0.59, 0.93], abs=5e-3)
    assert model.expected(10) == pytest.approx(3.1798, abs=5e-5)
    assert model.expected_given(10, [0, 4], [0, 5], 6) == pytest.approx([0.13022, 3.62786], abs=2e-4)
    future = model.expected_given(5, DONATIONS["frequency"], DONATIONS["recency"], 6) @ DONATIONS["customers"]
    assert future == pytest.approx(12884.2, abs=0.1)
    assert 11104 * model.pmf([0, 6], 6) == pytest.approx([3454.9, 1253.1], abs=0.05)


@pytest.mark.parametrize("model", EVERY, ids=NAMES)
def test_gradient_is_the_slope_of_the_likelihood(model):
    rng = np.random.default_rng(5)
    age = np.repeat([8.0, 20.0, 40.0], 30)
    data = histories(*model.simulate(age, rng), age)
    values = np.array(list(model.parameters.values())) * 1.2
    slope = type(model).likelihood(values, data)[1]
    for place, step in enumerate(1e-5 * np.diag(values)):
        ends = [type(model).likelihood(values + sign * step, data)[0] for sign in (1, -1)]
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / (2 * step[place]), rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("model", EVERY, ids=NAMES)
def test_probabilities_of_a_count_sum_to_one_and_give_the_mean(model):
    counts = np.arange(3000) if not isinstance(model, BgBb) else np.arange(31)
    chances = model.pmf(counts, 30)
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    assert chances @ counts == pytest.approx(model.expected(30), rel=2e-4)


@pytest.mark.parametrize("model", EVERY, ids=NAMES)
def test_simulation_agrees_with_the_formulas(model):
    rng = np.random.default_rng(11)
    many = 60_000
    x, t_x = model.simulate(np.full(many, 20.0), rng)
    assert x.mean() == pytest.approx(model.expected(20), abs=4 * x.std() / many**0.5)
    assert (x == 0).mean() == pytest.approx(model.pmf(0, 20), abs=0.005)
    assert np.all((t_x <= 20) & ((x == 0) == (t_x == 0)))
    future = model.simulate_given(12, np.full(many, 3.0), 9.0, 20.0, rng)
    assert future.mean() == pytest.approx(
        model.expected_given(12, 3, 9, 20), abs=4 * future.std() / many**0.5 + 1e-4
    )


@pytest.mark.parametrize("model", EVERY, ids=NAMES)
def test_histories_predict_what_the_likelihood_says(model):
    """Summed over what can happen, the expected future is that of a new customer: tower rule."""
    rng = np.random.default_rng(13)
    age = np.full(20_000, 20.0)
    x, t_x = model.simulate(age, rng)
    future = model.expected_given(10, x, t_x, age)
    exact = model.expected(30) - model.expected(20)
    assert future.mean() == pytest.approx(exact, abs=4 * future.std() / len(age) ** 0.5)


@given(
    r=st.floats(0.05, 5), alpha=st.floats(0.5, 50), first=st.floats(0.05, 20), second=st.floats(0.05, 20),
    x=st.integers(1, 300), when=st.floats(0.01, 1), T=st.floats(1, 500), t=st.floats(0.1, 200),
)  # fmt: skip
@settings(deadline=None, derandomize=True, max_examples=60)
def test_answers_stay_in_range_and_fall_with_silence(r, alpha, first, second, x, when, T, t):
    for model in (
        BgNbd(r=r, alpha=alpha, a=first, b=second),
        MbgNbd(r=r, alpha=alpha, a=first, b=second),
        ParetoNbd(r=r, alpha=alpha, s=first, beta=second),
    ):
        alive = model.p_alive(x, when * T, [T, T + 50])
        assert np.all((alive >= 0) & (alive <= 1))
        assert alive[1] <= alive[0] + 1e-12
        expected = model.expected_given([t, 2 * t], x, when * T, T)
        assert np.all(np.isfinite(expected))
        assert 0 <= expected[0] <= expected[1] * (1 + 1e-9) + 1e-12
        # Nobody buys more than someone of this history who never stops.
        assert expected[0] <= t * (r + x) / (alpha + T) * (1 + 1e-6) + 1e-12


def test_long_silence_after_many_purchases_means_gone_without_a_warning():
    for model in EVERY[:5]:
        assert model.p_alive(1000, 10, 100) == pytest.approx(0, abs=1e-100)
        assert model.expected_given(10, 1000, 10, 100) == pytest.approx(0, abs=1e-90)


def test_frequent_daily_data_converge():
    truth = BgNbd(r=1.5, alpha=2.0, a=0.05, b=3.0)
    age = np.full(3000, 500.0)
    x, t_x = truth.simulate(age, np.random.default_rng(1))
    # At most one purchase a day, as in real daily data.
    t_x = np.where(x > 0, np.maximum(np.ceil(t_x), 1), 0)
    table = pd.DataFrame({"frequency": np.minimum(x, t_x), "recency": t_x, "age": age})
    assert table["frequency"].max() > 400
    fitted = lifetime.fit(table, unit="day")
    assert fitted.log_covariance is not None
    assert fitted.model.a / (fitted.model.a + fitted.model.b) == pytest.approx(0.05 / 3.05, rel=0.2)
    grown = lifetime.fit(pd.DataFrame({"frequency": x, "recency": t_x, "age": age}), unit="day")
    assert estimates(grown) == pytest.approx([1.5, 2.0, 0.05, 3.0], rel=0.2)


def test_pareto_nbd_and_bg_nbd_find_planted_parameters():
    age = np.random.default_rng(2).uniform(20, 80, 4000)
    for name, truth in (
        ("bg_nbd", BgNbd(r=0.8, alpha=6.0, a=0.9, b=3.0)),
        ("mbg_nbd", MbgNbd(r=0.8, alpha=6.0, a=0.9, b=3.0)),
        ("pareto_nbd", ParetoNbd(r=0.8, alpha=6.0, s=0.9, beta=15.0)),
    ):
        x, t_x = truth.simulate(age, np.random.default_rng(4))
        fitted = lifetime.fit(pd.DataFrame({"frequency": x, "recency": t_x, "age": age}), name)
        table, values = fitted.table, np.array(list(truth.parameters.values()))
        away = np.log(table["estimate"] / values) / (table["standard_error"] / table["estimate"])
        assert np.all(np.abs(away) < 3), name
        assert fitted.model.expected(52) == pytest.approx(truth.expected(52), rel=0.1)


def test_intervals_of_bg_nbd_cover_the_truth_in_95_of_100_shops():
    truth = BgNbd(r=0.42, alpha=10.5, a=0.8, b=2.5)
    values = np.array(list(truth.parameters.values()))
    covered = np.zeros(4)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        age = np.round(rng.uniform(7, 546, 3000)) / 7
        x, t_x = truth.simulate(age, rng)
        table = lifetime.fit(pd.DataFrame({"frequency": x, "recency": t_x, "age": age})).table
        covered += (table["low"].to_numpy() <= values) & (values <= table["high"].to_numpy())
    assert np.all((covered >= 90) & (covered <= 98)), covered


def test_bg_bb_refuses_time_that_is_not_a_count():
    with pytest.raises(InputError, match="counts occasions: recency and age must be whole numbers"):
        lifetime.fit(SUMMARY, "bg_bb")
    twice = pd.DataFrame({"frequency": [3.0] * 60, "recency": [2.0] * 60, "age": [6.0] * 60})
    with pytest.raises(InputError, match="at most one purchase an occasion"):
        lifetime.fit(twice, "bg_bb", unit="month")


def test_models_refuse_parameters_that_are_not_above_zero():
    with pytest.raises(InputError, match=r"alpha is 0: a parameter of BG/NBD is above 0\."):
        BgNbd(r=1, alpha=0, a=1, b=1)
    with pytest.raises(InputError, match="without a discount above 0 the sum has no end"):
        EVERY[3].discounted(0, 1, 1, 1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((1.5, 2.0, 4.0), "not a whole number"),
        ((-1.0, 2.0, 4.0), "not a whole number"),
        ((1.0, 5.0, 4.0), "recency is above age"),
        ((0.0, 2.0, 4.0), "recency is above 0 without a repeat purchase"),
        ((2.0, 0.0, 4.0), "recency is 0 with repeat purchases"),
        ((1.0, np.nan, 4.0), "a value is missing"),
        ((1.0, -1.0, 4.0), "a time is negative"),
    ],
)
def test_impossible_histories_are_refused_with_their_row(row, message):
    table = pd.DataFrame([(1.0, 2.0, 4.0), row], columns=["frequency", "recency", "age"])
    with pytest.raises(InputError, match=f"Row 2 cannot be: .*{message}"):
        lifetime.fit(table)


@pytest.mark.parametrize("wrong", [0.05, 1.0, 30.0])
def test_the_climb_ends_on_the_same_top_whatever_is_believed_of_its_curvature(wrong):
    table = SUMMARY.table
    data = histories(table["frequency"], table["recency"], table["age"])

    def climb(*hint):
        return maximise(
            lambda values: BgNbd.likelihood(values, data), [[0.5, 9.0, 1.0, 2.0]], len(table), *hint
        )

    plain = climb()
    hinted = climb(wrong * np.linalg.inv(plain.log_covariance * len(table)))
    assert hinted.estimates == pytest.approx(plain.estimates, rel=1e-6)
    assert hinted.log_covariance == pytest.approx(plain.log_covariance, rel=1e-3)
    assert hinted.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)


def test_the_gradient_of_the_bg_nbd_is_the_slope_of_its_likelihood():
    data = histories([0, 0, 2, 5, 26], [0, 0, 30, 20, 30], [39, 12, 39, 21, 31], [3, 1, 1, 2, 1])
    for kind in (BgNbd, MbgNbd):
        at = np.array([0.3, 5.0, 0.8, 2.0])
        steps = [
            (kind.likelihood(at + e, data)[0] - kind.likelihood(at - e, data)[0]) for e in np.eye(4) * 1e-6
        ]
        assert kind.likelihood(at, data)[1] == pytest.approx(np.array(steps) / 2e-6, rel=1e-5)
