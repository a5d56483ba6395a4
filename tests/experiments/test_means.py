import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats

from sellerlab import experiments
from sellerlab.errors import InputError, UnknownNameError
from sellerlab.experiments.moments import Metric, Moments, welch

USERS = pd.DataFrame(
    {
        "variant": ["A"] * 10 + ["B"] * 10,
        "revenue": [0, 12, 0, 31, 8, 0, 19, 0, 25, 8, 22, 0, 41, 35, 0, 28, 16, 0, 52, 40],
        "sessions": [2, 3, 1, 4, 2, 1, 3, 2, 5, 3, 3, 1, 4, 4, 2, 3, 2, 1, 5, 4],
        "orders": [0, 1, 0, 2, 1, 0, 1, 0, 1, 1, 2, 0, 2, 2, 0, 2, 1, 0, 3, 2],
        "revenue_before": [3, 10, 0, 27, 9, 2, 15, 4, 18, 10, 11, 2, 29, 20, 1, 19, 12, 3, 33, 24],
        "orders_before": [1, 1, 0, 2, 1, 0, 1, 1, 1, 1, 1, 0, 2, 1, 0, 1, 1, 0, 2, 1],
        "sessions_before": [3, 3, 1, 3, 2, 2, 3, 2, 4, 3, 2, 2, 4, 3, 2, 3, 3, 1, 4, 3],
    }
)

# tea-tasting 1.14.0 on the table above: difference, interval, relative interval, statistic, p.
ORACLE = [
    (
        {"value": "revenue"},
        (13.1, -1.859532936223184, 28.059532936223178),
        (-0.09026344845080758, 4.673376705886592),
        (1.870050923435945, 0.08155179170291399),
    ),
    (
        {"value": "orders", "per": "sessions"},
        (0.21352785145888592, 0.04481961235715101, 0.3822360905606208),
        (0.06335154720261893, 2.0236660535051962),
        (2.659234830946031, 0.01598237929681793),
    ),
    (
        {"value": "revenue", "covariate": "revenue_before"},
        (4.155094956095567, 1.0977598397975874, 7.212430072393547),
        (0.06404821023407958, 0.5428445731117946),
        (2.855379857796549, 0.010513185552525232),
    ),
    (
        {
            "value": "orders",
            "per": "sessions",
            "covariate": "orders_before",
            "covariate_per": "sessions_before",
        },
        (0.22375331761417305, 0.10729949965666982, 0.34020713557167626),
        (0.2482333440519875, 1.7344140546106592),
        (4.057812814894937, 0.0008375561640458456),
    ),
]


def compare(data=USERS, **given):
    return experiments.compare_means(data, minimum=5, **given)


def shop(seed, n=2000, lift=0.0, rate=0.1):
    random = np.random.default_rng(seed)
    taste = random.normal(0, 1, n)
    variant = np.where(random.random(n) < 0.5, "B", "A")
    spent = np.where(random.random(n) < rate, np.exp(3 + 0.7 * taste + random.normal(0, 0.4, n)), 0)
    before = np.where(random.random(n) < rate, np.exp(3 + 0.7 * taste), 0)
    spent = np.where(variant == "B", spent * (1 + lift), spent)
    return pd.DataFrame({"variant": variant, "revenue": spent.round(2), "before": before.round(2)})


@pytest.mark.parametrize(("given", "difference", "relative", "test"), ORACLE)
def test_welch_ratio_and_cuped_match_tea_tasting(given, difference, relative, test):
    found = compare(**given)
    assert (found.difference, found.low, found.high) == pytest.approx(difference, rel=1e-9)
    assert (found.relative_low, found.relative_high) == pytest.approx(relative, rel=1e-9)
    assert (found.statistic, found.p) == pytest.approx(test, rel=1e-9)


def test_welch_matches_the_printed_case_of_twenty_users():
    # Means, and the variances that the printed t and degrees of freedom leave for ten users a side.
    def moments(mean, variance):
        spread = np.zeros((4, 4))
        spread[0, 0] = variance
        return Moments(10, np.array([mean, 1.0, 0.0, 1.0]), spread)

    found = welch(moments(10.3, 151.73334), moments(23.45, 40.30277), Metric(0.0, 0.0), 0.95)
    assert found["statistic"] == pytest.approx(3.000781, abs=5e-7)
    assert found["degrees"] == pytest.approx(13.466, abs=5e-4)
    assert found["p"] == pytest.approx(0.0098882, abs=5e-8)
    assert (found["low"], found["high"]) == pytest.approx((3.71604, 22.58396), abs=5e-6)
    assert found["relative"] == pytest.approx(1.2767, abs=5e-5)
    assert (found["relative_low"], found["relative_high"]) == pytest.approx((-0.0413, 4.4067), abs=5e-5)


