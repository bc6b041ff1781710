"""Every gate of the judge lets good files pass, and each can fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from convert.check import judge_gates
from convert.check.gates import GateResult
from convert.check.inputs import NodeInputs
from convert.check.parity import torch_scores
from edge_digits.judge_classes import CLASSES, MARK, NONE
from edge_digits.runtime.load import load_model

Scores = NDArray[np.float32]


@pytest.fixture(scope="module")
def expected(networks: dict[str, torch.nn.Sequential], judged: dict[str, NodeInputs]) -> dict[str, Scores]:
    return {task: torch_scores(network, judged[task].pixels) for task, network in networks.items()}


def every(scores: Scores) -> NDArray[np.bool_]:
    return np.ones(len(scores), bool)


def failed(results: list[GateResult]) -> list[str]:
    return [result.gate for result in results if not result.passed]


def one_stage(task: str, found: Scores, expected: dict[str, Scores], judged: dict[str, NodeInputs]) -> list[GateResult]:
    return judge_gates.one_stage(found, expected[task], judged[task], 1.0, every(found))


@pytest.mark.parametrize("task", ["judge-first", "judge"])
def test_float_beside_float_passes(expected: dict[str, Scores], judged: dict[str, NodeInputs], task: str) -> None:
    assert failed(one_stage(task, expected[task], expected, judged)) == []


def test_a_first_stage_that_leaves_nothing_loses_digits(
    expected: dict[str, Scores], judged: dict[str, NodeInputs]
) -> None:
    found = expected["judge-first"] - np.array([0, 20], np.float32)
    assert failed(one_stage("judge-first", found, expected, judged)) == ["keeps digits"]


def test_a_first_stage_that_leaves_all_makes_work(expected: dict[str, Scores], judged: dict[str, NodeInputs]) -> None:
    found = expected["judge-first"] + np.array([0, 20], np.float32)
    assert failed(one_stage("judge-first", found, expected, judged)) == ["leaves little"]


def test_a_second_stage_that_misses_digits_fails(expected: dict[str, Scores], judged: dict[str, NodeInputs]) -> None:
    found = expected["judge"] + 2 * np.eye(CLASSES, dtype=np.float32)[NONE]
    assert failed(one_stage("judge", found, expected, judged)) == ["recall of digits"]


def test_a_second_stage_that_takes_all_for_digits_fails(
    expected: dict[str, Scores], judged: dict[str, NodeInputs]
) -> None:
    found = expected["judge"] - 4 * np.eye(CLASSES, dtype=np.float32)[NONE]
    assert failed(one_stage("judge", found, expected, judged)) == ["precision"]


def test_nothing_taken_for_a_digit_is_not_precise(expected: dict[str, Scores], judged: dict[str, NodeInputs]) -> None:
    found = expected["judge"] + 99 * np.eye(CLASSES, dtype=np.float32)[NONE]
    assert failed(one_stage("judge", found, expected, judged)) == ["recall of digits", "precision"]


def test_both_stages_are_judged_together(
    files: Path, expected: dict[str, Scores], judged: dict[str, NodeInputs]
) -> None:
    float32 = load_model(files / "judge-float32.tflite").scores(judged["judge"].pixels)
    results = judge_gates.both_stages(float32, expected["judge"], judged["judge"], every(float32), files, "tflite")
    assert [result.gate for result in results] == ["both stages: recall of digits", "both stages: precision"]
    # The first stage's own loss is in the figure: a digit that it does not leave is missed.
    digits = judged["judge"].label < NONE
    alone = (expected["judge"].argmax(axis=1) == judged["judge"].label)[digits].mean()
    was = float(results[0].figure.partition("float ")[2].partition("%")[0]) / 100
    assert 0 < was <= alone + 1e-4


def test_digits_that_the_int8_first_stage_does_not_leave_are_missed(
    files: Path, expected: dict[str, Scores], judged: dict[str, NodeInputs], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = judge_gates.left_by_first
    monkeypatch.setattr(judge_gates, "model_scores", lambda model, pixels: (model.spec.precision, model.scores(pixels)))

    def left(found: tuple[str, Scores], temperature: float) -> NDArray[np.bool_]:
        return real(found[1], temperature) & (found[0] == "float32")

    monkeypatch.setattr(judge_gates, "left_by_first", left)
    scores = expected["judge"]
    results = judge_gates.both_stages(scores, scores, judged["judge"], every(scores), files, "onnx")
    assert "both stages: recall of digits" in failed(results)


def test_without_the_first_stage_a_warning_says_so(
    files: Path,
    expected: dict[str, Scores],
    judged: dict[str, NodeInputs],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scores = expected["judge"]
    # Half of them is not enough.
    shutil.copy(files / "judge-first-int8.tflite", tmp_path)
    assert judge_gates.both_stages(scores, scores, judged["judge"], every(scores), tmp_path, "tflite") == []
    assert "python -m convert judge-first" in caplog.text


def test_the_first_stage_is_found_where_convert_puts_it(files: Path, tmp_path: Path) -> None:
    beside = tmp_path / "judge-first"
    beside.mkdir()
    for path in files.glob("judge-first-*"):
        shutil.copy(path, beside)
    assert [path.parent for path in judge_gates.first_files(tmp_path / "judge", "onnx")] == [beside, beside]


def test_which_kind_of_no_digit_it_is_decides_no_agreement() -> None:
    float_scores, int8_scores = np.zeros((2, CLASSES), np.float32), np.zeros((2, CLASSES), np.float32)
    float_scores[:, [NONE, 7]], int8_scores[:, [MARK, 7]] = (3, 1), (3, 1)
    int8_scores[1, 7] = 4
    taken, expected = judge_gates.as_taken(int8_scores), judge_gates.as_taken(float_scores)
    assert taken.shape == (2, NONE + 1)
    assert (taken.argmax(axis=1) == expected.argmax(axis=1)).tolist() == [True, False]
