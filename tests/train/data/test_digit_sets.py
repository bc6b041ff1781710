"""Every set is read as documented, and its parts never share a digit."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from tiny_data import make

from edge_digits.errors import DataError
from edge_digits.io import mnist
from train.data import digit_sets


def _usps(folder: Path, name: str, rows: int) -> None:
    (folder / "usps").mkdir(exist_ok=True)
    lines = [f"{i % 10}.0 " + " ".join([f"{(i % 3) - 1:.4f}"] * 256) for i in range(rows)]
    (folder / "usps" / name).write_bytes(gzip.compress("\n".join(lines).encode()))


def _semeion(folder: Path, rows: int) -> None:
    """Row i is a picture whose pixels 0..i are ink, of class i % 10, with the rest that the real file has behind it."""
    (folder / "semeion").mkdir()
    lines = []
    for i in range(rows):
        pixels = ["1.0000" if k <= i else "0.0000" for k in range(256)]
        lines.append(" ".join([*pixels, *("1" if k == i % 10 else "0" for k in range(10)), "0.5", "x"]))
    (folder / "semeion" / "semeion.data").write_text("\n".join([*lines, "E"]))


def test_mnist_validation_is_the_end_of_the_training_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path, monkeypatch)
    train, validation, test = (digit_sets.read_mnist(folder, part) for part in digit_sets.PARTS)
    assert (len(train), len(validation), len(test)) == (30, 30, 20)
    assert train.images.shape == (30, 28, 28)
    official, _ = mnist.load("train", folder)
    np.testing.assert_array_equal(np.concatenate([train.images, validation.images]), official)


def test_usps_values_become_ink(tmp_path: Path) -> None:
    _usps(tmp_path, "zip.train.gz", 20)
    _usps(tmp_path, "zip.test.gz", 7)
    train, validation, test = (digit_sets.read_usps(tmp_path, part) for part in digit_sets.PARTS)
    assert (len(train), len(validation), len(test)) == (18, 2, 7)
    assert test.images.shape == (7, 16, 16)
    assert test.images[:3, 0, 0].tolist() == [0, 128, 255]
    assert test.labels.tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_every_fifth_semeion_row_is_test_and_rows_are_in_one_part_only(tmp_path: Path) -> None:
    _semeion(tmp_path, 40)
    parts = [digit_sets.read_semeion(tmp_path, part) for part in digit_sets.PARTS]
    rows = [{int((image > 0).sum()) - 1 for image in part.images} for part in parts]
    assert rows[2] == set(range(0, 40, 5))
    assert rows[0] | rows[1] | rows[2] == set(range(40))
    assert sum(map(len, rows)) == 40
    for part, own in zip(parts, rows, strict=True):
        assert part.labels.tolist() == [row % 10 for row in sorted(own)]


def test_pendigits_rows_become_strokes_with_y_down_and_the_label_of_their_power_of_ten(tmp_path: Path) -> None:
    (tmp_path / "pendigits").mkdir()
    (tmp_path / "pendigits" / "pendigits.tes").write_text(
        "0,100,10,100,20,100,30,100,40,80,50,60,60,20,70,0,0000000010\n" * 2 + ",".join(["5"] * 16) + ",1000000000\n"
    )
    digits = digit_sets.read_pendigits(tmp_path, "test")
    assert digits.labels.tolist() == [8, 8, 0]
    stroke = digits.strokes[0][0]
    np.testing.assert_allclose(stroke[0], [0, 0], atol=1e-6)
    np.testing.assert_allclose(stroke[-1], [0.7, 1], atol=1e-6)


def test_the_bar_of_a_crossed_seven_is_a_stroke_of_its_own_where_the_label_may_be_known(tmp_path: Path) -> None:
    (tmp_path / "pendigits").mkdir()
    seven = "10,100,50,100,90,100,60,50,40,0,20,40,50,45,80,50,0000000100\n"
    for name in ("pendigits.tra", "pendigits.tes"):
        (tmp_path / "pendigits" / name).write_text(seven * 2)
    (strokes,) = digit_sets.read_pendigits(tmp_path, "train").strokes
    assert [len(strokes), strokes[0][:, 1].max()] == [2, 1.0]
    assert strokes[1][0, 0] == pytest.approx(0.2, abs=0.03)
    assert [len(s) for s in digit_sets.read_pendigits(tmp_path, "test").strokes] == [1, 1]


@pytest.mark.parametrize("content", [b"1 2 3\n", b"a b\n", b"\xff\xfe"], ids=["columns", "words", "bytes"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pendigits").mkdir()
    (tmp_path / "pendigits" / "pendigits.tra").write_bytes(content)
    with pytest.raises(DataError, match=r"pendigits\.tra"):
        digit_sets.read_pendigits(tmp_path, "train")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"zip\.train\.gz: no such file"):
        digit_sets.read_usps(tmp_path, "train")
