"""int8 takes its ranges from hypotheses on the calibration set's sheets, found as a reader finds them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from convert.quantize import judge_samples
from convert.quantize.calibration import CalibrationSet
from edge_digits.errors import DataError
from edge_digits.runtime.spec import judge_values


@pytest.mark.parametrize("task", ["judge-first", "judge"])
def test_samples_fit_the_network_reach_from_0_to_255_and_are_the_same_twice(
    calibration_set: CalibrationSet, task: str
) -> None:
    found = judge_samples.samples(calibration_set, task)
    values = judge_values(task)
    assert found.shape == (judge_samples.COUNT, values["channels"], *values["input_shape"])
    assert found.dtype == np.uint8
    assert (found.min(), found.max()) == (0, 255)
    assert np.array_equal(found, judge_samples.samples(calibration_set, task))


def test_every_sheet_is_sampled(calibration_set: CalibrationSet, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = judge_samples.of_sheet
    monkeypatch.setattr(
        judge_samples, "of_sheet", lambda picture, *rest: seen.append(id(picture)) or real(picture, *rest)
    )
    judge_samples.samples(calibration_set, "judge-first")
    assert set(seen) == {id(picture) for picture in calibration_set.pictures}


def test_a_set_without_photographed_sheets_is_refused(calibration_set: CalibrationSet) -> None:
    with pytest.raises(DataError, match="no photographed sheet"):
        judge_samples.samples(dataclasses.replace(calibration_set, pictures=()), "judge")


def test_a_set_with_too_little_on_its_sheets_is_refused(calibration_set: CalibrationSet) -> None:
    blank = np.full((200, 200), 230, np.uint8)
    with pytest.raises(DataError, match=r"only \d+ hypotheses"):
        judge_samples.samples(dataclasses.replace(calibration_set, pictures=(blank,)), "judge-first")
