from __future__ import annotations

import datetime as dt
import re
from itertools import combinations

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import fees, money
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.fees.rows import TRUST, FeeRow, FeeSchedule

STABLE = settings(deadline=None, derandomize=True, max_examples=150)
TABLE = fees.schedules()


def every_schedule() -> list[tuple[str, str | None]]:
    """Each schedule once, with a category where it needs one."""
    found = []
    for name, rows in TABLE.groupby("schedule"):
        needs = not (rows["category"] == "").any() or name.startswith(("amazon_", "smartstore", "brandstore"))
        needs = needs or name in ("coupang", "shopify_payments_us")
        found.append((name, rows["category"].loc[rows["category"] != ""].iloc[0] if needs else None))
    return found


EVERY = every_schedule()


# ── the data ──


def test_every_row_has_a_source_a_known_trust_and_a_currency():
    assert (TABLE["source"].str.len() > 0).all()
    assert TABLE["trust"].isin(TRUST).all()
    for code in TABLE["currency"].unique():
        assert money.parse_currency(code) == code


def test_every_row_uses_the_words_that_fees_knows():
    assert TABLE["tier"].isin(["", "whole", "portion"]).all()
    assert TABLE["base"].isin(["item", "item_shipping", "item_shipping_tax", "shipping"]).all()
    assert TABLE["per"].isin(["item", "order", "month", "payout", "once"]).all()
    assert TABLE["discount"].isin(["after", "before"]).all()
    assert TABLE["platform_discount"].isin(["in", "out"]).all()
    assert TABLE["vat_on_fee"].isin(["included", "excluded", "unknown"]).all()
    assert TABLE["rate"].between(0, 1).all()
    assert ((TABLE["tier"] == "") == (TABLE["tier_from"].isna() & TABLE["tier_to"].isna())).all()


def test_source_dates_are_iso_as_far_as_the_source_goes():
    for written in TABLE["source_date"].unique():
        assert re.fullmatch(r"|\d{4}(-\d{2}(-\d{2})?)?", written)
        assert written == "" or dt.date.fromisoformat((written + "-01-01")[:10])


def test_no_two_rows_of_a_component_hold_on_the_same_day_for_the_same_base():
    for _, rows in TABLE.groupby(["schedule", "component", "category"]):
        for one, two in combinations(rows.fillna({"tier_from": -np.inf, "tier_to": np.inf}).itertuples(), 2):
            begin = max(
                each.valid_from if pd.notna(each.valid_from) else pd.Timestamp.min for each in (one, two)
            )
            end = min(each.valid_to if pd.notna(each.valid_to) else pd.Timestamp.max for each in (one, two))
            apart = one.tier_to <= two.tier_from or two.tier_to <= one.tier_from
            assert begin > end or apart, (one, two)


def test_tiers_leave_no_gap_and_share_their_minimum_base_and_unit():
    tiered = TABLE[TABLE["tier"] != ""].copy()
    tiered["valid_from"] = tiered["valid_from"].fillna(pd.Timestamp("1900-01-01"))
    for _, rows in tiered.groupby(["schedule", "component", "category", "valid_from"]):
        rows = rows.sort_values("tier_from", na_position="first")
        assert pd.isna(rows["tier_from"].iloc[0])
        assert pd.isna(rows["tier_to"].iloc[-1])
        assert rows["tier_from"].iloc[1:].tolist() == rows["tier_to"].iloc[:-1].tolist()
        for name in ("minimum", "cap", "base", "per", "tier", "rounding"):
            assert rows[name].nunique(dropna=False) == 1


# ── choosing a schedule ──


def test_a_schedule_is_that_of_its_day():
    def rate(day):
        return next(row.rate for row in fees.schedule("ebay_us", day).rows if row.component == "final_value")

    assert rate("2025-02-13") == 0.1325
    assert rate("2025-02-14") == 0.136
    assert rate(None) == 0.136
    assert rate(dt.datetime(2025, 2, 13, 23, 59)) == 0.1325


