"""The pages on conversion: what they say, of files that are there, and nothing half-made."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="conversion needs torch: pip install -e '.[convert]'")
pytest.importorskip("onnxruntime", reason="conversion needs onnxruntime: pip install -e '.[convert]'")
pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")

import torch

from convert import options
from convert.check import gates
from convert.check.inputs import NodeInputs
from convert.errors import ConversionError
from convert.files import model_files
from convert.quantize import calibration
from convert.quantize.calibration import CalibrationSet
from docs.results.conversion import ablation, report, study
from docs.results.conversion.__main__ import main
from docs.results.conversion.study import Trial
from edge_digits.errors import ModelError
from edge_digits.model_input.normalize import line_parameters
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import read_spec
from tests.train.tiny_data import tiny_crops
from train import checkpoint, networks
from train.digits.crops import Crops
from train.lines import labelled_lines
from train.lines.labelled_lines import Lines
from train.tensors import to_input

WIDTHS = (16, 32)
"""Narrower than those that ship: a step is quickly converted, and there are fewer."""


def named(*starts: str) -> list[Path]:
    """Shipped model files."""
    return [path for path in model_files(options.MODELS) if path.name.startswith(starts)]


@pytest.fixture(scope="module")
def shipped() -> list[Path]:
    return named("cnn-")


@pytest.fixture(scope="module")
def crops() -> Crops:
    return tiny_crops(400, 0)


def bars(count: int, most: int) -> Lines:
    """Lines of bars, up to ``most`` of them."""
    random = np.random.default_rng(1)
    made = []
    for _ in range(count):
        labels = [1] * int(random.integers(1, most + 1))
        strip = np.zeros((32, 8 * len(labels)), np.uint8)
        strip[4:28, 3::8] = strip[4:28, 4::8] = 255
        made.append((strip, labels))
    return labelled_lines.from_strips("validation", made)


def nodes(task: str, count: int = 40) -> NodeInputs:
    """Nodes of noise for one of the judge's stages."""
    random = np.random.default_rng(2)
    (path,) = named(f"{task}-int8.tflite")
    spec = read_spec(path)
    pixels = random.integers(0, 256, (count, *spec.pixels_shape)).astype(np.uint8)
    truth = random.integers(0, spec.classes, count)
    return NodeInputs("nodes", pixels, truth, task, truth.astype(np.int8), pixels, np.zeros(count, bool))


