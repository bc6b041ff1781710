"""A network that goes over its input in steps as an ONNX graph, by walking over its layers: layer type -> nodes.

torch's own exporter takes a recurrent layer apart into a program that it traces for minutes, and leaves shapes and
slices behind; written down directly the layer is one native node.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from convert.errors import ConversionError
from convert.export.folding import check_recurrence, folded, reads_lines
from train.layers import Columns, LastState, Recurrence, Rows, Steps

OPSET, IR_VERSION = 18, 9
"""What onnxruntime 1.20, the oldest that the package asks for, reads."""

_GATES = {nn.RNN: (0,), nn.GRU: (1, 0, 2), nn.LSTM: (0, 3, 1, 2)}
"""ONNX's order of the gates, as places in torch's."""


class _Graph:
    """Nodes and weights in the order in which they were added; each node goes on from the last."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.end = "pixels"

    def weight(self, values: torch.Tensor | NDArray[np.int64]) -> str:
        array = values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else values
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), f"weight_{len(self.weights)}"))
        return self.weights[-1].name

    def add(self, kind: str, *weights: str, **attributes: object) -> None:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.end, *weights], [name], name, **attributes))  # pyright: ignore[reportArgumentType]
        self.end = name


def _conv(graph: _Graph, layer: nn.Conv2d) -> None:
    if isinstance(layer.padding, str) or layer.padding_mode != "zeros" or layer.bias is None:
        raise ConversionError("only padding with zeros, in pixels, and a bias are converted")
    weights = graph.weight(layer.weight), graph.weight(layer.bias)
    graph.add(
        "Conv", *weights,
        strides=list(layer.stride), pads=[*layer.padding, *layer.padding],
        dilations=list(layer.dilation), group=layer.groups,
    )  # fmt: skip


def _steps(graph: _Graph, _: Steps) -> None:
    graph.add("Squeeze", graph.weight(np.array([2])))
    graph.add("Transpose", perm=[0, 2, 1])


def _rows(graph: _Graph, _: Rows) -> None:
    graph.add("Squeeze", graph.weight(np.array([1])))


def _columns(graph: _Graph, _: Columns) -> None:
    graph.add("Transpose", perm=[0, 3, 1, 2])
    graph.add("Reshape", graph.weight(np.array([0, 0, -1])))


def _pool(graph: _Graph, layer: nn.MaxPool2d) -> None:
    if _pair(layer.padding) != [0, 0] or layer.ceil_mode or _pair(layer.dilation) != [1, 1]:
        raise ConversionError("only pooling without padding, ceil_mode and dilation is converted")
    graph.add("MaxPool", kernel_shape=_pair(layer.kernel_size), strides=_pair(layer.stride))


def _pair(value: int | tuple[int, ...]) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


def _native(graph: _Graph, layer: nn.RNNBase) -> None:
    """One node; its input is turned to (T, N, C), and its outputs are left as they are."""
    check_recurrence(layer)
    ends = ("", "_reverse") if layer.bidirectional else ("",)

    def each(*names: str) -> str:
        """Weights of each direction, (directions, gates * hidden, …); several names one after the other."""
        return graph.weight(torch.stack([torch.cat([_ordered(layer, n + end) for n in names]) for end in ends]))

    graph.add("Transpose", perm=[1, 0, 2])
    weights = each("weight_ih_l0"), each("weight_hh_l0"), each("bias_ih_l0", "bias_hh_l0")
    # Without it ONNX's GRU is the one of Cho et al., which multiplies the state by r before its weights.
    extra = {"linear_before_reset": 1} if isinstance(layer, nn.GRU) else {}
    direction = "bidirectional" if layer.bidirectional else "forward"
    graph.add(type(layer).__name__, *weights, hidden_size=layer.hidden_size, direction=direction, **extra)


def _recurrence(graph: _Graph, recurrence: Recurrence) -> None:
    _native(graph, recurrence.layer)
    graph.add("Transpose", perm=[2, 0, 1, 3])
    # 0 keeps a length: (N, T, directions, hidden) -> (N, T, directions * hidden).
    graph.add("Reshape", graph.weight(np.array([0, 0, -1])))


def _last_state(graph: _Graph, recurrence: LastState) -> None:
    _native(graph, recurrence.layer)
    # Y_h, the second output: of each direction the state after its last step, (directions, N, hidden).
    graph.nodes[-1].output[:] = ["", graph.end]
    graph.add("Transpose", perm=[1, 0, 2])
    graph.add("Reshape", graph.weight(np.array([0, -1])))


def _ordered(layer: nn.RNNBase, name: str) -> torch.Tensor:
    blocks = getattr(layer, name).chunk(len(_GATES[type(layer)]))
    return torch.cat([blocks[gate] for gate in _GATES[type(layer)]])


def _linear(graph: _Graph, layer: nn.Linear) -> None:
    graph.add("MatMul", graph.weight(layer.weight.T))
    if layer.bias is not None:
        graph.add("Add", graph.weight(layer.bias))


_TABLE: dict[type[nn.Module], Callable[..., None]] = {
    nn.Conv2d: _conv,
    nn.ReLU: lambda graph, _: graph.add("Relu"),
    nn.MaxPool2d: _pool,
    Steps: _steps,
    Rows: _rows,
    Columns: _columns,
    Recurrence: _recurrence,
    LastState: _last_state,
    nn.Linear: _linear,
}


def line_graph(network: nn.Sequential, size: tuple[int, int]) -> onnx.ModelProto:
    """``network`` (in evaluation mode) as a model with a free number of inputs of ``size`` (height, width); if it reads
    lines, the width is free, too. Raises ConversionError for a layer that the table does not know."""
    graph = _Graph()
    for position, layer in enumerate(folded(network)):
        if type(layer) not in _TABLE:
            raise ConversionError(f"layer {position} ({type(layer).__name__}) has no ONNX operation here")
        try:
            _TABLE[type(layer)](graph, layer)
        except ConversionError as error:
            raise ConversionError(f"layer {position} ({type(layer).__name__}): {error}") from error
    graph.nodes[-1].output[0] = "logits"
    classes = graph.weights[-1].dims[-1]
    lines = reads_lines(network)
    width, scores = ("width", ["steps", classes]) if lines else (size[1], [classes])
    made = helper.make_graph(
        graph.nodes,
        "lines",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 1, size[0], width])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", *scores])],
        graph.weights,
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
