"""Photographs that teach and photographs that test."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.reader import CNN_FILE, JUDGE_FILE, MODELS, open_reader
from edge_digits.runtime.load import load_model
from edge_digits.synthesis.page import SyntheticPage
from train.adapt.hands import drawn_writers
from train.adapt.lessons import WRONG
from train.adapt.photographs import lesson, score, sources
from train.evaluate.photographs import alignment


def page(folder: Path, number: int, source: str) -> tuple[dict[str, object], SyntheticPage]:
    """A page of a hand that is often misread as a photograph, and its row of ``labels.json``."""
    made = drawn_writers(5, 7)[4].page(np.random.default_rng(number))
    assert cv2.imwrite(str(folder / f"{source}{number}.png"), made.image)
    lines = ["".join(str(digit.value) for digit in line.digits) for line in made.lines]
    return {"lines": lines, "repo": source, "part": "tune"}, made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / "photos").mkdir()
    names = [(0, "many"), (1, "many"), (2, "one")]
    rows = {f"{source}{number}.png": page(data / "photos", number, source)[0] for number, source in names}
    rows["few0.png"] = {"lines": ["12"], "repo": "few"}
    rows["few1.png"] = {"lines": ["3"], "repo": "few"}
    for name in ("few0.png", "few1.png"):
        assert cv2.imwrite(str(data / "photos" / name), np.full((40, 40), 255, np.uint8))
    (data / "photos" / "labels.json").write_text(json.dumps(rows))
    return data


def test_sources_with_digits_enough_in_two_pictures_are_taken(folder: Path) -> None:
    assert [[one.path.name for one in group] for group in sources(folder)] == [["many0.png", "many1.png"]]


def test_a_lesson_has_what_is_written_where_something_else_was_read(folder: Path) -> None:
    photograph = sources(folder)[0][0]
    judge, cnn = (load_model(MODELS / name) for name in (JUDGE_FILE, CNN_FILE))
    reader = open_reader("cnn")
    of_it = lesson(photograph, reader, judge, cnn)
    assert 0.7 * photograph.written <= len(of_it.examples) <= photograph.written
    assert 0 < (of_it.doubt == WRONG).sum() <= score([photograph], reader).wrong


def test_a_picture_in_which_nothing_is_read_is_wrong_as_often_as_it_has_digits(tmp_path: Path) -> None:
    path = tmp_path / "blank.png"
    assert cv2.imwrite(str(path), np.full((60, 60), 220, np.uint8))
    of = score([LabelledPicture(path, ("12", "345"))], open_reader("cnn"))
    assert (of.digits, of.wrong) == (5, 5)


@pytest.mark.parametrize(
    ("written", "read", "there"),
    [
        ("123", "123", ["1", "2", "3"]),
        ("123", "173", ["1", "2", "3"]),
        ("123", "1723", ["1", None, "2", "3"]),
        ("123", "13", ["1", "3"]),
        ("", "7", [None]),
    ],
)
def test_what_was_read_is_aligned_with_what_is_written(written: str, read: str, there: list[str | None]) -> None:
    assert alignment(written, read) == there
