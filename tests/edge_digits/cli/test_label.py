"""Samples are labelled, listed, deleted and added in the terminal, with the keys of the page."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge_digits.cli.blocks import COLUMNS, drawing
from edge_digits.cli.keys import keys
from edge_digits.teach.labels import SampleRow, add_label, add_sample, read_labels, read_samples
from edge_digits.teach.samples import Sample
from edge_digits.types import Box

ROOT = Path(__file__).parents[3]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def stub_reader() -> None:
    """Here the reader that ships reads."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three samples, a.png, b.png and c.png."""
    picture = np.full((50, 90), 200, np.uint8)
    picture[15:35, 40:50] = 30
    box = Box(38, 13, 14, 24)
    for number, name in enumerate("abc"):
        row = SampleRow(f"{name}.png", str(number), 0.6, "unsure", "meter", 1000.0 + number, box)
        add_sample(tmp_path / "hand", row, Sample(picture, box, np.zeros((4, 32, 32), np.uint8)))
    return tmp_path / "hand"


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_each_sample_is_shown_and_asked_for(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "7", "x", "s")
    status, out, err = run("label", str(folder))
    assert (status, err) == (0, "")
    assert read_labels(folder) == {"a.png": "7", "b.png": "none", "c.png": "skip"}
    for line in ("3 left: read as 0, 60 % sure, unsure, meter.", "2 left: read as 1", "1 left: read as 2"):
        assert line in out
    assert "█" in out and "┌" in out
    assert out.endswith("3 labelled, 0 left\n")


def test_the_last_one_is_taken_back_and_asked_again(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "7", "u", "1", "q")
    _, out, _ = run("label", str(folder))
    assert "7 is taken back" in out
    assert read_labels(folder) == {"a.png": "1"}


def test_one_can_be_passed_over_for_later(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "right", "8", "9", "7")
    run("label", str(folder))
    assert read_labels(folder) == {"b.png": "8", "c.png": "9", "a.png": "7"}


def test_a_wrong_key_is_told_and_labels_nothing(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "77", "")
    _, out, _ = run("label", str(folder))
    assert out.count("\n0-9: this digit, x or n: no digit") == 2
    assert read_labels(folder) == {}
    assert out.endswith("0 labelled, 3 left\n")


def test_what_is_labelled_already_is_not_asked_for(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        add_label(folder, f"{name}.png", "1")
    type_in(monkeypatch)
    assert run("label", str(folder)) == (0, "0 labelled, 0 left\n", "")


def test_keys_of_a_terminal_need_no_enter() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as terminal, keys(terminal) as pressed:
        os.write(ours, b"7\x7f\x1a\x1b[C\x1b[Dn\x04")
        assert [next(pressed) for _ in range(7)] == ["7", "u", "u", "right", "left", "x", "q"]
    os.close(ours)


def test_a_drawing_marks_the_sample_also_at_the_edge_of_its_picture() -> None:
    picture = np.full((20, 30), 220, np.uint8)
    picture[2:18, 1:5] = 40
    box = Box(0, 1, 8, 18)
    plain = drawing(picture, box, in_colour=False).splitlines()
    assert max(map(len, plain)) <= COLUMNS
    assert all(corner in "".join(plain) for corner in "┌┐└┘█")
    coloured = drawing(picture, box, in_colour=True)
    assert {line.count("▀") for line in coloured.splitlines()} == {COLUMNS}
    assert "38;5;33" in coloured and "38;5;232" in coloured


def test_list_counts_labels_and_names_what_has_none(folder: Path, run: Run) -> None:
    add_label(folder, "a.png", "7")
    add_label(folder, "b.png", "none")
    status, out, _ = run("label", str(folder), "--list")
    assert status == 0
    assert {"7          1", "none       1", "0          0", "without a label: 1"} <= set(out.splitlines())
    assert "  c.png  read as 2, 60 % sure, unsure, meter" in out


def test_delete_asks_first(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "")
    assert run("label", str(folder), "--delete")[0] == 1
    assert len(read_samples(folder)) == 3
    type_in(monkeypatch, "y")
    status, out, _ = run("label", str(folder), "--delete")
    assert (status, out.splitlines()[-1].endswith("3 samples are deleted")) == (0, True)
    assert list(folder.iterdir()) == []


def test_delete_with_yes_asks_nothing(folder: Path, run: Run) -> None:
    assert run("label", str(folder), "--delete", "--yes") == (0, "3 samples are deleted\n", "")


def test_digits_of_photographs_are_added(tmp_path: Path, run: Run) -> None:
    into = tmp_path / "hand"
    photograph = str(ROOT / "docs" / "guide" / "demo.png")
    status, out, err = run("label", photograph, str(tmp_path / "none.png"), "--into", str(into))
    assert (status, err) == (1, f"edge-digits: {tmp_path / 'none.png'}: no such file\n")
    rows = read_samples(into)
    assert out == f"{photograph}: {len(rows)} samples\n"
    assert len(rows) > 20
    assert {row.why for row in rows} == {"photograph"}


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nowhere"], 1, "nowhere: no such folder"),
        (["nowhere", "--list"], 1, "nowhere: no such folder"),
        (["nowhere", "--delete", "--yes"], 1, "nowhere: no such folder"),
        (["a", "b"], 2, "b: expected one folder; --into FOLDER adds the digits of pictures"),
        (["README.md"], 2, "README.md: is no folder; --into FOLDER adds the digits of pictures"),
        (["a", "--yes"], 2, "--yes: expected --delete too"),
        (["a", "--into", ""], 2, "--into: an empty path names no folder"),
        (["docs/guide/demo.png", "--into", "README.md"], 2, "--into README.md: cannot be written: File exists"),
    ],
)
def test_what_is_wrong_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int, message: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert run("label", *arguments) == (status, "", f"edge-digits: error: {message}\n")


def test_a_damaged_picture_is_named(folder: Path, run: Run) -> None:
    (folder / "a.png").write_bytes(b"no picture")
    status, _, err = run("label", str(folder))
    assert (status, err) == (1, f"edge-digits: error: {folder / 'a.png'}: is no picture\n")
