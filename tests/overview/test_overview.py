"""The front page of a month: its parts agree with each other and with the profit and loss."""

from __future__ import annotations

import pandas as pd
import pytest

from sellerlab import overview
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.margin.profit import profit_and_loss
from tests.small_shop import COSTS, ENGINES, PRODUCTS, as_engine, orders, rows

STOCK = PRODUCTS.assign(
    on_hand=[12.0, 500.0, 0.0, 40.0], on_order=[0.0, 0.0, 30.0, None], lead_time_days=[30, 10, 14, 7]
)


def sales(*lines):
    """Paid sales as (order, day, sku, units, price), of customer c-<order's first letter>."""
    frame = pd.DataFrame(lines, columns=["order_id", "ordered_at", "sku", "quantity", "unit_price"])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"])
    return frame.assign(customer_id="c-" + frame["order_id"].str[0], status="paid", currency="JPY")


# --- headline


def test_headline_worked_by_hand():
    shop = sales(
        ("a1", "2025-05-03", "A", 1, 1000.0),
        ("a2", "2026-04-03", "A", 2, 1000.0),
        ("a3", "2026-05-03", "A", 2, 1000.0),
        ("b3", "2026-05-31", "A", 1, 1000.0),
        ("b3", "2026-05-31", "B", 1, 1000.0),
    ).assign(refunded=[0.0, 0.0, 0.0, 0.0, 1000.0])
    result = overview.headline(shop, "2026-05")
    assert (result.net_sales, result.orders, result.average_order) == (3000, 2, 1500)
    assert (result.units, result.customers, result.refund_rate) == (4, 2, 0.25)
    assert (result.contribution, result.pnl.level) == (None, 0)
    net, count, *_ = result.measures
    assert (net.previous, net.change(net.previous), net.change(net.year_before)) == (2000, 0.5, 2.0)
    assert [each.direction(each.previous) for each in (net, count, result.measures[-1])] == [
        "better",
        "better",
        "worse",
    ]
    assert result.sentence == (
        "In May 2026 2 orders brought JPY 3,000 of net sales. Net sales are 50.0% higher than in April 2026. "
        "Net sales are 200.0% higher than in May 2025. The data begin on 3 May 2025: May 2025 may not be "
        "complete."
    )


def test_a_month_outside_the_data_is_no_data_and_an_empty_one_inside_is_zero():
    shop = sales(("a1", "2026-03-01", "A", 1, 1000.0), ("a2", "2026-05-31", "A", 1, 1000.0))
    net = overview.headline(shop, "2026-05").measures[0]
    assert (net.previous, net.year_before) == (0.0, None)
    result = overview.headline(shop, "2026-05")
    printed = {row[0]: row for row in result.printed()}
    assert printed["Net sales"][2:8] == ["JPY 0", "–", "better", "no data", "–", "no data"]
    assert "For May 2025 there is no data to compare with." in result.sentence


def test_a_rate_changes_in_points():
    shop = sales(("a1", "2026-04-01", "A", 1, 1000.0), ("a2", "2026-05-31", "A", 1, 1000.0))
    shop["refunded"] = [100.0, 250.0]
    printed = {row[0]: row for row in overview.headline(shop, "2026-05").printed()}
    assert printed["Refund rate"][1:5] == ["25.0%", "10.0%", "+15.0 points", "worse"]


def test_contributions_are_compared_at_the_same_level():
    shop = orders(2)
    costs = COSTS | {"marketing": {"2026-05": 5000}}
    result = overview.headline(shop, "2026-05", PRODUCTS, costs)
    named = {each.name: each for each in result.measures}
    april = profit_and_loss(shop, PRODUCTS, costs=costs, start="2026-04-01", end="2026-04-30")
    assert result.pnl.level == 3
    assert april.level == 2
    assert named["contribution"].label == "Contribution 3"
    assert named["contribution"].previous is None


def test_headline_agrees_with_the_profit_and_loss():
    shop = orders(2)
    result = overview.headline(shop, "2026-04", PRODUCTS, COSTS)
    pnl = profit_and_loss(shop, PRODUCTS, costs=COSTS, start="2026-04-01", end="2026-04-30")
    assert (result.net_sales, result.contribution, result.orders) == (
        pnl.net_sales,
        pnl.contribution,
        pnl.orders,
    )
    assert pnl.definition in result.definition
    for each in result.measures:
        assert f"{each.label}: {each.definition}" in result.definition


# --- customers


