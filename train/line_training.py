"""``python -m train crnn…``: from a recipe to a checkpoint of a network that reads lines."""

from __future__ import annotations

import logging
from pathlib import Path
from statistics import fmean

import torch

from edge_digits import normalize
from edge_digits.model_spec import ModelSpec, write_spec
from train import checkpoint, line_confidence, line_data, loop, provenance, report
from train.line_reading import LineTask
from train.lines import STRIP_WIDTHS
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
    data = line_data.load(recipe, folder, processes)
    logger.info("%d lines to train with, %d to choose with", len(data.train), len(data.tiles))
    outcome = loop.fit(name, recipe, LineTask(recipe, data.train, data.tiles, device), out, device, resume)
    validation = {"single": line_data.single(folder, "validation"), "plain": data.plain, "tiles": data.tiles}
    read = {name: line_confidence.read_lines(outcome.network, some) for name, some in validation.items()}
    exact = {name: fmean(line.exact for line in own) for name, own in read.items()}
    path = out / f"{name}.safetensors"
    spec = checkpoint.save(
        path,
        outcome.network,
        name=name,
        input_shape=(normalize.LINE_PARAMETERS.height, STRIP_WIDTHS[-1]),
        blank=True,
        normalization=normalize.line_parameters(),
        origin=provenance.origin(name, recipe, device, data.counts, outcome),
        scores={f"{part}-lines-validation": round(share, 5) for part, share in exact.items()},
    )
    spec = line_confidence.fitted(spec, read["tiles"], read["plain"])
    write_spec(path, spec)
    report.curves(out / "curves.png", outcome.log)
    logger.info(
        "%s: whole lines right: of one %.2f %%, plain %.2f %%, of tiles %.2f %%",
        path,
        *(100 * share for share in exact.values()),
    )
    return spec
