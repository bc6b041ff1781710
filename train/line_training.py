"""``python -m train crnn…``: from a recipe to a checkpoint of a network that reads lines."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from edge_digits import normalize
from edge_digits.model_spec import ModelSpec, write_spec
from train import checkpoint, line_confidence, line_data, loop, provenance, report
from train.line_reading import LineTask, collapsed, predict
from train.lines import STRIP_WIDTHS, Lines
from train.recipes import LineRecipe

logger = logging.getLogger(__name__)


def train(
    name: str, recipe: LineRecipe, folder: Path, out: Path, device: torch.device, processes: int, resume: bool = False
) -> ModelSpec:
    """Train the network ``name`` and write into ``out``: ``<name>.safetensors`` with its spec, ``log.csv``,
    ``curves.png``.

    folder: the data folder. Confidence is fitted on the lines that choose. Raises DataError if the data cannot be had
    or ``out`` holds another run's state.
    """
    data = line_data.load(*recipe.counts(), recipe.seed, folder, processes)
    logger.info("%d lines to train with, %d to choose with", len(data.train), len(data.camera))
    outcome = loop.fit(name, recipe, LineTask(recipe, data.train, data.camera, device), out, device, resume)
    scores = {
        "plain-lines-validation": exact(outcome.network, data.plain),
        "camera-lines-validation": exact(outcome.network, data.camera),
    }
    path = out / f"{name}.safetensors"
    spec = checkpoint.save(
        path,
        outcome.network,
        name=name,
        input_shape=(normalize.LINE_PARAMETERS.height, STRIP_WIDTHS[-1]),
        blank=True,
        normalization=normalize.line_parameters(),
        origin=provenance.origin(name, recipe, device, data.counts, outcome),
        scores={key: round(value, 5) for key, value in scores.items()},
    )
    spec = line_confidence.fitted(spec, outcome.network, data.camera, data.plain)
    write_spec(path, spec)
    report.curves(out / "curves.png", outcome.log)
    logger.info(
        "%s: whole lines right: plain %.2f %%, photographed %.2f %%",
        path,
        100 * scores["plain-lines-validation"],
        100 * scores["camera-lines-validation"],
    )
    return spec


def exact(network: torch.nn.Module, lines: Lines) -> float:
    """Share of lines, 0..1, that are read without a mistake."""
    right = 0
    for chosen, logits in predict(network, lines):
        read = collapsed(torch.from_numpy(logits).argmax(2))
        right += int((read == torch.from_numpy(lines.labels[chosen])).all(dim=1).sum())
    return right / max(len(lines), 1)