def test_customers_worked_by_hand():
    shop = sales(
        ("a1", "2026-04-03", "A", 1, 1000.0),
        ("a2", "2026-05-03", "A", 3, 1000.0),
        ("b1", "2026-05-01", "A", 1, 1000.0),
        ("b2", "2026-05-05", "A", 1, 1000.0),
        ("c1", "2026-05-06", "A", 1, 1000.0),
        ("d1", "2026-05-07", "A", -1, 1000.0),
        ("a3", "2026-06-03", "A", 1, 1000.0),
    ).assign(kind=["sale"] * 5 + ["refund", "sale"])
    shop.loc[4, "customer_id"] = None
    result = overview.customers(shop, "2026-05")
    assert (result.buyers, result.new, result.returning) == (2, 1, 1)
    assert (result.returned_only, result.orders_without_customer, result.history_days) == (1, 1, 28)
    found = {row["group"]: (row["customers"], row["orders"], row["net_sales"]) for row in rows(result.table)}
    assert found == {
        "new customers": (1, 2, 2000),
        "returning customers": (1, 1, 3000),
        "only returned goods": (1, 0, -1000),
        "orders without a customer": (None, 1, 1000),
    }
    assert result.sentence == (
        "Of 2 customers who ordered in May 2026, 1 had ordered before and brought 60% of net sales; 1 "
        "ordered for the first time in 28 days of earlier data. Orders that name no customer: 1; they "
        "stand apart."
    )


def test_without_earlier_data_nobody_is_called_new():
    result = overview.customers(orders(1), "2026-03")
    assert (result.new, result.returning, result.history_days) == (None, None, 0)
    assert "is told only with earlier orders" in result.sentence


def test_a_file_without_customers_says_so():
    for shop in (orders(1).drop(columns="customer_id"), orders(1).assign(customer_id="")):
        result = overview.customers(shop, "2026-04")
        assert (result.buyers, result.new, result.returning) == (None, None, None)
        assert result.sentence.startswith("The file names no customers")


# --- channels and products


def test_channels_agree_with_the_profit_and_loss():
    result = overview.channels(orders(2), "2026-04", PRODUCTS, COSTS)
    found = rows(result.table)
    assert sum(row["net_sales"] for row in found) == pytest.approx(result.pnl.net_sales)
    assert sum(row["share_of_sales"] for row in found) == pytest.approx(1)
    assert [row["contribution"] for row in found] == sorted(
        (row["contribution"] for row in found), reverse=True
    )
    assert result.best == found[0]["channel"]
    assert f"Of 2 channels in April 2026, {result.best} left most" in result.sentence
    assert len(result.plot().patches) == 2


def test_without_channels_or_costs_the_sentence_says_what_is_missing():
    alone = overview.channels(orders(2).drop(columns="channel"), "2026-04")
    assert alone.sentence == "All orders of April 2026 came through one channel: all channels."
    blind = overview.channels(orders(2), "2026-04")
    assert "What each leaves is not known without landed costs." in blind.sentence


def test_products_best_worst_and_losing():
    shop = sales(
        ("a1", "2026-05-03", "A", 2, 1000.0),
        ("a2", "2026-05-04", "B", 1, 300.0),
        ("a3", "2026-05-05", "C", 1, 500.0),
        ("a4", "2026-05-06", "Z", 9, 500.0),
    )
    views = {
        view: overview.products_table(shop, "2026-05", PRODUCTS, view=view, n=2)
        for view in ("all", "best", "worst", "losing")
    }
    assert {view: [row["sku"] for row in rows(each.table)] for view, each in views.items()} == {
        "all": ["A", "C", "B", "Z"],
        "best": ["A", "C"],
        "worst": ["B", "C"],
        "losing": ["B"],
    }
    first = rows(views["all"].table)[0]
    assert (first["product"], first["contribution"], first["contribution_per_unit"]) == ("Stand", 1580, 790)
    # Rounded to whole yen: 300 - 330.5.
    assert (views["all"].losing, views["all"].lost) == (("B",), pytest.approx(30.5, abs=1))
    assert views["all"].sentence == (
        "Of 4 products sold in May 2026, Stand left most: JPY 1,580. 1 lost money, "
        f"JPY {views['all'].lost:.0f} together; the largest loss is Case: JPY {views['all'].lost:.0f}."
    )
    with pytest.raises(UnknownNameError, match="Did you mean 'losing'"):
        overview.products_table(shop, "2026-05", view="loosing")


def test_products_without_costs_are_ranked_by_sales():
    result = overview.products_table(orders(2), "2026-04")
    found = [row["net_sales"] for row in rows(result.table)]
    assert found == sorted(found, reverse=True)
    assert result.losing == ()
    assert "Which of them lose money is not known without landed costs." in result.sentence


# --- attention


