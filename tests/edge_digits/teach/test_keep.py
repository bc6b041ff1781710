"""What was read is kept as samples in a private folder, each once, the oldest making room; and all of it can be
deleted."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from edge_digits.errors import LabelError
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.synthesis.page import make_sheet, photograph_sheet
from edge_digits.teach.keep import Wanted, free_name, keep, rejected_in, remove_all, remove_oldest, unlabelled
from edge_digits.teach.labels import add_label, read_inputs, read_labels, read_samples
from edge_digits.trace import Seen
from edge_digits.types import Box, Digit, Line, Rejected

TIME = 1796069712.123
"""20:15:12 on 30 November 2026, universal time."""


@pytest.fixture(scope="module")
def read() -> tuple[Page, Seen]:
    """A page with one number, as the reader has seen it."""
    rng = np.random.default_rng(3)
    picture = photograph_sheet(rng, make_sheet(rng, 640, 480, texts=["4711"], digit_height=60.0)).image
    seen: list[Seen] = []
    page = open_reader().read(picture, observe=seen.append)
    return page, seen[0]


def fill(folder: Path, read: tuple[Page, Seen], why: str = "unsure") -> list[str]:
    page, seen = read
    names = [keep(folder, seen, Wanted.of(digit), why, "meter", TIME) for digit in page.lines[0].digits]
    return [name for name in names if name is not None]


def test_every_digit_that_was_read_can_be_kept_with_what_is_known_of_it(
    tmp_path: Path, read: tuple[Page, Seen]
) -> None:
    folder = tmp_path / "hand"
    digits = read[0].lines[0].digits
    names = fill(folder, read)
    assert names == [f"20261130-201512-123-{number}.png" for number in range(len(digits))]
    rows = read_samples(folder)
    assert [(row.file, row.read) for row in rows] == [
        (name, str(digit.value)) for name, digit in zip(names, digits, strict=True)
    ]
    assert {(row.why, row.region) for row in rows} == {("unsure", "meter")}
    assert all((inputs := read_inputs(folder, name)) is not None and inputs.any() for name in names)


def test_where_nothing_was_seen_nothing_is_kept(tmp_path: Path, read: tuple[Page, Seen]) -> None:
    assert keep(tmp_path, read[1], Wanted(Box(0, 0, 300, 4), "", 0.0), "unsure", "", TIME) is None
    assert read_samples(tmp_path) == []


def test_nobody_else_may_look_into_the_folder(tmp_path: Path, read: tuple[Page, Seen]) -> None:
    folder = tmp_path / "deep" / "hand"
    add_label(folder, fill(folder, read)[0], "4")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_names_are_in_the_order_of_time_and_none_is_taken_twice(tmp_path: Path) -> None:
    first = free_name(tmp_path, TIME)
    (tmp_path / first).touch()
    assert (first, free_name(tmp_path, TIME)) == ("20261130-201512-123-0.png", "20261130-201512-123-1.png")
    assert first < free_name(tmp_path, TIME + 0.002) < free_name(tmp_path, TIME + 86_400)


def test_the_oldest_without_a_label_go_first_and_labelled_ones_stay(tmp_path: Path, read: tuple[Page, Seen]) -> None:
    names = fill(tmp_path, read)
    add_label(tmp_path, names[0], "4")
    assert remove_oldest(tmp_path, len(names) - 2) == len(names) - 2
    assert [row.file for row in read_samples(tmp_path)] == [names[0], *names[2:]]
    assert read_labels(tmp_path) == {names[0]: "4"}
    assert unlabelled(tmp_path) == names[2:]
    assert not list(tmp_path.glob(f"{names[1][:-4]}*"))


def test_delete_everything_leaves_what_is_not_its_own(tmp_path: Path, read: tuple[Page, Seen]) -> None:
    names = fill(tmp_path, read)
    add_label(tmp_path, names[0], "none")
    for name in ("hand.npz", "notes.txt"):
        (tmp_path / name).touch()
    # What a power cut leaves: a picture without its row, and a part of one.
    (tmp_path / "20261130-201512-123-9.png").touch()
    (tmp_path / ".0123456789abcdef.part").touch()
    assert remove_all(tmp_path) == len(names) + 1
    assert {path.name for path in tmp_path.iterdir()} == {"hand.npz", "notes.txt"}


def test_a_damaged_list_does_not_keep_pictures_from_being_deleted(tmp_path: Path, read: tuple[Page, Seen]) -> None:
    names = fill(tmp_path, read)
    (tmp_path / "samples.csv").write_bytes(b"\xff\xfe nothing")
    assert remove_all(tmp_path) == len(names)
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_names_a_file_elsewhere_is_refused(tmp_path: Path, read: tuple[Page, Seen]) -> None:
    folder = tmp_path / "hand"
    names = fill(folder, read)
    precious = tmp_path / "precious.png"
    precious.touch()
    table = folder / "samples.csv"
    table.write_text(table.read_text().replace(names[0], "../precious.png"))
    with pytest.raises(LabelError, match=r"samples\.csv, line 2: '\.\./precious\.png' is no name of a file"):
        read_samples(folder)
    remove_all(folder)
    assert precious.exists()


def test_what_was_rejected_in_the_row_is_told_from_what_stands_elsewhere() -> None:
    line = Line("12", 0.9, Box(100, 100, 60, 40), (Digit(1, 0.9, Box(100, 100, 20, 40)),))
    boxes = (Box(170, 105, 20, 36), Box(110, 20, 20, 36), Box(400, 105, 20, 36))
    beside, above, far = (Rejected(box, "low-confidence") for box in boxes)
    ink = Rejected(Box(170, 105, 20, 36), "not-a-digit")
    assert rejected_in(line, Page((line,), (beside, above, far, ink))) == [beside]
