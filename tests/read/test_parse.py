"""Numbers and ids as sellers' files write them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sellerlab as sl
from sellerlab.read import parse


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12,000원", 12000),
        ("￥1,200", 1200),
        ("(1,200)", -1200),
        ("１２００", 1200),
        ("1,200-", -1200),
        ("−5", -5),
        ("△300", -300),
        ("$-5.00", -5),
        ("-$5.00", -5),
        ("AU $3,000.00", 3000),
        ("1,00,000", 100000),
        ("EUR 90.00", 90),
        (" 7 ", 7),
        (12.5, 12.5),
    ],
)
def test_numbers_with_a_decimal_point(cell, value):
    assert parse.number(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.200,50", 1200.5), ("1 234,50 €", 1234.5), ("EUR 90,00", 90), ("1.116,99 €", 1116.99)],
)
def test_numbers_with_a_decimal_comma(cell, value):
    assert parse.number(cell, ",") == value


@pytest.mark.parametrize("cell", ["", "-", "--", "—", None])
def test_dashes_are_empty_not_zero(cell):
    assert math.isnan(parse.number(cell))


@pytest.mark.parametrize("cell", ["abc", "1O", "1,20", "12 pcs", "1.2.3", "2026-05-01", "1-2", "--5", True])
def test_what_is_no_number_is_refused(cell):
    assert parse.number(cell) is None


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([".", ","]))
def test_a_number_written_with_separators_reads_back(value, decimal):
    written = f"{value:,.2f}"
    if decimal == ",":
        written = written.translate(str.maketrans(",.", ".,"))
    assert parse.number(written, decimal) == float(value)


def test_other_amounts_tell_what_a_sign_means():
    assert parse.decimal_sign(["1,39", "1.250"], False) == ","
    assert parse.decimal_sign(["1.39", "1,250"], False) == "."
    assert parse.decimal_sign(["1.250.000"], False) == ","
    assert parse.decimal_sign(["0.125"], False) == "."
    assert parse.decimal_sign(["25.000"], True) == ","
    assert parse.decimal_sign([12.345], False) == "."


def test_a_number_of_two_meanings_asks():
    with pytest.raises(sl.ReadError, match=r"'1\.250' can mean a thousand or a fraction.*mapping="):
        parse.decimal_sign(["1.250"], False)


def test_both_decimal_signs_in_one_file_ask():
    with pytest.raises(sl.ReadError, match=r"written in two ways, such as '1.39' and '1,39'"):
        parse.decimal_sign(["1,39", "1.39"], False)


@pytest.mark.parametrize("cell", ["000123", "1E5", "NA", "null", "nan", "007-X"])
def test_ids_stay_as_they_are(cell):
    assert parse.identifier(cell) == cell


@pytest.mark.parametrize(
    ("cell", "value"),
    [("5838\t", "5838"), ('="3000"', "3000"), ("'0123", "0123"), (5000.0, "5000"), (" ", None)],
)
def test_wrapping_around_ids_goes(cell, value):
    assert parse.identifier(cell) == value
