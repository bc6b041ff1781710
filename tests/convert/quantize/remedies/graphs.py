"""Small float ONNX graphs with random weights, and made hard to quantize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CHANNELS, CLASSES, SIZE = 8, 5, 8


class Builder:
    """Nodes one behind the other, with random weights."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.end = "pixels"

    def weight(self, name: str, array: NDArray[Any]) -> str:
        """An initializer."""
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def add(self, kind: str, *others: str, name: str = "", **attributes: Any) -> str:
        """One node behind the last; returns what it gives."""
        name = name or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.end, *others], [f"{name}_out"], name, **attributes))
        self.end = f"{name}_out"
        return self.end

    def conv(self, name: str, inputs: int, outputs: int, groups: int = 1, up: Any = 1.0, down: Any = 1.0) -> str:
        """A convolution 3x3. up: what its results are multiplied by, channel by channel. down: what its inputs are
        divided by."""
        shape = (outputs, inputs // groups, 3, 3)
        weight = self.random.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape)
        weight *= np.reshape(up, (-1, 1, 1, 1)) / np.reshape(down, (1, -1, 1, 1))
        bias = self.random.normal(0, 0.1, outputs) * up
        held = [self.weight(f"{name}_w", weight.astype("f4")), self.weight(f"{name}_b", bias.astype("f4"))]
        return self.add("Conv", *held, name=name, group=groups, pads=[1, 1, 1, 1])

    def gemm(self, name: str, inputs: int, outputs: int) -> str:
        """A fully connected layer."""
        weight = self.random.normal(0, 1 / np.sqrt(inputs), (outputs, inputs)).astype("f4")
        bias = self.random.normal(0, 0.1, outputs).astype("f4")
        held = [self.weight(f"{name}_w", weight), self.weight(f"{name}_b", bias)]
        return self.add("Gemm", *held, name=name, transB=1)

    def clip(self, low: float, high: float) -> str:
        """ReLU6 and its like."""
        place = len(self.nodes)
        ends = [self.weight(f"limit{place}_{k}", np.array(v, "f4")) for k, v in enumerate((low, high))]
        return self.add("Clip", *ends)

    def head(self, channels: int = CHANNELS) -> onnx.ModelProto:
        """Mean over places, the logits; the whole model."""
        self.add("GlobalAveragePool")
        self.add("Flatten")
        self.gemm("logits", channels, CLASSES)
        return self.model([CLASSES])

    def model(self, shape: Sequence[int]) -> onnx.ModelProto:
        """What stands there, whose last result has ``shape`` behind the batch."""
        made = helper.make_graph(
            self.nodes,
            "graph",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 1, SIZE, SIZE])],
            [helper.make_tensor_value_info(self.end, TensorProto.FLOAT, ["batch", *shape])],
            self.weights,
        )
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        return model


def separable(spread: float = 1.5, seed: int = 0) -> onnx.ModelProto:
    """Convolution, depthwise convolution, convolution, joined by ReLU, then the logits. The channels between the last
    two lie ``spread`` powers of ten apart, and count as much: one scale for all of them serves none."""
    graph = Builder(seed)
    scale = 10 ** -graph.random.uniform(0, spread, CHANNELS)
    graph.conv("first", 1, CHANNELS)
    graph.add("Relu")
    graph.conv("depthwise", CHANNELS, CHANNELS, CHANNELS, up=scale)
    graph.add("Relu")
    graph.conv("last", CHANNELS, CHANNELS, down=scale)
    graph.add("Relu")
    return graph.head()


def samples(count: int, seed: int = 0) -> NDArray[np.float32]:
    """(count, 1, 8, 8) in 0..1."""
    return np.random.default_rng(seed).random((count, 1, SIZE, SIZE), np.float32)
