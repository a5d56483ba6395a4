"""Price, volume and mix: by hand, and in sum to the last unit of money."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError
from sellerlab.margin.mix import EFFECTS, price_volume_mix
from sellerlab.margin.profit import profit_and_loss
from tests.small_shop import ENGINES, as_engine, orders, rows

STABLE = settings(deadline=None, derandomize=True, max_examples=40)


def shop(before, after, currency="JPY"):
    """Units and price of each product in April and in May."""
    lines = [
        {
            "order_id": f"{sku}{day}",
            "ordered_at": pd.Timestamp(day),
            "sku": sku,
            "quantity": units,
            "unit_price": float(price),
        }
        for day, side in (("2026-04-10", before), ("2026-05-10", after))
        for sku, (units, price) in side.items()
    ]
    return pd.DataFrame(lines).assign(currency=currency, status="paid", kind="sale")


def test_price_volume_mix_worked_by_hand():
    lines = shop({"A": (10, 100), "B": (10, 50), "C": (4, 25)}, {"A": (10, 110), "B": (20, 50), "D": (3, 30)})
    result = price_volume_mix(lines, "2026-04", "2026-05")
    found = {row["sku"]: row for row in rows(result.table)}
    # 20 units become 30: at the old half and half A would have sold 15.
    assert [found["A"][name] for name in EFFECTS] == [500, -500, 100, 0, 0, 0]
    assert [found["B"][name] for name in EFFECTS] == [250, 250, 0, 0, 0, 0]
    assert (found["C"]["gone"], found["D"]["new"]) == (-100, 90)
    assert [getattr(result, name) for name in EFFECTS] == [750, -250, 100, 90, -100, 0]
    assert (result.before, result.after, result.change) == (1600, 2190, 590)
    assert result.sentence == (
        "Net sales went from JPY 1,600 (24 units) to JPY 2,190 (33 units), +JPY 590: volume +JPY 750, mix "
        "-JPY 250, price +JPY 100. New items brought +JPY 90, items gone -JPY 100. The periods have 30 and "
        "31 days, which is part of the volume."
    )


def test_only_prices_changed():
    result = price_volume_mix(shop({"A": (10, 100)}, {"A": (10, 90)}), "2026-04", "2026-05")
    assert (result.volume, result.mix, result.price) == (0, 0, -100)


def test_one_product_has_no_mix():
    result = price_volume_mix(shop({"A": (10, 100)}, {"A": (25, 80)}), "2026-04", "2026-05")
    assert (result.volume, result.mix, result.price) == (1500, 0, -500)


def test_a_coarse_item_hides_its_mix_in_its_price():
    lines = shop({"A": (10, 100), "B": (10, 50)}, {"A": (5, 100), "B": (15, 50)}).assign(category="all")
    fine = price_volume_mix(lines, "2026-04", "2026-05")
    coarse = price_volume_mix(lines, "2026-04", "2026-05", by="category")
    assert (fine.mix, fine.price) == (-250, 0)
    assert (coarse.mix, coarse.price) == (0, -250)


@STABLE
@given(seed=st.integers(0, 100_000), currency=st.sampled_from(["JPY", "USD"]))
def test_effects_sum_exactly_to_the_change_of_net_sales(seed, currency):
    lines = orders(seed, count=90, currency=currency)
    lines.loc[lines["ordered_at"] < "2026-04-01", "sku"] = lines["sku"].replace({"D": "Z"})
    result = price_volume_mix(lines, "2026-03", "2026-04")
    cents = 1 if currency == "JPY" else 100
    for row in rows(result.table):
        effects = sum(round(row[name] * cents) for name in EFFECTS)
        assert (
            effects
            == round(row["change"] * cents)
            == round(row["after"] * cents) - round(row["before"] * cents)
        )
    assert sum(round(getattr(result, name) * cents) for name in EFFECTS) == round(result.change * cents)
    for month, money in (("03", result.before), ("04", result.after)):
        whole = profit_and_loss(
            lines, start=f"2026-{month}-01", end=f"2026-{month}-{31 if month == '03' else 30}"
        )
        assert money == pytest.approx(whole.net_sales, abs=0.02 if currency == "USD" else 3)


def test_a_refund_without_a_sale_is_money_without_units():
    lines = shop({"A": (10, 100), "B": (5, 100)}, {"A": (10, 100), "B": (-2, 100)})
    lines.loc[lines["quantity"] < 0, "kind"] = "refund"
    result = price_volume_mix(lines, "2026-04", "2026-05")
    assert (result.gone, result.other, result.change) == (-500, -200, -700)
    assert "Money without units, such as late refunds: -JPY 200." in result.sentence


def test_periods_may_be_any_days():
    lines = shop({"A": (10, 100)}, {"A": (12, 100)})
    result = price_volume_mix(lines, ("2026-04-01", "2026-04-30"), ("2026-05-01", "2026-05-30"))
    assert result.volume == 200
    assert "part of the volume" not in result.sentence


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_engines_agree_on_the_mix(engine):
    lines = orders(5)
    base = price_volume_mix(lines, "2026-03", "2026-04", by="channel")
    other = price_volume_mix(as_engine(lines, engine), "2026-03", "2026-04", by="channel")
    assert (other.sentence, rows(other.table)) == (base.sentence, rows(base.table))


def test_picture_leads_from_before_to_after():
    ax = price_volume_mix(shop({"A": (10, 100)}, {"A": (25, 80)}), "2026-04", "2026-05").plot()
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["before", "volume", "mix", "price", "after"]
    assert [round(bar.get_height()) for bar in ax.patches] == [1000, 1500, 0, 500, 2000]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda lines: price_volume_mix(lines, "2026-05", "2026-04"), InputError, "the earlier first"),
        (lambda lines: price_volume_mix(lines, "2026-4", "2026-05"), InputError, "month is '2026-4'"),
        (lambda lines: price_volume_mix(lines, 4, "2026-05"), InputError, "before is 4"),
        (
            lambda lines: price_volume_mix(lines, "2026-04", "2026-06"),
            InputError,
            "no paid order line between",
        ),
        (lambda lines: price_volume_mix(lines, "2026-04", "2026-05", by="shop"), TableError, "column 'shop'"),
    ],
)
def test_price_volume_mix_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call(shop({"A": (10, 100)}, {"A": (25, 80)}))
