"""Every test: no picture left open, no progress written to the home folder."""

import os

import pytest

os.environ["MPLBACKEND"] = "agg"
os.environ["SELLERLAB_PROGRESS"] = "off"


@pytest.fixture(autouse=True)
def pictures_closed():
    yield
    import sys

    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
