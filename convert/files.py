"""Files that a command line names: which network a checkpoint holds, and which model files a folder."""

from __future__ import annotations

from pathlib import Path

from edge_digits.charset import DIGITS
from edge_digits.errors import ConfigError, ModelError
from edge_digits.runtime.spec import check_spec, read_spec


def network_of(checkpoint: Path) -> str:
    """Which network a checkpoint holds. Raises ModelError or ConfigError if it is none, or does not fit."""
    if not checkpoint.is_file():
        raise ModelError(f"{checkpoint}: no such checkpoint; python -m train makes one, --checkpoint names another")
    spec = read_spec(checkpoint)
    if spec.format != "torch":
        raise ConfigError(f"{checkpoint}: is converted already ({spec.format}); name the checkpoint it was made from")
    check_spec(checkpoint, spec)
    if spec.charset != DIGITS:
        raise ConfigError(f"{checkpoint}: reads '{spec.charset}', and what calibrates and judges here is digits")
    return spec.name


def model_files(folder: Path) -> list[Path]:
    """The .tflite and .onnx files of ``folder``, at least one. Raises ModelError if there is none."""
    files = sorted(p for p in folder.glob("*") if p.suffix in (".tflite", ".onnx"))
    if not files:
        raise ModelError(f"{folder}: no model files in it" if folder.is_dir() else f"{folder}: no such folder")
    return files
