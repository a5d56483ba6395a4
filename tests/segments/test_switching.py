"""Gains and losses between two things of one shop: printed cases, sums, engines, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab.errors import InputError, TableError, UnknownNameError
from sellerlab.segments.switching import PARTS, switching
from tests.small_shop import ENGINES, PRODUCTS, as_engine, orders, rows

PERIODS = ("2026-04", "2026-05")
DAYS = ("2026-04-03", "2026-04-30", "2026-05-01", "2026-05-31")


def shop(people):
    """Order lines in which each customer buys for (new 1, old 1, new 2, old 2) money."""
    lines = [
        (f"{name}-{place}", name, pd.Timestamp(day), sku, float(money))
        for name, amounts in people.items()
        for place, (money, sku, day) in enumerate(zip(amounts, ("new", "old") * 2, DAYS, strict=True))
        if money
    ]
    # One line of another customer for each product and period, so that every call has all of them.
    other = [("x1", "same", "2026-04-09"), ("x2", "same", "2026-05-09")]
    lines += [(f"{n}{s}", c, pd.Timestamp(d), s, 7.0) for n, c, d in other for s in ("new", "old")]
    frame = pd.DataFrame(lines, columns=["order_id", "customer_id", "ordered_at", "sku", "unit_price"])
    return frame.assign(quantity=1)


def found(people):
    result = switching(shop(people), "new", "old", *PERIODS)
    return tuple(
        getattr(result, part)
        for part in ("new", "lost", "increased", "decreased", "switched_from", "switched_to")
    )


# The seven cases that the tests of openretailscience print: (focus 1, other 1, focus 2, other 2) to (new,
# lost, increased, decreased, switched from, switched to).
PRINTED = [
    ((0, 0, 100, 0), (100, 0, 0, 0, 0, 0)),
    ((100, 0, 0, 0), (0, -100, 0, 0, 0, 0)),
    ((100, 100, 150, 120), (0, 0, 50, 0, 0, 0)),
    ((100, 100, 150, 80), (0, 0, 30, 0, 20, 0)),
    ((100, 100, 50, 110), (0, 0, 0, -40, 0, -10)),
    ((100, 100, 20, 150), (0, 0, 0, -30, 0, -50)),
    ((100, 100, 180, 50), (0, 0, 30, 0, 50, 0)),
]


@pytest.mark.parametrize(("amounts", "parts"), PRINTED)
def test_one_customer_matches_the_printed_case(amounts, parts):
    assert found({"ann": amounts}) == parts


def test_the_printed_customers_together_are_the_sum_of_the_cases():
    people = {str(place): amounts for place, (amounts, _) in enumerate(PRINTED)}
    assert found(people) == tuple(np.sum([parts for _, parts in PRINTED], axis=0))


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(st.tuples(*[st.integers(-30, 90)] * 4), min_size=1, max_size=12))
def test_the_six_parts_add_up_to_the_change_and_keep_their_signs(people):
    cents = {str(place): [each / 100 for each in amounts] for place, amounts in enumerate(people)}
    result = switching(shop(cents).assign(currency="EUR"), "new", "old", *PERIODS)
    parts = [round(100 * getattr(result, part)) for part in PARTS]
    assert sum(parts) == round(100 * result.change) == sum(each[2] - each[0] for each in people)
    assert min(parts[:3]) >= 0 >= max(parts[3:])
    assert result.after - result.before == pytest.approx(result.change)
    assert sum(row["net_sales"] for row in rows(result.table)) == pytest.approx(result.change)


def test_the_other_way_round_what_came_from_there_went_from_here():
    people = {str(place): amounts for place, (amounts, _) in enumerate(PRINTED)}
    here = switching(shop(people), "new", "old", *PERIODS)
    there = switching(shop(people), "old", "new", *PERIODS)
    assert (here.switched_from, here.switched_to) == (-there.switched_to, -there.switched_from)


def test_what_the_new_stand_took_from_the_old_one_is_told():
    moved = {f"m{n}": (0, 100, 100, 0) for n in range(8)}
    back = {f"b{n}": (100, 0, 0, 100) for n in range(2)}
    fresh = {f"f{n}": (0, 0, 100, 0) for n in range(4)}
    result = switching(shop({**moved, **back, **fresh}), "new", "old", *PERIODS)
    assert (result.change, result.switched_from, result.switched_to, result.new) == (1000, 800, -200, 400)
    assert (result.net_switched, result.share, result.changed, result.customers) == (600, 0.6, 14, 15)
    assert [row["share"] for row in rows(result.table)] == pytest.approx([1 / 3, 0, 2 / 3, 0, 0, 1])
    assert [row["customers"] for row in rows(result.table)] == [4, 0, 8, 0, 0, 2]
    assert result.sentence == (
        "Net sales of new went from 207.00 to 1,207.00. Of 1,200.00 gained, 800.00 is what the same "
        "customers spent less on old, 400.00 came from customers who had bought neither and 0.00 is more "
        "from customers known before. The other way, 200.00 went to old. Both ways together, 600.00 came "
        "from old: 60% of the rise. The periods have 30 and 31 days, which is part of the change."
    )
    fell = switching(shop({**moved, **back}), "old", "new", *PERIODS)
    assert (fell.change, fell.share) == (-600, 1)
    assert "600.00 went to new: 100% of the fall" in fell.sentence


def test_a_rise_that_others_brought_is_not_laid_to_the_old_product():
    people = {f"m{n}": (100, 0, 0, 100) for n in range(6)} | {f"f{n}": (0, 0, 300, 0) for n in range(6)}
    result = switching(shop(people), "new", "old", *PERIODS)
    assert (result.change, result.net_switched, result.share) == (1200, -600, None)
    assert "nothing of the rise came from old" in result.sentence


def test_few_customers_get_no_share():
    result = switching(shop({"ann": (0, 100, 100, 0)}), "new", "old", *PERIODS)
    assert (result.switched_from, result.share, result.changed) == (100, None, 1)
    assert [row["share"] for row in rows(result.table)] == [None] * 6
    assert "Fewer than 10 customers changed: too few for a share." in result.sentence
    still = switching(shop({}), "new", "old", ("2026-04-01", "2026-04-30"), ("2026-05-01", "2026-05-30"))
    assert still.change == 0
    assert still.sentence.endswith("The other way, 0.00 went to old.")


def test_lists_names_cancelled_lines_and_unnamed_orders():
    frame = shop({"ann": (0, 100, 100, 0)})
    extra = frame.head(1).assign(order_id="gone", status="cancelled", unit_price=1e6)
    nobody = frame.head(1).assign(order_id="who", customer_id=None, unit_price=1e6)
    between = frame.head(1).assign(order_id="gap", ordered_at=pd.Timestamp("2026-04-20"), unit_price=1e6)
    third = frame.assign(sku=frame["sku"].replace({"new": "third"}), order_id=frame["order_id"] + "t")
    every = pd.concat([frame.assign(status="paid"), extra, nobody, between, third], ignore_index=True)
    names = pd.DataFrame({"sku": ["new", "old"], "product": ["Stand 2", "Stand 1"]})
    apart = ("2026-04-01", "2026-04-10"), ("2026-05-01", "2026-05-31")
    result = switching(every, ["new", "third"], ["old"], *apart, products=names)
    assert (result.before, result.after, result.unnamed) == (14, 214, 0)
    assert (result.focus, result.other) == ("Stand 2, third", "Stand 1")
    whole = switching(every.drop(index=every.index[every["order_id"] == "gap"]), "new", "old", *PERIODS)
    assert whole.unnamed == 1
    assert "Left out: 1 orders that name no customer." in whole.sentence


def test_money_is_net_of_refunds_and_tax():
    frame = shop({"ann": (0, 110, 110, 0)}).assign(refunded=0.0)
    frame.loc[(frame["unit_price"] == 110) & (frame["sku"] == "old"), "refunded"] = 55.0
    result = switching(frame, "new", "old", *PERIODS, vat_rate=0.1)
    assert (result.increased, result.switched_from) == pytest.approx((50, 50))
    stated = switching(frame.assign(tax_included=0.5), "new", "old", *PERIODS, vat_rate=0.1)
    assert stated.change == 109.5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["sku", "channel"])
def test_engines_agree(engine, by):
    frame = orders(3, count=400)
    frame.loc[::50, "customer_id"] = None
    focus, other = (["A", "D"], "B") if by == "sku" else ("own", "market")

    def call(each):
        return switching(each, focus, other, "2026-03", "2026-04", by=by, products=PRODUCTS)

    result, wanted = call(as_engine(frame, engine)), call(frame)
    assert rows(result.table) == rows(wanted.table)
    assert (result.sentence, result) == (wanted.sentence, wanted)
    assert result.changed >= 10


def test_the_order_of_rows_changes_nothing_and_the_input_stays():
    frame = orders(5, count=300)
    before = frame.copy()
    one = switching(frame, "A", "B", "2026-03", "2026-05")
    two = switching(frame.sample(frac=1, random_state=1), "A", "B", "2026-03", "2026-05")
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one == two


@pytest.mark.parametrize(
    ("given", "options", "error", "words"),
    [
        (("new", "new", *PERIODS), {}, InputError, "'new' stands in focus and in other"),
        (("nwe", "old", *PERIODS), {}, UnknownNameError, r"sku of focus.*'nwe'\. Did you mean 'new'"),
        (("new", "gold", *PERIODS), {}, UnknownNameError, "sku of other sold in these periods 'gold'"),
        (("new", "old", "2026-05", "2026-04"), {}, InputError, "before ends on 2026-05-31 and after begins"),
        (("new", "old", "May", "2026-06"), {}, InputError, "month is 'May'"),
        (("new", "old", 5, "2026-06"), {}, InputError, "before is 5: expected a month"),
        ((["new"], [], *PERIODS), {}, InputError, "focus or other is empty"),
        (("new", "old", *PERIODS), {"by": "skv"}, TableError, "Did you mean 'sku'"),
    ],
)
def test_impossible_questions_are_refused(given, options, error, words):
    with pytest.raises(error, match=words):
        switching(shop({"ann": (0, 1, 1, 0)}), *given, **options)


def test_a_file_without_customers_is_refused():
    frame = shop({"ann": (0, 1, 1, 0)})
    with pytest.raises(TableError, match="customer_id"):
        switching(frame.drop(columns="customer_id"), "new", "old", *PERIODS)
    with pytest.raises(InputError, match="No line of new or old names its customer"):
        switching(frame.assign(customer_id=""), "new", "old", *PERIODS)


def test_the_picture_steps_from_before_to_after():
    import matplotlib.pyplot as plt

    people = {f"m{n}": (0, 100, 100, 0) for n in range(3)} | {"z": (50, 0, 0, 0)}
    ax = switching(shop(people), "new", "old", *PERIODS).plot()
    assert [label.get_text() for label in ax.get_yticklabels()][:4] == [
        "before",
        "new customers",
        "known customers, more",
        "from old",
    ]
    last = ax.patches[-1]
    assert (last.get_x(), last.get_width()) == (0, 307)
    assert ax.patches[-2].get_x() + ax.patches[-2].get_width() == pytest.approx(307)
    plt.close("all")
