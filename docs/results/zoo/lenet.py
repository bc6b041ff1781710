"""LeNet-5 (LeCun et al. 1998) in Keras, trained, and as a float ONNX graph."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras

from docs.results.zoo.data import Part
from docs.results.zoo.networks import CLASSES
from docs.results.zoo.training import SEED

_EPOCHS, _BATCH = 2, 128


def trained(part: Part) -> onnx.ModelProto:
    """LeNet-5 that has learned ``part``, as a graph that takes (N, 1, 28, 28) and gives (N, 10) logits."""
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    network = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="tanh"),
            layers.Dense(84, activation="tanh"),
            layers.Dense(CLASSES),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(2e-3), loss)
    network.fit(part.inputs.transpose(0, 2, 3, 1), part.labels, _BATCH, _EPOCHS, verbose="0")
    return _graph(network)


def _graph(network: Any) -> onnx.ModelProto:
    """The layers one by one; the first fully connected one takes a map that Keras lays out channels last."""
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    end = "pixels"

    def add(kind: str, *arrays: Any, **attributes: Any) -> None:
        nonlocal end
        place = len(nodes)
        names = [f"weight{place}_{number}" for number in range(len(arrays))]
        held = [np.ascontiguousarray(array, np.float32) for array in arrays]
        weights.extend(map(numpy_helper.from_array, held, names))
        nodes.append(helper.make_node(kind, [end, *names], [f"value{place}"], f"{kind}_{place}", **attributes))
        end = f"value{place}"

    channels = 0
    for layer in network.layers:
        arrays = layer.get_weights()
        if isinstance(layer, keras.layers.Conv2D):
            pads = [2] * 4 if layer.padding == "same" else [0] * 4
            channels = layer.filters
            add("Conv", arrays[0].transpose(3, 2, 0, 1), arrays[1], pads=pads)
        elif isinstance(layer, keras.layers.AveragePooling2D):
            add("AveragePool", kernel_shape=[2, 2], strides=[2, 2])
        elif isinstance(layer, keras.layers.Flatten):
            add("Flatten")
        elif isinstance(layer, keras.layers.Dense):
            rows = arrays[0]
            if channels:
                # The map that was flattened: places, channels.
                rows = rows.reshape(-1, channels, rows.shape[1]).swapaxes(0, 1).reshape(rows.shape)
                channels = 0
            add("Gemm", rows.T, arrays[1], transB=1)
        if getattr(layer, "activation", None) is keras.activations.tanh:
            add("Tanh")
    nodes[-1].output[0] = "logits"
    made = helper.make_graph(
        nodes,
        "lenet",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", CLASSES])],
        weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model
