"""A network that reads lines as an ONNX graph, by walking over its layers: layer type -> nodes.

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
from convert.folding import check_recurrence, folded
from train.models import Recurrence, Steps

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


def _recurrence(graph: _Graph, recurrence: Recurrence) -> None:
    layer = recurrence.layer
    check_recurrence(layer)

    def both(*names: str) -> str:
        """Weights of both directions, (2, gates * hidden, …); several names one after the other."""
        return graph.weight(
            torch.stack([torch.cat([_ordered(layer, n + end) for n in names]) for end in ("", "_reverse")])
        )

    graph.add("Transpose", perm=[1, 0, 2])
    weights = both("weight_ih_l0"), both("weight_hh_l0"), both("bias_ih_l0", "bias_hh_l0")
    # Without it ONNX's GRU is the one of Cho et al., which multiplies the state by r before its weights.
    own = {"linear_before_reset": 1} if isinstance(layer, nn.GRU) else {}
    graph.add(type(layer).__name__, *weights, hidden_size=layer.hidden_size, direction="bidirectional", **own)
    graph.add("Transpose", perm=[2, 0, 1, 3])
    # 0 keeps a length: (N, T, directions, hidden) -> (N, T, directions * hidden).
    graph.add("Reshape", graph.weight(np.array([0, 0, -1])))


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
    Steps: _steps,
    Recurrence: _recurrence,
    nn.Linear: _linear,
}


def line_graph(network: nn.Sequential, height: int) -> onnx.ModelProto:
    """``network`` (in evaluation mode) as a model with a free number of strips, each ``height`` pixels high and of a
    free width. Raises ConversionError for a layer that the table does not know."""
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
    made = helper.make_graph(
        graph.nodes,
        "lines",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 1, height, "width"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "steps", classes])],
        graph.weights,
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
