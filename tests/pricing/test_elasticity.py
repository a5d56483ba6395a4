import duckdb
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.pricing import elasticity


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


CONTROLS = ["season", "promo"]


def shop(seed, weeks=104, e=-2.0, level=9.0):
    """A shop that raises its price in high season: sales and prices move together."""
    draw = np.random.default_rng(seed)
    week = np.arange(weeks)
    season, promo = np.cos(2 * np.pi * week / 52), (draw.random(weeks) < 0.15) * 1.0
    log_price = np.log(20) + 0.18 * season - 0.05 * promo + draw.normal(0, 0.06, weeks)
    index = level + e * log_price + 0.9 * season + 0.3 * promo + draw.normal(0, 0.25, weeks)
    units = draw.poisson(np.exp(index))
    return pd.DataFrame({"price": np.exp(log_price), "units": units, "season": season, "promo": promo})


@pytest.mark.parametrize(("method", "level"), [("ols", 10.0), ("poisson", 6.3)])
def test_the_controlled_interval_covers_the_planted_elasticity_and_the_naive_one_does_not(method, level):
    covered = naive = 0
    for seed in range(200):
        frame = shop(seed, level=level)
        found = elasticity.own_price_elasticity(frame, controls=CONTROLS, method=method)
        covered += found.low <= -2 <= found.high
        plain = elasticity.own_price_elasticity(frame, method=method)
        naive += plain.low <= -2 <= plain.high
    assert 180 <= covered <= 196
    assert naive <= 20


def test_the_naive_slope_has_the_wrong_sign():
    found = elasticity.own_price_elasticity(shop(1), controls=CONTROLS)
    assert found.elasticity < -1
    assert found.naive > 1
    assert found.naive == elasticity.own_price_elasticity(shop(1)).elasticity
    assert "Without the controls it would read +2.08" in found.sentence


def test_exact_demand_is_found_exactly():
    price = np.array([8.0, 9, 10, 11, 12] * 8)
    month = ["jan", "feb", "mar", "apr"] * 10
    lift = pd.Series(month).map({"jan": 1.0, "feb": 1.5, "mar": 0.7, "apr": 2.0}).to_numpy()
    frame = pd.DataFrame({"price": price, "units": 4000 * lift * price**-1.7, "month": month})
    for method in ("ols", "poisson"):
        found = elasticity.own_price_elasticity(frame, controls=["month"], method=method)
        assert found.elasticity == pytest.approx(-1.7)
        assert found.table["term"].tolist() == [
            "ln(price)",
            "month=feb",
            "month=jan",
            "month=mar",
            "constant",
        ]
        effect = dict(zip(found.table["term"], found.table["estimate"], strict=True))
        assert np.exp(effect["month=feb"]) == pytest.approx(0.75)


def test_brands_apart_match_least_squares_with_an_own_slope_for_each():
    # Three brands with slopes near -3.4, -3.3 and -2.7; expected values from statsmodels OLS.
    k = np.arange(90)
    brand, price = k % 3, 2 + ((k * 11) % 7) * 0.2
    units = np.exp(5 - np.array([3.4, 3.3, 2.7])[brand] * np.log(price) + 0.1 * np.sin(k * 1.7))
    frame = pd.DataFrame({"brand": brand, "price": price, "units": units})
    found = [elasticity.own_price_elasticity(part).elasticity for _, part in frame.groupby("brand")]
    assert found == pytest.approx([-3.3637675, -3.28166364, -2.65635392], abs=1e-7)


def test_weeks_out_of_stock_are_left_out_and_counted():
    frame = shop(3).assign(in_stock=True)
    found = elasticity.own_price_elasticity(frame, controls=CONTROLS)
    bad = frame.head(15).assign(units=0, in_stock=False)
    more = elasticity.own_price_elasticity(pd.concat([frame, bad]), controls=CONTROLS, in_stock="in_stock")
    assert more.elasticity == pytest.approx(found.elasticity)
    assert more.left_out == {"out_of_stock": 15, "missing": 0}
    naive = elasticity.own_price_elasticity(pd.concat([frame, bad]), controls=CONTROLS)
    assert naive.elasticity != pytest.approx(found.elasticity, abs=0.05)


def test_a_stock_column_of_words_is_refused_with_what_to_write():
    frame = shop(3).assign(in_stock="yes")
    with pytest.raises(InputError, match=r"'in_stock' holds String: expected true or false, or 1 or 0"):
        elasticity.own_price_elasticity(frame, in_stock="in_stock")


def test_missing_values_are_left_out_and_counted():
    frame = shop(4)
    holes = pl.from_pandas(frame).with_columns(
        price=pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise(pl.col("price"))
    )
    found = elasticity.own_price_elasticity(holes, controls=CONTROLS)
    assert (found.rows, found.left_out["missing"]) == (101, 3)
    assert found.elasticity == pytest.approx(
        elasticity.own_price_elasticity(frame.iloc[3:], controls=CONTROLS).elasticity
    )


def test_weeks_without_a_sale_choose_poisson_and_refuse_a_logarithm():
    frame = shop(2, level=6.3)
    found = elasticity.own_price_elasticity(frame, controls=CONTROLS)
    assert (found.method, found.zeros) == ("poisson", 26)
    with pytest.raises(InputError, match=r"26 of 104 periods have no sale.*method='poisson'"):
        elasticity.own_price_elasticity(frame, controls=CONTROLS, method="ols")


