"""Static quantization of an ONNX graph in memory: int8 with QuantizeLinear/DequantizeLinear pairs by onnxruntime's
quantizer. Ranges are taken once, and serve many trials.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, create_calibrator
from onnxruntime.quantization.calibrate import TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry

from convert.quantize.graph import Array, batch_size, run_batches

QUANTIZABLE = sorted({*QLinearOpsRegistry, *QDQRegistry})
"""Operators that ``quantize_static`` quantizes if it is not told which."""
_BINS = 4096


class _Reader(CalibrationDataReader):
    def __init__(self, name: str, samples: Array, size: int) -> None:
        self._batches = iter([{name: samples[at : at + size]} for at in range(0, len(samples), size)])

    def get_next(self) -> dict[str, Array] | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return next(self._batches, None)


def activation_ranges(model: onnx.ModelProto, samples: Array, percentile: float | None = None) -> TensorsData:
    """Between what values each activation lies on ``samples``, (N, ...) as the prepared graph ``model`` takes them.

    percentile: None for minimum and maximum; else outliers are left out, so that of all values this many in a hundred
    are covered (Wu et al. 2020, section 4), such as 99.99.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "float32.onnx"
        onnx.save(model, source)
        augmented = str(Path(folder) / "augmented.onnx")
        calibrator = create_calibrator(source, QUANTIZABLE, augmented, CalibrationMethod.MinMax)
        calibrator.collect_data(_Reader(model.graph.input[0].name, samples, batch_size(model)))
        ranges = calibrator.compute_data()
        # Its session holds the files, which Windows would not delete.
        del calibrator
    return ranges if percentile is None else _without_outliers(model, ranges, samples, percentile)


def _without_outliers(model: onnx.ModelProto, ranges: TensorsData, samples: Array, percentile: float) -> TensorsData:
    """Narrower ranges, from histograms: onnxruntime's own calibrator holds all values in memory at once."""
    least = {name: float(np.min(one.range_value[0])) for name, one in ranges.items()}
    most = {name: float(np.max(one.range_value[1])) for name, one in ranges.items()}
    counts = {name: np.zeros(_BINS, np.int64) for name in least}
    for results in run_batches(model, samples, list(least)):
        for name, values in zip(least, results, strict=True):
            counts[name] += np.histogram(values, _BINS, (least[name], most[name]))[0]
    tail = (1 - percentile / 100) / 2
    narrower = {}
    for name, count in counts.items():
        share, width = np.cumsum(count) / count.sum(), (most[name] - least[name]) / _BINS
        low, high = np.searchsorted(share, tail, "right"), np.searchsorted(share, 1 - tail) + 1
        narrower[name] = tuple(np.float32(least[name] + width * place) for place in (low, high))
    return TensorsData(CalibrationMethod.MinMax, narrower)


def quantized(
    model: onnx.ModelProto,
    ranges: TensorsData,
    per_channel: bool = True,
    kept: Collection[str] = (),
) -> onnx.ModelProto:
    """The prepared graph ``model`` in int8, weights and activations, as ``quantize_static`` makes it.

    ranges: of ``activation_ranges``. per_channel: whether weights have a scale for each output channel, else one for
    all. kept: nodes that stay float.
    """
    given = onnx.ModelProto()
    given.CopyFrom(model)
    quantizer = QDQQuantizer(
        given,
        per_channel,
        False,
        QuantType.QInt8,
        QuantType.QInt8,
        ranges,
        [],
        list(kept),
        QUANTIZABLE,
        {},
    )
    quantizer.quantize_model()
    return quantizer.model.model
