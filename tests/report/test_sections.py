"""Sections: each shows what its result says, and says so where there is nothing to show."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from sellerlab import overview, report, text
from sellerlab.report import Note, sections
from sellerlab.report.run import FACTS
from sellerlab.results import Result
from tests.report.pages import Page


def lines(*days: str) -> pd.DataFrame:
    """An order of two cups, 500 each, on each day."""
    return pd.DataFrame(
        {
            "order_id": [str(place) for place, _ in enumerate(days)],
            "ordered_at": pd.to_datetime(list(days)),
            "sku": "CUP",
            "quantity": 2,
            "unit_price": 500.0,
            "currency": "JPY",
        }
    )


MAY = lines("2026-04-03", "2026-05-02", "2026-05-09")


def empty() -> Result:
    return Result(table=pd.DataFrame({"sku": []}), sentence="No product was sold.", definition="As paid.")


def test_front_page_has_each_number_with_its_definition_and_comparisons() -> None:
    headline = overview.headline(MAY, "2026-05")
    shown = report.front_page(headline)._repr_mimebundle_()
    page = Page(f"<main>{shown['text/html']}</main>")
    assert page.all("th")[0]["scope"] == "col"
    assert headline.sentence in page.text
    for measure in headline.measures:
        assert f"{measure.label} {measure.definition}".replace("  ", " ") in page.text
    assert "JPY 2,000 JPY 1,000 +100.0%, better no data" in page.text.replace("\n", " ")


def test_front_page_hands_over_three_numbers() -> None:
    shown = report.front_page(overview.headline(MAY, "2026-05"))._repr_mimebundle_()
    assert shown[FACTS] == {"headline": {"Net sales": "JPY 2,000", "Contribution": "no data", "Orders": "2"}}


def test_present_shows_the_sentence_alone_where_the_table_is_empty() -> None:
    shown = report.present(empty())
    assert isinstance(shown, report.Note)
    assert repr(shown) == "No product was sold."
    assert shown.definition == "As paid."


def test_rows_are_the_table_without_its_sentence() -> None:
    result = Result(table=pd.DataFrame({"sku": ["CUP"]}), sentence="One.", definition="")
    shown = report.rows(result)
    assert "One." not in shown._repr_html_() + repr(shown)
    assert "CUP" in Page(shown._repr_html_()).text
    assert repr(report.rows(empty())) == "There is nothing to list."


@pytest.mark.parametrize(
    "products", [None, pd.DataFrame({"sku": ["CUP"]}), pd.DataFrame({"sku": ["CUP"], "on_hand": [None]})]
)
def test_cover_without_stock_says_what_is_missing(products: pd.DataFrame | None) -> None:
    said = report.cover(SimpleNamespace(orders=MAY, products=products))
    assert repr(said).startswith("No stock was given")


def test_cover_with_too_few_days_says_so_and_gives_no_number() -> None:
    stock = pd.DataFrame({"sku": ["CUP"], "on_hand": [10]})
    shop = SimpleNamespace(orders=lines("2026-05-02", "2026-05-03"), products=stock)
    assert isinstance(said := report.cover(shop), report.Note)
    assert "7" in said.sentence


def test_method_says_each_thing_once_and_names_no_folder() -> None:
    shop = report.load(month="2026-05")
    results = {
        name: Result(table=pd.DataFrame({"a": [1]}), sentence="", definition=words)
        for name, words in (("headline", "Net is net. Gross is gross."), ("waterfall", "Net is net."))
    }
    page = Page(f"<main>{report.method(shop, **results)._repr_html_()}</main>")
    assert page.text.count("Net is net.") == 1
    assert "Waterfall As above." in page.text
    assert "Orders shopify_orders.csv" in page.text
    assert "/" not in page.text.replace("Asia/Tokyo", "")


def test_load_without_orders_is_the_demo_shop_in_the_language_asked_for() -> None:
    try:
        shop = report.load(month="2026-05", lang="ja")
        assert text.current() == "ja"
        assert "2026年5月" in shop.sentence
    finally:
        text.use("en")
    assert (shop.month, shop.parameters.timezone) == ("2026-05", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("days", "month"),
    [
        (("2026-04-03", "2026-05-31"), "2026-05"),
        (("2026-04-03", "2026-05-30"), "2026-04"),
        (("2026-03-03", "2026-05-30"), "2026-03"),
        (("2026-05-02", "2026-05-20"), "2026-05"),
    ],
)
def test_month_is_the_last_one_the_file_covers_whole(days: tuple[str, ...], month: str, tmp_path) -> None:
    lines(*days).to_csv(tmp_path / "orders.csv", index=False)
    mapping = tmp_path / "mapping.yaml"
    names = ("order_id", "ordered_at", "sku", "quantity", "unit_price")
    listed = "".join(f"  {name}: {name}\n" for name in names)
    mapping.write_text(f"columns:\n{listed}currency: JPY\n", encoding="utf-8")
    shop = report.load(str(tmp_path / "orders.csv"), mapping=str(mapping))
    assert shop.month == month
    assert shop.parameters.shop_name == ""


def test_list_has_what_to_do_under_the_name_and_its_numbers_labelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Result, "show", lambda self: None)
    result = Result(
        table=pd.DataFrame({"name": ["<A>"], "what_to_do": ["Sell & go"], "n": [3.0], "cost": [20.0]}),
        sentence="One thing.",
        definition="As said.",
        currency="JPY",
        formats={"n": "count", "cost": "money"},
    )
    shown = sections.listed(result, "name", "what_to_do", "cost", headline={"Cost": "JPY 20"})
    bundle = shown._repr_mimebundle_()
    html = bundle["text/html"]
    assert (
        '&lt;A&gt;<span class="definition" style="display:block;font-weight:400">Sell &amp; go</span></th>'
        in html
    )
    assert '<td role="cell" data-label="cost" class="number" style="white-space:nowrap">JPY 20</td>' in html
    assert '<th role="columnheader" scope="col" class="number">cost</th>' in html
    assert 'data-label="n"' not in html
    assert '--columns: 1"' in html
    assert bundle[FACTS] == {"headline": {"Cost": "JPY 20"}}


def test_list_without_rows_is_its_sentence() -> None:
    empty = Result(table=pd.DataFrame({"name": []}), sentence="Nothing to do.", definition="")
    assert isinstance(shown := sections.listed(empty, "name", "name"), Note)
    assert shown.sentence == "Nothing to do."


def test_narrow_table_keeps_the_columns_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Result, "show", lambda self: None)
    result = Result(table=pd.DataFrame({"a": [1], "b": [2]}), sentence="Two.", definition="")
    shown = sections.narrow(result, "b", "c")
    assert isinstance(shown, Result)
    assert list(shown.table.columns) == ["b"]
    assert sections.narrow(Note("None."), "b") == Note("None.")
    assert sections.pictured(result) == Note("Two.")


def test_front_page_sets_its_words_apart_and_keeps_its_numbers_whole_without_a_style_sheet() -> None:
    line = ["Sales", "JPY 75,144", "JPY 70,000", "+7%", "better", "–", "–", "–", "All that was paid."]
    html = sections._front_row(line)
    assert 'Sales<span class="definition" style="display:block;font-weight:400">All that' in html
    assert '<td class="number" style="white-space:nowrap"><strong>JPY 75,144' in html
    assert 'JPY 70,000<span class="change" style="display:block;font-weight:400">+7%, better' in html
