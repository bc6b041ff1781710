"""A recurrent layer as TensorFlow operations, unrolled over a fixed number of time steps.

TensorFlow Lite has a fused LSTM, but it keeps its state from one call to the next and no GRU stands beside it; its
loops cannot be quantized. Unrolled, a recurrence is made of the same few operators as everything else, all of which
have int8 kernels. Steps cost bytes and time, so where a layer reads both ways both directions take each step together:
step t reads column t from the left and column T - 1 - t from the right, and one product with a block-diagonal matrix
serves both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
import torch
from numpy.typing import NDArray
from torch import nn

from convert.export.folding import check_recurrence

Weights = NDArray[np.float32]
Step = Callable[[Any, Any], Any]
"""Input projection of one step (1, gates * directions * hidden) and the state before it (None: zeros) -> the state
after it."""

_GATES = {nn.RNN: (0,), nn.GRU: (0, 1, 2), nn.LSTM: (0, 1, 3, 2)}
"""Which of torch's gates come first here: those with a sigmoid stand together, so that one operator serves them."""


def unrolled(layer: nn.RNNBase, last: bool = False) -> Callable[[Any], Any]:
    """``layer`` as an operation (T, inputs) -> (T, directions * hidden); with ``last`` of each direction only the state
    after its last step, (1, directions * hidden).

    Raises ConversionError for one that it does not know, see ``check_recurrence``.
    """
    check_recurrence(layer)
    kind = type(layer)
    gates, hidden = len(_GATES[kind]), layer.hidden_size
    directions = len(_ends(layer))
    inputs = [_of(layer, f"weight_ih_l0{end}").T for end in _ends(layer)]
    biases = [_input_bias(layer, end) for end in _ends(layer)]
    step = {nn.RNN: _elman, nn.GRU: _gru, nn.LSTM: _lstm}[kind](layer)

    def apply(x: Any) -> Any:
        steps = x.shape[0]
        # Not tf.reverse: the converter gives it the scale of what follows without scaling what goes through it.
        backwards = tf.range(steps - 1, -1, -1)
        # One shared projection of all inputs; gate by gate, what is read from the left beside what is from the right.
        projected = [
            tf.reshape(tf.nn.bias_add(tf.matmul(x, tf.constant(w)), tf.constant(b)), [steps, gates, 1, hidden])
            for w, b in zip(inputs, biases, strict=True)
        ]
        together = tf.concat([projected[0], *(tf.gather(right, backwards) for right in projected[1:])], axis=2)
        state, outputs = None, []
        for now in tf.unstack(tf.reshape(together, [steps, 1, gates * directions * hidden])):
            state = step(now, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        if last:
            return outputs[-1]
        read = tf.concat(outputs, axis=0)
        if not layer.bidirectional:
            return read
        return tf.concat([read[:, :hidden], tf.gather(read[:, hidden:], backwards)], axis=1)

    return apply


def _ends(layer: nn.RNNBase) -> tuple[str, ...]:
    """What torch's names of the weights end with, for each direction."""
    return ("", "_reverse") if layer.bidirectional else ("",)


def _of(layer: nn.RNNBase, name: str) -> Weights:
    """A weight of ``layer`` as numpy, its gates in the order that is used here."""
    values: torch.Tensor = getattr(layer, name)
    blocks = np.split(values.detach().cpu().numpy().astype(np.float32), len(_GATES[type(layer)]))
    return np.concatenate([blocks[gate] for gate in _GATES[type(layer)]])


def _input_bias(layer: nn.RNNBase, end: str) -> Weights:
    """The biases that can be added to the input once: all but that of the GRU's candidate, which r multiplies."""
    bias = _of(layer, f"bias_ih_l0{end}") + _of(layer, f"bias_hh_l0{end}")
    if isinstance(layer, nn.GRU):
        bias[2 * layer.hidden_size :] -= _of(layer, f"bias_hh_l0{end}")[2 * layer.hidden_size :]
    return bias


def _recurrent(layer: nn.RNNBase) -> Weights:
    """(directions * hidden, gates * directions * hidden): what the directions' states add to their own gates."""
    ends, gates, h = _ends(layer), len(_GATES[type(layer)]), layer.hidden_size
    made = np.zeros((len(ends), h, gates, len(ends), h), np.float32)
    for direction, end in enumerate(ends):
        made[direction, :, :, direction] = _of(layer, f"weight_hh_l0{end}").T.reshape(h, gates, h)
    return made.reshape(len(ends) * h, -1)


def _elman(layer: nn.RNNBase) -> Step:
    weight = tf.constant(_recurrent(layer))

    def step(x: Any, state: Any) -> Any:
        return tf.tanh(x if state is None else x + tf.matmul(state, weight))

    return step


def _lstm(layer: nn.RNNBase) -> Step:
    weight = tf.constant(_recurrent(layer))
    size = len(_ends(layer)) * layer.hidden_size

    def step(x: Any, state: Any) -> Any:
        total = x if state is None else x + tf.matmul(state[0], weight)
        gate, new = tf.sigmoid(total[:, : 3 * size]), tf.tanh(total[:, 3 * size :])
        cell = gate[:, :size] * new
        if state is not None:
            cell += gate[:, size : 2 * size] * state[1]
        return gate[:, 2 * size :] * tf.tanh(cell), cell

    return step


def _gru(layer: nn.RNNBase) -> Step:
    weight, size = _recurrent(layer), len(_ends(layer)) * layer.hidden_size
    h = layer.hidden_size
    for_gates, for_new = tf.constant(weight[:, : 2 * size]), tf.constant(weight[:, 2 * size :])
    bias = tf.constant(np.concatenate([_of(layer, f"bias_hh_l0{end}")[2 * h :] for end in _ends(layer)]))

    def step(x: Any, state: Any) -> Any:
        total = x[:, : 2 * size] if state is None else x[:, : 2 * size] + tf.matmul(state, for_gates)
        gate = tf.sigmoid(total)
        # torch's form (and cuDNN's): r multiplies U h + b, where Cho et al. multiply h before U.
        before = bias[None] if state is None else tf.nn.bias_add(tf.matmul(state, for_new), bias)
        new = tf.tanh(x[:, 2 * size :] + gate[:, :size] * before)
        keep = gate[:, size:]
        return new - keep * new if state is None else new + keep * (state - new)

    return step
