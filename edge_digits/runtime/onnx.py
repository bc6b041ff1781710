"""ONNX files through onnxruntime (the extra ``onnx``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.runtime.preprocessing import from_dict, network_input
from edge_digits.runtime.shapes import FEATURES, channels_first, check_pixels, no_features, output_shape
from edge_digits.runtime.spec import ModelSpec
from edge_digits.system.extras import require

if TYPE_CHECKING:
    import onnxruntime


def session_options(threads: int = 1) -> onnxruntime.SessionOptions:
    """What every session of ours runs with; threads: how many an operator may use. ImportError without onnxruntime.

    On x86 without VNNI (AVX2, or AVX-512 before Cascade Lake) onnxruntime's kernels for uint8 by int8 add pairs of
    products in 16 bits, which saturate: int8 files read wrongly there. With this entry it takes those for uint8 by
    uint8, which are exact and slower; elsewhere it changes nothing (onnxruntime_session_options_config_keys.h).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    return options


class OnnxModel:
    """One onnxruntime session; takes any batch, which a file whose batch is one gets input by input.

    Input (N, channels, height, width) float32 in 0..1, output (N, classes); of a line model, which takes strips of any
    width, (N, steps, classes)."""

    def __init__(self, path: Path, spec: ModelSpec, threads: int = 1) -> None:
        self.spec = spec
        require(str(path), "onnx")
        import onnxruntime

        try:
            self._session = onnxruntime.InferenceSession(
                str(path), session_options(threads), providers=["CPUExecutionProvider"]
            )
        # onnxruntime's own errors share no base class but Exception.
        except Exception as error:
            raise ModelError(f"{path}: not an ONNX model that onnxruntime can run: {error}") from error
        source, target = self._session.get_inputs()[0], self._session.get_outputs()[0]
        height, width = spec.input_shape
        # A length that is free has a name in the place of its number.
        wanted = [spec.channels, height, "width" if spec.reads_lines and not spec.preprocessing else width]
        if source.shape[1:] != wanted or target.shape[-1] != spec.classes:
            raise ModelError(f"{path}: input {source.shape} does not fit its spec")
        self._preprocessing = from_dict(spec.preprocessing) if spec.preprocessing else None
        self._singly = source.shape[0] == 1
        self._path, self._input_name, self._scores = path, source.name, target.name
        further = {output.name: output.shape for output in self._session.get_outputs()[1:]}
        self._features: list[int] | None = further.get(FEATURES)

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model.scores``."""
        check_pixels(pixels, self.spec, narrower=True)
        if len(pixels) == 0:
            return np.empty((0, *output_shape(self.spec, pixels.shape[-1])), np.float32)
        return self._run(self._scores, pixels)

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.FileModel.features``."""
        if self._features is None:
            raise no_features(self._path)
        check_pixels(pixels, self.spec)
        return self._run(FEATURES, pixels) if len(pixels) else np.empty((0, self._features[-1]), np.float32)

    def _run(self, name: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Of one output, so that no other is copied."""
        if self._preprocessing is not None:
            batch = network_input(pixels, self._preprocessing)
        else:
            batch = channels_first(pixels).astype(np.float32) / np.float32(255.0)
        parts = np.split(batch, len(batch)) if self._singly else [batch]
        made = [np.asarray(self._session.run([name], {self._input_name: part})[0], np.float32) for part in parts]
        return made[0] if len(made) == 1 else np.concatenate(made)
