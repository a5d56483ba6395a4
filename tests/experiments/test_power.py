import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import experiments
from sellerlab.errors import InputError, UnknownNameError


@pytest.mark.parametrize(
    ("base", "target", "n"),
    [(0.02, 0.024, 21106), (0.02, 0.022, 80679), (0.03, 0.036, 13911), (0.05, 0.06, 8155)],
)
def test_sample_size_matches_the_textbook_formula(base, target, n):
    found = experiments.sample_size(base, target)
    assert found.per_variant == n
    assert found.total == 2 * n


@pytest.mark.parametrize(
    ("base", "points", "n"), [(0.20, 0.05, 1030), (0.10, 0.01, 14313), (0.05, 0.01, 7663)]
)
def test_sample_size_matches_evan_miller(base, points, n):
    assert round(experiments.sample_size(base, base + points, spread="base").exact) == n


def test_power_of_rates_matches_r_power_prop_test():
    assert experiments.power_rate(50, 0.5, 0.75) == pytest.approx(0.7401659, abs=5e-8)
    assert experiments.sample_size(0.5, 0.75, power=0.9, spread="pooled").exact == pytest.approx(
        76.7, abs=0.05
    )


def test_power_of_means_matches_r_power_t_test():
    assert experiments.power_mean(20, 1, 1) == pytest.approx(0.8689528, abs=5e-8)
    found = experiments.sample_size_mean(1, 1, base=5, power=0.9)
    assert found.exact == pytest.approx(22.02110, abs=5e-6)
    assert found.per_variant == 23


def test_a_shop_reads_days_in_full_weeks():
    found = experiments.sample_size(0.02, lift=0.2, visitors_per_day=900)
    assert found.days == 49  # 46.9 days
    assert "49 days" in found.sentence
    assert found.table["lift"].is_monotonic_increasing
    assert len(found.table) == len(set(found.table["lift"].round(6)))
    found.plot()
    mean = experiments.sample_size_mean(50, 900, base=300, visitors_per_day=500, currency="JPY")
    assert mean.days % 7 == 0
    assert "JPY 300 become JPY 350" in mean.sentence
    mean.plot()


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.floats(0.005, 0.5), st.floats(0.05, 0.9), st.floats(0.6, 0.95))
def test_detectable_lift_undoes_the_sample_size(base, lift, power):
    if base * (1 + lift) >= 1:
        return
    total = 2 * experiments.sample_size(base, lift=lift, power=power).exact
    assert experiments.detectable(total, base, power=power) == pytest.approx(lift, rel=1e-6)


def test_half_the_change_needs_about_four_times_the_visitors():
    big, small = (experiments.sample_size(0.03, lift=lift).exact for lift in (0.1, 0.05))
    assert 3.8 < small / big < 4.0


def test_more_variants_and_two_sides_cost_visitors():
    two, four = (experiments.sample_size(0.03, lift=0.2, variants=k) for k in (2, 4))
    assert four.per_variant > two.per_variant
    one_sided = experiments.sample_size(0.03, lift=0.2, two_sided=False)
    assert one_sided.per_variant < two.per_variant


def test_a_lift_that_no_number_of_visitors_shows_is_infinite():
    assert experiments.detectable(10, 0.9) == math.inf


def test_refusals_of_a_plan_say_what_to_give():
    for call, message in [
        (lambda: experiments.sample_size(0.02), "target= or as lift="),
        (lambda: experiments.sample_size(0.02, 0.02), "no number of visitors sees no change"),
        (lambda: experiments.sample_size(2, lift=0.1), r"base is 2.*Did you mean 0.02"),
        (lambda: experiments.sample_size(0, 0.1), "base is 0"),
        (lambda: experiments.sample_size(0.02, lift=0.1, variants=1), "at least 2, the control among them"),
        (lambda: experiments.sample_size(0.02, lift=0.1, alpha=0), "alpha is 0"),
        (lambda: experiments.sample_size(0.02, lift=0.1, visitors_per_day=0), "visitors_per_day is 0"),
        (lambda: experiments.sample_size_mean(0, 1, base=1), "difference is 0"),
        (lambda: experiments.sample_size_mean(1, 0, base=1), "sd is 0"),
        (lambda: experiments.power_mean(1, 1, 1), "at least 2 visitors"),
        (lambda: experiments.power_mean(5, 1, 0), "sd is 0"),
        (lambda: experiments.power_rate(0, 0.1, 0.2), "n is 0"),
        (lambda: experiments.detectable(0, 0.1), "visitors is 0"),
    ]:
        with pytest.raises(InputError, match=message):
            call()
    with pytest.raises(UnknownNameError, match="Did you mean 'pooled'"):
        experiments.sample_size(0.02, lift=0.1, spread="poled")
