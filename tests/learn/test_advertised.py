"""The order that ads bring: from the report, the costs and the seller's word on the goods."""

from dataclasses import replace

import pandas as pd
import pytest

from sellerlab import ads, learn
from sellerlab.errors import InputError
from sellerlab.learn.advertised import advertised, by_level, has_levels, planted_keywords


@pytest.fixture(scope="module")
def demo():
    return learn.shop(world="baby_goods")


def own(shop, **changes):
    """The shop with a report of somebody else's, whose keywords nobody planted."""
    report = shop.ads.assign(keyword=shop.ads["keyword"] + "!", **changes)
    return replace(shop, tables={**shop.tables, "ads": report})


def test_a_simulated_shops_books_say_what_an_order_leaves(demo):
    sale, truth = advertised(demo), demo.truth["ads"]
    assert sale.campaign == truth["keywords"]["campaign"]
    assert sale.planted is truth["keywords"]
    assert sale.contribution == pytest.approx(truth["keywords"]["order_contribution"])
    assert sale.rate == pytest.approx(truth["contribution_rate_before_ads"], abs=1e-4)
    assert sale.roas == pytest.approx(truth["budget"]["break_even_roas"], abs=0.005)
    assert sale.roas == ads.break_even(sale.price, sale.goods, **sale.terms).roas
    assert advertised(demo, counts_vat=False).roas == pytest.approx(sale.roas / 1.1)


def test_a_learners_own_report_is_asked_for_its_goods_and_never_compared_with_what_was_planted(demo):
    shop = own(demo)
    assert planted_keywords(shop) == {}
    with pytest.raises(InputError, match="What do the goods of an order cost"):
        advertised(shop)
    sale = advertised(shop, 0.44)
    rows = shop.ads[shop.ads["campaign"] == sale.campaign]
    assert sale.price == pytest.approx(rows["revenue"].sum() / rows["orders"].sum())
    assert sale.goods == pytest.approx(0.44 * sale.price / 1.1)
    assert advertised(shop, 0.44, counts_vat=False).price == pytest.approx(1.1 * sale.price)


def test_days_may_be_text_and_the_channel_may_be_missing(demo):
    report = demo.ads.assign(day=demo.ads["day"].dt.strftime("%Y-%m-%d")).drop(columns="channel")
    costs = {**demo.costs, "fee_rates": {"*": {"rate": 0.2}}}
    sale = advertised(replace(demo, tables={"ads": report}, costs=costs))
    assert pd.api.types.is_datetime64_any_dtype(sale.report["day"])
    assert sale.terms["fees"] == 0.2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"orders": 0}, "no orders yet"),
        ({"channel": "elsewhere"}, "a rate for elsewhere in fee_rates"),
        ({"keyword": None}, "names no keywords"),
    ],
)
def test_a_report_that_cannot_answer_is_refused(demo, change, words):
    report = demo.ads.assign(**change)
    with pytest.raises(InputError, match=words):
        advertised(replace(demo, tables={"ads": report}), 0.44)


def test_levels_are_days_of_the_campaign_whose_budget_was_raised(demo):
    assert has_levels(demo.ads)
    days = by_level(demo.ads)
    rows = demo.ads[demo.ads["campaign"] == "diapers"]
    assert len(days) == rows["day"].nunique()
    assert days["spend"].sum() == rows["spend"].sum()
    for report in (demo.ads.drop(columns="level"), demo.ads.assign(level=1)):
        assert not has_levels(report)
        with pytest.raises(InputError, match="need a column level"):
            by_level(report)
