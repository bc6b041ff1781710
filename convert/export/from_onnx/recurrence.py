"""ONNX's recurrent nodes, unrolled as ``convert.export.unrolled`` does it: ONNX weights -> a layer of torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import torch
from torch import nn

from convert.errors import ConversionError
from convert.export.from_onnx.node import Node
from convert.export.from_onnx.values import Value, in_order, plain
from convert.export.unrolled import unrolled

_GATES = {nn.RNN: (0,), nn.GRU: (1, 0, 2), nn.LSTM: (0, 2, 3, 1)}
"""torch's gates, as places in ONNX's order."""
_ACTIVATIONS = {nn.RNN: ["Tanh"], nn.GRU: ["Sigmoid", "Tanh"], nn.LSTM: ["Sigmoid", "Tanh", "Tanh"]}


def elman(node: Node) -> Sequence[Value]:
    """RNN with tanh."""
    return _recurrent(node, nn.RNN)


def gru(node: Node) -> Sequence[Value]:
    """GRU in torch's form, in which the reset gate multiplies the product."""
    if not node.attribute("linear_before_reset", 0):
        raise ConversionError("only linear_before_reset=1 is converted")
    return _recurrent(node, nn.GRU)


def lstm(node: Node) -> Sequence[Value]:
    """LSTM without peepholes."""
    return _recurrent(node, nn.LSTM)


def _recurrent(node: Node, kind: type[nn.RNNBase]) -> Sequence[Value]:
    direction = node.attribute("direction", b"forward").decode()
    directions, hidden = (2 if direction == "bidirectional" else 1), int(node.attribute("hidden_size", 0))
    names = [name.decode() for name in node.attribute("activations", [])]
    if direction == "reverse" or names not in ([], _ACTIVATIONS[kind] * directions):
        raise ConversionError("only the usual activations, forward or both ways, are converted")
    if node.attribute("layout", 0) or node.attribute("clip", 0) or node.given(4) or node.given(7):
        raise ConversionError("layout, clip, sequence_lens and peepholes are not converted")
    for state in (node.given(5), node.given(6)):
        if state is not None and not (state.is_constant and not np.any(state.stored)):
            raise ConversionError("only a state that starts with zeros is converted")
    x = in_order(node.inputs[0])
    if int(x.shape[1]) != 1:
        raise ConversionError("the second axis must be the batch")
    layer = _layer(node, kind, hidden, directions)
    steps = int(x.shape[0])
    x = tf.reshape(x, [steps, x.shape[2]])
    wants = [name != "" for name in (*node.outputs, "", "", "")]
    if wants[2]:
        raise ConversionError("the last cell as an output is not converted")
    made: list[Value] = []
    if wants[0]:
        read = tf.reshape(unrolled(layer)(x), [steps, directions, 1, hidden])
        made.append(plain(read))
    if wants[1]:
        last = unrolled(layer, last=True)(x)
        made += [] if made else [plain(last)]
        made.append(plain(tf.reshape(last, [directions, 1, hidden])))
    return made


def _layer(node: Node, kind: type[nn.RNNBase], hidden: int, directions: int) -> nn.RNNBase:
    weights, recurrent = (np.asarray(in_order(value)) for value in node.inputs[1:3])
    gates = len(_GATES[kind])
    bias = node.given(3)
    biases = np.zeros((directions, 2 * gates * hidden), np.float32) if bias is None else np.asarray(in_order(bias))
    layer = kind(weights.shape[2], hidden, batch_first=True, bidirectional=directions == 2)  # pyright: ignore[reportCallIssue]
    for direction, end in zip(range(directions), ("", "_reverse"), strict=False):
        given = {
            "weight_ih": weights[direction],
            "weight_hh": recurrent[direction],
            "bias_ih": biases[direction][: gates * hidden],
            "bias_hh": biases[direction][gates * hidden :],
        }
        for name, values in given.items():
            blocks = np.split(values, gates)
            ordered = np.concatenate([blocks[gate] for gate in _GATES[kind]])
            getattr(layer, f"{name}_l0{end}").data = torch.from_numpy(ordered.astype(np.float32))
    return layer.eval()


KINDS = {"GRU": gru, "LSTM": lstm, "RNN": elman}
"""By ONNX operator."""
