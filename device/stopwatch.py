"""How long the stages of reading take."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import edge_digits.digit_rows
import edge_digits.normalize
import edge_digits.reader
from edge_digits.reader import DigitReader

SEGMENTING = ("writing", "find_rows", "row_pieces")
"""Functions of ``edge_digits.reader`` that are segmentation."""


class Stopwatch:
    """Seconds that functions take, by name of the stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, timed."""

        def call(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[stage] += time.perf_counter() - began

        return call

    @contextlib.contextmanager
    def around(self, reader: DigitReader) -> Iterator[None]:
        """Time the stages of reading while it lasts."""
        module: Any = edge_digits.reader
        places: list[tuple[Any, str, str]] = [(module, "page_ink", "ink")]
        places += [(module, name, "segment") for name in SEGMENTING]
        places += [(edge_digits.digit_rows, "possible_runs", "segment")]
        places += [(edge_digits.normalize, name, "normalize") for name in ("digit", "line")]
        models = [reader.model, *(reader.lines.models if reader.lines is not None else [])]
        # One model may read digits and lines; it must not be timed twice.
        places += [(model, "scores", "model") for model in {id(model): model for model in models}.values()]
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
        for owner, name, stage in places:
            setattr(owner, name, self.timed(stage, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)