def test_attention_is_sorted_by_money_and_gives_reasons():
    days = pd.date_range("2026-01-01", "2026-05-31")
    daily = [(f"a{n}", day, "A", 1, 1000.0) for n, day in enumerate(days)]
    other = [(f"b{n}", day, "B", 1, 300.0) for n, day in enumerate(days[-20:])]
    back = [(f"c{n}", day, "D", 1, 5000.0) for n, day in enumerate(days[-20:])]
    shop = sales(*daily, *other, *back)
    shop["discount"] = [250.0 if sku == "A" else 0.0 for sku in shop["sku"]]
    shop["refunded"] = [
        5000.0 if order in ("c1", "c2", "c3", "c4", "c5") else 0.0 for order in shop["order_id"]
    ]
    shop["refunded_quantity"] = (shop["refunded"] > 0) * 1.0
    open_orders = sales(("p1", "2026-05-20", "A", 1, 777.0), ("x1", "2026-05-21", "A", 1, 888.0))
    shop = pd.concat([shop, open_orders.assign(status=["pending", "cancelled"])], ignore_index=True)
    stock = STOCK.assign(on_hand=[10.0, 500.0, 200.0, 400.0])
    result = overview.attention(shop, "2026-05", stock)
    money = {(each.kind, each.subject): each.money for each in result.items}
    # 20 B lose 30.5 each; 31 discounts of 250; a week of A leaves 7 x (750 - 210); 200 C asleep at 90.
    assert money[("losing", "Case")] == pytest.approx(610)
    assert money[("discounts", "Stand")] == 31 * 250
    assert money[("running_out", "Stand")] == pytest.approx(7 * 540)
    assert money[("asleep", "Cable")] == 200 * 90
    assert money[("pending", "orders")] == 777
    assert money[("cancelled", "orders")] == 888
    # 25,000 came back; at the shop's rate of 25,000 on 129,250 it were 19,342 of the 100,000 of D.
    assert money[("refunds", "Ring light")] == pytest.approx(25_000 - 25_000 / 129_250 * 100_000)
    assert set(money) == {
        ("losing", "Case"),
        ("discounts", "Stand"),
        ("running_out", "Stand"),
        ("asleep", "Cable"),
        ("pending", "orders"),
        ("cancelled", "orders"),
        ("refunds", "Ring light"),
    }
    amounts = [row["money"] for row in rows(result.table)]
    assert amounts == sorted(amounts, reverse=True)
    assert result.not_checked == ()
    assert result.sentence == (
        "Things to look at in May 2026: 7. First Cable (stock asleep), JPY 18,000: 200 units in stock and no "
        "sale in 90 days: sell off, bundle or return."
    )
    assert len(result.plot().patches) == 7


def test_what_cannot_be_checked_is_said():
    shop = sales(("a1", "2026-05-03", "A", 1, 1000.0))
    bare = overview.attention(shop, "2026-05")
    assert bare.items == ()
    assert bare.sentence == (
        "Nothing in May 2026 asks for attention. Not checked: products that lose money: no landed costs; "
        "returns by product: no product sold 10 units; stock: no stock was given."
    )
    assert bare.plot().patches == [] or len(bare.plot().patches) == 0
    short = overview.attention(shop, "2026-05", STOCK)
    assert any("The orders cover" in reason for reason in short.not_checked)


def test_returns_within_chance_are_no_finding():
    shop = sales(*((f"{sku}{n}", "2026-05-03", sku, 1, 1000.0) for sku in "AB" for n in range(12)))
    shop["refunded"] = [1000.0 if order == "A3" else 0.0 for order in shop["order_id"]]
    shop["refunded_quantity"] = (shop["refunded"] > 0) * 1.0
    assert [each.kind for each in overview.attention(shop, "2026-05", PRODUCTS).items] == []


def test_few_returns_are_no_finding():
    shop = sales(*((f"a{n}", "2026-05-03", "A", 1, 1000.0) for n in range(9)))
    shop["refunded"] = 1000.0
    shop["refunded_quantity"] = 1.0
    assert [each.kind for each in overview.attention(shop, "2026-05", PRODUCTS).items] == []


# --- all of them


CALLS = {
    "headline": lambda shop, stock: overview.headline(shop, "2026-05", stock, COSTS),
    "customers": lambda shop, stock: overview.customers(shop, "2026-05"),
    "channels": lambda shop, stock: overview.channels(shop, "2026-05", stock, COSTS),
    "products": lambda shop, stock: overview.products_table(shop, "2026-05", stock, COSTS),
    "attention": lambda shop, stock: overview.attention(shop, "2026-05", stock, COSTS),
}


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("name", CALLS)
def test_engines_agree(name, engine):
    shop = orders(8, skus="ABCDE")
    base = CALLS[name](shop, STOCK)
    other = CALLS[name](as_engine(shop, engine), as_engine(STOCK, engine))
    assert rows(other.table) == rows(base.table)
    assert other.sentence == base.sentence


@pytest.mark.parametrize("name", CALLS)
def test_every_result_prints_and_draws(name):
    result = CALLS[name](orders(8, skus="ABCDE"), STOCK)
    assert result.definition
    assert result.sentence in repr(result)
    assert "<table>" in result._repr_html_()
    result.plot()


@pytest.mark.parametrize("name", CALLS)
def test_own_column_names_are_taken(name):
    calls = {
        "headline": overview.headline,
        "customers": overview.customers,
        "channels": overview.channels,
        "products": overview.products_table,
        "attention": overview.attention,
    }
    shop = orders(8)
    renamed = shop.rename(columns={"order_id": "Invoice", "ordered_at": "When"})
    base = calls[name](shop, "2026-05")
    other = calls[name](renamed, "2026-05", order_id="Invoice", ordered_at="When")
    assert rows(other.table) == rows(base.table)


@pytest.mark.parametrize("name", CALLS)
def test_a_month_without_orders_is_refused(name):
    with pytest.raises(InputError, match="Months with orders: 2026-03, 2026-04"):
        CALLS[name](orders(8).query("ordered_at < '2026-05-01'"), STOCK)
