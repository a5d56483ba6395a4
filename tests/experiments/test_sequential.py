import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import experiments
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.experiments.sequential import crossing


@pytest.mark.parametrize(("looks", "z"), [(2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413), (10, 2.555)])
def test_pocock_constants_match_jennison_turnbull_table_2_1(looks, z):
    assert experiments.bounds(looks, kind="pocock").z == pytest.approx([z] * looks, abs=5e-4)


@pytest.mark.parametrize(("looks", "last"), [(2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040), (10, 2.087)])
def test_obrien_fleming_constants_match_jennison_turnbull_table_2_3(looks, last):
    found = experiments.bounds(looks)
    assert found.z[-1] == pytest.approx(last, abs=5e-4)
    assert found.z[0] == pytest.approx(found.z[-1] * np.sqrt(looks))


def test_pocock_p_values_are_those_of_the_textbooks():
    assert experiments.bounds(2, kind="pocock").p[0] == pytest.approx(0.0294, abs=5e-5)
    assert experiments.bounds(5, kind="pocock").p[0] == pytest.approx(0.0158, abs=5e-5)


def test_power_family_spending_matches_spotify_confidence():
    found = experiments.bounds(5, kind="power", rho=2)
    assert found.z == pytest.approx([3.0902, 2.7141, 2.4727, 2.2798, 2.1140], abs=1.5e-4)


def test_lan_demets_spending_matches_the_bounds_printed_by_ldbounds():
    found = experiments.bounds(5, kind="obrien_fleming_spending")
    assert found.z == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=1.5e-4)
    found = experiments.bounds(5, kind="pocock_spending")
    assert found.z == pytest.approx([2.4380, 2.4268, 2.4101, 2.3966, 2.3859], abs=1.5e-4)


def test_longest_run_is_longer_by_the_factors_of_jennison_turnbull():
    # Tables 2.2 and 2.4: alpha 0.05, power 0.8, five looks.
    assert experiments.bounds(5, kind="pocock").inflation == pytest.approx(1.229, abs=1e-3)
    assert experiments.bounds(5).inflation == pytest.approx(1.028, abs=1e-3)


def test_two_looks_agree_with_the_bivariate_normal():
    from scipy.stats import multivariate_normal

    z = np.array([2.3, 2.0])
    joint = multivariate_normal(cov=[[1, np.sqrt(0.5)], [np.sqrt(0.5), 1]])
    stays = joint.cdf(z, lower_limit=-z)
    assert crossing(z, np.array([0.5, 1.0])).sum() == pytest.approx(1 - stays, abs=1e-6)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    st.lists(st.floats(0.05, 0.95), min_size=1, max_size=6, unique_by=lambda t: round(t, 2)),
    st.sampled_from(["pocock", "obrien_fleming", "pocock_spending", "obrien_fleming_spending", "power"]),
    st.sampled_from([0.01, 0.05, 0.1]),
)
def test_all_looks_together_keep_alpha_wherever_they_are(times, kind, alpha):
    plan = experiments.bounds([*sorted(times), 1.0], kind=kind, alpha=alpha)
    assert plan.table["alpha_spent"].iloc[-1] == pytest.approx(alpha, abs=1e-6)
    assert plan.table["alpha_spent"].is_monotonic_increasing
    assert plan.inflation >= 1 - 1e-7


def test_one_look_is_the_plain_test():
    assert experiments.bounds(1).z == pytest.approx((1.959964,), abs=1e-6)
    assert experiments.bounds(1).inflation == pytest.approx(1)


def test_a_test_stops_where_it_reaches_its_bound():
    plan = experiments.bounds(5)
    assert not plan.stops(1, 3.0)
    assert plan.stops(5, -2.1)
    assert "14.2%" in plan.sentence
    plan.plot()
    with pytest.raises(InputError, match="look is 6: the plan has looks 1 to 5"):
        plan.stops(6, 2.0)


def test_peeking_for_fourteen_days_raises_22_percent_false_alarms_and_bounds_5():
    found = experiments.peeking(14, visitors_per_look=1000, rate=0.1, runs=8000, seed=2)
    assert 0.20 < found.peeked < 0.25
    assert found.low <= experiments.bounds(14).unplanned <= found.high
    assert found.bounded == pytest.approx(0.05, abs=0.008)
    assert found.at_end == pytest.approx(0.05, abs=0.008)
    found.plot()


def test_false_alarms_by_exact_integration_match_armitage_1969():
    # Table 2: chance of at least one |z| > 1.96 in 2, 5, 10 and 20 looks.
    for looks, chance in ((2, 0.083), (5, 0.142), (10, 0.193), (20, 0.248)):
        assert experiments.bounds(looks).unplanned == pytest.approx(chance, abs=1e-3)


def test_a_true_lift_is_found_by_the_bounds_too():
    found = experiments.peeking(5, visitors_per_look=5000, rate=0.03, lift=0.2, runs=1000)
    assert found.bounded > 0.8
    assert found.table["stopped_at_bound"].is_monotonic_increasing
    assert "with a true lift of 20.0%" in found.sentence
    found.plot()


def test_peeking_gives_the_same_bytes_for_the_same_seed():
    one, two = (experiments.peeking(5, runs=100, seed=1) for _ in range(2))
    assert one == two
    assert one.table.equals(two.table)
    assert not one.table.equals(experiments.peeking(5, runs=100, seed=2).table)


def test_refusals_of_looks_say_what_is_expected():
    for call, message in [
        (lambda: experiments.bounds(0), "looks is 0: expected 1 to 200"),
        (lambda: experiments.bounds([0.5, 0.4, 1]), "shares of the visitors that rise to 1"),
        (lambda: experiments.bounds([0.5, 0.9]), "shares of the visitors that rise to 1"),
        (lambda: experiments.bounds(3, alpha=0), "alpha is 0"),
        (lambda: experiments.bounds(3, kind="power", rho=0), "rho is 0"),
        (lambda: experiments.peeking(runs=0), "runs is 0"),
        (lambda: experiments.peeking(rate=0.6, lift=1), r"rate \* \(1 \+ lift\) is 1.2"),
    ]:
        with pytest.raises(InputError, match=message):
            call()
    with pytest.raises(UnknownNameError, match="Did you mean 'pocock'"):
        experiments.bounds(3, kind="pococ")
