"""A clock of this process alone, which can be set; to be imported before anything that takes the clock for its own."""

from __future__ import annotations

import time

_of_the_computer = time.time
_set_back = 0.0


def set_back(seconds: float) -> None:
    """Have the clock be so much behind that of the computer, which is left as it is."""
    global _set_back
    _set_back = seconds


time.time = lambda: _of_the_computer() - _set_back
