"""An offer as it was sent: segments look at the days before it only."""

from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import datasets
from sellerlab.errors import InputError, TableError
from sellerlab.learn.mailed import mailed
from sellerlab.read import pseudonym

SENT = pd.Timestamp("2026-07-20")


@pytest.fixture(scope="module")
def shop():
    return datasets.simulate("baby_goods", orders=600)


def with_history(shop, **days_ago):
    """The shop with a customer for each name, whose paid orders lie so many days before the offer."""
    line = shop.orders[shop.orders["status"] == "paid"].iloc[[0]]
    lines = [
        line.assign(order_id=f"{name}-{ago}", customer_id=name, ordered_at=SENT - pd.Timedelta(days=ago))
        for name, all_ago in days_ago.items()
        for ago in all_ago
    ]
    people = pd.DataFrame({"customer_id": [*days_ago, "nobody"], "sent_at": SENT + pd.Timedelta(hours=10)})
    people["group"] = ["offer" if place % 2 else "holdout" for place in range(len(people))]
    return replace(shop, orders=pd.concat([shop.orders, *lines]), tables={**shop.tables, "offer": people})


def segments(shop, **days_ago):
    people = mailed(with_history(shop, **days_ago)).people
    return dict(zip(people["customer_id"], people["segment"], strict=True))


def test_the_last_order_and_the_number_of_orders_make_the_segment(shop):
    found = segments(shop, a=(200, 60), b=(300, 61), c=(300, 240), d=(300, 241), e=(60,), f=(61,))
    expected = {"a": "loyal", "b": "slipping", "c": "slipping", "d": "lost", "e": "new", "f": "one_time"}
    assert found == {**expected, "nobody": "none"}


def test_an_order_after_the_offer_was_sent_does_not_move_its_customer(shop):
    assert segments(shop, a=(300, 100, -3), b=(100, -1), c=(-2,)) | {"nobody": "none"} == {
        "a": "slipping",
        "b": "one_time",
        "c": "none",
        "nobody": "none",
    }


def test_the_segments_are_nearly_those_that_the_world_planted():
    demo = datasets.simulate("baby_goods")
    counts = mailed(demo).people["segment"].value_counts()
    for name, planted in demo.truth["offer"]["effect"].items():
        # The world counts cancelled orders, too: a seller does not.
        assert counts[name] == pytest.approx(planted["customers"], rel=0.03)
    assert mailed(demo).terms["end"].isoformat() == demo.truth["offer"]["last_day"]


def test_the_planted_effect_is_found_in_a_large_shop():
    large = datasets.simulate("baby_goods", seed="test", orders=60_000)
    rows = mailed(large).uplift().table.set_index("segment")
    for name, planted in large.truth["offer"]["effect"].items():
        assert rows.loc[name, "uplift_low"] <= planted["uplift"] <= rows.loc[name, "uplift_high"]
    assert rows.loc["slipping", "verdict"] == "pays"


def test_an_offer_may_name_customers_as_the_export_does(shop):
    hashed = shop.orders.assign(customer_id=shop.orders["customer_id"].map(pseudonym))
    read, known = mailed(replace(shop, orders=hashed)).people, mailed(shop).people
    assert read["segment"].tolist() == known["segment"].tolist()
    assert read["customer_id"].isin(hashed["customer_id"]).all()


def test_what_cannot_be_read_is_refused(shop):
    offer = shop.tables["offer"]
    strangers = offer.assign(customer_id=[f"x{place}" for place in range(len(offer))])
    with pytest.raises(InputError, match="No customer of offer="):
        mailed(replace(shop, tables={"offer": strangers}))
    other_days = offer.assign(sent_at=[SENT + pd.Timedelta(days=n % 2) for n in range(len(offer))])
    with pytest.raises(TableError, match="give offer="):
        mailed(replace(shop, tables={}))
    with pytest.raises(TableError, match="group"):
        mailed(replace(shop, tables={"offer": offer.drop(columns="group")}))
    with pytest.raises(InputError, match="one mailing at a time"):
        mailed(replace(shop, tables={"offer": other_days}))
    with pytest.raises(InputError, match="before the 90 days"):
        mailed(shop, days=90)
    with pytest.raises(InputError, match="costs="):
        mailed(replace(shop, costs={}))
