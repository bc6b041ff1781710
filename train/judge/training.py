"""``python -m train judge-first | judge``: tiles -> labelled hypotheses -> a checkpoint with its spec."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from edge_digits.charset import REJECT
from edge_digits.judge import cascade
from edge_digits.judge_classes import NONE
from edge_digits.runtime.spec import ModelSpec, judge_values
from train import checkpoint, fit, plots, provenance, temperature_scaling
from train.data import shards as tile_shards
from train.data.build_pool import open_pool
from train.data.code_files import code_hash
from train.judge import shards
from train.judge.task import JudgeTask
from train.recipes import JudgeRecipe, TileRecipe

logger = logging.getLogger(__name__)


def train(
    name: str, recipe: JudgeRecipe, folder: Path, out: Path, device: torch.device, processes: int, resume: bool = False
) -> ModelSpec:
    """Train the stage ``name`` ("judge-first" or "judge") and write into ``out``: ``<name>.safetensors`` with its spec,
    ``log.csv`` and ``curves.png``.

    folder: the data folder. Tiles and hypotheses lie in the user's cache, and what is there is not made again. The
    temperature is fitted on validation hypotheses. Raises DataError if the data cannot be had or ``out`` holds another
    run's state.
    """
    first = name == "judge-first"
    learned = hypotheses(recipe, folder, "train", recipe.tiles, processes)
    chosen = hypotheses(recipe, folder, "validation", recipe.validation_tiles, processes)
    task = JudgeTask(recipe, learned, chosen, first, device)
    logger.info("about %d hypotheses of %d tiles to train with", task.examples, recipe.tiles)
    outcome = fit.fit(name, recipe, task, out, device, resume)
    logits, truth = task.validation_scores(outcome.network)
    labels = truth.astype(np.uint8)
    temperature = temperature_scaling.fit_temperature(logits, labels)
    scores = figures(temperature_scaling.softmax(logits, temperature), labels, first)
    path = out / f"{name}.safetensors"
    spec = checkpoint.save(
        path,
        outcome.network,
        name=name,
        **judge_values(name),
        temperature=round(temperature, 4),
        origin=provenance.origin(name, recipe, device, {"tiles": recipe.tiles}, outcome),
        scores={key: round(value, 5) for key, value in scores.items()},
    )
    plots.curves(out / "curves.png", outcome.log)
    shares = ", ".join(f"{key} {100 * value:.2f} %" for key, value in scores.items())
    logger.info("%s: %s, temperature %.3f", path, shares, temperature)
    return spec


def figures(chances: NDArray[np.floating], labels: NDArray[np.uint8], first: bool) -> dict[str, float]:
    """What a stage does on labelled hypotheses, shares in 0..1. chances: (N, classes), calibrated."""
    if first:
        passed = chances[:, 1] > cascade.SETTINGS.least_first
        return {"kept": float(passed[labels == 1].mean()), "none-kept": float(passed[labels == 0].mean())}
    best = chances.argmax(axis=1)
    digit = labels < REJECT
    return {
        "digits-right": float((best[digit] == labels[digit]).mean()),
        "digits-missed": float((best[digit] >= REJECT).mean()),
        "none-taken-for-digits": float((best[labels == NONE] < REJECT).mean()),
        "others-right": float((best[labels > NONE] == labels[labels > NONE]).mean()),
    }


def hypotheses(recipe: TileRecipe, folder: Path, part: str, tiles: int, processes: int) -> list[Path]:
    """Files of labelled hypotheses of so many tiles of a part ("train" or "validation"), in the user's cache; those
    that are missing are made, and their tiles. Raises DataError if the data cannot be had."""
    made = tile_files(recipe, folder, part, tiles, processes)
    cached = made[0].parent
    # By the code that makes them, too: what was learned from must be what is read.
    code = code_hash(shards.__name__)
    place = cached.parent.with_name("nodes") / f"{cached.name}-{code}"
    return shards.make(cached, place, recipe.seed, processes, len(made))


def tile_files(recipe: TileRecipe, folder: Path, part: str, tiles: int, processes: int) -> list[Path]:
    """Files of the tiles themselves, likewise."""
    order = tile_shards.order_of(tiles, 0, recipe.seed, part, folder)
    cached = tile_shards.tiles_of(order)
    # Here, and not in a process of its own, what is wrong with the data can be said.
    open_pool(folder, part)
    tile_shards.make(folder, cached, order, processes, int(recipe.gigabytes * 1e9))
    return [tile_shards.shard_path(cached, kind, first) for kind, first, _ in order.shards()]
