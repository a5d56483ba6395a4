"""The numbers are those of statsmodels 0.15 (OLS with cov_type HC1 and HC3, GLM Poisson with HC0)."""

import numpy as np
import pytest

from sellerlab.errors import InputError
from sellerlab.pricing.regression import regress


def weeks():
    w = np.arange(52)
    price = 20 + ((w * 7) % 5) * 1.5 + 3 * np.sin(w / 8)
    promo, season = (w % 9 == 0) * 1.0, np.cos(2 * np.pi * w / 52)
    index = 8 - 1.8 * np.log(price) + 0.4 * promo + 0.5 * season + 0.2 * np.sin(w * w)
    return np.column_stack([np.ones(52), np.log(price), promo, season]), np.rint(np.exp(index))


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ("HC1", [0.51442261, 0.16404112, 0.05608598, 0.02612924]),
        ("HC3", [0.54800024, 0.17463328, 0.06610884, 0.02714173]),
    ],
)
def test_least_squares_and_its_robust_errors_match_statsmodels(errors, expected):
    design, units = weeks()
    fit = regress(design, units, "ols", errors)
    assert fit.coefficients == pytest.approx([8.40454073, -1.93496098, 0.44378827, 0.47912838], abs=1e-7)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(expected, abs=1e-7)


def test_poisson_with_empty_weeks_matches_statsmodels():
    design, units = weeks()
    units = np.maximum(units - 8, 0)
    assert (units == 0).sum() == 19
    fit = regress(design, units, "poisson", "HC1")
    assert fit.coefficients == pytest.approx([16.14939636, -4.89195448, 0.67921488, 1.31608392], abs=1e-6)
    # statsmodels gives HC0 here; HC1 is that times n / (n - k).
    hc0 = np.sqrt(np.diag(fit.covariance) * 48 / 52)
    assert hc0 == pytest.approx([1.62086052, 0.53335789, 0.19484743, 0.16812941], abs=1e-6)
    assert fit.expected.sum() == pytest.approx(units.sum())


def test_poisson_hc3_divides_each_residual_by_one_minus_its_leverage():
    design, units = weeks()
    fit = regress(design, units, "poisson", "HC3")
    root = design * np.sqrt(fit.expected)[:, None]
    hat = root @ np.linalg.inv(root.T @ root) @ root.T
    scores = design * ((units - fit.expected) / (1 - np.diag(hat)))[:, None]
    bread = np.linalg.inv(root.T @ root)
    assert fit.covariance == pytest.approx(bread @ scores.T @ scores @ bread, rel=1e-8)


@pytest.mark.parametrize("method", ["ols", "poisson"])
def test_the_unit_of_a_control_changes_nothing_else(method):
    design, units = weeks()
    fit = regress(design, units, method, "HC3")
    scale = np.array([1, 1, 1e9, 1e-6])
    other = regress(design * scale, units, method, "HC3")
    assert other.coefficients * scale == pytest.approx(fit.coefficients, rel=1e-7)
    assert np.diag(other.covariance) * scale**2 == pytest.approx(np.diag(fit.covariance), rel=1e-6)


def test_a_level_that_never_sold_has_no_finite_answer():
    design, units = weeks()
    never = (np.arange(52) < 6) * 1.0
    with pytest.raises(InputError, match="never sold anything"):
        regress(np.column_stack([design, never]), np.where(never == 1, 0, units), "poisson", "HC1")
