"""A float ONNX graph, made ready for quantization: its weights, its layers, who takes what, and its results inside."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper, version_converter
from onnxruntime.quantization.shape_inference import quant_pre_process

from edge_digits.runtime.onnx import session_options

WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
"""Operators that hold nearly all weights and products."""
ACTIVATIONS = ("Relu", "Clip", "LeakyRelu", "PRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Elu")
_BATCH, _OPSET = 32, 13

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """What is quantized or kept as one. name: of its first node. nodes: a weighted node and the activations behind it,
    or another node alone. weights: how many values it holds."""

    name: str
    nodes: tuple[str, ...]
    weights: int


def prepare(model: onnx.ModelProto) -> onnx.ModelProto:
    """``model`` as quantization takes it: batch normalization and constants folded into the convolutions before them,
    shapes inferred, every node with a name and constants of its own, every Conv and Gemm with a bias. It computes the
    same."""
    with tempfile.TemporaryDirectory() as folder:
        # By way of files: a model in memory would be altered.
        source, place = Path(folder) / "float32.onnx", Path(folder) / "prepared.onnx"
        onnx.save(_at_opset(model), source)
        quant_pre_process(str(source), str(place), skip_symbolic_shape=True)
        made = onnx.load(place)
    used: set[str] = set()
    for number, node in enumerate(made.graph.node):
        if not node.name or node.name in used:
            node.name = f"{node.op_type}_{number}"
        used.add(node.name)
    unshare(made)
    arrays = weights(made)
    for node in made.graph.node:
        if node.op_type in ("Conv", "Gemm") and node.input[1] in arrays and not bias_name(node):
            weight = arrays[node.input[1]]
            outputs = weight.shape[0] if node.op_type == "Conv" or attribute(node, "transB", 0) else weight.shape[1]
            del node.input[2:]
            node.input.append(f"{node.name}_bias")
            made.graph.initializer.append(numpy_helper.from_array(np.zeros(outputs, np.float32), node.input[2]))
    return made


def _at_opset(model: onnx.ModelProto) -> onnx.ModelProto:
    """``model``, at least in the first opset whose DequantizeLinear knows channels."""
    version = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    return model if version >= _OPSET else version_converter.convert_version(model, _OPSET)


def unshare(model: onnx.ModelProto) -> None:
    """Give each node constants of its own: onnxruntime fails to load some int8 graphs in which nodes share one, if it
    runs them with the exact kernels of ``session_options`` (seen with 1.32)."""
    arrays, used = weights(model), set()
    for number, node in enumerate(model.graph.node):
        for place, name in enumerate(node.input):
            if name in used:
                node.input[place] = f"{name}_{number}_{place}"
                model.graph.initializer.append(numpy_helper.from_array(arrays[name], node.input[place]))
            elif name in arrays:
                used.add(name)


def weights(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    """The initializers by name."""
    return {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}


def with_weights(model: onnx.ModelProto, changed: dict[str, NDArray[Any]]) -> onnx.ModelProto:
    """A copy of ``model`` in which some initializers have other values."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for one in made.graph.initializer:
        if one.name in changed:
            one.CopyFrom(numpy_helper.from_array(changed[one.name], one.name))
    return made


def attribute(node: onnx.NodeProto, name: str, default: int) -> int:
    """A whole number that ``node`` has as an attribute."""
    return next((helper.get_attribute_value(one) for one in node.attribute if one.name == name), default)


def bias_name(node: onnx.NodeProto) -> str:
    """The bias of a Conv or Gemm, "" if there is none."""
    return node.input[2] if len(node.input) > 2 else ""


def takers(model: onnx.ModelProto) -> dict[str, list[onnx.NodeProto]]:
    """By tensor the nodes that take it; of an output of the graph one more, without a name."""
    found: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            found.setdefault(name, []).append(node)
    for output in model.graph.output:
        found.setdefault(output.name, []).append(onnx.NodeProto())
    return found


def layers(model: onnx.ModelProto) -> list[Layer]:
    """The layers of a prepared graph, in order. Shapes that are only computed with belong to none."""
    taken, arrays = takers(model), weights(model)
    grouped: set[str] = set()
    made = []
    for node in model.graph.node:
        if node.name in grouped or node.op_type == "Constant":
            continue
        nodes = [node]
        if node.op_type in WEIGHTED:
            nodes += _activations(node, taken)
        grouped.update(one.name for one in nodes)
        count = sum(arrays[name].size for one in nodes for name in one.input if name in arrays)
        made.append(Layer(node.name, tuple(one.name for one in nodes), int(count)))
    return made


def _activations(node: onnx.NodeProto, taken: dict[str, list[onnx.NodeProto]]) -> Iterator[onnx.NodeProto]:
    """What stands behind ``node`` alone up to the next layer, x * sigmoid(x) among it."""
    while True:
        behind = taken.get(node.output[0], [])
        kinds = sorted(one.op_type for one in behind)
        if len(behind) == 1 and kinds[0] in ACTIVATIONS:
            [node] = behind
        elif kinds in (["Mul", "Sigmoid"], ["HardSigmoid", "Mul"]):
            gate, product = sorted(behind, key=lambda one: one.op_type == "Mul")
            if gate.output[0] not in product.input:
                return
            yield gate
            node = product
        else:
            return
        yield node


def run(model: onnx.ModelProto, samples: Array, outputs: Sequence[str] = ()) -> list[Array]:
    """What ``model`` computes: of each of the tensors ``outputs`` (none: the graph's first output), whose first
    dimension must be the batch, the results for all samples. samples: (N, ...) as its one input takes them; a graph
    whose batch is fixed gets as many at a time, and N must be a multiple of it."""
    parts = list(run_batches(model, samples, list(outputs) or [model.graph.output[0].name]))
    return [np.concatenate(results) for results in zip(*parts, strict=True)]


def run_batches(model: onnx.ModelProto, samples: Array, outputs: Sequence[str]) -> Iterator[list[Array]]:
    """The same, one batch after the other, so that not all has to be held at once."""
    given = onnx.ModelProto()
    given.CopyFrom(model)
    known = {output.name for output in given.graph.output}
    given.graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs if name not in known)
    session = onnxruntime.InferenceSession(
        given.SerializeToString(), session_options(), providers=["CPUExecutionProvider"]
    )
    source, size = session.get_inputs()[0].name, batch_size(model)
    for at in range(0, len(samples), size):
        yield [np.asarray(one) for one in session.run(list(outputs), {source: samples[at : at + size]})]


def batch_size(model: onnx.ModelProto) -> int:
    """How many samples are given at a time: those that the graph is fixed to, else a few."""
    first = model.graph.input[0].type.tensor_type.shape.dim[0]
    return first.dim_value or _BATCH
