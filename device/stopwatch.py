"""How long the stages of reading take."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import edge_digits.judge.cascade
import edge_digits.lines.marks
import edge_digits.model_input.normalize
import edge_digits.read_page
from edge_digits.reader import DigitReader

STAGES: dict[str, tuple[tuple[Any, tuple[str, ...]], ...]] = {
    "ink": (
        (edge_digits.read_page, ("full_maps", "small_map")),
        (edge_digits.judge.cascade, ("pyramid",)),
    ),
    "segment": (
        (edge_digits.read_page, ("find_nodes", "choose")),
        (edge_digits.judge.cascade, ("with_pieces",)),
    ),
    "normalize": (
        (edge_digits.judge.cascade, ("first_views", "second_views", "normalized_ink")),
        (edge_digits.lines.marks, ("gap_views",)),
        (edge_digits.model_input.normalize, ("line",)),
    ),
}
"""By stage, modules and the names in them that are functions of it."""


class Stopwatch:
    """Seconds that functions take, by name of the stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, timed where it is called in the thread that asks for it now."""
        thread = threading.get_ident()

        def call(*arguments: Any, **named: Any) -> Any:
            if threading.get_ident() != thread:
                return function(*arguments, **named)
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[stage] += time.perf_counter() - began

        return call

    @contextlib.contextmanager
    def around(self, reader: DigitReader) -> Iterator[None]:
        """Time the stages of reading while it lasts."""
        networks = reader.networks
        models = [networks.first, networks.second, networks.classifier]
        models += [] if networks.lines is None else networks.lines.models
        places: list[tuple[Any, str, str]] = [
            (owner, name, stage) for stage, owners in STAGES.items() for owner, names in owners for name in names
        ]
        # One file may read strips of several widths; it must not be timed twice.
        places += [(model, "scores", "model") for model in {id(m): m for m in models if m is not None}.values()]
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
        for owner, name, stage in places:
            setattr(owner, name, self.timed(stage, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)
