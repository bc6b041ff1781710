"""A trained network on disk: weights as safetensors, with its ModelSpec beside it."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from edge_digits.errors import ModelError
from edge_digits.runtime.spec import ModelSpec, check_spec, read_spec, sha256_of, write_spec
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
        said = str(error).splitlines()[:2][-1].strip()
        raise ModelError(f"{path}: the weights do not fit the network '{spec.name}': {said}") from error
