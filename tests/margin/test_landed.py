"""Landed cost of a shipment and the expected cost of returns: by hand, in sum, and refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.margin.landed import landed_cost
from sellerlab.margin.returned import expected_returns, return_cost
from tests.small_shop import ENGINES, as_engine, rows

STABLE = settings(deadline=None, derandomize=True, max_examples=60)

SHIPMENT = pd.DataFrame(
    {
        "sku": ["LAMP", "CASE"],
        "quantity": [100, 400],
        "unit_cost": [10.0, 2.0],
        "volume": [8.0, 0.5],
        "weight": [1.5, 0.25],
    }
)
PARTS = ("goods", "freight", "insurance", "duty", "vat", "other")


def test_landed_cost_worked_by_hand():
    result = landed_cost(
        SHIPMENT,
        freight=50_000,
        insurance=1800,
        other=10_000,
        duty_rate=0.05,
        vat_rate=0.1,
        defect_rate=0.02,
        exchange=150,
        currency="JPY",
    )
    lamp, case = rows(result.table)
    # 800 of 1,000 parts of the volume; 1,000 of 1,800 of the value.
    assert (lamp["goods"], lamp["freight"], lamp["insurance"], lamp["other"]) == (150_000, 40_000, 1000, 8000)
    assert lamp["duty"] == 191_000 * 0.05
    assert lamp["vat"] == 0
    assert lamp["landed_cost"] == pytest.approx((150_000 + 40_000 + 1000 + 9550 + 8000) / 98)
    assert case["freight"] == 10_000
    assert result.vat == round((191_000 + 9550) * 0.1) + round((120_000 + 10_000 + 800 + 6540) * 0.1)
    assert (result.goods, result.total) == (270_000, 270_000 + 50_000 + 1800 + 9550 + 6540 + 10_000)
    assert result.good_units == pytest.approx(490)
    assert result.sentence == (
        "Goods for JPY 270,000 cost JPY 347,890 on the shelf, 28.8% more. LAMP rises most, from JPY 1,500 to "
        "JPY 2,128 a unit. JPY 33,789 of VAT is paid at the border and comes back later."
    )


def test_duty_on_goods_alone_and_vat_that_stays():
    result = landed_cost(
        SHIPMENT, freight=500, duty_rate=0.1, duty_base="fob", vat_rate=0.2, vat_reclaimed=False
    )
    lamp = rows(result.table)[0]
    assert (lamp["freight"], lamp["duty"]) == (400, 100)
    assert lamp["vat"] == pytest.approx((1000 + 400 + 100) * 0.2)
    assert lamp["landed_cost"] == pytest.approx(18)
    assert "comes back later" not in result.sentence


@pytest.mark.parametrize(
    ("by", "freight"), [("volume", 800), ("weight", 600), ("value", 1000 / 1.8), ("units", 200)]
)
def test_freight_is_shared_by_what_is_asked(by, freight):
    result = landed_cost(SHIPMENT, freight=1000, by=by)
    assert rows(result.table)[0]["freight"] == pytest.approx(freight)
    assert result.shared_by_units["LAMP"] == pytest.approx(12)


def test_rates_of_a_product_come_before_the_common_ones():
    own = SHIPMENT.assign(duty_rate=[0.2, None], defect_rate=[None, 0.5])
    lamp, case = rows(landed_cost(own, duty_rate=0.1, defect_rate=0.0).table)
    assert (lamp["duty"], case["duty"]) == (200, pytest.approx(80))
    assert (lamp["good_units"], case["good_units"]) == (100, 200)


@STABLE
@given(
    units=st.lists(st.integers(1, 500), min_size=1, max_size=6),
    freight=st.integers(0, 100_000),
    other=st.integers(0, 9999),
    currency=st.sampled_from(["JPY", "USD"]),
    by=st.sampled_from(["volume", "weight", "value", "units"]),
)
def test_nothing_of_the_bills_is_lost(units, freight, other, currency, by):
    shipment = pd.DataFrame(
        {
            "sku": [str(n) for n in range(len(units))],
            "quantity": units,
            "unit_cost": [1.37 * (n + 1) for n in range(len(units))],
            "volume": [0.1 + n for n in range(len(units))],
            "weight": [2.5 / (n + 1) for n in range(len(units))],
        }
    )
    result = landed_cost(shipment, freight=freight, other=other, by=by, duty_rate=0.07, currency=currency)
    table = rows(result.table)
    cents = 1 if currency == "JPY" else 100
    for name, paid in (("freight", freight), ("other", other)):
        assert sum(round(row[name] * cents) for row in table) == paid * cents
        assert all(row[name] * cents == pytest.approx(round(row[name] * cents)) for row in table)
    assert sum(row["landed_cost"] * row["good_units"] for row in table) == pytest.approx(result.total)
    assert result.total == pytest.approx(sum(row[name] for row in table for name in PARTS))


def test_landed_picture_has_a_bar_a_product_that_ends_at_its_cost():
    result = landed_cost(SHIPMENT, freight=500, duty_rate=0.05, defect_rate=0.02)
    ax = result.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["LAMP", "CASE"]
    ends = [
        max(bar.get_x() + bar.get_width() for bar in ax.patches if round(bar.get_y() + 0.4) == n)
        for n in (0, 1)
    ]
    assert ends == pytest.approx([row["landed_cost"] for row in rows(result.table)])


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_agree_on_landed_cost(engine):
    base = landed_cost(SHIPMENT, freight=500, duty_rate=0.05)
    other = landed_cost(as_engine(SHIPMENT, engine), freight=500, duty_rate=0.05)
    assert (other.sentence, rows(other.table)) == (base.sentence, rows(base.table))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: landed_cost(SHIPMENT, by="volum"), UnknownNameError, "Did you mean 'volume'"),
        (lambda: landed_cost(SHIPMENT, duty_base="exw"), UnknownNameError, "customs value"),
        (lambda: landed_cost(SHIPMENT, duty_rate=5), InputError, r"Did you mean 0\.05"),
        (lambda: landed_cost(SHIPMENT, defect_rate=1), InputError, "defect_rate of 'LAMP' is 1"),
        (lambda: landed_cost(SHIPMENT, freight=-1), InputError, "freight is -1"),
        (lambda: landed_cost(SHIPMENT, exchange=0), InputError, "exchange is 0"),
        (lambda: landed_cost(SHIPMENT.drop(columns="volume")), TableError, "no column 'volume'"),
        (lambda: landed_cost(SHIPMENT.assign(quantity=[0, 4])), TableError, "quantity of 'LAMP' is 0"),
        (lambda: landed_cost(SHIPMENT.assign(unit_cost=0.0)), InputError, "costs nothing"),
        (lambda: landed_cost(SHIPMENT[:0]), TableError, "no rows"),
    ],
)
def test_landed_cost_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


TERMS = {"ship_out": 400, "ship_back": 500, "handling": 150, "resellable": 0.6}


def test_return_cost_worked_by_hand():
    assert return_cost(0.1, cost=800, **TERMS) == pytest.approx(0.1 * (400 + 500 + 150 + 320))
    assert return_cost(0.1, cost=800, fee_kept=40, **TERMS) == pytest.approx(141)
    assert return_cost(0, cost=800, **TERMS) == 0
    series = return_cost(pd.Series([0.1, 0.2]), cost=800, **TERMS)
    assert series.tolist() == pytest.approx([137, 274])
    assert return_cost(np.array([0.1]), cost=800, **TERMS).tolist() == pytest.approx([137])


def test_expected_returns_worked_by_hand():
    result = expected_returns(2000, rate=0.1, cost=800, fee=200, fee_refunded=0.8, currency="JPY", **TERMS)
    assert (result.kept, result.counted) == (600, 540)
    assert result.left == pytest.approx(0.9 * 600 - 141)
    assert result.sentence == (
        "An order that is kept leaves JPY 600; with 10.0% of returns an order leaves JPY 399 on average, not "
        "JPY 540: returns cost JPY 141 an order beside the lost sales. At 30% of returns nothing is left."
    )


@STABLE
@given(
    revenue=st.floats(100, 5000),
    rate=st.floats(0, 1),
    cost=st.floats(0, 3000),
    fee=st.floats(0, 500),
    back=st.floats(0, 1),
    resellable=st.floats(0, 1),
)
def test_the_steps_add_up_and_the_highest_rate_leaves_nothing(revenue, rate, cost, fee, back, resellable):
    terms = {"cost": cost, "fee": fee, "fee_refunded": back, "resellable": resellable, "ship_out": 300}
    result = expected_returns(revenue, rate=rate, **terms)
    amounts = result.table["amount"].tolist()
    assert sum(amounts[:-1]) == pytest.approx(amounts[-1], abs=1e-6)
    assert result.left == pytest.approx(amounts[-1])
    if result.highest_rate is not None and result.kept > 0:
        assert expected_returns(revenue, rate=result.highest_rate, **terms).left == pytest.approx(0, abs=1e-6)


def test_returns_simulated_order_by_order():
    draw = np.random.default_rng(4)
    back = draw.random(400_000) < 0.1
    spoiled = draw.random(400_000) >= 0.6
    kept = 2000 - 200 - 800 - 400
    lost = -(400 + 500 + 150 + 40) - 800 * spoiled
    result = expected_returns(2000, rate=0.1, cost=800, fee=200, fee_refunded=0.8, **TERMS)
    assert np.where(back, lost, kept).mean() == pytest.approx(result.left, rel=0.01)


def test_returns_that_cost_nothing_have_no_highest_rate():
    assert expected_returns(1000, rate=0.5, cost=400).highest_rate is None
    losing = expected_returns(1000, rate=0.5, cost=1400, ship_back=10)
    assert losing.highest_rate == 0
    assert "nothing is left" not in losing.sentence


def test_returns_picture_ends_at_what_is_left():
    ax = expected_returns(2000, rate=0.1, cost=800, fee=200, currency="JPY", **TERMS).plot()
    assert ax.patches[-1].get_width() == pytest.approx(403)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: return_cost(10, cost=1), r"Did you mean 0\.1\?"),
        (lambda: return_cost(0.1, resellable=-0.1), "resellable is -0.1"),
        (lambda: return_cost(0.1, ship_out=-4), "ship_out is -4"),
        (lambda: expected_returns(0, rate=0.1, cost=1), "revenue is 0"),
        (lambda: expected_returns(9, rate=0.1, cost=1, fee=-2), "fee"),
    ],
)
def test_returns_refuse(call, message):
    with pytest.raises(InputError, match=message):
        call()
