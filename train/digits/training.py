"""``python -m train MODEL``: from a recipe to a checkpoint with its spec and pictures."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import torch

from edge_digits.evaluation import metrics
from edge_digits.runtime.spec import ModelSpec
from train import checkpoint, fit, plots, provenance, temperature_scaling
from train.digits import dataset
from train.digits.crops import Crops
from train.digits.task import DigitTask, predict
from train.recipes import DigitRecipe

logger = logging.getLogger(__name__)


def train(
    name: str, recipe: DigitRecipe, folder: Path, out: Path, device: torch.device, processes: int, resume: bool = False
) -> ModelSpec:
    """Train the network ``name`` and write into ``out``: ``<name>.safetensors`` with its spec, ``log.csv``,
    ``curves.png``, ``confusion.png``, ``mistakes.png``.

    folder: the data folder. The temperature is fitted on hypotheses of validation tiles. Raises
    DataError if the data cannot be had or ``out`` holds another run's state.
    """
    data = dataset.load(recipe, folder, processes)
    logger.info("%d bitmaps, %d hypotheses to train with", len(data.plain), len(data.seen))
    task = DigitTask(recipe, data.plain, data.seen, data.camera, device)
    outcome = fit.fit(name, recipe, task, out, device, resume)
    logits = predict(outcome.network, data.camera.images)
    temperature = temperature_scaling.fit_temperature(logits, data.camera.labels)
    scores = {
        "mnist-validation": accuracy(predict(outcome.network, data.mnist.images), data.mnist),
        "tiles-validation": accuracy(logits, data.camera),
    }
    if len(data.hand):
        scores["labels-validation"] = accuracy(predict(outcome.network, data.hand.images), data.hand)
    path = out / f"{name}.safetensors"
    spec = checkpoint.save(
        path,
        outcome.network,
        name=name,
        temperature=round(temperature, 4),
        origin=provenance.origin(name, recipe, device, data.counts, outcome),
        scores={key: round(value, 5) for key, value in scores.items()},
    )
    confidence = temperature_scaling.softmax(logits, temperature)
    read = confidence.argmax(1)
    plots.curves(out / "curves.png", outcome.log)
    title = "hypotheses of validation tiles"
    plots.confusion(out / "confusion.png", metrics.confusion_matrix(data.camera.labels, read, logits.shape[1]), title)
    plots.mistakes(out / "mistakes.png", data.camera.images, data.camera.labels, read, confidence.max(axis=1), title)
    error = metrics.expected_calibration_error(confidence.max(axis=1), read == data.camera.labels)
    logger.info(
        "%s: MNIST validation %.2f %%, validation hypotheses %.2f %%, temperature %.3f, calibration error %.4f",
        path,
        100 * scores["mnist-validation"],
        100 * scores["tiles-validation"],
        temperature,
        error,
    )
    if len(data.hand):
        logger.info("of %d labels held out %.1f %% are right", len(data.hand), 100 * scores["labels-validation"])
    return spec


def accuracy(logits: np.ndarray, crops: Crops) -> float:
    """Share of crops, 0..1, whose class has the highest score; a digit that is taken for no digit counts as wrong."""
    return metrics.accuracy(crops.labels, logits.argmax(1))
