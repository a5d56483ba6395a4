import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.pricing import intent, survey


@pytest.fixture(autouse=True)
def _close_pictures():
    yield
    plt.close("all")


def people(n=2000):
    u = 20 * (np.arange(n) + 0.5) / n
    return pd.DataFrame({"too_cheap": u, "cheap": u + 5, "expensive": u + 8, "too_expensive": u + 10})


def random_people(seed, n=400, centre=100.0):
    draw = np.random.default_rng(seed)
    centred = centre * draw.lognormal(0, 0.2, n)
    steps = np.sort(draw.uniform(0.4, 1.8, (n, 4)), axis=1)
    return pd.DataFrame(centred[:, None] * steps, columns=list(survey.QUESTIONS))


def test_uniform_answers_give_the_points_of_the_straight_lines():
    found = survey.van_westendorp(people(), draws=20)
    assert found.optimal == pytest.approx(15.0, abs=0.01)
    assert found.indifference == pytest.approx(16.5, abs=0.01)
    assert (found.low, found.high) == pytest.approx((12.5, 19.0), abs=0.01)
    assert (found.narrow_low, found.narrow_high) == pytest.approx((14.0, 17.5), abs=0.01)


def test_curves_reach_exactly_nothing_and_everyone():
    curves = survey.van_westendorp(people(50), draws=10).curves
    for name in ("too_cheap", "cheap", "not_expensive"):
        assert (curves[name].iloc[0], curves[name].iloc[-1]) == (1.0, 0.0)
        assert (curves[name].diff().dropna() <= 0).all()
    for name in ("too_expensive", "expensive", "not_cheap"):
        assert (curves[name].iloc[0], curves[name].iloc[-1]) == (0.0, 1.0)


def test_contradicting_and_missing_answers_are_left_out_and_counted():
    frame = people(100)
    good = survey.van_westendorp(frame.iloc[30:], draws=10)
    frame.loc[:19, ["cheap", "expensive"]] = frame.loc[:19, ["expensive", "cheap"]].to_numpy()
    frame.loc[20:28, "too_expensive"] = np.nan
    frame.loc[29, "cheap"] = frame.loc[29, "too_cheap"]
    found = survey.van_westendorp(frame, draws=10)
    assert (found.valid, found.invalid) == (70, {"missing": 9, "out_of_order": 21})
    assert found.optimal == good.optimal
    assert "30 (30%) were incomplete or contradicted themselves" in found.sentence


def test_a_gap_between_two_camps_gives_its_middle():
    # half say 1..4, half 11..14: from 4 to 11 as many find it too cheap as too expensive.
    rows = [[1, 2, 3, 4]] * 20 + [[11, 12, 13, 14]] * 20
    found = survey.van_westendorp(pd.DataFrame(rows, columns=list(survey.QUESTIONS)), draws=10)
    assert found.optimal == 7.5


def test_prices_scale_with_the_currency_and_do_not_depend_on_order():
    frame = random_people(1)
    found = survey.van_westendorp(frame, draws=10)
    other = survey.van_westendorp(frame.sample(frac=1, random_state=3) * 100, draws=10)
    assert other.optimal == pytest.approx(100 * found.optimal)
    assert found.low < found.optimal < found.high


def test_intervals_cover_the_planted_points():
    truth = survey.van_westendorp(random_people(999, n=60_000), draws=2)
    covered = 0
    for seed in range(60):
        row = survey.van_westendorp(random_people(seed, n=150), draws=150, seed=seed).table.iloc[0]
        covered += row["low"] <= truth.optimal <= row["high"]
    assert 52 <= covered <= 60


def test_the_same_seed_gives_the_same_interval():
    first, again = (survey.van_westendorp(random_people(2), draws=50, seed=4) for _ in range(2))
    other = survey.van_westendorp(random_people(2), draws=50, seed=5)
    assert first.table.equals(again.table)
    assert not first.table.equals(other.table)


def test_polars_and_renamed_columns_give_the_same_answer():
    frame = random_people(3)
    found = survey.van_westendorp(
        pl.from_pandas(frame).rename({"cheap": "bargain"}), cheap="bargain", draws=10
    )
    assert found.optimal == survey.van_westendorp(frame, draws=10).optimal
    assert isinstance(found.table, pl.DataFrame)


def test_too_few_answers_give_no_price_but_say_how_many_are_needed():
    found = survey.van_westendorp(people(29))
    assert found.optimal is None
    assert found.sentence == (
        "29 of 29 respondents answered completely and in order: too few for a price range, 30 are needed."
    )
    assert found.plot() is not None


def test_a_missing_question_is_refused_with_the_nearest_column():
    with pytest.raises(UnknownNameError, match="no survey column 'cheap'"):
        survey.van_westendorp(people().drop(columns="cheap"))
    with pytest.raises(InputError, match="expected numbers"):
        survey.van_westendorp(people().assign(cheap="about 10"))


def test_price_range_draws_its_range():
    ax = survey.van_westendorp(random_people(4), draws=10, currency="ILS").plot()
    # Told apart without colour.
    assert len({line.get_linestyle() for line in ax.lines[:4]}) == 4
    assert len(ax.get_legend().get_texts()) == 4


def with_intent(frame, cheap, expensive):
    return frame.assign(intent_cheap=cheap, intent_expensive=expensive)


