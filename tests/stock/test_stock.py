"""Stock: worked by hand, honest about what did not sell and what is not known, the same on every engine."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError
from sellerlab.stock import (
    abc_xyz,
    ageing,
    days_of_cover,
    demand_class,
    gmroi,
    reorder_list,
    sell_through,
    stock_turn,
    turnover,
)
from tests.small_shop import ENGINES, as_engine, rows


def shop(days=28, **daily):
    """Each product's units every day from 1 May 2026."""
    when = pd.date_range("2026-05-01", periods=days)
    lines = [(f"{sku}{n}", day, sku, units) for sku, units in daily.items() for n, day in enumerate(when)]
    frame = pd.DataFrame(lines, columns=["order_id", "ordered_at", "sku", "quantity"])
    return frame.assign(unit_price=500.0, status="paid", kind="sale")


STOCK = pd.DataFrame(
    {
        "sku": ["A", "B", "C", "D", "E"],
        "product": ["Stand", "Case", "Cable", None, "Strap"],
        "on_hand": [30.0, 280.0, 7.0, 0.0, None],
        "on_order": [50.0, None, None, None, None],
        "lead_time_days": [20.0, 20.0, None, None, None],
    }
)


def test_days_of_cover_worked_by_hand():
    result = days_of_cover(shop(A=2, B=4, D=1), STOCK)
    found = {row["sku"]: row for row in rows(result.table)}
    assert list(found) == ["D", "A", "B", "C", "E"]
    assert {sku: row["days_of_cover"] for sku, row in found.items()} == {
        "D": 0,
        "A": 15,
        "B": 70,
        "C": None,
        "E": None,
    }
    assert found["A"]["note"] == "less than its lead time of 20 days"
    assert found["C"]["note"] == "no sales in 28 days"
    assert found["E"]["note"] == "stock not given"
    assert (found["A"]["on_order"], found["A"]["daily_units"], found["D"]["product"]) == (50, 2, "D")
    assert (result.short, result.empty, result.no_sales, result.unknown) == (("A",), ("D",), ("C",), ("E",))
    assert (result.as_of, result.days) == (dt.date(2026, 5, 28), 28)
    assert result.sentence == (
        "Running out before stock ordered now can come: 1 of 5 products, first Stand with stock for 15 days. "
        "Sold out although they sell: 1. Without a sale in 28 days: 1, with 7 units in stock. Stock not "
        "given: 1."
    )


def test_only_paid_sales_of_the_window_count():
    lines = shop(days=60, A=2)
    lines.loc[lines["ordered_at"] < "2026-06-02", "quantity"] = 50
    extra = shop(days=60, A=9)
    rest = [extra.assign(status="cancelled"), extra.assign(status="pending"), extra.assign(kind="refund")]
    result = days_of_cover(pd.concat([lines, *rest]), STOCK.head(1))
    assert rows(result.table)[0]["sold"] == 56
    assert result.as_of == dt.date(2026, 6, 29)


def test_as_of_moves_the_window():
    assert days_of_cover(shop(days=60, A=2), STOCK, as_of="2026-05-14").days == 14
    assert days_of_cover(shop(days=60, A=2), STOCK, as_of="2026-06-20", window_days=14).days == 14


@settings(deadline=None, derandomize=True, max_examples=20)
@given(units=st.integers(1, 30), on_hand=st.integers(0, 3000))
def test_cover_times_pace_is_the_stock(units, on_hand):
    result = days_of_cover(shop(A=units), pd.DataFrame({"sku": ["A"], "on_hand": [on_hand]}))
    (row,) = rows(result.table)
    assert row["days_of_cover"] * row["daily_units"] == pytest.approx(on_hand)


def test_a_sentence_for_a_shop_without_worries():
    result = days_of_cover(shop(A=1), pd.DataFrame({"sku": ["A"], "on_hand": [900]}))
    assert result.sentence == "None of 1 products runs out before stock ordered now can come."


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_agree(engine):
    base = days_of_cover(shop(A=2, B=4, D=1), STOCK)
    other = days_of_cover(as_engine(shop(A=2, B=4, D=1), engine), as_engine(STOCK, engine))
    assert rows(other.table) == rows(base.table)
    assert other.sentence == base.sentence


def test_picture_has_a_bar_for_each_cover():
    ax = days_of_cover(shop(A=2, B=4, D=1), STOCK).plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["D", "Stand", "Case"]
    assert ax.get_xlabel() == "days of cover"


