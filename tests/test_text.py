import datetime as dt
import re
from importlib import resources

import pytest

from sellerlab import text
from sellerlab.errors import UnknownNameError


def test_money_names_its_currency_so_that_yen_and_yuan_differ():
    assert text.money(1200, "JPY") == "JPY 1,200"
    assert text.money(1200, "CNY") == "CNY 1,200.00"


def test_currencies_keep_their_own_decimals():
    assert text.money(1.5, "KWD") == "KWD 1.500"
    assert text.money(1234.56, "KRW") == "KRW 1,235"


def test_what_rounds_to_zero_has_no_minus():
    assert text.money(-0.001, "EUR") == "EUR 0.00"
    assert text.percent(-0.0001) == "0.0%"
    assert text.number(-0.4) == "0"


@pytest.mark.parametrize("write", [text.number, text.percent, lambda x: text.money(x, "JPY")])
def test_a_missing_number_is_a_dash(write):
    assert write(float("nan")) == write(None) == "–"


def test_language_ends_with_its_block():
    with text.language("ja"):
        assert text.current() == "ja"
        assert text.day(dt.date(2026, 5, 3)) == "2026年5月3日"
    assert text.current() == "en"


def test_an_unknown_language_is_answered_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="'ja'"), text.language("jp"):
        pass


def test_a_template_without_translation_stays_english():
    with text.language("ko"):
        assert text.say("{n} things nobody translated", n=2) == "2 things nobody translated"


@pytest.mark.parametrize("code", [code for code in text.LANGUAGES if code != "en"])
def test_translations_keep_every_name_of_their_template(code):
    assert (resources.files("sellerlab") / "locale" / f"{code}.po").is_file()
    for template, translation in text.catalogue(code).items():
        names = sorted(re.findall(r"{(\w+)}", template))
        assert sorted(re.findall(r"{(\w+)}", translation)) == names, template


def test_a_value_keeps_its_own_direction_in_a_sentence_from_right_to_left():
    with text.language("he"):
        assert (
            text.say("{n}: {name}", n="-USD 3.00", name="3-in-1")
            == "\u2068-USD 3.00\u2069: \u20683-in-1\u2069"
        )
    with text.language("ja"):
        assert text.say("{n}", n="-USD 3.00") == "-USD 3.00"
