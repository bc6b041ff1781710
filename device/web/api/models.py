"""The models that can be chosen, by name: requests never name a path."""

from __future__ import annotations

import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_digits.errors import ModelError
from edge_digits.reader import line_models, shipped_models
from edge_digits.runtime.spec import ModelSpec, read_spec

MOST_FOUND = 100
"""Model files in the folder of one's own; more are left out."""

AUTO = "auto"
"""The name of what reads if nothing is chosen, which may be several models together."""

RUNTIMES = {".tflite": ("ai_edge_litert", "tflite_runtime"), ".onnx": ("onnxruntime",)}
"""What runs a file, by its suffix."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KnownModel:
    """What can be chosen. opens: what ``edge_digits.reader.open_reader`` takes for it. files: that it consists of.
    spec: of the first. shipped: whether it comes with the package. runs: whether a runtime for it is installed."""

    opens: str
    files: tuple[Path, ...]
    spec: ModelSpec
    shipped: bool
    runs: bool

    def as_row(self, name: str, in_use: bool) -> dict[str, Any]:
        """For JSON."""
        networks = [path.name.partition("-")[0] for path in self.files] if name == AUTO else [self.spec.name]
        return {
            "name": name,
            "network": " + ".join(dict.fromkeys(networks)),
            "format": self.spec.format,
            "precision": self.spec.precision,
            "bytes": sum(path.stat().st_size for path in self.files if path.is_file()),
            "input": list(self.spec.input_shape),
            "shipped": self.shipped,
            "runs": self.runs,
            "in_use": in_use,
            "scores": self.spec.scores,
        }


def find_models(folder: Path | None) -> dict[str, KnownModel]:
    """What reads if nothing is chosen, shipped networks that read lines with their files for all widths, shipped files
    by name, then those in ``folder``, at any depth, by their path in it."""
    shipped = {path.name: path for path in shipped_models()}
    choices: dict[str, tuple[str, tuple[Path, ...], bool]] = {}
    [digits] = [path for name, path in shipped.items() if name == "cnn-int8.tflite"] or [None]
    if digits is not None:
        choices[AUTO] = AUTO, (digits, *line_models()), True
    for name in sorted({path.name.partition("-")[0] for path in shipped.values()}):
        strips = line_models(name) if name.isidentifier() else []
        if strips:
            choices[name] = name, tuple(strips), True
    choices |= {name: (str(path), (path,), True) for name, path in shipped.items()}
    if folder is not None:
        present = sorted(path for suffix in RUNTIMES for path in folder.rglob(f"*{suffix}"))
        choices |= {path.relative_to(folder).as_posix(): (str(path), (path,), False) for path in present[:MOST_FOUND]}
    models: dict[str, KnownModel] = {}
    for name, (opens, files, is_shipped) in choices.items():
        try:
            spec = read_spec(files[0])
        except (ModelError, OSError) as error:
            logger.warning("%s", error)
            continue
        if spec.judges:
            continue
        runs = any(importlib.util.find_spec(module) is not None for module in RUNTIMES[files[0].suffix])
        models[name] = KnownModel(opens, files, spec, is_shipped, runs)
    return models


def name_of(model: str, models: dict[str, KnownModel]) -> str | None:
    """The name in ``models`` of what the configuration calls ``model`` (see ``edge_digits.reader.open_reader``)."""
    for name in (f"{model}-int8.tflite", model):
        if name in models:
            return name
    path = Path(model).expanduser().absolute()
    return next((name for name, known in models.items() if [p.absolute() for p in known.files] == [path]), None)