def test_a_schedule_names_its_day_its_source_and_its_trust():
    ebay = fees.schedule("ebay_us", "2025-12-31")
    assert ebay.as_of == dt.date(2025, 12, 31)
    assert fees.schedule("ebay_us").as_of == dt.date(2025, 2, 14)
    assert fees.schedule("booth").as_of is None
    assert "feecalculator.pro" in ebay.source
    assert "eBay" in ebay.rows[0].platform
    assert ebay.trust == "third_party"
    assert fees.schedule("booth").trust == "official"


def test_standing_fees_are_kept_apart_from_what_a_sale_bears():
    coupang = fees.schedule("coupang", category="fashion")
    assert [row.fixed for row in coupang.standing] == [55_000]
    assert fees.fee(coupang, 10_000.0) == pytest.approx(1_050)


def test_unknown_names_get_the_nearest_known():
    with pytest.raises(UnknownNameError, match="Did you mean 'etsy_us'"):
        fees.schedule("etsy_usa")
    with pytest.raises(UnknownNameError, match="Did you mean 'clothing'"):
        fees.schedule("amazon_us", category="cloting")
    with pytest.raises(UnknownNameError, match="Did you mean 'offsite_ads'"):
        fees.schedule("etsy_us", also=["ofsite_ads"])
    with pytest.raises(InputError, match=r"'amazon_us' needs a category. Known: 'automotive'"):
        fees.schedule("amazon_us")
    with pytest.raises(InputError, match="expected a day such as"):
        fees.schedule("etsy_us", on="31/5/2026")


def test_a_day_before_every_row_is_refused():
    row = FeeRow(schedule="late", component="c", rate=0.1, valid_from=dt.date(2026, 1, 1))
    early = pytest.MonkeyPatch()
    early.setattr("sellerlab.fees.rows._read", lambda: {"late": (row,)})
    try:
        with pytest.raises(InputError, match=r"no rate on 2025-12-31: its rows begin on 2026-01-01"):
            fees.schedule("late", "2025-12-31")
        orders = lines(ordered_at=pd.to_datetime(["2025-12-31"] * 3))
        with pytest.raises(InputError, match="no rate on 2025-12-31"):
            fees.fees_on(orders, "late")
    finally:
        early.undo()


# ── the fee of a sale ──


def test_etsy_order_of_35_dollars_by_hand():
    # 6.5% of 30 + 5, then 3% of all paid (tax of 2.40 too) + 0.25, then 0.20 for each item renewed.
    assert fees.fee("etsy_us", 30.0, shipping=5.0, tax=2.4) == pytest.approx(2.275 + 1.122 + 0.25 + 0.20)
    assert fees.fee("etsy_us", 15.0, quantity=2, shipping=5.0) == pytest.approx(2.275 + 1.30 + 0.40)
    ads = fees.schedule("etsy_us", also=["offsite_ads"])
    assert fees.fee(ads, 30.0, shipping=5.0) == pytest.approx(3.775 + 5.25)
    assert fees.fee("etsy_us", 30.0, shipping=5.0, rounded=True) == pytest.approx(2.28 + 1.30 + 0.20)


def test_booth_rounds_up_to_the_yen():
    assert fees.fee("booth", 1_000, shipping=370) == pytest.approx(98.72)
    assert fees.fee("booth", 1_000, shipping=370, rounded=True) == 99


@pytest.mark.parametrize(
    ("category", "price", "expected"),
    [
        ("home", 1.0, 0.30),
        ("home", 20.0, 3.00),
        ("beauty_health", 10.0, 0.80),
        ("beauty_health", 10.01, 1.5015),
        ("electronics_accessories", 250.0, 27.0),
        ("jewellery", 1_000.0, 87.5),
        ("clothing", 15.0, 0.75),
        ("clothing", 20.0, 2.0),
        ("clothing", 50.0, 8.5),
    ],
)
def test_amazon_referral_fees_by_hand(category, price, expected):
    assert fees.fee("amazon_us", price, category=category) == pytest.approx(expected)


def test_clothing_bore_17_percent_at_any_price_before_the_tiers():
    assert fees.fee("amazon_us", 10.0, category="clothing", on="2024-01-14") == pytest.approx(1.7)
    assert fees.fee("amazon_us", 10.0, category="clothing", on="2024-01-15") == pytest.approx(0.5)


