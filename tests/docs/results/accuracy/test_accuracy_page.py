"""``python -m docs.results.accuracy``: the page on accuracy, and the README's figures, of what ships."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")

from docs.results.accuracy import __main__ as command_line
from docs.results.accuracy import document
from docs.results.prose import accuracy as prose
from edge_digits import reader
from edge_digits.errors import DataError
from edge_digits.runtime.spec import spec_path
from tests.train.tiny_data import add_photographs, make
from train import parallel
from train.data.build_pool import tiny_pool
from train.evaluate import command, pages


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a tiny MNIST and photographs; one model ships, and few pages of few glyphs are read."""
    monkeypatch.chdir(tmp_path)
    for path in (reader.MODELS / "cnn-int8.tflite", spec_path(reader.MODELS / "cnn-int8.tflite")):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(command, "shipped_models", lambda: [tmp_path / "cnn-int8.tflite"])
    monkeypatch.setattr(pages, "COUNT", 3)
    monkeypatch.setattr(document, "COUNT", 3)
    monkeypatch.setattr(pages, "open_pool", lambda *_: tiny_pool())
    monkeypatch.setattr(parallel, "default_processes", lambda: 1)
    folder = make(tmp_path / "data", monkeypatch)
    add_photographs(folder)
    return folder


def test_the_page_is_written_whole_and_shows_no_photograph(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("docs/accuracy.md")
    readme = Path("README.md")
    readme.write_text(f"Top.\n\n{document.BEGIN}\noutdated\n{document.END}\n\nBottom.\n")
    monkeypatch.setattr(document, "PAGE", path)
    monkeypatch.setattr(document, "README", readme)
    for _ in range(2):
        assert command_line.main(["--data-dir", str(data), "--out", "out"]) == 0
        text = path.read_text()
        assert text.startswith(prose.HEAD) and text.endswith(prose.TAIL)
        assert text.count("### Confidence") == 1
    files = sorted(p.name for p in Path("docs").rglob("*") if p.is_file())
    assert files == ["accuracy.md", "calibration-digits.png", "calibration-lines.png", "risk-coverage.png"]
    assert "| check | strict | auto | 1 |" in path.read_text()
    short = readme.read_text()
    assert short.startswith("Top.\n\n<!--") and short.endswith("-->\n\nBottom.\n") and "outdated" not in short
    assert short.count("photographs (check), numbers on paper, 1 of 1 sources, 7 digits") == 1
    assert "MNIST as files" in path.read_text()
    assert short.count("\n| ") == 6
    assert not any(secret in path.read_text() + short for secret in ("secret", "hidden"))


def test_a_readme_without_a_place_is_refused_before_anything_is_fitted(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("README.md").write_text("no place here")
    monkeypatch.setattr(document, "README", Path("README.md"))
    with pytest.raises(DataError, match=r"README\.md: no place for figures"):
        document.ship(data, Path("out"))


def test_without_photographs_there_is_no_page(data: Path) -> None:
    shutil.rmtree(data / "photos")
    with pytest.raises(DataError, match="photos: no such folder"):
        document.ship(data, Path("out"))
