"""Two surveys about what a course should have: choices between courses, and ratings of whole courses.

The one idea: utilities are planted, so the worth of a feature in shekels and each segment's part-worths
are known. Choices follow one logit for all; ratings differ by segment and by person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sellerlab.worlds.draws import Floats


def choices(rng: np.random.Generator, planted: Mapping[str, Any], respondents: int) -> pd.DataFrame:
    """Return the choices: one row an alternative shown, the last of each task being to buy none.

    Args:
        rng: The generator.
        planted: `truth["choices"]`.
        respondents: Number of people asked.
    """
    tasks, shown = planted["tasks_each"], planted["products_in_a_task"]
    count, size = respondents * tasks, shown + 1
    utility = np.zeros((count, size))
    columns: dict[str, Any] = {}
    for name, levels in planted["utilities"].items():
        place = rng.integers(0, len(levels), (count, size))
        utility += np.array(list(levels.values()))[place]
        columns[name] = np.array(list(levels), dtype=object)[place]
    prices = np.array(planted["prices"])
    # The prices within a task differ, or its choice would say nothing about price.
    column = np.argsort(rng.random((count, len(prices))), axis=1)[:, :size]
    price = prices[column].astype(np.float64)
    utility += planted["price_utility"] * price
    utility[:, -1] = planted["none_utility"]
    taken = (utility + rng.gumbel(size=utility.shape)).argmax(axis=1)
    price[:, -1] = np.nan
    for values in columns.values():
        values[:, -1] = np.nan
    chosen = np.arange(size) == taken[:, None]
    return pd.DataFrame(
        {
            "respondent": np.repeat(np.arange(1, respondents + 1), tasks * size),
            "task": np.tile(np.repeat(np.arange(1, tasks + 1), size), respondents),
            "alternative": np.tile(np.arange(1, size + 1), count),
            **{name: values.ravel() for name, values in columns.items()},
            "price": price.ravel(),
            "none": np.tile((np.arange(size) == shown).astype(np.int64), count),
            "chosen": chosen.ravel().astype(np.int64),
        }
    )


def cards(planted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the courses that are rated: 18 cards on which no two attributes go together.

    Args:
        planted: `truth["ratings"]`.
    """
    card = np.arange(planted["cards"])
    first, second, half = card // 3 % 3, card % 3, card // 9
    place = {"format": half, "hours": first, "support": second, "price": (first + second + half) % 3}
    worths = next(iter(planted["part_worths"].values()))
    levels = {name: list(each) for name, each in worths.items()}
    return pd.DataFrame(
        {"card": [f"card_{1 + each:02d}" for each in card.tolist()]}
        | {name: [levels[name][each] for each in place[name].tolist()] for name in levels}
    )


def ratings(
    rng: np.random.Generator, planted: Mapping[str, Any], profiles: pd.DataFrame, respondents: int
) -> pd.DataFrame:
    """Return the ratings from 0 to 100: one row a respondent, one column a card.

    Args:
        rng: The generator.
        planted: `truth["ratings"]`.
        profiles: The cards, see `cards`.
        respondents: Number of people asked.
    """
    worths = planted["part_worths"]
    share = [planted["segment_share"][name] for name in worths]
    segment = rng.choice(len(worths), respondents, p=share)
    score = np.full((respondents, len(profiles)), float(planted["mean_rating"]))
    for name in next(iter(worths.values())):
        levels = list(next(iter(worths.values()))[name])
        mean = np.array([list(each[name].values()) for each in worths.values()])[segment]
        own: Floats = rng.normal(0, planted["sigma_between_people"], mean.shape)
        own -= own.mean(axis=1, keepdims=True)
        score += (mean + own)[:, [levels.index(each) for each in profiles[name].tolist()]]
    score += planted["sigma_of_a_rating"] * rng.standard_normal(score.shape)
    score = np.clip(np.rint(score), 0, 100)
    flat, missing = planted["left_out"]["all_the_same"], planted["left_out"]["missing"]
    careless = rng.choice(respondents, flat + missing, replace=False)
    score[careless[:flat]] = score[careless[:flat], :1]
    table = pd.DataFrame(score.astype(np.int64), columns=profiles["card"].tolist())
    # Who stops early leaves the last card empty.
    last = table.columns[-1]
    table[last] = table[last].astype(np.float64)
    table.loc[careless[flat:], last] = np.nan
    table.insert(0, "segment", np.array(list(worths), dtype=object)[segment])
    table.insert(0, "respondent", np.arange(1, respondents + 1))
    return table
