"""What a learner has tried, in one small file on the learner's own machine.

The one idea: it holds how far somebody is, never what somebody answered: learner's handle, exercise, state,
number of tries. It is written whole or not at all, and a disk that cannot be written to never stops a
lesson. The file is ``progress.json`` in the folder `SELLERLAB_HOME`, or in ``~/.sellerlab``; with
``SELLERLAB_PROGRESS=off`` nothing is kept.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

Tried = dict[str, dict[str, dict[str, Any]]]


def place() -> Path:
    """Return where the file is or would be."""
    home = os.environ.get("SELLERLAB_HOME")
    return (Path(home) if home else Path.home() / ".sellerlab") / "progress.json"


def is_on() -> bool:
    """Say whether progress is kept at all."""
    return os.environ.get("SELLERLAB_PROGRESS", "on").lower() not in ("off", "0", "no", "false")


def read() -> Tried:
    """Return what was tried: handle (empty for the demo shop) to exercise to its state and tries.

    A file that is absent or cannot be understood counts as nothing tried.
    """
    try:
        learners = json.loads(place().read_text(encoding="utf-8"))["learners"]
        return {
            str(handle): {
                str(exercise): {"state": str(entry["state"]), "tries": int(entry["tries"])}
                for exercise, entry in exercises.items()
            }
            for handle, exercises in learners.items()
        }
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def note(handle: str, exercise: str, *, right: bool) -> None:
    """Count a try. What is right stays right, and its tries stay as they were.

    Args:
        handle: The learner's handle; empty for the demo shop.
        exercise: Id of the exercise.
        right: Whether the answer was right.
    """
    if not is_on():
        return
    tried = read()
    entry = tried.setdefault(handle, {}).setdefault(exercise, {"state": "tried", "tries": 0})
    if entry["state"] == "right":
        return
    entry["state"] = "right" if right else "tried"
    entry["tries"] += 1
    with suppress(OSError, RuntimeError):
        _write(tried)


def _write(tried: Tried) -> None:
    target = place()
    target.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"version": 1, "learners": tried}, ensure_ascii=False, indent=1, sort_keys=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".progress-", suffix=".json")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content + "\n")
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
