"""A checkpoint that reads lines becomes files for each width of strip, judged on whole lines, or nothing is written."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from converters import run_here

from convert import child, pipeline
from convert.check import gates, golden
from convert.check.inputs import inputs
from convert.errors import ConversionError
from convert.pipeline import Job
from convert.quantize import calibration, line_samples
from edge_digits.model_input.normalize import line_parameters
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import read_spec
from train import checkpoint, networks
from train.lines import labelled_lines
from train.lines.labelled_lines import Lines
from train.lines.task import ctc_loss
from train.tensors import to_input

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (16, 32)
"""Narrower than those that ship: a step is quickly converted, and there are fewer."""
EPOCHS = 8


@pytest.fixture(autouse=True)
def narrow_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "STRIP_WIDTHS", WIDTHS)


@pytest.fixture(scope="module")
def samples() -> calibration.CalibrationSet:
    return calibration.load(ROOT / "calibration_data")


def bars(count: int, seed: int) -> Lines:
    """Lines of bright bars, which stand for 1, and dark ones, which stand for 0."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        labels = random.integers(0, 2, int(random.integers(1, 4))).tolist()
        strip = np.zeros((32, 8 * len(labels)), np.uint8)
        for place, label in enumerate(labels):
            strip[4:28, 8 * place + 3 : 8 * place + 7] = (
                random.integers(200, 256) if label else random.integers(60, 120)
            )
        made.append((strip, labels))
    return labelled_lines.from_strips("validation", made)


@pytest.fixture(scope="module")
def judges() -> Lines:
    return bars(800, 1)


@pytest.fixture(scope="module")
def line_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's GRU network after some seconds of reading bars."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    made = networks.crnn_gru().train()
    optimizer = torch.optim.Adam(made.parameters(), 3e-3)
    # Of both widths, and with a slow end: else how well it reads depends on the processor's last bits.
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    widths = [inputs(bars(640, 0), (32, width)) for width in WIDTHS]
    for _ in range(EPOCHS):
        for read in widths:
            pixels, truth = to_input(torch.from_numpy(read.pixels)), torch.from_numpy(read.truth)
            for batch in torch.randperm(len(pixels)).split(32):
                optimizer.zero_grad()
                ctc_loss(made(pixels[batch]), truth[batch]).backward()
                optimizer.step()
        schedule.step()
    path = tmp_path_factory.mktemp("line-checkpoint") / "crnn-gru.safetensors"
    about = {"blank": True, "normalization": line_parameters(), "input_shape": (32, WIDTHS[-1])}
    checkpoint.save(path, made.eval(), name="crnn-gru", **about)
    return path


