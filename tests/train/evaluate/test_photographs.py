"""Promises of train.evaluate.photographs: the measures of the photographs' own yardstick."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.cli import main
from edge_digits.evaluation.ground_truth import LabelledPicture, load_folder
from edge_digits.evaluation.metrics import edit_distance
from edge_digits.page import Page
from edge_digits.reader import open_reader
from edge_digits.types import Box, Digit, Line
from train.evaluate import photographs
from train.evaluate.photographs import Read

DATA = Path(os.environ.get("EDGE_DIGITS_DATA", Path(__file__).parents[4] / "shared" / "data")) / photographs.FOLDER
BOX = Box(0, 0, 1, 1)


def _line(text: str, confidence: float = 0.9) -> Line:
    return Line(text, confidence, BOX, tuple(Digit(int(c), confidence, BOX) for c in text if c.isdigit()))


def _read(
    written: list[str], read: list[str], match: str = "lines", category: str = "plain", source: str = "a"
) -> Read:
    return Read(
        LabelledPicture(Path("x.png"), tuple(written), match, category, source), Page(tuple(map(_line, read)), ())
    )


def test_errors_are_counted_over_the_whole_picture() -> None:
    assert _read(["12", "34"], ["12", "34"]).errors == 0
    assert _read(["12", "34"], ["1", "234"]).errors == 0, "where a line ends does not matter"
    assert _read(["12", "34"], ["1? 2", "35"]).errors == 1


def test_without_an_order_only_counts_matter() -> None:
    assert _read(["123"], ["321"], match="multiset").errors == 0
    assert _read(["123"], ["3", "2", "2", "2"], match="multiset").errors == 2


def test_a_picture_has_at_most_as_many_errors_as_digits() -> None:
    assert photographs.measures([_read(["1"], ["23456"]), _read(["78"], ["78"])]).cer == pytest.approx(1 / 3)


def test_every_source_weighs_the_same() -> None:
    found = photographs.measures([_read(["1"], ["2"], source="a"), _read(["123456789"], ["123456789"], source="b")])
    assert (found.cer, found.macro_cer, found.sources) == (0.1, 0.5, 2)


def test_a_line_is_exact_once_for_each_time_it_is_written() -> None:
    found = photographs.measures([_read(["12", "12", "3"], ["12", "3", "3"])])
    assert found.line_exact == pytest.approx(2 / 3)


def test_strict_are_rows_of_numbers_on_paper() -> None:
    assert _read(["1"], []).photograph.is_strict
    assert not _read(["1"], [], category="table").photograph.is_strict
    assert not _read(["1"], [], match="multiset").photograph.is_strict


@pytest.mark.parametrize(
    ("written", "read", "right"),
    [
        ("123", "123", [True, True, True]),
        ("123", "173", [True, False, True]),
        ("123", "13", [True, True]),
        ("123", "1923", [True, False, True, True]),
        ("", "7", [False]),
        ("7", "", []),
    ],
)
def test_substituted_and_inserted_digits_are_wrong(written: str, read: str, right: list[bool]) -> None:
    assert photographs.aligned(written, read) == right


@given(st.text("0123", max_size=8), st.text("0123", max_size=8))
def test_an_alignment_has_the_fewest_edits(written: str, read: str) -> None:
    right = photographs.aligned(written, read)
    kept = "".join(c for c, ok in zip(read, right, strict=True) if ok)
    assert edit_distance(written, kept) == len(written) - len(kept), "what is right stands in the truth, in order"
    assert edit_distance(written, read) >= max(len(written), len(read)) - sum(right)


def test_without_an_order_a_digit_is_right_as_often_as_it_is_written() -> None:
    found = photographs.answers([_read(["122"], ["2", "21", "2"], match="multiset")])
    assert found.right.tolist() == [True, True, True, False]


def test_check_is_the_first_part() -> None:
    read = [replace(_read(["1"], ["1"]), photograph=LabelledPicture(Path("x"), (), part=p)) for p in ("a", "check")]
    assert list(photographs.parts(read)) == ["check", "a"]


def test_answers_pair_each_confidence_with_its_digit() -> None:
    read = _read(["12", "3"], ["17", "3"])
    found = photographs.answers([read])
    assert found.right.tolist() == [True, False, True]
    assert np.allclose(found.confidence, 0.9)


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "score.py").is_file(), reason="no photographs in the data folder")
def test_the_measures_are_those_of_the_yardstick(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    read, rows = [], []
    for one in load_folder(DATA):
        texts = [_damaged(line, random) for line in one.lines] or ["4"] * int(random.integers(2))
        read.append(Read(one, Page(tuple(map(_line, texts)), ())))
        rows.append({"source": one.path.name, "lines": [{"text": text} for text in texts]})
    (tmp_path / "read.jsonl").write_text("\n".join(map(json.dumps, rows)))
    command = [sys.executable, str(DATA / "score.py"), str(tmp_path / "read.jsonl")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with_digits = [r for r in read if r.photograph.lines]
    parts = {name: about["part"] for name, about in json.loads((DATA / "labels.json").read_text()).items()}
    for part in set(parts.values()):
        own = [r for r in with_digits if parts[r.photograph.path.name] == part]
        for name, some in (("strict", [r for r in own if r.photograph.is_strict]), ("all", own)):
            m = photographs.measures(some)
            line = f"{name:7s} pictures {m.pictures} digits {m.digits} cer {m.cer:.4f} macro_cer {m.macro_cer:.4f} "
            line += f"({m.sources} sources) line_exact {m.line_exact:.4f} image_exact {m.image_exact:.4f}"
            assert line in said


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "score.py").is_file(), reason="no photographs in the data folder")
def test_what_is_read_is_measured_as_the_yardstick_measures_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A few pictures through the evaluation, and through ``edge-digits read`` and the yardstick."""
    every = [one for one in load_folder(DATA) if one.part == "tune"]
    some = [*[one for one in every if one.lines][::30], *[one for one in every if not one.lines][:2]]
    found = photographs.read_all(partial(open_reader, "auto"), some)
    assert main.main(["read", *(str(one.path) for one in some), "--format", "json"]) == 0
    (tmp_path / "read.jsonl").write_text(capsys.readouterr().out)
    command = [sys.executable, str(DATA / "score.py"), str(tmp_path / "read.jsonl")]
    for kind in ("labels", "negatives"):
        labels = json.loads((DATA / f"{kind}.json").read_text())
        own = {one.path.name: labels[one.path.name] for one in some if one.path.name in labels}
        (tmp_path / f"{kind}.json").write_text(json.dumps(own))
        command += [f"--{kind}", str(tmp_path / f"{kind}.json")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name, read in (("strict", photographs.strict(found)), ("all", photographs.written(found))):
        m = photographs.figures(read).measures
        assert f"{name:7s} pictures {m.pictures} digits {m.digits} cer {m.cer:.4f} macro_cer {m.macro_cer:.4f}" in said
        assert f"line_exact {m.line_exact:.4f} image_exact {m.image_exact:.4f}" in said
    invented = photographs.invented(found)
    assert f"without digits: 2 pictures, {sum(invented)} digits read in {sum(map(bool, invented))} of them" in said


def _damaged(text: str, random: np.random.Generator) -> str:
    """The text with some characters lost, changed or unread."""
    changed = (str(random.choice(list("0123456789?") + [c] * 40 + [""])) for c in text)
    return "".join(changed)