def test_minimum_and_tiers_are_per_item_but_ebay_counts_the_order_with_its_tax():
    assert fees.fee("amazon_us", 1.0, quantity=3, category="home") == pytest.approx(0.9)
    assert fees.fee("amazon_us", 9.0, quantity=3, category="baby") == pytest.approx(0.08 * 27)
    two = fees.fee("amazon_us", 150.0, quantity=2, category="electronics_accessories")
    assert two == pytest.approx(2 * (15 + 4))
    ebay = fees.fee("ebay_us", 4.0, quantity=2, shipping=1.0, tax=1.5, on="2026-01-01")
    assert ebay == pytest.approx(0.136 * 10.5 + 0.40)


def test_a_sellers_discount_lowers_the_base_and_a_platforms_does_not():
    assert fees.fee("tiktok_shop_us", 100.0, discount=20, platform_discount=10) == pytest.approx(4.8)
    row = {"schedule": "x", "component": "c", "rate": 0.1}
    full = FeeSchedule(name="x", rows=(FeeRow(**row, discount="before", platform_discount="out"),))
    assert fees.fee(full, 100.0, discount=20, platform_discount=10) == pytest.approx(9)


def test_a_cap_holds_for_each_item():
    capped = FeeSchedule(name="x", rows=(FeeRow(schedule="x", component="c", rate=0.1, cap=5.0),))
    assert fees.fee(capped, np.array([10.0, 200.0]), quantity=2).tolist() == [2.0, 10.0]


@pytest.mark.parametrize(("name", "category"), EVERY)
@STABLE
@given(price=st.floats(0, 1e5), step=st.floats(0, 1e5), quantity=st.integers(1, 20))
def test_a_dearer_sale_never_bears_a_smaller_fee(name, category, price, step, quantity):
    chosen = fees.schedule(name, category=category)
    low = fees.fee(chosen, price, quantity=quantity)
    assert fees.fee(chosen, price + step, quantity=quantity) >= low * (1 - 1e-12)


@pytest.mark.parametrize(
    "category", ["electronics_accessories", "compact_appliances", "furniture", "jewellery"]
)
def test_portion_tiers_have_no_jump_and_whole_tiers_have_one(category):
    chosen = fees.schedule("amazon_us", category=category)
    for border in chosen.borders:
        around = fees.fee(chosen, np.array([border * (1 - 1e-9), border * (1 + 1e-9)]))
        assert around[1] == pytest.approx(around[0], abs=1e-6)
    jump = fees.fee("amazon_us", np.array([10.0, 10.0 + 1e-9]), category="baby")
    assert jump[1] - jump[0] > 0.69


def test_borders_are_where_the_fee_bends():
    assert fees.schedule("amazon_us", category="electronics_accessories").borders == pytest.approx(
        (2.0, 3.75, 100.0)
    )


@STABLE
@given(st.floats(0, 1e6), st.floats(0, 1), st.floats(0.01, 100))
def test_a_plain_rate_scales_with_the_price(price, rate, factor):
    own = fees.plain(rate)
    assert fees.fee(own, price * factor) == pytest.approx(factor * fees.fee(own, price))
    assert own(price) == pytest.approx(price * rate)


def test_a_number_an_array_and_a_series_bear_the_same_fees():
    prices = [0.0, 3.5, 10.0, 10.01, 250.0]
    expected = [fees.fee("ebay_us", each, shipping=2.0) for each in prices]
    assert isinstance(expected[0], float)
    array = fees.fee("ebay_us", np.array(prices), shipping=2.0)
    assert isinstance(array, np.ndarray)
    assert array.tolist() == expected
    series = fees.fee("ebay_us", pd.Series(prices, index=list("vwxyz")), shipping=2.0)
    assert series.index.tolist() == list("vwxyz")
    assert series.tolist() == expected
    polars = fees.fee("ebay_us", pl.Series(prices), shipping=2.0)
    assert isinstance(polars, pl.Series)
    assert polars.to_list() == expected


def test_a_missing_price_bears_a_missing_fee():
    for name, category in [*EVERY, ("amazon_us", "baby"), ("amazon_us", "jewellery")]:
        result = fees.fee(fees.schedule(name, category=category), np.array([np.nan, 10.0]))
        assert np.isnan(result).tolist() == [True, False]


