"""Which model files are compared: float32 and int8 of what ships, or files of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_digits.errors import ConfigError, ModelError
from edge_digits.reader import (
    CNN_FILE,
    JUDGE_FILE,
    JUDGE_FIRST_FILE,
    MODELS,
    line_models,
    model_files,
)
from edge_digits.runtime.spec import check_spec, read_spec

ALL = "all"


@dataclass(frozen=True)
class Side:
    """One side of a comparison. title: a column's head. network: what is compared, for the table. cnn: the file that
    reads single digits. lines: those that read lines. first, second: the judge's stages. None and () are what ships
    for the reader, and not measured by itself."""

    title: str
    network: str
    cnn: Path | None = None
    lines: tuple[Path, ...] = ()
    first: Path | None = None
    second: Path | None = None

    @property
    def files(self) -> list[Path]:
        """The files that are this side's own."""
        return [path for path in (self.cnn, *self.lines, self.first, self.second) if path is not None]


def shipped_sides() -> list[Side]:
    """float32 and int8 of all that ships as TFLite; int8 alone where float32 files are missing. Raises ModelError if an
    int8 file is missing or any is damaged."""
    int8 = Side("int8", ALL, MODELS / CNN_FILE, tuple(line_models()), MODELS / JUDGE_FIRST_FILE, MODELS / JUDGE_FILE)
    others = [_of_precision(path, "int8", "float32") for path in int8.files]
    if not all(other.is_file() for other in others):
        return [int8]
    cnn, *lines, first, second = others
    return [Side("float32", ALL, cnn, tuple(lines), first, second), int8]


def sides_of(models: Sequence[str]) -> list[Side]:
    """The sides that files or names of shipped models make; "auto" is all that ships. One is compared with its float32
    or int8 sibling in the same folder, or stands alone where there is none; two are compared with each other, the first
    one's figures first.

    Raises ConfigError for more than two, or two that do not read the same; ModelError if a file or spec is missing or
    does not fit.
    """
    if len(models) > 2:
        raise ConfigError(f"--model {models[2]}: expected one model or two")
    if len(models) == 2:
        sides = [_side(model_files(model), title) for title, model in zip(("1", "2"), models, strict=True)]
        tasks = [read_spec(side.files[0]).task for side in sides]
        if tasks[0] != tasks[1]:
            raise ConfigError(f"--model {' '.join(models)}: one is for {tasks[0]}, the other for {tasks[1]}")
        return sides
    if models[0] == "auto":
        return shipped_sides()
    paths = model_files(models[0])
    spec = read_spec(paths[0])
    here = _side(paths, spec.precision)
    other = "float32" if spec.precision != "float32" else "int8"
    siblings = [_of_precision(path, spec.precision, other) for path in paths]
    if not all(path.is_file() for path in siblings) or siblings == paths:
        return [here]
    sibling = _side(siblings, other)
    return [sibling, here] if other == "float32" else [here, sibling]


def _of_precision(path: Path, precision: str, other: str) -> Path:
    """Where ``python -m convert`` puts the same network in another precision."""
    return path.with_name(path.name.replace(f"-{precision}.", f"-{other}."))


def _side(paths: Sequence[Path], title: str) -> Side:
    specs = [read_spec(path) for path in paths]
    for path, spec in zip(paths, specs, strict=True):
        check_spec(path, spec)
    name, task = specs[0].name, specs[0].task
    if task == "lines":
        return Side(title, name, lines=tuple(paths))
    if len(paths) > 1:
        raise ModelError(f"{paths[1]}: expected one file of {name}")
    if task == "judge-first":
        return Side(title, name, first=paths[0])
    if task == "judge":
        return Side(title, name, second=paths[0])
    return Side(title, name, cnn=paths[0])
