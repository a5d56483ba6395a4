"""Demo data, shops made to order, and the promise that the same seed gives the same bytes."""

import copy
import importlib.util
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerlab import datasets
from sellerlab.errors import InputError, UnknownNameError

TABLES = [(world, table) for world in datasets.WORLDS for table in datasets.world_tables(world)]
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def demos():
    return {world: datasets.simulate(world) for world in datasets.WORLDS}


@pytest.fixture(scope="module")
def demo(demos):
    return demos["phone_stand"]


def _bytes(shop):
    frames = [shop.orders, shop.products, *shop.tables.values()]
    return [frame.to_csv(index=False) for frame in frames] + [shop.describe()]


@pytest.mark.parametrize("world", datasets.WORLDS)
@pytest.mark.parametrize("seed", ["demo", 7, "みか", ""])
def test_the_same_seed_gives_the_same_bytes(world, seed):
    one = datasets.simulate(world, seed=seed, orders=300)
    assert _bytes(one) == _bytes(datasets.simulate(world, seed=seed, orders=300))


@pytest.mark.parametrize("world", datasets.WORLDS)
def test_a_shop_has_the_tables_that_its_world_names(demos, world):
    named = datasets.world_tables(world)
    assert list(named) == ["orders", "products", *demos[world].tables]
    assert all(len(what) > 10 for what in named.values())
    assert all(len(frame) for frame in demos[world].tables.values())


def test_a_table_is_an_attribute_and_a_missing_one_is_answered_with_the_nearest(demo):
    assert demo.events is demo.tables["events"]
    with pytest.raises(
        UnknownNameError, match=r"no table 'evnts'\. Did you mean 'events'\? Known: .*'orders'"
    ):
        demo.evnts  # noqa: B018
    assert not hasattr(demo, "evnts")
    assert not hasattr(demo, "_repr_html_")


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda shop: pickle.loads(pickle.dumps(shop))])
def test_a_shop_can_be_copied_and_pickled(demo, again):
    assert _bytes(again(demo)) == _bytes(demo)


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


@pytest.mark.parametrize(("world", "table"), TABLES)
def test_bundled_tables_are_the_demo_shop(demos, world, table):
    loaded, made = datasets.load_table(table, world), getattr(demos[world], table)
    pd.testing.assert_frame_equal(loaded, made)
    assert list(map(str, loaded.dtypes)) == list(map(str, made.dtypes))


@pytest.mark.parametrize("table", ["orders", "products", "events", "content"])
def test_common_tables_have_a_loader_of_their_own(table):
    pd.testing.assert_frame_equal(getattr(datasets, f"load_{table}")(), datasets.load_table(table))


def test_an_unknown_table_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"no table 'prodcts'\. Did you mean 'products'\?"):
        datasets.load_table("prodcts")


@pytest.mark.parametrize("world", datasets.WORLDS)
def test_bundled_costs_and_card_are_the_demo_shop(demos, world):
    assert datasets.load_costs(world) == dict(demos[world].costs)
    assert datasets.data_card(world) == demos[world].describe()


def test_files_on_disk_are_what_the_code_makes():
    spec = importlib.util.spec_from_file_location("make_datasets", ROOT / "tools" / "make_datasets.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    made = tool.files()
    assert len(made) == 2 + len(TABLES) + 2 * len(datasets.WORLDS)
    for name, text in made.items():
        assert tool.unpacked(ROOT / "datasets" / name) == text, f"{name}: run python tools/make_datasets.py"


@pytest.mark.parametrize("folder", [*datasets.WORLDS, "exports"])
def test_committed_data_stays_small(folder):
    limit = 1_800_000 if folder == "exports" else 1_500_000
    assert sum(file.stat().st_size for file in (ROOT / "datasets" / folder).iterdir()) < limit


def test_list_datasets_counts_the_rows_of_every_file(demo, demos):
    listed = datasets.list_datasets().set_index("name")
    for world, table in TABLES:
        assert listed.loc[f"{world} {table}", "rows"] == len(getattr(demos[world], table))
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
