"""A plugin for `pytest --nbval` (load it with `-p tests.nbval_plugin`): quicker, and nothing written at home.

Comparing notebooks needs no grammar of web addresses, whose import takes a second. Progress in the
exercises belongs to a learner, not to a test.
"""

from __future__ import annotations

import os
import sys

sys.modules.setdefault("rfc3987_syntax", None)


def pytest_configure() -> None:
    """Let the kernels, which inherit the environment, keep no progress."""
    os.environ["SELLERLAB_PROGRESS"] = "off"
