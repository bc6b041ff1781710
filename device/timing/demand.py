"""A reading on demand: somebody asks, from any thread or a signal, and the frame loop reads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from edge_digits.types import Reading, Refusal

Answer = Callable[[Sequence[Reading | Refusal]], None]
"""Is told what was read; called in the frame loop, so it must return at once."""

MOST_ASKED = 100
"""Questions that wait; those before them are answered by the same reading, and are not told of it."""


class Demand:
    """What was asked for and not read yet.

    All who ask before a reading begins are answered by that one. No lock: a signal's handler, which interrupts the loop
    anywhere, may ask too.
    """

    def __init__(self) -> None:
        self._asked: deque[Answer] = deque(maxlen=MOST_ASKED)

    def ask(self, answer: Answer = lambda events: None) -> None:
        """Have the numbers read now, and published even if they are what they were. answer: is told the readings and
        refusals, none if nothing could be read."""
        self._asked.append(answer)

    def take(self) -> list[Answer]:
        """Whom the next reading answers; from now on these are no longer waiting."""
        return [self._asked.popleft() for _ in range(len(self._asked))]
