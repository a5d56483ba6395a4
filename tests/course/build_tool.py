"""tools/notebooks.py as a module, for the tests: it is a command, not a part of the package."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from types import ModuleType

from tests.course.course_rules import ROOT


@cache
def build_tool() -> ModuleType:
    """Return the module, loaded once."""
    path = ROOT / "tools" / "notebooks.py"
    specification = importlib.util.spec_from_file_location("sellerlab_notebooks_tool", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # where its dataclasses look themselves up
    specification.loader.exec_module(module)
    return module