def test_welch_is_scipys():
    data = shop(1)
    found = compare(data)
    a, b = (data.loc[data["variant"] == name, "revenue"] for name in "AB")
    oracle = stats.ttest_ind(b, a, equal_var=False)
    ends = oracle.confidence_interval()
    assert (found.statistic, found.p, found.degrees) == pytest.approx(
        (oracle.statistic, oracle.pvalue, oracle.df)
    )
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def sides(column):
    return (USERS.loc[USERS["variant"] == name, column].to_numpy(dtype=float) for name in "AB")


def welch_of(a, b, difference):
    """Welch's test from the spread that single visitors leave, as written in its definition."""
    va, vb = (each.var(ddof=1) / len(each) for each in (a, b))
    degrees = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    half = stats.t.ppf(0.975, degrees) * np.sqrt(va + vb)
    statistic = difference / np.sqrt(va + vb)
    p = 2 * stats.t.sf(abs(statistic), degrees)
    return statistic, degrees, p, difference - half, difference + half


def test_a_ratio_is_the_delta_method_by_its_definition():
    # What a visitor adds to the ratio R = y / d, to first order, is (y - R d) / mean d.
    (y_a, y_b), (d_a, d_b) = sides("orders"), sides("sessions")
    ratios = [y.sum() / d.sum() for y, d in ((y_a, d_a), (y_b, d_b))]
    a, b = ((y - ratio * d) / d.mean() for y, d, ratio in ((y_a, d_a, ratios[0]), (y_b, d_b, ratios[1])))
    found = compare(value="orders", per="sessions")
    expected = welch_of(a, b, ratios[1] - ratios[0])
    assert (found.statistic, found.degrees, found.p, found.low, found.high) == pytest.approx(expected)


def test_the_error_of_a_ratio_is_that_of_the_jackknife():
    # Leaving out one visitor after another needs no derivative at all.
    data = pd.concat([USERS] * 20, ignore_index=True)
    found = compare(data, value="orders", per="sessions")
    variance = 0.0
    for name in "AB":
        own = data[data["variant"] == name]
        y, d, n = own["orders"].to_numpy(float), own["sessions"].to_numpy(float), len(own)
        without = (y.sum() - y) / (d.sum() - d)
        variance += (n - 1) / n * ((without - without.mean()) ** 2).sum()
    assert found.difference / found.statistic == pytest.approx(np.sqrt(variance), rel=0.01)


def test_cuped_is_welch_on_what_the_covariate_leaves():
    # theta by least squares over all visitors of both variants.
    x, y = (USERS[name].to_numpy(dtype=float) for name in ("revenue_before", "revenue"))
    theta = np.polyfit(x, y, 1)[0]
    left = pd.Series(y - theta * (x - x.mean()))
    a, b = (left[USERS["variant"] == name] for name in "AB")
    oracle = stats.ttest_ind(b, a, equal_var=False)
    ends = oracle.confidence_interval()
    found = compare(covariate="revenue_before")
    assert found.theta == pytest.approx(theta)
    assert found.correlation == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.difference == pytest.approx(b.mean() - a.mean())
    assert (found.statistic, found.p, found.degrees) == pytest.approx(
        (oracle.statistic, oracle.pvalue, oracle.df)
    )
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_cuped_of_a_ratio_is_welch_on_both_linearised_ratios():
    def pulls(y, d):
        return (y - y.sum() / d.sum() * d) / d.mean()

    names = ("orders", "sessions", "orders_before", "sessions_before")
    y, d, x, e = (USERS[name].to_numpy(dtype=float) for name in names)
    now, before = pulls(y, d), pulls(x, e)
    theta = (now @ before) / (before @ before)
    adjusted, ratios = [], []
    for own in ((USERS["variant"] == name).to_numpy() for name in "AB"):
        adjusted.append(pulls(y[own], d[own]) - theta * pulls(x[own], e[own]))
        ratios.append(y[own].sum() / d[own].sum() - theta * (x[own].sum() / e[own].sum() - x.sum() / e.sum()))
    found = compare(
        value="orders", per="sessions", covariate="orders_before", covariate_per="sessions_before"
    )
    expected = welch_of(*adjusted, ratios[1] - ratios[0])
    assert found.theta == pytest.approx(theta)
    assert (found.statistic, found.degrees, found.p, found.low, found.high) == pytest.approx(expected)


