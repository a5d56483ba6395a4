"""One sale goes down the same waterfall as a month, and agrees with the formulas of pricing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import datasets
from sellerlab.costs import Costs
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.margin.one_sale import one_sale, usual_terms
from sellerlab.margin.profit import profit_and_loss
from sellerlab.pricing import contribution, floor_price


def test_every_step_of_a_sale_reckoned_by_hand():
    sale = one_sale(2200, 500, fee=0.1, parcel=400, ads=100, vat_rate=0.1, currency="JPY")
    steps = dict(zip(sale.table["step"], sale.table["amount"], strict=True))
    assert steps == {
        "Gross sales": 2200,
        "Tax contained": -200,
        "Net sales": 2000,
        "Cost of the goods": -500,
        "Contribution 1": 1500,
        "Fees": -220,
        "Parcels and returns": -400,
        "Contribution 2": 880,
        "Marketing": -100,
        "Contribution 3": 780,
    }


def test_a_return_costs_the_money_back_the_fee_and_the_goods_that_cannot_be_sold_again():
    kept = one_sale(2200, 500, fee=0.1, parcel=400, vat_rate=0.1, currency="JPY").pnl.contribution_2
    back = one_sale(
        2200, 500, fee=0.1, parcel=400, vat_rate=0.1, returns=0.05, resellable=0.6, currency="JPY"
    ).pnl.contribution_2
    assert kept - back == pytest.approx(0.05 * (2000 - 0.6 * 500))


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    price=st.integers(100, 50_000),
    cost=st.integers(0, 30_000),
    fee=st.floats(0, 0.5),
    parcel=st.integers(0, 3_000),
    vat=st.sampled_from([0, 0.08, 0.1, 0.2]),
)
def test_contribution_2_is_that_of_pricing(price, cost, fee, parcel, vat):
    sale = one_sale(price, cost, fee=fee, parcel=parcel, vat_rate=vat, currency="JPY")
    expected = contribution(price, cost, fees=fee, fixed_cost=parcel, vat_rate=vat)
    assert sale.pnl.contribution_2 == pytest.approx(expected, abs=1.5)  # each step is a whole yen


def test_at_the_floor_price_nothing_is_left():
    floor = floor_price(500, fees=0.08, fixed_cost=430, vat_rate=0.1)
    sale = one_sale(floor, 500, fee=0.08, parcel=430, vat_rate=0.1, currency="JPY")
    assert sale.pnl.contribution_2 == pytest.approx(0, abs=1.5)


def test_without_ads_the_waterfall_stops_before_marketing():
    sale = one_sale(2000, 500, fee=0.1, parcel=400)
    assert sale.pnl.level == 2
    assert "Marketing is not known" in sale.sentence


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"price": 0}, "price is 0: expected a price above 0"),
        ({"price": float("nan")}, "price is nan"),
        ({"cost": -1}, "cost is -1"),
        ({"fee": 12}, "did you mean 0.12"),
        ({"returns": 5}, "did you mean 0.05"),
        ({"parcel": -3}, "fulfilment_per_order is -3"),
    ],
)
def test_what_cannot_be_is_refused(given, message):
    with pytest.raises(InputError, match=f"(?i){message}"):
        one_sale(**{"price": 2000, "cost": 500, **given})


def test_an_unknown_term_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="parcel"):
        one_sale(2000, 500, parcels=400)


def test_usual_terms_put_the_months_fees_and_parcels_together_again():
    shop = datasets.simulate("phone_stand")
    pnl = profit_and_loss(shop.orders, shop.products, costs=shop.costs, start="2026-08-01", end="2026-08-31")
    terms = usual_terms(shop)
    charged = pnl.gross_sales - pnl.discounts + pnl.shipping
    assert terms["fee"] * charged == pytest.approx(pnl.fees, rel=0.01)
    assert terms["parcel"] * pnl.orders == pytest.approx(pnl.fulfilment, rel=0.01)
    assert terms["ads"] * pnl.orders == pytest.approx(pnl.marketing, rel=0.01)
    assert (terms["vat_rate"], terms["currency"]) == (shop.truth["costs"]["vat_rate"], "JPY")


def test_usual_terms_ask_for_costs_that_are_not_known():
    from dataclasses import replace

    shop = datasets.simulate("phone_stand", seed="small", orders=300)
    with pytest.raises(InputError, match="fee_rates and fulfilment_per_order"):
        usual_terms(replace(shop, costs={}))
    costs = Costs.from_mapping({name: each for name, each in shop.costs.items() if name != "marketing"})
    assert usual_terms(replace(shop, costs=costs))["ads"] is None
