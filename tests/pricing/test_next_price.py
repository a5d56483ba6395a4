import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sellerlab import pricing
from sellerlab.errors import InputError
from sellerlab.pricing import elasticity, next_price


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


def demand(e, noise=0.0, low=8.0, high=12.0, n=60):
    price = np.linspace(low, high, n)
    bumps = noise * np.sin(np.arange(n) ** 2)
    return elasticity.own_price_elasticity(
        pd.DataFrame({"price": price, "units": 1e5 * price**e * np.exp(bumps)}), currency="USD"
    )


def test_the_best_price_is_the_mark_up_rule_at_the_elasticity_and_both_ends():
    found = demand(-2.5, noise=0.15)
    best = next_price.profit_best(found, 5.0, fees=0.12, vat_rate=0.05)
    rule = [
        pricing.best_price(5.0, e, fees=0.12, vat_rate=0.05)
        for e in (found.low, found.elasticity, found.high)
    ]
    assert [best.low, best.price, best.high] == pytest.approx(rule)
    assert best.low < best.price < best.high
    assert best.reason is None
    top = best.table.loc[best.table["profit"].idxmax(), "price"]
    assert top == pytest.approx(best.price, abs=0.2)
    assert best.sentence.startswith("The best price is USD")


def test_the_gain_is_what_the_two_prices_earn():
    found = demand(-2.5)
    best = next_price.profit_best(found, 5.5)
    typical = found.price_typical
    earned = (best.price - 5.5) * best.price**-2.5 / ((typical - 5.5) * typical**-2.5)
    assert best.gain == pytest.approx(earned - 1)
    assert best.gain > 0


@pytest.mark.parametrize("e", [-0.6, -1.0])
def test_inelastic_demand_has_no_best_price_and_names_where_to_test(e):
    best = next_price.profit_best(demand(e + 1e-6), 4.0)
    assert (best.price, best.reason, best.nearest) == (None, "inelastic", 12.0)
    assert "Test prices a little above USD 12.00" in best.sentence


@pytest.mark.parametrize(("cost", "edge"), [(2.0, 8.0), (20.0, 20.0), (7.0, 12.0)])
def test_no_price_is_given_outside_the_prices_seen(cost, edge):
    best = next_price.profit_best(demand(-2.0), cost)
    assert (best.price, best.low, best.high, best.gain) == (None, None, None, None)
    assert best.reason == "outside"
    # the end of the prices seen, but never a price that loses money
    assert best.nearest == pytest.approx(edge)
    assert "lies outside the prices seen (USD 8.00 to USD 12.00)" in best.sentence


def test_an_interval_that_reaches_minus_one_is_open_above():
    found = demand(-2.0, noise=0.9, n=40)
    assert -1 <= found.high < 0
    best = next_price.profit_best(found, 9.0 * (1 + found.elasticity) / found.elasticity)
    assert best.price == pytest.approx(9.0)
    assert best.high is None
    assert "how far above is open" in best.sentence


def test_without_an_elasticity_there_is_no_price_but_the_same_words():
    found = demand(-2.0, n=10)
    best = next_price.profit_best(found, 5.0)
    assert (best.price, best.reason, best.sentence) == (None, "unknown", found.sentence)
    assert best.plot() is not None


def test_an_elasticity_not_told_from_zero_gives_no_price():
    found = demand(-1.2, noise=3.0)
    assert found.high >= 0
    assert next_price.profit_best(found, 1.7).reason == "unknown"


def test_the_interval_of_the_best_price_covers_the_truth():
    covered, runs = 0, 100
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        price = draw.uniform(8, 14, 80)
        units = draw.poisson(np.exp(9 - 2.5 * np.log(price) + draw.normal(0, 0.15, 80)))
        best = next_price.profit_best(
            elasticity.own_price_elasticity(pd.DataFrame({"price": price, "units": units})), 6.0, fees=0.1
        )
        truth = 6.0 / 0.9 * 2.5 / 1.5
        covered += best.reason is None and best.low <= truth <= (best.high or np.inf)
    assert covered >= 90


def test_a_planned_test_gives_the_precision_it_promises():
    plan = next_price.price_test(10, 0.3, precision=0.8, seed=1)
    widths = []
    for seed in range(200):
        draw = np.random.default_rng(seed)
        price = np.array(plan.schedule)
        widths.append(np.log(price).std() * np.sqrt(len(price)))
        slope = np.polyfit(np.log(price), -2 * np.log(price) + draw.normal(0, 0.3, len(price)), 1)[0]
        widths[-1] = abs(slope + 2)
    assert np.mean(np.array(widths) <= 0.8) >= 0.92


def test_a_schedule_has_both_prices_in_every_pair():
    plan = next_price.price_test(2000, 0.2, currency="JPY")
    pairs = np.array(plan.schedule).reshape(-1, 2)
    assert np.sort(pairs, axis=1).tolist() == [[1600.0, 2400.0]] * (plan.periods // 2)
    assert plan.schedule == next_price.price_test(2000, 0.2).schedule
    assert plan.schedule != next_price.price_test(2000, 0.2, seed=1).schedule
    assert plan.table["periods"].is_monotonic_decreasing


def test_quieter_sales_need_a_shorter_test_and_a_smaller_spread():
    assert next_price.price_test(10, 0.05).spread < next_price.price_test(10, 0.2).spread


def test_a_test_that_takes_too_long_names_what_can_be_had():
    with pytest.raises(InputError, match=r"takes 94 periods, more than 26.*precision of 0\.95\."):
        next_price.price_test(10, 0.5)
    assert next_price.price_test(10, 0.5, precision=0.95).periods <= 26
    with pytest.raises(InputError, match="unit_spread is 0"):
        next_price.price_test(10, 0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit_spread": np.inf}, "unit_spread is inf: expected a finite number above 0"),
        ({"unit_spread": None}, "unit_spread is None"),
        ({"unit_spread": np.nan}, "unit_spread is nan"),
        ({"price": np.inf}, "price is inf"),
        ({"precision": np.inf}, "precision is inf"),
        ({"longest": 0}, "longest is 0"),
        ({"spreads": ()}, "spreads are ()"),
        ({"spreads": (0, 0.1)}, r"spreads are (0, 0.1)"),
    ],
)
def test_a_test_without_a_finite_plan_is_refused(options, words):
    with pytest.raises(InputError, match=re.escape(words)):
        next_price.price_test(**{"price": 10, "unit_spread": 0.2, **options})


def test_next_prices_draw():
    assert next_price.profit_best(demand(-2.5, noise=0.1), 5.0).plot().lines
    assert next_price.profit_best(demand(-0.5), 5.0).plot().lines
    assert next_price.price_test(10, 0.1, currency="USD").plot().patches