def test_large_amounts_keep_their_digits():
    moved = USERS.assign(revenue=USERS["revenue"] + 1e9)
    assert compare(moved).statistic == pytest.approx(compare().statistic, rel=1e-6)


def test_p_values_of_means_are_uniform_and_intervals_cover():
    random = np.random.default_rng(21)
    made = []
    for _ in range(2000):
        spent = np.where(random.random((2, 1500)) < 0.2, random.lognormal(3, 0.5, (2, 1500)), 0)
        sides = []
        for own in spent:
            spread = np.zeros((4, 4))
            spread[0, 0] = own.var(ddof=1)
            sides.append(Moments(1500, np.array([own.mean(), 1.0, 0.0, 1.0]), spread))
        made.append(welch(*sides, Metric(0.0, 0.0), 0.95))
    assert stats.kstest([each["p"] for each in made], "uniform").pvalue > 0.01
    assert 0.93 < np.mean([each["low"] <= 0 <= each["high"] for each in made]) < 0.97


def test_cuped_takes_out_the_share_of_variance_that_was_known():
    data = shop(2, n=6000, rate=0.9)
    plain, adjusted = compare(data), compare(data, covariate="before")
    shrunk = (adjusted.high - adjusted.low) / (plain.high - plain.low)
    assert adjusted.correlation > 0.3
    assert shrunk**2 == pytest.approx(1 - adjusted.correlation**2, rel=0.02)
    assert plain.theta is None
    assert "CUPED" in adjusted.definition


def test_bootstrap_agrees_with_scipys_bca():
    found = compare(method="bootstrap", draws=20_000)
    a, b = (USERS.loc[USERS["variant"] == name, "revenue"].to_numpy(dtype=float) for name in "AB")
    oracle = stats.bootstrap(
        (b, a),
        lambda x, y, axis: x.mean(axis) - y.mean(axis),
        n_resamples=20_000,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=0.6)
    assert found.degrees is None


def test_bootstrap_leans_with_skewed_values_as_scipys_bca_does():
    random = np.random.default_rng(8)
    a, b = random.lognormal(0, 0.3, 60), random.lognormal(0, 1.4, 60)
    data = pd.DataFrame({"variant": ["A"] * 60 + ["B"] * 60, "revenue": np.concatenate([a, b])})
    found = compare(data, method="bootstrap", draws=20_000)
    ends = {
        kind: stats.bootstrap(
            (b, a),
            lambda x, y, axis: x.mean(axis) - y.mean(axis),
            n_resamples=20_000,
            method=kind,
            rng=np.random.default_rng(2),
        ).confidence_interval
        for kind in ("BCa", "percentile")
    }
    assert (found.low, found.high) == pytest.approx((ends["BCa"].low, ends["BCa"].high), abs=0.05)
    assert ends["BCa"].high - ends["percentile"].high > 0.1


def test_bootstrap_covers_and_raises_few_alarms_on_equal_variants():
    made = [compare(shop(seed, 800), method="bootstrap", draws=300) for seed in range(100)]
    alarms = np.mean([each.p < 0.05 for each in made])
    covers = np.mean([each.low <= 0 <= each.high for each in made])
    assert alarms < 0.1
    assert 0.9 < covers <= 0.99


def test_bootstrap_gives_the_same_bytes_for_the_same_seed():
    one, two = (compare(method="bootstrap", draws=200, seed=3) for _ in range(2))
    assert one == two
    other = compare(method="bootstrap", draws=200, seed=4)
    assert (other.low, other.high) != (one.low, one.high)


def test_a_ratio_under_bootstrap_is_close_to_the_delta_method():
    data = pd.concat([USERS] * 40, ignore_index=True)
    delta, boot = (compare(data, value="revenue", per="orders", method=m) for m in ("delta", "bootstrap"))
    assert boot.difference == delta.difference
    assert (boot.low, boot.high) == pytest.approx((delta.low, delta.high), abs=0.3)
    assert (boot.relative_low, boot.relative_high) == pytest.approx(
        (delta.relative_low, delta.relative_high), abs=0.03
    )


