"""Runs a float ONNX graph here, and says how large its tensors are."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from edge_digits.runtime.onnx import session_options


def lengths(value: onnx.ValueInfoProto) -> list[int]:
    """Of each axis; 0 where it is free."""
    return [max(dim.dim_value, 0) for dim in value.type.tensor_type.shape.dim]


def session(model: onnx.ModelProto, quiet: bool = False) -> onnxruntime.InferenceSession:
    """What runs ``model`` here. quiet: whether errors are not printed, but only raised."""
    options = session_options()
    options.log_severity_level = 4 if quiet else options.log_severity_level
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def scores(running: onnxruntime.InferenceSession, values: NDArray[np.float32], batch: int = 32) -> NDArray[np.float32]:
    """The output of a session for (N, channels, height, width) float32, of any N above 0."""
    source = running.get_inputs()[0]
    batch = 1 if source.shape[0] == 1 else batch
    parts = [values[start : start + batch] for start in range(0, len(values), batch)]
    return np.concatenate([np.asarray(running.run(None, {source.name: part})[0], np.float32) for part in parts])
