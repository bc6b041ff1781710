"""A folder of pictures and its table of labels: what is taken, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.foreign.samples import Samples, apart, find_pictures, is_light, read_labels, read_pictures, truth_of
from edge_digits.errors import DataError, ImageError


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures."""
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), np.full((4, 4), 9, np.uint8))
    return tmp_path


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path}: no pictures in it"):
        find_pictures(tmp_path)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone: no such folder"):
        find_pictures(tmp_path / "gone")


def test_a_try_takes_one_in_so_many(pictures: Path) -> None:
    assert [path.name for path in find_pictures(pictures, share=2)] == ["a.png"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,label\na.png,1\n", "without the column file"),
        ("file,label\nc.png,1\n", "line 2: 'c.png' is not a picture"),
        ("file,label\na.png,1\na.png,2\n", "line 3: 'a.png' has a label already"),
        ("file,label\na.png,x\n", "line 2: 'x' in 'x' is not of the charset '0123456789'"),
        ("file,label\na.png,\n", "line 2: an empty label is not of the charset"),
        ("file,label\n", "no labels in it"),
        ("", "without the column file and label"),
    ],
)
def test_a_wrong_table_is_said_with_its_line(pictures: Path, text: str, message: str) -> None:
    table = pictures / "labels.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_labels(table, pictures, "0123456789")


def test_a_table_that_is_missing_is_named(pictures: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.csv: cannot be read as a table"):
        read_labels(pictures / "gone.csv", pictures, "01")


def test_labels_are_by_picture(pictures: Path) -> None:
    table = pictures / "labels.csv"
    table.write_text("file,label\na.png, 7\n", encoding="utf-8")
    assert read_labels(table, pictures, "0123456789") == {pictures / "a.png": "7"}


def test_pictures_become_as_large_as_the_input_and_rgb_has_three_channels(pictures: Path) -> None:
    paths = find_pictures(pictures)
    assert read_pictures(paths, (8, 6), "grey", is_line=False).shape == (2, 8, 6)
    assert read_pictures(paths, (8, 6), "rgb", is_line=False).shape == (2, 3, 8, 6)


def test_the_channels_are_red_green_blue(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "red.png"), np.full((2, 2, 3), (0, 0, 255), np.uint8))
    assert read_pictures([tmp_path / "red.png"], (2, 2), "rgb", is_line=False)[0, :, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("colour", ["grey", "rgb"])
def test_a_damaged_picture_is_named(tmp_path: Path, colour: str) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"bad\.png"):
        read_pictures([tmp_path / "bad.png"], (2, 2), colour, is_line=False)


def test_dark_on_light_is_told_by_the_edges() -> None:
    light = np.full((2, 9, 9), 250, np.uint8)
    light[:, 3:6, 3:6] = 0
    assert is_light(light)
    assert not is_light(255 - light)


def test_what_calibrates_does_not_judge() -> None:
    samples = Samples(np.arange(100, dtype=np.uint8).reshape(100, 1, 1), None, np.zeros(100, bool))
    calibrating, judging = apart(samples)
    assert len(calibrating) == len(judging) == 50
    assert not {*calibrating.pixels.ravel().tolist()} & {*judging.pixels.ravel().tolist()}


def test_of_few_pictures_all_calibrate_and_judge() -> None:
    samples = Samples(np.zeros((12, 1, 1), np.uint8), None, np.zeros(12, bool))
    assert [len(part) for part in apart(samples)] == [12, 12]


def test_lines_have_as_many_labels_as_characters() -> None:
    assert truth_of(["12", None, "3"], "123", is_line=True).tolist() == [[0, 1], [-1, -1], [2, -1]]


def test_a_label_of_several_characters_is_none_of_a_single_one() -> None:
    with pytest.raises(DataError, match="label '12': the model reads single characters"):
        truth_of(["12"], "12", is_line=False)
