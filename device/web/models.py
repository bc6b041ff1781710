"""The models that can be chosen, by name: requests never name a path."""

from __future__ import annotations

import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_digits.errors import ModelError
from edge_digits.model_spec import ModelSpec, read_spec
from edge_digits.reader import shipped_models

MOST_FOUND = 100
"""Model files in the folder of one's own; more are left out."""

RUNTIMES = {".tflite": ("ai_edge_litert", "tflite_runtime"), ".onnx": ("onnxruntime",)}
"""What runs a file, by its suffix."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KnownModel:
    """A model file with its spec. runs: whether a runtime for it is installed."""

    path: Path
    spec: ModelSpec
    shipped: bool
    runs: bool

    def as_row(self, name: str, in_use: bool) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": name,
            "network": self.spec.name,
            "format": self.spec.format,
            "precision": self.spec.precision,
            "bytes": self.path.stat().st_size if self.path.is_file() else 0,
            "input": list(self.spec.input_shape),
            "shipped": self.shipped,
            "runs": self.runs,
            "in_use": in_use,
            "scores": self.spec.scores,
        }


def find_models(folder: Path | None) -> dict[str, KnownModel]:
    """Shipped models by file name, then those in ``folder``, at any depth, by their path in it."""
    found = {path.name: (path, True) for path in shipped_models()}
    if folder is not None:
        own = sorted(path for suffix in RUNTIMES for path in folder.rglob(f"*{suffix}"))
        found |= {path.relative_to(folder).as_posix(): (path, False) for path in own[:MOST_FOUND]}
    models: dict[str, KnownModel] = {}
    for name, (path, shipped) in found.items():
        try:
            spec = read_spec(path)
        except (ModelError, OSError) as error:
            logger.warning("%s", error)
            continue
        runs = any(importlib.util.find_spec(module) is not None for module in RUNTIMES[path.suffix])
        models[name] = KnownModel(path, spec, shipped, runs)
    return models


def name_of(model: str, models: dict[str, KnownModel]) -> str | None:
    """The name in ``models`` of what the configuration calls ``model`` (see ``edge_digits.reader.open_reader``)."""
    wanted = "cnn" if model == "auto" else model
    for name in (f"{wanted}-int8.tflite", wanted):
        if name in models:
            return name
    own = Path(wanted).expanduser().absolute()
    return next((name for name, known in models.items() if known.path.absolute() == own), None)
