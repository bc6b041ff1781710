"""``edge-digits accuracy`` on the command line."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from edge_digits.accuracy import dataset
from edge_digits.errors import DataError
from edge_digits.reader import MODELS
from edge_digits.runtime.spec import spec_path


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the set, for speed."""
    data = dataset.load_dataset()
    some = replace(data, digits=data.digits[:10], labels=data.labels[:10], lines=data.lines[:3], texts=data.texts[:3])
    monkeypatch.setattr(dataset, "load_dataset", lambda: replace(some, pages=data.pages[:1], written=data.written[:1]))


@pytest.mark.slow
def test_all_that_ships_stands_in_one_table(run) -> None:
    status, out, err = run("accuracy")
    assert (status, err) == (0, "")
    for words in ("int8 less float32", "digits right (cnn)", "lines exact (crnn)", "pages exact (all)", "files (all)"):
        assert words in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.slow
def test_json_is_one_object(run) -> None:
    status, out, _ = run("accuracy", "--model", "cnn", "--format", "json")
    assert status == 0
    assert [row["kind"] for row in json.loads(out)["measured"]] == ["digits", "pages"]


@pytest.mark.slow
def test_a_model_alone_is_measured_and_that_is_said(run, tmp_path: Path) -> None:
    path = MODELS / "cnn-int8.tflite"
    for each in (path, spec_path(path)):
        shutil.copy(each, tmp_path)
    status, out, err = run("accuracy", "--model", str(tmp_path / path.name))
    assert status == 0 and "95 % interval" in out
    assert "measured alone" in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("models", "expected", "words"),
    [(["nix"], 1, "nix: no such model"), (["cnn", "crnn"], 2, "one is for digits"), (["a", "b", "c"], 2, "--model c")],
)
def test_a_wrong_model_is_one_line(run, models: list[str], expected: int, words: str) -> None:
    status, out, err = run("accuracy", "--model", *models)
    assert (status, out) == (expected, "")
    assert words in err and len(err.splitlines()) == 1


def test_a_damaged_set_is_one_line(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DataError("dataset.npz: it is damaged")

    monkeypatch.setattr(dataset, "load_dataset", refuse)
    assert run("accuracy", "--model", "cnn") == (1, "", "edge-digits: error: dataset.npz: it is damaged\n")


def test_its_help_fits_a_screen(run) -> None:
    assert len(run("accuracy", "--help")[1].splitlines()) <= 24