def test_too_little_data_gives_no_number():
    with pytest.raises(InputError, match="The orders cover 6 days up to 2026-05-06: an average day needs 7"):
        days_of_cover(shop(days=6, A=1), STOCK)
    with pytest.raises(InputError, match="no paid sale up to 2026-04-01"):
        days_of_cover(shop(A=1), STOCK, as_of="2026-04-01")
    with pytest.raises(InputError, match="window_days is 3"):
        days_of_cover(shop(A=1), STOCK, window_days=3)
    with pytest.raises(TableError, match="no column 'on_hand'"):
        days_of_cover(shop(A=1), STOCK.drop(columns="on_hand"))
    with pytest.raises(TableError, match="more than one row for 'A'"):
        days_of_cover(shop(A=1), pd.concat([STOCK, STOCK.head(1)]))


def test_days_sold_out_do_not_slow_the_pace():
    lines = shop(A=4)
    lines = lines[(lines["ordered_at"] < "2026-05-08") | (lines["ordered_at"] >= "2026-05-15")]
    out = pd.DataFrame({"sku": "A", "day": pd.date_range("2026-05-08", "2026-05-14")})
    naive = days_of_cover(lines, STOCK.head(1))
    result = days_of_cover(lines, STOCK.head(1), sold_out=out)
    assert rows(naive.table)[0]["days_of_cover"] == pytest.approx(10)
    assert rows(result.table)[0]["days_of_cover"] == pytest.approx(7.5)
    assert "sold out left out" in result.definition
    always = pd.DataFrame({"sku": "A", "day": pd.date_range("2026-05-01", "2026-05-28")})
    (row,) = rows(days_of_cover(lines, STOCK.head(1), sold_out=always).table)
    assert (row["days_of_cover"], row["note"]) == (None, "sold out on every day of the window")
    with pytest.raises(TableError, match="sold_out table has no column 'day'"):
        days_of_cover(lines, STOCK.head(1), sold_out=out[["sku"]])


AGED = pd.DataFrame(
    {
        "sku": ["A", "B", "C", "D", "E", "F"],
        "product": ["Stand", "Case", "Cable", "Strap", "Light", "Pad"],
        "on_hand": [30, 280, 7, 0, 5, 10],
        "landed_cost": [400.0, 100.0, 900.0, 50.0, None, 300.0],
        "received_at": pd.to_datetime(
            ["2026-06-20", "2026-01-05", "2026-01-05", "2026-01-05", "2026-05-01", None]
        ),
    }
)


def aged_orders():
    """150 days to 30 June: A sells daily, B stopped on 31 March, F sold on the first day only."""
    days = pd.date_range("2026-02-01", "2026-06-30")
    parts = [shop(days=1).assign(ordered_at=pd.NaT)[:0]]
    for sku, when in (("A", days), ("B", days[days <= "2026-03-31"]), ("F", days[:1]), ("E", days[-40:])):
        lines = pd.DataFrame({"ordered_at": when, "sku": sku, "quantity": 1, "unit_price": 500.0})
        parts.append(
            lines.assign(order_id=[f"{sku}{n}" for n in range(len(when))], status="paid", kind="sale")
        )
    return pd.concat(parts[1:], ignore_index=True).assign(currency="JPY")


def test_ageing_worked_by_hand():
    result = ageing(aged_orders(), AGED)
    found = {row["sku"]: row for row in rows(result.table)}
    assert list(found) == ["B", "A", "C", "F", "E"]
    assert {sku: row["age"] for sku, row in found.items()} == {
        "B": "over 90",
        "A": "0–30",
        "C": "over 90",
        "F": "not known",
        "E": "31–60",
    }
    assert result.by_age == {"0–30": 12_000, "31–60": 0, "61–90": 0, "over 90": 34_300, "not known": 3000}
    assert (result.value, result.asleep_value, result.without_cost) == (49_300, 37_300, ("E",))
    # F has no day of arrival, but its first sale is 149 days ago: it is older than 90 days.
    assert result.asleep == ("B", "C", "F")
    assert found["B"]["days_without_sale"] == 91
    assert str(found["B"]["last_sale"])[:10] == "2026-03-31"
    assert result.sentence == (
        "The stock of 5 products cost JPY 49,300; JPY 37,300 of it (76%) is asleep in 3 products without a "
        "sale in 90 days, most of it in Case. Without a landed cost, and not in the sum: 1."
    )


