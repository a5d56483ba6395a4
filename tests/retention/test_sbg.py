"""The sBG model against Fader and Hardie, and against its own simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from sellerlab.errors import InputError
from sellerlab.retention.sbg import residual_lifetime, sbg
from sellerlab.retention.sbg_likelihood import covariance, loss

# Fader and Hardie, How to project customer retention (2007): survivors of 1,000 at years 0 to 12.
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
FITTED = {
    "regular": [62.7, 47.4, 38.8, 33.2, 29.2, 26.2, 23.9, 22.0, 20.4, 19.1, 18.0, 17.0],
    "high end": [85.1, 74.7, 67.0, 61.0, 56.2, 52.2, 48.9, 46.0, 43.6, 41.4, 39.5, 37.8],
}


@pytest.mark.parametrize(
    ("name", "survivors", "alpha", "beta", "likelihood"),
    [("regular", REGULAR, 0.704, 1.182, -1680.3), ("high end", HIGH_END, 0.668, 3.806, -1611.2)],
)
def test_sbg_matches_fader_hardie_2007(name, survivors, alpha, beta, likelihood):
    model = sbg(survivors[:8])
    assert (model.alpha, model.beta) == pytest.approx((alpha, beta), abs=5e-4)
    assert model.log_likelihood == pytest.approx(likelihood, abs=0.05)
    assert model.survival(np.arange(1, 13)) * 100 == pytest.approx(FITTED[name], abs=0.0501)
    assert model.expected_lifetime is None
    assert "too long for a mean lifetime" in model.sentence


def test_sbg_on_four_years_matches_an_independent_fit():
    regular, high_end = sbg(REGULAR[:5]), sbg(HIGH_END[:5])
    assert (regular.alpha, regular.beta, regular.log_likelihood) == pytest.approx(
        (0.764, 1.296, -1401.6), abs=0.05
    )
    assert (high_end.alpha, high_end.beta) == pytest.approx((1.281, 7.790), abs=5e-4)
    assert high_end.log_likelihood == pytest.approx(-1225.1, abs=0.05)
    # The estimate of alpha is above 1, its interval is not: a mean of 29 years would be invented.
    assert high_end.expected_lifetime is None


@pytest.mark.parametrize(
    ("alpha", "beta", "printed"),
    [(3.80, 15.20, [3.31, 3.45, 3.59, 3.72, 3.84]), (0.067, 0.267, [7.68, 9.46, 9.86, 10.06, 10.19])],
)
def test_residual_lifetime_matches_fader_hardie_2010_table_3(alpha, beta, printed):
    found = [residual_lifetime(alpha, beta, n, 0.1) for n in range(1, 6)]
    assert found == pytest.approx(printed, abs=0.0101)


@settings(deadline=None, derandomize=True)
@given(st.floats(0.2, 5), st.floats(0.2, 20), st.integers(1, 6), st.floats(0.05, 0.5))
def test_residual_lifetime_is_the_discounted_sum_of_survival(alpha, beta, renewals, discount):
    t = np.arange(renewals, renewals + 2000)
    alive = np.exp(betaln(alpha, beta + t) - betaln(alpha, beta + renewals - 1))
    expected = (alive * (1 + discount) ** (renewals - t.astype(float))).sum()
    assert residual_lifetime(alpha, beta, renewals, discount) == pytest.approx(expected, rel=1e-6)


def test_survival_is_the_ratio_of_beta_functions_and_retention_rises():
    model = sbg(HIGH_END[:8])
    t = np.arange(13)
    expected = np.exp(betaln(model.alpha, model.beta + t) - betaln(model.alpha, model.beta))
    assert model.survival(t) == pytest.approx(expected)
    assert isinstance(model.survival(3), float)
    assert (np.diff(model.retention(t[1:])) > 0).all()
    assert model.retention(1) == pytest.approx(model.beta / (model.alpha + model.beta))
    assert model.residual_lifetime(2, 0.1) == residual_lifetime(model.alpha, model.beta, 2, 0.1)


def test_fit_is_the_maximum_and_the_covariance_its_curvature():
    risk, gone = np.array(HIGH_END[:7], float), -np.diff(np.array(HIGH_END[:8], float))
    model = sbg(HIGH_END[:8])
    point = np.array([model.first_churn, model.difference])
    step = point * 1e-3

    def at(churn, difference):
        return loss(churn, difference, risk, gone)

    for side in (np.array([1, 0]), np.array([0, 1])):
        assert at(*(point + step * side)) > at(*point) < at(*(point - step * side))
    unit = np.eye(2) * step
    hessian = [
        [
            (at(*(point + a + b)) - at(*(point + a - b)) - at(*(point - a + b)) + at(*(point - a - b)))
            / (4 * a.sum() * b.sum())
            for b in unit
        ]
        for a in unit
    ]
    assert np.linalg.inv(hessian) == pytest.approx(covariance(*point, risk, gone), rel=1e-3)


def test_cohorts_pooled_by_renewal_give_the_same_model_as_one():
    one = sbg(REGULAR[:8])
    pooled = sbg(at_risk=REGULAR[:7], lost=-np.diff(REGULAR[:8]))
    assert (pooled.alpha, pooled.beta, pooled.sentence) == (one.alpha, one.beta, one.sentence)


def test_intervals_cover_the_truth_in_90_to_98_of_100_draws():
    alpha, beta = 0.668, 3.806
    truth = np.exp(betaln(alpha, beta + 24) - betaln(alpha, beta))
    inside = np.zeros(3)
    for seed in range(200):
        draw = np.random.default_rng(seed)
        life = draw.geometric(draw.beta(alpha, beta, 1500))
        model = sbg([(life > t).sum() for t in range(13)], horizon=24)
        last = model.table.iloc[-1]
        inside += [
            model.alpha_interval[0] <= alpha <= model.alpha_interval[1],
            model.beta_interval[0] <= beta <= model.beta_interval[1],
            last["low"] <= truth <= last["high"],
        ]
    assert (inside / 200 >= 0.90).all()
    assert (inside / 200 <= 0.98).all()


def test_churn_that_does_not_fall_is_plain_geometric_and_no_search_runs_away():
    model = sbg([1000, 900, 800, 700, 600])
    assert (model.alpha, model.beta, model.difference) == (math.inf, math.inf, 0.0)
    assert model.first_churn == pytest.approx(400 / 3400)
    assert model.survival(3) == pytest.approx((1 - 400 / 3400) ** 3)
    assert model.expected_lifetime == pytest.approx(3400 / 400)
    assert model.alpha_interval is None
    keep = 1 - model.first_churn
    assert model.residual_lifetime(1, 0.1) == pytest.approx(
        sum(keep**t / 1.1 ** (t - 1) for t in range(1, 900))
    )
    assert "Nothing shows that subscribers differ" in model.sentence
    assert (model.table["low"] <= model.table["model"]).all()


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 60), min_size=3, max_size=10), st.integers(1, 500))
def test_any_cohort_gives_falling_shares_inside_their_band_or_a_refusal(lost, stay):
    survivors = (stay + np.append(np.cumsum(lost[::-1])[::-1], 0)).tolist()
    try:
        table = sbg(survivors).table
    except InputError:
        assert survivors[0] < 30 or survivors[0] == survivors[-1] or survivors[1] == survivors[-1]
        return
    assert (np.diff(table["model"]) <= 0).all()
    assert ((table["low"] <= table["model"]) & (table["model"] <= table["high"])).all()
    assert table["high"].max() <= 1


def test_the_last_few_of_an_old_cohort_may_all_leave_and_the_words_name_a_renewal_of_many():
    risk, lost = [169, 133, 94, 76, 64, 51, 12, 1], [32, 31, 13, 4, 7, 2, 3, 0]
    one = sbg(at_risk=risk, lost=lost)
    other = sbg(at_risk=risk, lost=[*lost[:-1], 1])
    assert one.log_likelihood > other.log_likelihood
    assert one.survival(12) > other.survival(12) > 0.9 * one.survival(12)
    for each in (one, other):
        assert "of those who came to renewal 6, 3.9% left." in each.sentence


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sbg([100, 100, 100, 100]), "Nobody has left yet"),
        (lambda: sbg([20, 10, 5, 3]), "at least 30 subscribers watched over 3 renewals"),
        (lambda: sbg([100, 80, 70]), "100 subscribers and 2 renewals"),
        (lambda: sbg([100, 80, 90, 70]), "never rise"),
        (lambda: sbg([100, 80, 50, 0]), "counts above 0"),
        (lambda: sbg([100, 80, 80, 80]), "After the first renewal nobody left"),
        (lambda: sbg(), "Give survivors, or at_risk together with lost"),
        (lambda: sbg(at_risk=[100, 90], lost=[5]), "at_risk has 2 values and lost 1"),
        (lambda: sbg(at_risk=[100, 90, 80], lost=[5, 95, 1]), "from 0 to those at risk"),
        (lambda: sbg(at_risk=[100, 90, 80], lost=[5, 4, 80]), "At a renewal everybody left"),
        (lambda: residual_lifetime(0, 1, 1, 0.1), "both are above 0"),
        (lambda: residual_lifetime(1, 1, 0, 0.1), "1 or more"),
        (lambda: residual_lifetime(1, 1, 1, 10), "Did you mean 0.1"),
        (lambda: residual_lifetime(1, 1, 1, 0), "may have no end"),
    ],
)
def test_counts_that_cannot_be_fitted_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_the_picture_shows_observed_model_and_forecast():
    ax = sbg(HIGH_END[:8]).plot()
    labels = [each.get_text() for each in ax.get_legend().get_texts()]
    assert labels == ["model", "forecast", "observed", "if churn never changed"]
    assert len(ax.lines[2].get_xdata()) == 8
