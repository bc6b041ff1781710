"""``python -m convert``: its exit status, and one line for what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from convert import __main__ as command
from train import checkpoint, models


@pytest.mark.parametrize(
    "arguments", [["--help"], *([name, "--help"] for name in ("cnn", "calibrate", "report", "study", "golden"))]
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
    checkpoint.save(path, models.cnn_small(), name="cnn-small")
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
    checkpoint.save(path, models.cnn_small(), name="cnn-small")
    arguments = ["cnn-small", "--checkpoint", str(path), "--out", str(tmp_path / "out")]
    assert command.main([*arguments, option, str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert error[0].startswith("error: ") and "nowhere" in error[0] and said in error[0]
    assert not (tmp_path / "out").exists()


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
