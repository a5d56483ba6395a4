"""k-means against every partition tried by hand, its measures against printed ones, and stable labels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError
from sellerlab.segments.clusters import clusters
from sellerlab.segments.kmeans import adjusted_rand, kmeans, nearest, silhouette
from tests.small_shop import ENGINES, as_engine, orders, rows


def shop(seed=0, kinds=((5, 8, 900.0), (60, 2, 80.0), (400, 1, 20.0)), each=40):
    """Return orders of customers of three kinds far apart: (days, orders, money an order)."""
    draw = np.random.default_rng(seed)
    lines = []
    for kind, (days, count, money) in enumerate(kinds):
        for number in range(each):
            last = pd.Timestamp("2026-05-31") - pd.Timedelta(days=int(days * draw.uniform(0.8, 1.2)))
            lines += [
                (
                    f"{kind}-{number}-{turn}",
                    f"{kind}-{number}",
                    last,
                    round(money * draw.uniform(0.8, 1.2), 2),
                )
                for turn in range(count)
            ]
    frame = pd.DataFrame(lines, columns=["order_id", "customer_id", "ordered_at", "unit_price"])
    return frame.assign(sku="A", quantity=1, currency="EUR")


@pytest.mark.parametrize(("seed", "k"), [(0, 2), (1, 3), (2, 3), (3, 2)])
def test_kmeans_finds_the_best_of_all_partitions(seed, k):
    points = np.random.default_rng(seed).normal(size=(8, 2))
    best = np.inf
    for labels in map(np.array, product(range(k), repeat=8)):
        if len(set(labels.tolist())) == k:
            spread = [((points[labels == g] - points[labels == g].mean(axis=0)) ** 2).sum() for g in range(k)]
            best = min(best, sum(spread))
    found = kmeans(points, k, seed=0, starts=30)
    assert found.inertia == pytest.approx(best)


def test_kmeans_finds_groups_that_are_there():
    draw = np.random.default_rng(0)
    centres = np.array([[0, 0], [10, 0], [0, 10], [10, 10]])
    truth = np.repeat(range(4), 50)
    found = kmeans(centres[truth] + draw.normal(size=(200, 2)), 4, seed=1)
    assert adjusted_rand(found.labels, truth) == 1
    assert sorted(map(tuple, found.centres.round(0).tolist())) == sorted(map(tuple, centres.tolist()))


@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=30), st.integers(1, 4)
)
def test_kmeans_centres_are_means_of_their_points_and_points_are_with_the_nearest(points, k):
    data = np.array(points, float)
    if len(set(points)) < k:
        return
    found = kmeans(data, k, seed=0)
    assert (found.labels == nearest(data, found.centres)).all()
    assert len(set(found.labels.tolist())) == k
    for group in range(k):
        assert found.centres[group] == pytest.approx(data[found.labels == group].mean(axis=0))
    assert found.inertia == pytest.approx(((data - found.centres[found.labels]) ** 2).sum())


def test_the_same_seed_gives_the_same_groups():
    points = np.random.default_rng(5).normal(size=(100, 3))
    one, two = kmeans(points, 4, seed=9), kmeans(points, 4, seed=9)
    assert one.labels.tolist() == two.labels.tolist()
    assert one.centres.tolist() == two.centres.tolist()


def test_kmeans_refuses_more_groups_than_points():
    with pytest.raises(InputError, match="only 2 points differ"):
        kmeans([[1.0], [1.0], [2.0]], 3, seed=0)
    with pytest.raises(InputError, match="without gaps"):
        kmeans([[1.0], [np.nan]], 1, seed=0)


def test_adjusted_rand_matches_the_printed_values():
    assert adjusted_rand([0, 0, 1, 1], [0, 0, 1, 2]) == pytest.approx(4 / 7)
    assert adjusted_rand([0, 0, 1, 1], ["b", "b", "a", "a"]) == 1
    assert adjusted_rand([0, 0, 0, 0], [0, 1, 2, 3]) == 0
    assert adjusted_rand([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)
    assert adjusted_rand([0, 0], [1, 1]) == adjusted_rand([0, 1], [3, 2]) == 1
    with pytest.raises(InputError, match="expected the same points"):
        adjusted_rand([0, 1], [0])


def test_adjusted_rand_is_about_zero_for_groups_drawn_by_lot():
    draw = np.random.default_rng(1)
    found = [adjusted_rand(draw.integers(0, 3, 200), draw.integers(0, 4, 200)) for _ in range(100)]
    assert abs(np.mean(found)) < 0.005


def test_silhouette_worked_by_hand():
    # Points 0, 1 | 10, 11: the outer ones (10.5 - 1) / 10.5, the inner ones (9.5 - 1) / 9.5.
    assert silhouette([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1]) == pytest.approx(
        (9.5 / 10.5 + 8.5 / 9.5) / 2
    )
    assert silhouette([[0.0], [1.0], [10.0]], [0, 0, 1]) == pytest.approx((9 / 10 + 8 / 9) / 3)  # alone: 0
    assert silhouette([[0.0], [1.0]], [0, 0]) == 0


def test_clusters_finds_the_three_kinds_of_customers_and_says_so():
    result = clusters(shop())
    truth = [row["customer_id"][0] for row in rows(result.customers)]
    assert adjusted_rand([row["group"] for row in rows(result.customers)], truth) == 1
    assert result.k == 3
    assert result.silhouette == max(result.tried.values()) > 0.7
    assert result.stability == pytest.approx(1)
    assert [row["customers"] for row in rows(result.table)] == [40, 40, 40]
    assert result.sentence.endswith("the groups come back and stand apart.")


def test_groups_are_numbered_by_what_a_customer_is_worth():
    table = rows(clusters(shop()).table)
    worth = [row["net_sales"] / row["customers"] for row in table]
    assert worth == sorted(worth, reverse=True)
    assert sum(row["share_of_sales"] for row in table) == pytest.approx(1)


def test_customers_without_groups_are_said_to_have_none():
    draw = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame(
        {
            "order_id": [str(each) for each in range(n)],
            "customer_id": [f"c{each}" for each in range(n)],
            "ordered_at": pd.Timestamp("2026-05-31")
            - pd.to_timedelta(np.exp(draw.uniform(0, 6, n)) // 1, unit="D"),
            "unit_price": np.exp(draw.uniform(2, 8, n)).round(2),
        }
    ).assign(sku="A", quantity=1)
    assert "not well told apart" in clusters(frame, 6).sentence
    assert "stand apart" not in clusters(frame).sentence


def test_kept_centres_put_next_months_customers_to_the_same_groups():
    first = clusters(shop())
    grown = pd.concat(
        [shop(), shop(7, ((5, 8, 900.0),), 30).assign(customer_id=lambda each: "n" + each["customer_id"])]
    )
    grown["order_id"] = grown["order_id"] + grown["customer_id"]
    later = clusters(grown, centres=first.centres)
    assert [row["customers"] for row in rows(later.table)] == [70, 40, 40]
    before = {row["customer_id"]: row["group"] for row in rows(first.customers)}
    after = {row["customer_id"]: row["group"] for row in rows(later.customers)}
    assert all(after[name] == group for name, group in before.items())
    assert later.stability is None
    assert later.centres == first.centres
    assert "nothing was fitted" in later.sentence


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree(engine):
    frame = shop(2)
    found, wanted = clusters(as_engine(frame, engine)), clusters(frame)
    assert rows(found.customers) == rows(wanted.customers)
    assert rows(found.table) == rows(wanted.table)
    assert found.sentence == wanted.sentence


def test_too_few_customers_get_no_group():
    result = clusters(orders(1))
    assert (result.k, result.centres, result.silhouette) == (0, None, None)
    assert result.sentence == "Only 17 customers: groups are looked for from 30 on."
    assert all(row["group"] is None for row in rows(result.customers))
    assert result.plot().texts[0].get_text() == "too few customers"


def test_impossible_numbers_of_groups_are_refused():
    with pytest.raises(InputError, match="k is 1: expected a whole number of groups, 2 or more"):
        clusters(shop(), 1)
    same = shop(0, ((5, 1, 10.0),)).assign(unit_price=10.0, ordered_at=pd.Timestamp("2026-05-01"))
    with pytest.raises(InputError, match="only 1 customers differ"):
        clusters(same, 2)


def test_the_picture_names_each_group_with_its_size():
    import matplotlib.pyplot as plt

    legend = clusters(shop()).plot().get_legend()
    assert [each.get_text() for each in legend.get_texts()] == ["group 1: 40", "group 2: 40", "group 3: 40"]
    plt.close("all")
