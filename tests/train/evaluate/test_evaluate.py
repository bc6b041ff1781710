"""``python -m train evaluate`` and ``confidence``: tables, pictures of mistakes, and specs, by one command each."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_data import add_photographs, make

from edge_digits import reader
from edge_digits.charset import REJECT
from edge_digits.confidence import threshold_for
from edge_digits.runtime.spec import read_spec, spec_path
from train import __main__ as command_line
from train import parallel
from train.data.build_pool import tiny_pool
from train.digits.crops import Crops
from train.evaluate import command, pages

pytestmark = pytest.mark.slow


def data_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a tiny MNIST and photographs in ``folder``, which becomes the working directory."""
    monkeypatch.chdir(folder)
    data = make(folder / "data", monkeypatch)
    add_photographs(data)
    return data


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return data_folder(tmp_path, monkeypatch)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the shipped int8 file that tests may change the spec of."""
    return _copied(tmp_path, "cnn-int8.tflite")


def _copied(folder: Path, name: str) -> Path:
    for path in (reader.MODELS / name, spec_path(reader.MODELS / name)):
        shutil.copy(path, folder)
    return folder / name


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pages, and made of few glyphs."""
    monkeypatch.setattr(pages, "COUNT", 3)
    monkeypatch.setattr(pages, "open_pool", lambda *_: tiny_pool())
    monkeypatch.setattr(parallel, "default_processes", lambda: 1)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that one evaluation wrote, and what it printed."""
    folder = tmp_path_factory.mktemp("evaluated")
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as said:
        words = ["--data-dir", str(data_folder(folder, patch)), "--out", "out"]
        assert command_line.main(["evaluate", "--models", str(_copied(folder, "cnn-int8.tflite")), *words]) == 0
    return folder / "out", said.getvalue()


def test_sets_and_photographs_stand_in_one_report(evaluated: tuple[Path, str]) -> None:
    out, said = evaluated
    text = (out / "results.md").read_text()
    assert said.strip() == text.strip()
    assert "| cnn-int8.tflite | MNIST | 20 |" in text
    assert "| other/bad | plain | 1 | 7 | 14.29 |" in text
    assert "| one/good | plain | 1 | 7 | 0.00 |" in text
    # pictures, sources, digits; macro CER, CER, lines and pictures exact
    assert "| tune | strict | cnn-int8.tflite | 2 | 2 | 14 | 7.14 | 7.14 | 50.00 | 50.00 |" in text
    assert "| check | all | cnn-int8.tflite | 1 | 1 | 7 | 28.57 | 28.57 | 0.00 | 0.00 |" in text
    assert text.index("| check | strict") < text.index("| tune | strict"), "the figure that leads is that of check"
    assert "| cnn-int8.tflite | – | 0 in 0 of 1 |" in text
    assert "| cnn-int8.tflite | MNIST as files | 20 |" in text


def test_of_the_part_check_there_are_figures_and_nothing_else(evaluated: tuple[Path, str]) -> None:
    out, _ = evaluated
    told = [path.name for path in out.rglob("*")]
    told += [path.read_text() for path in out.rglob("*") if path.suffix in (".md", ".txt")]
    for secret in ("secret", "hidden", "4810255"):
        assert not any(secret in text for text in told)


def test_one_part_alone_is_read_where_it_is_wished(data: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["evaluate", "--models", str(model), "--data-dir", str(data), "--out", "out", "--part"]
    assert command_line.main([*command, "tune"]) == 0
    text = Path("out/results.md").read_text()
    assert "| tune | all |" in text and "check" not in text
    assert command_line.main([*command, "tuna"]) == 1
    assert "no photograph is of the part tuna; parts: check, tune" in capsys.readouterr().err


def test_no_digit_is_wrong_but_no_answer_among_ten() -> None:
    images = np.full((4, 28, 28), 200, np.uint8)
    images[3] = 0
    logits = np.zeros((4, REJECT + 1), np.float32)
    logits[np.arange(4), [7, REJECT, REJECT, REJECT]] = 9
    logits[np.arange(4), [2, 7, 2, 7]] += 5
    result = command.score("some", Crops("digits", images, np.full(4, 7, np.uint8)), logits, 1.0)
    assert (result.accuracy, result.rejected) == (1 / 4, 3 / 4)
    assert result.of_ten == 2 / 4, "a digit that the reader did not find has no best of ten"


def test_only_photographs_with_mistakes_are_drawn(evaluated: tuple[Path, str]) -> None:
    out, _ = evaluated
    drawn = out / "photographs" / "cnn-int8-tflite"
    assert sorted(path.name for path in drawn.iterdir()) == ["bad.jpg", "mistakes.txt"]
    assert (drawn / "mistakes.txt").read_text() == "bad.png (strict): 1 wrong\n  written 4810275\n  read    4810273\n"


def test_without_photographs_the_sets_are_reported(data: Path, model: Path) -> None:
    shutil.rmtree(data / "photos")
    found = command.run([model], [str(model)], data, Path("out"))
    assert found.readings[0].photographs == []
    assert [result.name for result in found.models] == [model.name]
    assert "Photographs" not in Path("out/results.md").read_text()


def test_confidence_is_fitted_into_the_spec(data: Path, model: Path, few: None) -> None:
    before = read_spec(model)
    assert command_line.main(["confidence", "--models", str(model), "--data-dir", str(data)]) == 0
    after = read_spec(model)
    assert set(after.thresholds) <= {"0.05", "0.02", "0.01", "0.005", "0.002", "0.001"}
    assert 0.25 <= after.line_exponent <= 16
    assert (after.sha256, after.temperature, after.origin) == (before.sha256, before.temperature, before.origin)
    if "0.05" in after.thresholds:
        assert threshold_for(after, 0.05, "cnn") >= 0.5
    reader.open_reader(str(model)).read(np.full((48, 64), 200, np.uint8))


def test_an_interrupted_evaluation_has_nothing_to_go_on_from(
    data: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", interrupted)
    assert command_line.main(["evaluate", "--models", str(model), "--data-dir", str(data)]) == 130
    assert capsys.readouterr().err == "interrupted\n"