def test_what_came_in_lately_is_not_asleep():
    new = AGED.head(2).assign(received_at=pd.to_datetime("2026-05-01"))
    result = ageing(aged_orders(), new)
    assert (result.asleep, result.asleep_value) == ((), 0)
    assert result.sentence == (
        "The stock of 2 products cost JPY 40,000, and each had a sale within 90 days or came in since."
    )


def test_short_orders_do_not_tell_what_is_asleep():
    result = ageing(aged_orders(), AGED.drop(columns="received_at"), as_of="2026-03-15")
    assert result.asleep_value is None
    assert "cannot be told: the orders cover 43 days, fewer than 90" in result.sentence
    assert all(row["note"] == "" for row in rows(result.table))


def test_stock_from_the_future_is_refused():
    with pytest.raises(
        InputError, match="A came in on 2026-06-20, after the stock was counted on 2026-05-31"
    ):
        ageing(aged_orders(), AGED, as_of="2026-05-31")


def test_ageing_picture_stacks_what_sleeps():
    ax = ageing(aged_orders(), AGED).plot()
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(49_300)
    assert ax.get_xlabel() == "days since it came in"


def test_ageing_picture_has_a_place_for_unknown_age_only_where_there_is_some():
    known, unknown = AGED.dropna(subset="received_at"), AGED.assign(received_at=None)
    for stock, last in ((known, "over 90"), (unknown, "not known")):
        labels = [label.get_text() for label in ageing(aged_orders(), stock).plot().get_xticklabels()]
        assert labels[-1] == last


def test_stock_ratios():
    assert (gmroi(50_000, 25_000), sell_through(150, 200), stock_turn(120_000, 30_000)) == (2, 0.75, 4)
    assert gmroi(pd.Series([50.0, 10.0]), pd.Series([25.0, 20.0])).tolist() == [2, 0.5]
    for call, message in (
        (lambda: gmroi(5, 0), "stock_cost is 0"),
        (lambda: sell_through(201, 200), "sold is above received"),
        (lambda: sell_through(-1, 200), "sold is -1"),
        (lambda: stock_turn(-1, 2), "cost_of_goods is -1"),
    ):
        with pytest.raises(InputError, match=message):
            call()


COUNTS = pd.DataFrame(
    {
        "sku": ["A", "A", "A", "B"],
        "day": pd.to_datetime(["2026-02-01", "2026-03-03", "2026-06-30", "2026-02-01"]),
        "on_hand": [100, 40, 30, 339],
    }
)


def test_turnover_worked_by_hand():
    result = turnover(aged_orders(), AGED, COUNTS)
    found = {row["sku"]: row for row in rows(result.table)}
    a = found["A"]
    # 30 days from 100 to 40, 119 days from 40 to 30.
    average = (30 * 70 + 119 * 35) / 149
    assert a["stock_cost"] == pytest.approx(400 * average)
    assert (a["units"], a["gross_profit"], a["cost_of_goods"], a["counts"]) == (150, 15_000, 60_000, 3)
    assert a["turns_a_year"] == pytest.approx(60_000 / (400 * average) * 365 / 150)
    assert a["gmroi_a_year"] == pytest.approx(15_000 / (400 * average) * 365 / 150)
    assert a["sell_through"] == pytest.approx(150 / 180)
    assert (found["B"]["stock_cost"], found["B"]["turns_a_year"], found["B"]["counts"]) == (None, None, 1)
    assert (found["C"]["units"], found["C"]["gross_profit"], found["C"]["sell_through"]) == (0, 0, 0)
    assert found["E"]["gross_profit"] is None
    assert result.turns_a_year == pytest.approx(a["turns_a_year"])
    assert "The stock of 1 of 6 products" in result.sentence
    assert "stock" in result.plot().get_xlabel()
    assert result.plot().get_title(loc="left") == "What the money in each product's stock earns"


def test_turnover_without_counts_gives_no_turns():
    result = turnover(aged_orders(), AGED)
    assert (result.turns_a_year, result.gmroi_a_year, result.stock_cost) == (None, None, None)
    assert "they need stock counts of two days or more" in result.sentence
    assert result.plot().get_xlabel() == "sell-through"
    assert result.plot().get_title(loc="left") == "How much of each product's stock was sold"
    with pytest.raises(TableError, match="more than one row for 'A' on 2026-02-01"):
        turnover(aged_orders(), AGED, pd.concat([COUNTS, COUNTS.head(1)]))
    with pytest.raises(TableError, match=r"stock counts: There is no column 'day'"):
        turnover(aged_orders(), AGED, COUNTS.drop(columns="day"))


