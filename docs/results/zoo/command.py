"""The whole zoo, network by network: trained, exported, quantized, measured, and written down."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import onnx
import torch

from convert.errors import ConversionError
from docs.results.zoo import data, directions, document
from docs.results.zoo.data import Part
from docs.results.zoo.measure import Row, measured
from docs.results.zoo.networks import NETWORKS, spread_channels
from docs.results.zoo.training import RECIPES, Recipe, exported, trained
from edge_digits.io import mnist

logger = logging.getLogger(__name__)

LENET, SPREAD = "LeNet-5 (Keras)", "MobileNetV2-rescaled"


def run(data_dir: Path | None, out: Path, classifier: Path | None) -> None:
    """Write the page; float graphs are kept in ``out``, and used again if they are there. classifier: see
    ``directions``. Raises DataError if MNIST cannot be had."""
    folder = mnist.data_dir(data_dir)
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    digits, lines = data.digits(folder), data.lines(folder)
    rows: list[Row] = []

    def measure(name: str, model: onnx.ModelProto, parts: dict[str, Part]) -> None:
        for format in ("onnx", "tflite"):
            try:
                rows.append(measured(name, model, parts, format))
            except ConversionError as error:
                logger.warning("%s: %s: %s", name, format, error)
            else:
                logger.info("%s", document.losses(rows[-1:]).splitlines()[-1])
                document.write(rows)

    for name, model in graphs(digits, lines, out):
        measure(name, model, lines if name == "CRNN" else digits)
    if classifier is not None:
        measure(directions.NAME, directions.classifier(classifier), directions.lines())


def graphs(digits: dict[str, Part], lines: dict[str, Part], out: Path) -> Iterator[tuple[str, onnx.ModelProto]]:
    """Every network's name and float graph."""
    for name in (*NETWORKS, LENET, SPREAD):
        path = out / f"{name.split()[0].lower()}.onnx"
        if not path.is_file():
            logger.info("training %s", name)
            onnx.save(_graph(name, digits, lines, out), path)
        yield name, onnx.load(path)


def _graph(name: str, digits: dict[str, Part], lines: dict[str, Part], out: Path) -> onnx.ModelProto:
    if name == LENET:
        # TensorFlow is only loaded for this one.
        from docs.results.zoo import lenet

        return lenet.trained(digits["train"])
    part, size = (lines["train"], data.LINE_SIZE) if name == "CRNN" else (digits["train"], (28, 28))
    network = trained(NETWORKS[name.removesuffix("-rescaled")], part, RECIPES.get(name, Recipe()))
    return exported(spread_channels(network) if name == SPREAD else network, size, out)