def test_effective_rate_falls_as_the_fixed_part_weighs_less():
    assert fees.effective_rate("etsy_us", 30.0, shipping=5.0) == pytest.approx(3.775 / 35)
    assert np.isnan(fees.effective_rate("etsy_us", 0.0))
    rates = fees.effective_rate("etsy_us", pd.Series([5.0, 50.0, 500.0]))
    assert rates.is_monotonic_decreasing
    assert rates.iloc[2] == pytest.approx(0.095 + 0.45 / 500)


def test_a_sale_that_cannot_be_is_refused():
    with pytest.raises(InputError, match=r"price: -5 is below 0.*not for a refund"):
        fees.fee("etsy_us", -5)
    with pytest.raises(InputError, match="quantity: -1 is below 0"):
        fees.fee("etsy_us", 5, quantity=-1)
    with pytest.raises(InputError, match="different row labels"):
        fees.fee("etsy_us", pd.Series([1.0]), shipping=pd.Series([1.0], index=[5]))
    with pytest.raises(InputError, match="do not fit together"):
        fees.fee("etsy_us", np.ones(2), shipping=np.ones(3))
    with pytest.raises(InputError, match=r"Did you mean 0\.1"):
        fees.plain(10)
    with pytest.raises(InputError, match="fixed is -1"):
        fees.plain(0.1, -1)


# ── the fees of an orders table ──


def lines(**columns):
    """Three lines of two orders in one channel; a keyword replaces or adds a column."""
    table = {
        "order_id": ["1", "1", "2"],
        "ordered_at": pd.to_datetime(["2026-05-01", "2026-05-01", "2026-05-02"]),
        "sku": ["A", "B", "A"],
        "quantity": [1, 2, 1],
        "unit_price": [30.0, 5.0, 30.0],
        "channel": ["web", "web", "web"],
    }
    return pd.DataFrame({**table, **columns})


def test_lines_share_the_orders_fee_by_what_they_add_to_it():
    result = fees.fees_on(lines(), {"web": {"rate": 0.1, "fixed": 4.0}})
    assert result["fee"].tolist() == pytest.approx([3 + 3, 1 + 1, 3 + 4])
    assert result.columns.tolist() == [*lines().columns, "fee"]


@settings(STABLE, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(0, 10_000), st.integers(0, 500), st.integers(0, 300)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["etsy_us", "mercari_shops", "base_jp", "booth", "ebay_us"]),
)
def test_fees_of_the_lines_add_up_to_the_fee_of_the_order(parts, name):
    quantity, price, shipping, tax = map(list, zip(*parts, strict=True))
    table = pd.DataFrame(
        {
            "order_id": "1",
            "ordered_at": pd.Timestamp("2026-05-01"),
            "quantity": quantity,
            "unit_price": [each / 100 for each in price],
            "shipping": [each / 100 for each in shipping],
            "tax_added": [each / 100 for each in tax],
        }
    )
    got = fees.fees_on(table, name)["fee"].sum()
    goods = float((table["quantity"] * table["unit_price"]).sum())
    whole = goods + table["shipping"].sum()
    paid = whole + table["tax_added"].sum()
    by_hand = {
        "etsy_us": 0.065 * whole + 0.03 * paid + 0.25 + 0.2 * table["quantity"].sum(),
        "mercari_shops": 0.1 * whole,
        "base_jp": 0.066 * whole + 40,
        "booth": 0.056 * whole + 22,
        "ebay_us": 0.136 * paid + (0.3 if paid <= 10 else 0.4),
    }
    if abs(paid - 10) > 1e-6:
        assert got == pytest.approx(by_hand[name])


@pytest.mark.parametrize(("name", "category"), EVERY)
def test_an_order_of_one_line_bears_the_fee_of_the_sale(name, category):
    chosen = fees.schedule(name, category=category)
    sale = {"shipping": 3.0, "discount": 2.0, "platform_discount": 1.0}
    table = lines(order_id=["1", "2", "3"], tax_added=1.5, **sale)
    expected = fees.fee(chosen, table["unit_price"], quantity=table["quantity"], tax=1.5, **sale)
    assert fees.fees_on(table, chosen)["fee"].tolist() == pytest.approx(expected.tolist())


