"""Where the files that come with sellerlab are: demo data, fee schedules, notebooks, report templates.

In a checkout they are the top-level folders; in an installed wheel they lie beside the code.
"""

from __future__ import annotations

from pathlib import Path

from sellerlab.errors import InputError

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "shipped", _PACKAGE.parent)


def shipped(name: str) -> Path:
    """Return the path of a file or folder that comes with sellerlab.

    Args:
        name: Path below the project, such as ``"datasets/fees.csv"``.

    Raises:
        InputError: There is no such file here.

    >>> shipped("datasets/fees.csv").name
    'fees.csv'
    """
    for place in _PLACES:
        if (place / name).exists():
            return place / name
    raise InputError(f"The file {name} does not come with sellerlab. Reinstall it, or check the name.")
