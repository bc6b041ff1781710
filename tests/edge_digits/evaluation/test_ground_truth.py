"""Folders of pictures with what is written in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge_digits.errors import DataError
from edge_digits.evaluation.ground_truth import LabelledPicture, load_folder, measures
from edge_digits.io.mnist import data_dir

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
PHOTOGRAPHS = (SHARED if SHARED.is_dir() else data_dir()) / "photos"


def picture(*lines: str, match: str = "lines", source: str = "") -> LabelledPicture:
    """A picture that is never opened."""
    return LabelledPicture(Path("a.jpg"), lines, match, "plain", source)


def test_a_text_file_beside_each_picture_says_what_is_written(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png", "not-labelled.png"):
        (tmp_path / name).touch()
    (tmp_path / "a.txt").write_text("12 34\n\n5\n")
    (tmp_path / "b.txt").write_text("")
    found = load_folder(tmp_path)
    assert [(p.path.name, p.lines) for p in found] == [("a.jpg", ("1234", "5")), ("b.png", ())]


def test_one_file_of_labels_serves_for_all(tmp_path: Path) -> None:
    (tmp_path / "negatives").mkdir()
    for name in ("a.jpg", "negatives/b.png"):
        (tmp_path / name).touch()
    label = {"lines": ["12 34"], "match": "multiset", "category": "scatter", "repo": "me/mine", "part": "check"}
    (tmp_path / "labels.json").write_text(json.dumps({"a.jpg": label}))
    (tmp_path / "negatives.json").write_text(json.dumps({"b.png": {"lines": []}}))
    with_digits, without = load_folder(tmp_path)
    assert (with_digits.lines, with_digits.match, with_digits.source) == (("1234",), "multiset", "me/mine")
    assert (with_digits.part, with_digits.may_be_shown) == ("check", False)
    assert (without.part, without.may_be_shown) == ("", True)
    assert (without.path, without.lines) == (tmp_path / "negatives" / "b.png", ())


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ("{", "not labels of pictures"),
        ('{"a.jpg": {"line": []}}', "not labels of pictures: KeyError"),
        ('{"a.jpg": {"lines": ["1"]}}', r"a\.jpg: no such picture, but there are labels for it"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path: Path, labels: str, complaint: str) -> None:
    (tmp_path / "labels.json").write_text(labels)
    with pytest.raises(DataError, match=complaint):
        load_folder(tmp_path)


def test_a_folder_without_labels_says_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(DataError, match=r"page\.txt beside page\.jpg"):
        load_folder(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        load_folder(tmp_path / "missing")


def test_without_an_order_only_counts_matter() -> None:
    assert picture("123", match="multiset").errors(["321"]) == 0
    assert picture("123").errors(["321"]) == 2
    assert picture("123", match="multiset").errors(["3", "2", "2", "2"]) == 2


def test_a_picture_has_at_most_as_many_errors_as_digits() -> None:
    assert measures([(picture("1"), ["23456"]), (picture("78"), ["78"])]).cer == pytest.approx(1 / 3)


def test_every_source_weighs_the_same() -> None:
    found = measures([(picture("1", source="a"), ["2"]), (picture("123456789", source="b"), ["123456789"])])
    assert (found.cer, found.macro_cer, found.sources) == (0.1, 0.5, 2)


def test_a_line_is_exact_once_for_each_time_it_is_written() -> None:
    assert measures([(picture("12", "12", "3"), ["12", "3", "3"])]).line_exact == pytest.approx(2 / 3)


@pytest.mark.slow
@pytest.mark.skipif(not (PHOTOGRAPHS / "score.py").is_file(), reason="no photographs in the data folder")
def test_the_measures_are_those_of_the_yardstick(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    read, rows = [], []
    for one in load_folder(PHOTOGRAPHS):
        texts = ["".join(c for c in line if random.random() > 0.05) for line in one.lines] or ["4"]
        read.append((one, texts))
        rows.append({"source": one.path.name, "lines": [{"text": text} for text in texts]})
    (tmp_path / "read.jsonl").write_text("\n".join(map(json.dumps, rows)))
    command = [sys.executable, str(PHOTOGRAPHS / "score.py"), str(tmp_path / "read.jsonl")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with_digits = [pair for pair in read if pair[0].lines]
    parts = {name: about["part"] for name, about in json.loads((PHOTOGRAPHS / "labels.json").read_text()).items()}
    for part in set(parts.values()):
        own = [pair for pair in with_digits if parts[pair[0].path.name] == part]
        for name, some in (("strict", [pair for pair in own if pair[0].is_strict]), ("all", own)):
            m = measures(some)
            line = f"{name:7s} pictures {m.pictures} digits {m.digits} cer {m.cer:.4f} macro_cer {m.macro_cer:.4f} "
            line += f"({m.sources} sources) line_exact {m.line_exact:.4f} image_exact {m.image_exact:.4f}"
            assert line in said