def test_one_whale_is_cut_and_said():
    data = shop(3, n=3000)
    data.loc[0, "revenue"] = 100_000.0
    found = compare(data, cap=0.99, currency="EUR")
    bought = data.loc[data["revenue"] > 0, "revenue"]
    assert found.cap == pytest.approx(np.quantile(bought, 0.99))
    assert found.cut == (bought > found.cap).sum()
    assert found.high - found.low < compare(data).high - compare(data).low
    assert f"{found.cut} values above EUR" in found.definition


def test_the_same_means_on_every_engine():
    import duckdb

    data = shop(4, n=500)
    expected = compare(data, covariate="before", cap=0.95)
    frame = pl.from_pandas(data)
    for other in (frame, frame.lazy(), pa.Table.from_pandas(data), duckdb.from_df(data)):
        found = compare(other, covariate="before", cap=0.95)
        assert found.sentence == expected.sentence
        assert (found.p, found.low, found.cap, found.cut) == pytest.approx(
            (expected.p, expected.low, expected.cap, expected.cut)
        )
    assert isinstance(compare(frame).table, pl.DataFrame)


def test_rows_of_one_visitor_are_added_up_first():
    twice = pd.concat([USERS.assign(who=range(20)), USERS.assign(who=range(20))], ignore_index=True)
    halves = twice.assign(revenue=twice["revenue"] / 2)
    assert compare(halves, visitor="who").statistic == pytest.approx(compare().statistic)
    mixed = halves.assign(variant=["A", "B"] * 20)
    mixed.loc[mixed["who"] == 3, "variant"] = ["A", "B"]
    with pytest.raises(InputError, match="1 visitors stand in more than one variant"):
        compare(mixed, visitor="who")


def test_leaving_out_those_who_bought_nothing_is_refused():
    missing = USERS.assign(revenue=USERS["revenue"].where(USERS["revenue"] > 0).astype(float))
    for frame in (missing, pl.from_pandas(missing)):
        with pytest.raises(InputError, match=r"7 values are missing\. A visitor who bought nothing counts 0"):
            compare(frame)
    with pytest.raises(InputError, match="values are missing"):
        compare(pl.from_pandas(missing, nan_to_null=False))


def test_too_few_visitors_and_a_broken_split_give_no_numbers():
    few = experiments.compare_means(USERS)
    assert few.verdict == "too_few"
    assert few.sentence.startswith("Too early: A has 10 visitors, and each variant needs 100.")
    assert few.table[["mean", "difference", "p"]].isna().all().all()
    assert few.table["visitors"].tolist() == [10, 10]
    few.plot()
    lost = pd.concat([shop(5), shop(6).query("variant == 'A'")], ignore_index=True)
    broken = experiments.compare_means(lost)
    assert broken.verdict == "split_broken"
    assert broken.difference is None
    assert "trust_split=True" in broken.sentence
    assert experiments.compare_means(lost, trust_split=True).p is not None


def test_the_sentence_says_which_is_better_by_how_much():
    found = compare(shop(7, n=8000, lift=1.0), currency="EUR")
    assert found.verdict == "better"
    assert found.sentence.endswith("B is better.")
    assert "B brings EUR" in found.sentence
    assert "visitors), A EUR" in found.sentence
    found.plot()
    three = pd.concat([shop(8), shop(9).query("variant == 'B'").assign(variant="C")], ignore_index=True)
    assert "after correction" in compare(three).sentence


def test_equal_values_everywhere_are_no_difference():
    same = USERS.assign(revenue=5.0)
    found = compare(same)
    assert found.difference == 0
    assert found.p == 1.0
    assert compare(same, method="bootstrap", draws=50).p == 1.0


def test_refusals_of_means_say_what_is_wrong():
    for given, message in [
        ({"covariate_per": "sessions"}, "give covariate= too"),
        ({"cap": 99}, r"cap is 99.*Did you mean 0.99"),
    ]:
        with pytest.raises(InputError, match=message):
            compare(**given)
    with pytest.raises(InputError, match="explains nothing"):
        compare(USERS.assign(flat=1.0), covariate="flat")
    with pytest.raises(InputError, match="is 0 for every visitor of variant 'A'"):
        compare(USERS.assign(sessions=[0] * 10 + [1] * 10), per="sessions")
    with pytest.raises(InputError, match="has no rows"):
        compare(USERS.iloc[:0])
    with pytest.raises(UnknownNameError, match="Did you mean 'revenue'"):
        compare(value="revenues")
    with pytest.raises(UnknownNameError, match="Did you mean 'bootstrap'"):
        compare(method="bootstrapp")