def test_products_that_sold_out_are_told_as_their_stock_is_near_zero():
    assert turnover(aged_orders(), AGED, COUNTS).sold_out == ()
    assert "Sold out" not in turnover(aged_orders(), AGED, COUNTS).sentence
    gone = AGED.assign(on_hand=AGED["on_hand"].where(AGED["sku"] != "A", 0))
    counts = pd.concat(
        [COUNTS, pd.DataFrame({"sku": "B", "day": [pd.Timestamp("2026-03-01")], "on_hand": [0]})]
    )
    result = turnover(aged_orders(), gone, counts)
    found = {row["sku"]: row["gmroi_a_year"] for row in rows(result.table)}
    assert result.sold_out == tuple(sorted("AB", key=lambda sku: -found[sku]))
    first = {row["sku"]: row["product"] for row in rows(result.table)}[result.sold_out[0]]
    assert f"Sold out at a count or at the end: 2 products, first {first}. An empty shelf" in result.sentence
    # Without any stock there is no GMROI at all: of all of them it says least, so it is named first.
    never = COUNTS.assign(on_hand=0).loc[lambda each: each["sku"] == "A"]
    assert turnover(aged_orders(), gone, pd.concat([never, counts[counts["sku"] == "B"]])).sold_out[0] == "A"


def weekly_orders(**weekly):
    """Each product's units on the Monday of each week, 12 weeks from 2 March 2026, with a last Sunday."""
    when = pd.date_range("2026-03-02", periods=12, freq="7D")
    parts = [
        pd.DataFrame({"ordered_at": when, "sku": sku, "quantity": units}) for sku, units in weekly.items()
    ]
    end = pd.DataFrame({"ordered_at": [pd.Timestamp("2026-05-24")], "sku": "end", "quantity": [1]})
    frame = pd.concat([*parts, end], ignore_index=True)
    return frame.assign(
        order_id=[str(n) for n in range(len(frame))], unit_price=100.0, status="paid", kind="sale"
    )


def test_abc_xyz_worked_by_hand():
    lines = weekly_orders(
        even=[20, 22] * 6, wild=[0, 0, 0, 30] * 3, bumpy=[1, 7] * 6, late=[0] * 8 + [1, 1, 1, 1]
    )
    lines = lines[lines["quantity"] > 0]
    result = abc_xyz(lines)
    found = {row["sku"]: row for row in rows(result.table)}
    assert (result.weeks, str(result.as_of)) == (12, "2026-05-24")
    assert [found["even"][name] for name in ("cell", "weeks", "weekly_units", "demand")] == [
        "AX",
        12,
        21,
        "smooth",
    ]
    assert found["even"]["variation"] == pytest.approx(1.0445 / 21, abs=1e-4)
    # Weeks before the first sale do not count: nine are left, of which three sold.
    assert (found["wild"]["weeks"], found["wild"]["xyz"], found["wild"]["demand"]) == (9, "Z", "intermittent")
    assert (found["bumpy"]["xyz"], found["bumpy"]["demand"]) == ("Y", "erratic")
    assert set(result.not_judged) == {"late", "end"}
    assert sum(result.counts.values()) == 3
    assert result.counts["AX"] == 1
    assert result.sentence.endswith("Not judged, with fewer than 8 weeks or no sale: 2.")
    assert [label.get_text() for label in result.plot().get_xticklabels()] == [
        "X: even",
        "Y: uneven",
        "Z: by chance",
    ]


def test_weeks_with_a_day_sold_out_do_not_count():
    lines = weekly_orders(even=[20] * 5 + [1] * 2 + [20] * 5)
    out = pd.DataFrame({"sku": "even", "day": pd.to_datetime(["2026-04-08", "2026-04-16"])})
    assert rows(abc_xyz(lines).table)[0]["variation"] > 0.4
    (row,) = [row for row in rows(abc_xyz(lines, sold_out=out).table) if row["sku"] == "even"]
    assert (row["weeks"], row["variation"]) == (10, 0)


def test_demand_classes_part_at_the_cuts_of_syntetos_and_boylan():
    assert demand_class([5, 6, 5, 6]) == "smooth"
    assert demand_class([1, 9, 1, 9]) == "erratic"
    assert demand_class([0, 0, 3, 0, 0, 0, 2, 0, 4, 0]) == "intermittent"
    assert demand_class([0, 0, 1, 0, 0, 12, 0, 0]) == "lumpy"
    # 100 periods, 76 with a sale: 1.316 below 1.32; 75: 1.333 above.
    assert demand_class([3] * 76 + [0] * 24) == "smooth"
    assert demand_class([3] * 75 + [0] * 25) == "intermittent"
    assert demand_class([0, 0, 3]) is None
    with pytest.raises(InputError, match="0 or more each"):
        demand_class([-1, 2])


