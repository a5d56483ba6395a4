"""The explorer of a price survey: what moves the best price, and what only the number of buyers."""

import pandas as pd
import pytest

from sellerlab.errors import InputError
from sellerlab.learn import explore
from sellerlab.pricing import gabor_granger

TERMS = {"fees": 0.03, "vat_rate": 0.18}


@pytest.fixture
def answers():
    return pd.DataFrame({"price": [90, 140, 190, 290, 390], "would_buy": [97, 88, 72, 38, 22], "asked": 100})


def test_it_begins_with_the_survey_as_it_was_answered(answers):
    explorer = explore.willingness(answers, 60, currency="ILS", **TERMS)
    expected = gabor_granger(answers, cost=60, **TERMS)
    assert explorer.result.most_profit == expected.most_profit
    assert list(explorer.result.table["profit_per_100"]) == pytest.approx(
        list(expected.table["profit_per_100"])
    )
    assert explorer.said == explorer.result.sentence
    assert (
        "One sale costs ILS 60.00; prices overstated by 0%; of those who say yes, 100% buy." in explorer.said
    )


def test_who_does_not_come_moves_the_level_and_not_the_price(answers):
    explorer = explore.willingness(answers, 60, **TERMS)
    before = explorer.result
    explorer.controls["kept"].value = 0.25
    assert explorer.result.most_profit == before.most_profit
    assert max(explorer.result.table["profit_per_100"]) == pytest.approx(
        max(before.table["profit_per_100"]) / 4
    )


def test_an_overstated_price_moves_the_best_price_with_it_if_a_sale_costs_nothing(answers):
    explorer = explore.willingness(answers, **TERMS)
    before = explorer.result.most_profit
    explorer.controls["overstated"].value = 0.25
    assert explorer.result.most_profit == pytest.approx(before / 1.25)
    assert explorer.result.most_revenue == pytest.approx(before / 1.25)


def test_a_dearer_sale_moves_the_price_of_most_profit_away_from_that_of_most_sales(answers):
    explorer = explore.willingness(answers, **TERMS)
    assert explorer.result.most_profit == explorer.result.most_revenue == 190
    explorer.controls["cost"].value = 100
    assert (explorer.result.most_profit, explorer.result.most_revenue) == (290, 190)
    explorer.controls["cost"].value = 390
    assert explorer.result.most_profit is None
    assert "No price that was named earns anything" in explorer.said


def test_answers_of_people_and_counts_of_them_are_the_same(answers):
    rows = [
        {"price": row.price, "would_buy": int(place < row.would_buy)}
        for row in answers.itertuples()
        for place in range(row.asked)
    ]
    one = explore.willingness(pd.DataFrame(rows), 60, **TERMS)
    other = explore.willingness(answers, 60, **TERMS)
    assert one.said == other.said


def test_every_slider_has_a_label_and_room(answers):
    for cost in (0, 60, 1_000):
        explorer = explore.willingness(answers, cost, currency="ILS", **TERMS)
        assert list(explorer.controls) == ["cost", "overstated", "kept"]
        for slider in explorer.controls.values():
            assert slider.description
            assert slider.description == slider.tooltip
            assert slider.min <= slider.value <= slider.max
            assert slider.step > 0
    assert explorer.controls["cost"].value == 1_000


def test_one_price_is_refused(answers):
    with pytest.raises(InputError, match="Only one price was asked"):
        explore.willingness(answers.head(1))
