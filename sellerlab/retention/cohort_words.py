"""The words of a cohort table: its answer as a sentence, and how a cell is computed.

The one idea: a rate is said with the customers who were old enough to be counted in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sellerlab import text
from sellerlab.intervals import share_words
from sellerlab.margin.profit import ProfitAndLoss
from sellerlab.purchases import Purchases
from sellerlab.retention.cohort_cells import ELAPSED_DAYS, first_day, index_of, label

if TYPE_CHECKING:
    from sellerlab.retention.cohorts import Cohorts

#: A shop may simply have sold nothing on the last days of a period, this many at most.
_NEARLY = 3

_AGES = {"week": "week {k}", "month": "month {k}", "quarter": "quarter {k}", "year": "year {k}"}


def _written(value: float | None, measure: str, currency: str | None) -> str:
    if value is None:
        return "–"
    if measure == "customers":
        return share_words(value)
    return text.number(value, 2) if measure == "orders" else text.money(value, currency)


def sentence(
    result: Cohorts,
    average: Mapping[str, Sequence[float | None]],
    minimum: int,
    confidence: float,
    rolling: bool,
    cumulative: bool,
) -> str:
    """Say how many bought at age 1 and at the last age that enough customers have lived through.

    Args:
        result: The answer without its sentence.
        average: The columns of its average line.
        minimum: Fewest customers for an average.
        confidence: Level of the interval.
        rolling: Whether "then or later" is counted.
        cumulative: Whether ages are added up.
    """
    means = average["average"]
    words = {"customers": text.number(result.customers), "day": text.day(result.as_of)}
    words |= {"minimum": text.number(minimum), "level": text.percent(confidence, 0)}
    if result.value is None:
        said = [
            text.say(
                "Too few customers are old enough for an average: {n} have lived through {age} after their "
                "first order by {day}, and at least {minimum} are needed.",
                n=text.number(result.value_customers),
                age=_age(result.period, 1),
                **words,
            )
        ]
    else:
        last = max(place for place, each in enumerate(means) if each is not None)
        for place, name in ((1, "one"), (last, "last")):
            words[f"age_{name}"] = _age(result.period, place)
            words[f"n_{name}"] = text.number(average["customers"][place] or 0)
            for part in ("average", "low", "high"):
                words[f"{part}_{name}"] = _written(average[part][place], result.measure, result.currency)
        how = "later" if rolling else "sum" if cumulative else "at"
        if result.low is None and how == "at":
            how = "money"
        if result.measure != "customers":
            how = f"each {how}"
        said = [text.say(_FIRST[how], **words)]
        if last > 1:
            said.append(text.say(_LAST[how], **words))
    if result.coverage is not None and result.coverage < 1:
        said.append(
            text.say(
                "The landed cost is known for {share} of gross sales; the rest is not in it.",
                share=text.percent(result.coverage, 0),
            )
        )
    now = index_of(result.as_of, result.period)
    left = (first_day(now + 1, result.period) - result.as_of).days - 1
    if 0 < left <= _NEARLY:
        said.append(
            text.say(
                "The cells of {period} are empty, as the data end on {day}: give as_of if they cover "
                "all of it.",
                period=label(now, result.period),
                day=words["day"],
            )
        )
    if result.unnamed:
        said.append(
            text.say("Orders that name no customer are left out: {n}.", n=text.number(result.unnamed))
        )
    return " ".join(said)


_FIRST = {
    "at": "Of {n_one} customers old enough to tell, {average_one} bought in {age_one} after their "
    "first order ({low_one} to {high_one}, {level} interval).",
    "later": "Of {n_one} customers old enough to tell, {average_one} bought in {age_one} after "
    "their first order or later ({low_one} to {high_one}, {level} interval).",
    "each at": "{n_one} customers old enough to tell placed {average_one} orders each in {age_one} after "
    "their first order ({low_one} to {high_one}, {level} interval).",
    "each money": "{n_one} customers old enough to tell brought {average_one} each in {age_one} after "
    "their first order.",
    "each sum": "Up to {age_one} after their first order, {n_one} customers old enough to tell "
    "had come to {average_one} each.",
}
_LAST = {
    "at": "In {age_last} it is {average_last} of {n_last}.",
    "later": "In {age_last} or later it is {average_last} of {n_last}.",
    "each at": "In {age_last} it is {average_last}, from {n_last} customers.",
    "each money": "In {age_last} it is {average_last}, from {n_last} customers.",
    "each sum": "Up to {age_last} it is {average_last}, from {n_last} customers.",
}


def _age(period: str, age: int) -> str:
    return text.say(_AGES[period], k=text.number(age))


def definition(
    found: Purchases,
    measure: str,
    period: str,
    elapsed: bool,
    rolling: bool,
    cumulative: bool,
    confidence: float,
    pnl: ProfitAndLoss | None,
) -> str:
    """Say how a cell and the average are computed, and from which data.

    Args:
        found: The purchases.
        measure: What is measured.
        period: Length of a period.
        elapsed: Whether age is counted from each customer's own first order.
        rolling: Whether "then or later" is counted.
        cumulative: Whether ages are added up.
        confidence: Level of the interval.
        pnl: The profit and loss, for money.
    """
    words = {"first": text.day(found.first), "day": text.day(found.as_of)}
    words["days"] = text.number(ELAPSED_DAYS[period])
    words["level"] = text.percent(confidence, 0)
    said = [text.say(_CELLS["later" if rolling else measure])]
    if cumulative:
        said.append(text.say("Each age adds to the ones before it."))
    if elapsed:
        said.append(text.say("Ages are blocks of {days} days from each customer's own first order.", **words))
    else:
        said.append(text.say("Ages are calendar periods after the one of the first order."))
    said.append(
        text.say(
            "An age that a cohort had not fully lived through by {day} is empty. The average is weighted by "
            "the size of the cohorts that had. The data begin on {first}: who bought before that counts as "
            "new at the first order since.",
            **words,
        )
    )
    if measure == "customers":
        said.append(text.say("Paid orders count. Interval: Wilson, {level}.", **words))
    elif measure == "orders":
        said.append(text.say("Paid orders count. Interval: {level}, of the mean by customer.", **words))
    if pnl and measure == "contribution":
        second = pnl.contribution_2 is not None
        said.append(
            text.say("Contribution is after landed cost, fees and parcels, before marketing.")
            if second
            else text.say("Contribution is after landed cost only: fees and parcels are not known.")
        )
    return " ".join(said)


_CELLS = {
    "customers": "Each cell = customers of the cohort who bought at that age / customers of the cohort.",
    "later": "Each cell = customers of the cohort who bought at that age or later / customers of the cohort.",
    "orders": "Each cell = orders of the cohort at that age / customers of the cohort, those who did not buy "
    "included.",
    "revenue": "Each cell = net sales of the cohort at that age (after discounts, refunds and tax contained) "
    "/ customers of the cohort, those who did not buy included.",
    "contribution": "Each cell = contribution of the cohort at that age / customers of the cohort, those who "
    "did not buy included.",
}
