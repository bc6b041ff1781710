"""PyTorch modules and exported programs -> ONNX, by torch's own exporters."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from convert.errors import ConversionError
from convert.foreign.graph.declared import Declared
from convert.foreign.graph.reading import Answer, one_line


def read_exported_program(model: str, _: Declared) -> tuple[onnx.ModelProto, Answer]:
    """A ``.pt2`` file as ONNX, and the module to ask. Raises ConversionError."""
    import torch

    try:
        program: Any = torch.export.load(model)
    # torch raises errors of many kinds for a file that is none of its own.
    except Exception as error:
        raise ConversionError(f"{model}: torch cannot read it as an exported program: {one_line(error)}") from error
    network = program.module()
    example = program.example_inputs[0] if program.example_inputs else ()
    if len(example) != 1:
        raise ConversionError(f"{model}: has {len(example)} example inputs: expected a network with one input")
    return from_torch(model, program, network, tuple(example[0].shape))


def read_module(model: str, declared: Declared) -> tuple[onnx.ModelProto, Answer]:
    """What ``module:function`` returns, likewise."""
    import torch

    name, _, function = model.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        network = getattr(importlib.import_module(name), function)()
    # The user's own code may raise anything.
    except Exception as error:
        raise ConversionError(f"{model}: {type(error).__name__}: {one_line(error)}") from error
    if not isinstance(network, torch.nn.Module):
        raise ConversionError(f"{model}: returned {type(network).__name__}: expected a torch.nn.Module")
    if declared.size is None:
        raise ConversionError(f"{model}: a module does not say how large its pictures are: --size says it")
    network = network.eval().cpu().float()
    channels = declared.preprocessing.channels
    shape = (channels, *declared.size) if declared.layout != "NHWC" else (*declared.size, channels)
    return from_torch(model, network, network, (1, *shape))


def from_torch(model: str, given: Any, network: Any, shape: tuple[int, ...]) -> tuple[onnx.ModelProto, Answer]:
    """A torch module, or an exported program ``given`` with its module, as ONNX, and the module to ask. shape: of its
    input. Raises ConversionError if torch cannot export it."""
    import torch

    torch.set_num_threads(1)
    recurrent = any(isinstance(layer, torch.nn.RNNBase) for layer in network.modules())
    example = torch.zeros(shape)
    out = Path("exported.onnx")
    try:
        if recurrent and given is network:
            # The newer exporter takes a recurrence apart, step by step; this one writes it as one node.
            torch.onnx.export(
                given, (example,), out, input_names=["pixels"], output_names=["logits"], dynamo=False, opset_version=17
            )
            graph = onnx.load(out)
        else:
            exported = torch.onnx.export(given, (example,), dynamo=True, external_data=False, verbose=False)
            if exported is None:
                raise ConversionError(f"{model}: torch.onnx.export gave no program")
            graph = exported.model_proto
    # The exporter raises errors of many kinds, of which the innermost names the operator.
    except Exception as error:
        raise ConversionError(f"{model}: torch cannot export it to ONNX: {one_line(_innermost(error))}") from error
    finally:
        out.unlink(missing_ok=True)

    def answer(x: NDArray[np.float32]) -> NDArray[Any]:
        with torch.inference_mode():
            return network(torch.from_numpy(x)).numpy()

    return graph, answer


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
