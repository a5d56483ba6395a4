"""An explorer shows what its pure function says: move a slider, and the numbers follow."""

import json
import re

import pytest

from sellerlab.errors import InputError
from sellerlab.learn import explore
from sellerlab.margin.one_sale import one_sale
from sellerlab.pricing import floor_price
from tests.course.course_rules import ROOT

TERMS = {"fee": 0.08, "parcel": 430.0, "ads": 200.0, "vat_rate": 0.1, "currency": "JPY"}


@pytest.fixture
def explorer():
    return explore.unit_economics(2000, 500, **TERMS)


def _shown(explorer):
    return explorer._shown.value


def test_it_begins_with_the_sale_that_was_given(explorer):
    assert explorer.result == one_sale(2000, 500, **TERMS)
    assert explorer.state == {"price": 2000, "cost": 500, "fee": 0.08, "parcel": 430}


@pytest.mark.parametrize(("name", "value"), [("price", 1500), ("cost", 900), ("fee", 0.15), ("parcel", 600)])
def test_moving_a_slider_answers_again(explorer, name, value):
    before = _shown(explorer)
    explorer.controls[name].value = value
    state = {"price": 2000, "cost": 500, **TERMS, name: value}
    expected = one_sale(state.pop("price"), state.pop("cost"), **state)
    assert explorer.result == expected
    assert explorer.result.pnl.contribution_2 == expected.pnl.contribution_2
    assert _shown(explorer) != before
    assert expected.sentence in _shown(explorer)


def test_at_the_floor_nothing_is_left_and_below_it_each_sale_loses(explorer):
    floor = floor_price(500, fees=0.08, fixed_cost=430, vat_rate=0.1)
    explorer.controls["price"].value = floor
    assert explorer.result.pnl.contribution_2 == pytest.approx(0, abs=1.5)
    explorer.controls["price"].value = floor - 50
    assert explorer.result.pnl.contribution_2 < -10


def test_every_slider_has_a_label_and_answers_when_it_is_let_go(explorer):
    for slider in explorer.controls.values():
        assert slider.description
        assert slider.tooltip == slider.description
        assert not slider.continuous_update
        assert slider.min <= slider.value <= slider.max
        assert slider.step > 0


def test_the_picture_is_never_wider_than_its_notebook(explorer):
    assert re.search(r'<img [^>]*style="max-width:100%;height:auto"', _shown(explorer))
    for slider in explorer.controls.values():
        assert (slider.layout.flex_flow, slider.layout.height) == ("row wrap", "auto")


def test_the_picture_can_be_heard(explorer):
    alt = re.search(r'<img alt="([^"]+)"', _shown(explorer))[1]
    assert alt == explorer.result.sentence
    assert 'role="status" aria-live="polite"' in _shown(explorer)


@pytest.mark.parametrize(
    "label", ["Fee", "Cost of the goods (JPY)", "Share of all who leave at once", "商品の原価"]
)
def test_labels_have_the_room_of_the_longest(label):
    def answer(one, other):
        return one_sale(1000 * one, 500 * other)

    controls = [
        explore.Control(name="one", label=label, low=1, high=9, step=1),
        explore.Control(name="other", label="Goods", low=0, high=1, step=1),
    ]
    explorer = explore.Explorer(answer, controls, {"one": 1, "other": 1})
    room = (
        max(len(label.encode("shift_jis")), len("Goods")) + 1
    )  # its signs take two places, as on the screen
    for slider in explorer.controls.values():
        assert slider.style.description_width == f"{room}ch"
        assert f"{room}ch" in slider.layout.width
        assert slider.layout.max_width == "100%"


def test_the_slider_that_moved_is_spoken_by_its_name_before_the_answer(explorer):
    assert "<span" not in _shown(explorer)
    explorer.controls["fee"].value = 0.125
    spoken = re.search(r'aria-live="polite"><span [^>]*>([^<]*)</span>(.*?)</p>', _shown(explorer))
    assert spoken.groups() == ("Fee: 12.5%. ", explorer.said)
    explorer.controls["price"].value = 2100
    assert ">Price (JPY): 2,100. </span>" in _shown(explorer)


def test_without_a_browser_it_says_what_it_would_show(explorer):
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == repr(explorer)
    assert "Price (JPY), Cost of the goods (JPY), Fee, Parcel (JPY)" in repr(explorer)
    assert explorer.result.sentence in repr(explorer)
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_state_without_an_answer_says_why():
    def only_odd(place):
        if place % 2 == 0:
            raise InputError("place is even: <odd> ones only.")
        return one_sale(1000 * place, 500)

    control = explore.Control(name="place", label="Place", low=1, high=9, step=1)
    explorer = explore.Explorer(only_odd, [control], {"place": 1})
    assert explorer.result is not None
    explorer.controls["place"].value = 2
    assert explorer.result is None
    assert explorer.said == "place is even: <odd> ones only."
    assert "&lt;odd&gt;" in _shown(explorer)
    assert "<img" not in _shown(explorer)


@pytest.mark.parametrize("price", [9, 19.9, 480, 2000, 99_999])
def test_the_sliders_reach_around_any_price(price):
    explorer = explore.unit_economics(price, price / 4, fee=0.1, parcel=price)
    for slider in explorer.controls.values():
        assert slider.min <= slider.value < slider.max
    assert explorer.controls["price"].value == price
    assert 40 < price / explorer.controls["price"].step <= 1000


def test_a_price_of_nothing_is_refused():
    with pytest.raises(InputError, match="price is 0"):
        explore.unit_economics(0, 500)


def test_built_notebooks_keep_no_view_of_a_widget_that_is_gone():
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            kinds = [kind for output in cell.get("outputs", []) for kind in output.get("data", {})]
            assert not any("widget-view" in kind for kind in kinds), path.name
