"""Write environment.yml from pyproject.toml: the same packages and bounds for conda-forge.

python tools/environment.py
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("course", "report", "scale", "test")

#: Packages that conda-forge knows under another name.
CONDA_NAMES = {"duckdb": "python-duckdb"}


def wanted(project: dict[str, object]) -> list[str]:
    """Return the conda requirements of the project and the extras of a learner and a developer."""
    extras: dict[str, list[str]] = project["optional-dependencies"]  # type: ignore[assignment]
    lines: list[str] = list(project["dependencies"])  # type: ignore[call-overload]
    lines += [line for extra in EXTRAS for line in extras[extra] if not line.startswith("sellerlab")]
    return sorted({conda(line) for line in lines})


def conda(requirement: str) -> str:
    """Return a requirement under its conda name.

    >>> conda("duckdb>=1.1")
    'python-duckdb>=1.1'
    """
    name = re.match(r"[A-Za-z0-9_.-]+", requirement)[0]  # type: ignore[index]
    return CONDA_NAMES.get(name, name) + requirement[len(name) :]


def environment() -> str:
    """Return the text of environment.yml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = project["requires-python"].replace(" ", "")
    lines = ["name: sellerlab", "channels:", "  - conda-forge", "  - nodefaults", "dependencies:"]
    lines += [f"  - python{python},<3.14", "  - pip", *(f"  - {line}" for line in wanted(project))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment(), encoding="utf-8")
