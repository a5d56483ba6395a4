"""The files of a channel review, what each of them tells, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sellerlab.ads import Campaigns
from sellerlab.errors import ReadError
from sellerlab.experiments import RateTest
from sellerlab.funnel import Funnel
from sellerlab.report.reviews import files
from sellerlab.report.reviews.advertising import KeywordList, advertising
from sellerlab.report.reviews.channels import ChannelsLeft, channel_review, channels_left
from sellerlab.report.reviews.channels import test_result as result_of_test
from sellerlab.report.reviews.terms import terms
from sellerlab.report.reviews.visitors import changes, passages
from sellerlab.report.sections import Note
from sellerlab.totals import MixChange, PooledRates, ValueTree
from tests.report.reviews.shops import channel_shop, orders

GA4 = Path(__file__).parents[2] / "read" / "files" / "ga4_funnel_exploration.csv"

#: Ten orders of 1,000 that leave 1000 - 500 - 100 - 100 = 300 each.
TEN = orders(*((f"2026-05-{day:02d}", "A", 1, 1000, 0) for day in range(1, 11)))


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def events(folder: Path) -> str:
    """Forty visits: twenty see a product, ten order; ten come by mail and five of these order."""
    lines = ["visitor_id,timestamp,event_name,source,mail"]
    for place in range(40):
        who, source = f"v{place:02d}", "mail" if place % 4 == 0 else "search"
        day = f"2026-05-{1 + place % 28:02d}"
        lines.append(f"{who},{day} 10:00,visit,{source},{who}@example.com")
        if place < 20:
            lines.append(f"{who},{day} 10:01,view_item,{source},{who}@example.com")
        if place < 10:
            lines.append(f"{who},{day} 10:02,purchase,{source},{who}@example.com")
    return write(folder, "events.csv", "\n".join(lines))


def test_what_a_sale_leaves_is_computed_or_as_given() -> None:
    found = terms(channel_shop(TEN))
    assert (found.rate, found.order, found.vat) == (pytest.approx(0.3), pytest.approx(300), 0)
    assert terms(channel_shop(TEN, contribution_rate=0.2)).rate == 0.2


def test_funnel_is_read_by_the_usual_names_and_leaves_the_rest_at_the_door(tmp_path: Path) -> None:
    path = events(tmp_path)
    assert list(files.events(path, None).rows.columns) == ["user_id", "at", "event", "channel"]
    given = channel_shop(TEN, events=path)
    found = passages(given, terms(given))
    assert isinstance(found.funnel, Funnel)
    assert found.funnel.steps == ("visit", "view_item", "purchase")
    assert found.funnel.reached == (40, 20, 10)
    # One more point of 40 visits is 0.4 views, half of which order, at 300 each.
    row = next(row for row in found.funnel.total if row["step"] == "view_item")
    assert row["value_per_point"] == pytest.approx(0.01 * 40 * 0.5 * 300)
    assert isinstance(found.channels, Funnel)
    # The funnel of all stands above it and is not said again.
    assert found.channels.sentence.startswith("By channel, the share that reaches purchase runs from")
    assert found.channels.sentence.count(".") == found.channels.sentence.count("%") + 1 == 7


def test_channels_of_too_few_visits_are_said_to_be_that(tmp_path: Path) -> None:
    lines = [f"{who},2026-05-0{1 + step},{event},{who}" for who in "ab" for step, event in enumerate("xy")]
    path = write(tmp_path, "e.csv", "\n".join(["user_id,at,event,channel", *lines]))
    given = channel_shop(TEN, events=path, steps="x, y")
    found = passages(given, terms(given)).channels
    assert found.sentence == "Too few came by each channel to compare how many reach the end."


def test_steps_may_be_named_and_are_asked_for_where_they_are_not_known(tmp_path: Path) -> None:
    path = write(tmp_path, "e.csv", "user_id,at,event\na,2026-05-01,step one\na,2026-05-02,step two\n")
    given = channel_shop(TEN, events=path)
    found = passages(given, terms(given)).funnel
    assert isinstance(found, Note)
    assert "Name them in order with --steps; known: step one, step two" in found.sentence
    given = channel_shop(TEN, events=path, steps="step one, step two")
    named = passages(given, terms(given)).funnel
    assert isinstance(named, Funnel)
    assert named.reached == (1, 1)


def test_funnel_of_google_analytics_gives_rates_without_people() -> None:
    assert files.is_exploration(str(GA4))
    given = channel_shop(TEN, events=str(GA4))
    found = passages(given, terms(given))
    assert isinstance(found.funnel, PooledRates)
    assert found.funnel.totals == {"Session start": 12330, "View item": 5080, "Purchase": 1118}
    assert found.funnel.conversion == pytest.approx(1118 / 12330)
    assert isinstance(found.days, Note)


def test_events_of_other_days_are_said_to_be_of_other_days(tmp_path: Path) -> None:
    path = write(tmp_path, "e.csv", "user_id,at,event\na,2025-05-01,visit\na,2025-05-02,purchase\n")
    given = channel_shop(TEN, events=path)
    found = passages(given, terms(given)).funnel
    assert isinstance(found, Note)
    assert "The events are from 1 May 2025 to 2 May 2025: none lies in May." in found.sentence


def totals(folder: Path) -> str:
    """Four weeks: clicks on the phone double, each device converts as before."""
    lines = ["date;device;clicks;orders;sales"]
    for day in range(28):
        phone = 100 if day < 14 else 200
        lines.append(f"{4 + day:02d}.05.2026;phone;{phone};{phone // 50};{phone // 50 * 1000}")
        lines.append(f"{4 + day:02d}.05.2026;desk;100;8;8.000,0")
    return write(folder, "totals.csv", "\n".join(lines))


def test_totals_of_two_halves_are_compared_by_mix_and_by_value(tmp_path: Path) -> None:
    found = changes(channel_shop(TEN, totals=totals(tmp_path), dayfirst=True))
    assert isinstance(found.rates, PooledRates)
    assert found.rates.totals["clicks"] == 28 * 100 + 14 * 100 + 14 * 200
    assert isinstance(found.mix, MixChange)
    assert found.mix.from_rates == pytest.approx(0)
    assert found.mix.from_mix < 0
    assert isinstance(found.sales, ValueTree)
    assert (found.sales.before, found.sales.after) == (14 * 10_000, 14 * 12_000)


def test_totals_of_a_week_are_too_short_to_compare(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "day,visits,orders\n2026-05-01,500,10\n2026-05-02,500,12\n")
    found = changes(channel_shop(TEN, totals=path))
    assert isinstance(found.rates, PooledRates)
    assert isinstance(found.steps, Note)
    assert "too few days" in found.steps.sentence


def test_totals_of_orders_alone_have_no_rate(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "day,orders\n2026-05-01,10\n")
    found = changes(channel_shop(TEN, totals=path)).rates
    assert isinstance(found, Note)
    assert "need visits, clicks or views" in found.sentence


def ads(folder: Path) -> str:
    """Keyword `good` sells at every tenth click, `bad` at none of 400, `new` has two clicks."""
    lines = ["day,campaign,keyword,clicks,cost,conversions,revenue"]
    for day in range(1, 21):
        lines.append(f"2026-05-{day:02d},spring,good,20,200,2,2000")
        lines.append(f"2026-05-{day:02d},spring,bad,20,800,0,0")
    lines.append("2026-05-21,spring,new,2,20,0,0")
    return write(folder, "ads.csv", "\n".join(lines))


def test_keywords_are_kept_cut_or_waited_for(tmp_path: Path) -> None:
    given = channel_shop(TEN, ads=ads(tmp_path))
    found = advertising(given, terms(given))
    assert isinstance(found.campaigns, Campaigns)
    assert found.campaigns.break_even == pytest.approx(1 / 0.3)
    # 40 orders of 1,000 leave 300 each; 4,000 + 16,000 + 20 were spent.
    assert found.campaigns.left == pytest.approx(40 * 300 - 20_020)
    assert isinstance(found.keywords, KeywordList)
    assert (found.keywords.keep, found.keywords.cut) == (("good",), ("bad",))
    assert found.keywords.losses == {"bad": pytest.approx(16_000)}
    assert found.keywords.table["left"][1] == pytest.approx(40 * 300 - 4_000)
    assert found.keywords.table["keyword"].tolist() == ["bad", "good", "new"]


def test_ads_without_costs_of_a_sale_have_no_break_even(tmp_path: Path) -> None:
    from tests.report.reviews.shops import shop

    given = channel_shop(TEN, ads=ads(tmp_path))
    bare = shop(TEN, parameters=given.parameters)
    found = advertising(bare, terms(bare))
    assert isinstance(found.campaigns, Campaigns)
    assert found.campaigns.break_even is None
    assert isinstance(found.keywords, Note)
    assert "--contribution-rate" in found.keywords.sentence


def test_ads_in_other_money_stay_out_of_the_list(tmp_path: Path) -> None:
    path = ads(tmp_path)
    same = channel_review(channel_shop(TEN, ads=path)).todo
    assert [each.about for each in same.items] == ["Keyword bad", "Campaign spring"]
    other = channel_review(channel_shop(TEN, ads=path, ads_currency="KRW")).todo
    assert other.items == ()
    assert "Totals and ads are in KRW" in other.sentence


def test_visitors_of_a_test_are_read_one_a_row_or_one_row_a_variant(tmp_path: Path) -> None:
    lines = [f"{'AB'[place % 2]},{int(place % 20 < 2 or place % 40 == 3)}" for place in range(4000)]
    rows = write(tmp_path, "rows.csv", "\n".join(["variant,ordered", *lines]))
    one = result_of_test(channel_shop(TEN, test=rows))
    sums = write(tmp_path, "sums.csv", "group,visitors,orders\nA,2000,200\nB,2000,300\n")
    other = result_of_test(channel_shop(TEN, test=sums))
    for found in (one, other):
        assert isinstance(found, RateTest)
        assert found.verdict == "better"
    assert isinstance(one, RateTest)
    assert one.table["successes"].tolist() == [200, 300]


def test_broken_split_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "variant,visitors,orders\nA,3000,200\nB,2400,300\n")
    found = result_of_test(channel_shop(TEN, test=path))
    assert isinstance(found, RateTest)
    assert found.verdict == "split_broken"


def test_channel_that_costs_money_is_in_the_list() -> None:
    lines = TEN.copy()
    lines.loc[0, ["channel", "unit_price"]] = ["live", 600]
    found = channel_review(channel_shop(lines))
    assert isinstance(found.channels, ChannelsLeft)
    assert found.channels.left["live"] == pytest.approx(-60)
    assert [(each.about, each.money) for each in found.todo.items] == [("live", pytest.approx(60))]
    assert len(found.todo.not_told) == 4


def test_channels_without_costs_are_ranked_by_sales() -> None:
    from tests.report.reviews.shops import shop

    lines = TEN.assign(channel=["a"] * 3 + ["b"] * 6 + [None])
    found = channels_left(shop(lines))
    assert isinstance(found, ChannelsLeft)
    assert found.table["channel"].tolist() == ["b", "a", "no channel"]
    assert found.left == {}
    assert "not known without landed costs" in found.sentence


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ads", "day,campaign\n2026-05-01,spring\n", "no column 'spend'"),
        ("totals", "day,visits\n2026-05-01,10\n", "no column 'orders'"),
        ("visitors_of_test", "variant,visits\nA,10\n", "no column 'orders'"),
        ("events", "user_id,event\na,visit\n", "no column 'at'"),
        ("ads", "day,campaign,spend\nsoon,spring,much\n", "'day' should hold dates"),
    ],
)
def test_file_that_cannot_be_used_is_refused_by_name(
    name: str, text: str, words: str, tmp_path: Path
) -> None:
    path = write(tmp_path, "file.csv", text)
    with pytest.raises(ReadError) as error:
        getattr(files, name)(path, None)
    assert "file.csv" in str(error.value)
    assert words in str(error.value)


def test_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "day,visits,orders\n2026-05-01,500,10\nsum,x,y\n")
    found = files.totals(path, None)
    assert (len(found.rows), found.left_out) == (1, 1)
    result = changes(channel_shop(TEN, totals=path)).rates
    assert result.sentence.endswith(" Rows of the file that cannot be read and are left out: 1.")


def test_days_of_a_table_include_both_ends(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "e.csv",
        "user_id,at,event\na,2026-05-01 00:00,x\nb,2026-05-31 23:59,x\nc,2026-06-01 00:00,x\n",
    )
    rows = files.events(path, None).between(
        "at", pd.Timestamp("2026-05-01").date(), pd.Timestamp("2026-05-31").date()
    )
    assert rows["user_id"].tolist() == ["a", "b"]
