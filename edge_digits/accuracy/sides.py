"""The two sides of a comparison: the files that ship, or those of one's own, ready to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_digits.errors import ModelError
from edge_digits.lines.line_reader import LineReader
from edge_digits.reader import MODELS, DigitReader, line_models, open_judge
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model

FLOAT, INT8 = "float32", "int8"


@dataclass(frozen=True)
class Side:
    """digits: says of a single digit which it is. lines: reads rows. whole: reads pictures. None where the files
    cannot. files: bytes by network."""

    name: str
    digits: Model | None
    lines: DigitReader | None
    whole: DigitReader
    files: dict[str, int]


def shipped(precision: str) -> Side:
    """All TFLite files of that precision, the judge's included. Raises ModelError if one is missing or damaged."""
    cnn, rows = MODELS / f"cnn-{precision}.tflite", line_models("crnn", precision)
    judges = [MODELS / f"{name}-{precision}.tflite" for name in ("judge-first", "judge")]
    strips = [load_model(path) for path in rows]
    judge = open_judge(precision=precision)
    model = load_model(cnn)
    whole = DigitReader(model, lines=LineReader(strips), judge=judge)
    files = {"judge": sum(map(_bytes, judges)), "cnn": _bytes(cnn), "crnn": sum(map(_bytes, rows))}
    return Side(precision, model, DigitReader(strips[0], lines=LineReader(strips), judge=judge), whole, files)


def own(path: Path) -> Side:
    """A model file of one's own, with the judge that ships. Raises ModelError if it cannot be read with."""
    model = load_model(path)
    if model.spec.judges:
        raise ModelError(f"{path}: a network of the judge, which finds digits and does not read them")
    reader = DigitReader(model)
    reads_lines = model.spec.reads_lines
    files = {model.spec.name: _bytes(path)}
    return Side(path.name, None if reads_lines else model, reader if reads_lines else None, reader, files)


def own_sides(paths: Sequence[Path]) -> list[Side]:
    """The sides of one file, beside its other precision if that lies beside it, or of two; float32 first. Raises
    ModelError if a file cannot be read with."""
    if len(paths) == 1:
        sibling = _sibling(paths[0])
        paths = [*paths, sibling] if sibling is not None and sibling.is_file() else paths
    sides = [own(path) for path in paths]
    return sorted(sides, key=lambda side: side.whole.model.spec.precision != FLOAT)


def _sibling(path: Path) -> Path | None:
    for precision, other in ((FLOAT, INT8), (INT8, FLOAT)):
        if precision in path.name:
            return path.with_name(path.name.replace(precision, other))
    return None


def _bytes(path: Path) -> int:
    return path.stat().st_size
