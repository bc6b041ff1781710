"""Makes a .tflite file smaller without touching what it computes: what is said often is said once.

An unrolled recurrence is hundreds of operators, each with a name, a shape, a scale and options that most others have
too. A FlatBuffer may point to the same bytes from many places; TensorFlow's converter writes them anew each time.
"""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

_IDENTIFIER = b"TFL3"
_ALIGNMENT = 16
"""Of weights in the file, in bytes, as TensorFlow Lite's schema asks for."""


class _Builder(flatbuffers.Builder):
    """Writes equal strings, and equal vectors of numbers, once."""

    def __init__(self) -> None:
        super().__init__(1 << 16)
        self._written: dict[tuple[Any, ...], int] = {}

    def CreateNumpyVector(self, x: Any) -> int:
        key = (x.dtype.str, x.tobytes())
        if key not in self._written:
            if x.dtype == np.uint8:
                self.Prep(_ALIGNMENT, x.nbytes)
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]

    def CreateString(self, s: Any, encoding: str = "utf-8", errors: str = "strict") -> int:
        if s not in self._written:
            self._written[s] = super().CreateString(s, encoding, errors)
        return self._written[s]


class _Once:
    """A table that is written the first time it is asked for; afterwards it is there."""

    def __init__(self, table: Any) -> None:
        self._table, self._offset = table, -1

    def Pack(self, builder: flatbuffers.Builder) -> int:
        if self._offset < 0:
            self._offset = self._table.Pack(builder)
        return self._offset


def _key(table: Any) -> tuple[Any, ...]:
    values = (value.tobytes() if isinstance(value, np.ndarray) else value for value in vars(table).values())
    return (type(table).__name__, *vars(table), *values)


def compacted(content: bytes) -> bytes:
    """The .tflite file ``content`` with each distinct name, shape, scale, option and constant written once, and
    without the names of what is neither input nor output. It computes the same, in the same order."""
    model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    known: dict[tuple[Any, ...], _Once] = {}

    def once(table: Any) -> Any:
        return None if table is None else known.setdefault(_key(table), _Once(table))

    data: dict[bytes, int] = {b"": 0}
    kept = model.buffers[:1]
    for graph in model.subgraphs:
        ends = {*graph.inputs, *graph.outputs}
        for index, tensor in enumerate(graph.tensors):
            held = model.buffers[tensor.buffer].data
            inside = b"" if held is None else bytes(held)
            if inside not in data:
                data[inside] = len(kept)
                kept.append(model.buffers[tensor.buffer])
            tensor.buffer = data[inside]
            tensor.quantization = once(tensor.quantization)
            if index not in ends:
                tensor.name = ""
        for operator in graph.operators:
            operator.builtinOptions = once(operator.builtinOptions)
    for note in model.metadata or ():
        kept.append(model.buffers[note.buffer])
        note.buffer = len(kept) - 1
    model.buffers = kept
    return packed(model)


def packed(model: Any) -> bytes:
    """A model of TensorFlow Lite's object API (``ModelT``) as a file, with its weights aligned."""
    builder = _Builder()
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())