def test_each_line_bears_the_rate_of_its_own_day():
    days = pd.to_datetime(["2025-02-13 23:59", "2025-02-14 00:00", "2024-03-14 12:00"])
    table = lines(order_id=["1", "2", "3"], ordered_at=days, unit_price=[100.0] * 3, quantity=[1] * 3)
    got = fees.fees_on(table, {"web": "ebay_us"})["fee"].tolist()
    assert got == pytest.approx([13.25 + 0.4, 13.6 + 0.4, 13.25 + 0.3])
    on_one_day = fees.fees_on(table, {"web": "ebay_us"}, on=dt.date(2026, 1, 1))["fee"].tolist()
    assert on_one_day == pytest.approx([14.0] * 3)


def test_channels_and_categories_bear_their_own_rates():
    table = lines(
        channel=["amazon", "amazon", None], category=["Rings", "home", "home"], order_id=["1", "2", "3"]
    )
    given = {"amazon": "amazon_us", "*": {"rate": 0.0, "fixed": 1.0}}
    result = fees.fees_on(table, given, categories={"Rings": "jewellery"})
    assert result["fee"].tolist() == pytest.approx([6.0, 1.5, 1.0])


def test_a_category_the_schedule_does_not_know_bears_the_general_rate():
    table = lines(
        category=["books", "toys", None], quantity=[1, 1, 1], unit_price=[100.0] * 3, order_id=list("123")
    )
    got = fees.fees_on(table, "ebay_us")["fee"].tolist()
    assert got == pytest.approx([15.7, 14.0, 14.0])
    with pytest.raises(InputError, match="'amazon_us' needs a category"):
        fees.fees_on(table, "amazon_us")


def test_cancelled_and_refunded_lines_bear_nothing_and_carry_no_share():
    table = lines(
        order_id=["1", "1", "1"],
        status=["paid", "cancelled", "paid"],
        kind=["sale", "sale", "refund"],
        quantity=[1, 2, -1],
    )
    got = fees.fees_on(table, {"web": {"rate": 0.1, "fixed": 4.0}})["fee"].tolist()
    assert got == pytest.approx([7.0, 0.0, 0.0])


def test_postage_on_a_line_of_its_own_bears_the_rate_but_no_item_fee():
    table = lines(
        order_id=["1"] * 3, kind=["sale", "sale", "shipping"], unit_price=[30.0, 5.0, 5.0], quantity=[1, 1, 1]
    )
    table["discount"] = [0.0, 0.0, 1.0]
    got = fees.fees_on(table, "etsy_us")["fee"]
    assert got.iloc[2] == pytest.approx(0.065 * 4 + (0.03 * 39 + 0.25) * 4 / 39)
    assert got.sum() == pytest.approx(0.065 * 39 + 0.03 * 39 + 0.25 + 0.4)
    assert fees.fees_on(table, "guide_example_tiktok_shop")["fee"].tolist() == pytest.approx([3, 0.5, 0])


def test_a_free_order_shares_its_fixed_fee_equally():
    got = fees.fees_on(lines(unit_price=[0.0] * 3), {"web": {"rate": 0.1, "fixed": 4.0}})["fee"].tolist()
    assert got == pytest.approx([2.0, 2.0, 4.0])


def test_fees_that_the_file_states_stay_unless_overwritten():
    table = lines(fee=[9.0, np.nan, np.nan])
    given = {"web": {"rate": 0.1}}
    assert fees.fees_on(table, given)["fee"].tolist() == pytest.approx([9.0, 1.0, 3.0])
    assert fees.fees_on(table, given, overwrite=True)["fee"].tolist() == pytest.approx([3.0, 1.0, 3.0])
    assert table["fee"].isna().sum() == 2


def test_the_callers_own_column_names_come_back():
    table = lines().rename(columns={"unit_price": "price", "ordered_at": "day"})
    result = fees.fees_on(table, {"web": "etsy_us"}, unit_price="price", ordered_at="day")
    assert result.columns.tolist() == [*table.columns, "fee"]
    expected = fees.fees_on(lines(), {"web": "etsy_us"})["fee"].tolist()
    assert result["fee"].tolist() == pytest.approx(expected)


