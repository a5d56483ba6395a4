"""Lesson 43: its exercises ask what the functions of experiments say, on any test of the same kind."""

import re

import pandas as pd
import pytest

from sellerlab import datasets, experiments, learn
from sellerlab.learn.lessons import l43


@pytest.fixture(scope="module")
def demo():
    return learn.shop(world="baby_goods")


@pytest.mark.parametrize("handle", [None, "mika", "תמר"])
def test_answers_are_those_of_the_library(handle):
    shop = learn.shop(handle, world="baby_goods")
    answers = {each.id: each.answer(shop) for each in l43.LESSON.exercises}
    test = shop.listing_test
    rates = experiments.compare_rates(test, visitors=None)
    assert answers["43.1"] == pytest.approx(rates.relative)
    base = test.loc[test["variant"] == "A", "orders"].mean()
    assert answers["43.2"] == experiments.sample_size(base, lift=0.1).per_variant
    assert experiments.compare_rates(shop.listing_test_broken, visitors=None).verdict == "split_broken"
    assert answers["43.3"] == "d"
    assert answers["43.4"] == pytest.approx(experiments.compare_means(test).difference)
    planted = shop.truth["listing_weeks"]
    beyond = experiments.difference_in_differences(
        shop.listing_weeks,
        planted["treated"],
        pd.Timestamp(planted["changed_on"]),
        as_of=pd.Timestamp("2026-08-30"),
        ordered_at="week",
        quantity="units",
    )
    assert answers["43.5"] == pytest.approx(beyond.effect)


def test_nothing_in_a_question_or_hint_gives_the_number_away(demo):
    lab = learn.start("43", shop=demo, strict=True)
    for each in lab.exercises:
        if each.kind == "choice":
            continue
        answer = re.match(r"[^:;.]*?(\d[\d,.]*\d)", each.told(each.solution, demo))[1]
        shown = [repr(lab.ask(each.id))]
        shown += [repr(lab.hint(each.id, step)) for step in range(1, len(each.hints) + 1)]
        assert not any(re.search(rf"(?<![\d,]){answer}(?![\d,])", text) for text in shown), each.id


def test_every_template_is_filled_on_the_demo_shop(demo):
    lab = learn.start("43", shop=demo, strict=True)
    for each in lab.exercises:
        cards = [lab.ask(each.id), *(lab.hint(each.id) for _ in each.hints), lab.solution(each.id)]
        for card in cards:
            assert "{" not in repr(card)
            assert "–" not in repr(card)


def test_tests_of_ones_own_are_read_from_files_in_their_own_words(demo, tmp_path):
    names = {"A": "old", "B": "young"}
    paths = {name: str(tmp_path / f"{name}.csv") for name in ("listing_test", "listing_weeks")}
    demo.listing_test.replace({"variant": names}).to_csv(paths["listing_test"], index=False)
    demo.listing_weeks.to_csv(paths["listing_weeks"], index=False)
    lab = learn.start("43", tables=paths, currency="EUR", strict=True)
    assert "with old" in repr(lab.ask("43.1"))
    assert "EUR" in repr(lab.hint("43.4", 2))
    for each in lab.exercises:
        assert lab.check(each.id, each.answer(demo)).state == "right", each.id


@pytest.mark.parametrize(
    ("table", "spoil", "exercises"),
    [
        ("listing_test", lambda frame: frame[frame["variant"] == "A"], ["43.1", "43.2", "43.4"]),
        ("listing_test", lambda frame: frame.assign(orders=0), ["43.1", "43.2"]),
        ("listing_test_broken", lambda frame: frame[::2].assign(variant=["A", "B"] * 1344), ["43.3"]),
        ("listing_weeks", lambda frame: frame.assign(changed=0), ["43.5"]),
        ("listing_weeks", lambda frame: frame[frame["week"] < "2026-07-01"], ["43.5"]),
    ],
)
def test_where_a_test_cannot_answer_the_learner_is_asked_but_not_judged(demo, table, spoil, exercises):
    lab = learn.start("43", tables={table: spoil(demo.tables[table])}, strict=True)
    for number in exercises:
        assert lab.check(number, "d" if number == "43.3" else 1).state == "no answer", number
        assert repr(lab.ask(number))
        assert repr(lab.solution(number))


def test_a_broken_split_finds_winners_where_none_was_planted_and_the_check_finds_the_break():
    better = 0
    for place in range(40):
        shop = datasets.simulate("baby_goods", seed=f"split {place}", orders=300)
        assert shop.truth["listing_test_broken"]["lift_of_b"] == 0
        read = experiments.compare_rates(shop.listing_test_broken, visitors=None, trust_split=True)
        assert read.split.broken
        assert experiments.split_check(shop.listing_test["variant"].value_counts().to_dict()).p > 1e-4
        better += read.verdict == "better"
    assert better >= 10
