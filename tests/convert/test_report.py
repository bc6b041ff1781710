"""The report, the study and the golden vectors: what they say, of files that are there, and nothing half-made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.__main__ import main
from convert.check import gates, golden
from convert.errors import ConversionError
from convert.quantize.calibration import CalibrationSet
from convert.report import document, study
from convert.report.study import Trial
from edge_digits.errors import ModelError
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import read_spec
from train import checkpoint
from train.digits.crops import Crops

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install 'edge-digits[convert]'")
ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "edge_digits" / "models"


@pytest.fixture(scope="module")
def shipped() -> list[Path]:
    return sorted(path for path in SHIPPED.glob("cnn-*") if path.suffix in (".tflite", ".onnx"))


@pytest.fixture(scope="module")
def reported(shipped: list[Path], crops: Crops, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report on the shipped models."""
    out = tmp_path_factory.mktemp("report")
    document.write(shipped, [crops], out)
    return out


def test_a_report_is_one_markdown_file_with_its_pictures(reported: Path) -> None:
    text = (reported / "report.md").read_text()
    pictures = {path.name for path in reported.glob("*.png")}
    assert {path.name for path in reported.iterdir()} == {"report.md", *pictures}
    assert pictures and all(f"({name})" in text for name in pictures)
    assert all(cv2.imread(str(reported / name)) is not None for name in pictures)


def test_a_report_has_a_row_for_every_model_format_and_precision(reported: Path, shipped: list[Path]) -> None:
    lines = (reported / "report.md").read_text().splitlines()
    assert "| model | format | precision | kB | accuracy (%) | agreement (%) | loss (points) | ms per digit |" in lines
    for path in shipped:
        spec = read_spec(path)
        (row,) = (line for line in lines if line.startswith(f"| {spec.name} | {spec.format} | {spec.precision} | "))
        assert f" {path.stat().st_size / 1000:.0f} " in row


def test_a_report_s_figures_are_those_of_the_files(shipped: list[Path], crops: Crops) -> None:
    shipped = [path for path in shipped if path.suffix == ".tflite"]
    rows = {row.name: row for row in document.measured(shipped, [crops])}
    for path in shipped:
        answers = load_model(path).scores(crops.images).argmax(axis=1)
        assert rows[path.name].accuracy == pytest.approx((answers == crops.labels).mean())
        assert (rows[path.name].spec.precision == "int8") == bool(rows[path.name].noise)
        assert rows[path.name].milliseconds > 0
    float32, int8 = rows["cnn-float32.tflite"], rows["cnn-int8.tflite"]
    assert (float32.agreement, float32.loss) == (1.0, 0.0)
    assert int8.loss == pytest.approx(float32.accuracy - int8.accuracy)


def test_without_a_float_file_there_is_nothing_to_compare_with(
    shipped: list[Path], crops: Crops, tmp_path: Path
) -> None:
    int8 = [path for path in shipped if "int8" in path.name]
    with pytest.raises(ModelError, match="no float32 file of the network 'cnn'"):
        document.write(int8, [crops], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["report", "golden"])
def test_a_folder_without_models_is_status_1(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main([command, "--models", str(tmp_path), "--out", str(out)]) == 1
    assert capsys.readouterr().err == f"python -m convert: error: {tmp_path}: no model files in it\n"
    assert main([command, "--models", str(tmp_path / "nowhere"), "--out", str(out)]) == 1
    assert "nowhere: no such folder" in capsys.readouterr().err
    assert not out.exists()


def test_golden_vectors_are_made_the_same_twice_and_hold_what_the_models_say(
    shipped: list[Path], tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        golden.write(shipped, tmp_path / folder)
    for name in (golden.PICTURE, golden.SCORES):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    written = json.loads((tmp_path / "a" / golden.SCORES).read_text())["models"]
    assert set(written) == {path.name for path in shipped}
    assert np.array(written["cnn-int8.tflite"]["scores"]).shape == (64, 11)


def test_a_study_finds_that_few_samples_fail_and_all_pass(
    checkpoint_path: Path, crops: Crops, noise: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sample, which is noise, against forty real ones beside it."""
    pixels = np.concatenate([noise[:1], crops.images[:40]])
    found = CalibrationSet(pixels, np.zeros(41, np.uint8), "0" * 64, frozenset(), frozenset())
    monkeypatch.setattr(study, "COUNTS", (1,))
    monkeypatch.setattr(study, "DRAWS", 1)
    trials = study.trials(*checkpoint.load(checkpoint_path), found, crops)
    kinds = [(trial.format, trial.samples, trial.per_channel) for trial in trials]
    assert kinds == [(f, n, c) for f in ("tflite", "onnx") for n, c in ((1, True), (41, True), (41, False))]
    few, all_of_them = trials[0], trials[1]
    assert few.agreement < all_of_them.agreement
    limits = replace(gates.DIGITS, least_agreement=0.99, most_loss=0.01)
    assert all_of_them.passed(limits) and not few.passed(limits), "a small network, on some hundred crops"
    text = study.text(trials, read_spec(checkpoint_path), len(crops))
    assert "| tflite | per channel | 41 | 1 |" in text and "| onnx | per tensor | 41 | 1 |" in text


def test_of_several_draws_the_spread_is_told() -> None:
    trials = [Trial("onnx", 10, True, agreement, loss) for agreement, loss in ((0.99, 0.002), (0.999, -0.001))]
    spec = read_spec(SHIPPED / "cnn-float32.onnx")
    assert "| onnx | per channel | 10 | 2 | 99.000 to 99.900 | -0.100 to +0.200 | 1 of 2 pass |" in study.text(
        trials, spec, 100
    )


@pytest.mark.parametrize(
    ("passing", "said"),
    [
        ({5: True, 10: True}, "every draw passes from 5 samples on"),
        ({5: True, 10: False, 30: True}, "every draw passes from 30 samples on"),
        ({5: True, 10: False}, "Not even the whole set is enough"),
    ],
)
def test_a_study_says_how_many_samples_are_enough(passing: dict[int, bool], said: str) -> None:
    trials = [Trial("onnx", count, True, 1.0 if passed else 0.9, 0.0) for count, passed in passing.items()]
    assert said in study.text(trials, read_spec(SHIPPED / "cnn-float32.onnx"), 100)


def test_a_report_that_cannot_be_written_is_one_error(shipped: list[Path], crops: Crops, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConversionError, match="cannot be written"):
        document.write(shipped[:1], [Crops("few", crops.images[:20], crops.labels[:20])], tmp_path / "file" / "x")
