"""The names that steps go by.

One idea: shops and their counters call the same five steps by a handful of names, so the usual way through a
store can be found and need not be typed.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Names of the steps, in the order a visitor takes them; the usual ones of each step.
USUAL_STEPS = (
    ("visit", "session_start", "page_view", "landing"),
    ("view_item", "product_view", "view"),
    ("add_to_cart", "cart"),
    ("checkout", "begin_checkout"),
    ("purchase", "order", "buy", "bought"),
)


def usual_steps(known: Iterable[str]) -> tuple[str, ...]:
    """Return the usual steps that are among the events, in order.

    Args:
        known: Names of events, in any order.

    Returns:
        One name a step, the first of its names that is known; steps without one are left out.

    >>> usual_steps({"purchase", "session_start", "scroll"})
    ('session_start', 'purchase')
    """
    seen = set(known)
    found = (next((name for name in names if name in seen), "") for names in USUAL_STEPS)
    return tuple(name for name in found if name)
