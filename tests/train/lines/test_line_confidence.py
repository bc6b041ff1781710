"""What a line network's confidence is worth, and where it is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edge_digits.charset import BLANK, REJECT
from edge_digits.errors import ModelError
from edge_digits.evaluation import metrics
from train.lines import confidence, labelled_lines
from train.lines.labelled_lines import Lines

RATE = 0.9
"""How often the stand-in below names a digit that is there."""


class Boaster(nn.Module):
    """Reads the digit that the strip's brightness spells, one time in ten another, and is always nearly sure."""

    def __init__(self) -> None:
        super().__init__()
        self.random = np.random.default_rng(1)

    def forward(self, x: Tensor) -> Tensor:
        logits = torch.full((len(x), x.shape[3] // 4, BLANK + 1), 0.0)
        logits[:, :, BLANK] = 12.0
        for row, strip in enumerate(x):
            value = round(float(strip[0].max()) * 255) // 25
            read = value if self.random.random() < RATE else (value + 1) % 10
            logits[row, 2, BLANK] = 0.0
            logits[row, 2, read] = 12.0
        return logits


def _lines(count: int = 2_000) -> Lines:
    random = np.random.default_rng(2)
    return labelled_lines.from_strips(
        "bright",
        [(np.full((32, 64), 25 * value + 2, np.uint8), [value]) for value in random.integers(0, 10, count).tolist()],
    )


def test_the_temperature_turns_a_boasters_confidence_into_its_share_of_right_digits() -> None:
    read = confidence.read_lines(Boaster(), _lines())
    heat = confidence.temperature(read)
    answers = confidence.digit_answers(read, heat)
    assert metrics.expected_calibration_error(answers.confidence, answers.right) < 0.01
    assert answers.confidence.mean() == pytest.approx(RATE, abs=0.02)
    boasting = confidence.digit_answers(read, 1.0)
    assert metrics.expected_calibration_error(boasting.confidence, boasting.right) > 0.08


def test_a_line_is_right_only_as_a_whole_and_as_sure_as_its_digits_together() -> None:
    logits = np.full((4, BLANK + 1), 0.0, np.float32)
    logits[[0, 1, 2, 3], [7, BLANK, 7, BLANK]] = 3.0
    network = _fixed(logits)
    two = labelled_lines.from_strips(
        "two", [(np.zeros((32, 16), np.uint8), [7, 7]), (np.zeros((32, 16), np.uint8), [7])]
    )
    right, wrong = confidence.read_lines(network, two)
    assert right.exact and right.right == [True, True]
    assert not wrong.exact and sorted(wrong.right) == [False, True]
    one, other = right.confidences(1.0)
    assert confidence.line_answers([right], 1.0).confidence.tolist() == pytest.approx([one * other])


def test_what_is_no_digit_has_no_part_in_the_digits_confidence() -> None:
    logits = np.full((2, BLANK + 1), 0.0, np.float32)
    logits[[0, 1], [REJECT, 3]] = 5.0
    read = confidence.read_lines(
        _fixed(logits), labelled_lines.from_strips("x", [(np.zeros((32, 8), np.uint8), [REJECT, 3])])
    )
    assert read[0].exact and read[0].right == [True] and len(read[0].steps) == 1


def test_without_a_digit_read_the_temperature_is_one() -> None:
    blank = np.zeros((2, BLANK + 1), np.float32)
    blank[:, BLANK] = 5.0
    read = confidence.read_lines(_fixed(blank), labelled_lines.from_strips("x", [(np.zeros((32, 8), np.uint8), [])]))
    assert confidence.temperature(read) == 1.0 and not len(confidence.line_answers(read, 1.0))


def test_a_file_for_a_device_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"crnn-128-int8\.tflite: .*before it is converted"):
        confidence.run(tmp_path / "crnn-128-int8.tflite", tmp_path)


def _fixed(logits: np.ndarray) -> nn.Module:
    class Fixed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.from_numpy(logits).expand(len(x), *logits.shape)

    return Fixed()
