"""Other rates for the same funnel, against sums by hand; and the names that steps go by."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, UnknownNameError
from sellerlab.funnel import usual_steps, what_if

REACHED = {"visit": 1000, "cart": 100, "order": 50}
STABLE = settings(deadline=None, derandomize=True, max_examples=100)

counts = st.lists(st.integers(1, 10**6), min_size=2, max_size=6).map(
    lambda each: {f"step {place}": n for place, n in enumerate(sorted(each, reverse=True))}
)


def test_without_another_rate_it_is_the_funnel_as_counted():
    found = what_if(REACHED, order_value=200, currency="JPY")
    assert (found.before, found.after, found.value) == (50, 50, 0)
    assert set(found.parts.values()) == {0}
    # By hand: ten more carts of a thousand visits, half of which order; or one more order of 100 carts.
    assert found.table["orders_per_point"].tolist()[1:] == pytest.approx([5, 1])
    assert found.table["value_per_point"].tolist()[1:] == pytest.approx([1000, 200])
    assert (found.best_point, found.per_point) == ("cart", pytest.approx(5))
    assert found.sentence == (
        "50 of 1,000 at visit reach order. One more point of a rate then brings most at cart: 5.0, worth JPY "
        "1,000."
    )


def test_a_raised_rate_is_carried_through_the_steps_after_it():
    found = what_if(REACHED, {"cart": 0.12}, order_value=200, currency="JPY")
    assert found.after == pytest.approx(60)
    assert found.value == pytest.approx(2000)
    assert found.parts == {"visit": 0, "cart": pytest.approx(10), "order": 0}
    assert found.table["reached_then"].tolist() == pytest.approx([1000, 120, 60])
    assert (
        "With these rates it would be 60 of 1,000 (6.0%). That is 10 more, worth JPY 2,000." in found.sentence
    )
    fewer = what_if(REACHED, {"order": 0.4})
    assert fewer.value is None
    assert "That is 10 fewer." in fewer.sentence
    assert "40 of 1,000" in fewer.sentence


def test_two_steps_raised_together_bring_more_than_one_by_one():
    gains = [what_if(REACHED, rates).after - 50 for rates in ({"cart": 0.2}, {"order": 0.75})]
    both = what_if(REACHED, {"cart": 0.2, "order": 0.75})
    assert gains == pytest.approx([50, 25])
    assert both.after - 50 == pytest.approx(100)


@STABLE
@given(counts, st.floats(0.2, 5), st.data())
def test_parts_add_up_and_a_tenth_more_is_worth_the_same_at_every_step(reached, growth, data):
    steps = list(reached)
    rates = {step: data.draw(st.floats(0.001, 1)) for step in steps[1:]}
    found = what_if(reached, rates, start=reached[steps[0]] * growth)
    assert sum(found.parts.values()) == pytest.approx(found.after - found.before, rel=1e-6, abs=1e-6)
    assert found.after == pytest.approx(found.table["reached_then"].iloc[-1])
    one_more = 1.1 * reached[steps[-1]]
    for of, step in pairwise(steps):
        rate = 1.1 * reached[step] / reached[of]
        if rate <= 1:
            assert what_if(reached, {step: rate}).after == pytest.approx(one_more)
    assert what_if(reached, start=1.1 * reached[steps[0]]).after == pytest.approx(one_more)


@STABLE
@given(counts)
def test_a_point_is_worth_what_a_point_more_brings(reached):
    found = what_if(reached).table.set_index("step")
    for step in list(reached)[1:]:
        if found.loc[step, "rate"] <= 0.99:
            more = what_if(reached, {step: found.loc[step, "rate"] + 0.01})
            assert more.after - more.before == pytest.approx(found.loc[step, "orders_per_point"], rel=1e-6)


def test_where_everybody_passes_there_is_no_point_more_to_be_had():
    assert what_if({"visit": 10, "cart": 10, "order": 9}).best_point == "order"


def test_the_picture_steps_from_what_was_counted_to_what_would_be():
    ax = what_if(REACHED, {"cart": 0.12, "order": 0.4}).plot()
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    starts, widths = zip(*bars, strict=True)
    assert [each.get_text() for each in ax.get_yticklabels()] == ["counted", "visit", "cart", "order", "then"]
    assert (widths[0], widths[-1]) == pytest.approx((50, 48))
    assert starts[3] == pytest.approx(50 + widths[2])
    assert starts[3] + widths[3] == pytest.approx(48)
    assert ax.get_xlim()[1] > starts[3]


@pytest.mark.parametrize(
    ("reached", "rates", "start", "error", "message"),
    [
        ({"visit": 10}, {}, None, InputError, "1 steps: expected two or more"),
        ({"visit": 10, "order": 11}, {}, None, InputError, "10 reached visit and 11 order"),
        ({"visit": 10, "order": 0}, {}, None, InputError, "more than 0 everywhere"),
        (REACHED, {"visit": 0.5}, None, UnknownNameError, "step after the first"),
        (REACHED, {"cart": 12}, None, InputError, "Did you mean 0.12"),
        (REACHED, {"cart": 0}, None, InputError, "rate of cart is 0"),
        (REACHED, {}, 0, InputError, "start is 0"),
    ],
)
def test_what_has_no_rates_is_refused(reached, rates, start, error, message):
    with pytest.raises(error, match=message):
        what_if(reached, rates, start=start)


def test_the_usual_steps_are_found_by_their_names_in_their_order():
    assert usual_steps(["buy", "page_view", "scroll", "cart"]) == ("page_view", "cart", "buy")
    # Where a file has two names of one step, the usual one counts.
    assert usual_steps(["session_start", "visit"]) == ("visit",)
    assert usual_steps([]) == ()
