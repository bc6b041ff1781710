"""Instructions of one inference, counted by a program that runs the child: the same at any load."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from edge_digits.errors import ConfigError

FEW, MANY = 20, 120
"""Inferences of two children; what start and loading take is in both."""

_COUNT = re.compile(r"(?:I\s+refs:|instructions)\s+([\d,]+)")


def count(job: dict[str, Any], said_by: Callable[[dict[str, Any]], str]) -> int:
    """Instructions of one inference of the job's model. said_by: does a job and returns what stood on standard error,
    ``I refs: 1,234`` as valgrind's cachegrind says it, or ``instructions 1234``. Raises ConfigError if there is no such
    line."""
    counts = []
    for inferences in (FEW, MANY):
        said = said_by({**job, "kind": "repeat", "count": inferences})
        found = _COUNT.findall(said)
        if not found:
            raise ConfigError(
                "--count-instructions: the program says no count, as 'I refs: 1,234' or 'instructions 1234'"
            )
        counts.append(int(found[-1].replace(",", "")))
    return round((counts[1] - counts[0]) / (MANY - FEW))