@pytest.fixture(scope="module")
def reported(shipped: list[Path], crops: Crops, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report on the shipped models."""
    out = tmp_path_factory.mktemp("report")
    report.write(shipped, [crops], out)
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
    rows = {row.name: row for row in report.measured(shipped, [crops])}
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
        report.write(int8, [crops], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_models_is_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["report", "--models", str(tmp_path), "--out", str(out)]) == 1
    assert capsys.readouterr().err == f"python -m docs.results.conversion: error: {tmp_path}: no model files in it\n"
    assert main(["report", "--models", str(tmp_path / "nowhere"), "--out", str(out)]) == 1
    assert "nowhere: no such folder" in capsys.readouterr().err
    assert not out.exists()


def test_a_report_holds_lines_beside_digits(crops: Crops, tmp_path: Path) -> None:
    paths = [path for path in named("cnn-", "crnn-128-") if path.suffix == ".tflite"]
    rows = report.write(paths, [crops, bars(40, 12)], tmp_path)
    text = (tmp_path / report.NAME).read_text()
    assert "| crnn, 128 columns | tflite | int8 |" in text and "| cnn | tflite | int8 |" in text
    assert "A line of ten digits in one strip (crnn-128-int8.tflite) takes " in text
    assert len(list(tmp_path.glob("*.png"))) == 4
    assert all(bool(row.noise) == (row.spec.precision == "int8") for row in rows)


def test_a_report_tells_of_both_stages_of_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_NOISE_INPUTS", {False: 10})
    tasks = ("judge-first", "judge")
    report.write(named("judge"), [nodes(task) for task in tasks], tmp_path)
    text = (tmp_path / report.NAME).read_text()
    assert "The judge's first stage: accuracy" in text and "The judge's second stage: accuracy" in text
    for task in tasks:
        assert f"({task}-layers.png)" in text and (tmp_path / f"{task}-layers.png").is_file()


def test_an_ablation_compares_networks_in_strips_of_every_width(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "STRIP_WIDTHS", WIDTHS)
    path = tmp_path / "crnn-gru.safetensors"
    about = {"blank": True, "normalization": line_parameters(), "input_shape": (32, WIDTHS[-1])}
    checkpoint.save(path, networks.crnn_gru(), name="crnn-gru", **about)
    found = calibration.load(options.CALIBRATION)
    variants = ablation.write([path], found, bars(40, 4), options.MODELS, tmp_path)
    assert [(v.name, v.width, v.parameters) for v in variants] == [("crnn-gru", width, 172_076) for width in WIDTHS]
    assert all(v.ratio > 0 and 0 <= v.agreement <= 1 for v in variants)
    assert f"| crnn-gru | 172,076 | {WIDTHS[0]} |" in (tmp_path / ablation.NAME).read_text()


def test_an_ablation_takes_networks_that_read_lines_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cnn-small.safetensors"
    checkpoint.save(path, networks.cnn_small(), name="cnn-small")
    assert main(["ablation", "--checkpoints", str(path)]) == 2
    assert "the network 'cnn-small' reads digits, not lines" in capsys.readouterr().err


@pytest.fixture(scope="module")
def trained(crops: Crops, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small CNN after some seconds on ``crops``, as a checkpoint: its answers have margins."""
    torch.manual_seed(0)
    made = networks.cnn_small().train()
    optimizer = torch.optim.Adam(made.parameters(), 6e-3)
    images, labels = to_input(torch.from_numpy(crops.images)), torch.from_numpy(crops.labels).long()
    for _ in range(15):
        for batch in torch.randperm(len(images)).split(50):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(made(images[batch]), labels[batch]).backward()
            optimizer.step()
    path = tmp_path_factory.mktemp("checkpoint") / "cnn-small.safetensors"
    checkpoint.save(path, made.eval(), name="cnn-small")
    return path


def test_a_study_finds_that_few_samples_fail_and_all_pass(
    trained: Path, crops: Crops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sample, what a covered lens gives, against forty real ones beside it."""
    covered = np.random.default_rng(0).integers(0, 4, (1, 28, 28)).astype(np.uint8)
    covered[0, 0, :2] = 0, 255
    pixels = np.concatenate([covered, crops.images[:40]])
    found = CalibrationSet(pixels, np.zeros(41, np.uint8), "0" * 64, frozenset(), frozenset())
    monkeypatch.setattr(study, "COUNTS", (1,))
    monkeypatch.setattr(study, "DRAWS", 1)
    trials = study.trials(*checkpoint.load(trained), found, crops)
    kinds = [(trial.format, trial.samples, trial.per_channel) for trial in trials]
    assert kinds == [(f, n, c) for f in ("tflite", "onnx") for n, c in ((1, True), (41, True), (41, False))]
    few, all_of_them = trials[0], trials[1]
    assert few.agreement < all_of_them.agreement
    limits = replace(gates.DIGITS, least_agreement=0.99, most_loss=0.01)
    assert all_of_them.passed(limits) and not few.passed(limits), "a small network, on some hundred crops"
    text = study.text(trials, read_spec(trained), len(crops))
    assert "| tflite | per channel | 41 | 1 |" in text and "| onnx | per tensor | 41 | 1 |" in text


def test_of_several_draws_the_spread_is_told() -> None:
    trials = [Trial("onnx", 10, True, agreement, loss) for agreement, loss in ((0.99, 0.002), (0.999, -0.001))]
    spec = read_spec(options.MODELS / "cnn-float32.onnx")
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
    assert said in study.text(trials, read_spec(options.MODELS / "cnn-float32.onnx"), 100)


def test_a_report_that_cannot_be_written_is_one_error(shipped: list[Path], crops: Crops, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConversionError, match="cannot be written"):
        report.write(shipped[:1], [Crops("few", crops.images[:20], crops.labels[:20])], tmp_path / "file" / "x")


@pytest.mark.parametrize("command", ["report", "study", "ablation"])
def test_help_fits_a_screen(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert len(capsys.readouterr().out.splitlines()) <= 24
