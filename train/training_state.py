"""The state that an interrupted training goes on from: written whole or not at all, and checked whose it is."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from edge_digits.errors import DataError
from edge_digits.system.atomic_write import atomic_path


def write_state(path: Path, identity: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write ``state``, tensors and plain values, and the ``identity`` of the run that it belongs to."""
    with atomic_path(path, make_folder=True) as part:
        torch.save({"identity": identity, **state}, part)


def read_state(path: Path, identity: Mapping[str, Any], device: torch.device, remedy: str) -> dict[str, Any]:
    """What ``write_state`` wrote, its tensors on ``device``.

    Raises DataError, which ends with ``remedy``, if the file is damaged or a value of its identity is not as in
    ``identity``.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        found = state["identity"]
    except (OSError, RuntimeError, KeyError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise DataError(f"{path}: damaged, cannot go on from it; {remedy}") from error
    differing = [key for key in identity if found.get(key) != identity[key]]
    if differing:
        raise DataError(f"{path}: a run with another {', '.join(differing)}; {remedy}")
    return state
