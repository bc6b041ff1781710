"""Frees the batch of an ONNX graph that was made for one input at a time."""

from __future__ import annotations

import logging

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from convert.foreign.graph.onnx_scores import lengths, scores, session

logger = logging.getLogger(__name__)


def with_free_batch(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy whose batch is free, with the batch's place in reshapes left open."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    inferred = shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {value.name: lengths(value) for value in (*inferred.value_info, *inferred.output)}
    for place, node in enumerate(graph.node):
        shape = shapes.get(node.output[0], [])
        if node.op_type == "Reshape" and shape and 0 not in shape:
            # Where no axis is the batch it is one with the first.
            shape[shape.index(1) if 1 in shape else 0] = -1
            graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), f"shape_{place}"))
            node.input[1] = f"shape_{place}"
    for value in (graph.input[0], graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    used = {name for node in graph.node for name in node.input}
    kept = [weight for weight in graph.initializer if weight.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return made


def same_scores(freed: onnx.ModelProto, model: onnx.ModelProto) -> bool:
    """Whether a free batch gives what its inputs give one by one."""
    shape = lengths(model.graph.input[0])
    values = np.random.default_rng(0).random((3, *shape[1:])).astype(np.float32)
    try:
        together = scores(session(freed, quiet=True), values)
    # onnxruntime's own errors share no base class but Exception.
    except Exception as error:
        logger.info("its batch stays at one: %s", " ".join(str(error).split()))
        return False
    singly = scores(session(model), values)
    return together.shape == singly.shape and bool(np.allclose(together, singly, rtol=1e-3, atol=1e-4))
