"""The exercises, one file a lesson: ``l01.py`` holds ``LESSON`` for lesson 01.

A lesson is found by its number and loaded when it is asked for; a new file needs no entry anywhere.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from sellerlab.errors import unknown
from sellerlab.learn.exercise import Lesson


def numbers() -> list[str]:
    """Return the numbers of the lessons that have exercises, in order.

    >>> "01" in numbers()
    True
    """
    return sorted(module.name[1:] for module in pkgutil.iter_modules(__path__))


def load(number: str) -> Lesson:
    """Return a lesson with its exercises.

    Args:
        number: The lesson's number, such as ``"01"``; ``"1"`` will do.

    Raises:
        UnknownNameError: No lesson of that number has exercises.

    >>> load("01").question
    'What did I really earn last month?'
    """
    wanted = str(number).zfill(2)
    known = numbers()
    if wanted not in known:
        raise unknown("lesson with exercises", number, known)
    lesson: Lesson = import_module(f"{__name__}.l{wanted}").LESSON
    return lesson
