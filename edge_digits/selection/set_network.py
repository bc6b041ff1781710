"""The set network of ``page_context``, in NumPy: it is so small that a runtime's call would cost more than its sums."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.runtime.matrix_product import product
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.selection.page_context import EDGE_FEATURES, NODE_FEATURES

Weights = NDArray[np.float32]

EDGE_WIDTH, NODE_WIDTH = 48, 64
"""Units of a hidden layer of the edge network and of the node network."""

_MOST_LOGIT = 60.0
"""Beyond it, nothing is surer in float32."""

LOGIT = 4.0
"""The first feature of a node is its log-odds divided by this; what the network says is added to them."""


@dataclass(frozen=True)
class SetNetwork:
    """Weights, (inputs, outputs), and biases: two layers for edges, three for nodes. calibration: (3,), the scale and
    offset of log-odds (Platt 1999) and the exponent of the likeliest digit's chance that make confidence come true."""

    edge1: Weights
    edge1_bias: Weights
    edge2: Weights
    edge2_bias: Weights
    node1: Weights
    node1_bias: Weights
    node2: Weights
    node2_bias: Weights
    node3: Weights
    node3_bias: Weights
    calibration: Weights

    def __call__(self, nodes: NDArray[np.float32], edges: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-odds (N,) of being a digit. nodes: (N, NODE_FEATURES), edges: (N, K, EDGE_FEATURES) float32, as
        ``page_features`` makes them."""
        # What the two parts of the first layer's input contribute: a node's is the same for all its edges.
        of_node = product(nodes, self.edge1[EDGE_FEATURES:]) + self.edge1_bias
        hidden = edges @ self.edge1[:EDGE_FEATURES]
        hidden += of_node[:, None]
        hidden = np.maximum(hidden, 0, out=hidden) @ self.edge2
        hidden += self.edge2_bias
        messages = np.maximum(hidden, 0, out=hidden)
        messages *= edges[:, :, -1:]
        seen = np.concatenate([nodes, messages.max(axis=1), messages.sum(axis=1) / 4], axis=1)
        for weight, bias in ((self.node1, self.node1_bias), (self.node2, self.node2_bias)):
            seen = np.maximum(product(seen, weight) + bias, 0)
        return np.asarray(LOGIT * nodes[:, 0] + (product(seen, self.node3) + self.node3_bias)[:, 0], np.float32)

    def confidence(self, log_odds: NDArray[np.floating], which: NDArray[np.floating]) -> NDArray[np.float32]:
        """Calibrated probability (N,) of each hypothesis being its likeliest digit. log_odds: (N,) of being a digit at
        all, as this network says. which: (N,) chance of the likeliest digit, if it is one."""
        scale, offset, exponent = self.calibration
        logit = np.clip(scale * log_odds + offset, -_MOST_LOGIT, _MOST_LOGIT)
        return np.asarray(which**exponent / (1 + np.exp(-logit)), np.float32)


def shapes() -> dict[str, tuple[int, ...]]:
    """Of each of a network's arrays."""
    e, n, inputs = EDGE_WIDTH, NODE_WIDTH, NODE_FEATURES + 2 * EDGE_WIDTH
    layers = {
        "edge1": (EDGE_FEATURES + NODE_FEATURES, e),
        "edge2": (e, e),
        "node1": (inputs, n),
        "node2": (n, n),
        "node3": (n, 1),
    }
    biases = {f"{name}_bias": shape[1:] for name, shape in layers.items()}
    return {**layers, **biases, "calibration": (3,)}


def load_set_network(path: Path) -> SetNetwork:
    """Read an ``.npz`` file. Raises ModelError if it is missing, damaged or another network's."""
    try:
        with np.load(path) as file:
            arrays = {field.name: np.asarray(file[field.name], np.float32) for field in fields(SetNetwork)}
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such model file") from error
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{path}: the weights are damaged or cut short: {error}") from error
    wrong = next((name for name, shape in shapes().items() if arrays[name].shape != shape), None)
    if wrong:
        raise ModelError(f"{path}: {wrong} has the shape {arrays[wrong].shape}, expected {shapes()[wrong]}")
    return SetNetwork(**arrays)


def check_set_network(path: Path, judges: Sequence[str]) -> None:
    """Refuse a network that does not fit: another judge's log-odds mean something else.

    judges: the sha256, in hexadecimal, of the two files that hypotheses are judged with, the first stage's first.

    Raises ModelError if the spec beside ``path`` is missing or damaged, is of another file, or names another judge.
    """
    beside = spec_path(path)
    try:
        spec = json.loads(beside.read_text("utf-8"))
        expected, trained = str(spec["sha256"]), [str(spec["judge"][stage]) for stage in ("judge-first", "judge")]
        digest = sha256_of(path)
    except FileNotFoundError as error:
        raise ModelError(f"{error.filename}: no such file; a network of a page comes with its spec") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{beside}: not the spec of a page's network: {error!r}") from error
    if digest != expected:
        raise ModelError(
            f"{path}: sha256 is {digest[:12]}…, its spec says {expected[:12]}…: it is damaged or not the spec's"
        )
    if trained != [*judges]:
        hashes = (" and ".join(f"{value[:12]}…" for value in values) for values in (trained, judges))
        raise ModelError("{}: trained behind the judge {}, this one is {}: train it again".format(path, *hashes))
