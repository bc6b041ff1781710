"""``python -m train evaluate`` and ``confidence``: tables, pictures of mistakes, and specs, by one command each."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_data import make

from edge_digits import reader
from edge_digits.charset import REJECT
from edge_digits.confidence import threshold_for
from edge_digits.errors import DataError
from edge_digits.runtime.spec import read_spec, spec_path
from edge_digits.synthesis.page import make_page
from train import __main__ as command_line
from train import parallel_map
from train.data.glyphs.build import tiny_pool
from train.digits.crops import Crops
from train.evaluate import command, document, pages

pytestmark = pytest.mark.slow


def data_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a tiny MNIST, one photograph of numbers, two whose labels are wrong, one of them of the part
    that is not looked at, and one without digits. It is in ``folder``, which becomes the working directory."""
    monkeypatch.chdir(folder)
    data = make(folder / "data", monkeypatch)
    (data / "photos" / "negatives").mkdir(parents=True)
    page = make_page(np.random.default_rng(5), 960, 720, kind="plain", texts=["4810273"], others=False)
    for name in ("good.png", "bad.png", "secret.png", "negatives/none.png"):
        grey = page.image if "none" not in name else np.full((480, 640), 220, np.uint8)
        cv2.imwrite(str(data / "photos" / name), grey)
    label = {"match": "lines", "category": "plain", "repo": "one/good", "lines": ["481 0273"], "part": "tune"}
    labels = {
        "good.png": label,
        "bad.png": label | {"repo": "other/bad", "lines": ["4810275"]},
        "secret.png": label | {"repo": "hidden/source", "lines": ["4810255"], "part": "check"},
    }
    (data / "photos" / "labels.json").write_text(json.dumps(labels))
    none = {"none.png": {"lines": [], "category": "paper", "repo": "one/none", "part": "tune"}}
    (data / "photos" / "negatives.json").write_text(json.dumps(none))
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
    monkeypatch.setattr(document, "COUNT", 3)
    monkeypatch.setattr(pages, "open_pool", lambda *_: tiny_pool())
    monkeypatch.setattr(parallel_map, "default_processes", lambda: 1)


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


def test_the_document_keeps_its_prose_and_shows_no_photograph(
    data: Path, model: Path, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("docs/accuracy.md")
    path.parent.mkdir()
    path.write_text(f"Before.\n\n{document.BEGIN}\nold\n{document.END}\n\nAfter.\n")
    readme = Path("README.md")
    readme.write_text(f"Top.\n\n{document.BEGIN}\n{document.END}\n\nBottom.\n")
    monkeypatch.setattr(document, "DOCUMENT", path)
    monkeypatch.setattr(document, "README", readme)
    monkeypatch.setattr(command, "shipped_models", lambda: [model])
    assert command_line.main(["evaluate", "--ship", "--data-dir", str(data), "--out", "out"]) == 0
    text = path.read_text()
    assert text.startswith("Before.\n\n<!--") and text.endswith("-->\n\nAfter.\n") and "old" not in text
    assert [text.count(mark) for mark in (document.BEGIN, document.END, "### Confidence")] == [1, 1, 1]
    files = sorted(p.name for p in Path("docs").rglob("*") if p.is_file())
    assert files == ["accuracy.md", "calibration-digits.png", "calibration-lines.png", "risk-coverage.png"]
    assert "| check | strict | auto | 1 |" in path.read_text()
    short = readme.read_text()
    assert short.startswith("Top.\n\n<!--") and short.endswith("-->\n\nBottom.\n")
    assert short.count("photographs (check), numbers on paper, 1 of 1 sources, 7 digits") == 1
    assert "MNIST as files" in path.read_text()
    assert short.count("\n| ") == 6
    assert not any(secret in path.read_text() + short for secret in ("secret", "hidden"))


def test_a_document_without_a_place_is_refused_before_anything_is_fitted(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("accuracy.md").write_text("no place here")
    monkeypatch.setattr(document, "DOCUMENT", Path("accuracy.md"))
    with pytest.raises(DataError, match=r"accuracy\.md: no place for figures"):
        document.ship(data, Path("out"))


def test_an_interrupted_evaluation_has_nothing_to_go_on_from(
    data: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", interrupted)
    assert command_line.main(["evaluate", "--models", str(model), "--data-dir", str(data)]) == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize("option", [["--models", "a.tflite"], ["--part", "tune"]])
def test_what_ships_is_measured_on_everything(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["evaluate", "--ship", *option, "--data-dir", "."]) == 2
    assert "--ship" in capsys.readouterr().err
