"""On every platform the shipped models give the scores that they had when they were converted.

``python -m convert golden`` writes the vectors anew, ``python -m convert cnn --ship`` together with the models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.errors import RuntimeMissingError
from edge_digits.reader import shipped_models
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import ModelSpec, read_spec

FOLDER = Path(__file__).resolve().parents[1] / "data"
SIZE = 28
GOLDEN: dict[str, Any] = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))["models"]
MODELS = shipped_models()


def picture(name: str) -> NDArray[np.uint8]:
    sheet = cv2.imread(str(FOLDER / name), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    return np.asarray(sheet, np.uint8)


def inputs(spec: ModelSpec) -> NDArray[np.uint8]:
    """(64, 28, 28) uint8, from a sheet of 8 rows of 8; the left of 4 strips one below the other; or 16 nodes, likewise,
    with their channels side by side."""
    height, width = spec.input_shape
    if spec.judges:
        sheet = picture(f"golden-{spec.task}.png")
        return np.ascontiguousarray(sheet.reshape(16, height, spec.channels, width).swapaxes(1, 2))
    if spec.reads_lines:
        strips = picture("golden-lines.png")
        return strips.reshape(4, height, -1)[:, :, :width]
    return picture("golden.png").reshape(8, SIZE, 8, SIZE).swapaxes(1, 2).reshape(-1, SIZE, SIZE)


def test_every_shipped_model_has_golden_vectors_of_its_own() -> None:
    assert MODELS
    assert {path.name: read_spec(path).sha256 for path in MODELS} == {
        name: golden["sha256"] for name, golden in GOLDEN.items()
    }, "models and golden vectors differ: python -m convert golden"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_scores_are_golden_within_a_quantization_step(path: Path) -> None:
    """Of lines within three: in a recurrence roundings add up."""
    golden = GOLDEN[path.name]
    try:
        model = load_model(path)
    except RuntimeMissingError as error:
        pytest.skip(str(error))
    # Golden scores have five decimals.
    scores = model.scores(inputs(model.spec))
    expected = np.array(golden["scores"]).reshape(scores.shape)
    assert scores == pytest.approx(expected, rel=0, abs=golden["steps"] * golden["step"] + 1e-5)


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_golden_vectors_can_tell_a_step_from_nothing(precision: str) -> None:
    """A tolerance of the size of the scores would let everything pass."""
    for name, golden in GOLDEN.items():
        if precision in name:
            assert 0 < golden["steps"] * golden["step"] < 0.02 * np.ptp(golden["scores"]), name
