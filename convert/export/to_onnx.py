"""torch -> float32 ONNX, in one file.

Input ``pixels`` (N, channels, height, width) float32 in 0..1, output ``logits`` float32: (N, classes), of a network
that reads lines (N, steps, classes). N is free, and the width of strips is, too. For the second output, ``features``,
see ``convert.export.features``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import torch
from torch import nn

from convert.export import features
from convert.export.folding import folded, reads_lines, recurrences
from convert.export.onnx_graph import line_graph
from train import checkpoint


def _without_metadata(model: onnx.ModelProto) -> onnx.ModelProto:
    """``model`` without the exporter's notes: they hold paths of this machine and differ from run to run."""
    graph = model.graph
    for item in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    return model


def export(
    network: nn.Sequential, size: tuple[int, int], out: Path, channels: int = 1, with_features: bool = False
) -> None:
    """Write ``network`` (in evaluation mode) to ``out``. size: height and width of its input in pixels; of strips the
    greatest width. channels: of its input. with_features: whether the input of its last layer is an output, too; raises
    ConversionError if that layer is not fully connected."""
    in_steps = reads_lines(network) or recurrences(network)
    model = line_graph(network, size) if in_steps else _exported(network, (channels, *size))
    if with_features:
        features.add_onnx_features(model)
    onnx.checker.check_model(model, full_check=True)
    out.write_bytes(model.SerializeToString(deterministic=True))


def _exported(network: nn.Sequential, shape: tuple[int, int, int]) -> onnx.ModelProto:
    program = torch.onnx.export(
        folded(network),
        (torch.zeros(2, *shape),),
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch.onnx.export gave no program")
    return _without_metadata(program.model_proto)


def main() -> None:
    """The child process: checkpoint in, .onnx out."""
    parser = argparse.ArgumentParser(prog="python -m convert.export.to_onnx", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network, spec = checkpoint.load(arguments.checkpoint)
    export(network, spec.input_shape, arguments.out, spec.channels, spec.name in features.NETWORKS)


if __name__ == "__main__":
    main()
