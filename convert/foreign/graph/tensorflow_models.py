"""Keras files and SavedModels -> ONNX, by tf2onnx."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import onnx

from convert.errors import ConversionError
from convert.export.onnx_graph import OPSET
from convert.foreign.graph.declared import Declared
from convert.foreign.graph.reading import Answer, one_line


def read_keras(model: str, declared: Declared) -> tuple[onnx.ModelProto, Answer]:
    """A ``.keras`` or ``.h5`` file as ONNX, and the model to ask. Raises ConversionError."""
    import keras
    import tensorflow as tf

    try:
        loaded: Any = keras.models.load_model(model, compile=False)
    # Keras raises whatever the layer that it does not know raises.
    except Exception as error:
        raise ConversionError(f"{model}: Keras cannot read it: {one_line(error)}") from error
    shape = loaded.input_shape
    if isinstance(shape, list | dict):
        raise ConversionError(f"{model}: has {len(shape)} inputs: expected a network with one input")
    called = tf.function(lambda pixels: loaded(pixels, training=False))
    return _from_tensorflow(model, called, _known(shape, declared))


def read_saved_model(model: str, declared: Declared) -> tuple[onnx.ModelProto, Answer]:
    """A folder with a signature ``serving_default``, likewise."""
    import tensorflow as tf

    try:
        loaded: Any = tf.saved_model.load(model)
        signature = loaded.signatures["serving_default"]
    except (OSError, KeyError, ValueError) as error:
        raise ConversionError(f"{model}: no signature serving_default in it: {one_line(error)}") from error
    given = signature.structured_input_signature[1]
    if len(given) != 1 or len(signature.structured_outputs) != 1:
        raise ConversionError(
            f"{model}: has {len(given)} inputs and {len(signature.structured_outputs)} outputs: expected one"
        )
    (name, spec), (output, _) = *given.items(), *signature.structured_outputs.items()
    called = tf.function(lambda pixels: signature(**{name: pixels})[output])
    return _from_tensorflow(model, called, _known(spec.shape, declared))


def _known(shape: Any, declared: Declared) -> tuple[int, ...]:
    """A shape of TensorFlow's for one picture, open sides as declared."""
    given = list(shape)
    places = {3: (1, 2), 4: (2, 3) if declared.layout == "NCHW" else (1, 2)}.get(len(given), ())
    for side, place in enumerate(places):
        if given[place] is None and declared.size:
            given[place] = declared.size[side]
    if None in given[1:]:
        raise ConversionError("leaves open how large its pictures are: --size says it, such as --size 28x28")
    return 1, *map(int, given[1:])


def _from_tensorflow(model: str, called: Any, shape: tuple[int, ...]) -> tuple[onnx.ModelProto, Answer]:
    import tensorflow as tf

    tf2onnx: Any = importlib.import_module("tf2onnx")

    signature = [tf.TensorSpec(shape, tf.float32, name="pixels")]
    try:
        graph, _ = tf2onnx.convert.from_function(called, input_signature=signature, opset=OPSET)
    # tf2onnx raises errors of many kinds for an operator that it does not know.
    except Exception as error:
        raise ConversionError(f"{model}: tf2onnx cannot convert it: {one_line(error)}") from error
    return graph, lambda x: np.asarray(called(tf.constant(x)))
