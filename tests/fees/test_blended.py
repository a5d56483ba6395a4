"""The blended fee is what all channels keep over what all sell: a weighted mean, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import fees
from sellerlab.errors import InputError, UnknownNameError

STABLE = settings(deadline=None, derandomize=True, max_examples=100)
SALES = {"shop": 600.0, "live": 300.0, "affiliate": 100.0}
RATES = {"shop": 0.10, "live": 0.05, "affiliate": 0.15}

channels = st.dictionaries(
    st.text("abcdefg", min_size=1, max_size=3),
    st.tuples(st.integers(1, 10**7), st.integers(0, 1000)),
    min_size=1,
    max_size=6,
)


def test_it_is_the_fee_over_the_sales_and_not_the_mean_of_the_rates():
    # By hand: 60 + 15 + 15 of 1000.
    blended = fees.blended_fee(SALES, RATES, currency="USD")
    assert (blended.fee, blended.sales) == (90, 1000)
    assert blended.rate == pytest.approx(0.09)
    assert blended.mean_of_rates == pytest.approx(0.10)
    assert (blended.low, blended.high) == (0.05, 0.15)
    assert blended.sentence == (
        "Of USD 1,000.00 sold, the channels keep USD 90.00: a blended fee of 9.0%. "
        "The plain mean of their rates is 10.0%."
    )
    assert blended.table["channel"].tolist() == ["shop", "live", "affiliate"]
    assert blended.table["share"].tolist() == [0.6, 0.3, 0.1]
    assert blended.table["fee"].tolist() == [60, 15, 15]


@STABLE
@given(channels)
def test_it_lies_between_the_lowest_and_the_highest_rate_whatever_the_scale(given):
    sales = {name: float(amount) for name, (amount, _) in given.items()}
    rates = {name: rate / 1000 for name, (_, rate) in given.items()}
    blended = fees.blended_fee(sales, rates)
    assert blended.low - 1e-12 <= blended.rate <= blended.high + 1e-12
    assert blended.fee == pytest.approx(blended.table["fee"].sum())
    thrice = fees.blended_fee({name: 3 * amount for name, amount in sales.items()}, rates)
    assert thrice.rate == pytest.approx(blended.rate)
    alike = fees.blended_fee(dict.fromkeys(sales, 5.0), rates)
    assert alike.rate == pytest.approx(alike.mean_of_rates)


@STABLE
@given(channels, st.integers(1, 10**6))
def test_more_sales_move_it_towards_the_rate_of_the_channel_that_sold_them(given, more):
    sales = {name: float(amount) for name, (amount, _) in given.items()}
    rates = {name: rate / 1000 for name, (_, rate) in given.items()}
    before = fees.blended_fee(sales, rates).rate
    for name in sales:
        after = fees.blended_fee({**sales, name: sales[name] + more}, rates).rate
        assert min(before, rates[name]) - 1e-12 <= after <= max(before, rates[name]) + 1e-12


def test_a_channel_without_sales_does_not_count():
    blended = fees.blended_fee({**SALES, "new": 0}, {**RATES, "new": 0.5})
    assert blended == fees.blended_fee(SALES, RATES)
    assert "new" not in set(blended.table["channel"])


def test_one_channel_has_no_mean_to_be_told():
    assert (
        fees.blended_fee({"shop": 200.0}, RATES).sentence
        == "Of 200.00 sold, shop keeps 20.00: a fee of 10.0%."
    )


def test_the_picture_shows_each_channel_as_wide_as_its_share_and_as_high_as_its_fee():
    ax = fees.blended_fee(SALES, RATES).plot()
    boxes = [(round(bar.get_x(), 9), round(bar.get_width(), 9), bar.get_height()) for bar in ax.patches]
    assert boxes == [(0, 0.6, 0.10), (0.6, 0.3, 0.05), (0.9, 0.1, 0.15)]
    assert [line.get_ydata()[0] for line in ax.lines] == pytest.approx([0.09, 0.10])


@pytest.mark.parametrize(
    ("sales", "rates", "error", "message"),
    [
        ({}, RATES, InputError, "No channel has sales"),
        ({"shop": 0}, RATES, InputError, "No channel has sales"),
        ({"shop": -1}, RATES, InputError, "sales of shop are -1: expected 0 or more"),
        ({"shop": float("nan")}, RATES, InputError, "sales of shop are nan"),
        ({"shop": 5}, {"shop": 10}, InputError, "Did you mean 0.1"),
        ({"shp": 5}, RATES, UnknownNameError, "shop"),
    ],
)
def test_what_cannot_be_blended_is_refused(sales, rates, error, message):
    with pytest.raises(error, match=message):
        fees.blended_fee(sales, rates)


def test_a_channel_keeps_its_colour_when_another_sells_more():
    def colours(sales):
        bars = fees.blended_fee(sales, RATES).plot().containers
        return {bar.get_label().split(":")[0]: bar.patches[0].get_facecolor() for bar in bars}

    before = colours(SALES)
    assert len(set(before.values())) == 3
    assert colours({**SALES, "shop": 50.0}) == before
    gone = colours({**SALES, "shop": 0.0})
    assert gone == {name: before[name] for name in ("live", "affiliate")}
