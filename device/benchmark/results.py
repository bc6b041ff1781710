"""Results of a benchmark as JSON, ``schema.json`` says what stands in them; and their figures in tables' cells."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import DataError
from edge_digits.evaluation.ground_truth import LabelledPicture, Measures, measures
from edge_digits.evaluation.intervals import Interval

SCHEMA = Path(__file__).parent / "schema.json"
SCHEMA_VERSION = 2

Results = dict[str, Any]


def load_results(path: Path) -> Results:
    """The results in ``path``. Raises DataError if it is not a file of results, or of another version."""
    try:
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            raise DataError(f"{path}: is empty; python -m device.benchmark --out {path} fills it")
        results = json.loads(text)
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: not results of a benchmark: {error}") from error
    version = results.get("schema_version") if isinstance(results, dict) else None
    if version != SCHEMA_VERSION:
        raise DataError(f"{path}: not results of a benchmark with schema_version {SCHEMA_VERSION}")
    needed = json.loads(SCHEMA.read_text(encoding="utf-8"))["required"]
    lacking = [key for key in needed if key not in results]
    if lacking:
        raise DataError(f"{path}: not results of a benchmark: lacks {', '.join(lacking)}")
    return results


def who(entry: dict[str, Any]) -> str:
    """The name of what an entry measured, as it stands in tables."""
    if entry.get("reader", "edge-digits") != "edge-digits":
        return str(entry["reader"])
    threads = entry["threads"]
    name = f"{entry['model']}, {entry['runtime']}"
    return name if threads == 1 else f"{name}, {threads} threads"


def values(entry: dict[str, Any], *keys: str) -> list[float]:
    """One figure of every window of an entry: ``values(entry, "cold", "load")``. Windows without it are left out."""
    numbers = []
    for window in entry["windows"]:
        value: Any = window
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            numbers.append(float(value))
    return numbers


def cold_starts(entry: dict[str, Any]) -> list[float]:
    """Seconds from the first import to the first answer, of every window."""
    return [sum(window["cold"].values()) for window in entry["windows"]]


def labelled(results: Results, name: str) -> list[LabelledPicture]:
    """The pictures of a set with their truth; their files need not be there any more."""
    return [
        LabelledPicture(Path(p["file"]), tuple(p["lines"]), p["match"], p["category"], p["source"])
        for p in results["sets"][name]
    ]


def pairs(results: Results, entry: dict[str, Any], strict: bool = False) -> list[tuple[LabelledPicture, list[str]]]:
    """The pictures with digits of the set of an entry of ``reading``, each with what it read; strict: numbers on paper
    only."""
    every = zip(labelled(results, entry["set"]), entry["lines"], strict=True)
    return [(p, lines) for p, lines in every if p.lines and (p.is_strict or not strict)]


def measured(results: Results, entry: dict[str, Any], strict: bool = False) -> Measures:
    """How well an entry of ``reading`` read them."""
    return measures(pairs(results, entry, strict))


def false_digits(results: Results, entry: dict[str, Any]) -> tuple[int, int]:
    """Digits that were read in pictures without any, and how many such pictures there are."""
    every = zip(labelled(results, entry["set"]), entry["lines"], strict=True)
    empty = [sum(map(len, lines)) for picture, lines in every if not picture.lines]
    return sum(empty), len(empty)


def pack(right: NDArray[np.bool_]) -> str:
    """(N,) bool as hexadecimal digits, the first item in the highest bit."""
    return np.packbits(right).tobytes().hex()


def unpack(bits: str, count: int) -> NDArray[np.bool_]:
    """The ``count`` items that ``pack`` wrote, (count,) bool."""
    return np.unpackbits(np.frombuffer(bytes.fromhex(bits), np.uint8), count=count).astype(np.bool_)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """The first ``left`` columns are words, the others figures, to the right."""
    marks = ["---"] * left + ["---:"] * (len(heads) - left)
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, marks, *rows))


def middle(values: Sequence[float], factor: float, form: str = ".3g") -> str:
    """The median of ``values``, times ``factor``."""
    return format(float(np.median(values)) * factor, form) if values else "–"


def ranged(rate: Interval, form: str = ".2%") -> str:
    """A rate with its interval if there is one: "3.21% (1.90% to 4.70%)"."""
    if math.isnan(rate.value):
        return "–"
    middle = format(rate.value, form)
    return middle if math.isnan(rate.low) else f"{middle} ({rate.low:{form}} to {rate.high:{form}})"
