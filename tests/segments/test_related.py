"""Association rules against a printed case, the interval of the lift, engines, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.segments.related import related
from tests.small_shop import ENGINES, PRODUCTS, as_engine, orders, rows

# The baskets that the tests of openretailscience print.
BASKETS = ["milk bread fruit", "butter eggs fruit", "beer diapers", "milk bread butter eggs fruit", "bread"]


def lines(baskets):
    pairs = [(str(place), sku) for place, basket in enumerate(baskets) for sku in basket.split()]
    frame = pd.DataFrame(pairs, columns=["order_id", "sku"])
    return frame.assign(ordered_at=pd.Timestamp("2026-05-02"), quantity=1, unit_price=100.0)


def rules(result):
    return {(row["item"], row["related"]): row for row in rows(result.table)}


@pytest.mark.parametrize(
    ("item", "other", "support", "confidence", "lift"),
    [
        ("beer", "diapers", 0.2, 1, 5),
        ("milk", "bread", 0.4, 1, 5 / 3),
        ("butter", "eggs", 0.4, 1, 2.5),
        ("fruit", "butter", 0.4, 2 / 3, 5 / 3),
    ],
)
def test_rules_match_the_printed_ones(item, other, support, confidence, lift):
    found = rules(related(lines(BASKETS), min_count=1))[item, other]
    assert (found["support"], found["confidence"], found["lift"]) == pytest.approx(
        (support, confidence, lift)
    )


@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=30),
    st.integers(1, 3),
    st.integers(1, 2),
)
def test_rules_are_what_counting_by_hand_gives(sets, least, size):
    sets = [each for each in sets if len(each) >= size] or [{"a", "b"}]
    found = rules(related(lines([" ".join(sorted(each)) for each in sets]), min_count=least, min_items=size))
    count = {(a, b): sum({a, b} <= each for each in sets) for a in "abcd" for b in "abcd"}
    assert set(found) == {(a, b) for (a, b), n in count.items() if a != b and n >= least}
    for (a, b), row in found.items():
        assert (row["both"], row["with_item"], row["with_related"]) == (count[a, b], count[a, a], count[b, b])
        assert row["lift"] == pytest.approx(count[a, b] * len(sets) / count[a, a] / count[b, b])
        assert row["lift"] == pytest.approx(found[b, a]["lift"])
        assert row["lift_low"] <= row["lift"] <= row["lift_high"]


def test_the_interval_of_the_lift_covers_the_true_one():
    draw = np.random.default_rng(0)
    both, first, second, size = 0.06, 0.2, 0.15, 400
    # Three pairs of products are compared: 85% at once is 95% each.
    true, hits, runs = both / (first * second), 0, 200
    cells = [both, first - both, second - both, 1 - first - second + both]
    words = ["a b", "a", "b", "z"]
    for _ in range(runs):
        counts = draw.multinomial(size, cells)
        baskets = [word for word, n in zip(words, counts, strict=True) for _ in range(n)]
        row = rules(related(lines(baskets), min_count=1, confidence=0.85))["a", "b"]
        hits += row["lift_low"] <= true <= row["lift_high"]
    assert 0.92 <= hits / runs <= 0.98


def test_two_things_that_everybody_buys_have_no_lift():
    frame = lines(["a b"] * 90 + ["a"] * 5 + ["b"] * 5)
    row = rules(related(frame))["a", "b"]
    assert row["confidence"] == pytest.approx(90 / 95)
    assert row["lift"] < 1


def filled_at_random(draw, popularity, count, planted=()):
    """Baskets that each draw 1 to 4 different products at random, and some that hold a planted pair."""
    share = np.array(popularity) / np.sum(popularity)
    made = []
    for size in draw.choice([1, 2, 3, 4], count, p=[0.7, 0.2, 0.07, 0.03]):
        what = {f"p{each:02d}" for each in draw.choice(len(share), size, replace=False, p=share)}
        if planted and draw.random() < 0.03:
            what = set(planted)
        made.append(" ".join(sorted(what)))
    return lines(made)


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("popularity", [np.ones(12), np.linspace(1, 3, 12), 1 / np.arange(1, 13)])
def test_small_baskets_filled_at_random_hold_no_sure_pair(popularity, size):
    draw = np.random.default_rng(3)
    wrong = 0
    for _ in range(12):
        result = related(filled_at_random(draw, popularity, 2000), min_items=size)
        assert result.pairs > 5
        assert result.chance < 0.8
        wrong += result.surely > 0
    assert wrong <= 1


def test_a_planted_pair_is_the_only_sure_one_in_small_baskets():
    frame = filled_at_random(np.random.default_rng(5), np.ones(10), 4000, planted=("p00", "p01"))
    result = related(frame)
    row = rules(result)["p00", "p01"]
    assert result.chance < 1 == result.sure_above < row["lift_low"]
    sure = {frozenset(pair) for pair, row in rules(result).items() if row["lift_low"] > result.sure_above}
    assert sure == {frozenset(("p00", "p01"))}
    assert result.surely == 1


def test_chance_of_equal_products_is_that_of_the_sizes_of_the_baskets():
    # Three products, each pair once and each alone twice: 6 of 9 baskets have one product.
    result = related(lines(["a b", "a c", "b c", *"aabbcc"]), min_count=1)
    size = np.array([2] * 3 + [1] * 6)
    exact = (size * (size - 1)).mean() / size.mean() ** 2 * 3 / 2
    assert result.chance == pytest.approx(exact)
    assert [row["lift"] for row in rows(result.table)] == pytest.approx([exact] * 6)


def test_without_a_second_product_chance_is_not_known():
    assert related(lines(["a"] * 10)).chance is None
    assert related(lines(["a"] * 10 + ["b"] * 5)).chance == 0


def test_the_picture_draws_chance_and_has_a_title():
    import matplotlib.pyplot as plt

    result = related(filled_at_random(np.random.default_rng(5), np.ones(6), 1000))
    ax = result.plot()
    upright = {
        line.get_linestyle(): line.get_xdata()[0] for line in ax.lines if line.get_linestyle() in "--:"
    }
    assert (upright["--"], upright[":"]) == (1, result.chance)
    assert f"{result.chance:.2f}" in ax.get_xlabel()
    assert ax.get_title(loc="left") == "Bought together"
    plt.close("all")


def test_baskets_of_one_product_can_be_left_out():
    frame = lines(["a b"] * 20 + ["a c"] * 5 + ["b c"] * 5 + ["a"] * 100 + ["b"] * 100)
    every, several = related(frame), related(frame, min_items=2)
    assert (every.baskets, several.baskets) == (230, 30)
    assert rules(every)["a", "b"]["lift"] < rules(several)["a", "b"]["lift"]


def test_only_paid_sales_count_and_a_product_once_a_basket():
    frame = lines(["a b"] * 3 + ["a a b"])
    frame["kind"], frame["status"] = "sale", "paid"
    frame.loc[0, "kind"] = "refund"
    frame.loc[2, "status"] = "cancelled"
    row = rules(related(frame, min_count=1))["a", "b"]
    assert (row["both"], row["baskets"]) == (2, 4)


def test_rules_start_from_the_product_asked_for_and_names_come_from_the_products():
    frame = lines(["A B"] * 30 + ["A"] * 20 + ["B"] * 10 + ["C"] * 40)
    result = related(frame, PRODUCTS, item="A")
    assert {row["item"] for row in rows(result.table)} == {"A"}
    assert result.sentence == (
        "Of 50 baskets with Stand, 30 also hold Case: 60.0% (46.2% to 72.4%), a lift of 1.50; chance alone "
        "gives 0.54."
    )
    assert "Surely above chance: 1 of 1 pairs" in related(frame, PRODUCTS).sentence


def test_baskets_may_be_customers_and_products_categories():
    frame = orders(1, count=300).assign(
        category=lambda each: each["sku"].map({"A": "x", "B": "x"}).fillna("y")
    )
    result = related(frame, by="category", basket="customer_id", min_count=3)
    sold = frame[(frame["kind"] == "sale") & (frame["status"] == "paid")]
    assert result.baskets == sold["customer_id"].nunique()
    assert set(rules(result)) == {("x", "y"), ("y", "x")}


def test_too_few_baskets_are_said():
    assert related(lines(BASKETS)).sentence == (
        "In 5 baskets no two products stand together 5 times or more: too little to say."
    )
    result = related(lines(BASKETS), item="milk")
    assert "nothing stands with milk" in result.sentence
    assert rows(result.table) == []
    assert result.plot().texts[0].get_text() == "no pair to show"


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree(engine):
    frame = orders(2, count=400)
    found, wanted = related(as_engine(frame, engine), min_count=2), related(frame, min_count=2)
    assert rows(found.table) == rows(wanted.table)
    assert (found.sentence, found.pairs, found.surely) == (wanted.sentence, wanted.pairs, wanted.surely)


def test_impossible_questions_are_refused():
    with pytest.raises(InputError, match="min_count is 0"):
        related(lines(BASKETS), min_count=0)
    with pytest.raises(UnknownNameError, match=r"no product sold 'milc'\. Did you mean 'milk'"):
        related(lines(BASKETS), item="milc")
    with pytest.raises(TableError, match="no column 'category'"):
        related(lines(BASKETS), by="category")
    with pytest.raises(InputError, match="no paid sale"):
        related(lines(BASKETS).assign(status="pending"))
    with pytest.raises(InputError, match=r"Did you mean 0\.95"):
        related(lines(BASKETS), confidence=95)


@pytest.mark.parametrize(
    ("baskets", "ticks"),
    [
        (
            ["a b"] * 300 + ["a c"] * 280 + ["b c"] * 290 + ["a"] * 100 + ["b"] * 100,
            ["0.7", "0.8", "0.9", "1"],
        ),
        (["a b"] * 90 + ["a"] * 5 + ["b"] * 5, ["0.994", "0.996", "0.998", "1"]),
        (["a b"] * 30 + ["x"] * 400 + ["a"] * 3 + ["x a"] * 5, ["0.05", "0.1", "0.2", "0.5", "1", "2", "5"]),
    ],
)
def test_the_axis_of_the_lift_has_ticks_however_narrow_it_is(baskets, ticks):
    import matplotlib.pyplot as plt

    ax = related(lines(baskets)).plot()
    low, high = ax.get_xlim()
    places = [
        (place, label.get_text()) for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
    ]
    shown = [label for place, label in places if low <= place <= high]
    assert shown[: len(ticks)] == ticks
    assert len(set(shown)) == len(shown) >= 3
    plt.close("all")


def test_the_picture_shows_each_pair_once():
    import matplotlib.pyplot as plt

    ax = related(lines(BASKETS), min_count=2).plot()
    assert len(ax.get_yticklabels()) == related(lines(BASKETS), min_count=2).pairs
    plt.close("all")
