"""Experiments: is B really better, how long must it run, and what if nobody can be split?

One idea: a test is a plan first (how many visitors, how many looks) and a reading second: the split, then
the difference with its interval. Everything is called from here: ``experiments.sample_size(0.02, lift=0.2)``.

- before: `sample_size`, `sample_size_mean`, `detectable`, `power_rate`, `power_mean`, `bounds`, `peeking`
- reading: `split_check`, `compare_rates`, `compare_means`, `bayesian`, `adjust`, `two_rates`
- one rate: `rate`, `wilson`, `clopper_pearson`, `newcombe`, `rule_of_three`, `wald` (to see it fail)
- without a split of visitors: `switchback_plan`, `switchback`, `difference_in_differences`
"""

from __future__ import annotations

from sellerlab.experiments.bayes import Posterior, bayesian
from sellerlab.experiments.differences import Difference, difference_in_differences
from sellerlab.experiments.means import MeanTest, compare_means
from sellerlab.experiments.peeking import Peeking, peeking
from sellerlab.experiments.power import (
    SampleSize,
    detectable,
    power_mean,
    power_rate,
    sample_size,
    sample_size_mean,
)
from sellerlab.experiments.proportions import RateTest, TwoRates, compare_rates, two_rates
from sellerlab.experiments.sequential import Bounds, bounds
from sellerlab.experiments.switchback import Switchback, switchback, switchback_plan
from sellerlab.experiments.variants import Split, adjust, split_check
from sellerlab.intervals import Rate, clopper_pearson, newcombe, rate, rule_of_three, wald, wilson

__all__ = [
    "Bounds",
    "Difference",
    "MeanTest",
    "Peeking",
    "Posterior",
    "Rate",
    "RateTest",
    "SampleSize",
    "Split",
    "Switchback",
    "TwoRates",
    "adjust",
    "bayesian",
    "bounds",
    "clopper_pearson",
    "compare_means",
    "compare_rates",
    "detectable",
    "difference_in_differences",
    "newcombe",
    "peeking",
    "power_mean",
    "power_rate",
    "rate",
    "rule_of_three",
    "sample_size",
    "sample_size_mean",
    "split_check",
    "switchback",
    "switchback_plan",
    "two_rates",
    "wald",
    "wilson",
]