def test_abc_xyz_refuses():
    lines = weekly_orders(even=[20] * 12)
    with pytest.raises(InputError, match="weeks is 4"):
        abc_xyz(lines, weeks=4)
    with pytest.raises(InputError, match="two rising numbers"):
        abc_xyz(lines, steady=(1, 0.5))
    with pytest.raises(InputError, match="cover 3 whole weeks up to 2026-03-22"):
        abc_xyz(lines, as_of="2026-03-22")


REORDER = pd.DataFrame(
    {
        "sku": ["A", "B", "C", "D", "E", "G"],
        "product": ["Stand", "Case", "Cable", "Strap", "Light", "Pad"],
        "on_hand": [100.0, 900.0, 7.0, None, 50.0, 8.0],
        "on_order": [50.0, None, None, None, None, None],
        "lead_time_days": [20.0, 20.0, 20.0, 20.0, None, 20.0],
        "landed_cost": [400.0, 100.0, 900.0, 50.0, 10.0, None],
        "pack_units": [50, None, None, None, None, 12],
        "minimum_units": [None, None, None, None, None, 100],
    }
)


def uneven(days=56):
    """A sells 8 and 12 in turns, B 2 a day, C never, E 1 a day, G one each third day."""
    lines = shop(days=days, A=10, B=2, E=1, G=1)
    lines.loc[(lines["sku"] == "A") & (lines["ordered_at"].dt.day % 2 == 0), "quantity"] = 8
    lines.loc[(lines["sku"] == "A") & (lines["ordered_at"].dt.day % 2 == 1), "quantity"] = 12
    kept = (lines["sku"] != "G") | (lines["ordered_at"].dt.day % 3 == 0)
    return lines[kept].assign(currency="JPY")


