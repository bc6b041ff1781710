"""Promises of docs.results.robustness: what is altered, and what is read then."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")

from docs.results.prose import robustness as prose
from docs.results.robustness import __main__ as command_line
from docs.results.robustness import document as robustness
from docs.results.robustness.alterations import ALTERATIONS, inverted, on_desk, scaled, turned
from docs.results.robustness.document import read_altered, table
from edge_digits.errors import DataError
from edge_digits.evaluation.ground_truth import load_folder
from edge_digits.reader import open_reader
from edge_digits.synthesis.page import make_page
from edge_digits.types import Image


@cache
def _page() -> Image:
    rng = np.random.default_rng(0)
    return make_page(rng, 960, 720, texts=["48102", "7356"], digit_height=50, others=False).image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    (photos / "negatives").mkdir(parents=True)
    cv2.imwrite(str(photos / "page.png"), _page())
    cv2.imwrite(str(photos / "negatives" / "empty.png"), np.full((480, 640), 220, np.uint8))
    label = {"lines": ["48102", "7356"], "category": "plain", "part": "check"}
    (photos / "labels.json").write_text(json.dumps({"page.png": label}))
    (photos / "negatives.json").write_text(json.dumps({"empty.png": {"lines": [], "part": "tune"}}))
    return tmp_path


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_gives_the_same_picture_each_time_and_leaves_its_own_alone(name: str) -> None:
    grey = _page()
    before = grey.copy()
    altered = ALTERATIONS[name](grey)
    assert altered.dtype == np.uint8
    assert altered.ndim == 2
    assert np.array_equal(grey, before)
    assert np.array_equal(altered, ALTERATIONS[name](grey))
    assert altered.shape != grey.shape or not np.array_equal(altered, grey)


@pytest.mark.parametrize("name", ALTERATIONS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (40, 30)])
def test_pictures_of_any_size_can_be_altered(name: str, shape: tuple[int, int]) -> None:
    assert min(ALTERATIONS[name](np.full(shape, 200, np.uint8)).shape) >= 1


def test_alterations_do_what_they_say() -> None:
    grey = _page()
    assert scaled(grey, 0.5).shape == (360, 480)
    assert turned(grey, 90).shape in ((960, 720), (961, 721), (960, 721), (961, 720))
    assert np.array_equal(inverted(inverted(grey)), grey)
    assert (on_desk(grey, 50)[:5, :5] == 50).all()


def test_each_alteration_has_a_row_of_what_is_read(folder: Path) -> None:
    whited = {"as they are": lambda grey: grey, "wiped out": lambda grey: np.full_like(grey, 255)}
    found = read_altered(partial(open_reader, "cnn"), load_folder(folder / "photos"), whited)
    as_it_is, nothing = found["check"]
    for row, exact, rate in ((as_it_is, 1.0, 0.0), (nothing, 0.0, 1.0)):
        assert (row.strict.line_exact.value, row.all.macro_cer.value, row.invented) == (exact, rate, 0)
    lines = table(found["check"]).splitlines()
    assert lines[2] == "| as they are | 0.00 | 100.00 | 0.00 | 0 |"
    assert lines[-1] == "| mean of the altered | 100.00 | 0.00 | 100.00 | 0 |"
    assert [row.all.measures.pictures for row in found["tune"]] == [0, 0], "each part has rows of its own"


def test_the_page_is_written_whole(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "robustness.md"
    monkeypatch.setattr(robustness, "PAGE", page)
    monkeypatch.setattr(robustness, "ALTERATIONS", {"inverted": inverted})
    text = robustness.run(folder, ship=True)
    assert "| inverted |" in text
    written = page.read_text()
    assert written.startswith(prose.HEAD)
    assert written.endswith(prose.TAIL)
    assert text in written


def test_the_page_is_for_all_photographs(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--ship", "--part", "tune"]) == 2
    assert "--ship: is for all photographs" in capsys.readouterr().err


def test_without_photographs_it_says_where_they_are_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"^{tmp_path / 'photos'}: no such folder"):
        robustness.run(tmp_path, ship=False)
