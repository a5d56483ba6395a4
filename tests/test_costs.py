"""Costs: read from YAML or a mapping, refused with the next step where they cannot be right."""

from __future__ import annotations

import datetime as dt

import pytest

from sellerlab.costs import Costs, FeeRate
from sellerlab.errors import InputError, ReadError, UnknownNameError

YAML = """
fulfilment_per_order: 350
resellable_share: 0.8
marketing:
  2026-04: 3000
  2026-05: 3100
fee_rates:
  shop: {rate: 0.05, fixed: 30}
"""


def test_a_yaml_file_gives_the_same_costs_as_the_mapping(tmp_path):
    file = tmp_path / "costs.yaml"
    file.write_text(YAML, encoding="utf-8")
    costs = Costs.read(file)
    assert costs == Costs(
        fulfilment_per_order=350,
        resellable_share=0.8,
        marketing={"2026-04": 3000, "2026-05": 3100},
        fee_rates={"shop": FeeRate(0.05, 30.0)},
    )
    assert costs.vat_rate is None


def test_what_is_not_written_is_unknown_where_zero_would_flatter():
    costs = Costs.from_mapping({"packaging_per_order": None})
    assert (costs.fulfilment_per_order, costs.marketing, costs.packaging_per_order) == (None, None, 0.0)


def test_a_month_counts_by_its_share_of_days():
    costs = Costs(marketing={"2026-04": 3000, "2026-05": 3100})
    assert costs.marketing_by_month(dt.date(2026, 4, 16), dt.date(2026, 5, 31)) == {
        "2026-04": 1500,
        "2026-05": 3100,
    }
    assert costs.marketing_by_month(dt.date(2026, 5, 1), dt.date(2026, 6, 1)) is None
    assert Costs(marketing=5).marketing_by_month(dt.date(2026, 5, 1), dt.date(2026, 6, 1)) == {"": 5}


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"fulfilment": 3}, UnknownNameError, "Did you mean 'fulfilment_per_order'"),
        ({"packaging_per_order": -3}, InputError, "a cost is 0 or more"),
        ({"packaging_per_order": "many"}, InputError, "expected an amount of money"),
        ({"resellable_share": 80}, InputError, "Did you mean 0.8"),
        ({"vat_rate": 10}, InputError, "Did you mean 0.1"),
        ({"marketing": {"May": 3}}, InputError, "expected a month such as '2026-05'"),
        ({"fee_rates": {"shop": {"rate": 12}}}, InputError, "fee rate of shop is 12.*Did you mean 0.12"),
        ({"fee_rates": {"shop": {"rat": 0.1}}}, UnknownNameError, "Did you mean 'rate'"),
        ({"fee_rates": {"shop": 0.1}}, InputError, "expected a rate and a fixed part"),
        ({"fee_rates": 0.1}, InputError, "expected channels"),
    ],
)
def test_wrong_values_are_refused(values, error, words):
    with pytest.raises(error, match=words):
        Costs.from_mapping(values)


def test_wrong_files_are_refused(tmp_path):
    with pytest.raises(ReadError, match=r"no costs file nowhere\.yaml"):
        Costs.read(tmp_path / "nowhere.yaml")
    broken = tmp_path / "costs.yaml"
    broken.write_text("a: [1", encoding="utf-8")
    with pytest.raises(ReadError, match="is not YAML"):
        Costs.read(broken)
    broken.write_text("just words", encoding="utf-8")
    with pytest.raises(ReadError, match="holds no costs"):
        Costs.read(broken)
