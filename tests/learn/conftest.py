"""A small lesson on a small shop, and a home of its own for the record."""

from types import SimpleNamespace

import pandas as pd
import pytest

from sellerlab.learn.exercise import Exercise, Lesson


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SELLERLAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SELLERLAB_STRICT", raising=False)
    monkeypatch.delenv("SELLERLAB_PROGRESS", raising=False)
    return tmp_path / "home"


@pytest.fixture
def shop():
    """Price 2000, cost 1200, 50 sold, 10 cancelled; currency with no decimals."""
    return SimpleNamespace(
        name="toy shop",
        currency="JPY",
        as_of=pd.Timestamp("2026-08-31"),
        price=2000.0,
        cost=1200.0,
        sold=50,
        cancelled=10,
    )


MARGIN = Exercise(
    id="99.1",
    kind="rate",
    prompt="A stand sells at {price}. What is its margin?",
    answer=lambda shop: (shop.price - shop.cost) / shop.price,
    wrong={
        "You divided by the cost: that is the markup.": lambda shop: (shop.price - shop.cost) / shop.cost,
        "That is the cost's share of {price}.": lambda shop: shop.cost / shop.price,
    },
    hints=("What is left of {price}?", "Divide what is left by the price."),
    solution="What is left, divided by {price}.",
    facts=lambda shop: {"price": f"JPY {shop.price:,.0f}"},
)
PROFIT = Exercise(
    id="99.2",
    kind="money",
    prompt="What did the stands leave?",
    answer=lambda shop: (shop.price - shop.cost) * shop.sold,
    wrong={
        "You counted cancelled orders.": lambda shop: (shop.price - shop.cost) * (shop.sold + shop.cancelled),
        "You forgot the cost.": lambda shop: shop.price * shop.sold,
    },
    hints=("Only what was paid counts.",),
    solution="Left by one, times the units sold.",
)
UNITS = Exercise(
    id="99.3",
    kind="count",
    prompt="How many were sold?",
    answer=lambda shop: shop.sold,
    wrong={"You counted cancelled orders.": lambda shop: shop.sold + shop.cancelled},
    hints=("Only what was paid counts.",),
    solution="Leave the cancelled ones out.",
)
KEPT = Exercise(
    id="99.4",
    kind="choice",
    prompt="What does the shop keep?",
    choices=lambda shop: {"a": "sales", "b": "sales less costs"},
    answer=lambda shop: "b",
    wrong={"Sales are not yet earned.": lambda shop: "a"},
    hints=("Goods cost money.",),
    solution="What is left after costs.",
)
LOSER = Exercise(
    id="99.5",
    kind="text",
    prompt="Which product loses most?",
    choices=lambda shop: {"ST-1": "Folding stand", "ST-2": "Desk stand", "CB-1": "Cable"},
    answer=lambda shop: "ST-2",
    wrong={"That one sells least.": lambda shop: "CB-1"},
    hints=("Look at money, not at sales.",),
    solution="The desk stand.",
)


@pytest.fixture(scope="session")
def lesson():
    return Lesson(
        number="99",
        question="What is left?",
        world="phone_stand",
        exercises=(MARGIN, PROFIT, UNITS, KEPT, LOSER),
    )
