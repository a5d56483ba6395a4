"""Files for the readers' tests: small synthetic exports, and a way to write nasty ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = Path(__file__).parent / "files"

COLUMNS = {"order_id": "order", "ordered_at": "date", "sku": "item", "quantity": "qty", "unit_price": "price"}
MAPPING = {"columns": COLUMNS, "currency": "EUR"}


@pytest.fixture
def files() -> Path:
    return FILES


@pytest.fixture
def mapping() -> dict[str, object]:
    return {**MAPPING, "columns": dict(COLUMNS)}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def save(content: str | bytes, name: str = "sales.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return save
