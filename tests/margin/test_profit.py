"""Profit and loss: worked by hand, additive over any dimension, the same on every engine."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import counted
from sellerlab.costs import Costs
from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.margin.profit import COLUMNS, profit_and_loss
from tests.small_shop import COSTS, ENGINES, PRODUCTS, as_engine, orders, rows

TOTALS = [name for name, style in COLUMNS.items() if style == "money"] + ["units", "refunded_units"]


def line(**values):
    """One paid sale of 1 unit of A at 1100, tax of 100 in it, unless told otherwise."""
    plain = {
        "order_id": "1",
        "ordered_at": pd.Timestamp("2026-05-10 12:00"),
        "sku": "A",
        "quantity": 1.0,
        "unit_price": 1100.0,
        "channel": "shop",
        "status": "paid",
        "kind": "sale",
        "discount": 0.0,
        "platform_discount": 0.0,
        "shipping": 0.0,
        "tax_added": 0.0,
        "tax_included": 100.0,
        "adjustment": 0.0,
        "refunded": 0.0,
        "refunded_quantity": 0.0,
        "fee": 0.0,
        "currency": "JPY",
    }
    return plain | values


def table(*lines):
    return pd.DataFrame(list(lines))


COST = pd.DataFrame({"sku": ["A", "B"], "landed_cost": [400.0, 150.0]})


def test_contribution_tiers_worked_by_hand():
    # Order 1: A twice with a discount and shipping, and B, refunded; order 2: A.
    shop = table(
        line(
            quantity=2.0,
            discount=220.0,
            shipping=330.0,
            tax_included=210.0,
            fee=240.0,
            platform_discount=90.0,
        ),
        line(sku="B", unit_price=660.0, tax_included=60.0, refunded=660.0, refunded_quantity=1.0, fee=60.0),
        line(order_id="2", fee=100.0),
    )
    costs = Costs(
        fulfilment_per_order=300,
        packaging_per_order=50,
        return_handling_per_unit=80,
        resellable_share=0.5,
        marketing=200,
    )
    pnl = profit_and_loss(shop, COST, costs=costs)
    assert (pnl.gross_sales, pnl.discounts, pnl.shipping) == (3960, 220, 330)
    # The refund takes its tax with it: 210 + 100 of tax stay.
    assert (pnl.refunds, pnl.tax, pnl.net_sales) == (660, 310, 3100)
    # Three A at 400, and half of the B that came back.
    assert (pnl.landed_cost, pnl.contribution_1) == (1275, 1825)
    assert (pnl.fees, pnl.fulfilment) == (400, 2 * 350 + 80)
    assert (pnl.contribution_2, pnl.contribution_3) == (645, 445)
    assert (pnl.margin_1, pnl.margin_3) == (pytest.approx(1825 / 3100), pytest.approx(445 / 3100))
    assert (pnl.orders, pnl.units, pnl.refunded_units, pnl.level) == (2, 4, 1, 3)
    assert pnl.sentence == (
        "From 10 May 2026 to 10 May 2026, 2 orders brought JPY 3,100 of net sales. After goods, fees, "
        "parcels and marketing JPY 445 is left: contribution 3, 14.4% of net sales."
    )
    for word in ("Net sales =", "Contribution 1 =", "Contribution 2 =", "Contribution 3 ="):
        assert word in pnl.definition


def test_costs_of_an_order_are_spread_by_price_after_discounts():
    shop = table(
        line(unit_price=1200.0, discount=300.0, tax_included=0.0),
        line(sku="B", unit_price=300.0, tax_included=0.0),
    )
    pnl = profit_and_loss(shop, COST, costs=Costs(fulfilment_per_order=400), by="sku")
    assert {row["sku"]: row["fulfilment"] for row in rows(pnl.table)} == {"A": 300, "B": 100}


def test_a_free_order_shares_its_parcel_equally():
    shop = table(line(unit_price=0.0, tax_included=0.0), line(sku="B", unit_price=0.0, tax_included=0.0))
    pnl = profit_and_loss(shop, COST, costs=Costs(fulfilment_per_order=400), by="sku")
    assert [row["fulfilment"] for row in rows(pnl.table)] == [200, 200]


def test_refund_rows_and_the_refunded_column_give_the_same_profit():
    column = table(line(), line(order_id="2", refunded=1100.0, refunded_quantity=1.0))
    row = table(
        line(),
        line(order_id="2"),
        line(order_id="R2", kind="refund", quantity=-1.0, tax_included=-100.0),
    )
    costs = Costs(fulfilment_per_order=100, return_handling_per_unit=10)
    one, other = (profit_and_loss(each, COST, costs=costs) for each in (column, row))
    assert one.net_sales == other.net_sales == 1000
    assert one.contribution_2 == other.contribution_2 == 1000 - 400 - 200 - 10
    assert one.orders == other.orders == 2


def test_tax_on_top_enters_neither_sales_nor_refunds():
    shop = table(line(unit_price=1000.0, tax_included=0.0, tax_added=80.0))
    assert profit_and_loss(shop).net_sales == 1000
    back = shop.assign(refunded=1080.0)
    pnl = profit_and_loss(back)
    assert (pnl.refunds, pnl.net_sales) == (1000, 0)


def test_a_discount_the_platform_pays_is_not_taken_off():
    shop = table(line(platform_discount=200.0))
    assert profit_and_loss(shop).net_sales == 1000


def test_vat_rate_is_used_only_where_the_file_states_no_tax():
    silent = table(line(tax_included=0.0), line(order_id="2", tax_included=0.0, refunded=1100.0))
    pnl = profit_and_loss(silent, costs=Costs(vat_rate=0.1))
    assert (pnl.net_sales, pnl.tax, pnl.vat_rate) == (1000, 100, 0.1)
    stated = profit_and_loss(table(line(tax_included=50.0)), costs=Costs(vat_rate=0.1))
    assert (stated.net_sales, stated.vat_rate) == (1050, None)


def test_shipping_fee_and_adjustment_rows_go_where_they_belong():
    shop = table(
        line(),
        line(kind="shipping", sku=None, unit_price=330.0, tax_included=30.0),
        line(order_id="F", kind="fee", sku=None, quantity=-1.0, unit_price=70.0, tax_included=0.0, fee=None),
        line(kind="adjustment", sku=None, unit_price=25.0, tax_included=0.0),
    )
    pnl = profit_and_loss(shop, COST, costs=Costs(fulfilment_per_order=0))
    assert (pnl.gross_sales, pnl.shipping, pnl.adjustments, pnl.tax) == (1100, 330, 25, 130)
    assert (pnl.net_sales, pnl.fees, pnl.contribution_2) == (1325, 70, 1325 - 400 - 70)
    # A fee under an id of its own is no order, in the total and in the rows.
    assert pnl.orders == 1
    assert {row["kind"]: row["orders"] for row in rows(profit_and_loss(shop, by="kind").table)}["fee"] == 0


def test_only_paid_lines_of_the_period_count_and_the_rest_is_told():
    shop = table(
        line(),
        line(order_id="2", status="pending"),
        line(order_id="3", status="cancelled", unit_price=500.0),
        line(order_id="4", ordered_at=pd.Timestamp("2026-05-31 23:59:59")),
        line(order_id="5", ordered_at=pd.Timestamp("2026-06-01")),
        line(order_id="6", ordered_at=pd.Timestamp("2026-04-30 23:59:59")),
    )
    pnl = profit_and_loss(shop, COST, start="2026-05-01", end="2026-05-31")
    assert (pnl.orders, pnl.pending, pnl.cancelled) == (2, 1100, 500)
    assert "Not counted: JPY 1,100 of orders not yet paid." in pnl.sentence
    assert "Not counted: JPY 500 of cancelled orders." in pnl.sentence


def test_a_missing_landed_cost_is_unknown_and_never_zero():
    shop = table(line(), line(order_id="2", sku="Z", unit_price=3300.0, tax_included=300.0))
    pnl = profit_and_loss(shop, COST, costs=Costs(fulfilment_per_order=100, marketing=400), by="sku")
    unknown, known = rows(pnl.table)
    assert unknown["sku"] == "Z"
    assert [unknown[f"contribution_{tier}"] for tier in (1, 2, 3)] == [None] * 3
    assert known["contribution_1"] == 600
    assert (pnl.cost_coverage, pnl.known_net_sales, pnl.missing_costs) == (0.25, 1000, ("Z",))
    # A quarter of the marketing belongs to the quarter of the sales that is known.
    assert (pnl.contribution_1, pnl.contribution_2, pnl.contribution_3) == (600, 500, 400)
    assert "Products without a landed cost: 1; the rest speaks of the JPY 1,000" in pnl.sentence


@pytest.mark.parametrize(
    ("costs", "level", "words"),
    [
        (None, 1, "no costs were given"),
        (Costs(fulfilment_per_order=1), 1, "names a fee"),
        (Costs(fee_rates={"*": {"rate": 0.1}}), 1, "fulfilment_per_order is not given"),
        (Costs(fulfilment_per_order=1, fee_rates={"shop": {"rate": 0.1}}), 2, "its amount is not given"),
        (Costs(fulfilment_per_order=1, fee_rates={"*": {"rate": 0.1}}, marketing=1), 3, "contribution 3"),
    ],
)
def test_a_contribution_is_claimed_only_where_its_costs_are_known(costs, level, words):
    pnl = profit_and_loss(table(line(fee=None)).assign(fee=float("nan")), COST, costs=costs)
    assert pnl.level == level
    assert words in pnl.sentence
    assert (pnl.contribution is None) == (level == 0)
    assert all(getattr(pnl, f"contribution_{tier}") is None for tier in range(level + 1, 4))


def test_without_landed_costs_no_contribution_is_claimed():
    pnl = profit_and_loss(table(line()), costs=Costs(fulfilment_per_order=1, marketing=1))
    assert (pnl.level, pnl.contribution, pnl.landed_cost, pnl.margin) == (0, None, None, None)
    assert pnl.sentence.endswith("What is left of it is not known: the products have no landed cost.")


def test_fee_of_the_file_comes_before_the_rate_of_the_channel():
    shop = table(
        line(fee=77.0),
        line(order_id="2", fee=None, shipping=100.0),
        line(order_id="3", fee=None, channel="other"),
    )
    costs = Costs(fulfilment_per_order=0, fee_rates={"shop": {"rate": 0.1, "fixed": 30}, "*": {"rate": 0.5}})
    assert profit_and_loss(shop, COST, costs=costs).fees == 77 + (120 + 30) + 550


def test_marketing_by_month_stays_in_its_month():
    shop = table(line(), line(order_id="2", ordered_at=pd.Timestamp("2026-06-10"), unit_price=5000.0))
    costs = Costs(fulfilment_per_order=0, marketing={"2026-05": 100, "2026-06": 300})
    pnl = profit_and_loss(shop, COST, costs=costs, by="month")
    assert [(row["month"], row["marketing"]) for row in rows(pnl.table)] == [
        ("2026-05", 100),
        ("2026-06", 300),
    ]
    assert pnl.marketing == 400


def test_a_dimension_may_stand_in_the_products():
    shop = table(line(), line(order_id="2", sku="B"), line(order_id="2", sku="Z"))
    products = COST.assign(category=["stands", "cables"])
    pnl = profit_and_loss(shop, products, by="category")
    assert {row["category"]: row["orders"] for row in rows(pnl.table)} == {"stands": 1, "cables": 1, None: 1}


@pytest.mark.parametrize(
    "by", ["sku", "channel", "month", "category", "kind", ["channel", "month"], ["sku", "channel"]]
)
@pytest.mark.parametrize("currency", ["JPY", "EUR"])
def test_rows_of_any_dimension_add_up_to_the_total_exactly(by, currency):
    shop = orders(7, skus="ABCDE", currency=currency)
    whole = profit_and_loss(shop, PRODUCTS, costs=COSTS)
    parts = profit_and_loss(shop, PRODUCTS, costs=COSTS, by=by)
    cents = 100 if currency == "EUR" else 1
    found = rows(parts.table)
    for name in TOTALS:
        total = getattr(whole, name)
        assert getattr(parts, name) == total
        # Counted in the smallest coin, where addition is exact.
        coins = [round(row[name] * cents, 6) for row in found if row[name] is not None]
        if not name.startswith("units"):
            assert all(coin == round(coin) for coin in coins)
        assert sum(coins) == pytest.approx(total * cents, abs=1e-6)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=st.integers(0, 10_000), by=st.sampled_from(["sku", "channel", "month", "kind"]))
def test_every_row_keeps_the_identities_of_its_columns(seed, by):
    pnl = profit_and_loss(orders(seed, 60), PRODUCTS, costs=COSTS, by=by)
    for row in rows(pnl.table):
        sales = row["gross_sales"] - row["discounts"] + row["shipping"]
        assert row["net_sales"] == sales - row["refunds"] - row["tax"] + row["adjustments"]
        assert row["contribution_1"] == row["net_sales"] - row["landed_cost"]
        if row["fees"] is not None:
            assert row["contribution_2"] == row["contribution_1"] - row["fees"] - row["fulfilment"]
            assert row["contribution_3"] == row["contribution_2"] - row["marketing"]


@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_the_lines_does_not_matter(seed):
    shop = orders(seed, 60)
    mixed = shop.sample(frac=1, random_state=seed)
    one, other = (profit_and_loss(each, PRODUCTS, costs=COSTS, by="sku") for each in (shop, mixed))
    assert rows(one.table) == rows(other.table)
    assert one.sentence == other.sentence


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("by", [None, "sku", ["category", "month"]])
def test_engines_agree(engine, by):
    shop = orders(3, skus="ABCDE")
    base = profit_and_loss(shop, PRODUCTS, costs=COSTS, by=by)
    other = profit_and_loss(as_engine(shop, engine), as_engine(PRODUCTS, engine), costs=COSTS, by=by)
    assert rows(other.table) == rows(base.table)
    assert other.sentence == base.sentence


def test_pandas_answers_alike_with_and_without_polars(monkeypatch):
    shop = orders(5, skus="ABCDE")
    fast = profit_and_loss(shop, PRODUCTS, costs=COSTS, by=["sku", "month"])
    monkeypatch.setattr(counted, "quick", lambda frame: frame)
    plain = profit_and_loss(shop, PRODUCTS, costs=COSTS, by=["sku", "month"])
    assert isinstance(fast.table, pd.DataFrame)
    assert rows(plain.table) == rows(fast.table)
    assert list(plain.table.index) == list(fast.table.index) == list(range(len(fast.table)))


def test_the_input_is_not_changed():
    shop, products = orders(1), PRODUCTS.copy()
    before = shop.copy()
    profit_and_loss(shop, products, costs=COSTS, by="sku")
    pd.testing.assert_frame_equal(shop, before)
    pd.testing.assert_frame_equal(products, PRODUCTS)


def test_own_column_names_and_categories_are_taken():
    shop = table(line(), line(order_id="2", sku="B")).rename(columns={"order_id": "Invoice", "sku": "Code"})
    shop["status"] = shop["status"].astype("category")
    pnl = profit_and_loss(shop, COST, by="sku", order_id="Invoice", sku="Code")
    assert (pnl.orders, pnl.contribution_1) == (2, 2000 - 550)


def test_default_period_is_that_of_the_paid_lines():
    shop = table(line(), line(order_id="2", status="cancelled", ordered_at=pd.Timestamp("2026-07-01")))
    pnl = profit_and_loss(shop)
    assert (pnl.start, pnl.end) == (dt.date(2026, 5, 10), dt.date(2026, 5, 10))


def test_picture_has_a_bar_a_row():
    ax = profit_and_loss(orders(2), PRODUCTS, costs=COSTS, by="sku").plot()
    assert len(ax.patches) == len(profit_and_loss(orders(2), PRODUCTS, costs=COSTS, by="sku").table)
    assert ax.get_xlabel() == "JPY"


def test_refusals_say_what_to_do():
    shop = table(line())
    with pytest.raises(InputError, match="no paid order line between 2027-01-01 and the last day"):
        profit_and_loss(shop, start="2027-01-01")
    with pytest.raises(InputError, match="start 2026-06-02 is after end 2026-06-01"):
        profit_and_loss(shop, start="2026-06-02", end="2026-06-01")
    with pytest.raises(InputError, match="expected a day such as '2026-05-31'"):
        profit_and_loss(shop, start="May")
    with pytest.raises(UnknownNameError, match="Did you mean 'channel'"):
        profit_and_loss(shop, by="chanel")
    with pytest.raises(UnknownNameError, match="Did you mean 'marketing'"):
        profit_and_loss(shop, costs={"marketting": 3})
    with pytest.raises(TableError, match="more than one row for 'A'"):
        profit_and_loss(shop, pd.concat([COST, COST]))
    with pytest.raises(TableError, match="mixes currencies"):
        profit_and_loss(table(line(), line(currency="USD")))
    with pytest.raises(TableError, match="ordered_at holds String; expected times"):
        profit_and_loss(shop.assign(ordered_at="2026-05-10"))
    with pytest.raises(TableError, match="no column 'quantity'"):
        profit_and_loss(shop.drop(columns="quantity"))
    # The message offers columns that the sums do not need and did not take along.
    with pytest.raises(TableError, match=r"no column 'quantity'.*'quantities'"):
        profit_and_loss(shop.rename(columns={"quantity": "quantities"}))
    with pytest.raises(UnknownNameError, match="Did you mean 'category'"):
        profit_and_loss(shop.assign(category="lamps"), by="categori")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_channel_is_known_by_its_name_whatever_the_capitals_and_spaces(engine):
    frame = orders(3)
    named = frame.assign(channel=frame["channel"].map({"own": "Own Store", "market": "MARKET"}))
    rates = {"own_store": COSTS["fee_rates"]["own"], "market": COSTS["fee_rates"]["market"]}
    found = profit_and_loss(as_engine(named, engine), PRODUCTS, costs={**COSTS, "fee_rates": rates})
    assert found.fees == profit_and_loss(frame, PRODUCTS, costs=COSTS).fees
