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
    "illumination": ((edge_digits.read_page, ("full_maps", "small_map")),),
    "component_tree": (
        (edge_digits.read_page, ("find_nodes",)),
        (edge_digits.judge.cascade, ("with_pieces",)),
    ),
    "normalize": (
        (edge_digits.judge.cascade, ("pyramid", "first_views", "second_views", "normalized_ink")),
        (edge_digits.lines.marks, ("gap_views",)),
        (edge_digits.model_input.normalize, ("line",)),
    ),
    "judge": (),
    "selection": ((edge_digits.read_page, ("choose",)),),
    "classifier": (),
}
"""The stages of reading in their order, but for ``LINES``; of each, modules and the names in them that are functions of
it. ``judge`` and ``classifier`` are the networks' own time: its two stages, and CNN and CRNN."""

LINES = "lines"
"""The stage that is the rest: text lines of what was read, their confidence."""


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
        models = {id(model): (model, "judge") for model in (networks.first, networks.second)}
        # One file may read strips of several widths; it must not be timed twice.
        classifiers = [networks.classifier, *([] if networks.lines is None else networks.lines.models)]
        models |= {id(model): (model, "classifier") for model in classifiers if model is not None}
        places: list[tuple[Any, str, str]] = [
            (owner, name, stage) for stage, owners in STAGES.items() for owner, names in owners for name in names
        ]
        places += [(model, "scores", stage) for model, stage in models.values()]
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
        for owner, name, stage in places:
            setattr(owner, name, self.timed(stage, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)