def test_trial_of_one_kind_of_person_is_the_line_between_four_points():
    one = pd.DataFrame([[10, 20, 30, 40]] * 40, columns=list(survey.QUESTIONS))
    found = intent.newton_miller_smith(with_intent(one, 5, 3), draws=10)
    assert found.table["price"].tolist() == [10, 20, 30, 40]
    assert found.table["would_buy"].tolist() == pytest.approx([0, 0.7, 0.3, 0])
    assert (found.most_buyers, found.most_revenue) == (20, 20)
    # with a cost of 16 a sale at 20 leaves 4 and one at 30 leaves 14: 2.8 against 4.2.
    dear = intent.newton_miller_smith(with_intent(one, 5, 3), cost=16, draws=10)
    assert dear.most_profit == 30
    assert dear.table["profit_per_100"].max() == pytest.approx(420)


def test_mixed_people_are_averaged_at_every_named_price():
    two = pd.DataFrame([[10, 20, 30, 40], [20, 30, 40, 50]] * 20, columns=list(survey.QUESTIONS))
    found = intent.newton_miller_smith(with_intent(two, 4, 4), draws=10)
    assert found.table["would_buy"].tolist() == pytest.approx([0, 0.25, 0.5, 0.25, 0])


def test_another_calibration_scales_the_curve():
    frame = with_intent(random_people(5), 5, 3)
    usual = intent.newton_miller_smith(frame, draws=10)
    half = intent.newton_miller_smith(
        frame, draws=10, calibration={k: v / 2 for k, v in intent.CALIBRATION.items()}
    )
    assert half.table["would_buy"].tolist() == pytest.approx((usual.table["would_buy"] / 2).tolist())
    assert half.most_revenue == usual.most_revenue


def test_the_sentence_says_whether_answers_were_taken_at_their_word():
    found = intent.newton_miller_smith(with_intent(random_people(5), 5, 3), draws=10)
    assert "from 100 people asked, if the calibration of their answers holds." in found.sentence
    assert "Chance of buying by answer: 1: 0%, 2: 10%, 3: 30%, 4: 50%, 5: 70%." in found.definition
    plain = intent.gabor_granger(asked([0.8, 0.7, 0.5, 0.3]))
    assert "from 100 people asked, if they do as they say." in plain.sentence
    assert "Chance of buying" not in plain.definition


def test_an_intent_off_the_scale_is_refused():
    with pytest.raises(InputError, match="An intent is 7"):
        intent.newton_miller_smith(with_intent(people(40), 7, 3))


def test_few_intents_give_no_best_price():
    found = intent.newton_miller_smith(with_intent(people(12), 5, 3))
    assert (found.most_profit, found.most_buyers) == (None, None)
    assert "too few" in found.sentence


def asked(shares, n=100):
    return pd.DataFrame({"price": [10, 12, 14, 16], "would_buy": [n * each for each in shares], "asked": n})


def test_gabor_granger_finds_the_best_revenue():
    found = intent.gabor_granger(asked([0.8, 0.7, 0.5, 0.3]))
    assert (found.table["revenue_per_100"] / 100).tolist() == pytest.approx([8.0, 8.4, 7.0, 4.8])
    assert (found.most_revenue, found.most_buyers, found.respondents) == (12, 10, 400)


def test_fees_and_cost_move_the_best_price_up():
    found = intent.gabor_granger(asked([0.8, 0.7, 0.5, 0.3]), cost=7, fees=0.1)
    # 10: .8*2, 12: .7*3.8, 14: .5*5.6, 16: .3*7.4
    assert found.table["profit_per_100"].tolist() == pytest.approx([160, 266, 280, 222])
    assert found.most_profit == 14
    assert found.profit_low <= 14 <= found.profit_high


def test_shares_are_made_monotone_by_pooling_neighbours():
    found = intent.gabor_granger(asked([0.6, 0.7, 0.5, 0.3]))
    assert found.table["stated"].tolist() == pytest.approx([0.6, 0.7, 0.5, 0.3])
    assert found.table["would_buy"].tolist() == pytest.approx([0.65, 0.65, 0.5, 0.3])
    weighted = asked([0.6, 0.7, 0.5, 0.3]).assign(asked=[300, 100, 100, 100], would_buy=[180, 70, 50, 30])
    assert intent.gabor_granger(weighted).table["would_buy"][0] == pytest.approx(250 / 400)


def test_single_answers_and_counts_give_the_same_shares():
    rows = [
        (price, int(k < buys)) for price, buys in ((10, 80), (12, 70), (14, 50), (16, 30)) for k in range(100)
    ]
    single = pl.DataFrame(rows, schema=["price", "would_buy"], orient="row")
    one, other = intent.gabor_granger(single), intent.gabor_granger(asked([0.8, 0.7, 0.5, 0.3]))
    assert one.table.rows() == list(other.table.itertuples(index=False, name=None))


def test_shares_carry_wilson_intervals():
    # 15 of 148: .0624 to .1605 (Newcombe 1998)
    frame = pd.DataFrame({"price": [10, 12], "would_buy": [81, 15], "asked": [263, 148]})
    found = intent.gabor_granger(frame).table
    assert found["low"].tolist() == pytest.approx([0.2553, 0.0624], abs=5e-5)
    assert found["high"].tolist() == pytest.approx([0.3662, 0.1605], abs=5e-5)


def test_no_profit_at_any_price_is_said():
    found = intent.gabor_granger(asked([0.8, 0.7, 0.5, 0.3]), cost=20)
    assert found.most_profit is None
    assert "No price that was named earns anything" in found.sentence


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (asked([0.8, 1.2, 0.5, 0.3]), "between 0 and the number asked"),
        (pd.DataFrame({"price": [10, 10], "would_buy": [1, 0]}), "Only one price"),
    ],
)
def test_impossible_answers_are_refused(frame, words):
    with pytest.raises(InputError, match=words):
        intent.gabor_granger(frame)


def test_best_prices_draw():
    ax = intent.gabor_granger(asked([0.8, 0.7, 0.5, 0.3]), cost=7, currency="ILS").plot()
    assert len(ax.lines) == 4
