"""From labels to a reader that reads by them: what is taken, what is not, and what is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_digits.errors import LabelError, ModelError
from edge_digits.reader import DigitReader, open_reader
from edge_digits.runtime.hand import load_hand
from edge_digits.teach.keep import undo
from edge_digits.teach.labels import LABELS_FILE, add_label
from edge_digits.teach.private import HAND_FILE
from edge_digits.teach.teach import teach
from tests.edge_digits.teach.hands import make_folder, pages
from train.adapt.lessons import Score, score

KILLS = int(os.environ.get("EDGE_DIGITS_KILLS", "1"))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels of two pages, nothing learned yet."""
    folder = tmp_path_factory.mktemp("hand")
    make_folder(folder)
    return folder


@pytest.fixture
def folder(labelled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    copy = tmp_path / "hand"
    copy.mkdir()
    for file in labelled.iterdir():
        if file.name != HAND_FILE:
            (copy / file.name).write_bytes(file.read_bytes())
    return copy


def errors(reader: DigitReader) -> int:
    """Digits of two other pages by that hand that are misread or missed."""
    return sum((score(page, reader) for page in pages(2, seed=5)), Score(0, 0, 0)).wrong


def test_a_hand_that_was_taught_is_read_better_at_the_next_picture_and_undone_as_before(folder: Path) -> None:
    reader = open_reader("cnn", hand=folder / HAND_FILE)
    before = errors(reader)
    assert before >= 8
    taught = teach(folder)
    assert taught.taken
    assert taught.summary.endswith("Taken: read so from the next picture on.")
    assert errors(reader) <= 0.8 * before
    assert undo(folder)
    assert errors(reader) == before
    assert not undo(folder)


def test_what_was_learned_names_the_files_that_it_belongs_to_and_leaves_them_alone(folder: Path) -> None:
    reader = open_reader("cnn")
    teach(folder)
    hand = load_hand(folder / HAND_FILE)
    assert hand.parents == {"judge": reader.networks.second.spec.sha256, "cnn": reader.model.spec.sha256}
    assert hand.origin["wrong_after"] < hand.origin["wrong_before"]


def test_a_wrong_lesson_leaves_what_was_learned_before(folder: Path) -> None:
    teach(folder)
    learned = (folder / HAND_FILE).read_bytes()
    for file in folder.glob("[0-9]*[0-9].png"):
        add_label(folder, file.name, "7")
    taught = teach(folder)
    assert not taught.taken
    assert "cost too many of everybody else's digits" in taught.summary
    assert (folder / HAND_FILE).read_bytes() == learned


def test_labels_that_contradict_each_other_are_counted(folder: Path) -> None:
    first = sorted(folder.glob("[0-9]*[0-9].png"))[0]
    twin = folder / "twin.png"
    twin.write_bytes(first.read_bytes())
    (folder / "twin.input.png").write_bytes(first.with_suffix(".input.png").read_bytes())
    with (folder / LABELS_FILE).open("a") as file:
        file.write(f"{first.name},3\ntwin.png,5\n")
    assert "1 pairs of samples look the same and are labelled otherwise, as 3 and 5." in teach(folder).summary


@pytest.mark.parametrize("count", [1, 4])
def test_too_few_labels_are_said(tmp_path: Path, labelled: Path, count: int) -> None:
    lines = (labelled / LABELS_FILE).read_text().splitlines()[: 1 + count]
    (tmp_path / LABELS_FILE).write_text("\n".join(lines) + "\n")
    for line in lines[1:]:
        name = line.partition(",")[0]
        for file in (name, f"{Path(name).stem}.input.png"):
            (tmp_path / file).write_bytes((labelled / file).read_bytes())
    taught = teach(tmp_path)
    assert not taught.taken
    assert f"Not taken: with {count} of at least 5 labels nothing can be held out." in taught.summary


def test_an_empty_folder_says_how_to_label(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="nothing is labelled in it: edge-digits label"):
        teach(tmp_path)
    with pytest.raises(LabelError, match="no such folder"):
        teach(tmp_path / "none")


def test_pictures_of_something_else_are_refused(tmp_path: Path) -> None:
    rows = ["file,label"]
    for number in range(6):
        picture = np.full((60, 80), 200, np.uint8)
        assert cv2.imwrite(str(tmp_path / f"cat{number}.png"), picture)
        rows.append(f"cat{number}.png,{number}")
    (tmp_path / LABELS_FILE).write_text("\n".join(rows) + "\n")
    with pytest.raises(LabelError, match=r"6 labelled pictures hold nothing that could be a digit, such as cat0\.png"):
        teach(tmp_path)


def test_a_picture_of_one_s_own_is_learned_from_without_what_the_networks_were_given(folder: Path) -> None:
    for file in folder.glob("*.input.png"):
        file.unlink()
    lines = (folder / LABELS_FILE).read_text().splitlines()[:13]
    (folder / LABELS_FILE).write_text("\n".join(lines) + "\n")
    taught = teach(folder)
    assert taught.verdict is not None
    assert taught.verdict.labels >= 10


def test_a_label_that_is_none_is_named_with_its_line(folder: Path) -> None:
    with (folder / LABELS_FILE).open("a") as file:
        file.write("0000.png,seven\n")
    with pytest.raises(LabelError, match=rf"{LABELS_FILE}, line \d+: 'seven' is no label"):
        teach(folder)


def test_a_sample_that_a_power_cut_left_half_written_does_not_keep_the_others_from_being_learned(folder: Path) -> None:
    (folder / "0000.input.png").write_bytes(b"")
    (folder / "0001.input.png").unlink()
    (folder / "0001.png").write_bytes(b"half")
    taught = teach(folder)
    assert "2 labelled pictures are damaged, such as 0000.png." in taught.summary
    assert taught.taken


def test_a_label_of_a_file_elsewhere_is_refused(folder: Path) -> None:
    with (folder / LABELS_FILE).open("a") as file:
        file.write("../0000.png,7\n")
    with pytest.raises(LabelError, match=rf"{LABELS_FILE}, line \d+: '../0000.png' is no name of a file"):
        teach(folder)


@pytest.mark.slow
def test_teaching_that_is_killed_at_any_moment_leaves_the_old_file_or_the_new_one(folder: Path) -> None:
    command = [sys.executable, "-m", "edge_digits.cli.main", "teach", str(folder)]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.monotonic() - began
    path, random, kept, replaced = folder / HAND_FILE, np.random.default_rng(1), 0, 0
    for _ in range(KILLS):
        before = path.read_bytes()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(float(random.uniform(0, 1.1 * seconds)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        load_hand(path)
        open_reader("cnn", hand=path).read(np.full((60, 60), 200, np.uint8))
        replaced += path.read_bytes() != before
        kept += path.read_bytes() == before
    print(f"{KILLS} kills within {1.1 * seconds:.1f} s: {kept} left the old file, {replaced} the new one, none neither")
    assert kept + replaced == KILLS


def test_a_hand_file_that_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        load_hand(tmp_path / "hand.npz")
