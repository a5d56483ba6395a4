import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from sellerlab import experiments
from sellerlab.errors import InputError, UnknownNameError


def closed_form(hits_a, n_a, hits_b, n_b):
    """P(B > A) as the finite sum of Evan Miller, for whole numbers and a flat prior."""
    a, b, c, d = 1 + hits_a, 1 + n_a - hits_a, 1 + hits_b, 1 + n_b - hits_b
    return sum(
        math.exp(betaln(a + i, b + d) - math.log(d + i) - betaln(1 + i, d) - betaln(a, b)) for i in range(c)
    )


def test_probability_matches_the_closed_form_of_miller():
    assert experiments.bayesian({"A": (20, 100), "B": (26, 100)}).probability == pytest.approx(
        0.841117, abs=5e-7
    )
    found = experiments.bayesian({"A": (200, 1000), "B": (250, 1000)})
    assert found.probability == pytest.approx(0.996283, abs=5e-7)


def test_30_and_42_of_1000_read_92_percent_and_a_loss_of_0_029_points():
    found = experiments.bayesian({"A": (30, 1000), "B": (42, 1000)})
    assert found.leader == "B"
    assert found.probability == pytest.approx(0.924, abs=5e-4)
    assert 100 * found.expected_loss == pytest.approx(0.029, abs=5e-4)
    assert "probability 92.4%" in found.sentence
    assert "0.029 points" in found.sentence
    found.plot()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(60, 400), st.integers(60, 400))
def test_probabilities_add_up_and_agree_with_the_sum(a, b, n_a, n_b):
    table = experiments.bayesian({"A": (a, n_a), "B": (b, n_b)}, trust_split=True).table
    assert table["probability_best"].sum() == pytest.approx(1)
    assert table["probability_best"].iloc[1] == pytest.approx(closed_form(a, n_a, b, n_b), abs=1e-7)
    # E[max(B - A, 0)] - E[max(A - B, 0)] is the difference of the means.
    rates, loss = table["rate"], table["expected_loss"]
    assert loss.iloc[0] - loss.iloc[1] == pytest.approx(rates.iloc[1] - rates.iloc[0], abs=1e-9)


def test_three_variants_and_the_interval_agree_with_draws():
    found = experiments.bayesian({"A": (30, 1000), "B": (42, 1000), "C": (20, 1000)})
    random = np.random.default_rng(1)
    a, b, c = (random.beta(1 + s, 1001 - s, 400_000) for s in (30, 42, 20))
    best = np.maximum(np.maximum(a, b), c)
    assert found.probability == pytest.approx((b == best).mean(), abs=0.003)
    assert found.expected_loss == pytest.approx((best - b).mean(), rel=0.03)
    assert (found.low, found.high) == pytest.approx(np.quantile(b - a, [0.025, 0.975]), abs=1e-4)


def test_huge_and_lopsided_tests_keep_their_numbers():
    found = experiments.bayesian({"A": (2_000_000, 100_000_000), "B": (2_002_800, 100_000_000)})
    z = 2800 / math.sqrt(2 * 2_001_400 * 0.98)
    from scipy.stats import norm

    assert found.probability == pytest.approx(norm.cdf(z), abs=1e-3)
    sure = experiments.bayesian({"A": (0, 100), "B": (100, 100)})
    assert sure.probability == pytest.approx(1)
    assert sure.expected_loss == pytest.approx(0, abs=1e-12)


def test_a_prior_pulls_towards_what_was_known():
    data = {"A": (3, 100), "B": (9, 100)}
    flat, known = experiments.bayesian(data), experiments.bayesian(data, prior=(30, 970))
    assert known.probability < flat.probability


def test_the_choice_depends_on_the_loss_accepted():
    data = {"A": (30, 1000), "B": (42, 1000)}
    assert experiments.bayesian(data).verdict == "no_limit"
    assert experiments.bayesian(data, accept_loss=0.001).verdict == "choose"
    wait = experiments.bayesian(data, accept_loss=0.0001)
    assert wait.verdict == "wait"
    assert wait.sentence.endswith("more than the 0.010 points accepted: wait.")


def test_the_leader_may_be_the_control():
    found = experiments.bayesian({"B": (42, 1000), "A": (30, 1000)})
    assert found.leader == "B"
    assert found.difference > 0
    assert (
        experiments.bayesian({"B": (42, 1000), "A": (30, 1000)}, control="A").table["variant"].iloc[0] == "A"
    )


def test_early_and_broken_tests_give_no_numbers():
    few = experiments.bayesian({"A": (1, 10), "B": (3, 12)})
    assert few.verdict == "too_few"
    assert few.probability is None
    assert few.table["probability_best"].isna().all()
    assert few.sentence.startswith("Too early: A has 10 visitors, and each variant needs 30.")
    few.plot()
    broken = experiments.bayesian({"A": (30, 5200), "B": (42, 4800)})
    assert broken.verdict == "split_broken"
    assert broken.leader is None
    assert experiments.bayesian({"A": (30, 5200), "B": (42, 4800)}, trust_split=True).leader == "B"


def test_refusals_of_a_bayesian_reading():
    with pytest.raises(InputError, match="Found 1 variants"):
        experiments.bayesian({"A": (1, 100)})
    with pytest.raises(InputError, match="'B' has 5 successes of 4 visitors"):
        experiments.bayesian({"A": (1, 4), "B": (5, 4)})
    with pytest.raises(InputError, match="both Beta parameters are above 0"):
        experiments.bayesian({"A": (1, 4), "B": (2, 4)}, prior=(0, 1))
    with pytest.raises(InputError, match=r"accept_loss is 5.*Did you mean 0\.05"):
        experiments.bayesian({"A": (1, 400), "B": (2, 400)}, accept_loss=5)
    with pytest.raises(UnknownNameError, match="no variant 'Z'"):
        experiments.bayesian({"A": (1, 400), "B": (2, 400)}, control="Z")


def test_stopping_at_the_first_probability_of_95_percent_misleads_too():
    # Posteriors of 2,000 tests of equal variants over 14 looks, as normal distributions: n is large.
    random = np.random.default_rng(3)
    n = 1000 * np.arange(1, 15)
    hits = random.binomial(1000, 0.1, (2, 2000, 14)).cumsum(axis=2)
    mean = (hits + 1) / (n + 2)
    spread = np.sqrt((mean * (1 - mean) / (n + 3)).sum(axis=0))
    sure = np.abs(mean[1] - mean[0]) / spread > 1.644854
    assert sure.any(axis=1).mean() > 0.2
    exact = experiments.bayesian({"A": (hits[0, 0, 4], 5000), "B": (hits[1, 0, 4], 5000)})
    from scipy.stats import norm

    assert exact.probability == pytest.approx(norm.cdf(abs(mean[1] - mean[0])[0, 4] / spread[0, 4]), abs=5e-3)
