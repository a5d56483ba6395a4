"""Who is slipping away, what they are worth, and the list that comes with a review of the customers."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sellerlab import datasets, lifetime, retention, segments
from sellerlab.margin import Costs
from sellerlab.report.inputs import Inputs
from sellerlab.report.parameters import CustomerReviewParameters
from sellerlab.report.reviews import customers
from sellerlab.report.reviews.customers import (
    QUIET,
    Slipping,
    Worth,
    cohort_page,
    customer_headline,
    largest_moves,
    moves,
    safe,
    segments_told,
    slipping,
    value_of_customers,
    worth,
    write_customers,
)
from sellerlab.report.sections import Note
from tests.report.reviews.shops import orders, shop


@pytest.fixture(scope="module")
def demo() -> Inputs:
    made = datasets.simulate("phone_stand")
    lines = made.orders.assign(kind="sale")
    costs = Costs.from_mapping(made.costs)
    parameters = CustomerReviewParameters()
    return shop(lines, made.products, costs, "2026-05-31", "2026-08-31", parameters)


@pytest.fixture(scope="module")
def found(demo: Inputs) -> tuple[segments.Rfm, Worth]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(customers, "_MANY", 0)  # as in a large shop: fewer draws, the same numbers
        valued = worth(demo)
    assert isinstance(valued, Worth)
    return segments.rfm(demo.orders, as_of=demo.end), valued


@pytest.fixture(scope="module")
def gone(found: tuple[segments.Rfm, Worth]) -> Slipping:
    result = slipping(found[0], replace(found[1], draws=20))
    assert isinstance(result, Slipping)
    return result


def test_value_at_stake_is_what_the_chance_of_having_left_takes_away(
    found: tuple[segments.Rfm, Worth], gone: Slipping
) -> None:
    (scored, valued), result = found, gone
    people = scored.customers[scored.customers["segment"].isin(QUIET)]
    assert result.customers == len(people) == result.table["customers"].sum()
    each = people.merge(valued.result.table, on="customer_id")
    assert result.value == pytest.approx(each["lifetime_value"].sum())
    assert result.value == pytest.approx(result.table["to_come"].sum())
    lost = each["lifetime_value"] / each["p_alive"] - each["lifetime_value"]
    assert result.at_stake == pytest.approx(lost.sum())
    assert result.interval[0] < result.value < result.interval[1]
    assert result.table["at_stake"].is_monotonic_decreasing
    # Who is slipping has less of a chance to be there than the others, or the segments say nothing.
    others = valued.result.table[~valued.result.table["customer_id"].isin(people["customer_id"])]
    assert each["p_alive"].mean() < others["p_alive"].mean()


def test_margin_of_the_value_is_contribution_before_marketing(
    demo: Inputs, found: tuple[segments.Rfm, Worth]
) -> None:
    from sellerlab import margin

    pnl = margin.profit_and_loss(
        demo.orders, demo.products, costs=demo.costs, start="2025-09-01", end="2026-08-31"
    )
    assert found[1].margin == pnl.margin_2
    assert found[1].level == 2


def test_list_holds_every_customer_once_with_a_segment_and_what_to_do(
    found: tuple[segments.Rfm, Worth], tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    told = write_customers(str(path), *found)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == len({row["customer_id"] for row in rows}) == found[0].n
    assert f"The list of {found[0].n:,} customers" in told.sentence
    assert all(row["action"] and row["segment"] in found[0].sizes for row in rows)
    assert sum(float(row["value_to_come"]) for row in rows) == pytest.approx(found[1].result.total)


def test_list_without_a_file_is_not_written(found: tuple[segments.Rfm, Worth]) -> None:
    assert "sellerlab report customer_review" in write_customers("", *found).sentence


def test_no_cell_is_a_formula_whatever_the_customer_is_called(tmp_path: Path) -> None:
    buyers = ["=1+1", "+49", "-7", "@me", "\tTab", "\rReturn", *"abcdefgh"]
    lines = orders(*(("2026-05-02", "A", 1, 1000 + place, 0) for place in range(len(buyers))))
    lines = lines.assign(customer_id=buyers)
    path = tmp_path / "customers.csv"
    write_customers(str(path), segments.rfm(lines, as_of="2026-05-31"), Note("No costs."))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert len(rows) == 1 + len(buyers)
    assert {row[0].lstrip("'") for row in rows[1:]} == set(buyers)
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


@pytest.mark.parametrize(
    ("cell", "written"), [(None, "None"), (-1.5, "'-1.5"), ("", ""), ("a=b", "a=b"), ("\n=1", "'\n=1")]
)
def test_safe_cell(cell: object, written: str) -> None:
    assert safe(cell) == written


def test_without_costs_customers_have_no_value_and_the_note_says_what_to_give(demo: Inputs) -> None:
    valued = worth(shop(demo.orders, None, None, "2026-05-31", "2026-08-31"))
    assert isinstance(valued, Note)
    assert "the column landed_cost" in valued.sentence
    assert value_of_customers(valued) is valued
    told = slipping(segments.rfm(demo.orders), valued)
    assert isinstance(told, Note)
    assert "customers have gone quiet; they brought JPY" in told.sentence


def test_few_repeat_buyers_are_too_few_for_a_value() -> None:
    lines = orders(*((f"2026-05-{day:02d}", "A", 1, 1000, 0) for day in range(1, 31)))
    lines = lines.assign(customer_id=[f"c{place % 12}" for place in range(30)])
    products = pd.DataFrame({"sku": ["A"], "landed_cost": [400.0]})
    valued = worth(shop(lines, products, Costs(fulfilment_per_order=0)))
    assert isinstance(valued, Note)
    assert "12 of 12 customers bought again: too few to fit a model, which needs 50." in valued.sentence


def test_nobody_who_came_back_is_an_answer_too() -> None:
    lines = orders(*((f"2026-05-{day:02d}", "A", 1, 1000, 0) for day in range(1, 31)))
    lines = lines.assign(customer_id=[f"c{place}" for place in range(30)])
    products = pd.DataFrame({"sku": ["A"], "landed_cost": [400.0]})
    valued = worth(shop(lines, products, Costs()))
    assert isinstance(valued, Note)
    assert "None of the 30 customers bought again" in valued.sentence


def test_shop_that_loses_on_each_sale_has_no_customer_of_value() -> None:
    products = pd.DataFrame({"sku": ["A"], "landed_cost": [1400.0]})
    valued = worth(shop(orders(("2026-05-02", "A", 1, 1000, 0)), products, Costs()))
    assert isinstance(valued, Note)
    assert "left -40.0% before marketing" in valued.sentence


def test_moves_since_a_day_before_the_data_are_not_told(demo: Inputs) -> None:
    told = moves(shop(demo.orders, None, None, "2025-02-01", "2026-08-31"))
    assert isinstance(told, Note)
    assert "nobody can have moved since then" in told.sentence


def test_largest_moves_are_moves(demo: Inputs) -> None:
    moved = moves(demo)
    assert isinstance(moved, segments.Migration)
    shown = largest_moves(moved, rows=5)
    assert isinstance(shown, segments.Migration)
    assert len(shown.table) == 5
    assert (shown.table["before"] != shown.table["after"]).all()
    assert shown.table["customers"].is_monotonic_decreasing
    assert shown.table["customers"][0] == max(n for (a, b), n in moved.moves.items() if a != b)


def test_cohorts_of_one_month_have_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    lines = orders(("2026-05-02", "A", 1, 1000, 0), ("2026-05-09", "A", 1, 1000, 0))
    assert isinstance(cohort_page(retention.cohorts(lines)), Note)


def test_headline_of_a_review_names_what_is_known(found: tuple[segments.Rfm, Worth], gone: Slipping) -> None:
    scored, _ = found
    assert list(customer_headline(scored, gone)) == [
        "Customers", "Net sales so far", "Slipping away", "At stake",
    ]  # fmt: skip
    assert list(customer_headline(scored, Note("No costs."))) == ["Customers", "Net sales so far"]
    assert segments_told(scored) is scored


def test_models_are_the_ones_that_the_definition_names(
    found: tuple[segments.Rfm, Worth], gone: Slipping
) -> None:
    assert isinstance(found[1].fitted.model, lifetime.MbgNbd)
    assert "MBG/NBD" in gone.definition
