"""``python -m train confidence``: what confidence means on whole pages, fitted for each model file into its spec.

Two things are fitted. The thresholds turn a wished share of wrong digits into the least confidence of a digit
(``edge-digits read --max-error``). The line exponent makes a line's confidence come true: a line is also wrong when a
digit in it was missed, of which the product of its digits' confidences knows nothing.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from edge_digits.evaluation.metrics import threshold_for_error
from edge_digits.reader import DigitReader
from edge_digits.runtime.load import load_digits
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import ModelSpec, read_spec, write_spec
from train import checkpoint
from train.digits import task
from train.evaluate import pages
from train.evaluate.pages import Answers, KindResult

logger = logging.getLogger(__name__)

ERROR_RATES = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
_EXPONENTS = np.exp(np.linspace(np.log(0.25), np.log(16.0), 200))


@dataclass
class TorchModel:
    """A checkpoint behind the protocol of the runtimes."""

    network: nn.Module
    spec: ModelSpec

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``edge_digits.runtime.model.Model``."""
        return task.predict(self.network, pixels)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a model's confidence is judged by. kinds: synthesized pages read by the whole reader, by layout."""

    kinds: list[KindResult]

    @property
    def digits(self) -> Answers:
        """Digits of all pages."""
        return pages.joined([kind.digits for kind in self.kinds])

    @property
    def lines(self) -> Answers:
        """Their lines."""
        return pages.joined([kind.lines for kind in self.kinds])


def open_model(path: Path) -> Model:
    """A model file, or a ``.safetensors`` checkpoint, which runs in torch."""
    return TorchModel(*checkpoint.load(path)) if path.suffix == ".safetensors" else load_digits(path)


def run(models: Sequence[Path], folder: Path) -> dict[Path, Evidence]:
    """Fit thresholds and line exponent of each of ``models`` and write them into its spec; returns what they were
    fitted on. folder: the data folder. Raises DataError if MNIST cannot be had, ModelError for a model that does not
    fit."""
    opened = {path: open_model(path) for path in models}
    written = list(pages.written(folder))
    evidence = {}
    for path, model in opened.items():
        evidence[path] = Evidence(pages.read_all(DigitReader(model), written))
        fitted = fit(model.spec, evidence[path])
        # The reader's view of a model has its classes in order, and perhaps another size.
        exponent, least = fitted.line_exponent, fitted.thresholds
        write_spec(path, dataclasses.replace(read_spec(path), thresholds=least, line_exponent=exponent))
        table = ", ".join(f"{100 * float(rate):g} %: {value:g}" for rate, value in fitted.thresholds.items())
        logger.info("%s: thresholds %s; line exponent %g", path, table or "none", fitted.line_exponent)
    return evidence


def fit(spec: ModelSpec, evidence: Evidence) -> ModelSpec:
    """``spec`` with thresholds that keep each of ``ERROR_RATES``, and with the line exponent."""
    table = thresholds([evidence.digits])
    return dataclasses.replace(spec, thresholds=table, line_exponent=line_exponent(evidence.lines))


def thresholds(parts: Sequence[Answers]) -> dict[str, float]:
    """For each of ``ERROR_RATES`` the least confidence that keeps it on every one of ``parts``.

    A rate is left out if no confidence keeps it, or if so few answers are as sure that one error would break it.
    """
    table = {}
    for rate in ERROR_RATES:
        least = max(threshold_for_error(part.confidence, part.right, rate) for part in parts)
        if all((part.confidence >= least).sum() * rate >= 1 for part in parts):
            table[f"{rate:g}"] = min(math.ceil(least * 1e6) / 1e6, 1.0)
    return table


def line_exponent(lines: Answers) -> float:
    """The exponent between 0.25 and 16 that gives the lines' confidences the greatest likelihood; 1 without lines."""
    if not len(lines):
        return 1.0
    log = np.log(np.clip(lines.confidence, 1e-12, 1 - 1e-9))
    losses = [-np.where(lines.right, e * log, np.log1p(-np.exp(e * log))).mean() for e in _EXPONENTS]
    return round(float(_EXPONENTS[int(np.argmin(losses))]), 3)
