"""Parameters: what cannot be right is refused before anything runs, with what was meant."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import SellerlabError
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.report import MonthlyParameters


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"curency": "JPY"}, "There is no parameter 'curency'. Did you mean 'currency'?"),
        ({"month": "2026-13"}, "2026-13"),
        ({"month": "May"}, "May"),
        ({"month": 202605}, "month is 202605: expected text, such as '2026-05'."),
        ({"timezone": "Asia/Tokio"}, "there is no zone 'Asia/Tokio'. Did you mean 'Asia/Tokyo'?"),
        ({"timezone": "Moon"}, "Name it by its place, such as 'Asia/Tokyo'."),
        ({"currency": "YEN"}, "There is no currency 'YEN'."),
        ({"currency": "¥"}, "it can mean JPY or CNY"),
        ({"lang": "jp"}, "There is no language 'jp'. Known: 'en', 'he', 'ja', 'ko', 'zh'."),
        ({"format": "shopify_order"}, "Did you mean 'shopify_orders'?"),
        ({"dayfirst": "yes"}, "dayfirst is 'yes': expected True, False or None."),
        ({"orders": 7}, "orders is 7: expected the path of a file."),
    ],
)
def test_value_that_cannot_be_right_is_refused_by_name(values: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as error:
        MonthlyParameters.of(values)
    assert words in str(error.value)


def test_missing_file_is_answered_with_the_nearest_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "orders_may.csv").touch()
    with pytest.raises(InputError, match=r"Did you mean 'orders_may\.csv'\?"):
        MonthlyParameters(orders=str(tmp_path / "order_may.csv"))


def test_missing_folder_and_folder_in_place_of_a_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Its folder is not there either"):
        MonthlyParameters(products=str(tmp_path / "no" / "products.csv"))
    with pytest.raises(InputError, match=r"is a folder\. Name the file in it"):
        MonthlyParameters(costs=str(tmp_path))


def test_paths_may_be_paths_and_none_means_not_given(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.touch()
    parameters = MonthlyParameters.of({"orders": file, "month": None, "currency": "eur"})
    assert (parameters.orders, parameters.month, parameters.currency) == (str(file), "", "EUR")


def test_printed_parameters_name_files_without_their_folders(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.touch()
    printed = MonthlyParameters(orders=str(file), dayfirst=False).printed()
    assert printed == {"orders": "a.csv", "lang": "en", "dayfirst": "False"}


def test_ids_and_dates_go_to_the_template_as_the_text_they_are(tmp_path: Path) -> None:
    file = tmp_path / "00123=7.csv"
    file.touch()
    values = MonthlyParameters(orders=str(file), month="2026-05", shop_name="007").for_template()
    assert json.loads(json.dumps(values)) == values
    assert values["orders"] == str(file)
    assert (values["month"], values["shop_name"]) == ("2026-05", "007")


@given(
    st.dictionaries(
        st.sampled_from([*MonthlyParameters().for_template(), "paths"]),
        st.text(max_size=8) | st.integers() | st.none() | st.sampled_from(["2026-05", "ja", "JPY"]),
        max_size=4,
    )
)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_whatever_is_given_is_refused_in_words_or_can_be_used(values: dict[str, object]) -> None:
    with suppress(SellerlabError):
        parameters = MonthlyParameters.of(values)
        assert MonthlyParameters.of(parameters.for_template()) == parameters


def test_unknown_name_is_an_unknown_name_error() -> None:
    with pytest.raises(UnknownNameError):
        MonthlyParameters.of({"moth": "2026-05"})
