"""Cross-layer equalization (Nagel et al. 2019, "Data-Free Quantization through Weight Equalization and Bias
Correction", section 4.1): channels of two layers in a row are rescaled so that one scale for all of them serves.

What goes from one layer to the next is scaled channel by channel, down in the first and up in the second, which
changes nothing where all in between is positive homogeneous: f(s x) = s f(x) for s > 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from convert.quantize.graph import Array, attribute, bias_name, run, takers, weights, with_weights

HOMOGENEOUS = ("Relu", "LeakyRelu", "PRelu", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Identity")
"""Operators through which a scale of each channel goes as it is."""
_PASSES = 40
_SETTLED = 1e-3
_DEAD = 1e-3
"""A channel is left as it is if what its weights before and behind it make together is below this share of the
greatest: its bias would be blown up."""


@dataclass(frozen=True)
class Equalized:
    """model: what computes the same. pairs: names of the two nodes of each pair. replaced: Clip nodes (ReLU6) that
    became Relu. left_out: pairs that stay as they are because a Clip between them cuts something off."""

    model: onnx.ModelProto
    pairs: tuple[tuple[str, str], ...]
    replaced: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Pair:
    first: onnx.NodeProto
    second: onnx.NodeProto
    clips: tuple[onnx.NodeProto, ...]


def equalize(model: onnx.ModelProto, samples: Array | None = None, most_clipped: float = 0.0) -> Equalized:
    """Equalize each pair of Conv and Gemm with nothing but ``HOMOGENEOUS`` between them, of which nobody else takes
    anything.

    model: prepared (``graph.prepare``). samples: (N, ...) as it takes them. Clip between 0 and 6 (ReLU6) is not
    homogeneous: if of the values before it at most the share ``most_clipped`` is above its limit on ``samples``, it is
    replaced with Relu, as in the paper, else its pair is left out. With 0 nothing changes on the samples; without
    samples no Clip is replaced.
    """
    arrays = weights(model)
    pairs = list(_pairs(model, arrays))
    limits = {clip.name: _upper_limit(clip, arrays) for pair in pairs for clip in pair.clips}
    clipped = _clipped(model, [clip for pair in pairs for clip in pair.clips], limits, samples)
    usable = [pair for pair in pairs if all(clipped[clip.name] <= most_clipped for clip in pair.clips)]
    replaced = [clip.name for pair in usable for clip in pair.clips]
    for _ in range(_PASSES):
        if max((_equalize_pair(pair, arrays) for pair in usable), default=0.0) < _SETTLED:
            break
    names = [(pair.first.name, pair.second.name) for pair in pairs]
    done = [(pair.first.name, pair.second.name) for pair in usable]
    made = with_weights(model, {name: array.astype(np.float32) for name, array in arrays.items() if _is_float(array)})
    for node in made.graph.node:
        if node.name in replaced:
            node.op_type = "Relu"
            del node.input[1:]
            del node.attribute[:]
    # The limits that nobody takes now.
    taken = takers(made)
    held = [one for one in made.graph.initializer if one.name in taken]
    del made.graph.initializer[:]
    made.graph.initializer.extend(held)
    return Equalized(made, tuple(done), tuple(replaced), tuple(pair for pair in names if pair not in done))


def _is_float(array: NDArray[Any]) -> bool:
    return array.dtype in (np.float32, np.float64)


def _pairs(model: onnx.ModelProto, arrays: dict[str, NDArray[Any]]) -> Iterator[_Pair]:
    taken = takers(model)
    for first in model.graph.node:
        if not _has_plain_weights(first, arrays, taken):
            continue
        clips: list[onnx.NodeProto] = []
        name = first.output[0]
        while len(taken.get(name, [])) == 1:
            [node] = taken[name]
            if not node.output:
                break
            if _has_plain_weights(node, arrays, taken) and node.input[0] == name:
                if _inputs(node, arrays) % _outputs(first, arrays) == 0:
                    yield _Pair(first, node, tuple(clips))
                break
            if node.op_type == "Clip" and _lower_limit(node, arrays) == 0:
                if np.isfinite(_upper_limit(node, arrays)):
                    clips.append(node)
            elif node.op_type not in HOMOGENEOUS and not _flattens(node, arrays, taken):
                break
            name = node.output[0]


def _has_plain_weights(
    node: onnx.NodeProto, arrays: dict[str, NDArray[Any]], taken: dict[str, list[onnx.NodeProto]]
) -> bool:
    """Whether ``node`` is a Conv or Gemm whose weights and bias are its alone."""
    if node.op_type not in ("Conv", "Gemm") or any(attribute(node, name, 1) != 1 for name in ("alpha", "beta")):
        return False
    held = [name for name in (node.input[1], bias_name(node)) if name]
    return not attribute(node, "transA", 0) and all(name in arrays and len(taken[name]) == 1 for name in held)


def _flattens(node: onnx.NodeProto, arrays: dict[str, NDArray[Any]], taken: dict[str, list[onnx.NodeProto]]) -> bool:
    """Whether ``node`` lays all but the batch in one row, channel by channel, for a Gemm."""
    if [one.op_type for one in taken.get(node.output[0], [])] != ["Gemm"]:
        return False
    shape = arrays.get(node.input[1]) if node.op_type == "Reshape" else None
    return (node.op_type == "Flatten" and attribute(node, "axis", 1) == 1) or (shape is not None and len(shape) == 2)


def _limit(node: onnx.NodeProto, arrays: dict[str, NDArray[Any]], place: int, name: str, default: float) -> float:
    """Of a Clip, from its input (from opset 11 on) or its attribute."""
    if len(node.input) > place and node.input[place]:
        return float(arrays[node.input[place]].item()) if node.input[place] in arrays else np.nan
    return float(next((one.f for one in node.attribute if one.name == name), default))


def _lower_limit(node: onnx.NodeProto, arrays: dict[str, NDArray[Any]]) -> float:
    return _limit(node, arrays, 1, "min", -np.inf)


def _upper_limit(node: onnx.NodeProto, arrays: dict[str, NDArray[Any]]) -> float:
    return _limit(node, arrays, 2, "max", np.inf)


def _clipped(
    model: onnx.ModelProto, clips: list[onnx.NodeProto], limits: dict[str, float], samples: Array | None
) -> dict[str, float]:
    """By Clip the share of values before it that are above its limit."""
    if samples is None or not clips:
        return {clip.name: 1.0 for clip in clips}
    before = run(model, samples, [clip.input[0] for clip in clips])
    return {clip.name: float((x > limits[clip.name]).mean()) for clip, x in zip(clips, before, strict=True)}


def _outputs(node: onnx.NodeProto, arrays: dict[str, NDArray[Any]]) -> int:
    weight = arrays[node.input[1]]
    return weight.shape[0] if node.op_type == "Conv" or attribute(node, "transB", 0) else weight.shape[1]


def _inputs(node: onnx.NodeProto, arrays: dict[str, NDArray[Any]]) -> int:
    weight = arrays[node.input[1]]
    if node.op_type == "Conv":
        return weight.shape[1] * attribute(node, "group", 1)
    return weight.shape[1] if attribute(node, "transB", 0) else weight.shape[0]


def _equalize_pair(pair: _Pair, arrays: dict[str, NDArray[Any]]) -> float:
    """Rescale what stands in ``arrays``; returns the greatest change of a channel as |log2| of its scale."""
    first, second = arrays[pair.first.input[1]], arrays[pair.second.input[1]]
    by_output = first if pair.first.op_type == "Conv" or attribute(pair.first, "transB", 0) else first.T
    channels = len(by_output)
    range1 = np.abs(by_output.reshape(channels, -1)).max(axis=1).astype(np.float64)
    # Of a flattened map each channel is several inputs in a row.
    by_input = _by_input(pair.second, second)
    range2 = np.abs(by_input).max(axis=(1, 3)).reshape(channels, -1).max(axis=1).astype(np.float64)
    # By what both make of a channel: far apart is what is to be mended, dead is what counts for nothing.
    product = range1 * range2
    alive = product > _DEAD * product.max()
    scale = np.ones(channels)
    scale[alive] = np.sqrt(range1[alive] / range2[alive])
    down = 1 / scale.reshape(-1, *[1] * (by_output.ndim - 1))
    arrays[pair.first.input[1]] = by_output * down if by_output is first else (by_output * down).T
    if bias_name(pair.first):
        arrays[pair.first.input[2]] = arrays[pair.first.input[2]] / scale
    groups, _, inputs, _ = by_input.shape
    up = np.repeat(scale, groups * inputs // channels).reshape(groups, 1, inputs, 1)
    arrays[pair.second.input[1]] = _as_it_was(pair.second, by_input * up, second.shape)
    return float(np.abs(np.log2(scale)).max())


def _by_input(node: onnx.NodeProto, weight: NDArray[Any]) -> NDArray[Any]:
    """(groups, outputs of a group, inputs of a group, taps)."""
    if node.op_type == "Conv":
        groups = attribute(node, "group", 1)
        return weight.reshape(groups, weight.shape[0] // groups, weight.shape[1], -1)
    rows = weight if attribute(node, "transB", 0) else weight.T
    return rows[None, :, :, None]


def _as_it_was(node: onnx.NodeProto, grouped: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if node.op_type == "Conv" or attribute(node, "transB", 0):
        return grouped.reshape(shape)
    return grouped[0, :, :, 0].T
