"""The break-even of an advertised order: from contribution, on the basis that the tool counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import ads
from sellerlab.errors import InputError

TERMS = {"fees": 0.1, "fixed_cost": 2_800, "vat_rate": 0.1}


def test_break_even_by_hand():
    # 22,000 less 2,000 VAT, 10,000 goods, 2,200 fee and 2,800 parcel leaves 5,000.
    found = ads.break_even(22_000, 10_000, currency="KRW", **TERMS)
    assert (found.contribution, found.rate, found.counted) == (5_000, 0.25, 22_000)
    assert (found.roas, found.acos) == (4.4, pytest.approx(5 / 22))
    assert found.gross_roas == pytest.approx(2.2)
    assert found.table["amount"].tolist() == [2_000, 10_000, 2_200, 2_800, 5_000]
    assert found.table["share"].sum() == pytest.approx(1)
    assert "Break-even: ROAS 4.40, ACoS 22.7%. Gross margin would say 2.20." in found.sentence


def test_a_tool_without_vat_asks_for_less():
    found = ads.break_even(22_000, 10_000, counts_vat=False, **TERMS)
    assert (found.roas, found.gross_roas) == (4.0, 2.0)
    assert "without VAT" in found.definition


def test_an_order_that_leaves_nothing_has_no_break_even_and_says_so():
    found = ads.break_even(22_000, 16_000, currency="KRW", **TERMS)
    assert (found.roas, found.acos) == (None, None)
    assert (
        found.sentence == "An order of KRW 22,000 loses KRW 1,000 before any ad is paid: no ROAS is enough."
    )
    assert ads.break_even(22_000, 20_000, **TERMS).gross_roas is None
    assert ads.break_even(22_000, 15_000, **TERMS).roas is None
    for each in (found, ads.break_even(22_000, 25_000, **TERMS)):
        assert each.plot().get_title(loc="left") == "What an order leaves after the ad that brought it"


def test_a_fixed_fee_is_a_fee():
    found = ads.break_even(22_000, 10_000, fee_fixed=500, **TERMS)
    assert found.table.set_index("part").loc["fee", "amount"] == 2_700
    assert found.contribution == 4_500


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.floats(10, 1e6),
    st.floats(0.01, 0.6),
    st.floats(0, 0.2),
    st.floats(0, 0.1),
    st.floats(0, 0.3),
    st.booleans(),
)
def test_at_the_break_even_the_ad_takes_all_that_is_left(price, goods, fees, parcel, vat, counts):
    terms = {"fees": fees, "fixed_cost": parcel * price, "vat_rate": vat}
    found = ads.break_even(price, goods * price / (1 + vat), counts_vat=counts, **terms)
    if found.roas is not None:
        assert found.counted / found.roas == pytest.approx(found.contribution)
        basis = vat if counts else 0.0
        assert found.roas == pytest.approx(ads.break_even_roas(found.rate, vat_rate=basis), rel=1e-5)
        assert found.gross_roas <= found.roas * (1 + 1e-6)


@pytest.mark.parametrize(
    ("price", "cost", "words"),
    [(0, 5, "price is 0: expected a price above 0"), (10, -1, "cost is -1: expected a cost of 0 or more")],
)
def test_impossible_orders_are_refused(price, cost, words):
    with pytest.raises(InputError, match=words):
        ads.break_even(price, cost)
