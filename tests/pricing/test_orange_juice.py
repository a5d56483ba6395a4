"""The orange juice of Taddy's textbook: elasticities of three brands against the printed coefficients."""

import os
from pathlib import Path

import pandas as pd
import pytest

from sellerlab.pricing import own_price_elasticity

#: Folder of oj.csv (sales, price, brand, feat; 28,947 weeks of three brands in 83 stores), which may not be
#: passed on. Made from bayesm's orangeJuice: brands 1, 5 and 10, price x 64 in whole cents, feat above 0.
REAL = Path(os.environ.get("SELLERLAB_REAL", "."))
BRANDS = ("dominicks", "minute.maid", "tropicana")


@pytest.fixture(scope="module")
def juice():
    path = REAL / "oj.csv"
    if not path.exists():
        pytest.skip("the orange juice table is not here; set SELLERLAB_REAL to its folder")
    frame = pd.read_csv(path)
    assert len(frame) == 28_947
    return frame


def found(frame, **options):
    return own_price_elasticity(frame, units="sales", method="ols", **options)


def test_one_slope_beside_the_brands_matches_taddy(juice):
    result = found(juice, controls=["brand"])
    term = dict(zip(result.table["term"], result.table["estimate"], strict=True))
    assert result.elasticity == pytest.approx(-3.13869, abs=5e-6)
    assert term["brand=minute.maid"] == pytest.approx(0.87017, abs=5e-6)
    assert term["brand=tropicana"] == pytest.approx(1.52994, abs=5e-6)
    assert term["constant"] == pytest.approx(10.82882, abs=5e-6)


def test_brands_apart_match_the_slopes_of_the_interaction(juice):
    # A model with an own constant and an own slope for each brand is each brand fitted by itself.
    slopes = [found(juice[juice["brand"] == brand]).elasticity for brand in BRANDS]
    assert slopes[0] == pytest.approx(-3.37753, abs=5e-6)
    assert slopes == pytest.approx([-3.378, -3.321, -2.712], abs=5e-4)
    assert slopes[1] - slopes[0] == pytest.approx(0.05679, abs=1e-5)
    assert slopes[2] - slopes[0] == pytest.approx(0.66576, abs=1e-5)


def test_featured_weeks_react_more_to_the_price(juice):
    slopes = {
        (brand, featured): found(juice[(juice["brand"] == brand) & (juice["feat"] == featured)]).elasticity
        for brand in BRANDS
        for featured in (0, 1)
    }
    assert [slopes[brand, 0] for brand in BRANDS] == pytest.approx([-2.77, -1.99, -2.04], abs=5e-3)
    assert [slopes[brand, 1] for brand in BRANDS] == pytest.approx([-3.24, -3.57, -3.50], abs=5e-3)
    assert slopes["dominicks", 0] == pytest.approx(-2.77415, abs=5e-6)
    assert slopes["dominicks", 1] == pytest.approx(-2.77415 - 0.47055, abs=1e-5)
