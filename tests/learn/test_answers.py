"""Whatever a learner may give is read as a value or answered with what to do."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import text
from sellerlab.learn.answers import UnreadableError, as_name, as_number, is_missing
from sellerlab.results import Result


@pytest.mark.parametrize("nothing", [None, ..., "", "  \n"])
def test_nothing_is_not_an_answer(nothing):
    assert is_missing(nothing)


@pytest.mark.parametrize("something", [0, 0.0, "0", False, float("nan"), np.array([]), pd.Series([1, 2])])
def test_anything_else_is_an_answer(something):
    assert not is_missing(something)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234", 1234),
        (" 1 234.50 ", 1234.5),
        ("-JPY 1,234", -1234),
        ("¥1,200", 1200),
        ("12,000원", 12000),
        ("１２００", 1200),
        ("−5", -5),
        (".5", 0.5),
        ("+3", 3),
        ("0,236", 0.236),  # no group of thousands begins with 0
        ("-0,5", -0.5),
        ("1,200 jpy", 1200),
        ("200 kr", 200),
        ("₪ -15", -15),
        ("1,234,567.5", 1234567.5),
    ],
)
def test_a_written_number_is_read(written, number):
    assert as_number(written, share=False) == number


@pytest.mark.parametrize(
    "same",
    [7, 7.0, np.float64(7), np.int64(7), np.array(7), Decimal(7), [7], pd.Series([7]), pl.Series([7])],
)
def test_one_value_is_one_number_however_it_is_wrapped(same):
    assert as_number(same, share=False) == 7


@settings(deadline=None, derandomize=True)
@given(st.integers(-(10**9), 10**9), st.sampled_from(["JPY", "KRW"]))
def test_what_sellerlab_prints_can_be_given_back(amount, currency):
    assert as_number(text.money(amount, currency), share=False) == amount


@settings(deadline=None, derandomize=True)
@given(st.integers(-5000, 5000))
def test_a_printed_percentage_is_read_as_its_fraction(thousandths):
    rate = thousandths / 1000
    assert as_number(text.percent(rate), share=True) == pytest.approx(rate, abs=1e-12)


@dataclass(frozen=True, kw_only=True, repr=False)
class _Left(Result):
    margin: float
    units: int


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("about a tenth", "cannot be read as a number"),
        ("12,5", "a point before the decimals"),
        ("1234,567", "a point before the decimals"),
        ("012,345", "a point before the decimals"),
        ("77 videos", "number with 'videos' beside it. Write the number alone"),
        ("15514 visitors", "number with 'visitors' beside it. Write the number alone"),
        ("12 thousand", "with 'thousand' beside it"),
        ("about 12", "with 'about' beside it"),
        ("3万", "with '万' beside it"),
        ("7 pcs", "with 'pcs' beside it"),
        ("1 JPY 2", "cannot be read as a number"),
        ("12%", "is a share; an amount is asked for"),
        ("JPY", "cannot be read as a number"),
        (float("nan"), "divided by zero"),
        (float("inf"), "divided by zero"),
        (pd.NA, "a value is missing"),
        (True, "True or False"),
        (np.bool_(False), "True or False"),
        (pd.Series([1, 2]), "holds 2 values"),
        ([], "holds 0 values"),
        (pd.DataFrame({"a": [1]}), "whole table"),
        (pl.DataFrame({"a": [1]}), "whole table"),
        ({"a": 1}, "whole table"),
        (sum, r"write \(\) after it"),
        (pd.Timestamp("2026-05-01"), "of type Timestamp"),
        (
            _Left(table=None, sentence="", definition="", margin=0.1, units=2),
            r"Take one of: \.margin, \.units\.",
        ),
    ],
)
def test_another_form_is_answered_with_what_to_do(given, message):
    with pytest.raises(UnreadableError, match=message):
        as_number(given, share=False)


CHOICES = {"ST-1": "Folding stand", "ST-2": "Desk stand"}


@pytest.mark.parametrize("written", ["ST-1", "st-1", " ＳＴ-1 ", "folding  STAND", ["ST-1"]])
def test_a_name_is_its_key_however_it_is_written(written):
    assert as_name(written, CHOICES) == "ST-1"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("ST-11", "Did you mean ST-1?"),
        ("zzz", "Answer with one of: ST-1, ST-2"),
        (3, "of type int; write a name between quotes"),
        (["ST-1", "ST-2"], "holds 2 values"),
    ],
)
def test_no_name_is_answered_with_the_names(given, message):
    with pytest.raises(UnreadableError, match=message):
        as_name(given, CHOICES)


def test_without_known_names_any_text_will_do():
    assert as_name("Anything", {}) == "Anything"