@pytest.mark.parametrize(
    ("frame", "controls", "reason", "words"),
    [
        (
            shop(1).head(15),
            CONTROLS,
            "too_few",
            "15 periods can be used: too few for an elasticity, 20 are needed",
        ),
        (shop(1).assign(price=np.tile([19.9, 20.0], 52)), CONTROLS, "price_fixed", "The price hardly moved"),
        (
            shop(1).assign(price=lambda x: 20 + 3 * x["promo"]),
            CONTROLS,
            "price_explained",
            "only together with",
        ),
        (shop(1).assign(price=np.nan), [], "too_few", "0 periods can be used"),
    ],
)
def test_where_the_data_cannot_show_it_no_number_is_given(frame, controls, reason, words):
    found = elasticity.own_price_elasticity(frame, controls=controls)
    assert (found.elasticity, found.low, found.high, found.naive) == (None, None, None, None)
    assert found.reason == reason
    assert words in found.sentence
    assert found.plot() is not None
    assert repr(found)


@pytest.mark.parametrize(
    "empty",
    [
        pd.DataFrame({"units": [], "price": [], "season": [], "promo": [], "there": []}),
        pd.DataFrame(columns=["units", "price", "season", "promo", "there"]),
        pl.DataFrame({name: [] for name in ("units", "price", "season", "promo", "there")}),
    ],
    ids=["numbers", "no kind", "polars"],
)
def test_a_table_without_a_row_has_too_few_periods(empty):
    for options in ({}, {"controls": CONTROLS}, {"in_stock": "there"}, {"method": "poisson"}):
        found = elasticity.own_price_elasticity(empty, **options)
        assert (found.rows, found.reason) == (0, "too_few")
        assert found.sentence == "0 periods can be used: too few for an elasticity, 20 are needed."
        assert found.plot() is not None


def test_an_interval_that_reaches_zero_is_said():
    found = elasticity.own_price_elasticity(shop(2, level=6.3), controls=CONTROLS)
    assert found.high > 0
    assert found.sentence.startswith("Whether a higher price sells fewer units does not show")


@pytest.mark.parametrize(
    ("frame", "controls", "words"),
    [
        (shop(1).assign(price=0.0), [], "price is 0 in one of the periods: expected a finite number above 0"),
        (shop(1).assign(price=[np.inf] + [2.0] * 103), [], "price is inf in one of the periods"),
        (shop(1).assign(units=[np.inf] + [2.0] * 103), [], "units is inf in one of the periods"),
        (shop(1).assign(units=-3), [], "units is -3"),
        (shop(1).assign(units="many"), [], "expected numbers"),
        (shop(1).assign(week=pd.Timestamp("2026-01-05")), ["week"], "such as the month"),
    ],
)
def test_wrong_columns_are_refused(frame, controls, words):
    with pytest.raises(InputError, match=words):
        elasticity.own_price_elasticity(frame, controls=controls)


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'season'"):
        elasticity.own_price_elasticity(shop(1), controls=["saison"])
    with pytest.raises(UnknownNameError, match="no method 'probit'"):
        elasticity.own_price_elasticity(shop(1), method="probit")


def test_currency_and_frame_kind_change_nothing_and_input_stays():
    frame = shop(5)
    before = frame.copy()
    found = elasticity.own_price_elasticity(frame, controls=CONTROLS)
    assert frame.equals(before)
    dearer = elasticity.own_price_elasticity(frame.assign(price=frame["price"] * 150), controls=CONTROLS)
    assert dearer.elasticity == pytest.approx(found.elasticity)
    polars = elasticity.own_price_elasticity(pl.from_pandas(frame), controls=CONTROLS)
    assert polars.table.rows() == list(found.table.itertuples(index=False, name=None))
    lazy = elasticity.own_price_elasticity(duckdb.from_df(frame), controls=CONTROLS)
    assert lazy.elasticity == pytest.approx(found.elasticity)
    assert repr(lazy)
    assert lazy.plot()


def test_elasticity_draws_both_lines():
    ax = elasticity.own_price_elasticity(shop(1), controls=CONTROLS).plot()
    assert len(ax.get_legend().get_texts()) == 2


def test_a_positive_elasticity_carries_its_plus():
    price = np.array([8.0, 9, 10, 11, 12] * 6)
    found = elasticity.own_price_elasticity(pd.DataFrame({"price": price, "units": 5 * price**1.34}))
    assert "elasticity +1.34, 95% interval +1.34 to +1.34" in found.sentence
    assert found.plot().get_legend().get_texts()[0].get_text() == "elasticity +1.34"


def test_ols_is_too_steep_where_units_are_few_and_poisson_is_not():
    draw, found = np.random.default_rng(1), {"ols": [], "poisson": []}
    for _ in range(300):
        price = draw.choice([8.0, 9, 10, 11, 12], 70)
        rows = pd.DataFrame({"price": price, "units": draw.poisson(15 * (price / 10) ** -2.0) + 0.0})
        if not rows["units"].all():
            continue
        for method, each in found.items():
            each.append(elasticity.own_price_elasticity(rows, method=method).elasticity)
    assert np.mean(found["ols"]) == pytest.approx(-2.1, abs=0.03)
    assert np.mean(found["poisson"]) == pytest.approx(-2.0, abs=0.04)
