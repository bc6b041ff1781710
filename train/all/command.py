"""``python -m train all``: judge, CNN and CRNN one after another within so many minutes, for a machine with a GPU."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import torch

from train.digits import training as digit_training
from train.judge import training as judge_training
from train.lines import training as line_training
from train.recipes import RECIPES, DigitRecipe, JudgeRecipe, LineRecipe

logger = logging.getLogger(__name__)

SHARES = {"judge-first": 0.12, "judge": 0.38, "cnn": 0.2, "crnn": 0.3}
"""Of the time that is left behind the tiles, in the order of training."""

_VALIDATION_TILES = 1_000


def train_all(
    minutes: float, tiles: int, limit: int, folder: Path, out: Path, device: torch.device, processes: int
) -> list[Path]:
    """Train the four networks into folders of ``out``; returns their checkpoints.

    minutes: of all together, tiles included, which ``processes`` make first: what they take is missing behind them. The
    ends of each training, its plots and its temperature, come on top. tiles: how many to learn from. limit: as of
    the recipes, 0 is none. folder: the data folder. Raises DataError if the data cannot be had.
    """
    began = time.monotonic()
    recipe = _recipe("judge", tiles, limit)
    assert isinstance(recipe, JudgeRecipe)
    for part, count in (("train", recipe.tiles), ("validation", recipe.validation_tiles)):
        judge_training.hypotheses(recipe, folder, part, count, processes)
    logger.info("tiles and hypotheses: %.1f minutes", (time.monotonic() - began) / 60)
    made = []
    for name, share in shares_left():
        left = minutes - (time.monotonic() - began) / 60
        # At least some steps, or there would be nothing to save.
        recipe = replace(_recipe(name, tiles, limit), minutes=max(0.02, share * left))
        logger.info("%s: %.1f of %.1f minutes that are left", name, recipe.minutes, left)
        train_one(name, recipe, folder, out / name, device, processes)
        made.append(out / name / f"{name}.safetensors")
    return made


def shares_left() -> list[tuple[str, float]]:
    """Each network with its share of the time that is left when its turn comes, 0..1."""
    names, shares = list(SHARES), list(SHARES.values())
    return [
        (name, share / sum(shares[number:])) for number, (name, share) in enumerate(zip(names, shares, strict=True))
    ]


def _recipe(name: str, tiles: int, limit: int) -> DigitRecipe | JudgeRecipe | LineRecipe:
    recipe = RECIPES[name]
    validation = min(_VALIDATION_TILES, recipe.validation_tiles)
    return replace(recipe, tiles=min(tiles, recipe.tiles), validation_tiles=validation, limit=limit)


def train_one(
    name: str,
    recipe: DigitRecipe | JudgeRecipe | LineRecipe,
    folder: Path,
    out: Path,
    device: torch.device,
    processes: int,
    resume: bool = False,
) -> None:
    """Train one network by its recipe's kind; see its ``training`` module."""
    if isinstance(recipe, JudgeRecipe):
        judge_training.train(name, recipe, folder, out, device, processes, resume)
    elif isinstance(recipe, LineRecipe):
        line_training.train(name, recipe, folder, out, device, processes, resume)
    else:
        digit_training.train(name, recipe, folder, out, device, processes, resume)
