"""``python -m train crnn…``: from a recipe to a checkpoint of a network that reads lines."""

from __future__ import annotations

import logging
from pathlib import Path
from statistics import fmean

import torch

from edge_digits.model_input import normalize
from edge_digits.runtime.spec import ModelSpec, write_spec
from train import checkpoint, fit, plots, provenance
from train.lines import confidence, dataset
from train.lines.labelled_lines import STRIP_WIDTHS
from train.lines.task import LineTask
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
    data = dataset.load(recipe, folder, processes)
    logger.info("%d lines to train with, %d to choose with", len(data.train), len(data.tiles))
    outcome = fit.fit(name, recipe, LineTask(recipe, data.train, data.tiles, device), out, device, resume)
    validation = {"single": dataset.single(folder, "validation"), "plain": data.plain, "tiles": data.tiles}
    read = {name: confidence.read_lines(outcome.network, some) for name, some in validation.items()}
    exact = {name: fmean(line.exact for line in lines) for name, lines in read.items()}
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
    spec = confidence.fitted(spec, read["tiles"], read["plain"])
    write_spec(path, spec)
    plots.curves(out / "curves.png", outcome.log)
    logger.info(
        "%s: whole lines right: of one %.2f %%, plain %.2f %%, of tiles %.2f %%",
        path,
        *(100 * share for share in exact.values()),
    )
    return spec