def test_reorder_list_worked_by_hand():
    result = reorder_list(uneven(), REORDER)
    found = {row["sku"]: row for row in rows(result.table)}
    a, sd = found["A"], uneven().query("sku == 'A'")["quantity"].std()
    pace = uneven().query("sku == 'A'")["quantity"].mean()
    point = pace * 20 + 1.6448536 * sd * 20**0.5
    assert a["reorder_point"] == pytest.approx(point, rel=1e-6)
    # 150 on hand and on order are under it: order for the point, a week and a month, in packs of 50.
    needed = point + 37 * pace - 150
    assert a["order_units"] == 50 * -(-needed // 50)
    assert a["cost"] == a["order_units"] * 400
    assert str(a["order_by"])[:10] == "2026-06-25" == str(result.as_of)
    # B sells 2 a day without luck, good or bad: 40 units at the reorder point, 860 days' worth above it.
    assert (found["B"]["reorder_point"], found["B"]["order_units"]) == (40, 0)
    assert str(found["B"]["order_by"])[:10] == str(dt.date(2026, 6, 25) + dt.timedelta(days=430))
    # G sells a third of a unit a day: counted one by one, ordered at the minimum, in whole dozens.
    assert (found["G"]["reorder_point"], found["G"]["order_units"], found["G"]["cost"]) == (11, 108, None)
    assert (found["C"]["order_units"], found["C"]["note"]) == (None, "no sales in 56 days")
    assert (found["D"]["note"], found["E"]["note"]) == ("stock not given", "lead time not given")
    # Both are late: G by three units of a third a day, A by 66 of ten a day.
    assert result.now == result.late == ("G", "A")
    assert result.not_planned == ("D", "E")
    assert (result.units, result.cost) == (a["order_units"] + 108, a["cost"])
    assert result.sentence == (
        f"Order 2 of 6 products now: {result.units:.0f} units for JPY {result.cost:,.0f}, first Pad by "
        "25 Jun 2026. For 2 of them it is late: their stock may not last until the new one comes. Without "
        "a landed cost, and not in the sum: 1. No plan for 2, first Strap: stock not given. What is asleep "
        "cannot be told: the orders cover fewer than 90 days."
    )


def test_reorder_list_names_the_money_asleep():
    result = reorder_list(aged_orders(), AGED.assign(lead_time_days=10))
    assert (result.asleep, result.asleep_value) == (("B", "C", "F"), 37_300)
    found = {row["sku"]: row for row in rows(result.table)}
    assert (found["B"]["asleep_value"], found["A"]["asleep_value"]) == (28_000, None)
    assert result.sentence.endswith("Asleep, without a sale in 90 days: JPY 37,300 in 3 products.")
    # A sells 1 a day, 30 are on hand, the reorder point is 10: due in 20 days, not now.
    assert (found["A"]["order_units"], str(found["A"]["order_by"])[:10]) == (0, "2026-07-20")


def test_a_product_that_was_sold_out_is_not_taken_for_a_slow_one():
    lines = shop(days=56, A=4)
    lines = lines[lines["ordered_at"] >= "2026-05-29"]
    first = shop(days=1, A=4)
    lines = pd.concat([first, lines])
    out = pd.DataFrame({"sku": "A", "day": pd.date_range("2026-05-02", "2026-05-28")})
    stock = REORDER.head(1)
    naive, honest = reorder_list(lines, stock), reorder_list(lines, stock, sold_out=out)
    assert rows(naive.table)[0]["daily_units"] == pytest.approx(29 * 4 / 56)
    assert rows(honest.table)[0]["daily_units"] == 4
    assert rows(honest.table)[0]["days"] == 29


def test_a_new_product_is_judged_from_its_first_sale():
    lines = pd.concat([shop(days=56, A=1), shop(days=56, N=3).query("ordered_at >= '2026-06-12'")])
    stock = pd.DataFrame({"sku": ["A", "N"], "on_hand": [9, 9], "lead_time_days": [5, 5]})
    found = {row["sku"]: row for row in rows(reorder_list(lines, stock).table)}
    assert (found["N"]["daily_units"], found["N"]["days"]) == (3, 14)
    young = lines[(lines["sku"] == "A") | (lines["ordered_at"] >= "2026-06-21")]
    found = {row["sku"]: row for row in rows(reorder_list(young, stock).table)}
    assert (found["N"]["order_units"], found["N"]["note"]) == (None, "fewer than 7 days of sales")


def test_a_lead_time_for_all_plans_what_has_none():
    result = reorder_list(uneven(), REORDER, lead_time_days=7)
    assert result.not_planned == ("D",)


def test_reorder_picture_marks_the_reorder_point():
    ax = reorder_list(uneven(), REORDER).plot()
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert shown == ["Pad", "Stand", "Case", "Cable"]
    nothing = reorder_list(uneven(), REORDER.iloc[[3]])
    assert nothing.sentence.startswith("Nothing of 1 products has to be ordered now. No plan for 1")
    nothing.plot()


def test_a_day_that_is_not_known_is_printed_as_a_dash():
    header, *printed = reorder_list(uneven(), REORDER).printed()
    assert [row[header.index("order by")] for row in printed][2:] == ["2027-08-29", "–", "–", "–"]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"service": 95}, r"Did you mean 0\.95\?"),
        ({"cover_days": -1}, "cover_days is -1"),
        ({"review_days": -1}, "review_days is -1"),
        ({"lead_time_days": 0}, "days above 0"),
        ({"window_days": 3}, "window_days is 3"),
    ],
)
def test_reorder_list_refuses(terms, message):
    with pytest.raises(InputError, match=message):
        reorder_list(uneven(), REORDER, **terms)


def plain(row):
    return {name: str(value) if isinstance(value, dt.date) else value for name, value in row.items()}


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize(
    "call",
    [
        lambda orders, products, counts: ageing(orders, products),
        lambda orders, products, counts: turnover(orders, products, counts),
        lambda orders, products, counts: abc_xyz(orders),
        lambda orders, products, counts: reorder_list(orders, products, lead_time_days=10),
    ],
    ids=["ageing", "turnover", "abc_xyz", "reorder_list"],
)
def test_engines_agree_on_stock(engine, call):
    base = call(aged_orders(), AGED, COUNTS)
    other = call(*(as_engine(each, engine) for each in (aged_orders(), AGED, COUNTS)))
    assert other.sentence == base.sentence
    assert len(rows(other.table)) == len(rows(base.table))
    for mine, theirs in zip(rows(other.table), rows(base.table), strict=True):
        assert plain(mine) == pytest.approx(plain(theirs))


def test_inputs_stay_as_they_are():
    lines, stock = aged_orders(), AGED.copy()
    before = lines.copy()
    for call in (ageing, turnover, days_of_cover):
        call(lines, stock)
    reorder_list(lines, stock, lead_time_days=10)
    pd.testing.assert_frame_equal(lines, before)
    pd.testing.assert_frame_equal(stock, AGED)
