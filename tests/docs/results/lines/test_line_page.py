"""``python -m docs.results.lines``: the figures of the models that read lines, in one table for each way to use them.

The line models here are made up: whatever the strip, the int8 files read a 7 in the middle of its ink and the float32
files a 1.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")

from docs.results.lines import __main__ as command_line
from docs.results.lines import document as line_document
from docs.results.lines import testsets
from docs.results.prose import lines as prose
from edge_digits import reader
from edge_digits.charset import BLANK
from edge_digits.model_input import normalize
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import ModelSpec
from tests.train.tiny_data import make

READ = {"int8": 7, "float32": 1}
SHIPPED = reader.MODELS


class OneDigit:
    """A line model that always reads the same."""

    def __init__(self, width: int, precision: str) -> None:
        shape = (normalize.LINE_PARAMETERS.height, width)
        self.spec = ModelSpec("one-digit", "tflite", precision, "", input_shape=shape, blank=True)

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        out = np.zeros((1, pixels.shape[2] // 4, BLANK + 1), np.float32)
        out[0, :, BLANK] = 9.0
        columns = np.flatnonzero(pixels[0].any(axis=0))
        out[0, int(columns.mean()) // 4, READ[self.spec.precision]] = 18.0
        return out


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a tiny MNIST, whose first ten test digits are 0 to 9; no line model ships."""
    models = tmp_path / "models"
    models.mkdir()
    for path in SHIPPED.iterdir():
        if path.is_file() and not path.name.startswith("crnn"):
            shutil.copy(path, models)
    monkeypatch.setattr(reader, "MODELS", models)
    return make(tmp_path / "data", monkeypatch)


@pytest.fixture
def line_models(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line models of two widths ship, in both precisions."""
    for precision in READ:
        for width in (128, 256):
            (reader.MODELS / f"crnn-{width}-{precision}.tflite").touch()

    def load(path: Path, threads: int = 1) -> Model:
        name, *rest = path.stem.split("-")
        return OneDigit(int(rest[0]), rest[1]) if name == "crnn" else load_model(path, threads)

    monkeypatch.setattr(reader, "load_digits", load)
    monkeypatch.setattr(reader, "load_model", load)
    monkeypatch.setattr(line_document, "load_model", load)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the page goes."""
    monkeypatch.setattr(line_document, "PAGE", tmp_path / "lines.md")
    return tmp_path / "lines.md"


@pytest.mark.parametrize("kind", testsets.KINDS)
def test_test_lines_do_not_depend_on_how_many_there_are(data: Path, kind: str) -> None:
    few, more = (list(testsets.written(data, kind, count)) for count in (2, 4))
    assert all(np.array_equal(a.coverage, b.coverage) for a, b in zip(few, more, strict=False))
    assert all(testsets.SHORTEST <= len(line.labels) <= testsets.LONGEST for line in more)


def test_without_a_line_model_the_error_says_how_to_make_one(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--data-dir", str(data)]) == 1
    [error] = capsys.readouterr().err.strip().splitlines()
    assert error.startswith(
        f"python -m docs.results.lines: error: {reader.MODELS}: no model that reads lines; python -m convert"
    )


@pytest.mark.usefixtures("line_models")
def test_models_are_scored_on_as_many_lines_as_asked_for(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--count", "10", "--data-dir", str(data)]) == 0
    network, road = capsys.readouterr().out.split("### The whole road")
    assert "| whole line exact (%) | single (10) | apart (10) | touching (10) | overlapping (10) |" in network
    # Of ten digits each model knows one, and of longer lines none; each is right where the other is wrong.
    assert "| crnn-int8 | 10.00 | 0.00 | 0.00 | 0.00 |" in network
    assert "| crnn-float32 | 10.00 | 0.00 | 0.00 | 0.00 |" in network
    assert "| int8 loses (points) | +0.000 ± 27.718 |" in network
    assert "temperature 1, line exponent 1." in network
    # Nine of ten are taken for the one digit that it knows, with 0.9999.
    assert "| single | 90.00 | 0.8999 | 90.00 | 0.8999 |" in network
    assert "| whole line exact (%) | apart (10) | touching (10) | overlapping (10) |" in road
    exact = {line.split(" | ")[0]: float(line.split(" | ")[1]) for line in road.splitlines() if "--model" in line}
    assert exact["| `--model cnn`"] > 0
    assert exact["| `--model auto`"] > 0
    assert "| `--model crnn`" in exact


@pytest.mark.usefixtures("line_models")
def test_the_page_is_written_whole_with_a_picture_of_the_lines(data: Path, page: Path) -> None:
    assert command_line.main(["--count", "2", "--ship", "--data-dir", str(data)]) == 0
    text = page.read_text()
    assert text.startswith(f"{prose.HEAD}\n### The network on strips")
    assert "](lines/test-lines.png)" in text
    assert (page.with_suffix("") / "test-lines.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("line_models")
def test_without_ship_no_page_is_written(data: Path, page: Path) -> None:
    assert command_line.main(["--count", "2", "--data-dir", str(data)]) == 0
    assert not page.exists()


def test_the_page_is_for_all_photographs(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--ship", "--part", "tune"]) == 2
    assert "--ship: is for all photographs" in capsys.readouterr().err


def test_no_lines_at_all_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--count", "0"]) == 2
    assert "--count is 0" in capsys.readouterr().err
