"""Which model files make up a reader: one for digits, those of one network for lines, or both together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_digits.runtime.spec import ModelSpec, read_spec

AUTO = "auto"
"""The reader that people use: digit by digit, and the network for lines where digits touch."""


@dataclass(frozen=True)
class ReaderFiles:
    """A reader of whole pictures. name: as it stands in tables. network, precision: of what reads most of the ink.
    digits: the file that reads digit by digit, None if whole rows are read. strips: files of a network that reads
    lines, one for each width."""

    name: str
    runtime: str
    network: str
    precision: str
    digits: Path | None
    strips: tuple[Path, ...] = ()


def readers(files: Iterable[tuple[Path, str]]) -> list[ReaderFiles]:
    """The readers that can be made of model files, each in a runtime.

    A network for lines is one reader with its files for all widths. "auto" is among them where one int8 TFLite network
    reads digits and one reads lines, as those that ship. Raises ModelError for a file without a spec.
    """
    found: list[ReaderFiles] = []
    strips: dict[tuple[str, str, str, str], list[tuple[Path, ModelSpec]]] = {}
    for path, runtime in files:
        spec = read_spec(path)
        if spec.reads_lines:
            strips.setdefault((spec.name, spec.precision, path.suffix, runtime), []).append((path, spec))
        else:
            found.append(ReaderFiles(path.name, runtime, spec.name, spec.precision, path))
    for (network, precision, _, runtime), some in strips.items():
        by_width = sorted(some, key=lambda item: item[1].input_shape[1])
        own = tuple(path for path, _ in by_width)
        found.append(ReaderFiles(_name(by_width), runtime, network, precision, None, own))
    return [*found, *_together(found)]


def _name(files: Sequence[tuple[Path, ModelSpec]]) -> str:
    """The file's name, without the width where there are several."""
    path, spec = files[0]
    return path.name if len(files) == 1 else path.name.replace(f"-{spec.input_shape[1]}-", "-")


def _together(found: Sequence[ReaderFiles]) -> list[ReaderFiles]:
    made = []
    for runtime in dict.fromkeys(reader.runtime for reader in found):
        int8 = [r for r in found if r.runtime == runtime and r.precision == "int8" and r.name.endswith(".tflite")]
        digits, lines = [r for r in int8 if r.digits], [r for r in int8 if not r.digits]
        if len(digits) == len(lines) == 1:
            made.append(ReaderFiles(AUTO, runtime, AUTO, "int8", digits[0].digits, lines[0].strips))
    return made


def on_the_road(found: Sequence[ReaderFiles]) -> list[ReaderFiles]:
    """The readers that camera frames are timed with: of each network those in int8 TFLite, or all where there is no
    such file. The other files differ from them in the inference only, which is timed by itself."""
    usual = {r.network for r in found if r.precision == "int8" and (r.name == AUTO or r.name.endswith(".tflite"))}
    return [
        r
        for r in found
        if r.network not in usual or (r.precision == "int8" and (r.name == AUTO or r.name.endswith(".tflite")))
    ]