def test_every_engine_gives_the_same_fees():
    table = lines(
        order_id=["1", "1", "2"],
        category=["books", None, "toys"],
        status=["paid", None, "pending"],
        discount=[1.0, None, 0.0],
        fee=[None, 2.0, None],
        ordered_at=pd.to_datetime(["2025-01-01", "2025-01-01", "2026-05-02"]),
    )
    expected = fees.fees_on(table, {"web": "ebay_us"})["fee"].tolist()
    frame = pl.DataFrame(table)
    for native, collect in (
        (frame, lambda out: out["fee"].to_list()),
        (frame.lazy(), lambda out: out.collect()["fee"].to_list()),
        (frame.to_arrow(), lambda out: out["fee"].to_pylist()),
        (
            duckdb.sql("select * from frame"),
            lambda out: out.order("order_id, sku").to_arrow_table()["fee"].to_pylist(),
        ),
    ):
        assert collect(fees.fees_on(native, {"web": "ebay_us"})) == pytest.approx(expected)
    assert isinstance(fees.fees_on(frame.lazy(), {"web": "ebay_us"}), pl.LazyFrame)


def test_the_day_may_be_a_date_without_a_clock():
    frame = pl.DataFrame(lines(ordered_at=pd.to_datetime(["2025-02-13", "2025-02-13", "2025-02-14"])))
    dates = frame.with_columns(pl.col("ordered_at").cast(pl.Date))
    got = fees.fees_on(dates, "ebay_us")["fee"].to_list()
    assert got == pytest.approx(fees.fees_on(frame, "ebay_us")["fee"].to_list())


def test_orders_are_never_changed():
    table = lines()
    before = table.copy()
    fees.fees_on(table, "etsy_us")
    pd.testing.assert_frame_equal(table, before)


def test_what_cannot_be_charged_is_refused():
    with pytest.raises(InputError, match=r"no fee schedule for the channel 'web'. Given: 'shop'. Add it"):
        fees.fees_on(lines(), {"shop": "etsy_us"})
    with pytest.raises(InputError, match="Amounts in JPY and USD cannot be added"):
        fees.fees_on(lines(currency="JPY"), {"web": "etsy_us"})
    with pytest.raises(InputError, match="no column 'quantity'"):
        fees.fees_on(lines().drop(columns="quantity"), "etsy_us")


def test_large_arrow_tables_keep_each_fee_on_its_line():
    # Sums over groups of a large PyArrow table may come back in another order.
    count = 200_000
    numbers = np.arange(count)
    table = pd.DataFrame(
        {
            "order_id": (numbers // 2 * 7919 % count).astype(str),
            "ordered_at": pd.Timestamp("2026-05-01"),
            "quantity": 1,
            "unit_price": (numbers % 97 + 1.0),
        }
    )
    arrow = fees.fees_on(pl.DataFrame(table).to_arrow(), fees.plain(0.1, 1.0))
    expected = fees.fees_on(pl.DataFrame(table), fees.plain(0.1, 1.0))
    np.testing.assert_allclose(arrow["fee"].to_numpy(), expected["fee"].to_numpy())


def test_without_polars_the_fees_are_the_same(monkeypatch):
    table = lines(category=["books", None, "toys"])
    expected = fees.fees_on(table, "ebay_us")["fee"].tolist()
    arrow = pl.DataFrame(table).to_arrow()
    monkeypatch.setattr("sellerlab.fees.charged.find_spec", lambda name: None)
    assert fees.fees_on(table, "ebay_us")["fee"].tolist() == pytest.approx(expected)
    assert fees.fees_on(arrow, "ebay_us")["fee"].to_pylist() == pytest.approx(expected)


def test_row_labels_and_types_of_the_table_stay():
    table = lines(note=[1, "two", None]).set_index(pd.Index([9, 7, 5]))
    result = fees.fees_on(table, "etsy_us")
    pd.testing.assert_frame_equal(result.drop(columns="fee"), table)
    assert result["fee"].notna().all()
