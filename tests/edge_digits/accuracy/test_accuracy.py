"""``edge-digits accuracy``: float against int8 on a set that ships."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_digits.accuracy import compare, table
from edge_digits.accuracy.compare import Measured, Outcome
from edge_digits.accuracy.sample_set import PATH, SampleSet, load_samples
from edge_digits.accuracy.sides import own_sides, shipped
from edge_digits.cli.main import main
from edge_digits.errors import ModelError
from edge_digits.reader import MODELS
from edge_digits.runtime.spec import spec_path


@pytest.fixture(scope="module")
def some() -> SampleSet:
    """A few of each kind."""
    every = load_samples()
    return SampleSet(every.digits[:20], every.labels[:20], every.lines[:2], every.tiles[:2])


def with_model(folder: Path, *names: str) -> list[Path]:
    for name in names:
        for path in (MODELS / name, spec_path(MODELS / name)):
            shutil.copy(path, folder)
    return [folder / name for name in names]


def test_the_set_ships_with_its_licence_and_is_small() -> None:
    samples = load_samples()
    assert samples.digits.shape == (1000, 28, 28)
    assert set(samples.labels.tolist()) == set(range(10))
    assert {len(line.lines) for line in samples.lines} == {1}
    assert sum(len(tile.lines) for tile in samples.tiles) > 50
    assert PATH.stat().st_size < 700_000
    spec = json.loads(spec_path(PATH).read_text())
    assert "Attribution-ShareAlike 3.0" in spec["licence"]
    assert len(set(spec["mnist"])) == 1000


def test_a_set_that_is_damaged_or_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"accuracy\.npz\.json: no such file"):
        load_samples(tmp_path / PATH.name)
    shutil.copy(spec_path(PATH), tmp_path)
    (tmp_path / PATH.name).write_bytes(PATH.read_bytes()[:-1])
    with pytest.raises(ModelError, match="it is damaged"):
        load_samples(tmp_path / PATH.name)


@pytest.mark.slow
def test_what_ships_is_read_with_both_precisions_sample_by_sample(some: SampleSet) -> None:
    outcomes = compare.compare([shipped("float32"), shipped("int8")], some)
    assert [one.side.name for one in outcomes] == ["float32", "int8"]
    for one in outcomes:
        assert one.digits is not None and one.lines is not None
        assert (len(one.digits.right), len(one.lines.right)) == (20, 2)
        assert len(one.tiles.right) == sum(len(tile.lines) for tile in some.tiles)
        assert one.digits.share > 0.8
        assert set(one.side.files) == {"judge", "cnn", "crnn"}
    assert outcomes[1].side.files["cnn"] < outcomes[0].side.files["cnn"]


def test_a_file_of_ones_own_stands_beside_its_other_precision(some: SampleSet, tmp_path: Path) -> None:
    paths = with_model(tmp_path, "cnn-int8.tflite", "cnn-float32.tflite")
    sides = own_sides(paths[:1])
    assert [side.name for side in sides] == ["cnn-float32.tflite", "cnn-int8.tflite"]
    paths[1].unlink()
    [alone] = own_sides(paths[:1])
    [outcome] = compare.compare([alone], replace(some, tiles=some.tiles[:1]))
    assert outcome.digits is not None and outcome.lines is None
    said = table.as_text([outcome])
    assert said.startswith("A is cnn-int8.tflite\n") and "lines" not in said


def test_files_that_read_nothing_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["accuracy", "--model", str(MODELS / "judge-int8.tflite")]) == 1
    assert "judge-int8.tflite: a network of the judge" in capsys.readouterr().err
    assert main(["accuracy", "--model", str(tmp_path / "none.tflite")]) == 1
    assert "none.tflite" in capsys.readouterr().err
    assert main(["accuracy", *["--model", "a.tflite"] * 3]) == 2
    assert "two files are compared, not more" in capsys.readouterr().err


def outcomes(first: list[bool], second: list[bool]) -> list[Outcome]:
    sides = [shipped(precision) for precision in ("float32", "int8")]
    measured = [Measured(np.array(right), np.array([seconds])) for right, seconds in ((first, 0.3), (second, 0.1))]
    return [Outcome(side, one, None, one) for side, one in zip(sides, measured, strict=True)]


def test_a_difference_has_its_interval_and_says_when_there_is_none() -> None:
    lost = table.as_text(outcomes([True] * 100, [True] * 80 + [False] * 20))
    assert "-20.0 points (-27.8 to -12.2)" in lost and "3.00 times faster" in lost
    assert "the same on every one" in table.as_text(outcomes([True] * 100, [True] * 100))
    one = table.as_text(outcomes([True] * 100, [True] * 99 + [False]))
    assert "-1.0 points (-3.0 to +1.0), maybe chance" in one
    assert max(map(len, one.splitlines())) <= 100


def test_json_has_shares_seconds_and_the_paired_loss() -> None:
    given = table.as_json(outcomes([True] * 100, [True] * 80 + [False] * 20))
    assert given["loss"]["digits"]["share"] == pytest.approx(0.2)
    assert given["sides"]["int8"]["digits"]["right"] == 80
    assert given["sides"]["int8"]["digits"]["interval"][0] < 0.8 < given["sides"]["int8"]["digits"]["interval"][1]
    assert given["sides"]["float32"]["digits"]["seconds"] == pytest.approx(0.3)
