"""``python -m convert``: its exit status, and one line for what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from converters import run_here

from convert import __main__ as command
from convert import child, options
from convert.check import parity
from convert.errors import ConversionError
from convert.pipeline import Converted, Job
from edge_digits.cli import main
from train import checkpoint, networks
from train.digits.crops import Crops
from train.tensors import to_input


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        *([name, "--help"] for name in ("cnn", "crnn-gru", "judge", "calibrate", "judge-page", "golden")),
    ],
)
def test_help_fits_a_screen_and_shows_an_example(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert "example: python -m convert" in text
    assert len(text.splitlines()) <= 24


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["crnn-xl"],
        ["cnn", "--format", "tflite,coreml"],
        ["cnn", "--precision", "int4"],
        ["cnn", "--precision", ","],
        ["cnn", "--wrong"],
        ["cnn", "--ship", "--out", "models"],
        ["cnn", "--ship", "--precision", "int8"],
        ["cnn", "--ship", "--format", "tflite"],
        ["cnn", "--ship", "--quick"],
    ],
)
def test_a_wrong_command_line_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = command.main(arguments)
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert capsys.readouterr().err


def test_a_checkpoint_of_another_network_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.safetensors"
    checkpoint.save(path, networks.cnn_small(), name="cnn-small")
    assert command.main(["cnn", "--checkpoint", str(path)]) == 2
    assert "'cnn-small', not 'cnn'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "said"),
    [("--checkpoint", "no such checkpoint"), ("--calibration", "no such calibration folder"), ("--data-dir", "exist")],
)
def test_a_path_that_is_not_there_is_status_1_in_one_line(
    option: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cnn-small.safetensors"
    checkpoint.save(path, networks.cnn_small(), name="cnn-small")
    arguments = ["cnn-small", "--checkpoint", str(path), "--out", str(tmp_path / "out")]
    assert command.main([*arguments, option, str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert error[0].startswith("python -m convert: error: ") and "nowhere" in error[0] and said in error[0]
    assert not (tmp_path / "out").exists()


@pytest.fixture
def few_judges(crops: Crops, monkeypatch: pytest.MonkeyPatch) -> None:
    """Converted in this process, and judged on 2,000 crops of our own strokes, without MNIST."""
    monkeypatch.setattr(child, "run", run_here)
    monkeypatch.setattr("convert.check.nodes.crops", lambda *_: crops)
    monkeypatch.setattr("convert.check.validation.reports", lambda _: {})


@pytest.fixture(scope="module")
def weak(crops: Crops) -> torch.nn.Sequential:
    """A network after one epoch on few crops: right more often than chance, and no more than that."""
    torch.manual_seed(1)
    made = networks.cnn_small().train()
    optimizer = torch.optim.Adam(made.parameters(), 6e-3)
    for images, labels in zip(
        torch.from_numpy(crops.images).split(50), torch.from_numpy(crops.labels).split(50), strict=True
    ):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(made(to_input(images)), labels.long()).backward()
        optimizer.step()
    return made.eval()


@pytest.mark.usefixtures("few_judges")
def test_a_newcomer_s_weak_checkpoint_becomes_an_int8_model_that_reads(
    weak: torch.nn.Sequential, crops: Crops, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorflow")
    right = (parity.torch_scores(weak, crops.images).argmax(axis=1) == crops.labels).mean()
    assert 0.1 < right < 0.9
    path = tmp_path / "cnn-small.safetensors"
    checkpoint.save(path, weak, name="cnn-small")
    assert command.main(["cnn-small", "--checkpoint", str(path), "--format", "tflite"]) == 0
    said = capsys.readouterr()
    assert "calibration: " in said.err, "no set is taken silently"
    made = tmp_path / "cnn-small-int8.tflite"
    assert said.out.splitlines()[-1].endswith(f"edge-digits read --model {made} PICTURE")
    assert main.main(["read", "--model", str(made), str(options.CALIBRATION / "felt-even.png")]) == 0


@pytest.mark.usefixtures("few_judges")
def test_a_failed_gate_is_status_1_with_its_figure_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A network that was never trained is decided on nothing."""
    path, out = tmp_path / "cnn-small.safetensors", tmp_path / "out"
    torch.manual_seed(0)
    checkpoint.save(path, networks.cnn_small(), name="cnn-small")
    arguments = ["cnn-small", "--checkpoint", str(path), "--format", "onnx", "--precision", "int8", "--out", str(out)]
    assert command.main(arguments) == 1
    (error,) = (line for line in capsys.readouterr().err.splitlines() if "error: " in line)
    assert "nothing was written" in error and "decided on 0 of 2000 inputs" in error
    assert not list(out.iterdir())


def test_a_quick_try_is_judged_on_a_tenth(crops: Crops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Job] = []

    def digits(folder: Path, count: int) -> Crops:
        return Crops("validation", crops.images[: count // 1000], crops.labels[: count // 1000])

    def convert(job: Job) -> list[Converted]:
        asked.append(job)
        raise ConversionError("seen enough")

    monkeypatch.setattr("convert.check.nodes.crops", digits)
    monkeypatch.setattr("convert.check.validation.reports", lambda _: {"mnist-test": crops})
    monkeypatch.setattr("convert.pipeline.convert", convert)
    path = tmp_path / "cnn-small.safetensors"
    checkpoint.save(path, networks.cnn_small(), name="cnn-small")
    for more in ([], ["--quick"]):
        assert command.main(["cnn-small", "--checkpoint", str(path), "--precision", "float32", *more]) == 1
    whole, quick = asked
    assert len(whole.judges) == 10 * len(quick.judges)
    assert len(whole.reports["mnist-test"]) == 10 * len(quick.reports["mnist-test"])


def test_a_converted_file_is_no_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["cnn", "--checkpoint", str(options.MODELS / "cnn-int8.tflite")]) == 2
    assert "is converted already (tflite)" in capsys.readouterr().err


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "convert", "cnn", "--checkpoint", tmp_path / "nowhere", "--debug"],
        cwd=Path(command.__file__).resolve().parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_understanding_the_command_line_needs_no_torch() -> None:
    program = "import sys, convert.__main__; print('torch' in sys.modules or 'tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(command.__file__).resolve().parents[1],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False", done.stderr


def test_a_command_that_moved_still_runs_and_says_its_new_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "convert", "report", "--models", "nowhere"],
        cwd=Path(command.__file__).resolve().parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "python -m convert report is now python -m docs.results.conversion report",
        "python -m docs.results.conversion: error: nowhere: no such folder",
    ]
