"""Empirical bias correction (Nagel et al. 2019, section 4.2; Banner et al. 2019): what int8 shifts a layer's results by
on average is taken back from its bias.

Rounding weights moves the mean of each output channel. A bias is added after the product in 32 bits, so the shift can
be taken out without cost.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnxruntime.quantization.calibrate import TensorsData

from convert.quantize.graph import Array, bias_name, run, weights, with_weights
from convert.quantize.qdq import quantized


def correct_biases(
    model: onnx.ModelProto, ranges: TensorsData, samples: Array, per_channel: bool = True, kept: tuple[str, ...] = ()
) -> onnx.ModelProto:
    """``model`` (prepared) with other biases of Conv and Gemm, layer by layer in order: the quantized layer, behind
    those that are corrected already, then has float's mean in every channel on ``samples``, (N, ...) as it takes them.

    ranges: of ``qdq.activation_ranges``. kept: nodes that stay float; per_channel: see ``qdq.quantized``. The biases
    fit the int8 file that is made in this way, and TFLite's of the same graph as far as it rounds alike.
    """
    arrays = weights(model)
    layers = [
        node
        for node in model.graph.node
        if node.op_type in ("Conv", "Gemm") and bias_name(node) in arrays and node.name not in kept
    ]
    if not layers:
        return model
    expected = _means(model, samples, [node.output[0] for node in layers])
    corrected = model
    for node, wanted in zip(layers, expected, strict=True):
        int8 = quantized(corrected, ranges, per_channel, kept)
        # Behind a layer that is quantized with its Relu its result has another name.
        [result] = [one.output[0] for one in int8.graph.node if one.name == node.name]
        [mean] = _means(int8, samples, [result])
        bias = arrays[bias_name(node)] - (mean - wanted)
        corrected = with_weights(corrected, {bias_name(node): bias.astype(np.float32)})
    return corrected


def _means(model: onnx.ModelProto, samples: Array, outputs: list[str]) -> list[Array]:
    """Of each output the mean of every channel, its second dimension."""
    results = run(model, samples, outputs)
    return [x.mean(axis=tuple(axis for axis in range(x.ndim) if axis != 1), dtype=np.float64) for x in results]