def job(path: Path, judges: Lines, found: calibration.CalibrationSet | None, out: Path, **changes: object) -> Job:
    values = {"formats": ("tflite", "onnx"), "precisions": ("float32", "int8"), "lead": 0.0} | changes
    return Job(path, calibration=found, out=out, judges=judges, reports={"few": judges}, **values)  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def converted(
    line_checkpoint: Path, judges: Lines, samples: calibration.CalibrationSet, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of one whole conversion."""
    out = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "STRIP_WIDTHS", WIDTHS)
        patch.setattr(child, "run", run_here)
        results = pipeline.convert(job(line_checkpoint, judges, with_bars(samples), out), progress=False)
    for result in results:
        assert result.scores["validation"] > 0.95, result.path.name
    together = [gate.figure for result in results for gate in result.gates if gate.gate == "size together"]
    assert len(together) == 1 and "for 2 widths" in together[0]
    return out


def with_bars(samples: calibration.CalibrationSet) -> calibration.CalibrationSet:
    """The calibration set with bars in the place of digits, which is what the network knows."""
    glyphs = tuple(np.full((24, 4), value, np.uint8) for value in (70, 110, 200, 255))
    return dataclasses.replace(samples, ink=(glyphs,))


FILES = [
    *(f"crnn-gru-{width}-{precision}.tflite" for width in WIDTHS for precision in ("float32", "int8")),
    *(f"crnn-gru-{precision}.onnx" for precision in ("float32", "int8")),
]


def test_tflite_has_a_file_for_each_width_and_onnx_one_for_all(
    converted: Path, samples: calibration.CalibrationSet
) -> None:
    assert sorted(p.name for p in converted.iterdir()) == sorted([*FILES, *(f"{name}.json" for name in FILES)])
    for name in FILES:
        spec = read_spec(converted / name)
        assert spec.name == "crnn-gru" and spec.reads_lines
        assert spec.input_shape == (32, WIDTHS[0] if "-16-" in name else WIDTHS[1])
        assert spec.calibration == (samples.sha256 if spec.precision == "int8" else None)
        assert set(spec.scores) == {"validation", "few"}


def test_ranges_of_other_ink_fail_a_gate_and_nothing_is_written(
    line_checkpoint: Path, judges: Lines, samples: calibration.CalibrationSet, tmp_path: Path, monkeypatch: Any
) -> None:
    """Calibrated by empty strips, so that all ink is beyond the range."""
    monkeypatch.setattr(child, "run", run_here)
    monkeypatch.setattr(line_samples, "strips", lambda *_: np.zeros((20, 32, WIDTHS[-1]), np.uint8))
    with pytest.raises(ConversionError, match=r"crnn-gru-int8\.onnx: agrees with float"):
        wanted = {"formats": ("onnx",), "precisions": ("int8",)}
        pipeline.convert(job(line_checkpoint, judges, samples, tmp_path, **wanted), progress=False)
    assert not list(tmp_path.iterdir())


def test_golden_vectors_of_lines_are_strips_and_a_row_for_each_step(converted: Path, tmp_path: Path) -> None:
    paths = [converted / name for name in FILES]
    golden.write(paths, tmp_path)
    picture = cv2.imread(str(tmp_path / golden.LINES_PICTURE), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and picture.shape == (4 * 32, WIDTHS[1])
    assert not (tmp_path / golden.PICTURE).exists()
    written = json.loads((tmp_path / golden.SCORES).read_text())["models"]
    for path in paths:
        model = load_model(path)
        width = model.spec.input_shape[1]
        strips = np.asarray(picture, np.uint8).reshape(4, 32, -1)[:, :, :width]
        expected = np.array(written[path.name]["scores"]).reshape(4, width // 4, 12)
        assert model.scores(strips) == pytest.approx(expected, abs=2e-5)


def scores_of(*texts: list[int]) -> np.ndarray:
    """Scores that are read as ``texts``, whose repeats and blanks (11) are spelled out; sure of every step."""
    scores = np.zeros((len(texts), len(texts[0]), 12), np.float32)
    for line, text in zip(scores, texts, strict=True):
        line[np.arange(len(text)), text] = 9
    return scores


def test_a_line_s_answer_is_its_text() -> None:
    """The same line may be read by other steps; one digit more, less or other is another line."""
    one = scores_of([1, 1, 11, 1, 2])
    for steps, equal in (([11, 1, 11, 1, 2], True), ([1, 1, 1, 1, 2], False), ([1, 11, 1, 2, 3], False)):
        assert gates.agreement(scores_of(steps), one) == float(equal)


def test_a_line_is_decided_if_doubtful_steps_change_nothing() -> None:
    shifts, differs = scores_of([1, 1, 11, 2]), scores_of([1, 1, 11, 2])
    shifts[0, 1, 11] = 8.99
    differs[0, 1, 7] = 8.99
    assert gates.decided(shifts, 1.0).tolist() == [True]
    assert gates.decided(differs, 1.0).tolist() == [False]
    assert gates.decided(differs, 1.0, lead=0.0).tolist() == [True]


def test_lines_are_held_to_what_a_line_can_keep() -> None:
    """977 of 1,000 lines the same pass, 976 do not; half a point of lost lines passes, more does not."""
    expected = scores_of(*[[1, 11, 2]] * 1000)
    counted, truth = np.ones(1000, bool), np.tile(np.array([1, 2] + [255] * 10, np.uint8), (1000, 1))
    for wrong, agrees, accurate in ((5, True, True), (6, True, False), (23, True, False), (24, False, False)):
        found = expected.copy()
        found[:wrong, 0, 7] = 20
        assert gates.agrees(found, expected, counted).passed == agrees
        assert gates.as_accurate(found, expected, truth, counted).passed == accurate


def test_files_that_are_too_large_together_fail() -> None:
    assert gates.size_together([250_000, 350_000]).passed
    assert not gates.size_together([250_000, 350_001]).passed


def test_only_lines_that_fit_judge_a_narrow_strip(judges: Lines) -> None:
    narrow = inputs(judges, (32, 16))
    assert 0 < len(narrow) < len(judges)
    assert narrow.pixels.shape == (len(narrow), 32, 16) and len(narrow.truth) == len(narrow)
