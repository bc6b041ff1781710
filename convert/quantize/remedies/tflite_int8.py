"""Int8 TFLite files of an ONNX graph, as ``accuracy_control`` tries one after the other."""

from __future__ import annotations

import numpy as np
import onnx

from convert.export.from_onnx.mixed import Calibrated, calibrated, quantized
from convert.quantize.graph import Array
from convert.quantize.remedies.accuracy_control import BIASES, EQUALIZED, MIXED, SAMPLES, Scores, Settings
from edge_digits.runtime.tflite import interpreter_module
from edge_digits.system.native_stderr import native_stderr

REMEDIES = (SAMPLES, EQUALIZED, MIXED, BIASES)
"""Those that its converter can do: it has a scale for each channel from the start, and takes ranges from minimum and
maximum."""


class TfliteInt8:
    """An ``accuracy_control.Quantize``. samples: the calibration samples. Ranges are taken anew only if the graph or
    the samples change."""

    def __init__(self, samples: Array) -> None:
        self._samples = samples
        self._key: tuple[bytes, int] | None = None
        self._ranges: Calibrated | None = None

    def __call__(self, model: onnx.ModelProto, settings: Settings) -> Scores:
        """See ``accuracy_control.Quantize``."""
        content = self.content(model, settings)
        return lambda samples: _scores(content, samples)

    def content(self, model: onnx.ModelProto, settings: Settings) -> bytes:
        """The file itself."""
        key = model.SerializeToString(deterministic=True), settings.samples
        if self._ranges is None or key != self._key:
            self._ranges = calibrated(model, self._samples[: settings.samples])
            self._key = key
        return quantized(self._ranges, settings.kept, settings.per_channel)


def _scores(content: bytes, samples: Array) -> Array:
    """What a file with float input and output gives for each of ``samples``, (N, channels, height, width)."""
    with native_stderr():
        interpreter = interpreter_module().Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    results = []
    for sample in samples:
        interpreter.set_tensor(source, np.ascontiguousarray(sample.transpose(1, 2, 0)[None]))
        interpreter.invoke()
        results.append(interpreter.get_tensor(target))
    return np.concatenate(results)
