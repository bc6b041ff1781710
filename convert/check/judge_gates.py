"""Gates of the judge's networks beside those of every network: what int8 finds of the digits that float finds.

The first stage is held to what it leaves to the second at the cascade's threshold, the second to the digits it takes,
and both together to the digits that are taken in the end.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.check.gates import Counted, GateResult, Scores
from convert.check.inputs import NodeInputs
from convert.check.parity import model_scores
from edge_digits.judge.cascade import SETTINGS
from edge_digits.judge_classes import NONE
from edge_digits.runtime.load import load_model
from edge_digits.runtime.probabilities import probabilities

logger = logging.getLogger(__name__)

FIRST = "judge-first"
"""The first stage's network."""
MOST_RECALL_LOSS = 0.002
"""Share of the digits that int8 may miss beyond those that float misses."""
MOST_PRECISION_LOSS = 0.003
"""Share of what is taken for a digit that may be none, or another one, beyond float's."""
MOST_MORE_WORK = 0.02
"""Share of the nodes that the first stage may leave to the second beyond those that it leaves in float."""

Chosen = NDArray[np.bool_]
"""(N,) which nodes the first stage leaves to the second."""


def left_by_first(scores: Scores, temperature: float) -> Chosen:
    """Which nodes the first stage leaves to the second, as in reading. scores: (N, 2) logits."""
    return probabilities(scores, temperature)[:, 1] > SETTINGS.least_first


def as_taken(scores: Scores) -> Scores:
    """The second stage's scores (N, CLASSES) as the CNN's are: of ten digits, and of anything else (N, 11). Which of
    its kinds is the likeliest moves no digit; how often that is right is the gate "as accurate as float"."""
    return np.column_stack([scores[:, :NONE], scores[:, NONE:].max(axis=1)])


def one_stage(
    scores: Scores, expected: Scores, judges: NodeInputs, temperature: float, counted: Counted
) -> list[GateResult]:
    """One stage's gates: of a file's scores, and float's, of all ``judges``, where ``counted``."""
    if judges.task == "judge":
        return _against("", scores.argmax(axis=1)[counted], expected.argmax(axis=1)[counted], judges.label[counted])
    left, was_left = left_by_first(scores, temperature), left_by_first(expected, temperature)
    digits = judges.label < NONE
    work, was_work = _share(left), _share(was_left)
    figure = f"{work:.2%} of {len(left)} nodes, float {was_work:.2%} (at most {100 * MOST_MORE_WORK:.1f} points more)"
    return [
        _no_less("keeps digits", _share(left[digits]), _share(was_left[digits]), MOST_RECALL_LOSS, int(digits.sum())),
        GateResult("leaves little", work - was_work <= MOST_MORE_WORK, figure),
    ]


def first_files(out: Path, format: str) -> list[Path]:
    """The first stage's files of ``format``, int8 and float32, in ``out`` or in the folder that ``convert`` puts them
    into beside it; [] if they are in neither."""
    names = [f"{FIRST}-{precision}.{format}" for precision in ("int8", "float32")]
    folders = [[folder / name for name in names] for folder in (out, out.parent / FIRST)]
    return next((files for files in folders if all(file.is_file() for file in files)), [])


def both_stages(
    scores: Scores, expected: Scores, judges: NodeInputs, counted: Counted, out: Path, format: str
) -> list[GateResult]:
    """The second stage's gates once more, with the first stage before it: int8 behind int8 against float behind float.

    out: where the files of ``format`` go. Without the first stage's there is no gate, and a warning.
    """
    files = first_files(out, format)
    if not files:
        warning = "%s: no files of %s, so the two stages are not judged together; python -m convert %s makes them"
        logger.warning(warning, out, FIRST, FIRST)
        return []
    taken = []
    for path, of_second in zip(files, (scores, expected), strict=True):
        first = load_model(path)
        left = left_by_first(model_scores(first, judges.first), first.spec.temperature)
        taken.append(np.where(left | judges.unasked, of_second.argmax(axis=1), NONE)[counted])
    return _against("both stages: ", taken[0], taken[1], judges.label[counted])


def _against(
    what: str, answered: NDArray[np.integer], expected: NDArray[np.integer], truth: NDArray[np.integer]
) -> list[GateResult]:
    digits = truth < NONE
    recall, was_recall = (_share((answer == truth)[digits]) for answer in (answered, expected))
    precision, was_precision = (_share((answer == truth)[answer < NONE]) for answer in (answered, expected))
    count, taken = int(digits.sum()), int((answered < NONE).sum())
    return [
        _no_less(f"{what}recall of digits", recall, was_recall, MOST_RECALL_LOSS, count),
        _no_less(f"{what}precision", precision, was_precision, MOST_PRECISION_LOSS, taken),
    ]


def _no_less(gate: str, share: float, was: float, most_loss: float, count: int) -> GateResult:
    figure = f"{share:.2%} of {count}, float {was:.2%} (at most {100 * most_loss:.1f} points less)"
    return GateResult(gate, was - share <= most_loss, figure)


def _share(right: NDArray[np.bool_]) -> float:
    """0 of none: what takes no node for a digit is not precise."""
    return float(right.mean()) if len(right) else 0.0
