"""Demo data, shops made to order, and the promise that the same seed gives the same bytes."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import datasets
from sellerlab.errors import InputError, UnknownNameError

TABLES = ("orders", "products", "events", "content")
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def demo():
    return datasets.simulate()


def _bytes(shop):
    return [getattr(shop, name).to_csv(index=False) for name in TABLES] + [shop.describe()]


@pytest.mark.parametrize("seed", ["demo", 7, "みか", ""])
def test_the_same_seed_gives_the_same_bytes(seed):
    one = datasets.simulate("phone_stand", seed=seed, orders=300)
    assert _bytes(one) == _bytes(datasets.simulate("phone_stand", seed=seed, orders=300))


def test_a_number_and_its_text_are_one_seed():
    assert _bytes(datasets.simulate(seed=7, orders=100)) == _bytes(datasets.simulate(seed="7", orders=100))
    assert _bytes(datasets.simulate(seed=np.int64(7), orders=100)) == _bytes(
        datasets.simulate(seed=7, orders=100)
    )


def test_another_seed_gives_another_shop_with_other_prices_costs_fees_and_buyers():
    one, other = (datasets.simulate(seed=seed, orders=300) for seed in (1, 2))
    assert not one.orders.equals(other.orders)
    assert not one.products["price"].equals(other.products["price"])
    assert not one.products["landed_cost"].equals(other.products["landed_cost"])
    for part in ("fee_rates", "customers", "elasticity", "costs", "funnel"):
        assert one.truth[part] != other.truth[part]


def test_more_orders_do_not_change_who_the_shop_is():
    small, large = (datasets.simulate(seed="mika", orders=size) for size in (300, 900))
    assert small.truth["customers"] == large.truth["customers"]
    assert small.products["price"].equals(large.products["price"])


def test_an_unknown_world_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"no world 'phone_stnd'\. Did you mean 'phone_stand'\?"):
        datasets.simulate("phone_stnd")
    with pytest.raises(UnknownNameError, match="no world 'moon'"):
        datasets.load_orders("moon")
    with pytest.raises(UnknownNameError, match="no world 'moon'"):
        datasets.data_card("moon")


@pytest.mark.parametrize("seed", [1.5, None, True, ["demo"]])
def test_a_seed_is_text_or_a_whole_number(seed):
    with pytest.raises(InputError, match=r"a seed is a text such as 'mika' or a whole number"):
        datasets.simulate(seed=seed)


@pytest.mark.parametrize("orders", [0, -5, 19])
def test_too_few_orders_are_refused(orders):
    with pytest.raises(InputError, match=rf"orders is {orders}: a shop needs 20 orders or more"):
        datasets.simulate(orders=orders)


def test_the_number_of_orders_is_a_whole_number():
    with pytest.raises(InputError, match=r"orders is 300\.5: expected a whole number"):
        datasets.simulate(orders=300.5)


@pytest.mark.parametrize("name", TABLES)
def test_bundled_tables_are_the_demo_shop(demo, name):
    loaded = getattr(datasets, f"load_{name}")()
    pd.testing.assert_frame_equal(loaded, getattr(demo, name))
    assert list(map(str, loaded.dtypes)) == list(map(str, getattr(demo, name).dtypes))


def test_bundled_costs_and_card_are_the_demo_shop(demo):
    assert datasets.load_costs() == dict(demo.costs)
    assert datasets.data_card() == demo.describe()


def test_files_on_disk_are_what_the_code_makes():
    spec = importlib.util.spec_from_file_location("make_datasets", ROOT / "tools" / "make_datasets.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    made = tool.files()
    assert len(made) == 8
    for name, text in made.items():
        assert tool.unpacked(ROOT / "datasets" / name) == text, f"{name}: run python tools/make_datasets.py"


def test_committed_data_stays_small():
    folders = [ROOT / "datasets" / name for name in ("phone_stand", "exports")]
    assert sum(file.stat().st_size for folder in folders for file in folder.iterdir()) < 2_000_000


def test_list_datasets_counts_the_rows_of_every_file(demo):
    listed = datasets.list_datasets().set_index("name")
    assert listed.loc["orders", "rows"] == len(demo.orders)
    assert listed.loc["products", "rows"] == len(demo.products)
    assert listed.loc["events", "rows"] == len(demo.events)
    assert listed.loc["shopify export", "rows"] == len(demo.orders)
    assert listed.loc["tiktok export", "rows"] == len(demo.orders) + 1  # the row that describes columns
    assert (listed["rows"] > 0).all()
    assert listed["what"].str.len().gt(10).all()


def test_claims_are_text_with_unique_ids():
    claims = datasets.load_claims()
    assert claims["id"].is_unique
    assert {"guide", "claim", "kind", "lesson"} <= set(claims.columns)
    assert not claims.isna().any().any()


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.text(min_size=1, max_size=12).filter(lambda text: text.strip()))
def test_a_handle_is_read_the_same_whatever_the_spaces(handle):
    assert datasets.handle_seed(handle) == datasets.handle_seed(f"  {handle} ")


def test_handles_differ_and_ignore_capitals_and_letter_width():
    assert datasets.handle_seed("Mika") == datasets.handle_seed("ｍｉｋａ")
    assert datasets.handle_seed("mika") != datasets.handle_seed("ken")


@pytest.mark.parametrize("handle", ["", "   ", "\u3000"])
def test_an_empty_handle_is_refused(handle):
    with pytest.raises(InputError, match=r"The handle is empty: write any name you like"):
        datasets.handle_seed(handle)
