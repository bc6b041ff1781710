"""What training keeps on disk: networks with their specs, and what an interrupted run goes on from."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from edge_digits.errors import DataError, ModelError
from edge_digits.runtime.spec import ModelSpec, check_spec, read_spec, sha256_of, write_spec
from edge_digits.system.atomic_write import atomic_path
from train.baselines import BASELINES
from train.networks import NETWORKS


def save(path: Path, network: nn.Module, **spec_values: object) -> ModelSpec:
    """Write ``network``'s weights to ``path`` (.safetensors) and its spec beside it.

    spec_values: fields of ModelSpec other than format, precision and sha256 (name, temperature, origin, scores …).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}, path)
    spec = ModelSpec(format="torch", precision="float32", sha256=sha256_of(path), **spec_values)  # pyright: ignore[reportArgumentType]
    write_spec(path, spec)
    return spec


def load(path: Path) -> tuple[nn.Sequential, ModelSpec]:
    """The network in evaluation mode, and its spec. Raises ModelError for what is missing, damaged or does not fit."""
    spec = read_spec(path)
    if spec.name in NETWORKS:
        network = NETWORKS[spec.name]()
    elif spec.name in BASELINES:
        network = BASELINES[spec.name](spec.classes)
    else:
        raise ModelError(f"{path}: unknown network '{spec.name}': expected one of {', '.join(NETWORKS)}")
    load_weights(network, path)
    return network.eval(), spec


def load_weights(network: nn.Module, path: Path) -> None:
    """Give ``network`` the weights in ``path``. Raises ModelError for what is missing, damaged or does not fit."""
    spec = read_spec(path)
    check_spec(path, spec)
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: the weights are damaged or cut short: {error}") from error
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        # One line for each weight, of which a wrong file may have hundreds, below one that names none.
        problem = str(error).splitlines()[:2][-1].strip()
        raise ModelError(f"{path}: the weights do not fit the network '{spec.name}': {problem}") from error


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
        stored = state["identity"]
    except (OSError, RuntimeError, KeyError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise DataError(f"{path}: damaged, cannot go on from it; {remedy}") from error
    differing = [key for key in identity if stored.get(key) != identity[key]]
    if differing:
        raise DataError(f"{path}: a run with another {', '.join(differing)}; {remedy}")
    return state
