import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest

from sellerlab.errors import InputError
from sellerlab.pricing import baskets


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


TERMS = {"contribution_rate": 0.4, "shipping_charge": 1.0}
PARTS = {"stand": (2000, 600), "cable": (1000, 400)}


def test_free_shipping_adds_up_by_hand():
    # from 50: 60 and 90 lose the charge (2); 40 and 45 are within 30% and would earn 4 - 1 and 2 - 1.
    found = baskets.free_shipping([10, 40, 45, 60, 90], [50], top_up=0.75, **TERMS)
    row = found.table.iloc[0]
    assert (row["orders_above"], row["orders_near"], row["shipping_given"]) == (2, 2, 2.0)
    assert row["needed_top_up"] == pytest.approx(0.5)
    assert found.gain == pytest.approx(0.75 * 4 - 2)
    assert found.threshold == 50


@pytest.mark.parametrize("kind", [np.array, pd.Series, pl.Series, list])
def test_any_kind_of_order_values_gives_the_same_answer(kind):
    found = baskets.free_shipping(kind([10.0, 40, 45, 60, 90]), [50, 80], top_up=0.75, **TERMS)
    assert found.table["gain"].tolist() == pytest.approx([1.0, 0.75 * (0.4 * 20 - 1) - 1])


def test_at_the_needed_share_nothing_is_won_or_lost():
    values = np.random.default_rng(1).lognormal(3.8, 0.4, 500)
    found = baskets.free_shipping(values, [40, 50, 60, 80], top_up=0.3, **TERMS)
    for row in found.table.itertuples():
        if 0 < row.needed_top_up <= 1:
            again = baskets.free_shipping(values, [row.threshold], top_up=row.needed_top_up, **TERMS)
            assert again.gain == pytest.approx(0, abs=1e-9)


def test_an_order_of_exactly_the_threshold_has_free_shipping_already():
    row = baskets.free_shipping([50, 45], [50], top_up=0.75, **TERMS).table.iloc[0]
    assert (row["orders_above"], row["orders_near"]) == (1, 1)


def test_free_shipping_that_never_pays_is_said_so():
    found = baskets.free_shipping([60, 70], [50], top_up=0.5, **TERMS)
    assert found.threshold is None
    assert "no threshold pays" in found.sentence


@pytest.mark.parametrize(
    ("values", "change", "words"),
    [([], {}, "at least one order"), ([50], {"top_up": 30}, r"Did you mean 0\.3"), ([-5], {}, "0 or more")],
)
def test_impossible_orders_are_refused(values, change, words):
    with pytest.raises(InputError, match=words):
        baskets.free_shipping(values, [50], **{"top_up": 0.5, **TERMS, **change})


def test_bundle_adds_up_by_hand():
    found = baskets.bundle(PARTS, 2600, fees=0.1, fixed_cost=300, currency="JPY")
    assert (found.main, found.apart, found.together, found.saving) == pytest.approx((900, 1400, 1040, 400))
    assert found.needed == pytest.approx(360 / 500)
    # with that share of new buyers of the cable the shop earns what it earned before
    assert found.together == pytest.approx(found.needed * found.main + (1 - found.needed) * found.apart)


def test_a_bundle_that_leaves_less_than_its_main_part_cannot_pay():
    found = baskets.bundle(PARTS, 2300, fees=0.1, fixed_cost=300)
    assert found.needed > 1
    assert "cannot pay" in found.sentence


def test_a_bundle_dearer_than_its_parts_is_refused():
    with pytest.raises(InputError, match="less than its parts"):
        baskets.bundle(PARTS, 3000)
    with pytest.raises(InputError, match="at least two"):
        baskets.bundle({"stand": (2000, 600)}, 1500)


def test_baskets_draw():
    assert len(baskets.bundle(PARTS, 2600).plot().patches) == 3
    assert len(baskets.free_shipping([40, 45, 60], [50, 70], top_up=0.5, **TERMS).plot().patches) == 2


@pytest.mark.parametrize("thresholds", [[], [0, 50], [float("nan")]])
def test_free_shipping_without_a_threshold_is_refused(thresholds):
    with pytest.raises(InputError, match="thresholds are"):
        baskets.free_shipping([40, 60], thresholds, top_up=0.5, **TERMS)
