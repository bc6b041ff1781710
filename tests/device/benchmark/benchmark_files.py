"""What the tests of benchmarks run over: a few digits in MNIST's format, and a small network for lines."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_digits.model_input.normalize import line_parameters
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec


def digits(folder: Path) -> dict[str, str]:
    """Write a tiny test set in MNIST's format; returns its checksums."""
    folder.mkdir(parents=True)
    images = np.zeros((60, 28, 28), np.uint8)
    for index, image in enumerate(images):
        cv2.putText(image, str(index % 10), (4, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255,), 2, cv2.LINE_AA)
    labels = np.arange(60, dtype=np.uint8) % 10
    sums = {}
    for name, values in (("t10k-images-idx3-ubyte.gz", images), ("t10k-labels-idx1-ubyte.gz", labels)):
        head = bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes()
        content = gzip.compress(head + values.tobytes())
        (folder / name).write_bytes(content)
        sums[name] = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return sums


def write_line_network(path: Path) -> None:
    """A network for strips of any width in ONNX: a convolution over four columns and a GRU of 6 cells both ways, whose
    states are its scores."""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install -e '.[benchmark]'")
    helper, random = onnx.helper, np.random.default_rng(0)
    weights = {"filters": (12, 1, 32, 4), "inputs": (2, 18, 12), "states": (2, 18, 6)}
    held = [onnx.numpy_helper.from_array(random.normal(0, 1, s).astype(np.float32), n) for n, s in weights.items()]
    held += [onnx.numpy_helper.from_array(np.array(v, np.int64), n) for n, v in (("row", [2]), ("shape", [0, 0, 12]))]
    nodes = [
        helper.make_node("Conv", ["pixels", "filters"], ["columns"], kernel_shape=[32, 4], strides=[1, 4]),
        helper.make_node("Squeeze", ["columns", "row"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["steps"], perm=[2, 0, 1]),
        helper.make_node("GRU", ["steps", "inputs", "states"], ["both"], hidden_size=6, direction="bidirectional"),
        helper.make_node("Transpose", ["both"], ["turned"], perm=[2, 0, 1, 3]),
        helper.make_node("Reshape", ["turned", "shape"], ["scores"]),
    ]
    kind = onnx.TensorProto.FLOAT
    source = helper.make_tensor_value_info("pixels", kind, ["batch", 1, 32, "width"])
    target = helper.make_tensor_value_info("scores", kind, ["batch", "steps", 12])
    graph = helper.make_graph(nodes, "line", [source], [target], held)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    about: dict[str, Any] = {"input_shape": (32, 128), "blank": True, "normalization": line_parameters()}
    write_spec(path, ModelSpec("crnn", "onnx", "int8", sha256_of(path), **about))
