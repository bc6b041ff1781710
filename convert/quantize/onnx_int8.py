"""Float32 ONNX -> smaller ONNX: int8 with QuantizeLinear/DequantizeLinear pairs, or weights in float16.

TFLite's int8 is made by its own converter, in ``convert.export.to_tflite``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from convert.export import features
from convert.quantize.graph import unshare
from edge_digits.runtime.shapes import channels_first

Samples = NDArray[np.uint8] | NDArray[np.float32]


class _Reader(CalibrationDataReader):
    def __init__(self, samples: Samples, batch: int = 32) -> None:
        self._batches = iter(np.array_split(samples, max(1, len(samples) // batch)))

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        batch = next(self._batches, None)
        if batch is None:
            return None
        if batch.dtype == np.uint8:
            batch = channels_first(np.asarray(batch, np.uint8)) / np.float32(255.0)
        return {"pixels": np.asarray(batch, np.float32)}


def to_int8(source: Path, out: Path, samples: Samples, per_channel: bool = True) -> None:
    """Quantize ``source`` (float32 .onnx) to ``out``: static, int8 weights and activations, ranges from minimum and
    maximum. samples: the calibration set, uint8 pixels as ``runtime.Model.scores`` takes them, of networks in 0..1; of
    others float32, as they go in. per_channel: whether weights have a scale for each output channel, else one for all.
    Input and output stay float."""
    prepared = out.with_suffix(".prepared.onnx")
    # Its sessions for the ranges run the float network, which needs none of ``runtime.onnx.session_options``.
    model = onnx.load(source)
    # Quantization would round a second output on its own, and its layer would not become an integer kernel.
    with_features = features.drop_onnx_features(model)
    onnx.save(model, prepared)
    quant_pre_process(str(prepared), str(prepared), skip_symbolic_shape=True)
    unshared = onnx.load(prepared)
    unshare(unshared)
    onnx.save(unshared, prepared)
    quantize_static(
        str(prepared),
        str(out),
        _Reader(samples, 1 if model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1 else 32),
        quant_format=QuantFormat.QDQ,
        per_channel=per_channel,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
    )
    prepared.unlink()
    made = onnx.load(out)
    if with_features:
        features.add_onnx_features(made)
    _rewrite(out, made)


def to_float16(source: Path, out: Path) -> None:
    """Store ``source``'s weights (float32 .onnx) as float16 in ``out``; the computation stays float32."""
    model = onnx.load(source)
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        if weight.data_type == TensorProto.FLOAT:
            name = weight.name
            half = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), name + "_half")
            weight.CopyFrom(half)
            casts.append(helper.make_node("Cast", [half.name], [name], name + "_cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    _rewrite(out, model)


def _rewrite(out: Path, model: onnx.ModelProto) -> None:
    onnx.checker.check_model(model, full_check=True)
    out.write_bytes(model.SerializeToString(deterministic=True))


def main() -> None:
    """The child process: float32 .onnx (and samples, .npy) in, .onnx out."""
    parser = argparse.ArgumentParser(prog="python -m convert.quantize.onnx_int8", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("precision", choices=("float16", "int8"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--samples", type=Path)
    arguments = parser.parse_args()
    if arguments.precision == "float16":
        to_float16(arguments.source, arguments.out)
    else:
        to_int8(arguments.source, arguments.out, np.load(arguments.samples))


if __name__ == "__main__":
    main()
